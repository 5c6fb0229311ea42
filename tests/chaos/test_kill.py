"""Killed at any instant, the daemon loses nothing it saw and says nothing twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.edge.store import Store, read
from monitor.model import Severity
from tests.house import House, ended, house, lei, notice, watchlist

KILLS = int(os.environ.get("COUNTERWATCH_KILLS", "100"))
CHANNELS = 20


@pytest.mark.slow
def test_a_daemon_killed_at_random_instants_loses_no_event_and_sends_nothing_twice(
    tmp_path: Path, store_url: str
) -> None:
    numbers = range(2 * KILLS)
    names = [f"C{n:03d}=chan{n}" for n in range(CHANNELS)] + ["C0ALERTS=customer-watch", "C0OPS=counterwatch-ops"]
    # One message in five loses its reply, before or after Slack kept it: the daemon must look, not guess.
    with house(tmp_path, numbers, store=store_url, channels=names, real=True) as h:
        h.configure(watchlist(numbers, channel='"#chan{n}"').replace("#chan", "#chan"), more="")
        text = (tmp_path / "watchlist.yaml").read_text()
        for n in numbers:
            text = text.replace(f'"#chan{n}"', f'"#chan{n % CHANNELS}"')
        (tmp_path / "watchlist.yaml").write_text(text)
        h.slack.fault("reset", p=0.1, times=None, accept=True)
        h.slack.fault("drop", p=0.1, times=None)

        planted = _live_through(h)
        h.slack.clear_faults()
        _come_to_rest(h, planted)

        store = Store.open(_url(h), state=tmp_path / "state")
        with store:
            events = store.read_now(lambda conn: read.events(conn, severity=Severity.HIGH))
            waiting = store.read_now(lambda conn: read.alerts(conn, state="pending"))
        held = Counter((s.event.type, s.event.customer) for s in events if s.event.customer)
        sent = Counter(m["metadata"]["event_payload"]["alert_id"] for m in h.messages())
        twice = [alert for alert, count in sent.items() if count > 1]
        lost = [one for one in planted if held[one] != 1]
        told = [one for one in planted if not h.messages(_says(one))]
        print(f"\n{KILLS} kills, {len(planted)} planted, {len(sent)} messages: {len(lost)} events lost, "
              f"{len(told)} not told, {len(twice)} messages twice, {len(waiting)} waiting")  # fmt: skip
        assert (lost, told, twice, waiting) == ([], [], [], [])


def _live_through(h: House) -> list[tuple[str, str]]:
    """Change the world, kill the daemon, start it again; return what was planted as (type, customer)."""
    rng = random.Random(7)
    planted: list[tuple[str, str]] = []
    process = h.start("--log", "error")
    h.wait(lambda: h.messages("Now watching"), seconds=90)  # the baseline
    for kill in range(KILLS):
        if kill % 2:
            h.world.change(lei(kill), status="INACTIVE", events=(("DISSOLUTION", datetime.now(UTC).date()),))
            planted.append(("reg.dissolved", f"c{kill}"))
        else:
            h.world.notices.append(
                notice(7000000 + kill, "2452", "Winding-Up Orders", kill, datetime.now(UTC), f"No CR-2026-{kill:06d}")
            )
            h.world.today = datetime.now(UTC)
            planted.append(("ins.proceeding_opened", f"c{kill}"))
        time.sleep(rng.uniform(0.05, 2.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = h.start("--log", "error")
    asked = h.world.seen
    h.wait(lambda: h.world.seen > asked, seconds=30)  # up and at work: asked in order, it leaves in order
    code, log = ended(process, within=20)
    assert code == 0, log
    return planted


def _come_to_rest(h: House, planted: list[tuple[str, str]]) -> None:
    process = h.start("--log", "error")
    try:
        h.wait(lambda: all(h.messages(_says(one)) for one in planted), seconds=120)
        time.sleep(4)  # anything said twice would come now
    finally:
        ended(process, within=20)


def _says(planted: tuple[str, str]) -> str:
    return f"Tested Company {int(planted[1][1:]):03d} Ltd (UK)"


def _url(h: House) -> str:
    return (
        h.store
        if not h.store.startswith("sqlite:///")
        else f"sqlite:///{h.home / 'state' / h.store.removeprefix('sqlite:///')}"
    )
