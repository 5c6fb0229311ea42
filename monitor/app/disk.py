"""`counterwatch doctor --disk`: what the store takes, by how much it grows in a month, and when the disk will be full."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from monitor.app import show, speech, wiring
from monitor.app.restoring import show_size
from monitor.clock import SystemClock
from monitor.edge.settings import Places
from monitor.edge.store import schema, sizes
from monitor.edge.store.sizes import MONTH, Size
from monitor.judge.words import Voice

_SOON = timedelta(days=30)  # a disk full by then needs a person
_LEAST = 500_000_000  # bytes free; under it too
_FAR = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The store and its disk, in bytes. free None: the disk is another machine's; full_at None: not in ten years.

    wal: the write-ahead log; copies: files beside the database that an upgrade or a restore left.
    """

    tables: tuple[Size, ...]
    wal: int
    copies: int
    free: int | None
    monthly: int | None
    full_at: datetime | None

    @property
    def trouble(self) -> bool:
        """Whether a person must act."""
        return self.free is not None and self.free < max(_LEAST, (self.monthly or 0) * (_SOON / MONTH))


def outlook(tables: list[Size], now: datetime, *, free: int | None, wal: int = 0, copies: int = 0) -> Outlook:
    """Put it together; how fast it grows is known once a table says it."""
    known = [one.monthly for one in tables if one.monthly is not None]
    monthly = sum(known) if known else None
    full_at = None
    if free is not None and monthly:
        months = free / monthly
        full_at = now + MONTH * months if months < _FAR / MONTH else None
    return Outlook(tuple(tables), wal, copies, free, monthly, full_at)


def disk(places: Places, *, as_json: bool) -> int:
    """Print it; return 1 if a person must act."""
    config, keyring, _ = wiring.opened(places, os.environ)
    now = SystemClock().now()
    with wiring.open_store(config, places, keyring) as store:
        tables = store.read_now(lambda conn: sizes.sizes(conn, now))
        path, wal = schema.file_of(store.url), store.wal_bytes()
    free = shutil.disk_usage(path.parent).free if path else None
    found = outlook(tables, now, free=free, wal=wal, copies=_beside(path) if path else 0)
    if as_json:
        show.json_lines(_rows(found))
    else:
        _print(found, speech.of(config.settings))
    return 1 if found.trouble else 0


def _beside(path: Path) -> int:
    own = {path.name + end for end in ("", "-wal", "-shm", ".lock")}
    return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*") if one.name not in own and one.is_file())


def _rows(found: Outlook) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {"table": one.table, "bytes": one.bytes, "rows": one.rows, "bytes_per_month": one.monthly}
        for one in found.tables
    ]
    whole: dict[str, object] = {
        "table": None,
        "bytes": sum(one.bytes for one in found.tables),
        "bytes_per_month": found.monthly,
        "wal_bytes": found.wal,
        "copies_bytes": found.copies,
        "free_bytes": found.free,
        "full_at": show.rfc3339(found.full_at),
        "trouble": found.trouble,
    }
    return [*rows, whole]


def _print(found: Outlook, told: Voice) -> None:
    def growth(monthly: int | None) -> str:
        return "?" if monthly is None else show_size(monthly)

    names = ("table", "bytes", "rows", "monthly")
    columns = [show.Column(told.say(f"cli.col.{name}"), whole=True, right=name != "table") for name in names]
    rows = [(one.table, show_size(one.bytes), one.rows, growth(one.monthly)) for one in found.tables if one.bytes]
    whole = sum(one.bytes for one in found.tables)
    show.table(columns, [*rows, (told.say("cli.disk.all"), show_size(whole), "", growth(found.monthly))], empty="")
    lines = [""]
    if found.copies:
        lines.append(told.say("cli.disk.copies", size=show_size(found.copies)))
    if found.monthly is None:
        lines.append(told.say("cli.disk.young"))
    if found.free is None:
        lines.append(told.say("cli.disk.elsewhere"))
    else:
        says = "full" if found.full_at else "free" if found.monthly is not None else "left"
        at = told.day(found.full_at.date()) if found.full_at else ""
        lines.append(told.say(f"cli.disk.{says}", free=show_size(found.free), at=at))
    if found.trouble:
        lines.append(told.say("cli.disk.act"))
    show.lines(lines)
