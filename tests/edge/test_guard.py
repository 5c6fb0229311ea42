"""No source leads us to a private address: not by writing it, not by its name, not by a permit of another source."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.edge.http.address import AddressWrong, Route, SourceHttp, origin_of, target
from monitor.edge.http.guard import AddressRefused, Guard, reachable


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def info(address: str, port: int) -> tuple[int, int, int, str, tuple[str, int]]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.SOCK_STREAM, 0, "", (address, port)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254", "0.0.0.0", "255.255.255.255",
        "100.64.0.1", "100.127.255.254", "192.0.0.9", "192.0.0.170", "192.88.99.1", "198.18.0.1", "203.0.113.1",
        "224.0.0.1", "239.1.1.1", "240.0.0.1",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1",
        "2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
        "2001::1", "2001:0:7f00:1::", "3fff::1", "5f00::1", "100::1",
        "not an address", "",
    ],
)  # fmt: skip
def test_a_private_address_is_refused_in_every_disguise(address: str) -> None:
    assert not reachable(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "193.0.6.139", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808"]
)
def test_a_public_address_is_reachable(address: str) -> None:
    assert reachable(address)


@settings(max_examples=200)
@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_an_ipv6_coat_is_judged_as_itself(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    coats = [
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address(0x0064FF9B << 96 | number),
        ipaddress.IPv6Address(0x2002 << 112 | number << 80),
    ]

    assert {reachable(str(coat)) for coat in coats} == {reachable(str(address))}


@settings(max_examples=200)
@given(st.ip_addresses())
def test_only_what_is_global_and_unicast_is_ever_reachable(address: ipaddress.IPv4Address) -> None:
    if reachable(str(address)):
        coat = isinstance(address, ipaddress.IPv6Address) and address.sixtofour
        assert (coat or address).is_global  # older Pythons call every 6to4 coat private
        assert not address.is_multicast
        assert not address.is_loopback
        assert not (coat or address).is_private


def test_a_permit_is_one_address_and_one_port(threads: ThreadPoolExecutor) -> None:
    guard = Guard([("127.0.0.1", 9000)], threads=threads)

    guard.socket_for(info("127.0.0.1", 9000)).close()
    for address, port in [("127.0.0.1", 9001), ("127.0.0.2", 9000), ("::1", 9000), ("::ffff:127.0.0.1", 9000)]:
        with pytest.raises(AddressRefused):
            guard.socket_for(info(address, port))


async def test_a_permitted_name_permits_the_address_it_has_now(threads: ThreadPoolExecutor) -> None:
    guard = Guard([("localhost", 9000)], threads=threads)

    with pytest.raises(AddressRefused):
        guard.socket_for(info("127.0.0.1", 9000))
    await guard.resolve("localhost", 9000, socket.AF_INET)

    guard.socket_for(info("127.0.0.1", 9000)).close()
    with pytest.raises(AddressRefused):
        guard.socket_for(info("127.0.0.1", 9001))


async def test_another_name_gives_no_permission(threads: ThreadPoolExecutor) -> None:
    guard = Guard([("intranet.example", 9000)], threads=threads)

    await guard.resolve("localhost", 9000, socket.AF_INET)

    with pytest.raises(AddressRefused):
        guard.socket_for(info("127.0.0.1", 9000))


async def test_sockets_that_were_closed_are_not_counted(threads: ThreadPoolExecutor) -> None:
    guard = Guard(threads=threads)

    one, other = guard.socket_for(info("8.8.8.8", 80)), guard.socket_for(info("8.8.8.8", 80))
    assert guard.open == 2
    one.close()
    del one

    assert guard.open == 1
    other.close()
    await asyncio.sleep(0)


# --------------------------------------------------------------------------- addresses as they are written


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.org/", "does not begin"),
        ("file:///etc/passwd", "does not begin"),
        ("gopher://example.org/", "does not begin"),
        ("//example.org/", "does not begin"),
        ("javascript:alert(1)", "does not begin"),
        ("http://user:word@example.org/", "user name"),
        ("http://example.org@127.0.0.1/", "user name"),
        ("http://example.org\\@127.0.0.1/", "backslash"),
        ("http://example.org/\r\nHost: x", "control"),
        ("http://example.org/a b", "space"),
        ("http://exa\tmple.org/", "control"),
        ("http:///path", "no proper host"),
        ("http://[::1%25eth0]/", "no proper host"),
        ("http://example.org:99999/", "no proper port"),
        ("http://example.org:0/", "no proper port"),
        ("http://example.org:8080/", "port 8080"),
        ("http://exa%6dple.org/", "no proper host"),
        ("http://-bad-.example\u2028.org/", "control"),
        ("http://a..b/", "no proper name"),
    ],
)
def test_an_address_that_is_no_plain_web_address_is_refused(url: str, reason: str) -> None:
    route = Route(SourceHttp())

    with pytest.raises(AddressWrong, match=reason):
        origin, _ = route.split(url)
        route.spot(origin)


def test_a_host_in_any_script_is_asked_in_punycode() -> None:
    assert origin_of("https://Bücher.Example").host == "xn--bcher-kva.example"
    assert origin_of("https://ｅxample.org.").host == "example.org"
    assert origin_of("http://１２７.０.０.１").host == "127.0.0.1"


def test_path_and_query_go_out_as_they_were_written() -> None:
    route = Route(SourceHttp(base_url="http://127.0.0.1:9000/mirror/", allow_private=True))
    origin, rest = route.split("https://api.example.org/a%2Fb/../c?x=%41&y=a+b&z=é#part")

    there = target(route.spot(origin), rest)

    assert str(there) == "http://127.0.0.1:9000/mirror/a%2Fb/../c?x=%41&y=a+b&z=%C3%A9"


def test_a_test_address_stands_for_its_host_alone_or_for_all() -> None:
    one = Route(SourceHttp(base_urls={"a.example.org": "http://127.0.0.1:9000"}))
    every = Route(SourceHttp(base_url="http://127.0.0.1:9000"))

    assert one.spot("https://a.example.org").name == "127.0.0.1:9000"
    assert one.spot("https://b.example.org").name == "b.example.org:443"
    assert every.spot("https://b.example.org").name == "127.0.0.1:9000"


def test_a_redirect_to_an_address_is_not_mapped_away() -> None:
    route = Route(SourceHttp(base_url="http://127.0.0.1:9000", allow_private=True))

    assert route.spot("http://169.254.169.254", redirected=True).name == "169.254.169.254:80"
    assert route.spot("http://localhost", redirected=True).name == "localhost:80"
    assert route.spot("https://api.example.org", redirected=True).name == "127.0.0.1:9000"


def test_permits_are_the_base_addresses_or_exactly_what_is_listed() -> None:
    based = SourceHttp(base_url="http://127.0.0.1:9000", base_urls={"a.example.org": "http://[::1]:9001"})

    assert Route(based).permits == frozenset()
    assert Route(SourceHttp(base_url=based.base_url, base_urls=based.base_urls, allow_private=True)).permits == {
        ("127.0.0.1", 9000),
        ("::1", 9001),
    }
    assert Route(SourceHttp(allow_private=("10.0.0.5:8080", "intranet:80"))).permits == {
        ("10.0.0.5", 8080),
        ("intranet", 80),
    }
