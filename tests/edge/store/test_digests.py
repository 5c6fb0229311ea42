"""A digest and its members are one: claimed, sent and given up together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from monitor.edge.store import Store, commit, digests, outbox, read
from monitor.model import Alert, Severity

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DIGEST = Alert("al_digest", "digest", "digest", "#x", Severity.HIGH, created_at=NOW, not_before=NOW)


def one(number: int) -> Alert:
    return Alert(f"al_{number}", f"key {number}", "root", "#x", Severity.HIGH, created_at=NOW, not_before=NOW)


def gathered(store: Store, count: int = 3) -> Alert | None:
    def job(conn: Any) -> Alert | None:
        commit.add_alerts(conn, [one(number) for number in range(count)], NOW)
        return digests.gather(conn, DIGEST, [f"al_{number}" for number in range(count)], NOW)

    return store.write_now(job)


def states(store: Store) -> dict[str, str]:
    return {found.id: found.state for found in store.read_now(read.alerts)}


def test_members_leave_the_queue_with_their_digest(store: Store) -> None:
    digest = gathered(store)

    assert digest is not None
    assert digest.facts["members"] == ["al_0", "al_1", "al_2"]
    assert digest.attempts == 1
    assert store.read_now(lambda conn: outbox.pending(conn, NOW, 10)) == []
    claimed = store.read_now(outbox.claimed)
    assert [found.id for found in claimed if not digests.is_member(found)] == ["al_digest"]
    assert [found.id for found in store.read_now(lambda conn: digests.members(conn, digest))] == [
        "al_0",
        "al_1",
        "al_2",
    ]


def test_one_alert_makes_no_digest(store: Store) -> None:
    assert gathered(store, 1) is None

    waiting = store.read_now(lambda conn: outbox.pending(conn, NOW, 10))
    assert [(found.id, found.reason) for found in waiting] == [("al_0", "")]


def test_what_somebody_else_claimed_is_not_gathered(store: Store) -> None:
    def job(conn: Any) -> Alert | None:
        commit.add_alerts(conn, [one(number) for number in range(3)], NOW)
        outbox.claim(conn, "al_1", NOW)
        return digests.gather(conn, DIGEST, ["al_0", "al_1", "al_2"], NOW)

    digest = store.write_now(job)

    assert digest is not None
    assert digest.facts["members"] == ["al_0", "al_2"]


def test_all_are_sent_at_the_digests_place_once(store: Store) -> None:
    digest = gathered(store)
    assert digest is not None

    first, again = (store.write_now(lambda conn: digests.sent(conn, digest, "C0X", "1.2", NOW)) for _ in range(2))

    assert (first, again) == (True, False)
    assert set(states(store).values()) == {"sent"}
    assert {(found.slack_channel, found.slack_ts) for found in store.read_now(read.alerts)} == {("C0X", "1.2")}
    assert store.read_now(outbox.claimed) == []


def test_a_digest_given_up_lays_its_members_aside(store: Store) -> None:
    digest = gathered(store)
    assert digest is not None

    store.write_now(lambda conn: digests.park(conn, digest, "refused: no_text"))

    assert states(store) == {"al_digest": "suppressed", "al_0": "parked", "al_1": "parked", "al_2": "parked"}
    assert store.write_now(lambda conn: outbox.unpark(conn, "#x", NOW, "refused: no_text")) == 3


def test_where_an_alert_was_told_is_kept(store: Store) -> None:
    def job(conn: Any) -> None:
        commit.add_alerts(conn, [one(0), one(1)], NOW)
        outbox.sent(conn, "al_0", "console", "", NOW)
        digests.told(conn, "al_0", "console")
        digests.told(conn, "al_1", "console")

    store.write_now(job)

    assert {found.id: found.reason for found in store.read_now(read.alerts)} == {"al_0": "console", "al_1": ""}
