"""Who is due and whose turn it is, on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from monitor.edge.store import Store, read, turns
from monitor.edge.store.turns import Same, phase
from monitor.model import Outcome, Turn
from tests.edge.store.words import HOUR, MINUTE, NOW, claimed, finish, record, settled, watched


def test_a_claimed_watch_is_not_claimed_again_before_its_lease_ends(store: Store) -> None:
    (first,) = claimed(store, lease=60.0)

    early = store.write_now(lambda conn: turns.claim(conn, NOW + timedelta(seconds=59), 10, 60.0))
    late = store.write_now(lambda conn: turns.claim(conn, NOW + timedelta(seconds=61), 10, 60.0))

    assert early == []
    assert [(turn.watch, turn.number) for turn in late] == [(first.watch, first.number + 1)]


def test_the_longest_due_come_first_and_only_as_many_as_asked(store: Store) -> None:
    store.write_now(lambda conn: turns.ensure(conn, watched(5), NOW, window=3000.0))

    taken = store.write_now(lambda conn: turns.claim(conn, NOW + HOUR, 3, 60.0))

    order = sorted((f"c{number}" for number in range(5)), key=lambda subject: phase("gleif", subject))
    assert [turn.subject for turn in taken] == order[:3]


def test_claimers_side_by_side_never_get_the_same_watch(store: Store, store_url: str) -> None:
    store.write_now(lambda conn: turns.ensure(conn, watched(300), NOW))
    stores = [store, *(Store.open(store_url) for _ in range(3))]
    taken: list[int] = []

    def work(one: Store) -> None:
        while batch := one.write_now(lambda conn: turns.claim(conn, NOW, 7, 60.0)):
            taken.extend(turn.watch for turn in batch)

    threads = [threading.Thread(target=work, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores[1:]:
        one.close()

    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 300


def test_a_named_watch_can_be_taken_before_it_is_due_but_not_from_somebody(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn))

    one = store.write_now(lambda conn: turns.take(conn, "gleif", "c0", NOW, 60.0))
    two = store.write_now(lambda conn: turns.take(conn, "gleif", "c0", NOW, 60.0))
    none = store.write_now(lambda conn: turns.take(conn, "gleif", "nobody", NOW, 60.0))

    assert one is not None
    assert one.number == turn.number + 1
    assert two is None
    assert none is None


def test_an_unchanged_look_touches_its_watch_only(store: Store) -> None:
    (turn,) = claimed(store)
    later = NOW + MINUTE

    store.write_now(
        lambda conn: turns.finish_same(
            conn, [Same(turn, later, later + HOUR, validators={"u": {"etag": "x"}}, memory=b"m")]
        )
    )

    again = store.write_now(lambda conn: turns.claim(conn, later + HOUR, 1, 60.0))[0]
    assert (again.outcome, again.last_good_at, again.fails) == (Outcome.SAME, later, 0)
    assert (again.validators, again.memory) == ({"u": {"etag": "x"}}, b"m")


def test_an_unchanged_look_keeps_what_it_does_not_name(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn, validators={"u": {"etag": "x"}}, memory=b"m", cursor="7", snapshot=b"s"))
    again = store.write_now(lambda conn: turns.claim(conn, NOW + HOUR, 1, 60.0))[0]

    store.write_now(lambda conn: turns.finish_same(conn, [Same(again, NOW + HOUR, NOW + 2 * HOUR)]))

    third = store.write_now(lambda conn: turns.claim(conn, NOW + 2 * HOUR, 1, 60.0))[0]
    assert (third.validators, third.memory, third.cursor, third.snapshot) == ({"u": {"etag": "x"}}, b"m", "7", b"s")


def test_an_unchanged_look_whose_turn_was_lost_changes_nothing(store: Store) -> None:
    (old,) = claimed(store, lease=60.0)
    (new,) = store.write_now(lambda conn: turns.claim(conn, NOW + 2 * MINUTE, 1, 60.0))

    store.write_now(lambda conn: turns.finish_same(conn, [Same(old, NOW, NOW + HOUR)]))

    assert store.read_now(lambda conn: turns.listing(conn))[0].outcome is None
    assert store.write_now(lambda conn: turns.held(conn, new))
    assert not store.write_now(lambda conn: turns.held(conn, old))


def test_many_plain_looks_end_together_each_with_its_own(store: Store) -> None:
    taken = claimed(store, 91)
    lost = taken[7]
    taken_over = text("UPDATE watch SET turn = turn + 1 WHERE id = :id")
    store.write_now(lambda conn: conn.execute(taken_over, {"id": lost.watch}).close())

    def ended(turn: Turn) -> Same:
        late = NOW + timedelta(seconds=turn.watch)
        noted = ((record(f"n{turn.watch}").record, b"d"),) if turn.watch % 3 == 0 else ()
        return Same(turn, late, late + HOUR, memory=b"%d" % turn.watch if turn.watch % 2 else None, noted=noted)

    store.write_now(lambda conn: turns.finish_same(conn, [ended(turn) for turn in taken]))

    told = {one.watch: one for one in store.read_now(lambda conn: turns.listing(conn))}
    for turn in taken:
        late, one = NOW + timedelta(seconds=turn.watch), told[turn.watch]
        wanted = Outcome.CHANGED if turn.watch % 3 == 0 else Outcome.SAME
        assert (one.outcome, one.last_look_at) == ((wanted, late) if turn != lost else (None, None))
        held = store.read_now(lambda conn, one=turn.watch: read.snapshot(conn, one))  # type: ignore[misc]
        assert [key for _, key in held] == ([f"n{turn.watch}"] if turn.watch % 3 == 0 else [])
    again = store.write_now(lambda conn: turns.claim(conn, NOW + 9 * HOUR, 200, 60.0))
    assert {turn.watch: turn.memory for turn in again} == {
        turn.watch: b"%d" % turn.watch if turn.watch % 2 and turn != lost else None for turn in taken
    }


def test_an_item_noted_twice_is_held_once_as_it_was_read_last(store: Store) -> None:
    (turn,) = claimed(store)

    def note(*texts: str) -> None:
        rows = [Same(turn, NOW, NOW, noted=((record("1", name=one).record, one.encode()),)) for one in texts]
        store.write_now(lambda conn: turns.finish_same(conn, rows))

    note("a", "b")
    note("c")

    (held,) = store.read_now(lambda conn: read.snapshot(conn, turn.watch)).values()
    assert (held.record.fields, held.digest) == ({"name": "c"}, b"c")


def test_a_postponed_turn_is_no_look_and_comes_back_at_its_time(store: Store) -> None:
    (turn,) = claimed(store)

    store.write_now(lambda conn: turns.postpone(conn, [(turn.watch, turn.number, NOW + MINUTE)]))

    assert store.write_now(lambda conn: turns.claim(conn, NOW + timedelta(seconds=59), 1, 60.0)) == []
    again = store.write_now(lambda conn: turns.claim(conn, NOW + MINUTE, 1, 60.0))[0]
    assert (again.outcome, again.last_good_at) == (None, None)
    assert not finish(store, settled(turn))


def test_a_heartbeat_lengthens_only_leases_still_held(store: Store) -> None:
    one, two = claimed(store, 2)
    finish(store, settled(two))

    kept = store.write_now(lambda conn: turns.heartbeat(conn, [one, two], NOW + HOUR))

    assert kept == 1
    assert store.write_now(lambda conn: turns.claim(conn, NOW + 2 * MINUTE, 9, 60.0)) == []


def test_marking_due_reaches_waiting_watches_and_those_in_flight(store: Store) -> None:
    waiting, in_flight = claimed(store, 2)
    finish(store, settled(waiting))
    later = NOW + timedelta(seconds=5)

    meant = store.write_now(lambda conn: turns.mark_due(conn, later, source="gleif"))
    finish(store, settled(in_flight, now=later + MINUTE))

    assert meant == 2
    again = store.write_now(lambda conn: turns.claim(conn, later + MINUTE, 9, 60.0))
    assert {turn.subject for turn in again} == {"c0", "c1"}


def test_marking_due_names_what_it_means(store: Store) -> None:
    for turn in claimed(store, 3):
        finish(store, settled(turn))

    assert store.write_now(lambda conn: turns.mark_due(conn, NOW, subject="c1")) == 1
    assert store.write_now(lambda conn: turns.mark_due(conn, NOW, source="nobody")) == 0
    assert [turn.subject for turn in store.write_now(lambda conn: turns.claim(conn, NOW, 9, 60.0))] == ["c1"]


def test_what_the_plan_drops_rests_and_comes_back_with_its_history(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn))

    store.write_now(lambda conn: turns.ensure(conn, [], NOW))
    resting = store.write_now(lambda conn: turns.claim(conn, NOW + 9 * HOUR, 9, 60.0))
    store.write_now(lambda conn: turns.ensure(conn, watched(), NOW + 9 * HOUR))
    (back,) = store.write_now(lambda conn: turns.claim(conn, NOW + 9 * HOUR, 9, 60.0))

    assert resting == []
    assert (back.watch, back.baseline_at) == (turn.watch, NOW)


def test_a_result_for_a_customer_dropped_meanwhile_is_dropped_even_if_he_came_back(store: Store) -> None:
    (turn,) = claimed(store)

    store.write_now(lambda conn: turns.ensure(conn, [], NOW))
    assert not finish(store, settled(turn))
    store.write_now(lambda conn: turns.ensure(conn, watched(), NOW))

    assert not finish(store, settled(turn))


def test_a_changed_interval_never_puts_a_due_date_off(store: Store) -> None:
    (turn,) = claimed(store)
    finish(store, settled(turn))

    longer = store.write_now(lambda conn: turns.ensure(conn, watched(every=90_000.0), NOW))
    kept = store.read_now(turns.next_due)
    store.write_now(lambda conn: turns.ensure(conn, watched(every=60.0), NOW))

    assert (longer, kept) == (1, NOW + HOUR)
    assert NOW <= (store.read_now(turns.next_due) or NOW) <= NOW + MINUTE


def test_after_a_sleep_each_watch_is_due_once_and_spread(store: Store) -> None:
    for turn in claimed(store, 40):
        finish(store, settled(turn))
    woken = NOW + 12 * HOUR

    moved = store.write_now(lambda conn: turns.respread(conn, woken, 300.0))

    due = [line.due_at for line in store.read_now(turns.listing)]
    assert moved == 40
    assert all(woken <= one < woken + 5 * MINUTE for one in due)
    assert len(set(due)) == 40


def test_after_the_clock_went_back_nothing_waits_longer_than_its_interval(store: Store) -> None:
    done, failing, in_flight = claimed(store, 3, lease=86400.0)
    finish(store, settled(done))
    finish(store, settled(failing, Outcome.DOWN, fails=3, due_at=NOW + 3 * HOUR))
    back = NOW - 2 * HOUR

    store.write_now(lambda conn: turns.respread(conn, back, 300.0))

    lines = {line.watch: line for line in store.read_now(turns.listing)}
    assert back <= lines[done.watch].due_at <= back + HOUR
    assert lines[failing.watch].due_at == NOW + 3 * HOUR  # a failing source may be put off for six hours
    assert lines[in_flight.watch].leased_until == back + HOUR
    assert finish(store, settled(in_flight))


def test_a_plain_moment_moves_nothing(store: Store) -> None:
    for turn in claimed(store, 5):
        finish(store, settled(turn))

    assert store.write_now(lambda conn: turns.respread(conn, NOW + MINUTE, 300.0)) == 0


def test_the_same_plan_twice_touches_nothing(store: Store) -> None:
    assert store.write_now(lambda conn: turns.ensure(conn, watched(700), NOW)) == 700
    assert store.write_now(lambda conn: turns.ensure(conn, watched(700), NOW + HOUR)) == 0


def test_the_next_due_date_counts_leases(store: Store) -> None:
    assert store.read_now(turns.next_due) is None
    claimed(store, lease=90.0)

    assert store.read_now(turns.next_due) == NOW + timedelta(seconds=90)


def test_a_claim_out_of_many_uses_the_index_of_due_dates(store: Store) -> None:
    def fill(conn: Connection) -> None:
        numbers = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) "
            "INSERT INTO watch (source, subject, every, due_at, created_at) SELECT 's', CAST(i AS TEXT), 60, i, 0 FROM n"
        )
        conn.execute(text(numbers))

    store.write_now(fill)
    if store.dialect == "postgresql":
        store.write_now(lambda conn: conn.execute(text("ANALYZE watch")).close())
    explain = "EXPLAIN " if store.dialect == "postgresql" else "EXPLAIN QUERY PLAN "
    plan: list[str] = []

    def claim(conn: Connection) -> int:
        from sqlalchemy import event

        def also_explain(conn: Connection, cursor: object, statement: str, parameters: object, *_: object) -> None:
            if statement.startswith(("UPDATE watch", "WITH due")):
                rows = conn.connection.cursor().execute(explain + statement, parameters)
                plan.extend(str(row) for row in rows)

        event.listen(conn, "before_cursor_execute", also_explain)
        try:
            return len(turns.claim(conn, NOW, 200, 60.0))
        finally:
            event.remove(conn, "before_cursor_execute", also_explain)

    assert store.write_now(claim) == 200
    assert any("watch_due" in line for line in plan), plan


@given(st.text(), st.text())
def test_a_phase_is_a_fixed_place_in_the_interval(source: str, subject: str) -> None:
    assert 0.0 <= phase(source, subject) < 1.0
    assert phase(source, subject) == phase(source, subject)
