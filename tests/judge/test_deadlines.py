"""Which dates a fact sets, how they move and end, and when somebody is reminded of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge import deadlines
from monitor.judge.deadlines import Stated, Wanted
from monitor.judge.hours import Hours
from monitor.model import Customer, Deadline, Event, Review
from monitor.policy import Matcher, Pace, Person, Policy, Quiet, Route
from tests.judge.made import BOOK, NOW, customer, event, on_documents, on_open_account, on_prepayment, petition, policy

WEEK = timedelta(days=7)


def stated(one: Event, who: Customer | None = None, **figures: Any) -> list[tuple[str, str]]:
    found = deadlines.of_event(one, who or customer(), policy(**figures), BOOK)
    return sorted((date_.name, date_.day) for date_ in found)


def dated(type_: str = "ins.petition_filed", **dates: str) -> Event:
    return event(type_, facts={"dates": dates, "case": "CR-2026-001"})


# --------------------------------------------------------------------------- what sets a date


def test_a_hearing_is_a_date_to_keep_and_the_day_of_the_petition_is_not() -> None:
    assert stated(dated(petition="2026-10-20", hearing="2026-12-09")) == [("hearing", "2026-12-09")]


def test_a_deadline_in_an_insolvency_is_the_last_day_to_claim_and_in_a_register_the_last_to_object() -> None:
    assert stated(dated("ins.claims_deadline", deadline="2026-12-01")) == [("claims_deadline", "2026-12-01")]
    assert stated(dated("reg.strike_off_proposed", deadline="2026-12-01")) == [("objection_deadline", "2026-12-01")]


def test_a_meeting_that_is_the_only_day_stated_is_no_claims_deadline_as_well() -> None:
    said = dated("ins.claims_deadline", meeting="2026-12-01", deadline="2026-12-01")
    assert stated(said) == [("creditors_meeting", "2026-12-01")]


def test_a_name_nobody_knows_makes_no_date_and_is_listed() -> None:
    said = dated(hearing="2026-12-09", auction="2026-12-20", petition="2026-10-20")

    assert stated(said) == [("hearing", "2026-12-09")]
    assert deadlines.unknown(said) == {"auction": "2026-12-20"}


@pytest.mark.parametrize("day", ["soon", "2026-13-01", "", "09/12/2026"])
def test_what_is_no_day_makes_no_date(day: str) -> None:
    assert stated(dated(hearing=day)) == []


def test_a_day_that_was_past_when_it_was_first_seen_is_not_one_to_keep() -> None:
    assert stated(dated(hearing="2026-11-02")) == []
    assert stated(dated(hearing="2026-11-03")) == [("hearing", "2026-11-03")]


@pytest.mark.parametrize(
    "changes",
    [
        {"relation": "parent"},
        {"stage": "rumour"},
        {"stage": "reversed"},
        {"type": "ins.ended"},
    ],
)
def test_rumours_ends_and_companies_nearby_set_no_dates(changes: dict[str, Any]) -> None:
    assert stated(replace(dated(hearing="2026-12-09"), **changes)) == []


def test_whoever_is_on_the_other_side_has_no_date_to_keep() -> None:
    ours = replace(dated(hearing="2026-12-09"), role="petitioner")
    assert deadlines.of_event(ours, customer(), policy(), BOOK, other_side=("petitioner",)) == ()


def test_a_british_strike_off_can_be_objected_to_for_two_months() -> None:
    said = event("reg.strike_off_proposed", source="gb_companies_house", occurred_at="2026-10-31", facts={})
    (found,) = deadlines.of_event(said, customer(), policy(), BOOK)

    assert (found.name, found.day, found.facts["rule"]) == ("objection_deadline", "2026-12-31", "gb_strike_off")
    assert stated(replace(said, source="no_brreg")) == []  # the law of no other country is known
    assert stated(replace(said, occurred_at=None)) == []


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 10, 15), 3, date(2027, 1, 15)),
    ],
)
def test_months_end_where_the_month_does(day: date, months: int, later: date) -> None:
    assert deadlines.months_after(day, months) == later


# --------------------------------------------------------------------------- the insurer


def test_the_insurer_is_told_of_an_insolvency_within_the_workdays_of_the_policy() -> None:
    # First seen on Tuesday 3 November in Shanghai: five workdays later is Tuesday the 10th.
    found = dict(stated(petition(), on_open_account()))
    assert found == {"hearing": "2026-12-09", "insurer_report": "2026-11-10"}


@pytest.mark.parametrize("who", [customer(), on_documents(), on_prepayment()])
def test_whoever_is_not_insured_reports_to_nobody(who: Customer) -> None:
    assert "insurer_report" not in dict(stated(petition(), who))


def test_nothing_is_counted_where_the_policy_has_no_figure() -> None:
    assert "insurer_report" not in dict(stated(petition(), on_open_account(), insurers={}))


def test_a_namesake_is_not_reported_to_the_insurer() -> None:
    assert "insurer_report" not in dict(stated(replace(petition(), identified=False), on_open_account()))


def test_an_overdue_invoice_is_reported_so_many_days_after_its_due_day() -> None:
    said = event("pay.invoice_overdue", facts={"due": "2026-10-20", "number": "4711"})
    assert stated(said, on_open_account()) == [("insurer_report", "2026-12-19")]


def test_workdays_of_a_year_not_announced_yet_are_said_to_be_provisional() -> None:
    late = replace(petition(), first_seen=datetime(2039, 12, 30, tzinfo=UTC))
    insured = on_open_account()
    assert insured.insured is not None
    cover = replace(insured, insured=replace(insured.insured, until=None))
    found = [one for one in deadlines.of_event(late, cover, policy(), BOOK) if one.name == "insurer_report"]
    assert [one.facts["provisional"] for one in found] == [2040]


def test_later_facts_do_not_give_the_insurers_report_more_time() -> None:
    first = deadlines.of_event(petition(), on_open_account(), policy(), BOOK)
    order = replace(petition(), id="ev_order", type="ins.proceeding_opened", first_seen=NOW + WEEK)
    later = deadlines.of_event(order, on_open_account(), policy(), BOOK)

    found = deadlines.of_incident("in_1", "hartwell", [*later, *first])

    assert {one.name: one.day for one in found}["insurer_report"] == "2026-11-10"


# --------------------------------------------------------------------------- one incident


def said(day: str, published: int, *, matter: str = "", name: Any = "hearing") -> Stated:
    at = datetime(2026, 11, published, tzinfo=UTC)
    return Stated(name, day, f"ev_{published}", "gb_gazette", "GB", at, matter)


def test_the_newest_fact_holds_and_the_day_before_is_told_with_it() -> None:
    (found,) = deadlines.of_incident("in_1", "c1", [said("2026-12-16", 20), said("2026-12-09", 3)])
    assert (found.day, found.was, found.event) == ("2026-12-16", "2026-12-09", "ev_20")


def test_two_cases_have_a_hearing_each() -> None:
    told = [said("2026-12-09", 3, matter="CR-1"), said("2026-12-16", 4, matter="CR-2")]
    found = deadlines.of_incident("in_1", "c1", told)
    assert [(one.day, one.was) for one in found] == [("2026-12-09", None), ("2026-12-16", None)]
    assert found[0].id != found[1].id


def test_a_fact_without_a_case_speaks_of_the_one_spoken_of_last() -> None:
    (found,) = deadlines.of_incident("in_1", "c1", [said("2026-12-09", 3, matter="CR-1"), said("2026-12-16", 4)])
    assert (found.day, found.was) == ("2026-12-16", "2026-12-09")


told_facts = st.lists(
    st.builds(
        said,
        st.sampled_from(["2026-12-09", "2026-12-16", "2027-01-11"]),
        st.integers(1, 28),
        matter=st.sampled_from(["", "CR-1", "CR-2"]),
        name=st.sampled_from(["hearing", "claims_deadline"]),
    ),
    max_size=8,
)


@given(told_facts, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_came_does_not_matter(facts: list[Stated], random: Any) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)

    assert set(_plain(deadlines.of_incident("in_1", "c1", facts))) == set(
        _plain(deadlines.of_incident("in_1", "c1", shuffled))
    )


@given(told_facts)
def test_told_one_after_the_other_or_all_at_once_the_dates_are_the_same(facts: list[Stated]) -> None:
    order = sorted(facts, key=lambda one: (one.at, one.event, one.matter, one.day))
    held: dict[str, Deadline] = {}
    for count in range(1, len(order) + 1):
        _take(held, deadlines.of_incident("in_1", "c1", order[:count]))

    at_once: dict[str, Deadline] = {}
    _take(at_once, deadlines.of_incident("in_1", "c1", facts))

    assert {id_: one.day for id_, one in held.items()} == {id_: one.day for id_, one in at_once.items()}


@given(told_facts)
def test_the_same_facts_again_change_nothing(facts: list[Stated]) -> None:
    held: dict[str, Deadline] = {}
    wanted = deadlines.of_incident("in_1", "c1", facts)
    _take(held, wanted)
    assert deadlines.merged(held.values(), wanted, NOW + WEEK) == ()


def _take(held: dict[str, Deadline], wanted: tuple[Wanted, ...]) -> None:
    held |= {one.id: one for one in deadlines.merged(held.values(), wanted, NOW)}


def _plain(found: tuple[Wanted, ...]) -> list[tuple[str, str, str, str | None]]:
    return [(one.id, one.name, one.day, one.was) for one in found]


# --------------------------------------------------------------------------- a fact told again


def test_a_later_telling_of_a_known_fact_moves_its_dates() -> None:
    later = replace(petition(), published_at="2026-11-20", facts={"dates": {"hearing": "2026-12-16"}, "case": "x"})

    whole = deadlines.restated(petition(), later)

    assert whole is not None
    found = deadlines.of_incident("in_1", "hartwell", deadlines.of_event(whole, customer(), policy(), BOOK))
    assert [(one.day, one.was) for one in found] == [("2026-12-16", "2026-12-09")]
    assert deadlines.restated(whole, later) is None


def test_another_voice_that_states_no_other_day_moves_nothing() -> None:
    silent = replace(petition(), source="gb_companies_house", facts={"dates": {"petitioned_on": "2026-10-20"}})
    assert deadlines.restated(petition(), silent) is None
    assert deadlines.restated(petition(), petition()) is None


def test_a_hearing_that_is_moved_back_is_moved_back() -> None:
    def again(day: str, on: str) -> Event:
        return replace(petition(), published_at=on, facts={"dates": {"hearing": day}})

    away = deadlines.restated(petition(), again("2026-12-16", "2026-11-20"))
    assert away is not None
    back = deadlines.restated(away, again("2026-12-09", "2026-11-25"))
    assert back is not None
    (found,) = deadlines.of_incident("in_1", "hartwell", deadlines.of_event(back, customer(), policy(), BOOK))
    assert (found.day, found.was) == ("2026-12-09", "2026-12-16")


# --------------------------------------------------------------------------- what becomes of it


def held(day: str = "2026-12-09", **changes: Any) -> Deadline:
    base: dict[str, Any] = {
        "id": "dl_1",
        "customer": "hartwell",
        "name": "hearing",
        "state": "open",
        "created_at": NOW,
        "updated_at": NOW,
        "incident": "in_1",
    }
    return Deadline(day=day, **{**base, **changes})


def wanted(day: str = "2026-12-09", **changes: Any) -> Wanted:
    return Wanted(
        **{"id": "dl_1", "customer": "hartwell", "name": "hearing", "day": day, "incident": "in_1", **changes}
    )


def test_a_moved_date_keeps_the_day_before_and_is_reminded_anew() -> None:
    (found,) = deadlines.merged([held(reminded=("7", "1"))], [wanted("2026-12-16")], NOW)
    assert (found.state, found.day, found.was, found.reminded) == ("moved", "2026-12-16", "2026-12-09", ())
    assert deadlines.sequence(found) == 1


def test_what_people_marked_as_done_stays_done_until_it_moves() -> None:
    done = held(state="done")
    assert deadlines.merged([done], [wanted()], NOW) == ()
    assert [one.state for one in deadlines.merged([done], [wanted("2026-12-16")], NOW)] == ["moved"]


def test_what_nothing_sets_any_more_is_cancelled_and_says_why() -> None:
    (found,) = deadlines.merged([held()], [], NOW, gone="closed")
    assert (found.state, found.facts["why"]) == ("cancelled", "closed")
    assert deadlines.merged([held(state="passed")], [], NOW) == ()


def test_a_cancelled_date_comes_back_with_its_matter() -> None:
    (found,) = deadlines.merged([held(state="cancelled", facts={"why": "dismissed"})], [wanted()], NOW)
    assert (found.state, found.facts) == ("open", {"sequence": 1})


def test_a_renewed_licence_is_done_and_a_deleted_one_cancelled() -> None:
    before = customer(documents={"trade_licence": date(2027, 1, 31), "iso": date(2027, 3, 1)})
    papers = deadlines.merged([], deadlines.of_customer(before, NOW.date()), NOW)
    after = customer(documents={"trade_licence": date(2028, 1, 31)})

    found = deadlines.merged(papers, deadlines.of_customer(after, NOW.date()), NOW)

    assert [(one.facts["document"], one.day, one.state, one.facts.get("why")) for one in found] == [
        ("trade_licence", "2027-01-31", "done", "renewed"),
        ("iso", "2027-03-01", "cancelled", "withdrawn"),
        ("trade_licence", "2028-01-31", "open", None),
    ]


def test_a_review_counts_from_the_last_one_or_from_the_day_the_customer_was_listed() -> None:
    every = timedelta(days=90)
    (last,) = deadlines.of_customer(customer(review=Review(every, date(2026, 11, 1))), date(2026, 1, 1))
    (first,) = deadlines.of_customer(customer(review=Review(every)), date(2026, 11, 3))
    assert (last.day, first.day) == ("2027-01-30", "2027-02-01")
    assert deadlines.of_customer(customer(review=Review(None, date(2026, 11, 1))), date(2026, 1, 1)) == ()


def test_a_day_is_over_when_it_is_over_where_the_reader_is() -> None:
    midnight = datetime(2026, 12, 9, 16, 0, tzinfo=UTC)  # in Shanghai the 10th begins
    assert deadlines.over(held(), midnight, "Asia/Shanghai")
    assert not deadlines.over(held(), midnight, "Europe/London")
    timed = held("2026-12-09T10:30:00+00:00")
    assert deadlines.over(timed, datetime(2026, 12, 9, 11, 0, tzinfo=UTC), "Europe/London")
    assert not deadlines.over(timed, datetime(2026, 12, 9, 10, 0, tzinfo=UTC), "Europe/London")


# --------------------------------------------------------------------------- reminders

LONDON = Hours("Europe/London", time(8, 30), None, "GB", 30.0)


def steps(one: Deadline, now: datetime, reader: Hours = LONDON) -> tuple[str, ...]:
    return deadlines.owed(one, reader, (7, 1), now).due


def at(text: str, zone: str = "Europe/London") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def plan(day: str, remind_days: tuple[int, ...] = (7, 1), name: Any = "claims_deadline", reader: Hours = LONDON) -> Any:
    return deadlines.schedule(day, reader, remind_days, name)


def test_the_steps_come_a_week_before_a_day_before_and_after_it() -> None:
    assert plan("2026-12-09") == (
        ("7", at("2026-12-02T08:30")),
        ("1", at("2026-12-08T08:30")),
        ("passed", at("2026-12-10T08:30")),
    )


@pytest.mark.parametrize("name", ["hearing", "creditors_meeting"])
def test_that_a_hearing_or_a_meeting_is_over_is_not_said(name: str) -> None:
    assert [step for step, _ in plan("2026-12-09", name=name)] == ["7", "1"]


def test_a_review_is_owed_on_its_day() -> None:
    assert [step for step, _ in plan("2026-12-09", name="review_due")] == ["7", "1", "0"]


def test_a_deadline_on_boxing_day_is_reminded_of_on_christmas_eve() -> None:
    assert dict(plan("2026-12-26", (1,))) == {
        "1": at("2026-12-24T08:30"),
        "passed": at("2026-12-29T08:30"),  # the 28th makes up for Boxing Day
    }


def test_a_reminder_waits_for_the_end_of_quiet_hours() -> None:
    late = replace(LONDON, quiet=Quiet(time(19, 0), time(10, 0)))
    assert dict(plan("2026-12-09", reader=late))["1"] == at("2026-12-08T10:00")


def test_of_what_has_an_hour_nobody_is_reminded_after_it() -> None:
    assert [step for step, _ in plan("2026-12-09T08:00:00+00:00", name="review_due")] == ["7", "1"]


def test_whoever_was_away_over_several_steps_gets_the_most_pressing_one() -> None:
    assert steps(held(), at("2026-12-09T12:00")) == ("7", "1")
    assert steps(held(reminded=("7", "1")), at("2026-12-09T12:00")) == ()


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_nobody_is_reminded_of_what_is_done_or_off(state: Any) -> None:
    assert steps(held(state=state), at("2026-12-20T12:00")) == ()


def test_after_its_day_only_that_it_has_passed_is_said() -> None:
    assert steps(held(name="claims_deadline", state="passed"), at("2026-12-10T01:00")) == ()
    assert steps(held(name="claims_deadline", state="passed"), at("2026-12-10T09:00"))[-1] == "passed"
    assert steps(held(name="hearing", state="passed"), at("2026-12-10T09:00")) == ()


def test_what_people_are_told_of_now_needs_no_reminder_of_steps_that_lie_behind() -> None:
    told = deadlines.told_with(held(), LONDON, (7, 1), at("2026-12-04T12:00"))
    assert told.reminded == ("7",)
    assert steps(told, at("2026-12-08T08:30")) == ("1",)


def test_a_saudi_owner_is_reminded_on_a_saudi_workday() -> None:
    saudi = policy(
        people={"omar": Person("omar", calendar="SA", timezone="Asia/Riyadh")},
        routes=(),
        calendar=None,
    )
    reader = deadlines.reader_of(customer(owner="omar"), saudi)
    found = dict(plan("2026-12-05", (1,), reader=reader))  # a Saturday; Friday is free as well
    assert found["1"] == at("2026-12-03T08:30", "Asia/Riyadh")
    assert found["passed"] == at("2026-12-06T08:30", "Asia/Riyadh")


def test_a_channels_hours_count_where_nobody_owns_the_customer() -> None:
    gulf = Route("gulf", Matcher(), "#gulf", pace=Pace(timezone="Asia/Dubai", calendar="AE"))
    reader = deadlines.reader_of(customer(channel="#gulf"), Policy(routes=(gulf,)))
    assert (reader.timezone, reader.calendar) == ("Asia/Dubai", "AE")


@settings(max_examples=60)
@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.sampled_from(["CN", "GB", "SA", "AE", None]),
    st.lists(st.integers(1, 30), max_size=3),
)
def test_every_step_falls_on_a_workday_and_none_but_the_last_after_the_day(
    day: date, calendar: str | None, remind: list[int]
) -> None:
    reader = replace(LONDON, calendar=calendar)
    plan = deadlines.schedule(day.isoformat(), reader, tuple(remind), "claims_deadline")
    on = [reader.today(moment) for _, moment in plan]
    assert all(map(reader.works_on, on))
    assert on == sorted(on)
    assert all(one <= day for one in on[:-1]) and on[-1] > day
