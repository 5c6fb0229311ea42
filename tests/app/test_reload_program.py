"""The program with broken and cut files: at a start, while it runs, and for one pass."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House, ended, house, watchlist


@pytest.fixture
def h(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, range(5)) as found:
        found.configure(watchlist(range(5)), more="")
        yield found


def test_a_start_with_a_broken_file_goes_on_with_the_last_good_one_says_so_and_takes_up_the_mended_one(
    h: House,
) -> None:
    process = h.start()
    h.wait(lambda: h.messages("Now watching 5 new customers"))
    ended(process)
    h.configure("version: 1\ncustomers:\n  - nme: Nobody\n")

    process = h.start()
    h.wait(lambda: h.messages("The changed configuration was refused"))
    h.configure(watchlist(range(4)))
    process.send_signal(signal.SIGHUP)
    h.wait(lambda: h.messages("1 customer removed"))

    code, log = ended(process)
    assert code == 0
    assert "counterwatch: watchlist.yaml:3:" in log  # as `check` says it, for whoever started it by hand
    assert "watchlist.yaml:3:" in h.messages("The changed configuration was refused")[0]["text"]
    assert len(h.messages("Now watching")) == 1


def test_a_cut_list_waits_for_a_word_typed_elsewhere(h: House) -> None:
    process = h.start()
    h.wait(lambda: h.messages("Now watching 5 new customers"))
    h.configure(watchlist(range(2)))
    h.wait(lambda: h.messages("would drop 3 of 5 customers"))

    shown = h.run("held").stdout
    assert "watchlist" in shown
    assert "Tested Company 004 Ltd" in shown
    assert h.run("held", "release", "watchlist").returncode == 0
    h.wait(lambda: h.messages("3 customers removed"))

    ended(process)
    assert h.run("held").stdout.count("watchlist") == 0


def test_a_cut_list_needs_a_flag_for_one_pass_and_mistakes_end_it(h: House) -> None:
    assert h.run("run", "--once").returncode == 0
    h.configure(watchlist(range(2)))

    refused = h.run("run", "--once")
    assert refused.returncode == 2
    assert "would drop 3 of 5 customers" in refused.stderr
    assert "--accept-removals" in refused.stderr

    assert h.run("run", "--once", "--accept-removals").returncode == 0
    h.wait(lambda: h.messages("3 customers removed"))
    h.configure("customers: [")
    broken = h.run("run", "--once")
    assert broken.returncode == 2
    assert "watchlist.yaml:" in broken.stderr
