"""A whole, checked copy of a SQLite store, made while it is written to."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from monitor.edge.store.trouble import StoreError

_STEP = 2_000  # pages copied at a time

Progress = Callable[[int, int], None]  # pages left, pages in all


def copy(source: Path, target: Path, *, step: Progress | None = None) -> None:
    """Copy a live database into `target` through SQLite's backup API and check the copy; StoreError if that fails.

    All steps lie in one reading transaction: writers go on, and the copy shows one moment. An older file of that
    name is replaced only when the new one is whole. `step` is told how far it is.
    """
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        create(part)
        with closing(_reading(source)) as live, closing(sqlite3.connect(part)) as new:
            # Held open, it keeps the steps from beginning again whenever somebody writes.
            live.execute("BEGIN")
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
            live.backup(new, pages=_STEP, progress=_told(step), sleep=0)
            new.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            check(new, target)
        _settle(part)
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the copy of the database could not be made: {error} ({target})") from error
    finally:
        part.unlink(missing_ok=True)


def _reading(source: Path) -> sqlite3.Connection:
    source.stat()  # SQLite would make an empty database where there is none
    return sqlite3.connect(source, isolation_level=None, timeout=10)


def _told(step: Progress | None) -> Callable[[int, int, int], None] | None:
    return None if step is None else lambda _status, left, total: step(left, total)


def create(path: Path) -> None:
    """Make an empty file that only its owner may read, unless there is one; what SQLite puts beside it follows."""
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))


def check(database: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError if SQLite finds the database damaged."""
    found = database.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise StoreError(f"the database is damaged: {found} ({path})")


def put_aside(path: Path, aside: Path) -> None:
    """Keep the database at `path` under another name too, whole in one file; `path` stays until it is replaced.

    What its write-ahead log still holds is brought home first: a log left behind would be played into whatever
    takes the place. If the database is too damaged for that, the log goes aside with it. Nobody may have it open.
    """
    try:
        with closing(sqlite3.connect(path, timeout=10)) as last:
            last.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        pass  # kept as it is
    for end in ("-wal", "-shm"):
        beside = path.with_name(path.name + end)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + end))
    try:
        aside.hardlink_to(path)
    except OSError:  # a file system without such links
        path.replace(aside)


def put_in_place(new: Path, path: Path) -> None:
    """Let a whole, closed database take a place, at once or not at all, and make that durable."""
    _settle(new)
    new.replace(path)
    _settle(path.parent)


def _settle(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
