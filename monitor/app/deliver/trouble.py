"""Trouble that keeps alerts waiting: Slack refuses our token, a channel is closed, a message is refused for good."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import Connection

from monitor.app.deliver.office import FAR, ROUTE, UNCERTAIN, Office
from monitor.edge.slack import AuthResult, LookFailed, No
from monitor.edge.store import digests, outbox
from monitor.model import Alert

log = structlog.get_logger()


# --------------------------------------------------------------------------- one alert is given up


async def give_up(office: Office, alert: Alert, reason: str, notice: str, **facts: Any) -> None:
    """Lay an alert aside and say so; of a notice about ourselves only the log tells, or it would never end."""

    def job(conn: Connection) -> None:
        # An uncertain digest keeps its members: it may have arrived, and then they have.
        if alert.facts.get("members") and reason != UNCERTAIN:
            digests.park(conn, alert, reason)
        else:
            outbox.park(conn, alert.id, reason)

    await office.store.write(job)
    office.doubts.pop(alert.id, None)
    log.error("alert.parked", alert=alert.id, channel=alert.channel, reason=reason)
    if alert.kind != "ops":
        # Many uncertain alerts have one cause; each refused one has its own.
        about = alert.channel if reason == UNCERTAIN else alert.id
        await office.tell_once(notice, about, {"alert": alert.id, "channel": alert.channel, "cause": reason, **facts})


# --------------------------------------------------------------------------- the sender is refused


async def break_sender(office: Office, code: str) -> None:
    """Stop sending: Slack refuses our token."""
    office.authed_at = office.authed_at or office.clock.monotonic()
    if office.sender_trouble is None:
        office.sender_trouble = code
        log.error("sender.broken", code=code)
    await office.tell_once("sender_broken", "", {"reason": code, "cause": code})


async def _asked(office: Office) -> AuthResult | None:
    """Ask Slack about our token; None if it does not answer."""
    office.authed_at = office.clock.monotonic()
    try:
        return await office.door.auth()
    except LookFailed as failed:
        log.info("sender.unanswered", code=failed.code)
        return None


async def probe_sender(office: Office) -> bool:
    """Ask once whether the token is accepted again."""
    found = await _asked(office)
    if found is None:
        return False
    if not found.ok or (found.scopes and "chat:write" in found.missing):
        office.sender_trouble = found.code or "missing_scope"
        return False
    log.info("sender.restored", team=found.team)
    office.sender_trouble = None
    return True


async def check_scopes(office: Office) -> bool:
    """Say at the start what the token lacks; a silent Slack keeps nobody from watching."""
    found = await _asked(office)
    if found is None:
        return False
    if not found.ok:
        await break_sender(office, found.code)
    elif office.door.looks and not found.looks:
        log.warning("sender.scopes_missing", scopes=found.missing)
        await office.tell_once("scopes_missing", "", {"detail": ", ".join(found.missing)})
    return False


# --------------------------------------------------------------------------- a channel is closed to us


async def break_route(office: Office, channel: str, code: str) -> None:
    """Lay aside what waits for a channel that is closed to us, and say so."""
    office.routes[channel] = code
    waiting = await _park(office, channel, code)
    log.error("route.broken", channel=channel, code=code, waiting=waiting)
    await office.tell_once(
        "route_broken", channel, {"channel": channel, "reason": code, "cause": code, "waiting": waiting}
    )


async def park_route(office: Office, channel: str, code: str) -> bool:
    """Lay aside what came to wait for a closed channel; return whether anything did."""
    return await _park(office, channel, code) > 0


async def _park(office: Office, channel: str, code: str) -> int:
    reason = ROUTE + code
    far = office.clock.now() + FAR

    def job(conn: Connection) -> int:
        rows = outbox.pending(conn, far, 10_000, channel)
        return sum(outbox.park(conn, one.id, reason) for one in rows)

    return await office.store.write(job)


async def no_place(office: Office, channel: str, answer: No) -> None:
    """Act on a channel's name that could not be turned into an id."""
    if answer.kind == "route":
        await break_route(office, channel, answer.code)
    elif answer.kind == "sender":
        await break_sender(office, answer.code)
    else:
        pace = office.pace(channel)
        office.slow_down(pace)
        wait = answer.retry_after or pace.ready_at - office.clock.monotonic()
        office.holds[f"send {channel}"] = office.clock.monotonic() + wait
        log.info("channel.unknown_yet", channel=channel, code=answer.code)
