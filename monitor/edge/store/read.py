"""Questions to the store. All take a connection inside a transaction; none writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, func, or_, select, true

from monitor.edge.store import codec, tables
from monitor.edge.store.codec import LookBack, Past, StoredEvent
from monitor.edge.store.tables import (
    alert,
    customer,
    event,
    evidence,
    health,
    incident,
    look,
    meta,
    record,
    spell,
    watch,
)
from monitor.edge.store.turns import chunks
from monitor.model import Alert, Evidence, Held, Incident, Outcome, Severity

Id = tuple[str, str]  # of a record: kind and key
_STREAMED = 500  # rows fetched at a time where a caller walks over many


# --------------------------------------------------------------------------- records


def snapshot(conn: Connection, one: int) -> dict[Id, Held]:
    """Return all records a watch holds."""
    return _by_id(conn, select(record).where(record.c.watch == one, record.c.valid_to.is_(None)))


_KNOWN = select(record).where(
    record.c.watch == bindparam("b_watch"),
    record.c.kind == bindparam("b_kind"),
    record.c.key.in_(bindparam("b_keys", expanding=True)),
    record.c.valid_to.is_(None),
)


def known(conn: Connection, one: int, ids: Iterable[Id]) -> dict[Id, Held]:
    """Return those of the named records that a watch holds."""
    kinds: dict[str, list[str]] = {}
    for kind, key in ids:
        kinds.setdefault(kind, []).append(key)
    found: dict[Id, Held] = {}
    for kind, keys in kinds.items():
        for part in chunks(keys):
            found |= {
                (row.kind, row.key): codec.held_of(row)
                for row in conn.execute(_KNOWN, {"b_watch": one, "b_kind": kind, "b_keys": part})
            }
    return found


def twins(conn: Connection, one: int, wanted: Iterable[str]) -> dict[str, Held]:
    """Return the held records with these secondary keys, by that key."""
    found: dict[str, Held] = {}
    for part in chunks(wanted):
        held = select(record).where(record.c.watch == one, record.c.twin.in_(part), record.c.valid_to.is_(None))
        found |= {row.twin: codec.held_of(row) for row in conn.execute(held)}
    return found


def history(conn: Connection, one: int, kind: str, key: str) -> list[Past]:
    """Return how one record read over time, oldest first."""
    rows = select(record).where(record.c.watch == one, record.c.kind == kind, record.c.key == key)
    return [
        Past(codec.held_of(row), row.valid_to) for row in conn.execute(rows.order_by(record.c.valid_from, record.c.id))
    ]


def as_of(conn: Connection, one: int, moment: datetime) -> dict[Id, Held]:
    """Return all records a watch held at a moment."""
    open_then = or_(record.c.valid_to.is_(None), record.c.valid_to > moment)
    return _by_id(conn, select(record).where(record.c.watch == one, record.c.valid_from <= moment, open_then))


def log_records(
    conn: Connection, since: datetime | None = None, *, sources: Collection[str] | None = None
) -> Iterator[tuple[str, str, Held]]:
    """Walk over held records as (source, subject, record), those first seen since a moment if one is given.

    For screening a new customer against stored list entries and past log items. Use it up inside the
    read that made it.
    """
    rows = select(watch.c.source, watch.c.subject, record).join_from(record, watch, record.c.watch == watch.c.id)
    rows = rows.where(record.c.valid_to.is_(None))
    if since is not None:
        rows = rows.where(record.c.first_seen >= since)
    if sources is not None:
        rows = rows.where(watch.c.source.in_(sorted(sources)))
    # As an option of this statement: on the connection it would make cursors of all that follow.
    ordered = rows.order_by(record.c.first_seen, record.c.id)
    with conn.execute(ordered, execution_options={"yield_per": _STREAMED}) as found:
        for row in found:
            yield row.source, row.subject, codec.held_of(row)


def _by_id(conn: Connection, rows: Select[Any]) -> dict[Id, Held]:
    return {(row.kind, row.key): codec.held_of(row) for row in conn.execute(rows)}


@dataclass(frozen=True, slots=True)
class Told:
    """What one source holds of a customer's company, and when that was last seen to be so."""

    source: str
    held: Held
    last_good_at: datetime | None
    baseline_at: datetime | None


def companies(conn: Connection, sources: Collection[str], subject: str) -> list[Told]:
    """Return what these sources hold of a customer's company, those whose last look was good."""
    good = watch.c.outcome.in_([outcome.value for outcome in Outcome if outcome.good])
    mine = (watch.c.source.in_(sorted(sources)), watch.c.subject == subject, watch.c.active == true(), good)
    rows = select(watch.c.source.label("told_by"), watch.c.last_good_at, watch.c.baseline_at, record)
    rows = rows.join_from(watch, record, record.c.watch == watch.c.id)
    rows = rows.where(*mine, record.c.kind == "company", record.c.valid_to.is_(None), record.c.missing_looks == 0)
    return [Told(row.told_by, codec.held_of(row), row.last_good_at, row.baseline_at) for row in conn.execute(rows)]


def officers(conn: Connection, source: str, subject: str) -> dict[str, str]:
    """Return the officers a watch holds that have not left, as record key -> office."""
    mine = (
        watch.c.source == source,
        watch.c.subject == subject,
        record.c.kind == "officer",
        record.c.valid_to.is_(None),
    )
    rows = select(record.c.key, record.c.fields).join_from(record, watch, record.c.watch == watch.c.id).where(*mine)
    found = conn.execute(rows)
    return {row.key: str(row.fields.get("role") or "") for row in found if not row.fields.get("until")}


# --------------------------------------------------------------------------- events and incidents


def events(
    conn: Connection,
    *,
    customer: str | None = None,
    family: str | None = None,
    type: str | None = None,
    severity: Severity | None = None,  # this level and above
    incident: str | None = None,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> list[StoredEvent]:
    """Return events that fit all filters, newest first; `since` and `until` speak of when we first saw them."""
    rows = select(event).order_by(event.c.first_seen.desc(), event.c.id)
    if customer is not None:
        rows = rows.where(event.c.customer == customer)
    if family is not None:
        rows = rows.where(event.c.type.startswith(f"{family}.", autoescape=True))
    if type is not None:
        rows = rows.where(event.c.type == type)
    if severity is not None:
        rows = rows.where(event.c.severity.in_([level.value for level in Severity if level.rank >= severity.rank]))
    if incident is not None:
        rows = rows.where(event.c.incident == incident)
    if source is not None:
        rows = rows.where(event.c.source == source)
    if since is not None:
        rows = rows.where(event.c.first_seen >= since)
    if until is not None:
        rows = rows.where(event.c.first_seen < until)
    return [codec.stored_event(row) for row in conn.execute(rows.limit(limit))]


def event_of(conn: Connection, id: str) -> StoredEvent | None:
    """Return the event with this id."""
    row = conn.execute(select(event).where(event.c.id == id)).first()
    return None if row is None else codec.stored_event(row)


def events_by_id(conn: Connection, ids: Iterable[str]) -> dict[str, StoredEvent]:
    """Return the known ones of these ids."""
    found = (
        codec.stored_event(row)
        for part in chunks(ids)
        for row in conn.execute(select(event).where(event.c.id.in_(part)))
    )
    return {stored.event.id: stored for stored in found}


def events_by_key(conn: Connection, keys: Iterable[str]) -> dict[str, StoredEvent]:
    """Return the known ones of these event keys."""
    found = (
        codec.stored_event(row)
        for part in chunks(keys)
        for row in conn.execute(select(event).where(event.c.key.in_(part)))
    )
    return {stored.event.key: stored for stored in found}


def incidents(
    conn: Connection,
    *,
    customer: str | None = None,
    state: str | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> list[Incident]:
    """Return incidents, the latest touched first; `since` speaks of their last fact."""
    rows = select(incident).order_by(incident.c.updated_at.desc(), incident.c.id)
    if customer is not None:
        rows = rows.where(incident.c.customer == customer)
    if state is not None:
        rows = rows.where(incident.c.state == state)
    if since is not None:
        rows = rows.where(incident.c.updated_at >= since)
    return [codec.incident_of(row) for row in conn.execute(rows.limit(limit))]


def incident_of(conn: Connection, id: str) -> Incident | None:
    """Return the incident with this id."""
    row = conn.execute(select(incident).where(incident.c.id == id)).first()
    return None if row is None else codec.incident_of(row)


def open_incidents(conn: Connection, customer: str | None) -> list[Incident]:
    """Return a customer's open incidents, oldest first (None: those of the machine itself, sys.*)."""
    whose = incident.c.customer.is_(None) if customer is None else incident.c.customer == customer
    rows = select(incident).where(whose, incident.c.state == "open").order_by(incident.c.opened_at, incident.c.id)
    return [codec.incident_of(row) for row in conn.execute(rows)]


def living_incidents(conn: Connection, customer: str, since: datetime) -> list[Incident]:
    """Return a customer's incidents that are open, or had a fact since then, oldest first."""
    alive = or_(incident.c.state == "open", incident.c.updated_at >= since)
    rows = select(incident).where(incident.c.customer == customer, alive)
    return [codec.incident_of(row) for row in conn.execute(rows.order_by(incident.c.opened_at, incident.c.id))]


def spells_of(conn: Connection, customer: str) -> dict[str, int]:
    """Return how often each of a customer's states was left, by its name."""
    rows = select(spell.c.name, spell.c.number).where(spell.c.customer == customer)
    return {row.name: row.number for row in conn.execute(rows)}


def spells(conn: Connection, customer: str, names: Iterable[str]) -> dict[str, int]:
    """Return how often each state was left; 0 for one never left."""
    wanted = list(names)
    found = dict.fromkeys(wanted, 0)
    for part in chunks(wanted):
        rows = select(spell.c.name, spell.c.number).where(spell.c.customer == customer, spell.c.name.in_(part))
        found |= {row.name: row.number for row in conn.execute(rows)}
    return found


# --------------------------------------------------------------------------- alerts and evidence


def alerts(
    conn: Connection,
    *,
    customer: str | None = None,
    state: str | None = None,
    severity: Severity | None = None,  # this level and above
    channel: str | None = None,
    incident: str | None = None,
    event: str | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> list[Alert]:
    """Return alerts that fit all filters, newest first."""
    rows = select(alert).order_by(alert.c.created_at.desc(), alert.c.id)
    same = {"customer": customer, "state": state, "channel": channel, "incident": incident, "event": event}
    for name, value in same.items():
        if value is not None:
            rows = rows.where(alert.c[name] == value)
    if severity is not None:
        rows = rows.where(alert.c.severity.in_([level.value for level in Severity if level.rank >= severity.rank]))
    if since is not None:
        rows = rows.where(alert.c.created_at >= since)
    return [codec.alert_of(row) for row in conn.execute(rows.limit(limit))]


def alert_of(conn: Connection, id: str) -> Alert | None:
    """Return the alert with this id."""
    row = conn.execute(select(alert).where(alert.c.id == id)).first()
    return None if row is None else codec.alert_of(row)


def evidence_of(conn: Connection, sha256: str) -> Evidence | None:
    """Return a kept raw answer, unpacked."""
    row = conn.execute(select(evidence).where(evidence.c.sha256 == sha256)).first()
    return None if row is None else codec.evidence_of(row)


# --------------------------------------------------------------------------- customers, sources, looks


def remembered(conn: Connection, name: str) -> str | None:
    """Return what the daemon noted under a name of its own."""
    return conn.scalar(select(meta.c.value).where(meta.c.name == name))


@dataclass(frozen=True, slots=True)
class StoredCustomer:
    """A customer as the store remembers it."""

    id: str
    name: str
    country: str
    digest: str
    added_at: datetime
    removed_at: datetime | None
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is, or one stream of it (`subject`; empty for the whole source)."""

    source: str
    subject: str
    code: str  # ok | source_stale | source_suspect | source_blocked
    reason: str
    since: datetime
    noticed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceState:
    """What the active watches of one source come to."""

    source: str
    watches: int
    never_good: int  # watches without one good look
    failing: int  # watches whose last look was not good
    last_look_at: datetime | None
    last_good_at: datetime | None
    oldest_good_at: datetime | None  # of the watch that has waited longest for a good look
    next_due_at: datetime | None


def customers(conn: Connection, *, removed: bool = False) -> list[StoredCustomer]:
    """Return the customers, those taken off the watchlist too if `removed`."""
    rows = select(*_CUSTOMER).order_by(customer.c.id)
    if not removed:
        rows = rows.where(customer.c.removed_at.is_(None))
    return [StoredCustomer(*row) for row in conn.execute(rows)]


# In the order of StoredCustomer's fields.
_CUSTOMER = (
    customer.c.id,
    customer.c.name,
    customer.c.country,
    customer.c.digest,
    customer.c.added_at,
    customer.c.removed_at,
    customer.c.reported_at,
)


def sources_health(conn: Connection) -> list[Health]:
    """Return what is known about the health of sources and their streams."""
    return [Health(*row) for row in conn.execute(select(health).order_by(health.c.source, health.c.subject))]


def source_states(conn: Connection) -> list[SourceState]:
    """Return one line per source that is watched."""
    bad = and_(watch.c.outcome.is_not(None), watch.c.outcome.not_in([o.value for o in Outcome if o.good]))
    instant = tables.Instant()
    rows = (
        select(
            watch.c.source,
            func.count(),
            func.count(case((watch.c.last_good_at.is_(None), 1))),
            func.count(case((bad, 1))),
            func.max(watch.c.last_look_at, type_=instant),
            func.max(watch.c.last_good_at, type_=instant),
            func.min(watch.c.last_good_at, type_=instant),
            func.min(watch.c.due_at, type_=instant),
        )
        .where(watch.c.active == true())
        .group_by(watch.c.source)
        .order_by(watch.c.source)
    )
    return [SourceState(*row) for row in conn.execute(rows)]


def looks(conn: Connection, one: int, limit: int | None = None) -> list[LookBack]:
    """Return a watch's looks that were not simply `same`, newest first."""
    rows = select(look.c.turn, look.c.at, look.c.outcome, look.c.records, look.c.complete, look.c.reason)
    rows = rows.where(look.c.watch == one).order_by(look.c.at.desc(), look.c.id.desc()).limit(limit)
    return [
        LookBack(row.turn, row.at, Outcome(row.outcome), row.records, row.complete, row.reason)
        for row in conn.execute(rows)
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the active watches of a source, or of one stream of it, come to."""

    watches: int
    seen: int  # whose last look was good
    failing: int  # whose last look was not; the rest has not looked yet
    unsure: int  # which are to confirm a removal


def standing(conn: Connection, source: str, subject: str | None = None) -> Standing:
    """Return how a source stands, or one stream of it."""
    good = watch.c.outcome.in_([outcome.value for outcome in Outcome if outcome.good])
    rows = select(
        func.count(),
        func.count(case((good, 1))),
        func.count(case((watch.c.fails > 0, 1))),
        func.count(case((watch.c.second_look == true(), 1))),
    ).where(watch.c.source == source, watch.c.active == true())
    if subject is not None:
        rows = rows.where(watch.c.subject == subject)
    return Standing(*conn.execute(rows).one())


def standing_today(
    conn: Connection, ids: Iterable[str], past: Collection[str]
) -> dict[str, tuple[list[StoredEvent], int]]:
    """Return, for each customer, what stands against it, newest first, and how many other events there are.

    That is what spoke, and the states that the first look found; `past` are the kinds of record that tell of happenings.
    """
    levels = [level.value for level in Severity if level.rank >= Severity.MEDIUM.rank]
    state = and_(event.c.silent == "baseline", event.c.record_kind.not_in(sorted(past)))
    spoke = and_(or_(event.c.silent.is_(None), state), event.c.severity.in_(levels))
    wanted = list(ids)
    found: dict[str, tuple[list[StoredEvent], int]] = {one: ([], 0) for one in wanted}
    for part in chunks(wanted):
        mine = event.c.customer.in_(part)
        for row in conn.execute(select(event).where(mine, spoke).order_by(event.c.first_seen.desc(), event.c.id)):
            found[row.customer][0].append(codec.stored_event(row))
        counts = select(event.c.customer, func.count()).where(mine).group_by(event.c.customer)
        for one, count in conn.execute(counts):
            spoken = found[one][0]
            found[one] = (spoken, count - len(spoken))
    return found


@dataclass(frozen=True, slots=True)
class Unseen:
    """A watch whose last looks were not good."""

    source: str
    subject: str
    every: float  # seconds
    reason: str
    outcome: Outcome | None
    good_until: datetime  # the last good look, or when the watch was made


def unseen(conn: Connection) -> list[Unseen]:
    """Return the active watches whose last look was not good, those longest without a good one first."""
    since = func.coalesce(watch.c.last_good_at, watch.c.created_at, type_=tables.Instant)
    rows = (
        select(watch.c.source, watch.c.subject, watch.c.every, watch.c.reason, watch.c.outcome, since.label("since"))
        .where(watch.c.active == true(), watch.c.fails > 0)
        .order_by("since")
    )
    return [
        Unseen(row.source, row.subject, row.every, row.reason, Outcome(row.outcome) if row.outcome else None, row.since)
        for row in conn.execute(rows)
    ]
