"""Reading a feed with feedparser, the reference: from bytes, never from an address, and never without a bound."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import feedparser

from monitor.watcher import SourceDrifted
from watchers.news._text import host
from watchers.news._words import Channel, Item, Reading, freshness, moment, utc

_BYTES = 4_000_000  # feedparser needs 10 ms for 50 KB; nobody publishes broken feeds of this size
_TAGS = 150_000  # outside CDATA; one costs up to 15 µs
_DEPTH = 256  # as libxml2


def read_leniently(document: bytes, url: str) -> Reading:
    """Let feedparser read the document. Raises SourceDrifted for one too large or nested too deeply to try."""
    if len(document) > _BYTES:
        raise SourceDrifted(f"the feed of {host(url)} is too large to be mended")
    outside = b"".join(_without_cdata(document))
    if outside.count(b"<") > _TAGS:
        raise SourceDrifted(f"the feed of {host(url)} has too many tags to be mended")
    if _depth(outside) > _DEPTH:
        raise SourceDrifted(f"the feed of {host(url)} is nested too deeply")
    found = feedparser.parse(
        io.BytesIO(document),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        sanitize_html=False,  # what is kept is plain text, made so in one place
        resolve_relative_uris=False,
    )
    names = {"title": "title", "language": "language", "ttl": "ttl"}
    names |= {"period": "sy_updateperiod", "frequency": "sy_updatefrequency"}
    said = {name: found.feed.get(key) for name, key in names.items()}
    texts = {name: value.strip() for name, value in said.items() if isinstance(value, str)}
    channel = Channel(texts.get("title", ""), texts.get("language", ""), freshness(texts))
    return Reading(channel, [_entry(entry) for entry in found.entries], lenient=True)


def _entry(entry: Any) -> Item:
    def text(name: str) -> str:
        value = dict.get(entry, name)  # the plain dictionary: feedparser's own lookup answers one date for another
        return value if isinstance(value, str) else ""

    contents = dict.get(entry, "content") or [{}]
    source = dict.get(entry, "source")
    outlet = source.get("title") if isinstance(source, dict) else None
    return Item(
        title=text("title"),
        link=text("link"),
        id=text("id"),
        dates=tuple(
            (text(name), utc(dict.get(entry, f"{name}_parsed")) if moment(text(name)) else None)
            for name in ("published", "updated", "created")
            if text(name)
        ),
        summary=text("summary") or str(contents[0].get("value", "")),
        source=str(outlet or text("news_source")),
    )


_STEP = re.compile(rb"<(/?)([A-Za-z_][\w.:-]*+)[^<>]*+>")
# These need no end tag in the HTML that broken feeds paste in raw.
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr p li".split())


def _depth(document: bytes) -> int:
    """Return how deeply a document is nested, by its tags alone, in time proportional to its length."""
    depth = deepest = 0
    for tag in _STEP.finditer(document):
        if tag[1]:
            depth = max(0, depth - (tag[2].lower() not in _VOID))
        elif tag[0][-2:] != b"/>" and tag[2].lower() not in _VOID:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _without_cdata(document: bytes) -> Iterator[bytes]:
    at = 0
    while (begin := document.find(b"<![CDATA[", at)) >= 0:
        yield document[at:begin]
        end = document.find(b"]]>", begin)
        if end < 0:
            return
        at = end + 3
    yield document[at:]
