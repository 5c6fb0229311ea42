"""Retention and erasure: what is kept too long goes by itself once a day, and a person is forgotten when they ask.

`purge [--dry-run]`, `person export NAME`, `person erase NAME`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from sqlalchemy import Connection

from monitor.app import show, speech, wiring
from monitor.app.refused import Refused
from monitor.clock import SystemClock
from monitor.edge import config as configs
from monitor.edge.settings import Places
from monitor.edge.store import Store, StoreError, commit, forget, read, schema
from monitor.edge.store.forget import Hit, Limits, Overdue
from monitor.judge import persons
from monitor.judge.persons import Person

if TYPE_CHECKING:
    from monitor.app.daemon import Daemon
    from monitor.edge.config import RetentionSettings

log = structlog.get_logger()

EVERY = 300.0  # seconds between two looks at the calendar
DONE = "purged"  # under this name the store remembers the day of the last purge
AT_ONCE = 200  # things that go in one transaction: others want to write too
SMALL = 200_000_000  # bytes up to which the daemon writes the database anew; a larger one waits for `purge`


# --------------------------------------------------------------------------- once a day


async def run(daemon: Daemon) -> None:
    """Be the companion that lets go of what is kept too long, once a day; until cancelled."""
    while True:
        try:
            await round_(daemon)
        except StoreError as error:
            log.warning("purge.postponed", reason=str(error))
        await daemon.desk.clock.sleep(EVERY)


async def round_(daemon: Daemon) -> Overdue | None:
    """Do today's purge; return what went, None if it was done already."""
    desk, now = daemon.desk, daemon.desk.clock.now()
    store, today = desk.store, now.date().isoformat()
    if await store.read(lambda conn: read.remembered(conn, DONE)) == today:
        return None
    settings = desk.config.settings.retention
    found = await store.read(partial(forget.overdue, limits=limits(settings, now)))
    for part in parts(found):
        await store.write(partial(_purge, part, now, days(settings)))
    await store.write(lambda conn: commit.remember(conn, DONE, today))
    if found:
        log.info("purge.done", **counts(found))
        file = schema.file_of(store.url)
        whole = file is None or file.stat().st_size < SMALL
        await asyncio.to_thread(forget.compact, store, whole=whole and file is not None)
    return found


def limits(settings: RetentionSettings, now: datetime) -> Limits:
    """Return the moments before which things are kept too long."""
    return Limits(now - settings.evidence, now - settings.incident_evidence, now - settings.personal_data)


def days(settings: RetentionSettings) -> dict[str, int]:
    return {name: getattr(settings, name).days for name in ("evidence", "incident_evidence", "personal_data")}


_PARTS = ("evidence", "incident_evidence", "records", "events", "decisions")


def counts(found: Overdue) -> dict[str, int]:
    return {name: len(getattr(found, name)) for name in _PARTS}


def parts(found: Overdue) -> Iterator[Overdue]:
    """Return the same in small portions."""
    for name in _PARTS:
        values = getattr(found, name)
        for n in range(0, len(values), AT_ONCE):
            yield replace(Overdue(), **{name: values[n : n + AT_ONCE]})


def _purge(part: Overdue, now: datetime, limits_: Mapping[str, int], conn: Connection) -> None:
    forget.purge(conn, part, now, limits_)


def purge(places: Places, *, dry_run: bool, as_json: bool) -> int:
    """Let go now of what is kept too long, and of its traces on the disk; or say what that would be."""
    config, keyring, _ = wiring.opened(places, os.environ)
    settings, now = config.settings.retention, SystemClock().now()
    with wiring.open_store(config, places, keyring) as store:
        found = store.read_now(partial(forget.overdue, limits=limits(settings, now)))
        if not dry_run:
            for part in parts(found):
                store.write_now(partial(_purge, part, now, days(settings)))
            forget.compact(store, whole=True)
    if as_json:
        show.json_lines([{**counts(found), "dry_run": dry_run, "days": days(settings)}])
        return 0
    told = speech.of(config.settings)
    show.lines(told.say(f"cli.purge.{name}", count=count) for name, count in counts(found).items() if count)
    name = "nothing" if not found else "would" if dry_run else "done"
    show.lines([told.say(f"cli.purge.{name}")])
    return 0


# --------------------------------------------------------------------------- one person


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where the name stands and we cannot take it out: what a person must do by hand."""

    files: tuple[str, ...]  # YAML, with the line
    customers: tuple[str, ...]  # ids of those called so
    copies: tuple[str, ...]  # older databases
    messages: tuple[str, ...]  # in Slack, as channel/ts


def _meant(name: str) -> Person:
    found = persons.person(name)
    if found is None:
        raise Refused("person_name", text=name)
    return found


def export(places: Places, name: str, *, as_json: bool) -> int:
    """Print all that is held on a person. Raises Refused for a name that could be anybody's."""
    meant = _meant(name)
    config, keyring, _ = wiring.opened(places, os.environ)
    told = speech.of(config.settings)
    with wiring.open_store(config, places, keyring) as store:
        found = store.read_now(lambda conn: list(forget.hits(conn, meant)))
    if as_json:
        show.json_lines(map(_row, found))
        return 0
    for hit in found:
        show.lines([told.say("cli.pair", name=hit.table, value=" ".join(map(str, hit.key)))])
        show.lines(f"  {column}: {text}" for column, text in hit.row.items() if text)
    show.lines([told.say("cli.person.held", count=len(found), name=name)])
    return 0


def _row(hit: Hit) -> dict[str, Any]:
    return {
        "table": hit.table,
        "key": [str(one) for one in hit.key],
        "named_in": list(hit.columns),
        "row": {column: _read(text) for column, text in hit.row.items() if text is not None},
    }


def _read(text: str) -> Any:
    if text[:1] in ("{", "["):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass
    return text


def erase(places: Places, name: str, why: str, *, yes: bool, as_json: bool) -> int:
    """Forget a person; without `yes` say only what that would be. Raises Refused and StoreError."""
    meant = _meant(name)
    config, keyring, _ = wiring.opened(places, os.environ)
    told = speech.of(config.settings)
    with wiring.open_store(config, places, keyring) as store:
        found = store.read_now(lambda conn: list(forget.hits(conn, meant)))
        elsewhere = _elsewhere(places, store, found, meant)
        if yes:
            forgotten(store, meant, why, SystemClock().now(), found)
    tables = {table: sum(hit.table == table for hit in found) for table in sorted({hit.table for hit in found})}
    if as_json:
        show.json_lines([{"erased": yes, "rows": tables, **_by_hand(elsewhere)}])
        return 0
    show.lines(told.say("cli.person.rows", table=table, count=count) for table, count in tables.items())
    show.lines([told.say("cli.person.done" if yes else "cli.person.would", name=name)])
    for what, values in _by_hand(elsewhere).items():
        show.lines(told.say(f"cli.person.{what}", where=value) for value in values)
    return 0


def forgotten(store: Store, meant: Person, why: str, now: datetime, found: Sequence[Hit] | None = None) -> None:
    """Forget a person in one store: until nothing is found any more, as a daemon may write meanwhile."""
    left = list(found) if found is not None else store.read_now(lambda conn: list(forget.hits(conn, meant)))
    for _ in range(_ROUNDS):
        if not left:
            break
        store.write_now(partial(_forget, left, meant, now, meant.without(why)))
        left = store.read_now(lambda conn: list(forget.hits(conn, meant)))
    forget.compact(store, whole=True)


_ROUNDS = 3


def _forget(found: Sequence[Hit], meant: Person, now: datetime, why: str, conn: Connection) -> None:
    forget.forget(conn, found, meant, now, why)


def _elsewhere(places: Places, store: Store, found: Sequence[Hit], meant: Person) -> Elsewhere:
    called = store.read_now(
        lambda conn: [one.id for one in read.customers(conn, removed=True) if meant.found(one.name)]
    )
    alerts = {str(hit.key[0]) for hit in found if hit.table == "alert"}
    events = {str(hit.key[0]) for hit in found if hit.table == "event"}
    sent = store.read_now(
        lambda conn: [one for one in read.alerts(conn, state="sent") if one.id in alerts or one.event in events]
    )
    return Elsewhere(
        files=tuple(_lines(places.config, meant)),
        customers=tuple(called),
        copies=tuple(_copies(store)),
        messages=tuple(f"{one.slack_channel or one.channel}/{one.slack_ts}" for one in sent if one.slack_ts),
    )


def _by_hand(elsewhere: Elsewhere) -> dict[str, list[str]]:
    return {name: list(getattr(elsewhere, name)) for name in Elsewhere.__dataclass_fields__}


def _lines(folder: Path, meant: Person) -> Iterator[str]:
    for name in (configs.WATCHLIST, configs.SETTINGS):
        path = folder / name
        text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
        for n, line in enumerate(text.splitlines(), start=1):
            if meant.found(line):
                yield f"{path}:{n}"


def _copies(store: Store) -> Iterator[str]:
    """Yield the older copies of the database that an upgrade or a restore kept."""
    file = schema.file_of(store.url)
    if file is not None:
        live = {file.name, *(f"{file.name}{end}" for end in ("-wal", "-shm", ".lock"))}
        yield from sorted(str(one) for one in file.parent.glob(f"{file.name}*") if one.name not in live)
