"""Which events speak of the same thing: an incident has one topic, one root message and one life."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from monitor.model import Event, Incident, Severity, Verdict

STORY_DAYS = 14  # how long a story may pause before a report on it is a new one
_CLOSING = frozenset({"ins.ended", "ins.reversed", "reg.revived", "sys.source_recovered"})


class TopicInfo(Protocol):
    """What the taxonomy says of the topic: a word that joins (insolvency), `case`, `story`, or nothing."""

    @property
    def topic(self) -> str | None: ...


def topic(event: Event, info: TopicInfo) -> str:
    """Return what joins this event with others of the customer.

    A case number joins across sources; a story joins reports of one type; without a topic each type is its own.
    """
    case = event.facts.get("case")
    if info.topic == "case":
        return f"case:{case}" if case else f"case:{event.key}"
    if info.topic == "story":
        return f"story:{event.type}"
    return info.topic or event.type


def join(
    event: Event,
    info: TopicInfo,
    verdict: Verdict,
    open_incidents: Iterable[Incident],
    now: datetime,
    *,
    known: bool = False,
) -> Incident:
    """Return the incident the event belongs to, as it stands after it: an open one carried on, or a new one.

    `open_incidents` are the customer's. `known`: the event is not new, it only gained an origin or another verdict.
    The id of a new incident comes from the customer, the topic and its first event, so a repeated turn makes the same.
    """
    name = topic(event, info)
    found = _same(name, event, open_incidents, now)
    if found is None:
        return _opened(name, event, verdict, now)
    return _carried_on(found, event, verdict, now, known=known)


def _same(name: str, event: Event, incidents: Iterable[Incident], now: datetime) -> Incident | None:
    mine = [i for i in incidents if i.state == "open" and i.customer == event.customer and i.topic == name]
    if name.startswith("story:"):
        mine = [i for i in mine if now - i.updated_at <= timedelta(days=STORY_DAYS)]
    return max(mine, key=lambda i: (i.updated_at, i.id), default=None)


def _opened(name: str, event: Event, verdict: Verdict, now: datetime) -> Incident:
    return Incident(
        id=incident_id(event.customer, name, event.key),
        customer=event.customer,
        topic=name,
        severity=verdict.severity,
        state="closed" if closes(event) else "open",
        opened_at=now,
        updated_at=now,
        head=event.id,
    )


def _carried_on(found: Incident, event: Event, verdict: Verdict, now: datetime, *, known: bool) -> Incident:
    graver = verdict.severity.rank > found.severity.rank
    # The root speaks of the gravest, newest fact; a silent one never takes its place.
    leads = verdict.silent is None and verdict.severity.rank >= found.severity.rank
    visible = verdict.silent is None and (verdict.severity is not Severity.INFO or closes(event) or corrects(event))
    return replace(
        found,
        severity=verdict.severity if graver else found.severity,
        state="closed" if closes(event) else found.state,
        updated_at=now,
        version=found.version + (1 if visible else 0),
        events=found.events + (0 if known else 1),
        head=event.id if leads or closes(event) else found.head,
    )


def closes(event: Event) -> bool:
    """Return whether the event ends its incident: a reversal, an end, a satisfied debt."""
    return event.stage == "reversed" or event.type in _CLOSING or event.facts.get("closes") is True


def corrects(event: Event) -> bool:
    """Return whether the event corrects an earlier one (a second filing, an amended notice)."""
    return bool(event.facts.get("corrects"))


def incident_id(customer: str | None, name: str, first_event_key: str) -> str:
    return "in_" + digest16(customer or "", name, first_event_key)


def digest16(*words: str) -> str:
    """Return 16 hex digits that stand for the words."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def open_ones(incidents: Sequence[Incident]) -> tuple[Incident, ...]:
    """Return the incidents still open, gravest first."""
    return tuple(
        sorted((i for i in incidents if i.state == "open"), key=lambda i: (-i.severity.rank, i.opened_at, i.id))
    )
