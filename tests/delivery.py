"""What delivery tests share: alerts in a store, their words, and a deliverer with shortened waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.app.deliver import Deliverer, Door, Waits
from monitor.app.demo.fake_slack import FakeSlack
from monitor.clock import Clock, SystemClock
from monitor.edge.settings import Secret
from monitor.edge.slack import Slack
from monitor.edge.store import Store, commit, outbox, read
from monitor.edge.store.background import Background
from monitor.edge.store.codec import StoredEvent
from monitor.model import Alert, Event, Incident, Message, Severity, Verdict

ALERTS, OPS = "#customer-watch", "#counterwatch-ops"

SHORT = Waits(
    settle=0.12, pace=0.0, edit=0.05, backoff=0.05, backoff_cap=0.2, retry_cap=0.3, look_again=0.1, sender_probe=0.4,
    route_probe=0.4, idle=0.2,
)  # fmt: skip


class Fake(FakeSlack):  # type: ignore[misc]
    """The fake in a thread, tidied up after itself: nothing of its loop is left to the garbage collector."""

    def _run(self) -> None:
        super()._run()
        self.loop.run_until_complete(self._tidy())
        self.loop.close()

    async def _tidy(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0.01)  # closed connections say so once more


def alert(number: int | str, channel: str = ALERTS, severity: Severity = Severity.HIGH, **fields: Any) -> Alert:
    now = datetime.now(UTC)
    given = {"created_at": now, "not_before": now, "kind": "root"} | fields
    return Alert(id=f"al_{number}", key=f"key {number} {channel}", channel=channel, severity=severity, **given)


def incident(id: str, version: int = 1, **fields: Any) -> Incident:
    now = datetime.now(UTC)
    return Incident(id, "acme", "insolvency", Severity.HIGH, "open", now, now, version=version, **fields)


def event(id: str, title: str) -> Event:
    return Event(id, f"key {id}", "ins.petition_filed", "acme", "gb_gazette", datetime.now(UTC), title=title)


def words(one: Alert, stored: StoredEvent | None, about: Incident | None, more: Background) -> Message:
    """Speak of the alert's id, its event and its incident's version."""
    lines = [f"{one.severity.value.upper()} · {one.id}"]
    if stored is not None:
        lines.append(stored.event.title)
    if about is not None:
        lines.append(f"version {about.version}")
    lines += one.facts.get("lines", ())
    if one.mention:
        lines.append(f"for {one.mention}")
    text = "\n".join(lines)
    shown = {"type": "section", "text": {"type": "plain_text", "text": text[:3000], "emoji": False}}
    return Message(text[:3000].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"), (shown,))


def put(store: Store, *alerts: Alert, events: Sequence[Event] = (), incidents: Sequence[Incident] = ()) -> None:
    def job(conn: Any) -> None:
        commit.add_events(conn, [commit.Judged(one, Verdict(Severity.HIGH)) for one in events])
        commit.keep_incidents(conn, incidents)
        commit.add_alerts(conn, alerts, datetime.now(UTC))

    store.write_now(job)


def row(store: Store, number: int | str) -> Alert:
    return next(one for one in store.read_now(read.alerts) if one.id == f"al_{number}")


def states(store: Store) -> dict[str, int]:
    """Count alerts by state; a claimed one counts as `claimed`."""
    found: dict[str, int] = {}
    for one in store.read_now(read.alerts):
        name = "claimed" if one.state == "pending" and one.claimed_at else one.state
        found[name] = found.get(name, 0) + 1
    return found


def claimed_long_ago(store: Store, number: int | str, seconds: float = 60) -> None:
    """Leave a claim as a process that died would."""
    then = datetime.now(UTC) - timedelta(seconds=seconds)
    assert store.write_now(lambda conn: outbox.claim(conn, f"al_{number}", then)) is not None


def in_slack(fake: Any, channel: str | None = None) -> list[str]:
    """Return the alert ids of the accepted messages, in order; twice if one came twice."""
    found = [entry for entry in fake.log("message") if channel in (None, entry["channel"])]
    return [entry["metadata"]["event_payload"]["alert_id"] for entry in found]


def slack(fake: Any, *, deadline: float = 2.0) -> Slack:
    return Slack(Secret(fake.bot_token), base_url=fake.base_url, deadline=deadline)


@dataclass
class Desk:
    """A deliverer and the notices it gave."""

    deliverer: Deliverer
    door: Door
    notices: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def said(self, code: str) -> list[Mapping[str, Any]]:
        return [facts for name, facts in self.notices if name == code]


def desk(store: Store, door: Door, waits: Waits = SHORT, *, clock: Clock | None = None, **changes: Any) -> Desk:
    notices: list[tuple[str, Mapping[str, Any]]] = []

    async def notice(code: str, facts: Mapping[str, Any]) -> None:
        notices.append((code, facts))

    waits = replace(waits, **{name: changes.pop(name) for name in list(changes) if name in Waits.__slots__})
    render = changes.pop("render", words)
    deliverer = Deliverer(store, door, render, clock or SystemClock(), notice=notice, waits=waits, **changes)
    return Desk(deliverer, door, notices)


@asynccontextmanager
async def running(one: Desk) -> AsyncIterator[Desk]:
    """Run a deliverer, end it as a stop would."""
    task = asyncio.create_task(one.deliverer.run())
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await one.door.close()
