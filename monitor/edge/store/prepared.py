"""Statements compiled once and run with the driver's own values, for the few that run at every look.

SQLAlchemy composes, checks and converts at each call. For a row that is touched at every look, that costs
several times the row itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, CursorResult


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

    def each(self, conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Run the statement for each row; nothing comes back."""
        if rows:
            found = self._for(conn)
            conn.exec_driver_sql(found.sql, [found.bound(row) for row in rows])

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


def moment(stored: float | None) -> datetime | None:
    """Return a stored time, aware, in UTC."""
    return None if stored is None else datetime.fromtimestamp(stored, UTC)


def text_of(document: Any) -> str | None:
    """Return a document as the tables hold JSON."""
    return None if document is None else orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
