"""Read a name as a source wrote it: the words that name, the legal form, the state and the second names around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from monitor.judge import scripts, wordlists
from monitor.judge.textwords import ORDINARY

MOST_WORDS = 24  # a longer name is a sentence; what follows is not compared


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name: in Latin letters, what it means (one mark for Mfg and Manufacturing), and how it was written."""

    latin: str
    mark: str
    script: str = "latin"
    short: bool = False  # a dot or an apostrophe says that it is cut short
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
    forms: tuple[str, ...] = ()  # as in `wordlists.FORMS`: ltd, gmbh, …
    how: str = "main"  # main | trading | former: how the source brings it
    masked: bool = False  # letters of another alphabet, or digits, stood in for its own
    cut: bool = False  # ends in dots, or where a column of a register ends
    branch: bool = False  # says that it is a branch of the named company

    @property
    def form(self) -> str:
        return self.forms[0] if self.forms else ""

    @property
    def joined(self) -> str:
        return "".join(word.latin for word in self.words)


@lru_cache(maxsize=32768)
def read(text: str) -> tuple[Name, ...]:
    """Read a name and the other names it brings: `X t/a Y`, `X (formerly Y)`, `Long Name (SHORT)`. The whole name first.

    Empty for a text without a letter or digit. Only the first `scripts.LONGEST` characters count.
    """
    plain, masked = scripts.unmask(scripts.clean(text))
    cut = len(text) > scripts.LONGEST or plain.endswith(("...", "…"))
    plain = wordlists.AS_A_CORPORATION.sub("", plain) if plain.count(",") else plain
    found: dict[tuple[tuple[Word, ...], str], Name] = {}
    branch = any(mark in wordlists.BRANCHES for mark in re.findall(r"\w+", plain.casefold())) or bool(
        _HAN_BRANCH.search(plain)
    )
    for piece, how in _pieces(_REGISTERED.sub(" ", plain)):
        words, forms = _words(piece)
        if words:
            ends = cut or (not forms and _COLUMN <= len(plain) <= _COLUMN_END)
            found.setdefault((words, how), Name(words, forms, how, masked, ends, branch))
    return tuple(found.values())


_COLUMN, _COLUMN_END = 28, 42  # captions of courts end here, in the middle of a word
_HAN_BRANCH = re.compile("分公司|支店|分行|办事处|代表处|지점")
_BRACKETS = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
_REGISTERED = re.compile(r"[(\[][^()\[\]]*\d{4,}[^()\[\]]*[)\]]")  # (Company Number 01234567)
_DASH = re.compile(r"\s+[-–—|/]\s+|\s*;\s*")


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and its second names, each with how it is brought."""
    told = list(wordlists.OTHERWISE.finditer(text))
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
                and re.sub("[^a-z]", "", inside.casefold()) not in wordlists.NOTES
            ):
                yield inside, "main"
    parts = [part for part in _DASH.split(text) if len(part) > 2]
    if len(parts) > 1:
        yield from ((part, "main") for part in parts)


def _may_be_left_out(inside: str) -> bool:
    """Return whether a bracket may be no part of the name: not a country, a trade or a form, `(Ireland)`, `(Foods)`."""
    words = [scripts.latin(word) for word in re.findall(r"\w+", inside.casefold())]
    return bool(words) and not any(
        word in wordlists.MEANINGS or word in wordlists.FILLERS or word in wordlists.MARKS for word in words
    ) and not _foreign("".join(words)) and not any(map(_foreign, words))  # fmt: skip


def _foreign(word: str) -> bool:
    return word in wordlists.WIDE_PLACES or word in _LANDS


# Countries, not towns: a town in brackets is where a one-place firm sits, a country is another firm of the group.
_LANDS = frozenset(word for words in wordlists._PLACES.values() for word in words.split()[:4]) | {
    "shanghai",
    "beijing",
    "shenzhen",
    "hongkong",
    "dubai",
}


# --------------------------------------------------------------------------- words and forms

_TOKEN = re.compile(
    f"[{scripts._HAN}{scripts._KANA}]+|[{scripts._HANGUL}]+|[^\\W_{scripts._HAN}{scripts._KANA}{scripts._HANGUL}]+(?:['’`´][^\\W_{scripts._HAN}{scripts._KANA}{scripts._HANGUL}]+)*[.'’]?|[&+]"
)  # fmt: skip
_ELIDED = re.compile(r"^(?:d|l|dell|all|nell|dall|sull|un|qu|c)['’`´](?=\w{3})", re.I)


def _words(piece: str) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    text = wordlists.HAN_ORDINAL.sub(lambda one: f" {wordlists.han_number(one[1])} ", piece)
    forms = (
        [_FORM_OF_HAN.get(form[0], "kk") for form in wordlists.HAN_FORMS.findall(scripts.simplified(text))]
        if not text.isascii()
        else []
    )
    if forms:
        text = wordlists.HAN_FORMS.sub(" ", scripts.simplified(text))
    tokens, more = _without_forms(list(_tokens(text)))
    tokens = _spelt_together(tokens)
    # A form amid the words, as before a second name or a fund's, names nobody.
    inner = [token for token in tokens if token.latin in _INNER_FORMS and len(tokens) > 2]
    tokens = [token for token in tokens if token not in inner] or tokens
    words = [_sized(word) for word in _numbered(tokens) if word.latin]
    if all(word.small for word in words):
        words = [replace(word, small=False) for word in words]
    return tuple(words[:MOST_WORDS]), (*forms, *more, *(wordlists.FORMS[token.latin] for token in inner))


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
            plain = scripts.simplified(token)
            for part, mark in wordlists.han_parts(plain):
                spelt = scripts.latin(part)
                yield Word(spelt, mark or spelt, scripts.script(part))
            continue
        written = _ELIDED.sub("", token)
        short = written.endswith((".", "'", "’")) or "'" in written[2:-1]
        folded = re.sub("['’`´.]", "", written).casefold()
        if script == "arabic":
            yield from _arabic(folded)
        elif token in "&+":
            yield Word("and", "and")
        elif folded:
            spelt = scripts.latin(folded)
            yield Word(spelt, _meaning(spelt), script, short)


def _meaning(spelt: str) -> str:
    return wordlists.MEANINGS.get(spelt) or wordlists.MEANINGS.get(scripts.loose(spelt)) or spelt


def _arabic(token: str) -> Iterator[Word]:
    """Yield an Arabic word without article, `and` and `for`, which are written onto it."""
    if token in wordlists.MEANINGS:
        yield Word(scripts.latin(token), wordlists.MEANINGS[token], "arabic")
        return
    bare = re.sub("^(?:و?ال|ولل|لل|وال)(?=..)|^و(?=....)", "", token)
    bare = re.sub("ة$", "ه", bare).translate(str.maketrans("أإآى", "اااي"))
    mark = wordlists.MEANINGS.get(bare) or wordlists.MEANINGS.get(f"ال{bare}")
    spelt = _ARABIC_FORMS.get(bare) or scripts.latin(bare)
    yield Word(spelt, mark or spelt, "arabic")


_ARABIC_FORMS = {"ذمم": "llc", "شمم": "jsc", "شمك": "jsc", "شذمم": "llc"}


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


_EASTERN = ("han", "kana", "hangul")
_ARABIC_LETTERS = {"dhmm": "llc", "zmm": "llc", "dmm": "llc"}


def _without_forms(tokens: list[Word]) -> tuple[list[Word], list[str]]:
    """Take legal forms, the state of a company and the words around a caption off both ends. A name is never left empty."""
    forms: list[str] = []
    shorter = True
    while shorter and len(tokens) > 1:
        shorter = False
        for count in range(min(wordlists.FORM_WORDS + 2, len(tokens) - 1), 0, -1):
            tail = "".join(token.latin for token in tokens[-count:] if token.mark != "and")
            form = wordlists.FORMS.get(tail)
            if form or (count <= wordlists.NOTE_WORDS and tail in wordlists.NOTES):
                tokens = tokens[:-count]
                forms += [form] if form else []
                shorter = True
                break
    shorter = True
    while shorter and len(tokens) > 1:
        shorter = False
        for count in range(min(wordlists.FORM_WORDS, len(tokens) - 1), 0, -1):
            head = "".join(token.latin for token in tokens[:count])
            if head in wordlists.LEADING_FORMS or (count <= wordlists.HEAD_WORDS and head in wordlists.HEADS):
                tokens = tokens[count:]
                forms += [wordlists.FORMS[head]] if head in wordlists.FORMS else []
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
        if (glued := re.fullmatch(r"(?:no|nr|n)(\d+)", token.latin)) is not None:
            yield Word(glued[1], glued[1].lstrip("0") or "0")
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


def rare(word: Word) -> bool:
    """Return whether a word tells companies apart by itself: no trade, place, number, ordinary word or name of many."""
    latin = word.latin
    return (
        len(latin) >= 4
        and not word.number
        and word.mark == latin
        and latin not in wordlists.FILLERS
        and latin not in wordlists.MARKS
        and latin not in wordlists.PLACES
        and latin not in wordlists.WIDE_PLACES
        and latin not in wordlists.GIVEN
        and latin not in ORDINARY
        and latin not in _EVERYDAY
    )


_EVERYDAY = frozenset(
    "golden noor nour nur star universal united eastern western northern southern central modern royal great grand asia first choice "
    "super best quality professional creative smart digital advanced dynamic perfect excellent elite superior standard unique "
    "barakah baraka salam amal amana amanah hilal fajr madina medina makkah safa marwa rahman rahma nasr nile nakheel sahara petra iman huda "
    "sultan ameer amir habib karim rashid said salem saleh nasser jamal kamal bilal hamza zahra najm shams qamar jazeera jazira "
    "jose juan maria pedro carlos miguel francisco antonio sagrada corazon virgen guadalupe fatima lourdes esperanza victoria "
    "lucky fortune prosperity happy sunrise sunshine sunlight bright hengda hengtong xinhua huaxia dongfang donghai jinxing jinlong "
    "kings queens lions tigers eagles stars suns shree shri sree sri ganesh laxmi lakshmi krishna balaji sai durga jai om annapurna "
    "trans inter euro omni multi techno agro alpha beta gamma delta omega sigma zenith apex acme optimum maximum infinity eternal "
    "blue green white black silver crystal diamond emerald ruby ocean river mountain valley forest garden city town house home "
    "north south east west family friends power force vision dream world planet earth globe galaxy cosmos universe "
    "comercializadora distribuidora importadora exportadora constructora inmobiliaria transportes servicios grupo soluciones "
    "sons brothers bros associates partners consultants contractors suppliers traders dealers agency agencies stores store shop".split()
)
