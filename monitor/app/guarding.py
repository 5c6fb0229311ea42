"""Keeps back, inside a turn, what a source says of too many customers at once, and doubts an answer that lost too much.

The snapshot goes on: what is kept back is stored as changes, and a person releases or discards them. So a source that
flips back loses nothing, and what truly changes later is found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection

from monitor.app import notices
from monitor.app.desk import Desk
from monitor.app.judging import proofs_of
from monitor.app.notices import Notices
from monitor.app.show import rfc3339
from monitor.edge.store import commit, holds, read, usual
from monitor.edge.store.holds import Hold, Kept
from monitor.judge import guard
from monitor.judge.diff import DOUBTED_FOR, Diff, differing
from monitor.judge.taxonomy import shown
from monitor.model import Alert, Change, Held, Match, Record, Severity

if TYPE_CHECKING:
    from monitor.app.settle import Paper

log = structlog.get_logger()
Id = tuple[str, str]
Speaks = Callable[[Record], tuple[Match, ...]]

SAMPLES = 5  # changes shown as examples of a hold
NAMES = 3
_OTHER_SIDE = {"added": "removed", "removed": "added"}  # of one renumbering


@dataclass(slots=True)
class Sifted:
    """What of a look's changes is told now, and whose alerts had better wait a while; sha256 of answers to keep."""

    told: tuple[Change, ...]
    waits: set[Id] = field(default_factory=set)
    proofs: set[str] = field(default_factory=set)

    def patient(self, alerts: Iterable[Alert], events: Iterable[commit.Judged], until: datetime) -> list[Alert]:
        """Return the alerts; those that had better wait, with a later date. Criticals never wait."""
        late = {e.event.id for e in events if (e.event.record_kind, e.event.record_key) in self.waits}
        return [
            replace(one, not_before=max(until, one.not_before or until))
            if one.event in late and one.severity is not Severity.CRITICAL and one.state == "pending"
            else one
            for one in alerts
        ]


def sift(
    conn: Connection,
    paper: Paper,
    desk: Desk,
    changes: Sequence[Change],
    before: Mapping[Id, Held],
    speaks_of: Speaks,
    notes: Notices,
) -> Sifted:
    """Divide a look's changes into what is told and what waits for a person. State sources only; the rest passes."""
    news = any(not change.first for change in changes)
    if paper.watcher.mode != "state" or not news or _own_page(paper, desk):
        return Sifted(tuple(changes))
    return _Sieve(conn, paper, desk, before, speaks_of, notes).sift(changes)


def _own_page(paper: Paper, desk: Desk) -> bool:
    """Each customer's own page is a source of its own: what happens to many of them has no common cause of ours."""
    target = desk.assignments.target(paper.turn.source, paper.turn.subject)
    return target is not None and target.own


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one field of a change says, or all of a record that came or went."""

    change: Change
    pattern: str
    field: str  # "": the whole record
    customers: tuple[str, ...]
    critical: bool


class _Sieve:
    def __init__(
        self,
        conn: Connection,
        paper: Paper,
        desk: Desk,
        before: Mapping[Id, Held],
        speaks_of: Speaks,
        notes: Notices,
    ) -> None:
        self.conn, self.paper, self.desk, self.before = conn, paper, desk, before
        self.speaks_of, self.notes = speaks_of, notes
        self.source, self.now = paper.turn.source, paper.now
        self.known = holds.holds(conn, state=None, kind="breaker", source=self.source)
        self.kept: dict[Id, list[Kept]] = {}
        for one in holds.kept_of(conn, watch=paper.turn.watch) if self.known else ():
            self.kept.setdefault(one.change.record.id, []).append(one)
        self.open = next((one for one in self.known if one.state == "held"), None)

    def sift(self, changes: Sequence[Change]) -> Sifted:
        pieces = {n: self._pieces(change, changes) for n, change in enumerate(changes)}
        fates: dict[int, dict[str, str]] = {n: {} for n in pieces}
        counted: list[tuple[int, _Piece]] = []
        for n, mine in pieces.items():
            for piece in mine:
                fate = self._known_fate(piece)
                if fate is None:
                    counted.append((n, piece))
                else:
                    fates[n][piece.field] = fate
        found = Sifted(())
        for n, piece in self._too_many(counted, found):
            fates[n][piece.field] = "held"
        found.told = tuple(self._told(changes, fates, found))
        return found

    # ------------------------------------------------------------------ what a change says

    def _pieces(self, change: Change, all_: Sequence[Change]) -> list[_Piece]:
        """Return what of a change can be doubted: what is an event, and not a critical one that is confirmed."""
        if change.first:
            return []
        customers = tuple(m.customer for m in self.speaks_of(change.record) if m.customer in self.desk.customers)
        patterns = guard.patterns(change) if customers else ()
        found: list[_Piece] = []
        for pattern, name in patterns:
            piece = change if len(patterns) == 1 else guard.part(change, (name,))[0]
            named = self._severities(piece or change)
            if named:
                found.append(_Piece(change, pattern, name, customers, Severity.CRITICAL in named))
        if any(piece.critical for piece in found) and guard.confirmed(change, all_):
            return []
        return found

    def _severities(self, change: Change) -> set[Severity]:
        watcher, taxonomy = self.paper.watcher, self.desk.taxonomy
        named = taxonomy.name(change, watcher_family=watcher.family, source=watcher.name, mode=watcher.mode)
        return {taxonomy[one.type].severity for one in named}

    # ------------------------------------------------------------------ what is decided already

    def _known_fate(self, piece: _Piece) -> str | None:
        """Return `held`, `told` or `dropped` for what a hold has decided or will; None: it has to be counted."""
        for one in self.kept.get(piece.change.record.id, ()):
            if one.state == "held" and _touches(one.change, piece):
                return "held"
            if one.state == "discarded" and _undoes(one.change, piece):
                return "dropped"
        if self.open is not None and piece.pattern in self.open.facts["patterns"]:
            return "held"
        for hold in self.known:
            if piece.pattern in hold.facts["patterns"] and self._same_wave(hold, piece):
                if hold.state == "released":
                    return "told"
                if hold.state == "discarded":
                    return "dropped"
        return None

    def _same_wave(self, hold: Hold, piece: _Piece) -> bool:
        """Whether a change came to the source with those a person has decided about: we only had not looked yet."""
        if hold.decided_at is None:
            return False
        last = self.paper.turn.last_good_at
        if last is not None and last < hold.opened_at:
            return True
        held = self.before.get(piece.change.record.id)
        missing = held.missing_since if held is not None and piece.change.what == "removed" else None
        return missing is not None and missing < hold.decided_at

    # ------------------------------------------------------------------ counting

    def _too_many(self, counted: Sequence[tuple[int, _Piece]], found: Sifted) -> list[tuple[int, _Piece]]:
        """Count the patterns of these pieces; return those that come too often to be true."""
        if not counted:
            return []
        names = {piece.pattern for _, piece in counted}
        bearing = sorted({(piece.pattern, customer) for _, piece in counted for customer in piece.customers})
        usual.note(self.conn, self.source, bearing, self.now)
        since = max([self.now - guard.DAY, *(hold.decided_at for hold in self.known if hold.decided_at)])
        counts = usual.often(self.conn, self.source, names, since, self.now - guard.HISTORY)
        watched = self.now - (usual.watched_since(self.conn, self.source) or self.now)
        behind = len(notices.behind_of(self.desk, self.source, notices.place(self.paper)))
        away = self.now - (self.paper.turn.last_good_at or self.now)
        held: list[tuple[int, _Piece]] = []
        for name in sorted(names):
            seen = guard.Seen(counts[name].lately, counts[name].before, watched)
            mine = [(n, piece) for n, piece in counted if piece.pattern == name]
            if guard.trips(behind, seen, away):
                self._trip(name, seen, [piece for _, piece in mine], since)
                held += mine
            elif guard.wary(seen):
                found.waits |= {piece.change.record.id for _, piece in mine}
        return held

    def _trip(self, pattern: str, seen: guard.Seen, pieces: Sequence[_Piece], since: datetime) -> None:
        """Open the source's hold, or widen it; take back what has not left yet; tell the operators once."""
        commit.lock_customers(self.conn, [f"guard:{self.source}"])
        self.open = holds.held(self.conn, self.source)
        facts: dict[str, Any] = {"patterns": [], "critical": False, "withdrawn": [], "names": [], "customers": 0}
        facts |= self.open.facts if self.open else {}
        critical = any(piece.critical for piece in pieces)
        news = self.open is None or (critical and not facts["critical"])
        kind, _, what = pattern.partition(" ")
        other = [f"{kind} {_OTHER_SIDE[what]}"] if what in _OTHER_SIDE else []
        facts["patterns"] = sorted({*facts["patterns"], pattern, *other})
        facts["critical"] = facts["critical"] or critical
        bearers = usual.bearers(self.conn, self.source, [pattern], since)[pattern]
        taken = holds.withdraw(self.conn, self.source, kind.partition(".")[0], bearers, since, criticals=critical)
        facts["withdrawn"] = sorted({*facts["withdrawn"], *taken})
        customers = [self.desk.customers[one] for one in sorted(bearers) if one in self.desk.customers]
        facts["customers"] = max(len(customers), facts["customers"])
        if not facts["names"]:
            facts |= {"names": [one.name for one in customers[:NAMES]], "pattern": pattern}
        opened = self.open.opened_at if self.open else self.now
        holds.hold(self.conn, Hold(self.source, "breaker", opened, facts, source=self.source))
        self.open = holds.held(self.conn, self.source)
        log.warning("changes.held", source=self.source, pattern=pattern, customers=seen.lately, critical=critical)
        self._keep_early(pattern, set(taken.values()), since)
        if news:
            self._say(facts, pattern, len(customers), opened)

    def _keep_early(self, pattern: str, customers: Collection[str], since: datetime) -> None:
        """Keep the changes whose alerts were taken back too: what happens to them next belongs to the hold as well."""
        assert self.open is not None
        watches = {who: id_ for id_, who in holds.watches_of(self.conn, self.source).items() if who in customers}
        kept = [
            Kept(self.open.number, watch, who, change, seen_at)
            for who, watch in sorted(watches.items())
            for change, seen_at in _latest(self.conn, watch, pattern, since)
        ]
        holds.keep(self.conn, kept)
        if kept:
            self._show(kept)

    def _say(self, facts: Mapping[str, Any], pattern: str, customers: int, opened: datetime) -> None:
        place = notices.place(self.paper)
        known = notices.health(self.conn).get((self.source, place))
        if known is not None and known.code == "source_suspect" and not facts["critical"]:
            return  # that its answers do not look right was told
        said = notices.about(self.conn, self.desk, self.source, place) | {
            "since": rfc3339(opened),
            "id": self.source,
            "pattern": pattern,
            "customers": customers,
            "names": facts["names"],
        }
        mark = f"{rfc3339(opened)}|{'critical' if facts['critical'] else 'held'}"
        severity = Severity.CRITICAL if facts["critical"] else None
        self.notes.add(self.desk, "changes_held", mark, said, self.now, self.source, severity=severity)

    # ------------------------------------------------------------------ dividing

    def _told(
        self, changes: Sequence[Change], fates: Mapping[int, Mapping[str, str]], found: Sifted
    ) -> Iterable[Change]:
        """Yield what is told now; store what is held, with the answers that show it."""
        kept: list[Kept] = []
        for n, change in enumerate(changes):
            mine = fates[n]
            rest: Change | None = change
            for fate in ("held", "dropped"):
                fields = [name for name, decided in mine.items() if decided == fate]
                if rest is None or not fields:
                    continue
                cut, rest = guard.part(rest, fields)
                if cut is not None and fate == "held":
                    kept.append(self._keep(cut, found))
            if rest is not None:
                yield rest
        if kept:
            holds.keep(self.conn, kept)
            self._show(kept)

    def _keep(self, change: Change, found: Sifted) -> Kept:
        assert self.open is not None
        proofs = proofs_of(change.record, self.paper.evidence)
        found.proofs |= set(proofs)
        turn = self.paper.turn
        return Kept(self.open.number, turn.watch, turn.subject, change, self.now, proofs)

    def _show(self, kept: Sequence[Kept]) -> None:
        """Let the hold show a few of its changes."""
        assert self.open is not None
        samples = list(self.open.facts.get("samples", ()))
        if len(samples) < SAMPLES:
            samples += [sample(one) for one in kept[: SAMPLES - len(samples)]]
            holds.tell(self.conn, self.open.id, {**self.open.facts, "samples": samples})


def _latest(conn: Connection, watch: int, pattern: str, since: datetime) -> Iterable[tuple[Change, datetime]]:
    """Yield the changes of a watch that bear a pattern, read from its history, each with when it was seen."""
    kind = pattern.partition(" ")[0].partition(".")[0]
    for id_, held in read.snapshot(conn, watch).items():
        if id_[0] != kind or held.valid_from <= since:
            continue
        past = read.history(conn, watch, *id_)
        if len(past) > 1:
            before = past[-2].held.record
            change = Change("altered", before, held.record, differing(before, held.record))
        else:
            change = Change("added", None, held.record)
        fields = [field for name, field in guard.patterns(change) if name == pattern]
        cut = guard.part(change, fields)[0] if fields else None
        if cut is not None:
            yield cut, held.valid_from


def _touches(kept: Change, piece: _Piece) -> bool:
    return kept.what != "altered" or piece.field in ("", *kept.fields)


def _undoes(kept: Change, piece: _Piece) -> bool:
    """Whether a change only takes back what was discarded: nobody was told of the one, so nobody is of the other."""
    change = piece.change
    if kept.what != "altered":
        return _OTHER_SIDE.get(kept.what) == change.what
    if piece.field not in kept.fields or kept.before is None or change.after is None:
        return False
    return bool(kept.before.fields.get(piece.field) == change.after.fields.get(piece.field))


def sample(kept: Kept) -> dict[str, Any]:
    """Return one held change as a hold shows it: whose, which record, and from what to what."""
    change = kept.change
    old, new = (record.fields if record else {} for record in (change.before, change.after))
    return {
        "customer": kept.subject,
        "what": change.what,
        "record": f"{change.record.kind} {change.record.key}",
        "fields": {name: [shown(old.get(name))[:80], shown(new.get(name))[:80]] for name in change.fields}
        or {"name": [shown(record.get("name") or record.get("title") or "")[:80] for record in (old, new)]},
    }


# --------------------------------------------------------------------------- one answer that lost too much


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is known of the doubt about one watch's answers."""

    hold: Hold | None
    believed: bool = False  # that the fields are empty
    silent: bool = False  # and nobody is to be told


def doubt(conn: Connection, paper: Paper) -> Doubt:
    """Return whether what was doubted is believed now: a person said so since the last look, or it has stood for a day."""
    if not paper.turn.second_look:
        return Doubt(None)
    hold = holds.latest(conn, doubt_id(paper.turn.source, paper.turn.subject))
    if hold is None or hold.facts.get("doubt") != "emptied":
        return Doubt(hold)
    if hold.state == "held":
        return Doubt(hold, believed=paper.now - hold.opened_at >= DOUBTED_FOR)
    last, decided = paper.turn.last_good_at, hold.decided_at
    fresh = hold.state in ("released", "discarded") and (last is None or decided is None or last <= decided)
    return Doubt(hold, believed=fresh, silent=fresh and hold.state == "discarded")


def doubt_id(source: str, subject: str) -> str:
    return f"{source}:{subject}"


def doubted(conn: Connection, paper: Paper, doubt: Doubt, found: Diff, before: Mapping[Id, Held]) -> None:
    """Hold what this look's answer lost, or end the hold if the answer is sound again or has been believed."""
    turn = paper.turn
    if found.suspicious is not None:
        facts = {"doubt": found.suspicious.name, **found.suspicious.facts, "samples": _lost(found, before)}
        name = doubt_id(turn.source, turn.subject)
        holds.hold(conn, Hold(name, "shrink", paper.now, facts, source=turn.source, subject=turn.subject))
    elif doubt.hold is not None and doubt.hold.state == "held" and not found.missing:
        holds.decide(conn, doubt.hold.id, "settled", "time" if found.end or doubt.believed else "the source", paper.now)


def _lost(found: Diff, before: Mapping[Id, Held]) -> list[dict[str, Any]]:
    gone = [before[id_].record for id_, _ in found.missing[:SAMPLES]]
    return [{"record": f"{r.kind} {r.key}", "name": shown(r.fields.get("name") or "")[:80]} for r in gone]


def without_emptied(changes: Iterable[Change]) -> Iterable[Change]:
    """Yield changes without the fields that became empty: a person said that this is no news."""
    for change in changes:
        if change.what != "altered" or change.after is None:
            yield change
            continue
        empty = [name for name in change.fields if change.after.fields.get(name) in (None, "", [], {})]
        rest = guard.part(change, empty)[1] if empty else change
        if rest is not None:
            yield rest


# --------------------------------------------------------------------------- which fields the answers carry


def shape_of(paper: Paper) -> frozenset[str]:
    """Return the fields the answers of a look carry: JSON paths, names of XML elements. Empty for other answers."""
    found: set[str] = set()
    for answer in paper.visit.answers:
        if answer.status != 200 or len(answer.body) > guard.LONGEST_BODY:
            continue
        start = answer.body[:100].lstrip()[:1]
        if start in (b"{", b"["):
            found |= guard.fields_of(_json(answer.body))
        elif start == b"<" and "html" not in answer.headers.get("content-type", ""):
            found |= guard.elements_of(answer.body)
    return frozenset(found)


def _json(body: bytes) -> Any:
    import orjson

    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def mind_shape(conn: Connection, paper: Paper, desk: Desk, fields: Collection[str], notes: Notices) -> None:
    """Remember which fields an answer carried; log those that are new, say once which were always there and are not."""
    if not fields:
        return
    source, now, digest = paper.turn.source, paper.now, guard.shape_digest(fields)
    looks = usual.count_shape(conn, source, digest, now)
    if looks % _LOOK_BACK:
        return
    known = _shapes(conn, source)
    if not looks:
        new = guard.new_fields(fields, known)
        usual.add_shape(conn, source, digest, fields, now)
        known.append(guard.Shape(frozenset(fields), 1, now, now))
        if new:
            log.info("source.new_fields", source=source, fields=list(new[:20]), count=len(new))
    gone = guard.gone_fields(known)
    if gone:
        name, last = gone[0]
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        facts = notices.about(conn, desk, source, notices.place(paper)) | {
            "since": rfc3339(last),
            "cause": f"its answers no longer carry the field {name}{more}",
        }
        notes.add(desk, "source_suspect", f"field {name}|{rfc3339(last)}", facts, now, source)


FIRST_LOOKS = 10  # of so many first looks one is taken apart: a source has thousands of them
_LOOK_BACK = 10  # looks of one shape after which all shapes are looked at again


def _shapes(conn: Connection, source: str) -> list[guard.Shape]:
    return [
        guard.Shape(frozenset(one.fields), one.looks, one.first_at, one.last_at) for one in usual.shapes(conn, source)
    ]


FORGET = timedelta(days=120)  # decided holds, rates and shapes are kept this long


def forget(conn: Connection, now: datetime) -> None:
    """Delete what is too old to tell what is usual, and what was decided long ago; end doubts about nobody's watches."""
    usual.forget(conn, now - FORGET)
    holds.forget(conn, now - FORGET)
    for one in holds.orphans(conn):
        holds.decide(conn, one.id, "settled", "nobody watches it", now)
