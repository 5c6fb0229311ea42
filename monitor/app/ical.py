"""The dates as an iCalendar (RFC 5545) that Outlook, Google and the like import; the same date is the same entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from icalendar import Alarm, Calendar
from icalendar import Event as Entry

from monitor.judge import deadlines
from monitor.judge.deadlines import OPENING
from monitor.judge.weigh import day_of
from monitor.model import Deadline

PRODUCT = "-//counterwatch//dates//EN"
_TIMED = timedelta(hours=1)  # how long an entry with a time of the day lasts; no source says


@dataclass(frozen=True, slots=True)
class Shown:
    """A date with what its entry says: one line, and a few more. Neither names a person."""

    one: Deadline
    title: str
    about: str


def calendar(shown: Iterable[Shown], title: str, remind_days: Sequence[int]) -> bytes:
    """Return the whole calendar. Times are UTC; a day without a time is a whole day, in no zone.

    An entry keeps its UID for good. Whatever changes raises its SEQUENCE, so that importing again moves or cancels it.
    """
    book = Calendar()
    for name, value in (("prodid", PRODUCT), ("version", "2.0"), ("calscale", "GREGORIAN"), ("method", "PUBLISH")):
        book.add(name, value)
    book.add("x-wr-calname", title)
    for one in shown:
        book.add_component(_entry(one, remind_days))
    return bytes(book.to_ical())


def _entry(shown: Shown, remind_days: Sequence[int]) -> Entry:
    one = shown.one
    entry = Entry()
    entry.add("uid", f"{one.id}@counterwatch")
    entry.add("dtstamp", one.updated_at.replace(microsecond=0))
    entry.add("created", one.created_at.replace(microsecond=0))
    entry.add("last-modified", one.updated_at.replace(microsecond=0))
    entry.add("sequence", deadlines.sequence(one))
    entry.add("status", "CANCELLED" if one.state == "cancelled" else "CONFIRMED")
    entry.add("summary", shown.title)
    entry.add("description", shown.about)
    entry.add("categories", [one.name.replace("_", " ").upper()])
    entry.add("class", "CONFIDENTIAL")
    entry.add("transp", "TRANSPARENT")
    _when(entry, one)
    if one.state in deadlines.AHEAD:
        for days in sorted({*remind_days, 0}, reverse=True):
            entry.add_component(_alarm(one, days, shown.title))
    return entry


def _when(entry: Entry, one: Deadline) -> None:
    moment, day = deadlines.time_of(one.day), day_of(one.day)
    if moment is not None:
        moment = moment.astimezone(UTC)  # a bare offset is no zone a calendar knows
        entry.add("dtstart", moment)
        entry.add("dtend", moment + _TIMED)
    elif day is not None:
        entry.add("dtstart", day)
        entry.add("dtend", day + timedelta(days=1))


def _alarm(one: Deadline, days: int, title: str) -> Alarm:
    """Ring so many days before: at opening for a whole day, else a day's length before the hour."""
    opening = timedelta(hours=OPENING.hour, minutes=OPENING.minute)
    before = timedelta(days=days)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -before if deadlines.time_of(one.day) else opening - before)
    return alarm
