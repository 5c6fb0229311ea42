"""Who runs the turns: claims what is due and works it off in this process, a bounded number at a time."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache

import structlog

from monitor.app import poll
from monitor.app.desk import Desk
from monitor.edge.store import turns
from monitor.model import Look, Turn

log = structlog.get_logger()

REQUESTS = 3  # a turn of a registry asks about this often
PATIENCE = 20.0  # a host that is busy for longer gets its turns back at the time it is free


class Engine:
    """Claims due watches and runs their turns. `wake()` may be called from anywhere in the event loop."""

    def __init__(
        self, desk: Desk, *, concurrency: int, told: Callable[[Turn, Look | None], None] | None = None
    ) -> None:
        self.desk = desk
        self._limit = concurrency * 2  # some wait for their host while others read
        self._told = told
        self._running: set[asyncio.Task[None]] = set()
        self._at_host: dict[str, int] = {}  # running turns by host
        self._wake = asyncio.Event()
        self._gate = asyncio.Lock()  # held while a batch is claimed, or while nothing may be
        self._stopping = False
        self.progress = 0  # turns ended; only grows
        self.rounds = 0  # how often we looked who is due; only grows, feeds the watchdog
        self.outcomes: Counter[str] = Counter()
        self.looks: Counter[tuple[str, str]] = Counter()  # (source, outcome)
        self.looked_at: datetime | None = None  # when the last turn ended

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def claiming(self) -> bool:
        """Whether a batch is being claimed, or nothing may be: both may wait for the store."""
        return self._gate.locked()

    def wake(self) -> None:
        self._wake.set()

    @asynccontextmanager
    async def still(self) -> AsyncIterator[None]:
        """Claim nothing while the block lasts; turns under way go on, at the desk they began with."""
        async with self._gate:
            yield

    async def ended(self) -> None:
        """Wait until every turn that is under way now has ended."""
        if under_way := set(self._running):
            await asyncio.wait(under_way)

    async def run(self) -> None:
        """Work until `stop()`."""
        _settle_heap_once()
        while not self._stopping:
            self.rounds += 1
            self._wake.clear()
            while not self._stopping and await self._claim():
                pass
            await self._wake.wait()

    async def drain(self) -> None:
        """Work off everything that is due now, then return."""
        _settle_heap_once()
        while not self._stopping:
            claimed = await self._claim()
            if not claimed and not self._running:
                return
            if self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _claim(self) -> int:
        """Claim a batch if at most half of our places are taken; return how many turns came."""
        async with self._gate:
            free = self._limit - len(self._running)
            return await self._take(free) if free >= self._limit // 2 and not self._stopping else 0

    async def _take(self, free: int) -> int:
        desk = self.desk
        now, lease = desk.clock.now(), desk.config.settings.waits.lease
        claimed = await desk.store.write(lambda conn: turns.claim(conn, now, free, lease))
        late: list[tuple[int, int, float]] = []
        for turn in claimed:
            wait = self._wait(turn)
            if wait > PATIENCE:
                late.append((turn.watch, turn.number, wait))
                continue
            self._at_host[turn.host] = self._at_host.get(turn.host, 0) + 1
            task = asyncio.create_task(self._one(turn, desk))
            self._running.add(task)
            task.add_done_callback(self._done)
        if late:
            rows = [(watch, number, now + timedelta(seconds=wait)) for watch, number, wait in late]
            await desk.store.write(lambda conn: turns.postpone(conn, rows))
        return len(claimed) - len(late)

    def _wait(self, turn: Turn) -> float:
        """Return the seconds until this turn's host could be asked."""
        client, ahead = self.desk.client, self._at_host.get(turn.host, 0)
        if client.slow(turn.host) and (not client.slow_free() or ahead >= self.desk.config.settings.http.per_host):
            return PATIENCE + 10.0
        pace = self.desk.pace(turn.source)
        # Turns ahead of this one at the same host have not asked yet; each takes a few requests.
        return max(client.wait_for(turn.host, pace), ahead * pace * REQUESTS)

    async def _one(self, turn: Turn, desk: Desk) -> None:
        try:
            if turn.source not in desk.watchers:  # claimed before it was laid to rest; its lease ends by itself
                log.warning("turn.orphaned", source=turn.source, subject=turn.subject)
                return
            seen = await poll.run(turn, desk)
        finally:
            self._leave(turn.host)
        self.progress += 1
        outcome = str(seen.outcome) if seen else "lost"
        self.outcomes[outcome] += 1
        self.looks[turn.source, outcome] += 1
        self.looked_at = desk.clock.now()
        if self._told:
            self._told(turn, seen)

    def _leave(self, host: str) -> None:
        left = self._at_host[host] - 1
        if left:
            self._at_host[host] = left
        else:
            del self._at_host[host]

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("turn.failed", error=type(error).__name__, exc_info=error)
        if len(self._running) <= self._limit // 2:
            self._wake.set()

    async def stop(self, patience: float = 5.0) -> None:
        """Cease claiming at once, give running turns `patience` seconds, then cancel them; nothing half-done commits."""
        self._stopping = True
        self._wake.set()
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


_GARBAGE = (5_000, 20, 20)  # looks leave few cycles behind


def settle_heap() -> None:
    """Keep what the start or a reload has built out of the garbage collector's rounds: it stays for good.

    Walking it all again and again costs a tenth of a second every few hundred looks.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(*_GARBAGE)


@cache
def _settle_heap_once() -> None:
    settle_heap()
