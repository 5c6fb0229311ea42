"""An alert row and what it speaks of -> the message a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, get_args
from zoneinfo import ZoneInfo

from monitor.app.desk import Desk
from monitor.edge.store.background import NOTHING, Background
from monitor.edge.store.codec import StoredEvent
from monitor.judge import blocks, bulletin, hours, money, playbook, render, route, summary
from monitor.judge.playbook import Step
from monitor.judge.story import Story
from monitor.judge.words import Texts
from monitor.model import Alert, Customer, Incident, Message, Severity, Verdict
from monitor.policy import Language

UNKNOWN_COUNTRY = "ZZ"  # as Unicode writes it
_FEW = 3  # steps of a reminder: the whole list stands in the root message


class _Shared(TypedDict):
    """What every rendering takes."""

    texts: Texts
    language: Language
    timezone: str
    now: datetime


def message(
    desk: Desk,
    alert: Alert,
    stored: StoredEvent | None,
    incident: Incident | None,
    background: Background = NOTHING,
) -> Message:
    """Render an alert in its channel's language and its reader's time zone."""
    language = route.language_of(desk.policy, alert.channel)
    now, zone = desk.clock.now(), hours.of_channel(desk.policy, alert.channel).timezone
    shared = _Shared(texts=desk.rules.texts, language=language, timezone=zone, now=now)
    if alert.kind == "digest":
        return bulletin.digest(alert.facts.get("lines", ()), _flood(desk, alert, language), **shared)
    if alert.kind == "reminder":
        return _reminder(desk, alert, stored, incident, background, shared)
    if alert.kind in ("line", "summary"):
        return _of_summary(desk, alert, stored, shared)
    if alert.kind == "report":
        return bulletin.opening(alert.facts, **shared)
    if alert.kind == "ops" or stored is None or incident is None:
        facts = alert.facts or (stored.event.facts if stored else {})
        code = str(alert.facts.get("code") or (stored.event.type if stored else "other"))
        return bulletin.ops(code, in_language(facts, language), **shared)
    event = stored.event
    customer = _customer(desk, event.customer)
    verdict = Verdict(stored.severity, stored.reasons, stored.silent)
    info = desk.taxonomy[event.type]
    steps = playbook.steps(event, customer, desk.policy, now, desk.rules.playbook, report=background.report)
    story = _story(desk, language, background)
    mention = _called(alert, incident, background)
    if alert.kind == "reply":
        return render.thread(event, verdict, incident, customer, info, steps, mention=mention, story=story, **shared)
    today = now.astimezone(ZoneInfo(zone)).date()
    rates, currency = desk.policy.rates, desk.policy.currency
    share = money.own_share(customer, today, rates=rates, currency=currency) if customer else None
    uncovered = money.cover(customer, today, rates=rates, currency=currency)[2] if customer else None
    return render.alert(
        event,
        verdict,
        incident,
        customer,
        info,
        steps,
        share,
        mention=mention,
        uncovered=uncovered,
        story=story,
        **shared,
    )


def _story(desk: Desk, language: Language, known: Background) -> Story:
    return Story(
        label=lambda event: _label(desk, event.type, language),
        facts=known.events,
        dates=known.dates,
        dismissed=known.dismissed,
        before=known.before,
        alone=known.alone,
    )


def _label(desk: Desk, type_: str, language: Language) -> str:
    """Return a type's noun phrase; one that the program no longer knows is called by its id."""
    return desk.taxonomy[type_].label[language] if type_ in desk.taxonomy else type_


def _called(alert: Alert, incident: Incident, known: Background) -> str | None:
    """Return whom a message calls. An edit calls nobody; a reply only if it is graver than what was told, or critical.

    Whoever said that they deal with a critical incident is not called again until it gets graver, which unsays that.
    """
    if known.edited:
        return None if blocks.calls(alert.mention) else alert.mention
    if alert.kind != "reply" or known.before is None or alert.severity.rank > known.before.rank:
        return alert.mention
    return alert.mention if alert.severity is Severity.CRITICAL and incident.acked_at is None else None


def _reminder(
    desk: Desk,
    alert: Alert,
    stored: StoredEvent | None,
    incident: Incident | None,
    known: Background,
    shared: _Shared,
) -> Message:
    customer = _customer(desk, alert.customer)
    event = stored.event if stored else None
    said = _label(desk, event.type, shared["language"]) if event else ""
    steps: tuple[Step, ...] = ()
    if event:
        steps = playbook.steps(event, customer, desk.policy, shared["now"], desk.rules.playbook, report=known.report)
    return render.reminder(
        alert.facts,
        alert.severity,
        said,
        incident,
        customer,
        steps[:_FEW],
        mention=alert.mention,
        alone=known.alone,
        **shared,
    )


def _flood(desk: Desk, alert: Alert, language: Language) -> bulletin.Flood | None:
    """Return what the alerts of a digest have in common, if it was made because of that."""
    about = alert.facts.get("flood")
    if not about:
        return None
    watcher = desk.watchers.get(about["source"])
    title = watcher.title if watcher else about["source"]
    return bulletin.Flood(title, _label(desk, about["type"], language), int(about["customers"]))


def _of_summary(desk: Desk, alert: Alert, stored: StoredEvent | None, shared: _Shared) -> Message:
    """Render a digest of a channel, or one line of the daily one."""
    taxonomy = desk.taxonomy
    if alert.kind == "line":
        known = stored.event if stored else None
        return summary.line(known, taxonomy[known.type] if known else None, **shared)
    if alert.facts.get("summary") == "daily":
        return summary.daily(alert.facts, **shared)
    labels = {name: one.label for name, one in taxonomy.items()}
    labels |= {name: one.label for name, one in taxonomy.families.items()}
    return summary.weekly(alert.facts, labels, **shared)


def in_language(facts: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Return the facts with those that were written in every language in this one."""
    return {
        name: value[language] if isinstance(value, Mapping) and value.keys() == set(get_args(Language)) else value
        for name, value in facts.items()
    }


def _customer(desk: Desk, id_: str | None) -> Customer | None:
    """Return the customer; who left the watchlist while the alert waited is called by its id."""
    if id_ is None:
        return None
    return desk.customers.get(id_) or Customer(id_, id_, UNKNOWN_COUNTRY)
