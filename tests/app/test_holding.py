"""What cannot be true as it stands waits for a person; what is true goes out, sooner or later, and nothing twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import holding
from monitor.app.holding import Done
from monitor.app.refused import Refused
from monitor.edge.store import Store, holds, read, turns
from monitor.edge.store.holds import Hold, HoldState
from monitor.model import Outcome, Record
from monitor.watcher import Findings
from tests.house import HandClock, Office, Source, company, found, house, lei, watchlist

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MANY = 14  # customers: one in five is fewer than ten, so ten may show the same
Opened = Callable[..., Office]


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[Opened]:
    offices: list[Office] = []

    def opened(*sources: Source, customers: int = MANY) -> Office:
        names = watchlist(range(1, customers + 1))
        offices.append(Office(tmp_path / "etc", store, HandClock(), sources, names))
        return offices[-1]

    yield opened
    for one in offices:
        await one.close()


def officer(number: int, name: str = "", **fields: Any) -> Record:
    own = {"name": name or f"Person Number {number}", "role": "director", "since": f"2020-01-{number + 1:02d}"}
    return Record("officer", str(number), own | fields)


def register(**declared: Any) -> Source:
    return Source(said=found(company(), officer(1)), kinds=("company", "officer"), **declared)


async def watched(office: Opened, source: Source, customers: int = MANY) -> Office:
    """Return an office that took its first look at everybody."""
    o = office(source, customers=customers)
    await o.start()
    await all_look(o)
    return o


async def all_look(o: Office, *, after: timedelta = timedelta(0)) -> list[Outcome]:
    o.clock.pass_(after)
    looks = [await o.look("register", one) for one in o.desk.customers]
    return [look.outcome for look in looks if look]


async def waiting(o: Office) -> list[Hold]:
    return await o.store.read(holds.holds)


async def decide(o: Office, id: str, state: HoldState) -> Done:
    return await asyncio.to_thread(holding.settle, o.desk, id, state, "li")


async def sent(o: Office) -> list[tuple[str, str]]:
    """Return what goes out about customers: customer and type."""
    events = {one.event.id: one.event.type for one in await o.events()}
    return [(a.customer or "", events[a.event or ""]) for a in await o.alerts() if a.state == "pending"]


# --------------------------------------------------------------------------- the same for everybody at once


async def test_what_all_show_at_once_is_held_and_told_to_the_operators_once(office: Opened) -> None:
    source = register()
    o = await watched(office, source)

    source.otherwise = found(company(address="Relaunch House, 1 New Road"), officer(1))
    looks = await all_look(o, after=DAY)

    assert set(looks) == {Outcome.CHANGED}
    assert await sent(o) == []
    assert await o.notices() == ["changes_held"]
    (hold,) = await waiting(o)
    assert (hold.id, hold.kind, hold.facts["critical"]) == ("register", "breaker", False)
    assert hold.facts["patterns"] == ["company.address filled"]
    assert hold.facts["samples"][0]["fields"] == {"address": ["", "Relaunch House, 1 New Road"]}


async def test_ten_of_fourteen_are_no_flood_and_are_told(office: Opened) -> None:
    source = register()
    o = await watched(office, source)

    for n in range(1, 11):
        source.said[f"c{n}"] = found(company(address="1 New Road"), officer(1))
    await all_look(o, after=DAY)

    assert len(await sent(o)) == 10
    assert await waiting(o) == []


async def test_a_release_tells_each_change_once_even_if_the_source_has_flipped_back(office: Opened) -> None:
    source = register()
    o = await watched(office, source)
    source.otherwise = found(company("insolvent"), officer(1))
    await all_look(o, after=DAY)
    source.otherwise = found(company(), officer(1))
    await all_look(o, after=DAY)
    assert {type_ for _, type_ in await sent(o)} <= {"ins.proceeding_opened"}

    await decide(o, "register", "released")

    opened = await o.events("ins.proceeding_opened")
    assert sorted(one.event.customer or "" for one in opened) == sorted(o.desk.customers)
    told = [who for who, type_ in await sent(o) if type_ == "ins.proceeding_opened"]
    assert sorted(told) == sorted(o.desk.customers)
    assert await waiting(o) == []
    with pytest.raises(Refused):
        await decide(o, "register", "released")


async def test_a_status_that_flips_for_all_is_one_critical_for_the_operators(office: Opened) -> None:
    source = register()
    o = await watched(office, source)

    source.otherwise = found(company("insolvent"), officer(1))
    await all_look(o, after=DAY)

    assert await sent(o) == []
    assert [(a.facts["code"], a.severity) for a in await o.alerts(ops=True)] == [("changes_held", "critical")]


async def test_criticals_that_a_date_confirms_go_out_at_once_by_name_whatever_their_number(office: Opened) -> None:
    source = register()
    o = await watched(office, source)

    source.otherwise = found(company("dissolved", dissolved_on="2026-11-02"), officer(1))
    await all_look(o, after=DAY)

    assert sorted(who for who, _ in await sent(o)) == sorted(o.desk.customers)
    assert {type_ for _, type_ in await sent(o)} == {"reg.dissolved"}
    assert (await waiting(o), await o.notices()) == ([], [])


async def test_what_truly_changes_later_is_told_while_the_rest_waits(office: Opened) -> None:
    source = register()
    o = await watched(office, source)
    moved = company(address="Relaunch House")
    source.otherwise = found(moved, officer(1))
    await all_look(o, after=DAY)

    source.said["c3"] = found(company("dissolved", address="Relaunch House", dissolved_on="2026-11-04"), officer(1))
    source.said["c4"] = found(company("strike_off_pending", address="Relaunch House"), officer(1))
    await all_look(o, after=DAY)

    assert sorted(await sent(o)) == [("c3", "reg.dissolved"), ("c4", "reg.strike_off_proposed")]
    assert len(await waiting(o)) == 1


async def test_a_discard_takes_the_new_state_in_silence_for_those_not_looked_at_yet_too(office: Opened) -> None:
    source = register()
    o = await watched(office, source)
    source.otherwise = found(company(address="Relaunch House"), officer(1))
    o.clock.pass_(DAY)
    for n in range(1, 13):
        await o.look("register", f"c{n}")

    done = await decide(o, "register", "discarded")
    o.clock.pass_(HOUR)
    for n in (13, 14):
        await o.look("register", f"c{n}")

    assert (done.hold.decided_by, done.hold.state) == ("li", "discarded")
    assert (await sent(o), await waiting(o), await o.notices()) == ([], [], ["changes_held"])
    source.said["c2"] = found(company(address="2 Other Street"), officer(1))
    source.said["c13"] = found(company("strike_off_pending", address="Relaunch House"), officer(1))
    await all_look(o, after=DAY)
    assert {who for who, _ in await sent(o)} == {"c2", "c13"}


async def test_when_what_was_discarded_is_taken_back_nobody_hears_of_that_either(office: Opened) -> None:
    source = register()
    o = await watched(office, source)
    source.otherwise = found(company("insolvent"), officer(1))
    await all_look(o, after=DAY)
    await decide(o, "register", "discarded")

    source.otherwise = found(company(), officer(1))
    await all_look(o, after=DAY)

    assert (await sent(o), await waiting(o), await o.notices()) == ([], [], ["changes_held"])


async def test_renumbered_and_renamed_people_are_one_notice_and_neither_resign_nor_join(office: Opened) -> None:
    source = register()
    source.otherwise = found(company(), *(officer(n) for n in range(1, 6)))
    o = await watched(office, source)

    anew = [officer(n, f"Mr. Person-Number {n}th", since="") for n in range(11, 16)]
    source.otherwise = found(company(), *anew)
    for _ in range(4):
        await all_look(o, after=HOUR)
        await o.duties()

    assert await sent(o) == []
    assert await o.notices() == ["source_suspect"]
    assert {one.id for one in await waiting(o)} == {"register", *(f"register:{one}" for one in o.desk.customers)}

    await decide(o, "register", "discarded")
    await all_look(o, after=DAY)
    await o.duties()
    assert (await sent(o), await waiting(o)) == ([], [])
    assert await o.notices() == ["source_suspect", "source_recovered"]
    source.said["c5"] = found(company("strike_off_pending"), *anew)
    await all_look(o, after=DAY)
    assert await sent(o) == [("c5", "reg.strike_off_proposed")]


async def test_what_is_held_survives_a_restart_with_its_evidence(office: Opened, store: Store) -> None:
    source = register()
    o = await watched(office, source)
    source.otherwise = found(company(address="Relaunch House"), officer(1))
    await all_look(o, after=DAY)

    o.open()
    (hold,) = await waiting(o)
    kept = await o.store.read(lambda conn: holds.kept_of(conn, hold=hold.number))

    assert {one.change.after.fields["address"] for one in kept if one.change.after} == {"Relaunch House"}
    done = await decide(o, "register", "released")
    assert done.alerts + done.changes > 0
    assert sorted(who for who, _ in await sent(o)) == sorted(o.desk.customers)


async def test_after_a_release_the_next_flood_is_held_again(office: Opened) -> None:
    source = register()
    o = await watched(office, source)
    for street in ("Relaunch House", "Other House"):
        source.otherwise = found(company(address=street), officer(1))
        await all_look(o, after=DAY)
        await decide(o, "register", "released")
        o.clock.pass_(DAY)

    assert await o.notices() == ["changes_held", "changes_held"]
    assert len(await o.events("reg.address_changed")) == 2 * MANY


async def test_a_source_we_know_well_lets_an_unusual_pattern_wait_before_it_is_told(office: Opened) -> None:
    source = register()
    o = await watched(office, source)
    o.clock.pass_(8 * DAY)
    await all_look(o)

    for n in range(1, 5):
        source.said[f"c{n}"] = found(company(address="1 New Road"), officer(1))
    await all_look(o, after=HOUR)

    waits = sorted(
        (a.not_before - o.clock.now()) >= HOUR / 2 for a in await o.alerts() if a.not_before and a.state == "pending"
    )
    assert waits == [False, False, True, True]


# --------------------------------------------------------------------------- one answer that lost too much


async def test_a_doubted_answer_is_held_under_its_customer_and_ends_by_itself(office: Opened) -> None:
    whole = found(company(), *(officer(n) for n in range(1, 9)))
    source = register()
    source.otherwise = whole
    o = await watched(office, source, 2)

    source.said["c1"] = found(company(), officer(1))
    await o.look("register", "c1", after=DAY)
    (hold,) = await waiting(o)
    assert (hold.id, hold.kind, hold.facts["gone"], hold.facts["held"]) == ("register:c1", "shrink", 7, 9)

    source.said["c1"] = whole
    await o.look("register", "c1", after=HOUR)
    assert await waiting(o) == []
    assert await sent(o) == []


@pytest.mark.parametrize("state, told", [("released", 7), ("discarded", 0)])
async def test_a_person_may_believe_a_doubted_answer(office: Opened, state: HoldState, told: int) -> None:
    source = register()
    source.otherwise = found(company(), *(officer(n) for n in range(1, 9)))
    o = await watched(office, source, 2)
    source.said["c1"] = found(company(), officer(1))
    await o.look("register", "c1", after=DAY)

    await decide(o, "register:c1", state)

    (watch,) = await o.store.read(lambda conn: turns.listing(conn, "register", "c1"))
    assert len(await o.store.read(lambda conn: read.snapshot(conn, watch.watch))) == 2
    assert len(await o.events("gov.director_left")) == told
    await o.look("register", "c1", after=DAY)
    assert await waiting(o) == []
    assert len(await o.events("gov.director_left")) == told


async def test_a_field_that_is_empty_everywhere_keeps_its_values_until_it_is_believed(office: Opened) -> None:
    source = register()
    source.otherwise = found(company(), *(officer(n) for n in range(1, 5)))
    o = await watched(office, source, 2)

    source.said["c1"] = found(company(), *(officer(n, since=None) for n in range(1, 5)))
    for _ in range(2):
        await o.look("register", "c1", after=HOUR)
        await o.duties()
    assert await o.notices() == ["source_suspect"]
    assert await since(o) == {"2020-01-02", "2020-01-03", "2020-01-04", "2020-01-05"}

    await decide(o, "register:c1", "discarded")
    await o.look("register", "c1", after=HOUR)
    await o.duties()
    assert await since(o) == {None}
    assert await o.events("gov.*") == []
    assert await o.notices() == ["source_suspect", "source_recovered"]


async def since(o: Office) -> set[object]:
    (watch,) = await o.store.read(lambda conn: turns.listing(conn, "register", "c1"))
    held = await o.store.read(lambda conn: read.snapshot(conn, watch.watch))
    return {one.record.fields.get("since") for one in held.values() if one.record.kind == "officer"}


# --------------------------------------------------------------------------- a second look, and the canary


CANARY = {"gb_company": "00000006"}


async def test_a_removal_is_not_believed_while_the_source_does_not_know_its_canary(office: Opened) -> None:
    source = register(canaries=(CANARY,))
    source.otherwise = found(company(), officer(1), officer(2), officer(3))
    source.said["canary"] = Findings()
    o = await watched(office, source, 2)

    source.said["c1"] = found(company(), officer(1), officer(2))
    for _ in range(4):
        await o.look("register", "c1", after=HOUR)
    assert (await o.events("gov.*"), await o.notices()) == ([], ["source_suspect"])
    assert [ask.customer.ids for ask in source.asked if ask.customer and ask.customer.id == "canary"] == [CANARY] * 3

    source.said["canary"] = found(company())
    await o.look("register", "c1", after=HOUR)
    assert [type_ for _, type_ in await sent(o)] == ["gov.director_left"]


async def test_a_look_by_hand_a_minute_later_confirms_nothing(office: Opened) -> None:
    source = register()
    source.otherwise = found(company(), officer(1), officer(2), officer(3))
    o = await watched(office, source, 2)

    source.otherwise = found(company(), officer(1), officer(2))
    for after in (DAY, timedelta(minutes=1), timedelta(minutes=1)):
        await o.look("register", "c1", after=after)
    assert await o.events() == []
    await o.look("register", "c1", after=HOUR)
    assert [type_ for _, type_ in await sent(o)] == ["gov.director_left"]


async def test_an_answer_that_was_not_read_leaves_the_second_look_owed(office: Opened) -> None:
    source = register()
    source.otherwise = found(company(), officer(1), officer(2))
    o = await watched(office, source, 2)

    source.otherwise = found(company(), officer(1))
    await o.look("register", "c1", after=DAY)
    source.otherwise = Findings(unchanged=True)
    await o.look("register", "c1", after=HOUR)
    assert await o.events() == []
    turn = await o.take("register", "c1")
    assert turn.second_look


# --------------------------------------------------------------------------- a new baseline, and what was typed


async def test_a_new_baseline_is_silent_but_for_what_is_grave_and_said_once(office: Opened) -> None:
    source = register()
    o = await watched(office, source)
    source.otherwise = found(company(address="Relaunch House"), officer(1))
    await all_look(o, after=DAY)

    watches = await asyncio.to_thread(holding.anew, o.desk, "register", "li")
    source.otherwise = found(company(address="New House", legal_form="Plc"), officer(7))
    source.said["c2"] = found(company("insolvent"), officer(7))
    await all_look(o, after=HOUR)

    assert watches == MANY
    assert await sent(o) == [("c2", "ins.proceeding_opened")]
    assert await o.notices() == ["changes_held", "new_baseline"]
    assert await waiting(o) == []
    source.said["c1"] = found(company(address="Third House", legal_form="Plc"), officer(7))
    await all_look(o, after=DAY)
    assert sorted(await sent(o)) == [("c1", "reg.address_changed"), ("c2", "ins.proceeding_opened")]


def test_at_the_terminal_what_is_held_is_listed_and_decided_once(tmp_path: Path) -> None:
    numbers = range(1, 13)
    with house(tmp_path, numbers) as h:
        h.configure(watchlist(numbers))
        assert h.run("run", "--once").returncode == 0
        for n in numbers:
            h.world.change(lei(n), city="LONDON", street="1 RELAUNCH STREET")
        h.run("run", "--once", "--all")

        listed = h.run("held", "--json")
        assert listed.stdout, listed.stderr
        row = json.loads(listed.stdout)
        assert (row["id"], row["kind"], row["changes"], row["customers"]) == ("gleif", "breaker", 12, 12)
        assert "RELAUNCH" in json.dumps(row["samples"])
        assert not h.messages("RELAUNCH")
        assert len(h.messages("counterwatch held release gleif")) == 1

        assert "held gleif" in h.run("doctor").stdout
        done = h.run("held", "discard", "gleif")
        assert (done.returncode, done.stdout.split(":")[0]) == (0, "gleif"), done.stderr
        again = h.run("held", "release", "gleif")
        assert (again.returncode, again.stderr.count("\n")) == (2, 1)


async def test_an_id_that_is_not_held_is_refused_with_the_nearest(office: Opened) -> None:
    source = register()
    o = await watched(office, source)
    source.otherwise = found(company(address="Relaunch House"), officer(1))
    await all_look(o, after=DAY)

    with pytest.raises(Refused) as near:
        await decide(o, "registr", "released")
    with pytest.raises(Refused) as none:
        await decide(o, "zzz", "discarded")

    assert (near.value.what, near.value.facts["near"], none.value.what) == ("held_near", "register", "held")
    assert len(await waiting(o)) == 1
