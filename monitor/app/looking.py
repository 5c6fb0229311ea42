"""`poll` and `due`: look now, or let the daemon look now."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from monitor.app import listings, plan, show, views, wiring
from monitor.app import poll as polling
from monitor.app.desk import Desk
from monitor.app.refused import Refused
from monitor.app.running import in_loop
from monitor.clock import SystemClock
from monitor.edge import observe
from monitor.edge.settings import Places
from monitor.edge.store import Store, turns
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
    _source(source, watchers)
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
        show.lines([_told(whole)])
    return CODES[whole.outcome]


def _source(source: str, watchers: Iterable[str]) -> None:
    from difflib import get_close_matches

    names = list(watchers)
    if source not in names:
        near = get_close_matches(source, names, 1)
        hint = f"did you mean {near[0]}?" if near else "`counterwatch sources` lists them"
        raise Refused(f"no source is called {source!r} ({hint})")


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
        raise Refused(f"{source} has nobody to look up: {desk.assignments.silent.get(source, 'no customer needs it')}")
    reason = plan.why_not(desk.customers[customer], watcher, desk.config.settings, desk.assignments)
    raise Refused(f"{customer} is not watched by {source}: {reason}")


async def _look(desk: Desk, source: str, subjects: Sequence[str], customer: str | None, *, as_json: bool) -> list[Look]:
    now, lease = desk.clock.now(), desk.config.settings.waits.lease
    await desk.store.write(lambda conn: wiring.settle_plan(conn, desk, now, window=0.0))
    looks = []
    try:
        for subject in subjects:
            turn = await desk.store.write(lambda conn, s=subject: turns.take(conn, source, s, now, lease))  # type: ignore[misc]
            if turn is None:
                raise Refused(f"{source} is being asked about {subject} by the daemon right now; try again in a moment")
            records, look = await polling.by_hand(turn, desk)
            looks.append(look)
            _print(desk, turn, records, customer, as_json=as_json)
    finally:
        await desk.client.close()
    return looks


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
    show.table(
        ("kind", "customer", "key", "fields"),
        ((r["kind"], r["customer"] or "-", r["key"], _fields(r["fields"])) for r in rows),
        empty="No records.",
    )


def _fields(fields: dict[str, object]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in fields.items() if value not in (None, "", [], {}))


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


def _told(look: Look) -> str:
    return f"{look.source}: {look.outcome}, {look.records} records" + (f" ({look.reason})" if look.reason else "")


def due(places: Places, source: str | None, customer: str | None, *, as_json: bool) -> int:
    """Mark watches due now. Returns the exit code."""
    config, keyring, watchers = wiring.opened(places, os.environ)
    if source is not None:
        _source(source, watchers)
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
        show.lines([f"{count} watches are due now; a running daemon takes them up within a second."])
    return 0
