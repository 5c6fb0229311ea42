"""How an incident is told from its first fact to its end: one message kept up to date, a thread that is its story."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import reminders
from monitor.edge.console import Console
from monitor.edge.settings import Secret
from monitor.edge.slack import Webhook
from monitor.edge.store import commit, dates, outbox
from monitor.judge import route
from monitor.model import Alert, Deadline, Severity
from tests.delivery import in_slack, running, states
from tests.house import until
from tests.telling import HOUSE, PAPER, Room, fact, room

PETITION = fact(
    "ins.petition_filed", stage="filed", occurred_at="2026-11-02", facts={"dates": {"hearing": "2026-12-09"}}
)
ORDER = fact("ins.proceeding_opened", occurred_at="2026-11-03", stage="ordered")
LATER = timedelta(hours=5)


Opened = Callable[..., Awaitable[Room]]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    """Open a room with so many customers and such settings."""
    with ExitStack() as stack:
        rooms: list[Room] = []

        async def open_(customers: int = 1, more: str = "") -> Room:
            rooms.append(stack.enter_context(room(tmp_path, customers, more)))
            await rooms[-1].office.start()
            return rooms[-1]

        yield open_
        for one in rooms:
            await one.office.close()


@pytest.fixture
async def here(opened: Opened) -> Room:
    return await opened()


async def told(here: Room, *args: Any, **kwargs: Any) -> None:
    """Let a fact happen and be sent, after the time in which facts gather."""
    here.tell(*args, **kwargs)
    here.pass_(minutes=1)
    await here.deliver()


def mentioned(entry: Any) -> list[str]:
    return list(entry["parsed"].get("mentions", []))


def deadline(here: Room, day: str = "2026-12-09", **fields: Any) -> Deadline:
    now = here.office.clock.now()
    made = Deadline("dl_1", "c1", "hearing", day, "open", now, now, incident=here.incident().id)
    return replace(made, **fields)


def reminder_of(here: Room, one: Deadline, left: int) -> Alert:
    """A reminder as the clock of dates makes it."""
    now = here.office.clock.now()
    key = f"deadline|{one.id}|{one.day}|{left}|#customer-watch"
    facts = {"code": "deadline", "name": one.name, "day": one.day, "days_left": left, "step": str(left)}
    return Alert(
        route.alert_id(key), key, "reminder", "#customer-watch", Severity.HIGH, incident=one.incident, customer="c1",
        created_at=now, not_before=now, mention="li", facts=facts,
    )  # fmt: skip


def put(here: Room, *alerts: Alert) -> None:
    here.store.write_now(lambda conn: commit.add_alerts(conn, alerts, here.office.clock.now()))


def remind(here: Room) -> bool:
    desk, now = here.office.desk, here.office.clock.now()
    return here.store.write_now(lambda conn: reminders.round_(conn, desk, now))


# --------------------------------------------------------------------------- the whole story


async def test_an_incident_of_seven_facts_is_one_root_six_replies_and_two_reminders_whatever_dies_between(
    here: Room,
) -> None:
    """Every single message is killed on its way, half of them after Slack has accepted it."""
    story = [
        (PETITION, Severity.HIGH),
        (fact("ins.petition_filed", 2, stage="filed", occurred_at="2026-11-02", origins=(PAPER,)), Severity.MEDIUM),
        (ORDER, Severity.CRITICAL),
        (fact("ins.receiver_appointed", occurred_at="2026-11-05", origins=(HOUSE,)), Severity.CRITICAL),
        (fact("ins.claims_deadline", facts={"dates": {"deadline": "2026-12-24"}}), Severity.HIGH),
        (
            fact("ins.claims_deadline", 2, facts={"corrects": "ev_x", "old": "2026-12-24", "new": "2026-12-29"}),
            Severity.HIGH,
        ),
        (fact("ins.reversed", stage="reversed", polarity="positive", occurred_at="2026-11-20"), Severity.LOW),
    ]
    for place, (one, severity) in enumerate(story):
        here.tell(one, severity=severity)
        here.pass_(minutes=1)
        await here.die(accept=place % 2 == 0)
        here.pass_(minutes=2)
        await here.deliver()
        if place == 4:  # nobody says anything for five hours, and a date comes near
            here.pass_(hours=5)
            assert remind(here)
            await here.die(accept=True)
            put(here, reminder_of(here, deadline(here), 7))
            here.pass_(minutes=2)
            await here.deliver()

    posts, (root, *replies) = in_slack(here.fake), here.posted()
    assert len(posts) == len(set(posts)) == 9
    assert states(here.store) == {"sent": 9}
    assert [one["thread_ts"] for one in replies] == [root["ts"]] * 8
    assert [one.kind for one in here.alerts()].count("reminder") == 2
    told_now = here.root().splitlines()
    assert told_now[0].startswith("CLOSED · Tested Company 001 Ltd (UK): ")
    assert told_now[1].startswith("State: closed on ")
    assert here.fake.log("update")[-1]["ts"] == root["ts"]


async def test_the_root_says_how_it_stands_and_is_never_posted_again(here: Room) -> None:
    await told(here, PETITION)
    first = here.root()
    here.store.write_now(lambda conn: dates.keep(conn, [deadline(here, was="2026-12-02")]))
    await told(
        here, fact("ins.petition_filed", 2, occurred_at="2026-11-02", origins=(PAPER,)), severity=Severity.MEDIUM
    )
    await told(here, ORDER, severity=Severity.CRITICAL)

    lines = here.root().splitlines()
    assert "State:" not in first
    assert lines[0].startswith("CRITICAL · ")
    assert lines[1] == "State: open since 3 Nov."
    assert "Sources: 2 independent sources, one or more official: London Gazette and Evening Paper." in lines
    assert any(
        line.startswith("So far: winding-up petition 2 Nov → ") and "3 facts since 3 Nov" in line for line in lines
    )
    assert "Dates: hearing 9 Dec (was 2 Dec)." in lines
    assert any(line.startswith("Money: EUR 84,000 open") for line in lines)
    assert len(here.posted()) == 3


async def test_a_date_that_is_done_or_moved_leaves_the_root_by_itself(here: Room) -> None:
    await told(here, PETITION)
    one = deadline(here)
    here.store.write_now(lambda conn: dates.keep(conn, [one]))
    here.store.write_now(lambda conn: dates.keep(conn, [replace(one, day="2026-12-16", was="2026-12-09")]))
    await here.deliver()
    moved = here.root()
    here.store.write_now(lambda conn: dates.keep(conn, [replace(one, state="done")]))
    await here.deliver()

    assert "Dates: hearing 16 Dec (was 9 Dec)." in moved.splitlines()
    assert "Dates:" not in here.root()
    assert len(here.posted()) == 1


async def test_what_people_say_of_it_stands_in_the_root(here: Room) -> None:
    await told(here, PETITION, severity=Severity.CRITICAL)
    here.change(acked_at=here.office.clock.now(), acked_by="li", acked_severity=Severity.CRITICAL)
    await here.deliver()

    assert "seen by li, 3 Nov 09:01." in here.root().splitlines()[1]
    assert len(here.posted()) == 1


async def test_getting_graver_is_said_and_calls_the_owner_whom_the_edit_leaves_alone(here: Room) -> None:
    await told(here, PETITION)
    await told(here, fact("ins.petition_filed", 2, occurred_at="2026-11-03"))
    await told(here, ORDER, severity=Severity.CRITICAL)

    root, same, graver = here.posted()
    assert [mentioned(one) for one in (root, same, graver)] == [["U0OWNER"], [], ["U0OWNER"]]
    assert "Graver: HIGH → CRITICAL." in graver["text"].splitlines()
    assert "Graver" not in same["text"]
    assert [mentioned(entry) for entry in here.fake.log("update")] == [[], []]
    assert "For: li" in here.root()


async def test_who_deals_with_it_is_not_called_for_each_further_critical_fact(here: Room) -> None:
    await told(here, ORDER, severity=Severity.CRITICAL)
    await told(here, fact("ins.receiver_appointed", occurred_at="2026-11-04"), severity=Severity.CRITICAL)
    here.change(acked_at=here.office.clock.now(), acked_by="li", acked_severity=Severity.CRITICAL)
    await told(here, fact("ins.converted", occurred_at="2026-11-05"), severity=Severity.CRITICAL)

    assert [mentioned(one) for one in here.posted()] == [["U0OWNER"], ["U0OWNER"], []]


async def test_a_correction_tells_what_was_said_and_what_holds(here: Room) -> None:
    await told(here, PETITION)
    corrected = fact(
        "ins.petition_filed", 2, facts={"corrects": PETITION.id, "old": "hearing 9 Dec", "new": "hearing 16 Dec"}
    )
    await told(here, corrected)

    assert "Corrected: was hearing 9 Dec, now hearing 16 Dec." in here.posted()[1]["text"].splitlines()
    assert "corrected since it was first told" in here.root().splitlines()[1]


async def test_the_same_story_in_chinese(opened: Opened) -> None:
    here = await opened(more="language: zh")
    await told(here, PETITION)
    await told(here, ORDER, severity=Severity.CRITICAL)
    here.pass_(hours=5)
    remind(here)
    await here.deliver()

    lines = here.root().splitlines()
    assert lines[0].startswith("【紧急】Tested Company 001 Ltd（英国）：")
    assert lines[1] == "状态：11月3日起未结。"
    assert any(line.startswith("进展：11月2日") and "→ 11月3日" in line for line in lines)
    assert "升级：重要 → 紧急。" in here.posted()[1]["text"]
    assert here.heads()[2] == "【紧急】Tested Company 001 Ltd（英国）：尚无人确认处理。"


# --------------------------------------------------------------------------- reminders


async def test_a_critical_that_nobody_acknowledges_is_said_once_more_in_its_thread(here: Room) -> None:
    await told(here, ORDER, severity=Severity.CRITICAL)
    here.pass_(hours=3, minutes=50)
    assert not remind(here)

    here.pass_(minutes=15)
    for _ in range(3):  # restarts, and days of duties
        remind(here)
        await here.deliver()
        here.pass_(hours=9)

    root, reminder = here.posted()
    assert reminder["thread_ts"] == root["ts"]
    assert reminder["text"].startswith("CRITICAL · Tested Company 001 Ltd (UK): nobody has said yet")
    assert f"counterwatch ack {here.incident().id}" in reminder["text"]
    assert mentioned(reminder) == ["U0OWNER"]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ({"acked_by": "li", "acked_severity": Severity.CRITICAL}, "acknowledged"),
        ({"state": "closed"}, "closed"),
        ({"severity": Severity.MEDIUM}, "superseded"),
    ],
)
@pytest.mark.parametrize("queued", [False, True])
async def test_nobody_is_reminded_of_what_is_seen_or_over(
    here: Room, word: dict[str, Any], reason: str, queued: bool
) -> None:
    await told(here, ORDER, severity=Severity.CRITICAL)
    here.pass_(hours=5)
    if queued:  # the word comes between the duty and the sender
        assert remind(here)
    seen = {"acked_at": here.office.clock.now()} if "acked_by" in word else {}
    here.change(**word, **seen)
    assert not remind(here)
    await here.deliver()

    assert len(here.posted()) == 1
    assert [(one.state, one.reason) for one in here.alerts("reminder")] == ([("suppressed", reason)] if queued else [])


async def test_nobody_is_reminded_of_another_company(here: Room) -> None:
    await told(here, ORDER, severity=Severity.CRITICAL)
    here.pass_(hours=5)
    assert remind(here)

    def dismissed(conn: Any) -> None:
        from sqlalchemy import update

        from monitor.edge.store.tables import event

        conn.execute(update(event).values(silent="dismissed"))

    here.store.write_now(dismissed)
    await here.deliver()

    assert [one.reason for one in here.alerts("reminder")] == ["dismissed"]


async def test_what_was_told_long_ago_is_not_brought_up_by_an_upgrade(here: Room) -> None:
    await told(here, ORDER, severity=Severity.CRITICAL)
    here.pass_(days=20)

    assert not remind(here)


async def test_where_nobody_can_answer_nobody_is_reminded(here: Room) -> None:
    here.tell(ORDER, severity=Severity.CRITICAL)
    await here.deliver(Webhook(Secret(here.fake.webhook_url)))
    here.pass_(hours=5)

    assert not remind(here)


async def test_a_reminder_that_waits_when_the_token_goes_is_not_printed(here: Room) -> None:
    await told(here, ORDER, severity=Severity.CRITICAL)
    here.pass_(hours=5)
    assert remind(here)

    await here.deliver(Console(io.StringIO()))

    assert [one.reason for one in here.alerts("reminder")] == ["no_thread"]


async def test_a_date_that_comes_is_said_in_the_thread_and_through_every_door(here: Room) -> None:
    await told(here, PETITION)
    put(here, reminder_of(here, deadline(here), 7))
    await here.deliver()
    put(here, reminder_of(here, deadline(here), 1))
    out = io.StringIO()
    await here.deliver(Console(out))

    root, reminder = here.posted()
    assert reminder["thread_ts"] == root["ts"]
    assert here.heads()[1] == "HIGH · Tested Company 001 Ltd (UK): hearing 9 Dec, in 7 days."
    assert mentioned(reminder) == ["U0OWNER"]
    assert "hearing 9 Dec, which is tomorrow." in out.getvalue()
    assert f"Part of: the matter opened on 3 Nov ({here.incident().id})." in out.getvalue()


# --------------------------------------------------------------------------- other doors


async def test_without_threads_a_reply_names_its_incident(here: Room) -> None:
    hook = Secret(here.fake.webhook_url)
    here.tell(PETITION)
    here.pass_(minutes=1)
    await here.deliver(Webhook(hook))
    here.tell(fact("ins.petition_filed", 2))
    here.pass_(minutes=1)
    await here.deliver(Webhook(hook))

    first, second = here.posted()
    assert "Part of:" not in first["text"]
    assert f"Part of: the matter opened on 3 Nov ({here.incident().id})." in second["text"].splitlines()


# --------------------------------------------------------------------------- many at once


MOVED = {"source": "register", "record_kind": "company", "facts": {"field": "address", "old": "Leeds", "new": "York"}}


async def test_a_flood_of_one_kind_is_one_message_and_criticals_stay_alone(opened: Opened) -> None:
    here = await opened(customers=40)
    for n in range(1, 38):
        here.tell(fact("reg.address_changed", customer=f"c{n}", **MOVED), severity=Severity.MEDIUM)
    here.tell(fact("reg.dissolved", customer="c38", source="register"), severity=Severity.CRITICAL)
    here.tell(fact("reg.name_changed", customer="c39", source="register"), severity=Severity.MEDIUM)
    here.pass_(minutes=1)
    await here.deliver()
    here.tell(fact("reg.address_changed", customer="c40", **MOVED), severity=Severity.MEDIUM)
    here.pass_(minutes=1)
    await here.deliver()
    waiting = states(here.store)
    here.pass_(minutes=15)
    await here.deliver()

    heads = here.heads()
    assert heads[0].startswith("CRITICAL · Tested Company 038 Ltd")
    assert heads[1] == "NOTICE · 37 customers: new address (Register)"
    assert heads[2].startswith("MEDIUM · Tested Company 039 Ltd")
    assert waiting["pending"] == 1  # a straggler gathers with what may still come
    assert len(heads) == 4 and "Tested Company 040" in heads[3] + here.posted()[3]["text"]
    gathered = here.posted()[1]["text"]
    shown = str(here.posted()[1]["stored"]["blocks"])
    assert all(f"Tested Company {n:03d} Ltd" in shown for n in range(1, 38))
    assert len(gathered.splitlines()) > 20
    assert set(states(here.store)) == {"sent"}
    (notice,) = here.posted("C0OPS")
    assert notice["text"].startswith("NOTICE · 37 messages of one kind at once from Register (new address) became one")


async def test_a_flood_s_notice_is_given_once_though_the_daemon_dies_with_its_message(opened: Opened) -> None:
    here = await opened(customers=30)
    for n in range(1, 31):
        here.tell(fact("reg.address_changed", customer=f"c{n}", **MOVED), severity=Severity.MEDIUM)
    here.pass_(minutes=1)
    await here.die(accept=True, match={"channel": "C0ALERTS"})
    here.pass_(minutes=2)
    await here.deliver()
    await here.deliver()

    assert [one.facts["code"] for one in here.alerts("ops")] == ["message_flood"]
    assert len(here.posted()) == 1
    assert set(states(here.store)) == {"sent"}


async def test_ten_of_one_kind_are_told_one_by_one(opened: Opened) -> None:
    here = await opened(customers=10)
    for n in range(1, 11):
        here.tell(fact("reg.address_changed", customer=f"c{n}", **MOVED), severity=Severity.MEDIUM)
    here.pass_(minutes=1)
    await here.deliver()

    assert len(here.posted()) == 10
    assert here.alerts("ops") == []


async def test_after_hours_without_slack_criticals_come_first_then_one_digest_then_the_edits(opened: Opened) -> None:
    kinds = (
        "reg.address_changed",
        "reg.name_changed",
        "gov.director_left",
        "reg.activity_changed",
        "fin.charge_registered",
    )
    here = await opened(customers=40)
    here.tell(PETITION)
    here.pass_(minutes=1)
    await here.deliver()
    here.fake.fault("http", status=503, times=None)
    here.fake.fault("http", "conversations.history", status=503, times=None)
    async with running(here.sender()) as one:
        here.tell(fact("ins.petition_filed", 2))
        for n in range(2, 38):
            here.tell(fact(kinds[n % 5], customer=f"c{n}", source="register"), severity=Severity.MEDIUM)
        here.tell(ORDER, fact("reg.dissolved", customer="c39"), severity=Severity.CRITICAL)
        here.pass_(hours=3)
        one.deliverer.wake()
        await until(lambda: len(here.fake.log("fault")) > 2)
        here.fake.clear_faults()
        one.deliverer.wake()
        await until(lambda: "pending" not in states(here.store) and "claimed" not in states(here.store))
        await until(lambda: all(root.shown == 3 for root in here.alerts("root") if root.customer == "c1"))

    heads = [head.split(" · ")[0] for head in here.heads()]
    assert heads[0] == "HIGH"
    assert sorted(heads[1:]) == ["CRITICAL", "CRITICAL", "NOTICE"]
    assert in_slack(here.fake) == list(dict.fromkeys(in_slack(here.fake)))
    last_post, first_edit = here.posted()[-1]["mono"], here.fake.log("update")[-1]["mono"]
    assert last_post <= first_edit


def test_what_is_threaded_is_one_question() -> None:
    rows = [
        Alert("al", "k", kind, "#x", Severity.LOW, incident="in_1") for kind in ("root", "reply", "reminder", "ops")
    ]  # type: ignore[arg-type]

    assert [outbox.threaded(one) for one in rows] == [False, True, True, False]
    assert not outbox.threaded(replace(rows[2], incident=None))
