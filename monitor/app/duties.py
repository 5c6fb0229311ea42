"""What the daemon owes besides polling: the opening report, and saying what it cannot see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.app import notices
from monitor.app.desk import Desk
from monitor.app.notices import Notices
from monitor.app.plan import concerns
from monitor.app.show import rfc3339
from monitor.edge.store import commit, read, turns
from monitor.edge.store.read import StoredCustomer, Unseen
from monitor.edge.store.turns import Listed
from monitor.judge import cadence, route
from monitor.judge.incident import digest16
from monitor.judge.render import says
from monitor.judge.words import Voice
from monitor.model import Alert, Severity


def round_(conn: Connection, desk: Desk, now: datetime, *, patience: bool = True) -> bool:
    """Do what is owed now; return whether alerts were queued. `patience` False: the opening report waits for nobody."""
    notes = Notices()
    unseen(conn, desk, notes, now)
    for said in notes.events:
        commit.notice(conn, said.event, said.verdict)
    report = opening(conn, desk, now, patience=patience)
    alerts = [*notes.alerts, *([report] if report else [])]
    commit.add_alerts(conn, alerts, now)
    return bool(alerts)


# --------------------------------------------------------------------------- what cannot be seen


def unseen(conn: Connection, desk: Desk, notes: Notices, now: datetime) -> None:
    """Say once of each source, or stream of it, that it has been away for too long."""
    told = {(h.source, h.subject) for h in read.sources_health(conn) if h.code != "ok"}
    for (source, place), watch in _longest(read.unseen(conn), desk).items():
        silent = now - watch.good_until
        if (source, place) in told or silent < cadence.stale_after(watch.every, desk.policy):
            continue
        commit.set_health(conn, source, place, "source_stale", watch.reason, now)
        facts = notices.about(conn, desk, source, place, now)
        facts |= {"since": rfc3339(watch.good_until), "cause": watch.reason}
        notes.add(desk, "source_stale", rfc3339(watch.good_until) or "", facts, now, source)
        commit.noticed(conn, source, place, now)


def _longest(watches: Iterable[Unseen], desk: Desk) -> dict[tuple[str, str], Unseen]:
    """Return, for each source or stream, the watch that has waited longest."""
    found: dict[tuple[str, str], Unseen] = {}
    for watch in watches:  # longest first
        watcher = desk.watchers.get(watch.source)
        if watcher is not None:
            found.setdefault((watch.source, watch.subject if watcher.scope == "stream" else ""), watch)
    return found


# --------------------------------------------------------------------------- the opening report


@dataclass(frozen=True, slots=True)
class Looks:
    """How the first looks at new customers went."""

    ready: bool
    looked: Counter[str]
    blind: dict[tuple[str, str], int]


def opening(conn: Connection, desk: Desk, now: datetime, *, patience: bool) -> Alert | None:
    """Write one report on all customers that no report spoke of yet, once every first look is taken or time is up."""
    new = [c for c in read.customers(conn) if c.reported_at is None and c.id in desk.customers]
    if not new:
        return None
    looks = _looks(conn, desk, new)
    waited = now - min(c.added_at for c in new) >= timedelta(seconds=desk.policy.opening_wait)
    if patience and not (looks.ready or waited):
        return None
    ids = sorted(c.id for c in new)
    commit.reported(conn, ids, now)
    key = f"report|{digest16(*ids)}|{rfc3339(now)}"
    return Alert(
        id=route.alert_id(key),
        key=key,
        kind="report",
        channel=desk.policy.channel,
        severity=Severity.LOW,
        created_at=now,
        not_before=now,
        facts=_report(conn, desk, new, looks, now),
    )


def _looks(conn: Connection, desk: Desk, new: list[StoredCustomer]) -> Looks:
    wanted = {c.id for c in new}
    ready, looked, blind = True, Counter[str](), Counter[tuple[str, str]]()
    watched: set[str] = set()
    for source in (*desk.assignments.asked, *desk.assignments.streams):
        for watch in turns.listing(conn, source):
            behind = _behind(desk, watch, wanted)
            if not behind:
                continue
            watched |= behind
            ready = ready and watch.last_look_at is not None
            title = desk.watchers[source].title
            if watch.outcome is not None and watch.outcome.good:
                looked[title] += len(behind)
            else:
                blind[title, watch.reason or "not looked yet"] += len(behind)
    if nobody := wanted - watched:
        blind["-", "no source watches them; `counterwatch check` says why"] = len(nobody)
    return Looks(ready, looked, dict(blind))


def _behind(desk: Desk, watch: Listed, wanted: set[str]) -> set[str]:
    target = desk.assignments.target(watch.source, watch.subject)
    if target is None:
        return {watch.subject} & wanted
    return {one for one in wanted if concerns(one, [target])}


def _report(conn: Connection, desk: Desk, new: list[StoredCustomer], looks: Looks, now: datetime) -> dict[str, Any]:
    today, background = [], 0
    for one in new:
        customer = desk.customers[one.id]
        for stored in read.events(conn, customer=one.id, limit=500):
            event = stored.event
            info = desk.taxonomy[event.type]
            if stored.silent is not None or stored.severity.rank < Severity.MEDIUM.rank:
                background += 1
                continue
            told = {
                language: says(Voice(desk.rules.texts, language, desk.policy.timezone, now), event, info)
                for language in ("en", "zh")
            }
            today.append(
                {
                    "customer": customer.name,
                    "country": customer.country,
                    "severity": stored.severity.value,
                    "says": told,
                }
            )
    return {
        "customers": [c.name for c in new],
        "today": today,
        "looked": [{"source": source, "customers": count} for source, count in sorted(looks.looked.items())],
        "blind": [
            {"source": source, "customers": count, "reason": reason}
            for (source, reason), count in sorted(looks.blind.items())
        ],
        "background": background,
    }
