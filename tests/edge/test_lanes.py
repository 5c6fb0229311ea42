"""What hangs must not hold up the rest: lanes and hosts, with a clock of the test's own where time is the point."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.edge.http.hosts import Host, HostBusy, HostPaused, Hosts
from monitor.edge.http.lanes import Lane, LaneFull, Lanes


class Ticking:
    """A clock that jumps to the end of every wait."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        until = self.at + seconds
        await asyncio.sleep(0)
        self.at = max(self.at, until)


class Dripping:
    """A body of which there is more at every look."""

    def __init__(self) -> None:
        self._came = 0

    @property
    def total_raw_bytes(self) -> int:
        self._came += 1
        return self._came


async def ride(
    lanes: Lanes, host: Host, seconds: float, limit: float = 60.0, idle: float = 60.0, stream: Dripping | None = None
) -> str:
    """Work for so long in the lane of the host; say how it ended."""
    loop = asyncio.get_running_loop()
    try:
        one = await lanes.enter(host)
    except LaneFull:
        return "full"
    answered = False
    try:
        async with asyncio.timeout(None) as deadline:
            one.run(deadline, limit, idle, loop)
            one.stream = stream
            await asyncio.sleep(seconds)
            answered = True
        return "done"
    except TimeoutError:
        return "shed" if one.shed else "silent" if one.silent else "late"
    finally:
        one.end(answered=answered, now=loop.time())


async def test_what_takes_longer_gives_its_place_back() -> None:
    lanes = Lanes(1, 1, slow_after=0.05, patience=0.1)
    slow, quick = Host("slow"), Host("quick")

    first = asyncio.create_task(ride(lanes, slow, 0.3))
    await asyncio.sleep(0)
    began = asyncio.get_running_loop().time()
    second = await ride(lanes, quick, 0.0)
    waited = asyncio.get_running_loop().time() - began

    assert second == "done"
    assert waited < 0.2  # not until the slow one had ended
    assert await first == "done"
    assert slow.slow
    assert not quick.slow


async def test_what_takes_longer_ends_when_the_slow_lane_is_full() -> None:
    lanes = Lanes(2, 1, slow_after=0.05, patience=0.1)

    ended = await asyncio.gather(ride(lanes, Host("a"), 0.3), ride(lanes, Host("b"), 0.3))

    assert sorted(ended) == ["done", "shed"]
    assert (lanes.main.free, lanes.slow.free) == (2, 1)


async def test_a_slow_host_only_uses_the_slow_lane_until_it_answers_quickly() -> None:
    lanes = Lanes(4, 1, slow_after=0.05, patience=0.05)
    host = Host("slow")
    host.slow = True

    first = asyncio.create_task(ride(lanes, host, 0.3))
    await asyncio.sleep(0.01)
    assert await ride(lanes, host, 0.0) == "full"
    assert lanes.main.free == 4
    await first
    assert host.slow
    assert await ride(lanes, host, 0.0) == "done"

    assert not host.slow


async def test_the_deadline_ends_what_runs_in_the_slow_lane() -> None:
    lanes = Lanes(1, 1, slow_after=0.02, patience=0.1)

    ended = await ride(lanes, Host("a"), 5.0, limit=0.1)

    assert ended == "late"
    assert (lanes.main.free, lanes.slow.free) == (1, 1)


async def test_silence_ends_a_ride_long_before_its_deadline() -> None:
    lanes = Lanes(1, 1, slow_after=0.02, patience=0.1)
    began = asyncio.get_running_loop().time()

    ended = await ride(lanes, Host("a"), 5.0, limit=4.0, idle=0.1)

    assert ended == "silent"
    assert 0.08 < asyncio.get_running_loop().time() - began < 1.0
    assert (lanes.main.free, lanes.slow.free) == (1, 1)


async def test_who_sends_a_little_now_and_then_is_not_silent() -> None:
    lanes = Lanes(1, 1, slow_after=0.02, patience=0.1)

    assert await ride(lanes, Host("a"), 0.3, idle=0.1, stream=Dripping()) == "done"
    assert await ride(lanes, Host("b"), 5.0, limit=0.3, idle=0.1, stream=Dripping()) == "late"


async def test_a_fifth_that_hangs_hardly_delays_the_healthy() -> None:
    lanes = Lanes(8, 2, slow_after=0.1, patience=0.05)

    async def healthy(number: int) -> None:
        assert await ride(lanes, Host(f"h{number}"), 0.02) == "done"

    async def total(hanging: int) -> float:
        hosts = [Host(f"s{number}") for number in range(hanging)]
        for host in hosts:
            host.slow = True  # known from an earlier round
        began = asyncio.get_running_loop().time()
        stuck = [asyncio.create_task(ride(lanes, host, 1.0)) for host in hosts]
        await asyncio.gather(*map(healthy, range(160)))
        took = asyncio.get_running_loop().time() - began
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
        return took

    alone, beside = await total(0), await total(40)

    assert beside < alone * 1.2 + 0.05


@settings(max_examples=40, deadline=None)
@given(
    places=st.integers(1, 3),
    jobs=st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=12),
)
def test_a_lane_never_gives_out_more_places_than_it_has_and_loses_none(
    places: int, jobs: list[tuple[int, bool]]
) -> None:
    async def run() -> tuple[int, int]:
        lane, busy, most = Lane(places), 0, 0

        async def job(turns: int) -> None:
            nonlocal busy, most
            await lane.wait()
            busy += 1
            most = max(most, busy)
            try:
                for _ in range(turns):
                    await asyncio.sleep(0)
            finally:
                busy -= 1
                lane.give()

        tasks = [asyncio.create_task(job(turns)) for turns, _ in jobs]
        await asyncio.sleep(0)
        for task, (_, give_up) in zip(tasks, jobs, strict=True):
            if give_up:
                task.cancel()
                await asyncio.sleep(0)
        await asyncio.gather(*tasks, return_exceptions=True)
        return most, lane.free

    most, free = asyncio.run(run())

    assert most <= places
    assert free == places


async def test_requests_to_one_host_start_at_its_pace() -> None:
    clock, host = Ticking(), Host("h")
    started: list[float] = []

    async def one() -> None:
        await host.enter(1.0, 2, 2.0, clock)
        await host.start(1.0, clock)
        started.append(clock.at)
        host.leave()

    await asyncio.gather(*(one() for _ in range(5)))

    assert all(b - a >= 0.999 for a, b in pairwise(started))
    assert host.busy == 0


async def test_no_more_than_so_many_requests_are_at_one_host() -> None:
    clock, host, busy, most = Ticking(), Host("h"), 0, 0

    async def one() -> None:
        nonlocal busy, most
        await host.enter(0.0, 2, 2.0, clock)
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.001)
        busy -= 1
        host.leave()

    tasks = [asyncio.create_task(one()) for _ in range(9)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert most == 2
    assert host.busy == 0


async def test_nobody_waits_long_at_a_host_that_turns_out_slow() -> None:
    clock, host = Ticking(), Host("h")
    await host.enter(0.0, 1, 0.05, clock)
    waiting = asyncio.create_task(host.enter(0.0, 1, 0.05, clock))
    await asyncio.sleep(0)

    host.hangs(0.05)

    with pytest.raises(HostBusy):
        await waiting
    with pytest.raises(HostBusy):
        await host.enter(0.0, 1, 0.05, clock)
    host.leave()
    assert host.busy == 0


async def test_a_pause_holds_for_everybody_and_grows_while_it_is_not_enough() -> None:
    clock, host = Ticking(), Host("h")

    first = host.pause(clock.at, None)
    with pytest.raises(HostPaused) as refused:
        await host.enter(0.0, 2, 2.0, clock)
    second = host.pause(clock.at, None)

    assert refused.value.seconds == first == 30.0
    assert second == 60.0
    assert host.wait_for(clock.at, 1.0) == 60.0
    clock.at += 60.0
    await host.enter(0.0, 2, 2.0, clock)


async def test_a_short_pause_is_waited_for() -> None:
    clock, host = Ticking(), Host("h")
    host.pause(clock.at, 1.5)

    await host.enter(0.0, 2, 2.0, clock)

    assert clock.at >= 1001.5


def test_a_host_is_found_by_the_name_its_source_uses() -> None:
    hosts = Hosts(Ticking())

    host = hosts.at("127.0.0.1:9000", "api.example.org")

    assert list(hosts.find("api.example.org")) == [host]
    assert list(hosts.find("127.0.0.1:9000")) == [host]
    assert not list(hosts.find("other.example.org"))


def test_hosts_that_need_no_memory_are_forgotten() -> None:
    clock = Ticking()
    hosts = Hosts(clock)
    slow = hosts.at("slow:443", "slow")
    slow.slow = True

    for number in range(5000):
        hosts.at(f"h{number}:443", f"h{number}")

    assert list(hosts.find("slow")) == [slow]
    assert not list(hosts.find("h0"))
