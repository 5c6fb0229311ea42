"""What waits for a person's decision, and what is usual for a source.

A hold is opened once and decided once. While it is held its id is taken; afterwards the same id may be opened anew,
and the decided ones stay to be read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Row, case, delete, func, insert, literal, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.edge.store import audit, codec
from monitor.edge.store.tables import Instant, alert, event, held_change, record, watch
from monitor.edge.store.tables import hold as hold_table
from monitor.edge.store.turns import chunks
from monitor.model import Change

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
    if not row:
        return None
    audit.decided(conn, "hold", state, id, now, by)
    return _hold_of(row[0])


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


# --------------------------------------------------------------------------- the changes of a hold


@dataclass(frozen=True, slots=True)
class Kept:
    """A change that a hold keeps back: of which watch, when it was seen, and the answers that show it (sha256).

    `state` is its hold's.
    """

    hold: int
    watch: int
    subject: str
    change: Change
    seen_at: datetime
    proofs: tuple[str, ...] = ()
    state: HoldState = "held"


def keep(conn: Connection, kept: Sequence[Kept]) -> None:
    """Store changes with the hold that keeps them back."""
    for part in chunks(kept):
        conn.execute(insert(held_change), [_kept_row(one) for one in part])


def _kept_row(one: Kept) -> dict[str, Any]:
    change = one.change
    return {
        "hold": one.hold,
        "watch": one.watch,
        "subject": one.subject,
        "what": change.what,
        "kind": change.record.kind,
        "key": change.record.key,
        "before": codec.record_json(change.before),
        "after": codec.record_json(change.after),
        "fields": list(change.fields),
        "proofs": list(one.proofs),
        "seen_at": one.seen_at,
    }


def kept_of(
    conn: Connection, *, watch: int | None = None, hold: int | None = None, most: int | None = None
) -> list[Kept]:
    """Return the changes kept back of a watch, or by a hold, in the order they were seen."""
    rows = select(held_change, hold_table.c.state).join(hold_table, hold_table.c.number == held_change.c.hold)
    if watch is not None:
        rows = rows.where(held_change.c.watch == watch)
    if hold is not None:
        rows = rows.where(held_change.c.hold == hold)
    return [_kept_of(row) for row in conn.execute(rows.order_by(held_change.c.number).limit(most))]


def _kept_of(row: Row[Any]) -> Kept:
    return Kept(
        hold=row.hold,
        watch=row.watch,
        subject=row.subject,
        change=Change(row.what, codec.record_of(row.before), codec.record_of(row.after), tuple(row.fields)),
        seen_at=row.seen_at,
        proofs=tuple(row.proofs),
        state=row.state,
    )


def counts(conn: Connection, hold: int) -> tuple[int, int]:
    """Return how many changes a hold keeps back, and of how many watches."""
    found = select(func.count(), func.count(held_change.c.watch.distinct())).where(held_change.c.hold == hold)
    changes, watches = conn.execute(found).one()
    return int(changes), int(watches)


def told(conn: Connection, hold: int, watches: Iterable[int]) -> None:
    """Forget the changes of these watches: they were told."""
    for part in chunks(watches):
        conn.execute(delete(held_change).where(held_change.c.hold == hold, held_change.c.watch.in_(part)))


def forget(conn: Connection, before: datetime) -> int:
    """Delete what was decided before a moment, with its changes; return how many holds that were."""
    old = list(
        conn.scalars(select(hold_table.c.number).where(hold_table.c.state != "held", hold_table.c.decided_at < before))
    )
    for part in chunks(old):
        conn.execute(delete(held_change).where(held_change.c.hold.in_(part)))
        conn.execute(delete(hold_table).where(hold_table.c.number.in_(part)))
    return len(old)


# --------------------------------------------------------------------------- alerts under way

WITHDRAWN = "held"  # the reason of an alert that a hold took back before it left


def withdraw(
    conn: Connection, source: str, kind: str, customers: Collection[str], since: datetime, *, criticals: bool
) -> dict[str, str]:
    """Take back alerts about records of a kind that have not left yet; return their ids, each with its customer.

    `criticals`: those too.
    """
    found: dict[str, str] = {}
    for part in chunks(sorted(customers)):
        rows = (
            select(alert.c.id, alert.c.customer)
            .join(event, event.c.id == alert.c.event)
            .where(
                alert.c.state == "pending",
                alert.c.claimed_at.is_(None),
                alert.c.created_at >= since,
                event.c.source == source,
                event.c.record_kind == kind,
                event.c.customer.in_(part),
            )
        )
        rows = rows if criticals else rows.where(alert.c.severity != "critical")
        found |= {row.id: row.customer for row in conn.execute(rows)}
    for part in chunks(found):
        conn.execute(update(alert).where(alert.c.id.in_(part)).values(state="suppressed", reason=WITHDRAWN))
    return found


def resume(conn: Connection, alerts: Iterable[str], now: datetime) -> int:
    """Let alerts go that a hold took back; return how many."""
    back = 0
    for part in chunks(alerts):
        mine = (alert.c.id.in_(part), alert.c.state == "suppressed", alert.c.reason == WITHDRAWN)
        at = case((alert.c.kind == "line", alert.c.not_before), else_=literal(now, Instant))  # a line keeps its digest
        back += conn.execute(update(alert).where(*mine).values(state="pending", reason="", not_before=at)).rowcount
    return back


def end(conn: Connection, one: int, ids: Iterable[tuple[str, str]], now: datetime) -> None:
    """Let go of records a watch holds; a look under way, which may know better or worse, is dropped."""
    for kind, key in ids:
        mine = (record.c.watch == one, record.c.kind == kind, record.c.key == key, record.c.valid_to.is_(None))
        conn.execute(update(record).where(*mine).values(valid_to=now))
    done = {"second_look": False, "lease_until": None, "turn": watch.c.turn + 1}
    conn.execute(update(watch).where(watch.c.id == one).values(done))


def watches_of(conn: Connection, source: str) -> dict[int, str]:
    """Return the active watches of a source with their subjects."""
    rows = select(watch.c.id, watch.c.subject).where(watch.c.source == source, watch.c.active)
    return {row.id: row.subject for row in conn.execute(rows)}


def orphans(conn: Connection) -> list[Hold]:
    """Return the doubts that are held about watches nobody keeps any more."""
    mine = (watch.c.source == hold_table.c.source, watch.c.subject == hold_table.c.subject, watch.c.active)
    rows = select(hold_table).where(
        hold_table.c.state == "held", hold_table.c.kind == "shrink", ~select(watch.c.id).where(*mine).exists()
    )
    return [_hold_of(row) for row in conn.execute(rows)]


def rebaseline(conn: Connection, source: str) -> int:
    """Let the next look of each watch of a source be taken as its baseline; return how many watches.

    To each it is as if another version of the watcher had made its snapshot. A look under way is dropped.
    """
    mine = (watch.c.source == source, watch.c.active, watch.c.baseline_at.is_not(None))
    anew = update(watch).where(*mine).values(version=0, second_look=False, lease_until=None, turn=watch.c.turn + 1)
    return conn.execute(anew).rowcount
