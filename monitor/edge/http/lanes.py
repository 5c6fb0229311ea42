"""Two lanes, so that sources that hang cannot hold up the others.

Every fetch starts in the main lane. One that takes longer than `slow_after` gives its place back and
goes on in the slow lane if there is room, else it ends; its host is slow from then on and only uses the
slow lane, until it answers quickly again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from monitor.edge.http.hosts import Host


class LaneFull(Exception):  # noqa: N818 - it says what happened
    """No place in the slow lane came free in time."""


class Lane:
    """A number of places, given out in the order asked for."""

    __slots__ = ("_waiting", "free")

    def __init__(self, places: int) -> None:
        self.free = places
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a place if one is free and nobody was before us."""
        if self.free > 0 and not self._waiting:
            self.free -= 1
            return True
        return False

    async def wait(self) -> None:
        """Wait for a place and take it."""
        if self.take():
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the place came in the same moment: hand it on
                self.give()
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise

    def give(self) -> None:
        """Give a place back; whoever waits longest has it at once."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1


class Stream(Protocol):
    """Whatever counts the bytes it was sent; aiohttp's."""

    @property
    def total_raw_bytes(self) -> int: ...


class Ride:
    """One fetch on its way: in which lane it is, and whether it had to make room or brought nothing."""

    __slots__ = (
        "_deadline",
        "_heard",
        "_host",
        "_idle",
        "_lane",
        "_lanes",
        "_limit",
        "_loop",
        "_received",
        "_timer",
        "shed",
        "silent",
        "started",
        "stream",
    )

    def __init__(self, lanes: Lanes, lane: Lane, host: Host) -> None:
        self._lanes = lanes
        self._lane = lane
        self._host = host
        self._timer: asyncio.TimerHandle | None = None
        self.started = 0.0  # seconds of the event loop's clock
        self.stream: Stream | None = None  # the answer's body, once there is an answer
        self.shed = False  # ended because the slow lane was full
        self.silent = False  # ended because nothing came

    def run(self, limit: asyncio.Timeout, seconds: float, idle: float, loop: asyncio.AbstractEventLoop) -> None:
        """Start the clock: end `limit` after `seconds`, or when nothing came for `idle` seconds.

        One timer serves all ends, since most fetches need none of them.
        """
        self._limit, self._loop, self._idle = limit, loop, idle
        self.started = self._heard = loop.time()
        self._received = -1
        self._deadline = self.started + seconds
        self._timer = loop.call_later(min(self._lanes.slow_after, seconds, idle), self._late)

    def _late(self) -> None:
        self._timer = None
        self._host.hangs(self._lanes.patience)
        if self._lane is self._lanes.main:
            if not self._lanes.slow.take():
                self.shed = True
                self._limit.reschedule(0.0)
                return
            self._lane = self._lanes.slow
            self._lanes.main.give()
        self._listen()

    def _listen(self) -> None:
        """See whether anything comes, until the deadline."""
        now = self._loop.time()
        received = -1 if self.stream is None else self.stream.total_raw_bytes
        if received != self._received:
            self._received, self._heard = received, now
        left = min(self._deadline, self._heard + self._idle) - now
        if left <= 0.001:
            self.silent = now < self._deadline - 0.001
            self._limit.reschedule(0.0)
        else:
            self._timer = self._loop.call_later(min(left, self._lanes.slow_after), self._listen)

    def end(self, *, answered: bool, now: float) -> None:
        """Leave the lane. A host that answered in time is no longer slow."""
        if self._timer is not None:
            self._timer.cancel()
        if answered and now - self.started < self._lanes.slow_after:
            self._host.slow = False
        self._lane.give()


class Lanes:
    """The main and the slow lane. `slow_after` and `patience` (how long one waits for the slow lane) in seconds."""

    def __init__(self, main: int, slow: int, slow_after: float, patience: float) -> None:
        self.main = Lane(main)
        self.slow = Lane(slow)
        self.slow_after = slow_after
        self.patience = patience

    async def enter(self, host: Host) -> Ride:
        """Wait for a place in the lane of this host. Raises LaneFull if the slow lane stays full."""
        lane = self.slow if host.slow else self.main
        if not lane.take():
            if lane is self.main:
                await lane.wait()
            else:
                try:
                    async with asyncio.timeout(self.patience):
                        await lane.wait()
                except TimeoutError:
                    raise LaneFull from None
        return Ride(self, lane, host)
