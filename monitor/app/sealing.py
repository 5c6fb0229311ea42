"""The sealer: chains the audit rows of the last second, and keeps the chain's head outside the database.

A head that the database no longer knows means that an older copy took its place. The head is then kept as it was, as
the proof, until a person says that the copy was meant (`counterwatch restore`).
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection

from monitor.edge import heads
from monitor.edge.chain import Head
from monitor.edge.heads import HeadUnreadable, Kept
from monitor.edge.store import Store, StoreError, audit, commit
from monitor.judge import route
from monitor.model import Alert, Severity

if TYPE_CHECKING:
    from monitor.app.daemon import Daemon
    from monitor.app.desk import Desk

log = structlog.get_logger()

EVERY = 1.0  # seconds between two rounds
AT_ONCE = 1_000  # rows in one transaction: others want to write too


class Sealer:
    """The companion that seals; hand `run` to the daemon. `state` is the folder of the head."""

    def __init__(self, state: Path, *, every: float = EVERY) -> None:
        self._state, self._every = state, every
        self._told: str | None = None  # the day whose head was logged
        self._broken: Head | None = None  # the kept head that is not in the chain, once it was said

    async def run(self, daemon: Daemon) -> None:
        """Seal until cancelled; what the store refuses is sealed in a later round."""
        while True:
            try:
                await self.round(daemon.desk)
            except StoreError as error:
                log.warning("audit.postponed", reason=str(error))
            await daemon.desk.clock.sleep(self._every)

    async def round(self, desk: Desk) -> None:
        """Seal what waits, and keep the new head."""
        sealed, now = False, desk.clock.now()
        while await desk.store.read(audit.waits):
            if await desk.store.write(partial(_seal, now)) is None:
                break
            sealed = True
        day = now.date().isoformat()
        if sealed or self._told != day:
            await self._keep(desk, now, day)

    async def _keep(self, desk: Desk, now: datetime, day: str) -> None:
        found = await asyncio.to_thread(_read, self._state)
        kept, head = await desk.store.read(partial(_compare, found, desk.store.instance))
        if isinstance(kept, Head):
            self._told = day
            await self._say(desk, kept, head, now)
            return
        if kept is None or kept.head != head:
            known = kept or Kept(desk.store.instance, head, audit.instant(now))
            await asyncio.to_thread(_write, self._state, known.with_head(head, audit.instant(now)))
        if self._told != day:
            self._told = day
            log.info("audit.head", number=head.number, hash=head.hash)

    async def _say(self, desk: Desk, lost: Head, head: Head, now: datetime) -> None:
        """Say once that the database does not know the head that was kept of it."""
        if self._broken == lost:
            return
        self._broken = lost
        log.error("audit.broken", kept=str(lost), found=str(head), file=str(self._state / heads.NAME))
        alert = _notice(desk, lost, head, now)
        await desk.store.write(lambda conn: commit.add_alerts(conn, [alert], now))
        desk.committed()


def _seal(now: datetime, conn: Connection) -> Head | None:
    return audit.seal(conn, now, AT_ONCE)


def _compare(kept: Kept | None, instance: str, conn: Connection) -> tuple[Kept | Head | None, Head]:
    """Return what is kept if the chain knows it, the kept head if it does not, None if none is kept; and the head."""
    head = audit.head(conn)
    if kept is None or kept.instance != instance:  # another database, by a person's consent
        return None, head
    return known(conn, kept) or kept.head, head


def known(conn: Connection, kept: Kept) -> Kept | None:
    """Return what was kept, if the chain holds its head, or a person wrote down that it was lost in a restore."""
    if audit.hash_at(conn, kept.head.number) == kept.head.hash:
        return kept
    restore = next((one for one in audit.restores(conn) if one.lost == kept.head), None)
    return kept.upto(restore.kept) if restore is not None else None


def restored(conn: Connection, state: Path, made_at: datetime, now: datetime, lost: Head | None = None) -> None:
    """Write into a copy that takes the database's place that this is meant; the sealer goes on from there.

    `conn`: of the copy; `state`: the folder of the head that was kept so far; `lost`: the end of the chain that is
    given up, for a folder without such a head.
    """
    kept = _read(state)
    head = kept.head if kept is not None else lost or audit.head(conn)
    elsewhere = [head, *(kept.days.values() if kept is not None else ())]
    shared = max((one.number for one in elsewhere if audit.hash_at(conn, one.number) == one.hash), default=0)
    audit.restored(conn, head, shared, made_at, now)


def seal_now(store: Store, state: Path, now: datetime) -> None:
    """Seal all that waits, for a command that ends; the daemon has a sealer of its own."""
    while store.read_now(audit.waits):
        if store.write_now(partial(_seal, now)) is None:
            break
    kept, head = store.read_now(partial(_compare, _read(state), store.instance))
    if isinstance(kept, Head):
        log.error("audit.broken", kept=str(kept), found=str(head), file=str(state / heads.NAME))
    else:
        known_ = kept or Kept(store.instance, head, audit.instant(now))
        _write(state, known_.with_head(head, audit.instant(now)))


def _read(state: Path) -> Kept | None:
    try:
        return heads.read(state)
    except HeadUnreadable as error:
        log.warning("audit.head_unreadable", reason=str(error))
        return None


def _write(state: Path, kept: Kept) -> None:
    try:
        heads.write(state, kept)
    except OSError as error:  # a full disk must not end the sealing
        log.warning("audit.head_not_kept", reason=error.strerror or type(error).__name__)


def _notice(desk: Desk, lost: Head, head: Head, now: datetime) -> Alert:
    channel = desk.policy.ops_channel
    key = f"sys.audit_broken|{lost}|{channel}"
    return Alert(
        id=route.alert_id(key),
        key=key,
        kind="ops",
        channel=channel,
        severity=Severity.HIGH,
        created_at=now,
        not_before=now,
        facts={"code": "audit_broken", "kept": lost.number, "found": head.number},
    )
