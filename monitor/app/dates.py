"""The clock of dates: what a turn told sets or moves them, a duty reminds of them and lets them pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from monitor.app.desk import Desk
from monitor.edge.store import commit, decisions, read
from monitor.edge.store import dates as store
from monitor.edge.store.codec import StoredEvent
from monitor.judge import deadlines, decide, hours, route
from monitor.judge.deadlines import PASSED, Stated, Steps
from monitor.judge.taxonomy import Named, event_id, event_key
from monitor.model import Alert, Customer, Deadline, Event, Incident, Reason, Severity, Verdict

SWEPT = "dates.swept"
LATE = timedelta(days=31)  # what passed longer ago is noted and not told
_MARGIN = 31  # days before a step by which holidays may bring it forward
_DUE = "due"  # marks that the history has the event
_WORTH = Severity.MEDIUM  # a matter below this is not worth a reminder
_HAPPENS = {"document_expiry": "clm.document_expired", "review_due": "sys.review_due"}


# --------------------------------------------------------------------------- what facts set


def after(conn: Connection, desk: Desk, judged: Iterable[commit.Judged], now: datetime) -> bool:
    """Bring the dates in line with facts that were just written; return whether alerts were queued."""
    touched: dict[str, list[Event]] = {}
    for one in judged:
        if one.incident is not None and one.event.customer in desk.customers:
            touched.setdefault(one.incident, []).append(one.event)
    if not touched:
        return False
    known = store.of_incidents(conn, touched)
    meant = [id_ for id_, events in touched.items() if id_ in known or any(_stated(desk, one) for one in events)]
    return follow(conn, desk, meant, now)


def follow(conn: Connection, desk: Desk, incidents: Iterable[str], now: datetime) -> bool:
    """Let the dates of these incidents be what their facts say now; return whether alerts were queued.

    Dates of an incident that was closed or dismissed, or whose customer is not watched any more, are cancelled.
    """
    ids = sorted(set(incidents))
    if not ids:
        return False
    stories, facts = store.stories(conn, ids), store.facts(conn, ids)
    held = store.of_incidents(conn, ids)
    changed: list[Deadline] = []
    notes: list[Alert] = []
    for id_, story in stories.items():
        before = {one.id: one for one in held.get(id_, ())}
        customer = desk.customers.get(story.customer or "")
        for one in _changes(desk, story, facts.get(id_, ()), before.values(), now):
            ahead = one.state in store.AHEAD  # people are told of it just now
            told = deadlines.told_with(one, _reader(desk, customer), desk.policy.remind_days, now) if ahead else one
            changed.append(told)
            store.withdraw(conn, one.id, one.state if ahead else str(one.facts.get("why") or one.state))
            if one.state == "moved" and one.id in before and before[one.id].day != one.day:
                notes += _moved(conn, desk, told, story, customer, now)
    store.keep(conn, changed)
    commit.add_alerts(conn, notes, now)
    return bool(notes)


def _changes(
    desk: Desk, story: Incident, facts: Sequence[StoredEvent], held: Iterable[Deadline], now: datetime
) -> Sequence[Deadline]:
    customer = desk.customers.get(story.customer or "")
    left = [one.event for one in facts if one.silent != "dismissed"]
    if customer is None:
        return deadlines.merged(held, (), now, gone="removed")
    if facts and not left:
        return deadlines.merged(held, (), now, gone="dismissed")
    if story.state == "closed":
        return deadlines.merged(held, (), now, gone="closed")
    stated = [found for event in left for found in _stated(desk, event)]
    return deadlines.merged(held, deadlines.of_incident(story.id, customer.id, stated), now, gone="withdrawn")


def _stated(desk: Desk, event: Event) -> tuple[Stated, ...]:
    customer = desk.customers.get(event.customer or "")
    if customer is None:
        return ()
    other_side = desk.rules.rulebook.roles
    return deadlines.of_event(event, customer, desk.policy, desk.rules.playbook, other_side=other_side)


def _reader(desk: Desk, customer: Customer | None) -> hours.Hours:
    return deadlines.reader_of(customer, desk.policy)


# --------------------------------------------------------------------------- the duty


def round_(conn: Connection, desk: Desk, now: datetime) -> bool:
    """Do what the dates demand now; return whether alerts were queued."""
    swept = _sweep(conn, desk, now)
    return _remind(conn, desk, now) or swept


def _today(desk: Desk, now: datetime) -> date:
    return now.astimezone(ZoneInfo(desk.policy.timezone)).date()


def _sweep(conn: Connection, desk: Desk, now: datetime) -> bool:
    """Once a day, and after each reload, look whether the dates still are what the files and the facts say."""
    was, mark = read.remembered(conn, SWEPT), f"{_today(desk, now)} {desk.mark}"
    if was == mark:
        return False
    _files(conn, desk, now)
    ids = {one.incident for one in store.listed(conn, states=store.AHEAD) if one.incident is not None}
    if was is None or was.partition(" ")[2] != desk.mark:  # other figures, other dates
        ids |= {one.id for one in read.incidents(conn, state="open") if one.customer is not None}
    queued = follow(conn, desk, ids, now)
    commit.remember(conn, SWEPT, mark)
    return queued


def _files(conn: Connection, desk: Desk, now: datetime) -> None:
    """Let the dates of the customers' own files be what the watchlist says."""
    held: dict[str, list[Deadline]] = {}
    for one in store.of_customers(conn):
        held.setdefault(one.customer, []).append(one)
    mine = [one for one in desk.customers.values() if one.documents or one.review]
    if not held and not mine:
        return
    added = {one.id: one.added_at for one in read.customers(conn)} if mine else {}
    changed: list[Deadline] = []
    for customer in mine:
        since = _today(desk, added.get(customer.id, now))
        wanted = deadlines.of_customer(customer, since)
        changed += deadlines.merged(held.pop(customer.id, ()), wanted, now)
    for id_, left in held.items():
        gone = "withdrawn" if id_ in desk.customers else "removed"
        changed += deadlines.merged(left, (), now, gone=gone)
    store.keep(conn, changed)


def _remind(conn: Connection, desk: Desk, now: datetime) -> bool:
    """Remind of each date at its steps, and once after its day of what nobody said to be done."""
    today = _today(desk, now)
    _long_over(conn, desk, today, now)
    until = today + timedelta(days=max(desk.policy.remind_days, default=0) + _MARGIN)
    found = store.listed(conn, since=today - LATE, until=until, states=(*store.AHEAD, PASSED))
    round_ = _Round(conn, desk, now)
    due = [one for one in found if round_.wants(one)]
    # A person may be saying at this moment that one is done: it is read again when nobody else can decide.
    commit.lock_customers(conn, {one.customer for one in due})
    for one in due:
        standing = store.get(conn, one.id)
        if standing is not None:
            round_.see(standing)
    return round_.end()


def _long_over(conn: Connection, desk: Desk, today: date, now: datetime) -> None:
    """Note what passed while nobody looked; it is too long ago to be told."""
    late = [
        deadlines.ended(one, PASSED, "late", now)
        for one in store.listed(conn, until=today - LATE - timedelta(days=1), states=store.AHEAD)
    ]
    for one in late:
        _happened(conn, desk, one, now)
    store.keep(conn, [replace(one, reminded=(*one.reminded, _DUE, PASSED)) for one in late])


@dataclass(frozen=True, slots=True)
class _About:
    """What a date belongs to: its incident and the fact that set it; a customer's file has neither."""

    customer: Customer | None
    severity: Severity
    story: Incident | None = None
    fact: StoredEvent | None = None


class _Round:
    """One look over the dates that may be owed a reminder."""

    def __init__(self, conn: Connection, desk: Desk, now: datetime) -> None:
        self.conn, self.desk, self.now = conn, desk, now
        self.mutes = decisions.mutes(conn, now)
        self.changed: dict[str, Deadline] = {}
        self.alerts: list[Alert] = []

    def wants(self, one: Deadline) -> bool:
        """Return whether there is anything to do about a date now."""
        comes_true = _DUE not in one.reminded and _falls_due(one, _today(self.desk, self.now))
        return comes_true or self._over(one) or bool(self._owed(one))

    def see(self, one: Deadline) -> None:
        """Let a date pass if its day is over, and remind of it if a step has come."""
        one = self._come_true(one)
        if not self._over(one) and not self._owed(one):
            return
        one = self._as_it_stands(one)
        if self._over(one):
            one = self._come_true(self._keep(deadlines.ended(one, PASSED, "", self.now)))
        if steps := self._owed(one):
            self._remind(one, steps)

    def _over(self, one: Deadline) -> bool:
        return one.state in store.AHEAD and deadlines.over(one, self.now, self.desk.policy.timezone)

    def _owed(self, one: Deadline) -> Steps:
        reader = _reader(self.desk, self.desk.customers.get(one.customer))
        return deadlines.owed(one, reader, self.desk.policy.remind_days, self.now)

    def end(self) -> bool:
        """Write what was decided; return whether alerts were queued."""
        store.keep(self.conn, list(self.changed.values()))
        commit.add_alerts(self.conn, self.alerts, self.now)
        return any(one.state == "pending" for one in self.alerts)

    def _keep(self, one: Deadline) -> Deadline:
        self.changed[one.id] = one
        return one

    def _come_true(self, one: Deadline) -> Deadline:
        """Write into the customer's history, once, that a document has expired or a review is owed."""
        if _DUE in one.reminded or not _falls_due(one, _today(self.desk, self.now)):
            return one
        _happened(self.conn, self.desk, one, self.now)
        return self._keep(replace(one, reminded=(*one.reminded, _DUE)))

    def _as_it_stands(self, one: Deadline) -> Deadline:
        """Return the date as its facts have it at this moment: what was dismissed or closed is not spoken of."""
        if one.incident is None or one.state not in store.AHEAD:
            return one
        follow(self.conn, self.desk, [one.incident], self.now)
        return store.get(self.conn, one.id) or one

    def _remind(self, one: Deadline, steps: Steps) -> None:
        about = self._about(one)
        silence = self._silence(one, about)
        facts = facts_of(one) | {"code": "deadline", "step": steps.due[-1], "days_left": steps.days_left}
        if steps.free:
            facts["free"] = True
        for channel in self._channels(about):
            alert = _alert(self.desk, one, about, channel, facts, self.now)
            if _DUE in one.reminded:
                alert = replace(alert, event=_happening(self.desk, one, self.now).id)
            if silence:
                alert = replace(alert, state="suppressed", reason=silence, mention=None)
            self.alerts.append(alert)
        self._keep(replace(one, reminded=(*one.reminded, *steps.due), updated_at=self.now))

    def _about(self, one: Deadline) -> _About:
        customer = self.desk.customers.get(one.customer)
        story = read.incident_of(self.conn, one.incident) if one.incident else None
        fact = read.event_of(self.conn, one.event) if one.event else None
        severity = story.severity.capped(Severity.HIGH) if story else Severity.MEDIUM
        return _About(customer, severity, story, fact)

    def _channels(self, about: _About) -> list[str]:
        """Where the incident was told; else the customer's own channel."""
        own = (about.customer.channel if about.customer else None) or self.desk.policy.channel
        return (_roots(self.conn, about.story) if about.story else []) or [own]

    def _silence(self, one: Deadline, about: _About) -> str:
        """Return the reason nobody is reminded, or the empty text."""
        if about.story is not None and about.story.state == "closed":
            return "closed"
        level = about.story.severity if about.story else about.severity
        if level.rank < _WORTH.rank:
            return "low_severity_timeline"
        said = about.fact.event if about.fact else _happening(self.desk, one, self.now)
        for mute in self.mutes:
            covered = decide.covers(mute, said, about.customer, level, self.now, lambda: one.incident)
            if covered and level.rank <= mute.level.rank:
                return "muted"
        # What the first look found is told by the opening report; whatever else was silent stays so.
        silent = about.fact.silent if about.fact else None
        told = about.story is not None and _roots(self.conn, about.story)
        return "" if silent in (None, "baseline") or told else silent


def _roots(conn: Connection, story: Incident) -> list[str]:
    """Return the channels in which an incident has a message, or will have."""
    return _rooted(read.alerts(conn, incident=story.id))


def _rooted(rows: Iterable[Alert]) -> list[str]:
    return sorted({one.channel for one in rows if one.kind == "root" and one.state != "suppressed"})


# --------------------------------------------------------------------------- what is told


def facts_of(one: Deadline) -> dict[str, Any]:
    """Return what texts need of a date; no name of a person is in it."""
    more = {name: value for name, value in one.facts.items() if name not in ("sequence", "why")}
    known = {"deadline": one.id, "name": one.name, "day": one.day, "was": one.was, "country": one.country}
    return {**more, **{name: value for name, value in known.items() if value is not None}}


def _moved(
    conn: Connection, desk: Desk, one: Deadline, story: Incident, customer: Customer | None, now: datetime
) -> list[Alert]:
    """Say in the incident's thread that a date has moved; whoever was told nothing of it is told nothing now.

    A fact that is told by itself at this moment says its own day.
    """
    facts = facts_of(one) | {"code": "deadline_moved", "step": "moved"}
    about = _About(customer, story.severity.capped(Severity.HIGH), story)
    rows = read.alerts(conn, incident=story.id)
    speaks = {row.channel for row in rows if row.event == one.event and _told_now(row, now)}
    return [_alert(desk, one, about, channel, facts, now) for channel in _rooted(rows) if channel not in speaks]


def _told_now(row: Alert, now: datetime) -> bool:
    """Return whether an alert was queued at this moment."""
    return row.state == "pending" and _same(row.created_at, now)


def _same(one: datetime | None, other: datetime) -> bool:
    return one is not None and abs(one - other) < timedelta(milliseconds=1)  # the store keeps seconds as a number


def _alert(desk: Desk, one: Deadline, about: _About, channel: str, facts: dict[str, Any], now: datetime) -> Alert:
    step = facts["step"]
    key = f"{store.MARK}|{one.id}|{one.day}|{step}|{channel}"
    pressing = about.severity.rank >= Severity.HIGH.rank or step in ("1", "0", PASSED)
    return Alert(
        id=route.alert_id(key),
        key=key,
        kind="reminder",
        channel=channel,
        severity=about.severity,
        event=one.event,
        incident=one.incident,
        customer=one.customer,
        created_at=now,
        not_before=hours.of_channel(desk.policy, channel).opens(now),
        shown=about.story.version if about.story else 0,
        mention=about.customer.owner if about.customer and pressing else None,
        facts=facts,
    )


# --------------------------------------------------------------------------- a paper that runs out


def _falls_due(one: Deadline, today: date) -> bool:
    """Return whether a document has expired, or a review is owed: a document holds on its last day."""
    if one.name == "document_expiry":
        return one.state == PASSED
    return one.name == "review_due" and one.state in (*store.AHEAD, PASSED) and one.day <= today.isoformat()


def _happened(conn: Connection, desk: Desk, one: Deadline, now: datetime) -> None:
    if one.name in _HAPPENS and one.customer in desk.customers:
        event = _happening(desk, one, now)
        level = desk.taxonomy[event.type].severity
        commit.notice(conn, event, Verdict(level, (Reason("default", {"type": event.type, "level": level.value}),)))


def _happening(desk: Desk, one: Deadline, now: datetime) -> Event:
    type_ = _HAPPENS.get(one.name, "ins.claims_deadline")
    paper = one.facts.get("document")
    key = event_key(Named(type_, "final", tuple(part for part in (paper, one.day) if part)), one.customer, 1)
    info = desk.taxonomy[type_]
    return Event(
        id=event_id(key),
        key=key,
        type=type_,
        customer=one.customer,
        source="counterwatch",
        first_seen=now,
        occurred_at=one.day,
        title=f"{info.label['en']}: {paper}" if paper else info.label["en"],
        role="mentioned",
        polarity=info.polarity,
        facts={"field": paper, "date": one.day} if paper else {"date": one.day},
    )
