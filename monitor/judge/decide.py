"""What people decided, against what a source says now: does it still hold, what does it silence, and what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Literal

from monitor.judge import diff, names
from monitor.judge.route import alert_id
from monitor.judge.taxonomy import shown
from monitor.judge.weigh import Rulebook, speaks_of
from monitor.model import Alert, Customer, Decision, Event, Fields, Incident, Match, Reason, Record, Severity, Verdict
from monitor.policy import Mute

CONFIRMED = "confirmed_by_person"  # the match reason that stands for an agreeing identifier
LONGEST_MUTE = timedelta(days=365)
_TOLD = 3  # changed fields that a reopened question names
_SHORT = 120  # characters of one value

# Of a record, what tells about the matter and not about who is meant: a moved hearing does not make it another company.
_OF_THE_MATTER = frozenset(
    (
        *("hearing", "dates", "petitioner", "court", "category", "summary", "text", "program", "reason", "period"),
        *("due", "overdue", "equity", "turnover", "amount", "days_late", "value", "average_days", "late_share"),
    )
)
# Who acts for a party says nothing about who it is.
_BESIDE = frozenset(("practitioner", "agent"))
_PARTIES = "parties"


# --------------------------------------------------------------------------- decisions


def material(record: Record) -> Fields:
    """Return what of a record identifies the party and says what it is, as plain JSON values.

    Fields that judge.diff keeps for the history only, or does not compare, are not in it; what the parties are called,
    their part, their numbers and country are.
    """
    rules = diff.kind(record.kind)
    left_out = rules.audit | rules.volatile | _OF_THE_MATTER
    kept = {name: value for name, value in record.fields.items() if name not in left_out and value not in (None, "")}
    parties = [
        {"name": party.name, "role": party.role, "ids": dict(party.ids), "country": party.country}
        for party in record.parties
        if party.role not in _BESIDE
    ]
    return {**kept, _PARTIES: parties} if parties else kept


def digest(record: Record) -> str:
    """Return 32 hex digits over the material fields: equal for equal content, however it is spelt in bytes."""
    return diff.digest(replace(record, fields=material(record)), volatile=()).hex()


@dataclass(frozen=True, slots=True)
class Edit:
    """A material field that reads differently since a decision; the values are one short line each."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a decision holds for a record as it reads now, and if not, what changed."""

    state: Literal["holds", "reopened"]
    edits: tuple[Edit, ...] = ()

    @property
    def holds(self) -> bool:
        return self.state == "holds"


def standing(decision: Decision, record: Record | None) -> Standing:
    """Say whether a decision still holds. A record that is not seen now (None) has not changed."""
    if record is None or digest(record) == decision.digest:
        return Standing("holds")
    before, after = Record(record.kind, record.key, decision.fields), replace(record, fields=material(record))
    # Another spelling of the same is no other company.
    changed = diff.differing(before, after)
    if _PARTIES in changed and _alike(before.fields.get(_PARTIES)) == _alike(after.fields.get(_PARTIES)):
        changed = tuple(name for name in changed if name != _PARTIES)
    if not changed:
        return Standing("holds")
    return Standing("reopened", tuple(_edits(changed, before.fields, after.fields)))


def _edits(changed: Iterable[str], before: Fields, after: Fields) -> Iterable[Edit]:
    for name in changed:
        old, new = before.get(name), after.get(name)
        if name == _PARTIES:
            yield from _party_edits(old or (), new or ())
        else:
            yield Edit(name, _told(old), _told(new))


def _alike(parties: Sequence[Mapping[str, Any]] | None) -> list[str]:
    """Return parties in a form in which another spelling of the legal form or of a number is no difference."""
    return sorted(
        repr((names.same_form(party["name"]) or party["name"], party["role"], _numbers(party["ids"]), party["country"]))
        for party in parties or ()
    )


def _numbers(ids: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted((scheme, "".join(filter(str.isalnum, number)).upper()) for scheme, number in ids.items())


def _party_edits(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterable[Edit]:
    """Name what differs between two lists of parties by field; parties themselves come and go."""
    gone = [party for party in before if party not in after]
    come = [party for party in after if party not in before]
    if len(gone) == len(come) == 1:
        (old,), (new,) = gone, come
        edited = [name for name in ("name", "role", "ids", "country") if old.get(name) != new.get(name)]
        yield from (Edit(name, _told(old.get(name)), _told(new.get(name))) for name in edited)
        return
    yield Edit("name", _told([party["name"] for party in gone]), _told([party["name"] for party in come]))


def _told(value: Any) -> str:
    text = shown(value)
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"


def said(decision: Decision) -> dict[str, Any]:
    """Return who decided what, when and why, for a reason. The day is a plain UTC date."""
    return {
        "decision": decision.number,
        "said": decision.verdict,
        "by": decision.by,
        "on": decision.at.date().isoformat(),
        "why": decision.reason,
    }


def dismissed(decision: Decision) -> Reason:
    """Return why an event about a record that somebody dismissed is silent."""
    return Reason("dismissed", said(decision))


def reopened(decision: Decision, now: Standing) -> tuple[Reason, ...]:
    """Return what changed since a decision, a reason for each field."""
    who = said(decision)
    return tuple(
        Reason("reopened", {**who, "field": edit.field, "old": edit.old, "new": edit.new}) for edit in now.edits[:_TOLD]
    )


def confirmed(match: Match, decision: Decision) -> Match:
    """Return the match of a record of which a person said that it is the customer."""
    reasons = tuple(reason for reason in match.reasons if reason.name != CONFIRMED)
    return replace(match, verdict="same", score=1.0, reasons=(*reasons, Reason(CONFIRMED, said(decision))))


def identified(event: Event, decision: Decision) -> Event:
    """Return an event of a record of which a person said that it is the customer."""
    reasons = tuple(reason for reason in event.match if reason.name != CONFIRMED)
    mine = (*reasons, Reason(CONFIRMED, said(decision)))
    return replace(event, identified=True, confidence=1.0, match=mine)


def unconfirmed(event: Event) -> Event:
    """Return an event without a person's word that it is the customer."""
    match = Match(event.customer or "", "possible", event.confidence, reasons=event.match)
    rest = replace(match, reasons=tuple(reason for reason in event.match if reason.name != CONFIRMED))
    return replace(event, identified=rest.identified, match=rest.reasons)


def silenced(verdict: Verdict, decision: Decision) -> Verdict:
    """Return a verdict with the silence of a dismissal; the reasons it had stay readable."""
    # Why it was silent until now is no reason any more.
    gone = {"dismissed", "reopened", "muted_by_person", verdict.silent}
    told = tuple(reason for reason in verdict.reasons if reason.name not in gone)
    return replace(verdict, silent="dismissed", reasons=(*told, dismissed(decision)))


def decision_of(verdict: Verdict) -> int | None:
    """Return the number of the decision that silences a verdict, if one does."""
    found = next((reason.facts.get("decision") for reason in verdict.reasons if reason.name == "dismissed"), None)
    return found if verdict.silent == "dismissed" and isinstance(found, int) else None


def marked(alerts: Sequence[Alert], before: Verdict | None) -> tuple[Alert, ...]:
    """Return alerts with keys of their own if a dismissal was between: the same may have been told before it."""
    number = None if before is None else decision_of(before)
    if number is None:
        return tuple(alerts)
    keys = [f"{one.key}|after {number}" for one in alerts]
    return tuple(replace(one, key=key, id=alert_id(key)) for one, key in zip(alerts, keys, strict=True))


# --------------------------------------------------------------------------- incidents


def anew(incident: Incident) -> Incident:
    """Return an incident that a dismissal closed as it is when the question is open again: as grave as what comes."""
    return replace(incident, state="open", severity=Severity.INFO)


def acknowledged(incident: Incident, by: str, now: datetime) -> Incident:
    """Return an incident of which somebody said: seen, I deal with it."""
    return replace(incident, acked_at=now, acked_by=by, acked_severity=incident.severity, version=incident.version + 1)


# --------------------------------------------------------------------------- mutes


@dataclass(frozen=True, slots=True)
class Muting:
    """A verdict after the mutes have spoken, and the mutes that it broke."""

    verdict: Verdict
    broken: tuple[Mute, ...] = ()


def muted(
    event: Event,
    customer: Customer | None,
    verdict: Verdict,
    mutes: Iterable[Mute],
    now: datetime,
    *,
    book: Rulebook,
    incident: Callable[[], str | None] = lambda: None,
) -> Muting:
    """Apply the mutes of people to a verdict that would speak. `incident`: the one the event belongs to, if asked.

    A mute that ended counts no more. What must not be muted, and what is graver than a mute was made for, is told and
    says so; the latter ends the mute, unless another one covers it.
    """
    if verdict.silent is not None or verdict.severity is Severity.INFO:
        return Muting(verdict)
    mine = [mute for mute in mutes if covers(mute, event, customer, verdict.severity, now, incident)]
    if not mine:
        return Muting(verdict)
    holding = [mute for mute in mine if verdict.severity.rank <= mute.level.rank]
    broken = () if holding else tuple(mine)
    refused = _refused(event, customer, verdict.severity, book)
    if refused is not None:
        notes = tuple(Reason(refused, {"rule": f"#{mute.number}"}) for mute in holding)
        return Muting(_told_of(verdict, (*notes, *map(_broken, broken))), broken)
    if broken:
        return Muting(_told_of(verdict, tuple(map(_broken, broken))), broken)
    longest = max(holding, key=lambda mute: (mute.until, mute.number))
    return Muting(replace(_told_of(verdict, (Reason("muted_by_person", who(longest)),)), silent="muted"))


def _told_of(verdict: Verdict, reasons: tuple[Reason, ...]) -> Verdict:
    return replace(verdict, reasons=(*verdict.reasons, *reasons))


def covers(
    mute: Mute,
    event: Event,
    customer: Customer | None,
    severity: Severity,
    now: datetime,
    incident: Callable[[], str | None] = lambda: None,
) -> bool:
    """Return whether a mute means this event now, however grave it is."""
    if mute.ended_at is not None or mute.until <= now or not speaks_of(mute.when, event, customer, severity):
        return False
    return mute.incident is None or mute.incident == incident()


def _refused(event: Event, customer: Customer | None, severity: Severity, book: Rulebook) -> str | None:
    """Return why no mute may hide this, as for the file's own mutes."""
    if event.identified and any(fnmatchcase(event.type, pattern) for pattern in book.never_muted):
        return "mute_refused_sanctions"
    if severity is Severity.CRITICAL and customer is not None and customer.tier == "A":
        return "mute_refused_tier_a"
    return None


def _broken(mute: Mute) -> Reason:
    return Reason("mute_broken", {**who(mute), "level": mute.level.value})


def who(mute: Mute) -> dict[str, Any]:
    """Return who muted, why and until when, for a reason. `until` is RFC 3339 in UTC."""
    return {
        "mute": mute.number,
        "by": mute.by,
        "why": mute.reason,
        "until": mute.until.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
    }


def level(standing: Iterable[Severity]) -> Severity:
    """Return what a new mute is made for: the gravest of what stands now; what is graver breaks it. Nothing: high."""
    return max(standing, key=lambda one: one.rank, default=Severity.HIGH)
