"""A new customer is looked up in what the streams told us before it came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.app import dates, judging
from monitor.app.desk import Desk
from monitor.edge.store import commit, read
from monitor.model import Change, Match, Record

Id = tuple[str, str]
MEMORY = timedelta(days=90)


def owed(conn: Connection, desk: Desk, now: datetime, *, since: datetime | None = None, done: bool = True) -> int:
    """Look up whoever is new, or is found by another name or number now. Return how many there were.

    `done` False: looks begun before they came may still bring items; they are owed another search of what was first
    seen `since` then.
    """
    who = commit.unscreened(conn)
    if who:
        screen(conn, desk, who, now, since=since)
    if done:
        commit.screened(conn, who, now)
    return len(who)


def screen(
    conn: Connection, desk: Desk, customers: Sequence[str], now: datetime, *, since: datetime | None = None
) -> int:
    """Judge stored items that name one of the customers; what is found belongs to their baseline. Return events added.

    `since`: only what was first seen from then on.
    """
    wanted = frozenset(customers) & desk.customers.keys()
    found: dict[tuple[str, str], dict[Id, tuple[Record, tuple[Match, ...]]]] = defaultdict(dict)
    for source, subject, record in _records(conn, desk, now, since):
        # The whole watchlist is asked: who bears a longer name is not the one with the shorter.
        matches = tuple(match for match in desk.found(source, subject, record) if match.customer in wanted)
        if matches:
            found[source, subject][record.id] = (record, matches)
    count = 0
    for (source, _), named in found.items():
        changes = [Change("added", None, record, first=True) for record, _ in named.values()]

        def speaks_of(
            record: Record, named: Mapping[Id, tuple[Record, tuple[Match, ...]]] = named
        ) -> tuple[Match, ...]:
            return named[record.id][1]

        hearing = judging.Hearing(desk.watchers[source], now, first=True, speaks_of=speaks_of)
        judged = judging.judge(conn, changes, hearing, desk)
        commit.add_events(conn, judged.events)
        commit.keep_incidents(conn, list(judged.incidents.values()))
        commit.add_alerts(conn, judged.alerts, now)
        dates.after(conn, desk, judged.events, now)
        count += len(judged.events)
    return count


def _records(conn: Connection, desk: Desk, now: datetime, late: datetime | None) -> Iterator[tuple[str, str, Record]]:
    """Walk over what the streams hold: the items of the last ninety days, and whole lists however old an entry is."""
    for mode, since in (("log", late or now - MEMORY), ("state", late)):
        sources = [name for name, one in desk.watchers.items() if one.scope == "stream" and one.mode == mode]
        if sources:
            for source, subject, held in read.log_records(conn, since, sources=sources):
                yield source, subject, held.record
