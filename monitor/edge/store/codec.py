"""The words as rows and back: what is written comes out equal, on both databases.

JSON columns hold plain JSON. Decimals become text, dates and times ISO text, sets sorted lists,
tuples lists: a record's fields and an event's facts are therefore best made of JSON values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import zstandard
from sqlalchemy import Row

from monitor.edge.store.prepared import text_of
from monitor.model import (
    Alert,
    Event,
    Evidence,
    Held,
    Incident,
    Origin,
    Outcome,
    Party,
    Reason,
    Record,
    Severity,
    Signal,
    Verdict,
)

_PLAIN = (str, int, float, bool, type(None))
_ZSTD_LEVEL = 3


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with what was decided about it."""

    event: Event
    severity: Severity
    incident: str | None
    reasons: tuple[Reason, ...]
    silent: str | None  # the reason nothing was sent, if so


@dataclass(frozen=True, slots=True)
class Past:
    """How a record read from `held.valid_from` until `until` (None: it still does)."""

    held: Held
    until: datetime | None


@dataclass(frozen=True, slots=True)
class LookBack:
    """One look that was not simply `same`."""

    turn: int
    at: datetime
    outcome: Outcome
    records: int
    complete: bool
    reason: str


def plain(value: Any) -> Any:
    """Return a value as plain JSON; raise TypeError for what has no such form."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Set):
        return sorted(plain(inner) for inner in value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [plain(inner) for inner in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")


# --------------------------------------------------------------------------- records


def record_row(watch: int, record: Record, digest: bytes, first_seen: datetime, now: datetime) -> dict[str, Any]:
    return {
        "watch": watch,
        "kind": record.kind,
        "key": record.key,
        "twin": record.twin,
        "fields": plain(record.fields),
        "parties": [_party_json(party) for party in record.parties] or None,
        "signals": [_signal_json(signal) for signal in record.signals] or None,
        "published_at": record.published_at,
        "url": record.url,
        "digest": digest,
        "first_seen": first_seen,
        "valid_from": now,
    }


RECORD = (
    "watch",
    "kind",
    "key",
    "twin",
    "fields",
    "parties",
    "signals",
    "published_at",
    "url",
    "digest",
    "first_seen",
    "valid_from",
)


def stored_record(watch: int, record: Record, digest: bytes, now: datetime) -> tuple[Any, ...]:
    """Return the row of a record first read now as the driver takes it, in the order of RECORD."""
    row, at = record_row(watch, record, digest, now, now), now.timestamp()
    told = (text_of(row["fields"]), text_of(row["parties"]), text_of(row["signals"]))
    return (watch, record.kind, record.key, record.twin, *told, record.published_at, record.url, digest, at, at)


def held_of(row: Row[Any]) -> Held:
    return Held(
        record=Record(
            kind=row.kind,
            key=row.key,
            fields=row.fields,
            published_at=row.published_at,
            url=row.url,
            parties=tuple(Party(**party) for party in row.parties or ()),
            signals=tuple(Signal(**signal) for signal in row.signals or ()),
            twin=row.twin,
        ),
        digest=row.digest,
        first_seen=row.first_seen,
        valid_from=row.valid_from,
        missing_since=row.missing_since,
        missing_looks=row.missing_looks,
    )


def record_json(record: Record | None) -> dict[str, Any] | None:
    """Return a record as plain JSON; None stays None."""
    if record is None:
        return None
    return {
        "kind": record.kind,
        "key": record.key,
        "twin": record.twin,
        "fields": plain(record.fields),
        "parties": [_party_json(party) for party in record.parties],
        "signals": [_signal_json(signal) for signal in record.signals],
        "published_at": record.published_at,
        "url": record.url,
    }


def record_of(row: Mapping[str, Any] | None) -> Record | None:
    """Read what `record_json` wrote."""
    if row is None:
        return None
    parties = tuple(Party(**party) for party in row["parties"])
    signals = tuple(Signal(**signal) for signal in row["signals"])
    return Record(**{**row, "parties": parties, "signals": signals})


def _party_json(party: Party) -> dict[str, Any]:
    told = {"name": party.name, "role": party.role, "ids": plain(party.ids), "country": party.country}
    more = {"city": party.city, "address": party.address, "activity": party.activity}
    return told | {name: value for name, value in more.items() if value is not None}


def _signal_json(signal: Signal) -> dict[str, Any]:
    return {
        "event": signal.event,
        "stage": signal.stage,
        "occurred_at": signal.occurred_at,
        "facts": plain(signal.facts),
    }


# --------------------------------------------------------------------------- events and incidents

_EVENT_TEXT = (
    "id",
    "key",
    "type",
    "customer",
    "source",
    "first_seen",
    "occurred_at",
    "published_at",
    "url",
    "title",
    "role",
    "stage",
    "relation",
    "polarity",
    "confidence",
    "identified",
    "baseline",
    "record_kind",
    "record_key",
)


def event_row(event: Event, verdict: Verdict, incident: str | None) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _EVENT_TEXT} | {
        "incident": incident,
        "severity": verdict.severity.value,
        "silent": verdict.silent,
        "facts": plain(event.facts),
        "match": [reason_json(reason) for reason in event.match],
        "origins": [origin_json(origin) for origin in event.origins],
        "evidence": list(event.evidence),
        "reasons": [reason_json(reason) for reason in verdict.reasons],
    }


def stored_event(row: Row[Any]) -> StoredEvent:
    values = row._mapping
    event = Event(
        **{name: values[name] for name in _EVENT_TEXT},
        facts=row.facts,
        match=tuple(Reason(**reason) for reason in row.match),
        origins=tuple(Origin(**origin) for origin in row.origins),
        evidence=tuple(row.evidence),
    )
    reasons = tuple(Reason(**reason) for reason in row.reasons)
    return StoredEvent(event, Severity(row.severity), row.incident, reasons, row.silent)


def reason_json(reason: Reason) -> dict[str, Any]:
    return {"name": reason.name, "facts": plain(reason.facts)}


def origin_json(origin: Origin) -> dict[str, Any]:
    """Return a voice as plain JSON; what it does not state is left out."""
    told = {"title": origin.title, "agency": origin.agency, "repeats": origin.repeats}
    stated = {name: value for name, value in told.items() if value}
    return {"name": origin.name, "source": origin.source, "official": origin.official, "url": origin.url, **stated}


_INCIDENT = (
    *("id", "customer", "topic", "state", "opened_at", "updated_at", "version", "events", "head"),
    *("acked_at", "acked_by"),
)


def incident_row(incident: Incident) -> dict[str, Any]:
    levels = {
        "severity": incident.severity.value,
        "acked_severity": incident.acked_severity.value if incident.acked_severity else None,
    }
    return {name: getattr(incident, name) for name in _INCIDENT} | levels


def incident_of(row: Row[Any]) -> Incident:
    values = row._mapping
    acked = Severity(row.acked_severity) if row.acked_severity else None
    return Incident(**{name: values[name] for name in _INCIDENT}, severity=Severity(row.severity), acked_severity=acked)


# --------------------------------------------------------------------------- alerts and evidence

_ALERT = (
    "id",
    "key",
    "kind",
    "channel",
    "event",
    "incident",
    "customer",
    "state",
    "reason",
    "attempts",
    "created_at",
    "not_before",
    "claimed_at",
    "sent_at",
    "slack_channel",
    "slack_ts",
    "shown",
    "mention",
)


def alert_row(alert: Alert, now: datetime) -> dict[str, Any]:
    """Return the row of a new alert; created now and to be sent now unless it says otherwise."""
    created = alert.created_at or now
    return {name: getattr(alert, name) for name in _ALERT} | {
        "severity": alert.severity.value,
        "created_at": created,
        "not_before": alert.not_before or created,
        "facts": plain(alert.facts),
    }


def alert_of(row: Row[Any]) -> Alert:
    values = row._mapping
    return Alert(**{name: values[name] for name in _ALERT}, severity=Severity(row.severity), facts=row.facts)


def evidence_row(evidence: Evidence) -> dict[str, Any]:
    return {
        "sha256": evidence.sha256,
        "body": zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(evidence.body),
        "size": len(evidence.body),
        "media_type": evidence.media_type,
        "url": evidence.url,
        "source": evidence.source,
        "status": evidence.status,
        "headers": plain(evidence.headers),
        "fetched_at": evidence.fetched_at,
    }


def evidence_of(row: Row[Any]) -> Evidence:
    return Evidence(
        sha256=row.sha256,
        body=zstandard.ZstdDecompressor().decompress(row.body),
        media_type=row.media_type,
        url=row.url,
        source=row.source,
        status=row.status,
        headers=row.headers,
        fetched_at=row.fetched_at,
    )
