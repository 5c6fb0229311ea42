"""The sealer beside the daemon, the head outside the database, and what `audit verify` makes of both."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from monitor.app import auditing, sealing, speech
from monitor.app.sealing import Sealer, restored, seal_now
from monitor.edge import heads
from monitor.edge.chain import Fault, Head
from monitor.edge.heads import HeadUnreadable, Kept
from monitor.edge.store import Store, audit, commit
from monitor.judge import words
from tests.edge.store.words import NOW, alert, judged, proof
from tests.house import HandClock, Office, Source, company, found, watchlist

DAY = timedelta(days=1)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


def lived(store: Store, *keys: str) -> None:
    """Let turns bring something: an answer, an event and an alert for each key."""

    def work(conn: Connection) -> None:
        for key in keys:
            commit.keep_evidence(conn, [proof(key.encode())])
            commit.add_events(conn, [judged(f"reg.dissolved|{key}")])
            commit.add_alerts(conn, [alert(f"a-{key}")], NOW)

    store.write_now(work)


def office(tmp_path: Path, store: Store) -> Office:
    return Office(tmp_path / "etc", store, HandClock(NOW), (Source(said=found(company())),), watchlist(range(1, 2)))


def read(state: Path) -> Kept:
    kept = heads.read(state)
    assert kept is not None
    return kept


def codes(store: Store, state: Path, other: Head | None = None) -> list[str]:
    return [one.code for one in auditing.look(store, state, other).faults]


# --------------------------------------------------------------------------- the sealer


async def test_the_sealer_seals_and_notes_the_head_outside(tmp_path: Path, store: Store, state: Path) -> None:
    lived(store, "1", "2")
    o = office(tmp_path, store)

    await Sealer(state).round(o.desk)

    assert await store.read(audit.unsealed) == 0
    assert read(state).head == await store.read(audit.head) != Head()
    assert read(state).instance == store.instance
    assert (state / heads.NAME).stat().st_mode & 0o077 == 0
    await o.close()


async def test_a_second_with_nothing_to_seal_writes_nothing(tmp_path: Path, store: Store, state: Path) -> None:
    lived(store, "1")
    o, sealer = office(tmp_path, store), Sealer(state)
    await sealer.round(o.desk)
    before, noted = store.commits, (state / heads.NAME).stat().st_mtime_ns

    for _ in range(5):
        await sealer.round(o.desk)

    assert store.commits == before
    assert (state / heads.NAME).stat().st_mtime_ns == noted
    await o.close()


async def test_the_first_head_of_each_day_is_kept(tmp_path: Path, store: Store, state: Path) -> None:
    o, sealer = office(tmp_path, store), Sealer(state)
    heads_of_days = []
    for key in ("1", "2", "3"):
        lived(store, key)
        await sealer.round(o.desk)
        heads_of_days.append(read(state).head)
        o.clock.pass_(DAY)

    assert list(read(state).days.values()) == heads_of_days
    assert codes(store, state) == []
    await o.close()


async def test_an_older_copy_in_the_place_of_the_database_is_told_once_and_its_proof_is_kept(
    tmp_path: Path, store: Store, state: Path
) -> None:
    lived(store, "1")
    o, sealer = office(tmp_path, store), Sealer(state)
    await sealer.round(o.desk)
    # As if the file were from yesterday, and knew nothing of what came since.
    lost = Kept(store.instance, Head(70, "7" * 64), "2026-02-28T12:00:00.000000Z")
    heads.write(state, lost)
    for key in ("2", "3"):
        lived(store, key)
        await sealer.round(o.desk)

    assert await store.read(audit.unsealed) in (0, 1)  # the notice itself may wait for the next second
    assert read(state) == lost
    assert await o.notices() == ["audit_broken"]
    assert codes(store, state) == ["head_missing"]
    await o.close()


# --------------------------------------------------------------------------- the head outside


def test_a_cut_end_is_found_by_the_head_outside(store: Store, state: Path) -> None:
    lived(store, "1", "2")
    seal_now(store, state, NOW)
    assert codes(store, state) == []

    def cut(conn: Connection) -> None:
        if store.dialect == "sqlite":
            conn.execute(text("DROP TRIGGER audit_delete"))
        else:
            conn.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        conn.execute(text("DELETE FROM audit WHERE number > 3"))
        for table, key in (("event", "id"), ("alert", "id"), ("evidence", "sha256")):
            conn.execute(text(f"DELETE FROM {table} WHERE {key} NOT IN (SELECT object FROM audit)"))

    store.write_now(cut)

    assert codes(store, state) == ["head_missing"]
    assert codes(store, state.parent) == []  # from inside nothing is to be seen


def test_a_restored_older_file_is_found_and_a_restore_that_a_person_did_is_none(tmp_path: Path, state: Path) -> None:
    path = tmp_path / "db" / "counterwatch.db"
    with Store.open(f"sqlite:///{path}") as store:
        lived(store, "1")
        seal_now(store, state, NOW)
        store.backup(tmp_path / "older.db")
        lived(store, "2", "3")
        seal_now(store, state, NOW + DAY)
        lost = read(state).head
    shutil.copyfile(tmp_path / "older.db", path)

    with Store.open(f"sqlite:///{path}") as store:
        assert auditing.look(store, state).faults == (Fault("head_missing", 4, lost.number),)
        lived(store, "4", "5", "6")
        seal_now(store, state, NOW + DAY)
        assert codes(store, state) == ["head_other"]
        assert read(state).head == lost

        store.write_now(lambda conn: restored(conn, state, NOW, NOW + DAY))

        report = auditing.look(store, state)
        assert report.sound
        assert report.restores == (audit.instant(NOW + DAY),)
        seal_now(store, state, NOW + DAY)
        assert read(state).head == store.read_now(audit.head)
        assert codes(store, state) == []


def test_a_head_from_the_ops_channel_can_be_compared(store: Store, state: Path) -> None:
    lived(store, "1")
    seal_now(store, state, NOW)
    head = store.read_now(audit.head)
    (state / heads.NAME).unlink()

    assert codes(store, state, head) == []
    assert codes(store, state, Head(head.number, "0" * 64)) == ["head_other"]
    assert codes(store, state, Head(head.number + 5, "0" * 64)) == ["head_missing"]
    assert heads.parse(str(head)) == head


@pytest.mark.parametrize("wrong", ["", "7", "7:abc", f"x:{'0' * 64}", f"-1:{'0' * 64}", f"1:{'g' * 64}"])
def test_what_is_no_head_is_not_taken_for_one(wrong: str) -> None:
    assert heads.parse(wrong) is None


@pytest.mark.parametrize("text_", ["", "{", "[]", '{"head": 1}', '{"instance":"a","head":"1:2","at":"","days":{}}'])
def test_half_a_file_is_said_and_ends_nothing(store: Store, state: Path, text_: str) -> None:
    lived(store, "1")
    (state / heads.NAME).write_text(text_)

    with pytest.raises(HeadUnreadable):
        heads.read(state)
    report = auditing.look(store, state)
    assert (report.sound, report.note) == (True, "head_unreadable")
    seal_now(store, state, NOW)
    assert codes(store, state) == []


def test_a_database_begun_anew_by_consent_has_a_head_of_its_own(store: Store, state: Path) -> None:
    heads.write(state, Kept("another", Head(70, "7" * 64), "2026-02-28T12:00:00.000000Z"))
    lived(store, "1")

    assert auditing.look(store, state).note == "head_foreign"
    seal_now(store, state, NOW)
    assert read(state).instance == store.instance


def test_a_folder_that_cannot_be_written_does_not_end_the_sealing(store: Store, tmp_path: Path) -> None:
    lived(store, "1")

    seal_now(store, tmp_path / "nowhere", NOW)

    assert store.read_now(audit.unsealed) == 0
    assert sealing.AT_ONCE <= 5_000  # others want to write between two portions


# --------------------------------------------------------------------------- what is said


def test_the_report_says_in_both_languages_what_was_found_and_what_to_do(store: Store, state: Path) -> None:
    lived(store, "1", "2")
    store.write_now(lambda conn: conn.execute(text("UPDATE event SET title = 'x' WHERE key = 'reg.dissolved|2'")))
    seal_now(store, state, NOW)
    lived(store, "3")

    report = auditing.look(store, state)

    english = "\n".join(auditing.lines(report, speech.voice("en")))
    chinese = "\n".join(auditing.lines(report, speech.voice("zh")))
    assert "The first bad row of the audit log is number 5." in english
    assert "does not read as it did when it was written" in english
    assert "3 rows are not sealed yet" in english
    assert "restore the last backup that verifies" in english
    assert "第一处错误在第 5 号" in chinese
    assert auditing.row(report)["first_bad"] == 5
    assert not auditing.row(report)["ok"]


def test_every_fault_and_every_note_has_its_sentence() -> None:
    from typing import get_args

    from monitor.edge import chain

    for language in words.LANGUAGES:
        voice = speech.voice(language)
        for code in get_args(chain.Code):
            report = auditing.Report(Head(), 1, 1, (Fault(code, 1, 2, "event", "ev_1"),), more=3, kept=Head())
            said = "\n".join(auditing.lines(report, voice))
            assert "{" not in said, said
        for note in ("head_absent", "head_unreadable", "head_foreign"):
            assert all(auditing.lines(auditing.Report(Head(), 0, 0, (), note=note), voice))


def test_a_damaged_database_is_a_finding_too(tmp_path: Path, state: Path) -> None:
    path = tmp_path / "db" / "counterwatch.db"
    with Store.open(f"sqlite:///{path}") as store:
        lived(store, *map(str, range(400)))
        seal_now(store, state, NOW)
    body = bytearray(path.read_bytes())
    for page in range(len(body) // 8192, len(body) // 4096):
        body[page * 4096 : page * 4096 + 16] = b"\xff" * 16
    path.write_bytes(body)

    with Store.open(f"sqlite:///{path}") as store:
        report = auditing.look(store, state)

    assert not report.sound
    assert "damaged" in "\n".join(auditing.lines(report, speech.voice("en")))
