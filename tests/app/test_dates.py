"""The clock of dates, told as stories: a hearing, a licence, an insurer, a machine that was off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.app import dates as clock
from monitor.app import deciding, telling
from monitor.edge.store import dates, decisions, read
from monitor.model import Alert, Deadline, Party, Record, Severity, Signal
from monitor.policy import Matcher, Mute
from tests.house import Office, Opened, Source, found, paper, watchlist

DAY = timedelta(days=1)


def moment(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


def gazette() -> Source:
    return paper("gazette", family="litigation", kinds=("notice",), official=True)


def notice(
    number: str, type_: str, published: str, *, case: str = "CR-2026-001", stage: str = "filed", **stated: str
) -> Record:
    name = "Tested Company 001 Ltd"
    return Record(
        "notice",
        number,
        {"authority": "London Gazette", "code": number, "title": name.upper()},
        f"{published}T00:00:00+00:00",
        parties=(Party(name, "debtor", {"gb_company": "09000001"}),),
        signals=(Signal(type_, stage, None, {"case": case, "dates": stated}),),
    )


async def held(o: Office) -> list[Deadline]:
    return await o.store.read(lambda conn: dates.listed(conn, states=None))


async def reminders(o: Office, code: str = "deadline") -> list[Alert]:
    return [one for one in await o.alerts() if one.kind == "reminder" and one.facts["code"] == code]


async def live(o: Office, until: str, *, hours: int = 12) -> None:
    """Let time pass until the evening of a day, the duties being done again and again, as the daemon does them."""
    step = timedelta(hours=hours)
    while o.clock.now() + step <= moment(until, 23):
        await o.duties(after=step)


def told(alerts: list[Alert]) -> list[tuple[str, str]]:
    """Return the step and the day of each reminder, as it was queued."""
    return [(str(one.facts["step"]), one.created_at.date().isoformat()) for one in alerts if one.created_at]


async def petitioned(o: Office, source: Source) -> None:
    """A winding-up petition is told on 3 November, to be heard on Wednesday 9 December."""
    await o.start()
    await o.look("gazette", "gazette")
    petition = notice("1", "ins.petition_filed", "2026-11-03", petition="2026-10-20", hearing="2026-12-09")
    source.said["gazette"] = found(petition)
    await o.look("gazette", "gazette", after=DAY)


# --------------------------------------------------------------------------- a hearing


async def test_a_hearing_is_reminded_twice_moved_once_reminded_anew_and_cancelled_by_dismissal(office: Opened) -> None:
    source = gazette()
    o = office(source, at=moment("2026-11-03"))
    await petitioned(o, source)
    (hearing,) = await held(o)
    assert (hearing.name, hearing.day, hearing.state, hearing.country) == ("hearing", "2026-12-09", "open", "GB")

    # Twice: a week and a day before.
    await live(o, "2026-12-08")
    assert told(await reminders(o)) == [("7", "2026-12-02"), ("1", "2026-12-08")]
    assert {one.incident for one in await reminders(o)} == {hearing.incident}

    # The court puts it off by a week: one note, and the reminders begin again.
    moved = notice("2", "ins.petition_filed", "2026-12-08", case="CR-2026-001", hearing="2026-12-16")
    source.said["gazette"] = found(moved)
    await o.look("gazette", "gazette")
    (hearing,) = await held(o)
    assert (hearing.day, hearing.was, hearing.state) == ("2026-12-16", "2026-12-09", "moved")
    (note,) = await reminders(o, "deadline_moved")
    assert (note.facts["was"], note.facts["day"]) == ("2026-12-09", "2026-12-16")
    await live(o, "2026-12-15")
    assert told(await reminders(o))[2:] == [("7", "2026-12-09"), ("1", "2026-12-15")]

    # Another company was meant: nobody is reminded on the day itself.
    (petition,) = await o.events("ins.petition_filed")
    deciding.settle(o.desk, petition.event.id, "dismissed", "another company", "li")
    await live(o, "2026-12-20")
    (hearing,) = await held(o)
    assert (hearing.state, hearing.facts["why"]) == ("cancelled", "dismissed")
    assert len(await reminders(o)) == 4


async def test_a_reversal_ends_the_dates_of_its_incident(office: Opened) -> None:
    source = gazette()
    o = office(source, at=moment("2026-11-03"))
    await petitioned(o, source)

    source.said["gazette"] = found(notice("3", "ins.reversed", "2026-11-20", stage="reversed"))
    await o.look("gazette", "gazette", after=17 * DAY)

    (hearing,) = await held(o)
    assert (hearing.state, hearing.facts["why"]) == ("cancelled", "closed")
    await live(o, "2026-12-12")
    assert await reminders(o) == []


async def test_what_nobody_marked_as_done_is_told_once_when_it_has_passed(office: Opened) -> None:
    source = gazette()
    o = office(source, at=moment("2026-11-03"))
    await petitioned(o, source)

    await live(o, "2026-12-31")

    (hearing,) = await held(o)
    assert hearing.state == "passed"
    assert told(await reminders(o)) == [
        ("7", "2026-12-02"),
        ("1", "2026-12-08"),
    ]


async def test_a_machine_that_was_off_gives_the_most_pressing_reminder_only(office: Opened) -> None:
    source = gazette()
    o = office(source, at=moment("2026-11-03"))
    await petitioned(o, source)

    await o.duties(after=35 * DAY - timedelta(hours=1))  # 9 December, 08:00
    assert told(await reminders(o)) == [("1", "2026-12-09")]
    await live(o, "2026-12-09", hours=1)

    assert [step for step, _ in told(await reminders(o))] == ["1"]


async def test_a_restart_repeats_no_reminder(office: Opened) -> None:
    source = gazette()
    o = office(source, at=moment("2026-11-03"))
    await petitioned(o, source)
    await live(o, "2026-12-02")
    before = await reminders(o)

    o.open()  # another desk, as after a restart
    await o.start()
    await o.duties()
    await o.duties()

    assert await reminders(o) == before != []


async def test_a_muted_matter_is_not_reminded_and_the_reason_is_kept(office: Opened) -> None:
    source = gazette()
    o = office(source, at=moment("2026-11-03"))
    await petitioned(o, source)
    (hearing,) = await held(o)
    mute = Mute(
        0, "li", o.clock.now(), "we settled", moment("2027-01-31"), Severity.CRITICAL, Matcher(), hearing.incident
    )
    await o.store.write(lambda conn: decisions.add_mute(conn, mute))

    await live(o, "2026-12-10")

    found_ = await reminders(o)
    assert [one.facts["step"] for one in found_] == ["7", "1"]
    assert {(one.state, one.reason, one.mention) for one in found_} == {("suppressed", "muted", None)}


async def test_no_reminder_is_given_on_a_day_off_or_at_night(office: Opened) -> None:
    source = gazette()
    more = 'timezone: Asia/Shanghai\nslack: {calendar: CN, quiet: {start: "18:00", end: "09:00"}}\n'
    o = office(source, at=moment("2026-09-24", 0), more=more)
    await o.start()
    await o.look("gazette", "gazette")
    # Thursday 8 October: the day before is the last of the Golden Week.
    source.said["gazette"] = found(notice("1", "ins.petition_filed", "2026-09-25", hearing="2026-10-08"))
    await o.look("gazette", "gazette", after=DAY)

    await live(o, "2026-10-09", hours=2)

    found_ = await reminders(o)
    assert told(found_) == [
        ("1", "2026-09-30"),  # a week before, 1 October, nobody works either: one reminder serves both
    ]
    assert {one.not_before.astimezone(UTC).hour for one in found_ if one.not_before} <= set(range(1, 10))


async def test_dates_near_the_customer_or_on_the_other_side_are_not_its_own(office: Opened) -> None:
    source = gazette()
    o = office(source, at=moment("2026-11-03"))
    await o.start()
    await o.look("gazette", "gazette")
    said = notice("1", "ins.petition_filed", "2026-11-03", hearing="2026-12-09")
    ours = Party("Tested Company 001 Ltd", "petitioner", {"gb_company": "09000001"})
    source.said["gazette"] = found(
        Record(said.kind, said.key, said.fields, said.published_at, parties=(ours,), signals=said.signals)
    )

    await o.look("gazette", "gazette", after=DAY)

    assert await o.events("ins.*") != []
    assert await held(o) == []


# --------------------------------------------------------------------------- the customer's own file


async def test_a_trade_licence_runs_out_is_renewed_and_the_next_one_is_kept_in_mind(office: Opened) -> None:
    customers = watchlist(range(1, 2), documents="{{trade_licence: {{expires: 2027-01-31}}}}")
    o = office(gazette(), at=moment("2027-01-04"), customers=customers)
    await o.start()

    await live(o, "2027-02-02")

    (licence,) = await held(o)
    assert (licence.name, licence.state, licence.facts["document"]) == ("document_expiry", "passed", "trade_licence")
    # The 31st is a Sunday: a week and a day before are Sunday and Saturday, and nobody works then.
    assert told(await reminders(o)) == [("7", "2027-01-22"), ("1", "2027-01-29"), ("passed", "2027-02-01")]
    (expired,) = await o.events("clm.document_expired")
    assert expired.event.facts["field"] == "trade_licence"
    assert (await reminders(o))[-1].event == expired.event.id

    o.open(customers.replace("2027-01-31", "2028-01-31"))
    await o.start()
    await o.duties(after=DAY)
    assert [(one.day, one.state) for one in await held(o)] == [("2027-01-31", "done"), ("2028-01-31", "open")]
    assert len(await reminders(o)) == 3


async def test_a_review_falls_due_so_long_after_the_last_one(office: Opened) -> None:
    customers = watchlist(range(1, 2), review="{{every: 90d, last: 2026-11-01}}")
    o = office(gazette(), at=moment("2027-01-04"), customers=customers)
    await o.start()

    await live(o, "2027-01-30")

    (review,) = await held(o)
    assert (review.name, review.day) == ("review_due", "2027-01-30")
    assert told(await reminders(o)) == [("7", "2027-01-22"), ("0", "2027-01-29")]
    assert [one.event.customer for one in await o.events("sys.review_due")] == ["c1"]


async def test_who_leaves_the_watchlist_is_reminded_of_nothing(office: Opened) -> None:
    customers = watchlist(range(1, 3), documents="{{iso: {{expires: 2027-01-31}}}}")
    o = office(gazette(), at=moment("2027-01-04"), customers=customers)
    await o.start()
    await o.duties()

    o.open(watchlist(range(2, 3), documents="{{iso: {{expires: 2027-01-31}}}}"))
    await o.start()
    await live(o, "2027-01-25")

    states = {one.customer: (one.state, one.facts.get("why")) for one in await held(o)}
    assert states == {"c1": ("cancelled", "removed"), "c2": ("open", None)}
    assert {one.customer for one in await reminders(o)} == {"c2"}


async def test_a_customer_under_another_id_keeps_its_dates(office: Opened) -> None:
    customers = watchlist(range(1, 2), documents="{{iso: {{expires: 2027-01-31}}}}")
    o = office(gazette(), at=moment("2027-01-04"), customers=customers)
    await o.start()
    await live(o, "2027-01-25")
    (before,) = await held(o)

    o.open(customers.replace("id: c1", "id: tested"))
    await o.start()
    await o.duties()

    (after,) = await held(o)
    assert (after.id, after.customer, after.reminded) == (before.id, "tested", before.reminded)


async def test_what_ran_out_long_before_anybody_looked_is_noted_and_not_told(office: Opened) -> None:
    customers = watchlist(range(1, 2), documents="{{iso: {{expires: 2026-05-31}}}}")
    o = office(gazette(), at=moment("2027-01-04"), customers=customers)
    await o.start()

    await o.duties()
    await o.duties(after=DAY)

    assert [one.state for one in await held(o)] == ["passed"]
    assert len(await o.events("clm.document_expired")) == 1
    assert await reminders(o) == []


# --------------------------------------------------------------------------- the insurer


async def test_a_chinese_insurers_five_workdays_run_over_the_golden_week(office: Opened) -> None:
    source = gazette()
    customers = watchlist(
        range(1, 2), terms="OA60", exposure="{{open: 84000 USD}}", insured="{{by: sinosure, limit: 60000, share: 0.9}}"
    )
    more = (
        "timezone: Asia/Shanghai\ncurrency: USD\nslack: {calendar: CN}\n"
        "insurers: {sinosure: {report_insolvency_workdays: 5, calendar: CN}}\n"
    )
    o = office(source, at=moment("2026-09-28", 3), customers=customers, more=more)
    await o.start()
    await o.look("gazette", "gazette")
    source.said["gazette"] = found(notice("1", "ins.petition_filed", "2026-09-29", hearing="2026-11-18"))

    await o.look("gazette", "gazette", after=DAY)

    report = next(one for one in await held(o) if one.name == "insurer_report")
    # 30 September, then the week off; 8, 9, Saturday 10 (made up for) and 12 October.
    assert (report.day, report.country, report.facts["workdays"]) == ("2026-10-12", "CN", 5)
    await live(o, "2026-10-13")
    mine = [one for one in await reminders(o) if one.facts["name"] == "insurer_report"]
    # A week before is in the holidays: the last workday before is meant. The day before, Sunday, is not worked; Saturday is.
    assert told(mine) == [("7", "2026-09-30"), ("1", "2026-10-10"), ("passed", "2026-10-13")]


async def test_figures_of_a_policy_that_come_later_count_for_what_is_open(office: Opened) -> None:
    source = gazette()
    customers = watchlist(
        range(1, 2), terms="OA60", exposure="{{open: 84000 USD}}", insured="{{by: coface, limit: 60000, share: 0.9}}"
    )
    o = office(source, at=moment("2026-11-03"), customers=customers, more="currency: USD")
    await petitioned(o, source)
    assert [one.name for one in await held(o)] == ["hearing"]

    o.open(more="currency: USD\ninsurers: {coface: {report_insolvency_workdays: 10}}")
    await o.start()
    await o.duties()

    assert {one.name: one.day for one in await held(o)} == {"hearing": "2026-12-09", "insurer_report": "2026-11-18"}


async def test_every_reminder_can_be_read_in_both_languages(office: Opened) -> None:
    source = gazette()
    customers = watchlist(range(1, 2), documents="{{trade_licence: {{expires: 2026-12-09}}}}")
    routes = 'routes: [{channel: "#zh", language: zh}]'
    o = office(source, at=moment("2026-11-03"), customers=customers, more=routes)
    await petitioned(o, source)
    await live(o, "2026-12-10")

    for one in await reminders(o):
        stored = await o.store.read(lambda conn, id_=one.event: read.event_of(conn, id_) if id_ else None)
        about = await o.store.read(lambda conn, id_=one.incident: read.incident_of(conn, id_) if id_ else None)
        text = telling.message(o.desk, one, stored, about).text
        assert ("12月9日" if one.channel == "#zh" else "9 Dec") in text
        assert "{" not in text and "?" not in text


async def test_the_same_duty_twice_changes_nothing(office: Opened) -> None:
    source = gazette()
    o = office(source, at=moment("2026-11-03"))
    await petitioned(o, source)
    await live(o, "2026-12-08")
    before = await held(o), await o.alerts()

    await o.store.write(lambda conn: clock.follow(conn, o.desk, [str(before[0][0].incident)], o.clock.now()))
    await o.duties()

    assert (await held(o), await o.alerts()) == before
