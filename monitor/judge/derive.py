"""Events that no single source tells: they follow from several facts of one customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.judge import names
from monitor.judge.incident import Fact, day
from monitor.model import Event

LEFT, EXODUS = "gov.director_left", "gov.board_exodus"
EXODUS_DAYS = 90


@dataclass(frozen=True, slots=True)
class Exodus:
    """Who left within the time, in the order they went."""

    names: tuple[str, ...]
    first: date
    last: date


def exodus(event: Event, facts: Iterable[Fact], still: int | None = None) -> Exodus | None:
    """Return the exodus that this departure completes: two or more left within 90 days, or half of the board.

    `still`: how many are on the board now, if that is known. None if nothing is complete, or if one was told in that time.
    """
    if event.type != LEFT:
        return None
    known = list(facts)
    near = [one for one in known if abs(day(one.event) - day(event)) <= timedelta(days=EXODUS_DAYS)]
    if any(one.event.type == EXODUS for one in near):
        return None
    left = _people([*(one.event for one in near if one.event.type == LEFT and one.silent != "dismissed"), event])
    if len(left) < 2 and not (still is not None and 2 * len(left) >= still + len(left)):
        return None
    days = sorted(day(one) for one in left.values())
    return Exodus(tuple(str(one.facts.get("name")) for one in sorted(left.values(), key=day)), days[0], days[-1])


def _people(events: Iterable[Event]) -> dict[str, Event]:
    """Return one departure for each person: who gives up two offices is one."""
    found: dict[str, Event] = {}
    for one in sorted(events, key=lambda one: (day(one), one.key)):
        name = " ".join(sorted(names.fold(str(one.facts.get("name") or "")).split()))
        if name and one.relation == "self" and one.polarity == "negative":
            found.setdefault(name, one)
    return found
