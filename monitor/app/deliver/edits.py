"""Root messages kept up to date with their incidents: edited in place, never posted again, nobody called again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import structlog
from sqlalchemy import Connection

from monitor.app.deliver import choosing, trouble, writing
from monitor.app.deliver.choosing import Letter
from monitor.app.deliver.office import Office
from monitor.edge.slack import Ambiguous, Answer, No
from monitor.edge.store import background, outbox
from monitor.model import Alert, Incident

log = structlog.get_logger()


async def edit(office: Office, busy: Collection[str]) -> bool:
    """Bring roots up to date; an edit may be lost or repeated. Those of `busy` channels come after what waits there."""
    for root, incident in await office.store.read(outbox.stale_roots):
        if not choosing.answerable(root, None):
            await _shown(office, root, incident)
            continue
        where = root.slack_channel or ""
        paused = office.pace(where).ready_at > office.clock.monotonic() + office.waits.pace
        if root.channel in busy or office.sender_trouble is not None or paused:
            continue
        letter = await office.store.read(lambda conn, r=root, i=incident: _letter(conn, r, i))  # type: ignore[misc]
        message = await writing.message(office, letter)
        answer = await office.door.update(where, root.slack_ts or "", message)
        if not await _done(office, root, answer):
            return False
        await _shown(office, root, incident)
        await office.clock.sleep(office.waits.edit)
    return False


def _letter(conn: Connection, root: Alert, incident: Incident) -> Letter:
    told = replace(background.of(conn, root), edited=True)
    return Letter(root, choosing.head(conn, root, incident), incident, background=told)


async def _done(office: Office, root: Alert, answer: Answer) -> bool:
    """Act on the answer to an edit; False if it has to be made later."""
    if isinstance(answer, Ambiguous) or (isinstance(answer, No) and answer.kind == "later"):
        asked = answer.retry_after if isinstance(answer, No) else None
        office.edit_at = office.clock.monotonic() + (asked or office.waits.backoff_cap / 2)
        return False
    if isinstance(answer, No) and answer.kind == "sender":
        await trouble.break_sender(office, answer.code)
        return False
    if isinstance(answer, No):
        log.info("edit.dropped", alert=root.id, code=answer.code)
    return True


async def _shown(office: Office, root: Alert, incident: Incident) -> None:
    await office.store.write(lambda conn: outbox.shown(conn, root.id, incident.version))
