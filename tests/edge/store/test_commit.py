"""One turn, whole or not at all, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from monitor.edge.store import Store, commit, read, tables, turns
from monitor.edge.store.commit import Listing
from monitor.model import Event, Origin, Outcome, Reason, Severity, Verdict
from tests.edge.store.words import (
    HOUR,
    MINUTE,
    NOW,
    alert,
    claimed,
    counts,
    event,
    finish,
    incident,
    judged,
    proof,
    record,
    settled,
    whole,
)


def test_a_turn_writes_all_it_found(store: Store) -> None:
    (turn,) = claimed(store)

    assert finish(store, whole(turn, "1"))

    assert set(store.read_now(counts).values()) == {1}


def test_a_lost_lease_commits_nothing(store: Store) -> None:
    (late,) = claimed(store, lease=60.0)
    (ours,) = store.write_now(lambda conn: turns.claim(conn, NOW + 2 * MINUTE, 1, 60.0))

    assert not finish(store, whole(late, "1"))

    assert set(store.read_now(counts).values()) == {0}
    assert finish(store, whole(ours, "1"))


def test_a_turn_commits_once(store: Store) -> None:
    (turn,) = claimed(store)

    assert finish(store, whole(turn, "1"))
    assert not finish(store, whole(turn, "2"))

    assert set(store.read_now(counts).values()) == {1}


def test_an_open_connection_commits_again_and_again_with_one_turn(store: Store) -> None:
    (turn,) = claimed(store)

    assert finish(store, settled(turn, put=[record("1")], lease_until=NOW + HOUR, due_at=turn.due_at))
    assert finish(store, settled(turn, put=[record("2")], lease_until=NOW + HOUR, due_at=turn.due_at))

    assert store.write_now(lambda conn: turns.claim(conn, NOW + 30 * MINUTE, 1, 60.0)) == []
    assert store.read_now(lambda conn: len(read.snapshot(conn, turn.watch))) == 2


def test_a_bad_look_leaves_the_last_good_one_standing(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn, put=[record()]))
    (again,) = store.write_now(lambda conn: turns.claim(conn, NOW + HOUR, 1, 60.0))

    finish(store, settled(again, Outcome.DOWN, NOW + HOUR, fails=1, reason="refused"))

    (line,) = store.read_now(turns.listing)
    assert (line.outcome, line.reason, line.fails) == (Outcome.DOWN, "refused", 1)
    assert (line.last_good_at, line.last_look_at) == (NOW, NOW + HOUR)
    looks = store.read_now(lambda conn: read.looks(conn, turn.watch))
    assert [(look.outcome, look.reason) for look in looks] == [(Outcome.DOWN, "refused"), (Outcome.CHANGED, "")]


def test_an_unchanged_full_look_leaves_no_line_among_the_looks(store: Store) -> None:
    (turn,) = claimed(store)

    finish(store, settled(turn, Outcome.SAME))

    assert store.read_now(lambda conn: read.looks(conn, turn.watch)) == []


def test_the_watch_gives_back_what_the_turn_left_with_it(store: Store) -> None:
    (turn,) = claimed(store)
    left = settled(
        turn, validators={"u": {"etag": "x"}}, memory=b"\0m", cursor="7", snapshot=b"\1s", second_look=True, fails=2
    )

    finish(store, left)

    (back,) = store.write_now(lambda conn: turns.claim(conn, NOW + HOUR, 1, 60.0))
    for name in (
        "validators",
        "memory",
        "cursor",
        "snapshot",
        "second_look",
        "fails",
        "version",
        "full_at",
        "baseline_at",
    ):
        assert getattr(back, name) == getattr(left, name), name


# --------------------------------------------------------------------------- records


def test_a_replaced_record_keeps_its_history_and_its_first_day(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn, put=[record(name="Nordlys")]))
    (again,) = store.write_now(lambda conn: turns.claim(conn, NOW + HOUR, 1, 60.0))

    finish(store, settled(again, now=NOW + HOUR, put=[record(name="Nordlys AS")]))

    past = store.read_now(lambda conn: read.history(conn, turn.watch, "officer", "1"))
    assert [(one.held.record.fields["name"], one.held.valid_from, one.until) for one in past] == [
        ("Nordlys", NOW, NOW + HOUR),
        ("Nordlys AS", NOW + HOUR, None),
    ]
    assert past[1].held.first_seen == NOW
    assert store.read_now(lambda conn: read.as_of(conn, turn.watch, NOW + MINUTE))["officer", "1"] == past[0].held


def test_an_ended_record_leaves_the_snapshot_but_not_the_history(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn, put=[record("1"), record("2")], lease_until=NOW + HOUR))

    finish(store, settled(turn, ended=[("officer", "1")]))

    assert set(store.read_now(lambda conn: read.snapshot(conn, turn.watch))) == {("officer", "2")}
    assert len(store.read_now(lambda conn: read.history(conn, turn.watch, "officer", "1"))) == 1


def test_a_missing_record_counts_the_looks_that_missed_it_until_it_is_back(store: Store) -> None:
    (turn,) = claimed(store)
    one = [("officer", "1")]
    finish(store, settled(turn, put=[record("1")], lease_until=NOW + HOUR))

    finish(store, settled(turn, now=NOW + MINUTE, missing=one, lease_until=NOW + HOUR))
    finish(store, settled(turn, now=NOW + 2 * MINUTE, missing=one, lease_until=NOW + HOUR))
    missed = store.read_now(lambda conn: read.snapshot(conn, turn.watch))[one[0]]
    finish(store, settled(turn, now=NOW + 3 * MINUTE, back=one))
    back = store.read_now(lambda conn: read.snapshot(conn, turn.watch))[one[0]]

    assert (missed.missing_since, missed.missing_looks) == (NOW + MINUTE, 2)
    assert (back.missing_since, back.missing_looks) == (None, 0)


def test_two_watches_may_hold_records_of_the_same_key(store: Store) -> None:
    one, two = claimed(store, 2)

    finish(store, settled(one, put=[record("1", name="A")]))
    finish(store, settled(two, put=[record("1", name="B")]))

    names = [
        store.read_now(lambda conn, w=turn.watch: read.snapshot(conn, w))["officer", "1"].record.fields["name"]
        for turn in (one, two)
    ]
    assert names == ["A", "B"]


# --------------------------------------------------------------------------- events, alerts, evidence


def test_a_second_source_joins_a_known_event_as_an_origin(store: Store) -> None:
    one, two = claimed(store, 2)
    gazette = Origin("London Gazette", "gb_gazette", True)
    finish(store, settled(one, events=[judged()], alerts=[alert()]))

    finish(
        store,
        settled(
            two,
            events=[judged(id="other", source="gb_gazette", origins=(gazette,), evidence=("bb", "aa"))],
            alerts=[alert("a2", key="key-a1")],
        ),
    )

    (known,) = store.read_now(read.events)
    assert (known.event.id, known.event.source) == (event().id, "gleif")
    assert [origin.name for origin in known.event.origins] == ["GLEIF", "London Gazette"]
    assert known.event.evidence == ("aa", "bb")
    assert [one.id for one in store.read_now(read.alerts)] == ["a1"]


def test_the_same_origin_does_not_count_twice(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn, events=[judged()]))

    store.write_now(lambda conn: commit.add_events(conn, [judged()]))

    assert len(store.read_now(read.events)[0].event.origins) == 1


def test_a_verdict_can_be_lifted_later(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn, events=[judged()]))

    store.write_now(
        lambda conn: commit.rejudge(
            conn, event().key, Verdict(Severity.HIGH, (Reason("second_origin"),), "muted"), "i9"
        )
    )

    (known,) = store.read_now(read.events)
    assert (known.severity, known.silent, known.incident, known.reasons) == (
        Severity.HIGH,
        "muted",
        "i9",
        (Reason("second_origin"),),
    )


def test_an_incident_is_written_anew_as_it_stands(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn, incidents=[incident()], lease_until=NOW + HOUR))
    grown = incident(version=2, events=2, severity=Severity.HIGH, updated_at=NOW + HOUR, head="e2")

    finish(store, settled(turn, incidents=[grown, incident("i2", customer=None)]))

    assert store.read_now(lambda conn: read.open_incidents(conn, "c0")) == [grown]
    assert [one.id for one in store.read_now(lambda conn: read.open_incidents(conn, None))] == ["i2"]
    store.write_now(lambda conn: commit.keep_incidents(conn, [replace(grown, state="closed")]))
    assert store.read_now(lambda conn: read.open_incidents(conn, "c0")) == []


def test_a_raw_answer_is_kept_once_and_comes_back_as_it_was(store: Store) -> None:
    one, two = claimed(store, 2)
    body = b"<p>dissolved</p>" * 500

    finish(store, settled(one, evidence=[proof(body)]))
    finish(store, settled(two, evidence=[proof(body), proof(body)]))

    assert store.read_now(lambda conn: read.evidence_of(conn, proof(body).sha256)) == proof(body)
    packed = store.read_now(lambda conn: conn.execute(select(tables.evidence.c.body, tables.evidence.c.size)).one())
    assert len(packed.body) < packed.size == len(body)


def test_a_state_that_is_left_counts_its_spells(store: Store) -> None:
    (turn,) = claimed(store)

    finish(store, settled(turn, spells=[("c0", "strike_off"), ("c0", "strike_off")]))

    assert store.read_now(lambda conn: read.spells(conn, "c0", ["strike_off", "other"])) == {
        "strike_off": 2,
        "other": 0,
    }


def test_a_notice_of_our_own_is_said_once(store: Store) -> None:
    said = event("sys.source_stale|gleif|2026-03-01", customer=None)
    verdict = Verdict(Severity.HIGH)

    first = store.write_now(lambda conn: commit.notice(conn, said, verdict, incident(customer=None), [alert()]))
    second = store.write_now(
        lambda conn: commit.notice(conn, replace(said, id="again"), verdict, None, [alert("a2", key="key-a1")])
    )

    assert (first, second) == (True, False)
    assert store.read_now(counts)["alert"] == 1
    assert store.read_now(lambda conn: read.events(conn, family="sys"))[0].incident == "i1"


def test_hostile_text_stays_text(store: Store) -> None:
    (turn,) = claimed(store)
    evil = "'; DROP TABLE event; -- %s%(x)s {{7*7}} ${jndi:x} \\ 北光海产 \u202e"

    finish(
        store, settled(turn, put=[record(evil, name=evil)], events=[judged(f"reg.x|{evil}", title=evil)], reason=evil)
    )

    assert store.read_now(lambda conn: read.snapshot(conn, turn.watch))["officer", evil].record.fields == {"name": evil}
    assert store.read_now(lambda conn: read.known(conn, turn.watch, [("officer", evil)]))
    assert [one.event.title for one in store.read_now(read.events)] == [evil]
    assert store.read_now(lambda conn: read.events(conn, family="%")) == []


# --------------------------------------------------------------------------- customers and health


def test_a_new_watchlist_is_told_as_added_changed_removed_and_back(store: Store) -> None:
    def listed(*names: str, digest: str = "1") -> list[Listing]:
        return [Listing(name, name.upper(), "NO", digest) for name in names]

    first = store.write_now(lambda conn: commit.customers(conn, listed("a", "b", "c"), NOW))
    meant = store.read_now(lambda conn: commit.plan(conn, listed("b", digest="2")))
    second = store.write_now(lambda conn: commit.customers(conn, listed("b", digest="2"), NOW + HOUR))
    third = store.write_now(lambda conn: commit.customers(conn, listed("a", "b", digest="2"), NOW + 2 * HOUR))

    assert first.added == ("a", "b", "c")
    assert meant == second
    assert (second.changed, second.removed) == (("b",), ("a", "c"))
    assert (third.back, third.added, third.changed) == (("a",), (), ())
    kept = {one.id: one for one in store.read_now(lambda conn: read.customers(conn, removed=True))}
    assert (kept["a"].added_at, kept["a"].removed_at, kept["c"].removed_at) == (NOW, None, NOW + HOUR)
    assert [one.id for one in store.read_now(read.customers)] == ["a", "b"]


def test_an_opening_report_is_remembered(store: Store) -> None:
    store.write_now(lambda conn: commit.customers(conn, [Listing("a", "A", "NO", "1")], NOW))

    store.write_now(lambda conn: commit.reported(conn, ["a"], NOW + HOUR))

    assert store.read_now(read.customers)[0].reported_at == NOW + HOUR


def test_the_health_of_a_source_is_news_once(store: Store) -> None:
    def say(code: str, reason: str = "", hours: int = 0) -> bool:
        return store.write_now(lambda conn: commit.set_health(conn, "gleif", "", code, reason, NOW + hours * HOUR))

    assert [say("ok"), say("source_stale", "down", 1), say("source_stale", "still down", 2)] == [False, True, False]
    store.write_now(lambda conn: commit.noticed(conn, "gleif", "", NOW + 2 * HOUR))
    (one,) = store.read_now(read.sources_health)
    assert (one.code, one.reason, one.since, one.noticed_at) == (
        "source_stale",
        "still down",
        NOW + HOUR,
        NOW + 2 * HOUR,
    )
    assert say("ok", "", 3)
    assert store.read_now(read.sources_health)[0].noticed_at is None


# --------------------------------------------------------------------------- questions


def test_events_are_found_by_what_a_person_asks(store: Store) -> None:
    (turn,) = claimed(store)
    old = judged("gov.director_left|c0|x", first_seen=NOW - HOUR)
    low = replace(judged("reg.name_changed|c1|x", customer="c1"), verdict=Verdict(Severity.LOW))
    finish(store, settled(turn, events=[old, low, judged()]))

    def types(**asked: object) -> list[str]:
        return [one.event.type for one in store.read_now(lambda conn: read.events(conn, **asked))]  # type: ignore[arg-type]

    assert types(customer="c0") == ["reg.dissolved", "gov.director_left"]
    assert sorted(types(family="reg")) == ["reg.dissolved", "reg.name_changed"]
    assert types(since=NOW, severity=Severity.HIGH) == ["reg.dissolved"]
    assert types(until=NOW) == ["gov.director_left"]
    assert types(limit=1, type="gov.director_left") == ["gov.director_left"]
    keys = store.read_now(lambda conn: read.events_by_key(conn, [event().key, "unknown"]))
    assert list(keys) == [event().key]
    assert store.read_now(lambda conn: read.events_by_id(conn, [event().id])).keys() == {event().id}
    assert store.read_now(lambda conn: read.event_of(conn, "unknown")) is None


def test_held_records_of_a_stream_can_be_walked_for_a_new_customer(store: Store) -> None:
    one, two = claimed(store, 2)
    finish(store, settled(one, now=NOW - timedelta(days=100), put=[record("old", "notice")]))
    finish(store, settled(two, put=[record(str(number), "notice") for number in range(1200)]))

    recent = store.read_now(
        lambda conn: [row[2].record.key for row in read.log_records(conn, NOW - timedelta(days=90))]
    )
    everything = store.read_now(lambda conn: sum(1 for _ in read.log_records(conn, sources=["gleif"])))

    assert (len(recent), recent[0], everything) == (1200, "0", 1201)
    assert store.read_now(lambda conn: list(read.log_records(conn, sources=["other"]))) == []


def test_a_log_item_is_found_by_its_second_key(store: Store) -> None:
    (turn,) = claimed(store)
    item = record("guid-1", "article")
    finish(store, settled(turn, put=[replace(item, record=replace(item.record, twin="https://a/1"))]))

    found = store.read_now(lambda conn: read.twins(conn, turn.watch, ["https://a/1", "https://a/2"]))

    assert [(twin, held.record.key) for twin, held in found.items()] == [("https://a/1", "guid-1")]


def test_known_items_are_found_among_many(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn, put=[record(str(number), "article") for number in range(1500)]))

    asked = [("article", str(number)) for number in range(1000, 2000)] + [("notice", "1")]
    found = store.read_now(lambda conn: read.known(conn, turn.watch, asked))

    assert set(found) == {("article", str(number)) for number in range(1000, 1500)}


def test_a_source_is_told_by_its_watches(store: Store) -> None:
    good, bad, _ = claimed(store, 3)
    finish(store, settled(good))
    finish(store, settled(bad, Outcome.BLOCKED, fails=1))

    (state,) = store.read_now(read.source_states)

    assert (state.source, state.watches, state.never_good, state.failing) == ("gleif", 3, 2, 1)
    assert (state.last_good_at, state.oldest_good_at, state.next_due_at) == (NOW, NOW, NOW)


def test_what_cannot_be_seen_is_told_the_longest_blind_first(store: Store) -> None:
    good, short, long = claimed(store, 3)
    finish(store, settled(good))
    finish(store, settled(short, now=NOW, lease_until=NOW + HOUR))
    finish(store, settled(short, Outcome.DOWN, NOW + HOUR, fails=1, reason="refused"))
    finish(store, settled(long, Outcome.BLOCKED, NOW + HOUR, fails=1, reason="captcha"))
    store.write_now(
        lambda conn: conn.execute(
            tables.watch.update().where(tables.watch.c.id == long.watch).values(created_at=NOW - HOUR)
        ).close()
    )

    blind = store.read_now(read.unseen)

    assert [(one.subject, one.reason, one.good_until) for one in blind] == [
        (long.subject, "captcha", NOW - HOUR),
        (short.subject, "refused", NOW),
    ]


def test_customers_are_locked_in_one_order_whatever_the_caller_says(store: Store) -> None:
    def locks(conn: object) -> int:
        commit.lock_customers(conn, ["b", "a", "b"])  # type: ignore[arg-type]
        if store.dialect == "sqlite":
            return 2
        return conn.exec_driver_sql(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        ).scalar()  # type: ignore[attr-defined,no-any-return]

    assert store.write_now(locks) == 2


@pytest.mark.parametrize("name", ["id", "key"])
def test_an_event_repeated_whole_is_no_second_event(store: Store, name: str) -> None:
    same: dict[str, str] = {name: getattr(event(), name)}
    other: Event = replace(event("reg.other|c0"), **same)
    store.write_now(lambda conn: commit.add_events(conn, [judged()]))

    new = store.write_now(lambda conn: commit.add_events(conn, [replace(judged(), event=other)]))

    assert new == []
    assert store.read_now(counts)["event"] == 1


def test_walking_over_stored_items_inside_a_write_leaves_the_statements_after_it_alone(store: Store) -> None:
    def walk_and_write(conn: Connection) -> int:
        found = sum(1 for _ in read.log_records(conn))
        conn.exec_driver_sql("SAVEPOINT inner_job")
        commit.raise_spells(conn, [("c0", "reg.dissolved")])
        conn.exec_driver_sql("RELEASE SAVEPOINT inner_job")
        return found

    assert store.write_now(walk_and_write) == 0
    assert store.read_now(lambda conn: read.spells(conn, "c0", ["reg.dissolved"])) == {"reg.dissolved": 1}
