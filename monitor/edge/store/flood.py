"""How many customers one source speaks of in one way at once: what tells a flood of messages from news."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, true

from monitor.edge.store.tables import alert, customer, event, watch
from monitor.edge.store.turns import chunks
from monitor.model import Alert, Severity


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """What the messages of a flood have in common: the watcher, and the type of their events."""

    source: str
    type: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How many customers a kind was told of lately, and how many the source watches."""

    customers: int
    watched: int


def kinds(conn: Connection, alerts: Iterable[Alert]) -> dict[str, Kind]:
    """Return alert id -> its kind, of those that speak of a customer's event and are not critical."""
    wanted = {
        one.event: one.id for one in alerts if one.event and one.customer and one.severity is not Severity.CRITICAL
    }
    found: dict[str, Kind] = {}
    for part in chunks(wanted):
        rows = conn.execute(select(event.c.id, event.c.source, event.c.type).where(event.c.id.in_(part)))
        found |= {wanted[row.id]: Kind(row.source, row.type) for row in rows}
    return found


def spread(conn: Connection, kind: Kind, since: datetime) -> Spread:
    """Count the customers who have a message of this kind made since a moment, sent or waiting."""
    customers = conn.scalar(
        select(func.count(alert.c.customer.distinct()))
        .join_from(alert, event, alert.c.event == event.c.id)
        .where(
            alert.c.created_at >= since,
            alert.c.kind == "root",
            alert.c.state.in_(["pending", "sent"]),
            alert.c.severity != Severity.CRITICAL.value,
            event.c.source == kind.source,
            event.c.type == kind.type,
        )
    )
    return Spread(customers or 0, _watched(conn, kind.source) if customers else 0)


def _watched(conn: Connection, source: str) -> int:
    """Return how many customers a source watches: those it is asked about; of a stream, everybody."""
    here = customer.c.removed_at.is_(None)
    asked = (
        select(func.count())
        .join_from(watch, customer, watch.c.subject == customer.c.id)
        .where(watch.c.source == source, watch.c.active == true(), here)
    )
    return conn.scalar(asked) or conn.scalar(select(func.count()).select_from(customer).where(here)) or 0


def last_told(conn: Connection, channel: str, kind: Kind, since: datetime) -> datetime | None:
    """Return when a channel last got a message that stands for many of this kind; None if not since that moment."""
    rows = select(alert.c.created_at, alert.c.facts).where(
        alert.c.channel == channel,
        alert.c.kind == "digest",
        alert.c.created_at >= since,
        alert.c.state.in_(["pending", "sent"]),
    )
    same = []
    for row in conn.execute(rows):
        about = row.facts.get("flood")
        if about and (about["source"], about["type"]) == (kind.source, kind.type):
            same.append(row.created_at)
    return max(same, default=None)
