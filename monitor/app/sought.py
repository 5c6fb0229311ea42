"""Finds in the stored history what a person read somewhere: by headline, name, number, date or address."""

from __future__ import annotations

import heapq
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from rapidfuzz import fuzz
from sqlalchemy import Connection

from monitor.edge.store import read, turns
from monitor.edge.store.codec import StoredEvent
from monitor.judge import names
from monitor.model import Customer, Held, Record

MEMORY = timedelta(days=400)  # how far back items of streams are searched
LEAST = 0.6  # a weaker likeness is none
LIKELY = 0.8  # what fits so well is surely meant
_MOST_WORDS = 60  # of a text that was typed, and of one that is looked at
_LONGEST = 1200  # characters of one field
_SHORT = 3  # a shorter word tells nothing, unless it has digits
_NUMBER = 30  # signs of the longest number
_SMALL = frozenset(
    [
        "after",
        "and",
        "are",
        "for",
        "from",
        "has",
        "have",
        "into",
        "its",
        "not",
        "over",
        "that",
        "the",
        "their",
        "was",
        "were",
        "will",
        "with",
    ]
)


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, taken apart. `number`: it is one; `day`: it is a date and nothing else; `url`: an address."""

    text: str
    words: frozenset[str]
    folded: str
    number: str = ""
    url: str = ""
    day: date | None = None

    @property
    def host(self) -> str:
        return urlsplit(f"//{self.url}").hostname or "" if self.url else ""


@dataclass(frozen=True, slots=True)
class Found:
    """An item of the history that fits. `held` is None for an event whose record is no longer held."""

    fit: float
    source: str
    subject: str
    held: Held | None = None
    events: tuple[StoredEvent, ...] = ()

    @property
    def seen_at(self) -> datetime:
        return self.held.first_seen if self.held else self.events[0].event.first_seen


def query(text: str) -> Query:
    """Take apart what a person typed; any text will do."""
    said = names.clean(text)[:_LONGEST]
    if "://" in said or said.startswith("www."):
        return Query(said, frozenset(), "", url=address(said))
    number = names.number(said)
    digits = sum(sign.isdigit() for sign in number)
    sure = 4 <= len(number) <= _NUMBER and 2 * digits >= len(number)
    return Query(said, words(said), names.fold(said), number if sure else "", day=_day(said))


def address(url: str) -> str:
    """Return an address in one form: without scheme, www, mark and the parameters that only count readers."""
    parts = urlsplit(url if "://" in url else f"//{url}")
    kept = [one for one in parts.query.split("&") if one and not one.startswith(("utm_", "fbclid", "gclid"))]
    host = (parts.hostname or "").removeprefix("www.")
    return host + parts.path.rstrip("/") + (f"?{'&'.join(kept)}" if kept else "")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    for form in ("%d %b %Y", "%d %B %Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")


def words(text: str) -> frozenset[str]:
    """Return the words of a text that tell something; of Chinese, Japanese and Korean each two signs in a row."""
    folded = names.fold(text)
    said = folded.split()[:_MOST_WORDS]
    found = {word for word in said if len(word) >= _SHORT or any(sign.isdigit() for sign in word)} - _SMALL
    for run in _CJK.findall(folded):
        found.discard(run)
        found |= {run[at : at + 2] for at in range(max(1, min(len(run), _MOST_WORDS) - 1))}
    return frozenset(found)


# --------------------------------------------------------------------------- how well something fits


def fit(asked: Query, record: Record, about: frozenset[str]) -> float:
    """Return how well a record fits, 0 to 1. `about`: words of the customer's names, which alone tell of no matter."""
    if asked.url:
        return 1.0 if record.url and address(record.url) == asked.url else 0.0
    if asked.day is not None:
        same = asked.day.isoformat() in (str(record.published_at or "")[:10], *_dates(record))
        return LIKELY if same and about & words(told(record)) else 0.0
    if asked.number and any(asked.number in names.number(one) for one in _numbers(record)):
        return 1.0
    return _alike(asked, told(record), about)


def fit_event(asked: Query, one: StoredEvent, about: frozenset[str]) -> float:
    """Return the same for an event of the customer whose record is not at hand."""
    event = one.event
    if asked.url:
        urls = [event.url, *(origin.url for origin in event.origins)]
        return 1.0 if any(url and address(url) == asked.url for url in urls) else 0.0
    if asked.day is not None:
        days = (event.occurred_at, event.published_at, event.first_seen.date().isoformat())
        return LIKELY if any(str(day or "")[:10] == asked.day.isoformat() for day in days) else 0.0
    numbers = [event.record_key, event.id, str(event.facts.get("case") or "")]
    if asked.number and any(asked.number in names.number(one) for one in numbers):
        return 1.0
    return _alike(asked, f"{event.title} {event.facts.get('title') or ''}", about)


def _alike(asked: Query, text: str, about: frozenset[str]) -> float:
    """Compare in words: what is said counts most; whose name it is counts if nothing else was typed."""
    if text.isascii() and not _shares(asked.words, text.lower()):
        return 0.0  # most items have nothing in common with what was typed, and folding costs
    there = words(text)
    common = asked.words & there
    if not common:
        return 0.0
    said = asked.words - about or asked.words
    share = len(said & there) / len(said)
    if share < _SHARE:
        return 0.0
    whole = 0.3 * len(common) / len(asked.words) + 0.2 * fuzz.token_set_ratio(asked.folded, names.fold(text)) / 100
    return round(0.5 * share + whole, 3)


def _shares(wanted: frozenset[str], text: str) -> bool:
    return any(word in text for word in wanted)


_SHARE = 0.3  # of what was typed, so much must be there


_TEXTS = ("title", "summary", "name", "text", "category", "holder", "to", "status", "status_raw", "type")


def told(record: Record) -> str:
    """Return what a record says in words, and whom it names."""
    said = [str(record.fields.get(name) or "")[:_LONGEST] for name in _TEXTS]
    listed = record.fields.get("names")
    more = [str(one) for one in listed] if isinstance(listed, list | tuple) else []
    return " ".join([*(one for one in said if one), *more, *(party.name for party in record.parties)])


def _numbers(record: Record) -> Iterator[str]:
    yield record.key
    yield from (str(value) for name in ("case", "number", "lei") if (value := record.fields.get(name)))
    yield from (number for party in record.parties for number in party.ids.values())
    ids = record.fields.get("ids")
    if isinstance(ids, dict):
        yield from (str(number) for number in ids.values())


def _dates(record: Record) -> Iterator[str]:
    for value in record.fields.values():
        if isinstance(value, str) and len(value) >= 10 and value[:4].isdigit():
            yield value[:10]
    yield from (str(signal.occurred_at)[:10] for signal in record.signals if signal.occurred_at)


# --------------------------------------------------------------------------- searching


@dataclass(slots=True)
class Search:
    """What fits best, the best first, and how much was looked at."""

    found: list[Found] = field(default_factory=list)
    looked: int = 0


def search(
    conn: Connection, asked: Query, customer: Customer, streams: Collection[str], now: datetime, limit: int
) -> Search:
    """Look through the streams' items, the customer's own records and its events."""
    events = read.events(conn, customer=customer.id, limit=_EVENTS)
    by_record: dict[tuple[str, str, str], list[StoredEvent]] = {}
    by_url: dict[str, list[StoredEvent]] = {}
    for one in events:
        event = one.event
        by_record.setdefault((event.source, event.record_kind, event.record_key), []).append(one)
        for url in {origin.url for origin in event.origins if origin.url}:
            by_url.setdefault(url, []).append(one)
    done, best = Search(), _Best(limit)
    about = words(" ".join((customer.name, *customer.aliases)))
    told_of: set[str] = set()
    for source, subject, held in _held(conn, customer, streams, now):
        done.looked += 1
        record = held.record
        mine = by_record.get((source, record.kind, record.key)) or by_url.get(record.url or "") or []
        told_of |= {one.event.id for one in mine}
        fits = max((fit(asked, record, about), *(fit_event(asked, one, about) for one in mine)))
        best.add(Found(fits, source, subject, held, tuple(mine)))
    for one in events:
        if one.event.id not in told_of:
            best.add(Found(fit_event(asked, one, about), one.event.source, "", None, (one,)))
    done.found = best.all()
    return done


_EVENTS = 3000  # of one customer, the newest


def _held(
    conn: Connection, customer: Customer, streams: Collection[str], now: datetime
) -> Iterator[tuple[str, str, Held]]:
    for watch in turns.listing(conn, subject=customer.id):
        if watch.source not in streams:
            for held in read.snapshot(conn, watch.watch).values():
                yield watch.source, watch.subject, held
    if streams:
        yield from read.log_records(conn, now - MEMORY, sources=streams)


class _Best:
    """Keeps the few that fit best, of equal ones those that say something of the customer, then the newest."""

    def __init__(self, limit: int) -> None:
        self._limit, self._count = limit, 0
        self._heap: list[tuple[float, bool, float, int, Found]] = []

    def add(self, found: Found) -> None:
        if found.fit < LEAST:
            return
        self._count += 1
        one = (found.fit, bool(found.events), found.seen_at.timestamp(), self._count, found)
        if len(self._heap) < self._limit:
            heapq.heappush(self._heap, one)
        else:
            heapq.heappushpop(self._heap, one)

    def all(self) -> list[Found]:
        return [one[-1] for one in sorted(self._heap, key=lambda one: one[:4], reverse=True)]


def nearest_name(customer: Customer, texts: Iterable[str]) -> tuple[str, float] | None:
    """Return the stretch of the texts that reads most like one of the customer's names, and how much, 0 to 1."""
    best: tuple[str, float] | None = None
    wanted = [" ".join(names.core(name)) for name in (customer.name, *customer.aliases)]
    for text in texts:
        for part in _stretches(text, max((len(name.split()) for name in wanted), default=1)):
            core = " ".join(names.core(part))
            alike = max((fuzz.ratio(core, name) / 100 for name in wanted), default=0.0)
            if best is None or alike > best[1]:
                best = (part, round(alike, 2))
    return best


def _stretches(text: str, most: int) -> Iterator[str]:
    found = names.clean(text)[:_LONGEST].split()[:_MOST_WORDS]
    for length in range(1, min(most + 1, len(found)) + 1):
        for at in range(len(found) - length + 1):
            yield " ".join(found[at : at + length]).strip(".,;:!?()\"'“”")


def missing(customer: Customer, text: str) -> tuple[str, ...]:
    """Return the words of the customer's name that a text does not have, as written; of its names the nearest counts."""
    there = set(names.fold(text).split())
    left = [
        tuple(
            word for word in _own(name) if not there.intersection(names.fold(word).split()) and not _within(word, text)
        )
        for name in (customer.name, *customer.aliases)
    ]
    return min(left, key=len)


def _own(name: str) -> Iterator[str]:
    """Yield the words of a name that are no legal form."""
    core = set(names.core(name))
    yield from (word for word in names.clean(name).split() if core.intersection(names.core(word)))


def _within(word: str, text: str) -> bool:
    return names.has_cjk(word) and word in text


def plain(found: Found) -> dict[str, Any]:
    """Return an item as `why --not --json` tells it."""
    record = found.held.record if found.held else None
    event = found.events[0].event if found.events else None
    return {
        "source": found.source,
        "record": record.kind if record else event.record_kind if event else None,
        "key": record.key if record else event.record_key if event else None,
        "title": title(found),
        "url": record.url if record else event.url if event else None,
        "published_at": record.published_at if record else event.published_at if event else None,
    }


def title(found: Found) -> str:
    """Return what an item is called."""
    if found.held is None:
        return found.events[0].event.title
    record = found.held.record
    said = str(record.fields.get("title") or record.fields.get("name") or "")
    listed = record.fields.get("names")
    if not said and isinstance(listed, list | tuple) and listed:
        said = str(listed[0])
    return said or " ".join(party.name for party in record.parties) or record.key
