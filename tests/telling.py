"""A room for tests of messages: a real desk and its words, a strict Slack, and facts told one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from monitor.app import door
from monitor.app.deliver import Deliverer, Door
from monitor.edge.store import Store, commit, read
from monitor.judge import incident as incidents
from monitor.judge import route
from monitor.model import Alert, Event, Incident, Origin, Reason, Severity, Verdict
from tests.delivery import SHORT, Fake, running, slack, states
from tests.delivery import Desk as Sender
from tests.house import HandClock, Office, Source, until, watchlist

CHANNEL = "C0ALERTS"
GAZETTE = Origin("London Gazette", "gb_gazette", official=True)
HOUSE = Origin("Companies House", "gb_companies_house", official=True)
PAPER = Origin("Evening Paper", "feed", official=False)


@dataclass
class Room:
    """An office whose alerts really leave. Its clock runs, and jumps when the test lets time pass."""

    office: Office
    fake: Any
    waits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.office.store

    def sender(self, out: Door | None = None, **waits: Any) -> Sender:
        """Return a deliverer that speaks with the desk's own words."""
        how = door.manner(self.office.desk)
        out = out or slack(self.fake)
        asked = replace(SHORT, **{**self.waits, **waits})
        clock = self.office.clock
        made = Deliverer(self.store, out, how.render, clock, notice=how.notice, waits=asked, person=how.person)
        return Sender(made, out)

    async def deliver(self, out: Door | None = None, **waits: Any) -> None:
        """Send all that is ready, as one life of the daemon would, and end it."""
        one = self.sender(out, **waits)
        await one.deliverer.drain(15)
        await one.door.close()

    async def die(self, **fault: Any) -> None:
        """Live until the answer to a post is lost, and be killed before anybody has looked what became of it."""
        before = len(self._lost())
        self.fake.fault(**{"do": "reset", **fault})
        async with running(self.sender(settle=60.0)):
            await until(lambda: "claimed" in states(self.store) and len(self._lost()) > before)
        self.fake.clear_faults()

    def _lost(self) -> list[dict[str, Any]]:
        return [entry for entry in self.fake.log() if entry.get("fault")]

    # ------------------------------------------------------------------ what happens

    def tell(self, *events: Event, severity: Severity = Severity.HIGH, silent: str | None = None) -> None:
        """Let facts happen now: each is joined, routed and written as judging would."""
        for one in events:
            self.store.write_now(lambda conn, one=one: self._judged(conn, one, Verdict(severity, REASONS, silent)))  # type: ignore[misc]

    def _judged(self, conn: Connection, event: Event, verdict: Verdict) -> None:
        desk, now = self.office.desk, self.office.clock.now()
        event = replace(event, first_seen=now)
        facts = read.events(conn, customer=event.customer)
        known = read.incidents(conn, customer=event.customer)
        joined = incidents.join(event, desk.taxonomy[event.type], verdict, known, now, facts=facts)

        def exists(channel: str) -> bool:
            rows = read.alerts(conn, incident=joined.id, channel=channel)
            return any(one.kind == "root" and one.state != "suppressed" for one in rows)

        customer = desk.customers[event.customer or ""]
        alerts = route.route(event, verdict, joined, customer, desk.policy, now, exists)
        commit.add_events(conn, [commit.Judged(event, verdict, joined.id)])
        commit.keep_incidents(conn, [joined])
        commit.add_alerts(conn, alerts, now)

    def incident(self) -> Incident:
        (found,) = self.store.read_now(read.incidents)
        return found

    def change(self, **fields: Any) -> None:
        """Let a person's word stand in the one incident there is."""
        one = self.incident()
        grown = replace(one, version=one.version + 1, **fields)
        self.store.write_now(lambda conn: commit.keep_incidents(conn, [grown]))

    def pass_(self, **length: float) -> None:
        self.office.clock.pass_(timedelta(**length))

    # ------------------------------------------------------------------ what came of it

    def alerts(self, kind: str | None = None) -> list[Alert]:
        rows = self.store.read_now(read.alerts)
        return [one for one in reversed(rows) if kind in (None, one.kind)]

    def posted(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """Return the messages of a channel as they came, each with its text unescaped."""
        return [entry for entry in self.fake.log("message") if entry["channel"] == channel]

    def heads(self, channel: str = CHANNEL) -> list[str]:
        return [entry["text"].splitlines()[0] for entry in self.posted(channel)]

    def root(self) -> str:
        """Return the text of the first message as it reads now."""
        first = self.posted()[0]["ts"]
        return next(str(one["text"]) for one in self.fake.messages(CHANNEL) if one["ts"] == first)


REASONS = (Reason("default", {"level": "high"}),)


def fact(type: str, number: int | str = 1, customer: str = "c1", **fields: Any) -> Event:
    """Return an event of a customer; `number` tells two of one type apart."""
    key = f"{type}|{customer}|{number}"
    base: dict[str, Any] = {
        "id": "ev_" + incidents.digest16(key),
        "key": key,
        "type": type,
        "customer": customer,
        "source": "gb_gazette",
        "first_seen": None,
        "record_kind": "notice",
        "record_key": key,
        "origins": (GAZETTE,),
        "match": (Reason("identifier_agrees", {"scheme": "gb_company"}),),
    }
    return Event(**{**base, **fields})


@contextmanager
def room(home: Path, customers: int = 1, more: str = "", **waits: Any) -> Iterator[Room]:
    """Open a room with so many invented customers and a person who owns them."""
    people = "people: {li: {mail: li.wei@example.com}}"
    lines = watchlist(range(1, customers + 1), owner="li", exposure="{{open: 84000 EUR}}")
    with Fake(rate=0, tiers=False) as fake, Store.open(f"sqlite:///{home / 'counterwatch.db'}") as store:
        sources = (Source("register"), Source("gb_gazette", needs=("gb_company",)))
        office = Office(home / "etc", store, HandClock(running=True), sources, lines, f"{people}\n{more}")
        yield Room(office, fake, waits)
