"""Digests in the outbox: one message that stands for many alerts, all of them sent or none.

While its digest is on the way a member is claimed and its reason names the digest, so that nobody
sends or looks for it by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from monitor.edge.store import audit, codec, commit, outbox
from monitor.edge.store.tables import alert
from monitor.model import Alert

MARK = "digest "  # begins the reason of a member


def is_member(one: Alert) -> bool:
    """Return whether an alert goes, or went, with a digest."""
    return one.reason.startswith(MARK)


def gather(conn: Connection, digest: Alert, members: Sequence[str], now: datetime, *, least: int = 2) -> Alert | None:
    """Queue a digest of those of the alerts that still wait, and claim it. None if fewer than `least` do."""
    waiting = (alert.c.id.in_(members), alert.c.state == "pending", alert.c.claimed_at.is_(None))
    claim = update(alert).where(*waiting).values(claimed_at=now, reason=MARK + digest.id)
    won = set(conn.scalars(claim.returning(alert.c.id)))
    if len(won) < least:
        conn.execute(update(alert).where(alert.c.id.in_(won)).values(claimed_at=None, reason=""))
        return None
    ids = [one for one in members if one in won]
    commit.add_alerts(conn, [replace(digest, facts={**digest.facts, "members": ids})], now)
    return outbox.claim(conn, digest.id, now)


def members(conn: Connection, digest: Alert) -> list[Alert]:
    """Return a digest's alerts in the order it lists them."""
    ids = list(digest.facts.get("members", ()))
    found = {row.id: codec.alert_of(row) for row in conn.execute(select(alert).where(alert.c.id.in_(ids)))}
    return [found[id] for id in ids if id in found]


def sent(conn: Connection, digest: Alert, channel: str, ts: str, now: datetime) -> bool:
    """Slack has the digest, and with it every member; False if that was known."""
    if not outbox.sent(conn, digest.id, channel, ts, now):
        return False
    values = {"state": "sent", "slack_channel": channel, "slack_ts": ts, "sent_at": now, "claimed_at": None}
    mine = update(alert).where(alert.c.reason == MARK + digest.id, alert.c.state == "pending")
    audit.again(conn, "alert", "sent", list(conn.scalars(mine.values(values).returning(alert.c.id))), now)
    return True


def park(conn: Connection, digest: Alert, reason: str) -> None:
    """Give a digest up: its members are laid aside, each for itself, and the digest is never sent."""
    outbox.suppress(conn, digest.id, reason)
    mine = (alert.c.reason == MARK + digest.id, alert.c.state == "pending")
    conn.execute(update(alert).where(*mine).values(state="parked", reason=reason, claimed_at=None))


def told(conn: Connection, id: str, reason: str) -> None:
    """Say of a sent alert where it went, when that was not Slack."""
    conn.execute(update(alert).where(alert.c.id == id, alert.c.state == "sent").values(reason=reason))
