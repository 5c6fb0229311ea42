"""History judged anew: the same rules change nothing, others change what they say, and the store stays as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.app import rejudging
from monitor.app.rejudging import Replayed
from monitor.edge.store import Store
from monitor.model import Party, Record, Signal
from tests.house import MORNING, HandClock, Office, Source, article, company, found, paper, watchlist

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BEFORE = MORNING - DAY
BANKRUPT = "Tested Company 001 Ltd files for bankruptcy"
Opened = Callable[..., Office]


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[Opened]:
    offices: list[Office] = []

    def opened(*sources: Source, customers: str | None = None, more: str = "") -> Office:
        names = customers or watchlist(range(1, 4))
        offices.append(Office(tmp_path / "etc", store, HandClock(), sources, names, more))
        return offices[-1]

    yield opened
    for one in offices:
        await one.close()


def again(o: Office, *, customers: str | None = None, more: str | None = None, since: datetime = BEFORE) -> Replayed:
    """Judge the office's history anew, with other files if they are given; the office itself goes on as it was."""
    was = (o.customers, o.more)
    listed = set(o.desk.customers)
    o.open(customers, more=more)
    try:
        return rejudging.replay(o.store, o.desk, since, o.clock.now(), listed=listed | set(o.desk.customers))
    finally:
        o.open(was[0], more=was[1])


def notice(
    number: str, code: str, stage: str, *, company: int = 1, day: str = "2026-11-03", **fields: object
) -> Record:
    party = Party(f"Tested Company {company:03d} Ltd", "debtor", {"gb_company": f"{9000000 + company:08d}"})
    own = {"authority": "London Gazette", "code": code, "title": party.name.upper(), **fields}
    signal = Signal(code, stage, None, {"case": f"CR-2026-{company}"})
    return Record("notice", number, own, f"{day}T00:00:00+00:00", parties=(party,), signals=(signal,))


def gazette() -> Source:
    return paper("gazette", family="registry", kinds=("notice",), official=True, title="London Gazette")


async def test_the_same_rules_and_the_same_watchlist_make_no_difference(office: Opened) -> None:
    register = Source(said=found(company()), kinds=("company", "officer", "charge"))
    news, gazetted = paper(said=found(article("a0", "Tested Company 003 Ltd sued for fraud"))), gazette()
    o = office(register, news, gazetted)
    await lived(o, register, news, gazetted)

    done = again(o)

    assert done.contrast.was == len(await o.told()) > 5
    assert done.contrast.differences == ()
    assert done.contrast.leads == ()


async def lived(o: Office, register: Source, news: Source, gazetted: Source) -> None:
    """Let three weeks go by: states that come and go, removals, a story, an insolvency over three sources."""
    director = [Record("officer", str(n), {"name": f"Person Number {n}", "role": "director"}) for n in range(4)]
    register.otherwise = found(company(), *director)
    await o.start()

    async def day(**said: object) -> None:
        o.clock.pass_(DAY)
        for customer in ("c1", "c2", "c3"):
            await o.look("register", customer, after=HOUR)
        await o.look("paper", "paper", after=HOUR)
        await o.look("gazette", "gazette")

    await day()
    news.otherwise = found(article("a1", "Tested Company 002 Ltd to close two plants", day="2026-11-04"))
    gazetted.otherwise = found(notice("1", "ins.petition_filed", "filed", day="2026-11-04"))
    await day()
    register.said["c1"] = found(company("insolvent"), *director)
    news.otherwise = found(
        article("a1", "Tested Company 002 Ltd to close two plants", day="2026-11-04"),
        article("a2", "Layoffs at Tested Company 002 Ltd", day="2026-11-05", outlet="Morning Post"),
        article("a3", BANKRUPT, day="2026-11-05"),
    )
    gazetted.otherwise = found(notice("2", "ins.proceeding_opened", "ordered", day="2026-11-05"))
    register.said["c2"] = found(company(), *director[1:])
    await day()
    await day()
    register.said["c3"] = found(company("dissolved"))
    await day()
    register.said["c3"] = found(company("active"), *director)
    await day()
    register.said["c3"] = found(company("dissolved"))
    await day()
    await day()
    gazetted.otherwise = found(notice("3", "ins.reversed", "reversed", day="2026-11-10"))
    await day()
