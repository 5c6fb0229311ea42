"""Read a name as a source wrote it: the words that name, the legal form, the state and the second names around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from monitor.judge import forms as legal
from monitor.judge import places, scripts, wordlists
from monitor.judge.textwords import ORDINARY

MOST_WORDS = 24  # a longer name is a sentence; what follows is not compared


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name: in Latin letters, what it means (one mark for Mfg and Manufacturing), and how it was written."""

    latin: str
    mark: str
    script: str = "latin"
    short: bool = False  # a dot or an apostrophe says that it is cut short
    signs: str = ""  # as Chinese signs, simplified: what sounds alike may be written in others
    small: bool = False  # of, the, and: counts only where words were written together

    @property
    def loose(self) -> str:
        return scripts.loose(self.latin)

    @property
    def number(self) -> bool:
        return self.mark.isdigit()


@dataclass(frozen=True, slots=True)
class Name:
    """One name, read. `words` are in the order they stood, without legal forms."""

    words: tuple[Word, ...]
    forms: tuple[str, ...] = ()  # as in `legal.FORMS`: ltd, gmbh, …
    how: str = "main"  # main | trading | former: how the source brings it
    masked: bool = False  # letters of another alphabet, or digits, stood in for its own
    cut: bool = False  # ends in dots, or where a column of a register ends
    branch: bool = False  # says that it is a branch of the named company

    @property
    def form(self) -> str:
        return self.forms[0] if self.forms else ""

    @property
    def script(self) -> str:
        """The script of its letters; Latin only if all words are."""
        return next((word.script for word in self.words if word.script != "latin"), "latin")

    @property
    def joined(self) -> str:
        return "".join(word.latin for word in self.words)


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[Name, ...]:
    """Read a name and the other names it brings: `X t/a Y`, `X (formerly Y)`, `Long Name (SHORT)`. The whole name first.

    Empty for a text without a letter or digit. Only the first `scripts.LONGEST` characters count.
    """
    plain, masked = scripts.unmask(_rewritten(scripts.clean(text)))
    cut = len(text) > scripts.LONGEST or plain.endswith(("...", "…"))
    plain = legal.AS_A_CORPORATION.sub(_said_form, plain) if plain.count(",") else plain
    found: dict[tuple[tuple[Word, ...], str], Name] = {}
    branch = any(mark in legal.BRANCHES for mark in re.findall(r"\w+", plain.casefold())) or bool(
        _HAN_BRANCH.search(plain)
    )
    for piece, how in _pieces(_REGISTERED.sub(" ", plain)):
        words, forms = _words(piece)
        if words:
            ends = cut or (not forms and _COLUMN <= len(plain) <= _COLUMN_END)
            found.setdefault((words, how), Name(words, forms, how, masked, ends, branch))
    return tuple(found.values())


_PROPRIETOR = re.compile(
    r",?\s+(?:prop\.|proprietor|inh\.|inhaber|titolare|titular|represented by|acting through)[\s:].*$", re.I
)
_HAN_NOTES = re.compile(
    "[(（](?:[^()（）]{0,4}(?:清算|破产|重整|停业|注销|吊销|存续|歇业|解散|民事再生|更生|회생|파산)[^()（）]{0,6})[)）]"
)
_DOTTED = re.compile(r"(?<!\w)(?:[^\W\d_]\.){2,}(?:[^\W\d_](?!\w))?")
_REWRITTEN = ((re.compile(r"\bf\.\s?lli\b", re.I), "Fratelli"), (re.compile(r"\bco-op", re.I), "coop"), (re.compile(r"\b(s\.?\s?[na]\.?\s?[cs]\.?)\s+di\s.+$", re.I), r"\1"), (re.compile("[\u06a9]"), "ك"), (re.compile("[\u06cc]"), "ي"))  # fmt: skip


def _rewritten(text: str) -> str:
    """Return the text without its owner's name and with what is cut short by a dot inside written out."""
    text = _DOTTED.sub(lambda letters: letters[0].replace(".", "") + (" " if letters[0].endswith(".") else ""), text)
    for written, plain in _REWRITTEN:
        text = written.sub(plain, text)
    if not text.isascii():
        text = _HAN_NOTES.sub("", text)
        text = " ".join(legal.without_other_forms(text).split()) or text
    shorter = _PROPRIETOR.sub("", text)
    return shorter if len(shorter) > 3 else text


def _said_form(found: re.Match[str]) -> str:
    return " LLC" if "liability" in found[0].casefold() else ""


_COLUMN, _COLUMN_END = 28, 42  # captions of courts end here, in the middle of a word
_HAN_BRANCH = re.compile("分公司|支店|分行|办事处|代表处|지점")
_BRACKETS = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
_REGISTERED = re.compile(r"[(\[][^()\[\]]*\d{4,}[^()\[\]]*[)\]]")  # (Company Number 01234567)
_DASH = re.compile(r"\s+[-–—|/]\s+|\s*;\s*|\s+vs?\.\s+|\s+vs\s+", re.I)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and its second names, each with how it is brought."""
    told = list(legal.OTHERWISE.finditer(text))
    # A mark at the very start, or `Ex` as a word of the name, has nobody in front of it.
    told = [
        one
        for one in told
        if one.start() > 2 and (one["now"] or len(one.group().strip()) > 2 or text[one.start() - 1] in "(,")
    ]
    if told:
        yield from ((piece, "main") for piece, _ in _plain_pieces(text[: told[0].start()].rstrip(" (,[;")))
        ends = [*(one.start() for one in told[1:]), len(text)]
        for one, end in zip(told, ends, strict=True):
            stretch = text[one.end() : end].strip(" ,;([")
            stretch = stretch[:-1] if stretch.endswith(")") and stretch.count("(") < stretch.count(")") else stretch
            yield stretch, "trading" if one["now"] else "former"
        return
    yield from _plain_pieces(text)


def _plain_pieces(text: str) -> Iterator[tuple[str, str]]:
    yield text, "main"
    brackets = _BRACKETS.findall(text)
    for inside in brackets:
        if _may_be_left_out(inside):
            yield _BRACKETS.sub(lambda one, inside=inside: " " if one[1] == inside else one.group(), text), "main"  # type: ignore[misc]
            if (
                text.rstrip().endswith((")", "）"))
                and len(inside) > 2
                and re.sub("[^a-z]", "", inside.casefold()) not in legal.NOTES
            ):
                yield inside, "main"
    parts = [part for part in _DASH.split(text) if len(part) > 2]
    if len(parts) > 1:
        yield from ((part, "main") for part in parts)


def _may_be_left_out(inside: str) -> bool:
    """Return whether a bracket may be no part of the name: not a country, a trade or a form, `(Ireland)`, `(Foods)`."""
    words = [scripts.latin(word) for word in re.findall(r"\w+", inside.casefold())]
    if not words or _foreign("".join(words)) or any(map(_foreign, words)):
        return False
    return not any(
        word in wordlists.MEANINGS or word in wordlists.FILLERS or word in wordlists.MARKS or syllables(word) >= 2
        for word in words
    )


def _foreign(word: str) -> bool:
    return word in places.WIDE_PLACES or word in places.PLACES


# --------------------------------------------------------------------------- words and forms

_HAN, _KANA, _HANGUL, _MARKED = (
    scripts._HAN,
    scripts._KANA,
    scripts._HANGUL,
    "\u0900-\u109f",
)  # words with marks on letters
_LETTER = f"[^\\W_{_HAN}{_KANA}{_HANGUL}{_MARKED}]"
_TOKEN = re.compile(f"[{_HAN}{_KANA}]+|[{_HANGUL}]+|[{_MARKED}]+|{_LETTER}+(?:['’`´ʻʼ]{_LETTER}+)*[.'’]?|[&+]")
_ELIDED = re.compile(r"^(?:d|l|dell|all|nell|dall|sull|un|qu|c)['’`´](?=\w{3})", re.I)


def _words(piece: str) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    text = wordlists.HAN_ORDINAL.sub(lambda one: f" {wordlists.han_number(one[1])} ", piece)
    forms = (
        [_FORM_OF_HAN.get(form[0], "kk") for form in legal.HAN_FORMS.findall(scripts.simplified(text))]
        if not text.isascii()
        else []
    )
    if forms:
        text = legal.HAN_FORMS.sub(" ", scripts.simplified(text))
    tokens, more = _without_forms(list(_tokens(text)))
    tokens = _places_together(_spelt_together(tokens))
    # A form amid the words, as before a second name or a fund's, names nobody.
    inner = [
        token
        for token in tokens
        if token.latin in _INNER_FORMS and len(tokens) > 2 and not (token.short and token.latin == "ag")
    ]
    tokens = [token for token in tokens if token not in inner] or tokens
    words = [_sized(word) for word in _numbered(tokens) if word.latin]
    if all(word.small for word in words):
        words = [replace(word, small=False) for word in words]
    return tuple(words[:MOST_WORDS]), (*forms, *more, *(legal.FORMS[token.latin] for token in inner))


def _sized(word: Word) -> Word:
    return (
        replace(word, small=True) if word.mark == "and" or (word.latin in wordlists.SMALL and not word.short) else word
    )


_FORM_OF_HAN = {
    "股": "jsc",
    "有": "ltd",
    "责": "ltd",
    "公": "co",
    "주": "chusik",
    "유": "chusik",
    "㈜": "chusik",
    "(": "kk",
}


def _tokens(text: str) -> Iterator[Word]:
    for token in _TOKEN.findall(text):
        script = scripts.script(token)
        if script in ("han", "kana", "hangul"):
            for part, mark in wordlists.han_parts(token):
                yield from _eastern(part, mark)
            continue
        written = _ELIDED.sub("", token)
        short = written.endswith((".", "'", "’")) or "'" in written[2:-1]
        folded = re.sub("['’`´.]", "", written).casefold()
        if script == "arabic":
            yield from _arabic(folded)
        elif token in ("&", "+"):
            yield Word("and", "and")
        elif folded:
            spelt = scripts.latin(folded)
            if script in ("other", "hebrew", "indic") and folded in wordlists.MEANINGS:
                yield Word(spelt, wordlists.MEANINGS[folded], script)
            elif parts := wordlists.together(spelt):
                yield from (Word(part, part, script) for part in parts)
            else:
                mark = _meaning(spelt)
                if script == "cyrillic" and mark == spelt:
                    mark = next(
                        (_slavic_meanings()[one] for one in scripts.stems(spelt) if one in _slavic_meanings()), spelt
                    )
                yield Word(spelt, mark, script, short)


_TWO_WORDS = {"importexport": ("import", "export"), "medicalinstrument": ("medical", "instrument")}
_BY_SCRIPT = re.compile(f"[{_KANA}]+|[^{_KANA}]+")


def _eastern(part: str, mark: str) -> Iterator[Word]:
    """Yield a part of a name in Chinese, Japanese or Korean signs; kana and signs apart."""
    if mark:
        spelt = scripts.latin(part)
        if mark in _TWO_WORDS:
            yield from (Word(word, word, scripts.script(part)) for word in _TWO_WORDS[mark])
        else:
            yield Word(spelt, mark, scripts.script(part))
        return
    for piece in _BY_SCRIPT.findall(part) if scripts.script(part) == "kana" else (part,):
        spelt = scripts.latin(piece)
        script = scripts.script(piece)
        yield Word(spelt, spelt, script, signs=piece if script == "han" else "")


def _meaning(spelt: str) -> str:
    return wordlists.MEANINGS.get(spelt) or wordlists.MEANINGS.get(scripts.loose(spelt)) or spelt


@lru_cache(maxsize=1)
def _slavic_meanings() -> dict[str, str]:
    """Return what Slavic adjectives of trade mean, by what they are made from: kabelny as kabel."""
    return {scripts.sounds(word): mark for word, mark in wordlists.MEANINGS.items() if word.isascii() and len(word) > 4}


def _arabic(token: str) -> Iterator[Word]:
    """Yield an Arabic word without article, `and` and `for`, which are written onto it."""
    token = token.translate(_ARABIC_SPELLING)
    marks = _arabic_meanings()
    for bare in (token, re.sub("^(?:و?ال|ولل|لل|وال)(?=..)", "", token), re.sub("^[ول](?=...)", "", token)):
        if bare in _ARABIC_FORMS or bare in marks:
            spelt = _ARABIC_FORMS.get(bare) or scripts.latin(bare)
            yield Word(spelt, marks.get(bare, spelt), "arabic")
            return
    bare = re.sub("^(?:و?ال|ولل|لل|وال)(?=..)|^و(?=....)", "", token)
    if bare.startswith("عبدال"):
        yield Word("abdul" + scripts.latin(bare[5:]), "abdul" + scripts.latin(bare[5:]), "arabic")
        return
    spelt = scripts.latin(re.sub("(?<=...)ه$", "", bare))
    yield Word(spelt, spelt, "arabic")


_ARABIC_SPELLING = str.maketrans("أإآىةکؤئ", "ااايهكوي", "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0640")


@lru_cache(maxsize=1)
def _arabic_meanings() -> dict[str, str]:
    """Return what Arabic words of trade mean, in one spelling and without article."""
    spelt = {
        one.translate(_ARABIC_SPELLING): mark
        for one, mark in wordlists.MEANINGS.items()
        if scripts.script(one) == "arabic"
    }
    return spelt | {one.removeprefix("ال"): mark for one, mark in spelt.items()}


_ARABIC_FORMS = {
    "ذمم": "llc",
    "شمم": "jsc",
    "شمك": "jsc",
    "ابو": "abu",
    "بن": "bin",
    "ابن": "bin",
    "محدوده": "ltd",
    "شركاه": "co",
    "ابناوه": "sons",
}


def _spelt_together(tokens: Sequence[Word]) -> list[Word]:
    """Join letters that stand alone, `S A S`, `K.T.M.N.`: they are one word. `B & H` keeps its and."""
    joined: list[Word] = []
    letters: list[Word] = []
    for token in (*tokens, None):
        if token is not None and len(token.latin) == 1 and token.latin.isalpha() and token.script not in _EASTERN:
            letters.append(token)
            continue
        if len(letters) > 1:
            spelt = "".join(letter.latin for letter in letters)
            spelt = _ARABIC_LETTERS.get(spelt, spelt)
            joined.append(Word(spelt, wordlists.MEANINGS.get(spelt, spelt), letters[0].script))
        else:
            joined += letters
        letters = []
        if token is not None:
            joined.append(token)
    return joined


def _places_together(tokens: list[Word]) -> list[Word]:
    """Join the words of a place that has two: Hong Kong, Novi Sad, Sai Gon."""
    joined: list[Word] = []
    for token in tokens:
        pair = joined[-1].latin + token.latin if joined else ""
        if len(pair) >= 6 and pair != token.latin and (pair in places.PLACES or pair in wordlists.EXONYM_WORDS):
            joined[-1] = Word(pair, _meaning(pair), token.script)
        else:
            joined.append(token)
    return joined


_EASTERN = ("han", "kana", "hangul")
_ARABIC_LETTERS = {"dhmm": "llc", "zmm": "llc", "dmm": "llc"}


def _without_forms(tokens: list[Word]) -> tuple[list[Word], list[str]]:
    """Take legal forms, the state of a company and the words around a caption off both ends. A name is never left empty."""
    forms: list[str] = []
    shorter = True
    while shorter and len(tokens) > 1:
        shorter = False
        for count in range(min(legal.FORM_WORDS + 2, len(tokens) - 1), 0, -1):
            tail = "".join(token.latin for token in tokens[-count:] if token.mark != "and")
            form = legal.FORMS.get(tail)
            if form or (count <= legal.NOTE_WORDS and tail in legal.NOTES):
                tokens = tokens[:-count]
                forms += [form] if form else []
                shorter = True
                break
    shorter = True
    while shorter and len(tokens) > 1:
        shorter = False
        for count in range(min(legal.FORM_WORDS, len(tokens) - 1), 0, -1):
            head = "".join(token.latin for token in tokens[:count])
            phrase = count > 1 and len(head) >= 12 and head in legal.FORMS
            if phrase or head in legal.LEADING_FORMS or (count <= legal.HEAD_WORDS and head in legal.HEADS):
                tokens = tokens[count:]
                forms += [legal.FORMS[head]] if head in legal.FORMS else []
                shorter = True
                break
    while len(tokens) > 1 and tokens[-1].mark == "and":
        tokens = tokens[:-1]
    return tokens, [form for form in forms if form != "co"] + [form for form in forms if form == "co"]


_INNER_FORMS = frozenset(
    (
        "ltd",
        "limited",
        "llc",
        "gmbh",
        "inc",
        "plc",
        "sa",
        "spa",
        "srl",
        "sarl",
        "ag",
        "sas",
        "pvt",
        "pte",
        "pty",
        "ltda",
        "ooo",
        "doo",
    )
)


def _numbered(tokens: Sequence[Word]) -> Iterator[Word]:
    """Yield the words with numbers as numbers: No. 5, Nr 5, Fifth, V, sixty-six."""
    skip = False
    for at, token in enumerate(tokens):
        if skip:
            skip = False
            continue
        behind = tokens[at + 1].latin if at + 1 < len(tokens) else ""
        if token.latin in wordlists.NUMBER_SIGNS and (behind.isdigit() or behind in wordlists.NUMBERS):
            continue
        if (glued := re.fullmatch(r"(?:no|nr|n)(\d+)|(\d+)(?:st|nd|rd|th)", token.latin)) is not None:
            number = glued[1] or glued[2]
            yield Word(number, number.lstrip("0") or "0")
        elif token.latin in wordlists.TENS and behind in wordlists.NUMBERS and behind not in wordlists.TENS:
            skip = True
            number = str(wordlists.TENS[token.latin] + int(wordlists.NUMBERS[behind]))
            yield Word(token.latin + behind, number)
        elif token.latin in wordlists.NUMBERS and len(tokens) > 1 and not (at == 0 and len(token.latin) < 3):
            yield Word(token.latin, wordlists.NUMBERS[token.latin])
        elif token.latin.isdigit():
            yield Word(token.latin, token.latin.lstrip("0") or "0")
        else:
            yield token


# --------------------------------------------------------------------------- how much a word tells


def rare(word: Word, *, han_is_common: bool = True) -> bool:
    """Return whether a word tells companies apart by itself: no trade, place, number, ordinary word or name of many.

    `han_is_common`: of two signs there are a thousand firms in China, but one in Japan.
    """
    if word.mark in places.JAPANESE_NAMES:
        return _rare(word.mark)
    if word.number or word.mark != word.latin:
        return False
    if word.script == "han" and han_is_common:
        return syllables(word.latin) != 2 and len(word.latin) > 4
    return _rare(word.latin)


@lru_cache(maxsize=32768)
def _rare(latin: str) -> bool:
    return len(latin) >= 4 and not _everyday(latin) and not _compound(latin)


def _everyday(latin: str) -> bool:
    return (
        latin in wordlists.EVERYDAY
        or latin in wordlists.FILLERS
        or latin in wordlists.MARKS
        or latin in wordlists.MEANINGS
        or latin in places.PLACES
        or latin in places.WIDE_PLACES
        or latin in wordlists.GIVEN
        or latin in wordlists.SMALL
        or latin in ORDINARY
    )


def _compound(latin: str) -> bool:
    """Return whether two words of everybody make the word: Sunstar, альфаснаб. A place and a trade make a name: Gomelsteklo."""
    return any(_plain(latin[:at]) and _plain(latin[at:]) for at in range(3, len(latin) - 2))


def _plain(latin: str) -> bool:
    return latin in wordlists.EVERYDAY or latin in ORDINARY


_SYLLABLE = re.compile(
    "(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|ia|ie|in|iu|ou|ua|ue|ui|un|uo|ve|er|a|e|i|o|u|v)"
)


@lru_cache(maxsize=32768)
def syllables(latin: str) -> int:
    """Return how many syllables of Mandarin a word is read as; 0 if it cannot be one."""
    count = at = 0
    while at < len(latin):
        found = _SYLLABLE.match(latin, at)
        if found is None or found.end() == at:
            return 0
        at = found.end()
        count += 1
    return count
