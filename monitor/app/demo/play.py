"""`counterwatch demo`: the scripted fortnight, with the real daemon, real HTTP and the real Slack client."""

from __future__ import annotations

import asyncio
import contextlib
import html
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from monitor.app import door, wiring
from monitor.app.daemon import Daemon
from monitor.app.demo import script
from monitor.app.demo.fake_slack import FakeSlack
from monitor.app.demo.script import Day, Planted
from monitor.app.demo.world import Servers, World, at
from monitor.app.desk import Desk
from monitor.app.running import in_loop
from monitor.edge import config as configs
from monitor.edge import observe
from monitor.edge.settings import Keyring, Places, Secret, SlackAccess
from monitor.edge.store import read, turns
from monitor.edge.store.codec import StoredEvent
from monitor.watcher import discover

MORNING = 8.0  # o'clock, UTC
LONGEST = 30.0  # seconds a day may take to settle before the demo goes on
COLOURS = {"CRITICAL": "red", "紧急": "red", "HIGH": "yellow", "重要": "yellow", "MEDIUM": "cyan", "关注": "cyan"}


def _slack() -> Any:
    """Return the strict stand-in for Slack, with its own limits: one message a second a channel."""
    make: Any = FakeSlack
    return make(rate=1.0)


class ScriptClock:
    """Wall time that jumps to the next morning when the script says so; waiting and measuring stay real."""

    def __init__(self, today: datetime) -> None:
        self._base, self._since = today, time.monotonic()

    def turn_to(self, moment: datetime) -> None:
        self._base, self._since = moment, time.monotonic()

    def now(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class Told:
    """What the channel heard: (type, customer) -> how often."""

    heard: Counter[Planted] = field(default_factory=Counter)
    severities: dict[Planted, str] = field(default_factory=dict)
    days: dict[Planted, int] = field(default_factory=dict)


def play(language: str, seconds: float) -> int:
    """Play the fortnight, print each alert as a person sees it, and count. Returns 0 if nothing was missed or false."""
    observe.configure(level="error")
    console = Console()
    today = at(datetime.now(UTC), 0)
    world = script.opening(today)
    with tempfile.TemporaryDirectory() as folder, _slack() as slack, Servers(world) as servers:
        home = Path(folder)
        (home / configs.WATCHLIST).write_text(script.WATCHLIST, encoding="utf-8")
        settings = script.SETTINGS.format(language=language, **servers.ports)
        (home / configs.SETTINGS).write_text(settings, encoding="utf-8")
        told = in_loop(_fortnight(home, world, slack, today, language, seconds, console))
    return _count(told, console, language)


async def _fortnight(
    home: Path, world: World, slack: Any, today: datetime, language: str, seconds: float, console: Console
) -> Told:
    clock = ScriptClock(_morning(today, 1))
    keyring = Keyring(slack=SlackAccess(bot_token=Secret(slack.bot_token), api_url=slack.base_url))
    config = configs.load(home, sources=discover())
    places = Places(home, home / "state")
    desk = wiring.desk(places, keyring, config=config, clock=clock)
    out = door.open_door(config, keyring, places, clock)
    daemon = Daemon(desk, door.deliverer(desk, out), out)
    told = Told()
    shown = 0
    world.today = clock.now()
    running = asyncio.create_task(daemon.run())
    try:
        for day in script.FORTNIGHT:
            began = time.monotonic()
            clock.turn_to(_morning(today, day.number))
            world.today = clock.now()
            if day.happens:
                day.happens(world, at(world.today, 0))
            _headline(console, day, world.today, language)
            await _settled(desk, clock.now(), first=day.number == 1)
            shown = await _show(desk, slack, shown, told, day, console)
            await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))
            shown = await _show(desk, slack, shown, told, day, console)
    finally:
        daemon.stop()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    return told


def _morning(today: datetime, number: int) -> datetime:
    return at(today, MORNING) - timedelta(days=script.DAYS - number + 1)


async def _settled(desk: Desk, dawn: datetime, *, first: bool) -> None:
    """Wait until every watch was looked at today and everything ready was sent."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        await asyncio.sleep(0.15)
        if await desk.store.read(lambda conn: _quiet(conn, desk, dawn, first=first)):
            return


def _quiet(conn: Any, desk: Desk, dawn: datetime, *, first: bool) -> bool:
    looked = all(w.last_look_at is not None and w.last_look_at >= dawn for w in turns.listing(conn))
    waiting = read.alerts(conn, state="pending", limit=1)
    reported = not first or all(c.reported_at for c in read.customers(conn))
    return looked and not waiting and reported


# --------------------------------------------------------------------------- what a person sees


def _headline(console: Console, day: Day, now: datetime, language: str) -> None:
    story = day.story_zh if language == "zh" else day.story
    console.rule(Text(f"{now:%d %b} · {story}"), style="dim")


async def _show(desk: Desk, slack: Any, shown: int, told: Told, day: Day, console: Console) -> int:
    """Print the messages that came, and remember of what they speak."""
    entries = slack.log("message")
    for entry in entries[shown:]:
        text = html.unescape(entry["text"])
        where = next((f"#{c['name']}" for c in slack.server.channels.values() if c["id"] == entry["channel"]), "")
        colour = next((c for word, c in COLOURS.items() if word in text[:20]), "white")
        title = where + (" (in the thread)" if entry.get("thread_ts") else "")
        console.print(Panel(Text(text), title=title, title_align="left", border_style=colour))
        await _remember(desk, entry, told, day)
    return len(entries)


async def _remember(desk: Desk, entry: dict[str, Any], told: Told, day: Day) -> None:
    payload = (entry.get("metadata") or {}).get("event_payload", {})
    for stored in await desk.store.read(lambda conn: _spoken(conn, str(payload.get("alert_id", "")))):
        planted = Planted(stored.event.type, stored.event.customer)
        told.heard[planted] += 1
        told.severities[planted] = stored.severity.value
        told.days.setdefault(planted, day.number)


def _spoken(conn: Any, alert_id: str) -> Sequence[StoredEvent]:
    """Return the events a message speaks of: its own, or those of a digest's members; a report speaks of none."""
    alert = read.alert_of(conn, alert_id)
    if alert is None:
        return ()
    members = [str(one) for one in alert.facts.get("members", ())] or [alert_id]
    rows = [read.alert_of(conn, one) for one in members]
    found = [read.event_of(conn, row.event) for row in rows if row is not None and row.event]
    return [stored for stored in found if stored is not None]


# --------------------------------------------------------------------------- the count


def _count(told: Told, console: Console, language: str) -> int:
    planted = Counter(one for day in script.FORTNIGHT for one in day.planted)
    days = {one: day.number for day in script.FORTNIGHT for one in day.planted}
    found = sum(min(count, told.heard[one]) for one, count in planted.items())
    total = sum(planted.values())
    false = sum(max(0, count - planted[one]) for one, count in told.heard.items())
    grid = Table(title="比对" if language == "zh" else "What was planted, and what was told")
    for column in ("day", "customer", "event", "planted", "told", "severity"):
        grid.add_column(column)
    for one in sorted(planted | told.heard, key=lambda p: (days.get(p, 99), p.type)):
        grid.add_row(
            str(days.get(one, "-")),
            one.customer or "(source)",
            one.type,
            str(planted[one]),
            str(told.heard[one]),
            told.severities.get(one, "-"),
        )
    console.print(grid)
    console.print(f"planted {total} · found {found} · missed {total - found} · false {false}", highlight=False)
    return 0 if found == total and not false else 1
