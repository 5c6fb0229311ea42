"""Which addresses may be opened, and where they really lead: checks, punycode, test addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import idna
from yarl import URL

from monitor.edge.http.guard import HostPort, literal
from monitor.edge.http.masks import spellings

_PARTS = re.compile(r"^(https?)://([^/?#]*)([^#]*)", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\\u2028\u2029]")
_NETLOC = re.compile(r"^(\[[0-9A-Fa-f:.]+\]|[^:\[\]@%]+)(?::(\d{1,5}))?$")
_NAME = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$")
_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$")  # 2130706433, 127.1: addresses in odd spellings, never names
_SAFE = "%/:?@!$&'()*+,;=-._~[]|"  # what stays as it is written; the rest is percent-encoded
_PLAIN = re.compile(r"^[A-Za-z0-9%/:?@!$&'()*+,;=\-._~\[\]|]*$")
_DEFAULT = {"http": 80, "https": 443}
_KEPT = 4096  # origins remembered per source; redirects could name ever new ones


class AddressWrong(Exception):  # noqa: N818 - it says what is wrong
    """The address is not one we open. str() is a plain reason that follows the words `the address`."""


@dataclass(frozen=True, slots=True)
class SourceHttp:
    """How one source is asked.

    base_url stands for every host of the source, base_urls for one host each; path and query are kept.
    allow_private: private addresses it may reach, `host:port` each; True: those of base_url and base_urls.
    ports: allowed besides 80 and 443. max_seconds: for one whole answer. pace: seconds between request
    starts at one host. secrets: texts that never show, wherever they stand.
    """

    base_url: str | None = None
    base_urls: Mapping[str, str] = field(default_factory=dict)
    allow_private: bool | tuple[str, ...] = False
    ports: frozenset[int] = frozenset()
    max_bytes: int = 10_000_000
    max_seconds: float = 60.0
    pace: float = 1.0
    secrets: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port as they are written on the wire. Names are lower-case punycode."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _DEFAULT[self.scheme] else f":{self.port}")

    @property
    def place(self) -> HostPort:
        return (self.host, self.port)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a request really goes: `base` is written before path and query."""

    asked: Origin
    real: Origin
    base: str
    name: str  # host:port
    private: bool  # the source has a permit for this very place


@dataclass(frozen=True, slots=True)
class Lead:
    """An address taken apart: where it leads, path and query as written, and what is really requested."""

    spot: Spot
    rest: str
    target: URL


class Route:
    """The addresses of one source: what it may ask, and where that leads."""

    def __init__(self, source: SourceHttp) -> None:
        self.source = source
        self.secrets = spellings(source.secrets)
        self._base = _base(source.base_url) if source.base_url else None
        self._bases = {name_of(host): _base(url) for host, url in source.base_urls.items()}
        bases = [origin.place for origin, _ in (*self._bases.values(), *([self._base] if self._base else ()))]
        self.permits = _permits(source.allow_private, bases)
        self._places = self.permits | frozenset(bases)  # their ports are configured, hence listed
        self._spots: dict[tuple[str, bool], Spot] = {}
        self._leads: dict[str, Lead] = {}

    def lead(self, url: str, *, redirected: bool = False) -> Lead:
        """Return where an address leads. Raises AddressWrong for one we do not open.

        What a source is asked is mostly what it was asked before: those answers are kept.
        """
        if not redirected and (known := self._leads.get(url)) is not None:
            return known
        origin, rest = self.split(url)
        spot = self.spot(origin, redirected=redirected)
        found = Lead(spot, rest, target(spot, rest))
        if not redirected:
            if len(self._leads) >= _KEPT:
                self._leads.clear()
            self._leads[url] = found
        return found

    def split(self, url: str) -> tuple[str, str]:
        """Split an address into `scheme://host:port` and path with query, both still as written. Raises AddressWrong."""
        if _FORBIDDEN.search(url):
            raise AddressWrong("holds a space, a backslash or a control character")
        found = _PARTS.match(url)
        if found is None:
            raise AddressWrong("does not begin with http:// or https://")
        return f"{found[1]}://{found[2]}", found[3]

    def own(self, spot: Spot) -> bool:
        """Say whether the address as asked is a configured one of the source: its own test server naming itself."""
        return spot.asked.place in self._places

    def spot(self, origin: str, *, redirected: bool = False) -> Spot:
        """Return where an origin leads. Raises AddressWrong for one we do not open.

        A redirect to an address instead of a name is taken at its word and not mapped onto the test
        address: it is what an attack looks like, and the guard must see it.
        """
        if (spot := self._spots.get((origin, redirected))) is not None:
            return spot
        asked = origin_of(origin)
        mapped = None if redirected and _local(asked.host) else self._bases.get(asked.host) or self._base
        real, prefix = mapped or (asked, "")
        if real.port not in (80, 443) and real.port not in self.source.ports and real.place not in self._places:
            raise AddressWrong(f"uses port {real.port}, which is not listed for this source")
        spot = Spot(asked, real, f"{real}{prefix}", f"{real.host}:{real.port}", real.place in self.permits)
        if len(self._spots) >= _KEPT:
            self._spots.clear()
        self._spots[origin, redirected] = spot
        return spot


def target(spot: Spot, rest: str) -> URL:
    """Return the address to request, path and query exactly as written (what may not stand there is encoded)."""
    if not _PLAIN.match(rest):
        rest = quote(rest, safe=_SAFE)
    return URL(f"{spot.base}{rest if rest[:1] == '/' else '/' + rest}", encoded=True)


def origin_of(text: str) -> Origin:
    """Read `scheme://host:port`. Raises AddressWrong for user names, odd hosts and odd ports."""
    scheme, _, netloc = text.partition("://")
    scheme = scheme.lower()
    if "@" in netloc:
        raise AddressWrong("holds a user name")
    found = _NETLOC.match(netloc)
    if scheme not in _DEFAULT or found is None:
        raise AddressWrong("has no proper host")
    port = int(found[2]) if found[2] else _DEFAULT[scheme]
    if not 0 < port < 65536:
        raise AddressWrong("has no proper port")
    return Origin(scheme, name_of(found[1]), port)


def name_of(host: str) -> str:
    """Return a host in the form DNS knows: lower case, punycode, no closing dot. Raises AddressWrong."""
    host = host.strip("[]")
    if (address := literal(host)) is not None:
        return address
    name = host.lower().rstrip(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, transitional=False).decode("ascii").rstrip(".")
        except idna.IDNAError:
            raise AddressWrong("has a host that is no proper name") from None
        if (address := literal(name)) is not None:  # full-width digits
            return address
    if not _NAME.match(name) or _NUMBER.search(name) or len(name) > 253:
        raise AddressWrong("has a host that is no proper name")
    return name


def _local(host: str) -> bool:
    return literal(host) is not None or host == "localhost" or host.endswith(".localhost")


def _base(url: str) -> tuple[Origin, str]:
    found = _PARTS.match(url)
    if found is None:
        raise AddressWrong("does not begin with http:// or https://")
    return origin_of(f"{found[1]}://{found[2]}"), found[3].partition("?")[0].rstrip("/")


def _permits(said: bool | tuple[str, ...], bases: list[HostPort]) -> frozenset[HostPort]:
    if isinstance(said, bool):
        return frozenset(bases) if said else frozenset()
    return frozenset(origin_of(f"http://{entry}").place for entry in said)
