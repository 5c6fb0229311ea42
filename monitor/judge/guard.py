"""Whether what a source says can be true: the same edit for everybody at once, and fields that left its answers.

A register that is rebuilt renames every director in one night; no customer did anything. So changes are counted by
their pattern (which field, from what to what), and what is far more than usual waits for a person.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitor.judge import names
from monitor.judge.diff import kind
from monitor.model import Change, Record

DAY = timedelta(days=1)
FEWEST = 10  # customers that may show one pattern in a day, however few there are
SHARE = 0.2  # of a source's customers that may
MOST = 0.5  # of them, however long the source was away
TENFOLD = 10.0  # times the usual rate
FIRST_WARY = 3  # customers with one pattern in a day, in a source we know well: the next ones wait a while
LEARNED_AFTER = timedelta(days=7)  # of watching a source, until its rates count
HISTORY = timedelta(days=90)  # how far back they go

_WORD = re.compile(r"^[a-z][a-z_-]{0,39}$")  # a code of ours or of the source: active, strike_off_pending
_DATED = frozenset(("dissolved_on", "until", "since", "dates", "filed", "created", "renew_by", "listed_on"))
_PROOF = frozenset(("insolvency", "notice", "case", "docket_entry", "filing"))  # a record that confirms a status
_APPOINTED = ("liquidator", "administrator", "receiver", "practitioner", "trustee", "supervisor")


# --------------------------------------------------------------------------- patterns


def patterns(change: Change) -> tuple[tuple[str, str], ...]:
    """Return the patterns of a change, each with the field it is about (none for a record that came or went).

    Words of a vocabulary are kept (`company.status active -> dissolved`); of free text only the manner of the edit is.
    """
    record = change.record
    if kind(record.kind).fleeting:
        return ()
    if change.what != "altered" or change.before is None or change.after is None:
        return ((f"{record.kind} {change.what}", ""),)
    old, new = change.before.fields, change.after.fields
    return tuple((f"{record.kind}.{name} {_edit(old.get(name), new.get(name))}", name) for name in change.fields)


def _edit(before: Any, after: Any) -> str:
    if _nothing(before):
        return "filled"
    if _nothing(after):
        return "emptied"
    if _is_word(before) and _is_word(after):
        return f"{before} -> {after}"
    if not (isinstance(before, str) and isinstance(after, str)):
        return "other"
    old, new = Counter(names.fold(before).split()), Counter(names.fold(after).split())
    if old < new:
        return "longer"
    return "shorter" if new < old else "other"


def _nothing(value: Any) -> bool:
    return value is None or value in ("", [], {}, ())


def _is_word(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and bool(_WORD.match(value)))


def confirmed(change: Change, others: Iterable[Change]) -> bool:
    """Return whether more than one word of the source says so.

    A new record with two filled fields speaks for itself, and so does a code of the source's own. A status that flips
    is confirmed by a date that comes with it, by a record of its own (a notice, a case), or by an insolvency
    practitioner in office. `others` are all changes of the same look.
    """
    record = change.record
    if change.after is None:
        return False
    if change.before is None:
        material = kind(record.kind).material
        return sum(1 for name in material if not _nothing(record.fields.get(name))) >= 2 or bool(record.signals)
    if any(signal not in change.before.signals for signal in change.after.signals):
        return True
    if any(name in _DATED and not _nothing(change.after.fields.get(name)) for name in change.fields):
        return True
    return any(_proves(other.after) for other in others if other.what == "added" and other.after is not None)


def _proves(record: Record | None) -> bool:
    if record is None:
        return False
    role = str(record.fields.get("role") or "").casefold()
    return record.kind in _PROOF or (record.kind == "officer" and any(word in role for word in _APPOINTED))


def part(change: Change, fields: Collection[str]) -> tuple[Change | None, Change | None]:
    """Cut a change in two: (what concerns `fields`, the rest). Told one after the other they are the whole change.

    The rest begins where the first ends. None for a part that says nothing; a record that came or went is never cut.
    """
    if change.what != "altered" or change.before is None or change.after is None:
        return (change, None) if "" in fields else (None, change)
    mine = tuple(name for name in change.fields if name in fields)
    rest = tuple(name for name in change.fields if name not in fields)
    if not mine or not rest:
        return (change, None) if mine else (None, change)
    old, new = dict(change.before.fields), dict(change.after.fields)
    between = {name: value for name, value in new.items() if name not in rest}
    between |= {name: old[name] for name in rest if name in old}
    # Whatever else the record carries (its signals, its parties) belongs to the part that is not doubted.
    middle = replace(change.before, fields=between)
    return (
        replace(change, after=middle, fields=mine),
        replace(change, before=middle, fields=rest),
    )


# --------------------------------------------------------------------------- too many at once


@dataclass(frozen=True, slots=True)
class Seen:
    """How often a pattern was seen: customers within the last day, and occurrences in all the days before.

    `watched` is how long the source has been watched.
    """

    lately: int
    before: int
    watched: timedelta

    @property
    def usual(self) -> float | None:
        """The usual number a day; None while it is not known yet."""
        days = min(self.watched, HISTORY) / DAY
        return self.before / days if self.watched >= LEARNED_AFTER else None


def limit(customers: int, seen: Seen, away: timedelta) -> float:
    """Return how many of a source's `customers` may show one pattern within a day.

    `away`: the time since the last good look; what happened in all of it comes to light at once.
    """
    days = max(1.0, away / DAY)
    most = min(max(FEWEST, SHARE * customers) * days, max(FEWEST, MOST * customers))
    if seen.usual is None:
        return most
    return min(most, max(FEWEST, TENFOLD * seen.usual * days))


def trips(customers: int, seen: Seen, away: timedelta) -> bool:
    """Return whether a pattern is seen so often at once that it must be the source's own doing."""
    return seen.lately > limit(customers, seen, away)


def wary(seen: Seen) -> bool:
    """Return whether a pattern is common enough today, against what is usual, that telling it had better wait a while."""
    return seen.usual is not None and seen.lately >= max(FIRST_WARY, FIRST_WARY * seen.usual)


# --------------------------------------------------------------------------- which fields the answers carry

LONGEST_BODY = 500_000  # bytes of an answer that is still taken apart for its fields
MOST_FIELDS = 400
LOOKS = 20  # looks until we know what is usual
GONE_AFTER = 10  # looks without a field that was always there
ALWAYS = 0.95
_NAME = re.compile(r"^(?!.*\d{4})[A-Za-z_@#$][\w:.@$-]{0,59}$")
_ELEMENT = re.compile(rb"<([A-Za-z_][\w:.-]{0,59})[\s/>]")


@dataclass(frozen=True, slots=True)
class Shape:
    """A set of fields that came together, how often, and from when to when."""

    fields: frozenset[str]
    looks: int
    first_at: datetime
    last_at: datetime


def fields_of(document: Any) -> frozenset[str]:
    """Return the fields of a JSON document as paths (`data[].attributes.name`); keys that are data count as `*`."""
    found: set[str] = set()
    todo: list[tuple[str, Any]] = [("", document)]
    while todo and len(found) < MOST_FIELDS:
        place, value = todo.pop()
        if isinstance(value, Mapping):
            for key, inner in value.items():
                here = f"{place}.{key if _NAME.match(str(key)) else '*'}".lstrip(".")
                found.add(here)
                if isinstance(inner, Mapping | list):
                    todo.append((here, inner))
        elif isinstance(value, list):
            todo += [(f"{place}[]", inner) for inner in value[:50] if isinstance(inner, Mapping | list)]
    return frozenset(found)


def elements_of(body: bytes) -> frozenset[str]:
    """Return the names of the elements in an XML document."""
    return frozenset(name.decode("ascii", "replace") for name in set(_ELEMENT.findall(body)))


def shape_digest(fields: Iterable[str]) -> str:
    """Return a name for a set of fields."""
    return hashlib.blake2b("\n".join(sorted(fields)).encode("utf-8", "replace"), digest_size=12).hexdigest()


def new_fields(fields: Collection[str], known: Sequence[Shape]) -> tuple[str, ...]:
    """Return the fields no earlier answer had, sorted; none while the source is new to us."""
    if sum(shape.looks for shape in known) < LOOKS:
        return ()
    return tuple(sorted(set(fields).difference(*(shape.fields for shape in known))))


def gone_fields(known: Sequence[Shape]) -> tuple[tuple[str, datetime], ...]:
    """Return the fields that nearly every answer had and none has any more, each with when it was last there.

    Of an object that went whole only the outermost field is named.
    """
    gone: dict[str, datetime] = {}
    for name in frozenset[str]().union(*(shape.fields for shape in known)):
        last = max(shape.last_at for shape in known if name in shape.fields)
        until = [shape for shape in known if shape.first_at <= last]
        total = sum(shape.looks for shape in until)
        had = sum(shape.looks for shape in until if name in shape.fields)
        since = sum(shape.looks for shape in known if shape.first_at > last)
        if total >= LOOKS and had >= ALWAYS * total and since >= GONE_AFTER:
            gone[name] = last
    return tuple(sorted((name, last) for name, last in gone.items() if not _inside(name, gone)))


def _inside(name: str, names_: Collection[str]) -> bool:
    return any(name.startswith((f"{outer}.", f"{outer}[]")) for outer in names_ if outer != name)
