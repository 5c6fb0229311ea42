"""What sources said over time, walked over in the order it was seen: for whoever judges the past anew."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from monitor.edge.store import codec, read
from monitor.edge.store.codec import LookBack, Past
from monitor.edge.store.tables import audit, customer, look, record, watch
from monitor.edge.store.turns import chunks
from monitor.model import Held, Outcome

Id = tuple[str, str]
_STREAMED = 500  # rows fetched at a time


@dataclass(frozen=True, slots=True)
class Watched:
    """A watch as history needs it. `baseline_at`: its first look; None: it has had none, or is to begin anew."""

    id: int
    source: str
    subject: str
    baseline_at: datetime | None


@dataclass(slots=True)
class Step:
    """What one watch's records came to at one moment: `put` reads like this from now on, `closed` did until now."""

    at: datetime
    watch: int
    put: list[Held] = field(default_factory=list)
    closed: dict[Id, Held] = field(default_factory=dict)


def steps(conn: Connection) -> Iterator[Step]:
    """Walk over all that ever changed in the records, oldest first; of one moment in the order it was committed.

    Use it up inside the read that made it. Memory holds what one moment brought, not the history.
    """
    rows = heapq.merge(
        _rows(conn, select(record).order_by(record.c.valid_from, record.c.id), opened=True),
        _rows(
            conn,
            select(record).where(record.c.valid_to.is_not(None)).order_by(record.c.valid_to, record.c.id),
            opened=False,
        ),
        key=lambda one: (one[0], one[1]),
    )
    for _, moment in groupby(rows, key=lambda one: one[0]):
        yield from _of_a_moment(moment)


_Row = tuple[datetime, int, bool, int, Held]  # when, row, whether it begins, watch, what


def _rows(conn: Connection, asked: Select[Any], *, opened: bool) -> Iterator[_Row]:
    # As an option of this statement: on the connection it would make cursors of all that follow.
    with conn.execute(asked, execution_options={"yield_per": _STREAMED}) as found:
        for row in found:
            at = row.valid_from if opened else row.valid_to
            yield at, row.id, opened, row.watch, codec.held_of(row)


def _of_a_moment(rows: Iterable[_Row]) -> Iterator[Step]:
    """Divide what happened at one moment by watch. What a commit wrote stands together, so the first new row decides."""
    found: dict[int, Step] = {}
    first: dict[int, int] = {}
    for at, number, opened, one, held in rows:
        step = found.setdefault(one, Step(at, one))
        if opened:
            step.put.append(held)
            first[one] = min(first.get(one, number), number)
        else:
            step.closed[held.record.id] = held
    last = max(first.values(), default=0)
    yield from sorted(found.values(), key=lambda step: (first.get(step.watch, last + 1), step.watch))


def count(conn: Connection) -> int:
    """Return how many rows of history there are."""
    return int(conn.scalar(select(func.count()).select_from(record)) or 0)


def begins(conn: Connection) -> datetime | None:
    """Return since when anybody is watched; None if nobody ever was."""
    found = conn.execute(select(customer.c.added_at).order_by(customer.c.added_at).limit(1)).first()
    return found.added_at if found else None


def watches(conn: Connection) -> dict[int, Watched]:
    """Return every watch there ever was, those laid to rest too."""
    rows = conn.execute(select(watch.c.id, watch.c.source, watch.c.subject, watch.c.baseline_at))
    return {row.id: Watched(row.id, row.source, row.subject, row.baseline_at) for row in rows}


def answered(conn: Connection, one: int, at: datetime) -> int | None:
    """Return how many records the answer of that look held; None if no such look is kept."""
    found = conn.execute(select(look.c.records).where(look.c.watch == one, look.c.at == at)).first()
    return None if found is None else int(found.records)


def twins(conn: Connection, one: int, wanted: Iterable[str], before: datetime) -> list[Held]:
    """Return the records a watch held before a moment that have these secondary keys."""
    open_then = or_(record.c.valid_to.is_(None), record.c.valid_to >= before)
    return [
        codec.held_of(row)
        for part in chunks(wanted)
        for row in conn.execute(
            select(record).where(
                record.c.watch == one, record.c.twin.in_(part), record.c.valid_from < before, open_then
            )
        )
    ]


def since_when(conn: Connection) -> dict[str, datetime]:
    """Return since when each customer is watched, those taken off the list left out."""
    rows = select(customer.c.id, customer.c.added_at).where(customer.c.removed_at.is_(None))
    return {row.id: row.added_at for row in conn.execute(rows)}


def erased(conn: Connection) -> int:
    """Return how many records went because their time was up or a person asked for it."""
    mine = (audit.c.kind == "record", audit.c.what == "erased")
    return int(conn.scalar(select(func.count()).select_from(audit).where(*mine)) or 0)


# --------------------------------------------------------------------------- what stands behind one event


@dataclass(frozen=True, slots=True)
class Seen:
    """The look that brought a record to what it was at a moment; `look` None: its row is no longer kept."""

    watch: int
    subject: str
    was: Held | None
    now: Held | None
    look: LookBack | None


def seen(conn: Connection, source: str, kind: str, key: str, at: datetime, customer: str | None) -> Seen | None:
    """Return how a record read before and after a moment, by the watch that showed it; None if nothing of it is held.

    Where several watches hold it, the customer's own counts, else the one that saw it first.
    """
    rows = (
        select(watch.c.id, watch.c.subject)
        .join_from(record, watch, record.c.watch == watch.c.id)
        .where(watch.c.source == source, record.c.kind == kind, record.c.key == key)
        .order_by((watch.c.subject == customer).desc(), (record.c.valid_from == at).desc(), record.c.valid_from)
    )
    found = conn.execute(rows.limit(1)).first()
    if found is None:
        return None
    past = read.history(conn, found.id, kind, key)
    now = next((one.held for one in reversed(past) if one.held.valid_from <= at and not _over(one, at)), None)
    was = next((one.held for one in reversed(past) if one.until is not None and one.until <= at), None)
    looks = select(look.c.turn, look.c.at, look.c.outcome, look.c.records, look.c.complete, look.c.reason)
    row = conn.execute(looks.where(look.c.watch == found.id, look.c.at == at).limit(1)).first()
    back = LookBack(row.turn, row.at, Outcome(row.outcome), row.records, row.complete, row.reason) if row else None
    return Seen(found.id, found.subject, was, now, back)


def _over(one: Past, at: datetime) -> bool:
    return one.until is not None and one.until <= at
