"""When two registers say different things of one company, for longer than one of them may lag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

from rapidfuzz import fuzz

from monitor.judge import names
from monitor.judge.incident import Fact, case_mark, closes, day
from monitor.judge.taxonomy import Named, shown
from monitor.judge.weigh import Disagreement, day_of
from monitor.model import Event

TYPE = "clm.sources_disagree"
FIELDS = frozenset(("status", "name", "other_names", "city", "postcode", "ids"))  # a change of these asks the question
PROCEEDING = "proceeding"  # what a court and a gazette differ about
_DATED = {"status": ("dissolved_on", "insolvent_on", "since"), "name": ("name_since",), "city": ("address_since",)}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_LOOSE = 88.0  # likeness of two spellings (0 to 100)
_SENTENCED = 30  # days within which a court's dismissal and a gazette's order speak of one decision


@dataclass(frozen=True, slots=True)
class View:
    """What one source says of the company, since when it has read so, and when that was last seen."""

    source: str
    title: str
    official: bool
    fields: Mapping[str, Any]
    since: datetime
    seen_at: datetime
    first: bool = False  # it has read so since our first look: nobody knows since when
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sources, two values. `old` is what the one says whose value is older."""

    field: str
    one: View
    other: View
    old: str
    new: str
    old_since: datetime  # as far as is known: by the source, or since we read it so
    new_since: datetime
    began: datetime  # when the one took the other value

    @property
    def pair(self) -> tuple[str, str]:
        first, second = sorted((names.fold(self.old) or self.old, names.fold(self.new) or self.new))
        return first, second


def current(views: Iterable[View], now: datetime, book: Disagreement) -> list[View]:
    """Return the views that were seen lately: what nobody has seen for days says nothing of today."""
    return [one for one in views if now - one.seen_at <= timedelta(days=book.current)]


def between(views: Iterable[View], now: datetime, book: Disagreement) -> list[Contradiction]:
    """Return what contradicts itself now and is no mere lag, once for each field and pair of values."""
    found: dict[tuple[str, tuple[str, str]], Contradiction] = {}
    for said in differences(current(views, now, book), book):
        if now - said.began >= timedelta(days=book.wait_of(said.one.source)):
            found.setdefault((said.field, said.pair), said)
    return list(found.values())


def differences(views: Iterable[View], book: Disagreement) -> Iterator[Contradiction]:
    """Yield what any two of these views say that cannot both be true, lag or not."""
    for one, other in combinations(sorted(views, key=lambda view: view.source), 2):
        for field, mine, theirs in _differing(one, other, book):
            yield _contradiction(field, (one, mine), (other, theirs))


def _contradiction(field: str, one: tuple[View, str], other: tuple[View, str]) -> Contradiction:
    ranked = sorted((one, other), key=lambda said: (_changed(said[0], field) or _LONG_AGO, said[0].source))
    (first, old), (second, new) = ranked
    before, after = (_changed(view, field) for view in (first, second))
    began = after or max(first.since, second.since)  # of neither is it known: since both were seen
    return Contradiction(field, first, second, old, new, before or first.since, after or second.since, began)


def _changed(view: View, field: str) -> datetime | None:
    """Return since when it has been so: by the source's own date, or since it read so; None if it always did."""
    for name in _DATED.get(field, ()):
        if (stated := day_of(view.fields.get(name))) is not None:
            return min(datetime(stated.year, stated.month, stated.day, tzinfo=UTC), view.since)
    return None if view.first else view.since


# --------------------------------------------------------------------------- what differs


def _differing(one: View, other: View, book: Disagreement) -> Iterator[tuple[str, str, str]]:
    mine, theirs = one.fields, other.fields
    status = (str(mine.get("status") or ""), str(theirs.get("status") or ""))
    if _opposed(*status, book):
        yield ("status", *status)
    if _other_name(mine, theirs):
        yield "name", shown(mine.get("name")), shown(theirs.get("name"))
    if _other_city(mine, theirs):
        yield "city", shown(mine.get("city")), shown(theirs.get("city"))
    first, second = _ids(mine), _ids(theirs)
    for scheme in sorted(first.keys() & second.keys()):
        if _bare(first[scheme]) != _bare(second[scheme]):
            yield scheme, first[scheme], second[scheme]


def _opposed(one: str, other: str, book: Disagreement) -> bool:
    return (one in book.gone and other in book.there) or (one in book.there and other in book.gone)


def _other_name(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    first, second = _names(mine), _names(theirs)
    if not first or not second:
        return False
    return not any(_one_name(one, other) for one in first for other in second)


def _names(fields: Mapping[str, Any]) -> list[str]:
    """Return the names a source gives, the official one first; former and other names are names too."""
    found = [fields.get("name")]
    for more in ("other_names", "former_names"):
        value = fields.get(more)
        found += value if isinstance(value, list | tuple) else [value]
    return [one for one in found if isinstance(one, str) and one.strip()]


def _one_name(one: str, other: str) -> bool:
    first, second = " ".join(names.core(one)), " ".join(names.core(other))
    if first.isascii() != second.isascii():
        return True  # another alphabet: nothing to compare by
    return first == second or fuzz.token_sort_ratio(first, second, score_cutoff=_LOOSE) >= _LOOSE


def _other_city(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    first, second = names.fold(shown(mine.get("city"))), names.fold(shown(theirs.get("city")))
    if not first or not second or first.isascii() != second.isascii():
        return False
    if _bare(mine.get("postcode")) and _bare(mine.get("postcode")) == _bare(theirs.get("postcode")):
        return False
    if any(
        f" {city} " in f" {names.fold(shown(said.get('address')))} " for city, said in ((first, theirs), (second, mine))
    ):
        return False
    inside = set(first.split()) <= set(second.split()) or set(second.split()) <= set(first.split())
    return not inside and fuzz.ratio(first, second) < _LOOSE


def _ids(fields: Mapping[str, Any]) -> dict[str, str]:
    ids = fields.get("ids")
    return {str(scheme): str(number) for scheme, number in ids.items() if number} if isinstance(ids, Mapping) else {}


def _bare(value: object) -> str:
    return "".join(filter(str.isalnum, str(value or ""))).upper().lstrip("0")


# --------------------------------------------------------------------------- as events


def raised(said: Contradiction) -> Named:
    """Return a contradiction as an event's name; both values, both sources and both days are its facts."""
    facts = {
        "field": said.field,
        "old": said.old,
        "new": said.new,
        "one": said.one.title,
        "other": said.other.title,
        "one_on": said.old_since.date().isoformat(),
        "other_on": said.new_since.date().isoformat(),
        "pair": "|".join(said.pair),
    }
    return Named(TYPE, "final", (said.field, *said.pair), None, facts, "negative", "mentioned")


def ended(event: Event, spell: int) -> Named:
    """Return the end of a contradiction that was told: the sources agree again."""
    told = {name: event.facts[name] for name in ("field", "one", "other", "pair") if name in event.facts}
    key = ("agree", str(event.facts.get("field")), str(event.facts.get("pair")), str(spell))
    return Named(TYPE, "reversed", key, None, told, "positive", "mentioned")


def natural_key(event: Event) -> tuple[str, ...]:
    """Return the natural key of a contradiction that was told, under which its spells are counted."""
    return (str(event.facts.get("field")), *str(event.facts.get("pair")).split("|"))


def over(facts: Iterable[Fact], views: Sequence[View], book: Disagreement) -> list[Event]:
    """Return the contradictions told of that are none any more: both of their sources are seen, and do not differ so."""
    still = {(one.field, "|".join(one.pair)) for one in differences(views, book)}
    seen = {one.title for one in views}
    told: dict[tuple[str, str], Event] = {}
    for one in sorted(facts, key=lambda one: (one.event.first_seen, closes(one.event))):
        if one.event.type != TYPE:
            continue
        mark = (str(one.event.facts.get("field")), str(one.event.facts.get("pair")))
        if closes(one.event):
            told.pop(mark, None)
        else:
            told[mark] = one.event
    return [
        event
        for mark, event in told.items()
        if mark not in still and mark[0] != PROCEEDING and {event.facts.get("one"), event.facts.get("other")} <= seen
    ]


# --------------------------------------------------------------------------- a court and a gazette

_ORDERS = frozenset(("ins.proceeding_opened", "ins.rescue_opened", "ins.converted"))


def of_a_case(event: Event, facts: Iterable[Fact]) -> Event | None:
    """Return the fact of the same case that contradicts this one: dismissed, says one; ordered, says another source.

    Both must be of one numbered case, and the order not be older than the dismissal: what was ordered first and
    annulled later is no contradiction.
    """
    mark = case_mark(event)
    if mark is None or not _pole(event):
        return None
    for one in facts:
        other = one.event
        if case_mark(other) != mark or _pole(other) != -_pole(event) or one.silent == "dismissed":
            continue
        if {o.source for o in event.origins} & {o.source for o in other.origins}:
            continue
        order, end = (event, other) if _pole(event) > 0 else (other, event)
        if 0 <= (day(order) - day(end)).days <= _SENTENCED:
            return other
    return None


def _pole(event: Event) -> int:
    if event.type == "ins.reversed":
        return -1
    return 1 if event.type in _ORDERS and event.stage != "reversed" and event.record_kind != "article" else 0


def proceeding(event: Event, other: Event) -> Named:
    """Return the contradiction of two facts of one case as an event's name."""
    first, second = sorted((event, other), key=lambda one: (day(one), one.key))
    said = [one.origins[0].name if one.origins else one.source for one in (first, second)]
    facts = {
        "field": PROCEEDING,
        "old": first.type,
        "new": second.type,
        "one": said[0],
        "other": said[1],
        "one_on": day(first).isoformat(),
        "other_on": day(second).isoformat(),
        "pair": "|".join(sorted((first.type, second.type))),
        "case": event.facts["case"],
    }
    return Named(TYPE, "final", (PROCEEDING, str(case_mark(event))), None, facts, "negative", "mentioned")
