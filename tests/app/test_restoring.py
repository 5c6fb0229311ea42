"""Backup and restore: one file, checked both ways; and after a restore nothing is said twice."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import restoring
from monitor.app.reconcile import Before
from monitor.app.refused import Refused
from monitor.edge import archive
from monitor.edge.settings import Places
from monitor.edge.store import (
    Busy,
    Lock,
    SchemaNewer,
    Store,
    StoreError,
    audit,
    backup,
    commit,
    digests,
    read,
    restored,
)
from tests.delivery import Fake, alert, desk, in_slack, incident, put, running, slack, states
from tests.house import HandClock, Office, Source, company, found, until, watchlist


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    for name in [one for one in os.environ if one.startswith(("COUNTERWATCH_", "SLACK_"))]:
        monkeypatch.delenv(name)
    config = tmp_path / "etc"
    config.mkdir()
    (config / "watchlist.yaml").write_text(watchlist(range(2)), "utf-8")
    (config / "counterwatch.yaml").write_text("timezone: UTC\n", "utf-8")
    return Places(config, tmp_path / "state")


def opened(places: Places) -> Store:
    places.state.mkdir(exist_ok=True)
    return Store.open(f"sqlite:///{places.state}/counterwatch.db", state=places.state)


@pytest.fixture
def saved(places: Places, tmp_path: Path) -> Path:
    """A backup in which one alert waits."""
    with opened(places) as store:
        put(store, alert(1))
    target = tmp_path / "backup.zip"
    assert restoring.backup(places, target, force=False, as_json=True) == 0
    return target


def everything(folder: Path) -> dict[str, bytes]:
    """Return all that a folder holds, but for the lock, which holds nothing."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


# --------------------------------------------------------------------------- the backup


def test_a_backup_is_one_file_for_its_owner_that_vouches_for_itself(
    places: Places, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    restoring.backup(places, saved, force=True, as_json=True)
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    with zipfile.ZipFile(saved) as pack:
        names, manifest = pack.namelist(), json.loads(pack.read("manifest.json"))

    assert names == ["manifest.json", "counterwatch.db", "watchlist.yaml", "counterwatch.yaml"]
    assert saved.stat().st_mode & 0o777 == 0o600
    assert manifest["schema"] == said["schema"]
    assert manifest["files"].keys() == {*names} - {"manifest.json"}
    assert [one.name for one in saved.parent.iterdir() if one.name.startswith(".")] == []


def test_a_backup_replaces_nothing_that_it_was_not_told_to(places: Places, saved: Path) -> None:
    database = places.state / "counterwatch.db"
    before = saved.read_bytes(), everything(places.state)

    for target, force, why in (
        (saved, False, "backup_there"),
        (database, True, "backup_itself"),
        (places.state / "counterwatch.db-wal", True, "backup_itself"),
        (places.config, True, "backup_folder"),
        (places.state / "none" / "b.zip", False, "cannot_write"),
    ):
        with pytest.raises(Refused) as refused:
            restoring.backup(places, target, force=force, as_json=True)
        assert refused.value.what == why
    assert (saved.read_bytes(), everything(places.state)) == before
    assert restoring.backup(places, saved, force=True, as_json=True) == 0


def test_a_damaged_database_makes_no_backup_and_an_older_backup_stays(places: Places, saved: Path) -> None:
    database, before = places.state / "counterwatch.db", saved.read_bytes()
    whole = bytearray(database.read_bytes())
    whole[8192:20000] = os.urandom(20000 - 8192)
    database.write_bytes(whole)

    with pytest.raises(StoreError):
        restoring.backup(places, saved, force=True, as_json=True)

    assert saved.read_bytes() == before


def test_postgresql_is_told_its_own_tools_with_the_command(
    places: Places, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERWATCH_STORE_PASSWORD", "canary")
    (places.config / "counterwatch.yaml").write_text("store: postgresql://cw@db.example/cw\n", "utf-8")

    with pytest.raises(Refused) as out:
        restoring.backup(places, Path("/x/b.dump"), force=False, as_json=True)
    with pytest.raises(Refused) as back:
        restoring.restore(places, saved, with_config=False, as_json=True)

    assert out.value.facts["command"].startswith("pg_dump --format=custom --file=/x/b.dump 'postgresql://cw:***@db")
    assert "pg_restore" in back.value.facts["command"]
    assert "canary" not in str(out.value.facts)


def test_a_backup_is_of_one_moment_and_nobody_who_writes_waits_for_it(places: Places, tmp_path: Path) -> None:
    """P25: between any two steps of a copy others commit, and the copy shows none of it."""
    with opened(places) as store:
        filler = {"text": "x" * 8000}
        put(store, *(alert(n, facts=filler) for n in range(3000)))
        written: list[int] = []

        def while_copying(left: int, total: int) -> None:
            put(store, alert(f"later-{left}"))
            written.append(left)

        backup.copy(places.state / "counterwatch.db", tmp_path / "copy.db", step=while_copying)

        assert len(written) > 2
        assert len(store.read_now(lambda conn: read.alerts(conn, limit=10_000))) == 3000 + len(written)
    with Store.open(f"sqlite:///{tmp_path}/copy.db") as copy:
        assert len(copy.read_now(lambda conn: read.alerts(conn, limit=10_000))) == 3000


def test_every_backup_taken_while_somebody_writes_is_whole(places: Places, tmp_path: Path) -> None:
    stop = threading.Event()
    with opened(places) as store:

        def write() -> None:
            number = 0
            while not stop.is_set():
                put(store, *(alert(f"{number}-{n}") for n in range(20)))
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(5):
                restoring.backup(places, tmp_path / f"{number}.zip", force=False, as_json=True)
        finally:
            stop.set()
            writer.join()

    for number in range(5):
        (tmp_path / str(number)).mkdir()
        archive.unpack(tmp_path / f"{number}.zip", tmp_path / str(number))
        with Store.open(f"sqlite:///{tmp_path}/{number}/counterwatch.db") as copy:
            assert len(copy.read_now(lambda conn: read.alerts(conn, limit=100_000))) % 20 == 0


# --------------------------------------------------------------------------- the way back


def test_a_restore_brings_everything_back_and_keeps_what_was_there(
    places: Places, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(places) as store:
        put(store, alert(2))
    capsys.readouterr()

    assert restoring.restore(places, saved, with_config=False, as_json=True) == 0

    said = json.loads(capsys.readouterr().out)
    with opened(places) as store:
        assert [one.id for one in store.read_now(read.alerts)] == ["al_1"]
        note = store.read_now(restored.last)
    assert note is not None
    assert note.made_at <= note.at <= datetime.now(UTC)
    kept = sqlite3.connect(said["aside"])
    assert kept.execute("SELECT count(*) FROM alert").fetchone() == (2,)
    kept.close()
    assert list(places.state.glob("restore-*")) == []


def test_a_restore_stands_in_the_audit_log_with_the_head_that_was_lost(places: Places, saved: Path) -> None:
    with opened(places) as store:
        put(store, alert(2))
        lost = store.write_now(lambda conn: audit.seal(conn, datetime.now(UTC), 100))
    assert lost is not None

    restoring.restore(places, saved, with_config=False, as_json=True)

    with opened(places) as store:
        (note,) = store.read_now(audit.restores)
    assert note.lost == lost


def test_a_restore_over_a_damaged_database_is_what_restores_are_for(places: Places, saved: Path) -> None:
    (places.state / "counterwatch.db").write_bytes(b"SQLite format 3\0" + os.urandom(20_000))

    restoring.restore(places, saved, with_config=False, as_json=True)

    with opened(places) as store:
        assert [one.id for one in store.read_now(read.alerts)] == ["al_1"]


def test_a_restore_works_on_a_machine_that_has_nothing(places: Places, saved: Path, tmp_path: Path) -> None:
    bare = Places(tmp_path / "new" / "etc", tmp_path / "new" / "state")

    assert restoring.restore(bare, saved, with_config=False, as_json=True) == 0

    assert (bare.config / "watchlist.yaml").read_bytes() == (places.config / "watchlist.yaml").read_bytes()
    with opened(bare) as store:
        assert len(store.read_now(read.alerts)) == 1


def test_yaml_files_that_differ_are_only_replaced_when_that_is_asked_for(places: Places, saved: Path) -> None:
    mine = places.config / "watchlist.yaml"
    old, new = mine.read_bytes(), watchlist(range(5)).encode()
    mine.write_bytes(new)

    restoring.restore(places, saved, with_config=False, as_json=True)
    untouched = mine.read_bytes()
    restoring.restore(places, saved, with_config=True, as_json=True)

    assert untouched == new
    assert mine.read_bytes() == old
    assert (places.config / "watchlist.yaml.replaced").read_bytes() == new


def test_a_bare_database_is_restored_too_and_dated_by_its_newest_row(places: Places, tmp_path: Path) -> None:
    long_ago = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with opened(places) as store:
        store.write_now(lambda conn: commit.add_alerts(conn, [alert(1, created_at=long_ago)], long_ago))
        store.backup(tmp_path / "counterwatch.db.before-0002")

    restoring.restore(places, tmp_path / "counterwatch.db.before-0002", with_config=False, as_json=True)

    with opened(places) as store:
        note = store.read_now(restored.last)
    assert note is not None
    assert note.made_at == long_ago


def test_a_restore_waits_for_no_daemon(places: Places, saved: Path) -> None:
    before = everything(places.state)

    with Lock.take(f"sqlite:///{places.state}/counterwatch.db"), pytest.raises(Busy):
        restoring.restore(places, saved, with_config=False, as_json=True)

    assert everything(places.state) == before


def test_a_database_that_was_brought_back_by_other_means_is_marked(places: Places, saved: Path) -> None:
    assert restoring.mark(places, as_json=True) == 0

    with opened(places) as store:
        assert store.read_now(restored.last) is not None
    with pytest.raises(Refused):
        restoring.mark(Places(places.config, places.state / "nowhere"), as_json=True)


# --------------------------------------------------------------------------- files that are refused


def rewritten(saved: Path, changed: Mapping[str, bytes | None], *, compress: int = zipfile.ZIP_STORED) -> Path:
    """Return a copy of a backup in which members are replaced, added or (None) left out; the manifest as it was."""
    target = saved.with_name("odd.zip")
    with zipfile.ZipFile(saved) as old:
        members: dict[str, bytes | None] = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(target, "w", compress) as new:
        for name, data in (members | dict(changed)).items():
            if data is not None:
                new.writestr(name, data)
    return target


def vouched(saved: Path, database: bytes, **said: str) -> Path:
    """Return a backup whose manifest vouches for another database."""
    with zipfile.ZipFile(saved) as old:
        manifest = json.loads(old.read("manifest.json"))
    manifest["files"]["counterwatch.db"] = hashlib.sha256(database).hexdigest()
    return rewritten(saved, {"counterwatch.db": database, "manifest.json": json.dumps(manifest | said).encode()})


def changed_database(saved: Path, *statements: str) -> bytes:
    file = saved.with_name("changed.db")
    with zipfile.ZipFile(saved) as pack:
        file.write_bytes(pack.read("counterwatch.db"))
    connection = sqlite3.connect(file)
    for one in statements:
        connection.execute(one)
    connection.commit()
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    return file.read_bytes()


def cut(saved: Path) -> Path:
    target = saved.with_name("cut.zip")
    target.write_bytes(saved.read_bytes()[:-2000])
    return target


def flipped(saved: Path) -> Path:
    """One byte of the database is another one; zip's own checksum is not asked to see it."""
    database = bytearray(changed_database(saved))
    database[9000] ^= 0xFF
    return rewritten(saved, {"counterwatch.db": bytes(database)})


def letter(saved: Path) -> Path:
    target = saved.with_name("letter.zip")
    target.write_text("this is no backup, it is a letter" * 100)
    return target


BAD: dict[str, Callable[[Path], Path]] = {
    "cut": cut,
    "a letter": letter,
    "a flipped byte": flipped,
    "no database": lambda saved: rewritten(saved, {"counterwatch.db": None}),
    "no manifest": lambda saved: rewritten(saved, {"manifest.json": None}),
    "a way out of the folder": lambda saved: rewritten(saved, {"../../etc/cron.d/evil": b"* * * * * root"}),
    "an absolute path": lambda saved: rewritten(saved, {"/etc/passwd": b"root"}),
    "one more file": lambda saved: rewritten(saved, {"kept.yaml": b"x"}),
    "a bomb": lambda saved: rewritten(saved, {"watchlist.yaml": bytes(50_000_000)}, compress=zipfile.ZIP_DEFLATED),
    "a huge list": lambda saved: rewritten(saved, {"watchlist.yaml": bytes(20_000_001)}),
    "a strange manifest": lambda saved: rewritten(saved, {"manifest.json": b'{"format": 1, "files": []}'}),
    "a newer format": lambda saved: rewritten(saved, {"manifest.json": b'{"format": 2}'}),
    "another database": lambda saved: vouched(saved, changed_database(saved), instance="another"),
    "a damaged database": lambda saved: vouched(saved, changed_database(saved)[:16384] + bytes(40_000)),
    "not ours": lambda saved: vouched(saved, changed_database(saved, "DROP TABLE alembic_version")),
    "a trigger of somebody": lambda saved: vouched(
        saved, changed_database(saved, "CREATE TRIGGER evil AFTER INSERT ON meta BEGIN DELETE FROM alert; END")
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_file_that_is_no_sound_backup_changes_nothing(places: Places, saved: Path, bad: str) -> None:
    file = BAD[bad](saved)
    before = everything(places.state), everything(places.config)

    with pytest.raises((Refused, StoreError)):
        restoring.restore(places, file, with_config=True, as_json=True)

    assert (everything(places.state), everything(places.config)) == before
    assert not (saved.parent / "etc" / "cron.d").exists()


def test_a_backup_of_a_newer_program_is_refused_with_both_versions(places: Places, saved: Path) -> None:
    newer = changed_database(saved, "UPDATE alembic_version SET version_num = '0999'")
    before = everything(places.state)

    with pytest.raises(SchemaNewer, match=r"0999.*up to 0005|0999"):
        restoring.restore(places, vouched(saved, newer, schema="0999"), with_config=False, as_json=True)

    assert everything(places.state) == before


# --------------------------------------------------------------------------- Slack remembers what we forgot


@pytest.fixture
def fake() -> Iterator[Any]:
    with Fake(rate=0, tiers=False) as server:
        yield server


def forget(store: Store, *ids: str, made_at: datetime | None = None) -> None:
    """Make the store what a backup would be from before these alerts were sent."""
    from monitor.edge.store.tables import alert as table

    def job(conn: Any) -> None:
        conn.execute(table.delete().where(table.c.id.in_(ids)))
        now = datetime.now(UTC)
        restored.note(conn, restored.Restored(now, made_at or now - timedelta(minutes=5)))

    store.write_now(job)


async def sent(store: Store, fake: Any, count: int) -> None:
    async with running(desk(store, slack(fake))):
        await until(lambda: len(in_slack(fake)) == count and states(store).get("sent", 0) >= count)


async def test_what_was_sent_after_the_backup_is_not_sent_again(places: Places, fake: Any) -> None:
    with opened(places) as store:
        put(store, alert(1), alert(2), alert(3, channel="#counterwatch-ops"))
        await sent(store, fake, 3)
        forget(store, "al_1", "al_2", "al_3")
        put(store, alert(1), alert(2), alert(3, channel="#counterwatch-ops"), alert(4))  # seen again, and one more

        async with running(desk(store, slack(fake))):
            await until(lambda: states(store) == {"sent": 4})

        found = {one.id: one for one in store.read_now(read.alerts)}
    assert sorted(in_slack(fake)) == ["al_1", "al_2", "al_3", "al_4"]
    assert found["al_1"].slack_ts == next(e["ts"] for e in fake.log("message") if "al_1" in e["text"])


async def test_an_alert_that_is_made_again_days_later_is_known_still(places: Places, fake: Any) -> None:
    with opened(places) as store:
        put(store, alert(1))
        await sent(store, fake, 1)
        forget(store, "al_1")
        async with running(desk(store, slack(fake))) as one:
            put(store, alert(2))
            one.deliverer.wake()
            await until(lambda: states(store) == {"sent": 1})
            put(store, alert(1))
            one.deliverer.wake()
            await until(lambda: states(store) == {"sent": 2})

    assert sorted(in_slack(fake)) == ["al_1", "al_2"]


async def test_what_comes_to_wait_after_the_history_was_read_is_marked_where_it_would_be_claimed(
    places: Places, fake: Any
) -> None:
    with opened(places) as store:
        put(store, alert(1))
        await sent(store, fake, 1)
        where = str(store.read_now(lambda conn: read.alert_of(conn, "al_1")).slack_channel)  # type: ignore[union-attr]
        forget(store, "al_1")
        found = store.read_now(restored.last)
        assert found is not None
        before, now = Before(store, found), datetime.now(UTC)
        door = slack(fake)
        await before.settle(door, "#customer-watch", where, now)
        await door.close()

        put(store, alert(1))
        ready = await store.write(lambda conn: before.absorbed(conn, "#customer-watch", where, now))

        assert ready
        assert states(store) == {"sent": 1}


async def test_a_reply_in_a_thread_is_found_in_its_thread(places: Places, fake: Any) -> None:
    story = incident("inc_1")
    root, reply = alert(1, incident="inc_1"), alert(2, kind="reply", incident="inc_1")
    with opened(places) as store:
        put(store, root, reply, incidents=[story])
        await sent(store, fake, 2)
        forget(store, "al_1", "al_2")
        put(store, root, reply)

        async with running(desk(store, slack(fake))):
            await until(lambda: states(store) == {"sent": 2})

    assert in_slack(fake) == ["al_1", "al_2"]


async def test_the_lines_of_a_digest_are_not_sent_again_and_nobody_answers_in_its_thread(
    places: Places, fake: Any
) -> None:
    many = [alert(f"{n:08x}{n:08x}", incident=f"inc_{n}") for n in range(30)]
    with opened(places) as store:
        put(store, *many, incidents=[incident(f"inc_{n}") for n in range(30)])
        async with running(desk(store, slack(fake))):
            await until(lambda: states(store).get("sent", 0) == 31)
        forget(store, *(one.id for one in store.read_now(read.alerts)))
        put(store, *many)

        async with running(desk(store, slack(fake))):
            await until(lambda: states(store) == {"sent": 30})
            await asyncio.sleep(0.2)  # the edits have had their turn
        found = store.read_now(read.alerts)

    assert len(in_slack(fake)) == 1
    assert all(digests.is_member(one) for one in found)
    assert [entry for entry in fake.log() if entry.get("method") == "chat.update"] == []


async def test_nothing_leaves_while_slack_does_not_say_what_it_heard(places: Places, fake: Any) -> None:
    with opened(places) as store:
        put(store, alert(1))
        await sent(store, fake, 1)
        forget(store, "al_1")
        put(store, alert(1), alert(2))
        fake.fault("http", "conversations.history", status=503, times=3)

        async with running(desk(store, slack(fake))):
            await until(lambda: sum(e.get("method") == "conversations.history" for e in fake.log()) >= 2)
            assert in_slack(fake) == ["al_1"]
            await until(lambda: states(store) == {"sent": 2})

    assert in_slack(fake) == ["al_1", "al_2"]


async def test_a_message_from_before_the_backup_is_no_reason_for_silence(places: Places, fake: Any) -> None:
    with opened(places) as store:
        put(store, alert(1))
        await sent(store, fake, 1)
        forget(store, "al_1", made_at=datetime.now(UTC) + timedelta(hours=2))
        put(store, alert(1))

        async with running(desk(store, slack(fake))):
            await until(lambda: states(store) == {"sent": 1})

    assert in_slack(fake) == ["al_1", "al_1"]


async def test_a_change_that_is_seen_again_after_a_restore_is_the_same_alert(
    places: Places, tmp_path: Path, fake: Any
) -> None:
    """The whole way: told, forgotten by the restore, seen again, and known by its id."""
    register = Source("register", said=found(company()))

    async def live(store: Store, at: datetime, status: str) -> None:
        office = Office(tmp_path / "office", store, HandClock(at), (register,), watchlist(range(1, 3)))
        await office.start()
        register.otherwise = found(company(status))
        for customer in ("c1", "c2"):
            await office.look("register", customer)
        await office.duties()
        await office.close()

    now = datetime.now(UTC)
    with opened(places) as store:
        await live(store, now - timedelta(days=3), "active")
        async with running(desk(store, slack(fake))):
            await until(lambda: states(store) == {"sent": 1})  # the opening report
    restoring.backup(places, tmp_path / "b.zip", force=False, as_json=True)
    with opened(places) as store:
        await live(store, now - timedelta(days=2), "dissolved")
        async with running(desk(store, slack(fake))):
            await until(lambda: states(store) == {"sent": 3})
    before = sorted(in_slack(fake))

    restoring.restore(places, tmp_path / "b.zip", with_config=False, as_json=True)
    with opened(places) as store:
        forgotten = states(store)
        await live(store, now - timedelta(days=1), "dissolved")
        async with running(desk(store, slack(fake))):
            await until(lambda: states(store) == {"sent": 3})

    assert forgotten == {"sent": 1}
    assert sorted(in_slack(fake)) == before
    assert len(before) == 3
