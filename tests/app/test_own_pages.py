"""Of whom an answer speaks: a page speaks of whoever it was given for, a search by name only of whom it names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.edge.store import Store, turns
from monitor.model import Outcome
from tests.house import HandClock, Office, Source, article, found, watchlist
from tests.replay import Canned, Replay

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PATH = "/company"
PAGE = """<html><head><title>Company</title></head><body><main><h1>Company</h1><p>We make springs in Leeds.</p>
<p>Managing director: Ann Lee</p><p>Finance director: Robert Mills</p><p>Bank: Yorkshire Bank</p><p>Terms: 30 days</p>
<p>Telephone 0114 496 0000</p></main></body></html>"""
FOR_SALE = "<html><head><title>x</title></head><body><p>This domain is for sale.</p></body></html>"
Opened = Callable[..., Office]


@pytest.fixture
async def site() -> AsyncIterator[Replay]:
    async with Replay([page(PAGE)]).serving() as server:
        yield server


@pytest.fixture
async def office(store: Store, tmp_path: Path, site: Replay) -> AsyncIterator[Opened]:
    offices: list[Office] = []

    def opened(*sources: Source, customers: str) -> Office:
        more = f'sources: {{page: {{base_url: "{site.url}", allow_private: true, pace: 0}}}}'
        offices.append(Office(tmp_path / "etc", store, HandClock(), sources, customers, more))
        return offices[-1]

    yield opened
    for one in offices:
        await one.close()


def page(body: str) -> Canned:
    return Canned(PATH, body.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def naming(*numbers: int) -> str:
    """Return a watchlist of three, of whom these name the page."""
    told = watchlist(range(1, 4))
    for n in numbers:
        line = "    ids: {lei: "
        at = told.index(line, told.index(f"id: c{n}\n"))
        told = f"{told[:at]}    watch: {{pages: [{{url: 'https://springs.example{PATH}', select: main}}]}}\n{told[at:]}"
    return told


async def followed(o: Office) -> str:
    (subject,) = [one.subject for one in await o.store.read(lambda conn: turns.listing(conn, "page"))]
    return subject


async def test_a_page_speaks_of_the_customer_that_names_it_though_it_names_nobody(office: Opened, site: Replay) -> None:
    o = office(customers=naming(1))
    await o.start()
    subject = await followed(o)
    await o.look("page", subject)
    assert await o.events("[!s]*") == []

    site.answers = [page(PAGE.replace("Robert Mills", "Susan Wright"))]
    await o.look("page", subject, after=DAY)
    await o.look("page", subject, after=DAY)

    (event,) = await o.events("[!s]*")
    assert (event.event.type, event.event.customer, event.event.identified) == ("ctx.unclassified", "c1", True)
    assert (event.event.facts["old"], event.event.facts["new"]) == (
        "Finance director: Robert Mills",
        "Finance director: Susan Wright",
    )
    assert event.event.evidence
    assert await o.told() == [("ctx.unclassified", "medium")]


async def test_one_page_of_two_customers_is_asked_once_and_told_of_both(office: Opened, site: Replay) -> None:
    o = office(customers=naming(1, 3))
    await o.start()
    subject = await followed(o)
    await o.look("page", subject)

    site.answers = [page(PAGE.replace("</main>", "<p>We are in administration.</p></main>"))]
    await o.look("page", subject, after=DAY)

    assert sorted(one.event.customer or "" for one in await o.events("ctx.*")) == ["c1", "c3"]
    assert len(site.asked) == 2


async def test_whoever_names_a_known_page_later_is_not_told_of_what_stood_there(office: Opened, site: Replay) -> None:
    o = office(customers=naming(1))
    await o.start()
    await o.look("page", await followed(o))

    o.open(naming(1, 2))
    await o.start()
    await o.look("page", await followed(o), after=DAY)

    assert await o.events("ctx.*") == []


async def test_what_is_gone_from_a_page_is_told_after_a_second_look(office: Opened, site: Replay) -> None:
    o = office(customers=naming(1))
    await o.start()
    subject = await followed(o)
    await o.look("page", subject)

    site.answers = [page(PAGE.replace("<p>Finance director: Robert Mills</p>", ""))]
    await o.look("page", subject, after=DAY)
    before = await o.told()
    await o.look("page", subject, after=HOUR)

    (event,) = await o.events("ctx.*")
    assert before == []
    assert event.event.facts["gone"] == "Finance director: Robert Mills"


async def test_a_domain_for_sale_is_told_once_and_the_page_was_never_gone(office: Opened, site: Replay) -> None:
    o = office(customers=naming(1))
    await o.start()
    subject = await followed(o)
    await o.look("page", subject)

    site.answers = [page(FOR_SALE)]
    looks = [await o.look("page", subject, after=DAY) for _ in range(3)]
    site.answers = [page(PAGE)]
    back = [await o.look("page", subject, after=DAY) for _ in range(3)]

    assert {look.outcome for look in looks if look} == {Outcome.PARTIAL}
    assert all(look and look.outcome.good for look in back)
    assert [one.event.type for one in await o.events("[!s]*")] == ["ctx.web_lost"]


async def test_a_robot_check_in_the_place_of_a_page_changes_nothing(office: Opened, site: Replay) -> None:
    o = office(customers=naming(1))
    await o.start()
    subject = await followed(o)
    await o.look("page", subject)

    site.answers = [page("<html><title>Just a moment...</title><body><p>Checking your browser</p></body></html>")]
    blocked = await o.look("page", subject, after=DAY)
    site.answers = [page(PAGE)]
    good = await o.look("page", subject, after=DAY)

    assert blocked and blocked.outcome is Outcome.BLOCKED
    assert good and good.outcome is Outcome.SAME
    assert await o.events("[!s]*") == []


# --------------------------------------------------------------------------- asked by name


def search() -> Source:
    """Return a source that is asked by the name alone."""
    return Source("search", mode="log", family="news", kinds=("article",), needs=(), official=False)


async def test_what_a_search_by_name_finds_is_judged_by_what_it_says(office: Opened) -> None:
    news = search()
    o = office(news, customers=watchlist(range(1, 4)))
    await o.start()
    await o.look("search", "c1")

    news.otherwise = found(
        article("a1", "Tested Company 001 Ltd files for bankruptcy"),
        article("a2", "Somebody Else plc files for bankruptcy"),
        article("a3", "Tested Company 002 Ltd files for bankruptcy"),  # another customer, who is asked about by itself
    )
    await o.look("search", "c1", after=DAY)

    (event,) = await o.events("[!s]*")
    assert (event.event.record_key, event.event.customer) == ("a1", "c1")
    assert not event.event.identified
    assert next(reason.name for reason in event.event.match) == "name_in_title"


async def test_an_item_of_a_search_that_is_edited_to_name_the_customer_is_news_to_it(office: Opened) -> None:
    news = search()
    o = office(news, customers=watchlist(range(1, 4)))
    await o.start()
    await o.look("search", "c1")
    news.otherwise = found(article("a1", "A firm in Leeds files for bankruptcy"))
    await o.look("search", "c1", after=HOUR)

    news.otherwise = found(article("a1", "Tested Company 001 Ltd files for bankruptcy"))
    await o.look("search", "c1", after=HOUR)

    assert [one.event.record_key for one in await o.events("[!s]*")] == ["a1"]
