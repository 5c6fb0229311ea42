"""`counterwatch run`: start, wait for what must be waited for, work, leave."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection

from monitor.app import admission, door, purging, rollcall, show, speech, wiring
from monitor.app.admission import Opened
from monitor.app.daemon import Daemon
from monitor.app.desk import Desk
from monitor.app.pulse import Pulse
from monitor.app.reloading import Reloader
from monitor.app.sealing import Sealer, seal_now
from monitor.app.supervised import Starting, Supervised
from monitor.edge import kept, observe
from monitor.edge.config import Config
from monitor.edge.settings import Keyring, Places, scrub
from monitor.edge.store import Lock, StoreUnreachable, StoreWaits, outbox, read
from monitor.edge.systemd import Manager
from monitor.judge.words import Voice
from monitor.model import Look, Outcome, Turn
from monitor.watcher import discover

log = structlog.get_logger()
T = TypeVar("T")

AGAIN = 5.0  # seconds between two tries to reach a database that is away at start


def run(
    places: Places,
    *,
    once: bool,
    everything: bool,
    accept_empty: bool,
    accept_removals: bool = False,
    level: str | None,
) -> int:
    """Run until told to leave, or for one pass. Returns the exit code."""
    gc.disable()  # until the engine begins: what a start builds stays, and walking it over and over costs seconds
    watchers = discover()
    begun = admission.opened(places, watchers, last_good=not once)
    config = begun.config
    keyring = Keyring.read(watchers.values(), os.environ, places.credentials)
    # One pass has a progress bar and a summary for people; the daemon's log is all there is of it.
    observe.configure(level=level or ("error" if once else "info"), secrets=keyring.values())
    scrub(os.environ, watchers.values())
    wiring.writable(places.state)
    for warning in config.warnings:
        log.warning("config.warning", place=f"{warning.file}:{warning.line}", message=warning.message)
    if begun.refused is not None:  # whoever starts it by hand sees the mistakes as `check` says them
        for mistake in begun.refused.mistakes:
            show.sentence(str(mistake))
        show.sentence(speech.of(config.settings).say("cli.last_good", folder=kept.good(places.state)))
    url = places.store_url(config.settings.store, keyring.store_password).reveal()
    manager = Manager() if once else Manager.find(os.environ)
    with Starting(manager, speech.of(config.settings)) as starting:
        desk = _desk(places, config, keyring, starting, accept_empty=accept_empty, wait=not once)
        store = desk.store
        starting.waits(lambda: store.trouble)
        try:
            with Lock.take(url):
                desk, begun = admission.admitted(desk, places, begun, accept_removals=accept_removals, once=once)
                if once:
                    return in_loop(_once(desk, places, everything=everything))
                return in_loop(_forever(desk, places, begun, manager, starting))
        finally:
            desk.store.close()


def in_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a fresh loop, uvloop's where it is installed."""
    try:
        import uvloop

        factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    except ImportError:  # pragma: no cover - uvloop does not build everywhere
        factory = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)


def _desk(
    places: Places, config: Config, keyring: Keyring, starting: Starting, *, accept_empty: bool, wait: bool
) -> Desk:
    """Put the desk together; a database that is away, locked or full is waited for, never given up."""
    told = False
    while True:
        try:
            return wiring.desk(places, keyring, config=config, accept_empty=accept_empty)
        except StoreUnreachable as away:
            ours = config.settings.store.startswith("sqlite") and not isinstance(away, StoreWaits)
            if not wait or ours:  # a file that is not there or may not be opened wants a hand
                raise
            if not told:
                log.warning("store.away", reason=str(away))
            told = True
            starting.waits(partial(str, away))
            time.sleep(AGAIN)


async def _forever(desk: Desk, places: Places, begun: Opened, manager: Manager, starting: Starting) -> int:
    from monitor.app.served import Served

    pulse = Pulse()
    beside = (Supervised(pulse, manager), Served(pulse, desk.config.settings.listen))
    out = door.open_door(desk.config, desk.keyring, places, desk.clock)
    reloader = Reloader(places, begun)
    duties = (reloader.run, rollcall.run, purging.run, Sealer(places.state).run)
    daemon = Daemon(desk, door.deliverer(desk, out), out, beside=(*duties, *(one.run for one in beside)))
    daemon.obey_signals()
    reloader.obey_signal(daemon)
    await daemon.run(ready=starting.end)
    return 0


async def _once(desk: Desk, places: Places, *, everything: bool) -> int:
    told = speech.of(desk.config.settings)
    bar = _Bar(desk.assignments.size, told)
    out = door.open_door(desk.config, desk.keyring, places, desk.clock)
    daemon = Daemon(desk, door.deliverer(desk, out), out, told=bar.step)
    began = desk.clock.now()
    with bar:
        seen = await daemon.once(everything=everything)
    bar.failures()
    counts = daemon.engine.outcomes
    looks, good = sum(counts.values()), sum(counts[one.value] for one in Outcome if one.good)
    with wiring.open_store(desk.config, places, desk.keyring) as store:  # the daemon has closed its own
        sent = store.read_now(lambda conn: len(read.alerts(conn, state="sent", since=began)))
        waiting = store.read_now(lambda conn: _waiting(conn, desk.clock.now()))
        seal_now(store, places.state, desk.clock.now())
    show.sentence(told.say("cli.once.done", looks=looks, seen=good, sent=sent, waiting=waiting))
    if waiting:
        show.sentence(told.say("cli.once.waiting", waiting=waiting))
    return 0 if seen else 1


def _waiting(conn: Connection, now: datetime) -> int:
    """Return how many alerts should have left by now and have not: not yet tried, or no way is open to them."""
    return len(outbox.pending(conn, now, 10_000)) + len(read.alerts(conn, state="parked"))


class _Bar:
    """A progress bar on the error stream for people; silent when piped."""

    def __init__(self, total: int, told: Voice) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._told = told
        self._bad: dict[tuple[str, Outcome], str] = {}
        self._progress = Progress(
            TextColumn(told.say("cli.once.looking")),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[source]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._progress.add_task("looks", total=total, source="")

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, turn: Turn, look: Look | None) -> None:
        self._progress.update(self._task, advance=1, source=f"{turn.source} {turn.subject}"[:40])
        if look is not None and not look.outcome.good:
            self._bad[look.source, look.outcome] = look.reason

    def failures(self) -> None:
        """Name every source that could not be seen, once, with the last reason."""
        for (source, outcome), reason in sorted(self._bad.items()):
            word = self._told.say(f"cli.outcome.{outcome.value}")
            show.sentence(self._told.say("cli.once.unseen", source=source, outcome=word, reason=reason or "-"))
