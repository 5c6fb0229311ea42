"""One insolvency as people live it: real watchers over HTTP, a strict Slack, two months on a clock the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.app import agenda, deciding
from monitor.app.demo.world import Servers, Story, World
from monitor.edge.store import Store, dates, read
from monitor.watcher import discover
from tests.delivery import Fake
from tests.house import MORNING, HandClock, Office, entity, lei, notice
from tests.telling import CHANNEL, Room

CASE = "No CR-2026-000321"
WATCHLIST = f"""\
version: 1
defaults: {{tier: A, owner: li}}
customers:
  - name: Tested Company 001 Ltd
    id: c1
    country: GB
    ids: {{lei: {lei(1)}, gb_company: "09000001"}}
    terms: OA60
    exposure: {{open: 84000, in_transit: 26000, currency: USD}}
    insured: {{by: sinosure, limit: 60000, share: 0.9}}
  - name: Tested Company 002 Ltd
    country: GB
    ids: {{lei: {lei(2)}, gb_company: "09000002"}}
"""
SETTINGS = """\
language: {language}
timezone: Asia/Shanghai
currency: USD
people: {{li: {{mail: li.wei@example.com}}}}
insurers: {{sinosure: {{report_insolvency_workdays: 5, calendar: CN}}}}
waits: {{spread: 0s, group: 1s}}
sources:
  gleif: {{base_url: "http://127.0.0.1:{gleif}", allow_private: true, pace: 0}}
  gb_gazette: {{base_url: "http://127.0.0.1:{gb_gazette}", allow_private: true, pace: 0}}
  feed: {{base_url: "http://127.0.0.1:{feed}", allow_private: true, pace: 0, urls: ["https://trade.example/trade.rss"]}}
{others}
"""


class Town:
    """The world, and the office that looks at it: a day passes, something is published, everything is looked at."""

    def __init__(self, room: Room, world: World) -> None:
        self.room, self.world = room, world
        self.office = room.office
        self._numbers = iter(range(5000001, 5000099))

    async def looks(self) -> None:
        """Look at everything once, do what is owed, and send what is ready."""
        for source, customers in self.office.desk.assignments.asked.items():
            for customer in customers:
                await self.office.look(source, customer)
        for source, targets in self.office.desk.assignments.streams.items():
            for target in targets:
                await self.office.look(source, target.key)
        await self.owed()

    async def owed(self) -> None:
        self.room.pass_(minutes=2)
        await self.office.duties()
        await self.room.deliver()

    async def day(self, text: str) -> None:
        """Let the days pass up to this morning in Shanghai, each with what is owed on it."""
        until = datetime.fromisoformat(f"{text}T10:00:00+08:00")
        while self.now() < until:
            self.room.pass_(seconds=min((until - self.now()).total_seconds(), 86_400.0))
            self.world.today = self.now()
            await self.owed()
        await self.looks()

    def now(self) -> datetime:
        return self.office.clock.now()

    def publishes(self, code: str, category: str, text: str = "", *, company: int = 1) -> None:
        """The Gazette publishes a notice, an hour ago."""
        at = self.now() - timedelta(hours=1)
        self.world.notices.append(notice(next(self._numbers), code, category, company, at, text))

    def reports(self, title: str, text: str = "") -> None:
        """The trade press reports."""
        stories = self.world.feeds["/trade.rss"]
        stories.insert(0, Story(f"t-{len(stories) + 1}", title, text or title, self.now() - timedelta(hours=2)))

    def done(self, name: str) -> None:
        """A person says that a date was kept."""
        held = self.office.store.read_now(lambda conn: dates.listed(conn, customer="c1"))
        (one,) = [one for one in held if one.name == name and one.state in dates.AHEAD]
        agenda.settle(self.office.desk, one.id, "li.wei")

    def seen(self) -> None:
        """A person says: seen, I deal with it."""
        deciding.acknowledge(self.office.desk, self.room.incident().id, "li.wei")


@contextmanager
def town(home: Path, language: str) -> Iterator[Town]:
    world = World(today=MORNING)
    world.entities = {lei(n): entity(n) for n in (1, 2)}
    world.feeds["/trade.rss"] = [Story("t-1", "Orders steady, trade body says", "Little changed.", MORNING)]
    with (
        Servers(world) as servers,
        Fake(rate=0, tiers=False) as fake,
        Store.open(f"sqlite:///{home / 'counterwatch.db'}") as store,
    ):
        ports = servers.ports
        others = "".join(f"  {name}: {{enabled: false}}\n" for name in discover() if name not in ports)
        settings = SETTINGS.format(language=language, others=others, **ports)
        office = Office(home / "etc", store, HandClock(running=True), (), WATCHLIST, settings, waits="")
        yield Town(Room(office, fake), world)


async def lived(t: Town) -> None:
    """Live through the winding-up of company 1, from the petition to the final meeting."""
    await t.office.start()
    await t.looks()

    await t.day("2026-11-05")
    t.publishes(
        "2450",
        "Petitions to Wind Up (Companies)",
        f"In the High Court of Justice {CASE} A Petition to wind up the above-named company presented by THORNLEY "
        "ALLOYS LIMITED, claiming to be a creditor, will be heard at 7 Rolls Building, London on 25 November 2026",
    )
    await t.looks()
    t.done("insurer_report")

    await t.day("2026-11-06")
    t.reports("Tested Company 001 Ltd faces winding-up petition", "A supplier has asked the court to wind it up.")
    await t.looks()

    await t.day("2026-11-26")
    t.publishes("2452", "Winding-Up Orders", f"{CASE} Date of Winding up Order: 25 November 2026")
    await t.looks()
    t.seen()

    await t.day("2026-11-27")
    t.world.change(lei(1), events=(("INSOLVENCY", t.now().date()),))
    await t.looks()

    await t.day("2026-12-01")
    t.publishes("2454", "Appointment of Liquidators", f"{CASE} Date of Appointment: 30 November 2026")
    await t.looks()

    await t.day("2026-12-03")
    t.publishes("2455", "Meetings of Creditors", f"{CASE} a meeting of creditors will be held on 16 December 2026")
    await t.looks()
    t.done("creditors_meeting")

    await t.day("2026-12-10")
    t.publishes(
        "2460",
        "Notices to Creditors",
        f"{CASE} creditors are required, on or before 15 January 2027, to send in claims",
    )
    await t.looks()
    t.done("claims_deadline")

    await t.day("2027-01-12")
    t.publishes(
        "2456",
        "Notices of Intended Dividends",
        f"{CASE} The liquidator intends to declare a first dividend. Last date for receiving proofs: 29 January 2027",
    )
    await t.looks()
    t.done("claims_deadline")

    await t.day("2027-01-20")
    t.publishes("2458", "Final Meetings", f"{CASE} the final meeting of creditors was held on 19 January 2027")
    await t.looks()


HEADS = {
    "en": (
        "CRITICAL · Tested Company 001 Ltd (UK): insolvency proceedings",
        "CRITICAL · Tested Company 001 Ltd (UK): insolvency proceedings",
        "HIGH · Tested Company 001 Ltd (UK): creditors have a date to keep",
        "HIGH · Tested Company 001 Ltd (UK): creditors have a date to keep",
        "HIGH · Tested Company 001 Ltd (UK): creditors have a date to keep",
        "CLOSED · Tested Company 001 Ltd (UK)",
    ),
    "zh": (
        "【紧急】Tested Company 001 Ltd（英国）：破产程序",
        "【紧急】Tested Company 001 Ltd（英国）：破产程序",
        "【重要】Tested Company 001 Ltd（英国）：其破产程序有需要债权人遵守的期限：12月16日",
        "【重要】Tested Company 001 Ltd（英国）：其破产程序有需要债权人遵守的期限",
        "【重要】Tested Company 001 Ltd（英国）：其破产程序有需要债权人遵守的期限",
        "【已解除】Tested Company 001 Ltd（英国）",
    ),
}
SEEN = {"en": "seen by li.wei", "zh": "li.wei"}


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_an_insolvency_over_three_sources_is_one_message_and_its_thread(tmp_path: Path, language: str) -> None:
    with town(tmp_path, language) as t:
        await lived(t)
        await t.office.close()
        alerts, events = t.room.alerts(), t.office.store.read_now(lambda conn: read.events(conn, customer="c1"))
        posted, story = t.room.posted(), t.room.incident()
        (root,) = [one for one in alerts if one.kind == "root"]
        now = next(one for one in t.room.fake.messages(CHANNEL) if one["ts"] == root.slack_ts)
    thread = [one for one in posted if one.get("thread_ts") == root.slack_ts]
    print("\n\n".join([now["text"], *(f"   ↳ {one['text']}" for one in thread)]))

    # Three sources tell of it, and it is one matter.
    assert {voice.source for stored in events for voice in stored.event.origins} == {"gb_gazette", "feed", "gleif"}
    assert {stored.incident for stored in events} == {story.id}
    # One message, edited as the matter went on; six facts and two reminders in its thread.
    assert now["edited"] and now["text"].startswith(HEADS[language][-1]) and SEEN[language] in now["text"]
    kinds = [next(alert.kind for alert in alerts if alert.slack_ts == one["ts"]) for one in thread]
    assert kinds == ["reminder", "reminder", "reply", "reply", "reply", "reply", "reply", "reply"]
    told = [one["text"] for one, kind in zip(thread, kinds, strict=True) if kind == "reply"]
    assert all(text.startswith(head) for text, head in zip(told, HEADS[language], strict=True))
    # The owner is called when it begins and when it gets graver, and nothing is said twice.
    assert [alert.mention for alert in alerts if alert.kind == "root"] == ["li"]
    ids = [one["metadata"]["event_payload"]["alert_id"] for one in posted]
    assert len(set(ids)) == len(ids)
    beside = {one["ts"] for one in posted if one not in thread}
    assert {alert.kind for alert in alerts if alert.slack_ts in beside} == {"report", "root", "summary"}
