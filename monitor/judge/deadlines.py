"""Dates that cost money: which a fact or a customer's file sets, how they move and end, and when people are reminded.

What an incident's dates are follows from the set of its facts, not from the order in which they came.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from monitor.judge import calendars, hours, incident, playbook
from monitor.judge.hours import Hours
from monitor.judge.weigh import day_of
from monitor.model import Customer, Deadline, DeadlineName, DeadlineState, Event
from monitor.policy import Insurer, Policy

OPENING = time(8, 30)  # when a day's reminders are given, in the reader's zone
PASSED: Literal["passed"] = "passed"  # the state, and the step after the day
AHEAD = ("open", "moved")

_RESTATED = "restated"
_MOST_TOLD = 20

Workdays = Callable[[str | None], calendars.IsWorkday]

# What sources call them. `deadline` depends on the matter, see `_named`.
_NAMES: Mapping[str, DeadlineName] = {
    "hearing": "hearing",
    "meeting": "creditors_meeting",
    "creditors_meeting": "creditors_meeting",
    "claims_deadline": "claims_deadline",
    "bar_date": "claims_deadline",
    "date_last_to_file_claims": "claims_deadline",
    "objection": "objection_deadline",
    "objection_deadline": "objection_deadline",
}
_DEADLINES: Mapping[str, DeadlineName] = {"ins": "claims_deadline", "reg": "objection_deadline"}
# What happened on a day, and nobody has to keep.
_HAPPENED = frozenset(
    (
        *("petition", "petitioned_on", "presented", "filed", "order", "ordered", "dismissal", "appointment"),
        *("resolution", "opened", "effective", "recorded", "since", "until", "due"),
    )
)
# Whoever objects to a strike-off has two months from the notice: Companies Act 2006, sections 1000(3) and 1003(3). The
# register's day may be that of the company's application, some days before the notice: early is safe.
_STRIKE_OFF = ("reg.strike_off_proposed", "gb_companies_house")
_STRIKE_OFF_MONTHS = 2


# --------------------------------------------------------------------------- what sets a date


@dataclass(frozen=True, slots=True)
class Stated:
    """A date as one event states it. `matter`: the case, invoice or rule it belongs to; "" if none is named.

    `firm`: the first one stands, whatever later facts say.
    """

    name: DeadlineName
    day: str
    event: str
    source: str
    country: str | None
    at: datetime  # how new the fact is
    matter: str = ""
    firm: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A date that ought to be held. `id` stays when the day moves; `was` is the day before, if it was moved."""

    id: str
    customer: str
    name: DeadlineName
    day: str
    incident: str | None = None
    event: str | None = None
    source: str = ""
    country: str | None = None
    was: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def of_event(
    event: Event,
    customer: Customer,
    policy: Policy,
    book: playbook.Book,
    *,
    other_side: Collection[str] = (),
    workdays: Workdays = calendars.workdays,
) -> tuple[Stated, ...]:
    """Return the dates an event sets for us.

    None for rumours, for what ends a matter, for matters of companies near the customer and for those in which it is
    on the other side (`other_side`: such roles). A day that was past when we first saw it is not one to keep.
    """
    if event.relation != "self" or event.stage == "rumour" or event.role in other_side or incident.closes(event):
        return ()
    zone = ZoneInfo(policy.timezone)
    told = [one for voice in (event, *_again(event)) for one in _told(voice, customer)]
    found = (*told, *_by_rule(event, customer), *_to_insurer(event, customer, policy, book, workdays))
    seen = event.first_seen.astimezone(zone).date()
    return tuple(one for one in found if (day := day_of(one.day)) is not None and day >= seen)


def restated(known: Event, said: Event) -> Event | None:
    """Return a known event with the dates that a later telling of it sets anew; None if it sets none.

    They stand in the fact `restated`, as {at, dates}, in the order of their publication.
    """
    told = sorted([known, *_again(known)], key=_moment)
    before = [voice for voice in told if _moment(voice) <= _moment(said)] or told[:1]
    standing: dict[str, str] = {}
    for voice in before:
        standing |= _meant(voice)
    stated = _meant(said)
    if all(standing.get(name) == day for name, day in stated.items()):
        return None
    new = {"at": _moment(said).isoformat(), "dates": _dates(said)}
    rest = [one for one in known.facts.get(_RESTATED) or () if one != new]
    whole = sorted([*rest, new], key=lambda one: str(one["at"]))[-_MOST_TOLD:]
    return replace(known, facts={**known.facts, _RESTATED: whole})


def _again(event: Event) -> list[Event]:
    """Return the later tellings of an event, each as if it were the only one."""
    return [
        replace(
            event,
            published_at=str(one["at"]),
            facts={**event.facts, "dates": one["dates"], "hearing": None, "deadline": None},
        )
        for one in event.facts.get(_RESTATED) or ()
    ]


def _meant(event: Event) -> dict[str, str]:
    """Return the days an event states, by our own names for them."""
    return {name: day for said, day in _dates(event).items() if (name := _named(said, event)) is not None}


def unknown(event: Event) -> dict[str, str]:
    """Return the dates an event states by names we give no meaning: they make no deadline."""
    return {name: day for name, day in _dates(event).items() if _named(name, event) is None and name not in _HAPPENED}


def _dates(event: Event) -> dict[str, str]:
    """Return the days an event states, by the source's names for them."""
    stated = event.facts.get("dates")
    told = {"hearing": event.facts.get("hearing"), "deadline": event.facts.get("deadline")}
    told |= dict(stated) if isinstance(stated, Mapping) else {}
    found = {str(name): str(day) for name, day in told.items() if day_of(day) is not None}
    if found.get("meeting") == found.get("deadline"):
        found.pop("deadline", None)  # the source has no other day than the meeting's
    return found


def _named(name: str, event: Event) -> DeadlineName | None:
    return _DEADLINES.get(event.family) if name == "deadline" else _NAMES.get(name)


def _told(event: Event, customer: Customer) -> list[Stated]:
    facts = {name: event.facts[name] for name in ("authority", "court") if event.facts.get(name)}
    found = []
    for said, day in _dates(event).items():
        name = _named(said, event)
        if name is not None:
            found.append(_stated(event, customer, name, day, str(event.facts.get("case") or ""), facts))
    return found


def _by_rule(event: Event, customer: Customer) -> list[Stated]:
    """The end of a period the law sets, where the source states its beginning."""
    began = day_of(event.occurred_at)
    if (event.type, event.source) != _STRIKE_OFF or began is None:
        return []
    end = months_after(began, _STRIKE_OFF_MONTHS).isoformat()
    facts = {"rule": "gb_strike_off", "since": began.isoformat()}
    return [_stated(event, customer, "objection_deadline", end, "", facts)]


def _to_insurer(
    event: Event, customer: Customer, policy: Policy, book: playbook.Book, workdays: Workdays
) -> list[Stated]:
    """What the user's own policy demands: so many workdays after we saw an insolvency, so many days after a due day."""
    if customer.insured is None or not event.identified:
        return []
    terms = policy.insurers.get(customer.insured.by, Insurer())
    facts: dict[str, Any] = {"insurer": customer.insured.by}
    found = []
    if playbook.owes_report(event, customer, policy, book):
        day = playbook.report_by(event, policy, terms, workdays)
        if day is not None:
            facts |= {"workdays": terms.report_insolvency_workdays}
            facts |= {"provisional": day.year} if calendars.provisional(terms.calendar, day.year) else {}
            found.append(_stated(event, customer, "insurer_report", day.isoformat(), "insolvency", facts))
    due = day_of(event.facts.get("due"))
    if event.type == "pay.invoice_overdue" and due is not None and terms.report_overdue_days is not None:
        day = due + timedelta(days=terms.report_overdue_days)
        number = str(event.facts.get("number") or due.isoformat())
        facts = {"insurer": customer.insured.by, "days": terms.report_overdue_days}
        found.append(_stated(event, customer, "insurer_report", day.isoformat(), f"invoice {number}", facts))
    return [replace(one, firm=True, country=terms.calendar, at=event.first_seen) for one in found]


def _stated(
    event: Event, customer: Customer, name: DeadlineName, day: str, matter: str, facts: Mapping[str, Any]
) -> Stated:
    case = {"case": event.facts["case"]} if event.facts.get("case") else {}
    return Stated(name, day, event.id, event.source, customer.country, _moment(event), matter, facts={**case, **facts})


def _moment(event: Event) -> datetime:
    """Return how new a fact is: when it was published, else when we first saw it."""
    try:
        found = datetime.fromisoformat(event.published_at or "")
    except ValueError:
        return event.first_seen
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day if it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def of_incident(id: str, customer: str, stated: Iterable[Stated]) -> tuple[Wanted, ...]:
    """Return an incident's dates from all that its events state; the order they are given in does not matter.

    Of one matter the newest fact holds, and the day before is told with it; two cases have a date each. A fact that
    names no case speaks of the one spoken of last.
    """
    matters: dict[DeadlineName, list[_Matter]] = {}
    for one in sorted(stated, key=lambda one: (one.at, one.event, one.matter, one.day)):
        known = matters.setdefault(one.name, [])
        mine = next((matter for matter in reversed(known) if not one.matter or matter.case in ("", one.matter)), None)
        if mine is None:
            mine = _Matter(incident.digest16(id, one.name, one.matter if known else ""))
            known.append(mine)
        mine.hear(one)
    return tuple(matter.wanted(id, customer) for known in matters.values() for matter in known)


@dataclass(slots=True)
class _Matter:
    """One date of an incident, as it was told over time."""

    digest: str
    case: str = ""
    was: str | None = None
    now: Stated | None = None

    def hear(self, one: Stated) -> None:
        self.case = self.case or one.matter
        if self.now is None:
            self.now = one
        elif not one.firm and one.day != self.now.day:
            self.was, self.now = self.now.day, one

    def wanted(self, id: str, customer: str) -> Wanted:
        one = self.now
        assert one is not None
        return Wanted(
            id=f"dl_{self.digest}",
            customer=customer,
            name=one.name,
            day=one.day,
            incident=id,
            event=one.event,
            source=one.source,
            country=one.country,
            was=self.was,
            facts=one.facts,
        )


def of_customer(customer: Customer, since: date) -> tuple[Wanted, ...]:
    """Return the dates of a customer's own file: the last day of each document, the next full review.

    `since`: the day it came onto the watchlist, from which a first review counts if none was done yet.
    """
    found = [
        _of_file(customer, "document_expiry", last, {"document": name}) for name, last in customer.documents.items()
    ]
    review = customer.review
    if review is not None and review.every is not None:
        last = review.last
        facts = {"last": last.isoformat()} if last else {}
        found.append(_of_file(customer, "review_due", (last or since) + review.every, facts))
    return tuple(found)


def _of_file(customer: Customer, name: DeadlineName, day: date, facts: Mapping[str, Any]) -> Wanted:
    digest = incident.digest16(customer.id, name, str(facts.get("document", "")), day.isoformat())
    return Wanted(f"dl_{digest}", customer.id, name, day.isoformat(), facts=facts)


# --------------------------------------------------------------------------- what becomes of it


def merged(
    held: Iterable[Deadline], wanted: Iterable[Wanted], now: datetime, *, gone: str = "withdrawn"
) -> tuple[Deadline, ...]:
    """Return the dates that change, as they stand from now on; nothing if all is as it was.

    `held` are all dates of the incident, or of the customer's file. `gone`: why one that nothing sets any more ends.
    What people marked as done stays so until it moves.
    """
    known = {one.id: one for one in held}
    # A paper of a customer that was renamed is the same paper.
    papers = {_paper(one): one.id for one in known.values() if one.incident is None}
    meant = {one.id: one for one in (replace(new, id=papers.get(_paper(new), new.id)) for new in wanted)}
    changed = [_new(one, now) for id_, one in meant.items() if id_ not in known]
    for id_, one in known.items():
        after = _as_wanted(one, meant[id_], now) if id_ in meant else _ended(one, meant.values(), now, gone)
        if after is not None:
            changed.append(after)
    return tuple(sorted(changed, key=lambda one: (one.day, one.name, one.id)))


def _paper(one: Deadline | Wanted) -> tuple[object, ...]:
    return (one.incident, one.name, one.facts.get("document"), one.day)


def _new(one: Wanted, now: datetime) -> Deadline:
    return Deadline(
        id=one.id,
        customer=one.customer,
        name=one.name,
        day=one.day,
        state="moved" if one.was else "open",
        created_at=now,
        updated_at=now,
        incident=one.incident,
        event=one.event,
        source=one.source,
        country=one.country,
        was=one.was,
        facts=dict(one.facts),
    )


def _as_wanted(one: Deadline, wanted: Wanted, now: datetime) -> Deadline | None:
    if one.day != wanted.day:
        moved = replace(_new(wanted, now), state="moved", was=one.day, created_at=one.created_at)
        return replace(moved, facts={**wanted.facts, "sequence": sequence(one) + 1})
    if one.state == "cancelled":  # the matter goes on
        state: DeadlineState = "moved" if one.was else "open"
        return replace(one, state=state, updated_at=now, facts={**wanted.facts, "sequence": sequence(one) + 1})
    return None


def _ended(one: Deadline, wanted: Iterable[Wanted], now: datetime, gone: str) -> Deadline | None:
    if one.state not in AHEAD and not (one.state == "passed" and one.incident is None):
        return None
    paper = one.facts.get("document")
    renewed = any(new.name == one.name and new.facts.get("document") == paper and new.day > one.day for new in wanted)
    if renewed and one.incident is None:
        return ended(one, "done", "renewed", now)
    return ended(one, "cancelled", gone, now) if one.state in AHEAD else None


def ended(one: Deadline, state: DeadlineState, why: str, now: datetime) -> Deadline:
    """Return the date as it stands after its end: done, cancelled or passed."""
    more = {"why": why} if why else {}
    return replace(one, state=state, updated_at=now, facts={**one.facts, **more, "sequence": sequence(one) + 1})


def sequence(one: Deadline) -> int:
    """Return how often what a calendar shows of it has changed."""
    return int(one.facts.get("sequence", 0))


def over(one: Deadline, now: datetime, timezone: str) -> bool:
    """Return whether its day, in this zone, or its stated time has passed."""
    moment, day = time_of(one.day), day_of(one.day)
    if moment is not None:
        return now > moment
    return day is not None and day < now.astimezone(ZoneInfo(timezone)).date()


def time_of(text: str) -> datetime | None:
    """Return the moment, if a time of the day is stated."""
    if len(text) <= 10:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else None


# --------------------------------------------------------------------------- when people are reminded


@dataclass(frozen=True, slots=True)
class Steps:
    """What is owed of a date now: the steps whose time has come, the most pressing last."""

    due: tuple[str, ...] = ()
    days_left: int = 0  # until its day, in the reader's zone; below 0 after it
    free: bool = False  # its day is none on which the reader works

    def __bool__(self) -> bool:
        return bool(self.due)


def owed(one: Deadline, reader: Hours, remind_days: Sequence[int], now: datetime) -> Steps:
    """Return the steps people are to be reminded at now: whoever was away over several gets the last one only."""
    day = day_of(one.day)
    if day is None or one.state in ("done", "cancelled"):
        return Steps()
    plan = schedule(one.day, reader, tuple(remind_days), one.name)
    due = tuple(step for step, at in plan if at <= now and step not in one.reminded)
    if one.state == PASSED and due[-1:] != (PASSED,):
        return Steps()
    return Steps(due, (day - reader.today(now)).days, not reader.works_on(day))


def told_with(one: Deadline, reader: Hours, remind_days: Sequence[int], now: datetime) -> Deadline:
    """Return a date that people are told of now: steps whose time has come already need no reminder of their own."""
    plan = schedule(one.day, reader, tuple(remind_days), one.name)
    return replace(one, reminded=tuple(step for step, at in plan if at <= now))


# What somebody here has to do: that its day went by is worth a word. A hearing goes by without us.
_TO_DO: frozenset[DeadlineName] = frozenset(
    ("insurer_report", "claims_deadline", "objection_deadline", "document_expiry")
)


@lru_cache(maxsize=4096)
def schedule(
    day: str, reader: Hours, remind_days: tuple[int, ...], name: DeadlineName
) -> tuple[tuple[str, datetime], ...]:
    """Return the steps of a date and their moments (UTC), the first first: so many days before, and after it.

    A review is also owed on its day, and what somebody has to do is spoken of once more when its day is over. A step
    never falls on a day on which the reader does not work: it is given on the last workday before, and the one after
    the day on the next. Raises ValueError for a day that is none.
    """
    last = day_of(day)
    if last is None:
        raise ValueError(f"not a day: {day!r}")
    on_it = {0} if name == "review_due" else set()
    found = []
    for days in sorted({*remind_days, *on_it}, reverse=True):
        on = calendars.last_until(last - timedelta(days=days), reader.works_on)
        found.append((str(days), _opening(on, reader)))
    moment = time_of(day)
    if moment is not None:  # before it, not after
        found = [(step, at) for step, at in found if at < moment]
    if name in _TO_DO:
        found.append((PASSED, _opening(calendars.after(last, 1, reader.works_on), reader)))
    return tuple(found)


def _opening(day: date, reader: Hours) -> datetime:
    return reader.opens(hours.instant(day, OPENING, reader.timezone))


def reader_of(customer: Customer | None, policy: Policy) -> Hours:
    """Return whose hours count for a customer's dates: its channel's, and the owner's own zone and calendar if any."""
    channel = hours.of_channel(policy, (customer.channel if customer else None) or policy.channel)
    owner = policy.people.get(customer.owner) if customer and customer.owner else None
    if owner is None:
        return channel
    return replace(
        channel,
        timezone=owner.timezone or channel.timezone,
        calendar=owner.calendar or channel.calendar,
    )
