"""From the outbox to Slack: claim, post, mark; and when an answer is lost, look before sending again.

One sender per channel. A claim is committed before the request leaves; a definite yes or no is
committed after it. Everything else is a doubt: it waits until a late acceptance would show, then the
channel's history decides between `sent` and another try. So an alert is neither lost nor sent twice,
whatever crashes.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from monitor.app import reconcile
from monitor.app.reconcile import Before
from monitor.clock import Clock
from monitor.edge.slack import LONGEST_PAUSE, Ambiguous, Answer, AuthResult, LookFailed, No, Slack, Yes, kind_of
from monitor.edge.store import Store, StoreError, digests, outbox, read, restored
from monitor.edge.store.codec import StoredEvent
from monitor.model import Alert, Incident, Message, Severity

log = structlog.get_logger()

Render = Callable[[Alert, StoredEvent | None, Incident | None], Message]
Notice = Callable[[str, Mapping[str, Any]], Awaitable[None]]

UNCERTAIN = "uncertain"  # the reason of an alert whose post could not be looked up in time
ROUTE = "route: "  # begins the reason of alerts that wait for their channel
_LINES, _LINE = 100, 90  # of a digest, and characters of one
_SHORT = 500  # characters of a message sent as plain text
_LOOKED_AT = 200  # waiting alerts of one channel that are considered at once
_ODD = 2  # unknown refusals of one alert before it goes out plain and unthreaded: that may be what is in the way
_JUMP = timedelta(seconds=60)  # a wall clock that differs more than this from the monotonic one was set
_FAR = timedelta(days=3650)
_PATIENCE = 2.0  # seconds a mention may take to look up


class Door(Protocol):
    """Where messages go: edge.slack.Slack, edge.slack.Webhook or edge.console.Console."""

    @property
    def name(self) -> str: ...
    @property
    def looks(self) -> bool: ...
    @property
    def threads(self) -> bool: ...
    @property
    def deadline(self) -> float: ...
    async def post(
        self,
        channel_id: str,
        message: Message,
        *,
        alert_id: str,
        attempt: int,
        thread_ts: str | None = None,
        members: Sequence[str] = (),
    ) -> Answer: ...
    async def update(self, channel_id: str, ts: str, message: Message) -> Answer: ...
    async def look(self, channel_id: str, since: datetime, thread_ts: str | None = None) -> dict[str, str]: ...
    async def channel_id(self, name: str) -> str | No: ...
    async def route(self, channel_id: str) -> str | None: ...
    async def user(self, mail: str) -> str | None: ...
    async def auth(self) -> AuthResult: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Waits:
    """Every wait of delivery, in seconds; and how long a queue makes digests."""

    settle: float = 15.0  # after an attempt ended, before it is looked for
    pace: float = 1.1  # between two messages to one channel
    edit: float = 1.3  # between two edits
    backoff: float = 2.0  # after the first failure of a channel, then doubled
    backoff_cap: float = 60.0
    retry_cap: float = 600.0  # of one alert that is refused with codes we do not know
    look_again: float = 5.0  # after a failed look, then doubled up to backoff_cap
    uncertain_after: float = 3600.0  # since the claim
    sender_probe: float = 60.0
    route_probe: float = 300.0
    digest_over: int = 20  # alerts waiting for one channel
    idle: float = 5.0  # the loop turns at least this often


@dataclass(frozen=True, slots=True)
class Manner:
    """How one configuration tells its alerts; see Deliverer."""

    render: Render
    notice: Notice
    waits: Waits
    person: Callable[[str], str]


@dataclass(slots=True)
class _Pace:
    """One channel's turn-taking. `ready_at` is monotonic."""

    ready_at: float = 0.0
    failures: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class _Doubt:
    """A claimed alert of which we do not know whether it arrived. `due_at` is monotonic."""

    channel: str
    due_at: float
    reason: str
    odd: bool = False
    failures: int = 0  # of looks


@dataclass(frozen=True, slots=True)
class _Letter:
    """A claimed alert with all its message needs."""

    alert: Alert
    event: StoredEvent | None
    incident: Incident | None
    root: Alert | None = None  # the sent root it answers
    members: tuple[_Letter, ...] = ()  # of a digest


class _Again:
    """Something came to wait that must be looked up first."""


class Deliverer:
    """Sends what the outbox holds. One per store; `run` until cancelled, or `drain` once.

    render: makes the message; for a digest the alert's facts carry `lines`. notice: told about sender_broken,
    route_broken, message_refused, delivery_uncertain and scopes_missing, once each time, with plain JSON facts.
    person: turns an alert's mention into a member id or an address.
    """

    def __init__(
        self,
        store: Store,
        door: Door,
        render: Render,
        clock: Clock,
        *,
        notice: Notice,
        waits: Waits = Waits(),
        person: Callable[[str], str] = str,
    ) -> None:
        self.beat = clock.monotonic()  # when the loop last turned, for the watchdog
        self.sender_trouble: str | None = None  # Slack's code while it refuses our token
        self.arrived: Callable[[Alert], None] = lambda alert: None  # called for each that is known to have arrived
        self._store = store
        self._door = door
        self._render = render
        self._clock = clock
        self._notice = notice
        self._waits = waits
        self._person = person
        self._bell = asyncio.Event()
        self._wakes = 0
        self._tasks: dict[str, asyncio.Task[bool]] = {}
        self._holds: dict[str, float] = {}  # task -> monotonic moment before which it is not started
        self._paces: dict[str, _Pace] = {}
        self._doubts: dict[str, _Doubt] = {}
        self._odd: dict[str, int] = {}  # alert -> how often Slack answered with a code we do not know
        self._flying: set[str] = set()
        self._before: Before | None = None  # after a restore: what Slack heard and the database does not remember
        self._routes: dict[str, str] = {}  # channel -> why it is closed to us
        self._told: set[tuple[str, str]] = set()  # notices not to repeat until the trouble is over
        self._ahead = timedelta(0)
        self._back = timedelta(0)  # how far the wall clock was set back since the oldest waiting alert
        self._jumps = timedelta(0)  # all jumps of the wall clock in this life, whichever way
        self._seen = (clock.now(), clock.monotonic())
        self._edit_at = 0.0
        self._authed_at: float | None = None

    # ------------------------------------------------------------------ the outside

    @property
    def doubts(self) -> int:
        """How many alerts wait to be looked for."""
        return len(self._doubts)

    @property
    def route_troubles(self) -> Mapping[str, str]:
        """Channel -> why it is closed to us."""
        return dict(self._routes)

    def wake(self) -> None:
        """Say that alerts were committed. Call it from the loop's own thread."""
        self._wakes += 1
        self._bell.set()

    def tell(self, how: Manner) -> None:
        """Go on in the manner of a new configuration; what is being sent ends in the old one."""
        self._render, self._notice, self._waits, self._person = how.render, how.notice, how.waits, how.person
        self.wake()

    async def use(self, door: Door) -> None:
        """Go on with another door: a new token after a reload."""
        old, self._door = self._door, door
        self.sender_trouble, self._authed_at = None, None
        self._told.discard(("sender_broken", ""))
        self._holds.clear()
        self.wake()
        if old is not door:
            await old.close()

    async def run(self) -> None:
        """Deliver until cancelled. A post in flight stays claimed and is looked for at the next start."""
        begun = False
        try:
            while True:
                self.beat = self._clock.monotonic()
                self._bell.clear()
                wait = self._waits.idle
                try:
                    if not begun:
                        await self._recover()
                        self._start("scopes", self._check_scopes())
                        begun = True
                    wait = min(await self._turn(), wait)
                except StoreError as error:  # the database is away: the outbox waits, and so do we
                    log.warning("deliver.store", reason=str(error))
                await self._rest(wait)
        finally:
            await self._stop()

    async def drain(self, deadline: float, *, ahead: float = 0.0) -> None:
        """Deliver what is ready, and what will be within `ahead` seconds, for at most `deadline` seconds.

        Raises StoreError if the store cannot be used.
        """
        until = self._clock.monotonic() + deadline
        self._ahead = timedelta(seconds=ahead)
        try:
            await self._recover()
            while (left := until - self._clock.monotonic()) > 0:
                self._bell.clear()
                wait = await self._turn()
                if not self._tasks and (wait > left or self.sender_trouble):
                    return
                await self._rest(min(wait, left, 0.1))
        finally:
            self._ahead = timedelta(0)
            await self._stop()

    # ------------------------------------------------------------------ the loop

    async def _recover(self) -> None:
        """Take up what an earlier life left: posts nobody answered, closed channels, pauses Slack asked for."""
        now, mono = self._clock.now(), self._clock.monotonic()
        claimed, parked, waiting = await self._store.read(
            lambda conn: (
                outbox.claimed(conn),
                read.alerts(conn, state="parked"),
                outbox.pending(conn, now + _FAR, 1000),
            )
        )
        for one in (one for one in claimed if not digests.is_member(one)):
            # The earlier life may have ended this moment with the request on its way, or long ago.
            over = one.claimed_at or now
            left = self._door.deadline + self._waits.settle - (now - over).total_seconds()
            due_at = mono + min(self._waits.settle, max(0.0, left))
            self._doubts[one.id] = _Doubt(one.channel, due_at, "found_claimed")
        for one in parked:
            if one.reason.startswith(ROUTE):
                self._routes.setdefault(one.channel, one.reason.removeprefix(ROUTE))
                self._told.add(("route_broken", one.channel))
        found = await self._store.read(restored.last)
        if found is not None and abs(now - found.at) < reconcile.LASTS:
            self._before = Before(self._store, found)
        queued = [one.created_at for one in waiting if one.created_at is not None]
        self._back = max([created - now for created in queued if created - now > _JUMP], default=timedelta(0))
        for one in waiting:
            if one.reason.startswith("ratelimited") and one.not_before is not None:
                pause = min((one.not_before - now).total_seconds(), LONGEST_PAUSE)
                name = f"send {one.channel}"
                self._holds[name] = max(self._holds.get(name, 0.0), mono + pause)

    async def _turn(self) -> float:
        """Start whatever has something to do now; return the seconds until something becomes due by itself."""
        self._watch_clock()
        mono, now = self._clock.monotonic(), self._now_ahead()
        if self.sender_trouble is not None:
            left = self._waits.sender_probe - (mono - (self._authed_at or -self._waits.sender_probe))
            if left <= 0:
                self._start("sender", self._probe_sender())
            return max(0.02, left)
        ready, stale, first = await self._store.read(
            lambda conn: (_ready(conn, now), bool(outbox.stale_roots(conn, 1)), outbox.next_ready(conn))
        )
        for channel in ready:
            if channel in self._routes:
                self._start(f"park {channel}", self._park_route(channel, self._routes[channel]))
            else:
                self._start(f"send {channel}", self._serve(channel))
        if any(doubt.due_at <= mono for id, doubt in self._doubts.items() if id not in self._flying):
            self._start("doubts", self._settle_doubts())
        if stale and self._door.threads and mono >= self._edit_at:
            self._start("edits", self._edit())
        self._start("parked", self._revisit(), every=self._waits.route_probe)
        if first is None:
            self._back = timedelta(0)  # nothing waits that was queued by another time
        return self._until_next(mono, now, first)

    def _until_next(self, mono: float, now: datetime, first: datetime | None) -> float:
        """Return the seconds until something becomes due by itself; infinite if nothing will."""
        waits = [doubt.due_at - mono for id, doubt in self._doubts.items() if id not in self._flying]
        waits += [until - mono for name, until in self._holds.items() if name.startswith("send ") and until > mono]
        if first is not None and first > now:
            waits.append((first - now).total_seconds())
        return max(0.02, min(waits)) if waits else float("inf")

    async def _rest(self, seconds: float) -> None:
        """Wait until woken, or for so long."""
        bell = asyncio.ensure_future(self._bell.wait())
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
        mono = self._clock.monotonic()
        if name in self._tasks or mono < self._holds.get(name, 0.0):
            work.close()
            return
        self._holds.pop(name, None)
        if every:
            self._holds[name] = mono + every
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
            self._holds[name] = self._clock.monotonic() + self._waits.backoff_cap / 4
        elif task.result() or wakes != self._wakes:
            self._bell.set()

    async def _stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _now_ahead(self) -> datetime:
        """Return the moment up to which waiting alerts are ready."""
        return self._clock.now() + self._ahead + self._back

    def _watch_clock(self) -> None:
        """Notice that the wall clock was set: what was queued by the old time must not wait for it to come again."""
        (then, ago), now, mono = self._seen, self._clock.now(), self._clock.monotonic()
        self._seen = (now, mono)
        jump = now - then - timedelta(seconds=mono - ago)
        if abs(jump) > _JUMP:
            self._back = max(timedelta(0), self._back - jump)
            self._jumps += abs(jump)
            log.warning("clock.jumped", seconds=round(jump.total_seconds()))

    # ------------------------------------------------------------------ one channel's sender

    async def _serve(self, channel: str) -> bool:
        """Send what waits for a channel, one message at a time, until nothing does."""
        sent = False
        while True:
            where = await self._where(channel)
            if isinstance(where, No):
                await self._no_place(channel, where)
                return sent
            pace = self._pace(where)
            async with pace.lock:
                while (wait := pace.ready_at - self._clock.monotonic()) > 0:
                    await self._clock.sleep(wait)
                if self.sender_trouble is not None or channel in self._routes:
                    return True
                if pace.failures and self._muddled(channel):
                    return sent
                if not await self._reconciled(channel, where):
                    return sent
                letter = await self._next(channel, where)
                if isinstance(letter, _Again):
                    continue
                if letter is None:
                    return sent
                sent = True
                try:
                    await self._send(letter, where, pace)
                finally:
                    self._flying.discard(letter.alert.id)

    async def _reconciled(self, channel: str, where: str) -> bool:
        """After a restore, mark what the channel heard already. False if Slack does not say: then nothing leaves."""
        if self._before is None or not isinstance(self._door, Slack):
            return True
        try:
            await self._before.settle(self._door, channel, where, self._clock.now())
            return True
        except LookFailed as failed:
            if failed.code == "missing_scope":
                # Nobody can look: the promise drops to at least once, and that is said.
                self._before = None
                await self._tell_once("scopes_missing", "", {"detail": "channels:history, groups:history"})
                return True
            if kind_of(failed.code) == "sender":
                await self._break_sender(failed.code)
            wait = failed.retry_after or self._waits.look_again
            self._holds[f"send {channel}"] = self._clock.monotonic() + wait
            log.warning("restored.unread", channel=channel, code=failed.code)
            return False

    def _muddled(self, channel: str) -> bool:
        """Whether looks fail too: then only a look shows that Slack is well again, and each post would add a doubt."""
        return any(doubt.failures for doubt in self._doubts.values() if doubt.channel == channel)

    async def _next(self, channel: str, where: str) -> _Letter | _Again | None:
        """Claim the next alert of a channel. Committed before anything leaves."""
        before = self._before if isinstance(self._door, Slack) else None
        door = self._door
        over = self._waits.digest_over if door.name != "console" else sys.maxsize  # a terminal has room for each
        now, ready = self._clock.now(), self._now_ahead()

        def job(conn: Connection) -> _Letter | _Again | None:
            if before is not None and not before.absorbed(conn, channel, where, now):
                return _Again()
            chosen = _choose(conn, channel, now, ready, over)
            return None if chosen is None else _letter(conn, chosen, where if door.threads else None)

        letter = await self._store.write(job)
        if isinstance(letter, _Letter):
            self._flying.add(letter.alert.id)
        return letter

    async def _send(self, letter: _Letter, where: str, pace: _Pace) -> None:
        alert = letter.alert
        # Until an answer is committed this is a doubt; a crash of this task leaves it to the look.
        self._doubts[alert.id] = _Doubt(alert.channel, self._clock.monotonic() + self._waits.settle, "interrupted")
        message = await self._message(letter)
        if self._odd.get(alert.id, 0) >= _ODD:
            letter, message = replace(letter, root=None), self._plain(letter, message)
        answer = await self._post(letter, where, message, pace)
        if isinstance(answer, No) and answer.kind == "message":
            log.warning("alert.refused", alert=alert.id, code=answer.code, then="plain")
            letter = await self._again(letter)
            await self._clock.sleep(max(0.0, pace.ready_at - self._clock.monotonic()))
            answer = await self._post(letter, where, self._plain(letter, message), pace)
        await self._settle(letter, answer, pace)

    async def _post(self, letter: _Letter, where: str, message: Message, pace: _Pace) -> Answer:
        thread = letter.root.slack_ts if letter.root else None
        alert = letter.alert
        answer = await self._door.post(
            where,
            message,
            alert_id=alert.id,
            attempt=alert.attempts,
            thread_ts=thread,
            members=[one.alert.id for one in letter.members],
        )
        pace.ready_at = max(pace.ready_at, self._clock.monotonic() + self._spacing())
        return answer

    def _spacing(self) -> float:
        return self._waits.pace if self._door.name != "console" else 0.0

    async def _again(self, letter: _Letter) -> _Letter:
        """Begin a second attempt of the same alert; the first was refused for certain."""
        now = self._clock.now()

        def job(conn: Connection) -> Alert | None:
            outbox.release(conn, letter.alert.id, now, "refused")
            return outbox.claim(conn, letter.alert.id, now)

        claimed = await self._store.write(job)
        return replace(letter, alert=claimed) if claimed is not None else letter

    async def _settle(self, letter: _Letter, answer: Answer, pace: _Pace) -> None:
        """Commit what an answer means."""
        alert, channel = letter.alert, letter.alert.channel
        if isinstance(answer, Yes):
            await self._arrived(letter, answer)
            pace.failures = 0
            self._told.discard(("route_broken", channel))
            self._told -= {("sender_broken", ""), ("delivery_uncertain", channel)}
            return
        if isinstance(answer, Ambiguous):
            self._slow_down(pace)
            due_at = self._clock.monotonic() + self._waits.settle
            self._doubts[alert.id] = _Doubt(channel, due_at, answer.reason, odd=answer.odd)
            log.warning("alert.ambiguous", alert=alert.id, channel=channel, reason=answer.reason)
            return
        self._doubts.pop(alert.id, None)
        if answer.kind in ("message", "gone"):
            await self._give_up(alert, f"refused: {answer.code}", "message_refused", code=answer.code)
        elif answer.kind == "route":
            await self._release(alert, answer.code)
            await self._break_route(channel, answer.code)
        elif answer.kind == "sender":
            await self._release(alert, answer.code)
            await self._break_sender(answer.code)
        else:
            if answer.retry_after is not None:
                self._pause(pace, answer.retry_after)
            else:
                self._slow_down(pace)
            await self._release(alert, answer.code, answer.retry_after or 0.0)
            log.info("alert.later", alert=alert.id, channel=channel, code=answer.code, wait=answer.retry_after)

    async def _arrived(self, letter: _Letter, answer: Yes) -> None:
        alert, now, door = letter.alert, self._clock.now(), self._door.name
        shown = letter.incident.version if letter.incident else 0

        def job(conn: Connection) -> None:
            _mark(conn, alert, answer.channel, answer.ts, now, shown)
            if door != "slack":
                digests.told(conn, alert.id, door)

        await self._store.write(job)
        self._doubts.pop(alert.id, None)
        self._odd.pop(alert.id, None)
        self.arrived(alert)
        log.info("alert.sent", alert=alert.id, channel=alert.channel, ts=answer.ts, attempt=alert.attempts)

    async def _release(self, alert: Alert, reason: str, wait: float = 0.0) -> None:
        not_before = self._clock.now() + timedelta(seconds=wait)
        await self._store.write(lambda conn: outbox.release(conn, alert.id, not_before, reason))

    async def _give_up(self, alert: Alert, reason: str, notice: str, **facts: Any) -> None:
        """Lay an alert aside and say so; of a notice about ourselves only the log tells, or it would never end."""

        def job(conn: Connection) -> None:
            # An uncertain digest keeps its members: it may have arrived, and then they have.
            if alert.facts.get("members") and reason != UNCERTAIN:
                digests.park(conn, alert, reason)
            else:
                outbox.park(conn, alert.id, reason)

        await self._store.write(job)
        self._doubts.pop(alert.id, None)
        log.error("alert.parked", alert=alert.id, channel=alert.channel, reason=reason)
        if alert.kind != "ops":
            # Many uncertain alerts have one cause; each refused one has its own.
            about = alert.channel if reason == UNCERTAIN else alert.id
            await self._tell_once(
                notice, about, {"alert": alert.id, "channel": alert.channel, "cause": reason, **facts}
            )

    # ------------------------------------------------------------------ the message

    async def _message(self, letter: _Letter) -> Message:
        if letter.members:
            lines = [_headline(self._written(member)) for member in letter.members]
            facts = {**letter.alert.facts, "lines": [_unescaped(line) for line in lines], "count": len(lines)}
            letter = replace(letter, alert=replace(letter.alert, facts=facts))
        elif letter.alert.mention:
            letter = replace(letter, alert=replace(letter.alert, mention=await self._whom(letter.alert.mention)))
        return self._written(letter)

    def _written(self, letter: _Letter) -> Message:
        try:
            return self._render(letter.alert, letter.event, letter.incident)
        except Exception as error:
            # A mistake in the words must not keep an alert from its reader: say the least there is to say.
            log.error("alert.unrendered", alert=letter.alert.id, error=type(error).__name__, exc_info=error)
            return _bare(letter)

    def _plain(self, letter: _Letter, message: Message) -> Message:
        """Return the message as short plain text; a digest keeps all its lines, each is somebody's only telling."""
        if not letter.members:
            return short(message)
        lines = [short(Message(_headline(self._written(member)), ()), _LINE).text for member in letter.members]
        return Message("\n".join(lines), ())

    async def _whom(self, mention: str) -> str:
        who = self._person(mention)
        if "@" not in who:
            return who
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._door.user(who) or who
        except TimeoutError:
            return who

    # ------------------------------------------------------------------ pace and pauses

    def _pace(self, where: str) -> _Pace:
        return self._paces.setdefault(where, _Pace())

    def _pause(self, pace: _Pace, seconds: float) -> None:
        pace.ready_at = max(pace.ready_at, self._clock.monotonic() + seconds)

    def _slow_down(self, pace: _Pace) -> None:
        pace.failures += 1
        self._pause(pace, _backoff(self._waits.backoff, pace.failures, self._waits.backoff_cap))

    async def _where(self, channel: str) -> str | No:
        return await self._door.channel_id(channel)

    async def _no_place(self, channel: str, answer: No) -> None:
        """A name could not be turned into an id."""
        if answer.kind == "route":
            await self._break_route(channel, answer.code)
        elif answer.kind == "sender":
            await self._break_sender(answer.code)
        else:
            pace = self._pace(channel)
            self._slow_down(pace)
            wait = answer.retry_after or pace.ready_at - self._clock.monotonic()
            self._holds[f"send {channel}"] = self._clock.monotonic() + wait
            log.info("channel.unknown_yet", channel=channel, code=answer.code)

    # ------------------------------------------------------------------ the sender is refused

    async def _break_sender(self, code: str) -> None:
        self._authed_at = self._authed_at or self._clock.monotonic()
        if self.sender_trouble is None:
            self.sender_trouble = code
            log.error("sender.broken", code=code)
        await self._tell_once("sender_broken", "", {"reason": code, "cause": code})

    async def _probe_sender(self) -> bool:
        """Ask once whether the token is accepted again."""
        self._authed_at = self._clock.monotonic()
        try:
            found = await self._door.auth()
        except LookFailed as failed:
            log.info("sender.unanswered", code=failed.code)
            return False
        if not found.ok or (found.scopes and "chat:write" in found.missing):
            self.sender_trouble = found.code or "missing_scope"
            return False
        log.info("sender.restored", team=found.team)
        self.sender_trouble = None
        return True

    async def _check_scopes(self) -> bool:
        """Say at the start what the token lacks; a silent Slack keeps nobody from watching."""
        self._authed_at = self._clock.monotonic()
        try:
            found = await self._door.auth()
        except LookFailed as failed:
            log.info("sender.unanswered", code=failed.code)
            return False
        if not found.ok:
            await self._break_sender(found.code)
        elif self._door.looks and not found.looks:
            log.warning("sender.scopes_missing", scopes=found.missing)
            await self._tell_once("scopes_missing", "", {"detail": ", ".join(found.missing)})
        return False

    # ------------------------------------------------------------------ a channel is closed to us

    async def _break_route(self, channel: str, code: str) -> None:
        self._routes[channel] = code
        waiting = await self._park(channel, code)
        log.error("route.broken", channel=channel, code=code, waiting=waiting)
        await self._tell_once(
            "route_broken", channel, {"channel": channel, "reason": code, "cause": code, "waiting": waiting}
        )

    async def _park_route(self, channel: str, code: str) -> bool:
        return await self._park(channel, code) > 0

    async def _park(self, channel: str, code: str) -> int:
        """Lay aside everything that waits for a channel; return how many."""
        reason = ROUTE + code
        far = self._clock.now() + _FAR

        def job(conn: Connection) -> int:
            rows = outbox.pending(conn, far, 10_000, channel)
            return sum(outbox.park(conn, one.id, reason) for one in rows)

        return await self._store.write(job)

    async def _revisit(self) -> bool:
        """See whether closed channels are open again, and whether uncertain alerts can be looked up now."""
        parked = await self._store.read(lambda conn: read.alerts(conn, state="parked"))
        for one in parked:
            if one.reason.startswith(ROUTE):  # also those that were laid aside while the channel opened
                self._routes.setdefault(one.channel, one.reason.removeprefix(ROUTE))
        for channel, code in list(self._routes.items()):
            try:
                where = await self._where(channel)
                trouble = where.code if isinstance(where, No) else await self._door.route(where)
            except LookFailed as failed:
                trouble = failed.code
            if trouble is None:
                await self._open_route(channel, code)
        uncertain = [one for one in parked if one.reason == UNCERTAIN]
        for channel in dict.fromkeys(one.channel for one in uncertain):
            await self._revisit_uncertain(channel, [one for one in uncertain if one.channel == channel])
        self._adopt(await self._store.read(outbox.claimed))
        return False

    def _adopt(self, claimed: Iterable[Alert]) -> None:
        """Doubt claims that nobody here holds: their task died between the claim and the post."""
        due_at = self._clock.monotonic() + self._door.deadline + self._waits.settle
        for one in claimed:
            if one.id not in self._flying and not digests.is_member(one):
                self._doubts.setdefault(one.id, _Doubt(one.channel, due_at, "orphaned"))

    async def _open_route(self, channel: str, code: str) -> None:
        now = self._clock.now()
        self._routes.pop(channel, None)

        def job(conn: Connection) -> int:
            parked = {one.reason for one in read.alerts(conn, state="parked", channel=channel)}
            return sum(outbox.unpark(conn, channel, now, reason) for reason in parked if reason.startswith(ROUTE))

        count = await self._store.write(job)
        log.info("route.restored", channel=channel, code=code, waiting=count)
        self._bell.set()

    async def _revisit_uncertain(self, channel: str, rows: Sequence[Alert]) -> None:
        where = await self._where(channel)
        if isinstance(where, No) or channel in self._routes:
            return
        try:
            found = await self._search(where, rows)
        except LookFailed:
            return
        now, looked = self._clock.now(), {one.id for one in rows}

        def job(conn: Connection) -> int:
            for one in rows:
                if one.id in found:
                    _mark(conn, one, where, found[one.id], now, one.shown)
            left = [one for one in read.alerts(conn, state="parked", channel=channel) if one.reason == UNCERTAIN]
            if any(one.id not in looked for one in left):
                return 0  # one more came meanwhile: nobody has looked for it yet
            return outbox.unpark(conn, channel, now, UNCERTAIN)

        again = await self._store.write(job)
        log.info("alerts.certain", channel=channel, found=len(found), again=again)

    async def _tell_once(self, code: str, about: str, facts: Mapping[str, Any]) -> None:
        if (code, about) not in self._told:
            self._told.add((code, about))
            await self._notice(code, facts)

    # ------------------------------------------------------------------ doubts

    async def _settle_doubts(self) -> bool:
        """Look for every claimed alert whose settle time is over."""
        mono = self._clock.monotonic()
        rows = [one for one in await self._store.read(outbox.claimed) if not digests.is_member(one)]
        known = {one.id for one in rows}
        self._doubts = {id: doubt for id, doubt in self._doubts.items() if id in known or id in self._flying}
        due = [
            one
            for one in rows
            if one.id not in self._flying and (doubt := self._doubts.get(one.id)) is not None and doubt.due_at <= mono
        ]
        for channel in dict.fromkeys(one.channel for one in due):
            await self._decide(channel, [one for one in due if one.channel == channel])
        return bool(due)

    async def _decide(self, channel: str, rows: Sequence[Alert]) -> None:
        """Sent, or pending again: only a look that was answered decides."""
        if not self._door.looks:
            await self._decided(rows, {}, "")
            return
        where = await self._where(channel)
        try:
            if isinstance(where, No):
                raise LookFailed(where.code, where.retry_after)
            await self._decided(rows, await self._search(where, rows), where)
        except LookFailed as failed:
            if failed.code == "missing_scope":
                # Nobody can look: the promise drops to at least once, and that is said.
                await self._tell_once("scopes_missing", "", {"detail": "channels:history, groups:history"})
                await self._decided(rows, {}, "")
            else:
                await self._undecided(rows, failed)

    async def _search(self, where: str, rows: Sequence[Alert]) -> dict[str, str]:
        """Return alert id -> ts of those that arrived, in the channel or in the thread they may have gone to."""
        # Of several attempts the first may have shown late: look from the beginning.
        since = min(one.claimed_at if one.claimed_at and one.attempts < 2 else _born(one) for one in rows)
        since -= self._jumps  # a claim may be dated by a clock that was wrong
        found = await self._door.look(where, since)
        replies = [one for one in rows if one.kind == "reply" and one.incident and one.id not in found]
        roots = await self._store.read(
            lambda conn: [outbox.root_of(conn, one.incident or "", one.channel) for one in replies]
        )
        threads = {root.slack_ts for root in roots if root is not None and _answerable(root, where)}
        for thread in sorted(thread for thread in threads if thread):
            try:
                found |= await self._door.look(where, since, thread)
            except LookFailed as failed:
                if failed.code != "thread_not_found":  # the root was deleted, and its replies with it
                    raise
        return found

    async def _decided(self, rows: Sequence[Alert], found: Mapping[str, str], where: str) -> None:
        now = self._clock.now()
        for one in rows:
            if (doubt := self._doubts.get(one.id)) is not None and doubt.odd and one.id not in found:
                self._odd[one.id] = self._odd.get(one.id, 0) + 1
        waits = {one.id: _backoff(self._waits.backoff, self._odd.get(one.id, 0), self._waits.retry_cap) for one in rows}

        def job(conn: Connection) -> None:
            for one in rows:
                if one.id not in found:
                    outbox.release(conn, one.id, now + timedelta(seconds=waits[one.id]), "not_arrived")
                else:
                    _mark(conn, one, where, found[one.id], now, one.shown)

        await self._store.write(job)
        for one in rows:
            doubt = self._doubts.pop(one.id, None)
            arrived = one.id in found
            if arrived:
                self.arrived(one)
            log.info("alert.found" if arrived else "alert.not_arrived", alert=one.id, was=doubt.reason if doubt else "")

    async def _undecided(self, rows: Sequence[Alert], failed: LookFailed) -> None:
        now, mono = self._clock.now(), self._clock.monotonic()
        if kind_of(failed.code) == "sender":
            await self._break_sender(failed.code)
        for one in rows:
            doubt = self._doubts[one.id]
            doubt.failures += 1
            wait = failed.retry_after or _backoff(self._waits.look_again, doubt.failures, self._waits.backoff_cap)
            doubt.due_at = mono + wait
            if (now - (one.claimed_at or now)).total_seconds() >= self._waits.uncertain_after:
                await self._give_up(one, UNCERTAIN, "delivery_uncertain", code=failed.code)
        log.warning("look.failed", code=failed.code, alerts=len(rows))

    # ------------------------------------------------------------------ edits

    async def _edit(self) -> bool:
        """Bring roots up to date with their incidents. An edit may be lost or repeated; it never posts."""
        for root, incident in await self._store.read(outbox.stale_roots):
            if not _answerable(root, None):
                await self._shown(root, incident)
                continue
            where = root.slack_channel or ""
            if (
                self.sender_trouble is not None
                or self._pace(where).ready_at > self._clock.monotonic() + self._waits.pace
            ):
                continue
            event = await self._store.read(lambda conn, i=incident, r=root: _head(conn, r, i))  # type: ignore[misc]
            message = await self._message(_Letter(root, event, incident))
            answer = await self._door.update(where, root.slack_ts or "", message)
            if isinstance(answer, Ambiguous) or (isinstance(answer, No) and answer.kind == "later"):
                asked = answer.retry_after if isinstance(answer, No) else None
                self._edit_at = self._clock.monotonic() + (asked or self._waits.backoff_cap / 2)
                return False
            if isinstance(answer, No) and answer.kind == "sender":
                await self._break_sender(answer.code)
                return False
            if isinstance(answer, No):
                log.info("edit.dropped", alert=root.id, code=answer.code)
            await self._shown(root, incident)
            await self._clock.sleep(self._waits.edit)
        return False

    async def _shown(self, root: Alert, incident: Incident) -> None:
        await self._store.write(lambda conn: outbox.shown(conn, root.id, incident.version))


# --------------------------------------------------------------------------- choosing


def _ready(conn: Connection, now: datetime) -> list[str]:
    """Return the channels for which something may be sent now."""
    return [
        channel
        for channel in outbox.queues(conn)
        if next(_free(conn, outbox.pending(conn, now, _LOOKED_AT, channel)), None)
    ]


def _free(conn: Connection, rows: Iterable[Alert]) -> Iterator[Alert]:
    return (one for one in rows if one.severity is Severity.CRITICAL or not _waits_for_root(conn, one))


def _choose(conn: Connection, channel: str, now: datetime, until: datetime, over: int) -> Alert | None:
    """Claim what goes next: criticals alone and first, then digests, then one by one."""
    rows = outbox.pending(conn, until, _LOOKED_AT, channel)
    free = list(_free(conn, rows))
    if free and free[0].severity is Severity.CRITICAL:
        return outbox.claim(conn, free[0].id, now)
    begun = next((one for one in free if one.facts.get("members")), None)
    if begun is not None:
        return outbox.claim(conn, begun.id, now)
    if outbox.queue_length(conn, channel, until) > over:
        members = [one.id for one in rows if one.kind in ("root", "reply", "ops")][:_LINES]
        made = digests.gather(conn, _digest(channel, rows, members, now), members, now)
        if made is not None:
            return made
    return outbox.claim(conn, free[0].id, now) if free else None


def _waits_for_root(conn: Connection, one: Alert) -> bool:
    """A reply goes after its root, as long as the root may still arrive."""
    if one.kind != "reply" or one.incident is None:
        return False
    root = outbox.root_of(conn, one.incident, one.channel)
    return root is not None and root.state == "pending" and not digests.is_member(root)


def _digest(channel: str, rows: Sequence[Alert], members: Sequence[str], now: datetime) -> Alert:
    mark = hashlib.sha256("\0".join([channel, now.isoformat(), *members]).encode()).hexdigest()[:16]
    worst = max((one.severity for one in rows if one.id in set(members)), key=lambda s: s.rank, default=Severity.MEDIUM)
    key = f"digest|{channel}|{mark}"
    return Alert("al_" + mark, key, "digest", channel, worst, created_at=now, not_before=now)


def _letter(conn: Connection, alert: Alert, where: str | None) -> _Letter:
    """Read what an alert's message needs; `where` is the channel whose threads can be answered."""
    if alert.facts.get("members"):
        return _Letter(
            alert, None, None, members=tuple(_letter(conn, one, None) for one in digests.members(conn, alert))
        )
    incident = read.incident_of(conn, alert.incident) if alert.incident else None
    event = _head(conn, alert, incident)
    root = None
    if where is not None and alert.kind == "reply" and alert.incident:
        root = outbox.root_of(conn, alert.incident, alert.channel)
    return _Letter(alert, event, incident, root if root is not None and _answerable(root, where) else None)


def _head(conn: Connection, alert: Alert, incident: Incident | None) -> StoredEvent | None:
    """A root speaks of the incident's gravest newest event, everything else of its own."""
    ids = [incident.head] if incident is not None and alert.kind == "root" else []
    for id in (*ids, alert.event or ""):
        if id and (found := read.event_of(conn, id)) is not None:
            return found
    return None


def _answerable(root: Alert, where: str | None) -> bool:
    """Return whether a root is a message of its own in Slack (and in that channel, if one is given)."""
    if root.state != "sent" or not root.slack_ts or digests.is_member(root):
        return False
    return where is None or root.slack_channel == where


def _born(one: Alert) -> datetime:
    found = one.created_at or one.claimed_at
    assert found is not None  # the store fills created_at
    return found


def _mark(conn: Connection, one: Alert, channel: str, ts: str, now: datetime, shown: int) -> None:
    if one.facts.get("members"):
        digests.sent(conn, one, channel, ts, now)
    else:
        outbox.sent(conn, one.id, channel, ts, now, shown)


def _backoff(first: float, failures: int, cap: float) -> float:
    """Return seconds: nothing before a failure, then doubled, up to the cap, with jitter."""
    if failures < 1:
        return 0.0
    return min(first * 2.0 ** min(failures - 1, 20), cap) * random.uniform(0.75, 1.0)


# --------------------------------------------------------------------------- last resorts

_BROKEN_ENTITY = re.compile(r"&[a-z]{0,3}\Z")


def short(message: Message, most: int = _SHORT) -> Message:
    """Return a message as short plain text, for when Slack refuses how it looks. Its text is escaped already."""
    text = message.text
    if len(text) > most:
        text = _BROKEN_ENTITY.sub("", text[:most]) + "…"
    return Message(text.strip() or "counterwatch", ())


def _bare(letter: _Letter) -> Message:
    stored, alert = letter.event, letter.alert
    about = stored.event.type if stored else alert.kind
    return Message(f"{alert.severity.value.upper()} · {alert.customer or 'counterwatch'}: {about} ({alert.id})", ())


def _headline(message: Message) -> str:
    return message.text.partition("\n")[0]


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
