"""One channel's sender: claim, post, and commit what the answer means, one message at a time."""

from __future__ import annotations

import sys
from dataclasses import replace

import structlog
from sqlalchemy import Connection

from monitor.app.deliver import choosing, doubts, trouble, writing
from monitor.app.deliver.choosing import Habits, Letter
from monitor.app.deliver.office import Doubt, Office, Pace
from monitor.edge.slack import Ambiguous, Answer, LookFailed, No, Slack, Yes, kind_of
from monitor.edge.store import digests, outbox
from monitor.model import Alert, Message

log = structlog.get_logger()

_ODD = 2  # unknown refusals of one alert before it goes out plain and unthreaded: that may be what is in the way


class _Again:
    """Something came to wait that must be looked up first."""


async def serve(office: Office, channel: str) -> bool:
    """Send what waits for a channel, one message at a time, until nothing does; return whether anything was sent."""
    sent = False
    while True:
        where = await office.where(channel)
        if isinstance(where, No):
            await trouble.no_place(office, channel, where)
            return sent
        pace = office.pace(where)
        async with pace.lock:
            while (wait := pace.ready_at - office.clock.monotonic()) > 0:
                await office.clock.sleep(wait)
            if office.sender_trouble is not None or channel in office.routes:
                return True
            if pace.failures and doubts.muddled(office, channel):
                return sent
            if not await _reconciled(office, channel, where):
                return sent
            letter = await _next(office, channel, where)
            if isinstance(letter, _Again):
                continue
            if letter is None:
                return sent
            sent = True
            try:
                await tell_flood(office, letter.alert)
                await _send(office, letter, where, pace)
            finally:
                office.flying.discard(letter.alert.id)


async def _reconciled(office: Office, channel: str, where: str) -> bool:
    """After a restore, mark what the channel heard already. False if Slack does not say: then nothing leaves."""
    if office.before is None or not isinstance(office.door, Slack):
        return True
    try:
        await office.before.settle(office.door, channel, where, office.clock.now())
        return True
    except LookFailed as failed:
        if failed.code == "missing_scope":
            # Nobody can look: the promise drops to at least once, and that is said.
            office.before = None
            await office.tell_once("scopes_missing", "", {"detail": "channels:history, groups:history"})
            return True
        if kind_of(failed.code) == "sender":
            await trouble.break_sender(office, failed.code)
        wait = failed.retry_after or office.waits.look_again
        office.holds[f"send {channel}"] = office.clock.monotonic() + wait
        log.warning("restored.unread", channel=channel, code=failed.code)
        return False


async def _next(office: Office, channel: str, where: str) -> Letter | _Again | None:
    """Claim the next alert of a channel. Committed before anything leaves."""
    door = office.door
    before = office.before if isinstance(door, Slack) else None
    now, ready = office.clock.now(), office.now_ahead()
    roomy = door.name == "console"  # a terminal has room for each
    over = sys.maxsize if roomy else office.waits.digest_over
    habits = Habits(over, office.waits.flood, threads=door.threads, gathers=not roomy)

    def job(conn: Connection) -> Letter | _Again | None:
        if before is not None and not before.absorbed(conn, channel, where, now):
            return _Again()
        chosen = choosing.choose(conn, channel, now, ready, habits)
        return None if chosen is None else choosing.letter(conn, chosen, where if door.threads else None)

    letter = await office.store.write(job)
    if isinstance(letter, Letter):
        office.flying.add(letter.alert.id)
    return letter


async def tell_flood(office: Office, alert: Alert) -> None:
    """Tell the operators of a flood's first message, before it leaves: the notice bears its id and is given once."""
    about = alert.facts.get("flood")
    if about and alert.facts.get("first"):
        facts = {**about, "channel": alert.channel, "alert": alert.id, "count": len(alert.facts.get("members", ()))}
        await office.tell_once("message_flood", alert.id, facts)


# --------------------------------------------------------------------------- one message


async def _send(office: Office, letter: Letter, where: str, pace: Pace) -> None:
    alert = letter.alert
    # Until an answer is committed this is a doubt; a crash of this task leaves it to the look.
    office.doubts[alert.id] = Doubt(alert.channel, office.clock.monotonic() + office.waits.settle, "interrupted")
    message = await writing.message(office, letter)
    if office.odd.get(alert.id, 0) >= _ODD:
        letter, message = replace(letter, root=None), writing.plain(office, letter, message)
    answer = await _post(office, letter, where, message, pace)
    if isinstance(answer, No) and answer.kind == "message":
        log.warning("alert.refused", alert=alert.id, code=answer.code, then="plain")
        letter = await _again(office, letter)
        await office.clock.sleep(max(0.0, pace.ready_at - office.clock.monotonic()))
        answer = await _post(office, letter, where, writing.plain(office, letter, message), pace)
    await _settle(office, letter, answer, pace)


async def _post(office: Office, letter: Letter, where: str, message: Message, pace: Pace) -> Answer:
    thread = letter.root.slack_ts if letter.root else None
    alert = letter.alert
    answer = await office.door.post(
        where,
        message,
        alert_id=alert.id,
        attempt=alert.attempts,
        thread_ts=thread,
        members=[one.alert.id for one in letter.members],
    )
    spacing = office.waits.pace if office.door.name != "console" else 0.0
    office.pause(pace, spacing)
    return answer


async def _again(office: Office, letter: Letter) -> Letter:
    """Begin a second attempt of the same alert; the first was refused for certain."""
    now = office.clock.now()

    def job(conn: Connection) -> Alert | None:
        outbox.release(conn, letter.alert.id, now, "refused")
        return outbox.claim(conn, letter.alert.id, now)

    claimed = await office.store.write(job)
    return replace(letter, alert=claimed) if claimed is not None else letter


async def _settle(office: Office, letter: Letter, answer: Answer, pace: Pace) -> None:
    """Commit what an answer means."""
    alert, channel = letter.alert, letter.alert.channel
    if isinstance(answer, Yes):
        await _arrived(office, letter, answer)
        pace.failures = 0
        office.told.discard(("route_broken", channel))
        office.told -= {("sender_broken", ""), ("delivery_uncertain", channel)}
        return
    if isinstance(answer, Ambiguous):
        office.slow_down(pace)
        due_at = office.clock.monotonic() + office.waits.settle
        office.doubts[alert.id] = Doubt(channel, due_at, answer.reason, odd=answer.odd)
        log.warning("alert.ambiguous", alert=alert.id, channel=channel, reason=answer.reason)
        return
    office.doubts.pop(alert.id, None)
    if answer.kind in ("message", "gone"):
        await trouble.give_up(office, alert, f"refused: {answer.code}", "message_refused", code=answer.code)
    elif answer.kind == "route":
        await office.release(alert, answer.code)
        await trouble.break_route(office, channel, answer.code)
    elif answer.kind == "sender":
        await office.release(alert, answer.code)
        await trouble.break_sender(office, answer.code)
    else:
        if answer.retry_after is not None:
            office.pause(pace, answer.retry_after)
        else:
            office.slow_down(pace)
        await office.release(alert, answer.code, answer.retry_after or 0.0)
        log.info("alert.later", alert=alert.id, channel=channel, code=answer.code, wait=answer.retry_after)


async def _arrived(office: Office, letter: Letter, answer: Yes) -> None:
    alert, now, door = letter.alert, office.clock.now(), office.door.name
    shown = letter.incident.version if letter.incident else 0

    def job(conn: Connection) -> None:
        choosing.mark(conn, alert, answer.channel, answer.ts, now, shown)
        if door != "slack":
            digests.told(conn, alert.id, door)

    await office.store.write(job)
    office.doubts.pop(alert.id, None)
    office.odd.pop(alert.id, None)
    office.arrived(alert)
    log.info("alert.sent", alert=alert.id, channel=alert.channel, ts=answer.ts, attempt=alert.attempts)
