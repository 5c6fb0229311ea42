"""Posts whose answer was lost: the channel's history says whether they arrived, and only then is anything sent again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from monitor.app.deliver import choosing, trouble
from monitor.app.deliver.office import ROUTE, UNCERTAIN, Doubt, Office, backoff
from monitor.edge.slack import LookFailed, No, kind_of
from monitor.edge.store import digests, outbox, read
from monitor.model import Alert

log = structlog.get_logger()


# --------------------------------------------------------------------------- what is doubted


def found_claimed(office: Office, claimed: Iterable[Alert], now: datetime) -> None:
    """Doubt what an earlier life left claimed: its request may be on its way this moment, or ended long ago."""
    mono, waits = office.clock.monotonic(), office.waits
    for one in (one for one in claimed if not digests.is_member(one)):
        left = office.door.deadline + waits.settle - (now - (one.claimed_at or now)).total_seconds()
        due_at = mono + min(waits.settle, max(0.0, left))
        office.doubts[one.id] = Doubt(one.channel, due_at, "found_claimed")


def adopt(office: Office, claimed: Iterable[Alert]) -> None:
    """Doubt claims that nobody here holds: their task died between the claim and the post."""
    due_at = office.clock.monotonic() + office.door.deadline + office.waits.settle
    for one in claimed:
        if one.id not in office.flying and not digests.is_member(one):
            office.doubts.setdefault(one.id, Doubt(one.channel, due_at, "orphaned"))


def muddled(office: Office, channel: str) -> bool:
    """Whether looks fail too: then only a look shows that Slack is well again, and each post would add a doubt."""
    return any(doubt.failures for doubt in office.doubts.values() if doubt.channel == channel)


# --------------------------------------------------------------------------- settling


async def settle(office: Office) -> bool:
    """Look for every claimed alert whose settle time is over."""
    mono = office.clock.monotonic()
    rows = [one for one in await office.store.read(outbox.claimed) if not digests.is_member(one)]
    known = {one.id for one in rows}
    office.doubts = {id: doubt for id, doubt in office.doubts.items() if id in known or id in office.flying}
    due = [
        one
        for one in rows
        if one.id not in office.flying and (doubt := office.doubts.get(one.id)) is not None and doubt.due_at <= mono
    ]
    for channel in dict.fromkeys(one.channel for one in due):
        await _decide(office, channel, [one for one in due if one.channel == channel])
    return bool(due)


async def _decide(office: Office, channel: str, rows: Sequence[Alert]) -> None:
    """Sent, or pending again: only a look that was answered decides."""
    if not office.door.looks:
        await _decided(office, rows, {}, "")
        return
    where = await office.where(channel)
    try:
        if isinstance(where, No):
            raise LookFailed(where.code, where.retry_after)
        await _decided(office, rows, await _search(office, where, rows), where)
    except LookFailed as failed:
        if failed.code == "missing_scope":
            # Nobody can look: the promise drops to at least once, and that is said.
            await office.tell_once("scopes_missing", "", {"detail": "channels:history, groups:history"})
            await _decided(office, rows, {}, "")
        else:
            await _undecided(office, rows, failed)


async def _search(office: Office, where: str, rows: Sequence[Alert]) -> dict[str, str]:
    """Return alert id -> ts of those that arrived, in the channel or in the thread they may have gone to."""
    # Of several attempts the first may have shown late: look from the beginning.
    since = min(one.claimed_at if one.claimed_at and one.attempts < 2 else _born(one) for one in rows)
    since -= office.jumps  # a claim may be dated by a clock that was wrong
    found = await office.door.look(where, since)
    replies = [one for one in rows if outbox.threaded(one) and one.id not in found]
    roots = await office.store.read(
        lambda conn: [outbox.root_of(conn, one.incident or "", one.channel) for one in replies]
    )
    threads = {root.slack_ts for root in roots if root is not None and choosing.answerable(root, where)}
    for thread in sorted(thread for thread in threads if thread):
        try:
            found |= await office.door.look(where, since, thread)
        except LookFailed as failed:
            if failed.code != "thread_not_found":  # the root was deleted, and its replies with it
                raise
    return found


async def _decided(office: Office, rows: Sequence[Alert], found: Mapping[str, str], where: str) -> None:
    now = office.clock.now()
    for one in rows:
        if (doubt := office.doubts.get(one.id)) is not None and doubt.odd and one.id not in found:
            office.odd[one.id] = office.odd.get(one.id, 0) + 1
    waits = {one.id: backoff(office.waits.backoff, office.odd.get(one.id, 0), office.waits.retry_cap) for one in rows}

    def job(conn: Connection) -> None:
        for one in rows:
            if one.id not in found:
                outbox.release(conn, one.id, now + timedelta(seconds=waits[one.id]), "not_arrived")
            else:
                choosing.mark(conn, one, where, found[one.id], now, one.shown)

    await office.store.write(job)
    for one in rows:
        doubt = office.doubts.pop(one.id, None)
        arrived = one.id in found
        if arrived:
            office.arrived(one)
        log.info("alert.found" if arrived else "alert.not_arrived", alert=one.id, was=doubt.reason if doubt else "")


async def _undecided(office: Office, rows: Sequence[Alert], failed: LookFailed) -> None:
    now, mono = office.clock.now(), office.clock.monotonic()
    if kind_of(failed.code) == "sender":
        await trouble.break_sender(office, failed.code)
    for one in rows:
        doubt = office.doubts[one.id]
        doubt.failures += 1
        wait = failed.retry_after or backoff(office.waits.look_again, doubt.failures, office.waits.backoff_cap)
        doubt.due_at = mono + wait
        if (now - (one.claimed_at or now)).total_seconds() >= office.waits.uncertain_after:
            await trouble.give_up(office, one, UNCERTAIN, "delivery_uncertain", code=failed.code)
    log.warning("look.failed", code=failed.code, alerts=len(rows))


def _born(one: Alert) -> datetime:
    found = one.created_at or one.claimed_at
    assert found is not None  # the store fills created_at
    return found


# --------------------------------------------------------------------------- what was laid aside


async def revisit(office: Office) -> bool:
    """See whether closed channels are open again, and whether uncertain alerts can be looked up now."""
    parked = await office.store.read(lambda conn: read.alerts(conn, state="parked"))
    for one in parked:
        if one.reason.startswith(ROUTE):  # also those that were laid aside while the channel opened
            office.routes.setdefault(one.channel, one.reason.removeprefix(ROUTE))
    for channel, code in list(office.routes.items()):
        try:
            where = await office.where(channel)
            shut = where.code if isinstance(where, No) else await office.door.route(where)
        except LookFailed as failed:
            shut = failed.code
        if shut is None:
            await _open_route(office, channel, code)
    uncertain = [one for one in parked if one.reason == UNCERTAIN]
    for channel in dict.fromkeys(one.channel for one in uncertain):
        await _revisit_uncertain(office, channel, [one for one in uncertain if one.channel == channel])
    adopt(office, await office.store.read(outbox.claimed))
    return False


async def _open_route(office: Office, channel: str, code: str) -> None:
    now = office.clock.now()
    office.routes.pop(channel, None)

    def job(conn: Connection) -> int:
        parked = {one.reason for one in read.alerts(conn, state="parked", channel=channel)}
        return sum(outbox.unpark(conn, channel, now, reason) for reason in parked if reason.startswith(ROUTE))

    count = await office.store.write(job)
    log.info("route.restored", channel=channel, code=code, waiting=count)
    office.bell.set()


async def _revisit_uncertain(office: Office, channel: str, rows: Sequence[Alert]) -> None:
    where = await office.where(channel)
    if isinstance(where, No) or channel in office.routes:
        return
    try:
        found = await _search(office, where, rows)
    except LookFailed:
        return
    now, looked = office.clock.now(), {one.id for one in rows}

    def job(conn: Connection) -> int:
        for one in rows:
            if one.id in found:
                choosing.mark(conn, one, where, found[one.id], now, one.shown)
        left = [one for one in read.alerts(conn, state="parked", channel=channel) if one.reason == UNCERTAIN]
        if any(one.id not in looked for one in left):
            return 0  # one more came meanwhile: nobody has looked for it yet
        return outbox.unpark(conn, channel, now, UNCERTAIN)

    again = await office.store.write(job)
    log.info("alerts.certain", channel=channel, found=len(found), again=again)
