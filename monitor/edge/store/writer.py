"""The one writer: jobs that arrive during a commit share the next, and nothing is answered before it is durable.

Trouble of the database (locked, full, read-only, gone) is not trouble of a job: the writer rolls
back, says so in `trouble`, and repeats the same jobs until they are committed or the store is closed.
"""

from __future__ import annotations

import asyncio
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from monitor.edge.store import trouble as troubles
from monitor.edge.store.trouble import StoreUnreachable
from monitor.edge.store.turns import Same, finish_same

log = structlog.get_logger()

PATIENCE = 10.0  # seconds that a lock held by somebody else is no trouble yet
FIRST_WAIT = 0.1  # seconds before a repeat; doubled up to LONGEST_WAIT
LONGEST_WAIT = 2.0
MOST_JOBS = 200  # in one transaction; unchanged looks are one statement, however many
MOST_SAME = 256  # unchanged looks that are written without waiting for more
SAME_WAIT = 0.1  # seconds the first of them waits for others; a job takes them along at once

Work = Callable[[Connection], Any]
_T = TypeVar("_T")


@dataclass(eq=False, slots=True)
class Job:
    """Work for the writer, and who waits for its result (`loop` is None for a thread that waits)."""

    work: Work
    future: Future[Any] | asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop | None = None
    withdrawn: bool = False
    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Batch:
    jobs: list[Job]
    same: list[Same]
    unsure: str | None = None  # PostgreSQL's number of a transaction whose COMMIT was not answered
    since: float = field(default_factory=time.monotonic)


class Writer:
    """One thread with one connection. `missing` says why the database is not in its place, if so."""

    def __init__(
        self,
        engine: Engine,
        place: str,
        *,
        missing: Callable[[], str | None] = lambda: None,
        patience: float = PATIENCE,
    ) -> None:
        self.trouble: str | None = None
        self.commits = 0  # transactions committed; only grows
        self.seconds = 0.0  # all they took together, with repeats and waiting for locks
        self.pulse = 0  # rounds and attempts; grows while the thread lives, even in trouble
        self._engine = engine
        self._place = place
        self._missing = missing
        self._patience = patience
        self._postgres = engine.dialect.name == "postgresql"
        self._connection: Connection | None = None
        self._bell = threading.Condition()
        self._jobs: deque[Job] = deque()
        self._same: deque[Same] = deque()
        self._rung = False
        self._attempting = False
        self._working = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    # ------------------------------------------------------------------ called by others

    def put(self, job: Job) -> None:
        """Queue a job; raise StoreUnreachable if the store is closed."""
        with self._bell:
            if self._closing:
                raise StoreUnreachable("the store is closed")
            self._jobs.append(job)
            self._bell.notify()

    def same(self, row: Same) -> None:
        """Queue an unchanged look; nobody waits for it."""
        with self._bell:
            self._same.append(row)
            if len(self._same) in (1, MOST_SAME):
                self._bell.notify()

    def ring(self) -> None:
        """Wake the thread, so that `pulse` tells whether it lives."""
        with self._bell:
            self._rung = True
            self._bell.notify()

    def withdraw(self, job: Job) -> bool:
        """Take a job back; False if it is being written right now and may be committed."""
        with self._bell:
            job.withdrawn = not self._attempting or job in self._jobs
            return job.withdrawn

    @property
    def idle(self) -> bool:
        with self._bell:
            return not (self._jobs or self._same or self._working)

    @property
    def queued(self) -> int:
        """How many jobs and unchanged looks wait for the next transaction."""
        return len(self._jobs) + len(self._same)

    def close(self, timeout: float) -> None:
        """Write what is queued if the database lets us, then end. Work that could not be written is refused."""
        with self._bell:
            self._closing = True
            self._bell.notify_all()
        self._thread.join(timeout)

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        while (batch := self._gather()) is not None:
            if batch.jobs or batch.same:
                self._carry(batch)
            with self._bell:
                self._working = False
        self._drop()

    def _gather(self) -> _Batch | None:
        with self._bell:
            while not (self._jobs or len(self._same) >= MOST_SAME or self._rung or self._closing):
                # Nobody waits for unchanged looks: they let others catch up, or ride with the next job.
                if not self._bell.wait(SAME_WAIT if self._same else None) and self._same:
                    break
            self.pulse += 1
            self._rung = False
            if self._closing and not (self._jobs or self._same):
                return None
            self._working = True
            return _Batch(_take(self._jobs, MOST_JOBS), _take(self._same, len(self._same)))

    def _carry(self, batch: _Batch) -> None:
        """Repeat the batch until it is committed, refused for good, or the store closes."""
        wait = 0.0
        while True:
            with self._bell:
                self.pulse += 1
                batch.jobs = [job for job in batch.jobs if not job.withdrawn]
                self._attempting = True
            try:
                self._attempt(batch)
            except _HalfRead as left:
                self._drop()
                batch.jobs.remove(left.job)
                left.job.error = left
                _answer([left.job])
                wait = 0.0  # the others begin again at once
            except Exception as error:
                self._drop()
                if not (isinstance(error, StoreUnreachable) or troubles.transient(error)):
                    self._refuse(batch, error)
                    return
                self._tell(error, batch)
                wait = 0.0 if troubles.clash(error) else min(max(wait * 2, FIRST_WAIT), LONGEST_WAIT)
            else:
                self._recovered()
                self.commits += 1
                self.seconds += time.monotonic() - batch.since
                batch.unsure = None
                _answer(batch.jobs)
                return
            finally:
                with self._bell:
                    self._attempting = batch.unsure is not None  # nobody takes back what may be committed
            if self._pause(wait):
                self._refuse(batch, StoreUnreachable(self.trouble or "the store was closed"))
                return

    def _attempt(self, batch: _Batch) -> None:
        if (gone := self._missing()) is not None:
            raise StoreUnreachable(gone)
        connection = self._connect()
        if batch.unsure is not None and self._was_committed(connection, batch):
            return
        with connection.begin() as transaction:
            if batch.same:
                finish_same(connection, batch.same)
            for job in batch.jobs:
                _do(connection, job)
            batch.unsure = self._number(connection)
            transaction.commit()

    def _number(self, connection: Connection) -> str | None:
        """Return PostgreSQL's number of this transaction, None if it wrote nothing (or on SQLite)."""
        if not self._postgres:
            return None
        number = connection.scalar(text("SELECT CAST(pg_current_xact_id_if_assigned() AS text)"))
        return None if number is None else str(number)

    def _was_committed(self, connection: Connection, batch: _Batch) -> bool:
        """Ask PostgreSQL what became of a COMMIT whose answer was lost: repeating it would do the work twice."""
        with connection.begin():
            status = connection.scalar(text("SELECT pg_xact_status(CAST(:number AS xid8))"), {"number": batch.unsure})
        if status == "in progress":
            raise StoreUnreachable(f"PostgreSQL is still ending our last transaction ({self._place})")
        batch.unsure = None
        return bool(status == "committed")

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _drop(self) -> None:
        """Let the connection go: after trouble its state is anybody's guess, and closing it rolls back."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.invalidate()
            connection.close()
        except DBAPIError:
            log.debug("store.close_failed", place=self._place)

    def _tell(self, error: Exception, batch: _Batch) -> None:
        if troubles.clash(error) or (troubles.busy(error) and time.monotonic() - batch.since < self._patience):
            return
        said = str(error) if isinstance(error, StoreUnreachable) else troubles.sentence(error, self._place)
        if self.trouble is None:
            log.error("store.trouble", reason=said)
        self.trouble = said

    def _recovered(self) -> None:
        if self.trouble is not None:
            log.warning("store.recovered", was=self.trouble)
            self.trouble = None

    def _pause(self, seconds: float) -> bool:
        """Wait before a repeat; True if the store is being closed."""
        until = time.monotonic() + seconds
        with self._bell:
            while not self._closing and (left := until - time.monotonic()) > 0:
                self._bell.wait(left)
            return self._closing

    def _refuse(self, batch: _Batch, error: Exception) -> None:
        if batch.same:
            log.error(
                "store.looks_lost", looks=len(batch.same), reason=str(error)
            )  # their leases end, they are taken again
        for job in batch.jobs:
            job.error = error
        _answer(batch.jobs)


def _take(queue: deque[_T], most: int) -> list[_T]:
    return [queue.popleft() for _ in range(min(len(queue), most))]


class _HalfRead(Exception):  # noqa: N818 - it says what happened
    """A job left a statement of which there is more to read: SQLite can then end no savepoint, however often it tries."""

    def __init__(self, job: Job) -> None:
        super().__init__("a job left a statement half-read; read all its rows, or close it")
        self.job = job


def _do(connection: Connection, job: Job) -> None:
    """Run one job in a savepoint: if it raises, it is undone alone and its caller gets the error."""
    job.result = job.error = None
    connection.exec_driver_sql("SAVEPOINT job")
    try:
        job.result = job.work(connection)
    except Exception as error:
        if troubles.transient(error):
            raise
        job.error = error
        traceback.clear_frames(error.__traceback__)  # whatever it was reading is let go with its variables
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
    try:
        connection.exec_driver_sql("RELEASE SAVEPOINT job")
    except OperationalError as error:
        if "in progress" in str(error.orig):
            raise _HalfRead(job) from job.error
        raise


def _answer(jobs: Iterable[Job]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop | None, list[Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, theirs in by_loop.items():
        if loop is None:
            _resolve(theirs)
            continue
        try:
            loop.call_soon_threadsafe(_resolve, theirs)
        except RuntimeError:  # the loop has ended: nobody waits any more, the work is committed all the same
            log.debug("store.nobody_waits", jobs=len(theirs))


def _resolve(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
