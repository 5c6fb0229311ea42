"""Enhetsregisteret's recorded answers, each served over loopback and checked field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.judge import diff
from monitor.judge.taxonomy import Taxonomy
from monitor.model import Customer, Outcome, Record
from monitor.watcher import discover
from tests.replay import Canned, Case, Memory, Replay, Seen, look
from tests.watchers.test_battery import EVENTS

WATCHER = discover()["no_brreg"]
TAXONOMY = Taxonomy.from_mapping(yaml.safe_load(EVENTS.read_text("utf-8")))
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
EQUINOR = "923609016"
ENTITIES = {
    "enhet_923609016_equinor.json": EQUINOR,
    "enhet_all-fields_konkurs.json": "509100675",
    "enhet_edge_null-address-lines.json": "112233445",
}
DELETED = {"enhet_slettet_410.json": "509100675", "enhet_slettet_old-shape.json": "123456789"}
ROLES = {"roller_923609016_equinor.json", "roller_person_valgtAv.json"}
SEARCHES = {"enheter_search_asa_page1.json", "enheter_search_page2.json", "enheter_search_empty.json"}
# Answers of addresses we do not ask; none of them may pass for an entity.
OTHERS = {"oppdateringer_underenheter.json", "openapi_enhetsregisteret.json"}


async def _look(orgnr: str, unit: bytes, roles: bytes = b"", *, status: int = 200, held: Memory | None = None) -> Seen:
    path = f"/enhetsregisteret/api/enheter/{orgnr}"
    headers = {"Content-Type": "application/json"}
    answers = [Canned(path, unit, status, headers)]
    answers += [Canned(f"{path}/roller", roles, headers=headers)] if roles else []
    customer = Customer("c", "C", "NO", {"no.orgnr": orgnr})
    at = Case("no_brreg", "wire", Path(), "", NOW, None, customer, None, tuple(answers), {}, {})
    async with Replay(answers).serving() as server:
        return await look(WATCHER, at, held or Memory(), server)


def _read(wire: Path, file: str) -> bytes:
    return (wire / "brreg" / file).read_bytes()


def _of(seen: Seen, kind: str) -> list[Record]:
    return [record for record in seen.findings.records if record.kind == kind]


def _events(held: Memory, seen: Seen) -> set[str]:
    found = diff.compare(held.records, seen.findings, mode="state", now=NOW, first=False)
    return {
        named.type
        for change in found.changes
        for named in TAXONOMY.name(change, watcher_family="registry", source="no_brreg", mode="state")
    }


def test_every_recorded_file_is_looked_at(wire: Path) -> None:
    assert {p.name for p in (wire / "brreg").iterdir()} == {*ENTITIES, *DELETED, *ROLES, *SEARCHES, *OTHERS}


@pytest.mark.parametrize(("file", "orgnr"), ENTITIES.items())
async def test_a_recorded_entity_is_read_without_a_doubt(wire: Path, file: str, orgnr: str) -> None:
    raw = json.loads(_read(wire, file))

    seen = await _look(orgnr, _read(wire, file))

    assert seen.outcome is Outcome.CHANGED, seen.reason
    assert seen.findings.unknown == ()
    [company] = _of(seen, "company")
    assert company.fields["name"] == raw["navn"]
    assert company.fields["legal_form"] == raw["organisasjonsform"]["kode"]
    assert company.fields["founded"] == raw["stiftelsesdato"]
    assert company.fields["employees"] == raw["antallAnsatte"]
    assert company.fields["city"] == raw["forretningsadresse"]["poststed"]
    assert company.fields["ids"] == {"no.orgnr": orgnr, "no.mva": f"{orgnr}MVA"}


async def test_equinor_is_read_with_all_its_people(wire: Path) -> None:
    raw = json.loads(_read(wire, "roller_923609016_equinor.json"))
    named = [role for group in raw["rollegrupper"] for role in group["roller"]]

    seen = await _look(
        EQUINOR, _read(wire, "enhet_923609016_equinor.json"), _read(wire, "roller_923609016_equinor.json")
    )

    [company] = _of(seen, "company")
    assert {name: company.fields[name] for name in ("status", "founded", "address", "capital", "website")} == {
        "status": "active",
        "founded": "1972-09-18",
        "address": "Forusbeen 50, 4035 STAVANGER, NO",
        "capital": {"amount": "6392018780", "currency": "NOK"},
        "website": "www.equinor.com",
    }
    officers, auditors = _of(seen, "officer"), _of(seen, "relation")
    assert len(officers) + len(auditors) == len(named)
    assert {officer.fields["role"] for officer in officers} == {
        "managing director",
        "chair of the board",
        "board member",
        "deputy board member",
    }
    assert all(len(officer.fields["born"]) == 7 for officer in officers)
    assert [(one.fields["kind"], one.fields["number"]) for one in auditors] == [("auditor", "976389387")]
    assert _of(seen, "account")[0].fields == {"period": "2024", "overdue": False}


async def test_lines_of_an_address_without_anything_in_them_are_left_out(wire: Path) -> None:
    seen = await _look("112233445", _read(wire, "enhet_edge_null-address-lines.json"))

    [company] = _of(seen, "company")
    assert company.fields["address"] == "Tyvholmen 1, 0101 OSLO, NO"
    assert company.fields["status"] == "active"  # its konkursdato is there, and empty


async def test_with_every_flag_up_the_gravest_counts(wire: Path) -> None:
    seen = await _look("509100675", _read(wire, "enhet_all-fields_konkurs.json"))

    [company] = _of(seen, "company")
    assert (company.fields["status"], company.fields["since"]) == ("insolvent", "2024-01-05")
    assert company.fields["status_raw"] == "konkurs, underTvangsavviklingEllerTvangsopplosning, underAvvikling"
    dates = {record.fields["type"]: record.fields["dates"]["opened"] for record in _of(seen, "insolvency")}
    assert dates == {"konkurs": "2024-01-05", "forced_dissolution": "2024-01-06"}
    assert [record.fields["since"] for record in _of(seen, "statement")] == ["2024-01-01", "2024-01-02"]
    assert _of(seen, "relation")[0].fields["to"] == "376181782"


@pytest.mark.parametrize(("file", "orgnr"), DELETED.items())
@pytest.mark.parametrize("status", [200, 410])
async def test_a_deleted_entity_is_dissolved_whatever_its_status_code(
    wire: Path, file: str, orgnr: str, status: int
) -> None:
    raw = json.loads(_read(wire, file))

    seen = await _look(orgnr, _read(wire, file), status=status)

    [company] = _of(seen, "company")
    assert (company.fields["status"], company.fields["dissolved_on"]) == ("dissolved", raw["slettedato"])
    assert company.fields["name"] == raw["navn"]
    assert seen.findings.complete and seen.findings.unknown == ()


async def test_a_role_somebody_was_elected_to_is_read(wire: Path) -> None:
    unit = json.loads(_read(wire, "enhet_923609016_equinor.json"))

    seen = await _look(EQUINOR, json.dumps(unit).encode(), _read(wire, "roller_person_valgtAv.json"))

    [chair] = _of(seen, "officer")
    assert (chair.fields["name"], chair.fields["born"], chair.fields["role"]) == (
        "Ove Olsen",
        "1981-01",
        "chair of the board",
    )


@pytest.mark.parametrize("file", ["enheter_search_asa_page1.json", "enheter_search_page2.json"])
async def test_each_entity_of_a_recorded_search_is_read(wire: Path, file: str) -> None:
    entities = json.loads(_read(wire, file))["_embedded"]["enheter"]

    for entity in entities:
        seen = await _look(entity["organisasjonsnummer"], json.dumps(entity).encode())
        assert seen.outcome is Outcome.CHANGED, (entity["navn"], seen.reason)
        assert seen.findings.unknown == ()
        assert _of(seen, "company")[0].fields["status"] == "active"


@pytest.mark.parametrize("file", sorted({*SEARCHES, *OTHERS}))
async def test_other_documents_never_pass_for_an_entity(wire: Path, file: str) -> None:
    seen = await _look(EQUINOR, _read(wire, file))

    assert seen.outcome is Outcome.DRIFTED
    assert not seen.findings.records


# --------------------------------------------------------------------------- before and after, made from a recording


@pytest.mark.parametrize(
    ("edit", "events"),
    [
        ({"konkurs": True, "konkursdato": "2026-10-30"}, {"ins.proceeding_opened"}),
        ({"underAvvikling": True, "underAvviklingDato": "2026-10-30"}, {"ins.solvent_windup"}),
        (
            {
                "underTvangsavviklingEllerTvangsopplosning": True,
                "tvangsopplostPgaMangelfulltStyreDato": "2026-10-30",
            },
            {"reg.strike_off_proposed"},
        ),
        ({"navn": "NORSK HYDROGEN ASA"}, {"reg.name_changed"}),
        ({"organisasjonsform": {"kode": "AS", "beskrivelse": "Aksjeselskap"}}, {"reg.restructured"}),
        ({"naeringskode1": {"kode": "68.200", "beskrivelse": "Utleie av egen eiendom"}}, {"reg.activity_changed"}),
        ({"sisteInnsendteAarsregnskap": "2025"}, {"fin.accounts_filed"}),
        ({"registrertIMvaregisteret": False}, {"reg.id_lapsed"}),
        ({"kapital": {"belop": 1000000.5, "valuta": "NOK"}}, {"fin.capital_cut"}),
        ({"_extra": {"nothing": "we know"}}, set()),
    ],
)
async def test_an_edit_of_the_recorded_entity_is_called_by_its_name(
    wire: Path, edit: Mapping[str, Any], events: set[str]
) -> None:
    before, roles = (
        json.loads(_read(wire, "enhet_923609016_equinor.json")),
        _read(wire, "roller_923609016_equinor.json"),
    )
    held = Memory()
    await _look(EQUINOR, json.dumps(before).encode(), roles, held=held)
    known = Memory(dict(held.records))

    seen = await _look(EQUINOR, json.dumps({**before, **edit}).encode(), roles, held=held)

    assert _events(known, seen) == events
