"""What the store knows of the customers one look speaks of: each thing read once, and kept up as the look is judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.edge.store import read
from monitor.edge.store.codec import StoredEvent
from monitor.model import Alert, Incident, Severity

RELATED = timedelta(days=400)  # how far back a customer's events weigh in
MOST_RELATED = 200  # events of that time, newest first


class Recall:
    """The past as one look needs it: what was decided in the look itself belongs to it."""

    def __init__(self, conn: Connection, now: datetime) -> None:
        self._conn, self._now = conn, now
        self._decided: dict[str, dict[str, StoredEvent]] = defaultdict(dict)  # customer -> key -> event
        self._events: dict[str, StoredEvent | None] = {}  # by key
        self._stored: dict[str, list[StoredEvent]] = {}
        self._incidents: dict[str, dict[str, Incident]] = {}
        self._spells: dict[str, dict[str, int]] = {}
        self._alerts: dict[str, Sequence[Alert]] = {}

    # ------------------------------------------------------------------ events

    def look_up(self, keys: Iterable[str]) -> None:
        """Read the events with these keys in one go."""
        wanted = [key for key in keys if key not in self._events]
        if wanted:
            self._events |= dict.fromkeys(wanted)
            self._events |= read.events_by_key(self._conn, wanted)

    def event(self, key: str) -> StoredEvent | None:
        """Return the event with this key as the store has it."""
        self.look_up([key])
        return self._events[key]

    def related(self, customer: str) -> list[StoredEvent]:
        """Return the customer's events that mattered lately, this look's own among them as they stand now."""
        if customer not in self._stored:
            # What only the timeline keeps is left out: a much-reported customer has hundreds of neutral articles.
            since = self._now - RELATED
            self._stored[customer] = read.events(
                self._conn, customer=customer, severity=Severity.LOW, since=since, limit=MOST_RELATED
            )
        mine = self._decided[customer]
        return [stored for stored in self._stored[customer] if stored.event.key not in mine] + list(mine.values())

    def stored(self, customer: str) -> list[StoredEvent]:
        """Return those of the customer's related events that the store has, as they stand now."""
        related = self.related(customer)
        kept = {one.event.key for one in self._stored[customer]}
        return [one for one in related if one.event.key in kept]

    def decided(self, one: StoredEvent) -> None:
        """Remember what this look decided about an event."""
        self._decided[one.event.customer or ""][one.event.key] = one

    # ------------------------------------------------------------------ incidents

    def incidents(self, customer: str) -> Collection[Incident]:
        """Return the customer's incidents that are open, or were touched lately."""
        if customer not in self._incidents:
            found = read.living_incidents(self._conn, customer, self._now - RELATED)
            self._incidents[customer] = {one.id: one for one in found}
        return self._incidents[customer].values()

    def joined(self, one: Incident) -> None:
        """Remember an incident as it stands now."""
        self.incidents(one.customer or "")
        self._incidents[one.customer or ""][one.id] = one

    def alerts(self, incident: str) -> Sequence[Alert]:
        """Return what was queued about the incident before this look, whatever became of it."""
        if incident not in self._alerts:
            self._alerts[incident] = read.alerts(self._conn, incident=incident)
        return self._alerts[incident]

    # ------------------------------------------------------------------ states

    def officers(self, source: str, customer: str) -> dict[str, str]:
        """Return who held an office at the customer by the last look of a source: record key -> office."""
        return read.officers(self._conn, source, customer)

    def spells(self, customer: str, name: str) -> int:
        """Return how often a state was left, by the store."""
        if customer not in self._spells:
            self._spells[customer] = read.spells_of(self._conn, customer)
        return self._spells[customer].get(name, 0)
