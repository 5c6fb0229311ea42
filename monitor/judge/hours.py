"""The hours of a channel: when it may be spoken to, and when it hears what did not have to be told at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo

from monitor.judge import calendars
from monitor.policy import Pace, Policy, Quiet, Route

_FIRST_WEEK = timedelta(days=6)  # a watch that began on a Monday morning is summed up on the next one
_AHEAD = 60  # days looked for a working day; a calendar without any must not silence a channel
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """One channel's day. `group` is seconds; times of day are of `timezone`, working days of `calendar`."""

    timezone: str
    digest_at: time
    quiet: Quiet | None
    calendar: str | None
    group: float

    def quiet_at(self, moment: datetime) -> bool:
        """Return whether nothing but critical is sent at this moment; the first minute counts, the end does not."""
        return self.quiet is not None and self.quiet.hold(moment.astimezone(ZoneInfo(self.timezone)).time())

    def opens(self, moment: datetime) -> datetime:
        """Return the first moment, this one or a later one, that is not in quiet hours (UTC)."""
        while self.quiet is not None and self.quiet_at(moment):
            moment = self._end_of_quiet(moment, self.quiet)
        return moment

    def works_on(self, day: date) -> bool:
        return calendars.workdays(self.calendar)(day)

    def today(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def next_digest(self, after: datetime) -> datetime:
        """Return the next moment after `after` at which the daily digest goes out: a working day, not in quiet hours."""
        return self._digest(self.today(after) - timedelta(days=1), after)

    def next_weekly(self, weekday: int, after: datetime) -> datetime:
        """Return the next moment after `after` of the weekly digest: that weekday's daily digest (0 is Monday).

        If the day is a holiday it is the next working day's.
        """
        today = self.today(after)
        # A week's day may have been put off by a holiday, so last week's may still lie ahead.
        day = today - timedelta(days=(today.weekday() - weekday) % 7 + 7)
        while (found := self._digest(day, datetime.min.replace(tzinfo=UTC))) <= after:
            day += timedelta(days=7)
        return found

    def calm(self, moment: datetime) -> bool:
        """Return whether a digest that is late may go out now: on a working day, outside quiet hours."""
        return self.works_on(self.today(moment)) and not self.quiet_at(moment)

    def _digest(self, first: date, after: datetime) -> datetime:
        """Return the digest of the first working day from `first` on that comes after a moment."""
        days = [first + timedelta(days=n) for n in range(_AHEAD)]
        for day in chain(filter(self.works_on, days), days):
            at = self.opens(instant(day, self.digest_at, self.timezone))
            if at > after:
                return at
        raise AssertionError("sixty days hold one after any moment of the first two")

    def _end_of_quiet(self, moment: datetime, quiet: Quiet) -> datetime:
        local = moment.astimezone(ZoneInfo(self.timezone))
        tomorrow = quiet.end <= local.time()
        day = local.date() + timedelta(days=1 if tomorrow else 0)
        # When clocks are set back the end comes twice: it is the one ahead that is meant.
        ends = (instant(day, quiet.end, self.timezone, again=again) for again in (False, True))
        return next((end for end in ends if end > moment), moment + _SECOND)


def hours(policy: Policy, ways: Iterable[Route]) -> Hours:
    """Return the hours of a channel to which these routes lead: what the first of them says, else what the policy does."""
    paces = [one.pace for one in ways]

    def said(name: str) -> object:
        return next((value for pace in paces if (value := getattr(pace, name)) is not None), None)

    own = Pace(*(said(name) for name in ("group", "digest_at", "quiet", "timezone", "calendar")))  # type: ignore[arg-type]
    return Hours(
        timezone=own.timezone or policy.timezone,
        digest_at=own.digest_at or policy.digest_at,
        quiet=own.quiet or policy.quiet,
        calendar=own.calendar or policy.calendar,
        group=policy.group_wait if own.group is None else own.group,
    )


def of_channel(policy: Policy, channel: str) -> Hours:
    """Return the hours of a channel for what no single event decides: digests, reminders, notices."""
    return hours(policy, (one for one in policy.routes if one.channel == channel))


@lru_cache(maxsize=1024)
def instant(day: date, at: time, timezone: str, *, again: bool = False) -> datetime:
    """Return the moment (UTC) at which a clock of this zone shows `at` on `day`; of two, the second if `again`.

    A time that is skipped when clocks are set forward is the moment at which they are.
    """
    zone = ZoneInfo(timezone)
    wall = datetime.combine(day, at)
    found = wall.replace(tzinfo=zone, fold=1 if again else 0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    before, after = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:  # the clocks are set somewhere between: halve until it is one second
        middle = before + (after - before) // 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    return after.replace(microsecond=0)


def weekly_due(hours: Hours, weekday: int, last: datetime, now: datetime, *, first: bool) -> datetime | None:
    """Return the weekly digest that is owed now, by its moment; None if none is.

    `last`: of when the last one was, or when the watch began (`first`): before it has watched about a week it says
    nothing. Whoever was away for several weeks owes one, and tells it on a working day, outside quiet hours.
    """
    owed = hours.next_weekly(weekday, last + _FIRST_WEEK if first else last)
    if owed > now or not hours.calm(now):
        return None
    while (later := hours.next_weekly(weekday, owed)) <= now:
        owed = later
    return owed
