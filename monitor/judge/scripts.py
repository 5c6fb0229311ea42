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
    "hebrew": re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]"),
    "indic": re.compile("[\u0900-\u0dff]"),
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
    for name in ("kana", "hangul", "han", "arabic", "hebrew", "indic", "cyrillic", "greek", "latin"):
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


_CYRILLIC = str.maketrans({"ё": "е", "џ": "дж", **dict(zip("қғңұүөәһ", "кгнууоах", strict=True))})


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
    if name != "latin":
        return _any(word)  # marks on the letters are vowels there
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
    return (
        str(_icu("Hant-Hans").transliterate(_JAPANESE_SIGNS.get(char, char))) if _SCRIPTS["han"].match(char) else char
    )


_JAPANESE_SIGNS = dict(zip(
    "広沢気鉄図応豊鉱糸薬斎辺浜桜栄塩団県竜実売読発戦覚児亜圧価楽検険験剣増蔵総続帯拡関駅円黒戸渋焼静専繊銭徳弁毎様収従処単伝転当銅黙辺",
    "广泽气铁图应丰矿丝药斋边滨樱荣盐团县龙实卖读发战觉儿亚压价乐检险验剑增藏总续带扩关驿圆黑户涩烧静专纤钱德辩每样收从处单传转当铜默边",
    strict=True,
))  # fmt: skip


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


# How signs that firms of Hong Kong bear are read there; several readings between bars.
_CANTONESE = (
    "德 tak 昌 cheong|cheung 行 hong 兴 hing 永 wing 利 lee|li 发 fat 成 shing|sing 广 kwong 生 sang 大 tai 中 chung 华 wah|wa 国 kwok 金 kam 银 ngan 新 sun|san "
    "南 nam 东 tung 西 sai 北 pak 海 hoi 洋 yeung 山 shan 水 shui 风 fung 丰 fung 富 fu 贵 kwai 荣 wing 光 kwong 明 ming 信 shun|shun 义 yee|yi 仁 yan 和 wo 安 on 泰 tai "
    "康 hong 顺 shun 达 tat 通 tung 宏 wang 伟 wai 建 kin 业 yip 实 sat 源 yuen 盛 shing|sing 天 tin 地 tei 人 yan 福 fook|fuk 禄 luk 寿 sau 喜 hei|hay 龙 lung 凤 fung "
    "美 mei|may 丽 lai 文 man 武 mo 林 lam 李 lee|li 陈 chan 黄 wong 张 cheung 何 ho 王 wong 梁 leung 郭 kwok 郑 cheng 胡 wu 马 ma 刘 lau 吴 ng 周 chow|chau 叶 yip "
    "锦 kam 祥 cheung 瑞 sui 恒 hang 裕 yu|yue 隆 lung 万 man 千 chin 百 pak 长 cheung 远 yuen 辉 fai 强 keung 记 kee 兆 siu 正 ching 志 chi 忠 chung 家 ka 嘉 ka 基 kei "
    "科 fo 时 si 代 toi 星 sing 月 yuet 联 luen 合 hop 同 tung 公 kung 益 yick|yik 亨 hang 佳 kai 宝 po|bo 珠 chu 玉 yuk 石 shek 木 muk 土 to 火 fo 保 po 卫 wai 维 wai"
)
_SIGNS = re.findall(r"\S+", _CANTONESE)
_HEARD = {sign: spelt.split("|") for sign, spelt in zip(_SIGNS[::2], _SIGNS[1::2], strict=True)}


def cantonese(signs: str) -> list[str]:
    """Return how simplified signs may be spelt in Hong Kong; none if a sign is not known or there are many ways."""
    ways = [""]
    for sign in signs:
        ways = [way + heard for way in ways for heard in _HEARD.get(sign, ())]
        if not 0 < len(ways) <= 16:
            return []
    return list(map(loose, ways))


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
_UMLAUT = re.compile("^([ln])v(?![oiau])")  # lü and nü as keyboards write them
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
    (re.compile("dz|dj"), "j"), (re.compile("sc(?=[ei])"), "sh"), (re.compile("ts|c(?=[eiyv])"), "s"), (re.compile("c(?!h)|q"), "k"),
    (re.compile("^[ij](?=[aeou])"), ""), (re.compile("ie"), "i"), (re.compile("(?<=[aeou])i(?=[aeou])"), ""),
    (re.compile("h(?=$|[^aeiou])"), ""), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


@lru_cache(maxsize=16384)
def sounds(word: str) -> str:
    """Return one spelling for a word of another alphabet, however it was brought into Latin: Цимлянский, Cimlyanskij."""
    spelt = loose(word)
    for written, said in _FREER:
        spelt = written.sub(said, spelt)
    return spelt


_ENDING = re.compile("(?:sk|tsk|zk)?(?:iy|yi|ii|yy|yj|ij|aya|aia|oe|oye|ogo|a|e|i|y|o)$")
_SUFFIX = re.compile("(?:ev|ov|iv|in|yn|en|n)$")
_VOWELS_BEHIND = re.compile("(?:[iy]?y|[iy]i|[iy]j|aya|aia|oye?|ogo|[aeioy])$")


@lru_cache(maxsize=16384)
def stems(word: str) -> frozenset[str]:
    """Return what a Slavic word may be made from, without the endings of adjectives: kabelny kabel, lvivska lviv."""
    bare = _ENDING.sub("", word)
    return frozenset(
        sounds(one) for one in (word, _VOWELS_BEHIND.sub("", word), bare, _SUFFIX.sub("", bare)) if len(one) >= 3
    )


_KOREAN = (
    ("woo", "u"), ("wu", "u"),
    ("yeo", "yo"), ("you", "yo"), ("eo", "o"), ("eung", "#"), ("eun", "$"), ("eu", "u"), ("oo", "u"), ("ee", "i"), ("ai", "ae"), ("un", "on"), ("ch", "j"), ("sh", "s"),
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
    ("zhi", "chih"), ("chi", "chih"), ("shi", "shih"), ("zi", "tzu"), ("si", "szu"), ("yan", "yen"), ("ong", "ung"), ("ian(?!g)", "ien"), ("zh", "ch"),
    ("x", "hs"), ("q", "ch"), ("j", "ch"), ("z", "ts"), ("c(?!h)", "ts"), ("b", "p"), ("d", "t"), ("(?<!n)g(?!$)", "k"), ("r", "j"), ("(?<![csh])he", "ho"),
)  # fmt: skip
_WADE_RULES = tuple((re.compile(written), said) for written, said in _WADE)


def with_u(word: str) -> str:
    """Return pinyin with u where a keyboard without ü has v: lvyuan is luyuan."""
    return word.replace("lv", "lu").replace("nv", "nu")


@lru_cache(maxsize=16384)
def wade(word: str) -> str:
    """Return pinyin as it is spelt in Taiwan, without marks: hongyi hungyi, xinzhu hsinchu."""
    for written, said in _WADE_RULES:
        word = written.sub(said, word)
    return word


_CLASSES = str.maketrans("bpfvgkqcdtzsjrlmnxh", "bbffkkqkttssjllmnkh")


_GREEK = (
    ("ou", "u"), ("ei", "i"), ("oi", "i"), ("eu", "ev"), ("au", "av"), ("gg", "ng"), ("gk", "g"), ("mp", "b"), ("nt", "d"),
    ("tz", "z"), ("ts", "z"), ("dj", "z"), ("dz", "z"), ("j", "z"), ("b", "v"), ("ch", "h"), ("kh", "h"), ("ph", "f"),
    ("th", "t"), ("ks", "x"), ("y", "i"), ("f", "v"),
)  # fmt: skip


@lru_cache(maxsize=16384)
def greek(word: str) -> str:
    """Return one spelling for a Greek word, its case ending left out: Eurotas, Ευρώτα; Mpakalis, Μπακάλης."""
    for written, said in _GREEK:
        word = word.replace(written, said)
    word = re.sub(r"(.)\1+", r"\1", word)
    return re.sub("[aeiou]+[sn]?$", "", word) or word


_ARABIC_SOUNDS = str.maketrans("qcgvpzx", "kkjfbsx")


@lru_cache(maxsize=16384)
def arabic(word: str, *, broad: bool = False) -> str:
    """Return the consonants of an Arabic or Hebrew word by kind; `broad`: k, q, g and gh, which hands confuse, are one."""
    spelt = word
    for written, said in (("kh", "x"), ("gh", "ğ"), ("sh", "š"), ("ch", "š"), ("th", "t"), ("dh", "d"), ("ph", "f")):
        spelt = spelt.replace(written, said)
    plain = re.sub("[aeiouyw'’]|(?<=.)h$", "", spelt).translate(_ARABIC_SOUNDS)
    if broad:
        plain = re.sub("[ğj]", "k", plain).replace("š", "s")
    return re.sub(r"(.)\1+", r"\1", plain)


@lru_cache(maxsize=16384)
def bones(word: str) -> str:
    """Return the consonants of a Latin word by kind: what is left of a name that went through a script without vowels."""
    spelt = re.sub("sh|zh|ts|tz|th(?=s)", "s", re.sub("ph", "f", re.sub("kh|gh", "h", re.sub("ch|tch", "j", word))))
    spelt = re.sub("th", "t", re.sub("dh", "d", spelt))
    spelt = re.sub("ng(?![aeiou])", "q", spelt)
    plain = re.sub("[aeiouyw]|(?<=.)h$", "", spelt).translate(_CLASSES)
    return re.sub(r"(.)\1+", r"\1", plain) if plain else spelt[:1]
