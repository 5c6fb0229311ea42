"""Which events share an incident, when it shows something new, when it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.judge import incident
from monitor.model import Event, Incident, Severity, Verdict
from tests.judge import made

HIGH, LOW, CRITICAL = (Verdict(level) for level in (Severity.HIGH, Severity.LOW, Severity.CRITICAL))


def opened(event: Event | None = None, topic: str = "insolvency", verdict: Verdict = HIGH) -> Incident:
    return incident.join(event or made.petition(), made.Info(topic=topic), verdict, (), made.NOW)


def test_a_repeated_turn_makes_the_same_incident() -> None:
    assert opened() == opened()
    assert opened().id.startswith("in_")
    assert len(opened().id) == 19


def test_two_facts_of_one_topic_share_an_incident_and_the_graver_leads() -> None:
    first = opened()
    order = made.event("ins.proceeding_opened")

    joined = incident.join(order, made.Info(), CRITICAL, (first,), made.NOW)

    assert joined.id == first.id
    assert (joined.severity, joined.head, joined.events, joined.version) == (Severity.CRITICAL, order.id, 2, 2)


def test_a_lesser_fact_joins_without_leading() -> None:
    first = opened(verdict=CRITICAL)

    joined = incident.join(made.event("ins.claims_deadline"), made.Info(), HIGH, (first,), made.NOW)

    assert (joined.severity, joined.head, joined.version) == (Severity.CRITICAL, first.head, 2)


def test_customers_and_topics_do_not_mix() -> None:
    first = opened()
    other_customer = incident.join(made.petition(customer="brook"), made.Info(), HIGH, (first,), made.NOW)
    other_topic = incident.join(made.petition(), made.Info(topic="payment"), HIGH, (first,), made.NOW)

    assert len({first.id, other_customer.id, other_topic.id}) == 3


def test_a_case_number_joins_across_types_and_sources() -> None:
    info = made.Info(topic="case")
    filed = incident.join(made.petition(type="lit.case_filed"), info, HIGH, (), made.NOW)

    moved = made.event("lit.docket_moved", facts={"case": "CR-2026-001"}, source="courtlistener")
    joined = incident.join(moved, info, HIGH, (filed,), made.NOW)
    other = incident.join(replace(moved, facts={"case": "CR-2"}), info, HIGH, (filed,), made.NOW)

    assert filed.topic == "case:CR-2026-001"
    assert joined.id == filed.id
    assert other.id != filed.id


@pytest.mark.parametrize(("days", "same"), [(14, True), (15, False)])
def test_a_story_pauses_for_two_weeks_at_most(days: int, same: bool) -> None:
    info = made.Info(topic="story")
    first = incident.join(made.event("med.harm"), info, HIGH, (), made.NOW)
    later = made.event("med.harm", key="another report")

    joined = incident.join(later, info, HIGH, (first,), made.NOW + timedelta(days=days))

    assert (joined.id == first.id) is same


@pytest.mark.parametrize(
    "end",
    [
        made.event("ins.reversed", stage="reversed", polarity="positive"),
        made.event("ins.ended"),
        made.event("pay.judgment_debt", facts={"closes": True}),
    ],
)
def test_a_reversal_or_an_end_closes_and_is_shown(end: Event) -> None:
    first = opened(verdict=CRITICAL)

    joined = incident.join(end, made.Info(), LOW, (first,), made.NOW)

    assert (joined.id, joined.state, joined.head, joined.version) == (first.id, "closed", end.id, 2)


def test_after_the_end_a_new_fact_opens_a_new_incident() -> None:
    closed = replace(opened(), state="closed")

    again = incident.join(made.petition(key="another petition"), made.Info(), HIGH, (closed,), made.NOW)

    assert again.id != closed.id


def test_a_silent_fact_neither_leads_nor_shows() -> None:
    first = opened()
    muted = Verdict(Severity.CRITICAL, silent="muted")

    joined = incident.join(made.event("ins.converted"), made.Info(), muted, (first,), made.NOW)

    assert (joined.head, joined.version, joined.events) == (first.head, 1, 2)


def test_a_second_origin_of_a_known_event_is_shown_but_not_counted() -> None:
    first = opened()

    joined = incident.join(made.petition(), made.Info(), CRITICAL, (first,), made.NOW, known=True)

    assert (joined.events, joined.version, joined.severity) == (1, 2, Severity.CRITICAL)


def test_a_correction_is_shown_even_if_it_only_informs() -> None:
    info_only = Verdict(Severity.INFO)
    plain = incident.join(made.event(), made.Info(), info_only, (opened(),), made.NOW)
    correction = incident.join(made.event(facts={"corrects": "ev_1"}), made.Info(), info_only, (opened(),), made.NOW)

    assert (plain.version, correction.version) == (1, 2)
