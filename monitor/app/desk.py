"""What a turn is worked with: the loaded configuration and the tools, handed around as one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.app.plan import Assignments
from monitor.clock import Clock
from monitor.edge.config import Config
from monitor.edge.http import Client
from monitor.edge.store import Store
from monitor.judge.classify import Lexicon
from monitor.judge.match import Index
from monitor.judge.taxonomy import Taxonomy
from monitor.model import Customer
from monitor.policy import Policy
from monitor.watcher import Watcher


@dataclass(slots=True)
class Desk:
    """One daemon's or one command's tools. Replaced whole when the configuration changes."""

    config: Config
    assignments: Assignments
    watchers: Mapping[str, Watcher]
    taxonomy: Taxonomy
    lexicon: Lexicon
    store: Store
    client: Client
    clock: Clock
    credentials: Mapping[str, Mapping[str, str]]  # source -> field -> secret
    settings: Mapping[str, Mapping[str, Any]]  # source -> its block of counterwatch.yaml
    customers: Mapping[str, Customer] = field(default_factory=dict)
    index: Index = field(default_factory=lambda: Index(()))
    committed: Callable[[], None] = lambda: None  # called after a turn that queued alerts

    @property
    def policy(self) -> Policy:
        return self.config.policy
