"""PACER court feeds: what United States federal courts put on their dockets, for the courts a person names."""

from __future__ import annotations

import asyncio
import hashlib
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from monitor.model import Customer, Party, Record, Signal
from monitor.watcher import Ask, Findings, SourceBlocked, SourceDown, SourceDrifted, Target, Unknown, watcher
from watchers.litigation._us_titles import parties_of, plain, squeezed

WINDOW = timedelta(hours=24)  # what a feed holds
_FRESH = timedelta(hours=20)  # entries that young must still be in it
_STILL = timedelta(days=4)  # a feed that old outlasted every weekend
_ACCEPT = {"Accept": "application/rss+xml, application/xml;q=0.9, text/xml;q=0.8"}
_INLINE = 100_000  # bytes; longer feeds are read beside the loop, so that other looks go on

# --------------------------------------------------------------------------- courts

_COURT = re.compile(r"[a-z]{2,6}\d{0,2}[a-z]{0,2}")
_APPELLATE = re.compile(r"ca(?:\d{1,2}|dc|fc)")
_ALIASES = {"uscfc": "cofc", "cafed": "cafc", "nebraskab": "neb"}  # as other catalogues write them
_SCRIPTS = {"nyed": "readyDockets.pl", "ared": "rss_outside4.pl"}
_NO_COURT = "https://pacer.uscourts.gov/"  # where a court's id can be looked up; never asked

# A day on the docket is a local day. Courts of the Eastern zone need no entry.
_ZONES = {
    "America/Chicago": "al ar il ia ks la mn ms mo ne nd ok sd tn tx wi",
    "America/Denver": "az co id mt nm ut wy",
    "America/Los_Angeles": "ca nv or wa",
    "America/Anchorage": "ak",
    "Pacific/Honolulu": "hi",
    "Pacific/Guam": "gu nmi",
    "America/Puerto_Rico": "pr vi",
}
_ZONE_OF = {place: zone for zone, places in _ZONES.items() for place in places.split()}
_BY_COURT = {
    "cofc": "America/New_York",
    "ca5": "America/Chicago",
    "ca7": "America/Chicago",
    "ca8": "America/Chicago",
    "ca9": "America/Los_Angeles",
    "ca10": "America/Denver",
}


def targets(customers: Sequence[Customer], settings: Mapping[str, Any]) -> list[Target]:
    """Return one target per court named in `options: {courts: [nysb, deb]}` of this source, in order of mention.

    A court is named by its id in CM/ECF addresses: district `nysd`, bankruptcy `nysb`, appellate `ca2`. Without courts
    nothing is followed. What names no court becomes a target that says so at each look, so that nobody relies on it.
    """
    found: dict[str, Target] = {}
    for said in _named(settings):
        court = _ALIASES.get(said.lower(), said.lower())
        key = court if _COURT.fullmatch(court) else f"?{squeezed(said)[:40]}"
        url = feed_of(court) if key == court else _NO_COURT
        found.setdefault(key, Target(key, url, f"PACER {key}"))
    return list(found.values())


def _named(settings: Mapping[str, Any]) -> Iterator[str]:
    courts = settings.get("courts")
    listed = re.split(r"[\s,;]+", courts) if isinstance(courts, str) else courts
    if isinstance(listed, list | tuple):
        yield from (str(one).strip() for one in listed if str(one).strip())


def feed_of(court: str) -> str:
    """Return the address of a court's feed."""
    host = f"https://ecf.{court}.uscourts.gov"
    if _is_appellate(court):
        return f"{host}/n/beam/servlet/TransportRoom?servlet=RSSGenerator"
    return f"{host}/cgi-bin/{_SCRIPTS.get(court, 'rss_outside.pl')}"


def _is_appellate(court: str) -> bool:
    return _APPELLATE.fullmatch(court) is not None


def _zone(court: str) -> ZoneInfo:
    place = next((place for place in (court[:3], court[:2]) if place in _ZONE_OF), "")
    local = "" if _is_appellate(court) else _ZONE_OF.get(place, "")
    return ZoneInfo(_BY_COURT.get(court) or local or "America/New_York")


# --------------------------------------------------------------------------- one look


@watcher(
    title="PACER court feeds",
    scope="stream",
    mode="log",
    kinds=("docket_entry", "case"),
    duties=(2, 4, 6),
    every="30m",
    pace=1.0,
    official=True,
    targets=targets,
    max_bytes=20_000_000,
    max_seconds=60,
    terms="https://pacer.uscourts.gov/policies-procedures",
    docs="https://pacer.uscourts.gov/help/faqs/how-can-i-use-rss-feeds",
)
async def us_pacer_rss(ask: Ask) -> Findings:
    """Reads a court's feed of docket entries: new cases with their parties, and what moved in them.

    Free and without a log-in; the documents behind the links cost money and are never followed. A feed holds the last
    24 hours and names cases by a title that is cut. Entries that name only people are counted and dropped; of a title
    that names a company as well, people are left out. Quality: silver.
    """
    assert ask.target is not None
    court = ask.target.key
    if court.startswith("?"):
        raise SourceDown(f"{court[1:]!r} names no court: write its id as in ecf.<id>.uscourts.gov, for example nysb")
    answer = await ask.get(ask.target.url or feed_of(court), headers=_ACCEPT)
    if answer.unchanged and not ask.full:
        reason = _standing(_Cursor.read(ask.cursor).built, ask.now)
        return Findings(unchanged=True, memory=ask.memory, cursor=ask.cursor, reason=reason)
    if len(answer.body) > _INLINE:
        return await asyncio.to_thread(_look, ask, court, answer.body)
    return _look(ask, court, answer.body)


def _look(ask: Ask, court: str, body: bytes) -> Findings:
    feed, before = _feed(body, court), _Cursor.read(ask.cursor)
    seen = _read(feed, court, _digests(None if ask.full else ask.memory))
    notes = [*seen.notes, _gap(feed, before.built), _standing(feed.built, ask.now), feed.partly]
    reason = "; ".join(note for note in notes if note)
    cursor = before.with_(feed).written()
    if not feed.items and _may_be_empty(feed, before):
        return Findings(unchanged=True, memory=b"", cursor=cursor, reason=reason or "no entry in the last 24 hours")
    return Findings(
        records=tuple(seen.records),
        total=len(feed.items),
        unknown=tuple(seen.unknown),
        memory=b"".join(sorted(seen.digests)),
        cursor=cursor,
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Until when we have seen a court's entries: when its feed was made, and its newest entry; both in UTC."""

    built: datetime | None = None
    newest: datetime | None = None

    @classmethod
    def read(cls, cursor: str | None) -> _Cursor:
        built, _, newest = (cursor or "").partition(" ")
        return cls(_moment(built), _moment(newest))

    def with_(self, feed: _Feed) -> _Cursor:
        return _Cursor(_later(self.built, feed.built), _later(self.newest, feed.newest))

    def written(self) -> str | None:
        return " ".join(f"{one:%Y-%m-%dT%H:%M:%SZ}" if one else "-" for one in (self.built, self.newest))


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment), default=None)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _may_be_empty(feed: _Feed, before: _Cursor) -> bool:
    """Return whether a court made its feed anew and had nothing to put into it; else the emptiness is an outage."""
    if feed.built is None or (before.built is not None and feed.built <= before.built):
        return False
    return before.newest is None or feed.built - before.newest >= _FRESH


def _gap(feed: _Feed, before: datetime | None) -> str:
    """Say which stretch nobody saw: longer away than a feed reaches back, and its oldest entry is younger than that."""
    if before is None or feed.built is None or feed.built - before <= WINDOW:
        return ""
    oldest = min((item.published for item in feed.items if item.published), default=feed.built)
    if oldest <= before:
        return ""
    return (
        f"entries between {before:%Y-%m-%d %H:%M} and {oldest:%Y-%m-%d %H:%M} UTC may be missing: a feed shows 24 hours"
    )


def _standing(built: datetime | None, now: datetime) -> str:
    if built is None or now - built <= _STILL:
        return ""
    return f"the court has not renewed its feed since {built:%Y-%m-%d}"


def _digests(memory: bytes | None) -> frozenset[bytes]:
    held = memory or b""
    return frozenset(held[at : at + 8] for at in range(0, len(held) - len(held) % 8, 8))


# --------------------------------------------------------------------------- the feed


@dataclass(frozen=True, slots=True)
class _Item:
    """One item as it came; text is unescaped once, by the XML itself."""

    title: str
    link: str
    guid: str
    text: str
    published: datetime | None
    raw_date: str

    @property
    def digest(self) -> bytes:
        parts = (self.guid, self.link, squeezed(self.title), self.text, self.raw_date)
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).digest()


@dataclass(frozen=True, slots=True)
class _Feed:
    items: Sequence[_Item]
    built: datetime | None
    partly: str  # which entries the court puts in, if not all

    @property
    def newest(self) -> datetime | None:
        return max((item.published for item in self.items if item.published), default=None)


_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_LATIN = frozenset({"iso-8859-1", "latin-1", "latin1", "windows-1252", "cp1252", "us-ascii", "ascii"})
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_XML_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));")
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE(?:[^\"'\[>]|\"[^\"]*\"|'[^']*')*+(?P<own>\[)?", re.IGNORECASE)
_PAGE = re.compile(r"<(?:html|head|body|!doctype\s+html)\b", re.IGNORECASE)


def _feed(body: bytes, court: str) -> _Feed:
    """Read a feed. Raises SourceDown for nothing or a part of it, SourceBlocked for a page, SourceDrifted for all else."""
    text = _decoded(body)
    start = _PROLOG.match(text)
    rest = text[start.end() if start else 0 :].rstrip()
    if not rest:
        raise SourceDown(f"empty answer from the court {court}")
    if _PAGE.match(rest):
        raise SourceBlocked(f"the court {court} sent a page where its feed was expected (error or maintenance page)")
    if not rest.startswith("<"):
        raise SourceBlocked(f"the court {court} sent text where its feed was expected: {rest[:60]!r}")
    doctype = _DOCTYPE.match(rest)
    if doctype and doctype["own"]:
        raise SourceDrifted(f"the feed of the court {court} declares a document type of its own, which is refused")
    if not rest.endswith(">") or "</rss" not in rest[-200:]:
        raise SourceDown(f"the feed of the court {court} is cut short")
    return _channel(_root(rest, court), court)


def _decoded(body: bytes) -> str:
    """Return the text without its XML declaration and the signs XML forbids; what is called Latin-1 is Windows-1252."""
    head = _DECLARED.match(body)
    said = _ENCODING.search(head[0]) if head else None
    name = said[1].decode("ascii").lower() if said else "utf-8"
    body = (body[head.end() :] if head else body).removeprefix(b"\xef\xbb\xbf")
    codecs = ("cp1252", "iso-8859-1") if name in _LATIN else ("utf-8", "cp1252", "iso-8859-1")
    for codec in codecs:
        try:
            text = body.decode(codec)
            break
        except UnicodeDecodeError:  # five bytes have no meaning in Windows-1252; all have one in Latin-1
            continue
    return _NOT_XML_REFERENCE.sub(" ", _NOT_XML.sub(" ", text))


def _root(text: str, court: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise SourceDrifted(f"the feed of the court {court} is not well-formed: {error.msg}") from None


def _channel(root: etree._Element, court: str) -> _Feed:
    channel = root.find("channel") if root.tag == "rss" else None
    if channel is None:
        raise SourceDrifted(f"the court {court} sent no channel")
    items = [_item(one) for one in channel.iterfind("item")]
    if _mostly(items, lambda item: not (item.text and (item.guid or item.link))):
        raise SourceDrifted(f"most items of the court {court} have lost their link or description")
    if _mostly(items, lambda item: item.published is None):
        raise SourceDrifted(f"most items of the court {court} have lost their date")
    newest = max((item.published for item in items if item.published), default=None)
    built = _date(_child(channel, "lastBuildDate")) or _date(_child(channel, "pubDate")) or newest
    kinds = squeezed(_child(channel, "description")).partition("type:")[2].strip()
    partly = f"this court's feed holds only entries of type {kinds[:120]}" if kinds and kinds.lower() != "all" else ""
    return _Feed(items, built, partly)


def _mostly(items: Sequence[_Item], lost: Callable[[_Item], bool]) -> bool:
    return bool(items) and sum(map(lost, items)) * 2 > len(items)


def _item(node: etree._Element) -> _Item:
    raw = _child(node, "pubDate")
    title, link, guid, text = (_child(node, name) for name in ("title", "link", "guid", "description"))
    return _Item(title, link, guid, text, _date(raw), raw)


def _child(node: etree._Element, name: str) -> str:
    found = node.find(name)
    return "".join(str(part) for part in found.itertext()).strip() if found is not None else ""


_HOURS = {"AKST": -9, "AKDT": -8, "HST": -10, "AST": -4, "CHST": 10, "GST": 10, "SST": -11}


def _date(text: str) -> datetime | None:
    """Return a moment in UTC; courts write GMT or their own zone by name."""
    parts = parsedate_tz(text)
    if parts is None:
        return None
    hours = _HOURS.get(text.rsplit(maxsplit=1)[-1].upper())
    zone: tzinfo = UTC
    if hours is not None:
        zone = timezone(timedelta(hours=hours))
    elif parts[9] is not None:
        zone = timezone(timedelta(seconds=parts[9]))
    try:
        return datetime(*parts[:6], tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# --------------------------------------------------------------------------- entries

_SEVERAL = 3  # items from which a share says something


@dataclass(slots=True)
class _Seen:
    """What one look read: records, unknown words, what was left out, and what to remember of every item."""

    records: list[Record] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    digests: set[bytes] = field(default_factory=set)
    nobody: int = 0
    unreadable: int = 0

    @property
    def notes(self) -> list[str]:
        """Return, as sentences, what was left out."""
        left = (("naming no company", self.nobody), ("unreadable", self.unreadable))
        return [f"left out as {why}: {count}" for why, count in left if count]


def _read(feed: _Feed, court: str, known: frozenset[bytes]) -> _Seen:
    """Read the items that are new. One filing with two events comes as two items under one guid: they are one entry."""
    seen = _Seen()
    groups: dict[str, list[_Item]] = {}
    for item in feed.items:
        seen.digests.add(item.digest)
        identity = _identity(item)
        if identity is None or _number(item) is None:
            seen.unreadable += 1
            continue
        groups.setdefault(identity, []).append(item)
    if len(feed.items) >= _SEVERAL and seen.unreadable * 2 > len(feed.items):
        raise SourceDrifted(f"most entries of the court {court} have no case or docket number as we know them")
    cases: dict[str, Record] = {}
    for identity, items in groups.items():
        if all(item.digest in known for item in items):
            continue
        entry = _entry(items, court, identity, seen)
        if entry is None:
            seen.nobody += 1
            continue
        seen.records.append(_docket_entry(entry))
        if (case := _case(entry)) is not None and (case.key not in cases or case.signals):
            cases[case.key] = case
    seen.records += cases.values()
    return seen


_CASE_ID = re.compile(r"(?:DktRpt\.pl\?|[?&]caseid=)(\d{1,12})|[?&]caseNum=([\w.-]{3,30})")
_ENTRY_ID = re.compile(r"DktRpt\.pl\?\d{1,12}[-&](\d{1,9})$|[?&]partId=(\d{1,12})")
_SEQUENCE = re.compile(r"de_seq_num=(\d{1,9})")
_NUMBER = re.compile(
    r"(?P<number>(?:\d{1,2}:)?(?:\d{4}|\d{2})-(?:(?P<type>[A-Za-z]{1,6})-)?\d{1,7})"
    r"(?:-[A-Za-z0-9]{1,8}){0,5}(?:\s+(?P<name>.*))?"  # first the judges
)


def _identity(item: _Item) -> str | None:
    """Return `case:entry` inside the court: PACER's own numbers, or a digest where the feed gives none for the entry."""
    text = html.unescape(item.text)
    case = _first(_CASE_ID, item.link) or _first(_CASE_ID, item.guid) or _first(_CASE_ID, text)
    if not case:
        return None
    entry = _first(_ENTRY_ID, item.guid) or _first(_SEQUENCE, text)
    if not entry:
        told = "\x1f".join((item.raw_date, squeezed(item.text)))
        entry = "h" + hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
    return f"{case}:{entry}"


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return next((group for group in found.groups() if group), "") if found else ""


def _number(item: _Item) -> re.Match[str] | None:
    return _NUMBER.fullmatch(plain(item.title))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One docket entry, read. `type` is bk, ap, cv, cr, …; the title and the parties name no people."""

    key: str
    case: str  # the case's key
    court: str
    number: str
    type: str
    chapter: str
    title: str
    text: str
    document: str
    sequence: int | None
    published: datetime | None
    url: str
    parties: tuple[Party, ...]

    @property
    def parts(self) -> list[str]:
        """What was filed, each event of one filing by itself."""
        return self.text.split(" AND ")

    @property
    def day(self) -> str | None:
        """The day of the entry where the court sits."""
        return self.published.astimezone(_zone(self.court)).date().isoformat() if self.published else None

    @property
    def stamp(self) -> str | None:
        return f"{self.published:%Y-%m-%dT%H:%M:%SZ}" if self.published else None


def _entry(items: Sequence[_Item], court: str, identity: str, seen: _Seen) -> _Entry | None:
    """Read the items of one entry; None if it names no company."""
    number = _number(items[0])
    assert number is not None
    told = [_told(item.text) for item in items]
    type_ = next((one.type for one in told if one.type), "") or (number["type"] or "").lower()
    if not type_ and court.endswith("b") and len(court) > 2:
        type_ = "bk"
    chapter = next((one.chapter for one in told if one.chapter), "")
    named = parties_of(number["name"] or "", type_, chapter, appeal=_is_appellate(court))
    if named is None:
        return None
    case, _, sequence = identity.partition(":")
    entry = _Entry(
        key=f"{court}:{identity}",
        case=f"{court}:{case}",
        court=court,
        number=number["number"].lower(),
        type=type_,
        chapter=chapter if type_ == "bk" else "",  # a suit inside a bankruptcy is nobody's bankruptcy
        title=named.title,
        text=" AND ".join(dict.fromkeys(one.text for one in told if one.text))[:400],
        document=next((one.document for one in told if one.document), ""),
        sequence=int(sequence) if sequence.isdigit() else None,
        published=min((item.published for item in items if item.published), default=None),
        url=items[0].link or items[0].guid,
        parties=named.parties,
    )
    if told[0].type not in _TYPES:
        seen.unknown.append(Unknown("type", told[0].type, ("docket_entry", entry.key)))
    if entry.chapter and entry.chapter not in _CHAPTERS:
        seen.unknown.append(Unknown("chapter", entry.chapter, ("docket_entry", entry.key)))
    return entry


_TYPES = frozenset({"", "bk", "ap", "mp"})  # as descriptions of bankruptcy courts call their cases
_CHAPTERS = {
    "7": "ins.proceeding_opened",
    "9": "ins.rescue_opened",
    "11": "ins.rescue_opened",
    "12": "ins.rescue_opened",
    "13": "ins.rescue_opened",
    "15": "ins.rescue_opened",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What a description says: type, chapter, short text, number of the document. The trustee's name is not kept."""

    type: str
    chapter: str
    text: str
    document: str


_HEAD = re.compile(
    r"Type:\s*(?P<type>[a-z]{0,4})\s+Office:\s*[\w.-]*\s+Chapter:\s*(?P<chapter>\d{1,2}[A-Za-z]?\b)?", re.IGNORECASE
)
_ANCHOR = re.compile(r"\(?<a\b[^>]{0,600}>(?P<text>[^<]{0,60})</a\s*>?\)?", re.IGNORECASE)


def _told(description: str) -> _Told:
    markup = description if "<" in description else html.unescape(description)
    anchor = _ANCHOR.search(markup)
    said = anchor["text"].strip() if anchor else ""
    line = plain(re.sub(r"<[^<>]*>", "", _ANCHOR.sub("", markup)))
    head = _HEAD.match(line)
    body = line[head.end() :] if head else line
    start, end = body.find("["), body.rfind("]")
    return _Told(
        (head["type"] or "").lower() if head else "",
        ((head["chapter"] or "") if head else "").lstrip("0"),
        squeezed(body[start + 1 : end] if 0 <= start < end else "" if head else body),  # a trustee's name is in front
        said if said.isdigit() else "",
    )


def _docket_entry(entry: _Entry) -> Record:
    fields = {
        "title": entry.title,
        "text": entry.text,
        "number": entry.document,
        "case": entry.number,
        "court": entry.court,
        "type": entry.type,
        "chapter": entry.chapter,
        "filed": entry.day,
    }
    return Record("docket_entry", entry.key, _said(fields), entry.stamp, entry.url, entry.parties, _signals(entry))


def _case(entry: _Entry) -> Record | None:
    """Return the case, where the entry opens it, or shows that a company's bankruptcy is under way."""
    opening = _opening(entry)
    if opening is None and not _is_under_way(entry):
        return None
    fields = {
        "court": entry.court,
        "number": entry.number,
        "title": entry.title,
        "chapter": entry.chapter,
        "nature": entry.type,
    }
    signals = (opening,) if opening is not None else ()
    return Record("case", entry.case, _said(fields), entry.stamp, entry.url, entry.parties, signals)


def _is_under_way(entry: _Entry) -> bool:
    """Return whether a bankruptcy goes on: not what creditors only asked for, nor what this entry ends or turns."""
    if entry.type != "bk" or entry.chapter not in _CHAPTERS or _INVOLUNTARY.search(entry.text):
        return False
    return not any(signal.event in _TURNING for signal in _signals(entry))


# --------------------------------------------------------------------------- what an entry means


@dataclass(frozen=True, slots=True)
class _Meaning:
    """An event, by the words of an entry in a case of these types."""

    types: frozenset[str]
    words: re.Pattern[str]
    event: str
    stage: str


def _means(types: str, words: str, event: str, stage: str) -> _Meaning:
    return _Meaning(frozenset(types.split()), re.compile(words, re.IGNORECASE), event, stage)


# What somebody asks for, answers, sends or proves is no decision. Many courts call a motion by what it asks for.
_ASKED = re.compile(
    r"^(?:amended |emergency |ex parte |joint |proposed |response|reply|objection|opposition|answer|memorandum|brief\b"
    r"|declaration|affidavit|certificate|letter|motion|application|request|stipulation|exhibit|statement|support"
    r"|transcript|schedule|hearing|bnc |notice,? (?:of )?(?:appearance|hearing|motion|filing|proposed|adjournment))",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"\b(?:deny|denying|denied|vacat\w+|withdraw\w*|moot)\b", re.IGNORECASE)
_ORDER = re.compile(r"\border\b", re.IGNORECASE)
_TURNING = frozenset({"ins.converted", "ins.ended", "ins.reversed"})
# The first that fits counts.
_MEANINGS = (
    _means("bk", r"\border\b.*\bconvert|\bconversion of case|\bcase converted|\bconverted to chapter 7", "ins.converted", "ordered"),
    _means("bk", r"\border for relief\b", "chapter", "ordered"),
    _means("bk", r"\b(?:order|case)\b.*\bdismiss|\bdismiss(?:al|ed|ing)\b.*\b(?:case|petition)", "ins.reversed", "reversed"),
    _means("bk", r"\bclos(?:e|ed|ing) (?:bankruptcy )?case|\bcase closed|\bfinal decree", "ins.ended", "final"),
    _means("bk", r"\b(?:order|judgment)\b.*\bconfirm(?:ing|ation)?\b.*\bplan|\bconfirmation order", "ins.ended", "ordered"),
    _means("bk", r"\bmeeting of creditors|\b341(?:\(a\))?(?!\d)|\bbar date|\blast day to file|\bdeadline to file (?:proofs? of )?claim"
           r"|\bproofs? of claim deadline|\bnotice of (?:need to file|assets|possible dividend)", "ins.claims_deadline", "final"),
    _means("bk", r"\border\b.*\b(?:approv|authoriz)\w*\b.*\bsale\b|\border\b.*\bsale of (?:property|assets|substantially)", "fin.assets_sold", "ordered"),
    _means("bk", r"\border\b.*\bappoint\w*\b.*\b(?:receiver|(?:chapter 11|interim) trustee)", "ins.receiver_appointed", "ordered"),
    _means("cv mc ap", r"\border (?:granting|for|of) .*\bdefault judgment|\bjudgment by default|\bclerk'?s default judgment", "lit.judgment_against", "ordered"),
    _means("cv mc ap", r"\bwrit of (?:execution|garnishment)|\babstract of judgment|\bconsent judgment", "lit.judgment_against", "ordered"),
    _means("cv mc ap", r"\b(?:writ|order) of attachment|\border\b.*\bfreez|\border granting .*\b(?:restraining|injunction|attachment)", "lit.asset_freeze", "ordered"),
    _means("cr mj", r"^(?:sealed |redacted |superseding |felony |misdemeanor )*(?:indictment|information|criminal complaint|complaint)\b", "lit.criminal", "filed"),
)  # fmt: skip
# Grave words no meaning above fits: somebody should read the entry.
_GRAVE = re.compile(
    r"\b(?:judgment|injunction|restraining order|attachment|garnish\w*|freez\w*|receiver\w*|liquidat\w*|forfeit\w*|seizure"
    r"|contempt|conver(?:t|sion)\w*|insolven\w*|indict\w*|plea agreement|guilty|sentenc\w*)\b",
    re.IGNORECASE,
)
_FIRST_ENTRIES = 12  # of a case: its opening is among them
_PETITION = re.compile(r"\bpetition\b", re.IGNORECASE)
_INVOLUNTARY = re.compile(r"\binvoluntary", re.IGNORECASE)
_CHAPTER_SAID = re.compile(r"\b(?:chapter|ch\.?)\s*(\d{1,2})\b", re.IGNORECASE)
_BANKRUPT = re.compile(
    r"voluntary petition|\bpetition for recognition|\bpetition\b.*\bchapter \d|\bchapter \d+\b.*\bpetition",
    re.IGNORECASE,
)
_SUIT = re.compile(
    r"(?:(?:class action |verified |adversary |miscellaneous )?complaint\b|notice of removal|adversary case\b|case transferred in"
    r"|petition (?:for removal|to (?:confirm|compel|vacate|enforce))|transfer (?:in|of) (?:case|venue))",
    re.IGNORECASE,
)


def _opening(entry: _Entry) -> Signal | None:
    """Return what a new case means, if the entry opens one. The feed does not say so: its words and its place tell."""
    if entry.type == "bk":
        return _petition(entry)
    early = entry.document in ("", "1") and (entry.sequence is None or entry.sequence <= _FIRST_ENTRIES)
    if early and entry.type in ("cv", "ap", "mc") and any(_SUIT.match(part) for part in entry.parts):
        return _signal(entry, "lit.case_filed", "filed")
    return None


def _petition(entry: _Entry) -> Signal | None:
    """Return what a petition means: the debtor's own opens the proceeding, a creditor's only asks for it."""
    for part in entry.parts:
        if _is_petition(part):
            if _INVOLUNTARY.search(part):
                return _signal(entry, "ins.petition_filed", "filed")
            return _signal(entry, _by_chapter(entry, part), "filed")
    return None


def _is_petition(part: str) -> bool:
    return bool(_BANKRUPT.search(part)) and not any(no.search(part) for no in (_ASKED, _REFUSED, _ORDER))


def _by_chapter(entry: _Entry, part: str) -> str:
    said = _CHAPTER_SAID.search(part)
    return _CHAPTERS.get(said[1] if said else entry.chapter, "ins.unclassified")


def _signals(entry: _Entry) -> tuple[Signal, ...]:
    """Return what the entry means to the parties; nothing for the everyday of a docket."""
    opening = _opening(entry)
    if opening is not None:
        return (opening,)
    for meaning in _MEANINGS:
        told = next((part for part in entry.parts if _says(meaning, entry.type, part)), "")
        if told:
            event = _by_chapter(entry, told) if meaning.event == "chapter" else meaning.event
            return (_signal(entry, event, meaning.stage),)
    rest = [part for part in entry.parts if not _ASKED.search(part) and not _REFUSED.search(part)]
    if entry.type == "bk" and any(_PETITION.search(part) and not _ORDER.search(part) for part in rest):
        return (_signal(entry, "ins.unclassified", "filed"),)
    if any(_GRAVE.search(part) for part in rest):
        return (_signal(entry, "lit.unclassified", "filed"),)
    return ()


def _says(meaning: _Meaning, type_: str, part: str) -> bool:
    if type_ not in meaning.types or not meaning.words.search(part):
        return False
    return not _ASKED.search(part) and not _REFUSED.search(part)


def _signal(entry: _Entry, event: str, stage: str) -> Signal:
    facts = {"title": entry.title, "case": entry.number, "authority": f"PACER {entry.court}", "raw": entry.text}
    return Signal(event, stage, entry.day, _said(facts))


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
