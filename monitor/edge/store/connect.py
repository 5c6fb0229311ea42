"""Engines for both databases: who may write, how long to wait, and what is durable."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool, QueuePool

from monitor.edge.store.trouble import StoreError

# The writer waits in slices of this length, so that it can stop or report meanwhile (writer.PATIENCE in all).
WRITER_BUSY_MS = 1_000
BUSY_MS = 10_000
READERS = 3  # connections of the reading threads on PostgreSQL; SQLite has one
WAL_LIMIT = 64 * 2**20  # bytes to which a grown write-ahead log is cut back

_POSTGRES_DEFAULTS: dict[str, Any] = {
    "application_name": "counterwatch",
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds: a dead network ends a call instead of hanging it
}


def parse(url: str | URL) -> URL:
    """Read a store URL (`sqlite:///path` or `postgresql://…`); raise StoreError for any other."""
    try:
        found = make_url(url)
    except Exception as error:
        raise StoreError("the store address is not a URL: write sqlite:///counterwatch.db or postgresql://…") from error
    if found.get_backend_name() == "postgresql":
        return found.set(drivername="postgresql+psycopg")
    if found.get_backend_name() != "sqlite":
        raise StoreError(f"the store cannot be {found.get_backend_name()}: write sqlite:///… or postgresql://…")
    if not found.database or found.database == ":memory:":
        raise StoreError("the SQLite store needs a file: write sqlite:///counterwatch.db")
    return found.set(drivername="sqlite+pysqlite")


def writing(url: URL) -> Engine:
    """Return the engine of the one writer: its transactions hold the write lock from their first moment."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, begin="BEGIN IMMEDIATE", busy_ms=WRITER_BUSY_MS, query_only=False)
    return _postgres(url, poolclass=NullPool)


def reading(url: URL) -> Engine:
    """Return the engine of the readers: each transaction sees one state and can change nothing."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, begin="BEGIN", busy_ms=BUSY_MS, query_only=True)
    engine = _postgres(url, poolclass=QueuePool, pool_size=READERS, max_overflow=0)
    return engine.execution_options(postgresql_readonly=True)


def _postgres(url: URL, **pool: Any) -> Engine:
    asked = {key: value for key, value in _POSTGRES_DEFAULTS.items() if key not in url.query}
    return create_engine(url, connect_args=asked, isolation_level="READ COMMITTED", hide_parameters=True, **pool)


def _sqlite(url: URL, *, begin: str, busy_ms: int, query_only: bool) -> Engine:
    engine = create_engine(
        url,
        # isolation_level None: the driver begins nothing by itself, we say BEGIN (below).
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": busy_ms / 1000},
        poolclass=QueuePool if query_only else NullPool,
        hide_parameters=True,  # errors reach the log; what people are called does not
        **({"pool_size": 1, "max_overflow": 0} if query_only else {}),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout = {busy_ms}")
        connection.execute("PRAGMA foreign_keys = ON")
        if query_only:
            connection.execute("PRAGMA query_only = ON")
            return
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # a COMMIT that returned survives a power cut
        connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        # A read that turns into a write fails at once with SQLITE_BUSY_SNAPSHOT, whatever the timeout.
        connection.exec_driver_sql(begin)

    return engine
