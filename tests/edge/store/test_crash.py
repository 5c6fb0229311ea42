"""Killed at any instant, locked out, or copied in mid-write: the store holds each turn whole or not at all."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from monitor.edge.store import Busy, Lock, Store, read, turns
from tests.edge.store.words import NOW, claimed, counts, finish, watched, whole

WRITER = """if 1:
    import sys
    from monitor.edge.store import Store, turns
    from tests.edge.store.words import NOW, finish, whole
    store = Store.open(sys.argv[1])
    while True:
        for turn in store.write_now(lambda conn: turns.claim(conn, NOW, 5, 0.0)):
            if finish(store, whole(turn, f"{turn.watch}-{turn.number}", NOW)):
                print(f"{turn.watch}-{turn.number}", flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_whole_turns_only(store: Store, store_url: str) -> None:
    """What was acknowledged is there; nothing is there in part."""
    store.write_now(lambda conn: turns.ensure(conn, watched(3000), NOW))
    store.close()
    acknowledged: list[str] = []

    for round_ in range(6):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, store_url], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        acknowledged.append(writer.stdout.readline().strip())
        time.sleep(0.013 * (round_ + 1))
        writer.send_signal(signal.SIGKILL)
        acknowledged.extend(line.strip() for line in writer.stdout if line.endswith("\n"))
        writer.wait()
        writer.stdout.close()

    with Store.open(store_url) as again:
        held = again.read_now(counts)
        keys = {one.event.key.partition("|")[2] for one in again.read_now(read.events)}
        alerts = {one.id.removeprefix("a-") for one in again.read_now(read.alerts)}
        records = {row[2].record.key for row in again.read_now(lambda conn: list(read.log_records(conn)))}
    assert len(acknowledged) >= 6
    assert len(set(held.values())) == 1, held
    assert set(acknowledged) <= keys == alerts == records
    assert len(keys) <= len(acknowledged) + 6  # at most the one in flight at each kill was not acknowledged


def test_a_copy_taken_during_heavy_writing_is_whole_and_stops_nobody(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/c.db") as store:
        taken = claimed(store, 400)
        waits: list[float] = []

        def write() -> None:
            for number, turn in enumerate(taken):
                began = time.monotonic()
                finish(store, whole(turn, str(number)))
                waits.append(time.monotonic() - began)

        writing = threading.Thread(target=write)
        writing.start()
        for number in range(4):
            store.backup(tmp_path / f"copy{number}.db")
        writing.join()

    assert max(waits) < 1.0
    for number in range(4):
        copy = sqlite3.connect(tmp_path / f"copy{number}.db")
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = ("record", "event", "incident", "alert", "evidence", "look")
        assert len({copy.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables}) == 1
        copy.close()
    assert not list(tmp_path.glob("*.part"))


# --------------------------------------------------------------------------- the daemon's lock


def test_a_second_daemon_is_barred_until_the_first_has_gone(store: Store, store_url: str) -> None:
    with Lock.take(store_url) as first:
        assert first.held()
        with pytest.raises(Busy, match="another counterwatch daemon"):
            Lock.take(store_url)
        assert store.write_now(lambda conn: 7) == 7  # commands are not barred

    with Lock.take(store_url) as second:
        assert second.held()
    assert not first.held() or store.dialect == "postgresql"


def test_a_killed_daemon_leaves_no_lock(store: Store, store_url: str) -> None:
    code = "import sys, time; from monitor.edge.store import Lock; lock = Lock.take(sys.argv[1]); print('held', flush=True); time.sleep(60)"
    daemon = subprocess.Popen([sys.executable, "-c", code, store_url], stdout=subprocess.PIPE, text=True)
    assert daemon.stdout is not None
    assert daemon.stdout.readline() == "held\n"
    with pytest.raises(Busy):
        Lock.take(store_url)

    daemon.kill()
    daemon.wait()
    daemon.stdout.close()

    end = time.monotonic() + 5.0
    while True:  # PostgreSQL notices a dead session after a moment
        try:
            Lock.take(store_url).release()
            break
        except Busy:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_a_lock_lost_with_its_connection_is_taken_again_unless_somebody_was_first(postgres: str) -> None:
    from tests.edge.store.test_writer import cut

    first = Lock.take(postgres)
    cut(postgres)
    assert first.held()
    cut(postgres)
    with Lock.take(postgres):
        assert not first.held()
    assert first.held()
    first.release()


def test_the_lock_file_names_its_holder(tmp_path: Path) -> None:
    import os

    with Lock.take(f"sqlite:///{tmp_path}/c.db"), pytest.raises(Busy, match=f"process {os.getpid()}"):
        Lock.take(f"sqlite:///{tmp_path}/c.db")
