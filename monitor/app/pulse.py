"""How the daemon is: which of its parts have moved, in one sentence and in a few figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from monitor.edge.store import StoreError
from monitor.edge.store.figures import Figures, figures
from monitor.judge.words import Voice

if TYPE_CHECKING:
    from monitor.app.daemon import Daemon

Part = Literal["database", "scheduler", "engine", "sender"]
PARTS: tuple[Part, ...] = ("database", "scheduler", "engine", "sender")  # what holds up the others stands first
WAITING = 1.0  # seconds without a commit, with work queued, after which whoever claims is waiting for the database
PATIENCE = 60.0  # seconds a part may stand still before we are called ill


class Pulse:
    """Whether a daemon makes progress, felt every few seconds.

    Having nothing to do is progress too: each `feel` asks every part to turn once, and the next one sees whether it did.
    """

    def __init__(self) -> None:
        self.leaving = False
        self.figures: Figures | None = None  # as last read
        self._counts: dict[Part, float] = {}
        self._moved: dict[Part, float] = {}  # when each part was last seen to move, or first looked at; monotonic
        self._owing: set[Part] = set(PARTS)
        self._written, self._wrote = (
            0.0,
            float("inf"),
        )  # seconds of commits, and when they last grew or need not; monotonic

    @property
    def ready(self) -> bool:
        return bool(self._counts)

    def feel(self, daemon: Daemon) -> None:
        """See what has moved since the last time, and ask every part to move until the next."""
        now, store = daemon.desk.clock.monotonic(), daemon.desk.store
        counts: dict[Part, float] = {
            "scheduler": daemon.ticks,
            "engine": daemon.engine.rounds,
            "sender": daemon.deliverer.beat,
            "database": store.pulse,
        }
        if not self._counts:
            self._counts, self._moved = counts, dict.fromkeys(PARTS, now)
        moved = {part for part in PARTS if counts[part] != self._counts[part]}
        if store.idle() or store.commit_seconds != self._written:
            self._written, self._wrote = store.commit_seconds, now
        if "database" in moved and daemon.engine.claiming and now - self._wrote > WAITING:
            moved.add("engine")  # it waits for the database: somebody else holds the lock, the disk is full, it is away
        self._counts = counts
        self._moved |= dict.fromkeys(moved, now)
        self._owing -= moved
        if now - self._moved["scheduler"] <= 2 * daemon.desk.config.settings.waits.tick:
            self._owing.discard("scheduler")  # its next tick may not be due yet
        daemon.engine.wake()
        daemon.deliverer.wake()
        store.ping()

    def fed(self) -> bool:
        """Return whether every part has moved since this was last true: what the watchdog wants to know."""
        if self._owing:
            return False
        self._owing = set(PARTS)
        return True

    def stuck(self, daemon: Daemon) -> dict[Part, float]:
        """Return the parts that have stood still for too long, with the seconds; what holds up the others first."""
        now = daemon.desk.clock.monotonic()
        still = {part: now - moved for part, moved in self._moved.items()}
        return {part: seconds for part, seconds in still.items() if seconds > self._patience(part, daemon)}

    def _patience(self, part: Part, daemon: Daemon) -> float:
        tick = daemon.desk.config.settings.waits.tick if part == "scheduler" else 0.0
        return max(PATIENCE, 2 * tick)

    async def read(self, daemon: Daemon) -> None:
        """Read the figures anew; while the store cannot be read there are none."""
        now = daemon.desk.clock.now()
        try:
            self.figures = await daemon.desk.store.read(lambda conn: figures(conn, now))
        except StoreError:
            self.figures = None

    # ------------------------------------------------------------------ in words

    def ill(self, daemon: Daemon, told: Voice) -> str | None:
        """Return why the daemon does not do its work, as one plain sentence; None if it does."""
        if self.leaving:
            return told.say("status.leaving")
        if not self.ready:
            return told.say("status.starting")
        if (trouble := daemon.desk.store.trouble) is not None:
            return told.say("status.store", reason=told.phrase(trouble))
        for part, seconds in self.stuck(daemon).items():
            return told.say("status.stuck", part=told.say(f"status.part.{part}"), seconds=round(seconds))
        return None

    def line(self, daemon: Daemon, told: Voice) -> str:
        """Return one line of truth: what is wrong, if anything is, and how much is watched and waits."""
        desk = daemon.desk
        facts: dict[str, object] = {"customers": len(desk.customers), "watches": desk.assignments.size}
        if self.figures is not None:
            facts |= {"due": self.figures.due, "troubled": self.figures.troubled, "waiting": self.figures.waiting}
        if daemon.engine.looked_at is not None:
            facts["looked"] = told.moment(daemon.engine.looked_at)
        if (ill := self.ill(daemon, told)) is not None:
            facts["ill"] = ill
        if (code := daemon.deliverer.sender_trouble) is not None:
            facts["code"] = code
        return told.say("status.line", **facts)
