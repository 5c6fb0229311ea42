"""Putting a desk together: from the folders and credentials of this machine to something that can run turns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from monitor import __version__
from monitor.app import plan, speech
from monitor.app.refused import Refused
from monitor.clock import Clock, SystemClock
from monitor.edge import config as configs
from monitor.edge.config import Config
from monitor.edge.settings import Keyring, Places
from monitor.edge.store import Store, commit, turns
from monitor.model import Customer
from monitor.watcher import Watcher, discover

if TYPE_CHECKING:  # late where it is used: a listing needs neither the client nor what judges
    import ssl

    from sqlalchemy import Connection

    from monitor.app.desk import Desk, Rules
    from monitor.edge.http import Client, SourceHttp


def rules() -> Rules:
    """Read the program's own data files."""
    from monitor.app.desk import Rules
    from monitor.judge import playbook, weigh
    from monitor.judge.classify import Lexicon

    return Rules(
        taxonomy=speech.taxonomy(),
        lexicon=Lexicon.from_mapping(speech.data("lexicon.yaml")),
        rulebook=weigh.rulebook(speech.data("rules.yaml")),
        playbook=playbook.book(speech.data("playbook.yaml")),
        texts=speech.texts(),
    )


def open_store(config: Config, places: Places, keyring: Keyring, *, accept_empty: bool = False) -> Store:
    """Open the configured store. Raises StoreError or Refused with one plain sentence."""
    try:
        places.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refused("state_folder", folder=places.state, reason=error.strerror or type(error).__name__) from None
    url = places.store_url(config.settings.store, keyring.store_password).reveal()
    return Store.open(url, accept_empty=accept_empty, state=places.state)


def client(config: Config, watchers: Mapping[str, Watcher], keyring: Keyring, places: Places, clock: Clock) -> Client:
    """Build the polite client from the settings and from what the watchers declare. Raises Refused."""
    from monitor.edge.http import Client, HttpSettings

    http = config.settings.http
    general = HttpSettings(
        user_agent=f"counterwatch/{__version__}"
        + (f" (+{http.user_agent_contact})" if http.user_agent_contact else ""),
        concurrency=http.concurrency,
        slow_lane=http.slow_lane,
        per_host=http.per_host,
        slow_after=http.slow_after,
        total=http.total,
        proxy=http.proxy,
        proxy_password=keyring.proxy_password.reveal() if keyring.proxy_password else None,
        ca_bundle=places.beside_config(http.ca_bundle) if http.ca_bundle else None,
    )
    if general.ca_bundle is not None:
        trust(general.ca_bundle)
    return Client(general, sources_of(config, watchers, keyring), clock)


def trust(bundle: Path) -> ssl.SSLContext:
    """Return trust in the authorities of a file besides the machine's own. Raises Refused."""
    from monitor.edge.http.trust import BundleWrong, trusting

    try:
        return trusting(bundle)
    except BundleWrong as wrong:
        raise Refused("ca_bundle", file=bundle, reason=wrong) from None


def sources_of(config: Config, watchers: Mapping[str, Watcher], keyring: Keyring) -> dict[str, SourceHttp]:
    """Return how each source is asked."""
    return {name: _source(name, watchers[name], config, keyring) for name in watchers}


def _source(name: str, watcher: Watcher, config: Config, keyring: Keyring) -> SourceHttp:
    from monitor.edge.http import SourceHttp

    said = config.settings.source(name)
    return SourceHttp(
        base_url=said.base_url,
        base_urls=dict(said.base_urls),
        allow_private=said.allow_private.hosts or said.allow_private.base,
        ports=frozenset(said.ports),
        max_bytes=watcher.max_bytes,
        max_seconds=watcher.max_seconds,
        pace=watcher.pace if said.pace is None else float(said.pace),
        secrets=frozenset(secret.reveal() for secret in keyring.of(name).values()),
    )


def desk(
    places: Places,
    keyring: Keyring,
    *,
    config: Config,
    clock: Clock | None = None,
    accept_empty: bool = False,
    store: Store | None = None,
) -> Desk:
    """Put everything together. Raises StoreError; nothing was changed then."""
    from monitor.app.desk import Desk
    from monitor.judge.match import Index

    watchers = discover()
    ticking = clock or SystemClock()
    own = store or open_store(config, places, keyring, accept_empty=accept_empty)
    return Desk(
        config=config,
        assignments=plan.plan(config.customers, config.settings, watchers, present(keyring, watchers)),
        watchers=watchers,
        rules=rules(),
        keyring=keyring,
        store=own,
        client=client(config, watchers, keyring, places, ticking),
        clock=ticking,
        index=Index(config.customers),
        customers={customer.id: customer for customer in config.customers},
    )


def renewed(old: Desk, config: Config, keyring: Keyring) -> Desk:
    """Return the desk for another configuration; what outlives an edit is taken over. Changes nothing."""
    from monitor.judge.match import Index

    return replace(
        old,
        config=config,
        assignments=plan.plan(config.customers, config.settings, old.watchers, present(keyring, old.watchers)),
        keyring=keyring,
        index=Index(config.customers),
        customers={customer.id: customer for customer in config.customers},
        _blocks={},
    )


def opened(places: Places, environ: Mapping[str, str]) -> tuple[Config, Keyring, Mapping[str, Watcher]]:
    """Read the configuration and the credentials, as every command does first. Raises ConfigMistakes."""
    watchers = discover()
    config = configs.load(places.config, sources=watchers, keep=kept(places))
    return config, Keyring.read(watchers.values(), environ, places.credentials), watchers


def present(keyring: Keyring, watchers: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the names of the credentials we hold, by source."""
    return {name: frozenset(keyring.of(name)) for name in watchers}


FIRST_LOOKS = 20.0  # first looks a second: a handful is taken right away, many are spread


def settle_plan(conn: Connection, desk: Desk, now: datetime, *, window: float) -> commit.Plan:
    """Make the store's customers and watches be those of the configuration; history of the others stays."""
    return settle(conn, desk, listings(desk.customers.values()), now, window=window)[0]


def settle(
    conn: Connection, desk: Desk, rows: Sequence[commit.Listing], now: datetime, *, window: float
) -> tuple[commit.Plan, turns.Ensured]:
    """Do the same with customers that were read already; return what it meant for them and for the watches."""
    streams = [name for name, one in desk.watchers.items() if one.scope == "stream"]
    meant = commit.customers(conn, rows, now, streams=streams)
    done = turns.settle(conn, desk.assignments.watched(), now, window=window, rate=FIRST_LOOKS)
    for id_, was in meant.was.items():
        for source, asked in desk.assignments.asked.items():
            if id_ in asked and _asked_by(desk.watchers[source], was) != _asked_by(
                desk.watchers[source], desk.customers[id_].ids
            ):
                commit.begin_anew(conn, source, id_, now)
    return meant, done


def _asked_by(watcher: Watcher, ids: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the number a register is asked by; None if it is asked by name."""
    return next(((scheme, ids[scheme]) for scheme in watcher.needs if scheme in ids), None)


def listings(customers: Iterable[Customer]) -> list[commit.Listing]:
    """Return the customers as the store keeps them."""
    return [listing(customer) for customer in customers]


def listing(customer: Customer) -> commit.Listing:
    """Return the customer as the store keeps it; the digests tell whether the entry was edited."""
    whole = {name: getattr(customer, name) for name in Customer.__dataclass_fields__ if name != "line"}
    # An entry that says nothing of what only newer programs read was not edited by an upgrade.
    whole = {name: value for name, value in whole.items() if value or name not in _NEWER}
    found_by = {name: whole[name] for name in _FOUND_BY}
    return commit.Listing(
        customer.id, customer.name, customer.country, _digest(whole), dict(customer.ids), _digest(found_by)
    )


_NEWER = ("documents", "review")
# What decides whether an item of a stream speaks of a customer.
_FOUND_BY = ("name", "country", "ids", "aliases", "website", "keywords", "exclude", "off", "on")


def _digest(value: Any) -> str:
    data = orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(data).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def kept(places: Places) -> Path | None:
    """Return where the validated watchlist is kept for the next start; None until the state folder exists."""
    return places.state / "watchlist.kept" if places.state.is_dir() else None


def writable(folder: Path) -> None:
    """Raise Refused if the state folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / ".counterwatch-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise Refused("state_folder", folder=folder, reason=error.strerror or type(error).__name__) from None
