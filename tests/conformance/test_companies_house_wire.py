"""Companies House's recorded answers, each read as our watcher reads it; and a real company before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from monitor.edge.store import Store
from monitor.model import Customer, Outcome, Record
from monitor.watcher import discover
from tests.replay import Canned, Case, Memory, Replay, Seen, look
from tests.watchers.test_gb_companies_house import told, watched
from watchers.registry import gb_companies_house as ch

WATCHER = discover()["gb_companies_house"]
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}
PROFILES = {
    "profile_08957400_2020.json": ("08957400", "active"),
    "profile_08957400_2023.json": ("08957400", "active"),
    "profile_liquidation_overdue.json": ("00006408", "insolvent"),
}
LISTS = {
    "charges_07310390.json": ("charges", "charges"),
    "filing-history_07310390_dissolved.json": ("filing-history", "filing_history"),
    "insolvency_compulsory-liquidation.json": ("insolvency", "insolvency"),
    "officers_04475590.json": ("officers", "officers"),
    "psc_04053514.json": ("persons-with-significant-control", "persons_with_significant_control"),
}
OTHERS = {
    *("enum_constants.json", "enum_filing_history_descriptions_subset.json", "enum_mortgage_descriptions.json"),
    *("enum_psc_short_descriptions.json", "error_401.json", "error_404_profile.json", "openapi_subset.json"),
    *("psc_super-secure.json", "search-companies_you.json"),
}


@pytest.fixture
def recorded(wire: Path) -> Path:
    return wire / "companies_house"


def test_every_recorded_file_is_looked_at(recorded: Path) -> None:
    assert {path.name for path in recorded.iterdir()} == {*PROFILES, *LISTS, *OTHERS}


async def _look(number: str, answers: Mapping[str, bytes], status: int = 200) -> Seen:
    canned = [Canned(f"/company/{number}{tail}", body, status, JSON) for tail, body in answers.items()]
    at = Case("x", "wire", Path(), "", NOW, None, Customer("c", "C", "GB", {"gb_company": number}), None, (), {}, {})
    async with Replay(canned).serving() as server:
        return await look(WATCHER, at, Memory(), server)


def _bare(profile: Mapping[str, Any], **links: str) -> bytes:
    """Return a profile that offers only these parts."""
    kept = {"links": links, "has_charges": False, "has_insolvency_history": False}
    return orjson.dumps({**profile, **kept})


def _of(seen: Seen, kind: str) -> list[Record]:
    return [record for record in seen.findings.records if record.kind == kind]


@pytest.mark.parametrize(("file", "number", "status"), [(f, n, s) for f, (n, s) in PROFILES.items()])
async def test_a_recorded_profile_is_read_without_a_doubt(recorded: Path, file: str, number: str, status: str) -> None:
    raw = json.loads((recorded / file).read_bytes())

    seen = await _look(number, {"": _bare(raw)})

    [company] = _of(seen, "company")
    assert seen.outcome is Outcome.CHANGED, seen.reason
    assert seen.findings.unknown == ()
    assert (company.fields["name"], company.fields["status"]) == (raw["company_name"], status)
    assert company.fields["founded"] == raw["date_of_creation"]
    assert raw["registered_office_address"]["postal_code"] in company.fields["address"]
    overdue = [r.fields["overdue"] for r in _of(seen, "account") if "overdue" in r.fields]
    assert overdue == [raw["accounts"]["overdue"]]


@pytest.mark.parametrize(("file", "part", "link"), [(f, p, k) for f, (p, k) in LISTS.items()])
async def test_a_recorded_part_is_read_whole(recorded: Path, file: str, part: str, link: str) -> None:
    profile = json.loads((recorded / "profile_08957400_2023.json").read_bytes())
    raw = json.loads((recorded / file).read_bytes())

    answers = {"": _bare(profile, **{link: "there"}), f"/{part}": (recorded / file).read_bytes()}
    seen = await _look("08957400", answers)

    assert seen.outcome is Outcome.CHANGED, seen.reason
    assert seen.findings.unknown == ()
    if part == "filing-history":
        kept = [i for i in raw["items"] if i["category"] in ch._KEPT]
        assert [r.key.partition(":")[2] for r in _of(seen, "filing")] == [i["transaction_id"] for i in kept]
        return
    kind = {"charges": "charge", "insolvency": "insolvency", "officers": "officer"}.get(part, "owner")
    entries = raw["cases"] if part == "insolvency" else raw["items"]
    records = _of(seen, kind)
    assert len(records) == len(entries)
    if kind in ("officer", "owner"):
        assert [r.fields["name"] for r in records] == [" ".join(e["name"].split()) for e in entries]
        assert [r.fields["until"] for r in records] == [e.get("resigned_on") or e.get("ceased_on") for e in entries]
        told_of_people = json.dumps([dict(r.fields) for r in records])
        assert "nationality" not in told_of_people
        assert not any(e["address"].get("postal_code", "-") in told_of_people for e in entries)
    if kind == "charge":
        assert [r.fields["status_raw"] for r in records] == [e["status"] for e in entries]
        assert records[0].fields["number"] == entries[0]["charge_code"]
    if kind == "insolvency":
        assert records[0].fields["dates"] == {"wound_up_on": "1995-01-18", "petitioned_on": "1994-12-12"}


async def test_a_protected_owner_is_read_without_a_name(recorded: Path) -> None:
    profile = json.loads((recorded / "profile_08957400_2023.json").read_bytes())
    owner = orjson.loads((recorded / "psc_super-secure.json").read_bytes())
    parts = orjson.dumps({"items": [owner], "total_results": 1})

    seen = await _look(
        "08957400",
        {"": _bare(profile, persons_with_significant_control="there"), "/persons-with-significant-control": parts},
    )

    [found] = _of(seen, "owner")
    assert (found.fields["name"], found.fields["since"], found.fields["until"]) == (
        "protected person",
        "2023-11-20",
        None,
    )


async def test_an_unknown_number_is_not_listed_and_a_bad_key_is_refused(recorded: Path) -> None:
    nobody = await _look("08957400", {"": (recorded / "error_404_profile.json").read_bytes()}, 404)
    refused = await _look("08957400", {"": (recorded / "error_401.json").read_bytes()}, 401)

    assert nobody.outcome is Outcome.NOT_LISTED
    assert refused.outcome is Outcome.BLOCKED


@pytest.mark.parametrize("file", ["search-companies_you.json", "enum_constants.json", "openapi_subset.json"])
async def test_what_is_no_profile_never_passes_for_one(recorded: Path, file: str) -> None:
    seen = await _look("08957400", {"": (recorded / file).read_bytes()})

    assert seen.outcome is Outcome.DRIFTED


def test_every_official_word_has_a_meaning(recorded: Path) -> None:
    words = json.loads((recorded / "enum_constants.json").read_bytes())
    owners = json.loads((recorded / "enum_psc_short_descriptions.json").read_bytes())
    mortgages = json.loads((recorded / "enum_mortgage_descriptions.json").read_bytes())

    decided = {*ch._STATUS, "liquidation", "insolvency-proceedings"}
    assert set(words["company_status"]) <= decided
    assert set(words["company_status_detail"]) <= ch._DETAILS
    assert set(words["officer_role"]) <= ch._ROLES
    assert {c for c in words["insolvency_case_type"] if not c.startswith(ch._MORATORIUM)} <= set(ch._CASES)
    assert set(words["insolvency_case_date_type"]) <= ch._CASE_DATES
    assert all(ch._NATURES.match(nature) for nature in owners["short_description"])
    assert {s.removesuffix("-partnership") for s in owners["statement_description"]} <= ch._STATEMENTS
    assert set(mortgages["status"]) <= ch._CHARGES


async def test_a_real_company_three_years_later_has_moved_and_filed_and_nothing_else(
    recorded: Path, store: Store, tmp_path: Path
) -> None:
    before, after = (json.loads((recorded / f"profile_08957400_{year}.json").read_bytes()) for year in (2020, 2023))
    # The lists of those years were not recorded, so the profile stands alone.
    server = Replay([Canned("/company/08957400", _bare(before), 200, JSON)])
    async with (
        server.serving(),
        watched(tmp_path, store, server, NOW, number="08957400", name=before["company_name"]) as o,
    ):
        await o.look("gb_companies_house", "kestrel")
        baseline = await told(o)

        server.answers = [Canned("/company/08957400", _bare(after), 200, JSON)]
        await o.look("gb_companies_house", "kestrel", after=timedelta(days=1))
        changed = await told(o)
        again = [await o.look("gb_companies_house", "kestrel", after=timedelta(days=8)) for _ in range(2)]

        assert baseline == []
        assert [type_ for type_, _ in changed] == ["fin.accounts_filed", "reg.address_changed"]
        assert "Maidstone" in dict(changed)["reg.address_changed"]
        assert [seen.outcome for seen in again if seen] == [Outcome.SAME, Outcome.SAME]
        assert await told(o) == changed
