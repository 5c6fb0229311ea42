"""What the watch says about itself: each trouble once, its end once, and nothing for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import door, telling
from monitor.edge.store import Store, read
from monitor.model import Alert
from monitor.watcher import Findings, SourceBlocked, SourceDown, SourceDrifted, Unknown
from tests.house import HandClock, Office, Source, company, found, paper, watchlist

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
Opened = Callable[..., Office]
TROUBLE: dict[str, Exception] = {
    "source_stale": SourceDown("register.example answers 503"),
    "source_suspect": SourceDrifted("status is missing"),
    "source_blocked": SourceBlocked("the key was refused", credential=True),
}


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


async def opened_register(office: Opened, **declared: object) -> tuple[Office, Source]:
    register = Source(said=found(company()), title="The Register", **declared)
    o = office(register)
    await o.start()
    await looked(o)
    return o, register


async def looked(o: Office, *subjects: str, after: timedelta = timedelta(0)) -> None:
    """Look at each customer, and do the duties."""
    o.clock.pass_(after)
    for subject in subjects or ("c1", "c2", "c3"):
        await o.look("register", subject)
    await o.duties()


async def ops(o: Office) -> list[Alert]:
    return await o.alerts(ops=True)


# --------------------------------------------------------------------------- lost and seen again


@pytest.mark.parametrize("code", TROUBLE)
async def test_a_source_that_goes_and_comes_back_is_told_once_each_way(office: Opened, code: str) -> None:
    o, register = await opened_register(office)

    register.otherwise = TROUBLE[code]
    for _ in range(4):
        await looked(o, after=DAY)
    register.otherwise = found(company())
    for _ in range(2):
        await looked(o, after=DAY)

    assert await o.notices() == [code, "source_recovered"]
    assert await o.alerts() == []


@pytest.mark.parametrize("code", TROUBLE)
async def test_a_second_absence_is_told_again(office: Opened, code: str) -> None:
    o, register = await opened_register(office)

    for _ in range(2):
        register.otherwise = TROUBLE[code]
        await looked(o, after=DAY)
        await looked(o, after=DAY)
        register.otherwise = found(company())
        await looked(o, after=DAY)

    assert await o.notices() == [code, "source_recovered"] * 2


async def test_a_source_lost_for_one_reason_and_then_for_another_is_one_absence(office: Opened) -> None:
    o, register = await opened_register(office)

    for code in ("source_stale", "source_stale", "source_blocked", "source_suspect"):
        register.otherwise = TROUBLE[code]
        await looked(o, after=DAY)
    (health,) = await o.store.read(read.sources_health)
    assert health.reason == "status is missing"  # who asks is told today's cause
    register.otherwise = found(company())
    await looked(o, after=DAY)

    assert await o.notices() == ["source_stale", "source_recovered"]


async def test_a_short_absence_is_not_told(office: Opened) -> None:
    o, register = await opened_register(office)

    register.otherwise = TROUBLE["source_stale"]
    await looked(o, after=10 * MINUTE)
    register.otherwise = found(company())
    await looked(o, after=10 * MINUTE)

    assert await o.notices() == []


async def test_it_is_over_only_when_the_last_customer_is_seen_again(office: Opened) -> None:
    o, register = await opened_register(office)

    register.otherwise = TROUBLE["source_suspect"]
    await looked(o, after=DAY)
    register.otherwise = found(company())
    await looked(o, "c1", "c2", after=HOUR)
    assert await o.notices() == ["source_suspect"]
    await looked(o, "c3", after=HOUR)

    assert await o.notices() == ["source_suspect", "source_recovered"]


async def test_a_cut_answer_is_no_recovery(office: Opened) -> None:
    o, register = await opened_register(office)

    register.otherwise = TROUBLE["source_blocked"]
    await looked(o, after=DAY)
    register.otherwise = found(company(), complete=False)
    await looked(o, after=HOUR)

    assert await o.notices() == ["source_blocked"]


async def test_a_start_in_between_repeats_nothing(office: Opened) -> None:
    o, register = await opened_register(office)

    register.otherwise = TROUBLE["source_blocked"]
    for _ in range(3):
        await looked(o, after=DAY)
        o.open()
        await o.start()
    register.otherwise = found(company())
    await looked(o, after=DAY)
    o.open()
    await o.start()
    await looked(o, after=DAY)

    assert await o.notices() == ["source_blocked", "source_recovered"]


async def test_of_two_streams_the_one_that_is_away_is_meant(office: Opened) -> None:
    feeds = paper("feeds", "one", "two")
    o = office(feeds)
    await o.start()
    for place in ("one", "two"):
        await o.look("feeds", place)

    feeds.said["two"] = SourceDown("two.example answers 503")
    for _ in range(3):
        for place in ("one", "two"):
            await o.look("feeds", place, after=DAY)
        await o.duties()
    assert await o.notices() == ["source_stale"]
    assert [(h.subject, h.code) for h in await o.store.read(read.sources_health)] == [("two", "source_stale")]

    del feeds.said["two"]
    await o.look("feeds", "two", after=HOUR)
    await o.duties()
    assert await o.notices() == ["source_stale", "source_recovered"]


async def test_two_streams_that_go_at_the_same_moment_are_two_notices(office: Opened) -> None:
    feeds = paper("feeds", "one", "two")
    o = office(feeds)
    await o.start()
    feeds.otherwise = SourceDrifted("no feed at all")

    for place in ("one", "two"):
        await o.look("feeds", place)

    assert await o.notices() == ["source_suspect"] * 2


# --------------------------------------------------------------------------- nothing hangs for ever


async def test_trouble_with_a_customer_who_left_the_watchlist_ends(office: Opened) -> None:
    o, register = await opened_register(office)
    register.said["c3"] = TROUBLE["source_suspect"]
    await looked(o, after=DAY)

    o.open(watchlist(range(1, 3)))
    await o.start()
    await looked(o, "c1", "c2", after=DAY)

    assert await o.notices() == ["source_suspect", "source_recovered"]
    assert [h.code for h in await o.store.read(read.sources_health)] == ["ok"]


async def test_trouble_with_a_source_that_was_switched_off_ends_without_a_word(office: Opened) -> None:
    o, register = await opened_register(office)
    register.otherwise = TROUBLE["source_blocked"]
    await looked(o, after=DAY)

    o.open(None, paper())
    await o.start()
    await o.duties(after=DAY)

    assert await o.notices() == ["source_blocked"]
    assert [h.code for h in await o.store.read(read.sources_health)] == ["ok"]


# --------------------------------------------------------------------------- what a notice says


async def test_a_registry_that_fails_for_one_customer_is_not_said_to_be_away_for_all(office: Opened) -> None:
    o, register = await opened_register(office)
    register.said["c2"] = TROUBLE["source_stale"]

    await looked(o, after=DAY)
    await looked(o, after=DAY)

    (alert,) = await ops(o)
    assert (alert.facts["customers"], alert.facts["names"]) == (1, ["Tested Company 002 Ltd"])


async def test_whoever_always_fails_hides_no_later_outage_of_all(office: Opened) -> None:
    o, register = await opened_register(office)
    register.said["c1"] = SourceDown("register.example answers 500 for this number")
    for _ in range(5):
        await looked(o, after=DAY)
    assert [(a.facts["code"], a.facts["customers"]) for a in await ops(o)] == [("source_stale", 1)]

    register.otherwise = SourceDown("register.example cannot be found")
    await looked(o, after=MINUTE)
    assert len(await ops(o)) == 1  # one bad look is no outage
    for _ in range(3):
        await looked(o, after=DAY)
    assert [(a.facts["code"], a.facts["customers"]) for a in await ops(o)][1:] == [("source_stale", 3)]

    register.otherwise = found(company())
    for _ in range(3):
        await looked(o, after=DAY)
    assert len(await ops(o)) == 2
    del register.said["c1"]
    await looked(o, after=DAY)
    assert await o.notices() == ["source_stale", "source_stale", "source_recovered"]


async def test_a_key_refused_for_a_source_that_fails_for_a_few_is_told_at_once(office: Opened) -> None:
    o, register = await opened_register(office)
    register.said["c1"] = SourceDown("register.example answers 500 for this number")
    for _ in range(5):
        await looked(o, after=DAY)

    register.otherwise = SourceBlocked("the key was refused", credential=True)
    await looked(o, "c2", after=MINUTE)

    assert await o.notices() == ["source_stale", "source_blocked"]


async def test_absence_is_counted_from_the_last_good_look(office: Opened) -> None:
    o, register = await opened_register(office)
    last_good = o.clock.now()
    register.otherwise = TROUBLE["source_stale"]

    await looked(o, after=DAY)
    await looked(o, after=DAY)
    register.otherwise = found(company())
    await looked(o, after=DAY)

    lost, seen = await ops(o)
    assert lost.facts["since"] == seen.facts["since"] == last_good.isoformat().replace("+00:00", "Z")


async def test_the_money_behind_a_source_is_added_up(office: Opened) -> None:
    register = Source(said=found(company()))
    extra = {"tier": "A", "exposure": "{{open: 1000{n} EUR}}"}
    o = office(register, customers=watchlist(range(1, 4), **extra))
    await o.start()
    await looked(o)
    register.otherwise = TROUBLE["source_blocked"]

    await looked(o, after=DAY)

    (alert,) = await ops(o)
    assert alert.facts["money"] == {"open": "30006", "currency": "EUR", "tier_a": 3, "tier_a_open": "30006"}


CODES = (
    ("source_stale", {"source": "GLEIF", "since": "2026-11-02T09:00:00Z", "cause": "503", "customers": 3}),
    ("source_suspect", {"source": "GLEIF", "since": "2026-11-02T09:00:00Z", "cause": "status is missing"}),
    ("source_blocked", {"source": "GLEIF", "since": "2026-11-02T09:00:00Z", "cause": "401"}),
    ("source_recovered", {"source": "GLEIF", "since": "2026-11-02T09:00:00Z"}),
    ("unclassified", {"source": "GLEIF", "raw": "ZOMBIFIED", "field": "status"}),
    ("new_baseline", {"source": "GLEIF", "since": "2026-11-02T09:00:00Z"}),
)
DELIVERY = (
    ("route_broken", {"channel": "#sales", "reason": "is_archived", "cause": "is_archived", "waiting": 3}),
    ("message_refused", {"channel": "#sales", "alert": "al_1", "code": "invalid_blocks", "reason": "invalid_blocks"}),
    ("delivery_uncertain", {"channel": "#sales", "alert": "al_2", "code": "timeout"}),
    ("scopes_missing", {"detail": "channels:history, groups:history"}),
    ("sender_broken", {"reason": "token_revoked", "cause": "token_revoked"}),
)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_notice_has_words_in_both_languages(office: Opened, language: str) -> None:
    o = office(Source(), more=f"language: {language}")

    for code, facts in (*CODES, *DELIVERY):
        await o.store.write(lambda conn, code=code, facts=facts: door._notice(conn, o.desk, code, facts))

    told = await ops(o)
    assert len(told) == len(CODES) + len(DELIVERY)
    for alert in told:
        text = telling.message(o.desk, alert, None, None).text
        assert not {"{", "}"} & set(text)
        assert any("\u4e00" <= sign <= "\u9fff" for sign in text) == (language == "zh")
        assert o.desk.rules.texts.has(f"ops.{alert.facts['code']}.head", "zh"), "a notice without words of its own"
        for name in ("channel", "raw"):
            assert str(alert.facts.get(name, "")) in text


async def test_a_strange_word_is_told_once_however_many_use_it_and_at_bounded_length(office: Opened) -> None:
    o, register = await opened_register(office)
    odd = company("unknown", status_raw="X" * 5000)
    register.otherwise = found(odd, unknown=(Unknown("status", "X" * 5000, odd.id),))

    await looked(o, after=DAY)
    await looked(o, after=DAY)

    (alert,) = await ops(o)
    assert len(str(alert.facts["raw"])) == 200


async def test_no_findings_at_all_are_no_trouble(office: Opened) -> None:
    quiet = Source("quiet", said=Findings())
    o = office(quiet)
    await o.start()

    for _ in range(3):
        await o.look("quiet", "c1", after=DAY)
        await o.duties()

    assert await o.notices() == []
