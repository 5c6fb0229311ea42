"""Labelled pairs: a company we watch, a name as a source writes it, and whether the two are the same."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.judge.match import Known, Rarity, judge_party
from monitor.model import Claim, Customer, Match, Party

HERE = Path(__file__).parent
DEV, HELD = HERE / "names_dev.tsv", HERE / "names_held.tsv"
COLUMNS = (
    "id", "group", "watched_name", "watched_country", "aliases",
    "found_name", "found_country", "context", "label", "note",
)  # fmt: skip
LABELS = ("same", "related", "other")
CONTEXT = ("city found", "city watched", "activity found", "activity watched")


@dataclass(frozen=True, slots=True)
class Pair:
    """One row. `label` is the truth: the same legal entity, one near it by its name, or somebody else."""

    id: str
    group: str
    watched: str
    country: str
    aliases: tuple[str, ...]
    found: str
    found_country: str | None
    label: str
    context: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def positive(self) -> bool:
        return self.label == "same"

    @property
    def names(self) -> tuple[str, ...]:
        """What a person would type of the customer: its name and its aliases."""
        return (self.watched, *self.aliases)

    def customer(self) -> Customer:
        activity = self.context.get("activity watched")
        claims = (Claim("activity", activity),) if activity else ()
        return Customer(self.id, self.watched, self.country, aliases=self.aliases, claims=claims)

    def party(self) -> Party:
        return Party(self.found, country=self.found_country)


def read(path: Path) -> list[Pair]:
    """Read a file of pairs. Raises ValueError, with the line, for a row that is not sound."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if tuple(next(rows)) != COLUMNS:
            raise ValueError(f"{path.name}: the first line must name the columns {', '.join(COLUMNS)}")
        return [_pair(path, line, row) for line, row in enumerate(rows, start=2)]


def _pair(path: Path, line: int, row: list[str]) -> Pair:
    if len(row) != len(COLUMNS):
        raise ValueError(f"{path.name}:{line}: {len(row)} columns instead of {len(COLUMNS)}")
    told = dict(zip(COLUMNS, row, strict=True))
    if told["label"] not in LABELS:
        raise ValueError(f"{path.name}:{line}: the label {told['label']!r} is none of {', '.join(LABELS)}")
    context = dict(_context(path, line, told["context"]))
    return Pair(
        told["id"],
        told["group"],
        told["watched_name"],
        told["watched_country"],
        tuple(alias for alias in told["aliases"].split("|") if alias),
        told["found_name"],
        told["found_country"] or None,
        told["label"],
        context,
        told["note"],
    )


def _context(path: Path, line: int, text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        key, colon, value = part.partition(":")
        if key not in CONTEXT or not colon or not value.strip():
            raise ValueError(f"{path.name}:{line}: the context {part!r} is none of {', '.join(CONTEXT)}")
        yield key, value.strip()


def judged(pair: Pair, rarity: Rarity | None = None) -> Match:
    """Ask the matcher, with all the row tells: what a source says of the party, and what we know of the customer."""
    city = pair.context.get("city watched")
    return judge_party(
        pair.customer(),
        pair.party(),
        known=Known(addresses=(city,)) if city else None,
        city=pair.context.get("city found"),
        activity=pair.context.get("activity found"),
        rarity=rarity,
    )
