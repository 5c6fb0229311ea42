"""News feeds: any RSS, Atom or RDF address of the watchlist, fetched once for all who follow it."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from monitor.model import Customer, Record
from monitor.watcher import Answer, Ask, Findings, SourceDown, Target, everyones, same_address, watcher
from watchers.news import _text
from watchers.news._document import Parts, opened, split
from watchers.news._rss import read_some, read_whole
from watchers.news._words import Item, Reading

MOST_ITEMS = 2_000

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
)
_DAY = 86_400.0
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # no feed is older
_AHEAD = timedelta(days=1)
_INLINE = 100_000  # bytes; longer documents are read beside the loop, so that other looks go on
_KEY = 300  # characters


def targets(customers: Sequence[Customer], settings: Mapping[str, Any]) -> list[Target]:
    """Return one target per distinct address, in order of first mention.

    Addresses come from the customers (`watch.feeds`, `industry.feeds`) and from `urls` in the source's settings;
    the latter are followed for everybody, so their targets have no subscribers.
    """
    named: dict[str, tuple[str, set[str]]] = {}
    for customer in customers:
        for url in (*customer.feeds, *customer.industry_feeds):
            named.setdefault(same_address(url), (url.strip(), set()))[1].add(customer.id)
    for_all = {same_address(url): url.strip() for url in everyones(settings)}
    for address, url in for_all.items():
        named.setdefault(address, (url, set()))
    return [
        Target(_key(address), url, _label(url), frozenset() if address in for_all else frozenset(ids))
        for address, (url, ids) in named.items()
    ]


def _key(address: str) -> str:
    host = re.sub(r"[^a-z0-9.-]", "-", urlsplit(address).netloc)[:60]
    return f"{host}-{hashlib.blake2b(address.encode(), digest_size=5).hexdigest()}"


def _label(url: str) -> str:
    parts = urlsplit(url)
    return _text.shortened(f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}", 80)


@watcher(
    title="News feeds",
    scope="stream",
    mode="log",
    kinds=("article",),
    duties=(2, 6),
    every="1h",
    pace=1.0,
    targets=targets,
    max_bytes=15_000_000,
    max_seconds=30,
    terms="https://www.rssboard.org/rss-specification#optionalChannelElements",  # each feed states its own copyright
    docs="https://www.rfc-editor.org/rfc/rfc4287",
)
async def feed(ask: Ask) -> Findings:
    """Follow a feed: the articles that are new since the last look."""
    assert ask.target is not None
    answer = await ask.get(ask.target.url, headers={"Accept": _ACCEPT}, expect=(200, 410))
    if answer.status == 410:
        raise SourceDown("gone for good: the publisher took this feed away (410); take it off the watchlist")
    fresh = _max_age(answer.headers)
    if answer.unchanged and not ask.full:
        kept = _longest(fresh, _number(ask.cursor))
        return Findings(unchanged=True, memory=ask.memory, cursor=ask.cursor, fresh_for=kept)
    if len(answer.body) > _INLINE:
        return await asyncio.to_thread(_look, ask, answer)
    return _look(ask, answer)


def _look(ask: Ask, answer: Answer) -> Findings:
    """Read an answer against the memory of the last one."""
    assert ask.target is not None
    url = ask.target.url
    document = opened(answer.body, url, answer.headers.get("content-type", ""))
    seen = _some(split(document), url, {} if ask.full else _unpacked(ask.memory)) or _all(document, url)
    channel = seen.reading.channel
    records = _records(seen, _Outlet(_text.clean(channel.title, 100), url), _language(channel.language), ask.now)
    held = channel.fresh_for
    reasons = ["not well-formed XML, read leniently"] if seen.reading.lenient else []
    if not seen.reading.complete:
        reasons.append("the document has no end, items may be missing")
    if seen.total > MOST_ITEMS:
        reasons.append(f"{seen.total} items, the first {MOST_ITEMS} were read")
    return Findings(
        records=records,
        complete=seen.reading.complete and seen.total <= MOST_ITEMS,
        total=seen.total,
        memory=seen.memory,
        cursor=f"{held:.0f}" if held else None,  # a 304 does not repeat what the channel says of itself
        fresh_for=_longest(_max_age(answer.headers), held),
        reason="; ".join(reasons),
    )


# --------------------------------------------------------------------------- what is new


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look read: new items with their keys, and what to remember of all of them."""

    reading: Reading
    items: Sequence[tuple[str, Item]]
    total: int
    memory: bytes


def _some(parts: Parts, url: str, known: Mapping[bytes, bytes]) -> _Seen | None:
    """Read the items whose bytes are not known; None if the document cannot be taken apart.

    `known` maps the digest of an item's bytes to the digest of its first key: to tell whether a guid is unique in
    this answer, all of its items count, the known ones too.
    """
    if not parts.items:
        return None
    digests = [_digest(item) for item in parts.items[:MOST_ITEMS]]
    fresh = _unseen(digests, known)
    reading = read_some(parts, fresh, url)
    if reading is None:
        return None
    read = dict(zip(fresh, reading.items, strict=True))
    firsts = _firsts(digests, read, known)
    rivals = _rivals(digests, firsts, fresh)
    if rivals:  # known items that share their first key with a new one are read again, to tell them apart
        again = read_some(parts, rivals, url)
        if again is None:
            return None
        read.update(zip(rivals, again.items, strict=True))
    keys = _keys(read)
    memory = b"".join(map(bytes.__add__, digests, firsts))
    return _Seen(reading, [(keys[at], read[at]) for at in fresh], len(parts.items), memory)


def _all(document: bytes, url: str) -> _Seen:
    """Read a document that cannot be taken apart; nothing is remembered, the store knows what it has."""
    reading = read_whole(document, url)
    read = dict(enumerate(reading.items[:MOST_ITEMS]))
    keys = _keys(read)
    return _Seen(reading, [(keys[at], item) for at, item in read.items()], len(reading.items), b"")


def _unseen(digests: Sequence[bytes], known: Mapping[bytes, bytes]) -> list[int]:
    """Return the places of new items, each only once if it stands in the answer twice."""
    first = dict(zip(reversed(digests), range(len(digests) - 1, -1, -1), strict=True))
    return sorted(at for digest, at in first.items() if digest not in known)


def _firsts(digests: Sequence[bytes], read: Mapping[int, Item], known: Mapping[bytes, bytes]) -> list[bytes]:
    """Return the digest of every item's first key: remembered, or made from what was read."""
    made = {digests[at]: _digest(next(_candidates(item)).encode("utf-8", "replace")) for at, item in read.items()}
    return [made.get(digest) or known[digest] for digest in digests]


def _rivals(digests: Sequence[bytes], firsts: Sequence[bytes], fresh: Sequence[int]) -> list[int]:
    """Return the places of known items, each once, whose first key a new item has too."""
    if len(set(firsts)) == len(firsts):
        return []
    wanted, new = {firsts[at] for at in fresh}, {digests[at] for at in fresh}
    found = {digest: at for at, digest in enumerate(digests) if firsts[at] in wanted and digest not in new}
    return sorted(found.values())


def _unpacked(memory: bytes | None) -> dict[bytes, bytes]:
    held = memory or b""
    if len(held) % 16:
        return {}
    return {held[at : at + 8]: held[at + 8 : at + 16] for at in range(0, len(held), 16)}


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()[:8]


# --------------------------------------------------------------------------- identity


def _candidates(item: Item) -> Iterator[str]:
    """Yield an item's possible keys, the best first: guid, guid + link, link + title, a hash of title and text.

    A date comes in last, so that two entries of one answer are never merged while anything tells them apart.
    """
    if item.id:
        yield _bounded(item.id)  # mostly nobody asks any further
    link = _text.normalized(_text.unwrapped(item.link)) if item.link else ""
    title = _text.clean(item.title)
    if item.id and link:
        yield _bounded(f"{item.id} {link}")
    if link:
        yield _bounded(f"{link} {title}")
    text = f"{title}\n{_text.clean(item.summary, 200)}"
    yield _hash(text)
    yield _hash("\n".join((text, item.id, item.link, *(raw for raw, _ in item.dates))))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _bounded(key: str) -> str:
    if len(key) <= _KEY:
        return key
    return f"{key[: _KEY - 33]}#{_hash(key)}"


def _keys(read: Mapping[int, Item]) -> dict[int, str]:
    """Return each item's key: the best of its candidates that no other item has too; the last if all are shared."""
    keys = {at: next(_candidates(item)) for at, item in read.items()}
    often = Counter(keys.values())
    if len(often) == len(keys):
        return keys
    lists = {at: list(_candidates(read[at])) for at, key in keys.items() if often[key] > 1}
    shared = Counter(key for candidates in lists.values() for key in set(candidates))
    return keys | {
        at: next((key for key in candidates if shared[key] == 1), candidates[-1]) for at, candidates in lists.items()
    }


# --------------------------------------------------------------------------- records


@dataclass(frozen=True, slots=True)
class _Outlet:
    """Who publishes, where the item itself does not say."""

    title: str  # of the channel
    url: str

    def of(self, item: Item, link: str) -> str:
        stated = _text.clean(item.source, 100).removesuffix(" on MSN")
        if stated:
            return stated
        # A search feed's title names the search: the link it led to names the outlet.
        title = "" if item.link and link != item.link else self.title
        return title or _text.host(link) or _text.host(self.url)


def _records(seen: _Seen, outlet: _Outlet, language: str, now: datetime) -> tuple[Record, ...]:
    made: dict[str, Record] = {}
    for key, item in seen.items:
        record = _record(key, item, outlet, language, now)
        if record is not None:
            made.setdefault(key, record)
    return tuple(made.values())


def _record(key: str, item: Item, outlet: _Outlet, language: str, now: datetime) -> Record | None:
    """Return the article, or None for an item that says nothing at all."""
    summary = _text.clean(item.summary, _text.SUMMARY)
    raw = item.title[: _text.TITLE]
    title = _headline(_text.clean(item.title), item.source) or _text.shortened(summary, 140)
    if not title:
        return None
    link = _text.unwrapped(item.link or (item.id if _text.web(item.id) else ""))
    published, unread = _published(item, link, now)
    publisher = outlet.of(item, link)
    further = {
        "language": language,
        "summary": summary if summary not in (title, f"{title} {publisher}") else "",  # it only says the title again
        "title_raw": raw if raw != title else "",
        "published_raw": unread,
    }
    return Record(
        "article",
        key,
        {"title": title, "outlet": publisher, **{name: value for name, value in further.items() if value}},
        published_at=published,
        url=link if _text.web(link) else None,
        twin=_bounded(_text.normalized(link)) if link else _bounded(f"{title} {(published or '')[:10]}".rstrip()),
    )


def _headline(title: str, source: str) -> str:
    """Cut the outlet that news searches hang on a headline, if it is the one the item states."""
    outlet = _text.clean(source)
    shorter = title.removesuffix(f" - {outlet}") if outlet else title
    return shorter or title


def _published(item: Item, link: str, now: datetime) -> tuple[str | None, str]:
    """Return when it was published (RFC 3339 in UTC, or a plain date), and the date as written if it is not to be trusted."""
    for raw, moment in item.dates:
        if moment is not None and _EARLIEST <= moment <= now + _AHEAD:
            if _day_only(raw, moment, link):
                return moment.date().isoformat(), ""
            return f"{moment.isoformat()[:19]}Z", ""
    return None, next((raw[:80] for raw, _ in item.dates if raw), "")


def _day_only(raw: str, moment: datetime, link: str) -> bool:
    """Return whether only the day is known. Google News states the day of older items as 7, 8 or 0 h GMT sharp."""
    if ":" not in raw:
        return True
    return (
        (moment.minute, moment.second) == (0, 0) and moment.hour in (0, 7, 8) and _text.host(link) == "news.google.com"
    )


def _language(said: str) -> str:
    tag = said.strip().replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}", tag) else ""


# --------------------------------------------------------------------------- freshness


def _max_age(headers: Mapping[str, str]) -> float:
    said = headers.get("cache-control")
    found = _MAX_AGE.search(said) if said else None
    return float(found[1]) if found else 0.0


_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


def _number(cursor: str | None) -> float:
    return float(cursor) if cursor and cursor.isascii() and cursor.isdigit() else 0.0


def _longest(*seconds: float) -> float | None:
    return min(max(seconds), _DAY) or None
