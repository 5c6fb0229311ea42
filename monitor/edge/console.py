"""The console: the same words on a terminal, for a daemon without a Slack token.

A terminal may stand still (a full pipe, a paused screen), so a thread of its own prints and only the
alert that is being printed waits for it.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from queue import SimpleQueue
from typing import TextIO

from rich.console import Console as Rich
from rich.text import Text

from monitor.edge.slack import Answer, AuthResult, LookFailed, No, Yes
from monitor.model import Message

# The words a headline begins with (config/text), by how loud they are.
_STYLES = (
    ("bold red", ("CRITICAL", "【紧急】")),
    ("bold yellow", ("HIGH", "【重要】")),
    ("bold cyan", ("MEDIUM", "【关注】")),
    ("bold blue", ("NOTICE", "【提示】")),
)
_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, marks of direction, halves of characters


def words(message: Message) -> str:
    """Return a message's text as a terminal shows it: Slack's escapes undone, nothing left that steers a terminal."""
    text = message.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    spaced = text.replace("\t", " ")
    return "".join(char for char in spaced if char == "\n" or unicodedata.category(char) not in _STEERING)


class Console:
    """Prints alerts to a stream. Colours and wrapping only on a terminal; wide characters count as two."""

    name = "console"
    looks = False
    threads = False
    deadline = 0.0

    def __init__(self, stream: TextIO | None = None, *, width: int | None = None) -> None:
        self._rich = Rich(file=stream or sys.stdout, width=width, highlight=False, markup=False, emoji=False)
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def post(
        self,
        channel_id: str,
        message: Message,
        *,
        alert_id: str,
        attempt: int,
        thread_ts: str | None = None,
        members: Sequence[str] = (),
    ) -> Answer:
        """Print a message and return when it is out. No("later") if nobody reads the stream any more."""
        loop = asyncio.get_running_loop()
        printed: asyncio.Future[OSError | ValueError | None] = loop.create_future()

        def job() -> None:
            outcome: OSError | ValueError | None = None
            try:
                self._print(message)
            except (OSError, ValueError) as error:  # ValueError: the stream is closed
                outcome = error
            try:
                loop.call_soon_threadsafe(_settle, printed, outcome)
            except RuntimeError:
                return  # the loop has ended: nobody waits

        self._begin()
        self._queue.put(job)
        error = await printed
        return Yes(self.name, "") if error is None else No("later", "console_closed")

    def _print(self, message: Message) -> None:
        encoding = getattr(self._rich.file, "encoding", None) or "utf-8"
        told = words(message).encode(encoding, "replace").decode(encoding)
        first, _, rest = told.partition("\n")
        line = Text(first)
        for style, marks in _STYLES:
            for mark in marks:
                if first.startswith(mark):
                    line.stylize(style, 0, len(mark))
        if rest:
            line.append("\n" + rest)
        line.append("\n")
        # A pipe gets each line whole, so that it can be searched; a terminal folds even text without spaces.
        piped = not self._rich.is_terminal
        self._rich.print(line, overflow="ignore" if piped else "fold", soft_wrap=piped)
        self._rich.file.flush()

    def _begin(self) -> None:
        if self._thread is None:
            # A daemon thread: a terminal that stands still must not keep the program from ending.
            self._thread = threading.Thread(target=self._work, name="console", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            job()

    async def close(self) -> None:
        """Let the thread end after what it is printing."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread = None

    async def update(self, channel_id: str, ts: str, message: Message) -> Answer:
        return No("gone", "console")

    async def look(self, channel_id: str, since: datetime, thread_ts: str | None = None) -> dict[str, str]:
        raise LookFailed("console")

    async def channel_id(self, name: str) -> str | No:
        return name

    async def route(self, channel_id: str) -> str | None:
        return None

    async def user(self, mail: str) -> str | None:
        return None

    async def auth(self) -> AuthResult:
        return AuthResult(True)


def _settle(printed: asyncio.Future[OSError | ValueError | None], outcome: OSError | ValueError | None) -> None:
    if not printed.done():  # who waited may have been cancelled
        printed.set_result(outcome)
