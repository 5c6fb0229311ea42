"""/healthz and /metrics, at the one place that `listen:` names. Whoever asks learns figures, never a name or a secret."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import structlog
from aiohttp import web

from monitor import __version__
from monitor.app import metrics, speech
from monitor.app.desk import Desk
from monitor.app.metrics import Latency, Meter, Stored
from monitor.app.pulse import Pulse
from monitor.app.show import rfc3339
from monitor.edge.store import StoreError, commit, read
from monitor.edge.store.figures import figures
from monitor.judge import route
from monitor.model import Alert, Severity

if TYPE_CHECKING:
    from monitor.app.daemon import Daemon

log = structlog.get_logger()

AGAIN = 30.0  # seconds until a place that was taken is tried again
FRESH = 10.0  # seconds an answer of the store serves for
READING = 5.0
PATHS = ("/healthz", "/metrics")


class Served:
    """The companion that answers. Hand `run` to the daemon. `place`: host:port, unix:/path or off."""

    def __init__(self, pulse: Pulse, place: str, *, again: float = AGAIN) -> None:
        self._pulse, self._place, self._again = pulse, place, again
        self._latency = Latency()
        self.patience = READING  # seconds the store may take for an answer
        self._told = False  # that the place cannot be had
        self._stored: Stored | None = None
        self._reading = asyncio.Lock()
        self.address: str | None = None  # where it listens; a port 0 has become a real one

    async def run(self, daemon: Daemon) -> None:
        """Answer until cancelled; a place that cannot be had is said once and tried again."""
        if self._place == "off":
            return
        clock = daemon.desk.clock
        daemon.deliverer.arrived = lambda alert: self._latency.note(alert, clock.now())
        while (runner := await self._open(daemon)) is None:
            await clock.sleep(self._again)
        try:
            await asyncio.Event().wait()
        finally:
            self.address = None
            await runner.cleanup()
            if self._place.startswith("unix:"):
                with contextlib.suppress(OSError):
                    Path(self._place.removeprefix("unix:")).unlink()

    async def _open(self, daemon: Daemon) -> web.ServerRunner | None:
        meter = Meter(daemon, self._latency)

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return await self._answer(request, daemon, meter)

        runner = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=1.0)
        await runner.setup()
        try:
            site = _site(runner, self._place)
            await site.start()
        except OSError as error:
            await runner.cleanup()
            await self._tell(daemon.desk, error.strerror or type(error).__name__)
            return None
        self.address = site.name
        log.info("listening", place=self._place)
        return runner

    async def _tell(self, desk: Desk, reason: str) -> None:
        if self._told:
            return
        self._told = True
        log.warning("listen.refused", place=self._place, reason=reason)
        alert = _notice(desk, self._place, reason)
        await desk.store.write(lambda conn: commit.add_alerts(conn, [alert], desk.clock.now()))
        desk.committed()

    # ------------------------------------------------------------------ answers

    async def _answer(self, request: web.BaseRequest, daemon: Daemon, meter: Meter) -> web.Response:
        if request.path not in PATHS:
            return web.Response(status=404, text="there is /healthz and /metrics\n")
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD"}, text="only GET and HEAD\n")
        ill = self._pulse.ill(daemon, speech.voice())
        if request.path == "/healthz":
            return _answered(200 if ill is None else 503, health(daemon, self._pulse, ill), "application/json")
        text = meter.text(well=ill is None, stored=await self._read(daemon))
        return _answered(200, text, metrics.CONTENT_TYPE)

    async def _read(self, daemon: Daemon) -> Stored | None:
        """Return what the store says; None if it cannot be read now."""
        now = daemon.desk.clock.now()
        async with self._reading:
            if self._stored is not None and abs((now - self._stored.now).total_seconds()) < FRESH:
                return self._stored
            try:
                async with asyncio.timeout(self.patience):
                    self._stored = await daemon.desk.store.read(
                        lambda conn: Stored(figures(conn, now), read.source_states(conn), now)
                    )
            except (StoreError, TimeoutError):
                self._stored = None
            return self._stored


def health(daemon: Daemon, pulse: Pulse, ill: str | None) -> bytes:
    """Return the body of /healthz, in English: whether the daemon does its work, why not, and how much there is."""
    found = pulse.figures
    body = {
        "ok": ill is None,
        "reason": ill,
        "version": __version__,
        "customers": len(daemon.desk.customers),
        "watches": daemon.desk.assignments.size,
        "due": found and found.due,
        "running": daemon.engine.running,
        "last_look": rfc3339(daemon.engine.looked_at),
        "sources_in_trouble": found and found.troubled,
        "alerts_waiting": found and found.waiting,
        "sender": daemon.deliverer.sender_trouble or "ok",
    }
    return orjson.dumps(body) + b"\n"


def _answered(status: int, body: bytes, kind: str) -> web.Response:
    return web.Response(status=status, body=body, headers={"Content-Type": kind, "Cache-Control": "no-store"})


def _site(runner: web.ServerRunner, place: str) -> web.BaseSite:
    if place.startswith("unix:"):
        return web.UnixSite(runner, place.removeprefix("unix:"))
    host, _, port = place.rpartition(":")
    return web.TCPSite(runner, host.strip("[]"), int(port))


def _notice(desk: Desk, place: str, reason: str) -> Alert:
    """Return the line to the operators: one a day, however often the daemon is started."""
    now, channel = desk.clock.now(), desk.policy.ops_channel
    key = f"sys.not_listening|{hashlib.sha256(place.encode()).hexdigest()[:8]}|{now:%Y-%m-%d}|{channel}"
    return Alert(
        id=route.alert_id(key),
        key=key,
        kind="ops",
        channel=channel,
        severity=Severity.MEDIUM,
        created_at=now,
        not_before=now,
        facts={"code": "not_listening", "place": place, "cause": reason},
    )
