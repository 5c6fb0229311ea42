"""Which events share an incident, when it shows something new, when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import incident
from monitor.judge.incident import Judged
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


# --------------------------------------------------------------------------- an incident is what its facts are


def fact(type: str, day: str, **changes: object) -> Event:
    """Return an event of one case (another if `case` says so) that was published on a day of November 2026."""
    case = changes.pop("case", "CR-2026-000001")
    end = type in ("ins.reversed", "ins.ended")
    own = {"stage": "reversed"} if type == "ins.reversed" else {"stage": "final"}
    own |= {"polarity": "positive" if end else "negative", "published_at": f"2026-11-{day}", "record_kind": "notice"}
    id_ = f"{type} of {day} in {case}"
    return made.event(type, id=id_, key=id_, facts={"case": case} if case else {}, **{**own, **changes})


LEVELS = {
    "ins.petition_filed": Severity.HIGH,
    "ins.proceeding_opened": Severity.CRITICAL,
    "ins.claims_deadline": Severity.HIGH,
    "med.distress_rumour": Severity.MEDIUM,
    "ins.reversed": Severity.LOW,
    "ins.ended": Severity.MEDIUM,
}


def lived(events: Sequence[Event]) -> tuple[list[Incident], list[Judged]]:
    """Join events one after the other, as looks bring them; return the incidents and the facts."""
    incidents: dict[str, Incident] = {}
    facts: dict[str, Judged] = {}
    for event in events:
        verdict = Verdict(LEVELS[event.type])
        known = event.key in facts
        joined = incident.join(
            event, made.Info(), verdict, incidents.values(), made.NOW, known=known, facts=tuple(facts.values())
        )
        incidents[joined.id] = joined
        facts[event.key] = Judged(event, verdict.severity, joined.id)
    return list(incidents.values()), list(facts.values())


ONE_LIFE = [
    fact("med.distress_rumour", "01", case=None, origins=(made.PAPER,), record_kind="article"),
    fact("ins.petition_filed", "03"),
    fact("ins.petition_filed", "04", case="CR-2026-000009"),
    fact("ins.proceeding_opened", "05", case=None),
    fact("ins.claims_deadline", "08"),
    fact("ins.ended", "20"),
]


@given(st.permutations(ONE_LIFE), st.sets(st.sampled_from(range(len(ONE_LIFE))), min_size=1))
def test_the_order_in_which_facts_arrive_does_not_change_what_the_incident_is(
    order: list[Event], chosen: set[int]
) -> None:
    wanted = {ONE_LIFE[n].id for n in chosen}

    (as_it_was,), facts = lived([one for one in ONE_LIFE if one.id in wanted])
    (as_it_came,), others = lived([one for one in order if one.id in wanted])

    assert (as_it_came.severity, as_it_came.state) == (as_it_was.severity, as_it_was.state)
    assert {one.event.id for one in facts} == {one.event.id for one in others}
    assert as_it_came.events == len(wanted)


@given(st.lists(st.sampled_from(range(len(ONE_LIFE))), min_size=1, max_size=12, unique=True))
def test_a_fact_that_comes_again_changes_neither_state_nor_weight_nor_count(chosen: list[int]) -> None:
    once = [ONE_LIFE[n] for n in chosen]

    (first,), _ = lived(once)
    (again,), _ = lived([*once, *once])

    assert (again.severity, again.state, again.events) == (first.severity, first.state, first.events)


def test_a_newspaper_that_denies_it_ends_no_order_of_a_court() -> None:
    denial = fact("ins.reversed", "10", case=None, origins=(made.PAPER,), record_kind="article")

    (one,), _ = lived([fact("ins.proceeding_opened", "05"), denial])
    (rumour,), _ = lived([fact("med.distress_rumour", "05", case=None, origins=(made.PAPER,)), denial])

    assert (one.state, rumour.state) == ("open", "closed")


def test_a_namesakes_dismissal_ends_nothing_that_a_number_ties_to_the_customer() -> None:
    (one,), _ = lived(
        [fact("ins.petition_filed", "03", case=None), fact("ins.reversed", "09", case=None, identified=False)]
    )

    assert one.state == "open"


def test_an_end_before_the_newest_fact_leaves_the_matter_open() -> None:
    (one,), _ = lived([fact("ins.proceeding_opened", "09", case=None), fact("ins.ended", "05", case=None)])

    assert one.state == "open"


def test_a_rescue_that_ends_on_the_day_the_liquidation_opens_ends_nothing() -> None:
    (one,), _ = lived([fact("ins.proceeding_opened", "05", case=None), fact("ins.ended", "05", case=None)])

    assert one.state == "open"


def test_what_a_court_takes_up_again_after_the_end_opens_the_same_incident() -> None:
    (one,), _ = lived([fact("ins.petition_filed", "03"), fact("ins.reversed", "05"), fact("ins.petition_filed", "09")])

    assert (one.state, one.events) == ("open", 3)


def test_a_revival_ends_what_threatened_the_registration_and_not_a_lapsed_number() -> None:
    info = made.Info(topic="registry_life")
    strike, lapsed = (
        made.event(type, id=type, key=type, facts={}) for type in ("reg.strike_off_proposed", "reg.id_lapsed")
    )
    revived = made.event("reg.revived", id="r", key="r", stage="reversed", polarity="positive", facts={})

    def after(*events: Event) -> Incident:
        found = incident.join(events[0], info, HIGH, (), made.NOW)
        facts = [Judged(event, Severity.HIGH, found.id) for event in events]
        return incident.join(revived, info, LOW, (found,), made.NOW, facts=facts)

    assert after(strike).state == "closed"
    assert after(strike, lapsed).state == "open"


def test_a_late_fact_is_over_only_if_an_end_ended_it() -> None:
    (one,), facts = lived([fact("ins.petition_filed", "03"), fact("ins.reversed", "09")])

    assert incident.over(fact("ins.claims_deadline", "05"), one, facts)
    assert not incident.over(fact("ins.claims_deadline", "12"), one, facts)
    assert not incident.over(fact("ins.claims_deadline", "05", case="CR-2026-000009"), one, facts)


# --------------------------------------------------------------------------- without a fact, and acknowledged


def test_without_its_gravest_fact_an_incident_weighs_what_is_left() -> None:
    order = fact("ins.proceeding_opened", "05")
    (one,), facts = lived([fact("ins.petition_filed", "03"), order])

    less = incident.without(one, facts, {order.id}, made.NOW)

    assert (less.severity, less.head, less.state) == (
        Severity.HIGH,
        "ins.petition_filed of 03 in CR-2026-000001",
        "open",
    )
    assert less.version == one.version + 1


def test_without_any_fact_nothing_is_left_of_it() -> None:
    (one,), facts = lived([fact("ins.petition_filed", "03")])

    gone = incident.without(one, facts, {facts[0].event.id}, made.NOW)

    assert (gone.severity, gone.state) == (Severity.INFO, "closed")


def test_without_its_end_a_matter_stands_again() -> None:
    end = fact("ins.reversed", "09")
    (one,), facts = lived([fact("ins.petition_filed", "03"), end])

    assert one.state == "closed"
    assert incident.without(one, facts, {end.id}, made.NOW).state == "open"


@given(st.permutations(ONE_LIFE))
def test_to_take_nothing_away_leaves_an_incident_as_its_facts_make_it(order: list[Event]) -> None:
    (one,), facts = lived(order)

    same = incident.settled(one, facts)

    assert (same.severity, same.state) == (one.severity, one.state)


def test_an_acknowledged_incident_that_gets_graver_is_acknowledged_no_more() -> None:
    acked = replace(opened(), acked_at=made.NOW, acked_by="li.wei", acked_severity=Severity.HIGH)
    order = made.event("ins.proceeding_opened", key="order")

    graver = incident.join(order, made.Info(), CRITICAL, (acked,), made.NOW)
    alike = incident.join(order, made.Info(), HIGH, (acked,), made.NOW)
    muted = incident.join(order, made.Info(), replace(CRITICAL, silent="muted"), (acked,), made.NOW)

    assert (graver.acked_at, graver.acked_by, graver.acked_severity) == (None, None, None)
    assert alike.acked_by == muted.acked_by == "li.wei"


def test_a_registers_own_count_is_no_number_of_a_court() -> None:
    marks = [
        incident.case_mark(made.event(facts={"case": case})) for case in ("1", "CR-2026-7", "cr 2026 7", "12", "", None)
    ]

    assert marks == [None, "cr20267", "cr20267", None, None, None]
