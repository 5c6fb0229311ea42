"""An independent reader: from the database's own file, Slack's log and the truth, was each change told exactly once?

It shares no code with the store or the judge: it reads tables and messages as a stranger would.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

_TOLD = re.compile(r"^\W*(?:CRITICAL|HIGH|MEDIUM) · Tested Company (\d{3}) Ltd", re.MULTILINE)
_EVENTS = "SELECT type, customer FROM event WHERE customer IS NOT NULL AND severity IN ('critical', 'high', 'medium')"


@dataclass(frozen=True, slots=True)
class Findings:
    """What the reader found; all lists empty means that every promise was kept."""

    planted: int
    lost: list[str]  # planted, and no event in the database
    untold: list[str]  # planted, and no message
    twice: list[str]  # told more than once
    false: list[str]  # told or recorded, and never planted
    damage: list[str]  # what the database says of itself

    @property
    def kept(self) -> bool:
        return not (self.lost or self.untold or self.twice or self.false or self.damage)

    def __str__(self) -> str:
        bad = {name: getattr(self, name) for name in ("lost", "untold", "twice", "false", "damage")}
        said = [f"{name}: {', '.join(found)}" for name, found in bad.items() if found]
        return "; ".join(said) or f"{self.planted} planted, each told once, nothing false"


def read(planted: Iterable[tuple[str, str]], store: str, messages: Iterable[Mapping[str, Any]]) -> Findings:
    """Compare the truth, (event type, customer id) each, with the database at `store` and with Slack's messages."""
    truth = Counter(planted)
    held = Counter(_events(store))
    told = _told(messages)
    customers = Counter(customer for _, customer in truth)
    return Findings(
        planted=len(truth),
        lost=sorted(f"{type_} of {who}" for type_, who in truth if held[type_, who] != 1),
        untold=sorted(customers - told.keys()),
        twice=sorted(who for who, count in told.items() if count > customers[who] > 0),
        false=sorted({f"{t} of {who}" for t, who in held if (t, who) not in truth} | (told.keys() - customers)),
        damage=_damage(store),
    )


def _told(messages: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Count root messages by customer: replies in a thread are the story, not another alert."""
    roots = [m for m in messages if not m.get("thread_ts") or m.get("thread_ts") == m.get("ts")]
    ids = Counter(f"c{int(found[1])}" for m in roots for found in [_TOLD.search(str(m["text"]))] if found)
    digests = [m for m in roots if len(_TOLD.findall(str(m["text"]))) > 1]
    for message in digests:  # a digest tells several at once
        for number in _TOLD.findall(str(message["text"]))[1:]:
            ids[f"c{int(number)}"] += 1
    return ids


def _events(store: str) -> list[tuple[str, str]]:
    if (path := file_of(store)) is not None:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
            return [(str(t), str(c)) for t, c in conn.execute(_EVENTS)]
    with psycopg.connect(_plain(store)) as conn:
        return [(str(t), str(c)) for t, c in conn.execute(_EVENTS)]


def _damage(store: str) -> list[str]:
    """Ask SQLite to check itself; PostgreSQL has no such question."""
    if (path := file_of(store)) is None:
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
        found = [str(row[0]) for row in conn.execute("PRAGMA integrity_check")]
    return [] if found == ["ok"] else found


def file_of(store: str) -> Path | None:
    """Return the SQLite file behind an address, None for PostgreSQL."""
    return Path(store.removeprefix("sqlite:///")) if store.startswith("sqlite") else None


def _plain(store: str) -> str:
    return make_url(store).set(drivername="postgresql").render_as_string(hide_password=False)
