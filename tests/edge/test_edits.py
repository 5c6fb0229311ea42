"""Which vanished id goes on under which new one: never two companies in one history."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.edge.edits import heirs
from monitor.model import Customer


def customer(key: str, name: str = "", country: str = "GB", **ids: str) -> Customer:
    return Customer(key, name or key.title(), country, ids=ids)


def test_a_number_in_common_makes_the_heir_whatever_the_name_is_now() -> None:
    old, gone = customer("old", lei="1", cik="2"), customer("gone")
    new, fresh = customer("new", "Another Name", lei="1"), customer("fresh")

    assert heirs([old, gone], [fresh, new]) == {"old": "new"}


@pytest.mark.parametrize("name", ["Tested Company Ltd", "TESTED  company ltd", "Ｔested Company Ltd"])
def test_without_numbers_name_and_country_decide(name: str) -> None:
    old = customer("old", "Tested Company Ltd")

    assert heirs([old], [customer("new", name)]) == {"old": "new"}
    assert heirs([old], [customer("new", name, "IE")]) == {}


def test_two_numbers_of_one_scheme_are_two_companies_whatever_else_agrees() -> None:
    old = customer("old", "Tested Company Ltd", vat="GB1", gb_company="01")

    assert heirs([old], [customer("new", "Tested Company Ltd", vat="GB1", gb_company="02")]) == {}


def test_with_two_heirs_nobody_inherits_unless_the_name_tells_them_apart() -> None:
    old = customer("old", "Tested Company Ltd", lei="1", cik="2")
    one, other = customer("x", lei="1"), customer("y", cik="2")

    assert heirs([old], [one, other]) == {}
    assert heirs([old], [one, replace(other, name="Tested Company Ltd")]) == {"old": "y"}


def test_two_that_vanished_do_not_share_an_heir() -> None:
    assert (
        heirs([customer("a", "One", lei="1"), customer("b", "Two", lei="1")], [customer("c", "Three", lei="1")]) == {}
    )


customers = st.lists(
    st.builds(
        lambda key, name, ids: Customer(key, name, "GB", ids=ids),
        st.sampled_from("abcdef"),
        st.sampled_from(["One", "Two", "Three"]),
        st.dictionaries(st.sampled_from(["lei", "cik"]), st.sampled_from("12"), max_size=2),
    ),
    max_size=5,
    unique_by=lambda one: one.id,
)


@settings(max_examples=150, deadline=None)
@given(customers, customers)
def test_each_inherits_once_from_a_company_nothing_tells_apart(before: list[Customer], after: list[Customer]) -> None:
    found = heirs(before, after)

    old, new = {one.id: one for one in before}, {one.id: one for one in after}
    assert len(set(found.values())) == len(found)
    for vanished, heir in found.items():
        one, other = old[vanished], new[heir]
        assert one.name == other.name or one.ids.items() & other.ids.items()
        assert all(one.ids[scheme] == other.ids[scheme] for scheme in one.ids.keys() & other.ids.keys())
    assert heirs(list(reversed(before)), list(reversed(after))) == found
