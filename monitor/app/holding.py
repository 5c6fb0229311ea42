"""`held`, `held release`, `held discard`, `held rebaseline`: a person decides about what was kept back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Connection

from monitor.app import dates, hand, judging, looking, show, speech, wiring
from monitor.app.desk import Desk
from monitor.app.judging import Hearing, Judged
from monitor.app.notices import Notices
from monitor.app.refused import Refused
from monitor.app.settle import speaking
from monitor.app.show import rfc3339
from monitor.edge.settings import Places
from monitor.edge.store import commit, holds, read
from monitor.edge.store.holds import Hold, HoldState, Kept
from monitor.judge import diff
from monitor.judge.words import Voice
from monitor.model import Change, Evidence

T = TypeVar("T")
AT_ONCE = 50  # watches whose changes are told in one transaction


# --------------------------------------------------------------------------- the listing


def listing(places: Places, *, as_json: bool) -> int:
    """List what waits for a decision, the newest last."""
    config, keyring, _ = wiring.opened(places, os.environ)
    with wiring.open_store(config, places, keyring) as store:
        found = store.read_now(lambda conn: [(one, *_size(conn, one)) for one in holds.holds(conn)])
    if as_json:
        show.json_lines(row(one, changes, customers) for one, changes, customers in found)
        return 0
    told = speech.of(config.settings)
    show.table(
        [show.Column(told.say(f"cli.col.{name}"), whole=name != "why") for name in _COLUMNS],
        (
            (one.id, show.local(one.opened_at, told.timezone), customers, changes, because(told, one))
            for one, changes, customers in found
        ),
        empty=told.say("cli.empty.held"),
        foot=told.say("cli.held.foot"),
    )
    for one, *_ in found:
        show.lines(f"  {one.id}: {line}" for line in samples(told, one))
    return 0


_COLUMNS = ("id", "opened", "customers", "changes", "why")


def _size(conn: Connection, one: Hold) -> tuple[int, int]:
    """Return how many changes a hold keeps back, and of how many customers."""
    if one.kind == "breaker":
        changes, watches = holds.counts(conn, one.number)
        return changes, watches
    count = int(one.facts.get("removed" if one.kind == "watchlist" else "gone", 0))
    return count, count if one.kind == "watchlist" else 1


def row(one: Hold, changes: int, customers: int) -> dict[str, Any]:
    """Return a hold as `held --json` prints it."""
    return {
        "id": one.id,
        "kind": one.kind,
        "source": one.source or None,
        "subject": one.subject or None,
        "since": rfc3339(one.opened_at),
        "changes": changes,
        "customers": customers,
        "reason": because(speech.voice(), one),
        "critical": bool(one.facts.get("critical")),
        "patterns": list(one.facts.get("patterns", ())),
        "samples": list(one.facts.get("samples", ())),
    }


def because(told: Voice, one: Hold) -> str:
    """Say in one sentence why it is held."""
    key = str(one.facts.get("doubt", "shrunk")) if one.kind == "shrink" else one.kind
    facts = {name: value for name, value in one.facts.items() if isinstance(value, str | int)}
    return told.say(f"cli.held.{key}", **{**facts, "patterns": ", ".join(one.facts.get("patterns", ()))})


def samples(told: Voice, one: Hold) -> Iterable[str]:
    """Yield a few of the changes, one line each."""
    for found in one.facts.get("samples", ()):
        if "fields" not in found:
            yield told.say("cli.pair", name=found.get("record", "-"), value=found.get("name") or "-")
            continue
        for name, (old, new) in found["fields"].items():
            yield told.say(
                "cli.held.sample",
                customer=found["customer"],
                record=found["record"],
                field=name,
                old=old or "-",
                new=new or "-",
            )


# --------------------------------------------------------------------------- deciding


@dataclass(frozen=True, slots=True)
class Done:
    """What a decision came to."""

    hold: Hold
    changes: int = 0
    alerts: int = 0


def decide(places: Places, id: str, state: HoldState, *, as_json: bool = False) -> int:
    """Release or discard what is held under an id. Raises Refused for an id nothing is held under."""
    done = hand.at_desk(places, lambda desk: settle(desk, id, state, hand.author()))
    return _said(places, done, as_json=as_json)


def _said(places: Places, done: Done, *, as_json: bool) -> int:
    hold = done.hold
    if as_json:
        facts = {"changes": done.changes, "alerts": done.alerts}
        show.json_lines([{"id": hold.id, "state": hold.state, "by": hold.decided_by, **facts}])
        return 0
    told = speech.at(places.config)
    key = f"cli.held.{hold.kind if hold.kind == 'watchlist' else 'done'}_{hold.state}"
    show.lines([told.say(key, id=hold.id, changes=done.changes, alerts=done.alerts)])
    return 0


def settle(desk: Desk, id: str, state: HoldState, by: str) -> Done:
    """Carry a decision out: judge and queue what is released, forget what is discarded. Raises Refused.

    A source's id stands for all that is held of it. Many changes are told a part at a time, so that the daemon is not
    kept waiting; who is stopped in between begins again where they stopped.
    """
    held = desk.store.read_now(holds.holds)
    meant = [one for one in held if id in (one.id, one.source)]
    if not meant:
        raise _unknown(held, id)
    done = [_settle(desk, one, state, by) for one in sorted(meant, key=lambda one: one.kind)]  # the breaker first
    return Done(done[0].hold, sum(one.changes for one in done), sum(one.alerts for one in done))


def _settle(desk: Desk, hold: Hold, state: HoldState, by: str) -> Done:
    store, now = desk.store, desk.clock.now()
    changes = alerts = 0
    if state == "released" and hold.kind == "breaker":
        parts = True
        while parts:
            told = store.write_now(lambda conn: _tell_part(conn, desk, hold, now))
            changes, alerts, parts = changes + told[0], alerts + told[1], bool(told[0])
    elif hold.kind == "breaker":
        changes = store.read_now(lambda conn: holds.counts(conn, hold.number)[0])
    ended = store.write_now(lambda conn: _end(conn, desk, hold, state, by, now))
    return replace(ended, changes=ended.changes + changes, alerts=ended.alerts + alerts)


def _unknown(held: Sequence[Hold], id: str) -> Refused:
    from difflib import get_close_matches

    near = get_close_matches(id, [name for one in held for name in (one.id, one.source) if name], 1)
    return Refused("held_near", id=id, near=near[0]) if near else Refused("held", id=id)


def _tell_part(conn: Connection, desk: Desk, hold: Hold, now: datetime) -> tuple[int, int]:
    """Tell the changes of some watches; return how many there were, and how many alerts they made."""
    kept = holds.kept_of(conn, hold=hold.number)
    watches = list(dict.fromkeys(one.watch for one in kept))[:AT_ONCE]
    mine = [one for one in kept if one.watch in watches]
    alerts = tell(conn, desk, hold.source, mine, now) if hold.source in desk.watchers else 0
    holds.told(conn, hold.number, watches)
    return len(mine), alerts


def _end(conn: Connection, desk: Desk, hold: Hold, state: HoldState, by: str, now: datetime) -> Done:
    commit.lock_customers(conn, [f"guard:{hold.source}"])
    decided = holds.decide(conn, hold.id, state, by, now)
    if decided is None:  # somebody else decided meanwhile
        raise Refused("held", id=hold.id)
    if hold.kind == "breaker" and state == "released":
        # What came to the hold since its last part was read is told too.
        late = holds.kept_of(conn, hold=hold.number)
        alerts = tell(conn, desk, hold.source, late, now) if hold.source in desk.watchers else 0
        holds.told(conn, hold.number, {one.watch for one in late})
        back = holds.resume(conn, decided.facts.get("withdrawn", ()), now)
        return Done(decided, len(late), alerts + back)
    if hold.kind == "shrink" and hold.facts.get("doubt") != "emptied":
        return _give_up(conn, desk, decided, now)
    return Done(decided, int(hold.facts.get("gone", 0)) if hold.kind == "shrink" else 0)


def _give_up(conn: Connection, desk: Desk, hold: Hold, now: datetime) -> Done:
    """Believe that what is missing of a watch has gone; tell it if the hold was released."""
    watch = next((id_ for id_, who in holds.watches_of(conn, hold.source).items() if who == hold.subject), None)
    if watch is None or hold.source not in desk.watchers:
        return Done(hold)
    changes, end = diff.given_up(read.snapshot(conn, watch))
    holds.end(conn, watch, end, now)
    if hold.state != "released":
        return Done(hold, len(end))
    kept = [Kept(hold.number, watch, hold.subject, change, now) for change in changes]
    return Done(hold, len(end), tell(conn, desk, hold.source, kept, now))


def tell(conn: Connection, desk: Desk, source: str, kept: Sequence[Kept], now: datetime) -> int:
    """Judge changes that were kept back, as of when they were seen, and queue what they come to; return the alerts."""
    queued = 0
    order = sorted(kept, key=lambda one: (one.seen_at, one.watch))
    for (seen_at, _, subject), part in groupby(order, key=lambda one: (one.seen_at, one.watch, one.subject)):
        mine = list(part)
        answers = _Answers(_proofs(conn, mine))
        judged = judging.judge(conn, _changes(mine), _hearing(desk, source, subject, answers, now), desk)
        _write(conn, judged, seen_at, now)
        dates.after(conn, desk, judged.events, now)
        queued += sum(one.state == "pending" for one in judged.alerts)
    return queued


def _changes(kept: Iterable[Kept]) -> list[Change]:
    return [one.change for one in kept]


@dataclass(frozen=True, slots=True)
class _Answers:
    evidence: tuple[Evidence, ...]


def _proofs(conn: Connection, kept: Iterable[Kept]) -> tuple[Evidence, ...]:
    wanted = dict.fromkeys(proof for one in kept for proof in one.proofs)
    return tuple(found for proof in wanted if (found := read.evidence_of(conn, proof)) is not None)


def _hearing(desk: Desk, source: str, subject: str, answers: _Answers, now: datetime) -> Hearing:
    watcher = desk.watchers[source]
    return Hearing(watcher=watcher, now=now, first=False, speaks_of=speaking(desk, watcher, subject), evidence=answers)


def _write(conn: Connection, judged: Judged, seen_at: datetime, now: datetime) -> None:
    """Write what judging came to; an event is as old as the look that saw it."""
    events = [replace(one, event=replace(one.event, first_seen=seen_at)) for one in judged.events]
    commit.add_events(conn, events)
    commit.keep_incidents(conn, tuple(judged.incidents.values()))
    commit.add_alerts(conn, judged.alerts, now)
    commit.raise_spells(conn, judged.spells)


# --------------------------------------------------------------------------- a new baseline


def rebaseline(places: Places, source: str, *, as_json: bool = False) -> int:
    """Let the next looks at a source be its baseline. Raises Refused for an unknown source."""
    looking.known_source(source, wiring.opened(places, os.environ)[2])
    watches = hand.at_desk(places, lambda desk: anew(desk, source, hand.author()))
    if as_json:
        show.json_lines([{"source": source, "watches": watches}])
    else:
        told = speech.at(places.config)
        show.lines([told.say("cli.held.rebaselined", source=source, watches=watches)])
    return 0


def anew(desk: Desk, source: str, by: str) -> int:
    """Take all of a source's next looks as baseline, discard what is held of it, say so once; return the watches."""
    now = desk.clock.now()

    def work(conn: Connection) -> int:
        commit.lock_customers(conn, [f"guard:{source}"])
        watches = holds.rebaseline(conn, source)
        for one in holds.holds(conn, source=source):
            holds.decide(conn, one.id, "discarded", by, now)
        notes = Notices()
        facts = {"source": desk.watchers[source].title, "since": rfc3339(now)}
        notes.add(desk, "new_baseline", f"by {by}|{rfc3339(now)}", facts, now, source)
        for said in notes.events:
            commit.notice(conn, said.event, said.verdict, alerts=notes.alerts)
        return watches

    return desk.store.write_now(work)
