"""Judge the stored past anew, with other rules or another watchlist, in a store that is thrown away.

The changes of all records are fed, in the order they were seen, into the very judging a look goes through; `now` is the
moment of each change. Nothing of the real store is touched.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from monitor.app import comparing, deciding, judging, screening
from monitor.app.contrast import Contrast, Telling, contrast
from monitor.app.desk import Desk
from monitor.app.settle import speaking
from monitor.edge.store import Store, commit, decisions, history, holds, read, scratch
from monitor.edge.store.history import Step, Watched
from monitor.edge.store.holds import Hold, Kept
from monitor.judge import diff, guard
from monitor.model import Change, Decision, Held, Match, Record
from monitor.watcher import Findings, Watcher

Id = tuple[str, str]
Tick = Callable[[int], None]  # told how many rows of history were read

_SURE = 99  # looks that missed a record: its removal was believed, as the history shows
_OF_A_COMPANY = frozenset(("company", "officer", "owner", "relation", "registration"))


@dataclass(slots=True)
class Gaps:
    """What could not be judged again as it was: counts, and the names of sources that are gone."""

    changes: int = 0  # judged
    first_looks: int = 0
    baselines: int = 0  # looks after the source was read in a new way
    gone: set[str] = field(default_factory=set)  # sources this program no longer has
    discarded: int = 0  # changes a person took without a word
    purged: int = 0  # records whose time was up
    unread: set[str] = field(default_factory=set)  # customers without any history in a register


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to. `since` is no earlier than the first thing that was seen."""

    since: datetime
    until: datetime
    contrast: Contrast
    gaps: Gaps


_LEAST = timedelta(days=1)  # a rate from less than a day says nothing


def replay(
    store: Store,
    desk: Desk,
    since: datetime,
    until: datetime,
    tick: Tick = lambda rows: None,
    *,
    listed: Collection[str] | None = None,
) -> Replayed:
    """Judge a store's history at another desk and compare what it would have told since a moment.

    `listed`: whose alerts of then count (None: everybody's). The store is only read, in one transaction.
    """

    def work(real: Connection) -> Replayed:
        with scratch.opened() as tried:
            gaps = judge_again(real, tried, desk, until, tick)
            begun = max(since, history.begins(real) or since)
            days = max(until - begun, _LEAST) / timedelta(days=1)
            found = contrast(Telling(real, since, listed), Telling(tried, since), days)
            return Replayed(begun, until, found, gaps)

    return store.read_now(work)


def judge_again(
    real: Connection, tried: Connection, desk: Desk, until: datetime, tick: Tick = lambda rows: None
) -> Gaps:
    """Judge the whole history of a store at another desk; events, incidents and alerts go to `tried`.

    It begins with the first look, as what is open today decides what is told. `desk` needs no store of its own.
    """
    return _Pass(real, tried, desk).run(until, tick)


@dataclass(slots=True)
class _Waiting:
    """An item that names a customer who came later: it belongs to its baseline."""

    source: str
    subject: str
    at: datetime
    record: Record
    match: Match


class _Pass:
    def __init__(self, real: Connection, tried: Connection, desk: Desk) -> None:
        self.real, self.tried, self.desk = real, tried, desk
        self.gaps = Gaps(purged=history.erased(real))
        self.watches = history.watches(real)
        self.came = {who: at for who, at in history.since_when(real).items() if who in desk.customers}
        self._open: Counter[int] = Counter()  # records each watch holds
        self._known: set[int] = set()  # watches that were seen
        self._mirrored: set[int] = set()  # those that the throw-away store knows
        self._late: dict[str, dict[tuple[str, str, Id], _Waiting]] = {}
        self._due: list[tuple[datetime, int, int, Callable[[], object]]] = []  # what else happened, and when
        self._planned = 0
        self._kept: dict[tuple[int, datetime], list[Kept]] = {}
        self._released: dict[str, list[Hold]] = {}
        self._given_up: set[tuple[str, str, datetime]] = set()
        self._renewed: dict[str, list[datetime]] = {}
        self._renewed_watches: dict[tuple[int, datetime], datetime] = {}

    def run(self, until: datetime, tick: Tick) -> Gaps:
        self._prepare()
        for step in history.steps(self.real):
            self._until(step.at)
            self._take(step)
            self._hold(step)
            tick(len(step.put))
        self._until(until + timedelta.resolution)  # what happened just now belongs to it
        return self.gaps

    # ------------------------------------------------------------------ what else happened

    def _prepare(self) -> None:
        looked = {one.subject for one in self.watches.values()}
        self.gaps.unread = {who for asked in self.desk.assignments.asked.values() for who in asked} - looked
        for one in holds.kept_of(self.real):
            if one.state in ("held", "discarded"):
                self._kept.setdefault((one.watch, one.seen_at), []).append(one)
        for hold in holds.holds(self.real, state=None):
            if hold.kind == "breaker" and hold.state == "released":
                self._released.setdefault(hold.source, []).append(hold)
            elif hold.kind == "shrink" and hold.state == "discarded" and hold.decided_at is not None:
                self._given_up.add((hold.source, hold.subject, hold.decided_at))
        for event in read.events(self.real, type="sys.new_baseline"):
            self._renewed.setdefault(event.event.source, []).append(event.event.first_seen)
        for who, at in self.came.items():
            self._when(at, 0, partial(self._arrive, who, at))
        for decision in decisions.decisions(self.real):
            self._when(decision.at, 2, partial(self._decide, decision))
        for mute in decisions.mutes(self.real):
            begun = replace(mute, ended_at=None, ended_by="", ended_why="")
            self._when(mute.at, 2, partial(scratch.mute, self.tried, begun))
            if mute.ended_why == "lifted" and mute.ended_at is not None:
                lift = partial(decisions.end_mute, self.tried, mute.number, mute.ended_at, mute.ended_by, "lifted")
                self._when(mute.ended_at, 2, lift)

    def _decide(self, decision: Decision) -> None:
        """Let a person decide as they did, of what the replay has told by then."""
        if decision.customer not in self.desk.customers or decision.source not in self.desk.watchers:
            return
        about = (decision.source, decision.record_kind, decision.record_key)
        record = decisions.record_of(self.real, *about, decision.customer)
        anew = replace(decision, ended_at=None, ended_why="", number=None)
        scratch.sent(self.tried, decision.at)
        deciding.carry_out(self.tried, self.desk, anew, record, decision.at)

    def _when(self, at: datetime, rank: int, work: Callable[[], object]) -> None:
        """Plan something: of one moment, who came (0) is before the looks (1), and what people decided (2) after."""
        self._planned += 1
        heapq.heappush(self._due, (at, rank, self._planned, work))

    def _until(self, at: datetime) -> None:
        while self._due and self._due[0][:2] < (at, 1):
            heapq.heappop(self._due)[3]()

    def _arrive(self, who: str, at: datetime) -> None:
        """Look up a customer in what the streams told before it came, as screening did."""
        found: dict[tuple[str, str], list[_Waiting]] = {}
        for one in self._late.pop(who, {}).values():
            log = self.desk.watchers[one.source].mode == "log"
            if not log or one.at >= at - screening.MEMORY:
                found.setdefault((one.source, one.subject), []).append(one)
        for (source, _), waiting in found.items():
            matches = {one.record.id: (one.match,) for one in waiting}
            changes = [Change("added", None, one.record, first=True) for one in waiting]
            self._judge(changes, self.desk.watchers[source], matches, at, first=True)

    # ------------------------------------------------------------------ one look

    def _take(self, step: Step) -> None:
        watch = self.watches.get(step.watch)
        held = self._open[step.watch]
        known = step.watch in self._known
        self._open[step.watch] += len(step.put) - len(step.closed)
        self._known.add(step.watch)
        watcher = self.desk.watchers.get(watch.source) if watch else None
        if watch is None or watcher is None:
            self.gaps.gone |= {watch.source} if watch else set()
            return
        if not step.put and self._without_a_word(step, watch, held):
            return
        first = step.at == watch.baseline_at or (not known and self._before_baseline(step, watch))
        if not first and self._rebaseline(step, watch, held):
            self._new_baseline(step, watch, watcher)
            return
        self.gaps.first_looks += first
        returned = (
            watcher.mode == "state" and not first and not held and any(one.record.kind == "company" for one in step.put)
        )
        changes = self._changes(step, watcher, first=first or returned)
        told = [rest for change in changes for rest in self._not_held_back(change, step, watch)]
        self._hear(told, step, watch, watcher, first=first or returned, returned=returned)

    def _before_baseline(self, step: Step, watch: Watched) -> bool:
        return watch.baseline_at is None or step.at < watch.baseline_at

    def _without_a_word(self, step: Step, watch: Watched, held: int) -> bool:
        """Whether records were let go without being judged: the watch began anew, or a person said that it is no news."""
        anew = self._before_baseline(step, watch) and len(step.closed) == held
        return anew or (watch.source, watch.subject, step.at) in self._given_up

    def _rebaseline(self, step: Step, watch: Watched, held: int) -> bool:
        """Whether the look was read in a new way: it writes what has not changed once more, or all of it differently."""
        again = [one for one in step.put if (old := step.closed.get(one.record.id)) and old.digest == one.digest]
        if again:
            return True
        renewed = [at for at in self._renewed.get(watch.source, ()) if at <= step.at]
        if not renewed or not held or len(step.closed) < held or not step.put:
            return False
        mark = (step.watch, max(renewed))
        return self._renewed_watches.setdefault(mark, step.at) == step.at

    def _new_baseline(self, step: Step, watch: Watched, watcher: Watcher) -> None:
        """Nothing is news after a change of our own reading, but what is grave today still is."""
        self.gaps.baselines += 1
        if watcher.mode == "state":
            changes = [diff.as_first(one.record) for one in step.put]
            self._hear(changes, step, watch, watcher, first=True, returned=False)

    # ------------------------------------------------------------------ what changed

    def _changes(self, step: Step, watcher: Watcher, *, first: bool) -> tuple[Change, ...]:
        """Compare what was held with what was put in its place, as the look did."""
        records = {one.record.id: one.record for one in step.put}
        ids = {*records, *step.closed}
        before = {id_: _missed(held, step.at) for id_, held in step.closed.items()}
        if watcher.mode == "log":
            before |= self._moved(step)
        elif any(id_[0] in _OF_A_COMPANY for id_ in step.closed.keys() - records.keys()):
            # Who else is there decides whether the directors of a company that has ended resigned.
            there = read.as_of(self.real, step.watch, step.at)
            records |= {id_: held.record for id_, held in there.items()}
            before |= {id_: held for id_, held in there.items() if id_ not in ids}
        found = diff.compare(
            before, Findings(tuple(records.values())), mode=watcher.mode, now=step.at, first=first, believed=True
        )
        return tuple(
            one for one in found.changes if one.record.id in ids or (one.before is not None and one.before.id in ids)
        )

    def _moved(self, step: Step) -> dict[Id, Held]:
        """Return the items that new keys stand for, if so many keys were new at once that the site had moved."""
        strange = [one for one in step.put if one.record.id not in step.closed]
        marks = [one.record.twin for one in strange if one.record.twin]
        answered = history.answered(self.real, step.watch, step.at) if marks else None
        if answered is None or 2 * len(strange) <= max(answered, len(step.put)):
            return {}
        return {held.record.id: held for held in history.twins(self.real, step.watch, marks, step.at)}

    def _not_held_back(self, change: Change, step: Step, watch: Watched) -> Iterator[Change]:
        """Yield what of a change was told at the time. What a hold released is told when it was released."""
        rest: Change | None = change
        for one in self._kept.get((step.watch, step.at), ()):
            if rest is not None and one.change.record.id == change.record.id:
                self.gaps.discarded += 1
                rest = guard.part(rest, one.change.fields if one.change.what == "altered" else ("",))[1]
        if rest is None:
            return
        for hold in self._released.get(watch.source, ()):
            if change.first or hold.decided_at is None or not hold.opened_at <= step.at < hold.decided_at:
                continue
            held = hold.facts.get("patterns", ())
            fields = [name for pattern, name in guard.patterns(rest) if pattern in held]
            late, rest = guard.part(rest, fields) if fields else (None, rest)
            if late is not None:
                self._when(hold.decided_at, 2, partial(self._release, late, step, watch, hold.decided_at))
            if rest is None:
                return
        yield rest

    def _release(self, change: Change, step: Step, watch: Watched, at: datetime) -> None:
        self._hear([change], replace(step, at=at), watch, self.desk.watchers[watch.source], seen_at=step.at)

    # ------------------------------------------------------------------ what judging asks the store

    def _hold(self, step: Step) -> None:
        """Let the throw-away store know what registers hold of customers: judging compares them with each other."""
        watch = self.watches.get(step.watch)
        watcher = self.desk.watchers.get(watch.source) if watch else None
        if watch is None or watcher is None or watcher.scope != "customer":
            return
        if step.watch not in self._mirrored:
            self._mirrored.add(step.watch)
            scratch.watching(self.tried, watch, step.at)
        scratch.hold(self.tried, step)
        if any(one.record.kind == "company" for one in step.put) and self._several(watch.subject):
            self._compare_later(watch.subject, step.at)

    def _several(self, customer: str) -> bool:
        return sum(customer in asked for asked in self.desk.assignments.asked.values()) > 1

    def _compare_later(self, customer: str, at: datetime) -> None:
        """Plan the daily comparisons at which registers that differ now contradict each other, if they still do."""
        book = self.desk.rules.rulebook.disagreement
        for days in sorted({0, book.wait, *book.waits.values()}):
            midnight = (at + timedelta(days=days + 1)).replace(hour=0, minute=0, second=0, microsecond=0)
            self._when(midnight, 0, partial(self._compare, customer, midnight))

    def _compare(self, customer: str, at: datetime) -> None:
        if customer in self.desk.customers:
            scratch.looked(self.tried, customer, at)
            scratch.sent(self.tried, at)
            comparing.compare(self.tried, self.desk, [customer], at)

    # ------------------------------------------------------------------ judging

    def _hear(
        self,
        changes: Collection[Change],
        step: Step,
        watch: Watched,
        watcher: Watcher,
        *,
        first: bool = False,
        returned: bool = False,
        seen_at: datetime | None = None,
    ) -> None:
        """Judge the changes of one look for those who were on the list then; keep the others for the rest."""
        speaks_of = speaking(self.desk, watcher, watch.subject)
        matches: dict[Id, tuple[Match, ...]] = {}
        for change in changes:
            found = speaks_of(change.record)
            late = [match for match in found if self.came.get(match.customer, step.at) > step.at]
            matches[change.record.id] = tuple(match for match in found if match not in late)
            for match in late:
                self._postpone(change, match, step, watch)
        if self._late:
            self._forget(step, watch)
        self._judge(changes, watcher, matches, step.at, first=first, returned=returned, seen_at=seen_at)

    def _postpone(self, change: Change, match: Match, step: Step, watch: Watched) -> None:
        if change.after is not None:
            mark = (watch.source, watch.subject, change.record.id)
            waiting = _Waiting(watch.source, watch.subject, step.at, change.after, match)
            self._late.setdefault(match.customer, {})[mark] = waiting

    def _forget(self, step: Step, watch: Watched) -> None:
        """A list entry that is gone when somebody comes is not looked up."""
        gone = step.closed.keys() - {one.record.id for one in step.put}
        for waiting in self._late.values():
            for id_ in gone:
                waiting.pop((watch.source, watch.subject, id_), None)

    def _judge(
        self,
        changes: Iterable[Change],
        watcher: Watcher,
        matches: Mapping[Id, tuple[Match, ...]],
        now: datetime,
        *,
        first: bool = False,
        returned: bool = False,
        seen_at: datetime | None = None,
    ) -> None:
        mine = [change for change in changes if matches.get(change.record.id)]
        if not mine:
            return
        self.gaps.changes += len(mine)
        scratch.sent(self.tried, now)
        if watcher.scope == "customer":
            for who in {match.customer for found in matches.values() for match in found}:
                scratch.looked(self.tried, who, now)

        def speaks_of(record: Record) -> tuple[Match, ...]:
            return matches.get(record.id, ())

        hearing = judging.Hearing(watcher, now, first=first, speaks_of=speaks_of, returned=returned)
        judged = judging.judge(self.tried, mine, hearing, self.desk)
        events = judged.events
        if seen_at is not None:  # an event is as old as the look that saw it
            events = [replace(one, event=replace(one.event, first_seen=seen_at)) for one in events]
        commit.add_events(self.tried, events)
        commit.keep_incidents(self.tried, tuple(judged.incidents.values()))
        commit.add_alerts(self.tried, judged.alerts, now)
        commit.raise_spells(self.tried, judged.spells)


def _missed(held: Held, now: datetime) -> Held:
    """Return a record as one whose removal may be believed: the history says that it was."""
    return replace(held, missing_since=now - timedelta(days=365), missing_looks=_SURE)
