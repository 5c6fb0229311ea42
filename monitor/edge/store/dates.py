"""The dates that cost money, as the store holds them: read by incident, by customer and by day; written whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.edge.store import codec
from monitor.edge.store.codec import StoredEvent
from monitor.edge.store.tables import alert, deadline, event, incident
from monitor.edge.store.turns import chunks
from monitor.model import Deadline, DeadlineName, DeadlineState, Incident

MARK = "deadline"  # begins the key of a reminder
AHEAD: tuple[DeadlineState, ...] = ("open", "moved")  # what somebody still has to keep

_PLAIN = (
    *("id", "customer", "name", "day", "state", "created_at", "updated_at"),
    *("incident", "event", "source", "country", "was"),
)


def of_incident(conn: Connection, id: str) -> list[Deadline]:
    """Return the dates of an incident, whatever became of them, the nearest first."""
    return _found(conn, select(deadline).where(deadline.c.incident == id))


def of_incidents(conn: Connection, incidents: Iterable[str]) -> dict[str, list[Deadline]]:
    """Return the dates of several incidents by the incident's id; those without any are not there."""
    found: dict[str, list[Deadline]] = {}
    for part in chunks(sorted(set(incidents))):
        for one in _found(conn, select(deadline).where(deadline.c.incident.in_(part))):
            found.setdefault(str(one.incident), []).append(one)
    return found


def of_customers(conn: Connection) -> list[Deadline]:
    """Return the dates of the customers' own files: documents that run out, reviews that fall due."""
    return _found(conn, select(deadline).where(deadline.c.incident.is_(None)))


def get(conn: Connection, id: str) -> Deadline | None:
    """Return one date by its id."""
    return next(iter(_found(conn, select(deadline).where(deadline.c.id == id))), None)


def listed(
    conn: Connection,
    *,
    customer: str | None = None,
    since: date | None = None,
    until: date | None = None,
    states: Collection[DeadlineState] | None = AHEAD,
    names: Collection[DeadlineName] | None = None,
) -> list[Deadline]:
    """Return dates, the nearest first; `since` and `until` are days and both count. `states` None: all."""
    rows = select(deadline)
    if customer is not None:
        rows = rows.where(deadline.c.customer == customer)
    if since is not None:
        rows = rows.where(deadline.c.day >= since.isoformat())
    if until is not None:
        # "~" stands behind whatever a time of the day begins with.
        rows = rows.where(deadline.c.day <= until.isoformat() + "~")
    if states is not None:
        rows = rows.where(deadline.c.state.in_(sorted(states)))
    if names is not None:
        rows = rows.where(deadline.c.name.in_(sorted(names)))
    return _found(conn, rows)


def stories(conn: Connection, incidents: Iterable[str]) -> dict[str, Incident]:
    """Return incidents by id."""
    return {
        row.id: codec.incident_of(row)
        for part in chunks(sorted(set(incidents)))
        for row in conn.execute(select(incident).where(incident.c.id.in_(part)))
    }


def facts(conn: Connection, incidents: Iterable[str]) -> dict[str, list[StoredEvent]]:
    """Return the events of incidents by the incident's id, oldest first."""
    found: dict[str, list[StoredEvent]] = {}
    for part in chunks(sorted(set(incidents))):
        rows = select(event).where(event.c.incident.in_(part)).order_by(event.c.first_seen, event.c.id)
        for row in conn.execute(rows):
            found.setdefault(row.incident, []).append(codec.stored_event(row))
    return found


def keep(conn: Connection, deadlines: Sequence[Deadline]) -> None:
    """Write dates as they stand now, new or known; a message of an incident whose dates have changed is out of date."""
    outdated = _changed(conn, deadlines)
    rows = [_row(one) for one in deadlines]
    for part in chunks(rows):
        conn.execute(_write(conn.dialect.name), part)
    for ids in chunks(sorted(outdated)):
        conn.execute(update(incident).where(incident.c.id.in_(ids)).values(version=incident.c.version + 1))


def _changed(conn: Connection, deadlines: Sequence[Deadline]) -> set[str]:
    """Return the incidents whose known dates are to read differently: moved, or no longer to be kept."""
    mine = {one.id: one for one in deadlines if one.incident is not None}
    found: set[str] = set()
    for ids in chunks(sorted(mine)):
        for row in conn.execute(select(deadline.c.id, deadline.c.day, deadline.c.state).where(deadline.c.id.in_(ids))):
            new = mine[row.id]
            if row.day != new.day or (row.state in AHEAD) != (new.state in AHEAD):
                found.add(str(new.incident))
    return found


def withdraw(conn: Connection, id: str, reason: str) -> int:
    """Take back the reminders of a date that have not left yet; return how many."""
    mine = alert.c.key.startswith(f"{MARK}|{id}|", autoescape=True)
    waiting = (mine, alert.c.state.in_(("pending", "parked")), alert.c.claimed_at.is_(None))
    return conn.execute(update(alert).where(*waiting).values(state="suppressed", reason=reason)).rowcount


@cache
def _write(dialect: str) -> Any:
    new = postgresql.insert(deadline) if dialect == "postgresql" else sqlite.insert(deadline)
    kept = ("id", "created_at")
    changed = {column.name: new.excluded[column.name] for column in deadline.c if column.name not in kept}
    return new.on_conflict_do_update(index_elements=[deadline.c.id], set_=changed)


def _found(conn: Connection, rows: Select[Any]) -> list[Deadline]:
    ordered = rows.order_by(deadline.c.day, deadline.c.name, deadline.c.id)
    return [_deadline(row) for row in conn.execute(ordered)]


def _row(one: Deadline) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in _PLAIN}
    return plain | {"reminded": list(one.reminded), "facts": codec.plain(one.facts)}


def _deadline(row: Row[Any]) -> Deadline:
    values = row._mapping
    return Deadline(**{name: values[name] for name in _PLAIN}, reminded=tuple(row.reminded), facts=row.facts)
