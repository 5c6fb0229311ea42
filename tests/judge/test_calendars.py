"""Working days, held to the calendars as governments announced them for 2026 and 2027."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import calendars

COUNTRIES = (None, "CN", "GB", "SA", "AE", "IR", "IL", "NP", "LY", "US", "ZZ")
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    "day",
    [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)],
)
def test_chinese_make_up_days_are_worked_though_they_are_a_weekend(day: date) -> None:
    assert day.weekday() >= 5
    assert calendars.workdays("CN")(day)


@pytest.mark.parametrize("day", [date(2026, 10, 1) + timedelta(days=n) for n in range(7)])
def test_nobody_works_in_the_golden_week_of_2026(day: date) -> None:
    assert not calendars.workdays("CN")(day)


def test_the_make_up_days_of_a_year_that_is_not_announced_yet_are_said_to_be_open() -> None:
    assert not calendars.provisional("CN", 2026)
    assert calendars.provisional("CN", 2040)
    assert not calendars.provisional("GB", 2040)
    assert not calendars.provisional(None, 2040)


@pytest.mark.parametrize(
    ("country", "friday", "saturday", "sunday"),
    [
        ("SA", False, False, True),
        ("KW", False, False, True),
        ("BH", False, False, True),
        ("QA", False, False, True),
        ("OM", False, False, True),
        ("IL", False, False, True),
        ("LY", False, False, True),
        ("PS", False, False, True),
        ("AE", True, False, False),  # half a day on Friday is a workday
        ("IR", False, True, True),
        ("NP", True, False, True),
        ("GB", True, False, False),
        (None, True, False, False),
        ("ZZ", True, False, False),  # no such country
    ],
)
def test_weekends_are_the_countrys_own(country: str | None, friday: bool, saturday: bool, sunday: bool) -> None:
    works = calendars.workdays(country)
    assert [works(date(2026, 11, day)) for day in (20, 21, 22)] == [friday, saturday, sunday]


def test_the_emirates_moved_their_weekend_in_2022() -> None:
    works = calendars.workdays("AE")
    assert not works(date(2021, 11, 5)) and works(date(2021, 11, 7))
    assert works(date(2022, 11, 4)) and not works(date(2022, 11, 6))


@pytest.mark.parametrize(
    "holiday",
    [
        date(2026, 4, 3),  # Good Friday
        date(2026, 4, 6),  # Easter Monday
        date(2026, 8, 31),  # the summer bank holiday
        date(2026, 12, 28),  # Boxing Day is a Saturday
        date(2027, 12, 27),  # Christmas Day is a Saturday, Boxing Day a Sunday
        date(2027, 12, 28),
    ],
)
def test_courts_and_banks_in_london_are_closed_on_bank_holidays(holiday: date) -> None:
    assert not calendars.workdays("GB")(holiday)


def test_an_insurers_five_workdays_run_over_the_golden_week_and_its_make_up_saturday() -> None:
    # Wed 30 Sep, then a week off; Thu 8, Fri 9, Sat 10 (made up for) and Mon 12 October.
    assert calendars.after(date(2026, 9, 29), 5, calendars.workdays("CN")) == date(2026, 10, 12)
    assert calendars.after(date(2026, 9, 29), 5, calendars.workdays(None)) == date(2026, 10, 6)


def test_a_reminder_for_a_saudi_saturday_is_given_on_thursday() -> None:
    assert calendars.last_until(date(2026, 11, 7), calendars.workdays("SA")) == date(2026, 11, 5)
    assert calendars.last_until(date(2026, 11, 8), calendars.workdays("SA")) == date(2026, 11, 8)


@given(days, st.sampled_from(COUNTRIES))
def test_the_last_workday_is_one_and_none_lies_between(day: date, country: str | None) -> None:
    works = calendars.workdays(country)
    found = calendars.last_until(day, works)
    assert works(found) and found <= day
    assert not any(works(found + timedelta(days=n)) for n in range(1, (day - found).days + 1))


@given(days, st.integers(1, 20), st.sampled_from(COUNTRIES))
def test_so_many_workdays_lie_after_the_start(day: date, count: int, country: str | None) -> None:
    works = calendars.workdays(country)
    end = calendars.after(day, count, works)
    assert sum(works(day + timedelta(days=n)) for n in range(1, (end - day).days + 1)) == count
    assert works(end)


def test_a_calendar_without_workdays_is_refused_and_hangs_nobody() -> None:
    with pytest.raises(ValueError, match="workday"):
        calendars.last_until(date(2026, 11, 7), lambda day: False)
    with pytest.raises(ValueError, match="workday"):
        calendars.after(date(2026, 11, 7), 1, lambda day: False)
