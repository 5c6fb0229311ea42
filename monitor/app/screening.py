"""A new customer is looked up in what the streams told us in the last ninety days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.app import judging
from monitor.app.desk import Desk
from monitor.edge.store import commit, read
from monitor.judge.match import Index
from monitor.model import Change

MEMORY = timedelta(days=90)


def screen(conn: Connection, desk: Desk, customers: Sequence[str], now: datetime) -> int:
    """Judge stored log items that name one of the customers; what is found belongs to their baseline. Returns events added."""
    index = Index([desk.customers[one] for one in customers if one in desk.customers])
    streams = [name for name, watcher in desk.watchers.items() if watcher.scope == "stream"]
    found: dict[str, list[Change]] = defaultdict(list)
    for source, _, held in read.log_records(conn, now - MEMORY, sources=streams):
        if index.find(held.record):
            found[source].append(Change("added", None, held.record, first=True))
    count = 0
    for source, changes in found.items():
        hearing = judging.Hearing(desk.watchers[source], now, first=True, speaks_of=index.find)
        judged = judging.judge(conn, changes, hearing, desk)
        commit.add_events(conn, judged.events)
        commit.keep_incidents(conn, list(judged.incidents.values()))
        commit.add_alerts(conn, judged.alerts, now)
        count += len(judged.events)
    return count
