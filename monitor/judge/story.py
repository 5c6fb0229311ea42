"""An incident told as it stands now: whether it is open, who has seen it, how far it has come, what dates it carries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.judge import compose, contradict, reminding, voices, words
from monitor.judge import incident as incidents
from monitor.judge.blocks import Paragraph
from monitor.judge.incident import Fact
from monitor.judge.weigh import day_of
from monitor.judge.words import Voice
from monitor.model import Deadline, Decision, Event, Incident, Severity

_STAGES = 6  # of a story, the first and the newest
_DATES = 4
_STAGE = 60  # visible characters of one


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of an incident besides the event a message speaks of.

    `facts` are all of its events, oldest first. `dates` are still to be kept. `before` is the gravest thing the
    channel was told of it until now. `label` gives an event's type as a noun phrase in the reader's language.
    """

    label: Callable[[Event], str]
    facts: Sequence[Fact] = ()
    dates: Sequence[Deadline] = ()
    dismissed: Decision | None = None
    before: Severity | None = None
    alone: bool = False  # the message stands in no thread

    @property
    def told(self) -> list[Fact]:
        """The facts people were told and that still count, in the order in which they happened."""
        kept = [one for one in self.facts if one.silent is None and incidents.counts(one) and _weighs(one)]
        return sorted(kept, key=lambda one: (incidents.day(one.event), one.event.first_seen))


def _weighs(fact: Fact) -> bool:
    event = fact.event
    return fact.severity is not Severity.INFO or incidents.closes(event) or incidents.corrects(event)


def state(voice: Voice, incident: Incident, story: Story) -> list[Paragraph]:
    """Return the line that says how the incident stands, who has seen it, and what is doubtful in it.

    Nothing for one that has only begun: that it is open goes without saying.
    """
    if incident.version < 2 and incident.state == "open":
        return []
    parts = [_stands(voice, incident, story)]
    if incident.acked_at is not None:
        parts.append(voice.say("state.seen", by=incident.acked_by, at=voice.moment(incident.acked_at)))
    whole = dict.fromkeys(name for one in story.facts for name in _remarks(one))
    parts += [voice.say(f"state.{name}") for name in whole]
    return [compose.labelled(voice, "state", voice.say("sep.part").join(parts) + voice.say("sep.end"))]


def _stands(voice: Voice, incident: Incident, story: Story) -> str:
    if reminding.dismissed(story.facts) and story.dismissed is not None:
        by, at = story.dismissed.by, voice.moment(story.dismissed.at)
        return voice.say("state.not_them", by=by, at=at)
    if incident.state == "closed":
        return voice.say("state.closed", since=incident.updated_at)
    return voice.say("state.open", since=incident.opened_at)


def _remarks(fact: Fact) -> list[str]:
    found = ["corrected"] if fact.event.facts.get("corrected_by") or incidents.corrects(fact.event) else []
    if fact.event.type == contradict.TYPE and incidents.counts(fact):
        found.append("disagree")
    return found


def so_far(voice: Voice, incident: Incident, story: Story) -> list[Paragraph]:
    """Return how the incident came to where it is: `petition 2 Nov → order 30 Nov; 3 facts since 2 Nov`."""
    told = story.told
    # Without its facts the version counts what a reader was told.
    count = len(told) if told else incident.version
    if count < 2:
        return []
    stages = _stages(voice, story)
    sum_ = voice.say("thread", events=count, opened=incident.opened_at)
    whole = [voice.say("stages.arrow").join(stages)] if len(stages) > 1 else []
    return [compose.labelled(voice, "thread", voice.say("sep.part").join([*whole, sum_]) + voice.say("sep.end"))]


def _stages(voice: Voice, story: Story) -> list[str]:
    """Return what happened and when; the same thing said again by another source is one stage."""
    named: list[tuple[str, date]] = []
    for fact in story.told:
        name = words.cut(words.clean(story.label(fact.event)), _STAGE)
        if not named or named[-1][0] != name:
            named.append((name, incidents.day(fact.event)))
    told = [voice.say("stages.one", what=name, day=day) for name, day in named]
    if len(told) > _STAGES:
        return [told[0], "…", *told[1 - _STAGES :]]
    return told


def sources(voice: Voice, event: Event, story: Story) -> list[Paragraph]:
    """Return how many independent sources tell of the incident, if they are more than those of the event itself."""
    # Another report of the same story is silent, and a voice all the same.
    heard = [one.event for one in story.facts if one.silent in (None, "same_story") and incidents.counts(one)]
    whole = [origin for one in heard for origin in one.origins]
    names = voices.independent(whole)
    if len(names) < 2 or set(names) <= set(voices.independent(event.origins)):
        return []
    key = "voices.official_many" if any(one.official for one in whole) else "voices.many"
    listed = voice.joined([compose.origin(voice, name) for name in names])
    told = compose.filled_once(voice, "sources", count=voice.say(key, count=len(names)), names=listed)
    return [compose.labelled(voice, "sources", told + voice.say("sep.end"))]


def dates(voice: Voice, story: Story, said: Collection[date | None] = ()) -> list[Paragraph]:
    """Return the next days to keep, the nearest first; those the message says anyway (`said`) only if they were moved."""
    left = [one for one in story.dates if one.was or day_of(one.day) not in said]
    ahead = sorted(left, key=lambda one: (one.day, one.name))
    told = [deadline(voice, one.name, one.day, one.was) for one in ahead[:_DATES]]
    if not told:
        return []
    if len(ahead) > _DATES:
        told.append(voice.say("due.more", more=len(ahead) - _DATES))
    return [compose.labelled(voice, "dates", voice.say("sep.part").join(told) + voice.say("sep.end"))]


def deadline(voice: Voice, name: str, day: str, was: str | None = None) -> str:
    """Return a date in words: `hearing 9 Dec, was 2 Dec`."""
    key = f"due.{name}"
    told = voice.say(key if voice.texts.has(key, voice.language) else "due.other", day=day)
    return told + (voice.say("due.was", was=was) if was else "")


def graver(voice: Voice, severity: Severity, story: Story) -> list[Paragraph]:
    """Return the line that says that it has become graver than all the channel was told before."""
    if story.before is None or severity.rank <= story.before.rank:
        return []
    levels = [voice.say(f"severity.{level.value}") for level in (story.before, severity)]
    return [compose.labelled(voice, "graver", voice.say("stages.arrow").join(levels) + voice.say("sep.end"))]


def correction(voice: Voice, event: Event, story: Story) -> list[Paragraph]:
    """Return what a correction takes back and what it says instead, as far as the two differ."""
    was = next((one.event for one in story.facts if one.event.facts.get("corrected_by") == event.id), None)
    old, new = _differing(voice, was, event) if was is not None else ("", "")
    if not (old or new):
        old, new = (voice.shown(event.facts.get(name)) for name in ("old", "new"))
    told = voice.say("known.instead")
    if old or new:
        told = compose.filled_once(voice, "known.corrected", old=old or "?", new=new or "?")
    return [compose.labelled(voice, "corrected", told + voice.say("sep.end"))]


def _differing(voice: Voice, was: Event, now: Event) -> tuple[str, str]:
    """Return what only the first says and what only the second says, of days, case and amount."""
    one, other = _stated(voice, was), _stated(voice, now)
    return voice.joined([told for told in one if told not in other]), voice.joined([t for t in other if t not in one])


def _stated(voice: Voice, event: Event) -> list[str]:
    told = [compose.dated(voice, name, value) for name, value in compose.dates_of(event).items()]
    told += [voice.say("known.occurred", occurred=event.occurred_at)] if event.occurred_at else []
    told += [voice.say("known.case", case=event.facts["case"])] if words.known(event.facts, "case") else []
    return told + ([voice.shown(event.facts["amount"], "amount")] if words.known(event.facts, "amount") else [])


def belongs(voice: Voice, incident: Incident, story: Story) -> list[Paragraph]:
    """Return which incident a message belongs to, where no thread shows it."""
    if not story.alone:
        return []
    told = voice.say("belongs", opened=incident.opened_at, incident=incident.id)
    return [compose.labelled(voice, "belongs", told + voice.say("sep.end"))]
