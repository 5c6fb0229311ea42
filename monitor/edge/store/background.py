"""What a message may tell besides its own event: the whole incident, its dates, and what was told of it before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from monitor.edge.store import codec, dates, decisions
from monitor.edge.store.codec import StoredEvent
from monitor.edge.store.tables import alert, event
from monitor.model import Alert, Deadline, Decision, Event, Severity

_EVENTS = 300  # of one incident, the newest; a message tells a handful


@dataclass(frozen=True, slots=True)
class Background:
    """An incident as it stands when a message about it is written; empty for what belongs to none."""

    events: tuple[StoredEvent, ...] = ()  # oldest first, the silent ones too
    dates: tuple[Deadline, ...] = ()  # that are still to be kept, the nearest first
    report: Deadline | None = None  # the insurer's date of this matter, also once it is over
    dismissed: Decision | None = None  # the newest by which a person took facts of it out, as far as that holds
    before: Severity | None = None  # the gravest thing this channel was told of it until now
    alone: bool = False  # a reply that stands in no thread
    edited: bool = False  # the message is there already: nobody is called again


NOTHING = Background()


def of(conn: Connection, one: Alert, *, alone: bool = False, edited: bool = False) -> Background:
    """Read the background of an alert."""
    if one.incident is None:
        return Background(alone=alone, edited=edited)
    told, kept = events(conn, one.incident), dates.of_incident(conn, one.incident)
    return Background(
        events=told,
        dates=tuple(found for found in kept if found.state in dates.AHEAD),
        report=next((found for found in kept if found.name == "insurer_report" and "workdays" in found.facts), None),
        dismissed=_dismissed(conn, told),
        before=_gravest_told(conn, one),
        alone=alone,
        edited=edited,
    )


def events(conn: Connection, incident: str) -> tuple[StoredEvent, ...]:
    """Return the events of an incident, oldest first."""
    rows = select(event).where(event.c.incident == incident).order_by(event.c.first_seen.desc(), event.c.id)
    return tuple(reversed([codec.stored_event(row) for row in conn.execute(rows.limit(_EVENTS))]))


def _dismissed(conn: Connection, told: Sequence[StoredEvent]) -> Decision | None:
    gone = {_record(one.event) for one in told if one.silent == "dismissed"}
    if not gone:
        return None
    mine = decisions.standing(conn, told[0].event.customer or "")
    found = [one for one in mine if one.verdict == "dismissed" and _record(one) in gone]
    return max(found, key=lambda one: one.at, default=None)


def _record(one: Event | Decision) -> tuple[str, str, str]:
    return one.source, one.record_kind, one.record_key


def _gravest_told(conn: Connection, one: Alert) -> Severity | None:
    rows = select(alert.c.severity).where(
        alert.c.incident == one.incident,
        alert.c.channel == one.channel,
        alert.c.state == "sent",
        alert.c.kind.in_(["root", "reply"]),
        alert.c.id != one.id,
    )
    return max((Severity(level) for level in conn.scalars(rows)), key=lambda level: level.rank, default=None)
