"""One polite knock at a source's door, to learn whether it can be reached from here, and if not, who is in the way."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import aiohttp
from yarl import URL

from monitor.edge.http import failure, proxy, trust
from monitor.edge.http.address import Lead, Spot
from monitor.edge.http.guard import Guard

Kind = Literal[
    "answers",  # whatever the status: somebody is there
    "ailing",  # 5xx
    "proxy",  # our proxy is down, or does not know us
    "filtered",  # the proxy lets nobody through to this host
    "beyond",  # the proxy cannot reach it
    "certificate",
    "name",  # cannot be resolved here
    "unreached",  # refused, silent, no way
    "forbidden",  # not an address we open
]
_UNSURE: frozenset[Kind] = frozenset({"name", "unreached"})  # whose fault it is, the other hosts tell
_HERE: frozenset[Kind] = frozenset({"proxy", "filtered", "forbidden"})
_LONGEST = 16_384  # bytes of a proxy's answer to CONNECT


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of a knock. reason: one plain sentence, "" if all is well; issuer: who signed what we do not trust."""

    kind: Kind
    reason: str = ""
    status: int = 0
    seconds: float = 0.0
    issuer: str = ""


Verdict = Literal["reachable", "here", "there", "certificate"]


def verdicts(found: Sequence[Reached]) -> list[Verdict]:
    """Say of each knock who is in the way: nobody, somebody here (proxy, firewall, DNS), or something there.

    A name that is not found or a door that stays shut may be either: if nothing at all answers, it is us.
    """
    anybody = any(one.kind in ("answers", "ailing", "certificate", "beyond") for one in found)
    return [_verdict(one, anybody=anybody) for one in found]


def _verdict(one: Reached, *, anybody: bool) -> Verdict:
    if one.kind == "answers":
        return "reachable"
    if one.kind == "certificate":
        return "certificate"
    if one.kind in _HERE or (one.kind in _UNSURE and not anybody):
        return "here"
    return "there"


async def knock(session: aiohttp.ClientSession, guard: Guard, lead: Lead, via: URL | None, within: float) -> Reached:
    """Ask for an address once and leave when it begins to answer. `via`: the proxy; `within`: seconds. Never raises."""
    loop, host = asyncio.get_running_loop(), lead.spot.asked.host
    began = loop.time()
    try:
        async with (
            asyncio.timeout(within),
            session.get(  # some servers are confused by HEAD
                lead.target, headers={"Connection": "close"}, allow_redirects=False, proxy=via
            ) as response,
        ):
            status = response.status
    except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
        return await _failed(error, guard, lead.spot, via, within)
    took = loop.time() - began
    if status == proxy.AUTH_WANTED and via is not None:
        return Reached("proxy", proxy.refused(status, host, signed_in=bool(via.user)), status)
    if status >= 500:
        return Reached("ailing", f"{host} is in trouble ({status})", status, took)
    return Reached("answers", "", status, took)


async def _failed(error: Exception, guard: Guard, spot: Spot, via: URL | None, within: float) -> Reached:
    host = spot.asked.host
    place = proxy.place(via) if via else None
    said = failure.trouble(error, host, place, signed_in=bool(via and via.user)).reason
    if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError):
        return Reached("unreached", f"no whole answer from {host} within {within:.0f} seconds")
    if said.startswith(proxy.OURS):
        return Reached("proxy", said, getattr(error, "status", 0))
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return Reached("beyond" if error.status >= 500 else "filtered", said, error.status)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Reached("certificate", said, issuer=await _issuer(guard, spot, via, within))
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Reached("name", said)
    forbidden = "private address" in said
    return Reached("forbidden" if forbidden else "unreached", said)


# --------------------------------------------------------------------------- whose certificate it is


async def _issuer(guard: Guard, spot: Spot, via: URL | None, within: float) -> str:
    """Return who signed the certificate that is shown instead, "" if nobody can say. Nothing is asked over it."""
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(within):
            reader, writer = await _open(guard, *(proxy.place(via) if via else spot.real.place))
            if via is not None:
                await _tunnel(reader, writer, spot, via)
            looking = ssl.create_default_context()
            looking.check_hostname, looking.verify_mode = False, ssl.CERT_NONE
            await writer.start_tls(looking, server_hostname=spot.real.host)
            shown = writer.get_extra_info("ssl_object")
            return trust.issuer_of(shown.getpeercert(binary_form=True) or b"")
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return ""
    finally:
        if writer is not None:
            writer.transport.abort()


async def _open(guard: Guard, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect, past the guard."""
    first, *_ = await guard.resolve(host, port)
    where = (first["host"], first["port"])
    made = guard.socket_for((first["family"], 1, first["proto"], "", where))
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, where)
        return await asyncio.open_connection(sock=made, limit=_LONGEST)
    except BaseException:
        made.close()
        raise


async def _tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, spot: Spot, via: URL) -> None:
    host = f"[{spot.real.host}]" if ":" in spot.real.host else spot.real.host
    lines = [f"CONNECT {host}:{spot.real.port} HTTP/1.1", f"Host: {host}:{spot.real.port}"]
    lines += [f"{name}: {value}" for name, value in proxy.authorization(via).items()]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    await writer.drain()
    answer = await reader.readuntil(b"\r\n\r\n")
    if b" 200" not in answer.partition(b"\r\n")[0]:
        raise ConnectionRefusedError
