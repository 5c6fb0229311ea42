"""Find the recorded answers of real sources; they are never part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def shared() -> Path | None:
    """Return the folder of recordings: COUNTERWATCH_SHARED, else ../shared beside the project; None if there is none."""
    named = os.environ.get("COUNTERWATCH_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder if (folder / "wire").is_dir() else None


@pytest.fixture(scope="session")
def wire() -> Path:
    """The folder of recorded answers, one folder a source; the test is skipped where there is none."""
    folder = shared()
    if folder is None:
        pytest.skip("no recorded answers here: set COUNTERWATCH_SHARED, or put them into ../shared")
    return folder / "wire"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say whether the recordings were there: a skipped comparison must not look like a passed one."""
    ran = sum(
        report.when == "call" and "tests/conformance/" in report.nodeid
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
    )
    terminalreporter.write_line(f"conformance: {ran} ran" if shared() else "conformance: absent")
