"""The dead man's switch: one message a day, none on the first, and its words in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import rollcall, telling
from monitor.edge.store import Store, commit, read
from monitor.model import Alert
from tests.house import HandClock, Office, Source, company, found, watchlist

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)  # the clock begins at nine in the morning, UTC


@pytest.fixture
async def o(store: Store, tmp_path: Path) -> AsyncIterator[Office]:
    register = Source(said=found(company()))
    made = Office(tmp_path / "etc", store, HandClock(), (register,), watchlist(range(1, 4)), "timezone: UTC")
    await made.start()
    yield made
    await made.close()


async def roll(o: Office) -> list[Alert]:
    """Do what the companion does when it wakes; return all that was said so far."""
    now = o.clock.now()
    told = await o.store.read(lambda conn: read.remembered(conn, rollcall.TOLD))
    if rollcall.due(told, o.desk, now):
        await o.store.write(lambda conn: rollcall.call(conn, o.desk, now))
    return await o.alerts(ops=True)


async def test_the_first_is_told_at_nine_on_the_second_day_and_once(o: Office) -> None:
    counts = []
    for wait in (0 * MINUTE, 5 * MINUTE, DAY - 10 * MINUTE, 5 * MINUTE, 5 * MINUTE, 12 * 60 * MINUTE):
        o.clock.pass_(wait)
        counts.append(len(await roll(o)))

    assert counts == [0, 0, 0, 1, 1, 1]


async def test_who_was_away_at_nine_tells_it_when_it_is_back(o: Office) -> None:
    await roll(o)
    o.clock.pass_(2 * DAY + 300 * MINUTE)

    assert len(await roll(o)) == 1


async def test_a_clock_set_back_to_a_day_that_was_told_repeats_nothing(o: Office) -> None:
    await roll(o)
    o.clock.pass_(DAY)
    await roll(o)
    o.clock.pass_(DAY)
    assert len(await roll(o)) == 2

    o.clock.jump(-DAY)
    assert len(await roll(o)) == 2


async def test_it_says_how_much_was_looked_at_and_what_is_in_trouble(o: Office) -> None:
    await roll(o)
    o.clock.pass_(DAY)
    await o.look("register", "c1")
    await o.look("register", "c2")
    now = o.clock.now()
    await o.store.write(lambda conn: commit.set_health(conn, "register", "", "source_stale", "it is down", now))

    (alert,) = await roll(o)

    text = telling.message(o.desk, alert, None, None).text
    assert "Still watching: 3 customers, 2 of 3 watches looked at in the last 24 hours; 1 source in trouble" in text
    assert "in trouble: Register; counterwatch doctor says why" in text


async def test_without_trouble_no_source_is_named_and_it_speaks_chinese(o: Office) -> None:
    o.open(more="timezone: UTC\nlanguage: zh")
    await roll(o)
    o.clock.pass_(DAY)

    (alert,) = await roll(o)

    text = telling.message(o.desk, alert, None, None).text
    assert "客户 3 家" in text
    assert "有问题的来源：" not in text
