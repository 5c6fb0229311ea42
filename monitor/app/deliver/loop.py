"""The deliverer: starts whatever has something to do, rests when nothing has, leaves in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any

import structlog

from monitor.app import reconcile
from monitor.app.deliver import choosing, doubts, edits, sending, trouble
from monitor.app.deliver.office import FAR, ROUTE, WAITS, Door, Manner, Notice, Office, Render, Waits, remember_restore
from monitor.clock import Clock
from monitor.edge.slack import LONGEST_PAUSE
from monitor.edge.store import Store, StoreError, outbox, read
from monitor.model import Alert

log = structlog.get_logger()

_JUMP = timedelta(seconds=60)  # a wall clock that differs more than this from the monotonic one was set


class Deliverer:
    """Sends what the outbox holds. One per store; `run` until cancelled, or `drain` once.

    render: makes the message; for a digest the alert's facts carry `lines`. notice: told about sender_broken,
    route_broken, message_refused, delivery_uncertain, scopes_missing and message_flood, once each time, with plain
    JSON facts. person: turns an alert's mention into a member id or an address.
    """

    def __init__(
        self,
        store: Store,
        door: Door,
        render: Render,
        clock: Clock,
        *,
        notice: Notice,
        waits: Waits = WAITS,
        person: Callable[[str], str] = str,
    ) -> None:
        self.beat = clock.monotonic()  # when the loop last turned, for the watchdog
        self._office = Office(store, door, clock, Manner(render, notice, waits, person))
        self._clock = clock
        self._wakes = 0
        self._tasks: dict[str, asyncio.Task[bool]] = {}
        self._seen = (clock.now(), clock.monotonic())

    # ------------------------------------------------------------------ the outside

    @property
    def sender_trouble(self) -> str | None:
        """Slack's code while it refuses our token."""
        return self._office.sender_trouble

    @property
    def arrived(self) -> Callable[[Alert], None]:
        """Called for each alert that is known to have arrived."""
        return self._office.arrived

    @arrived.setter
    def arrived(self, call: Callable[[Alert], None]) -> None:
        self._office.arrived = call

    @property
    def doubts(self) -> int:
        """How many alerts wait to be looked for."""
        return len(self._office.doubts)

    @property
    def route_troubles(self) -> Mapping[str, str]:
        """Channel -> why it is closed to us."""
        return dict(self._office.routes)

    def wake(self) -> None:
        """Say that alerts were committed. Call it from the loop's own thread."""
        self._wakes += 1
        self._office.bell.set()

    def tell(self, how: Manner) -> None:
        """Go on in the manner of a new configuration; what is being sent ends in the old one."""
        self._office.tell(how)
        self.wake()

    async def use(self, door: Door) -> None:
        """Go on with another door: a new token after a reload."""
        office = self._office
        old, office.door = office.door, door
        office.sender_trouble, office.authed_at = None, None
        office.told.discard(("sender_broken", ""))
        office.holds.clear()
        self.wake()
        if old is not door:
            await old.close()

    async def run(self) -> None:
        """Deliver until cancelled. A post in flight stays claimed and is looked for at the next start."""
        begun = False
        office = self._office
        try:
            while True:
                self.beat = self._clock.monotonic()
                office.bell.clear()
                wait = office.waits.idle
                try:
                    if not begun:
                        await self._recover()
                        self._start("scopes", trouble.check_scopes(office))
                        begun = True
                    wait = min(await self._turn(), office.waits.idle)
                except StoreError as error:  # the database is away: the outbox waits, and so do we
                    log.warning("deliver.store", reason=str(error))
                await self._rest(wait)
        finally:
            await self._stop()

    async def drain(self, deadline: float, *, ahead: float = 0.0) -> None:
        """Deliver what is ready, and what will be within `ahead` seconds, for at most `deadline` seconds.

        Raises StoreError if the store cannot be used.
        """
        office = self._office
        until = self._clock.monotonic() + deadline
        office.ahead = timedelta(seconds=ahead)
        try:
            await self._recover()
            while (left := until - self._clock.monotonic()) > 0:
                office.bell.clear()
                wait = await self._turn()
                if not self._tasks and (wait > left or office.sender_trouble):
                    return
                await self._rest(min(wait, left, 0.1))
        finally:
            office.ahead = timedelta(0)
            await self._stop()

    # ------------------------------------------------------------------ the loop

    async def _recover(self) -> None:
        """Take up what an earlier life left: posts nobody answered, closed channels, pauses Slack asked for."""
        office = self._office
        now, mono = self._clock.now(), self._clock.monotonic()
        claimed, parked, waiting = await office.store.read(
            lambda conn: (
                outbox.claimed(conn),
                read.alerts(conn, state="parked"),
                outbox.pending(conn, now + FAR, 1000),
            )
        )
        doubts.found_claimed(office, claimed, now)
        for one in claimed:
            await sending.tell_flood(office, one)
        for one in parked:
            if one.reason.startswith(ROUTE):
                office.routes.setdefault(one.channel, one.reason.removeprefix(ROUTE))
                office.told.add(("route_broken", one.channel))
        await remember_restore(office, now, reconcile.LASTS)
        queued = [one.created_at for one in waiting if one.created_at is not None]
        office.back = max([created - now for created in queued if created - now > _JUMP], default=timedelta(0))
        for one in waiting:
            if one.reason.startswith("ratelimited") and one.not_before is not None:
                pause = min((one.not_before - now).total_seconds(), LONGEST_PAUSE)
                name = f"send {one.channel}"
                office.holds[name] = max(office.holds.get(name, 0.0), mono + pause)

    async def _turn(self) -> float:
        """Start whatever has something to do now; return the seconds until something becomes due by itself."""
        self._watch_clock()
        office = self._office
        mono, now = self._clock.monotonic(), office.now_ahead()
        if office.sender_trouble is not None:
            left = office.waits.sender_probe - (mono - (office.authed_at or -office.waits.sender_probe))
            if left <= 0:
                self._start("sender", trouble.probe_sender(office))
            return max(0.02, left)
        ready, stale, first = await office.store.read(
            lambda conn: (choosing.ready(conn, now), bool(outbox.stale_roots(conn, 1)), outbox.next_ready(conn))
        )
        for channel in ready:
            if channel in office.routes:
                self._start(f"park {channel}", trouble.park_route(office, channel, office.routes[channel]))
            else:
                self._start(f"send {channel}", sending.serve(office, channel))
        if any(doubt.due_at <= mono for id, doubt in office.doubts.items() if id not in office.flying):
            self._start("doubts", doubts.settle(office))
        if stale and office.door.threads and mono >= office.edit_at:
            self._start("edits", edits.edit(office, ready))
        self._start("parked", doubts.revisit(office), every=office.waits.route_probe)
        if first is None:
            office.back = timedelta(0)  # nothing waits that was queued by another time
        waits = [doubt.due_at - mono for id, doubt in office.doubts.items() if id not in office.flying]
        waits += [until - mono for name, until in office.holds.items() if name.startswith("send ") and until > mono]
        if first is not None and first > now:
            waits.append((first - now).total_seconds())
        return max(0.02, min(waits)) if waits else float("inf")

    async def _rest(self, seconds: float) -> None:
        """Wait until woken, or for so long."""
        bell = asyncio.ensure_future(self._office.bell.wait())
        timer = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait((bell, timer), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in (bell, timer):
                waiter.cancel()
            await asyncio.gather(bell, timer, return_exceptions=True)

    def _start(self, name: str, work: Coroutine[Any, Any, bool], every: float = 0.0) -> None:
        """Run a piece of work unless it runs already or is held back; `every` keeps its starts apart.

        The work returns whether it did anything: then the loop looks around again.
        """
        mono, holds = self._clock.monotonic(), self._office.holds
        if name in self._tasks or mono < holds.get(name, 0.0):
            work.close()
            return
        holds.pop(name, None)
        if every:
            holds[name] = mono + every
        task = asyncio.create_task(work, name=f"deliver {name}")
        self._tasks[name] = task
        wakes = self._wakes
        task.add_done_callback(lambda done: self._ended(name, done, wakes))

    def _ended(self, name: str, task: asyncio.Task[bool], wakes: int) -> None:
        self._tasks.pop(name, None)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            # The store is closing, or this is a bug: either way nothing is lost, a claimed row is looked for.
            log.error("deliver.failed", task=name, error=type(error).__name__, exc_info=error)
            self._office.holds[name] = self._clock.monotonic() + self._office.waits.backoff_cap / 4
        elif task.result() or wakes != self._wakes:
            self._office.bell.set()

    async def _stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _watch_clock(self) -> None:
        """Notice that the wall clock was set: what was queued by the old time must not wait for it to come again."""
        office = self._office
        (then, ago), now, mono = self._seen, self._clock.now(), self._clock.monotonic()
        self._seen = (now, mono)
        jump = now - then - timedelta(seconds=mono - ago)
        if abs(jump) > _JUMP:
            office.back = max(timedelta(0), office.back - jump)
            office.jumps += abs(jump)
            log.warning("clock.jumped", seconds=round(jump.total_seconds()))
