"""From the answer that shows a lone critical change until Slack has it, amid unchanged polls of a real daemon."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from monitor.app.demo.world import Servers
from tests.house import ended, house, lei, watchlist

_shown: dict[str, float] = {}


class Timed(Servers):
    """GLEIF, with a note of when it first showed a company as dissolved."""

    async def _gleif(self, request: web.Request) -> web.StreamResponse:
        answer = await super()._gleif(request)
        key = request.path.rsplit("/", 1)[-1]
        known = self.world.entities.get(key)
        if known is not None and known.status == "INACTIVE":
            _shown.setdefault(key, time.time())
        return answer


def latencies(count: int) -> list[float]:
    """Return milliseconds, shortest first."""
    _shown.clear()
    channels = [f"C{i:03d}=chan{i}" for i in range(count)] + ["C0ALERTS=customer-watch", "C0OPS=counterwatch-ops"]
    with (
        tempfile.TemporaryDirectory() as home,
        house(Path(home), range(count), servers_type=Timed, real=True, channels=channels) as h,
    ):
        h.configure(watchlist(range(count), channel='"#chan{n}"'))
        process, took = h.start("--log", "error"), []
        h.wait(lambda: h.messages("Now watching"), 60)
        time.sleep(2)
        for i in range(count):
            h.world.change(lei(i), status="INACTIVE", events=(("DISSOLUTION", datetime.now(UTC).date()),))
            name = f"Tested Company {i:03d} Ltd (UK)"
            h.wait(lambda name=name: h.messages(name), 20)  # type: ignore[misc]
            took.append((h.messages(name)[0]["t"] - _shown[lei(i)]) * 1000)
            time.sleep(0.05)
        ended(process)
    return sorted(took)
