"""Once a day each customer's registers are compared: a register that only lagged may contradict another by now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from monitor.app import judging
from monitor.app.desk import Desk
from monitor.app.naming import Hearing
from monitor.edge.store import commit, read
from monitor.model import Match, Record

MARK = "registers_compared"
AT_ONCE = 50  # customers that are compared in one round
_DONE = "~"  # after any customer's id


def round_(conn: Connection, desk: Desk, now: datetime) -> bool:
    """Compare the next customers that are due; return whether alerts were queued."""
    watched = {one for source in desk.assignments.asked.values() for one in source} & desk.customers.keys()
    part, mark = due(read.remembered(conn, MARK), watched, now)
    if not part:
        return False
    several = [one for one in part if sum(one in asked for asked in desk.assignments.asked.values()) > 1]
    queued = compare(conn, desk, several, now) if several else False
    commit.remember(conn, MARK, mark)
    return queued


def due(mark: str | None, customers: Iterable[str], now: datetime) -> tuple[list[str], str]:
    """Return the customers to be compared in this round, and the mark to keep: each has its turn once a day (UTC)."""
    today = now.date().isoformat()
    day, _, begun = (mark or "").partition(" ")
    after = begun if day == today else ""
    part = [] if after == _DONE else sorted(one for one in customers if one > after)[:AT_ONCE]
    return part, f"{today} {part[-1] if len(part) == AT_ONCE else _DONE}"


def compare(conn: Connection, desk: Desk, customers: Iterable[str], now: datetime) -> bool:
    """Compare what the registers say of some customers, and write what comes of it."""
    watcher = next(desk.watchers[name] for name in sorted(desk.assignments.asked))
    hearing = Hearing(watcher, now, first=False, speaks_of=_nobody)
    judged = judging.compare(conn, customers, hearing, desk)
    commit.add_events(conn, judged.events)
    commit.keep_incidents(conn, tuple(judged.incidents.values()))
    commit.add_alerts(conn, judged.alerts, now)
    commit.raise_spells(conn, judged.spells)
    return any(one.state == "pending" for one in judged.alerts)


def _nobody(record: Record) -> tuple[Match, ...]:
    return ()
