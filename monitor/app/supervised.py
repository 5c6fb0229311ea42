"""What the service manager learns of us: ready, alive, reading the configuration again, leaving; see sd_notify(3)."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

import structlog

from monitor.app import speech
from monitor.app.pulse import Pulse
from monitor.edge import systemd
from monitor.edge.systemd import Manager
from monitor.judge.words import Voice

if TYPE_CHECKING:
    from types import TracebackType

    from monitor.app.daemon import Daemon

log = structlog.get_logger()

EVERY = 20.0  # seconds between two feelings of the pulse; oftener if the watchdog is impatient
READING = 2.0  # seconds the figures may take before the line goes out without them
ASKING = 10.0  # seconds between two requests for patience
MORE = 60.0  # seconds of patience each asks for; above the longest single try to reach a database
LONGEST = 3600.0  # seconds a start may take that waits for nobody: the upgrade of a large database


class Starting:
    """Asks the manager for patience until the daemon is ready. From a thread: opening the store blocks.

    A start that waits for the database may take for ever, any other one LONGEST.
    """

    def __init__(
        self, manager: Manager, told: Voice, *, asking: float = ASKING, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._manager, self._told, self._asking, self._monotonic = manager, told, asking, monotonic
        self._reason: Callable[[], str | None] = lambda: None
        self._since = monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="starting", daemon=True)

    def __enter__(self) -> Self:
        if self._manager.listens:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def waits(self, reason: Callable[[], str | None]) -> None:
        """Say from now on what the start waits for; None while it waits for nobody."""
        self._reason = reason
        self.ask()

    def end(self) -> None:
        """Ask for no more: it is ready, or has failed."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def ask(self) -> bool:
        """Ask once, if the start may still take its time; return whether it may."""
        reason, now = self._reason(), self._monotonic()
        if reason is not None:
            self._since = now
        elif now - self._since > LONGEST:
            return False
        told = self._told
        says = told.say("status.starting") if reason is None else told.say("status.away", reason=told.phrase(reason))
        self._manager.say(STATUS=says, EXTEND_TIMEOUT_USEC=round(MORE * 1e6))
        return True

    def _run(self) -> None:
        while self.ask() and not self._over.wait(self._asking):
            pass


class Supervised:
    """The companion that feels the daemon's pulse and passes it on. Hand `run` to the daemon."""

    def __init__(self, pulse: Pulse, manager: Manager) -> None:
        self._pulse, self._manager = pulse, manager
        self._every = EVERY if manager.watchdog is None else min(EVERY, manager.watchdog / 3)
        self._ready = False  # and the manager knows
        self._ill: str | None = None
        self._reading: asyncio.Task[None] | None = None

    async def run(self, daemon: Daemon) -> None:
        """Begin when the daemon is ready; end when it is asked to leave."""
        leaving = asyncio.ensure_future(daemon.asked_to_leave())
        leaving.add_done_callback(lambda asked: None if asked.cancelled() else self._leave(daemon))
        daemon.reloading.append(self._reload)
        try:
            while not leaving.done():
                await self._beat(daemon)
                await asyncio.wait({leaving}, timeout=self._every)
        except asyncio.CancelledError:
            self._leave(daemon)
            raise
        finally:
            leaving.cancel()
            daemon.reloading.remove(self._reload)

    async def _beat(self, daemon: Daemon) -> None:
        self._pulse.feel(daemon)
        self._ready = self._ready or self._manager.say(READY=1)
        if self._pulse.fed():
            self._manager.say(WATCHDOG=1)
        self._complain(daemon)
        await self._read(daemon)
        if not self._pulse.leaving:
            self._manager.say(STATUS=self._pulse.line(daemon, _voice(daemon)))

    async def _read(self, daemon: Daemon) -> None:
        """Read the figures, but let no store that hangs keep the watchdog waiting."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._pulse.read(daemon))
        done, _ = await asyncio.wait({self._reading}, timeout=min(READING, self._every / 2))
        for task in done:
            task.result()

    def _complain(self, daemon: Daemon) -> None:
        """Log what is ill once, and once more when it is well again."""
        ill = next(iter(self._pulse.stuck(daemon)), None)
        if ill != self._ill:
            if ill is None:
                log.warning("daemon.moves_again", part=self._ill)
            else:
                log.error("daemon.stuck", part=ill)
            self._ill = ill

    def _reload(self, begins: bool) -> None:
        if begins:
            self._manager.say(RELOADING=1, MONOTONIC_USEC=systemd.moment())
        else:
            self._manager.say(READY=1)

    def _leave(self, daemon: Daemon) -> None:
        if not self._pulse.leaving:
            self._pulse.leaving = True
            self._manager.say(STOPPING=1, STATUS=_voice(daemon).say("status.leaving"))


def _voice(daemon: Daemon) -> Voice:
    return speech.of(daemon.desk.config.settings)
