"""The second half of a turn: compare, judge and commit, all inside one transaction of the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection

from monitor.app import dates, guarding, judging, notices
from monitor.app.desk import Desk
from monitor.edge.http import Visit
from monitor.edge.store import commit, read
from monitor.edge.store.turns import Same
from monitor.judge import cadence, diff
from monitor.model import Evidence, Held, Look, Match, Outcome, Record, Turn
from monitor.watcher import Findings, Watcher

if TYPE_CHECKING:
    from monitor.app.poll import Seen

log = structlog.get_logger()
Id = tuple[str, str]


def plain(turn: Turn, desk: Desk, seen: Seen, visit: Visit, matches: Mapping[Id, tuple[Match, ...]]) -> bool:
    """Say whether nothing has to be decided after this look.

    So it is when nothing changed, and when a log's new items name nobody we watch: most looks by far. They cost
    one row of the next batch, and a row for each new item.
    """
    if visit.full or turn.fails or seen.findings is None:
        return False
    if seen.outcome is Outcome.SAME:
        return True
    watcher, findings = desk.watchers[turn.source], seen.findings
    return (
        watcher.mode == "log"
        and watcher.scope == "stream"
        and turn.version == watcher.version
        and findings.complete
        and bool(findings.records or findings.total)
        and not findings.unknown
        and not any(matches.values())
    )


def same(turn: Turn, desk: Desk, seen: Seen, visit: Visit) -> Look:
    """End a plain look: its row is touched with the next batch."""
    now = desk.clock.now()
    findings = seen.findings or Findings()
    noted = diff.digested(findings.records) if findings.records else ()
    due = _due(turn, desk, seen, Outcome.SAME, now)
    desk.store.same(
        Same(
            turn,
            now,
            due,
            validators=visit.validators if visit.validators != turn.validators else None,
            memory=findings.memory if findings.memory != turn.memory else None,
            cursor=findings.cursor if findings.cursor != turn.cursor else None,
            noted=noted,
        )
    )
    return Look(turn.source, turn.subject, Outcome.CHANGED if noted else Outcome.SAME, len(noted), True)


@dataclass(frozen=True)
class Paper:
    """What a turn brought, gathered before the transaction opens."""

    turn: Turn
    watcher: Watcher
    seen: Seen
    visit: Visit
    matches: Mapping[Id, tuple[Match, ...]]
    now: datetime

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The raw answers; hashed only if something is to be kept."""
        return self.visit.evidence()

    @cached_property
    def shape(self) -> frozenset[str]:
        """The fields the answers carry."""
        return guarding.shape_of(self)


async def turn(
    turn: Turn, desk: Desk, seen: Seen, visit: Visit, matches: Mapping[Id, tuple[Match, ...]]
) -> Look | None:
    """Compare, judge and commit. Return the look, or None if the turn was no longer ours."""
    paper = Paper(turn, desk.watchers[turn.source], seen, visit, matches, desk.clock.now())
    try:
        look, queued = await desk.store.write(lambda conn: settle(conn, paper, desk))
    except Lost:
        log.info("turn.lost", source=turn.source, subject=turn.subject, number=turn.number)
        return None
    if queued:
        desk.committed()
    _say(look, turn)
    return look


def settle(conn: Connection, paper: Paper, desk: Desk) -> tuple[Look, bool]:
    """Do it all on one connection: whole or not at all. Returns the look and whether alerts were queued.

    Raises Lost if the turn is no longer ours; the store then takes back what was written.
    """
    if paper.seen.findings is None:
        return _bad(conn, paper, desk)
    before = held(conn, paper)
    settled = compared(conn, paper, desk, before)
    look, queued = _committed(conn, settled)
    return look, dates.after(conn, desk, settled.events, paper.now) or queued


def _committed(conn: Connection, settled: commit.Settled) -> tuple[Look, bool]:
    if not commit.turn(conn, settled):
        raise Lost
    return settled.look, any(a.state == "pending" for a in settled.alerts)


class Lost(Exception):  # noqa: N818 - it says what happened
    """The turn was no longer ours: whatever was written for it is taken back."""


def held(conn: Connection, paper: Paper) -> Mapping[Id, Held]:
    """Read what we knew: the whole snapshot of a state source, the known ones among a log's items."""
    findings, one = paper.seen.findings, paper.turn.watch
    assert findings is not None
    if paper.watcher.mode == "state":
        return read.snapshot(conn, one)
    known = read.known(conn, one, [record.id for record in findings.records])
    strange = [record for record in findings.records if record.id not in known and record.twin]
    # Twins matter only when most items have new keys at once: the site has moved (decisions 3).
    if 2 * len(strange) > max(len(findings.records), findings.total or 0):
        found = read.twins(conn, one, [record.twin for record in strange if record.twin])
        known |= {item.record.id: item for item in found.values()}
    return known


def compared(conn: Connection, paper: Paper, desk: Desk, before: Mapping[Id, Held]) -> commit.Settled:
    """Compare the findings with `before` and judge what changed."""
    turn, findings, now = paper.turn, paper.seen.findings, paper.now
    assert findings is not None
    returned = _found_again(paper, before)
    first = turn.baseline_at is None or returned
    rebaseline = not first and turn.version != paper.watcher.version
    doubt = guarding.doubt(conn, paper)
    found = diff.compare(
        before,
        findings,
        mode=paper.watcher.mode,
        now=now,
        first=first,
        rebaseline=rebaseline,
        not_listed=paper.seen.outcome is Outcome.NOT_LISTED,
        shrink=paper.watcher.bound,
        wait=timedelta(seconds=desk.policy.second_look),
        confirms=paper.seen.canary is None,
        believed=doubt.believed,
    )
    outcome = paper.seen.outcome or diff.outcome(before, findings, found.changes, held=_rows(paper, before))
    if outcome is Outcome.EMPTY:
        return _untouched(paper, desk, outcome, "the answer holds nothing where it held records before", findings)
    good = outcome.good
    more = notices.of_look(conn, paper, desk, found, rebaseline=rebaseline and good)
    asked = hearing(paper, desk, first=first or rebaseline, returned=returned)
    if rebaseline:
        # Nothing is news after a change of our own reading, but what is grave today still is.
        records = diff.distinct(findings.records) if paper.watcher.mode == "state" else ()
        sifted = guarding.Sifted(tuple(diff.as_first(record) for record in records))
    else:
        changes = tuple(guarding.without_emptied(found.changes)) if doubt.silent else found.changes
        sifted = guarding.sift(conn, paper, desk, changes, before, asked.speaks_of, more)
    judged = judging.judge(conn, sifted.told, asked, desk)
    guarding.doubted(conn, paper, doubt, found, before)
    if not first or turn.watch % guarding.FIRST_LOOKS == 0:
        guarding.mind_shape(conn, paper, desk, paper.shape, more)
    later = paper.now + timedelta(seconds=desk.policy.second_look)
    # An answer that was cut, or not read at all, confirms no removal: that look is still owed, and unconditional.
    again = found.needs_second_look or (turn.second_look and (findings.unchanged or not findings.complete))
    look = Look(turn.source, turn.subject, outcome, len(findings.records), findings.complete, paper.seen.reason)
    return commit.Settled(
        turn=turn,
        now=now,
        look=look,
        due_at=_due(turn, desk, paper.seen, outcome, now, second_look=found.needs_second_look),
        fails=0 if good else turn.fails + 1,
        version=paper.watcher.version if good else turn.version,
        full_at=now if paper.visit.full and good else turn.full_at,
        baseline_at=turn.baseline_at or (now if good else None),
        validators=paper.visit.validators if good else turn.validators,
        memory=findings.memory if good else turn.memory,
        cursor=findings.cursor if good else turn.cursor,
        snapshot=found.snapshot,
        second_look=again,
        put=[commit.Put(record, digest) for record, digest in found.put],
        ended=found.end,
        missing=[id_ for id_, looks in found.missing if looks > before[id_].missing_looks],
        back=found.back,
        events=(*judged.events, *more.events),
        incidents=tuple(judged.incidents.values()),
        alerts=(*sifted.patient(judged.alerts, judged.events, later), *more.alerts),
        evidence=_proofs(paper, (*judged.events, *more.events), sifted.proofs),
        spells=judged.spells,
    )


def _found_again(paper: Paper, before: Mapping[Id, Held]) -> bool:
    """Whether the source knows a company of which nothing was held: a first look, though not the watch's first.

    Its directors were not appointed today, and its owners did not change.
    """
    findings = paper.seen.findings
    return (
        paper.watcher.mode == "state"
        and paper.turn.baseline_at is not None
        and not before
        and findings is not None
        and any(record.kind == "company" for record in findings.records)
    )


def _proofs(paper: Paper, events: Iterable[commit.Judged], more: Collection[str] = ()) -> tuple[Evidence, ...]:
    """Return the raw answers that an event or a change kept back refers to; the others are of no use to anybody."""
    wanted = {*more, *(proof for one in events for proof in one.event.evidence)}
    return tuple(one for one in paper.evidence if one.sha256 in wanted) if wanted else ()


def hearing(paper: Paper, desk: Desk, *, first: bool, returned: bool = False) -> judging.Hearing:
    """Return what judging needs of the look."""
    findings = paper.seen.findings
    speaks_of = speaking(desk, paper.watcher, paper.turn.subject, paper.matches)
    return judging.Hearing(
        watcher=paper.watcher,
        now=paper.now,
        first=first,
        speaks_of=speaks_of,
        returned=returned,
        evidence=paper,
        unknown=findings.unknown if findings else (),
    )


def speaking(
    desk: Desk, watcher: Watcher, subject: str, matches: Mapping[Id, tuple[Match, ...]] = MappingProxyType({})
) -> Callable[[Record], tuple[Match, ...]]:
    """Return what says of whom a record of one watch speaks. `matches`: what is known of a stream's records already."""
    if watcher.scope == "stream":

        def named(record: Record) -> tuple[Match, ...]:
            known = matches.get(record.id)
            return desk.found(watcher.name, subject, record) if known is None else known

        return named
    customer = desk.customers.get(subject)
    asked = judging.asked(customer, watcher) if customer else None

    def ours(record: Record) -> tuple[Match, ...]:
        if customer is None:
            return ()
        if asked is not None:
            return (asked,)
        # The whole watchlist is asked: who bears a longer name is not the one with the shorter.
        return tuple(match for match in desk.index.find(record) if match.customer == customer.id)

    return ours


def _rows(paper: Paper, before: Mapping[Id, Held]) -> int:
    """How many records are held: a log's known items are only those asked for, so its memory tells."""
    if paper.watcher.mode == "state":
        return len(before)
    return len(paper.turn.memory or b"") or len(before)


def _bad(conn: Connection, paper: Paper, desk: Desk) -> tuple[Look, bool]:
    """Remember a look that could not be taken; the snapshot stays untouched."""
    outcome = paper.seen.outcome or Outcome.DOWN
    settled = _untouched(paper, desk, outcome, paper.seen.reason, None)
    more = notices.of_trouble(conn, paper, desk, outcome)
    settled = replace(
        settled,
        events=more.events,
        alerts=more.alerts,
        evidence=_proofs(paper, more.events),
    )
    return _committed(conn, settled)


def _untouched(paper: Paper, desk: Desk, outcome: Outcome, reason: str, findings: Findings | None) -> commit.Settled:
    turn = paper.turn
    return commit.Settled(
        turn=turn,
        now=paper.now,
        look=Look(turn.source, turn.subject, outcome, 0, findings.complete if findings else False, reason),
        due_at=_due(
            turn, desk, paper.seen, outcome, paper.now, second_look=turn.second_look and outcome is Outcome.EMPTY
        ),
        fails=turn.fails + 1,
        version=turn.version,
        full_at=turn.full_at,
        baseline_at=turn.baseline_at,
        validators=turn.validators,
        memory=turn.memory,
        cursor=turn.cursor,
        snapshot=turn.snapshot,
        second_look=turn.second_look,
    )


def _due(turn: Turn, desk: Desk, seen: Seen, outcome: Outcome, now: datetime, *, second_look: bool = False) -> datetime:
    due, _ = cadence.next_due(
        turn,
        desk.every(turn),
        outcome,
        now=now,
        policy=desk.policy,
        retry_after=seen.retry_after,
        fresh_for=seen.findings.fresh_for if seen.findings else None,
        needs_second_look=second_look,
        credential=seen.credential,
    )
    return max(due, now + timedelta(milliseconds=50))


def _say(look: Look, turn: Turn) -> None:
    if look.outcome.good:
        log.debug("turn.committed", source=look.source, subject=look.subject, outcome=str(look.outcome))
    elif turn.fails == 0:  # once when it goes; the return is a notice
        log.warning(
            "source.trouble", source=look.source, subject=look.subject, outcome=str(look.outcome), reason=look.reason
        )
