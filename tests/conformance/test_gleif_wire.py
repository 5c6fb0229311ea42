"""GLEIF's recorded answers, each read as our watcher reads it, and checked field by field."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Customer, Outcome, Record
from monitor.watcher import discover
from tests.replay import Canned, Case, Memory, Replay, Seen, look

WATCHER = discover()["gleif"]
TYPE = {"Content-Type": "application/vnd.api+json"}
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)

# Every file, with what it is to us.
RECORDS = {
    "lei-record_GB_SHELL_active-issued.json": "21380068P1DRHMJ8KU70",
    "lei-record_IN_lapsed_sole-proprietor.json": "335800CCCPHKUOXPC332",
    "lei-record_DE_FRAPORT_HRB.json": "5299001ERX0K10IZUL40",
    "lei-record_US-DE_APPLE-ENERGY_event.json": "549300YX4S1LLSMK2627",
    "lei-record_IE_lapsed-fund_null-registeredAs.json": "549300LBI3LRIZ2V8V66",
    "ultimate-parent.json": "HWUPKR0MPOU8FGXBT394",
}
PARTS = {"direct-parent-relationship.json", "reporting-exception_no-known-person.json"}
LISTS = {"direct-children_empty.json", "direct-children_page1_has-RETIRED-INACTIVE.json", "isins_empty.json"}
# Answers of addresses we do not ask; none of them may pass for a company.
OTHERS = {
    "entity-legal-form_10UR.json",
    "field-modifications_ISSUED-to-LAPSED.json",
    "field-modifications_SHELL_rename.json",
    "fields_enums.json",
    "lei-issuer.json",
    "registration-authority_RA000044.json",
}


async def _look(lei: str, answers: dict[str, bytes]) -> Seen:
    canned = tuple(Canned(f"/api/v1/lei-records/{lei}{tail}", body, headers=TYPE) for tail, body in answers.items())
    at = Case("gleif", "wire", Path(), "", NOW, None, Customer("c", "C", "GB", {"lei": lei}), None, canned, {}, {})
    async with Replay(canned).serving() as server:
        return await look(WATCHER, at, Memory(), server)


def _one(seen: Seen, kind: str) -> Record:
    [record] = [r for r in seen.findings.records if r.kind == kind]
    return record


def test_every_recorded_file_is_looked_at(wire: Path) -> None:
    assert {p.name for p in (wire / "gleif").iterdir()} == {*RECORDS, *PARTS, *LISTS, *OTHERS}


@pytest.mark.parametrize(("file", "lei"), RECORDS.items())
async def test_a_recorded_record_is_read_without_a_doubt(wire: Path, file: str, lei: str) -> None:
    seen = await _look(lei, {"": (wire / "gleif" / file).read_bytes()})

    raw = json.loads((wire / "gleif" / file).read_bytes())["data"]["attributes"]
    assert seen.outcome is Outcome.CHANGED, seen.reason
    assert seen.findings.unknown == ()
    company, number = _one(seen, "company"), _one(seen, "registration")
    assert company.fields["name"] == raw["entity"]["legalName"]["name"]
    assert company.fields["status_raw"] == raw["entity"]["status"]
    assert company.fields["country"] == raw["entity"]["legalAddress"]["country"]
    assert company.fields["city"] == raw["entity"]["legalAddress"]["city"]
    assert company.fields["ids"]["lei"] == lei
    assert company.published_at == raw["registration"]["lastUpdateDate"]
    assert number.fields["status_raw"] == raw["registration"]["status"]
    assert number.fields["renew_by"] == raw["registration"]["nextRenewalDate"][:10]
    assert number.fields["conformity"] == raw["conformityFlag"]


async def _company(wire: Path, file: str) -> dict[str, Any]:
    seen = await _look(RECORDS[file], {"": (wire / "gleif" / file).read_bytes()})
    return dict(_one(seen, "company").fields)


async def test_the_british_record_gives_the_register_number_and_the_old_name(wire: Path) -> None:
    company = await _company(wire, "lei-record_GB_SHELL_active-issued.json")

    assert company["ids"]["gb_company"] == "04366849"
    assert company["other_names"] == ["ROYAL DUTCH SHELL PLC"]
    assert company["address"] == "SHELL CENTRE, SE1 7NA LONDON, GB"
    assert (company["legal_form"], company["founded"], company["status"]) == ("B6ES", "2002-02-05", "active")


async def test_a_lapsed_number_leaves_the_company_active(wire: Path) -> None:
    file = "lei-record_IN_lapsed_sole-proprietor.json"
    seen = await _look(RECORDS[file], {"": (wire / "gleif" / file).read_bytes()})

    assert _one(seen, "company").fields["status"] == "active"
    assert _one(seen, "company").fields["founded"] == "2017-07-01"  # a local midnight of India
    assert _one(seen, "registration").fields["status"] == "lapsed"


async def test_a_german_number_keeps_its_blanks_and_its_court(wire: Path) -> None:
    company = await _company(wire, "lei-record_DE_FRAPORT_HRB.json")

    assert company["ids"]["RA000242"] == "HRB 7042"
    assert company["founded"] == "2004-06-07"


async def test_what_a_fund_does_not_state_is_left_out(wire: Path) -> None:
    company = await _company(wire, "lei-record_IE_lapsed-fund_null-registeredAs.json")

    assert set(company["ids"]) == {"lei"}
    assert "founded" not in company
    assert company["legal_form"] == "FUND"


async def test_parents_come_from_their_own_records(wire: Path) -> None:
    folder, file = wire / "gleif", "lei-record_US-DE_APPLE-ENERGY_event.json"
    seen = await _look(
        RECORDS[file],
        {
            "": (folder / file).read_bytes(),
            "/direct-parent-relationship": (folder / "direct-parent-relationship.json").read_bytes(),
            "/ultimate-parent": (folder / "ultimate-parent.json").read_bytes(),
        },
    )

    relations = {r.fields["kind"]: r.fields for r in seen.findings.records if r.kind == "relation"}
    assert seen.findings.complete
    assert relations["direct_parent"]["lei"] == relations["ultimate_parent"]["lei"] == "HWUPKR0MPOU8FGXBT394"
    assert relations["ultimate_parent"]["to"] == "Apple Inc."
    statement = _one(seen, "statement")
    assert statement.fields["code"] == "CHANGE_HQ_ADDRESS"
    assert statement.fields["dates"] == {"effective": "2023-05-09", "recorded": "2023-05-09"}


async def test_a_reporting_exception_is_a_statement(wire: Path) -> None:
    folder, file = wire / "gleif", "lei-record_GB_SHELL_active-issued.json"
    exception = (folder / "reporting-exception_no-known-person.json").read_bytes()

    seen = await _look(
        RECORDS[file], {"": (folder / file).read_bytes(), "/direct-parent-reporting-exception": exception}
    )

    assert _one(seen, "statement").fields["code"] == "NO_KNOWN_PERSON"


async def test_each_company_of_a_list_is_found_in_it(wire: Path) -> None:
    body = (wire / "gleif" / "direct-children_page1_has-RETIRED-INACTIVE.json").read_bytes()
    entries = {e["id"]: e["attributes"] for e in json.loads(body)["data"]}
    assert len(entries) == 15

    for lei, raw in entries.items():
        seen = await _look(lei, {"": body})
        company = _one(seen, "company")
        assert seen.findings.unknown == ()
        assert company.fields["name"] == " ".join(raw["entity"]["legalName"]["name"].split())
        assert company.fields["status"] == {"ACTIVE": "active", "INACTIVE": "dissolved"}[raw["entity"]["status"]]


async def test_the_retired_company_ended_on_the_day_of_its_event(wire: Path) -> None:
    body = (wire / "gleif" / "direct-children_page1_has-RETIRED-INACTIVE.json").read_bytes()

    seen = await _look("222100RB6N1EBY6GMD95", {"": body})

    company = _one(seen, "company").fields
    assert (company["status"], company["dissolved_on"]) == ("dissolved", "2023-08-23")
    assert _one(seen, "registration").fields["status"] == "retired"


@pytest.mark.parametrize("file", ["direct-children_empty.json", "isins_empty.json"])
async def test_an_empty_list_is_not_listed(wire: Path, file: str) -> None:
    seen = await _look("21380068P1DRHMJ8KU70", {"": (wire / "gleif" / file).read_bytes()})

    assert seen.outcome is Outcome.NOT_LISTED


@pytest.mark.parametrize("file", sorted(OTHERS | PARTS))
async def test_an_answer_of_another_kind_is_drift(wire: Path, file: str) -> None:
    seen = await _look("21380068P1DRHMJ8KU70", {"": (wire / "gleif" / file).read_bytes()})

    assert seen.outcome is Outcome.DRIFTED


def test_our_words_are_gleifs(wire: Path) -> None:
    from watchers.registry import gleif

    enums = {one["id"]: set(one["enum"]) for one in json.loads((wire / "gleif" / "fields_enums.json").read_bytes())}

    assert enums["LEIREC_ENTITY_STATUS"] == {"ACTIVE", "INACTIVE", "NULL"}
    assert enums["LEIREC_REGISTRATION_STATUS"] == gleif._REGISTRATION
    assert enums["LEIREC_POLICY_CONFORMITY_FLAG"] == gleif._CONFORMITY
    assert enums["LEIREC_OTHER_NAME_TYPE"] == gleif._OTHER_NAMES
    assert {gleif._MISSPELT.get(word, word) for word in enums["REPEX_REASON"]} == gleif._EXCEPTIONS
