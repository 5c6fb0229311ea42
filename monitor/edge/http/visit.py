"""One turn's fetcher: what a watcher's `ask.get` stands on. It knows validators and keeps the evidence."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from monitor.edge.http.address import Route
from monitor.edge.http.masks import masked, name_of, secret_name, with_params
from monitor.model import Evidence
from monitor.watcher import Answer

_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "user-agent", "te"})
_LARGE = 4_000_000
_NOT_KEPT = frozenset({"set-cookie", "set-cookie2", "www-authenticate", "proxy-authenticate"})


@dataclass(frozen=True, slots=True)
class Got:
    """A whole answer from the wire, decoded; of a redirect only status and headers."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    fetched_at: datetime


class Asks(Protocol):
    """Whatever can bring a whole answer; the client."""

    async def get(self, route: Route, url: str, headers: dict[str, str], expect: frozenset[int]) -> Got: ...


class Visit:
    """Implements `monitor.watcher.Fetch` for one turn of one source.

    `stored` is the turn's map url -> {"etag", "modified", "digest"}. With `full` nothing of it is used:
    every answer is asked for anew and none is called unchanged.
    """

    __slots__ = ("_answers", "_asks", "_changed", "_name", "_route", "_stored", "_validators", "full")

    def __init__(self, asks: Asks, name: str, route: Route, stored: Mapping[str, Any], *, full: bool) -> None:
        self._asks = asks
        self._name = name
        self._route = route
        self._stored = stored
        self.full = full
        self._validators: dict[str, Any] = {}
        self._answers: list[tuple[str, Got]] = []
        self._changed = False

    async def __call__(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        expect: frozenset[int] = frozenset({200}),
    ) -> Answer:
        """Fetch one answer: whole, within limits, decoded once.

        A watcher that needs the body whatever happened sends `Cache-Control: no-cache`. Raises
        SourceBlocked and SourceDown, each with one plain sentence.
        """
        whole = with_params(url, params.items()) if params else url
        key = name_of(whole, self._route.secrets)
        sent = _headers(headers, auth) if headers or auth else {}
        held: Mapping[str, Any] | None = None
        if not self.full and "no-cache" not in sent.get("Cache-Control", ""):
            held = self._stored.get(key)
            if held:
                _ask_for_news(sent, held)
        got = await self._asks.get(self._route, whole, sent, expect | {304} if held else expect)
        if got.status == 304:
            return self._not_modified(url, key, held, got)
        # A list of a hundred megabytes must not hold up the event loop.
        digest = await asyncio.to_thread(_digest, got.body) if len(got.body) > _LARGE else _digest(got.body)
        return self._read(url, key, held, got, digest)

    def _not_modified(self, url: str, key: str, held: Mapping[str, Any] | None, got: Got) -> Answer:
        if held is not None:  # else the watcher asked conditionally by itself
            self._validators[key] = _validators(got.headers, held, held.get("digest"))
        return Answer(url, 304, got.headers, b"", got.fetched_at, unchanged=True)

    def _read(self, url: str, key: str, held: Mapping[str, Any] | None, got: Got, digest: str) -> Answer:
        unchanged = False
        if got.status == 200:
            unchanged = held is not None and held.get("digest") == digest
            self._validators[key] = _validators(got.headers, {}, digest)
        self._changed = self._changed or not unchanged
        self._answers.append((key, got))
        return Answer(url, got.status, got.headers, got.body, got.fetched_at, unchanged=unchanged)

    @property
    def validators(self) -> Mapping[str, Any]:
        """What to store for the next turn.

        When all was unchanged a watcher stops early, so entries it did not come to are kept; else only
        what was asked now is, and old addresses (page 7, last week's date) do not pile up.
        """
        if self._changed or self.full:
            return self._validators
        return {**self._stored, **self._validators}

    @property
    def answers(self) -> tuple[Got, ...]:
        """Every answer read in this visit, as it came."""
        return tuple(got for _, got in self._answers)

    def evidence(self) -> tuple[Evidence, ...]:
        """Return every body read in this visit, without credentials."""
        secrets = self._route.secrets
        return tuple(
            Evidence(
                sha256=sha256(got.body).hexdigest(),
                body=got.body,
                media_type=got.headers.get("content-type", "application/octet-stream"),
                url=key,
                source=self._name,
                status=got.status,
                headers={
                    name: masked(value, secrets)
                    for name, value in got.headers.items()
                    if name not in _NOT_KEPT and not secret_name(name)
                },
                fetched_at=got.fetched_at,
            )
            for key, got in self._answers
        )


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()[:32]  # the fastest there is where the processor helps, which is nearly everywhere


def _headers(said: Mapping[str, str] | None, auth: tuple[str, str] | None) -> dict[str, str]:
    """Return the watcher's own headers in canonical spelling; what the transport must decide is left out."""
    sent = {name.title(): value for name, value in (said or {}).items() if name.lower() not in _OURS}
    if auth is not None:
        sent["Authorization"] = "Basic " + b64encode(f"{auth[0]}:{auth[1]}".encode()).decode("ascii")
    return sent


def _ask_for_news(sent: dict[str, str], held: Mapping[str, Any]) -> None:
    """Add the validators exactly as they were received; a date is never invented."""
    if etag := held.get("etag"):
        sent["If-None-Match"] = etag
    if modified := held.get("modified"):
        sent["If-Modified-Since"] = modified


def _validators(headers: Mapping[str, str], held: Mapping[str, Any], digest: str | None) -> dict[str, Any]:
    return {
        "etag": headers.get("etag") or held.get("etag"),
        "modified": headers.get("last-modified") or held.get("modified"),
        "digest": digest,
    }
