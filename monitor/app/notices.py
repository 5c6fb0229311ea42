"""What the watch says about itself: a source lost, doubted or back, a word nobody knows, a new baseline."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from monitor.app.desk import Desk
from monitor.app.show import rfc3339
from monitor.edge.store import commit, holds, read
from monitor.edge.store.read import Health
from monitor.judge import hours, route
from monitor.judge.diff import Diff
from monitor.judge.taxonomy import event_id
from monitor.model import Alert, Customer, Event, Outcome, Reason, Severity, Verdict

if TYPE_CHECKING:
    from monitor.app.settle import Paper


# Texts that have no event type of their own: a refused key is a source we cannot see, an unknown word one to doubt.
_TYPES = {
    "source_blocked": "sys.source_stale",
    "proxy_down": "sys.source_stale",
    "proxy_up": "sys.source_recovered",
    "unclassified": "sys.source_suspect",
    "message_refused": "sys.route_broken",
    "delivery_uncertain": "sys.route_broken",
    "scopes_missing": "sys.sender_broken",
    "config_sound": "sys.config_changed",
    "removals_held": "sys.changes_held",
    "message_flood": "sys.source_suspect",
}
_SEVERITIES = {"message_flood": Severity.MEDIUM, "unclassified": Severity.MEDIUM}
PARTLY = "source_partly"  # lost for few of its customers, and for long: when it fails for most, that is told anew
LONGEST = 200  # characters of a strange word that are told


@dataclass(slots=True)
class Notices:
    """Events and alerts about the machine itself, to be committed."""

    events: list[commit.Judged] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

    def add(
        self,
        desk: Desk,
        code: str,
        mark: str,
        facts: Mapping[str, Any],
        now: datetime,
        source: str = "",
        evidence: tuple[str, ...] = (),
        severity: Severity | None = None,
    ) -> None:
        """Add one notice. `code` chooses the text; `mark` is what makes two tellings one: a spell, a version, a word.

        `severity`: how grave it is, if not as the taxonomy has it.
        """
        type_ = _TYPES.get(code, f"sys.{code}")
        key = f"sys.{code}|{source}|{mark}"
        info = desk.taxonomy[type_]
        severity = severity or _SEVERITIES.get(code, info.severity)
        event = Event(
            id=event_id(key),
            key=key,
            type=type_,
            customer=None,
            source=source or "counterwatch",
            first_seen=now,
            title=f"{info.label['en']}: {facts.get('source', '')}".strip(": "),
            role="mentioned",
            polarity=info.polarity,
            facts=facts,
            evidence=evidence,
        )
        reasons = (Reason("default", {"type": type_, "level": severity.value}),)
        self.events.append(commit.Judged(event, Verdict(severity, reasons)))
        alert_key = f"{key}|{desk.policy.ops_channel}"
        own = hours.of_channel(desk.policy, desk.policy.ops_channel)
        self.alerts.append(
            Alert(
                id=route.alert_id(alert_key),
                key=alert_key,
                kind="ops",
                channel=desk.policy.ops_channel,
                severity=severity,
                event=event.id,
                created_at=now,
                not_before=now if severity is Severity.CRITICAL else own.opens(now),
                facts={**facts, "code": code},
            )
        )


def of_trouble(conn: Connection, paper: Paper, desk: Desk, outcome: Outcome) -> Notices:
    """Say at once what a person must know at once: a refused key, a format that is no longer ours."""
    found, source, reason = Notices(), paper.turn.source, paper.seen.reason
    if paper.seen.credential:
        lose(conn, desk, found, source, place(paper), "source_blocked", reason, paper.now)
    elif outcome is Outcome.DRIFTED:
        proofs = tuple(one.sha256 for one in paper.evidence)  # who mends the watcher needs the answer
        lose(conn, desk, found, source, place(paper), "source_suspect", reason, paper.now, proofs)
    return found


def of_look(conn: Connection, paper: Paper, desk: Desk, found: Diff, *, rebaseline: bool) -> Notices:
    """Say what a look showed about the source itself."""
    notes, turn, now = Notices(), paper.turn, paper.now
    findings = paper.seen.findings
    for unknown in findings.unknown if findings else ():
        raw = unknown.raw[:LONGEST]
        facts: dict[str, Any] = {"source": paper.watcher.title, "raw": raw, "field": unknown.field}
        notes.add(desk, "unclassified", f"{unknown.field}={raw}", facts, now, turn.source)
    if found.suspicious is not None:
        if holds.held(conn, turn.source) is not None:  # that too much of it changes at once was told
            commit.set_health(conn, turn.source, place(paper), "source_suspect", _cause(found.suspicious), now)
        else:
            lose(conn, desk, notes, turn.source, place(paper), "source_suspect", _cause(found.suspicious), now)
    elif paper.seen.canary is not None and found.missing:
        lose(conn, desk, notes, turn.source, place(paper), "source_suspect", paper.seen.canary, now)
    if rebaseline and turn.version:  # version 0: a person asked for it, and that was told
        facts = {"source": paper.watcher.title, "since": rfc3339(now)}
        notes.add(desk, "new_baseline", f"version {paper.watcher.version}", facts, now, turn.source)
    return notes


def _cause(doubt: Reason) -> str:
    gone, held = doubt.facts.get("gone"), doubt.facts.get("held")
    if doubt.name == "emptied":
        return f"the field {doubt.facts.get('field')} is empty in {gone} of {held} records at once"
    return f"{gone} of {held} records are gone at once"


def place(paper: Paper) -> str:
    """The stream that is meant, or "" for a source that is asked about each customer."""
    return paper.turn.subject if paper.watcher.scope == "stream" else ""


def lose(
    conn: Connection,
    desk: Desk,
    notes: Notices,
    source: str,
    place: str,
    code: str,
    cause: str,
    now: datetime,
    evidence: tuple[str, ...] = (),
) -> None:
    """Remember that a source cannot be seen or believed, and say so once."""
    known = health(conn).get((source, place))
    new = ("ok", PARTLY) if code == "source_blocked" else ("ok",)  # a refused key is not the trouble of a few
    if known is not None and known.code not in new:
        # It was told already, and one message follows when it is over; those who look see today's cause.
        commit.set_health(conn, source, place, known.code, cause, now)
        return
    commit.set_health(conn, source, place, code, cause, now)
    facts: dict[str, Any] = about(conn, desk, source, place) | {"since": rfc3339(now), "cause": cause}
    notes.add(desk, code, f"{place}|{rfc3339(now)}", facts, now, source, evidence)
    commit.noticed(conn, source, place, now)


def health(conn: Connection) -> dict[tuple[str, str], Health]:
    """Return what is known about each source, or stream of it."""
    return {(one.source, one.subject): one for one in read.sources_health(conn)}


def about(conn: Connection, desk: Desk, source: str, place: str, only: Collection[str] | None = None) -> dict[str, Any]:
    """Return what stands behind a source: how many customers, whose money, and who else still sees them.

    `only`: the customers meant, if not all of the source's are.
    """
    watcher = desk.watchers[source]
    target = desk.assignments.target(source, place) if place else None
    behind = [one for one in behind_of(desk, source, place) if only is None or one.id in only]
    open_first = sorted(behind, key=lambda c: -(c.exposure.open + c.exposure.in_transit if c.exposure else Decimal(0)))
    facts: dict[str, Any] = {
        "source": f"{watcher.title} ({target.label})"
        if target and target.label and watcher.name == "feed"
        else watcher.title,
        "customers": len(behind),
        "names": [c.name for c in open_first[:3]],
        "others": _others(conn, desk, source),
    }
    if (money := _money(desk, behind)) is not None:
        facts["money"] = money
    return facts


def behind_of(desk: Desk, source: str, place: str) -> list[Customer]:
    """Return the customers a source (or one stream of it) watches."""
    if place:
        target = desk.assignments.target(source, place)
        ids: Iterable[str] = (target.subscribers or desk.customers) if target else ()
    else:
        ids = desk.assignments.asked.get(source, ())
    return [desk.customers[one] for one in ids if one in desk.customers]


def _others(conn: Connection, desk: Desk, source: str) -> list[dict[str, Any]]:
    states = read.source_states(conn)
    return [
        {"source": desk.watchers[state.source].title, "at": rfc3339(state.last_good_at)}
        for state in states
        if state.source != source and state.source in desk.watchers and state.last_good_at and not state.failing
    ]


def _money(desk: Desk, customers: Iterable[Customer]) -> dict[str, Any] | None:
    """Add up what is open, in the policy's currency; amounts without a rate are left out."""
    total = tier_a = Decimal(0)
    in_a = 0
    for customer in customers:
        exposure = customer.exposure
        if exposure is None:
            continue
        rate = Decimal(1) if exposure.currency == desk.policy.currency else desk.policy.rates.get(exposure.currency)
        if rate is None:
            continue
        total += exposure.open * rate
        if customer.tier == "A":
            in_a += 1
            tier_a += exposure.open * rate
    if not total:
        return None
    found: dict[str, Any] = {"open": str(total.quantize(Decimal(1))), "currency": desk.policy.currency}
    if in_a:
        found |= {"tier_a": in_a, "tier_a_open": str(tier_a.quantize(Decimal(1)))}
    return found
