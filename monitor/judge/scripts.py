"""Bring names in any script to letters that can be compared: hidden signs removed, look-alikes unmasked, spelt in Latin."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icu import Transliterator

LONGEST = 300  # characters of a name worth comparing; what is longer is a text

_HAN = "\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_KANA = "\u3040-\u30ff"
_HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
_SCRIPTS = {
    "latin": re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "greek": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]"),
    "kana": re.compile(f"[{_KANA}]"),
    "hangul": re.compile(f"[{_HANGUL}]"),
    "han": re.compile(f"[{_HAN}]"),
}
_WORD = re.compile(r"\w+")
# Letters that draw nothing, or only turn the direction of what follows; U+3164 and its like count as letters.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)


def clean(text: str, longest: int = LONGEST) -> str:
    """Return at most the first `longest` characters in one Unicode form, without unseen signs, with single blanks."""
    if text.isascii():
        return " ".join(text[:longest].replace("\x00", " ").split())
    seen = _UNSEEN.sub("", text[: 4 * longest])
    plain = unicodedata.normalize("NFKC", seen)[:longest]
    return " ".join("".join(" " if unicodedata.category(char) in ("Cc", "Cf") else char for char in plain).split())


def script(text: str) -> str:
    """Return the script of a word: han wins over kana, any other over Latin; "other" for what is not listed here."""
    if text.isascii():
        return "latin"
    for name in ("kana", "hangul", "han", "arabic", "cyrillic", "greek", "latin"):
        if _SCRIPTS[name].search(text):
            return name
    return "other"


# --------------------------------------------------------------------------- letters that look alike

_LOOKS_LATIN = str.maketrans(
    "аеорсухѕіјԁһӏѵԛԝАВЕКМНОРСТХУЅІЈ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανοριυκτχ" + "ɑɡ",
    "aeopcyxsijdhlvqwABEKMHOPCTXYSIJ" + "ABEZHIKMNOPTYXavopiuktx" + "ag",
)
_TRUE_CYRILLIC = frozenset(("ооо", "оао", "зао", "пао", "ао", "нао", "тов", "сао", "сро", "уп", "чуп", "осоо"))
_DIGITS_AS_LETTERS = re.compile(r"(?<=[A-Za-z]{2})[01]+(?=[A-Za-z]|$)|^[01](?=[A-Za-z]{4})")


def unmask(text: str) -> tuple[str, bool]:
    """Return the text with foreign letters that stand in for Latin ones made Latin, and whether there were any.

    Only within a word that also has Latin letters, or a word all of whose letters look Latin beside Latin words; true
    Cyrillic and Greek names stay as they are. `Hartwe11` is read as `Hartwell`.
    """
    found = False
    if not text.isascii() and _SCRIPTS["latin"].search(text):

        def plain(word: re.Match[str]) -> str:
            nonlocal found
            written = word.group()
            if written.isascii() or not (
                _SCRIPTS["cyrillic"].search(written) or _SCRIPTS["greek"].search(written) or set(written) & {"ɑ", "ɡ"}
            ):
                return written
            latin = written.translate(_LOOKS_LATIN)
            if not latin.isascii() or (len(written) < 2 or written.casefold() in _TRUE_CYRILLIC):
                return written
            found = True
            return latin

        text = _WORD.sub(plain, text)
    if ("0" in text or "1" in text) and (digits := _WORD.sub(_letters_for_digits, text)) != text:
        return digits, True
    return text, found


def _letters_for_digits(word: re.Match[str]) -> str:
    written = word.group()
    if len(written) < 6 or sum(map(str.isalpha, written)) < len(written) / 2:
        return written
    while (
        read := _DIGITS_AS_LETTERS.sub(lambda found: found.group().translate({48: "o", 49: "l"}), written)
    ) != written:
        written = read
    return written


# --------------------------------------------------------------------------- into Latin

_SPECIAL = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŋ": "n"}
)


_CYRILLIC = str.maketrans({"ё": "е", "џ": "дж"})


@lru_cache(maxsize=16384)
def latin(word: str) -> str:
    """Return a casefolded word in plain Latin letters: `müller` muller, `рассвет` rassvet, `宁波` ningbo, `トヨタ` toyota."""
    if word.isascii():
        return word
    name = script(word)
    if name == "han":
        return pinyin(word)
    if name == "kana":
        return romaji(word)
    if name == "hangul":
        return hangul(word)
    if name in ("cyrillic", "greek"):
        from rigour.text.translit import maybe_ascii

        spelt = maybe_ascii(word.translate(_CYRILLIC)).casefold()
        return spelt if spelt.isascii() else _any(spelt)
    plain = _unaccented(word.translate(_SPECIAL))
    return plain if plain.isascii() else _any(plain)


def _unaccented(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")


def _any(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", _icu("Any-Latin; Latin-ASCII").transliterate(word).casefold())


@lru_cache(maxsize=8)
def _icu(rules: str) -> Transliterator:
    import icu

    return icu.Transliterator.createInstance(rules)


def simplified(text: str) -> str:
    """Return Chinese in the signs of the mainland: 東海貿易 as 东海贸易."""
    return text if text.isascii() else "".join(map(_simple, text))


@lru_cache(maxsize=16384)
def _simple(char: str) -> str:
    return str(_icu("Hant-Hans").transliterate(char)) if _SCRIPTS["han"].match(char) else char


# Signs that are read in another way in names of places and firms than where they stand alone.
_READ = {
    "重庆": "chongqing", "厦门": "xiamen", "长": "chang", "银行": "yinhang", "行": "hang", "乐清": "yueqing", "音乐": "yinyue",
    "番禺": "panyu", "东莞": "dongguan", "蚌埠": "bengbu", "六安": "luan", "台州": "taizhou", "会计": "kuaiji", "朝阳": "chaoyang",
    "曾": "zeng", "单县": "shanxian", "盛": "sheng", "藏": "zang", "重": "zhong", "重汽": "zhongqi", "佛": "fo", "西藏": "xizang",
    "贾": "jia", "沈": "shen", "浚": "jun", "柏": "bai", "洪洞": "hongtong", "莘": "shen", "区": "qu", "呼和浩特": "huhehaote",
    "哈尔滨": "haerbin", "乌鲁木齐": "wulumuqi", "大厦": "dasha", "广厦": "guangsha", "解": "jie", "万": "wan", "调味": "tiaowei",
}  # fmt: skip
_READ_ALOUD = re.compile("|".join(sorted(_READ, key=len, reverse=True)))


@lru_cache(maxsize=16384)
def pinyin(text: str) -> str:
    """Return Chinese as it is read in Mandarin, without tones and blanks."""
    plain = _READ_ALOUD.sub(lambda found: _READ[found.group()], simplified(text))
    return "".join(map(_syllable, plain))


@lru_cache(maxsize=16384)
def _syllable(char: str) -> str:
    spelt = char if char.isascii() else _icu("Han-Latin").transliterate(char).casefold()
    return re.sub(r"[^a-z0-9]", "", _unaccented(spelt))


@lru_cache(maxsize=16384)
def romaji(text: str) -> str:
    """Return kana in Latin letters, long vowels written once: トーカイ tokai."""
    spelt = _icu("Hiragana-Katakana; Katakana-Latin; Latin-ASCII").transliterate(text.replace("ー", "")).casefold()
    return re.sub(r"[^a-z0-9]", "", spelt if spelt.isascii() else pinyin(spelt))


_ONSETS = tuple(re.findall(r"\S+", "g kk n d tt r m b pp s ss _ j jj ch k t p h"))
_VOWELS = tuple(re.findall(r"\S+", "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i"))
# At the end of a syllable seven sounds are left of all the letters.
_CODAS = tuple(re.findall(r"\S+", "_ k k k n n n t l k m l l l p l m p p t t ng t t k t p t"))


@lru_cache(maxsize=16384)
def hangul(text: str) -> str:
    """Return Korean as it sounds, syllable by syllable: 한빛 hanbit, 현대 hyeondae."""
    spelt = []
    for char in unicodedata.normalize("NFC", text):
        at = ord(char) - 0xAC00
        if 0 <= at < 11172:
            spelt += [_ONSETS[at // 588], _VOWELS[at % 588 // 28], _CODAS[at % 28]]
        else:
            spelt.append(latin(char) if script(char) != "hangul" else "")
    return "".join(spelt).replace("_", "")


# --------------------------------------------------------------------------- how it sounds

# In this order; what one rule makes is not what a later one looks for.
_SPELT = (
    ("ph", "f"), ("ck", "k"), ("cq", "k"), ("shch", "sh"), ("sch", "sh"), ("tch", "sh"), ("kh", "h"), ("dzh", "j"), ("dj", "j"),
    ("tz", "ts"), ("cz", "ts"), ("ks", "x"), ("xs", "x"), ("ae", "a"), ("ea", "a"), ("oe", "o"), ("ue", "u"), ("oo", "u"), ("ou", "u"),
    ("ee", "i"), ("ie", "i"), ("w", "v"),
)  # fmt: skip
_UMLAUT = re.compile("^([ln])v")  # lü and nü as keyboards write them
_SOFT_END = re.compile("(?:iy|yy|ij|ii)$")
_SOFT = re.compile("(?<=.)j(?=[aeou])|y")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=16384)
def loose(word: str) -> str:
    """Return one spelling for what is written in several ways: Müller, Mueller, Muller; Yuri, Iouri; Zhetysu, Jetisu."""
    if word[1:2] == "v":
        word = _UMLAUT.sub(r"\1u", word)
    for written, said in _SPELT:
        word = word.replace(written, said)
    if "y" in word or "j" in word or word.endswith("ii"):
        word = _SOFT.sub("i", _SOFT_END.sub("i", word))
    word = word.replace("zh", "j")
    return _DOUBLED.sub(r"\1", word)


_FREER = (
    (re.compile("dz|dj"), "j"), (re.compile("ts|c(?=[eiy])"), "s"), (re.compile("c(?!h)"), "k"), (re.compile("^i(?=[aeou])"), ""),
    (re.compile("(?<=[aeou])i(?=[aeou])"), ""), (re.compile("ts"), "s"), (re.compile("h(?=$|[^aeiou])"), ""), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


@lru_cache(maxsize=16384)
def sounds(word: str) -> str:
    """Return one spelling for a word of another alphabet, however it was brought into Latin: Цимлянский, Cimlyanskij."""
    spelt = loose(word)
    for written, said in _FREER:
        spelt = written.sub(said, spelt)
    return spelt


_ENDING = re.compile("(?:sk|tsk|zk)?(?:iy|yi|ii|yy|yj|ij|aya|aia|oe|oye|ogo|a|e|i|y|o)$")
_SUFFIX = re.compile("(?:ev|ov|iv|in|yn|n)$")


@lru_cache(maxsize=16384)
def stems(word: str) -> frozenset[str]:
    """Return what a Slavic word may be made from, without the endings of adjectives: kabelny kabel, lvivska lviv."""
    bare = _ENDING.sub("", word)
    return frozenset(sounds(one) for one in (word, bare, _SUFFIX.sub("", bare)) if len(one) >= 3)


_KOREAN = (
    ("woo", "u"), ("wu", "u"),
    ("yeo", "yo"), ("you", "yo"), ("eo", "o"), ("eu", "u"), ("oo", "u"), ("ee", "i"), ("ai", "ae"), ("un", "on"), ("ch", "j"), ("sh", "s"),
    ("p", "b"), ("k", "g"), ("t", "d"), ("l", "r"), ("rr", "r"), ("gg", "g"), ("bb", "b"), ("dd", "d"), ("ss", "s"),
)  # fmt: skip


@lru_cache(maxsize=16384)
def korean(word: str) -> str:
    """Return one spelling for a Korean word in Latin letters: Daesung and Daeseong; Sejin and Seojin stay two."""
    word = word[1:] if word.startswith("ry") else word
    for written, said in _KOREAN:
        word = word.replace(written, said)
    return word


_JAPANESE = (
    ("sy", "sh"), ("ty", "ch"), ("zy", "j"), ("jy", "j"), ("tsu", "tu"), ("shi", "si"), ("chi", "ti"), ("fu", "hu"), ("ji", "zi"), ("ou", "o"), ("oo", "o"),
    ("oh", "o"), ("uu", "u"), ("mb", "nb"), ("mp", "np"),
)  # fmt: skip


@lru_cache(maxsize=16384)
def japanese(word: str) -> str:
    """Return one spelling for a Japanese word in Latin letters: Syouwa, Shouwa, Showa."""
    for written, said in _JAPANESE:
        word = word.replace(written, said)
    return word


_WADE = (
    ("zhi", "chih"), ("chi", "chih"), ("shi", "shih"), ("zi", "tzu"), ("si", "szu"), ("yan", "yen"), ("ong", "ung"), ("ian", "ien"), ("zh", "ch"),
    ("x", "hs"), ("q", "ch"), ("j", "ch"), ("z", "ts"), ("c(?!h)", "ts"), ("b", "p"), ("d", "t"), ("(?<!n)g(?!$)", "k"), ("r", "j"), ("(?<![csh])he", "ho"),
)  # fmt: skip
_WADE_RULES = tuple((re.compile(written), said) for written, said in _WADE)


@lru_cache(maxsize=16384)
def wade(word: str) -> str:
    """Return pinyin as it is spelt in Taiwan, without marks: hongyi hungyi, xinzhu hsinchu."""
    for written, said in _WADE_RULES:
        word = written.sub(said, word)
    return word


_CLASSES = str.maketrans("bpfvgkqcdtzsjrlmnxh", "bbffkkqkttssjllmnkh")


@lru_cache(maxsize=16384)
def bones(word: str) -> str:
    """Return the consonants of a Latin word by kind: what is left of a name that went through a script without vowels."""
    spelt = re.sub("sh|zh|ts|tz|th(?=s)", "s", re.sub("ph", "f", re.sub("kh|gh", "h", re.sub("ch|tch", "j", word))))
    spelt = re.sub("th", "t", re.sub("dh", "d", spelt))
    spelt = re.sub("ng(?![aeiou])", "q", spelt)
    plain = re.sub("[aeiouyw]|(?<=.)h$", "", spelt).translate(_CLASSES)
    return re.sub(r"(.)\1+", r"\1", plain) if plain else spelt[:1]
