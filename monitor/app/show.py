"""How listings reach the screen: one JSON object a line for scripts, a table that fits the terminal for people."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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


def local(moment: datetime | None, zone: str) -> str:
    """Return the moment in the reader's zone, to the minute."""
    return "-" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


# --------------------------------------------------------------------------- out


def json_lines(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print one object a line, keys in the order given."""
    write = sys.stdout.buffer.write
    for row in rows:
        write(orjson.dumps(row) + b"\n")
    sys.stdout.flush()


def lines(rows: Iterable[str]) -> None:
    """Print plain lines."""
    for row in rows:
        sys.stdout.write(clean(row) + "\n")


def sentence(text: str) -> None:
    """Say one clear sentence to a person, on the error stream."""
    sys.stderr.write(f"counterwatch: {clean(text)}\n")


# --------------------------------------------------------------------------- tables

_ROOMY = 110  # columns a terminal needs for the columns that can be missed


@dataclass(frozen=True, slots=True)
class Column:
    """`whole`: never broken over lines. `wide`: left out on a narrow screen. `rare`: left out if no row has anything."""

    title: str
    whole: bool = False
    wide: bool = False
    rare: bool = False
    right: bool = False


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], *, empty: str, foot: str = "") -> None:
    """Print a table that fits the terminal; long cells fold, wide characters count double, no colour when piped."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    found = [["" if cell is None else clean(str(cell)) for cell in row] for row in rows]
    if not found:
        lines([empty])
        return
    shown = [n for n, column in enumerate(columns) if _shown(column, (row[n] for row in found), console.width)]
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for n in shown:
        column = columns[n]
        justify = "right" if column.right else "left"
        least = None if column.whole else min(cells(column.title), 12)
        grid.add_column(column.title, overflow="fold", no_wrap=column.whole, justify=justify, min_width=least)  # type: ignore[arg-type]
    for row in found:
        grid.add_row(*(Text(row[n], style=_STYLES.get(row[n], "")) for n in shown))
    with console.capture() as caught:
        console.print(grid)
    # Written by ourselves, so that a reader who leaves early (`| head`) is one and the same trouble everywhere.
    sys.stdout.write("".join(line.rstrip() + "\n" for line in caught.get().splitlines()))
    if foot:
        lines([foot])


def _shown(column: Column, cells: Iterable[str], width: int) -> bool:
    return (width >= _ROOMY or not column.wide) and (not column.rare or any(cell not in ("", "-") for cell in cells))


_STYLES = {
    **dict.fromkeys(("critical", "紧急", "TROUBLE", "需处理", "parked", "搁置"), "bold red"),
    **dict.fromkeys(("high", "重要"), "yellow"),
    **dict.fromkeys(("medium", "关注"), "cyan"),
}


# --------------------------------------------------------------------------- text in a given width

_NEVER_FIRST = frozenset("，。；：！？、）】》”’…％%,.;:!?)]}")  # closes what stands before it
_NEVER_LAST = frozenset("（【《“‘([{")


def cells(text: str) -> int:
    """Return how many terminal columns a text takes; wide characters take two."""
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def folded(text: str, width: int) -> Iterator[str]:
    """Break a text into lines: at blanks, and between Chinese characters, never before a closing mark."""
    for line in text.split("\n"):
        row = ""
        for piece in _pieces(line):
            if row and cells(row) + cells(piece.rstrip()) > width:
                yield row.rstrip()
                row = ""
            row += piece if row or not piece.isspace() else ""
            while cells(row.rstrip()) > width:  # a word longer than a line
                head = _head(row, width)
                yield head
                row = row[len(head) :]
        yield row.rstrip()


def _pieces(line: str) -> Iterator[str]:
    """Yield the parts between which a line may break."""
    piece = ""
    for character in line:
        wide = _cells(character) == 2
        breaks = piece and (piece[-1] == " " or (wide and character not in _NEVER_FIRST) or (_cells(piece[-1]) == 2))
        if breaks and character not in _NEVER_FIRST and character != " " and piece[-1] not in _NEVER_LAST:
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _head(text: str, width: int) -> str:
    taken = 0
    for n, character in enumerate(text):
        taken += _cells(character)
        if taken > width:
            return text[:n]
    return text
