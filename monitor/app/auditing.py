"""`counterwatch audit verify`: is everything still as it was written, and is nothing gone?

follow the chain -> compare what is there with it -> compare its end with the heads kept elsewhere
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from monitor.app import sealing, show, speech, wiring
from monitor.app.refused import Refused
from monitor.edge import heads
from monitor.edge.chain import Fault, Head, Walk
from monitor.edge.heads import HeadUnreadable, Kept
from monitor.edge.settings import Places
from monitor.edge.store import Store, audit
from monitor.edge.store.trouble import StoreUnreachable
from monitor.judge.words import Voice

Step = Callable[[], None]
Bar = Callable[[int], Step]
MOST = 1_000  # faults that are told


@dataclass(frozen=True, slots=True)
class Report:
    """What looking through a store came to. `first`: the first bad number of the chain, None if none is bad.

    `kept`: what the file in the state folder says; `note`: why it could not be compared, if so. `unreadable`: the
    database itself is damaged, in its own words.
    """

    head: Head
    rows: int
    unsealed: int
    faults: tuple[Fault, ...]
    more: int = 0  # faults beyond those
    restores: tuple[str, ...] = ()
    kept: Head | None = None
    note: str = ""
    unreadable: str = ""

    @property
    def sound(self) -> bool:
        return not (self.faults or self.unreadable)

    @property
    def first(self) -> int | None:
        return min((one.number for one in self.faults if one.number), default=None)


def verify(places: Places, against: str | None, *, as_json: bool) -> int:
    """Look through the whole store. Exit 0 if it is sound, 1 if not. Raises Refused for a head that is none."""
    config, keyring, _ = wiring.opened(places, os.environ)
    told = speech.of(config.settings)
    other = None if against is None else heads.parse(against)
    if against is not None and other is None:
        raise Refused("audit_head", text=against)
    with wiring.open_store(config, places, keyring) as store, _progress(told) as bar:
        found = look(store, places.state, other, bar=bar)
    if as_json:
        show.json_lines([row(found)])
    else:
        show.lines(lines(found, told))
    return 0 if found.sound else 1


def look(store: Store, state: Path, other: Head | None = None, *, bar: Bar = lambda total: lambda: None) -> Report:
    """Look through a store, and compare the chain's end with the head in the state folder and with `other`.

    `bar` is told how many rows there are and returns what is called for each.
    """
    kept, note = _kept(state, store.instance)  # before the database: it may only be further than that
    try:
        return store.read_now(lambda conn: _looked(conn, kept, note, other, bar))
    except (DBAPIError, StoreUnreachable) as error:
        said = str(error) if isinstance(error, StoreUnreachable) else str(error.orig)
        return Report(Head(), 0, 0, (), kept=kept.head if kept else None, note=note, unreadable=said)


def _kept(state: Path, instance: str) -> tuple[Kept | None, str]:
    try:
        kept = heads.read(state)
    except HeadUnreadable:
        return None, "head_unreadable"
    if kept is None:
        return None, "head_absent"
    return (kept, "") if kept.instance == instance else (None, "head_foreign")


def _looked(conn: Connection, kept: Kept | None, note: str, other: Head | None, bar: Bar) -> Report:
    audit.at_one_moment(conn)
    walk, faults, more = Walk(), list[Fault](), 0
    for one in audit.faults(conn, walk, bar(audit.count(conn))):
        if len(faults) < MOST:
            faults.append(one)
        else:
            more += 1
    faults += _ends(conn, walk.head, kept, other)
    return Report(
        head=walk.head,
        rows=walk.rows,
        unsealed=audit.unsealed(conn),
        faults=tuple(sorted(faults, key=lambda one: (one.number == 0, one.number))),
        more=more,
        restores=tuple(one.at for one in audit.restores(conn)),
        kept=kept.head if kept else None,
        note=note,
    )


def _ends(conn: Connection, head: Head, kept: Kept | None, other: Head | None) -> Iterator[Fault]:
    """Compare the chain with heads that were kept elsewhere."""
    known = sealing.known(conn, kept) if kept is not None else None  # a restore by a person explains what it lost
    if kept is not None and known is None:
        yield _missing(kept.head, head)
    wanted = [*(known.days.values() if known else ()), *([other] if other else [])]
    for one in wanted:
        if audit.hash_at(conn, one.number) != one.hash:
            yield _missing(one, head)


def _missing(wanted: Head, head: Head) -> Fault:
    if wanted.number > head.number:
        return Fault("head_missing", head.number + 1, wanted.number)
    return Fault("head_other", wanted.number)


# --------------------------------------------------------------------------- how it is told


def row(found: Report) -> dict[str, object]:
    """Return the report as `audit verify --json` prints it."""
    return {
        "ok": found.sound,
        "rows": found.rows,
        "head": {"number": found.head.number, "hash": found.head.hash},
        "unsealed": found.unsealed,
        "first_bad": found.first,
        "faults": [asdict(one) for one in found.faults],
        "more": found.more,
        "restores": list(found.restores),
        "kept_head": None if found.kept is None else {"number": found.kept.number, "hash": found.kept.hash},
        "note": found.note or None,
        "unreadable": found.unreadable or None,
    }


SHOWN = 20


def lines(found: Report, told: Voice) -> Iterator[str]:
    """Say what was found, and what to do."""
    say = told.say
    if found.unreadable:
        yield say("cli.audit.unreadable", reason=found.unreadable)
    elif found.sound:
        yield say("cli.audit.sound", rows=found.rows, number=found.head.number, hash=found.head.hash)
    elif found.first is not None:
        yield say("cli.audit.broken_at", number=found.first)
    else:
        yield say("cli.audit.broken")
    for one in found.faults[:SHOWN]:
        name = speech.word(told, "cli.audit.kind", one.kind) if one.kind else ""
        facts = {"number": one.number or None, "until": one.until, "kind": name, "object": one.object}
        yield "  " + say(f"cli.audit.fault.{one.code}", **facts)
    if left := len(found.faults) - SHOWN + found.more if len(found.faults) > SHOWN else found.more:
        yield "  " + say("cli.audit.more", more=left)
    if found.unsealed:
        yield say("cli.audit.unsealed", rows=found.unsealed)
    for at in found.restores:
        yield say("cli.audit.restored", at=told.moment(datetime.fromisoformat(at)))
    if found.note:
        yield say(f"cli.audit.{found.note}")
    if not found.sound:
        yield from _advice(found.faults, told)


def _advice(faults: Sequence[Fault], told: Voice) -> Iterator[str]:
    older = any(one.code in ("head_missing", "head_other") for one in faults)
    yield told.say("cli.audit.do_older" if older else "cli.audit.do")


@contextmanager
def _progress(told: Voice) -> Iterator[Bar]:
    """Yield a progress bar on the error stream for people; silent when piped."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(told.say("cli.audit.looking")), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task("", total=None)

        def begin(total: int) -> Step:
            progress.update(task, total=total)
            seen = count(1)

            def step() -> None:
                if next(seen) % _DRAWN == 0:
                    progress.advance(task, _DRAWN)

            return step

        yield begin


_DRAWN = 500  # rows between two strokes: drawing costs more than looking
