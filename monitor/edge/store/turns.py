"""Who is due, and whose turn it is: due dates are a column, claims are leases with a fencing number.

A turn belongs to its worker while the watch still has its number and its lease has not been given
back. A lease that ran out may be claimed by somebody else, which raises the number; the late
result then finds no row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Double,
    Integer,
    LargeBinary,
    Select,
    TableClause,
    Text,
    TypeDecorator,
    Update,
    and_,
    bindparam,
    case,
    column,
    func,
    insert,
    null,
    or_,
    select,
    table,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.dml import ReturningUpdate

from monitor.edge.store import codec
from monitor.edge.store.prepared import Gathered, Prepared, moment, text_of
from monitor.edge.store.tables import Instant, watch
from monitor.edge.store.tables import record as record_table
from monitor.model import Outcome, Record, Turn

_T = TypeVar("_T")
_CHUNK = 500  # values in one IN list, rows in one batch
_MOST_IN_FLIGHT = 10_000


@dataclass(frozen=True, slots=True)
class Watched:
    """One watch as the plan wants it: `every` in seconds, tier included."""

    source: str
    subject: str
    every: float
    url: str = ""
    host: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Same:
    """A good look after which nothing has to be decided. What is None stays as it is.

    `noted` are items of a log that name nobody we watch: they are kept, so that a customer who comes later
    can be looked up in them.
    """

    turn: Turn
    at: datetime
    due_at: datetime
    validators: Mapping[str, Any] | None = None
    memory: bytes | None = None
    cursor: str | None = None
    noted: tuple[tuple[Record, bytes], ...] = ()  # each with the digest of its compared fields


@dataclass(frozen=True, slots=True)
class Listed:
    """One watch as `sources`, `coverage` and `doctor` tell it."""

    watch: int
    source: str
    subject: str
    url: str
    host: str
    label: str
    every: float
    due_at: datetime
    leased_until: datetime | None
    fails: int
    outcome: Outcome | None
    reason: str
    last_look_at: datetime | None
    last_good_at: datetime | None
    baseline_at: datetime | None
    created_at: datetime


# --------------------------------------------------------------------------- the plan


@dataclass(frozen=True, slots=True)
class Ensured:
    """What a plan meant: watches added or taken up again, laid to rest, and changed in place."""

    added: int = 0
    rested: int = 0
    altered: int = 0


def ensure(conn: Connection, rows: Iterable[Watched], now: datetime, *, window: float = 0.0) -> int:
    """Make the watches be exactly the plan's, as `settle` does; return how many rows were touched."""
    done = settle(conn, rows, now, window=window)
    return done.added + done.rested + done.altered


def settle(
    conn: Connection, rows: Iterable[Watched], now: datetime, *, window: float = 0.0, rate: float | None = None
) -> Ensured:
    """Make the watches be exactly the plan's.

    New and returning ones are due within `window` seconds (never longer than their interval), each at
    the place its name gives it; with `rate` (first looks a second), a handful is due sooner. A shorter
    interval brings the due date forward, never back. What the plan no longer names becomes inactive and
    keeps its history.
    """
    wanted: dict[str, dict[str, Watched]] = {}
    for row in rows:
        wanted.setdefault(row.source, {})[row.subject] = row
    known = set(conn.scalars(select(watch.c.source).where(watch.c.active == true()).distinct()))
    moves = [_moves(conn, source, wanted.get(source, {})) for source in sorted(known | set(wanted))]
    added = sum(len(one.new) + len(one.back) for one in moves)
    if rate is not None:
        window = min(window, added / rate)
    for one in moves:
        for new in chunks(one.new):
            conn.execute(insert(watch), [_new(row, now, window) for row in new])
        back = [_written(id_, row, _first_due(row, now, window)) for id_, row in one.back]
        altered = [_written(id_, row, _nearer(row, every, due, now)) for id_, row, every, due in one.altered]
        for batch in chunks([*back, *altered]):
            conn.execute(_ALTER, batch)
        for gone in chunks(one.gone):
            conn.execute(_LEAVE, [{"b_id": id_} for id_ in gone])
    return Ensured(added, sum(len(one.gone) for one in moves), sum(len(one.altered) for one in moves))


@dataclass(frozen=True, slots=True)
class _Moves:
    """What is to be done for one source. Watches by their row's id; `altered` with interval and due date till now."""

    new: list[Watched]
    back: list[tuple[int, Watched]]
    altered: list[tuple[int, Watched, float, datetime]]
    gone: list[int]


def _moves(conn: Connection, source: str, wanted: Mapping[str, Watched]) -> _Moves:
    found = _Moves([], [], [], [])
    seen = set()
    for held in conn.execute(select(*_PLANNED).where(watch.c.source == source)):
        seen.add(held.subject)
        row = wanted.get(held.subject)
        if row is None:
            if held.active:
                found.gone.append(held.id)
        elif not held.active:
            found.back.append((held.id, row))
        elif (held.every, held.url, held.host, held.label) != (row.every, row.url, row.host, row.label):
            found.altered.append((held.id, row, held.every, held.due_at))
    found.new.extend(row for subject, row in wanted.items() if subject not in seen)
    return found


def _nearer(row: Watched, every: float, due: datetime, now: datetime) -> datetime:
    """Return the due date of a watch whose interval was `every` until now."""
    if every == row.every:
        return due
    return min(due, now + timedelta(seconds=row.every * phase(row.source, row.subject)))


def _written(id_: int, row: Watched, due: datetime) -> dict[str, Any]:
    return {
        "b_id": id_,
        "b_every": row.every,
        "b_url": row.url,
        "b_host": row.host,
        "b_label": row.label,
        "b_due": due,
    }


def _new(row: Watched, now: datetime, window: float) -> dict[str, Any]:
    return {
        "source": row.source,
        "subject": row.subject,
        "every": row.every,
        "url": row.url,
        "host": row.host,
        "label": row.label,
        "due_at": _first_due(row, now, window),
        "created_at": now,
    }


def _first_due(row: Watched, now: datetime, window: float) -> datetime:
    return now + timedelta(seconds=min(window, row.every) * phase(row.source, row.subject))


def phase(source: str, subject: str) -> float:
    """Return a watch's own place in an interval, 0 to 1: the same on every machine and at every start."""
    digest = hashlib.blake2b(f"{source}\0{subject}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


_PLANNED = (
    watch.c.id,
    watch.c.subject,
    watch.c.active,
    watch.c.every,
    watch.c.url,
    watch.c.host,
    watch.c.label,
    watch.c.due_at,
)
_ALTER = (
    update(watch)
    .where(watch.c.id == bindparam("b_id"))
    .values(
        every=bindparam("b_every"),
        url=bindparam("b_url"),
        host=bindparam("b_host"),
        label=bindparam("b_label"),
        due_at=bindparam("b_due"),
        active=True,
    )
)
# The number is raised, so that a look still in flight is dropped even if the customer comes back meanwhile.
_LEAVE = (
    update(watch)
    .where(watch.c.id == bindparam("b_id"))
    .values(active=False, lease_until=None, second_look=False, turn=watch.c.turn + 1)
)


# --------------------------------------------------------------------------- claims

# In the order of Turn's fields.
_TURN = (
    watch.c.id,
    watch.c.source,
    watch.c.subject,
    watch.c.turn,
    watch.c.due_at,
    watch.c.lease_until,
    watch.c.url,
    watch.c.host,
    watch.c.version,
    watch.c.fails,
    watch.c.outcome,
    watch.c.last_good_at,
    watch.c.full_at,
    watch.c.baseline_at,
    watch.c.second_look,
    watch.c.validators,
    watch.c.memory,
    watch.c.cursor,
    watch.c.snapshot,
)
_DUE_AT = _TURN.index(watch.c.due_at)
# As text: SQLite uses the partial index only for the very words of its condition.
_ACTIVE: ColumnElement[bool] = text("active")  # type: ignore[assignment]


def claim(conn: Connection, now: datetime, limit: int, lease_seconds: float) -> list[Turn]:
    """Take up to `limit` due watches, the longest due first; nobody else gets them until the lease ends."""
    return _taken(conn, _CLAIM, now, lease_seconds, {"b_limit": limit})


def take(conn: Connection, source: str, subject: str, now: datetime, lease_seconds: float) -> Turn | None:
    """Take one named watch whether it is due or not; None if there is none or somebody has its turn."""
    found = _taken(conn, _TAKE, now, lease_seconds, {"b_source": source, "b_subject": subject})
    return next(iter(found), None)


def _taken(
    conn: Connection, statement: Prepared, now: datetime, lease_seconds: float, wanted: dict[str, Any]
) -> list[Turn]:
    at = now.timestamp()
    # All at once: a statement of which something is left to read would keep the transaction open.
    rows: Sequence[Any] = statement.run(conn, wanted | {"b_now": at, "b_lease": at + lease_seconds}).fetchall()
    return [_turn(*row) for row in sorted(rows, key=itemgetter(_DUE_AT))]


def _claiming(dialect: str, ids: Select[Any]) -> ReturningUpdate[Any]:
    """Return the one statement that claims the watches `ids` selects."""
    ids = ids.with_for_update(skip_locked=True)  # PostgreSQL; SQLite's writer is alone anyway
    taken = update(watch).values(turn=watch.c.turn + 1, lease_until=bindparam("b_lease")).returning(*_TURN)
    if dialect == "postgresql":
        due = ids.cte("due")  # runs once: a sub-select with a limit might be run again for each row
        return taken.where(watch.c.id == due.c.id)
    return taken.where(watch.c.id.in_(ids))


def _free(now: Any) -> ColumnElement[bool]:
    return or_(watch.c.lease_until.is_(None), watch.c.lease_until <= now)


_NOW = bindparam("b_now", type_=Instant)
_DUE = (
    select(watch.c.id)
    .where(_ACTIVE, watch.c.due_at <= _NOW, _free(_NOW))
    .order_by(watch.c.due_at)
    .limit(bindparam("b_limit", type_=Integer))
)
_NAMED = select(watch.c.id).where(
    watch.c.source == bindparam("b_source"), watch.c.subject == bindparam("b_subject"), _ACTIVE, _free(_NOW)
)
_CLAIM = Prepared(lambda dialect: _claiming(dialect, _DUE))
_TAKE = Prepared(lambda dialect: _claiming(dialect, _NAMED))


def _turn(
    one: int,
    source: str,
    subject: str,
    number: int,
    due_at: float,
    lease_until: float,
    url: str,
    host: str,
    version: int,
    fails: int,
    outcome: str | None,
    last_good_at: float | None,
    full_at: float | None,
    baseline_at: float | None,
    second_look: bool,
    validators: str | None,
    memory: bytes | None,
    cursor: str | None,
    snapshot: bytes | None,
) -> Turn:
    """Read a claimed row as the driver brings it."""
    return Turn(
        one,
        source,
        subject,
        number,
        datetime.fromtimestamp(due_at, UTC),
        datetime.fromtimestamp(lease_until, UTC),
        url,
        host,
        version,
        fails,
        Outcome(outcome) if outcome else None,
        moment(last_good_at),
        moment(full_at),
        moment(baseline_at),
        bool(second_look),
        orjson.loads(validators) if validators else {},
        memory,
        cursor,
        snapshot,
    )


# --------------------------------------------------------------------------- giving a turn back


def ours() -> ColumnElement[bool]:
    """The fence, for statements with the parameters `b_watch` and `b_number`."""
    return and_(
        watch.c.id == bindparam("b_watch"),
        watch.c.turn == bindparam("b_number"),
        watch.c.lease_until.is_not(None),
        watch.c.active == true(),
    )


def next_date() -> ColumnElement[Any]:
    """The new due date, for `b_due` and `b_claimed`: who asked for a look meanwhile (mark_due) still gets it."""
    return case(
        (watch.c.due_at == bindparam("b_claimed", type_=Instant), bindparam("b_due", type_=Instant)),
        else_=watch.c.due_at,
    )


def fence(turn: Turn) -> dict[str, Any]:
    """Return the parameters of `ours` and `next_date` that come with a turn."""
    return {"b_watch": turn.watch, "b_number": turn.number, "b_claimed": turn.due_at}


def held(conn: Connection, turn: Turn) -> bool:
    """Whether the turn is still ours; on PostgreSQL it then stays so until this transaction ends."""
    mine = select(watch.c.id).where(ours()).with_for_update()
    return conn.execute(mine, {"b_watch": turn.watch, "b_number": turn.number}).first() is not None


_GIVEN = table(
    "given",
    column("one", BigInteger),
    column("number", Integer),
    column("claimed", Double),
    column("at", Double),
    column("due", Double),
    column("outcome", Text),
)
_CARRIED = table(
    "given",
    *(column(one.name, one.type) for one in _GIVEN.columns),
    column("validators", Text),
    column("memory", LargeBinary),
    column("cursor", Text),
)


def _touch(given: TableClause) -> Update:
    new = given.c
    return (
        update(watch)
        .where(
            watch.c.id == new.one,
            watch.c.turn == new.number,
            watch.c.lease_until.is_not(None),
            watch.c.active == true(),
        )
        .values(
            due_at=case((watch.c.due_at == new.claimed, new.due), else_=watch.c.due_at),
            lease_until=null(),
            fails=0,
            outcome=new.outcome,
            reason="",
            last_look_at=new.at,
            last_good_at=new.at,
        )
    )


_TOUCHING = Gathered(_GIVEN, lambda dialect: _touch(_GIVEN))
_CARRYING = Gathered(
    _CARRIED,
    lambda dialect: _touch(_CARRIED).values(
        validators=func.coalesce(_CARRIED.c.validators, watch.c.validators),
        memory=func.coalesce(_CARRIED.c.memory, watch.c.memory),
        cursor=func.coalesce(_CARRIED.c.cursor, watch.c.cursor),
    ),
)


def finish_same(conn: Connection, rows: Sequence[Same]) -> None:
    """End turns after which nothing has to be decided: one row each is touched; lost turns are passed over.

    Items noted by a turn that was lost are kept all the same: they are what the source said.
    """
    touched: list[tuple[Any, ...]] = []
    carrying: list[tuple[Any, ...]] = []
    for row in rows:
        turn, at = row.turn, row.at.timestamp()
        outcome = "changed" if row.noted else "same"
        fenced = (turn.watch, turn.number, turn.due_at.timestamp(), at, row.due_at.timestamp(), outcome)
        if row.validators is None and row.memory is None and row.cursor is None:
            touched.append(fenced)
        else:
            validators = None if row.validators is None else text_of(dict(row.validators))
            carrying.append((*fenced, validators, row.memory, row.cursor))
    _TOUCHING.run(conn, touched)
    _CARRYING.run(conn, carrying)
    # Each item once: a turn that was lost and the one that took it over may have brought the same.
    noted = {
        (row.turn.watch, record.id): codec.stored_record(row.turn.watch, record, digest, row.at)
        for row in rows
        for record, digest in row.noted
    }
    _NOTING.run(conn, list(noted.values()))


def _plain_type(kept: Any) -> Any:
    """Return what a type of ours is to the driver."""
    return kept.impl if isinstance(kept, TypeDecorator) else kept


_NOTED = table("given", *(column(name, _plain_type(record_table.c[name].type)) for name in codec.RECORD))


def _note(dialect: str) -> Any:
    """Keep log items that name nobody. One that is known is left as it was first read, unless its text changed."""
    written = (postgresql if dialect == "postgresql" else sqlite).insert(record_table)
    # Without a condition, SQLite would take ON CONFLICT for that of a join.
    written = written.from_select(codec.RECORD, select(*_NOTED.c).where(text("true")), include_defaults=False)
    return written.on_conflict_do_update(
        index_elements=[record_table.c.watch, record_table.c.kind, record_table.c.key],
        index_where=text("valid_to IS NULL"),
        set_={name: written.excluded[name] for name in ("fields", "digest", "published_at", "url", "valid_from")},
        where=record_table.c.digest != written.excluded.digest,
    )


_NOTING = Gathered(_NOTED, _note)


_POSTPONE = update(watch).where(ours()).values(due_at=bindparam("b_due"), lease_until=None)


def postpone(conn: Connection, rows: Iterable[tuple[int, int, datetime]]) -> None:
    """Give turns back untaken, as (watch, number, new due date): it was no look."""
    values = [{"b_watch": one, "b_number": number, "b_due": due} for one, number, due in rows]
    if values:
        conn.execute(_POSTPONE, values)


_HEARTBEAT = update(watch).where(ours()).values(lease_until=bindparam("b_lease"))


def take_back(conn: Connection) -> int:
    """End every lease, at the start of the one daemon: who held them is gone. Return how many there were.

    The turn numbers go up, so that a command still at work on one of them commits nothing.
    """
    taken = update(watch).where(watch.c.lease_until.is_not(None)).values(lease_until=None, turn=watch.c.turn + 1)
    return conn.execute(taken).rowcount


def recall(conn: Connection, sources: Iterable[str]) -> int:
    """End the turns under way at these sources: they are taken again at once. Return how many there were."""
    mine = (watch.c.source.in_(sorted(sources)), watch.c.lease_until.is_not(None))
    return conn.execute(update(watch).where(*mine).values(lease_until=None, turn=watch.c.turn + 1)).rowcount


def heartbeat(conn: Connection, claimed: Iterable[Turn], lease_until: datetime) -> int:
    """Lengthen the leases of turns still ours; return how many were."""
    values = [{"b_watch": turn.watch, "b_number": turn.number, "b_lease": lease_until} for turn in claimed]
    return conn.execute(_HEARTBEAT, values).rowcount if values else 0


def mark_due(conn: Connection, now: datetime, source: str | None = None, subject: str | None = None) -> int:
    """Make watches due now, one in flight again when it has ended; return how many were meant."""
    later = or_(watch.c.due_at > now, watch.c.lease_until.is_not(None))
    moved = case((later, bindparam("b_now", now, type_=Instant)), else_=watch.c.due_at)
    meant = update(watch).where(watch.c.active == true()).values(due_at=moved)
    if source is not None:
        meant = meant.where(watch.c.source == source)
    if subject is not None:
        meant = meant.where(watch.c.subject == subject)
    return conn.execute(meant).rowcount


_LONGEST_WAIT = 21_600.0  # seconds a failing watch is put off at most, unless its source asked for longer


def respread(conn: Connection, now: datetime, window: float, *, longest_lease: float = 3600.0) -> int:
    """Put due dates right after the clock jumped or the machine slept; return how many watches moved.

    What is overdue is due once, each at its own place within `window` seconds. What lies further ahead
    than its interval (the clock went back) is brought in. Turns in flight are left alone, but no lease
    reaches further than `longest_lease` seconds.
    """
    limit = now + timedelta(seconds=longest_lease)
    conn.execute(update(watch).where(watch.c.lease_until > limit).values(lease_until=limit))
    rows = select(watch.c.id, watch.c.source, watch.c.subject, watch.c.every, watch.c.due_at, watch.c.fails)
    moved = []
    for row in conn.execute(rows.where(watch.c.active == true(), _free(now))):
        longest = max(row.every, _LONGEST_WAIT) if row.fails else row.every
        if row.due_at <= now:
            span = min(window, row.every)
        elif row.due_at > now + timedelta(seconds=longest):
            span = row.every
        else:
            continue
        due = now + timedelta(seconds=span * phase(row.source, row.subject))
        moved.append({"b_id": row.id, "b_due": due})
    for batch in chunks(moved):
        conn.execute(_MOVE, batch)
    return len(moved)


_MOVE = update(watch).where(watch.c.id == bindparam("b_id")).values(due_at=bindparam("b_due"))

# --------------------------------------------------------------------------- telling


def next_due(conn: Connection) -> datetime | None:
    """Return the earliest moment at which something can be claimed; None if nothing is watched."""
    earliest: datetime | None = None
    by_date = select(watch.c.due_at, watch.c.lease_until).where(_ACTIVE).order_by(watch.c.due_at)
    # Whoever is leased was due before the first that is free: only turns in flight are passed here.
    for due_at, lease_until in conn.execute(by_date.limit(_MOST_IN_FLIGHT)):
        opens = max(due_at, lease_until or due_at)
        earliest = opens if earliest is None else min(earliest, opens)
        if lease_until is None:
            break
    return earliest


def listing(conn: Connection, source: str | None = None, subject: str | None = None) -> list[Listed]:
    """Return the active watches, by source and subject."""
    wanted = select(*_LISTED).where(watch.c.active == true()).order_by(watch.c.source, watch.c.subject)
    if source is not None:
        wanted = wanted.where(watch.c.source == source)
    if subject is not None:
        wanted = wanted.where(watch.c.subject == subject)
    return [
        Listed(*row[:8], row.lease_until, row.fails, Outcome(row.outcome) if row.outcome else None, *row[11:])
        for row in conn.execute(wanted)
    ]


_LISTED = (
    watch.c.id,
    watch.c.source,
    watch.c.subject,
    watch.c.url,
    watch.c.host,
    watch.c.label,
    watch.c.every,
    watch.c.due_at,
    watch.c.lease_until,
    watch.c.fails,
    watch.c.outcome,
    watch.c.reason,
    watch.c.last_look_at,
    watch.c.last_good_at,
    watch.c.baseline_at,
    watch.c.created_at,
)


def chunks(rows: Iterable[_T], size: int = _CHUNK) -> Iterable[list[_T]]:
    """Cut rows into lists of at most `size`."""
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part
