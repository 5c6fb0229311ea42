"""Weather for the made-up sources: every way in which an answer can fail, lie or change shape."""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from aiohttp import web

from monitor.app.demo.world import Servers, World

Weather = Callable[[web.Request, web.Response], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of the origin's log."""

    at: float
    source: str
    path: str


class Stormy(Servers):
    """The demo's servers, with weather over each source and a log of what was asked."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.weather: dict[str, Weather] = {}
        self.log: list[Asked] = []

    async def _gleif(self, request: web.Request) -> web.StreamResponse:
        return await self._under("gleif", request, super()._gleif)

    async def _gazette(self, request: web.Request) -> web.StreamResponse:
        return await self._under("gb_gazette", request, super()._gazette)

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        return await self._under("feed", request, super()._feed)

    async def _under(
        self, name: str, request: web.Request, answer: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.log.append(Asked(time.monotonic(), name, request.path_qs))
        said = await answer(request)
        weather = self.weather.get(name)
        return await weather(request, said) if weather and isinstance(said, web.Response) else said


def _body(answer: web.Response) -> bytes:
    return bytes(answer.body) if isinstance(answer.body, bytes | bytearray) else b""


# --------------------------------------------------------------------------- refused, broken, silent


def status(code: int, text: str = "<html><title>Sorry</title></html>", **headers: str) -> Weather:
    async def weather(request: web.Request, answer: web.Response) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=code, text=text, content_type="text/html", headers=named)

    return weather


def instead(body: bytes, content_type: str = "application/json") -> Weather:
    """Another body with status 200: nothing, `{}`, a maintenance page."""

    async def weather(request: web.Request, answer: web.Response) -> web.StreamResponse:
        return web.Response(body=body, content_type=content_type)

    return weather


PAGE = (
    b"<!DOCTYPE html><html><head><title>Checking your browser</title></head>"
    b'<body><form action="/captcha"><p>Please prove that you are human.</p></form></body></html>'
)
BOMB = gzip.compress(bytes(200_000_000), 9)


async def hang(request: web.Request, answer: web.Response) -> web.StreamResponse:
    await asyncio.sleep(3600)
    return answer


async def reset(request: web.Request, answer: web.Response) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return answer


async def loris(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """A byte, a long pause, a byte."""
    body = _body(answer)
    slow = web.StreamResponse(headers={"Content-Type": answer.content_type})
    slow.content_length = len(body)
    await slow.prepare(request)
    for place in range(len(body)):
        await slow.write(body[place : place + 1])
        await asyncio.sleep(0.5)
    return slow


async def half(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """The connection ends before Content-Length is met."""
    body = _body(answer)
    short = web.StreamResponse(headers={"Content-Type": answer.content_type})
    short.content_length = len(body)
    await short.prepare(request)
    await short.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return short


async def prefix(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """A part of the body whose length is told as if it were whole."""
    body = _body(answer)
    return web.Response(body=body[: len(body) * 2 // 3], content_type=answer.content_type)


async def bomb(request: web.Request, answer: web.Response) -> web.StreamResponse:
    return web.Response(body=BOMB, content_type=answer.content_type, headers={"Content-Encoding": "gzip"})


async def bomb_in_bomb(request: web.Request, answer: web.Response) -> web.StreamResponse:
    return web.Response(
        body=gzip.compress(BOMB), content_type=answer.content_type, headers={"Content-Encoding": "gzip, gzip"}
    )


async def endless(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """A body without a length and without an end."""
    stream = web.StreamResponse(headers={"Content-Type": answer.content_type})
    await stream.prepare(request)
    while True:
        await stream.write(b" " * 65536)


def redirect(where: str) -> Weather:
    async def weather(request: web.Request, answer: web.Response) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": where.replace("{self}", str(request.url))})

    return weather


# --------------------------------------------------------------------------- sound JSON that lies


def edited(edit: Callable[[dict[str, object]], object]) -> Weather:
    """The true answer with something changed in it."""

    async def weather(request: web.Request, answer: web.Response) -> web.StreamResponse:
        if answer.status != 200 or "json" not in answer.content_type:
            return answer
        data = orjson.loads(_body(answer))
        edit(data)
        return web.Response(body=orjson.dumps(data), content_type=answer.content_type)

    return weather


def without_status(data: dict[str, object]) -> object:
    """The day a required field gets another name."""
    entity = _entity(data)
    return entity.update(entityStatus=entity.pop("status", None)) if entity else None


def unknown_status(data: dict[str, object]) -> object:
    entity = _entity(data)
    return entity.update(status="HIBERNATING") if entity else None


def shouting(data: dict[str, object]) -> object:
    """All names upper-cased and honoured, for every customer at once."""
    entity = _entity(data)
    if entity is None:
        return None
    name = entity["legalName"]
    assert isinstance(name, dict)
    return name.update(name=f"MESSRS. {str(name['name']).upper()}")


def _entity(data: dict[str, object]) -> dict[str, object] | None:
    found = data.get("data")
    inner = found.get("attributes") if isinstance(found, dict) else None
    entity = inner.get("entity") if isinstance(inner, dict) else None
    return entity if isinstance(entity, dict) else None


def no_entries(data: dict[str, object]) -> object:
    """A gazette that says there is nothing."""
    data.pop("entry", None)
    return data.update({"f:total": "0"}) if "f:total" in data else None


def a_page_short(data: dict[str, object]) -> object:
    """The stated total is not met."""
    return data.update({"f:total": "35"}) if "f:total" in data else None


# --------------------------------------------------------------------------- feeds that shuffle, move and mumble


def rewritten(edit: Callable[[bytes], bytes], charset: str | None = None) -> Weather:
    """A feed whose bytes are others, while it says the same."""

    async def weather(request: web.Request, answer: web.Response) -> web.StreamResponse:
        if not _body(answer):
            return answer
        headers = {"Content-Type": answer.content_type + (f"; charset={charset}" if charset else "")}
        return web.Response(body=edit(_body(answer)), headers=headers)

    return weather


def reordered(body: bytes) -> bytes:
    head, *items = body.split(b"<item>")
    last, tail = items[-1].split(b"</item>", 1)
    whole = [*items[:-1], last + b"</item>"]
    return head + b"".join(b"<item>" + one for one in reversed(whole)) + tail


def moved(body: bytes) -> bytes:
    """The site has moved: every guid and link is another, and has a tracking parameter."""
    return (
        body.replace(b"https://news.example", b"https://www.news.example/en")
        .replace(b"</guid>", b"-moved</guid>")
        .replace(b"</link><guid", b"?utm_source=rss</link><guid")
    )


def undated(body: bytes) -> bytes:
    return re.sub(rb"<pubDate>.*?</pubDate>", b"<pubDate>31 Foo 1970</pubDate>", body)


def mislabelled(body: bytes) -> bytes:
    """Latin-1 that calls itself UTF-8, with a mark in front."""
    return b"\xef\xbb\xbf" + body.replace("é".encode(), "é".encode("latin-1"))
