"""`why` and `evidence`: what stands behind an event, for whoever has to defend a decision."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from monitor.app import proof, show, speech, story, wiring
from monitor.app.refused import Refused
from monitor.clock import SystemClock
from monitor.edge.settings import Places
from monitor.edge.store import Store, read
from monitor.edge.store.codec import StoredEvent
from monitor.judge.words import Voice
from monitor.model import Evidence


def why(places: Places, id: str, *, as_json: bool) -> int:
    """Tell the whole path of an event, or of the one an alert or an incident speaks of. Raises Refused."""
    config, keyring, watchers = wiring.opened(places, os.environ)
    with wiring.open_store(config, places, keyring) as store:
        found = store.read_now(partial(story.resolved, id=id))
        if found is None:
            raise Refused("event", id=id)
        path = store.read_now(partial(story.path, stored=found))
    if as_json:
        show.json_lines([story.row(path)])
    else:
        watcher = watchers.get(found.event.source)
        show.lines(story.Teller(path, speech.of(config.settings), watcher, wiring.rules().lexicon).lines())
    return 0


def _event(store: Store, id: str) -> StoredEvent:
    found = store.read_now(lambda conn: read.event_of(conn, id))
    if found is None:
        raise Refused("event", id=id)
    return found


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
