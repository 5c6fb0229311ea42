"""The daemon in one process: it outlives clocks, the store's moods and sources that are gone, and leaves in order."""

from __future__ import annotations

import asyncio
import io
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import door
from monitor.app.daemon import Daemon
from monitor.edge.console import Console
from monitor.edge.store import Store, StoreError, turns
from monitor.edge.store.turns import Watched
from monitor.watcher import Ask, Findings, SourceDown
from tests.house import HandClock, Office, Source, company, found, until, watchlist

WAITS = "waits: {tick: 50ms, spread: 1s, group: 0s, opening: 0s, backoff_cap: 1s}\n"


@pytest.fixture
def store(store_url: str) -> Store:
    """A store that the daemon closes when it leaves."""
    return Store.open(store_url)


Run = Callable[..., Any]


@pytest.fixture
async def run(store: Store, tmp_path: Path) -> AsyncIterator[Run]:
    """Return a way to run a daemon over these sources for as long as a block lasts."""

    @asynccontextmanager
    async def running(*sources: Source, **given: Any) -> AsyncIterator[tuple[Office, Daemon]]:
        customers = given.pop("customers", watchlist(range(1, 4)))
        given_beside = given.pop("beside", ())
        clock = HandClock(running=True)
        o = Office(tmp_path / "etc", store, clock, sources, customers, given.pop("more", ""), waits=WAITS, **given)
        out = Console(io.StringIO())
        daemon = Daemon(o.desk, door.deliverer(o.desk, out), out, beside=given_beside)
        ready = asyncio.Event()
        task = asyncio.create_task(daemon.run(ready=ready.set))
        try:
            await asyncio.wait_for(ready.wait(), 30)
            yield o, daemon
        finally:
            daemon.stop()
            await asyncio.wait_for(task, 30)

    yield running
    store.close()


def often(length: float = 0.4) -> Source:
    """Return a register that is asked very often, and says the same each time."""
    return Source(said=found(company()), every=timedelta(seconds=length))


# --------------------------------------------------------------------------- clocks


@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(days=3), timedelta(hours=12)], ids=str)
async def test_a_clock_that_jumps_neither_storms_nor_falls_silent(run: Run, jump: timedelta) -> None:
    register = often()
    async with run(register) as (o, _):
        await until(lambda: len(register.asked) >= 6)
        o.clock.jump(jump)
        before = len(register.asked)
        await asyncio.sleep(0.3)
        started = len(register.asked)
        await until(lambda: len(register.asked) >= before + 6, seconds=20)

        assert started - before <= 6
        counts = Counter(ask.customer.id for ask in register.asked[before:] if ask.customer)
        assert max(counts.values()) - min(counts.values()) <= 3
        assert await o.notices() == []
        assert await o.alerts() == []


async def test_ticks_that_count_in_wall_time_go_on_when_the_clock_is_set_back(run: Run) -> None:
    register = often()
    async with run(register) as (o, daemon):
        await until(lambda: len(register.asked) >= 3)
        # This is how the scheduler is left by a wall clock that is set back by two hours: its next tick is far away.
        for job in daemon.scheduler.get_jobs():
            job.modify(next_run_time=job.next_run_time + timedelta(hours=2))
        o.clock.jump(timedelta(hours=-2))

        await until(
            lambda: all(
                job.next_run_time - datetime.now(UTC) < timedelta(minutes=1) for job in daemon.scheduler.get_jobs()
            )
        )
        before = len(register.asked)
        await until(lambda: len(register.asked) >= before + 3)


async def test_a_source_that_fails_right_after_a_long_sleep_is_not_said_to_be_away_for_all_that_time(run: Run) -> None:
    register = often()
    async with run(register) as (o, daemon):
        await until(lambda: len(register.asked) >= 6)
        register.otherwise = SourceDown("the network is not up yet")
        o.clock.jump(timedelta(hours=12))
        before = len(register.asked)
        await until(lambda: len(register.asked) >= before + 3)

        await daemon.duties()
        assert await o.notices() == []
        o.clock.pass_(timedelta(hours=2))
        await daemon.duties()
        assert await o.notices() == ["source_stale"]


# --------------------------------------------------------------------------- what may go wrong meanwhile


async def test_duties_that_the_store_refuses_are_done_at_the_next_tick(run: Run, store: Store) -> None:
    async with run(often()) as (_, daemon):
        await until(lambda: daemon.engine.progress >= 3)
        daemon.stop()  # nobody else may be at work on the store when it closes
        await until(lambda: _closed(store))

        await daemon._owed()  # says it, and does not raise

        with pytest.raises(StoreError):
            await daemon.duties()


def _closed(store: Store) -> bool:
    try:
        store.read_now(lambda conn: None)
    except StoreError:
        return True
    return False


async def test_a_watch_whose_source_is_gone_from_the_program_is_laid_to_rest_at_the_start(
    run: Run, store: Store
) -> None:
    store.write_now(lambda conn: turns.ensure(conn, [Watched("ghost", "c1", 3600.0)], HandClock().now()))
    register = often()

    async with run(register) as (o, daemon):
        await until(lambda: daemon.engine.progress >= 3)

        assert await o.store.read(lambda conn: turns.listing(conn, "ghost")) == []


async def test_a_turn_of_a_source_that_went_away_meanwhile_stops_nobody(run: Run) -> None:
    register = often()
    async with run(register) as (o, daemon):
        await until(lambda: len(register.asked) >= 3)
        now = o.clock.now()
        ghost = Watched("ghost", "c1", 3600.0)
        await o.store.write(lambda conn: turns.ensure(conn, [*o.desk.assignments.watched(), ghost], now))

        before = len(register.asked)
        await until(lambda: len(register.asked) >= before + 6)
        # A task that has ended leaves with the loop's next round, so that is waited for.
        await until(lambda: not any(task.done() for task in daemon.engine._running))


async def test_a_companion_that_fails_is_begun_again_and_takes_nobody_with_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.app.daemon.AGAIN", 0.01)
    begun: list[Daemon] = []

    async def failing(daemon: Daemon) -> None:
        begun.append(daemon)
        raise RuntimeError("this companion is ill")

    register = often()
    async with run(register, beside=(failing,)):
        await until(lambda: len(begun) >= 3)
        asked = len(register.asked)
        await until(lambda: len(register.asked) > asked)


# --------------------------------------------------------------------------- leaving


async def test_it_ceases_to_claim_at_once_and_a_look_under_way_may_end(run: Run) -> None:
    began = asyncio.Event()

    async def slow(ask: Ask) -> Findings:
        began.set()
        await asyncio.sleep(0.5)
        return found(company("insolvent"))

    register = Source(every=timedelta(hours=1))
    register.watcher = replace(register.watcher, poll=slow)
    async with run(register, customers=watchlist(range(1, 2))) as (_, daemon):
        await asyncio.wait_for(began.wait(), 30)
        daemon.stop()
        await until(lambda: daemon.engine._stopping)
        assert daemon.engine.running == 1
        await until(lambda: daemon.engine.running == 0)

    assert daemon.engine.outcomes["changed"] == 1


async def test_a_look_that_hangs_is_given_up_and_leaves_nothing_behind(run: Run, store_url: str) -> None:
    began = asyncio.Event()

    async def hanging(ask: Ask) -> Findings:
        began.set()
        await asyncio.sleep(3600)
        return Findings()

    register = Source(every=timedelta(hours=1))
    register.watcher = replace(register.watcher, poll=hanging, max_seconds=3600.0)
    async with run(register, customers=watchlist(range(1, 2))):
        await asyncio.wait_for(began.wait(), 30)
        leaving = time.monotonic()

    assert time.monotonic() - leaving < 9
    with Store.open(store_url) as again:
        (watch,) = again.read_now(lambda conn: turns.listing(conn, "register"))
        assert (watch.last_look_at, watch.outcome) == (None, None)


async def test_a_start_that_fails_closes_what_was_open(store: Store, tmp_path: Path) -> None:
    o = Office(tmp_path / "etc", store, HandClock(running=True), (often(),), watchlist(range(1, 4)), waits=WAITS)
    out = Console(io.StringIO())
    store.close()

    for start in (Daemon.run, lambda daemon: Daemon.once(daemon, everything=True)):
        daemon = Daemon(o.desk, door.deliverer(o.desk, out), out)
        work: Coroutine[Any, Any, Any] = start(daemon)
        with pytest.raises(StoreError):
            await asyncio.wait_for(work, 30)
