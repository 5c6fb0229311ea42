"""Where a verdict goes, when, to whom, and as what: root, reply, a line of a digest, or a recorded silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from monitor.judge import calendars
from monitor.judge import hours as hours_
from monitor.judge import incident as incidents
from monitor.judge.hours import Hours
from monitor.judge.weigh import unmet
from monitor.model import Alert, AlertKind, Customer, Event, Incident, Severity, Verdict
from monitor.policy import Language, Person, Policy, Route

RootExists = Callable[[str], bool]  # channel -> the incident already has a root message there
By = Literal["customer", "default", "ops", "route"]
TOLD_SOONER = "told_sooner"  # why a line leaves its digest: its incident got graver, and that was told
SUPERSEDED = "superseded"  # why a root that waits is not sent: the same event became critical


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a channel: the customer's own, the default, the operators', or a route of the configuration.

    `unmet` names the conditions that this event does not fulfil; none: the way is taken.
    """

    by: By
    channel: str
    route: Route | None = None
    unmet: tuple[str, ...] = ()
    mention: str | None = None
    instead_of: str | None = None  # the owner, whose deputy is mentioned today

    @property
    def taken(self) -> bool:
        return not self.unmet


@dataclass(frozen=True, slots=True)
class When:
    """The moment an alert may leave (UTC), and why then: at_once, gathers, quiet_hours or daily_digest."""

    at: datetime
    why: Literal["at_once", "gathers", "quiet_hours", "daily_digest"]


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

    Each row's facts name the `ways` that led to it and `when` it leaves, by reason. What is low waits as a line of the
    channel's next daily digest. Nothing is returned for what only the timeline keeps (info) and for the first look's
    baseline, which the opening report tells. `before` is the verdict a known event had until now: then only a graver
    one, or one that was silent and now speaks, is worth a row.
    """
    if before is not None and not _escalated(before, verdict):
        return ()
    alerts = []
    taken = [one for one in ways(event, verdict, customer, policy, now) if one.taken]
    for channel in dict.fromkeys(one.channel for one in taken):
        leading = [one for one in taken if one.channel == channel]
        exists = root_exists(channel)
        silence = silence_of(event, verdict, exists=exists)
        if silence in ("baseline", "info_timeline"):
            continue
        own = hours_.hours(policy, _routes(leading))
        at = when(verdict.severity, own, now, spoken=exists and _ends(event))
        alerts.append(_alert(event, verdict, incident, leading, at, now, exists, silence, escalated=before is not None))
    return tuple(alerts)


def _escalated(before: Verdict, verdict: Verdict) -> bool:
    if verdict.silent is not None:
        return False
    return verdict.severity.rank > before.severity.rank or before.silent is not None


# --------------------------------------------------------------------------- the ways


def ways(event: Event, verdict: Verdict, customer: Customer | None, policy: Policy, now: datetime) -> tuple[Way, ...]:
    """Return the customer's own channel (or the operators'), then every route in the order of the file, taken or not."""
    loud = verdict.severity.rank >= Severity.HIGH.rank and verdict.silent is None
    found = [_own(event, customer, policy)]
    for rule in policy.routes:
        missing = unmet(rule.when, event, customer, verdict.severity)
        found.append(Way("route", rule.channel, rule, missing, rule.mention))
    return tuple(_mentioning(one, policy, now) if loud else replace(one, mention=None) for one in found)


def _own(event: Event, customer: Customer | None, policy: Policy) -> Way:
    if event.family == "sys" or customer is None:
        return Way("ops", policy.ops_channel)
    if customer.channel:
        return Way("customer", customer.channel, mention=customer.owner)
    return Way("default", policy.channel, mention=customer.owner)


def _routes(leading: Iterable[Way]) -> list[Route]:
    return [one.route for one in leading if one.route is not None]


def _mentioning(way: Way, policy: Policy, now: datetime) -> Way:
    """Return the way with whom to mention today: who is off, by their own calendar, is stood in for by the deputy."""
    stand_in = on_duty(way.mention, policy, now)
    return way if stand_in == way.mention else replace(way, mention=stand_in, instead_of=way.mention)


def on_duty(mention: str | None, policy: Policy, now: datetime) -> str | None:
    """Return whom to mention: the person, or on their day off the first deputy of theirs who works today.

    If nobody in the row works today it is the person: somebody has to be told.
    """
    person, seen = _person(policy, mention), set[str]()
    while person is not None and person.key not in seen:
        if not _off(person, policy, now):
            return mention if not seen else person.key
        seen.add(person.key)
        person = policy.people.get(person.deputy or "")
    return mention


def _person(policy: Policy, mention: str | None) -> Person | None:
    """Return the person a key or an address means."""
    if mention is None:
        return None
    known = policy.people.get(mention)
    return known or next((one for one in policy.people.values() if mention in (one.mail, one.slack)), None)


def _off(person: Person, policy: Policy, now: datetime) -> bool:
    """Whether today is a weekend or a holiday where the person is; who names no calendar is never off."""
    if person.calendar is None:
        return False
    today = now.astimezone(ZoneInfo(person.timezone or policy.timezone)).date()
    return not calendars.workdays(person.calendar)(today)


# --------------------------------------------------------------------------- whether and when


def silence_of(event: Event, verdict: Verdict, *, exists: bool) -> str:
    """Return the reason a row is not sent, or the empty text. `exists`: the channel was told of the incident."""
    if verdict.silent is not None:
        return verdict.silent
    # Who was alarmed is told the end and the correction, however low they weigh.
    if verdict.severity is Severity.INFO and not (exists and _ends(event)):
        return "info_timeline"
    return ""


def _ends(event: Event) -> bool:
    return incidents.closes(event) or incidents.corrects(event)


def when(severity: Severity, hours: Hours, now: datetime, *, spoken: bool = False) -> When:
    """Return when an alert of this severity leaves for a channel with these hours.

    Critical at once; high and medium after the facts of an incident have gathered, outside quiet hours; low with the
    next daily digest, unless it ends what the channel was told (`spoken`).
    """
    if severity is Severity.CRITICAL:
        return When(now, "at_once")
    if severity.rank <= Severity.LOW.rank and not spoken:
        return When(hours.next_digest(now), "daily_digest")
    gathered = now + timedelta(seconds=hours.group)
    opens = hours.opens(gathered)
    return When(opens, "quiet_hours" if opens > gathered else "gathers")


# --------------------------------------------------------------------------- the row


def _alert(
    event: Event,
    verdict: Verdict,
    incident: Incident,
    leading: list[Way],
    at: When,
    now: datetime,
    exists: bool,
    silence: str,
    *,
    escalated: bool,
) -> Alert:
    channel = leading[0].channel
    # A verdict that got graver is told once more; the severity in the key keeps the first telling apart.
    key = f"{event.key}|{channel}" + (f"|{verdict.severity.value}" if escalated else "")
    line = at.why == "daily_digest"
    kind: AlertKind = "line" if line else "reply" if exists else "root"
    mention = next((one.mention for one in leading if one.mention), None)
    facts: dict[str, Any] = {"ways": [told(one) for one in leading]}
    if not silence:
        facts |= {"when": at.why} | ({"digest": "daily"} if line else {})
    return Alert(
        id=alert_id(key),
        key=key,
        kind=kind,
        channel=channel,
        severity=verdict.severity,
        event=event.id,
        incident=incident.id,
        customer=event.customer,
        state="suppressed" if silence else "pending",
        reason=silence,
        created_at=now,
        not_before=at.at,
        shown=incident.version,
        mention=None if silence else mention,
        facts=facts,
    )


def told(way: Way) -> dict[str, Any]:
    """Return a way as plain JSON, as an alert row keeps it: who leads there, and for whom a deputy stands in."""
    found: dict[str, Any] = {"by": way.by}
    if way.route is not None:
        found["route"] = way.route.name
    if way.instead_of is not None:
        found |= {"mention": way.mention, "instead_of": way.instead_of}
    return found


def alert_id(key: str) -> str:
    return "al_" + incidents.digest16(key)


# --------------------------------------------------------------------------- what a graver fact changes


@dataclass(frozen=True, slots=True)
class Told:
    """What was queued about one incident, asked when a fact of this severity is about to be."""

    incident: str
    rows: Iterable[Alert]
    severity: Severity

    def root_exists(self, channel: str) -> bool:
        """Return whether the channel has, or will have before this fact, a message of the incident to answer."""
        return any(
            one.incident == self.incident and one.channel == channel and one.kind == "root" and self._goes_first(one)
            for one in self.rows
        )

    def _goes_first(self, root: Alert) -> bool:
        # A critical does not wait for what still gathers or sleeps: it becomes the root, that a reply.
        waits = root.state == "pending" and root.claimed_at is None
        passed = waits and self.severity is Severity.CRITICAL and root.severity is not Severity.CRITICAL
        return root.state != "suppressed" and not passed


def overtaken(rows: Iterable[Alert], sooner: Iterable[Alert]) -> dict[str, Mapping[str, Any]]:
    """Return what becomes of rows that still wait when `sooner` are queued, by their id: the columns that change.

    A line of a digest whose incident is told now is not told again. A root that waits becomes a reply to the critical
    that goes before it, unless it told of the very same event.
    """
    heads = {(one.incident, one.channel): one for one in sooner if one.state == "pending" and one.kind != "line"}
    found: dict[str, Mapping[str, Any]] = {}
    for one in rows:
        head = heads.get((one.incident, one.channel))
        if head is None or one.id == head.id or one.state != "pending" or one.claimed_at is not None:
            continue
        if one.kind == "line":
            found[one.id] = {"state": "suppressed", "reason": TOLD_SOONER}
        elif one.kind == "root" and head.kind == "root":
            same = one.event == head.event
            found[one.id] = {"state": "suppressed", "reason": SUPERSEDED} if same else {"kind": "reply"}
    return found


# --------------------------------------------------------------------------- explaining


@dataclass(frozen=True, slots=True)
class Explained:
    """One way as it stands today: its channel's hours and, if it is taken, when what this event says would leave by it."""

    way: Way
    hours: Hours
    when: When | None
    silent: str  # why nothing would be sent, or the empty text


def explain(
    event: Event,
    verdict: Verdict,
    customer: Customer | None,
    policy: Policy,
    now: datetime,
    root_exists: RootExists = lambda channel: False,
) -> tuple[Explained, ...]:
    """Return every way of this event, taken or not, as if it were told now."""
    every = ways(event, verdict, customer, policy, now)
    found = []
    for one in every:
        leading = [other for other in every if other.taken and other.channel == one.channel] if one.taken else [one]
        own, exists = hours_.hours(policy, _routes(leading)), root_exists(one.channel)
        silent = silence_of(event, verdict, exists=exists)
        leaves = when(verdict.severity, own, now, spoken=exists and _ends(event)) if one.taken and not silent else None
        found.append(Explained(one, own, leaves, silent))
    return tuple(found)


def language_of(policy: Policy, channel: str) -> Language:
    """Return the language of a channel: that of the first route there which names one, else the program's."""
    said = (one.language for one in policy.routes if one.channel == channel and one.language is not None)
    return next(said, policy.language)
