"""Our own share, the tier's limit, and the money line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import money
from monitor.model import Insured
from monitor.policy import Tier
from tests.judge import made

AMOUNTS = st.integers(0, 10**9).map(Decimal)


def test_the_share_is_what_the_insurer_does_not_pay() -> None:
    customer = made.on_open_account()

    share = money.own_share(customer, made.TODAY)

    assert share is not None
    assert share.own == Decimal(56000)


def test_a_customer_without_figures_has_no_share() -> None:
    assert money.own_share(made.customer(), made.TODAY) is None


def test_cover_counts_on_its_last_day_and_not_after() -> None:
    customer = made.customer(exposure=made.exposure(open=100), insured=made.insured(until=made.TODAY))

    today = money.own_share(customer, made.TODAY)
    tomorrow = money.own_share(customer, date(2026, 11, 4))
    _, _, why = money.cover(customer, date(2026, 11, 4))

    assert today is not None and today.own == Decimal(10)
    assert tomorrow is not None and tomorrow.own == Decimal(100)
    assert tomorrow.insured_limit is None
    assert why is not None and why.name == "cover_expired"


def test_cover_in_another_currency_is_converted_or_does_not_count() -> None:
    customer = made.customer(
        exposure=made.exposure(open=1000), insured=made.insured(limit=500, share="1", currency="EUR")
    )

    with_rate = money.own_share(customer, made.TODAY, rates={"EUR": Decimal("1.2")}, currency="USD")
    without = money.own_share(customer, made.TODAY, currency="USD")
    _, _, why = money.cover(customer, made.TODAY, currency="USD")

    assert with_rate is not None and with_rate.own == Decimal(400)
    assert without is not None and without.own == Decimal(1000)
    assert why is not None and why.name == "cover_without_rate"


@given(open_=AMOUNTS, sea=AMOUNTS, limit=AMOUNTS, share=st.decimals(0, 1, places=2))
def test_the_share_is_never_negative_and_never_more_than_what_is_at_risk(
    open_: Decimal, sea: Decimal, limit: Decimal, share: Decimal
) -> None:
    customer = made.customer(
        exposure=made.exposure(open=int(open_), in_transit=int(sea)), insured=Insured("x", limit, share)
    )

    found = money.own_share(customer, made.TODAY)

    assert found is not None
    assert 0 <= found.own <= open_ + sea


@pytest.mark.parametrize(
    ("tier", "rates", "over", "name"),
    [
        (Tier(limit=Decimal(50000)), {}, True, "money_over_limit"),
        (Tier(limit=Decimal(56000)), {}, False, "money_within_limit"),
        (Tier(), {}, None, "no_tier_limit"),
        (Tier(limit=Decimal(50000), currency="EUR"), {}, None, "no_rate"),
        (Tier(limit=Decimal(50000), currency="EUR"), {"EUR": Decimal("1.2")}, False, "money_within_limit"),
        (Tier(limit=Decimal(46000), currency="EUR"), {"EUR": Decimal("1.2")}, True, "money_over_limit"),
    ],
)
def test_the_limit_is_compared_in_its_own_currency(
    tier: Tier, rates: dict[str, Decimal], over: bool | None, name: str
) -> None:
    share = money.own_share(made.on_open_account(), made.TODAY)
    policy = made.policy(tiers={"A": tier}, rates=rates)

    found, reason = money.over_limit(share, "A", policy)

    assert (found, reason.name) == (over, name)


def test_the_line_names_no_insurance_where_nothing_is_at_risk() -> None:
    share = money.own_share(made.on_prepayment(), made.TODAY)

    parts = money.line(share)

    assert [part.name for part in parts] == ["nothing_open", "on_order", "ledger"]


def test_the_line_says_when_the_watchlist_holds_no_money() -> None:
    assert [part.name for part in money.line(None)] == ["none"]
