"""What waits for a person: opened once, decided once, remembered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.edge.store import Store, holds
from monitor.edge.store.holds import Hold

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_a_hold_is_opened_once_and_then_only_told_anew(store: Store) -> None:
    cut = Hold("watchlist", "watchlist", NOW, {"removed": 6})

    news = [await store.write(lambda conn: holds.hold(conn, cut)) for _ in range(2)]
    again = Hold("watchlist", "watchlist", NOW + HOUR, {"removed": 7})
    news.append(await store.write(lambda conn: holds.hold(conn, again)))

    assert news == [True, False, False]
    (found,) = await store.read(holds.holds)
    assert (found.id, found.opened_at, found.facts, found.state) == ("watchlist", NOW, {"removed": 7}, "held")


async def test_a_hold_is_decided_once_by_whoever_comes_first(store: Store) -> None:
    await store.write(lambda conn: holds.hold(conn, Hold("register", "breaker", NOW, source="register")))

    first = await store.write(lambda conn: holds.decide(conn, "register", "released", "li", NOW + HOUR))
    second = await store.write(lambda conn: holds.decide(conn, "register", "discarded", "wang", NOW + 2 * HOUR))

    assert first is not None and (first.state, first.decided_by, first.decided_at) == ("released", "li", NOW + HOUR)
    assert second is None
    assert await store.read(lambda conn: holds.latest(conn, "register")) == first


async def test_after_a_decision_the_same_id_can_be_held_again_and_both_are_remembered(store: Store) -> None:
    one = Hold("register:c1", "shrink", NOW, source="register", subject="c1")
    await store.write(lambda conn: holds.hold(conn, one))
    await store.write(lambda conn: holds.decide(conn, one.id, "discarded", "li", NOW))

    assert await store.write(lambda conn: holds.hold(conn, one))

    everything = await store.read(lambda conn: holds.holds(conn, state=None, source="register"))
    assert [hold.state for hold in everything] == ["discarded", "held"]
    assert await store.read(lambda conn: holds.held(conn, "register:c1")) == everything[1]
    assert await store.read(lambda conn: holds.held(conn, "register:c2")) is None
