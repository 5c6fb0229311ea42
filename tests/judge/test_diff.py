"""Comparing what a source says with what we knew."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge import diff
from monitor.model import Held, Outcome, Record
from monitor.watcher import Findings

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def held(records: Iterable[Record], *, looks: int = 0, since: datetime | None = None) -> dict[tuple[str, str], Held]:
    began = NOW - timedelta(days=30)
    return {r.id: Held(r, diff.digest(r), began, began, since, looks) for r in diff.distinct(records)}


def look(
    before: dict[tuple[str, str], Held], *records: Record, complete: bool = True, now: datetime = NOW, **more: Any
) -> diff.Diff:
    findings = Findings(records=records, complete=complete, total=more.pop("total", None))
    options: dict[str, Any] = {"mode": "state", "first": False, **more}
    return diff.compare(before, findings, now=now, **options)


def company(**fields: Any) -> Record:
    return Record("company", "1", {"name": "Hartwell Components Ltd", "status": "active", **fields})


def officer(key: str, name: str, **fields: Any) -> Record:
    return Record("officer", key, {"name": name, "role": "director", **fields})


def item(key: str, title: str, twin: str | None = None) -> Record:
    return Record("article", key, {"title": title}, twin=twin)


BOARD = tuple(officer(str(n), f"Person {chr(65 + n)}", since=f"2020-01-0{n + 1}") for n in range(5))

# --------------------------------------------------------------------------- laws

_texts = st.text(st.characters(codec="utf-8"), max_size=12)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_records = st.lists(
    st.builds(
        Record,
        kind=st.sampled_from([*diff.KINDS, "never_heard_of"]),
        key=st.sampled_from("abcdefg"),
        fields=st.dictionaries(st.sampled_from(["name", "status", "title", "since", "role", "x"]), _values, max_size=4),
        twin=st.none() | st.sampled_from("xyz"),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(_records)
def test_a_state_compared_with_itself_finds_nothing(records: list[Record]) -> None:
    before = held(records)

    found = look(before, *records)

    assert (found.changes, found.put, found.end, found.missing) == ((), (), (), ())
    assert found.snapshot == look({}, *records, first=True).snapshot


@settings(max_examples=60, deadline=None)
@given(_records, _records, st.randoms(use_true_random=False), st.sampled_from(["state", "log"]))
def test_order_never_matters(old: list[Record], new: list[Record], chance: random.Random, mode: str) -> None:
    before = held(old)
    shuffled = list(new)
    chance.shuffle(shuffled)

    assert look(before, *new, mode=mode) == look(before, *shuffled, mode=mode)


@settings(max_examples=60, deadline=None)
@given(_records, _records, st.booleans(), st.booleans(), st.booleans())
def test_what_is_told_added_was_not_held_and_what_ends_was(
    old: list[Record], new: list[Record], complete: bool, second: bool, rebaseline: bool
) -> None:
    before = held(old)

    found = look(before, *new, complete=complete, confirms=second, rebaseline=rebaseline)

    assert all(c.record.id not in before for c in found.changes if c.what == "added")
    assert set(found.end) <= set(before)
    assert {id_ for id_, _ in found.missing} <= set(before) - set(found.end)


# --------------------------------------------------------------------------- fields


@pytest.mark.parametrize(
    "before, after",
    [
        ({"name": "Hartwell Components Ltd"}, {"name": "HARTWELL  COMPONENTS LIMITED"}),
        ({"name": "Müller GmbH"}, {"name": "Mu\u0308ller Gesellschaft mit beschränkter Haftung"}),
        ({"name": "Nordlys Sjømat AS"}, {"name": "Nordlys SjÃ¸mat AS"}),
        ({"address": "4 Forge Lane, Coventry"}, {"address": "4 FORGE LANE COVENTRY"}),
        ({"address": "Škoda ulice"}, {"address": "\ufffdkoda ulice"}),
        ({"capital": "1000000.00"}, {"capital": "1000000"}),
        ({"dissolved_on": "2026-11-02"}, {"dissolved_on": "2026-11-02T00:00:00Z"}),
    ],
)
def test_another_spelling_is_kept_but_is_no_material_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = look(held([company(**before)]), company(**after))

    assert [(c.what, c.fields) for c in found.changes] == [("altered", ())]


@pytest.mark.parametrize(
    "before, after, field",
    [
        ({"name": "Acme Ltd"}, {"name": "Асme Ltd"}, "name"),  # Cyrillic letters: never equal
        ({"name": "Acme Ltd"}, {"name": "Acme PLC"}, "name"),
        ({"name": "カキ株式会社"}, {"name": "ガキ株式会社"}, "name"),
        ({"status": "active"}, {"status": "dissolved"}, "status"),
        ({"capital": "100"}, {"capital": "-100"}, "capital"),
    ],
)
def test_a_real_difference_is_named_by_its_field(before: dict[str, Any], after: dict[str, Any], field: str) -> None:
    found = look(held([company(**before)]), company(**after))

    assert [c.fields for c in found.changes] == [(field,)]


def test_key_order_number_forms_and_list_order_make_no_digest() -> None:
    one = company(ids={"lei": "X", "vat": "Y"}, activity=["46.1", "47.2"], employees=12)
    other = company(activity=["47.2", "46.1"], ids={"vat": "Y", "lei": "X"}, employees=12.0, website="")

    assert diff.digest(one) == diff.digest(other)


def test_volatile_fields_are_not_compared_and_audit_fields_are_not_material() -> None:
    before = held([company(updated_at="2026-01-01", employees=3)])

    assert look(before, company(updated_at="2026-02-02", employees=3)).changes == ()
    assert [c.fields for c in look(before, company(employees=4)).changes] == [()]


# --------------------------------------------------------------------------- removals


def test_a_removal_waits_for_a_second_complete_look() -> None:
    records = (company(), *BOARD)

    first = look(held(records), *records[:-1])
    missing = held(records) | held(records[-1:], looks=1, since=NOW)
    second = look(missing, *records[:-1], now=NOW + HOUR)

    assert (first.changes, first.missing, first.needs_second_look) == ((), ((BOARD[-1].id, 1),), True)
    assert [(c.what, c.record) for c in second.changes] == [("removed", BOARD[-1])]
    assert (second.end, second.missing, second.needs_second_look) == ((BOARD[-1].id,), (), False)


def test_a_look_too_soon_confirms_nothing() -> None:
    before = held([company()]) | held(BOARD[:1], looks=1, since=NOW - timedelta(minutes=5))

    assert look(before, company()).missing == ((BOARD[0].id, 1),)
    assert look(before, company(), now=NOW + timedelta(hours=1)).end == (BOARD[0].id,)


def test_a_partial_answer_removes_nothing() -> None:
    before = held([company(), *BOARD], looks=5, since=NOW - timedelta(days=9))

    found = look(before, BOARD[0], complete=False)

    assert (found.changes, found.end, found.missing, found.needs_second_look) == ((), (), (), False)


def test_what_comes_back_is_no_change() -> None:
    before = held([company()]) | held(BOARD[:1], looks=1, since=NOW)

    found = look(before, company(), BOARD[0])

    assert (found.changes, found.back, found.missing) == ((), (BOARD[0].id,), ())


def test_when_most_is_gone_the_answer_is_doubted_for_three_looks_and_a_day() -> None:
    records = (company(), *BOARD)
    long_ago = NOW - timedelta(hours=25)

    second = look(held(records[:1]) | held(BOARD, looks=1, since=long_ago), company())
    third_soon = look(held(records[:1]) | held(BOARD, looks=2, since=NOW), company(), now=NOW + HOUR)
    third = look(held(records[:1]) | held(BOARD, looks=2, since=long_ago), company())

    assert second.suspicious is not None
    assert second.suspicious.facts == {"held": 6, "gone": 5, "needs": 3}
    assert (second.changes, third_soon.changes) == ((), ())
    assert len(third.changes) == 5


def test_a_dissolved_company_loses_its_board_at_the_second_look() -> None:
    before = held([company()]) | held(BOARD, looks=1, since=NOW)

    found = look(before, company(status="dissolved"), now=NOW + HOUR)

    assert found.suspicious is None
    assert [(c.what, c.record.kind) for c in found.changes] == [("altered", "company")]
    assert len(found.end) == len(BOARD)  # they ended with it, and nobody resigned


def test_a_vanished_company_is_one_change_not_a_board_that_resigned() -> None:
    before = held([company(), *BOARD], looks=1, since=NOW)

    found = look(before, not_listed=True, now=NOW + HOUR)

    assert [c.record.kind for c in found.changes] == ["company"]
    assert len(found.end) == 6


def test_a_paid_invoice_goes_at_once() -> None:
    invoice = Record("invoice", "7", {"number": "7", "days_late": 3})

    assert [c.what for c in look(held([company(), invoice]), company()).changes] == ["removed"]


def test_renumbered_people_neither_resign_nor_join() -> None:
    before = held([company(), *BOARD])
    renumbered = [
        replace(one, key=f"new-{one.key}", fields={**one.fields, "name": str(one.fields["name"]).upper()})
        for one in BOARD
    ]

    found = look(before, company(), *renumbered)

    assert found.changes == ()
    assert (len(found.put), len(found.end), found.suspicious) == (5, 5, None)


def test_two_entries_under_one_key_are_never_merged() -> None:
    found = look({}, officer("1", "Kari"), officer("1", "Ola"), officer("1", "Ola"), first=True)

    assert {str(r.fields["name"]): r.key for r, _ in found.put} in (
        {"Kari": "1", "Ola": "1#2"},
        {"Kari": "1#2", "Ola": "1"},
    )


def test_the_first_look_marks_all_as_found_and_a_new_version_tells_nothing() -> None:
    first = look({}, company(), BOARD[0], first=True)
    rebaselined = look(held([company(), *BOARD]), company(name="Other"), rebaseline=True)

    assert all(c.first and c.what == "added" for c in first.changes)
    assert rebaselined.changes == ()
    assert (len(rebaselined.put), len(rebaselined.end)) == (1, 5)


# --------------------------------------------------------------------------- logs


def test_a_log_adds_and_edits_but_never_removes() -> None:
    before = held([item("a", "Old"), item("b", "Reviews options")])

    found = look(before, item("b", "Files for Chapter 11"), item("c", "New"), mode="log", total=30)

    assert [(c.what, c.record.key, c.fields) for c in found.changes] == [
        ("altered", "b", ("title",)),
        ("added", "c", ()),
    ]
    assert (found.end, found.missing) == ((), ())


def test_after_a_site_move_no_old_item_is_new() -> None:
    before = held([item(f"http://x/{n}", f"Story {n}", twin=f"t{n}") for n in range(6)])
    moved = [item(f"https://x/{n}", f"Story {n}", twin=f"t{n}") for n in range(6)]

    found = look(before, *moved, item("https://x/9", "Story 9", twin="t9"), mode="log", total=7)

    assert [c.record.key for c in found.changes] == ["https://x/9"]
    assert len(found.put) == 7


def test_a_shared_twin_does_not_hide_a_new_entry() -> None:
    before = held([item("case-1", "Filed", twin="docket")])

    found = look(before, item("case-2", "Hearing set", twin="docket"), mode="log", total=30)

    assert [c.record.key for c in found.changes] == ["case-2"]


# --------------------------------------------------------------------------- outcomes


def test_outcomes_say_what_the_look_came_to() -> None:
    known, change = held([company()]), diff.as_first(company())

    assert diff.outcome({}, Findings(), ()) is Outcome.SAME
    assert diff.outcome(known, Findings(), ()) is Outcome.EMPTY
    assert diff.outcome(known, Findings(records=(company(),), complete=False), (change,)) is Outcome.PARTIAL
    assert diff.outcome(known, Findings(records=(company(),)), (change,)) is Outcome.CHANGED
    assert diff.outcome({}, Findings(total=20), (), held=40) is Outcome.SAME
