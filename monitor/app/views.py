"""Stored things as the JSON objects of `--json`: settled keys, times in RFC 3339 UTC, identifiers as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.app.show import rfc3339
from monitor.edge.store.codec import StoredEvent, plain
from monitor.edge.store.read import SourceState
from monitor.judge.words import Texts, Voice
from monitor.model import Alert, Incident, Look, Reason, Record
from monitor.watcher import Watcher


def record(source: str, customer: str | None, one: Record) -> dict[str, Any]:
    """Return a normalized record as `poll --json` prints it."""
    return {
        "source": source,
        "customer": customer,
        "kind": one.kind,
        "key": one.key,
        "fields": plain(dict(one.fields)),
        "published_at": one.published_at,
        "url": one.url,
    }


def look(one: Look, customer: str | None) -> dict[str, Any]:
    """Return the last line of `poll --json`."""
    return {
        "look": {
            "source": one.source,
            "customer": customer,
            "outcome": str(one.outcome),
            "records": one.records,
            "complete": one.complete,
            "reason": one.reason,
        }
    }


def event(stored: StoredEvent) -> dict[str, Any]:
    one = stored.event
    return {
        "id": one.id,
        "customer": one.customer,
        "type": one.type,
        "severity": str(stored.severity),
        "title": one.title,
        "occurred_at": one.occurred_at,
        "published_at": one.published_at,
        "first_seen": rfc3339(one.first_seen),
        "source": one.source,
        "url": one.url,
        "confidence": one.confidence,
        "role": one.role,
        "stage": one.stage,
        "relation": one.relation,
        "polarity": one.polarity,
        "origins": [{"name": o.name, "source": o.source, "official": o.official, "url": o.url} for o in one.origins],
        "evidence": list(one.evidence),
        "incident": stored.incident,
        "baseline": one.baseline,
        "silent": stored.silent,
        "facts": plain(dict(one.facts)),
        "reasons": [_reason(reason) for reason in (*one.match, *stored.reasons)],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"name": reason.name, **plain(dict(reason.facts))}


def incident(one: Incident) -> dict[str, Any]:
    return {
        "id": one.id,
        "customer": one.customer,
        "topic": one.topic,
        "severity": str(one.severity),
        "state": one.state,
        "opened_at": rfc3339(one.opened_at),
        "updated_at": rfc3339(one.updated_at),
        "events": one.events,
        "head": one.head,
        "acked_by": one.acked_by,
        "acked_at": rfc3339(one.acked_at),
    }


def alert(one: Alert) -> dict[str, Any]:
    return {
        "id": one.id,
        "event": one.event,
        "incident": one.incident,
        "customer": one.customer,
        "kind": one.kind,
        "channel": one.channel,
        "severity": str(one.severity),
        "state": one.state,
        "attempts": one.attempts,
        "created_at": rfc3339(one.created_at),
        "sent_at": rfc3339(one.sent_at),
        "slack_ts": one.slack_ts,
        "reason": one.reason,
    }


def source(
    watcher: Watcher, state: SourceState | None, present: Mapping[str, bool], every: float, silent: str | None
) -> dict[str, Any]:
    """Return a source as `sources --json` prints it."""
    return {
        "source": watcher.name,
        "title": watcher.title,
        "family": watcher.family,
        "about": watcher.about,
        "jurisdictions": list(watcher.jurisdictions),
        "scope": watcher.scope,
        "needs": list(watcher.needs),
        "credentials": dict(present),
        "every": int(every),
        "quota": {"seconds_between_requests": watcher.pace},
        "agreement": watcher.needs_agreement,
        "experimental": watcher.experimental,
        "silent": silent,
        "watches": state.watches if state else 0,
        "failing": state.failing if state else 0,
        "last_good": rfc3339(state.last_good_at) if state else None,
        "next_due": rfc3339(state.next_due_at) if state else None,
        "terms": watcher.terms,
        "docs": watcher.docs,
    }


def why(stored: StoredEvent, voice: Voice) -> str:
    """Return the reasons of a verdict in words, one after another."""
    texts: Texts = voice.texts
    told = [voice.reason("why", r) for r in stored.reasons if texts.has(f"why.{r.name}", voice.language)]
    return "; ".join(part for part in told if part)
