"""What people decided, in the store: whom a record does not mean, or does, what they have seen, and what they muted.

A decision and a mute are open until they end; the ended ones stay to be read. All functions belong to the caller's
transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from monitor.edge.store import audit, codec
from monitor.edge.store.codec import StoredEvent
from monitor.edge.store.tables import alert, decision, event, incident, mute, record, watch
from monitor.edge.store.turns import chunks
from monitor.model import Decision, Event, Fields, Incident, Record, Severity
from monitor.policy import Matcher, Mute

# --------------------------------------------------------------------------- decisions


def decide(conn: Connection, one: Decision) -> Decision:
    """Write a decision; what stood open about the same record and customer is replaced. Return it with its number."""
    standing = update(decision).where(*_about(one), decision.c.ended_at.is_(None))
    conn.execute(standing.values(ended_at=one.at, ended_why="replaced"))
    row = {name: getattr(one, name) for name in _DECISION} | {"fields": codec.plain(one.fields)}
    number = conn.scalar(insert(decision).values(row).returning(decision.c.number))
    audit.decided(conn, "decision", one.verdict, one.event, one.at, one.by, why=one.reason)
    return replace(one, number=number)


def end(conn: Connection, number: int, now: datetime, why: str) -> bool:
    """End a decision; False if it had ended already."""
    open_one = update(decision).where(decision.c.number == number, decision.c.ended_at.is_(None))
    ended = conn.execute(open_one.values(ended_at=now, ended_why=why).returning(decision.c.event)).first()
    if ended is None:
        return False
    audit.add(conn, [audit.Said("decision", why, ended.event, now, {"number": number})])
    return True


def standing(conn: Connection, customer: str) -> list[Decision]:
    """Return the decisions that stand about a customer."""
    rows = select(decision).where(decision.c.customer == customer, decision.c.ended_at.is_(None))
    return [_decision_of(row) for row in conn.execute(rows.order_by(decision.c.number))]


def decisions(conn: Connection, *, customer: str | None = None, event: str | None = None) -> list[Decision]:
    """Return all decisions that fit, ended or not, oldest first."""
    rows = select(decision).order_by(decision.c.number)
    for column, value in ((decision.c.customer, customer), (decision.c.event, event)):
        if value is not None:
            rows = rows.where(column == value)
    return [_decision_of(row) for row in conn.execute(rows)]


def _about(one: Decision) -> tuple[Any, ...]:
    return tuple(decision.c[name] == getattr(one, name) for name in ("customer", "source", "record_kind", "record_key"))


_DECISION = (
    *("verdict", "customer", "source", "record_kind", "record_key", "digest", "event", "by", "at", "reason"),
    *("ended_at", "ended_why"),
)


def _decision_of(row: Row[Any]) -> Decision:
    values = row._mapping
    return Decision(**{name: values[name] for name in _DECISION}, fields=row.fields, number=row.number)


# --------------------------------------------------------------------------- what is decided about


def record_of(conn: Connection, source: str, kind: str, key: str, customer: str) -> Record | None:
    """Return a record as a source told it last, by whatever watch; the customer's own watch comes first."""
    rows = (
        select(record, watch.c.subject)
        .join(watch, watch.c.id == record.c.watch)
        .where(watch.c.source == source, record.c.kind == kind, record.c.key == key)
        .order_by((watch.c.subject == customer).desc(), record.c.valid_from.desc(), record.c.id.desc())
    )
    row = conn.execute(rows.limit(1)).first()
    return None if row is None else codec.held_of(row).record


def events_of(conn: Connection, customer: str, source: str, kind: str, key: str) -> list[StoredEvent]:
    """Return all that was told of one record about a customer, oldest first."""
    about = {"customer": customer, "source": source, "record_kind": kind, "record_key": key}
    rows = select(event).where(*(event.c[name] == value for name, value in about.items()))
    return [codec.stored_event(row) for row in conn.execute(rows.order_by(event.c.first_seen, event.c.id))]


def identify(conn: Connection, said: Event, now: datetime) -> None:
    """Write how sure we are that an event means its customer."""
    match = [codec.reason_json(reason) for reason in said.match]
    values = {"identified": said.identified, "confidence": said.confidence, "match": match}
    conn.execute(update(event).where(event.c.id == said.id).values(values))
    audit.again(conn, "event", "identified", [said.id], now)


def withdraw(conn: Connection, events: Iterable[str], reason: str) -> int:
    """Take back the alerts about these events that have not left; return how many."""
    taken = 0
    for part in chunks(sorted(events)):
        waiting = (alert.c.event.in_(part), alert.c.state.in_(("pending", "parked")), alert.c.claimed_at.is_(None))
        taken += conn.execute(update(alert).where(*waiting).values(state="suppressed", reason=reason)).rowcount
    return taken


def acknowledge(conn: Connection, one: Incident) -> None:
    """Write who has seen an incident, and when; its message shows it with the next edit."""
    values = codec.incident_row(one)
    names = ("acked_at", "acked_by", "acked_severity", "version")
    conn.execute(update(incident).where(incident.c.id == one.id).values({name: values[name] for name in names}))
    assert one.acked_at is not None
    note = {"severity": one.severity.value}
    audit.decided(conn, "incident", "acknowledged", one.id, one.acked_at, one.acked_by or "", **note)


# --------------------------------------------------------------------------- mutes


def add_mute(conn: Connection, one: Mute) -> Mute:
    """Write a mute and return it with its number."""
    row = {name: getattr(one, name) for name in _MUTE}
    row |= {"level": one.level.value, "matcher": matcher_json(one.when)}
    number = conn.scalar(insert(mute).values(row).returning(mute.c.number))
    assert number is not None
    note = {"until": audit.instant(one.until), "level": one.level.value, "incident": one.incident}
    audit.decided(conn, "mute", "muted", str(number), one.at, one.by, why=one.reason, **note)
    return replace(one, number=number)


def end_mute(conn: Connection, number: int, now: datetime, by: str, why: str) -> Mute | None:
    """End a mute and return it; None if there is none, or it had ended.

    `why`: lifted by a person, broken by an event, or over (`by` is empty then).
    """
    open_one = update(mute).where(mute.c.number == number, mute.c.ended_at.is_(None))
    row = conn.execute(open_one.values(ended_at=now, ended_by=by, ended_why=why).returning(*mute.c)).first()
    if row is None:
        return None
    if why == "lifted":
        audit.decided(conn, "mute", why, str(number), now, by)
    else:
        audit.add(conn, [audit.Said("mute", why, str(number), now, {"by": by} if by else {})])
    return _mute_of(row)


def end_overs(conn: Connection, now: datetime) -> list[int]:
    """Note of each mute whose time has come that it is over; return their numbers."""
    due = select(mute.c.number).where(mute.c.ended_at.is_(None), mute.c.until <= now).order_by(mute.c.number)
    numbers = list(conn.scalars(due))
    return [number for number in numbers if end_mute(conn, number, now, "", "over") is not None]


def mutes(conn: Connection, now: datetime | None = None) -> list[Mute]:
    """Return the mutes that count at a moment, oldest first; all that ever were, without one."""
    rows = select(mute).order_by(mute.c.number)
    if now is not None:
        rows = rows.where(mute.c.ended_at.is_(None), mute.c.until > now)
    return [_mute_of(row) for row in conn.execute(rows)]


def silenced(conn: Connection) -> Counter[str]:
    """Return how many alerts each mute kept silent: `#3` for the mute of that number, else a rule's name."""
    found: Counter[str] = Counter()
    rows = (
        select(event.c.reasons)
        .join(alert, alert.c.event == event.c.id)
        .where(event.c.silent == "muted", alert.c.state == "suppressed", alert.c.reason == "muted")
    )
    for reasons in conn.scalars(rows):
        found.update(mark for reason in reasons if (mark := _mark(reason["name"], reason["facts"])) is not None)
    return found


def _mark(name: str, facts: Mapping[str, Any]) -> str | None:
    if name == "muted_by_person":
        return f"#{facts['mute']}" if "mute" in facts else None
    return str(facts["rule"]) if name == "muted" and "rule" in facts else None


def standing_facts(conn: Connection, customers: Iterable[str] = ()) -> list[StoredEvent]:
    """Return what was told and belongs to an open incident, of these customers, or of all."""
    told = select(event).join(incident, incident.c.id == event.c.incident)
    told = told.where(incident.c.state == "open", event.c.silent.is_(None)).order_by(event.c.first_seen, event.c.id)
    wanted = sorted(customers)
    if not wanted:
        return [codec.stored_event(row) for row in conn.execute(told)]
    return [
        codec.stored_event(row)
        for part in chunks(wanted)
        for row in conn.execute(told.where(event.c.customer.in_(part)))
    ]


_MUTE = ("by", "at", "reason", "until", "incident", "ended_at", "ended_by", "ended_why")
_MATCHER = ("types", "customers", "sources", "tiers", "countries", "severities")


def matcher_json(when: Matcher) -> Fields:
    """Return what a mute means as plain JSON."""
    return {name: list(values) for name in _MATCHER if (values := getattr(when, name))}


def _mute_of(row: Row[Any]) -> Mute:
    values = row._mapping
    when = Matcher(**{name: tuple(inner) for name, inner in row.matcher.items()})
    return Mute(**{name: values[name] for name in _MUTE}, number=row.number, level=Severity(row.level), when=when)


# --------------------------------------------------------------------------- a customer under another id


def rename(conn: Connection, old: str, new: str) -> None:
    """Let what was decided about a customer, and muted for it, go on under its new id."""
    conn.execute(update(decision).where(decision.c.customer == old).values(customer=new))
    for row in conn.execute(select(mute.c.number, mute.c.matcher)).all():
        named = row.matcher.get("customers", ())
        if old in named:
            customers = [new if one == old else one for one in named]
            conn.execute(
                update(mute).where(mute.c.number == row.number).values(matcher={**row.matcher, "customers": customers})
            )
