"""Enhetsregisteret beyond its cases: what it asks, what it remembers, and how its changes are named."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import diff
from monitor.judge.taxonomy import Taxonomy
from monitor.model import Customer, Outcome, Record
from monitor.watcher import discover
from tests import replay
from tests.replay import Canned, Case, Memory, Replay, Seen, look
from tests.watchers.test_battery import EVENTS
from watchers.registry import no_brreg

WATCHER = discover()["no_brreg"]
TAXONOMY = Taxonomy.from_mapping(yaml.safe_load(EVENTS.read_text("utf-8")))
N = "918273646"
UNIT = f"/enhetsregisteret/api/enheter/{N}"
ROLES = f"{UNIT}/roller"


async def _look(at: Case, held: Memory, *, full: bool = False, etags: bool = False) -> tuple[Seen, Replay]:
    async with Replay(at.answers, etags=etags).serving() as server:
        return await look(WATCHER, at, held, server, full=full), server


def _edited(at: Case, path: str, edit: Callable[[dict[str, Any]], None]) -> Case:
    def changed(one: Canned) -> Canned:
        if one.path != path:
            return one
        document = json.loads(one.body)
        edit(document)
        return replace(one, body=json.dumps(document).encode())

    return replace(at, answers=tuple(map(changed, at.answers)))


def _group(document: Mapping[str, Any], code: str) -> dict[str, Any]:
    return next(group for group in document["rollegrupper"] if group["type"]["kode"] == code)


def _one(seen: Seen, kind: str, /, **fields: Any) -> Record:
    [found] = [
        record
        for record in seen.findings.records
        if record.kind == kind and all(record.fields.get(name) == value for name, value in fields.items())
    ]
    return found


def _events(before: Memory, seen: Seen, now: datetime) -> list[tuple[str, str | None]]:
    """Return what the changes of a look are called, and when they happened."""
    found = diff.compare(before.records, seen.findings, mode="state", now=now, first=not before.looked)
    return sorted(
        (named.type, named.occurred_at)
        for change in found.changes
        for named in TAXONOMY.name(
            change, watcher_family="registry", source="no_brreg", mode="state", unknown=seen.findings.unknown
        )
    )


async def _after(case: str) -> list[tuple[str, str | None]]:
    """Return the events of a case that comes after the first look."""
    _, held, _ = await replay.run(WATCHER, "first")
    at = replay.case("no_brreg", case)
    seen, _ = await _look(at, replace(held, records=dict(held.records)), etags=True)
    return _events(held, seen, at.now)


# --------------------------------------------------------------------------- what is asked


async def test_a_look_asks_for_the_entity_and_its_roles() -> None:
    _, server = await _look(replay.case("no_brreg", "first"), Memory())

    assert server.asked == [UNIT, ROLES]
    assert all("Accept" in {name.title() for name in headers} for headers in server.headers)


async def test_a_deleted_entity_is_not_asked_for_its_roles() -> None:
    _, server = await _look(replay.case("no_brreg", "deleted"), Memory())

    assert server.asked == [UNIT]


async def test_a_number_is_asked_for_without_its_blanks() -> None:
    first = replay.case("no_brreg", "first")
    typed = replace(first, customer=Customer("n", "Nordlys", "NO", {"no.orgnr": "918 273 646"}))

    seen, _ = await _look(typed, Memory())

    assert seen.outcome is Outcome.CHANGED


@pytest.mark.parametrize("path", [UNIT, ROLES])
@pytest.mark.parametrize("etags", [True, False], ids=["by_etag", "by_body"])
async def test_what_did_not_change_is_read_again_when_the_other_half_did(path: str, etags: bool) -> None:
    first, held = replay.case("no_brreg", "first"), Memory()
    await _look(first, held, etags=etags)
    before = dict(held.records)

    seen, _ = await _look(_edited(first, path, lambda document: document.update(_extra=1)), held, etags=etags)

    assert seen.outcome is Outcome.SAME
    assert not seen.findings.unchanged
    assert {record.id for record in seen.findings.records} == set(before)


async def test_an_answer_about_another_entity_is_not_taken() -> None:
    other = _edited(replay.case("no_brreg", "first"), UNIT, lambda unit: unit.update(organisasjonsnummer="999999999"))

    seen, _ = await _look(other, Memory())

    assert seen.outcome is Outcome.DRIFTED
    assert "answered about 999999999" in seen.reason


@pytest.mark.parametrize("member", ["konkurs", "underAvvikling", "underTvangsavviklingEllerTvangsopplosning"])
@pytest.mark.parametrize("value", [None, "false", 0])
async def test_a_flag_of_another_type_is_no_good_health(member: str, value: Any) -> None:
    odd = _edited(replay.case("no_brreg", "first"), UNIT, lambda unit: unit.update({member: value}))

    seen, _ = await _look(odd, Memory())

    assert seen.outcome is Outcome.DRIFTED
    assert member in seen.reason


# --------------------------------------------------------------------------- what changes are called


async def test_a_bankruptcy_is_one_event_with_its_own_day() -> None:
    events = await _after("changed")

    assert {when for type_, when in events if type_ == "ins.proceeding_opened"} == {"2026-10-30"}
    assert ("gov.auditor_left", "2026-10-21") in events
    assert ("gov.director_left", "2026-10-28") in events  # resigned, says the register: no second look is needed
    assert ("reg.unclassified", "2026-11-02") in events
    assert "reg.id_lapsed" in dict(events)


@pytest.mark.parametrize(
    ("case", "event", "when"),
    [
        ("forced", "reg.strike_off_proposed", "2026-10-12"),
        ("forced", "fin.accounts_overdue", "2026-07-31"),
        ("liquidation", "ins.solvent_windup", "2026-10-15"),
        ("liquidation", "gov.auditor_left", "2026-10-16"),
        ("rescue", "ins.rescue_opened", "2026-10-19"),
        ("deleted", "reg.dissolved", "2026-10-31"),
        ("deleted_old_shape", "reg.dissolved", "2026-10-31"),
        ("removed", "reg.unclassified", None),
        ("unknown_words", "reg.unclassified", None),
    ],
)
async def test_a_state_becomes_the_event_it_is(case: str, event: str, when: str | None) -> None:
    assert (event, when) in await _after(case)


async def test_a_bankrupts_estate_is_insolvent_at_the_first_look() -> None:
    seen, _ = await _look(replay.case("no_brreg", "estate"), Memory())

    assert ("ins.proceeding_opened", None) in _events(Memory(), seen, datetime(2026, 11, 2, tzinfo=UTC))


async def test_a_company_that_never_was_in_a_register_has_left_none() -> None:
    seen, _ = await _look(replay.case("no_brreg", "sole_proprietor"), Memory())

    assert {record.fields["scheme"] for record in seen.findings.records if record.kind == "registration"} == {
        "no.orgnr"
    }


async def test_a_register_once_left_stays_left() -> None:
    held = (await replay.run(WATCHER, "changed"))[1]

    seen, _ = await _look(replay.case("no_brreg", "changed"), held, full=True)

    assert _one(seen, "registration", scheme="no.mva").fields["status"] == "deregistered"
    assert seen.outcome is Outcome.SAME


async def test_accounts_are_late_only_once_the_register_had_time_to_book_them() -> None:
    first = replay.case("no_brreg", "first")
    behind = _edited(first, UNIT, lambda unit: unit.update(sisteInnsendteAarsregnskap="2024"))

    early, _ = await _look(replace(behind, now=datetime(2026, 9, 30, 12, tzinfo=UTC)), Memory())
    late, _ = await _look(replace(behind, now=datetime(2026, 10, 1, 12, tzinfo=UTC)), Memory())

    assert not [record for record in early.findings.records if record.fields.get("overdue")]
    assert _one(late, "account", overdue=True).fields == {"period": "2025", "due": "2026-07-31", "overdue": True}


async def test_a_young_company_and_other_forms_owe_no_accounts_yet() -> None:
    first = replay.case("no_brreg", "first")
    young = _edited(
        first,
        UNIT,
        lambda unit: unit.update(sisteInnsendteAarsregnskap="2024", registreringsdatoEnhetsregisteret="2025-02-01"),
    )
    branch = _edited(
        first, UNIT, lambda unit: unit.update(sisteInnsendteAarsregnskap="2019", organisasjonsform={"kode": "NUF"})
    )

    for at in (young, branch):
        seen, _ = await _look(at, Memory())
        assert not [record for record in seen.findings.records if record.fields.get("overdue")]


@pytest.mark.parametrize("case", ["deleted", "deleted_old_shape", "removed", "gone_wordless"])
async def test_what_a_last_answer_leaves_out_has_not_changed(case: str) -> None:
    events = await _after(case)

    assert len(events) == 1
    held = (await replay.run(WATCHER, case))[1]
    again, _ = await _look(replay.case("no_brreg", case), held, full=True)
    assert again.outcome is Outcome.SAME


# --------------------------------------------------------------------------- people


async def test_a_day_of_birth_is_kept_to_the_month_and_nowhere_in_full() -> None:
    seen, _ = await _look(replay.case("no_brreg", "first"), Memory())

    assert _one(seen, "officer", role="managing director").fields["born"] == "1966-05"
    told = f"{seen.findings.records} {seen.findings.cursor}"
    assert not any(day in told for day in ("1966-05-04", "1961-02-14", "1970-11-03", "1975-07-28", "1968-01-09"))


async def test_a_member_who_becomes_chair_has_not_left() -> None:
    first, held = replay.case("no_brreg", "first"), Memory()
    await _look(first, held)

    def promote(document: dict[str, Any]) -> None:
        _group(document, "STYR")["roller"][1]["type"] = {"kode": "LEDE", "beskrivelse": "Styrets leder"}

    before = replace(held, records=dict(held.records))
    seen, _ = await _look(_edited(first, ROLES, promote), held)

    assert _events(before, seen, first.now) == []
    assert _one(seen, "officer", name="Torstein Vik Hjelmeset").fields["role"] == "chair of the board"


async def test_a_resignation_keeps_its_day_when_its_group_is_registered_anew() -> None:
    held = (await replay.run(WATCHER, "changed"))[1]
    later = _edited(
        replay.case("no_brreg", "changed"),
        ROLES,
        lambda document: _group(document, "DAGL").update(sistEndret="2026-12-24"),
    )

    seen, _ = await _look(later, held, full=True)

    assert _one(seen, "officer", role="managing director").fields["until"] == "2026-10-28"
    assert seen.outcome is Outcome.SAME


async def test_an_auditor_that_resigned_and_is_replaced_left_once() -> None:
    held = (await replay.run(WATCHER, "changed"))[1]

    def replaced(document: dict[str, Any]) -> None:
        role = _group(document, "REVI")["roller"][0]
        role["enhet"] |= {"organisasjonsnummer": "975512207", "navn": ["HAVGAP REVISJON AS"]}
        role["fratraadt"] = False

    seen, _ = await _look(_edited(replay.case("no_brreg", "changed"), ROLES, replaced), held)

    auditor = _one(seen, "relation", kind="auditor")
    assert auditor.fields["to"] == "HAVGAP REVISJON AS"
    assert auditor.signals == ()


async def test_roles_gone_for_good_are_believed_at_a_full_look_only() -> None:
    _, held, _ = await replay.run(WATCHER, "first")
    lost = replay.case("no_brreg", "roles_lost")

    plain, _ = await _look(lost, replace(held, records=dict(held.records)))
    full, _ = await _look(lost, held, full=True)

    assert not plain.findings.complete
    assert full.findings.complete
    assert not [record for record in full.findings.records if record.kind == "officer"]


async def test_two_holders_of_one_name_are_two_records() -> None:
    first = replay.case("no_brreg", "first")

    def twice(document: dict[str, Any]) -> None:
        roles = _group(document, "STYR")["roller"]
        roles.append(roles[1])

    seen, _ = await _look(_edited(first, ROLES, twice), Memory())

    assert len({record.id for record in seen.findings.records}) == len(seen.findings.records) == 13


@given(st.text(max_size=200))
def test_any_cursor_is_read_without_an_error(cursor: str) -> None:
    held = no_brreg._Held.read(cursor)

    assert no_brreg._Held.read(held.written()) == held


@given(
    st.builds(
        no_brreg._Held,
        until=st.dictionaries(st.text(), st.dates().map(str)),
        registers=st.sets(st.sampled_from(sorted(no_brreg._LAPSING))),
        auditor=st.dictionaries(st.sampled_from(["id", "name", "resigned"]), st.text()),
        roles=st.booleans(),
        last=st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())),
    )
)
def test_what_is_remembered_survives_the_cursor(held: no_brreg._Held) -> None:
    assert no_brreg._Held.read(held.written()) == held
