"""After a restore: what Slack heard in the life that this database does not remember, so that it is said only once.

An alert's id follows from what it tells, so a change that is seen again makes the alert of the same id. Each
channel's history since the backup is read once, a thread's when a reply is about to go there, and what stands
there is marked as sent. Nothing is sent to a channel that could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from monitor.edge.slack import MEMBER, Heard, Slack
from monitor.edge.store import Store, digests, lines, outbox
from monitor.edge.store.restored import Restored
from monitor.model import Alert

log = structlog.get_logger()

LASTS = timedelta(days=30)  # how long after a restore a forgotten message may still come up again
_MARGIN = timedelta(hours=1)  # clocks differ, and posts were under way when the backup was made
_FAR = timedelta(days=3650)
_ALL = 10_000


class Before:
    """The forgotten life of one store. Used by the one deliverer, within its event loop."""

    def __init__(self, store: Store, found: Restored) -> None:
        self._store = store
        self._since = found.made_at - _MARGIN
        self._heard: dict[str, dict[str, Heard]] = {}  # channel id -> alert id -> where it stands
        self._threads: set[tuple[str, str]] = set()  # those that were read

    async def settle(self, slack: Slack, channel: str, where: str, now: datetime) -> int:
        """Mark what waits for `channel` and was said already at `where`, its id; return how many.

        Raises LookFailed: then nothing may be sent there yet.
        """
        if where not in self._heard:
            self._heard[where] = await slack.recall(where, self._since)
            log.info("restored.read", channel=channel, messages=len(self._heard[where]))
        done = await self._absorb(channel, where, now)
        threads = await self._store.read(lambda conn: _threads(conn, channel, where, now))
        for thread in sorted(threads):
            if (where, thread) not in self._threads:
                self._heard[where] |= await slack.recall(where, self._since, thread)
                self._threads.add((where, thread))
        return done + (await self._absorb(channel, where, now) if threads else 0)

    def absorbed(self, conn: Connection, channel: str, where: str, now: datetime) -> bool:
        """Mark, in the transaction that claims, what came to wait since `settle`; False if a thread is still unread."""
        heard = self._heard[where]
        if heard and any(_concerned(heard, one) for one in _waiting(conn, channel, now)):
            _mark(conn, heard, channel, where, now)
        return all((where, thread) in self._threads for thread in _threads(conn, channel, where, now))

    async def _absorb(self, channel: str, where: str, now: datetime) -> int:
        heard = self._heard[where]
        if not heard:
            return 0
        waiting = await self._store.read(lambda conn: _waiting(conn, channel, now))
        if not any(_concerned(heard, one) for one in waiting):
            return 0
        return await self._store.write(lambda conn: _mark(conn, heard, channel, where, now))


def _waiting(conn: Connection, channel: str, now: datetime) -> list[Alert]:
    return outbox.pending(conn, now + _FAR, _ALL, channel, lines=True)


def _found(heard: Mapping[str, Heard], one: Alert) -> Heard | None:
    """Return where an alert stands, by itself or as a line of a digest."""
    return _said(heard, one.id)


def _said(heard: Mapping[str, Heard], id: str) -> Heard | None:
    return heard.get(id) or heard.get(id[:MEMBER])


def _concerned(heard: Mapping[str, Heard], one: Alert) -> bool:
    """Return whether an alert, or a line of the digest it is, was heard."""
    return any(_said(heard, id) is not None for id in (one.id, *one.facts.get("members", ())))


def _mark(conn: Connection, heard: Mapping[str, Heard], channel: str, where: str, now: datetime) -> int:
    done = 0
    _part(conn, heard, channel, now)
    for one in _waiting(conn, channel, now):
        if (found := _found(heard, one)) is None:
            continue
        if one.facts.get("members"):
            done += digests.sent(conn, one, where, found.ts, now)
            continue
        done += outbox.sent(conn, one.id, where, found.ts, now, one.shown)
        if found.digest is not None:  # the message is not its own: it has no thread, and nobody may edit it
            digests.told(conn, one.id, digests.MARK + found.digest)
        log.info("alert.found", alert=one.id, was="restored")
    return done


def _part(conn: Connection, heard: Mapping[str, Heard], channel: str, now: datetime) -> None:
    """Dissolve a digest that waits though part of it was heard with another: the rest waits for a new one."""
    for one in _waiting(conn, channel, now):
        if one.facts.get("members") and _found(heard, one) is None:
            lines.recalled(conn, one, [id for id in one.facts["members"] if _said(heard, id) is not None])


def _threads(conn: Connection, channel: str, where: str, now: datetime) -> set[str]:
    """Return the threads that replies waiting for the channel would go to."""
    replies = [one for one in _waiting(conn, channel, now) if outbox.threaded(one)]
    roots: Sequence[Alert | None] = [outbox.root_of(conn, one.incident or "", channel) for one in replies]
    return {
        root.slack_ts
        for root in roots
        if root is not None
        and root.state == "sent"
        and root.slack_ts
        and root.slack_channel == where
        and not digests.is_member(root)
    }
