"""Registers that contradict each other, and a court and a gazette that do: what the store knows of both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from monitor.app.desk import Desk
from monitor.app.recall import Recall
from monitor.edge.store import read
from monitor.edge.store.read import Told
from monitor.judge import contradict
from monitor.judge.contradict import Contradiction, View
from monitor.judge.taxonomy import Named, event_id, event_key, spell_name
from monitor.model import Change, Event, Match, Origin, Reason
from monitor.watcher import Watcher

Spell = tuple[str, str]


def asks(change: Change) -> bool:
    """Return whether a change may make registers differ, or agree again."""
    if change.record.kind != "company" or change.after is None:
        return False
    return change.what == "added" or not contradict.FIELDS.isdisjoint(change.fields)


class Disagreements:
    """What the registers say of the customers, beside what one look has just heard."""

    def __init__(self, conn: Connection, desk: Desk, known: Recall, now: datetime) -> None:
        self._conn, self._desk, self._known, self._now = conn, desk, known, now

    def of(self, customer: str, fresh: View | None = None, *, first: bool = False) -> tuple[list[Event], list[Spell]]:
        """Return contradictions and their ends as events, and the spells that ended. `fresh` is this look's answer."""
        book = self._desk.rules.rulebook.disagreement
        views = contradict.current(self._views(customer, fresh), self._now, book)
        if len(views) < 2:
            return [], []
        found = contradict.between(views, self._now, book)
        over = contradict.over(self._known.related(customer), views, book)
        events = [self._event(customer, contradict.raised(one), one, first=first) for one in found]
        spells: list[Spell] = []
        for one in over:
            name = spell_name(contradict.TYPE, contradict.natural_key(one))
            named = contradict.ended(one, 1 + self._known.spells(customer, name))
            events.append(self._renamed(one, named))
            spells.append((customer, name))
        return events, spells

    def of_case(self, event: Event) -> Event | None:
        """Return the contradiction between this fact of a court case and what another source told of it."""
        other = contradict.of_a_case(event, self._known.related(event.customer or ""))
        if other is None:
            return None
        found = self._renamed(event, contradict.proceeding(event, other))
        return replace(found, origins=(*event.origins, *other.origins), role="mentioned")

    def _views(self, customer: str, fresh: View | None) -> Sequence[View]:
        sources = [name for name, asked in self._desk.assignments.asked.items() if customer in asked]
        others = [name for name in sources if fresh is None or name != fresh.source]
        found = [] if not others else [self._view(one) for one in read.companies(self._conn, others, customer)]
        views = [one for one in found if self._desk.watchers[one.source].needs]
        return views if fresh is None else [*views, fresh]

    def _view(self, told: Told) -> View:
        watcher, record = self._desk.watchers[told.source], told.held.record
        seen, since = told.last_good_at or told.held.valid_from, told.held.valid_from
        first = told.baseline_at is not None and since <= told.baseline_at
        return View(told.source, watcher.title, watcher.official, record.fields, since, seen, first, record.url)

    def _event(self, customer: str, named: Named, said: Contradiction, *, first: bool) -> Event:
        spell = 1 + self._known.spells(customer, spell_name(named.type, named.natural_key))
        key = event_key(named, customer, spell)
        scheme = next(iter(self._desk.watchers[said.other.source].needs), "")
        number = self._desk.customers[customer].ids.get(scheme, "")
        return Event(
            id=event_id(key),
            key=key,
            type=named.type,
            customer=customer,
            source=said.other.source,
            first_seen=self._now,
            url=said.other.url,
            title=f"{self._desk.taxonomy[named.type].label['en']}: {said.field}",
            role="mentioned",
            stage=named.stage,
            polarity=named.polarity,
            baseline=first,
            record_kind="company",
            facts=named.facts,
            match=(Reason("asked_by_identifier", {"scheme": scheme, "number": number}),),
            origins=tuple(Origin(view.title, view.source, view.official, view.url) for view in (said.one, said.other)),
        )

    def _renamed(self, event: Event, named: Named) -> Event:
        spell = 1 + self._known.spells(event.customer or "", spell_name(named.type, named.natural_key))
        key = event_key(named, event.customer, spell)
        return replace(
            event,
            id=event_id(key),
            key=key,
            type=named.type,
            first_seen=self._now,
            occurred_at=None,
            published_at=None,
            title=f"{self._desk.taxonomy[named.type].label['en']}: {named.facts.get('field')}",
            stage=named.stage,
            polarity=named.polarity,
            baseline=False,
            facts=named.facts,
        )


def fresh_view(change: Change, match: Match, watcher: Watcher, now: datetime, *, first: bool) -> View | None:
    """Return this look's answer as a view; None if nothing but a name says that it is the customer."""
    if change.after is None or watcher.scope != "customer" or not match.identified:
        return None
    return View(watcher.name, watcher.title, watcher.official, change.after.fields, now, now, first, change.after.url)
