"""How many headlines a second one core holds against a watchlist, and whether it finds every name that is written out.

Each watchlist is measured in a process of its own; the unit is CPU seconds of that process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from monitor.judge.match import Index
from monitor.model import Customer, Record
from tests.eval import made

ASKED = {10_000: 20_000, 100_000: 15_000}  # customers: headlines per CPU second
ITEMS, ROUNDS = 20_000, 3
MENTIONING = 0.02  # of the headlines; most of the world's news is about nobody we know
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Speed:
    """What one watchlist costs: seconds to build, MiB it holds, headlines per CPU second, and names found of those planted."""

    customers: int
    items: int
    build: float
    memory: float
    per_second: float
    planted: int
    found: int
    claimed: int  # matches in headlines that mention nobody: a word of a name that means something else

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else 1.0


def watchlist(count: int) -> list[Customer]:
    """Return customers with two aliases each, as people type them: the name without its legal form, and a brand."""
    pick, taken = random.Random(11), set[str]()
    rows: list[Customer] = []
    for name, country in islice(made.telling(seed=12), count):
        form_less = _form_less(name)
        brand = made.word(pick) + pick.choice("ax ex ia io on us yx ent ora ino".split())
        while brand in taken:
            brand += pick.choice("aeiou") + pick.choice("nrst")
        taken.add(brand)
        rows.append(Customer(f"c{len(rows)}", name, country, aliases=(form_less, brand)))
    return rows


def _form_less(name: str) -> str:
    return name.removesuffix(max((f" {form}" for _, form in made.FORMS if name.endswith(f" {form}")), key=len))


def headlines(customers: Sequence[Customer], count: int) -> Iterator[tuple[str, str | None]]:
    """Yield headlines, and of whom they speak: an alias or the name, written out, in one of fifty of them."""
    pick, strangers = random.Random(13), made.telling(seed=14)
    for _ in range(count):
        if pick.random() < MENTIONING:
            customer = pick.choice(customers)
            yield pick.choice(_ABOUT).format(pick.choice((customer.name, *customer.aliases))), customer.id
        elif pick.random() < 0.4:
            name, _country = next(strangers)
            yield pick.choice(_ABOUT).format(_form_less(name)), None
        else:
            filled = {key: pick.choice(words) for key, words in _FILL.items()}
            yield pick.choice(_NOBODY).format(**filled), None


_ABOUT = (
    "{} files for insolvency after failed rescue talks",
    "{} to cut 300 jobs as demand slows",
    "Court orders winding up of {}",
    "Creditors of {} meet in March over rescue plan",
    "Shares fall as {} warns of weaker second half",
    "{} posts record quarterly loss, shares slide",
    "Fire at warehouse of {}, nobody hurt",
    "Regulator fines {} over late accounts",
    "{} wins order for 120 new units from city council",
    "Gericht eröffnet Insolvenzverfahren über {}",
    "{}: huelga en la planta por segundo día",
    "Strike at {} enters second week",
)
_NOBODY = (
    "{place} {body} votes to raise {thing} tax next year",
    "Oil prices {move} as traders weigh {thing} data from {place}",
    "{place} weather: heavy rain expected until {day}",
    "How {people} in {place} learned to live with higher {thing} costs",
    "{body} of {place} rejects plan for new {thing} terminal",
    "Football: {place} beat {other} in extra time on {day}",
    "Central bank of {place} leaves rates unchanged, {thing} prices {move}",
    "Opinion: why {people} should care about {thing} exports",
    "{place} und {other} einigen sich auf Abkommen über {thing}",
    "{place}: {people} protest against closure of {thing} market",
    "Ten photos from {place} this {day}",
    "Ministers from {place} and {other} meet to discuss {thing} trade",
    "Flight from {place} to {other} diverted after bird strike",
    "新的{place}港口将于明年开放",
)
_FILL = {
    "place": "Norway Madrid Lagos Vietnam Bavaria Texas Chile Osaka Cairo Jakarta Poland Kenya Quebec Lima Riyadh".split(),
    "other": "Ghana Lisbon Busan Turin Malmo Perth Dakar Hanoi Krakow Bogota Muscat Leeds Nagoya Utrecht Tunis".split(),
    "body": "Parliament Council Assembly Senate Commission".split(),
    "thing": "wheat steel gas timber copper cocoa housing shipping sugar electricity water coffee cement data".split(),
    "move": "rise fall slip climb steady".split(),
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "people": "farmers nurses students drivers teachers fishermen retirees dockers".split(),
}


def measure(count: int, items: int = ITEMS) -> Speed:
    """Build the index and hold headlines against it, several times over; the median speed counts."""
    customers = watchlist(count)
    told = list(headlines(customers, items))
    records = [Record("article", str(at), {"title": title}) for at, (title, _) in enumerate(told)]
    before, began = _memory(), time.process_time()
    index = Index(customers)
    index.warm()
    build, memory = time.process_time() - began, _memory() - before
    took: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        answers = [index.find(record) for record in records]
        took.append(time.process_time() - began)
    meant = [(answer, who) for answer, (_, who) in zip(answers, told, strict=True)]
    planted = [(answer, who) for answer, who in meant if who is not None]
    found = sum(any(match.customer == who for match in answer) for answer, who in planted)
    claimed = sum(len(answer) for answer, who in meant if who is None)
    return Speed(count, items, build, memory, items / statistics.median(took), len(planted), found, claimed)


def _memory() -> float:
    """Return the MiB this process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def measured(count: int, items: int = ITEMS) -> Speed:
    """Measure in a process of its own, so that nothing else's memory or caches are counted."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.matching", "--one", str(count), "--items", str(items)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return Speed(**json.loads(done.stdout))


def report(items: int = ITEMS) -> list[dict[str, float]]:
    """Measure each watchlist that has a figure asked of it; print a table and return its rows."""
    print(f"Speed: {items:,} headlines, one in fifty names a customer; one core")
    print(f"{'customers':>10}{'build s':>9}{'MiB':>7}{'per CPU s':>11}{'asked':>9}{'ratio':>7}{'planted':>9}{'recall':>8}"
          f"{'claimed of others':>19}")  # fmt: skip
    rows = []
    for count, asked in ASKED.items():
        one = measured(count, items)
        rows.append(asdict(one) | {"asked": asked, "ratio": one.per_second / asked, "recall": one.recall})
        print(
            f"{count:>10,}{one.build:>9.1f}{one.memory:>7.0f}{one.per_second:>11,.0f}{asked:>9,}"
            f"{one.per_second / asked:>7.2f}{one.planted:>9}{one.recall:>8.4f}{one.claimed:>19}"
        )
    return rows


def main() -> None:
    """Print the table, or measure one watchlist and print its figures as JSON."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--one", type=int, help="only this many customers, here, as JSON")
    words.add_argument("--items", type=int, default=ITEMS)
    said = words.parse_args()
    if said.one:
        print(json.dumps(asdict(measure(said.one, said.items))))
    else:
        report(said.items)


if __name__ == "__main__":
    main()
