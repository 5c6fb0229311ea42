"""One turn, from asking the source to committing everything it changed.

    ask the watcher -> compare -> name the events -> weigh -> commit everything at once

A good look changes the snapshot; any other leaves it alone and is only remembered as a look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from monitor.app import settle
from monitor.app.desk import Desk
from monitor.edge.http import Visit
from monitor.judge import cadence
from monitor.model import Customer, Look, Match, Outcome, Record, Turn
from monitor.watcher import Ask, Findings, NotListed, SourceBlocked, SourceDrifted, SourceTrouble, Watcher

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look brought: findings, or the trouble that prevented them."""

    findings: Findings | None
    outcome: Outcome | None = None  # decided already (trouble, not listed, unchanged); None: compare first
    reason: str = ""
    retry_after: float | None = None
    credential: bool = False
    canary: str | None = None  # why the source cannot confirm a removal now, if so


async def run(turn: Turn, desk: Desk) -> Look | None:
    """Take one turn to its end. Return its look, or None if the turn was no longer ours to commit."""
    watcher = desk.watchers[turn.source]
    visit = desk.client.visit(turn.source, turn.validators, full=_full(turn, watcher, desk))
    seen = await _sure(turn, desk, await look(ask_of(turn, desk, visit), watcher))
    matches = matches_of(seen.findings, turn, desk)
    if settle.plain(turn, desk, seen, visit, matches):
        return settle.same(turn, desk, seen, visit)
    return await settle.turn(turn, desk, seen, visit, matches)


def _full(turn: Turn, watcher: Watcher, desk: Desk) -> bool:
    return cadence.needs_full(turn, desk.clock.now(), desk.policy, watcher.version)


def ask_of(turn: Turn, desk: Desk, visit: Visit) -> Ask:
    """Return what the watcher is handed for this turn."""
    watcher = desk.watchers[turn.source]
    stream = watcher.scope == "stream"
    return Ask(
        source=turn.source,
        now=desk.clock.now(),
        fetch=visit,
        customer=None if stream else desk.customers.get(turn.subject),
        target=desk.assignments.target(turn.source, turn.subject) if stream else None,
        memory=None if visit.full else turn.memory,
        cursor=turn.cursor,
        full=visit.full,
        settings=desk.settings_of(turn.source),
        credentials=desk.credentials_of(turn.source),
        direct=desk.client.direct,
    )


async def look(ask: Ask, watcher: Watcher) -> Seen:
    """Ask the source once. Never raises: what went wrong becomes the look's outcome."""
    try:
        async with asyncio.timeout(watcher.max_seconds):
            findings = await watcher.poll(ask)
    except NotListed as gone:
        return Seen(Findings(reason=gone.reason), Outcome.NOT_LISTED, gone.reason)
    except SourceTrouble as trouble:
        refused = isinstance(trouble, SourceBlocked) and trouble.credential
        return Seen(None, trouble.outcome, trouble.reason, trouble.retry_after, refused)
    except TimeoutError:
        return Seen(None, Outcome.DOWN, f"no whole answer within {watcher.max_seconds:.0f} seconds")
    except Exception as bug:  # the one broad catch: a watcher's bug must not take the others down
        log.exception("watcher.failed", source=ask.source, subject=_subject(ask), error=type(bug).__name__)
        return Seen(
            None, SourceDrifted.outcome, f"the watcher {ask.source} could not read the answer ({type(bug).__name__})"
        )
    if findings.unchanged:
        return Seen(findings, Outcome.SAME)
    return Seen(findings, None, findings.reason)


async def _sure(turn: Turn, desk: Desk, seen: Seen) -> Seen:
    """Before a removal is believed, see that the source still knows a company that it surely knows: its canary.

    Without one, or at another address than the source's own (a test server, a mirror), the condition is waived.
    """
    watcher, said = desk.watchers[turn.source], desk.config.settings.source(turn.source)
    if not (turn.second_look and seen.findings and watcher.canaries) or said.base_url or said.base_urls:
        return seen
    ids = watcher.canaries[0]
    canary = Customer("canary", "canary", "ZZ", ids)
    visit = desk.client.visit(turn.source, {}, full=True)
    answer = await look(
        replace(ask_of(turn, desk, visit), customer=canary, memory=None, cursor=None, full=True), watcher
    )
    if answer.findings is not None and answer.findings.records and answer.findings.complete:
        return seen
    number = ", ".join(f"{scheme} {number}" for scheme, number in ids.items())
    log.warning("canary.silent", source=turn.source, ids=number, reason=answer.reason)
    return replace(seen, canary=f"it does not find what it surely knows ({number}): {answer.reason or 'no answer'}")


def _subject(ask: Ask) -> str:
    if ask.customer is not None:
        return ask.customer.id
    return ask.target.key if ask.target is not None else ""


def matches_of(findings: Findings | None, turn: Turn, desk: Desk) -> Mapping[tuple[str, str], tuple[Match, ...]]:
    """Say whom of the watchlist each item of a stream names. It is work for the processor: done before the transaction."""
    if findings is None or desk.watchers[turn.source].scope != "stream":
        return {}
    return {record.id: desk.found(turn.source, turn.subject, record) for record in findings.records}


async def by_hand(turn: Turn, desk: Desk) -> tuple[tuple[Record, ...], Look]:
    """Take one turn unconditionally, for `counterwatch poll`; return the records as well."""
    watcher = desk.watchers[turn.source]
    visit = desk.client.visit(turn.source, {}, full=True)
    seen = await _sure(turn, desk, await look(ask_of(turn, desk, visit), watcher))
    if seen.outcome is Outcome.SAME:
        return (), settle.same(turn, desk, seen, visit)
    done = await settle.turn(turn, desk, seen, visit, matches_of(seen.findings, turn, desk))
    records = seen.findings.records if seen.findings else ()
    lost = Look(turn.source, turn.subject, Outcome.DOWN, len(records), False, "somebody else took the turn meanwhile")
    return records, done or lost
