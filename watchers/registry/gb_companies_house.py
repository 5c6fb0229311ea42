"""Companies House, the United Kingdom's register: profile, officers, owners, charges, insolvency and filings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, TypeVar

import orjson

from monitor.model import Record, Signal
from monitor.strict import Shape
from monitor.watcher import (
    Answer,
    Ask,
    Findings,
    NotListed,
    SourceDown,
    SourceDrifted,
    SourceTrouble,
    Unknown,
    watcher,
)

BASE = "https://api.company-information.service.gov.uk"
PAGE = "https://find-and-update.company-information.service.gov.uk"
_NUMBER = re.compile(r"^(?:[A-Z]{2}|[A-Z]\d|\d{2})\d{5}[\dA-Z]$")
_WHOLE = {"Cache-Control": "no-cache"}
_SIZE = 100  # entries of a page; the register gives no more
_PAGES = 60  # of one list: one a second, and a turn lasts three minutes
_NEWS = timedelta(days=400)  # an older filing is history, whatever it says

# --------------------------------------------------------------------------- the register's own words

_STATUS = {  # company_status; liquidation and insolvency-proceedings need the cases, dissolved the last gazette notice
    "active": "active",
    "open": "active",
    "registered": "active",
    "administration": "in_rescue",
    "voluntary-arrangement": "in_rescue",
    "receivership": "insolvent",
    "dissolved": "dissolved",
    "closed": "dissolved",
    "removed": "dissolved",
    "converted-closed": "dissolved",
}
_DETAILS = frozenset(
    {
        *("active", "dissolved", "converted-closed", "transferred-from-uk", "active-proposal-to-strike-off"),
        *("petition-to-restore-dissolved", "transformed-to-se", "converted-to-plc", "converted-to-uk-societas"),
        "converted-to-ukeig",
    }
)
_MERGED = frozenset(
    {
        *("transferred-from-uk", "transformed-to-se", "converted-to-plc", "converted-to-uk-societas"),
        "converted-to-ukeig",
    }
)
_TYPES = frozenset(
    {
        *("private-unlimited", "ltd", "plc", "old-public-company", "private-limited-guarant-nsc-limited-exemption"),
        *("limited-partnership", "private-limited-guarant-nsc", "converted-or-closed", "private-unlimited-nsc"),
        *("private-limited-shares-section-30-exemption", "protected-cell-company", "assurance-company"),
        *("oversea-company", "eeig-establishment", "icvc-securities", "icvc-warrant", "icvc-umbrella"),
        *("registered-society-non-jurisdictional", "industrial-and-provident-society", "northern-ireland"),
        *("northern-ireland-other", "llp", "royal-charter", "investment-company-with-variable-capital"),
        *("unregistered-company", "other", "european-public-limited-liability-company-se", "united-kingdom-societas"),
        *("uk-establishment", "scottish-partnership", "charitable-incorporated-organisation", "eeig", "ukeig"),
        *("scottish-charitable-incorporated-organisation", "registered-overseas-entity"),
        "further-education-or-sixth-form-college-corporation",
    }
)
_COMPANIES = frozenset({"ltd", "plc", "llp", "private-unlimited", "private-limited-guarant-nsc"})
_SEATED_ABROAD = frozenset({"oversea-company", "registered-overseas-entity", "uk-establishment"})
_ACCOUNTS = frozenset(
    {
        *("null", "full", "small", "medium", "group", "dormant", "interim", "initial", "total-exemption-full"),
        *("total-exemption-small", "partial-exemption", "audit-exemption-subsidiary", "filing-exemption-subsidiary"),
        *("micro-entity", "no-accounts-type-available", "audited-abridged", "unaudited-abridged"),
    }
)
_TRADING = frozenset({"active", "open", "registered"})
_GONE = frozenset({"dissolved", "closed", "removed", "converted-closed"})
# Insolvency cases: what each means for the company while it is open.
_CASES = {
    "compulsory-liquidation": "insolvent",
    "creditors-voluntary-liquidation": "insolvent",
    "foreign-insolvency": "insolvent",
    "administrative-receiver": "insolvent",
    "scottish-administrative-receiver": "insolvent",
    "receiver-manager": "insolvent",
    "receivership": "insolvent",
    "members-voluntary-liquidation": "in_liquidation",
    "in-administration": "in_rescue",
    "administration-order": "in_rescue",
    "corporate-voluntary-arrangement": "in_rescue",
    "corporate-voluntary-arrangement-moratorium": "in_rescue",
    "order-of-court-restructuring-plan": "in_rescue",
    "moratorium": "in_rescue",
}
_CASE_WORDS = {  # the kinds of case that every registry's insolvency record uses
    "foreign-insolvency": "foreign_insolvency_proceeding",
    "scottish-administrative-receiver": "administrative_receiver",
    "order-of-court-restructuring-plan": "restructuring_plan",
}
_RESCUE_WORDS = frozenset(
    _CASE_WORDS.get(kind, kind).replace("-", "_") for kind, to in _CASES.items() if to == "in_rescue"
)
_MORATORIUM = "liquidation-moratorium-"
_OPENING_DATES = (
    *("ordered-to-wind-up-on", "wound-up-on", "administration-started-on", "voluntary-arrangement-started-on"),
    *("moratorium-started-on", "instrumented-on", "declaration-solvent-on"),
)
_CLOSING_DATES = (
    *("concluded-winding-up-on", "dissolved-on", "administration-ended-on", "administration-discharged-on"),
    *("voluntary-arrangement-ended-on", "moratorium-ended-on", "case-end-on"),
)
_CASE_DATES = frozenset({*_OPENING_DATES, *_CLOSING_DATES, "due-to-be-dissolved-on", "petitioned-on"})
_WINDING_UP = frozenset({"compulsory-liquidation", "creditors-voluntary-liquidation"})
_HANDED_OVER = timedelta(days=92)  # a rescue that ended so shortly before a winding-up turned into it
_ROLES = frozenset(
    {
        *("cic-manager", "corporate-director", "corporate-llp-designated-member", "corporate-llp-member"),
        *("corporate-manager-of-an-eeig", "corporate-managing-officer", "corporate-member-of-a-management-organ"),
        *("corporate-member-of-a-supervisory-organ", "corporate-member-of-an-administrative-organ"),
        *("corporate-nominee-director", "corporate-nominee-secretary", "corporate-secretary", "director"),
        *("general-partner-in-a-limited-partnership", "corporate-general-partner-in-a-limited-partnership"),
        *("limited-partner-in-a-limited-partnership", "corporate-limited-partner-in-a-limited-partnership"),
        *("judicial-factor", "llp-designated-member", "llp-member", "manager-of-an-eeig", "managing-officer"),
        *("member-of-a-management-organ", "member-of-a-supervisory-organ", "member-of-an-administrative-organ"),
        *("nominee-director", "nominee-secretary", "person-authorised-to-accept", "person-authorised-to-represent"),
        *("person-authorised-to-represent-and-accept", "receiver-and-manager", "secretary"),
    }
)
_OWNERS = re.compile(
    r"^(individual|corporate-entity|legal-person|super-secure)-(?:person-with-significant-control|beneficial-owner)$"
)
_NATURES = re.compile(
    r"^(?:ownership-of-shares|voting-rights|right-to-share-surplus-assets|right-to-appoint-and-remove-(?:directors"
    r"|members|person)|significant-influence-or-control|part-right-to-share-surplus-assets|registered-owner)(?:-|$)"
)
_BAND = re.compile(r"-(25-to-50|50-to-75|75-to-100)-percent|-(more-than-25)-percent")
_WIDER = ("more-than-25", "25-to-50", "50-to-75", "75-to-100")
_BANDS = ("ownership-of-shares", "voting-rights", "right-to-share-surplus-assets")
_STATEMENTS = frozenset(
    {
        *("no-individual-or-entity-with-signficant-control", "psc-exists-but-not-identified"),
        *("psc-details-not-confirmed", "steps-to-find-psc-not-yet-completed", "psc-contacted-but-no-response"),
        *("psc-has-failed-to-confirm-changed-details", "restrictions-notice-issued-to-psc"),
        *("awaiting-confirmation-from-psc", "all-beneficial-owners-identified", "no-beneficial-owner-identified"),
        *("at-least-one-beneficial-owner-unidentified",),
        "information-not-provided-for-at-least-one-beneficial-owner",
        "at-least-one-beneficial-owner-unidentified-and-information-not-provided-for-at-least-one-beneficial-owner",
        *("nobody-has-become-or-ceased-to-be-a-beneficial-owner",),
        *("somebody-has-become-or-ceased-to-be-a-beneficial-owner", "no-change-beneficial-owner-relevant-period"),
        *("change-beneficial-owner-relevant-period", "no-trust-involved-relevant-period"),
        *("trust-involved-relevant-period", "no-change-beneficiary-relevant-period"),
        "change-beneficiary-relevant-period",
    }
)
_CHARGES = frozenset({"outstanding", "fully-satisfied", "part-satisfied", "satisfied"})
# Filings that tell what no other part of the register shows; what the others mean is read there.
_KEPT = frozenset(
    {
        *("auditors", "change-of-name", "court-order", "dissolution", "gazette", "insolvency", "liquidation"),
        "restoration",
    }
)
_CORRECTED = "accounts-amended"
_CAPITAL_CUT = "capital-statement-capital-company"  # SH19, filed when a reduction takes effect
_DEFAULT_OFFICE = "default-companies-house-registered-office-address-applied"
_STRIKE_OFF = "dissolution-application-strike-off"
_STRIKE_OFF_NOTICES = ("gazette-notice-compulsory", "gazette-notice-compulsary", "gazette-notice-voluntary")
_STRUCK_OFF = ("gazette-dissolved-compulsory", "gazette-dissolved-compulsary", "gazette-dissolved-voluntary")
_SUSPENDED = ("dissolved-compulsory-strike-off-suspended", "dissolution-voluntary-strike-off-suspended")
_REVIVED = (
    *("gazette-filings-brought-up-to-date", "dissolution-voluntary-strike-off-discontinued"),
    *("dissolution-withdrawal-application-strike-off", "restoration-order-of-court", "order-of-court-restoration"),
    *("administrative-restoration", "restoration-company"),
)
_KNOWN_GAZETTE = re.compile(
    r"^(?:gazette-(?:filings-brought-up-to-date|notice-|dissolved-|return-of-final-meeting)|dissolved-|dissolution-"
    r"|liquidation-|bona-vacantia|legacy|$)"
)
_KNOWN_INSOLVENCY = re.compile(r"^(?:liquidation-|order-of-court-|court-order|resolution|legacy|miscellaneous|$)")
# What an insolvency filing says, and the cases by which the register says the same with the right day.
_RESCUES = frozenset(
    {
        *("in-administration", "administration-order", "corporate-voluntary-arrangement", "moratorium"),
        *("corporate-voluntary-arrangement-moratorium", "order-of-court-restructuring-plan"),
    }
)
_RECEIVERS = frozenset(
    {"administrative-receiver", "scottish-administrative-receiver", "receiver-manager", "receivership"}
)
_SAYS = (
    (r"move-to-creditors-voluntary-liquidation", "ins.converted", "ordered", _WINDING_UP),
    (r"notice-of-petition", "ins.petition_filed", "filed", _RESCUES),
    (r"dismissal-of-petition|rescind-winding-up|recall-provisional", "ins.reversed", "reversed", frozenset[str]()),
    (r"declaration-of-solvency", "ins.solvent_windup", "final", frozenset({"members-voluntary-liquidation"})),
    (r"appointment-of-receiver|appointment-receiver", "ins.receiver_appointed", "final", _RECEIVERS),
    (
        r"appointmentt?-of-administrator|administration-(?:notice-of-administration-)?order(?:-scotland)?$"
        r"|meeting-approving|commencement-of-moratorium|restructuring-plan",
        "ins.rescue_opened",
        "ordered",
        _RESCUES,
    ),
    (
        r"(?:compulsory-(?:notice-)?|court-order-)winding-up(?:-order)?(?:-court)?(?:-with-case-start-date|-scotland"
        r"|-northern-ireland)?$|extraordinary-resolution-to-wind-up|creditors-voluntary-winding-up"
        r"|appointment-(?:of-)?provisional-liquidator|insolvency-proceedings-"
        r"|insolvency-judgement|onset-of-insolvency|winding-up-overseas",
        "ins.proceeding_opened",
        "ordered",
        _WINDING_UP | {"foreign-insolvency"},
    ),
)
_NO_OPENING = re.compile(r"replacement|additional|cessation|termination|return-of|variation|discharge")


@watcher(
    title="Companies House",
    scope="customer",
    mode="state",
    kinds=("company", "account", "registration", "officer", "owner", "statement", "charge", "insolvency", "filing"),
    duties=(1, 2, 3, 4),
    needs=("gb_company",),
    jurisdictions=("GB",),
    hosts=("api.company-information.service.gov.uk",),
    every="1d",
    pace=1.0,  # the register allows 600 requests in five minutes, and shuts out whoever asks more
    max_seconds=150.0,  # eight requests as a rule, more where lists have many pages
    credentials=("key",),
    official=True,
    terms="https://www.gov.uk/government/publications/companies-house-accreditation-to-information-fair-traders-scheme",
    docs="https://developer-specs.company-information.service.gov.uk/companies-house-public-data-api/reference",
)
async def gb_companies_house(ask: Ask) -> Findings:
    """Reads a British company's register entry, its people and owners, its charges, insolvency cases and filings.

    Five to eight requests a look. A part that fails makes the look partial and costs nothing else. Quality: silver.
    """
    number = _asked(ask)
    visit = _Visit(ask, number)
    if ask.cursor and not ask.full and await visit.unchanged(ask.cursor):
        return ask.same()
    profile = await visit.whole("", _read_profile)
    if profile is None:
        raise NotListed(f"Companies House knows no company {number}")
    parts = [part for part in _PARTS if part.offered(profile)]
    lists = {part.name: await visit.part(part, profile) for part in parts}
    filings = await visit.history(profile)
    unknown: list[Unknown] = []
    cases = lists.get("insolvency", ())
    today = ask.now.date()
    company = _company(profile, number, cases or (), filings, unknown, today)
    records = [*_accounts(profile, number, unknown), _registration(profile, number)]
    if cases is not None:  # without the cases a liquidation may be of either kind
        records.insert(0, company)
    for part in parts:
        records += [part.record(entry, number, unknown) for entry in lists[part.name] or ()]
    records = _related(records, [one for one in cases or () if not _stands(one, profile.status, today)])
    records += [_filing(one, number, today, cases or (), unknown) for one in filings]
    return Findings(
        records=tuple(records),
        complete=not visit.failed,
        unknown=tuple(unknown),
        cursor="" if visit.failed else visit.asked(),
        memory=orjson.dumps({"newest": visit.newest, "filings": list(filings)}),
        reason="; ".join(visit.failed),
    )


def _asked(ask: Ask) -> str:
    """Return the company number in the register's spelling. A wrong length would be answered with 500, not 404."""
    assert ask.customer is not None
    number = re.sub(r"[\s.-]", "", ask.customer.ids["gb_company"]).upper()
    if number.isdecimal() or len(number) < 8:
        head = re.match(r"[A-Z]*", number)
        letters = head[0] if head else ""
        number = letters + number[len(letters) :].zfill(8 - len(letters))
    if not _NUMBER.match(number):
        raise NotListed(f"{number[:20]} is no company number of the United Kingdom")
    return number


# --------------------------------------------------------------------------- asking


class _Visit:
    """One look's requests: pages asked at most once, parts read whole, and what failed."""

    def __init__(self, ask: Ask, number: str) -> None:
        self._ask = ask
        self._number = number
        self._auth = (ask.credentials.get("key", ""), "")
        self._got: dict[tuple[str, int], Answer] = {}
        self.newest, self._known = _remembered(ask.memory)
        self.failed: list[str] = []

    async def unchanged(self, asked: str) -> bool:
        """Ask again what the last look asked; whether all of it is as it was. What came with a body is kept."""
        for word in asked.split():
            path, _, start = word.removeprefix("!").rpartition(":")
            try:
                answer = await self._get(path, int(start), {})
            except SourceTrouble:
                if not path:
                    raise
                return False  # the reading that follows will meet it too, and say which part it was
            if answer.body:
                self._got[path, int(start)] = answer
            if not (answer.unchanged or (answer.status == 404 and word.startswith("!"))):
                return False
        return True

    def asked(self) -> str:
        """Return what must be the same for nothing to have changed; of the filings the newest page tells."""
        pages = [
            (page, answer) for page, answer in sorted(self._got.items()) if page[0] != "/filing-history" or not page[1]
        ]
        return " ".join(
            f"{'!' if answer.status == 404 else ''}{path}:{start}"  # what the register did not have
            for (path, start), answer in pages
        )

    async def _page(self, path: str, start: int = 0) -> Answer:
        """Return a page with its body. The next one starts behind what came: the register may give less than we ask."""
        if (path, start) not in self._got:
            self._got[path, start] = await self._get(path, start, _WHOLE)
        return self._got[path, start]

    async def _get(self, path: str, start: int, headers: Mapping[str, str]) -> Answer:
        url = f"{BASE}/company/{self._number}{path}"
        paged = path and path != "/insolvency"
        params = {"items_per_page": str(_SIZE), "start_index": str(start)} if paged else None
        return await self._ask.get(url, params=params, headers=headers, auth=self._auth, expect=(200, 404))

    async def whole(self, path: str, read: Callable[[Mapping[str, Any]], _P]) -> _P | None:
        """Return a document that is no list, None where the register has none."""
        answer = await self._page(path)
        if answer.status == 404:
            if answer.body.lstrip().startswith(b"<"):  # the register says it in JSON, a gateway with a page
                raise SourceDown("Companies House answered 404 with a page that is not its own")
            return None
        return read(_object(answer.json(), "the answer"))

    async def part(self, part: _Part, profile: _Profile) -> Sequence[Mapping[str, Any]] | None:
        """Return all entries of a part of the register; None of one that fails, and then the look is partial."""
        try:
            return await self._entries(part, profile)
        except SourceDrifted:
            raise
        except SourceTrouble as trouble:
            self._missed(part.title, trouble.reason)
            return None

    async def history(self, profile: _Profile) -> Sequence[_Filing]:
        """Return the filings that tell something, newest first; those remembered if they cannot be read."""
        if "filing_history" not in profile.links:
            return ()
        try:
            return await self._filings()
        except SourceDrifted:
            raise
        except SourceTrouble as trouble:
            self._missed("filing history", trouble.reason)
            return self._known

    def _missed(self, title: str, reason: str) -> None:
        self.failed.append(f"{title}: {reason}")

    async def _entries(self, part: _Part, profile: _Profile) -> Sequence[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        stated: set[int] = set()
        for _ in range(_PAGES):
            answer = await self._page(f"/{part.name}", len(found))
            if answer.status == 404:
                if found or part.promised(profile):
                    self._missed(part.title, "not found, although the profile names them")
                return found
            document = _object(answer.json(), f"the {part.title}")
            entries = [_object(one, f"{part.items}[]") for one in _required(document, part.items, list)]
            if entries and entries[0] in found:
                raise SourceDown(f"{part.title}: the page from entry {len(found)} on repeats an earlier one")
            found += entries
            total = _total(document)
            stated |= {total} if total is not None else set()
            if part.single or not entries or total is None or len(found) >= total:
                break
        if stated and stated != {len(found)}:
            self._missed(part.title, f"{len(found)} of {' or '.join(map(str, sorted(stated)))} entries")
        return found

    async def _filings(self) -> Sequence[_Filing]:
        """Read the filing history page by page.

        The first page holds the newest hundred. If it reaches back to what is known, the older ones are remembered;
        else, and at a full look, all pages are read.
        """
        found: list[_Filing] = []
        seen: set[str] = set()
        start, before = 0, list[str]()
        for _ in range(_PAGES):
            answer = await self._page("/filing-history", start)
            if answer.status == 404:
                break
            document = _object(answer.json(), "the filing history")
            listed = [_read_filing(_object(one, "items[]")) for one in _required(document, "items", list)]
            if not start:
                before, self.newest = self.newest, [one.id for one in listed]
            new = [one for one in listed if one.id not in seen]
            seen |= {one.id for one in listed}
            found += [one for one in new if one.tells]
            start += len(listed)
            total = _total(document)
            if total is None or start >= total:
                break
            if not new:
                self._missed("filing history", f"{start} of {total} entries")
                break
            if start == len(listed) and not self._ask.full and not seen.isdisjoint(before):
                last = min(one.filed for one in listed)
                found += [one for one in self._known if one.id not in seen and one.filed <= last]
                break
        return found


_P = TypeVar("_P")


def _total(document: Mapping[str, Any]) -> int | None:
    for name in ("total_results", "total_count"):
        total = _optional(document, name, int)
        if total is not None:
            return int(total)
    return None


# --------------------------------------------------------------------------- the profile


@dataclass(frozen=True, slots=True)
class _Profile:
    """The register entry, as far as we read it."""

    data: Mapping[str, Any]
    links: Mapping[str, Any]

    @property
    def status(self) -> str | None:
        said: str | None = _optional(self.data, "company_status", str)
        return said


def _read_profile(data: Mapping[str, Any]) -> _Profile:
    links = _optional(data, "links", dict) or {}
    return _Profile(data, links)


def _company(
    profile: _Profile,
    number: str,
    cases: Sequence[Mapping[str, Any]],
    filings: Sequence[_Filing],
    unknown: list[Unknown],
    today: date,
) -> Record:
    data = profile.data
    if (found := _required(data, "company_number", str)) != number:
        raise SourceDrifted(f"Companies House answered about {found} when asked about {number}")
    name = _required(data, "company_name", str).strip()
    if not name:
        raise SourceDrifted("Companies House: company_name is empty")
    status, raw = _status(data, cases, filings, number, unknown, today)
    address = _optional(data, "registered_office_address", dict) or {}
    fields: dict[str, Any] = {
        "name": name,
        "status": status,
        "status_raw": raw,
        **_known("status_detail", _optional(data, "company_status_detail", str), _DETAILS, number, unknown),
        **_known("legal_form", _optional(data, "type", str), _TYPES, number, unknown),
        "founded": _day(data, "date_of_creation"),
        "dissolved_on": _day(data, "date_of_cessation"),
        "address": _address(address),
        "city": _optional(address, "locality", str),
        "postcode": _optional(address, "postal_code", str),
        "country": None if data.get("type") in _SEATED_ABROAD else "GB",
        "activity": sorted(_texts(data, "sic_codes")),
        "ids": {"gb_company": number},
        "previous_names": [
            _required(_object(one, "previous_company_names[]"), "name", str)
            for one in _optional(data, "previous_company_names", list) or []
        ],
    }
    for flag in ("undeliverable_registered_office_address", "registered_office_is_in_dispute"):
        if data.get(flag) is True:
            fields[flag] = True
    if told_by := [_case_number(one) for one in cases if _tells(one, profile.status, status, today)]:
        fields["insolvency_cases"] = told_by
    if cases:
        fields["insolvency_history"] = [_case_number(one) for one in cases]
    if status == "strike_off_pending":
        fields["since"] = _strike_off_since(filings)
    elif status in ("active", "dormant"):
        fields["since"] = _revived_on(filings)
    elif status in _OPENINGS and "insolvency_cases" not in fields:
        fields["since"] = _opened_by_filing(filings, _OPENINGS[status])
    return Record("company", number, fields, published_at=None, url=f"{PAGE}/company/{number}")


def _known(
    name: str, said: str | None, words: Collection[str], number: str, unknown: list[Unknown]
) -> Mapping[str, str | None]:
    """Return the company's field as the register says it; of a word no list of ours has, that it is unknown."""
    if said is None or said in words:
        return {name: said}
    unknown.append(Unknown(name, said, ("company", number)))
    return {name: "unknown", f"{name}_raw": said}


def _status(
    data: Mapping[str, Any],
    cases: Sequence[Mapping[str, Any]],
    filings: Sequence[_Filing],
    number: str,
    unknown: list[Unknown],
    today: date,
) -> tuple[str | None, str | None]:
    """Return our word for the company's state, and the register's own."""
    said: str | None = _optional(data, "company_status", str)
    detail: str | None = _optional(data, "company_status_detail", str)
    if said is None:
        if data.get("type") in _COMPANIES:
            raise SourceDrifted("Companies House: the field company_status is gone")
        return None, None  # some bodies have none: others keep their register
    raw = f"{said} ({detail})" if detail and detail != said else said
    if said in ("liquidation", "insolvency-proceedings"):
        return _insolvent(cases, filings), raw
    found = _STATUS.get(said)
    if found is None:
        unknown.append(Unknown("status", said, ("company", number)))
        return "unknown", raw
    if found == "dissolved":
        return _ended(said, detail, filings), raw
    if found != "active":
        return found, raw
    if detail == "active-proposal-to-strike-off":
        return "strike_off_pending", raw
    grave = [_meaning(case) for case in cases if _stands(case, said, today)]
    if "insolvent" in grave or "in_rescue" in grave:  # the case is there before the status follows
        return ("insolvent" if "insolvent" in grave else "in_rescue"), raw
    last = _optional(_optional(data, "accounts", dict) or {}, "last_accounts", dict) or {}
    return ("dormant" if _optional(last, "type", str) == "dormant" else "active"), raw


def _insolvent(cases: Sequence[Mapping[str, Any]], filings: Sequence[_Filing]) -> str:
    """Say which liquidation it is: the newest open case tells, else the filings do, else we take the graver."""
    kinds = [one for one in cases if _required(one, "type", str) not in _RECEIVERS]
    for case in sorted(kinds, key=lambda one: (not _closed(one), _opened(one) or ""), reverse=True):
        if (meaning := _meaning(case)) in ("insolvent", "in_liquidation"):
            return meaning
    told = (signal.event for one in filings for signal in _of_insolvency(one, ()))
    newest = next((event for event in told if event in _LIQUIDATIONS), None)
    return "in_liquidation" if newest == "ins.solvent_windup" else "insolvent"


def _ended(said: str, detail: str | None, filings: Sequence[_Filing]) -> str:
    if said == "converted-closed" or detail in _MERGED:
        return "merged" if detail in _MERGED else "dissolved"
    gazette = next((one for one in filings if one.category == "gazette"), None)
    return "struck_off" if gazette and gazette.description.startswith(_STRUCK_OFF) else "dissolved"


def _strike_off_since(filings: Sequence[_Filing]) -> str | None:
    """Return the day the strike-off began: the company's own application, else the first notice of this series."""
    since: str | None = None
    for one in filings:  # newest first
        if one.description.startswith((*_STRIKE_OFF_NOTICES, _STRIKE_OFF)):
            since = one.filed
        elif since is not None and one.description.startswith((*_REVIVED, *_STRUCK_OFF)):
            break
    return since


def _revived_on(filings: Sequence[_Filing]) -> str | None:
    """Return the day the last strike-off was given up, or the company restored."""
    steps = (*_STRIKE_OFF_NOTICES, _STRIKE_OFF, *_REVIVED)
    last = next((one for one in filings if one.description.startswith(steps)), None)
    return last.filed if last and last.description.startswith(_REVIVED) else None


_LIQUIDATIONS = frozenset({"ins.solvent_windup", "ins.proceeding_opened", "ins.converted"})
_OPENINGS = {  # the events by which filings tell of a status before, or without, a case
    "insolvent": frozenset({"ins.proceeding_opened", "ins.receiver_appointed", "ins.converted"}),
    "in_rescue": frozenset({"ins.rescue_opened"}),
    "in_liquidation": frozenset({"ins.solvent_windup"}),
}


def _opened_by_filing(filings: Sequence[_Filing], events: frozenset[str]) -> str | None:
    """Return the day by which the newest such filing tells of it, so that both tell of one event."""
    told = (signal for one in filings for signal in _of_insolvency(one, ()) if signal.event in events)
    return next((signal.occurred_at for signal in told), None)


def _accounts(profile: _Profile, number: str, unknown: list[Unknown]) -> list[Record]:
    """Return what was filed last and what is due next."""
    accounts = _optional(profile.data, "accounts", dict)
    if accounts is None:
        return []
    url, found = f"{PAGE}/company/{number}/filing-history", []
    last = _optional(accounts, "last_accounts", dict) or {}
    if filed := _day(last, "period_end_on") or _day(last, "made_up_to"):
        said: str | None = _optional(last, "type", str)
        fields: dict[str, Any] = {"period": filed, "type": said}
        if said is not None and said not in _ACCOUNTS:
            unknown.append(Unknown("type", said, ("account", f"{number}:last")))
            fields |= {"type": "unknown", "type_raw": said}
        found.append(Record("account", f"{number}:last", fields, url=url))
    coming = _optional(accounts, "next_accounts", dict) or {}
    due = _day(coming, "due_on") or _day(accounts, "next_due")
    if due:
        fields = {
            "period": _day(coming, "period_end_on") or _day(accounts, "next_made_up_to"),
            "due": due,
            "overdue": coming.get("overdue") is True or accounts.get("overdue") is True,
        }
        found.append(Record("account", f"{number}:next", fields, url=url))
    return found


def _registration(profile: _Profile, number: str) -> Record:
    """Return whether the yearly confirmation of the entry is in order."""
    statement = _optional(profile.data, "confirmation_statement", dict) or {}
    overdue = statement.get("overdue") is True
    fields = {
        "scheme": "gb_company",
        "number": number,
        "status": "confirmation_overdue" if overdue else "registered",
        "renew_by": _day(statement, "next_due"),
        "made_up_to": _day(statement, "next_made_up_to"),
    }
    return Record("registration", number, fields, url=f"{PAGE}/company/{number}")


# --------------------------------------------------------------------------- people


def _officer(data: Mapping[str, Any], number: str, unknown: list[Unknown]) -> Record:
    """Read one appointment: name, office and dates; of a person's birth the month only, no address, no nationality."""
    role = _required(data, "officer_role", str)
    links = _optional(_required(data, "links", dict), "officer", dict) or {}
    path = _optional(links, "appointments", str) or _optional(_required(data, "links", dict), "self", str) or ""
    since = _day(data, "appointed_on") or _day(data, "appointed_before")
    key = f"{number}:{_last_id(path)}:{role}:{since or '-'}"
    if role not in _ROLES:
        unknown.append(Unknown("role", role, ("officer", key)))
    fields = {
        "name": _named(data),
        "role": role,
        "since": since,
        "until": _day(data, "resigned_on"),
        "born": _month(data),
        "key": _last_id(path),
    }
    return Record("officer", key, fields, url=f"{PAGE}/company/{number}/officers")


def _owner(data: Mapping[str, Any], number: str, unknown: list[Unknown]) -> Record:
    """Read one person with significant control; a protected one has no name, and that is all there is to say."""
    kind = _required(data, "kind", str)
    key = f"{number}:{_last(_self(data))}"
    known = _OWNERS.match(kind)
    if known is None:
        unknown.append(Unknown("kind", kind, ("owner", key)))
    natures = sorted(_texts(data, "natures_of_control"))
    unknown += [Unknown("natures", nature, ("owner", key)) for nature in natures if not _NATURES.match(nature)]
    secret = known is not None and known[1] == "super-secure"
    fields: dict[str, Any] = {
        "name": "protected person" if secret else _named(data),
        "party": "person" if known is None or known[1] in ("individual", "super-secure") else "company",
        "share_band": _band(natures),
        "natures": natures,
        "since": _day(data, "notified_on"),
        "until": _day(data, "ceased_on") or ("ceased" if data.get("ceased") in (True, "1", "true") else None),
        "born": _month(data),
    }
    identification = _optional(data, "identification", dict) or {}
    if registered := _optional(identification, "registration_number", str):
        fields["ids"] = {"number": registered.strip()}
        fields["registry"] = _optional(identification, "place_registered", str)
    return Record("owner", key, fields, url=f"{PAGE}/company/{number}/persons-with-significant-control")


def _band(natures: Iterable[str]) -> str | None:
    """Return the widest stated band of shares, votes or surplus, such as `50-75`; None for control of other kinds."""
    for what in _BANDS:
        bands = [m[1] or m[2] for one in natures if one.startswith(what) and (m := _BAND.search(one))]
        if bands:
            return max(bands, key=_WIDER.index).replace("-to-", "-")
    return None


def _statement(data: Mapping[str, Any], number: str, unknown: list[Unknown]) -> Record:
    """Read what the company says about owners it cannot or need not name."""
    said = _required(data, "statement", str)
    code = said.removesuffix("-partnership")
    key = f"{number}:{_last(_self(data))}"
    if code not in _STATEMENTS:
        unknown.append(Unknown("code", said, ("statement", key)))
    fields = {
        "code": code,
        "text": said.replace("-", " ").replace("signficant", "significant").capitalize(),
        "since": _day(data, "notified_on"),
        "until": _day(data, "ceased_on"),
    }
    return Record("statement", key, fields, url=f"{PAGE}/company/{number}/persons-with-significant-control")


# --------------------------------------------------------------------------- charges and insolvency


def _charge(data: Mapping[str, Any], number: str, unknown: list[Unknown]) -> Record:
    status = _required(data, "status", str)
    links = _optional(data, "links", dict) or {}
    code = _optional(data, "charge_code", str)
    plain = data.get("charge_number")
    own = _last(_optional(links, "self", str) or "") or code or str(plain or "")
    if not own:
        raise SourceDrifted("Companies House: a charge has neither an id nor a number")
    key = f"{number}:{own}"
    if status not in _CHARGES:
        unknown.append(Unknown("status", status, ("charge", key)))
    holders = [_named(_object(one, "persons_entitled[]")) for one in _optional(data, "persons_entitled", list) or []]
    fields = {
        "status": status if status in _CHARGES else "unknown",
        "status_raw": status,
        "number": code or (str(plain) if plain is not None else None),
        "created": _day(data, "created_on") or _day(data, "acquired_on"),
        "delivered": _day(data, "delivered_on"),
        "satisfied_on": _day(data, "satisfied_on"),
        "holder": ", ".join(holders) + (" and others" if data.get("more_than_four_persons_entitled") else "") or None,
    }
    return Record("charge", key, fields, url=f"{PAGE}/company/{number}/charges")


def _insolvency(data: Mapping[str, Any], number: str, unknown: list[Unknown]) -> Record:
    kind = _required(data, "type", str)
    own = _case_number(data)
    key = f"{number}:{own}:{kind}"
    if kind not in _CASES and not kind.startswith(_MORATORIUM):
        unknown.append(Unknown("type", kind, ("insolvency", key)))
    dates = {}
    for one in _required(data, "dates", list):
        said = _object(one, "cases[].dates[]")
        name = _required(said, "type", str)
        if name not in _CASE_DATES:
            unknown.append(Unknown("dates", name, ("insolvency", key)))
        if day := _day(said, "date"):
            dates[name.replace("-", "_")] = day
    word = "moratorium" if kind.startswith(_MORATORIUM) else _CASE_WORDS.get(kind, kind)
    practitioners = [_object(one, "cases[].practitioners[]") for one in _optional(data, "practitioners", list) or []]
    fields: dict[str, Any] = {
        "type": word.replace("-", "_"),
        "number": own,
        "dates": dates,
        "opened": _opened(data),
        "ended": _closed(data),
        "practitioners": [name for one in practitioners if (name := _optional(one, "name", str))],
    }
    signals: tuple[Signal, ...] = ()
    if _asked_for_only(data):
        signals = (Signal("ins.petition_filed", "filed", dates.get("petitioned_on")),)
    elif kind == "compulsory-liquidation" and not fields["ended"]:  # so that the order is news after the petition
        signals = (Signal("ins.proceeding_opened", "ordered", fields["opened"]),)
    return Record("insolvency", key, fields, url=f"{PAGE}/company/{number}/insolvency", signals=signals)


def _asked_for_only(case: Mapping[str, Any]) -> bool:
    """Whether somebody has asked the court and nothing is ordered yet."""
    dates = _case_dates(case)
    return "petitioned-on" in dates and not dates.keys() & {*_OPENING_DATES, *_CLOSING_DATES}


def _related(records: Sequence[Record], lapsed: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Say of each case what the others make of it.

    A winding-up that follows a rescue is one turned into the other: one fact, one event. A case that no longer
    governs the company is history, though it never got an end.
    """
    cases = [one for one in records if one.kind == "insolvency"]
    old = {(_case_number(one), _required(one, "type", str)) for one in lapsed if not _closed(one)}
    into: dict[str, str] = {}  # rescue -> the winding-up it became
    for late in cases:
        day = late.fields["opened"]
        if day and not late.fields["ended"] and late.fields["type"].replace("_", "-") in _WINDING_UP:
            into |= {early.key: late.key for early in cases if _hands_over(early, day)}
    return [_seen_among(one, into, old) if one.kind == "insolvency" else one for one in records]


def _seen_among(case: Record, into: Mapping[str, str], old: Collection[tuple[str, str]]) -> Record:
    fields, signals = dict(case.fields), case.signals
    if case.key in into.values():
        signals = (Signal("ins.converted", "ordered", fields["opened"]),)
    if case.key in into:
        fields["followed_by"] = into[case.key].split(":")[1]
    petition = any(signal.event == "ins.petition_filed" for signal in signals)
    if (str(fields["number"]), case.key.split(":")[2]) in old and not petition:
        fields["lapsed"], signals = True, ()
    return replace(case, fields=fields, signals=signals)


def _hands_over(rescue: Record, day: str) -> bool:
    opened, ended = rescue.fields["opened"], rescue.fields["ended"]
    if rescue.fields["type"] not in _RESCUE_WORDS or not opened or opened > day:
        return False
    return not ended or abs(date.fromisoformat(day) - date.fromisoformat(ended)) <= _HANDED_OVER


def _case_number(case: Mapping[str, Any]) -> str:
    number = case.get("number")
    return str(number) if number not in (None, "") else "1"


def _case_dates(case: Mapping[str, Any]) -> dict[str, str]:
    dates = [_object(one, "cases[].dates[]") for one in _required(case, "dates", list)]
    return {_required(one, "type", str): day for one in dates if (day := _day(one, "date"))}


def _opened(case: Mapping[str, Any]) -> str | None:
    dates = _case_dates(case)
    return next((dates[name] for name in _OPENING_DATES if name in dates), None)


def _closed(case: Mapping[str, Any]) -> str | None:
    """Return the day a case ended, None while it is open."""
    dates = _case_dates(case)
    if day := next((dates[name] for name in _CLOSING_DATES if name in dates), None):
        return day
    if _required(case, "type", str) not in _RECEIVERS:
        return None
    # A receiver's case has no end of its own: it ends with the last receiver.
    acting = [_object(one, "cases[].practitioners[]") for one in _optional(case, "practitioners", list) or []]
    ceased = [_day(one, "ceased_to_act_on") for one in acting]
    return max(filter(None, ceased)) if ceased and all(ceased) else None


def _stands(case: Mapping[str, Any], said: str | None, today: date) -> bool:
    """Whether a case still governs the company, as far as its status goes.

    The register never hears of the end of some old cases: of a company that trades, only new ones count.
    """
    if _closed(case) or _asked_for_only(case) or said in _GONE:
        return False
    if said not in _TRADING:
        return True
    opened = _opened(case)
    return opened is not None and today - date.fromisoformat(opened) <= _NEWS


def _tells(case: Mapping[str, Any], said: str | None, status: str | None, today: date) -> bool:
    """Whether a case is the very reason of the company's status, so that the status itself is no news."""
    receiver = _required(case, "type", str) in _RECEIVERS
    if said in ("liquidation", "receivership") and receiver != (said == "receivership"):
        return False
    return _stands(case, said, today) and _meaning(case) == status


def _meaning(case: Mapping[str, Any]) -> str | None:
    kind = _required(case, "type", str)
    if _asked_for_only(case):
        return None
    return "in_rescue" if kind.startswith(_MORATORIUM) else _CASES.get(kind)


# --------------------------------------------------------------------------- filings


@dataclass(frozen=True, slots=True)
class _Filing:
    """One document on file."""

    id: str
    form: str
    filed: str
    category: str
    description: str
    values: Mapping[str, Any] = field(default_factory=dict)
    resolved: tuple[str, ...] = ()  # the codes of the resolutions it holds

    @property
    def tells(self) -> bool:
        """Whether it says what the other parts of the register do not."""
        return (
            self.category in _KEPT
            or self.description.startswith((_DEFAULT_OFFICE, _CORRECTED, _CAPITAL_CUT))
            or any(code.startswith("liquidation-") for code in self.resolved)
        )


def _remembered(memory: bytes | None) -> tuple[list[str], list[_Filing]]:
    """Return the ids of the newest page and the filings that tell something, as the last look found them."""
    known = orjson.loads(memory) if memory else {"newest": [], "filings": []}
    return known["newest"], [_Filing(**{**row, "resolved": tuple(row["resolved"])}) for row in known["filings"]]


def _read_filing(data: Mapping[str, Any]) -> _Filing:
    values = _optional(data, "description_values", dict) or {}
    return _Filing(
        id=_required(data, "transaction_id", str),
        form=_required(data, "type", str),
        filed=_required_day(data, "date"),
        category=_required(data, "category", str),
        description=_optional(data, "description", str) or "",
        values=_kept(values),
        resolved=tuple(
            _optional(_object(one, "resolutions[]"), "description", str) or ""
            for one in _optional(data, "resolutions", list) or []
        ),
    )


def _kept(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of a filing that say something; names and addresses of people are in other parts."""
    kept = {
        name: value
        for name in ("case_start_date", "change_date", "made_up_date")
        if isinstance(value := values.get(name), str)
    }
    stated = values.get("capital")
    first = stated[0] if isinstance(stated, list) and stated and isinstance(stated[0], dict) else values
    if isinstance(first.get("figure"), str):
        kept["capital"] = f"{first.get('currency') or ''} {first['figure']}".strip()
    return kept


def _filing(
    one: _Filing, number: str, today: date, cases: Sequence[Mapping[str, Any]], unknown: list[Unknown]
) -> Record:
    fields = {
        "form": one.form,
        "filed": one.filed,
        "category": one.category,
        "description": one.description.replace("-", " "),
        **one.values,
    }
    if one.resolved:
        fields["items"] = list(one.resolved)
    key = f"{number}:{one.id}"
    signals: tuple[Signal, ...] = ()
    if today - date.fromisoformat(one.filed) <= _NEWS:
        signals = _signals(one, cases)
        unknown += [
            Unknown("description", one.description, ("signal", key))  # of no record: its signal names it
            for signal in signals
            if signal.event.endswith(".unclassified")
        ]
    url = f"{PAGE}/company/{number}/filing-history"
    return Record("filing", key, fields, published_at=one.filed, url=url, signals=signals)


def _signals(one: _Filing, cases: Sequence[Mapping[str, Any]]) -> tuple[Signal, ...]:
    """Return what a filing means, unless the profile or a case shows the same: one fact, one event.

    Where the profile shows it only a few days later it does so under the same date.
    """
    code = one.description
    if code.startswith(_DEFAULT_OFFICE):
        return (Signal("reg.address_defaulted", "final", one.filed),)
    if one.category == "auditors" and ("resign" in code or "remov" in code or "ceas" in code):
        return (Signal("gov.auditor_left", "final", one.filed),)
    if code.startswith(_STRIKE_OFF):
        return (Signal("reg.strike_off_proposed", "filed", one.filed),)
    if code.startswith((*_SUSPENDED, *_REVIVED)):
        return (Signal("reg.revived", "reversed", one.filed),)
    if code.startswith(_CAPITAL_CUT):
        return (Signal("fin.capital_cut", "final", one.filed, {"new": one.values.get("capital")}),)
    if code.startswith(_CORRECTED):
        return (Signal("fin.accounts_filed", "final", one.filed, {"period": one.values.get("made_up_date")}),)
    if one.category == "gazette" and not _KNOWN_GAZETTE.match(code):
        return (Signal("reg.unclassified", "final", one.filed, {"field": "description", "raw": code}),)
    return _of_insolvency(one, cases)


def _of_insolvency(one: _Filing, cases: Sequence[Mapping[str, Any]]) -> tuple[Signal, ...]:
    known = {_required(case, "type", str) for case in cases}
    known = {"moratorium" if kind.startswith(_MORATORIUM) else kind for kind in known}
    for code in (one.description, *one.resolved):
        if not code.startswith(("liquidation-", "order-of-court-restructuring")) or _NO_OPENING.search(code):
            continue
        for pattern, event, stage, told_by in _SAYS:
            if re.search(pattern, code):
                day = one.values.get("case_start_date") or one.filed
                return () if known & told_by else (Signal(event, stage, day),)
    if one.category in ("insolvency", "liquidation") and not _KNOWN_INSOLVENCY.match(one.description):
        return (Signal("ins.unclassified", "final", one.filed, {"field": "description", "raw": one.description}),)
    return ()


# --------------------------------------------------------------------------- the parts of the register


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the register beside the profile: where it is, what its list is called, and how an entry is read."""

    name: str  # the last part of the address
    title: str
    link: str  # the profile's link that says there is something
    items: str
    record: Callable[[Mapping[str, Any], str, list[Unknown]], Record]
    flag: str = ""  # the profile's flag that says so too
    single: bool = False  # one document, no pages

    def offered(self, profile: _Profile) -> bool:
        return self.link in profile.links or bool(self.flag and profile.data.get(self.flag) is True)

    def promised(self, profile: _Profile) -> bool:
        """Whether the register must have it. It names people even of companies that have none on file."""
        return bool(self.flag) and self.link in profile.links and profile.data.get(self.flag) is not False


_PARTS = (
    _Part("insolvency", "insolvency cases", "insolvency", "cases", _insolvency, "has_insolvency_history", single=True),
    _Part("officers", "officers", "officers", "items", _officer),
    _Part(
        "persons-with-significant-control",
        "persons with significant control",
        "persons_with_significant_control",
        "items",
        _owner,
    ),
    _Part(
        "persons-with-significant-control-statements",
        "statements on control",
        "persons_with_significant_control_statements",
        "items",
        _statement,
    ),
    _Part("charges", "charges", "charges", "items", _charge, "has_charges"),
)

# --------------------------------------------------------------------------- strict reading

_shape = Shape("Companies House", null_is_gone=True)
_object, _required, _optional, _typed = _shape.object, _shape.required, _shape.optional, _shape.typed


def _texts(parent: Mapping[str, Any], name: str) -> list[str]:
    return [_typed(one, str, f"{name}[]") for one in _optional(parent, name, list) or []]


def _day(parent: Mapping[str, Any], name: str) -> str | None:
    """Return a plain date; the register now and then adds a time of no meaning."""
    text = _optional(parent, name, str)
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise SourceDrifted(f"Companies House: {name} is no date: {text[:40]!r}") from None


def _required_day(parent: Mapping[str, Any], name: str) -> str:
    day = _day(parent, name)
    if day is None:
        raise SourceDrifted(f"Companies House: the field {name} is gone")
    return day


def _month(data: Mapping[str, Any]) -> str | None:
    """Return the month of birth, `1985-07`; the day is nobody's business and the register hides it."""
    born = _optional(data, "date_of_birth", dict)
    if not born:
        return None
    try:
        return f"{int(born['year']):04d}-{int(born['month']):02d}"
    except (KeyError, TypeError, ValueError):
        raise SourceDrifted("Companies House: date_of_birth has no month and year") from None


def _named(data: Mapping[str, Any]) -> str:
    return " ".join(_required(data, "name", str).split())


def _self(data: Mapping[str, Any]) -> str:
    return str(_required(_required(data, "links", dict), "self", str))


def _last(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def _last_id(path: str) -> str:
    """Return the id in `/officers/<id>/appointments`."""
    return _last(path.removesuffix("/appointments"))


def _address(address: Mapping[str, Any]) -> str | None:
    """Return an address as one line of text."""
    names = (
        "care_of",
        "po_box",
        "premises",
        "address_line_1",
        "address_line_2",
        "locality",
        "region",
        "postal_code",
        "country",
    )
    parts = [_optional(address, name, str) for name in names]
    return ", ".join(" ".join(part.split()) for part in parts if part and part.strip()) or None
