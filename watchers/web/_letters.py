"""From the bytes of a page to text that is fit to compare: encodings, invisible signs, one spelling."""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

MOST_TEXT = 4_000  # characters of one paragraph that are kept; a digest stands for the rest

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})[\"']")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Codecs a page may name; Python also knows some (punycode, unicode_escape) that outsiders must not choose.
_CODECS = re.compile(
    r"utf-8$|utf-16|ascii|iso8859|iso2022|cp\d|koi8|gb|big5|shift_jis|euc_|mac-|tis-620|hz|johab|kz1048|ptcp154"
)
_WIDER = {  # as every browser reads them
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
}
_SEVEN_BITS = ("iso2022", "hz")  # they write Asian text in ASCII

# Controls, soft hyphens, zero-width characters, bidi marks and tag characters say nothing a reader should see.
_INVISIBLE = dict.fromkeys(
    [
        *(code for code in range(0x20) if not chr(code).isspace()),
        *(code for code in range(0x7F, 0xA0) if not chr(code).isspace()),
        *(0xAD, 0x61C, 0x180E, 0xFEFF),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xE0000, 0xE0080),
    ]
)
_WORD = re.compile(r"\w+|[%$€£¥₹+<>=-](?=\s?\d)|(?<=\d)\s?[%‰€$£¥]")


def decoded(body: bytes, content_type: str) -> str:
    """Return the text of a body. A byte order mark decides, then UTF-8 if it is sound, then header, document, Windows."""
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    said = _CHARSET.search(content_type)
    stated = _DECLARED.search(body[:400]) or _META.search(body[:4_096])
    declared = _codec(said[1]) if said else ""
    declared = declared or (_codec(stated[1].decode("ascii")) if stated else "")
    if declared.startswith("utf-16"):
        # A document that could be read to say so in ASCII is not written in sixteen bits.
        return body.decode(declared, "replace") if b"\x00" in body[:200] else body.decode("utf-8", "replace")
    if body.isascii() and not declared.startswith(_SEVEN_BITS):
        return body.decode("ascii")
    try:
        return body.decode(declared if declared.startswith(_SEVEN_BITS) else "utf-8")
    except UnicodeError:
        return _other(body, declared)


def _other(body: bytes, declared: str) -> str:
    """Return a body that is no strict UTF-8."""
    if declared in ("", "utf-8"):
        text = body.decode("utf-8", "replace")  # one bad byte must not spoil every other letter
        bad = text.count("\ufffd")
        if sum(not char.isascii() for char in text) > 2 * bad:
            return text
    for codec in filter(None, (declared, "cp1252")):
        try:
            return body.decode(codec)
        except UnicodeError:
            continue
    return body.decode(declared if declared not in ("", "utf-8") else "cp1252", "replace")


@lru_cache(maxsize=256)
def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return _WIDER.get(found, found) if _CODECS.match(found) else ""


def clean(text: str) -> str:
    """Return the text in one line and one Unicode form, without what nobody sees."""
    if not text.isprintable():
        text = text.translate(_INVISIBLE)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def bounded(text: str) -> str:
    """Return the text, or its beginning and a digest of the whole: nothing that changes behind the cut is lost."""
    if len(text) <= MOST_TEXT:
        return text
    return f"{text[: MOST_TEXT - 14].rstrip()} … #{digest(text)[:8]}"


def fold(text: str) -> str:
    """Return what two spellings of one text have in common: the words, without case, width and punctuation.

    Signs beside a figure count: -5 % is not 5. UTF-8 that was read as Latin-1 is undone.
    """
    if text.isascii():
        return " ".join(_WORD.findall(text.lower()))
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", _unbroken(text)).casefold()))


def _unbroken(text: str) -> str:
    for wrong in ("cp1252", "latin-1"):
        try:
            return text.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
    return text


def digest(text: str) -> str:
    """Return 16 hexadecimal digits that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def host(url: str) -> str:
    """Return the host of an address without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
