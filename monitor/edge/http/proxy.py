"""The company's proxy: where it is, how we sign in to it, and what its own failures look like.

Behind it this machine resolves no names, so the guard at the socket sees the proxy only. What can be known
from the address as written is refused before anything is asked: see `plainly_local`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import aiohttp
from yarl import URL

from monitor.edge.http.guard import HostPort, literal, reachable

OURS = "our proxy "  # begins every reason that lies with the proxy itself, whichever source was asked
AUTH_WANTED = 407

# Names that no public DNS gives out (RFC 6761, 6762 appendix G, 8375): only a company's own server knows them.
_LOCAL_ENDS = (
    ".localhost",
    ".localdomain",
    ".local",
    ".internal",
    ".intranet",
    ".private",
    ".corp",
    ".home",
    ".home.arpa",
    ".lan",
)
_DOTTED = re.compile(r"(?<![0-9])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})(?![0-9])")


def address(proxy: str, password: str | None) -> URL:
    """Return the proxy's address with its password, as aiohttp wants it."""
    found = URL(proxy)
    if password:
        # aiohttp writes it as latin-1; so it becomes the UTF-8 that RFC 7617 asks for.
        found = found.with_password(password.encode().decode("latin-1"))
    return found


def place(proxy: URL) -> HostPort:
    """Return its host and port."""
    assert proxy.host is not None
    assert proxy.port is not None
    return proxy.host, proxy.port


def shown(proxy: str) -> str:
    """Return `host:port`, without the user."""
    host, port = place(URL(proxy))
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def authorization(proxy: URL) -> Mapping[str, str]:
    """Return the header that signs us in; for connections that are not aiohttp's."""
    if not proxy.user and not proxy.password:
        return {}
    return {"Proxy-Authorization": aiohttp.encode_basic_auth(proxy.user or "", proxy.password or "", "latin-1")}


def plainly_local(host: str) -> bool:
    """Say whether a host, as written, cannot be out on the internet: a private address, or a name of the house.

    Names that spell a private address (10.0.0.1.nip.io) are among them: services that resolve them are an old trick.
    """
    if (written := literal(host)) is not None:
        return not reachable(written)
    name = host.rstrip(".").lower()
    if "." not in name or name.endswith(_LOCAL_ENDS):
        return True
    return any(not reachable(".".join(map(str, map(int, found)))) for found in _DOTTED.findall(name) if _octets(found))


def _octets(found: tuple[str, ...]) -> bool:
    return all(int(one) < 256 for one in found)


def refused(status: int, host: str, *, signed_in: bool) -> str:
    """Say what the proxy's own answer to a request for `host` means."""
    if status == AUTH_WANTED:
        if signed_in:
            return f"our proxy refused our user name and password ({status})"
        return f"our proxy wants a user name and password ({status})"
    if status >= 500:
        return f"{host} cannot be reached by the proxy ({status})"
    return f"{host} is not let through by the proxy ({status})"
