"""One spelling for Slavic words in Latin letters: by road signs, passports, libraries, linguists or Germans, they are one word."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

# Lands whose names are brought into Latin from Cyrillic, by a dozen tables.
LANDS = frozenset(
    ["RU", "UA", "BY", "KZ", "KG", "UZ", "TJ", "TM", "BG", "RS", "MK", "ME", "BA", "MD", "AM", "GE", "AZ"]
)
_LEAST = 4  # sounds; a shorter word is not told apart well enough
_PLACES = 3  # at which ch is taken both ways: eight ways of one word

# Hissing sounds are written in too many ways to be told apart: ш, щ, ц, ж, з and с; ч is one of them, unless ch is х.
_HISSING = re.compile("schtsch|stsch|shch|szcz|tsch|tch|sch|sh|zh|ts|tz|cz|sz|dz|[csz]")
_CH = re.compile("(?<![ts])ch")
_SIGNS = (("ph", "f"), ("kh", "h"), ("w", "v"), ("q", "k"), ("ck", "k"))
_RUN = re.compile("[aeiouyj]+")


@lru_cache(maxsize=16384)
def spellings(word: str) -> frozenset[str]:
    """Return the ways a word may sound, in one spelling each; empty for a word too short to be told by its sound.

    `word` is in plain small Latin letters. Two words are one if a way of the one is a way of the other: Жигулёвск is
    Zhigulevsk, Zhigulyovsk, Zigulevsk and Schiguljowsk.
    """
    for written, said in _SIGNS:
        word = word.replace(written, said)
    places = len(_CH.findall(word))
    ways = product(("S", "h"), repeat=places) if places <= _PLACES else [("S",) * places]
    found = set()
    for way in ways:
        sounds = iter(way)
        found.add(_said(_CH.sub(lambda _, sounds=sounds: next(sounds), word)))  # type: ignore[misc]
    return frozenset(one for one in found if len(one) >= _LEAST)


def _said(word: str) -> str:
    word = _HISSING.sub("S", word)
    word = _RUN.sub(_vowel, word)
    return re.sub(r"(.)\1+", r"\1", word)


def _vowel(run: re.Match[str]) -> str:
    """Return what is heard of a run of vowels and glides: the last that is none, e for o; nothing for a glide alone."""
    text = run[0]
    full = [char for char in text if char in "aeou"]
    if full:
        return {"o": "e"}.get(full[-1], full[-1])
    return "" if text == "j" else "i"
