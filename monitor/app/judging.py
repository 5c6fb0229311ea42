"""From changes to events, verdicts, incidents and alerts: what a look has to say about customers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import Connection

from monitor.app import naming
from monitor.app.desk import Desk
from monitor.app.naming import NEUTRAL, VANISHED, Hearing, asked, proofs_of
from monitor.app.recall import Recall
from monitor.app.rulings import Rulings
from monitor.edge.store import commit, lines
from monitor.edge.store.codec import StoredEvent
from monitor.judge import decide, route
from monitor.judge import incident as incidents
from monitor.judge.taxonomy import EventType, Named, event_key, spell_name
from monitor.judge.weigh import weigh
from monitor.model import Alert, Change, Customer, Event, Incident, Match, Reason, Record, Severity, Verdict

__all__ = ["Hearing", "Judged", "asked", "judge", "proofs_of"]


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
        (naming.seen_by(match, change, desk), match) for change, match in spoken if match.customer in desk.customers
    ]
    commit.lock_customers(conn, {match.customer for _, match in spoken})
    court = _Court(conn, hearing, desk)
    for change, match in sorted(spoken, key=lambda pair: (naming.moment(pair[0].record), pair[0].record.id)):
        court.hear(change, match)
    court.decide()
    return court.judged


def reconsider(conn: Connection, events: Iterable[Event], hearing: Hearing, desk: Desk) -> Judged:
    """Weigh events anew about which a person decided: what is graver now, or speaks again, is told.

    The store holds them as they stand now; one it does not hold is decided as if it were heard just now.
    """
    court = _Court(conn, hearing, desk)
    for event in events:
        court.reconsider(event)
    return court.judged


class _Court:
    """One look's judging: remembers what it decided itself, so that two facts of one look see each other."""

    def __init__(self, conn: Connection, hearing: Hearing, desk: Desk) -> None:
        self.conn, self.hearing, self.desk = conn, hearing, desk
        self.judged = Judged()
        self.known = Recall(conn, hearing.now)
        self.rulings = Rulings(conn, desk.rules.rulebook, hearing.now)
        self._heard: dict[str, tuple[Event, Record]] = {}

    # ------------------------------------------------------------------ hearing

    def hear(self, change: Change, match: Match) -> None:
        """Name what a change means for one customer. Voices that tell the same are one event from here on."""
        customer = self.desk.customers[match.customer]
        match = self.rulings.match(match, self.hearing.watcher.name, change.record)
        for type_, natural_key in self.desk.taxonomy.left(change):
            self.judged.spells.append((customer.id, spell_name(type_, natural_key)))
        for named in (*naming.names(change, match, self.hearing, self.desk), *self._found_again(change, match)):
            event = self._event(change, match, named)
            known = self._heard.get(event.key)
            self._heard[event.key] = (_joined(known[0], event), known[1]) if known else (event, change.record)
        for event in self.rulings.open_again(match, self.hearing.watcher.name, change.record):
            self._heard.setdefault(event.key, (event, change.record))

    def _event(self, change: Change, match: Match, named: Named) -> Event:
        named = naming.sure(named, match, self.desk)
        spell = 0 if named.occurred_at else self._spell(match.customer, named)
        return naming.event_of(change, match, named, spell, self.hearing, self.desk)

    def _spell(self, customer: str, named: Named) -> int:
        name = spell_name(named.type, named.natural_key)
        left = sum(1 for spell in self.judged.spells if spell == (customer, name))
        return 1 + left + self.known.spells(customer, name)

    def _found_again(self, change: Change, match: Match) -> tuple[Named, ...]:
        """The source knows a company again that it had lost: whoever was told of the loss is told of the end."""
        if not naming.came_back(change, self.hearing):
            return ()
        spell = 1 + self.known.spells(match.customer, VANISHED)
        if self.known.event(event_key(Named(VANISHED, "final", ()), match.customer, spell)) is None:
            return ()
        self.judged.spells.append((match.customer, VANISHED))
        return naming.found_again(change, spell)

    # ------------------------------------------------------------------ deciding

    def decide(self) -> None:
        """Decide what was heard, oldest first and of one moment the gravest first."""
        taxonomy = self.desk.taxonomy
        self.known.look_up(self._heard)
        for event, _ in sorted(
            self._heard.values(),
            key=lambda heard: (naming.moment(heard[1]), -taxonomy[heard[0].type].severity.rank),
        ):
            self._decide(event, self.desk.customers[event.customer or ""])

    def _decide(self, event: Event, customer: Customer) -> None:
        if event.type == NEUTRAL and event.record_kind == "article":
            return self._keep(event, Verdict(Severity.INFO, (Reason("nothing_adverse"),), silent="nothing_adverse"))
        known = self.known.event(event.key)
        if known is not None:
            return self._again(event, known, customer)
        verdict = self._one_story(event, self._weigh(event, customer))
        if verdict.silent == "dismissed":  # somebody else's matter is no incident of this customer
            return self._keep(event, verdict)
        verdict = self._muted(event, customer, verdict)
        joined = incidents.join(event, self._info(event), verdict, self._open(customer.id), self.hearing.now)
        self._remember(joined)
        self._keep(event, verdict, joined.id)
        self._send(event, verdict, joined, customer, None)
        return None

    def _again(self, event: Event, known: StoredEvent, customer: Customer) -> None:
        """A known event, perhaps from another voice: it gains the origin, and may weigh more now."""
        voices = {(o.name, o.source) for o in event.origins} <= {(o.name, o.source) for o in known.event.origins}
        open_again = known.silent == "dismissed" and not self.rulings.dismissed(known.event, event)
        if voices and not open_again:
            return
        before = Verdict(known.severity, known.reasons, known.silent)
        self.judged.events.append(commit.Judged(event, before, known.incident))  # the store adds the voice
        self._reweigh(_joined(known.event, event), known, customer, event)

    def reconsider(self, event: Event) -> None:
        """Weigh an event anew, as it stands now."""
        known, customer = self.known.event(event.key), self.desk.customers[event.customer or ""]
        if known is None:
            self._decide(event, customer)
        else:
            self._reweigh(event, known, customer)

    def _reweigh(self, whole: Event, known: StoredEvent, customer: Customer, voice: Event | None = None) -> None:
        """Weigh a known event as it stands now; `voice` is who told it, if somebody did."""
        before = Verdict(known.severity, known.reasons, known.silent)
        verdict = self._weigh(whole, customer, voice)
        if verdict.silent == "dismissed":
            return
        if before.silent is not None:
            verdict = self._one_story(whole, verdict)
        verdict = self._muted(whole, customer, verdict)
        speaks = before.silent is not None and verdict.silent is None
        if verdict.severity.rank <= before.severity.rank and not speaks and before.silent != "dismissed":
            return
        if before.silent == "dismissed":
            self._reopen(known)
        joined = incidents.join(
            whole, self._info(whole), verdict, self._open(customer.id), self.hearing.now, known=True
        )
        self._remember(joined)
        commit.rejudge(self.conn, whole.key, verdict, joined.id)
        self.known.decided(StoredEvent(whole, verdict.severity, joined.id, verdict.reasons, verdict.silent))
        self._send(whole, verdict, joined, customer, before)

    def _reopen(self, known: StoredEvent) -> None:
        """Let an event whose dismissal holds no more go on in the incident that the dismissal closed."""
        mine = self.known.incidents(known.event.customer or "")
        for one in [one for one in mine if one.id == known.incident and one.state == "closed"]:
            self.known.joined(decide.anew(one))

    def _info(self, event: Event) -> EventType:
        """Return the type. A matter the customer brings against somebody else is a case of its own, not its insolvency."""
        info = self.desk.taxonomy[event.type]
        return replace(info, topic="case") if event.role in self.desk.rules.rulebook.roles else info

    def _muted(self, event: Event, customer: Customer, verdict: Verdict) -> Verdict:
        def incident() -> str:
            return incidents.join(event, self._info(event), verdict, self._open(customer.id), self.hearing.now).id

        return self.rulings.muted(event, customer, verdict, incident)

    def _weigh(self, event: Event, customer: Customer, voice: Event | None = None) -> Verdict:
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
            dismissed=self.rulings.dismissed(event, voice),
        )
        verdict = self.rulings.told(event, verdict)
        if event.baseline and event.record_kind == "article" and verdict.silent is None:
            # Old headlines belong to the opening report, whatever they say (decisions 13).
            return replace(verdict, silent="baseline", reasons=(*verdict.reasons, Reason("baseline")))
        return verdict

    def _one_story(self, event: Event, verdict: Verdict) -> Verdict:
        """Another report of what people were told already is attached, not told again; a graver fact or the end is news."""
        if event.record_kind != "article" or verdict.silent is not None or incidents.closes(event):
            return verdict
        name = incidents.topic(event, self._info(event))
        for one in self._open(event.customer or ""):
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
            for told in self.known.related(event.customer or "")
            if told.event.key != event.key
        )

    def _send(
        self, event: Event, verdict: Verdict, about: Incident, customer: Customer, before: Verdict | None
    ) -> None:
        rows = [*self.known.alerts(about.id), *self.judged.alerts]
        told, now = route.Told(about.id, rows, verdict.severity), self.hearing.now
        queued = route.route(event, verdict, about, customer, self.desk.policy, now, told.root_exists, before=before)
        queued = decide.marked(queued, before)
        becomes = route.overtaken(rows, queued)
        lines.overtake(self.conn, becomes, now)
        self.judged.alerts[:] = [replace(one, **becomes.get(one.id, {})) for one in self.judged.alerts]
        self.judged.alerts.extend(queued)

    def _keep(self, event: Event, verdict: Verdict, incident: str | None = None) -> None:
        self.judged.events.append(commit.Judged(event, verdict, incident))
        self.known.decided(StoredEvent(event, verdict.severity, incident, verdict.reasons, verdict.silent))

    # ------------------------------------------------------------------ what is known

    def _open(self, customer: str) -> list[Incident]:
        return [one for one in self.known.incidents(customer) if one.state == "open"]

    def _remember(self, one: Incident) -> None:
        self.judged.incidents[one.id] = one
        self.known.joined(one)

    def _open_events(self, customer: str) -> list[Event]:
        """Return what weighs in: facts of open incidents, but not those in which the customer is on the other side."""
        still = {one.id for one in self._open(customer)}
        other_side = self.desk.rules.rulebook.roles
        mine = [s for s in self.known.related(customer) if s.incident in still and s.silent != "dismissed"]
        return [s.event for s in mine if s.event.role not in other_side]


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
