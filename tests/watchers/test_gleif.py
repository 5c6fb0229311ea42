"""GLEIF beyond its cases: how often it asks, what it remembers, and the traps in its dates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Customer, Outcome
from monitor.watcher import SourceDrifted, discover
from tests import replay
from tests.replay import Canned, Case, Memory, Replay, Seen, look
from watchers.registry import gleif

WATCHER = discover()["gleif"]
LEI = "213800KESTREL0010135"
RECORD = f"/api/v1/lei-records/{LEI}"


async def _look(at: Case, held: Memory, *, full: bool = False, etags: bool = False) -> tuple[Seen, list[str]]:
    async with Replay(at.answers, etags=etags).serving() as server:
        seen = await look(WATCHER, at, held, server, full=full)
    return seen, server.asked


def _edited(at: Case, path: str, **changes: Any) -> Case:
    """Return the case with the answer at `path` changed: `status`, or top-level members of its JSON."""
    status = changes.pop("status", None)

    def edit(one: Canned) -> Canned:
        if one.path != path:
            return one
        if status:
            return replace(one, status=status)
        return replace(one, body=json.dumps({**json.loads(one.body), **changes}).encode())

    return replace(at, answers=tuple(edit(one) for one in at.answers))


def _new_copy(at: Case) -> Case:
    return _edited(at, RECORD, meta={"goldenCopy": {"publishDate": "2026-11-02T16:00:00Z"}})


async def test_a_first_look_asks_for_the_record_and_the_linked_parents_only() -> None:
    first = replay.case("gleif", "first")

    _, asked = await _look(first, Memory())

    assert asked == [RECORD, f"{RECORD}/direct-parent", f"{RECORD}/ultimate-parent-reporting-exception"]


async def test_one_request_is_enough_while_the_golden_copy_is_the_same() -> None:
    first, held = replay.case("gleif", "first"), Memory()
    await _look(first, held)

    seen, asked = await _look(first, held)

    assert seen.outcome is Outcome.SAME
    assert asked == [RECORD]


async def test_a_new_golden_copy_asks_for_the_parents_again() -> None:
    first, held = replay.case("gleif", "first"), Memory()
    await _look(first, held)

    seen, asked = await _look(_new_copy(first), held)

    assert seen.outcome is Outcome.SAME
    assert len(asked) == 3


async def test_a_full_look_asks_for_everything_although_nothing_changed() -> None:
    first, held = replay.case("gleif", "first"), Memory()
    await _look(first, held)

    seen, asked = await _look(first, held, full=True)

    assert len(asked) == 3
    assert {r.id for r in seen.findings.records} == set(held.records)


async def test_a_parent_is_read_whole_although_it_was_not_modified() -> None:
    first, held = replay.case("gleif", "first"), Memory()
    await _look(first, held, etags=True)
    before = dict(held.records)

    seen, asked = await _look(_new_copy(first), held, etags=True)

    assert len(asked) == 3
    assert seen.findings.complete
    assert {r.id: r.fields for r in seen.findings.records} == {key: one.record.fields for key, one in before.items()}


async def test_an_unfinished_look_is_taken_again() -> None:
    first, held = replay.case("gleif", "first"), Memory()
    await _look(first, held)
    failing = _edited(_new_copy(first), f"{RECORD}/direct-parent", status=503)

    seen, _ = await _look(failing, held)

    assert seen.outcome is Outcome.PARTIAL
    assert seen.findings.cursor == ""
    again = replace(held, cursor=seen.findings.cursor)
    healed, asked = await _look(_new_copy(first), again)
    assert healed.findings.complete
    assert len(asked) == 3


async def test_an_lei_is_asked_for_without_its_blanks() -> None:
    first = replay.case("gleif", "first")
    typed = replace(first, customer=Customer("kestrel", "Kestrel", "GB", {"lei": "2138 00kestrel 0010135"}))

    seen, asked = await _look(typed, Memory())

    assert asked[0] == RECORD
    assert seen.outcome is Outcome.CHANGED


async def test_a_link_to_another_host_is_never_followed() -> None:
    first = replay.case("gleif", "first")
    data = json.loads(first.answers[0].body)["data"]
    data["relationships"]["direct-parent"]["links"]["lei-record"] = "http://169.254.169.254/latest/meta-data"

    _, asked = await _look(_edited(first, RECORD, data=data), Memory())

    assert asked[1] == f"{RECORD}/direct-parent"


@pytest.mark.parametrize(
    ("type_", "status", "company", "event", "stage"),
    [
        ("BANKRUPTCY", "IN_PROGRESS", "active", "ins.proceeding_opened", "ordered"),
        ("VOLUNTARY_ARRANGEMENT", "COMPLETED", "active", "ins.rescue_opened", "final"),
        ("LIQUIDATION", "WITHDRAWN_CANCELLED", "active", "ins.reversed", "reversed"),
        ("DISSOLUTION", "IN_PROGRESS", "active", "reg.dissolved", "ordered"),
        ("DISSOLUTION", "COMPLETED", "dissolved", None, None),  # the company's status says it
        ("MERGERS_AND_ACQUISITIONS", "COMPLETED", "active", "reg.restructured", "final"),
        ("ABSORPTION", "COMPLETED", "merged", None, None),
        ("CHANGE_LEGAL_NAME", "COMPLETED", "active", None, None),  # the changed name says it
        ("CHANGE_LEGAL_NAME", "IN_PROGRESS", "active", "reg.name_changed", "ordered"),
        ("CHANGE_OTHER_NAMES", "COMPLETED", "active", "reg.name_changed", "final"),
        ("CHANGE_LEGAL_FORM", "WITHDRAWN_CANCELLED", "active", None, None),
        ("SOMETHING_NEW", "COMPLETED", "active", "reg.unclassified", "final"),
    ],
)
def test_an_event_is_named_once(type_: str, status: str, company: str, event: str | None, stage: str | None) -> None:
    happened = gleif._Event(type_, status, "2026-10-01", None, "key")

    signals = gleif._signals(happened, {"status": company, "address": "1 ROAD"})

    assert [(s.event, s.stage, s.occurred_at) for s in signals] == ([(event, stage, "2026-10-01")] if event else [])


@pytest.mark.parametrize(("seat", "told"), [("1 ROAD", True), ("2 ROAD", False)])
def test_a_move_of_the_seat_is_told_by_the_legal_address_or_by_the_event(seat: str, told: bool) -> None:
    moved = gleif._Event("CHANGE_HQ_ADDRESS", "COMPLETED", "2026-10-01", None, "key")

    signals = gleif._signals(moved, {"status": "active", "address": "1 ROAD", "hq_address": seat})

    assert [s.event for s in signals] == ([] if told else ["reg.address_changed"])


@pytest.mark.parametrize(
    ("entity", "registration", "expected"),
    [
        ({"status": "ACTIVE"}, {"status": "LAPSED"}, "active"),  # an unpaid fee is no end of a company
        ({"status": "INACTIVE"}, {"status": "RETIRED"}, "dissolved"),
        ({"status": "INACTIVE", "expiration": {"reason": "CORPORATE_ACTION"}}, {}, "merged"),
        ({"status": "INACTIVE", "successorEntities": [{"lei": LEI, "name": None}]}, {}, "merged"),
        (
            {"status": "INACTIVE", "successorEntity": {"lei": None, "name": None}, "successorEntities": []},
            {},
            "dissolved",
        ),
        ({"status": "NULL"}, {"status": "ANNULLED"}, "unknown"),
        ({"status": "HIBERNATING"}, {}, "unknown"),
    ],
)
def test_the_status_is_the_companys_not_the_numbers(
    entity: Mapping[str, Any], registration: Mapping[str, Any], expected: str
) -> None:
    assert gleif._status(entity, registration, ()) == expected


@given(
    day=st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    quarters=st.integers(-10 * 4, 13 * 4),  # offsets people live at, in quarters of an hour
)
def test_a_local_midnight_gives_its_local_day(day: date, quarters: int) -> None:
    zone = timezone(timedelta(minutes=15 * quarters))
    written = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(timezone.utc)  # noqa: UP017

    assert gleif._local_day(written.strftime("%Y-%m-%dT%H:%M:%SZ"), "creationDate") == day.isoformat()


@pytest.mark.parametrize("field", ["legalName", "legalAddress", "status"])
async def test_a_required_field_that_is_gone_is_named(field: str) -> None:
    first = replay.case("gleif", "first")
    data = json.loads(first.answers[0].body)["data"]
    del data["attributes"]["entity"][field]

    seen, _ = await _look(_edited(first, RECORD, data=data), Memory())

    assert seen.outcome is Outcome.DRIFTED
    assert field in seen.reason


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda x: st.lists(x, max_size=3) | st.dictionaries(
    st.sampled_from(["id", "attributes", "lei", "entity", "registration", "status", "legalName", "name", "legalAddress", "country", "eventGroups", "events"]),
    x, max_size=6)))  # fmt: skip
def test_no_answer_breaks_the_reader(data: Any) -> None:
    try:
        found = gleif._read(data if isinstance(data, dict) else {"attributes": data}, LEI)
    except SourceDrifted as drift:
        assert drift.reason.startswith("GLEIF")
    else:
        assert found.records[0].key == LEI
