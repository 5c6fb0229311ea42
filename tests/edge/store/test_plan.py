"""What a new watchlist does to the store: who comes, goes, comes back, and goes on under another id."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from monitor.edge.store import Store, commit, outbox, read, turns
from monitor.edge.store.commit import Listing, Plan
from monitor.edge.store.turns import Watched
from tests.edge.store.words import HOUR, NOW, alert, finish, incident, judged, record, settled


def listing(id: str, digest: str = "1", *, found_by: str = "f", name: str = "", **ids: str) -> Listing:
    return Listing(id, name or id.upper(), "GB", digest, ids, found_by)


def take(store: Store, *rows: Listing, **more: Any) -> Plan:
    return store.write_now(lambda conn: commit.customers(conn, rows, NOW, **more))


def watches(store: Store, source: str = "gleif") -> dict[str, int]:
    return {one.subject: one.watch for one in store.read_now(lambda conn: turns.listing(conn, source))}


# --------------------------------------------------------------------------- another id


def test_a_renamed_customer_keeps_its_whole_history(store: Store) -> None:
    take(store, listing("c0", lei="1"), listing("b"))
    rows = [Watched("gleif", "c0", 3600.0), Watched("feed", "c0", 3600.0)]
    store.write_now(lambda conn: turns.ensure(conn, rows, NOW))
    (turn,) = store.write_now(lambda conn: [turns.take(conn, "gleif", "c0", NOW, 60.0)])
    assert turn is not None
    told = judged("reg.dissolved|c0||2026-03-01")
    case = incident(topic="case:lit.case_filed|c0|7|2026-03-01")
    more: dict[str, Any] = {"events": [told], "incidents": [case], "alerts": [alert()], "spells": [("c0", "reg.x")]}
    assert finish(store, settled(turn, put=[record()], **more))

    meant = take(store, listing("c9", "2", lei="1"), listing("b"), streams=["feed"])

    assert meant.renamed == {"c0": "c9"}
    assert (meant.added, meant.removed, meant.changed, meant.back) == ((), (), (), ())
    assert [one.id for one in store.read_now(read.customers)] == ["b", "c9"]
    assert (watches(store), watches(store, "feed").keys()) == ({"c9": turn.watch}, {"c0"})  # a stream is not about it
    (known,) = store.read_now(lambda conn: read.events(conn, customer="c9"))
    assert (known.event.id, known.event.key) == (told.event.id, "reg.dissolved|c9||2026-03-01")
    (open_one,) = store.read_now(lambda conn: read.open_incidents(conn, "c9"))
    assert open_one.topic == "case:lit.case_filed|c9|7|2026-03-01"
    assert len(store.read_now(lambda conn: outbox.pending(conn, NOW, 9))) == 1
    assert [one.customer for one in store.read_now(read.alerts)] == ["c9"]
    assert store.read_now(lambda conn: read.spells(conn, "c9", ["reg.x"])) == {"reg.x": 1}


def test_what_is_known_of_a_renamed_customer_is_no_news_from_another_source(store: Store) -> None:
    take(store, listing("c0", lei="1"))
    store.write_now(lambda conn: commit.add_events(conn, [judged("reg.dissolved|c0||2026-03-01")]))
    take(store, listing("c_", lei="1"))

    again = judged("reg.dissolved|c_||2026-03-01", customer="c_", source="gb_gazette")

    assert store.write_now(lambda conn: commit.add_events(conn, [again])) == []


def test_an_id_with_a_sign_that_sql_reads_as_anything_moves_only_its_own(store: Store) -> None:
    take(store, listing("a_b", lei="1"), listing("axb", lei="2"))
    keys = ["reg.dissolved|a_b||1", "reg.dissolved|axb||1"]
    events = [judged(key, customer=key.split("|")[1]) for key in keys]
    store.write_now(lambda conn: commit.add_events(conn, events))

    take(store, listing("new", lei="1"), listing("axb", lei="2"))

    found = {one.event.key for one in store.read_now(read.events)}
    assert found == {"reg.dissolved|new||1", "reg.dissolved|axb||1"}


def test_a_look_under_way_for_the_old_id_is_dropped_and_taken_again_at_once(store: Store) -> None:
    take(store, listing("c0", lei="1"))
    store.write_now(lambda conn: turns.ensure(conn, [Watched("gleif", "c0", 3600.0)], NOW))
    (turn,) = store.write_now(lambda conn: turns.claim(conn, NOW, 9, 60.0))

    take(store, listing("c9", lei="1"))

    assert not finish(store, settled(turn))
    assert [one.subject for one in store.write_now(lambda conn: turns.claim(conn, NOW, 9, 60.0))] == ["c9"]


def test_a_customer_taken_off_earlier_goes_on_under_its_new_id(store: Store) -> None:
    take(store, listing("c0", lei="1"), listing("b"))
    take(store, listing("b"))

    meant = take(store, listing("b"), listing("c9", lei="1"))

    assert (meant.renamed, meant.added) == ({"c0": "c9"}, ())
    assert [one.id for one in store.read_now(read.customers)] == ["b", "c9"]
    assert "c9" in store.read_now(commit.unscreened)  # what came meanwhile was not looked through for it


def test_two_that_both_exist_are_never_merged(store: Store) -> None:
    take(store, listing("c0", lei="1"), listing("c9", lei="2"))
    take(store, listing("c0", lei="1"))

    meant = take(store, listing("c9", lei="1"))

    assert (meant.renamed, meant.removed, meant.back) == ({}, ("c0",), ("c9",))


def test_an_id_given_away_is_named_with_its_heir_and_may_be_taken_back(store: Store) -> None:
    take(store, listing("c0", lei="1"))
    take(store, listing("c9", lei="1"))

    reused = [listing("c9", lei="1"), listing("c0", lei="2")]
    assert store.read_now(lambda conn: commit.plan(conn, reused)).taken == {"c0": "c9"}
    undone = take(store, listing("c0", lei="1"))

    assert (undone.renamed, undone.taken) == ({"c9": "c0"}, {})


# --------------------------------------------------------------------------- coming, going, changing


@pytest.mark.parametrize(
    ("count", "kept", "held"), [(10, 4, True), (10, 5, True), (10, 6, False), (2, 1, False), (3, 1, True)]
)
def test_an_edit_that_loses_half_of_the_customers_drops_most(store: Store, count: int, kept: int, held: bool) -> None:
    rows = [listing(f"c{n}") for n in range(count)]
    take(store, *rows)

    assert store.read_now(lambda conn: commit.plan(conn, rows[:kept])).drops_most is held


def test_new_ids_for_all_customers_drop_nobody(store: Store) -> None:
    take(store, *(listing(f"c{n}", lei=str(n)) for n in range(6)))

    meant = take(store, *(listing(f"d{n}", lei=str(n)) for n in range(6)))

    assert (len(meant.renamed), meant.removed, meant.drops_most) == (6, (), False)


def test_who_is_found_by_other_things_is_searched_again_and_nobody_else(store: Store) -> None:
    take(store, *(listing(name) for name in "abc"))
    store.write_now(lambda conn: commit.screened(conn, ["a", "b", "c"], NOW))

    take(store, listing("a", "2"), listing("b", "2", found_by="g"), listing("c"))

    assert store.read_now(commit.unscreened) == ["b"]


def test_numbers_before_are_told_for_those_whose_numbers_changed(store: Store) -> None:
    take(store, listing("a", lei="1"), listing("b", lei="2"), listing("c", lei="3"))

    meant = take(store, listing("a", "2", lei="9"), listing("b", "2", lei="2"), listing("d", "2", lei="3", cik="4"))

    assert meant.was == {"a": {"lei": "1"}, "d": {"lei": "3"}}


def test_a_watch_that_begins_anew_keeps_what_it_held_as_history(store: Store) -> None:
    store.write_now(lambda conn: turns.ensure(conn, [Watched("gleif", "c0", 3600.0)], NOW))
    (turn,) = store.write_now(lambda conn: turns.claim(conn, NOW, 9, 60.0))
    finish(store, settled(turn, put=[record()]))

    store.write_now(lambda conn: commit.begin_anew(conn, "gleif", "c0", NOW + HOUR))

    (again,) = store.write_now(lambda conn: turns.claim(conn, NOW + HOUR, 9, 60.0))
    assert (again.watch, again.baseline_at, again.snapshot, again.validators) == (turn.watch, None, None, {})
    assert store.read_now(lambda conn: read.snapshot(conn, turn.watch)) == {}
    assert len(store.read_now(lambda conn: read.history(conn, turn.watch, "officer", "1"))) == 1


def test_what_an_earlier_schema_did_not_keep_is_filled_in_without_a_word(store: Store) -> None:
    take(store, Listing("a", "A", "GB", "1"))
    store.write_now(lambda conn: commit.screened(conn, ["a"], NOW))

    meant = take(store, listing("a", lei="1"))

    assert not meant
    assert store.read_now(commit.unscreened) == []
    assert take(store, listing("z", lei="1")).renamed == {"a": "z"}


def test_who_is_only_added_leaves_everybody_else_alone(store: Store) -> None:
    take(store, listing("a"), listing("b"))

    meant = take(store, listing("a", "2"), listing("c"), only_add=True)

    assert (meant.added, meant.changed, meant.removed) == (("c",), (), ())
    assert [(one.id, one.digest) for one in store.read_now(read.customers)] == [("a", "1"), ("b", "1"), ("c", "1")]


# --------------------------------------------------------------------------- watches


def test_a_handful_of_first_looks_is_due_at_once_and_many_are_spread(store: Store) -> None:
    def due(count: int, source: str) -> timedelta:
        rows = [Watched(source, f"c{n}", 86_400.0) for n in range(count)]
        done = store.write_now(lambda conn: turns.settle(conn, rows, NOW, window=600.0, rate=20.0))
        assert done.added == count
        return max(one.due_at - NOW for one in store.read_now(lambda conn: turns.listing(conn, source)))

    assert due(2, "few") <= timedelta(seconds=0.1)
    assert timedelta(seconds=10) < due(400, "many") <= timedelta(seconds=20)


def test_what_a_plan_meant_for_the_watches_is_counted(store: Store) -> None:
    def settle(*rows: Watched) -> turns.Ensured:
        return store.write_now(lambda conn: turns.settle(conn, rows, NOW))

    a, b, c = (Watched("gleif", name, 3600.0) for name in "abc")
    assert settle(a, b) == turns.Ensured(2, 0, 0)
    assert settle(Watched("gleif", "a", 60.0), c) == turns.Ensured(1, 1, 1)
    assert settle(b, c) == turns.Ensured(1, 1, 0)
