"""What is too much at once, what confirms a grave change, and which fields have left a source's answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.judge import diff, guard
from monitor.judge.guard import DAY, Seen, Shape
from monitor.model import Change, Record, Signal

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)


def altered(before: dict[str, Any], after: dict[str, Any], kind: str = "company") -> Change:
    old, new = (Record(kind, "1", fields) for fields in (before, after))
    return Change("altered", old, new, diff.differing(old, new))


def names(change: Change) -> list[str]:
    return [name for name, _ in guard.patterns(change)]


# --------------------------------------------------------------------------- patterns


@pytest.mark.parametrize(
    "before, after, pattern",
    [
        ({"status": "active"}, {"status": "insolvent"}, "company.status active -> insolvent"),
        ({"name": "Kari Nordmann"}, {"name": "Ms Kari Nordmann"}, "company.name longer"),
        ({"name": "Kari Nordmann, MBA"}, {"name": "Kari Nordmann"}, "company.name shorter"),
        ({"name": "Kari Nordmann"}, {"name": "Ola Nordmann"}, "company.name other"),
        ({"address": "1 New Road"}, {}, "company.address emptied"),
        ({}, {"address": "1 New Road"}, "company.address filled"),
        ({"capital": 100}, {"capital": 200}, "company.capital other"),
        ({"dissolved_on": "2026-01-01"}, {"dissolved_on": "2026-01-02"}, "company.dissolved_on other"),
    ],
)
def test_an_edit_is_named_by_its_manner_and_a_vocabulary_by_its_words(
    before: dict[str, Any], after: dict[str, Any], pattern: str
) -> None:
    assert names(altered(before, after)) == [pattern]


def test_the_same_edit_of_different_names_is_one_pattern() -> None:
    people = ("Kari Nordmann", "Ola Hansen", "Per Ås")
    assert len({tuple(names(altered({"name": one}, {"name": f"Mx {one}"}))) for one in people}) == 1


def test_what_comes_and_goes_without_a_second_look_has_no_pattern() -> None:
    invoice = Record("invoice", "1", {"number": "1", "days_late": 3})
    officer = Record("officer", "1", {"name": "Kari Nordmann"})

    assert guard.patterns(Change("added", None, invoice)) == ()
    assert guard.patterns(Change("removed", officer, None)) == (("officer removed", ""),)


_fields = st.dictionaries(
    st.sampled_from(["name", "status", "address", "capital"]), st.text("abc ", min_size=1), min_size=1
)


@given(_fields, _fields, st.sets(st.sampled_from(["name", "status", "address", "capital"])))
def test_the_parts_of_a_change_follow_on_each_other_and_are_the_whole(
    before: dict[str, Any], after: dict[str, Any], fields: set[str]
) -> None:
    change = altered(before, after)
    assume(change.fields)

    mine, rest = guard.part(change, fields)

    parts = [one for one in (mine, rest) if one is not None]
    assert parts[0].before == change.before
    assert parts[-1].after == change.after
    assert sorted(name for one in parts for name in one.fields) == sorted(change.fields)
    assert all(one.after == two.before for one, two in pairwise(parts))
    assert mine is None or set(mine.fields) <= fields
    for one in parts:
        assert one.before is not None
        assert one.after is not None
        assert set(diff.differing(one.before, one.after)) <= set(one.fields)


# --------------------------------------------------------------------------- what a second field confirms


def flipped(**more: Any) -> Change:
    return altered({"status": "active"}, {"status": "insolvent", **more})


def test_a_word_that_flips_alone_is_not_confirmed() -> None:
    alone = flipped()
    director = Change("added", None, Record("officer", "9", {"name": "Kari Nordmann", "role": "director"}))

    assert not guard.confirmed(alone, [alone, director])
    assert not guard.confirmed(flipped(address="2 Other Road"), [])


@pytest.mark.parametrize(
    "other",
    [
        Record("insolvency", "1", {"type": "cvl"}),
        Record("notice", "1", {"title": "Winding-up order"}),
        Record("officer", "9", {"name": "Anna Berg", "role": "Liquidator"}),
    ],
)
def test_a_record_of_its_own_confirms_a_status(other: Record) -> None:
    assert guard.confirmed(flipped(), [Change("added", None, other)])


def test_a_date_a_code_of_the_source_or_a_whole_new_record_confirms() -> None:
    coded = flipped()
    assert coded.after is not None
    coded = replace(coded, after=replace(coded.after, signals=(Signal("ins.proceeding_opened"),)))
    listing = Record("listing", "7", {"list": "sdn", "names": ["Tested Company Ltd"]})

    assert guard.confirmed(flipped(dissolved_on="2026-11-01"), [])
    assert guard.confirmed(coded, [])
    assert guard.confirmed(Change("added", None, listing), [])
    assert not guard.confirmed(Change("added", None, Record("listing", "7", {"list": "sdn"})), [])


# --------------------------------------------------------------------------- too many at once


def fresh(lately: int) -> Seen:
    return Seen(lately, 0, timedelta(hours=1))


@pytest.mark.parametrize("customers, most", [(3, 10), (14, 10), (50, 10), (60, 12), (500, 100)])
def test_a_fifth_of_the_customers_may_show_the_same_in_a_day_and_ten_always(customers: int, most: int) -> None:
    assert not guard.trips(customers, fresh(most), timedelta(hours=8))
    assert guard.trips(customers, fresh(most + 1), timedelta(hours=8))


def test_after_three_weeks_more_is_expected_but_never_the_same_of_most() -> None:
    away = timedelta(days=21)

    assert not guard.trips(500, fresh(240), away)
    assert guard.trips(500, fresh(251), away)


def test_ten_times_what_is_usual_is_too_much_once_it_is_known() -> None:
    month = timedelta(days=30)

    assert guard.trips(500, Seen(31, 90, month), DAY)
    assert not guard.trips(500, Seen(30, 90, month), DAY)
    assert guard.trips(500, Seen(11, 0, month), DAY)
    assert not guard.trips(500, Seen(11, 0, timedelta(days=6)), DAY)


@given(
    st.integers(0, 5000),
    st.integers(0, 300),
    st.integers(0, 3000),
    st.integers(0, 200),
    st.integers(0, 60),
    st.booleans(),
)
def test_what_does_not_trip_does_not_trip_with_fewer_or_after_a_longer_silence(
    customers: int, lately: int, before: int, days: int, away: int, fewer: bool
) -> None:
    seen = Seen(lately, before, days * DAY)
    assume(not guard.trips(customers, seen, away * DAY))

    calmer = replace(seen, lately=max(0, lately - 1)) if fewer else seen

    assert not guard.trips(customers, calmer, (away if fewer else away + 1) * DAY)
    assert lately <= max(guard.FEWEST, guard.MOST * customers)


def test_an_unusual_pattern_makes_wary_from_the_third_customer_on_in_a_source_we_know() -> None:
    week = timedelta(days=8)

    assert [guard.wary(Seen(n, 0, week)) for n in (1, 2, 3)] == [False, False, True]
    assert not guard.wary(Seen(3, 0, DAY))
    assert not guard.wary(Seen(5, 24, week))


# --------------------------------------------------------------------------- fields of answers


def test_fields_of_a_document_are_paths_and_keys_that_are_data_are_not_named() -> None:
    found = guard.fields_of({"data": [{"lei": "X", "other": {"2138TESTCOMPANY001": 1}}, {"lei": "Y", "more": None}]})

    assert found == {"data", "data[].lei", "data[].other", "data[].other.*", "data[].more"}
    assert guard.elements_of(b"<a:b x='1'><c/><c></c></a:b>") == {"a:b", "c"}


def shape(fields: str, looks: int, first: int, last: int) -> Shape:
    """Return a shape with one-letter fields, seen from one hour to another."""
    return Shape(frozenset(fields), looks, NOW + timedelta(hours=first), NOW + timedelta(hours=last))


def test_a_new_field_is_noted_once_the_source_is_known() -> None:
    assert guard.new_fields({"a", "z"}, [shape("a", 19, 0, 5)]) == ()
    assert guard.new_fields({"a", "z"}, [shape("a", 15, 0, 5), shape("ab", 5, 0, 5)]) == ("z",)


def test_a_field_that_was_always_there_and_is_nowhere_any_more_is_gone() -> None:
    before = [shape("abc", 80, 0, 10), shape("ab", 20, 0, 10)]

    gone = guard.gone_fields([*before, shape("a", 6, 11, 15), shape("ad", 4, 12, 15)])

    assert gone == (("b", NOW + timedelta(hours=10)),)
    assert guard.gone_fields([*before, shape("a", 9, 11, 15)]) == ()
    assert guard.gone_fields([*before, shape("a", 50, 11, 15), shape("ab", 1, 13, 14)]) == ()


def test_of_an_object_that_went_whole_only_the_outermost_field_is_named() -> None:
    whole = frozenset(("x", "o", "o.p", "o.p[].q"))
    shapes = [
        Shape(whole, 30, NOW, NOW + DAY),
        Shape(frozenset(("x",)), 10, NOW + 2 * DAY, NOW + 3 * DAY),
    ]

    assert [name for name, _ in guard.gone_fields(shapes)] == ["o"]
