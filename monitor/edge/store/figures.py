"""What the store comes to in a few figures, cheap enough to be asked for every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select, true

from monitor.edge.store.tables import alert, audit, health, held_change, hold, watch


@dataclass(frozen=True, slots=True)
class Figures:
    """How much waits, and for whom."""

    due: int  # watches that are due and that nobody has claimed
    troubled: int  # sources, or streams of them, of which people were told that they cannot be seen or believed
    alerts: dict[str, int]  # state -> how many
    held: int  # changes kept back until a person decides
    unsealed: int  # audit rows that are not chained yet
    lines: int = 0  # of the pending alerts, those that are for a daily digest

    @property
    def waiting(self) -> int:
        """Alerts that have not arrived, without what is meant to wait for its digest."""
        return self.alerts.get("pending", 0) + self.alerts.get("parked", 0) - self.lines


def figures(conn: Connection, now: datetime) -> Figures:
    """Return the figures of this moment. Each is answered by an index, however large the store."""
    free = or_(watch.c.lease_until.is_(None), watch.c.lease_until <= now)
    due = select(func.count()).select_from(watch).where(watch.c.active == true(), watch.c.due_at <= now, free)
    troubled = select(func.count()).select_from(health).where(health.c.code != "ok")
    states = select(alert.c.state, func.count()).group_by(alert.c.state)
    lines = select(func.count()).where(alert.c.state == "pending", alert.c.kind == "line")
    held = select(func.count()).select_from(held_change.join(hold, held_change.c.hold == hold.c.number))
    unsealed = select(func.count()).select_from(audit).where(audit.c.number.is_(None))
    return Figures(
        due=conn.scalar(due) or 0,
        troubled=conn.scalar(troubled) or 0,
        alerts={row[0]: row[1] for row in conn.execute(states)},
        held=conn.scalar(held.where(hold.c.state == "held")) or 0,
        unsealed=conn.scalar(unsealed) or 0,
        lines=conn.scalar(lines) or 0,
    )


def looked_since(conn: Connection, since: datetime) -> int:
    """Return how many of the active watches were looked at since a moment, with whatever outcome. Reads them all."""
    looked = select(func.count()).select_from(watch).where(watch.c.active == true(), watch.c.last_look_at >= since)
    return conn.scalar(looked) or 0
