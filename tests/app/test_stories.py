"""Stories of what people live through with it: real watchers over HTTP, a strict Slack, a clock the test moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.app import muting
from monitor.edge.store import read
from tests.house import lei
from tests.telling import CHANNEL
from tests.town import CASE, Town, town

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


# --------------------------------------------------------------------------- an insolvency


async def lived(t: Town) -> None:
    """Live through the winding-up of company 1, from the petition to the final meeting."""
    await t.begins()

    await t.until("2026-11-05")
    t.petition()
    await t.looks()
    t.done("insurer_report")

    await t.until("2026-11-06")
    t.reports("Tested Company 001 Ltd faces winding-up petition", "A supplier has asked the court to wind it up.")
    await t.looks()

    await t.until("2026-11-26")
    t.order()
    await t.looks()
    t.seen()

    await t.until("2026-11-27")
    t.world.change(lei(1), events=(("INSOLVENCY", t.now().date()),))
    await t.looks()

    await t.until("2026-12-01")
    t.publishes("2454", "Appointment of Liquidators", f"{CASE} Date of Appointment: 30 November 2026")
    await t.looks()

    await t.until("2026-12-03")
    t.publishes("2455", "Meetings of Creditors", f"{CASE} a meeting of creditors will be held on 16 December 2026")
    await t.looks()
    t.done("creditors_meeting")

    await t.until("2026-12-10")
    t.publishes(
        "2460",
        "Notices to Creditors",
        f"{CASE} creditors are required, on or before 15 January 2027, to send in claims",
    )
    await t.looks()
    t.done("claims_deadline")

    await t.until("2027-01-12")
    t.publishes(
        "2456",
        "Notices of Intended Dividends",
        f"{CASE} The liquidator intends to declare a first dividend. Last date for receiving proofs: 29 January 2027",
    )
    await t.looks()
    t.done("claims_deadline")

    await t.until("2027-01-20")
    t.publishes("2458", "Final Meetings", f"{CASE} the final meeting of creditors was held on 19 January 2027")
    await t.looks()


HEADS = {
    "en": (
        "CRITICAL · Tested Company 001 Ltd (UK): insolvency proceedings",
        "CRITICAL · Tested Company 001 Ltd (UK): insolvency proceedings",
        "HIGH · Tested Company 001 Ltd (UK): creditors have a date to keep",
        "HIGH · Tested Company 001 Ltd (UK): creditors have a date to keep",
        "HIGH · Tested Company 001 Ltd (UK): creditors have a date to keep",
        "CLOSED · Tested Company 001 Ltd (UK)",
    ),
    "zh": (
        "【紧急】Tested Company 001 Ltd（英国）：破产程序",
        "【紧急】Tested Company 001 Ltd（英国）：破产程序",
        "【重要】Tested Company 001 Ltd（英国）：其破产程序有需要债权人遵守的期限：12月16日",
        "【重要】Tested Company 001 Ltd（英国）：其破产程序有需要债权人遵守的期限",
        "【重要】Tested Company 001 Ltd（英国）：其破产程序有需要债权人遵守的期限",
        "【已解除】Tested Company 001 Ltd（英国）",
    ),
}
SEEN = {"en": "seen by li.wei", "zh": "li.wei"}


@LANGUAGES
async def test_an_insolvency_over_three_sources_is_one_message_and_its_thread(tmp_path: Path, language: str) -> None:
    with town(tmp_path, language) as t:
        await lived(t)
        await t.office.close()
        alerts, events = t.room.alerts(), t.office.store.read_now(lambda conn: read.events(conn, customer="c1"))
        posted, story = t.room.posted(), t.room.incident()
        (root,) = [one for one in alerts if one.kind == "root"]
        now = next(one for one in t.room.fake.messages(CHANNEL) if one["ts"] == root.slack_ts)
    thread = [one for one in posted if one.get("thread_ts") == root.slack_ts]
    print("\n\n".join([now["text"], *(f"   ↳ {one['text']}" for one in thread)]))

    # Three sources tell of it, and it is one matter.
    assert {voice.source for stored in events for voice in stored.event.origins} == {"gb_gazette", "feed", "gleif"}
    assert {stored.incident for stored in events} == {story.id}
    # One message, edited as the matter went on; six facts and two reminders in its thread.
    assert now["edited"] and now["text"].startswith(HEADS[language][-1]) and SEEN[language] in now["text"]
    kinds = [next(alert.kind for alert in alerts if alert.slack_ts == one["ts"]) for one in thread]
    assert kinds == ["reminder", "reminder", "reply", "reply", "reply", "reply", "reply", "reply"]
    told = [one["text"] for one, kind in zip(thread, kinds, strict=True) if kind == "reply"]
    assert all(text.startswith(head) for text, head in zip(told, HEADS[language], strict=True))
    # The owner is called when it begins and when it gets graver, and nothing is said twice.
    assert [alert.mention for alert in alerts if alert.kind == "root"] == ["li"]
    ids = [one["metadata"]["event_payload"]["alert_id"] for one in posted]
    assert len(set(ids)) == len(ids)
    beside = {one["ts"] for one in posted if one not in thread}
    assert {alert.kind for alert in alerts if alert.slack_ts in beside} == {"report", "root", "summary"}


# --------------------------------------------------------------------------- a night


QUIET = 'slack: {quiet: {start: "20:00", end: "07:00"}, calendar: CN}'


@LANGUAGES
async def test_at_night_only_the_critical_wakes_people(tmp_path: Path, language: str) -> None:
    with town(tmp_path, language, more=QUIET) as t:
        await t.begins()
        await t.until("2026-11-25", hour="23:00")
        t.petition(company=2)
        await t.looks()
        before_midnight = t.heard(since=1)

        await t.until("2026-11-26", hour="02:00")
        t.order()
        await t.looks()
        at_two = t.heard(since=1)

        await t.until("2026-11-26", hour="07:01")
        in_the_morning = t.heard(since=1)
        await t.office.close()

    weekly = [text for text in before_midnight if text.startswith(("DIGEST", "【汇总】"))]
    assert before_midnight == weekly
    (order,) = at_two[len(before_midnight) :]
    assert order.startswith(("CRITICAL · Tested Company 001", "【紧急】Tested Company 001"))
    reminder, petition = in_the_morning[len(at_two) :]
    assert "counterwatch ack" in reminder  # four hours later nobody had said that they deal with it
    assert petition.startswith(("HIGH · Tested Company 002", "【重要】Tested Company 002"))


# --------------------------------------------------------------------------- a mute


@LANGUAGES
async def test_a_mute_holds_until_something_graver_comes(tmp_path: Path, language: str) -> None:
    with town(tmp_path, language, tier="B") as t:
        await t.begins()
        wanted = muting.Wanted(customer="c1", reason="we are paid in full this week", until="60d")
        muting.settle(t.office.desk, wanted, "li.wei")

        await t.until("2026-11-06")
        t.petition()
        await t.looks()
        silent = t.heard()
        await t.until("2026-11-26")
        t.order()
        await t.looks()
        told = t.heard()
        alerts = t.room.alerts()
        await t.office.close()

    assert silent == []
    assert [(one.state, one.reason) for one in alerts if one.event and one.kind == "root"] == [
        ("suppressed", "muted"),
        ("sent", ""),
    ]
    order = next(text for text in told if text.startswith(("CRITICAL", "【紧急】")))
    assert "li.wei" in order and "we are paid in full this week" in order


# --------------------------------------------------------------------------- an acknowledged incident


@LANGUAGES
async def test_what_somebody_deals_with_is_told_again_when_it_gets_graver(tmp_path: Path, language: str) -> None:
    with town(tmp_path, language) as t:
        await t.begins()
        await t.until("2026-11-06")
        t.petition()
        await t.looks()
        t.seen()
        await t.looks()
        dealt_with = t.room.incident()

        await t.until("2026-11-26")
        t.order()
        await t.looks()
        worse = t.room.incident()
        told, posted = t.heard(), t.room.posted()
        await t.office.close()

    assert (dealt_with.acked_by, worse.acked_by) == ("li.wei", None)
    order = next(text for text in told if text.startswith(("   ↳ CRITICAL", "   ↳ 【紧急】")))
    assert ("HIGH → CRITICAL" if language == "en" else "重要 → 紧急") in order
    called = [one for one in posted if one["parsed"].get("mentions") and "counterwatch dates done" not in one["text"]]
    assert [one.get("thread_ts") is not None for one in called] == [False, True]  # when it began, and when it got worse


# --------------------------------------------------------------------------- a flood


@LANGUAGES
async def test_a_flood_of_one_kind_is_one_message_and_the_critical_goes_first(tmp_path: Path, language: str) -> None:
    with town(tmp_path, language, customers=40) as t:
        await t.begins()
        await t.until("2026-11-06")
        for n in range(2, 41):
            t.petition(company=n)
        t.order()
        await t.looks()
        for _ in range(3):
            await t.owed()
        told, alerts = t.heard(), t.room.alerts()
        await t.office.close()

    assert told[0].startswith(("CRITICAL · Tested Company 001", "【紧急】Tested Company 001"))
    petitions = [one for one in alerts if one.customer not in (None, "c1")]
    assert len(petitions) == 39 and {one.state for one in petitions} == {"sent"}
    assert len(told) < 15
