"""What belongs together: the incident of an event, the fact another source told already, the one a correction means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.app.desk import Desk
from monitor.app.recall import Recall
from monitor.edge.store.codec import StoredEvent
from monitor.judge import incident as incidents
from monitor.judge import same, voices
from monitor.judge.taxonomy import EventType, spell_of
from monitor.model import Event, Incident, Origin, Reason, Verdict


class Matters:
    """The customers' matters, as far as one look knows them."""

    def __init__(self, known: Recall, desk: Desk, now: datetime) -> None:
        self._known, self._desk, self._now = known, desk, now
        self._book = desk.rules.rulebook

    def info(self, event: Event) -> EventType:
        """Return the type. A matter the customer brings against somebody else is a case of its own, not its insolvency."""
        info = self._desk.taxonomy[event.type]
        return replace(info, topic="case") if event.role in self._book.roles else info

    # ------------------------------------------------------------------ incidents

    def open(self, customer: str) -> list[Incident]:
        """Return the customer's open incidents, oldest first."""
        return [one for one in self._known.incidents(customer) if one.state == "open"]

    def join(self, event: Event, verdict: Verdict, *, known: bool = False) -> Incident:
        """Return the incident of an event as it stands after it."""
        customer = event.customer or ""
        return incidents.join(
            event,
            self.info(event),
            verdict,
            self._known.incidents(customer),
            self._now,
            known=known,
            facts=self._known.related(customer),
        )

    def without_corrected(self, found: Incident) -> Incident:
        """Return the incident as it stands now that one of its facts is corrected."""
        facts = self._known.related(found.customer or "")
        return incidents.unacked(incidents.settled(found, facts))

    def left(self, event: Event, about: Incident) -> list[str]:
        """Return the states that an end has ended, by the names under which their spells are counted."""
        if not incidents.closes(event):
            return []
        facts = incidents.of(about, self._known.related(event.customer or ""), but=event)
        names = (spell_of(one.event.key) for one in facts if incidents.ended(one.event, event, about.topic))
        return [name for name in dict.fromkeys(names) if name is not None]

    def standing_events(self, customer: str) -> list[Event]:
        """Return what weighs in: the facts of open incidents that still stand.

        Those in which the customer is on the other side do not, nor what was dismissed, corrected or has ended.
        """
        by_incident: dict[str, list[StoredEvent]] = {one.id: [] for one in self.open(customer)}
        for one in self._known.related(customer):
            if one.incident in by_incident and incidents.counts(one) and one.event.role not in self._book.roles:
                by_incident[one.incident].append(one)
        topics = {one.id: one.topic for one in self.open(customer)}
        return [event for id_, facts in by_incident.items() for event in _unended(facts, topics[id_])]

    def late(self, event: Event, verdict: Verdict) -> Verdict:
        """A fact that comes when its matter has ended is kept, and told to nobody."""
        if verdict.silent is not None:
            return verdict
        facts = self._known.related(event.customer or "")
        mine = self._known.incidents(event.customer or "")
        found = incidents.home(event, incidents.topic(event, self.info(event)), mine, self._now, facts)
        if found is None or not incidents.over(event, found, facts):
            return verdict
        ends = [one.event for one in incidents.of(found, facts) if incidents.closes(one.event)]
        told = {"incident": found.id, "date": max(incidents.day(end) for end in ends).isoformat()}
        return replace(verdict, silent="ended_before", reasons=(*verdict.reasons, Reason("ended_before", told)))

    def one_story(self, event: Event, verdict: Verdict) -> Verdict:
        """Another report of what people were told already is attached, not told again; a graver fact or the end is news."""
        if event.record_kind != "article" or verdict.silent is not None or incidents.closes(event):
            return verdict
        name = incidents.topic(event, self.info(event))
        for one in self.open(event.customer or ""):
            fresh = self._now - one.updated_at <= timedelta(days=incidents.STORY_DAYS)
            if one.topic == name and fresh and self._covered(event, verdict, one):
                said = Reason("same_story", {"incident": one.id})
                return replace(verdict, silent="same_story", reasons=(*verdict.reasons, said))
        return verdict

    def _covered(self, event: Event, verdict: Verdict, about: Incident) -> bool:
        """Whether a fact at least as grave was told of the incident. What the first look found was told to nobody."""
        taxonomy = self._desk.taxonomy
        return any(
            told.incident == about.id
            and told.silent is None
            and told.severity.rank >= verdict.severity.rank
            and taxonomy[told.event.type].severity.rank >= taxonomy[event.type].severity.rank
            for told in self._known.related(event.customer or "")
            if told.event.key != event.key
        )

    # ------------------------------------------------------------------ one fact, several voices

    def twin(self, event: Event) -> StoredEvent | None:
        """Return the stored fact that this one tells again: by another source, or in another print of the text."""
        customer = event.customer or ""
        running = [one.id for one in self.open(customer)]
        found = same.twin(event, self.info(event).key, self._known.stored(customer), running)
        return self._known.event(found.event.key) if found is not None else None

    def heard_alike(self, event: Event, heard: Sequence[Event]) -> str | None:
        """Return the key of what this look heard already, if it is the same text in another print."""
        mine = [incidents.Judged(one, self.info(one).severity) for one in heard]
        found = same.twin(event, (), mine)
        return found.event.key if found is not None else None

    def corroborated(self, event: Event) -> Event:
        """Return an article's event with the voices of other reports of the same happening: together they are surer."""
        told = same.fellows(event, self._known.related(event.customer or ""))
        others = [origin for one in told for origin in one.origins if origin.name != event.origins[0].name]
        return replace(event, origins=self.voices(event, others)) if others else event

    def voices(self, event: Event, others: Sequence[Origin]) -> tuple[Origin, ...]:
        """Return the voices of an event and those of others, each once; copies say what they copy."""
        return voices.together(event.origins, others, self._book.mirrors)

    def joined(self, one: Event, other: Event) -> Event:
        """Return the event as both voices tell it: each voice once, the surer match, all evidence."""
        surer = other if other.identified and not one.identified else one
        return replace(
            one,
            origins=self.voices(one, other.origins),
            identified=surer.identified,
            confidence=max(one.confidence, other.confidence),
            match=surer.match,
            evidence=tuple(dict.fromkeys((*one.evidence, *other.evidence))),
        )

    def corrected(self, event: Event) -> StoredEvent | None:
        """Return the fact that an event says it corrects."""
        reference = event.facts.get("corrects")
        if not reference:
            return None
        related = self._known.related(event.customer or "")
        found = same.corrected(event, str(reference), related)
        return next((one for one in related if found is not None and one.event.key == found.event.key), None)


def _unended(facts: list[StoredEvent], name: str) -> list[Event]:
    ends = [one.event for one in facts if incidents.closes(one.event)]
    return [one.event for one in facts if not any(incidents.ended(one.event, end, name) for end in ends)]
