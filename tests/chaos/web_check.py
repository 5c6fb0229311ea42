"""A check of a customer's web site that needs a direct look, as a watcher would take it; prints its outcome and reason."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from monitor.app import poll, wiring
from monitor.clock import SystemClock
from monitor.edge.settings import Places
from monitor.watcher import Ask, Findings
from tests.house import Source


async def certificate(ask: Ask) -> Findings:
    """Ask for the page only where the certificate would be the site's own."""
    ask.must_be_direct("the certificate of www.example.com")
    await ask.get("https://www.example.com/")
    return Findings()


async def look(places: Places) -> poll.Seen:
    config, keyring, watchers = wiring.opened(places, os.environ)
    clock = SystemClock()
    client = wiring.client(config, watchers, keyring, places, clock)
    watcher = replace(Source("web_certificate").watcher, poll=certificate)
    ask = Ask("web_certificate", clock.now(), client.visit("web_certificate", {}), direct=client.direct)
    try:
        return await poll.look(ask, watcher)
    finally:
        await client.close()


if __name__ == "__main__":
    seen = asyncio.run(look(Places.find(os.environ, Path(sys.argv[1]))))
    print(f"{seen.outcome}: {seen.reason}")
