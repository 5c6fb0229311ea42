"""Small, valid words for store tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from monitor.edge.store import Store, commit, tables, turns
from monitor.edge.store.commit import Judged, Put, Settled
from monitor.edge.store.turns import Watched
from monitor.model import (
    Alert,
    Event,
    Evidence,
    Incident,
    Look,
    Origin,
    Outcome,
    Reason,
    Record,
    Severity,
    Turn,
    Verdict,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def watched(count: int = 1, source: str = "gleif", every: float = 3600.0) -> list[Watched]:
    return [Watched(source, f"c{number}", every, host="api.example.org") for number in range(count)]


def claimed(store: Store, count: int = 1, now: datetime = NOW, lease: float = 60.0) -> list[Turn]:
    """Plan `count` watches and claim them."""
    store.write_now(lambda conn: turns.ensure(conn, watched(count), now))
    return store.write_now(lambda conn: turns.claim(conn, now, count, lease))


def record(key: str = "1", kind: str = "officer", **fields: Any) -> Put:
    found = Record(kind, key, fields or {"name": "Kari Nordmann"})
    return Put(found, hashlib.sha256(repr(sorted(found.fields.items())).encode()).digest())


def event(key: str = "reg.dissolved|c0|1|2026-03-01", **values: Any) -> Event:
    made = Event(
        id=hashlib.sha256(key.encode()).hexdigest()[:12],
        key=key,
        type=key.partition("|")[0],
        customer="c0",
        source="gleif",
        first_seen=NOW,
        origins=(Origin("GLEIF", "gleif", True),),
        evidence=("aa",),
    )
    return replace(made, **values)


def judged(key: str = "reg.dissolved|c0|1|2026-03-01", incident: str | None = "i1", **values: Any) -> Judged:
    return Judged(
        event(key, **values), Verdict(Severity.CRITICAL, (Reason("default", {"level": "critical"}),)), incident
    )


def incident(id: str = "i1", **values: Any) -> Incident:
    made = Incident(id, "c0", "registry life", Severity.CRITICAL, "open", NOW, NOW, head="e1")
    return replace(made, **values)


def alert(id: str = "a1", **values: Any) -> Alert:
    made = Alert(
        id, f"key-{id}", "root", "#watch", Severity.HIGH, event="e1", incident="i1", customer="c0", created_at=NOW
    )
    return replace(made, **values)


def proof(body: bytes = b"<html>gone</html>") -> Evidence:
    digest = hashlib.sha256(body).hexdigest()
    return Evidence(digest, body, "text/html", "https://example.org/", "gleif", 200, {"server": "x"}, NOW)


def settled(turn: Turn, outcome: Outcome = Outcome.CHANGED, now: datetime = NOW, **values: Any) -> Settled:
    return Settled(
        turn=turn,
        now=now,
        look=Look(turn.source, turn.subject, outcome, len(values.get("put", ())), True, values.pop("reason", "")),
        due_at=values.pop("due_at", now + HOUR),
        fails=values.pop("fails", 0),
        version=1,
        full_at=values.pop("full_at", now),
        baseline_at=values.pop("baseline_at", now),
        **values,
    )


def whole(turn: Turn, key: str, now: datetime = NOW) -> Settled:
    """A turn that touches every table: one record, one event, its incident, one alert, the evidence."""
    return settled(
        turn,
        now=now,
        put=[record(key)],
        events=[judged(f"reg.dissolved|{key}", f"i-{key}")],
        incidents=[incident(f"i-{key}")],
        alerts=[alert(f"a-{key}", incident=f"i-{key}")],
        evidence=[proof(key.encode())],
        spells=[("c0", f"active {key}")],
    )


def finish(store: Store, done: Settled) -> bool:
    return store.write_now(lambda conn: commit.turn(conn, done))


def counts(
    conn: Connection, names: Sequence[str] = ("record", "event", "incident", "alert", "evidence", "spell", "look")
) -> dict[str, int]:
    return {name: conn.scalar(select(func.count()).select_from(tables.metadata.tables[name])) or 0 for name in names}
