"""What is usual for a source: how often a kind of change comes, and which fields its answers carry."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.edge.store import tables
from monitor.edge.store.tables import pattern, shape, watch

# --------------------------------------------------------------------------- patterns of change


def note(conn: Connection, source: str, seen: Iterable[tuple[str, str]], now: datetime) -> None:
    """Remember that changes of these patterns came, as (pattern, customer)."""
    rows = [{"source": source, "name": name, "customer": customer, "at": now} for name, customer in seen]
    if rows:
        conn.execute(insert(pattern), rows)


@dataclass(frozen=True, slots=True)
class Often:
    """How often a pattern came: customers since a moment, and occurrences before it."""

    lately: int
    before: int


def often(conn: Connection, source: str, names: Collection[str], since: datetime, oldest: datetime) -> dict[str, Often]:
    """Return how often each pattern came to different customers after `since`, and from `oldest` until then."""
    recent = pattern.c.at > since
    rows = (
        select(
            pattern.c.name,
            func.count(case((recent, pattern.c.customer)).distinct()),
            func.count(case((and_(~recent, pattern.c.at >= oldest), 1))),
        )
        .where(pattern.c.source == source, pattern.c.name.in_(sorted(names)))
        .group_by(pattern.c.name)
    )
    found = {name: Often(lately, before) for name, lately, before in conn.execute(rows)}
    return {name: found.get(name, Often(0, 0)) for name in names}


def bearers(conn: Connection, source: str, names: Collection[str], since: datetime) -> dict[str, set[str]]:
    """Return the customers to whom each pattern came after a moment."""
    rows = select(pattern.c.name, pattern.c.customer).where(
        pattern.c.source == source, pattern.c.name.in_(sorted(names)), pattern.c.at > since
    )
    found: dict[str, set[str]] = {name: set() for name in names}
    for name, customer in conn.execute(rows):
        found[name].add(customer)
    return found


def watched_since(conn: Connection, source: str) -> datetime | None:
    """Return when the first baseline of a source was taken."""
    first = select(func.min(watch.c.baseline_at, type_=tables.Instant())).where(watch.c.source == source)
    found: datetime | None = conn.scalar(first)
    return found


# --------------------------------------------------------------------------- shapes of answers


@dataclass(frozen=True, slots=True)
class StoredShape:
    """A set of fields that came together, how often, and from when to when."""

    source: str
    digest: str
    fields: tuple[str, ...]
    looks: int
    first_at: datetime
    last_at: datetime


MOST_SHAPES = 300  # of one source; more say nothing more


def count_shape(conn: Connection, source: str, digest: str, now: datetime) -> int:
    """Count a look whose answers had this shape; return how many had it, 0 if the shape is a new one."""
    mine = update(shape).where(shape.c.source == source, shape.c.digest == digest)
    found = conn.execute(mine.values(looks=shape.c.looks + 1, last_at=now).returning(shape.c.looks)).fetchall()
    return int(found[0].looks) if found else 0


def add_shape(conn: Connection, source: str, digest: str, fields: Iterable[str], now: datetime) -> None:
    """Remember a new shape."""
    if (conn.scalar(select(func.count()).where(shape.c.source == source)) or 0) >= MOST_SHAPES:
        return
    row = {
        "source": source,
        "digest": digest,
        "fields": sorted(fields),
        "looks": 1,
        "first_at": now,
        "last_at": now,
    }
    conn.execute(_add_shape(conn.dialect.name), row)


@cache
def _add_shape(dialect: str) -> Any:
    written = (postgresql if dialect == "postgresql" else sqlite).insert(shape)
    return written.on_conflict_do_nothing()


def shapes(conn: Connection, source: str | None = None) -> list[StoredShape]:
    """Return the known shapes of a source, or of all, oldest first."""
    rows = select(shape).order_by(shape.c.source, shape.c.first_at, shape.c.digest)
    if source is not None:
        rows = rows.where(shape.c.source == source)
    return [
        StoredShape(row.source, row.digest, tuple(row.fields), row.looks, row.first_at, row.last_at)
        for row in conn.execute(rows)
    ]


def forget(conn: Connection, before: datetime) -> None:
    """Delete what is older than a moment."""
    conn.execute(delete(pattern).where(pattern.c.at < before))
    conn.execute(delete(shape).where(shape.c.last_at < before))
