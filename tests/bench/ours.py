"""counterwatch's side of the bench: the real engine, client, store and judge, over the same feeds, pass by pass."""
import json, tempfile, time
from pathlib import Path

from monitor.app import wiring
from monitor.app.engine import Engine
from monitor.edge import config as configs
from monitor.edge.settings import Keyring, Places
from monitor.edge.store import turns
from monitor.watcher import discover

CUSTOMERS = 200
# Names that do not occur in the feeds: in life a feed's items seldom speak of a customer.
_A = "Bramwick Orrell Tamsin Yarrow Quennell Ashgill Fenwold Haddon Islay Penrose".split()
_B = "Orchard Lantern Kiln Harbour Foundry Meadow Granary Causeway Saddlery Tannery".split()


def customer(i):
    return f"{_A[i % 10]} {_B[i // 10 % 10]} {chr(65 + i // 100)}{i} Ltd"


def desk_for(urls, home):
    hosts = sorted({u.split("/")[2] for u in urls})
    people = "".join(f"  - {{name: {json.dumps(customer(i))}, id: c{i}, country: GB}}\n" for i in range(CUSTOMERS))
    (home / "watchlist.yaml").write_text("version: 1\ncustomers:\n" + people)
    feed = {"urls": urls, "pace": "0", "every": "1h", "allow_private": hosts, "ports": [h.split(":")[1] for h in hosts[:1]]}
    (home / "counterwatch.yaml").write_text("sources: " + json.dumps({"feed": feed, "gb_gazette": {"enabled": "false"}}) + "\n")
    watchers = discover()
    config = configs.load(home, sources=watchers)
    return wiring.desk(Places(home, home / "state"), Keyring(), config=config)


async def passes(urls, before_each, told=None, count=7):
    """Poll all urls once per pass; returns (CPU seconds, wall seconds) of each pass after the baseline, and the outcomes."""
    home = Path(tempfile.mkdtemp())
    desk = desk_for(urls, home)
    now = desk.clock.now()
    await desk.store.write(lambda conn: wiring.settle_plan(conn, desk, now, window=0.0))
    engine = Engine(desk, concurrency=desk.config.settings.http.concurrency, told=told)
    spent = []
    for n in range(count):
        await before_each(n)
        await desk.store.write(lambda conn: turns.mark_due(conn, desk.clock.now()))
        cpu, wall = time.process_time(), time.monotonic()
        await engine.drain()
        await desk.store.flush()
        if n:
            spent.append((time.process_time() - cpu, time.monotonic() - wall))
        else:
            engine.outcomes.clear()
    outcomes = dict(engine.outcomes)
    await desk.client.close()
    desk.store.close()
    return spent, outcomes
