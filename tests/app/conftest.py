"""What the tests of the application share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from monitor.edge.store import Store
from tests.house import MORNING, HandClock, Office, Opened, Source, watchlist


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[Opened]:
    """Open offices with these sources, three invented customers unless others are given, and more settings."""
    offices: list[Office] = []

    def opened(*sources: Source, customers: str | None = None, more: str = "", at: datetime = MORNING) -> Office:
        names = customers or watchlist(range(1, 4))
        offices.append(Office(tmp_path / "etc", store, HandClock(at), sources, names, more))
        return offices[-1]

    yield opened
    for one in offices:
        await one.close()
