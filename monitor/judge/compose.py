"""Putting a message together: labelled paragraphs, names filled in by hand, and everything within Slack's limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.judge import blocks, words
from monitor.judge.blocks import Paragraph, Span
from monitor.judge.words import Voice
from monitor.model import Event, Message

NAME = 90  # visible characters of a customer's name in a headline


def message(
    voice: Voice, headline: str, body: Sequence[Paragraph], closing: Paragraph | None, *, titled: bool
) -> Message:
    """Return blocks and the same words as text; what does not fit is named, never silently lost."""
    head = (Paragraph((Span(headline, bold=True),)),)
    in_header = titled and words.width(headline) <= 150
    shown = (*(() if in_header else head), *body)
    tail = (closing,) if closing else ()
    room = blocks.BUDGET - blocks.size([*head, *tail])
    fitted = (*blocks.fitted(shown, room, "… counterwatch alerts"), *tail)
    built = ([blocks.header(headline)] if titled else []) + ([blocks.rich(fitted)] if fitted else [])
    told = blocks.plain((*head, *body, *tail))
    return Message(blocks.escaped(told), tuple(built))


def labelled(voice: Voice, label: str, told: str) -> Paragraph:
    return Paragraph((Span(voice.say(f"label.{label}"), bold=True), Span(told)))


def plain(told: str) -> Paragraph:
    return Paragraph((Span(told),))


def listed(label: str, lines: Sequence[str]) -> Paragraph:
    return Paragraph((Span(label, bold=True),), tuple((Span(text),) for text in lines), numbered=False)


def notice(voice: Voice, told: str) -> str:
    """Return the headline of a message that is about no single customer."""
    return filled_once(voice, "notice", severity=voice.say("severity.notice"), says=told)


def filled_once(voice: Voice, key: str, **parts: str) -> str:
    """Return a sentence filled in one go: a part that holds `{says}` stays what it is."""
    return words.PLACE.sub(lambda place: parts[place[1]], voice.texts.raw(key, voice.language))


def origin(voice: Voice, name: str) -> str:
    """Return the name of a source as the reader's language has it."""
    key = "origin." + words.clean(name).lower().replace(" ", "_")
    return voice.say(key) if voice.texts.has(key, voice.language) else words.clean(name)


def dates_of(event: Event) -> Mapping[str, Any]:
    """Return the dates an event states, by name."""
    dates = event.facts.get("dates")
    return {str(k): v for k, v in dates.items() if v} if isinstance(dates, Mapping) else {}


def dated(voice: Voice, name: str, value: Any) -> str:
    """Return a stated date in words: `hearing 9 Dec`."""
    key = f"known.dates.{name}"
    if voice.texts.has(key, voice.language):
        return voice.say(key, date=value)
    return voice.say("known.date", name=name.replace("_", " "), date=value)
