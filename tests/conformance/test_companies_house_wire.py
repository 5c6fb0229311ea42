"""Companies House's recorded answers, each read as our watcher reads it; and a real company before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
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
        kept = [i for i in raw["items"] if i["category"] in ch._KEPT or "liquidation" in str(i.get("resolutions"))]
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
    assert set(words["company_type"]) <= ch._TYPES
    assert set(words["account_type"]) <= ch._ACCOUNTS
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


def test_every_official_insolvency_and_gazette_filing_is_a_known_word(recorded: Path) -> None:
    words = json.loads((recorded / "enum_filing_history_descriptions_subset.json").read_bytes())

    for word in words:
        category = "gazette" if word.startswith(("gazette", "dissolved")) else "insolvency"
        if word.startswith(("gazette", "dissolved", "liquidation")):
            signals = ch._signals(ch._Filing("t", "F", "2026-11-01", category, word), ())
            assert not any(signal.event.endswith("unclassified") for signal in signals), word
        if "appointment-of-administrator" in word and "replacement" not in word:
            assert [signal.event for signal in signals] == ["ins.rescue_opened"], word


# --------------------------------------------------------------------------- a company before and after


@dataclass(frozen=True)
class Day:
    """What the register says on one day: a recorded profile under the company's number, and its recorded parts."""

    profile: Mapping[str, Any]
    parts: Mapping[str, Any] = field(default_factory=dict)  # profile link -> document

    def answers(self) -> list[Canned]:
        number = self.profile["company_number"]
        paths = {link: f"/company/{number}/{link.replace('_', '-')}" for link in self.parts}
        shown = {**self.profile, "links": {"self": f"/company/{number}", **paths}}
        documents = {f"/company/{number}": shown, **{paths[link]: said for link, said in self.parts.items()}}
        return [Canned(path, orjson.dumps(said), 200, JSON) for path, said in documents.items()]


async def _days(store: Store, home: Path, *days: Day) -> list[list[tuple[str, str]]]:
    """Look at each day through the whole program, then twice more at the last; return what each look told anew."""
    server = Replay(days[0].answers())
    number, name = days[0].profile["company_number"], days[0].profile["company_name"]
    async with server.serving(), watched(home, store, server, NOW, number=number, name=name) as office:
        found: list[list[tuple[str, str]]] = []
        for day in (*days, days[-1], days[-1]):
            count = len(await office.events())
            server.answers = day.answers()
            seen = await office.look("gb_companies_house", "kestrel", after=timedelta(days=8 if found else 0))
            assert seen is not None and seen.outcome.good, seen
            found.append(await told(office, count))
        assert found[-2:] == [[], []], "a second look tells nothing"
        return found[:-2]


def _said(folder: Path, file: str, **fields: Any) -> dict[str, Any]:
    return {**json.loads((folder / file).read_bytes()), **fields}


def _active(folder: Path, number: str, **fields: Any) -> dict[str, Any]:
    return _said(folder, "profile_08957400_2023.json", company_number=number, **fields)


def _list(document: Mapping[str, Any], items: list[Any], total: str = "total_results") -> dict[str, Any]:
    return {**document, "items": items, total: len(items)}


async def test_directors_of_a_real_company_came_and_went(recorded: Path, store: Store, tmp_path: Path) -> None:
    after = _said(recorded, "officers_04475590.json")
    before = [deepcopy(one) for one in after["items"] if one.get("appointed_on") != "2017-09-02"]
    for one in before:
        if one.get("resigned_on") == "2017-09-01":
            del one["resigned_on"]
    profile = _active(recorded, "04475590")

    baseline, news = await _days(
        store, tmp_path, Day(profile, {"officers": _list(after, before)}), Day(profile, {"officers": after})
    )

    assert baseline == []
    assert news == [("gov.director_joined", "2017-09-02"), ("gov.director_left", "2017-09-01")]


async def test_owners_of_a_real_charity_gave_way_to_a_company(recorded: Path, store: Store, tmp_path: Path) -> None:
    after = _said(recorded, "psc_04053514.json")
    before = [{k: v for k, v in one.items() if k != "ceased_on"} for one in after["items"][:4]]
    profile, link = _active(recorded, "04053514"), "persons_with_significant_control"

    baseline, news = await _days(
        store, tmp_path, Day(profile, {link: _list(after, before)}), Day(profile, {link: after})
    )

    assert baseline == []
    assert news == [("gov.owner_changed", "2016-04-06")] * 5


async def test_a_real_company_pledges_again_and_pays_off_an_old_charge(
    recorded: Path, store: Store, tmp_path: Path
) -> None:
    # The stream tells how a charge looks once it is satisfied.
    streamed = (recorded.parent / "companies_house_streaming" / "charges.ndjson").read_bytes()
    satisfied = json.loads(streamed)["data"]
    outstanding = {k: v for k, v in satisfied.items() if k != "satisfied_on"} | {"status": "outstanding"}
    charges = _said(recorded, "charges_07310390.json")
    before = _list(charges, [*charges["items"][1:], outstanding], "total_count")
    after = _list(charges, [*charges["items"], satisfied], "total_count")
    profile = _active(recorded, "07310390", has_charges=True)

    baseline, news = await _days(store, tmp_path, Day(profile, {"charges": before}), Day(profile, {"charges": after}))

    assert baseline == []
    assert news == [("fin.charge_registered", "2015-12-18"), ("fin.charge_registered", "2022-11-15")]


async def test_a_real_winding_up_order_is_one_event_beside_what_is_late(
    recorded: Path, store: Store, tmp_path: Path
) -> None:
    wound_up = _said(recorded, "profile_liquidation_overdue.json")
    active = {**deepcopy(wound_up), "company_status": "active", "has_insolvency_history": False}
    cases = _said(recorded, "insolvency_compulsory-liquidation.json")

    baseline, news = await _days(store, tmp_path, Day(active), Day(wound_up, {"insolvency": cases}))

    assert baseline == [("fin.accounts_overdue", "2022-03-18"), ("fin.accounts_overdue", "2022-09-30")]
    assert news == [("ins.proceeding_opened", "1995-01-18")]


async def test_the_real_end_of_a_company_is_told_step_by_step(recorded: Path, store: Store, tmp_path: Path) -> None:
    whole = _said(recorded, "filing-history_07310390_dissolved.json")

    def until(day: str) -> dict[str, Any]:
        return _list(whole, [one for one in whole["items"] if one["date"] <= day], "total_count")

    def cases(**dates: str) -> dict[str, Any]:
        days = [{"type": name.replace("_", "-"), "date": day} for name, day in dates.items()]
        return {
            "cases": [{"type": "creditors-voluntary-liquidation", "number": "1", "practitioners": [], "dates": days}]
        }

    active, winding = _active(recorded, "07310390"), _active(recorded, "07310390", company_status="liquidation")
    gone = _active(recorded, "07310390", company_status="dissolved", date_of_cessation="2019-01-03")
    opened = cases(wound_up_on="2016-05-26")
    ended = cases(wound_up_on="2016-05-26", concluded_winding_up_on="2018-09-20")

    steps = await _days(
        store,
        tmp_path,
        Day(active, {"filing_history": until("2016-05-01")}),
        Day(winding, {"filing_history": until("2016-06-30"), "insolvency": opened}),
        Day(winding, {"filing_history": until("2018-08-31"), "insolvency": opened}),
        Day(winding, {"filing_history": until("2018-12-31"), "insolvency": ended}),
        Day(gone, {"filing_history": whole, "insolvency": ended}),
    )

    assert steps == [
        [],
        [("ins.proceeding_opened", "2016-05-26")],
        [],
        [("ins.ended", "2018-09-20")],
        [("reg.dissolved", "2019-01-03")],
    ]


async def test_each_streamed_resource_is_read_where_its_list_would_hold_it(recorded: Path) -> None:
    folder = recorded.parent / "companies_house_streaming"

    def event(file: str) -> dict[str, Any]:
        [line] = [line for line in (folder / file).read_text("utf-8").splitlines() if line.strip()]
        return dict(json.loads(line)["data"])

    parts = {
        "charges": {"items": [event("charges.ndjson")], "total_count": 1},
        "officers": {"items": [event("officers.ndjson")], "total_results": 1},
        "persons_with_significant_control": {
            "items": [
                event("persons-with-significant-control.ndjson"),
                event("psc_overseas-entity_with-heartbeats.ndjson"),
            ],
            "total_results": 2,
        },
        "filing_history": {"items": [event("filings.ndjson")], "total_count": 1},
    }
    day = Day(event("companies.ndjson"), parts)
    number = day.profile["company_number"]
    seen = await _look(number, {one.path.removeprefix(f"/company/{number}"): one.body for one in day.answers()})

    assert seen.outcome is Outcome.CHANGED, seen.reason
    assert seen.findings.unknown == ()
    [charge], [officer], owners = _of(seen, "charge"), _of(seen, "officer"), _of(seen, "owner")
    assert (charge.fields["status_raw"], charge.fields["satisfied_on"]) == ("fully-satisfied", "2022-11-15")
    assert (officer.fields["name"], officer.fields["until"], officer.fields["born"]) == (
        "DUKE, Michael",
        "2019-01-25",
        "1959-08",
    )
    assert [one.fields["share_band"] for one in owners] == ["75-100", "more-than-25"]


async def test_the_recorded_accounts_that_are_due_are_read(recorded: Path) -> None:
    raw = json.loads((recorded.parent / "companies_house_accounts" / "06070408_accounts_due.subset.json").read_bytes())

    seen = await _look("06070408", {"": orjson.dumps(raw)})

    accounts = {record.key: record.fields for record in _of(seen, "account")}
    assert accounts["06070408:next"]["due"] == "2027-09-30"
    assert accounts["06070408:last"]["type"] == "total-exemption-full"
