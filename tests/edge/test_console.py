"""The console says the same words as Slack, and nothing in them steers the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from monitor.edge.console import Console, words
from monitor.edge.slack import LookFailed, No, Yes
from monitor.model import Message

ENGLISH = "HIGH · Hartwell Components Ltd (UK): a creditor has asked the court to wind it up.\nMoney: USD 84,000 open."
CHINESE = "【重要】Hartwell Components Ltd（英国）：债权人已向法院申请将其清盘。\n金额：未收 84,000 美元（无逾期），在途 26,000；信保限额 60,000、赔付比例 90%。"


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


async def printed(text: str, stream: io.StringIO, width: int | None = None) -> str:
    console = Console(stream, width=width)
    answer = await console.post("#x", Message(text, ()), alert_id="al_1", attempt=1)
    await console.close()
    assert answer == Yes("console", "")
    return stream.getvalue()


async def test_a_pipe_gets_whole_lines_without_colour() -> None:
    for text in (CHINESE, ENGLISH + " and more of it" * 20, "长" * 300):
        assert await printed(text, io.StringIO()) == f"{text}\n\n"


async def test_a_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert "\x1b[1;33mHIGH" in await printed(ENGLISH, Terminal(), 80)


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
async def test_wide_characters_count_as_two(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")

    lines = re.sub(r"\x1b\[[0-9;]*m", "", await printed(text, Terminal(), 30)).splitlines()

    assert max(cell_len(line) for line in lines) <= 30
    assert "".join("".join(lines).split()) == "".join(text.split())


async def test_escapes_of_slack_are_undone_and_markup_is_text() -> None:
    out = await printed("A &amp; B &lt;!channel&gt; [red]not red[/red] :smile:", io.StringIO())

    assert out.startswith("A & B <!channel> [red]not red[/red] :smile:")


@settings(max_examples=60)
@given(st.text())
def test_no_text_steers_a_terminal(text: str) -> None:
    told = words(Message(text, ()))

    assert {unicodedata.category(char) for char in told.replace("\n", "")}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


async def test_an_old_encoding_shows_question_marks_rather_than_failing() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    console = Console(stream)

    assert await console.post("#x", Message("清盘 petition", ()), alert_id="al_1", attempt=1) == Yes("console", "")
    assert b"?? petition" in raw.getvalue()
    await console.close()


async def test_a_closed_stream_is_not_counted_as_told() -> None:
    stream = io.StringIO()
    stream.close()

    console = Console(stream)

    assert await console.post("#x", Message("x", ()), alert_id="al_1", attempt=1) == No("later", "console_closed")
    await console.close()


def fill(pipe: int) -> None:
    os.set_blocking(pipe, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(pipe, b" " * 65536)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(pipe, b" ")
    os.set_blocking(pipe, True)


async def test_a_full_pipe_keeps_nobody_else_waiting() -> None:
    reading, writing = os.pipe()
    fill(writing)
    stream = os.fdopen(writing, "w", encoding="utf-8")
    console = Console(stream)
    stuck = asyncio.create_task(console.post("#x", Message("x" * 10_000, ()), alert_id="al_1", attempt=1))

    await asyncio.sleep(0.1)  # the loop goes on

    assert not stuck.done()
    while not stuck.done():
        await asyncio.to_thread(os.read, reading, 65536)
    assert stuck.result() == Yes("console", "")
    await console.close()
    stream.close()
    os.close(reading)


async def test_a_console_cannot_be_asked_or_edited() -> None:
    console = Console(io.StringIO())

    with pytest.raises(LookFailed):
        await console.look("#x", since=None)  # type: ignore[arg-type]
    assert await console.update("#x", "", Message("x", ())) == No("gone", "console")
    assert await console.channel_id("#x") == "#x"
    assert (await console.auth()).ok
