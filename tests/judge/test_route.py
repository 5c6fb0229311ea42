"""Where a verdict goes, when, and to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.judge import incident, route
from monitor.model import Alert, Event, Severity, Verdict
from monitor.policy import Matcher, Route
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
