"""Working days: what an insurer's deadline is counted in, and on which a reminder reaches somebody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

IsWorkday = Callable[[date], bool]

_LONGEST = 4000  # days looked ahead; no policy counts years, and a calendar without workdays must not hang us
_FRI, _SAT = 4, 5

# Weekends of which the package knows nothing, so that it takes Saturday and Sunday. Nepal's two days off a week in 2022
# were a trial of one month.
_WEEKENDS = {"LY": (_FRI, _SAT), "PS": (_FRI, _SAT), "NP": (_SAT,)}
# Where the common holidays of all parts leave out days on which the register, the courts and the banks are closed.
_PART = {"GB": "ENG"}
# Where weekends are worked for bridged holidays, as announced late in the year before.
_ANNOUNCED_YEARLY = frozenset({"CN"})


def weekdays(day: date) -> bool:
    """The calendar of somebody who named none: Monday to Friday."""
    return day.weekday() < 5


@lru_cache(maxsize=64)
def workdays(country: str | None) -> IsWorkday:
    """Return the workday test of a country (ISO code), with its weekends, holidays and make-up days.

    A country the `holidays` package does not know falls back to Monday to Friday. Half days count as workdays.
    """
    known = _holidays(country)
    if known is None:
        return weekdays
    weekend = _WEEKENDS.get((country or "").upper())
    if weekend is None:
        return lambda day: bool(known.is_working_day(day))
    return lambda day: day.weekday() not in weekend and day not in known


def provisional(country: str | None, year: int) -> bool:
    """Return whether the workdays of that year are not all announced yet: make-up days may still be added.

    Until they are, bridged days off count as worked and make-up days as free, so a count may end a few days early or
    late.
    """
    code = (country or "").upper()
    if code not in _ANNOUNCED_YEARLY:
        return False
    known = _holidays(country)
    if known is None:
        return False
    date(year, 1, 1) in known  # noqa: B015 - the package learns a year when it is asked about it
    return not any(day.year == year for day in known.weekend_workdays)


@lru_cache(maxsize=64)
def _holidays(country: str | None) -> Any:
    """Return the package's calendar of a country, or None if it has none."""
    if not country:
        return None
    import holidays  # late: it takes a third of a second, and only dates that cost money need it

    code = country.upper()
    try:
        return holidays.country_holidays(code, subdiv=_PART.get(code))
    except NotImplementedError:
        return None


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


def last_until(day: date, is_workday: IsWorkday = weekdays) -> date:
    """Return the day itself if it is a workday, else the last workday before it.

    Raises ValueError if the calendar holds no workday in the ten years before.
    """
    for back in range(_LONGEST):
        if is_workday(found := day - timedelta(days=back)):
            return found
    raise ValueError(f"no workday in ten years before {day}")
