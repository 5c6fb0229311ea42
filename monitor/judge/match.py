"""Say of whom a record speaks: an identifier decides, a name alone is never more than possible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock
from types import MappingProxyType
from typing import Any

from monitor.judge.compare import Rarity
from monitor.judge.indexing import Candidates
from monitor.judge.known import Known, Relative
from monitor.judge.party import judge_party
from monitor.judge.texts import Texts
from monitor.model import Customer, Match, Party, Record

__all__ = ["Index", "Known", "Rarity", "Relative", "judge_party"]

_VERDICTS = {"same": 3, "possible": 2, "related": 1, "no": 0}


class Index:
    """The whole watchlist, to be asked about one record after another. Built once, never changed.

    `known`: what registers say of a customer, by its id: former names, addresses, officers, relatives.
    """

    def __init__(self, customers: Sequence[Customer], known: Mapping[str, Known] = MappingProxyType({})) -> None:
        self._all = tuple(customers)
        self._known = known
        self._lock = Lock()
        self._ready = False

    def warm(self) -> None:
        """Build it now, on whatever thread this is; else the first question does. A list of thousands takes a second."""
        with self._lock:
            if not self._ready:
                self._texts = Texts(self._all)
                self._candidates = Candidates(self._all, self._known)
                self._ready = True

    def find(self, record: Record) -> tuple[Match, ...]:
        """Return whom the record speaks of, the surest first, one match a customer: same, possible or related."""
        if not self._ready:
            self.warm()
        parties = record.parties or _implied_parties(record)
        found = self._by_parties(parties, record) if parties else self._texts.find(record)
        best: dict[str, Match] = {}
        for match in found:
            known = best.get(match.customer)
            if known is None or _strength(match) > _strength(known):
                best[match.customer] = match
        return tuple(sorted(best.values(), key=lambda match: (*(-part for part in _strength(match)), match.customer)))

    def _by_parties(self, parties: Iterable[Party], record: Record) -> Iterator[Match]:
        country = record.fields.get("country")
        for told in parties:
            party = told if told.country or not isinstance(country, str) else _at(told, country)
            for customer in self._candidates.of(party):
                match = judge_party(customer, party, known=self._known.get(customer.id), rarity=self._candidates.rarity)
                if match.verdict != "no":
                    yield match


def _strength(match: Match) -> tuple[int, float]:
    return _VERDICTS[match.verdict], match.score


def _at(party: Party, country: str) -> Party:
    return Party(party.name, party.role, party.ids, country, party.city, party.address, party.activity)


def _implied_parties(record: Record) -> tuple[Party, ...]:
    """Return the parties of a record that states none but is about a name: a list entry, a company."""
    fields = record.fields
    if record.kind in _TEXTS or not (fields.get("name") or fields.get("names")):
        return ()
    listed = fields.get("names") or ()
    told = [fields.get("name"), *(listed if isinstance(listed, list | tuple) else [listed])]
    ids = fields.get("ids")
    stated = {str(scheme): str(number) for scheme, number in ids.items()} if isinstance(ids, Mapping) else {}
    where = [_text(fields.get(field)) for field in ("country", "city", "address", "activity")]
    return tuple(Party(str(name), "mentioned", stated, *where) for name in told if name)


def _text(value: Any) -> str | None:
    return str(value) if value else None


_TEXTS = frozenset(("article", "docket_entry", "page", "case", "notice"))
