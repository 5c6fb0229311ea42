"""How listings reach the screen: one JSON object a line for scripts, a table that fits the terminal for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

_BAD = dict.fromkeys(
    [*range(0x00, 0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


def clean(text: str) -> str:
    """Return foreign text without control characters, so that nothing drives the terminal."""
    return text.translate(_BAD)


def rfc3339(moment: datetime | None) -> str | None:
    """Return `2026-11-02T08:30:00Z`, or None."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def json_lines(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print one object a line, keys in the order given."""
    write = sys.stdout.buffer.write
    for row in rows:
        write(orjson.dumps(row) + b"\n")
    sys.stdout.flush()


def local(moment: datetime | None, zone: str) -> str:
    """Return the moment in the reader's zone, to the minute."""
    return "-" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print a table; long cells wrap, wide characters count double, no colour when piped."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    found = list(rows)
    console = Console()
    if not found:
        console.print(empty, markup=False)
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in found:
        grid.add_row(*(Text(clean(str(cell)) if cell is not None else "-") for cell in row))
    console.print(grid)


def lines(rows: Iterable[str]) -> None:
    """Print plain lines."""
    for row in rows:
        sys.stdout.write(clean(row) + "\n")


def sentence(text: str) -> None:
    """Say one clear sentence to a person, on the error stream."""
    sys.stderr.write(f"counterwatch: {clean(text)}\n")
