"""What systemd is told: datagrams of NAME=value lines to the socket it names in $NOTIFY_SOCKET, see sd_notify(3)."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Manager:
    """The service manager. Without a socket every word goes nowhere, and nobody waits for a watchdog."""

    address: str = ""  # of its datagram socket; a leading @ means an abstract one
    watchdog: float | None = None  # seconds within which it wants to be told that we live

    @classmethod
    def find(cls, environ: Mapping[str, str], pid: int | None = None) -> Manager:
        """Return the manager that started this process (`pid`: it), or one that is not there."""
        address = environ.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")):  # vsock: is for virtual machines, and no address is no manager
            return cls()
        return cls(address, _watchdog(environ, pid or os.getpid()))

    @property
    def listens(self) -> bool:
        return bool(self.address)

    def say(self, **words: object) -> bool:
        """Tell it something, as READY=1; return whether it took it. Never waits and never raises."""
        if not self.address:
            return False
        told = "\n".join(f"{name}={_line(value)}" for name, value in words.items()).encode()
        where = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.setblocking(False)
                out.sendto(told, where)
        except OSError as error:  # it is gone, or does not read: it hears from us again
            log.debug("systemd.deaf", reason=error.strerror or type(error).__name__)
            return False
        return True


def moment() -> int:
    """Return now as systemd counts it for MONOTONIC_USEC."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def _watchdog(environ: Mapping[str, str], pid: int) -> float | None:
    try:
        meant, microseconds = int(environ.get("WATCHDOG_PID", pid)), int(environ.get("WATCHDOG_USEC", 0))
    except ValueError:
        return None
    return microseconds / 1e6 if meant == pid and microseconds > 0 else None


def _line(value: object) -> str:
    """Foreign text cannot add a line of its own."""
    return "".join(c if c.isprintable() else " " for c in str(value))
