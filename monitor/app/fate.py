"""What became of something that was seen: told, waiting, silent and why, or never about the customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.app.desk import Desk
from monitor.app.show import rfc3339
from monitor.app.sought import Found, missing, nearest_name, told
from monitor.edge.store import holds, read
from monitor.edge.store.codec import StoredEvent
from monitor.edge.store.holds import Kept
from monitor.judge import names
from monitor.judge.party import judge_party
from monitor.model import NOTHING, Alert, Change, Customer, Match, Party, Reason, Record, Severity

_TOLD = ("root", "reply", "line")
_NEAR = 0.7  # a stretch of text that is less like the name is no spelling of it


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of it: `code` names the sentence, `facts` fill it; `do` names what a person can do about it.

    `reasons`: why the matcher said what it said. Moments among the facts are datetimes.
    """

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    do: tuple[str, ...] = ()
    event: StoredEvent | None = None
    alerts: tuple[Alert, ...] = ()
    reasons: tuple[Reason, ...] = field(default=())


# --------------------------------------------------------------------------- of an event


def of_event(conn: Connection, one: StoredEvent, now: datetime) -> Fate:
    """Return what became of an event, as the store has it."""
    rows = tuple(alert for alert in reversed(read.alerts(conn, event=one.event.id)) if alert.kind in _TOLD)
    for state in ("sent", "pending", "parked"):
        mine = [alert for alert in rows if alert.state == state]
        if mine:
            return _delivered(state, mine, one, rows, now)
    silent = one.silent or next((alert.reason for alert in rows if alert.state == "suppressed"), "")
    return _silent(conn, silent, one, rows)


def _delivered(state: str, mine: Sequence[Alert], one: StoredEvent, rows: tuple[Alert, ...], now: datetime) -> Fate:
    alert = mine[0]
    channels = list(dict.fromkeys(row.channel for row in mine))
    if state == "sent":
        code = "sent_line" if alert.kind == "line" else "sent"
        return Fate(code, {"at": alert.sent_at, "channels": channels}, ("why",), one, rows)
    if state == "parked":
        return Fate("parked", {"channels": channels, "reason": alert.reason}, ("parked",), one, rows)
    later = alert.not_before if alert.not_before and alert.not_before > now else None
    facts = {"channels": channels, "until": later, "reason": alert.reason or None}
    if later is None:
        return Fate("waiting", facts, ("doctor",), one, rows)
    because = alert.facts.get("when")
    return Fate(f"waits_{because}" if because in ("quiet_hours", "daily_digest") else "waits", facts, (), one, rows)


def _silent(conn: Connection, silent: str, one: StoredEvent, rows: tuple[Alert, ...]) -> Fate:
    said = {reason.name: reason.facts for reason in one.reasons}
    seen = {"at": one.event.first_seen}
    if silent == "muted":
        by = said.get("muted_by_person")
        if by is not None:
            facts = {"by": by.get("by"), "until": by.get("until"), "why": by.get("why") or None, "mute": by.get("mute")}
            return Fate("muted_by_person", facts, ("unmute",), one, rows)
        rule = said.get("muted", NOTHING)
        facts = {"rule": rule.get("rule"), "until": rule.get("until"), "why": rule.get("why") or None}
        return Fate("muted", facts, ("rule",), one, rows)
    if silent == "dismissed":
        by = said.get("dismissed", NOTHING)
        facts = {"by": by.get("by"), "on": by.get("on"), "why": by.get("why") or None}
        return Fate("dismissed", facts, ("confirm",), one, rows, one.event.match)
    if silent == "inhibited":
        other = read.event_of(conn, str(said.get("inhibited", NOTHING).get("event") or ""))
        facts = {"by": other, "event": other.event.id if other else None}
        return Fate("inhibited", facts, ("why",), one, rows)
    if silent == "held":
        return Fate("held", seen | {"id": one.event.source}, ("held",), one, rows)
    if silent in ("baseline", "same_story", "nothing_adverse"):
        return Fate(silent, seen, ("why",), one, rows, one.event.match)
    if "older_than_gate" in said:
        return Fate("old", dict(said["older_than_gate"]), (), one, rows)
    if silent:
        return Fate("silent", {"code": silent}, ("why",), one, rows)
    code = "low" if one.severity is Severity.LOW else "info" if one.severity is Severity.INFO else "unsent"
    return Fate(code, seen, ("why",), one, rows, one.event.match)


# --------------------------------------------------------------------------- of a record that is no event


def of_record(conn: Connection, found: Found, customer: Customer, desk: Desk, kept: Sequence[Kept]) -> Fate:
    """Return why a record that was seen is no event of the customer; the matcher is asked as of today."""
    assert found.held is not None
    record, seen = found.held.record, {"at": found.held.first_seen}
    mine = next((one for one in kept if one.change.record.id == record.id and one.state != "released"), None)
    if mine is not None:
        hold = next((one for one in holds.holds(conn, state=None) if one.number == mine.hold), None)
        facts = {"at": mine.seen_at, "id": hold.id if hold else found.source}
        return Fate(mine.state, facts, ("held",) if mine.state == "held" else ())
    if found.source not in desk.watchers:
        return Fate("source_gone", seen)
    matches = _matches(desk, found, record)
    match = next((one for one in matches if one.customer == customer.id), None)
    if match is not None:
        return _meant(desk, found, record, match)
    return _not_meant(desk, found, record, customer, matches)


def _matches(desk: Desk, found: Found, record: Record) -> tuple[Match, ...]:
    if desk.watchers[found.source].scope == "stream":
        return desk.found(found.source, found.subject, record)
    return desk.index.find(record)


def _meant(desk: Desk, found: Found, record: Record, match: Match) -> Fate:
    """It names the customer, and yet nothing was told: it is no event, or it did not name it when it was seen."""
    assert found.held is not None
    watcher = desk.watchers[found.source]
    change = Change("added", None, record)
    named = desk.taxonomy.name(change, watcher_family=watcher.family, source=watcher.name, mode=watcher.mode)
    facts = {"at": found.held.first_seen, "score": match.score}
    if not named and record.kind != "article":
        return Fate("no_event", facts, reasons=match.reasons)
    return Fate("named_since", facts, ("replay",), reasons=match.reasons)


def _not_meant(desk: Desk, found: Found, record: Record, customer: Customer, matches: Sequence[Match]) -> Fate:
    assert found.held is not None
    seen = {"at": found.held.first_seen}
    text = told(record)
    folded = f" {names.fold(text)} "
    phrase = next((one for one in customer.exclude if f" {names.fold(one)} " in folded or _cjk(one, text)), None)
    if phrase is not None:
        return Fate("excluded", seen | {"phrase": phrase}, ("exclude",))
    if found.source in customer.off:
        return Fate("source_off", seen | {"source": found.source}, ("source_on",))
    target = desk.assignments.target(found.source, found.subject)
    if target is not None and target.subscribers and customer.id not in target.subscribers:
        meant = desk.index.find(record)
        if any(one.customer == customer.id for one in meant):
            return Fate("not_subscribed", seen | {"stream": target.label or target.key}, ("feed",))
    judged = [judge_party(customer, party) for party in _parties(record)]
    differs = next((r for one in judged for r in one.reasons if r.name == "identifier_differs"), None)
    if differs is not None:
        ours = customer.ids.get(str(differs.facts.get("scheme")), "")
        return Fate("other_number", seen | dict(differs.facts) | {"ours": ours}, ("number",), reasons=(differs,))
    if matches:
        other = desk.customers[matches[0].customer]
        facts = seen | {"other": other.name, "id": other.id}
        return Fate("another_customer", facts, _alias(customer, record)[1], reasons=matches[0].reasons)
    return _unlike(customer, record, seen, judged)


def _cjk(phrase: str, text: str) -> bool:
    return names.has_cjk(phrase) and phrase in text


def _unlike(customer: Customer, record: Record, seen: Mapping[str, Any], judged: Sequence[Match]) -> Fate:
    """Say what of the name the item lacks, and by what spelling it would have been found."""
    lacking = missing(customer, told(record))
    near, do = _alias(customer, record)
    best = max(judged, key=lambda one: one.score, default=None)
    facts = {**seen, "missing": list(lacking) or None, "near": near}
    return Fate("not_named", facts, do, reasons=best.reasons if best else ())


def _alias(customer: Customer, record: Record) -> tuple[str | None, tuple[str, ...]]:
    """Return the spelling in the item that comes nearest to the name, if it is near, and what to do with it."""
    parties = [party.name for party in _parties(record)]
    found = nearest_name(customer, parties or [told(record)])
    if found is None or found[1] < _NEAR:
        return None, ("alias_unknown",)
    known = {names.fold(name) for name in (customer.name, *customer.aliases)}
    return (found[0], ("alias",)) if names.fold(found[0]) not in known else (found[0], ())


def _parties(record: Record) -> tuple[Party, ...]:
    """Return whom a record is about: the parties it states, or the name it bears."""
    if record.parties:
        return record.parties
    fields = record.fields
    listed = fields.get("names")
    said = [fields.get("name"), *(listed if isinstance(listed, list | tuple) else ())]
    ids = fields.get("ids")
    stated = {str(scheme): str(number) for scheme, number in ids.items()} if isinstance(ids, Mapping) else {}
    country = fields.get("country")
    return tuple(Party(str(name), "mentioned", stated, str(country) if country else None) for name in said if name)


def plain(one: Fate) -> dict[str, Any]:
    """Return a fate as `--json` tells it."""
    facts: dict[str, Any] = {}
    for name, value in one.facts.items():
        if isinstance(value, datetime):
            facts[name] = rfc3339(value)
        elif isinstance(value, StoredEvent):
            facts[name] = value.event.type
        else:
            facts[name] = value
    return {
        "fate": one.code,
        "facts": facts,
        "match": [{"name": reason.name, **reason.facts} for reason in one.reasons],
        "event": one.event.event.id if one.event else None,
        "severity": one.event.severity.value if one.event else None,
        "alerts": [{"id": a.id, "channel": a.channel, "state": a.state, "reason": a.reason} for a in one.alerts],
        "do": list(one.do),
    }
