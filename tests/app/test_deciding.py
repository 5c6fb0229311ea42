"""What people decide: a namesake is silent until it reads differently, a mute breaks on escalation, seen is not forever."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import deciding, muting, speech
from monitor.app.deciding import Acknowledged, Decided, Word
from monitor.app.muting import Wanted
from monitor.app.refused import Refused
from monitor.edge.store import decisions, outbox, read
from monitor.edge.store.codec import StoredEvent
from monitor.judge.words import LANGUAGES
from monitor.model import Incident, Party, Reason, Record, Severity, Signal
from monitor.policy import Mute
from tests.house import Office, Opened, Source, company, found, house, paper, watchlist
from tests.house import notice as petition

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def gazette(*places: str) -> Source:
    declared: dict[str, Any] = {"family": "registry", "kinds": ("notice",), "official": True}
    return paper("gazette", *places, title="London Gazette", **declared)


def notice(key: str = "g1", number: str | None = None, event: str = "ins.petition_filed", **fields: Any) -> Record:
    """Return a notice about a company of our customer's name; without a number it may be anybody of that name."""
    own = {"authority": "London Gazette", "code": "2450", "title": "TESTED COMPANY 001 LTD", **fields}
    if number:
        own["company_number"] = number
    ids = {"gb_company": number} if number else {}
    return Record(
        "notice",
        key,
        own,
        "2026-11-03T00:00:00+00:00",
        f"https://gazette.example/{key}",
        parties=(Party("Tested Company 001 Ltd", "debtor", ids, "GB"),),
        signals=(Signal(event, "filed", None, {"case": f"CR-{key}"}),),
    )


def entry(key: str = "e1", **fields: Any) -> Record:
    own = {"list": "UK", "names": ["Tested Company 001 Ltd"], "country": "GB", "reason": ["sanction"]}
    return Record("listing", key, own | fields)


def sanctions() -> Source:
    return Source("sanctions", scope="stream", kinds=("listing",), needs=(), targets=paper().watcher.targets)


async def say(o: Office, event: str, word: Word, reason: str = "", by: str = "li") -> Decided:
    return await asyncio.to_thread(deciding.settle, o.desk, event, word, reason, by)


async def seen(o: Office, id: str, by: str = "li") -> Acknowledged:
    return await asyncio.to_thread(deciding.acknowledge, o.desk, id, by)


async def mute(o: Office, by: str = "li", **wanted: Any) -> Mute:
    return await asyncio.to_thread(muting.settle, o.desk, Wanted(**{"reason": "known", "until": "30d"} | wanted), by)


async def the(o: Office, pattern: str) -> StoredEvent:
    (event,) = await o.events(pattern)
    return event


async def about(o: Office, event: StoredEvent) -> Incident:
    incident = await o.store.read(lambda conn: read.incident_of(conn, event.incident or ""))
    assert incident is not None
    return incident


def in_words(event: StoredEvent) -> list[str]:
    """Return why it weighs what it weighs, in both languages; every place of a sentence must be filled."""
    reasons = [("match", one) for one in event.event.match] + [("why", one) for one in event.reasons]
    mine = [(prefix, one) for prefix, one in reasons if {"said", "mute"} & one.facts.keys()]
    told = [speech.voice(language).reason(prefix, one) for language in LANGUAGES for prefix, one in mine]
    assert not any("?" in one or "_" in one for one in told), told
    return told


def reason(event: StoredEvent, name: str) -> Reason:
    return next(one for one in (*event.event.match, *event.reasons) if one.name == name)


async def told(o: Office) -> list[tuple[str, str, str]]:
    """Return what goes out about customers, oldest first: type, severity, kind."""
    events = {one.event.id: one.event.type for one in await o.events()}
    rows = [a for a in await o.alerts() if a.state in ("pending", "sent") and a.kind != "line"]
    return [(events[a.event or ""], a.severity.value, a.kind) for a in rows]


async def watched(office: Opened, *sources: Source, **how: Any) -> Office:
    """Return an office that took its first look everywhere."""
    o = office(*sources, **how)
    await o.start()
    for source in sources:
        for place in _places(o, source):
            await o.look(source.watcher.name, place)
    return o


def _places(o: Office, source: Source) -> list[str]:
    name = source.watcher.name
    if source.watcher.scope == "customer":
        return list(o.desk.assignments.asked.get(name, ()))
    return [target.key for target in o.desk.assignments.streams[name]]


# --------------------------------------------------------------------------- a namesake


async def test_a_namesake_in_the_gazette_is_dismissed_stays_silent_and_comes_back_when_it_is_corrected(
    office: Opened,
) -> None:
    # given a petition against a company of our customer's name, told as possible
    source = gazette("north", "south")
    o = await watched(office, source)
    source.said["north"] = found(notice())
    await o.look("gazette", "north", after=DAY)
    petition = await the(o, "ins.petition_filed")
    assert await told(o) == [("ins.petition_filed", "medium", "root")]
    opened = await about(o, petition)

    # when somebody says that it is another company
    done = await say(o, petition.event.id, "dismissed", "the one in Leeds, 1987")

    # then the event says who and when, its alert is taken back and the incident that rested on it is closed
    petition = await the(o, "ins.petition_filed")
    assert petition.silent == "dismissed"
    assert reason(petition, "dismissed").facts["by"] == "li"
    assert reason(petition, "dismissed").facts["on"] == "2026-11-04"
    assert in_words(petition) == [
        "silent: li said on 4 Nov that it is not this company (the one in Leeds, 1987)",
        "不发送：li 于 11月4日 判定不是这家公司（the one in Leeds, 1987）",
    ]
    assert (await told(o), done.withdrawn) == ([], 1)
    closed = await about(o, petition)
    assert (closed.state, closed.head, closed.version) == ("closed", petition.event.id, opened.version + 1)

    # when the same notice is seen again by another look, and its hearing is moved
    source.said["south"] = found(notice())
    source.said["north"] = found(notice(hearing="2026-12-09"))
    looks = [await o.look("gazette", "south", after=DAY), await o.look("gazette", "north")]

    # then the looks count and nobody hears of it
    assert [look.outcome for look in looks if look] == ["changed", "changed"]
    assert await told(o) == []

    # when it is corrected: it has our customer's number
    source.said["north"] = found(notice(number="09000001"))
    await o.look("gazette", "north", after=DAY)

    # then what it told last speaks again, graver as it is identified, and says what changed since
    first, petition = await o.events("ins.petition_filed")
    assert (first.silent, petition.event.facts["hearing"]) == ("dismissed", "2026-12-09")
    assert (petition.silent, petition.severity) == (None, Severity.HIGH)
    changed = [one.facts for one in petition.reasons if one.name == "reopened"]
    assert ("company_number", "", "09000001") in [(one["field"], one["old"], one["new"]) for one in changed]
    assert {one["by"] for one in changed} == {"li"}
    assert in_words(petition)[:2] == [
        "li said on 4 Nov that it is not this company; company number reads differently now, now: 09000001",
        "li said on 4 Nov that it is not this company; numbers reads differently now, now: 09000001",
    ]
    assert await told(o) == [("ins.petition_filed", "high", "root")]
    reopened = await about(o, petition)
    assert (reopened.id, reopened.state, reopened.severity) == (opened.id, "open", Severity.HIGH)
    (decision,) = await o.store.read(lambda conn: decisions.decisions(conn, customer="c1"))
    assert (decision.ended_why, decision.reason) == ("reopened", "the one in Leeds, 1987")


async def test_what_else_the_dismissed_record_tells_is_kept_and_changes_no_incident(office: Opened) -> None:
    source = gazette()
    o = await watched(office, source)
    source.otherwise = found(notice())
    await o.look("gazette", "gazette", after=DAY)
    petition = await the(o, "ins.petition_filed")
    await say(o, petition.event.id, "dismissed")
    closed = await about(o, petition)

    source.otherwise = found(notice(event="ins.proceeding_opened", hearing="2026-12-09"))
    await o.look("gazette", "gazette", after=DAY)

    order = await the(o, "ins.proceeding_opened")
    assert (order.silent, await about(o, order)) == ("dismissed", closed)
    assert await told(o) == []


async def test_a_reopened_question_may_be_dismissed_again_and_reopens_again_with_an_alert_of_its_own(
    office: Opened,
) -> None:
    source = gazette()
    o = await watched(office, source)
    source.otherwise = found(notice())
    await o.look("gazette", "gazette", after=DAY)

    for name in ("TESTED COMPANY 001 (LEEDS) LTD", "TESTED COMPANY 001 (HULL) LTD"):
        await say(o, (await the(o, "ins.petition_filed")).event.id, "dismissed")
        assert await told(o) == []
        source.otherwise = found(notice(title=name))
        await o.look("gazette", "gazette", after=DAY)
        assert await told(o) == [("ins.petition_filed", "medium", "root")]

    ended = await o.store.read(lambda conn: decisions.decisions(conn, customer="c1"))
    assert [one.ended_why for one in ended] == ["reopened", "reopened"]


async def test_what_was_sent_is_brought_up_to_date_and_a_reopened_question_is_told_in_its_thread(
    office: Opened,
) -> None:
    source = gazette()
    o = await watched(office, source)
    source.otherwise = found(notice())
    await o.look("gazette", "gazette", after=DAY)
    (root,) = await o.alerts()
    now = o.clock.now()
    await o.store.write(lambda conn: outbox.sent(conn, root.id, "C1", "1.0", now, shown=root.shown))

    await say(o, root.event or "", "dismissed")

    ((stale, story),) = await o.store.read(outbox.stale_roots)
    assert (stale.id, story.state) == (root.id, "closed")

    source.otherwise = found(notice(number="09000001"))
    await o.look("gazette", "gazette", after=DAY)

    assert await told(o) == [("ins.petition_filed", "medium", "root"), ("ins.petition_filed", "high", "reply")]


async def test_an_incident_that_rests_on_more_is_lowered_and_speaks_of_what_is_left(office: Opened) -> None:
    source = gazette()
    o = await watched(office, source)
    source.otherwise = found(
        notice("g1", number="09000001"), notice("g2", number="09000001", event="ins.proceeding_opened")
    )
    await o.look("gazette", "gazette", after=DAY)
    order, petition = await the(o, "ins.proceeding_opened"), await the(o, "ins.petition_filed")
    assert order.incident == petition.incident
    assert (await about(o, order)).severity is Severity.CRITICAL

    await say(o, order.event.id, "dismissed")

    left = await about(o, petition)
    assert (left.state, left.severity, left.head) == ("open", petition.severity, petition.event.id)


async def test_a_dismissed_namesake_weighs_in_nowhere(office: Opened) -> None:
    """An opened proceeding makes a petition needless; a namesake's must not hide a real one."""
    source = gazette()
    o = await watched(office, source)
    source.otherwise = found(notice("g1", event="ins.proceeding_opened"))
    await o.look("gazette", "gazette", after=DAY)
    await say(o, (await the(o, "ins.proceeding_opened")).event.id, "dismissed")

    source.otherwise = found(notice("g2", number="09000001"))
    await o.look("gazette", "gazette", after=DAY)

    assert await told(o) == [("ins.petition_filed", "high", "root")]


async def test_a_dismissed_list_entry_that_comes_back_is_silent_and_an_edited_one_is_not(office: Opened) -> None:
    source = sanctions()
    o = await watched(office, source)
    source.otherwise = found(entry("e1"), entry("e2", names=["Somebody Else Ltd"]))
    await o.look("sanctions", "paper", after=DAY)
    possible = await the(o, "san.possible_match")
    await say(o, possible.event.id, "dismissed")
    first = len(await told(o))

    source.otherwise = found(entry("e2", names=["Somebody Else Ltd"]))
    await o.look("sanctions", "paper", after=DAY)
    await o.look("sanctions", "paper", after=2 * HOUR)
    source.otherwise = found(entry("e1"), entry("e2", names=["Somebody Else Ltd"]))
    await o.look("sanctions", "paper", after=DAY)

    assert {one.silent for one in await o.events("san.possible_match")} == {"dismissed"}
    assert len(await told(o)) == first

    source.otherwise = found(
        entry("e1", names=["Tested Company 001 Ltd", "Tested Group"]), entry("e2", names=["Somebody Else Ltd"])
    )
    await o.look("sanctions", "paper", after=DAY)

    possible = (await o.events("san.possible_match"))[0]
    assert (possible.silent, reason(possible, "reopened").facts["field"]) == (None, "names")


# --------------------------------------------------------------------------- it is our customer


async def test_a_confirmed_notice_is_identified_weighs_more_and_is_told_in_the_thread(office: Opened) -> None:
    source = gazette()
    o = await watched(office, source)
    source.otherwise = found(notice())
    await o.look("gazette", "gazette", after=DAY)
    petition = await the(o, "ins.petition_filed")
    assert (petition.severity, petition.event.identified) == (Severity.MEDIUM, False)

    o.clock.pass_(HOUR)
    done = await say(o, petition.event.id, "confirmed", "their lawyer says so", by="wang")

    petition = await the(o, "ins.petition_filed")
    assert (petition.severity, petition.event.identified, petition.event.confidence) == (Severity.HIGH, True, 1.0)
    assert reason(petition, "confirmed_by_person").facts["by"] == "wang"
    assert in_words(petition)[0] == "wang said on 4 Nov that it is this company (their lawyer says so)"
    assert done.alerts == 1
    assert await told(o) == [("ins.petition_filed", "medium", "root"), ("ins.petition_filed", "high", "reply")]

    # what the same record tells later is identified as well
    source.otherwise = found(notice(event="ins.proceeding_opened", hearing="2026-12-09"))
    await o.look("gazette", "gazette", after=DAY)
    order = await the(o, "ins.proceeding_opened")
    assert (order.event.identified, order.severity) == (True, Severity.CRITICAL)


async def test_a_confirmed_possible_match_is_a_listing_and_critical(office: Opened) -> None:
    source = sanctions()
    o = await watched(office, source)
    source.otherwise = found(entry())
    await o.look("sanctions", "paper", after=DAY)
    possible = await the(o, "san.possible_match")

    await say(o, possible.event.id, "confirmed")

    listed = await the(o, "san.listed")
    assert (listed.severity, listed.silent, listed.incident) == (Severity.CRITICAL, None, possible.incident)
    assert (await the(o, "san.possible_match")).silent == "superseded"
    assert ("san.listed", "critical", "reply") in await told(o) or ("san.listed", "critical", "root") in await told(o)
    assert (await about(o, listed)).head == listed.event.id


async def test_a_confirmation_ends_when_the_record_becomes_another(office: Opened) -> None:
    source = gazette()
    o = await watched(office, source)
    source.otherwise = found(notice())
    await o.look("gazette", "gazette", after=DAY)
    await say(o, (await the(o, "ins.petition_filed")).event.id, "confirmed")

    source.otherwise = found(notice(title="TESTED COMPANY 001 (HULL) LTD", event="ins.proceeding_opened"))
    await o.look("gazette", "gazette", after=DAY)

    order = await the(o, "ins.proceeding_opened")
    assert (order.event.identified, order.severity) == (False, Severity.MEDIUM)
    assert reason(order, "reopened").facts["said"] == "confirmed"
    assert await o.store.read(lambda conn: decisions.standing(conn, "c1")) == []


async def test_the_last_decision_wins_and_saying_the_same_twice_names_who_was_first(office: Opened) -> None:
    source = gazette()
    o = await watched(office, source)
    source.otherwise = found(notice())
    await o.look("gazette", "gazette", after=DAY)
    id = (await the(o, "ins.petition_filed")).event.id

    await say(o, id, "confirmed", by="wang")
    first = await say(o, id, "dismissed", by="li")
    again = await say(o, id, "dismissed", by="wang")

    assert (first.new, again.new, again.decision.by) == (True, False, "li")
    petition = await the(o, "ins.petition_filed")
    assert (petition.silent, petition.event.identified) == ("dismissed", False)
    kept = await o.store.read(lambda conn: decisions.decisions(conn, customer="c1"))
    assert [(one.verdict, one.ended_why) for one in kept] == [("confirmed", "replaced"), ("dismissed", "")]

    await say(o, id, "confirmed", by="wang")

    petition = await the(o, "ins.petition_filed")
    assert (petition.silent, petition.event.identified, petition.severity) == (None, True, Severity.HIGH)
    assert (await about(o, petition)).state == "open"
    assert (await told(o))[-1][:2] == ("ins.petition_filed", "high")


async def test_a_listing_that_was_confirmed_dismissed_and_confirmed_again_is_one_listing(office: Opened) -> None:
    source = sanctions()
    o = await watched(office, source)
    source.otherwise = found(entry())
    await o.look("sanctions", "paper", after=DAY)
    id = (await the(o, "san.possible_match")).event.id
    await say(o, id, "confirmed")
    await say(o, id, "dismissed")
    assert await told(o) == []
    assert {one.silent for one in await o.events("san.*")} == {"dismissed"}

    back = await say(o, id, "confirmed")

    listed = await the(o, "san.listed")
    assert (listed.severity, listed.silent, back.alerts) == (Severity.CRITICAL, None, 1)
    assert [type_ for type_, _, _ in await told(o)] == ["san.listed"]
    assert (await about(o, listed)).state == "open"


async def test_what_people_type_is_kept_in_one_harmless_line(office: Opened) -> None:
    source = gazette()
    o = await watched(office, source)
    source.otherwise = found(notice())
    await o.look("gazette", "gazette", after=DAY)
    id = (await the(o, "ins.petition_filed")).event.id

    done = await say(o, id, "dismissed", "a\x1b[31mred\u202e\udcff\nline " + "x" * 10_000)

    assert done.decision.reason.startswith("a[31mred line x")
    assert len(done.decision.reason) == 500
    for id in ("ev_\udcff", "in_\udcff"):
        with pytest.raises(Refused):
            await seen(o, id)


# --------------------------------------------------------------------------- seen


async def test_an_acknowledged_incident_that_worsens_is_nobodys_again_and_is_told(office: Opened) -> None:
    source = gazette()
    o = await watched(office, source, customers=watchlist(range(1, 4), owner="li@example.com"))
    source.otherwise = found(notice("g1", number="09000001"))
    await o.look("gazette", "gazette", after=DAY)
    petition = await the(o, "ins.petition_filed")
    before = await about(o, petition)

    done = await seen(o, petition.event.id, by="wang")
    twice = await seen(o, before.id, by="li")

    assert (done.new, done.incident.acked_by, done.incident.acked_severity) == (True, "wang", Severity.HIGH)
    assert (twice.new, twice.incident.acked_by) == (False, "wang")
    assert (await about(o, petition)).version == before.version + 1

    source.otherwise = found(notice("g2", number="09000001", event="ins.proceeding_opened"))
    await o.look("gazette", "gazette", after=DAY)

    worse = await about(o, petition)
    assert (worse.severity, worse.acked_at, worse.acked_by) == (Severity.CRITICAL, None, None)
    last = [one for one in await o.alerts() if one.state == "pending"][-1]
    assert (last.severity, last.mention) == (Severity.CRITICAL, "li@example.com")


# --------------------------------------------------------------------------- muted


async def test_a_mute_keeps_silent_what_it_was_made_for_and_breaks_when_it_gets_graver(office: Opened) -> None:
    # given a customer whose trouble is known: high stands
    source = gazette()
    o = await watched(office, source)
    source.otherwise = found(notice("g1", number="09000001"))
    await o.look("gazette", "gazette", after=DAY)

    # when li mutes it, another of the same kind is silent and says by whom
    made = await mute(o, customer="c1", reason="we collect in advance")
    assert made.level is Severity.HIGH
    source.otherwise = found(notice("g2", number="09000001"))
    await o.look("gazette", "gazette", after=DAY)

    second = (await o.events("ins.petition_filed"))[-1]
    assert in_words(second)[0] == "silent: li muted it until 4 Dec (we collect in advance)"
    assert (second.silent, reason(second, "muted_by_person").facts["why"]) == ("muted", "we collect in advance")
    assert await told(o) == [("ins.petition_filed", "high", "root")]
    counts = await o.store.read(decisions.silenced)
    assert counts[f"#{made.number}"] == 1

    # when the court opens proceedings, it is told all the same, and the mute is over
    source.otherwise = found(notice("g3", number="09000001", event="ins.proceeding_opened"))
    await o.look("gazette", "gazette", after=DAY)

    order = await the(o, "ins.proceeding_opened")
    broken = reason(order, "mute_broken").facts
    assert in_words(order)[0].startswith(
        "told although li had muted it (we collect in advance): that was made for high"
    )
    assert (order.silent, broken["by"], broken["why"]) == (None, "li", "we collect in advance")
    assert (await told(o))[-1][:2] == ("ins.proceeding_opened", "critical")
    (ended,) = await o.store.read(decisions.mutes)
    assert (ended.ended_why, ended.ended_by) == ("broken", order.event.id)


async def test_a_mute_of_one_incident_leaves_the_others_alone(office: Opened) -> None:
    source, register = gazette(), Source(said=found(company()))
    o = await watched(office, source, register)
    source.otherwise = found(notice("g1", number="09000001"))
    await o.look("gazette", "gazette", after=DAY)
    petition = await the(o, "ins.petition_filed")
    await mute(o, incident=petition.incident)

    source.otherwise = found(notice("g2", number="09000001"))
    await o.look("gazette", "gazette", after=DAY)
    register.otherwise = found(company("strike_off_pending"))
    await o.look("register", "c1")

    assert (await o.events("ins.petition_filed"))[-1].silent == "muted"
    assert ("reg.strike_off_proposed", "high", "root") in await told(o)


async def test_a_mute_is_over_when_its_time_has_come_and_that_is_noted(office: Opened) -> None:
    source = gazette()
    o = await watched(office, source)
    made = await mute(o, types=("ins.*",), until="2026-11-05")

    await o.duties(after=timedelta(days=3))
    source.otherwise = found(notice("g1", number="09000001"))
    await o.look("gazette", "gazette")

    assert (await the(o, "ins.petition_filed")).silent is None
    (ended,) = await o.store.read(decisions.mutes)
    assert (ended.number, ended.ended_why, ended.ended_by) == (made.number, "over", "")


async def test_confirmed_sanctions_are_told_whatever_is_muted(office: Opened) -> None:
    source = sanctions()
    o = await watched(office, source)
    source.otherwise = found(entry())
    await o.look("sanctions", "paper", after=DAY)
    await mute(o, customer="c1")

    await say(o, (await the(o, "san.possible_match")).event.id, "confirmed")

    listed = await the(o, "san.listed")
    assert listed.silent is None
    assert {"mute_refused_sanctions", "mute_broken"} & {one.name for one in listed.reasons}


async def test_a_lifted_mute_counts_no_more_and_cannot_be_lifted_twice(office: Opened) -> None:
    source = gazette()
    o = await watched(office, source)
    made = await mute(o, customer="c1")

    ended = await asyncio.to_thread(muting.lifted, o.desk, f"#{made.number}", "wang")

    assert (ended.ended_why, ended.ended_by) == ("lifted", "wang")
    with pytest.raises(Refused):
        await asyncio.to_thread(muting.lifted, o.desk, str(made.number), "wang")
    source.otherwise = found(notice("g1", number="09000001"))
    await o.look("gazette", "gazette", after=DAY)
    assert await told(o) == [("ins.petition_filed", "high", "root")]


# --------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ({}, "mute_what"),
        ({"customer": "c1", "reason": "  "}, "mute_reason"),
        ({"customer": "c1", "until": ""}, "mute_until"),
        ({"customer": "c1", "until": "2026-11-01"}, "mute_past"),
        ({"customer": "c1", "until": "366d"}, "mute_long"),
        ({"customer": "c1", "until": "soon"}, "until"),
        ({"customer": "c1", "until": "9999-12-31"}, "until"),
        ({"customer": "c11"}, "customer_near"),
        ({"types": ("ins.petition_file",)}, "type_near"),
        ({"types": ("sys.*",)}, "mute_sys"),
        ({"sources": ("gazete",)}, "source_near"),
        ({"incident": "in_0"}, "incident"),
    ],
)
async def test_a_mute_that_cannot_be_is_refused_and_nothing_is_written(
    office: Opened, wanted: dict[str, Any], what: str
) -> None:
    o = await watched(office, gazette())

    with pytest.raises(Refused) as refused:
        await mute(o, **wanted)

    assert refused.value.what == what
    assert await o.store.read(decisions.mutes) == []


async def test_what_is_about_nobody_cannot_be_decided(office: Opened) -> None:
    source = gazette()
    o = await watched(office, source)
    source.otherwise = RuntimeError("the page has changed")
    await o.look("gazette", "gazette", after=DAY)
    notice_ = (await o.events("sys.*"))[0].event.id

    for id, what in (("ev_0", "event"), (notice_, "event_of_nobody")):
        with pytest.raises(Refused) as refused:
            await say(o, id, "dismissed")
        assert refused.value.what == what
    for id, what in (("in_0", "incident"), (notice_, "event_alone")):
        with pytest.raises(Refused) as refused:
            await seen(o, id)
        assert refused.value.what == what


# --------------------------------------------------------------------------- at the terminal


def test_the_commands_say_what_came_of_it_and_end_with_2_on_what_is_unknown(tmp_path: Path) -> None:
    with house(tmp_path, range(1, 3)) as h:
        h.configure(watchlist(range(1, 3)))
        assert h.run("run", "--once", "--all").returncode == 0
        h.world.notices.append(petition(4711, "2450", "Petitions to Wind Up (Companies)", 1, datetime.now(UTC)))
        h.world.today = datetime.now(UTC) + timedelta(minutes=1)
        assert h.run("run", "--once", "--all").returncode == 0
        (event,) = map(json.loads, h.run("events", "--family", "ins", "--json").stdout.splitlines())

        seen = h.run("ack", event["id"])
        gone = h.run("dismiss", event["id"], "--reason", "another one", "--json")
        again = h.run("dismiss", event["id"])
        back = h.run("confirm", event["id"])
        bad = [h.run("dismiss", "ev_0"), h.run("ack", "in_0"), h.run("mute", "c1", "--until", "30d")]
        made = h.run("mute", "c1", "--type", "reg.*", "--reason", "moving house", "--until", "30d", "--json")
        listed, table = h.run("mute", "--json"), h.run("mute")
        lifted = h.run("mute", "--lift", str(json.loads(made.stdout)["number"]))

    assert event["incident"] in seen.stdout
    said = json.loads(gone.stdout)
    assert (said["verdict"], said["new"], said["reason"]) == ("dismissed", True, "another one")
    assert [one["state"] for one in said["incidents"]] == ["closed"]
    assert (again.returncode, "another one" in again.stdout) == (0, True)
    assert (back.returncode, "c1" in back.stdout) == (0, True)
    assert [one.returncode for one in bad] == [2, 2, 2]
    assert "ev_0" in bad[0].stderr
    assert "--reason" in bad[2].stderr
    (row,) = map(json.loads, listed.stdout.splitlines())
    assert (row["customers"], row["types"], row["reason"], row["silenced"]) == (["c1"], ["reg.*"], "moving house", 0)
    assert "moving house" in table.stdout
    assert "c1" in lifted.stdout
