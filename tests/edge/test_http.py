"""How sources are asked: on a real loopback server that misbehaves in every way we have met."""

from __future__ import annotations

import asyncio
import gzip
import re
import resource
import shutil
import ssl
import subprocess
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.clock import SystemClock
from monitor.edge.http import Client, HttpSettings, SourceHttp, Visit
from monitor.edge.http import body as bodies
from monitor.edge.http.masks import masked, name_of, spellings
from monitor.edge.http.status import retry_after
from monitor.watcher import Answer, SourceBlocked, SourceDown, SourceTrouble
from tests import httpserver as http
from tests.httpserver import Request, Script, Server, Wire, in_turn, redirects, says

FAST = HttpSettings(user_agent="counterwatch/1.0 (+ops@example.org)", connect=2.0, idle=2.0)
OK = frozenset({200})


def at(server: Server, **more: Any) -> SourceHttp:
    """A source whose test address is this server."""
    return SourceHttp(**{"base_url": server.url, "allow_private": True, "pace": 0.0, **more})


@asynccontextmanager
async def asking(
    scripts: Mapping[str, Script], how: HttpSettings = FAST, **more: Any
) -> AsyncIterator[tuple[Client, Server]]:
    """A server, and a client that knows it as the source `s`."""
    async with Server(scripts) as server:
        client = Client(how, {"s": at(server, **more)}, SystemClock())
        try:
            yield client, server
        finally:
            await client.close()


async def get(visit: Visit, path: str = "/", **more: Any) -> Answer:
    url = path if "://" in path else f"https://api.example.org{path}"
    said = {"params": None, "headers": None, "auth": None, "expect": OK, **more}
    return await visit(url, **said)


async def trouble(client: Client, path: str = "/", source: str = "s", **more: Any) -> SourceTrouble:
    """Ask and return why there was no answer."""
    with pytest.raises(SourceTrouble) as caught:
        await get(client.visit(source, {}), path, **more)
    return caught.value


# --------------------------------------------------------------------------- what is sent and what comes back


async def test_an_answer_keeps_the_address_the_watcher_wrote() -> None:
    async with asking({"/x": says(b"hello", headers={"ETag": '"a"', "X-Kind": "k"})}) as (client, server):
        answer = await get(client.visit("s", {}), "/x", params={"q": "a b&c"})

        assert (answer.status, answer.body, answer.unchanged) == (200, b"hello", False)
        assert answer.url == "https://api.example.org/x"
        assert answer.headers["x-kind"] == "k"
        assert server.asked[0].target == "/x?q=a+b%26c"


async def test_a_request_says_who_we_are_and_nothing_more() -> None:
    async with asking({"/": says(b"", headers={"Set-Cookie": "a=b"})}) as (client, server):
        visit = client.visit("s", {})
        await get(visit)
        await get(visit, headers={"accept": "text/xml", "accept-encoding": "br", "Host": "evil"})

        assert server.asked[0].headers == {
            "host": server.place,
            "user-agent": "counterwatch/1.0 (+ops@example.org)",
            "accept-encoding": "gzip",
        }
        assert server.asked[1].headers == {**server.asked[0].headers, "accept": "text/xml"}


async def test_connections_are_kept_and_shared() -> None:
    async with asking({"/": says(b"x")}) as (client, server):
        for _ in range(4):
            await get(client.visit("s", {}))

        assert server.connections == 1


async def test_connections_are_not_kept_when_there_are_too_many() -> None:
    async with asking({"/": says(b"x")}, replace(FAST, keep_open=0)) as (client, server):
        for _ in range(3):
            await get(client.visit("s", {}))

        assert [one.headers.get("connection") for one in server.asked][1:] == ["close", "close"]
        assert server.connections == 2


# --------------------------------------------------------------------------- validators


async def test_validators_go_back_exactly_as_they_came() -> None:
    etag, modified = 'W/"odd "', "Tue, 03 Nov 2026 09:00:00 GMT"
    async with asking({"/": http.tagged(b"x", etag, modified)}) as (client, server):
        first = client.visit("s", {})
        await get(first)
        second = client.visit("s", first.validators)
        answer = await get(second)

        assert (answer.status, answer.unchanged, answer.body) == (304, True, b"")
        assert server.asked[1].headers["if-none-match"] == etag
        assert server.asked[1].headers["if-modified-since"] == modified
        assert second.validators == first.validators
        assert second.evidence() == ()


async def test_a_full_look_uses_no_validators_and_calls_nothing_unchanged() -> None:
    async with asking({"/": http.tagged(b"x", '"a"')}) as (client, server):
        first = client.visit("s", {})
        await get(first)
        answer = await get(client.visit("s", first.validators, full=True))

        assert (answer.status, answer.unchanged, answer.body) == (200, False, b"x")
        assert "if-none-match" not in server.asked[1].headers


async def test_the_same_body_is_unchanged_even_without_validators() -> None:
    async with asking({"/": in_turn(says(b"x"), says(b"x"), says(b"y"))}) as (client, _):
        first = client.visit("s", {})
        await get(first)
        second = client.visit("s", first.validators)
        same = await get(second)
        other = await get(client.visit("s", second.validators))

        assert (same.unchanged, same.body) == (True, b"x")
        assert (other.unchanged, other.body) == (False, b"y")


async def test_a_304_may_bring_new_validators() -> None:
    script = in_turn(says(b"x", headers={"ETag": '"a"'}), http.raw(http.head(304, {"ETag": '"b"'})))
    async with asking({"/": script}) as (client, _):
        first = client.visit("s", {})
        await get(first)
        second = client.visit("s", first.validators)
        await get(second)

        (old,), (new,) = first.validators.values(), second.validators.values()
        assert new == {**old, "etag": '"b"'}


async def test_a_watcher_that_needs_the_body_gets_it() -> None:
    async with asking({"/": http.tagged(b"x", '"a"')}) as (client, _):
        first = client.visit("s", {})
        await get(first)
        answer = await get(client.visit("s", first.validators), headers={"cache-control": "no-cache"})

        assert (answer.status, answer.body) == (200, b"x")


async def test_a_304_nobody_asked_for_is_no_answer() -> None:
    async with asking({"/": http.raw(http.head(304))}) as (client, _):
        assert isinstance(await trouble(client), SourceDown)


async def test_addresses_not_reached_keep_their_validators_until_something_changes() -> None:
    scripts = {"/1": in_turn(http.tagged(b"1", '"a"'), http.tagged(b"1", '"a"'), says(b"new")), "/2": says(b"2")}
    async with asking(scripts) as (client, _):
        first = client.visit("s", {})
        await get(first, "/1")
        await get(first, "/2")
        second = client.visit("s", first.validators)
        await get(second, "/1")
        third = client.visit("s", second.validators)
        await get(third, "/1")

        assert second.validators == first.validators
        assert set(third.validators) == {"https://api.example.org/1"}


# --------------------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    ("status", "kind", "credential"),
    [
        (401, SourceBlocked, True), (403, SourceBlocked, False), (451, SourceBlocked, False), (429, SourceBlocked, False),
        (404, SourceDown, None), (410, SourceDown, None), (400, SourceDown, None), (500, SourceDown, None),
        (503, SourceDown, None), (300, SourceDown, None), (206, SourceDown, None),
    ],
)  # fmt: skip
async def test_a_status_that_is_no_answer_has_a_meaning(status: int, kind: type, credential: bool | None) -> None:
    async with asking({"/": says(b"", status=status)}) as (client, _):
        found = await trouble(client)

        assert type(found) is kind
        assert "api.example.org" in found.reason
        assert getattr(found, "credential", None) == credential


@pytest.mark.parametrize(
    "sent",
    [
        {"auth": ("me", "canary")},
        {"headers": {"X-API-Key": "canary"}},
        {"params": {"api_key": "canary"}},
    ],
)
async def test_a_403_to_our_key_needs_a_person(sent: dict[str, Any]) -> None:
    async with asking({"/": says(b"", status=403)}) as (client, _):
        found = await trouble(client, **sent)

        assert isinstance(found, SourceBlocked)
        assert found.credential
        assert "canary" not in found.reason


async def test_an_expected_status_is_an_answer() -> None:
    async with asking({"/": says(b"none", status=404)}) as (client, _):
        answer = await get(client.visit("s", {}), expect=frozenset({200, 404}))

        assert (answer.status, answer.body) == (404, b"none")


async def test_a_host_that_wants_less_is_left_alone_by_everybody() -> None:
    async with asking({"/": says(b"", status=429, headers={"Retry-After": "120"})}) as (client, server):
        first = await trouble(client)
        second = await trouble(client, "/other")

        assert first.retry_after == 120
        assert isinstance(second, SourceBlocked)
        assert 118 < (second.retry_after or 0) <= 120
        assert len(server.asked) == 1
        assert 118 < client.wait_for("api.example.org", 0.0) <= 120


async def test_a_503_that_names_a_time_is_shed_load() -> None:
    async with asking({"/": says(b"", status=503, headers={"Retry-After": "5"})}) as (client, _):
        found = await trouble(client)

        assert isinstance(found, SourceBlocked)
        assert found.retry_after == 5


NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120), (" 7 ", 7), ("1.5", 1.5), ("999999", 86_400), ("-1", None), ("soon", None), ("", None), ("1e9", None),
        ("٣", None), ("0", 0), (format_datetime(NOW + timedelta(hours=1), usegmt=True), 3600),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), None),
        (format_datetime(NOW + timedelta(days=9), usegmt=True), 86_400),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_people_write_it(said: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": said}, NOW) == seconds


@settings(max_examples=200)
@given(st.text())
def test_no_retry_after_breaks_us_or_is_believed_for_ever(said: str) -> None:
    assert 0 <= (retry_after({"Retry-After": said}, NOW) or 0) <= 86_400


# --------------------------------------------------------------------------- redirects


async def test_redirects_are_followed_five_times() -> None:
    scripts = {f"/{n}": redirects(f"/{n + 1}", 301 if n % 2 else 307) for n in range(9)}
    async with asking({**scripts, "/end": says(b"end"), "/4": redirects("/end")}) as (client, _):
        answer = await get(client.visit("s", {}), "/0")

        assert (answer.url, answer.body) == ("https://api.example.org/0", b"end")
    async with asking(scripts) as (client, server):
        assert "more than 5 times" in (await trouble(client, "/0")).reason
        assert len(server.asked) == 6


async def test_a_redirect_in_a_circle_is_noticed() -> None:
    async with asking({"/a": redirects("/b"), "/b": redirects("/a")}) as (client, server):
        assert "in a circle" in (await trouble(client, "/a")).reason
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "https to http"),
        ("https://169.254.169.254/latest/meta-data/", "private address"),
        ("https://127.0.0.1/", "private address"),
        ("https://10.0.0.1/", "private address"),
        ("https://[::1]/", "private address"),
        ("https://[::ffff:127.0.0.1]/", "private address"),
        ("https://localhost/", "private address"),
        ("https://127.0.0.1:{other}/", "not listed"),
        ("http://api.example.org/", "https to http"),
        ("file:///etc/passwd", "do not open"),
        ("gopher://example.org/", "do not open"),
        ("//user:word@example.org/", "do not open"),
        ("\\\\example.org\\x", "do not open"),
        ("", "nowhere"),
    ],
)
async def test_a_redirect_cannot_lead_us_astray(to: str, reason: str) -> None:
    async with (
        Server({"/": says(b"secret")}) as other,
        asking({"/": redirects(to.format(other=other.port))}) as (client, _),
    ):
        found = await trouble(client)

        assert isinstance(found, SourceDown)
        assert reason in found.reason
        assert other.connections == 0


async def test_credentials_stay_with_their_host() -> None:
    async with Server({"/": says(b"x")}) as other:
        there = f"{other.url}/?token=canary&q=1"
        async with asking({"/": redirects(there), "/same": redirects("/end"), "/end": says(b"x")}) as (client, server):
            client.use({"s": at(server, base_url=None, allow_private=(server.place, other.place))})
            sent = {"headers": {"X-API-Key": "canary", "Accept": "text/xml"}, "auth": ("me", "canary")}
            await get(client.visit("s", {}), f"{server.url}/?token=canary", **sent)
            await get(client.visit("s", {}), f"{server.url}/same", **sent)

            assert "canary" in server.asked[0].target
            assert other.asked[0].target == "/?q=1"
            assert other.asked[0].headers["accept"] == "text/xml"
            assert not {"authorization", "x-api-key"} & set(other.asked[0].headers)
            assert {"authorization", "x-api-key"} <= set(server.asked[-1].headers)


# --------------------------------------------------------------------------- private addresses


async def test_a_permit_is_no_use_to_another_source_even_on_a_kept_connection() -> None:
    async with Server({"/": says(b"secret")}) as server:
        sources = {
            "permitted": SourceHttp(allow_private=(server.place,), pace=0.0),
            "other": SourceHttp(ports=frozenset({server.port}), pace=0.0),
        }
        client = Client(FAST, sources, SystemClock())
        assert (await get(client.visit("permitted", {}), f"{server.url}/")).body == b"secret"
        found = await trouble(client, f"{server.url}/", source="other")
        await client.close()

        assert "private address" in found.reason
        assert len(server.asked) == server.connections == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
@pytest.mark.parametrize("loop", [asyncio.run, uvloop.run])
def test_no_spelling_reaches_a_private_address(host: str, loop: Callable[[Any], Any]) -> None:
    async def run() -> None:
        async with Server({"/": says(b"secret")}) as server:
            client = Client(FAST, {"s": SourceHttp(ports=frozenset({server.port}))}, SystemClock())
            found = await trouble(client, f"http://{host}:{server.port}/")
            await client.close()
            assert "private address" in found.reason or "no proper name" in found.reason
            assert server.connections == 0

    loop(run())


async def test_a_base_url_alone_permits_nothing() -> None:
    async with asking({"/": says(b"secret")}, allow_private=False) as (client, server):
        assert "private address" in (await trouble(client)).reason
        assert server.connections == 0


async def test_a_port_must_be_listed() -> None:
    client = Client(FAST, {"s": SourceHttp()}, SystemClock())

    assert "port 8443" in (await trouble(client, "https://example.org:8443/")).reason
    await client.close()


# --------------------------------------------------------------------------- bodies


async def test_a_packed_body_is_unpacked_once() -> None:
    async with asking(
        {
            "/gzip": http.packed(b"hello"),
            "/twice": http.packed(b"hello", layers=2),
            "/zlib": says(zlib.compress(b"hello"), headers={"Content-Encoding": "deflate"}),
            "/bare": says(zlib.compress(b"hello", wbits=-15), headers={"Content-Encoding": "deflate"}),
            "/none": says(b"hello", headers={"Content-Encoding": "identity"}),
        }
    ) as (client, _):
        visit = client.visit("s", {})

        assert {(await get(visit, path)).body for path in ("/gzip", "/zlib", "/bare", "/none")} == {b"hello"}
        assert gzip.decompress((await get(visit, "/twice")).body) == b"hello"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip, identity", "compress", "x"])
async def test_an_encoding_we_did_not_ask_for_is_refused(encoding: str) -> None:
    async with asking({"/": http.packed(b"hello", encoding=encoding)}) as (client, _):
        assert "encoding" in (await trouble(client)).reason


async def test_a_bomb_stops_at_the_limit() -> None:
    async with asking({"/": http.bomb(400)}) as (client, _):
        await trouble(client, "/warm")
        tracemalloc.start()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = await trouble(client)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert "more than 10 MB" in found.reason
        assert peak < 25_000_000
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KB


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (http.endless(), "more than 0.1 MB"),
        (
            http.endless(bytes(65536), {"Content-Encoding": "gzip"}),
            "damaged|more than 0.1 MB",
        ),  # whichever is seen first
        (says(b"x" * 100_001), "more than 0.1 MB"),
        (http.packed(b"x" * 100_001), "more than 0.1 MB"),
        (http.cuts(b"x" * 1000, 999), "cut short"),
        (http.cuts(gzip.compress(b"x" * 1000), 20, {"Content-Encoding": "gzip"}), "cut short"),
        (
            says(gzip.compress(bytes(range(256)) * 9)[:-20], headers={"Content-Encoding": "gzip"}),
            "compressed answer short",
        ),
        (http.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"), "cut short"),
        (http.raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"), "proper HTTP"),
        (
            http.raw(
                b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 4000) for n in range(80)) + b"\r\n"
            ),
            "256 KB of headers",
        ),
        (http.raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 9000 + b"\r\n"), "proper HTTP"),
        (http.raw(b"SSH-2.0-OpenSSH_9\r\n"), "proper HTTP"),
    ],
)
async def test_a_body_that_is_not_whole_or_too_much_is_no_answer(script: Script, reason: str) -> None:
    async with asking({"/": script}, max_bytes=100_000) as (client, _):
        found = await trouble(client)

        assert isinstance(found, SourceDown)
        assert re.search(reason, found.reason)


@settings(max_examples=60)
@given(body=st.binary(max_size=5000), cut=st.integers(1, 700), members=st.integers(1, 3))
def test_unpacking_gives_back_what_was_packed_however_it_arrives(body: bytes, cut: int, members: int) -> None:
    sent = gzip.compress(body) * members + b"\0" * 3
    unpack = bodies.Unpack("gzip", 20_000)

    for start in range(0, len(sent), cut):
        unpack.feed(sent[start : start + cut])

    assert unpack.finish() == body * members


@settings(max_examples=60)
@given(body=st.binary(min_size=1, max_size=3000), missing=st.integers(1, 30))
def test_a_packed_body_that_lacks_its_end_is_never_taken_for_whole(body: bytes, missing: int) -> None:
    sent = gzip.compress(body)
    unpack = bodies.Unpack("gzip", 20_000)

    with pytest.raises(bodies.BodyRefused):
        unpack.feed(sent[: max(1, len(sent) - missing)])
        unpack.finish()


# --------------------------------------------------------------------------- connections that fail, and time


async def test_a_connection_that_was_reset_is_tried_once_more() -> None:
    async with asking({"/": in_turn(http.resets(), says(b"x")), "/never": http.resets()}) as (client, server):
        assert (await get(client.visit("s", {}))).body == b"x"
        found = await trouble(client, "/never")

        assert "api.example.org" in found.reason
        assert sum(one.target == "/never" for one in server.asked) == 2


async def test_nobody_at_home_is_a_failed_look() -> None:
    async with Server({}) as server:
        place = server.place
    client = Client(FAST, {"s": SourceHttp(base_url=f"http://{place}", allow_private=True)}, SystemClock())

    assert "refused the connection" in (await trouble(client)).reason
    await client.close()


async def test_a_name_that_does_not_resolve_is_a_failed_look() -> None:
    client = Client(FAST, {"s": SourceHttp()}, SystemClock())

    found = await trouble(client, "https://nowhere.invalid/?key=canary")

    assert found.reason == "the name nowhere.invalid could not be resolved"
    await client.close()


async def test_a_byte_now_and_then_does_not_hold_us_beyond_the_deadline() -> None:
    async with asking({"/": http.drips(0.05)}, max_seconds=0.4) as (client, _):
        began = asyncio.get_running_loop().time()
        found = await trouble(client)

        assert "within" in found.reason
        assert asyncio.get_running_loop().time() - began < 1.0


async def test_silence_ends_the_wait_before_the_deadline() -> None:
    async with asking({"/": http.hangs()}, replace(FAST, idle=0.3)) as (client, _):
        began = asyncio.get_running_loop().time()
        found = await trouble(client)

        assert "sent nothing" in found.reason
        assert asyncio.get_running_loop().time() - began < 2.0


async def test_the_deadline_covers_all_hops() -> None:
    scripts = {f"/{n}": http.late(0.2, redirects(f"/{n + 1}")) for n in range(5)}
    async with asking(scripts, max_seconds=0.5) as (client, server):
        assert "within" in (await trouble(client, "/0")).reason
        assert len(server.asked) == 3


async def test_requests_keep_the_pace_of_their_host() -> None:
    async with asking({"/": says(b"x")}, pace=0.1) as (client, server):
        for _ in range(2):  # the first connection takes its time
            await asyncio.gather(*(get(client.visit("s", {})) for _ in range(2)))

        times = [one.at for one in server.asked]
        assert times[-1] - times[1] > 0.17


async def test_no_more_than_two_requests_are_at_one_host() -> None:
    now, most = 0, 0

    async def script(request: Request, wire: Wire) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        await says(b"x")(request, wire)

    async with asking({"/": script}) as (client, _):
        await asyncio.gather(*(get(client.visit("s", {})) for _ in range(8)))

    assert most == 2


async def test_what_hangs_moves_aside_and_is_known_as_slow() -> None:
    how = replace(FAST, concurrency=2, slow_lane=1, slow_after=0.1)
    scripts = {"/": http.hangs(), "/well": says(b"x")}
    async with asking(scripts, how) as (client, server), Server({"/": says(b"x")}) as healthy:
        client.use({"s": at(server, max_seconds=0.5), "h": at(healthy)})
        stuck = [asyncio.create_task(trouble(client)) for _ in range(2)]
        await asyncio.sleep(0.02)
        began = asyncio.get_running_loop().time()
        await get(client.visit("h", {}), "https://healthy.example.org/")
        waited = asyncio.get_running_loop().time() - began
        was_slow, free = client.slow("api.example.org"), client.slow_free()
        reasons = sorted([(await one).reason for one in stuck])

        assert waited < 0.3
        assert (was_slow, free) == (True, 0)
        assert not client.slow("healthy.example.org")
        assert ["moved to the slow lane" in reasons[0], "within" in reasons[1]] == [True, True]
        await get(client.visit("s", {}), "/well")
        assert not client.slow("api.example.org")
        assert client.slow_free() == 1


async def test_a_cancelled_fetch_leaves_nothing_behind() -> None:
    async with asking({"/": http.hangs(), "/well": says(b"x")}, replace(FAST, concurrency=1)) as (client, _):
        task = asyncio.create_task(get(client.visit("s", {})))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert (await get(client.visit("s", {}), "/well")).body == b"x"


# --------------------------------------------------------------------------- certificates and the proxy


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody vouches for but itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    return made, key


async def test_certificates_are_always_verified(certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    async with Server({"/": says(b"x")}, tls=context) as server:
        source = {"s": SourceHttp(base_url=server.url, allow_private=True)}
        wary, trusting = (Client(how, source, SystemClock()) for how in (FAST, replace(FAST, ca_bundle=certificate[0])))

        assert "certificate of api.example.org cannot be trusted" in (await trouble(wary)).reason
        assert (await get(trusting.visit("s", {}))).body == b"x"
        await wary.close()
        await trusting.close()


async def test_a_proxy_is_used_for_all_but_permitted_addresses() -> None:
    async with Server({"http://api.example.org/x": says(b"by proxy")}) as proxy, Server({"/x": says(b"direct")}) as own:
        how = replace(FAST, proxy=f"http://me@{proxy.place}", proxy_password="canary")
        client = Client(how, {"s": SourceHttp(pace=0.0), "own": at(own)}, SystemClock())

        assert (await get(client.visit("s", {}), "http://api.example.org/x")).body == b"by proxy"
        assert (await get(client.visit("own", {}), "/x")).body == b"direct"
        assert "private address" in (await trouble(client, "http://10.0.0.1/")).reason
        assert [one.target for one in proxy.asked] == ["http://api.example.org/x"]
        assert proxy.asked[0].headers["proxy-authorization"].startswith("Basic ")
        assert "canary" not in repr(how)
        await client.close()


# --------------------------------------------------------------------------- evidence and secrets


async def test_evidence_is_the_body_as_it_came_without_credentials() -> None:
    headers = {
        "Content-Type": "text/xml",
        "Set-Cookie": "sid=canary",
        "X-Auth-Token": "canary",
        "Link": "<?key=canary>",
    }
    secrets = frozenset({"canary/1"})
    async with asking({"/canary/1": says(b"<a/>", headers=headers)}, secrets=secrets) as (client, _):
        visit = client.visit("s", {})
        await get(visit, "/canary/1", params={"api_key": "canary", "number": "007"}, auth=("me", "canary"))
        (kept,) = visit.evidence()

        assert (kept.body, kept.media_type, kept.source, kept.status) == (b"<a/>", "text/xml", "s", 200)
        assert len(kept.sha256) == 64
        assert "number=007" in kept.url
        assert "canary" not in f"{kept.url} {kept.headers} {visit.validators}"


async def test_no_failure_tells_a_secret(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    scripts = {
        "/reset": http.resets(),
        "/away": redirects("https://10.0.0.1/?token=canary"),
        "/cut": http.cuts(b"canary", 3),
        "/401": says(b"", status=401),
        "/429": says(b"", status=429),
    }
    async with asking(scripts, secrets=frozenset({"canary"})) as (client, _):
        said = [
            (
                await trouble(client, f"{path}?api_key=canary", auth=("canary", "canary"), headers={"X-Key": "canary"})
            ).reason
            for path in scripts
        ]
        said.append((await trouble(client, "http://example.org:1/canary?key=canary")).reason)

    assert "canary" not in "".join([*said, caplog.text, *capsys.readouterr()])


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/a?api_key=K1&q=x", "https://h/a?api_key=***&q=x"),
        ("https://h/a?X-Amz-Signature=K&keyword=x", "https://h/a?X-Amz-Signature=***&keyword=x"),
        ("https://h/a?accessToken=K&monitor=x", "https://h/a?accessToken=***&monitor=x"),
        ("https://me:pw@h/a?x=y@z", "https://***@h/a?x=y@z"),
        ("https://h/s3cr%2Ft/a", "https://h/***/a"),
    ],
)
def test_what_may_be_shown_of_an_address(url: str, shown: str) -> None:
    assert masked(url, spellings({"s3cr/t"})) == shown


def test_addresses_that_differ_in_their_key_only_keep_apart() -> None:
    one, other = name_of("https://h/?token=aaaa"), name_of("https://h/?token=bbbb")

    assert one != other
    assert "aaaa" not in one
    assert name_of("https://h/?q=1") == "https://h/?q=1"
