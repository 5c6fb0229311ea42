"""From changes to events, verdicts, incidents and alerts: what a look has to say about customers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from monitor.app import disagreeing, naming
from monitor.app.desk import Desk
from monitor.app.disagreeing import Disagreements
from monitor.app.matters import Matters
from monitor.app.naming import NEUTRAL, VANISHED, Hearing, asked, proofs_of
from monitor.app.recall import Recall
from monitor.app.rulings import Rulings
from monitor.edge.store import commit, lines
from monitor.edge.store.codec import StoredEvent
from monitor.judge import deadlines, decide, derive, route, same
from monitor.judge.contradict import View
from monitor.judge.taxonomy import Named, event_key, spell_name
from monitor.judge.weigh import weigh
from monitor.model import Alert, Change, Customer, Event, Incident, Match, Reason, Record, Severity, Verdict

MOST_PRINTS = 50  # articles of one look an article is compared with, to know a copy

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


def compare(conn: Connection, customers: Iterable[str], hearing: Hearing, desk: Desk) -> Judged:
    """Compare what the registers say of customers now: one that lagged behind another may lag no more."""
    wanted = [one for one in customers if one in desk.customers]
    commit.lock_customers(conn, wanted)
    court = _Court(conn, hearing, desk)
    for customer in wanted:
        court.compare(customer)
    return court.judged


class _Court:
    """One look's judging: remembers what it decided itself, so that two facts of one look see each other."""

    def __init__(self, conn: Connection, hearing: Hearing, desk: Desk) -> None:
        self.conn, self.hearing, self.desk = conn, hearing, desk
        self.judged = Judged()
        self.known = Recall(conn, hearing.now)
        self.rulings = Rulings(conn, desk.rules.rulebook, hearing.now)
        self.matters = Matters(self.known, desk, hearing.now)
        self.disagreements = Disagreements(conn, desk, self.known, hearing.now)
        self._heard: dict[str, tuple[Event, Record]] = {}
        self._open_again: dict[str, Event] = {}  # dismissed events whose record reads differently now
        self._prints: dict[tuple[str, str], list[str]] = {}  # customer and type -> keys of the articles heard
        self._registers: dict[str, tuple[View, bool]] = {}  # customer -> what the look says of it; is it the first?

    # ------------------------------------------------------------------ hearing

    def hear(self, change: Change, match: Match) -> None:
        """Name what a change means for one customer. Voices that tell the same are one event from here on."""
        customer = self.desk.customers[match.customer]
        match = self.rulings.match(match, self.hearing.watcher.name, change.record)
        for type_, natural_key in self.desk.taxonomy.left(change):
            self.judged.spells.append((customer.id, spell_name(type_, natural_key)))
        if disagreeing.asks(change):
            self._compare_later(change, match)
        for named in (*naming.names(change, match, self.hearing, self.desk), *self._found_again(change, match)):
            self._listen(self._event(change, match, named), change.record)
        for event in self.rulings.open_again(match, self.hearing.watcher.name, change.record):
            self._open_again[event.key] = event

    def _compare_later(self, change: Change, match: Match) -> None:
        watcher, first = self.hearing.watcher, self.hearing.first or change.first
        view = disagreeing.fresh_view(change, match, watcher, self.hearing.now, first=first)
        if view is not None:
            self._registers[match.customer] = (view, first)

    def _listen(self, event: Event, record: Record) -> None:
        key = f"{event.key}|{record.key}" if event.facts.get("corrects") else event.key
        if event.record_kind == "article" and event.type != NEUTRAL and key not in self._heard:
            prints = self._prints.setdefault((event.customer or "", event.type), [])
            mine = [self._heard[one][0] for one in prints[-MOST_PRINTS:]]
            key = self.matters.heard_alike(event, mine) or key
            prints.append(key)
        known = self._heard.get(key)
        if known is not None:
            event, record = self.matters.joined(deadlines.restated(known[0], event) or known[0], event), known[1]
        self._heard[key] = (event, record)

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
        for key in self._open_again.keys() - self._heard.keys():
            event, known = self._open_again[key], self.known.event(key)
            if known is not None:
                self._again(event, known, self.desk.customers[event.customer or ""])
        for customer, (view, first) in self._registers.items():
            self.compare(customer, view, first=first)

    def compare(self, customer: str, view: View | None = None, *, first: bool = False) -> None:
        """Decide whether a customer's registers contradict each other; `view` is what this look says."""
        events, spells = self.disagreements.of(customer, view, first=first)
        for event in events:
            self._decide(event, self.desk.customers[customer])
        self.judged.spells.extend(spells)

    def _decide(self, event: Event, customer: Customer) -> None:
        if event.type == NEUTRAL and event.record_kind == "article":
            return self._keep(event, Verdict(Severity.INFO, (Reason("nothing_adverse"),), silent="nothing_adverse"))
        corrected = self.matters.corrected(event)
        if corrected is not None:
            if same.retold(event, corrected.event):
                return self._again(event, corrected, customer)
            event = same.correcting(event, corrected.event)
        known = self.known.event(event.key) or self.matters.twin(event)
        if known is not None:
            return self._again(event, known, customer)
        event = self.matters.corroborated(event)
        verdict = self.matters.late(event, self.matters.one_story(event, self._weigh(event, customer)))
        if verdict.silent == "dismissed":  # somebody else's matter is no incident of this customer
            return self._keep(event, verdict, self.rulings.incident(event))
        verdict = self._muted(event, customer, verdict)
        joined = self.matters.join(event, verdict)
        self._keep(event, verdict, joined.id)
        if corrected is not None:
            joined = self._correct(corrected, event, joined)
        self._remember(joined)
        self._send(event, verdict, joined, customer, None)
        self._leave(event, joined)
        self._derive(event, customer)
        return None

    def _correct(self, old: StoredEvent, by: Event, about: Incident) -> Incident:
        """Mark what was corrected; it stays, and counts no more."""
        marked = replace(old.event, facts={**old.event.facts, "corrected_by": by.id})
        if not commit.amend(self.conn, marked):  # both came in this look
            mine = self.judged.events
            mine[:] = [replace(one, event=marked) if one.event.key == marked.key else one for one in mine]
        self.known.decided(replace(old, event=marked))
        return self.matters.without_corrected(about)

    def _leave(self, event: Event, about: Incident) -> None:
        """After its end a state may be entered anew: the next petition is another one."""
        for name in self.matters.left(event, about):
            if (event.customer, name) not in self.judged.spells:
                self.judged.spells.append((event.customer or "", name))

    def _derive(self, event: Event, customer: Customer) -> None:
        """Decide what follows from several facts together."""
        contradiction = self.disagreements.of_case(event)
        if contradiction is not None:
            self._decide(contradiction, customer)
        if event.type != derive.LEFT or event.baseline:
            return
        facts = self.known.related(customer.id)
        found = derive.exodus(event, facts) or derive.exodus(event, facts, self._left_on_board(customer.id))
        if found is not None:
            title = f"{self.desk.taxonomy[derive.EXODUS].label['en']}: {', '.join(found.names)}"
            self._decide(derive.exodus_event(event, found, facts, title), customer)

    def _left_on_board(self, customer: str) -> int | None:
        """Return how many are on the board now, by the source that tells of the departure; None if it has none of it."""
        there = self.known.officers(self.hearing.watcher.name, customer)
        board = {key for key, office in there.items() if derive.on_board(office)}
        now = [one for one, _ in self._heard.values() if one.customer == customer]
        gone, came = ({one.record_key for one in now if one.type == type_} for type_ in (derive.LEFT, derive.JOINED))
        return len((board - gone) | came) if board else None

    def _again(self, event: Event, known: StoredEvent, customer: Customer) -> None:
        """A known event, perhaps from another voice: it gains the origin, and may weigh more now."""
        voices = {(o.name, o.source) for o in event.origins} <= {(o.name, o.source) for o in known.event.origins}
        open_again = known.silent == "dismissed" and not self.rulings.dismissed(known.event, event)
        known = self._dated_anew(known, event)
        if voices and not open_again:
            return
        before = Verdict(known.severity, known.reasons, known.silent)
        whole, gained = same.as_known(event, self.matters.joined(known.event, event), self.matters.info(event).key)
        voice = replace(event, id=whole.id, key=whole.key, origins=whole.origins)
        self.judged.events.append(commit.Judged(voice, before, known.incident))  # the store adds the voice
        if gained:
            commit.amend(self.conn, whole)
        self._reweigh(whole, known, customer, event)

    def _dated_anew(self, known: StoredEvent, event: Event) -> StoredEvent:
        """Keep the dates that a later telling of a known event sets anew: a hearing was put off."""
        whole = deadlines.restated(known.event, event)
        if whole is None:
            return known
        commit.amend(self.conn, whole)
        before = Verdict(known.severity, known.reasons, known.silent)
        self.judged.events.append(commit.Judged(whole, before, known.incident))
        return replace(known, event=whole)

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
            verdict = self.matters.late(whole, self.matters.one_story(whole, verdict))
        verdict = self._muted(whole, customer, verdict)
        speaks = before.silent is not None and verdict.silent is None
        if verdict.severity.rank <= before.severity.rank and not speaks and before.silent != "dismissed":
            return
        if before.silent == "dismissed":
            self._reopen(known)
        joined = self.matters.join(whole, verdict, known=True)
        self._remember(joined)
        commit.rejudge(self.conn, whole.key, verdict, joined.id)
        self.known.decided(StoredEvent(whole, verdict.severity, joined.id, verdict.reasons, verdict.silent))
        self._send(whole, verdict, joined, customer, before)

    def _reopen(self, known: StoredEvent) -> None:
        """Let an event whose dismissal holds no more go on in the incident that the dismissal closed."""
        mine = self.known.incidents(known.event.customer or "")
        for one in [one for one in mine if one.id == known.incident and one.state == "closed"]:
            self.known.joined(decide.anew(one))

    def _muted(self, event: Event, customer: Customer, verdict: Verdict) -> Verdict:
        return self.rulings.muted(event, customer, verdict, lambda: self.matters.join(event, verdict).id)

    def _weigh(self, event: Event, customer: Customer, voice: Event | None = None) -> Verdict:
        taxonomy = self.desk.taxonomy
        verdict = weigh(
            event,
            customer,
            taxonomy.info(event.type, event.record_kind),
            self.desk.policy,
            self.hearing.now,
            book=self.desk.rules.rulebook,
            open_events=self.matters.standing_events(customer.id),
            types=taxonomy,
            dismissed=self.rulings.dismissed(event, voice),
        )
        verdict = self.rulings.told(event, verdict)
        if event.baseline and event.record_kind == "article" and verdict.silent is None:
            # Old headlines belong to the opening report, whatever they say (decisions 13).
            return replace(verdict, silent="baseline", reasons=(*verdict.reasons, Reason("baseline")))
        return verdict

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

    def _remember(self, one: Incident) -> None:
        self.judged.incidents[one.id] = one
        self.known.joined(one)
