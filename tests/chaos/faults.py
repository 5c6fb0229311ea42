"""The faults, as a table: what happens, what is required, and how to make it happen.

Ids are those of the requirements: P process, database and time; F sources; C configuration; X hostile content.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import storm
from tests.chaos.scene import Scene
from tests.chaos.storm import Weather
from tests.house import ended, watchlist

Act = Callable[[Scene], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table. `short` runs with every `make test`, the others with `make chaos`."""

    id: str
    fault: str
    required: str
    act: Act
    short: bool = False
    store: str = "sqlite"
    more: str = ""  # lines of counterwatch.yaml

    def __str__(self) -> str:
        return f"{self.id}-{self.fault}".replace(" ", "_").replace(",", "")


# --------------------------------------------------------------------------- sources that fail, lie or change shape


def suffering(weather: Weather, *, source: str = "gleif", notice: str = "", looks: int = 6, seconds: float = 40) -> Act:
    """A source suffers; meanwhile another one brings a change, and the sufferer's own change comes afterwards."""

    def act(s: Scene) -> None:
        s.start()
        with s.under(source, weather):
            s.until_asked(source, looks, seconds)
            s.plant("petition" if source == "gleif" else "dissolved")
            s.until_told()
            if notice:
                s.wait(lambda: s.ops(notice), 30)
        s.plant("dissolved" if source == "gleif" else "petition")
        s.until_told()
        if notice:
            s.wait(lambda: s.ops(f"We see {notice} again"), 30)
            lost, back = [one for one in s.ops(notice) if "again" not in one], s.ops(f"We see {notice} again")
            s.say(f"{len(lost)} notice that it is lost, {len(back)} that it is back")
            assert (len(lost), len(back)) == (1, 1), s.ops()

    return act


def storm_of_429(s: Scene) -> None:
    """All customers meet a host that wants quiet: it gets it from all of them together."""
    s.start()
    with s.under("gleif", storm.status(429, Retry_After="3")):
        s.until_asked("gleif", 1)
        began, before = time.monotonic(), s.asked("gleif")
        time.sleep(2.5)
        asked = s.asked("gleif") - before
        s.say(f"{asked} requests in the {time.monotonic() - began:.1f} s after the first refusal")
        assert asked <= 4, "the host asked for three seconds of quiet"
        s.plant("petition")
        s.until_told()
    s.plant()


def bombed(weather: Weather) -> Act:
    def act(s: Scene) -> None:
        s.start()
        before = s.peak_mb()
        with s.under("gleif", weather):
            s.until_asked("gleif", 6, 60)
            s.plant("petition")
            s.until_told()
        grown = s.peak_mb() - before
        s.say(f"memory grew by {grown:.0f} MB at most")
        assert grown < 60
        s.plant()

    return act


def slow_loris(s: Scene) -> None:
    """One source drips; the others keep their schedule, and the look ends by its own deadline."""
    s.start()
    before = _pace(s, "gb_gazette", 4.0)
    with s.under("gleif", storm.loris):
        s.until_asked("gleif", 2)
        during = _pace(s, "gb_gazette", 6.0)
        s.plant("petition")
        s.until_told()
    s.say(f"the others were asked {before:.1f} times a second before, {during:.1f} meanwhile")
    assert during > before * 0.5, (before, during)
    s.plant()
    s.until_told(90)


def _pace(s: Scene, source: str, seconds: float) -> float:
    before = s.asked(source)
    time.sleep(seconds)
    return (s.asked(source) - before) / seconds


def unknown_word(s: Scene) -> None:
    """A status that no table knows, in a sound answer."""
    s.start()
    with s.under("gleif", storm.edited(storm.unknown_status)):
        s.wait(lambda: s.ops("HIBERNATING"))
        s.plant("petition")
        s.until_told()
    s.plant()
    s.until_told()
    s.say(f"{len(s.ops('HIBERNATING'))} notice names the word")
    # The word itself is an event of whoever bore it, and rightly: something happened that we cannot name.
    s.planted += [("reg.unclassified", customer) for customer in _customers_of(s, "reg.unclassified")]


def _customers_of(s: Scene, type_: str) -> list[str]:
    with closing(sqlite3.connect(f"file:{s.database}?mode=ro", uri=True)) as conn:
        return [str(row[0]) for row in conn.execute("SELECT customer FROM event WHERE type = ?", (type_,))]


def feed_says_the_same(edit: Callable[[bytes], bytes], charset: str | None = None) -> Act:
    """A feed with eight known stories comes in other bytes: nothing old is announced, a new story is."""

    def act(s: Scene) -> None:
        s.start()
        s.until_asked("feed", 2)
        with s.under("feed", storm.rewritten(edit, charset)):
            s.until_asked("feed", 3)
            s.plant("news")
            s.until_told()
        s.until_asked("feed", 3)
        s.plant("news")

    return act


def flapping(s: Scene) -> None:
    """A notice is there, gone, there again: it is told once."""
    s.start()
    s.plant("petition")
    s.until_told()
    for _ in range(3):
        with s.under("gb_gazette", storm.edited(storm.no_entries)):
            s.until_asked("gb_gazette", 2)
        s.until_asked("gb_gazette", 2)
    s.plant("petition")


def all_at_once(s: Scene) -> None:
    """A true mass event: every customer is struck on the same day. The breaker must not keep it back."""
    s.start()
    for _ in range(8):
        s.plant()


def posting_when_asked_to_leave(s: Scene) -> None:
    """SIGTERM while a message is on its way: finished, or found in Slack's history at the next start."""
    s.start()
    s.house.slack.fault("hang", seconds=4, times=1)
    s.plant()
    time.sleep(1.5)
    code, _ = ended(s.process, within=20)
    s.house.slack.clear_faults()
    s.say(f"exit {code}")
    s.start(baseline=False)
    s.until_told()
    s.plant("petition")


def no_dns(s: Scene) -> None:
    """The name of a source cannot be resolved: the look is down with that reason, the others go on."""
    path = s.house.home / "counterwatch.yaml"
    sound = path.read_text()
    path.write_text(sound.replace(f"http://127.0.0.1:{s.servers.ports['gleif']}", "http://registry.invalid:8080"))
    s.start()
    s.plant("petition")
    s.until_told()
    doctor = s.house.run("doctor")
    assert "could not be resolved" in doctor.stdout, doctor.stdout
    s.stop()
    path.write_text(sound)
    s.start(baseline=False)
    s.wait(lambda: s.asked("gleif") >= 8)
    time.sleep(1.0)
    s.plant()


# --------------------------------------------------------------------------- process, database, time


def killed(s: Scene) -> None:
    """SIGKILL in the middle of work, several times."""
    s.start()
    for pause in (0.05, 0.4, 0.9, 1.3):
        s.plant()
        time.sleep(pause)
        s.process.send_signal(signal.SIGKILL)
        s.process.wait()
        s.start(baseline=False)
    s.say("4 kills")


def restarted(s: Scene) -> None:
    s.start()
    before = len(s.house.messages())
    for _ in range(4):
        s.stop()
        s.start(baseline=False)
        s.until_asked("gleif", 8)
    assert len(s.house.messages()) == before, "a start alone says nothing"
    s.say("4 starts, 0 messages")
    s.plant()


def asked_to_leave_while_hanging(s: Scene) -> None:
    s.start()
    with s.under("gleif", storm.hang):
        s.until_asked("gleif", 2)
        began = time.monotonic()
        code, _ = ended(s.process, within=20)
        s.say(f"exit {code} after {time.monotonic() - began:.1f} s")
        assert code == 0
        assert time.monotonic() - began < 10
    s.start(baseline=False)
    s.plant()


def two_daemons(s: Scene) -> None:
    s.start()
    second = s.house.run("run")
    s.say(f"the second: exit {second.returncode}, “{second.stderr.strip()[:80]}”")
    assert second.returncode == 6
    s.plant()


def locked_elsewhere(seconds: float) -> Act:
    """Another process holds the write lock."""

    def act(s: Scene) -> None:
        s.start()
        with closing(sqlite3.connect(s.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            s.plant()
            s.plant("petition")
            time.sleep(seconds)
            other.execute("ROLLBACK")
        s.say(f"{seconds:.0f} s locked")

    return act


def locked_at_the_start(s: Scene) -> None:
    """Another process holds the database when the daemon starts: it waits, as for a server that is away."""
    s.start()
    s.stop()
    with closing(sqlite3.connect(s.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        s.start(baseline=False)
        time.sleep(14)
        assert s.process.poll() is None, "it does not give up"
        other.execute("ROLLBACK")
    s.say("14 s locked")
    s.plant()


@contextmanager
def _small_disk(folder: Path, size: str = "1500k") -> Iterator[None]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def full_disk(s: Scene) -> None:
    """The disk fills up while the daemon works, and empties again."""
    state = s.house.home / "state"
    with _small_disk(state):
        s.start()
        for place in range(3):
            with suppress(OSError), (state / f"filler{place}").open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 4096)
            s.plant()
            time.sleep(2.0)
        doctor = s.house.run("doctor")
        assert s.process.poll() is None, "the daemon goes on"
        for filler in state.glob("filler*"):
            filler.unlink()
        s.until_told(60)
        s.say(f"doctor: exit {doctor.returncode}; the daemon went on")
        verdict = s.verdict()
        shutil.copytree(state, s.house.home / "kept")  # the disk goes with this block
    assert verdict.kept, verdict
    shutil.rmtree(state, ignore_errors=True)
    shutil.copytree(s.house.home / "kept", state)


def vanished(s: Scene) -> None:
    """The database file is gone at the next start: nothing begins silently anew."""
    s.start()
    s.stop()
    aside = s.database.with_name("aside.db")
    for name in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            s.database.with_name(s.database.name + name).rename(aside.with_name(aside.name + name))
    refused = s.house.run("run", "--once")
    s.say(f"exit {refused.returncode}, “{refused.stderr.strip()[:60]}…”")
    assert refused.returncode == 2
    assert not s.database.exists() or s.database.stat().st_size == 0
    aside.replace(s.database)
    s.start(baseline=False)
    s.plant()


def damaged(s: Scene) -> None:
    """Half of the database is overwritten: it is refused, not replaced."""
    s.start()
    s.stop()
    kept = s.database.read_bytes()
    s.database.write_bytes(kept[:4096] + bytes(len(kept) - 4096))
    refused = s.house.run("run", "--once")
    s.say(f"exit {refused.returncode}, “{refused.stderr.strip()[:60]}…”")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    s.database.write_bytes(kept)
    s.start(baseline=False)
    s.plant()


def server_gone_and_back(s: Scene) -> None:
    """The PostgreSQL server is stopped under the daemon and started again."""
    server: Any = s.server
    s.start()
    server.stop()
    time.sleep(3.0)
    s.plant()
    server.start()
    s.plant("petition")
    s.until_told(60)
    s.say("the server was away for 3 s")


def connections_cut(s: Scene) -> None:
    import psycopg

    s.start()
    for _ in range(5):
        with psycopg.connect(s.store_url.replace("+psycopg", ""), autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        time.sleep(0.3)
        s.plant()
    s.say("5 times all connections")


def clock_jumps(*jumps: timedelta) -> Act:
    def act(s: Scene) -> None:
        clock = s.start_inside()
        before = len(s.house.messages())
        for jump in jumps:
            clock.jump(jump)
            s.until_asked("gleif", 8, 40)
        s.say(f"{len(s.house.messages()) - before} messages, {len(jumps)} jumps")
        assert len(s.house.messages()) == before
        s.plant()
        s.plant("petition")

    return act


# --------------------------------------------------------------------------- configuration


def edited_badly(broken: str, *, says: str) -> Act:
    """The watchlist is saved with a mistake: the last good one stays in force, the operators hear of it once."""

    def act(s: Scene) -> None:
        s.start()
        path = s.house.home / "watchlist.yaml"
        sound = path.read_text()
        path.write_text(broken.replace("{sound}", sound))
        s.wait(lambda: s.ops(says), 30)
        checked = s.house.run("check")
        assert checked.returncode == 2
        s.plant()  # the old list is still watched
        s.until_told()
        path.write_text(sound)
        time.sleep(2.5)
        s.plant("petition")
        s.until_told()
        s.say(f"check: exit {checked.returncode}; {len(s.ops(says))} notice")
        assert len(s.ops(says)) == 1

    return act


def half_written(s: Scene) -> None:
    """The list is written in two pieces with a pause; an empty and a half file are never read as fewer customers."""
    s.start()
    path = s.house.home / "watchlist.yaml"
    sound = path.read_text()
    path.write_text("")
    time.sleep(2.0)
    path.write_text(sound[: len(sound) // 2])
    time.sleep(2.0)
    path.write_text(sound)
    time.sleep(2.5)
    s.plant()
    s.until_told()
    assert s.house.run("events", "--json").returncode == 0
    s.say("still 8 customers")
    assert _customers(s) == 8


def mass_removal(s: Scene) -> None:
    """An edit drops most of the customers: held until a person consents; all are watched meanwhile."""
    s.start()
    path = s.house.home / "watchlist.yaml"
    path.write_text(watchlist(range(2)))
    s.wait(lambda: "watchlist" in s.house.run("held", "--json").stdout, 30)
    s.plant()
    s.plant()
    s.plant()  # the third is no longer in the file, and still watched
    s.until_told()
    released = s.house.run("held", "release", "watchlist")
    assert released.returncode == 0, released.stderr
    s.wait(lambda: _customers(s) == 2, 20)
    s.say("held, then released: 2 customers")


def _customers(s: Scene) -> int:
    with closing(sqlite3.connect(f"file:{s.database}?mode=ro", uri=True)) as conn:
        return int(conn.execute("SELECT count(*) FROM customer WHERE removed_at IS NULL").fetchone()[0])


def alias_bomb(s: Scene) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    _refused_quickly(s, "version: 1\n" + "\n".join(rows) + "\ncustomers: *a9\n")


def deep_nesting(s: Scene) -> None:
    _refused_quickly(s, "version: 1\ncustomers: " + "[" * 20_000 + "]" * 20_000 + "\n")


def python_tag(s: Scene) -> None:
    mark = s.house.home / "built"
    _refused_quickly(s, f"version: 1\ncustomers: !!python/object/apply:os.system ['touch {mark}']\n")
    assert not mark.exists(), "something foreign was executed"


def _refused_quickly(s: Scene, text: str) -> None:
    path = s.house.home / "watchlist.yaml"
    sound = path.read_text()
    path.write_text(text)
    began = time.monotonic()
    checked = s.house.run("check")
    s.say(f"exit {checked.returncode} after {time.monotonic() - began:.1f} s")
    assert checked.returncode == 2
    assert "Traceback" not in checked.stderr
    assert time.monotonic() - began < 6
    path.write_text(sound)
    s.start()
    s.plant()


DOWN, NOT_READ = "cannot be reached", "no longer the format"
KEPT = "snapshot untouched; no customer alert; later changes told once"
FAULTS: tuple[Fault, ...] = (
    Fault("P01", "SIGKILL at work", "each change told exactly once", killed, short=True),
    Fault("P03", "four restarts, nothing changed", "no alert, no new baseline", restarted),
    Fault("P04", "SIGTERM while a source hangs", "exit 0 within 10 s", asked_to_leave_while_hanging),
    Fault("P05", "SIGTERM during a post", "finished or reconciled; once", posting_when_asked_to_leave),
    Fault("P06", "two daemons on one store", "the second leaves with 6 and one sentence", two_daemons),
    Fault("P07", "write lock held elsewhere", "waits; nothing lost", locked_elsewhere(20)),
    Fault("P07b", "write lock held elsewhere at the start", "waits; never gives up", locked_at_the_start),
    Fault("P08", "disk full and free again", "said; nothing lost; resumes by itself", full_disk),
    Fault("P11", "database file gone", "refused without consent", vanished),
    Fault("P11b", "database damaged", "refused, never replaced", damaged),
    Fault("P14", "clock: -2 h, +3 d, back", "no storm, no silence", clock_jumps(timedelta(hours=-2), timedelta(days=3), timedelta(days=-3))),
    Fault("P16", "machine asleep for 12 h", "each source asked once on waking", clock_jumps(timedelta(hours=12))),
    Fault("P22", "PostgreSQL stopped and started", "reconnects; nothing lost or doubled", server_gone_and_back, store="own postgresql"),
    Fault("P22b", "all connections cut, five times", "nothing lost or doubled", connections_cut, store="own postgresql"),
    Fault("F01", "a captcha page with 200", KEPT, suffering(storm.instead(storm.PAGE, "text/html")), short=True),
    Fault("F01b", "500 and a page", KEPT, suffering(storm.status(500))),
    Fault("F02", "an empty body", KEPT, suffering(storm.instead(b""))),
    Fault("F02b", "{} with 200", KEPT, suffering(storm.instead(b"{}"), notice="GLEIF")),
    Fault("F02c", "[] with 200", KEPT, suffering(storm.instead(b"[]"), notice="GLEIF")),
    Fault("F02d", "the gazette says: no notices", KEPT, suffering(storm.edited(storm.no_entries), source="gb_gazette")),
    Fault("F03", "a required field renamed", "drifted, one notice; " + KEPT, suffering(storm.edited(storm.without_status), notice="GLEIF")),
    Fault("F05", "pages cut: 35 stated", KEPT, suffering(storm.edited(storm.a_page_short), source="gb_gazette")),
    Fault("F08", "half a body", KEPT, suffering(storm.half)),
    Fault("F08b", "a JSON prefix, length as told", KEPT, suffering(storm.prefix)),
    Fault("F08c", "connection reset", KEPT, suffering(storm.reset)),
    Fault("F10", "all guids and links of a feed change", "no old item announced; a new one is", feed_says_the_same(storm.moved)),
    Fault("F11", "items in another order", "no repeats, no losses", feed_says_the_same(storm.reordered)),
    Fault("F11b", "dates that cannot be read", "no repeats, no losses", feed_says_the_same(storm.undated)),
    Fault("F12", "a notice there, gone, there", "told once", flapping),
    Fault("F19", "latin-1 called utf-8, with a BOM", "no change from encoding alone", feed_says_the_same(storm.mislabelled, "utf-8")),
    Fault("F24", "all eight customers struck at once", "each told at once, by name", all_at_once),
    Fault("F13", "429 for all customers", "the host gets its quiet; " + KEPT, storm_of_429),
    Fault("F14", "401 for all customers", "one notice; " + KEPT, suffering(storm.status(401), notice="GLEIF", looks=2)),
    Fault("F15", "the name does not resolve", "down with that reason; " + KEPT, no_dns),
    Fault("F16", "slow-loris", "ended by our clock; others on schedule", slow_loris),
    Fault("F17", "a status nobody knows", "kept, named unclassified, reported", unknown_word),
    Fault("C01", "broken YAML saved", "last good list stays; one notice; check exits 2", edited_badly("{sound}  - name: [\n", says="watchlist.yaml")),
    Fault("C02", "empty, then half, then whole list", "never read as no customers", half_written),
    Fault("C03", "one id twice", "both lines named; last good list stays", edited_badly("{sound}  - {name: Twice Ltd, id: c0, country: GB}\n", says="c0")),
    Fault("C05", "a python tag", "refused, nothing built", python_tag),
    Fault("C06", "alias bomb", "refused at once", alias_bomb),
    Fault("C06b", "nesting 20,000 deep", "refused at once", deep_nesting),
    Fault("C07", "an edit drops most customers", "held until released; all watched meanwhile", mass_removal),
    Fault("X03", "gzip bomb, 200 MB", "given up at the limit; +60 MB at most", bombed(storm.bomb)),
    Fault("X03b", "bomb in a bomb", "refused; +60 MB at most", bombed(storm.bomb_in_bomb)),
    Fault("X04", "endless body", "given up at the limit; +60 MB at most", bombed(storm.endless)),
    Fault("X05", "redirect to the metadata address", "refused before connecting; " + KEPT, suffering(storm.redirect("http://169.254.169.254/latest"))),
    Fault("X08", "redirect in a circle", KEPT, suffering(storm.redirect("{self}"))),
)  # fmt: skip
