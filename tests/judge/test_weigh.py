"""What an event weighs: each rule alone, and the laws that hold for all of them together."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge import weigh
from monitor.model import Customer, Event, Reason, Severity, Verdict
from monitor.policy import Matcher, Policy, Rule
from tests.judge import made

LATER = made.TODAY + timedelta(days=10)


def weighed(event: Event, customer: Customer | None = None, **more: Any) -> Verdict:
    info = more.pop("info", made.Info())
    policy = more.pop("policy", made.policy())
    return weigh.weigh(event, customer or made.customer(tier="C"), info, policy, made.NOW, book=made.RULES, **more)


def names(verdict: Verdict) -> list[str]:
    return [reason.name for reason in verdict.reasons]


@pytest.mark.parametrize(
    ("customer", "severity", "reason"),
    [
        (made.on_open_account(), Severity.CRITICAL, "money_over_limit"),
        (made.on_documents(), Severity.HIGH, "money_within_limit"),
        (made.on_prepayment(), Severity.MEDIUM, "secured_terms"),
    ],
)
def test_the_same_petition_weighs_by_the_money_behind_it(customer: Customer, severity: Severity, reason: str) -> None:
    verdict = weighed(made.petition(), customer)

    assert verdict.severity is severity
    assert reason in names(verdict)


@pytest.mark.parametrize("kind", ["prepaid", "LC"])
def test_secured_terms_do_not_soften_sanctions(kind: str) -> None:
    customer = made.customer(terms=made.terms(kind))

    verdict = weighed(made.event("san.listed"), customer, info=made.Info(severity=Severity.CRITICAL))

    assert verdict.severity is Severity.CRITICAL
    assert "not_softened_by_terms" in names(verdict)


@pytest.mark.parametrize(
    ("changes", "severity", "reason"),
    [
        ({"relation": "parent"}, Severity.MEDIUM, "relation"),
        ({"relation": "owner", "facts": {"share_band": "75-to-100-percent"}}, Severity.HIGH, "majority_owner"),
        ({"relation": "owner", "facts": {"share_band": "25-to-50-percent"}}, Severity.MEDIUM, "relation"),
        ({"relation": "key customer"}, Severity.MEDIUM, "relation"),
        ({"relation": "something new"}, Severity.MEDIUM, "relation"),
        ({"role": "plaintiff"}, Severity.INFO, "role"),
        ({"role": "creditor"}, Severity.INFO, "role"),
        ({"role": "petitioner"}, Severity.LOW, "role"),
        ({"role": "victim"}, Severity.LOW, "role"),
        ({"stage": "rumour", "origins": (made.PAPER,)}, Severity.MEDIUM, "rumour_single_origin"),
        ({"stage": "rumour", "origins": (made.PAPER, made.OTHER_PAPER)}, Severity.HIGH, "rumour_corroborated"),
        ({"stage": "rumour", "origins": (made.PAPER, made.PAPER)}, Severity.MEDIUM, "rumour_single_origin"),
        ({"stage": "rumour", "origins": (made.GAZETTE,)}, Severity.HIGH, "rumour_corroborated"),
        ({"stage": "reversed"}, Severity.LOW, "good_news"),
        ({"polarity": "positive"}, Severity.LOW, "good_news"),
        ({"facts": {"severity": "critical"}}, Severity.CRITICAL, "variant"),
    ],
)
def test_each_step_moves_or_caps_and_says_so(changes: dict[str, Any], severity: Severity, reason: str) -> None:
    verdict = weighed(made.event(**changes))

    assert verdict.severity is severity
    assert reason in names(verdict)


def test_a_bank_in_trouble_is_at_most_medium() -> None:
    verdict = weighed(made.event(relation="bank"), info=made.Info(severity=Severity.CRITICAL))

    assert verdict.severity is Severity.MEDIUM
    assert "relation_cap" in names(verdict)


def test_a_listed_director_is_not_lowered_twice() -> None:
    assert weighed(made.event("san.linked", relation="officer")).severity is Severity.HIGH


def test_many_who_repeat_a_name_alone_do_not_make_it_this_company() -> None:
    event = made.event(
        identified=False, match=(Reason("name_agrees"), Reason("country_agrees")), origins=(made.GAZETTE, made.PAPER)
    )

    verdict = weighed(event)

    assert verdict.severity is Severity.MEDIUM
    assert "name_only" in names(verdict)


def test_other_agreeing_details_and_an_official_origin_lift_the_cap() -> None:
    match = (Reason("name_agrees"), Reason("address_agrees"))
    event = made.event(identified=False, match=match)

    official = weighed(event)
    alone = weighed(replace(event, origins=(made.PAPER,)))

    assert official.severity is Severity.HIGH
    assert alone.severity is Severity.MEDIUM
    assert "match_without_identifier" in names(alone)


@pytest.mark.parametrize(
    ("kind", "published", "severity"),
    [
        ("article", "2026-10-20", Severity.HIGH),
        ("article", "2026-10-19", Severity.INFO),
        ("company", "2020-01-01", Severity.HIGH),  # a state that holds today is never old
        ("article", None, Severity.HIGH),
    ],
)
def test_only_what_happened_can_be_old(kind: str, published: str | None, severity: Severity) -> None:
    event = made.event(record_kind=kind, published_at=published)

    assert weighed(event, info=made.Info(age_gate=14)).severity is severity


def test_a_new_notice_about_an_old_day_is_news() -> None:
    event = made.event(record_kind="notice", occurred_at="2024-01-01", published_at="2026-11-01T09:00:00Z")

    assert weighed(event, info=made.Info(age_gate=30)).severity is Severity.HIGH


@pytest.mark.parametrize(
    ("event", "others"),
    [
        ("gov.auditor_left", ["fin.accounts_overdue"]),
        ("pay.own_overdue", ["fin.charge_registered", "gov.director_left"]),
        ("gov.owner_changed", ["reg.name_changed", "reg.address_changed"]),
        ("pay.own_overdue", ["reg.strike_off_proposed"]),
        ("san.linked", ["gov.owner_changed"]),
    ],
)
def test_facts_that_are_worse_together_become_critical(event: str, others: list[str]) -> None:
    info = made.Info(severity=Severity.MEDIUM)
    open_events = [made.event(other) for other in others]

    together = weighed(made.event(event), info=info, open_events=open_events)
    incomplete = weighed(made.event(event), info=info, open_events=open_events[1:])

    assert together.severity is Severity.CRITICAL
    assert any(name.startswith("pattern_") for name in names(together))
    assert incomplete.severity is Severity.MEDIUM


def test_a_pattern_needs_its_time_and_its_company() -> None:
    new_owner, info = made.event("gov.owner_changed"), made.Info(severity=Severity.MEDIUM)
    near = made.event("reg.name_changed", occurred_at="2026-10-01"), made.event("reg.address_changed")
    old = (replace(near[0], occurred_at="2026-01-01"), near[1])
    namesake = (replace(near[0], identified=False), near[1])

    assert weighed(new_owner, info=info, open_events=near).severity is Severity.CRITICAL
    assert weighed(new_owner, info=info, open_events=old).severity is Severity.MEDIUM
    assert weighed(new_owner, info=info, open_events=namesake).severity is Severity.MEDIUM


def rule(**changes: Any) -> Rule:
    return Rule(**{"name": "ours", "when": Matcher(types=("ins.*",)), "reason": "agreed", **changes})


def test_a_rule_of_the_user_sets_the_level_but_not_above_a_cap() -> None:
    policy = made.policy(rules=(rule(set=Severity.CRITICAL),))

    plain = weighed(made.event(), policy=policy)
    rumour = weighed(made.event(stage="rumour", origins=(made.PAPER,)), policy=policy)
    other = weighed(made.event("reg.name_changed"), policy=policy)

    assert plain.severity is Severity.CRITICAL
    assert rumour.severity is Severity.MEDIUM
    assert "capped" in names(rumour)
    assert other.severity is Severity.HIGH


@pytest.mark.parametrize(
    ("until", "tier", "type_", "severity", "silent", "reason"),
    [
        (LATER, "C", "ins.petition_filed", Severity.HIGH, "muted", "muted"),
        (made.TODAY, "C", "ins.petition_filed", Severity.HIGH, "muted", "muted"),
        (date(2026, 11, 2), "C", "ins.petition_filed", Severity.HIGH, None, "mute_ended"),
        (None, "C", "ins.petition_filed", Severity.HIGH, None, "mute_without_end"),
        (LATER, "A", "ins.petition_filed", Severity.CRITICAL, None, "mute_refused_tier_a"),
        (LATER, "A", "ins.petition_filed", Severity.HIGH, "muted", "muted"),
        (LATER, "C", "san.listed", Severity.CRITICAL, None, "mute_refused_sanctions"),
    ],
)
def test_a_mute_needs_an_end_and_has_limits(
    until: date | None, tier: Any, type_: str, severity: Severity, silent: str | None, reason: str
) -> None:
    policy = made.policy(rules=(rule(when=Matcher(), mute=True, until=until),))

    verdict = weighed(made.event(type_), made.customer(tier=tier), policy=policy, info=made.Info(severity=severity))

    assert verdict.silent == silent
    assert reason in names(verdict)


def test_the_first_look_speaks_only_of_what_is_grave() -> None:
    found = made.event(baseline=True)

    assert weighed(found).silent == "baseline"
    assert weighed(found, info=made.Info(baseline="alert")).silent is None


def test_a_graver_fact_silences_the_lesser_but_a_rumour_of_it_does_not() -> None:
    opened = made.event("ins.proceeding_opened", stage="ordered")
    types = {"ins.proceeding_opened": made.Info(inhibits=("ins.petition_filed", "fin.accounts_*"))}

    known = weighed(made.petition(), open_events=[opened], types=types)
    rumoured = weighed(made.petition(), open_events=[replace(opened, stage="rumour")], types=types)
    itself = weighed(opened, open_events=[opened], types=types)

    assert known.silent == "inhibited"
    assert rumoured.silent is None
    assert itself.silent is None


def test_a_dismissed_record_is_silent() -> None:
    assert weighed(made.event(), dismissed=True).silent == "dismissed"


# --------------------------------------------------------------------------- laws

EVENTS = st.builds(
    made.event,
    st.sampled_from(
        ["ins.petition_filed", "san.listed", "san.linked", "pay.own_overdue", "med.harm", "gov.owner_changed"]
    ),
    relation=st.sampled_from(["self", "owner", "parent", "bank", "sector", "martian"]),
    role=st.sampled_from(["debtor", "plaintiff", "petitioner", "victim", "mentioned"]),
    stage=st.sampled_from(["rumour", "alleged", "filed", "final", "reversed"]),
    polarity=st.sampled_from(["negative", "neutral", "positive"]),
    identified=st.booleans(),
    baseline=st.booleans(),
    origins=st.lists(st.sampled_from([made.GAZETTE, made.PAPER, made.OTHER_PAPER]), max_size=3).map(tuple),
    record_kind=st.sampled_from(["article", "company", ""]),
    published_at=st.sampled_from([None, "2026-11-01", "2020-01-01", "yesterday", "2026-11-02T23:00:00+09:00"]),
)
INFOS = st.builds(made.Info, severity=st.sampled_from(Severity), age_gate=st.sampled_from([None, 14]))
RULES = st.lists(
    st.builds(
        rule,
        name=st.sampled_from(["a", "b", "c"]),
        when=st.sampled_from([Matcher(), Matcher(types=("ins.*",)), Matcher(severities=("high", "critical"))]),
        mute=st.just(True),
        until=st.sampled_from([None, LATER, LATER + timedelta(days=1), date(2026, 1, 1)]),
    ),
    max_size=3,
)


@settings(max_examples=60)
@given(event=EVENTS, info=INFOS, little=st.integers(0, 90000), more=st.integers(0, 90000))
def test_more_money_at_risk_never_weighs_less(event: Event, info: made.Info, little: int, more: int) -> None:
    one = made.customer(exposure=made.exposure(open=little))
    other = made.customer(exposure=made.exposure(open=little + more))

    assert weighed(event, one, info=info).severity.rank <= weighed(event, other, info=info).severity.rank


@settings(max_examples=60)
@given(event=EVENTS, info=INFOS, wish=st.sampled_from(Severity))
def test_nothing_rises_above_a_cap_that_was_named(event: Event, info: made.Info, wish: Severity) -> None:
    policy = made.policy(rules=(rule(when=Matcher(), set=wish),))

    verdict = weighed(event, made.on_open_account(), info=info, policy=policy)

    caps = [Severity(reason.facts["cap"]) for reason in verdict.reasons if "cap" in reason.facts]
    assert all(verdict.severity.rank <= cap.rank for cap in caps)


@settings(max_examples=60)
@given(event=EVENTS, info=INFOS, rules=RULES)
def test_the_order_of_mutes_does_not_matter(event: Event, info: made.Info, rules: list[Rule]) -> None:
    found = {
        str(weighed(event, info=info, policy=made.policy(rules=tuple(order))))
        for order in itertools.permutations(rules)
    }

    assert len(found) == 1


@settings(max_examples=60)
@given(event=EVENTS, info=INFOS, rules=RULES)
def test_every_verdict_has_reasons_that_can_be_stored_and_said(
    event: Event, info: made.Info, rules: list[Rule]
) -> None:
    policy: Policy = made.policy(rules=tuple(rules))

    verdict = weighed(event, made.on_open_account(), info=info, policy=policy)

    assert verdict.reasons[0].name in ("default", "variant")
    assert orjson.loads(orjson.dumps([dict(reason.facts) for reason in verdict.reasons]))
    assert all(made.TEXTS.has(f"why.{name}", language) for name in names(verdict) for language in made.LANGUAGES)
    assert verdict.silent is None or verdict.silent in names(verdict)


# --------------------------------------------------------------------------- voices


def test_copies_of_a_rumour_lift_no_cap_and_are_named() -> None:
    copies = tuple(replace(made.OTHER_PAPER, name=f"Daily {n}", repeats=made.PAPER.name) for n in range(2))
    rumour = made.event("fin.debt_accelerated", stage="rumour", origins=(made.PAPER, *copies))

    alone = weighed(rumour)
    second = weighed(replace(rumour, origins=(*rumour.origins, made.OTHER_PAPER)))

    assert (alone.severity, second.severity) == (Severity.MEDIUM, Severity.HIGH)
    repeats = {"names": "Daily 0, Daily 1", "count": 2, "of": made.PAPER.name}
    assert Reason("repeats", repeats) in alone.reasons
    assert weigh.independent(rumour) == 1


def test_of_many_copies_the_number_is_told() -> None:
    copies = tuple(replace(made.OTHER_PAPER, name=f"Daily {n}", repeats=made.PAPER.name) for n in range(9))

    verdict = weighed(made.event(origins=(made.PAPER, *copies)))

    (said,) = [reason for reason in verdict.reasons if reason.name == "repeats_many"]
    assert (said.facts["count"], said.facts["names"]) == (9, "Daily 0, Daily 1, Daily 2")
