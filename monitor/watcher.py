"""What a watcher is: one async function under `@watcher(...)`, one file per source.

    @watcher(scope="customer", mode="state", needs=("lei",), hosts=("api.gleif.org",), every="8h", ...)
    async def gleif(ask: Ask) -> Findings: ...

The file's stem is the source's name, its folder the family. A watcher sees only its `Ask`: no HTTP
client, no database, no clock of its own. It may raise three things: `SourceDown` (try later;
`SourceBlocked` when we were refused), `SourceDrifted` (the answer no longer looks as we know it) and
`NotListed` (the source answered: no such customer). All else is a bug and is treated as drift.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from monitor.model import Customer, Record
from monitor.strict import json_of
from monitor.trouble import NotListed, SourceBlocked, SourceDown, SourceDrifted, SourceTrouble

__all__ = [
    "Answer",
    "Ask",
    "Fetch",
    "Findings",
    "Mode",
    "NotListed",
    "Poll",
    "Scope",
    "SourceBlocked",
    "SourceDown",
    "SourceDrifted",
    "SourceTrouble",
    "Target",
    "Targets",
    "Unknown",
    "Watcher",
    "discover",
    "duration",
    "everyones",
    "same_address",
    "watcher",
]

Scope = Literal["customer", "batch", "stream"]
Mode = Literal["state", "log"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a source, already checked for transport: whole, within limits, decoded once.

    `unchanged` is true when the source said 304 or the body is the very one of the last good look;
    then `body` may be empty and a watcher of a single request returns `ask.same()`.
    """

    url: str  # the address asked, as the watcher wrote it (never the test address)
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    fetched_at: datetime
    unchanged: bool = False

    def json(self) -> Any:
        """Read the body as strict JSON (no doubled keys, no NaN, depth 100); raise SourceDrifted or SourceBlocked."""
        return json_of(self.body, self.url, self.headers.get("content-type", ""))


class Fetch(Protocol):
    """How an Ask reaches the source; the polite client or a test's replay stands behind it."""

    async def __call__(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        auth: tuple[str, str] | None,
        expect: frozenset[int],
    ) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Target:
    """One stream a watcher follows: a feed, a list, a court, a page. `key` is its stable name in the store."""

    key: str
    url: str = ""
    label: str = ""
    subscribers: frozenset[str] = frozenset()  # customer ids that asked for this stream by themselves
    select: str = ""  # the part of the answer that counts
    own: bool = False  # all it says is about its subscribers, whether it names them or not


def everyones(settings: Mapping[str, Any]) -> list[str]:
    """Return the addresses that a source follows for everybody: `urls` in its block of counterwatch.yaml."""
    urls = settings.get("urls")
    said = [urls] if isinstance(urls, str) else urls if isinstance(urls, list | tuple) else []
    return [url for url in said if isinstance(url, str) and url.strip()]


def same_address(url: str) -> str:
    """Return what two ways to write one address have in common."""
    parts = urlsplit(url.strip())
    host = parts.netloc.lower().removesuffix(":443" if parts.scheme.lower() == "https" else ":80")
    return f"{parts.scheme.lower()}://{host}{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value no table of ours knows, in a sound structure: kept, named unclassified, reported."""

    field: str
    raw: str
    record: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What a watcher returns.

    records: normalized facts. In log mode those not known by `memory`; in state mode the full picture.
    complete: all pages were read and stated totals met; only then absence means anything.
    total: entries the answer held, skipped ones included (None: as many as records).
    memory: opaque bytes handed back as `ask.memory` at the next look (feeds keep digests of raw items).
    cursor: opaque text handed back as `ask.cursor`.
    fresh_for: seconds the source says this answer stays fresh (ttl, max-age); the schedule honours it.
    """

    records: tuple[Record, ...] = ()
    complete: bool = True
    total: int | None = None
    unknown: tuple[Unknown, ...] = ()
    memory: bytes | None = None
    cursor: str | None = None
    fresh_for: float | None = None
    reason: str = ""
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """What a watcher is handed for one look."""

    source: str
    now: datetime
    fetch: Fetch
    customer: Customer | None = None  # customer scope
    target: Target | None = None  # stream scope
    batch: tuple[Customer, ...] = ()  # batch scope
    memory: bytes | None = None
    cursor: str | None = None
    full: bool = False  # forget memory and validators: first look, second look, weekly full look, new version
    settings: Mapping[str, Any] = field(default_factory=dict)  # this source's block of counterwatch.yaml
    credentials: Mapping[str, str] = field(default_factory=dict)
    direct: bool = True  # False behind a proxy: certificates and names are then its to see, not ours

    def must_be_direct(self, what: str) -> None:
        """Raise SourceBlocked behind a proxy: `what` (the certificate, the DNS) cannot be measured from here."""
        if not self.direct:
            raise SourceBlocked(f"not measurable behind a proxy: {what}")

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        expect: Iterable[int] = (200,),
    ) -> Answer:
        """Fetch politely. Statuses outside `expect` raise SourceBlocked (401, 403, 429, 451) or SourceDown."""
        return await self.fetch(url, params=params, headers=headers, auth=auth, expect=frozenset(expect))

    def same(self) -> Findings:
        """Say that nothing changed since the last good look."""
        return Findings(unchanged=True, memory=self.memory, cursor=self.cursor)


Poll = Callable[[Ask], Awaitable[Findings]]
Targets = Callable[[Sequence[Customer], Mapping[str, Any]], Iterable[Target]]


@dataclass(frozen=True, slots=True)
class Watcher:
    """A source plug-in and all it declares about itself."""

    name: str
    family: str
    title: str  # how people call the source: "GLEIF", "London Gazette"
    poll: Poll
    scope: Scope
    mode: Mode
    kinds: tuple[str, ...]
    duties: tuple[int, ...]
    needs: tuple[str, ...]  # identifier schemes, any one of them; empty: a name is enough
    jurisdictions: tuple[str, ...]  # ISO codes, or ("*",)
    hosts: tuple[str, ...]  # for the firewall list; empty: addresses come from the watchlist
    every: timedelta
    pace: float  # seconds between two requests to one host
    credentials: tuple[str, ...]  # field names; COUNTERWATCH_<SOURCE>_<FIELD>
    optional_credentials: tuple[str, ...]
    version: int
    official: bool  # a register, court or authority speaks
    default_on: bool
    experimental: bool
    needs_agreement: bool
    targets: Targets | None
    max_bytes: int
    max_seconds: float
    terms: str  # link to the source's terms
    docs: str  # link to the API page
    about: str  # first line of the docstring
    shrink: float | None = None  # the share of its records whose going at once is doubted; None: half, a list 10 %
    canaries: tuple[Mapping[str, str], ...] = ()  # identifiers of companies it surely knows, one mapping each

    @property
    def bound(self) -> float:
        """The share of records that may go at once before the answer itself is doubted."""
        if self.shrink is not None:
            return self.shrink
        return 0.1 if self.scope == "stream" and "listing" in self.kinds else 0.5

    def serves(self, customer: Customer) -> str | None:
        """Return None if this watcher can look the customer up, else the plain reason why not."""
        identified = any(scheme in customer.ids for scheme in self.needs)
        covered = "*" in self.jurisdictions or customer.country in self.jurisdictions
        if not covered and not identified:
            return f"covers {', '.join(self.jurisdictions)} only"
        if self.scope != "stream" and self.needs and not identified:
            return f"needs ids: {' or '.join(self.needs)}"
        return None


_DURATION = re.compile(r"^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$")


def duration(text: str) -> timedelta:
    """Read `90d`, `8h`, `15m`, `30s` or a run of them (`1h30m`); raise ValueError for anything else or zero."""
    found = _DURATION.match(text.strip())
    if not text.strip() or not found:
        raise ValueError(f"not a duration: {text!r} (write 30s, 15m, 8h or 90d)")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        raise ValueError(f"a duration of nothing: {text!r}")
    return length


_found: dict[str, Watcher] = {}


def watcher(
    *,
    title: str,
    scope: Scope,
    mode: Mode,
    kinds: Sequence[str],
    duties: Sequence[int],
    every: str,
    needs: Sequence[str] = (),
    jurisdictions: Sequence[str] = ("*",),
    hosts: Sequence[str] = (),
    pace: float = 1.0,
    credentials: Sequence[str] = (),
    optional_credentials: Sequence[str] = (),
    version: int = 1,
    official: bool = False,
    default_on: bool = True,
    experimental: bool = False,
    needs_agreement: bool = False,
    targets: Targets | None = None,
    max_bytes: int = 10_000_000,
    max_seconds: float = 60.0,
    terms: str = "",
    docs: str = "",
    shrink: float | None = None,
    canaries: Sequence[Mapping[str, str]] = (),
) -> Callable[[Poll], Poll]:
    """Declare the function below to be a source. Its module's stem is the name, its folder the family.

    `shrink`: the share of a customer's (or a list's) records that may go at once before the answer is doubted.
    `canaries`: identifiers of big companies that the source surely knows, as `({"lei": "..."},)`; before a removal is
    believed, the first of them is asked for too, and must be found.
    """

    def declare(poll: Poll) -> Poll:
        module = poll.__module__.split(".")
        found = Watcher(
            name=module[-1],
            family=module[-2],
            title=title,
            poll=poll,
            scope=scope,
            mode=mode,
            kinds=tuple(kinds),
            duties=tuple(duties),
            needs=tuple(needs),
            jurisdictions=tuple(jurisdictions),
            hosts=tuple(hosts),
            every=duration(every),
            pace=pace,
            credentials=tuple(credentials),
            optional_credentials=tuple(optional_credentials),
            version=version,
            official=official,
            default_on=default_on,
            experimental=experimental,
            needs_agreement=needs_agreement,
            targets=targets,
            max_bytes=max_bytes,
            max_seconds=max_seconds,
            terms=terms,
            docs=docs,
            about=(poll.__doc__ or "").strip().split("\n")[0],
            shrink=shrink,
            canaries=tuple(canaries),
        )
        if scope == "stream" and targets is None:
            raise TypeError(f"{found.name}: a stream watcher declares targets=")
        if shrink is not None and not 0 < shrink <= 1:
            raise TypeError(f"{found.name}: shrink is a share, over 0 and at most 1")
        if canaries and (scope != "customer" or not all(set(one) & set(needs) for one in canaries)):
            raise TypeError(f"{found.name}: canaries have an identifier the source needs; only a register has them")
        _found[found.name] = found
        return poll

    return declare


def discover(package: str = "watchers") -> Mapping[str, Watcher]:
    """Import every module below `package` and return the watchers they declare, by name, sorted."""
    root: ModuleType = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        importlib.import_module(module.name)
    return dict(sorted(_found.items()))
