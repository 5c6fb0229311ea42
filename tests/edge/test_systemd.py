"""systemd's notify protocol: what is sent, to which kind of socket, and that a manager that is gone harms nobody."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.edge import systemd
from monitor.edge.systemd import Manager


@pytest.fixture(params=["path", "abstract"])
def heard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """Return the socket of a manager, as NOTIFY_SOCKET names it, and its ear."""
    name = str(tmp_path / "n") if request.param == "path" else f"@counterwatch-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        ear.settimeout(5)
        yield name, ear


def test_words_arrive_as_one_datagram_of_lines(heard: tuple[str, socket.socket]) -> None:
    name, ear = heard

    took = Manager.find({"NOTIFY_SOCKET": name}).say(READY=1, STATUS="监控中 · 3 customers")

    assert took
    assert ear.recv(4096).decode() == "READY=1\nSTATUS=监控中 · 3 customers"


@given(st.text(max_size=60))
def test_no_text_adds_a_line_of_its_own(text: str) -> None:
    assert len(systemd._line(text).splitlines()) <= 1
    assert systemd._line("fine\nREADY=1") == "fine READY=1"


def test_a_manager_that_is_gone_or_does_not_read_is_not_waited_for(tmp_path: Path) -> None:
    gone, full = Manager(str(tmp_path / "gone")), Manager(str(tmp_path / "full"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(full.address)
        while full.say(STATUS="x" * 1000):
            pass

        assert not full.say(WATCHDOG=1)
        assert not gone.say(WATCHDOG=1)
        assert not Manager("/" + "n" * 200).say(WATCHDOG=1)


@pytest.mark.parametrize("name", ["", "relative", "vsock:2:1234"])
def test_without_a_socket_of_ours_nothing_is_said(name: str) -> None:
    manager = Manager.find({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "30000000"})

    assert (manager.listens, manager.watchdog, manager.say(READY=1)) == (False, None, False)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"WATCHDOG_USEC": "120000000"}, 120.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "77"}, 120.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "78"}, None),  # meant for our parent
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_ours_only_if_it_is_meant_for_us(said: dict[str, str], seconds: float | None) -> None:
    assert Manager.find({"NOTIFY_SOCKET": "/run/n", **said}, 77).watchdog == seconds


def test_the_moment_of_a_reload_is_counted_as_systemd_counts() -> None:
    before = time.monotonic_ns() // 1000

    assert before <= systemd.moment() <= time.monotonic_ns() // 1000
