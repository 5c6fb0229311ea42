"""Take a page apart into paragraphs: what a person reads as one line, row, list item or teaser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from monitor.watcher import SourceDrifted
from watchers.web._letters import clean

MOST_CARD = 1_500  # characters; a longer list item or teaser is read paragraph by paragraph


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph and where it stands: under which heading, or at which path of a JSON document.

    `slot`: nothing else can stand at this place, so another text there is the same paragraph, altered.
    """

    block: str
    text: str
    slot: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SILENT = _words(
    "script style noscript template head svg canvas iframe object embed audio video map math nav input select textarea"
    " button option datalist progress meter dialog picture img source track link meta"
)
_BLOCKS = _words(
    "address article aside blockquote body center details dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
    " header hgroup hr legend li main menu ol p pre search section summary table tbody td tfoot th thead tr ul caption html"
)
_SECTIONS = _words("main article section aside header footer")
_STYLED = _words("span time a small strong em b i")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_MARKED = _words("div section aside ul ol form p span header footer a")
# What only serves the visit: consent, advertising, sharing, other people's pages.
_SERVICE = re.compile(
    r"(?:^|[\s_-])(?:cookies?|cookiebanner|cookieconsent|consent|gdpr|cmp|onetrust|cookiebot|usercentrics|truste|klaro|didomi"
    r"|ads?|adsbygoogle|advert|advertisement|sponsored|captcha|recaptcha|hcaptcha|turnstile|share|sharing|addtoany|social-share|breadcrumbs?"
    r"|popup|modal|lightbox|toast|newsletter-popup|chat-widget|intercom|skip-link|skiplink|sr-only|visually-hidden|screen-reader-text"
    r"|debug-bar|debugbar|view-count|viewcount|page-views|visitor-counter|hit-counter|recently-viewed|you-may-also-like|trending|most-read)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_ROLES = frozenset(("navigation", "search", "dialog", "alertdialog", "menu", "menubar", "timer", "progressbar"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_RATING = re.compile(r"aggregateRating|ratingValue|ratingCount|reviewCount", re.IGNORECASE)


MOST_OPEN = 2_000  # elements within each other; the parser's time grows with the square of their number
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE)
_UNCLOSED = _words(
    "area base br col embed hr img input link meta source track wbr p li dt dd td th tr tbody thead tfoot option optgroup rp rt"
    " colgroup path circle rect line use stop html head body"
)


def nests_too_deeply(source: str) -> bool:
    """Return whether more elements are open at once than a page for people ever has; a cheap guess, made before parsing."""
    if source.count("<") <= MOST_OPEN:
        return False
    open_ = 0
    for closing, tag in _TAG.findall(source):
        if tag.lower() in _UNCLOSED:
            continue
        open_ = max(0, open_ - 1) if closing else open_ + 1
        if open_ > MOST_OPEN:
            return True
    return False


def selected(tree: LexborHTMLParser, select: str | None) -> list[LexborNode]:
    """Return what the selector finds, each part of the page once, in the page's order; the body without one.

    Raises SourceDrifted for a selector that cannot be read.
    """
    if not select:
        return [tree.body] if tree.body is not None else []
    try:
        found = tree.css(select)
    except SelectolaxError:
        raise SourceDrifted(f"the selector {select!r} cannot be read") from None
    kept: dict[int, LexborNode] = {}
    for node in found:  # in document order, so what holds others comes before them
        above = node.parent
        while above is not None and above.mem_id not in kept:
            above = above.parent
        if above is None:
            kept[node.mem_id] = node
    return list(kept.values())


def paragraphs(nodes: Sequence[LexborNode], *, rated: bool = False) -> Iterator[Paragraph]:
    """Yield the paragraphs of parts of a page. `rated`: its ratings are records of their own, and left out here."""
    for node in nodes:
        yield from _Walk(node, rated).read()


class _Walk:
    """One pass over a part of a page, without recursion: pages nest as deeply as they like."""

    def __init__(self, root: LexborNode, rated: bool) -> None:
        self.root, self.rated = root, rated
        self.pieces: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self._teasers: dict[int, bool] = {}

    def read(self) -> Iterator[Paragraph]:
        stack: list[tuple[LexborNode, bool]] = [(self.root, False)]
        above: list[list[tuple[int, str]]] = []  # the headings that held before each open section
        while stack:
            node, leaving = stack.pop()
            tag = node.tag or ""
            if leaving:
                yield from self._flush()
                if tag in _SECTIONS:
                    self.headings = above.pop()
            elif tag == "-text":
                self.pieces.append(node.text_content or "")
            elif tag == "br":
                self.pieces.append(" ")
            elif not self._speaks(node, tag):
                continue
            elif tag not in _BLOCKS:
                self.pieces.append(_apart(node, tag))
                stack.extend((child, False) for child in reversed(list(node.iter(include_text=True))))
            else:
                yield from self._flush()
                whole = self._whole(node, tag)
                if whole is not None:
                    yield from self._said(whole, tag)
                    continue
                if tag in _SECTIONS:
                    above.append(self.headings)
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(list(node.iter(include_text=True))))
        yield from self._flush()

    def _flush(self) -> Iterator[Paragraph]:
        text = clean("".join(self.pieces))
        self.pieces.clear()
        if text:
            yield Paragraph(self._block(), text)

    def _said(self, text: str, tag: str) -> Iterator[Paragraph]:
        level = _HEADINGS.get(tag)
        if level is not None:
            self.headings = [one for one in self.headings if one[0] < level]
        if text:
            yield Paragraph(self._block(), text)
            if level is not None:
                self.headings = [*self.headings, (level, text[:120])]

    def _block(self) -> str:
        return self.headings[-1][1] if self.headings else ""

    def _speaks(self, node: LexborNode, tag: str) -> bool:
        """Return whether a reader of the page reads this element: no script, no menu, nothing hidden, no consent."""
        if not tag or tag[0] in "-_!" or tag in _SILENT:
            return node.mem_id == self.root.mem_id and tag not in ("script", "style", "template", "noscript")
        if node.mem_id == self.root.mem_id:
            return True
        said = node.attributes
        if not said:
            return True
        if "hidden" in said or said.get("aria-hidden") == "true" or said.get("role") in _ROLES:
            return False
        if (style := said.get("style")) and _HIDDEN.search(style):
            return False
        if self.rated and _RATING.search(f"{said.get('itemprop') or ''} {said.get('itemtype') or ''}"):
            return False
        if tag in _MARKED and _SERVICE.search(f"{said.get('class') or ''} {said.get('id') or ''}"):
            return node.css_first("main, article, h1") is not None
        return True

    def _whole(self, node: LexborNode, tag: str) -> str | None:
        """Return the text of what is one paragraph, whatever is inside: a heading, a row, a short list item or teaser."""
        if tag in _HEADINGS or tag in ("p", "caption", "summary", "legend", "figcaption"):
            return self._text(node, " ")
        if tag == "tr":
            inner = node.css_first("table, ul, ol, article, h1, h2, h3, h4, section")
            return None if inner is not None else self._text(node, " | ")
        if tag == "dt":
            return "" if _beside(node, "dd") else self._text(node, " ")
        if tag == "dd":
            before = node.prev
            while before is not None and before.tag in ("-text", "dd"):
                before = before.prev
            term = self._text(before, " ") if before is not None and before.tag == "dt" else ""
            return f"{term}: {self._text(node, ' ')}" if term else self._text(node, " ")
        if (tag == "li" and node.css_first("ul, ol, table, article") is None) or (
            tag == "article" and self._teaser(node)
        ):
            text = self._text(node, " · ")
            return text if len(text) <= MOST_CARD else None
        return None

    def _teaser(self, node: LexborNode) -> bool:
        """Return whether this article is one of several beside each other, not the page's text itself."""
        above = node.parent
        if above is None or node.css_first("table, article article") is not None:
            return False
        known = self._teasers.get(above.mem_id)
        if known is None:
            known = self._teasers[above.mem_id] = sum(child.tag == "article" for child in above.iter()) > 1
        return known

    def _text(self, node: LexborNode, between: str) -> str:
        """Return all the text of an element, its blocks set apart by a sign."""
        parts: list[str] = []
        pieces: list[str] = []

        def flush() -> None:
            if text := clean("".join(pieces)):
                parts.append(text)
            pieces.clear()

        stack: list[tuple[LexborNode, bool]] = [
            (child, False) for child in reversed(list(node.iter(include_text=True)))
        ]
        while stack:
            one, leaving = stack.pop()
            tag = one.tag or ""
            if leaving:
                flush()
            elif tag == "-text":
                pieces.append(one.text_content or "")
            elif tag == "br":
                pieces.append(" ")
            elif self._speaks(one, tag):
                if tag in _BLOCKS:
                    flush()
                    stack.append((one, True))
                else:
                    pieces.append(_apart(one, tag))
                stack.extend((child, False) for child in reversed(list(one.iter(include_text=True))))
        flush()
        return between.join(parts)


def _beside(node: LexborNode, tag: str) -> bool:
    """Return whether the next element is of this kind."""
    after = node.next
    while after is not None and after.tag in ("-text", "-comment"):
        after = after.next
    return after is not None and after.tag == tag


def _apart(node: LexborNode, tag: str) -> str:
    """Return what stands before an inline element: a blank, if only the style sheet sets it apart from the one before."""
    before = node.prev
    return f"{' ' if tag == 'time' or (before is not None and before.tag in _STYLED) else ''}{_address(node)}"


def _address(node: LexborNode) -> str:
    """Return the mail address that a page hides from robots behind `[email protected]`, if this is one."""
    code = node.attributes.get("data-cfemail") if node.tag in ("a", "span") else None
    if not code:
        return ""
    try:
        key, *letters = bytes.fromhex(code)
    except ValueError:
        return ""
    return bytes(letter ^ key for letter in letters).decode("utf-8", "replace") + " "
