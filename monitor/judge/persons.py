"""Is this person named here? For what we hold on a natural person, and for forgetting them.

Names are compared without regard to case, accents and spacing, in the order given and with the last word first
(`NORDMANN, Kari`). Data that has forename and surname apart counts too: all words within a short stretch of text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

ERASED = "[erased]"
_NEAR = 160  # characters within which all words of the name must stand
_BETWEEN = r"[\s,.;_·-]+"
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_HAN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af]")
_LEAST = 2


@dataclass(frozen=True)
class Person:
    """One name to look for. `words`: folded."""

    words: tuple[str, ...]

    @cached_property
    def _phrase(self) -> re.Pattern[str]:
        first = _BETWEEN.join(map(re.escape, self.words))
        turned = _BETWEEN.join(map(re.escape, (self.words[-1], *self.words[:-1])))
        return re.compile("|".join(dict.fromkeys(map(_whole, (first, turned)))))

    @cached_property
    def _any(self) -> re.Pattern[str]:
        longest_first = sorted(self.words, key=len, reverse=True)
        return re.compile(_whole("|".join(map(re.escape, longest_first))))

    def found(self, text: str) -> bool:
        """Say whether a text names the person."""
        folded = fold(text)
        return self._phrase.search(folded) is not None or next(self._near(folded), None) is not None

    def _near(self, folded: str) -> Iterator[tuple[int, int]]:
        """Yield the stretches that hold all words of the name."""
        if any(word not in folded for word in self.words):
            return
        seen: dict[str, int] = {}
        for match in self._any.finditer(folded):
            seen[match[0]] = match.start()
            first = min(seen.values())
            if len(seen) == len(set(self.words)) and match.end() - first <= _NEAR:
                yield first, match.end()

    def without(self, text: str) -> str:
        """Return the text with each place that names the person replaced by `[erased]`."""
        folded, places = _folded(text)
        spans = [match.span() for match in self._phrase.finditer(folded)]
        for begin, end in self._near(folded):
            spans += [match.span() for match in self._any.finditer(folded, begin, end)]
        result, last = [], len(text)
        for begin, end in sorted(_joined(spans), reverse=True):
            result += [text[places[end - 1] + 1 : last], ERASED]
            last = places[begin]
        return "".join(reversed([*result, text[:last]]))

    def in_bytes(self, body: bytes) -> bool:
        """Say whether a raw answer names the person, however its letters are written."""
        return any(self.found(text) for text in _readings(body))


def person(name: str) -> Person | None:
    """Return what to look for; None if the name is too short to mean one person."""
    words = tuple(re.findall(r"[\w']+", fold(name)))
    enough = len(words) >= _LEAST or (len(words) == 1 and _HAN.search(words[0]) and len(words[0]) >= _LEAST)
    return Person(words) if enough else None


def fold(text: str) -> str:
    """Return a text without case and accents; lines and blanks stay."""
    return _folded(text)[0] if not text.isascii() else text.lower()


def _folded(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters where it stood."""
    out: list[str] = []
    places: list[int] = []
    for n, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(part):
                out.append(_LETTERS.get(part, part))
                places.append(n)
    return "".join(out), places


_LETTERS = {"ø": "o", "æ": "a", "ł": "l", "đ": "d", "ı": "i"}  # what Unicode does not take apart


def _whole(pattern: str) -> str:
    """Return a pattern that does not begin or end inside a word; Chinese has no blanks between words."""
    if _HAN.search(pattern):
        return f"(?:{pattern})"
    return rf"(?<!\w)(?:{pattern})(?!\w)"


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans with those that overlap made one."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if found and begin < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _readings(body: bytes) -> Iterator[str]:
    try:
        text = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    yield text
    if "\\u" in text:
        yield _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if "&" in text:
        yield html.unescape(text)
