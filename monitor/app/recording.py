"""`record`: one look at a source, written down as a fixture case that the battery replays."""

from __future__ import annotations

import mimetypes
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from monitor.app import listings, looking, plan, poll, show, speech, wiring
from monitor.app.plan import Assignments
from monitor.app.poll import Seen
from monitor.app.refused import Refused
from monitor.app.running import in_loop
from monitor.clock import SystemClock
from monitor.edge import observe
from monitor.edge.config import Settings
from monitor.edge.http import Client
from monitor.edge.settings import Places
from monitor.judge import diff
from monitor.model import Customer, Evidence, Outcome
from monitor.watcher import Ask, Findings, Target, Watcher

FIXTURES = Path("tests/fixtures")  # from the project's root, where who writes a watcher stands
_NAME = re.compile(r"^[a-z0-9][a-z0-9_]{0,40}$")
_KEPT = ("content-type", "link", "location", "retry-after", "x-total-count")  # what a watcher may read; dates pass
_ENDINGS = {"application/vnd.api+json": ".json", "application/rss+xml": ".xml", "application/atom+xml": ".xml"}


def record(places: Places, source: str, customer: str | None, *, case: str, out: Path | None) -> int:
    """Look once, store nothing, and write what was asked and answered as a case. Returns the exit code of `poll`.

    The folder is `<out>/<case>`, by default tests/fixtures/<source>/<case>. Credentials are in no file: they are
    masked in addresses and bodies. Raises Refused if the case is there already, or if no answer came.
    """
    config, keyring, watchers = wiring.opened(places, os.environ)
    observe.configure(level="error", secrets=keyring.values())
    looking.known_source(source, watchers)
    if not _NAME.match(case):
        raise Refused("case_name", text=case)
    folder = (out or FIXTURES / source) / case
    if folder.exists():
        raise Refused("case_there", folder=folder)
    if customer is not None:
        listings.known(config, None, customer)
    watcher = watchers[source]
    assigned = plan.plan(config.customers, config.settings, watchers, wiring.present(keyring, watchers))
    subject = _subject(config.customers, config.settings, assigned, watcher, customer)
    client = wiring.client(config, {source: watcher}, keyring, places, SystemClock())
    settings = config.settings.block(source)
    asked = {
        "source": source,
        "settings": settings,
        "credentials": {name: secret.reveal() for name, secret in keyring.of(source).items()},
        "customer": next((c for c in config.customers if c.id == subject), None) if watcher.scope != "stream" else None,
        "target": assigned.target(source, subject) if watcher.scope == "stream" else None,
    }
    seen, answers, ask = in_loop(_look(client, watcher, asked))
    if not answers:
        raise Refused("case_unanswered", source=source, reason=seen.reason or "-")
    secrets = [secret.reveal() for secret in keyring.of(source).values()]
    written = write(folder, watcher, ask, seen, answers, secrets)
    told = speech.of(config.settings)
    show.lines(told.say("cli.init.wrote", path=path) for path in written)
    show.sentence(told.say("cli.record_case.next", folder=folder))
    return looking.CODES[outcome_of(seen, watcher, ask)]


def _subject(
    customers: Sequence[Customer], settings: Settings, assigned: Assignments, watcher: Watcher, customer: str | None
) -> str:
    """Return the watch meant: the customer, or the first stream that concerns it. Raises Refused."""
    if watcher.scope == "stream":
        streams = [
            t.key for t in assigned.streams.get(watcher.name, ()) if not customer or plan.concerns(customer, [t])
        ]
    else:
        streams = [one for one in assigned.asked.get(watcher.name, ()) if customer in (None, one)]
    if streams:
        return streams[0]
    if customer is None:
        raise Refused("nobody", source=watcher.name, reason=listings.idle(watcher.name, assigned))
    meant = next(c for c in customers if c.id == customer)
    reason = plan.why_not(meant, watcher, settings, assigned)
    raise Refused("not_watched", customer=customer, source=watcher.name, reason=reason)


async def _look(client: Client, watcher: Watcher, asked: Mapping[str, Any]) -> tuple[Seen, tuple[Evidence, ...], Ask]:
    visit = client.visit(watcher.name, {}, full=True)
    ask = Ask(now=SystemClock().now(), fetch=visit, full=True, **asked)
    try:
        seen = await poll.look(ask, watcher)
    finally:
        await client.close()
    return seen, visit.evidence(), ask


# --------------------------------------------------------------------------- the case


def write(
    folder: Path, watcher: Watcher, ask: Ask, seen: Seen, answers: Sequence[Evidence], secrets: Iterable[str] = ()
) -> list[Path]:
    """Write case.yaml and the answers into a new folder; return the files, or raise Refused.

    The golden records are left to the battery's first run, which a person reads.
    """
    bodies: dict[str, bytes] = {}
    rows = [_answer(one, bodies, tuple(secrets)) for one in answers]
    files = {"case.yaml": _case(watcher, ask, seen, rows).encode(), **bodies}
    try:
        folder.mkdir(parents=True)
        for name, body in files.items():
            (folder / name).write_bytes(body)
    except OSError as error:
        raise Refused("cannot_write", folder=folder, reason=error.strerror or type(error).__name__) from None
    return [folder / name for name in files]


def outcome_of(seen: Seen, watcher: Watcher, ask: Ask) -> Outcome:
    """Return what a first look comes to, as the battery will find it."""
    if seen.outcome is not None:
        return seen.outcome
    findings = seen.findings or Findings()
    found = diff.compare({}, findings, mode=watcher.mode, now=ask.now, first=True)
    return diff.outcome({}, findings, found.changes)


def _case(watcher: Watcher, ask: Ask, seen: Seen, answers: Sequence[Mapping[str, Any]]) -> str:
    findings = seen.findings
    expect: dict[str, Any] = {"outcome": outcome_of(seen, watcher, ask).value}
    if findings is not None:
        expect |= {"records": len(findings.records), "complete": findings.complete}
        expect |= {"total": findings.total} if findings.total is not None else {}
        expect |= {"unknown": sorted({one.field for one in findings.unknown})}
    if seen.reason:
        expect["reason"] = seen.reason
    whole: dict[str, Any] = {
        "says": f"As {watcher.title} answered on {ask.now:%Y-%m-%d}.",
        "now": f"{ask.now:%Y-%m-%dT%H:%M:%SZ}",
        **({"customer": _customer(ask.customer)} if ask.customer else {}),
        **({"target": _target(ask.target)} if ask.target else {}),
        **({"settings": options} if (options := {k: v for k, v in ask.settings.items() if k != "urls"}) else {}),
        "answers": answers,
        "expect": expect,
    }
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=120)


def _customer(customer: Customer) -> dict[str, Any]:
    """Return what a watcher reads of a customer; money and people are none of a fixture's business."""
    said: dict[str, Any] = {"id": customer.id, "name": customer.name, "country": customer.country}
    if customer.ids:
        said["ids"] = dict(customer.ids)
    if customer.aliases:
        said["aliases"] = list(customer.aliases)
    if customer.website:
        said["website"] = customer.website
    return said


def _target(target: Target) -> dict[str, Any]:
    said: dict[str, Any] = {"key": target.key, "url": target.url, "label": target.label}
    return said | ({"subscribers": sorted(target.subscribers)} if target.subscribers else {})


def _answer(one: Evidence, bodies: dict[str, bytes], secrets: Sequence[str]) -> dict[str, Any]:
    parts = urlsplit(one.url)
    body = one.body
    for secret in secrets:
        body = body.replace(secret.encode(), b"***")
    name = _file_name(parts.path, one.media_type, bodies)
    bodies[name] = body
    row: dict[str, Any] = {"path": parts.path + (f"?{parts.query}" if parts.query else "")}
    if one.status != 200:
        row["status"] = one.status
    headers = {name.title(): value for name, value in one.headers.items() if name in _KEPT}
    return row | {"headers": headers, "file": name}


def _file_name(path: str, media_type: str, taken: Iterable[str]) -> str:
    """Return a plain name for an answer's file; nothing of the source's spelling reaches the file system as it is."""
    last = path.rstrip("/").rsplit("/", 1)[-1]
    stem = re.sub(r"[^a-z0-9]+", "-", last.rsplit(".", 1)[0].lower()).strip("-")[:40] or "answer"
    plain = media_type.partition(";")[0].strip().lower()
    ending = _ENDINGS.get(plain) or mimetypes.guess_extension(plain) or ".txt"
    names = set(taken) | {"case.yaml", "records.json"}
    number = 1
    while (name := f"{stem}{'' if number == 1 else f'-{number}'}{ending}") in names:
        number += 1
    return name
