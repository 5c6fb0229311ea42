"""What a look has to say about customers: one event for one fact, one alert for one event, and silence with a reason."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.edge.store import Store, read
from monitor.model import Party, Record, Signal
from monitor.watcher import Unknown
from tests.house import HandClock, Office, Source, article, company, found, paper, watchlist

DAY = timedelta(days=1)
QUIET = "Orders steady at Tested Company 001 Ltd"
BANKRUPT = "Tested Company 001 Ltd files for bankruptcy"
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


def petition(
    number: str, *parties: Party, code: str = "ins.petition_filed", stage: str = "filed", **fields: object
) -> Record:
    return Record(
        "notice",
        number,
        {"authority": "London Gazette", "code": "2450", "title": "TESTED COMPANY 001 LTD", **fields},
        "2026-11-03T00:00:00+00:00",
        parties=parties or (Party("Tested Company 001 Ltd", "debtor", {"gb_company": "09000001"}),),
        signals=(Signal(code, stage, None, {"case": "CR-2026-7"}),),
    )


def gazette(name: str = "gazette", **declared: object) -> Source:
    return paper(name, family="registry", kinds=("notice",), official=True, title="London Gazette", **declared)


# --------------------------------------------------------------------------- one story, many outlets


async def test_one_text_in_thirty_outlets_of_one_look_is_one_event_with_thirty_origins_and_one_alert(
    office: Opened,
) -> None:
    news = paper()
    o = office(news)
    await o.start()
    await o.look("paper", "paper")

    news.otherwise = found(*(article(f"a{n}", BANKRUPT, outlet=f"Outlet {n}") for n in range(30)))
    await o.look("paper", "paper", after=DAY)

    (event,) = await o.events("ins.*")
    assert len(event.event.origins) == 30
    assert len(await o.told()) == 1


async def test_the_same_text_from_another_outlet_a_day_later_joins_and_is_not_told_again(office: Opened) -> None:
    news = paper("paper", "one", "two")
    o = office(news)
    await o.start()
    for place in ("one", "two"):
        await o.look("paper", place)

    news.said["one"] = found(article("a1", BANKRUPT))
    news.said["two"] = found(article("b1", f"{BANKRUPT} - Morning Post", outlet="Morning Post"))
    await o.look("paper", "one", after=DAY)
    await o.look("paper", "two", after=DAY)

    (event,) = await o.events("ins.*")
    assert {origin.name for origin in event.event.origins} == {"Evening Paper", "Morning Post"}
    assert len(await o.told()) == 1


async def test_another_headline_of_a_told_story_is_attached_with_its_reason(office: Opened) -> None:
    news = paper()
    o = office(news)
    await o.start()
    await o.look("paper", "paper")

    news.otherwise = found(article("a1", "Tested Company 001 Ltd to close two plants"))
    await o.look("paper", "paper", after=DAY)
    news.otherwise = found(
        article("a2", "Layoffs at Tested Company 001 Ltd after plant closure", outlet="Morning Post")
    )
    await o.look("paper", "paper", after=DAY)

    first, second = await o.events("med.shrinking")
    assert (first.silent, second.silent) == (None, "same_story")
    assert first.incident == second.incident
    assert [a.reason for a in await o.alerts(state="suppressed")] == ["same_story"]
    assert len(await o.told()) == 1


async def test_an_attached_headline_that_a_second_outlet_repeats_stays_attached(office: Opened) -> None:
    news = paper()
    o = office(news)
    await o.start()
    await o.look("paper", "paper")

    for n, title in enumerate(("to close two plants", "closes plant, cuts jobs", "closes plant, cuts jobs")):
        news.otherwise = found(article(f"a{n}", f"Tested Company 001 Ltd {title}", outlet=f"Outlet {n}"))
        await o.look("paper", "paper", after=DAY)

    assert len(await o.told()) == 1


async def test_a_story_found_at_the_first_look_was_told_to_nobody_so_its_next_headline_speaks(office: Opened) -> None:
    news = paper("paper")
    news.otherwise = found(article("a1", "Tested Company 001 Ltd to close two plants"))
    o = office(news)
    await o.start()
    await o.look("paper", "paper")
    assert await o.told() == []

    news.otherwise = found(article("a2", "Tested Company 001 Ltd closes third plant"))
    await o.look("paper", "paper", after=DAY)

    assert await o.told() == [("med.shrinking", "medium")]


async def test_a_story_that_paused_for_more_than_fourteen_days_is_told_anew(office: Opened) -> None:
    news = paper("paper")
    o = office(news)
    await o.start()
    await o.look("paper", "paper")

    for n, day in enumerate(("2026-11-04", "2026-11-20")):
        news.otherwise = found(article(f"a{n}", f"Tested Company 001 Ltd to close plant number {n}", day=day))
        await o.look("paper", "paper", after=DAY if n == 0 else 15 * DAY)

    assert len(await o.told()) == 2


async def test_a_graver_fact_of_the_same_matter_is_news_whatever_the_headline_before(office: Opened) -> None:
    news = paper()
    o = office(news)
    await o.start()
    await o.look("paper", "paper")

    news.otherwise = found(article("a1", "Creditor petitions to wind up Tested Company 001 Ltd"))
    await o.look("paper", "paper", after=DAY)
    news.otherwise = found(article("a2", "Court puts Tested Company 001 Ltd into liquidation"))
    await o.look("paper", "paper", after=DAY)

    told = [type_ for type_, _ in await o.told()]
    assert len(told) == len(set(told)) == 2


async def test_hundreds_of_neutral_articles_do_not_hide_an_open_insolvency(office: Opened) -> None:
    news, gazetted = paper(), gazette()
    o = office(news, gazetted)
    await o.start()
    await o.look("paper", "paper")
    await o.look("gazette", "gazette")
    gazetted.otherwise = found(petition("1", code="ins.proceeding_opened", stage="ordered"))
    await o.look("gazette", "gazette", after=DAY)
    news.otherwise = found(*(article(f"n{n}", f"{QUIET}, report {n}") for n in range(250)))
    await o.look("paper", "paper", after=DAY)

    gazetted.otherwise = found(petition("2"))
    await o.look("gazette", "gazette", after=DAY)

    assert await o.told() == [("ins.proceeding_opened", "critical")]
    (late,) = await o.events("ins.petition_filed")
    assert late.silent == "inhibited"


# --------------------------------------------------------------------------- edited articles


async def test_an_edited_article_speaks_only_if_it_tells_something_else_now(office: Opened) -> None:
    news = paper()
    o = office(news)
    news.otherwise = found(article("a1", "Tested Company 001 Ltd to close two plants"))
    await o.start()
    await o.look("paper", "paper")

    news.otherwise = found(article("a1", "Tested Company 001 Ltd to close two plants in Leeds"))
    await o.look("paper", "paper", after=DAY)
    assert await o.told() == []

    news.otherwise = found(article("a1", BANKRUPT))
    await o.look("paper", "paper", after=DAY)
    assert [type_ for type_, _ in await o.told()] == ["ins.proceeding_opened"]


async def test_an_item_that_is_edited_to_name_a_customer_is_news_to_that_customer(office: Opened) -> None:
    news, gazetted = paper(), gazette()
    o = office(news, gazetted)
    await o.start()
    await o.look("paper", "paper")
    await o.look("gazette", "gazette")

    news.otherwise = found(article("a1", "Leeds manufacturer to close two plants"))
    gazetted.otherwise = found(petition("1", Party("Somebody Else Ltd", "debtor")))
    for source in ("paper", "gazette"):
        await o.look(source, source, after=DAY)
    assert await o.events() == []
    news.otherwise = found(article("a1", "Tested Company 002 Ltd to close two plants"))
    gazetted.otherwise = found(petition("1", title="TESTED COMPANY 001 LIMITED"))
    for source in ("paper", "gazette"):
        await o.look(source, source, after=DAY)

    assert await o.told() == [("med.shrinking", "medium"), ("ins.petition_filed", "high")]


async def test_an_article_with_nothing_adverse_is_kept_without_an_alert_row(office: Opened) -> None:
    news = paper()
    o = office(news)
    await o.start()
    await o.look("paper", "paper")

    news.otherwise = found(article("a1", QUIET))
    await o.look("paper", "paper", after=DAY)

    (event,) = await o.events()
    assert (event.event.type, event.severity.value, event.silent) == ("med.unclassified", "info", "nothing_adverse")
    assert await o.alerts() == []


async def test_a_strange_word_in_a_rating_is_no_neutral_article(office: Opened) -> None:
    reviews = Source("reviews", family="news", kinds=("rating",))
    o = office(reviews)
    reviews.otherwise = found(Record("rating", "1", {"value": "4.1"}))
    await o.start()
    await o.look("reviews", "c1")

    odd = Record("rating", "1", {"value": "unknown", "value_raw": "SUSPENDED"})
    reviews.otherwise = found(odd, unknown=(Unknown("value", "SUSPENDED", odd.id),))
    await o.look("reviews", "c1", after=DAY)

    (event,) = await o.events("med.unclassified")
    assert (event.severity.value, event.silent) == ("medium", None)


# --------------------------------------------------------------------------- who is meant


async def test_a_customer_who_petitions_is_told_of_at_most_low_and_it_is_no_insolvency_of_its_own(
    office: Opened,
) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await o.start()
    await o.look("gazette", "gazette")

    both = petition(
        "1",
        Party("Tested Company 001 Ltd", "debtor", {"gb_company": "09000001"}),
        Party("Tested Company 002 Ltd", "petitioner", {"gb_company": "09000002"}),
    )
    gazetted.otherwise = found(both)
    await o.look("gazette", "gazette", after=DAY)

    by_customer = {one.event.customer: one for one in await o.events()}
    assert (by_customer["c1"].event.role, by_customer["c1"].severity.value) == ("debtor", "high")
    assert (by_customer["c2"].event.role, by_customer["c2"].severity.value) == ("petitioner", "low")
    assert await o.told() == [("ins.petition_filed", "high")]
    topics = {one.customer: one.topic for one in await o.store.read(read.incidents)}
    assert topics == {"c1": "insolvency", "c2": "case:CR-2026-7"}


async def test_a_petition_the_customer_brings_does_not_silence_one_against_it(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await o.start()
    await o.look("gazette", "gazette")
    ours = Party("Tested Company 001 Ltd", "petitioner", {"gb_company": "09000001"})
    gazetted.otherwise = found(petition("1", ours, code="ins.proceeding_opened", stage="ordered"))
    await o.look("gazette", "gazette", after=DAY)

    gazetted.otherwise = found(
        replace(petition("2"), signals=(Signal("ins.petition_filed", "filed", None, {"case": "CR-8"}),))
    )
    await o.look("gazette", "gazette", after=DAY)

    assert await o.told() == [("ins.petition_filed", "high")]


async def test_a_name_alone_on_a_sanctions_list_is_a_possible_match_and_a_number_makes_it_a_listing(
    office: Opened,
) -> None:
    sanctions = paper("sanctions", family="sanctions", mode="state", kinds=("listing",), official=True)
    o = office(sanctions)
    entry = Record("listing", "X1", {"list": "OFAC SDN", "program": "SDGT", "names": ["Tested Company 001 Ltd"]})
    sanctions.otherwise = found(
        Record("listing", "X0", {"list": "OFAC SDN", "names": ["Somebody Else Trading House"]}), entry
    )
    await o.start()
    await o.look("sanctions", "sanctions")
    assert [one.event.type for one in await o.events()] == ["san.possible_match"]

    known = replace(entry, fields={**entry.fields, "ids": {"gb_company": "09000001"}, "reason": "amended"})
    sanctions.otherwise = found(replace(known, key="X2"), entry, *sanctions.otherwise.records[:1])
    await o.look("sanctions", "sanctions", after=DAY)

    assert ("san.listed", "critical") in await o.told()


# --------------------------------------------------------------------------- a second voice


async def test_a_second_voice_lifts_the_cap_of_a_rumour_once(office: Opened) -> None:
    sources = [
        Source(name, kinds=("notice",), mode="log", family="news", official=False) for name in ("one", "two", "three")
    ]
    o = office(*sources)
    await o.start()
    rumour = Record("notice", "r", {"title": "Said to be short of cash"}, "2026-11-03T07:00:00+00:00",
                    signals=(Signal("fin.debt_accelerated", "rumour", "2026-11-02"),))  # fmt: skip
    for source in sources:
        await o.look(source.watcher.name, "c1")

    for source in sources:
        source.otherwise = found(rumour)
        await o.look(source.watcher.name, "c1", after=DAY)
        await o.deliver()

    (event,) = await o.events()
    # The first, which still waited, is overtaken by the graver telling of the very same event.
    assert await o.told() == [("fin.debt_accelerated", "critical")]
    assert (event.severity.value, len(event.event.origins)) == ("critical", 3)
    assert [a.reason for a in await o.alerts(state="suppressed")] == ["superseded"]
    assert (await o.store.read(read.incidents))[0].severity.value == "critical"


async def test_two_voices_in_one_look_are_weighed_together_and_told_once(office: Opened) -> None:
    wire = paper("wire", kinds=("notice",))
    o = office(wire)
    await o.start()
    await o.look("wire", "wire")

    def rumour(key: str, outlet: str) -> Record:
        return Record("notice", key, {"title": "Said to be short of cash", "outlet": outlet}, "2026-11-03T07:00:00+00:00",
                      parties=(Party("Tested Company 001 Ltd", "debtor", {"gb_company": "09000001"}),),
                      signals=(Signal("fin.debt_accelerated", "rumour", "2026-11-02"),))  # fmt: skip

    wire.otherwise = found(rumour("r1", "Evening Paper"), rumour("r2", "Morning Post"))
    await o.look("wire", "wire", after=DAY)

    (event,) = await o.events()
    assert await o.told() == [("fin.debt_accelerated", "critical")]
    assert event.severity.value == "critical"
    assert len(event.event.origins) == 2


async def test_a_second_voice_that_has_the_number_makes_the_event_sure(office: Opened) -> None:
    wire, gazetted = paper("wire", kinds=("notice",)), gazette()
    o = office(wire, gazetted)
    await o.start()
    await o.look("wire", "wire")
    await o.look("gazette", "gazette")

    wire.otherwise = found(petition("w", Party("Tested Company 001 Ltd", "debtor"), authority=None))
    await o.look("wire", "wire", after=DAY)
    gazetted.otherwise = found(petition("1"))
    await o.look("gazette", "gazette", after=DAY)

    (event,) = await o.events()
    assert await o.told() == [("ins.petition_filed", "medium"), ("ins.petition_filed", "high")]
    assert event.event.identified
    assert [reason.name for reason in event.event.match] == ["identifier_agrees"]
    assert event.event.confidence == 1.0


# --------------------------------------------------------------------------- states, spells, ends


async def test_dissolved_revived_and_dissolved_again_are_two_dissolutions(office: Opened) -> None:
    register = Source(said=found(company()))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    for status in ("dissolved", "dissolved", "active", "dissolved"):
        register.otherwise = found(company(status))
        await o.look("register", "c1", after=DAY)

    assert await o.told() == [("reg.dissolved", "critical"), ("reg.revived", "low"), ("reg.dissolved", "critical")]
    states = [one.state for one in await o.store.read(read.incidents)]
    assert sorted(states) == ["closed", "open"]


async def test_a_director_who_left_came_back_and_left_again_is_told_twice(office: Opened) -> None:
    register = Source(kinds=("company", "officer"))
    o = office(register)
    await o.start()
    director = Record("officer", "7", {"name": "Ann Example", "role": "director"})

    for there in (True, False, False, True, False, False):
        others = [Record("officer", str(n), {"name": f"Other Person {n}", "role": "director"}) for n in range(3)]
        register.otherwise = found(company(), *others, *([director] if there else []))
        await o.look("register", "c1", after=DAY)

    assert [type_ for type_, _ in await o.told()] == ["gov.director_left", "gov.director_left"]


async def test_the_end_is_told_where_the_beginning_was_and_closes_the_incident(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await o.start()
    await o.look("gazette", "gazette")

    gazetted.otherwise = found(petition("1"))
    await o.look("gazette", "gazette", after=DAY)
    gazetted.otherwise = found(petition("2", code="ins.reversed", stage="reversed"))
    await o.look("gazette", "gazette", after=DAY)

    assert await o.told() == [("ins.petition_filed", "high"), ("ins.reversed", "low")]
    assert [a.kind for a in await o.alerts()] == ["root", "reply"]
    assert [one.state for one in await o.store.read(read.incidents)] == ["closed"]


async def test_an_end_whose_beginning_nobody_heard_waits_for_the_daily_digest(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await o.start()
    await o.look("gazette", "gazette")

    gazetted.otherwise = found(petition("2", code="ins.reversed", stage="reversed"))
    await o.look("gazette", "gazette", after=DAY)

    assert await o.told() == []
    assert [(a.kind, a.state) for a in await o.alerts()] == [("line", "pending")]


# --------------------------------------------------------------------------- the first look


async def test_the_first_look_is_silent_but_for_what_is_grave_today(office: Opened) -> None:
    register = Source(kinds=("company", "officer", "charge"))
    register.said["c1"] = found(company(), Record("charge", "9", {"status": "outstanding", "holder": "Bank"}))
    register.said["c2"] = found(company("insolvent"))
    register.said["c3"] = found(company("strike_off_pending"))
    o = office(register)
    await o.start()

    for customer in ("c1", "c2", "c3"):
        await o.look("register", customer)

    assert await o.told() == [("ins.proceeding_opened", "critical")]
    assert all(one.event.baseline for one in await o.events())


async def test_old_headlines_belong_to_the_first_look_whatever_they_say(office: Opened) -> None:
    news = paper(said=found(article("a1", BANKRUPT)))
    o = office(news)
    await o.start()

    await o.look("paper", "paper")

    (event,) = await o.events()
    assert (event.event.baseline, event.silent) == (True, "baseline")
    assert await o.alerts() == []


async def test_a_feed_full_of_old_bad_news_alerts_nobody(office: Opened) -> None:
    news = paper(said=found(*(article(f"a{n}", f"{BANKRUPT}, part {n}") for n in range(60))))
    o = office(news)
    await o.start()

    await o.look("paper", "paper")

    assert await o.alerts() == []
    assert len(await o.events("ins.*")) == 60


# --------------------------------------------------------------------------- strange words, silence, order, proof


async def test_an_unknown_status_is_an_unclassified_event_and_one_line_to_the_operators(office: Opened) -> None:
    register = Source(said=found(company()))
    o = office(register)
    await o.start()
    for customer in ("c1", "c2"):
        await o.look("register", customer)

    odd = company("unknown", status_raw="ZOMBIFIED")
    register.otherwise = found(odd, unknown=(Unknown("status", "ZOMBIFIED", odd.id),))
    for customer in ("c1", "c2", "c1"):
        await o.look("register", customer, after=DAY)

    assert await o.told() == [("reg.unclassified", "medium"), ("reg.unclassified", "medium")]
    assert await o.notices() == ["unclassified"]


async def test_what_a_graver_open_fact_covers_is_silent_and_says_by_what(office: Opened) -> None:
    register = Source(
        kinds=("company", "registration"),
        said=found(company(), Record("registration", "lei", {"scheme": "lei", "number": "1", "status": "issued"})),
    )
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    register.otherwise = found(
        company("dissolved", name="ANOTHER NAME LTD"),
        Record("registration", "lei", {"scheme": "lei", "number": "1", "status": "lapsed"}),
    )
    await o.look("register", "c1", after=DAY)

    silent = {one.event.type: one.silent for one in await o.events()}
    assert silent == {"reg.dissolved": None, "reg.name_changed": "inhibited", "reg.id_lapsed": "inhibited"}
    assert {a.reason for a in await o.alerts(state="suppressed")} == {"inhibited"}


async def test_facts_of_one_look_are_told_in_the_order_they_happened(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await o.start()
    await o.look("gazette", "gazette")

    order = replace(
        petition("1", code="ins.proceeding_opened", stage="ordered"), published_at="2026-11-03T00:30:00+00:00"
    )
    before = replace(petition("2"), published_at="2026-11-03T01:00:00+02:00")
    gazetted.otherwise = found(order, before)
    await o.look("gazette", "gazette", after=DAY)

    assert [type_ for type_, _ in await o.told()] == ["ins.petition_filed", "ins.proceeding_opened"]


async def test_nobodys_birthday_stands_in_an_event(office: Opened) -> None:
    register = Source(kinds=("company", "officer"), said=found(company()))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    person = Record(
        "officer", "7", {"name": "Ann Example", "role": "director", "born": "1961-04", "since": "2026-11-01"}
    )
    register.otherwise = found(company(), person)
    await o.look("register", "c1", after=DAY)

    (event,) = await o.events("gov.director_joined")
    assert event.event.facts["name"] == "Ann Example"
    assert "1961" not in str(event)
