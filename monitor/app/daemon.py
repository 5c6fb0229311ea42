"""The daemon: keeps the ticks, obeys the signals, leaves in order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Connection

from monitor.app import changed, duties, screening, wiring
from monitor.app.deliver import Deliverer, Door
from monitor.app.desk import Desk
from monitor.app.door import manner
from monitor.app.engine import Engine
from monitor.edge.machine import give_back_memory
from monitor.edge.store import StoreError, commit, read, turns
from monitor.model import Look, Turn

log = structlog.get_logger()

JUMP = 60.0  # seconds by which wall and monotonic time may part before it counts as a jump
GRACE = 5.0  # seconds running turns get when the daemon is asked to leave
AGAIN = 5.0  # seconds until a companion that failed is begun again


class Daemon:
    """One process's work: claims and polls, delivers, does its duties.

    `beside` are its companions: each is handed the daemon and runs as long as it does (the sealer, the reload, the
    supervisor's watchdog). One that fails is said, and begun again. `desk` is another one after a reload: ask for it
    each time. `reloading` are called with True when the configuration is about to be read again, and with False when
    that is over, whatever came of it.
    """

    def __init__(
        self,
        desk: Desk,
        deliverer: Deliverer,
        door: Door,
        *,
        told: Callable[[Turn, Look | None], None] | None = None,
        beside: Iterable[Companion] = (),
    ) -> None:
        self.desk = desk
        self.deliverer = deliverer
        self._door = door
        self.engine = Engine(desk, concurrency=desk.config.settings.http.concurrency, told=told)
        self.scheduler = self._ticks()
        self.reloading: list[Callable[[bool], None]] = []
        self._beside = tuple(beside)
        self.ticks = 0  # how often the scheduler has ticked; only grows
        self._stop = asyncio.Event()
        self._last: tuple[datetime, float] | None = None  # wall and monotonic time when they last agreed
        self._awake: datetime | None = None  # since when, after the clock jumped or the machine slept
        desk.committed = deliverer.wake

    async def prepare(self, *, everything: bool = False) -> None:
        """Bring the store in line with the configuration; look at new customers in what is already known."""
        desk, now = self.desk, self.desk.clock.now()
        window = 0.0 if everything else desk.config.settings.waits.spread
        rows = wiring.listings(desk.customers.values())
        await desk.store.write(turns.take_back)
        meant, done = await desk.store.write(lambda conn: _settled(conn, desk, rows, now, window))
        log.info(
            "plan.settled",
            watches=desk.assignments.size,
            added=len(meant.added),
            removed=len(meant.removed),
            changed=len(meant.changed),
            renamed=dict(meant.renamed),
            watches_added=done.added,
            watches_rested=done.rested,
        )
        if everything:
            await desk.store.write(lambda conn: turns.mark_due(conn, now))

    async def use(self, desk: Desk, door: Door | None = None) -> None:
        """Go on at another desk, and with another door if one is given; turns under way end at the old desk."""
        old, self.desk = self.desk, desk
        desk.committed = self.deliverer.wake
        self.engine.desk = desk
        # Alerts that wait may speak of who left the watchlist just now.
        both = replace(desk, customers={**old.customers, **desk.customers})
        self.deliverer.tell(manner(both))
        if door is not None:
            self._door = door
            await self.deliverer.use(door)
        for name, seconds in _seconds(desk).items():
            self.scheduler.reschedule_job(name, trigger="interval", seconds=seconds)

    # ------------------------------------------------------------------ the long run

    async def run(self, *, ready: Callable[[], None] | None = None) -> None:
        """Work until asked to stop."""
        work: list[asyncio.Task[None]] = []
        ended = asyncio.create_task(self._stop.wait())
        try:
            await self.prepare()
            asyncio.get_running_loop().run_in_executor(None, _settle, self.desk)
            rounds = (self.engine.run(), self.deliverer.run(), self._mind_the_clock())
            work += [asyncio.create_task(one) for one in rounds]
            work += [asyncio.create_task(self._accompany(one)) for one in self._beside]
            self.scheduler.start()
            log.info("daemon.ready")
            if ready:
                ready()
            await asyncio.wait([ended, *work[: len(rounds)]], return_when=asyncio.FIRST_COMPLETED)
            for task in work:
                if task.done() and not task.cancelled() and (error := task.exception()):
                    raise error
        finally:
            ended.cancel()
            if self.scheduler.running:
                self.scheduler.shutdown(wait=False)
            await self._leave(work)

    async def _accompany(self, companion: Companion) -> None:
        while True:
            try:
                await companion(self)
                return
            except Exception as error:  # what stands beside the work must not end it
                log.exception("companion.failed", error=type(error).__name__)
                await self.desk.clock.sleep(AGAIN)

    def stop(self) -> None:
        """Ask the daemon to leave; may be called from a signal handler in the loop."""
        self._stop.set()

    async def asked_to_leave(self) -> None:
        """Return at once when the daemon is asked to leave; what runs is still under way then."""
        await self._stop.wait()

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
        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        seconds = _seconds(self.desk)
        scheduler.add_job(self._tick, "interval", seconds=seconds["tick"], id="tick")
        scheduler.add_job(self._owed, "interval", seconds=seconds["duties"], id="duties")
        return scheduler

    async def _tick(self) -> None:
        self.ticks += 1
        self.engine.wake()
        self.deliverer.wake()

    async def _mind_the_clock(self) -> None:
        """See within a tick that the clock was set or the machine slept. The ticks cannot: they count in wall time."""
        while True:
            await self._see_jump()
            await self.desk.clock.sleep(self.desk.config.settings.waits.tick)

    async def _see_jump(self) -> None:
        """After a sleep or a set clock, spread what is due: each watch runs once, not all in one minute."""
        wall, steady = self.desk.clock.now(), self.desk.clock.monotonic()
        before = self._last or (wall, steady)
        jump = (wall - before[0]).total_seconds() - (steady - before[1])
        if abs(jump) < JUMP:
            self._last = (wall, steady)
            return
        spread = self.desk.config.settings.waits.spread
        try:
            await self.desk.store.write(lambda conn: turns.respread(conn, wall, spread))
        except StoreError as error:  # seen again at the next tick
            log.warning("clock.postponed", reason=str(error))
            return
        log.warning("clock.jumped", seconds=round(jump), spread=spread)
        self._last, self._awake = (wall, steady), wall
        for job in self.scheduler.get_jobs():  # a clock set back by two hours would silence them for two hours
            job.modify(next_run_time=datetime.now(UTC))

    async def _owed(self) -> None:
        """Do the duties; what fails is said and tried again at the next tick."""
        try:
            await self.duties()
        except StoreError as error:
            log.warning("duties.postponed", reason=str(error))
        except asyncio.CancelledError:
            if not self._stop.is_set():
                raise

    async def duties(self, *, patience: bool = True) -> None:
        """Do what is owed besides polling."""
        await self._see_jump()  # before anything is said about how long a source has been away
        desk, now, awake = self.desk, self.desk.clock.now(), self._awake
        if await desk.store.write(lambda conn: duties.round_(conn, desk, now, patience=patience, awake=awake)):
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
        try:
            await self.prepare(everything=everything)
            await self.engine.drain()
            await self.desk.store.flush()
            await self.duties(patience=False)
            await self.deliverer.drain(patience, ahead=self.desk.policy.group_wait)
            bad = sum(
                n
                for outcome, n in self.engine.outcomes.items()
                if outcome in ("blocked", "down", "drifted", "partial", "empty")
            )
            return bad == 0
        finally:
            await self._leave([])


def _settle(desk: Desk) -> None:
    """Do beside the first looks what need not be done before them.

    Ten thousand names take a second to index; what the start has let go of is given back to the machine.
    """
    desk.index.warm()
    give_back_memory()


Companion = Callable[[Daemon], Awaitable[None]]


def _settled(
    conn: Connection, desk: Desk, rows: Sequence[commit.Listing], now: datetime, window: float
) -> tuple[commit.Plan, turns.Ensured]:
    """Bring the store in line with the configuration; look at new customers in what is already known.

    What an edit made while nobody ran meant is said; at the very first start the opening report says it.
    """
    called = {one.id: one.name for one in read.customers(conn, removed=True)}
    meant, done = wiring.settle(conn, desk, rows, now, window=window)
    screening.owed(conn, desk, now)
    if meant.before and (meant or done.added or done.rested):
        called |= {one.id: one.name for one in desk.customers.values()}
        changed.taken(conn, desk, meant, done, called, (), now)
    return meant, done


def _seconds(desk: Desk) -> dict[str, float]:
    """Return how often each tick comes."""
    waits = desk.config.settings.waits
    return {"tick": waits.tick, "duties": max(waits.tick, min(30.0, waits.opening / 3))}
