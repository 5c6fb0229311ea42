"""Compare two names that were read: which words are the same, which are left over, and what that makes of the two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz.distance import OSA, JaroWinkler

from monitor.judge import places, reading, scripts, slavic, wordlists
from monitor.judge.reading import Name, Word

How = Literal["equal", "spelling", "joined", "short", "typo", "script", "cut"]
# What a likeness loses by the way two words came to be the same.
_COSTS: Mapping[str, float] = {
    "equal": 0.0,
    "spelling": 0.0,
    "joined": 0.0,
    "short": 0.02,
    "cut": 0.05,
    "script": 0.03,
    "typo": 0.08,
}


class Rarity:
    """How many names of a list bear a word: what one in five hundred bears tells nobody apart. Built once, never changed."""

    def __init__(self, names: Iterable[str] = (), *, counts: Mapping[str, int] | None = None, total: int = 0) -> None:
        self._counts: dict[str, int] = dict(counts or {})
        self.total = total
        for name in names:
            self.total += 1
            for word in {word.latin for one in reading.read(name)[:1] for word in one.words}:
                self._counts[word] = self._counts.get(word, 0) + 1

    def common(self, word: str) -> bool:
        """Return whether the list itself shows that many bear the word."""
        return self._counts.get(word, 0) > max(8, self.total / 500)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two names have in common. `hows` says how words came to be the same, besides being equal."""

    ours: Name
    theirs: Name
    shared: tuple[Word, ...] = ()
    ours_left: tuple[Word, ...] = ()
    theirs_left: tuple[Word, ...] = ()
    hows: frozenset[How] = field(default_factory=frozenset)
    rare: tuple[str, ...] = ()  # the shared words that tell companies apart
    in_order: bool = True
    literal: bool = True  # no word is the other's translation

    @property
    def whole(self) -> bool:
        """Whether every word of both names has its like."""
        return bool(self.shared) and not self.ours_left and not self.theirs_left

    @property
    def cost(self) -> float:
        return sum(_COSTS[how] for how in self.hows)

    @property
    def numbers_differ(self) -> bool:
        return any(word.number for word in self.ours_left) and any(word.number for word in self.theirs_left)


def compare(ours: Name, theirs: Name, *, rarity: Rarity | None = None, lands: frozenset[str] = frozenset()) -> Likeness:
    """Return what two names share. `lands`: the countries of the two, which say how their names are brought into Latin."""
    han_is_common = bool(lands & _CHINESE)
    pairs = _aligned(ours, theirs, lands)
    taken_ours = {at for one, _, _ in pairs for at in one}
    taken_theirs = {at for _, other, _ in pairs for at in other}
    shared = tuple(word for at, word in enumerate(ours.words) if at in taken_ours)
    rare = tuple(
        word.latin for one, other, how in pairs for word in _told(ours, theirs, one, other)
        if reading.rare(word, han_is_common=han_is_common) and not (rarity and rarity.common(word.latin))
    )  # fmt: skip
    firsts = [other[0] for one, other, _ in sorted(pairs, key=lambda pair: pair[0]) if other]
    return Likeness(
        ours,
        theirs,
        tuple(word for word in shared if not word.small),
        tuple(word for at, word in enumerate(ours.words) if at not in taken_ours and not word.small),
        tuple(word for at, word in enumerate(theirs.words) if at not in taken_theirs and not word.small),
        frozenset(how for _, _, how in pairs if how != "equal"),
        rare,
        firsts == sorted(firsts),
        all(how != "equal" or same_word(ours.words[one[0]], theirs.words[other[0]]) for one, other, how in pairs),
    )


def _told(ours: Name, theirs: Name, one: Sequence[int], other: Sequence[int]) -> Iterator[Word]:
    """Yield the one word that a pair stands for: of words written together on one side, the long one."""
    if len(one) == len(other) == 1:
        # What is a trade on one side is no name on the other: of two words the less telling counts.
        two = ours.words[one[0]], theirs.words[other[0]]
        plain = [word for word in two if word.script == "latin"]
        yield (
            plain[0]
            if len(plain) == 1 and two[0].script not in _EASTERN and two[1].script not in _EASTERN
            else min(two, key=reading.rare)
        )
    else:
        parts = [ours.words[at] for at in one] if len(one) > 1 else [theirs.words[at] for at in other]
        telling = [word for word in parts if reading.rare(word)]
        whole = "".join(word.latin for word in parts)
        # 海曙启航 is one name in signs and two words in Latin letters; Start-Trans is two words of everybody.
        yield telling[0] if telling else Word(whole, whole)


_EASTERN = ("han", "kana", "hangul")
_KOREAS = frozenset(("KR", "KP"))
_SPELT_FREELY = places.ARABIC_LANDS | {"KR", "KP", "TW"}
_CHINESE = frozenset(("CN", "HK", "TW", "MO", "SG"))
Pair = tuple[tuple[int, ...], tuple[int, ...], How]


def _aligned(ours: Name, theirs: Name, lands: frozenset[str]) -> list[Pair]:
    pairs: list[Pair] = []
    free = list(range(len(ours.words))), list(range(len(theirs.words)))

    def take(one: tuple[int, ...], other: tuple[int, ...], how: How) -> None:
        pairs.append((one, other, how))
        for at in one:
            free[0].remove(at)
        for at in other:
            free[1].remove(at)

    for at in list(free[0]):
        word = ours.words[at]
        for other in free[1]:
            if _equal(word, theirs.words[other]):
                take((at,), (other,), "equal")
                break
    if not free[0] or not free[1]:
        return pairs
    for one, another in list(_together(ours, theirs, free[0], free[1], lands)):
        if set(one) <= set(free[0]) and set(another) <= set(free[1]):
            take(one, another, "joined")
    if not free[0] or not free[1]:
        return pairs
    for one, another in list(_lettered(ours, theirs, free[0], free[1])):
        if set(one) <= set(free[0]) and set(another) <= set(free[1]):
            take(one, another, "short")
    for at in list(free[0]):
        for other in list(free[1]):
            how = _alike(ours, at, theirs, other, lands)
            if how:
                take((at,), (other,), how)
                break
    return pairs


def _equal(one: Word, two: Word) -> bool:
    if one.signs and two.signs:
        return one.signs == two.signs  # 衡通 and 亨通 sound alike and are two firms
    return one.mark == two.mark or one.latin == two.latin


def _together(
    ours: Name, theirs: Name, free: Sequence[int], others: Sequence[int], lands: frozenset[str]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Yield words that are the same when written together: Blue Stone and Bluestone, 启航 and Qi Hang."""
    plain = ours.script == theirs.script == "latin" and not lands & _SPELT_FREELY
    for mine, yours, turned in ((ours, theirs, False), (theirs, ours, True)):
        mine_free, yours_free = (others, free) if turned else (free, others)
        if len(yours_free) > 1:
            wanted: dict[str, tuple[int, ...]] = {}
            for run in _runs(mine_free, longest=2):
                for key in _loose_key(mine, run) if plain else _keys_of(mine, run, lands, yours.script):
                    wanted.setdefault(key, run)
            for run in _runs(yours_free, longest=5, least=2):
                keys = _loose_key(yours, run) if plain else _keys_of(yours, run, lands, mine.script)
                found = next((wanted[key] for key in keys if key in wanted), None)
                if found:
                    yield (run, found) if turned else (found, run)
        if not plain:
            yield from _before_a_trade(mine, yours, mine_free, yours_free, turned)


def _loose_key(name: Name, run: Sequence[int]) -> tuple[str, ...]:
    spelt = "".join([name.words[at].latin for at in run])
    return (scripts.loose(spelt),) if len(spelt) > 1 else ()


def _keys_of(name: Name, run: Sequence[int], lands: frozenset[str], other: str) -> Iterator[str]:
    """Yield the spellings by which words written together are known again."""
    words = [name.words[at] for at in run]
    plain = "".join(word.latin for word in words)
    if len(plain) < 2:
        return
    yield scripts.loose(plain)
    if other == "han" and (spelt := scripts.with_u(plain)) != plain:
        yield scripts.loose(spelt)
    if lands & _KOREAS:
        yield f"%{scripts.korean(plain)}"
    if "TW" in lands:
        yield scripts.loose("".join(scripts.wade(word.latin) if word.signs else word.latin for word in words))
    if lands & {"HK", "MO"} and any(word.signs for word in words):
        yield from scripts.cantonese("".join(word.signs for word in words))
    if lands & places.ARABIC_LANDS and len(bones := scripts.arabic(plain)) >= 4:
        yield f"~{bones}{_vowels(plain) if name.script == other else ''}"


def _before_a_trade(
    mine: Name, yours: Name, mine_free: Sequence[int], yours_free: Sequence[int], turned: bool
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Yield signs that begin as the other's words do, if both go on: with a trade that no list translates, 恒丰铜业."""
    for at in mine_free:
        word = mine.words[at]
        if word.script not in ("han", "hangul"):
            continue
        heard = scripts.korean if word.script == "hangul" else str
        for run in _runs(yours_free, longest=4):
            spelt = heard("".join(yours.words[other].latin for other in run))
            rest = [yours.words[other] for other in yours_free if other not in run]
            whole = heard(word.latin)
            begun = len(spelt) >= 6 and whole.startswith(spelt) and len(whole) - len(spelt) >= 4
            if begun and 1 <= len(rest) <= 2 and all(untranslated(one, word.script) for one in rest):
                yield (run, (at,)) if turned else ((at,), run)


def untranslated(word: Word, script: str) -> bool:
    """Return whether a Latin word may be a trade that is written in signs of the other name which no list translates.

    Not what a list does translate: it would have been known there. Not what may be the name itself, in pinyin.
    """
    if word.script != "latin" or word.number or len(word.latin) < 3 or word.latin in places.PLACES:
        return False
    if script == "han":
        return word.mark not in wordlists.IN_HAN and (
            word.mark in wordlists.TRADES or not reading.syllables(word.latin)
        )
    return word.mark in wordlists.TRADES and not (script == "arabic" and word.mark in wordlists.IN_ARABIC)


def _lettered(
    ours: Name, theirs: Name, free: Sequence[int], others: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Yield a few letters that stand for as many words: PPH, Z.M., SEZ. The rest of the names must agree by itself."""
    for mine, yours, turned in ((ours, theirs, False), (theirs, ours, True)):
        mine_free, yours_free = (others, free) if turned else (free, others)
        for at in mine_free:
            letters = mine.words[at].latin
            if not (2 <= len(letters) <= 5 and len(mine.words) > 1) or mine.words[at].small:
                continue
            for run in _runs(yours_free, longest=len(letters), least=len(letters)):
                if "".join(yours.words[word].latin[0] for word in run) == letters:
                    yield (run, (at,)) if turned else ((at,), run)


def _runs(free: Sequence[int], *, longest: int, least: int = 1) -> Iterator[tuple[int, ...]]:
    for start, first in enumerate(free):
        for count in range(longest, least - 1, -1):
            run = tuple(free[start : start + count])
            if len(run) == count and run[-1] - first == count - 1:
                yield run


# --------------------------------------------------------------------------- two words


def _alike(ours: Name, at: int, theirs: Name, other: int, lands: frozenset[str]) -> How | None:
    """Return how two words that are not equal are the same all the same; None if they are not."""
    one, two = ours.words[at], theirs.words[other]
    if one.number or two.number or one.small != two.small:
        return None
    eastern = {"han", "kana", "hangul"} & {one.script, two.script}
    if eastern:
        # Two names in signs are the same signs or they are not.
        return "script" if one.script != two.script and _sounds_alike(one, two, lands) else None
    if len(one.latin) > 2 and len(two.latin) > 2 and (one.loose == two.loose or _inflected(one.latin, two.latin)):
        return "spelling"
    if (lands & _KOREAS and scripts.korean(one.latin) == scripts.korean(two.latin)) or (
        "JP" in lands and scripts.japanese(one.latin) == scripts.japanese(two.latin)
    ):
        return "script"
    if one.script != two.script or lands & places.OTHER_LETTERS:
        arabic = bool({"arabic", "hebrew"} & {one.script, two.script}) or bool(lands & places.ARABIC_LANDS)
        if one.script == two.script != "latin":
            return None  # both in their own letters: what is written in two ways are two words
        if _arabic_alike(one, two) if arabic else _transliterated(one, two, lands):
            return "script"
    if one.latin[0] != two.latin[0]:
        return None
    if _shortened(one, two) or _shortened(two, one):
        return "short"
    if (_cut_off(theirs, other, one) and theirs.cut) or (at > 0 and _cut_off(theirs, other, one) and at == other):
        return "cut"
    return "typo" if _mistyped(one.latin, two.latin, first=at == 0 or other == 0) else None


_ENDINGS = frozenset(("s", "es", "e", "n", "en", "a", "i", "o"))


def _inflected(one: str, two: str) -> bool:
    """Return whether only a plural sets a trade word apart: Electronic and Electronics. Not for a name: Marubeni, Maruben."""
    short, long = sorted((one, two), key=len)
    return len(short) >= 4 and long == f"{short}s"


def _sounds_alike(one: Word, two: Word, lands: frozenset[str]) -> bool:
    if "han" in (one.script, two.script):
        # Pinyin is exact, and joined words were looked at.
        if scripts.japanese(_as_read(one)) == scripts.japanese(_as_read(two)):
            return True
        signs, other = (one, two) if one.script == "han" else (two, one)
        return signs.loose == other.loose or ("TW" in lands and scripts.loose(scripts.wade(signs.latin)) == other.loose)
    if "hangul" in (one.script, two.script):
        return scripts.korean(one.latin) == scripts.korean(two.latin)
    return scripts.japanese(_as_read(one)) == scripts.japanese(_as_read(two)) or (
        len(one.latin) > 5
        and scripts.bones(one.latin) == scripts.bones(two.latin)
        and JaroWinkler.similarity(one.latin, two.latin) >= 0.88
    )


def _as_read(word: Word) -> str:
    return word.mark if word.mark in places.JAPANESE_NAMES else word.latin


def _transliterated(one: Word, two: Word, lands: frozenset[str]) -> bool:
    """Return whether two words are one foreign word brought into Latin in two ways: Agrotrade and агротрейд."""
    if min(len(one.latin), len(two.latin)) < 3:
        return False
    a, b = scripts.sounds(one.latin), scripts.sounds(two.latin)
    if a == b:
        return True
    if lands & slavic.LANDS and slavic.spellings(one.latin) & slavic.spellings(two.latin):
        return True
    if lands & {"UA", "BY"} and _with_h(one.latin) == _with_h(two.latin):
        return True
    if lands & {"KZ", "KG"} and a.replace("j", "i") == b.replace("j", "i"):
        return True
    if lands & {"RS", "BA", "ME", "HR"} and one.latin.replace("dj", "d") == two.latin.replace("dj", "d"):
        return True  # Đ is written Dj and D
    if lands & {"RS", "BA", "ME", "MK"} and one.latin.replace("ts", "c") == two.latin.replace("ts", "c"):
        return True  # Ц is C there
    if _same_consonants(one, two, a, b):
        return True
    if lands & {"GR", "CY", "IL"} and (
        scripts.greek(a) == scripts.greek(b) or scripts.greek(one.latin) == scripts.greek(two.latin)
    ):
        return True
    return one.script != two.script and (
        ("cyrillic" in (one.script, two.script) and bool(scripts.stems(one.latin) & scripts.stems(two.latin)))
        or _of_the_place(one, two)
    )


def _same_consonants(one: Word, two: Word, a: str, b: str) -> bool:
    """Return whether two words differ in vowels that one of the two spellings does not tell."""
    indic, foreign = "indic" in (one.script, two.script), one.script != two.script
    if scripts.bones(a) != scripts.bones(b) or a[0] != b[0] or "other" in (one.script, two.script):
        return False
    if not indic and (a[-1] in "aiou") != (b[-1] in "aiou"):
        return False
    near = OSA.distance(a, b)
    if foreign and near <= 1 and len(a) != len(b):
        return True  # ъ and its like are spelt or not
    least = 0.8 if indic else 0.9
    return JaroWinkler.similarity(a, b) >= least and (foreign or near <= 2) and min(len(a), len(b)) >= 5


def _with_h(word: str) -> str:
    """Return a word with the Ukrainian and Belarusian letter that is g in Russian as h."""
    return scripts.sounds(word.replace("kh", "x").replace("h", "g").replace("x", "kh"))


def _of_the_place(one: Word, two: Word) -> bool:
    """Return whether one is a place and the other its adjective: Zaporizhzhia, запорізький."""
    a, b = scripts.sounds(one.latin), scripts.sounds(two.latin)
    common = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return common >= 6 and max(len(a), len(b)) - common <= 6 and bool({one.latin, two.latin} & places.PLACES.keys())


def _arabic_alike(one: Word, two: Word) -> bool:
    """Return whether two words are one Arabic word: vowels are written or not, the article is joined or not."""
    foreign = one.script != two.script
    for a in _articles(_ungallic(one)):
        for b in _articles(_ungallic(two)):
            bones = scripts.arabic(a)
            if (a[:1] == "w") != (b[:1] == "w") and not foreign:
                continue
            if bones != scripts.arabic(b) and scripts.arabic(a, broad=True) != scripts.arabic(b, broad=True):
                continue
            if foreign:
                written, spelt = (b, a) if one.script == "latin" else (a, b)
                if len(bones) >= 2 and _long_vowels_heard(written, spelt):
                    return True
            elif min(len(a), len(b)) >= 3 and (
                len(bones) >= 4
                or _vowels(a) == _vowels(b)
                or (min(len(a), len(b)) >= 5 and OSA.distance(a, b) <= 1 and len(a) != len(b))
            ):
                return True
    return False


def _ungallic(word: Word) -> str:
    """Return an Arabic word without what French and Egyptian hands make of it: Ouazzani Wazzani, Guirguis Girgis, Djamel Jamel."""
    if word.script != "latin":
        return word.latin.replace("yy", "y")
    spelt = re.sub("ou(?=[aei])", "w", word.latin)
    return re.sub("dj", "j", re.sub("gu(?=[ei])", "g", spelt))


def _long_vowels_heard(written: str, spelt: str) -> bool:
    """Return whether the long i and u that Arabic writes are in the Latin word: سعيد is Saeed, not Saad."""
    heard = iter("".join(("i" if char in "iyej" else "u" if char in "ouw" else "") for char in spelt))
    return all(char in heard for char in ("i" if char == "y" else "u" for char in written if char in "yw"))


def _articles(word: str) -> tuple[str, ...]:
    if word[:1] == "l" and len(word) >= 6:
        return word, word[1:]  # Laghouati, El Aghouati
    if word[:1] in "ae" and len(word) >= 5:
        if word[1] == "l":
            return word, word[2:]
        if word[1] == word[2]:
            return word, word[2:]
    return (word,)


def _vowels(word: str) -> str:
    """Return an Arabic word's vowels by kind: i and e are one, o and u are one, length and a last h do not count."""
    spelt = scripts.loose(word.rstrip("h")).translate(str.maketrans("eou", "iuu"))
    return (
        "".join(char for char in spelt if char in "aiu")
        .replace("ui", "u")
        .replace("ai", "a")
        .replace("aa", "a")
        .replace("ii", "i")
    )


def same_word(one: Word, two: Word) -> bool:
    """Return whether two words are one word of one language: its plural, its short form; Traders and Trading are two."""
    if one.number or two.number:
        return one.mark == two.mark
    return one.loose == two.loose or _inflected(one.latin, two.latin) or _shortened(one, two) or _shortened(two, one)


def _shortened(short: Word, long: Word) -> bool:
    """Return whether one word is the other cut short on purpose: `Fert.` for Fertilizers, Whse, Distribs."""
    a, b = short.latin, long.latin
    if len(b) <= len(a) or a[0] != b[0] or (len(a) < 2 and not short.short):
        return False
    if short.short and b.startswith(a):
        return True
    if a in ("s", "st", "sta") and short.short and b in ("sao", "san", "santo", "santa", "saint"):
        return True
    trade = not reading.rare(long)
    if trade and len(a) >= 4 and len(b) >= len(a) + 3 and b.startswith(a.removesuffix("s")):
        return True
    vowels = sum(char in "aeiou" for char in a[1:])
    spare = vowels == 0
    if trade and 4 <= len(a) <= 7 and len(b) >= len(a) + 2 and vowels <= 1 and reading.rare(short) and _hidden(a, b):
        return True  # constn, transpt, matls
    return (
        spare and 3 <= len(a) <= 5 and len(b) >= 7 and wordlists.MEANINGS.get(a, b) in (b, long.mark) and _hidden(a, b)
    )


def _hidden(short: str, long: str) -> bool:
    """Return whether the letters of one word stand in the other, in their order: bldg in building."""
    rest = iter(long)
    return all(char in rest for char in short)


def _cut_off(theirs: Name, other: int, long: Word) -> bool:
    """Return whether a source's last word is ours, cut where the column ended."""
    word = theirs.words[other].latin
    return (
        other == len(theirs.words) - 1 and not theirs.forms and len(theirs.words) > 1 and len(word) >= 3
        and long.latin != word and long.latin.startswith(word)
    )  # fmt: skip


def _mistyped(one: str, two: str, *, first: bool) -> bool:
    """Return whether a slip of the keys may have made one word of the other.

    A letter left out, doubled or swapped with its neighbour, in a long word. Another letter in its place makes another
    name more often than a slip: Martinelli and Martinetti, Bolton and Belton are four firms.
    """
    if min(len(one), len(two)) >= 6 and one.replace("rn", "m") == two.replace("rn", "m"):
        return True  # read by a machine
    longest, shortest = max(len(one), len(two)), min(len(one), len(two))
    if shortest < 6 or one[0] != two[0] or abs(len(one) - len(two)) > 1:
        return False
    if OSA.distance(one, two, score_cutoff=1) > 1:
        return False
    if len(one) == len(two):
        swapped = sorted(one) == sorted(two)
        return longest >= 8 if swapped else longest >= 12
    # The last letter makes another name (Kunz and Kunze), and the first word is the one that names.
    ends = one[:shortest] == two[:shortest]
    return longest >= (9 if first else 8) and not ends
