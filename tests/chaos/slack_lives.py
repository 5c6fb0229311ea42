"""Lives of a delivering daemon, each ended by SIGKILL at a random moment: `slack_lives.py DB BASE_URL TOKEN KILLS SEED`.

Each life is a fork, so that it starts as fast as it dies. It commits new alerts while it delivers. After the last
kill one more life runs until nothing waits.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from typing import Any

from monitor.app.deliver import Deliverer, Waits
from monitor.clock import SystemClock
from monitor.edge.settings import Secret
from monitor.edge.slack import Slack
from monitor.edge.store import Store, commit, outbox
from monitor.model import Severity
from tests.delivery import OPS, alert, incident, words

WAITS = Waits(
    settle=0.45, pace=0.01, edit=0.02, backoff=0.02, backoff_cap=0.1, retry_cap=0.2, look_again=0.05, sender_probe=0.3,
    route_probe=0.5, digest_over=20, idle=0.1,
)  # fmt: skip
DEADLINE = 0.5


async def notice(code: str, facts: Any) -> None:
    pass


async def live(database: str, base_url: str, token: str, life: int, until_empty: bool) -> None:
    store = Store.open(f"sqlite:///{database}")
    door = Slack(Secret(token), base_url=base_url, deadline=DEADLINE)
    deliverer = Deliverer(store, door, words, SystemClock(), notice=notice, waits=WAITS)
    task = asyncio.create_task(deliverer.run())
    if until_empty:
        end = time.monotonic() + 60
        while time.monotonic() < end and await store.read(outbox.queues):
            await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await door.close()
        store.close()
        return
    for batch in range(1000):
        await store.write(lambda conn, name=f"{life}.{batch}": new(conn, name))  # type: ignore[misc]
        deliverer.wake()
        await asyncio.sleep(0.1)


def new(conn: Any, name: str) -> None:
    """One story with a root, a reply and a reminder, one critical, and now and then more than a channel takes one by one."""
    about = f"in_{name}"
    rows = [
        alert(f"{name}.root", incident=about),
        alert(f"{name}.reply", kind="reply", incident=about),
        alert(f"{name}.again", kind="reminder", incident=about),
        alert(f"{name}.grave", OPS, severity=Severity.CRITICAL),
    ]
    if name.endswith(".2"):
        rows += [alert(f"{name}.many{number}", OPS) for number in range(25)]
    commit.keep_incidents(conn, [incident(about)])
    commit.add_alerts(conn, rows, rows[0].created_at)  # type: ignore[arg-type]


def main() -> int:
    database, base_url, token, kills, seed = sys.argv[1:]
    chance = random.Random(int(seed))
    for life in range(int(kills) + 1):
        last = life == int(kills)
        child = os.fork()
        if child == 0:
            asyncio.run(live(database, base_url, token, life, last))
            os._exit(0)
        if not last:
            time.sleep(chance.uniform(0.05, 0.9))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not last and not os.WIFSIGNALED(status):
            return 1  # a life ended before it was killed
    return 0


if __name__ == "__main__":
    sys.exit(main())
