"""Opening a store: its schema, whether it is the one we knew, and what is said when it cannot be used."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from monitor.edge.store import SchemaNewer, Store, StoreError, StoreUnreachable, commit, connect, read, schema
from monitor.edge.store.tables import metadata
from tests.edge.store.words import judged


def set_revision(store_url: str, revision: str) -> None:
    engine = create_engine(connect.parse(store_url))
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    engine.dispose()


def test_the_migrations_build_exactly_the_tables(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    options = {"compare_type": True}
    differences = store.read_now(
        lambda conn: compare_metadata(MigrationContext.configure(conn, opts=options), metadata)
    )

    assert differences == []


def test_the_program_knows_its_newest_revision() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(schema.alembic_config()).get_heads() == [schema.HEAD]


def test_a_store_opened_again_is_the_same_one(store: Store, store_url: str) -> None:
    store.write_now(lambda conn: commit.add_events(conn, [judged()]))
    store.close()

    with Store.open(store_url, migrate=False) as again:
        assert again.instance == store.instance
        assert len(again.read_now(read.events)) == 1


def test_a_store_of_the_right_schema_opens_without_alembic(store: Store, store_url: str) -> None:
    code = (
        "import sys; from monitor.edge.store import Store; Store.open(sys.argv[1]).close(); "
        "print([m for m in ('alembic', 'mako') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code, store_url], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_newer_schema_is_refused_with_both_versions(store: Store, store_url: str) -> None:
    store.close()
    set_revision(store_url, "0999")

    with pytest.raises(SchemaNewer) as refused:
        Store.open(store_url)

    assert "0999" in str(refused.value)
    assert schema.HEAD in str(refused.value)


def test_a_command_does_not_create_or_upgrade_a_store(store_url: str) -> None:
    with pytest.raises(StoreError, match="start the daemon once"):
        Store.open(store_url, migrate=False)


def test_somebody_elses_database_is_refused(store_url: str, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    engine = create_engine(connect.parse(store_url))
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE customer (id integer)"))
    engine.dispose()

    with pytest.raises(StoreError, match="not a counterwatch database: it holds the table customer"):
        Store.open(store_url)


def test_a_database_lost_from_its_server_is_noticed(store: Store, store_url: str, tmp_path: Path) -> None:
    store.close()
    if store.dialect == "sqlite":
        Path(make_url(store_url).database or "").unlink()
        folder = None
    else:
        folder = tmp_path
        Store.open(store_url, state=folder).close()
        engine = create_engine(store_url)
        with engine.begin() as conn:
            conn.execute(text("DROP SCHEMA public CASCADE"))
            conn.execute(text("CREATE SCHEMA public"))
        engine.dispose()

    with pytest.raises(StoreError, match="--accept-empty-store"):
        Store.open(store_url, state=folder)
    with Store.open(store_url, state=folder, accept_empty=True) as anew:
        assert anew.instance != store.instance
    Store.open(store_url, state=folder).close()


# --------------------------------------------------------------------------- SQLite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "counterwatch.db"


@pytest.fixture
def lite(path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{path}") as store:
        yield store


def test_a_sqlite_store_is_durable_and_waits_for_locks(lite: Store) -> None:
    def ask(name: str) -> object:
        return lite.write_now(lambda conn: conn.scalar(text(f"PRAGMA {name}")))

    assert [ask(name) for name in ("journal_mode", "synchronous", "foreign_keys")] == ["wal", 2, 1]
    assert lite.read_now(lambda conn: conn.scalar(text("PRAGMA busy_timeout"))) == 10_000
    lite.write_now(lambda conn: commit.add_events(conn, [judged()]))
    assert lite.wal_bytes() > 0


def test_another_database_in_the_place_of_the_known_one_is_refused(lite: Store, path: Path, tmp_path: Path) -> None:
    lite.close()
    other = tmp_path / "other" / "counterwatch.db"
    Store.open(f"sqlite:///{other}").close()
    other.replace(path)

    with pytest.raises(StoreError, match="is another one"):
        Store.open(f"sqlite:///{path}")


def test_an_emptied_file_is_no_new_start(lite: Store, path: Path) -> None:
    lite.close()
    path.write_bytes(b"")

    with pytest.raises(StoreError, match="has gone"):
        Store.open(f"sqlite:///{path}")
    assert path.read_bytes() == b""


@pytest.mark.parametrize(
    "content", [b"this is not a database, it is a letter" * 50, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_file_that_is_no_database_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(StoreError, match=r"not a database|damaged"):
        Store.open(f"sqlite:///{path}", accept_empty=True)
    assert path.read_bytes() == content


def test_a_database_is_copied_before_an_upgrade(lite: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lite.write_now(lambda conn: commit.add_events(conn, [judged()]))
    lite.close()
    monkeypatch.setattr(schema, "HEAD", "0002")  # as if the program were one step ahead

    Store.open(f"sqlite:///{path}").close()

    copied = sqlite3.connect(path.with_name("counterwatch.db.before-0002"))
    assert copied.execute("SELECT count(*) FROM event").fetchone() == (1,)
    copied.close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnreachable, match="folder of the database"):
        Store.open(f"sqlite:///{tmp_path}/file/state/counterwatch.db")


def test_a_state_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    code = (
        "import sys; from monitor.edge.store import Store, StoreUnreachable\n"
        "import os; os.getuid() or os.setuid(65534)\n"
        "try: Store.open(sys.argv[1])\n"
        "except StoreUnreachable as error: print(error)"
    )
    tmp_path.chmod(0o555)

    done = subprocess.run(
        [sys.executable, "-c", code, f"sqlite:///{tmp_path}/counterwatch.db"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "cannot be" in done.stdout
    tmp_path.chmod(0o755)


# --------------------------------------------------------------------------- PostgreSQL and addresses


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"database": "nowhere"}, "does not have this database"),
        ({"username": "nobody-here"}, "does not have this database or user"),
        ({"host": "127.0.0.1", "port": 1, "query": {}}, "nothing answers"),
    ],
)
def test_an_unreachable_postgresql_is_told_without_the_password(
    postgres: str, change: dict[str, object], said: str
) -> None:
    url = make_url(postgres).set(password="geheim", **change)  # type: ignore[arg-type]

    with pytest.raises(StoreUnreachable, match=said) as refused:
        Store.open(url)

    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "counterwatch.db"])
def test_an_address_we_cannot_use_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="write sqlite:///"):
        Store.open(url)


def test_nobody_else_may_read_a_store_or_its_copy(lite: Store, path: Path) -> None:
    lite.write_now(lambda conn: commit.add_events(conn, [judged()]))
    lite.backup(path.with_name("copy.db"))

    assert {file.name: file.stat().st_mode & 0o077 for file in path.parent.glob("*.db*")} == {
        "counterwatch.db": 0,
        "counterwatch.db-wal": 0,
        "counterwatch.db-shm": 0,
        "copy.db": 0,
    }
