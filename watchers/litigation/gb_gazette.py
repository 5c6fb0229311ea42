"""The Gazette: the United Kingdom's official record, here its notices about companies in insolvency."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.model import Customer, Party, Record, Signal
from monitor.watcher import Answer, Ask, Findings, SourceDown, SourceDrifted, Target, Unknown, watcher

FEED = "https://www.thegazette.co.uk/insolvency/notice/data.json"
NOTICE = "https://www.thegazette.co.uk/notice"
LONDON = ZoneInfo("Europe/London")

FIRST = timedelta(days=14)  # how far back the first look reads
OVERLAP = timedelta(days=3)  # notices turn up late; the store knows those it has
LONGEST = timedelta(days=21)  # after a long absence: what one look can read at the permitted pace
PAGE_SIZE = 100
MOST_PAGES = 60  # x 2.1 s: two minutes, inside max_seconds


@dataclass(frozen=True, slots=True)
class _Code:
    """What a notice code stands for: the procedure, the Gazette's label, and our event for it."""

    section: str
    label: str
    event: str
    stage: str = "final"


# The publisher's own table. Mind 2443: an appointment of liquidators, not a winding-up order. Meetings,
# decisions and dividends set a day by which a creditor must act, so they are claims deadlines.
CODES: Mapping[str, _Code] = {
    "2401": _Code("moratorium", "Moratorium - coming into force", "ins.rescue_opened"),
    "2402": _Code("moratorium", "Moratorium - coming to an end", "ins.ended"),
    "2403": _Code("general", "Re-use of a prohibited name", "ins.unclassified"),
    "2404": _Code("general", "Cross-border insolvencies", "ins.proceeding_opened"),
    "2405": _Code("general", "Overseas territories and dependencies", "ins.unclassified"),
    "2406": _Code("general", "Notice of intended dividend", "ins.claims_deadline"),
    "2407": _Code("general", "Notice of dividend", "ins.claims_deadline"),
    "2408": _Code("general", "Other corporate insolvency notices", "ins.unclassified"),
    "2409": _Code("general", "Qualifying decision procedure", "ins.claims_deadline"),
    "2410": _Code("administration", "Appointment of administrators", "ins.rescue_opened"),
    "2411": _Code("administration", "Administration orders", "ins.rescue_opened", "ordered"),
    "2412": _Code("administration", "Meetings of creditors", "ins.claims_deadline"),
    "2413": _Code("administration", "Notices to members", "ins.unclassified"),
    "2414": _Code("administration", "Deemed consent", "ins.claims_deadline"),
    "2421": _Code("receivership", "Appointment of administrative receivers", "ins.receiver_appointed"),
    "2422": _Code("receivership", "Meetings of creditors", "ins.claims_deadline"),
    "2423": _Code("receivership", "Appointment of receivers", "ins.receiver_appointed"),
    "2424": _Code("receivership", "Deemed consent", "ins.claims_deadline"),
    "2431": _Code("members", "Resolutions for winding-up", "ins.solvent_windup"),
    "2432": _Code("members", "Appointment of liquidators", "ins.solvent_windup"),
    "2433": _Code("members", "Notices to creditors", "ins.claims_deadline"),
    "2434": _Code("members", "Annual liquidation meetings", "ins.solvent_windup"),
    "2435": _Code("members", "Final meetings", "ins.ended"),
    "2436": _Code("members", "Final meetings, overseas territories and dependencies", "ins.ended"),
    "2441": _Code("creditors", "Resolutions for winding-up", "ins.proceeding_opened"),
    "2442": _Code("creditors", "Meetings of creditors", "ins.claims_deadline"),
    "2443": _Code("creditors", "Appointment of liquidators", "ins.proceeding_opened"),
    "2444": _Code("creditors", "Annual liquidation meetings", "ins.claims_deadline"),
    "2445": _Code("creditors", "Final meetings", "ins.ended"),
    "2446": _Code("creditors", "Notices to creditors", "ins.claims_deadline"),
    "2447": _Code("creditors", "Deemed consent", "ins.claims_deadline"),
    "2448": _Code("creditors", "Appointment of liquidators, overseas territories", "ins.proceeding_opened"),
    "2449": _Code("creditors", "Final meetings, overseas territories and dependencies", "ins.ended"),
    "2450": _Code("court", "Petitions to wind up (companies)", "ins.petition_filed", "filed"),
    "2451": _Code("court", "Petitions to wind up (partnerships)", "ins.petition_filed", "filed"),
    "2452": _Code("court", "Winding-up orders (companies)", "ins.proceeding_opened", "ordered"),
    "2453": _Code("court", "Winding-up orders (partnerships)", "ins.proceeding_opened", "ordered"),
    "2454": _Code("court", "Appointment of liquidators", "ins.proceeding_opened"),
    "2455": _Code("court", "Meetings of creditors", "ins.claims_deadline"),
    "2456": _Code("court", "Notice of intended dividend", "ins.claims_deadline"),
    "2457": _Code("court", "Notice of dividend", "ins.claims_deadline"),
    "2458": _Code("court", "Final meetings", "ins.ended"),
    "2459": _Code("court", "Release of liquidators", "ins.ended"),
    "2460": _Code("court", "Notices to creditors", "ins.claims_deadline"),
    "2461": _Code("court", "Dismissal of winding-up petition", "ins.reversed", "reversed"),
    "2462": _Code("court", "Service of petition", "ins.petition_filed", "filed"),
    "2463": _Code("court", "Annual meeting", "ins.claims_deadline"),
    "2464": _Code("court", "Public examinations", "ins.unclassified"),
    "2465": _Code("court", "Deemed consent", "ins.claims_deadline"),
}
# These codes meant something else before deemed consent came in 2017: the notice's own words win.
_REUSED = frozenset({"2414", "2447", "2465"})


def targets(customers: Sequence[Customer], settings: Mapping[str, Any]) -> list[Target]:
    """Return the one feed, if anybody on the watchlist is British or has a British company number."""
    if any(c.country == "GB" or "gb_company" in c.ids for c in customers):
        return [Target("gb_gazette", FEED, "The Gazette, corporate insolvency")]
    return []


@watcher(
    title="The Gazette",
    scope="stream",
    mode="log",
    kinds=("notice",),
    duties=(2, 4, 6),
    needs=("gb_company",),
    jurisdictions=("GB",),
    hosts=("www.thegazette.co.uk",),
    every="6h",
    pace=2.1,  # fair use: at most five requests in ten seconds
    official=True,
    targets=targets,
    max_seconds=150,
    terms="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    docs="https://github.com/TheGazette/DevDocs",
)
async def gb_gazette(ask: Ask) -> Findings:
    """Sweeps the corporate insolvency notices (category 24) by date of publication, newest first.

    Notices about people (25xx, 29xx) are counted and dropped, as are practitioners: the licence does
    not cover personal data. Quality: silver.
    """
    today = ask.now.astimezone(LONDON).date()
    start = _start(ask, today)
    sweep = await _sweep(ask, start, today)
    if sweep is None:
        return ask.same()
    seen = _digests(ask.memory)
    records: list[Record] = []
    unknown: list[Unknown] = []
    others = 0
    for number, entry in sweep.entries.items():
        notice = _notice(number, entry)
        if not notice.code.startswith("24"):
            others += 1
        elif _digest(entry) not in seen:
            records.append(_record(notice, unknown))
    notes = [sweep.trouble] if sweep.trouble else []
    if others:
        notes.append(f"left out as not about a company's insolvency: {others} notice{'s' if others > 1 else ''}")
    return Findings(
        records=tuple(records),
        complete=not sweep.trouble,
        total=len(sweep.entries),
        unknown=tuple(unknown),
        memory=b"".join(sorted(_digest(entry) for entry in sweep.entries.values())),
        cursor=_unfinished(ask, today) if sweep.trouble else today.isoformat(),
        reason="; ".join(notes),
    )


# --------------------------------------------------------------------------- reading the window


@dataclass(slots=True)
class _Sweep:
    """What the pages of one date window held, by notice id; `trouble` says why it is not all."""

    entries: dict[str, Mapping[str, Any]]
    trouble: str = ""


def _start(ask: Ask, today: date) -> date:
    """Return the first day to read: the last day read before less the overlap, or two weeks ago."""
    if not ask.cursor:
        return today - FIRST
    last = date.fromisoformat(ask.cursor)
    start = min(last - OVERLAP, today - FIRST) if ask.full else last - OVERLAP
    return max(start, today - LONGEST)


def _unfinished(ask: Ask, today: date) -> str:
    """Return the cursor after a look that did not see everything: today is not done yet."""
    return min(ask.cursor, (today - timedelta(days=1)).isoformat()) if ask.cursor else ""


async def _sweep(ask: Ask, start: date, end: date) -> _Sweep | None:
    """Read page after page until all notices are seen; None if the window is as it was.

    Growth while we read only shifts notices to later pages.
    """
    sweep = _Sweep({})
    promised = 0
    for number in range(1, MOST_PAGES + 1):
        # Newest first: with the first page the whole window is as it was. Of the others we need the body.
        known = number == 1 and ask.cursor == end.isoformat()
        answer = await ask.get(
            FEED, params=_query(start, end, number), headers=None if known else {"Cache-Control": "no-cache"}
        )
        if known and answer.unchanged:
            return None
        page = _page(answer, number)
        if number == 1:
            promised = page.total
        if page.number != number:
            sweep.trouble = f"the Gazette sent page {page.number} when asked for page {number}"
            return sweep
        if page.total < promised:
            sweep.trouble = f"the Gazette's total fell from {promised} to {page.total} while we read"
        before = len(sweep.entries)
        for entry in page.entries:
            sweep.entries.setdefault(_id(entry), entry)
        if page.more and _outside(page.entries, start, end):  # the whole archive is three million notices
            sweep.trouble = (
                f"the Gazette ignored the dates we asked for ({start} to {end}) and names {page.total} notices"
            )
            return sweep
        if not page.more or len(sweep.entries) == before:
            break
    if len(sweep.entries) < promised and not sweep.trouble:
        sweep.trouble = f"{len(sweep.entries)} of {promised} notices were read"
    return sweep


@dataclass(frozen=True, slots=True)
class _Page:
    number: int
    total: int
    entries: Sequence[Mapping[str, Any]]
    more: bool


def _query(start: date, end: date, number: int) -> Mapping[str, str]:
    """Return what asks for one page. The `next` link of an answer forgets the filters, so we write every address."""
    return {
        "categorycode": "24",
        "start-publish-date": start.isoformat(),
        "end-publish-date": end.isoformat(),
        "results-page-size": str(PAGE_SIZE),
        "results-page": str(number),
        "sort-by": "latest-date",
    }


def _page(answer: Answer, number: int) -> _Page:
    document = answer.json()
    if not isinstance(document, dict):
        raise SourceDrifted("the Gazette's answer is a list, not an object")
    if set(document) <= {"status", "message", "error"}:  # an inner error, sent with status 200
        raise SourceDown(f"the Gazette answered with an error of its own ({str(document.get('status'))[:20]})")
    total = _count(document, "f:total")
    entries = _entries(document)
    if total and not entries and number == 1:
        raise SourceDrifted(f"the Gazette names {total} notices, but the field entry is gone")
    return _Page(_count(document, "f:page-number"), total, entries, _more(document, number, total))


def _entries(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the notices: a list, a single object when there is one, no key at all when there is none."""
    found = document.get("entry")
    if found is None:
        return []
    listed = found if isinstance(found, list) else [found]
    for entry in listed:
        if not isinstance(entry, dict):
            raise SourceDrifted(f"the Gazette's field entry holds {type(entry).__name__}, not objects")
    return listed


def _more(document: Mapping[str, Any], number: int, total: int) -> bool:
    links = document.get("link")
    if isinstance(links, dict):
        links = [links]
    if isinstance(links, list):
        return any(isinstance(link, dict) and link.get("@rel") == "next" for link in links)
    return number * PAGE_SIZE < total


def _outside(entries: Sequence[Mapping[str, Any]], start: date, end: date) -> bool:
    """Whether a filter was ignored: a day's grace for notices published about midnight."""
    day = timedelta(days=1)
    return any(not start - day <= _published(entry).date() <= end + day for entry in entries)


def _count(document: Mapping[str, Any], name: str) -> int:
    if name not in document:
        raise SourceDrifted(f"the Gazette's field {name} is gone")
    value = document[name]
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", str(value)):
        raise SourceDrifted(f"the Gazette's field {name} is no number")
    return int(value)


def _digest(entry: Mapping[str, Any]) -> bytes:
    """Return eight bytes that change when a notice's own words do."""
    parts = (_id(entry), *(repr(entry.get(name)) for name in ("f:notice-code", "f:status", "title", "category")))
    return hashlib.blake2b("\x1f".join((*parts, _plain(entry.get("content")))).encode(), digest_size=8).digest()


def _digests(memory: bytes | None) -> frozenset[bytes]:
    held = memory or b""
    return frozenset(held[at : at + 8] for at in range(0, len(held), 8))


# --------------------------------------------------------------------------- one notice


@dataclass(frozen=True, slots=True)
class _Notice:
    """One entry of the feed, with its snippet as plain text."""

    number: str
    code: str
    title: str
    term: str
    status: str
    published: datetime  # London time
    text: str


def _notice(number: str, entry: Mapping[str, Any]) -> _Notice:
    code = _text(entry, "f:notice-code")
    if not re.fullmatch(r"\d{4}", code):
        raise SourceDrifted(f"the Gazette's field f:notice-code is no code: {code[:20]!r}")
    return _Notice(
        number,
        code,
        _plain(_text(entry, "title")),
        _term(entry.get("category")),
        str(entry.get("f:status") or "published"),
        _published(entry),
        _plain(entry.get("content")),
    )


def _text(entry: Mapping[str, Any], name: str) -> str:
    if name not in entry:
        raise SourceDrifted(f"the Gazette's field entry.{name} is gone")
    value = entry[name]
    if not isinstance(value, str) or not value.strip():
        raise SourceDrifted(f"the Gazette's field entry.{name} is no text")
    return value


def _id(entry: Mapping[str, Any]) -> str:
    found = re.fullmatch(r"https?://www\.thegazette\.co\.uk/id/notice/([\w-]{1,60})", _text(entry, "id"))
    if not found:
        raise SourceDrifted("the Gazette's field entry.id is no notice address")
    return found[1]


def _published(entry: Mapping[str, Any]) -> datetime:
    """Return when a notice was published: the feed writes London time without saying so."""
    text = _text(entry, "published")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SourceDrifted(f"the Gazette's field entry.published is no date: {text[:40]!r}") from None
    return moment.replace(tzinfo=LONDON) if moment.tzinfo is None else moment.astimezone(LONDON)


def _term(category: Any) -> str:
    """Return the notice type in words; the feed sends one object or a list of them."""
    first = category[0] if isinstance(category, list) and category else category
    if first is None:
        return ""
    if not isinstance(first, dict) or not isinstance(first.get("@term", ""), str):
        raise SourceDrifted("the Gazette's field entry.category is not what it was")
    return _plain(first.get("@term", ""))


def _plain(markup: Any) -> str:
    """Return a snippet as one line of text: search highlights go first, they cut through numbers."""
    if not isinstance(markup, str):
        return ""
    joined = re.sub(r"</?em\b[^<>]*>", "", markup)
    text = html.unescape(re.sub(r"<[^<>]*>", " ", joined))
    visible = "".join(c if unicodedata.category(c)[0] != "C" or c.isspace() else " " for c in text)
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def _record(notice: _Notice, unknown: list[Unknown]) -> Record:
    key = f"gazette:{notice.number}"
    meaning = _meaning(notice)
    # Of no record: the notice's own signal names it, this is for the people who keep the table.
    if notice.code not in CODES:
        unknown.append(Unknown("code", f"{notice.code} {notice.term}".strip(), ("entry", key)))
    if notice.status != "published":
        unknown.append(Unknown("status", notice.status, ("entry", key)))
    company = company_number(notice.text)
    court, case, dates = _court(notice.text), _case(notice.text), _dates(notice.text)
    petitioner = _petitioner(notice.text)
    name = _debtor(notice)
    stated = {
        "company_number": company,
        "court": court,
        "case": case,
        "hearing": dates.get("hearing"),
        "petitioner": petitioner,
    }
    return Record(
        "notice",
        key,
        {
            "authority": "London Gazette",
            "code": notice.code,
            "title": name,
            "category": notice.term or (meaning.label if meaning else ""),
            "published": notice.published.date().isoformat(),
            **{field: value for field, value in stated.items() if value},
            "text": _public(notice.text),
        },
        published_at=notice.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        url=f"{NOTICE}/{notice.number}",
        parties=_parties(name, company, petitioner),
        signals=(
            _signal(
                meaning, dates, _facts(notice, name, dates, {"court": court, "case": case, "petitioner": petitioner})
            ),
        ),
    )


def _meaning(notice: _Notice) -> _Code | None:
    """Return what the code says, or for the re-used codes what the words of the same procedure say."""
    known = CODES.get(notice.code)
    if known is None or notice.code not in _REUSED or _folded(notice.term) == _folded(known.label):
        return known
    said = _folded(notice.term)
    labelled = [code for code in CODES.values() if said and said.startswith(_folded(code.label))]
    same = [code for code in labelled if code.section == known.section]
    return (same or labelled or [known])[0]


def _folded(term: str) -> str:
    return " ".join(word.removesuffix("s") for word in re.findall(r"[a-z]+", term.casefold()))


def _facts(notice: _Notice, name: str, dates: Mapping[str, str], stated: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what fills the sentences and the steps of an event."""
    deadline = dates.get("deadline") or dates.get("meeting")
    facts = {
        "authority": "London Gazette",
        "title": name,
        "category": notice.term,
        "raw": f"{notice.code} {notice.term}".strip(),
        **stated,
        "hearing": dates.get("hearing"),
        "deadline": deadline,
        "dates": dict(dates) | ({"deadline": deadline} if deadline else {}),
    }
    return {fact: value for fact, value in facts.items() if value}


def _signal(meaning: _Code | None, dates: Mapping[str, str], facts: Mapping[str, Any]) -> Signal:
    if meaning is None:
        return Signal("ins.unclassified", "final", None, facts)
    happened = next((dates[name] for name in _HAPPENED.get(meaning.event, ()) if name in dates), None)
    return Signal(meaning.event, meaning.stage, happened, facts)


# Which stated date is the day an event happened, the best first.
_HAPPENED: Mapping[str, tuple[str, ...]] = {
    "ins.petition_filed": ("petition",),
    "ins.proceeding_opened": ("order", "resolution", "appointment"),
    "ins.rescue_opened": ("order", "appointment"),
    "ins.receiver_appointed": ("appointment",),
    "ins.solvent_windup": ("resolution", "appointment"),
    "ins.reversed": ("dismissal",),
}


# --------------------------------------------------------------------------- what the words say

_NUMBER = re.compile(
    r"(?:Company|Registered|Registration)\s+(?:Registration\s+)?(?:Number|No\b\.?)\s{0,2}:?\s{0,2}"
    r"(?P<prefix>[A-Z]{2}|R0?)?\s?(?P<digits>\d{1,8})\b",
    re.IGNORECASE,
)
_DAY = (
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s)?(?:the\s)?"
    r"(?P<d>\d{1,2})(?:st|nd|rd|th)?(?:\sday\sof)?\s"
    r"(?P<m>January|February|March|April|May|June|July|August|September|October|November|December),?\s(?P<y>\d{4})"
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
# name of the date -> the words before it; the gap is bounded, so reading stays linear
_STATED: Mapping[str, re.Pattern[str]] = {
    name: re.compile(before + _DAY, re.IGNORECASE)
    for name, before in {
        "hearing": r"\b(?:to be heard|will be heard|be heard|hearing)\b.{0,240}?\bon\s",
        "petition": r"(?:\bpetition\b.{0,200}?\bpresented\s(?:to the Court\s)?on\s|\bDate of (?:Filing|Presentation of) Petition:?\s)",
        "order": r"(?:\bDate of (?:Winding[- ]up|Administration) Order:?\s|\bOrder\b.{0,80}?\b(?:was\s)?made\son\s)",
        "dismissal": r"\bpetition\b.{0,240}?\b(?:was\s)?dismissed\b.{0,60}?\bon\s",
        "appointment": r"\b(?:Date of Appointment|appointed)\b:?.{0,40}?\s",
        "resolution": r"\b(?:Date of Resolution:?\s|(?:resolutions?\b.{0,60}?\b(?:passed|held)\b.{0,40}?)\son\s)",
        "deadline": r"\b(?:on or before|no later than|not later than|last date for (?:proving|receiving proofs)[^.:]{0,40}:?)\s",
        "meeting": r"\b(?:meetings? of (?:the )?creditors|creditors['’] meeting|virtual meeting|decision date)\b.{0,160}?(?:\bon|:)\s",
    }.items()
}
_COURT = re.compile(
    r"\bIn the (?P<court>(?:High Court|County Court|Court of Session|High Court of Justice)\b[^.]{0,140}?)"
    r"(?=\s*(?:,\s*)?(?:\bCourt Number\b|\bCase\b|\bNo\b|\bNumber\b|\bCR-|\bIn the Matter\b|\bA Petition\b|\bDate of\b|\.|…|$))",
    re.IGNORECASE,
)
_CASE = re.compile(
    r"\b(?P<modern>[A-Z]{2}-(?:19|20)\d{2}-(?:[A-Z]{3}-)?\d{3,6})\b|\b(?P<n>\d{1,6})\sof\s(?P<y>(?:19|20)\d{2})\b"
)
_PETITIONER = re.compile(
    r"(?:\bpresented\b(?:\s+(?:to the Court|on\s+[\w ,]{6,30}?\d{4},?))?\s+by\s+(?:the petitioner,?\s+)?"
    r"|\bon the petition of\s+|\bPetitioners?:\s*)"
    r"(?P<name>[^,(;:.…]{3,120}?)(?=\s*(?:,|\(|;|:|\.\s|\.$|…|$|\bof\b(?!\s(?:State|England|Scotland|Ireland|London|the))|\bclaiming\b|\bwhose\b|\bwill be\b|\bwas\b|\bis\b|\bhas\b))",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"\b(?:limited|ltd|plc|llp|lp|inc|gmbh|s\.?a|b\.?v|company|commissioners|customs|revenue|council|bank|secretary|"
    r"authority|department|society|university|trust|association|partnership|fund|commission|regulator|corporation)\b",
    re.IGNORECASE,
)
_PRACTITIONERS = re.compile(
    r"\b(?:Office[- ]holders?|Name(?:s)? (?:and address(?:es)? )?of (?:office|liquidator|administrator|receiver|supervisor|insolvency)"
    r"|(?:Joint )?(?:Liquidators?|Administrators?|Administrative Receivers?|Receivers?|Supervisors?)(?:'s|’s)? (?:name|details|contact)"
    r"|(?:Joint )?(?:Liquidators?|Administrators?|Receivers?):|Further (?:details|information)|Contact(?: details| person)?:|For further)",
    re.IGNORECASE,
)


def company_number(text: str) -> str | None:
    """Return the first company number a notice states, padded to the register's eight characters."""
    found = _NUMBER.search(text)
    if not found:
        return None
    prefix = (found["prefix"] or "").upper()
    digits = prefix[1:] + found["digits"] if prefix.startswith("R0") else found["digits"]
    prefix = "R" if prefix == "R0" else prefix
    width = 8 - len(prefix)
    return prefix + digits.zfill(width) if len(digits) <= width else None


def _debtor(notice: _Notice) -> str:
    """Return the company's name: the title, but old notices carry their type there."""
    if _folded(notice.title) not in {_folded(notice.term), *(_folded(code.label) for code in CODES.values())}:
        return notice.title
    named = re.search(
        r"(?:Name of Company:\s*|In the Matter of\s+)?(?P<name>[^():.]{3,120}?)\s*\(?\s*Company (?:Number|No)",
        notice.text,
    )
    return named["name"].strip() if named else notice.title


def _parties(name: str, company: str | None, petitioner: str | None) -> tuple[Party, ...]:
    debtor = Party(name, "debtor", {"gb_company": company} if company else {}, "GB")
    return (debtor, Party(petitioner, "petitioner")) if petitioner else (debtor,)


def _petitioner(text: str) -> str | None:
    """Return who asks for the winding-up, if it is an organisation: people are not ours to keep."""
    found = _PETITIONER.search(text)
    if not found:
        return None
    name = found["name"].strip(" ,")
    return name if _ORGANISATION.search(name) else None


def _court(text: str) -> str | None:
    found = _COURT.search(text)
    return found["court"].strip(" ,") if found else None


def _case(text: str) -> str | None:
    found = _CASE.search(text)
    if not found:
        return None
    return found["modern"] or f"{int(found['n']):06d} of {found['y']}"


def _dates(text: str) -> dict[str, str]:
    """Return the dates a notice states, by what they are: hearing, petition, order, deadline, …"""
    found = {}
    for name, pattern in _STATED.items():
        hit = pattern.search(text)
        if hit and (day := _day(hit)):
            found[name] = day
    return found


def _day(hit: re.Match[str]) -> str | None:
    try:
        return date(int(hit["y"]), _MONTHS.index(hit["m"].casefold()) + 1, int(hit["d"])).isoformat()
    except ValueError:
        return None


def _public(text: str) -> str:
    """Return the part of the text we may keep: no practitioners, no private petitioners, no mail, no phone."""
    cut = _PRACTITIONERS.search(text)
    kept = text[: cut.start()].rstrip(" ,;") if cut else text
    found = _PETITIONER.search(kept)
    if found and not _ORGANISATION.search(found["name"]):
        # The address goes with the name: up to where the sentence speaks of the case again.
        rest = re.search(r"\b(?:claiming|will be|is to be|was)\b", kept[found.end("name") :])
        kept = kept[: found.start("name")] + "[a person] " + (kept[found.end("name") + rest.start() :] if rest else "")
    kept = re.sub(r"\S{1,64}@\S{1,190}", "[mail]", kept)
    kept = re.sub(r"\b(?:Tel|Telephone|Phone)\b[ .:]{0,4}[\d ()+]{6,20}", "[phone]", kept)
    return kept if len(kept) <= 400 else kept[:399].rstrip() + "…"
