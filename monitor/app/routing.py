"""`route explain`: every way an event could take, which it takes, and when it would be told there, and why then."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.app import muting, show, speech, wiring
from monitor.app.refused import Refused
from monitor.app.show import rfc3339
from monitor.clock import SystemClock
from monitor.edge.settings import Places
from monitor.edge.store import decisions, read
from monitor.edge.store.codec import StoredEvent
from monitor.judge import decide, route
from monitor.judge.route import Explained, Way
from monitor.judge.words import Voice
from monitor.model import Alert, Customer, Verdict
from monitor.policy import Mute, Policy, Quiet

_SHOWN = 12  # values of one condition


@dataclass(frozen=True, slots=True)
class Asked:
    """An event with all that decides who hears of it, as it stands now."""

    stored: StoredEvent
    customer: Customer | None
    policy: Policy
    alerts: Sequence[Alert]  # what was queued about the event
    told_in: frozenset[str]  # channels that have a message of its incident
    mutes: Sequence[Mute]  # given by people, and meaning this event now
    now: datetime

    @property
    def ways(self) -> tuple[Explained, ...]:
        stored = self.stored
        verdict = Verdict(stored.severity, stored.reasons, stored.silent)
        return route.explain(
            stored.event, verdict, self.customer, self.policy, self.now, lambda channel: channel in self.told_in
        )


def explain(places: Places, event: str, *, as_json: bool) -> int:
    """Say of every route, and of the customer's own channel, whether the event goes there. Raises Refused."""
    config, keyring, _ = wiring.opened(places, os.environ)
    customers = {one.id: one for one in config.customers}
    now = SystemClock().now()
    with wiring.open_store(config, places, keyring) as store:
        found = store.read_now(lambda conn: ask(conn, event, customers, config.policy, now))
    if as_json:
        show.json_lines(rows(found))
    else:
        show.lines(lines(found, speech.of(config.settings)))
    return 0


def ask(conn: Connection, id: str, customers: dict[str, Customer], policy: Policy, now: datetime) -> Asked:
    """Read what an explanation needs. Raises Refused for an event nobody knows."""
    stored = read.event_of(conn, id)
    if stored is None:
        raise Refused("event", id=id)
    event, customer = stored.event, customers.get(stored.event.customer or "")
    about = read.alerts(conn, incident=stored.incident) if stored.incident else []
    return Asked(
        stored=stored,
        customer=customer,
        policy=policy,
        alerts=list(reversed(read.alerts(conn, event=id))),
        told_in=frozenset(one.channel for one in about if one.kind == "root" and one.state != "suppressed"),
        mutes=[
            one
            for one in decisions.mutes(conn, now)
            if decide.covers(one, event, customer, stored.severity, now, lambda: stored.incident)
        ],
        now=now,
    )


# --------------------------------------------------------------------------- for scripts


def rows(asked: Asked) -> Iterator[dict[str, Any]]:
    """Yield one object for every way, with the alerts that were queued for its channel."""
    for one in asked.ways:
        way, own = one.way, one.hours
        yield {
            "event": asked.stored.event.id,
            "way": way.by,
            "route": way.route.name if way.route else None,
            "channel": way.channel,
            "taken": way.taken,
            "unmet": [{"condition": name, "wanted": wanted, "is": got} for name, wanted, got in unmet(asked, way)],
            "language": route.language_of(asked.policy, way.channel),
            "timezone": own.timezone,
            "calendar": own.calendar,
            "quiet": {"start": f"{own.quiet.start:%H:%M}", "end": f"{own.quiet.end:%H:%M}"} if own.quiet else None,
            "digest_at": f"{own.digest_at:%H:%M}",
            "group_seconds": own.group,
            "mention": way.mention if way.taken else None,
            "instead_of": way.instead_of,
            "would_leave_at": rfc3339(one.when.at) if one.when else None,
            "because": one.when.why if one.when else None,
            "silent": one.silent or None,
            "muted": [{"number": m.number, "until": rfc3339(m.until), "reason": m.reason} for m in asked.mutes],
            "alerts": [
                {
                    "id": alert.id,
                    "kind": alert.kind,
                    "state": alert.state,
                    "reason": alert.reason,
                    "not_before": rfc3339(alert.not_before),
                    "sent_at": rfc3339(alert.sent_at),
                    "ways": list(alert.facts.get("ways", ())),
                }
                for alert in asked.alerts
                if alert.channel == way.channel
            ],
        }


def unmet(asked: Asked, way: Way) -> list[tuple[str, list[str], str | None]]:
    """Return (condition, what the route wants, what this event has) of each condition that is not fulfilled."""
    event, customer = asked.stored.event, asked.customer
    has = {
        "types": event.type,
        "customers": event.customer,
        "sources": event.source,
        "tiers": customer.tier if customer else None,
        "countries": customer.country if customer else None,
        "severities": asked.stored.severity.value,
    }
    return [(name, list(getattr(way.route.when, name)), has[name]) for name in way.unmet] if way.route else []


# --------------------------------------------------------------------------- for people


def lines(asked: Asked, told: Voice) -> Iterator[str]:
    """Yield the explanation in plain sentences: the event, each way, then what became of it."""
    stored = asked.stored
    name = asked.customer.name if asked.customer else stored.event.customer or told.say("cli.none")
    level = told.say(f"cli.level.{stored.severity.value}")
    yield told.say("cli.route.event", what=speech.happened(told, stored.event), customer=name, level=level)
    if stored.silent:
        yield told.say("cli.route.silent", why=speech.silence(told, stored.silent))
    yield from (_muted(told, one) for one in asked.mutes)
    for one in asked.ways:
        yield ""
        yield told.say(f"cli.route.way_{one.way.by}", channel=one.way.channel, route=_named(one.way))
        yield from (f"  {line}" for line in _way(told, asked, one))
    yield ""
    if not asked.alerts:
        yield told.say("cli.route.no_alert")
    yield from (_row(told, one) for one in asked.alerts)
    yield told.say("cli.route.today")


def _named(way: Way) -> str:
    return way.route.name if way.route else ""


def _way(told: Voice, asked: Asked, one: Explained) -> Iterator[str]:
    if not one.way.taken:
        for name, wanted, got in unmet(asked, one.way):
            want = told.joined(wanted[:_SHOWN])
            condition = told.say(f"cli.route.condition.{name}")
            yield told.say("cli.route.unmet", condition=condition, wanted=want, got=got or told.say("cli.none"))
        return
    yield from _when(told, one)
    if one.way.mention and not one.silent:
        yield told.say("cli.route.mention", person=one.way.mention, instead_of=one.way.instead_of)
    own = one.hours
    yield told.say(
        "cli.route.hours",
        digest=f"{own.digest_at:%H:%M}",
        zone=own.timezone,
        calendar=own.calendar,
        quiet=_quiet(own.quiet),
        language=told.say(f"cli.route.language.{route.language_of(asked.policy, one.way.channel)}"),
    )


def _quiet(quiet: Quiet | None) -> str | None:
    return f"{quiet.start:%H:%M}–{quiet.end:%H:%M}" if quiet else None


def _when(told: Voice, one: Explained) -> Iterator[str]:
    """Say when it would leave, in the channel's own zone, and why then."""
    if one.when is None:
        yield told.say("cli.route.kept", why=speech.silence(told, one.silent))
        return
    there = Voice(told.texts, told.language, one.hours.timezone, told.now)
    yield told.say(
        f"cli.route.when.{one.when.why}",
        at=there.moment(one.when.at),
        zone=one.hours.timezone,
        seconds=int(one.hours.group),
    )


def _muted(told: Voice, one: Mute) -> str:
    facts = {"until": told.moment(one.until), "why": one.reason, "what": muting.what(told, one)}
    return told.say("cli.route.muted", number=one.number, **facts)


def _row(told: Voice, one: Alert) -> str:
    """Say what became of an alert row, and which ways led to it when it was made."""
    state = told.say(f"cli.state.{one.state}")
    at = told.moment(one.sent_at) if one.sent_at else None
    waits = told.moment(one.not_before) if one.state == "pending" and one.not_before else None
    why = speech.silence(told, one.reason) if one.state in ("suppressed", "parked") else None
    facts = {"state": state, "channel": one.channel, "at": at, "waits": waits, "why": why}
    return told.say("cli.route.row", id=one.id, ways=_ways(told, one.facts.get("ways", ())), **facts)


def _ways(told: Voice, ways: Iterable[Any]) -> str:
    return told.joined(
        [told.say(f"cli.route.by_{entry.get('by', 'route')}", route=entry.get("route", "")) for entry in ways]
    )
