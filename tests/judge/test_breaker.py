"""When many messages of one kind are a flood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.breaker import flooded
from monitor.policy import FLOOD


@pytest.mark.parametrize(
    ("customers", "watched", "is_"),
    [(10, 10, False), (11, 11, True), (11, 55, False), (12, 55, True), (200, 1000, False), (201, 1000, True)],
)
def test_a_flood_is_more_than_ten_customers_and_more_than_a_fifth(customers: int, watched: int, is_: bool) -> None:
    assert flooded(customers, watched, FLOOD) is is_


@given(customers=st.integers(0, 10**6), watched=st.integers(0, 10**6), more=st.integers(0, 10**6))
def test_more_customers_never_make_less_of_a_flood(customers: int, watched: int, more: int) -> None:
    assert flooded(customers, watched, FLOOD) <= flooded(customers + more, watched, FLOOD)
    assert flooded(customers, watched, FLOOD) >= flooded(customers, watched + more, FLOOD)
