"""The second half of a turn: what a look changes, what it must not change, and when it is believed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import poll
from monitor.app.demo.world import Servers, World
from monitor.edge.store import Store, read, turns
from monitor.edge.store.turns import Listed
from monitor.model import Outcome, Record
from monitor.watcher import Findings, NotListed, SourceBlocked, SourceDown, SourceDrifted
from tests.house import MORNING, HandClock, Office, Source, article, company, entity, found, lei, paper, watchlist

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Opened = Callable[..., Office]


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[Opened]:
    offices: list[Office] = []

    def opened(*sources: Source, customers: str | None = None, more: str = "") -> Office:
        home = tmp_path / "etc"
        offices.append(Office(home, store, HandClock(), sources, customers or watchlist(range(1, 4)), more))
        return offices[-1]

    yield opened
    for one in offices:
        await one.close()


def officer(number: int) -> Record:
    return Record("officer", str(number), {"name": f"Person Number {number}", "role": "director"})


def whole(count: int = 4, status: str = "active") -> Findings:
    return found(company(status), *(officer(n) for n in range(count)))


async def held(o: Office, source: str = "register", subject: str = "c1") -> set[tuple[str, str]]:
    watch = await listed(o, source, subject)
    return set(await o.store.read(lambda conn: read.snapshot(conn, watch.watch)))


async def listed(o: Office, source: str = "register", subject: str = "c1") -> Listed:
    (watch,) = await o.store.read(lambda conn: turns.listing(conn, source, subject))
    return watch


# --------------------------------------------------------------------------- known no more, known again


async def test_a_number_that_is_unknown_twice_is_told_once_and_its_people_did_not_resign(office: Opened) -> None:
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    register.otherwise = NotListed("no such number")
    first = await o.look("register", "c1", after=DAY)
    assert first is not None and first.outcome is Outcome.NOT_LISTED
    assert await o.told() == []
    assert await listed_due(o) == o.clock.now() + HOUR
    for _ in range(3):
        await o.look("register", "c1", after=HOUR)

    assert await o.told() == [("reg.record_vanished", "high")]
    assert await held(o) == set()


async def listed_due(o: Office) -> Any:
    return (await listed(o)).due_at


async def test_a_number_unknown_once_and_known_an_hour_later_is_no_news(office: Opened) -> None:
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    register.otherwise = NotListed("no such number")
    await o.look("register", "c1", after=DAY)
    register.otherwise = whole()
    await o.look("register", "c1", after=HOUR)
    register.otherwise = NotListed("no such number")
    await o.look("register", "c1", after=DAY)

    assert await o.events() == []
    assert len(await held(o)) == 5


async def test_a_company_found_again_is_told_to_whoever_heard_of_its_loss_and_its_people_are_no_news(
    office: Opened,
) -> None:
    register = Source(said=whole(), kinds=("company", "officer", "owner"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")
    register.otherwise = NotListed("no such number")
    for _ in range(2):
        await o.look("register", "c1", after=DAY)

    register.otherwise = found(
        *whole().records, Record("owner", "1", {"name": "Holding Ltd", "share_band": "75-to-100"})
    )
    await o.look("register", "c1", after=DAY)

    assert await o.told() == [("reg.record_vanished", "high"), ("reg.revived", "low")]
    assert [one.state for one in await o.store.read(read.incidents)] == ["closed"]
    assert len(await held(o)) == 6


async def test_a_company_that_is_lost_twice_is_told_twice(office: Opened) -> None:
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    for said in (NotListed("gone"), NotListed("gone"), whole(), NotListed("gone"), NotListed("gone")):
        register.otherwise = said
        await o.look("register", "c1", after=DAY)

    assert [type_ for type_, _ in await o.told()] == ["reg.record_vanished", "reg.revived", "reg.record_vanished"]


async def test_a_company_found_again_dissolved_is_a_dissolution_and_no_revival(office: Opened) -> None:
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    for said in (NotListed("gone"), NotListed("gone"), whole(0, "dissolved")):
        register.otherwise = said
        await o.look("register", "c1", after=DAY)

    assert [type_ for type_, _ in await o.told()] == ["reg.record_vanished", "reg.dissolved"]


async def test_a_number_that_was_never_found_is_a_good_look_and_its_first_record_a_baseline(office: Opened) -> None:
    register = Source(said=NotListed("no such number"), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    look = await o.look("register", "c1")
    assert look is not None and look.outcome.good
    assert (await listed(o)).fails == 0
    for _ in range(2):
        await o.look("register", "c1", after=DAY)
    assert await o.events() == []

    register.otherwise = whole()
    await o.look("register", "c1", after=DAY)
    assert await o.told() == []
    assert len(await held(o)) == 5

    register.otherwise = whole(4, "dissolved")
    await o.look("register", "c1", after=DAY)
    assert await o.told() == [("reg.dissolved", "critical")]


async def test_what_appears_in_a_source_that_held_nothing_of_its_kind_is_news(office: Opened) -> None:
    court = Source("court", kinds=("case",), family="litigation")
    o = office(court)
    await o.start()
    await o.look("court", "c1")

    case = Record("case", "1", {"court": "High Court", "number": "HC-1", "title": "A v B", "role": "defendant"})
    court.otherwise = found(case)
    await o.look("court", "c1", after=DAY)

    assert [type_ for type_, _ in await o.told()] == ["lit.case_filed"]


# --------------------------------------------------------------------------- looks that prove nothing


BAD: dict[str, tuple[Findings | Exception, Outcome]] = {
    "empty": (found(), Outcome.EMPTY),
    "partial": (found(company(), complete=False, reason="page 2 of 3 failed"), Outcome.PARTIAL),
    "down": (SourceDown("answers 503"), Outcome.DOWN),
    "blocked": (SourceBlocked("shows a captcha"), Outcome.BLOCKED),
    "drifted": (SourceDrifted("officers is missing"), Outcome.DRIFTED),
    "bug": (ZeroDivisionError("a watcher's bug"), Outcome.DRIFTED),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_bad_look_however_often_takes_nothing_away_and_alerts_no_customer(office: Opened, kind: str) -> None:
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    register.otherwise, outcome = BAD[kind]
    for _ in range(4):
        look = await o.look("register", "c1", after=DAY)

    assert look is not None and look.outcome is outcome
    assert len(await held(o)) == 5
    assert await o.alerts() == []
    watch = await listed(o)
    assert (watch.fails, watch.baseline_at, watch.last_good_at) == (4, MORNING, MORNING)


async def test_a_first_look_that_is_cut_is_no_baseline_yet(office: Opened) -> None:
    register = Source(said=found(company("insolvent"), officer(1), complete=False), kinds=("company", "officer"))
    o = office(register)
    await o.start()

    await o.look("register", "c1")
    assert (await listed(o)).baseline_at is None
    register.otherwise = whole(4, "insolvent")
    await o.look("register", "c1", after=HOUR)

    assert await o.told() == [("ins.proceeding_opened", "critical")]
    assert (await listed(o)).baseline_at == o.clock.now()


async def test_a_bug_in_one_watcher_leaves_the_others_alone(office: Opened) -> None:
    broken = Source("broken", said=RuntimeError("boom"))
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(broken, register)
    await o.start()

    looks = [await o.look(name, "c1") for name in ("broken", "register")]

    assert [look.outcome for look in looks if look] == [Outcome.DRIFTED, Outcome.CHANGED]
    assert await o.notices() == ["source_suspect"]


# --------------------------------------------------------------------------- second looks


async def test_a_removal_is_told_after_a_second_look_that_is_full(office: Opened) -> None:
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    register.otherwise = whole(3)
    await o.look("register", "c1", after=DAY)
    assert await o.events() == []
    await o.look("register", "c1", after=HOUR)

    assert [ask.full for ask in register.asked] == [True, False, True]
    assert [type_ for type_, _ in await o.told()] == ["gov.director_left"]
    assert len(await held(o)) == 4


@pytest.mark.parametrize("kind", ["partial", "down", "empty"])
async def test_a_bad_look_in_between_leaves_the_second_look_owed(office: Opened, kind: str) -> None:
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    for said in (whole(3), BAD[kind][0], whole(3)):
        register.otherwise = said
        await o.look("register", "c1", after=HOUR)

    assert register.asked[-1].full
    assert [type_ for type_, _ in await o.told()] == ["gov.director_left"]


async def test_half_of_everything_gone_at_once_is_doubted_and_told_to_the_operators_only(office: Opened) -> None:
    register = Source(said=whole(8), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    register.otherwise = whole(1)
    for _ in range(3):
        await o.look("register", "c1", after=HOUR)
        await o.duties()
    assert (await o.told(), await o.notices()) == ([], ["source_suspect"])
    assert len(await held(o)) == 9

    register.otherwise = whole(8)
    await o.look("register", "c1", after=HOUR)
    await o.duties()
    assert (await o.told(), await o.notices()) == ([], ["source_suspect", "source_recovered"])


# --------------------------------------------------------------------------- a new version, a lost turn


async def test_another_version_of_the_watcher_rebaselines_silently_but_for_what_is_grave(office: Opened) -> None:
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    for customer in ("c1", "c2"):
        await o.look("register", customer)

    newer = Source(kinds=("company", "officer"), version=2)
    newer.otherwise = found(company(address="1 New Road"), *(officer(n) for n in range(5, 9)))
    newer.said["c2"] = whole(4, "insolvent")
    o.open(None, newer)
    for customer in ("c1", "c2"):
        await o.look("register", customer, after=DAY)

    assert await o.told() == [("ins.proceeding_opened", "critical")]
    assert await o.notices() == ["new_baseline"]
    assert newer.asked[0].full
    newer.otherwise = found(company(address="2 New Road"), *(officer(n) for n in range(5, 9)))
    await o.look("register", "c1", after=DAY)
    assert [type_ for type_, _ in await o.told()] == ["ins.proceeding_opened", "reg.address_changed"]


async def test_a_cut_answer_is_no_new_baseline(office: Opened) -> None:
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")

    newer = Source(kinds=("company", "officer"), version=2, said=found(company(), complete=False))
    o.open(None, newer)
    await o.look("register", "c1", after=DAY)
    assert await o.notices() == []
    newer.otherwise = whole()
    await o.look("register", "c1", after=HOUR)

    assert await o.notices() == ["new_baseline"]


async def test_a_lost_lease_commits_nothing(office: Opened) -> None:
    register = Source(said=whole(), kinds=("company", "officer"))
    o = office(register)
    await o.start()
    await o.look("register", "c1")
    register.otherwise = found(company("dissolved"), unknown=())

    late = await o.take("register", "c1")
    o.clock.pass_(timedelta(seconds=90))
    await o.take("register", "c1")
    look = await poll.run(late, o.desk)

    assert look is None
    assert await o.events() == []
    assert await o.alerts() == []
    assert len(await held(o)) == 5


async def test_trouble_seen_in_a_lost_turn_is_not_told(office: Opened) -> None:
    register = Source(said=SourceBlocked("the key was refused", credential=True))
    o = office(register)
    await o.start()

    late = await o.take("register", "c1")
    o.clock.pass_(timedelta(seconds=90))
    await o.take("register", "c1")
    await poll.run(late, o.desk)

    assert await o.notices() == []
    assert await o.store.read(read.sources_health) == []


async def test_a_turn_for_a_customer_who_left_meanwhile_is_dropped_without_a_word(office: Opened) -> None:
    register = Source(said=found(company("insolvent")))
    o = office(register)
    await o.start()
    turn = await o.take("register", "c3")

    o.open(watchlist(range(1, 3)))
    await o.start()
    look = await poll.run(turn, o.desk)

    assert look is None
    assert await o.events() == []


# --------------------------------------------------------------------------- with real answers


@pytest.fixture
def world() -> Iterator[tuple[World, Servers]]:
    world = World(today=MORNING)
    for n in range(1, 4):
        world.entities[lei(n)] = entity(n)
    world.feeds["/trade.rss"] = []
    with Servers(world) as servers:
        yield world, servers


def answering(office: Opened, servers: Servers) -> Office:
    rows = "\n".join(
        f'  {name}: {{base_url: "http://127.0.0.1:{port}", allow_private: true, pace: 0}}'
        for name, port in servers.ports.items()
    )
    extra = {"watch": "{{feeds: [https://news.example/trade.rss]}}"}
    return office(customers=watchlist(range(1, 4), **extra), more=f"sources:\n{rows}")


async def test_the_proof_of_an_event_is_the_answer_that_holds_the_record_and_no_other_is_kept(
    office: Opened, world: tuple[World, Servers]
) -> None:
    o = answering(office, world[1])
    await o.start()
    await o.look("gleif", "c1")
    assert await o.store.read(lambda conn: list(conn.exec_driver_sql("select sha256 from evidence"))) == []

    world[0].change(lei(1), name="RENAMED COMPANY LTD")
    await o.look("gleif", "c1", after=DAY)

    (event,) = await o.events("reg.name_changed")
    proofs = [await o.store.read(lambda conn, one=one: read.evidence_of(conn, one)) for one in event.event.evidence]
    assert [b"RENAMED COMPANY LTD" in (one.body if one else b"") for one in proofs] == [True]
    kept = await o.store.read(lambda conn: list(conn.exec_driver_sql("select sha256 from evidence")))
    assert [row[0] for row in kept] == list(event.event.evidence)


async def test_a_drifted_answer_is_kept_for_whoever_mends_the_watcher(
    office: Opened, world: tuple[World, Servers]
) -> None:
    o = answering(office, world[1])
    await o.start()
    await o.look("gleif", "c1")

    world[0].gleif_drifted = True
    await o.look("gleif", "c1", after=DAY)

    (notice,) = await o.events("sys.source_suspect")
    proofs = [await o.store.read(lambda conn, one=one: read.evidence_of(conn, one)) for one in notice.event.evidence]
    assert any(b"entityStatus" in (one.body if one else b"") for one in proofs)


async def test_what_the_source_gave_to_ask_with_is_kept_over_bad_looks(
    office: Opened, world: tuple[World, Servers]
) -> None:
    o = answering(office, world[1])
    await o.start()
    (subject,) = [one.subject for one in await o.store.read(lambda conn: turns.listing(conn, "feed"))]
    await o.look("feed", subject)
    before = await o.take("feed", subject)
    o.clock.pass_(HOUR)

    world[0].feeds.clear()  # 404
    bad = await o.look("feed", subject)
    after = await o.take("feed", subject)

    assert bad is not None and not bad.outcome.good
    assert before.validators
    assert (after.validators, after.memory, after.version) == (before.validators, before.memory, before.version)


async def test_two_turns_about_one_customer_at_once_make_one_event(office: Opened) -> None:
    one, two = (Source(name, said=found(company()), title="Register") for name in ("one", "two"))
    o = office(one, two)
    await o.start()
    for name in ("one", "two"):
        await o.look(name, "c1")

    for source in (one, two):
        source.otherwise = found(company("dissolved", dissolved_on="2026-11-02"))
    o.clock.pass_(DAY)
    claimed = [await o.take(name, "c1") for name in ("one", "two")]
    await asyncio.gather(*(poll.run(turn, o.desk) for turn in claimed))

    (event,) = await o.events("reg.dissolved")
    assert {origin.source for origin in event.event.origins} == {"one", "two"}
    assert await o.told() == [("reg.dissolved", "critical")]


async def test_an_article_that_names_nobody_and_one_that_does_are_both_kept(office: Opened) -> None:
    news = paper()
    o = office(news)
    await o.start()
    await o.look("paper", "paper")

    news.otherwise = found(article("a1", "Copper prices rise"), article("a2", "Tested Company 001 Ltd opens a plant"))
    await o.look("paper", "paper", after=HOUR)

    watch = await listed(o, "paper", "paper")
    known = await o.store.read(lambda conn: read.known(conn, watch.watch, [("article", "a1"), ("article", "a2")]))
    assert len(known) == 2
    assert len(await o.events()) == 1
