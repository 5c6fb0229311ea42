"""When two registers contradict each other, and when one of them only lags."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.judge import contradict
from monitor.judge.contradict import Contradiction, View
from monitor.judge.incident import Judged
from monitor.model import Event, Origin, Severity
from tests.judge import made

BOOK = made.RULES.disagreement
DAY = timedelta(days=1)
NOW = made.NOW


def view(
    source: str, *, since: datetime = NOW - 90 * DAY, seen: datetime = NOW, first: bool = False, **fields: object
) -> View:
    return View(source, source.title(), True, fields, since, seen, first)


def found(*views: View) -> list[Contradiction]:
    return contradict.between(views, NOW, BOOK)


@pytest.mark.parametrize(
    ("one", "other", "fields"),
    [
        ({"status": "active"}, {"status": "dissolved"}, ["status"]),
        ({"status": "active"}, {"status": "insolvent"}, []),  # many registers know no proceedings
        ({"status": "unknown"}, {"status": "dissolved"}, []),
        ({"name": "Hartwell Components Ltd"}, {"name": "HARTWELL COMPONENTS LIMITED"}, []),
        ({"name": "Hartwell Components Ltd"}, {"name": "Brook & Sons Ltd"}, ["name"]),
        ({"name": "Hartwell Ltd"}, {"name": "Brook Ltd", "other_names": ["Hartwell Limited"]}, []),
        ({"name": "Норд Сталь"}, {"name": "Nord Stal"}, []),
        ({"city": "Leeds"}, {"city": "LEEDS"}, []),
        ({"city": "Leeds"}, {"city": "Bristol"}, ["city"]),
        ({"city": "London"}, {"city": "Greater London"}, []),
        ({"city": "Leeds", "postcode": "LS1 1AA"}, {"city": "Horsforth", "postcode": "ls11aa"}, []),
        ({"city": "Leeds"}, {"city": "Horsforth", "address": "1 High Street, Horsforth, Leeds"}, []),
        ({"legal_form": "ltd"}, {"legal_form": "8888"}, []),
        ({"ids": {"gb_company": "01234567"}}, {"ids": {"gb_company": "1234567"}}, []),
        ({"ids": {"gb_company": "01234567"}}, {"ids": {"gb_company": "7654321", "lei": "X"}}, ["gb_company"]),
    ],
)
def test_only_what_cannot_both_be_true_is_a_contradiction(
    one: dict[str, Any], other: dict[str, Any], fields: list[str]
) -> None:
    said = found(view("a", **one), view("b", **other))

    assert [contradiction.field for contradiction in said] == fields


@pytest.mark.parametrize(("days", "contradictions"), [(29, 0), (30, 1)])
def test_a_source_may_lag_behind_the_others_change_for_its_time(days: int, contradictions: int) -> None:
    changed = view("a", since=NOW - days * DAY, status="dissolved")
    by_date = view("a", since=NOW, status="dissolved", dissolved_on=(NOW - days * DAY).date().isoformat())

    for one in (changed, by_date):
        assert len(found(one, view("b", first=True, status="active"))) == contradictions


def test_a_source_of_a_slower_rhythm_may_lag_longer() -> None:
    changed = view("a", since=NOW - 45 * DAY, status="dissolved")

    assert found(changed, view("gleif", status="active")) == []
    assert len(found(changed, view("b", status="active"))) == 1


def test_what_was_not_seen_lately_contradicts_nobody() -> None:
    assert found(view("a", status="dissolved"), view("b", status="active", seen=NOW - 8 * DAY)) == []


def test_both_values_both_sources_and_both_days_are_told() -> None:
    (said,) = found(
        view("a", since=NOW - 40 * DAY, status="dissolved"), view("b", since=NOW - 80 * DAY, status="active")
    )

    facts = contradict.raised(said).facts
    assert (facts["one"], facts["old"], facts["one_on"]) == ("B", "active", "2026-08-15")
    assert (facts["other"], facts["new"], facts["other_on"]) == ("A", "dissolved", "2026-09-24")


def test_three_registers_of_which_one_differs_are_one_contradiction() -> None:
    views = [view("a", status="active"), view("b", status="dissolved"), view("c", status="active")]

    assert len(found(*views)) == 1


def test_what_was_told_and_is_none_any_more_is_over_once() -> None:
    (said,) = found(view("a", status="dissolved"), view("b", status="active"))
    named = contradict.raised(said)
    told = made.event(named.type, facts=named.facts, stage="final")
    end = contradict.ended(told, 1)
    ended = made.event(end.type, id="e", key="e", facts=end.facts, stage="reversed", first_seen=NOW + DAY)
    facts = [Judged(told, Severity.MEDIUM)]
    agreed = [view("a", status="dissolved"), view("b", status="dissolved")]

    assert contradict.over(facts, [view("a", status="dissolved"), view("b", status="active")], BOOK) == []
    assert contradict.over(facts, agreed, BOOK) == [told]
    assert contradict.over(facts, agreed[:1], BOOK) == []  # who cannot be seen agrees with nobody
    assert contradict.over([*facts, Judged(ended, Severity.LOW)], agreed, BOOK) == []


# --------------------------------------------------------------------------- a court and a gazette


def order(source: str, day: str, **changes: object) -> Event:
    return made.event(
        "ins.proceeding_opened",
        key=f"order {day}",
        **{
            "facts": {"case": "CR-2026-0001"},
            "published_at": day,
            "origins": (Origin(source, source, True),),
            **changes,
        },
    )


DISMISSED = made.event(
    "ins.reversed",
    key="dismissal",
    stage="reversed",
    polarity="positive",
    facts={"case": "CR-2026-0001"},
    published_at="2026-11-10",
    origins=(Origin("court", "court", True),),
)


@pytest.mark.parametrize(
    ("event", "contradicts"),
    [
        pytest.param(order("gazette", "2026-11-12"), True, id="ordered after it was dismissed"),
        pytest.param(order("gazette", "2026-11-02"), False, id="ordered, then annulled"),
        pytest.param(order("gazette", "2026-12-30"), False, id="taken up again much later"),
        pytest.param(order("court", "2026-11-12"), False, id="one source that goes on"),
        pytest.param(order("gazette", "2026-11-12", facts={"case": "CR-2026-0002"}), False, id="another case"),
        pytest.param(order("gazette", "2026-11-12", facts={}), False, id="no number"),
        pytest.param(order("paper", "2026-11-12", record_kind="article"), False, id="a newspaper"),
    ],
)
def test_a_court_and_a_gazette_contradict_each_other_only_about_one_decision(event: Event, contradicts: bool) -> None:
    forth = contradict.of_a_case(event, [Judged(DISMISSED, Severity.LOW)])
    back = contradict.of_a_case(DISMISSED, [Judged(event, Severity.CRITICAL)])

    assert (forth is not None) is (back is not None) is contradicts
    if forth is not None and back is not None:
        assert contradict.proceeding(event, forth) == contradict.proceeding(DISMISSED, back)
