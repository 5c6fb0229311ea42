"""From the bytes of an answer to a document: its letters, its prolog, and a cut at its items without reading them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from monitor.watcher import SourceBlocked, SourceDown, SourceDrifted
from watchers.news._text import host

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
# Codecs a feed may name; Python also knows some (punycode, unicode_escape) that outsiders must not choose.
_CODECS = re.compile(
    r"utf-8$|ascii|iso8859|iso2022|cp\d|koi8|gb|big5|shift_jis|euc_|mac-|tis-620|hz|johab|kz1048|ptcp154"
)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"}  # as every browser reads them
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_DOCTYPE = re.compile(rb"<!DOCTYPE(?:[^\"'\[>]|\"[^\"]*\"|'[^']*')*+", re.IGNORECASE)
_XMLISH = re.compile(rb"<(?:\?xml|rss|feed|rdf:RDF)[\s>]")
PAGE = frozenset(b"html head body script style title meta div p center h1 iframe".split())


def opened(body: bytes, url: str, content_type: str = "") -> bytes:
    """Return the document in UTF-8 from its first `<` on, after the checks that come before any reader.

    Raises SourceDown for an empty body, SourceBlocked for a page or text where a feed belongs, SourceDrifted for a
    document type with declarations of its own.
    """
    document = _utf8(body, content_type).strip(b" \t\r\n\x00")
    if not document:
        raise SourceDown(f"empty answer from {host(url)}")
    if document[:1] != b"<":
        # Some scripts print their warnings before the feed.
        found = _XMLISH.search(document[:4_000])
        if not found:
            raise SourceBlocked(f"{host(url)} sent text where a feed was expected: {_shown(document)}")
        document = document[found.start() :]
    found = _ROOT.match(document, _prolog(document, url))
    root = found[1] if found else b""
    if root.lower() in PAGE and not re.search(rb"<(?:\w+:)?(?:item|entry)[\s>]", document):
        raise SourceBlocked(f"{host(url)} sent a page where a feed was expected (consent, captcha or error page)")
    return document


def _utf8(body: bytes, content_type: str) -> bytes:
    """Return the body in UTF-8 without a byte order mark.

    Many feeds are UTF-8 whatever they declare: what decodes strictly and holds a multi-byte character is.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :] if codec == "utf-8" else _recoded(body[len(mark) :], codec)
    for start, codec in _UNMARKED:
        if body.startswith(start):
            return _recoded(body, codec)
    declared = _declared(body, content_type)
    if body.isascii() and not declared.startswith(("iso2022", "hz")):  # those write Asian text in seven bits
        return body
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _other(body, declared)
    return body if not text.isascii() else _recoded(body, declared)


def _other(body: bytes, declared: str) -> bytes:
    """Return a body that is not strict UTF-8 in UTF-8."""
    if declared in ("", "utf-8"):
        # One bad byte must not spoil every other letter.
        text = body.decode("utf-8", "replace")
        bad = text.count("\ufffd")
        if sum(not char.isascii() for char in text) > 2 * bad:
            return text.encode("utf-8")
    for codec in filter(None, (declared, "cp1252", "iso8859-2")):
        try:
            return body.decode(codec).encode("utf-8")
        except UnicodeError:
            continue
    return body.decode("utf-8", "replace").encode("utf-8")


def _recoded(body: bytes, codec: str) -> bytes:
    return body.decode(codec, "replace").encode("utf-8", "replace")


def _declared(body: bytes, content_type: str) -> str:
    """Return the codec that the header or else the document names, if it is one we know."""
    said = _CHARSET.search(content_type)
    stated = _DECLARED.search(body[:400])
    for name in (said[1] if said else "", stated[1].decode("ascii") if stated else ""):
        if name and (codec := _codec(name)):
            return codec
    return ""


@lru_cache(maxsize=256)
def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return _WIDER.get(found, found) if _CODECS.match(found) else ""


def _prolog(document: bytes, url: str) -> int:
    """Return where the root element begins; refuse a document type that declares anything itself.

    An external identifier is tolerated: nothing ever fetches it.
    """
    at = 0
    while True:
        at += len(document[at : at + 1_000]) - len(document[at : at + 1_000].lstrip())
        if document.startswith(b"<?", at):
            end = document.find(b"?>", at) + 2
        elif document.startswith(b"<!--", at):
            end = document.find(b"-->", at) + 3
        elif doctype := _DOCTYPE.match(document, at):
            if document[doctype.end() : doctype.end() + 1] == b"[":
                raise SourceDrifted(f"the feed of {host(url)} declares a document type of its own, which is refused")
            end = document.find(b">", doctype.end()) + 1
        else:
            return at
        if end <= at + 1:
            return at
        at = end


def root_of(document: bytes) -> bytes:
    """Return the name of the root element, prefix and all, or nothing."""
    found = _ROOT.match(document, _prolog(document, ""))
    return found[1] if found else b""


def _shown(document: bytes) -> str:
    return repr(document[:60].decode("utf-8", "replace"))


class Ending(Enum):
    """How a document ends that no strict reader accepts."""

    WHOLE = "whole"  # the root was closed, or all but the root
    BETWEEN = "between"  # after an item: what stands there is sound, more may be missing
    CUT = "cut"  # in the midst of something


def ending(document: bytes) -> Ending:
    """Return how a document ends. Some publishers forget to close the root, so a closed channel is enough."""
    closed = {root_of(document).lower(), b"channel"} - {b""}
    if len(closed) == 1 or any(_closing(name).search(document) for name in closed):
        return Ending.WHOLE
    return Ending.BETWEEN if _AFTER_ITEM.search(document[-200:]) else Ending.CUT


@lru_cache(maxsize=64)
def _closing(name: bytes) -> re.Pattern[bytes]:
    return re.compile(b"</" + re.escape(name) + rb"\s*>", re.IGNORECASE)


_AFTER_ITEM = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parts:
    """A document cut at its items: `before[i]` stands before `items[i]`; `head`, `tail` around them all.

    An empty `items` means that the document could not be cut, or holds none: `head` is all of it.
    """

    head: bytes
    items: Sequence[bytes] = ()
    before: Sequence[bytes] = ()
    tail: bytes = b""

    def only(self, wanted: Collection[int]) -> bytes:
        """Return the document with these items alone."""
        kept: list[bytes] = [self.head]
        for at, (gap, item) in enumerate(zip(self.before, self.items, strict=True)):
            kept.append(gap)
            if at in wanted:
                kept.append(item)
        kept.append(self.tail)
        return b"".join(kept)


_OPEN = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?(?:item|entry))(?=[\s>])")


def split(document: bytes) -> Parts:
    """Cut a document at its items, by their tags alone. Whoever reads the parts checks that the counts agree."""
    first = _OPEN.search(document)
    if not first:
        return Parts(document)
    name = first[1]
    close = b"</" + name + b">"
    *pieces, tail = document.split(close)
    opening = re.compile(b"<" + re.escape(name) + rb"(?=[\s>])")
    if not pieces or opening.search(tail):
        return Parts(document)
    items, before = [], []
    for piece in pieces:
        begin = opening.search(piece)
        if not begin:
            return Parts(document)
        before.append(piece[: begin.start()])
        items.append(piece[begin.start() :] + close)
    return Parts(before[0], items, [b"", *before[1:]], tail)
