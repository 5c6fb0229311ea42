"""What waits for a person's decision, and what is usual for a source.

A hold is opened once and decided once. While it is held its id is taken; afterwards the same id may be opened anew,
and the decided ones stay to be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.edge.store import codec
from monitor.edge.store.tables import hold as hold_table

HoldKind = Literal["watchlist", "breaker", "shrink"]
HoldState = Literal["held", "released", "discarded", "settled"]  # settled: it came to an end by itself


@dataclass(frozen=True, slots=True)
class Hold:
    """Something a person must decide about. `id` is what they type; times are UTC.

    `facts` are plain JSON: why it is held, with samples. `decided_by` is a person's account, or what ended it.
    `number` is the row's own, 0 for one that is not stored yet.
    """

    id: str
    kind: HoldKind
    opened_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    subject: str = ""
    state: HoldState = "held"
    decided_at: datetime | None = None
    decided_by: str = ""
    number: int = 0


def hold(conn: Connection, one: Hold) -> bool:
    """Open a hold; True if it is new. One that is held already under this id gets the new facts instead."""
    row = {
        "id": one.id,
        "kind": one.kind,
        "source": one.source,
        "subject": one.subject,
        "state": "held",
        "opened_at": one.opened_at,
        "facts": codec.plain(one.facts),
    }
    if conn.execute(_open(conn.dialect.name), row).first() is not None:
        return True
    tell(conn, one.id, one.facts)
    return False


@cache
def _open(dialect: str) -> Any:
    written = (postgresql if dialect == "postgresql" else sqlite).insert(hold_table)
    taken = {"index_elements": [hold_table.c.id], "index_where": text("state = 'held'")}
    return written.on_conflict_do_nothing(**taken).returning(hold_table.c.number)


def tell(conn: Connection, id: str, facts: Mapping[str, Any]) -> None:
    """Replace the facts of what is held under this id."""
    conn.execute(update(hold_table).where(*_held(id)).values(facts=codec.plain(facts)))


def holds(
    conn: Connection,
    *,
    state: HoldState | None = "held",
    kind: HoldKind | None = None,
    source: str | None = None,
    since: datetime | None = None,
) -> list[Hold]:
    """Return holds that fit all filters, oldest first; `since` speaks of when they were decided."""
    rows = select(hold_table).order_by(hold_table.c.opened_at, hold_table.c.number)
    for column, value in ((hold_table.c.state, state), (hold_table.c.kind, kind), (hold_table.c.source, source)):
        if value is not None:
            rows = rows.where(column == value)
    if since is not None:
        rows = rows.where(hold_table.c.decided_at >= since)
    return [_hold_of(row) for row in conn.execute(rows)]


def held(conn: Connection, id: str) -> Hold | None:
    """Return what is held under this id now."""
    row = conn.execute(select(hold_table).where(*_held(id))).first()
    return None if row is None else _hold_of(row)


def latest(conn: Connection, id: str) -> Hold | None:
    """Return the newest hold of this id, decided or not."""
    rows = select(hold_table).where(hold_table.c.id == id).order_by(hold_table.c.number.desc()).limit(1)
    row = conn.execute(rows).first()
    return None if row is None else _hold_of(row)


def decide(conn: Connection, id: str, state: HoldState, by: str, now: datetime) -> Hold | None:
    """End what is held under this id and return it as decided; None if nothing is."""
    decided = update(hold_table).where(*_held(id)).values(state=state, decided_at=now, decided_by=by)
    row = conn.execute(decided.returning(*hold_table.c)).fetchall()
    return _hold_of(row[0]) if row else None


def _held(id: str) -> tuple[Any, ...]:
    return (hold_table.c.id == id, hold_table.c.state == "held")


def _hold_of(row: Row[Any]) -> Hold:
    return Hold(
        id=row.id,
        kind=row.kind,
        opened_at=row.opened_at,
        facts=row.facts,
        source=row.source,
        subject=row.subject,
        state=row.state,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        number=row.number,
    )
