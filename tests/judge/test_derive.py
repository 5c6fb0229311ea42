"""What follows from several facts of one customer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import derive
from monitor.judge.incident import Judged
from monitor.model import Event, Severity
from tests.judge import made


def left(name: str, day: str, office: str = "director", **changes: object) -> Event:
    return made.event(
        "gov.director_left",
        **{"key": f"{name} {office}", "occurred_at": day, "facts": {"name": name, "office": office}, **changes},
    )


def told(*events: Event, silent: str | None = None) -> list[Judged]:
    return [Judged(event, Severity.MEDIUM, "in_1", silent) for event in events]


ANN, BEN = left("Ann Example", "2026-10-01"), left("Ben Example", "2026-11-02")


def test_two_who_left_within_ninety_days_are_an_exodus() -> None:
    found = derive.exodus(BEN, told(ANN))

    assert found is not None
    assert found.names == ("Ann Example", "Ben Example")
    assert (found.first.isoformat(), found.last.isoformat()) == ("2026-10-01", "2026-11-02")


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(told(left("Ann Example", "2026-07-01")), id="too long ago"),
        pytest.param(told(left("Ann Example", "2026-10-01", "secretary")), id="not of the board"),
        pytest.param(told(left("EXAMPLE, Ben", "2026-10-01", "chair")), id="one person with two offices"),
        pytest.param(told(ANN, silent="dismissed"), id="somebody else's director"),
        pytest.param(told(left("Ann Example", "2026-10-01", relation="parent")), id="of the parent"),
        pytest.param(told(ANN, made.event("gov.board_exodus", occurred_at="2026-10-20")), id="told already"),
        pytest.param([], id="nobody else"),
    ],
)
def test_what_is_no_exodus(known: list[Judged]) -> None:
    assert derive.exodus(BEN, known) is None


@pytest.mark.parametrize(("still", "exodus"), [(0, True), (1, True), (2, False), (None, False)])
def test_one_of_two_is_half_of_the_board(still: int | None, exodus: bool) -> None:
    assert (derive.exodus(BEN, [], still) is not None) is exodus


@given(st.permutations([ANN, BEN]))
def test_the_exodus_is_the_same_whoever_is_heard_of_first(order: list[Event]) -> None:
    first, second = order
    found = derive.exodus(second, told(first))
    assert found is not None

    event = derive.exodus_event(second, found, told(first), "several directors left")

    assert event.key == "gov.board_exodus|hartwell|2026-10-01|2026-11-02"
    assert event.facts == {"names": "Ann Example, Ben Example", "count": 2, "date": "2026-11-02"}
