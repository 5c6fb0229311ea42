"""What a turn is worked with: the loaded configuration and the tools, handed around as one thing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.app.plan import Assignments
from monitor.clock import Clock
from monitor.edge.config import Config
from monitor.edge.http import Client
from monitor.edge.settings import Keyring
from monitor.edge.store import Store
from monitor.judge.classify import Lexicon
from monitor.judge.match import Index
from monitor.judge.playbook import Book
from monitor.judge.taxonomy import Taxonomy
from monitor.judge.weigh import Rulebook
from monitor.judge.words import Texts
from monitor.model import Customer, Match, Reason, Record, Turn
from monitor.policy import Policy
from monitor.watcher import Target, Watcher


def own(customer: str, target: Target) -> Match:
    """Return the match of what stands on an address that was given for this customer."""
    return Match(customer, "same", 1.0, role="debtor", reasons=(Reason("own_address", {"page": target.label}),))


@dataclass(frozen=True, slots=True)
class Rules:
    """The program's own data: taxonomy, lexicon, rulebook, playbook and texts. Read once."""

    taxonomy: Taxonomy
    lexicon: Lexicon
    rulebook: Rulebook
    playbook: Book
    texts: Texts


@dataclass(slots=True)
class Desk:
    """One daemon's or one command's tools. Replaced whole when the configuration changes."""

    config: Config
    assignments: Assignments
    watchers: Mapping[str, Watcher]
    rules: Rules
    keyring: Keyring
    store: Store
    client: Client
    clock: Clock
    index: Index
    customers: Mapping[str, Customer]
    committed: Callable[[], None] = field(default=lambda: None)  # called when a commit queued alerts
    mark: str = field(default_factory=lambda: secrets.token_hex(4))  # tells this desk from the one before a reload
    _blocks: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        return self.config.policy

    @property
    def taxonomy(self) -> Taxonomy:
        return self.rules.taxonomy

    def found(self, source: str, subject: str, record: Record) -> tuple[Match, ...]:
        """Return whom of the watchlist a stream's record speaks of.

        A feed one customer named is matched against everybody; a source that is off unless switched on
        speaks only of those who switched it on. A page of customers' own speaks of them, whatever it says.
        """
        target = self.assignments.target(source, subject)
        if target is not None and target.own:
            return tuple(own(customer, target) for customer in sorted(target.subscribers & self.customers.keys()))
        said = self.config.settings.source(source).enabled
        for_all = self.watchers[source].default_on if said is None else said
        closed = frozenset[str]() if for_all or target is None else target.subscribers
        return tuple(
            match
            for match in self.index.find(record)
            if (not closed or match.customer in closed) and source not in self.customers[match.customer].off
        )

    def every(self, turn: Turn) -> float:
        """Return the seconds between two looks of this watch."""
        return self.assignments.every(turn.source, turn.subject)

    def pace(self, source: str) -> float:
        """Return the seconds between two requests to one host of this source."""
        said = self.config.settings.source(source).pace
        if said is not None:
            return float(said)
        return self.watchers[source].pace if source in self.watchers else 0.0

    def settings_of(self, source: str) -> Mapping[str, Any]:
        """Return the source's block of counterwatch.yaml, as its watcher reads it."""
        if source not in self._blocks:
            self._blocks[source] = self.config.settings.block(source)
        return self._blocks[source]

    def credentials_of(self, source: str) -> Mapping[str, str]:
        """Return the source's credentials in clear, for its own watcher's eyes."""
        found = self.keyring.of(source)
        return {name: secret.reveal() for name, secret in found.items()} if found else {}
