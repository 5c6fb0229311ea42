"""Statements compiled once and run with the driver's own values, for the few that run at every look.

SQLAlchemy composes, checks and converts at each call. For a row that is touched at every look, that costs
several times the row itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import Connection, CursorResult, Dialect, TableClause


class Prepared:
    """A Core statement for the hot path; `build` makes it for a dialect ("sqlite" or "postgresql").

    Values are what the driver knows: seconds for times, text for JSON (`text_of`); so are the results.
    """

    def __init__(self, build: Callable[[str], Any]) -> None:
        self._build = build
        self._texts: dict[str, _Text] = {}

    def run(self, conn: Connection, values: dict[str, Any]) -> CursorResult[Any]:
        """Run the statement once."""
        found = self._for(conn)
        return conn.exec_driver_sql(found.sql, found.bound(values))

    def _for(self, conn: Connection) -> _Text:
        dialect = conn.dialect.name
        if dialect not in self._texts:
            made = self._build(dialect).compile(dialect=conn.dialect)
            fixed = {name: bind.effective_value for name, bind in made.binds.items() if not bind.required}
            self._texts[dialect] = _Text(str(made), made.positiontup, fixed)
        return self._texts[dialect]


@dataclass(frozen=True, slots=True)
class _Text:
    sql: str
    order: Sequence[str] | None  # of the values, where they go by place
    fixed: dict[str, Any]  # values that stand in the statement itself

    def bound(self, values: dict[str, Any]) -> Any:
        if self.fixed:
            values = self.fixed | values
        return values if self.order is None else tuple([values[name] for name in self.order])


class Gathered:
    """A Core statement for many rows at once, which it reads from `given`: a table made for this one run.

    One statement instead of one a row: at each, SQLite lets go of Python's lock, and fighting to have it back
    costs more than the row. `build` makes the statement for a dialect; what it says besides `given` is fixed.
    """

    def __init__(self, given: TableClause, build: Callable[[str], Any]) -> None:
        self._given = given
        self._build = build
        self._texts: dict[tuple[str, int], str] = {}

    def run(self, conn: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Run the statement for rows whose values stand in the order of the columns of `given`."""
        done = 0
        for size in _SIZES:
            while len(rows) - done >= size:
                part = rows[done : done + size]
                conn.exec_driver_sql(self._for(conn, size), tuple(chain.from_iterable(part)))
                done += size

    def _for(self, conn: Connection, size: int) -> str:
        dialect = conn.dialect
        if (dialect.name, size) not in self._texts:
            body = self._build(dialect.name).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
            names = ", ".join(dialect.identifier_preparer.quote(column.name) for column in self._given.columns)
            row = ", ".join(_place(column, dialect) for column in self._given.columns)
            values = ", ".join([f"({row})"] * size)
            self._texts[dialect.name, size] = f"WITH given ({names}) AS (VALUES {values}) {body}"
        return self._texts[dialect.name, size]


_SIZES = (256, 64, 16, 4, 1)  # few texts, and few runs for any number of rows


def _place(column: Any, dialect: Dialect) -> str:
    # PostgreSQL cannot tell the type of a value that stands alone.
    return f"CAST(%s AS {column.type.compile(dialect)})" if dialect.name == "postgresql" else "?"


def moment(stored: float | None) -> datetime | None:
    """Return a stored time, aware, in UTC."""
    return None if stored is None else datetime.fromtimestamp(stored, UTC)


def text_of(document: Any) -> str | None:
    """Return a document as the tables hold JSON."""
    return None if document is None else orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
