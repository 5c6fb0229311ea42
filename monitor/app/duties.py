"""What the daemon owes besides polling: the opening report, and saying what it cannot see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import Connection

from monitor.app import comparing, dates, guarding, notices, outage, reminders, summaries
from monitor.app.desk import Desk
from monitor.app.notices import Notices
from monitor.app.plan import concerns
from monitor.app.show import rfc3339
from monitor.edge.store import commit, decisions, holds, read, turns
from monitor.edge.store.read import Health, StoredCustomer, Unseen
from monitor.edge.store.turns import Listed
from monitor.judge import cadence, hours, route
from monitor.judge.incident import digest16
from monitor.judge.render import says
from monitor.judge.words import Voice
from monitor.model import Alert, Outcome, Severity
from monitor.policy import Language

PARTLY = notices.PARTLY


def round_(
    conn: Connection, desk: Desk, now: datetime, *, patience: bool = True, awake: datetime | None = None
) -> bool:
    """Do what is owed now; return whether alerts were queued.

    `patience` False: the opening report waits for nobody. `awake`: since when we have been looking without a gap, if
    the machine slept or its clock was set: the time before says nothing about a source.
    """
    notes = Notices()
    unseen(conn, desk, notes, now, awake)
    seen_again(conn, desk, notes, now)
    guarding.forget(conn, now)
    decisions.end_overs(conn, now)
    for said in notes.events:
        commit.notice(conn, said.event, said.verdict)
    report = opening(conn, desk, now, patience=patience)
    alerts = [*notes.alerts, *([report] if report else [])]
    commit.add_alerts(conn, alerts, now)
    compared = comparing.round_(conn, desk, now)
    reminded = any([dates.round_(conn, desk, now), reminders.round_(conn, desk, now)])
    summed = summaries.owed(conn, desk, now)
    return bool(alerts or summed) or reminded or compared


# --------------------------------------------------------------------------- what cannot be seen


def unseen(conn: Connection, desk: Desk, notes: Notices, now: datetime, awake: datetime | None = None) -> None:
    """Say once of each source, or stream of it, that it has been away for too long."""
    told = {place: known.code for place, known in notices.health(conn).items() if known.code != "ok"}
    lost, ours = outage.parted(read.unseen(conn))
    outage.proxy(conn, desk, notes, ours, now, awake)
    for (source, place), watches in _by_place(lost, desk).items():
        longest = watches[0]
        silent = [one for one in watches if _silent(one, desk, now, awake)]
        before = told.get((source, place))
        # Of a source that fails for a few only, people know; that it fails for most is another matter.
        worse = before == PARTLY and 2 * len(silent) > read.standing(conn, source).watches
        if not silent or (before is not None and not worse):
            continue
        commit.set_health(conn, source, place, "source_stale", longest.reason, longest.good_until)
        # A registry may fail for one customer only: those are meant, not everybody behind it.
        only = None if place else {watch.subject for watch in watches}
        facts = notices.about(conn, desk, source, place, only)
        facts |= {"since": rfc3339(longest.good_until), "cause": longest.reason}
        notes.add(desk, "source_stale", f"{place}|{rfc3339(now)}", facts, now, source)
        commit.noticed(conn, source, place, now)


def _silent(watch: Unseen, desk: Desk, now: datetime, awake: datetime | None) -> bool:
    return now - max(watch.good_until, awake or watch.good_until) >= cadence.stale_after(watch.every, desk.policy)


def _by_place(watches: Iterable[Unseen], desk: Desk) -> dict[tuple[str, str], list[Unseen]]:
    """Return the watches of each source or stream that cannot be seen, the one that has waited longest first."""
    found: dict[tuple[str, str], list[Unseen]] = {}
    for watch in watches:  # longest first
        watcher = desk.watchers.get(watch.source)
        if watcher is not None:
            found.setdefault((watch.source, watch.subject if watcher.scope == "stream" else ""), []).append(watch)
    return found


def seen_again(conn: Connection, desk: Desk, notes: Notices, now: datetime) -> None:
    """Say once of each source, or stream of it, that it is seen again: when the last of its watches is.

    What nobody watches any more is not missed, so its trouble ends without a word.
    """
    for (source, place), known in notices.health(conn).items():
        if known.code == "ok" or source == outage.PROXY:
            continue
        stands = read.standing(conn, source, place or None)
        if not stands.watches or source not in desk.watchers:
            commit.set_health(conn, source, place, "ok", "", now)
            continue
        if not place and 2 * stands.failing <= stands.watches and _for_long(desk, source, known, now):
            commit.set_health(conn, source, place, PARTLY, known.reason, known.since)
            commit.noticed(conn, source, place, known.noticed_at or now)
        doubted = known.code == "source_suspect" and (stands.unsure or _doubted(conn, source, place))
        if stands.failing or doubted or not stands.seen:
            continue
        commit.set_health(conn, source, place, "ok", "", now)
        if known.noticed_at is None:  # nobody was told
            continue
        facts = notices.about(conn, desk, source, place) | {"since": rfc3339(known.since)}
        notes.add(desk, "source_recovered", f"{place}|{rfc3339(now)}", facts, now, source)
        commit.noticed(conn, source, place, now)


def _doubted(conn: Connection, source: str, place: str) -> bool:
    """Whether an answer of the source, or of this stream of it, lost so much that it waits for a person."""
    return any(place in ("", hold.subject) for hold in holds.holds(conn, kind="shrink", source=source))


def _for_long(desk: Desk, source: str, known: Health, now: datetime) -> bool:
    """Whether each of the source's watches has had its turn since people were told."""
    if known.code == PARTLY or known.noticed_at is None:
        return False
    longest = max((desk.assignments.every(source, one) for one in desk.assignments.asked.get(source, ())), default=0.0)
    return now - known.noticed_at >= timedelta(seconds=max(desk.policy.stale_cap, 2 * longest))


# --------------------------------------------------------------------------- the opening report


@dataclass(frozen=True, slots=True)
class Looks:
    """How the first looks at new customers went."""

    ready: bool
    looked: Counter[str]
    blind: dict[str, Counter[str]]  # source -> reason -> customers


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
        not_before=hours.of_channel(desk.policy, desk.policy.channel).opens(now),
        facts=_report(conn, desk, new, looks, now),
    )


def _looks(conn: Connection, desk: Desk, new: list[StoredCustomer]) -> Looks:
    wanted = {c.id for c in new}
    ready, looked, blind = True, Counter[str](), dict[str, Counter[str]]()
    watched: set[str] = set()
    for source in (*desk.assignments.asked, *desk.assignments.streams):
        for watch in turns.listing(conn, source):
            behind = _behind(desk, watch, wanted)
            if not behind:
                continue
            watched |= behind
            ready = ready and watch.last_look_at is not None
            title = desk.watchers[source].title
            if watch.outcome is None:
                blind.setdefault(title, Counter())["not looked yet"] += len(behind)
            elif watch.outcome.good and watch.outcome is not Outcome.NOT_LISTED:
                looked[title] += len(behind)
            else:  # who is not known there is not watched there: a wrong number is the usual cause
                blind.setdefault(title, Counter())[watch.reason or str(watch.outcome)] += len(behind)
    if nobody := wanted - watched:
        blind["-"] = Counter({"no source watches them; `counterwatch check` says why": len(nobody)})
    return Looks(ready, looked, blind)


def _behind(desk: Desk, watch: Listed, wanted: set[str]) -> set[str]:
    target = desk.assignments.target(watch.source, watch.subject)
    if target is None:
        return {watch.subject} & wanted
    return {one for one in wanted if concerns(one, [target])}


def _report(conn: Connection, desk: Desk, new: list[StoredCustomer], looks: Looks, now: datetime) -> dict[str, Any]:
    today: list[dict[str, Any]] = []
    background = 0
    voices = {language: Voice(desk.rules.texts, language, desk.policy.timezone, now) for language in get_args(Language)}
    stands = read.standing_today(conn, [one.id for one in new], desk.rules.rulebook.happenings)
    for id_, (spoken, others) in stands.items():
        customer = desk.customers[id_]
        background += others
        today += [
            {
                "customer": customer.name,
                "country": customer.country,
                "severity": stored.severity.value,
                "says": {
                    language: says(voice, stored.event, desk.taxonomy[stored.event.type])
                    for language, voice in voices.items()
                },
            }
            for stored in spoken
        ]
    today.sort(key=lambda entry: -Severity(entry["severity"]).rank)
    return {
        "customers": [c.name for c in new],
        "today": today,
        "looked": [{"source": source, "customers": count} for source, count in sorted(looks.looked.items())],
        "blind": [
            {"source": source, "customers": reasons.total(), "reason": reasons.most_common(1)[0][0]}
            for source, reasons in sorted(looks.blind.items())
        ],
        "background": background,
    }
