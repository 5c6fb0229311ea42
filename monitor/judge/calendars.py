"""Working days: what an insurer's deadline is counted in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

IsWorkday = Callable[[date], bool]

_LONGEST = 4000  # days looked ahead; no policy counts years, and a calendar without workdays must not hang us


def weekdays(day: date) -> bool:
    """The calendar of somebody who named none: Monday to Friday."""
    return day.weekday() < 5


@lru_cache(maxsize=64)
def workdays(country: str | None) -> IsWorkday:
    """Return the workday test of a country (ISO code), with its weekends, holidays and make-up days.

    A country the `holidays` package does not know falls back to Monday to Friday.
    """
    if not country:
        return weekdays
    import holidays  # late: it takes a third of a second, and only insurers' deadlines need it

    try:
        known = holidays.country_holidays(country)
    except NotImplementedError:
        return weekdays
    return lambda day: bool(known.is_working_day(day))


def after(start: date, days: int, is_workday: IsWorkday = weekdays) -> date:
    """Return the date of the `days`-th workday after `start`; the day itself does not count.

    Raises ValueError if the calendar holds too few workdays in ten years.
    """
    if days <= 0:
        return start
    left = days
    for ahead in range(1, _LONGEST):
        day = start + timedelta(days=ahead)
        if is_workday(day):
            left -= 1
            if left == 0:
                return day
    raise ValueError(f"fewer than {days} workdays in ten years after {start}")
