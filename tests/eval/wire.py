"""Pairs out of recorded lists and registers, where those recordings are at hand: names that a source itself calls one's own.

Many an alias on a sanctions list is another name altogether (a front, an acronym, a translation), which no comparison
of names can find: recall here has a ceiling far below one, and means something only beside the others' recall.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree
from rigour.territories import lookup_territory

from tests.eval.pairs import Pair
from tests.recordings import shared

MOST = 600  # positives of one source that are drawn, and as many negatives
NOWHERE = "ZZ"  # for an entry without a country


class _Named(NamedTuple):
    """A name and another name of the same, and the country the source gives for it (ISO 3166-1 alpha-2)."""

    name: str
    other: str
    country: str | None = None


def sources() -> dict[str, list[Pair]]:
    """Return pairs by source, positives and as many negatives; empty where nothing is recorded."""
    home = shared()
    if home is None:
        return {}
    readers = {
        "GLEIF other names": _gleif(home / "wire" / "gleif"),
        "OFAC aliases": _ofac(home / "wire" / "ofac" / "csv_2019"),
        "UN aliases": _un(home / "wire" / "un_sc"),
        "UK and EU aliases": [*_uk(home / "wire" / "uk_sl"), *_eu(home / "wire" / "eu_fsf")],
    }
    return {name: made for name, named in readers.items() if (made := _pairs(name, named))}


def _pairs(source: str, named: Iterable[_Named]) -> list[Pair]:
    """Draw positives, and cross each name with another's alias as a negative; the same at every run."""
    pick = random.Random(source)
    positives = sorted(set(named), key=lambda one: (one.name, one.other, one.country or ""))
    own: dict[str, set[str]] = {}
    for one in positives:
        own.setdefault(one.name, {one.name}).add(one.other)
    drawn = pick.sample(positives, min(MOST, len(positives)))
    made = [_pair(source, one, one, "same") for one in drawn]
    for one in drawn:
        stranger = pick.choice(drawn)
        if stranger.other not in own[one.name]:
            made.append(_pair(source, one, stranger, "other"))
    return made


def _pair(source: str, watched: _Named, found: _Named, label: str) -> Pair:
    return Pair("", source, watched.name, watched.country or NOWHERE, (), found.other, found.country, label)


def _code(country: str | None) -> str | None:
    """Return the code of a country that a list writes out."""
    known = lookup_territory(country) if country and country.strip(" -0") else None
    return known.code.upper() if known and len(known.code) == 2 else None


def _gleif(folder: Path) -> Iterator[_Named]:
    for path in sorted(folder.glob("*.json")):
        for entity in _entities(json.loads(path.read_text("utf-8"))):
            name = entity["legalName"]["name"]
            for key in ("otherNames", "transliteratedOtherNames"):
                for other in entity.get(key) or ():
                    # A former name is another name, not another spelling.
                    if other.get("type") != "PREVIOUS_LEGAL_NAME" and other["name"] != name:
                        yield _Named(name, other["name"], _code((entity.get("legalAddress") or {}).get("country")))


def _entities(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        if isinstance(found.get("legalName"), dict):
            yield found
        for inner in found.values():
            yield from _entities(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from _entities(inner)


def _ofac(folder: Path) -> Iterator[_Named]:
    if not (folder / "alt.csv.gz").exists():
        return
    names = {row[0]: row[1] for row in _rows(folder / "sdn.csv.gz") if len(row) > 2 and row[2].strip() == "-0-"}
    places = {row[0]: _code(row[4]) for row in _rows(folder / "add.csv.gz") if len(row) > 4}
    for row in _rows(folder / "alt.csv.gz"):
        if len(row) > 3 and row[0] in names and row[2] in ("aka", "nka"):
            yield _Named(names[row[0]], row[3], places.get(row[0]))


def _rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="latin-1", newline="") as file:
        yield from csv.reader(file)


def _un(folder: Path) -> Iterator[_Named]:
    for path in sorted(folder.glob("*.xml.gz"))[-1:]:
        with gzip.open(path) as file:
            for entity in etree.parse(file).iter("ENTITY"):
                name = (entity.findtext("FIRST_NAME") or "").strip()
                country = _code(entity.findtext("ENTITY_ADDRESS/COUNTRY"))
                for alias in entity.iter("ENTITY_ALIAS"):
                    other = (alias.findtext("ALIAS_NAME") or "").strip()
                    if name and other and (alias.findtext("QUALITY") or "").strip().lower() == "a.k.a.":
                        yield _Named(name, other, country)


def _uk(folder: Path) -> Iterator[_Named]:
    for path in sorted(folder.glob("*.xml")):
        for entity in etree.parse(path).iter("Designation"):
            if entity.findtext("IndividualEntityShip") == "Entity":
                named = [
                    (one.findtext("NameType"), (one.findtext("Name6") or "").strip()) for one in entity.iter("Name")
                ]
                primary = next((name for kind, name in named if kind == "Primary Name"), "")
                country = _code(entity.findtext("Addresses/Address/AddressCountry"))
                yield from (
                    _Named(primary, name, country) for kind, name in named if primary and name and kind == "Alias"
                )


def _eu(folder: Path) -> Iterator[_Named]:
    for path in sorted(folder.glob("*.xml")):
        for entity in etree.parse(path).iter("{*}sanctionEntity"):
            kind = entity.find("{*}subjectType")
            if kind is not None and kind.get("code") == "enterprise":
                names = [one.get("wholeName") for one in entity.iter("{*}nameAlias") if one.get("strong") == "true"]
                yield from (_Named(names[0], other) for other in names[1:] if names[0] and other)


def listed() -> list[str]:
    """Return the names of companies on a recorded list, to hold generic names against."""
    home = shared()
    path = home / "wire" / "ofac" / "csv_2019" / "sdn.csv.gz" if home else None
    if path is None or not path.exists():
        return []
    return [row[1] for row in _rows(path) if len(row) > 2 and row[2].strip() == "-0-"]
