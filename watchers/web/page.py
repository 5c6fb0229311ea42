"""Web pages: any HTML or JSON address of a customer, paragraph by paragraph, and what its buyers rate it."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from monitor.model import Customer, Record, Signal
from monitor.watcher import Answer, Ask, Findings, SourceDown, SourceDrifted, Target, everyones, same_address, watcher
from watchers.web import _data, _known, _ratings, _walls
from watchers.web._letters import bounded, clean, decoded, digest, fold, host
from watchers.web._noise import still
from watchers.web._paragraphs import Paragraph, nests_too_deeply, paragraphs, selected

MOST_PARAGRAPHS = 2_000

_ACCEPT = "text/html, application/xhtml+xml, application/json;q=0.9, text/plain;q=0.8, */*;q=0.5"
_INLINE = 60_000  # bytes; longer pages are read beside the loop, so that other looks go on
_BELIEVED_AFTER = 2  # days that a page must have been another one altogether
_FEW = 5  # paragraphs; so few may well change all at once
_BINARY = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "an archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
_FEED = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)*<(?:rss|feed|rdf:RDF)[\s>]", re.DOTALL)
_ENDED = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_BEGUN = re.compile(r"<(?:html|body|!doctype)\b", re.IGNORECASE)


def targets(customers: Sequence[Customer], settings: Mapping[str, Any]) -> list[Target]:
    """Return one target per distinct page and selector, in order of first mention.

    A page that customers name (`watch.pages`) speaks of them, whatever it says. A page of `urls` in the source's
    settings is read for everybody, and speaks of those whom its text names.
    """
    named: dict[tuple[str, str], tuple[str, set[str]]] = {}
    for customer in customers:
        for page in customer.pages:
            place = (same_address(page.url), (page.select or "").strip())
            named.setdefault(place, (page.url.strip(), set()))[1].add(customer.id)
    own = [
        Target(_key(address, select), url, _label(url, select), frozenset(ids), select, own=True)
        for (address, select), (url, ids) in named.items()
    ]
    listed = {same_address(url): url.strip() for url in everyones(settings)}
    return own + [Target(_key(address, "", "everyone"), url, _label(url, "")) for address, url in listed.items()]


def _key(*place: str) -> str:
    name = re.sub(r"[^a-z0-9.-]", "-", urlsplit(place[0]).netloc)[:60]
    return f"{name}-{hashlib.blake2b(' '.join(place).encode('utf-8', 'replace'), digest_size=5).hexdigest()}"


def _label(url: str, select: str) -> str:
    parts = urlsplit(url)
    label = f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{f' ({select})' if select else ''}"
    return label if len(label) <= 80 else f"{label[:79]}…"


@watcher(
    title="Web pages",
    scope="stream",
    mode="state",
    kinds=("page", "rating", "domain"),
    duties=(2, 3, 6),
    every="6h",
    pace=2.0,
    targets=targets,
    max_bytes=5_000_000,
    max_seconds=30,
    terms="https://www.rfc-editor.org/rfc/rfc9309",  # each site has terms of its own; who names it has read them
    docs="https://schema.org/AggregateRating",
)
async def page(ask: Ask) -> Findings:
    """Compares a page or a JSON answer with the last one, paragraph by paragraph.

    `select` names the part that counts: a CSS selector for HTML, a path such as `$.company.status` for JSON. What changes
    by itself (clocks, counters, build dates, ids, consent) is left out. A page in whose place something else
    stands is no look at it; one that says its domain is for sale is a `domain` record. Quality: silver.
    """
    assert ask.target is not None
    answer = await ask.get(ask.target.url, headers={"Accept": _ACCEPT})
    if answer.unchanged and not ask.full:
        return Findings(unchanged=True, memory=ask.memory, cursor=_known.touched(ask.cursor, ask.now.date()))
    if len(answer.body) > _INLINE:
        return await asyncio.to_thread(_look, ask, answer)
    return _look(ask, answer)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What an answer holds, before it is compared with the last. `raw` stands for all that was read for it."""

    raw: str = ""
    paragraphs: Sequence[Paragraph] = ()
    ratings: Sequence[_ratings.Rating] = ()
    ended: bool = True
    lost: str | None = None


def _look(ask: Ask, answer: Answer) -> Findings:
    """Read an answer against what is remembered of the last one."""
    assert ask.target is not None
    url, head = ask.target.url, _known.Known.read(ask.cursor, whole=False)
    reading = _read(answer, url, ask.target.select or None, head, full=ask.full)
    if reading.lost is not None:
        # Nothing is known of the page now; that its place is lost is known.
        return Findings(
            records=(_lost(url, reading.lost),), complete=False, reason=_LOST[reading.lost].format(host(url))
        )
    same = Findings(unchanged=True, memory=ask.memory, cursor=_known.touched(ask.cursor, ask.now.date()))
    if reading.raw == head.raw and not ask.full:
        return same  # only what no reader sees is another
    known = _known.Known.read(ask.cursor)
    matched = _known.match(reading.paragraphs, known.paragraphs, ask.now)
    _familiar(matched, known, url, ask.now)
    courses = {
        one.key: _known.followed(known.ratings.get(one.key, ()), one.value, ask.now.date()) for one in reading.ratings
    }
    records = (
        *(_paragraph(one, url) for one in matched.told),
        *(_paragraph(one, url, rolled=True) for one in matched.rolled),
        *(_rated(one, courses[one.key][1], url) for one in reading.ratings),
    )
    mark = _mark(records)
    remembered = _known.Known(
        ask.now.date(),
        reading.ended,
        mark,
        reading.raw,
        matched.remember,
        {key: course for key, (course, _) in courses.items()},
    )
    if mark == known.digest and not ask.full:
        return same
    return Findings(records=records, total=len(records), cursor=remembered.written())


def _mark(records: Sequence[Record]) -> str:
    told = sorted(
        (
            one.kind,
            one.key,
            str(one.fields.get("text") or ""),
            str(one.fields.get("value") or ""),
            str(one.fields.get("count") or ""),
        )
        for one in records
    )
    return hashlib.blake2b(repr(told).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _familiar(matched: _known.Matched, known: _known.Known, url: str, now: datetime) -> None:
    """Doubt a page of which nothing is left that was there: it is another one, until it has been so for two days."""
    if known.seen is None or not matched.told or matched.were < _FEW or matched.still * 10 > matched.were:
        return
    if (now.date() - known.seen).days < _BELIEVED_AFTER:
        raise SourceDrifted(
            f"the page of {host(url)} holds nothing of what it held on {known.seen.isoformat()}; believed if it is still so on"
            f" the second day"
        )


# --------------------------------------------------------------------------- reading


def _read(answer: Answer, url: str, select: str | None, head: _known.Known, *, full: bool) -> _Reading:
    body, said = answer.body, answer.headers.get("content-type", "").lower()
    for start, what in _BINARY:
        if body.startswith(start):
            raise SourceDrifted(f"{host(url)} sent {what}; only HTML, JSON and plain text can be compared")
    text = decoded(body, said).lstrip("\ufeff \t\r\n\x00")
    if not text.strip():
        raise SourceDown(f"empty answer from {host(url)}")
    if "\x00" in text[:2_000]:
        raise SourceDrifted(f"{host(url)} sent no text; only HTML, JSON and plain text can be compared")
    if _FEED.match(text):
        raise SourceDrifted(f"{host(url)} sent a feed; list it under watch.feeds")
    known = "" if full else head.raw
    if (text[0] in "{[" and "html" not in said) or "json" in said or (select or "").startswith("$"):
        return _read_json(answer, text, select, known)
    if said.startswith("text/plain") and "<" not in text[:500]:
        lines = [Paragraph("", clean(line)) for line in text.splitlines() if line.strip()]
        return _Reading(_raw(lines, ()), _told(lines, url))
    ended = bool(_ENDED.search(text, max(0, len(text) - 20_000)))
    if not ended and (head.ended or (_BEGUN.search(text, 0, 4_000) and not text.rstrip().endswith(">"))):
        raise SourceDown(f"the page of {host(url)} is cut short")
    return replace(_read_html(text, url, select, known), ended=ended)


def _read_json(answer: Answer, text: str, select: str | None, known: str) -> _Reading:
    whole = text.encode("utf-8", "replace")
    document = Answer(answer.url, answer.status, answer.headers, whole, answer.fetched_at).json()
    found, rated = list(_data.paragraphs(_data.part(document, select))), _ratings.in_document(document)
    raw = _raw(found, rated)
    return _Reading(raw) if raw == known else _Reading(raw, _told(found, answer.url), rated)


def _read_html(source: str, url: str, select: str | None, known: str) -> _Reading:
    if nests_too_deeply(source):
        raise SourceDrifted(f"the page of {host(url)} nests its elements too deeply to be read")
    tree = LexborHTMLParser(source)
    rated = _ratings.ratings(tree)
    nodes = selected(tree, select)
    read = list(paragraphs(nodes, rated=bool(rated)))
    raw = _raw(read, rated)
    if raw == known:
        return _Reading(raw)
    heading, body = tree.css_first("head > title"), tree.body
    title = clean(heading.text(deep=True)) if heading is not None else ""
    whole = read if not (select or rated) or body is None else paragraphs([body])
    text = "\n".join(one.text for one in whole)
    if (lost := _walls.lost(title, text, source)) is not None:
        return _Reading(lost=lost)
    found = _told(read, url, rated=bool(rated))
    _walls.refuse(tree, title, text, source, host(url), found="\n".join(one.text for one in found))
    if not found and not rated and _walls.needs_script(text, source):
        raise SourceDrifted(f"the page of {host(url)} shows nothing without its scripts; name the address of its data")
    if not nodes:
        raise SourceDrifted(f"nothing on the page of {host(url)} fits the selector {select!r}")
    return _Reading(raw, found, rated)


def _raw(found: Sequence[Paragraph], rated: Sequence[_ratings.Rating]) -> str:
    """Return what stands for all that was read, exactly as it was written."""
    told = "\n".join((*(one.text for one in found), *(f"{one.key} {one.value} {one.count}" for one in rated)))
    return digest(f"{len(found)} {told}")


def _told(found: Iterable[Paragraph], url: str, *, rated: bool = False) -> list[Paragraph]:
    """Return the paragraphs that say something lasting."""
    told: list[Paragraph] = []
    for one in found:
        text = still(bounded(one.text), rated=rated)
        if not text or not (fold(text) or one.slot):
            continue
        told.append(Paragraph(one.block[:200], text, one.slot))
        if len(told) > MOST_PARAGRAPHS:
            raise SourceDrifted(
                f"the page of {host(url)} has more than {MOST_PARAGRAPHS} paragraphs; name the part that counts with select"
            )
    return told


# --------------------------------------------------------------------------- records

_LOST = {
    "for_sale": "the domain {} is for sale",
    "parked": "the domain {} is parked",
    "expired": "the domain {} has expired",
    "suspended": "the site of {} is suspended",
}


def _paragraph(one: _known.Kept, url: str, *, rolled: bool = False) -> Record:
    fields = {"url": url, "block": one.block, "text": one.text}
    # It is said one last time that it is no longer news: then its end says nothing.
    return Record("page", one.key, {**fields, "rolled": "true"} if rolled else fields, url=url)


def _lost(url: str, status: str) -> Record:
    name = host(url)
    signal = Signal("ctx.web_lost", facts={"name": name, "status": status})
    return Record("domain", name, {"name": name, "status": status}, url=url, signals=(signal,))


def _rated(one: _ratings.Rating, fell_from: str | None, url: str) -> Record:
    fields: dict[str, Any] = {"value": one.value}
    if one.count is not None:
        fields["count"] = one.count
    if one.of:
        fields["name"] = one.of
    fell = (Signal("med.reputation", facts={"old": fell_from, "new": one.value}),) if fell_from else ()
    return Record("rating", one.key, fields, url=url, signals=fell)
