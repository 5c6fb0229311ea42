"""Somebody read it in the paper: why were we not told? Each test is one of the answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.app import deciding, muting, sought, speech, unsaid
from monitor.app.muting import Wanted
from monitor.app.refused import Refused
from monitor.app.unsaid import Answer
from monitor.edge.store import outbox
from monitor.model import Party, Record, Signal
from monitor.watcher import SourceBlocked
from tests.house import Office, Opened, Source, article, company, found, house, paper, watchlist

DAY = timedelta(days=1)
BANKRUPT = "Tested Company 001 Ltd files for bankruptcy"
MUTED = "rules: [{when: {types: ['ins.*']}, mute: true, reason: agreed with the bank, until: 2027-03-31}]"


async def reading(office: Opened, news: Source, *said: Record, **more: Any) -> Office:
    """Return an office that took its first look at the paper, and a day later read these items."""
    o = office(news, **more)
    await o.start()
    await o.look(news.watcher.name, news.watcher.name)
    news.otherwise = found(*said)
    await o.look(news.watcher.name, news.watcher.name, after=DAY)
    return o


def asked(o: Office, text: str, customer: str = "c1") -> Answer:
    return unsaid.ask(o.store, o.desk, o.desk.customers[customer], text, o.clock.now())


def said(answer: Answer, language: Any = "en") -> str:
    return "\n".join(unsaid.lines(answer, speech.voice(language)))


# --------------------------------------------------------------------------- seen, and silent


async def test_a_muted_event_is_found_by_its_headline_with_the_rule_and_its_end(office: Opened) -> None:
    o = await reading(office, paper(), article("a1", BANKRUPT, day="2026-11-04"), more=MUTED)

    answer = asked(o, "Tested Company 001 files for bankruptcy")

    assert answer.code == "muted"
    assert "muted by your rule “rule 1” until 31 Mar 2027 (agreed with the bank)" in said(answer)
    assert "已被规则“rule 1”静音至" in said(answer, "zh")


async def test_a_namesake_with_another_number_is_told_apart_by_it(office: Opened) -> None:
    other = Party("Tested Company 001 Ltd", "debtor", {"gb_company": "08123456"})
    namesake = Record(
        *("notice", "N1"), {"title": "TESTED COMPANY 001 LTD"}, "2026-11-04",
        parties=(other,), signals=(Signal("ins.petition_filed", "filed"),),
    )  # fmt: skip
    o = await reading(office, paper("gazette", kinds=("notice",), official=True), namesake)

    answer = asked(o, "Tested Company 001 Ltd")

    assert answer.code == "other_number"
    assert "its company number is another one: 08123456, not 09000001" in said(answer)


async def test_a_company_that_bears_the_name_and_more_words_is_matched_to_nobody(office: Opened) -> None:
    o = await reading(office, paper(), article("a1", "Tested Trading of Leeds files for bankruptcy"))

    answer = asked(o, "Tested Trading of Leeds files for bankruptcy")

    assert answer.code == "not_named"
    assert "missing of the name: Company and 001." in said(answer)


async def test_the_alias_that_would_have_found_it_is_told_as_the_line_to_write(office: Opened) -> None:
    o = await reading(office, paper(), article("a1", "Tested Compny 001 files for bankruptcy"))

    answer = asked(o, "Tested Compny 001 files for bankruptcy")

    assert answer.code == "not_named"
    assert 'write under c1 in watchlist.yaml: aliases: ["Tested Compny 001"]' in said(answer)
    fixed = watchlist(range(1, 4)).replace("    country", '    aliases: ["Tested Compny 001"]\n    country', 1)
    o.open(fixed)
    assert [one.customer for one in o.desk.index.find(article("a1", "Tested Compny 001 files for bankruptcy"))] == [
        "c1"
    ]


async def test_an_excluded_phrase_is_named(office: Opened) -> None:
    names = watchlist(range(1, 4), watch="{{exclude: [football club]}}")
    o = await reading(
        office, paper(), article("a1", "Tested Company 001 Ltd football club is bankrupt"), customers=names
    )

    answer = asked(o, "football club is bankrupt")

    assert answer.code == "excluded"
    assert "“football club”" in said(answer)


async def test_what_was_there_at_the_first_look_is_the_baseline(office: Opened) -> None:
    o = office(paper(said=found(article("a1", BANKRUPT))))
    await o.start()
    await o.look("paper", "paper")

    assert asked(o, BANKRUPT).code == "baseline"


async def test_a_neutral_headline_says_that_it_was_read_as_such(office: Opened) -> None:
    o = await reading(office, paper(), article("a1", "Orders steady at Tested Company 001 Ltd"))

    assert asked(o, "Orders steady at Tested Company 001").code == "nothing_adverse"


async def test_an_old_article_says_how_old_it_was(office: Opened) -> None:
    o = await reading(office, paper(), article("a1", BANKRUPT, day="2026-09-01"))

    answer = asked(o, BANKRUPT)

    assert answer.code == "old"
    assert "(of 1 Sep)" in said(answer)


async def test_a_graver_fact_that_was_open_is_named(office: Opened) -> None:
    party = Party("Tested Company 001 Ltd", "debtor", {"gb_company": "09000001"})
    opened, petition = (
        Record("notice", key, {"title": title}, "2026-11-04", parties=(party,), signals=(Signal(code, stage),))
        for key, title, code, stage in (
            ("1", "Winding-up order", "ins.proceeding_opened", "ordered"),
            ("2", "Petition to wind up", "ins.petition_filed", "filed"),
        )
    )
    gazetted = paper("gazette", kinds=("notice",), official=True)
    o = await reading(office, gazetted, opened)
    gazetted.otherwise = found(opened, petition)
    await o.look("gazette", "gazette", after=DAY)

    answer = asked(o, "petition to wind up")

    assert answer.code == "inhibited"
    assert answer.items[0][1].facts["event"] == (await o.events("ins.proceeding_opened"))[0].event.id


async def test_what_waits_and_what_was_sent_say_when_and_where(office: Opened) -> None:
    o = await reading(office, paper(), article("a1", BANKRUPT, day="2026-11-04"))
    assert asked(o, BANKRUPT).code in ("waits", "waiting")

    (alert,) = await o.alerts()
    now = o.clock.now()
    await o.store.write(lambda conn: outbox.claim(conn, alert.id, alert.not_before or now))
    await o.store.write(lambda conn: outbox.sent(conn, alert.id, "C1", "1.1", now))

    answer = asked(o, BANKRUPT)
    assert answer.code == "sent"
    assert "told on 4 Nov 09:00 in #customer-watch" in said(answer)


async def test_a_change_that_is_held_back_names_the_hold_and_how_to_tell_it(office: Opened) -> None:
    register = Source(said=found(company()))
    o = office(register, customers=watchlist(range(1, 15)))
    await o.start()
    for after, said_ in ((timedelta(0), "active"), (DAY, "dissolved")):
        register.otherwise = found(company(said_, name="TESTED COMPANY LTD"))
        o.clock.pass_(after)
        for customer in o.desk.customers:
            await o.look("register", customer)

    answer = asked(o, "Tested Company Ltd dissolved", "c14")

    assert answer.code == "held"
    assert "counterwatch held release register tells it" in said(answer)


async def test_what_a_person_muted_or_dismissed_names_the_person_and_the_way_back(office: Opened) -> None:
    party = [Party(f"Tested Company 00{n} Ltd", "debtor") for n in (1, 2)]
    petitions = [
        Record("notice", str(n), {"title": f"Petition number {n}"}, "2026-11-04", parties=(one,),
               signals=(Signal("ins.petition_filed", "filed"),))
        for n, one in enumerate(party, 1)
    ]  # fmt: skip
    gazetted = paper("gazette", kinds=("notice",), official=True)
    o = office(gazetted)
    await o.start()
    await o.look("gazette", "gazette")
    muting.settle(o.desk, Wanted("c2", reason="agreed", until="14d"), "ben")
    gazetted.otherwise = found(*petitions)
    await o.look("gazette", "gazette", after=DAY)
    (event,) = await o.events("ins.*", "c1")
    deciding.settle(o.desk, event.event.id, "dismissed", "their namesake", "ann")

    dismissed, muted = asked(o, "Petition number 1"), asked(o, "Petition number 2", "c2")

    assert (dismissed.code, muted.code) == ("dismissed", "muted_by_person")
    assert "ann decided on 4 Nov that it is another company (their namesake)" in said(dismissed)
    assert f"counterwatch confirm {event.event.id}" in said(dismissed)
    assert "muted by ben until" in said(muted)
    assert "counterwatch mute --lift 1" in said(muted)


# --------------------------------------------------------------------------- never seen


async def test_an_unseen_source_is_named_with_since_when_and_why(office: Opened) -> None:
    news, register = paper(), Source(said=found(company()))
    o = office(news, register)
    await o.start()
    await o.look("paper", "paper")
    await o.look("register", "c1")
    news.otherwise = SourceBlocked("news.example refused us (403)")
    await o.look("paper", "paper", after=DAY)

    answer = asked(o, "Tested Company 001 in administration")

    assert answer.code == "blind"
    assert answer.items == ()
    assert "Paper: not seen since 3 Nov 09:00: turned away (news.example refused us (403))" in said(answer)
    assert "Register: last good look 3 Nov 09:00" in said(answer)
    assert "自 11月3日 09:00 起看不到" in said(answer, "zh")


async def test_a_source_that_is_switched_off_and_one_of_another_country_are_told_apart(office: Opened) -> None:
    off = Source("registry_x", default_on=False)
    abroad = Source("abroad", jurisdictions=("NO",), needs=("no.orgnr",))
    o = office(paper(), off, abroad)
    await o.start()
    await o.look("paper", "paper")

    answer = asked(o, "Something nobody reported")

    assert answer.code == "never_seen"
    states = {eye.source: eye.state for eye in answer.eyes}
    assert states == {"paper": "looked", "registry_x": "off", "abroad": "elsewhere"}
    assert "off unless switched on" in said(answer)


async def test_a_country_without_a_register_and_a_paper_nobody_reads_are_said(office: Opened) -> None:
    o = office(paper(), Source("abroad", jurisdictions=("NO",), needs=("no.orgnr",)))
    await o.start()
    await o.look("paper", "paper")

    answer = asked(o, "https://www.other-paper.example/2026/bankrupt?utm_source=x")

    assert answer.code == "unfollowed"
    assert "Nobody reads other-paper.example" in said(answer)
    assert "no company register of GB" in said(answer)


# --------------------------------------------------------------------------- finding


async def test_an_address_a_number_and_a_date_find_the_item(office: Opened) -> None:
    o = await reading(
        *(office, paper()),
        article("a1", BANKRUPT, day="2026-11-04", case="CR-2026-4711"),
        article("a2", "Orders steady at Tested Company 001 Ltd", day="2026-11-02"),
    )

    for text, key in (
        ("https://news.example/a1?utm_source=mail", "a1"),
        ("CR 2026 4711", "a1"),
        ("cr-2026-4711", "a1"),
        ("2026-11-02", "a2"),
        ("2 Nov 2026", "a2"),
    ):
        answer = asked(o, text)
        assert answer.items, text
        assert sought.plain(answer.items[0][0])["key"] == key


async def test_a_chinese_headline_is_found_by_part_of_it(office: Opened) -> None:
    names = watchlist(range(1, 4)).replace("Tested Company 001 Ltd", "深圳北光海产有限公司", 1)
    o = await reading(office, paper(), article("a1", "深圳北光海产有限公司被申请破产", language="zh"), customers=names)

    answer = asked(o, "北光海产被申请破产")

    assert answer.found
    assert answer.items[0][0].held is not None


async def test_the_store_is_only_read_and_a_customer_is_found_by_id_or_name(office: Opened) -> None:
    o = await reading(office, paper(), article("a1", BANKRUPT))
    before = o.store.commits

    asked(o, BANKRUPT)

    assert o.store.commits == before
    assert unsaid.meant(o.desk.customers, "tested company 002 ltd").id == "c2"
    with pytest.raises(Refused) as refused:
        unsaid.meant(o.desk.customers, "c1x")
    assert refused.value.facts["near"] == "c1"


async def test_every_row_of_json_is_plain_and_names_its_kind(office: Opened) -> None:
    import orjson

    o = await reading(office, paper(), article("a1", BANKRUPT, day="2026-11-04"), more=MUTED)

    rows = [orjson.loads(orjson.dumps(row)) for row in unsaid.rows(asked(o, BANKRUPT))]

    assert [row["kind"] for row in rows] == ["answer", "item", "source"]
    assert (rows[0]["answer"], rows[1]["fate"], rows[2]["state"]) == ("muted", "muted", "looked")


def test_the_command_answers_and_refuses_what_it_cannot_know(tmp_path: Path) -> None:
    with house(tmp_path, range(1, 3)) as h:
        h.configure(watchlist(range(1, 3)))
        assert h.run("run", "--once", "--all").returncode == 0

        answer = h.run("why", "--not", "c1", "Tested Company 001", "in", "administration")
        strange = h.run("why", "--not", "c11", "anything")
        two = h.run("why", "ev_1", "ev_2")

    assert answer.returncode == 0
    assert "Nothing like it about Tested Company 001 Ltd was ever seen." in answer.stdout
    assert "GLEIF: last good look" in answer.stdout
    assert (strange.returncode, two.returncode) == (2, 2)
    assert "did you mean c" in strange.stderr
    assert "one id" in two.stderr


@given(st.text(max_size=400))
def test_any_text_can_be_asked_for(text: str) -> None:
    asked = sought.query(text)

    assert 0.0 <= sought.fit(asked, article("a1", text or "x"), frozenset()) <= 1.0
    assert sought.fit(replace(asked, url=""), article("a1", "Unlike"), frozenset({"unlike"})) <= 1.0


def test_hostile_names_and_endless_titles_take_no_time() -> None:
    long = "\u202eTested\u200b Company " * 1000

    asked = sought.query(long)

    assert len(asked.words) <= 130
    assert sought.fit(asked, article("a1", long), frozenset()) > 0.9
