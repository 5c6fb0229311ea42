"""Events that no single source tells: they follow from several facts of one customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from monitor.judge import names
from monitor.judge.incident import Fact, day
from monitor.judge.taxonomy import Named, event_id, event_key
from monitor.model import Event

JOINED, LEFT, EXODUS = "gov.director_joined", "gov.director_left", "gov.board_exodus"
EXODUS_DAYS = 90
_PROOFS = 20  # raw answers that are named
# Who holds an office at a company without sitting on its board.
_BESIDE = ("secretar", "auditor", "revisor", "regnskap", "accountant", "liquidator", "administrator", "practitioner")


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
    if len(left) < 2 and not (left and still is not None and len(left) >= still):
        return None
    days = sorted(day(one) for one in left.values())
    return Exodus(tuple(str(one.facts.get("name")) for one in sorted(left.values(), key=day)), days[0], days[-1])


def on_board(office: str) -> bool:
    """Return whether who holds this office counts among the board."""
    folded = names.fold(office)
    return not any(word in folded for word in _BESIDE)


def _people(events: Iterable[Event]) -> dict[str, Event]:
    """Return one departure for each person: who gives up two offices is one."""
    found: dict[str, Event] = {}
    for one in sorted(events, key=lambda one: (day(one), one.key)):
        name = " ".join(sorted(names.fold(str(one.facts.get("name") or "")).split()))
        if (
            name
            and on_board(str(one.facts.get("office") or ""))
            and one.relation == "self"
            and one.polarity == "negative"
        ):
            found.setdefault(name, one)
    return found


def exodus_event(event: Event, found: Exodus, facts: Iterable[Fact], title: str) -> Event:
    """Return the exodus as an event, told from the departure that completed it and proven by all of them."""
    named = Named(EXODUS, "final", (found.first.isoformat(),), found.last.isoformat())
    key = event_key(named, event.customer, 0)
    proofs = [proof for one in facts if one.event.type == LEFT for proof in one.event.evidence]
    told = {"names": ", ".join(found.names), "count": len(found.names), "date": found.last.isoformat()}
    return replace(
        event,
        id=event_id(key),
        key=key,
        type=EXODUS,
        occurred_at=found.last.isoformat(),
        title=title,
        facts=told,
        evidence=tuple(dict.fromkeys((*event.evidence, *proofs)))[:_PROOFS],
    )
