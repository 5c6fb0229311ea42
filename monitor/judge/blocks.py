"""Slack's building blocks, safe by construction: foreign text stands only where Slack parses nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from monitor.judge.words import clean, cut, width

Block = Mapping[str, Any]
BUDGET = 10_000  # of all block text; Slack refuses somewhere above 13,000
TEXT = 2_900  # of the top-level text after escaping; Slack cuts an update over 4,000, our promise is 3,000
_HEADER = 150
_ELEMENT = 2_900
_MEMBER = re.compile(r"[UW][A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text: bold, code, a link (text is then the host) or a mention."""

    text: str
    bold: bool = False
    code: bool = False
    url: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Spans on one line, and `items` below it as a list."""

    spans: tuple[Span, ...]
    items: tuple[tuple[Span, ...], ...] = ()
    numbered: bool = True


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": _some(cut(text, _HEADER)), "emoji": False}}


def rich(paragraphs: Sequence[Paragraph]) -> Block:
    """Return all paragraphs as one rich_text block, a blank line between them."""
    elements: list[dict[str, Any]] = []
    for place, paragraph in enumerate(paragraphs):
        spans = paragraph.spans
        last = place == len(paragraphs) - 1
        tail = () if paragraph.items or last else (Span("\n"),)
        if spans:
            elements.append({"type": "rich_text_section", "elements": [_span(s) for s in (*spans, *tail)]})
        if paragraph.items:
            elements.append(
                {
                    "type": "rich_text_list",
                    "style": "ordered" if paragraph.numbered else "bullet",
                    "elements": [
                        {"type": "rich_text_section", "elements": [_span(s) for s in item]} for item in paragraph.items
                    ],
                }
            )
    return {"type": "rich_text", "elements": elements}


def _span(span: Span) -> dict[str, Any]:
    if span.member is not None:
        return {"type": "user", "user_id": span.member}
    if span.url is not None:
        return {"type": "link", "url": span.url, "text": _some(cut(span.text, _ELEMENT))}
    style = {name: True for name, on in (("bold", span.bold), ("code", span.code)) if on}
    found: dict[str, Any] = {"type": "text", "text": cut(span.text, _ELEMENT) or "\u2014"}
    return {**found, "style": style} if style else found


def _some(text: str) -> str:
    return text if text.strip() else "\u2014"


def link(url: str | None) -> Span | None:
    """Return a link labelled with its own host, or None for an address a reader should not be led to.

    Only http and https, no user part (`https://bank.com@evil`), no odd characters; a host that is not plain ASCII is
    shown in its punycode form, so that it cannot look like another.
    """
    if not url or width(url) > 2_000 or clean(url) != url or re.search(r"[\s<>|\"\\^`{}]", url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    shown = _ascii(host)
    if shown is None:
        return None
    label = f"{shown}:{port}" if port else shown
    # Slack's own form wants the scheme in small letters right before the host.
    return Span(label, url=f"{parts.scheme}://{url.split('://', 1)[1]}")


def _ascii(host: str) -> str | None:
    try:
        plain = host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return plain if re.fullmatch(r"\[?[A-Za-z0-9.:_-]+\]?", plain) else None


def mention(who: str | None) -> Span | None:
    """Return a mention for a Slack member id, the plain words for anything else."""
    if not who:
        return None
    if _MEMBER.fullmatch(who):
        return Span("@" + who, member=who)
    shown = clean(who)
    return Span(shown) if shown else None


def calls(who: str | None) -> bool:
    """Return whether a mention would call somebody: it is a member id."""
    return bool(who and _MEMBER.fullmatch(who))


def plain(paragraphs: Sequence[Paragraph]) -> str:
    """Return the same words as lines of text; links follow their host in full."""
    lines = []
    for paragraph in paragraphs:
        if any(span.member for span in paragraph.spans):
            continue  # a member id tells a reader nothing; the mention itself is in the blocks
        words = "".join(span.text for span in paragraph.spans)
        if words.strip():
            lines.append(words.rstrip("\n"))
        for number, item in enumerate(paragraph.items, 1):
            mark = f"{number}. " if paragraph.numbered else "- "
            lines.append(mark + "".join(span.text for span in item))
    return "\n".join(lines)


def escaped(text: str, most: int = TEXT) -> str:
    """Return text for Slack's top-level `text`: cut first, then & < > escaped, never longer than `most`."""
    room = most
    while True:
        found = _some(cut(text, room)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if len(found) <= most:
            return found
        room = room * most // len(found)  # escaping made it longer: shrink in proportion


def unescaped(text: str) -> str:
    """Return a message's `text` as the console shows it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def fitted(paragraphs: Sequence[Paragraph], room: int, more: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs within `room` characters of text: long lists are shortened first and say by how many.

    `more` stands in for whole paragraphs that are left out.
    """
    if size(paragraphs) <= room:
        return tuple(paragraphs)
    kept: list[Paragraph] = []
    left = room - width(more) - 2
    for paragraph in paragraphs:
        # A long list takes three fifths of what is left, so that what follows it is seen too.
        fitting = _shortened(paragraph, left * 3 // 5) if paragraph.items else paragraph
        if size([fitting]) > left:
            return (*kept, Paragraph((Span(more),)))
        left -= size([fitting])
        kept.append(fitting)
    return tuple(kept)


def _shortened(paragraph: Paragraph, room: int) -> Paragraph:
    room -= size([Paragraph(paragraph.spans)]) + 20  # for the line that counts the rest
    items: list[tuple[Span, ...]] = []
    for item in paragraph.items:
        room -= size([Paragraph(item)])
        if room < 0:
            rest = len(paragraph.items) - len(items)
            return replace(paragraph, items=(*items, (Span(f"… (+{rest} more)"),)))
        items.append(item)
    return paragraph


def size(paragraphs: Sequence[Paragraph]) -> int:
    """Return the characters of block text the paragraphs take."""
    spans = [s for p in paragraphs for s in (*p.spans, *(s for item in p.items for s in item))]
    return sum(min(width(span.text), _ELEMENT) + 1 for span in spans)
