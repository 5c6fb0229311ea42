"""Dates in the store: what is written is read, in order, whole, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from monitor.edge.store import Store, commit, dates, read
from monitor.model import Alert, Deadline, Severity

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def deadline(id: str = "dl_1", day: str = "2026-12-09", **changes: Any) -> Deadline:
    base: dict[str, Any] = {
        "customer": "c1",
        "name": "hearing",
        "state": "open",
        "created_at": NOW,
        "updated_at": NOW,
        "incident": "in_1",
        "event": "ev_1",
        "source": "gb_gazette",
        "country": "GB",
        "facts": {"case": "CR-1"},
    }
    return Deadline(id=id, day=day, **{**base, **changes})


def keep(store: Store, *rows: Deadline) -> None:
    store.write_now(lambda conn: dates.keep(conn, rows))


def ids(found: list[Deadline]) -> list[str]:
    return [one.id for one in found]


def test_a_date_comes_back_as_it_was_written(store: Store) -> None:
    one = deadline(was="2026-12-02", state="moved", reminded=("7", "1"))
    keep(store, one)
    assert store.read_now(lambda conn: dates.get(conn, "dl_1")) == one
    assert store.read_now(lambda conn: dates.get(conn, "dl_2")) is None


def test_writing_again_replaces_what_may_change_and_keeps_when_it_was_made(store: Store) -> None:
    later = datetime(2026, 11, 20, tzinfo=UTC)
    keep(store, deadline())
    keep(store, deadline(day="2026-12-16", state="moved", was="2026-12-09", created_at=later, updated_at=later))

    found = store.read_now(lambda conn: dates.get(conn, "dl_1"))

    assert found is not None
    assert (found.day, found.was, found.created_at, found.updated_at) == ("2026-12-16", "2026-12-09", NOW, later)


def test_the_nearest_comes_first_and_both_ends_of_a_span_count(store: Store) -> None:
    keep(
        store,
        deadline("c", "2026-12-16"),
        deadline("a", "2026-12-09T10:30:00+00:00"),
        deadline("b", "2026-12-10", customer="c2"),
        deadline("d", "2026-12-11", state="done"),
    )

    def listed(**wanted: Any) -> list[str]:
        return ids(store.read_now(lambda conn: dates.listed(conn, **wanted)))

    assert listed() == ["a", "b", "c"]
    assert listed(states=None) == ["a", "b", "d", "c"]
    assert listed(customer="c2") == ["b"]
    assert listed(since=date(2026, 12, 9), until=date(2026, 12, 9)) == ["a"]
    assert listed(since=date(2026, 12, 10), until=date(2026, 12, 16)) == ["b", "c"]
    assert listed(names=("claims_deadline",)) == []


def test_an_incidents_dates_are_found_by_it_whatever_became_of_them(store: Store) -> None:
    keep(
        store,
        deadline("a"),
        deadline("b", state="cancelled"),
        deadline("c", incident="in_2"),
        deadline("d", incident=None),
    )

    assert ids(store.read_now(lambda conn: dates.of_incident(conn, "in_1"))) == ["a", "b"]
    by_incident = store.read_now(lambda conn: dates.of_incidents(conn, ["in_1", "in_2", "in_3"]))
    assert {name: ids(found) for name, found in by_incident.items()} == {"in_1": ["a", "b"], "in_2": ["c"]}
    assert ids(store.read_now(dates.of_customers)) == ["d"]


def test_a_customers_dates_go_on_under_its_new_id(store: Store) -> None:
    listing = commit.Listing("c1", "Hartwell Ltd", "GB", "x", {"gb_company": "09000001"})
    store.write_now(lambda conn: commit.customers(conn, [listing], NOW))
    keep(store, deadline())

    store.write_now(lambda conn: commit.customers(conn, [replace(listing, id="hartwell")], NOW))

    found = store.read_now(lambda conn: dates.get(conn, "dl_1"))
    assert found is not None and found.customer == "hartwell"


def test_reminders_that_have_not_left_are_taken_back_and_no_others(store: Store) -> None:
    def reminder(key: str, **changes: Any) -> Alert:
        return Alert(key, key, "reminder", "#a", Severity.HIGH, created_at=NOW, **changes)

    rows = (
        reminder("deadline|dl_1|2026-12-09|7|#a"),
        reminder("deadline|dl_1|2026-12-09|1|#a", state="sent"),
        reminder("deadline|dl_1|2026-12-09|0|#a", claimed_at=NOW),
        reminder("deadline|dl_10|2026-12-09|7|#a"),
        reminder("deadline|dlx1|2026-12-09|7|#a"),  # `_` is no wildcard
    )
    store.write_now(lambda conn: commit.add_alerts(conn, rows, NOW))

    assert store.write_now(lambda conn: dates.withdraw(conn, "dl_1", "done")) == 1

    states = {one.key: (one.state, one.reason) for one in store.read_now(read.alerts)}
    assert states["deadline|dl_1|2026-12-09|7|#a"] == ("suppressed", "done")
    assert [key for key, (state, _) in states.items() if state == "suppressed"] == ["deadline|dl_1|2026-12-09|7|#a"]
