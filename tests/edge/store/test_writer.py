"""The one writer: what shares a transaction, what fails alone, and what happens when the database is away."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from monitor.edge.store import Store, StoreUnreachable, commit, connect, read, turns
from monitor.edge.store.turns import Same
from monitor.edge.store.writer import Job, Writer
from tests.edge.store.words import HOUR, NOW, claimed, counts, event, judged, watched, whole
from tests.house import until


@contextmanager
def held_up(store: Store) -> Iterator[None]:
    """Keep the writer busy with one job, so that what comes meanwhile shares the next transaction."""
    go, began = threading.Event(), threading.Event()

    def block(conn: Connection) -> None:
        began.set()
        assert go.wait(5.0)

    waiting = threading.Thread(target=store.write_now, args=(block,))
    waiting.start()
    began.wait(5.0)
    try:
        yield
    finally:
        go.set()
        waiting.join()


async def test_jobs_that_arrive_during_a_commit_share_the_next(store: Store) -> None:
    before = store.commits
    with held_up(store):
        jobs = [asyncio.create_task(store.write(lambda conn, n=n: n)) for n in range(20)]
        await asyncio.sleep(0.05)

    assert await asyncio.gather(*jobs) == list(range(20))
    assert store.commits == before + 2


async def test_a_job_that_fails_is_undone_alone(store: Store) -> None:
    def broken(conn: Connection) -> None:
        commit.add_events(conn, [judged("reg.broken|1")])
        raise ZeroDivisionError

    def refused(conn: Connection) -> None:
        commit.add_events(conn, [judged("reg.refused|1")])
        for _ in range(2):
            conn.execute(text("INSERT INTO meta (name, value) VALUES ('twice', '')"))

    with held_up(store):
        good = [
            asyncio.create_task(store.write(lambda conn, n=n: commit.add_events(conn, [judged(f"reg.x|{n}")])))
            for n in (1, 2)
        ]
        bad = [asyncio.create_task(store.write(job)) for job in (broken, refused)]
        good += [asyncio.create_task(store.write(lambda conn: commit.add_events(conn, [judged("reg.x|3")])))]
        await asyncio.sleep(0.05)
    results = await asyncio.gather(*good, *bad, return_exceptions=True)

    assert [type(one) for one in results] == [list, list, list, ZeroDivisionError, IntegrityError]
    assert sorted(one.event.key for one in store.read_now(read.events)) == ["reg.x|1", "reg.x|2", "reg.x|3"]


@pytest.mark.parametrize("kept", [False, True])
async def test_a_job_that_leaves_a_statement_half_read_keeps_nobody_waiting(store: Store, kept: bool) -> None:
    await store.write(lambda conn: [commit.remember(conn, f"n{n}", "") for n in range(9)])
    left: list[object] = []

    def half_read(conn: Connection) -> None:
        rows = iter(conn.execute(text("UPDATE meta SET value = 'x' WHERE name LIKE 'n%' RETURNING name")))
        left.extend([rows, next(rows)] if kept else [next(rows)])
        raise ZeroDivisionError

    with held_up(store):
        bad = asyncio.create_task(store.write(half_read))
        good = asyncio.create_task(store.write(lambda conn: commit.add_events(conn, [judged("reg.x|1")])))
        await asyncio.sleep(0.05)
    results = await asyncio.wait_for(asyncio.gather(bad, good, return_exceptions=True), 30)

    assert isinstance(results[0], Exception)
    assert [type(one) for one in results[1:]] == [list]
    assert store.trouble is None
    assert await store.read(lambda conn: read.remembered(conn, "n1")) == ""


async def test_unchanged_looks_gather_into_the_next_transaction(store: Store) -> None:
    taken = claimed(store, 50)
    before = store.commits
    with held_up(store):
        for turn in taken:
            store.same(Same(turn, NOW, NOW + HOUR))

    await store.flush()

    assert store.commits <= before + 3
    assert store.write_now(lambda conn: turns.claim(conn, NOW, 99, 60.0)) == []
    assert len(store.write_now(lambda conn: turns.claim(conn, NOW + HOUR, 99, 60.0))) == 50


async def test_a_caller_that_gave_up_takes_nobody_with_him(store: Store) -> None:
    with held_up(store):
        gone = asyncio.create_task(store.write(lambda conn: commit.add_events(conn, [judged("reg.gone|1")])))
        stays = asyncio.create_task(store.write(lambda conn: commit.add_events(conn, [judged("reg.stays|1")])))
        await asyncio.sleep(0.05)
        gone.cancel()
        await asyncio.sleep(0.05)
    await stays

    assert [one.event.type for one in store.read_now(read.events)] == ["reg.stays"]


async def test_a_reading_transaction_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        await store.read(lambda conn: commit.add_events(conn, [judged()]))

    assert await store.read(read.events) == []


def test_a_closed_store_refuses_and_closes_once(store: Store) -> None:
    store.close()
    store.close()

    with pytest.raises(StoreUnreachable, match="closed"):
        store.write_now(lambda conn: None)
    with pytest.raises(StoreUnreachable, match="closed"):
        store.read_now(lambda conn: None)


def test_closing_writes_what_was_queued(store: Store, store_url: str) -> None:
    (turn,) = claimed(store)
    store.same(Same(turn, NOW, NOW + HOUR))

    store.close()

    with Store.open(store_url) as again:
        assert again.read_now(turns.next_due) == NOW + HOUR


async def test_a_ping_moves_the_pulse_without_a_transaction(store: Store) -> None:
    pulse, commits = store.pulse, store.commits

    store.ping()

    await until(lambda: store.pulse > pulse)
    assert store.commits == commits
    assert store.idle()


def test_jobs_from_many_threads_all_arrive(store: Store) -> None:
    def add(start: int) -> None:
        for number in range(start, start + 10):
            store.write_now(lambda conn, n=number: commit.add_events(conn, [judged(f"reg.x|{n}")]))

    threads = [threading.Thread(target=add, args=(start,)) for start in range(0, 80, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.read_now(counts)["event"] == 80


# --------------------------------------------------------------------------- SQLite in trouble


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "counterwatch.db"


@pytest.fixture
def lite(path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{path}") as store:
        yield store


async def test_a_lock_held_elsewhere_for_seconds_delays_and_loses_nothing(lite: Store, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    pulse = lite.pulse

    job = asyncio.create_task(lite.write(lambda conn: commit.add_events(conn, [judged()])))
    await asyncio.sleep(2.5)
    assert not job.done()
    assert lite.pulse > pulse + 1  # the watchdog sees a writer that lives
    assert lite.trouble is None  # a lock of seconds is no trouble yet
    other.execute("COMMIT")
    other.close()

    assert len(await job) == 1
    assert [one.event.key for one in lite.read_now(read.events)] == [event().key]


def test_a_lock_that_stays_is_told_and_does_not_keep_the_store_from_closing(lite: Store, path: Path) -> None:
    writer = Writer(connect.writing(lite.url), "here", patience=0.5)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    job = Job(lambda conn: None, Future())

    writer.put(job)
    end = time.monotonic() + 5.0
    while writer.trouble is None and time.monotonic() < end:
        time.sleep(0.02)
    told, began = writer.trouble, time.monotonic()
    writer.close(timeout=3.0)

    assert told == "another process holds the lock of the database (here)"
    assert time.monotonic() - began < 2.5
    assert isinstance(job.future.exception(), StoreUnreachable)
    other.close()


def test_a_command_gives_up_and_its_work_is_not_done_later(lite: Store, path: Path) -> None:
    away = path.with_name("elsewhere")
    path.rename(away)

    with pytest.raises(StoreUnreachable, match="has gone"):
        lite.write_now(lambda conn: commit.add_events(conn, [judged()]), patience=0.2)
    away.rename(path)
    lite.write_now(lambda conn: None)

    assert lite.read_now(read.events) == []


@pytest.mark.parametrize(
    ("limit", "said"),
    [("max_page_count = 1", "the disk that holds the database is full"), ("query_only = 1", "cannot be written")],
)
async def test_a_full_or_read_only_disk_is_told_and_ends_by_itself(lite: Store, limit: str, said: str) -> None:
    limited = True

    def add(conn: Connection) -> None:
        if limited:  # SQLite's own limit of one connection; the next one, after trouble, has it no more
            conn.execute(text(f"PRAGMA {limit}"))
        for number in range(200):
            commit.add_events(conn, [judged(f"reg.x|{number}", title="x" * 2000)])

    job = asyncio.create_task(lite.write(add))
    await until(lambda: lite.trouble is not None)
    told = lite.trouble or ""
    assert not job.done()
    assert await lite.read(read.events) == []  # reading goes on
    limited = False
    await job

    assert said in told
    assert lite.trouble is None
    assert (await lite.read(counts))["event"] == 200


def test_a_probe_tells_a_disk_that_takes_nothing(lite: Store, path: Path) -> None:
    lite.probe()
    path.rename(path.with_name("elsewhere"))

    with pytest.raises(StoreUnreachable, match="has gone"):
        lite.probe(patience=0.1)


async def test_a_database_file_that_vanishes_is_not_written_to_unseen(lite: Store, path: Path) -> None:
    away = path.with_name("elsewhere")
    path.rename(away)

    job = asyncio.create_task(lite.write(lambda conn: commit.add_events(conn, [judged()])))
    await until(lambda: lite.trouble is not None)
    assert "has gone" in (lite.trouble or "")
    assert not path.exists()
    away.rename(path)

    assert len(await job) == 1
    assert lite.trouble is None


async def test_another_file_in_the_place_of_the_database_is_refused(lite: Store, path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.write_bytes(b"")

    job = asyncio.create_task(lite.write(lambda conn: None))
    await until(lambda: lite.trouble is not None)
    job.cancel()

    assert "another file" in (lite.trouble or "")
    assert path.stat().st_size == 0


# --------------------------------------------------------------------------- PostgreSQL in trouble


@pytest.fixture
def server(postgres: str) -> Iterator[Store]:
    engine = create_engine(postgres)
    with engine.begin() as conn:
        conn.execute(text("DROP SCHEMA public CASCADE"))
        conn.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    with Store.open(postgres) as store:
        yield store


def cut(postgres: str) -> int:
    """End every other connection to the database, as a restart would."""
    engine = create_engine(postgres)
    with engine.begin() as conn:
        ended = conn.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).fetchall()
    engine.dispose()
    return len(ended)


async def test_a_connection_cut_between_jobs_is_replaced(server: Store, postgres: str) -> None:
    await server.write(lambda conn: None)
    await server.read(read.events)
    assert cut(postgres) >= 2

    await server.write(lambda conn: commit.add_events(conn, [judged()]))

    assert len(await server.read(read.events)) == 1


async def test_a_connection_cut_in_the_middle_repeats_the_whole_unit_of_work(server: Store, postgres: str) -> None:
    turn = (await asyncio.to_thread(claimed, server))[0]
    attempts = 0

    def work(conn: Connection) -> bool:
        nonlocal attempts
        attempts += 1
        done = commit.turn(conn, whole(turn, "1"))
        if attempts == 1:
            cut(postgres)
        return done

    assert await server.write(work)

    assert attempts == 2
    assert set((await server.read(counts)).values()) == {1}


async def test_a_commit_whose_answer_was_lost_is_asked_about_not_repeated(server: Store) -> None:
    await server.write(lambda conn: turns.ensure(conn, watched(), NOW))
    attempts = 0

    def claim(conn: Connection) -> object:
        nonlocal attempts
        attempts += 1
        found = turns.claim(conn, NOW, 1, 60.0)
        if attempts == 1:
            _lose_the_answer_to_commit(conn)
        return found

    taken = await server.write(claim)

    assert attempts == 1
    assert [turn.number for turn in taken] == [1]  # type: ignore[attr-defined]
    assert server.trouble is None


def _lose_the_answer_to_commit(conn: Connection) -> None:
    """Let the server commit, then close the line before the answer is read."""
    import psycopg

    class Losing:
        def __init__(self, real: psycopg.Connection) -> None:
            self._real = real

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

        def commit(self) -> None:
            self._real.commit()
            self._real.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    record = conn.connection._connection_record  # type: ignore[attr-defined]
    lost = Losing(conn.connection.dbapi_connection)  # type: ignore[arg-type]
    record.dbapi_connection = lost
    conn.connection.dbapi_connection = lost  # type: ignore[misc,assignment]


async def test_a_lost_read_is_repeated(server: Store, postgres: str) -> None:
    attempts = 0

    def ask(conn: Connection) -> int:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            cut(postgres)
        return conn.scalar(text("SELECT 7")) or 0

    assert await server.read(ask) == 7
    assert attempts == 2


async def test_connections_cut_again_and_again_lose_and_double_nothing(server: Store, postgres: str) -> None:
    stop = threading.Event()

    def trouble() -> None:
        while not stop.wait(0.05):
            cut(postgres)

    cutter = threading.Thread(target=trouble)
    cutter.start()
    try:
        for number in range(60):
            await server.write(lambda conn, n=number: commit.add_events(conn, [judged(f"reg.x|{n}")]))
    finally:
        stop.set()
        cutter.join()

    assert (await server.read(counts))["event"] == 60
