"""What every part of the bench stands on: the origin's process, children with a clean interpreter, and rows of results."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.bench.corpus import path

CONTENT = {"F": "feeds", "J": "JSON records", "H": "pages"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `ratio` is ours by the floor's, where there is a floor."""

    part: str
    floor: float | None
    ours: float | None
    ratio: float | None
    unit: str
    asked: str = ""  # the target it is held against
    note: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """Return the row as the table shows it."""
        cells = [_cell(self.floor), _cell(self.ours), "" if self.ratio is None else f"{self.ratio:.2f}"]
        tail = "  ".join(part for part in (self.asked and f"(asked {self.asked})", self.note) if part)
        return f"{self.part:34} {cells[0]:>9} {cells[1]:>9} {cells[2]:>6}  {self.unit:22} {tail}".rstrip()

    def json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (None, "", {})}


HEAD = f"{'part':34} {'floor':>9} {'ours':>9} {'ratio':>6}  unit"


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def host_of(number: int) -> str:
    """Return the loopback address of the n-th origin: strangers do not share a server."""
    return f"127.0.{number // 250}.{number % 250 + 1}"


def urls(kind: str, count: int, port: int) -> list[str]:
    return [f"http://{host_of(i)}:{port}{path(kind, i)}" for i in range(count)]


class Origin:
    """The sources' servers in one process, on a port that nobody else uses."""

    def __init__(self, kind: str, count: int, **options: object) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        number = {"F": "--feeds", "J": "--json", "H": "--pages"}[kind]
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        self._command = [
            *(sys.executable, "-m", "tests.bench.origin", "--port", str(self.port), number, str(count)),
            *("--hosts", str(count), "--rate", "1.0", *words),
        ]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        if not self._process.stdout.readline().startswith("ready"):
            raise SystemExit("the bench's origin did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.communicate()


async def control(port: int, what: str) -> Any:
    """Give the origin an order, such as `tick`; return its answer."""
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/_/{what}") as answer:
        return await answer.json()


def child(part: str, **words: object) -> Any:
    """Run one side in a process of its own, so that nothing of the other is in its memory or its CPU time."""
    command = [sys.executable, "-m", "tests.bench.side", part, json.dumps(words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{part} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])
