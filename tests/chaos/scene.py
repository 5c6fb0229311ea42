"""A scene: the real daemon against stormy sources and a strict Slack, with true changes planted into the trouble."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.app import door, wiring
from monitor.app.daemon import Daemon
from monitor.app.demo.world import Story
from monitor.app.running import in_loop
from monitor.edge.settings import Keyring, Places, Secret, SlackAccess
from tests.chaos import reader
from tests.chaos.storm import Stormy, Weather
from tests.house import HandClock, House, ended, house, lei, notice, watchlist

COMPANIES = 8


@dataclass
class Scene:
    """One house in trouble. `plant` makes a true change; `verdict` lets the independent reader judge."""

    house: House
    servers: Stormy
    planted: list[tuple[str, str]] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)  # what a fault saw beside the reader's verdict
    clock: HandClock | None = None
    server: Any = None  # a PostgreSQL server of the scene's own
    _inside: _Inside | None = None
    _next: int = 0

    # ------------------------------------------------------------------ the daemon

    def start(self, *, baseline: bool = True) -> None:
        """Start the daemon as a process and wait for its opening report."""
        self.house.start("--log", "warning")
        if baseline:
            self.wait(lambda: self.house.messages("Now watching"), 60)

    def start_inside(self) -> HandClock:
        """Start it in this process, with a clock that the fault can set."""
        self._inside = _Inside(self.house)
        self.clock = self._inside.clock
        self.wait(lambda: self.house.messages("Now watching"), 60)
        return self.clock

    @property
    def process(self) -> Any:
        return self.house.started[-1]

    def stop(self) -> None:
        if self._inside is not None:
            self._inside.stop()
            self._inside = None
        for process in self.house.started:
            if process.poll() is None:
                code, log = ended(process, within=25)
                assert code == 0, log
                assert "Traceback" not in log, log

    # ------------------------------------------------------------------ the world

    def plant(self, kind: str = "dissolved") -> str:
        """Make one true change to a company that had none; return its customer id."""
        number, self._next = self._next, self._next + 1
        assert number < COMPANIES, "the scene has no more companies"
        world, now = self.house.world, datetime.now(UTC)
        if kind == "news":
            title = f"Tested Company {number:03d} Ltd files for bankruptcy after fire"
            world.feeds["/trade.rss"].insert(0, Story(f"n-{number}", title, "The court was told today.", now))
            world.today = now
            self.planted.append(("ins.proceeding_opened", f"c{number}"))
        elif kind == "dissolved":
            world.change(lei(number), status="INACTIVE", events=(("DISSOLUTION", now.date()),))
            self.planted.append(("reg.dissolved", f"c{number}"))
        else:
            case = f"No CR-2026-{number:06d}"
            world.notices.append(notice(7000000 + number, "2452", "Winding-Up Orders", number, now, case))
            world.today = now
            self.planted.append(("ins.proceeding_opened", f"c{number}"))
        return f"c{number}"

    def weather(self, source: str, weather: Weather | None) -> None:
        if weather is None:
            self.servers.weather.pop(source, None)
        else:
            self.servers.weather[source] = weather

    @contextmanager
    def under(self, source: str, weather: Weather) -> Iterator[None]:
        """Let a source suffer for as long as the block lasts."""
        self.weather(source, weather)
        try:
            yield
        finally:
            self.weather(source, None)

    def asked(self, source: str) -> int:
        return sum(1 for one in self.servers.log if one.source == source)

    def until_asked(self, source: str, more: int = 2, seconds: float = 30.0) -> None:
        """Wait until a source has been asked this often again."""
        before = self.asked(source)
        self.wait(lambda: self.asked(source) >= before + more, seconds)

    # ------------------------------------------------------------------ what is seen

    def wait(self, what: Callable[[], object], seconds: float = 30.0) -> None:
        self.house.wait(what, seconds)

    def told(self, customer: str) -> bool:
        return bool(self.house.messages(f"Tested Company {int(customer[1:]):03d} Ltd (UK)"))

    def ops(self, text: str = "") -> list[str]:
        """Return what the operators were told of trouble, oldest first."""
        said = [m["text"] for m in self.house.messages(text)]
        found = [one for one in said if one.startswith("NOTICE") and "Now watching" not in one]
        return [re.sub(r"\s+", " ", one)[:160] for one in found]

    def say(self, fact: str) -> None:
        self.facts.append(fact)

    def until_told(self, seconds: float = 45.0) -> None:
        """Wait until every planted change has been told."""
        self.wait(lambda: all(self.told(who) for _, who in self.planted), seconds)

    def verdict(self, *, rest: float = 1.5) -> reader.Findings:
        """Wait for all that was planted, rest so that a second telling would come, leave, and let the reader judge."""
        self.until_told()
        time.sleep(rest)
        self.stop()
        return reader.read(self.planted, self.store_url, self.house.messages())

    @property
    def store_url(self) -> str:
        name = self.house.store
        if not name.startswith("sqlite"):
            return name
        return f"sqlite:///{self.house.home / 'state' / name.removeprefix('sqlite:///')}"

    @property
    def database(self) -> Path:
        found = reader.file_of(self.store_url)
        assert found is not None, "this scene's store is no file"
        return found

    def peak_mb(self) -> float:
        """Return the most memory the daemon's process ever held, in megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


class _Inside:
    """The daemon in a thread of this process, as it runs anywhere else but for its clock."""

    def __init__(self, h: House) -> None:
        self.clock = HandClock(datetime.now(UTC), running=True)
        self._places = Places(h.home, h.home / "state")
        self._keyring = Keyring(SlackAccess(bot_token=Secret(h.slack.bot_token), api_url=h.slack.base_url))
        self._daemon: Daemon | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: in_loop(self._run()), name="daemon", daemon=True)
        self._thread.start()

    async def _run(self) -> None:
        from monitor.edge import config as configs
        from monitor.watcher import discover

        config = configs.load(self._places.config, sources=discover())
        desk = wiring.desk(self._places, self._keyring, config=config, clock=self.clock)
        out = door.open_door(config, self._keyring, self._places, self.clock)
        self._daemon = Daemon(desk, door.deliverer(desk, out), out)
        self._loop = asyncio.get_running_loop()
        await self._daemon.run()

    def stop(self) -> None:
        if self._loop is not None and self._daemon is not None:
            self._loop.call_soon_threadsafe(self._daemon.stop)
        self._thread.join(20)
        assert not self._thread.is_alive(), "the daemon did not leave within 20 seconds"


@contextmanager
def scene(home: Path, *, store: str = "sqlite:///counterwatch.db", more: str = "") -> Iterator[Scene]:
    """Set the stage: eight invented companies, sources on loopback, Slack; the daemon is started by the fault."""
    with house(home, range(COMPANIES), store=store, servers_type=Stormy, real=True) as h:
        h.configure(watchlist(range(COMPANIES)), more=more)
        settings = home / "counterwatch.yaml"
        feed = "feed: {urls: [https://news.example/trade.rss], "
        settings.write_text(settings.read_text().replace("feed: {", feed))
        h.world.feeds["/trade.rss"] += [
            Story(f"t-{n}", f"Café prices, part {n}", "Little changed.", datetime.now(UTC)) for n in range(2, 9)
        ]
        assert isinstance(h.servers, Stormy)
        found = Scene(h, h.servers)
        try:
            yield found
        finally:
            h.servers.weather.clear()
            if found._inside is not None:
                found._inside.stop()
