"""When a watch is due again."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import cadence
from monitor.model import Outcome, Turn
from monitor.policy import Policy
from tests.judge import made

POLICY = Policy()
BAD = [outcome for outcome in Outcome if not outcome.good]


def turn(**changes: Any) -> Turn:
    base: dict[str, Any] = {
        "watch": 7,
        "source": "gleif",
        "subject": "hartwell",
        "number": 1,
        "due_at": made.NOW,
        "lease_until": made.NOW,
        "version": 1,
        "full_at": made.NOW - timedelta(days=1),
        "baseline_at": made.NOW - timedelta(days=30),
    }
    return Turn(**{**base, **changes})


def seconds(due: datetime, now: datetime = made.NOW) -> float:
    return (due - now).total_seconds()


@given(every=st.floats(1, 10**7), offset=st.floats(0, 10**7), subject=st.text(max_size=8))
def test_a_good_look_comes_back_about_an_interval_later_and_then_keeps_its_rhythm(
    every: float, offset: float, subject: str
) -> None:
    now = made.NOW + timedelta(seconds=offset)
    watch = turn(subject=subject)

    first, reason = cadence.next_due(watch, every, Outcome.SAME, now=now, policy=POLICY)
    second, _ = cadence.next_due(watch, every, Outcome.CHANGED, now=first, policy=POLICY)

    assert every * 0.49 <= seconds(first, now) <= every * 1.51
    assert abs(seconds(second, first) - every) < 1e-3 * every + 0.01
    assert reason.name == "interval"


def test_watches_added_in_one_minute_spread_over_the_interval() -> None:
    dues = sorted(
        seconds(cadence.next_due(turn(subject=f"c{n}"), 3600, Outcome.SAME, now=made.NOW, policy=POLICY)[0])
        for n in range(400)
    )

    gaps = [b - a for a, b in itertools.pairwise(dues)]
    assert max(gaps) < 120


@given(fails=st.integers(0, 10_000), every=st.floats(1, 10**7), outcome=st.sampled_from(BAD))
def test_back_off_grows_to_its_cap_and_never_gives_up(fails: int, every: float, outcome: Outcome) -> None:
    due, reason = cadence.next_due(turn(fails=fails), every, outcome, now=made.NOW, policy=POLICY)

    first = min(every, 300)
    assert first / 2 <= seconds(due) + 1e-6
    assert seconds(due) <= min(first * 2.0 ** min(fails, 40), POLICY.backoff_cap) + 1e-3
    assert reason.name == "backoff"


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [(43_200.0, 43_200, 43_260), (10**12, 7 * 86_400, 7 * 86_400 + 60), (float("nan"), 150, 300), (-5.0, 150, 300)],
)
def test_a_longer_retry_after_is_obeyed_within_reason(asked: float, least: float, most: float) -> None:
    due, _ = cadence.next_due(turn(), 3600, Outcome.BLOCKED, now=made.NOW, policy=POLICY, retry_after=asked)

    assert least <= seconds(due) <= most


def test_a_refused_key_is_probed_slowly() -> None:
    due, reason = cadence.next_due(turn(), 60, Outcome.BLOCKED, now=made.NOW, policy=POLICY, credential=True)

    assert (seconds(due), reason.name) == (21_600, "credential_refused")


def test_a_removal_is_looked_at_again_within_the_hour() -> None:
    due, reason = cadence.next_due(turn(), 86_400, Outcome.CHANGED, now=made.NOW, policy=POLICY, needs_second_look=True)

    assert (seconds(due), reason.name) == (3600, "second_look")


@pytest.mark.parametrize(("fresh", "wait"), [(50_000.0, 50_000), (10**9, 86_400)])
def test_a_source_may_ask_for_up_to_a_day_of_patience(fresh: float, wait: float) -> None:
    due, reason = cadence.next_due(turn(), 900, Outcome.SAME, now=made.NOW, policy=POLICY, fresh_for=fresh)

    assert (seconds(due), reason.name) == (wait, "still_fresh")


def test_a_shorter_freshness_does_not_hurry_us() -> None:
    plain, _ = cadence.next_due(turn(), 3600, Outcome.SAME, now=made.NOW, policy=POLICY)
    fresh, _ = cadence.next_due(turn(), 3600, Outcome.SAME, now=made.NOW, policy=POLICY, fresh_for=60)

    assert fresh == plain


@pytest.mark.parametrize(
    ("every", "hours"), [(timedelta(minutes=5), 1), (timedelta(hours=2), 6), (timedelta(days=30), 24)]
)
def test_a_source_is_stale_after_three_intervals_within_bounds(every: timedelta, hours: int) -> None:
    assert cadence.stale_after(every, POLICY) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("changes", "version", "full"),
    [
        ({}, 1, False),
        ({}, 2, True),
        ({"second_look": True}, 1, True),
        ({"baseline_at": None}, 1, True),
        ({"full_at": None}, 1, True),
        ({"full_at": datetime(2026, 10, 27, 1, 0, tzinfo=UTC)}, 1, True),
    ],
)
def test_a_full_look_is_taken_when_memory_must_not_count(changes: dict[str, Any], version: int, full: bool) -> None:
    assert cadence.needs_full(turn(**changes), made.NOW, POLICY, version) is full
