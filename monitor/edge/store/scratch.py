"""A throw-away store: the same tables in a temporary file, for what is tried out and must not be kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, insert, update
from sqlalchemy.pool import StaticPool

from monitor.edge.store.history import Said
from monitor.edge.store.tables import metadata


@contextmanager
def scratch() -> Iterator[Connection]:
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


def decide(conn: Connection, one: Said) -> None:
    """Write what a person decided."""
    conn.execute(insert(metadata.tables[one.table]).values(one.row))


def lift(conn: Connection, one: Said) -> None:
    """End what a person decided, as a person did."""
    table = metadata.tables[one.table]
    mine = (table.c.number == one.row["number"], table.c.ended_at.is_(None))
    conn.execute(update(table).where(*mine).values(ended_at=one.lifted_at, ended_why="withdrawn"))
