"""What the person configured and decisions depend on. Built at the edge from counterwatch.yaml, read by judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from monitor.model import Severity

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Tier:
    """How often a customer of this tier is looked at (pace 2.0: half as often) and what exposure is normal."""

    pace: float = 1.0
    limit: Decimal | None = None
    currency: str | None = None  # None: the policy's own currency


@dataclass(frozen=True, slots=True)
class Insurer:
    """The user's own policy figures; nothing is assumed when one is missing (decisions 17)."""

    report_insolvency_workdays: int | None = None
    report_overdue_days: int | None = None
    calendar: str | None = None  # a country code of the `holidays` package


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    mail: str | None = None
    slack: str | None = None  # a member id, U…
    language: Language | None = None
    timezone: str | None = None
    deputy: str | None = None
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Matcher:
    """Which events a rule or route speaks of. Empty means any; values are shell patterns (`reg.*`)."""

    types: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A severity override or a mute. A mute has a reason and an end."""

    name: str
    when: Matcher
    set: Severity | None = None
    mute: bool = False
    reason: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """Silence a person asked for, with a reason and an end; it breaks when something graver than `level` comes.

    `incident` limits it to one incident. Written by a command, not in the file: the file's mutes are rules.
    """

    number: int
    by: str
    at: datetime
    reason: str
    until: datetime
    level: Severity
    when: Matcher = Matcher()
    incident: str | None = None
    ended_at: datetime | None = None
    ended_by: str = ""  # a person, or the event that broke it
    ended_why: str = ""  # over, lifted, broken


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of the day, in the channel's time zone, in which nothing but critical is sent; may span midnight."""

    start: time
    end: time

    def hold(self, at: time) -> bool:
        """Return whether a time of day lies in them; the first minute does, the end does not."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True)
class Pace:
    """When a channel is told what does not have to be told at once. None: as the policy has it."""

    group: float | None = None  # seconds in which the facts of one incident gather
    digest_at: time | None = None  # the daily digest, on working days
    quiet: Quiet | None = None
    timezone: str | None = None
    calendar: str | None = None  # a country code: whose working days


@dataclass(frozen=True, slots=True)
class Route:
    """Where matching events go; every route that matches gets its copy."""

    name: str
    when: Matcher
    channel: str
    mention: str | None = None
    language: Language | None = None
    pace: Pace = Pace()


@dataclass(frozen=True, slots=True)
class Flood:
    """When messages of one source and type are told as one: for more customers than `least` and than `share` of them."""

    least: int = 10
    share: float = 0.2  # of the customers the source watches
    within: float = 3600.0  # seconds in which the messages were made
    gather: float = 900.0  # seconds between two such messages to a channel


FLOOD = Flood()


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything decisions need besides the customer and the event. All waits are seconds."""

    language: Language = "en"
    timezone: str = "UTC"
    channel: str = "#customer-watch"
    ops_channel: str = "#counterwatch-ops"
    currency: str = "EUR"
    rates: Mapping[str, Decimal] = field(default_factory=dict)  # 1 unit of KEY in `currency`
    tiers: Mapping[str, Tier] = field(default_factory=lambda: {"A": Tier(1.0), "B": Tier(2.0), "C": Tier(6.0)})
    insurers: Mapping[str, Insurer] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    routes: tuple[Route, ...] = ()
    group_wait: float = 30.0  # how long non-critical facts of one incident gather
    digest_at: time = time(8, 30)  # the daily digest of a channel, in its time zone
    weekly_on: int = 0  # the weekday of the weekly digest, 0 is Monday; it goes with that day's daily one
    quiet: Quiet | None = None
    calendar: str | None = None  # a country code: whose working days digests and reminders keep
    reminder: float = 14400.0  # an unacknowledged critical is said once more after so many seconds
    remind_days: tuple[int, ...] = (7, 1)  # before a date that costs money
    second_look: float = 3600.0
    opening_wait: float = 900.0  # the opening report waits at most this long for first looks
    stale_floor: float = 3600.0
    stale_cap: float = 86400.0
    backoff_cap: float = 21600.0
    full_every: float = 604800.0
