"""GLEIF: the world's register of legal entity identifiers, with parents and the events entities report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from monitor.model import Fields, Record, Signal
from monitor.strict import Shape
from monitor.watcher import Ask, Findings, NotListed, SourceDrifted, SourceTrouble, Unknown, watcher

BASE = "https://api.gleif.org/api/v1/lei-records"
PAGE = "https://search.gleif.org/#/record"

_INSOLVENCY = {
    "BANKRUPTCY": "ins.proceeding_opened",
    "INSOLVENCY": "ins.proceeding_opened",
    "LIQUIDATION": "ins.proceeding_opened",
    "VOLUNTARY_ARRANGEMENT": "ins.rescue_opened",
}
_MERGERS = frozenset({"MERGERS_AND_ACQUISITIONS", "ABSORPTION"})
_LIFE = {
    "ABSORPTION": "reg.restructured",
    "ACQUISITION_BRANCH": "reg.restructured",
    "CHANGE_HQ_ADDRESS": "reg.address_changed",
    "CHANGE_LEGAL_ADDRESS": "reg.address_changed",
    "CHANGE_LEGAL_FORM": "reg.restructured",
    "CHANGE_LEGAL_NAME": "reg.name_changed",
    "CHANGE_OTHER_NAMES": "reg.name_changed",
    "DEMERGER": "reg.restructured",
    "DISSOLUTION": "reg.dissolved",
    "MERGERS_AND_ACQUISITIONS": "reg.restructured",
    "REVERSE_TAKEOVER": "reg.restructured",
    "SPINOFF": "reg.restructured",
    "TRANSFORMATION_BRANCH_TO_SUBSIDIARY": "reg.restructured",
    "TRANSFORMATION_SUBSIDIARY_TO_BRANCH": "reg.restructured",
    "TRANSFORMATION_UMBRELLA_TO_STANDALONE": "reg.restructured",
}
_STAGES = {"IN_PROGRESS": "ordered", "COMPLETED": "final", "WITHDRAWN_CANCELLED": "reversed"}

# The state of the number, never of the company: a lapsed LEI is an unpaid fee.
_REGISTRATION = frozenset(
    {"ISSUED", "LAPSED", "MERGED", "RETIRED", "DUPLICATE", "ANNULLED", "PENDING_TRANSFER", "PENDING_ARCHIVAL"}
)
_CONFORMITY = frozenset({"CONFORMING", "NON_CONFORMING", "NOT_APPLICABLE"})
_OTHER_NAMES = frozenset({"ALTERNATIVE_LANGUAGE_LEGAL_NAME", "PREVIOUS_LEGAL_NAME", "TRADING_OR_OPERATING_NAME"})
_EXCEPTIONS = frozenset(
    {
        "NON_PUBLIC",
        "NO_LEI",
        "NATURAL_PERSONS",
        "NON_CONSOLIDATING",
        "NO_KNOWN_PERSON",
        "LEGAL_OBSTACLES",
        "CONSENT_NOT_OBTAINED",
        "BINDING_LEGAL_COMMITMENTS",
        "DETRIMENT_NOT_EXCLUDED",
        "DISCLOSURE_DETRIMENTAL",
    }
)
_MISSPELT = {"DISCOLSURE_DETRIMENTAL": "DISCLOSURE_DETRIMENTAL"}  # so in GLEIF's own list of words
_REGISTERS = {"RA000585": "gb_company"}  # registration authority -> our scheme
_NO_REGISTER = frozenset({"RA888888", "RA999999"})  # "other" and "none"
_WHOLE = {"Cache-Control": "no-cache"}
_PARENTS = ("direct-parent", "ultimate-parent")


@watcher(
    title="GLEIF",
    scope="customer",
    mode="state",
    kinds=("company", "registration", "relation", "statement", "insolvency"),
    duties=(1, 2, 3),
    needs=("lei",),
    hosts=("api.gleif.org",),
    every="8h",  # the golden copy is published three times a day: asking oftener tells nothing new
    pace=1.0,
    official=True,
    terms="https://www.gleif.org/en/meta/lei-data-terms-of-use",
    docs="https://www.gleif.org/en/lei-data/gleif-api",
    canaries=({"lei": "HWUPKR0MPOU8FGXBT394"},),  # Apple Inc.
)
async def gleif(ask: Ask) -> Findings:
    """Reads the LEI record of a company, its parents or why it names none, and the events it reported.

    One request while nothing changes. When a new golden copy or a new record is out, one more for
    each parent. Quality: silver.
    """
    lei = _asked(ask)
    # Without a mark of a finished look we need the body, whatever it was last time.
    answer = await ask.get(f"{BASE}/{lei}", headers=None if ask.cursor else _WHOLE, expect=(200, 404))
    if answer.status == 404:
        raise NotListed(f"GLEIF knows no LEI {lei}")
    if answer.unchanged and ask.cursor:
        return ask.same()
    document = _object(answer.json(), "the answer")
    mark = _mark(document, answer.body)
    if mark == ask.cursor and not ask.full:
        return ask.same()
    record = _read(_pick(document, lei), lei)
    parents = await _parents(ask, lei, record.links)
    return Findings(
        records=(*record.records, *parents.records),
        complete=not parents.failed,
        unknown=(*record.unknown, *parents.unknown),
        cursor="" if parents.failed else mark,  # an unfinished look is taken again
        reason="; ".join(parents.failed),
    )


def _asked(ask: Ask) -> str:
    assert ask.customer is not None
    return ask.customer.ids["lei"].replace(" ", "").replace("-", "").upper()


def _mark(document: Mapping[str, Any], body: bytes) -> str:
    """Return what tells this state of the record from any other: the golden copy's time and the body's digest."""
    copy = _optional(_optional(document, "meta", dict) or {}, "goldenCopy", dict) or {}
    published = _optional(copy, "publishDate", str) or ""
    return f"{published} {hashlib.sha256(body).hexdigest()[:32]}"


def _pick(document: Mapping[str, Any], lei: str) -> Mapping[str, Any]:
    """Return the record we asked for; GLEIF wraps one record in an object, a search in a list."""
    data = document.get("data")
    if isinstance(data, list):
        if not data:
            raise NotListed(f"GLEIF knows no LEI {lei}")
        for entry in data:
            if isinstance(entry, dict) and entry.get("id") == lei:
                return entry
        raise SourceDrifted(f"GLEIF answered about other records than {lei}")
    return _object(data, "data")


# --------------------------------------------------------------------------- one record


@dataclass(frozen=True, slots=True)
class _Lei:
    """What one LEI record says, and which parent links it carries."""

    records: tuple[Record, ...]
    unknown: tuple[Unknown, ...]
    links: Mapping[str, Mapping[str, Any]]


def _read(data: Mapping[str, Any], lei: str) -> _Lei:
    attributes = _required(data, "attributes", dict)
    if (found := _required(data, "id", str)) != lei or attributes.get("lei", lei) != lei:
        raise SourceDrifted(f"GLEIF answered about {found} when asked about {lei}")
    entity = _required(attributes, "entity", dict)
    registration = _required(attributes, "registration", dict)
    unknown: list[Unknown] = []
    events = tuple(_events(entity, lei))
    status = _status(entity, registration, events)
    updated = _optional(registration, "lastUpdateDate", str)
    if status == "unknown" and entity["status"] != "NULL":
        unknown.append(Unknown("status", entity["status"], ("company", lei)))
    fields = _company(entity, lei, status, events, unknown)
    company = Record("company", lei, fields, published_at=updated, url=f"{PAGE}/{lei}")
    number = Record(
        "registration",
        lei,
        _registration(attributes, registration, lei, unknown),
        published_at=updated,
        url=f"{PAGE}/{lei}",
    )
    told = tuple(_event_record(event, fields, lei, unknown) for event in events)
    return _Lei((company, number, *told), tuple(unknown), _links(data))


def _company(
    entity: Mapping[str, Any], lei: str, status: str, events: tuple[_Event, ...], unknown: list[Unknown]
) -> Fields:
    address = _required(entity, "legalAddress", dict)
    seat = _optional(entity, "headquartersAddress", dict)
    created = _optional(entity, "creationDate", str)
    fields: dict[str, Any] = {
        "name": _named(entity),
        "status": status,
        "status_raw": entity["status"],
        "address": _address(address),
        "city": _optional(address, "city", str),
        "postcode": _optional(address, "postalCode", str),
        "country": _required(address, "country", str),
        "ids": _ids(entity, lei),
        "other_names": _other_names(entity, lei, unknown),
    }
    if "legalForm" in entity:
        fields["legal_form"] = _legal_form(entity)
    if created:
        fields["founded"] = _local_day(created, "entity.creationDate")
        fields["founded_raw"] = created
    if seat:
        fields["hq_address"] = _address(seat)
    if status in ("dissolved", "merged") and (end := _ended(entity, events)):
        fields["dissolved_on"] = end
    if successors := _successors(entity):
        fields["successors"] = successors
    return fields


def _named(entity: Mapping[str, Any]) -> str:
    name: str = _required(_required(entity, "legalName", dict, "entity."), "name", str, "entity.legalName.")
    if not name.strip():
        raise SourceDrifted("GLEIF: entity.legalName.name is empty")
    return _squeezed(name)


def _status(entity: Mapping[str, Any], registration: Mapping[str, Any], events: tuple[_Event, ...]) -> str:
    """Return our word for the company's legal existence. The state of the LEI itself does not count."""
    raw = _required(entity, "status", str, "entity.")
    if raw == "ACTIVE":
        return "active"
    if raw != "INACTIVE":
        return "unknown"  # NULL stands on duplicate and annulled records
    reason = _optional(_optional(entity, "expiration", dict) or {}, "reason", str)
    if _successors(entity) or reason == "CORPORATE_ACTION" or registration.get("status") == "MERGED":
        return "merged"
    merged = any(e.type in _MERGERS and e.status != "WITHDRAWN_CANCELLED" for e in events)
    return "merged" if merged and reason != "DISSOLVED" else "dissolved"


def _successors(entity: Mapping[str, Any]) -> list[str]:
    """Return the names (or LEIs) of who took the company over."""
    listed = _optional(entity, "successorEntities", list) or []
    single = _optional(entity, "successorEntity", dict)
    found = []
    for one in [*listed, *([single] if single else [])]:
        one = _object(one, "entity.successorEntities[]")  # noqa: PLW2901
        who = _optional(one, "name", str) or _optional(one, "lei", str)
        if who and who not in found:
            found.append(who)
    return found


def _ended(entity: Mapping[str, Any], events: tuple[_Event, ...]) -> str | None:
    """Return the day the company ended; in recorded answers it often stands in an event only."""
    end = _optional(_optional(entity, "expiration", dict) or {}, "date", str)
    if end:
        return _local_day(end, "entity.expiration.date")
    days = [e.effective for e in events if e.type in ("DISSOLUTION", *_MERGERS) and e.status == "COMPLETED"]
    return max((day for day in days if day), default=None)


def _legal_form(entity: Mapping[str, Any]) -> str | None:
    form = _optional(entity, "legalForm", dict) or {}
    code: str | None = _optional(form, "id", str)
    other: str | None = _optional(form, "other", str)
    if code in (None, "8888"):  # 8888: none of the listed forms, told in words
        return other
    return None if code == "9999" else code


def _ids(entity: Mapping[str, Any], lei: str) -> dict[str, str]:
    """Return the LEI and the local register number under its authority's code: numbers repeat between courts."""
    ids = {"lei": lei}
    authority = _optional(_optional(entity, "registeredAt", dict) or {}, "id", str)
    number = _optional(entity, "registeredAs", str)
    if authority and number and authority not in _NO_REGISTER:
        ids[authority] = _squeezed(number)
        if scheme := _REGISTERS.get(authority):
            ids[scheme] = number.strip().upper().zfill(8)
    return ids


def _other_names(entity: Mapping[str, Any], lei: str, unknown: list[Unknown]) -> list[str]:
    names = []
    for one in _optional(entity, "otherNames", list) or []:
        other = _object(one, "entity.otherNames[]")
        name = _squeezed(_required(other, "name", str, "entity.otherNames[]."))
        kind = _optional(other, "type", str)
        if kind and kind not in _OTHER_NAMES:
            unknown.append(Unknown("other_names", kind, ("company", lei)))
        if name and name not in names:
            names.append(name)
    return names


def _address(address: Mapping[str, Any]) -> str:
    """Return an address as one line of text."""
    lines = _optional(address, "addressLines", list) or []
    place = " ".join(part for part in (_optional(address, "postalCode", str), _optional(address, "city", str)) if part)
    parts = [*(line for line in lines if isinstance(line, str)), place, _optional(address, "country", str)]
    return ", ".join(_squeezed(part) for part in parts if part and part.strip())


def _registration(
    attributes: Mapping[str, Any], registration: Mapping[str, Any], lei: str, unknown: list[Unknown]
) -> Fields:
    raw = _required(registration, "status", str, "registration.")
    if raw not in _REGISTRATION:
        unknown.append(Unknown("status", raw, ("registration", lei)))
    conformity = _optional(attributes, "conformityFlag", str)
    if conformity and conformity not in _CONFORMITY:
        unknown.append(Unknown("conformity", conformity, ("registration", lei)))
    renew = _optional(registration, "nextRenewalDate", str)
    return {
        "scheme": "lei",
        "number": lei,
        "status": raw.lower() if raw in _REGISTRATION else "unknown",
        "status_raw": raw,
        "renew_by": _instant(renew, "registration.nextRenewalDate").date().isoformat() if renew else None,
        "conformity": conformity,
    }


# --------------------------------------------------------------------------- events an entity reports


@dataclass(frozen=True, slots=True)
class _Event:
    type: str
    status: str
    effective: str | None  # plain dates
    recorded: str | None
    key: str


def _events(entity: Mapping[str, Any], lei: str) -> Iterator[_Event]:
    """Yield what `eventGroups` holds. The key lasts while an event goes from in progress to completed."""
    seen: dict[str, int] = {}
    for group in _optional(entity, "eventGroups", list) or []:
        for one in _required(_object(group, "entity.eventGroups[]"), "events", list, "entity.eventGroups[]."):
            event = _object(one, "entity.eventGroups[].events[]")
            kind = _required(event, "type", str, "entity.eventGroups[].events[].")
            effective = _optional(event, "effectiveDate", str)
            recorded = _optional(event, "recordedDate", str)
            day = _local_day(effective, "effectiveDate") if effective else None
            noted = _instant(recorded, "recordedDate").date().isoformat() if recorded else None
            key = f"{lei}:{kind}:{day or noted or 'undated'}"
            seen[key] = seen.get(key, 0) + 1
            yield _Event(
                kind,
                _required(event, "status", str, "entity.eventGroups[].events[]."),
                day,
                noted,
                key if seen[key] == 1 else f"{key}:{seen[key]}",
            )


def _event_record(event: _Event, company: Fields, lei: str, unknown: list[Unknown]) -> Record:
    kind = "insolvency" if event.type in _INSOLVENCY else "statement"
    if event.type not in _INSOLVENCY and event.type not in _LIFE:
        unknown.append(Unknown("type", event.type, ("event", event.key)))  # of no record: its signal names it
    if event.status not in _STAGES:
        unknown.append(Unknown("status", event.status, (kind, event.key)))
    dates = {name: day for name, day in (("effective", event.effective), ("recorded", event.recorded)) if day}
    fields: dict[str, Any] = {"status": event.status.lower() if event.status in _STAGES else "unknown"}
    if kind == "insolvency":
        fields |= {"type": event.type.lower(), "number": None, "dates": dates}
    else:
        fields |= {"code": event.type, "text": event.type.replace("_", " ").capitalize(), "dates": dates}
        fields["since"] = event.effective
    return Record(
        kind,
        event.key,
        {**fields, "status_raw": event.status},
        url=f"{PAGE}/{lei}",
        signals=_signals(event, company),
    )


def _signals(event: _Event, company: Fields) -> tuple[Signal, ...]:
    """Return what the event means, unless the company's own fields say the same: one fact, one event."""
    stage = _STAGES.get(event.status, "final")
    facts = {"raw": event.type, "status_raw": event.status}
    if event.type in _INSOLVENCY:
        meaning = "ins.reversed" if stage == "reversed" else _INSOLVENCY[event.type]
        return (Signal(meaning, stage, event.effective, facts),)
    if event.type not in _LIFE:
        return (Signal("reg.unclassified", stage, event.effective, facts),)
    if stage == "reversed" or _told(event.type, stage, company):
        return ()
    return (Signal(_LIFE[event.type], stage, event.effective, facts),)


def _told(type_: str, stage: str, company: Fields) -> bool:
    """Whether the company's fields show the event by themselves, with the old and the new value."""
    if type_ == "DISSOLUTION":
        return company["status"] in ("dissolved", "merged")
    if type_ in _MERGERS:
        return bool(company["status"] == "merged")
    if type_ == "CHANGE_HQ_ADDRESS":  # the seat is compared only where it is the legal address too
        return stage == "final" and company.get("hq_address") == company["address"]
    return stage == "final" and type_ in ("CHANGE_LEGAL_ADDRESS", "CHANGE_LEGAL_FORM", "CHANGE_LEGAL_NAME")


# --------------------------------------------------------------------------- parents (level 2)


@dataclass(frozen=True, slots=True)
class _Parents:
    records: tuple[Record, ...]
    unknown: tuple[Unknown, ...]
    failed: tuple[str, ...]


def _links(data: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the links of each parent the record has something to say about."""
    relationships = _optional(data, "relationships", dict) or {}
    found = {}
    for which in _PARENTS:
        parent = _optional(relationships, which, dict)
        if parent is not None:
            found[which] = _required(parent, "links", dict, f"relationships.{which}.")
    return found


async def _parents(ask: Ask, lei: str, links: Mapping[str, Mapping[str, Any]]) -> _Parents:
    """Follow the parent links. An answer that fails makes the look partial and costs nothing else."""
    records: list[Record] = []
    unknown: list[Unknown] = []
    failed: list[str] = []
    for which, offered in links.items():
        try:
            fields = await _parent(ask, lei, which, offered)
        except SourceTrouble as trouble:
            failed.append(f"{which.replace('-', ' ')}: {trouble.reason}")
            continue
        if fields is None:
            continue
        records.append(_parent_record(which, fields, lei, unknown))
    return _Parents(tuple(records), tuple(unknown), tuple(failed))


async def _parent(ask: Ask, lei: str, which: str, offered: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return who the parent is, or why none is named; None if GLEIF has neither.

    The parent's own record says both name and LEI, so it is asked first: one request, not two. We
    build the addresses ourselves; a link in the answer only tells that there is something to ask.
    """
    for link, tail, read in (
        ("reporting-exception", "-reporting-exception", _exception),
        ("lei-record", "", _parent_entity),
        ("relationship-record", "-relationship", _relationship),
    ):
        if link not in offered:
            continue
        answer = await ask.get(f"{BASE}/{lei}/{which}{tail}", headers=_WHOLE, expect=(200, 404))
        if answer.status != 404:
            return read(_object(_object(answer.json(), "the answer").get("data"), "data"), lei)
    return None


def _parent_entity(data: Mapping[str, Any], lei: str) -> dict[str, Any]:
    entity = _required(_required(data, "attributes", dict), "entity", dict)
    return {"to": _named(entity), "lei": _required(data, "id", str)}


def _relationship(data: Mapping[str, Any], lei: str) -> dict[str, Any]:
    """Read a relationship record; asked when the parent has no record of its own to name it."""
    relationship = _required(_required(data, "attributes", dict), "relationship", dict)
    start = _required(_required(relationship, "startNode", dict), "id", str, "relationship.startNode.")
    if start != lei:
        raise SourceDrifted(f"GLEIF answered about {start} when asked about the parent of {lei}")
    end: str = _required(_required(relationship, "endNode", dict), "id", str, "relationship.endNode.")
    return {"to": end, "lei": end}


def _exception(data: Mapping[str, Any], lei: str) -> dict[str, Any]:
    attributes = _required(data, "attributes", dict)
    if (found := _required(attributes, "lei", str)) != lei:
        raise SourceDrifted(f"GLEIF answered about {found} when asked about the parent of {lei}")
    since = _optional(attributes, "validFrom", str)
    reason = _required(attributes, "reason", str)
    return {
        "code": _MISSPELT.get(reason, reason),
        "since": _instant(since, "validFrom").date().isoformat() if since else None,
    }


def _parent_record(which: str, fields: Mapping[str, Any], lei: str, unknown: list[Unknown]) -> Record:
    key = which.replace("-", "_")
    url = f"{PAGE}/{lei}"
    if "code" not in fields:
        return Record("relation", f"{lei}:{key}", {"kind": key, "share_band": None, **fields}, url=url)
    code = fields["code"]
    if code not in _EXCEPTIONS:
        unknown.append(Unknown("code", code, ("statement", f"{lei}:{key}_exception")))
    return Record(
        "statement",
        f"{lei}:{key}_exception",
        {**fields, "text": f"{key.replace('_', ' ').capitalize()} not reported: {code.replace('_', ' ').lower()}"},
        url=url,
    )


# --------------------------------------------------------------------------- strict reading

_shape = Shape("GLEIF")
_object, _required, _optional = _shape.object, _shape.required, _shape.optional


def _instant(text: str, what: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise SourceDrifted(f"GLEIF: {what} is no date: {text[:40]!r}") from None


def _local_day(text: str, what: str) -> str:
    """Return the local day of an instant that is a local midnight written in UTC.

    `2017-06-30T18:30:00Z` is 1 July in India, `2016-05-20T04:00:00Z` is 20 May in New York. East of
    Greenwich a midnight falls on the day before, as early as 11:00 (New Zealand in summer).
    """
    moment = _instant(text, what)
    day: date = moment.date()
    midnight = moment.minute % 15 == 0 and moment.second == 0
    return (day + timedelta(days=1) if midnight and moment.hour >= 11 else day).isoformat()


def _squeezed(text: str) -> str:
    return " ".join(text.split())
