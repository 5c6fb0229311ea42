"""Watches that fail for a cause of our own: whether it has passed, and looking again at once when it has."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select, true, update

from monitor.edge.store.tables import Instant, watch
from monitor.edge.store.turns import phase

_DUE = update(watch).where(watch.c.id == bindparam("b_id")).values(due_at=bindparam("b_due"))


def passed(conn: Connection, cause: str, sources: Collection[str]) -> bool:
    """Say whether one of the sources was seen well after the last look that failed with a reason beginning `cause`."""
    failed = conn.scalar(select(func.max(watch.c.last_look_at, type_=Instant)).where(_caused(cause)))
    seen = select(func.max(watch.c.last_good_at, type_=Instant))
    good = conn.scalar(seen.where(watch.c.active == true(), watch.c.source.in_(list(sources))))
    return failed is not None and good is not None and good > failed


def look_again(conn: Connection, cause: str, now: datetime, window: float) -> int:
    """Make those watches due within `window` seconds, however long they were put off; return how many moved."""
    later = watch.c.due_at > now + timedelta(seconds=window)
    rows = select(watch.c.id, watch.c.source, watch.c.subject).where(_caused(cause), later)
    moved = [
        {"b_id": row.id, "b_due": now + timedelta(seconds=window * phase(row.source, row.subject))}
        for row in conn.execute(rows)
    ]
    if moved:
        conn.execute(_DUE, moved)
    return len(moved)


def _caused(cause: str) -> ColumnElement[bool]:
    return and_(watch.c.active == true(), watch.c.fails > 0, watch.c.reason.startswith(cause, autoescape=True))
