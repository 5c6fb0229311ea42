"""The daemon: keeps the ticks, obeys the signals, leaves in order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.app import duties, screening, wiring
from monitor.app.deliver import Deliverer, Door
from monitor.app.desk import Desk
from monitor.app.engine import Engine
from monitor.model import Look, Turn

log = structlog.get_logger()

SPREAD = 60.0  # seconds over which the first looks at many new customers are spread
GRACE = 5.0  # seconds running turns get when the daemon is asked to leave


class Daemon:
    """One process's work: claims and polls, delivers, does its duties."""

    def __init__(
        self, desk: Desk, deliverer: Deliverer, door: Door, *, told: Callable[[Turn, Look | None], None] | None = None
    ) -> None:
        self.desk = desk
        self.deliverer = deliverer
        self._door = door
        self.engine = Engine(desk, concurrency=desk.config.settings.http.concurrency, told=told)
        self._stop = asyncio.Event()
        desk.committed = deliverer.wake

    async def prepare(self, *, everything: bool = False, spread: float = SPREAD) -> None:
        """Bring the store in line with the configuration; look at new customers in what is already known."""
        desk, now = self.desk, self.desk.clock.now()
        window = 0.0 if everything else min(spread, desk.assignments.size / 20)
        meant = await desk.store.write(lambda conn: wiring.settle_plan(conn, desk, now, window=window))
        log.info(
            "plan.settled",
            watches=desk.assignments.size,
            added=len(meant.added),
            removed=len(meant.removed),
            changed=len(meant.changed),
        )
        if fresh := [*meant.added, *meant.back]:
            await desk.store.write(lambda conn: screening.screen(conn, desk, fresh, now))
        if everything:
            from monitor.edge.store import turns

            await desk.store.write(lambda conn: turns.mark_due(conn, now))

    # ------------------------------------------------------------------ the long run

    async def run(self, *, ready: Callable[[], None] | None = None) -> None:
        """Work until asked to stop."""
        await self.prepare()
        work = [asyncio.create_task(self.engine.run()), asyncio.create_task(self.deliverer.run())]
        scheduler = self._ticks()
        scheduler.start()
        log.info("daemon.ready")
        if ready:
            ready()
        ended = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([ended, *work], return_when=asyncio.FIRST_COMPLETED)
            for task in work:
                if task.done() and not task.cancelled() and (error := task.exception()):
                    raise error
        finally:
            ended.cancel()
            scheduler.shutdown(wait=False)
            await self._leave(work)

    def stop(self) -> None:
        """Ask the daemon to leave; may be called from a signal handler in the loop."""
        self._stop.set()

    def obey_signals(self) -> None:
        """Let SIGTERM and SIGINT end the daemon in order."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, partial(self._signalled, number))

    def _signalled(self, number: signal.Signals) -> None:
        log.info("daemon.stopping", signal=number.name)
        self.stop()

    def _ticks(self) -> AsyncIOScheduler:
        """A handful of named ticks; due dates are a column, never a job."""
        waits = self.desk.config.settings.waits
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
        scheduler.add_job(self._tick, "interval", seconds=waits.tick, id="tick")
        scheduler.add_job(self.duties, "interval", seconds=max(waits.tick, min(30.0, waits.opening / 3)), id="duties")
        return scheduler

    async def _tick(self) -> None:
        self.engine.wake()
        self.deliverer.wake()

    async def duties(self, *, patience: bool = True) -> None:
        """Do what is owed besides polling."""
        desk, now = self.desk, self.desk.clock.now()
        if await desk.store.write(lambda conn: duties.round_(conn, desk, now, patience=patience)):
            self.deliverer.wake()

    async def _leave(self, work: list[asyncio.Task[None]]) -> None:
        await self.engine.stop(GRACE)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await self._door.close()
        await self.desk.client.close()
        self.desk.store.close()
        log.info("daemon.stopped")

    # ------------------------------------------------------------------ one pass

    async def once(self, *, everything: bool, patience: float = 60.0) -> bool:
        """Take one pass over what is due, deliver, and leave. Return whether every source could be seen."""
        await self.prepare(everything=everything, spread=0.0)
        try:
            await self.engine.drain()
            await self.desk.store.flush()
            await self.duties(patience=False)
            await self.deliverer.drain(patience)
            bad = sum(n for outcome, n in self.engine.outcomes.items() if outcome in ("blocked", "down", "drifted", "partial", "empty"))
            return bad == 0
        finally:
            await self._leave([])
