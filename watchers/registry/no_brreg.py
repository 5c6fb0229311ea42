"""Enhetsregisteret: Norway's register of legal entities at Brønnøysund, with the people who run each of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from monitor.model import Record, Signal
from monitor.strict import Shape
from monitor.watcher import Answer, Ask, Findings, NotListed, SourceDown, SourceDrifted, SourceTrouble, Unknown, watcher

API = "https://data.brreg.no/enhetsregisteret/api"
PAGE = "https://virksomhet.brreg.no/nb/oppslag/enheter"

_JSON = {"Accept": "application/json"}
_WHOLE = {**_JSON, "Cache-Control": "no-cache"}

# How the register says that an entity is in trouble, the gravest first: flag -> our status, fields with the date.
_FORCED = (
    "tvangsopplostPgaManglendeRegnskapDato",
    "tvangsopplostPgaManglendeRevisorDato",
    "tvangsopplostPgaManglendeDagligLederDato",
    "tvangsopplostPgaMangelfulltStyreDato",
    "tvangsavvikletPgaManglendeSlettingDato",
)
_FLAGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "konkurs": ("insolvent", ("konkursdato",)),
    "underUtenlandskInsolvensbehandlingDato": ("insolvent", ("underUtenlandskInsolvensbehandlingDato",)),
    "underTvangsavviklingEllerTvangsopplosning": ("strike_off_pending", _FORCED),
    "underRekonstruksjonsforhandlingDato": ("in_rescue", ("underRekonstruksjonsforhandlingDato",)),
    "underAvvikling": ("in_liquidation", ("underAvviklingDato",)),
}
# A word of this kind that we do not know may be as grave as those we do.
_ALARMING = re.compile(r"(?:under(?!lagt)|tvangs|konkurs|rekonstruksjon|insolvens)\w*")
_BOOLEANS = ("konkurs", "underAvvikling", "underTvangsavviklingEllerTvangsopplosning")
_PROCEDURES = {
    "konkurs": "konkurs",
    "underUtenlandskInsolvensbehandlingDato": "foreign_insolvency_proceeding",
    "underTvangsavviklingEllerTvangsopplosning": "forced_dissolution",
    "underRekonstruksjonsforhandlingDato": "reconstruction",
}
_STATE = frozenset({"status", "status_raw", "since", "ids"})  # what does not outlive the company
_ESTATE = "KBO"  # konkursbo: the entity is itself the estate of a bankrupt
_LIVE, _DELETED = "Enhet", "SlettetEnhet"
_SUBUNITS = frozenset({"Underenhet", "SlettetUnderenhet", "SlettetUnderEnhet"})
_SUBUNIT_FORMS = frozenset({"BEDR", "AAFY"})

# What a role of the register is to us. Those of a board share one key, so a member who becomes chair has not left.
_OFFICERS = {
    "DAGL": "managing director",
    "LEDE": "chair of the board",
    "NEST": "deputy chair of the board",
    "MEDL": "board member",
    "VARA": "deputy board member",
    "OBS": "board observer",
    "BEST": "managing owner",
    "FFØR": "business manager",
    "REPR": "representative in Norway",
    "BOBE": "trustee in bankruptcy",
    "AVKL": "liquidator",
    "KONT": "contact person",
}
_OWNERS = {
    "INNH": "sole proprietor",
    "DTPR": "partner with shared liability",
    "DTSO": "partner with full liability",
    "KOMP": "general partner",
    "EIKM": "owning municipality",
    "SAM": "co-owner",
}
_RELATIONS = {
    "REVI": "auditor",
    "REGN": "accountant",
    "READ": "accountant",
    "ADOS": "administrative_unit",
    "ORGL": "part_of",
    "OPMV": "part_of",
    "HFOR": "main_enterprise",
    "HLSE": "health_enterprise",
    "FGRP": "group_of_enterprises",
    "KMOR": "group_parent",
    "KDAT": "group_subsidiary",
    "KGRL": "group_basis",
    "KTRF": "shared_office",
    "KIRK": "church_council",
    "KDEB": "bankrupt_of_estate",
    "KENK": "bankrupt_of_estate",
    "VIFE": "run_jointly_by",
}
_AUDITOR = "REVI"
_LAPSING = {  # registers an entity may leave while it lives: flag -> scheme
    "registrertIMvaregisteret": "no.mva",
    "registrertIForetaksregisteret": "no.foretaksregisteret",
}
_MUST_FILE = frozenset({"AS", "ASA"})  # each of them files accounts each year, by the end of July
_LATE_FROM = (10, 1)  # month and day from which accounts not there are late, the register's own handling allowed for


@watcher(
    title="Brønnøysund",
    scope="customer",
    mode="state",
    kinds=("company", "registration", "insolvency", "officer", "owner", "relation", "statement", "account"),
    duties=(1, 2, 3, 4),
    needs=("no.orgnr",),
    jurisdictions=("NO",),
    hosts=("data.brreg.no",),
    every="12h",
    pace=1.0,
    official=True,
    terms="https://data.norge.no/nlod/no/2.0",
    docs="https://data.brreg.no/enhetsregisteret/api/dokumentasjon/no/index.html",
    canaries=({"no.orgnr": "923609016"},),  # Equinor ASA
)
async def no_brreg(ask: Ask) -> Findings:
    """Reads an entity and its roles: two requests a look.

    A deleted entity is answered with 410 or with 200; either is dissolved. A number of a subunit is no company's.
    The cursor remembers what later answers no longer say: when somebody resigned, which registers the entity was in,
    who the auditor was. Quality: silver.
    """
    orgnr = _asked(ask)
    unit = await ask.get(f"{API}/enheter/{orgnr}", headers=_JSON, expect=(200, 404, 410))
    if unit.status == 404:
        raise NotListed(await _why_not(ask, orgnr))
    held = _Held.read(ask.cursor)
    if (unit.body or unit.status == 410) and (gone := _deleted(unit, orgnr, held)) is not None:
        return gone
    roles, trouble = await _roles(ask, orgnr, held, may_fail=not unit.unchanged)
    if unit.unchanged and roles is not None and roles.unchanged and ask.cursor and not ask.full:
        return ask.same()
    unit = await _with_body(ask, unit)
    if (gone := _deleted(unit, orgnr, held)) is not None:
        return gone
    seen = _entity(_object(unit.json(), "the answer"), orgnr, held, ask.now)
    if roles is not None and roles.status in (200, 304):
        _read_roles((await _with_body(ask, roles)).json(), seen)
    return Findings(
        records=tuple(seen.records),
        complete=not trouble,
        unknown=tuple(seen.unknown),
        cursor=seen.held.written(),
        reason=trouble,
    )


def _asked(ask: Ask) -> str:
    assert ask.customer is not None
    return re.sub(r"\D", "", ask.customer.ids["no.orgnr"])


async def _roles(ask: Ask, orgnr: str, held: _Held, *, may_fail: bool) -> tuple[Answer | None, str]:
    """Return the answer about roles (404: none are registered), or None and why there is none.

    What the entity itself says counts without them: the look is partial then.
    """
    try:
        answer = await ask.get(f"{API}/enheter/{orgnr}/roller", headers=_JSON, expect=(200, 404, 410))
        if answer.status in (404, 410) and held.roles and not ask.full:  # the weekly full look believes it
            raise SourceDown("not found, though there were some")
    except SourceTrouble as trouble:
        if not may_fail:
            raise
        return None, f"roles: {trouble.reason}"
    return answer, ""


async def _with_body(ask: Ask, answer: Answer) -> Answer:
    """Return the answer with its body: one of two requests may be as it was while the other is not."""
    if answer.body or answer.status not in (200, 304):
        return answer
    return await ask.get(answer.url, headers=_WHOLE, expect=(200, 404, 410))


async def _why_not(ask: Ask, orgnr: str) -> str:
    """Return why the register knows no such entity; a subunit's number is often taken for the company's."""
    plain = f"Enhetsregisteret knows no entity {orgnr}"
    try:
        answer = await ask.get(f"{API}/underenheter/{orgnr}", headers=_JSON, expect=(200, 404, 410))
        found = _object(answer.json(), "the answer") if answer.status == 200 else {}
    except SourceTrouble:
        return plain
    parent = found.get("overordnetEnhet")
    if found.get("organisasjonsnummer") != orgnr:
        return plain
    belongs = f" of {parent}: put that number on the watchlist" if isinstance(parent, str) and parent else ""
    return f"{orgnr} is not a company's number but a subunit's{belongs}"


# --------------------------------------------------------------------------- what later answers no longer say


@dataclass(slots=True)
class _Held:
    """What earlier looks saw: resigned roles with their day, registers the entity was in, the auditor."""

    until: dict[str, str] = field(default_factory=dict)
    registers: set[str] = field(default_factory=set)
    auditor: dict[str, str] = field(default_factory=dict)  # id, name, resigned
    roles: bool = False  # somebody had a role
    last: dict[str, Any] = field(default_factory=dict)  # the company's own fields; a deleted one keeps few

    @classmethod
    def read(cls, cursor: str | None) -> _Held:
        try:
            said = json.loads(cursor or "{}")
            return cls(**{**said, "registers": set(said["registers"])}) if _sound(said) else cls()
        except (ValueError, TypeError):
            return cls()

    def written(self) -> str:
        return json.dumps(asdict(self) | {"registers": sorted(self.registers)}, sort_keys=True, ensure_ascii=False)


def _sound(said: Any) -> bool:
    """Whether a cursor is one of ours, of this version."""
    kinds = {"until": dict, "registers": list, "auditor": dict, "roles": bool, "last": dict}
    return isinstance(said, dict) and said.keys() == kinds.keys() and all(isinstance(said[k], kinds[k]) for k in kinds)


@dataclass(slots=True)
class _Seen:
    """What one look reads, gathered as it goes. `held` becomes what the next look is told."""

    orgnr: str
    earlier: _Held
    now: datetime
    records: list[Record] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    held: _Held = field(default_factory=_Held)

    def add(self, kind: str, key: str, fields: Mapping[str, Any], *signals: Signal) -> None:
        told = {name: value for name, value in fields.items() if value is not None and value != ""}
        taken = {record.key for record in self.records if record.kind == kind}
        own = next(k for k in (key, *(f"{key}#{n}" for n in range(2, len(taken) + 3))) if k not in taken)
        self.records.append(Record(kind, own, told, url=f"{PAGE}/{self.orgnr}", signals=signals))


# --------------------------------------------------------------------------- the entity


def _deleted(answer: Answer, orgnr: str, held: _Held) -> Findings | None:
    """Return what is left of a deleted entity, beside what the register last said of it; None for one that lives."""
    bare = answer.status == 410 and not answer.body.strip()
    data = {"organisasjonsnummer": orgnr} if bare else _object(answer.json(), "the answer")
    class_ = _optional(data, "respons_klasse", str)
    ended = _day(data, "slettedato")
    if answer.status != 410 and class_ != _DELETED and ended is None:
        return None
    _same_number(data, orgnr)
    _no_subunit(data, orgnr)
    # Removed for legal reasons is not deleted: where nothing says more, we do not know what became of the company.
    known = not bare and (class_ in (None, _LIVE, _DELETED) or ended is not None)
    raw = class_ or ("410 Gone" if answer.status == 410 else "slettedato")
    seen = _Seen(orgnr, held, answer.fetched_at)
    name, form = _optional(data, "navn", str), _code(data, "organisasjonsform")
    company = {
        "country": "NO",
        **held.last,
        **({"name": _squeezed(name)} if name else {}),
        **({"legal_form": form} if form else {}),
        "status": "dissolved" if known else "unknown",
        "status_raw": raw,
        "dissolved_on": ended,
        "ids": {"no.orgnr": orgnr},
    }
    seen.add("company", orgnr, company)
    if not known:
        seen.unknown.append(Unknown("status", raw, ("company", orgnr)))
    seen.add("registration", f"{orgnr}:no.orgnr", _registration("no.orgnr", orgnr, "deleted", raw))
    return Findings(records=tuple(seen.records), unknown=tuple(seen.unknown), cursor=_Held(last=held.last).written())


def _same_number(data: Mapping[str, Any], orgnr: str) -> None:
    if (found := _required(data, "organisasjonsnummer", str)) != orgnr:
        raise SourceDrifted(f"Enhetsregisteret answered about {found[:20]} when asked about {orgnr}")


def _no_subunit(data: Mapping[str, Any], orgnr: str) -> None:
    if data.get("respons_klasse") in _SUBUNITS or _code(data, "organisasjonsform") in _SUBUNIT_FORMS:
        raise NotListed(f"{orgnr} is not a company's number but a subunit's")


def _entity(data: Mapping[str, Any], orgnr: str, held: _Held, now: datetime) -> _Seen:
    """Read an entity that lives."""
    _same_number(data, orgnr)
    _no_subunit(data, orgnr)
    seen = _Seen(orgnr, held, now)
    class_ = _optional(data, "respons_klasse", str)
    if class_ not in (None, _LIVE):
        seen.unknown.append(Unknown("respons_klasse", class_, ("company", orgnr)))
    flags, strange = _raised(data), _strange(data)
    seen.unknown += [Unknown("status", name, ("company", orgnr)) for name in strange]
    company = _company(data, orgnr, flags)
    if strange and company["status"] == "active":
        company |= {"status": "unknown", "status_raw": ", ".join(strange)}
    seen.add("company", orgnr, company)
    seen.held.last = {name: value for name, value in company.items() if value is not None and name not in _STATE}
    _registrations(data, seen)
    for flag in flags:
        if flag in _PROCEDURES:
            dates = {name: day for name in _FLAGS[flag][1] if (day := _day(data, name))}
            opened = {"opened": min(dates.values())} if dates else {}
            fields = {"type": _PROCEDURES[flag], "type_raw": flag, "dates": {**opened, **dates}}
            seen.add("insolvency", f"{orgnr}:{_PROCEDURES[flag]}", fields)
    _remarks(data, seen)
    _accounts(data, seen)
    if parent := _optional(data, "overordnetEnhet", str):
        seen.add("relation", f"{orgnr}:superior", {"to": parent, "kind": "superior_unit", "number": parent})
    return seen


def _raised(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the flags that are up, the gravest first."""
    for name in _BOOLEANS:
        _required(data, name, bool)
    return tuple(flag for flag in _FLAGS if (data[flag] if flag in _BOOLEANS else _day(data, flag) is not None))


def _strange(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the flags that are up and look grave, and that we do not know."""
    known = {*_FLAGS, *(day for _, days in _FLAGS.values() for day in days)}
    return tuple(name for name, value in data.items() if value and name not in known and _ALARMING.fullmatch(name))


def _company(data: Mapping[str, Any], orgnr: str, flags: Sequence[str]) -> dict[str, Any]:
    form = _optional(data, "organisasjonsform", dict)
    code = _required(_object(form, "organisasjonsform"), "kode", str, "organisasjonsform.")
    estate = code == _ESTATE and not flags
    status = "insolvent" if estate else _FLAGS[flags[0]][0] if flags else "active"
    days = [day for name in (_FLAGS[flags[0]][1] if flags else ()) if (day := _day(data, name))]
    seat = _optional(data, "forretningsadresse", dict) or _optional(data, "postadresse", dict) or {}
    home = _optional(data, "registreringsnummerIHjemlandet", str)
    vat = {"no.mva": f"{orgnr}MVA"} if data.get("registrertIMvaregisteret") is True else {}
    return {
        "name": _squeezed(_required(data, "navn", str)),
        "status": status,
        "status_raw": ", ".join(flags) if flags else code if estate else _LIVE,
        "since": min(days, default=None),
        "legal_form": code,
        "founded": _day(data, "stiftelsesdato"),
        "registered": _day(data, "registreringsdatoForetaksregisteret")
        or _day(data, "registreringsdatoEnhetsregisteret"),
        "address": _address(seat),
        "city": _optional(seat, "poststed", str),
        "postcode": _optional(seat, "postnummer", str),
        "country": _optional(data, "underlagtLovgivningLandKode", str) or "NO",
        "activity": _activity(data),
        "capital": _capital(data),
        "employees": _optional(data, "antallAnsatte", int),
        "website": _optional(data, "hjemmeside", str),
        "other_names": _former_names(data),
        "home_number": home,
        "ids": {"no.orgnr": orgnr, **vat},
    }


def _activity(data: Mapping[str, Any]) -> str | None:
    code = _optional(data, "naeringskode1", dict) or {}
    parts = (_optional(code, "kode", str), _optional(code, "beskrivelse", str))
    return " ".join(_squeezed(part) for part in parts if part) or None


def _capital(data: Mapping[str, Any]) -> dict[str, str] | None:
    capital = _optional(data, "kapital", dict)
    amount = capital.get("belop") if capital else None
    if capital is None or amount is None:
        return None
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise SourceDrifted("Enhetsregisteret: kapital.belop is no number")
    text = format(Decimal(str(amount)), "f")
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return {"amount": plain, "currency": _optional(capital, "valuta", str) or "NOK"}


def _former_names(data: Mapping[str, Any]) -> list[str]:
    found = []
    for one in _optional(data, "historiskeNavn", list) or []:
        name = _optional(_object(one, "historiskeNavn[]"), "navn", str)
        if name and _squeezed(name) not in found:
            found.append(_squeezed(name))
    return found


def _address(address: Mapping[str, Any]) -> str:
    lines = _optional(address, "adresse", list) or []
    place = " ".join(part for part in (address.get("postnummer"), address.get("poststed")) if isinstance(part, str))
    parts = [*(line for line in lines if isinstance(line, str)), place, _optional(address, "landkode", str)]
    return ", ".join(_squeezed(part) for part in parts if part and part.strip())


def _registrations(data: Mapping[str, Any], seen: _Seen) -> None:
    """Add the registers the entity is in, and those it has left since we look: not being in one says nothing."""
    seen.add(
        "registration",
        f"{seen.orgnr}:no.orgnr",
        _registration("no.orgnr", seen.orgnr, "registered", "Enhetsregisteret"),
    )
    for flag, scheme in _LAPSING.items():
        listed = _optional(data, flag, bool)
        number = f"{seen.orgnr}MVA" if scheme == "no.mva" else seen.orgnr
        if listed or flag in seen.earlier.registers:
            seen.held.registers.add(flag)
            status = "registered" if listed else "deregistered"
            fields = _registration(scheme, number, status, f"{flag}: {str(bool(listed)).lower()}")
            seen.add("registration", f"{seen.orgnr}:{scheme}", fields)


def _registration(scheme: str, number: str, status: str, raw: str) -> dict[str, str]:
    return {"scheme": scheme, "number": number, "status": status, "status_raw": raw}


def _remarks(data: Mapping[str, Any], seen: _Seen) -> None:
    """Add the register's own remarks on an entity (paategninger): free text that always deserves a look."""
    for one in _optional(data, "paategninger", list) or []:
        remark = _object(one, "paategninger[]")
        code = _optional(remark, "infotype", str) or "remark"
        text = _squeezed(_optional(remark, "tekst", str) or code)[:300]
        since = _day(remark, "innfoertDato")
        facts = {"field": "paategning", "raw": text}
        seen.add(
            "statement",
            f"{seen.orgnr}:{code}:{since or 'undated'}",
            {"code": f"remark_{code}".lower(), "text": text, "since": since},
            Signal("reg.unclassified", "final", since, facts),
        )
    if waived := _day(data, "fravalgRevisjonDato"):
        fields = {"code": "audit_waived", "text": "It has chosen to have no auditor", "since": waived}
        seen.add("statement", f"{seen.orgnr}:audit_waived", fields)


def _accounts(data: Mapping[str, Any], seen: _Seen) -> None:
    """Add the last accounts filed, and those that should be there by now and are not."""
    said = _optional(data, "sisteInnsendteAarsregnskap", str)
    if not said:
        return
    if not re.fullmatch(r"\d{4}", said):
        raise SourceDrifted(f"Enhetsregisteret: sisteInnsendteAarsregnskap is no year: {said[:20]!r}")
    seen.add("account", f"{seen.orgnr}:last", {"period": said, "overdue": False})
    today = seen.now.date()
    expected = today.year - 1 if (today.month, today.day) >= _LATE_FROM else today.year - 2
    registered = _day(data, "registreringsdatoEnhetsregisteret")
    # A first financial year may be as long as eighteen months.
    owes = _code(data, "organisasjonsform") in _MUST_FILE and registered and int(registered[:4]) < expected
    if owes and int(said) < expected:
        due = date(expected + 1, 7, 31).isoformat()
        seen.add("account", f"{seen.orgnr}:due", {"period": str(expected), "due": due, "overdue": True})


# --------------------------------------------------------------------------- roles


@dataclass(frozen=True, slots=True)
class _Role:
    """One role of one holder. `changed` is the day its whole group was last registered anew."""

    group: str
    code: str
    words: str
    name: str
    born: str | None
    number: str | None  # of a holder that is itself an entity
    resigned: bool
    changed: str | None

    @property
    def holder(self) -> str:
        """What tells holders apart: an entity's number, else a digest, for a person has none."""
        told = f"{self.name.casefold()}|{self.born or ''}"
        return self.number or hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=6).hexdigest()


def _read_roles(document: Any, seen: _Seen) -> None:
    auditor = False
    for role in _held_roles(_object(document, "the answer about roles")):
        seen.held.roles = True
        if role.code in _OFFICERS:
            _officer(role, seen)
        elif role.code in _OWNERS:
            _owner(role, seen)
        elif role.code == _AUDITOR and not auditor:
            auditor = True
            _auditor(role, seen)
        elif role.code in _RELATIONS:
            _relation(role, _RELATIONS[role.code], seen)
        elif role.number is None:
            seen.unknown.append(Unknown("role", f"{role.code} {role.words}", ("officer", _role_key(role, seen))))
            _officer(role, seen)
        else:
            key = _relation(role, role.code.lower(), seen)
            seen.unknown.append(Unknown("kind", f"{role.code} {role.words}", ("relation", key)))


def _held_roles(document: Mapping[str, Any]) -> Iterator[_Role]:
    for group in _required(document, "rollegrupper", list):
        group_ = _object(group, "rollegrupper[]")
        name = _required(_required(group_, "type", dict, "rollegrupper[]."), "kode", str, "rollegrupper[].type.")
        for one in _required(group_, "roller", list, "rollegrupper[]."):
            role = _object(one, "rollegrupper[].roller[]")
            if _optional(role, "avregistrert", bool):
                continue
            found = _role(role, name, _day(group_, "sistEndret"))
            if found is not None:
                yield found


def _role(role: Mapping[str, Any], group: str, changed: str | None) -> _Role | None:
    """Read a role; None if the register withholds who has it."""
    type_ = _required(role, "type", dict, "roller[].")
    person, unit = _optional(role, "person", dict), _optional(role, "enhet", dict)
    born, number = None, None
    if unit is not None:
        number = _required(unit, "organisasjonsnummer", str, "roller[].enhet.")
        said = unit.get("navn")
        parts = said if isinstance(said, list) else [said]
        name = " ".join(part for part in parts if isinstance(part, str)) or number
    elif person is not None:
        names = _optional(person, "navn", dict) or {}
        parts = [_optional(names, part, str) for part in ("fornavn", "mellomnavn", "etternavn")]
        name = " ".join(part for part in parts if part)
        day = _optional(person, "fodselsdato", str)
        born = day[:7] if day and re.match(r"\d{4}-\d\d", day) else None
    else:
        return None
    if not name.strip():
        return None
    return _Role(
        group,
        _required(type_, "kode", str, "roller[].type."),
        _optional(type_, "beskrivelse", str) or "",
        _squeezed(name),
        born,
        number,
        bool(_optional(role, "fratraadt", bool)),
        changed,
    )


def _role_key(role: _Role, seen: _Seen) -> str:
    return f"{seen.orgnr}:{role.group.lower()}:{role.holder}"


def _who(role: _Role, seen: _Seen) -> dict[str, Any]:
    party = {"party": "company", "ids": {"no.orgnr": role.number}} if role.number else {"party": "person"}
    return {"name": role.name, "born": role.born, "until": _until(role, seen), **party}


def _until(role: _Role, seen: _Seen) -> str | None:
    """Return the day a holder resigned. The register dates groups, not roles: the day first seen stays."""
    if not role.resigned:
        return None
    key = _role_key(role, seen)
    day = seen.earlier.until.get(key) or role.changed or seen.now.date().isoformat()
    seen.held.until[key] = day
    return day


def _officer(role: _Role, seen: _Seen) -> None:
    known = _OFFICERS.get(role.code)
    fields = {**_who(role, seen), "role": known or role.words or role.code, "role_raw": role.code}
    seen.add("officer", _role_key(role, seen), fields)


def _owner(role: _Role, seen: _Seen) -> None:
    seen.add("owner", _role_key(role, seen), {**_who(role, seen), "role": _OWNERS[role.code], "role_raw": role.code})


def _relation(role: _Role, kind: str, seen: _Seen) -> str:
    key = _role_key(role, seen)
    status = "resigned" if role.resigned else "current"
    seen.add("relation", key, {"to": role.name, "kind": kind, "number": role.number, "status": status})
    return key


def _auditor(role: _Role, seen: _Seen) -> None:
    """Add the auditor under one key, and say so when it resigned or another took its place."""
    before = seen.earlier.auditor
    name = role.name if role.number else ""  # a person's name needs no second place
    seen.held.auditor = {"id": role.holder, "name": name, "resigned": "yes" if role.resigned else ""}
    signals = []
    if role.resigned:
        signals = [Signal("gov.auditor_left", "final", _until(role, seen), {"name": role.name})]
    elif before.get("id", role.holder) != role.holder and not before.get("resigned"):
        signals = [Signal("gov.auditor_left", "final", role.changed, {"name": before.get("name", "")})]
    status = "resigned" if role.resigned else "current"
    fields = {"to": role.name, "kind": "auditor", "number": role.number, "status": status}
    seen.add("relation", f"{seen.orgnr}:auditor", fields, *signals)


# --------------------------------------------------------------------------- strict reading

_shape = Shape("Enhetsregisteret")
_object, _required, _optional = _shape.object, _shape.required, _shape.optional


def _code(data: Mapping[str, Any], name: str) -> str | None:
    code: str | None = _optional(_optional(data, name, dict) or {}, "kode", str)
    return code


def _day(parent: Mapping[str, Any], name: str) -> str | None:
    """Return a plain date; None for nothing and for the empty text some answers carry."""
    text: str | None = _optional(parent, name, str)
    if not text or not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip()[:10]).isoformat()
    except ValueError:
        raise SourceDrifted(f"Enhetsregisteret: {name} is no date: {text[:40]!r}") from None


def _squeezed(text: str) -> str:
    return " ".join(text.split())
