"""A whole, checked copy of a SQLite store, made while it is written to."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from monitor.edge.store.trouble import StoreError


def copy(source: Path, target: Path) -> None:
    """Copy a live database into `target` through SQLite's backup API and check the copy; StoreError if that fails.

    The copy is one step inside one reading transaction: writers go on, and the copy shows one moment.
    An older file of that name is replaced only when the new one is whole.
    """
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        create(part)
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(part)) as new:
            live.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            check(new, target)
        _settle(part)
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the copy of the database could not be made: {error} ({target})") from error
    finally:
        part.unlink(missing_ok=True)


def create(path: Path) -> None:
    """Make an empty file that only its owner may read, unless there is one; what SQLite puts beside it follows."""
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))


def check(database: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError if SQLite finds the database damaged."""
    found = database.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise StoreError(f"the database is damaged: {found} ({path})")


def _settle(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
