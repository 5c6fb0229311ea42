"""Hold the watchers to what real sources really answered, where recordings are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recordings import shared


@pytest.fixture(scope="session")
def wire() -> Path:
    """The folder of recorded answers, one folder a source; the test is skipped where there is none."""
    folder = shared()
    if folder is None:
        pytest.skip("no recorded answers here: set COUNTERWATCH_SHARED, or put them into ../shared")
    return folder / "wire"
