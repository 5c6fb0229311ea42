"""What is known of a customer beyond its name, and how it bears out what a source tells of a party."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from monitor.judge import compare as comparing
from monitor.judge import names, reading
from monitor.model import Customer


@dataclass(frozen=True, slots=True)
class Relative:
    """A company or person near the customer, as a register says: parent, subsidiary, sister, owner or officer of it."""

    name: str
    relation: str
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What registers say of a customer beyond its entry in the watchlist."""

    former_names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    officers: tuple[str, ...] = ()
    relatives: tuple[Relative, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a source tells of a party beside its name."""

    city: str | None = None
    address: str | None = None
    activity: str | None = None
    officers: tuple[str, ...] = ()


def borne_out(customer: Customer, known: Known, told: Told) -> Iterator[tuple[str, bool]]:
    """Yield what is told of both, city, address, officer and activity, and whether it agrees.

    Another address is no fact: a company has many. An officer who is not ours is none either.
    """
    where = addresses(customer, known)
    if told.city and where:
        wanted = names.fold(told.city)
        yield "city", any(f" {wanted} " in f" {names.fold(one)} " for one in where)
    if told.address and where and _same_address(told.address, where):
        yield "address", True
    officers = (*known.officers, *claimed(customer, "officers", "directors"))
    if any(_same_person(one, other) for one in told.officers for other in officers):
        yield "officer", True
    activity = (*claimed(customer, "activity", "industry", "business"), *customer.keywords)
    if told.activity and activity:
        ours, theirs = _marks(" ".join(activity)), _marks(told.activity)
        if ours and theirs:
            yield "activity", bool(ours & theirs)


def addresses(customer: Customer, known: Known) -> tuple[str, ...]:
    """Return the customer's addresses, as registers and as we were told."""
    return (*known.addresses, *claimed(customer, "address", "city"))


def claimed(customer: Customer, *fields: str) -> tuple[str, ...]:
    """Return the values of claims, each a text."""
    values: list[str] = []
    for claim in customer.claims:
        if claim.field in fields:
            told = claim.value if isinstance(claim.value, list | tuple) else (claim.value,)
            values += [str(one) for one in told if one]
    return tuple(values)


@lru_cache(maxsize=4096)
def _marks(text: str) -> frozenset[str]:
    """Return what the words of an activity mean, in one form each."""
    return frozenset(word.mark[:7] for name in reading.read(text)[:1] for word in name.words if not word.small)


def _same_person(one: str, other: str) -> bool:
    return any(
        like.whole and len(like.shared) > 1 for a in reading.read(one)[:1] for b in reading.read(other)[:1] if (like := comparing.compare(a, b))
    )  # fmt: skip


def _same_address(one: str, others: Sequence[str]) -> bool:
    from rigour.addresses import compare_address_many

    return compare_address_many([one[:300]], [other[:300] for other in others]) >= 0.85
