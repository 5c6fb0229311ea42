"""The outbox: alerts that Slack has not confirmed yet, claimed before a post and marked after its answer.

A claimed row stays `pending`: whether its post arrived is not known until Slack said so, or until its
history was looked through. Each change asks for the state it expects and tells by the row count
whether it was the first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Update, case, func, select, update
from sqlalchemy.sql import ColumnElement

from monitor.edge.store import audit, codec
from monitor.edge.store.tables import Instant, alert, incident
from monitor.model import Alert, Incident, Severity

_WAITING = (alert.c.state == "pending", alert.c.claimed_at.is_(None))
_LEAVES = (*_WAITING, alert.c.kind != "line")  # a line goes with the daily digest, never by itself
_CRITICAL_FIRST = case((alert.c.severity == Severity.CRITICAL.value, 0), else_=1)


def threaded(one: Alert) -> bool:
    """Return whether an alert belongs into the thread below its incident's root."""
    return one.kind in ("reply", "reminder") and one.incident is not None


def pending(
    conn: Connection, now: datetime, limit: int, channel: str | None = None, *, lines: bool = False
) -> list[Alert]:
    """Return alerts that may be sent now, criticals first, then the oldest; with `lines` those of daily digests too."""
    rows = select(alert).where(*(_WAITING if lines else _LEAVES), alert.c.not_before <= now)
    if channel is not None:
        rows = rows.where(alert.c.channel == channel)
    return _alerts(conn, rows.order_by(_CRITICAL_FIRST, alert.c.created_at, alert.c.id).limit(limit))


def claimed(conn: Connection) -> list[Alert]:
    """Return alerts whose post began and was never answered: to be looked up before anything is sent again."""
    rows = select(alert).where(alert.c.state == "pending", alert.c.claimed_at.is_not(None))
    return _alerts(conn, rows.order_by(alert.c.claimed_at, alert.c.id))


def claim(conn: Connection, id: str, now: datetime) -> Alert | None:
    """Begin an attempt: commit this before the request leaves. None if somebody else was first."""
    won = update(alert).where(alert.c.id == id, *_WAITING)
    row = conn.execute(won.values(claimed_at=now, attempts=alert.c.attempts + 1).returning(alert)).first()
    return None if row is None else codec.alert_of(row)


def sent(conn: Connection, id: str, channel: str, ts: str, now: datetime, shown: int = 0) -> bool:
    """Slack has it: at `channel` and `ts`, showing the incident's version `shown`."""
    first = update(alert).where(alert.c.id == id, alert.c.state != "sent")
    if not _change(
        conn,
        first.values(
            state="sent", reason="", claimed_at=None, slack_channel=channel, slack_ts=ts, sent_at=now, shown=shown
        ),
    ):
        return False
    audit.again(conn, "alert", "sent", [id], now)
    return True


def release(conn: Connection, id: str, not_before: datetime, reason: str) -> bool:
    """Slack does not have it: try again, not before a moment."""
    freed = update(alert).where(alert.c.id == id, alert.c.state == "pending")
    return _change(conn, freed.values(claimed_at=None, not_before=not_before, reason=reason))


def defer(conn: Connection, id: str, not_before: datetime) -> bool:
    """Let an alert that waits, and that nobody has claimed, wait longer."""
    return _change(conn, update(alert).where(alert.c.id == id, *_WAITING).values(not_before=not_before))


def park(conn: Connection, id: str, reason: str) -> bool:
    """Lay it aside until a person acts (broken route, refused message, uncertain post)."""
    return _change(conn, _ended(id, "parked", reason))


def suppress(conn: Connection, id: str, reason: str) -> bool:
    """Never send it: for a recorded reason (muted, joined a digest)."""
    return _change(conn, _ended(id, "suppressed", reason))


def unpark(conn: Connection, channel: str, now: datetime, reason: str | None = None) -> int:
    """Queue a channel's parked alerts again, those parked for one reason if it is given; return how many."""
    back = update(alert).where(alert.c.channel == channel, alert.c.state == "parked")
    if reason is not None:
        back = back.where(alert.c.reason == reason)
    return conn.execute(back.values(state="pending", reason="", claimed_at=None, not_before=now)).rowcount


def root_of(conn: Connection, incident_id: str, channel: str) -> Alert | None:
    """Return the root message of an incident in a channel: the sent one, else the newest that still may be."""
    rows = select(alert).where(alert.c.incident == incident_id, alert.c.channel == channel, alert.c.kind == "root")
    best = case((alert.c.state == "sent", 0), (alert.c.state == "pending", 1), else_=2)
    rows = rows.where(alert.c.state != "suppressed").order_by(best, alert.c.created_at.desc(), alert.c.id)
    return next(iter(_alerts(conn, rows.limit(1))), None)


def stale_roots(conn: Connection, limit: int = 100) -> list[tuple[Alert, Incident]]:
    """Return sent roots whose message shows an older version of their incident, the longest stale first."""
    behind = (
        alert.c.kind == "root",
        alert.c.state == "sent",
        alert.c.slack_ts.is_not(None),
        alert.c.shown < incident.c.version,
    )
    ids = select(alert.c.id).join_from(alert, incident, alert.c.incident == incident.c.id).where(*behind)
    roots = _alerts(conn, select(alert).where(alert.c.id.in_(ids.order_by(incident.c.updated_at).limit(limit))))
    of = {root.incident: root.incident for root in roots if root.incident is not None}
    stories = {
        row.id: codec.incident_of(row) for row in conn.execute(select(incident).where(incident.c.id.in_(list(of))))
    }
    pairs = [(root, stories[root.incident]) for root in roots if root.incident in stories]
    return sorted(pairs, key=lambda pair: (pair[1].updated_at, pair[0].id))


def unacknowledged(conn: Connection, since: datetime, until: datetime) -> list[tuple[Alert, Incident]]:
    """Return the first critical message of each incident and channel that was sent in a span, with its incident.

    Only of incidents that are open, critical and not acknowledged, and that stand in Slack: elsewhere there is no
    thread. One whose reminder was made already is left out.
    """
    critical = Severity.CRITICAL.value
    rows = (
        select(alert)
        .join_from(alert, incident, alert.c.incident == incident.c.id)
        .where(
            incident.c.state == "open",
            incident.c.severity == critical,
            incident.c.acked_at.is_(None),
            alert.c.severity == critical,
            alert.c.kind.in_(["root", "reply"]),
            alert.c.state == "sent",
            alert.c.reason == "",  # neither by another door nor as a line of a digest
            alert.c.slack_ts.is_not(None),
            alert.c.sent_at > since,
            alert.c.sent_at <= until,
        )
    )
    first: dict[tuple[str | None, str], Alert] = {}
    for one in _alerts(conn, rows.order_by(alert.c.sent_at, alert.c.id)):
        first.setdefault((one.incident, one.channel), one)
    told = {one.incident: one for one in first.values()}
    stories = {
        row.id: codec.incident_of(row) for row in conn.execute(select(incident).where(incident.c.id.in_(list(told))))
    }
    reminded = select(alert.c.key).where(alert.c.incident.in_(list(told)), alert.c.kind == "reminder")
    known = set(conn.scalars(reminded))
    return [
        (one, stories[one.incident or ""])
        for one in first.values()
        if not any(key.startswith(f"{one.incident}|{one.channel}|{critical}|") for key in known)
    ]


def shown(conn: Connection, id: str, version: int) -> None:
    """The message in Slack now shows this version of its incident (edits may be lost, never go back)."""
    conn.execute(update(alert).where(alert.c.id == id, alert.c.shown < version).values(shown=version))


def queues(conn: Connection) -> dict[str, int]:
    """Return how many alerts wait, by channel."""
    rows = select(alert.c.channel, func.count()).where(alert.c.state == "pending", alert.c.kind != "line")
    rows = rows.group_by(alert.c.channel)
    return {row[0]: row[1] for row in conn.execute(rows)}


def next_ready(conn: Connection) -> datetime | None:
    """Return when the next unclaimed alert may be sent; None if none waits."""
    first: datetime | None = conn.scalar(select(func.min(alert.c.not_before, type_=Instant)).where(*_LEAVES))
    return first


def _ended(id: str, state: str, reason: str) -> Update:
    still: ColumnElement[bool] = alert.c.state.in_(["pending", "parked"])
    return update(alert).where(alert.c.id == id, still).values(state=state, reason=reason, claimed_at=None)


def _change(conn: Connection, statement: Update) -> bool:
    return conn.execute(statement).rowcount == 1


def _alerts(conn: Connection, rows: Select[Any]) -> list[Alert]:
    return [codec.alert_of(row) for row in conn.execute(rows)]
