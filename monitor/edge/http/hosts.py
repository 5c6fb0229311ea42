"""Politeness: at most so many requests at one host at a time, a pace between them, silence when it asks for it."""

from __future__ import annotations

import asyncio
from collections import deque

from monitor.clock import Clock

_UNNAMED_PAUSE = 30.0  # seconds after a first 429 that names no time; doubled for each further one
_LONGEST_UNNAMED = 900.0
_KEPT = 4096


class HostPaused(Exception):  # noqa: N818 - it says what is so
    """The host asked us to wait; `seconds` is how much longer."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"paused for {seconds:.0f} s")
        self.seconds = seconds


class HostBusy(Exception):  # noqa: N818 - it says what is so
    """The host is slow and all its places are taken; whoever waits here holds up others elsewhere."""


class Host:
    """What we know of one host and port. Times are seconds of the monotonic clock."""

    __slots__ = ("_waiting", "busy", "name", "next_at", "paused_until", "refusals", "slow", "started_at")

    def __init__(self, name: str) -> None:
        self.name = name
        self.slow = False
        self.busy = 0
        self.started_at = float("-inf")  # of the last request
        self.next_at = float("-inf")  # when the next request may be planned for
        self.paused_until = float("-inf")
        self.refusals = 0  # 429s in a row
        self._waiting: deque[asyncio.Future[None]] = deque()

    def idle(self, now: float) -> bool:
        """Say whether nothing needs to be remembered."""
        return (
            not (self.busy or self._waiting or self.slow or self.refusals)
            and max(self.next_at, self.paused_until) < now
        )

    def pause(self, now: float, seconds: float | None) -> float:
        """Be silent towards this host, for all customers. Return for how many seconds."""
        self.refusals += 1
        if seconds is None:
            seconds = min(_UNNAMED_PAUSE * 2 ** min(self.refusals - 1, 10), _LONGEST_UNNAMED)
        self.paused_until = max(self.paused_until, now + seconds)
        return seconds

    def hangs(self, patience: float) -> None:
        """Mark the host as slow. Whoever waits for it now waits `patience` seconds more at most."""
        if not self.slow:
            self.slow = True
            for turn in self._waiting:
                self._bear(turn, patience)

    @staticmethod
    def _bear(turn: asyncio.Future[None], patience: float) -> None:
        def give_up() -> None:
            if not turn.done():
                turn.set_exception(HostBusy())

        turn.get_loop().call_later(patience, give_up)

    async def enter(self, pace: float, per_host: int, patience: float, clock: Clock) -> None:
        """Wait for our turn at this host. `patience`: seconds waited for a pause, or at a slow host.

        Raises HostPaused and HostBusy when it would take longer.
        """
        self._check(clock.monotonic(), patience)
        if self.busy < per_host:
            self.busy += 1
        else:
            await self._queue(patience)
        try:
            now = clock.monotonic()
            start = max(now, self.next_at)
            self.next_at = start + pace
            if start > now:
                await clock.sleep(start - now)
            while (left := self._check(clock.monotonic(), patience)) > 0:
                await clock.sleep(left)
        except BaseException:
            self.leave()
            raise

    async def _queue(self, patience: float) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        if self.slow:
            self._bear(turn, patience)
        try:
            await turn  # whoever leaves hands us its place, `busy` stays as it is
        except (asyncio.CancelledError, HostBusy):
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()  # the place came in the same moment: hand it on
            raise

    def _check(self, now: float, patience: float) -> float:
        """Return the seconds of a short pause that is left; raise HostPaused for a long one."""
        left = self.paused_until - now
        if left > patience:
            raise HostPaused(left)
        return left

    async def start(self, pace: float, clock: Clock) -> None:
        """Mark the start of a request, once it has its place in a lane: waiting there may have bunched several."""
        while (now := clock.monotonic()) < self.started_at + pace - 0.001:
            await clock.sleep(self.started_at + pace - now)
        self.started_at = now
        self.next_at = max(self.next_at, now + pace)

    def leave(self) -> None:
        """Give the place back to whoever waits longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.busy -= 1

    def wait_for(self, now: float, pace: float) -> float:
        """Return the seconds until a request could start here, as far as can be known now."""
        ahead = len(self._waiting)
        soonest = max(self.next_at + ahead * pace, self.paused_until)
        return max(0.0, soonest - now)


class Hosts:
    """All hosts we met. The names of a source's hosts lead to the places that are really asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hosts: dict[str, Host] = {}
        self._known_as: dict[str, tuple[Host, ...]] = {}  # by the name asked for, and by the place itself

    def at(self, place: str, asked: str) -> Host:
        """Return the host at `place` (host:port), remembering that it stands for the host name `asked`."""
        host = self._hosts.get(place)
        if host is None:
            if len(self._hosts) >= _KEPT:
                self._forget()
            host = self._hosts[place] = Host(place)
            self._known_as[place] = (host,)
        if host not in (known := self._known_as.get(asked, ())):
            self._known_as[asked] = (*known, host)
        return host

    def find(self, name: str) -> tuple[Host, ...]:
        """Return what we know by a host name, or by `host:port`."""
        return self._known_as.get(name, ())

    def _forget(self) -> None:
        now = self._clock.monotonic()
        self._hosts = {place: host for place, host in self._hosts.items() if not host.idle(now)}
        left = set(self._hosts.values())
        self._known_as = {
            name: kept
            for name, hosts in self._known_as.items()
            if (kept := tuple(host for host in hosts if host in left))
        }
