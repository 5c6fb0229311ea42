"""Whether two sources tell one fact, and which earlier fact a correction means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import same
from monitor.judge.incident import Judged
from monitor.model import Event, Origin, Record, Severity
from tests.judge import made

OPEN = ["in_1"]
HOUSE = Origin("Companies House", "gb_companies_house", official=True)


def told(event: Event, incident: str | None = "in_1", silent: str | None = None) -> Judged:
    return Judged(event, Severity.CRITICAL, incident, silent)


def dissolved(source: str, on: str | None, **changes: object) -> Event:
    own: dict[str, object] = {
        "occurred_at": on,
        "published_at": None,
        "record_kind": "company",
        "facts": {},
        "stage": "final",
    }
    key = f"reg.dissolved|hartwell|{on or '#1'}|{source if on is None else ''}"
    return made.event("reg.dissolved", key=key, origins=(Origin(source, source, True),), **{**own, **changes})


DAYS = st.one_of(st.none(), st.integers(0, 3).map(lambda n: f"2026-11-{1 + n:02}"))


@given(DAYS, DAYS)
def test_two_registers_tell_of_one_dissolution_whichever_comes_first(one: str | None, other: str | None) -> None:
    first, second = dissolved("a", one), dissolved("b", other)
    if first.key == second.key:
        return

    forth = same.twin(second, (), [told(first)], OPEN)
    back = same.twin(first, (), [told(second)], OPEN)

    assert forth is not None
    assert back is not None
    merged = {same.as_known(second, first, ())[0].occurred_at, same.as_known(first, second, ())[0].occurred_at}
    assert None not in merged or (one is None and other is None)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(dissolved("b", "2026-08-01"), id="months apart"),
        pytest.param(dissolved("a", "2026-11-03"), id="one source that speaks twice"),
        pytest.param(dissolved("b", "2026-11-03", customer="brook"), id="another customer"),
        pytest.param(dissolved("b", "2026-11-03", stage="reversed"), id="its reversal"),
        pytest.param(dissolved("b", "2026-11-03", relation="parent"), id="its parent's"),
        pytest.param(dissolved("b", None, first_seen=made.NOW + timedelta(days=90)), id="undated and much later"),
    ],
)
def test_what_differs_in_substance_is_another_fact(other: Event) -> None:
    assert same.twin(other, (), [told(dissolved("a", "2026-11-02"))], OPEN) is None


def test_what_has_ended_does_not_begin_again_by_being_told_twice() -> None:
    first = dissolved("a", None)

    assert same.twin(dissolved("b", None), (), [told(first, "in_closed")], OPEN) is None
    assert same.twin(dissolved("b", None), (), [told(first)], OPEN) is not None


def test_a_dismissed_fact_is_nobodys_twin() -> None:
    assert same.twin(dissolved("b", None), (), [told(dissolved("a", None), silent="dismissed")], OPEN) is None


@pytest.mark.parametrize(
    ("mine", "theirs", "one_fact"),
    [
        ("CR-2026-000001", "CR 2026 000001", True),
        ("CR-2026-000001", None, True),
        ("CR-2026-000001", "1", True),
        ("CR-2026-000001", "CR-2026-000002", False),
    ],
)
def test_numbers_of_courts_must_agree_where_both_are_stated(mine: str, theirs: str | None, one_fact: bool) -> None:
    gazetted = made.petition(facts={"case": mine})
    register = made.petition(key="other", facts={"case": theirs} if theirs else {}, origins=(HOUSE,))

    found = same.twin(register, ("case",), [told(gazetted)], OPEN)

    assert (found is not None) is one_fact


def test_registers_spell_a_new_address_each_their_way_and_name_an_office_as_they_like() -> None:
    def moved(source: str, new: str) -> Event:
        return made.event("reg.address_changed", key=new, facts={"new": new}, origins=(Origin(source, source, True),))

    def left(source: str, office: str) -> Event:
        facts = {"name": "Ann Example" if source == "a" else "EXAMPLE, Ann", "office": office}
        return made.event("gov.director_left", key=source, facts=facts, origins=(Origin(source, source, True),))

    here, there = moved("a", "12 High Street, Leeds LS1 1AA"), moved("b", "12 HIGH STREET, LS1 1AA LEEDS, GB")
    far = moved("b", "4 Quay Road, Bristol BS1 2BB")

    assert same.twin(there, ("new",), [told(here)], OPEN) is not None
    assert same.twin(far, ("new",), [told(here)], OPEN) is None
    assert same.twin(left("b", "Styremedlem"), ("name", "office"), [told(left("a", "director"))], OPEN) is not None


@pytest.mark.parametrize(
    ("type_", "key", "mine", "theirs", "one_fact"),
    [
        ("lit.case_filed", "case", "CR-2026-000001", None, False),  # there may be many suits
        ("lit.case_filed", "case", "CR-2026-000001", "CR-2026-000001", True),
        ("san.listed", "list", "OFAC SDN", "EU", False),
        ("fin.charge_registered", "holder", "Bank A", None, False),
        ("pay.default_reported", "", None, None, False),
        ("ins.petition_filed", "case", "CR-2026-000001", None, True),
    ],
)
def test_of_what_there_may_be_many_the_key_must_agree(
    type_: str, key: str, mine: str | None, theirs: str | None, one_fact: bool
) -> None:
    first = made.event(type_, key="a", facts={key: mine} if mine else {})
    second = made.event(type_, key="b", facts={key: theirs} if theirs else {}, origins=(HOUSE,))

    assert (same.twin(second, (key,) if key else (), [told(first)], OPEN) is not None) is one_fact


def test_of_several_the_one_of_the_same_case_comes_first() -> None:
    near = made.petition(key="near", facts={}, published_at="2026-11-02")
    mine = made.petition(key="mine", facts={"case": "CR-2026-000001"}, published_at="2026-10-28")
    new = made.petition(key="new", facts={"case": "CR-2026-000001"}, origins=(HOUSE,))

    found = same.twin(new, ("case",), [told(near), told(mine)], OPEN)

    assert found is not None
    assert found.event.key == "mine"


def test_a_known_fact_gains_what_the_other_source_states_beyond_it() -> None:
    known, other = (
        made.petition(facts={"title": "X"}),
        made.petition(facts={"case": "CR-2026-1"}, occurred_at="2026-11-01"),
    )

    whole, gained = same.as_known(other, known, ("case",))
    again, more = same.as_known(other, whole, ("case",))

    assert (whole.facts, whole.occurred_at, gained) == ({"title": "X", "case": "CR-2026-1"}, "2026-11-01", True)
    assert (again, more) == (whole, False)


# --------------------------------------------------------------------------- articles


def report(title: str, outlet: str, key: str, **changes: object) -> Event:
    facts = {"story": title.casefold(), "title": title}
    origin = Origin(outlet, "feeds", official=False, title=title)
    return made.event("med.shrinking", key=key, facts=facts, origins=(origin,), record_kind="article", **changes)


def test_nearly_one_headline_is_one_text_and_another_number_is_another_fact() -> None:
    first = report("to close two plants in Leeds, 300 jobs to go", "A", "a")
    reset = report("To close two plants in Leeds: 300 jobs go", "B", "b")
    other = report("to close two plants in Leeds, 800 jobs to go", "C", "c")

    assert same.twin(reset, (), [told(first)]) is not None
    assert same.twin(other, (), [told(first)]) is None
    assert same.twin(replace(reset, published_at="2026-12-20"), (), [told(first)]) is None


def test_other_words_about_the_same_time_corroborate_and_what_was_dismissed_does_not() -> None:
    first = report("to close two plants", "A", "a")
    second = report("layoffs after plant closure", "B", "b")

    assert same.fellows(second, [told(first)]) == [first]
    assert same.fellows(second, [told(first, silent="dismissed")]) == []
    assert same.fellows(replace(second, published_at="2026-12-20"), [told(first)]) == []
    assert same.fellows(replace(second, stage="reversed"), [told(first)]) == []


# --------------------------------------------------------------------------- corrections


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("This notice is in substitution for notice ID 4711001, dated 2 November", "4711001"),
        ("CORRECTION: in Notice No. 4711001 the date of the hearing was wrong", "4711001"),
        ("Amendment to notice number: L-60123/1", "L-60123/1"),
        ("Second filing of document 9f-00123", "9f-00123"),
        ("Replaces the annual statement of last year", None),
        ("Creditors must prove their debts by notice 3 days before", None),
        ("The company corrected its course", None),
    ],
)
def test_a_notice_that_corrects_names_the_one_it_means(text: str, reference: str | None) -> None:
    found = same.refers_to(Record("notice", "n", {"text": text}))

    assert found == reference


def test_a_stated_reference_needs_no_words() -> None:
    assert same.refers_to(Record("filing", "f", {"corrects": " MzQ1 "})) == "MzQ1"
    assert same.refers_to(Record("company", "f", {"text": "correction of notice 4711001"})) is None


def test_a_correction_finds_its_fact_by_record_and_not_in_another_source() -> None:
    meant = made.petition(record_key="gazette:4711001")
    correction = made.petition(key="new", record_key="gazette:4711099")

    assert same.corrected(correction, "4711001", [told(meant)]) == told(meant)
    assert same.corrected(correction, meant.id, [told(meant)]) == told(meant)
    assert same.corrected(replace(correction, source="paper"), "4711001", [told(meant)]) is None
    assert same.corrected(correction, "4711001", [told(replace(meant, facts={"corrected_by": "ev_9"}))]) is None


def test_a_correction_says_what_was_and_what_is_now_and_has_a_key_of_its_own() -> None:
    known = made.petition(facts={"case": "CR-1", "dates": {"hearing": "2026-12-09"}}, occurred_at="2026-11-01")
    event = made.petition(facts={"case": "CR-1", "dates": {"hearing": "2026-12-16"}}, occurred_at="2026-11-02")

    found = same.correcting(event, known)

    assert found.key != known.key
    assert {name: found.facts[name] for name in ("corrects", "field", "old", "new")} == {
        "corrects": known.id,
        "field": "date, hearing",
        "old": "2026-11-01, 2026-12-09",
        "new": "2026-11-02, 2026-12-16",
    }
    assert same.correcting(event, known) == found


def test_an_edit_of_the_wording_corrects_nothing() -> None:
    known = made.petition(record_key="n", facts={"hearing": "2026-12-09", "text": "a"})

    assert same.retold(replace(known, facts={"hearing": "2026-12-09", "text": "b"}), known)
    assert not same.retold(replace(known, facts={"hearing": "2026-12-16", "text": "a"}), known)
