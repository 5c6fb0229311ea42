"""Companies House beyond its cases: what a person hears of a change, and what asking costs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from monitor.app import wiring
from monitor.edge.store import Store
from monitor.judge import diff
from monitor.judge.taxonomy import event_key, spell_name
from monitor.model import Customer, Outcome
from monitor.watcher import Ask, NotListed, Watcher, discover
from tests import replay
from tests.house import HandClock, Office
from tests.replay import Canned, Case, Memory, Replay, look
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
OLD = {"type": "receiver-manager", "dates": [{"type": "instrumented-on", "date": "1998-03-02"}]}
PETITION = {"type": "compulsory-liquidation", "dates": [{"type": "petitioned-on", "date": "2026-10-05"}]}
SOLVENT = ch._Filing("t", "LIQ01", "2026-01-05", "insolvency", "liquidation-voluntary-declaration-of-solvency")
PROGRESS = ch._Filing(
    "t", "LIQ03", "2026-09-05", "insolvency", "liquidation-voluntary-statement-of-receipts-and-payments"
)
STRUCK = ch._Filing("t", "GAZ2", "2026-01-05", "gazette", "gazette-dissolved-voluntary")


@pytest.mark.parametrize(
    ("said", "cases", "filings", "status"),
    [
        ({"company_status": "liquidation"}, [CVL], [], "insolvent"),
        ({"company_status": "liquidation"}, [MVL], [], "in_liquidation"),
        ({"company_status": "liquidation"}, [ENDED, CVL], [], "insolvent"),
        ({"company_status": "liquidation"}, [], [SOLVENT], "in_liquidation"),
        ({"company_status": "liquidation"}, [], [PROGRESS, SOLVENT], "in_liquidation"),
        ({"company_status": "liquidation"}, [OLD], [PROGRESS, SOLVENT], "in_liquidation"),
        ({"company_status": "liquidation"}, [], [], "insolvent"),
        ({"company_status": "administration"}, [], [], "in_rescue"),
        ({"company_status": "voluntary-arrangement"}, [], [], "in_rescue"),
        ({"company_status": "receivership"}, [], [], "insolvent"),
        ({"company_status": "active"}, [CVL], [], "insolvent"),
        ({"company_status": "active"}, [OLD], [], "active"),
        ({"company_status": "active"}, [PETITION], [], "active"),
        ({"company_status": "insolvency-proceedings"}, [], [], "insolvent"),
        ({"company_status": "converted-closed", "company_status_detail": "converted-to-ukeig"}, [], [], "merged"),
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
    assert ch._status(said, cases, filings, NUMBER, [], date(2026, 11, 2))[0] == status


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


# --------------------------------------------------------------------------- what becomes of a company, step by step

PROFILE: Mapping[str, Any] = orjson.loads(answers("first")[0].body)
FOUNDED = {"transaction_id": "T0", "type": "NEWINC", "date": "2009-04-14", "category": "incorporation"}
JSON = {"Content-Type": "application/json"}


def profile(**fields: Any) -> dict[str, Any]:
    """Return the profile of the first case with other fields, and nothing beside it."""
    links = {"self": f"/company/{NUMBER}", "filing_history": "there"}
    return {**deepcopy(dict(PROFILE)), "has_charges": False, "links": links, **fields}


def case(kind: str, number: str = "1", **dates: str) -> dict[str, Any]:
    days = [{"type": name.replace("_", "-"), "date": day} for name, day in dates.items()]
    return {"type": kind, "number": number, "practitioners": [], "dates": days}


def filing(day: str, form: str, code: str, category: str, **values: Any) -> dict[str, Any]:
    return {
        **{"transaction_id": f"{form}{day}", "date": day, "type": form, "description": code, "category": category},
        "description_values": values,
    }


@dataclass(frozen=True)
class Register:
    """What the register says of the company on one day."""

    profile: Mapping[str, Any]
    cases: tuple[Mapping[str, Any], ...] = ()
    filings: tuple[Mapping[str, Any], ...] = ()  # oldest first, behind the foundation
    more: tuple[Canned, ...] = ()

    def answers(self) -> tuple[Canned, ...]:
        shown = deepcopy(dict(self.profile))
        if self.cases:
            shown["links"]["insolvency"] = "there"
        filed = [*reversed(self.filings), FOUNDED]
        parts: dict[str, Any] = {
            "": shown,
            "/insolvency": {"cases": self.cases},
            "/filing-history": {"items": filed, "total_count": len(filed)},
        }
        own = f"/company/{NUMBER}"
        return (*self.more, *(Canned(own + at, json.dumps(said).encode(), 200, JSON) for at, said in parts.items()))


class Story:
    """Looks at the register day by day, and says what is new: (event, day), each once."""

    def __init__(self) -> None:
        self.held = Memory()
        self.taxonomy = wiring.rules().taxonomy
        self.spells: Counter[str] = Counter()
        self.known: set[str] = set()

    async def tell(self, register: Register, now: datetime = MORNING) -> list[tuple[str, str | None]]:
        before, first = dict(self.held.records), not self.held.looked
        served = register.answers()
        at = Case(
            "x", "story", Path(), "", now, None, Customer("c", "C", "GB", {"gb_company": NUMBER}), None, served, {}, {}
        )
        async with Replay(served).serving() as server:
            seen = await look(WATCHER, at, self.held, server)
        assert seen.outcome.good, seen.reason
        changes = diff.compare(before, seen.findings, mode="state", now=now, first=first).changes
        self.spells.update(spell_name(*left) for change in changes for left in self.taxonomy.left(change))
        told = []
        for change in changes:
            for named in self.taxonomy.name(
                change, watcher_family="registry", source="x", mode="state", unknown=seen.findings.unknown
            ):
                key = event_key(named, "c", self.spells[spell_name(named.type, named.natural_key)])
                if key not in self.known:
                    self.known.add(key)
                    told.append((named.type, named.occurred_at))
        return sorted(told, key=str)


async def test_a_liquidation_from_its_case_to_the_end_is_told_once_a_step() -> None:
    story, kind = Story(), "creditors-voluntary-liquidation"
    opened, ended = (
        case(kind, wound_up_on="2026-11-03"),
        case(kind, wound_up_on="2026-11-03", concluded_winding_up_on="2027-08-01"),
    )
    winding = profile(company_status="liquidation")
    gone = profile(company_status="dissolved", date_of_cessation="2027-11-01")

    assert await story.tell(Register(profile())) == []
    assert await story.tell(Register(winding, (opened,))) == [("ins.proceeding_opened", "2026-11-03")]
    assert await story.tell(Register(winding, (opened,))) == []
    assert await story.tell(Register(winding, (ended,))) == [("ins.ended", "2027-08-01")]
    assert await story.tell(Register(gone, (ended,))) == [("reg.dissolved", "2027-11-01")]


async def test_a_rescue_that_fails_is_a_conversion_and_no_second_opening() -> None:
    story = Story()
    rescue = case("in-administration", administration_started_on="2026-11-01")
    over = case("in-administration", administration_started_on="2026-11-01", administration_ended_on="2026-11-20")
    winding = case("creditors-voluntary-liquidation", "2", wound_up_on="2026-11-20")

    await story.tell(Register(profile()))
    begun = await story.tell(Register(profile(company_status="administration"), (rescue,)))
    turned = await story.tell(Register(profile(company_status="liquidation"), (over, winding)))

    assert begun == [("ins.rescue_opened", "2026-11-01")]
    assert turned == [("ins.converted", "2026-11-20")]


async def test_a_rescue_that_ends_well_is_one_event() -> None:
    story = Story()
    begun = case("in-administration", administration_started_on="2026-06-01")
    over = case("in-administration", administration_started_on="2026-06-01", administration_ended_on="2026-11-20")

    at_first = await story.tell(Register(profile(company_status="administration"), (begun,)))
    saved = await story.tell(Register(profile(), (over,)))

    assert at_first == [("ins.rescue_opened", "2026-06-01")]
    assert saved == [("ins.ended", "2026-11-20")]


async def test_a_petition_is_no_order_and_the_order_is_told_when_it_comes() -> None:
    story = Story()
    asked = case("compulsory-liquidation", petitioned_on="2026-11-01")
    ordered = case("compulsory-liquidation", petitioned_on="2026-11-01", wound_up_on="2026-11-30")

    await story.tell(Register(profile()))
    first = await story.tell(Register(profile(), (asked,)))
    then = await story.tell(Register(profile(company_status="liquidation"), (ordered,)))

    assert first == [("ins.petition_filed", "2026-11-01")]
    assert then == [("ins.proceeding_opened", "2026-11-30")]


@pytest.mark.parametrize(
    ("kind", "dates"),
    [
        ("corporate-voluntary-arrangement", {"voluntary_arrangement_started_on": "2010-11-01", "voluntary_arrangement_ended_on": "2012-11-20"}),
        ("receiver-manager", {"instrumented_on": "1998-03-02"}),  # the register never hears when a receiver leaves
    ],
)  # fmt: skip
async def test_an_old_case_of_a_company_that_trades_is_no_alarm(kind: str, dates: dict[str, str]) -> None:
    assert await Story().tell(Register(profile(), (case(kind, **dates),))) == []


async def test_a_liquidation_is_told_although_an_old_receiver_never_left() -> None:
    story, old = Story(), (case("receiver-manager", instrumented_on="1998-03-02"),)

    await story.tell(Register(profile(), old))

    assert await story.tell(Register(profile(company_status="liquidation"), old)) == [("ins.proceeding_opened", None)]


STATUSES = {
    "liquidation": "ins.proceeding_opened",
    "insolvency-proceedings": "ins.proceeding_opened",
    "administration": "ins.rescue_opened",
    "voluntary-arrangement": "ins.rescue_opened",
    "receivership": "ins.receiver_appointed",
    "dissolved": "reg.dissolved",
    "closed": "reg.dissolved",
    "removed": "reg.dissolved",
    "converted-closed": "reg.dissolved",
}


@pytest.mark.parametrize(("status", "event"), STATUSES.items())
async def test_a_status_alone_is_one_event_and_an_end_of_it_another(status: str, event: str) -> None:
    story = Story()

    await story.tell(Register(profile()))
    fallen = await story.tell(Register(profile(company_status=status)))
    back = await story.tell(Register(profile()))

    assert [type_ for type_, _ in fallen] == [event]
    assert [type_ for type_, _ in back] == ["reg.revived" if event == "reg.dissolved" else "ins.ended"]


CASES = {
    "compulsory-liquidation": ("liquidation", "ins.proceeding_opened", "wound_up_on"),
    "creditors-voluntary-liquidation": ("liquidation", "ins.proceeding_opened", "wound_up_on"),
    "members-voluntary-liquidation": ("liquidation", "ins.solvent_windup", "declaration_solvent_on"),
    "in-administration": ("administration", "ins.rescue_opened", "administration_started_on"),
    "administration-order": ("administration", "ins.rescue_opened", "administration_started_on"),
    "corporate-voluntary-arrangement": (
        "voluntary-arrangement",
        "ins.rescue_opened",
        "voluntary_arrangement_started_on",
    ),
    "corporate-voluntary-arrangement-moratorium": ("active", "ins.rescue_opened", "moratorium_started_on"),
    "moratorium": ("active", "ins.rescue_opened", "moratorium_started_on"),
    "liquidation-moratorium-commencement-of-moratorium": ("active", "ins.rescue_opened", "moratorium_started_on"),
    "order-of-court-restructuring-plan": ("active", "ins.rescue_opened", "voluntary_arrangement_started_on"),
    "administrative-receiver": ("receivership", "ins.receiver_appointed", "instrumented_on"),
    "scottish-administrative-receiver": ("receivership", "ins.receiver_appointed", "instrumented_on"),
    "receiver-manager": ("receivership", "ins.receiver_appointed", "instrumented_on"),
    "receivership": ("receivership", "ins.receiver_appointed", "instrumented_on"),
    "foreign-insolvency": ("insolvency-proceedings", "ins.proceeding_opened", "wound_up_on"),
}


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("first", [True, False], ids=["at_first", "later"])
async def test_every_kind_of_case_is_one_event_with_its_day(kind: str, first: bool) -> None:
    story, (status, event, day) = Story(), CASES[kind]

    if not first:
        assert await story.tell(Register(profile())) == []
    found = await story.tell(Register(profile(company_status=status), (case(kind, **{day: "2026-11-01"}),)))

    assert found == [(event, "2026-11-01")]


@pytest.mark.parametrize(
    ("status", "form", "code", "event"),
    [
        ("liquidation", "COCOMP", "liquidation-compulsory-winding-up-order", "ins.proceeding_opened"),
        ("liquidation", "LIQ01", "liquidation-voluntary-declaration-of-solvency", "ins.solvent_windup"),
        ("administration", "AM01", "liquidation-in-administration-appointment-of-administrator", "ins.rescue_opened"),
        ("voluntary-arrangement", "CVA1", "liquidation-voluntary-arrangement-meeting-approving-companies-voluntary-arrangement", "ins.rescue_opened"),
        ("receivership", "RM01", "liquidation-receiver-appointment-of-receiver", "ins.receiver_appointed"),
        ("active", "AM01", "liquidation-in-administration-appointment-of-administrator", "ins.rescue_opened"),
        ("active", "OC-RP", "order-of-court-restructuring-plan", "ins.rescue_opened"),
    ],
)  # fmt: skip
async def test_a_filing_without_a_case_tells_of_the_insolvency_once(
    status: str, form: str, code: str, event: str
) -> None:
    story = Story()

    await story.tell(Register(profile()))
    found = await story.tell(
        Register(profile(company_status=status), (), (filing("2026-11-01", form, code, "insolvency"),))
    )

    assert found == [(event, "2026-11-01")]


async def test_a_filing_says_nothing_that_its_case_says() -> None:
    story = Story()
    papers = (
        filing("2026-11-02", "AM01", "liquidation-in-administration-appointment-of-administrator", "insolvency"),
        filing("2026-11-02", "AM02", "liquidation-in-administration-statement-of-affairs", "insolvency"),
        filing("2026-11-02", "AM03", "liquidation-in-administration-proposals", "insolvency"),
    )
    rescue = case("in-administration", administration_started_on="2026-10-30")

    await story.tell(Register(profile()))
    found = await story.tell(Register(profile(company_status="administration"), (rescue,), papers))

    assert found == [("ins.rescue_opened", "2026-10-30")]


async def test_the_ways_of_a_strike_off_are_told_with_their_days() -> None:
    story = Story()
    active, pending = profile(), profile(company_status_detail="active-proposal-to-strike-off")
    gone = profile(company_status="dissolved", date_of_cessation="2027-03-10")
    steps: list[tuple[dict[str, Any], str, str, str, str, str]] = [
        (active, "2026-11-02", "DS01", "dissolution-application-strike-off-company", "dissolution", "reg.strike_off_proposed"),
        (pending, "2026-11-10", "GAZ1(A)", "gazette-notice-voluntary", "gazette", ""),
        (pending, "2026-11-15", "SOAS(A)", "dissolution-voluntary-strike-off-suspended", "dissolution", "reg.revived"),
        (active, "2026-11-20", "DS02", "dissolution-withdrawal-application-strike-off-company", "dissolution", "reg.revived"),
        (pending, "2026-12-20", "GAZ1", "gazette-notice-compulsory", "gazette", "reg.strike_off_proposed"),
        (pending, "2026-12-22", "DISS16(SOAS)", "dissolved-compulsory-strike-off-suspended", "gazette", "reg.revived"),
        (active, "2027-01-22", "DISS40", "gazette-filings-brought-up-to-date", "gazette", "reg.revived"),
        (gone, "2027-03-10", "GAZ2", "gazette-dissolved-compulsory", "gazette", "reg.dissolved"),
        (active, "2027-06-10", "AC92", "restoration-order-of-court", "restoration", "reg.revived"),
    ]  # fmt: skip
    papers: list[dict[str, Any]] = []
    assert await story.tell(Register(active)) == []

    for shown, day, form, code, category, event in steps:
        papers.append(filing(day, form, code, category))
        found = await story.tell(Register(shown, (), tuple(papers)), datetime.fromisoformat(f"{day}T12:00:00+00:00"))

        assert (form, found) == (form, [(event, day)] if event else [])


@pytest.mark.parametrize(
    ("form", "code", "category", "event"),
    [
        ("AUD", "auditors-resignation-company", "auditors", "gov.auditor_left"),
        ("AUD", "auditors-statement", "auditors", None),
        ("SH19", "capital-statement-capital-company-with-date-currency-figure", "capital", "fin.capital_cut"),
        ("SH01", "capital-allotment-shares", "capital", None),
        ("AAMD", "accounts-amended-with-accounts-type-total-exemption-full", "accounts", "fin.accounts_filed"),
        ("AA", "accounts-with-accounts-type-total-exemption-full", "accounts", None),  # the profile tells
        ("RP07", "default-companies-house-registered-office-address-applied", "address", "reg.address_defaulted"),
        ("TM01", "termination-director-company-with-name-termination-date", "officers", None),  # the officers tell
        ("LIQ03", "liquidation-voluntary-statement-of-receipts-and-payments", "insolvency", None),
        ("WU06", "liquidation-court-order-to-rescind-winding-up", "insolvency", "ins.reversed"),
        ("XX99", "insolvency-by-moonlight", "insolvency", "ins.unclassified"),
        ("XX98", "gazette-of-moonlight", "gazette", "reg.unclassified"),
    ],
)
async def test_a_filing_is_named_where_nothing_else_shows_it(
    form: str, code: str, category: str, event: str | None
) -> None:
    story = Story()

    await story.tell(Register(profile()))
    new = filing("2026-11-01", form, code, category, made_up_date="2023-03-31", currency="GBP", figure="1")
    found = await story.tell(Register(profile(), (), (new,)))

    assert found == ([(event, "2026-11-01")] if event else [])


async def test_late_accounts_and_a_late_confirmation_are_told_and_so_are_the_next_ones() -> None:
    story, late = Story(), profile()
    late["accounts"]["next_accounts"]["overdue"] = late["accounts"]["overdue"] = True
    unconfirmed = deepcopy(late)
    unconfirmed["confirmation_statement"]["overdue"] = True
    later = deepcopy(unconfirmed)
    later["accounts"]["last_accounts"] |= {
        "made_up_to": "2026-03-31",
        "period_end_on": "2026-03-31",
        "type": "micro-entity",
    }
    later["accounts"]["next_accounts"] |= {"due_on": "2027-12-31", "period_end_on": "2027-03-31"}

    assert await story.tell(Register(profile())) == []
    assert await story.tell(Register(late)) == [("fin.accounts_overdue", "2026-12-31")]
    assert await story.tell(Register(unconfirmed)) == [("fin.accounts_overdue", "2027-04-28")]
    assert [type_ for type_, _ in await story.tell(Register(later))] == [
        "fin.accounts_filed", "fin.accounts_overdue", "fin.disclosure_shrunk",
    ]  # fmt: skip


async def test_new_words_are_kept_named_and_reported() -> None:
    story, strange = Story(), profile(company_status_detail="being-transmuted")
    strange["accounts"]["last_accounts"]["type"] = "poetic"

    await story.tell(Register(profile()))
    found = await story.tell(Register(strange))

    assert [type_ for type_, _ in found] == ["fin.unclassified", "reg.unclassified"]
    kept = story.held.records["company", NUMBER].record.fields
    assert (kept["status"], kept["status_detail"], kept["status_detail_raw"]) == (
        "active",
        "unknown",
        "being-transmuted",
    )


@pytest.mark.parametrize(("kind", "outcome"), [("ltd", Outcome.DRIFTED), ("royal-charter", Outcome.CHANGED)])
async def test_a_company_without_a_status_is_drift_where_there_must_be_one(kind: str, outcome: Outcome) -> None:
    shown = {name: value for name, value in profile(type=kind).items() if name != "company_status"}

    assert (await _seen(Register(shown))).outcome is outcome


# --------------------------------------------------------------------------- what is there, and what is not


async def _seen(register: Register) -> replay.Seen:
    served = register.answers()
    at = Case(
        "x", "one", Path(), "", MORNING, None, Customer("c", "C", "GB", {"gb_company": NUMBER}), None, served, {}, {}
    )
    async with Replay(served).serving() as server:
        return await look(WATCHER, at, Memory(), server)


@pytest.mark.parametrize("part", ["persons-with-significant-control", "officers", "charges"])
async def test_a_part_in_which_the_register_has_nothing_is_empty_not_broken(part: str) -> None:
    shown = profile()
    shown["links"][part.replace("-", "_")] = "there"  # it names people of companies that have none on file

    seen = await _seen(Register(shown, more=(Canned(f"/company/{NUMBER}/{part}", b"{}", 404, JSON),)))

    assert seen.outcome is Outcome.CHANGED, seen.reason


@pytest.mark.parametrize("answer", [Canned("", b"sorry", 503), Canned("", b"{}", 404, JSON)], ids=["down", "missing"])
async def test_without_its_promised_cases_no_liquidation_is_judged_by_a_guess(answer: Canned) -> None:
    solvent = case("members-voluntary-liquidation", declaration_solvent_on="2026-10-30")
    winding = profile(company_status="liquidation", has_insolvency_history=True)

    seen = await _seen(Register(winding, (solvent,), more=(replace(answer, path=f"/company/{NUMBER}/insolvency"),)))

    assert seen.outcome is Outcome.PARTIAL
    status = [one.fields["status"] for one in seen.findings.records if one.kind == "company"]
    assert status == ([] if answer.status == 503 else ["insolvent"])


async def test_a_page_that_repeats_an_earlier_one_makes_the_look_partial() -> None:
    shown = profile()
    shown["links"]["officers"] = "there"
    one = next(orjson.loads(a.body) for a in answers("first") if a.path.endswith("/officers"))
    body = orjson.dumps({**one, "total_results": 2 * len(one["items"])})

    seen = await _seen(Register(shown, more=(Canned(f"/company/{NUMBER}/officers", body, 200, JSON),)))

    assert seen.outcome is Outcome.PARTIAL
    assert "repeats" in seen.reason


async def test_pages_that_state_different_totals_make_the_look_partial() -> None:
    shown, path = profile(), f"/company/{NUMBER}/officers"
    shown["links"]["officers"] = "there"
    one = next(orjson.loads(a.body) for a in answers("first") if a.path.endswith("/officers"))
    pages = [
        Canned(
            path, orjson.dumps({**one, "items": [item], "total_results": total}), 200, JSON, {"start_index": str(at)}
        )
        for at, (item, total) in enumerate(zip(one["items"], (2, 1), strict=False))
    ]

    seen = await _seen(Register(shown, more=tuple(pages)))

    assert seen.outcome is Outcome.PARTIAL
    assert "2 of 1 or 2 entries" in seen.reason


async def test_a_page_of_a_gateway_is_no_word_of_the_register() -> None:
    gateway = Canned(f"/company/{NUMBER}", b"<html>Not Found</html>", 404, {"Content-Type": "text/html"})

    seen = await _seen(Register(profile(), more=(gateway,)))

    assert seen.outcome is Outcome.DOWN


async def test_what_the_register_had_not_is_no_reason_to_read_all_again() -> None:
    shown, held = profile(), Memory()
    shown["links"]["persons_with_significant_control"] = "there"
    served = Register(shown).answers()
    at = Case(
        "x", "one", Path(), "", MORNING, None, Customer("c", "C", "GB", {"gb_company": NUMBER}), None, served, {}, {}
    )
    async with Replay(served).serving() as server:
        await look(WATCHER, at, held, server)
        first = list(server.asked)
        seen = await look(WATCHER, at, held, server)

    assert seen.outcome is Outcome.SAME
    assert sorted(server.asked[len(first) :]) == sorted(first)


async def test_the_key_goes_along_as_user_name_and_stands_nowhere_else() -> None:
    served = Register(profile()).answers()
    async with Replay(served).serving() as server:
        asks = replay.client(WATCHER, server.url, MORNING)
        visit = asks.visit(WATCHER.name, {})
        customer = Customer("c", "C", "GB", {"gb_company": NUMBER})
        found = await WATCHER.poll(Ask(WATCHER.name, MORNING, visit, customer, credentials={"key": "hush"}))
        await asks.close()

    assert {headers["authorization"] for headers in server.headers} == {"Basic aHVzaDo="}
    assert not any("hush" in target for target in server.asked)
    assert "hush" not in repr(found)
