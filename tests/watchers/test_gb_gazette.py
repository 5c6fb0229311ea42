"""The Gazette beyond its cases: which window it reads, what it skips, and what it takes from the words of a notice."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from monitor.model import Customer, Outcome
from monitor.watcher import discover
from tests import replay
from tests.replay import Canned, Case, Memory, Replay, Seen, look
from watchers.litigation import gb_gazette

WATCHER = discover()["gb_gazette"]
PATH = "/insolvency/notice/data.json"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


async def _look(at: Case, held: Memory, *, full: bool = False, etags: bool = False) -> tuple[Seen, Replay]:
    async with Replay(at.answers, etags=etags).serving() as server:
        return await look(WATCHER, at, held, server, full=full), server


def _pages(server: Replay) -> list[dict[str, str]]:
    return [{k: v[0] for k, v in parse_qs(urlsplit(target).query).items()} for target in server.asked]


def _window(server: Replay) -> tuple[str, str]:
    page = _pages(server)[0]
    return page["start-publish-date"], page["end-publish-date"]


def _endless() -> Canned:
    """A page that always promises another; only its first look is taken as page one."""
    document = json.loads(replay.case("gb_gazette", "single").answers[0].body)
    document |= {"f:total": "900000", "link": [{"@rel": "next"}]}
    return Canned(PATH, json.dumps(document).encode(), headers={"Content-Type": "application/json"})


# --------------------------------------------------------------------------- the window


async def test_the_first_look_reads_two_weeks() -> None:
    _, server = await _look(replay.case("gb_gazette", "first"), Memory())

    assert _window(server) == ("2026-10-19", "2026-11-02")
    assert _pages(server)[0]["categorycode"] == "24"


@pytest.mark.parametrize(
    ("cursor", "full", "start"),
    [
        ("2026-11-01", False, "2026-10-29"),  # the overlap of three days
        ("2026-10-24", False, "2026-10-21"),  # a daemon that stood still goes on where it was
        ("2026-07-01", False, "2026-10-12"),  # but never further back than one look can read
        ("2026-11-01", True, "2026-10-19"),
    ],
)
async def test_a_later_look_goes_on_with_an_overlap(cursor: str, full: bool, start: str) -> None:
    _, server = await _look(replay.case("gb_gazette", "first"), Memory(cursor=cursor), full=full)

    assert _window(server) == (start, "2026-11-02")


async def test_the_day_is_londons() -> None:
    first = replace(replay.case("gb_gazette", "quiet"), now=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))

    seen, server = await _look(first, Memory())

    assert _window(server)[1] == "2026-07-02"
    assert seen.findings.cursor == "2026-07-02"


async def test_an_unfinished_sweep_leaves_the_day_open() -> None:
    short = replay.case("gb_gazette", "short")

    seen, _ = await _look(short, Memory(cursor="2026-11-02"))

    assert seen.outcome is Outcome.PARTIAL
    assert seen.findings.cursor == "2026-11-01"


# --------------------------------------------------------------------------- paging and politeness


async def test_every_page_asks_with_the_filters_the_next_link_forgets() -> None:
    _, server = await _look(replay.case("gb_gazette", "two_pages"), Memory())

    one, two = _pages(server)
    assert (one.pop("results-page"), two.pop("results-page")) == ("1", "2")
    assert one == two


async def test_an_endless_feed_ends() -> None:
    page = _endless()
    numbered = [replace(page, query={"results-page": str(n)}, body=page.body.replace(b'"f:page-number": "1"', b'"f:page-number": "%d"' % n).replace(b"5185001", b"%d" % (5185000 + n))) for n in range(1, 100)]  # fmt: skip
    endless = replace(replay.case("gb_gazette", "single"), answers=tuple(numbered))

    seen, server = await _look(endless, Memory())

    assert seen.outcome is Outcome.PARTIAL
    assert len(server.asked) == gb_gazette.MOST_PAGES <= 200
    assert gb_gazette.MOST_PAGES * WATCHER.pace < WATCHER.max_seconds


async def test_the_feed_is_asked_without_an_accept_header() -> None:
    _, server = await _look(replay.case("gb_gazette", "first"), Memory())

    assert "accept" not in server.headers[0]


async def test_a_known_notice_is_not_told_again() -> None:
    first, held = replay.case("gb_gazette", "first"), Memory()
    await _look(first, held)

    seen, _ = await _look(first, held)

    assert seen.outcome is Outcome.SAME
    assert seen.findings.records == ()
    assert seen.findings.total == 4
    assert len(seen.findings.memory or b"") == 4 * 8


async def test_a_window_that_is_not_modified_is_the_same() -> None:
    first, held = replay.case("gb_gazette", "first"), Memory()
    await _look(first, held, etags=True)
    await _look(first, held, etags=True)  # the window moved from two weeks to three days

    seen, server = await _look(first, held, etags=True)

    assert seen.findings.unchanged
    assert server.headers[0]["if-none-match"]


# --------------------------------------------------------------------------- codes and words


def test_every_code_of_the_category_has_an_event() -> None:
    assert all(code.startswith("24") and meaning.event.startswith("ins.") for code, meaning in gb_gazette.CODES.items())
    assert {c: gb_gazette.CODES[c].event for c in ("2450", "2452", "2443", "2432", "2410", "2461", "2445")} == {
        "2450": "ins.petition_filed",
        "2452": "ins.proceeding_opened",
        "2443": "ins.proceeding_opened",
        "2432": "ins.solvent_windup",
        "2410": "ins.rescue_opened",
        "2461": "ins.reversed",
        "2445": "ins.ended",
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(Company Number 11416317 )", "11416317"),
        ("Company Number: 9184913 Nature", "09184913"),
        ("Company No. SC12345", "SC012345"),
        ("Registered Number: NI 99", "NI000099"),
        ("Company Registration Number OC301234", "OC301234"),
        ("Company Number: R0000123", "R0000123"),
        ("Company Number: 123456789", None),
        ("Company Number: none", None),
    ],
)
def test_a_company_number_has_eight_characters(text: str, number: str | None) -> None:
    assert gb_gazette.company_number(text) == number


@given(st.integers(1, 99_999_999))
def test_any_spelling_of_a_number_pads_to_the_registers(number: int) -> None:
    assert gb_gazette.company_number(f"X LTD (Company Number {number} )") == str(number).zfill(8)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("will be heard at 7 Rolls Building, London, on 9 December 2026 at 1030 hours", {"hearing": "2026-12-09"}),
        ("is to be heard at Leeds on Wednesday 9th December 2026", {"hearing": "2026-12-09"}),
        ("Date of Winding-up Order: 2 July 2026", {"order": "2026-07-02"}),
        ("must send claims on or before the 3rd day of August 2026", {"deadline": "2026-08-03"}),
        ("a meeting of creditors will be held at Leeds on 4 August 2026", {"meeting": "2026-08-04"}),
        ("will be heard on 31 February 2026", {}),
        ("on 9 December 2026 the weather was fine", {}),
    ],
)
def test_dates_are_told_by_what_they_are(text: str, dates: dict[str, str]) -> None:
    assert gb_gazette._dates(text) == dates


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("presented by THORNLEY ALLOYS LIMITED, claiming to be", "THORNLEY ALLOYS LIMITED"),
        (
            "presented on 16 May 2026 by the COMMISSIONERS FOR HM REVENUE AND CUSTOMS, of",
            "the COMMISSIONERS FOR HM REVENUE AND CUSTOMS",
        ),
        (
            "on the petition of The Secretary of State for Business and Trade.",
            "The Secretary of State for Business and Trade",
        ),
        ("presented on 16 May 2026 by Jo Sample, of 1 Road, claiming", None),  # a person
        ("Name of Company: X LIMITED", None),
    ],
)
def test_a_petitioner_is_an_organisation_or_nobody(text: str, name: str | None) -> None:
    assert gb_gazette._petitioner(text) == name


def test_people_leave_no_trace() -> None:
    text = (
        "A Petition presented on 20 October 2026 by Jo Sample, of 1 Sample Street, claiming to be a creditor, will be heard "
        "on 9 December 2026. Tel: 0113 496 0000 jo@sample.example Joint Liquidators: Sam Example"
    )

    kept = gb_gazette._public(text)

    assert not any(word in kept for word in ("Jo", "Sample Street", "0113", "@", "Sam Example"))
    assert "9 December 2026" in kept


@given(st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)))
def test_london_time_is_told_as_the_instant_it_was(moment: datetime) -> None:
    instant = moment.replace(microsecond=0, tzinfo=UTC)
    written = instant.astimezone(gb_gazette.LONDON)
    assume(not written.fold)  # the hour that exists twice cannot be told apart

    found = gb_gazette._published({"published": written.replace(tzinfo=None).isoformat()})

    assert found.astimezone(UTC) == instant


@pytest.mark.parametrize(
    "piece",
    [
        "petition presented on ",
        "to be heard ",
        "In the High Court ",
        "Company Number ",
        "presented by x",
        "<",
        "&lt;em ",
        "a@",
        "meeting of creditors ",
    ],
)
def test_hostile_text_is_read_in_no_time(piece: str) -> None:  # fmt: skip
    text = piece * 4000
    entry = {
        "id": "https://www.thegazette.co.uk/id/notice/1",
        "f:notice-code": "2450",
        "title": "X",
        "published": "2026-11-02T01:00:00",
        "content": text,
    }
    start = time.perf_counter()

    gb_gazette._record(gb_gazette._notice("1", entry), [])

    assert time.perf_counter() - start < 3


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda x: (
        st.lists(x, max_size=3)
        | st.dictionaries(
            st.sampled_from(["entry", "f:total", "f:page-number", "link", "id", "title", "@rel"]), x, max_size=5
        )
    ),
)


@settings(max_examples=30, deadline=None)  # each opens a connection
@given(_JSON)
async def test_no_document_breaks_the_reader(document: Any) -> None:
    at = replace(replay.case("gb_gazette", "quiet"), answers=(Canned(PATH, json.dumps(document).encode()),))

    seen, _ = await _look(at, Memory())

    assert seen.outcome in set(Outcome)


# --------------------------------------------------------------------------- who it is for


def test_one_feed_serves_all_british_customers() -> None:
    british = Customer("a", "A Ltd", "GB")
    numbered = Customer("b", "B GmbH", "DE", {"gb_company": "FC012345"})
    foreign = Customer("c", "C AS", "NO")

    assert [t.key for t in gb_gazette.targets([british, numbered, foreign], {})] == ["gb_gazette"]
    assert gb_gazette.targets([foreign], {}) == []
    assert WATCHER.serves(numbered) is None
    assert WATCHER.serves(foreign) is not None
