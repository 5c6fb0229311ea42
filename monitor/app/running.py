"""`counterwatch run`: start, wait for what must be waited for, work, leave."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

from monitor.app import door, wiring
from monitor.app.daemon import Daemon
from monitor.app.desk import Desk
from monitor.app.refused import Refused
from monitor.edge import config as configs
from monitor.edge import observe
from monitor.edge.config import Config
from monitor.edge.settings import Keyring, Places, scrub
from monitor.edge.store import Lock, StoreUnreachable
from monitor.model import Look, Turn
from monitor.watcher import discover

log = structlog.get_logger()
T = TypeVar("T")

AGAIN = 5.0  # seconds between two tries to reach a database that is away at start


def run(places: Places, *, once: bool, everything: bool, accept_empty: bool, level: str) -> int:
    """Run until told to leave, or for one pass. Returns the exit code."""
    watchers = discover()
    config = configs.load(places.config, sources=watchers)
    keyring = Keyring.read(watchers.values(), os.environ, places.credentials)
    observe.configure(level=level, secrets=keyring.values())
    scrub(os.environ, watchers.values())
    if (trouble := wiring.writable(places.state)) is not None:
        raise Refused(trouble)
    for warning in config.warnings:
        log.warning("config.warning", place=f"{warning.file}:{warning.line}", message=warning.message)
    url = places.store_url(config.settings.store, keyring.store_password).reveal()
    desk = _desk(places, config, keyring, accept_empty=accept_empty, wait=not once)
    try:
        with Lock.take(url):
            return in_loop(_once(desk, places, everything=everything) if once else _forever(desk, places))
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


def _desk(places: Places, config: Config, keyring: Keyring, *, accept_empty: bool, wait: bool) -> Desk:
    """Put the desk together; a database server that is away is waited for, never given up."""
    told = False
    while True:
        try:
            return wiring.desk(places, keyring, config=config, accept_empty=accept_empty)
        except StoreUnreachable as away:
            if not wait or config.settings.store.startswith("sqlite"):
                raise
            if not told:
                log.warning("store.away", reason=str(away))
            told = True
            time.sleep(AGAIN)


async def _forever(desk: Desk, places: Places) -> int:
    out = door.open_door(desk.config, desk.keyring, places, desk.clock)
    daemon = Daemon(desk, door.deliverer(desk, out), out)
    daemon.obey_signals()
    await daemon.run()
    return 0


async def _once(desk: Desk, places: Places, *, everything: bool) -> int:
    bar = _Bar(desk.assignments.size)
    out = door.open_door(desk.config, desk.keyring, places, desk.clock)
    daemon = Daemon(desk, door.deliverer(desk, out), out, told=bar.step)
    with bar:
        seen = await daemon.once(everything=everything)
    if not seen:
        bar.failures()
    return 0 if seen else 1


class _Bar:
    """A progress bar on the error stream for people; silent when piped."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._bad: dict[tuple[str, str], str] = {}
        self._progress = Progress(
            TextColumn("looking"),
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
            self._bad[look.source, str(look.outcome)] = look.reason

    def failures(self) -> None:
        from monitor.app import show

        for (source, outcome), reason in sorted(self._bad.items()):
            show.sentence(f"{source} could not be seen ({outcome}): {reason}")
