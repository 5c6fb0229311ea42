"""From an alert row to what a person reads: whose language, which day it is there, and who is called."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.app import telling
from monitor.app.door import open_door, person
from monitor.edge.console import Console
from monitor.edge.settings import Keyring, Places, Secret, SlackAccess
from monitor.edge.slack import Slack, Webhook
from monitor.edge.store import Store, read
from monitor.model import Message
from monitor.policy import Person, Policy
from tests.house import HandClock, Office, Source, company, found, watchlist

Opened = Callable[..., Office]
LATE_EVENING = datetime(2026, 11, 3, 20, 0, tzinfo=UTC)  # it is the 4th in Shanghai


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[Opened]:
    offices: list[Office] = []

    def opened(*sources: Source, at: datetime = LATE_EVENING, customers: str | None = None, more: str = "") -> Office:
        home, clock = tmp_path / "etc", HandClock(at)
        offices.append(Office(home, store, clock, sources, customers or watchlist(range(1, 2)), more))
        return offices[-1]

    yield opened
    for one in offices:
        await one.close()


async def dissolved(o: Office, register: Source) -> None:
    await o.start()
    await o.look("register", "c1")
    register.otherwise = found(company("dissolved"))
    await o.look("register", "c1", after=timedelta(minutes=1))


async def said(o: Office, channel: str | None = None) -> Message:
    """Return the one alert of a channel as its reader sees it."""
    rows = [one for one in await o.alerts() if channel in (None, one.channel)]
    (alert,) = rows
    stored = await o.store.read(lambda conn: read.event_of(conn, alert.event or ""))
    incident = await o.store.read(lambda conn: read.incident_of(conn, alert.incident or ""))
    return telling.message(o.desk, alert, stored, incident)


# --------------------------------------------------------------------------- language and day


async def test_each_channel_reads_its_routes_language(office: Opened) -> None:
    register = Source(said=found(company()))
    o = office(register, more='routes: [{name: shanghai, channel: "#shanghai", language: zh}]')
    await dissolved(o, register)

    assert "CRITICAL" in (await said(o, "#customer-watch")).text
    assert "【紧急】" in (await said(o, "#shanghai")).text


async def test_cover_that_ended_yesterday_over_there_has_ended(office: Opened) -> None:
    register = Source(said=found(company()))
    cover = {
        "exposure": "{{open: 84000 EUR}}",
        "insured": "{{by: sinosure, limit: 60000, share: 0.9, until: 2026-11-03}}",
    }
    for zone, ended in (("UTC", False), ("Asia/Shanghai", True)):
        o = office(register, customers=watchlist(range(1, 2), **cover), more=f"timezone: {zone}")
        if not await o.events():
            await dissolved(o, register)

        assert ("the cover by sinosure ended" in (await said(o)).text) == ended


async def test_a_customer_who_left_while_the_alert_waited_is_still_named(office: Opened) -> None:
    register = Source(said=found(company()))
    o = office(register)
    await dissolved(o, register)

    o.open(watchlist(range(2, 3)))

    assert "c1" in (await said(o)).text.splitlines()[0]


# --------------------------------------------------------------------------- who is called


@pytest.mark.parametrize(
    ("mention", "is_"),
    [
        ("U0123ABCD", "U0123ABCD"),
        ("li_wei", "U0LIWEI00"),
        ("li.wei@example.com", "U0LIWEI00"),
        ("anna", "anna@example.com"),
        ("stranger@example.com", "stranger@example.com"),
    ],
)
def test_a_mention_is_a_member_id_if_one_is_known_else_an_address(mention: str, is_: str) -> None:
    people = {
        "li_wei": Person("li_wei", mail="li.wei@example.com", slack="U0LIWEI00"),
        "anna": Person("anna", mail="anna@example.com"),
    }

    assert person(Policy(people=people), mention) == is_


@pytest.mark.parametrize(
    ("access", "way"),
    [
        (SlackAccess(), Console),
        (SlackAccess(webhook_url=Secret("https://hooks.slack.com/services/T0/B0/x")), Webhook),
        (
            SlackAccess(bot_token=Secret("xoxb-1-2-x"), webhook_url=Secret("https://hooks.slack.com/services/T0/B0/x")),
            Slack,
        ),
    ],
)
async def test_the_best_way_out_that_is_configured_is_taken(office: Opened, access: SlackAccess, way: type) -> None:
    o = office(Source())

    out = open_door(o.desk.config, Keyring(slack=access), Places(o.home, o.home), o.clock)

    assert isinstance(out, way)
    await out.close()
