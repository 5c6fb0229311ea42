"""Decisions and mutes in the store: one that counts for each record, ended ones that can be read, and whose they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, select

from monitor.edge.chain import Walk
from monitor.edge.store import Store, audit, commit, decisions, forget, tables
from monitor.edge.store.commit import Listing
from monitor.edge.store.turns import Watched, ensure
from monitor.judge.persons import person
from monitor.model import Decision, Reason, Severity, Verdict
from monitor.policy import Matcher, Mute
from tests.edge.store.words import HOUR, NOW, alert, event, incident, judged, record

DAY = timedelta(days=1)


def decision(**changes: Any) -> Decision:
    made = Decision(
        verdict="dismissed",
        customer="c0",
        source="gleif",
        record_kind="company",
        record_key="1",
        digest="00ff",
        fields={"name": "Nordlys AS", "ids": ["1", "2"]},
        event="ev_1",
        by="li",
        at=NOW,
        reason="another one",
    )
    return replace(made, **changes)


def mute(**changes: Any) -> Mute:
    made = Mute(0, "li", NOW, "known", NOW + DAY, Severity.HIGH, Matcher(customers=("c0",), types=("ins.*",)))
    return replace(made, **changes)


# --------------------------------------------------------------------------- decisions


def test_a_decision_comes_back_as_it_was_written(store: Store) -> None:
    kept = store.write_now(lambda conn: decisions.decide(conn, decision()))

    assert kept.number is not None
    assert store.read_now(lambda conn: decisions.standing(conn, "c0")) == [kept]
    assert replace(kept, number=None) == decision()


def test_the_last_decision_about_a_record_counts_and_the_one_before_is_replaced(store: Store) -> None:
    first = store.write_now(lambda conn: decisions.decide(conn, decision()))
    last = store.write_now(lambda conn: decisions.decide(conn, decision(verdict="confirmed", by="wang", at=NOW + HOUR)))
    other = store.write_now(lambda conn: decisions.decide(conn, decision(record_key="2", at=NOW + HOUR)))

    assert store.read_now(lambda conn: decisions.standing(conn, "c0")) == [last, other]
    everything = store.read_now(lambda conn: decisions.decisions(conn, customer="c0"))
    assert everything[0] == replace(first, ended_at=NOW + HOUR, ended_why="replaced")


def test_a_decision_ends_once(store: Store) -> None:
    kept = store.write_now(lambda conn: decisions.decide(conn, decision()))
    number = kept.number or 0

    ended = [store.write_now(lambda conn: decisions.end(conn, number, NOW + HOUR, "reopened")) for _ in range(2)]

    assert ended == [True, False]
    assert store.read_now(lambda conn: decisions.standing(conn, "c0")) == []
    (left,) = store.read_now(lambda conn: decisions.decisions(conn, event="ev_1"))
    assert (left.ended_at, left.ended_why) == (NOW + HOUR, "reopened")


def test_a_record_is_read_as_it_was_told_last_and_the_customer_s_own_look_comes_first(store: Store) -> None:
    def fill(conn: Connection) -> None:
        ensure(conn, [Watched("gleif", "c0", 60.0), Watched("gleif", "c1", 60.0)], NOW)
        ids = dict(conn.execute(select(tables.watch.c.subject, tables.watch.c.id)).all())
        commit.put(conn, ids["c0"], [record("1", "company", name="Once")], NOW)
        commit.put(conn, ids["c0"], [record("1", "company", name="Now")], NOW + HOUR)
        commit.put(conn, ids["c1"], [record("1", "company", name="Elsewhere")], NOW + 2 * HOUR)

    store.write_now(fill)

    def name(customer: str, key: str = "1") -> Any:
        found = store.read_now(lambda conn: decisions.record_of(conn, "gleif", "company", key, customer))
        return found and found.fields["name"]

    assert (name("c0"), name("c1"), name("c2"), name("c0", "2")) == ("Now", "Elsewhere", "Elsewhere", None)


def test_what_was_told_of_a_record_is_found_and_becomes_identified(store: Store) -> None:
    about = {"record_kind": "company", "record_key": "1", "identified": False}
    mine = judged("reg.dissolved|c0|1|2026", **about)
    other = judged("reg.dissolved|c1|1|2026", **{**about, "customer": "c1"})
    store.write_now(lambda conn: commit.add_events(conn, [mine, other]))

    sure = replace(mine.event, identified=True, confidence=1.0, match=(Reason("confirmed_by_person", {"by": "li"}),))
    store.write_now(lambda conn: decisions.identify(conn, sure, NOW + HOUR))

    found = store.read_now(lambda conn: decisions.events_of(conn, "c0", "gleif", "company", "1"))
    assert [one.event for one in found] == [sure]
    assert faults(store) == []


def test_only_what_has_not_left_is_taken_back(store: Store) -> None:
    rows = [
        alert("waits"),
        alert("parked", state="parked"),
        alert("sent", state="sent"),
        alert("claimed", claimed_at=NOW),
        alert("other", event="e2"),
    ]
    store.write_now(lambda conn: commit.add_alerts(conn, rows, NOW))

    assert store.write_now(lambda conn: decisions.withdraw(conn, ["e1"], "dismissed")) == 2

    states = dict(store.read_now(lambda conn: conn.execute(select(tables.alert.c.id, tables.alert.c.state)).all()))
    assert states == {
        "waits": "suppressed",
        "parked": "suppressed",
        "sent": "sent",
        "claimed": "pending",
        "other": "pending",
    }


# --------------------------------------------------------------------------- mutes


@pytest.mark.parametrize("one", [mute(), mute(when=Matcher(), incident="in_1"), mute(when=Matcher(tiers=("A", "B")))])
def test_a_mute_comes_back_as_it_was_written(store: Store, one: Mute) -> None:
    kept = store.write_now(lambda conn: decisions.add_mute(conn, one))

    assert store.read_now(lambda conn: decisions.mutes(conn, NOW)) == [kept]
    assert replace(kept, number=0) == one


def test_a_mute_counts_until_its_end_and_ends_once(store: Store) -> None:
    lifted, broken, over = (store.write_now(lambda conn: decisions.add_mute(conn, mute())) for _ in range(3))

    def end(number: int, by: str, why: str) -> Mute | None:
        return store.write_now(lambda conn: decisions.end_mute(conn, number, NOW + HOUR, by, why))

    first, again = end(lifted.number, "wang", "lifted"), end(lifted.number, "li", "lifted")
    assert (first and first.ended_by, again) == ("wang", None)
    assert end(broken.number, "ev_9", "broken") is not None
    assert [one.number for one in store.read_now(lambda conn: decisions.mutes(conn, NOW + HOUR))] == [over.number]

    assert store.write_now(lambda conn: decisions.end_overs(conn, NOW + HOUR)) == []
    assert store.write_now(lambda conn: decisions.end_overs(conn, NOW + DAY)) == [over.number]
    assert [one.ended_why for one in store.read_now(decisions.mutes)] == ["lifted", "broken", "over"]


def test_what_each_mute_kept_silent_is_counted_with_the_rules_of_the_file(store: Store) -> None:
    def fill(conn: Connection) -> None:
        for n, reason in enumerate(
            (
                Reason("muted_by_person", {"mute": 3, "by": "li"}),
                Reason("muted_by_person", {"mute": 3, "by": "li"}),
                Reason("muted", {"rule": "quiet port"}),
            )
        ):
            verdict = Verdict(Severity.HIGH, (Reason("default"), reason), silent="muted")
            one = event(f"reg.dissolved|c0|{n}|2026")
            commit.add_events(conn, [commit.Judged(one, verdict, "i1")])
            for channel in ("#a", "#b"):
                row = alert(f"{n}{channel}", event=one.id, state="suppressed", reason="muted", channel=channel)
                commit.add_alerts(conn, [row], NOW)

    store.write_now(fill)

    assert store.read_now(decisions.silenced) == {"#3": 4, "quiet port": 2}


def test_what_stands_is_what_was_told_and_is_not_over(store: Store) -> None:
    def fill(conn: Connection) -> None:
        commit.keep_incidents(conn, [incident("i1"), incident("i2", state="closed")])
        told, silent = judged("reg.dissolved|c0|1|2026", "i1"), judged("reg.dissolved|c0|2|2026", "i1")
        silent = replace(silent, verdict=replace(silent.verdict, silent="muted"))
        ended = judged("reg.dissolved|c0|3|2026", "i2")
        other = judged("reg.dissolved|c1|4|2026", "i1", customer="c1")
        commit.add_events(conn, [told, silent, ended, other])

    store.write_now(fill)

    def keys(*customers: str) -> list[str]:
        found = store.read_now(lambda conn: decisions.standing_facts(conn, customers))
        return sorted(one.event.key for one in found)

    assert keys("c0") == ["reg.dissolved|c0|1|2026"]
    assert keys() == ["reg.dissolved|c0|1|2026", "reg.dissolved|c1|4|2026"]


# --------------------------------------------------------------------------- seen, and who it was


def test_an_acknowledgement_touches_nothing_else_of_the_incident(store: Store) -> None:
    one = incident("i1", version=4)
    store.write_now(lambda conn: commit.keep_incidents(conn, [one]))
    seen = replace(one, acked_at=NOW + HOUR, acked_by="li", acked_severity=one.severity, version=5)

    store.write_now(lambda conn: decisions.acknowledge(conn, replace(seen, head="another", events=9)))

    found = store.read_now(lambda conn: conn.execute(select(tables.incident)).one())
    assert (found.acked_by, found.acked_at, found.acked_severity) == ("li", NOW + HOUR, "critical")
    assert (found.version, found.head, found.events) == (5, one.head, one.events)


def faults(store: Store) -> list[Any]:
    store.write_now(lambda conn: audit.seal(conn, NOW + DAY, 100))
    return store.read_now(lambda conn: list(audit.faults(conn, Walk())))


def test_what_people_decided_stands_in_the_audit_log_and_their_words_apart_from_it(store: Store) -> None:
    def work(conn: Connection) -> None:
        kept = decisions.decide(conn, decision(by="liwei", reason="their lawyer says so"))
        decisions.end(conn, kept.number or 0, NOW + HOUR, "reopened")
        made = decisions.add_mute(conn, mute(by="liwei", reason="port strike"))
        decisions.end_mute(conn, made.number, NOW + HOUR, "liwei", "lifted")
        commit.keep_incidents(conn, [incident("i1")])
        seen = replace(incident("i1"), acked_at=NOW, acked_by="liwei", acked_severity=Severity.CRITICAL)
        decisions.acknowledge(conn, seen)

    store.write_now(work)

    rows = store.read_now(audit.rows)
    assert [(row.kind, row.what) for row in rows if row.kind in ("decision", "mute", "incident")] == [
        ("decision", "dismissed"),
        ("decision", "reopened"),
        ("mute", "muted"),
        ("mute", "lifted"),
        ("incident", "acknowledged"),
    ]
    assert not any(word in row.note for row in rows for word in ("liwei", "lawyer", "strike"))
    refs = [row.ref for row in rows if row.ref]
    apart = [orjson.loads(text) for _, text in store.read_now(lambda conn: audit.salts(conn, refs)).values() if text]
    assert {"by": "liwei", "why": "their lawyer says so"} in apart
    assert {"by": "liwei", "why": "port strike"} in apart
    assert faults(store) == []


def test_a_person_s_name_is_found_and_goes_from_decisions_mutes_and_acknowledgements(store: Store) -> None:
    named = person("Kari Nordmann")
    assert named is not None

    def fill(conn: Connection) -> None:
        fields = {"name": "NORDMANN, Kari", "role": "director"}
        decisions.decide(conn, decision(record_kind="officer", fields=fields, reason="that is not our Kari Nordmann"))
        decisions.add_mute(conn, mute(by="Kari Nordmann", reason="Kari Nordmann deals with it"))
        commit.keep_incidents(conn, [incident("i1", acked_at=NOW, acked_by="Kari Nordmann")])

    store.write_now(fill)
    found = store.read_now(lambda conn: list(forget.hits(conn, named)))
    assert {hit.table for hit in found} >= {"decision", "mute", "incident", "audit_apart"}

    store.write_now(lambda conn: forget.forget(conn, found, named, NOW + DAY, "asked"))

    assert store.read_now(lambda conn: list(forget.hits(conn, named))) == []
    (kept,) = store.read_now(lambda conn: decisions.standing(conn, "c0"))
    assert (kept.digest, kept.fields["role"]) == ("00ff", "director")
    assert len(store.read_now(decisions.mutes)) == 1
    assert faults(store) == []


def test_decisions_and_mutes_follow_a_customer_to_its_new_id(store: Store) -> None:
    def fill(conn: Connection) -> None:
        commit.customers(conn, [Listing("c0", "Nordlys AS", "NO", "d", {"no.orgnr": "923609016"})], NOW)
        decisions.decide(conn, decision())
        decisions.add_mute(conn, mute(when=Matcher(customers=("c0", "c7"), types=("ins.*",))))

    store.write_now(fill)

    again = [Listing("nordlys", "Nordlys AS", "NO", "d2", {"no.orgnr": "923609016"})]
    store.write_now(lambda conn: commit.customers(conn, again, NOW + DAY))

    (kept,) = store.read_now(lambda conn: decisions.standing(conn, "nordlys"))
    assert kept.fields == decision().fields
    (moved,) = store.read_now(decisions.mutes)
    assert moved.when == Matcher(customers=("nordlys", "c7"), types=("ins.*",))


def test_two_decisions_never_stand_about_one_record_at_a_time(store: Store) -> None:
    kept = store.write_now(lambda conn: decisions.decide(conn, decision()))

    def twice(conn: Connection) -> None:
        row = dict(conn.execute(select(tables.decision)).mappings().one()) | {"number": (kept.number or 0) + 1}
        conn.execute(tables.decision.insert().values(row))

    with pytest.raises(Exception, match=r"(?i)unique"):
        store.write_now(twice)


def test_what_was_decided_about_a_person_goes_when_its_time_is_up_unless_it_still_holds(store: Store) -> None:
    officer = {"record_kind": "officer", "fields": {"name": "Kari Nordmann"}}

    def fill(conn: Connection) -> None:
        ensure(conn, [Watched("gleif", "c0", 60.0)], NOW)
        one = conn.scalar(select(tables.watch.c.id))
        commit.put(conn, one or 0, [record("held")], NOW)
        for key in ("held", "gone"):
            decisions.decide(conn, decision(record_key=key, **officer))
        ended = decisions.decide(conn, decision(record_key="ended", **officer))
        decisions.end(conn, ended.number or 0, NOW, "reopened")
        decisions.decide(conn, decision(record_key="company"))
        decisions.decide(conn, decision(record_key="young", at=NOW + 3 * DAY, **officer))

    store.write_now(fill)
    limits = forget.Limits(NOW, NOW, NOW + 2 * DAY)
    found = store.read_now(lambda conn: forget.overdue(conn, limits))
    days = {"evidence": 1, "incident_evidence": 1, "personal_data": 1}

    store.write_now(lambda conn: forget.purge(conn, found, NOW + 3 * DAY, days))

    left = store.read_now(lambda conn: decisions.decisions(conn, customer="c0"))
    assert [one.record_key for one in left] == ["held", "company", "young"]
    assert faults(store) == []
