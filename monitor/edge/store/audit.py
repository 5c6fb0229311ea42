"""The audit log in the database: rows come with the work they tell of, unsealed; one sealer chains them.

What a row tells of is hashed as the database holds it, byte for byte: times as the number, JSON as the text.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    Integer,
    LargeBinary,
    RowMapping,
    Table,
    Text,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    null,
    select,
    text,
    type_coerce,
)
from sqlalchemy.sql import ColumnElement

from monitor.edge import chain
from monitor.edge.chain import Fault, Head, Row, Walk
from monitor.edge.store import tables
from monitor.edge.store.prepared import text_of
from monitor.edge.store.tables import Instant, JsonText, audit_apart
from monitor.edge.store.tables import audit as rows_table

Kind = Literal["event", "evidence", "alert"]
ERASED = "erased"
_STREAMED = 500  # rows fetched at a time
_LOCK = 0x7365616C  # PostgreSQL advisory lock: "seal"

# What of a row is hashed; never changed, for older digests were made of it. What may change without a word is not there.
_EVENT = (
    *("id", "key", "type", "customer", "incident", "source", "severity", "silent", "first_seen", "occurred_at"),
    *("published_at", "url", "title", "role", "stage", "relation", "polarity", "confidence", "identified", "baseline"),
    *("record_kind", "record_key", "facts", "match", "origins", "evidence", "reasons"),
)
_EVIDENCE = ("sha256", "body", "size", "media_type", "url", "source", "status", "headers", "fetched_at")
_ALERT = ("id", "key", "kind", "channel", "severity", "event", "created_at", "facts")
_SENT = (*_ALERT, "state", "slack_channel", "slack_ts", "sent_at")
_TABLES: dict[Kind, tuple[Table, str, tuple[str, ...]]] = {
    "event": (tables.event, "id", _EVENT),
    "evidence": (tables.evidence, "sha256", _EVIDENCE),
    "alert": (tables.alert, "id", _SENT),
}
KINDS: tuple[Kind, ...] = ("event", "evidence", "alert")


def instant(at: datetime) -> str:
    """Return a moment as the audit log writes it: RFC 3339, UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# --------------------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True)
class Said:
    """One row to be written. `note` is kept in the chain and names no person.

    `content`: hashed, kept elsewhere. `text`: hashed, and kept apart from the chain. At most one of the two.
    """

    kind: str
    what: str
    object: str
    at: datetime
    note: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, chain.Plain] | None = None
    text: Mapping[str, Any] | None = None


def add(conn: Connection, said: Iterable[Said]) -> None:
    """Write rows; they are sealed later."""
    rows: list[tuple[str | None, ...]] = []
    apart: list[tuple[str | None, ...]] = []
    for one in said:
        beside = text_of(one.text)
        content = one.content if beside is None else {"text": beside}
        ref = digest = None
        if content is not None:
            salt = secrets.token_hex(32)
            ref, digest = ref_of(salt), chain.digest(salt, one.kind, content)
            apart.append((ref, salt, beside))
        rows.append((instant(one.at), one.kind, one.what, one.object, ref, digest, text_of(dict(one.note))))
    # Written by hand: composing costs more than the rows, and every event brings some.
    place = "%s" if conn.dialect.name == "postgresql" else "?"
    if apart:
        conn.exec_driver_sql(_KEEP_APART.replace("?", place), apart)
    if rows:
        conn.exec_driver_sql(_ADD.replace("?", place), rows)


_ADD = "INSERT INTO audit (written_at, kind, what, object, ref, digest, note) VALUES (?, ?, ?, ?, ?, ?, ?)"
_KEEP_APART = "INSERT INTO audit_apart (ref, salt, text) VALUES (?, ?, ?)"


def ref_of(salt: str) -> str:
    """Return the name of a salt: it stands in the chain, so a changed salt is found too."""
    return hashlib.sha256(salt.encode()).hexdigest()[:32]


def wrote(
    conn: Connection, kind: Kind, what: str, rows: Iterable[Mapping[str, Any]], at: datetime | None = None
) -> None:
    """Tell of rows just written; `rows` as they were handed to the database. `at`: else when they say they came."""
    came = {"event": "first_seen", "evidence": "fetched_at", "alert": "created_at"}[kind]
    table, key, _ = _TABLES[kind]
    names = _fields(kind, what)
    add(
        conn,
        [
            Said(
                kind,
                what,
                row[key],
                at or row[came],
                content={name: _plain(table.c[name], _stored(table.c[name], row[name])) for name in names},
            )
            for row in rows
        ],
    )


def again(
    conn: Connection,
    kind: Kind,
    what: str,
    ids: Sequence[str],
    at: datetime | None = None,
    note: Mapping[str, Any] | None = None,
) -> None:
    """Tell of rows that are there, as they read now. `at`: else when they say they came."""
    table, key, _ = _TABLES[kind]
    came = {"event": "first_seen", "evidence": "fetched_at", "alert": "created_at"}[kind]
    for n in range(0, len(ids), _STREAMED):
        part = ids[n : n + _STREAMED]
        asked = select(*_raw(conn, table, _fields(kind, what)), table.c[came].label("_came"))
        found = conn.execute(asked.where(table.c[key].in_(part)).order_by(table.c[key])).mappings().all()
        add(
            conn,
            [
                Said(kind, what, one[key], at or row["_came"], note or {}, content=one)
                for row in found
                if (one := _content(table, _fields(kind, what), row))
            ],
        )


def decided(
    conn: Connection, kind: str, what: str, object: str, at: datetime, by: str, *, why: str = "", **note: Any
) -> None:
    """Tell what a person decided; who it was, and the reason they typed, are kept apart from the chain."""
    add(conn, [Said(kind, what, object, at, note, text={"by": by} | ({"why": why} if why else {}))])


def adopt(conn: Connection) -> None:
    """Take what is there already into the log."""
    note = {"adopted": True}
    for kind in KINDS:
        table, key, _ = _TABLES[kind]
        asked = select(table.c[key]).order_by(table.c[key])
        if kind == "alert":
            again(conn, kind, "sent", list(conn.scalars(asked.where(table.c.state == "sent"))), note=note)
            again(conn, kind, "queued", list(conn.scalars(asked.where(table.c.state != "sent"))), note=note)
        else:
            again(conn, kind, "new" if kind == "event" else "kept", list(conn.scalars(asked)), note=note)


def erased(
    conn: Connection, kind: str, objects: Sequence[str], at: datetime, note: Mapping[str, Any], why: str = ""
) -> None:
    """Tell that things were erased, and let go of what was kept apart of them; `why` in a person's words, apart too.

    Events and alerts stay as what is left of them: write that first.
    """
    for n in range(0, len(objects), _STREAMED):
        part = objects[n : n + _STREAMED]
        refs = select(rows_table.c.ref).where(rows_table.c.kind == kind, rows_table.c.object.in_(part))
        conn.execute(delete(audit_apart).where(audit_apart.c.ref.in_(refs)))
        if kind in ("event", "alert"):
            again(conn, kind, ERASED, part, at, note)  # type: ignore[arg-type]
        else:
            add(conn, [Said(kind, ERASED, one, at, note) for one in part])
    if why and objects:
        add(conn, [Said("erasure", "reason", kind, at, note, text={"why": why})])


def _fields(kind: Kind, what: str) -> tuple[str, ...]:
    if kind == "alert" and what not in ("sent", ERASED):
        return _ALERT
    return _TABLES[kind][2]


def _stored(column: Column[Any], value: Any) -> Any:
    """Return a value as the database will hold it."""
    if isinstance(column.type, Instant):
        return None if value is None else value.timestamp()
    return text_of(value) if isinstance(column.type, JsonText) else value


def _plain(column: Column[Any], value: Any) -> chain.Plain:
    """Return a stored value as it is hashed; what is not of the column's kind is told apart from what is."""
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else repr(value)
    if isinstance(value, bytes):  # SQLite: text, as the bytes it is (see _raw)
        return value.decode("utf-8", "backslashreplace")
    if isinstance(column.type, Boolean) and value in (0, 1):
        return bool(value)
    if isinstance(column.type, Instant | Double) and isinstance(value, int | float):
        return repr(float(value))
    return value if isinstance(value, str | int) else repr(value)


def _raw(conn: Connection, table: Table, names: Iterable[str]) -> list[ColumnElement[Any]]:
    """Return columns that are read as they lie in the database, whatever somebody made of them."""
    return [_raw_column(conn, table.c[name]).label(name) for name in names]


def _raw_column(conn: Connection, column: Column[Any]) -> ColumnElement[Any]:
    kind = column.type
    if isinstance(kind, LargeBinary):
        return column
    if isinstance(kind, Boolean):
        return type_coerce(column, Integer)
    if isinstance(kind, Instant | Double):
        return type_coerce(column, Double)
    if isinstance(kind, Integer):
        return type_coerce(column, Integer)
    if conn.dialect.name == "sqlite":  # a broken character must be found, not end the reading
        return cast(column, LargeBinary)
    return type_coerce(column, Text)


def _content(table: Table, names: Iterable[str], row: RowMapping) -> dict[str, Any]:
    return {name: _plain(table.c[name], row[name]) for name in names}


# --------------------------------------------------------------------------- sealing


def unsealed(conn: Connection) -> int:
    """Return how many rows wait for the sealer."""
    return conn.scalar(select(func.count()).select_from(rows_table).where(_UNSEALED)) or 0


def waits(conn: Connection) -> bool:
    """Return whether any row waits for the sealer."""
    return conn.scalar(select(rows_table.c.id).where(_UNSEALED).limit(1)) is not None


# As text: SQLite uses the partial index only for the very words of its condition.
_UNSEALED: ColumnElement[bool] = text("number IS NULL")  # type: ignore[assignment]


def head(conn: Connection) -> Head:
    """Return the last sealed row."""
    asked = select(*_raw(conn, rows_table, ("number", "hash"))).where(rows_table.c.number.is_not(None))
    row = conn.execute(asked.order_by(rows_table.c.number.desc()).limit(1)).mappings().first()
    return Head() if row is None else Head(row["number"], str(_plain(rows_table.c.hash, row["hash"])))


def hash_at(conn: Connection, number: int) -> str | None:
    """Return the hash of the row with this number in the chain; None if there is none."""
    if number == 0:
        return chain.BEGIN
    found = conn.scalar(select(*_raw(conn, rows_table, ("hash",))).where(rows_table.c.number == number))
    return None if found is None else str(_plain(rows_table.c.hash, found))


def seal(conn: Connection, now: datetime, limit: int) -> Head | None:
    """Chain up to `limit` rows in the order they were written; return the new head, None if none waited.

    PostgreSQL commits out of that order: a row that shows up late gets the next number of the chain, none is passed over.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    names = ("id", "written_at", "kind", "what", "object", "ref", "digest", "note")
    asked = select(*(rows_table.c[name] for name in names)).where(_UNSEALED)
    waiting = conn.execute(asked.order_by(rows_table.c.id).limit(limit)).all()
    if not waiting:
        return None
    last, at = head(conn), instant(now)
    sealed: list[tuple[int, str, str, int]] = []
    for row in waiting:
        number, prev = last.number + 1, last.hash
        last = Head(number, chain.row_hash(Row(*row), number, prev, at))
        sealed.append((number, prev, last.hash, row.id))
    _give_numbers(conn, sealed, at)
    return last


def _give_numbers(conn: Connection, sealed: Sequence[tuple[int, str, str, int]], at: str) -> None:
    if conn.dialect.name == "sqlite":
        statement = "UPDATE audit SET number = ?, prev = ?, hash = ?, sealed_at = ? WHERE id = ?"
        conn.exec_driver_sql(statement, [(number, prev, hash_, at, id_) for number, prev, hash_, id_ in sealed])
        return
    conn.exec_driver_sql(  # one statement: a thousand would be a thousand answers of the server
        "UPDATE audit SET number = given.number, prev = given.prev, hash = given.hash, sealed_at = %s FROM "
        "unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[]) AS given (number, prev, hash, id) "
        "WHERE audit.id = given.id",
        (at, *(list(column) for column in zip(*sealed, strict=True))),
    )


# --------------------------------------------------------------------------- looking through it


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore that a person did: the head that was before, and the number up to which it is the same chain."""

    lost: Head
    kept: int
    at: str


def rows(conn: Connection, *, kind: str | None = None, objects: Sequence[str] | None = None) -> list[Row]:
    """Return rows about some objects, as they were written."""
    asked = select(*_raw(conn, rows_table, _ROW)).order_by(rows_table.c.id)
    if kind is not None:
        asked = asked.where(rows_table.c.kind == kind)
    if objects is not None:
        asked = asked.where(rows_table.c.object.in_(objects))
    return [_row(row) for row in conn.execute(asked).mappings()]


def _row(row: RowMapping) -> Row:
    return Row(**{name: _plain(rows_table.c[name], row[name]) for name in _ROW})  # type: ignore[arg-type]


_ROW = (
    *("id", "written_at", "kind", "what", "object", "ref", "digest", "note"),
    *("number", "prev", "sealed_at", "hash"),
)


def salts(conn: Connection, refs: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Return what is kept apart under these refs: salt and text."""
    asked = select(audit_apart).where(audit_apart.c.ref.in_(refs))
    return {row.ref: (row.salt, row.text) for row in conn.execute(asked)}


def contents_of(conn: Connection, kind: Kind, id: str, what: str) -> dict[str, chain.Plain] | None:
    """Return what of a row is hashed, as it reads now."""
    table, key, _ = _TABLES[kind]
    names = _fields(kind, what)
    row = conn.execute(select(*_raw(conn, table, names)).where(table.c[key] == id)).mappings().first()
    return None if row is None else _content(table, names, row)


def count(conn: Connection) -> int:
    """Return how many rows `faults` will look at."""
    looked = (rows_table, *(_TABLES[kind][0] for kind in KINDS))
    return sum(conn.scalar(select(func.count()).select_from(table)) or 0 for table in looked)


def faults(conn: Connection, walk: Walk, step: Any = lambda: None) -> Iterator[Fault]:
    """Look through everything; yield what is not as it was written. `walk` is left at the chain's end.

    The connection must see one moment all the while (on PostgreSQL: `at_one_moment`).
    """
    yield from _chain_faults(conn, walk, step)
    for kind in KINDS:
        yield from _object_faults(conn, kind, step)
        yield from _gone(conn, kind)


def at_one_moment(conn: Connection) -> None:
    """Let this transaction see the database as it is now, whatever is committed meanwhile; call it first."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def _chain_faults(conn: Connection, walk: Walk, step: Any) -> Iterator[Fault]:
    later = rows_table.alias("later")
    told = exists().where(
        later.c.kind == rows_table.c.kind,
        later.c.object == rows_table.c.object,
        later.c.what == ERASED,
        later.c.id > rows_table.c.id,
    )
    asked = (
        select(
            *_raw(conn, rows_table, _ROW),
            _raw_column(conn, audit_apart.c.salt).label("salt"),
            _raw_column(conn, audit_apart.c.text).label("text"),
            case((and_(audit_apart.c.ref.is_(None), rows_table.c.ref.is_not(None)), told), else_=null()).label("told"),
        )
        .join_from(rows_table, audit_apart, audit_apart.c.ref == rows_table.c.ref, isouter=True)
        .order_by(rows_table.c.number.is_(None), rows_table.c.number, rows_table.c.id)
    )
    with conn.execute(asked, execution_options={"yield_per": _STREAMED}) as found:
        for got in found.mappings():
            step()
            row = _row(got)
            if row.number is not None:
                yield from walk.step(row)
            code = _text_fault(row, got)
            if code is not None:
                yield Fault(code, row.number or 0, kind=row.kind, object=row.object)


def _text_fault(row: Row, got: RowMapping) -> chain.Code | None:
    """Return what is wrong with what is kept apart of a row, if anything is."""
    if row.ref is None:
        return None
    salt, beside = (_plain(audit_apart.c[name], got[name]) for name in ("salt", "text"))
    if salt is None:
        return None if got["told"] else "text_missing"
    if ref_of(str(salt)) != row.ref:
        return "text_altered"
    if beside is None:
        return "text_missing" if row.kind not in KINDS else None
    return None if chain.digest(str(salt), row.kind, {"text": beside}) == row.digest else "text_altered"


def _object_faults(conn: Connection, kind: Kind, step: Any) -> Iterator[Fault]:
    """Compare each thing that is there with the last row that tells of it."""
    table, key, names = _TABLES[kind]
    other = rows_table.alias("other")
    last = select(func.max(other.c.id)).where(other.c.kind == kind, other.c.object == table.c[key]).scalar_subquery()
    told = {"_what": rows_table.c.what, "_digest": rows_table.c.digest, "_salt": audit_apart.c.salt}
    asked = (
        select(*_raw(conn, table, names), *(_raw_column(conn, one).label(name) for name, one in told.items()))
        .add_columns(rows_table.c.number.label("_number"))
        .join_from(table, rows_table, rows_table.c.id == last, isouter=True)
        .join(audit_apart, audit_apart.c.ref == rows_table.c.ref, isouter=True)
        .order_by(table.c[key])
    )
    with conn.execute(asked, execution_options={"yield_per": 20 if kind == "evidence" else _STREAMED}) as found:
        for row in found.mappings():
            step()
            id_ = str(_plain(table.c[key], row[key]))
            number = row["_number"] or 0
            what, digest, salt = (_plain(told[name], row[name]) for name in ("_what", "_digest", "_salt"))
            if what is None or (kind == "evidence" and what == ERASED):
                yield Fault("object_unknown", kind=kind, object=id_)
                continue
            if kind == "evidence" and not _is_named_after(row["body"], id_):
                yield Fault("body_altered", number, kind=kind, object=id_)
                continue
            content = _content(table, _fields(kind, str(what)), row)
            if salt is not None and chain.digest(str(salt), kind, content) != digest:
                yield Fault("object_altered", number, kind=kind, object=id_)


def _is_named_after(body: Any, sha256: str) -> bool:
    """Say whether a kept answer, unpacked, has the hash that is its name."""
    import zstandard

    try:
        unpacked = zstandard.ZstdDecompressor().decompress(body)
    except (zstandard.ZstdError, MemoryError, TypeError):
        return False
    return hashlib.sha256(unpacked).hexdigest() == sha256


def _gone(conn: Connection, kind: Kind) -> Iterator[Fault]:
    """Yield what the log tells of and is not there any more. Only evidence may go, with a row that says so."""
    table, key, _ = _TABLES[kind]
    last = select(func.max(rows_table.c.id)).where(rows_table.c.kind == kind).group_by(rows_table.c.object)
    asked = (
        select(*_raw(conn, rows_table, ("number", "object", "what")))
        .join_from(rows_table, table, table.c[key] == rows_table.c.object, isouter=True)
        .where(rows_table.c.id.in_(last), table.c[key].is_(None))
        .order_by(rows_table.c.id)
    )
    for row in conn.execute(asked).mappings():
        what, object_ = (_plain(rows_table.c[name], row[name]) for name in ("what", "object"))
        if not (kind == "evidence" and what == ERASED):
            yield Fault("object_missing", row["number"] or 0, kind=kind, object=str(object_))


# --------------------------------------------------------------------------- restores


def restored(conn: Connection, lost: Head, kept: int, made_at: datetime, now: datetime) -> None:
    """Write down that this database is an older copy, brought back by a person.

    `lost`: the head that was before; `kept`: the number up to which heads kept elsewhere are known to be in this chain.
    """
    note = {"number": lost.number, "hash": lost.hash, "kept": kept, "made_at": instant(made_at)}
    add(conn, [Said("store", "restored", str(lost), now, note)])


def restores(conn: Connection) -> list[Restore]:
    """Return the restores that are written down, oldest first."""
    found = []
    for row in rows(conn, kind="store"):
        if row.what == "restored":
            with suppress(ValueError, KeyError, TypeError):  # somebody changed it: the chain tells
                note = orjson.loads(row.note)
                found.append(Restore(Head(note["number"], note["hash"]), note["kept"], row.written_at))
    return found
