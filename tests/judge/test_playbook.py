"""The next steps fit the event, the terms and the cover."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from monitor.judge import calendars, playbook
from monitor.judge.money import Amount
from monitor.judge.words import Voice
from monitor.model import Customer, Event
from monitor.policy import Insurer
from tests.judge import made

FAMILIES = ("ins", "reg", "gov", "fin", "pay", "lit", "san", "rgl", "med", "ctx", "clm", "sys")


def keys(event: Event, customer: Customer, **more: object) -> list[str]:
    policy = more.pop("policy", made.policy())
    return [step.key for step in playbook.steps(event, customer, policy, made.NOW, made.BOOK, **more)]  # type: ignore[arg-type]


def test_one_petition_asks_for_three_different_things() -> None:
    insured = keys(made.petition(), made.on_open_account())
    documents = keys(made.petition(), made.on_documents())
    prepaid = keys(made.petition(), made.on_prepayment())

    assert insured == ["no_new_credit", "stop_goods_at_sea", "report_insolvency", "ask_disputed", "watch_hearing"]
    assert documents[0] == "ask_bank_status"
    assert "hold_documents" in documents
    assert prepaid[:2] == ["money_is_the_company_s", "clawback"]


def test_the_insurer_s_day_is_counted_in_its_workdays_from_what_we_saw() -> None:
    seen = made.petition(first_seen=made.NOW - timedelta(days=38))  # 26 September; China rests 1 to 7 October

    steps = playbook.steps(seen, made.on_open_account(), made.policy(), seen.first_seen, made.BOOK)

    [report] = [step for step in steps if step.key == "report_insolvency"]
    assert report.by is not None
    assert report.by > date(2026, 10, 7)
    assert report.facts["report_by"] == report.by


def test_a_later_fact_of_the_matter_does_not_put_the_insurer_s_day_off() -> None:
    kept = made.deadline("insurer_report", "2026-11-10")

    later = playbook.steps(made.petition(), made.on_open_account(), made.policy(), made.NOW, made.BOOK, report=kept)
    done = keys(made.petition(), made.on_open_account(), report=replace(kept, state="done"))

    assert [step.by for step in later if step.key == "report_insolvency"] == [date(2026, 11, 10)]
    assert not {"report_insolvency", "ask_insurer"} & set(done)


def test_a_report_whose_day_is_over_is_to_be_made_at_once() -> None:
    kept = made.deadline("insurer_report", "2026-11-02")

    later = playbook.steps(made.petition(), made.on_open_account(), made.policy(), made.NOW, made.BOOK, report=kept)

    [report] = [step for step in later if step.key == "report_insolvency"]
    voices = {language: Voice(made.TEXTS, language, "UTC", made.NOW) for language in made.LANGUAGES}
    told = [voices[language].fill(report.text[language], report.facts) for language in made.LANGUAGES]
    assert told == ["report to the insurer at once: the last day was 2 Nov", "立即向信保报损：期限 11月2日 已过"]


def test_no_day_is_given_without_the_user_s_own_figure() -> None:
    found = keys(made.petition(), made.on_open_account(), policy=made.policy(insurers={"sinosure": Insurer()}))

    assert "report_insolvency" not in found
    assert "ask_insurer" in found


def test_cover_that_ended_asks_for_no_report() -> None:
    customer = replace(made.on_open_account(), insured=made.insured(until=date(2026, 1, 1)))

    found = keys(made.petition(), customer)

    assert not {"report_insolvency", "ask_insurer", "tell_insurer"} & set(found)


def test_named_orders_are_held_by_name() -> None:
    steps = playbook.steps(
        made.petition(), made.on_open_account(), made.policy(), made.NOW, made.BOOK, orders=["PO 2211"]
    )

    assert steps[0].key == "hold_named_orders"
    assert steps[0].facts["orders"] == ["PO 2211"]


def test_a_match_by_name_is_checked_first() -> None:
    assert keys(made.petition(identified=False, match=()), made.on_open_account())[0] == "check_identity"


def test_the_steps_carry_the_figures_and_dates_they_speak_of() -> None:
    steps = playbook.steps(made.petition(), made.on_open_account(), made.policy(), made.NOW, made.BOOK)

    by_key = {step.key: step for step in steps}
    assert by_key["stop_goods_at_sea"].facts["in_transit"] == Amount(Decimal(26000), "USD")
    assert by_key["watch_hearing"].by == date(2026, 12, 9)


GROUPS = {
    "open": made.on_open_account(),
    "documents": made.on_documents(),
    "lc": made.customer(terms=made.terms("LC"), exposure=made.exposure(on_order=1)),
    "prepaid": made.on_prepayment(),
    "unknown": made.customer(),
}
TYPES = sorted(made.shipped("events.yaml")["events"])


@pytest.mark.parametrize("group", GROUPS)
def test_every_event_has_a_next_step_that_is_no_nonsense_for_the_terms(group: str) -> None:
    customer = GROUPS[group]
    nonsense = {
        "prepaid": r"credit limit|on credit|retention|collecting bank|letter of credit|forwarder today",
        "lc": r"on credit|collecting bank today where|money is the company",
        "documents": r"on credit|letter of credit",
        "open": r"letter of credit|free the documents",
        "unknown": r"letter of credit|free the documents",
    }[group]
    silent = {"sys.source_recovered"}

    for type_ in TYPES:
        steps = playbook.steps(made.petition(type=type_), customer, made.policy(), made.NOW, made.BOOK)
        assert steps or type_ in silent, type_
        # Documents not taken up are the bank's matter whatever the terms say now; so is an insurer's cut.
        if type_ not in ("pay.dp_unpaid", "pay.insurer_cut", "pay.own_overdue", "pay.promise_broken"):
            told = [step.text["en"] for step in steps if re.search(nonsense, step.text["en"])]
            assert not told, (type_, told)


def test_the_book_covers_every_family() -> None:
    for family in FAMILIES:
        assert any(pattern.startswith(f"{family}.") for pattern in made.BOOK.plays), family


def test_each_step_speaks_both_languages_with_facts_its_condition_assures() -> None:
    assured = {"customer", "practitioner"}
    by_condition = {
        "open": "open", "overdue": "overdue", "in_transit": "in_transit", "on_order": "on_order", "orders": "orders",
        "hearing": "hearing", "deadline": "deadline", "case": "case", "insured": "insurer",
        "report_insolvency": "report_by", "report_overdue": "report_overdue_days",
    }  # fmt: skip

    for name, move in made.BOOK.moves.items():
        known = assured | {by_condition[word] for word in move.when if word in by_condition}
        for language in made.LANGUAGES:
            always = re.sub(r"\[[^\]]*\]", "", move.text[language])
            assert set(re.findall(r"\{(\w+)\}", always)) <= known, (name, language)


def test_a_wrong_word_in_the_book_is_refused() -> None:
    step = {"en": "x", "zh": "x"}
    for steps, plays in (
        ({"a": step}, {"ins.*": {"any": ["b"]}}),
        ({"a": step}, {"ins.*": {"barter": ["a"]}}),
        ({"a": {**step, "when": ["rich"]}}, {"ins.*": {"any": ["a"]}}),
    ):
        with pytest.raises(ValueError, match="playbook"):
            playbook.book({"steps": steps, "plays": plays})


@pytest.mark.parametrize(
    ("country", "start", "days", "end"),
    [
        (None, date(2026, 11, 6), 1, date(2026, 11, 9)),
        ("CN", date(2026, 11, 3), 5, date(2026, 11, 10)),
        ("CN", date(2026, 9, 30), 1, date(2026, 10, 8)),
        ("GB", date(2026, 12, 24), 1, date(2026, 12, 29)),  # Boxing Day is kept on Monday
        ("no such country", date(2026, 11, 6), 1, date(2026, 11, 9)),
        ("AE", date(2026, 11, 6), 0, date(2026, 11, 6)),
    ],
)
def test_workdays_follow_the_country(country: str | None, start: date, days: int, end: date) -> None:
    assert calendars.after(start, days, calendars.workdays(country)) == end


def test_a_calendar_without_workdays_does_not_hang() -> None:
    with pytest.raises(ValueError, match="fewer than 1 workdays"):
        calendars.after(made.TODAY, 1, lambda _: False)


def test_more_days_are_never_sooner() -> None:
    ends = [calendars.after(made.TODAY, n, calendars.workdays("CN")) for n in range(12)]

    assert all(a < b for a, b in itertools.pairwise(ends))
