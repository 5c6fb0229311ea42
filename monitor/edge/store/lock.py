"""The lock that bars a second daemon from a store. Commands need none: they write through the same functions."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from monitor.edge.store import connect
from monitor.edge.store import trouble as troubles
from monitor.edge.store.schema import file_of
from monitor.edge.store.trouble import StoreError, StoreUnreachable

_DAEMON = 0x6461656D6F6E  # PostgreSQL advisory lock, per database: "daemon"


class Busy(StoreError):  # noqa: N818 - it says what is so
    """Another daemon works on this store."""


class _Held(Protocol):
    def held(self) -> bool: ...
    def release(self) -> None: ...


class Lock:
    """A held lock. It ends with `release`, with the process, or (PostgreSQL) with its connection."""

    def __init__(self, held: _Held) -> None:
        self._held = held

    @classmethod
    def take(cls, url: str | URL) -> Lock:
        """Take the lock of a store; Busy if another daemon has it, StoreUnreachable if it cannot be asked for."""
        address = connect.parse(url)
        path = file_of(address)
        return cls(_File(path.with_name(path.name + ".lock")) if path else _Session(address))

    def held(self) -> bool:
        """Whether it is still ours; takes it again if PostgreSQL ended our connection and nobody else was first."""
        return self._held.held()

    def release(self) -> None:
        self._held.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class _File:
    """A lock on a file beside the database; the kernel frees it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnreachable(f"the lock file cannot be opened: {error.strerror} ({path})") from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._handle, 20, 0).decode(errors="replace").strip()
            os.close(self._handle)
            raise Busy(
                f"another counterwatch daemon (process {holder or 'unknown'}) works on this store ({path})"
            ) from error
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def held(self) -> bool:
        return self._handle >= 0

    def release(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class _Session:
    """An advisory lock of one PostgreSQL session, on a connection that does nothing else."""

    def __init__(self, url: URL) -> None:
        self._place = troubles.place(url)
        self._engine: Engine = connect.writing(url).execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None
        try:
            taken = self._take()
        except DBAPIError as error:
            self.release()
            raise StoreUnreachable(troubles.sentence(error, self._place)) from error
        if not taken:
            self.release()
            raise Busy(f"another counterwatch daemon works on this store ({self._place})")

    def held(self) -> bool:
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
        except DBAPIError:
            self._drop()
        try:
            return self._take()
        except DBAPIError:
            self._drop()
            return False

    def release(self) -> None:
        self._drop()
        self._engine.dispose()

    def _take(self) -> bool:
        self._connection = self._engine.connect()
        taken = bool(self._connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _DAEMON}))
        if not taken:
            self._drop()
        return taken

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
