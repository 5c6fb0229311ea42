"""The open store: writes go to one writer, reads to short transactions of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import URL, Connection, Engine, update
from sqlalchemy.exc import DBAPIError

from monitor.edge.store import backup, connect, schema
from monitor.edge.store import trouble as troubles
from monitor.edge.store.tables import meta
from monitor.edge.store.trouble import StoreError, StoreUnreachable, StoreWaits
from monitor.edge.store.turns import Same
from monitor.edge.store.writer import Job, Writer

T = TypeVar("T")
Work = Callable[[Connection], T]

READ_PATIENCE = 10.0  # seconds in which a lost connection is replaced and the read repeated
CLOSE_PATIENCE = 2.0
WRITE_PATIENCE = 30.0  # seconds a command waits for a store in trouble


class Store:
    """The database, opened and of the right schema. Safe to use from any thread and from an event loop.

    A job is a function of one connection inside a transaction. It may run more than once (a lost
    connection, a lock), so it changes nothing but the database, and it never waits for the network.
    """

    def __init__(self, url: URL, instance: str) -> None:
        """Use `Store.open`, which also checks the schema."""
        self.url = url
        self.place = troubles.place(url)  # the address as it may be shown
        self.instance = instance  # names this database; backups and restored copies keep it
        self._file = schema.FileIdentity.of(url)
        self._writing = connect.writing(url)
        self._reading = connect.reading(url)
        self._writer = Writer(self._writing, self.place, missing=self._file.missing)
        workers = 1 if self._file.path else connect.READERS
        self._readers = ThreadPoolExecutor(workers, thread_name_prefix="store-reader")
        self._closed = False

    @classmethod
    def open(
        cls,
        url: str | URL,
        *,
        accept_empty: bool = False,
        migrate: bool = True,
        state: Path | None = None,
    ) -> Store:
        """Open a store, creating or upgrading it as needed.

        accept_empty: a person agrees to start anew where a known database has gone.
        migrate: False refuses a database of an older schema instead of upgrading it.
        state: the folder of the marker that tells a lost database (SQLite: beside the file).

        Raises SchemaNewer if a newer program made the database, StoreUnreachable if it cannot be opened
        or written now (trying later may help), StoreError if a person must act.
        """
        address = connect.parse(url)
        try:
            instance = schema.prepare(address, accept_empty=accept_empty, migrate=migrate, state=state)
        except DBAPIError as error:
            raise _refusal(error, address) from error
        except OSError as error:
            raise StoreUnreachable(
                f"the folder of the database cannot be used: {error.strerror or error} ({troubles.place(address)})"
            ) from error
        return cls(address, instance)

    # ------------------------------------------------------------------ writing

    async def write(self, job: Work[T]) -> T:
        """Run a job in the writer and return its result once it is committed. Waits while the store is in trouble."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        queued = Job(job, future, loop)
        self._writer.put(queued)
        try:
            return await future
        except asyncio.CancelledError:
            self._writer.withdraw(queued)
            raise

    def write_now(self, job: Work[T], *, patience: float = WRITE_PATIENCE) -> T:
        """Do the same for a caller that may block; StoreUnreachable if the store stays in trouble for `patience` seconds."""
        future: Future[T] = Future()
        queued = Job(job, future)
        self._writer.put(queued)
        while not wait([future], timeout=patience).done:
            if self.trouble is not None and self._writer.withdraw(queued):
                raise StoreWaits(self.trouble or "the store could not be written in time")
            patience = 0.1
        return future.result()

    def probe(self, *, patience: float = 5.0) -> None:
        """Commit a change that changes nothing, to know that the disk takes it; StoreUnreachable if it does not."""
        touch = update(meta).where(meta.c.name == "instance").values(value=meta.c.value)
        self.write_now(lambda conn: conn.execute(touch).close(), patience=patience)

    def same(self, row: Same) -> None:
        """Note an unchanged look. Nobody waits for it; it goes into the next transaction with its like."""
        self._writer.same(row)

    async def flush(self) -> None:
        """Wait until everything queued before is committed."""
        await self.write(lambda conn: None)

    # ------------------------------------------------------------------ reading

    async def read(self, job: Work[T]) -> T:
        """Run a job in a reading transaction of its own; StoreUnreachable if the database stays away."""
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, job)

    def read_now(self, job: Work[T]) -> T:
        """Do the same for a caller that may block."""
        self._check_open()
        return self._readers.submit(self._read, job).result()

    def _read(self, job: Work[T]) -> T:
        until = time.monotonic() + READ_PATIENCE
        while True:
            try:
                with self._reading.connect() as conn, conn.begin():
                    return job(conn)
            except DBAPIError as error:
                if not troubles.transient(error) or troubles.read_only(error):
                    raise  # a job's own mistake: a reader that writes is one too
                if self._closed or not _passes(error) or time.monotonic() > until:
                    raise StoreUnreachable(troubles.sentence(error, self.place)) from error
            time.sleep(0.1)

    # ------------------------------------------------------------------ how it is

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writing.dialect.name

    @property
    def engine(self) -> Engine:
        """The writing engine, for what needs a connection of its own (locks, LISTEN)."""
        return self._writing

    @property
    def trouble(self) -> str | None:
        """Why the store cannot be written now, as one plain sentence; None if it can."""
        return self._writer.trouble

    @property
    def commits(self) -> int:
        """Transactions committed so far; only grows."""
        return self._writer.commits

    @property
    def commit_seconds(self) -> float:
        """What the transactions took together, with repeats and waiting for locks; only grows."""
        return self._writer.seconds

    @property
    def queued(self) -> int:
        """How many jobs and unchanged looks wait to be written."""
        return self._writer.queued

    @property
    def pulse(self) -> int:
        """Rounds of the writer; grows after each `ping` while its thread lives, even when the database is away."""
        return self._writer.pulse

    def ping(self) -> None:
        """Wake the writer, so that `pulse` grows; costs no transaction."""
        self._writer.ring()

    def idle(self) -> bool:
        """Whether nothing is queued or being written."""
        return self._writer.idle

    def wal_bytes(self) -> int:
        """Return the size of SQLite's write-ahead log; 0 on PostgreSQL."""
        log = self._file.path and self._file.path.with_name(self._file.path.name + "-wal")
        return log.stat().st_size if log and log.exists() else 0

    def backup(self, target: Path) -> None:
        """Write a whole, checked copy of a SQLite store; writing goes on meanwhile. StoreError on PostgreSQL (use pg_dump)."""
        if self._file.path is None:
            raise StoreError("a PostgreSQL store is backed up with pg_dump")
        backup.copy(self._file.path, target)

    def close(self) -> None:
        """Write what is queued, if that is possible within two seconds, and let the database go."""
        if self._closed:
            return
        self._closed = True
        self._writer.close(CLOSE_PATIENCE)
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._reading.dispose()
        self._writing.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnreachable("the store is closed")


def _passes(error: DBAPIError) -> bool:
    """Whether a read may succeed if repeated: a lock or a lost connection, not a damaged file."""
    return troubles.sqlite_code(error) is None or troubles.busy(error)


_DAMAGED = (11, 26)  # SQLite: corrupt, not a database


def _refusal(error: DBAPIError, url: URL) -> StoreError:
    if troubles.sqlite_code(error) in _DAMAGED or not troubles.transient(error):
        return StoreError(troubles.sentence(error, troubles.place(url)))
    return troubles.unreachable(error, troubles.place(url))
