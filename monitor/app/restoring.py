"""`counterwatch backup` and `restore`: one file with everything in it, and the way back from it.

    check the file -> upgrade the copy -> write down the restore -> put the present database aside -> swap

Until the swap nothing of what is there is touched. What was told between backup and restore is no longer known
here; the next start asks Slack before it sends anything (see monitor/app/reconcile.py).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from monitor import __version__
from monitor.app import sealing, show, speech, wiring
from monitor.app.refused import Refused
from monitor.clock import SystemClock
from monitor.edge import archive
from monitor.edge import config as configs
from monitor.edge.archive import ArchiveWrong, Manifest
from monitor.edge.chain import Head
from monitor.edge.config import Config
from monitor.edge.settings import Keyring, Places
from monitor.edge.store import Lock, Store, StoreError, audit, connect, restored, schema
from monitor.edge.store import backup as copies
from monitor.edge.store.trouble import place
from monitor.watcher import discover

_SPARE = 50_000_000  # bytes of disk left alone


def backup(places: Places, target: Path, *, force: bool, as_json: bool) -> int:
    """Write a backup while the daemon works. Raises Refused and StoreError; an older backup is whole until then."""
    config, keyring, _ = wiring.opened(places, os.environ)
    url = _store_url(config, places, keyring)
    database = schema.file_of(url)
    if database is None:
        raise Refused("backup_postgres", command=f"pg_dump --format=custom --file={target} '{place(url)}'")
    _check_target(target, database, force=force)
    if not database.is_file():
        raise Refused("backup_nothing", file=database)
    now = SystemClock().now()
    try:
        _check_space(target.parent, 2 * _size(database))
        with tempfile.TemporaryDirectory(prefix=".counterwatch-", dir=target.parent) as room:
            copy = Path(room) / archive.DATABASE
            copies.copy(database, copy)
            facts = schema.examine(copy, database)
            yaml = {name: path for name in archive.YAML if (path := places.config / name).is_file()}
            members = {archive.DATABASE: copy, **yaml}
            archive.pack(target, members, program=__version__, schema=facts.revision, instance=facts.instance, at=now)
    except OSError as error:
        raise Refused("cannot_write", folder=target.parent, reason=_why(error)) from None
    size = target.stat().st_size
    told = {"file": str(target), "bytes": size, "schema": facts.revision, "at": show.rfc3339(now)}
    if as_json:
        show.json_lines([{**told, "instance": facts.instance, "files": list(members)}])
    else:
        show.lines([speech.of(config.settings).say("cli.backup.wrote", **told, size=show_size(size))])
    return 0


def _check_target(target: Path, database: Path, *, force: bool) -> None:
    if target.is_dir():
        raise Refused("backup_folder", folder=target)
    own = {database.with_name(database.name + end).resolve() for end in ("", "-wal", "-shm", ".lock")}
    if target.resolve() in own:
        raise Refused("backup_itself", file=target)
    if target.exists() and not force:
        raise Refused("backup_there", file=target)


# --------------------------------------------------------------------------- restore


@dataclass(frozen=True, slots=True)
class _Found:
    """A backup, unpacked and checked. `made_at` None: a bare database does not say."""

    database: Path
    yaml: dict[str, Path]
    made_at: datetime | None
    schema: str


def restore(places: Places, source: Path, *, with_config: bool, as_json: bool) -> int:
    """Put a backup in the place of the present database. Raises Refused and StoreError; nothing was changed then."""
    if not source.is_file():
        raise Refused("restore_missing", file=source)
    wiring.writable(places.state)
    with _room(places.state) as room:
        found = _unpacked(source, room)
        config = _config(places, found, with_config=with_config)
        keyring = Keyring.read(discover().values(), os.environ, places.credentials)
        url = _store_url(config, places, keyring)
        database = schema.file_of(url)
        if database is None:
            raise Refused("restore_postgres", command=f"pg_restore --clean --if-exists --dbname='{place(url)}' FILE")
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
            with Lock.take(url):
                instance, made_at = _made_ready(found, places.state, room, _last_head(database))
                files = _staged(places.config, found, with_config=with_config)
                try:
                    aside = _swap(found.database, database)
                    schema.remember(places.state, instance)
                    for one in files:
                        one.settle()
                    _give_to_owner(places, database, files)
                finally:
                    for one in files:
                        one.forget()
        except OSError as error:
            raise Refused("cannot_write", folder=database.parent, reason=_why(error)) from None
    facts: dict[str, Any] = {
        "file": str(source),
        "store": str(database),
        "made_at": show.rfc3339(made_at),
        "schema": found.schema,
        "aside": str(aside) if aside else None,
        "configuration": {one.there.name: "brought" if one.new else "differs" for one in files},
    }
    if as_json:
        show.json_lines([facts])
        return 0
    told = speech.of(config.settings)
    lines = [told.say("cli.restore.done", store=database, at=told.moment(made_at))]
    lines += [told.say("cli.restore.aside", aside=aside)] if aside else []
    lines += [told.say("cli.restore.brought" if one.new else "cli.restore.differs", file=one.there) for one in files]
    show.lines([*lines, told.say("cli.restore.next")])
    return 0


def mark(places: Places, *, as_json: bool) -> int:
    """Write down that the database was brought back by other means: pg_restore, a snapshot of the disk."""
    config, keyring, _ = wiring.opened(places, os.environ)
    url = _store_url(config, places, keyring)
    database = schema.file_of(url)
    if database is not None and not database.is_file():
        raise Refused("backup_nothing", file=database)
    with Lock.take(url), wiring.open_store(config, places, keyring, accept_empty=True) as store:
        made_at = store.write_now(lambda conn: _noted(conn, places.state))
    if as_json:
        show.json_lines([{"made_at": show.rfc3339(made_at)}])
    else:
        told = speech.of(config.settings)
        show.lines([told.say("cli.restore.marked", at=told.moment(made_at)), told.say("cli.restore.next")])
    return 0


def _noted(conn: Connection, state: Path, made_at: datetime | None = None, lost: Head | None = None) -> datetime:
    """Write the restore down, in the audit log too; return how old the database is."""
    now = SystemClock().now()
    made = made_at or restored.newest(conn) or now
    restored.note(conn, restored.Restored(now, made))
    sealing.restored(conn, state, made, now, lost)
    return made


@contextmanager
def _room(state: Path) -> Iterator[Path]:
    """Yield a folder beside the database's, so that the swap is one renaming; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="restore-", dir=state) as room:
        yield Path(room)


def _unpacked(source: Path, room: Path) -> _Found:
    """Unpack and check the backup. Raises Refused, SchemaNewer and StoreError."""
    database = room / archive.DATABASE
    manifest: Manifest | None = None
    try:
        _check_space(room, source.stat().st_size)
        if archive.is_database(source):
            copies.create(database)
            shutil.copyfile(source, database)
        else:
            manifest = archive.unpack(source, room)
    except ArchiveWrong as wrong:
        raise Refused("restore_damaged", file=source, reason=wrong) from None
    except OSError as error:
        raise Refused("restore_unreadable", file=source, reason=_why(error)) from None
    facts = schema.examine(database, source)
    if manifest is not None and (facts.revision, facts.instance) != (manifest.schema, manifest.instance):
        raise Refused("restore_damaged", file=source, reason="its manifest speaks of another database")
    yaml = {name: path for name in archive.YAML if (path := room / name).is_file()}
    return _Found(database, yaml, manifest.at if manifest else None, facts.revision)


def _config(places: Places, found: _Found, *, with_config: bool) -> Config:
    """Read the configuration that will hold afterwards: the present one, or that of the backup."""
    present = (places.config / configs.SETTINGS).is_file()
    folder = found.database.parent if found.yaml and (with_config or not present) else places.config
    return configs.load(folder, sources=discover())


def _last_head(database: Path) -> Head:
    """Return the end of the audit log that is about to be replaced, its beginning if nobody can read it any more."""
    if not database.exists():
        return Head()
    engine = connect.reading(make_url(f"sqlite:///{database}"))
    try:
        with engine.connect() as conn, conn.begin():
            return audit.head(conn)
    except DBAPIError:  # damaged, or of a time without the log
        return Head()
    finally:
        engine.dispose()


def _made_ready(found: _Found, state: Path, room: Path, lost: Head) -> tuple[str, datetime]:
    """Upgrade the copy to our schema and write the restore into it; return its instance id and how old it is."""
    fresh = room / "fresh" / archive.DATABASE
    Store.open(f"sqlite:///{fresh}").close()
    with Store.open(f"sqlite:///{found.database}", accept_empty=True, state=room) as store:
        if (name := schema.strange(found.database, fresh)) is not None:
            raise StoreError(f"this is not a counterwatch database: it holds {name}, which is not ours")
        return store.instance, store.write_now(lambda conn: _noted(conn, state, found.made_at, lost))


@dataclass(frozen=True, slots=True)
class _Yaml:
    """A YAML file of the backup that differs from the present one; `new` is its text beside it, None: not wanted."""

    there: Path
    new: Path | None

    def settle(self) -> None:
        if self.new is None:
            return
        if self.there.exists():
            self.there.replace(self.there.with_name(self.there.name + ".replaced"))
        self.new.replace(self.there)

    def forget(self) -> None:
        """Leave nothing beside it if the swap failed."""
        if self.new is not None:
            self.new.unlink(missing_ok=True)


def _staged(folder: Path, found: _Found, *, with_config: bool) -> list[_Yaml]:
    """Lay the YAML files ready: those that are not there, or all. What cannot be written is known before the swap."""
    files: list[_Yaml] = []
    for name, source in found.yaml.items():
        there, text = folder / name, source.read_bytes()
        if there.exists() and (not with_config or there.read_bytes() == text):
            if there.read_bytes() != text:
                files.append(_Yaml(there, None))
            continue
        folder.mkdir(parents=True, exist_ok=True)
        new = there.with_name(f".{name}.restoring")
        new.write_bytes(text)
        files.append(_Yaml(there, new))
    return files


def _swap(new: Path, database: Path) -> Path | None:
    """Put the new database in its place; return where the one that was there is kept."""
    ready = database.with_name(database.name + ".restoring")
    aside = None
    try:
        shutil.move(new, ready)  # the state folder may be on another disk
        if database.exists():
            stamp = SystemClock().now().strftime("%Y%m%dT%H%M%SZ")
            aside = database.with_name(f"{database.name}.replaced-{stamp}")
            copies.put_aside(database, aside)
        copies.put_in_place(ready, database)
    finally:
        ready.unlink(missing_ok=True)
    return aside


def _give_to_owner(places: Places, database: Path, files: Sequence[_Yaml]) -> None:
    """Where root restores, what it wrote belongs to whoever runs the daemon: the owner of the folders."""
    if os.geteuid() != 0:
        return
    mine = [*database.parent.glob(f"{database.name}*"), places.state / schema.MARKER]
    mine += [one.there for one in files if one.new]
    for path in mine:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


# --------------------------------------------------------------------------- both


def _store_url(config: Config, places: Places, keyring: Keyring) -> URL:
    return make_url(places.store_url(config.settings.store, keyring.store_password).reveal())


def _size(database: Path) -> int:
    log = database.with_name(database.name + "-wal")
    return database.stat().st_size + (log.stat().st_size if log.exists() else 0)


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        raise Refused("no_space", folder=folder, needed=show_size(needed + _SPARE), free=show_size(free))


def show_size(size: float) -> str:
    """Return bytes as people read them: 12.3 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(size) < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
