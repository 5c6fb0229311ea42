"""A whole house for tests: a world of sources on loopback, a strict Slack, a configuration folder, and the program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from stdnum.iso7064 import mod_97_10

from monitor.app.demo.fake_slack import FakeSlack
from monitor.app.demo.world import Entity, Notice, Servers, Story, World

PROGRAM = (sys.executable, "-c", "from monitor.app.cli import main; main()")

SETTINGS = """\
timezone: UTC
store: {store}
waits: {{tick: 200ms, spread: 0s, group: 0s, settle: 1s, opening: 1s, backoff_cap: 2s}}
sources:
  gleif: {{base_url: "http://127.0.0.1:{gleif}", allow_private: true, pace: 0, every: 1s}}
  gb_gazette: {{base_url: "http://127.0.0.1:{gb_gazette}", allow_private: true, pace: 0, every: 1s}}
  feed: {{base_url: "http://127.0.0.1:{feed}", allow_private: true, pace: 0, every: 1s}}
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
    env: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def configure(self, customers: str, *, more: str = "") -> None:
        (self.home / "watchlist.yaml").write_text(customers, encoding="utf-8")
        text = SETTINGS.format(store=self.store, more=more, **self.servers.ports)
        (self.home / "counterwatch.yaml").write_text(text, encoding="utf-8")

    def environment(self, *, token: bool = True) -> dict[str, str]:
        own = {"STATE_DIRECTORY": str(self.home / "state"), "CONFIGURATION_DIRECTORY": str(self.home), "COLUMNS": "200"}
        if token:
            own |= {"SLACK_BOT_TOKEN": self.slack.bot_token, "SLACK_API_URL": self.slack.base_url}
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLACK_", "COUNTERWATCH_"))}
        return clean | own | self.env

    def run(self, *words: str, token: bool = True, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [*PROGRAM, *words],
            env=self.environment(token=token),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *words: str, token: bool = True) -> subprocess.Popen[str]:
        """Start the daemon."""
        process = subprocess.Popen(
            [*PROGRAM, "run", *words],
            env=self.environment(token=token),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
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

    def wait(self, what: Callable[[], object], seconds: float = 20.0) -> None:
        """Wait until something holds; fail with what Slack heard if it never does."""
        until = time.monotonic() + seconds
        while not what():
            if time.monotonic() > until:
                heard = "\n".join(entry["text"][:120] for entry in self.slack.log("message"))
                raise AssertionError(f"it never came to that; Slack heard:\n{heard}")
            time.sleep(0.05)


def ended(
    process: subprocess.Popen[str], *, by: signal.Signals = signal.SIGTERM, within: float = 15.0
) -> tuple[int, str]:
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
    **slack: Any,
) -> Iterator[House]:
    """Open a house with these invented companies in the registry."""
    world = World(today=datetime.now(UTC))
    for n in companies:
        world.entities[lei(n)] = entity(n)
    world.feeds["/trade.rss"] = [Story("t-1", "Orders steady, trade body says", "Little changed.", datetime.now(UTC))]
    with FakeSlack(**({"rate": 0, "tiers": False} | slack)) as fake, servers_type(world) as servers:
        found = House(home, world, servers, fake, store)
        try:
            yield found
        finally:
            found.clear()
