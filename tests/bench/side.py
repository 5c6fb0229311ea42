"""One side of a measurement, in a process of its own: `python -m tests.bench.side PART '{"words": …}'`; prints JSON."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop

from monitor.edge import observe
from monitor.model import Look, Turn
from tests.bench import stage

Side = Callable[..., Awaitable[Any]]


async def floor(*, kind: str, count: int, port: int, changing: bool) -> Any:
    """The bare loop. Returns [CPU, wall] seconds of each pass, the first included."""
    from tests.bench import loop

    return await loop.passes(stage.urls(kind, count, port), _changes(port, changing))


async def ours(*, kind: str, count: int, port: int, changing: bool) -> Any:
    """The program. Returns the passes, the outcomes of all but the first, and the records written after it."""
    from tests.bench import ours as program

    found = await program.passes(kind, stage.urls(kind, count, port), _changes(port, changing))
    return {"spent": found.spent, "outcomes": found.outcomes, "written": found.written}


def _changes(port: int, changing: bool) -> Callable[[int], Awaitable[None]]:
    async def before(number: int) -> None:
        if changing and number:
            await stage.control(port, "tick")

    return before


async def hanging(*, count: int, port: int, slow: int, rounds: int = 4) -> Any:
    """Return (median, last) of the seconds after which healthy feeds were answered, for each round.

    The healthy are the same four fifths whether the others hang or not. A round ends when they are through; the
    first one learns who hangs.
    """
    from monitor.app import wiring
    from monitor.app.engine import Engine
    from monitor.edge.store import turns
    from tests.bench import ours as program

    urls = stage.urls("F", count, port)
    healthy, done, start = set(urls[count // 5 :]), list[float](), 0.0

    def told(turn: Turn, look: Look | None) -> None:
        if turn.url in healthy:
            done.append(time.monotonic() - start)

    with tempfile.TemporaryDirectory() as home:
        desk = program.desk_for("F", urls, Path(home))
        now, found = desk.clock.now(), []
        await desk.store.write(lambda conn: wiring.settle_plan(conn, desk, now, window=0.0))
        engine = Engine(desk, concurrency=desk.config.settings.http.concurrency, told=told)
        work = asyncio.create_task(engine.run())
        for _ in range(rounds):
            done.clear()
            start = time.monotonic()
            await desk.store.write(lambda conn: turns.mark_due(conn, desk.clock.now()))
            while len(done) < len(healthy) and time.monotonic() - start < 60:
                engine.wake()  # as the daemon's tick does
                await asyncio.sleep(0.05)
            found.append((statistics.median(done), max(done)))
        await engine.stop(0.1)
        work.cancel()
        await desk.client.close()
        desk.store.close()
    return found


def main() -> None:
    observe.configure(level="error", pretty=False)
    parts: dict[str, Side] = {"floor": floor, "ours": ours, "hanging": hanging}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(parts[sys.argv[1]](**json.loads(sys.argv[2])))  # type: ignore[arg-type]
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
