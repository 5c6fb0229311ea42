"""One turn, whole: everything a look changed is written in the caller's transaction, or nothing is.

Every function here may be repeated with the rest of its transaction: keys decide what is new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, case, delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.edge import edits
from monitor.edge.store import audit, codec, decisions, read, tables
from monitor.edge.store.tables import (
    alert,
    customer,
    event,
    evidence,
    health,
    held_change,
    hold,
    incident,
    look,
    meta,
    record,
    spell,
    watch,
)
from monitor.edge.store.turns import chunks, fence, next_date, ours
from monitor.model import Alert, Event, Evidence, Incident, Look, Record, Turn, Verdict

Id = tuple[str, str]  # of a record: kind and key


@dataclass(frozen=True, slots=True)
class Put:
    """A record to hold from now on, with the digest of its compared fields."""

    record: Record
    digest: bytes


@dataclass(frozen=True, slots=True)
class Judged:
    """An event with its verdict and the incident it belongs to."""

    event: Event
    verdict: Verdict
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """All that a turn came to. Times are UTC.

    Watch fields that a bad look must not touch (version, validators, memory, cursor, snapshot,
    full_at, baseline_at) are written as they stand here: hand back the turn's own to keep them.
    `lease_until` keeps the turn for an open connection that will commit again (follow).
    """

    turn: Turn
    now: datetime
    look: Look
    due_at: datetime
    fails: int
    version: int
    full_at: datetime | None
    baseline_at: datetime | None
    validators: Mapping[str, Any] = field(default_factory=dict)
    memory: bytes | None = None
    cursor: str | None = None
    snapshot: bytes | None = None
    second_look: bool = False
    lease_until: datetime | None = None
    put: Sequence[Put] = ()
    ended: Collection[Id] = ()  # no longer held
    missing: Collection[Id] = ()  # not in a complete answer: one look more
    back: Collection[Id] = ()  # was missing, is there again
    events: Sequence[Judged] = ()
    incidents: Sequence[Incident] = ()
    alerts: Sequence[Alert] = ()
    evidence: Sequence[Evidence] = ()
    spells: Collection[tuple[str, str]] = ()  # (customer, name) of states that were left


def turn(conn: Connection, settled: Settled) -> bool:
    """Write a turn's results and end it; False, and nothing written, if it is no longer ours."""
    if conn.execute(_FINISH, _watch_values(settled)).rowcount != 1:
        return False
    one, now = settled.turn.watch, settled.now
    _close(conn, one, settled.ended, now)
    put(conn, one, settled.put, now)
    _each(conn, _MISSING, one, settled.missing, now)
    _each(conn, _BACK, one, settled.back, now)
    keep_evidence(conn, settled.evidence)
    add_events(conn, settled.events)
    keep_incidents(conn, settled.incidents)
    add_alerts(conn, settled.alerts, now)
    raise_spells(conn, settled.spells)
    if settled.look.outcome.value != "same":
        conn.execute(_LOOK, _look_row(settled))
    return True


def notice(
    conn: Connection,
    said: Event,
    verdict: Verdict,
    about: Incident | None = None,
    alerts: Sequence[Alert] = (),
) -> bool:
    """Write an event that no turn brought (sys.*, own ledger, a person); False if its key was known."""
    new = add_events(conn, [Judged(said, verdict, about.id if about else None)])
    if about is not None:
        keep_incidents(conn, [about])
    add_alerts(conn, alerts, said.first_seen)
    return bool(new)


def lock_customers(conn: Connection, ids: Iterable[str]) -> None:
    """Let nobody else decide about these customers until this transaction ends (PostgreSQL; SQLite has one writer)."""
    if conn.dialect.name != "postgresql":
        return
    for one in sorted(set(ids)):  # one order for all, so that two never wait for each other
        conn.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:id, 7))"), {"id": one})


# --------------------------------------------------------------------------- the watch

_FINISH = (
    update(watch)
    .where(ours())
    .values(
        due_at=next_date(),
        lease_until=bindparam("b_lease"),
        version=bindparam("b_version"),
        fails=bindparam("b_fails"),
        outcome=bindparam("b_outcome"),
        reason=bindparam("b_reason"),
        last_look_at=bindparam("b_at"),
        last_good_at=func.coalesce(bindparam("b_good", type_=tables.Instant), watch.c.last_good_at),
        full_at=bindparam("b_full"),
        baseline_at=bindparam("b_baseline"),
        second_look=bindparam("b_second"),
        validators=bindparam("b_validators"),
        memory=bindparam("b_memory"),
        cursor=bindparam("b_cursor"),
        snapshot=bindparam("b_snapshot"),
    )
)


def _watch_values(settled: Settled) -> dict[str, Any]:
    return fence(settled.turn) | {
        "b_due": settled.due_at,
        "b_lease": settled.lease_until,
        "b_version": settled.version,
        "b_fails": settled.fails,
        "b_outcome": settled.look.outcome.value,
        "b_reason": settled.look.reason,
        "b_at": settled.now,
        "b_good": settled.now if settled.look.outcome.good else None,
        "b_full": settled.full_at,
        "b_baseline": settled.baseline_at,
        "b_second": settled.second_look,
        "b_validators": codec.plain(settled.validators) or None,
        "b_memory": settled.memory,
        "b_cursor": settled.cursor,
        "b_snapshot": settled.snapshot,
    }


_LOOK = insert(look)


def _look_row(settled: Settled) -> dict[str, Any]:
    return {
        "watch": settled.turn.watch,
        "turn": settled.turn.number,
        "at": settled.now,
        "outcome": settled.look.outcome.value,
        "records": settled.look.records,
        "complete": settled.look.complete,
        "reason": settled.look.reason,
    }


# --------------------------------------------------------------------------- records

_OPEN = (
    record.c.watch == bindparam("b_watch"),
    record.c.kind == bindparam("b_kind"),
    record.c.key == bindparam("b_key"),
    record.c.valid_to.is_(None),
)
_CLOSE = update(record).where(*_OPEN).values(valid_to=bindparam("b_now"))
_MISSING = (
    update(record)
    .where(*_OPEN)
    .values(
        missing_since=func.coalesce(record.c.missing_since, bindparam("b_now", type_=tables.Instant)),
        missing_looks=record.c.missing_looks + 1,
    )
)
_HOLD = insert(record)
_BACK = update(record).where(*_OPEN).values(missing_since=None, missing_looks=0)


def put(conn: Connection, one: int, records: Sequence[Put], now: datetime) -> None:
    """Hold records of a watch from now on; what they replace is closed and kept as history."""
    if not records:
        return
    known = read.known(conn, one, [new.record.id for new in records])
    _close(conn, one, known, now)
    for part in chunks(records):
        conn.execute(
            _HOLD,
            [
                codec.record_row(
                    one, new.record, new.digest, known[new.record.id].first_seen if new.record.id in known else now, now
                )
                for new in part
            ],
        )


def _close(conn: Connection, one: int, ids: Iterable[Id], now: datetime) -> None:
    _each(conn, _CLOSE, one, ids, now)


def _each(conn: Connection, statement: Any, one: int, ids: Iterable[Id], now: datetime) -> None:
    uses_now = statement is not _BACK
    for part in chunks(ids):
        conn.execute(
            statement,
            [
                {"b_watch": one, "b_kind": kind, "b_key": key} | ({"b_now": now} if uses_now else {})
                for kind, key in part
            ],
        )


# --------------------------------------------------------------------------- events, incidents, alerts


def _insert(dialect: str, table: Table) -> Any:
    """Return this database's INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


# Built once: composing such a statement costs more than running it.
@cache
def _add(dialect: str, table: Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _add_event(dialect: str) -> Any:
    # RETURNING, as the row count of an INSERT is not to be trusted on every driver.
    return _add(dialect, event).returning(event.c.id)


@cache
def _add_alert(dialect: str) -> Any:
    return _add(dialect, alert).returning(alert.c.id)


@cache
def _add_evidence(dialect: str) -> Any:
    return _add(dialect, evidence).returning(evidence.c.sha256)


@cache
def _write_incident(dialect: str) -> Any:
    new = _insert(dialect, incident)
    kept = ("id", "customer", "opened_at")
    changed = {column.name: new.excluded[column.name] for column in incident.c if column.name not in kept}
    return new.on_conflict_do_update(index_elements=[incident.c.id], set_=changed)


@cache
def _raise_spell(dialect: str) -> Any:
    new = _insert(dialect, spell)
    return new.on_conflict_do_update(
        index_elements=[spell.c.customer, spell.c.name], set_={"number": spell.c.number + 1}
    )


def add_events(conn: Connection, judged: Sequence[Judged]) -> list[Judged]:
    """Write events and return the new ones; a known key gains the origins and the evidence instead."""
    new: list[Judged] = []
    rows: list[dict[str, Any]] = []
    for one in judged:
        row = codec.event_row(one.event, one.verdict, one.incident)
        if conn.execute(_add_event(conn.dialect.name), row).first() is not None:
            new.append(one)
            rows.append(row)
        else:
            _join(conn, one.event)
    audit.wrote(conn, "event", "new", rows)
    return new


def _join(conn: Connection, said: Event) -> None:
    kept = (event.c.id, event.c.origins, event.c.evidence, event.c.identified)
    known = conn.execute(select(*kept).where(event.c.key == said.key).with_for_update()).first()
    if known is None:  # the id, not the key, was known: the very same event
        return
    origins = {(origin["name"], origin["source"]): origin for origin in known.origins}
    for origin in said.origins:
        voice = origins.setdefault((origin.name, origin.source), codec.origin_json(origin))
        if origin.repeats and not voice.get("repeats"):  # now that the one it repeats is known
            origins[origin.name, origin.source] = {**voice, "repeats": origin.repeats}
    proofs = dict.fromkeys([*known.evidence, *said.evidence])
    values: dict[str, Any] = {"origins": list(origins.values()), "evidence": list(proofs)}
    if said.identified and not known.identified:  # the new voice is sure that it is this company
        match = [codec.reason_json(reason) for reason in said.match]
        values |= {"identified": True, "confidence": said.confidence, "match": match}
    elif (values["origins"], values["evidence"]) == (known.origins, known.evidence):
        return
    conn.execute(update(event).where(event.c.key == said.key).values(values))
    audit.again(conn, "event", "joined", [known.id], said.first_seen)


def rejudge(conn: Connection, key: str, verdict: Verdict, about: str | None = None) -> bool:
    """Replace what was decided about a known event (a second origin lifted its cap); False if there is none."""
    values: dict[str, Any] = {
        "severity": verdict.severity.value,
        "silent": verdict.silent,
        "reasons": [codec.reason_json(reason) for reason in verdict.reasons],
    }
    if about is not None:
        values["incident"] = about
    judged = list(conn.scalars(update(event).where(event.c.key == key).values(values).returning(event.c.id)))
    audit.again(conn, "event", "judged", judged)
    return bool(judged)


def amend(conn: Connection, said: Event) -> bool:
    """Write anew what a known event states: its facts, and when it happened. False if there is none.

    Another source knew more of it, or a correction refers to it.
    """
    values = {"facts": codec.plain(said.facts), "occurred_at": said.occurred_at}
    known = list(conn.scalars(update(event).where(event.c.key == said.key).values(values).returning(event.c.id)))
    audit.again(conn, "event", "amended", known)
    return bool(known)


def keep_incidents(conn: Connection, incidents: Sequence[Incident]) -> None:
    """Write incidents as they stand now, new or known."""
    if incidents:
        conn.execute(_write_incident(conn.dialect.name), [codec.incident_row(one) for one in incidents])


def add_alerts(conn: Connection, alerts: Sequence[Alert], now: datetime) -> None:
    """Queue alerts; one whose key is known is not queued again."""
    if alerts:
        rows = [codec.alert_row(one, now) for one in alerts]
        new = set(conn.scalars(_add_alert(conn.dialect.name), rows))
        audit.wrote(
            conn, "alert", "queued", [row for row in {row["id"]: row for row in rows}.values() if row["id"] in new]
        )


def keep_evidence(conn: Connection, answers: Sequence[Evidence]) -> None:
    """Keep raw answers, each content once."""
    wanted = {one.sha256: one for one in answers}
    for part in chunks(wanted):
        held = set(conn.scalars(select(evidence.c.sha256).where(evidence.c.sha256.in_(part))))
        for digest in part:
            if digest not in held:  # compressing costs more than asking
                row = codec.evidence_row(wanted[digest])
                if conn.execute(_add_evidence(conn.dialect.name), row).first() is not None:
                    audit.wrote(conn, "evidence", "kept", [row])


def raise_spells(conn: Connection, left: Iterable[tuple[str, str]]) -> None:
    """Count that states were left, so that entering one again is a new event."""
    rows = [{"customer": who, "name": name, "number": 1} for who, name in left]
    if rows:
        conn.execute(_raise_spell(conn.dialect.name), rows)


# --------------------------------------------------------------------------- customers and health


@dataclass(frozen=True, slots=True)
class Listing:
    """A customer as the watchlist has it.

    `digest` tells whether the entry was edited, `found_by` whether what finds it in streams was: its names, numbers,
    phrases and sources. `ids` are its identifiers by scheme.
    """

    id: str
    name: str
    country: str
    digest: str
    ids: Mapping[str, str] = field(default_factory=dict)
    found_by: str | None = None


LEAST_HELD = 2  # who takes one customer off a short list means it


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new watchlist means: ids, sorted. `back` had been removed before and keeps its history.

    `renamed`: an id that vanished -> the new id under which its history goes on; such pairs are neither added nor
    removed. `was`: identifiers before, of those whose identifiers are others now, by the id they have now. `taken`:
    new ids under which the history of somebody else began -> who that is now; they cannot be given away again.
    `before`: how many customers were watched.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    was: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    before: int = 0

    def __bool__(self) -> bool:
        """Whether it means anything."""
        return bool(self.added or self.changed or self.removed or self.back or self.renamed)

    @property
    def drops_most(self) -> bool:
        """Whether half of the customers or more would go at once: a person must say that it is meant."""
        return len(self.removed) >= LEAST_HELD and 2 * len(self.removed) >= self.before


@dataclass(frozen=True, slots=True)
class _Kept:
    """A customer as the store has it."""

    id: str
    name: str
    country: str
    digest: str
    watched: bool
    known_ids: Mapping[str, str] | None  # None: an earlier schema kept none
    found_by: str | None
    former: tuple[str, ...]

    @property
    def ids(self) -> Mapping[str, str]:
        return self.known_ids or {}


def plan(conn: Connection, rows: Iterable[Listing]) -> Plan:
    """Say what `customers` would do, without doing it."""
    return _plan({row.id: row for row in rows}, _kept(conn))


def _kept(conn: Connection) -> dict[str, _Kept]:
    return {
        row.id: _Kept(
            row.id,
            row.name,
            row.country,
            row.digest,
            row.removed_at is None,
            row.ids,
            row.found_by,
            tuple(row.former or ()),
        )
        for row in conn.execute(select(customer))
    }


def _plan(wanted: Mapping[str, Listing], held: Mapping[str, _Kept]) -> Plan:
    watched = {id_ for id_, one in held.items() if one.watched}
    fresh = [wanted[id_] for id_ in sorted(wanted.keys() - held.keys())]
    # Who left just now comes before who left long ago.
    renamed = edits.heirs([held[id_] for id_ in sorted(watched - wanted.keys())], fresh)
    given = set(renamed.values())
    fresh = [one for one in fresh if one.id not in given]
    renamed |= edits.heirs([held[id_] for id_ in sorted(held.keys() - wanted.keys() - watched)], fresh)
    heirs = {new: old for old, new in renamed.items()}
    before = {id_: held[heirs.get(id_, id_)] for id_ in wanted if heirs.get(id_, id_) in held}
    added = tuple(sorted(wanted.keys() - before.keys()))
    former = {once: renamed.get(one.id, one.id) for one in held.values() for once in one.former}
    return Plan(
        added=added,
        changed=tuple(sorted(id_ for id_ in wanted.keys() & watched if held[id_].digest != wanted[id_].digest)),
        removed=tuple(sorted(watched - wanted.keys() - renamed.keys())),
        back=tuple(sorted(wanted.keys() & (held.keys() - watched))),
        renamed=renamed,
        was={id_: one.ids for id_, one in before.items() if one.known_ids not in (None, wanted[id_].ids)},
        taken={id_: former[id_] for id_ in added if id_ in former},
        before=len(watched),
    )


def customers(
    conn: Connection, rows: Iterable[Listing], now: datetime, *, streams: Collection[str] = (), only_add: bool = False
) -> Plan:
    """Make the customers be exactly these; history of those removed stays. Return what that meant.

    `streams` are the sources whose watches are not about one customer: they stay where they are when one is renamed.
    `only_add`: leave alone whatever is not new.
    """
    wanted, held = {row.id: row for row in rows}, _kept(conn)
    meant = _plan(wanted, held)
    if only_add:
        meant = Plan(added=meant.added, before=meant.before)
    for part in chunks(meant.added):
        conn.execute(insert(customer), [_values(wanted[id_]) | {"id": id_, "added_at": now} for id_ in part])
    if only_add:
        _told(conn, meant, now)
        return meant
    _move(conn, meant.renamed, streams)
    for old, new in meant.renamed.items():
        _rename(conn, held[old], new, streams)
        audit.again(
            conn, "event", "renamed", list(conn.scalars(select(event.c.id).where(event.c.customer == new))), now
        )
    before = {new: held[old] for old, new in meant.renamed.items()} | {id_: held[id_] for id_ in held.keys() & wanted}
    owed = {id_ for id_, one in before.items() if one.found_by not in (None, wanted[id_].found_by) or not one.watched}
    # What an earlier schema did not keep is filled in without a word.
    quiet = [id_ for id_, one in before.items() if one.known_ids is None or one.found_by is None]
    for part in chunks(sorted({*meant.changed, *meant.back, *meant.renamed.values(), *quiet})):
        conn.execute(_EDIT, [_values(wanted[id_], "b_") | {"b_id": id_} for id_ in part])
    for part in chunks(sorted(owed)):
        conn.execute(update(customer).where(customer.c.id.in_(part)).values(screened_at=None))
    for part in chunks(meant.removed):
        conn.execute(update(customer).where(customer.c.id.in_(part)).values(removed_at=now))
    _told(conn, meant, now)
    return meant


def _told(conn: Connection, meant: Plan, now: datetime) -> None:
    """Write into the audit log what an edit of the watchlist meant; who was meant is kept apart."""
    if meant:
        ids = {name: list(getattr(meant, name)) for name in ("added", "changed", "removed", "back")}
        counts = {name: len(found) for name, found in ids.items()} | {"renamed": len(meant.renamed)}
        text_ = {**ids, "renamed": dict(meant.renamed)}
        audit.add(conn, [audit.Said("watchlist", "edited", "watchlist", now, counts, text=text_)])


def _values(row: Listing, prefix: str = "") -> dict[str, Any]:
    return {
        f"{prefix}name": row.name,
        f"{prefix}country": row.country,
        f"{prefix}digest": row.digest,
        f"{prefix}ids": dict(row.ids),
        f"{prefix}found_by": row.found_by,
    }


_EDIT = (
    update(customer)
    .where(customer.c.id == bindparam("b_id"))
    .values(
        name=bindparam("b_name"),
        country=bindparam("b_country"),
        digest=bindparam("b_digest"),
        ids=bindparam("b_ids"),
        found_by=bindparam("b_found_by"),
        removed_at=None,
    )
)


def _move(conn: Connection, renamed: Mapping[str, str], streams: Collection[str]) -> None:
    """Hand alerts and watches over to the new ids: many at a time, as neither is found by customer."""
    for part in chunks(renamed):
        sent = conn.execute(select(alert.c.id, alert.c.customer).where(alert.c.customer.in_(part))).all()
        if sent:
            conn.execute(_HAND_OVER, [{"b_id": row.id, "b_to": renamed[row.customer]} for row in sent])
        mine = select(watch.c.id, watch.c.subject).where(watch.c.source.not_in(sorted(streams)))
        asked = conn.execute(mine.where(watch.c.subject.in_(part))).all()
        if asked:
            conn.execute(_ASK_ANOTHER, [{"b_id": row.id, "b_to": renamed[row.subject]} for row in asked])


_HAND_OVER = update(alert).where(alert.c.id == bindparam("b_id")).values(customer=bindparam("b_to"))
# The number is raised: a look under way was asked for the old id.
_ASK_ANOTHER = (
    update(watch)
    .where(watch.c.id == bindparam("b_id"))
    .values(subject=bindparam("b_to"), lease_until=None, turn=watch.c.turn + 1)
)


def _rename(conn: Connection, one: _Kept, new: str, streams: Collection[str]) -> None:
    """Let a customer's whole history go on under a new id.

    Keys of events follow, so that what is known stays known. Their ids do not: people have them in Slack.
    """
    old = one.id
    lock_customers(conn, (old, new))
    former = sorted({*one.former, old} - {new})
    conn.execute(update(customer).where(customer.c.id == old).values(id=new, former=former))
    known = event.c.type + f"|{old}|"
    rest = func.substr(event.c.key, func.length(known) + 1)
    mine = (event.c.customer == old, func.substr(event.c.key, 1, func.length(known)) == known)
    conn.execute(update(event).where(*mine).values(key=event.c.type + f"|{new}|" + rest))
    own_case = (incident.c.customer == old, incident.c.topic.startswith("case:"))  # named by its first event's key
    topic = func.replace(incident.c.topic, f"|{old}|", f"|{new}|")
    conn.execute(update(incident).where(*own_case).values(topic=topic))
    for table in (event, incident, spell, tables.deadline):
        conn.execute(update(table).where(table.c.customer == old).values(customer=new))
    decisions.rename(conn, old, new)
    waiting = update(hold).where(hold.c.subject == old, hold.c.source.not_in(sorted(streams)))
    name = case((hold.c.id == hold.c.source + f":{old}", hold.c.source + f":{new}"), else_=hold.c.id)
    conn.execute(waiting.values(subject=new, id=name))
    own = select(hold.c.number).where(hold.c.source.not_in(sorted(streams)))
    kept_back = update(held_change).where(held_change.c.subject == old, held_change.c.hold.in_(own))
    conn.execute(kept_back.values(subject=new))


def begin_anew(conn: Connection, source: str, subject: str, now: datetime) -> None:
    """Let the next look of a watch be its first: it asks about another company than until now.

    What was held stays as history; nothing of the new answer counts as a change of the old one.
    """
    found = conn.scalar(select(watch.c.id).where(watch.c.source == source, watch.c.subject == subject))
    if found is None:
        return
    conn.execute(update(record).where(record.c.watch == found, record.c.valid_to.is_(None)).values(valid_to=now))
    nothing = dict.fromkeys(("baseline_at", "full_at", "validators", "memory", "cursor", "snapshot", "outcome"))
    conn.execute(
        update(watch)
        .where(watch.c.id == found)
        .values(nothing | {"second_look": False, "lease_until": None, "turn": watch.c.turn + 1, "due_at": now})
    )


def remember(conn: Connection, name: str, value: str | None) -> None:
    """Note something under a name of the daemon's own; None forgets it."""
    conn.execute(delete(meta).where(meta.c.name == name))
    if value is not None:
        conn.execute(insert(meta).values(name=name, value=value))


def unscreened(conn: Connection) -> list[str]:
    """Return the watched customers that are still to be looked up in what the streams had told before."""
    rows = select(customer.c.id).where(customer.c.removed_at.is_(None), customer.c.screened_at.is_(None))
    return list(conn.scalars(rows.order_by(customer.c.id)))


def screened(conn: Connection, ids: Iterable[str], now: datetime) -> None:
    """Remember that these customers were looked up."""
    for part in chunks(ids):
        conn.execute(update(customer).where(customer.c.id.in_(part)).values(screened_at=now))


def reported(conn: Connection, ids: Iterable[str], now: datetime) -> None:
    """Remember that an opening report spoke of these customers."""
    for part in chunks(ids):
        conn.execute(update(customer).where(customer.c.id.in_(part)).values(reported_at=now))


def set_health(conn: Connection, source: str, subject: str, code: str, reason: str, now: datetime) -> bool:
    """Write how a source (or one stream of it) is; True if that is news. `since` and `noticed_at` start anew then."""
    keys = (health.c.source == source, health.c.subject == subject)
    known = conn.execute(select(health.c.code, health.c.reason).where(*keys)).first()
    if known is None:
        row = {"source": source, "subject": subject, "code": code, "reason": reason, "since": now}
        added = _add(conn.dialect.name, health).returning(health.c.source)
        return conn.execute(added, row).first() is not None and code != "ok"
    if known.code == code:
        if known.reason != reason:
            conn.execute(update(health).where(*keys).values(reason=reason))
        return False
    news = {"code": code, "reason": reason, "since": now, "noticed_at": None}
    return conn.execute(update(health).where(*keys, health.c.code == known.code).values(news)).rowcount == 1


def noticed(conn: Connection, source: str, subject: str, now: datetime) -> None:
    """Remember that people were told of a source's health."""
    conn.execute(update(health).where(health.c.source == source, health.c.subject == subject).values(noticed_at=now))
