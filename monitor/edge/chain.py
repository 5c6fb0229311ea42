"""The canonical form of the audit log, and the chain over it. Pure: whoever has the rows can check them again by hand.

A row's page is a JSON object without blanks, its keys sorted, in UTF-8. Its hash is the SHA-256 of that page, and the
page names the hash of the row before it. What a row tells of (an event, a raw answer, an author) is not in the page:
only its digest is, the SHA-256 of a page of its own that begins with a random salt. Salt and text lie in a table apart,
so that they can be erased while the chain stays whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import orjson

BEGIN = "0" * 64  # what the first row names as the hash before it

Plain = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the audit log. Times are RFC 3339 in UTC; `note` is JSON text, `digest` hex or None.

    `id` is the order of writing, `number` the order in the chain (None: not sealed yet).
    """

    id: int
    written_at: str
    kind: str  # event, evidence, alert, hold, watchlist, person, store
    what: str  # new, changed, kept, queued, sent, erased, …
    object: str
    ref: str | None  # of salt and text in the table apart
    digest: str | None
    note: str
    number: int | None = None
    prev: str | None = None
    sealed_at: str | None = None
    hash: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a chain: whoever keeps it elsewhere knows later whether something is gone."""

    number: int = 0
    hash: str = BEGIN

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


def page(said: Mapping[str, Plain]) -> bytes:
    """Return the canonical form: JSON, keys sorted, no blanks, UTF-8. Values are text, whole numbers, booleans, null."""
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def contents(salt: str, kind: str, said: Mapping[str, Plain]) -> bytes:
    """Return the page whose SHA-256 is a row's `digest`."""
    return page({"_kind": kind, "_salt": salt, **said})


def digest(salt: str, kind: str, said: Mapping[str, Plain]) -> str:
    """Return the digest of what a row tells of."""
    return hashlib.sha256(contents(salt, kind, said)).hexdigest()


def row_page(row: Row, number: int, prev: str, sealed_at: str) -> bytes:
    """Return the page whose SHA-256 is the row's `hash`."""
    return page(
        {
            "digest": row.digest,
            "id": row.id,
            "kind": row.kind,
            "note": row.note,
            "number": number,
            "object": row.object,
            "prev": prev,
            "ref": row.ref,
            "sealed_at": sealed_at,
            "what": row.what,
            "written_at": row.written_at,
        }
    )


def row_hash(row: Row, number: int, prev: str, sealed_at: str) -> str:
    """Return the hash of a row at its place in the chain."""
    return hashlib.sha256(row_page(row, number, prev, sealed_at)).hexdigest()


# --------------------------------------------------------------------------- looking through it

Code = Literal[
    "row_missing",  # numbers `number` to `until` are not there
    "row_altered",  # its content is not what its hash was made of
    "row_unlinked",  # it does not name the hash of the row before it: that one was altered, or rows were exchanged
    "text_altered",
    "text_missing",
    "object_altered",
    "object_missing",
    "object_unknown",  # there without any row that tells of it
    "body_altered",  # a raw answer is not what its name says
    "head_missing",  # a head that was kept elsewhere is not in the chain: an older copy, or a cut end
    "head_other",  # another row stands in its place
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was written. `number` 0: it belongs to no sealed row."""

    code: Code
    number: int = 0
    until: int = 0
    kind: str = ""
    object: str = ""


@dataclass(slots=True)
class Walk:
    """Follows sealed rows in the order of their numbers. After a fault it goes on with what the row itself says."""

    head: Head = field(default_factory=Head)
    rows: int = 0

    def step(self, row: Row) -> Iterator[Fault]:
        """Take the next row; yield what is wrong with it."""
        self.rows += 1
        number, prev, sealed_at = row.number or 0, row.prev or "", row.sealed_at or ""
        if number > self.head.number + 1:
            yield Fault("row_missing", self.head.number + 1, number - 1)
        if row_hash(row, number, prev, sealed_at) != row.hash:
            yield Fault("row_altered", number, kind=row.kind, object=row.object)
        elif number == self.head.number + 1 and prev != self.head.hash:
            yield Fault("row_unlinked", number, kind=row.kind, object=row.object)
        self.head = Head(number, row.hash or "")
