"""The digests of a channel: each working day what is low, and once a week what is open, and why it is quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import Connection

from monitor.app import notices
from monitor.app.desk import Desk
from monitor.app.show import rfc3339
from monitor.edge.store import commit, dates, decisions, lines, outbox, read
from monitor.edge.store.codec import StoredEvent
from monitor.judge import cadence, decide, hours, route, summary
from monitor.judge.hours import Hours
from monitor.judge.incident import digest16
from monitor.model import Alert, Customer, Incident, Severity, Verdict
from monitor.policy import Matcher, Mute, Policy

AHEAD = timedelta(days=14)  # how far ahead the weekly digest names dates
_FIRST, _LAST = "began", "told"  # what the moment remembered of a channel's weekly digest is
_STRAYED = timedelta(days=8)  # a moment remembered further ahead than this was noted by a clock that was wrong
_INCIDENTS, _NAMES = 40, 3  # open incidents kept of a week; customers named of those not seen


def owed(conn: Connection, desk: Desk, now: datetime) -> list[Alert]:
    """Queue the digests that are due; return their rows. All of it is of the caller's transaction."""
    return [*_daily(conn, desk, now), *_weekly(conn, desk, now)]


# --------------------------------------------------------------------------- every working day


def _daily(conn: Connection, desk: Desk, now: datetime) -> list[Alert]:
    """Gather the lines that are due into one message a channel; a day without any says nothing.

    Lines that are late, after a time without us, wait for a working day outside quiet hours as well.
    """
    made = []
    for channel, due in lines.due(conn, now).items():
        if not hours.of_channel(desk.policy, channel).calm(now):
            continue
        rows = _unmuted(conn, desk, due, now)
        named = {one.customer or "": _name(desk, one.customer) for one in rows}
        by_id = {one.id: one for one in rows}
        for part in summary.parts(_grouped(conn, rows, named), named):
            one = _digest(desk, channel, part, by_id, now)
            if lines.gather(conn, one, part.ids, now):
                made.append(one)
    return made


def _unmuted(conn: Connection, desk: Desk, due: Sequence[Alert], now: datetime) -> list[Alert]:
    """Return the lines that are still to be told, each of the customer its event is about today.

    What was muted while it waited stays silent; a customer may have got another id.
    """
    events = read.events_by_id(conn, [one.event or "" for one in due])
    mutes = decisions.mutes(conn, now)
    found = []
    for one in due:
        stored = events.get(one.event or "")
        if stored is not None and _muted_since(desk, stored, mutes, now):
            outbox.suppress(conn, one.id, "muted")
        else:
            found.append(replace(one, customer=stored.event.customer) if stored is not None else one)
    return found


def _muted_since(desk: Desk, stored: StoredEvent, mutes: Sequence[Mute], now: datetime) -> bool:
    customer, book = desk.customers.get(stored.event.customer or ""), desk.rules.rulebook
    verdict = Verdict(stored.severity)
    ruled = decide.muted(stored.event, customer, verdict, mutes, now, book=book, incident=lambda: stored.incident)
    return ruled.verdict.silent is not None


def _grouped(conn: Connection, rows: Sequence[Alert], named: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Return (customer, ids of its lines): customers in the gravest matter first, of each the gravest and oldest first."""
    stands = lines.incidents(conn, {one.incident for one in rows if one.incident})
    found: dict[str, list[Alert]] = {}
    for one in rows:
        found.setdefault(one.customer or "", []).append(one)

    def rank(one: Alert) -> int:
        known = stands.get(one.incident or "")
        return max(one.severity.rank, known.severity.rank if known and known.state == "open" else 0)

    ordered = sorted(found.items(), key=lambda item: (-max(map(rank, item[1])), named[item[0]], item[0]))
    return [(customer, [one.id for one in sorted(mine, key=lambda a: -rank(a))]) for customer, mine in ordered]


def _digest(desk: Desk, channel: str, part: summary.Part, rows: Mapping[str, Alert], now: datetime) -> Alert:
    groups = [
        {"customer": _name(desk, customer or None), "country": _country(desk, customer), "count": len(ids)}
        for customer, ids in part.groups
    ]
    key = f"daily|{channel}|{digest16(*part.ids)}"
    return Alert(
        id=route.alert_id(key),
        key=key,
        kind="summary",
        channel=channel,
        severity=max((rows[one].severity for one in part.ids), key=lambda level: level.rank),
        created_at=now,
        not_before=now,
        facts={"summary": "daily", "groups": groups},
    )


def _name(desk: Desk, customer: str | None) -> str:
    known = desk.customers.get(customer or "")
    return known.name if known else customer or ""


def _country(desk: Desk, customer: str | None) -> str:
    known = desk.customers.get(customer or "")
    return known.country if known else ""


# --------------------------------------------------------------------------- every week


def _weekly(conn: Connection, desk: Desk, now: datetime) -> list[Alert]:
    """Write the weekly digest of each channel of customers, once a week whatever happens to us meanwhile.

    A route's own channel hears what the route says and no summary: it knows part of the customers only.
    """
    made = []
    for channel, customers in _channels(desk).items():
        own = hours.of_channel(desk.policy, channel)
        last, first = _last(conn, channel, now)
        due = hours.weekly_due(own, desk.policy.weekly_on, last, now, first=first)
        if due is None:
            continue
        _remember(conn, channel, _LAST, due)
        made.append(_report(conn, desk, channel, customers, own, last, due, now))
    commit.add_alerts(conn, made, now)
    return made


def _channels(desk: Desk) -> dict[str, list[Customer]]:
    """Return the customers of each channel that is somebody's own."""
    found: dict[str, list[Customer]] = {}
    for one in desk.customers.values():
        found.setdefault(one.channel or desk.policy.channel, []).append(one)
    return found


def _last(conn: Connection, channel: str, now: datetime) -> tuple[datetime, bool]:
    """Return of when the last weekly digest was, or since when this channel is watched for one (True)."""
    what, _, written = (read.remembered(conn, _mark(channel)) or "").partition(" ")
    at = datetime.fromisoformat(written) if written else None
    if at is None or at - now > _STRAYED:
        _remember(conn, channel, _FIRST, now)
        return now, True
    return at, what == _FIRST


def _remember(conn: Connection, channel: str, what: str, at: datetime) -> None:
    commit.remember(conn, _mark(channel), f"{what} {at.astimezone(UTC).isoformat()}")


def _mark(channel: str) -> str:
    return f"weekly {channel}"


def _report(
    conn: Connection,
    desk: Desk,
    channel: str,
    customers: Sequence[Customer],
    own: Hours,
    last: datetime,
    due: datetime,
    now: datetime,
) -> Alert:
    key = f"weekly|{channel}|{rfc3339(due)}"
    return Alert(
        id=route.alert_id(key),
        key=key,
        kind="summary",
        channel=channel,
        severity=Severity.LOW,
        created_at=now,
        not_before=now,
        facts={"summary": "weekly", **week(conn, desk, customers, own, last, now)},
    )


def week(
    conn: Connection, desk: Desk, customers: Sequence[Customer], own: Hours, since: datetime, now: datetime
) -> dict[str, Any]:
    """Return what a week came to for these customers, as plain JSON; see judge.summary.weekly."""
    ids = {one.id for one in customers}
    open_ = [one for one in lines.open_incidents(conn) if one.customer in ids]
    changed = [row for row in lines.changes(conn, since, now) if row[0] in ids]
    unseen = _unseen(conn, desk, customers, now)
    heard = {row[0] for row in changed} | unseen.keys()
    families: Counter[str] = Counter()
    for _, type_, count in changed:
        families[type_.partition(".")[0]] += count
    heads = read.events_by_id(conn, [one.head for one in open_[:_INCIDENTS]])
    types = {one.id: heads[one.head].event.type if one.head in heads else "" for one in open_}
    return {
        "since": rfc3339(since),
        "until": rfc3339(now),
        "customers": len(customers),
        "incidents": [_incident(desk, one, types[one.id], own, now) for one in open_[:_INCIDENTS]],
        "more": max(0, len(open_) - _INCIDENTS),
        "changed": dict(families),
        "dates": _dates(conn, desk, ids, own.today(now)),
        "muted": muted(conn, desk.policy, ids, own, now),
        "troubles": _troubles(conn, desk, ids),
        "unseen": {"customers": len(unseen), "names": sorted(unseen.values())[:_NAMES]},
        "quiet": len(ids - heard),
    }


def _incident(desk: Desk, one: Incident, type_: str, own: Hours, now: datetime) -> dict[str, Any]:
    acked = one.acked_by
    person = desk.policy.people.get(acked or "")
    return {
        "customer": _name(desk, one.customer),
        "country": _country(desk, one.customer),
        "type": type_,
        "severity": one.severity.value,
        "days": (own.today(now) - own.today(one.opened_at)).days,
        "acked_by": person.key if person else acked,
    }


def _dates(conn: Connection, desk: Desk, ids: Iterable[str], today: date) -> list[dict[str, Any]]:
    wanted = frozenset(ids)
    return [
        {
            "customer": _name(desk, one.customer),
            "country": _country(desk, one.customer),
            "name": one.name,
            "day": one.day,
        }
        for one in dates.listed(conn, since=today, until=today + AHEAD)
        if one.customer in wanted
    ]


def muted(conn: Connection, policy: Policy, ids: Iterable[str], own: Hours, now: datetime) -> list[dict[str, Any]]:
    """Return the mutes that hold and may concern these customers, those that end soonest first.

    Both those that people gave by a command and the rules of the file.
    """
    wanted, today = frozenset(ids), own.today(now)
    found = [
        {"what": _meant(one.when, one.incident), "until": rfc3339(one.until), "why": one.reason, "by": one.by}
        for one in decisions.mutes(conn, now)
        if _concerns(one.when, wanted)
    ]
    found += [
        {"what": _meant(one.when), "until": one.until.isoformat(), "why": one.reason, "by": one.name}
        for one in policy.rules
        if one.mute and one.until is not None and one.until >= today and _concerns(one.when, wanted)
    ]
    return sorted(found, key=lambda entry: (entry["until"], entry["what"]))


def _concerns(when: Matcher, ids: frozenset[str]) -> bool:
    return not when.customers or any(fnmatchcase(one, pattern) for one in ids for pattern in when.customers)


def _meant(when: Matcher, incident: str | None = None) -> list[str]:
    """Return what a mute speaks of, in the words of the file."""
    lists = (when.types, when.customers, when.sources, when.tiers, when.countries, when.severities)
    return [*(one for part in lists for one in part), *([incident] if incident else [])]


def _unseen(conn: Connection, desk: Desk, customers: Iterable[Customer], now: datetime) -> dict[str, str]:
    """Return the customers (id -> name) of whom a source has said nothing for too long."""
    names = {one.id: one.name for one in customers}
    blind = {
        one.subject
        for one in read.unseen(conn)
        if one.subject in names and now - one.good_until >= cadence.stale_after(one.every, desk.policy)
    }
    for known in _lost(conn, desk):
        if known.subject:  # a stream: nobody behind it is seen there, and its watch names no customer
            blind |= {one.id for one in notices.behind_of(desk, known.source, known.subject)} & names.keys()
    return {one: names[one] for one in blind}


def _troubles(conn: Connection, desk: Desk, ids: Iterable[str]) -> list[dict[str, Any]]:
    wanted = frozenset(ids)
    return [
        {"source": desk.watchers[known.source].title, "since": rfc3339(known.since)}
        for known in _lost(conn, desk)
        if wanted & {one.id for one in notices.behind_of(desk, known.source, known.subject)}
    ]


def _lost(conn: Connection, desk: Desk) -> list[read.Health]:
    """Return the sources, and streams of them, that people were told of and that are not well yet."""
    return [one for one in read.sources_health(conn) if one.code != "ok" and one.source in desk.watchers]
