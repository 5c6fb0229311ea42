"""What the parts of delivery share: the way out, the waits, and what is known of channels and of alerts on their way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from monitor.app.reconcile import Before
from monitor.clock import Clock
from monitor.edge.slack import Answer, AuthResult, No
from monitor.edge.store import Store, outbox, restored
from monitor.edge.store.background import Background
from monitor.edge.store.codec import StoredEvent
from monitor.model import Alert, Incident, Message
from monitor.policy import FLOOD, Flood

log = structlog.get_logger()

Render = Callable[[Alert, StoredEvent | None, Incident | None, Background], Message]
Notice = Callable[[str, Mapping[str, Any]], Awaitable[None]]

UNCERTAIN = "uncertain"  # the reason of an alert whose post could not be looked up in time
ROUTE = "route: "  # begins the reason of alerts that wait for their channel
FAR = timedelta(days=3650)


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
    """Every wait of delivery, in seconds; and what makes many alerts one message."""

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
    flood: Flood = FLOOD


WAITS = Waits()


@dataclass(frozen=True, slots=True)
class Manner:
    """How one configuration tells its alerts; see Deliverer."""

    render: Render
    notice: Notice
    waits: Waits
    person: Callable[[str], str]


@dataclass(slots=True)
class Pace:
    """One channel's turn-taking. `ready_at` is monotonic."""

    ready_at: float = 0.0
    failures: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Doubt:
    """A claimed alert of which we do not know whether it arrived. `due_at` is monotonic."""

    channel: str
    due_at: float
    reason: str
    odd: bool = False
    failures: int = 0  # of looks


class Office:
    """One deliverer's tools and memory. Used within its event loop only."""

    def __init__(self, store: Store, door: Door, clock: Clock, how: Manner) -> None:
        self.store, self.door, self.clock = store, door, clock
        self.render, self.notice, self.waits, self.person = how.render, how.notice, how.waits, how.person
        self.arrived: Callable[[Alert], None] = lambda alert: None  # called for each that is known to have arrived
        self.bell = asyncio.Event()
        self.holds: dict[str, float] = {}  # task -> monotonic moment before which it is not started
        self.paces: dict[str, Pace] = {}
        self.doubts: dict[str, Doubt] = {}
        self.odd: dict[str, int] = {}  # alert -> how often Slack answered with a code we do not know
        self.flying: set[str] = set()
        self.before: Before | None = None  # after a restore: what Slack heard and the database does not remember
        self.routes: dict[str, str] = {}  # channel -> why it is closed to us
        self.told: set[tuple[str, str]] = set()  # notices not to repeat until the trouble is over
        self.sender_trouble: str | None = None  # Slack's code while it refuses our token
        self.authed_at: float | None = None
        self.edit_at = 0.0
        self.ahead = timedelta(0)
        self.back = timedelta(0)  # how far the wall clock was set back since the oldest waiting alert
        self.jumps = timedelta(0)  # all jumps of the wall clock in this life, whichever way

    def tell(self, how: Manner) -> None:
        """Go on in the manner of a new configuration; what is being sent ends in the old one."""
        self.render, self.notice, self.waits, self.person = how.render, how.notice, how.waits, how.person

    def now_ahead(self) -> datetime:
        """Return the moment up to which waiting alerts are ready."""
        return self.clock.now() + self.ahead + self.back

    async def tell_once(self, code: str, about: str, facts: Mapping[str, Any]) -> None:
        """Give a notice, once until the trouble is over."""
        if (code, about) not in self.told:
            self.told.add((code, about))
            await self.notice(code, facts)

    async def where(self, channel: str) -> str | No:
        """Return the id of a channel, or why there is none."""
        return await self.door.channel_id(channel)

    # ------------------------------------------------------------------ pace and pauses

    def pace(self, where: str) -> Pace:
        return self.paces.setdefault(where, Pace())

    def pause(self, pace: Pace, seconds: float) -> None:
        pace.ready_at = max(pace.ready_at, self.clock.monotonic() + seconds)

    def slow_down(self, pace: Pace) -> None:
        pace.failures += 1
        self.pause(pace, backoff(self.waits.backoff, pace.failures, self.waits.backoff_cap))

    # ------------------------------------------------------------------ what became of one alert

    async def release(self, alert: Alert, reason: str, wait: float = 0.0) -> None:
        """Let an alert wait again: Slack does not have it for certain."""
        not_before = self.clock.now() + timedelta(seconds=wait)
        await self.store.write(lambda conn: outbox.release(conn, alert.id, not_before, reason))


async def remember_restore(office: Office, now: datetime, lasts: timedelta) -> None:
    """Take note of a restore that may still have messages come up again."""
    found = await office.store.read(restored.last)
    if found is not None and abs(now - found.at) < lasts:
        office.before = Before(office.store, found)


def backoff(first: float, failures: int, cap: float) -> float:
    """Return seconds: nothing before a failure, then doubled, up to the cap, with jitter."""
    if failures < 1:
        return 0.0
    return min(first * 2.0 ** min(failures - 1, 20), cap) * random.uniform(0.75, 1.0)
