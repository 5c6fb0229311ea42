"""What is written comes out equal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.edge.store import Store, codec, commit, read
from monitor.edge.store.commit import Judged, Put
from monitor.model import Alert, Event, Incident, Origin, Party, Reason, Record, Severity, Signal, Verdict
from tests.edge.store.words import NOW

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
maybe = st.none() | words
whole = st.integers(-(2**53), 2**53)
json = st.recursive(
    st.none() | st.booleans() | whole | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
facts = st.dictionaries(words, json, max_size=3)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
reasons = st.lists(st.builds(Reason, words, facts), max_size=2).map(tuple)
parties = st.lists(st.builds(Party, words, words, st.dictionaries(words, words, max_size=2), maybe), max_size=2).map(
    tuple
)
signals = st.lists(st.builds(Signal, words, words, maybe, facts), max_size=2).map(tuple)
records = st.builds(Record, words, words, facts, maybe, maybe, parties, signals, maybe)
events = st.builds(
    Event,
    id=words,
    key=words,
    type=words,
    customer=maybe,
    source=words,
    first_seen=moments,
    occurred_at=maybe,
    title=words,
    confidence=st.floats(0, 1),
    identified=st.booleans(),
    baseline=st.booleans(),
    facts=facts,
    match=reasons,
    origins=st.lists(st.builds(Origin, words, words, st.booleans(), maybe), max_size=2).map(tuple),
    evidence=st.lists(words, max_size=2).map(tuple),
)
levels = st.sampled_from(list(Severity))
verdicts = st.builds(Verdict, levels, reasons, maybe)
incidents = st.builds(
    Incident,
    words,
    maybe,
    words,
    levels,
    st.sampled_from(["open", "closed"]),
    moments,
    moments,
    whole.map(abs).map(lambda n: n % 1000),
    st.just(1),
    words,
)
alerts = st.builds(
    Alert,
    words,
    words,
    st.just("root"),
    words,
    levels,
    maybe,
    maybe,
    maybe,
    created_at=moments,
    not_before=moments,
    facts=facts,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=records, event=events, verdict=verdicts, incident=incidents, alert=alerts, seen=moments)
def test_words_come_back_as_they_were(
    store: Store, record: Record, event: Event, verdict: Verdict, incident: Incident, alert: Alert, seen: datetime
) -> None:
    class Undo(Exception):
        pass

    def there_and_back(conn: object) -> None:
        commit.put(conn, 1, [Put(record, b"\0d")], seen)  # type: ignore[arg-type]
        commit.add_events(conn, [Judged(event, verdict, incident.id)])  # type: ignore[arg-type]
        commit.keep_incidents(conn, [incident])  # type: ignore[arg-type]
        commit.add_alerts(conn, [alert], NOW)  # type: ignore[arg-type]
        held = read.snapshot(conn, 1)[record.id]  # type: ignore[arg-type]
        assert (held.record, held.digest, held.first_seen) == (record, b"\0d", seen)
        stored = read.events_by_key(conn, [event.key])[event.key]  # type: ignore[arg-type]
        assert stored.event == event
        assert (stored.severity, stored.reasons, stored.silent) == (verdict.severity, verdict.reasons, verdict.silent)
        assert read.incident_of(conn, incident.id) == incident  # type: ignore[arg-type]
        assert read.alert_of(conn, alert.id) == alert  # type: ignore[arg-type]
        raise Undo

    with pytest.raises(Undo):
        store.write_now(there_and_back)


@given(json)
def test_plain_json_stays_as_it_is(value: object) -> None:
    assert codec.plain(value) == value


def test_what_is_not_json_becomes_text_or_is_refused() -> None:
    value = {
        "amount": Decimal("1.50"),
        "day": date(2026, 3, 1),
        "at": NOW,
        "level": Severity.HIGH,
        "ids": {"b", "a"},
        "pair": (1, 2),
    }

    assert codec.plain(value) == {
        "amount": "1.50",
        "day": "2026-03-01",
        "at": "2026-03-01T12:00:00+00:00",
        "level": "high",
        "ids": ["a", "b"],
        "pair": [1, 2],
    }
    with pytest.raises(TypeError, match="bytes"):
        codec.plain({"body": b"raw"})


def test_an_alert_without_times_is_created_now_and_due_now() -> None:
    bare = Alert("a", "k", "ops", "#ops", Severity.LOW)

    row = codec.alert_row(bare, NOW)

    assert (row["created_at"], row["not_before"]) == (NOW, NOW)
    assert codec.alert_row(replace(bare, not_before=NOW), NOW)["not_before"] == NOW
