"""Edits while the daemon runs: read once they lie still, whole or not at all, and nothing is lost over it."""

from __future__ import annotations

import asyncio
import io
import os
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import admission, door, removals
from monitor.app.admission import Opened
from monitor.app.daemon import Daemon
from monitor.app.refused import Refused
from monitor.app.reloading import Reloader
from monitor.edge import config as configs
from monitor.edge import kept
from monitor.edge.config import ConfigMistakes
from monitor.edge.console import Console
from monitor.edge.settings import Keyring, Places
from monitor.edge.store import Store, commit, holds, read, turns
from monitor.watcher import Findings
from tests.house import HandClock, Office, Source, article, company, found, paper, watchlist

WAITS = "waits: {tick: 50ms, spread: 1s, group: 0s, opening: 1h, backoff_cap: 1s, reload: 100ms}\n"


@pytest.fixture
def store(store_url: str) -> Store:
    """A store that the daemon closes when it leaves."""
    return Store.open(store_url)


# How files are seen and judged has nothing to do with the store.
one_store = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


async def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            seen = what()
            if await seen if asyncio.iscoroutine(seen) else seen:
                return
            await asyncio.sleep(0.02)


@dataclass
class Life:
    """A daemon with its reload, over a folder that the test edits."""

    o: Office
    daemon: Daemon
    reloader: Reloader
    out: io.StringIO
    reloads: list[bool] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.o.home

    @property
    def heard(self) -> str:
        """What the operators read, on one line: a terminal breaks it, Chinese text without a blank."""
        return " ".join(self.out.getvalue().split())

    @property
    def list(self) -> Path:
        return self.home / "watchlist.yaml"

    def settings(self, more: str) -> None:
        (self.home / "counterwatch.yaml").write_text(f"{WAITS}\n{more}\n", encoding="utf-8")

    async def customers(self) -> list[str]:
        return [one.id for one in await self.o.store.read(read.customers)]

    async def watches(self) -> set[tuple[str, str, float]]:
        rows = await self.o.store.read(turns.listing)
        return {(one.source, one.subject, one.every) for one in rows}

    async def in_force(self, *ids: str) -> None:
        """Wait until exactly these customers are watched, in the daemon and in its store."""
        await until(lambda: sorted(self.daemon.desk.customers) == sorted(ids))
        assert await self.customers() == sorted(ids)

    async def told(self, code: str, times: int = 1) -> None:
        async def said() -> bool:
            return (await self.o.notices()).count(code) >= times

        await until(said)
        assert (await self.o.notices()).count(code) == times

    async def judged(self, edit: Callable[[], object]) -> None:
        """Do an edit, and wait until it has been taken up or refused."""
        before = self.reloads.count(False)
        edit()
        await until(lambda: self.reloads.count(False) > before and self.reloads[-1] is False)


Run = Callable[..., Any]


@pytest.fixture
async def run(store: Store, tmp_path: Path) -> AsyncIterator[Run]:
    @asynccontextmanager
    async def running(*sources: Source, customers: str = watchlist(range(1, 5)), **given: Any) -> AsyncIterator[Life]:
        clock = HandClock(running=True)
        o = Office(tmp_path / "etc", store, clock, sources or (Source(),), customers, given.pop("more", ""), WAITS)
        places = Places(o.home, tmp_path / "state", tmp_path / "credentials")
        places.state.mkdir(exist_ok=True, parents=True)
        begun = given.pop("begun", None) or Opened(o.desk.config, configs.files(o.home))
        reloader = Reloader(places, begun)
        text = io.StringIO()
        out = Console(text)
        daemon = Daemon(o.desk, door.deliverer(o.desk, out), out, beside=(reloader.run,))
        life = Life(o, daemon, reloader, text)
        daemon.reloading.append(life.reloads.append)
        ready = asyncio.Event()
        task = asyncio.create_task(daemon.run(ready=ready.set))
        reloader.obey_signal(daemon)
        try:
            await asyncio.wait_for(ready.wait(), 30)
            await until(lambda: life.reloads[-1:] == [False])  # it has looked at the files itself once
            yield life
        finally:
            daemon.stop()
            await asyncio.wait_for(task, 30)
            asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)

    yield running
    store.close()


# --------------------------------------------------------------------------- how people and programs write files


def plainly(path: Path, text: str, _: Path) -> None:
    path.write_text(text, encoding="utf-8")


def renamed_in(path: Path, text: str, aside: Path) -> None:
    new = path.with_name(".watchlist.yaml.swp")
    new.write_text(text, encoding="utf-8")
    path.rename(path.with_name("watchlist.yaml~"))
    new.rename(path)


def bit_by_bit(path: Path, text: str, _: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for at in range(0, len(text), 200):
            file.write(text[at : at + 200])
            file.flush()


def by_a_link(path: Path, text: str, aside: Path) -> None:
    """As `ln -sf` does: the name becomes a link to a file elsewhere."""
    aside.mkdir()
    (aside / "list.yaml").write_text(text, encoding="utf-8")
    link = path.with_name("link")
    link.symlink_to(aside / "list.yaml")
    link.replace(path)


@one_store
@pytest.mark.parametrize("write", [plainly, renamed_in, bit_by_bit, by_a_link])
async def test_an_edit_comes_into_force_by_itself_however_it_is_written(
    run: Run, tmp_path: Path, write: Callable[[Path, str, Path], None]
) -> None:
    async with run() as life:
        write(life.list, watchlist(range(1, 7)), tmp_path / "elsewhere")

        await life.in_force("c1", "c2", "c3", "c4", "c5", "c6")
        await life.told("config_changed")
        assert {subject for _, subject, _ in await life.watches()} == {f"c{n}" for n in range(1, 7)}
        await until(lambda: "2 customers added, 2 watches added" in life.heard)


@one_store
async def test_a_folder_swapped_as_kubernetes_does_is_seen(run: Run, tmp_path: Path) -> None:
    def version(name: str, text: str) -> Path:
        folder = tmp_path / "etc" / name
        folder.mkdir(parents=True)
        (folder / "watchlist.yaml").write_text(text, encoding="utf-8")
        (folder / "counterwatch.yaml").write_text(WAITS, encoding="utf-8")
        return folder

    def point(to: Path) -> None:
        link = tmp_path / "etc" / "..data_tmp"
        link.symlink_to(to.name)
        link.replace(tmp_path / "etc" / "..data")

    point(version("..one", watchlist(range(1, 5))))
    for name in ("watchlist.yaml", "counterwatch.yaml"):
        (tmp_path / "etc" / name).symlink_to(f"..data/{name}")
    async with run() as life:
        assert life.list.is_symlink()

        point(version("..two", watchlist(range(1, 6))))

        await life.in_force("c1", "c2", "c3", "c4", "c5")


@one_store
async def test_the_file_behind_a_link_is_watched_where_it_is(run: Run, tmp_path: Path) -> None:
    async with run() as life:
        by_a_link(life.list, watchlist(range(1, 6)), tmp_path / "elsewhere")
        await life.in_force("c1", "c2", "c3", "c4", "c5")

        (tmp_path / "elsewhere" / "list.yaml").write_text(watchlist(range(1, 7)), encoding="utf-8")

        await life.in_force("c1", "c2", "c3", "c4", "c5", "c6")


@one_store
async def test_several_saves_are_one_edit(run: Run) -> None:
    async with run() as life:
        for last in range(6, 10):
            life.list.write_text(watchlist(range(1, last)), encoding="utf-8")

        await life.in_force(*(f"c{n}" for n in range(1, 9)))
        assert (await life.o.notices()).count("config_changed") == 1


# --------------------------------------------------------------------------- mistakes


BROKEN = {
    "not YAML": "version: 1\ncustomers:\n  - name: [",
    "empty": "",
    "cut in an entry": watchlist(range(1, 5))[:-20],
    "no customers": "version: 1\ncustomers: []\n",
    "two with one id": watchlist(range(1, 5)) + watchlist(range(1, 2)).partition("customers:\n")[2],
}


@one_store
@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
async def test_a_mistake_keeps_everything_and_is_told_once_with_its_place(run: Run, text: str) -> None:
    async with run() as life:
        before = await life.watches()

        await life.judged(lambda: life.list.write_text(text, encoding="utf-8"))
        await life.told("config_rejected")
        await life.judged(lambda: os.utime(life.list))  # the same state once more
        await life.judged(lambda: os.kill(os.getpid(), signal.SIGHUP))

        assert sorted(life.daemon.desk.customers) == await life.customers() == ["c1", "c2", "c3", "c4"]
        assert await life.watches() == before
        (told,) = [a for a in await life.o.alerts(ops=True) if a.facts["code"] == "config_rejected"]
        assert "watchlist.yaml:" in told.facts["cause"]

        await life.judged(lambda: life.list.write_text(watchlist(range(1, 5)), encoding="utf-8"))
        await life.told("config_sound")
        await life.judged(lambda: life.list.write_text(text, encoding="utf-8"))
        await life.told("config_rejected", times=2)


@one_store
async def test_a_mended_file_is_taken_up_by_itself(run: Run) -> None:
    async with run() as life:
        await life.judged(lambda: life.list.write_text("customers: [", encoding="utf-8"))
        life.list.write_text(watchlist(range(1, 6)), encoding="utf-8")

        await life.in_force("c1", "c2", "c3", "c4", "c5")
        assert await life.o.notices() == ["config_rejected", "config_changed"]


@one_store
async def test_a_file_that_has_gone_is_no_empty_list(run: Run) -> None:
    async with run() as life:
        await life.judged(life.list.unlink)
        await life.told("config_rejected")
        assert await life.customers() == ["c1", "c2", "c3", "c4"]

        life.list.write_text(watchlist(range(1, 6)), encoding="utf-8")
        await life.in_force("c1", "c2", "c3", "c4", "c5")


@one_store
async def test_a_mistake_in_the_settings_keeps_the_customers_of_the_same_edit_out_too(run: Run) -> None:
    async with run() as life:
        life.settings("sources: {regster: {every: 1d}}")
        life.list.write_text(watchlist(range(1, 6)), encoding="utf-8")

        await life.told("config_rejected")
        assert await life.customers() == ["c1", "c2", "c3", "c4"]


# --------------------------------------------------------------------------- what comes into force


async def test_added_customers_are_asked_about_at_once_and_removed_ones_rest(run: Run) -> None:
    register = Source(said=found(company()), every=timedelta(hours=8))
    async with run(register) as life:
        await until(lambda: len(register.asked) == 4)

        life.list.write_text(watchlist(range(2, 6)), encoding="utf-8")

        await until(lambda: [ask.customer.id for ask in register.asked[4:] if ask.customer] == ["c5"])
        await life.in_force("c2", "c3", "c4", "c5")
        assert {subject for _, subject, _ in await life.watches()} == {"c2", "c3", "c4", "c5"}


@one_store
async def test_settings_change_intervals_language_and_channel_of_what_runs(run: Run) -> None:
    async with run() as life:
        life.settings("language: zh\nslack: {ops_channel: '#wache'}\nsources: {register: {every: 30d}}\n")

        await life.told("config_changed")
        assert {every for _, _, every in await life.watches()} == {2 * 30 * 86_400.0}  # tier B
        await until(lambda: "修改后的配置已生效：4 项监控有修改" in life.heard)
        assert [one.channel for one in await life.o.alerts(ops=True)] == ["#wache"]


@one_store
async def test_what_is_built_once_waits_for_the_next_start_and_is_named(run: Run) -> None:
    async with run() as life:
        before = life.daemon.desk.config.settings

        life.settings("http: {per_host: 7}\nstore: 'sqlite:///another.db'\nlanguage: zh")

        await life.told("config_changed")
        now = life.daemon.desk.config.settings
        assert (now.http, now.store, now.language) == (before.http, before.store, "zh")
        (told,) = await life.o.alerts(ops=True)
        assert told.facts["later"] == ["store", "http"]


@one_store
async def test_a_signal_reads_credentials_again_and_new_ones_open_their_source(run: Run, tmp_path: Path) -> None:
    keyed = Source("keyed", credentials=("token",))
    (tmp_path / "credentials").mkdir()
    async with run(Source(), keyed) as life:
        assert "keyed" in life.daemon.desk.assignments.silent
        (tmp_path / "credentials" / "keyed-token").write_text("a-very-secret-token")

        await life.judged(lambda: os.kill(os.getpid(), signal.SIGHUP))

        await until(lambda: len(keyed.asked) == 4)
        assert keyed.asked[0].credentials == {"token": "a-very-secret-token"}


@one_store
async def test_whoever_wants_to_know_is_told_when_a_reload_begins_and_ends(run: Run) -> None:
    async with run() as life:
        life.reloads.clear()
        await life.judged(lambda: os.kill(os.getpid(), signal.SIGHUP))
        await life.judged(lambda: life.list.write_text("customers: [", encoding="utf-8"))

        assert life.reloads[:4] == [True, False, True, False]
        assert await life.o.notices() == ["config_rejected"]  # a signal alone is no news


async def test_a_look_under_way_ends_with_what_it_began_and_a_removed_customers_is_dropped(run: Run) -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def slowly(ask: Any) -> Findings:
        asked.set()
        await go.wait()
        return found(company("dissolved"))

    register = Source(poll=slowly, max_seconds=60.0)
    async with run(register, customers=watchlist(range(1, 4))) as life:
        await asked.wait()

        life.list.write_text(watchlist(range(2, 6), tier="A"), encoding="utf-8")
        await life.in_force("c2", "c3", "c4", "c5")
        go.set()
        await until(lambda: life.daemon.engine.progress >= 5)
        await life.o.store.flush()

        about = {one.event.customer for one in await life.o.events("reg.*")}
        assert about == {"c2", "c3", "c4", "c5"}


async def test_an_item_that_came_while_a_customer_was_added_is_found_for_it(run: Run) -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def slowly(ask: Any) -> Findings:
        asked.set()
        await go.wait()
        return found(article("1", "Tested Company 009 Ltd files for bankruptcy"))

    news = paper(poll=slowly, max_seconds=60.0, every=timedelta(hours=8))
    async with run(news) as life:
        await asked.wait()
        life.list.write_text(watchlist(range(1, 5)) + watchlist(range(9, 10)).partition("customers:\n")[2])
        await life.in_force("c1", "c2", "c3", "c4", "c9")
        assert await life.o.store.read(commit.unscreened) == ["c9"]

        go.set()

        async def known() -> bool:
            return bool(await life.o.events("ins.*", "c9"))

        await until(known)
        assert await life.o.store.read(commit.unscreened) == []


async def test_another_number_makes_a_new_first_look_and_no_news_of_the_old_company(run: Run) -> None:
    register = Source(said=found(company(name="OLD COMPANY LTD")))
    async with run(register) as life:
        await until(lambda: life.daemon.engine.progress == 4)
        register.otherwise = found(company("active", key="2", name="ANOTHER COMPANY LTD"))

        life.list.write_text(watchlist(range(1, 5)).replace("09000001", "09000099").replace("9000001", "9000099"))
        await until(lambda: len(register.asked) == 5)
        await until(lambda: life.daemon.engine.progress == 5)
        await life.o.store.flush()

        (one,) = await life.o.store.read(lambda conn: turns.listing(conn, "register", "c1"))
        assert set(await life.o.store.read(lambda conn: read.snapshot(conn, one.watch))) == {("company", "2")}
        assert await life.o.told() == []


async def test_a_new_id_keeps_the_history_and_is_asked_about_no_sooner(run: Run) -> None:
    register = Source(said=found(company("dissolved")), every=timedelta(hours=8))
    async with run(register) as life:
        await until(lambda: life.daemon.engine.progress == 4)

        life.list.write_text(watchlist(range(1, 5)).replace("id: c1", "id: first-customer"), encoding="utf-8")
        await life.in_force("c2", "c3", "c4", "first-customer")

        assert [one.event.type for one in await life.o.events(customer="first-customer")] == ["reg.dissolved"]
        assert await life.o.events(customer="c1") == []
        assert len(register.asked) == 4
        await until(lambda: "c1 as first-customer" in life.heard)


async def test_an_id_that_names_anothers_history_is_refused(run: Run) -> None:
    async with run() as life:
        moved = watchlist(range(1, 5)).replace("id: c1", "id: moved")
        await life.judged(lambda: life.list.write_text(moved, encoding="utf-8"))
        stranger = watchlist(range(7, 8)).partition("customers:\n")[2].replace("id: c7", "id: c1")

        await life.judged(lambda: life.list.write_text(moved + stranger, encoding="utf-8"))

        await life.told("config_rejected")
        assert await life.customers() == ["c2", "c3", "c4", "moved"]


# --------------------------------------------------------------------------- most customers gone


async def test_an_edit_that_drops_most_customers_waits_for_a_persons_word(run: Run) -> None:
    async with run() as life:
        await life.judged(lambda: life.list.write_text(watchlist(range(1, 3)), encoding="utf-8"))

        await life.told("removals_held")
        assert await life.customers() == ["c1", "c2", "c3", "c4"]
        await until(lambda: "would drop 2 of 4 customers" in life.heard)

        now = life.o.clock.now()
        await life.o.store.write(lambda conn: holds.decide(conn, "watchlist", "released", "li", now))
        await life.in_force("c1", "c2")
        await life.told("config_changed")
        assert await life.o.store.read(holds.holds) == []


async def test_the_same_cut_a_second_time_asks_again(run: Run) -> None:
    async with run() as life:
        cut = watchlist(range(1, 3))
        await life.judged(lambda: life.list.write_text(cut, encoding="utf-8"))
        now = life.o.clock.now()
        await life.o.store.write(lambda conn: holds.decide(conn, "watchlist", "released", "li", now))
        await life.in_force("c1", "c2")
        await life.judged(lambda: life.list.write_text(watchlist(range(1, 5)), encoding="utf-8"))

        await life.judged(lambda: life.list.write_text(cut, encoding="utf-8"))

        await life.told("removals_held", times=2)
        assert await life.customers() == ["c1", "c2", "c3", "c4"]


async def test_a_discarded_cut_stays_away_until_the_file_changes_again(run: Run) -> None:
    async with run() as life:
        await life.judged(lambda: life.list.write_text(watchlist(range(1, 3)), encoding="utf-8"))
        now = life.o.clock.now()
        await life.o.store.write(lambda conn: holds.decide(conn, "watchlist", "discarded", "li", now))

        await life.judged(lambda: os.utime(life.list))
        await life.judged(lambda: life.settings("language: zh"))  # the settings come into force all the same

        assert life.daemon.desk.policy.language == "zh"
        assert await life.customers() == ["c1", "c2", "c3", "c4"]
        assert (await life.o.notices()).count("removals_held") == 1
        await life.judged(lambda: life.list.write_text(watchlist(range(1, 4)), encoding="utf-8"))
        await life.in_force("c1", "c2", "c3")


async def test_settings_come_into_force_while_a_list_waits_and_the_list_goes_on_waiting(run: Run) -> None:
    async with run() as life:
        await life.judged(lambda: life.list.write_text(watchlist(range(1, 3)), encoding="utf-8"))

        await life.judged(lambda: life.settings("language: zh"))

        assert life.daemon.desk.policy.language == "zh"
        assert await life.customers() == ["c1", "c2", "c3", "c4"]
        (waiting,) = await life.o.store.read(holds.holds)
        assert (waiting.id, waiting.facts["removed"], waiting.facts["before"]) == ("watchlist", 2, 4)
        await life.o.store.write(lambda conn: holds.decide(conn, "watchlist", "released", "li", life.o.clock.now()))
        await life.in_force("c1", "c2")


async def test_a_cut_taken_back_by_its_author_waits_no_more(run: Run) -> None:
    async with run() as life:
        await life.judged(lambda: life.list.write_text(watchlist(range(1, 3)), encoding="utf-8"))
        await life.judged(lambda: life.list.write_text(watchlist(range(1, 5)), encoding="utf-8"))

        assert await life.o.store.read(holds.holds) == []
        assert await life.customers() == ["c1", "c2", "c3", "c4"]


# --------------------------------------------------------------------------- at the start


def test_a_start_with_a_broken_file_begins_with_the_last_good_one(tmp_path: Path) -> None:
    home, state = tmp_path / "etc", tmp_path / "state"
    home.mkdir(), state.mkdir()
    places = Places(home, state)
    (home / "watchlist.yaml").write_text("customers: [", encoding="utf-8")
    with pytest.raises(ConfigMistakes):
        admission.opened(places, (), last_good=True)  # there is none yet

    admission.keep(places, configs.Files(b"language: zh", watchlist(range(1, 3)).encode()))
    begun = admission.opened(places, (), last_good=True)

    assert [one.id for one in begun.config.customers] == ["c1", "c2"]
    assert begun.config.settings.language == "zh"
    assert begun.refused is not None
    assert begun.refused.mistakes[0].file == "watchlist.yaml"
    with pytest.raises(ConfigMistakes):
        admission.opened(places, (), last_good=False)


async def test_what_was_wrong_at_the_start_is_told_once_and_mended_by_itself(run: Run, tmp_path: Path) -> None:
    good = configs.Files(WAITS.encode(), watchlist(range(1, 5)).encode())
    config = configs.read(good, sources=("register",))
    wrong = admission.Rejected.of(ConfigMistakes([configs.Mistake("watchlist.yaml", 3, 1, "oh")]))
    async with run(begun=Opened(config, good, wrong)) as life:
        life.list.write_text(watchlist(range(1, 6)), encoding="utf-8")

        await life.in_force("c1", "c2", "c3", "c4", "c5")
        assert (await life.o.notices()).count("config_rejected") == 1
        assert kept.good(tmp_path / "state") is not None


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    return Office(tmp_path / "etc", store, HandClock(), (Source(),), watchlist(range(1, 7)), "", WAITS)


async def test_a_start_with_a_list_that_drops_most_goes_on_with_the_old_one(office: Office, tmp_path: Path) -> None:
    places = Places(office.home, tmp_path / "state")
    places.state.mkdir(exist_ok=True)
    admission.keep(places, configs.files(office.home))
    await office.start()
    office.open(watchlist(range(1, 3)))
    begun = Opened(office.desk.config, configs.files(office.home))

    desk, joined = await asyncio.to_thread(
        admission.admitted, office.desk, places, begun, accept_removals=False, once=False
    )

    assert sorted(desk.customers) == [f"c{n}" for n in range(1, 7)]
    assert joined.files.watchlist == watchlist(range(1, 7)).encode()
    assert office.store.read_now(lambda conn: removals.waiting(conn)) == begun.files.list_digest
    assert await office.notices() == ["removals_held"]
    for consent in (True, False):
        if not consent:
            now = office.clock.now()
            office.store.write_now(lambda conn: holds.decide(conn, "watchlist", "released", "li", now))
        same, _ = admission.admitted(office.desk, places, begun, accept_removals=consent, once=False)
        assert same is office.desk
    office.store.close()


@one_store
async def test_without_the_old_list_or_for_one_pass_a_start_that_drops_most_is_refused(
    office: Office, tmp_path: Path
) -> None:
    places = Places(office.home, tmp_path / "state")
    await office.start()
    office.open(watchlist(range(1, 3)))
    begun = Opened(office.desk.config, configs.files(office.home))

    for once in (True, False):
        with pytest.raises(Refused) as refused:
            admission.admitted(office.desk, places, begun, accept_removals=False, once=once)
        assert (refused.value.what, refused.value.facts) == ("removals", {"removed": 4, "before": 6})
    assert len(await office.store.read(read.customers)) == 6
    office.store.close()


def test_the_last_good_files_are_kept_whole_and_only_the_newest(tmp_path: Path) -> None:
    for number in range(3):
        kept.keep_good(tmp_path, {"a.yaml": b"%d" % number, "b.yaml": b"b"})

    found = kept.good(tmp_path)
    assert found is not None
    assert (found / "a.yaml").read_bytes() == b"2"
    assert (found.stat().st_mode & 0o777, (found / "a.yaml").stat().st_mode & 0o777) == (0o700, 0o600)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["last-good", found.name]


def test_credentials_of_the_environment_stay_where_no_file_is_newer(tmp_path: Path) -> None:
    one = Source("one", credentials=("key", "other")).watcher
    start = Keyring.read([one], {"COUNTERWATCH_ONE_KEY": "from-start", "COUNTERWATCH_ONE_OTHER": "kept"})
    (tmp_path / "one-key").write_text("from-file")

    now = start.over(Keyring.read([one], {}, tmp_path))

    assert {name: secret.reveal() for name, secret in now.of("one").items()} == {"key": "from-file", "other": "kept"}


# --------------------------------------------------------------------------- any edits at all


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_edited_the_store_ends_as_a_fresh_start_would_have_it(
    run: Run, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    feeds = paper("feed", "f1", "f2")

    def edit() -> str:
        text = watchlist(range(0))
        for n in sorted(dice.sample(range(12), dice.randint(7, 11))):
            entry = watchlist(range(n, n + 1), tier=dice.choice("ABC")).partition("customers:\n")[2]
            text += entry.replace(f"id: c{n}\n", f"id: {dice.choice('cd')}{n}\n")
        return dice.choice([text, text, text, text[: dice.randrange(len(text))]])

    async with run(Source(), feeds, customers=watchlist(range(12))) as life:
        for _ in range(6):
            (plainly, renamed_in, bit_by_bit)[dice.randrange(3)](life.list, edit(), tmp_path)
            await asyncio.sleep(dice.choice([0.0, 0.05, 0.3]))
            if dice.random() < 0.5:
                await life.o.store.write(
                    lambda conn: holds.decide(conn, "watchlist", "released", "li", life.o.clock.now())
                )
        final = watchlist(range(1, 9), tier="A").replace("id: c3\n", "id: d3\n")
        life.list.write_text(final, encoding="utf-8")
        ids = sorted({*(f"c{n}" for n in range(1, 9) if n != 3), "d3"})

        async def done() -> bool:
            await life.o.store.write(lambda conn: holds.decide(conn, "watchlist", "released", "li", life.o.clock.now()))
            return sorted(life.daemon.desk.customers) == ids

        await until(done)
        customers = {(one.id, one.name, one.digest) for one in await life.o.store.read(read.customers)}
        watches = await life.watches()
        assert await life.o.store.read(commit.unscreened) == [] or life.daemon.engine.running

        with Store.open(f"sqlite:///{tmp_path / 'fresh' / 'fresh.db'}") as fresh:
            other = Office(tmp_path / "etc", fresh, HandClock(), (Source(), feeds), final, "", WAITS)
            await other.start()
            assert customers == {(one.id, one.name, one.digest) for one in fresh.read_now(read.customers)}
            rows = fresh.read_now(turns.listing)
            assert watches == {(one.source, one.subject, one.every) for one in rows}
            await other.close()
