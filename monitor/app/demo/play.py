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
from rich.text import Text

from monitor.app import door, show, speech, wiring
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
from monitor.edge.store import outbox, read, turns
from monitor.edge.store.codec import StoredEvent
from monitor.judge.words import Voice
from monitor.policy import Language
from monitor.watcher import discover

MORNING = 8.0  # o'clock, UTC
WIDEST = 100  # columns; longer lines are hard to read
PEOPLE = {"U0LIWEI01": ("li.wei@example.com", "@Li Wei"), "U0WANGF01": ("wang.fang@example.com", "@Wang Fang")}
LONGEST = 30.0  # seconds a day may take to settle before the demo goes on
COLOURS = {"CRITICAL": "red", "紧急": "red", "HIGH": "yellow", "重要": "yellow", "MEDIUM": "cyan", "关注": "cyan"}


def _slack() -> Any:
    """Return the strict stand-in for Slack, with its own limits: one message a second a channel."""
    make: Any = FakeSlack
    return make(rate=1.0)


class ScriptClock:
    """A clock on which a night passes at once, awake, when the script says so; waiting stays real.

    Both hands move together: a wall clock that jumps alone is a machine that slept, and that is another story.
    """

    def __init__(self, today: datetime) -> None:
        self._base, self._since = today, time.monotonic()
        self._ahead = 0.0

    def turn_to(self, moment: datetime) -> None:
        self._ahead += (moment - self.now()).total_seconds()
        self._base, self._since = moment, time.monotonic()

    def now(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class Told:
    """What the channel heard: (type, customer) -> how often."""

    heard: Counter[Planted] = field(default_factory=Counter)
    severities: dict[Planted, str] = field(default_factory=dict)
    days: dict[Planted, int] = field(default_factory=dict)


def play(language: Language, seconds: float) -> int:
    """Play the fortnight, print each alert as a person sees it, and count. Returns 0 if nothing was missed or false."""
    observe.configure(level="error")
    today = at(datetime.now(UTC), 0)
    screen = _Screen(language, today)
    world = script.opening(today)
    screen.line("intro", seconds=round(script.DAYS * seconds))
    with (
        tempfile.TemporaryDirectory(prefix="counterwatch-demo-") as folder,
        _slack() as slack,
        Servers(world) as servers,
    ):
        for member, (mail, _) in PEOPLE.items():
            slack.ctl("user", email=mail, id=member)
        home = Path(folder)
        (home / configs.WATCHLIST).write_text(script.watchlist(today), encoding="utf-8")
        settings = script.settings(language, servers.ports)
        (home / configs.SETTINGS).write_text(settings, encoding="utf-8")
        told = in_loop(_fortnight(home, world, slack, today, seconds, screen))
    return _count(told, screen)


async def _fortnight(home: Path, world: World, slack: Any, today: datetime, seconds: float, screen: _Screen) -> Told:
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
            screen.headline(day, world.today)
            before = shown
            await _settled(desk, clock.now(), first=day.number == 1)
            shown = await _show(desk, slack, shown, told, day, screen)
            await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))
            shown = await _show(desk, slack, shown, told, day, screen)
            if shown == before:
                screen.line("nothing")
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
    waiting = outbox.queues(conn)
    reported = not first or all(c.reported_at for c in read.customers(conn))
    return looked and not waiting and reported


# --------------------------------------------------------------------------- what a person sees


class _Screen:
    """Where the story is told: headlines, messages and the count, in the reader's language."""

    def __init__(self, language: Language, today: datetime) -> None:
        self.console = Console()
        self.told: Voice = speech.voice(language, "Asia/Shanghai", today)
        self.width = min(self.console.width, WIDEST)

    def line(self, key: str, **facts: Any) -> None:
        self._print(self.told.say(f"cli.demo.{key}", **facts), "dim")

    def headline(self, day: Day, now: datetime) -> None:
        story = day.story_zh if self.told.language == "zh" else day.story
        self.console.print()
        self._print(self.told.say("cli.demo.day", day=day.number, date=self.told.day(now), story=story), "bold")

    def message(self, channel: str, text: str, *, thread: bool) -> None:
        for member, (_, name) in PEOPLE.items():
            text = text.replace(f"<@{member}>", name)
        colour = next((c for word, c in COLOURS.items() if word in text[:20]), "white")
        title = self.told.say("cli.demo.thread", channel=channel) if thread else channel
        body = Text("\n".join(show.folded(show.clean(text), self.width - 4)))
        self.console.print(
            Panel(body, title=title, title_align="left", border_style=colour, width=self.width), highlight=False
        )

    def _print(self, text: str, style: str) -> None:
        self.console.print(Text("\n".join(show.folded(text, self.width)), style=style))


async def _show(desk: Desk, slack: Any, shown: int, told: Told, day: Day, screen: _Screen) -> int:
    """Print the messages that came, and remember of what they speak."""
    entries = slack.log("message")
    for entry in entries[shown:]:
        where = next((f"#{c['name']}" for c in slack.server.channels.values() if c["id"] == entry["channel"]), "")
        screen.message(where, html.unescape(entry["text"]), thread=bool(entry.get("thread_ts")))
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
    """Return the events a message speaks of: its own, or those of a digest's members; a report speaks of none.

    A reminder tells again what was told: it is neither found nor false.
    """
    alert = read.alert_of(conn, alert_id)
    if alert is None or alert.kind == "reminder":
        return ()
    members = [str(one) for one in alert.facts.get("members", ())] or [alert_id]
    rows = [read.alert_of(conn, one) for one in members]
    found = [read.event_of(conn, row.event) for row in rows if row is not None and row.event]
    return [stored for stored in found if stored is not None]


# --------------------------------------------------------------------------- the count


def _count(told: Told, screen: _Screen) -> int:
    planted = Counter(one for day in script.FORTNIGHT for one in day.planted)
    days = {one: day.number for day in reversed(script.FORTNIGHT) for one in day.planted}
    found = sum(min(count, told.heard[one]) for one, count in planted.items())
    total = sum(planted.values())
    false = sum(max(0, count - planted[one]) for one, count in told.heard.items())
    voice = screen.told
    screen.console.print()
    show.lines([voice.say("cli.demo.table"), ""])
    show.table(
        [
            show.Column(voice.say(f"cli.col.{name}"))
            for name in ("day", "customer", "what", "severity", "planted", "told")
        ],
        (
            (
                days.get(one, "-"),
                one.customer or voice.say("cli.demo.the_source"),
                speech.event_label(voice, one.type),
                voice.say(f"cli.level.{told.severities[one]}") if one in told.severities else "-",
                planted[one],
                told.heard[one],
            )
            for one in sorted(planted | told.heard, key=lambda p: (days.get(p, 99), p.type))
        ),
        empty="",
    )
    # The same in every language, for people and scripts that look for it.
    show.lines(["", f"planted {total} · found {found} · missed {total - found} · false {false}"])
    return 0 if found == total and not false else 1
