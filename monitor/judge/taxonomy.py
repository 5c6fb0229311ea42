"""Name a change: which event of config/events.yaml it is, about what, since when, and in which words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from monitor.judge import names
from monitor.model import NOTHING, Change, Record, Severity, Signal
from monitor.watcher import Mode, Unknown

Polarity = Literal["negative", "neutral", "positive"]
STAGES = ("rumour", "alleged", "filed", "ordered", "final", "reversed")
ROLES = frozenset(
    (
        "debtor",
        "petitioner",
        "creditor",
        "plaintiff",
        "defendant",
        "victim",
        "owner",
        "practitioner",
        "agent",
        "mentioned",
    )
)
_WHATS = ("added", "removed", "altered", "state")
_LANGUAGES = ("en", "zh")


class TaxonomyError(Exception):
    """The taxonomy cannot be read. The text is one plain sentence that names the entry."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which change is this event; see the head of config/events.yaml."""

    kind: str
    what: str
    of: str = ""  # the field it speaks of
    to: frozenset[str] = frozenset()
    from_: frozenset[str] = frozenset()
    not_from: frozenset[str] = frozenset()
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unless: Mapping[str, frozenset[str]] = field(default_factory=dict)
    over: Decimal | None = None
    under: Decimal | None = None
    falls: Decimal | None = None
    date: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    role: str | None = None
    stage: str | None = None
    polarity: Polarity | None = None
    severity: Severity | None = None  # of this variant, if it is not the type's own
    first: bool = False


@dataclass(frozen=True, slots=True)
class EventType:
    """One entry of the taxonomy. `age_gate` is in days (None: never too old); `inhibits` are types or shell patterns."""

    id: str
    duty: int
    severity: Severity
    baseline: Literal["alert", "report"]
    age_gate: int | None
    polarity: Polarity
    stage: str
    topic: str
    inhibits: tuple[str, ...]
    key: tuple[str, ...]
    unidentified: str | None
    rules: tuple[Rule, ...]
    label: Mapping[str, str]  # by language: a noun phrase
    says: Mapping[str, str]  # continues `<Customer> (<country>): …`; a [bracketed part] needs all its {facts}
    why: Mapping[str, str]  # why it matters to an exporter on credit

    @property
    def family(self) -> str:
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Named:
    """What a change is called. `occurred_at` is a plain date or RFC 3339; `natural_key` is folded text."""

    type: str
    stage: str
    natural_key: tuple[str, ...]
    occurred_at: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    polarity: Polarity = "negative"
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    label: Mapping[str, str]
    age_gate: int | None
    kinds: frozenset[str]
    folders: frozenset[str]


# --------------------------------------------------------------------------- the taxonomy


class Taxonomy(Mapping[str, EventType]):
    """All event types by id, and how changes become them."""

    def __init__(self, types: Mapping[str, EventType], families: Mapping[str, Family], gates: Mapping[str, int | None]):
        self._types = MappingProxyType(dict(types))
        self.families = MappingProxyType(dict(families))
        self.gates = MappingProxyType(dict(gates))
        self._rules: dict[str, list[tuple[EventType, Rule]]] = {}
        for found in self._types.values():
            for rule in found.rules:
                self._rules.setdefault(rule.kind, []).append((found, rule))

    def __getitem__(self, type_: str) -> EventType:
        return self._types[type_]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    @property
    def types(self) -> Mapping[str, EventType]:
        """All types by id, as `weigh` wants them."""
        return self._types

    @classmethod
    def from_mapping(cls, doc: Mapping[str, Any]) -> Taxonomy:
        """Read the document of config/events.yaml; raise TaxonomyError with the entry's name for anything unsound."""
        return _read(doc)

    def info(self, type_: str, record_kind: str = "") -> EventType:
        """Return the type, with the age gate of the kind of record that tells of it (a headline ages in days)."""
        found = self._types[type_]
        if record_kind in self.gates:
            return replace(found, age_gate=self.gates[record_kind])
        return found

    def family_of(self, kind: str, watcher_family: str) -> str:
        """Return the family prefix a record of this kind, from a watcher of this folder, speaks of."""
        for prefix, family in self.families.items():
            if kind in family.kinds:
                return prefix
        for prefix, family in self.families.items():
            if watcher_family in family.folders:
                return prefix
        return "ctx"

    def name(
        self,
        change: Change,
        *,
        watcher_family: str,
        source: str,
        mode: Mode,
        unknown: Sequence[Unknown] = (),
    ) -> tuple[Named, ...]:
        """Return the events a change is, gravest first; often none: then it stays in the history.

        The source's own signals win over the rules. `unknown` are the findings' unknown values; those of this record
        become `<family>.unclassified`, as does a field that reads `unknown`. Articles without a signal are named by
        judge.classify, not here.
        """
        signals = _new_signals(change)
        if signals:
            found = [
                self._from_signal(signal, change.record, mode) for signal in signals if signal.event in self._types
            ]
        elif change.record.signals:
            found = []  # an edit that says nothing new
        else:
            found = [self._from_rule(*hit, change) for hit in self._hits(change)]
        found += self._unclassified(change, unknown, watcher_family)
        once = {(named.type, named.natural_key, named.occurred_at): named for named in reversed(found)}
        return tuple(
            sorted(
                once.values(), key=lambda named: (-self._types[named.type].severity.rank, named.type, named.natural_key)
            )
        )

    def left(self, change: Change) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the states this change leaves, as (type, natural key): entering one again is a new event.

        What a change is itself called it does not leave: an owner who comes in and one who goes are both a change of
        owner, and the second record that tells of it is no second event.
        """
        if change.first:
            return ()
        reverse: Literal["added", "removed", "altered"] = (
            "added" if change.what == "removed" else "removed" if change.what == "added" else "altered"
        )
        undone = Change(reverse, change.after, change.before, change.fields)
        if change.record.signals or (change.before and change.before.signals):
            return tuple(
                (signal.event, self._from_signal(signal, undone.record, "state").natural_key)
                for signal in _new_signals(undone)
                if signal.event in self._types
            )
        entered = {(type_.id, _key(type_, _facts(rule, change))) for type_, rule in self._hits(change)}
        left = ((type_.id, _key(type_, _facts(rule, undone))) for type_, rule in self._hits(undone))
        return tuple(one for one in dict.fromkeys(left) if one not in entered)

    # ----------------------------------------------------------------------- one change

    def _hits(self, change: Change) -> Iterator[tuple[EventType, Rule]]:
        for type_, rule in self._rules.get(change.record.kind, ()):
            if _fits(rule, change):
                yield type_, rule

    def _from_signal(self, signal: Signal, record: Record, mode: Mode) -> Named:
        type_ = self._types[signal.event]
        facts = {**_record_facts(record), **signal.facts}
        key = _key(type_, facts)
        if not key and not signal.occurred_at and mode == "log":
            key = (names.fold(record.key) or record.key,)  # two notices without number or date are two notices
        role = facts.get("role")
        return Named(
            type=type_.id,
            stage=signal.stage if signal.stage in STAGES else type_.stage,
            natural_key=key,
            occurred_at=signal.occurred_at,
            facts=_dated(facts, signal.occurred_at),
            polarity=type_.polarity,
            role=role if role in ROLES else None,
        )

    def _from_rule(self, type_: EventType, rule: Rule, change: Change) -> Named:
        facts = _facts(rule, change)
        source = change.after or change.record
        when = next((text for name in rule.date if (text := _date(source, name))), None)
        role = rule.role or facts.get("role")
        return Named(
            type=type_.id,
            stage=rule.stage or type_.stage,
            natural_key=_key(type_, facts),
            occurred_at=when,
            facts=_dated(facts, when),
            polarity=rule.polarity or type_.polarity,
            role=role if role in ROLES else None,
        )

    def _unclassified(self, change: Change, unknown: Sequence[Unknown], watcher_family: str) -> list[Named]:
        record = change.after
        if record is None:
            return []
        told = {one.field: one.raw for one in unknown if one.record is None or one.record == record.id}
        for name, value in record.fields.items():
            if value == "unknown" and name not in told:
                told[name] = str(record.fields.get(f"{name}_raw") or "unknown")
        type_ = self._types[f"{self.family_of(record.kind, watcher_family)}.unclassified"]
        found = []
        for name, raw in sorted(told.items()):
            if change.before is not None and _says(change.before, name) == _says(record, name):
                continue  # known to be unknown already
            facts = {**_record_facts(record), "field": name, "raw": raw}
            found.append(Named(type_.id, type_.stage, _key(type_, facts), None, facts, type_.polarity))
        return found


def event_key(named: Named, customer: str | None, spell: int) -> str:
    """Return what makes two reports one event: type, customer, natural key, and the date or else the state's spell.

    The source is never in it, so a second source joins as an origin.
    """
    period = str(named.facts.get("period") or "")
    when = (named.occurred_at or "")[:10] or ("" if period and period in named.natural_key else period) or f"#{spell}"
    return "|".join(part.replace("|", "/") for part in (named.type, customer or "", *named.natural_key, when))


def spell_name(type_: str, natural_key: tuple[str, ...]) -> str:
    """Return the name under which the store counts how often a state was left."""
    return "|".join(part.replace("|", "/") for part in (type_, *natural_key))


def spell_of(key: str) -> str | None:
    """Return the name of the spell that an event's key counts; None for a fact with a date."""
    type_, _, *natural, when = key.split("|")
    return "|".join((type_, *natural)) if when.startswith("#") else None


def event_id(key: str) -> str:
    """Return the id of the event with this key."""
    return "ev_" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def shown(value: Any) -> str:
    """Return a fact as one line of text; lists and addresses are joined by commas. Nothing is empty text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return names.clean(value)
    if isinstance(value, Mapping):
        if "amount" in value:
            return names.clean(f"{shown(value.get('currency'))} {shown(value['amount'])}")
        return ", ".join(filter(None, (shown(inner) for inner in value.values())))
    if isinstance(value, list | tuple | set | frozenset):
        inner = value if isinstance(value, list | tuple) else sorted(value, key=str)
        return ", ".join(filter(None, (shown(one) for one in inner)))
    return str(value)


# --------------------------------------------------------------------------- rules


def _fits(rule: Rule, change: Change) -> bool:
    before, after = change.before, change.after
    if change.first and not (rule.first or rule.what == "state"):
        return False
    if not all(_is(change.record, name, wanted) for name, wanted in rule.where.items()):
        return False
    if any(_is(change.record, name, wanted) for name, wanted in rule.unless.items()):
        return False
    if rule.what == "state":
        return after is not None and _entered(rule, before, after)
    if rule.what != change.what:
        return False
    if rule.what != "altered":
        return True
    assert before is not None
    assert after is not None
    return rule.of in change.fields and _passes(rule, before, after) and _comes_from(rule, before)


def _entered(rule: Rule, before: Record | None, after: Record) -> bool:
    """Return whether the record is in the rule's state now and was not before."""
    if not _passes(rule, before, after):
        return False
    if before is None:
        return not rule.from_
    return not _passes(rule, None, before) and _comes_from(rule, before)


def _passes(rule: Rule, before: Record | None, after: Record) -> bool:
    if rule.to and not _is(after, rule.of, rule.to):
        return False
    number = _decimal(after.fields.get(rule.of))
    if rule.over is not None and (number is None or number <= rule.over):
        return False
    if rule.under is not None and (number is None or number >= rule.under):
        return False
    if rule.falls is not None:
        was = _decimal(before.fields.get(rule.of)) if before else None
        return was is not None and number is not None and was > number and was - number >= rule.falls
    return True


def _comes_from(rule: Rule, before: Record) -> bool:
    if rule.from_ and not _is(before, rule.of, rule.from_):
        return False
    return not (rule.not_from and _is(before, rule.of, rule.not_from))


def _is(record: Record, name: str, wanted: frozenset[str]) -> bool:
    value = record.fields.get(name)
    values = value if isinstance(value, list | tuple) else (value,)
    words = {_word(one) for one in values if one is not None and one != ""}
    return bool(words) if "*" in wanted else not wanted.isdisjoint(words)


def _word(value: Any) -> str:
    """Return a code in one spelling: in-administration, IN_ADMINISTRATION and `In administration` agree."""
    return re.sub(r"[\s\-_]+", "_", str(value).strip()).casefold()


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, Mapping):
        value = value.get("amount")
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _new_signals(change: Change) -> tuple[Signal, ...]:
    if change.after is None:
        return ()
    known = {(signal.event, signal.stage) for signal in change.before.signals} if change.before else set()
    return tuple(signal for signal in change.after.signals if (signal.event, signal.stage) not in known)


# --------------------------------------------------------------------------- facts


_RENAMED = {"role": "office"}  # an officer's role is an office; `role` is the customer's part in a matter
_CASE_KINDS = frozenset(("case", "docket_entry", "insolvency"))


def _record_facts(record: Record) -> dict[str, Any]:
    fields = record.fields
    facts: dict[str, Any] = {}
    for name, value in fields.items():
        if value is None or (not value and isinstance(value, str | list | dict)):
            continue
        facts[_RENAMED.get(name, name) if record.kind == "officer" else name] = value
    if record.kind in _CASE_KINDS and (number := fields.get("case") or fields.get("number")):
        facts.setdefault("case", number)
    if record.kind == "docket_entry":
        facts.setdefault("entry", record.key)
    if record.kind == "listing":
        facts.setdefault("number", record.key)
    if authority := fields.get("authority") or fields.get("court"):
        facts.setdefault("authority", authority)
    if raw := fields.get("status_raw"):
        facts.setdefault("raw", raw)
    return facts


def _facts(rule: Rule, change: Change) -> dict[str, Any]:
    if change.record.kind == "page":
        return _page_facts(change)
    facts = _record_facts(change.record)
    if rule.severity is not None:
        facts["severity"] = rule.severity.value
    for fact, name in rule.facts.items():
        if value := change.record.fields.get(name):
            facts[fact] = value
    if rule.of and change.before is not None and change.after is not None:
        facts["field"] = rule.of
        if not rule.facts:
            facts["old"] = shown(change.before.fields.get(rule.of))
            facts["new"] = shown(change.after.fields.get(rule.of))
    return facts


_QUOTED = 200  # characters of a page that are told; the rest stands behind the link
_AROUND = 4  # words before and behind what was edited


def _page_facts(change: Change) -> dict[str, Any]:
    """Return what a page says anew, no longer, or otherwise. `mark` stands for the whole text, however long it is."""
    facts = {name: value for name, value in _record_facts(change.record).items() if name != "text"}
    was = shown(change.before.fields.get("text")) if change.before else ""
    now = shown(change.after.fields.get("text")) if change.after else ""
    mark = hashlib.sha256((names.fold(now or was) or now or was).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    facts |= {"what": change.what, "mark": mark}
    if change.what == "added":
        return facts | {"added": _quoted(now), "new": _quoted(now)}
    if change.what == "removed":
        return facts | {"gone": _quoted(was), "old": _quoted(was)}
    old, new = _edited(was, now)
    return facts | {"old": _quoted(old), "new": _quoted(new)}


def _quoted(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1].rstrip()}…"


def _edited(was: str, now: str) -> tuple[str, str]:
    """Return the stretch in which two texts differ, with some words around it; short texts as they are."""
    if max(len(was), len(now)) <= _QUOTED:
        return was, now
    one, other = was.split(), now.split()
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    first = max(0, start - _AROUND)

    def stretch(words: list[str]) -> str:
        last = len(words) - max(0, end - _AROUND)
        return ("…" if first else "") + " ".join(words[first:last]) + ("…" if last < len(words) else "")

    return stretch(one), stretch(other)


def _dated(facts: Mapping[str, Any], when: str | None) -> dict[str, Any]:
    return {**facts, "date": when[:10]} if when else dict(facts)


def _date(record: Record, name: str) -> str | None:
    value = record.fields.get(name)
    if value is None and isinstance(dates := record.fields.get("dates"), Mapping):
        value = dates.get(name)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value) else None


def _key(type_: EventType, facts: Mapping[str, Any]) -> tuple[str, ...]:
    found = []
    for name in type_.key:
        text = shown(facts.get(name))
        if text:
            found.append(names.fold(text) or text)
    return tuple(found)


def _says(record: Record, name: str) -> tuple[str, str]:
    return shown(record.fields.get(name)), shown(record.fields.get(f"{name}_raw"))


# --------------------------------------------------------------------------- reading


_TYPE_KEYS = frozenset(
    (
        "duty",
        "severity",
        "baseline",
        "stage",
        "polarity",
        "topic",
        "key",
        "inhibits",
        "unidentified",
        "age_gate",
        "from",
    )
)
_RULE_KEYS = frozenset(name.rstrip("_") if name != "of" else "field" for name in Rule.__dataclass_fields__)


def _read(doc: Mapping[str, Any]) -> Taxonomy:
    _only(doc, {"version", "gates", "families", "events", "texts"}, "the taxonomy")
    families = {prefix: _family(prefix, entry) for prefix, entry in _mapping(doc.get("families"), "families").items()}
    texts = _mapping(doc.get("texts"), "texts")
    entries = _mapping(doc.get("events"), "events")
    if strange := texts.keys() - entries.keys():
        raise TaxonomyError(f"texts: {sorted(strange)[0]} is no event")
    types: dict[str, EventType] = {}
    for id_, entry in entries.items():
        prefix = str(id_).partition(".")[0]
        if prefix not in families and prefix != "sys":
            raise TaxonomyError(f"{id_}: no family {prefix}")
        types[id_] = _type(id_, _mapping(entry, id_), _mapping(texts.get(id_), f"texts of {id_}"), families.get(prefix))
    for found in types.values():
        if found.unidentified is not None and found.unidentified not in types:
            raise TaxonomyError(f"{found.id}: unidentified names {found.unidentified}, which is no event")
    for prefix in families:
        if f"{prefix}.unclassified" not in types:
            raise TaxonomyError(f"{prefix}: the family has no {prefix}.unclassified")
    gates = {kind: _days(value, f"gates: {kind}") for kind, value in _mapping(doc.get("gates"), "gates").items()}
    return Taxonomy(types, families, gates)


def _family(prefix: str, entry: Any) -> Family:
    found = _mapping(entry, prefix)
    _only(found, {"label", "age_gate", "kinds", "folders"}, prefix)
    label = _mapping(found.get("label"), f"{prefix}: label")
    if set(label) != set(_LANGUAGES):
        raise TaxonomyError(f"{prefix}: label needs {', '.join(_LANGUAGES)}")
    return Family(
        label={language: str(text) for language, text in label.items()},
        age_gate=_days(found.get("age_gate"), prefix),
        kinds=frozenset(_list(found.get("kinds"), prefix)),
        folders=frozenset(_list(found.get("folders"), prefix)),
    )


def _type(id_: str, entry: Mapping[str, Any], texts: Mapping[str, Any], family: Family | None) -> EventType:
    _only(entry, _TYPE_KEYS, id_)
    severity = _level(entry.get("severity"), id_)
    duty = _days(entry.get("duty"), f"{id_}: duty")
    if duty is None or not 1 <= duty <= 6:
        raise TaxonomyError(f"{id_}: duty is 1 to 6")
    gate = _days(entry["age_gate"], id_) if "age_gate" in entry else family.age_gate if family else None
    return EventType(
        id=id_,
        duty=duty,
        severity=severity,
        baseline=cast(
            'Literal["alert", "report"]', _one(entry.get("baseline"), ("alert", "report"), f"{id_}: baseline")
        ),
        age_gate=gate,
        polarity=cast(Polarity, _one(entry.get("polarity"), get_args(Polarity), f"{id_}: polarity")),
        stage=_one(entry.get("stage"), STAGES, f"{id_}: stage"),
        topic=str(entry.get("topic") or ""),
        inhibits=tuple(_list(entry.get("inhibits"), id_)),
        key=tuple(_list(entry.get("key"), id_)),
        unidentified=None if entry.get("unidentified") is None else str(entry["unidentified"]),
        rules=tuple(_rule(id_, _mapping(one, f"{id_}: from")) for one in entry.get("from") or ()),
        label=_texts(id_, "label", texts),
        says=_texts(id_, "says", texts),
        why=_texts(id_, "why", texts),
    )


def _level(value: Any, id_: str) -> Severity:
    try:
        return Severity(str(value))
    except ValueError:
        raise TaxonomyError(f"{id_}: severity is info, low, medium, high or critical") from None


def _texts(id_: str, part: str, texts: Mapping[str, Any]) -> Mapping[str, str]:
    _only(texts, set(_LANGUAGES), f"texts of {id_}")
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        place = f"{id_}: text in {language}"
        said = _mapping(texts.get(language), place)
        _only(said, {"label", "says", "why"}, place)
        found[language] = str(said.get(part) or "") or _missing(f"{place} has no {part}")
    return MappingProxyType(found)


def _rule(id_: str, entry: Mapping[str, Any]) -> Rule:
    _only(entry, _RULE_KEYS, f"{id_}: from")
    what = _one(entry.get("what"), _WHATS, f"{id_}: what")
    field_ = str(entry.get("field") or "")
    if what in ("altered", "state") and not field_:
        raise TaxonomyError(f"{id_}: a rule on {what} names a field")
    polarity = entry.get("polarity")
    return Rule(
        kind=str(entry.get("kind") or "") or _missing(f"{id_}: a rule names a kind"),
        what=what,
        of=field_,
        to=_codes(entry.get("to"), id_),
        from_=_codes(entry.get("from"), id_),
        not_from=_codes(entry.get("not_from"), id_),
        where={name: _codes(codes, id_) for name, codes in _mapping(entry.get("where") or NOTHING, id_).items()},
        unless={name: _codes(codes, id_) for name, codes in _mapping(entry.get("unless") or NOTHING, id_).items()},
        over=_limit(entry.get("over"), id_),
        under=_limit(entry.get("under"), id_),
        falls=_limit(entry.get("falls"), id_),
        date=tuple(_list(entry.get("date"), id_)),
        facts={str(fact): str(name) for fact, name in _mapping(entry.get("facts") or NOTHING, id_).items()},
        role=None if entry.get("role") is None else _one(entry["role"], ROLES, f"{id_}: role"),
        stage=None if entry.get("stage") is None else _one(entry["stage"], STAGES, f"{id_}: stage"),
        polarity=None if polarity is None else cast(Polarity, _one(polarity, get_args(Polarity), f"{id_}: polarity")),
        severity=None if entry.get("severity") is None else _level(entry["severity"], id_),
        first=_word(entry.get("first", "false")) == "true",
    )


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TaxonomyError(f"{place}: a mapping is expected")
    return value


def _list(value: Any, place: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise TaxonomyError(f"{place}: a list is expected, not {value!r}")
    return [str(one) for one in value]


def _codes(value: Any, place: str) -> frozenset[str]:
    return frozenset(map(_word, _list(value, place)))


def _only(entry: Mapping[str, Any], known: frozenset[str] | set[str], place: str) -> None:
    if strange := entry.keys() - known:
        raise TaxonomyError(f"{place}: no key {sorted(map(str, strange))[0]!r}")


def _one(value: Any, choices: Collection[str], place: str) -> str:
    if value not in choices:
        raise TaxonomyError(f"{place}: {value!r} is none of {', '.join(sorted(choices))}")
    return str(value)


def _days(value: Any, place: str) -> int | None:
    if value is None or value in ("null", ""):
        return None
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,5}", str(value)):
        raise TaxonomyError(f"{place}: {value!r} is no whole number")
    return int(value)


def _limit(value: Any, place: str) -> Decimal | None:
    if value is None:
        return None
    found = _decimal(value)
    return found if found is not None else _missing(f"{place}: {value!r} is no number")


def _missing(sentence: str) -> Any:
    raise TaxonomyError(sentence)
