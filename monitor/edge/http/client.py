"""The polite client: the one place that opens connections to sources.

check the address -> wait for the host -> take a place in a lane -> ask -> judge the answer
             ^------------------- a redirect, five times at most --------------'
"""

from __future__ import annotations

import asyncio
import resource
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import aiohttp
import structlog

from monitor.clock import Clock
from monitor.edge.http import body as bodies
from monitor.edge.http import failure, reach, status, trust
from monitor.edge.http import proxy as proxies
from monitor.edge.http.address import AddressWrong, Lead, Route, SourceHttp, Spot, origin_of
from monitor.edge.http.guard import Guard, HostPort
from monitor.edge.http.hosts import Host, HostBusy, HostPaused, Hosts
from monitor.edge.http.lanes import LaneFull, Lanes, Ride
from monitor.edge.http.masks import keys_in, masked, secret_name, without_keys
from monitor.edge.http.visit import Got, Visit
from monitor.watcher import SourceBlocked, SourceDown, SourceTrouble

log = structlog.get_logger()

_HOPS = 5
_USUAL = 60.0  # what a watcher declares that says nothing else
_PATIENCE = 2.0  # seconds waited for a short pause; anything longer is the schedule's
_KEEP = frozenset({"accept", "accept-language", "cache-control", "if-none-match", "if-modified-since", "range"})
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How sources are asked, all together. Times in seconds.

    concurrency, slow_lane: places in the two lanes. per_host: requests at one host at a time.
    total: for one whole answer of a watcher that declares no longer time. keep_open: idle connections
    kept at most, about. proxy: its address; a user name may stand in it, the password is a credential. All
    but permitted private addresses is asked through it. ca_bundle: authorities believed besides the machine's.
    """

    user_agent: str = "counterwatch"
    concurrency: int = 64
    slow_lane: int = 8
    per_host: int = 2
    slow_after: float = 1.0
    total: float = 60.0
    connect: float = 10.0
    idle: float = 15.0
    keep_open: int = 1000
    proxy: str | None = None
    proxy_password: str | None = field(default=None, repr=False)
    ca_bundle: Path | None = None


@dataclass(frozen=True, slots=True)
class _Leg:
    """One request on the way to an answer: a redirect makes another."""

    route: Route
    lead: Lead
    headers: dict[str, str]
    expect: frozenset[int]

    @property
    def spot(self) -> Spot:
        return self.lead.spot


class _Request(aiohttp.ClientRequest):
    """aiohttp's request without its own headers: some sources answer 500 to `Accept: */*`."""

    DEFAULT_HEADERS = {}  # noqa: RUF012 - it is declared so there


class Client:
    """Asks sources politely. One per process, used within one event loop; connections are made when first needed."""

    def __init__(self, settings: HttpSettings, sources: Mapping[str, SourceHttp], clock: Clock) -> None:
        """Raises trust.BundleWrong if the authorities of `ca_bundle` cannot be read."""
        self.settings = settings
        self._clock = clock
        self._hosts = Hosts(clock)
        self._lanes = Lanes(settings.concurrency, settings.slow_lane, settings.slow_after, settings.slow_after)
        self._proxy = proxies.address(settings.proxy, settings.proxy_password) if settings.proxy else None
        self._proxy_place = proxies.place(self._proxy) if self._proxy else None
        # The ride keeps the other times: aiohttp would set a timer anew for every piece of every answer. Behind a
        # proxy `connect` would count its way to the source too, and blame the proxy for a source that is slow.
        whole = None if self._proxy else settings.connect
        self._timeout = aiohttp.ClientTimeout(total=None, connect=whole, sock_connect=settings.connect)
        # Names are looked up beside everything else: one that hangs takes one of these threads, not the program's.
        self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="names")
        self._pools: dict[frozenset[HostPort], tuple[aiohttp.ClientSession, Guard]] = {}
        self._tls: ssl.SSLContext | None = trust.trusting(settings.ca_bundle) if settings.ca_bundle else None
        self._keep_open = min(settings.keep_open, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        self.use(sources)

    def use(self, sources: Mapping[str, SourceHttp]) -> None:
        """Take over a new configuration of the sources; visits under way end under the old one."""
        self._routes = {name: Route(source) for name, source in sources.items()}

    def visit(self, source: str, validators: Mapping[str, Any], *, full: bool = False) -> Visit:
        """Return the fetcher for one turn of this source."""
        route = self._routes.get(source)
        if route is None:
            route = self._routes[source] = Route(SourceHttp())
        return Visit(self, source, route, validators, full=full)

    @property
    def direct(self) -> bool:
        """Whether this machine meets its sources itself. Behind a proxy their certificates and names are not its to judge."""
        return self._proxy is None

    async def reach(self, source: str, url: str) -> reach.Reached:
        """Knock once at an address of a source, and say what became of it. Raises nothing but cancellation."""
        route = self._routes.get(source) or Route(SourceHttp())
        try:
            lead = self._where(route, url, None)
        except SourceDown as refused:
            return reach.Reached("forbidden", refused.reason)
        session, guard = self._pool(route)
        proxy = None if lead.spot.private else self._proxy
        within = self.settings.connect + self.settings.idle
        return await reach.knock(session, guard, lead, proxy, within)

    def slow(self, host: str) -> bool:
        """Say whether this host only uses the slow lane. `host` is a source's host name, or host:port."""
        for one in self._hosts.find(host):  # noqa: SIM110 - a generator costs more than all the rest
            if one.slow:
                return True
        return False

    def slow_free(self) -> int:
        """Return how many places of the slow lane are free."""
        return self._lanes.slow.free

    def wait_for(self, host: str, pace: float) -> float:
        """Return the seconds until a request to this host could start: its pace and the pause it asked for."""
        now, longest = self._clock.monotonic(), 0.0
        for one in self._hosts.find(host):
            longest = max(longest, one.wait_for(now, pace))
        return longest

    async def close(self) -> None:
        """Close every connection."""
        pools, self._pools = list(self._pools.values()), {}
        for session, _ in pools:
            await session.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    # ----------------------------------------------------------------------- the journey of one answer

    async def get(self, route: Route, url: str, headers: dict[str, str], expect: frozenset[int]) -> Got:
        """Return the whole answer, redirects followed. Raises SourceBlocked or SourceDown."""
        seconds = self._seconds(route)
        until: float | None = None
        asked: set[str] = set()
        before: Spot | None = None
        while True:
            lead = self._where(route, url, before)
            leg, spot = _Leg(route, lead, headers, expect), lead.spot
            got, started = await self._hop(leg, until, seconds)
            if got.status not in status.REDIRECTS or got.status in expect:
                return got
            until = until or started + seconds
            asked.add(url)
            url, headers = self._onward(leg, url, got)
            if url in asked:
                raise SourceDown(f"{spot.asked.host} redirects in a circle")
            if len(asked) > _HOPS:
                raise SourceDown(f"{spot.asked.host} redirects more than {_HOPS} times")
            before = spot

    def _seconds(self, route: Route) -> float:
        declared = route.source.max_seconds
        return declared if declared > _USUAL else min(declared, self.settings.total)

    def _where(self, route: Route, url: str, before: Spot | None) -> Lead:
        """Return where an address leads, or raise SourceDown: not everything may be opened."""
        try:
            lead = route.lead(url, redirected=before is not None)
        except AddressWrong as wrong:
            led = f"{before.asked.host} redirects to an address that" if before else f"the address {_shown(url, route)}"
            raise SourceDown(f"{led} {wrong}") from None
        spot = lead.spot
        if before and before.asked.scheme == "https" and spot.asked.scheme == "http" and not route.own(spot):
            raise SourceDown(f"{before.asked.host} redirects from https to http")
        if (
            self._proxy
            and not spot.private
            and (proxies.plainly_local(spot.real.host) or spot.real.place == self._proxy_place)
        ):
            # Behind a proxy the guard sees the proxy only.
            raise SourceDown(f"{spot.asked.host} leads to a private address, which is not allowed for this source")
        return lead

    async def _hop(self, leg: _Leg, until: float | None, seconds: float) -> tuple[Got, float]:
        """Ask once, when host and lane allow. Return the answer and when it was begun (the event loop's clock)."""
        name, pace = leg.spot.asked.host, leg.route.source.pace
        host = self._hosts.at(leg.spot.name, name)
        try:
            await host.enter(pace, self.settings.per_host, _PATIENCE, self._clock)
        except HostBusy:
            raise SourceDown(f"{name} is slow and busy with other requests") from None
        except HostPaused as paused:
            raise SourceBlocked(f"{name} asked us to come back later", retry_after=paused.seconds) from None
        try:
            try:
                ride = await self._lanes.enter(host)
            except LaneFull:
                raise SourceDown(f"{name} is slow and the slow lane is full") from None
            loop = asyncio.get_running_loop()
            answered = False
            try:
                await host.start(pace, self._clock)
                async with asyncio.timeout(None) as limit:
                    ride.run(limit, until - loop.time() if until else seconds, self.settings.idle, loop)
                    got = await self._ask(leg, host, ride)
                    answered = True
                    return got, ride.started
            except SourceTrouble:
                answered = True  # badly, but it took no time of others
                raise
            except TimeoutError:
                if ride.shed:
                    raise SourceDown(f"{name} is slow: moved to the slow lane") from None
                if ride.silent:
                    raise SourceDown(failure.silence(name, self.settings.idle)) from None
                raise SourceDown(f"no whole answer from {name} within {seconds:.0f} seconds") from None
            finally:
                ride.end(answered=answered, now=loop.time())
        finally:
            host.leave()

    async def _ask(self, leg: _Leg, host: Host, ride: Ride) -> Got:
        """Send the request and take the answer, whole and within limits.

        aiohttp itself repeats a request once whose connection was reset before an answer began; anything
        longer is the schedule's business.
        """
        name, headers = leg.spot.asked.host, leg.headers
        proxy = None if leg.spot.private else self._proxy
        session, guard = self._pool(leg.route)
        if guard.open > self._keep_open:
            headers = {**headers, "Connection": "close"}
        try:
            response = await session.get(
                leg.lead.target,
                headers=headers,
                allow_redirects=False,
                proxy=proxy,
            )
            ride.stream = response.content
            try:
                return await self._take(leg, response, host)
            finally:
                if not response.closed:  # what was read to its end is back in the pool already
                    response.close()
        except bodies.BodyRefused as refused:
            raise SourceDown(f"{name} {refused}") from None
        except (aiohttp.ClientError, OSError) as error:
            # A connection that took too long is a TimeoutError too: caught here, it does not pass for the deadline's.
            place = self._proxy_place if proxy else None
            raise failure.trouble(error, name, place, signed_in=bool(proxy and proxy.user)) from None

    async def _take(self, leg: _Leg, response: aiohttp.ClientResponse, host: Host) -> Got:
        """Judge the status, then read the body. Raises SourceBlocked, SourceDown or BodyRefused."""
        now = self._clock.now()
        bodies.check_headers(response)
        code = response.status
        if code in leg.expect:
            host.refusals = 0
            whole = b"" if code == 304 else await bodies.read(response, leg.route.source.max_bytes)
            return Got(code, {name.lower(): value for name, value in response.headers.items()}, whole, now)
        if code in status.REDIRECTS:
            return Got(code, response.headers, b"", now)
        if code == proxies.AUTH_WANTED and self._proxy and not leg.spot.private:
            said = proxies.refused(code, leg.spot.asked.host, signed_in=bool(self._proxy.user))
            raise SourceDown(said)
        with_key = any(map(secret_name, leg.headers)) or bool(keys_in(leg.lead.rest))
        trouble = status.trouble(code, response.headers, leg.spot.asked.host, now, with_key=with_key)
        if status.sheds_load(code, response.headers):
            paused = host.pause(self._clock.monotonic(), trouble.retry_after)
            log.debug("http.paused", host=host.name, seconds=paused)
        raise trouble

    def _onward(self, leg: _Leg, url: str, got: Got) -> tuple[str, dict[str, str]]:
        """Return the address a redirect leads to, and the headers that may go there."""
        here, route = leg.spot.asked, leg.route
        location = got.headers.get("Location", "").strip()
        if not location:
            raise SourceDown(f"{here.host} redirects to nowhere")
        if not location.isascii() or " " in location:
            location = quote(location.encode("utf-8", "surrogateescape"), safe=_ASCII)
        try:
            onward = urljoin(url, location) if location.isprintable() else location
            origin, rest = route.split(onward)
            there = origin_of(origin)
        except (AddressWrong, ValueError):
            raise SourceDown(f"{here.host} redirects to an address we do not open") from None
        log.debug("http.redirected", host=here.host, to=there.host, status=got.status)
        upgraded = (here.scheme, here.port, there.scheme, there.port) == ("http", 80, "https", 443)
        if there.host == here.host and (there.port == here.port or upgraded):
            return onward.partition("#")[0], leg.headers
        # Another host: no credential of ours goes there, not even one that the answer hands on.
        path, mark, query = rest.partition("?")
        sent = keys_in(url) | frozenset(route.secrets)
        return f"{origin}{path}{mark}{without_keys(query, sent)}", {
            name: value for name, value in leg.headers.items() if name.lower() in _KEEP
        }

    # ----------------------------------------------------------------------- connections

    def _pool(self, route: Route) -> tuple[aiohttp.ClientSession, Guard]:
        """Return the connections this source may use.

        Everybody shares one pool; sources with permits for private addresses have one for each set of
        permits. A kept connection passes no guard a second time, so in a common pool one source's
        permit would open the address to all.
        """
        if (pool := self._pools.get(route.permits)) is None:
            pool = self._pools[route.permits] = self._connect(route.permits)
        return pool

    def _connect(self, permits: frozenset[HostPort]) -> tuple[aiohttp.ClientSession, Guard]:
        if self._tls is None:
            self._tls = trust.trusting(None)
        own = frozenset({self._proxy_place} if self._proxy_place else ())
        guard = Guard(permits | own, threads=self._threads)
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,  # lanes and hosts keep count
                resolver=guard,
                socket_factory=guard.socket_for,
                ssl=self._tls,
                ttl_dns_cache=60,
                keepalive_timeout=60,
            ),
            headers={"User-Agent": self.settings.user_agent, "Accept-Encoding": "gzip"},
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            request_class=_Request,
            auto_decompress=False,
            trust_env=False,
            max_field_size=16_384,
            max_headers=256,
        )
        return session, guard


def _shown(url: str, route: Route) -> str:
    text = masked(url.partition("?")[0], route.secrets)[:100]
    return repr(text)
