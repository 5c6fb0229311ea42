"""An incident as it stands: state, stages, sources and dates, in both languages, whatever foreign text is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge import blocks, bulletin, incident, reminders, render, story, taxonomy
from monitor.judge.story import Story
from monitor.model import Deadline, Decision, Event, Incident, Message, Severity, Verdict
from monitor.policy import Language
from tests.judge import made
from tests.judge.test_render import HOSTILE, READER, parsed, shown

TYPES = taxonomy.Taxonomy.from_mapping(made.shipped("events.yaml"))
COURT = replace(made.GAZETTE, name="High Court", source="court")
PETITION = made.petition(occurred_at="2026-11-02")
ORDER = made.event("ins.proceeding_opened", occurred_at="2026-11-30", origins=(COURT,), stage="ordered")
INCIDENT = Incident("in_1", "hartwell", "insolvency", Severity.CRITICAL, "open", made.NOW, made.NOW, 3, head=ORDER.id)


def facts(*events: Event, silent: str | None = None) -> list[incident.Judged]:
    return [incident.Judged(one, Severity.HIGH, "in_1", silent) for one in events]


def lines(
    known: Sequence[incident.Judged] = (),
    language: Language = "en",
    about: Incident = INCIDENT,
    event: Event = ORDER,
    build: Any = render.alert,
    **more: Any,
) -> list[str]:
    whole = Story(lambda one: TYPES[one.type].label[language], known, **more)
    figures = (None,) if build is render.alert else ()
    message = build(
        event,
        Verdict(Severity.CRITICAL),
        about,
        made.customer(),
        TYPES[event.type],
        (),
        *figures,
        language=language,
        story=whole,
        **READER,
    )
    assert parsed(message).keys() <= {"links"}
    return blocks.unescaped(message.text).splitlines()


def starting(label: str, told: Sequence[str]) -> list[str]:
    return [line.removeprefix(label) for line in told if line.startswith(label)]


def date_of(name: Any, day: str, **more: Any) -> Deadline:
    return Deadline(f"dl_{name}", "hartwell", name, day, "open", made.NOW, made.NOW, incident="in_1", **more)


# --------------------------------------------------------------------------- how it stands


def test_what_has_only_begun_is_open_without_a_word() -> None:
    assert starting("State: ", lines(facts(ORDER), about=replace(INCIDENT, version=1))) == []


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        ({}, "open since 3 Nov.", "11月3日起未结。"),
        ({"state": "closed"}, "closed on 3 Nov.", "11月3日已结。"),
        (
            {"acked_at": made.NOW, "acked_by": "li"},
            "open since 3 Nov; seen by li, 3 Nov 09:00.",
            "11月3日起未结；li 已阅（11月3日 09:00）。",
        ),
    ],
)
def test_the_state_line_says_how_it_stands_and_who_has_seen_it(changes: dict[str, Any], en: str, zh: str) -> None:
    about = replace(INCIDENT, **changes)

    assert starting("State: ", lines(facts(PETITION, ORDER), about=about)) == [en]
    assert starting("状态：", lines(facts(PETITION, ORDER), "zh", about=about)) == [zh]


def test_another_company_is_said_with_whoever_said_it() -> None:
    decision = Decision(
        "dismissed", "hartwell", "gb_gazette", "notice", "", "", {}, ORDER.id, "anna", made.NOW + timedelta(days=1)
    )

    told = lines(facts(PETITION, ORDER, silent="dismissed"), dismissed=decision)

    assert starting("State: ", told) == ["not this company, as anna said on 4 Nov 09:00."]


def test_one_dismissed_fact_of_two_does_not_make_it_another_company() -> None:
    decision = Decision("dismissed", "hartwell", "gb_gazette", "notice", "", "", {}, ORDER.id, "anna", made.NOW)

    told = lines([*facts(PETITION, silent="dismissed"), *facts(ORDER)], dismissed=decision)

    assert starting("State: ", told) == ["open since 3 Nov."]


def test_a_correction_is_remarked_and_what_it_corrects_is_no_stage() -> None:
    wrong = replace(PETITION, id="ev_wrong", facts={"corrected_by": "ev_2"})
    right = replace(PETITION, id="ev_2", key="2", facts={"corrects": "ev_wrong"})

    told = lines(facts(wrong, right, ORDER))

    assert starting("State: ", told) == ["open since 3 Nov; corrected since it was first told."]
    assert "2 facts since" in starting("So far: ", told)[0]


@pytest.mark.parametrize(
    ("was", "told"),
    [
        ({"dates": {"hearing": "2026-12-09"}, "corrected_by": "ev_2"}, "was hearing 9 Dec, now hearing 16 Dec."),
        ({"dates": {"hearing": "2026-12-16"}, "case": "A-1", "corrected_by": "ev_2"}, "was case A-1, now ?."),
        ({"dates": {"hearing": "2026-12-16"}, "corrected_by": "ev_2"}, "it takes the place of what was told before."),
        ({"corrected_by": "ev_other"}, "it takes the place of what was told before."),
    ],
)
def test_a_correction_tells_what_differs_from_what_it_corrects(was: dict[str, Any], told: str) -> None:
    wrong = replace(PETITION, id="ev_wrong", facts=was)
    right = replace(PETITION, id="ev_2", key="2", facts={"corrects": "x", "dates": {"hearing": "2026-12-16"}})

    found = lines(facts(wrong, right), event=right, build=render.thread)

    assert starting("Corrected: ", found) == [told]
    if "now hearing" in told:
        assert starting("更正：", lines(facts(wrong, right), "zh", event=right, build=render.thread)) == [
            "原为 12月9日开庭，现为 12月16日开庭。"
        ]


# --------------------------------------------------------------------------- how it came here


def test_the_stages_come_in_the_order_in_which_they_happened() -> None:
    told = starting("So far: ", lines(facts(ORDER, PETITION)))

    assert len(told) == 1
    assert told[0].startswith("winding-up petition 2 Nov → ")
    assert told[0].endswith("30 Nov; 2 facts since 3 Nov; the newest is in the thread.")


def test_the_same_thing_said_twice_is_one_stage_and_a_long_story_keeps_its_beginning_and_end() -> None:
    kinds = ["ins.petition_filed", "ins.petition_filed", *(f"ins.{name}" for name in STAGES)]
    known = [made.event(kind, id=f"ev_{n}", occurred_at=f"2026-11-{n + 1:02}") for n, kind in enumerate(kinds)]

    (told,) = starting("So far: ", lines(facts(*known)))

    assert told.count("→") == 6
    assert told.startswith("winding-up petition 1 Nov → … → ")
    assert " 9 Nov; 9 facts" in told


STAGES = (
    "proceeding_opened", "rescue_opened", "receiver_appointed", "converted", "claims_deadline", "ended", "reversed",
)  # fmt: skip


def test_a_source_that_only_repeats_is_not_counted_and_a_silent_report_is_a_voice() -> None:
    copy = replace(made.OTHER_PAPER, repeats="Evening Paper")
    report = made.event("med.distress_rumour", origins=(made.PAPER, copy))

    told = lines([*facts(PETITION, ORDER), *facts(report, silent="same_story")])

    names = "London Gazette, High Court and Evening Paper"
    assert starting("Sources: ", told) == [f"3 independent sources, one or more official: {names}."]
    assert starting("Sources: ", lines(facts(ORDER))) == []


def test_the_next_dates_are_told_nearest_first_and_the_rest_counted() -> None:
    days = (
        date_of("claims_deadline", "2026-12-24"),
        date_of("hearing", "2026-12-09", was="2026-12-02"),
        date_of("insurer_report", "2026-11-10"),
        date_of("creditors_meeting", "2027-01-05"),
        date_of("objection_deadline", "2027-02-01"),
    )

    en, zh = (lines(facts(ORDER), language, dates=days) for language in made.LANGUAGES)

    assert starting("Dates: ", en) == [
        "report to the insurer by 10 Nov; hearing 9 Dec (was 2 Dec); claims by 24 Dec; creditors' meeting 5 Jan 2027;"
        " and 1 more."
    ]
    assert starting("日期：", zh)[0].startswith("11月10日前向信保报损；12月9日开庭（原为 12月2日）；")


def test_a_date_the_message_says_anyway_is_not_said_twice_unless_it_was_moved() -> None:
    days = (date_of("hearing", "2026-12-09"), date_of("claims_deadline", "2026-12-24"))

    assert starting("Dates: ", lines(facts(PETITION), event=PETITION, dates=days)) == ["claims by 24 Dec."]
    moved = (replace(days[0], was="2026-12-02"),)
    assert starting("Dates: ", lines(facts(PETITION), event=PETITION, dates=moved)) == ["hearing 9 Dec (was 2 Dec)."]


# --------------------------------------------------------------------------- replies


@pytest.mark.parametrize(
    ("before", "told"),
    [(Severity.HIGH, ["HIGH → CRITICAL."]), (Severity.CRITICAL, []), (None, [])],
)
def test_a_reply_says_when_it_is_graver_than_all_before(before: Severity | None, told: list[str]) -> None:
    assert starting("Graver: ", lines(facts(ORDER), build=render.thread, before=before)) == told


def test_a_reply_without_a_thread_names_its_incident() -> None:
    assert starting("Part of: ", lines(build=render.thread, alone=True)) == ["the matter opened on 3 Nov (in_1)."]
    assert starting("Part of: ", lines(build=render.thread)) == []


# --------------------------------------------------------------------------- reminders


def reminded(facts_: dict[str, Any], language: Language = "en", **more: Any) -> Message:
    message = render.reminder(
        facts_, Severity.HIGH, "winding-up petition", INCIDENT, made.customer(), language=language, **more, **READER
    )
    assert parsed(message).keys() <= {"links", "mentions"}
    return message


@pytest.mark.parametrize(
    ("facts_", "en", "zh"),
    [
        ({"days_left": 7}, "claims by 24 Dec, in 7 days.", "12月24日前申报债权，还有 7 天。"),
        ({"days_left": 1}, "claims by 24 Dec, which is tomorrow.", "12月24日前申报债权，就是明天。"),
        ({"days_left": 0}, "claims by 24 Dec, which is today.", "12月24日前申报债权，就是今天。"),
        (
            {"days_left": -1, "step": "passed"},
            "claims by 24 Dec; the day is over, and nobody has said that it is done.",
            "12月24日前申报债权；该日已过，尚无人说明已办。",
        ),
        (
            {"code": "deadline_moved", "was": "2026-12-20"},
            "a date has moved: claims by 24 Dec, until now 20 Dec.",
            "日期有变：12月24日前申报债权，原为 12月20日。",
        ),
    ],
)
def test_a_date_is_reminded_of_with_the_days_that_are_left(facts_: dict[str, Any], en: str, zh: str) -> None:
    whole = {"code": "deadline", "name": "claims_deadline", "day": "2026-12-24", **facts_}

    told = {language: reminded(whole, language).text.splitlines()[0] for language in made.LANGUAGES}

    assert told["en"] == f"HIGH · Hartwell Components Ltd (UK): {en}"
    assert told["zh"] == f"【重要】Hartwell Components Ltd（英国）：{zh}"


def test_a_date_on_a_free_day_says_so() -> None:
    told = reminded({"code": "deadline", "name": "hearing", "day": "2026-12-26", "days_left": 7, "free": True})

    assert "It is about: winding-up petition. The day is not a working day." in told.text
    assert "dates done" not in told.text


def test_a_date_says_how_to_mark_it_as_done() -> None:
    told = reminded({"code": "deadline", "name": "hearing", "day": "2026-12-09", "deadline": "dl_1", "days_left": 1})

    assert "1. when it is done, say so: counterwatch dates done dl_1" in told.text


def test_a_reminder_of_a_customer_s_own_file_needs_no_incident() -> None:
    told = render.reminder(
        {"code": "deadline", "name": "document_expiry", "day": "2026-11-10", "days_left": 7},
        Severity.MEDIUM,
        "",
        None,
        made.customer(),
        language="en",
        alone=True,
        **READER,
    )

    assert told.text == "MEDIUM · Hartwell Components Ltd (UK): document expires 10 Nov, in 7 days."


def test_the_owner_is_called_by_a_reminder() -> None:
    told = reminded({"code": "unacknowledged", "incident": "in_1", "told": "2026-11-03T01:00:00+00:00"}, mention="U0LI")

    assert parsed(told)["mentions"] == ["U0LI"]
    assert "Told on 3 Nov 09:00." in told.text


# --------------------------------------------------------------------------- foreign text


@settings(max_examples=60, deadline=None)
@given(data=st.data(), language=st.sampled_from(made.LANGUAGES))
def test_no_foreign_text_breaks_a_story_a_reminder_or_a_flood(data: st.DataObject, language: Language) -> None:
    some = lambda: data.draw(HOSTILE)  # noqa: E731
    event = replace(PETITION, title=some(), occurred_at=some(), origins=(replace(made.GAZETTE, name=some()), COURT))
    about = replace(INCIDENT, acked_at=made.NOW, acked_by=some(), head=event.id)
    corrected = replace(event, key="2", facts={"corrects": some(), "old": some(), "new": some()})
    dates = (date_of("hearing", some(), was=some()), date_of("no_such_name", some()))
    message = render.thread(
        corrected,
        Verdict(Severity.CRITICAL),
        about,
        made.customer(name=some()),
        TYPES[event.type],
        language=language,
        mention=some(),
        story=Story(lambda one: some(), facts(event, corrected, ORDER), dates, before=Severity.LOW, alone=True),
        **READER,
    )
    root = lines(facts(event, corrected, ORDER), language, about=about, event=event, dates=dates)
    told = {"code": data.draw(st.sampled_from(["deadline", "deadline_moved", "unacknowledged", some()]))}
    told |= {name: some() for name in ("name", "day", "was", "days_left", "incident", "told", "step")}
    again = render.reminder(told, Severity.LOW, some(), about, made.customer(name=some()), language=language, **READER)
    flood = bulletin.digest([some()] * 120, bulletin.Flood(some(), some(), 37), language=language, **READER)

    assert root
    for one in (message, again, flood):
        assert parsed(one).keys() <= {"links"}
        assert "\u202e" not in shown(one) + one.text


def test_every_reminder_has_words_for_its_code_in_both_languages() -> None:
    for language in made.LANGUAGES:
        for code in ("unacknowledged", "deadline", reminders.MOVED, "never heard of"):
            assert reminded({"code": code, "name": "hearing", "day": "2026-12-09"}, language).text


def test_every_deadline_has_its_words() -> None:
    from typing import get_args

    from monitor.model import DeadlineName

    assert {f"due.{name}" for name in get_args(DeadlineName)} <= made.TEXTS.words["en"].keys()
    assert story.Story(lambda one: "").told == []
