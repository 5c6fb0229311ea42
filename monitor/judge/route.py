"""Where a verdict goes, when, to whom, and as what: root, reply, or a recorded silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.judge import incident as incidents
from monitor.judge.weigh import speaks_of
from monitor.model import Alert, AlertKind, Customer, Event, Incident, Severity, Verdict
from monitor.policy import Policy

RootExists = Callable[[str], bool]  # channel -> the incident already has a root message there


@dataclass(frozen=True, slots=True)
class _Way:
    channel: str
    mention: str | None


def route(
    event: Event,
    verdict: Verdict,
    incident: Incident,
    customer: Customer | None,
    policy: Policy,
    now: datetime,
    root_exists: RootExists,
    *,
    before: Verdict | None = None,
) -> tuple[Alert, ...]:
    """Return one alert row per channel; a row that is not sent says why in `reason`.

    Nothing is returned for what only the timeline keeps (info) and for the first look's baseline, which the opening
    report tells. `before` is the verdict a known event had until now: then only a graver one, or one that was silent
    and now speaks, is worth a row.
    """
    if before is not None and not _escalated(before, verdict):
        return ()
    alerts = []
    for way in _ways(event, verdict, customer, policy):
        exists = root_exists(way.channel)
        silence = _silence(event, verdict, exists=exists)
        if silence in ("baseline", "info_timeline"):
            continue
        alerts.append(_alert(event, verdict, incident, way, policy, now, exists, silence, escalated=before is not None))
    return tuple(alerts)


def _escalated(before: Verdict, verdict: Verdict) -> bool:
    if verdict.silent is not None:
        return False
    return verdict.severity.rank > before.severity.rank or before.silent is not None


def _ways(event: Event, verdict: Verdict, customer: Customer | None, policy: Policy) -> list[_Way]:
    """The customer's channel (or the operators'), then every route that matches; a channel gets one copy."""
    loud = verdict.severity.rank >= Severity.HIGH.rank
    if event.family == "sys" or customer is None:
        ways = [_Way(policy.ops_channel, None)]
    else:
        ways = [_Way(customer.channel or policy.channel, customer.owner if loud else None)]
    for rule in policy.routes:
        if speaks_of(rule.when, event, customer, verdict.severity):
            ways.append(_Way(rule.channel, rule.mention if loud else None))
    merged: dict[str, _Way] = {}
    for way in ways:
        known = merged.get(way.channel)
        merged[way.channel] = _Way(way.channel, known.mention or way.mention) if known else way
    return list(merged.values())


def _silence(event: Event, verdict: Verdict, *, exists: bool) -> str:
    """The reason a row is not sent, or the empty text."""
    if verdict.silent is not None:
        return verdict.silent
    # Who was alarmed is told the end and the correction, however low they weigh.
    if exists and (incidents.closes(event) or incidents.corrects(event)):
        return ""
    if verdict.severity is Severity.INFO:
        return "info_timeline"
    return "low_severity_timeline" if verdict.severity is Severity.LOW else ""


def _alert(
    event: Event,
    verdict: Verdict,
    incident: Incident,
    way: _Way,
    policy: Policy,
    now: datetime,
    exists: bool,
    silence: str,
    *,
    escalated: bool,
) -> Alert:
    # A verdict that got graver is told once more; the severity in the key keeps the first telling apart.
    key = f"{event.key}|{way.channel}" + (f"|{verdict.severity.value}" if escalated else "")
    kind: AlertKind = "reply" if exists else "root"
    wait = 0.0 if verdict.severity is Severity.CRITICAL else policy.group_wait
    return Alert(
        id=alert_id(key),
        key=key,
        kind=kind,
        channel=way.channel,
        severity=verdict.severity,
        event=event.id,
        incident=incident.id,
        customer=event.customer,
        state="suppressed" if silence else "pending",
        reason=silence,
        created_at=now,
        not_before=now + timedelta(seconds=wait),
        shown=incident.version,
        mention=None if silence else way.mention,
    )


def alert_id(key: str) -> str:
    return "al_" + incidents.digest16(key)
