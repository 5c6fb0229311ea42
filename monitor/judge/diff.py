"""Compare what a source says now with what we knew: what came, what changed, what went, and what is not yet believed."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import orjson

from monitor.judge import names
from monitor.model import Change, Held, Outcome, Reason, Record
from monitor.watcher import Findings, Mode

Id = tuple[str, str]

SHRINK = 0.5  # the share of a customer's records that may go before the answer itself is doubted
SECOND_LOOK = timedelta(hours=1)  # a look this much later confirms a removal
_EARLY = 0.99  # of that time; a clock is not exact to the last digit
DOUBTED_FOR = timedelta(hours=24)  # how long a doubted answer must stand before it is believed
_OF_THE_LIVING = frozenset(("officer", "owner", "relation", "registration"))  # what a company loses by ending
_ENDED = frozenset(("dissolved", "struck_off", "merged"))  # a company that has ended loses its officers, and rightly


@dataclass(frozen=True, slots=True)
class Kind:
    """How records of a kind are compared. A field named nowhere is material: nothing hides by being new.

    audit: kept in the history, never a change that matters. volatile: not compared at all. named: holds names, so
    another spelling of the legal form is no change. signature: what makes a renumbered record the same again.
    fleeting: goes without a second look.
    """

    material: frozenset[str] = frozenset()
    audit: frozenset[str] = frozenset()
    volatile: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    signature: tuple[tuple[str, ...], ...] = ()
    fleeting: bool = False


def _kind(
    material: str,
    *,
    audit: str = "",
    volatile: str = "",
    named: str = "",
    signature: Sequence[str] = (),
    fleeting: bool = False,
) -> Kind:
    return Kind(
        material=frozenset(material.split()),
        audit=frozenset(audit.split()),
        volatile=frozenset(volatile.split()) | _ALWAYS_VOLATILE,
        named=frozenset(named.split()),
        signature=tuple(tuple(one.split()) for one in signature),
        fleeting=fleeting,
    )


_ALWAYS_VOLATILE = frozenset(("fetched_at", "etag", "retrieved_at", "last_checked", "self_link", "request_id"))
_PERSON = ("name role since", "name role born", "name born")

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "company": _kind(
            "name status legal_form dissolved_on address country activity capital",
            audit="status_raw founded employees website ids",
            volatile="last_updated updated_at",
            named="name",
        ),
        "registration": _kind("scheme number status", audit="status_raw renew_by", volatile="last_updated"),
        "officer": _kind(
            "name role since until", audit="key born", volatile="mandates last_updated", named="name", signature=_PERSON
        ),
        "owner": _kind(
            "name share_band until party",
            audit="since ids born",
            volatile="last_updated",
            named="name",
            signature=("name since", "name born", "name party"),
        ),
        "relation": _kind("to kind share_band lei", audit="since status", volatile="last_updated", named="to"),
        "statement": _kind("code", audit="text since"),
        "charge": _kind(
            "status created holder",
            audit="number",
            volatile="last_updated",
            named="holder",
            signature=("created holder",),
        ),
        "filing": _kind("form items", audit="filed size", volatile="link"),
        "account": _kind("period due overdue equity turnover currency", audit="made_up_to", volatile="days_left"),
        "case": _kind("court number title role filed chapter nature", audit="judge status", volatile="date_modified"),
        "insolvency": _kind("type number dates", audit="practitioners notes"),
        "docket_entry": _kind("title text number case court", audit="filed summary", volatile="pages"),
        "notice": _kind("authority code title", audit="published text", volatile="views"),
        "listing": _kind("list program names ids reason", audit="remarks listed_on", volatile="last_seen uid"),
        "article": _kind("title summary", audit="outlet language author categories", volatile="comments score image"),
        "rating": _kind("value", audit="count", volatile="last_review"),
        "payment_practice": _kind("period average_days late_share", audit="filed"),
        "invoice": _kind("number due amount currency days_late", fleeting=True),
        "domain": _kind("registered expires registrar", audit="nameservers status", volatile="updated"),
        "indicator": _kind("name value period", audit="unit source"),
        "page": _kind("text", audit="block url rolled", volatile="length"),
        "order": _kind("number date amount currency ship_to"),
        "shipment": _kind("number date amount currency ship_to"),
    }
)
_PLAIN = Kind(volatile=_ALWAYS_VOLATILE)


def kind(name: str) -> Kind:
    """Return how records of this kind are compared; an undeclared kind has material fields only."""
    return KINDS.get(name, _PLAIN)


@dataclass(frozen=True, slots=True)
class Diff:
    """What one look changes in the snapshot, and what it does not yet.

    put: new or altered records with their digest. end: ids whose removal is confirmed. missing: ids whose removal is
    held, with the number of complete looks that miss them. back: ids that were missing and are there again.
    suspicious: why the answer is doubted, if so: most records gone (`shrunk`) or a field empty everywhere (`emptied`).
    snapshot: digest over the records held after this look (log mode: over the records of the answer).
    """

    changes: tuple[Change, ...] = ()
    put: tuple[tuple[Record, bytes], ...] = ()
    end: tuple[Id, ...] = ()
    missing: tuple[tuple[Id, int], ...] = ()
    back: tuple[Id, ...] = ()
    needs_second_look: bool = False
    held: tuple[Reason, ...] = ()
    suspicious: Reason | None = None
    snapshot: bytes = b""


def compare(
    before: Mapping[Id, Held],
    findings: Findings,
    *,
    mode: Mode,
    now: datetime,
    first: bool,
    rebaseline: bool = False,
    not_listed: bool = False,
    shrink: float = SHRINK,
    wait: timedelta = SECOND_LOOK,
    confirms: bool = True,
    believed: bool = False,
) -> Diff:
    """Return what changed.

    State mode: `before` is the whole snapshot, and a record that is gone counts only if the findings are complete. Its
    removal waits for a second complete look; if more than the share `shrink` (and at least three records) is gone, for
    three looks over a day, unless a second field confirms it or the source says that it does not know the customer
    (`not_listed`). What appears is never held. A material field that more than the share `shrink` of at least three
    records of a kind lose at once keeps its old values until the emptiness is `believed`.
    Log mode: `before` holds those known items that share a key or a twin with the findings; nothing is ever removed.
    `wait`: how long after the first look without it a removal can be confirmed. `confirms` False: this look confirms
    none, as the source does not know what it surely knows. `rebaseline`: another version of the watcher made `before`,
    so everything is put and nothing is a change. Total: raises nothing on any findings.
    """
    records = distinct(findings.records)
    if findings.unchanged:
        return Diff(snapshot=_whole({i: held.digest for i, held in before.items()}))
    if mode == "log":
        return _log(before, findings, records, first=first, rebaseline=rebaseline)
    if rebaseline:
        return _rebaselined(before, findings, records)
    if not (first or believed):
        records, emptied = _refilled(before, records, shrink)
    else:
        emptied = None
    bounds = _Bounds(now, wait, confirms, not_listed, shrink)
    found = _state(before, findings, records, first, bounds)
    if emptied is None:
        return found
    return replace(found, needs_second_look=True, suspicious=found.suspicious or emptied)


def outcome(
    before: Mapping[Id, Held], findings: Findings, changes: Collection[Change], *, held: int | None = None
) -> Outcome:
    """Return what the look came to. `held`: how many records the store holds, if `before` is not all of them."""
    if not findings.complete:
        return Outcome.PARTIAL
    if findings.unchanged:
        return Outcome.SAME
    rows = len(findings.records) if findings.total is None else findings.total
    known = len(before) if held is None else held
    if known and not rows and not findings.records:
        return Outcome.EMPTY
    return Outcome.CHANGED if changes else Outcome.SAME


# --------------------------------------------------------------------------- fields


def digest(record: Record, volatile: Collection[str] | None = None) -> bytes:
    """Return 16 bytes over the compared fields: equal for equal content, whatever its spelling in bytes.

    `volatile`: fields left out; by default those its kind declares.
    """
    left_out = kind(record.kind).volatile if volatile is None else volatile
    kept = {name: _canonical(value) for name, value in record.fields.items() if name not in left_out}
    return _hash(_dump({name: value for name, value in kept.items() if value is not None}))


def differing(before: Record, after: Record) -> tuple[str, ...]:
    """Return the material fields in which two readings of one record differ, sorted; spelling alone is no difference."""
    rules = kind(after.kind)
    skipped = rules.audit | rules.volatile
    found = [
        name
        for name in before.fields.keys() | after.fields.keys()
        if name not in skipped and not _same(name, before.fields.get(name), after.fields.get(name), rules)
    ]
    return tuple(sorted(found))


def distinct(records: Iterable[Record]) -> tuple[Record, ...]:
    """Return the records in a fixed order with keys of their own.

    Two entries of one answer are never merged: equal ones are one, different ones under one key are numbered.
    """
    return tuple(record for record, _ in digested(records))


def digested(records: Iterable[Record]) -> tuple[tuple[Record, bytes], ...]:
    """Return what `distinct` does, each record with its digest."""
    groups: dict[Id, dict[bytes, Record]] = {}
    for record in records:
        alike, mark = groups.setdefault(record.id, {}), digest(record)
        # Of two that differ in spelling alone, the order of the answer must not choose.
        if mark not in alike or repr(record) < repr(alike[mark]):
            alike[mark] = record
    found: list[tuple[Record, bytes]] = []
    for id_ in sorted(groups):
        same_key = groups[id_]
        for place, mark in enumerate(sorted(same_key)):
            record = same_key[mark]
            own = record if place == 0 else replace(record, key=f"{record.key}#{place + 1}")
            found.append((own, mark))
    return tuple(found)


def as_first(record: Record) -> Change:
    """Return the record as a first look would find it: what holds today, not news."""
    return Change("added", None, record, first=True)


def _canonical(value: Any) -> Any:
    """Return the value in one form; None for nothing (an absent field and an empty one are the same)."""
    if isinstance(value, str):
        return names.clean(value) or None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, date):  # a datetime too
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = {str(name): _canonical(inner) for name, inner in value.items()}
        return {name: inner for name, inner in pairs.items() if inner is not None} or None
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        # Sources list codes, names and identifiers in any order.
        inner_values = [inner for inner in map(_canonical, value) if inner is not None]
        return sorted(inner_values, key=_dump) or None
    return str(value)


def _number(value: float | Decimal) -> str:
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        return str(number)
    if number == 0:
        return "0"
    # Not normalize(): that would round to the context's precision.
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_MIDNIGHT = re.compile(r"^(\d{4}-\d\d-\d\d)T00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?$")
_DECIMAL = re.compile(r"^-?\d+\.\d+$")


def _same(name: str, before: Any, after: Any, rules: Kind) -> bool:
    one, other = _canonical(before), _canonical(after)
    if one == other:
        return True
    named = name in rules.named
    if "\ufffd" in str(one) or "\ufffd" in str(other):  # an encoding was lost on the way: compare what survived
        return _survived(one) == _survived(other)
    return bool(_loose(one, named) == _loose(other, named))


def _loose(value: Any, named: bool) -> Any:
    if isinstance(value, str):
        return _loose_text(value, named)
    if isinstance(value, list):
        return sorted((_loose(inner, named) for inner in value), key=_dump)
    if isinstance(value, dict):
        return {name: _loose(inner, named) for name, inner in value.items()}
    return value


def _loose_text(text: str, named: bool) -> str:
    text = _unbroken(text)
    if found := _MIDNIGHT.match(text):
        text = found[1]
    if _DECIMAL.match(text):
        return text.rstrip("0").rstrip(".")
    if text[:1] == "-" and text[1:].isdecimal():
        return text
    folded = names.same_form(text) if named else names.fold(text)
    return folded or text  # signs alone are compared as they are


def _unbroken(text: str) -> str:
    """Undo UTF-8 that was read as Latin-1 or Windows-1252; other text stays as it is."""
    if text.isascii():
        return text
    for wrong in ("cp1252", "latin-1"):
        try:
            return names.clean(text.encode(wrong).decode("utf-8"))
        except UnicodeError:
            continue
    return text


def _survived(value: Any) -> str:
    return re.sub(r"[^\x21-\x7e]", "", str(value)).casefold()


def _dump(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, TypeError):  # a lone surrogate, which no clean source sends
        return repr(value).encode("utf-8", "surrogatepass")


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _whole(digests: Mapping[Id, bytes]) -> bytes:
    whole = hashlib.blake2b(digest_size=16)
    for (kind_, key), mark in sorted(digests.items()):
        whole.update(_dump([kind_, key]) + mark)
    return whole.digest()


# --------------------------------------------------------------------------- state sources


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What is believed of a removal, and when."""

    now: datetime
    wait: timedelta
    confirms: bool
    not_listed: bool
    shrink: float


def _state(
    before: Mapping[Id, Held], findings: Findings, records: tuple[Record, ...], first: bool, bounds: _Bounds
) -> Diff:
    after = {record.id: record for record in records}
    marks = {id_: digest(record) for id_, record in after.items()}
    renumbered = _renumbered(before, after) if findings.complete else {}
    changes: list[Change] = []
    put: list[tuple[Record, bytes]] = []
    for id_, record in after.items():
        held = before.get(id_) or before.get(renumbered.get(id_, id_))
        if held is None:
            changes.append(Change("added", None, record, first=first))
        elif held.record.id == id_ and held.digest == marks[id_]:
            continue
        elif held.record.id == id_ or differing(held.record, record):
            changes.append(Change("altered", held.record, record, differing(held.record, record), first))
        put.append((record, marks[id_]))
    moved = set(renumbered.values())
    gone = {id_: held for id_, held in before.items() if id_ not in after and id_ not in moved}
    removal = _removal(before, gone, findings, after, bounds)
    changes += [Change("removed", before[id_].record, None, first=first) for id_ in removal.told]
    kept = {id_: held.digest for id_, held in before.items() if id_ not in removal.end and id_ not in moved}
    return Diff(
        changes=tuple(changes),
        put=tuple(put),
        end=tuple(sorted(set(removal.end) | moved)),
        missing=removal.missing,
        back=tuple(sorted(id_ for id_ in after if id_ in before and before[id_].missing_looks)),
        needs_second_look=bool(removal.missing),
        held=removal.held,
        suspicious=removal.suspicious,
        snapshot=_whole(kept | marks),
    )


@dataclass(frozen=True, slots=True)
class _Removal:
    end: tuple[Id, ...] = ()
    told: tuple[Id, ...] = ()  # those of `end` that are changes of their own
    missing: tuple[tuple[Id, int], ...] = ()
    held: tuple[Reason, ...] = ()
    suspicious: Reason | None = None


def _removal(
    before: Mapping[Id, Held],
    gone: Mapping[Id, Held],
    findings: Findings,
    after: Mapping[Id, Record],
    bounds: _Bounds,
) -> _Removal:
    if not findings.complete or not gone:
        return _Removal()
    lasting = [id_ for id_ in gone if not kind(id_[0]).fleeting]
    # What came after they were first missed (their own records under new numbers, say) makes the loss no smaller.
    since = min((held.missing_since for held in gone.values() if held.missing_since), default=bounds.now)
    total = sum(not kind(id_[0]).fleeting and (id_ in gone or held.first_seen < since) for id_, held in before.items())
    confirmed = bounds.not_listed or any(
        record.kind == "company" and str(record.fields.get("status")) in _ENDED for record in after.values()
    )
    doubted = len(lasting) >= _SEVERAL and len(lasting) > bounds.shrink * total and not confirmed
    needs = 3 if doubted else 2
    end: list[Id] = []
    missing: list[tuple[Id, int]] = []
    for id_ in sorted(gone):
        looks = _looks(gone[id_], bounds)
        sure = looks >= needs and bounds.confirms and (not doubted or _long_gone(gone[id_], bounds.now))
        if kind(id_[0]).fleeting or sure:
            end.append(id_)
        else:
            missing.append((id_, looks))
    facts = {"held": total, "gone": len(lasting), "needs": needs}
    return _Removal(
        end=tuple(end),
        told=_told(end, after),
        missing=tuple(missing),
        held=(Reason("removals_held", {"records": len(missing), "needs": needs}),) if missing else (),
        suspicious=Reason("shrunk", facts) if doubted and missing else None,
    )


def _looks(held: Held, bounds: _Bounds) -> int:
    """Count this complete look, unless it comes so soon after the first that it proves nothing."""
    if held.missing_since is None:
        return held.missing_looks + 1
    counts = bounds.confirms and bounds.now - held.missing_since >= bounds.wait * _EARLY
    return held.missing_looks + 1 if counts else max(held.missing_looks, 1)


def _long_gone(held: Held, now: datetime) -> bool:
    return held.missing_since is not None and now - held.missing_since >= DOUBTED_FOR


def _told(end: Sequence[Id], after: Mapping[Id, Record]) -> tuple[Id, ...]:
    """If the company itself is gone or has ended, that is the news; its officers did not resign one by one."""
    companies = tuple(id_ for id_ in end if id_[0] == "company")
    if companies and not after:
        return companies
    ended = any(one.kind == "company" and str(one.fields.get("status")) in _ENDED for one in after.values())
    return tuple(id_ for id_ in end if not (ended and id_[0] in _OF_THE_LIVING))


def given_up(before: Mapping[Id, Held]) -> tuple[tuple[Change, ...], tuple[Id, ...]]:
    """Return what it means that all that is missing has really gone: the changes to tell, and the ids that end."""
    end = tuple(sorted(id_ for id_, held in before.items() if held.missing_looks))
    left = {id_: held.record for id_, held in before.items() if not held.missing_looks}
    return tuple(Change("removed", before[id_].record, None) for id_ in _told(end, left)), end


_SEVERAL = 3  # records from which a share says something


def _refilled(
    before: Mapping[Id, Held], records: tuple[Record, ...], shrink: float
) -> tuple[tuple[Record, ...], Reason | None]:
    """Give records back what so many of them lost at once that the answer, not the world, must have changed."""
    pairs = [(held.record, record) for record in records if (held := before.get(record.id)) is not None]
    lost = Counter(
        (old.kind, name)
        for old, new in pairs
        if old.fields != new.fields
        for name in kind(old.kind).material
        if _filled(old, name) and not _filled(new, name)
    )
    had = Counter(
        (old.kind, name) for old, _ in pairs for kind_, name in lost if kind_ == old.kind and _filled(old, name)
    )
    doubted = {mark for mark, count in lost.items() if count >= _SEVERAL and count > shrink * had[mark]}
    if not doubted:
        return records, None
    mark = max(sorted(doubted), key=lambda one: lost[one])
    reason = Reason("emptied", {"field": f"{mark[0]}.{mark[1]}", "gone": lost[mark], "held": had[mark]})
    return tuple(_refill(record, before.get(record.id), doubted) for record in records), reason


def _filled(record: Record, name: str) -> bool:
    return _canonical(record.fields.get(name)) is not None


def _refill(record: Record, held: Held | None, doubted: Collection[tuple[str, str]]) -> Record:
    if held is None:
        return record
    old, new = held.record.fields, record.fields
    kept = {
        name: old[name] for kind_, name in doubted if kind_ == record.kind and name in old and not _filled(record, name)
    }
    return replace(record, fields={**new, **kept}) if kept else record


def _renumbered(before: Mapping[Id, Held], after: Mapping[Id, Record]) -> dict[Id, Id]:
    """Return new id -> old id for records a source only gave another number. Doubtful pairs are no pairs."""
    old = [held.record for id_, held in before.items() if id_ not in after]
    new = [record for id_, record in after.items() if id_ not in before]
    found: dict[Id, Id] = {}
    for signature in {s for record in old for s in kind(record.kind).signature}:
        there = _by_signature((r for r in old if r.id not in found.values()), signature)
        here = _by_signature((r for r in new if r.id not in found), signature)
        found |= {here[mark]: there[mark] for mark in here.keys() & there.keys()}
    return found


def _by_signature(records: Iterable[Record], signature: tuple[str, ...]) -> dict[tuple[str, ...], Id]:
    marks = [(_mark(record, signature), record.id) for record in records if signature in kind(record.kind).signature]
    often = Counter(mark for mark, _ in marks)
    return {mark: id_ for mark, id_ in marks if mark and often[mark] == 1}


def _mark(record: Record, signature: tuple[str, ...]) -> tuple[str, ...]:
    named = kind(record.kind).named
    values = [_loose(_canonical(record.fields.get(name)), name in named) for name in signature]
    if not all(values):
        return ()
    return (
        record.kind,
        *(value if isinstance(value, str) else _dump(value).decode("utf-8", "replace") for value in values),
    )


def _rebaselined(before: Mapping[Id, Held], findings: Findings, records: tuple[Record, ...]) -> Diff:
    marks = {record.id: digest(record) for record in records}
    gone = tuple(sorted(id_ for id_ in before if id_ not in marks)) if findings.complete else ()
    kept = {id_: held.digest for id_, held in before.items() if id_ not in gone}
    return Diff(
        put=tuple((record, marks[record.id]) for record in records),
        end=gone,
        back=tuple(sorted(id_ for id_ in marks if id_ in before and before[id_].missing_looks)),
        snapshot=_whole(kept | marks),
    )


# --------------------------------------------------------------------------- logs


def _log(
    before: Mapping[Id, Held],
    findings: Findings,
    records: tuple[Record, ...],
    *,
    first: bool,
    rebaseline: bool,
) -> Diff:
    marks = {record.id: digest(record) for record in records}
    moved = _site_moved(before, findings, records)
    changes: list[Change] = []
    put: list[tuple[Record, bytes]] = []
    for record in records:
        held = before.get(record.id) or (moved.get(record.twin) if record.twin else None)
        if held is None:
            changes.append(Change("added", None, record, first=first))
        else:
            if held.record.id == record.id and held.digest == marks[record.id]:
                continue
            if fields := differing(held.record, record):
                changes.append(Change("altered", held.record, record, fields, first))
        put.append((record, marks[record.id]))
    return Diff(changes=() if rebaseline else tuple(changes), put=tuple(put), snapshot=_whole(marks))


def _site_moved(before: Mapping[Id, Held], findings: Findings, records: tuple[Record, ...]) -> Mapping[str, Held]:
    """Return the known items by their secondary key, if so many keys are new at once that the site must have moved."""
    strange = sum(1 for record in records if record.id not in before)
    total = max(len(records), findings.total or 0)
    if strange * 2 <= total:
        return {}
    twins: dict[str, Held] = {}
    for held in sorted(before.values(), key=lambda held: (held.first_seen, held.record.id)):
        if held.record.twin:
            twins.setdefault(held.record.twin, held)
    return twins
