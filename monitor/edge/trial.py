"""Other rules and another watchlist, to be tried out: read and checked like the files in force, in place of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitor.edge import config as configs
from monitor.edge import watchlist, yamldoc
from monitor.edge.config import Config, ConfigMistakes, Settings
from monitor.edge.yamldoc import Mistake
from monitor.model import Customer

# The keys of counterwatch.yaml that judging and routing read. Whatever else stands in the file is not tried out.
JUDGING = frozenset(
    ("rules", "routes", "tiers", "slack", "rates", "currency", "people", "insurers", "timezone", "language", "dates")
)
_BOOK = ("relations", "caps", "patterns")  # keys by which config/rules.yaml is known


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried out. `book`: the whole of another config/rules.yaml, as plain data; None if none was given."""

    config: Config
    book: Any = None


def read(config: Config, *, rules: Path | None = None, listed: Path | None = None, sources: Collection[str]) -> Trial:
    """Return the configuration in force with other rules, another watchlist, or both.

    `rules`: a counterwatch.yaml or the part of it that judges (rules, routes, tiers, …), or another config/rules.yaml.
    What it does not say stays as it is. Raises ConfigMistakes with every mistake of both files.
    """
    mistakes: list[Mistake] = []
    settings, book = config.settings, None
    if rules is not None:
        data, unread = _bytes(rules)
        mistakes += unread
        book = _book(data)
        if book is None and not unread:
            settings, found = _settings(data, rules.name, config.settings, sources)
            mistakes += found
    customers = config.customers
    if listed is not None:
        data, unread = _bytes(listed)
        mistakes += unread
        if not unread:
            customers, found = _customers(data, listed.name, settings, sources)
            mistakes += found
    if any(one.severity == "error" for one in mistakes):
        raise ConfigMistakes(mistakes)
    whole = replace(config, settings=settings, policy=configs.policy_of(settings), customers=customers)
    return Trial(whole, book)


def _bytes(path: Path) -> tuple[bytes, list[Mistake]]:
    try:
        if (big := yamldoc.too_big(path.stat().st_size, path.name)) is not None:
            return b"", [big]
        return path.read_bytes(), []
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}"
        return b"", [Mistake(path.name, 0, 0, reason, "name a file that is there and may be read")]


def _book(data: bytes) -> Any:
    """Return config/rules.yaml as plain data, if that is what the file is."""
    root = yamldoc.read(data, "")[0]
    if root is None or any(root.get(key) is None for key in _BOOK):
        return None
    return root.plain()


def _settings(data: bytes, file: str, now: Settings, sources: Collection[str]) -> tuple[Settings, list[Mistake]]:
    """Return the settings in force with what the file says of judging in their place."""
    given, found = configs.read_settings(data, file, sources=sources, people=now.people)
    if given is None:
        return now, configs.told(found, data, file)
    said = {name: getattr(given, name) for name in given.model_fields_set & JUDGING}
    return now.model_copy(update=said), configs.told(found, data, file)


def _customers(
    data: bytes, file: str, settings: Settings, sources: Collection[str]
) -> tuple[tuple[Customer, ...], list[Mistake]]:
    customers, found = watchlist.read(
        data, file, sources=sources, people=sorted(settings.people), currency=settings.currency
    )
    return customers, configs.told(found, data, file)
