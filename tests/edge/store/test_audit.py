"""The audit log: it comes with the work, is chained without a gap, and nothing can be changed behind its back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, text
from sqlalchemy.exc import DBAPIError

from monitor.edge import chain
from monitor.edge.chain import BEGIN, Fault, Head, Row, Walk
from monitor.edge.store import Store, audit, commit, forget, outbox, tables
from monitor.edge.store.tables import audit as audit_table
from monitor.model import Origin, Outcome
from tests.edge.store.words import (
    HOUR,
    MINUTE,
    NOW,
    alert,
    claimed,
    event,
    finish,
    judged,
    proof,
    record,
    settled,
    whole,
)


def lived(store: Store, turns: int = 3) -> None:
    """Let a few turns bring something, send one alert, decide something, and seal it all."""
    for number, turn in enumerate(claimed(store, turns)):
        assert finish(store, whole(turn, str(number)))
    store.write_now(lambda conn: outbox.sent(conn, "a-0", "C1", "1.1", NOW))
    store.write_now(lambda conn: audit.decided(conn, "hold", "released", "gleif", NOW, "li"))
    sealed(store)


def sealed(store: Store, limit: int = 1000) -> Head | None:
    head = None
    while (found := store.write_now(lambda conn: audit.seal(conn, NOW + MINUTE, limit))) is not None:
        head = found
    return head


def faults(store: Store) -> list[Fault]:
    return store.read_now(lambda conn: list(audit.faults(conn, Walk())))


def rows(store: Store) -> list[Row]:
    return store.read_now(audit.rows)


def told(store: Store) -> list[tuple[str, str, str]]:
    return [(row.kind, row.what, row.object) for row in rows(store)]


# --------------------------------------------------------------------------- what is written


def test_a_turn_tells_of_all_it_brought(store: Store) -> None:
    (turn,) = claimed(store)

    finish(store, whole(turn, "1"))

    brought = event("reg.dissolved|1").id
    assert told(store) == [
        ("evidence", "kept", proof(b"1").sha256),
        ("event", "new", brought),
        ("alert", "queued", "a-1"),
    ]
    assert store.read_now(audit.unsealed) == 3


def test_a_turn_that_brings_nothing_tells_nothing(store: Store) -> None:
    for outcome, turn in zip((Outcome.SAME, Outcome.DOWN, Outcome.CHANGED), claimed(store, 3), strict=True):
        finish(store, settled(turn, outcome, put=[record()] if outcome is Outcome.CHANGED else []))

    assert told(store) == []


def test_a_turn_that_is_lost_leaves_no_row(store: Store) -> None:
    (turn,) = claimed(store)

    assert not finish(store, whole(replace(turn, number=turn.number + 1), "1"))

    assert told(store) == []


def test_what_was_known_is_told_once_and_what_joins_it_again(store: Store) -> None:
    store.write_now(lambda conn: commit.add_events(conn, [judged()]))
    store.write_now(lambda conn: commit.add_events(conn, [judged()]))
    second = judged(origins=(Origin("Gazette", "gb_gazette", True),))
    store.write_now(lambda conn: commit.add_events(conn, [second]))
    store.write_now(lambda conn: commit.add_alerts(conn, [alert(), alert()], NOW))
    store.write_now(lambda conn: commit.add_alerts(conn, [alert()], NOW))
    store.write_now(lambda conn: commit.keep_evidence(conn, [proof(), proof()]))

    assert [(kind, what) for kind, what, _ in told(store)] == [
        ("event", "new"),
        ("event", "joined"),
        ("alert", "queued"),
        ("evidence", "kept"),
    ]
    sealed(store)
    assert faults(store) == []


def test_a_renamed_customer_and_a_new_verdict_leave_everything_sound(store: Store) -> None:
    listing = commit.Listing("c0", "Nordlys AS", "NO", "d", {"orgnr": "923609016"}, "f")
    store.write_now(lambda conn: commit.customers(conn, [listing], NOW))
    lived(store)

    store.write_now(lambda conn: commit.rejudge(conn, "reg.dissolved|0", judged().verdict, "i-9"))
    store.write_now(lambda conn: commit.customers(conn, [replace(listing, id="nordlys")], NOW + HOUR))

    sealed(store)
    assert faults(store) == []
    assert {what for _, what, _ in told(store)} >= {"judged", "renamed", "edited"}


# --------------------------------------------------------------------------- sealing


def test_rows_are_chained_in_the_order_they_were_written(store: Store) -> None:
    lived(store)

    found = rows(store)
    assert [row.number for row in found] == list(range(1, len(found) + 1))
    assert [row.prev for row in found] == [BEGIN, *(row.hash for row in found[:-1])]
    assert store.read_now(audit.head) == Head(len(found), found[-1].hash or "")
    assert store.write_now(lambda conn: audit.seal(conn, NOW, 10)) is None


def test_small_portions_make_the_same_chain_without_a_gap(store: Store) -> None:
    for number, turn in enumerate(claimed(store, 4)):
        finish(store, whole(turn, str(number)))

    sealed(store, limit=5)

    assert [row.number for row in rows(store)] == list(range(1, 13))
    assert faults(store) == []


def test_rows_that_were_committed_and_not_sealed_when_the_daemon_died_are_sealed_by_the_next(
    store: Store, store_url: str
) -> None:
    lived(store)
    later = whole(claimed(store, 4)[0], "9")
    finish(store, later)
    store.close()  # committed, never sealed

    with Store.open(store_url) as again:
        assert again.read_now(audit.unsealed) == 3
        sealed(again)
        assert again.read_now(audit.unsealed) == 0
        assert faults(again) == []


def test_a_row_that_commits_late_is_not_passed_over(postgres: str, request: pytest.FixtureRequest) -> None:
    """PostgreSQL gives the number of a row before its transaction commits: a later one may show up first."""
    engine = create_engine(postgres)
    with engine.begin() as conn:
        conn.execute(text("DROP SCHEMA public CASCADE"))
        conn.execute(text("CREATE SCHEMA public"))
    said = audit.Said("hold", "released", "early", NOW, text={"by": "li"})
    with Store.open(postgres) as store, engine.connect() as slow:
        begun = slow.begin()
        audit.add(slow, [said])
        store.write_now(lambda conn: audit.add(conn, [replace(said, object="late")]))
        sealed(store)
        begun.commit()
        sealed(store)

        assert [(row.object, row.number) for row in rows(store)] == [("early", 2), ("late", 1)]
        assert faults(store) == []
    engine.dispose()


# --------------------------------------------------------------------------- the triggers


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET note = '{}' WHERE number = 1",
        "UPDATE audit SET hash = 'x' WHERE number = 1",
        "UPDATE audit SET number = NULL WHERE number = 1",
        "UPDATE audit SET what = 'x', number = 99, prev = '', hash = '', sealed_at = '' WHERE number IS NULL",
        "UPDATE audit SET digest = 'x' WHERE number IS NULL",
        "DELETE FROM audit WHERE number = 1",
        "DELETE FROM audit WHERE number IS NULL",
        "DELETE FROM audit",
        "UPDATE audit_apart SET salt = 'x'",
    ],
)
def test_the_database_refuses_to_change_what_was_written(store: Store, statement: str) -> None:
    lived(store)
    finish(store, whole(claimed(store, 4)[0], "9"))

    with pytest.raises(DBAPIError, match="append-only"):
        store.write_now(lambda conn: conn.execute(text(statement)))

    sealed(store)
    assert faults(store) == []


def test_replacing_a_row_is_refused_too(store: Store) -> None:
    lived(store)
    if store.dialect == "sqlite":
        replaced = "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE number = 1"
        moved = "UPDATE OR REPLACE audit SET number = 1 WHERE number IS NULL"
    else:
        replaced = "INSERT INTO audit SELECT * FROM audit WHERE number = 1 ON CONFLICT (id) DO UPDATE SET note = ''"
        moved = "TRUNCATE audit"
    finish(store, whole(claimed(store, 4)[0], "9"))

    for statement in (replaced, moved):
        with pytest.raises(DBAPIError, match="append-only"):
            store.write_now(partial(_execute, statement))


def _execute(statement: str, conn: Connection) -> None:
    conn.execute(text(statement))


# --------------------------------------------------------------------------- tampering


def unlocked(conn: Connection) -> None:
    """Take the triggers away, as somebody would who owns the database."""
    if conn.dialect.name == "sqlite":
        for name in ("audit_insert", "audit_update", "audit_delete", "audit_apart_update"):
            conn.execute(text(f"DROP TRIGGER {name}"))
    else:
        conn.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        conn.execute(text("ALTER TABLE audit_apart DISABLE TRIGGER USER"))


SWAPPED = """UPDATE audit SET number = CASE number WHEN 2 THEN -3 ELSE -2 END WHERE number IN (2, 3);
UPDATE audit SET number = -number WHERE number < 0"""
EVENT = event("reg.dissolved|1").id
ANSWER = proof(b"1").sha256

# What lived() writes: rows 1 to 9 are (evidence, event, alert) of three turns, 10 an alert sent, 11 a decision.
TAMPERED: list[tuple[str, str, str, int | None]] = [
    ("a title", f"UPDATE event SET title = 'all is well' WHERE id = '{EVENT}'", "object_altered", 5),
    ("a severity", f"UPDATE event SET severity = 'low' WHERE id = '{EVENT}'", "object_altered", 5),
    ("a moment", f"UPDATE event SET first_seen = first_seen + 0.001 WHERE id = '{EVENT}'", "object_altered", 5),
    ("a blank in JSON", f"UPDATE event SET facts = facts || ' ' WHERE id = '{EVENT}'", "object_altered", 5),
    ("an event gone", f"DELETE FROM event WHERE id = '{EVENT}'", "object_missing", 5),
    ("an event put in", "INSERT INTO event SELECT * FROM event", "object_unknown", None),
    ("an answer's address", f"UPDATE evidence SET url = 'https://x/' WHERE sha256 = '{ANSWER}'", "object_altered", 4),
    ("an answer's headers", f"UPDATE evidence SET headers = '{{}}' WHERE sha256 = '{ANSWER}'", "object_altered", 4),
    ("an answer's body", f"UPDATE evidence SET body = 'x' WHERE sha256 = '{ANSWER}'", "body_altered", 4),
    ("an answer gone", f"DELETE FROM evidence WHERE sha256 = '{ANSWER}'", "object_missing", 4),
    ("an alert's channel", "UPDATE alert SET channel = '#x' WHERE id = 'a-1'", "object_altered", 6),
    ("where it was sent", "UPDATE alert SET slack_ts = '9.9' WHERE id = 'a-0'", "object_altered", 10),
    ("sent no more", "UPDATE alert SET state = 'suppressed' WHERE id = 'a-0'", "object_altered", 10),
    ("an alert gone", "DELETE FROM alert WHERE id = 'a-2'", "object_missing", 9),
    ("a row's note", "UPDATE audit SET note = '{\"x\":1}' WHERE number = 7", "row_altered", 7),
    ("a row's digest", "UPDATE audit SET digest = prev WHERE number = 7", "row_altered", 7),
    ("a row's hash", "UPDATE audit SET hash = digest WHERE number = 7", "row_altered", 7),
    ("a row gone", "DELETE FROM audit WHERE number = 7", "row_missing", 7),
    ("rows gone", "DELETE FROM audit WHERE number BETWEEN 3 AND 6", "row_missing", 3),
    ("the first row gone", "DELETE FROM audit WHERE number = 1", "row_missing", 1),
    ("two rows exchanged", SWAPPED, "row_altered", 2),
    ("a salt", "UPDATE audit_apart SET salt = ref WHERE text IS NOT NULL", "text_altered", 11),
    ("who decided", """UPDATE audit_apart SET text = '{"by":"wang"}' WHERE text IS NOT NULL""", "text_altered", 11),
    ("who decided, gone", "DELETE FROM audit_apart WHERE text IS NOT NULL", "text_missing", 11),
]


@pytest.mark.parametrize(("what", "statement", "code", "number"), TAMPERED, ids=[one[0] for one in TAMPERED])
def test_whatever_is_changed_is_found_and_named(
    store: Store, what: str, statement: str, code: str, number: int | None
) -> None:
    lived(store)
    if what == "an event put in":
        names = [column.name for column in tables.event.columns]
        foreign = [f"'{one}'" if one in ("id", "key") else f'"{one}"' for one in names]
        statement = f"INSERT INTO event SELECT {', '.join(foreign)} FROM event WHERE id = '{EVENT}'"
    if store.dialect == "postgresql":
        statement = statement.replace("body = 'x'", "body = CAST('x' AS bytea)")

    def tamper(conn: Connection) -> None:
        unlocked(conn)
        for one in statement.split(";"):
            conn.execute(text(one.replace(":1", "\\:1").replace(':"', '\\:"')))

    assert faults(store) == []
    store.write_now(tamper)

    found = faults(store)
    assert code in {one.code for one in found}
    assert min((one.number for one in found if one.number), default=None) == number


def test_a_row_changed_with_its_hash_is_found_at_the_next(store: Store) -> None:
    lived(store)
    row = rows(store)[4]
    changed = replace(row, note='{"adopted":true}')
    forged = chain.row_hash(changed, 5, row.prev or "", row.sealed_at or "")

    def tamper(conn: Connection) -> None:
        unlocked(conn)
        conn.execute(audit_table.update().where(audit_table.c.number == 5).values(note=changed.note, hash=forged))

    store.write_now(tamper)

    assert faults(store) == [Fault("row_unlinked", 6, kind="alert", object="a-1")]


def test_a_row_put_between_is_found(store: Store) -> None:
    lived(store)

    def tamper(conn: Connection) -> None:
        unlocked(conn)
        last = audit.head(conn)
        row = {"written_at": "", "kind": "x", "what": "x", "object": "x", "note": "{}", "number": last.number + 1}
        conn.execute(insert(audit_table).values(**row, prev=last.hash, hash="f" * 64, sealed_at=""))

    store.write_now(tamper)

    assert [one.code for one in faults(store)] == ["row_altered"]


# --------------------------------------------------------------------------- the law


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound SQLite store in one file, its triggers taken away."""
    folder = tmp_path_factory.mktemp("sound")
    with Store.open(f"sqlite:///{folder}/counterwatch.db") as store:
        lived(store)
        store.write_now(lambda conn: audit.add(conn, [audit.Said("hold", "discarded", "b", NOW, text={"by": "wang"})]))
        sealed(store)
        assert faults(store) == []
        store.write_now(unlocked)
    with closing(sqlite3.connect(folder / "counterwatch.db")) as file:
        file.execute("PRAGMA journal_mode = DELETE")
    return folder / "counterwatch.db"


VOUCHED = {
    "audit": "number",
    "audit_apart": "ref",
    "event": "id",
    "evidence": "sha256",
    "alert": "id",
}
# What an alert goes through until it is sent is not vouched for, nor whom it is about: a customer may be renamed.
_FREE = {
    *("customer", "incident", "state", "reason", "attempts", "not_before", "claimed_at", "sent_at"),
    *("slack_channel", "slack_ts", "shown", "mention"),
}


def _cells(path: Path) -> list[tuple[str, str, Any, str]]:
    with closing(sqlite3.connect(path)) as file:
        file.row_factory = sqlite3.Row
        return [
            (table, key, row[key], column)
            for table, key in VOUCHED.items()
            for row in file.execute(f"SELECT * FROM {table}")
            for column in tuple(row.keys())
            if row[column] not in (None, "", b"") and not (table == "alert" and column in _FREE)
        ]


def _looked(path: Path) -> list[Fault]:
    with Store.open(f"sqlite:///{path}", accept_empty=True) as store:
        return faults(store)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_changed_byte_is_found(sound: Path, tmp_path: Path, data: st.DataObject) -> None:
    table, key, id_, column = data.draw(st.sampled_from(_cells(sound)))
    copy = tmp_path / "counterwatch.db"
    shutil.copyfile(sound, copy)

    with closing(sqlite3.connect(copy)) as file, file:
        where = f'FROM {table} WHERE "{key}" = ?'
        asked = f'SELECT CAST("{column}" AS BLOB), typeof("{column}") {where}'
        value, kind = file.execute(asked, (id_,)).fetchone()
        place = data.draw(st.integers(0, len(value) - 1))
        byte = data.draw(st.integers(0, 255).filter(lambda one: one != value[place]))
        changed = value[:place] + bytes([byte]) + value[place + 1 :]
        new = _as(kind, changed)
        if new is None or new == _as(kind, value):
            return  # no number any more, or the same one in other letters
        cast = "CAST(? AS TEXT)" if kind == "text" else "?"
        file.execute(f'UPDATE OR REPLACE {table} SET "{column}" = {cast} WHERE "{key}" = ?', (new, id_))

    assert _looked(copy) != []


def _as(kind: str, value: bytes) -> Any:
    """Return bytes as a value of the column's storage class; None if they are none."""
    if kind in ("text", "blob"):
        return value
    try:
        return float(value) if kind == "real" else int(value)
    except ValueError:
        return None


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_removed_row_is_found_and_so_is_any_exchange(sound: Path, tmp_path: Path, data: st.DataObject) -> None:
    copy = tmp_path / "counterwatch.db"
    shutil.copyfile(sound, copy)
    with closing(sqlite3.connect(copy)) as file, file:
        (last,) = file.execute("SELECT max(number) FROM audit").fetchone()
        if data.draw(st.booleans()):
            first, second = data.draw(st.lists(st.integers(1, last), min_size=2, max_size=2, unique=True))
            file.execute("UPDATE audit SET number = -number WHERE number IN (?, ?)", (first, second))
            file.execute("UPDATE audit SET number = ? WHERE number = ?", (second, -first))
            file.execute("UPDATE audit SET number = ? WHERE number = ?", (first, -second))
        else:
            table = data.draw(st.sampled_from(["event", "evidence", "alert", "audit", "audit_apart"]))
            ids = [row[0] for row in file.execute(f"SELECT {VOUCHED[table]} FROM {table}")]
            # The last row of all cannot be missed from inside: the head outside tells (tests/app/test_sealing.py).
            gone = data.draw(st.sampled_from([one for one in ids if not (table == "audit" and one == last)]))
            file.execute(f"DELETE FROM {table} WHERE {VOUCHED[table]} = ?", (gone,))

    assert _looked(copy) != []


# --------------------------------------------------------------------------- erasing


def test_erasing_leaves_the_chain_sound_and_says_why(store: Store) -> None:
    lived(store)

    def erase(conn: Connection) -> None:
        forget.drop_evidence(conn, [ANSWER], NOW + HOUR, {"why": "retention", "days": 730})
        forget.blank_events(conn, [EVENT], NOW + HOUR, {"why": "retention", "days": 730}, "as the law asks")

    store.write_now(erase)

    assert faults(store) == []
    sealed(store)
    assert faults(store) == []
    tombs = [row for row in rows(store) if row.what == "erased"]
    assert {(row.kind, row.object) for row in tombs} == {("evidence", ANSWER), ("event", EVENT)}
    assert {row.note for row in tombs} == {'{"days":730,"why":"retention"}'}
    assert {row.written_at for row in tombs} == {audit.instant(NOW + HOUR)}


def test_what_is_erased_and_comes_again_is_told_again(store: Store) -> None:
    lived(store)
    store.write_now(lambda conn: forget.drop_evidence(conn, [ANSWER], NOW, {"why": "retention"}))

    store.write_now(lambda conn: commit.keep_evidence(conn, [proof(b"1")]))

    assert faults(store) == []
    store.write_now(lambda conn: conn.execute(text("DELETE FROM evidence WHERE sha256 = :one"), {"one": ANSWER}))
    assert [one.code for one in faults(store)] == ["object_missing"]


def test_a_whole_tail_made_anew_shows_in_the_head_only(store: Store) -> None:
    """Whoever owns the database can write a chain of their own: that is why its head is kept elsewhere."""
    lived(store)
    before = store.read_now(audit.head)

    def forge(conn: Connection) -> None:
        unlocked(conn)
        conn.execute(text("DELETE FROM audit WHERE number > 10"))
        audit.decided(conn, "hold", "released", "gleif", NOW, "wang")
        conn.execute(text("DELETE FROM audit_apart WHERE ref NOT IN (SELECT ref FROM audit)"))

    store.write_now(forge)
    sealed(store)

    assert faults(store) == []
    assert store.read_now(lambda conn: audit.hash_at(conn, before.number)) != before.hash
