"""`why`: the whole path of an event, from the look to the alert or the silence, as it is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from monitor.app import deciding, muting, speech, story, wiring
from monitor.app.muting import Wanted
from monitor.app.story import Teller
from monitor.edge.store import audit, outbox
from monitor.edge.store.codec import StoredEvent
from monitor.model import Party, Record, Signal
from tests.house import Office, Opened, Source, article, company, found, paper

DAY = timedelta(days=1)


def told(o: Office, one: StoredEvent, language: Any = "en") -> str:
    path = o.store.read_now(lambda conn: story.path(conn, one))
    watcher = o.desk.watchers.get(one.event.source)
    return "\n".join(Teller(path, speech.voice(language), watcher, wiring.rules().lexicon).lines())


async def dissolved(office: Opened) -> tuple[Office, StoredEvent]:
    register = Source(said=found(company()))
    o = office(register)
    await o.start()
    await o.look("register", "c1")
    register.otherwise = found(company("dissolved"))
    await o.look("register", "c1", after=DAY)
    (event,) = await o.events("reg.dissolved")
    return o, event


async def test_a_change_of_a_register_is_told_from_the_look_to_the_alert(office: Opened) -> None:
    o, event = await dissolved(office)
    (alert,) = await o.alerts()
    now = o.clock.now()
    await o.store.write(lambda conn: outbox.claim(conn, alert.id, now))
    await o.store.write(lambda conn: outbox.sent(conn, alert.id, "C1", "17.1", now))
    await o.store.write(lambda conn: audit.seal(conn, now, 100))

    text = told(o, event)

    parts = [line.split(". ", 1)[1].split(":")[0] for line in text.splitlines() if line[:1].isdigit() and ". " in line]
    assert parts == [
        *("seen", "what changed", "who is meant", "what it is called", "how it weighs", "what it belongs to"),
        *("who says it", "who was told", "proof"),
    ]
    for said in (
        "Register, 4 Nov 09:00: something changed; 1 record",
        "status: active -> dissolved",
        "looked up by its company number",
        "by the taxonomy's rule",
        "critical by default for this kind of event",
        "sent · #customer-watch · 4 Nov 09:00",
        "by: the default channel",
        "message 17.1 in C1",
        "row ",
    ):
        assert said in text, said


async def test_the_story_is_chinese_for_who_reads_chinese(office: Opened) -> None:
    o, event = await dissolved(office)

    text = told(o, event, "zh")

    assert "4. 事件类型：" in text
    assert "状态：存续 -> 已解散" in text


async def test_a_headline_is_told_with_the_words_that_count_and_that_they_are_read_again(office: Opened) -> None:
    news = paper()
    o = office(news)
    await o.start()
    await o.look("paper", "paper")
    news.otherwise = found(article("a1", "Tested Company 001 Ltd to close two plants", day="2026-11-04"))
    await o.look("paper", "paper", after=DAY)
    (event,) = await o.events("med.*")

    text = told(o, event)

    assert "by its headline" in text
    assert "read again with today's lexicon: “" in text
    assert "c1, by name" in text


async def test_what_people_decided_and_muted_belongs_to_the_story(office: Opened) -> None:
    news = paper("gazette", family="registry", kinds=("notice",), official=True)
    o = office(news)
    await o.start()
    await o.look("gazette", "gazette")
    party = Party("Tested Company 001 Ltd", "debtor")
    notice = Record("notice", "1", {"title": party.name}, "2026-11-04", parties=(party,),
                    signals=(Signal("ins.petition_filed", "filed"),))  # fmt: skip
    news.otherwise = found(notice)
    await o.look("gazette", "gazette", after=DAY)
    (event,) = await o.events("ins.*")

    o.clock.pass_(DAY)
    deciding.settle(o.desk, event.event.id, "dismissed", "their namesake in Hull", "ann")
    (event,) = await o.events("ins.*")
    text = told(o, event)

    assert "ann said on 5 Nov 09:00: not this company (their namesake in Hull)" in text
    path = o.store.read_now(lambda conn: story.path(conn, event))
    assert story.row(path)["path"]["decisions"][0]["verdict"] == "dismissed"

    muting.settle(o.desk, Wanted("c2", reason="agreed", until="14d"), "ben")
    other = Party("Tested Company 002 Ltd", "debtor", {"gb_company": "09000002"})
    news.otherwise = found(Record("notice", "2", {"title": other.name}, "2026-11-05", parties=(other,),
                                  signals=(Signal("ins.petition_filed", "filed"),)))  # fmt: skip
    await o.look("gazette", "gazette", after=DAY)
    (muted,) = await o.events("ins.*", "c2")
    assert "ben muted it until" in told(o, muted)


async def test_an_alert_and_an_incident_lead_to_their_event(office: Opened) -> None:
    o, event = await dissolved(office)
    (alert,) = await o.alerts()

    for id in (event.event.id, alert.id, event.incident or ""):
        found = o.store.read_now(lambda conn, id=id: story.resolved(conn, id))  # type: ignore[misc]
        assert found is not None
        assert found.event.id == event.event.id
    assert o.store.read_now(lambda conn: story.resolved(conn, "ev_0")) is None


async def test_json_holds_the_event_and_its_path_in_plain_values(office: Opened) -> None:
    o, event = await dissolved(office)

    path = o.store.read_now(lambda conn: story.path(conn, event))
    row = orjson.loads(orjson.dumps(story.row(path)))

    assert row["id"] == event.event.id
    assert row["path"]["record"]["changed"] == ["status"]
    assert row["path"]["look"]["outcome"] == "changed"
    assert [one["state"] for one in row["path"]["alerts"]] == ["pending"]


async def test_what_is_no_longer_kept_is_said_and_nothing_is_made_up(office: Opened) -> None:
    from sqlalchemy import delete

    from monitor.edge.store.tables import look, record

    o, event = await dissolved(office)
    await o.store.write(lambda conn: conn.execute(delete(look)).close())
    assert "the look itself is no longer kept" in told(o, event)

    await o.store.write(lambda conn: conn.execute(delete(record)).close())
    assert "which is no longer held" in told(o, event)
