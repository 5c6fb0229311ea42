"""`dates`: what has to be kept by when, and whose money hangs on it; as a calendar; and that it is done."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from monitor.app import hand, listings, show, speech, wiring
from monitor.app.desk import Desk
from monitor.app.refused import Refused
from monitor.app.show import Column, rfc3339
from monitor.clock import SystemClock
from monitor.edge.config import Config
from monitor.edge.settings import Places
from monitor.edge.store import audit, commit
from monitor.edge.store import dates as store
from monitor.judge import deadlines, money, words
from monitor.judge.weigh import day_of
from monitor.judge.words import Voice
from monitor.model import Customer, Deadline
from monitor.watcher import duration

_TITLE = 160  # characters of an entry's title
_NAME = 80  # of a customer's name in it


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. `since` and `until` as they were typed: a day, or an age (30d before, or from now on)."""

    customer: str | None = None
    since: str | None = None
    until: str | None = None
    all: bool = False


def listing(places: Places, wanted: Wanted, *, as_json: bool) -> int:
    """List dates, the nearest first. Raises Refused."""
    config, found, now = _found(places, wanted)
    rows = [row(one, config, now) for one in found]
    if as_json:
        show.json_lines(rows)
        return 0
    told = speech.of(config.settings)
    cells = [_cells(told, one, told_, config) for one, told_ in zip(found, rows, strict=True)]
    show.table(_columns(told), cells, empty=told.say("cli.empty.dates"), foot=told.say("cli.dates.foot"))
    return 0


def _found(places: Places, wanted: Wanted) -> tuple[Config, list[Deadline], datetime]:
    config, keyring, _ = wiring.opened(places, os.environ)
    now = SystemClock().now()
    today = now.astimezone(ZoneInfo(config.policy.timezone)).date()
    since, until = _day(wanted.since, today, -1), _day(wanted.until, today, 1)
    with wiring.open_store(config, places, keyring) as kept:
        if wanted.customer is not None:
            listings.known(config, kept, wanted.customer)
        states = None if wanted.all else store.AHEAD
        found = kept.read_now(
            lambda conn: store.listed(conn, customer=wanted.customer, since=since, until=until, states=states)
        )
    return config, found, now


def _day(text: str | None, today: date, way: int) -> date | None:
    """Read a day, or an age counted from today. Raises Refused."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return today + way * timedelta(days=duration(text).days)
    except (ValueError, OverflowError):
        raise Refused("day", text=text) from None


# --------------------------------------------------------------------------- one date


def row(one: Deadline, config: Config, now: datetime) -> dict[str, Any]:
    """Return a date as `dates --json` prints it."""
    customer = _customer(config, one)
    day = day_of(one.day)
    today = now.astimezone(ZoneInfo(config.policy.timezone)).date()
    reader = deadlines.reader_of(customer, config.policy)
    return {
        "id": one.id,
        "customer": one.customer,
        "name": one.name,
        "day": one.day,
        "days_left": (day - today).days if day else None,
        "working_day": reader.works_on(day) if day else None,
        "was": one.was,
        "state": one.state,
        "why": one.facts.get("why") or None,
        "at_stake": _at_stake(customer, config, today),
        "owner": customer.owner if customer else None,
        "incident": one.incident,
        "event": one.event,
        "source": one.source or None,
        "country": one.country,
        **{name: one.facts.get(name) for name in ("case", "document", "insurer", "rule", "provisional")},
        "reminded": list(one.reminded),
        "created_at": rfc3339(one.created_at),
        "updated_at": rfc3339(one.updated_at),
    }


def _customer(config: Config, one: Deadline) -> Customer | None:
    return next((customer for customer in config.customers if customer.id == one.customer), None)


def _at_stake(customer: Customer | None, config: Config, today: date) -> dict[str, Any] | None:
    """Return our own share of what is open with the customer, if the watchlist says."""
    if customer is None:
        return None
    share = money.own_share(customer, today, rates=config.policy.rates, currency=config.policy.currency)
    return None if share is None else {"amount": str(share.own), "currency": share.currency}


def _columns(told: Voice) -> list[Column]:
    whole, wide, rare = {"date", "id"}, {"whose"}, {"at_stake", "whose"}
    names = ("date", "left", "what", "customer", "at_stake", "state", "whose", "id")
    return [
        Column(told.say(f"cli.col.{name}"), whole=name in whole, wide=name in wide, rare=name in rare, right=False)
        for name in names
    ]


def _cells(told: Voice, one: Deadline, facts: Mapping[str, Any], config: Config) -> tuple[object, ...]:
    customer = _customer(config, one)
    moment = deadlines.time_of(one.day)
    day = moment.astimezone(ZoneInfo(told.timezone)).strftime("%Y-%m-%d %H:%M") if moment else one.day[:10]
    stake = facts["at_stake"]
    return (
        day,
        _left(told, facts["days_left"], works=facts["working_day"] is not False),
        what(told, one),
        customer.name if customer else one.customer,
        told.shown(stake) if stake else "",
        told.say(f"cli.state.{one.state}"),
        (customer.owner if customer else None) or "",
        one.id,
    )


def _left(told: Voice, days: int | None, *, works: bool) -> str:
    key = "today" if not days else "ago" if days < 0 else "in"
    return told.say(f"cli.dates.{key}", days=abs(days or 0)) + ("" if works else told.say("cli.dates.free"))


def what(told: Voice, one: Deadline) -> str:
    """Say what a date is, in one line without its day or customer; no person is named."""
    facts: dict[str, Any] = {name: one.facts.get(name) for name in ("case", "document", "insurer", "provisional")}
    facts = {name: str(value) for name, value in facts.items() if value}
    if one.was is not None:
        facts["was"] = day_of(one.was)
    if one.facts.get("rule"):
        facts["rule"] = told.say(f"cli.dates.rule.{one.facts['rule']}")
    return told.say("cli.dates.what", name=told.say(f"summary.date.{one.name}"), **facts)


# --------------------------------------------------------------------------- as a calendar


def export(places: Places, wanted: Wanted, file: Path, *, as_json: bool) -> int:
    """Write dates as an iCalendar; `-` is the standard output. What was cancelled or done is in it too.

    So whoever imports it again sees what moved and what is off. Raises Refused.
    """
    config, found, now = _found(places, Wanted(wanted.customer, wanted.since or "90d", wanted.until, all=True))
    told = speech.of(config.settings)
    data = written(told, found, config)
    if str(file) == "-":
        sys.stdout.buffer.write(data)
        return 0
    _write(file, data)
    if as_json:
        show.json_lines([{"file": str(file), "dates": len(found), "at": rfc3339(now)}])
    else:
        show.lines([told.say("cli.dates.wrote", count=len(found), file=str(file))])
    return 0


def written(told: Voice, found: Iterable[Deadline], config: Config) -> bytes:
    """Return dates as an iCalendar in a language."""
    from monitor.app import ical

    shown = [ical.Shown(one, _title(told, one, config), _about(told, one)) for one in found]
    return ical.calendar(shown, told.say("cli.dates.calendar"), config.policy.remind_days)


def _title(told: Voice, one: Deadline, config: Config) -> str:
    customer = _customer(config, one)
    name = words.cut(words.clean(customer.name if customer else one.customer), _NAME)
    return words.cut(words.clean(told.say("cli.pair", name=name, value=what(told, one))), _TITLE)


def _about(told: Voice, one: Deadline) -> str:
    """Return the lines below the title: where it comes from, and what to type."""
    lines = [told.say("cli.dates.from", source=one.source)] if one.source else []
    if one.event:
        lines.append(told.say("cli.dates.why", event=one.event))
    return "\n".join([*lines, told.say("cli.dates.mark", id=one.id)])


def _write(file: Path, data: bytes) -> None:
    """Write the whole file or nothing: a calendar may be fetched at any moment. Raises Refused."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise Refused("unwritable", file=str(file), reason=error.strerror or type(error).__name__) from None
    try:
        with os.fdopen(handle, "wb") as open_:
            open_.write(data)
        Path(name).replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise Refused("unwritable", file=str(file), reason=error.strerror or type(error).__name__) from None


# --------------------------------------------------------------------------- done


def done(places: Places, id: str, *, as_json: bool) -> int:
    """Mark a date as done: nobody is reminded of it any more, unless it moves. Raises Refused."""
    one = hand.at_desk(places, lambda desk: settle(desk, id, hand.author()))
    if as_json:
        show.json_lines(
            [{"id": one.id, "customer": one.customer, "name": one.name, "day": one.day, "state": one.state}]
        )
        return 0
    told = speech.at(places.config)
    show.lines([told.say("cli.dates.done", what=what(told, one), day=day_of(one.day), customer=one.customer)])
    return 0


def settle(desk: Desk, id: str, by: str) -> Deadline:
    """Write that a date is done, and by whom; once. Raises Refused for one that is unknown or was cancelled."""
    now = desk.clock.now()

    def work(conn: Connection) -> Deadline:
        found = store.get(conn, id)
        if found is None:
            raise Refused("date", id=id)
        commit.lock_customers(conn, [found.customer])  # the daemon may be about to remind of it
        one = store.get(conn, id) or found
        if one.state == "cancelled":
            raise Refused("date_cancelled", id=id)
        if one.state == "done":
            return one
        after = deadlines.ended(one, "done", "", now)
        store.keep(conn, [after])
        store.withdraw(conn, id, "done")
        audit.decided(conn, "deadline", "done", id, now, by, name=one.name, day=one.day)
        return after

    return desk.store.write_now(work)
