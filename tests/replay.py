"""Replay recorded answers over a real loopback server, and run the fixture cases of every watcher against it.

A case is a folder `tests/fixtures/<source>/<case>/`: `case.yaml` says what is asked and answered, files
beside it are the answers, `records.json` is the golden result (written by the first run, then read by a person).

    says: One sentence.
    now: 2026-11-02T09:00:00Z
    before: first                    # the case that ran before this one, if any
    customer: {id: …, name: …, country: …, ids: {lei: …}}     # or target: {key: …, url: …, label: …, select: …}
    answers:
      - {path: /api/v1/x, query: {page: "1"}, status: 200, headers: {Content-Type: …}, file: x.json}   # or body: text
    expect: {outcome: changed, records: 4, complete: true, total: 4, unknown: [field], reason: part of the reason}

The first answer whose path and query fit is sent; what nobody planned is a 404.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

from monitor.edge.http import Client, HttpSettings, SourceHttp, Visit
from monitor.edge.store import codec
from monitor.judge import diff
from monitor.model import Customer, Held, Outcome, Record
from monitor.watcher import Ask, Findings, NotListed, SourceTrouble, Target, Watcher

FIXTURES = Path(__file__).parent / "fixtures"
_PHRASES = {
    200: "OK",
    304: "Not Modified",
    404: "Not Found",
    410: "Gone",
    429: "Too Many Requests",
    500: "Server Error",
}


# --------------------------------------------------------------------------- the server


@dataclass(frozen=True, slots=True)
class Canned:
    """One planned answer. `cut` bytes are missing at the end although Content-Length counts them."""

    path: str
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0

    def fits(self, target: str) -> bool:
        asked = urlsplit(target)
        query = dict(parse_qsl(asked.query, keep_blank_values=True))
        return asked.path == self.path and all(query.get(k) == v for k, v in self.query.items())


class Replay:
    """An HTTP/1.1 server on loopback that sends canned answers and remembers what was asked."""

    def __init__(self, answers: Sequence[Canned], *, etags: bool = True) -> None:
        self.answers = list(answers)
        self.etags = etags
        self.asked: list[str] = []  # request targets, in order
        self.headers: list[Mapping[str, str]] = []  # of each request, names in lower case
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Replay]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        self.url = f"http://{host}:{port}"
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *rest = head.split("\r\n")
            headers = {k.lower(): v.strip() for k, _, v in (h.partition(":") for h in rest if h)}
            target = line.split(" ")[1]
            self.asked.append(target)
            self.headers.append(headers)
            writer.write(self._answer(target, headers))
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, target: str, asked: Mapping[str, str]) -> bytes:
        found = next((c for c in self.answers if c.fits(target)), Canned(target, b"no such answer", 404))
        tag = f'"{hashlib.sha256(found.body).hexdigest()[:16]}"'
        headers = {"Content-Type": "application/octet-stream", **found.headers}
        if self.etags and found.status == 200:
            headers["ETag"] = tag
            if asked.get("if-none-match") == tag:
                return self._wire(304, headers, b"", 0)
        return self._wire(found.status, headers, found.body, found.cut)

    @staticmethod
    def _wire(status: int, headers: Mapping[str, str], body: bytes, cut: int) -> bytes:
        lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Answer')}", *(f"{k}: {v}" for k, v in headers.items())]
        lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
        return "\r\n".join(lines).encode("latin-1") + body[: len(body) - cut]


# --------------------------------------------------------------------------- cases


@dataclass(frozen=True, slots=True)
class Case:
    """One fixture folder, read."""

    source: str
    name: str
    folder: Path
    says: str
    now: datetime
    before: str | None
    customer: Customer | None
    target: Target | None
    answers: tuple[Canned, ...]
    expect: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def golden(self) -> Path:
        return self.folder / "records.json"


def case(source: str, name: str, folder: Path | None = None) -> Case:
    """Read one fixture folder, by default that of the project."""
    folder = folder or FIXTURES / source / name
    said = yaml.load((folder / "case.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)  # text only: NO stays Norway
    return Case(
        source=source,
        name=name,
        folder=folder,
        says=said["says"],
        now=datetime.fromisoformat(said["now"]).astimezone(UTC),
        before=said.get("before"),
        customer=_customer(said["customer"]) if "customer" in said else None,
        target=_target(said["target"]) if "target" in said else None,
        answers=tuple(_canned(folder, one) for one in said["answers"]),
        expect=said["expect"],
        settings=said.get("settings", {}),
    )


def cases(source: str) -> list[str]:
    """Return the names of a source's cases, sorted."""
    folder = FIXTURES / source
    return sorted(path.parent.name for path in folder.glob("*/case.yaml"))


def _customer(said: Mapping[str, Any]) -> Customer:
    return Customer(
        id=said.get("id", "customer"), name=said["name"], country=said["country"], ids=said.get("ids", {}),
        aliases=tuple(said.get("aliases", ())), website=said.get("website"),
    )  # fmt: skip


def _target(said: Mapping[str, Any]) -> Target:
    return Target(
        said["key"], said.get("url", ""), said.get("label", ""), frozenset(said.get("subscribers", ())),
        select=said.get("select", ""), own=said.get("own") == "true",
    )  # fmt: skip


def _canned(folder: Path, said: Mapping[str, Any]) -> Canned:
    path, _, query = said["path"].partition("?")
    body = (folder / said["file"]).read_bytes() if "file" in said else said.get("body", "").encode()
    return Canned(
        path=path,
        body=body,
        status=int(said.get("status", 200)),
        headers=said.get("headers", {}),
        query={**dict(parse_qsl(query)), **said.get("query", {})},
    )


# --------------------------------------------------------------------------- one look at a case


@dataclass(slots=True)
class Memory:
    """What survives between two looks: what the store would hold."""

    records: dict[tuple[str, str], Held] = field(default_factory=dict)
    validators: dict[str, Any] = field(default_factory=dict)
    memory: bytes | None = None
    cursor: str | None = None
    looked: bool = False  # a good look was taken


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look came to, as `app.poll` will judge it."""

    outcome: Outcome
    findings: Findings
    reason: str = ""
    retry_after: float | None = None


async def look(watcher: Watcher, at: Case, held: Memory, replay: Replay, *, full: bool = False) -> Seen:
    """Take one look at a served case. A good look is kept in `held`, any other leaves it alone."""
    asks = client(watcher, replay.url, at.now)
    visit = asks.visit(watcher.name, held.validators, full=full)
    ask = Ask(
        source=watcher.name,
        now=at.now,
        fetch=visit,
        customer=at.customer,
        target=at.target,
        memory=None if full else held.memory,
        cursor=held.cursor,
        full=full,
        settings=at.settings,
    )
    try:
        findings = await watcher.poll(ask)
    except NotListed as gone:
        return Seen(Outcome.NOT_LISTED, Findings(), gone.reason)
    except SourceTrouble as trouble:
        return Seen(trouble.outcome, Findings(complete=False), trouble.reason, trouble.retry_after)
    finally:
        await asks.close()
    found = diff.compare(held.records, findings, mode=watcher.mode, now=at.now, first=not held.looked)
    outcome = diff.outcome(held.records, findings, found.changes)
    if outcome.good:
        _keep(held, findings, found, visit, at.now)
    return Seen(outcome, findings, findings.reason)


def _keep(held: Memory, findings: Findings, found: diff.Diff, visit: Visit, now: datetime) -> None:
    held.records |= {record.id: Held(record, mark, now, now) for record, mark in found.put}
    for gone in found.end:
        del held.records[gone]
    held.validators = dict(visit.validators)
    held.memory, held.cursor, held.looked = findings.memory, findings.cursor, True


async def run(watcher: Watcher, name: str, *, etags: bool = True) -> tuple[Seen, Memory, Replay]:
    """Run a case after all that come before it; return its look, what is held then, and the server it asked."""
    at = case(watcher.name, name)
    held = (await run(watcher, at.before, etags=etags))[1] if at.before else Memory()
    async with Replay(at.answers, etags=etags).serving() as replay:
        return await look(watcher, at, held, replay), held, replay


class Still:
    """A clock that shows one time; waiting is real."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def client(watcher: Watcher, base_url: str, now: datetime) -> Client:
    """Return the program's own client, led to the replay server."""
    source = SourceHttp(
        base_url=base_url, allow_private=True, max_bytes=watcher.max_bytes, max_seconds=watcher.max_seconds, pace=0
    )
    return Client(HttpSettings(), {watcher.name: source}, Still(now))


# --------------------------------------------------------------------------- unpleasant days, made from a good one


def refused(answers: Sequence[Canned]) -> list[Canned]:
    return [replace(a, status=429, body=b"slow down", headers={"Retry-After": "7"}) for a in answers]


def broken(answers: Sequence[Canned]) -> list[Canned]:
    return [
        replace(a, status=500, body=b"<html><title>500</title></html>", headers={"Content-Type": "text/html"})
        for a in answers
    ]


def error_page(answers: Sequence[Canned]) -> list[Canned]:
    """An error or captcha page that comes with status 200."""
    page = (
        b"<!DOCTYPE html><html><head><title>Please wait</title></head><body><p>Checking your browser.</p></body></html>"
    )
    return [replace(a, status=200, body=page, headers={"Content-Type": "text/html; charset=utf-8"}) for a in answers]


def cut_short(answers: Sequence[Canned]) -> list[Canned]:
    """The connection ends before Content-Length is met."""
    return [replace(a, cut=len(a.body) // 2) for a in answers]


def shortened(answers: Sequence[Canned]) -> list[Canned]:
    """The body is a prefix of the true one, and its length is told as if it were whole."""
    return [replace(a, body=a.body[: len(a.body) * 2 // 3]) for a in answers]


# --------------------------------------------------------------------------- golden records


def shown(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return records as plain data, as `records.json` keeps them."""
    return [_plain(codec.record_json(record)) for record in records]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    return value


def golden(at: Case, records: Sequence[Record]) -> tuple[Any, Any]:
    """Return what was found and what the golden file holds; write the file and return None for it if it is missing."""
    found = json.loads(json.dumps(shown(records), ensure_ascii=False, default=str))
    if not at.golden.exists():
        at.golden.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
        return found, None
    return found, json.loads(at.golden.read_text("utf-8"))
