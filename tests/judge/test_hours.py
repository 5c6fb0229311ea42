"""The hours of a channel: quiet hours, digest moments, the week; right in every zone and on days when clocks are set."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge import hours
from monitor.judge.hours import Hours
from monitor.policy import Matcher, Pace, Policy, Quiet, Route

NIGHT = Quiet(time(20), time(7))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Far from each other, half hours and three quarters, clocks set by one hour, by half an hour and by two.
ZONES = (
    *("UTC", "Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"),
    *("Antarctica/Troll", "America/St_Johns", "Pacific/Auckland", "Asia/Tehran", "Africa/Casablanca"),
)
# Around the days in 2026 on which clocks are set somewhere, and any other time of a year.
CHANGES = tuple(
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in ((3, 8), (3, 29), (4, 5), (9, 27), (10, 4), (10, 25), (11, 1))
)
MOMENTS = st.one_of(
    st.builds(
        lambda day, seconds: day + timedelta(seconds=seconds), st.sampled_from(CHANGES), st.integers(-90_000, 180_000)
    ),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
)
MINUTES = st.integers(0, 1439)


def of(timezone: str = "UTC", quiet: Quiet | None = None, calendar: str | None = None, at: time = time(8, 30)) -> Hours:
    return Hours(timezone, at, quiet, calendar, 30.0)


def local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def quiets() -> st.SearchStrategy[Quiet]:
    """Any quiet hours that leave at least two hours of the day, as the configuration demands."""

    def made(start: int, length: int) -> Quiet:
        end = (start + length) % 1440
        return Quiet(time(start // 60, start % 60), time(end // 60, end % 60))

    return st.builds(made, MINUTES, st.integers(1, 1320))


# --------------------------------------------------------------------------- quiet hours


@given(zone=st.sampled_from(ZONES), quiet=quiets(), moment=MOMENTS)
@settings(max_examples=400, deadline=None)
def test_what_waits_goes_out_of_quiet_hours_never_back_and_within_a_day(
    zone: str, quiet: Quiet, moment: datetime
) -> None:
    own = of(zone, quiet)

    opens = own.opens(moment)

    assert not own.quiet_at(opens)
    assert moment <= opens <= moment + DAY
    assert opens == moment or own.quiet_at(moment)
    # Nothing is slept through: a second before it was still quiet.
    assert opens == moment or own.quiet_at(opens - timedelta(seconds=1))


def test_a_night_that_spans_midnight_ends_in_the_morning_of_the_channel_s_zone() -> None:
    own = of("Asia/Shanghai", NIGHT)

    late, early, noon = (datetime(2026, 11, 3, hour, tzinfo=UTC) for hour in (14, 22, 4))

    assert [local(own.opens(one), "Asia/Shanghai") for one in (late, early)] == [datetime(2026, 11, 4, 7)] * 2
    assert own.opens(noon) == noon


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        # London, 29 March 2026: from 01:00 UTC it is 02:00 there, so half past one never comes.
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        # 25 October: half past one comes twice. After the first it is over, and at one o'clock it is quiet once more.
        (datetime(2026, 10, 25, 0, 10, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 0, 40, tzinfo=UTC), datetime(2026, 10, 25, 0, 40, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 10, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall_also_when_it_is_set(at: datetime, opens: datetime) -> None:
    assert of("Europe/London", Quiet(time(22), time(1, 30))).opens(at) == opens


# --------------------------------------------------------------------------- the daily digest


@given(zone=st.sampled_from(ZONES), moment=MOMENTS, at=MINUTES, calendar=st.sampled_from([None, "CN", "GB", "AE"]))
@settings(max_examples=200, deadline=None)
def test_the_daily_digest_comes_on_a_working_day_at_its_time_and_after_now(
    zone: str, moment: datetime, at: int, calendar: str | None
) -> None:
    own = of(zone, None, calendar, time(at // 60, at % 60))

    found = own.next_digest(moment)

    assert found > moment
    assert own.works_on(own.today(found))
    shown = local(found, zone)
    assert shown.time() == own.digest_at or shown - timedelta(hours=2) < datetime.combine(shown, own.digest_at)
    # None of the days between was one on which it should have come.
    between = [own.today(moment) + timedelta(days=n) for n in range(1, (own.today(found) - own.today(moment)).days)]
    assert not any(own.works_on(day) for day in between)


@pytest.mark.parametrize(
    ("calendar", "zone", "day"),
    [
        (None, "Asia/Shanghai", date(2026, 11, 9)),  # Friday evening: on Monday
        ("SA", "Asia/Riyadh", date(2026, 11, 8)),  # in Riyadh Sunday is a working day
        ("CN", "Asia/Shanghai", date(2026, 11, 9)),
    ],
)
def test_a_friday_evening_s_digest_waits_for_the_next_working_day_of_its_calendar(
    calendar: str | None, zone: str, day: date
) -> None:
    friday = datetime(2026, 11, 6, 12, tzinfo=UTC)

    own = of(zone, None, calendar)

    assert own.today(own.next_digest(friday)) == day


def test_a_digest_that_falls_into_quiet_hours_goes_out_when_they_end() -> None:
    own = of("UTC", Quiet(time(20), time(9)))

    assert own.next_digest(datetime(2026, 11, 3, 7, tzinfo=UTC)) == datetime(2026, 11, 3, 9, tzinfo=UTC)


# --------------------------------------------------------------------------- the weekly digest

MONDAY = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


def test_the_weekly_digest_goes_with_the_daily_one_of_its_day() -> None:
    own = of()

    assert own.next_weekly(0, MONDAY - HOUR) == MONDAY
    assert own.next_weekly(0, MONDAY) == MONDAY + 7 * DAY
    assert own.next_weekly(4, MONDAY) == MONDAY + 4 * DAY


def test_on_a_holiday_it_goes_with_the_next_working_day_s() -> None:
    own = of("Europe/London", None, "GB")

    boxing_week = own.next_weekly(4, datetime(2026, 12, 24, tzinfo=UTC))  # the 25th is a Friday, the 28th a holiday too

    assert own.today(boxing_week) == date(2026, 12, 29)


@given(zone=st.sampled_from(ZONES), weekday=st.integers(0, 6), moment=MOMENTS, calendar=st.sampled_from([None, "CN"]))
@settings(max_examples=150, deadline=None)
def test_every_week_has_its_digest(zone: str, weekday: int, moment: datetime, calendar: str | None) -> None:
    own = of(zone, None, calendar)

    found = own.next_weekly(weekday, moment)

    assert found > moment
    assert own.works_on(own.today(found))
    assert found - moment < 16 * DAY if calendar else found - moment < 8 * DAY + 2 * HOUR


def test_a_watch_says_nothing_of_a_week_before_it_has_seen_about_one() -> None:
    own, began = of(), MONDAY + 30 * timedelta(minutes=1)

    due = [hours.weekly_due(own, 0, began, began + n * HOUR, first=True) for n in range(24 * 8)]

    assert next(n for n, one in enumerate(due) if one) == 7 * 24
    assert hours.weekly_due(own, 0, began + 3 * DAY, MONDAY + 7 * DAY, first=True) is None


def test_after_weeks_away_one_is_owed_and_it_is_told_on_a_working_day() -> None:
    own = of("UTC", NIGHT)
    saturday, monday_night = MONDAY + 19 * DAY, MONDAY + 20 * DAY + 22 * HOUR

    assert hours.weekly_due(own, 0, MONDAY, saturday, first=False) is None
    assert hours.weekly_due(own, 0, MONDAY, monday_night, first=False) is None
    assert hours.weekly_due(own, 0, MONDAY, MONDAY + 22 * DAY, first=False) == MONDAY + 21 * DAY


# --------------------------------------------------------------------------- whose hours


def test_the_first_route_that_says_it_decides_and_what_none_says_is_the_policy_s() -> None:
    routes = (
        Route("one", Matcher(), "#a", pace=Pace(timezone="Asia/Shanghai")),
        Route("two", Matcher(), "#a", pace=Pace(timezone="UTC", digest_at=time(9), group=0.0)),
        Route("elsewhere", Matcher(), "#b", pace=Pace(quiet=NIGHT)),
    )
    policy = Policy(routes=routes, timezone="Europe/London", calendar="GB")

    own = hours.of_channel(policy, "#a")

    assert own == Hours("Asia/Shanghai", time(9), None, "GB", 0.0)
    assert hours.of_channel(policy, "#c") == Hours("Europe/London", policy.digest_at, None, "GB", policy.group_wait)
