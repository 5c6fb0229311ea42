"""`events`, `incidents`, `alerts`, `sources`: what the store knows, for people and for scripts.

The newest stands last, where the eye is when a long listing has run through the terminal.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.app import plan, show, speech, views, wiring
from monitor.app.refused import Refused
from monitor.app.show import Column
from monitor.edge.config import Config
from monitor.edge.settings import Keyring, Places
from monitor.edge.store import Store, read
from monitor.judge.words import Voice
from monitor.model import Severity
from monitor.watcher import Watcher


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a listing."""

    customer: str | None
    family: str | None
    severity: Severity | None
    since: datetime | None
    limit: int

    @property
    def all(self) -> bool:
        """Whether nothing is filtered out."""
        return not any((self.customer, self.family, self.severity, self.since))


def _opened(places: Places, wanted: Wanted | None = None) -> tuple[Config, Store]:
    config, keyring, _ = wiring.opened(places, os.environ)
    store = wiring.open_store(config, places, keyring)
    if wanted is not None and wanted.customer is not None:
        try:
            known(config, store, wanted.customer)
        except Refused:
            store.close()
            raise
    return config, store


def known(config: Config, store: Store | None, customer: str) -> None:
    """Raise Refused, with the nearest id, if nobody of that id is or ever was watched."""
    from difflib import get_close_matches

    ids = {c.id for c in config.customers}
    if store is not None:
        ids |= {c.id for c in store.read_now(lambda conn: read.customers(conn, removed=True))}
    if customer not in ids:
        near = get_close_matches(customer, sorted(ids), 1)
        raise Refused("customer_near", id=customer, near=near[0]) if near else Refused("customer", id=customer)


def _columns(told: Voice, *named: str) -> list[Column]:
    """Return columns by the names of their titles: `!` is never broken, `+` wants a wide screen, `?` is rarely filled."""
    return [
        Column(told.say(f"cli.col.{name.strip('!+?')}"), whole="!" in name, wide="+" in name, rare="?" in name)
        for name in named
    ]


def _foot(told: Voice, count: int, wanted: Wanted) -> str:
    return told.say("cli.foot_more" if count == wanted.limit else "cli.foot", count=count, zone=told.timezone)


def _level(told: Voice, severity: Severity) -> str:
    return told.say(f"cli.level.{severity.value}")


def events(places: Places, wanted: Wanted, *, as_json: bool) -> int:
    config, store = _opened(places, wanted)
    with store:
        found = store.read_now(
            lambda conn: read.events(
                conn,
                customer=wanted.customer,
                family=wanted.family,
                severity=wanted.severity,
                since=wanted.since,
                limit=wanted.limit,
            )
        )[::-1]
    if as_json:
        show.json_lines(views.event(one) for one in found)
        return 0
    told = speech.of(config.settings)
    show.table(
        _columns(told, "seen!", "severity!", "customer", "what", "source+", "silent?", "type!+", "id!+"),
        (
            (
                show.local(one.event.first_seen, told.timezone),
                _level(told, one.severity),
                one.event.customer or "-",
                speech.happened(told, one.event),
                one.event.source,
                speech.silence(told, one.silent or ""),
                one.event.type,
                one.event.id,
            )
            for one in found
        ),
        empty=told.say("cli.empty.events_never" if wanted.all else "cli.empty.events"),
        foot=_foot(told, len(found), wanted),
    )
    return 0


def incidents(places: Places, wanted: Wanted, *, as_json: bool) -> int:
    config, store = _opened(places, wanted)
    with store:
        found = store.read_now(
            lambda conn: read.incidents(conn, customer=wanted.customer, since=wanted.since, limit=wanted.limit)
        )[::-1]
        heads = store.read_now(lambda conn: read.events_by_id(conn, [one.head for one in found]))
    if as_json:
        show.json_lines(views.incident(one) for one in found)
        return 0
    told = speech.of(config.settings)
    show.table(
        _columns(told, "updated!", "state!", "severity!", "customer", "what", "events!", "opened!+", "id!+"),
        (
            (
                show.local(i.updated_at, told.timezone),
                told.say(f"cli.state.{i.state}"),
                _level(told, i.severity),
                i.customer or "-",
                speech.event_label(told, heads[i.head].event.type) if i.head in heads else i.topic,
                i.events,
                show.local(i.opened_at, told.timezone),
                i.id,
            )
            for i in found
        ),
        empty=told.say("cli.empty.incidents"),
        foot=_foot(told, len(found), wanted),
    )
    return 0


def alerts(places: Places, wanted: Wanted, state: str | None, *, as_json: bool) -> int:
    config, store = _opened(places, wanted)
    with store:
        found = store.read_now(
            lambda conn: read.alerts(
                conn,
                customer=wanted.customer,
                state=state,
                severity=wanted.severity,
                since=wanted.since,
                limit=wanted.limit,
            )
        )[::-1]
        about = store.read_now(lambda conn: read.events_by_id(conn, [one.event for one in found if one.event]))
    if as_json:
        show.json_lines(views.alert(one) for one in found)
        return 0
    told = speech.of(config.settings)
    show.table(
        _columns(told, "queued!", "state!", "severity!", "customer", "what", "channel", "reason?", "sent!+", "id!+"),
        (
            (
                show.local(a.created_at, told.timezone),
                told.say(f"cli.state.{a.state}"),
                _level(told, a.severity),
                a.customer or "-",
                speech.event_label(told, about[a.event].event.type)
                if a.event in about
                else told.say(f"cli.kind.{a.kind}"),
                a.channel,
                speech.silence(told, a.reason),
                show.local(a.sent_at, told.timezone),
                a.id,
            )
            for a in found
        ),
        empty=told.say("cli.empty.alerts"),
        foot=_foot(told, len(found), wanted),
    )
    return 0


def sources(places: Places, *, as_json: bool) -> int:
    config, keyring, watchers = wiring.opened(places, os.environ)
    with wiring.open_store(config, places, keyring) as store:
        states = {state.source: state for state in store.read_now(read.source_states)}
    assigned = plan.plan(config.customers, config.settings, watchers, wiring.present(keyring, watchers))
    rows = [
        views.source(
            watcher,
            states.get(name),
            credentials(watcher, keyring),
            (config.settings.source(name).every or watcher.every).total_seconds(),
            idle(name, assigned),
        )
        for name, watcher in watchers.items()
    ]
    if as_json:
        show.json_lines(rows)
        return 0
    told = speech.of(config.settings)
    show.table(
        _columns(told, "source!", "covers", "needs", "every!", "watches!", "failing!", "last_good!", "note?"),
        (
            (
                row["source"],
                _covers(told, row["jurisdictions"]),
                ", ".join(row["needs"]) or "-",
                every(told, row["every"]),
                row["watches"],
                row["failing"],
                show.local(state.last_good_at if (state := states.get(row["source"])) else None, told.timezone),
                told.phrase(row["silent"] or ""),
            )
            for row in rows
        ),
        empty=told.say("cli.empty.sources"),
        foot=told.say("cli.times", zone=told.timezone),
    )
    return 0


def _covers(told: Voice, jurisdictions: Iterable[str]) -> str:
    return ", ".join(told.say("cli.source.everywhere") if one == "*" else told.country(one) for one in jurisdictions)


def idle(name: str, assigned: plan.Assignments) -> str | None:
    """Return why nothing is asked of a source, in English, or None."""
    if name in assigned.asked or name in assigned.streams:
        return None
    return assigned.silent.get(name) or "no customer needs it"


def credentials(watcher: Watcher, keyring: Keyring) -> Mapping[str, bool]:
    """Return which of the watcher's credentials are here."""
    held = keyring.of(watcher.name)
    return {name: name in held for name in (*watcher.credentials, *watcher.optional_credentials)}


def every(told: Voice, seconds: float) -> str:
    """Return a length of time in its largest whole unit."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return told.say(f"cli.unit.{unit}", n=int(seconds // size))
    return told.say("cli.unit.s", n=int(seconds))
