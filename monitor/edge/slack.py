"""Slack: what we ask of it, and what each of its answers means for the alert that was sent.

The SDK never retries for us: after a lost reply only the channel's history tells whether a message
arrived, so an answer is a definite yes, a definite no, or ambiguous (the caller looks before it
sends again). Every call has a deadline of our own.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from monitor.clock import Clock, SystemClock
from monitor.edge.settings import Secret
from monitor.model import Message

Kind = Literal["sender", "route", "message", "later", "gone"]

DEADLINE = 20.0  # seconds for one call, whatever the socket does
ODD_PAUSE = 30.0  # seconds to wait when Retry-After is missing or not a plain number
LONGEST_PAUSE = 600.0  # more than this is not believed: we probe again
EVENT_TYPE = "counterwatch_alert"  # of our metadata

SCOPES = (
    "chat:write",
    "commands",
    "channels:read",
    "groups:read",
    "channels:history",
    "groups:history",
    "users:read",
    "users:read.email",
)
_LOOKING = ("channels:history", "groups:history")  # without them an ambiguous post cannot be looked up

# What an error code means. A code that stands nowhere here is ambiguous.
CODES: Mapping[Kind, tuple[str, ...]] = {
    "sender": (
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "missing_scope",
        "org_login_required",
        "two_factor_setup_required",
        "access_denied",
        "accesslimited",
    ),
    "route": (
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "is_inactive",
        "restricted_action*",
        "no_permission",
        "ekm_access_denied",
        "messages_tab_disabled",
    ),
    "message": (
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_too_long",
        "msg_blocks_too_long",
        "no_text",
        "invalid_metadata_*",
        "metadata_too_large",
        "markdown_text_conflict",
        "invalid_arguments",
        "invalid_arg_*",
    ),
    "later": ("ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org"),
    "gone": ("message_not_found", "cant_update_message", "edit_window_closed"),
}

# "Some aspect of the operation succeeded": ambiguous, and known to be.
UNSURE = ("fatal_error", "internal_error", "service_unavailable", "request_timeout", "update_failed")

# The words an incoming webhook answers with, beside a status of 4xx.
WEBHOOK_WORDS: Mapping[Kind, tuple[str, ...]] = {
    "sender": ("no_service", "no_service_id", "no_team", "team_disabled", "invalid_token", "no_active_hooks"),
    "route": ("channel_not_found", "channel_is_archived", "action_prohibited", "posting_to_general_channel_denied"),
    "message": ("invalid_payload", "no_text", "too_many_attachments", "user_not_found", "invalid_blocks*"),
}


# --------------------------------------------------------------------------- answers


@dataclass(frozen=True, slots=True)
class Yes:
    """Slack has the message: there it is."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class No:
    """Slack does not have it. `kind` says what to do; `retry_after` is seconds, where Slack asked us to wait.

    sender: the token is refused. route: the channel is closed to us. message: this text is refused.
    later: not now. gone: the message to edit is no longer there.
    """

    kind: Kind
    code: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Nobody knows whether it arrived: look before sending again. `odd`: Slack answered with a code we do not know."""

    reason: str
    odd: bool = False


Answer = Yes | No | Ambiguous


@dataclass(frozen=True, slots=True)
class Heard:
    """Where an alert stands in a channel: at `ts`, as a line of the digest of that id if there is one."""

    ts: str
    digest: str | None = None


class LookFailed(Exception):  # noqa: N818 - it says what happened
    """A question to Slack was not answered; it decides nothing. `retry_after` is seconds, if Slack asked us to wait."""

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class AuthResult:
    """What auth.test said. `code` is why not, `missing` the scopes our manifest asks for that the token lacks."""

    ok: bool
    team: str = ""
    scopes: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()
    code: str = ""

    @property
    def looks(self) -> bool:
        """Whether an ambiguous post can be looked up; without it an alert may come twice."""
        return not any(scope in self.missing for scope in _LOOKING)


def kind_of(code: str, table: Mapping[Kind, tuple[str, ...]] = CODES) -> Kind | None:
    """Return what a code means, None if it leaves us not knowing. A pattern ends in `*`."""
    for kind, patterns in table.items():
        for pattern in patterns:
            if code == pattern or (pattern[-1] == "*" and code.startswith(pattern[:-1])):
                return kind
    return None


def retry_after(header: str | None) -> float:
    """Return the seconds to wait. Slack sends a whole number; anything else is odd and gives the default."""
    text = (header or "").strip()
    if not (text.isascii() and text.isdigit()):
        return ODD_PAUSE
    return min(max(float(text[:9]), 1.0), LONGEST_PAUSE)


def answer_of(status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    """Return what a reply to a post or an edit means. `body` is {} if it was no JSON object."""
    code = body.get("error")
    code = code if isinstance(code, str) else ""
    if status == 429:
        return No("later", code or "ratelimited", retry_after(headers.get("Retry-After")))
    if status == 407:
        return No("later", _PROXY_SAYS[status])
    if status >= 500:
        return Ambiguous(code or f"http_{status}")
    if body.get("ok") is True and status == 200:
        channel, ts = body.get("channel"), body.get("ts")
        return Yes(channel, ts) if isinstance(channel, str) and isinstance(ts, str) else Ambiguous("ok_without_ts")
    kind = kind_of(code)
    if kind is None:
        return Ambiguous(
            code or ("no_ok" if status == 200 else f"http_{status}"), odd=bool(code) and code not in UNSURE
        )
    told_to_wait = code in ("ratelimited", "rate_limited")
    return No(kind, code, retry_after(headers.get("Retry-After")) if told_to_wait else None)


# --------------------------------------------------------------------------- the wire


# What our own proxy answers in Slack's place; nothing has reached Slack then.
_PROXY_SAYS = {407: "proxy_wants_password", 403: "proxy_refuses"}


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Lost:
    """No usable reply. `unsent`: the request never left, so nothing can have been accepted."""

    reason: str
    unsent: bool = False


class _Redirected(aiohttp.ClientError):
    """Slack never redirects an API call; following one would post to whoever wrote it."""


async def _no_redirects(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    response = await send(request)
    if response.status in (301, 302, 303, 307, 308):
        response.close()
        raise _Redirected(f"redirect_{response.status}")
    return response


def _session() -> aiohttp.ClientSession:
    """Slack's own session: no proxies from the environment, no cookies, no redirects."""
    return aiohttp.ClientSession(
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
        middlewares=(_no_redirects,),
    )


async def _ask(call: Callable[[], Awaitable[Any]], deadline: float) -> _Reply | _Lost:
    """Make one call and return what came back, or why nothing did. Raises nothing but cancellation."""
    try:
        async with asyncio.timeout(deadline):
            return _reply(await call())
    except SlackApiError as error:
        return _reply(error.response)
    except TimeoutError as error:
        unsent = isinstance(error, aiohttp.ConnectionTimeoutError)
        return _Lost("connect_timeout" if unsent else "timeout", unsent=unsent)
    except aiohttp.ClientHttpProxyError as error:
        return _Lost(_PROXY_SAYS.get(error.status, f"proxy_{error.status}"), unsent=True)
    except aiohttp.ClientProxyConnectionError:
        return _Lost("proxy_unreachable", unsent=True)
    except aiohttp.ClientConnectorError as error:
        return _Lost(f"unreachable ({type(error).__name__})", unsent=True)
    except _Redirected as error:
        return _Lost(str(error))
    except (aiohttp.ClientError, OSError) as error:
        return _Lost(f"lost ({type(error).__name__})")
    except Exception as error:
        # The SDK stumbles over odd bodies in many ways (a list, a bare string, bad UTF-8). The request
        # had left, so whatever it was says nothing about the message.
        return _Lost(f"unreadable ({type(error).__name__})")


def _reply(response: Any) -> _Reply:
    """Read the SDK's response, or aiohttp's own, which it hands on when the body was no JSON."""
    if isinstance(response, aiohttp.ClientResponse):
        return _Reply(response.status, {}, response.headers)
    data = response.data
    return _Reply(response.status_code, data if isinstance(data, dict) else {}, response.headers)


# --------------------------------------------------------------------------- logs

_SECRETS = re.compile(r"(xox[a-z]+-|xapp-)[\w-]+|(?<=/services/)[\w/-]+|(?<=ticket=)[\w-]+", re.ASCII)


class _Redact(logging.Filter):
    """The SDK prints bodies and webhook addresses at DEBUG: keep nothing below INFO, and mask what looks secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.INFO:
            return False
        record.msg, record.args = _SECRETS.sub("***", record.getMessage()), None
        return True


_REDACT = _Redact()


def quiet(name: str) -> logging.Logger:
    """Return a logger for an SDK: at INFO whatever the configured level, its lines masked."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO)
    if _REDACT not in logger.filters:
        logger.addFilter(_REDACT)
    return logger


def _sdk_logger() -> logging.Logger:
    quiet("slack_sdk")
    return quiet("slack_sdk.counterwatch")


# --------------------------------------------------------------------------- the bot's door

_ID = re.compile(r"[CGDZ][A-Z0-9]+")  # a conversation; names are lower case
_MEMBER = re.compile(r"[UW][A-Z0-9]+")
_MAIL = re.compile(r"[^@\s<>|]+@[^@\s<>|]+")
_PAGES = 200
_PREFIX = "al_"  # of every alert's id
MEMBER = len(_PREFIX) + 8  # characters of an id that a digest's metadata has room for: Slack allows about 1 kB
_MEMBERS = 100
_EARLIER = timedelta(seconds=60)  # a look begins this much before the claim
_RELIST = 60.0  # seconds before an unknown name makes us read the list of channels again
_UNKNOWN_FOR = 3600.0  # seconds that an unknown address is not asked about again


@dataclass(slots=True)
class _Names:
    ids: dict[str, str] = field(default_factory=dict)
    read_at: float | None = None
    closed: bool = False  # the token may not list channels: names are posted to as they are


class Slack:
    """One bot token. Use it from one event loop; `close` it at the end.

    base_url: a test server (SLACK_API_URL). proxy and ca: from our settings, never from the environment.
    """

    name = "slack"
    looks = True  # an ambiguous post can be looked up
    threads = True  # messages can be answered and edited

    def __init__(
        self,
        token: Secret,
        *,
        base_url: str | None = None,
        proxy: str | None = None,
        ca: ssl.SSLContext | None = None,
        deadline: float = DEADLINE,
        clock: Clock | None = None,
    ) -> None:
        self.deadline = deadline
        self._clock = clock or SystemClock()
        self._client = AsyncWebClient(
            token=token.reveal(),
            base_url=base_url or AsyncWebClient.BASE_URL,
            proxy=proxy,
            ssl=ca,
            logger=_sdk_logger(),
            retry_handlers=[],
        )
        self._client.proxy = proxy  # the SDK filled it from HTTPS_PROXY if we gave none
        self._names = _Names()
        self._listing = asyncio.Lock()
        self._users: dict[str, tuple[str | None, float]] = {}
        self._skew = timedelta(0)  # Slack's clock minus ours, from the last message it dated

    @property
    def web(self) -> AsyncWebClient:
        """The SDK's client, for what listens to Slack (`AsyncApp(client=…)`)."""
        return self._opened()

    async def close(self) -> None:
        if self._client.session is not None:
            await self._client.session.close()

    # ------------------------------------------------------------------ sending

    async def post(
        self,
        channel_id: str,
        message: Message,
        *,
        alert_id: str,
        attempt: int,
        thread_ts: str | None = None,
        members: Sequence[str] = (),
    ) -> Answer:
        """Send a message once. The caller has committed its claim, and looks before it sends again if it is ambiguous.

        members: the alerts a digest stands for; a restored database finds them again by that.
        """
        client = self._opened()
        payload: dict[str, Any] = {"alert_id": alert_id, "attempt": attempt}
        if members:
            payload["members"] = " ".join(one[:MEMBER].removeprefix(_PREFIX) for one in members[:_MEMBERS])
        metadata = {"event_type": EVENT_TYPE, "event_payload": payload}
        answer = await self._send(
            lambda: client.chat_postMessage(
                channel=channel_id,
                text=message.text,
                blocks=_blocks(message),
                thread_ts=thread_ts,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        if isinstance(answer, Yes):
            self._learn_clock(answer.ts)
        return answer

    async def update(self, channel_id: str, ts: str, message: Message) -> Answer:
        """Edit a message; repeating it does no harm. No("gone") if it is no longer there or locked."""
        client = self._opened()
        blocks = _blocks(message)
        return await self._send(
            lambda: client.chat_update(channel=channel_id, ts=ts, text=message.text, blocks=blocks or [])
        )

    async def _send(self, call: Callable[[], Awaitable[Any]]) -> Answer:
        reply = await _ask(call, self.deadline)
        if isinstance(reply, _Lost):
            return No("later", reply.reason) if reply.unsent else Ambiguous(reply.reason)
        return answer_of(reply.status, reply.body, reply.headers)

    # ------------------------------------------------------------------ looking

    async def find(self, channel_id: str, alert_id: str, since: datetime, thread_ts: str | None = None) -> str | None:
        """Return the ts of the message that carries this alert id, None if there is none. Raises LookFailed."""
        return (await self.look(channel_id, since, thread_ts)).get(alert_id)

    async def look(self, channel_id: str, since: datetime, thread_ts: str | None = None) -> dict[str, str]:
        """Return alert id -> ts of all our messages since a claim: the channel's, or one thread's (history leaves replies out).

        Raises LookFailed if any page is missing: half a look decides nothing.
        """
        found: dict[str, str] = {}
        async for message, payload in self._ours(channel_id, since, thread_ts):
            found.setdefault(payload["alert_id"], message["ts"])
        return found

    async def recall(self, channel_id: str, since: datetime, thread_ts: str | None = None) -> dict[str, Heard]:
        """Return alert id -> where it stands, digests taken apart: of their lines the first MEMBER characters are known.

        Raises LookFailed as `look` does.
        """
        found: dict[str, Heard] = {}
        async for message, payload in self._ours(channel_id, since, thread_ts):
            id, ts = payload["alert_id"], message["ts"]
            found.setdefault(id, Heard(ts))
            for one in str(payload.get("members") or "").split():
                found.setdefault(_PREFIX + one, Heard(ts, id))
        return found

    async def _ours(
        self, channel_id: str, since: datetime, thread_ts: str | None
    ) -> AsyncIterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield our messages since a moment, each with the payload of its metadata."""
        client = self._opened()
        oldest = f"{(since + self._skew - _EARLIER).timestamp():.6f}"
        common: dict[str, Any] = {"channel": channel_id, "oldest": oldest, "limit": 200, "include_all_metadata": True}

        def page(cursor: str | None) -> Awaitable[Any]:
            if thread_ts is None:
                return client.conversations_history(**common, cursor=cursor)
            return client.conversations_replies(**common, ts=thread_ts, cursor=cursor)

        async for body in self._pages(page, "messages"):
            for message in body:
                metadata = message.get("metadata") or {}
                payload = metadata.get("event_payload") or {}
                if metadata.get("event_type") == EVENT_TYPE and isinstance(payload.get("alert_id"), str):
                    yield message, payload

    async def _pages(
        self, page: Callable[[str | None], Awaitable[Any]], key: str
    ) -> AsyncIterator[list[dict[str, Any]]]:
        cursor: str | None = None
        seen: set[str] = set()
        for _ in range(_PAGES):
            body = await self._question(lambda: page(cursor))  # noqa: B023 - called before the next turn of the loop
            rows = body.get(key)
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise LookFailed("odd_answer")
            yield rows
            cursor = (body.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                if body.get("has_more"):
                    raise LookFailed("odd_answer")
                return
            if cursor in seen:
                raise LookFailed("cursor_repeats")
            seen.add(cursor)
        raise LookFailed("too_many_pages")

    async def _question(self, call: Callable[[], Awaitable[Any]]) -> Mapping[str, Any]:
        """Return the body of an ok answer. Raises LookFailed with Slack's code or our reason."""
        reply = await _ask(call, self.deadline)
        if isinstance(reply, _Lost):
            raise LookFailed(reply.reason)
        if reply.status == 200 and reply.body.get("ok") is True:
            return reply.body
        code = reply.body.get("error")
        waits = reply.status == 429 or code in ("ratelimited", "rate_limited")
        pause = retry_after(reply.headers.get("Retry-After")) if waits else None
        raise LookFailed(code if isinstance(code, str) else f"http_{reply.status}", pause)

    # ------------------------------------------------------------------ who and where

    async def auth(self) -> AuthResult:
        """Ask who we are and what we may do. Raises LookFailed if Slack does not say."""
        client = self._opened()
        reply = await _ask(client.auth_test, self.deadline)
        if isinstance(reply, _Lost):
            raise LookFailed(reply.reason)
        code = reply.body.get("error")
        if reply.status == 200 and reply.body.get("ok") is True:
            scopes = frozenset(s.strip() for s in reply.headers.get("X-OAuth-Scopes", "").split(",") if s.strip())
            missing = tuple(s for s in SCOPES if s not in scopes)
            return AuthResult(True, str(reply.body.get("team") or ""), scopes, missing)
        if isinstance(code, str) and kind_of(code) == "sender":
            return AuthResult(False, code=code)
        raise LookFailed(code if isinstance(code, str) else f"http_{reply.status}")

    async def channel_id(self, name: str) -> str | No:
        """Return the id of `#name` (an id is returned as it is), or why there is none."""
        if _ID.fullmatch(name):
            return name
        bare = name.lstrip("#").lower()
        async with self._listing:
            stale = self._names.read_at is None or self._clock.monotonic() - self._names.read_at >= _RELIST
            if bare not in self._names.ids and stale:
                try:
                    await self._list_channels()
                except LookFailed as failed:
                    kind = kind_of(failed.code)
                    return No("sender" if kind == "sender" else "later", failed.code, failed.retry_after)
        if bare in self._names.ids:
            return self._names.ids[bare]
        return bare if self._names.closed else No("route", "channel_not_found")

    async def channels(self, *, again: bool = False) -> Mapping[str, str]:
        """Return name -> id of all channels we can see, read once and when asked `again`. Raises LookFailed."""
        async with self._listing:
            if again or self._names.read_at is None:
                await self._list_channels()
        return dict(self._names.ids)

    async def _list_channels(self) -> None:
        # A token without groups:read is refused when it asks for both kinds: ask for less before giving up.
        for kinds in ("public_channel,private_channel", "public_channel"):
            try:
                rows = [row async for row in self._channel_rows(kinds)]
            except LookFailed as failed:
                if failed.code != "missing_scope":
                    raise
                continue
            archived_first = sorted(rows, key=lambda row: not row.get("is_archived"))
            self._names = _Names(
                {str(r["name"]).lower(): str(r["id"]) for r in archived_first}, self._clock.monotonic()
            )
            return
        self._names = _Names(self._names.ids, self._clock.monotonic(), closed=True)

    async def _channel_rows(self, kinds: str) -> AsyncIterator[dict[str, Any]]:
        client = self._opened()

        def page(cursor: str | None) -> Awaitable[Any]:
            return client.conversations_list(types=kinds, limit=1000, cursor=cursor)

        async for rows in self._pages(page, "channels"):
            for row in rows:
                if row.get("id") and row.get("name"):
                    yield row

    async def route(self, channel_id: str) -> str | None:
        """Return why we cannot post to a channel, None if nothing speaks against it. Raises LookFailed."""
        client = self._opened()
        try:
            body = await self._question(lambda: client.conversations_info(channel=channel_id))
        except LookFailed as failed:
            if failed.code == "missing_scope":
                return None
            if kind_of(failed.code) == "route":
                return failed.code
            raise
        state = body.get("channel") or {}
        if state.get("is_archived"):
            return "is_archived"
        return "not_in_channel" if state.get("is_member") is False else None

    async def user(self, mail: str) -> str | None:
        """Return the member id of an address, None if nobody has it or Slack does not say now."""
        if not _MAIL.fullmatch(mail):
            return None
        known, until = self._users.get(mail.lower(), (None, 0.0))
        if known is not None or self._clock.monotonic() < until:
            return known
        client = self._opened()
        try:
            body = await self._question(lambda: client.users_lookupByEmail(email=mail))
        except LookFailed as failed:
            if failed.code == "users_not_found":
                self._users[mail.lower()] = (None, self._clock.monotonic() + _UNKNOWN_FOR)
            return None
        member = (body.get("user") or {}).get("id")
        if not isinstance(member, str) or not _MEMBER.fullmatch(member):
            return None
        self._users[mail.lower()] = (member, 0.0)
        return member

    # ------------------------------------------------------------------

    def _opened(self) -> AsyncWebClient:
        if self._client.session is None or self._client.session.closed:
            self._client.session = _session()  # late: it belongs to the running loop
        return self._client

    def _learn_clock(self, ts: str) -> None:
        # A look goes by Slack's clock. If ours jumped by days, looking from our own time would miss the message.
        try:
            self._skew = timedelta(seconds=float(ts) - self._clock.now().timestamp())
        except (ValueError, OverflowError):
            return
        if abs(self._skew) < _EARLIER / 2:
            self._skew = timedelta(0)


def _blocks(message: Message) -> list[dict[str, Any]] | None:
    return [dict(block) for block in message.blocks] or None


# --------------------------------------------------------------------------- the webhook's door


class Webhook:
    """An incoming webhook: the degraded door. At least once, and nothing can be looked up, answered or edited."""

    name = "webhook"
    looks = False
    threads = False

    def __init__(
        self,
        url: Secret,
        *,
        proxy: str | None = None,
        ca: ssl.SSLContext | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self.deadline = deadline
        self._client = AsyncWebhookClient(url.reveal(), proxy=proxy, ssl=ca, logger=_sdk_logger(), retry_handlers=[])
        self._client.proxy = proxy

    async def close(self) -> None:
        if self._client.session is not None:
            await self._client.session.close()

    async def post(
        self,
        channel_id: str,
        message: Message,
        *,
        alert_id: str,
        attempt: int,
        thread_ts: str | None = None,
        members: Sequence[str] = (),
    ) -> Answer:
        """Send a message once, to the webhook's own channel."""
        if self._client.session is None or self._client.session.closed:
            self._client.session = _session()
        reply = await self._ask(message)
        if isinstance(reply, _Lost):
            return No("later", reply.reason) if reply.unsent else Ambiguous(reply.reason)
        word = str(reply.body.get("word", ""))
        if reply.status == 200:
            return Yes(self.name, "") if word == "ok" else Ambiguous("no_ok")
        if reply.status == 429:
            return No("later", "ratelimited", retry_after(reply.headers.get("Retry-After")))
        kind = kind_of(word, WEBHOOK_WORDS)
        if reply.status >= 500 or kind is None:
            return Ambiguous(f"http_{reply.status}")
        return No(kind, word)

    async def _ask(self, message: Message) -> _Reply | _Lost:
        async def call() -> Any:
            response = await self._client.send(
                text=message.text, blocks=_blocks(message), unfurl_links=False, unfurl_media=False
            )
            return _Hooked(response.status_code, {"word": response.body.strip()}, response.headers)

        return await _ask(call, self.deadline)

    async def update(self, channel_id: str, ts: str, message: Message) -> Answer:
        return No("gone", "webhook")

    async def look(self, channel_id: str, since: datetime, thread_ts: str | None = None) -> dict[str, str]:
        raise LookFailed("webhook")

    async def channel_id(self, name: str) -> str | No:
        """Return the one channel there is: all names share it, and its pace."""
        return self.name

    async def route(self, channel_id: str) -> str | None:
        return None

    async def user(self, mail: str) -> str | None:
        return None

    async def auth(self) -> AuthResult:
        """A webhook cannot be asked: only a post tells."""
        return AuthResult(True)


@dataclass(frozen=True, slots=True)
class _Hooked:
    status_code: int
    data: dict[str, Any]
    headers: Mapping[str, str]
