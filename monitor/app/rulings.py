"""What people decided and muted, as one look's judging meets it: read in its transaction, ended where it no longer holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from monitor.edge.store import decisions, read
from monitor.judge import decide
from monitor.judge.decide import Standing
from monitor.judge.weigh import Rulebook
from monitor.model import Customer, Decision, Event, Match, Record, Verdict
from monitor.policy import Mute

_Id = tuple[str, str, str]  # of a record: source, kind and key


class Rulings:
    """The decisions about customers and the mutes, for one judging. A decision that no longer holds is ended here."""

    def __init__(self, conn: Connection, book: Rulebook, now: datetime) -> None:
        self._conn, self._book, self._now = conn, book, now
        self._decisions: dict[str, dict[_Id, Decision]] = {}
        self._standing: dict[int, Standing] = {}  # of those whose record was seen now, by the decision's number
        self._mutes: list[Mute] | None = None

    # ------------------------------------------------------------------ while naming

    def match(self, match: Match, source: str, record: Record) -> Match:
        """Return of whom a record speaks, now that it is seen: who was confirmed is identified, while that holds."""
        found = self._of(match.customer, (source, *record.id))
        if found is None:
            return match
        self._standing[found.number or 0] = decide.standing(found, record)
        return decide.confirmed(match, found) if found.verdict == "confirmed" and self._holds(found) else match

    def open_again(self, match: Match, source: str, record: Record) -> list[Event]:
        """Return the dismissed events of a record that reads differently now, with what ties it to the customer now."""
        found = self._of(match.customer, (source, *record.id))
        if found is None or found.verdict != "dismissed" or self._holds(found):
            return []
        told = decisions.events_of(self._conn, match.customer, source, *record.id)
        mine = [one.event for one in told if one.silent == "dismissed"]
        corrected = {one.facts.get("corrects") for one in mine}  # the correction speaks for what it corrects
        return [
            replace(one, identified=match.identified, confidence=match.score, match=match.reasons)
            for one in mine
            if one.id not in corrected and not one.facts.get("corrected_by")
        ]

    # ------------------------------------------------------------------ while weighing

    def dismissed(self, event: Event, voice: Event | None = None) -> bool:
        """Return whether a person said of the event's record that it is not the customer, and that holds.

        `voice`: who tells it now. Another record that an identifier ties to the customer was not meant.
        """
        if voice is not None and voice.identified and _record(voice) != _record(event):
            return False
        found = self._about(event)
        return found is not None and found.verdict == "dismissed" and self._holds(found)

    def incident(self, event: Event) -> str | None:
        """Return the incident to which the dismissed record's first event belongs: what it tells later stands beside."""
        found = self._about(event)
        first = read.event_of(self._conn, found.event) if found else None
        return first.incident if first else None

    def told(self, event: Event, verdict: Verdict) -> Verdict:
        """Return a verdict that says who dismissed the record, or what changed since a person decided about it."""
        found = self._about(event)
        if found is None:
            return verdict
        if not self._holds(found):
            decisions.end(self._conn, found.number or 0, self._now, "reopened")
            reasons = decide.reopened(found, self._standing[found.number or 0])
            return replace(verdict, reasons=(*verdict.reasons, *reasons))
        return decide.silenced(verdict, found) if verdict.silent == "dismissed" else verdict

    def muted(self, event: Event, customer: Customer, verdict: Verdict, incident: Callable[[], str | None]) -> Verdict:
        """Return a verdict after people's mutes. Those that it breaks end, by this event."""
        if self._mutes is None:
            self._mutes = decisions.mutes(self._conn, self._now)
        if not self._mutes:
            return verdict
        found = decide.muted(event, customer, verdict, self._mutes, self._now, book=self._book, incident=incident)
        for mute in found.broken:
            decisions.end_mute(self._conn, mute.number, self._now, event.id, "broken")
        self._mutes = [mute for mute in self._mutes if mute not in found.broken]
        return found.verdict

    # ------------------------------------------------------------------ what is known

    def _about(self, event: Event) -> Decision | None:
        return self._of(event.customer or "", _record(event))

    def _of(self, customer: str, record: _Id) -> Decision | None:
        if customer not in self._decisions:
            standing = decisions.standing(self._conn, customer)
            self._decisions[customer] = {(d.source, d.record_kind, d.record_key): d for d in standing}
        return self._decisions[customer].get(record)

    def _holds(self, one: Decision) -> bool:
        """Whether nothing is known that speaks against it: a record not seen now has not changed."""
        known = self._standing.get(one.number or 0)
        return known is None or known.holds


def _record(event: Event) -> _Id:
    return event.source, event.record_kind, event.record_key
