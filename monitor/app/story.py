"""The whole path of one event, from the look that brought it to the alert or the silence: as it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from monitor.app import speech, views
from monitor.app.show import rfc3339
from monitor.edge.store import audit, dates, decisions, history, read
from monitor.edge.store.codec import StoredEvent, plain
from monitor.edge.store.history import Seen
from monitor.judge import deadlines, diff
from monitor.judge.classify import Lexicon
from monitor.judge.taxonomy import shown
from monitor.judge.words import Voice
from monitor.model import Alert, Deadline, Decision, Incident, Reason, Record
from monitor.policy import Mute
from monitor.watcher import Watcher

_FIELDS = 8  # that are told of one record
_LONGEST = 160  # characters of one value
_MUTING = frozenset(("muted_by_person", "mute_broken"))


@dataclass(frozen=True, slots=True)
class Path:
    """What the store knows of one event. `audit`: numbers of the rows of the audit log that tell of it."""

    stored: StoredEvent
    seen: Seen | None
    decisions: tuple[Decision, ...]
    mutes: tuple[Mute, ...]
    incident: Incident | None
    beside: int  # other events of the incident
    dates: tuple[Deadline, ...]
    alerts: tuple[Alert, ...]
    kept: frozenset[str]  # of its raw answers, those that are still there
    audit: tuple[int, ...]


def resolved(conn: Connection, id: str) -> StoredEvent | None:
    """Return the event of an id: its own, an alert's, or the one that leads an incident."""
    found = read.event_of(conn, id)
    if found is None and (alert := read.alert_of(conn, id)) is not None and alert.event:
        found = read.event_of(conn, alert.event)
    if found is None and (incident := read.incident_of(conn, id)) is not None:
        found = read.event_of(conn, incident.head)
    return found


def path(conn: Connection, stored: StoredEvent) -> Path:
    """Read all that is stored about an event. Nothing is judged again."""
    event, id = stored.event, stored.incident
    about = (event.source, event.record_kind, event.record_key)
    seen = history.seen(conn, *about, event.first_seen, event.customer) if event.record_key else None
    decided = decisions.decisions(conn, customer=event.customer) if event.customer else []
    incident = read.incident_of(conn, id) if id else None
    rows = audit.rows(conn, kind="event", objects=[event.id])
    return Path(
        stored=stored,
        seen=seen,
        decisions=tuple(one for one in decided if (one.source, one.record_kind, one.record_key) == about),
        mutes=_mutes(conn, stored),
        incident=incident,
        beside=len(read.events(conn, incident=id)) - 1 if id else 0,
        dates=tuple(dates.of_incident(conn, id)) if id else (),
        alerts=tuple(reversed(read.alerts(conn, event=event.id))),
        kept=frozenset(one for one in event.evidence if read.evidence_of(conn, one) is not None),
        audit=tuple(row.number for row in rows if row.number is not None),
    )


def _mutes(conn: Connection, stored: StoredEvent) -> tuple[Mute, ...]:
    """Return the mutes that its reasons name."""
    numbers = {reason.facts.get("mute") for reason in stored.reasons if reason.name in _MUTING}
    return tuple(one for one in decisions.mutes(conn) if one.number in numbers) if numbers else ()


# --------------------------------------------------------------------------- for machines


def row(found: Path) -> dict[str, Any]:
    """Return what `why --json` prints: the event, and `path` with what led to it and what became of it."""
    seen = found.seen
    return {
        **views.event(found.stored),
        "path": {
            "look": _look(seen),
            "record": {
                "kind": found.stored.event.record_kind,
                "key": found.stored.event.record_key,
                "was": plain(dict(seen.was.record.fields)) if seen and seen.was else None,
                "now": plain(dict(seen.now.record.fields)) if seen and seen.now else None,
                "changed": list(changed(seen)),
            },
            "decisions": [
                {"verdict": one.verdict, "by": one.by, "at": rfc3339(one.at), "reason": one.reason or None}
                | {"ended_at": rfc3339(one.ended_at), "ended_why": one.ended_why or None}
                for one in found.decisions
            ],
            "mutes": [
                {"number": one.number, "by": one.by, "until": rfc3339(one.until), "reason": one.reason}
                | {"ended_at": rfc3339(one.ended_at), "ended_why": one.ended_why or None}
                for one in found.mutes
            ],
            "incident": views.incident(found.incident) if found.incident else None,
            "dates": [{"name": one.name, "day": one.day, "state": one.state} for one in found.dates],
            "dates_unknown": deadlines.unknown(found.stored.event),
            "alerts": [
                views.alert(one)
                | {"not_before": rfc3339(one.not_before), "slack_channel": one.slack_channel, "facts": plain(one.facts)}
                for one in found.alerts
            ],
            "evidence": [{"sha256": one, "kept": one in found.kept} for one in found.stored.event.evidence],
            "audit": list(found.audit),
        },
    }


def _look(seen: Seen | None) -> dict[str, Any] | None:
    if seen is None or seen.look is None:
        return None
    one = seen.look
    return {"subject": seen.subject, "turn": one.turn, "at": rfc3339(one.at), "outcome": one.outcome.value} | {
        "records": one.records,
        "complete": one.complete,
        "reason": one.reason or None,
    }


def changed(seen: Seen | None) -> tuple[str, ...]:
    """Return the material fields in which the two stored readings of the record differ."""
    if seen is None or seen.was is None or seen.now is None:
        return ()
    return diff.differing(seen.was.record, seen.now.record)


# --------------------------------------------------------------------------- for people


class Teller:
    """Tells a path as a short numbered story."""

    def __init__(self, found: Path, told: Voice, watcher: Watcher | None, lexicon: Lexicon) -> None:
        self.found, self.told, self.watcher, self.lexicon = found, told, watcher, lexicon
        self.event = found.stored.event

    def lines(self) -> Iterator[str]:
        """Yield the story."""
        yield speech.happened(self.told, self.event)
        parts = (
            *("look", "change", "match", "named", "weighed", "decided", "joined", "voices", "told", "dates", "proof"),
        )
        number = 0
        for name in parts:
            said = list(getattr(self, f"_{name}")())
            if said:
                number += 1
                yield self._say("step", n=str(number), name=self._say(f"part.{name}"), says=said[0])
                yield from (f"     {line}" for line in said[1:])
        yield self._say("ids", event=self.event.id, incident=self.found.stored.incident, customer=self.event.customer)

    def _say(self, key: str, **facts: Any) -> str:
        return self.told.say(f"cli.story.{key}", **facts)

    # ------------------------------------------------------------------ seen

    def _look(self) -> Iterator[str]:
        title = self.watcher.title if self.watcher else self.event.source
        facts: dict[str, Any] = {"source": title, "at": self.told.moment(self.event.first_seen)}
        look = self.found.seen.look if self.found.seen else None
        if look is not None:
            facts |= {"outcome": self.told.say(f"cli.outcome.{look.outcome.value}"), "records": look.records}
        yield self._say("look" if look is not None else "look_gone", **facts)
        if self.event.baseline:
            yield self._say("first_look")

    def _change(self) -> Iterator[str]:
        kind = speech.word(self.told, "cli.record", self.event.record_kind) if self.event.record_kind else None
        record = f"{kind} {self.event.record_key}" if kind else None
        seen = self.found.seen
        if record is None:
            return
        if seen is None:
            yield self._say("record_gone", record=record)
        elif seen.now is None:
            yield self._say("removed", record=record)
        elif seen.was is None:
            yield self._say("added", record=record)
            yield from self._fields(seen.now.record)
        else:
            yield self._say("altered", record=record)
            for name in changed(seen)[:_FIELDS]:
                old, new = (short(one.record.fields.get(name)) for one in (seen.was, seen.now))
                yield self._say(
                    "field", field=speech.word(self.told, "word.field", name), old=old or "-", new=new or "-"
                )

    def _fields(self, record: Record) -> Iterator[str]:
        told = [(name, short(value)) for name, value in record.fields.items() if name != "born"]
        for name, value in [pair for pair in told if pair[1]][:_FIELDS]:
            yield self.told.say("cli.pair", name=speech.word(self.told, "word.field", name), value=value)

    # ------------------------------------------------------------------ judged

    def _match(self) -> Iterator[str]:
        if self.event.customer is None:
            return
        how = "identified" if self.event.identified else "by_name"
        yield self._say(how, customer=self.event.customer, confidence=self.event.confidence)
        yield from (words(self.told, "match", reason) for reason in self.event.match)

    def _named(self) -> Iterator[str]:
        label = speech.event_label(self.told, self.event.type)
        facts = {"label": label, "type": self.event.type, "stage": self.event.stage, "role": self.event.role}
        record = self.found.seen.now.record if self.found.seen and self.found.seen.now else None
        if record is not None and record.signals:
            yield self._say("by_source", **facts)
        elif self.event.record_kind == "article":
            yield self._say("by_headline", **facts, kind=self.event.facts.get("kind"))
            yield from self._phrase(record)
        elif self.event.record_kind:
            yield self._say("by_rule", **facts, kind=speech.word(self.told, "cli.record", self.event.record_kind))
        else:
            yield self._say("by_us", **facts)

    def _phrase(self, record: Record | None) -> Iterator[str]:
        """The words of the lexicon are not stored: they are looked up as it is today, and that is said."""
        if record is None:
            return
        fields = record.fields
        title, summary = str(fields.get("title") or ""), str(fields.get("summary") or "")
        hit = self.lexicon.find(title, summary, fields.get("language"))
        if hit is not None:
            yield self._say("phrase", phrase=hit.text[hit.start : hit.end].strip(), kind=hit.kind.id)

    def _weighed(self) -> Iterator[str]:
        level = self.told.say(f"cli.level.{self.found.stored.severity.value}")
        yield self._say("weighs", level=level)
        yield from (words(self.told, "why", reason) for reason in self.found.stored.reasons)

    def _decided(self) -> Iterator[str]:
        for one in self.found.decisions:
            facts = {"by": one.by, "at": self.told.moment(one.at), "why": one.reason or None}
            yield self._say(one.verdict, **facts, ended=self._ended(one.ended_at))
        for mute in self.found.mutes:
            facts = {"by": mute.by, "until": self.told.moment(mute.until), "why": mute.reason or None}
            yield self._say("mute", **facts, number=str(mute.number), ended=self._ended(mute.ended_at))

    def _ended(self, at: Any) -> str | None:
        return self.told.moment(at) if at else None

    def _joined(self) -> Iterator[str]:
        one = self.found.incident
        if one is None:
            return
        state = self.told.say(f"cli.state.{one.state}")
        yield self._say("incident", topic=one.topic, state=state, events=self.found.beside, id=one.id)
        if one.acked_at is not None:
            yield self._say("acked", by=one.acked_by, at=self.told.moment(one.acked_at))

    def _voices(self) -> Iterator[str]:
        origins = self.event.origins
        yield self._say("origins", count=len({one.name for one in origins if not one.repeats}))
        for one in origins:
            official = self._say("official") if one.official else None
            yield self._say("origin", name=one.name, official=official, url=one.url, of=one.repeats)

    # ------------------------------------------------------------------ told

    def _told(self) -> Iterator[str]:
        if self.found.stored.silent and not self.found.alerts:
            yield self._say("silent", why=speech.silence(self.told, self.found.stored.silent))
        elif not self.found.alerts:
            yield self._say("nobody")
        else:
            for one in self.found.alerts:
                yield from self._alert(one)

    def _alert(self, one: Alert) -> Iterator[str]:
        state = self.told.say(f"cli.state.{one.state}")
        said = [f"{state} · {one.channel}"]
        if one.sent_at:
            said.append(self.told.moment(one.sent_at))
        elif one.state == "pending" and one.not_before:
            said.append(self._say("not_before", at=self.told.moment(one.not_before)))
        if one.reason:
            said.append(speech.silence(self.told, one.reason))
        yield " · ".join(said)
        ways = ", ".join(self._way(way) for way in one.facts.get("ways", ()))
        if ways:
            yield "  " + self._say("ways", ways=ways)
        if one.attempts > 1:
            yield "  " + self._say("attempts", count=one.attempts)
        if one.slack_ts:
            yield "  " + self._say("message", channel=one.slack_channel, ts=one.slack_ts)
        if one.mention:
            yield "  " + self._say("mention", who=one.mention)

    def _way(self, way: Any) -> str:
        name = str(way.get("by", "")) if isinstance(way, dict) else ""
        route = way.get("route") if isinstance(way, dict) else None
        return self._say("way.route", route=route) if route else speech.word(self.told, "cli.story.way", name)

    def _dates(self) -> Iterator[str]:
        for one in self.found.dates:
            name = speech.word(self.told, "summary.date", one.name)
            yield self._say("date_line", name=name, day=one.day, was=one.was)
        for called, day in deadlines.unknown(self.event).items():
            yield self._say("date_unknown", name=called, day=day)

    def _proof(self) -> Iterator[str]:
        numbers: Sequence[int] = self.found.audit
        if numbers:
            yield self._say("audit", numbers=self.told.joined([str(one) for one in numbers]))
        for digest in self.event.evidence:
            yield self._say("kept" if digest in self.found.kept else "not_kept", digest=digest)


def short(value: Any) -> str:
    """Return a value of a record as one short line."""
    text = " ".join(shown(value).split()) if value not in (None, "", [], {}) else ""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def words(told: Voice, prefix: str, reason: Reason) -> str:
    """Return a named reason in words; one without a sentence by its name and facts."""
    if told.texts.has(f"{prefix}.{reason.name}", told.language):
        return told.reason(prefix, reason)
    facts = ", ".join(f"{name} {told.shown(value)}" for name, value in reason.facts.items())
    return reason.name.replace("_", " ") + (f" ({facts})" if facts else "")
