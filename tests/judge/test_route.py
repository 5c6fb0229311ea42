"""Where a verdict goes, when, and to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from monitor.judge import incident, route
from monitor.model import Alert, Event, Severity, Verdict
from monitor.policy import Matcher, Pace, Person, Quiet, Route
from tests.judge import made


def routed(event: Event, verdict: Verdict, *, exists: bool = False, **more: Any) -> tuple[Alert, ...]:
    policy = more.pop("policy", made.policy())
    customer = more.pop("customer", made.on_open_account())
    joined = incident.join(event, made.Info(), verdict, (), made.NOW)
    return route.route(event, verdict, joined, customer, policy, made.NOW, lambda _: exists, **more)


@pytest.mark.parametrize(
    ("severity", "wait", "mentioned"),
    [
        (Severity.CRITICAL, 0, True),
        (Severity.HIGH, 30, True),
        (Severity.MEDIUM, 30, False),
    ],
)
def test_each_level_has_its_haste_and_its_mention(severity: Severity, wait: int, mentioned: bool) -> None:
    [alert] = routed(made.petition(), Verdict(severity))

    assert (alert.kind, alert.state, alert.reason) == ("root", "pending", "")
    assert alert.not_before == made.NOW + timedelta(seconds=wait)
    assert (alert.mention == "li.wei@example.com") is mentioned


def test_what_is_low_waits_for_the_daily_digest_as_a_line() -> None:
    [alert] = routed(made.petition(), Verdict(Severity.LOW))

    assert (alert.kind, alert.state, alert.mention) == ("line", "pending", None)
    assert alert.facts["digest"] == "daily"
    assert alert.not_before == datetime(2026, 11, 4, 0, 30, tzinfo=UTC)  # half past eight in Shanghai, tomorrow


def test_what_only_the_timeline_keeps_makes_no_row() -> None:
    assert routed(made.event(), Verdict(Severity.INFO)) == ()
    assert routed(made.event(), Verdict(Severity.HIGH, silent="baseline")) == ()


def test_another_silence_is_recorded_with_its_reason() -> None:
    [alert] = routed(made.event(), Verdict(Severity.HIGH, silent="muted"))

    assert (alert.state, alert.reason, alert.mention) == ("suppressed", "muted", None)


def test_the_customer_s_channel_comes_first_and_every_matching_route_gets_a_copy() -> None:
    routes = (
        Route("legal", Matcher(types=("ins.*",)), "#legal", mention="wang"),
        Route("nordic", Matcher(countries=("NO",)), "#nordic"),
        Route("same", Matcher(), "#buyers"),
    )
    customer = replace(made.on_open_account(), channel="#buyers")

    alerts = routed(made.petition(), Verdict(Severity.HIGH), policy=made.policy(routes=routes), customer=customer)

    assert [(a.channel, a.mention) for a in alerts] == [("#buyers", "li.wei@example.com"), ("#legal", "wang")]
    assert len({alert.id for alert in alerts}) == 2


def test_the_first_message_of_an_incident_is_its_root_the_next_a_reply() -> None:
    [root] = routed(made.petition(), Verdict(Severity.HIGH))
    [reply] = routed(made.petition(), Verdict(Severity.HIGH), exists=True)

    assert (root.kind, reply.kind) == ("root", "reply")
    assert root.id == reply.id
    assert root.id.startswith("al_")


def test_news_of_the_watch_itself_go_to_the_operators() -> None:
    [alert] = routed(made.event("sys.source_stale", customer=None), Verdict(Severity.HIGH), customer=None)

    assert alert.channel == "#counterwatch-ops"
    assert alert.mention is None


@pytest.mark.parametrize(("exists", "kind"), [(True, "reply"), (False, "line")])
def test_who_was_alarmed_is_told_the_end_at_once_everybody_else_with_the_digest(exists: bool, kind: str) -> None:
    end = made.event("ins.reversed", stage="reversed", polarity="positive")

    [alert] = routed(end, Verdict(Severity.LOW), exists=exists)

    assert (alert.kind, alert.state) == (kind, "pending")


def test_a_known_event_speaks_again_only_if_it_got_graver() -> None:
    medium, high, silent = Verdict(Severity.MEDIUM), Verdict(Severity.HIGH), Verdict(Severity.HIGH, silent="muted")
    [first] = routed(made.petition(), medium)

    [graver] = routed(made.petition(), high, exists=True, before=medium)

    assert graver.key != first.key
    assert routed(made.petition(), medium, before=medium) == ()
    assert routed(made.petition(), medium, before=high) == ()
    assert routed(made.petition(), silent, before=medium) == ()
    assert len(routed(made.petition(), high, before=silent)) == 1


# --------------------------------------------------------------------------- the ways


def test_every_way_that_led_to_a_channel_is_kept_with_the_alert() -> None:
    routes = (
        Route("all", Matcher(), "#buyers"),
        Route("law", Matcher(types=("ins.*",)), "#legal"),
        Route("board", Matcher(severities=("high", "critical")), "#legal", mention="wang"),
        Route("norway", Matcher(countries=("NO",)), "#nordic"),
    )
    customer = replace(made.on_open_account(), channel="#buyers")

    alerts = routed(made.petition(), Verdict(Severity.HIGH), policy=made.policy(routes=routes), customer=customer)

    assert {a.channel: [(way["by"], way.get("route")) for way in a.facts["ways"]] for a in alerts} == {
        "#buyers": [("customer", None), ("route", "all")],
        "#legal": [("route", "law"), ("route", "board")],
    }
    assert {a.channel: a.mention for a in alerts} == {"#buyers": "li.wei@example.com", "#legal": "wang"}
    assert {a.facts["when"] for a in alerts} == {"gathers"}


def test_a_route_s_own_times_are_those_of_its_copies_alone() -> None:
    quiet = Quiet(time(8), time(11))  # it is nine in Shanghai
    routes = (
        Route("law", Matcher(), "#legal", pace=Pace(quiet=quiet)),
        Route("slow", Matcher(), "#all", pace=Pace(group=300)),
    )

    alerts = routed(made.petition(), Verdict(Severity.HIGH), policy=made.policy(routes=routes))

    assert {a.channel: (a.facts["when"], a.not_before - made.NOW) for a in alerts if a.not_before} == {
        "#customer-watch": ("gathers", timedelta(seconds=30)),
        "#legal": ("quiet_hours", timedelta(hours=2)),
        "#all": ("gathers", timedelta(minutes=5)),
    }


def test_critical_never_waits() -> None:
    policy = made.policy(quiet=Quiet(time(8), time(11)))

    [alert] = routed(made.petition(), Verdict(Severity.CRITICAL), policy=policy)

    assert (alert.not_before, alert.facts["when"]) == (made.NOW, "at_once")


# --------------------------------------------------------------------------- who is mentioned

SUNDAY = datetime(2026, 11, 8, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "calendars", "mentioned"),
    [
        (SUNDAY, {"li": "CN", "wang": "AE"}, "zhao"),  # both are off, the deputy's deputy has no calendar
        (SUNDAY, {"li": "CN", "wang": "SA"}, "wang"),  # Sunday is a working day in Riyadh
        (SUNDAY, {"li": "CN", "wang": "CN", "zhao": "CN"}, "li.wei@example.com"),  # nobody works: the owner is told
        (SUNDAY, {}, "li.wei@example.com"),  # who names no calendar is never off
        (datetime(2026, 10, 1, 2, tzinfo=UTC), {"li": "CN"}, "wang"),  # the National Day
        (datetime(2026, 11, 3, 2, tzinfo=UTC), {"li": "CN"}, "li.wei@example.com"),
    ],
)
def test_on_a_day_off_the_deputy_is_mentioned(now: datetime, calendars: dict[str, str], mentioned: str) -> None:
    mails, deputies = {"li": "li.wei@example.com"}, {"li": "wang", "wang": "zhao", "zhao": "li"}
    people = {key: Person(key, mails.get(key), deputy=deputies[key], calendar=calendars.get(key)) for key in deputies}
    policy = made.policy(people=people)

    assert route.on_duty("li.wei@example.com", policy, now) == mentioned


def test_the_alert_says_for_whom_the_deputy_stands_in_and_a_medium_mentions_nobody() -> None:
    people = {"li": Person("li", "li.wei@example.com", deputy="wang", calendar="CN"), "wang": Person("wang")}
    event, policy = made.petition(), made.policy(people=people)
    joined = incident.join(event, made.Info(), Verdict(Severity.HIGH), (), SUNDAY)

    def on_sunday(severity: Severity) -> Alert:
        [alert] = route.route(event, Verdict(severity), joined, made.on_open_account(), policy, SUNDAY, lambda _: False)
        return alert

    assert on_sunday(Severity.HIGH).mention == "wang"
    assert on_sunday(Severity.HIGH).facts["ways"] == [
        {"by": "default", "mention": "wang", "instead_of": "li.wei@example.com"}
    ]
    assert on_sunday(Severity.MEDIUM).mention is None


# --------------------------------------------------------------------------- what a graver fact changes


def test_a_graver_fact_takes_the_line_of_its_incident_and_channel_out_of_the_digest_and_no_other() -> None:
    [line] = routed(made.petition(), Verdict(Severity.LOW))
    [told] = routed(made.event("ins.proceeding_opened"), Verdict(Severity.CRITICAL))
    told = replace(told, incident=line.incident)
    elsewhere, other = replace(line, id="al_1", channel="#legal"), replace(line, id="al_2", incident="in_other")

    becomes = route.overtaken([line, elsewhere, other, told], [told])

    assert becomes == {line.id: {"state": "suppressed", "reason": "told_sooner"}}
    assert route.overtaken([line], [replace(told, state="suppressed")]) == {}
    assert route.overtaken([replace(line, claimed_at=made.NOW)], [told]) == {}


def test_a_critical_goes_before_the_root_that_waits_and_answers_the_one_that_was_sent() -> None:
    [root] = routed(made.petition(), Verdict(Severity.MEDIUM))
    about = str(root.incident)

    waiting = route.Told(about, [root], Severity.CRITICAL)
    sent = route.Told(about, [replace(root, state="sent")], Severity.CRITICAL)
    under_way = route.Told(about, [replace(root, claimed_at=made.NOW)], Severity.CRITICAL)
    mild = route.Told(about, [root], Severity.HIGH)

    assert [one.root_exists(root.channel) for one in (waiting, sent, under_way, mild)] == [False, True, True, True]


# --------------------------------------------------------------------------- explaining


def test_an_explanation_names_each_route_and_the_conditions_that_failed() -> None:
    when = Matcher(types=("lit.*",), countries=("GB",), severities=("critical",))
    routes = (Route("law", when, "#legal", language="zh"), Route("all", Matcher(), "#all"))
    policy = made.policy(routes=routes)

    own, law, everything = route.explain(
        made.petition(), Verdict(Severity.HIGH), made.on_open_account(), policy, made.NOW
    )

    assert (own.way.by, own.way.taken, own.when and own.when.why) == ("default", True, "gathers")
    assert (law.way.taken, law.way.unmet, law.when) == (False, ("types", "severities"), None)
    assert everything.way.taken
    assert route.language_of(policy, "#legal") == "zh"


def test_an_explanation_says_why_nothing_is_sent() -> None:
    [own] = route.explain(
        made.petition(), Verdict(Severity.HIGH, silent="muted"), made.customer(), made.policy(), made.NOW
    )

    assert (own.silent, own.when, own.way.mention) == ("muted", None, None)
