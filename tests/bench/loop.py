"""The denominator: fetch, hash, parse what is new, store. The loop of floor_poller.py, run pass by pass in one process."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from tests.bench import floor_poller as floor

AT_ONCE = 32


async def passes(
    urls: list[str], before_each: Callable[[int], Awaitable[None]], count: int = 7
) -> list[tuple[float, float]]:
    """Poll all urls once per pass; `before_each(n)` prepares the origin. Return CPU and wall seconds of each pass."""
    with tempfile.TemporaryDirectory() as work:
        return await _passes(urls, before_each, count, Path(work))


async def _passes(
    urls: list[str], before_each: Callable[[int], Awaitable[None]], count: int, work: Path
) -> list[tuple[float, float]]:
    store, spent, out = floor.Store(str(work / "floor.db")), [], []
    store.db.executemany("INSERT INTO watch(path,due) VALUES(?,0)", [(url,) for url in urls])
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:
        for number in range(count):
            await before_each(number)
            cpu, wall = time.process_time(), time.monotonic()
            rows = enumerate(store.db.execute("SELECT id,path,etag,hash,state FROM watch").fetchall(), start=1)

            async def work_off(rows=rows) -> None:  # type: ignore[no-untyped-def]
                for place, (id_, url, etag, digest, state) in rows:
                    async with session.get(url, headers={"If-None-Match": etag} if etag else None) as answer:
                        body = await answer.read()
                        known = (id_, "/" + url.split("/", 3)[3], etag, digest, state)
                        floor.handle(store, known, answer.status, answer.headers.get("ETag"), body, out)
                    if place % 200 == 0:  # a transaction for each two hundred polls, as the loop we are measured by
                        store.flush()

            await asyncio.gather(*[work_off() for _ in range(AT_ONCE)])
            store.flush()
            spent.append((time.process_time() - cpu, time.monotonic() - wall))
    return spent
