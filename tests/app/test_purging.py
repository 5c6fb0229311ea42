"""What is kept too long goes; one person is forgotten; and the audit log stays whole and says why."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Connection, select

from monitor.app import auditing, purging, speech
from monitor.app.daemon import Daemon
from monitor.edge.config import RetentionSettings
from monitor.edge.store import Store, audit, commit, forget, outbox, read, tables, turns
from monitor.judge import render, words
from monitor.judge.persons import Person, person
from monitor.model import Evidence, Origin, Record
from tests.edge.store.words import NOW, alert, claimed, finish, incident, judged, proof, record, settled
from tests.house import HandClock, Office, Source, company, found, watchlist

DAY = timedelta(days=1)
NAME = "Kari Nordmann"
KEPT = RetentionSettings()


def meant() -> Person:
    found_ = person(NAME)
    assert found_ is not None
    return found_


def sound(store: Store, tmp_path: Path) -> bool:
    return auditing.look(store, tmp_path).sound


def overdue(store: Store, now: datetime) -> forget.Overdue:
    return store.read_now(lambda conn: forget.overdue(conn, purging.limits(KEPT, now)))


def purge(store: Store, now: datetime) -> None:
    for part in purging.parts(overdue(store, now)):
        store.write_now(lambda conn, one=part: forget.purge(conn, one, now, purging.days(KEPT)))  # type: ignore[misc]


def tombs(store: Store) -> list[tuple[str, str, dict[str, Any]]]:
    rows = store.read_now(audit.rows)
    return [(row.kind, row.object, json.loads(row.note)) for row in rows if row.what == "erased"]


def shas(store: Store) -> set[str]:
    return set(store.read_now(lambda conn: conn.scalars(select(tables.evidence.c.sha256)).all()))


# --------------------------------------------------------------------------- retention


def answers(store: Store) -> tuple[Evidence, Evidence]:
    """Keep two answers: one behind an incident, one behind a notice about the source."""
    (turn,) = claimed(store)
    story, alone = proof(b"story"), proof(b"alone")
    finish(
        store,
        settled(
            turn,
            evidence=[story, alone],
            events=[
                judged("reg.dissolved|1", "i-1", evidence=(story.sha256,)),
                judged("sys.source_suspect|1", None, evidence=(alone.sha256,)),
            ],
            incidents=[incident("i-1")],
        ),
    )
    return story, alone


@pytest.mark.parametrize(("days", "left"), [(729, 2), (731, 1), (2189, 1), (2191, 0)])
def test_answers_behind_an_incident_are_kept_longer(store: Store, tmp_path: Path, days: int, left: int) -> None:
    story, _ = answers(store)

    purge(store, NOW + days * DAY)

    assert len(shas(store)) == left
    assert (story.sha256 in shas(store)) == (left > 0)
    assert sound(store, tmp_path)
    assert len(tombs(store)) == 2 - left


def test_a_tombstone_says_why_and_when(store: Store) -> None:
    _, alone = answers(store)

    purge(store, NOW + 800 * DAY)

    assert tombs(store) == [("evidence", alone.sha256, {"why": "retention", "limit": "evidence", "days": 730})]
    assert store.read_now(audit.rows)[-1].written_at == audit.instant(NOW + 800 * DAY)


def test_an_incident_that_goes_on_keeps_its_answers(store: Store) -> None:
    story, _ = answers(store)
    late = NOW + 2000 * DAY
    store.write_now(lambda conn: commit.keep_incidents(conn, [incident("i-1", updated_at=late)]))

    purge(store, NOW + 2400 * DAY)

    assert shas(store) == {story.sha256}


def officers(store: Store) -> None:
    """A director who left long ago, one who is there, and an event about each."""
    (turn,) = claimed(store)
    one = [record("1", name="Ola Hansen", role="director"), record("2", name=NAME, role="director")]
    finish(store, settled(turn, put=one))
    again = store.write_now(lambda conn: turns.take(conn, "gleif", "c0", NOW + DAY, 60))
    assert again is not None
    gone = judged(
        "gov.director_left|c0|Ola Hansen|2026-03-02",
        "i-2",
        record_kind="officer",
        record_key="Ola Hansen",
        title="Ola Hansen left",
        url="https://register.example/ola-hansen",
        facts={"name": "Ola Hansen", "old": "Ola Hansen"},
    )
    finish(
        store,
        settled(
            again,
            now=NOW + DAY,
            ended=[("officer", "1")],
            events=[gone],
            incidents=[incident("i-2", topic="case:" + gone.event.key)],
            alerts=[alert("a-2", event=gone.event.id, key=gone.event.key + "|#watch", incident="i-2")],
        ),
    )
    store.write_now(lambda conn: outbox.sent(conn, "a-2", "C1", "1.1", NOW + DAY))


def test_a_former_director_is_forgotten_and_one_in_office_is_not(store: Store, tmp_path: Path) -> None:
    officers(store)
    assert not overdue(store, NOW + 700 * DAY)

    purge(store, NOW + 740 * DAY)

    assert names_in(store, "Ola Hansen") == []
    kept = store.read_now(lambda conn: conn.execute(select(tables.record.c.fields)).scalars().all())
    assert [one["name"] for one in kept] == [NAME]
    (stored,) = store.read_now(read.events)
    assert (stored.event.type, stored.event.customer, stored.event.first_seen) == ("gov.director_left", "c0", NOW)
    assert sound(store, tmp_path)
    assert not overdue(store, NOW + 800 * DAY)


def test_what_is_left_of_an_event_can_still_be_read(store: Store) -> None:
    officers(store)
    purge(store, NOW + 740 * DAY)

    (stored,) = store.read_now(read.events)
    for language in words.LANGUAGES:
        said = speech.happened(speech.voice(language), stored.event)
        assert said
        assert "{" not in said
    assert render.says(speech.voice(), stored.event, speech.taxonomy()[stored.event.type])


async def test_the_daemon_does_it_once_a_day(store: Store, tmp_path: Path) -> None:
    answers(store)
    o = Office(
        tmp_path / "etc", store, HandClock(NOW + 731 * DAY), (Source(said=found(company())),), watchlist(range(1, 2))
    )
    daemon = cast(Daemon, SimpleNamespace(desk=o.desk))

    first = await purging.round_(daemon)
    second = await purging.round_(daemon)
    o.clock.pass_(DAY)
    third = await purging.round_(daemon)

    assert first
    assert second is None
    assert third == forget.Overdue()
    assert len(shas(store)) == 1
    await o.close()


# --------------------------------------------------------------------------- one person


def named_everywhere(store: Store) -> None:
    """Let the name stand wherever it can."""
    (turn,) = claimed(store)
    body = b'{"items":[{"name":"NORDMANN, Kari","appointed_on":"2026-02-01"}]}'
    answer = replace(proof(body), media_type="application/json")
    picture = replace(proof(b"%PDF-1.7 compressed"), media_type="application/pdf")
    said = judged(
        f"gov.director_joined|c0|{NAME}|2026-02-01",
        "i-3",
        record_kind="officer",
        record_key=NAME,
        title=f"{NAME} joined",
        facts={"name": NAME},
        evidence=(answer.sha256, picture.sha256),
        origins=(Origin("Register", "gleif", True, "https://register.example/kari-nordmann"),),
    )
    other = judged("reg.dissolved|c0|1", "i-4", evidence=(proof(b"other").sha256,))
    finish(
        store,
        settled(
            turn,
            put=[
                record("7", name=NAME, role="director", born="1970-02"),
                record("9", kind="company", name="Nordlys AS", contact=f"c/o {NAME}"),
            ],
            events=[said, other],
            incidents=[incident("i-3", topic="case:" + said.event.key), incident("i-4")],
            alerts=[
                alert("a-3", event=said.event.id, incident="i-3", key=said.event.key + "|#watch"),
                alert("a-4", event=other.event.id, incident="i-4"),
                alert("a-5", event=None, incident=None, kind="report", facts={"today": [{"says": f"{NAME} joined"}]}),
            ],
            evidence=[answer, picture, proof(b"other")],
            spells=[("c0", f"gov.director_joined|{NAME}")],
            reason=f"{NAME} twice",
        ),
    )
    store.write_now(lambda conn: audit.decided(conn, "hold", "released", "gleif:c0", NOW, NAME))


def names_in(store: Store, name: str) -> list[str]:
    who = person(name)
    assert who is not None
    return [
        f"{hit.table} {hit.key} {list(hit.columns)}"
        for hit in store.read_now(lambda conn: list(forget.hits(conn, who)))
    ]


def test_everything_held_on_a_person_is_found(store: Store) -> None:
    named_everywhere(store)

    hits = store.read_now(lambda conn: list(forget.hits(conn, meant())))

    assert {hit.table for hit in hits} == {
        *("record", "event", "incident", "alert", "evidence", "spell", "look", "watch", "audit_apart")
    }
    assert sum(hit.table == "alert" for hit in hits) == 2


def test_a_person_who_is_forgotten_is_named_nowhere_and_the_chain_is_sound(store: Store, tmp_path: Path) -> None:
    named_everywhere(store)
    assert names_in(store, NAME)

    purging.forgotten(store, meant(), f"request of {NAME}, 2026-03-02", NOW + DAY)

    assert names_in(store, NAME) == []
    assert sound(store, tmp_path)
    assert {(kind, note["why"]) for kind, _, note in tombs(store)} == {
        *(("event", "person"), ("evidence", "person"), ("alert", "person"), ("hold", "person"))
    }
    assert shas(store) == {proof(b"other").sha256}
    left = {one.id: one for one in store.read_now(read.alerts)}
    assert (left["a-3"].state, left["a-3"].reason) == ("suppressed", "erased")
    assert left["a-4"].state == "pending"
    events = {one.event.type for one in store.read_now(read.events)}
    assert events == {"gov.director_joined", "reg.dissolved"}


def test_the_reason_is_kept_without_the_name(store: Store) -> None:
    named_everywhere(store)

    purging.forgotten(store, meant(), f"request of {NAME}, letter 12", NOW + DAY)

    apart = store.read_now(lambda conn: conn.execute(select(tables.audit_apart.c.text)).scalars().all())
    assert any("request of [erased], letter 12" in one for one in apart if one)


def test_no_trace_is_left_in_the_files(tmp_path: Path) -> None:
    path = tmp_path / "db" / "counterwatch.db"
    with Store.open(f"sqlite:///{path}") as store:
        named_everywhere(store)
        before = b"".join(one.read_bytes() for one in path.parent.iterdir())
        assert NAME.encode() in before

        purging.forgotten(store, meant(), "", NOW + DAY)

        files = {one.name: one.read_bytes() for one in path.parent.iterdir()}
        assert {name for name, body in files.items() if b"Nordmann" in body or b"NORDMANN" in body} == set()
        assert store.wal_bytes() == 0


def test_somebody_who_reads_meanwhile_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "db" / "counterwatch.db"
    with Store.open(f"sqlite:///{path}") as store, closing(sqlite3.connect(path, isolation_level=None)) as reader:
        named_everywhere(store)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM event").fetchone()

        with pytest.raises(Exception, match="busy"):
            forget.compact(store, whole=False, patience=0.3)
        reader.execute("COMMIT")

        forget.compact(store, whole=True)
        assert store.wal_bytes() == 0


def test_a_director_still_listed_is_not_told_as_new_at_the_next_look(store: Store) -> None:
    named_everywhere(store)
    before = store.read_now(_held)

    purging.forgotten(store, meant(), "", NOW + DAY)

    after = store.read_now(_held)
    assert after.keys() == before.keys()
    assert {key: digest for key, (digest, _) in after.items()} == {key: digest for key, (digest, _) in before.items()}
    assert after["officer", "7"][1]["name"] == "[erased]"
    assert after["company", "9"][1]["name"] == "Nordlys AS"


def _held(conn: Connection) -> dict[tuple[str, str], tuple[bytes, dict[str, Any]]]:
    rows: Sequence[Any] = conn.execute(select(tables.record).where(tables.record.c.valid_to.is_(None))).all()
    return {(row.kind, row.key): (row.digest, row.fields) for row in rows}


def test_where_the_key_is_the_name_the_watch_begins_anew_without_a_word(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn, put=[replace(record(), record=Record("officer", NAME, {"name": NAME}))]))

    purging.forgotten(store, meant(), "", NOW + DAY)

    assert names_in(store, NAME) == []
    row = store.read_now(lambda conn: conn.execute(select(tables.watch)).one())
    assert (row.version, row.validators, row.baseline_at) == (0, None, NOW)


def test_nobody_named_means_nothing_is_touched(store: Store, tmp_path: Path) -> None:
    named_everywhere(store)
    somebody = person("Ola Hansen")
    assert somebody is not None
    before = store.read_now(audit.rows)

    purging.forgotten(store, somebody, "", NOW + DAY)

    assert store.read_now(audit.rows) == before
    assert sound(store, tmp_path)


def test_the_list_of_what_must_be_done_by_hand_names_files_copies_and_messages(tmp_path: Path) -> None:
    path = tmp_path / "state" / "counterwatch.db"
    with Store.open(f"sqlite:///{path}") as store:
        named_everywhere(store)
        store.write_now(lambda conn: outbox.sent(conn, "a-3", "C1", "17.5", NOW))
        store.backup(path.with_name("counterwatch.db.before-0009"))
        (tmp_path / "watchlist.yaml").write_text(f"customers:\n  - claims: {{officers: [{NAME}]}}\n")
        hits = store.read_now(lambda conn: list(forget.hits(conn, meant())))

        places = SimpleNamespace(config=tmp_path)
        found_ = purging._elsewhere(places, store, hits, meant())  # type: ignore[arg-type]

    assert found_.files == (f"{tmp_path}/watchlist.yaml:2",)
    assert found_.copies == (str(path.with_name("counterwatch.db.before-0009")),)
    assert found_.messages == ("C1/17.5",)
