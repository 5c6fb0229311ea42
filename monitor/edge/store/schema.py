"""The schema's version, upgrades, and the question whether this is the database we knew."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, inspect, select, text

from monitor import __version__
from monitor.edge.store import backup, connect
from monitor.edge.store import trouble as troubles
from monitor.edge.store.tables import meta, metadata
from monitor.edge.store.trouble import SchemaNewer, StoreError

HEAD = "0005"  # the newest revision in migrations/versions; a test compares them
MARKER = "store.json"
_UPGRADE_LOCK = 0x636F756E746572  # PostgreSQL advisory lock: "counter"


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Which file on disk the SQLite database is. SQLite itself would go on writing into a deleted one."""

    path: Path | None  # None: PostgreSQL
    inode: tuple[int, int] | None = None

    @classmethod
    def of(cls, url: URL) -> FileIdentity:
        if (path := file_of(url)) is None:
            return cls(None)
        found = path.stat()
        return cls(path, (found.st_dev, found.st_ino))

    def missing(self) -> str | None:
        """Return why the file is not the one that was opened, None if it is."""
        if self.path is None:
            return None
        try:
            found = self.path.stat()
        except PermissionError:
            return f"the folder of the database may not be entered any more ({self.path})"
        except OSError:
            return f"the database file has gone: put it back, or stop the daemon and restore a backup ({self.path})"
        if (found.st_dev, found.st_ino) != self.inode:
            return f"another file has taken the database's place: restart the daemon to use it ({self.path})"
        return None


def file_of(url: URL) -> Path | None:
    """Return the SQLite file of a store, None for PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def prepare(url: URL, *, accept_empty: bool, migrate: bool, state: Path | None) -> str:
    """Make the database usable and return its instance id. Raises as `Store.open` says."""
    path = file_of(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    marker = _Marker.at(state or (path.parent if path else None))
    if not accept_empty and marker.instance and path is not None and not _filled(path):
        raise _lost(url, marker)
    if path is not None:
        backup.create(path)
    engine = connect.writing(url)
    try:
        with engine.connect() as conn:
            with conn.begin():
                revision, instance = _revision(conn), _instance(conn)
                _refuse_strangers(conn, url, revision)
            if marker.instance and instance != marker.instance and not accept_empty:
                raise _lost(url, marker)
            if revision != HEAD:
                _upgrade(conn, url, revision, migrate=migrate)
            with conn.begin():
                instance = _instance(conn)
    finally:
        engine.dispose()
    if instance is None:
        raise StoreError(f"the database has no instance id: restore a backup ({troubles.place(url)})")
    marker.write(instance)
    return instance


def _upgrade(conn: Connection, url: URL, revision: str | None, *, migrate: bool) -> None:
    """Bring the schema to HEAD in one transaction, after a copy of what there was."""
    if revision is not None and not _known(revision):
        raise _newer(revision, troubles.place(url))
    if not migrate:
        raise StoreError(
            f"the database has {f'schema {revision}' if revision else 'no schema yet'}, this program needs {HEAD}: "
            f"start the daemon once, it upgrades the database ({troubles.place(url)})"
        )
    path = file_of(url)
    if path is not None and revision is not None:
        backup.copy(path, path.with_name(f"{path.name}.before-{HEAD}"))
    with conn.begin():
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        if _revision(conn) == HEAD:  # somebody else upgraded it while we waited for the lock
            return
        _alembic(conn)
        if _instance(conn) is None:
            conn.execute(meta.insert().values(name="instance", value=uuid.uuid4().hex))


def _newer(revision: str, place: str) -> SchemaNewer:
    return SchemaNewer(
        f"the database has schema {revision}, made by a newer counterwatch; this is {__version__} and knows schemas "
        f"up to {HEAD}: install the newer program ({place})"
    )


def alembic_config(conn: Connection | None = None) -> Any:
    """Return alembic's configuration: where the revisions are, and the connection to use."""
    from alembic.config import Config  # only needed for an upgrade: importing it costs more than opening the store

    config = Config()
    where = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", where.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config


def _alembic(conn: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(conn), "head")


def _known(revision: str) -> bool:
    from alembic.script import ScriptDirectory

    revisions = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return revision in {one.revision for one in revisions}


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    found = conn.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def _instance(conn: Connection) -> str | None:
    if not inspect(conn).has_table(meta.name):
        return None
    return conn.scalar(select(meta.c.value).where(meta.c.name == "instance"))


def _refuse_strangers(conn: Connection, url: URL, revision: str | None) -> None:
    """Refuse a database in which somebody else keeps tables of our names (or, on SQLite, any)."""
    if revision is not None:
        return
    tables = set(inspect(conn).get_table_names())
    if conn.dialect.name == "postgresql":
        tables &= set(metadata.tables)
    if tables - {"alembic_version"}:
        raise StoreError(
            f"this is not a counterwatch database: it holds the table {min(tables)} ({troubles.place(url)})"
        )


# --------------------------------------------------------------------------- databases from elsewhere


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database file says of itself."""

    revision: str
    instance: str


def examine(path: Path, shown: Path) -> Facts:
    """Check a closed SQLite file from end to end; `shown` is what a person calls it.

    Raises SchemaNewer if a newer program made it, StoreError if it is damaged or is none of ours.
    """
    try:
        with closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA trusted_schema = OFF")
            backup.check(file, shown)
            tables = {row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not {"alembic_version", meta.name} <= tables:
                raise StoreError(f"this is not a counterwatch database ({shown})")
            revision = file.execute("SELECT version_num FROM alembic_version").fetchone()
            instance = file.execute("SELECT value FROM meta WHERE name = 'instance'").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"the database is damaged: {error} ({shown})") from error
    if revision is None or instance is None:
        raise StoreError(f"this is not a counterwatch database ({shown})")
    if not _known(str(revision[0])):
        raise _newer(str(revision[0]), str(shown))
    return Facts(str(revision[0]), str(instance[0]))


def strange(path: Path, fresh: Path) -> str | None:
    """Return the name of a trigger or view that a database has and a fresh one of ours does not: it would run unseen."""
    own = _hidden(fresh)
    return next((name for (name, text) in sorted(_hidden(path)) if (name, text) not in own), None)


def _hidden(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as file:
        return set(file.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"))


def remember(state: Path, instance: str) -> None:
    """Make a database the one that belongs to this state folder. Raises OSError."""
    _Marker.at(state).write(instance)


# --------------------------------------------------------------------------- lost databases


def _filled(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _lost(url: URL, marker: _Marker) -> StoreError:
    return StoreError(
        f"the database that was here has gone: {troubles.place(url)} is missing or is another one than {marker.path} "
        "remembers. Put it back or restore a backup; to begin again with a new baseline, start once with --accept-empty-store"
    )


@dataclass(frozen=True, slots=True)
class _Marker:
    """A small file that remembers which database lives here."""

    path: Path | None
    instance: str | None

    @classmethod
    def at(cls, folder: Path | None) -> _Marker:
        if folder is None:
            return cls(None, None)
        path = folder / MARKER
        try:
            return cls(path, str(json.loads(path.read_text())["instance"]))
        except FileNotFoundError:
            return cls(path, None)
        except (ValueError, KeyError, TypeError):  # half a file: as if it were not there, the database itself decides
            return cls(path, None)

    def write(self, instance: str) -> None:
        if self.path is None or instance == self.instance:
            return
        new = self.path.with_suffix(".new")
        with new.open("w") as file:
            json.dump({"instance": instance}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
