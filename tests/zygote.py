"""Starts of the program that cost no second each: a process that has imported everything forks one that runs `main`.

What runs is the same code in a process of its own, with its own environment, folder and streams; only the importing is
done once. Tests of the start itself, of terminals and of rights use a new interpreter (`tests.house.PROGRAM`).
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_PARENT_DIES = 1  # prctl(PR_SET_PDEATHSIG)


class Program:
    """A forked program, with the face of subprocess.Popen as far as tests use it."""

    def __init__(self, connection: socket.socket, pid: int, args: Sequence[str], out: IO[str], err: IO[str] | None):
        self.args, self.pid = ["counterwatch", *args], pid
        self.stdout, self.stderr = out, err
        self.returncode: int | None = None
        self._connection = connection

    def poll(self) -> int | None:
        if self.returncode is None:
            self._connection.settimeout(0)
            with suppress(BlockingIOError):
                self._ended(self._connection.recv(64))
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self._ended(self._connection.recv(64))
            except TimeoutError:
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
        assert self.returncode is not None
        return self.returncode

    def _ended(self, told: bytes) -> None:
        self.returncode = int(told) if told else -signal.SIGKILL
        self._connection.close()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read both streams to their ends and wait for the program's."""
        until = None if timeout is None else time.monotonic() + timeout
        texts: dict[str, str] = {"out": "", "err": ""}

        def read(name: str, stream: IO[str]) -> None:
            with suppress(ValueError):
                texts[name] = stream.read()

        streams = [("out", self.stdout), *([("err", self.stderr)] if self.stderr else [])]
        readers = [threading.Thread(target=read, args=one, daemon=True) for one in streams if not one[1].closed]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(None if until is None else max(0.0, until - time.monotonic()))
            if reader.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.wait(None if until is None else max(0.1, until - time.monotonic()))
        for _, stream in streams:
            stream.close()
        return texts["out"], texts["err"]


def available() -> bool:
    """Return whether this system can wait for a process among others."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


def start(words: Sequence[str], env: Mapping[str, str], *, merged: bool = True) -> Program:
    """Start the program with these words. `merged`: the error stream goes where the output goes."""
    return _zygote().start(words, env, merged=merged)


def run(words: Sequence[str], env: Mapping[str, str], timeout: float) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    program = start(words, env, merged=False)
    try:
        out, err = program.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        program.kill()
        raise
    return subprocess.CompletedProcess(program.args, program.wait(), out, err)


class _Client:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="zygote-")
        self._path = str(Path(self._folder.name) / "s")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.zygote", self._path], stdin=subprocess.PIPE, cwd=Path(__file__).parents[1]
        )
        atexit.register(self.close)
        until = time.monotonic() + 60
        while not Path(self._path).exists():
            assert time.monotonic() < until, "the zygote did not start"
            assert self._process.poll() is None, "the zygote ended"
            time.sleep(0.01)

    def start(self, words: Sequence[str], env: Mapping[str, str], *, merged: bool) -> Program:
        out_read, out_write = os.pipe()
        err_read, err_write = (-1, out_write) if merged else os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(self._path)
        request = json.dumps({"words": list(words), "env": dict(env), "cwd": str(Path.cwd())}).encode()
        socket.send_fds(connection, [len(request).to_bytes(4, "big") + request], [nothing, out_write, err_write])
        for handle in {nothing, out_write, err_write}:
            os.close(handle)
        pid = int(connection.recv(16))
        err = None if merged else os.fdopen(err_read, encoding="utf-8", errors="replace")
        return Program(connection, pid, words, os.fdopen(out_read, encoding="utf-8", errors="replace"), err)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()  # it leaves at the end of its input
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._folder.cleanup()


_client: _Client | None = None


def _zygote() -> _Client:
    global _client
    if _client is None:
        _client = _Client()
    return _client


# --------------------------------------------------------------------------- the process that forks


def _serve(path: str) -> None:
    _import_all()
    gc.collect()
    gc.freeze()
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(path + ".new")
    server.listen(16)
    Path(path + ".new").rename(path)  # who sees the name may connect
    ready = selectors.DefaultSelector()
    ready.register(server, selectors.EVENT_READ, "asked")
    ready.register(0, selectors.EVENT_READ, "over")
    while True:
        for key, _ in ready.select():
            if key.data == "over":
                return
            if key.data == "asked":
                _born(server, ready)
            else:
                pid, connection = key.data
                ready.unregister(key.fd)
                os.close(key.fd)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with suppress(OSError):
                    connection.sendall(str(code).encode())
                connection.close()


def _import_all() -> None:
    """Import what any command imports, and what libraries import late."""
    import importlib
    import pkgutil

    import monitor
    from monitor.watcher import discover

    for module in pkgutil.walk_packages(monitor.__path__, "monitor."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
    discover()
    for name in ("rich.progress", "rich.table", "alembic.command", "sqlalchemy.dialects.sqlite", "psycopg", "uvloop"):
        importlib.import_module(name)


def _born(server: socket.socket, ready: selectors.BaseSelector) -> None:
    connection, _ = server.accept()
    data, handles, _, _ = socket.recv_fds(connection, 65536, 3)
    size = int.from_bytes(data[:4], "big") + 4
    while len(data) < size:
        data += connection.recv(size - len(data))
    request = json.loads(data[4:size])
    pid = os.fork()
    if pid == 0:
        server.close()
        connection.close()
        ready.close()
        _live(request, handles)
    for handle in handles:
        os.close(handle)
    connection.sendall(str(pid).encode())
    ready.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, connection))


def _live(request: Mapping[str, Any], handles: Sequence[int]) -> None:
    """Be the program, and end as it ends."""
    ctypes.CDLL(None).prctl(_PARENT_DIES, signal.SIGKILL)
    for target, handle in enumerate(handles):
        os.dup2(handle, target)
    for handle in set(handles) - {0, 1, 2}:
        os.close(handle)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["counterwatch", *request["words"]]
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    code = 1
    try:
        from monitor.app.cli import main

        main()
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
