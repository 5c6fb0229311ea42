"""What the service manager and whoever asks /healthz and /metrics learn of the daemon: progress, never mere life."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from monitor.app import door, speech, supervised
from monitor.app.daemon import Daemon
from monitor.app.metrics import Latency
from monitor.app.pulse import Pulse
from monitor.app.served import Served
from monitor.app.supervised import Starting, Supervised
from monitor.edge.console import Console
from monitor.edge.store import Store, read
from monitor.edge.systemd import Manager
from monitor.model import Alert, Severity
from tests.house import MORNING, HandClock, House, Office, Source, company, ended, found, house, until, watchlist

WAITS = "waits: {tick: 50ms, spread: 0s, group: 0s, opening: 0s, backoff_cap: 1s}\n"


class Ear:
    """The manager's socket; what it heard, one mapping for each datagram."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.name)
        self.socket.setblocking(False)
        self._heard: list[dict[str, str]] = []

    @property
    def heard(self) -> list[dict[str, str]]:
        while True:
            try:
                told = self.socket.recv(65536).decode()
            except BlockingIOError:
                return self._heard
            self._heard.append(dict(line.split("=", 1) for line in told.splitlines()))

    def words(self) -> list[str]:
        """Return the words that change its mind, in order."""
        kept = ("READY", "RELOADING", "STOPPING", "WATCHDOG")
        return [name for told in self.heard for name in told if name in kept]


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    one = Ear(tmp_path)
    yield one
    one.socket.close()


@asynccontextmanager
async def running(
    home: Path, store: Store, *, manager: Manager | None = None, place: str = "127.0.0.1:0", **given: Any
) -> AsyncIterator[tuple[Daemon, Pulse, Served]]:
    """Run a daemon of three customers, supervised and served, as long as the block lasts."""
    register = given.pop("register", None) or Source(said=found(company()), every=timedelta(hours=1))
    o = Office(home / "etc", store, HandClock(running=True), (register,), watchlist(range(1, 4)), waits=WAITS)
    out, felt = Console(io.StringIO()), Pulse()
    web = Served(felt, place, again=0.05)
    beside = (Supervised(felt, manager or Manager()).run, web.run)
    daemon = Daemon(o.desk, door.deliverer(o.desk, out), out, beside=beside)
    task = asyncio.create_task(daemon.run())
    try:
        await until(lambda: felt.ready or task.done())
        yield daemon, felt, web
    finally:
        daemon.stop()
        await asyncio.wait_for(task, 30)


async def get(web: Served, path: str, *, method: str = "GET") -> tuple[int, str]:
    await until(lambda: web.address)
    async with aiohttp.ClientSession() as session, session.request(method, f"{web.address}{path}") as answer:
        return answer.status, await answer.text()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store of each kind, for what the database decides."""
    with Store.open(store_url) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "own.db"


@pytest.fixture
def own(file: Path) -> Iterator[Store]:
    """A store in a file, for what any database will do."""
    with Store.open(f"sqlite:///{file}") as opened:
        yield opened


# --------------------------------------------------------------------------- what the manager hears


async def test_it_is_ready_then_alive_while_idle_and_says_at_once_that_it_leaves(
    store: Store, tmp_path: Path, ear: Ear
) -> None:
    async with running(tmp_path, store, manager=Manager(ear.name, watchdog=0.6)) as (daemon, _, _):
        await until(lambda: ear.words().count("WATCHDOG") >= 3)  # nothing has been due for a while

        daemon.stop()
        await until(lambda: "STOPPING" in ear.words())
        lines = [told["STATUS"] for told in ear.heard if "STATUS" in told]

    assert ear.words()[0] == "READY"
    assert ear.words()[-1] == "STOPPING"
    assert (ear.words().count("READY"), ear.words().count("STOPPING")) == (1, 1)
    assert lines[-1] == "the daemon is leaving"
    assert any(line.startswith("3 customers, 3 watches, 0 due; last look ") for line in lines)


async def test_a_reload_is_announced_with_its_moment_and_ends_ready(own: Store, tmp_path: Path, ear: Ear) -> None:
    async with running(tmp_path, own, manager=Manager(ear.name)) as (daemon, _, _):
        await until(lambda: "READY" in ear.words())
        before = time.monotonic_ns() // 1000
        for announce in daemon.reloading:
            announce(True)
        for announce in daemon.reloading:
            announce(False)

        assert ear.words() == ["READY", "RELOADING", "READY"]
        (reload,) = [told for told in ear.heard if "RELOADING" in told]
        assert before <= int(reload["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000


async def test_a_manager_that_did_not_hear_is_told_again_that_all_is_ready(own: Store, tmp_path: Path) -> None:
    async with running(tmp_path, own, manager=Manager(str(tmp_path / "notify"), watchdog=0.3)):
        late = Ear(tmp_path)

        await until(lambda: "READY" in late.words())
        late.socket.close()


# --------------------------------------------------------------------------- real progress


@asynccontextmanager
async def felt_by_hand(home: Path, own: Store, waits: str = WAITS) -> AsyncIterator[tuple[Daemon, HandClock, Feel]]:
    """Run a daemon whose pulse is felt by the test: the last of the three says whether the watchdog would be fed."""
    clock, felt = HandClock(running=True), Pulse()
    register = Source(said=found(company()), every=timedelta(hours=1))
    o = Office(home / "etc", own, clock, (register,), watchlist(range(1, 4)), waits=waits)
    out = Console(io.StringIO())
    daemon = Daemon(o.desk, door.deliverer(o.desk, out), out)
    ready = asyncio.Event()
    task = asyncio.create_task(daemon.run(ready=ready.set))

    class Hand:
        def __call__(self) -> bool:
            felt.feel(daemon)
            return felt.fed()

        def ill(self) -> str | None:
            return felt.ill(daemon, speech.voice())

        async def never(self, seconds: float) -> bool:
            """Feel for so long; return whether the watchdog would never have been fed after a first time."""
            quiet, end = 0, time.monotonic() + 10
            while quiet < 5 and time.monotonic() < end:  # what had moved before still counts, once all have moved
                await asyncio.sleep(0.1)
                quiet = 0 if self() else quiet + 1
            fed, end = [], time.monotonic() + seconds
            while time.monotonic() < end:
                await asyncio.sleep(0.05)
                fed.append(self())
            return not any(fed)

    try:
        await asyncio.wait_for(ready.wait(), 30)
        yield daemon, clock, Hand()
    finally:
        daemon.stop()
        await asyncio.wait_for(task, 30)


class Feel(Protocol):
    def __call__(self) -> bool: ...
    def ill(self) -> str | None: ...
    async def never(self, seconds: float) -> bool: ...


async def test_a_daemon_with_nothing_to_do_makes_progress(store: Store, tmp_path: Path) -> None:
    async with felt_by_hand(tmp_path, store) as (_, _, feel):
        for _ in range(3):
            await until(feel)

        assert feel.ill() is None


async def test_a_scheduler_that_ticks_once_an_hour_is_not_taken_for_a_hung_one(own: Store, tmp_path: Path) -> None:
    async with felt_by_hand(tmp_path, own, WAITS.replace("50ms", "1h")) as (_, clock, feel):
        await until(feel)
        clock.pass_(timedelta(minutes=30))

        await until(feel)
        assert feel.ill() is None


async def test_a_writer_that_hangs_feeds_no_watchdog_and_is_named(store: Store, tmp_path: Path) -> None:
    go_on = threading.Event()
    async with felt_by_hand(tmp_path, store) as (_, clock, feel):
        await until(feel)
        hanging = asyncio.ensure_future(store.write(lambda conn: go_on.wait()))
        try:
            assert await feel.never(1.0)
            clock.pass_(timedelta(seconds=61))
            await until(lambda: (feel(), feel.ill())[1])
            assert str(feel.ill()).startswith("the writer of the database has not moved for 6")
        finally:
            go_on.set()

        await hanging
        await until(feel)
        await until(lambda: (feel(), feel.ill())[1] is None)


async def test_a_scheduler_that_stands_still_feeds_no_watchdog(own: Store, tmp_path: Path) -> None:
    async with felt_by_hand(tmp_path, own) as (daemon, _, feel):
        await until(feel)
        daemon.scheduler.pause()
        assert await feel.never(1.0)

        daemon.scheduler.resume()
        await until(feel)


async def test_an_engine_that_claims_nothing_feeds_no_watchdog(own: Store, tmp_path: Path) -> None:
    async with felt_by_hand(tmp_path, own) as (daemon, _, feel):
        await until(feel)
        async with daemon.engine.still():
            assert await feel.never(1.0)

        await until(feel)


async def test_a_sender_that_hangs_feeds_no_watchdog(store: Store, tmp_path: Path) -> None:
    go_on = threading.Event()
    async with felt_by_hand(tmp_path, store) as (_, _, feel):
        await until(feel)
        readers = [asyncio.ensure_future(store.read(lambda conn: go_on.wait())) for _ in range(3)]
        try:
            assert await feel.never(1.0)
        finally:
            go_on.set()

        await asyncio.gather(*readers)
        await until(feel)


async def test_somebody_who_holds_the_write_lock_does_not_starve_the_watchdog(
    own: Store, file: Path, tmp_path: Path
) -> None:
    async with felt_by_hand(tmp_path, own) as (daemon, _, feel):
        await until(feel)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await until(lambda: daemon.engine.claiming)
            await until(feel, 20)
            await until(feel, 20)

            assert (daemon.engine.claiming, own.idle()) == (True, False)
            other.execute("ROLLBACK")
        await until(feel)


# --------------------------------------------------------------------------- /healthz


async def test_healthz_says_in_json_that_all_is_well(own: Store, tmp_path: Path) -> None:
    async with running(tmp_path, own) as (daemon, felt, web):
        await until(lambda: felt.figures)
        await until(lambda: daemon.engine.progress >= 3)

        status, body = await get(web, "/healthz")

    told = json.loads(body)
    assert status == 200
    assert told["ok"] and told["reason"] is None
    assert (told["customers"], told["watches"], told["sender"]) == (3, 3, "ok")
    assert told["last_look"].endswith("Z")


async def test_healthz_says_in_a_sentence_what_is_wrong(own: Store, file: Path, tmp_path: Path) -> None:
    away = file.with_name("elsewhere.db")
    async with running(tmp_path, own, manager=Manager(watchdog=0.3)) as (_, _, web):
        assert (await get(web, "/healthz"))[0] == 200
        file.rename(away)
        await until(lambda: own.trouble)

        status, body = await get(web, "/healthz")
        away.rename(file)

        await until(lambda: not own.trouble)
        assert (await get(web, "/healthz"))[0] == 200
    assert status == 503
    assert json.loads(body)["reason"].startswith("the database cannot be written: the database file has gone")


async def test_only_two_paths_and_only_reading(own: Store, tmp_path: Path) -> None:
    async with running(tmp_path, own) as (_, _, web):
        head = await get(web, "/healthz", method="HEAD")
        refused = [(await get(web, "/metrics", method=one))[0] for one in ("POST", "PUT", "DELETE", "OPTIONS")]
        strange = [(await get(web, path))[0] for path in ("/", "/metrics/", "/healthz/../etc/passwd", "/debug")]

    assert head == (200, "")
    assert refused == [405] * 4
    assert strange == [404] * 4


async def test_it_is_leaving_before_anybody_is_told_that_all_is_well() -> None:
    felt = Pulse()
    felt.leaving = True
    daemon: Any = None  # the first question that is answered is whether it leaves

    assert felt.ill(daemon, speech.voice()) == "the daemon is leaving"
    assert Pulse().ill(daemon, speech.voice("zh")) == "counterwatch 正在启动"


# --------------------------------------------------------------------------- /metrics


def samples(text: str) -> dict[str, float]:
    """Read an exposition with the library's own parser: `name{label="value"}` -> value."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            labels = ",".join(f'{key}="{value}"' for key, value in sorted(one.labels.items()))
            found[f"{one.name}{{{labels}}}" if labels else one.name] = one.value
    return found


async def test_the_figures_are_prometheus_and_name_no_customer(store: Store, tmp_path: Path) -> None:
    async with running(tmp_path, store) as (daemon, _, web):
        await until(lambda: daemon.engine.progress >= 3 and daemon.engine.running == 0)
        await store.flush()

        _, text = await get(web, "/metrics")

    told = samples(text)
    assert told['counterwatch_looks_total{outcome="changed",source="register"}'] == 3
    assert told['counterwatch_source_watches{source="register"}'] == 3
    assert 0 <= told['counterwatch_source_last_good_look_age_seconds{source="register"}'] < 60
    assert (told["counterwatch_watches_due"], told["counterwatch_turns_running"]) == (0, 0)
    assert told["counterwatch_healthy"] == told["counterwatch_store_up"] == told["counterwatch_delivery_up"] == 1
    assert told["counterwatch_store_commit_seconds_count"] >= 1
    assert told["counterwatch_changes_held"] == 0
    assert told["counterwatch_audit_unsealed"] > 0  # nobody seals here
    assert any(name.startswith("counterwatch_build_info{") for name in told)
    assert [name for name in ("Tested Company", "c1", "#customer") if name in text] == []


async def test_figures_that_the_store_does_not_give_are_left_out(own: Store, tmp_path: Path) -> None:
    go_on = threading.Event()
    async with running(tmp_path, own) as (_, _, web):
        await until(lambda: web.address)
        hanging = asyncio.ensure_future(own.read(lambda conn: go_on.wait()))
        try:
            web.patience = 0.1
            _, text = await get(web, "/metrics")
        finally:
            go_on.set()
        await hanging

    told = samples(text)
    assert "counterwatch_store_queue" in told
    assert not any(name.startswith(("counterwatch_watches_due", "counterwatch_source_")) for name in told)


async def test_two_daemons_of_one_process_count_apart(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/a/a.db") as a, Store.open(f"sqlite:///{tmp_path}/b/b.db") as b:
        async with running(tmp_path / "a", a) as (first, _, here):
            await until(lambda: first.engine.progress >= 3)
            async with running(tmp_path / "b", b, register=Source("other")) as (second, _, there):
                await until(lambda: second.engine.progress >= 3)

                texts = [(await get(web, "/metrics"))[1] for web in (here, there)]

    assert ['source="other"' in text for text in texts] == [False, True]


@given(st.lists(st.floats(-10, 100_000), max_size=30))
def test_each_delivery_falls_into_its_bucket_once(took: list[float]) -> None:
    latency = Latency()
    for seconds in took:
        born = Alert("al_1", "k", "root", "#x", Severity.HIGH, created_at=MORNING)
        latency.note(born, MORNING + timedelta(seconds=seconds))

    buckets = latency.buckets()
    assert buckets[-1] == ("+Inf", len(took))
    for bound, count in buckets[:-1]:
        assert count == sum(max(seconds, 0.0) <= float(bound) for seconds in map(_rounded, took))


def _rounded(seconds: float) -> float:
    return timedelta(seconds=seconds).total_seconds()


# --------------------------------------------------------------------------- where it listens


async def test_a_place_that_is_taken_is_said_to_the_operators_and_had_when_it_is_free(
    own: Store, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        async with running(tmp_path, own, place=place) as (daemon, _, web):
            await until(lambda: daemon.engine.progress >= 3)  # the work goes on
            alerts: list[Alert] = []
            while not alerts:
                alerts = [one for one in await own.read(read.alerts) if one.kind == "ops"]
                await asyncio.sleep(0.02)
            taken.close()

            assert (await get(web, "/healthz"))[0] == 200
    assert [one.facts["code"] for one in alerts] == ["not_listening"]
    assert alerts[0].facts["place"] == place


async def test_it_answers_at_a_unix_socket_and_takes_it_away_with_it(own: Store, tmp_path: Path) -> None:
    path = tmp_path / "http.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))  # by a daemon that was killed
    async with running(tmp_path, own, place=f"unix:{path}") as (_, _, web):
        await until(lambda: web.address)
        connector = aiohttp.UnixConnector(str(path))
        async with aiohttp.ClientSession(connector=connector) as session, session.get("http://cw/healthz") as answer:
            status = answer.status

    assert status == 200
    assert not path.exists()


async def test_off_listens_nowhere(own: Store, tmp_path: Path) -> None:
    async with running(tmp_path, own, place="off") as (daemon, _, web):
        await until(lambda: daemon.engine.progress >= 3)

        assert web.address is None


# --------------------------------------------------------------------------- the start


def test_a_start_asks_for_patience_until_it_is_over(ear: Ear) -> None:
    with Starting(Manager(ear.name), speech.voice(), asking=0.02) as starting:
        starting.waits(lambda: "nothing answers at the PostgreSQL address (127.0.0.1:5432/x)")
        deadline = time.monotonic() + 10
        while len(ear.heard) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
    heard = len(ear.heard)
    time.sleep(0.1)

    assert heard >= 4
    assert len(ear.heard) == heard
    assert ear.heard[-1] == {
        "STATUS": "waiting for the database: nothing answers at the PostgreSQL address (127.0.0.1:5432/x)",
        "EXTEND_TIMEOUT_USEC": "60000000",
    }


def test_a_start_that_waits_for_nobody_may_not_take_for_ever(ear: Ear) -> None:
    clock = [0.0]
    starting = Starting(Manager(ear.name), speech.voice(), monotonic=lambda: clock[0])
    assert starting.ask()

    clock[0] = supervised.LONGEST + 1
    assert not starting.ask()

    starting.waits(lambda: "it is away")
    clock[0] *= 10
    assert starting.ask()


def test_without_a_manager_no_thread_is_started() -> None:
    before = threading.active_count()

    with Starting(Manager(), speech.voice()):
        assert threading.active_count() == before


# --------------------------------------------------------------------------- the program itself

# As MemoryDenyWriteExecute= would have it (Linux 6.3 and later; elsewhere the call is refused and nothing changes).
MDWE = "import ctypes; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); from monitor.app.cli import main; main()"


@pytest.fixture
def h(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, range(2)) as opened:
        yield opened


def start(h: House, ear: Ear, **more: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", MDWE, "run"],
        env=h.environment() | {"NOTIFY_SOCKET": ear.name} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    h.started.append(process)
    return process


def test_the_program_is_ready_alive_reloads_and_leaves_in_order(h: House, ear: Ear) -> None:
    h.listen = f"unix:{h.home}/http.sock"
    h.configure(watchlist(range(2)))
    process = start(h, ear, WATCHDOG_USEC="3000000")
    h.wait(lambda: "WATCHDOG" in ear.words() or process.poll() is not None, 40)

    h.configure(watchlist(range(1)))
    process.send_signal(signal.SIGHUP)
    h.wait(lambda: ear.words().count("READY") >= 2, 40)
    h.wait(lambda: any("1 customer," in told.get("STATUS", "") for told in ear.heard), 40)
    listening = (h.home / "http.sock").is_socket()
    code, log = ended(process)

    assert (code, listening) == (0, True), log
    words = [word for word in ear.words() if word != "WATCHDOG"]
    assert words[0] == "READY"
    assert words[1:3] == ["RELOADING", "READY"]
    assert (words[-1], words.count("STOPPING")) == ("STOPPING", 1)


def test_a_database_server_that_is_away_is_waited_for_and_the_manager_is_asked_for_patience(h: House, ear: Ear) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        h.store = f"postgresql+psycopg://nobody@127.0.0.1:{closed.getsockname()[1]}/none"
        h.configure(watchlist(range(2)))
        process = start(h, ear)

        h.wait(lambda: any("waiting for" in told.get("STATUS", "") for told in ear.heard), 40)

    asked = [told for told in ear.heard if "waiting for the database" in told["STATUS"]]
    assert all(told["EXTEND_TIMEOUT_USEC"] == "60000000" for told in asked)
    assert process.poll() is None
    assert "READY" not in ear.words()
