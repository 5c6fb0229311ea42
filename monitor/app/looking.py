"""`poll` and `due`: look now, or let the daemon look now."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from monitor.app import listings, plan, show, speech, views, wiring
from monitor.app import poll as polling
from monitor.app.desk import Desk
from monitor.app.refused import Refused
from monitor.app.running import in_loop
from monitor.clock import SystemClock
from monitor.edge import observe
from monitor.edge.settings import Places
from monitor.edge.store import Store, commit, turns
from monitor.judge.words import Voice
from monitor.model import Look, Outcome, Record, Turn

CODES = {
    Outcome.CHANGED: 0,
    Outcome.SAME: 0,
    Outcome.NOT_LISTED: 0,
    Outcome.PARTIAL: 5,
    Outcome.EMPTY: 5,
    Outcome.BLOCKED: 3,
    Outcome.DOWN: 3,
    Outcome.DRIFTED: 4,
}


def poll(places: Places, source: str, customer: str | None, *, dry_run: bool, as_json: bool) -> int:
    """Look once at one source, for one customer or for all; print what was found. Returns the exit code."""
    config, keyring, watchers = wiring.opened(places, os.environ)
    observe.configure(level="error", secrets=keyring.values())
    known_source(source, watchers)
    if customer is not None:
        listings.known(config, None, customer)
    with tempfile.TemporaryDirectory() as folder:
        # A dry run works on a store of its own that goes with the folder.
        store = Store.open(f"sqlite:///{Path(folder) / 'dry.db'}") if dry_run else None
        desk = wiring.desk(places, keyring, config=config, store=store)
        try:
            subjects = _subjects(desk, source, customer)
            looks = in_loop(_look(desk, source, subjects, customer, as_json=as_json))
        finally:
            desk.store.close()
    whole = _whole(looks, source, customer)
    if as_json:
        show.json_lines([views.look(whole, customer)])
    else:
        told = speech.of(config.settings)
        show.lines([_told(whole, told), *([told.say("cli.poll.dry")] if dry_run else [])])
    return CODES[whole.outcome]


def known_source(source: str, watchers: Iterable[str]) -> None:
    """Raise Refused, with the nearest name, if no source is called so."""
    from difflib import get_close_matches

    names = list(watchers)
    if source not in names:
        near = get_close_matches(source, names, 1)
        raise Refused("source_near", id=source, near=near[0]) if near else Refused("source", id=source)


def _subjects(desk: Desk, source: str, customer: str | None) -> list[str]:
    """Return the watches meant: the customer's own, or all of the source's."""
    if source in desk.assignments.streams:
        targets = desk.assignments.streams[source]
        return [t.key for t in targets if customer is None or plan.concerns(customer, [t])] or _none(
            desk, source, customer
        )
    asked = desk.assignments.asked.get(source, ())
    return [one for one in asked if customer in (None, one)] or _none(desk, source, customer)


def _none(desk: Desk, source: str, customer: str | None) -> list[str]:
    watcher = desk.watchers[source]
    if customer is None:
        raise Refused("nobody", source=source, reason=listings.idle(source, desk.assignments))
    reason = plan.why_not(desk.customers[customer], watcher, desk.config.settings, desk.assignments)
    raise Refused("not_watched", customer=customer, source=source, reason=reason)


async def _look(desk: Desk, source: str, subjects: Sequence[str], customer: str | None, *, as_json: bool) -> list[Look]:
    now, lease = desk.clock.now(), desk.config.settings.waits.lease
    settled = await desk.store.write(lambda conn: _settled(conn, desk, now))
    looks = []
    try:
        for subject in subjects:
            turn = await desk.store.write(lambda conn, s=subject: turns.take(conn, source, s, now, lease))  # type: ignore[misc]
            if turn is None:
                raise Refused("asked_now" if settled else "plan_waits", source=source, subject=subject)
            records, look = await polling.by_hand(turn, desk)
            looks.append(look)
            _print(desk, turn, records, customer, as_json=as_json)
    finally:
        await desk.client.close()
    return looks


def _settled(conn: Connection, desk: Desk, now: datetime) -> bool:
    """Let the store have the watches of whoever is new; whether it is as the files want it.

    An edit that takes away, changes or renames is the daemon's to take up: it says what that meant.
    """
    rows = wiring.listings(desk.customers.values())
    meant = commit.plan(conn, rows)
    if meant.removed or meant.renamed or meant.taken:
        return False
    commit.customers(conn, rows, now, only_add=True)
    turns.ensure(conn, desk.assignments.watched(), now)
    return True


def _print(desk: Desk, turn: Turn, records: Sequence[Record], customer: str | None, *, as_json: bool) -> None:
    stream = desk.watchers[turn.source].scope == "stream"
    rows = []
    for record in records:
        about = [m.customer for m in desk.index.find(record)] if stream else [turn.subject]
        who = customer if customer in about else (about[0] if about else None)
        rows.append(views.record(turn.source, who, record))
    if as_json:
        show.json_lines(rows)
        return
    show.lines(_blocks(rows, speech.of(desk.config.settings)))


def _blocks(rows: Sequence[dict[str, Any]], told: Voice) -> Iterator[str]:
    """Yield each record as a short block: a record has too many fields for a table."""
    if not rows:
        yield told.say("cli.empty.records")
    for row in rows:
        who = f" · {row['customer']}" if row["customer"] else ""
        yield f"{speech.word(told, 'cli.record', row['kind'])}{who} · {row['key']}"
        for name, value in row["fields"].items():
            if value not in (None, "", [], {}):
                label = speech.word(told, "word.field", name)
                yield "  " + told.say("cli.pair", name=label, value=_value(told, value, name))


def _value(told: Voice, value: object, name: str) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {told.shown(inner)}" for key, inner in value.items())
    return told.shown(value, name)


def _whole(looks: Sequence[Look], source: str, customer: str | None) -> Look:
    """Return one look for all: the worst outcome counts."""
    worst = max(looks, key=lambda look: (CODES[look.outcome], look.outcome is Outcome.CHANGED))
    if len(looks) == 1:
        return worst
    return Look(
        source,
        customer or "",
        worst.outcome,
        sum(look.records for look in looks),
        all(look.complete for look in looks),
        "; ".join(dict.fromkeys(look.reason for look in looks if look.reason)),
    )


def _told(look: Look, told: Voice) -> str:
    key = "cli.poll.look_why" if look.reason else "cli.poll.look"
    outcome = told.say(f"cli.outcome.{look.outcome.value}")
    return told.say(key, source=look.source, outcome=outcome, records=look.records, reason=look.reason)


def due(places: Places, source: str | None, customer: str | None, *, as_json: bool) -> int:
    """Mark watches due now. Returns the exit code."""
    config, keyring, watchers = wiring.opened(places, os.environ)
    if source is not None:
        known_source(source, watchers)
    with wiring.open_store(config, places, keyring) as store:
        if customer is not None:
            listings.known(config, store, customer)
        now = SystemClock().now()
        subjects: list[str | None] = [None]
        if customer is not None:
            assigned = plan.plan(config.customers, config.settings, watchers, wiring.present(keyring, watchers))
            streams = [
                t.key
                for s, targets in assigned.streams.items()
                if source in (None, s)
                for t in targets
                if plan.concerns(customer, [t])
            ]
            subjects = [customer, *streams]
        count = sum(
            store.write_now(lambda conn, s=subject: turns.mark_due(conn, now, source, s))  # type: ignore[misc]
            for subject in subjects
        )
    if as_json:
        show.json_lines([{"due": count}])
    else:
        show.lines([speech.of(config.settings).say("cli.due.marked" if count else "cli.due.nothing", count=count)])
    return 0
