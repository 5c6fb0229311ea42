"""The table that `make chaos` prints: fault -> required -> seen."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.chaos.faults import Fault


class Table:
    """Rows as they come, kept in a file so that those of several test workers meet in one table."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def row(self, fault: Fault, seen: str) -> None:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        with (self._folder / f"{worker}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps([fault.id, fault.fault, fault.required, seen], ensure_ascii=False) + "\n")


def _folder(config: pytest.Config) -> Path:
    base: Path = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "faults"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def fault_table(request: pytest.FixtureRequest) -> Table:
    return Table(_folder(request.config))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table once, in the order of the faults."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return
    rows = [
        json.loads(line) for path in _folder(config).glob("*.jsonl") for line in path.read_text("utf-8").splitlines()
    ]
    if len(rows) < 2:
        return
    terminalreporter.write_line("")
    for id_, fault, required, seen in sorted(rows):
        terminalreporter.write_line(f"{id_:5} {fault}\n      -> {required}\n      -> {seen}")
    held = sum(not seen.startswith("NOT HELD") for *_, seen in rows)
    terminalreporter.write_line(f"faults: {len(rows)} tried, {held} held")
