"""The opening report, and new customers in what was known before they came."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from monitor.app import telling
from monitor.edge.store import Store, read
from monitor.model import Message, Party, Record, Signal
from monitor.watcher import NotListed, SourceDown
from tests.house import HandClock, Office, Source, article, company, found, paper, watchlist

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
Opened = Callable[..., Office]


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[Opened]:
    offices: list[Office] = []

    def opened(*sources: Source, customers: str | None = None, more: str = "") -> Office:
        home = tmp_path / "etc"
        offices.append(Office(home, store, HandClock(), sources, customers or watchlist(range(1, 4)), more))
        return offices[-1]

    yield opened
    for one in offices:
        await one.close()


async def told(o: Office) -> Message:
    """Return the newest report as its reader sees it."""
    rows = await o.store.read(read.alerts)
    return telling.message(o.desk, next(one for one in rows if one.kind == "report"), None, None)


def petition(company_: int = 1, number: str = "1") -> Record:
    return Record(
        "notice",
        number,
        {"authority": "London Gazette", "code": "2450", "title": f"TESTED COMPANY {company_:03d} LTD"},
        "2026-11-03T00:00:00+00:00",
        parties=(Party(f"Tested Company {company_:03d} Ltd", "debtor", {"gb_company": f"{9000000 + company_:08d}"}),),
        signals=(Signal("ins.petition_filed", "filed", None, {"case": f"CR-{number}"}),),
    )


# --------------------------------------------------------------------------- the opening report


async def test_one_report_speaks_of_all_customers_once_every_first_look_is_taken(office: Opened) -> None:
    register, news = Source(said=found(company())), paper()
    o = office(register, news)
    await o.start()

    await o.duties()
    for customer in ("c1", "c2", "c3"):
        await o.look("register", customer)
    await o.duties()
    assert await o.reports() == []

    await o.look("paper", "paper")
    await o.duties()
    await o.duties(after=DAY)

    (report,) = await o.reports()
    assert len(report["customers"]) == 3
    assert report["blind"] == []
    assert {one["source"]: one["customers"] for one in report["looked"]} == {"Paper": 3, "Register": 3}


async def test_it_waits_no_longer_than_it_may_and_names_who_was_not_seen(office: Opened) -> None:
    register, slow = Source(said=found(company())), Source("slow", title="Slow Register")
    o = office(register, slow)
    register.said["c2"] = SourceDown("register.example answers 503")
    await o.start()
    for customer in ("c1", "c2", "c3"):
        await o.look("register", customer)

    await o.duties(after=14 * MINUTE)
    assert await o.reports() == []
    await o.duties(after=2 * MINUTE)

    (report,) = await o.reports()
    blind = {one["source"]: (one["customers"], one["reason"]) for one in report["blind"]}
    assert blind == {"Register": (1, "register.example answers 503"), "Slow Register": (3, "not looked yet")}


async def test_a_number_the_register_does_not_know_is_named_as_unwatched_there(office: Opened) -> None:
    register = Source(said=found(company()))
    register.said["c2"] = NotListed("GLEIF has no record of this LEI")
    o = office(register)
    await o.start()
    for customer in ("c1", "c2", "c3"):
        await o.look("register", customer)

    await o.duties()

    (report,) = await o.reports()
    assert report["looked"] == [{"source": "Register", "customers": 2}]
    assert report["blind"] == [{"source": "Register", "customers": 1, "reason": "GLEIF has no record of this LEI"}]


async def test_a_customer_nobody_watches_is_said_to_be_so(office: Opened) -> None:
    register = Source(said=found(company()), needs=("no.orgnr",))
    o = office(register)
    await o.start()

    await o.duties()

    (report,) = await o.reports()
    (blind,) = report["blind"]
    assert blind["customers"] == 3
    assert "no source watches them" in blind["reason"]


async def test_a_customer_added_later_gets_a_report_of_its_own(office: Opened) -> None:
    register = Source(said=found(company()))
    o = office(register)
    await o.start()
    for customer in ("c1", "c2", "c3"):
        await o.look("register", customer)
    await o.duties()

    o.open(watchlist(range(1, 5)))
    await o.start()
    await o.duties(after=MINUTE)
    assert len(await o.reports()) == 1
    await o.look("register", "c4")
    await o.duties()

    assert [one["customers"] for one in await o.reports()][1:] == [["Tested Company 004 Ltd"]]


async def test_what_stands_today_is_in_the_report_the_gravest_first_and_what_was_written_is_counted(
    office: Opened,
) -> None:
    register = Source(kinds=("company", "charge"))
    register.said["c1"] = found(company())
    register.said["c2"] = found(company("in_rescue"))
    register.said["c3"] = found(company("strike_off_pending"))
    news = paper(said=found(*(article(f"a{n}", f"Tested Company 001 Ltd to close plant {n}") for n in range(60))))
    o = office(register, news)
    await o.start()
    for customer in ("c1", "c2", "c3"):
        await o.look("register", customer)
    await o.look("paper", "paper")

    await o.duties()

    (report,) = await o.reports()
    today = [(one["customer"], one["severity"]) for one in report["today"]]
    assert today == [("Tested Company 002 Ltd", "critical"), ("Tested Company 003 Ltd", "high")]
    assert report["background"] == 60
    assert set(report["today"][0]["says"]) == {"en", "zh"}


async def test_a_large_watchlist_fits_into_one_message_and_is_made_quickly(office: Opened) -> None:
    register = Source(said=found(company()))
    o = office(register, customers=watchlist(range(1, 501)))
    await o.start()
    began = time.monotonic()

    await o.duties(patience=False)

    message = await told(o)
    assert time.monotonic() - began < 5
    assert len(orjson.dumps(message.blocks)) < 13_000
    assert "500" in message.text


async def test_reasons_that_name_each_customer_are_one_line(office: Opened) -> None:
    register = Source()
    o = office(register, customers=watchlist(range(1, 31)))
    await o.start()
    for n in range(1, 31):
        register.said[f"c{n}"] = SourceDown(f"https://register.example/{n} answers 500")
        await o.look("register", f"c{n}")

    await o.duties()

    (report,) = await o.reports()
    (line,) = report["blind"]
    assert (line["source"], line["customers"]) == ("Register", 30)


@pytest.mark.parametrize(("language", "word"), [("en", "Now watching"), ("zh", "家")])
async def test_the_report_is_in_the_language_of_its_channel(office: Opened, language: str, word: str) -> None:
    register = Source(said=found(company("insolvent")))
    route = f'routes: [{{name: all, channel: "#customer-watch", language: {language}}}]'
    o = office(register, more=route)
    await o.start()
    for customer in ("c1", "c2", "c3"):
        await o.look("register", customer)

    await o.duties()

    assert word in (await told(o)).text


# --------------------------------------------------------------------------- looked up in what was known


async def test_a_new_customer_is_looked_up_in_what_the_streams_said_before(office: Opened) -> None:
    gazette = paper("gazette", family="registry", kinds=("notice",), official=True)
    o = office(gazette, customers=watchlist(range(1, 2)))
    await o.start()
    await o.look("gazette", "gazette")
    gazette.otherwise = found(petition(2))
    await o.look("gazette", "gazette", after=HOUR)
    assert await o.events() == []

    o.open(watchlist(range(1, 3)))
    await o.start()

    (event,) = await o.events("ins.*")
    assert (event.event.customer, event.event.baseline) == ("c2", True)
    assert await o.told() == [("ins.petition_filed", "high")]


async def test_what_is_older_than_ninety_days_is_not_looked_up_but_a_list_is_however_old(office: Opened) -> None:
    gazette = paper("gazette", family="registry", kinds=("notice",), official=True, said=found(petition(2)))
    entry = Record(
        "listing", "X", {"list": "OFAC SDN", "names": ["Tested Company 002 Ltd"], "ids": {"gb_company": "09000002"}}
    )
    sanctions = paper(
        "sanctions", family="sanctions", mode="state", kinds=("listing",), official=True, said=found(entry)
    )
    o = office(gazette, sanctions, customers=watchlist(range(1, 2)))
    await o.start()
    await o.look("gazette", "gazette")
    await o.look("sanctions", "sanctions")

    o.clock.pass_(100 * DAY)
    o.open(watchlist(range(1, 3)))
    await o.start()

    assert [one.event.type for one in await o.events()] == ["san.listed"]


async def test_a_stream_that_is_not_for_a_customer_does_not_speak_of_it_afterwards_either(office: Opened) -> None:
    news = paper("news", default_on=False, kinds=("notice",))
    one = watchlist(range(1, 2), sources="{{on: [news]}}")
    o = office(news, customers=one)
    await o.start()
    await o.look("news", "news")
    news.otherwise = found(petition(2))
    await o.look("news", "news", after=HOUR)

    o.open(one + watchlist(range(2, 3)).split("customers:\n")[1])
    await o.start()

    assert await o.events() == []


async def test_a_customer_with_the_longer_name_is_not_the_one_with_the_shorter(office: Opened) -> None:
    def named(*names: str) -> str:
        return "version: 1\ncustomers:\n" + "".join(f"  - {{name: {name}, country: GB}}\n" for name in names)

    news = paper()
    o = office(news, customers=named("Quillfeather Power Ltd"))
    await o.start()
    await o.look("paper", "paper")
    news.otherwise = found(article("a1", "Quillfeather Power files for bankruptcy"))
    await o.look("paper", "paper", after=HOUR)

    o.open(named("Quillfeather Power Ltd", "Quillfeather Ltd"))
    await o.start()

    assert {one.event.customer for one in await o.events()} == {"quillfeather-power-ltd"}


async def test_a_customer_who_comes_back_continues_its_history(office: Opened) -> None:
    gazette = paper("gazette", family="registry", kinds=("notice",), official=True)
    register = Source(said=found(company()))
    o = office(register, gazette)
    await o.start()
    for customer in ("c1", "c2", "c3"):
        await o.look("register", customer)
    await o.look("gazette", "gazette")
    gazette.otherwise = found(petition(3))
    await o.look("gazette", "gazette", after=HOUR)
    await o.duties()

    o.open(watchlist(range(1, 3)))
    await o.start()
    gazette.otherwise = found(petition(3), petition(3, "2"))
    await o.look("gazette", "gazette", after=DAY)
    register.otherwise = found(company("dissolved"))
    o.open(watchlist(range(1, 4)))
    meant = await o.start()
    await o.look("register", "c3", after=HOUR)
    await o.duties(after=HOUR)

    assert meant.back == ("c3",)
    events: list[Any] = await o.events(customer="c3")
    assert [(one.event.type, one.event.baseline) for one in events] == [
        ("ins.petition_filed", False),  # told when it happened, not again
        ("ins.petition_filed", True),  # while it was away
        ("reg.dissolved", False),  # a change against what was known then
    ]
    assert len(await o.reports()) == 1
