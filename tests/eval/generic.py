"""How often a generic name is taken for somebody else's: 300 of them watched, 50,000 entries of a list asked about."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from monitor.judge import names
from monitor.judge.match import Index
from monitor.model import Customer, Match, Party, Record
from tests.eval import made
from tests.eval.score import HITS

WATCHED, ENTRIES = 300, 50_000


@dataclass(frozen=True, slots=True)
class Found:
    """Matches by verdict, those a person would see as text, and the seconds they took. `namesakes` bear a watched name abroad."""

    watched: int
    entries: int
    namesakes: int
    verdicts: dict[str, int]
    examples: tuple[str, ...]
    seconds: float


def customers(count: int = WATCHED) -> list[Customer]:
    return [Customer(f"c{at}", name, country) for at, (name, country) in enumerate(islice(made.generic(seed=1), count))]


def entries(watched: list[Customer], count: int = ENTRIES) -> tuple[list[Record], int]:
    """Return list entries, two of five as generic as the watched, and how many bear a watched name in another country.

    A watched name in its own country could be the very customer; such entries are left out.
    """
    own = {(_key(customer.name), customer.country) for customer in watched}
    watched_names = {key for key, _ in own}
    pick, generic, telling = random.Random(2), made.generic(seed=3), made.telling(seed=4)
    rows: list[Record] = []
    namesakes = 0
    while len(rows) < count:
        name, country = next(generic if pick.random() < 0.4 else telling)
        key = _key(name)
        if (key, country) not in own:
            namesakes += key in watched_names
            rows.append(_entry(len(rows), name, country))
    return rows, namesakes


def _key(name: str) -> tuple[str, ...]:
    return tuple(sorted(names.core(name)))


def measure(watched: int = WATCHED, count: int = ENTRIES) -> Found:
    """Ask the index about every entry; wall seconds, with the index already built."""
    listed = customers(watched)
    rows, namesakes = entries(listed, count)
    index = Index(listed)
    index.warm()
    began = time.perf_counter()
    answers = [index.find(row) for row in rows]
    took = time.perf_counter() - began
    verdicts = Counter(match.verdict for answer in answers for match in answer)
    return Found(watched, count, namesakes, dict(verdicts), tuple(_claims(listed, rows, answers)), took)


def against(watched: Sequence[Customer], named: Iterable[tuple[str, str | None]]) -> list[str]:
    """Return, as text, whom of the watched an entry with such a name and country would be taken for."""
    rows = [_entry(at, name, country) for at, (name, country) in enumerate(named)]
    index = Index(watched)
    return list(_claims(watched, rows, [index.find(row) for row in rows]))


def _entry(at: int, name: str, country: str | None) -> Record:
    fields = {"list": "made", "names": [name], "country": country}
    return Record("listing", str(at), fields, parties=(Party(name, country=country),))


def _claims(watched: Sequence[Customer], rows: Sequence[Record], answers: Sequence[tuple[Match, ...]]) -> Iterator[str]:
    called = {customer.id: f"{customer.name} [{customer.country}]" for customer in watched}
    for row, answer in zip(rows, answers, strict=True):
        for match in answer:
            if match.verdict in HITS:
                party = row.parties[0]
                yield f"{called[match.customer]} <> {party.name} [{party.country or ''}]: {match.verdict}"
