"""Reading RSS, Atom and RDF: what is whole is split, and only what is new is read; feedparser has the last word.

Three readers, the cheap one first. `split` cuts a document into items without reading it, so that unknown items can
be told by their digest. lxml reads the frame and the new items. What lxml refuses, and every item with something
unusual in it, is read by feedparser, from bytes and never from an address. Where both read, they read the same:
`tests/watchers/test_feed_parity.py` holds them to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from monitor.watcher import SourceBlocked, SourceDown, SourceDrifted
from watchers.news._document import PAGE, Ending, Parts, ending, opened, root_of
from watchers.news._lenient import read_leniently
from watchers.news._strict import Frame, UnusualError, read_strictly
from watchers.news._text import host
from watchers.news._words import Reading


def read(body: bytes, url: str, content_type: str = "") -> Reading:
    """Read a whole feed. Raises what `opened` and `read_whole` raise."""
    return read_whole(opened(body, url, content_type), url)


def read_some(parts: Parts, wanted: Sequence[int], url: str) -> Reading | None:
    """Read these items of a document that was cut; None if the cut proves wrong (then `read_whole` is right)."""
    document = parts.only(frozenset(wanted))
    strict, malformed = _tried(document, url)
    if strict is not None and len(strict.items) == len(wanted):
        return _with_odd_ones(parts, wanted, strict, url)
    end = ending(document) if malformed else Ending.WHOLE
    if strict is None and end is not Ending.CUT:
        lenient = read_leniently(document, url)
        if len(lenient.items) == len(wanted):
            return replace(lenient, lenient=malformed, complete=end is Ending.WHOLE)
    return None


def _with_odd_ones(parts: Parts, wanted: Sequence[int], strict: Frame, url: str) -> Reading | None:
    """Let feedparser read the items in which lxml met something unusual."""
    items = list(strict.items)
    odd = [place for place, item in enumerate(items) if item is None]
    if odd:
        lenient = read_leniently(parts.only(frozenset(wanted[place] for place in odd)), url)
        if len(lenient.items) != len(odd):
            return None
        for place, item in zip(odd, lenient.items, strict=True):
            items[place] = item
    return Reading(strict.channel, [item for item in items if item is not None])


def read_whole(document: bytes, url: str) -> Reading:
    """Read all items of a document that `opened` let pass.

    Raises SourceBlocked for a page, SourceDown for a document cut short, SourceDrifted for one that is no feed.
    """
    strict, malformed = _tried(document, url)
    if strict is not None and strict.whole and None not in strict.items:
        return Reading(strict.channel, [item for item in strict.items if item is not None])
    end = ending(document) if malformed else Ending.WHOLE
    if end is Ending.CUT:
        raise SourceDown(f"the feed of {host(url)} is cut short")
    lenient = read_leniently(document, url)
    root = root_of(document)
    known = root.rpartition(b":")[2].lower() in (b"rss", b"feed", b"rdf")
    if lenient.items or (known and not malformed):
        return replace(lenient, lenient=malformed, complete=end is Ending.WHOLE)
    if root.lower() in PAGE:
        raise SourceBlocked(f"{host(url)} sent a page where a feed was expected")
    if malformed:
        raise SourceDrifted(f"the feed of {host(url)} is broken XML, and no item could be read")
    raise SourceDrifted(f"{host(url)} sent XML that is no feed: <{root.decode('utf-8', 'replace')[:40]}>")


def _tried(document: bytes, url: str) -> tuple[Frame | None, bool]:
    """Return what lxml read, if it could, and whether the document is malformed."""
    try:
        return read_strictly(document, url), False
    except etree.XMLSyntaxError:
        return None, True
    except UnusualError:
        return None, False
