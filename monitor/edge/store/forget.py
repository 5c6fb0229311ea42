"""What is kept too long goes, and what names a person who is to be forgotten; each time a row of the audit log says so.

Everything is found in a reading transaction first and let go in small writing ones: the work goes on meanwhile.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson
import zstandard
from sqlalchemy import (
    Column,
    Connection,
    Row,
    Select,
    String,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from monitor.edge.store import audit, tables
from monitor.edge.store.database import Store
from monitor.edge.store.tables import (
    JsonText,
    alert,
    decision,
    event,
    evidence,
    held_change,
    hold,
    incident,
    record,
    spell,
    watch,
)
from monitor.edge.store.trouble import StoreError, StoreUnreachable

PERSONAL = ("officer", "owner")  # kinds of record that are about natural persons
GONE = "erased|"  # begins the key of what was erased
_STREAMED = 500


# --------------------------------------------------------------------------- retention


@dataclass(frozen=True, slots=True)
class Limits:
    """Moments before which things are kept too long."""

    evidence: datetime
    incident_evidence: datetime
    personal_data: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is kept too long: hashes of answers, by the limit they passed; numbers of records and of decisions; ids of events."""

    evidence: tuple[str, ...] = ()
    incident_evidence: tuple[str, ...] = ()
    records: tuple[int, ...] = ()
    events: tuple[str, ...] = ()
    decisions: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.evidence or self.incident_evidence or self.records or self.events or self.decisions)


def overdue(conn: Connection, limits: Limits) -> Overdue:
    """Return what is kept too long.

    An answer that belongs to an incident is kept by the longer limit, counted from the incident's last fact. Of persons:
    what was held of them once and is not any more, what was said of them, unless its incident still goes on, and what
    people decided about them, unless it still holds for what is held.
    """
    earliest = max(limits.evidence, limits.incident_evidence)
    old = dict(
        conn.execute(select(evidence.c.sha256, evidence.c.fetched_at).where(evidence.c.fetched_at < earliest)).all()
    )
    touched = _touched(conn, old) if old else {}
    held = _held(conn) if old else set()
    alone = [sha for sha, at in old.items() if sha not in touched and sha not in held and at < limits.evidence]
    told = [
        sha
        for sha, at in old.items()
        if sha in touched and sha not in held and max(at, touched[sha]) < limits.incident_evidence
    ]
    past = select(record.c.id).where(record.c.kind.in_(PERSONAL), record.c.valid_to < limits.personal_data)
    going_on = select(incident.c.id).where(incident.c.updated_at >= limits.personal_data)
    said = (
        select(event.c.id)
        .where(event.c.record_kind.in_(PERSONAL), event.c.first_seen < limits.personal_data)
        .where(~event.c.key.startswith(GONE), or_(event.c.incident.is_(None), event.c.incident.not_in(going_on)))
    )
    return Overdue(
        tuple(sorted(alone)),
        tuple(sorted(told)),
        tuple(conn.scalars(past.order_by(record.c.id))),
        tuple(conn.scalars(said.order_by(event.c.id))),
        tuple(conn.scalars(_decided(limits.personal_data))),
    )


def _decided(limit: datetime) -> Select[tuple[int]]:
    """Return what finds the decisions about persons that ended before a moment, or whose record was gone by then."""
    held = exists().where(
        record.c.kind == decision.c.record_kind, record.c.key == decision.c.record_key, record.c.valid_to.is_(None)
    )
    about = select(decision.c.number).where(decision.c.record_kind.in_(PERSONAL))
    over = or_(decision.c.ended_at < limit, and_(decision.c.at < limit, ~held))
    return about.where(over).order_by(decision.c.number)


def _touched(conn: Connection, wanted: Collection[str]) -> dict[str, datetime]:
    """Return, for answers behind an event of an incident, when the incident was last touched."""
    asked = select(event.c.evidence, incident.c.updated_at).join_from(
        event, incident, incident.c.id == event.c.incident
    )
    found: dict[str, datetime] = {}
    with conn.execute(asked, execution_options={"yield_per": _STREAMED}) as rows:
        for row in rows:
            for sha in row.evidence:
                if sha in wanted:
                    found[sha] = max(row.updated_at, found.get(sha, row.updated_at))
    return found


def _held(conn: Connection) -> set[str]:
    """Return the answers behind changes that wait for a person's decision."""
    waiting = select(held_change.c.proofs).join_from(held_change, hold, hold.c.number == held_change.c.hold)
    return {sha for proofs in conn.scalars(waiting.where(hold.c.state == "held")) for sha in proofs}


def purge(conn: Connection, found: Overdue, now: datetime, days: Mapping[str, int]) -> None:
    """Let go of what is kept too long. `days`: the limits, for the rows that tell why."""
    shred(conn)
    for name, shas in (("evidence", found.evidence), ("incident_evidence", found.incident_evidence)):
        drop_evidence(conn, shas, now, {"why": "retention", "limit": name, "days": days[name]})
    note = {"why": "retention", "limit": "personal_data", "days": days["personal_data"]}
    for part in _parts(found.records):
        conn.execute(delete(record).where(record.c.id.in_(part)))
    if found.records:
        audit.add(conn, [audit.Said("record", "erased", "record", now, {**note, "records": len(found.records)})])
    for numbers in _parts(found.decisions):
        conn.execute(delete(decision).where(decision.c.number.in_(numbers)))
    if found.decisions:
        gone = {**note, "decisions": len(found.decisions)}
        audit.add(conn, [audit.Said("decision", "erased", "decision", now, gone)])
    blank_events(conn, found.events, now, note)


def drop_evidence(conn: Connection, shas: Sequence[str], now: datetime, note: Mapping[str, Any], why: str = "") -> None:
    """Delete raw answers; a row of the audit log stays in the place of each."""
    for part in _parts(shas):
        conn.execute(delete(evidence).where(evidence.c.sha256.in_(part)))
    audit.erased(conn, "evidence", shas, now, note, why)


def blank_events(conn: Connection, ids: Sequence[str], now: datetime, note: Mapping[str, Any], why: str = "") -> None:
    """Leave of events only what names nobody: what, whom of our customers, when, how grave. Their alerts likewise."""
    alerts: list[str] = []
    for part in _parts(ids):
        for row in conn.execute(select(event).where(event.c.id.in_(part))).all():
            conn.execute(update(event).where(event.c.id == row.id).values(_blank(row)))
            _forget_key(conn, row)
        mine = select(alert.c.id, alert.c.state).where(alert.c.event.in_(part))
        for one in conn.execute(mine).all():
            values: dict[str, Any] = {"key": f"{GONE}{one.id}", "facts": {}}
            if one.state in ("pending", "parked"):  # nobody is told any more
                values |= {"state": "suppressed", "reason": "erased", "claimed_at": None}
            conn.execute(update(alert).where(alert.c.id == one.id).values(values))
            alerts.append(one.id)
    audit.erased(conn, "event", ids, now, note, why)
    audit.erased(conn, "alert", alerts, now, note)


def _blank(row: Row[Any]) -> dict[str, Any]:
    return {
        "key": f"{GONE}{row.id}",
        "title": "",
        "url": None,
        "record_key": "",
        "facts": {},
        "match": [],
        "origins": [{**origin, "url": None, "title": ""} for origin in row.origins],
        "reasons": [{**reason, "facts": {}} for reason in row.reasons],
    }


def _forget_key(conn: Connection, row: Row[Any]) -> None:
    """An incident is named by the key of its first event where no case has a number."""
    for one in conn.execute(select(incident.c.id, incident.c.topic).where(incident.c.id == row.incident)).all():
        if row.key in one.topic:
            topic = one.topic.replace(row.key, f"{GONE}{row.id}")
            conn.execute(update(incident).where(incident.c.id == one.id).values(topic=topic))


# --------------------------------------------------------------------------- one person


class Named(Protocol):
    """Who is looked for; see monitor/judge/persons.py."""

    def found(self, text: str) -> bool: ...
    def without(self, text: str) -> str: ...
    def in_bytes(self, body: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that names the person. `key`: its primary key; `columns`: those that do, as text."""

    table: str
    key: tuple[Any, ...]
    columns: Mapping[str, str]
    row: Mapping[str, Any]


# Not looked through: the audit log names nobody, and the rest says nothing of what a source told.
_NOT_SEARCHED = frozenset({"audit", "meta", "shape", "customer"})
_SEARCHED = tuple(table for table in tables.metadata.sorted_tables if table.name not in _NOT_SEARCHED)
# Columns that say what a person configured.
_CONFIGURED = {"watch": ("url", "label"), "": ("source", "subject", "host")}


def hits(conn: Connection, named: Named, step: Callable[[], None] = lambda: None) -> Iterator[Hit]:
    """Yield every row that names the person."""
    for table in _SEARCHED:
        keys = list(table.primary_key.columns)
        texts = [
            one
            for one in table.columns
            if isinstance(one.type, String | Text | JsonText)
            and one.name not in (*_CONFIGURED[""], *_CONFIGURED.get(table.name, ()))
        ]
        plain = [type_coerce(one, Text).label(f"t_{one.name}") for one in texts]
        blob = [table.c[name] for name in ("body", "memory") if name in table.c]
        asked = select(*(one.label(f"k_{n}") for n, one in enumerate(keys)), *plain, *blob)
        with conn.execute(asked, execution_options={"yield_per": 20 if blob else _STREAMED}) as rows:
            for row in rows.mappings():
                step()
                columns = {one.name: said for one in texts if (said := row[f"t_{one.name}"]) and named.found(str(said))}
                columns |= {one.name: "" for one in blob if row[one] and named.in_bytes(_unpacked(table, row[one]))}
                if columns:
                    whole = {one.name: row[f"t_{one.name}"] for one in texts}
                    yield Hit(table.name, tuple(row[f"k_{n}"] for n in range(len(keys))), columns, whole)


def _unpacked(table: Table, body: bytes) -> bytes:
    if table is not evidence:
        return body
    try:
        return zstandard.ZstdDecompressor().decompress(body)
    except zstandard.ZstdError:
        return b""


def searched(conn: Connection) -> int:
    """Return how many rows `hits` looks at."""
    return sum(conn.scalar(select(func.count()).select_from(table)) or 0 for table in _SEARCHED)


def forget(conn: Connection, found: Iterable[Hit], named: Named, now: datetime, why: str) -> None:
    """Let go of all that names the person: answers whole, events and history down to what names nobody.

    A record that is still held keeps its place with the name taken out, so that nothing is told when the source is
    looked at again. Where the source's own key is the name, the watch takes its next look as a new baseline.
    """
    shred(conn)
    by_table: dict[str, list[Hit]] = {}
    for hit in found:
        by_table.setdefault(hit.table, []).append(hit)
    note = {"why": "person"}
    events = [str(hit.key[0]) for hit in by_table.pop("event", [])]
    about = [str(hit.row["event"]) for hit in by_table.get("alert", []) if hit.row.get("event")]
    events += [one for one in dict.fromkeys(about) if one not in events and _is_event(conn, one)]
    shas = [str(hit.key[0]) for hit in by_table.pop("evidence", [])]
    shas += [one for one in _opaque(conn, events) if one not in shas]
    blank_events(conn, events, now, note, why)
    drop_evidence(conn, shas, now, note, "" if events else why)
    _forget_apart(conn, [str(hit.key[0]) for hit in by_table.pop("audit_apart", [])], now, note)
    for hit in by_table.pop("record", []):
        _forget_record(conn, int(hit.key[0]), named)
    for hit in by_table.pop("spell", []):
        conn.execute(delete(spell).where(spell.c.customer == hit.key[0], spell.c.name == hit.key[1]))
    loose = [str(hit.key[0]) for hit in by_table.get("alert", []) if hit.row.get("event") not in events]
    for name, rest in by_table.items():
        for hit in rest:
            _take_out(conn, tables.metadata.tables[name], hit, named)
    audit.erased(conn, "alert", loose, now, note)


def _is_event(conn: Connection, id: str) -> bool:
    return conn.scalar(select(event.c.id).where(event.c.id == id)) is not None


_READABLE = re.compile(r"text|json|xml|html|csv|javascript")


def _opaque(conn: Connection, events: Sequence[str]) -> list[str]:
    """Return the answers behind these events that nobody can look through: pictures, PDF."""
    proofs = [
        sha
        for part in _parts(events)
        for row in conn.scalars(select(event.c.evidence).where(event.c.id.in_(part)))
        for sha in row
    ]
    asked = select(evidence.c.sha256, evidence.c.media_type)
    return [
        row.sha256
        for part in _parts(list(dict.fromkeys(proofs)))
        for row in conn.execute(asked.where(evidence.c.sha256.in_(part)))
        if not _READABLE.search(row.media_type.lower())
    ]


def _forget_apart(conn: Connection, refs: Sequence[str], now: datetime, note: Mapping[str, Any]) -> None:
    rows = [row for row in audit.rows(conn) if row.ref in set(refs)] if refs else []
    for kind in sorted({row.kind for row in rows}):
        audit.erased(conn, kind, sorted({row.object for row in rows if row.kind == kind}), now, note)


def _forget_record(conn: Connection, id: int, named: Named) -> None:
    row = conn.execute(select(record).where(record.c.id == id)).one()
    if row.valid_to is not None and row.kind in PERSONAL:
        conn.execute(delete(record).where(record.c.id == id))
        return
    if named.found(row.key):
        conn.execute(delete(record).where(record.c.id == id))
        anew = {"version": 0, "second_look": False, "lease_until": None, "turn": watch.c.turn + 1, "validators": None}
        conn.execute(update(watch).where(watch.c.id == row.watch, watch.c.baseline_at.is_not(None)).values(anew))
        return
    values = {
        name: _without(record.c[name], getattr(row, name), named)
        for name in ("twin", "fields", "parties", "signals", "url")
        if getattr(row, name) is not None
    }
    conn.execute(update(record).where(record.c.id == id).values(values))


def _take_out(conn: Connection, table: Table, hit: Hit, named: Named) -> None:
    """Take the name out of a row's texts. What a watcher remembers in its own way is forgotten: it looks anew."""
    values: dict[str, Any] = {}
    for name in hit.columns:
        column = table.c[name]
        if name == "memory":
            values |= {"memory": None, "validators": None, "version": 0, "turn": watch.c.turn + 1, "lease_until": None}
        elif table is alert and name == "key":
            values["key"] = f"{GONE}{hit.key[0]}"
        else:
            said = orjson.loads(hit.row[name]) if isinstance(column.type, JsonText) else hit.row[name]
            values[name] = _without(column, said, named)
    if table is alert and hit.row.get("state") in ("pending", "parked"):
        values |= {"state": "suppressed", "reason": "erased", "claimed_at": None}
    if values:
        mine = [column == key for column, key in zip(table.primary_key.columns, hit.key, strict=True)]
        conn.execute(update(table).where(and_(*mine)).values(values))


def _without(column: Column[Any], value: Any, named: Named) -> Any:
    if not isinstance(column.type, JsonText):
        return named.without(value)
    return orjson.loads(named.without(orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()))


# --------------------------------------------------------------------------- the traces on the disk


def shred(conn: Connection) -> None:
    """Let SQLite overwrite what this connection deletes from now on."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA secure_delete = ON").close()


def compact(store: Store, *, whole: bool, patience: float = 30.0) -> None:
    """Leave no trace of what was deleted: the write-ahead log is emptied and, if `whole`, the database written anew.

    On PostgreSQL, whose own log is its administrator's, the tables are written anew. Waits for those who read or write;
    raises StoreUnreachable if that takes longer than `patience` seconds, StoreError if there is no room on the disk.
    """
    until = time.monotonic() + patience
    if store.dialect == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            for table in (*_SEARCHED, tables.audit_apart) if whole else ():
                conn.exec_driver_sql(f'VACUUM (FULL) "{table.name}"')
        return
    raw = store.engine.raw_connection()
    try:
        database = raw.driver_connection
        assert isinstance(database, sqlite3.Connection)
        if whole:
            _until_free(lambda: database.execute("VACUUM").close(), until)
        _until_free(lambda: _emptied(database), until)
    finally:
        raw.close()


def _emptied(database: sqlite3.Connection) -> None:
    busy = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise sqlite3.OperationalError("database is locked")


def _until_free(work: Callable[[], None], until: float) -> None:
    while True:
        try:
            work()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) and "busy" not in str(error):
                raise StoreError(f"the database could not be written anew: {error}") from error
            if time.monotonic() > until:
                raise StoreUnreachable("the database is busy: the traces on the disk go with the next purge") from error
        time.sleep(0.1)


def _parts(values: Sequence[Any]) -> Iterator[list[Any]]:
    for n in range(0, len(values), _STREAMED):
        yield list(values[n : n + _STREAMED])
