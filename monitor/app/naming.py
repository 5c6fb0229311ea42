"""What a change is called for one customer: the event, before anybody weighs it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from monitor.app.desk import Desk
from monitor.judge import same, voices
from monitor.judge.names import clean
from monitor.judge.taxonomy import Named, event_id, event_key
from monitor.model import Change, Customer, Event, Evidence, Match, Origin, Reason, Record
from monitor.watcher import Unknown, Watcher

NEUTRAL = "med.unclassified"  # an article that names the customer and nothing adverse
VANISHED, FOUND_AGAIN = "reg.record_vanished", "reg.revived"
_STANDING = ("active", "dormant")  # a company found again with another status has its own, graver event
_NOT_TOLD = frozenset(("born",))  # personal, and no text needs it


class HasEvidence(Protocol):
    """Where the raw answers are, if they are wanted."""

    @property
    def evidence(self) -> tuple[Evidence, ...]: ...


@dataclass(frozen=True, slots=True)
class Hearing:
    """Where changes come from, and of whom they speak."""

    watcher: Watcher
    now: datetime
    first: bool  # a first look: the baseline, not news
    speaks_of: Callable[[Record], tuple[Match, ...]]
    returned: bool = False  # the source knows the customer again, after it did not
    evidence: HasEvidence | None = None
    unknown: Sequence[Unknown] = ()


def seen_by(match: Match, change: Change, desk: Desk) -> Change:
    """Return the change as this customer sees it: an item that was edited to name it is an item it never had."""
    if _given(match) or change.before is None or change.after is None:
        return change
    named = any(one.customer == match.customer for one in desk.index.find(change.before))
    return change if named else Change("added", None, change.after, first=change.first)


def _given(match: Match) -> bool:
    """Return whether the question or the address, not the text, says of whom it speaks."""
    return any(reason.name in ("asked_by_identifier", "own_address") for reason in match.reasons)


# --------------------------------------------------------------------------- names


def names(change: Change, match: Match, hearing: Hearing, desk: Desk) -> tuple[Named, ...]:
    """Return what a change means, gravest first; often nothing."""
    if change.record.kind == "article" and not change.record.signals:
        return _headline(change, _written(match), desk)
    found = _named(change, hearing, desk)
    return found or _amended(change, hearing, desk)


def _named(change: Change, hearing: Hearing, desk: Desk) -> tuple[Named, ...]:
    return desk.taxonomy.name(
        change,
        watcher_family=hearing.watcher.family,
        source=hearing.watcher.name,
        mode=hearing.watcher.mode,
        unknown=hearing.unknown,
    )


def _amended(change: Change, hearing: Hearing, desk: Desk) -> tuple[Named, ...]:
    """A notice edited in place corrects what it said, if a date, a case or an amount is another now."""
    before, after = change.before, change.after
    if before is None or after is None or not (before.signals and after.signals):
        return ()
    was = {one.type: one for one in _named(Change("added", None, before), hearing, desk)}
    return tuple(
        replace(one, facts={**one.facts, "corrects": after.key})
        for one in _named(Change("added", None, after), hearing, desk)
        if one.type in was and same.differing(_stated(was[one.type]), _stated(one))
    )


def _stated(named: Named) -> dict[str, Any]:
    return {**named.facts, "date": named.occurred_at or ""}


def _headline(change: Change, about: str, desk: Desk) -> tuple[Named, ...]:
    """Classify an article; an edited one speaks again only if it now tells something else."""
    after = change.after
    if after is None:
        return ()
    now = _classified(after, about, desk)
    if change.what == "altered" and change.before is not None:
        was = _classified(change.before, about, desk)
        if now is None or (was is not None and was.type == now.type):
            return ()
    return (now or Named(NEUTRAL, "final", (after.key,), polarity="neutral", role="mentioned"),)


def _classified(record: Record, about: str, desk: Desk) -> Named | None:
    fields = record.fields
    title, summary = str(fields.get("title") or ""), str(fields.get("summary") or "")
    return desk.rules.lexicon.classify(title, summary, fields.get("language"), about=about)


def came_back(change: Change, hearing: Hearing) -> bool:
    """Return whether a company is known again that the source had lost."""
    return hearing.returned and change.what == "added" and change.record.kind == "company"


def found_again(change: Change, spell: int) -> tuple[Named, ...]:
    """Return the end of a loss: whoever was told of the loss is told of it, unless the company's state is news itself."""
    if change.record.fields.get("status") not in _STANDING:
        return ()
    return (Named(FOUND_AGAIN, "reversed", ("found again", str(spell)), polarity="positive"),)


def _written(match: Match) -> str:
    """Return the name by which a text speaks of the customer: who sues and who is sued depends on it."""
    return str(match.reasons[0].facts.get("name", "")) if match.reasons else ""


# --------------------------------------------------------------------------- events


def sure(named: Named, match: Match, desk: Desk) -> Named:
    """Return the name as sure as the match is: a name alone on a sanctions list is a possible match, never a listing."""
    instead = desk.taxonomy[named.type].unidentified
    return replace(named, type=instead) if instead and not match.identified else named


def event_of(change: Change, match: Match, named: Named, spell: int, hearing: Hearing, desk: Desk) -> Event:
    """Return the event. `spell`: the number of the state's spell, which tells apart what has no date."""
    record, watcher = change.record, hearing.watcher
    key = event_key(named, match.customer, spell)
    return Event(
        id=event_id(key),
        key=key,
        type=named.type,
        customer=match.customer,
        source=watcher.name,
        first_seen=hearing.now,
        occurred_at=named.occurred_at,
        published_at=record.published_at,
        url=record.url,
        title=_title(record, desk.taxonomy[named.type].label["en"], named.facts),
        role=named.role or _role(match, record),
        stage=named.stage,
        relation=match.relation,
        polarity=named.polarity,
        confidence=match.score,
        identified=match.identified,
        baseline=(hearing.first or change.first) and named.type != FOUND_AGAIN,
        record_kind=record.kind,
        record_key=record.key,
        facts=_facts(record, named),
        match=match.reasons,
        origins=(_origin(record, watcher, desk.rules.rulebook.agencies),),
        evidence=proofs_of(record, hearing.evidence.evidence if hearing.evidence else ()),
    )


def _origin(record: Record, watcher: Watcher, agencies: Collection[str]) -> Origin:
    """Return the voice; of an article with what tells a copy: its headline, and the agency it credits."""
    fields = record.fields
    name = str(fields.get("outlet") or fields.get("authority") or watcher.title)
    if record.kind != "article":
        return Origin(name, watcher.name, watcher.official, record.url)
    title, summary = str(fields.get("title") or ""), str(fields.get("summary") or "")
    return Origin(
        name,
        watcher.name,
        watcher.official,
        record.url,
        title=clean(title)[: voices.LONGEST],
        agency=voices.agency(summary, agencies) or voices.agency(title, agencies),
    )


def _role(match: Match, record: Record) -> str:
    """An article's headline says what happened to whom; the party whom a notice names has its own role."""
    return "debtor" if record.kind == "article" and match.role == "mentioned" else match.role


def _facts(record: Record, named: Named) -> dict[str, Any]:
    """The facts a text may use: what the naming found, and the record's own short fields."""
    own = {
        name: value
        for name, value in record.fields.items()
        if isinstance(value, str | int | float) and len(str(value)) <= 300 and name not in _NOT_TOLD
    }
    told = {**own, **{name: value for name, value in named.facts.items() if name not in _NOT_TOLD}}
    if "corrects" not in told and (reference := same.refers_to(record)):
        told["corrects"] = reference
    return told


def _title(record: Record, label: str, facts: Any) -> str:
    if record.kind in ("article", "notice", "docket_entry", "case"):
        own = str(record.fields.get("title") or "")
        # A notice's heading in the source's own words says more than our label.
        heading = str(record.fields.get("category") or label)
        return own if record.kind == "article" or not own else f"{heading}: {own}"
    old, new = facts.get("old"), facts.get("new")
    return f"{label}: {old} -> {new}" if old and new else f"{label}: {new}" if new else label


# --------------------------------------------------------------------------- records


def moment(record: Record) -> datetime:
    """Return when the record was published, for sorting; what holds today without a date comes first."""
    try:
        found = datetime.fromisoformat(record.published_at or "")
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def asked(customer: Customer, watcher: Watcher) -> Match | None:
    """Return the match of an answer to our own question: we asked by an identifier, so it is the customer.

    None for a source that is asked by the name alone: its answers may speak of anybody of that name.
    """
    if not watcher.needs:
        return None
    scheme = next((s for s in watcher.needs if s in customer.ids), None)
    facts = {"scheme": scheme, "number": customer.ids[scheme]} if scheme else {}
    return Match(customer.id, "same", 1.0, role="debtor", reasons=(Reason("asked_by_identifier", facts),))


def proofs_of(record: Record, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Return the raw answers that speak of the record: those holding its key and most of what it says, else all of the look."""
    mark = record.key.rsplit(":", 1)[-1].encode()
    named = [one for one in evidence if mark and mark in one.body] or list(evidence)
    if len(named) > 1:
        told = [text.encode() for text in record.fields.values() if isinstance(text, str) and len(text) > 3]
        found = {one.sha256: sum(text in one.body for text in told) for one in named}
        named = [one for one in named if found[one.sha256] == max(found.values())]
    return tuple(one.sha256 for one in named)
