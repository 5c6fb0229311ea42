"""The outbox, as delivery uses it, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.edge.store import Store, commit, digests, outbox, read
from monitor.model import Alert, Severity
from tests.edge.store.words import HOUR, MINUTE, NOW, alert, incident


def queue(store: Store, *alerts: Alert) -> None:
    store.write_now(lambda conn: commit.add_alerts(conn, alerts, NOW))


def ids(store: Store, now: Any = NOW, **asked: Any) -> list[str]:
    return [one.id for one in store.read_now(lambda conn: outbox.pending(conn, now, 100, **asked))]


def test_criticals_come_first_then_the_oldest_and_none_before_its_time(store: Store) -> None:
    queue(
        store,
        alert("late", created_at=NOW + MINUTE),
        alert("early", created_at=NOW - MINUTE),
        alert("later", not_before=NOW + HOUR),
        alert("critical", severity=Severity.CRITICAL, created_at=NOW),
        alert("other", channel="#ops", created_at=NOW),
    )

    assert ids(store, NOW + MINUTE) == ["critical", "early", "other", "late"]
    assert ids(store, NOW + MINUTE, channel="#ops") == ["other"]
    assert store.read_now(outbox.next_ready) == NOW - MINUTE
    assert store.read_now(outbox.queues) == {"#watch": 4, "#ops": 1}


def test_an_alert_is_claimed_once_and_counts_its_attempts(store: Store) -> None:
    queue(store, alert())

    first = store.write_now(lambda conn: outbox.claim(conn, "a1", NOW))
    second = store.write_now(lambda conn: outbox.claim(conn, "a1", NOW))

    assert first is not None
    assert (first.attempts, first.claimed_at, first.state) == (1, NOW, "pending")
    assert second is None
    assert ids(store) == []
    assert [one.id for one in store.read_now(outbox.claimed)] == ["a1"]
    assert store.read_now(outbox.next_ready) is None


def test_a_confirmed_alert_is_sent_and_stays_so(store: Store) -> None:
    queue(store, alert())
    store.write_now(lambda conn: outbox.claim(conn, "a1", NOW))

    assert store.write_now(lambda conn: outbox.sent(conn, "a1", "C1", "17.1", NOW + MINUTE, 3))

    assert not store.write_now(lambda conn: outbox.sent(conn, "a1", "C1", "99.9", NOW + HOUR))
    assert not store.write_now(lambda conn: outbox.release(conn, "a1", NOW, "late answer"))
    assert not store.write_now(lambda conn: outbox.park(conn, "a1", "late answer"))
    one = store.read_now(lambda conn: read.alert_of(conn, "a1"))
    assert one is not None
    assert (one.state, one.slack_channel, one.slack_ts, one.sent_at, one.shown, one.claimed_at) == (
        "sent",
        "C1",
        "17.1",
        NOW + MINUTE,
        3,
        None,
    )


def test_a_refused_alert_comes_back_when_told(store: Store) -> None:
    queue(store, alert())
    store.write_now(lambda conn: outbox.claim(conn, "a1", NOW))

    store.write_now(lambda conn: outbox.release(conn, "a1", NOW + timedelta(seconds=30), "ratelimited"))

    assert ids(store) == []
    assert ids(store, NOW + MINUTE) == ["a1"]
    again = store.write_now(lambda conn: outbox.claim(conn, "a1", NOW + MINUTE))
    assert again is not None
    assert (again.attempts, again.reason) == (2, "ratelimited")


def test_parked_alerts_wait_for_a_person_and_go_on_by_channel(store: Store) -> None:
    queue(store, alert("a1"), alert("a2"), alert("a3", channel="#ops"))
    for id, reason in (("a1", "is_archived"), ("a2", "invalid_blocks"), ("a3", "is_archived")):
        store.write_now(lambda conn, id=id, reason=reason: outbox.park(conn, id, reason))

    back = store.write_now(lambda conn: outbox.unpark(conn, "#watch", NOW + HOUR, "is_archived"))

    assert back == 1
    assert ids(store, NOW + HOUR) == ["a1"]
    assert {one.id: one.state for one in store.read_now(read.alerts)} == {
        "a1": "pending",
        "a2": "parked",
        "a3": "parked",
    }


def test_a_suppressed_alert_is_never_sent(store: Store) -> None:
    queue(store, alert())

    assert store.write_now(lambda conn: outbox.suppress(conn, "a1", "muted"))

    assert ids(store, NOW + HOUR) == []
    assert store.write_now(lambda conn: outbox.claim(conn, "a1", NOW)) is None
    assert store.read_now(lambda conn: read.alerts(conn, state="suppressed"))[0].reason == "muted"


def test_the_root_of_an_incident_is_the_sent_one_of_its_channel(store: Store) -> None:
    queue(
        store, alert("a1"), alert("a2", created_at=NOW + MINUTE), alert("a3", channel="#ops"), alert("a4", kind="reply")
    )

    def root(channel: str = "#watch", of: str = "i1") -> str | None:
        found = store.read_now(lambda conn: outbox.root_of(conn, of, channel))
        return found.id if found else None

    assert root() == "a2"
    store.write_now(lambda conn: outbox.sent(conn, "a1", "C1", "1.1", NOW))
    assert (root(), root("#ops"), root(of="i2")) == ("a1", "a3", None)


def test_a_root_that_shows_an_older_version_is_found_until_it_is_edited(store: Store) -> None:
    queue(store, alert("a1"), alert("a2", incident="i2"), alert("a3", kind="reply"))
    grown = incident(version=3)
    store.write_now(lambda conn: commit.keep_incidents(conn, [grown, incident("i2")]))
    for id in ("a1", "a2", "a3"):
        store.write_now(lambda conn, id=id: outbox.sent(conn, id, "C1", "1.1", NOW, 1))

    stale = store.read_now(outbox.stale_roots)
    store.write_now(lambda conn: outbox.shown(conn, "a1", 3))
    store.write_now(lambda conn: outbox.shown(conn, "a1", 2))  # an edit that came late

    assert [(root.id, story) for root, story in stale] == [("a1", grown)]
    assert store.read_now(outbox.stale_roots) == []


def test_alerts_are_found_by_what_a_person_asks(store: Store) -> None:
    queue(store, alert("a1"), alert("a2", customer="c1", severity=Severity.LOW, created_at=NOW + MINUTE))

    def found(**asked: Any) -> list[str]:
        return [one.id for one in store.read_now(lambda conn: read.alerts(conn, **asked))]

    assert found() == ["a2", "a1"]
    assert found(customer="c1") == ["a2"]
    assert found(severity=Severity.MEDIUM) == ["a1"]
    assert found(since=NOW + MINUTE) == ["a2"]
    assert found(incident="i1", limit=1) == ["a2"]


# --------------------------------------------------------------------------- what nobody has acknowledged


def sent(store: Store, *ids: str, at: Any = NOW, door: str = "") -> None:
    for id in ids:
        store.write_now(lambda conn, id=id: outbox.sent(conn, id, "C1", f"{id}.1", at))
        if door:
            store.write_now(lambda conn, id=id: digests.told(conn, id, door))


def unseen(store: Store, since: Any = NOW - HOUR, until: Any = NOW + HOUR) -> list[str]:
    return [one.id for one, _ in store.read_now(lambda conn: outbox.unacknowledged(conn, since, until))]


def critical(id: str, about: str, **values: Any) -> Alert:
    return alert(id, severity=Severity.CRITICAL, incident=about, **values)


def test_the_first_critical_of_each_incident_and_channel_is_unacknowledged(store: Store) -> None:
    stories = [incident("i1"), incident("i2")]
    store.write_now(lambda conn: commit.keep_incidents(conn, stories))
    queue(
        store,
        alert("root", incident="i1"),
        critical("first", "i1", kind="reply"),
        critical("second", "i1", kind="reply"),
        critical("ops", "i1", channel="#ops"),
        critical("other", "i2"),
        critical("waiting", "i2", channel="#ops"),
    )
    sent(store, "root", "first", "ops", "other")
    sent(store, "second", at=NOW + MINUTE)

    found = store.read_now(lambda conn: outbox.unacknowledged(conn, NOW - HOUR, NOW + HOUR))

    assert sorted(one.id for one, _ in found) == ["first", "ops", "other"]
    assert {about.id for _, about in found} == {"i1", "i2"}
    assert unseen(store, until=NOW - MINUTE) == unseen(store, since=NOW + MINUTE) == []


@pytest.mark.parametrize(
    "word", [{"acked_at": NOW, "acked_by": "li"}, {"state": "closed"}, {"severity": Severity.HIGH}], ids=str
)
def test_what_a_person_has_seen_or_is_over_is_not_unacknowledged(store: Store, word: dict[str, Any]) -> None:
    store.write_now(lambda conn: commit.keep_incidents(conn, [incident("i1", **word)]))
    queue(store, critical("a1", "i1"))
    sent(store, "a1")

    assert unseen(store) == []


def test_what_left_by_another_door_or_was_reminded_of_is_not_unacknowledged(store: Store) -> None:
    store.write_now(lambda conn: commit.keep_incidents(conn, [incident("i1"), incident("i2")]))
    reminder = replace(critical("again", "i2", kind="reminder"), key="i2|#watch|critical|unacknowledged")
    queue(store, critical("hook", "i1"), critical("a1", "i2"), reminder)
    sent(store, "hook", door="webhook")
    sent(store, "a1")

    assert unseen(store) == []


def test_an_alert_that_waits_can_wait_longer_but_not_one_that_is_claimed(store: Store) -> None:
    queue(store, alert("a1"), alert("a2"))
    store.write_now(lambda conn: outbox.claim(conn, "a2", NOW))

    done = [store.write_now(lambda conn, id=id: outbox.defer(conn, id, NOW + HOUR)) for id in ("a1", "a2")]

    assert done == [True, False]
    assert ids(store, NOW + MINUTE) == []
    assert ids(store, NOW + HOUR) == ["a1"]


@pytest.mark.parametrize(("least", "made"), [(1, True), (2, False)])
def test_a_digest_of_one_is_made_only_where_that_is_meant(store: Store, least: int, made: bool) -> None:
    queue(store, alert("a1"))
    digest = alert("d1", kind="digest", incident=None, event=None)

    found = store.write_now(lambda conn: digests.gather(conn, digest, ["a1"], NOW, least=least))

    assert (found is not None) is made
    assert ids(store, NOW + HOUR) == ([] if made else ["a1"])
