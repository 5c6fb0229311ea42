"""An export of evidence is checked with sha256sum alone, and holds nothing but what it should."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.app import proof
from monitor.app.refused import Refused
from monitor.edge.store import Store, audit, outbox, read
from monitor.edge.store.codec import StoredEvent
from monitor.model import Evidence
from tests.edge.store.words import HOUR, NOW, alert, claimed, finish, incident, judged, settled
from tests.edge.store.words import proof as answer
from tests.house import house, watchlist

BODY = "<html>Wound up: 北光海产 & co</html>".encode()
SECRET = "k3y-0f-the-source"


def lived(store: Store, *answers: Evidence) -> StoredEvent:
    """Let a turn bring an event with these raw answers, send its alert, and seal."""
    kept = list(answers) or [answer(BODY)]
    (turn,) = claimed(store)
    said = judged("reg.dissolved|1", "i-1", evidence=tuple(one.sha256 for one in kept), title="../../etc/passwd")
    told = alert("a-1", event=said.event.id, incident="i-1")
    finish(store, settled(turn, events=[said], incidents=[incident("i-1")], alerts=[told], evidence=kept))
    store.write_now(lambda conn: outbox.sent(conn, "a-1", "C1", "1.1", NOW))
    store.write_now(lambda conn: audit.seal(conn, NOW, 100))
    (found,) = store.read_now(read.events)
    return found


def gathered(store: Store, found: StoredEvent) -> dict[str, bytes]:
    return store.read_now(lambda conn: proof.gather(conn, found, [SECRET], NOW + HOUR))


def unzipped(target: Path, folder: Path) -> list[str]:
    with zipfile.ZipFile(target) as pack:
        names = pack.namelist()
        pack.extractall(folder)
    return names


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("sha256sum is absent")
    return subprocess.run([tool, "-c", proof.MANIFEST], cwd=folder, capture_output=True, text=True, check=False)


def test_sha256sum_alone_confirms_every_file_and_finds_a_changed_one(store: Store, tmp_path: Path) -> None:
    files = gathered(store, lived(store))
    proof.write(tmp_path / "case.zip", files, NOW)

    names = unzipped(tmp_path / "case.zip", tmp_path / "out")

    assert checked(tmp_path / "out").returncode == 0
    assert set(names) == set(files)
    raw = tmp_path / "out" / "evidence" / answer(BODY).sha256
    assert raw.read_bytes() == BODY
    raw.write_bytes(BODY + b" ")
    assert checked(tmp_path / "out").returncode == 1


def test_the_rows_of_the_audit_log_vouch_for_what_lies_beside_them(store: Store) -> None:
    found = lived(store)
    files = gathered(store, found)

    rows = {row.number: row for row in store.read_now(audit.rows)}
    pages = {
        int(name[6:15]): body for name, body in files.items() if name.startswith("audit/0") and name.count(".") == 1
    }
    assert {number: hashlib.sha256(page).hexdigest() for number, page in pages.items()} == {
        number: row.hash for number, row in rows.items()
    }
    contents = {name: body for name, body in files.items() if name.endswith(".content.json")}
    for name, body in contents.items():
        assert hashlib.sha256(body).hexdigest() == json.loads(pages[int(name[6:15])])["digest"]
    told = [json.loads(body) for body in contents.values()]
    assert {one["_kind"] for one in told} == {"event", "evidence", "alert"}
    assert next(one for one in told if one["_kind"] == "event")["title"] == found.event.title


def test_what_has_changed_since_is_not_vouched_for(store: Store) -> None:
    from sqlalchemy import text

    found = lived(store)
    store.write_now(lambda conn: conn.execute(text("UPDATE event SET title = 'x'")))

    kinds = {json.loads(body)["_kind"] for name, body in gathered(store, found).items() if ".content" in name}

    assert kinds == {"evidence", "alert"}


def test_foreign_names_reach_no_path(store: Store) -> None:
    strange = replace(answer(BODY), url="https://x.example/../../../etc/passwd", media_type="../../x")

    names = set(gathered(store, lived(store, strange)))

    assert all(not name.startswith("/") and ".." not in name and "\\" not in name for name in names)
    assert {name.partition("/")[0] for name in names} == {
        *("README.txt", "README.zh.txt", "event.json", "alerts.json", "evidence", "audit", proof.MANIFEST)
    }


def test_no_credential_gets_out(store: Store) -> None:
    echo = replace(
        answer(f'{{"you sent": "{SECRET}"}}'.encode()),
        url=f"https://api.example/x?key={SECRET}",
        headers={"x-echo": SECRET, "x-api-key": "abc", "server": "x"},
    )

    files = gathered(store, lived(store, echo))

    assert SECRET.encode() not in b"".join(files.values())
    assert f"evidence/{echo.sha256}.masked" in files
    assert "x-api-key" not in files[f"evidence/{echo.sha256}.headers.json"].decode()


def test_the_note_for_the_reader_is_there_in_both_languages(store: Store) -> None:
    from monitor.edge.store import forget

    found = lived(store, answer(BODY), answer(b"gone"))
    store.write_now(lambda conn: forget.drop_evidence(conn, [answer(b"gone").sha256], NOW, {"why": "retention"}))

    files = gathered(store, found)

    english, chinese = files["README.txt"].decode(), files["README.zh.txt"].decode()
    assert "sha256sum -c MANIFEST.sha256" in english
    assert "sha256sum -c MANIFEST.sha256" in chinese
    assert "1 answer is no longer kept" in english
    assert "1 份答复已不再保存" in chinese
    assert "{" not in english + chinese


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "case.zip"
    target.write_bytes(b"mine")

    with pytest.raises(Refused, match="export_there"):
        proof.write(target, {"a": b"b"}, NOW)
    with pytest.raises(Refused, match="backup_folder"):
        proof.write(tmp_path, {"a": b"b"}, NOW)
    with pytest.raises(Refused, match="cannot_write"):
        proof.write(tmp_path / "nowhere" / "case.zip", {"a": b"b"}, NOW)

    assert target.read_bytes() == b"mine"
    assert [one.name for one in tmp_path.iterdir()] == ["case.zip"]


def test_only_its_owner_may_read_an_export(tmp_path: Path) -> None:
    proof.write(tmp_path / "case.zip", {"a": b"b"}, NOW)

    assert (tmp_path / "case.zip").stat().st_mode & 0o077 == 0


def test_one_pass_is_sealed_exported_and_verified_and_a_tampered_store_is_found(tmp_path: Path) -> None:
    """The program itself, from one look to the exit code that says that somebody changed what was stored."""
    with house(tmp_path, range(1, 2)) as h:
        h.world.change(next(iter(h.world.entities)), status="INACTIVE")
        h.configure(watchlist(range(1, 2)))
        assert h.run("run", "--once", "--all").returncode == 0
        verified = h.run("audit", "verify", "--json")
        path = tmp_path / "state" / "counterwatch.db"
        with closing(sqlite3.connect(path)) as file:
            (event,) = next(row for row in file.execute("SELECT id FROM event WHERE evidence <> '[]'"))
        exported = h.run("evidence", event, "--export", str(tmp_path / "case.zip"))

        assert (verified.returncode, json.loads(verified.stdout)["ok"]) == (0, True)
        assert json.loads(verified.stdout)["unsealed"] == 0
        assert json.loads(verified.stdout)["kept_head"] == json.loads(verified.stdout)["head"]
        assert exported.returncode == 0, exported.stderr
        unzipped(tmp_path / "case.zip", tmp_path / "out")
        assert checked(tmp_path / "out").returncode == 0

        with closing(sqlite3.connect(path)) as file, file:
            file.execute("UPDATE event SET severity = 'info' WHERE id = ?", (event,))
        found = h.run("audit", "verify")
        wrong = h.run("audit", "verify", "--head", "x")

        assert found.returncode == 1
        assert f"event {event} does not read as it did" in found.stdout
        assert wrong.returncode == 2
        assert "not a head" in wrong.stderr
