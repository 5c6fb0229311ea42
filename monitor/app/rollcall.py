"""The dead man's switch: once a day the operators hear that the watch goes on, so that its silence is noticed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from monitor.app.desk import Desk
from monitor.edge.store import StoreError, audit, commit, read
from monitor.edge.store.figures import figures, looked_since
from monitor.judge import route
from monitor.model import Alert, Severity

if TYPE_CHECKING:
    from monitor.app.daemon import Daemon

log = structlog.get_logger()

AT = time(9)  # in the zone of `timezone:`
EVERY = 300.0  # seconds between two looks at the clock
TOLD = "roll_call"  # under this name the store remembers the day of the last one


async def run(daemon: Daemon) -> None:
    """Be the companion that calls the roll; until cancelled."""
    while True:
        try:
            await _round(daemon)
        except StoreError as error:
            log.warning("roll_call.postponed", reason=str(error))
        await daemon.desk.clock.sleep(EVERY)


async def _round(daemon: Daemon) -> None:
    desk, now = daemon.desk, daemon.desk.clock.now()
    told = await desk.store.read(lambda conn: read.remembered(conn, TOLD))
    if due(told, desk, now) and await desk.store.write(lambda conn: call(conn, desk, now)):
        daemon.deliverer.wake()


def due(told: str | None, desk: Desk, now: datetime) -> bool:
    """Return whether today's is still owed; who has never been told hears the first one tomorrow."""
    here = now.astimezone(ZoneInfo(desk.policy.timezone))
    return told is None or (here.time() >= AT and told != here.date().isoformat())


def call(conn: Connection, desk: Desk, now: datetime) -> bool:
    """Say that the watch goes on, unless this is the day it began; return whether that was said."""
    today = now.astimezone(ZoneInfo(desk.policy.timezone)).date().isoformat()
    first = read.remembered(conn, TOLD) is None
    commit.remember(conn, TOLD, today)
    if first:
        return False
    ill = {one.source for one in read.sources_health(conn) if one.code != "ok"}
    key = f"sys.roll_call|{today}|{desk.policy.ops_channel}"
    told = Alert(
        id=route.alert_id(key),
        key=key,
        kind="ops",
        channel=desk.policy.ops_channel,
        severity=Severity.LOW,
        created_at=now,
        not_before=now,
        facts={
            "code": "roll_call",
            "customers": len(desk.customers),
            "watches": desk.assignments.size,
            "looked": looked_since(conn, now - timedelta(days=1)),
            "troubled": figures(conn, now).troubled,
            "audit": str(audit.head(conn)),  # kept where nobody who can write to the database can change it
            "names": [desk.watchers[source].title for source in sorted(ill & desk.watchers.keys())],
        },
    )
    commit.add_alerts(conn, [told], now)
    return True
