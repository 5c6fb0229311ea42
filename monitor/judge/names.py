"""How names and texts are made comparable: one spelling, without legal forms, never across alphabets."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rigour.names import extract_org_types, replace_org_types_compare


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Forms the library does not know, or knows only spelt out. All in the spelling of `_tokens`.
_MORE_FORMS = _words(
    "co corp corporation company incorporated limited lda ltda sac sacv sapi srl spa scrl eirl eurl sasu sca snc scs "
    "kk yk gk bhd sdn pty pte pvt private plc llp lllp pllc ug ev eg kgaa oy oyj ab asa aps ivs sp zoo doo dd ad eood "
    "ood kft zrt nyrt sro as ooo oao zao pao ao too tov pat fze fzco fzc fz jsc ojsc pjsc cjsc tbk coltd"
)
_SAME_FORM = {"limited": "ltd", "corporation": "corp", "incorporated": "inc", "company": "co", "private": "pvt"}
_LEADING = _words("ooo oao zao pao ao ооо оао зао пао ао тов too as ab oy pt cv sa sarl sas srl gmbh")
_CJK_FORMS = re.compile(
    "(股份有限公司|有限责任公司|有限責任公司|集团有限公司|集團有限公司|有限公司|株式会社|有限会社|合同会社|주식회사|유한회사|[(（][株有주][)）])"
)
_CJK_TAIL = re.compile("(股份|集团|集團|控股|公司)$")
_CJK = re.compile("[\u2e80-\u2fdf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_DOTTED = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
_WORD = re.compile(r"\w+")
_JOINING = _words("and und et og och")  # Brook & Sons is Brook and Sons

# Words many companies share: alone they tell nobody apart.
GENERIC = _words(
    "the and und et group groupe gruppe gruppo grupo groep holding holdings international global worldwide industries "
    "industry enterprises enterprise trading trade services service solutions systems technologies technology tech "
    "products company companies corporation corp co inc ltd limited partners associates ventures capital "
    "investments investment management"
)


def clean(text: str) -> str:
    """Return the text in one Unicode form with single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return the words of a text in one spelling: case, width, accents on Latin letters and punctuation do not count.

    Alphabets stay apart: a Cyrillic letter never equals the Latin one it looks like.
    """
    return " ".join(_WORD.findall(_plain(text)))


def _plain(text: str) -> str:
    return _bare(_lower(text))


def _lower(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _bare(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    for char in unicodedata.normalize("NFD", text):
        # Only Latin accents are a matter of spelling; elsewhere the mark makes another letter.
        if "\u0300" <= char <= "\u036f" and kept and kept[-1].isascii():
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def has_cjk(text: str) -> bool:
    """Return whether the text holds Chinese, Japanese or Korean letters (words are not set apart by blanks there)."""
    return bool(_CJK.search(text))


def _dotless(text: str) -> str:
    return _DOTTED.sub(lambda found: found.group().replace(".", ""), text)


@lru_cache(maxsize=65536)
def same_form(name: str) -> str:
    """Return the folded name with each legal form in one spelling: Ltd and Limited agree, Ltd and PLC do not."""
    text = _bare(replace_org_types_compare(_dotless(_lower(name))))
    return " ".join(_SAME_FORM.get(word, word) for word in _WORD.findall(text))


@lru_cache(maxsize=65536)
def split(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words that name a company, and its legal forms, both folded. A name is never left empty."""
    plain = _dotless(_lower(name))
    forms = list(_CJK_FORMS.findall(plain))
    plain = _CJK_FORMS.sub(" ", plain)
    if has_cjk(plain):
        shorter = _CJK_TAIL.sub("", plain.strip())
        plain = shorter if len(shorter) >= 2 else plain
    known = {word for _, target in extract_org_types(plain) for word in _WORD.findall(target)}
    words = [_SAME_FORM.get(word, word) for word in _WORD.findall(_bare(replace_org_types_compare(plain)))]
    start, end = 0, len(words)
    while end > 1 and (words[end - 1] in known or words[end - 1] in _MORE_FORMS or words[end - 1] in _JOINING):
        end -= 1
    if end - start > 1 and words[0] in _LEADING:
        start = 1
    forms = [*words[:start], *words[end:], *forms]
    inner = [word for word in words[start:end] if word not in _JOINING]
    return tuple(inner or words[start:end]), tuple(word for word in forms if word not in _JOINING)


def core(name: str) -> tuple[str, ...]:
    """Return the words that name a company, folded, in their order, without legal forms."""
    return split(name)[0]


def number(text: str) -> str:
    """Return an identifier without blanks and signs; a register's leading zeros are not always written."""
    return re.sub(r"[\W_]", "", text).upper().lstrip("0")
