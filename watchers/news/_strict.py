"""Reading a well-formed feed with lxml: what feedparser would read, in a fiftieth of its time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from lxml import etree

from watchers.news._text import absolute, host
from watchers.news._words import Channel, Item, freshness, mended, moment

_PARSER = etree.XMLParser(
    encoding="utf-8",  # it is by now, whatever the declaration says
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_PLAIN = (
    "",
    _ATOM,
    "{http://purl.org/atom/ns#}",
    "{http://purl.org/rss/1.0/}",
    "{http://my.netscape.com/rdf/simple/0.9/}",
)
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_SY = "{http://purl.org/rss/1.0/modules/syndication/}"

# What a child of an item means. Names that are not here are looked at one by one (`_harmless`).
_TITLE, _LINK, _ID, _SOURCE, _TEXT, _NOTHING = range(6)
_PUBLISHED, _UPDATED, _CREATED = range(10, 13)
_MEANS: Final[Mapping[str, int]] = {
    **{
        space + name: meaning
        for space in _PLAIN
        for name, meaning in {
            "title": _TITLE,
            "link": _LINK,
            "guid": _ID,
            "id": _ID,
            "pubDate": _PUBLISHED,
            "published": _PUBLISHED,
            "issued": _PUBLISHED,
            "updated": _UPDATED,
            "modified": _UPDATED,
            "created": _CREATED,
            "source": _SOURCE,
            "description": _TEXT,
            "summary": _TEXT,
            "content": _TEXT,
            "category": _NOTHING,
            "comments": _NOTHING,
            "enclosure": _NOTHING,
        }.items()
    },
    _DC + "date": _UPDATED,
    _DC + "creator": _NOTHING,
    _DC + "subject": _NOTHING,
    _DC + "description": _TEXT,
    _TERMS + "issued": _PUBLISHED,
    _TERMS + "modified": _UPDATED,
    _TERMS + "created": _CREATED,
    _CONTENT + "encoded": _TEXT,
}
# The order of trust where an item holds several texts.
_LEADS = ("description", "summary", "encoded", "content")
# Names feedparser gives a meaning that bears on title, link, id, dates or its own state.
_TELLING = frozenset(
    (
        *("title", "link", "guid", "id", "source", "image", "textinput", "language", "tags"),
        *("pubdate", "published", "issued", "updated", "modified", "lastbuilddate", "created"),
        *("rss", "channel", "feed", "item", "entry"),
        *("description", "abstract", "summary", "content", "body", "fullitem"),
    )
)
# The same for prefixes it knows; they count by their name, whatever address they stand for in the document at hand.
_TELLING_OF = {
    "dc": frozenset({"title", "date"}),
    "dcterms": frozenset({"issued", "modified", "created"}),
    "content": frozenset({"encoded"}),
    "xhtml": frozenset({"body"}),
}
_SPACES = {_DC: "dc", _TERMS: "dcterms", _CONTENT: "content", "{http://www.w3.org/1999/xhtml}": "xhtml"}
_PLAIN_FOLDED = frozenset(space.lower() for space in _PLAIN)


class UnusualError(Exception):
    """Something this reader leaves to feedparser."""


@dataclass(frozen=True, slots=True)
class Frame:
    channel: Channel
    items: Sequence[Item | None]  # None: unusual
    whole: bool  # no item hides where none belongs


def read_strictly(document: bytes, url: str) -> Frame:
    """Read a well-formed feed; UnusualError if its frame is not one of the three we know, XMLSyntaxError if it is malformed."""
    root = etree.fromstring(document, _PARSER)
    space, brace, name = root.tag.rpartition("}")
    space += brace
    if name == "rss" and space in _PLAIN:
        channel, items = _rss(root)
    elif name == "feed" and space in _PLAIN:
        channel, items = root, [child for child in root if child.tag == f"{space}entry"]
    elif root.tag == f"{_RDF}RDF":
        channel, items = _rdf(root)
    else:
        raise UnusualError
    reader = _Reader(_base(channel, _base(root, url)), name)
    found = sum(1 for _ in root.iter("{*}item", "{*}entry"))
    return Frame(_channel(root, channel), [reader.item(item) for item in items], found == len(items))


def _rss(root: Any) -> tuple[Any, list[Any]]:
    channels = [child for child in root if child.tag in _CHANNELS]
    if len(channels) != 1:
        raise UnusualError
    return channels[0], [child for child in (*channels[0], *root) if child.tag in _ITEMS]


def _rdf(root: Any) -> tuple[Any, list[Any]]:
    channels = [child for child in root if child.tag in _CHANNELS]
    if len(channels) != 1:
        raise UnusualError
    items = [child for child in root if child.tag in _ITEMS]
    return channels[0], items if items else [child for child in channels[0] if child.tag in _ITEMS]


_CHANNELS = frozenset(space + "channel" for space in _PLAIN)
_ITEMS = frozenset(space + "item" for space in _PLAIN)


def _base(element: Any, base: str) -> str:
    """Return the address links are relative to; only a plain absolute one is taken from the document itself."""
    said = element.get(f"{_XML}base")
    if element.get("base") is not None:
        raise UnusualError
    if said is None:
        return base
    if not host(said):
        raise UnusualError
    return absolute(base, str(said))


class _Reader:
    """Reads the items of one document."""

    def __init__(self, base: str, root: str) -> None:
        self._base = base
        self._root = root

    def item(self, element: Any) -> Item | None:
        """Return the item, or None if anything about it is unusual."""
        try:
            return self._item(element)
        except UnusualError:
            return None

    def _item(self, element: Any) -> Item:
        titles, links, ids = [], [], []
        texts: dict[str, Any] = {}
        dates: dict[int, str] = {}
        source = ""
        for child in element:
            meaning = _MEANS.get(child.tag)
            if meaning is None:
                source = _reprinted(child) or source
                continue
            if meaning >= _PUBLISHED:
                dates[meaning] = _line(child)
            elif meaning == _NOTHING:
                if len(child):
                    raise UnusualError
            elif meaning == _TITLE:
                titles.append(child)
            elif meaning == _LINK:
                links.append(child)
            elif meaning == _ID:
                ids.append(child)
            elif meaning == _TEXT:
                if (len(child) and child.get("type") not in _MARKUP_TYPES) or child.get("mode") is not None:
                    raise UnusualError
                texts.setdefault(_local(child), child)
            else:
                source = _outlet(child)
        about = self._about(element)
        identity, permanent = self._identity(ids) if ids else (about, False)
        link = self._link(links)
        return Item(
            title=self._title(titles, element),
            link=identity if link is None and permanent else link or "",
            id=identity,
            dates=tuple(
                (dates[kind], moment(dates[kind])) for kind in (_PUBLISHED, _UPDATED, _CREATED) if kind in dates
            ),
            summary=next((text for name in _LEADS if name in texts and (text := _markup(texts[name]))), ""),
            source=source,
        )

    def _about(self, element: Any) -> str:
        if not element.attrib:
            return ""
        if any(name not in (f"{_RDF}about", f"{_XML}lang") for name in element.attrib):
            raise UnusualError
        return str(element.get(f"{_RDF}about", ""))

    def _title(self, titles: list[Any], element: Any) -> str:
        if len(titles) > 1:
            raise UnusualError
        text = _line(titles[0]) if titles else ""
        if not text:
            if any(child not in titles and _local(child) == "title" for child in element.iter()):
                raise UnusualError  # media:title and the like stand in
            return ""
        kind = titles[0].get("type")
        if any(name not in ("type", f"{_XML}lang") for name in titles[0].attrib) or kind not in _TITLE_TYPES:
            raise UnusualError
        if ("<" in text or "&" in text) and not self._simple(text, kind):
            raise UnusualError
        return text

    def _simple(self, text: str, kind: str | None) -> bool:
        """Return whether the markup in a title, if it is markup, is of the kind on which all readers agree."""
        if kind not in ("html", "text/html"):
            if self._root == "feed":
                return True  # Atom says plain text, and so it is
            if self._root == "rss" and not _LOOKS_LIKE_MARKUP.search(text):
                return True
        return not _MARKUP_LEFT.search(_MARKUP.sub("", text))

    def _link(self, links: list[Any]) -> str | None:
        """Return the item's link; None if it has no element for it."""
        found: str | None = None
        for link in links:
            href = link.get("href")
            if href is None:
                if found is not None or link.attrib:
                    raise UnusualError
                text = _bare(link)
                text = mended(absolute(self._base, text)) if text else ""
                found = _AMP.sub(r"&\g<1>", text.replace("&amp;", "&"))
            elif not href or any(name in _ODD_IN_LINKS or name != name.lower() for name in link.attrib):
                raise UnusualError
            elif _alternate(link):
                found = absolute(self._base, href)
        return found

    def _identity(self, ids: list[Any]) -> tuple[str, bool]:
        """Return an item's id, and whether it is said to be an address."""
        if len(ids) > 1:
            raise UnusualError
        element = ids[0]
        if len(element.attrib) > 1 or any(name.lower() != "ispermalink" for name in element.attrib):
            raise UnusualError
        permanent = next(iter(element.attrib.values()), "true") == "true"
        text = _bare(element)
        return mended(absolute(self._base, text) if permanent and text else text), permanent


_MARKUP_TYPES = (None, "text", "html", "xhtml", "text/html", "application/xhtml+xml")
_TITLE_TYPES = (None, "text", "html", "text/plain", "text/html")
_LOOKS_LIKE_MARKUP = re.compile(r"</\w|&#?\w+;")
_MARKUP = re.compile(r"</?(?:b|i|em|strong)>|&(?:amp|lt|gt|quot|apos|nbsp|#39|#34|#8217|#8211|#8230);|&(?=\s)")
_MARKUP_LEFT = re.compile(r"[<>&]")
_ODD_IN_LINKS = frozenset({"url", "uri", f"{_XML}base"})
_AMP = re.compile(r"&([A-Za-z0-9_]+);")


def _bare(element: Any) -> str:
    """Return the text of an element that holds nothing else."""
    if len(element):
        raise UnusualError
    return (element.text or "").strip()


def _line(element: Any) -> str:
    return mended(_bare(element))


def _alternate(link: Any) -> bool:
    kind = (link.get("type") or "text/html").lower()
    return (link.get("rel") or "alternate").lower() == "alternate" and kind in (
        "text/html",
        "html",
        "xhtml",
        "application/xhtml+xml",
    )


def _outlet(element: Any) -> str:
    """Return the outlet an item was taken from: the text of an RSS source, the title of an Atom one."""
    if not len(element):
        return mended((element.text or "").strip())
    title = next((child for child in element if _MEANS.get(child.tag) == _TITLE), None)
    return "" if title is None else mended((title.text or "").strip())


def _reprinted(element: Any) -> str:
    """Check an element without a meaning of its own; return the outlet if it is Bing's way to state it."""
    if not isinstance(element.tag, str):
        raise UnusualError  # an entity that was declared nowhere
    if not _harmless(element.tag, element.prefix) or any(
        not isinstance(child.tag, str) or not _harmless(child.tag, child.prefix) for child in element.iterdescendants()
    ):
        raise UnusualError
    if element.prefix == "News" and element.tag.endswith("}Source") and "bing.com/news" in element.tag:
        return (element.text or "").strip()
    return ""


@lru_cache(maxsize=4096)
def _harmless(tag: str, prefix: str | None) -> bool:
    """Return whether feedparser would find nothing in such an element that changes title, link, id or date."""
    space, brace, name = tag.rpartition("}")
    space = (space + brace).lower()
    if not prefix or space in _PLAIN_FOLDED or "userland.com" in space or "law.harvard.edu" in space:
        return name.lower() not in _TELLING
    return name.lower() not in _TELLING_OF.get(_SPACES.get(space, prefix.lower()), ())


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _markup(element: Any) -> str:
    """Return the text of an element, with markup as markup whether it was escaped or not."""
    if not len(element):
        return mended((element.text or "").strip())
    return mended(etree.tostring(element, encoding="unicode", with_tail=False).strip())


# --------------------------------------------------------------------------- the frame


def _channel(root: Any, channel: Any) -> Channel:
    said: dict[str, str] = {}
    for child in channel:
        name = _FRAME.get(child.tag)
        if name and name not in said and not len(child):
            said[name] = mended((child.text or "").strip())
    language = said.get("language") or channel.get(f"{_XML}lang") or root.get(f"{_XML}lang") or ""
    return Channel(said.get("title", ""), language, freshness(said))


_FRAME = {
    **{space + name: name for space in _PLAIN for name in ("title", "language", "ttl")},
    _DC + "language": "language",
    _SY + "updatePeriod": "period",
    _SY + "updateFrequency": "frequency",
}
