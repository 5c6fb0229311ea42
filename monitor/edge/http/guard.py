"""The guard at the socket: no source leads us to a private address, whatever its name resolves to.

It is asked for every new connection with the address that is really used, so literal addresses,
redirects and names that change their answer between check and connect all meet it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import weakref
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]
HostPort = tuple[str, int]

_REFUSED_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "100.64.0.0/10",  # carrier-grade NAT: neither private nor global to Python
            "192.0.0.0/24",  # protocol assignments, two of them count as global
            "192.88.99.0/24",  # 6to4 relays
        ),
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")  # all that was ever given out; the rest is loopback, local, mapped, …
_REFUSED_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/32", "2001:db8::/32", "3fff::/20")))  # Teredo, documentation
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(OSError):  # noqa: N818 - it says what happened
    """The address is not one a source may lead us to. An OSError, so that another address of the name is tried."""


def reachable(address: str) -> bool:
    """Say whether anybody may be connected to: a public unicast address, also behind its IPv6 disguises."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in net for net in _REFUSED_V4)
    if ip.scope_id is not None:
        return False
    if ip.ipv4_mapped is not None:
        return reachable(str(ip.ipv4_mapped))
    if ip in _SIX_TO_FOUR:
        return reachable(str(ipaddress.IPv4Address(int(ip) >> 80 & 0xFFFFFFFF)))
    if ip in _NAT64:
        return reachable(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip in _GLOBAL_V6 and ip.is_global and not any(ip in net for net in _REFUSED_V6)


def literal(host: str) -> str | None:
    """Return the address if the host is written as one (in normal form), else None: it is a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


class Guard(AbstractResolver):
    """Resolves names and makes sockets for one pool of connections, public addresses and its permits only.

    A permit is an exact host and port. If its host is a name, whatever private address the name
    has at the moment is permitted, on that port.
    """

    def __init__(self, permits: Iterable[HostPort] = (), *, threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._addresses: set[HostPort] = set()
        self._names: dict[HostPort, frozenset[str]] = {}
        for host, port in permits:
            if (address := literal(host)) is not None:
                self._addresses.add((address, port))
            else:
                self._names[host, port] = frozenset()
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    @property
    def open(self) -> int:
        """How many sockets are alive, idle ones included."""
        return len(self._open)

    def socket_for(self, info: AddrInfo) -> socket.socket:
        """Make the socket for an address that is about to be connected to. Raises AddressRefused."""
        family, kind, proto, _, where = info
        host, port = str(where[0]), int(where[1])
        if not reachable(host) and not self._permitted(host, port):
            raise AddressRefused(f"{host} is not a public address")
        made = socket.socket(family=family, type=kind, proto=proto)
        self._open.add(made)
        return made

    def _permitted(self, address: str, port: int) -> bool:
        if (literal(address), port) in self._addresses:
            return True
        return any(p == port and address in known for (_, p), known in self._names.items())

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Resolve a name in threads of our own: names that hang must not hold up the rest of the program."""
        loop = asyncio.get_running_loop()
        infos = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
        )
        found: list[ResolveResult] = [
            ResolveResult(
                hostname=host,
                host=str(where[0]),
                port=int(where[1]),
                family=found_family,
                proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found_family, _, proto, _, where in infos
            if len(where) < 4 or not where[3]  # a scoped address is link-local
        ]
        if (host, port) in self._names:
            self._names[host, port] = frozenset(one["host"] for one in found)
        return found

    async def close(self) -> None:
        """Nothing to close: the threads belong to the client."""
