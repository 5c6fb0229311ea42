"""Who says it, and who only repeats it: copies of one text are one voice, however many print them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from rapidfuzz import fuzz

from monitor.judge import names
from monitor.model import Origin

NEAR = 88.0  # from this likeness of their words on (0 to 100) two headlines are one text
LONGEST = 200  # characters of a headline that are kept for comparing
_CREDIT = re.compile(
    r"[(\[（]\s*(?:source:\s*)?([^()\[\]（）]{2,40}?)\s*[)\]）]|\b(?:via|source:|by)\s+([^\s,;|]{2,30})", re.IGNORECASE
)
_TRACKING = re.compile(r"^(?:utm_|fb|gclid|mc_|cmp|ref$|source$|ito$|ns_)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


def together(known: Sequence[Origin], new: Iterable[Origin], mirrors: Collection[str] = ()) -> tuple[Origin, ...]:
    """Return all voices, each once and in order; one that only repeats another says so.

    `mirrors` are sources that take over what registers say: they repeat whichever register says it too.
    """
    found: dict[tuple[str, str], Origin] = {(one.name, one.source): one for one in known}
    for one in new:
        mark = (one.name, one.source)
        if mark not in found:
            found[mark] = one if one.repeats else _judged(one, tuple(found.values()), mirrors)
    firsthand = next((o for o in found.values() if o.official and o.source not in mirrors and not o.repeats), None)
    if firsthand is not None:
        for mark, one in found.items():
            if one.source in mirrors and one.official and not one.repeats:
                found[mark] = replace(one, repeats=firsthand.name)
    return tuple(found.values())


def _judged(one: Origin, others: Sequence[Origin], mirrors: Collection[str]) -> Origin:
    if one.source in mirrors and one.official:
        return one  # decided when all are known
    original = next((other for other in others if not other.repeats and copied(one, other)), None)
    return one if original is None else replace(one, repeats=original.name)


def independent(origins: Iterable[Origin]) -> tuple[str, ...]:
    """Return the names of the voices that do not repeat another, in order."""
    return tuple(dict.fromkeys(one.name for one in origins if not one.repeats))


def copied(one: Origin, other: Origin) -> bool:
    """Return whether two voices told one text: the same page, the same agency, or nearly the same headline."""
    if one.name == other.name:
        return False  # one voice, not two
    if one.url and other.url and canonical(one.url) == canonical(other.url):
        return True
    if one.agency and names.fold(one.agency) in (names.fold(other.agency), names.fold(other.name)):
        return True
    if other.agency and names.fold(other.agency) == names.fold(one.name):
        return True
    return alike(one.title, other.title)


def alike(one: str, other: str) -> bool:
    """Return whether two headlines are one text: nearly the same words, and the same numbers."""
    if not one or not other:
        return False
    first, second = names.fold(one[:LONGEST]), names.fold(other[:LONGEST])
    if not first or not second or sorted(_NUMBER.findall(first)) != sorted(_NUMBER.findall(second)):
        return False
    return first == second or fuzz.token_sort_ratio(first, second, score_cutoff=NEAR) >= NEAR


def canonical(url: str) -> str:
    """Return the address without scheme, `www.`, tracking marks, fragment and closing slash; any other text as it is."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("amp.")
    except ValueError:
        return url
    if not host:
        return url
    kept = sorted((name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.match(name))
    path = parts.path.rstrip("/").removesuffix("/amp")
    return f"{host}{path}" + (f"?{urlencode(kept)}" if kept else "")


def agency(text: str, known: Collection[str]) -> str:
    """Return the news agency a text credits, as `LONDON (Reuters) -` does, or "". `known` are folded names."""
    for credit in _CREDIT.finditer(text[:600]):
        name = names.fold(credit[1] or credit[2] or "")
        if name in known:
            return name
    return ""
