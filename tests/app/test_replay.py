"""History judged anew: the same rules change nothing, others change what they say, and the store stays as it was."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, select

from monitor.app import deciding, holding, muting, rejudging, replay, speech, wiring
from monitor.app.muting import Wanted
from monitor.app.refused import Refused
from monitor.app.rejudging import Replayed
from monitor.app.replay import Files
from monitor.edge import config as configs
from monitor.edge import trial
from monitor.edge.config import ConfigMistakes
from monitor.edge.settings import Keyring, Places, shipped
from monitor.edge.store import Store, scratch
from monitor.edge.store.tables import metadata
from monitor.model import Party, Record, Severity, Signal
from monitor.watcher import discover
from tests.house import MORNING, Office, Opened, Source, article, company, found, house, paper, watchlist

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BEFORE = MORNING - DAY
BANKRUPT = "Tested Company 001 Ltd files for bankruptcy"
NEWCOMER = watchlist(range(1, 4)).replace("Tested Company 003 Ltd", "Halvorsen Tableware Ltd")


def again(o: Office, *, customers: str | None = None, more: str | None = None, since: datetime = BEFORE) -> Replayed:
    """Judge the office's history anew, with other files if they are given; the office itself goes on as it was."""
    was = (o.customers, o.more)
    listed = set(o.desk.customers)
    o.open(customers, more=more)
    try:
        return rejudging.replay(o.store, o.desk, since, o.clock.now(), listed=listed | set(o.desk.customers))
    finally:
        o.open(was[0], more=was[1])


def notice(
    number: str, code: str, stage: str, *, company: int = 1, day: str = "2026-11-03", **fields: object
) -> Record:
    party = Party(f"Tested Company {company:03d} Ltd", "debtor", {"gb_company": f"{9000000 + company:08d}"})
    own = {"authority": "London Gazette", "code": code, "title": party.name.upper(), **fields}
    signal = Signal(code, stage, None, {"case": f"CR-2026-{company}"})
    return Record("notice", number, own, f"{day}T00:00:00+00:00", parties=(party,), signals=(signal,))


def gazette() -> Source:
    return paper("gazette", family="registry", kinds=("notice",), official=True, title="London Gazette")


def content(store: Store) -> str:
    """Return a digest over all rows of all tables."""

    def work(conn: Connection) -> str:
        whole = hashlib.sha256()
        for table in metadata.sorted_tables:
            whole.update(repr(sorted(map(repr, conn.execute(select(table))))).encode())
        return whole.hexdigest()

    return store.read_now(work)


async def test_the_same_rules_and_the_same_watchlist_make_no_difference(office: Opened) -> None:
    register = Source(said=found(company()), kinds=("company", "officer", "charge"))
    news, gazetted = paper(said=found(article("a0", "Tested Company 003 Ltd sued for fraud"))), gazette()
    o = office(register, news, gazetted)
    await lived(o, register, news, gazetted)
    before = content(o.store)

    done = again(o)

    assert done.contrast.differences == ()
    assert done.contrast.was == done.contrast.now > 5
    assert done.contrast.leads == ()
    assert content(o.store) == before


async def test_another_alias_adds_exactly_one_alert_and_says_how_much_sooner_it_would_have_come(office: Opened) -> None:
    news, gazetted = paper(), gazette()
    o = office(news, gazetted)
    await o.start()
    await looked(o, news, gazetted)
    news.otherwise = found(article("a1", "Testco Widgets in talks with creditors, suppliers unpaid", day="2026-11-04"))
    await looked(o, news, gazetted)
    for _ in range(4):
        await looked(o, news, gazetted)
    gazetted.otherwise = found(notice("1", "ins.proceeding_opened", "ordered", day="2026-11-09"))
    await looked(o, news, gazetted)
    told = len(await o.told())

    done = again(
        o, customers=watchlist(range(1, 4)).replace("    country", "    aliases: [Testco Widgets]\n    country", 1)
    )

    (one,) = done.contrast.differences
    assert (one.what, one.event.event.customer, one.event.event.record_key) == ("added", "c1", "a1")
    assert done.contrast.now == told + 1
    (lead,) = done.contrast.leads
    assert lead.earlier == 5 * DAY
    assert done.contrast.median_lead == 5 * DAY


async def test_a_mute_drops_what_it_names_and_nothing_else(office: Opened) -> None:
    news, gazetted = paper(), gazette()
    o = office(news, gazetted)
    await o.start()
    await looked(o, news, gazetted)
    for n in (1, 2, 3):
        gazetted.otherwise = found(notice(str(n), "ins.petition_filed", "filed", company=n))
        await looked(o, news, gazetted)
    news.otherwise = found(article("a1", "Tested Company 002 Ltd to close two plants", day="2026-11-05"))
    await looked(o, news, gazetted)
    mute = "rules: [{when: {types: [ins.petition_filed]}, mute: true, reason: agreed, until: 2027-03-31}]"

    done = again(o, more=mute)

    assert [(one.what, one.reason) for one in done.contrast.differences] == [("dropped", "muted")] * 3
    (rate,) = done.contrast.rates
    assert (rate.channel, rate.was, rate.now) == ("#customer-watch", 4, 1)
    assert rate.a_week == pytest.approx(7 / rate.days)
    assert "4 were queued; 1 would have been" in shown(done, o)


async def test_a_rule_that_lifts_and_a_route_say_what_changes_and_where(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await o.start()
    await looked(o, gazetted)
    gazetted.otherwise = found(notice("1", "ins.petition_filed", "filed"))
    await looked(o, gazetted)
    more = """
rules: [{when: {types: [ins.petition_filed]}, set: critical}]
routes: [{when: {severities: [critical]}, channel: "#board"}]
"""

    done = again(o, more=more)

    assert [(one.what, one.channel, one.was, one.now) for one in done.contrast.differences] == [
        ("added", "#board", None, Severity.CRITICAL),
        ("severity", "#customer-watch", Severity.HIGH, Severity.CRITICAL),
    ]
    assert {rate.channel: (rate.was, rate.now) for rate in done.contrast.rates} == {
        "#board": (0, 1),
        "#customer-watch": (1, 1),
    }
    rows = [orjson.loads(orjson.dumps(row)) for row in replay.rows(done, Files())]
    assert [row["kind"] for row in rows] == ["sum", "alert", "alert", "channel", "channel"]


async def test_since_hides_what_was_told_before_it(office: Opened) -> None:
    news, gazetted = paper(), gazette()
    o = office(news, gazetted)
    await o.start()
    await looked(o, news, gazetted)
    for n in (1, 2):
        gazetted.otherwise = found(notice(str(n), "ins.petition_filed", "filed", company=n))
        await looked(o, news, gazetted)
    mute = "rules: [{when: {types: ['ins.*']}, mute: true, reason: agreed, until: 2027-03-31}]"

    done = again(o, more=mute, since=o.clock.now() - HOUR)

    assert [one.event.event.customer for one in done.contrast.differences] == ["c2"]


# --------------------------------------------------------------------------- as it was, whatever happened


async def test_what_a_person_dismissed_and_muted_is_as_it_was(office: Opened) -> None:
    gazetted = gazette()
    o = office(gazetted)
    await o.start()
    await looked(o, gazetted)
    namesake = Party("Tested Company 001 Ltd", "debtor")
    petition = replace(notice("1", "ins.petition_filed", "filed"), parties=(namesake,))
    gazetted.otherwise = found(petition)
    await looked(o, gazetted)
    (event,) = await o.events("ins.*")
    deciding.settle(o.desk, event.event.id, "dismissed", "their namesake", "ann")
    muting.settle(o.desk, Wanted("c2", reason="agreed", until="14d"), "ben")
    fields = {**petition.fields, "title": "TESTED COMPANY 001 LIMITED OF LEEDS"}
    changed = replace(
        petition, fields=fields, parties=(replace(namesake, country="GB", ids={"gb_company": "09000001"}),)
    )
    gazetted.otherwise = found(changed, notice("2", "ins.petition_filed", "filed", company=2))
    await looked(o, gazetted)
    assert {one.silent for one in await o.events("ins.*", "c2")} == {"muted"}

    done = again(o)

    assert done.contrast.differences == ()
    assert done.contrast.was == done.contrast.now == 1


async def test_a_customer_who_came_later_has_its_baseline_then(office: Opened) -> None:
    news = paper()
    o = office(news, customers=watchlist(range(1, 3)))
    await o.start()
    await looked(o, news)
    news.otherwise = found(article("a1", "Halvorsen Tableware Ltd files for bankruptcy", day="2026-11-04"))
    await looked(o, news)
    o.clock.pass_(DAY)
    o.open(NEWCOMER)
    await o.start()
    assert [one.silent for one in await o.events("ins.*", "c3")] == ["baseline"]

    done = again(o)

    assert done.contrast.differences == ()


async def test_a_customer_nobody_watched_is_judged_as_if_it_had_been_there(office: Opened) -> None:
    news = paper()
    o = office(news, customers=watchlist(range(1, 3)))
    await o.start()
    await looked(o, news)
    news.otherwise = found(article("a1", "Halvorsen Tableware Ltd files for bankruptcy", day="2026-11-04"))
    await looked(o, news)

    done = again(o, customers=NEWCOMER)

    assert [(one.what, one.event.event.customer) for one in done.contrast.differences] == [("added", "c3")]


async def test_a_new_reading_of_a_source_is_a_baseline_again_and_is_counted(office: Opened) -> None:
    register = Source(said=found(company("strike_off_pending")))
    o = office(register)
    await o.start()
    await o.look("register", "c1")
    register.watcher = replace(register.watcher, version=2)
    o.open()
    register.otherwise = found(company("strike_off_pending", city="LEEDS"))
    await o.look("register", "c1", after=DAY)

    done = again(o)

    assert done.contrast.differences == ()
    assert (done.gaps.first_looks, done.gaps.baselines) == (1, 1)


@pytest.mark.parametrize("word", ["released", "discarded", "held"])
async def test_what_a_hold_kept_back_is_told_when_it_was_released_and_else_left_out(office: Opened, word: Any) -> None:
    register = Source(said=found(company()))
    o = office(register, customers=watchlist(range(1, 15)))
    await o.start()
    await everybody(o, register)
    register.otherwise = found(company("dissolved"))
    await everybody(o, register)
    if word != "held":
        o.clock.pass_(HOUR)
        holding.settle(o.desk, "register", word, "ann")
    told = len(await o.told())

    done = again(o)

    assert (told > 0) == (word == "released")
    assert done.contrast.differences == ()
    assert done.contrast.was == done.contrast.now == told


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_happened_the_same_files_tell_the_same(office: Opened, seed: int) -> None:
    chance = Random(seed)
    first = Source("register_a", kinds=("company", "officer"))
    second = Source("register_b", kinds=("company", "officer"))
    news, gazetted = paper(), gazette()
    o = office(first, second, news, gazetted)
    await o.start()

    for day in range(10):
        for register in (first, second):
            for n in (1, 2, 3):
                register.said[f"c{n}"] = state(chance, n)
                if chance.random() < 0.7:
                    await o.look(register.watcher.name, f"c{n}", after=timedelta(hours=chance.randint(1, 5)))
        news.otherwise = found(*(headline(chance, f"a{day}-{n}", o) for n in range(chance.randint(0, 3))))
        gazetted.otherwise = found(*(gazetted_today(chance, f"n{day}-{n}", o) for n in range(chance.randint(0, 2))))
        await looked(o, news, gazetted)
        events = [one.event.id for one in await o.events() if one.event.record_key]
        if events and chance.random() < 0.3:
            o.clock.pass_(HOUR)
            deciding.settle(o.desk, chance.choice(events), chance.choice(["dismissed", "confirmed"]), "", "ann")

    done = again(o)

    assert done.contrast.differences == ()
    assert done.contrast.leads == ()
    assert done.contrast.was > 5


def state(chance: Random, number: int) -> Any:
    """Return what a register may say of a company on one day."""
    status = chance.choice(["active"] * 6 + ["dissolved", "insolvent", "strike_off_pending"])
    people = [Record("officer", str(n), {"name": f"Person {n}", "role": "director"}) for n in range(4)]
    kept = [one for one in people if chance.random() < 0.9]
    return found(company(status, name=f"TESTED COMPANY {number:03d} LTD", city=chance.choice(["LEEDS", "YORK"])), *kept)


def headline(chance: Random, key: str, o: Office) -> Record:
    says = chance.choice(["files for bankruptcy", "to close two plants", "wins order", "accused of fraud in court"])
    outlet = chance.choice(["Evening Paper", "Morning Post"])
    name = f"Tested Company {chance.randint(1, 3):03d} Ltd"
    return article(key, f"{name} {says}", outlet=outlet, day=o.clock.now().date().isoformat())


def gazetted_today(chance: Random, key: str, o: Office) -> Record:
    code, stage = chance.choice(
        [("ins.petition_filed", "filed"), ("ins.proceeding_opened", "ordered"), ("ins.reversed", "reversed")]
    )
    return notice(key, code, stage, company=chance.randint(1, 3), day=o.clock.now().date().isoformat())


async def everybody(o: Office, register: Source) -> None:
    o.clock.pass_(DAY)
    for customer in o.desk.customers:
        await o.look(register.watcher.name, customer)


async def looked(o: Office, *sources: Source) -> None:
    """Let a day pass: what waited has left, and each stream is looked at."""
    o.clock.pass_(DAY)
    now = o.clock.now()
    await o.store.write(lambda conn: scratch.sent(conn, now))
    for source in sources:
        await o.look(source.watcher.name, source.watcher.name)


def shown(done: Replayed, o: Office) -> str:
    files = Files()
    voice = speech.voice()
    return "\n".join([*replay.head(done, files, voice), *replay.tail(done, files, {}, voice)])


# --------------------------------------------------------------------------- the files


def test_files_with_mistakes_are_told_with_their_lines_and_nothing_is_judged(tmp_path: Path) -> None:
    (tmp_path / "watchlist.yaml").write_text(watchlist(range(1, 3)), "utf-8")
    (tmp_path / "rules.yaml").write_text("rules:\n  - when: {sources: [nobody]}\n    mute: true\n", "utf-8")
    (tmp_path / "other.yaml").write_text("version: 1\ncustomers:\n  - nam: Nobody\n", "utf-8")
    config = configs.load(tmp_path, sources=discover())

    with pytest.raises(ConfigMistakes) as refused:
        trial.read(config, rules=tmp_path / "rules.yaml", listed=tmp_path / "other.yaml", sources=discover())

    places = {(one.file, one.line) for one in refused.value.mistakes}
    assert {("rules.yaml", 2), ("other.yaml", 3)} <= places
    with pytest.raises(ConfigMistakes):
        trial.read(config, rules=tmp_path / "absent.yaml", sources=discover())


def test_a_part_of_the_settings_is_laid_over_those_in_force(tmp_path: Path) -> None:
    (tmp_path / "watchlist.yaml").write_text(watchlist(range(1, 3)), "utf-8")
    (tmp_path / "counterwatch.yaml").write_text(
        'language: zh\npeople: {ann: {mail: ann@example.com}}\nlisten: "off"\n', "utf-8"
    )
    part = 'routes: [{channel: "#board", mention: ann}]\nlisten: 127.0.0.1:1\n'
    (tmp_path / "part.yaml").write_text(part, "utf-8")
    config = configs.load(tmp_path, sources=discover())

    tried = trial.read(config, rules=tmp_path / "part.yaml", sources=discover()).config

    assert [(one.channel, one.mention) for one in tried.policy.routes] == [("#board", "ann")]
    assert (tried.policy.language, tried.settings.listen) == ("zh", config.settings.listen)
    assert tried.customers == config.customers


def test_another_rulebook_is_known_by_its_keys_and_an_unsound_one_is_refused(tmp_path: Path, store: Store) -> None:
    (tmp_path / "watchlist.yaml").write_text(watchlist(range(1, 3)), "utf-8")
    book = shipped("rules.yaml").read_text("utf-8")
    (tmp_path / "sound.yaml").write_text(book.replace("unidentified: medium", "unidentified: low"), "utf-8")
    (tmp_path / "unsound.yaml").write_text(book.replace("unidentified: medium", "unidentified: medum"), "utf-8")
    config = configs.load(tmp_path, sources=discover())
    desk = wiring.desk(Places(tmp_path, tmp_path / "state"), Keyring(), config=config, store=store)

    sound = trial.read(config, rules=tmp_path / "sound.yaml", sources=discover())
    unsound = trial.read(config, rules=tmp_path / "unsound.yaml", sources=discover())

    assert replay.other(desk, sound).rules.rulebook.caps["unidentified"] is Severity.LOW
    with pytest.raises(Refused, match="rulebook"):
        replay.other(desk, unsound)


def test_the_command_prints_rows_of_json_and_refuses_files_with_mistakes(tmp_path: Path) -> None:
    with house(tmp_path, range(1, 3)) as h:
        h.configure(watchlist(range(1, 3)))
        assert h.run("run", "--once", "--all").returncode == 0
        (tmp_path / "bad.yaml").write_text("rules: 7\n", "utf-8")

        done = h.run("replay", "--since", "2d", "--json")
        bad = h.run("replay", "--rules", str(tmp_path / "bad.yaml"))

    first = orjson.loads(done.stdout.splitlines()[0])
    assert (first["kind"], first["added"], first["dropped"]) == ("sum", 0, 0)
    assert first["alerts_before"] == first["alerts_after"]
    assert (bad.returncode, "bad.yaml:1" in bad.stderr) == (2, True)


async def lived(o: Office, register: Source, news: Source, gazetted: Source) -> None:
    """Let three weeks go by: states that come and go, removals, a story, an insolvency over three sources."""
    director = [Record("officer", str(n), {"name": f"Person Number {n}", "role": "director"}) for n in range(4)]
    register.otherwise = found(company(), *director)
    await o.start()

    async def day(**said: object) -> None:
        o.clock.pass_(DAY)
        now = o.clock.now()
        await o.store.write(lambda conn: scratch.sent(conn, now))
        for customer in ("c1", "c2", "c3"):
            await o.look("register", customer, after=HOUR)
        await o.look("paper", "paper", after=HOUR)
        await o.look("gazette", "gazette")

    await day()
    news.otherwise = found(article("a1", "Tested Company 002 Ltd to close two plants", day="2026-11-04"))
    gazetted.otherwise = found(notice("1", "ins.petition_filed", "filed", day="2026-11-04"))
    await day()
    register.said["c1"] = found(company("insolvent"), *director)
    news.otherwise = found(
        article("a1", "Tested Company 002 Ltd to close two plants", day="2026-11-04"),
        article("a2", "Layoffs at Tested Company 002 Ltd", day="2026-11-05", outlet="Morning Post"),
        article("a3", BANKRUPT, day="2026-11-05"),
    )
    gazetted.otherwise = found(notice("2", "ins.proceeding_opened", "ordered", day="2026-11-05"))
    register.said["c2"] = found(company(), *director[1:])
    await day()
    await day()
    register.said["c3"] = found(company("dissolved"))
    await day()
    register.said["c3"] = found(company("active"), *director)
    await day()
    register.said["c3"] = found(company("dissolved"))
    await day()
    await day()
    gazetted.otherwise = found(notice("3", "ins.reversed", "reversed", day="2026-11-10"))
    await day()
