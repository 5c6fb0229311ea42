"""A person's word holds for a record until it names somebody else, and a mute for what it was made for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import decide
from monitor.judge.decide import Edit
from monitor.model import Decision, Incident, Match, Party, Reason, Record, Severity, Verdict
from monitor.policy import Matcher, Mute
from tests.judge.made import NOW, RULES, customer, event, petition

DEBTOR = Party("Hartwell Components Ltd", "debtor", {"gb_company": "01234567"}, "GB")
DAY = timedelta(days=1)


def notice(*parties: Party, **fields: Any) -> Record:
    own = {"authority": "London Gazette", "code": "2450", "title": "HARTWELL COMPONENTS LTD"}
    return Record("notice", "g1", own | fields, parties=parties or (DEBTOR,))


def decision(about: Record, verdict: Any = "dismissed", **changes: Any) -> Decision:
    made = Decision(
        verdict=verdict,
        customer="hartwell",
        source="gb_gazette",
        record_kind=about.kind,
        record_key=about.key,
        digest=decide.digest(about),
        fields=decide.material(about),
        event="ev_1",
        by="li",
        at=NOW,
        reason="another Hartwell",
        number=7,
    )
    return replace(made, **changes)


# --------------------------------------------------------------------------- does it still hold


@pytest.mark.parametrize(
    "now",
    [
        notice(),
        notice(title="Hartwell Components Ltd"),
        notice(hearing="2026-12-09", petitioner="Somebody", text="moved", published="2026-11-03"),
        notice(replace(DEBTOR, name="Hartwell Components Limited")),
        notice(replace(DEBTOR, ids={"gb_company": "0123 4567"})),
        notice(DEBTOR, Party("A. Liquidator", "practitioner")),
    ],
    ids=["the same", "other letters", "the matter moves", "legal form written out", "blanks in a number", "who acts"],
)
def test_a_decision_holds_while_the_record_means_the_same_party(now: Record) -> None:
    assert decide.standing(decision(notice()), now).holds


@pytest.mark.parametrize(
    ("now", "edit"),
    [
        (notice(company_number="07654321"), Edit("company_number", "", "07654321")),
        (notice(code="2452"), Edit("code", "2450", "2452")),
        (notice(replace(DEBTOR, ids={"gb_company": "07654321"})), Edit("ids", "01234567", "07654321")),
        (notice(replace(DEBTOR, country="IE")), Edit("country", "GB", "IE")),
        (notice(replace(DEBTOR, role="petitioner")), Edit("role", "debtor", "petitioner")),
        (notice(replace(DEBTOR, name="Hartwell Castings Ltd")), Edit("name", DEBTOR.name, "Hartwell Castings Ltd")),
        (notice(DEBTOR, replace(DEBTOR, name="Other Ltd")), Edit("name", "", "Other Ltd")),
    ],
)
def test_a_decision_is_open_again_when_the_party_or_what_it_is_changes(now: Record, edit: Edit) -> None:
    found = decide.standing(decision(notice()), now)

    assert (found.state, found.edits) == ("reopened", (edit,))


def test_a_status_that_changes_opens_the_question_again_and_the_source_s_own_word_for_it_does_not() -> None:
    known = decision(Record("company", "1", {"name": "Hartwell", "status": "active", "status_raw": "live"}))

    assert decide.standing(known, Record("company", "1", {"name": "Hartwell", "status": "active"})).holds
    found = decide.standing(known, Record("company", "1", {"name": "Hartwell", "status": "insolvent"}))
    assert found.edits == (Edit("status", "active", "insolvent"),)


def test_a_record_that_is_not_seen_has_not_changed() -> None:
    assert decide.standing(decision(notice()), None).holds


_words = st.text(max_size=12)
_values = st.one_of(_words, st.integers(), st.lists(_words, max_size=3), st.dictionaries(_words, _words, max_size=2))
_parties = st.builds(Party, _words, st.sampled_from(["debtor", "agent"]), st.dictionaries(_words, _words, max_size=2))


@given(st.dictionaries(_words, _values, max_size=5), st.lists(_parties, max_size=3))
def test_a_decision_holds_for_the_very_record_it_was_made_of(fields: dict[str, Any], parties: list[Party]) -> None:
    one = Record("listing", "e1", fields, parties=tuple(parties))

    assert decide.standing(decision(one), replace(one, fields=dict(reversed(fields.items())))).holds


@given(_words, _words)
def test_a_reopened_question_always_says_what_changed(before: str, after: str) -> None:
    found = decide.standing(decision(notice(title=before)), notice(title=after))

    assert found.holds or [edit.field for edit in found.edits] == ["title"]


def test_a_reason_tells_who_when_why_and_is_short_whatever_a_source_writes() -> None:
    long = notice(title="x" * 10_000)

    (reason,) = decide.reopened(decision(notice()), decide.standing(decision(notice()), long))

    assert (reason.name, reason.facts["by"], reason.facts["on"], reason.facts["said"]) == (
        "reopened",
        "li",
        "2026-11-03",
        "dismissed",
    )
    assert len(reason.facts["new"]) <= 120


# --------------------------------------------------------------------------- what it makes of a match


def test_a_confirmed_match_is_identified_and_an_event_can_lose_that_again() -> None:
    only_named = Match("hartwell", "possible", 0.7, reasons=(Reason("name_agrees"),))
    yes = decision(notice(), "confirmed")

    sure = decide.confirmed(decide.confirmed(only_named, yes), yes)
    told = decide.identified(event(identified=False, match=only_named.reasons, confidence=0.7), yes)

    assert (sure.identified, sure.verdict, sure.score, len(sure.reasons)) == (True, "same", 1.0, 2)
    assert (told.identified, told.confidence) == (True, 1.0)
    assert (decide.unconfirmed(told).identified, decide.unconfirmed(told).match) == (False, only_named.reasons)
    assert decide.unconfirmed(event()).identified  # a number that agrees is none of ours to take away


def test_a_dismissed_verdict_is_silent_once_and_names_the_decision() -> None:
    spoke = Verdict(Severity.HIGH, (Reason("default"), Reason("reopened", {"by": "wang"})))

    silent = decide.silenced(decide.silenced(spoke, decision(notice())), decision(notice()))

    assert (silent.silent, silent.severity) == ("dismissed", Severity.HIGH)
    assert [reason.name for reason in silent.reasons] == ["default", "dismissed"]
    assert (decide.decision_of(silent), decide.decision_of(spoke)) == (7, None)


# --------------------------------------------------------------------------- seen


def test_seen_is_remembered_with_how_grave_it_was() -> None:
    one = Incident("in_1", "hartwell", "insolvency", Severity.HIGH, "open", NOW, NOW, version=3)

    seen = decide.acknowledged(one, "li", NOW + DAY)

    assert (seen.acked_by, seen.acked_at, seen.acked_severity) == ("li", NOW + DAY, Severity.HIGH)
    assert (seen.version, seen.updated_at) == (4, NOW)


# --------------------------------------------------------------------------- mutes


def mute(number: int = 1, level: Severity = Severity.HIGH, **changes: Any) -> Mute:
    when = changes.pop("when", Matcher(customers=("hartwell",)))
    return Mute(
        **{"number": number, "by": "li", "at": NOW, "reason": "known", "until": NOW + DAY} | changes,
        level=level,
        when=when,
    )


def ask(severity: Severity, *mutes: Mute, about: Any = None, tier: str = "B", incident: str = "in_1") -> decide.Muting:
    verdict = Verdict(severity, (Reason("default"),))
    told = about or petition()
    return decide.muted(told, customer(tier=tier), verdict, mutes, NOW, book=RULES, incident=lambda: incident)


@pytest.mark.parametrize("severity", [Severity.LOW, Severity.MEDIUM, Severity.HIGH])
def test_what_is_no_graver_than_a_mute_was_made_for_is_silent(severity: Severity) -> None:
    found = ask(severity, mute())

    assert (found.verdict.silent, found.broken) == ("muted", ())
    assert found.verdict.reasons[-1].facts["by"] == "li"


def test_what_is_graver_breaks_the_mute_and_says_whose_it_was() -> None:
    found = ask(Severity.CRITICAL, mute(reason="we deliver against cash"))

    assert (found.verdict.silent, [one.number for one in found.broken]) == (None, [1])
    assert found.verdict.reasons[-1].name == "mute_broken"
    assert found.verdict.reasons[-1].facts["why"] == "we deliver against cash"


def test_a_mute_that_still_covers_it_keeps_the_narrower_one_whole() -> None:
    found = ask(Severity.HIGH, mute(1, Severity.MEDIUM), mute(2, Severity.CRITICAL))

    assert (found.verdict.silent, found.broken) == ("muted", ())
    assert found.verdict.reasons[-1].facts["mute"] == 2


@pytest.mark.parametrize(
    "other",
    [
        mute(until=NOW),
        mute(ended_at=NOW, ended_why="lifted"),
        mute(when=Matcher(customers=("brook",))),
        mute(when=Matcher(types=("reg.*",))),
        mute(when=Matcher(), incident="in_2"),
    ],
    ids=["over", "lifted", "another customer", "another type", "another incident"],
)
def test_a_mute_that_means_something_else_changes_nothing(other: Mute) -> None:
    found = ask(Severity.HIGH, other)

    assert found == decide.Muting(Verdict(Severity.HIGH, (Reason("default"),)))


def test_confirmed_sanctions_and_criticals_of_tier_a_are_told_whatever_a_mute_was_made_for() -> None:
    listed = event("san.listed")

    sanctions = ask(Severity.CRITICAL, mute(level=Severity.CRITICAL), about=listed)
    tier_a = ask(Severity.CRITICAL, mute(level=Severity.CRITICAL), tier="A")
    tier_b = ask(Severity.CRITICAL, mute(level=Severity.CRITICAL))
    by_name = ask(Severity.MEDIUM, mute(), about=replace(listed, identified=False))

    assert [one.name for one in sanctions.verdict.reasons] == ["default", "mute_refused_sanctions"]
    assert [one.name for one in tier_a.verdict.reasons] == ["default", "mute_refused_tier_a"]
    assert (sanctions.verdict.silent, tier_a.verdict.silent) == (None, None)
    assert (sanctions.broken, tier_a.broken) == ((), ())
    assert (tier_b.verdict.silent, by_name.verdict.silent) == ("muted", "muted")


@pytest.mark.parametrize("silent", ["dismissed", "baseline", "inhibited", "same_story"])
def test_what_is_silent_already_breaks_no_mute_and_keeps_its_reason(silent: str) -> None:
    verdict = Verdict(Severity.CRITICAL, (Reason(silent),), silent=silent)

    assert decide.muted(petition(), customer(), verdict, [mute()], NOW, book=RULES) == decide.Muting(verdict)


_mutes = st.lists(
    st.builds(
        mute,
        st.integers(1, 9),
        st.sampled_from(list(Severity)),
        until=st.sampled_from([NOW - DAY, NOW + DAY, NOW + 2 * DAY]),
    ),
    max_size=4,
    unique_by=lambda one: one.number,
)


@given(_mutes, st.sampled_from(list(Severity)))
def test_a_mute_hides_nothing_graver_than_it_was_made_for_and_breaks_only_when_it_is_told(
    mutes: list[Mute], severity: Severity
) -> None:
    found, turned = ask(severity, *mutes), ask(severity, *reversed(mutes))

    assert found.verdict.silent == turned.verdict.silent
    assert set(found.broken) == set(turned.broken)
    if found.verdict.silent is not None:
        assert any(one.level.rank >= severity.rank for one in mutes)
        assert not found.broken
    assert all(one.level.rank < severity.rank for one in found.broken)
    assert found.verdict.severity is severity


def test_a_mute_is_made_for_the_gravest_of_what_stands_else_for_high() -> None:
    assert decide.level([]) is Severity.HIGH
    assert decide.level([Severity.LOW, Severity.MEDIUM]) is Severity.MEDIUM
