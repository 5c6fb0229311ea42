"""What may come into force: both files read whole, a list that drops most customers held, the last good one at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from sqlalchemy import Connection

from monitor.app import changed, removals, wiring
from monitor.app.desk import Desk
from monitor.app.refused import Refused
from monitor.edge import config as configs
from monitor.edge import kept
from monitor.edge.config import SETTINGS, WATCHLIST, Config, ConfigMistakes, Files, Settings
from monitor.edge.settings import Places
from monitor.edge.store import commit, read
from monitor.edge.store.commit import Listing, Plan
from monitor.edge.yamldoc import Mistake

log = structlog.get_logger()

TOLD = "config.rejected"  # the state of the files the operators were last told to be wrong
AT_START = ("store", "http", "listen")  # what is built once: a change waits for the next start


@dataclass(frozen=True, slots=True)
class Rejected:
    """The files cannot be used as they are. `state` names the state they are in."""

    state: str
    mistakes: tuple[Mistake, ...]

    @classmethod
    def of(cls, wrong: ConfigMistakes, files: Files | None = None) -> Rejected:
        """Name the state by the files' bytes, or by what is wrong if they cannot even be read."""
        told = "\n".join(map(str, wrong.mistakes))
        return cls(files.digest if files else hashlib.sha256(told.encode()).hexdigest(), tuple(wrong.mistakes))


# --------------------------------------------------------------------------- at the start


@dataclass(frozen=True, slots=True)
class Opened:
    """What a start begins with: the configuration, the files it was read from, and why the edited ones are not it."""

    config: Config
    files: Files
    refused: Rejected | None = None


def opened(places: Places, sources: Collection[str], *, last_good: bool) -> Opened:
    """Read the configuration; with `last_good`, files with mistakes give way to those last in force.

    Raises ConfigMistakes if there is nothing to begin with.
    """
    files: Files | None = None
    try:
        files = configs.files(places.config)
        return Opened(configs.read(files, sources=sources, keep=wiring.kept(places)), files)
    except ConfigMistakes as wrong:
        refused = Rejected.of(wrong, files)
        good = last_good_of(places, sources) if last_good else None
        if good is None:
            raise
        return replace(good, refused=refused)


def last_good_of(places: Places, sources: Collection[str]) -> Opened | None:
    """Return the configuration that was last in force; None if none was kept, or if it is one no more."""
    folder = kept.good(places.state)
    if folder is None:
        return None
    try:
        files = configs.files(folder)
        return Opened(configs.read(files, sources=sources, keep=wiring.kept(places)), files)
    except ConfigMistakes:
        return None


def admitted(desk: Desk, places: Places, begun: Opened, *, accept_removals: bool, once: bool) -> tuple[Desk, Opened]:
    """Return the desk to start with: the one given, or one with the old list if a person must confirm the new one.

    Raises ConfigMistakes or Refused if neither may be used.
    """
    store, now = desk.store, desk.clock.now()
    meant = store.read_now(lambda conn: commit.plan(conn, wiring.listings(desk.customers.values())))
    if meant.taken:
        raise ConfigMistakes(taken(meant, desk.config))
    if not meant.drops_most or accept_removals:
        return desk, begun
    word = store.read_now(lambda conn: removals.word(conn, desk.config.list_digest))
    if word == "released":
        return desk, begun
    old = None if once else last_good_of(places, desk.watchers)
    joined = None if old is None else with_list(begun.files, old.files, desk.watchers, wiring.kept(places))
    if joined is None:
        raise Refused("removals", removed=len(meant.removed), before=meant.before)
    former = wiring.renewed(desk, joined.config, desk.keyring)
    if store.read_now(lambda conn: commit.plan(conn, wiring.listings(former.customers.values()))).drops_most:
        raise Refused("removals", removed=len(meant.removed), before=meant.before)
    store.write_now(lambda conn: hold(conn, former, meant, desk.config.list_digest))
    log.warning("removals.held", removed=len(meant.removed), before=meant.before, since=str(now))
    former.client.use(wiring.sources_of(former.config, former.watchers, former.keyring))
    return former, joined


# --------------------------------------------------------------------------- what is in doubt


def with_list(new: Files, old: Files, sources: Collection[str], keep: Path | None) -> Opened | None:
    """Return the new settings with the old list; None if the two do not go together."""
    files = Files(new.settings, old.watchlist)
    try:
        return Opened(configs.read(files, sources=sources, keep=keep), files)
    except ConfigMistakes:
        return None


def hold(conn: Connection, desk: Desk, meant: Plan, list_digest: str) -> None:
    """Keep a list that drops most customers waiting, and say so once."""
    now, called = desk.clock.now(), names(desk)
    if removals.hold(conn, meant, called, list_digest, now):
        changed.removals(conn, desk, meant, called, list_digest, now)


def reject(conn: Connection, desk: Desk, wrong: Rejected) -> bool:
    """Say why the files cannot be used, once for each state they are in; return whether it was said."""
    if read.remembered(conn, TOLD) == wrong.state:
        return False
    commit.remember(conn, TOLD, wrong.state)
    changed.rejected(conn, desk, wrong.state, wrong.mistakes, desk.clock.now())
    return True


def accept(conn: Connection) -> bool:
    """Forget mistakes that are mended; return whether there were any."""
    if read.remembered(conn, TOLD) is None:
        return False
    commit.remember(conn, TOLD, None)
    return True


def taken(meant: Plan, config: Config) -> list[Mistake]:
    """Return the mistakes of customers whose id is that of somebody else's history."""
    lines = {one.id: one.line or 0 for one in config.customers}
    return [
        Mistake(
            WATCHLIST,
            lines[id_],
            0,
            f"the id {id_} was that of the customer who is {heir} now, and names its history",
            "give the new customer another id",
        )
        for id_, heir in sorted(meant.taken.items())
    ]


def names(*desks: Desk) -> dict[str, str]:
    """Return the customers' names by id."""
    return {id_: one.name for desk in desks for id_, one in desk.customers.items()}


def until_start(config: Config, settings: Settings) -> tuple[Config, tuple[str, ...]]:
    """Return the configuration with what cannot be changed while running as it was, and the keys that wait."""
    waiting = tuple(key for key in AT_START if getattr(config.settings, key) != getattr(settings, key))
    if not waiting:
        return config, ()
    old = {key: getattr(settings, key) for key in waiting}
    return replace(config, settings=config.settings.model_copy(update=old)), waiting


def listed(config: Config) -> Sequence[Listing]:
    return wiring.listings(config.customers)


def keep(places: Places, files: Files) -> None:
    """Keep the files that are in force now for a start with broken ones. That it fails is only said."""
    try:
        kept.keep_good(places.state, {SETTINGS: files.settings, WATCHLIST: files.watchlist})
    except OSError as error:
        log.warning("config.not_kept", reason=error.strerror or type(error).__name__)
