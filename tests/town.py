"""A small world for stories: real watchers over HTTP, a strict Slack, and a clock the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.app import agenda, deciding
from monitor.app.demo.world import Servers, Story, World
from monitor.edge.store import Store, dates
from monitor.watcher import discover
from tests.delivery import Fake
from tests.house import MORNING, HandClock, Office, entity, lei, notice
from tests.telling import Room

CASE = "No CR-2026-000321"
WATCHLIST = f"""\
version: 1
defaults: {{{{tier: {{tier}}, owner: li}}}}
customers:
  - name: Tested Company 001 Ltd
    id: c1
    country: GB
    ids: {{{{lei: {lei(1)}, gb_company: "09000001"}}}}
    terms: OA60
    exposure: {{{{open: 84000, in_transit: 26000, currency: USD}}}}
    insured: {{{{by: sinosure, limit: 60000, share: 0.9}}}}
"""
ANOTHER = """\
  - name: Tested Company {n:03d} Ltd
    id: c{n}
    country: GB
    ids: {{lei: {lei}, gb_company: "{number:08d}"}}
"""
SETTINGS = """\
language: {language}
timezone: Asia/Shanghai
currency: USD
people: {{li: {{mail: li.wei@example.com, slack: U012ABCDEF}}}}
insurers: {{sinosure: {{report_insolvency_workdays: 5, calendar: CN}}}}
waits: {{spread: 0s, group: 1s}}
sources:
  gleif: {{base_url: "http://127.0.0.1:{gleif}", allow_private: true, pace: 0}}
  gb_gazette: {{base_url: "http://127.0.0.1:{gb_gazette}", allow_private: true, pace: 0}}
  feed: {{base_url: "http://127.0.0.1:{feed}", allow_private: true, pace: 0, urls: ["https://trade.example/trade.rss"]}}
{others}
{more}
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

    async def until(self, text: str, *, hour: str = "10:00") -> None:
        """Let time pass up to a day and hour in Shanghai, each day with what is owed on it, and look at everything."""
        until = datetime.fromisoformat(f"{text}T{hour}:00+08:00")
        while self.now() < until:
            self.room.pass_(seconds=min((until - self.now()).total_seconds(), 86_400.0))
            self.world.today = self.now()
            await self.owed()
        await self.looks()

    async def begins(self) -> None:
        """Take every first look, and tell the opening report."""
        await self.office.start()
        await self.looks()

    def petition(self, **more: int) -> None:
        """A creditor asks the court to wind up a company; it hears that on 25 November."""
        text = f"{CASE} A Petition to wind up the above-named company will be heard at London on 25 November 2026"
        self.publishes("2450", "Petitions to Wind Up (Companies)", f"In the High Court of Justice {text}", **more)

    def order(self) -> None:
        """The court orders company 1 to be wound up."""
        self.publishes("2452", "Winding-Up Orders", f"{CASE} Date of Winding up Order: 25 November 2026")

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

    def heard(self, *, since: int = 1) -> list[str]:
        """Return what the customers' channel was told after the opening report, replies marked."""
        print("\n\n".join(told := [_marked(one) for one in self.room.posted()[since:]]))
        return told


def _marked(message: dict[str, Any]) -> str:
    return ("   ↳ " if message.get("thread_ts") else "") + str(message["text"])


@contextmanager
def town(home: Path, language: str, *, customers: int = 2, tier: str = "A", more: str = "") -> Iterator[Town]:
    """Open a town with so many companies. The first owes us money; a customer of tier A is muted for nothing grave."""
    numbers = range(1, customers + 1)
    world = World(today=MORNING)
    world.entities = {lei(n): entity(n) for n in numbers}
    world.feeds["/trade.rss"] = [Story("t-1", "Orders steady, trade body says", "Little changed.", MORNING)]
    watched = WATCHLIST.format(tier=tier)
    watched += "".join(ANOTHER.format(n=n, lei=lei(n), number=9000000 + n) for n in numbers[1:])
    with (
        Servers(world) as servers,
        Fake(rate=0, tiers=False) as fake,
        Store.open(f"sqlite:///{home / 'counterwatch.db'}") as store,
    ):
        ports = servers.ports
        others = "".join(f"  {name}: {{enabled: false}}\n" for name in discover() if name not in ports)
        settings = SETTINGS.format(language=language, others=others, more=more, **ports)
        office = Office(home / "etc", store, HandClock(running=True), (), watched, settings, waits="")
        yield Town(Room(office, fake), world)
