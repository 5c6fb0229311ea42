"""A way out of our own that is shut: one notice for the proxy, not one for every source behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from monitor.app import notices
from monitor.app.desk import Desk
from monitor.app.notices import Notices
from monitor.app.show import rfc3339
from monitor.edge.http.proxy import OURS
from monitor.edge.store import commit, outage
from monitor.edge.store.read import Unseen
from monitor.judge import cadence

log = structlog.get_logger()

PROXY = "proxy"  # what the health of our own way out is kept under; no source is called so


def parted(watches: Sequence[Unseen]) -> tuple[list[Unseen], list[Unseen]]:
    """Return the watches that fail for their source's own reasons, and those that fail for our proxy."""
    ours = [one for one in watches if one.reason.startswith(OURS)]
    return [one for one in watches if not one.reason.startswith(OURS)], ours


def proxy(
    conn: Connection, desk: Desk, notes: Notices, ours: Sequence[Unseen], now: datetime, awake: datetime | None = None
) -> None:
    """Say once that the proxy shuts us in, and once that it is open again; look at everything then."""
    known = notices.health(conn).get((PROXY, ""))
    down = known is not None and known.code != "ok"
    if not ours:
        if known is not None and down:
            commit.set_health(conn, PROXY, "", "ok", "", now)
            notes.add(desk, "proxy_up", rfc3339(now) or "", {"since": rfc3339(known.since)}, now, PROXY)
            commit.noticed(conn, PROXY, "", now)
        return
    if outage.passed(conn, OURS, _behind(desk)):
        moved = outage.look_again(conn, OURS, now, desk.config.settings.waits.spread)
        log.info("proxy.passed", brought_forward=moved)
        return
    since = max(ours[0].good_until, awake or ours[0].good_until)
    stale = any(
        now - max(one.good_until, awake or one.good_until) >= cadence.stale_after(one.every, desk.policy)
        for one in ours
    )
    if down or not stale:
        return
    commit.set_health(conn, PROXY, "", "source_stale", ours[0].reason, since)
    notes.add(desk, "proxy_down", rfc3339(now) or "", _facts(desk, ours, since), now, PROXY)
    commit.noticed(conn, PROXY, "", now)


def _behind(desk: Desk) -> list[str]:
    """Return the sources that are asked through the proxy; one with permits of its own may be asked directly."""
    names = (*desk.assignments.asked, *desk.assignments.streams)
    return [name for name in names if not _permits(desk, name)]


def _permits(desk: Desk, name: str) -> bool:
    said = desk.config.settings.source(name).allow_private
    return bool(said.hosts or said.base)


def _facts(desk: Desk, ours: Sequence[Unseen], since: datetime) -> dict[str, object]:
    customers = {one.id for watch in ours for one in notices.behind_of(desk, watch.source, _place(desk, watch))}
    return {
        "since": rfc3339(since),
        "cause": ours[0].reason,
        "sources": len({one.source for one in ours}),
        "customers": len(customers),
    }


def _place(desk: Desk, watch: Unseen) -> str:
    watcher = desk.watchers.get(watch.source)
    return watch.subject if watcher is not None and watcher.scope == "stream" else ""
