"""Who is reminded that nobody has acknowledged a critical alert, and when that is no longer needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.judge import route
from monitor.judge.incident import Fact
from monitor.model import Alert, Incident, Severity

UNACKNOWLEDGED = "unacknowledged"  # facts["code"] of the reminder
LATEST = timedelta(days=3)  # what has been waiting longer is not brought up again by an upgrade or after an outage


def needless(incident: Incident, facts: Sequence[Fact]) -> str:
    """Return the name of the reason why nobody has to be reminded of the incident, or the empty text."""
    if incident.acked_at is not None:
        return "acknowledged"
    if dismissed(facts):
        return "dismissed"
    if incident.state == "closed":
        return "closed"
    return "" if incident.severity is Severity.CRITICAL else "superseded"


def dismissed(facts: Sequence[Fact]) -> bool:
    """Return whether people said of all that was told that it is about somebody else."""
    return any(one.silent == "dismissed" for one in facts) and not any(one.silent is None for one in facts)


def reminder(told: Alert, incident: Incident, now: datetime) -> Alert:
    """Return the reminder of a critical message. Its id says incident, channel and level: there is one of it, ever."""
    key = f"{incident.id}|{told.channel}|{incident.severity.value}|{UNACKNOWLEDGED}"
    assert told.sent_at is not None  # only what was sent is due
    return Alert(
        id=route.alert_id(key),
        key=key,
        kind="reminder",
        channel=told.channel,
        severity=incident.severity,
        event=told.event,
        incident=incident.id,
        customer=incident.customer,
        created_at=now,
        not_before=now,
        mention=told.mention,
        facts={"code": UNACKNOWLEDGED, "incident": incident.id, "told": told.sent_at.isoformat(timespec="seconds")},
    )
