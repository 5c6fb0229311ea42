"""counterwatch's side of the bench: the real engine, client, store and judge over the same sources, pass by pass."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from monitor.app import wiring
from monitor.app.desk import Desk
from monitor.app.engine import Engine
from monitor.edge import config as configs
from monitor.edge.settings import Keyring, Places
from monitor.edge.store import tables, turns
from monitor.watcher import discover

CUSTOMERS = 200
SOURCE = {"F": "feed", "J": "page", "H": "page"}
# Names that do not occur in the feeds: in life a feed's items seldom speak of a customer.
_FIRST = "Bramwick Orrell Tamsin Yarrow Quennell Ashgill Fenwold Haddon Islay Penrose".split()
_SECOND = "Orchard Lantern Kiln Harbour Foundry Meadow Granary Causeway Saddlery Tannery".split()


def customer(number: int) -> str:
    return f"{_FIRST[number % 10]} {_SECOND[number // 10 % 10]} {chr(65 + number // 100)}{number} Ltd"


def desk_for(kind: str, urls: list[str], home: Path) -> Desk:
    """Return a desk that watches these addresses for everyone, and nothing else."""
    hosts = sorted({url.split("/")[2] for url in urls})
    rows = [f"  - {{name: {json.dumps(customer(i))}, id: c{i}, country: GB}}\n" for i in range(CUSTOMERS)]
    (home / "watchlist.yaml").write_text("version: 1\ncustomers:\n" + "".join(rows))
    block = {"urls": urls, "pace": "0", "every": "1h", "allow_private": hosts, "ports": [hosts[0].split(":")[1]]}
    off = {name: {"enabled": "false"} for name in discover() if name != SOURCE[kind]}
    (home / "counterwatch.yaml").write_text("sources: " + json.dumps({SOURCE[kind]: block, **off}) + "\n")
    config = configs.load(home, sources=discover())
    return wiring.desk(Places(home, home / "state"), Keyring(), config=config)


def _records(conn: Connection) -> int:
    """Count what the snapshots hold and ever held: a false change would be a row more."""
    return int(conn.scalar(select(func.count()).select_from(tables.record)) or 0)


@dataclass(frozen=True, slots=True)
class Passes:
    """CPU and wall seconds of each pass, what the looks after the first came to, and the records they wrote."""

    spent: list[tuple[float, float]]
    outcomes: dict[str, int]
    written: int


async def passes(kind: str, urls: list[str], before_each: Callable[[int], Awaitable[None]], count: int = 7) -> Passes:
    """Poll all urls once per pass."""
    with tempfile.TemporaryDirectory() as folder:
        desk = desk_for(kind, urls, Path(folder))
        now, spent, first = desk.clock.now(), [], 0
        await desk.store.write(lambda conn: wiring.settle_plan(conn, desk, now, window=0.0))
        engine = Engine(desk, concurrency=desk.config.settings.http.concurrency)
        for number in range(count):
            await before_each(number)
            await desk.store.write(lambda conn: turns.mark_due(conn, desk.clock.now()))
            cpu, wall = time.process_time(), time.monotonic()
            await engine.drain()
            await desk.store.flush()
            spent.append((time.process_time() - cpu, time.monotonic() - wall))
            if not number:
                engine.outcomes.clear()
                first = await desk.store.read(_records)
        written = await desk.store.read(_records) - first
        await desk.client.close()
        desk.store.close()
        return Passes(spent, dict(engine.outcomes), written)
