"""What a message may tell besides its own event: the whole incident, its dates, and what was told of it before."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from monitor.edge.store import codec, dates
from monitor.edge.store.codec import StoredEvent
from monitor.edge.store.tables import alert, decision, event
from monitor.model import Alert, Deadline, Severity

_EVENTS = 300  # of one incident, the newest; a message tells a handful


@dataclass(frozen=True, slots=True)
class Said:
    """That an event is not about this company, as a person said of its record."""

    source: str
    record_kind: str
    record_key: str
    by: str


@dataclass(frozen=True, slots=True)
class Background:
    """An incident as it stands when a message about it is written; empty for what belongs to none."""

    events: tuple[StoredEvent, ...] = ()  # oldest first, the silent ones too
    dates: tuple[Deadline, ...] = ()  # that are still to be kept, the nearest first
    not_them: tuple[Said, ...] = ()  # what was dismissed of the customer and holds
    before: Severity | None = None  # the gravest thing this channel was told of it until now
    alone: bool = False  # a reply that stands in no thread
    edited: bool = False  # the message is there already: nobody is called again


NOTHING = Background()


def of(conn: Connection, one: Alert, *, alone: bool = False, edited: bool = False) -> Background:
    """Read the background of an alert."""
    if one.incident is None:
        return Background(alone=alone, edited=edited)
    ahead = tuple(found for found in dates.of_incident(conn, one.incident) if found.state in dates.AHEAD)
    return Background(
        events=events(conn, one.incident),
        dates=ahead,
        not_them=dismissals(conn, one.customer),
        before=_gravest_told(conn, one),
        alone=alone,
        edited=edited,
    )


def events(conn: Connection, incident: str) -> tuple[StoredEvent, ...]:
    """Return the events of an incident, oldest first."""
    rows = select(event).where(event.c.incident == incident).order_by(event.c.first_seen.desc(), event.c.id)
    return tuple(reversed([codec.stored_event(row) for row in conn.execute(rows.limit(_EVENTS))]))


def dismissals(conn: Connection, customer: str | None) -> tuple[Said, ...]:
    """Return of which records a person said that they are not about this customer, as far as that holds."""
    rows = select(decision.c.source, decision.c.record_kind, decision.c.record_key, decision.c.by).where(
        decision.c.customer == customer, decision.c.verdict == "dismissed", decision.c.ended_at.is_(None)
    )
    return tuple(Said(*row) for row in conn.execute(rows.order_by(decision.c.at.desc())))


def _gravest_told(conn: Connection, one: Alert) -> Severity | None:
    rows = select(alert.c.severity).where(
        alert.c.incident == one.incident,
        alert.c.channel == one.channel,
        alert.c.state == "sent",
        alert.c.kind.in_(["root", "reply"]),
        alert.c.id != one.id,
    )
    return max((Severity(level) for level in conn.scalars(rows)), key=lambda level: level.rank, default=None)
