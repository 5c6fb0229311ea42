"""Companies House beyond its cases: what a person hears of a change, and what asking costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from monitor.edge.store import Store
from monitor.model import Customer, Outcome
from monitor.watcher import Ask, NotListed, Watcher, discover
from tests import replay
from tests.house import HandClock, Office
from tests.replay import Canned, Memory, Replay, look
from watchers.registry import gb_companies_house as ch

WATCHER = discover()["gb_companies_house"]
NUMBER = "09876543"
MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass
class Given:
    watcher: Watcher


@asynccontextmanager
async def watched(
    home: Path,
    store: Store,
    server: Replay,
    at: datetime,
    *,
    number: str = NUMBER,
    name: str = "Kestrel Valves Limited",
) -> AsyncIterator[Office]:
    """Watch the one customer through the whole program, against this server."""
    customer = f'{{name: {name}, id: kestrel, country: GB, ids: {{gb_company: "{number}"}}}}'
    given: Any = Given(replace(WATCHER, credentials=()))
    more = f"sources: {{gb_companies_house: {{base_url: '{server.url}', allow_private: true, pace: 0}}}}"
    office = Office(home, store, HandClock(at), (given,), f"version: 1\ncustomers:\n  - {customer}\n", more)
    await office.start()
    try:
        yield office
    finally:
        await office.close()


def answers(name: str) -> list[Canned]:
    return list(replay.case("gb_companies_house", name).answers)


async def told(office: Office, before: int = 0) -> list[tuple[str, str]]:
    """Return the events behind the first `before`, with the date or the words that make each one."""
    found = []
    for one in (await office.events())[before:]:
        facts = one.event.facts
        mark = one.event.occurred_at or facts.get("new") or facts.get("name") or facts.get("code") or ""
        found.append((one.event.type, str(mark)))
    return sorted(found)


async def test_a_bad_winter_is_told_event_by_event_and_a_second_look_adds_nothing(store: Store, tmp_path: Path) -> None:
    async with (
        Replay(answers("first")).serving() as server,
        watched(tmp_path, store, server, MORNING) as o,
    ):
        await o.look("gb_companies_house", "kestrel")
        baseline = len(await o.events())

        server.answers = answers("changed")
        changed = await o.look("gb_companies_house", "kestrel", after=timedelta(days=93))
        winter = await told(o, baseline)
        again = await o.look("gb_companies_house", "kestrel", after=timedelta(days=1))
        full = await o.look("gb_companies_house", "kestrel", after=timedelta(days=8))
        count = len(await o.events())

        server.answers = answers("insolvent")
        await o.look("gb_companies_house", "kestrel", after=timedelta(days=30))
        end = await told(o, count)

    assert baseline == 0
    assert changed is not None and changed.outcome is Outcome.CHANGED
    assert winter == [
        ("fin.accounts_overdue", "2026-12-31"),
        ("fin.charge_registered", "2027-01-08"),
        ("gov.auditor_left", "2027-01-25"),
        ("gov.director_joined", "2027-01-15"),
        ("gov.director_left", "2027-01-15"),
        ("gov.owner_changed", "2027-01-20"),
        ("gov.owner_undisclosed", "2027-01-20"),
        ("reg.address_changed", "Unit 9 Mill Lane, Wakefield, WF1 2ZZ, England"),
        ("reg.strike_off_proposed", "2027-02-02"),
    ]
    assert again is not None and again.outcome is Outcome.SAME
    assert full is not None and full.outcome is Outcome.SAME
    assert count == baseline + len(winter)
    assert end == [("ins.proceeding_opened", "2027-03-03")]


async def test_an_insolvency_long_ended_is_no_alarm_at_the_first_look(store: Store, tmp_path: Path) -> None:
    first, old = answers("first"), answers("insolvent")
    case = next(one for one in old if one.path.endswith("/insolvency"))
    body = orjson.loads(case.body)
    body["cases"][0] |= {
        "type": "corporate-voluntary-arrangement",
        "dates": [
            {"type": "voluntary-arrangement-started-on", "date": "2011-02-01"},
            {"type": "voluntary-arrangement-ended-on", "date": "2013-02-01"},
        ],
    }
    profile = orjson.loads(first[0].body)
    profile["links"]["insolvency"] = "insolvency"
    served = [
        replace(first[0], body=orjson.dumps(profile)),
        replace(case, body=orjson.dumps(body)),
        *first[1:],
    ]
    async with Replay(served).serving() as server, watched(tmp_path, store, server, MORNING) as o:
        await o.look("gb_companies_house", "kestrel")

        assert await told(o) == []


# --------------------------------------------------------------------------- what asking costs


@pytest.mark.parametrize("etags", [True, False], ids=["by_etag", "by_body"])
async def test_an_unchanged_company_costs_one_request_a_part_and_is_read_no_further(etags: bool) -> None:
    _, held, _ = await replay.run(WATCHER, "first")
    at = replay.case("gb_companies_house", "first")

    async with Replay(at.answers, etags=etags).serving() as server:
        seen = await look(WATCHER, at, held, server)

    assert seen.outcome is Outcome.SAME
    assert len(server.asked) == len(at.answers) == len(set(server.asked))


async def test_the_filings_behind_the_newest_page_are_remembered() -> None:
    at = replay.case("gb_companies_house", "first")
    pages = [_filings(range(250, 150, -1), 250), _filings(range(150, 50, -1), 250), _filings(range(50, 0, -1), 250)]
    whole = _with_filings(at, *pages)
    held = Memory()
    async with Replay(whole).serving() as server:
        first = await look(WATCHER, replace(at, answers=tuple(whole)), held, server)
        assert _pages(server) == 3

    new = [_filings(range(251, 151, -1), 251)]
    async with Replay(_with_filings(at, *new)).serving() as server:
        second = await look(WATCHER, at, held, server)
        assert _pages(server) == 1

    assert [seen.outcome for seen in (first, second)] == [Outcome.CHANGED, Outcome.CHANGED]
    ids = [{r.key for r in seen.findings.records if r.kind == "filing"} for seen in (first, second)]
    assert len(ids[0]) == 250
    assert ids[1] - ids[0] == {f"{NUMBER}:T251"}
    assert ids[0] <= ids[1]


def _filings(numbers: range, total: int) -> bytes:
    day = datetime(2020, 1, 1, tzinfo=UTC)
    items = [
        {
            "transaction_id": f"T{n}",
            "type": "GAZ1",
            "date": (day + timedelta(days=n)).date().isoformat(),
            "category": "gazette",
            "description": "gazette-notice-compulsory",
        }
        for n in numbers
    ]
    return orjson.dumps({"items": items, "total_count": total, "start_index": 0, "items_per_page": 100})


def _with_filings(at: replay.Case, *pages: bytes) -> list[Canned]:
    others = [one for one in at.answers if not one.path.endswith("/filing-history")]
    path = f"/company/{NUMBER}/filing-history"
    return others + [Canned(path, body, query={"start_index": str(100 * n)}) for n, body in enumerate(pages)]


def _pages(server: Replay) -> int:
    return sum("/filing-history" in target for target in server.asked)


async def test_a_part_that_fails_costs_only_that_part() -> None:
    at = replay.case("gb_companies_house", "first")
    ill = [replace(a, status=500, body=b"sorry") if a.path.endswith("/charges") else a for a in at.answers]
    held = Memory()

    async with Replay(ill).serving() as server:
        seen = await look(WATCHER, at, held, server)

    assert seen.outcome is Outcome.PARTIAL
    assert seen.reason.startswith("charges: ")
    assert {r.kind for r in seen.findings.records} == {
        "company",
        "account",
        "registration",
        "officer",
        "owner",
        "filing",
    }


# --------------------------------------------------------------------------- words and numbers


@pytest.mark.parametrize(
    ("written", "number"),
    [("445790", "00445790"), ("sc 123456", "SC123456"), ("SC12345", "SC012345"), ("R0000123", "R0000123"), ("ni.012345", "NI012345"), ("IP123R", "IP00123R")],
)  # fmt: skip
def test_a_number_is_asked_in_the_registers_spelling(written: str, number: str) -> None:
    asked = Ask("x", datetime.now(UTC), None, customer=Customer("c", "C", "GB", {"gb_company": written}))  # type: ignore[arg-type]

    assert ch._asked(asked) == number


@pytest.mark.parametrize("written", ["GB123456789012", "hello", "12/34"])
def test_a_number_the_register_cannot_have_is_not_asked(written: str) -> None:
    asked = Ask("x", datetime.now(UTC), None, customer=Customer("c", "C", "GB", {"gb_company": written}))  # type: ignore[arg-type]

    with pytest.raises(NotListed):
        ch._asked(asked)


CVL = {"type": "creditors-voluntary-liquidation", "dates": [{"type": "wound-up-on", "date": "2026-01-05"}]}
MVL = {"type": "members-voluntary-liquidation", "dates": [{"type": "declaration-solvent-on", "date": "2026-01-05"}]}
ENDED = {"type": "in-administration", "dates": [{"type": "administration-ended-on", "date": "2019-01-05"}]}
SOLVENT = ch._Filing("t", "LIQ01", "2026-01-05", "insolvency", "liquidation-voluntary-declaration-of-solvency")
STRUCK = ch._Filing("t", "GAZ2", "2026-01-05", "gazette", "gazette-dissolved-voluntary")


@pytest.mark.parametrize(
    ("said", "cases", "filings", "status"),
    [
        ({"company_status": "liquidation"}, [CVL], [], "insolvent"),
        ({"company_status": "liquidation"}, [MVL], [], "in_liquidation"),
        ({"company_status": "liquidation"}, [ENDED, CVL], [], "insolvent"),
        ({"company_status": "liquidation"}, [], [SOLVENT], "in_liquidation"),
        ({"company_status": "liquidation"}, [], [], "insolvent"),
        ({"company_status": "administration"}, [], [], "in_rescue"),
        ({"company_status": "voluntary-arrangement"}, [], [], "in_rescue"),
        ({"company_status": "receivership"}, [], [], "insolvent"),
        ({"company_status": "active"}, [CVL], [], "insolvent"),
        ({"company_status": "active"}, [ENDED], [], "active"),
        ({"company_status": "active", "accounts": {"last_accounts": {"type": "dormant"}}}, [], [], "dormant"),
        ({"company_status": "active", "company_status_detail": "active-proposal-to-strike-off"}, [], [], "strike_off_pending"),
        ({"company_status": "dissolved"}, [], [STRUCK], "struck_off"),
        ({"company_status": "dissolved"}, [], [SOLVENT], "dissolved"),
        ({"company_status": "converted-closed", "company_status_detail": "transformed-to-se"}, [], [], "merged"),
        ({"company_status": "removed"}, [], [], "dissolved"),
        ({}, [], [], None),
    ],
)  # fmt: skip
def test_the_registers_status_becomes_ours(
    said: dict[str, Any], cases: list[dict[str, Any]], filings: list[ch._Filing], status: str | None
) -> None:
    assert ch._status(said, cases, filings, NUMBER, [])[0] == status


@pytest.mark.parametrize(
    ("natures", "band"),
    [
        (["ownership-of-shares-25-to-50-percent", "voting-rights-75-to-100-percent"], "25-50"),
        (["voting-rights-50-to-75-percent-as-firm"], "50-75"),
        (["right-to-share-surplus-assets-75-to-100-percent-limited-liability-partnership"], "75-100"),
        (["ownership-of-shares-more-than-25-percent-registered-overseas-entity"], "more-than-25"),
        (["significant-influence-or-control"], None),
        ([], None),
    ],
)
def test_shares_count_before_votes(natures: list[str], band: str | None) -> None:
    assert ch._band(natures) == band
