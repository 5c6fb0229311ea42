"""What to do next: steps by event, payment terms and cover, with their dates (config/playbook.yaml)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

from monitor.judge import calendars, money
from monitor.judge.weigh import day_of, official
from monitor.model import Customer, Deadline, Event, Share
from monitor.policy import Insurer, Policy

GROUPS = {"OA": "open", "DA": "open", "TT": "open", "DP": "documents", "LC": "lc", "prepaid": "prepaid"}
MOST = 5  # steps a reader takes in; the rest is in the playbook

# Conditions a step may name; a test holds the file to this list.
CONDITIONS = frozenset(
    [
        "insured",
        "uninsured",
        "open",
        "overdue",
        "in_transit",
        "on_order",
        "orders",
        "hearing",
        "deadline",
        "case",
        "identified",
        "official",
        "rumour",
        "report_insolvency",
        "reported",
        "report_overdue",
    ]
)


@dataclass(frozen=True, slots=True)
class Move:
    """One step as the file has it."""

    text: Mapping[str, str]  # language -> sentence with {placeholders}
    when: tuple[str, ...] = ()
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Book:
    moves: Mapping[str, Move]
    plays: Mapping[str, Mapping[str, tuple[str, ...]]]  # pattern -> group of terms -> names of moves


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: its name, its sentence by language, what fills it, and by when (a date in the policy's zone)."""

    key: str
    text: Mapping[str, str]
    facts: Mapping[str, Any]
    by: date | None = None


def book(document: Mapping[str, Any]) -> Book:
    """Read config/playbook.yaml, given as plain data. Raises ValueError for a play that names no step or a wrong word."""
    moves = {
        name: Move({"en": given["en"], "zh": given["zh"]}, tuple(given.get("when", ())), given.get("by"))
        for name, given in document["steps"].items()
    }
    plays: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for names, groups in document["plays"].items():
        for pattern in names.split(","):
            plays[pattern.strip()] = {group: tuple(steps) for group, steps in groups.items()}
    _check(moves, plays)
    return Book(moves, plays)


def _check(moves: Mapping[str, Move], plays: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
    for pattern, groups in plays.items():
        for group, names in groups.items():
            if group not in {*GROUPS.values(), "any"}:
                raise ValueError(f"playbook: {pattern}: no such terms: {group}")
            missing = [name for name in names if name not in moves]
            if missing:
                raise ValueError(f"playbook: {pattern}: no such step: {', '.join(missing)}")
    for name, move in moves.items():
        unknown = [word for word in move.when if word.removeprefix("!") not in CONDITIONS]
        if unknown:
            raise ValueError(f"playbook: {name}: no such condition: {', '.join(unknown)}")


def steps(
    event: Event,
    customer: Customer | None,
    policy: Policy,
    now: datetime,
    book: Book,
    *,
    orders: Sequence[str] = (),
    workdays: Callable[[str | None], calendars.IsWorkday] = calendars.workdays,
    report: Deadline | None = None,
) -> tuple[Step, ...]:
    """Return the next steps, at most five, in the order to take them.

    `orders` are numbers of orders not yet shipped. `workdays` gives a country's calendar. `report` is the insurer's
    date as it is kept of the matter: the first fact set it, and later ones do not put it off. A step with a date that
    is past is still given: late is better than never, and the reader is told.
    """
    facts, true = _situation(event, customer, policy, now, orders, workdays)
    if report is not None and "report_by" in facts:
        facts["report_by"] = day_of(report.day)
        true |= {"reported"} if report.state == "done" else set()
    if (last := facts.get("report_by")) is not None and last < now.astimezone(ZoneInfo(policy.timezone)).date():
        facts["report_was"] = facts.pop("report_by")
    found = []
    for name in _play(event, customer, book):
        move = book.moves[name]
        if all(_holds(word, true) for word in move.when):
            found.append(Step(name, move.text, facts, _by(move, facts, event, policy, workdays)))
    return tuple(found[:MOST])


def owes_report(event: Event, customer: Customer, policy: Policy, book: Book) -> bool:
    """Return whether an event is an insolvency the insurer must be told of by a day, as far as its terms are known."""
    move = book.moves.get("report_insolvency")
    if move is None or "report_insolvency" not in _play(event, customer, book):
        return False
    _, true = _situation(event, customer, policy, event.first_seen, (), calendars.workdays)
    return all(_holds(word, true) for word in move.when)


def group(customer: Customer | None) -> str:
    """Return the group of the customer's terms; unknown terms are treated as open account, the most exposed."""
    return GROUPS[customer.terms.kind] if customer and customer.terms else "open"


def _play(event: Event, customer: Customer | None, book: Book) -> tuple[str, ...]:
    patterns = [pattern for pattern in book.plays if fnmatchcase(event.type, pattern)]
    if not patterns:
        return ()
    best = max(patterns, key=lambda pattern: ("*" not in pattern, len(pattern)))
    groups = book.plays[best]
    return groups.get(group(customer), groups.get("any", ()))


def _holds(word: str, true: frozenset[str]) -> bool:
    return word[1:] not in true if word.startswith("!") else word in true


def _situation(
    event: Event,
    customer: Customer | None,
    policy: Policy,
    now: datetime,
    orders: Sequence[str],
    workdays: Callable[[str | None], calendars.IsWorkday],
) -> tuple[dict[str, Any], frozenset[str]]:
    """What fills the sentences, and which conditions are true."""
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    share = money.own_share(customer, today, rates=policy.rates, currency=policy.currency) if customer else None
    facts: dict[str, Any] = {"customer": customer.name if customer else ""}
    true = _money(facts, share) | _proceeding(facts, event)
    if orders:
        facts["orders"] = list(orders)
        true.add("orders")
    true |= _insurance(facts, event, customer, share, policy, workdays)
    if event.identified:
        true.add("identified")
    if official(event):
        true.add("official")
    if event.stage == "rumour":
        true.add("rumour")
    return facts, frozenset(true)


def _money(facts: dict[str, Any], share: Share | None) -> set[str]:
    if share is None:
        return set()
    true = set()
    for name, value in (
        ("open", share.open),
        ("overdue", share.overdue),
        ("in_transit", share.in_transit),
        ("on_order", share.on_order),
    ):
        if value > 0:
            facts[name] = money.Amount(value, share.currency)
            true.add(name)
    return true


def _proceeding(facts: dict[str, Any], event: Event) -> set[str]:
    dates = event.facts.get("dates")
    dates = dates if isinstance(dates, Mapping) else {}
    true = set()
    for name in ("hearing", "deadline"):
        day = day_of(dates.get(name) or event.facts.get(name))
        if day:
            facts[name] = day
            true.add(name)
    if event.facts.get("case"):
        facts["case"] = event.facts["case"]
        true.add("case")
    facts["practitioner"] = event.facts.get("practitioner") or Named("practitioner")
    return true


def _insurance(
    facts: dict[str, Any],
    event: Event,
    customer: Customer | None,
    share: Share | None,
    policy: Policy,
    workdays: Callable[[str | None], calendars.IsWorkday],
) -> set[str]:
    if customer is None or customer.insured is None or (share is not None and share.insured_limit is None):
        return {"uninsured"}
    facts["insurer"] = customer.insured.by
    true = {"insured"}
    insurer = policy.insurers.get(customer.insured.by, Insurer())
    if insurer.report_insolvency_workdays is not None:
        facts["report_by"] = report_by(event, policy, insurer, workdays)
        true.add("report_insolvency")
    if insurer.report_overdue_days is not None:
        facts["report_overdue_days"] = insurer.report_overdue_days
        true.add("report_overdue")
    return true


def report_by(
    event: Event,
    policy: Policy,
    insurer: Insurer,
    workdays: Callable[[str | None], calendars.IsWorkday] = calendars.workdays,
) -> date | None:
    """Return the insurer's last day for an insolvency: its workdays after the day we first saw it; None if not given."""
    if insurer.report_insolvency_workdays is None:
        return None
    seen = event.first_seen.astimezone(ZoneInfo(policy.timezone)).date()
    return calendars.after(seen, insurer.report_insolvency_workdays, workdays(insurer.calendar))


def _by(
    move: Move,
    facts: Mapping[str, Any],
    event: Event,
    policy: Policy,
    workdays: Callable[[str | None], calendars.IsWorkday],
) -> date | None:
    if move.by is None:
        return None
    if move.by == "report_insolvency":
        return facts.get("report_by")
    count, _, unit = move.by.partition(" ")
    if unit == "workdays":
        seen = event.first_seen.astimezone(ZoneInfo(policy.timezone)).date()
        return calendars.after(seen, int(count), workdays(None))
    found: date | None = facts.get(move.by)
    return found


@dataclass(frozen=True, slots=True)
class Named:
    """A word the texts know in every language (texts: role.practitioner), where no name is known."""

    key: str
