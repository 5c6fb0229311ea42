"""What tells a flood from news, and what stands behind a message, read on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from monitor.edge.store import Store, background, commit, dates, decisions, flood, outbox, turns
from monitor.edge.store.commit import Listing
from monitor.edge.store.flood import Kind, Spread
from monitor.model import Alert, Deadline, Decision, Severity, Verdict
from tests.edge.store.words import HOUR, MINUTE, NOW, alert, event, incident, judged, watched

MOVED = Kind("gleif", "reg.address_changed")


def fill(store: Store, count: int, *, customers: int = 10) -> list[Alert]:
    """Watch so many customers, and queue a message about each of `count` of them."""
    listed = [Listing(f"c{n}", f"C {n}", "GB", "d") for n in range(customers)]
    keys = [f"reg.address_changed|c{n}|1" for n in range(count)]
    events = [
        replace(judged(key, None, customer=f"c{n}"), verdict=Verdict(Severity.MEDIUM)) for n, key in enumerate(keys)
    ]
    rows = [
        alert(f"a{n}", event=one.event.id, customer=f"c{n}", severity=Severity.MEDIUM) for n, one in enumerate(events)
    ]

    def job(conn: Any) -> None:
        commit.customers(conn, listed, NOW)
        turns.ensure(conn, watched(customers // 2), NOW)
        commit.add_events(conn, events)
        commit.add_alerts(conn, rows, NOW)

    store.write_now(job)
    return rows


def spread(store: Store, kind: Kind = MOVED, since: Any = NOW - HOUR) -> Spread:
    return store.read_now(lambda conn: flood.spread(conn, kind, since))


def test_a_kind_is_counted_by_customers_told_or_waiting_against_those_the_source_is_asked_about(store: Store) -> None:
    rows = fill(store, 6)
    store.write_now(lambda conn: outbox.sent(conn, "a0", "C1", "1.1", NOW))
    store.write_now(lambda conn: outbox.suppress(conn, "a1", "muted"))

    assert spread(store) == Spread(5, 5)
    assert spread(store, since=NOW + MINUTE) == Spread(0, 0)
    assert spread(store, Kind("gleif", "reg.name_changed")) == Spread(0, 0)
    kinds = store.read_now(lambda conn: flood.kinds(conn, [*rows, alert("x", event="unknown")]))
    assert kinds == {one.id: MOVED for one in rows}


def test_a_stream_watches_everybody(store: Store) -> None:
    fill(store, 2)
    other = replace(judged("med.harm|c0|1", None, source="paper"), verdict=Verdict(Severity.MEDIUM))
    row = alert("news", event=other.event.id, customer="c0")
    store.write_now(lambda conn: (commit.add_events(conn, [other]), commit.add_alerts(conn, [row], NOW)))

    assert spread(store, Kind("paper", "med.harm")) == Spread(1, 10)


def test_criticals_are_no_part_of_a_flood(store: Store) -> None:
    rows = fill(store, 2)
    grave = [replace(one, severity=Severity.CRITICAL) for one in rows]

    assert store.read_now(lambda conn: flood.kinds(conn, grave)) == {}


def test_the_last_message_of_a_flood_is_known_by_channel_and_kind(store: Store) -> None:
    facts = {"flood": {"source": "gleif", "type": "reg.address_changed", "customers": 9}}
    made = alert("d1", kind="digest", event=None, incident=None, customer=None, facts=facts)
    store.write_now(lambda conn: commit.add_alerts(conn, [made], NOW))

    def last(channel: str = "#watch", kind: Kind = MOVED, since: Any = NOW - HOUR) -> Any:
        return store.read_now(lambda conn: flood.last_told(conn, channel, kind, since))

    assert last() == NOW
    assert last("#ops") is last(kind=Kind("gleif", "x")) is last(since=NOW + MINUTE) is None


# --------------------------------------------------------------------------- what stands behind a message


def test_a_message_knows_the_whole_incident(store: Store) -> None:
    first = judged("ins.petition_filed|c0|1", first_seen=NOW - HOUR)
    second = judged("ins.proceeding_opened|c0|1")
    now_open = Deadline("dl_1", "c0", "hearing", "2026-03-09", "open", NOW, NOW, incident="i1")
    over = replace(now_open, id="dl_2", state="passed")
    rows = [alert("root"), alert("told", kind="reply", severity=Severity.CRITICAL), alert("ops", channel="#ops")]

    def job(conn: Any) -> None:
        commit.add_events(conn, [second, first])
        commit.keep_incidents(conn, [incident()])
        dates.keep(conn, [now_open, over])
        commit.add_alerts(conn, rows, NOW)
        outbox.sent(conn, "told", "C1", "1.1", NOW)

    store.write_now(job)

    found = store.read_now(lambda conn: background.of(conn, rows[0], alone=True))

    assert [one.event.id for one in found.events] == [first.event.id, second.event.id]
    assert [one.id for one in found.dates] == ["dl_1"]
    assert (found.before, found.alone, found.edited, found.dismissed) == (Severity.CRITICAL, True, False, None)
    assert store.read_now(lambda conn: background.of(conn, rows[1])).before is None
    assert store.read_now(lambda conn: background.of(conn, rows[2])).before is None
    assert store.read_now(lambda conn: background.of(conn, replace(rows[0], incident=None))) == background.NOTHING


def test_a_dismissal_is_told_with_the_facts_it_took_out(store: Store) -> None:
    gone = event("ins.petition_filed|c0|1", record_kind="notice", record_key="n1")
    silent = commit.Judged(gone, Verdict(Severity.HIGH, silent="dismissed"), "i1")
    said = Decision("dismissed", "c0", "gleif", "notice", "n1", "d", {}, gone.id, "anna", NOW)
    other = replace(said, record_key="n2", at=NOW + HOUR)

    def job(conn: Any) -> None:
        commit.add_events(conn, [silent])
        for one in (said, other):
            decisions.decide(conn, one)

    store.write_now(job)

    found = store.read_now(lambda conn: background.of(conn, alert()))

    assert found.dismissed is not None
    assert (found.dismissed.by, found.dismissed.record_key) == ("anna", "n1")
