"""In a network with one CONNECT proxy, a private authority and no DNS the program works as everywhere else."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.watcher import discover
from tests.corporate import Front, Proxy, authority
from tests.house import PROGRAM, House, house, lei, notice, watchlist

ROOT = Path(__file__).parents[2]
PORT, PASSWORD = 3128, "proxy-canary-7"
HOSTS = ("gleif.example.com", "gazette.example.com", "feeds.example.com", "slack.example.com")

SETTINGS = """\
timezone: UTC
store: sqlite:///counterwatch.db
http: {{proxy: "http://me@127.0.0.1:{port}", ca_bundle: {ca}}}
waits: {{tick: 200ms, spread: 0s, group: 0s, settle: 1s, opening: 1s, backoff_cap: 2s}}
sources:
  gleif: {{base_url: "https://gleif.example.com", pace: 0, every: 1s}}
  gb_gazette: {{base_url: "https://gazette.example.com", pace: 0, every: 1s}}
  feed: {{base_url: "https://feeds.example.com", pace: 0, every: 1s, urls: ["https://trade.example.com/trade.rss"]}}
"""


def _unshared() -> str | None:
    """Return why no network of its own can be made here, or None."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return "needs unshare (util-linux) and ip (iproute2)"
    made = subprocess.run(["unshare", "-rn", "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
    return None if made.returncode == 0 else "this machine lets nobody make a network namespace"


@dataclass
class Shut:
    """A house whose program lives in a network of its own."""

    house: House
    proxy: Proxy
    door: Path
    _running: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self, *program: str) -> asyncio.subprocess.Process:
        words = ["unshare", "-rn", sys.executable, "-m", "tests.chaos.shut_in", str(self.door), str(PORT), *program]
        environment = self.house.environment() | {
            "SLACK_API_URL": "https://slack.example.com/api/",
            "COUNTERWATCH_PROXY_PASSWORD": PASSWORD,
            "PYTHONPATH": str(ROOT),
        }
        pipe = asyncio.subprocess.PIPE
        one = await asyncio.create_subprocess_exec(
            *words, cwd=ROOT, env=environment, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        self._running.append(one)
        return one

    async def run(self, *program: str) -> tuple[int, str]:
        one = await self.start(*program)
        said, _ = await asyncio.wait_for(one.communicate(), 60)
        return one.returncode or 0, said.decode()

    async def hears(self, text: str, seconds: float = 60.0) -> None:
        """Wait until Slack heard something."""
        async with asyncio.timeout(seconds):
            while not self.house.messages(text):
                await asyncio.sleep(0.1)

    async def clear(self) -> None:
        for one in self._running:
            if one.returncode is None:
                one.kill()
                await one.communicate()


@pytest.fixture
async def shut(tmp_path: Path) -> AsyncIterator[Shut]:
    if (reason := _unshared()) is not None:
        pytest.skip(reason)
    company = authority(tmp_path)
    tls = company.issue(*HOSTS)
    with house(tmp_path / "etc", range(3)) as h:
        (tmp_path / "etc").mkdir()
        (h.home / "watchlist.yaml").write_text(watchlist(range(3)), "utf-8")
        others = discover().keys() - {"gleif", "gb_gazette", "feed"}
        settings = SETTINGS.format(port=PORT, ca=company.bundle)
        settings += "".join(f"  {name}: {{enabled: false}}\n" for name in sorted(others))
        (h.home / "counterwatch.yaml").write_text(settings, "utf-8")
        slack_port = int(h.slack.base_url.split("/")[2].rpartition(":")[2])
        ports = (h.servers.ports["gleif"], h.servers.ports["gb_gazette"], h.servers.ports["feed"], slack_port)
        async with AsyncExitStack() as stack:
            routes = {}
            for host, port in zip(HOSTS, ports, strict=True):
                front = await stack.enter_async_context(Front(tls, port))
                routes[f"{host}:443"] = ("127.0.0.1", front.port)
            door = tmp_path / "door"
            proxy = await stack.enter_async_context(Proxy(routes, password=PASSWORD, socket=door))
            found = Shut(h, proxy, door)
            stack.push_async_callback(found.clear)
            yield found


@pytest.mark.slow
async def test_behind_a_proxy_without_dns_sources_are_seen_and_alerts_arrive(shut: Shut) -> None:
    daemon = await shut.start(*PROGRAM, "run", "--log", "debug")
    await shut.hears("Now watching 3 new customers")

    shut.house.world.change(lei(1), status="INACTIVE", events=(("DISSOLUTION", datetime.now(UTC).date()),))
    shut.house.world.notices.append(notice(5000001, "2450", "Petitions to Wind Up (Companies)", 2, datetime.now(UTC)))
    shut.house.world.today = datetime.now(UTC)
    await shut.hears("Tested Company 001 Ltd (UK)")
    await shut.hears("Tested Company 002 Ltd (UK)")
    daemon.terminate()
    said, _ = await asyncio.wait_for(daemon.communicate(), 30)

    assert daemon.returncode == 0, said.decode()
    assert len(shut.house.messages("Tested Company 001 Ltd (UK)")) == 1
    assert len(shut.house.messages("Tested Company 002 Ltd (UK)")) == 1
    assert PASSWORD not in said.decode()
    assert {line.split(" ")[1] for line in shut.proxy.asked} == {f"{host}:443" for host in HOSTS}


@pytest.mark.slow
async def test_behind_a_proxy_web_checks_say_that_they_are_not_measurable(shut: Shut) -> None:
    code, said = await shut.run(sys.executable, "-m", "tests.chaos.web_check", str(shut.house.home))

    assert (code, said.strip()) == (0, "blocked: not measurable behind a proxy: the certificate of www.example.com")
    assert shut.proxy.asked == []


@pytest.mark.slow
async def test_behind_a_proxy_the_doctor_knows_what_it_can_reach(shut: Shut) -> None:
    _, doctor = await shut.run(*PROGRAM, "doctor", "--json")
    code, reached = await shut.run(*PROGRAM, "doctor", "--reach", "--json")
    shut.proxy.refuses = {"gazette.example.com:443": 403}
    barred_code, barred = await shut.run(*PROGRAM, "doctor", "--reach", "--json")

    assert "not measurable" in next(one["says"] for one in _rows(doctor) if one["what"] == "proxy")
    assert {one["host"]: one["verdict"] for one in _rows(reached)} == dict.fromkeys(HOSTS, "reachable")
    assert code == 0
    assert [one["host"] for one in _rows(barred) if one["verdict"] == "here"] == ["gazette.example.com"]
    assert barred_code == 1


def _rows(text: str) -> Sequence[dict[str, str]]:
    read: Callable[[str], dict[str, str]] = json.loads
    return [read(line) for line in text.splitlines() if line.startswith("{")]
