"""Whether two sources tell one fact, and which earlier fact a correction means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from rapidfuzz import fuzz

from monitor.judge import names, voices
from monitor.judge.incident import Fact, case_mark, closes, day
from monitor.judge.taxonomy import event_id
from monitor.judge.weigh import day_of
from monitor.model import Event, Record

DAYS_APART = 7  # two sources may date one fact this far apart
UNDATED = 60  # days in which a source that states no date may tell of a fact that another dates
STORY_DAYS = 14  # how far apart two copies of a headline, or two reports of one happening, may be
_LOOSE = 85.0  # likeness of two spellings of a name or address (0 to 100)
_SPELT = frozenset(
    ("new", "old", "joined", "gone", "holder", "name")
)  # parts of a key that registers spell each their way
_ONE_AT_A_TIME = frozenset(("ins",))
_STATED = frozenset(("reg", "gov", "fin"))
_IGNORED = frozenset(("office",))  # parts of a key for which each register has its own word


def twin(event: Event, key: Sequence[str], facts: Iterable[Fact], running: Iterable[str] = ()) -> Fact | None:
    """Return the known fact that another source, or another print of the text, tells too; None if it is news.

    `key` are the facts that make two reports the same event (config/events.yaml), `running` the ids of the incidents
    that are open. Of several the one of the same case comes first, then the nearest in time.
    """
    still = frozenset(running)
    found = [one for one in facts if _same(event, one, key, still)]
    return min(found, key=lambda one: _distance(event, one.event), default=None)


def _same(event: Event, fact: Fact, key: Sequence[str], running: frozenset[str]) -> bool:
    known = fact.event
    if known.key == event.key or fact.silent == "dismissed" or not _alike(event, known):
        return False
    if event.record_kind == "article" or known.record_kind == "article":
        return event.record_kind == known.record_kind and _same_text(event, known)
    if {one.source for one in event.origins} & {one.source for one in known.origins}:
        return False  # one source that speaks twice means two facts
    if event.facts.get("corrects") or known.facts.get("corrects"):
        return False
    if fact.incident not in running and not closes(known) and not _dated_alike(event, known):
        return False  # what had ended does not begin again by being told twice
    return _keys_agree(event, known, key) and _dates_agree(event, known)


def _alike(one: Event, other: Event) -> bool:
    return (
        one.type == other.type
        and one.customer == other.customer
        and one.relation == other.relation
        and one.role == other.role
        and one.polarity == other.polarity
        and (one.stage == "reversed") == (other.stage == "reversed")
    )


def _same_text(one: Event, other: Event) -> bool:
    near = abs(day(one) - day(other)) <= timedelta(days=STORY_DAYS)
    return near and voices.alike(str(one.facts.get("story") or ""), str(other.facts.get("story") or ""))


def _dated_alike(one: Event, other: Event) -> bool:
    first, second = day_of(one.occurred_at), day_of(other.occurred_at)
    return first is not None and second is not None and abs(first - second) <= timedelta(days=DAYS_APART)


def _dates_agree(one: Event, other: Event) -> bool:
    if day_of(one.occurred_at) is not None and day_of(other.occurred_at) is not None:
        return _dated_alike(one, other)
    return abs(day(one) - day(other)) <= timedelta(days=UNDATED)


def _keys_agree(one: Event, other: Event, key: Sequence[str]) -> bool:
    """Whether the parts of the key say that it is one fact: what one source does not state, the other may.

    A company has one insolvency at a time; of a charge or a director something stated by both must agree. Suits, list
    entries and debts there may be many of, so all of their key must.
    """
    parts = [part for part in key if part not in _IGNORED]
    agree = [_agree(one, other, part) for part in parts]
    if False in agree:
        return False
    if one.family in _ONE_AT_A_TIME or (not parts and one.family in _STATED):
        return True
    return any(agree) if one.family in _STATED else bool(parts) and all(agree)


def _agree(one: Event, other: Event, part: str) -> bool | None:
    """Return whether a part of the key agrees; None if one of the two does not state it."""
    if part == "case":
        first, second = case_mark(one) or "", case_mark(other) or ""
    else:
        first, second = (names.fold(str(event.facts.get(part) or "")) for event in (one, other))
    if not first or not second:
        return None
    if first == second:
        return True
    return part in _SPELT and fuzz.token_sort_ratio(first, second, score_cutoff=_LOOSE) >= _LOOSE


def _distance(event: Event, known: Event) -> tuple[bool, int, str]:
    same_case = case_mark(event) is not None and case_mark(event) == case_mark(known)
    return (not same_case, abs((day(event) - day(known)).days), known.key)


def fellows(event: Event, facts: Iterable[Fact]) -> list[Event]:
    """Return other reports of the happening an article tells of: other outlets, in other words, about the same time.

    They corroborate it. A report people said is not about this company does not.
    """
    if event.record_kind != "article":
        return []
    return [
        one.event
        for one in facts
        if one.event.record_kind == "article"
        and one.event.key != event.key
        and one.silent != "dismissed"
        and _alike(event, one.event)
        and abs(day(event) - day(one.event)) <= timedelta(days=STORY_DAYS)
    ]


def as_known(event: Event, known: Event, key: Sequence[str]) -> tuple[Event, bool]:
    """Return the known event with what the other source states beyond it, and whether that is anything."""
    parts = (*key, "case", "date", "dates", "hearing", "deadline")
    gained = {part: event.facts[part] for part in parts if event.facts.get(part) and not known.facts.get(part)}
    when = known.occurred_at or event.occurred_at
    return replace(known, facts={**known.facts, **gained}, occurred_at=when), bool(gained) or when != known.occurred_at


# --------------------------------------------------------------------------- corrections

_REFERS = re.compile(
    r"(?:correct(?:s|ed|ion)|amend(?:s|ed|ment)|substitut\w{1,5}|replac\w{1,6}|second[ -]filing|supersed\w{1,4}|errat\w{1,3})"
    r".{0,120}?\b(?:notice|filing|entry|document)\s{0,2}(?:id|no\.?|number|reference|ref\.?)?\s{0,2}:?\s{0,2}"
    r"(?P<ref>[A-Z]{0,6}[-/]?\d[\w/-]{3,30})",
    re.IGNORECASE | re.DOTALL,
)
# What a correction may change; anything else of a record is wording.
MATERIAL = (
    "case",
    "date",
    "hearing",
    "deadline",
    "meeting",
    "amount",
    "court",
    "petitioner",
    "name",
    "holder",
    "period",
)


def refers_to(record: Record) -> str | None:
    """Return the number of the earlier notice or filing that a record says it corrects."""
    stated = record.fields.get("corrects") or record.fields.get("replaces")
    if isinstance(stated, str) and stated.strip():
        return stated.strip()
    if record.kind not in ("notice", "filing", "docket_entry"):
        return None
    text = " ".join(str(record.fields.get(name) or "") for name in ("category", "title", "text", "description"))
    found = _REFERS.search(text[:2000])
    return found["ref"] if found else None


def corrected(event: Event, reference: str, facts: Iterable[Fact]) -> Fact | None:
    """Return the fact a correction means: by its record, or by its id."""
    wanted = names.fold(reference)
    mine = [one for one in facts if one.event.customer == event.customer and one.event.type == event.type]
    for one in mine:
        named = one.event.id == reference
        by_record = one.event.source == event.source and wanted in _marks(one.event)
        if (named or by_record) and not one.event.facts.get("corrected_by"):
            return one
    return None


def _marks(event: Event) -> set[str]:
    return {names.fold(event.record_key), names.fold(event.record_key.rpartition(":")[2])}


def retold(event: Event, known: Event) -> bool:
    """Return whether a record only says again what it said: an edit of its wording corrects nothing."""
    same_record = (event.source, event.record_key) == (known.source, known.record_key)
    return same_record and not differing(_stated(known), _stated(event))


def _stated(event: Event) -> dict[str, Any]:
    return {**event.facts, "date": event.occurred_at or ""}


def correcting(event: Event, known: Event) -> Event:
    """Return the correction as an event of its own that says what was and what is now; wording does not count."""
    changed = differing(_stated(known), _stated(event))
    told: dict[str, Any] = {"corrects": known.id}
    if len(changed) == 1:
        told |= dict(zip(("field", "old", "new"), changed[0], strict=True))
    elif changed:
        told |= {
            "field": ", ".join(name for name, _, _ in changed),
            "old": ", ".join(was or "-" for _, was, _ in changed),
            "new": ", ".join(now for _, _, now in changed),
        }
    mark = names.fold(f"{event.record_key} {told.get('new', '')}").replace(" ", "-")
    key = f"{event.key}|~{mark}"
    return replace(event, id=event_id(key), key=key, facts={**event.facts, **told})


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what differs between two tellings of one fact, as (what, was, now); wording does not count."""
    was, now = _flat(before), _flat(after)
    return [
        (name, was.get(name, ""), now[name])
        for name in MATERIAL
        if now.get(name) and names.fold(was.get(name, "")) != names.fold(now[name])
    ]


def _flat(facts: Mapping[str, Any]) -> dict[str, str]:
    dates = facts.get("dates")
    stated = {**(dates if isinstance(dates, Mapping) else {}), **facts}
    return {name: names.clean(str(stated[name])) for name in MATERIAL if stated.get(name)}
