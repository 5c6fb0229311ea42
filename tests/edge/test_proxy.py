"""Behind a company's proxy: what goes through it, whom we believe, what is still refused, and whose fault a failure is."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import SystemClock
from monitor.edge.http import Client, HttpSettings, SourceHttp
from monitor.edge.http import proxy as proxies
from monitor.edge.http.guard import reachable
from monitor.edge.http.reach import Reached, verdicts
from monitor.edge.http.trust import BundleWrong, issuer_of, trusting
from monitor.edge.settings import Secret
from monitor.edge.slack import Answer, No, Slack, Yes
from monitor.model import Message
from monitor.watcher import SourceBlocked, SourceDown, SourceTrouble
from tests.corporate import Authority, Front, Proxy, authority
from tests.delivery import Fake
from tests.httpserver import Server, redirects, says

PASSWORD = "pass-wört canary"
OK = frozenset({200})


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("ca"))


@dataclass
class Office:
    """A client behind a proxy, and the one origin the proxy knows the way to."""

    client: Client
    proxy: Proxy
    origin: Server

    async def get(self, url: str = "https://api.example.org/x", source: str = "s") -> bytes:
        visit = self.client.visit(source, {})
        return (await visit(url, params=None, headers=None, auth=None, expect=OK)).body

    async def trouble(self, url: str = "https://api.example.org/x", source: str = "s") -> SourceTrouble:
        with pytest.raises(SourceTrouble) as caught:
            await self.get(url, source)
        return caught.value


@asynccontextmanager
async def behind(company: Authority, **changed: Any) -> AsyncIterator[Office]:
    scripts = {
        "/x": says(b"by proxy"),
        "/in": redirects("https://10.0.0.1/admin"),
        "/home": redirects("https://printer.corp/admin"),
        "/": says(b"front"),
    }
    tls = company.issue("api.example.org")
    async with Server(scripts, tls=tls) as origin:
        routes = {"api.example.org:443": ("127.0.0.1", origin.port), "quiet.example.org:443": ("127.0.0.1", 9)}
        async with Proxy(routes, password=PASSWORD, refuses={"barred.example.org:443": 403}) as proxy:
            usual = HttpSettings(
                connect=2.0, idle=2.0, proxy=proxy.url, proxy_password=PASSWORD, ca_bundle=company.bundle
            )
            sources = {"s": SourceHttp(pace=0.0)} | changed.pop("sources", {})
            client = Client(replace(usual, **changed), sources, SystemClock())
            try:
                yield Office(client, proxy, origin)
            finally:
                await client.close()


# --------------------------------------------------------------------------- the way through


async def test_a_source_is_asked_through_the_proxy_without_a_name_being_looked_up_here(
    company: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def listening(host: str, *more: Any, **named: Any) -> Any:
        looked_up.append(host)
        return real(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", listening)
    async with behind(company) as office:
        bodies = [await office.get() for _ in range(3)]

    assert bodies == [b"by proxy"] * 3
    assert office.proxy.asked == ["CONNECT api.example.org:443 HTTP/1.1"]  # one tunnel, kept
    assert "proxy-authorization" not in office.origin.asked[0].headers
    assert set(looked_up) <= {"127.0.0.1"}


async def test_the_private_authority_is_believed_besides_the_machines_own(company: Authority, tmp_path: Path) -> None:
    async with behind(company, ca_bundle=None) as stranger:
        refused = await stranger.trouble()
    with_ours = {one["serialNumber"] for one in trusting(company.bundle).get_ca_certs()}
    machines = {one["serialNumber"] for one in trusting(None).get_ca_certs()}

    assert refused.reason.startswith("the certificate of api.example.org cannot be trusted")
    assert machines < with_ours
    (tmp_path / "empty.pem").write_text("nothing")
    for file, why in ((tmp_path / "empty.pem", "no certificate"), (tmp_path / "none.pem", "No such file")):
        with pytest.raises(BundleWrong, match=why):
            trusting(file)


async def test_the_proxy_itself_may_speak_tls(company: Authority) -> None:
    async with (
        Server({"/x": says(b"twice wrapped")}, tls=company.issue("api.example.org")) as origin,
        Proxy({"api.example.org:443": ("127.0.0.1", origin.port)}, tls=company.issue("127.0.0.1")) as proxy,
    ):
        how = HttpSettings(proxy=proxy.url, ca_bundle=company.bundle)
        wary = replace(how, ca_bundle=None)
        clients = [Client(one, {"s": SourceHttp(pace=0.0)}, SystemClock()) for one in (how, wary)]
        body = await Office(clients[0], proxy, origin).get()
        refused = await Office(clients[1], proxy, origin).trouble()
        for client in clients:
            await client.close()

    assert body == b"twice wrapped"
    assert refused.reason.startswith("our proxy cannot be trusted")


async def test_a_permitted_private_address_is_asked_directly(company: Authority) -> None:
    async with Server({"/x": says(b"direct")}) as own:
        sources = {"own": SourceHttp(base_url=own.url, allow_private=True, pace=0.0)}
        async with behind(company, sources=sources) as office:
            assert await office.get(source="own") == b"direct"
            assert office.proxy.asked == []


# --------------------------------------------------------------------------- what is still refused


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://intranet/",
        "https://printer.corp/",
        "https://metadata.google.internal/",
        "https://10.0.0.1.nip.io/",
        "https://a-192-168-1-7.dyn.example.net/",
    ],
)
async def test_a_plainly_private_place_is_refused_before_the_proxy_hears_of_it(company: Authority, url: str) -> None:
    async with behind(company) as office:
        assert "leads to a private address" in (await office.trouble(url)).reason
        assert office.proxy.asked == []


@pytest.mark.parametrize("path", ["/in", "/home"])
async def test_a_redirect_into_the_house_is_refused(company: Authority, path: str) -> None:
    async with behind(company) as office:
        assert "leads to a private address" in (await office.trouble(f"https://api.example.org{path}")).reason
        assert len(office.proxy.asked) == 1


async def test_the_proxy_itself_is_no_source(company: Authority) -> None:
    named = {"proxy": "http://gate.example.org:3128", "proxy_password": None}
    async with behind(company, sources={"odd": SourceHttp(ports=frozenset({3128}), pace=0.0)}, **named) as office:
        trouble = await office.trouble("http://gate.example.org:3128/status", source="odd")

    assert "leads to a private address" in trouble.reason


@given(st.ip_addresses())
def test_an_address_is_local_behind_a_proxy_exactly_when_the_guard_refuses_it(address: Any) -> None:
    assert proxies.plainly_local(str(address)) == (not reachable(str(address)))


@pytest.mark.parametrize(
    "name", ["api.gleif.org", "home.example.com", "8.8.8.8.example.org", "corp.example", "v1.2.3.4000.example.org"]
)
def test_a_public_name_is_not_taken_for_a_local_one(name: str) -> None:
    assert not proxies.plainly_local(name)


# --------------------------------------------------------------------------- whose fault it is


async def test_a_proxy_that_does_not_know_us_says_so_in_one_sentence(company: Authority) -> None:
    async with behind(company, proxy_password="wrong-canary") as office:
        wrong = await office.trouble()
        plain = await office.trouble("http://api.example.org/x")
        without = HttpSettings(proxy=f"http://127.0.0.1:{office.proxy.port}")
        nobody = Client(without, {"s": SourceHttp(pace=0.0)}, SystemClock())
        unsigned = await replace(office, client=nobody).trouble()
        await nobody.close()

    assert wrong.reason == plain.reason == "our proxy refused our user name and password (407)"
    assert unsigned.reason == "our proxy wants a user name and password (407)"
    assert all(isinstance(one, SourceDown) for one in (wrong, plain, unsigned))


async def test_a_proxy_that_is_down_is_our_fault_and_not_the_sources(company: Authority) -> None:
    async with behind(company, proxy="http://127.0.0.1:9") as office:
        https, plain = await office.trouble(), await office.trouble("http://api.example.org/x")
    async with behind(company, proxy="http://gate.invalid:3128") as office:
        nameless = await office.trouble()

    assert https.reason == plain.reason == "our proxy refused the connection"
    assert nameless.reason == "our proxy cannot be found: its name could not be resolved"


async def test_what_the_proxy_does_not_let_through_names_the_host(company: Authority) -> None:
    async with behind(company) as office:
        barred = await office.trouble("https://barred.example.org/")
        beyond = await office.trouble("https://quiet.example.org/")

    assert barred.reason == "barred.example.org is not let through by the proxy (403)"
    assert isinstance(barred, SourceBlocked)
    assert beyond.reason == "quiet.example.org cannot be reached by the proxy (502)"


async def test_no_failure_behind_a_proxy_tells_the_password(
    company: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    said = []
    for changed in ({}, {"proxy_password": "canary-2"}, {"proxy": "http://me@127.0.0.1:9"}, {"ca_bundle": None}):
        async with behind(company, **changed) as office:
            for url in ("https://barred.example.org/", "https://quiet.example.org/", "http://api.example.org/"):
                said.append((await office.trouble(url)).reason)
                said.append(repr(office.client.settings))

    assert "canary" not in "".join([*said, caplog.text])


# --------------------------------------------------------------------------- knocking


async def test_a_knock_tells_who_is_in_the_way(company: Authority) -> None:
    async with behind(company) as office:
        found = {
            host: await office.client.reach("s", f"https://{host}/")
            for host in ("api.example.org", "barred.example.org", "quiet.example.org", "printer.corp")
        }
    kinds = {host: one.kind for host, one in found.items()}

    assert kinds == {
        "api.example.org": "answers",
        "barred.example.org": "filtered",
        "quiet.example.org": "beyond",
        "printer.corp": "forbidden",
    }
    assert verdicts(list(found.values())) == ["reachable", "here", "there", "here"]


async def test_a_knock_names_who_signed_what_we_do_not_trust(company: Authority) -> None:
    async with behind(company, ca_bundle=None) as office:
        by_proxy = await office.client.reach("s", "https://api.example.org/")
        sources = {"s": SourceHttp(base_url=office.origin.url, allow_private=True)}
        straight = Client(HttpSettings(connect=2.0, idle=2.0), sources, SystemClock())
        direct = await straight.reach("s", "https://api.example.org/")
        await straight.close()

    assert (by_proxy.kind, by_proxy.issuer) == ("certificate", company.name)
    assert (direct.kind, direct.issuer) == ("certificate", company.name)
    assert verdicts([by_proxy]) == ["certificate"]


async def test_a_knock_at_a_proxy_that_is_shut_or_strange_is_our_own_trouble(company: Authority) -> None:
    async with behind(company, proxy="http://127.0.0.1:9") as office:
        shut = await office.client.reach("s", "https://api.example.org/")
    async with behind(company, proxy_password="wrong") as office:
        strange = await office.client.reach("s", "https://api.example.org/")

    assert [one.kind for one in (shut, strange)] == ["proxy", "proxy"]
    assert strange.status == 407


def test_a_name_nobody_finds_is_our_fault_only_if_nothing_answers() -> None:
    name, shut, answers, ailing = (Reached(kind) for kind in ("name", "unreached", "answers", "ailing"))

    assert verdicts([name, shut]) == ["here", "here"]
    assert verdicts([name, answers, shut]) == ["there", "reachable", "there"]
    assert verdicts([ailing, name]) == ["there", "there"]


@given(st.binary(max_size=300))
def test_no_certificate_is_too_odd_to_be_read(der: bytes) -> None:
    assert isinstance(issuer_of(der), str)


# --------------------------------------------------------------------------- Slack


async def test_slack_is_reached_through_the_proxy_and_a_refusal_by_the_proxy_is_certain(company: Authority) -> None:
    with Fake(rate=0, tiers=False) as fake:
        port = int(fake.base_url.split("/")[2].rpartition(":")[2])
        async with (
            Front(company.issue("slack.example.org"), port) as front,
            Proxy({"slack.example.org:443": ("127.0.0.1", front.port)}, password=PASSWORD) as proxy,
        ):
            through = await _post(fake, company, proxy.url, PASSWORD)
            stranger = await _post(fake, company, proxy.url, "wrong")
            nobody = await _post(fake, company, proxy.url, None)
            proxy.refuses["slack.example.org:443"] = 403
            barred = await _post(fake, company, proxy.url, PASSWORD)
        shut = await _post(fake, company, proxy.url, PASSWORD)

        assert isinstance(through, Yes)
        assert stranger == nobody == No("later", "proxy_wants_password")
        assert barred == No("later", "proxy_refuses")
        assert shut == No("later", "proxy_unreachable")
        assert len(fake.log("message")) == 1


async def _post(fake: Any, company: Authority, proxy: str, password: str | None) -> Answer:
    door = Slack(
        Secret(fake.bot_token),
        base_url="https://slack.example.org/api/",
        proxy=str(proxies.address(proxy, password)),
        ca=trusting(company.bundle),
    )
    try:
        return await door.post("C0ALERTS", Message("hello", ()), alert_id="al_1", attempt=1)
    finally:
        await door.close()
