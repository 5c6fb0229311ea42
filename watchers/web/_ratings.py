"""What a page says of how its customers rate it: schema.org's AggregateRating, as JSON-LD or in the markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from watchers.web._letters import clean, fold

MOST = 50  # ratings of one page
_MOST_NODES = 20_000
_SCALE = Decimal(5)
_CENT = Decimal("0.01")
_FIGURE = re.compile(r"\d{1,15}(?:[.,\s]\d{1,15}){0,4}")
_WRAPPED = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)?(.*?)(?://\s*\]\]>|\]\]>|-->)?\s*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating, brought onto the usual scale of 5 points: value as text with two decimals at most, and how many gave one."""

    of: str  # what is rated, or nothing
    value: str
    count: int | None

    @property
    def key(self) -> str:
        return fold(self.of)[:120] or "rating"


def ratings(tree: LexborHTMLParser) -> tuple[Rating, ...]:
    """Return the ratings a page states, each thing rated once; what the data block says counts before the markup."""
    found: dict[str, Rating] = {}
    for script in tree.css('script[type="application/ld+json"]')[:MOST]:
        for rating in _in_data(_loaded(script.text_content or script.text(deep=True))):
            found.setdefault(rating.key, rating)
    for rating in () if found else _in_markup(tree):
        found.setdefault(rating.key, rating)
    return tuple(found.values())[:MOST]


def in_document(document: Any) -> tuple[Rating, ...]:
    """Return the ratings in a JSON document."""
    found: dict[str, Rating] = {}
    for rating in _in_data(document):
        found.setdefault(rating.key, rating)
    return tuple(found.values())[:MOST]


def _loaded(text: str) -> Any:
    inner = _WRAPPED.match(text)
    for tried in (inner[1] if inner else text, html.unescape(inner[1] if inner else text)):
        try:
            # Raw line breaks inside texts are a common slip.
            return orjson.loads(re.sub(r"[\x00-\x1f]", " ", tried))
        except orjson.JSONDecodeError:
            continue
    return None


def _in_data(document: Any) -> Iterator[Rating]:
    stack: list[tuple[Any, str]] = [(document, "")]
    seen = 0
    while stack and seen < _MOST_NODES:
        node, name = stack.pop()
        seen += 1
        if isinstance(node, list):
            stack.extend((one, name) for one in reversed(node))
        elif isinstance(node, Mapping):
            if _is_rating(node):
                of = node.get("itemReviewed")
                named = _name(of) if isinstance(of, Mapping) else of if isinstance(of, str) else ""
                if (rating := _rating(named or name, node.get)) is not None:
                    yield rating
            own = _name(node)
            stack.extend((one, own or name) for one in reversed(list(node.values())) if isinstance(one, Mapping | list))


def _is_rating(node: Mapping[str, Any]) -> bool:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(one, str) and one.rsplit("/", 1)[-1] == "AggregateRating" for one in kinds)


def _name(node: Mapping[str, Any]) -> str:
    name = node.get("name")
    return clean(name)[:120] if isinstance(name, str) else ""


def _in_markup(tree: LexborHTMLParser) -> Iterator[Rating]:
    """Read microdata and RDFa, which use the same words in other attributes."""
    for node in tree.css('[itemtype*="AggregateRating"], [typeof*="AggregateRating"], [itemprop="aggregateRating"]')[
        :MOST
    ]:

        def said(field: str, node: LexborNode = node) -> str | None:
            one = node.css_first(f'[itemprop="{field}"], [property="{field}"], [property="schema:{field}"]')
            if one is None:
                return None
            return one.attributes.get("content") or one.attributes.get("value") or one.text(deep=True)

        if (rating := _rating(_owner(node), said)) is not None:
            yield rating


def _owner(node: LexborNode) -> str:
    """Return the name of what the rating belongs to."""
    above = node.parent
    for _ in range(50):
        if above is None or above.tag in ("body", "html"):
            return ""
        if "itemscope" in above.attributes or "typeof" in above.attributes:
            name = above.css_first('[itemprop="name"], [property="name"]')
            return clean(name.attributes.get("content") or name.text(deep=True))[:120] if name is not None else ""
        above = above.parent
    return ""


def _rating(of: str, said: Any) -> Rating | None:
    value = _decimal(said("ratingValue"))
    best = _decimal(said("bestRating")) or _SCALE
    worst = _decimal(said("worstRating")) or Decimal(0)
    if value is None or not worst <= value <= best or best <= 0:
        return None
    count = _count(said("reviewCount")) or _count(said("ratingCount"))
    return Rating(clean(of), _plain(value * _SCALE / best), count)


def _decimal(said: Any) -> Decimal | None:
    if isinstance(said, bool) or said is None:
        return None
    text = clean(str(said)).replace(",", ".")
    try:
        number = Decimal(text.split("/")[0].strip().rstrip("%"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 1_000_000 else None


def _count(said: Any) -> int | None:
    if isinstance(said, bool) or said is None:
        return None
    if isinstance(said, int | float):
        return int(said) if 0 <= said < 10**12 else None
    found = _FIGURE.search(str(said))
    digits = re.sub(r"\D", "", found[0]) if found else ""
    return int(digits) if digits and len(digits) <= 12 else None


def _plain(value: Decimal) -> str:
    text = format(value.quantize(_CENT), "f")
    return text.rstrip("0").rstrip(".")
