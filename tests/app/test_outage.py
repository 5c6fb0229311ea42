"""Our own proxy is shut: one notice for it, one when it opens, and everything looked at again at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import telling
from monitor.edge.store import Store, read
from monitor.watcher import SourceDown
from tests.house import HandClock, Office, Source, company, found, paper, watchlist

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SHUT = SourceDown("our proxy refused the connection")
BEHIND = "http: {proxy: 'http://gate.example.org:3128'}"


@pytest.fixture
async def o(store: Store, tmp_path: Path) -> AsyncIterator[Office]:
    register, news = Source("register", said=found(company())), paper("news", "a", "b")
    office = Office(tmp_path / "etc", store, HandClock(), (register, news), watchlist(range(1, 4)), BEHIND)
    await office.start()
    yield office
    await office.close()


async def look_everywhere(o: Office, after: timedelta = timedelta(0)) -> None:
    o.clock.pass_(after)
    for customer in ("c1", "c2", "c3"):
        await o.look("register", customer)
    for stream in ("a", "b"):
        await o.look("news", stream)


def say(o: Office, said: object) -> None:
    for source in o.sources:
        source.otherwise = said  # type: ignore[assignment]


async def due_in(o: Office) -> list[float]:
    now = o.clock.now()
    rows = await o.store.read(
        lambda conn: [(s.source, s.next_due_at) for s in read.source_states(conn) if s.next_due_at is not None]
    )
    return [(due - now).total_seconds() for _, due in rows]


async def test_a_shut_proxy_is_one_notice_however_many_sources_are_behind_it(o: Office) -> None:
    await look_everywhere(o)
    await o.duties()
    say(o, SHUT)
    for _ in range(6):
        await look_everywhere(o, after=12 * HOUR)
        await o.duties()

    (notice,) = await o.alerts(ops=True)
    message = telling.message(o.desk, notice, None, None)
    assert notice.facts["code"] == "proxy_down"
    assert (notice.facts["sources"], notice.facts["customers"]) == (2, 3)
    assert "our own proxy lets nothing through: 2 sources cannot be asked, 3 customers" in message.text


async def test_a_proxy_that_opens_is_one_notice_and_nobody_waits_for_his_back_off(o: Office) -> None:
    await look_everywhere(o)
    say(o, SHUT)
    for _ in range(6):
        await look_everywhere(o, after=12 * HOUR)
        await o.duties()
    say(o, found(company()))
    put_off = max(await due_in(o))

    await o.look("register", "c1", after=MINUTE)
    await o.duties()
    brought_forward = max(await due_in(o))
    await look_everywhere(o, after=MINUTE)
    await o.duties()
    await o.duties(after=HOUR)

    assert [one.facts["code"] for one in await o.alerts(ops=True)] == ["proxy_down", "proxy_up"]
    assert put_off > 3600
    assert brought_forward <= 60


async def test_a_source_that_is_down_by_itself_is_still_told_by_name(o: Office) -> None:
    await look_everywhere(o)
    register, news = o.sources
    register.otherwise, news.otherwise = SHUT, SourceDown("news.example.org is in trouble (503)")
    for _ in range(6):
        await look_everywhere(o, after=12 * HOUR)
        await o.duties()

    codes = [one.facts["code"] for one in await o.alerts(ops=True)]
    assert sorted(codes) == ["proxy_down", "source_stale", "source_stale"]  # each stream is a place of its own
