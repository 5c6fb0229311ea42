"""Reminds once, in the thread, of a critical alert that nobody has acknowledged."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.app.desk import Desk
from monitor.edge.store import background, commit, outbox
from monitor.judge import reminding


def round_(conn: Connection, desk: Desk, now: datetime) -> bool:
    """Queue the reminders that are due; return whether there are any. Whoever acknowledges first is not reminded."""
    until = now - timedelta(seconds=desk.policy.reminder)
    due = []
    for told, incident in outbox.unacknowledged(conn, until - reminding.LATEST, until):
        if not reminding.needless(incident, background.events(conn, incident.id)):
            due.append(reminding.reminder(told, incident, now))
    commit.add_alerts(conn, due, now)
    return bool(due)
