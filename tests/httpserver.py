"""A scripted HTTP server on loopback that behaves as badly as real ones: it drips, hangs, cuts, resets and lies.

    async with Server({"/feed": says(b"<rss/>"), "/slow": hang()}) as server:
        await client_asks(server.url + "/feed")

A script is an async function of (request, wire). Paths nobody scripted are answered with 404.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. Header names are in lower case."""

    target: str
    headers: Mapping[str, str]
    number: int  # requests to this path so far, this one included
    peer: int  # the client's port: equal for requests on one connection
    at: float = field(default=0.0)  # the event loop's clock


Script = Callable[[Request, "Wire"], Awaitable[None]]


class Wire:
    """The connection, as raw as a script wants it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Server:
    """Serves scripts by path. `asked` holds every request in order, `connections` counts what was accepted."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.scripts = dict(scripts)
        self.asked: list[Request] = []
        self.connections = 0
        self.host, self.port = host, port
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://{self.place}"

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._accept, self.host, self.port, ssl=self._tls, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *rest = head.split("\r\n")
                pairs = (one.partition(":") for one in rest if one)
                target = line.split(" ")[1]
                path = target.partition("?")[0]
                request = Request(
                    target,
                    {name.lower(): value.strip() for name, _, value in pairs},
                    sum(one.target.partition("?")[0] == path for one in self.asked) + 1,
                    writer.get_extra_info("peername")[1],
                    asyncio.get_running_loop().time(),
                )
                self.asked.append(request)
                await self.scripts.get(path, says(b"no such page", status=404))(request, Wire(writer))
                if request.headers.get("connection") == "close":
                    writer.close()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()


def head(status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """Return a status line and headers, with the empty line."""
    lines = [f"HTTP/1.1 {status} Something", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def says(body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Script:
    """A proper answer."""

    async def script(_: Request, wire: Wire) -> None:
        await wire.send(head(status, {**(headers or {}), "Content-Length": str(len(body))}) + body)

    return script


def tagged(body: bytes, etag: str, modified: str | None = None) -> Script:
    """A proper answer with validators, and 304 for whoever sends them back."""
    headers = {"ETag": etag, **({"Last-Modified": modified} if modified else {})}

    async def script(request: Request, wire: Wire) -> None:
        if request.headers.get("if-none-match") == etag:
            await wire.send(head(304, headers))
        else:
            await says(body, headers=headers)(request, wire)

    return script


def redirects(to: str, status: int = 302) -> Script:
    return says(b"", status=status, headers={"Location": to})


def in_turn(*scripts: Script) -> Script:
    """The first request gets the first script, … ; the last one stays."""

    async def script(request: Request, wire: Wire) -> None:
        await scripts[min(request.number, len(scripts)) - 1](request, wire)

    return script


def resets() -> Script:
    async def script(_: Request, wire: Wire) -> None:
        wire.reset()

    return script


def hangs() -> Script:
    """Never answers."""

    async def script(_: Request, wire: Wire) -> None:
        await asyncio.sleep(3600)

    return script


def late(seconds: float, then: Script) -> Script:
    async def script(request: Request, wire: Wire) -> None:
        await asyncio.sleep(seconds)
        await then(request, wire)

    return script


def drips(every: float, body: bytes = b"x" * 10_000) -> Script:
    """A byte every so often."""

    async def script(_: Request, wire: Wire) -> None:
        await wire.send(head(200, {"Content-Length": str(len(body))}))
        for one in body:
            await wire.send(bytes([one]))
            await asyncio.sleep(every)

    return script


def cuts(body: bytes, sent: int, headers: Mapping[str, str] | None = None) -> Script:
    """Promises the whole body and closes after `sent` bytes of it."""

    async def script(_: Request, wire: Wire) -> None:
        await wire.send(head(200, {**(headers or {}), "Content-Length": str(len(body))}) + body[:sent])
        wire.writer.close()

    return script


def endless(chunk: bytes = b"x" * 65536, headers: Mapping[str, str] | None = None) -> Script:
    """A body without length and without end."""

    async def script(_: Request, wire: Wire) -> None:
        await wire.send(head(200, {**(headers or {}), "Connection": "close"}))
        while True:
            await wire.send(chunk)

    return script


def raw(data: bytes) -> Script:
    """Exactly these bytes, then the end."""

    async def script(_: Request, wire: Wire) -> None:
        await wire.send(data)
        wire.writer.close()

    return script


def packed(body: bytes, *, encoding: str = "gzip", layers: int = 1) -> Script:
    for _ in range(layers):
        body = gzip.compress(body, 6)
    return says(body, headers={"Content-Encoding": encoding})


def bomb(megabytes: int) -> Script:
    """A gzip body that unpacks to so many megabytes of zeros, without ever holding them."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts: Iterable[bytes] = [pack.compress(bytes(1_000_000)) for _ in range(megabytes)]
    return says(b"".join([*parts, pack.flush()]), headers={"Content-Encoding": "gzip"})
