"""One matter over many sources and months: one incident, one life, and nobody told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.app import comparing
from monitor.edge.store import read
from monitor.model import Incident, Party, Record, Signal
from tests.house import HandClock, Office, Opened, Source, article, company, found, paper

DAY = timedelta(days=1)
NAME = "Tested Company 001 Ltd"
OURS = Party(NAME, "debtor", {"gb_company": "09000001"})


def gazette(name: str = "gazette") -> Source:
    return paper(name, family="litigation", kinds=("notice",), official=True, title="London Gazette")


def register(name: str = "register", *kinds: str, **declared: object) -> Source:
    return Source(name, found(company()), kinds=("company", *kinds), **declared)


def notice(
    number: int,
    event: str,
    day: str,
    *,
    on: str | None = None,
    stage: str = "final",
    case: str | None = "CR-2026-000007",
    parties: tuple[Party, ...] = (OURS,),
    text: str = "",
    **facts: object,
) -> Record:
    told = {"case": case, **facts} if case else dict(facts)
    fields = {"authority": "London Gazette", "title": NAME.upper(), "category": event, "text": text, **facts}
    signal = Signal(event, stage, on, told)
    return Record("notice", f"gazette:{number}", fields, f"{day}T00:00:00Z", parties=parties, signals=(signal,))


async def begun(o: Office) -> None:
    """Take every first look."""
    await o.start()
    for source in o.sources:
        if source.watcher.scope == "stream":
            await o.look(source.watcher.name, source.watcher.name)
        else:
            for customer in o.desk.assignments.asked[source.watcher.name]:
                await o.look(source.watcher.name, customer)


async def matters(o: Office, topic: str = "insolvency") -> list[Incident]:
    rows = await o.store.read(read.incidents)
    return sorted((one for one in rows if one.topic == topic), key=lambda one: (one.opened_at, one.id))


# --------------------------------------------------------------------------- the story


async def test_an_insolvency_over_four_sources_is_one_incident_from_the_rumour_to_the_end(office: Opened) -> None:
    news, gazetted, house = paper(), gazette(), register("register", "insolvency")
    o = office(news, gazetted, house)
    await begun(o)

    async def gazettes(*records: Record) -> None:
        gazetted.otherwise = found(*records)
        await o.look("gazette", "gazette", after=DAY)

    async def reports(*records: Record) -> None:
        news.otherwise = found(*records)
        await o.look("paper", "paper", after=DAY)

    await reports(article("a1", f"Creditor petitions to wind up {NAME}", day="2026-11-03"))
    await gazettes(notice(1, "ins.petition_filed", "2026-11-05", on="2026-11-02", stage="filed"))
    await gazettes(notice(2, "ins.proceeding_opened", "2026-11-06", on="2026-11-05", stage="ordered"))
    case = Record(
        "insolvency", "1", {"type": "compulsory_liquidation", "number": "1", "dates": {"opened": "2026-11-04"}}
    )
    house.otherwise = found(company("insolvent", insolvency_cases=["1"]), case)
    await o.look("register", "c1", after=DAY)
    await reports(article("a2", f"Court puts {NAME} into liquidation", outlet="Morning Post", day="2026-11-07"))
    await gazettes(notice(3, "ins.proceeding_opened", "2026-11-09", on="2026-11-08"))
    await gazettes(notice(4, "ins.claims_deadline", "2026-11-10", deadline="2026-12-20"))
    await gazettes(notice(5, "ins.petition_filed", "2026-11-10", on="2026-10-30", stage="filed", case="CR-2026-000009"))
    await gazettes(notice(6, "ins.ended", "2026-11-30"))

    (one,) = await matters(o)
    assert (one.state, one.severity.value) == ("closed", "critical")
    assert {stored.incident for stored in await o.events("ins.*")} == {one.id}
    told = [alert for alert in await o.alerts() if alert.state != "suppressed" and alert.incident == one.id]
    types = {stored.event.id: stored.event.type for stored in await o.events()}
    assert [types[alert.event or ""] for alert in told] == [
        "ins.petition_filed",
        "ins.petition_filed",
        "ins.proceeding_opened",
        "ins.proceeding_opened",
        "ins.claims_deadline",
        "ins.ended",
    ]
    assert len({alert.key for alert in told}) == len(told)
    assert one.version - len(told) in (0, 1)  # each fact that was told, and the date that is kept
    assert {stored.silent for stored in await o.events("ins.*")} == {None, "same_story", "inhibited"}
    order = next(s.event for s in await o.events("ins.proceeding_opened") if s.event.occurred_at == "2026-11-05")
    assert [origin.source for origin in order.origins] == ["gazette", "register"]


async def test_a_later_insolvency_after_the_first_has_ended_is_another_incident(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await begun(o)

    for record in (
        notice(1, "ins.petition_filed", "2026-11-04", stage="filed"),
        notice(2, "ins.reversed", "2026-11-05", stage="reversed"),
        notice(3, "ins.petition_filed", "2026-11-06", stage="filed", case="CR-2026-000031"),
    ):
        gazetted.otherwise = found(record)
        await o.look("gazette", "gazette", after=DAY)

    first, second = await matters(o)
    assert (first.state, second.state) == ("closed", "open")
    assert await o.told() == [("ins.petition_filed", "high"), ("ins.reversed", "low"), ("ins.petition_filed", "high")]


async def test_a_petition_of_the_same_case_after_its_reversal_is_another_event(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await begun(o)

    for number, event in enumerate(("ins.petition_filed", "ins.reversed", "ins.petition_filed")):
        stage = "reversed" if event == "ins.reversed" else "filed"
        gazetted.otherwise = found(notice(number, event, f"2026-11-0{4 + number}", stage=stage))
        await o.look("gazette", "gazette", after=DAY)

    assert len({stored.event.key for stored in await o.events("ins.petition_filed")}) == 2
    assert [type_ for type_, _ in await o.told()] == ["ins.petition_filed", "ins.reversed", "ins.petition_filed"]
    assert [one.state for one in await matters(o)] == ["open"]


async def test_a_dismissal_in_another_case_leaves_the_petition_standing(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await begun(o)

    for record in (
        notice(1, "ins.petition_filed", "2026-11-04", stage="filed"),
        notice(2, "ins.reversed", "2026-11-05", stage="reversed", case="CR-2026-000031"),
    ):
        gazetted.otherwise = found(record)
        await o.look("gazette", "gazette", after=DAY)

    (one,) = await matters(o)
    assert (one.state, one.severity.value) == ("open", "high")


async def test_a_petition_that_comes_after_its_dismissal_is_kept_and_told_to_nobody(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await begun(o)

    gazetted.otherwise = found(notice(2, "ins.reversed", "2026-11-05", stage="reversed"))
    await o.look("gazette", "gazette", after=DAY)
    gazetted.otherwise = found(notice(1, "ins.petition_filed", "2026-11-03", on="2026-11-01", stage="filed"))
    await o.look("gazette", "gazette", after=DAY)

    (one,) = await matters(o)
    (late,) = await o.events("ins.petition_filed")
    assert (one.state, late.silent, late.incident) == ("closed", "ended_before", one.id)
    assert "ins.petition_filed" not in [type_ for type_, _ in await o.told()]


async def test_two_hundred_and_fifty_notices_of_one_case_are_one_incident(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await begun(o)

    gazetted.otherwise = found(
        *(
            notice(n, "ins.claims_deadline", "2026-11-04", deadline=f"2027-{1 + n % 12:02}-{1 + n // 12:02}")
            for n in range(250)
        )
    )
    await o.look("gazette", "gazette", after=DAY)
    gazetted.otherwise = found(notice(999, "ins.ended", "2026-11-20"))
    await o.look("gazette", "gazette", after=DAY)

    (one,) = await matters(o)
    assert (one.events, one.state) == (251, "closed")


async def test_two_customers_of_one_court_case_have_an_incident_each(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await begun(o)

    both = (OURS, Party("Tested Company 002 Ltd", "debtor", {"gb_company": "09000002"}))
    gazetted.otherwise = found(notice(1, "ins.petition_filed", "2026-11-04", stage="filed", parties=both))
    await o.look("gazette", "gazette", after=DAY)

    assert {one.customer for one in await matters(o)} == {"c1", "c2"}


# --------------------------------------------------------------------------- one fact, two sources


@pytest.mark.parametrize("dated_first", [True, False])
async def test_one_dissolution_is_one_event_though_only_one_of_two_registers_dates_it(
    office: Opened, dated_first: bool
) -> None:
    one, other = register("first"), register("second")
    o = office(one, other)
    await begun(o)

    dated, bare = company("dissolved", dissolved_on="2026-11-02"), company("dissolved")
    one.otherwise, other.otherwise = (found(dated), found(bare)) if dated_first else (found(bare), found(dated))
    for source in ("first", "second", "first", "second"):
        await o.look(source, "c1", after=DAY)

    (event,) = await o.events("reg.dissolved")
    assert [origin.source for origin in event.event.origins] == ["first", "second"]
    assert event.event.occurred_at == "2026-11-02"
    assert await o.told() == [("reg.dissolved", "critical")]


async def test_a_second_dissolution_is_no_echo_of_the_first(office: Opened) -> None:
    one, other = register("first"), register("second")
    o = office(one, other)
    await begun(o)

    for status in ("dissolved", "active"):
        one.otherwise = found(company(status))
        await o.look("first", "c1", after=DAY)
    other.otherwise = found(company("dissolved"))
    await o.look("second", "c1", after=DAY)

    assert len(await o.events("reg.dissolved")) == 2


# --------------------------------------------------------------------------- voices


async def test_two_outlets_in_their_own_words_corroborate_each_other(office: Opened) -> None:
    own = "\n".join(("version: 1", "customers:", f"  - name: {NAME}", "    id: c1", "    country: GB",
                     '    ids: {gb_company: "09000001"}'))  # fmt: skip
    news = paper(kinds=("article",))
    o = office(news, customers=own)
    await begun(o)

    def report(key: str, title: str, outlet: str) -> Record:
        return replace(article(key, title, outlet=outlet), parties=(OURS,))

    news.otherwise = found(report("a1", f"{NAME} seeks creditor protection, sources say", "Evening Paper"))
    await o.look("paper", "paper", after=DAY)
    news.otherwise = found(report("a2", f"{NAME} seeks creditor protection, sources say", "Copy Cat Daily"))
    await o.look("paper", "paper", after=DAY)
    single = [(s.severity.value, s.silent) for s in await o.events()]
    news.otherwise = found(
        report("a3", f"Talks on rescue of {NAME} reported: it may seek creditor protection", "Morning Post")
    )
    await o.look("paper", "paper", after=DAY)

    assert single == [("medium", None)]
    first, second = await o.events()
    assert [o.repeats for o in first.event.origins] == [None, "Evening Paper"]
    assert {reason.name for reason in first.reasons} >= {"rumour_single_origin"}
    assert second.severity.value == "high"
    assert [reason.facts for reason in second.reasons if reason.name == "repeats"] == [
        {"names": "Copy Cat Daily", "count": 1, "of": "Evening Paper"}
    ]
    assert [severity for _, severity in await o.told()] == ["medium", "high"]


# --------------------------------------------------------------------------- corrections


async def test_a_correction_that_names_its_notice_edits_what_was_said(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await begun(o)

    gazetted.otherwise = found(notice(4711001, "ins.petition_filed", "2026-11-04", stage="filed", hearing="2026-12-09"))
    await o.look("gazette", "gazette", after=DAY)
    gazetted.otherwise = found(
        notice(4711099, "ins.petition_filed", "2026-11-05", stage="filed", hearing="2026-12-16",
               text="This notice is in substitution for notice ID 4711001, which stated a wrong date.")
    )  # fmt: skip
    for _ in range(2):
        await o.look("gazette", "gazette", after=DAY)

    old, new = await o.events("ins.petition_filed")
    assert old.event.facts["corrected_by"] == new.event.id
    assert {name: new.event.facts[name] for name in ("corrects", "field", "old", "new")} == {
        "corrects": old.event.id,
        "field": "hearing",
        "old": "2026-12-09",
        "new": "2026-12-16",
    }
    (one,) = await matters(o)
    assert (one.head, one.events) == (new.event.id, 2)
    assert one.version - one.events in (0, 1)  # the moved date shows too
    assert [alert.kind for alert in await o.alerts() if alert.kind != "reminder"] == ["root", "reply"]


async def test_a_notice_edited_in_place_corrects_itself_and_mere_wording_does_not(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await begun(o)

    for text, hearing in (("A", "2026-12-09"), ("B", "2026-12-09"), ("B", "2026-12-16")):
        gazetted.otherwise = found(
            notice(1, "ins.petition_filed", "2026-11-04", stage="filed", text=text, hearing=hearing)
        )
        await o.look("gazette", "gazette", after=DAY)

    assert [s.event.facts.get("new") for s in await o.events("ins.petition_filed")] == [None, "2026-12-16"]


# --------------------------------------------------------------------------- what follows from several facts


def director(key: str, **fields: object) -> Record:
    return Record("officer", key, {"name": f"Person {key}", "role": "director", **fields})


async def test_two_directors_who_leave_within_ninety_days_are_an_exodus_told_once(office: Opened) -> None:
    house = register("register", "officer")
    house.otherwise = found(company(), *(director(key) for key in "ABCDEFGH"))
    o = office(house)
    await begun(o)

    for gone in ("A", "AB", "ABC"):
        ends = {key: f"2026-1{1 if key < 'C' else 2}-0{1 + ord(key) - 65}" for key in gone}
        people = (director(key, **({"until": ends[key]} if key in ends else {})) for key in "ABCDEFGH")
        house.otherwise = found(company(), *people)
        await o.look("register", "c1", after=DAY)

    (exodus,) = await o.events("gov.board_exodus")
    assert (exodus.severity.value, exodus.event.facts["names"]) == ("high", "Person A, Person B")
    assert len(await matters(o, "control")) == 1


async def test_half_of_a_board_of_two_is_an_exodus_and_a_replaced_director_is_none(office: Opened) -> None:
    house = register("register", "officer")
    house.said = {
        "c1": found(company(), director("A"), director("B"), director("S", role="secretary")),
        "c2": found(company(), director("A")),
    }
    o = office(house)
    await begun(o)

    house.said = {
        "c1": found(company(), director("A", until="2026-11-03"), director("B"), director("S", role="secretary")),
        "c2": found(
            company(),
            director("A", until="2026-11-03"),
            director("N", since="2026-11-03"),
            director("M", since="2026-11-03"),
        ),
    }
    for customer in ("c1", "c2"):
        await o.look("register", customer, after=DAY)

    assert [s.event.customer for s in await o.events("gov.board_exodus")] == ["c1"]


# --------------------------------------------------------------------------- sources that contradict each other


async def test_a_register_that_lags_is_no_contradiction_until_it_lags_too_long(office: Opened) -> None:
    one, other = register("first"), register("second")
    o = office(one, other)
    await begun(o)

    one.otherwise = found(company("dissolved"))
    await o.look("first", "c1", after=DAY)
    for _ in range(29):
        await o.look("second", "c1", after=DAY)
        await o.look("first", "c1")
        await o.duties()
    assert await o.events("clm.*") == []
    for _ in range(3):
        await o.look("second", "c1", after=DAY)
        await o.look("first", "c1")
        await o.duties()

    (event,) = await o.events("clm.sources_disagree")
    facts = event.event.facts
    assert (facts["field"], facts["old"], facts["new"]) == ("status", "active", "dissolved")
    assert (facts["one"], facts["other"]) == ("Second", "First")
    assert {origin.source for origin in event.event.origins} == {"first", "second"}
    assert [type_ for type_, _ in await o.told()] == ["reg.dissolved", "clm.sources_disagree"]


async def test_a_contradiction_ends_when_the_sources_agree_again_and_may_come_back(office: Opened) -> None:
    one, other = register("first"), register("second")
    gone = company("dissolved", dissolved_on="2026-08-01")
    o = office(one, other)
    await begun(o)

    for said in (gone, company(), gone):
        one.otherwise = found(said)
        await o.look("first", "c1", after=DAY)

    events = await o.events("clm.sources_disagree")
    assert [s.event.stage for s in events] == ["final", "reversed", "final"]
    assert len({s.event.key for s in events}) == 3
    assert [i.state for i in await matters(o, "clm.sources_disagree:status")] == ["closed", "open"]


async def test_a_source_that_cannot_be_seen_does_not_agree(office: Opened) -> None:
    one, other = register("first"), register("second")
    o = office(one, other)
    await begun(o)
    one.otherwise = found(company("dissolved", dissolved_on="2026-08-01"))
    await o.look("first", "c1", after=DAY)

    one.otherwise = found(company("dissolved", dissolved_on="2026-08-01", city="Leeds"))
    await o.look("first", "c1", after=20 * DAY)
    await o.duties()

    assert [s.event.stage for s in await o.events("clm.*")] == ["final"]


async def test_a_source_that_was_not_seen_lately_contradicts_nobody(office: Opened) -> None:
    one, other = register("first"), register("second")
    o = office(one, other)
    await begun(o)

    one.otherwise = found(company("dissolved", dissolved_on="2026-08-01"))
    await o.look("first", "c1", after=10 * DAY)

    assert await o.events("clm.*") == []


async def test_a_gazette_that_orders_what_the_court_dismissed_is_a_contradiction(office: Opened) -> None:
    gazetted, court = gazette(), paper("court", family="litigation", kinds=("notice",), official=True)
    o = office(gazetted, court)
    await begun(o)

    court.otherwise = found(replace(notice(1, "ins.reversed", "2026-11-10", on="2026-11-09", stage="reversed"),
                                    key="court:1"))  # fmt: skip
    await o.look("court", "court", after=DAY)
    gazetted.otherwise = found(notice(2, "ins.proceeding_opened", "2026-11-12", on="2026-11-11", stage="ordered"))
    for _ in range(2):
        await o.look("gazette", "gazette", after=DAY)

    (event,) = await o.events("clm.sources_disagree")
    assert (event.event.facts["field"], event.event.facts["old"]) == ("proceeding", "ins.reversed")


def test_each_customer_is_compared_once_a_day() -> None:
    clock, everybody = HandClock(), [f"c{n:03}" for n in range(120)]
    mark, seen = None, []

    for _ in range(5):
        part, mark = comparing.due(mark, everybody, clock.now())
        seen += part
    clock.pass_(DAY)
    tomorrow, _ = comparing.due(mark, everybody, clock.now())

    assert seen == everybody
    assert tomorrow == everybody[: comparing.AT_ONCE]
