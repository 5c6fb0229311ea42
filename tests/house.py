"""A whole house for tests: a world of sources on loopback, a strict Slack, a configuration folder, and the program."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from stdnum.iso7064 import mod_97_10

from monitor.app import duties, plan, poll, screening, wiring
from monitor.app.demo.fake_slack import FakeSlack
from monitor.app.demo.world import Entity, Notice, Servers, Story, World
from monitor.app.desk import Desk, Rules
from monitor.edge import config as configs
from monitor.edge.http import Client
from monitor.edge.settings import Keyring, Places
from monitor.edge.store import Store, digests, outbox, read, turns
from monitor.edge.store.codec import StoredEvent
from monitor.edge.store.commit import Plan
from monitor.judge.match import Index
from monitor.model import Alert, Look, Record, Turn
from monitor.watcher import Ask, Findings, Target, Watcher, discover
from tests import zygote

Process = subprocess.Popen[str] | zygote.Program
PROGRAM = (sys.executable, "-c", "from monitor.app.cli import main; main()")

SETTINGS = """\
timezone: UTC
store: {store}
listen: {listen}
waits: {{tick: 200ms, spread: 0s, group: 0s, settle: 1s, opening: 1s, backoff_cap: 2s}}
sources:
  gleif: {{base_url: "http://127.0.0.1:{gleif}", allow_private: true, pace: 0, every: 1s}}
  gb_gazette: {{base_url: "http://127.0.0.1:{gb_gazette}", allow_private: true, pace: 0, every: 1s}}
  feed: {{base_url: "http://127.0.0.1:{feed}", allow_private: true, pace: 0, every: 1s}}
{others}
{more}
"""


def lei(number: int) -> str:
    """Return the LEI of the invented company `number`."""
    base = f"2138TESTCOMPANY{number:03d}"
    return base + mod_97_10.calc_check_digits(base)


def entity(number: int, **fields: Any) -> Entity:
    known = {
        "name": f"TESTED COMPANY {number:03d} LTD",
        "country": "GB",
        "city": "LEEDS",
        "street": f"{number} HIGH STREET",
        "postcode": "LS1 1AA",
        "register": ("RA000585", f"{9000000 + number:08d}"),
        "founded": date(2001, 2, 3),
    }
    return Entity(lei(number), **(known | fields))


def notice(number: int, code: str, category: str, company: int, published: datetime, more: str = "") -> Notice:
    title = f"TESTED COMPANY {company:03d} LTD"
    content = f"Name of Company: {title} Company Number: {9000000 + company:08d} {more}"
    return Notice(number, code, category, title, content, published)


def watchlist(numbers: range, **extra: str) -> str:
    """Return a watchlist of invented companies; `extra` are more lines of each, with {n} for the number."""
    rows = ["version: 1", "customers:"]
    for n in numbers:
        rows += [
            f"  - name: Tested Company {n:03d} Ltd",
            f"    id: c{n}",
            "    country: GB",
            f'    ids: {{lei: {lei(n)}, gb_company: "{9000000 + n:08d}"}}',
            *(f"    {key}: {value.format(n=n)}" for key, value in extra.items()),
        ]
    return "\n".join(rows) + "\n"


@dataclass
class House:
    """The folders, the world, and Slack; the program runs as a subprocess, as on a server."""

    home: Path
    world: World
    servers: Servers
    slack: Any
    store: str = "sqlite:///counterwatch.db"
    listen: str = "off"
    env: dict[str, str] = field(default_factory=dict)
    started: list[Process] = field(default_factory=list)
    real: bool = False  # each start is a new interpreter; else a fork of one that has imported everything

    def configure(self, customers: str, *, more: str = "") -> None:
        (self.home / "watchlist.yaml").write_text(customers, encoding="utf-8")
        ports = self.servers.ports  # nobody serves the other sources here
        others = "".join(f"  {name}: {{enabled: false}}\n" for name in discover() if name not in ports)
        text = SETTINGS.format(store=self.store, listen=self.listen, more=more, others=others, **ports)
        (self.home / "counterwatch.yaml").write_text(text, encoding="utf-8")

    def environment(self, *, token: bool = True) -> dict[str, str]:
        own = {"STATE_DIRECTORY": str(self.home / "state"), "CONFIGURATION_DIRECTORY": str(self.home), "COLUMNS": "200"}
        if token:
            own |= {"SLACK_BOT_TOKEN": self.slack.bot_token, "SLACK_API_URL": self.slack.base_url}
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLACK_", "COUNTERWATCH_"))}
        return clean | own | self.env

    def run(self, *words: str, token: bool = True, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        if not self.real:
            return zygote.run(words, self.environment(token=token), timeout)
        return subprocess.run(
            [*PROGRAM, *words],
            env=self.environment(token=token),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *words: str, token: bool = True) -> Process:
        """Start the daemon."""
        process: Process
        if self.real:
            process = subprocess.Popen(
                [*PROGRAM, "run", *words],
                env=self.environment(token=token),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        else:
            process = zygote.start(["run", *words], self.environment(token=token))
        self.started.append(process)
        return process

    def clear(self) -> None:
        """Leave no daemon behind, whatever the test did."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def messages(self, text: str = "") -> list[dict[str, Any]]:
        return [entry for entry in self.slack.log("message") if text in entry["text"]]

    def wait(self, what: Callable[[], object], seconds: float = 30.0) -> None:
        """Wait until something holds; fail with what Slack heard if it never does."""
        until = time.monotonic() + seconds
        while not what():
            if time.monotonic() > until:
                heard = "\n".join(entry["text"][:120] for entry in self.slack.log("message"))
                raise AssertionError(f"it never came to that; Slack heard:\n{heard}")
            time.sleep(0.05)


def ended(process: Process, *, by: signal.Signals = signal.SIGTERM, within: float = 15.0) -> tuple[int, str]:
    """Send a signal and return the exit code and the log."""
    if process.poll() is None:
        process.send_signal(by)
    out, _ = process.communicate(timeout=within)
    return process.returncode, out


@contextmanager
def house(
    home: Path,
    companies: range,
    *,
    store: str = "sqlite:///counterwatch.db",
    servers_type: type[Servers] = Servers,
    real: bool = False,
    **slack: Any,
) -> Iterator[House]:
    """Open a house with these invented companies in the registry."""
    world = World(today=datetime.now(UTC))
    for n in companies:
        world.entities[lei(n)] = entity(n)
    world.feeds["/trade.rss"] = [Story("t-1", "Orders steady, trade body says", "Little changed.", datetime.now(UTC))]
    with FakeSlack(**({"rate": 0, "tiers": False} | slack)) as fake, servers_type(world) as servers:
        found = House(home, world, servers, fake, store, real=real or not zygote.available())
        try:
            yield found
        finally:
            found.clear()


# --------------------------------------------------------------------------- the same in one process


async def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something holds; fail if it does not in time."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came to that"
        await asyncio.sleep(0.02)


MORNING = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


class HandClock:
    """A clock that the test moves: `pass_` lets time go by, `jump` sets the wall clock alone, as a person would."""

    def __init__(self, at: datetime = MORNING, *, running: bool = False) -> None:
        self._at, self._running = at, running
        self._passed = 0.0
        self._began = time.monotonic()

    def _ran(self) -> float:
        return time.monotonic() - self._began if self._running else 0.0

    def now(self) -> datetime:
        return self._at + timedelta(seconds=self._ran())

    def monotonic(self) -> float:
        return self._began + self._passed + self._ran()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def pass_(self, length: timedelta) -> None:
        self._at += length
        self._passed += length.total_seconds()

    def jump(self, length: timedelta) -> None:
        self._at += length


Said = Findings | Exception


class Source:
    """A small watcher for tests: it says what the test put into its mouth, for each subject."""

    def __init__(self, name: str = "register", said: Said | None = None, **declared: Any) -> None:
        self.said: dict[str, Said] = {}
        self.otherwise: Said = said or Findings()
        self.asked: list[Ask] = []
        self.watcher = Watcher(
            **{
                "name": name,
                "family": "registry",
                "title": name.replace("_", " ").title(),
                "poll": self._poll,
                "scope": "customer",
                "mode": "state",
                "kinds": ("company",),
                "duties": (1,),
                "needs": ("gb_company",),
                "jurisdictions": ("*",),
                "hosts": (),
                "every": timedelta(hours=8),
                "pace": 0.0,
                "credentials": (),
                "optional_credentials": (),
                "version": 1,
                "official": True,
                "default_on": True,
                "experimental": False,
                "needs_agreement": False,
                "targets": None,
                "max_bytes": 1_000_000,
                "max_seconds": 5.0,
                "terms": "",
                "docs": "",
                "about": "",
                **declared,
            }
        )

    async def _poll(self, ask: Ask) -> Findings:
        self.asked.append(ask)
        subject = ask.customer.id if ask.customer else ask.target.key if ask.target else ""
        said = self.said.get(subject, self.otherwise)
        if isinstance(said, Exception):
            raise said
        return said


def paper(name: str = "paper", *places: str, **declared: Any) -> Source:
    """Return a source of news: one stream, or one for each of `places`."""
    keys = places or (name,)
    news: dict[str, Any] = {
        "family": "news",
        "scope": "stream",
        "mode": "log",
        "kinds": ("article",),
        "needs": (),
        "official": False,
    }
    return Source(name, targets=lambda customers, settings: [Target(key) for key in keys], **(news | declared))


def article(key: str, title: str, *, outlet: str = "Evening Paper", day: str = "2026-11-03", **fields: Any) -> Record:
    own = {"title": title, "outlet": outlet, "language": "en", **fields}
    return Record("article", key, own, f"{day}T07:00:00+00:00", f"https://news.example/{key}")


def company(status: str = "active", *, key: str = "1", **fields: Any) -> Record:
    return Record("company", key, {"name": "TESTED COMPANY 001 LTD", "status": status, "country": "GB", **fields})


def found(*records: Record, **more: Any) -> Findings:
    return Findings(records, **more)


@dataclass
class Office:
    """A desk with real rules, a real store and a clock of its own; looks are taken one by one.

    Without `sources` it has those that are shipped.
    """

    home: Path
    store: Store
    clock: HandClock
    sources: tuple[Source, ...]
    customers: str
    more: str = ""
    waits: str = "waits: {spread: 0s}"
    desk: Desk = field(init=False)
    _clients: list[Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self, customers: str | None = None, *sources: Source, more: str | None = None) -> None:
        """Read the configuration, as a start does; also again, with another watchlist, other sources or settings."""
        self.customers = customers or self.customers
        self.sources = sources or self.sources
        self.more = self.more if more is None else more
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "watchlist.yaml").write_text(self.customers, encoding="utf-8")
        (self.home / "counterwatch.yaml").write_text(f"{self.waits}\n{self.more}\n", encoding="utf-8")
        shipped = dict(discover())
        watchers = {one.watcher.name: one.watcher for one in self.sources} or shipped
        config = configs.load(self.home, sources=shipped | watchers)
        places, keyring = Places(self.home, self.home / "state"), Keyring()
        self.desk = Desk(
            config=config,
            assignments=plan.plan(config.customers, config.settings, watchers, wiring.present(keyring, watchers)),
            watchers=watchers,
            rules=_rules(),
            keyring=keyring,
            store=self.store,
            client=wiring.client(config, watchers, keyring, places, self.clock),
            clock=self.clock,
            index=Index(config.customers),
            customers={customer.id: customer for customer in config.customers},
        )

        self._clients.append(self.desk.client)

    async def close(self) -> None:
        """End the connections to the sources."""
        for client in self._clients:
            await client.close()

    async def start(self) -> Plan:
        """Settle the plan and look for new customers in what is known, as the daemon does first."""
        now = self.clock.now()
        meant = await self.store.write(lambda conn: wiring.settle_plan(conn, self.desk, now, window=0))
        fresh = [*meant.added, *meant.back]
        await self.store.write(lambda conn: screening.screen(conn, self.desk, fresh, now))
        return meant

    async def look(self, source: str, subject: str, *, after: timedelta = timedelta(0)) -> Look | None:
        """Let time pass and take one turn of a watch."""
        self.clock.pass_(after)
        turn = await self.take(source, subject)
        look = await poll.run(turn, self.desk)
        await self.store.flush()
        return look

    async def take(self, source: str, subject: str) -> Turn:
        now = self.clock.now()
        turn = await self.store.write(lambda conn: turns.take(conn, source, subject, now, 60))
        assert turn is not None, f"nobody watches {subject} in {source}"
        return turn

    async def duties(self, *, after: timedelta = timedelta(0), patience: bool = True) -> None:
        self.clock.pass_(after)
        now = self.clock.now()
        await self.store.write(lambda conn: duties.round_(conn, self.desk, now, patience=patience))

    async def deliver(self) -> list[Alert]:
        """Let everything that may leave by now arrive, as if Slack had answered; return it in the order it left."""
        now = self.clock.now()

        def job(conn: Connection) -> list[Alert]:
            ready = outbox.pending(conn, now, 1000)
            for n, one in enumerate(ready):
                claimed = outbox.claim(conn, one.id, now)
                assert claimed is not None
                ts = f"{now.timestamp():.0f}.{n:06d}"
                if one.facts.get("members"):
                    digests.sent(conn, claimed, "C1", ts, now)
                else:
                    outbox.sent(conn, one.id, "C1", ts, now, one.shown)
            return ready

        return await self.store.write(job)

    async def events(self, pattern: str = "*", customer: str | None = None) -> list[StoredEvent]:
        """Return stored events, oldest first."""
        rows = await self.store.read(lambda conn: read.events(conn, customer=customer))
        return [one for one in reversed(rows) if fnmatchcase(one.event.type, pattern)]

    async def alerts(self, *, state: str | None = None, ops: bool = False) -> list[Alert]:
        """Return the alerts about customers (or those to the operators), oldest first."""
        rows = await self.store.read(lambda conn: read.alerts(conn, state=state))
        return [one for one in reversed(rows) if one.kind != "report" and (one.kind == "ops") == ops]

    async def told(self) -> list[tuple[str, str]]:
        """Return what went out about customers: type and severity, oldest first. What the daily digest tells is not in it."""
        events = {one.event.id: one.event.type for one in await self.events()}
        out = [a for a in await self.alerts() if a.state != "suppressed" and a.kind not in ("line", "summary")]
        return [(events[a.event or ""], a.severity.value) for a in out]

    async def notices(self) -> list[str]:
        """Return the codes of what the operators were told, oldest first."""
        return [str(a.facts["code"]) for a in await self.alerts(ops=True)]

    async def reports(self) -> list[dict[str, Any]]:
        rows = await self.store.read(read.alerts)
        return [dict(one.facts) for one in reversed(rows) if one.kind == "report"]


@cache
def _rules() -> Rules:
    return wiring.rules()


Opened = Callable[..., Office]  # the fixture `office`
