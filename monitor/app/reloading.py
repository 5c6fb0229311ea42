"""The configuration while the daemon runs: an edit is read once it lies still, whole, and only then comes into force.

    something stirs -> wait until it lies still -> read both files -> check -> plan -> settle -> go on with it

Any mistake keeps what is in force. Looks under way end with the configuration they began with.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection

from monitor.app import admission, changed, door, removals, screening, wiring
from monitor.app.admission import Opened, Rejected
from monitor.app.desk import Desk
from monitor.app.engine import settle_heap
from monitor.edge import config as configs
from monitor.edge import kept, observe
from monitor.edge.config import SETTINGS, WATCHLIST, Config, ConfigMistakes, Files
from monitor.edge.settings import CredentialUnreadable, Keyring, Places
from monitor.edge.store import StoreError, commit, turns
from monitor.edge.store.commit import Listing, Plan
from monitor.edge.store.turns import Ensured
from monitor.edge.yamldoc import Mistake

if TYPE_CHECKING:
    from monitor.app.daemon import Daemon

log = structlog.get_logger()

POLL = 5.0  # seconds between two looks at the files themselves: not every change is announced (NFS, folders swapped)
STEP = 0.2  # seconds between two looks while they are waited for to lie still
AGAIN = 5.0  # seconds until the store is asked again

Signature = tuple[tuple[int, ...], ...]


class Reloader:
    """The companion that takes up edits: hand `run` to the daemon as one of those beside it.

    `begun` is what the daemon was started with.
    """

    def __init__(self, places: Places, begun: Opened) -> None:
        self._places = places
        self._files: Files | None = begun.files  # in force, and to be kept as the last good ones
        self._refused = begun.refused  # why the files on disk are not in force
        self._seen = begun.refused.state if begun.refused else begun.files.digest  # the state last judged
        self._still: Signature | None = None  # how the files lay on disk then
        self._told = False  # by a signal to read again
        self._bell = asyncio.Event()
        self._held: str | None = None  # the list that waits for a person's word
        self._late: asyncio.Task[None] | None = None
        self._since: datetime | None = None  # of the items that the late search goes through
        self._terminal = sys.stderr.isatty()

    def obey_signal(self, daemon: Daemon) -> None:
        """Let SIGHUP read the configuration again. Call it in the loop, as soon as there is one."""
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._hung_up, daemon)

    def _hung_up(self, daemon: Daemon) -> None:
        if self._terminal and not sys.stderr.isatty():  # the terminal it ran in has been closed
            daemon.stop()
            return
        self._told = True
        self._bell.set()

    async def run(self, daemon: Daemon) -> None:
        """Take up edits until cancelled."""
        watching = _Watching(self._places.config, self._bell)
        try:
            await self._begin(daemon)
            while True:
                watching.renew()
                self._bell.clear()
                if not await self._stirs(daemon):
                    await self._rest(daemon)
                    continue
                told, self._told = self._told, False
                with _announced(daemon):
                    await self._take_up(daemon, told=told)
        finally:
            watching.end()
            if self._late is not None:
                self._late.cancel()

    async def _begin(self, daemon: Daemon) -> None:
        """Keep what the daemon began with, and say what was wrong with the files it did not take."""
        desk = daemon.desk
        if self._files is not None:
            await asyncio.to_thread(admission.keep, self._places, self._files)
            self._files = None
        refused, self._refused = self._refused, None

        def begin(conn: Connection) -> str | None:
            if removals.word(conn, desk.config.list_digest) is not None:
                removals.withdraw(conn, desk.clock.now())  # what waited is in force
            if refused is None:
                admission.accept(conn)
            return removals.waiting(conn)

        self._held = await desk.store.write(begin)
        if refused is not None:
            await self._reject(daemon, refused)
        elif self._held is not None:
            self._seen = ""  # is it still that list which lies there?

    # ------------------------------------------------------------------ waiting

    async def _stirs(self, daemon: Daemon) -> bool:
        """Whether there may be something to take up: files that lie otherwise, a signal, a person's word."""
        if self._told or signature(self._places.config) != self._still:
            return True
        if self._held is None:
            return False
        held = self._held
        word = await daemon.desk.store.read(lambda conn: removals.word(conn, held))
        if word == "waiting":
            return False
        log.info("removals.decided", word=word or "withdrawn")
        self._held = None
        self._seen = "" if word == "released" else self._seen
        return word == "released"

    async def _rest(self, daemon: Daemon) -> None:
        """Wait until woken; a held list is asked about at every tick."""
        seconds = min(POLL, daemon.desk.config.settings.waits.tick) if self._held else POLL
        bell = asyncio.ensure_future(self._bell.wait())
        timer = asyncio.ensure_future(daemon.desk.clock.sleep(seconds))
        try:
            await asyncio.wait((bell, timer), return_when=asyncio.FIRST_COMPLETED)
        finally:
            bell.cancel()
            timer.cancel()

    async def _lie_still(self, daemon: Daemon) -> Signature:
        """Wait until nobody has written for a while; return how the files lie then."""
        clock, pause = daemon.desk.clock, daemon.desk.config.settings.waits.reload
        last, since = signature(self._places.config), clock.monotonic()
        while (left := since + pause - clock.monotonic()) > 0:
            await clock.sleep(min(left, STEP))
            now = signature(self._places.config)
            if now != last:
                last, since = now, clock.monotonic()
        return last

    # ------------------------------------------------------------------ taking up

    async def _take_up(self, daemon: Daemon, *, told: bool) -> None:
        """Read what lies there, and let it come into force if it may."""
        if told and signature(self._places.config) == self._still:
            lay = self._still
        else:
            lay = await self._lie_still(daemon)
        try:
            files = await asyncio.to_thread(configs.files, self._places.config)
        except ConfigMistakes as wrong:
            await self._judged(daemon, lay, Rejected.of(wrong))
            return
        if signature(self._places.config) != lay:  # written while it was read: once more
            return
        keyring = self._keyring(daemon.desk) if told else daemon.desk.keyring
        if files.digest == self._seen and keyring == daemon.desk.keyring:
            self._still = lay
            if told:
                log.info("config.unchanged")
            return
        await self._judged(daemon, lay, await self._judge(daemon, files, keyring))
        self._seen = files.digest

    async def _judged(self, daemon: Daemon, lay: Signature, wrong: Rejected | None) -> None:
        self._still = lay
        if wrong is not None and wrong.state != self._seen:
            await self._reject(daemon, wrong)

    async def _judge(self, daemon: Daemon, files: Files, keyring: Keyring) -> Rejected | None:
        """Check the files, and take them or hold them. Return why they cannot be used."""
        desk = daemon.desk
        try:
            config = await asyncio.to_thread(self._read, files, desk)
            rows = await asyncio.to_thread(admission.listed, config)
            meant = await desk.store.read(lambda conn: commit.plan(conn, rows))
            if meant.taken:
                raise ConfigMistakes(admission.taken(meant, config))
            holding = meant.drops_most and await self._hold(daemon, config, meant)
            if holding:
                old = await asyncio.to_thread(self._with_old_list, files, desk)
                if old is None or (old.config.digest == desk.config.digest and keyring == desk.keyring):
                    return None
                files, config = old.files, old.config
                rows = await asyncio.to_thread(admission.listed, config)
            await self._change(daemon, config, rows, files, keyring, holding=holding)
        except ConfigMistakes as wrong:
            return Rejected.of(wrong, files)
        except StoreError:
            raise
        except Exception as error:  # of our own making, or of a watcher's: what is in force stays
            log.exception("config.failed", error=type(error).__name__)
            sentence = f"the new configuration could not be taken up ({type(error).__name__})"
            return Rejected(files.digest, (Mistake(WATCHLIST, 0, 0, sentence, "the log has the cause"),))
        return None

    def _read(self, files: Files, desk: Desk) -> Config:
        return configs.read(files, sources=desk.watchers, keep=wiring.kept(self._places))

    def _with_old_list(self, files: Files, desk: Desk) -> Opened | None:
        """Return the new settings with the list in force, if the two go together."""
        folder = kept.good(self._places.state)
        if folder is None:
            return None
        old = configs.files(folder)
        if old.list_digest != desk.config.list_digest:
            return None
        return admission.with_list(files, old, desk.watchers, wiring.kept(self._places))

    async def _hold(self, daemon: Daemon, config: Config, meant: Plan) -> bool:
        """Whether a list that drops most customers waits for a person; it is said once."""
        desk, digest = daemon.desk, config.list_digest

        def asked(conn: Connection) -> str:
            word = removals.word(conn, digest)
            if word is None:
                admission.hold(conn, desk, meant, digest)
            return word or "waiting"

        word = await desk.store.write(asked)
        if word == "released":
            return False
        daemon.deliverer.wake()
        log.warning("removals.held", removed=len(meant.removed), before=meant.before, word=word)
        self._held = digest if word == "waiting" else None
        return True

    async def _reject(self, daemon: Daemon, wrong: Rejected) -> None:
        """Keep what is in force, and say why."""
        desk = daemon.desk
        for one in wrong.mistakes:
            if one.severity == "error":
                log.error("config.rejected", place=f"{one.file}:{one.line}", message=one.message, hint=one.hint)
        self._seen = wrong.state
        if await desk.store.write(lambda conn: admission.reject(conn, desk, wrong)):
            daemon.deliverer.wake()

    # ------------------------------------------------------------------ coming into force

    async def _change(
        self,
        daemon: Daemon,
        config: Config,
        rows: Collection[Listing],
        files: Files,
        keyring: Keyring,
        *,
        holding: bool,
    ) -> None:
        """Settle the plan and go on with the new configuration, both at one moment for the engine."""
        old = daemon.desk
        config, later = admission.until_start(config, old.config.settings)
        if config.digest == old.config.digest and keyring == old.keyring:
            await self._sound(daemon)
            return
        new = await asyncio.to_thread(wiring.renewed, old, config, keyring)
        out = door.open_door(config, keyring, self._places, old.clock) if keyring.slack != old.keyring.slack else None
        async with daemon.engine.still():
            busy = daemon.engine.running > 0
            change = _Change(old, new, tuple(rows), later, busy=busy, holding=holding)
            meant, done = await old.store.write(change.settle)
            new.client.use(wiring.sources_of(config, new.watchers, keyring))
            await daemon.use(new, out)
        if not holding:
            self._held = None
        if busy:
            self._search_later(daemon, change.began)
        log.info("config.in_force", later=list(later), **_counts(meant, done))
        daemon.engine.wake()
        await asyncio.to_thread(admission.keep, self._places, files)
        await asyncio.to_thread(settle_heap)

    async def _sound(self, daemon: Daemon) -> None:
        """The files are what is in force again: say so if anything else was said."""
        desk = daemon.desk

        def forget(conn: Connection) -> bool:
            held = removals.withdraw(conn, desk.clock.now())
            if mended := admission.accept(conn):
                changed.sound(conn, desk, desk.clock.now())
            return held or mended

        self._held = None
        if await desk.store.write(forget):
            log.info("config.sound")
            daemon.deliverer.wake()

    def _search_later(self, daemon: Daemon, began: datetime) -> None:
        """Look new customers up once more when the looks have ended that knew nothing of them."""
        if self._late is not None and not self._late.done():
            self._late.cancel()
            began = min(began, self._since or began)
        self._since = began
        self._late = asyncio.create_task(self._search(daemon, began))

    async def _search(self, daemon: Daemon, since: datetime) -> None:
        await daemon.engine.ended()

        def owed(conn: Connection) -> int:
            return screening.owed(conn, daemon.desk, daemon.desk.clock.now(), since=since)

        while True:
            try:
                await daemon.desk.store.flush()
                if await daemon.desk.store.write(owed):
                    daemon.deliverer.wake()
                return
            except StoreError as error:
                log.warning("screening.postponed", reason=str(error))
                await daemon.desk.clock.sleep(AGAIN)

    def _keyring(self, desk: Desk) -> Keyring:
        """Read the credentials of systemd again; those of the environment stay as they were at the start."""
        old = desk.keyring
        if self._places.credentials is None:
            return old
        try:
            fresh = old.over(Keyring.read(desk.watchers.values(), {}, self._places.credentials))
        except CredentialUnreadable as error:
            log.error("credentials.unreadable", reason=str(error))
            return old
        observe.mask(fresh.values())
        return fresh


@dataclass(slots=True)
class _Change:
    """One edit on its way into the store.

    `busy`: looks are under way at the old desk. `holding`: only the settings are new, the list waits for a person.
    """

    old: Desk
    new: Desk
    rows: tuple[Listing, ...]
    later: tuple[str, ...]
    busy: bool
    holding: bool

    @property
    def began(self) -> datetime:
        """Before this moment no look under way can have begun."""
        longest = max((one.max_seconds for one in self.new.watchers.values()), default=0.0)
        return self.new.clock.now() - timedelta(seconds=max(longest, self.new.config.settings.waits.lease))

    def settle(self, conn: Connection) -> tuple[Plan, Ensured]:
        """Make the store be as the new configuration wants it, in one transaction, and say what that meant."""
        new, now = self.new, self.new.clock.now()
        meant, done = wiring.settle(conn, new, self.rows, now, window=new.config.settings.waits.spread)
        if self.busy and (meant.removed or meant.renamed):
            # A stream's look under way would speak of who is watched no more.
            turns.recall(conn, [name for name, one in new.watchers.items() if one.scope == "stream"])
        screening.owed(conn, new, now, done=not self.busy)
        admission.accept(conn)
        if not self.holding:
            removals.withdraw(conn, now)
        changed.taken(conn, new, meant, done, admission.names(self.old, new), self.later, now)
        return meant, done


def _counts(meant: Plan, done: Ensured) -> dict[str, object]:
    return {
        "added": len(meant.added),
        "back": len(meant.back),
        "changed": len(meant.changed),
        "removed": len(meant.removed),
        "renamed": dict(meant.renamed),
        "watches_added": done.added,
        "watches_rested": done.rested,
        "watches_altered": done.altered,
    }


@contextmanager
def _announced(daemon: Daemon) -> Iterator[None]:
    """Tell whoever wants to know that the configuration is being read again."""
    for hook in daemon.reloading:
        hook(True)
    try:
        yield
    finally:
        for hook in daemon.reloading:
            hook(False)


# --------------------------------------------------------------------------- the files


def signature(folder: Path) -> Signature:
    """Return how both files lie on disk, through all links; () for one that is not there."""
    return tuple(_lies(folder / name) for name in (SETTINGS, WATCHLIST))


def _lies(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def folders(config: Path) -> frozenset[tuple[str, int, int]]:
    """Return the folders whose entries decide what both files are: each link's own, and those of the files."""
    found: set[Path] = {config}
    for name in (SETTINGS, WATCHLIST):
        path = config / name
        for _ in range(40):  # as many links as Linux follows
            found.add(path.parent)
            if not path.is_symlink():
                break
            path = path.parent / path.readlink()
        found.add((config / name).resolve().parent)
    return frozenset((str(one), lies[0], lies[1]) for one in found if (lies := _lies(one)))


class _Watching:
    """Rings when anything stirs in the folders of the files. Without it they are still looked at every few seconds."""

    def __init__(self, config: Path, bell: asyncio.Event) -> None:
        self._config, self._bell = config, bell
        self._at: frozenset[tuple[str, int, int]] = frozenset()
        self._task: asyncio.Task[None] | None = None

    def renew(self) -> None:
        """Watch the folders as they are now: a link may lead elsewhere, a folder may be another one."""
        if (now := folders(self._config)) != self._at:
            self.end()
            self._at = now
            paths = sorted(path for path, _, _ in now)
            self._task = asyncio.create_task(self._watch(paths))

    def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self, paths: list[str]) -> None:
        from watchfiles import awatch

        try:
            async for _ in awatch(*paths, watch_filter=None, debounce=50, step=20, recursive=False):
                self._bell.set()
        except (OSError, RuntimeError) as error:  # no inotify left, or a folder that went
            log.info("config.not_announced", reason=str(error), every=POLL)
