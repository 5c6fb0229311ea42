"""A program in a network of its own, from which one door leads out: run inside `unshare -rn`.

    python -m tests.chaos.shut_in SOCKET PORT PROGRAM…

The door is a Unix socket at which a proxy listens outside; here it is 127.0.0.1:PORT. There is no other way and no
DNS, which is made sure of before the program takes this process's place.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import subprocess
import sys

from tests.corporate import pump


async def door(path: str, port: int, parent: int) -> None:
    """Carry connections to the proxy outside, as long as the program lives."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            there, back = await asyncio.open_unix_connection(path)
            await asyncio.gather(pump(reader, back), pump(there, writer))

    async with await asyncio.start_server(carry, "127.0.0.1", port):
        while os.getppid() == parent:
            await asyncio.sleep(0.2)


def shut() -> None:
    """Raise AssertionError if there is another way out, or anybody who knows names."""
    with socket.socket() as out:
        out.settimeout(2)
        assert out.connect_ex(("192.0.2.1", 443)) in (errno.ENETUNREACH, errno.EHOSTUNREACH)
    try:
        socket.getaddrinfo("gleif.example.com", 443)
    except socket.gaierror:
        return
    raise AssertionError("a name was resolved in a network without DNS")


def main() -> None:
    path, port, *program = sys.argv[1:]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    shut()
    parent = os.getpid()
    if os.fork() == 0:
        asyncio.run(door(path, int(port), parent))
        os._exit(0)
    os.execvp(program[0], program)


if __name__ == "__main__":
    main()
