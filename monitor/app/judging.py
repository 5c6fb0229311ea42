"""From changes to events, verdicts, incidents and alerts: what a look has to say about customers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from monitor.app.desk import Desk
from monitor.edge.store import commit, read
from monitor.edge.store.codec import StoredEvent
from monitor.judge import incident as incidents
from monitor.judge import route
from monitor.judge.taxonomy import EventType, Named, event_id, event_key, spell_name
from monitor.judge.weigh import weigh
from monitor.model import (
    Alert,
    Change,
    Customer,
    Event,
    Evidence,
    Incident,
    Match,
    Origin,
    Reason,
    Record,
    Severity,
    Verdict,
)
from monitor.watcher import Unknown, Watcher

RELATED = timedelta(days=400)  # how far back a customer's open events weigh in
MOST_RELATED = 200  # events of that time, newest first
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


@dataclass(slots=True)
class Judged:
    """What judging adds to a commit."""

    events: list[commit.Judged] = field(default_factory=list)
    incidents: dict[str, Incident] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    spells: list[tuple[str, str]] = field(default_factory=list)


def judge(conn: Connection, changes: Iterable[Change], hearing: Hearing, desk: Desk) -> Judged:
    """Name, weigh, join and route every change, oldest first. The caller's transaction holds the customers still."""
    spoken = [(change, match) for change in changes for match in hearing.speaks_of(change.record)]
    spoken = [
        (_new_to(match, change, hearing, desk), match) for change, match in spoken if match.customer in desk.customers
    ]
    commit.lock_customers(conn, {match.customer for _, match in spoken})
    court = _Court(conn, hearing, desk)
    for change, match in sorted(spoken, key=lambda pair: (_moment(pair[0].record), pair[0].record.id)):
        court.hear(change, match)
    court.decide()
    return court.judged


def _new_to(match: Match, change: Change, hearing: Hearing, desk: Desk) -> Change:
    """Return the change as this customer sees it: an item that was edited to name it is an item it never had."""
    if _given(match) or change.before is None or change.after is None:
        return change
    named = any(one.customer == match.customer for one in desk.index.find(change.before))
    return change if named else Change("added", None, change.after, first=change.first)


def _given(match: Match) -> bool:
    """Return whether the question or the address, not the text, says of whom it speaks."""
    return any(reason.name in ("asked_by_identifier", "own_address") for reason in match.reasons)


class _Court:
    """One look's judging: remembers what it decided itself, so that two facts of one look see each other."""

    def __init__(self, conn: Connection, hearing: Hearing, desk: Desk) -> None:
        self.conn, self.hearing, self.desk = conn, hearing, desk
        self.judged = Judged()
        self._heard: dict[str, tuple[Event, Record]] = {}
        self._open: dict[str, list[Incident]] = {}
        self._stored: dict[str, list[StoredEvent]] = {}
        self._decided: list[StoredEvent] = []

    def hear(self, change: Change, match: Match) -> None:
        """Name what a change means for one customer. Voices that tell the same are one event from here on."""
        customer = self.desk.customers[match.customer]
        for type_, natural_key in self.desk.taxonomy.left(change):
            self.judged.spells.append((customer.id, spell_name(type_, natural_key)))
        for named in (*self._names(change, match), *self._found_again(change, match)):
            event = self._event(change, match, named)
            known = self._heard.get(event.key)
            self._heard[event.key] = (_joined(known[0], event), known[1]) if known else (event, change.record)

    def decide(self) -> None:
        """Decide what was heard, oldest first and of one moment the gravest first."""
        taxonomy = self.desk.taxonomy
        for event, _ in sorted(
            self._heard.values(),
            key=lambda heard: (_moment(heard[1]), -taxonomy[heard[0].type].severity.rank),
        ):
            self._decide(event, self.desk.customers[event.customer or ""])

    # ------------------------------------------------------------------ naming

    def _names(self, change: Change, match: Match) -> tuple[Named, ...]:
        if change.record.kind == "article" and not change.record.signals:
            return self._headline(change, _written(match))
        return self.desk.taxonomy.name(
            change,
            watcher_family=self.hearing.watcher.family,
            source=self.hearing.watcher.name,
            mode=self.hearing.watcher.mode,
            unknown=self.hearing.unknown,
        )

    def _headline(self, change: Change, about: str) -> tuple[Named, ...]:
        """Classify an article; an edited one speaks again only if it now tells something else."""
        after = change.after
        if after is None:
            return ()
        now = self._classified(after, about)
        if change.what == "altered" and change.before is not None:
            was = self._classified(change.before, about)
            if now is None or (was is not None and was.type == now.type):
                return ()
        return (now or Named(NEUTRAL, "final", (after.key,), polarity="neutral", role="mentioned"),)

    def _found_again(self, change: Change, match: Match) -> tuple[Named, ...]:
        """The source knows a company again that it had lost: whoever was told of the loss is told of the end."""
        if not (self.hearing.returned and change.what == "added" and change.record.kind == "company"):
            return ()
        spell = 1 + read.spells(self.conn, match.customer, [VANISHED])[VANISHED]
        if self._known(event_key(Named(VANISHED, "final", ()), match.customer, spell)) is None:
            return ()
        self.judged.spells.append((match.customer, VANISHED))
        if change.record.fields.get("status") not in _STANDING:
            return ()
        return (Named(FOUND_AGAIN, "reversed", ("found again", str(spell)), polarity="positive"),)

    def _classified(self, record: Record, about: str) -> Named | None:
        fields = record.fields
        title, summary = str(fields.get("title") or ""), str(fields.get("summary") or "")
        return self.desk.rules.lexicon.classify(title, summary, fields.get("language"), about=about)

    def _event(self, change: Change, match: Match, named: Named) -> Event:
        record, watcher = change.record, self.hearing.watcher
        named = self._if_only_named(named, match)
        spell = self._spell(match.customer, named)
        key = event_key(named, match.customer, spell)
        outlet = record.fields.get("outlet") or record.fields.get("authority")
        info = self.desk.taxonomy[named.type]
        return Event(
            id=event_id(key),
            key=key,
            type=named.type,
            customer=match.customer,
            source=watcher.name,
            first_seen=self.hearing.now,
            occurred_at=named.occurred_at,
            published_at=record.published_at,
            url=record.url,
            title=_title(record, info.label["en"], named.facts),
            role=named.role or _role(match, record),
            stage=named.stage,
            relation=match.relation,
            polarity=named.polarity,
            confidence=match.score,
            identified=match.identified,
            baseline=(self.hearing.first or change.first) and named.type != FOUND_AGAIN,
            record_kind=record.kind,
            record_key=record.key,
            facts=_facts(record, named),
            match=match.reasons,
            origins=(Origin(str(outlet or watcher.title), watcher.name, watcher.official, record.url),),
            evidence=proofs_of(record, self.hearing.evidence.evidence if self.hearing.evidence else ()),
        )

    def _if_only_named(self, named: Named, match: Match) -> Named:
        """A name alone on a sanctions list is a possible match, never a listing."""
        instead = self.desk.taxonomy[named.type].unidentified
        return replace(named, type=instead) if instead and not match.identified else named

    def _spell(self, customer: str, named: Named) -> int:
        name = spell_name(named.type, named.natural_key)
        left = sum(1 for spell in self.judged.spells if spell == (customer, name))
        return 1 + left + read.spells(self.conn, customer, [name]).get(name, 0)

    # ------------------------------------------------------------------ deciding

    def _decide(self, event: Event, customer: Customer) -> None:
        if event.type == NEUTRAL and event.record_kind == "article":
            return self._keep(event, Verdict(Severity.INFO, (Reason("nothing_adverse"),), silent="nothing_adverse"))
        known = self._known(event.key)
        if known is not None:
            return self._again(event, known, customer)
        verdict = self._one_story(event, self._weigh(event, customer))
        joined = incidents.join(event, self._info(event), verdict, self._incidents(customer.id), self.hearing.now)
        self._remember(joined)
        self._keep(event, verdict, joined.id)
        self._send(event, verdict, joined, customer, None)
        return None

    def _again(self, event: Event, known: StoredEvent, customer: Customer) -> None:
        """A known event, perhaps from another voice: it gains the origin, and may weigh more now."""
        if {(o.name, o.source) for o in event.origins} <= {(o.name, o.source) for o in known.event.origins}:
            return
        whole = _joined(known.event, event)
        before = Verdict(known.severity, known.reasons, known.silent)
        self.judged.events.append(commit.Judged(event, before, known.incident))  # the store adds the voice
        verdict = self._weigh(whole, customer)
        if before.silent is not None:
            verdict = self._one_story(whole, verdict)
        speaks = before.silent is not None and verdict.silent is None
        if verdict.severity.rank <= before.severity.rank and not speaks:
            return
        joined = incidents.join(
            whole, self._info(whole), verdict, self._incidents(customer.id), self.hearing.now, known=True
        )
        self._remember(joined)
        commit.rejudge(self.conn, event.key, verdict, joined.id)
        self._decided.append(StoredEvent(whole, verdict.severity, joined.id, verdict.reasons, verdict.silent))
        self._send(whole, verdict, joined, customer, before)

    def _info(self, event: Event) -> EventType:
        """Return the type. A matter the customer brings against somebody else is a case of its own, not its insolvency."""
        info = self.desk.taxonomy[event.type]
        return replace(info, topic="case") if event.role in self.desk.rules.rulebook.roles else info

    def _weigh(self, event: Event, customer: Customer) -> Verdict:
        taxonomy = self.desk.taxonomy
        verdict = weigh(
            event,
            customer,
            taxonomy.info(event.type, event.record_kind),
            self.desk.policy,
            self.hearing.now,
            book=self.desk.rules.rulebook,
            open_events=self._open_events(customer.id),
            types=taxonomy,
        )
        if event.baseline and event.record_kind == "article" and verdict.silent is None:
            # Old headlines belong to the opening report, whatever they say (decisions 13).
            return replace(verdict, silent="baseline", reasons=(*verdict.reasons, Reason("baseline")))
        return verdict

    def _one_story(self, event: Event, verdict: Verdict) -> Verdict:
        """Another report of what people were told already is attached, not told again; a graver fact or the end is news."""
        if event.record_kind != "article" or verdict.silent is not None or incidents.closes(event):
            return verdict
        name = incidents.topic(event, self._info(event))
        for one in self._incidents(event.customer or ""):
            fresh = self.hearing.now - one.updated_at <= timedelta(days=incidents.STORY_DAYS)
            if one.topic == name and fresh and self._covered(event, verdict, one):
                return replace(
                    verdict, silent="same_story", reasons=(*verdict.reasons, Reason("same_story", {"incident": one.id}))
                )
        return verdict

    def _covered(self, event: Event, verdict: Verdict, about: Incident) -> bool:
        """Whether a fact at least as grave was told of the incident. What the first look found was told to nobody."""
        taxonomy = self.desk.taxonomy
        return any(
            told.incident == about.id
            and told.silent is None
            and told.severity.rank >= verdict.severity.rank
            and taxonomy[told.event.type].severity.rank >= taxonomy[event.type].severity.rank
            for told in self._related(event.customer or "")
            if told.event.key != event.key
        )

    def _send(
        self, event: Event, verdict: Verdict, about: Incident, customer: Customer, before: Verdict | None
    ) -> None:
        def root_exists(channel: str) -> bool:
            rows = [*read.alerts(self.conn, incident=about.id), *self.judged.alerts]
            return any(
                a.incident == about.id and a.channel == channel and a.kind == "root" and a.state != "suppressed"
                for a in rows
            )

        rows = route.route(
            event, verdict, about, customer, self.desk.policy, self.hearing.now, root_exists, before=before
        )
        self.judged.alerts.extend(rows)

    def _keep(self, event: Event, verdict: Verdict, incident: str | None = None) -> None:
        self.judged.events.append(commit.Judged(event, verdict, incident))
        self._decided.append(StoredEvent(event, verdict.severity, incident, verdict.reasons, verdict.silent))

    # ------------------------------------------------------------------ what is known

    def _known(self, key: str) -> StoredEvent | None:
        return read.events_by_key(self.conn, [key]).get(key)

    def _incidents(self, customer: str) -> list[Incident]:
        if customer not in self._open:
            self._open[customer] = list(read.open_incidents(self.conn, customer))
        return self._open[customer]

    def _remember(self, one: Incident) -> None:
        self.judged.incidents[one.id] = one
        mine = [other for other in self._incidents(one.customer or "") if other.id != one.id]
        self._open[one.customer or ""] = [*mine, one] if one.state == "open" else mine

    def _open_events(self, customer: str) -> list[Event]:
        """Return what weighs in: facts of open incidents, but not those in which the customer is on the other side."""
        still = {one.id for one in self._incidents(customer)}
        other_side = self.desk.rules.rulebook.roles
        return [s.event for s in self._related(customer) if s.incident in still and s.event.role not in other_side]

    def _related(self, customer: str) -> list[StoredEvent]:
        """Return the customer's events that mattered lately, this look's own among them as they stand now."""
        if customer not in self._stored:
            # What only the timeline keeps is left out: a much-reported customer has hundreds of neutral articles.
            since = self.hearing.now - RELATED
            self._stored[customer] = read.events(
                self.conn, customer=customer, severity=Severity.LOW, since=since, limit=MOST_RELATED
            )
        mine = {s.event.key: s for s in self._decided if s.event.customer == customer}
        return [s for s in self._stored[customer] if s.event.key not in mine] + list(mine.values())


def _joined(one: Event, other: Event) -> Event:
    """Return the event as both voices tell it: each origin once, the surer match, all evidence."""
    surer = other if other.identified and not one.identified else one
    origins = {(o.name, o.source): o for o in (*other.origins, *one.origins)}
    return replace(
        one,
        origins=tuple(
            origins[mark] for mark in dict.fromkeys((o.name, o.source) for o in (*one.origins, *other.origins))
        ),
        identified=surer.identified,
        confidence=max(one.confidence, other.confidence),
        match=surer.match,
        evidence=tuple(dict.fromkeys((*one.evidence, *other.evidence))),
    )


def _moment(record: Record) -> datetime:
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


def _written(match: Match) -> str:
    """Return the name by which a text speaks of the customer: who sues and who is sued depends on it."""
    return str(match.reasons[0].facts.get("name", "")) if match.reasons else ""


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
    return {**own, **{name: value for name, value in named.facts.items() if name not in _NOT_TOLD}}


def _title(record: Record, label: str, facts: Any) -> str:
    if record.kind in ("article", "notice", "docket_entry", "case"):
        own = str(record.fields.get("title") or "")
        # A notice's heading in the source's own words says more than our label.
        heading = str(record.fields.get("category") or label)
        return own if record.kind == "article" or not own else f"{heading}: {own}"
    old, new = facts.get("old"), facts.get("new")
    return f"{label}: {old} -> {new}" if old and new else f"{label}: {new}" if new else label
