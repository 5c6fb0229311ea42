"""The head of the audit log, kept outside the database: a small file in the state folder.

Whoever brings back an older copy of the database brings back an older chain; this file remembers how far it had come.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from monitor.edge.chain import Head

NAME = "audit-head.json"
_DAYS = 400  # heads of so many days are kept


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file says. `days`: the first head of each day (2026-11-03), oldest first."""

    instance: str
    head: Head
    at: str
    days: Mapping[str, Head] = field(default_factory=dict)

    def with_head(self, head: Head, at: str) -> Kept:
        """Return what to keep once the chain has come further."""
        day = at[:10]
        days = dict(self.days) if day in self.days else {**self.days, day: head}
        return replace(self, head=head, at=at, days=dict(list(days.items())[-_DAYS:]))

    def upto(self, number: int) -> Kept:
        """Return the same without the days that lie beyond this number of the chain."""
        return replace(self, days={day: head for day, head in self.days.items() if head.number <= number})


class HeadUnreadable(Exception):  # noqa: N818 - it says what is so
    """The file is there and says nothing that can be used."""


def read(state: Path) -> Kept | None:
    """Return what is kept; None if there is no such file. Raises HeadUnreadable."""
    try:
        said: dict[str, Any] = orjson.loads((state / NAME).read_bytes())
        days = {str(day): _head(text) for day, text in said["days"].items()}
        return Kept(str(said["instance"]), _head(said["head"]), str(said["at"]), days)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HeadUnreadable(f"{state / NAME} cannot be read") from error


def _head(text: str) -> Head:
    found = parse(text)
    if found is None:
        raise ValueError(text)
    return found


def parse(text: str) -> Head | None:
    """Read a head as `NUMBER:HASH`; None if it is none."""
    number, _, hash_ = text.partition(":")
    if number.isascii() and number.isdigit() and len(number) < 19 and len(hash_) == 64 and set(hash_) <= _HEX:
        return Head(int(number), hash_)
    return None


_HEX = frozenset("0123456789abcdef")


def write(state: Path, kept: Kept) -> None:
    """Keep it, whole or not at all. Raises OSError; what was kept stays then."""
    said = {
        "instance": kept.instance,
        "head": str(kept.head),
        "at": kept.at,
        "days": {day: str(head) for day, head in kept.days.items()},
    }
    path = state / NAME
    new = path.with_suffix(".new")
    with open(new, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(orjson.dumps(said, option=orjson.OPT_INDENT_2))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
