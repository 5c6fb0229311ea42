"""Which hosts must be reachable, and whether they are: `sources --hosts` for the firewall, `doctor --reach` to see."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from monitor.app import plan, show, speech, wiring
from monitor.app.running import in_loop
from monitor.clock import SystemClock
from monitor.edge import observe
from monitor.edge.config import Config
from monitor.edge.http import Client, SourceHttp, proxy
from monitor.edge.http.address import AddressWrong, Route
from monitor.edge.http.reach import Reached, Verdict, verdicts
from monitor.edge.settings import Keyring, Places
from monitor.judge.words import Voice
from monitor.watcher import Watcher

SLACK, PROXY, STORE = "slack", "proxy", "store"
_SLACK_HOSTS = ("https://slack.com",)
_SOCKET_HOSTS = ("https://wss-primary.slack.com", "https://wss-backup.slack.com")  # Socket Mode's tickets lead there
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Need:
    """One host and port that must be reachable from here.

    sources: who needs it; `slack`, `proxy` and `store` among them. by_proxy: the proxy must let it through, not the
    firewall. used: something is asked there as things stand. url: where one may knock, "" if that is not ours to do.
    """

    host: str
    port: int
    sources: tuple[str, ...]
    by_proxy: bool
    used: bool
    url: str = ""

    @property
    def place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def needs(
    config: Config, keyring: Keyring, watchers: Mapping[str, Watcher], places: Places
) -> tuple[list[Need], dict[str, SourceHttp]]:
    """Return every host, sorted, and how each source (and Slack) is asked."""
    ways = wiring.sources_of(config, watchers, keyring) | {SLACK: _slack_way(keyring)}
    found: dict[tuple[str, int, bool], Need] = {}
    for source, origin, used in _origins(config, keyring, watchers):
        try:
            spot = Route(ways[source]).spot(origin)
        except AddressWrong:
            continue  # a feed whose address we do not open; `check` and its looks say so
        by_proxy = config.settings.http.proxy is not None and not spot.private
        one = Need(spot.real.host, spot.real.port, (source,), by_proxy, used, f"{origin}/")
        _join(found, one)
    for one in _own(config, keyring, places):
        _join(found, one)
    return sorted(found.values(), key=lambda one: (one.by_proxy, one.host, one.port)), ways


def _join(found: dict[tuple[str, int, bool], Need], one: Need) -> None:
    key = (one.host, one.port, one.by_proxy)
    known = found.get(key)
    if known is None:
        found[key] = one
    elif one.sources[0] not in known.sources:
        who = (*known.sources, *one.sources) if known.used or not one.used else (*one.sources, *known.sources)
        found[key] = replace(known, sources=who, used=known.used or one.used, url=known.url if known.used else one.url)


def _origins(config: Config, keyring: Keyring, watchers: Mapping[str, Watcher]) -> Iterator[tuple[str, str, bool]]:
    """Yield source, `scheme://host:port` as it is asked, and whether it is asked now."""
    assigned = plan.plan(config.customers, config.settings, watchers, wiring.present(keyring, watchers))
    for name, watcher in watchers.items():
        if config.settings.source(name).enabled is False:
            continue
        used = name in assigned.asked or name in assigned.streams
        yield from ((name, f"https://{host}", used) for host in watcher.hosts)
        for target in assigned.streams.get(name, ()):
            parts = urlsplit(target.url)
            if parts.scheme and parts.netloc:
                yield name, f"{parts.scheme}://{parts.netloc}", True
    access = keyring.slack
    if access.webhook_url is not None and access.bot_token is None:
        yield SLACK, _origin(access.webhook_url.reveal()), True
        return
    used = access.bot_token is not None
    yield from ((SLACK, host, used) for host in ([_origin(access.api_url)] if access.api_url else _SLACK_HOSTS))
    if access.app_token is not None and not access.api_url:
        yield from ((SLACK, host, used) for host in _SOCKET_HOSTS)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _slack_way(keyring: Keyring) -> SourceHttp:
    """Slack may be a test server, on any port of this machine."""
    url = keyring.slack.api_url or ""
    parts = urlsplit(url)
    if not parts.hostname:
        return SourceHttp()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    here = parts.hostname in ("localhost", "::1") or parts.hostname.startswith("127.")
    return SourceHttp(allow_private=(f"{parts.hostname}:{port}",) if here else False, ports=frozenset({port}))


def _own(config: Config, keyring: Keyring, places: Places) -> Iterator[Need]:
    """Yield the proxy and a database server: the firewall's business, but none of our doors to knock at."""
    if config.settings.http.proxy is not None:
        host, port = proxy.place(proxy.address(config.settings.http.proxy, None))
        yield Need(host, port, (PROXY,), False, True)
    url = make_url(places.store_url(config.settings.store, keyring.store_password).reveal())
    if url.get_backend_name() == "postgresql" and url.host:
        yield Need(url.host, url.port or 5432, (STORE,), False, True)


# --------------------------------------------------------------------------- sources --hosts


def hosts(places: Places, *, as_json: bool) -> int:
    """Print one host:port a line, and who needs it."""
    config, keyring, watchers = wiring.opened(places, os.environ)
    found, _ = needs(config, keyring, watchers, places)
    if as_json:
        show.json_lines(_row(one) for one in found)
        return 0
    told = speech.of(config.settings)
    columns = [show.Column(told.say(f"cli.col.{name}"), whole=name == "host", rare=name == "note") for name in _COLUMNS]
    show.table(
        columns,
        ((one.place, ", ".join(one.sources), told.say(f"cli.hosts.{_way(one)}"), _note(one, told)) for one in found),
        empty=told.say("cli.empty.sources"),
    )
    return 0


_COLUMNS = ("host", "needed_by", "way", "note")


def _way(one: Need) -> str:
    return "proxy" if one.by_proxy else "direct"


def _note(one: Need, told: Voice) -> str:
    return "" if one.used else told.say("cli.hosts.unused")


def _row(one: Need) -> dict[str, Any]:
    return {"host": one.host, "port": one.port, "sources": list(one.sources), "via": _way(one), "used": one.used}


# --------------------------------------------------------------------------- doctor --reach


@dataclass(frozen=True, slots=True)
class Knock:
    """What became of one host."""

    need: Need
    found: Reached
    verdict: Verdict

    @property
    def trouble(self) -> bool:
        """Whether a person must act: here, or because a name or a certificate is wrong."""
        return self.verdict in ("here", "certificate") or self.found.kind == "name"


def reach(places: Places, *, as_json: bool) -> int:
    """Knock once at every host that is needed now; return 1 if a person must act."""
    config, keyring, watchers = wiring.opened(places, os.environ)
    observe.configure(level="error", secrets=keyring.values())
    found = knocks(config, keyring, watchers, places)
    tell(found, speech.of(config.settings), as_json=as_json)
    return 1 if any(one.trouble for one in found) else 0


def knocks(config: Config, keyring: Keyring, watchers: Mapping[str, Watcher], places: Places) -> list[Knock]:
    """Knock and return what became of it, troubles first. Raises Refused."""
    found, ways = needs(config, keyring, watchers, places)
    doors = [one for one in found if one.used and one.url]
    client = wiring.client(config, watchers, keyring, places, SystemClock())
    client.use(ways)
    with _Bar(len(doors), speech.of(config.settings)) as bar:
        reached = in_loop(_all(client, doors, bar.step))
    made = [Knock(one, what, how) for one, what, how in zip(doors, reached, verdicts(reached), strict=True)]
    return sorted(made, key=lambda one: (not one.trouble, one.verdict, one.need.place))


def tell(found: Sequence[Knock], told: Voice, *, as_json: bool) -> None:
    """Print what became of the knocks."""
    if as_json:
        show.json_lines(map(_knock_row, found))
    else:
        _print(found, told)


async def _all(client: Client, doors: Sequence[Need], step: Callable[[str], None]) -> list[Reached]:
    """Knock at every door once, a few at a time."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(need: Need) -> Reached:
        async with places:
            step(need.place)
            return await client.reach(need.sources[0], need.url)

    try:
        return await asyncio.gather(*map(one, doors))
    finally:
        await client.close()


def _knock_row(one: Knock) -> dict[str, Any]:
    found = one.found
    more = {"verdict": one.verdict, "reason": found.reason, "status": found.status or None, "trouble": one.trouble}
    return {**_row(one.need), **more, "seconds": round(found.seconds, 3), "issuer": found.issuer or None}


def _print(found: Sequence[Knock], told: Voice) -> None:
    show.table(
        [
            show.Column("", whole=True),
            show.Column(told.say("cli.col.host"), whole=True),
            show.Column(told.say("cli.col.needed_by"), wide=True),
            show.Column(told.say("cli.col.is")),
            show.Column(told.say("cli.col.do"), rare=True),
        ],
        (
            (
                told.say(
                    f"cli.doctor.state.{'trouble' if one.trouble else 'ok' if one.verdict == 'reachable' else 'note'}"
                ),
                one.need.place,
                ", ".join(one.need.sources),
                _says(one, told),
                _do(one, told),
            )
            for one in found
        ),
        empty=told.say("cli.empty.sources"),
    )
    count = sum(one.trouble for one in found)
    show.lines(["", told.say("cli.doctor.act", count=count) if count else told.say("cli.reach.fine")])


def _says(one: Knock, told: Voice) -> str:
    reason = told.phrase(one.found.reason)
    if one.verdict == "certificate" and one.found.issuer:
        return told.say("cli.reach.certificate", reason=reason, issuer=one.found.issuer)
    return told.say(f"cli.reach.{'untrusted' if one.verdict == 'certificate' else one.verdict}", reason=reason)


def _do(one: Knock, told: Voice) -> str:
    if one.found.kind == "name" and one.verdict == "there":
        return told.say("cli.reach.name_do")
    if one.verdict == "here":
        return told.say(f"cli.reach.{one.found.kind if one.found.kind in _STEPS else 'here'}_do", host=one.need.place)
    return told.say("cli.reach.certificate_do") if one.verdict == "certificate" else ""


_STEPS = ("proxy", "filtered", "forbidden")


class _Bar:
    """A progress bar on the error stream for people; silent when piped."""

    def __init__(self, total: int, told: Voice) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._progress = Progress(
            TextColumn(told.say("cli.reach.knocking")),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[host]}"),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._progress.add_task("knocks", total=total, host="")

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, host: str) -> None:
        self._progress.update(self._task, advance=1, host=host[:40])
