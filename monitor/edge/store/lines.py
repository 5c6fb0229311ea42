"""Lines of the daily digest, as the store holds them: they wait, are gathered into one message, or are told sooner.

A gathered line is a member of its digest (see digests.py): claimed, and sent when the digest is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from monitor.edge.store import audit, codec, commit, digests, outbox
from monitor.edge.store.tables import alert, event, incident
from monitor.edge.store.turns import chunks
from monitor.model import Alert, Incident, Severity

_WAITS = (alert.c.kind == "line", alert.c.state == "pending", alert.c.claimed_at.is_(None))


def due(conn: Connection, now: datetime) -> dict[str, list[Alert]]:
    """Return the lines whose digest is due, by channel, the oldest first."""
    rows = select(alert).where(*_WAITS, alert.c.not_before <= now).order_by(alert.c.created_at, alert.c.id)
    found: dict[str, list[Alert]] = {}
    for row in conn.execute(rows):
        one = codec.alert_of(row)
        found.setdefault(one.channel, []).append(one)
    return found


def gather(conn: Connection, digest: Alert, members: Sequence[str], now: datetime) -> bool:
    """Queue a digest of exactly these lines, which wait no longer; False, and nothing changes, if one of them does not.

    All of it is of the caller's transaction: after a kill either every line still waits or the digest does.
    """
    claim = (
        update(alert).where(alert.c.id.in_(members), *_WAITS).values(claimed_at=now, reason=digests.MARK + digest.id)
    )
    won = set(conn.scalars(claim.returning(alert.c.id)))
    if won != set(members):
        _free(conn, won)
        return False
    commit.add_alerts(conn, [replace(digest, facts={**digest.facts, "members": list(members)})], now)
    return True


def recalled(conn: Connection, digest: Alert, heard: Iterable[str]) -> int:
    """Dissolve a digest that waits and of whose lines some were heard already, before a restore; return how many.

    Those that were not heard wait again, for another digest. The caller marks the others.
    """
    known = set(heard)
    if not known:
        return 0
    outbox.suppress(conn, digest.id, "superseded")
    _free(conn, (one.id for one in digests.members(conn, digest)))
    return len(known)


def _free(conn: Connection, ids: Iterable[str]) -> None:
    for part in chunks(sorted(ids)):
        mine = (alert.c.id.in_(part), alert.c.state == "pending")
        conn.execute(update(alert).where(*mine).values(claimed_at=None, reason=""))


# --------------------------------------------------------------------------- what a graver fact changes


def overtake(conn: Connection, becomes: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    """Write what becomes of rows when a graver fact of their incident goes before them, unless they are on their way."""
    for id, values in becomes.items():
        mine = (alert.c.id == id, alert.c.state == "pending", alert.c.claimed_at.is_(None))
        if conn.execute(update(alert).where(*mine).values(**values)).rowcount and "kind" in values:
            audit.again(conn, "alert", "threaded", [id], now)


# --------------------------------------------------------------------------- what a week came to


def incidents(conn: Connection, ids: Iterable[str]) -> dict[str, Incident]:
    """Return the known ones of these incidents by their id."""
    return {
        row.id: codec.incident_of(row)
        for part in chunks(sorted(set(ids)))
        for row in conn.execute(select(incident).where(incident.c.id.in_(part)))
    }


def changes(conn: Connection, since: datetime, until: datetime) -> list[tuple[str, str, int]]:
    """Return (customer, type, how many) of the events first seen in a span that were more than background."""
    told = (event.c.silent.is_(None) | event.c.silent.not_in(["baseline", "dismissed", "nothing_adverse"]),)
    rows = (
        select(event.c.customer, event.c.type, func.count())
        .where(event.c.customer.is_not(None), event.c.first_seen >= since, event.c.first_seen < until, *told)
        .where(event.c.severity != Severity.INFO.value)
        .group_by(event.c.customer, event.c.type)
    )
    return [(row[0], row[1], row[2]) for row in conn.execute(rows)]


def open_incidents(conn: Connection) -> list[Incident]:
    """Return every open incident about a customer that somebody was told of, or is to be, the gravest first."""
    told = select(alert.c.incident).where(alert.c.state != "suppressed", alert.c.incident.is_not(None))
    rows = select(incident).where(incident.c.state == "open", incident.c.customer.is_not(None), incident.c.id.in_(told))
    found = [codec.incident_of(row) for row in conn.execute(rows)]
    return sorted(found, key=lambda one: (-one.severity.rank, one.opened_at, one.id))
