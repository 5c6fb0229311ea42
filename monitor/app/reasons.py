"""`why` and `evidence`: what stands behind an event, for whoever has to defend a decision."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monitor.app import proof, show, speech, views, wiring
from monitor.app.refused import Refused
from monitor.clock import SystemClock
from monitor.edge.settings import Places
from monitor.edge.store import Store, read
from monitor.edge.store.codec import StoredEvent
from monitor.judge.words import Voice
from monitor.model import Alert, Evidence, Reason


def why(places: Places, event: str, *, as_json: bool) -> int:
    """Say why an event weighs what it weighs, how sure it is, and what became of it."""
    config, keyring, _ = wiring.opened(places, os.environ)
    with wiring.open_store(config, places, keyring) as store:
        found = _event(store, event)
        sent = [
            one
            for one in store.read_now(lambda conn: read.alerts(conn, customer=found.event.customer))
            if one.event == event
        ]
    if as_json:
        show.json_lines([views.event(found)])
    else:
        show.lines(_told(found, sent, speech.of(config.settings)))
    return 0


def _event(store: Store, id: str) -> StoredEvent:
    found = store.read_now(lambda conn: read.event_of(conn, id))
    if found is None:
        raise Refused("event", id=id)
    return found


def _told(found: StoredEvent, sent: list[Alert], told: Voice) -> Iterator[str]:
    event = found.event

    def line(name: str, value: object) -> str:
        return told.say("cli.pair", name=told.say(f"cli.col.{name}"), value=value)

    yield line("what", speech.happened(told, event))
    yield line("customer", event.customer or "-")
    yield line("severity", told.say(f"cli.level.{found.severity.value}"))
    yield line("seen", told.moment(event.first_seen))
    for origin in event.origins:
        yield line("source", " ".join(part for part in (origin.name, origin.url) if part))
    for reason in event.match:
        yield line("match", words(told, "match", reason))
    for reason in found.reasons:
        yield line("reason", words(told, "why", reason))
    if found.silent:
        yield line("silent", speech.silence(told, found.silent))
    for one in sent:
        state = told.say(f"cli.state.{one.state}")
        yield line("state", f"{state} · {one.channel}" + (f" · {told.moment(one.sent_at)}" if one.sent_at else ""))
    for digest in event.evidence:
        yield line("evidence", digest)
    yield line("id", f"{event.id} · {found.incident or '-'}")


def words(told: Voice, prefix: str, reason: Reason) -> str:
    """Return a named reason in words; one without a sentence by its name and facts."""
    if told.texts.has(f"{prefix}.{reason.name}", told.language):
        return told.reason(prefix, reason)
    facts = ", ".join(f"{name} {told.shown(value)}" for name, value in reason.facts.items())
    return reason.name.replace("_", " ") + (f" ({facts})" if facts else "")


def evidence(places: Places, event: str, *, raw: bool, export: Path | None, as_json: bool) -> int:
    """List the raw answers that caused an event, write them out as they came, or pack them with all that vouches
    for them. Exit 1 if none was kept.
    """
    config, keyring, _ = wiring.opened(places, os.environ)
    told = speech.of(config.settings)
    with wiring.open_store(config, places, keyring) as store:
        found = _event(store, event)
        digests = found.event.evidence
        if export is not None:
            now = SystemClock().now()
            secrets = keyring.values()
            files = store.read_now(lambda conn: proof.gather(conn, found, secrets, now))
            proof.write(export, files, now)
        kept = [
            one
            for digest in digests
            if (one := store.read_now(lambda conn, d=digest: read.evidence_of(conn, d))) is not None  # type: ignore[misc]
        ]
    if export is not None:
        show.lines([told.say("cli.proof.wrote", file=export, files=len(files), manifest=proof.MANIFEST)])
    elif raw:
        for one in kept:
            sys.stdout.buffer.write(one.body)
    elif as_json:
        show.json_lines(_row(one) for one in kept)
    else:
        show.lines(line for one in kept for line in _shown(one, told))
    if not kept:
        show.sentence(told.say("cli.empty.evidence"))
        return 1
    return 0


def _row(one: Evidence) -> dict[str, Any]:
    return {
        "sha256": one.sha256,
        "source": one.source,
        "url": one.url,
        "status": one.status,
        "media_type": one.media_type,
        "bytes": len(one.body),
        "fetched_at": show.rfc3339(one.fetched_at),
        "headers": dict(one.headers),
    }


def _shown(one: Evidence, told: Voice) -> Iterator[str]:
    yield f"sha256 {one.sha256}"
    yield f"  {one.url}"
    yield f"  {told.moment(one.fetched_at)} · {one.source} · HTTP {one.status} · {one.media_type} · {len(one.body)} bytes"
