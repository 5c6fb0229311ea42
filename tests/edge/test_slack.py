"""What each answer of Slack means: the real SDK against a strict fake over HTTP."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.edge import slack as slacks
from monitor.edge.settings import Secret
from monitor.edge.slack import CODES, Ambiguous, LookFailed, No, Slack, Webhook, Yes, answer_of, kind_of, retry_after
from monitor.model import Message
from tests.delivery import Fake

HELLO = Message("hello", ({"type": "section", "text": {"type": "plain_text", "text": "hello"}},))
CHANNEL = "C0ALERTS"


@pytest.fixture
def fake() -> Iterator[Any]:
    with Fake(rate=0, tiers=False) as server:
        yield server


@pytest.fixture
async def door(fake: Any) -> AsyncIterator[Slack]:
    opened = Slack(Secret(fake.bot_token), base_url=fake.base_url, deadline=0.6)
    yield opened
    await opened.close()


async def post(door: Slack | Webhook, alert_id: str = "al_1", **more: Any) -> slacks.Answer:
    return await door.post(CHANNEL, HELLO, alert_id=alert_id, attempt=1, **more)


def ago(seconds: float = 5) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


# --------------------------------------------------------------------------- posting


async def test_a_post_carries_its_alert_id_and_unfurls_nothing(fake: Any, door: Slack) -> None:
    answer = await post(door)

    entry = fake.log("message")[0]
    assert answer == Yes(CHANNEL, entry["ts"])
    assert entry["metadata"] == {
        "event_type": "counterwatch_alert",
        "event_payload": {"alert_id": "al_1", "attempt": 1},
    }
    assert entry["unfurl_links"] is False
    assert entry["unfurl_media"] is False
    assert entry["parsed"] == {}


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize(
    "fault",
    [
        {"do": "reset"},
        {"do": "drop"},
        {"do": "hang", "seconds": 5},
        {"do": "slow", "seconds": 0.2},
        {"do": "truncate"},
        {"do": "http", "status": 500},
        {"do": "http", "status": 503},
        {"do": "http", "status": 200, "body": "<html>Welcome to Airport WiFi</html>"},
        {"do": "http", "status": 404},
        {"do": "garbage"},
        {"do": "garbage", "body": "[1]"},
        {"do": "garbage", "body": '"yes"'},
        {"do": "garbage", "body": "ok", "content_type": "text/plain"},
        {"do": "no_ok"},
        {"do": "error", "error": "fatal_error"},
        {"do": "error", "error": "never_heard_of"},
        {"do": "error", "error": "channel_not_found", "status": 502},
    ],
    ids=lambda fault: f"{fault['do']} {fault.get('status') or fault.get('error') or fault.get('body', '')}",
)
async def test_a_lost_or_odd_reply_is_ambiguous_and_sent_once(
    fake: Any, door: Slack, fault: dict[str, Any], accepted: bool
) -> None:
    fake.fault(**fault, accept=accepted, times=None)

    began = time.monotonic()
    answer = await post(door)

    assert isinstance(answer, Ambiguous), answer
    assert len(fake.log("message")) == accepted
    assert time.monotonic() - began < 1.5  # the deadline is ours, however slowly the bytes drip


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed(fake: Any, door: Slack, status: int) -> None:
    with Fake(rate=0) as elsewhere:
        fake.fault("redirect", status=status, location=f"{elsewhere.base_url}chat.postMessage")

        answer = await post(door)

        assert answer == Ambiguous(f"redirect_{status}")
        assert elsewhere.stats["requests"] == 0


@pytest.mark.parametrize("kind", ["sender", "route", "message", "later", "gone"])
async def test_a_definite_no_says_what_to_do(fake: Any, door: Slack, kind: slacks.Kind) -> None:
    codes = [code.replace("*", "x") for code in CODES[kind]]
    for code in codes:
        fake.fault("error", error=code)

    answers = [await post(door) for _ in codes]

    assert [(a.kind, a.code) for a in answers if isinstance(a, No)] == [(kind, code) for code in codes]
    assert fake.log("message") == []


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("7", 7),
        ("0", 1),
        (None, 30),
        ("", 30),
        ("1.5", 30),
        ("-1", 30),
        ("999999", 600),
        ("9" * 400, 600),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 30),
    ],
)
async def test_retry_after_is_believed_only_when_it_is_a_sane_number(
    fake: Any, door: Slack, header: str | None, pause: float
) -> None:
    fake.fault("ratelimit", retry_after=header)

    assert await post(door) == No("later", "ratelimited", pause)


async def test_what_never_left_is_tried_later() -> None:
    nobody = Slack(Secret("xoxb-x"), base_url="http://127.0.0.1:9/api/")

    answer = await post(nobody)

    assert isinstance(answer, No)
    assert answer.kind == "later"
    await nobody.close()


async def test_proxies_come_from_our_settings_only(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    door = Slack(Secret(fake.bot_token), base_url=fake.base_url)
    behind = Slack(Secret(fake.bot_token), base_url=fake.base_url, proxy="http://127.0.0.1:9")

    answers = await post(door), await post(behind)

    assert isinstance(answers[0], Yes)
    assert isinstance(answers[1], No)
    await door.close()
    await behind.close()


@pytest.mark.parametrize("header", [None, "٣", "1e3", "0x10", " 5 "])
def test_only_plain_digits_are_a_number_of_seconds(header: str | None) -> None:
    assert retry_after(header) == (5 if header == " 5 " else 30)


def test_every_listed_code_has_one_meaning() -> None:
    codes = [code for kind in CODES.values() for code in kind]

    assert len(set(codes)) == len(codes)
    assert kind_of("restricted_action_thread_only_channel") == "route"
    assert kind_of("internal_error") is None
    assert kind_of("") is None
    assert answer_of(200, {"ok": True}, {}) == Ambiguous("ok_without_ts")


# --------------------------------------------------------------------------- looking


async def test_a_look_finds_what_was_accepted_on_any_page(fake: Any, door: Slack) -> None:
    for number in range(203):
        await post(door, f"al_{number}")

    found = await door.look(CHANNEL, ago())

    assert set(found) == {f"al_{number}" for number in range(203)}
    assert await door.find(CHANNEL, "al_0", ago()) == fake.log("message")[0]["ts"]
    assert await door.find(CHANNEL, "al_none", ago()) is None


async def test_a_reply_is_found_in_its_thread(fake: Any, door: Slack) -> None:
    root = await post(door, "al_root")
    assert isinstance(root, Yes)
    reply = await post(door, "al_reply", thread_ts=root.ts)
    assert isinstance(reply, Yes)

    assert await door.find(CHANNEL, "al_reply", ago()) is None
    assert await door.find(CHANNEL, "al_reply", ago(), root.ts) == reply.ts


async def test_a_failed_look_decides_nothing(fake: Any, door: Slack) -> None:
    for number in range(203):
        await post(door, f"al_{number}")
    fake.fault("http", "conversations.history", status=503, skip=1)  # the second page is missing

    with pytest.raises(LookFailed) as failed:
        await door.look(CHANNEL, ago())

    assert failed.value.code == "http_503"


@pytest.mark.parametrize(
    "fault", [{"do": "no_ok"}, {"do": "garbage"}, {"do": "reset"}, {"do": "garbage", "body": '{"ok": true}'}]
)
async def test_an_odd_answer_to_a_look_is_a_failed_look(fake: Any, door: Slack, fault: dict[str, Any]) -> None:
    fake.fault(**fault, method="conversations.history", times=None)

    with pytest.raises(LookFailed):
        await door.look(CHANNEL, ago())


async def test_a_look_told_to_wait_says_how_long(fake: Any, door: Slack) -> None:
    fake.fault("ratelimit", "conversations.history", retry_after="9")

    with pytest.raises(LookFailed) as failed:
        await door.look(CHANNEL, ago())

    assert failed.value.retry_after == 9


async def test_a_clock_that_is_days_ahead_still_finds_its_messages(fake: Any) -> None:
    class Ahead(slacks.SystemClock):
        def now(self) -> datetime:
            return super().now() + timedelta(days=3)

    door = Slack(Secret(fake.bot_token), base_url=fake.base_url, clock=Ahead())
    await post(door, "al_before")
    fake.fault("reset", accept=True)
    await post(door, "al_lost")

    assert await door.find(CHANNEL, "al_lost", Ahead().now()) is not None
    await door.close()


# --------------------------------------------------------------------------- edits


async def test_an_edit_keeps_the_alert_id(fake: Any, door: Slack) -> None:
    sent = await post(door)
    assert isinstance(sent, Yes)

    answer = await door.update(CHANNEL, sent.ts, Message("changed", HELLO.blocks))

    assert answer == Yes(CHANNEL, sent.ts)
    assert fake.messages(CHANNEL)[0]["text"] == "changed"
    assert await door.find(CHANNEL, "al_1", ago()) == sent.ts


async def test_a_message_that_is_gone_cannot_be_edited(fake: Any, door: Slack) -> None:
    assert await door.update(CHANNEL, "1700000000.000001", HELLO) == No("gone", "message_not_found")


# --------------------------------------------------------------------------- who and where


async def test_names_become_ids_with_one_listing(fake: Any, door: Slack) -> None:
    ids = [await door.channel_id(name) for name in ("#customer-watch", "secret", "C0OPS", "#Counterwatch-Ops")]

    assert ids == [CHANNEL, "G0SECRET", "C0OPS", "C0OPS"]
    assert await door.channel_id("#nowhere") == No("route", "channel_not_found")
    assert fake.stats["requests"] == 1
    assert (await door.channels())["customer-watch"] == CHANNEL


async def test_names_are_posted_to_when_channels_may_not_be_listed(fake: Any, door: Slack) -> None:
    fake.ctl("settings", scopes=["chat:write"])

    where = await door.channel_id("#customer-watch")

    assert where == "customer-watch"
    assert isinstance(await door.post(where, HELLO, alert_id="al_1", attempt=1), Yes)


async def test_a_slack_that_is_down_makes_no_channel_unknown(fake: Any, door: Slack) -> None:
    fake.fault("http", "conversations.list", status=503)

    assert await door.channel_id("#customer-watch") == No("later", "http_503")
    assert await door.channel_id("#customer-watch") == CHANNEL


@pytest.mark.parametrize(
    ("change", "trouble"),
    [({}, None), ({"is_archived": True}, "is_archived"), ({"is_member": False}, "not_in_channel")],
)
async def test_a_route_says_why_it_is_closed(
    fake: Any, door: Slack, change: dict[str, bool], trouble: str | None
) -> None:
    fake.ctl("channel", id=CHANNEL, **change)

    assert await door.route(CHANNEL) == trouble
    assert await door.route("C0NOWHERE") == "channel_not_found"


async def test_an_address_becomes_a_member_and_is_asked_for_once(fake: Any, door: Slack) -> None:
    found = [
        await door.user(mail)
        for mail in ("li.wei@example.com", "LI.WEI@example.com", "no.one@example.com", "no.one@example.com")
    ]

    assert found == ["U0OWNER", "U0OWNER", None, None]
    assert fake.stats["requests"] == 2
    assert await door.user("not an address") is None


async def test_a_strange_member_id_is_not_mentioned(fake: Any, door: Slack) -> None:
    fake.ctl("user", email="x@example.com", id="U1><!channel>")

    assert await door.user("x@example.com") is None


async def test_auth_names_the_missing_scopes(fake: Any, door: Slack) -> None:
    fake.ctl("settings", scopes=["chat:write", "channels:read"])

    found = await door.auth()

    assert found.ok
    assert found.team == "Fake"
    assert "channels:history" in found.missing
    assert not found.looks


async def test_a_revoked_token_is_no_failed_question(fake: Any, door: Slack) -> None:
    fake.ctl("token", state="token_revoked")
    assert (await door.auth()).code == "token_revoked"

    fake.fault("drop", "auth.test")
    fake.ctl("token", state="")
    with pytest.raises(LookFailed):
        await door.auth()


# --------------------------------------------------------------------------- secrets


async def test_logs_at_debug_hold_no_token_and_no_names(fake: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="slack_sdk")
    door = Slack(Secret("xoxb-canary-1"), base_url=fake.base_url)
    hook = Webhook(Secret(fake.webhook_url))
    named = Message("Jane Canary resigned", ())

    await door.post(CHANNEL, named, alert_id="al_1", attempt=1)
    await hook.post("", named, alert_id="al_1", attempt=1)
    logging.getLogger("slack_sdk.counterwatch").warning("odd: %s", "https://hooks.slack.com/services/T0/B0/canary2")

    assert "anary" not in caplog.text
    assert "odd: https://hooks.slack.com/services/***" in caplog.text
    await door.close()
    await hook.close()


# --------------------------------------------------------------------------- the webhook


@pytest.fixture
async def hook(fake: Any) -> AsyncIterator[Webhook]:
    opened = Webhook(Secret(fake.webhook_url), deadline=0.6)
    yield opened
    await opened.close()


async def test_a_webhook_says_yes_without_a_ts(fake: Any, hook: Webhook) -> None:
    assert await hook.channel_id("#anything") == "webhook"
    assert await post(hook) == Yes("webhook", "")
    assert fake.log("message")[0]["via"] == "webhook"


@pytest.mark.parametrize(
    ("state", "kind"), [("no_service", "sender"), ("channel_is_archived", "route"), ("invalid_token", "sender")]
)
async def test_a_webhook_that_was_removed_says_so(fake: Any, hook: Webhook, state: str, kind: str) -> None:
    fake.ctl("webhook", path=fake.webhook_url.partition("/services/")[2], state=state)

    assert await post(hook) == No(kind, state)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fault", [{"do": "reset"}, {"do": "http", "status": 500}, {"do": "hang", "seconds": 3}, {"do": "garbage"}]
)
async def test_a_webhook_without_an_answer_is_ambiguous(fake: Any, hook: Webhook, fault: dict[str, Any]) -> None:
    fake.fault(**fault, method="webhook", accept=True)

    assert isinstance(await post(hook), Ambiguous)
    assert len(fake.log("message")) == 1
    with pytest.raises(LookFailed):
        await hook.look("webhook", ago())


async def test_a_webhook_is_told_to_wait_or_refused(fake: Any, hook: Webhook) -> None:
    fake.fault("ratelimit", "webhook", retry_after="4")
    assert await post(hook) == No("later", "ratelimited", 4)

    refused = await hook.post("", Message("", ()), alert_id="al_1", attempt=1)
    assert isinstance(refused, No)
    assert refused.kind == "message"


async def test_calls_of_several_channels_do_not_wait_for_each_other(fake: Any, door: Slack) -> None:
    fake.fault("hang", match={"channel": "C0OPS"}, seconds=5)
    began = time.monotonic()

    stuck = asyncio.create_task(door.post("C0OPS", HELLO, alert_id="al_ops", attempt=1))
    await asyncio.sleep(0.05)
    answer = await post(door)

    assert isinstance(answer, Yes)
    assert time.monotonic() - began < 0.4
    assert await stuck == Ambiguous("timeout")
