"""How large the store is, table by table, and how fast it grows: learned from the dates its rows carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, func, inspect, select, text

from monitor.edge.store.tables import Instant, evidence, metadata

MONTH = timedelta(days=30)
_FIRST = timedelta(days=1)  # the first looks fill the store once; that is no growth
# Which of its dates says when a row came.
_DATES = ("valid_from", "first_seen", "at", "fetched_at", "created_at", "opened_at", "added_at")


@dataclass(frozen=True, slots=True)
class Size:
    """One table with its indexes. `monthly`: bytes it grows by in 30 days; None: not known yet."""

    table: str
    bytes: int
    rows: int
    monthly: int | None


def sizes(conn: Connection, now: datetime) -> list[Size]:
    """Return every table, the largest first. It reads the whole database: seconds on a large one."""
    there = set(inspect(conn).get_table_names())
    tables = [table for table in metadata.sorted_tables if table.name in there]
    taken = _taken(conn, tables)
    since = _since(conn, tables, now)
    found = [_size(conn, table, taken.get(table.name, 0), since, now) for table in tables]
    return sorted(found, key=lambda one: (-one.bytes, one.table))


def _taken(conn: Connection, tables: list[Table]) -> dict[str, int]:
    if conn.dialect.name == "postgresql":
        size = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")
        return {table.name: int(conn.scalar(size, {"name": f'"{table.name}"'}) or 0) for table in tables}
    pages = text("SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY 1")
    return {str(name): int(size) for name, size in conn.execute(pages)}


def _since(conn: Connection, tables: list[Table], now: datetime) -> datetime | None:
    """Return the beginning of the time that tells the growth; None while that is under a day."""
    dated = [column for table in tables if (column := _dated(table)) is not None]
    born = [found for column in dated if (found := conn.scalar(select(func.min(column, type_=Instant)))) is not None]
    since = max(now - MONTH, min(born) + _FIRST) if born else now
    return since if now - since >= _FIRST else None


def _dated(table: Table) -> Column[Any] | None:
    return next((table.c[name] for name in _DATES if name in table.c), None)


def _size(conn: Connection, table: Table, taken: int, since: datetime | None, now: datetime) -> Size:
    rows = conn.scalar(select(func.count()).select_from(table)) or 0
    column = _dated(table)
    if since is None or column is None:
        return Size(table.name, taken, rows, None if since is None else 0)
    # An answer may be a hundred times as long as another; other rows are much alike.
    weight: Any = func.sum(func.length(table.c.body)) if table is evidence else func.count()
    whole = float(conn.scalar(select(weight).select_from(table)) or 0)
    new = float(conn.scalar(select(weight).select_from(table).where(column >= since)) or 0)
    share = new / whole if whole else 0.0
    return Size(table.name, taken, rows, round(taken * share * (MONTH / (now - since))))
