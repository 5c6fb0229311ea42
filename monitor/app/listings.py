"""`events`, `incidents`, `alerts`, `sources`: what the store knows, for people and for scripts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.app import plan, show, views, wiring
from monitor.app.refused import Refused
from monitor.edge.config import Config
from monitor.edge.settings import Keyring, Places
from monitor.edge.store import Store, read
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
        hint = f"did you mean {near[0]}?" if near else "`counterwatch check` lists the ids"
        raise Refused(f"no customer has the id {customer!r} ({hint})")


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
        )
    if as_json:
        show.json_lines(views.event(one) for one in found)
        return 0
    zone = config.settings.timezone
    show.table(
        ("seen", "severity", "customer", "what", "title", "source"),
        (
            (
                show.local(one.event.first_seen, zone),
                one.severity + (f" ({one.silent})" if one.silent else ""),
                one.event.customer or "-",
                one.event.type,
                one.event.title,
                one.event.source,
            )
            for one in found
        ),
        empty="No events yet.",
    )
    return 0


def incidents(places: Places, wanted: Wanted, *, as_json: bool) -> int:
    config, store = _opened(places, wanted)
    with store:
        found = store.read_now(
            lambda conn: read.incidents(conn, customer=wanted.customer, since=wanted.since, limit=wanted.limit)
        )
    if as_json:
        show.json_lines(views.incident(one) for one in found)
        return 0
    zone = config.settings.timezone
    show.table(
        ("opened", "state", "severity", "customer", "topic", "events", "id"),
        (
            (show.local(i.opened_at, zone), i.state, i.severity, i.customer or "-", i.topic, i.events, i.id)
            for i in found
        ),
        empty="No incidents yet.",
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
        )
    if as_json:
        show.json_lines(views.alert(one) for one in found)
        return 0
    zone = config.settings.timezone
    show.table(
        ("queued", "state", "severity", "customer", "channel", "event", "reason"),
        (
            (
                show.local(a.created_at, zone),
                a.state,
                a.severity,
                a.customer or "-",
                a.channel,
                a.event or a.kind,
                a.reason,
            )
            for a in found
        ),
        empty="No alerts yet.",
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
            assigned.silent.get(name) or _idle(name, assigned),
        )
        for name, watcher in watchers.items()
    ]
    if as_json:
        show.json_lines(rows)
        return 0
    zone = config.settings.timezone
    show.table(
        ("source", "covers", "needs", "every", "watches", "failing", "last good look", "note"),
        (
            (
                row["source"],
                ", ".join(row["jurisdictions"]),
                " or ".join(row["needs"]) or "-",
                _every(row["every"]),
                row["watches"],
                row["failing"],
                show.local(state.last_good_at if (state := states.get(row["source"])) else None, zone),
                row["silent"] or "",
            )
            for row in rows
        ),
        empty="No sources.",
    )
    return 0


def _idle(name: str, assigned: plan.Assignments) -> str | None:
    if name in assigned.asked or name in assigned.streams:
        return None
    return "no customer needs it"


def credentials(watcher: Watcher, keyring: Keyring) -> Mapping[str, bool]:
    """Return which of the watcher's credentials are here."""
    held = keyring.of(watcher.name)
    return {name: name in held for name in (*watcher.credentials, *watcher.optional_credentials)}


def _every(seconds: int) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
