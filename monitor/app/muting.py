"""`mute`: silence with an author, a reason and an end; the listing of all that is muted, here and in the file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from monitor.app import hand, listings, looking, show, speech, wiring
from monitor.app.desk import Desk
from monitor.app.refused import Refused
from monitor.app.show import Column, rfc3339
from monitor.clock import SystemClock
from monitor.edge.settings import Places
from monitor.edge.store import decisions, read
from monitor.judge import decide
from monitor.judge.taxonomy import Taxonomy
from monitor.judge.weigh import speaks_of
from monitor.judge.words import Voice
from monitor.model import Severity
from monitor.policy import Matcher, Mute, Policy, Rule
from monitor.watcher import duration


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants silence about; all that is named must fit. `until` as it was typed."""

    customer: str | None = None
    incident: str | None = None
    types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    reason: str = ""
    until: str = ""

    def __bool__(self) -> bool:
        """Whether anything was typed at all: else the listing is meant."""
        return bool(self.customer or self.incident or self.types or self.sources or self.reason or self.until)


# --------------------------------------------------------------------------- muting


def mute(places: Places, wanted: Wanted, *, as_json: bool) -> int:
    """Mute. Raises Refused for what is not known, has no reason or no end, or ends too late."""
    made = hand.at_desk(places, lambda desk: settle(desk, wanted, hand.author()))
    if as_json:
        show.json_lines([row(made, 0)])
        return 0
    told = speech.at(places.config)
    facts = {"what": what(told, made), "until": told.moment(made.until), "level": _level(told, made.level)}
    show.lines([told.say("cli.mute.made", number=made.number, **facts)])
    return 0


def settle(desk: Desk, wanted: Wanted, by: str) -> Mute:
    """Write a mute and return it. It is made for the gravest of what stands now. Raises Refused."""
    now, policy, reason = desk.clock.now(), desk.policy, hand.typed(wanted.reason)
    incident = hand.typed(wanted.incident) if wanted.incident else None
    if not (wanted.customer or wanted.incident or wanted.types or wanted.sources):
        raise Refused("mute_what")
    if not reason:
        raise Refused("mute_reason")
    until = end_of(wanted.until, policy.timezone, now)
    if wanted.customer is not None:
        listings.known(desk.config, desk.store, wanted.customer)
    for source in wanted.sources:
        looking.known_source(source, desk.watchers)
    for pattern in wanted.types:
        _known_type(pattern, desk.taxonomy)
    customers = (wanted.customer,) if wanted.customer else ()
    when = Matcher(types=wanted.types, customers=customers, sources=wanted.sources)

    def work(conn: Connection) -> Mute:
        level = decide.level(_standing(conn, desk, when, incident))
        one = Mute(0, by, now, reason, until, level, when, incident)
        return decisions.add_mute(conn, one)

    return desk.store.write_now(work)


def _known_type(pattern: str, taxonomy: Taxonomy) -> None:
    """Raise Refused for a pattern of no event, or of the machine's own: those are about what cannot be seen."""
    from difflib import get_close_matches

    meant = [type_ for type_ in taxonomy if fnmatchcase(type_, pattern)]
    if meant and all(type_.startswith("sys.") for type_ in meant):
        raise Refused("mute_sys", text=pattern)
    if not meant:
        near = get_close_matches(pattern, list(taxonomy), 1)
        raise Refused("type_near", text=pattern, near=near[0]) if near else Refused("type", text=pattern)


def _standing(conn: Connection, desk: Desk, when: Matcher, incident: str | None) -> list[Severity]:
    """Return how grave what stands now and would be muted is."""
    if incident is not None:
        found = read.incident_of(conn, incident)
        if found is None:
            raise Refused("incident", id=incident)
        return [found.severity]
    return [
        one.severity
        for one in decisions.standing_facts(conn, when.customers)
        if speaks_of(when, one.event, desk.customers.get(one.event.customer or ""), one.severity)
    ]


def end_of(text: str, zone: str, now: datetime) -> datetime:
    """Read when a mute ends: a date counts to its end in `zone`, an age from now. Raises Refused; at most 365 days."""
    if not text.strip():
        raise Refused("mute_until")
    until = _moment(text.strip(), zone, now)
    if until <= now:
        raise Refused("mute_past", text=text)
    if until > now + decide.LONGEST_MUTE:
        raise Refused("mute_long", text=text, days=decide.LONGEST_MUTE.days)
    return until


def _moment(text: str, zone: str, now: datetime) -> datetime:
    try:
        return now + duration(text)
    except (ValueError, OverflowError):
        pass
    try:
        if len(text) <= 10:
            day = date.fromisoformat(text) + timedelta(days=1)
            return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
        written = datetime.fromisoformat(text)
        return (written if written.tzinfo else written.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("until", text=text) from None


# --------------------------------------------------------------------------- lifting


def lift(places: Places, number: str, *, as_json: bool) -> int:
    """End a mute before its time. Raises Refused for a number that no mute has, or that has ended."""
    ended = hand.at_desk(places, lambda desk: lifted(desk, number, hand.author()))
    if as_json:
        show.json_lines([row(ended, 0)])
    else:
        told = speech.at(places.config)
        show.lines([told.say("cli.mute.lifted", number=ended.number, what=what(told, ended))])
    return 0


def lifted(desk: Desk, number: str, by: str) -> Mute:
    """End a mute and return it. Raises Refused."""
    meant = number.strip().removeprefix("#")
    if not (meant.isascii() and meant.isdecimal() and len(meant) < 10):
        raise Refused("mute_number", text=number)
    now = desk.clock.now()
    ended = desk.store.write_now(lambda conn: decisions.end_mute(conn, int(meant), now, by, "lifted"))
    if ended is None:
        raise Refused("mute_number", text=number)
    return ended


# --------------------------------------------------------------------------- the listing


def listing(places: Places, *, as_json: bool) -> int:
    """List what is muted now, by commands and by the file's rules, with how many alerts each kept silent."""
    config, keyring, _ = wiring.opened(places, os.environ)
    now = SystemClock().now()
    with wiring.open_store(config, places, keyring) as store:
        mutes, counts = store.read_now(lambda conn: (decisions.mutes(conn, now), decisions.silenced(conn)))
    rules = live_rules(config.policy, now)
    if as_json:
        show.json_lines(
            [*(row(one, counts[f"#{one.number}"]) for one in mutes), *(rule_row(one, counts) for one in rules)]
        )
        return 0
    told = speech.of(config.settings)
    show.table(
        [Column(told.say(f"cli.col.{name}"), whole=name in _WHOLE) for name in _COLUMNS],
        [*_lines(told, mutes, counts), *_rule_lines(told, rules, counts)],
        empty=told.say("cli.empty.mutes"),
        foot=told.say("cli.mute.foot"),
    )
    return 0


_COLUMNS = ("number", "what", "by", "reason", "until", "made_for", "kept_silent")
_WHOLE = ("number", "until", "made_for")


def _lines(told: Voice, mutes: Sequence[Mute], counts: Counter[str]) -> Iterable[Sequence[object]]:
    for one in mutes:
        until = show.local(one.until, told.timezone)
        about = (what(told, one), one.by, one.reason, until, _level(told, one.level))
        yield (one.number, *about, counts[f"#{one.number}"])


def _rule_lines(told: Voice, rules: Sequence[Rule], counts: Counter[str]) -> Iterable[Sequence[object]]:
    for rule in rules:
        about = _about(rule.when) or told.say("cli.mute.all")
        by = told.say("cli.mute.file", name=rule.name)
        yield ("-", about, by, rule.reason, str(rule.until), "-", counts[rule.name])


def live_rules(policy: Policy, now: datetime) -> list[Rule]:
    """Return the mutes of the file that count today."""
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    return [rule for rule in policy.rules if rule.mute and rule.until is not None and rule.until >= today]


def what(told: Voice, one: Mute) -> str:
    """Say what a mute is about, in words."""
    incident = told.say("cli.mute.incident", incident=one.incident) if one.incident else ""
    return " · ".join(part for part in (incident, _about(one.when)) if part)


def _about(when: Matcher) -> str:
    parts = (when.customers, when.types, when.sources, when.tiers, when.countries, when.severities)
    return " · ".join(", ".join(part) for part in parts if part)


def _level(told: Voice, severity: Severity) -> str:
    return told.say(f"cli.level.{severity.value}")


def row(one: Mute, silenced: int) -> dict[str, Any]:
    """Return a mute as `mute --json` prints it."""
    return {
        "number": one.number,
        "from": "command",
        "name": None,
        **_matched(one.when),
        "incident": one.incident,
        "by": one.by,
        "at": rfc3339(one.at),
        "reason": one.reason,
        "until": rfc3339(one.until),
        "level": one.level.value,
        "silenced": silenced,
        "ended_at": rfc3339(one.ended_at),
        "ended_by": one.ended_by or None,
        "ended_why": one.ended_why or None,
    }


def rule_row(rule: Rule, counts: Counter[str]) -> dict[str, Any]:
    """Return a mute of the file likewise; its `until` is a day that still counts."""
    return {
        "number": None,
        "from": "file",
        "name": rule.name,
        **_matched(rule.when),
        "incident": None,
        "by": None,
        "at": None,
        "reason": rule.reason,
        "until": rule.until.isoformat() if rule.until else None,
        "level": None,
        "silenced": counts[rule.name],
        "ended_at": None,
        "ended_by": None,
        "ended_why": None,
    }


def _matched(when: Matcher) -> dict[str, list[str]]:
    return {
        "types": list(when.types),
        "customers": list(when.customers),
        "sources": list(when.sources),
        "tiers": list(when.tiers),
        "countries": list(when.countries),
        "severities": list(when.severities),
    }
