"""What `counterwatch init` and `counterwatch check` do: write the two files, and say what is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from monitor.app import plan, speech
from monitor.app.refused import Refused
from monitor.edge import config, yamldoc
from monitor.edge.fields import shown
from monitor.edge.identifiers import nearest
from monitor.edge.settings import Keyring, shipped
from monitor.edge.yamldoc import Mistake, Node
from monitor.judge.words import Voice
from monitor.model import Customer
from monitor.watcher import Watcher

SCHEMAS = ("schema/watchlist.schema.json", "schema/counterwatch.schema.json")


def init(folder: Path, language: str = "en") -> list[Path]:
    """Write both files with comments and one example, and the schemas beside them; return what was written.

    Raises Refused, before anything is written, if one of the two files exists, or if the folder cannot be written.
    A schema is not the person's own and is renewed.
    """
    wanted = {
        folder / config.WATCHLIST: "watchlist.example.yaml",
        folder / config.SETTINGS: "counterwatch.example.yaml",
    }
    there = [path.name for path in wanted if path.exists() or path.is_symlink()]
    if there:
        raise Refused("there", folder=folder, files=there)
    wanted |= {folder / name: name for name in SCHEMAS}
    try:
        for path, name in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            text = shipped(name).read_bytes()
            path.write_bytes(text.replace(b"language: en ", f"language: {language} ".encode(), 1))
    except OSError as error:
        raise Refused("cannot_write", folder=folder, reason=error.strerror or type(error).__name__) from None
    return list(wanted)


# --------------------------------------------------------------------------- check


@dataclass(frozen=True, slots=True)
class Served:
    """One customer: the watchers it gets, and for every other one why not."""

    customer: Customer
    watchers: tuple[str, ...]
    without: tuple[tuple[str, str], ...]  # (source, plain reason)


@dataclass(frozen=True, slots=True)
class Report:
    """What `check` found. With mistakes there are no customers: nothing is read from a file in doubt."""

    mistakes: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()
    customers: tuple[Served, ...] = ()
    streams: Mapping[str, int] | None = None  # source -> how many streams it follows
    watches: int = 0
    unused: tuple[str, ...] = ()  # keys that are written and that nothing uses yet

    @property
    def exit_code(self) -> int:
        """0, or 2 if a file cannot be used."""
        return 2 if self.mistakes else 0


def check(folder: Path, watchers: Mapping[str, Watcher], environ: Mapping[str, str]) -> Report:
    """Validate both files of a folder and say which watchers each customer gets."""
    directory = environ.get("CREDENTIALS_DIRECTORY")
    keys = Keyring.read(watchers.values(), environ, Path(directory) if directory else None)
    try:
        found = config.load(folder, sources=watchers)
    except config.ConfigMistakes as mistakes:
        every = mistakes.mistakes
        return Report(
            mistakes=tuple(one for one in every if one.severity == "error"),
            warnings=tuple(one for one in every if one.severity == "warning"),
        )
    assigned = plan.plan(found.customers, found.settings, watchers, keys.sources)
    return Report(
        warnings=(*found.warnings, *unmatched(folder, found.customers)),
        customers=tuple(_served(customer, watchers, found.settings, assigned) for customer in found.customers),
        streams={source: len(targets) for source, targets in assigned.streams.items()},
        watches=assigned.size,
        unused=tuple(unused(folder)),
    )


# What both files may say and no part of the program uses yet. Said by `check`, so that nobody relies on it.
NOT_YET = {
    config.WATCHLIST: (*(f"customers.*.{key}" for key in ("claims", "contacts", "industry.nace")),),
    config.SETTINGS: (
        *("ledger", "self", "lists", "publish", "slack.deciders"),
        "people.*.language",
        "waits.dropped_file",
    ),
}


def unused(folder: Path) -> list[str]:
    """Return the keys that are written and that nothing uses yet, each once, as `claims` or `slack.deciders`."""
    found: list[str] = []
    for name, patterns in NOT_YET.items():
        path = folder / name
        root = yamldoc.read(path.read_bytes(), name)[0] if path.is_file() else None
        found += [pattern.rpartition("*.")[2] for pattern in patterns if _written(root, pattern.split("."))]
    return list(dict.fromkeys(found))


def _written(node: Node | None, path: Sequence[str]) -> bool:
    if node is None or not path:
        return node is not None and node.value is not None
    if path[0] != "*":
        return _written(node.get(path[0]), path[1:])
    entries = node.value.values() if isinstance(node.value, dict) else _each(node)
    return any(_written(entry, path[1:]) for entry in entries)


def unmatched(folder: Path, customers: Sequence[Customer]) -> list[Mistake]:
    """Return a warning for every rule, route or list that names an event or a customer that does not exist.

    Such a rule is sound and matches nothing: a mute that mutes nobody, a route that nothing takes.
    """
    path = folder / config.SETTINGS
    root = yamldoc.read(path.read_bytes(), config.SETTINGS)[0] if path.is_file() else None
    if root is None:
        return []
    types, ids = frozenset(speech.taxonomy()), frozenset(customer.id for customer in customers)
    found: list[Mistake] = []
    for entry in (entry for part in ("rules", "routes", "lists") for entry in _each(root.get(part))):
        when = entry.get("when")
        found += _strangers(entry.get("on_add"), types, "event")
        if when is not None:
            found += _strangers(when.get("types"), types, "event")
            found += _strangers(when.get("customers"), ids, "customer")
    return found


def _strangers(node: Node | None, known: frozenset[str], what: str) -> Iterator[Mistake]:
    for one in [node] if node is not None and isinstance(node.value, str) else _each(node):
        if isinstance(one.value, str) and not any(fnmatchcase(word, one.value) for word in known):
            message = f"no {what} is called {shown(one.value)}, so this never matches"
            yield Mistake(config.SETTINGS, *one.place, message, nearest(one.value, known), "warning")


def _each(node: Node | None) -> list[Node]:
    return node.value if node is not None and isinstance(node.value, list) else []


def _served(
    customer: Customer, watchers: Mapping[str, Watcher], settings: config.Settings, assigned: plan.Assignments
) -> Served:
    gets: list[str] = []
    without: list[tuple[str, str]] = []
    for name, watcher in sorted(watchers.items()):
        reason = plan.why_not(customer, watcher, settings, assigned)
        if reason is None:
            gets.append(name)
        else:
            without.append((name, reason))
    return Served(customer, tuple(gets), tuple(without))


# --------------------------------------------------------------------------- showing


def rows(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the report as JSON objects: mistakes and warnings first, then one object a customer."""
    for one in (*report.mistakes, *report.warnings):
        yield {
            "severity": one.severity,
            "file": one.file,
            "line": one.line or None,
            "column": one.column or None,
            "message": one.message,
            "hint": one.hint,
        }
    for served in report.customers:
        yield {
            "customer": served.customer.id,
            "name": served.customer.name,
            "line": served.customer.line,
            "watchers": list(served.watchers),
            "without": dict(served.without),
        }


_SHOWN = 50  # customers listed for people; --json has all


def lines(report: Report, told: Voice | None = None) -> Iterator[str]:
    """Yield the report for people. What every customer lacks for the same reason is said once."""
    told = told or speech.voice()
    yield from map(str, report.mistakes)
    warning = told.texts.raw("cli.check.warning", told.language)
    yield from (warning.replace("{text}", str(one)) for one in report.warnings)
    if report.mistakes:
        yield told.say("cli.check.mistakes", count=len(report.mistakes))
        return
    common = _common(report.customers)
    for served in report.customers[:_SHOWN]:
        yield told.say("cli.name", name=served.customer.id, id=served.customer.name)
        gets = ", ".join(served.watchers) or told.say("cli.check.nobody")
        yield told.say("cli.check.watched", sources=gets)
        for source, reason in served.without:
            if (source, reason) not in common:
                yield told.say("cli.check.without", source=source, reason=reason)
    if len(report.customers) > _SHOWN:
        yield told.say("cli.check.more", count=len(report.customers) - _SHOWN)
    if common:
        yield told.say("cli.check.for_none")
        yield from (told.say("cli.check.without", source=source, reason=reason) for source, reason in sorted(common))
    blind = [served.customer.id for served in report.customers if not served.watchers]
    if blind:
        yield told.say("cli.check.blind", count=len(blind), names=blind)
    if report.unused:
        yield told.say("cli.check.unused", keys=list(report.unused))
    yield told.say("cli.check.sound", customers=len(report.customers), watches=report.watches)


def _common(customers: Sequence[Served]) -> set[tuple[str, str]]:
    """Return the reasons that hold for all of several customers."""
    if len(customers) < 2:
        return set()
    common = set(customers[0].without)
    for served in customers[1:]:
        common &= set(served.without)
    return common
