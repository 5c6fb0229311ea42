"""An alert row and what it speaks of -> the message a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, get_args
from zoneinfo import ZoneInfo

from monitor.app.desk import Desk
from monitor.edge.store.background import NOTHING, Background
from monitor.edge.store.codec import StoredEvent
from monitor.judge import bulletin, hours, money, playbook, render, summary
from monitor.judge.words import Texts
from monitor.model import Alert, Customer, Incident, Message, Verdict
from monitor.policy import Language

UNKNOWN_COUNTRY = "ZZ"  # as Unicode writes it


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
    language = _language(desk, alert)
    now, zone = desk.clock.now(), hours.of_channel(desk.policy, alert.channel).timezone
    shared = _Shared(texts=desk.rules.texts, language=language, timezone=zone, now=now)
    if alert.kind == "digest":
        return bulletin.digest(alert.facts.get("lines", ()), **shared)
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
    steps = playbook.steps(event, customer, desk.policy, now, desk.rules.playbook)
    if alert.kind == "reply":
        return render.thread(event, verdict, incident, customer, info, steps, mention=alert.mention, **shared)
    today = now.astimezone(ZoneInfo(zone)).date()
    rates, currency = desk.policy.rates, desk.policy.currency
    share = money.own_share(customer, today, rates=rates, currency=currency) if customer else None
    uncovered = money.cover(customer, today, rates=rates, currency=currency)[2] if customer else None
    return render.alert(
        event, verdict, incident, customer, info, steps, share, mention=alert.mention, uncovered=uncovered, **shared
    )


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


def _language(desk: Desk, alert: Alert) -> Language:
    """The route that leads to this channel decides, else the program's language."""
    for route in desk.policy.routes:
        if route.channel == alert.channel and route.language is not None:
            return route.language
    return desk.policy.language
