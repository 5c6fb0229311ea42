"""Find in a watchlist of any length the few customers whom a named party may be, before names are compared with care."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from monitor.judge import forms, names, places, reading, scripts, slavic, wordlists
from monitor.judge.compare import Rarity
from monitor.judge.known import Known
from monitor.model import Customer, Party

MOST = 40  # customers compared with care for one party
_BUCKET = 64  # a key that more customers bear leads nowhere: another of the name's keys does
_PIECES = 8  # second names looked up
_LIKE = 500  # words that begin or end alike
_FAINT, _BY_SOUND = 12, frozenset("~^&%")  # a key of the mere sound leads less surely
_ROOM = 22  # bits for a customer's place in the list; the rest of 64 is the key's hash


class Candidates:
    """Keys of all names in one sorted array: eight bytes a key. Built once, never changed."""

    def __init__(self, customers: Sequence[Customer], known: Mapping[str, Known]) -> None:
        self._customers = customers
        self._numbers: dict[tuple[str, str], tuple[int, ...]] = {}
        counts: Counter[str] = Counter()
        keys: list[int] = []
        long: set[str] = set()
        for at, customer in enumerate(customers):
            said = known.get(customer.id)
            words: set[str] = set()
            own: set[str] = set()
            family = _family(customer.country)
            for name in _names(customer, said):
                tokens = tuple(_tokens(name))
                words.update(tokens)
                own.update(_keys(tokens, family if name.isascii() else family or "other"))
                own.update(_initials(tokens))
                if not name.isascii():
                    own.update(_meant(read) for read in reading.read(name)[:1])
                    own.update(_as_in_hong_kong(name) if customer.country == "HK" else ())
            counts.update(words)
            long.update(word for word in words if len(word) >= 8 and not _common(word))
            keys += [_packed(key, at) for key in own]
            for scheme, number in _numbers(customer, said):
                self._numbers[scheme, number] = (*self._numbers.get((scheme, number), ()), at)
        self._keys = array("Q", sorted(keys))
        # A word with a slip leads to the words it may be, and these to their customers.
        self._words = sorted(long)
        halves = (_packed(half, at) for at, word in enumerate(self._words) for half in _halves(word, len(word)))
        self._halves = array("Q", sorted(halves))
        self.rarity = Rarity(counts={word: count for word, count in counts.items() if count > 8}, total=len(customers))

    def of(self, party: Party) -> list[Customer]:
        """Return whom the party may be: first those who share a number, then those whose names share most."""
        numbered = dict.fromkeys(
            at for scheme, number in party.ids.items() for at in self._numbers.get((scheme, names.number(number)), ())
        )
        found: Counter[int] = Counter()
        names_read = reading.read(party.name)[:_PIECES]
        for key in {*_asked(party, names_read), *self._meant_words(names_read)}:
            bucket = _bucket(self._keys, key)
            if len(bucket) <= (_FAINT if key[0] in _BY_SOUND else _BUCKET):
                found.update(bucket)
        ranked = sorted(found, key=lambda at: (-found[at], at))[:MOST]
        best = [at for at in ranked if at not in numbered]
        return [self._customers[at] for at in (*numbered, *best)]

    def _meant_words(self, read: Sequence[reading.Name]) -> Iterator[str]:
        """Yield the words of the watchlist that a long word may be if one letter of it is wrong."""
        for word in {word.latin for name in read for word in name.words if len(word.latin) >= 7}:
            for size in (len(word) - 1, len(word), len(word) + 1):
                for half in _halves(word, size):
                    for at in _bucket(self._halves, half, most=_LIKE):
                        if OSA.distance(word, self._words[at], score_cutoff=1) == 1:
                            yield scripts.loose(self._words[at])


def _bucket(keys: array[int], key: str, *, most: int = _BUCKET) -> list[int]:
    low = _packed(key, 0)
    start = bisect_left(keys, low)
    end = bisect_left(keys, low + (1 << _ROOM), start)
    return [one & ((1 << _ROOM) - 1) for one in keys[start : min(end, start + most + 1)]]


def _packed(key: str, at: int) -> int:
    return (hash(key) & ((1 << (64 - _ROOM)) - 1)) << _ROOM | at


def _names(customer: Customer, known: Known | None) -> Iterator[str]:
    yield customer.name
    yield from customer.aliases
    if known is not None:
        yield from known.former_names
        yield from (relative.name for relative in known.relatives)


def _numbers(customer: Customer, known: Known | None) -> Iterator[tuple[str, str]]:
    for scheme, number in customer.ids.items():
        yield scheme, names.number(number)
    for relative in known.relatives if known else ():
        for scheme, number in relative.ids.items():
            yield scheme, names.number(number)


# --------------------------------------------------------------------------- keys


_WORD = re.compile("[a-z0-9]+")


def _tokens(name: str) -> Iterable[str]:
    """Return the words of a name, in Latin letters: a quick reading, without forms and second names told apart."""
    if name.isascii() and "1" not in name and "0" not in name:
        return _WORD.findall(name[: scripts.LONGEST].replace("'", "").lower())
    return [_as_keyed(word) for word in found[0].words] if (found := reading.read(name)) else ()


def _as_keyed(word: reading.Word) -> str:
    """Return a word in Latin letters; a name or place that is not read as in Mandarin as it is read at home."""
    at_home = word.mark in places.JAPANESE_NAMES or word.mark in places.PLACES
    return word.mark if at_home else word.latin


@lru_cache(maxsize=32768)
def _common(word: str) -> bool:
    return (
        word in forms.FORMS or word in wordlists.SMALL or word in wordlists.FILLERS or word in wordlists.MEANINGS or len(word) < 3
    )  # fmt: skip


def _family(country: str | None) -> str:
    """Return by which rules names of a country come to be spelt in several ways: "" for none, "any" for not told."""
    if country is None:
        return "any"
    return (
        country
        if country in ("KR", "JP", "TW")
        else "KR"
        if country == "KP"
        else "other"
        if country in places.OTHER_LETTERS
        else ""
    )


@lru_cache(maxsize=8192)
def _word_keys(word: str, family: str) -> tuple[str, ...]:
    """Return the keys of one word: itself in one spelling, and how it may sound."""
    spelt = dict.fromkeys((scripts.loose(word), scripts.loose(scripts.with_u(word))))
    return (*spelt, *(_sound_keys(word, family) if family else ()))


def _sound_keys(word: str, family: str) -> Iterator[str]:
    if family in ("other", "any"):
        word = re.sub("^ou(?=[aei])", "w", word)
        for one in (word, word.removeprefix("al"), word.removeprefix("el"), word.removeprefix("l")):
            if len(bones := scripts.arabic(one, broad=True)) >= 2:
                yield f"~{bones}{one[0] if len(bones) == 2 else ''}"
        yield scripts.loose(word.removeprefix("al"))
        yield f"&{scripts.greek(scripts.sounds(word))}"
        yield f"&{scripts.greek(word)}"
        yield f"&{scripts.loose(word).replace('j', 'i')}"
        yield f"&{word.replace('dj', 'd')}"
        yield from (f"^{stem}" for stem in scripts.stems(word))
        yield from (f"^!{way}" for way in slavic.spellings(word))
        if len(sounds := scripts.sounds(word)) >= 9:
            yield f"^{sounds[:6]}"
    if family in ("JP", "any"):
        yield f"%{scripts.japanese(word)}"
        yield f"~{scripts.bones(word)}"
    if family in ("KR", "any"):
        yield f"%{scripts.korean(word)}"
    if family in ("TW", "any"):
        yield scripts.loose(scripts.wade(word))


def _halves(word: str, size: int) -> tuple[str, str]:
    """Return keys of the two halves that a word of this size has if the other half holds the slip."""
    return f"<{word[: size // 2]}{size}", f">{word[-(size - size // 2) :]}{size}"


def _keys(tokens: Sequence[str], family: str) -> Iterator[str]:
    for word in tokens:
        if not _common(word):
            yield from _word_keys(word, family)
        elif family == "other":
            yield from (f"^{stem}" for stem in scripts.stems(word))  # a town and its adjective
    bare = [word for word in tokens if word not in forms.FORMS]
    for one, other in pairwise(bare):
        yield scripts.loose(one) + scripts.loose(other)
        if family in ("KR", "other"):
            yield from _sound_keys(one + other, family)
    if bare:
        yield "=" + "".join(map(scripts.loose, bare))  # the whole name, where its words alone lead to too many
        yield "#" + "".join(sorted(filter(None, map(_meaning, bare))))  # and what it means in any language


@lru_cache(maxsize=32768)
def _meaning(word: str) -> str:
    mark = wordlists.MEANINGS.get(word, word)
    return "" if mark in wordlists.FILLERS or mark in wordlists.SMALL else mark


def _as_in_hong_kong(name: str) -> Iterator[str]:
    for read in reading.read(name)[:1]:
        for word in read.words:
            yield from scripts.cantonese(word.signs) if word.signs else ()


def _meant(name: reading.Name) -> str:
    return "#" + "".join(sorted(filter(None, (_meaning(word.mark) for word in name.words))))


def _initials(tokens: Sequence[str]) -> Iterator[str]:
    words = [word for word in tokens if word not in forms.FORMS and word not in wordlists.SMALL]
    if len(words) >= 4:
        yield "@" + "".join(word[0] for word in words)


def _asked(party: Party, read: Sequence[reading.Name]) -> set[str]:
    """Return the keys by which a party is looked up; those of its second names, and of words written together, too."""
    keys: set[str] = set()
    for name in read:
        tokens = tuple(_as_keyed(word) for word in name.words)
        family = _family(party.country) or ("other" if any(word.script != "latin" for word in name.words) else "")
        keys.update(_keys(tokens, family))
        keys.add(_meant(name))
        for start in range(len(tokens)):
            for count in range(2, 5):
                run = "".join(tokens[start : start + count])
                keys.add(scripts.loose(run))
                keys.update(_sound_keys(run, family) if family in ("KR", "JP", "TW", "other") else ())
        if len(tokens) == 1 and len(tokens[0]) >= 4:
            keys.add(f"@{tokens[0]}")
    return keys
