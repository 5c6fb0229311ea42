"""Outside text made fit to compare and to show: titles, summaries and links of feed items."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit

TITLE = 1_000  # characters
SUMMARY = 500

_READ = 20_000  # no more of one text is looked at; a headline or lead never needs it

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

# The rest of a tag, up to the `>` outside of quotes if they are sound, else up to the first.
_REST = r"""(?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*+>|[^<>]*>)"""
_TAG = re.compile(rf"</?[a-zA-Z]{_REST}")
_INLINE = re.compile(rf"</?(?:a|abbr|b|em|font|i|mark|s|small|span|strong|sub|sup|u)\b{_REST}", re.IGNORECASE)
# Regions whose content is no text, by how they begin and end.
_SILENT = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"))
_SILENT_START = re.compile(r"<(?:!--|script|style)", re.IGNORECASE)


def clean(markup: str, limit: int = TITLE) -> str:
    """Return `markup` as one line of text of at most `limit` characters, cut between words.

    Tags go, entities are read twice (feeds escape what is escaped already), blanks of every kind become one.
    Takes time in proportion to the length of the text, and looks at its first 20,000 characters only.
    """
    text = markup[:_READ]
    if "<" in text or "&" in text:
        for _ in range(2):
            text = html.unescape(_untagged(text))
    if not text.isprintable():
        text = text.translate(_INVISIBLE)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return shortened(" ".join(text.split()), limit)


def shortened(text: str, limit: int) -> str:
    """Return the text, or its beginning and an ellipsis: at most `limit` characters, cut between words if it can be."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    blank = cut.rfind(" ")
    return (cut[:blank] if blank > limit // 2 else cut).rstrip(" ,;:-") + "…"


def _untagged(text: str) -> str:
    if "<" not in text:
        return text
    if _SILENT_START.search(text):
        for start, end in _SILENT:
            text = "".join(_outside(text, start, end))
    return _TAG.sub(" ", _INLINE.sub("", text))


def _outside(text: str, start: str, end: str) -> Iterator[str]:
    """Yield what stands outside such regions; one that never ends swallows the rest."""
    folded, at = text.lower(), 0
    if len(folded) != len(text):  # a few letters grow when lowered, and places would no longer agree
        folded = text
    while (begin := folded.find(start, at)) >= 0:
        yield text[at:begin]
        close = folded.find(end, begin)
        at = folded.find(">", close) + 1 if close >= 0 else 0
        if not at:
            return
    yield text[at:]


# --------------------------------------------------------------------------- links

_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+,\-.]*://)/+")
# An address as nearly all are: nothing in it that could be read in two ways.
_WHOLE = re.compile(
    r"(https?)://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)(?::([0-9]+))?"
    r"(/[A-Za-z0-9/._~%+,=:@-]*)(?:\?([A-Za-z0-9/._~%+,=:@&-]+))?\Z"
)
_GOOGLE = re.compile(r"google\.(?:com|[a-z]{2}|com?\.[a-z]{2})")
_TRACKING = frozenset({"fbclid", "gclid"})


def absolute(base: str, link: str) -> str:
    """Return the link, made absolute against `base`; empty if it is no address at all."""
    if _WHOLE.match(link):
        return link
    try:
        return urljoin(base, _SLASHES.sub(r"\1", link))
    except ValueError:
        return ""


def unwrapped(link: str) -> str:
    """Return the publisher's address out of a redirect of Google Alerts or Bing, else the link itself.

    Google News redirects hold no address: they stay as they are.
    """
    if "url=" not in link:
        return link
    parts = _split(link)
    if parts is None:
        return link
    _, host, path, query = parts
    alerts = path == "/url" and _GOOGLE.fullmatch(host)
    if not alerts and not (host == "bing.com" and path.lower() == "/news/apiclick.aspx"):
        return link
    inner = parse_qs(query).get("url", [""])[0]
    return inner if web(inner) else link


def web(link: str) -> bool:
    """Return whether this is a sound http(s) address, fit to be shown as a link."""
    return len(link) <= 2_000 and link.isprintable() and " " not in link and _split(link) is not None


def normalized(link: str) -> str:
    """Return what stays of a link when a site moves to https or adds tracking: for comparing, not for fetching."""
    parts = _split(link)
    if parts is None:
        return link
    _, host, path, query = parts
    if "utm_" in query or "clid=" in query:
        kept = [(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if not _tracks(k)]
        query = urlencode(kept)
    return host + path.rstrip("/") + (f"?{query}" if query else "")


def host(link: str) -> str:
    """Return the host of a link without `www.`, or nothing."""
    parts = _split(link)
    return parts[1] if parts else ""


def _tracks(name: str) -> bool:
    return name.startswith("utm_") or name in _TRACKING


@lru_cache(maxsize=512)
def _split(link: str) -> tuple[str, str, str, str] | None:
    """Return scheme, host (lower case, no www., no default port), path and query of an http(s) address."""
    if (plain := _WHOLE.match(link)) and plain[3] is None:
        return plain[1], plain[2].lower().removeprefix("www."), plain[4], plain[5] or ""
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    name = parts.hostname.removeprefix("www.")
    if port and port != (443 if parts.scheme == "https" else 80):
        name = f"{name}:{port}"
    return parts.scheme, name, parts.path, parts.query
