"""Who is asked about whom: which customer gets which watcher, which streams are followed, and why not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from monitor.edge.config import Settings, tiers_of
from monitor.edge.settings import environment_name
from monitor.edge.store.turns import Watched
from monitor.model import Customer
from monitor.watcher import Target, Watcher

Present = Mapping[str, Collection[str]]  # source -> the names of the credentials we have


@dataclass(frozen=True, slots=True)
class Assignments:
    """Every watch there should be.

    asked: source -> customer ids, for watchers that ask about customers one by one or in batches.
    streams: source -> what it follows, whoever may be concerned.
    silent: source -> why nothing at all is asked of it.
    """

    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    streams: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    _hosts: Mapping[str, str] = field(default_factory=dict)  # source -> its host, if it has a main one
    _every: Mapping[str, float] = field(default_factory=dict)  # source -> seconds
    _pace: Mapping[str, float] = field(default_factory=dict)  # customer -> its tier's factor
    _targets: Mapping[tuple[str, str], Target] = field(default_factory=dict)
    _followers: Mapping[str, frozenset[str] | None] = field(default_factory=dict)  # stream source -> who; None: all

    def target(self, source: str, subject: str) -> Target | None:
        """Return what a stream watch follows, or None if that is no longer planned."""
        return self._targets.get((source, subject))

    def follows(self, source: str, customer: str) -> bool:
        """Return whether one of the source's streams is matched against this customer."""
        followers = self._followers.get(source, frozenset())
        return followers is None or customer in followers

    def every(self, source: str, subject: str) -> float:
        """Return the seconds between two looks: the source's own, times the customer's tier. Streams have no tier.

        A watch that is no longer planned gets a day: its last turn only needs some due date.
        """
        base = self._every.get(source, 86_400.0)
        return base if source in self.streams else base * self._pace.get(subject, 1.0)

    def watched(self) -> Iterator[Watched]:
        """Yield every watch as the store keeps it."""
        for source, customers in self.asked.items():
            host = self._hosts.get(source, "")
            for customer in customers:
                yield Watched(source, customer, self.every(source, customer), host=host)
        for source, targets in self.streams.items():
            every = self._every[source]
            for target in targets:
                host = urlsplit(target.url).hostname or self._hosts.get(source, "")
                yield Watched(source, target.key, every, target.url, host, target.label)

    @property
    def size(self) -> int:
        """How many watches there are."""
        return sum(map(len, self.asked.values())) + sum(map(len, self.streams.values()))


def plan(
    customers: Sequence[Customer], settings: Settings, watchers: Mapping[str, Watcher], present: Present | None = None
) -> Assignments:
    """Return every watch there should be. `present` names the credentials we have, by source."""
    tiers = tiers_of(settings.tiers)
    asked: dict[str, tuple[str, ...]] = {}
    streams: dict[str, tuple[Target, ...]] = {}
    silent: dict[str, str] = {}
    for name, watcher in sorted(watchers.items()):
        if (trouble := unusable(watcher, settings, present)) is not None:
            silent[name] = trouble
            continue
        served = [customer for customer in customers if unserved(customer, watcher, settings) is None]
        if watcher.scope == "stream":
            if followed := _followed(watcher, served, settings):
                streams[name] = followed
        elif served:
            asked[name] = tuple(customer.id for customer in served)
    return Assignments(
        asked=asked,
        streams=streams,
        silent=silent,
        _hosts={name: watchers[name].hosts[0] for name in (*asked, *streams) if watchers[name].hosts},
        _every={name: _interval(watchers[name], settings) for name in (*asked, *streams)},
        _pace={customer.id: tiers[customer.tier].pace for customer in customers},
        _followers={name: _followers(targets) for name, targets in streams.items()},
        _targets={(name, target.key): target for name, targets in streams.items() for target in targets},
    )


def _followed(watcher: Watcher, served: Sequence[Customer], settings: Settings) -> tuple[Target, ...]:
    """Return a stream watcher's targets, each once, its subscribers joined."""
    assert watcher.targets is not None, watcher.name
    for_all = _wanted(watcher, settings)
    if not for_all and not served:
        return ()
    everyone = frozenset[str]() if for_all else frozenset(customer.id for customer in served)
    found: dict[str, Target] = {}
    for target in watcher.targets(served, settings.block(watcher.name)):
        # A stream without subscribers concerns everybody who gets the source, whoever else asked for it.
        known = found.get(target.key)
        open_to_all = not target.subscribers or (known is not None and known.subscribers == everyone)
        earlier = known.subscribers if known is not None else frozenset[str]()
        joined = everyone if open_to_all else target.subscribers | earlier
        found[target.key] = target if joined == target.subscribers else replace(target, subscribers=joined)
    return tuple(found[key] for key in sorted(found))


def _followers(targets: Sequence[Target]) -> frozenset[str] | None:
    if any(not target.subscribers for target in targets):
        return None
    return frozenset(customer for target in targets for customer in target.subscribers)


def _interval(watcher: Watcher, settings: Settings) -> float:
    said = settings.source(watcher.name).every
    return (said or watcher.every).total_seconds()


def _wanted(watcher: Watcher, settings: Settings) -> bool:
    said = settings.source(watcher.name).enabled
    return watcher.default_on if said is None else said


# --------------------------------------------------------------------------- reasons


def unusable(watcher: Watcher, settings: Settings, present: Present | None = None) -> str | None:
    """Return why a source cannot be asked about anybody, or None."""
    said = settings.source(watcher.name)
    if said.enabled is False:
        return "switched off in counterwatch.yaml"
    missing = sorted(set(watcher.credentials) - set((present or {}).get(watcher.name, ())))
    if missing:
        names = " and ".join(environment_name(watcher.name, one) for one in missing)
        return f"needs a credential: {names}"
    if watcher.needs_agreement and said.agreement is None:
        where = f" ({watcher.terms})" if watcher.terms else ""
        return f"needs your consent to its terms{where}: agreement: {{accepted_by, on}} in counterwatch.yaml"
    return None


def unserved(customer: Customer, watcher: Watcher, settings: Settings) -> str | None:
    """Return why this customer is not looked up in a source that can be used, or None."""
    if watcher.name in customer.off:
        return "switched off for this customer"
    off_for_all = settings.source(watcher.name).enabled is False  # then `unusable` says so, once for everybody
    if not off_for_all and not _wanted(watcher, settings) and watcher.name not in customer.on:
        return f"off unless switched on: sources: {{on: [{watcher.name}]}}"
    return watcher.serves(customer)


def why_not(customer: Customer, watcher: Watcher, settings: Settings, assignments: Assignments) -> str | None:
    """Return None if the plan looks this customer up in the source, else the plain reason why not."""
    reason = unserved(customer, watcher, settings) or assignments.silent.get(watcher.name)
    if reason is not None or watcher.scope != "stream":
        return reason
    if assignments.follows(watcher.name, customer.id):
        return None
    return "nothing to follow: no address is given for this customer or for everyone"


def concerns(customer: str, targets: Iterable[Target]) -> bool:
    """Return whether one of the streams is matched against this customer."""
    return any(not target.subscribers or customer in target.subscribers for target in targets)
