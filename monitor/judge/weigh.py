"""How much an event matters: one severity, and every rule that spoke, by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from monitor.judge import money, names, voices
from monitor.model import Customer, Event, Reason, Severity, Verdict
from monitor.policy import Matcher, Policy, Rule


class TypeInfo(Protocol):
    """What the taxonomy says of an event type; `age_gate` is in days, `inhibits` are shell patterns of types."""

    @property
    def severity(self) -> Severity: ...
    @property
    def age_gate(self) -> int | None: ...
    @property
    def inhibits(self) -> Sequence[str]: ...
    @property
    def baseline(self) -> str: ...  # "alert": speaks even at the first look


_COPIES_NAMED = 3  # copies that are named; of more the number is said


@dataclass(frozen=True, slots=True)
class Relation:
    steps: int = -1
    cap: Severity | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """Facts that are worse together: one of each entry of `all`, no more than `days` apart."""

    name: str
    all: tuple[str, ...]
    days: int
    raise_to: Severity


@dataclass(frozen=True, slots=True)
class Disagreement:
    """When two registers that say different things contradict each other."""

    wait: int = 30  # days a source may lag behind another's change
    waits: Mapping[str, int] = field(default_factory=dict)  # of single sources
    current: int = 7  # days since a source's last good look, at most
    gone: frozenset[str] = frozenset()  # status words of a company that is no more
    there: frozenset[str] = frozenset()  # and of one that is

    def wait_of(self, source: str) -> int:
        return self.waits.get(source, self.wait)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The numbers and lists of config/rules.yaml."""

    relations: Mapping[str, Relation]
    relation_counted: tuple[str, ...]
    roles: Mapping[str, Severity]
    role_counted: tuple[str, ...]
    caps: Mapping[str, Severity]
    happenings: frozenset[str]
    never_softened: tuple[str, ...]
    never_muted: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    agencies: frozenset[str] = frozenset()  # folded names of news agencies: who credits one repeats it
    mirrors: frozenset[str] = frozenset()  # sources that take over what registers say
    disagreement: Disagreement = field(default_factory=Disagreement)


def rulebook(document: Mapping[str, Any]) -> Rulebook:
    """Read config/rules.yaml, given as plain data (values may be text). Raises KeyError or ValueError if it is unsound."""
    return Rulebook(
        relations={name: _relation(given) for name, given in document["relations"].items()},
        relation_counted=tuple(document["relation_counted"]),
        roles={name: Severity(level) for name, level in document["roles"].items()},
        role_counted=tuple(document["role_counted"]),
        caps={name: Severity(document["caps"][name]) for name in ("rumour", "unidentified", "good_news")},
        happenings=frozenset(document["happenings"]),
        never_softened=tuple(document["never_softened"]),
        never_muted=tuple(document["never_muted"]),
        patterns=tuple(
            Pattern(given["name"], tuple(given["all"]), int(given["days"]), Severity(given["raise_to"]))
            for given in document["patterns"]
        ),
        agencies=frozenset(names.fold(str(name)) for name in document.get("agencies", ())),
        mirrors=frozenset(document.get("mirrors", ())),
        disagreement=_disagreement(document.get("disagreement") or {}),
    )


def _disagreement(given: Mapping[str, Any]) -> Disagreement:
    standard = Disagreement()
    return Disagreement(
        wait=int(given.get("wait", standard.wait)),
        waits={str(source): int(days) for source, days in (given.get("waits") or {}).items()},
        current=int(given.get("current", standard.current)),
        gone=frozenset(given.get("gone", ())),
        there=frozenset(given.get("there", ())),
    )


def _relation(given: Mapping[str, Any]) -> Relation:
    return Relation(int(given["steps"]), Severity(given["cap"]) if "cap" in given else None)


@dataclass(frozen=True, slots=True)
class _Case:
    """What the steps of one weighing share."""

    event: Event
    customer: Customer | None
    info: TypeInfo
    policy: Policy
    now: datetime
    book: Rulebook
    others: tuple[Event, ...]
    types: Mapping[str, TypeInfo]

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.policy.timezone)).date()


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where the weighing stands: the level so far, the caps to apply at the end, what was said."""

    level: Severity
    caps: tuple[tuple[Severity, str], ...] = ()
    said: tuple[Reason, ...] = field(default=())

    def say(self, *reasons: Reason) -> _Scale:
        return replace(self, said=self.said + reasons)

    def moved(self, level: Severity, name: str, **facts: Any) -> _Scale:
        facts = {**facts, "from": self.level.value, "to": level.value}
        return replace(self, level=level, said=(*self.said, Reason(name, facts)))

    def under(self, ceiling: Severity, name: str, **facts: Any) -> _Scale:
        said = Reason(name, {**facts, "cap": ceiling.value})
        return replace(self, caps=(*self.caps, (ceiling, name)), said=(*self.said, said))


def weigh(
    event: Event,
    customer: Customer | None,
    info: TypeInfo,
    policy: Policy,
    now: datetime,
    *,
    book: Rulebook,
    open_events: Iterable[Event] = (),
    types: Mapping[str, TypeInfo] | None = None,
    dismissed: bool = False,
) -> Verdict:
    """Return the severity of an event for this customer, why, and whether it stays silent.

    `open_events` are the customer's other events whose incidents are still open; `types` is the taxonomy, for what
    those inhibit. `dismissed`: a person said of this very record that it is not the customer.
    """
    others = tuple(other for other in open_events if other.key != event.key)
    case = _Case(event, customer, info, policy, now, book, others, types or {})
    scale = _default(case)
    for step in (_by_voices, _by_relation, _by_role, _by_stage, _by_match, _by_age, _by_money, _by_patterns, _by_rules):
        scale = step(case, scale)
    scale = _capped(scale)
    return _silenced(case, scale, dismissed=dismissed)


def _default(case: _Case) -> _Scale:
    # A naming that knows a graver or milder variant of its type (a compulsory strike-off) says so in the facts.
    variant = case.event.facts.get("severity")
    if variant in tuple(Severity):
        level = Severity(variant)
        return _Scale(level).say(Reason("variant", {"type": case.event.type, "level": level.value}))
    level = case.info.severity
    return _Scale(level).say(Reason("default", {"type": case.event.type, "level": level.value}))


def _by_voices(case: _Case, scale: _Scale) -> _Scale:
    """Name who only repeats another, so that nobody counts it."""
    said: dict[str, list[str]] = {}
    for origin in case.event.origins:
        if origin.repeats:
            said.setdefault(origin.repeats, []).append(origin.name)
    for first, copies in said.items():
        shown = list(dict.fromkeys(copies))[:_COPIES_NAMED]
        facts = {"names": ", ".join(shown), "count": len(copies), "of": first}
        scale = scale.say(Reason("repeats" if len(copies) <= _COPIES_NAMED else "repeats_many", facts))
    return scale


def _by_relation(case: _Case, scale: _Scale) -> _Scale:
    relation, book = case.event.relation.replace(" ", "_"), case.book
    if relation == "self" or _any(case.event.type, book.relation_counted):
        return scale
    if relation == "owner" and _majority(case.event):
        return scale.say(Reason("majority_owner", {"share": _share_of(case.event)}))
    rule = book.relations.get(relation) or book.relations["other"]
    scale = scale.moved(scale.level.lifted(rule.steps), "relation", relation=relation)
    return scale.under(rule.cap, "relation_cap", relation=relation) if rule.cap else scale


def _by_role(case: _Case, scale: _Scale) -> _Scale:
    ceiling = case.book.roles.get(case.event.role)
    if ceiling is None or _any(case.event.type, case.book.role_counted):
        return scale
    return scale.under(ceiling, "role", role=case.event.role)


def _by_stage(case: _Case, scale: _Scale) -> _Scale:
    event, caps = case.event, case.book.caps
    if event.stage == "reversed" or event.polarity == "positive":
        return scale.under(caps["good_news"], "good_news")
    if event.stage != "rumour":
        return scale
    if _corroborated(event):
        return scale.say(Reason("rumour_corroborated", _voices(event)))
    return scale.under(caps["rumour"], "rumour_single_origin", **_voices(event))


def _by_match(case: _Case, scale: _Scale) -> _Scale:
    event = case.event
    if event.identified or case.customer is None:
        return scale
    facts = {**_voices(event), "confidence": event.confidence}
    # A name alone is at most possible, however many repeat it: they may all mean the other company of that name.
    if _corroborated(event) and not name_only(event):
        return scale.say(Reason("match_corroborated", facts))
    return scale.under(
        case.book.caps["unidentified"], "name_only" if name_only(event) else "match_without_identifier", **facts
    )


def _by_age(case: _Case, scale: _Scale) -> _Scale:
    gate, event = case.info.age_gate, case.event
    if gate is None or event.record_kind not in case.book.happenings:
        return scale
    # The later of the two dates: a notice of today about last winter's petition is still news to us.
    days = [found for found in (day_of(event.occurred_at), day_of(event.published_at)) if found]
    if not days or (case.today - max(days)).days <= gate:
        return scale
    return scale.under(Severity.INFO, "older_than_gate", date=max(days).isoformat(), days=gate)


def _by_money(case: _Case, scale: _Scale) -> _Scale:
    customer, event, policy = case.customer, case.event, case.policy
    if customer is None or event.polarity != "negative" or scale.level is Severity.INFO:
        return scale
    if customer.terms and customer.terms.kind in ("prepaid", "LC") and money.nothing_open(customer.exposure):
        terms = {"terms": customer.terms.kind}
        if _any(event.type, case.book.never_softened):
            return scale.say(Reason("not_softened_by_terms", terms))
        return scale.moved(scale.level.lifted(-1), "secured_terms", **terms)
    currency, rates = policy.currency, policy.rates
    share = money.own_share(customer, case.today, rates=rates, currency=currency)
    _, _, uncovered = money.cover(customer, case.today, rates=rates, currency=currency)
    over, why = money.over_limit(share, customer.tier, policy)
    scale = scale.say(uncovered) if uncovered else scale
    return scale.moved(scale.level.lifted(1), why.name, **why.facts) if over else scale.say(why)


def _by_patterns(case: _Case, scale: _Scale) -> _Scale:
    for pattern in case.book.patterns:
        partners = _partners(case, pattern)
        if partners is not None:
            scale = scale.moved(
                scale.level.floored(pattern.raise_to), f"pattern_{pattern.name}", with_=", ".join(sorted(partners))
            )
    return scale


def _partners(case: _Case, pattern: Pattern) -> set[str] | None:
    """The other types that complete the pattern together with the event, or None if it stays incomplete."""
    event = case.event
    if not _any(event.type, pattern.all) or not _sound(event):
        return None
    rest = [wanted for wanted in pattern.all if not fnmatchcase(event.type, wanted)]
    found: set[str] = set()
    for wanted in rest:
        near = [
            o.type for o in case.others if fnmatchcase(o.type, wanted) and _sound(o) and _near(o, event, pattern.days)
        ]
        if not near:
            return None
        found.update(near)
    return found


def _sound(event: Event) -> bool:
    return event.identified and event.relation == "self" and event.polarity != "positive" and event.stage != "reversed"


def _near(one: Event, other: Event, days: int) -> bool:
    return abs((_when(one) - _when(other)).days) <= days


def _when(event: Event) -> date:
    return day_of(event.occurred_at) or day_of(event.published_at) or event.first_seen.astimezone(UTC).date()


def _by_rules(case: _Case, scale: _Scale) -> _Scale:
    before = scale.level
    for rule in case.policy.rules:
        if rule.set is not None and _live(rule, case.today) and speaks_of(rule.when, case.event, case.customer, before):
            scale = scale.moved(rule.set, "rule", rule=rule.name, why=rule.reason)
    return scale


def _live(rule: Rule, today: date) -> bool:
    return rule.until is None or today <= rule.until


def _capped(scale: _Scale) -> _Scale:
    """Apply the caps. Those that held something back say so once more, so that a reader sees which one counted."""
    ceiling = min((cap for cap, _ in scale.caps), key=lambda cap: cap.rank, default=Severity.CRITICAL)
    if scale.level.rank <= ceiling.rank:
        return scale
    names = sorted({name for cap, name in scale.caps if cap is ceiling})
    return scale.moved(ceiling, "capped", by=", ".join(names))


def _silenced(case: _Case, scale: _Scale, *, dismissed: bool) -> Verdict:
    reason, notes = _silence(case, scale.level, dismissed=dismissed)
    said = scale.said + tuple(notes) + ((reason,) if reason else ())
    return Verdict(scale.level, said, silent=reason.name if reason else None)


def _silence(case: _Case, level: Severity, *, dismissed: bool) -> tuple[Reason | None, list[Reason]]:
    """The reason nothing is sent, if any, and the mutes that were refused."""
    if dismissed:
        return Reason("dismissed"), []
    mute, refused = _muted(case, level)
    if mute:
        return mute, refused
    if case.event.baseline and case.info.baseline != "alert":
        return Reason("baseline"), refused
    return _inhibited(case), refused


def _muted(case: _Case, level: Severity) -> tuple[Reason | None, list[Reason]]:
    refused: list[Reason] = []
    found: list[Rule] = []
    for rule in case.policy.rules:
        if not rule.mute or not speaks_of(rule.when, case.event, case.customer, level):
            continue
        why_not = _refusal(case, rule, level)
        if why_not:
            refused.append(Reason(why_not, {"rule": rule.name}))
        else:
            found.append(rule)
    if not found:
        return None, sorted(refused, key=lambda reason: (reason.name, str(reason.facts)))
    # The mute that lasts longest is the one to name; the order in the file must not matter.
    longest = max(found, key=lambda rule: (rule.until or date.min, rule.name, rule.reason))
    until = longest.until.isoformat() if longest.until else ""
    facts = {"rule": longest.name, "why": longest.reason, "until": until}
    return Reason("muted", facts), sorted(refused, key=lambda reason: (reason.name, str(reason.facts)))


def _refusal(case: _Case, rule: Rule, level: Severity) -> str | None:
    if rule.until is None:
        return "mute_without_end"
    if not _live(rule, case.today):
        return "mute_ended"
    if _any(case.event.type, case.book.never_muted) and case.event.identified:
        return "mute_refused_sanctions"
    if level is Severity.CRITICAL and case.customer is not None and case.customer.tier == "A":
        return "mute_refused_tier_a"
    return None


def _inhibited(case: _Case) -> Reason | None:
    """An event that says less than one already open adds nothing."""
    for other in sorted(case.others, key=lambda o: (o.type, o.key)):
        info = case.types.get(other.type)
        # A rumour of an insolvency, or a namesake's, must not hide a real petition.
        if info and _sound(other) and other.stage != "rumour" and _any(case.event.type, info.inhibits):
            return Reason("inhibited", {"by": other.type, "event": other.id})
    return None


# --------------------------------------------------------------------------- shared with routing and rendering


def speaks_of(when: Matcher, event: Event, customer: Customer | None, severity: Severity) -> bool:
    """Return whether a rule or route means this event; an empty list means any, values are shell patterns."""
    return not unmet(when, event, customer, severity)


def unmet(when: Matcher, event: Event, customer: Customer | None, severity: Severity) -> tuple[str, ...]:
    """Return the conditions of a rule or route that this event does not fulfil, by the name of their list."""
    conditions = (
        ("types", when.types, event.type),
        ("customers", when.customers, event.customer),
        ("sources", when.sources, event.source),
        ("tiers", when.tiers, customer.tier if customer else None),
        ("countries", when.countries, customer.country if customer else None),
        ("severities", when.severities, severity.value),
    )
    return tuple(
        name for name, patterns, value in conditions if patterns and (value is None or not _any(value, patterns))
    )


def name_only(event: Event) -> bool:
    """Return whether nothing but the name ties the event to the customer."""
    return not event.identified and not any(_supports(reason) for reason in event.match)


# What namesakes share as well: the name, the country, the legal form.
_SHARED = ("name", "alias", "country", "form")


def _supports(reason: Reason) -> bool:
    return reason.name.endswith(("_agrees", "_confirmed")) and not reason.name.startswith(_SHARED)


def independent(event: Event) -> int:
    """Return how many independent voices say it: who only repeats another does not count."""
    return len(voices.independent(event.origins))


def official(event: Event) -> bool:
    return any(origin.official for origin in event.origins)


def _corroborated(event: Event) -> bool:
    return official(event) or independent(event) >= 2


def _voices(event: Event) -> dict[str, Any]:
    return {"origins": independent(event), "official": official(event)}


def day_of(text: object) -> date | None:
    """Return the date a plain date or RFC 3339 text stands for, in its own zone; None if it is neither."""
    if isinstance(text, datetime):
        return text.date()
    if isinstance(text, date):
        return text
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text).date() if len(text) > 10 else date.fromisoformat(text)
    except ValueError:
        return None


def _any(value: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def _share_of(event: Event) -> str:
    return str(event.facts.get("share") or event.facts.get("share_band") or "")


def _majority(event: Event) -> bool:
    """Whether the owner is stated to hold half or more ("75-to-100-percent", "60 %", 0.5 is not read as half)."""
    numbers = re.findall(r"\d+(?:\.\d+)?", _share_of(event))
    return bool(numbers) and 50 <= float(numbers[0]) <= 100
