"""Two histories beside each other: what was alerted, and what would have been."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from sqlalchemy import Connection

from monitor.edge.store import read
from monitor.edge.store.codec import StoredEvent
from monitor.model import Alert, Severity

# Silences that judging and routing decide. What delivery did with a row later (superseded, uncertain) is no difference.
JUDGED = frozenset(
    (
        *("baseline", "dismissed", "ended_before", "held", "info_timeline", "inhibited", "low_severity_timeline"),
        *("muted", "nothing_adverse", "same_story"),
    )
)
_TOLD = ("root", "reply", "line")  # reminders, digests and reports say nothing that none of these said
_SAME = timedelta(minutes=5)  # as soon as this is at the same time
What = Literal["added", "dropped", "severity"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One alert that is in one history only, or weighs otherwise in the other.

    `was`, `now`: severities, None where it is not told. `event`: as the new history has it, else as the old one had;
    `reason`: why it is dropped (a silence, `low`, `not_meant`, `other_channel`), "" otherwise.
    """

    what: What
    at: datetime
    channel: str
    event: StoredEvent
    was: Severity | None
    now: Severity | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """How much earlier the first alert of an incident would have come; negative: later."""

    customer: str
    event: StoredEvent
    was: datetime
    now: datetime

    @property
    def earlier(self) -> timedelta:
        return self.was - self.now


@dataclass(frozen=True, slots=True)
class Rate:
    """How many messages a channel got and would have got in `days`, and how many lines of its daily digest."""

    channel: str
    was: int
    now: int
    days: float
    lines_was: int = 0
    lines_now: int = 0

    @property
    def a_week(self) -> float:
        return 7 * self.now / self.days


@dataclass(frozen=True, slots=True)
class Contrast:
    """All differences, oldest first; leads, the largest first; rates by channel."""

    was: int
    now: int
    differences: tuple[Difference, ...]
    leads: tuple[Lead, ...]
    rates: tuple[Rate, ...]

    @property
    def median_lead(self) -> timedelta | None:
        seconds = [one.earlier.total_seconds() for one in self.leads]
        return timedelta(seconds=median(seconds)) if seconds else None

    def of(self, what: What) -> int:
        return sum(one.what == what for one in self.differences)


_Row = tuple[Alert, StoredEvent]
_Key = tuple[str, str, str]  # event key, channel, and why it was told once more, if it was


class Telling:
    """What one history told about customers since a moment."""

    def __init__(self, conn: Connection, since: datetime, customers: Iterable[str] | None = None) -> None:
        self.conn = conn
        wanted = None if customers is None else frozenset(customers)
        alerts = [one for one in read.alerts(conn, since=since) if one.kind in _TOLD and one.event]
        events = read.events_by_id(conn, {one.event or "" for one in alerts})
        self.alerts: dict[_Key, _Row] = {}
        for alert in alerts:
            event = events.get(alert.event or "")
            if event is None or (wanted is not None and alert.customer not in wanted) or silent(alert, event):
                continue
            self.alerts[_key(alert, event)] = (alert, event)

    def event(self, key: str) -> StoredEvent | None:
        return read.events_by_key(self.conn, [key]).get(key)

    def events_of(self, incident: str) -> list[StoredEvent]:
        return read.events(self.conn, incident=incident)

    def first(self, incident: str) -> Alert | None:
        """Return the first alert of an incident, whenever it was."""
        rows = [one for one in read.alerts(self.conn, incident=incident) if one.kind in _TOLD]
        events = read.events_by_id(self.conn, {one.event or "" for one in rows})
        told = [one for one in rows if (event := events.get(one.event or "")) and not silent(one, event)]
        return min(told, key=lambda one: (_at(one), one.id), default=None)


def silent(alert: Alert, event: StoredEvent) -> bool:
    """Return whether judging decided that nobody is told."""
    return alert.state == "suppressed" and (alert.reason in JUDGED or alert.reason == event.silent)


def _key(alert: Alert, event: StoredEvent) -> _Key:
    # What follows the channel tells why it was told once more: as graver, or after a decision, whose number is no matter.
    again = alert.key.rpartition(f"|{alert.channel}")[2]
    return event.event.key, alert.channel, re.sub(r"\|after \d+", "|after", again)


def _at(alert: Alert) -> datetime:
    assert alert.created_at is not None  # every stored row has it
    return alert.created_at


def contrast(was: Telling, now: Telling, days: float) -> Contrast:
    """Return how two histories differ. `days`: the length of what is compared."""
    return Contrast(
        was=len(was.alerts),
        now=len(now.alerts),
        differences=tuple(sorted(_differences(was, now), key=lambda one: (one.at, one.event.event.key, one.channel))),
        leads=tuple(sorted(_leads(was, now), key=lambda one: (-abs(one.earlier), one.customer))),
        rates=tuple(_rates(was.alerts, now.alerts, days)),
    )


def _differences(was: Telling, now: Telling) -> Iterator[Difference]:
    for key, (alert, event) in now.alerts.items():
        before = was.alerts.get(key)
        if before is None:
            yield Difference("added", _at(alert), alert.channel, event, None, alert.severity)
        elif before[0].severity is not alert.severity:
            yield Difference("severity", _at(alert), alert.channel, event, before[0].severity, alert.severity)
    for key, (alert, event) in was.alerts.items():
        if key not in now.alerts:
            other = now.event(event.event.key)
            told = any(known[0] == event.event.key for known in now.alerts)
            reason = _dropped(other, told=told)
            yield Difference("dropped", _at(alert), alert.channel, other or event, alert.severity, None, reason)


def _dropped(other: StoredEvent | None, *, told: bool) -> str:
    if other is None:
        return "not_meant"
    if other.silent is not None:
        return other.silent
    if other.severity.rank <= Severity.LOW.rank:
        return "low"
    return "other_channel" if told else "not_again"


def _leads(was: Telling, now: Telling) -> Iterator[Lead]:
    """Compare when each incident was first told, where it was told in both histories.

    Incidents are the same if they share an event.
    """
    seen: set[str] = set()
    for alert, _ in now.alerts.values():
        if alert.incident is None or alert.incident in seen:
            continue
        seen.add(alert.incident)
        early = now.first(alert.incident)
        keys = [one.event.key for one in now.events_of(alert.incident)]
        theirs = {one.incident for one in read.events_by_key(was.conn, keys).values() if one.incident}
        firsts = [first for incident in theirs if (first := was.first(incident)) is not None]
        late = min(firsts, key=_at, default=None)
        if early is None or late is None or abs(_at(late) - _at(early)) < _SAME:
            continue
        event = read.events_by_id(now.conn, [early.event or ""]).get(early.event or "")
        if event is not None:
            yield Lead(alert.customer or "", event, _at(late), _at(early))


def _rates(was: Mapping[_Key, _Row], now: Mapping[_Key, _Row], days: float) -> Iterator[Rate]:
    for channel in sorted({key[1] for key in (*was, *now)}):
        (before, lines_before), (after, lines_after) = _of(was, channel), _of(now, channel)
        yield Rate(channel, before, after, days, lines_before, lines_after)


def _of(rows: Mapping[_Key, _Row], channel: str) -> tuple[int, int]:
    """Return how many messages and how many lines of digests a channel got."""
    lines = [alert.kind == "line" for (_, to, _), (alert, _) in rows.items() if to == channel]
    return len(lines) - sum(lines), sum(lines)
