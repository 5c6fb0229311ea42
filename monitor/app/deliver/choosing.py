"""What goes next to a channel: criticals alone and first, then what is gathered into one message, then one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.edge.store import background, digests, flood, outbox, read
from monitor.edge.store.background import Background
from monitor.edge.store.codec import StoredEvent
from monitor.judge import breaker, reminding
from monitor.model import Alert, Incident, Severity
from monitor.policy import Flood

_LINES = 100  # of a digest
_LOOKED_AT = 200  # waiting alerts of one channel that are considered at once
_GATHERED = ("root", "reply", "reminder", "ops")  # kinds that may become a line of a digest


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed alert with all its message needs."""

    alert: Alert
    event: StoredEvent | None
    incident: Incident | None
    root: Alert | None = None  # the sent root it answers
    members: tuple[Letter, ...] = ()  # of a digest
    background: Background = background.NOTHING


@dataclass(frozen=True, slots=True)
class Habits:
    """How a door and its configuration gather: over how long a queue, when a flood, and whether it has threads."""

    over: int
    flood: Flood
    threads: bool
    gathers: bool = True  # False: there is room for each


def ready(conn: Connection, now: datetime) -> list[str]:
    """Return the channels for which something may be sent now."""
    return [
        channel
        for channel in outbox.queues(conn)
        if next(_free(conn, outbox.pending(conn, now, _LOOKED_AT, channel)), None)
    ]


def _free(conn: Connection, rows: Iterable[Alert]) -> Iterator[Alert]:
    return (one for one in rows if one.severity is Severity.CRITICAL or not _waits_for_root(conn, one))


def choose(conn: Connection, channel: str, now: datetime, until: datetime, habits: Habits) -> Alert | None:
    """Claim what goes next to a channel; None if nothing does. `until`: what is due by then counts as due."""
    rows = _still_wanted(conn, outbox.pending(conn, until, _LOOKED_AT, channel), now, habits)
    free = list(_free(conn, rows))
    if free and free[0].severity is Severity.CRITICAL:
        return outbox.claim(conn, free[0].id, now)
    begun = next((one for one in free if one.facts.get("members")), None)
    if begun is not None:
        return outbox.claim(conn, begun.id, now)
    if habits.gathers:
        held, made = _of_a_flood(conn, channel, rows, now, habits.flood)
        if made is not None:
            return made
        rows = [one for one in rows if one.id not in held]
    if habits.gathers and len(rows) > habits.over:
        made = _gathered(conn, channel, [one for one in rows if one.kind in _GATHERED], now, {})
        if made is not None:
            return made
    left = {one.id for one in rows}
    chosen = next((one for one in free if one.id in left), None)
    return None if chosen is None else outbox.claim(conn, chosen.id, now)


def _gathered(
    conn: Connection,
    channel: str,
    rows: Sequence[Alert],
    now: datetime,
    facts: Mapping[str, Any],
    least: int = 2,
) -> Alert | None:
    """Make one message of alerts, those of a customer beside each other, and claim it. None if too few wait."""
    first: dict[str | None, int] = {}
    for place, one in enumerate(rows):
        first.setdefault(one.customer, place)
    taken = sorted(rows, key=lambda one: first[one.customer])[:_LINES]
    members = [one.id for one in taken]
    return digests.gather(conn, _digest(channel, taken, now, facts), members, now, least=least) if members else None


def _digest(channel: str, rows: Sequence[Alert], now: datetime, facts: Mapping[str, Any]) -> Alert:
    members = [one.id for one in rows]
    mark = hashlib.sha256("\0".join([channel, now.isoformat(), *members]).encode()).hexdigest()[:16]
    worst = max((one.severity for one in rows), key=lambda s: s.rank, default=Severity.MEDIUM)
    key = f"digest|{channel}|{mark}"
    return Alert("al_" + mark, key, "digest", channel, worst, created_at=now, not_before=now, facts=facts)


# --------------------------------------------------------------------------- a flood


def _of_a_flood(
    conn: Connection, channel: str, rows: Sequence[Alert], now: datetime, limits: Flood
) -> tuple[set[str], Alert | None]:
    """Return the alerts that are part of a flood, and the message made of them if one is due now.

    After a flood's first message the rest gathers for a while: else each straggler would be a message again.
    """
    kinds = flood.kinds(conn, [one for one in rows if one.kind == "root"])
    if not kinds:
        return set(), None
    since = now - timedelta(seconds=limits.within)
    held: set[str] = set()
    for kind in sorted(set(kinds.values())):
        spread = flood.spread(conn, kind, since)
        if not breaker.flooded(spread.customers, spread.watched, limits):
            continue
        mine = [one for one in rows if kinds.get(one.id) == kind]
        last = flood.last_told(conn, channel, kind, since)
        if last is not None and (now - last).total_seconds() < limits.gather:
            until = last + timedelta(seconds=limits.gather)
            for one in mine:
                outbox.defer(conn, one.id, until)
            held |= {one.id for one in mine}
            continue
        about = {"source": kind.source, "type": kind.type, "customers": len({one.customer for one in mine[:_LINES]})}
        made = _gathered(conn, channel, mine, now, {"flood": about, "first": last is None}, least=1)
        if made is not None:
            return held, made
    return held, None


# --------------------------------------------------------------------------- what is no longer wanted


def _still_wanted(conn: Connection, rows: Sequence[Alert], now: datetime, habits: Habits) -> list[Alert]:
    """Return the alerts without the reminders that have become needless since they were queued; those are kept silent."""
    kept = []
    for one in rows:
        why = _needless(conn, one, habits)
        if why:
            outbox.suppress(conn, one.id, why)
        else:
            kept.append(one)
    return kept


def _needless(conn: Connection, one: Alert, habits: Habits) -> str:
    if one.kind != "reminder" or one.facts.get("code") != reminding.UNACKNOWLEDGED or one.incident is None:
        return ""
    incident = read.incident_of(conn, one.incident)
    if incident is None:
        return "closed"
    if not habits.threads:
        return "no_thread"
    return reminding.needless(incident, background.events(conn, incident.id))


def _waits_for_root(conn: Connection, one: Alert) -> bool:
    """A reply goes after its root, as long as the root may still arrive."""
    if not outbox.threaded(one):
        return False
    root = outbox.root_of(conn, one.incident or "", one.channel)
    return root is not None and root.state == "pending" and not digests.is_member(root)


# --------------------------------------------------------------------------- what a message needs


def letter(conn: Connection, alert: Alert, where: str | None) -> Letter:
    """Read what an alert's message needs; `where` is the channel whose threads can be answered."""
    if alert.facts.get("members"):
        return Letter(alert, None, None, members=tuple(_line(conn, one) for one in digests.members(conn, alert)))
    line = _line(conn, alert)
    root = None
    if where is not None and outbox.threaded(alert):
        root = outbox.root_of(conn, alert.incident or "", alert.channel)
    root = root if root is not None and answerable(root, where) else None
    told = background.of(conn, alert, alone=outbox.threaded(alert) and root is None)
    return Letter(alert, line.event, line.incident, root, background=told)


def _line(conn: Connection, alert: Alert) -> Letter:
    incident = read.incident_of(conn, alert.incident) if alert.incident else None
    return Letter(alert, head(conn, alert, incident), incident)


def head(conn: Connection, alert: Alert, incident: Incident | None) -> StoredEvent | None:
    """A root speaks of the incident's gravest newest event, everything else of its own."""
    ids = [incident.head] if incident is not None and alert.kind == "root" else []
    for id in (*ids, alert.event or ""):
        if id and (found := read.event_of(conn, id)) is not None:
            return found
    return None


def answerable(root: Alert, where: str | None) -> bool:
    """Return whether a root is a message of its own in Slack (and in that channel, if one is given)."""
    if root.state != "sent" or not root.slack_ts or digests.is_member(root):
        return False
    return where is None or root.slack_channel == where


def mark(conn: Connection, one: Alert, channel: str, ts: str, now: datetime, shown: int) -> None:
    """Slack has an alert, and with a digest all its members."""
    if one.facts.get("members"):
        digests.sent(conn, one, channel, ts, now)
    else:
        outbox.sent(conn, one.id, channel, ts, now, shown)
