"""An alert in words: what happened to whom, our money, what is known and how surely, why, and the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from monitor.judge import blocks, compose, money, reminders, weigh, words
from monitor.judge import incident as incidents
from monitor.judge import story as stories
from monitor.judge.blocks import Paragraph, Span
from monitor.judge.playbook import Step
from monitor.judge.story import Story
from monitor.judge.words import Texts, Voice
from monitor.model import Customer, Event, Incident, Message, Reason, Severity, Share, Verdict
from monitor.policy import Language

_TITLE = 240
_DIGEST_LINE = 90
_DOCUMENTS = ("article", "notice", "docket_entry", "case", "filing")


class Said(Protocol):
    """The taxonomy's words for a type, by language: a noun phrase, and what continues `<Customer> (<country>): …`."""

    @property
    def label(self) -> Mapping[str, str]: ...
    @property
    def says(self) -> Mapping[str, str]: ...  # with {facts} and [optional parts]


def alert(
    event: Event,
    verdict: Verdict,
    incident: Incident,
    customer: Customer | None,
    info: Said,
    steps: Sequence[Step],
    share: Share | None,
    *,
    texts: Texts,
    language: Language,
    timezone: str,
    now: datetime,
    mention: str | None = None,
    uncovered: Reason | None = None,
    story: Story | None = None,
) -> Message:
    """Return the root message of an incident as it stands now, speaking of `event` (its head).

    `mention` is a Slack member id, or an address or name shown as text. `uncovered` says why existing cover does not
    count (money.cover). `timezone` is the reader's. `story` is what else is known of the incident.
    """
    voice = Voice(texts, language, timezone, now)
    headline = _headline(voice, event, verdict, incident, customer, info)
    whole = story or Story(lambda one: info.label[language])
    body = [
        *stories.state(voice, incident, whole),
        _money(voice, share, uncovered),
        *_changed(voice, event, info, whole),
        _known(voice, event, customer, info),
        *stories.sources(voice, event, whole),
        _why(voice, verdict),
        *stories.so_far(voice, incident, whole),
        *stories.dates(
            voice, whole, [*map(weigh.day_of, compose.dates_of(event).values()), *(one.by for one in steps)]
        ),
        *_next(voice, steps),
        *_for(voice, mention if verdict.severity.rank >= Severity.HIGH.rank else None),
    ]
    return compose.message(voice, headline, body, _evidence(voice, event), titled=True)


def thread(
    event: Event,
    verdict: Verdict,
    incident: Incident,
    customer: Customer | None,
    info: Said,
    steps: Sequence[Step] = (),
    *,
    texts: Texts,
    language: Language,
    timezone: str,
    now: datetime,
    mention: str | None = None,
    story: Story | None = None,
) -> Message:
    """Return a reply below the incident's root: the new fact, without repeating the money."""
    voice = Voice(texts, language, timezone, now)
    whole = story or Story(lambda one: info.label[language])
    headline = _headline(voice, event, verdict, incident, customer, info)
    body = [
        *stories.belongs(voice, incident, whole),
        *stories.graver(voice, verdict.severity, whole),
        *_changed(voice, event, info, whole),
        _known(voice, event, customer, info),
        _why(voice, verdict),
        *_next(voice, steps),
        *_for(voice, mention if verdict.severity.rank >= Severity.HIGH.rank else None),
    ]
    return compose.message(voice, headline, body, _evidence(voice, event), titled=False)


def reminder(
    facts: Mapping[str, Any],
    severity: Severity,
    said: str,
    incident: Incident | None,
    customer: Customer | None,
    steps: Sequence[Step] = (),
    *,
    texts: Texts,
    language: Language,
    timezone: str,
    now: datetime,
    mention: str | None = None,
    alone: bool = False,
) -> Message:
    """Return a reminder for an incident's thread, or of a customer's own date.

    facts: `code` is unacknowledged (with `told`, RFC 3339), deadline (`name`, `day`, `days_left`, and where known
    `was`, `free`: not a working day, `step`: "passed" after it) or deadline_moved (`name`, `day`, `was`). `said` is
    what it is about, as a noun phrase.
    """
    voice = Voice(texts, language, timezone, now)
    whole = Story(lambda one: said, alone=alone)
    told = reminders.head(voice, facts) + voice.say("sep.end")
    headline = _about(voice, voice.say(f"severity.{severity.value}"), customer, told)
    body = [
        *(stories.belongs(voice, incident, whole) if incident else ()),
        *reminders.body(voice, facts, said),
        *_next(voice, steps, reminders.first(voice, facts)),
        *_for(voice, mention),
    ]
    return compose.message(voice, headline, body, None, titled=False)


def says(voice: Voice, event: Event, info: Said) -> str:
    """Return what the event says of the customer, from the taxonomy's sentence; its label if facts are missing."""
    facts = {**compose.dates_of(event), "title": event.title, **event.facts}
    template = info.says[voice.language]
    told = voice.fill(template, facts) if words.complete(template, facts) else info.label[voice.language]
    return words.clean(told).rstrip(".。")


def line(event: Event, verdict: Verdict, customer: Customer | None, info: Said, voice: Voice) -> str:
    """Return the event as one line of a digest, at most 90 characters."""
    told = _about(voice, voice.say(f"severity.{verdict.severity.value}"), customer, says(voice, event, info))
    return words.cut(told, _DIGEST_LINE)


# --------------------------------------------------------------------------- the parts of an alert


def _headline(
    voice: Voice, event: Event, verdict: Verdict, incident: Incident, customer: Customer | None, info: Said
) -> str:
    told = says(voice, event, info) + voice.say("sep.end")
    if event.family == "sys" or customer is None:
        return voice.say("notice", severity=voice.say("severity.notice"), says=told)
    ended = incident.state == "closed" and incidents.closes(event)
    word = voice.say("severity.closed" if ended else f"severity.{verdict.severity.value}")
    return _about(voice, word, customer, told)


def _about(voice: Voice, word: str, customer: Customer | None, told: str) -> str:
    if customer is None:
        return voice.say("notice", severity=word, says=told)
    name = words.cut(words.clean(customer.name), compose.NAME) or words.clean(customer.id)
    # Filled by hand, in one go: a name that holds `{says}` must stay a name.
    return compose.filled_once(
        voice, "headline", severity=word, customer=name, country=voice.country(customer.country), says=told
    )


def _money(voice: Voice, share: Share | None, uncovered: Reason | None) -> Paragraph:
    told = "".join(voice.reason("money", part) for part in money.line(share, uncovered))
    return compose.labelled(voice, "money", told + voice.say("sep.end"))


def _changed(voice: Voice, event: Event, info: Said, story: Story) -> list[Paragraph]:
    """Old -> new, unless the headline says both already; of a correction what was said and what holds."""
    if incidents.corrects(event):
        return stories.correction(voice, event, story)
    old, new = (words.known(event.facts, name) for name in ("old", "new"))
    template = info.says[voice.language]
    if ("{old}" in template and "{new}" in template) or not (old or new):
        return []
    key = (
        ("change_of" if words.known(event.facts, "field") else "change") if old and new else "now" if new else "before"
    )
    facts = {name: event.facts.get(name) for name in ("field", "old", "new")}
    return [compose.labelled(voice, "changed", voice.say(f"known.{key}", **facts) + voice.say("sep.end"))]


def _known(voice: Voice, event: Event, customer: Customer | None, info: Said) -> Paragraph:
    clause, part = voice.say("sep.clause"), voice.say("sep.part")
    first = clause.join(piece for piece in (_source(voice, event), *_details(voice, event, customer, info)) if piece)
    facts = [first, *_identity(voice, event), _voices(voice, event)]
    told = part.join(piece for piece in facts if piece) + voice.say("sep.end")
    return compose.labelled(voice, "known", voice.say("sep.sentence").join([told, *_sentences(voice, event)]))


def _source(voice: Voice, event: Event) -> str:
    names = list(dict.fromkeys(compose.origin(voice, origin.name) for origin in event.origins))
    told = voice.joined(names) or words.clean(event.source)
    if event.published_at:
        key = "known.published" if event.record_kind == "notice" else "known.reported"
        return voice.say(key, origins=told, published=event.published_at).replace("》 ", "》")
    return voice.say("known.said", origins=told)


def _details(voice: Voice, event: Event, customer: Customer | None, info: Said) -> list[str]:
    """Title, case and dates, as far as the headline has not said them."""
    said = info.says[voice.language]
    told = []
    title = words.cut(words.clean(event.title), _TITLE)
    # A gazette titles its notice with the company's name: nothing new.
    named = customer is not None and title.casefold() == words.clean(customer.name).casefold()
    if title and not named and "{title}" not in said and event.record_kind in _DOCUMENTS:
        told.append(voice.say("known.title", title=title))
    if "{case}" not in said and words.known(event.facts, "case"):
        told.append(voice.say("known.case", case=event.facts["case"]))
    if "{date}" not in said and weigh.day_of(event.occurred_at) not in (None, weigh.day_of(event.published_at)):
        told.append(voice.say("known.occurred", occurred=event.occurred_at))
    return told + [
        compose.dated(voice, name, value)
        for name, value in compose.dates_of(event).items()
        if f"{{{name}}}" not in said
    ]


_TYING = frozenset(("scheme", "page", "said"))


def _identity(voice: Voice, event: Event) -> list[str]:
    """How surely it is this company."""
    if event.customer is None:
        return []
    if event.identified:
        for reason in event.match:
            key = f"match.{reason.name}"
            # The number, the address or the person that ties it to the company.
            if _TYING & reason.facts.keys() and voice.texts.has(key, voice.language):
                return [voice.say(key, **reason.facts)]
        return [voice.say("match.identified")]
    if weigh.name_only(event):
        return [voice.say("match.name_only")]
    return [voice.say("match.no_identifier", confidence=event.confidence)]


def _voices(voice: Voice, event: Event) -> str:
    count, official = weigh.independent(event), weigh.official(event)
    if count == 0:
        return voice.say("voices.none")
    if count == 1:
        return voice.say("voices.official_one" if official else "voices.one")
    return voice.say("voices.official_many" if official else "voices.many", count=count)


def _sentences(voice: Voice, event: Event) -> list[str]:
    """Whom it concerns, which part the customer plays, and how far it has come."""
    told = []
    if event.relation != "self":
        key = f"relation.{event.relation.replace(' ', '_')}"
        told.append(voice.say(key if voice.texts.has(key, voice.language) else "relation.other"))
    if voice.texts.has(f"part.{event.role}", voice.language):
        told.append(voice.say(f"part.{event.role}"))
    keys = (f"stage.{event.type}.{event.stage}", f"stage.{event.stage}")
    told.append(next((voice.say(key) for key in keys if voice.texts.has(key, voice.language)), ""))
    return [sentence for sentence in told if sentence]


def _why(voice: Voice, verdict: Verdict) -> Paragraph:
    level = voice.say(f"level.{verdict.severity.value}")
    said = [voice.reason("why", reason) for reason in verdict.reasons]
    told = voice.say("sep.part").join(sentence for sentence in said if sentence) + voice.say("sep.end")
    return Paragraph((Span(compose.filled_once(voice, "label.why", level=level), bold=True), Span(told)))


def _next(voice: Voice, steps: Sequence[Step], first: Sequence[str] = ()) -> list[Paragraph]:
    """What to do, in order; `first` goes before the steps of the playbook."""
    if not steps and not first:
        return []
    items = [(Span(told),) for told in first]
    for step in steps:
        told = voice.fill(step.text[voice.language], step.facts)
        if step.by and voice.day(step.by) not in told:
            told = f"{told} ({voice.day(step.by)})" if voice.language == "en" else f"{told}（{voice.day(step.by)}）"
        items.append((Span(told),))
    return [Paragraph((Span(voice.say("label.next"), bold=True),), tuple(items))]


def _for(voice: Voice, mention: str | None) -> list[Paragraph]:
    who = blocks.mention(mention)
    if who is None:
        return []
    return [Paragraph((Span(voice.say("label.for"), bold=True), who))]


def _evidence(voice: Voice, event: Event) -> Paragraph:
    spans = [Span(voice.say("label.evidence"), bold=True)]
    address = blocks.link(event.url)
    if address:
        spans += [address, Span(" · ")]
    command = voice.say("evidence.command", event=event.id)
    spans += [Span(command, code=True), Span(voice.say("evidence.seen", seen=voice.moment(event.first_seen)))]
    return Paragraph(tuple(spans))
