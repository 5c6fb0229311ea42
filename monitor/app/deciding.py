"""`dismiss`, `confirm`, `ack`: a person says whom a fact means, or that they have seen it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from monitor.app import dates, hand, judging, show, speech
from monitor.app.desk import Desk
from monitor.app.judging import Hearing
from monitor.app.refused import Refused
from monitor.app.show import rfc3339
from monitor.edge.settings import Places
from monitor.edge.store import commit, decisions, read
from monitor.edge.store.codec import StoredEvent
from monitor.judge import decide
from monitor.judge import incident as incidents
from monitor.judge.taxonomy import event_id
from monitor.judge.words import Voice
from monitor.model import Change, Decision, Event, Incident, Reason, Record, Verdict

Word = Literal["dismissed", "confirmed"]


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision came to. `new` False: it had been said already, by whom `decision` tells."""

    decision: Decision
    new: bool = True
    incidents: tuple[Incident, ...] = ()  # those whose message changes, as they stand now
    alerts: int = 0  # queued
    withdrawn: int = 0  # that had not left yet


def say(places: Places, event: str, word: Word, reason: str, *, as_json: bool) -> int:
    """Dismiss or confirm an event. Raises Refused for one that nobody can be asked about."""
    done = hand.at_desk(places, lambda desk: settle(desk, event, word, reason, hand.author()))
    if as_json:
        show.json_lines([row(done)])
    else:
        show.lines(told(speech.at(places.config), done))
    return 0


def row(done: Decided) -> dict[str, Any]:
    """Return what `dismiss --json` and `confirm --json` print."""
    one = done.decision
    return {
        "event": one.event,
        "verdict": one.verdict,
        "customer": one.customer,
        "source": one.source,
        "record_kind": one.record_kind,
        "record_key": one.record_key,
        "by": one.by,
        "at": rfc3339(one.at),
        "reason": one.reason,
        "new": done.new,
        "incidents": [{"id": i.id, "state": i.state, "severity": i.severity.value} for i in done.incidents],
        "alerts": done.alerts,
        "withdrawn": done.withdrawn,
    }


def told(voice: Voice, done: Decided) -> Iterable[str]:
    """Yield what came of a decision, in words."""
    one = done.decision
    if not done.new:
        yield voice.say("cli.decided.already", said=one.verdict, by=one.by, at=voice.moment(one.at), why=one.reason)
        return
    record = speech.word(voice, "cli.record", one.record_kind)
    yield voice.say(f"cli.decided.{one.verdict}", event=one.event, customer=one.customer, record=record)
    for incident in done.incidents:
        level = voice.say(f"cli.level.{incident.severity.value}")
        yield voice.say(f"cli.decided.{incident.state}", incident=incident.id, level=level)
    if done.alerts:
        yield voice.say("cli.decided.alerts", count=done.alerts)


# --------------------------------------------------------------------------- deciding


def settle(desk: Desk, event: str, word: Word, reason: str, by: str) -> Decided:
    """Write a decision down and carry it out, in one transaction. The last one wins. Raises Refused."""
    now, id, why = desk.clock.now(), hand.typed(event), hand.typed(reason)
    return desk.store.write_now(lambda conn: _settle(conn, desk, id, word, why, by, now))


def _settle(conn: Connection, desk: Desk, id: str, word: Word, reason: str, by: str, now: datetime) -> Decided:
    event = _askable(read.event_of(conn, id), id, desk).event
    customer = event.customer or ""
    commit.lock_customers(conn, [customer])
    record = decisions.record_of(conn, event.source, event.record_kind, event.record_key, customer)
    before = _standing(conn, event)
    if before is not None and before.verdict == word and decide.standing(before, record).holds:
        return Decided(before, new=False)
    meant = record or Record(event.record_kind, event.record_key, {})
    decision = Decision(
        verdict=word,
        customer=customer,
        source=event.source,
        record_kind=event.record_kind,
        record_key=event.record_key,
        digest=decide.digest(meant),
        fields=decide.material(meant),
        event=event.id,
        by=by,
        at=now,
        reason=reason,
    )
    return carry_out(conn, desk, decision, record, now)


def carry_out(conn: Connection, desk: Desk, decision: Decision, record: Record | None, now: datetime) -> Decided:
    """Write a decision and do what it means for all that was told of its record. Raises Refused for a source that is gone."""
    decision = decisions.decide(conn, decision)
    about = decisions.events_of(conn, decision.customer, decision.source, decision.record_kind, decision.record_key)
    if decision.verdict == "dismissed":
        return _dismiss(conn, desk, decision, about, now)
    return _confirm(conn, desk, decision, about, record, now)


def _askable(found: StoredEvent | None, id: str, desk: Desk) -> StoredEvent:
    if found is None:
        raise Refused("event", id=id)
    event = found.event
    if event.customer is None or event.family == "sys":
        raise Refused("event_of_nobody", id=id)
    if event.customer not in desk.customers:
        raise Refused("event_of_former", id=id, customer=event.customer)
    if not event.record_key:
        raise Refused("event_erased", id=id)
    return found


def _standing(conn: Connection, event: Event) -> Decision | None:
    about = (event.source, event.record_kind, event.record_key)
    mine = decisions.standing(conn, event.customer or "")
    return next((one for one in mine if (one.source, one.record_kind, one.record_key) == about), None)


# --------------------------------------------------------------------------- this is not our customer


def _dismiss(conn: Connection, desk: Desk, decision: Decision, about: Sequence[StoredEvent], now: datetime) -> Decided:
    """Silence all that was told of the record, and take it out of its incidents."""
    for one in about:
        if one.event != (plain := decide.unconfirmed(one.event)):
            decisions.identify(conn, plain, now)
        verdict = decide.silenced(Verdict(one.severity, one.reasons, one.silent), decision)
        commit.rejudge(conn, one.event.key, verdict)
    gone = {one.event.id for one in about}
    withdrawn = decisions.withdraw(conn, gone, "dismissed")
    changed = []
    for id in sorted({one.incident for one in about if one.incident}):
        found = read.incident_of(conn, id)
        if found is not None:
            changed.append(incidents.without(found, read.events(conn, incident=id), gone, now))
    commit.keep_incidents(conn, changed)
    dates.follow(conn, desk, [one.id for one in changed], now)  # a namesake's hearing is no date of ours
    return Decided(decision, incidents=tuple(changed), withdrawn=withdrawn)


# --------------------------------------------------------------------------- it is our customer


def _confirm(
    conn: Connection, desk: Desk, decision: Decision, about: Sequence[StoredEvent], record: Record | None, now: datetime
) -> Decided:
    """Weigh all that was told of the record anew, as identified; what is graver now is told."""
    if decision.source not in desk.watchers:
        raise Refused("source", id=decision.source)
    hearing = Hearing(desk.watchers[decision.source], now, first=False, speaks_of=lambda record: ())
    events: dict[str, Event] = {}
    for one in about:
        event = decide.identified(one.event, decision)
        decisions.identify(conn, event, now)
        listed = _listed(event, record, hearing, desk)
        if listed is not None:
            _supersede(conn, one, listed)
            events.setdefault(listed.key, listed)
        else:
            events[event.key] = event
    judged = judging.reconsider(conn, events.values(), hearing, desk)
    seen = _seen(conn, about, judged.incidents)
    commit.add_events(conn, judged.events)
    commit.keep_incidents(conn, seen)
    commit.add_alerts(conn, judged.alerts, now)
    commit.raise_spells(conn, judged.spells)
    dates.follow(conn, desk, [one.id for one in seen], now)
    return Decided(decision, incidents=tuple(seen), alerts=sum(one.state == "pending" for one in judged.alerts))


def _listed(event: Event, record: Record | None, hearing: Hearing, desk: Desk) -> Event | None:
    """Return a possible match as what it is when it is the company: a listing. None for what is called the same."""
    if record is None:
        return None
    watcher, taxonomy = hearing.watcher, desk.taxonomy
    change = Change("added", None, record)
    for named in taxonomy.name(change, watcher_family=watcher.family, source=watcher.name, mode=watcher.mode):
        if taxonomy[named.type].unidentified == event.type:
            key = "|".join((named.type, *event.key.split("|")[1:]))
            title = event.title.replace(taxonomy[event.type].label["en"], taxonomy[named.type].label["en"])
            made = replace(event, id=event_id(key), key=key, title=title)
            return replace(made, type=named.type, stage=named.stage, polarity=named.polarity)
    return None


def _supersede(conn: Connection, old: StoredEvent, new: Event) -> None:
    reasons = (*old.reasons, Reason("superseded", {"by": new.type, "event": new.id}))
    commit.rejudge(conn, old.event.key, Verdict(old.severity, reasons, silent="superseded"))
    decisions.withdraw(conn, [old.event.id], "superseded")


def _seen(conn: Connection, about: Iterable[StoredEvent], judged: dict[str, Incident]) -> list[Incident]:
    """Return the incidents with a version that is new to their messages, as those say how sure the match is."""
    changed = dict(judged)
    for id in sorted({one.incident for one in about if one.incident}):
        before = read.incident_of(conn, id)
        if before is not None and before.version >= changed.get(id, before).version:
            changed[id] = replace(changed.get(id, before), version=before.version + 1)
    return list(changed.values())


# --------------------------------------------------------------------------- seen


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An incident that somebody acknowledged. `new` False: somebody had before."""

    incident: Incident
    new: bool = True


def ack(places: Places, id: str, *, as_json: bool) -> int:
    """Acknowledge an incident, by its id or that of one of its events. Raises Refused."""
    done = hand.at_desk(places, lambda desk: acknowledge(desk, id, hand.author()))
    one = done.incident
    if as_json:
        level = one.acked_severity.value if one.acked_severity else None
        facts = {"by": one.acked_by, "at": rfc3339(one.acked_at), "severity": level, "new": done.new}
        show.json_lines([{"incident": one.id, "customer": one.customer, **facts}])
        return 0
    voice = speech.at(places.config)
    assert one.acked_at is not None
    name = "acknowledged" if done.new else "acknowledged_already"
    level = voice.say(f"cli.level.{one.severity.value}")
    facts = {"incident": one.id, "by": one.acked_by, "at": voice.moment(one.acked_at), "level": level}
    show.lines([voice.say(f"cli.decided.{name}", **facts)])
    return 0


def acknowledge(desk: Desk, id: str, by: str) -> Acknowledged:
    """Write down that somebody has seen an incident and deals with it. Who was first stays. Raises Refused."""
    now, meant = desk.clock.now(), hand.typed(id)

    def work(conn: Connection) -> Acknowledged:
        found = _incident(conn, meant)
        commit.lock_customers(conn, [found.customer or ""])
        found = read.incident_of(conn, found.id) or found
        if found.acked_at is not None:
            return Acknowledged(found, new=False)
        seen = decide.acknowledged(found, by, now)
        decisions.acknowledge(conn, seen)
        return Acknowledged(seen)

    return desk.store.write_now(work)


def _incident(conn: Connection, id: str) -> Incident:
    if (found := read.incident_of(conn, id)) is not None:
        return found
    stored = read.event_of(conn, id)
    if stored is None:
        raise Refused("incident", id=id)
    about = read.incident_of(conn, stored.incident) if stored.incident else None
    if about is None:
        raise Refused("event_alone", id=id)
    return about
