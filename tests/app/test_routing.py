"""`route explain`: who would hear of an event, when, and why; at the terminal in both languages, and for scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import routing, speech
from monitor.app.refused import Refused
from monitor.app.routing import Asked
from monitor.edge.store import Store, decisions
from monitor.model import Party, Record, Severity, Signal
from monitor.policy import Language, Matcher, Mute
from tests.house import HandClock, Office, Source, found, paper, watchlist

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ROUTES = """\
timezone: Asia/Shanghai
slack: {quiet: {start: "22:00", end: "07:00"}}
people: {li: {mail: li@example.com, deputy: wang, calendar: CN}, wang: {mail: wang@example.com}}
routes:
  - {name: law, when: {types: [ins.*, lit.*]}, channel: "#legal", language: zh, timezone: Europe/London, mention: li}
  - {name: board, when: {severities: critical}, channel: "#board"}
  - {name: norway, when: {countries: [NO], tiers: A}, channel: "#nordic"}
  - {name: all, channel: "#all", group: 5m, calendar: SA}
"""
Opened = Callable[..., Office]


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[Opened]:
    offices: list[Office] = []

    def opened(*sources: Source, more: str = ROUTES) -> Office:
        offices.append(Office(tmp_path / "etc", store, HandClock(), sources, watchlist(range(1, 3)), more))
        return offices[-1]

    yield opened
    for one in offices:
        await one.close()


async def petitioned(o: Office, source: Source, *, after: timedelta = HOUR) -> str:
    """Let a petition come out and return its event's id."""
    await o.start()
    await o.look("gazette", "gazette")
    source.otherwise = found(
        Record(
            "notice",
            "1",
            {"authority": "London Gazette", "title": "TESTED COMPANY 001 LTD"},
            "2026-11-03T00:00:00+00:00",
            parties=(Party("Tested Company 001 Ltd", "debtor", {"gb_company": "09000001"}),),
            signals=(Signal("ins.petition_filed", "filed", None, {"case": "CR-1"}),),
        )
    )
    await o.look("gazette", "gazette", after=after)
    return (await o.events())[0].event.id


def gazette() -> Source:
    return paper("gazette", family="registry", kinds=("notice",), official=True, title="London Gazette")


async def asked(o: Office, event: str) -> Asked:
    now, customers, policy = o.clock.now(), dict(o.desk.customers), o.desk.policy
    return await o.store.read(lambda conn: routing.ask(conn, event, customers, policy, now))


def said(found: Asked, language: Language = "en") -> str:
    return "\n".join(routing.lines(found, speech.voice(language, "Asia/Shanghai", found.now)))


async def test_three_routes_match_and_the_fourth_says_which_of_its_conditions_failed(office: Opened) -> None:
    source = gazette()
    o = office(source, more=ROUTES.replace("severities: critical", "severities: [high, critical]"))

    rows = {row["route"]: row for row in routing.rows(await asked(o, await petitioned(o, source)))}

    assert {name: row["taken"] for name, row in rows.items()} == {
        None: True, "law": True, "board": True, "norway": False, "all": True,
    }  # fmt: skip
    assert rows["norway"]["unmet"] == [
        {"condition": "tiers", "wanted": ["A"], "is": "B"},
        {"condition": "countries", "wanted": ["NO"], "is": "GB"},
    ]
    assert (rows["law"]["language"], rows["law"]["timezone"], rows["law"]["mention"]) == ("zh", "Europe/London", "li")
    assert (rows["all"]["group_seconds"], rows["all"]["calendar"]) == (300.0, "SA")
    assert rows["all"]["would_leave_at"] == "2026-11-03T10:05:00Z"
    assert [one["state"] for one in rows["law"]["alerts"]] == ["pending"]


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        (
            "en",
            (
                "Tested Company 001 Ltd: a creditor has asked the court to wind it up (case CR-1) (high)",
                "The channel of all customers without their own, #customer-watch: yes",
                "4 Nov 07:00 (Asia/Shanghai): told now, it would wait for the end of the quiet hours",
                "Route “board” to #board:\n  no: its levels are critical, and this is high",
                "no: its countries are NO, and this is GB",
                "in Chinese; daily digest at 08:30 (Europe/London); quiet 22:00–07:00",
                "led there by route “law”",
            ),
        ),
        (
            "zh",
            (
                "未设专用频道的客户共用频道 #customer-watch：发送",
                "11月4日 07:00（Asia/Shanghai）：若现在告知，须等静默时段结束",
                "不发送：要求的级别为 critical，而此事为 high",
                "途径：路由“law”",
            ),
        ),
    ],
)
async def test_at_night_the_explanation_says_when_each_channel_would_hear_of_it(
    office: Opened, language: Language, parts: tuple[str, ...]
) -> None:
    source = gazette()
    o = office(source)

    text = said(await asked(o, await petitioned(o, source, after=6 * HOUR)), language)

    assert [part for part in parts if part not in text] == []


async def test_a_mute_that_means_the_event_is_named(office: Opened) -> None:
    source = gazette()
    o = office(source)
    event = await petitioned(o, source)
    until = datetime(2026, 11, 30, tzinfo=UTC)
    mute = Mute(0, "li", o.clock.now(), "we know", until, Severity.HIGH, Matcher(customers=("c1",)))
    made = await o.store.write(lambda conn: decisions.add_mute(conn, mute))

    found_ = await asked(o, event)

    assert f"Muted ({made.number}): c1, until 30 Nov 08:00 (we know)." in said(found_)
    muted: list[dict[str, Any]] = [one for row in routing.rows(found_) for one in row["muted"]]
    assert {one["reason"] for one in muted} == {"we know"}


async def test_what_stays_silent_says_why_on_every_way(office: Opened) -> None:
    source = gazette()
    o = office(source, more="rules: [{when: {types: ins.*}, mute: true, reason: known, until: 2027-03-31}]\n")

    found_ = await asked(o, await petitioned(o, source))

    assert "Nothing is sent of it: muted." in said(found_)
    assert [(row["silent"], row["would_leave_at"]) for row in routing.rows(found_)] == [("muted", None)]


async def test_what_is_low_names_its_digest(office: Opened) -> None:
    source = gazette()
    o = office(source, more="rules: [{when: {types: ins.*}, set: low}]\n")

    (row,) = routing.rows(await asked(o, await petitioned(o, source)))

    assert (row["because"], row["would_leave_at"]) == ("daily_digest", "2026-11-04T08:30:00Z")


async def test_an_event_nobody_knows_is_refused(office: Opened) -> None:
    o = office(gazette())

    with pytest.raises(Refused) as refused:
        await asked(o, "ev_none")

    assert refused.value.told(speech.voice()).startswith("no event has the id ev_none")
