"""What does not have to be told at once: a night, a weekend, a week; stories of one channel and its digests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from monitor.app import summaries, telling
from monitor.app.reconcile import _mark  # what a restored database has heard from Slack
from monitor.edge.chain import Walk
from monitor.edge.slack import Heard
from monitor.edge.store import Store, audit, commit, decisions, digests, lines, outbox, read
from monitor.model import Alert, Message, Party, Record, Severity, Signal
from monitor.policy import Matcher, Mute
from monitor.watcher import SourceDown
from tests.delivery import Fake, desk, in_slack, running, slack
from tests.house import MORNING, HandClock, Office, Opened, Source, found, paper, until, watchlist

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SHANGHAI = "timezone: Asia/Shanghai\n"
NIGHT = SHANGHAI + 'slack: {quiet: {start: "22:00", end: "07:00"}}\n'
LOW = "rules: [{when: {types: ins.petition_filed}, set: low}]\n"
MEDIUM = "rules: [{when: {types: ins.petition_filed}, set: medium}]\n"


def gazette() -> Source:
    return paper("gazette", family="registry", kinds=("notice",), official=True, title="London Gazette")


def notice(
    number: str, company: int = 1, code: str = "ins.petition_filed", stage: str = "filed", **facts: object
) -> Record:
    title = f"TESTED COMPANY {company:03d} LTD"
    return Record(
        "notice",
        number,
        {"authority": "London Gazette", "code": "2450", "title": title},
        "2026-11-03T00:00:00+00:00",
        parties=(Party(title.title(), "debtor", {"gb_company": f"{9000000 + company:08d}"}),),
        signals=(Signal(code, stage, None, {"case": f"CR-{company}", **facts}),),
    )


async def opened_and_seen(o: Office, source: Source) -> None:
    """Take the first look, so that what comes later is news, and tell the opening report."""
    await o.start()
    await o.look(source.watcher.name, source.watcher.name)
    await o.duties(patience=False)
    await o.deliver()


async def hear(o: Office, source: Source, *records: Record, after: timedelta = timedelta(0)) -> None:
    source.otherwise = found(*records)
    await o.look(source.watcher.name, source.watcher.name, after=after)


async def rows(o: Office, kind: str) -> list[Alert]:
    return [one for one in reversed(await o.store.read(read.alerts)) if one.kind == kind]


async def written(o: Office, one: Alert) -> Message:
    """Return a summary as its reader sees it; the lines as delivery puts them in."""
    members = await o.store.read(lambda conn: digests.members(conn, one))
    events = await o.store.read(lambda conn: read.events_by_id(conn, [m.event or "" for m in members]))
    told = [telling.message(o.desk, m, events.get(m.event or ""), None).text for m in members]
    facts = {**one.facts, "lines": told}
    return telling.message(o.desk, Alert(one.id, one.key, one.kind, one.channel, one.severity, facts=facts), None, None)


# --------------------------------------------------------------------------- a night


async def test_a_night_a_medium_waits_for_the_morning_and_a_critical_wakes(office: Opened) -> None:
    source = gazette()
    o = office(source, more=NIGHT + MEDIUM)
    await opened_and_seen(o, source)

    await hear(o, source, notice("1"), after=6 * HOUR)  # 23:00 in Shanghai
    assert await o.deliver() == []
    await hear(o, source, notice("1"), notice("2", 2, "ins.proceeding_opened", "ordered"), after=3 * HOUR)
    (woken,) = await o.deliver()
    o.clock.pass_(5 * HOUR)
    (morning,) = await o.deliver()

    assert (woken.customer, woken.severity, woken.facts["when"]) == ("c2", Severity.CRITICAL, "at_once")
    assert (morning.customer, morning.severity, morning.facts["when"]) == ("c1", Severity.MEDIUM, "quiet_hours")
    assert morning.not_before == datetime(2026, 11, 3, 23, 0, tzinfo=UTC)  # seven o'clock there


async def test_a_critical_of_the_night_becomes_the_root_and_what_waited_its_reply(office: Opened) -> None:
    source = gazette()
    o = office(source, more=NIGHT + MEDIUM)
    await opened_and_seen(o, source)
    await hear(o, source, notice("1"), after=6 * HOUR)

    await hear(o, source, notice("1"), notice("2", 1, "ins.proceeding_opened", "ordered"), after=3 * HOUR)
    (woken,) = await o.deliver()
    o.clock.pass_(5 * HOUR)
    (morning,) = await o.deliver()

    assert (woken.kind, woken.severity) == ("root", Severity.CRITICAL)
    assert (morning.kind, morning.severity) == ("reply", Severity.MEDIUM)
    assert woken.incident == morning.incident
    await o.store.write(lambda conn: audit.seal(conn, o.clock.now(), 1000))
    assert await o.store.read(lambda conn: list(audit.faults(conn, Walk()))) == []


async def test_the_operators_sleep_too_and_the_opening_report_comes_by_day(office: Opened) -> None:
    register = Source(said=SourceDown("register.example answers 503"))
    o = office(register, more=NIGHT, at=datetime(2026, 11, 3, 16, 0, tzinfo=UTC))
    await o.start()
    await o.look("register", "c1")

    await o.duties(patience=False)

    assert await o.deliver() == []
    o.clock.pass_(7 * HOUR)
    assert [one.kind for one in await o.deliver()] == ["report"]


# --------------------------------------------------------------------------- the daily digest


@pytest.mark.parametrize(
    ("more", "customers", "comes"),
    [
        ("timezone: Asia/Shanghai\nslack: {calendar: CN}\n", None, date(2026, 11, 9)),  # a Monday
        (
            'routes: [{name: gulf, channel: "#gulf", timezone: Asia/Riyadh, calendar: SA, digest_at: "08:00"}]\n'
            'slack: {channel: "#gulf"}\n',
            None,
            date(2026, 11, 8),  # a Sunday
        ),
    ],
)
async def test_a_low_change_of_friday_evening_comes_with_the_next_working_day_s_digest(
    office: Opened, more: str, customers: str | None, comes: date
) -> None:
    source = gazette()
    o = office(source, more=more + LOW)
    await opened_and_seen(o, source)
    await hear(o, source, notice("1"), after=3 * DAY + 8 * HOUR)

    told: list[tuple[date, str]] = []
    for _ in range(4 * 5):
        await o.duties(after=6 * HOUR)
        told += [(o.clock.now().date(), one.kind) for one in await o.deliver() if one.facts.get("summary") == "daily"]

    assert told == [(comes, "summary")]
    (line,) = await rows(o, "line")
    assert (line.state, line.facts["digest"], line.mention) == ("sent", "daily", None)


@pytest.mark.parametrize(
    ("language", "head", "line"),
    [
        ("en", "DIGEST · 3 minor matters at 2 customers", "a creditor has asked the court"),
        ("zh", "【汇总】2 家客户有 3 件一般事项", "清盘"),
    ],
)
async def test_the_digest_names_each_customer_once_and_what_happened_below_it(
    office: Opened, language: str, head: str, line: str
) -> None:
    source = gazette()
    o = office(source, more=f"language: {language}\n{LOW}")
    await opened_and_seen(o, source)
    await hear(o, source, notice("1"), notice("2", 2), notice("3", case="CR-other"), after=HOUR)

    await o.duties(after=DAY)

    (summary,) = await rows(o, "summary")
    said = (await written(o, summary)).text.splitlines()
    assert said[0] == head
    assert [one for one in said if "Tested Company 001 Ltd" in one] == [said[1]]
    assert [line in one for one in said[1:]] == [False, True, True, False, True]
    assert all(len(one) <= 92 for one in said[1:])


async def test_a_day_without_anything_says_nothing(office: Opened) -> None:
    source = gazette()
    o = office(source)
    await opened_and_seen(o, source)

    await o.duties(after=DAY)

    assert await rows(o, "summary") == []


async def test_a_low_fact_that_gets_graver_at_noon_is_told_then_and_not_in_the_digest(office: Opened) -> None:
    source = gazette()
    o = office(source, more=LOW)
    await opened_and_seen(o, source)
    await hear(o, source, notice("1"), after=HOUR)

    await hear(o, source, notice("1"), notice("2", 1, "ins.proceeding_opened", "ordered"), after=2 * HOUR)
    (told,) = await o.deliver()
    await o.duties(after=2 * DAY)

    assert (told.kind, told.severity) == ("root", Severity.CRITICAL)
    (line,) = await rows(o, "line")
    assert (line.state, line.reason) == ("suppressed", "told_sooner")
    assert [one for one in await rows(o, "summary") if one.facts["summary"] == "daily"] == []


async def test_low_and_grave_of_one_look_are_told_as_one(office: Opened) -> None:
    source = gazette()
    o = office(source, more=LOW)
    await opened_and_seen(o, source)
    earlier = notice("1")

    await hear(o, source, earlier, notice("2", 1, "ins.proceeding_opened", "ordered"), after=HOUR)
    await o.deliver()
    await o.duties(after=DAY)

    kinds = {(one.kind, one.state) for one in await o.alerts() if one.kind != "reminder"}
    assert kinds == {("root", "sent"), ("line", "suppressed")}
    assert len([one for one in await o.alerts(state="sent") if one.kind == "root"]) == 1


async def test_a_line_whose_customer_is_muted_before_the_digest_stays_silent(office: Opened) -> None:
    source = gazette()
    o = office(source, more=LOW)
    await opened_and_seen(o, source)
    await hear(o, source, notice("1"), notice("2", 2), after=HOUR)
    end, first = datetime(2026, 12, 31, tzinfo=UTC), Matcher(customers=("c1",))
    mute = Mute(0, "li", o.clock.now(), "we know", end, Severity.HIGH, first)
    await o.store.write(lambda conn: decisions.add_mute(conn, mute))

    await o.duties(after=DAY)
    (digest,) = await o.deliver()

    assert [group["customer"] for group in digest.facts["groups"]] == ["Tested Company 002 Ltd"]
    assert {(one.customer, one.state) for one in await rows(o, "line")} == {("c1", "suppressed"), ("c2", "sent")}


async def test_a_line_never_leaves_by_itself_however_late_it_is(office: Opened) -> None:
    source = gazette()
    o = office(source, more=LOW)
    await opened_and_seen(o, source)
    await hear(o, source, notice("1"), after=HOUR)

    o.clock.pass_(30 * DAY)

    assert await o.deliver() == []
    assert await o.store.read(outbox.queues) == {}
    assert await o.store.read(outbox.next_ready) is None


async def test_after_a_weekend_away_the_lines_wait_for_monday(office: Opened) -> None:
    source = gazette()
    o = office(source, more=LOW)
    await opened_and_seen(o, source)
    await hear(o, source, notice("1"), after=HOUR)

    await o.duties(after=4 * DAY)  # Saturday: the digest of Wednesday never went out
    saturday = await rows(o, "summary")
    await o.duties(after=2 * DAY)

    assert saturday == []
    assert [one.facts["summary"] for one in await rows(o, "summary")] == ["daily"]


async def test_more_lines_than_a_message_holds_become_several_digests_and_none_is_lost(office: Opened) -> None:
    source = gazette()
    o = office(source, customers=watchlist(range(1, 131)), more=LOW)
    await opened_and_seen(o, source)
    await hear(o, source, *(notice(str(n), n) for n in range(1, 131)), after=HOUR)

    await o.duties(after=DAY)
    made = [one for one in await rows(o, "summary") if one.facts["summary"] == "daily"]
    texts = [(await written(o, one)).text for one in made]
    await o.deliver()

    assert len(made) >= 2
    assert all(f"Tested Company {n:03d} Ltd" in "\n".join(texts) for n in range(1, 131))
    assert not any("more:" in text or "(+" in text for text in texts)
    assert {one.state for one in await rows(o, "line")} == {"sent"}


# --------------------------------------------------------------------------- kills


async def test_a_kill_between_gathering_and_sending_loses_no_line_and_tells_none_twice(office: Opened) -> None:
    source = gazette()
    o = office(source, more=LOW)
    await opened_and_seen(o, source)
    await hear(o, source, notice("1"), notice("2", 2), after=HOUR)

    def dies(conn: Connection) -> None:
        summaries.owed(conn, o.desk, MORNING + DAY)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await o.store.write(dies)
    assert [one.state for one in await rows(o, "line")] == ["pending"] * 2
    assert await rows(o, "summary") == []

    await o.duties(after=DAY)  # gathered, and killed before it left: the next life finds the digest and no free line
    await o.duties(after=MINUTE)
    sent = await o.deliver()
    await o.duties(after=DAY)

    assert [one.facts["summary"] for one in sent] == ["daily"]
    assert len([one for one in await rows(o, "summary") if one.facts["summary"] == "daily"]) == 1
    assert {(one.state, one.reason) for one in await rows(o, "line")} == {("sent", f"digest {sent[0].id}")}


async def test_after_a_restore_a_line_that_slack_heard_is_not_told_again(office: Opened) -> None:
    source = gazette()
    o = office(source, more=LOW)
    await opened_and_seen(o, source)
    await hear(o, source, notice("1"), notice("2", 2), after=HOUR)
    await o.duties(after=DAY)
    heard, fresh = (one.id for one in await rows(o, "line"))

    now = o.clock.now()
    earlier = {heard: Heard("170.1", "al_another")}
    channel = o.desk.policy.channel
    await o.store.write(lambda conn: _mark(conn, earlier, channel, "C1", now))
    await o.duties(after=MINUTE)
    sent = [one for one in await o.deliver() if one.kind == "summary"]

    assert [one.facts["members"] for one in sent] == [[fresh]]
    states = {one.id: (one.state, one.reason) for one in await rows(o, "line")}
    assert states[heard] == ("sent", "digest al_another")


@pytest.mark.parametrize("lost", [False, True])
async def test_slack_takes_a_full_digest_once_also_when_its_answer_is_lost(office: Opened, lost: bool) -> None:
    source = gazette()
    o = office(source, customers=watchlist(range(1, 101)), more=LOW)
    await opened_and_seen(o, source)
    await hear(o, source, *(notice(str(n), n) for n in range(1, 101)), after=HOUR)
    await o.duties(after=DAY)

    def render(one: Alert, *told: Any) -> Message:
        return telling.message(o.desk, one, *told)

    with Fake(rate=0, tiers=False) as fake:
        if lost:
            fake.fault("reset", accept=True)
        clock = HandClock(o.clock.now(), running=True)
        async with running(desk(o.store, slack(fake), clock=clock, render=render)):
            await until(lambda: not o.store.read_now(outbox.queues))
        messages = fake.log("message")

    summed = [one for one in await rows(o, "summary") if one.facts["summary"] == "daily"]
    assert sorted(in_slack(fake)) == sorted(one.id for one in summed)
    assert {one.state for one in (*summed, *await rows(o, "line"))} == {"sent"}
    assert sum(one["text"].count("Tested Company") for one in messages) == 100


# --------------------------------------------------------------------------- the weekly digest


async def weeklies(o: Office) -> list[Alert]:
    return [one for one in await rows(o, "summary") if one.facts["summary"] == "weekly"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("0 open matters, 0 changes", "Nothing new for 3 customers: all looked at.")),
        ("zh", ("未结事项 0 件，变化 0 项", "3 家客户无新情况：均已查询。")),
    ],
)
async def test_a_silent_week_is_explained(office: Opened, language: str, said: tuple[str, str]) -> None:
    source = gazette()
    o = office(source, more=f"language: {language}\n")
    await opened_and_seen(o, source)

    for _ in range(7):
        await o.look("gazette", "gazette", after=DAY)
        await o.duties()
    early = await weeklies(o)
    for _ in range(7):
        await o.look("gazette", "gazette", after=DAY)
        await o.duties()

    assert early == []  # it began on a Tuesday: on Monday it had seen six days less half an hour
    (report,) = await weeklies(o)
    text = (await written(o, report)).text
    assert all(part in text for part in said)
    assert len(text.splitlines()) == 2


async def test_the_weekly_digest_says_what_is_open_muted_ahead_and_not_seen(office: Opened) -> None:
    source, register = gazette(), Source(said=found())
    o = office(
        source,
        register,
        more="people: {li: {mail: li@example.com}}\n"
        "rules: [{name: noise, when: {types: med.*}, mute: true, reason: too loud, until: 2027-03-31}]\n",
    )
    await opened_and_seen(o, source)
    register.said["c3"] = SourceDown("register.example answers 503")
    for subject in ("c1", "c2", "c3"):
        await o.look("register", subject)
    await hear(o, source, notice("1", dates={"hearing": "2026-11-25"}), after=13 * DAY)
    end, moved = datetime(2026, 12, 31, tzinfo=UTC), Matcher(customers=("c2",))
    mute = Mute(0, "li", o.clock.now(), "moved house", end, Severity.HIGH, moved)
    await o.store.write(lambda conn: decisions.add_mute(conn, mute))
    await o.duties(after=HOUR)

    (report,) = await weeklies(o)
    facts, text = report.facts, (await written(o, report)).text
    assert [(one["severity"], one["acked_by"]) for one in facts["incidents"]] == [("high", None)]
    assert facts["changed"] == {"ins": 1}
    assert [one["name"] for one in facts["dates"]] == ["hearing"]
    assert [(one["what"], one["why"]) for one in facts["muted"]] == [(["c2"], "moved house"), (["med.*"], "too loud")]
    assert facts["unseen"] == {"customers": 1, "names": ["Tested Company 003 Ltd"]}
    assert facts["quiet"] == 1
    assert "HIGH · Tested Company 001 Ltd (UK): winding-up petition (0 days, not acknowledged)" in text
    assert "25 Nov · Tested Company 001 Ltd (UK): hearing" in text
    assert "c2, until 31 Dec (moved house)" in text
    assert "1 customer could not be looked at everywhere: Tested Company 003 Ltd." in text


async def test_whoever_was_away_for_five_weeks_gets_one_weekly_digest_and_a_restart_sends_no_second(
    office: Opened,
) -> None:
    source = gazette()
    o = office(source)
    await opened_and_seen(o, source)
    await o.duties(after=13 * DAY)
    assert len(await weeklies(o)) == 1

    await o.duties(after=35 * DAY)
    o.open()
    await o.duties(after=MINUTE)
    await o.duties(after=DAY)

    assert len(await weeklies(o)) == 2


async def test_a_clock_that_was_years_ahead_does_not_silence_the_week_for_years(office: Opened) -> None:
    source = gazette()
    o = office(source)
    await opened_and_seen(o, source)
    far = "told 2036-01-07T08:30:00+00:00"
    await o.store.write(lambda conn: commit.remember(conn, f"weekly {o.desk.policy.channel}", far))

    for _ in range(15):
        await o.duties(after=DAY)

    assert len(await weeklies(o)) == 1


async def test_each_channel_hears_of_its_own_customers_and_a_route_s_channel_hears_no_summary(office: Opened) -> None:
    source = gazette()
    mine = watchlist(range(1, 3)) + watchlist(range(3, 4), channel='"#nordic"').split("customers:\n")[1]
    o = office(source, customers=mine, more='routes: [{name: law, when: {types: ins.*}, channel: "#legal"}]\n')
    await opened_and_seen(o, source)

    await o.duties(after=13 * DAY)

    assert {one.channel: one.facts["customers"] for one in await weeklies(o)} == {"#customer-watch": 2, "#nordic": 1}


async def test_lines_are_gathered_whole_or_not_at_all(store: Store) -> None:
    now = MORNING

    def line(n: int) -> Alert:
        return Alert(f"al_{n}", f"k{n}", "line", "#c", Severity.LOW, created_at=now, not_before=now)

    await store.write(lambda conn: commit.add_alerts(conn, [line(1), line(2)], now))
    await store.write(lambda conn: outbox.suppress(conn, "al_2", "muted"))
    digest = Alert("al_d", "d", "summary", "#c", Severity.LOW, created_at=now, not_before=now)

    made = await store.write(lambda conn: lines.gather(conn, digest, ["al_1", "al_2"], now))

    assert not made
    assert [one.id for one in (await store.read(lambda conn: lines.due(conn, now)))["#c"]] == ["al_1"]
    assert await store.read(lambda conn: read.alert_of(conn, "al_d")) is None
