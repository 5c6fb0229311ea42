"""`why --not CUSTOMER TEXT`: somebody read it in the paper, and asks why we did not say so."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import Connection

from monitor.app import fate, plan, show, sought, speech, story, wiring
from monitor.app.desk import Desk
from monitor.app.fate import Fate
from monitor.app.refused import Refused
from monitor.app.show import rfc3339
from monitor.app.sought import Found, Query
from monitor.clock import SystemClock
from monitor.edge import observe
from monitor.edge.settings import Places
from monitor.edge.store import Store, holds, read, turns
from monitor.edge.store.codec import StoredEvent
from monitor.edge.store.holds import Kept
from monitor.edge.store.turns import Listed
from monitor.judge.words import Voice
from monitor.model import Customer
from monitor.watcher import Watcher

MOST = 5  # items that are told
_LISTED = 6  # sources named in a row before the rest is counted
_COVERS = "covers "  # how a source says that it does not know the country

State = Literal["blind", "suspect", "never", "looked", "off", "elsewhere"]
_ORDER: Mapping[State, int] = {"blind": 0, "suspect": 1, "never": 2, "looked": 3, "off": 4, "elsewhere": 5}


@dataclass(frozen=True, slots=True)
class Eye:
    """One source, and whether it could have seen it.

    blind: its last look failed; suspect: its answers are doubted; never: not looked yet; looked: it saw nothing of it;
    off: not asked, and a person can change that; elsewhere: it does not cover the customer's country.
    `since`: of blind and suspect, since when; of looked, the last good look. `asked`: what was typed is of this source.
    """

    source: str
    title: str
    state: State
    since: datetime | None = None
    outcome: str | None = None
    reason: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a customer's matter was not told: items that fit with their fates, and who could have seen it."""

    asked: Query
    customer: Customer
    items: tuple[tuple[Found, Fate], ...]
    eyes: tuple[Eye, ...]
    looked: int
    registers: bool  # whether a register covers the customer's country
    followed: bool  # whether a source reads the host of the address that was typed
    do: tuple[str, ...] = field(default=())

    @property
    def found(self) -> bool:
        """Whether what was read is surely among the items."""
        return bool(self.items) and self.items[0][0].fit >= sought.LIKELY

    @property
    def code(self) -> str:
        """Return the most likely answer: what became of the best item, or why nothing was seen."""
        if self.found:
            return self.items[0][1].code
        if self.asked.url and not self.followed:
            return "unfollowed"
        return "blind" if any(eye.state in ("blind", "suspect") for eye in self.eyes) else "never_seen"


# --------------------------------------------------------------------------- asking


def why_not(places: Places, customer: str, text: str, *, as_json: bool) -> int:
    """Say why nobody was told of something. Raises Refused for an unknown customer and for no text."""
    config, keyring, _ = wiring.opened(places, os.environ)
    observe.configure(level="error", secrets=keyring.values())
    if not text.strip():
        raise Refused("no_text")
    with wiring.open_store(config, places, keyring) as store:
        desk = wiring.desk(places, keyring, config=config, store=store)
        found = ask(store, desk, meant(desk.customers, customer), text, SystemClock().now())
    if as_json:
        show.json_lines(rows(found))
    else:
        show.lines(lines(found, speech.of(config.settings)))
    return 0


def meant(customers: Mapping[str, Customer], typed: str) -> Customer:
    """Return the customer of that id or name. Raises Refused, with the nearest id."""
    from difflib import get_close_matches

    by_name = {one.name.casefold(): one for one in customers.values()}
    found = customers.get(typed) or by_name.get(typed.strip().casefold())
    if found is not None:
        return found
    near = get_close_matches(typed, sorted(customers), 1) or get_close_matches(typed.casefold(), sorted(by_name), 1)
    if not near:
        raise Refused("customer", id=typed)
    raise Refused("customer_near", id=typed, near=by_name[near[0]].id if near[0] in by_name else near[0])


def ask(store: Store, desk: Desk, customer: Customer, text: str, now: datetime) -> Answer:
    """Find what fits the text, and say of each item what became of it; and who could have seen it. Only reads."""
    asked = sought.query(text)
    streams = [name for name, one in desk.watchers.items() if one.scope == "stream"]

    def work(conn: Connection) -> Answer:
        done = sought.search(conn, asked, customer, streams, now, MOST)
        kept = _kept(conn)
        items = tuple((one, _fate(conn, one, customer, desk, kept, now)) for one in done.found)
        eyes = tuple(
            sorted(_eyes(conn, desk, customer, asked), key=lambda one: (not one.asked, _ORDER[one.state], one.source))
        )
        followed = not asked.url or any(eye.asked for eye in eyes)
        registers = any(
            one.family == "registry" and ("*" in one.jurisdictions or customer.country in one.jurisdictions)
            for one in desk.watchers.values()
        )
        return Answer(asked, customer, items, eyes, done.looked, registers, followed)

    return store.read_now(work)


def _fate(
    conn: Connection,
    one: Found,
    customer: Customer,
    desk: Desk,
    kept: Mapping[str, Sequence[Kept]],
    now: datetime,
) -> Fate:
    if one.events:
        gravest = max(one.events, key=lambda event: (event.silent is None, event.severity.rank, event.event.first_seen))
        return fate.of_event(conn, gravest, now)
    return fate.of_record(conn, one, customer, desk, kept.get(one.source, ()))


def _kept(conn: Connection) -> dict[str, list[Kept]]:
    """Return the changes that are held back or were discarded, by source."""
    sources = {one.number: one.source for one in holds.holds(conn, state=None)}
    found: dict[str, list[Kept]] = {}
    for one in holds.kept_of(conn):
        found.setdefault(sources.get(one.hold, ""), []).append(one)
    return found


# --------------------------------------------------------------------------- who could have seen it


def _eyes(conn: Connection, desk: Desk, customer: Customer, asked: Query) -> Iterator[Eye]:
    watches: dict[str, list[Listed]] = {}
    for one in turns.listing(conn):
        if _concerns(desk, one, customer):
            watches.setdefault(one.source, []).append(one)
    doubts = {one.source: one for one in read.sources_health(conn) if one.code == "source_suspect"}
    for name, watcher in sorted(desk.watchers.items()):
        mine = watches.get(name, [])
        hit = _reads(watcher, mine, asked)
        why = plan.why_not(customer, watcher, desk.config.settings, desk.assignments)
        if why is not None:
            state: State = "elsewhere" if why.startswith(_COVERS) else "off"
            yield Eye(name, watcher.title, state, reason=why, asked=hit)
        elif name in doubts:
            yield Eye(name, watcher.title, "suspect", doubts[name].since, reason=doubts[name].reason, asked=hit)
        else:
            yield _looked(watcher, mine, asked=hit)


def _concerns(desk: Desk, one: Listed, customer: Customer) -> bool:
    watcher = desk.watchers.get(one.source)
    if watcher is None:
        return False
    if watcher.scope != "stream":
        return one.subject == customer.id
    target = desk.assignments.target(one.source, one.subject)
    return target is not None and plan.concerns(customer.id, [target])


def _looked(watcher: Watcher, mine: Sequence[Listed], *, asked: bool) -> Eye:
    """Say how the watches stand that concern the customer: the worst of them speaks."""
    lost = [one for one in mine if one.fails]
    if lost:
        worst = min(lost, key=lambda one: one.last_good_at or one.created_at)
        outcome = worst.outcome.value if worst.outcome else None
        since = worst.last_good_at or worst.created_at
        return Eye(watcher.name, watcher.title, "blind", since, outcome, worst.reason, asked)
    good = [one.last_good_at for one in mine if one.last_good_at]
    if not good:
        return Eye(watcher.name, watcher.title, "never", asked=asked)
    last = next((one.outcome for one in mine if one.outcome), None)
    return Eye(watcher.name, watcher.title, "looked", min(good), last.value if last else None, asked=asked)


def _reads(watcher: Watcher, mine: Sequence[Listed], asked: Query) -> bool:
    """Whether an address that was typed is of this source."""
    host = asked.host.removeprefix("www.")
    hosts = {one.host.removeprefix("www.") for one in mine} | {one.removeprefix("www.") for one in watcher.hosts}
    return bool(host) and any(
        host == one or host.endswith(f".{one}") or one.endswith(f".{host}") for one in hosts if one
    )


# --------------------------------------------------------------------------- for machines


def rows(found: Answer) -> Iterator[dict[str, Any]]:
    """Yield what `why --not --json` prints: the answer, the items that fit, then every source."""
    yield {
        "kind": "answer",
        "customer": found.customer.id,
        "asked": found.asked.text,
        "answer": found.code,
        "found": found.found,
        "items_looked_at": found.looked,
        "register_for_country": found.registers,
    }
    for one, became in found.items:
        yield {
            "kind": "item",
            "fit": one.fit,
            "seen_at": rfc3339(one.seen_at),
            **sought.plain(one),
            **fate.plain(became),
            "advice": [line for name in became.do if (line := advice(name, one, became, found, speech.voice()))],
        }
    for eye in found.eyes:
        yield {
            "kind": "source",
            "source": eye.source,
            "state": eye.state,
            "since": rfc3339(eye.since),
            "outcome": eye.outcome,
            "reason": eye.reason or None,
            "asked": eye.asked,
        }


# --------------------------------------------------------------------------- for people


def lines(found: Answer, told: Voice) -> Iterator[str]:
    """Yield the answer: the most likely first, then what to do, then who could have seen it."""
    sure = [pair for pair in found.items if pair[0].fit >= sought.LIKELY]
    like = [pair for pair in found.items if pair[0].fit < sought.LIKELY]
    number = 0
    for one, became in sure:
        number += 1
        yield from _item(number, one, became, found, told)
    if not sure:
        yield from _never(found, told)
    if like:
        yield told.say("cli.unsaid.like")
        for one, became in like:
            number += 1
            yield from _item(number, one, became, found, told)
    if not sure:
        yield from _sources(found, told)
    yield told.say("cli.unsaid.foot", looked=found.looked, zone=told.timezone)


def _item(number: int, one: Found, became: Fate, found: Answer, told: Voice) -> Iterator[str]:
    facts = {"title": sought.title(one), "source": _title(found, one.source), "seen": told.moment(one.seen_at)}
    yield told.say("cli.unsaid.item", n=str(number), **facts)
    yield "   " + says(became, told)
    if became.reasons:
        said = [story.words(told, "match", reason) for reason in became.reasons]
        yield "   " + told.say("cli.unsaid.matcher", reasons=told.joined(said))
    for name in became.do:
        line = advice(name, one, became, found, told)
        if line:
            yield "   -> " + line


def says(became: Fate, told: Voice) -> str:
    """Return what became of an item in one sentence."""
    facts = {name: _fact(value, told) for name, value in became.facts.items()}
    if became.code == "silent":
        facts = {"why": speech.silence(told, str(became.facts["code"]))}
    if became.event is not None:
        facts |= {"level": told.say(f"cli.level.{became.event.severity.value}")}
    return told.say(f"cli.unsaid.fate.{became.code}", **facts)


def _fact(value: Any, told: Voice) -> Any:
    if isinstance(value, datetime):
        return told.moment(value)
    if isinstance(value, StoredEvent):
        return speech.event_label(told, value.event.type)
    if isinstance(value, list):
        return told.joined([str(one) for one in value])
    return value


def advice(name: str, one: Found, became: Fate, found: Answer, told: Voice) -> str:
    """Return what to do in one line; "" where there is nothing to say."""
    facts: dict[str, Any] = {"customer": found.customer.id, "source": one.source}
    facts |= {key: value for key, value in became.facts.items() if isinstance(value, str | int)}
    if became.event is not None:
        facts["event"] = became.event.event.id
    if name == "alias":
        facts["line"] = alias_line(found.customer, str(became.facts.get("near") or ""))
        if not became.facts.get("near"):
            return ""
    return told.say(f"cli.unsaid.do.{name}", **facts)


def alias_line(customer: Customer, name: str) -> str:
    """Return the exact line of the watchlist that lets a name be found."""
    said = orjson.dumps([*customer.aliases, name]).decode().replace('","', '", "')
    return f"aliases: {said}"


def _title(found: Answer, source: str) -> str:
    return next((eye.title for eye in found.eyes if eye.source == source), source)


def _never(found: Answer, told: Voice) -> Iterator[str]:
    """Say that it was not seen, why most likely, and what to do."""
    code = found.code
    yield told.say("cli.unsaid.never", customer=found.customer.name)
    if code == "unfollowed":
        yield "   " + told.say("cli.unsaid.unfollowed", host=found.asked.host)
        yield "   -> " + told.say("cli.unsaid.do.follow", customer=found.customer.id, host=found.asked.host)
    elif code == "blind":
        yield "   " + told.say("cli.unsaid.blind")
        yield "   -> " + told.say("cli.unsaid.do.blind")
    else:
        yield "   " + told.say("cli.unsaid.unseen")
        yield "   -> " + told.say("cli.unsaid.do.alias_unknown", customer=found.customer.id)


def _sources(found: Answer, told: Voice) -> Iterator[str]:
    """Say of each source that would carry such a thing how it stands."""
    yield told.say("cli.unsaid.sources")
    for eye in found.eyes:
        if eye.state != "elsewhere":
            yield "  " + _eye(eye, told)
    elsewhere = [eye.title for eye in found.eyes if eye.state == "elsewhere"]
    if elsewhere:
        yield "  " + told.say("cli.unsaid.elsewhere", names=told.joined(elsewhere[:_LISTED]), count=len(elsewhere))
    if not found.registers:
        yield "  " + told.say("cli.unsaid.no_register", country=found.customer.country)


def _eye(eye: Eye, told: Voice) -> str:
    outcome = told.say(f"cli.outcome.{eye.outcome}") if eye.outcome else None
    since = told.moment(eye.since) if eye.since else None
    facts = {"source": eye.title, "since": since, "outcome": outcome, "reason": told.phrase(eye.reason) or None}
    return told.say(f"cli.unsaid.eye.{eye.state}", **facts)
