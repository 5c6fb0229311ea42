"""From the outbox to the channel: each alert once, whatever happens on the way (faults S01 to S18)."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from monitor.app.deliver import UNCERTAIN, short
from monitor.clock import SystemClock
from monitor.edge.console import Console
from monitor.edge.settings import Secret
from monitor.edge.slack import Webhook
from monitor.edge.store import Store, read
from monitor.model import Message, Severity
from tests.delivery import (
    ALERTS,
    OPS,
    Fake,
    alert,
    claimed_long_ago,
    desk,
    event,
    in_slack,
    incident,
    put,
    row,
    running,
    slack,
    states,
    words,
)
from tests.house import until

CHANNEL, OPS_CHANNEL = "C0ALERTS", "C0OPS"


@pytest.fixture
def fake() -> Iterator[Any]:
    with Fake(rate=0, tiers=False) as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'counterwatch.db'}") as opened:
        yield opened


def all_sent(store: Store, count: int) -> bool:
    return states(store) == {"sent": count}


# --------------------------------------------------------------------------- the straight way


async def test_an_alert_is_sent_once_and_marked(fake: Any, store: Store) -> None:
    put(store, alert(1))

    async with running(desk(store, slack(fake))):
        await until(lambda: all_sent(store, 1))

    sent = row(store, 1)
    assert in_slack(fake) == ["al_1"]
    assert (sent.slack_channel, sent.slack_ts) == (CHANNEL, fake.log("message")[0]["ts"])
    assert sent.attempts == 1


async def test_an_alert_committed_while_running_leaves_at_once(fake: Any, store: Store) -> None:
    took = []
    async with running(desk(store, slack(fake))) as one:
        put(store, alert("warm"))
        one.deliverer.wake()
        await until(lambda: len(in_slack(fake)) == 1)

        for number in range(20):
            put(store, alert(number, severity=Severity.CRITICAL))
            began = time.monotonic()
            one.deliverer.wake()
            while len(in_slack(fake)) < number + 2:
                await asyncio.sleep(0.002)
            took.append(time.monotonic() - began)

    assert sorted(took)[-2] < 0.25  # one of twenty may meet a busy machine


async def test_nothing_is_claimed_before_its_time(fake: Any, store: Store) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.6)
    put(store, alert(1, not_before=soon), alert(2))

    async with running(desk(store, slack(fake), idle=5.0)):
        await until(lambda: "al_2" in in_slack(fake))
        assert in_slack(fake) == ["al_2"]
        await until(lambda: all_sent(store, 2))

    assert datetime.now(UTC) >= soon


async def test_a_drain_sends_all_that_waits_and_returns(fake: Any, store: Store) -> None:
    gathering = datetime.now(UTC) + timedelta(seconds=20)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    put(store, alert(1), alert(2, not_before=gathering), alert(3, not_before=tomorrow))
    one = desk(store, slack(fake))

    began = time.monotonic()
    await one.deliverer.drain(10, ahead=30)

    assert time.monotonic() - began < 3
    assert sorted(in_slack(fake)) == ["al_1", "al_2"]
    await one.door.close()


async def test_an_owner_is_mentioned_by_member_id(fake: Any, store: Store) -> None:
    put(store, alert(1, mention="li"), alert(2, mention="no.one@example.com"))
    people = {"li": "li.wei@example.com"}

    async with running(desk(store, slack(fake), person=lambda who: people.get(who, who))):
        await until(lambda: all_sent(store, 2))

    texts = sorted(entry["text"] for entry in fake.log("message"))
    assert texts[0].endswith("for U0OWNER")
    assert texts[1].endswith("for no.one@example.com")


async def test_an_alert_that_cannot_be_put_into_words_is_sent_bare(fake: Any, store: Store) -> None:
    put(store, alert(1), alert(2))

    def broken(one: Any, stored: Any, about: Any, more: Any) -> Message:
        if one.id == "al_1":
            raise KeyError("a word is missing")
        return words(one, stored, about, more)

    async with running(desk(store, slack(fake), render=broken)):
        await until(lambda: all_sent(store, 2))

    assert "al_1" in fake.log("message")[0]["text"]


# --------------------------------------------------------------------------- lost answers


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize(
    "fault",
    [
        {"do": "reset"},  # S01, S02
        {"do": "drop"},
        {"do": "http", "status": 500},  # S03
        {"do": "http", "status": 503},
        {"do": "garbage"},  # S04
        {"do": "http", "status": 200, "body": "<html>portal</html>"},
        {"do": "no_ok"},
        {"do": "hang", "seconds": 5},  # S05
        {"do": "slow", "seconds": 0.2},
        {"do": "error", "error": "internal_error"},
    ],
    ids=lambda fault: f"{fault['do']} {fault.get('status', '')}",
)
async def test_a_lost_answer_ends_with_one_message(
    fake: Any, store: Store, fault: dict[str, Any], accepted: bool
) -> None:
    put(store, *(alert(number) for number in range(3)))
    fake.fault(**fault, accept=accepted, skip=1)

    async with running(desk(store, slack(fake, deadline=0.4))):
        await until(lambda: all_sent(store, 3))

    assert sorted(in_slack(fake)) == ["al_0", "al_1", "al_2"]


async def test_a_hanging_channel_delays_no_other(fake: Any, store: Store) -> None:
    put(store, alert("stuck", OPS), *(alert(number) for number in range(5)))
    fake.fault("hang", match={"channel": OPS_CHANNEL}, seconds=5)

    async with running(desk(store, slack(fake, deadline=1.5))):
        await until(lambda: len(in_slack(fake, CHANNEL)) == 5, 1.4)
        await until(lambda: all_sent(store, 6))

    assert in_slack(fake, OPS_CHANNEL) == ["al_stuck"]


async def test_a_message_that_appears_late_is_waited_for(fake: Any, store: Store) -> None:
    """S06: the settle time covers what Slack accepts after we gave up."""
    put(store, alert(1))
    fake.fault("late", seconds=0.8)

    async with running(desk(store, slack(fake, deadline=0.3), settle=1.0)):
        await until(lambda: all_sent(store, 1))

    assert in_slack(fake) == ["al_1"]


async def test_a_history_that_lags_makes_no_second_message(fake: Any, store: Store) -> None:
    """S07."""
    fake.ctl("settings", history_lag=0.6)
    put(store, *(alert(number) for number in range(4)))
    fake.fault("reset", accept=True, times=3)

    async with running(desk(store, slack(fake), settle=1.0)):
        await until(lambda: all_sent(store, 4))

    assert sorted(in_slack(fake)) == [f"al_{number}" for number in range(4)]


async def test_a_failed_look_never_sends_again(fake: Any, store: Store) -> None:
    put(store, alert(1))
    fake.fault("reset", accept=True)
    fake.fault("http", "conversations.history", status=503, times=4)

    async with running(desk(store, slack(fake))):
        await until(lambda: all_sent(store, 1))

    assert in_slack(fake) == ["al_1"]


async def test_what_cannot_be_looked_up_is_parked_told_and_settled_later(fake: Any, store: Store) -> None:
    put(store, alert("kept"), alert("lost", OPS))
    fake.fault("reset", accept=True, match={"channel": CHANNEL})
    fake.fault("reset", accept=False, match={"channel": OPS_CHANNEL})
    fake.fault("http", "conversations.history", status=503, times=None)

    async with running(desk(store, slack(fake), uncertain_after=0.6)) as one:
        await until(lambda: states(store) == {"parked": 2})
        assert {one.reason for one in store.read_now(read.alerts)} == {UNCERTAIN}
        await until(lambda: len(one.said("delivery_uncertain")) == 2)  # told right after it is stored
        fake.clear_faults()
        await until(lambda: all_sent(store, 2))

    assert sorted(in_slack(fake)) == ["al_kept", "al_lost"]


async def test_a_long_outage_leaves_few_doubts_and_one_notice(fake: Any, store: Store) -> None:
    """S17 with 503 instead of silence: nobody posts on while looks fail too."""
    put(store, *(alert(number) for number in range(15)), alert("grave", severity=Severity.CRITICAL))
    fake.fault("http", status=503, times=None)
    fake.fault("http", "conversations.history", status=503, times=None)

    async with running(desk(store, slack(fake), uncertain_after=1.0)) as one:
        await asyncio.sleep(2.5)
        tried = [entry for entry in fake.log("fault") if entry["method"] == "chat.postMessage"]
        assert 1 <= len(tried) <= 12
        assert len(one.said("delivery_uncertain")) <= 1
        fake.clear_faults()
        await until(lambda: all_sent(store, 16))

    assert len(in_slack(fake)) == len(set(in_slack(fake))) == 16


async def test_a_code_nobody_knows_is_met_with_plain_text_in_the_end(fake: Any, store: Store) -> None:
    put(store, alert(1), alert(2))
    fake.fault("error", error="never_heard_of", match={"contains": '"text": "HIGH · al_1", "emoji"'}, times=None)

    async with running(desk(store, slack(fake))):
        await until(lambda: all_sent(store, 2))

    plain = next(e for e in fake.log("message") if e["metadata"]["event_payload"]["alert_id"] == "al_1")
    assert "blocks" not in plain["stored"]
    assert plain["metadata"]["event_payload"]["attempt"] == 3
    assert sorted(in_slack(fake)) == ["al_1", "al_2"]


async def test_a_reply_without_an_answer_is_looked_for_in_its_thread(fake: Any, store: Store) -> None:
    """S10."""
    story = incident("in_1")
    put(store, alert("root", incident="in_1"), incidents=[story])

    async with running(desk(store, slack(fake))) as one:
        await until(lambda: all_sent(store, 1))
        fake.fault("reset", accept=True)
        put(store, alert("reply", kind="reply", incident="in_1"))
        one.deliverer.wake()
        await until(lambda: all_sent(store, 2))

    root, reply = fake.log("message")
    assert in_slack(fake) == ["al_root", "al_reply"]
    assert reply["thread_ts"] == root["ts"]


async def test_rows_found_claimed_are_looked_up_before_anything_else_happens(fake: Any, store: Store) -> None:
    put(store, alert("kept"), alert("lost"))
    door = slack(fake)
    await door.post(CHANNEL, Message("kept", ()), alert_id="al_kept", attempt=1)
    claimed_long_ago(store, "kept")
    claimed_long_ago(store, "lost")

    async with running(desk(store, door)):
        await until(lambda: all_sent(store, 2))

    assert in_slack(fake) == ["al_kept", "al_lost"]
    assert row(store, "lost").attempts == 2


async def test_a_stop_during_a_post_leaves_a_claim_that_the_next_start_settles(fake: Any, store: Store) -> None:
    """P05."""
    put(store, alert(1))
    fake.fault("late", seconds=0.4)
    async with running(desk(store, slack(fake))):
        await until(lambda: states(store) == {"claimed": 1})
        await asyncio.sleep(0.1)
    assert states(store) == {"claimed": 1}

    async with running(desk(store, slack(fake), settle=0.6)):
        await until(lambda: all_sent(store, 1))

    assert in_slack(fake) == ["al_1"]


async def test_without_history_scopes_the_promise_drops_and_is_told(fake: Any, store: Store) -> None:
    fake.ctl("settings", scopes=["chat:write", "channels:read", "groups:read"])
    put(store, alert(1))
    fake.fault("reset", accept=False)

    async with running(desk(store, slack(fake))) as one:
        await until(lambda: all_sent(store, 1))

    assert len(one.said("scopes_missing")) == 1
    assert in_slack(fake) == ["al_1"]


# --------------------------------------------------------------------------- told to wait


async def test_a_channel_told_to_wait_is_silent_and_the_others_go_on(fake: Any, store: Store) -> None:
    """S08."""
    put(store, alert(0), alert(1), *(alert(f"ops {number}", OPS) for number in range(5)))
    fake.fault("ratelimit", match={"channel": CHANNEL}, retry_after="2")

    async with running(desk(store, slack(fake))):
        began = time.monotonic()
        await until(lambda: len(in_slack(fake, OPS_CHANNEL)) == 5, 1.5)
        assert in_slack(fake, CHANNEL) == []
        await until(lambda: all_sent(store, 7))

    assert time.monotonic() - began >= 1.9
    assert fake.stats["early_retries"] == 0


async def test_a_restart_keeps_the_pause(fake: Any, store: Store) -> None:
    put(store, alert(0), alert(1))
    fake.fault("ratelimit", retry_after="2")
    began = time.monotonic()
    async with running(desk(store, slack(fake))):
        await until(lambda: row(store, 0).reason == "ratelimited")

    async with running(desk(store, slack(fake))):
        await until(lambda: all_sent(store, 2))

    assert time.monotonic() - began >= 1.9


async def test_a_slack_that_is_away_loses_nothing_and_criticals_come_first(store: Store) -> None:
    """S17, in small: refused connections, a restart, the queue drains in order and at pace."""
    put(store, *(alert(number) for number in range(6)), alert("grave", severity=Severity.CRITICAL))
    with Fake(rate=0, tiers=False) as gone:
        port, base_url = gone.server.port, gone.base_url
    async with running(desk(store, slack(gone))) as one:
        await asyncio.sleep(0.8)
        assert states(store) == {"pending": 7}
        assert one.notices == []

    with Fake(rate=0, tiers=False, port=port) as back:
        assert back.base_url == base_url
        async with running(desk(store, slack(back))):
            await until(lambda: all_sent(store, 7))

        assert in_slack(back)[0] == "al_grave"
        assert len(in_slack(back)) == len(set(in_slack(back))) == 7


async def test_the_pace_is_kept_for_each_channel(store: Store) -> None:
    put(store, *(alert(number) for number in range(3)), alert("by id", CHANNEL))
    with Fake(tiers=False) as strict:  # one message a second a channel, like Slack
        async with running(desk(store, slack(strict), pace=1.1)):
            await until(lambda: all_sent(store, 4), 10)

        times = sorted(entry["mono"] for entry in strict.log("message"))
        assert strict.stats["ratelimited"] == 0
        assert min(later - earlier for earlier, later in pairwise(times)) >= 1.1


# --------------------------------------------------------------------------- refused


async def test_a_revoked_token_stops_the_sender_until_it_is_accepted_again(fake: Any, store: Store) -> None:
    """S12."""
    async with running(desk(store, slack(fake), sender_probe=0.5)) as one:
        put(store, alert("before"))
        one.deliverer.wake()
        await until(lambda: all_sent(store, 1))
        fake.ctl("token", state="token_revoked")
        put(store, *(alert(number) for number in range(4)))
        one.deliverer.wake()
        await until(lambda: one.deliverer.sender_trouble == "token_revoked")
        asked = len([e for e in fake.log("reject") if e["method"] == "auth.test"])
        await asyncio.sleep(1.3)
        tests = [e for e in fake.log("reject") if e["method"] == "auth.test"][asked:]
        posts = [e for e in fake.log("reject") if e["method"] == "chat.postMessage"]
        assert 1 <= len(tests) <= 3
        assert len(posts) == 1
        assert states(store) == {"sent": 1, "pending": 4}

        fake.ctl("token", state="")
        await until(lambda: all_sent(store, 5))

    assert one.deliverer.sender_trouble is None
    assert len(one.said("sender_broken")) == 1
    assert sorted(in_slack(fake)) == ["al_0", "al_1", "al_2", "al_3", "al_before"]


async def test_a_new_token_is_used_at_once(fake: Any, store: Store) -> None:
    wrong = slack(fake)
    wrong.web.token = "xoxb-wrong"
    put(store, alert(1))

    async with running(desk(store, wrong, sender_probe=60.0)) as one:
        await until(lambda: one.deliverer.sender_trouble == "invalid_auth")
        good = slack(fake)
        await one.deliverer.use(good)
        await until(lambda: all_sent(store, 1))
        await good.close()

    assert in_slack(fake) == ["al_1"]


@pytest.mark.parametrize("broken", [{"is_archived": True}, {"is_member": False}])
async def test_a_closed_channel_parks_its_alerts_and_opens_by_itself(
    fake: Any, store: Store, broken: dict[str, bool]
) -> None:
    """S13."""
    fake.ctl("channel", id=CHANNEL, **broken)
    put(store, *(alert(number) for number in range(3)), *(alert(f"ops {number}", OPS) for number in range(3)))

    async with running(desk(store, slack(fake), route_probe=0.5)) as one:
        await until(lambda: states(store) == {"sent": 3, "parked": 3})
        put(store, alert("later"))
        one.deliverer.wake()
        await until(lambda: states(store) == {"sent": 3, "parked": 4})
        assert row(store, "later").reason.startswith("route: ")
        await asyncio.sleep(0.6)
        assert [facts["channel"] for facts in one.said("route_broken")] == [ALERTS]

        fake.ctl("channel", id=CHANNEL, is_archived=False, is_member=True)
        await until(lambda: all_sent(store, 7))

    assert sorted(in_slack(fake, CHANNEL)) == ["al_0", "al_1", "al_2", "al_later"]
    assert len(one.said("route_broken")) == 1


async def test_an_unknown_channel_is_a_closed_one_also_after_a_restart(fake: Any, store: Store) -> None:
    put(store, alert(1, "#nowhere"))
    async with running(desk(store, slack(fake))) as one:
        await until(lambda: states(store) == {"parked": 1})
        await until(lambda: len(one.said("route_broken")) == 1)

    async with running(desk(store, slack(fake))) as again:
        await asyncio.sleep(0.6)
        assert again.notices == []
        assert again.deliverer.route_troubles == {"#nowhere": "channel_not_found"}


async def test_a_poisoned_message_is_tried_as_plain_text_then_parked(fake: Any, store: Store) -> None:
    """S14: the other 19 arrive."""
    put(store, *(alert(number) for number in range(20)))
    fake.fault("error", error="invalid_blocks", match={"contains": "al_7"}, times=None)
    fake.fault(
        "error",
        error="invalid_blocks",
        match={"contains": '"type": "section", "text": {"type": "plain_text", "text": "HIGH · al_9'},
        times=1,
    )

    async with running(desk(store, slack(fake))) as one:
        await until(lambda: states(store) == {"sent": 19, "parked": 1})
        await until(lambda: one.said("message_refused"))  # told right after it is stored

    plain = next(e for e in fake.log("message") if e["metadata"]["event_payload"]["alert_id"] == "al_9")
    assert "blocks" not in plain["stored"]
    assert plain["metadata"]["event_payload"]["attempt"] == 2
    assert row(store, 7).reason == "refused: invalid_blocks"
    assert [facts["alert"] for facts in one.said("message_refused")] == ["al_7"]


async def test_a_refused_notice_about_ourselves_makes_no_further_notice(fake: Any, store: Store) -> None:
    put(store, alert(1, OPS, kind="ops"))
    fake.fault("error", error="invalid_blocks", times=None)

    async with running(desk(store, slack(fake))) as one:
        await until(lambda: states(store) == {"parked": 1})

    assert one.notices == []


def test_a_short_message_never_ends_inside_an_escape() -> None:
    for size in range(1, 40):
        told = short(
            Message("a < b & c > d ".replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") * 9, ()), size
        )
        assert not told.text.rstrip("…").endswith(("&", "&a", "&am", "&amp", "&l", "&lt", "&g", "&gt"))
        assert told.blocks == ()


# --------------------------------------------------------------------------- roots, threads, edits


async def test_later_facts_are_replies_and_the_root_is_edited(fake: Any, store: Store) -> None:
    first, second = event("ev_1", "petition filed"), event("ev_2", "order made")
    put(store, alert("root", incident="in_1", event="ev_1"), events=[first], incidents=[incident("in_1", head="ev_1")])

    async with running(desk(store, slack(fake))) as one:
        await until(lambda: all_sent(store, 1))
        reply = alert("reply", kind="reply", incident="in_1", event="ev_2")
        put(store, reply, events=[second], incidents=[incident("in_1", version=2, head="ev_2")])
        one.deliverer.wake()
        await until(lambda: row(store, "root").shown == 2)
        await until(lambda: all_sent(store, 2))

    root, answer = fake.log("message")
    assert answer["thread_ts"] == root["ts"]
    assert "order made" in answer["text"]
    edited = [e for e in fake.log("update") if e["ts"] == root["ts"]]
    assert [("order made" in e["text"], "version 2" in e["text"]) for e in edited] == [(True, True)]


async def test_a_reply_waits_for_its_root_unless_it_is_critical(fake: Any, store: Store) -> None:
    later = datetime.now(UTC) + timedelta(seconds=1)
    put(store, alert("root", incident="in_1", not_before=later), alert("reply", kind="reply", incident="in_1"))
    put(store, alert("grave", kind="reply", incident="in_1", severity=Severity.CRITICAL), incidents=[incident("in_1")])

    async with running(desk(store, slack(fake))):
        await until(lambda: all_sent(store, 3))

    assert in_slack(fake) == ["al_grave", "al_root", "al_reply"]
    threads = [entry["thread_ts"] for entry in fake.log("message")]
    assert threads == [None, None, fake.log("message")[1]["ts"]]


async def test_a_reply_whose_root_went_elsewhere_stands_alone(fake: Any, store: Store) -> None:
    put(
        store,
        alert("root", OPS, incident="in_1"),
        alert("reply", kind="reply", incident="in_1"),
        incidents=[incident("in_1")],
    )

    async with running(desk(store, slack(fake))):
        await until(lambda: all_sent(store, 2))

    assert [entry["thread_ts"] for entry in fake.log("message")] == [None, None]


async def test_an_edit_of_a_message_that_is_gone_is_dropped(fake: Any, store: Store) -> None:
    put(store, alert("root", incident="in_1"), incidents=[incident("in_1")])

    async with running(desk(store, slack(fake))) as one:
        await until(lambda: all_sent(store, 1))
        await one.door._client.chat_delete(channel=CHANNEL, ts=fake.log("message")[0]["ts"])  # type: ignore[attr-defined]
        put(store, incidents=[incident("in_1", version=2)])
        one.deliverer.wake()
        await until(lambda: row(store, "root").shown == 2)

    assert in_slack(fake) == ["al_root"]
    assert fake.log("update") == []


async def test_a_lost_edit_is_made_again(fake: Any, store: Store) -> None:
    put(store, alert("root", incident="in_1"), incidents=[incident("in_1")])

    async with running(desk(store, slack(fake))) as one:
        await until(lambda: all_sent(store, 1))
        fake.fault("reset", "chat.update")
        put(store, incidents=[incident("in_1", version=2)])
        one.deliverer.wake()
        await until(lambda: row(store, "root").shown == 2)

    assert "version 2" in fake.messages(CHANNEL)[0]["text"]


# --------------------------------------------------------------------------- digests


async def test_a_long_queue_becomes_digests_and_criticals_stay_alone(fake: Any, store: Store) -> None:
    """S18, in small: every id is accounted for."""
    many = [alert(number, incident=f"in_{number}") for number in range(230)]
    grave = [alert(f"grave {number}", severity=Severity.CRITICAL) for number in range(3)]
    put(store, *many, *grave, alert("report", kind="report"), incidents=[incident(f"in_{n}") for n in range(230)])

    async with running(desk(store, slack(fake))):
        await until(lambda: set(states(store)) == {"sent"}, 15)

    posted = in_slack(fake)
    digests = [one for one in store.read_now(read.alerts) if one.kind == "digest"]
    told = {id for digest in digests for id in digest.facts["members"]}
    assert posted[:3] == [f"al_grave {number}" for number in range(3)]
    assert len(posted) == len(set(posted)) == 3 + len(digests) + 234 - 3 - len(told)
    assert len(digests) == 3
    assert told | set(posted) == {one.id for one in (*many, *grave)} | {"al_report"} | {one.id for one in digests}
    assert told.isdisjoint(posted)
    first = next(
        e for e in fake.log("message") if e["metadata"]["event_payload"]["alert_id"] in {d.id for d in digests}
    )
    assert len(first["text"].splitlines()) > 50
    assert row(store, 0).slack_ts == first["ts"]
    assert fake.log("update") == []  # a digest is nobody's root: it is not edited


async def test_a_digest_without_an_answer_is_looked_for_as_one(fake: Any, store: Store) -> None:
    put(store, *(alert(number) for number in range(30)))
    fake.fault("reset", accept=True)

    async with running(desk(store, slack(fake))):
        await until(lambda: set(states(store)) == {"sent"})

    assert len(fake.log("message")) == 1
    assert {one.slack_ts for one in store.read_now(read.alerts)} == {fake.log("message")[0]["ts"]}


async def test_a_digest_that_never_left_goes_again_with_the_same_members(fake: Any, store: Store) -> None:
    put(store, *(alert(number) for number in range(30)))
    fake.fault("reset", accept=False)

    async with running(desk(store, slack(fake))):
        await until(lambda: set(states(store)) == {"sent"})

    digests = [one for one in store.read_now(read.alerts) if one.kind == "digest"]
    assert [one.attempts for one in digests] == [2]
    assert in_slack(fake) == [digests[0].id]


async def test_an_uncertain_digest_that_had_arrived_is_not_told_again(fake: Any, store: Store) -> None:
    put(store, *(alert(number) for number in range(30)))
    fake.fault("reset", accept=True)
    fake.fault("http", "conversations.history", status=503, times=None)

    async with running(desk(store, slack(fake), uncertain_after=0.4)) as one:
        await until(lambda: len(one.said("delivery_uncertain")) == 1)
        fake.clear_faults()
        await until(lambda: set(states(store)) == {"sent"})

    assert len(fake.log("message")) == 1


async def test_a_digest_refused_as_blocks_keeps_every_line(fake: Any, store: Store) -> None:
    put(store, *(alert(number) for number in range(100)))
    fake.fault("error", error="msg_blocks_too_long")

    async with running(desk(store, slack(fake))):
        await until(lambda: set(states(store)) == {"sent"})

    assert len(fake.log("message")) == 1
    assert all(f"al_{number}" in fake.log("message")[0]["text"].replace("HIGH · ", "").split() for number in range(100))


async def test_a_digest_that_is_refused_twice_parks_its_members(fake: Any, store: Store) -> None:
    put(store, *(alert(number) for number in range(30)))
    fake.fault("error", error="invalid_arguments", times=None)

    async with running(desk(store, slack(fake))):
        await until(lambda: states(store) == {"suppressed": 1, "parked": 30})

    assert {one.reason for one in store.read_now(read.alerts)} == {"refused: invalid_arguments"}


async def test_a_reply_to_a_root_that_went_in_a_digest_stands_alone(fake: Any, store: Store) -> None:
    put(
        store,
        *(alert(number, incident=f"in_{number}") for number in range(30)),
        incidents=[incident(f"in_{n}") for n in range(30)],
    )

    async with running(desk(store, slack(fake))) as one:
        await until(lambda: set(states(store)) == {"sent"})
        put(store, alert("reply", kind="reply", incident="in_3"), incidents=[incident("in_3", version=2)])
        one.deliverer.wake()
        await until(lambda: all_sent(store, 32))

    assert fake.log("message")[-1]["thread_ts"] is None
    assert fake.log("update") == []


# --------------------------------------------------------------------------- other doors


async def test_a_webhook_delivers_at_least_once(fake: Any, store: Store) -> None:
    put(store, alert(1), alert(2, OPS))
    fake.fault("reset", "webhook", accept=False)

    async with running(desk(store, Webhook(Secret(fake.webhook_url)))):
        await until(lambda: all_sent(store, 2))

    assert len(fake.log("message")) == 2
    assert row(store, 1).reason == "webhook"


async def test_without_a_token_alerts_are_printed(store: Store) -> None:
    put(store, alert(1, incident="in_1"), alert(2, OPS), incidents=[incident("in_1")])
    out = io.StringIO()

    one = desk(store, Console(out))
    await one.deliverer.drain(5)
    await one.door.close()

    assert "HIGH · al_1" in out.getvalue()
    assert "HIGH · al_2" in out.getvalue()
    assert all_sent(store, 2)
    assert row(store, 1).reason == "console"


async def test_the_console_makes_no_digests(store: Store) -> None:
    put(store, *(alert(number) for number in range(40)))
    out = io.StringIO()

    await desk(store, Console(out)).deliverer.drain(5)

    assert sum(f"al_{number}\n" in out.getvalue() for number in range(40)) == 40
    assert all_sent(store, 40)


async def test_roots_from_the_console_are_not_answered_in_slack(fake: Any, store: Store) -> None:
    put(store, alert("root", incident="in_1"), incidents=[incident("in_1")])
    await desk(store, Console(io.StringIO())).deliverer.drain(5)
    put(store, alert("reply", kind="reply", incident="in_1"), incidents=[incident("in_1", version=2)])

    async with running(desk(store, slack(fake))):
        await until(lambda: all_sent(store, 2))
        await until(lambda: row(store, "root").shown == 2)

    assert fake.log("message")[0]["thread_ts"] is None
    assert fake.log("update") == []


async def test_the_loop_rests_when_nothing_is_to_do(fake: Any, store: Store) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    put(store, alert("root", incident="in_1", not_before=later), alert("reply", kind="reply", incident="in_1"))
    put(store, incidents=[incident("in_1")])

    class Counting(SystemClock):
        rests = 0

        async def sleep(self, seconds: float) -> None:
            self.rests += 1
            await super().sleep(seconds)

    clock = Counting()
    async with running(desk(store, slack(fake), clock=clock, idle=0.1, route_probe=60.0)):
        await asyncio.sleep(1.0)

    assert 5 <= clock.rests <= 14
    assert states(store) == {"pending": 2}


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_clock_set_back_silences_nobody(fake: Any, store: Store, restarted: bool) -> None:
    """P14."""

    class Settable(SystemClock):
        back = timedelta(0)

        def now(self) -> datetime:
            return super().now() - self.back

    clock = Settable()
    put(store, alert(1, not_before=datetime.now(UTC) + timedelta(seconds=0.5)))
    if restarted:
        clock.back = timedelta(hours=2)

    async with running(desk(store, slack(fake), clock=clock)):
        await asyncio.sleep(0.1)
        clock.back = timedelta(hours=2)
        await until(lambda: all_sent(store, 1), 3)


async def test_a_clock_set_forward_makes_no_second_message(fake: Any, store: Store) -> None:
    class Settable(SystemClock):
        ahead = timedelta(0)

        def now(self) -> datetime:
            return super().now() + self.ahead

    clock = Settable()
    async with running(desk(store, slack(fake), clock=clock)) as one:
        await asyncio.sleep(0.1)
        clock.ahead = timedelta(days=3)
        fake.fault("reset", accept=True)
        put(store, alert(1))
        one.deliverer.wake()
        await until(lambda: all_sent(store, 1))

    assert in_slack(fake) == ["al_1"]


async def test_a_lost_claim_sends_nothing(fake: Any, store: Store) -> None:
    """Two deliverers on one store: each alert goes once."""
    put(store, *(alert(number) for number in range(15)))

    async with running(desk(store, slack(fake), settle=5.0)), running(desk(store, slack(fake), settle=5.0)):
        await until(lambda: all_sent(store, 15))

    assert sorted(in_slack(fake)) == sorted(f"al_{number}" for number in range(15))
