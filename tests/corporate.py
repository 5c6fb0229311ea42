"""A corporate network for tests: an authority of its own, and a proxy that alone knows the way and the names.

    house = authority(folder)
    async with Proxy({"api.example.org:443": (host, port)}, password="…") as proxy: …

The proxy resolves names by the test's own table; what does not stand there it cannot reach (502).
"""

from __future__ import annotations

import asyncio
import base64
import shutil
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

Place = tuple[str, int]


@dataclass(frozen=True)
class Authority:
    """A company's own certificate authority. `bundle` is what an administrator puts into http.ca_bundle."""

    folder: Path
    name: str

    @property
    def bundle(self) -> Path:
        return self.folder / "ca.pem"

    def issue(self, *names: str) -> ssl.SSLContext:
        """Return a server's context with a certificate for these names or addresses."""
        certificate, key = self.folder / f"{names[0]}.pem", self.folder / f"{names[0]}.key"
        kinds = ",".join(f"{'IP' if name[0].isdigit() else 'DNS'}:{name}" for name in names)
        _openssl(
            *("req", "-x509", "-CA", str(self.bundle), "-CAkey", str(self.folder / "ca.key"), "-days", "2"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={names[0]}"),
            *("-addext", f"subjectAltName={kinds}", "-addext", "basicConstraints=critical,CA:FALSE"),
            *("-keyout", str(key), "-out", str(certificate)),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context


def authority(folder: Path, name: str = "Acme Inspection CA") -> Authority:
    """Make an authority; the test is skipped where there is no openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    _openssl(
        *("req", "-x509", "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-subj", f"/O=Acme/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        *("-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.pem")),
    )
    return Authority(folder, name)


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Proxy:
    """A CONNECT proxy, on loopback or at a Unix socket. `asked` holds the first line of every request.

    routes: `host:port` as asked -> where that is. refuses: `host:port` -> the status it is answered with.
    """

    def __init__(
        self,
        routes: Mapping[str, Place],
        *,
        password: str | None = None,
        refuses: Mapping[str, int] | None = None,
        socket: Path | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.routes = dict(routes)
        self.refuses = dict(refuses or {})
        self.asked: list[str] = []
        self.port = 0
        self._password = password
        self._tls = tls
        self._socket = socket
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://{'' if self._password is None else 'me@'}127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        if self._socket is not None:
            self._server = await asyncio.start_unix_server(self._accept, str(self._socket))
        else:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
            self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *headers = head.split("\r\n")
            self.asked.append(line)
            status = self._judge(line, headers)
            if status != 200:
                challenge = 'Proxy-Authenticate: Basic realm="acme"\r\n' if status == 407 else ""
                writer.write(f"HTTP/1.1 {status} No\r\n{challenge}Content-Length: 0\r\n\r\n".encode())
                await writer.drain()
                return
            await self._tunnel(self.routes[line.split(" ")[1]], reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _judge(self, line: str, headers: Sequence[str]) -> int:
        method, place, _ = line.split(" ")
        if self._password is not None:
            wanted = "Basic " + base64.b64encode(f"me:{self._password}".encode()).decode()
            if f"Proxy-Authorization: {wanted}" not in headers:
                return 407
        if method != "CONNECT":
            return 405
        return self.refuses.get(place, 200 if place in self.routes else 502)

    @staticmethod
    async def _tunnel(place: Place, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(*place)
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(pump(reader, back), pump(there, writer))
        finally:
            back.close()


class Front:
    """TLS before a server on loopback that has none."""

    def __init__(self, tls: ssl.SSLContext, behind: int) -> None:
        self.port = 0
        self._tls, self._behind = tls, behind
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._behind)
        try:
            await asyncio.gather(pump(reader, back), pump(there, writer))
        finally:
            back.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry what comes in at one end out at the other, to the end."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
