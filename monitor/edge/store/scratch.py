"""A throw-away store: the same tables in a temporary file, for what is tried out and must not be kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, insert, update
from sqlalchemy.pool import StaticPool

from monitor.edge.store import commit, decisions
from monitor.edge.store.history import Step, Watched
from monitor.edge.store.tables import alert, metadata, record, watch
from monitor.edge.store.tables import mute as mutes
from monitor.policy import Mute


@contextmanager
def opened() -> Iterator[Connection]:
    """Yield a connection to an empty store that goes when the block ends. Nothing in it survives a crash."""
    with tempfile.TemporaryDirectory(prefix="counterwatch-") as folder:
        engine = create_engine(
            f"sqlite+pysqlite:///{Path(folder) / 'scratch.db'}",
            connect_args={"isolation_level": None},
            poolclass=StaticPool,
            hide_parameters=True,
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
                connection.execute(f"PRAGMA {pragma}")

        try:
            with engine.connect() as conn:
                metadata.create_all(conn)
                yield conn
        finally:
            engine.dispose()


def watching(conn: Connection, one: Watched, at: datetime) -> None:
    """Let the store know a watch, as one whose looks are good."""
    values = {"id": one.id, "source": one.source, "subject": one.subject, "every": 0.0}
    conn.execute(insert(watch).values(values | {"due_at": at, "created_at": at, "outcome": "same", "last_good_at": at}))


def looked(conn: Connection, subject: str, at: datetime) -> None:
    """Note that all who are asked about a customer were seen lately."""
    conn.execute(update(watch).where(watch.c.subject == subject).values(last_good_at=at))


def hold(conn: Connection, step: Step) -> None:
    """Let the records of a watch be as they are after a step."""
    gone = step.closed.keys() - {one.record.id for one in step.put}
    for kind, key in gone:
        mine = (record.c.watch == step.watch, record.c.kind == kind, record.c.key == key, record.c.valid_to.is_(None))
        conn.execute(update(record).where(*mine).values(valid_to=step.at))
    commit.put(conn, step.watch, [commit.Put(one.record, one.digest) for one in step.put], step.at)


def sent(conn: Connection, now: datetime) -> None:
    """Take what was to leave by now as sent: what waits is told otherwise than what has left."""
    due = (alert.c.state == "pending", alert.c.not_before < now)
    conn.execute(update(alert).where(*due).values(state="sent", sent_at=alert.c.not_before))


def mute(conn: Connection, one: Mute) -> None:
    """Write a mute of then under its own number, so that what it silences says so."""
    row = {"number": one.number, "by": one.by, "at": one.at, "reason": one.reason, "until": one.until}
    row |= {"level": one.level.value, "matcher": decisions.matcher_json(one.when), "incident": one.incident}
    conn.execute(insert(mutes).values(row))
