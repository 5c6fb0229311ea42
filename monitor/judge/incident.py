"""Which events speak of the same thing: an incident has one topic, one root message and one life.

What an incident is follows from the set of its facts, not from the order in which they came: how grave it is, whether
it still stands, and which fact it is told by.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal, Protocol

from monitor.judge.weigh import day_of, official
from monitor.model import Event, Incident, Severity, Verdict

STORY_DAYS = 14  # how long a story may pause before a report on it is a new one
LATE_DAYS = 400  # how long before its matter was opened a fact may have happened that comes late
_CLOSING = frozenset({"ins.ended", "ins.reversed", "reg.revived", "sys.source_recovered"})
_LIFE = frozenset({"reg.strike_off_proposed", "reg.dissolved", "reg.record_vanished"})  # what a revival ends
_PETITION = "ins.petition_filed"
_ORDERS = frozenset({"ins.proceeding_opened", "ins.converted"})
_ONE_MATTER = ("insolvency", "system")  # topics in which an end ends everything
# What holds today without saying since when: the day of its record is not the day it happened.
_STATES = frozenset(
    ("company", "registration", "account", "officer", "owner", "relation", "statement", "charge", "listing", "page")
)


class TopicInfo(Protocol):
    """What the taxonomy says of the topic: a word that joins (insolvency), `case`, `story`, `field`, or nothing."""

    @property
    def topic(self) -> str | None: ...


class Fact(Protocol):
    """An event as it was judged, with the incident it belongs to."""

    @property
    def event(self) -> Event: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def incident(self) -> str | None: ...
    @property
    def silent(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Judged:
    """An event with its verdict, as a fact of an incident."""

    event: Event
    severity: Severity
    incident: str | None = None
    silent: str | None = None


def topic(event: Event, info: TopicInfo) -> str:
    """Return what joins this event with others of the customer.

    A case number joins across sources; a story joins reports of one type; a field what is said of it. Without a topic
    each type is its own.
    """
    if info.topic == "case":
        case = event.facts.get("case")
        return f"case:{case}" if case else f"case:{event.key}"
    if info.topic == "story":
        return f"story:{event.type}"
    if info.topic == "field":
        return f"{event.type}:{event.facts.get('field', '')}"
    return info.topic or event.type


# --------------------------------------------------------------------------- joining


def join(
    event: Event,
    info: TopicInfo,
    verdict: Verdict,
    incidents: Iterable[Incident],
    now: datetime,
    *,
    known: bool = False,
    facts: Sequence[Fact] = (),
) -> Incident:
    """Return the incident the event belongs to, as it stands after it: a known one carried on, or a new one.

    `incidents` are the customer's: the open ones and those that ended lately; `facts` are what is known of them.
    `known`: the event is not new, it only gained an origin or another verdict. The id of a new incident comes from the
    customer, the topic and its first event, so a repeated turn makes the same.
    """
    name = topic(event, info)
    found = home(event, name, incidents, now, facts)
    if found is None:
        return _opened(name, event, verdict, now)
    return _carried_on(found, event, verdict, now, of(found, facts, but=event), known=known)


def home(
    event: Event, name: str, incidents: Iterable[Incident], now: datetime, facts: Sequence[Fact] = ()
) -> Incident | None:
    """Return the incident of this topic the event belongs to, if there is one.

    The one of its case comes first; then a matter that had ended after the fact happened, which comes late; then the
    open one. An end that finds nothing open belongs to what ended last.
    """
    mine = sorted(
        (one for one in incidents if one.customer == event.customer and one.topic == name),
        key=lambda one: (one.updated_at, one.id),
    )
    if name.startswith("story:"):
        mine = [one for one in mine if now - one.updated_at <= timedelta(days=STORY_DAYS)]
    own = {one.incident for one in facts if one.event.key == event.key}
    if mine_already := [one for one in mine if one.id in own]:
        return mine_already[-1]
    same_case = [one for one in mine if _of_case(event, of(one, facts))]
    if same_case:
        return same_case[-1]
    ended = [one for one in mine if one.state == "closed" and (told := of(one, facts)) and _during(event, told)]
    if ended:
        return min(ended, key=lambda one: (one.opened_at, one.id))
    standing = [one for one in mine if one.state == "open"]
    if standing:
        return standing[-1]
    gone = [one for one in mine if of(one, facts)] if closes(event) else []
    return gone[-1] if gone else None


def _of_case(event: Event, told: Sequence[Fact]) -> bool:
    mark = case_mark(event)
    return mark is not None and any(case_mark(one.event) == mark for one in told)


def _during(event: Event, told: Sequence[Fact]) -> bool:
    """Whether the event happened in the life of a matter that has ended, or not long before it was heard of."""
    ends = [one.event for one in told if closes(one.event)]
    begun = min(day(one.event) for one in told)
    return any(_not_after(event, end) for end in ends) and day(event) >= begun - timedelta(days=LATE_DAYS)


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


def _carried_on(
    found: Incident, event: Event, verdict: Verdict, now: datetime, told: Sequence[Fact], *, known: bool
) -> Incident:
    new = Judged(event, verdict.severity, found.id, verdict.silent)
    severity = max(found.severity, verdict.severity, key=_rank) if counts(new) else found.severity
    state = _state(found, new, told)
    ends = closes(event) and state == "closed"
    # The root speaks of the gravest, newest fact; a silent one never takes its place.
    leads = state == "open" and verdict.silent is None and verdict.severity.rank >= found.severity.rank
    leads = leads and not (verdict.severity is found.severity and _older(event, found.head, told))
    visible = verdict.silent is None and (verdict.severity is not Severity.INFO or closes(event) or corrects(event))
    carried = replace(
        found,
        severity=severity,
        state=state,
        updated_at=now,
        version=found.version + (1 if visible else 0),
        events=found.events + (0 if known else 1),
        head=event.id if leads or ends else found.head,
    )
    return unacked(carried) if verdict.silent is None else carried


def unacked(found: Incident) -> Incident:
    """Return the incident as people must see it: one graver than the one they acknowledged is acknowledged no more."""
    if found.acked_severity is None or found.severity.rank <= found.acked_severity.rank:
        return found
    return replace(found, acked_at=None, acked_by=None, acked_severity=None)


def _state(found: Incident, new: Fact, told: Sequence[Fact]) -> Literal["open", "closed"]:
    whole = [*told, new]
    if not any(closes(one.event) for one in whole):
        return found.state
    return "open" if standing(whole, found.topic) else "closed"


def _older(event: Event, head: str, told: Sequence[Fact]) -> bool:
    return any(one.event.id == head and day(event) < day(one.event) for one in told)


def _rank(level: Severity) -> int:
    return level.rank


# --------------------------------------------------------------------------- what an incident is by its facts


def of(found: Incident, facts: Iterable[Fact], but: Event | None = None) -> list[Fact]:
    """Return the facts of this incident that count, without one event."""
    return [
        one for one in facts if one.incident == found.id and counts(one) and (but is None or one.event.key != but.key)
    ]


def counts(fact: Fact) -> bool:
    """Return whether the fact says anything about the matter: it is of this company, and nothing has corrected it."""
    return fact.silent != "dismissed" and not fact.event.facts.get("corrected_by")


def settled(found: Incident, facts: Sequence[Fact]) -> Incident:
    """Return the incident as its facts make it: how grave, whether it stands, and by which fact it is told.

    `facts` are all that are left of it; those that do not count are passed over. Nothing left: it is closed, and weighs
    nothing. Times, version and acknowledgement stay as they are.
    """
    left = of(found, facts)
    if not left:
        return replace(found, severity=Severity.INFO, state="closed")
    ends = [one for one in left if closes(one.event)]
    state: Literal["open", "closed"] = "closed" if ends and not standing(left, found.topic) else "open"
    spoke = [one for one in (ends if state == "closed" else left) if one.silent is None] or left
    head = max(spoke, key=lambda one: (one.severity.rank, day(one.event), one.event.first_seen, one.event.id))
    return replace(found, severity=max((one.severity for one in left), key=_rank), state=state, head=head.event.id)


def without(found: Incident, facts: Sequence[Fact], gone: Collection[str], now: datetime) -> Incident:
    """Return the incident without some of its facts, by event id: it may weigh less, or be over.

    `facts` are all that are known of it. The version is raised: what a reader sees has changed.
    """
    left = [one for one in of(found, facts) if one.event.id not in gone]
    return replace(settled(found, left), updated_at=now, version=found.version + 1)


def standing(facts: Sequence[Fact], name: str = "") -> list[Fact]:
    """Return the bad facts of one incident that no end among them has ended."""
    ends = [one.event for one in facts if closes(one.event) and counts(one)]
    last = [end for end in ends if _of_an_order(end, facts)]
    return [
        one
        for one in facts
        if _bad(one)
        and not any(ended(one.event, end, name) for end in ends)
        and not (one.event.type == _PETITION and any(_not_after(one.event, end) for end in last))
    ]


def _of_an_order(end: Event, facts: Sequence[Fact]) -> bool:
    """Whether an end is that of a liquidation: then nothing is left for any petition, whatever its number."""
    mark = case_mark(end)
    if end.type != "ins.ended" or not official(end):
        return False
    return any(one.event.type in _ORDERS and counts(one) and case_mark(one.event) in (mark, None) for one in facts)


def _bad(fact: Fact) -> bool:
    negative = fact.event.polarity == "negative" and fact.severity is not Severity.INFO
    return counts(fact) and negative and not closes(fact.event)


def ended(event: Event, end: Event, name: str = "") -> bool:
    """Return whether `end` ends the fact, in an incident of this topic.

    It speaks of the same case, did not happen before it, and is at least as sure: a newspaper's denial ends no order
    of a court. A satisfied debt ends that debt, not the others.
    """
    mine, theirs = case_mark(event), case_mark(end)
    return (
        (mine is None or theirs is None or mine == theirs)
        and (official(end) or not official(event))
        and (end.identified or not event.identified)
        and _in_reach(event, end, name)
        and _not_after(event, end)
    )


def _in_reach(event: Event, end: Event, name: str) -> bool:
    if name in _ONE_MATTER or name.startswith(("case:", "story:")):
        return True
    if end.type == "reg.revived":
        return event.type in _LIFE
    if end.type != event.type:
        return False
    shared = [
        mark for mark in ("field", "pair", "number", "case", "period") if end.facts.get(mark) and event.facts.get(mark)
    ]
    return all(str(end.facts[mark]) == str(event.facts[mark]) for mark in shared)


def closes(event: Event) -> bool:
    """Return whether the event ends its incident: a reversal, an end, a satisfied debt."""
    return event.stage == "reversed" or event.type in _CLOSING or event.facts.get("closes") is True


def corrects(event: Event) -> bool:
    """Return whether the event corrects an earlier one (a second filing, an amended notice)."""
    return bool(event.facts.get("corrects"))


def over(event: Event, found: Incident, facts: Sequence[Fact]) -> bool:
    """Return whether the fact comes late: what it tells of had ended by what is known of its incident."""
    if found.state != "closed" or closes(event) or corrects(event):
        return False
    return any(closes(one.event) and ended(event, one.event, found.topic) for one in of(found, facts))


# --------------------------------------------------------------------------- when, and in which case


def day(event: Event) -> date:
    """Return the day it happened; else the one it was published, for what happens; else the one we saw it."""
    return _stated(event) or event.first_seen.astimezone(UTC).date()


def _stated(event: Event) -> date | None:
    if (found := day_of(event.occurred_at)) is not None:
        return found
    return None if event.record_kind in _STATES else day_of(event.published_at)


def _not_after(event: Event, end: Event) -> bool:
    if day(event) != day(end):
        return day(event) < day(end)
    if _stated(event) is None and _stated(end) is None:  # what a register shows after an end began after it
        return event.first_seen <= end.first_seen
    # A rescue ends on the day the liquidation opens.
    return end.type != "ins.ended" or event.type in (_PETITION, end.type)


def case_mark(event: Event) -> str | None:
    """Return the court's number of the case in one spelling; None for a register's own count (case 1 of this company)."""
    mark = re.sub(r"[^0-9a-z]", "", str(event.facts.get("case") or "").casefold())
    return mark if len(mark) >= 4 and re.search(r"\d", mark) else None


# --------------------------------------------------------------------------- ids


def incident_id(customer: str | None, name: str, first_event_key: str) -> str:
    return "in_" + digest16(customer or "", name, first_event_key)


def digest16(*words: str) -> str:
    """Return 16 hex digits that stand for the words."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]
