"""The short way of a look after which nothing has to be decided: it leaves the store as the long way would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import poll
from monitor.edge.store import Store, read, turns
from monitor.model import Outcome
from monitor.watcher import Findings, SourceDown, Unknown
from tests.house import MORNING, HandClock, Office, Source, article, company, found, paper, watchlist

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Opened = Callable[..., Office]
NOBODY = (article("n1", "Copper prices rise"), article("n2", "Port of Leeds reopens"))


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[Opened]:
    offices: list[Office] = []

    def opened(*sources: Source) -> Office:
        offices.append(Office(tmp_path / "etc", store, HandClock(), sources, watchlist(range(1, 4))))
        return offices[-1]

    yield opened
    for one in offices:
        await one.close()


async def watch(o: Office, source: str, subject: str) -> Any:
    (one,) = await o.store.read(lambda conn: turns.listing(conn, source, subject))
    return one


async def looks(o: Office, source: str, subject: str) -> list[Outcome]:
    """Return the outcomes that have a row of their own, oldest first."""
    one = (await watch(o, source, subject)).watch
    rows = await o.store.read(lambda conn: read.looks(conn, one))
    return [row.outcome for row in reversed(rows)]


async def test_an_unchanged_look_moves_the_due_date_and_writes_nothing_else(office: Opened) -> None:
    register = Source(said=found(company()))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    register.otherwise = Findings(unchanged=True)
    look = await o.look("register", "c1", after=DAY)

    one = await watch(o, "register", "c1")
    assert look is not None and look.outcome is Outcome.SAME
    assert (one.outcome, one.fails, one.last_good_at, one.baseline_at) == (Outcome.SAME, 0, MORNING + DAY, MORNING)
    assert one.due_at > o.clock.now()
    assert await looks(o, "register", "c1") == [Outcome.CHANGED]
    assert len(await o.store.read(lambda conn: read.snapshot(conn, one.watch))) == 1


async def test_items_that_name_nobody_are_held_and_are_no_news_twice(office: Opened) -> None:
    news = paper()
    o = office(news)
    await o.start()
    await o.look("paper", "paper")

    news.otherwise = found(*NOBODY, memory=b"seen", cursor="7")
    for _ in range(2):
        await o.look("paper", "paper", after=HOUR)

    one = await watch(o, "paper", "paper")
    known = await o.store.read(lambda conn: read.snapshot(conn, one.watch))
    turn = await o.take("paper", "paper")
    assert {held.first_seen for held in known.values()} == {MORNING + HOUR}
    assert len(known) == 2
    assert (turn.memory, turn.cursor) == (b"seen", "7")
    assert await o.events() == []


@pytest.mark.parametrize("kind", ["named", "unknown", "cut"])
async def test_whatever_has_to_be_decided_takes_the_long_way(office: Opened, kind: str) -> None:
    news = paper()
    o = office(news)
    await o.start()
    await o.look("paper", "paper")

    news.otherwise = {
        "named": found(*NOBODY, article("a1", "Tested Company 001 Ltd to close two plants")),
        "unknown": found(*NOBODY, unknown=(Unknown("kind", "HOLOGRAM"),)),
        "cut": found(*NOBODY, complete=False, reason="page 2 failed"),
    }[kind]
    await o.look("paper", "paper", after=HOUR)

    expected = {"named": Outcome.CHANGED, "unknown": Outcome.CHANGED, "cut": Outcome.PARTIAL}[kind]
    assert (await looks(o, "paper", "paper"))[-1] is expected
    assert len(await o.told()) == (kind == "named")
    assert len(await o.notices()) == (kind == "unknown")


async def test_the_look_that_ends_a_trouble_takes_the_long_way(office: Opened) -> None:
    register = Source(said=found(company()))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    for said in (SourceDown("503"), Findings(unchanged=True)):
        register.otherwise = said
        await o.look("register", "c1", after=HOUR)

    one = await watch(o, "register", "c1")
    assert (one.outcome, one.fails, one.reason) == (Outcome.SAME, 0, "")


async def test_an_unchanged_look_of_a_lost_turn_moves_nothing(office: Opened) -> None:
    register = Source(said=found(company()))
    o = office(register)
    await o.start()
    await o.look("register", "c1")
    register.otherwise = Findings(unchanged=True)

    late = await o.take("register", "c1")
    o.clock.pass_(timedelta(seconds=90))
    await o.take("register", "c1")
    await poll.run(late, o.desk)
    await o.store.flush()

    assert (await watch(o, "register", "c1")).last_look_at == MORNING
