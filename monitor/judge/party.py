"""Say whether a party that a source names is the customer, somebody near it, or somebody else; and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.judge import names
from monitor.model import Customer, Match, Party, Reason


@dataclass(frozen=True, slots=True)
class Relative:
    """A company or person near the customer, as a register says. `relation` is what it is to the customer: parent, subsidiary, sister, owner, officer."""

    name: str
    relation: str
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What registers say of a customer beyond its watchlist entry."""

    former_names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    officers: tuple[str, ...] = ()
    relatives: tuple[Relative, ...] = ()


class Rarity:
    """How many of a list's names bear a word."""


def judge_party(
    customer: Customer,
    party: Party,
    *,
    known: Known | None = None,
    city: str | None = None,
    address: str | None = None,
    activity: str | None = None,
    rarity: Rarity | None = None,
) -> Match:
    """Return whether the party is the customer. A name alone is at most possible; an identifier decides."""
    for scheme, number in party.ids.items():
        if scheme in customer.ids:
            facts = {"scheme": scheme, "number": number}
            if names.number(customer.ids[scheme]) == names.number(number):
                return Match(customer.id, "same", 1.0, party.role, reasons=(Reason("identifier_agrees", facts),))
            return Match(customer.id, "no", 0.0, party.role, reasons=(Reason("identifier_differs", facts),))
    ours = {tuple(sorted(names.core(name))) for name in (customer.name, *customer.aliases)}
    if tuple(sorted(names.core(party.name))) in ours:
        reason = Reason("name_agrees", {"name": party.name, "as": customer.name})
        return Match(customer.id, "possible", 0.7, party.role, reasons=(reason,))
    return Match(customer.id, "no", 0.0, party.role)
