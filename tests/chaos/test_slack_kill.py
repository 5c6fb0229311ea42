"""Killed at random moments while Slack loses its answers: nothing lost, nothing twice (P01, S01 to S07)."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from monitor.edge.store import Store, read
from tests.delivery import Fake

KILLS = int(os.environ.get("COUNTERWATCH_KILLS", "60"))
SEED = os.environ.get("COUNTERWATCH_SEED", "7")
ROOT = Path(__file__).parents[2]
LOSSES = (
    {"do": "reset", "accept": True, "p": 0.08},
    {"do": "reset", "accept": False, "p": 0.08},
    {"do": "drop", "accept": True, "p": 0.05},
    {"do": "http", "status": 503, "accept": True, "p": 0.05},
    {"do": "http", "status": 503, "accept": False, "p": 0.05},
    {"do": "garbage", "accept": True, "p": 0.04},
    {"do": "truncate", "p": 0.04},
    {"do": "late", "seconds": 0.2, "p": 0.05},
    {"do": "hang", "accept": True, "seconds": 2, "p": 0.02},
)


@pytest.mark.slow
async def test_killed_daemons_send_each_alert_once(tmp_path: Path) -> None:
    database = tmp_path / "counterwatch.db"
    with Fake(rate=0, tiers=False, history_lag=0.15, log=str(tmp_path / "slack.jsonl"), seed=int(SEED)) as fake:
        for loss in LOSSES:
            fake.fault(**loss, times=None)
        fake.fault("http", "conversations.history", status=503, p=0.1, times=None)

        script = [
            sys.executable,
            "-m",
            "tests.chaos.slack_lives",
            str(database),
            fake.base_url,
            fake.bot_token,
            str(KILLS),
            "7",
        ]
        with (tmp_path / "lives.log").open("wb") as said:
            lives = await asyncio.create_subprocess_exec(*script, cwd=ROOT, stdout=said, stderr=said)
            ended = await lives.wait()
        messages = [entry["metadata"]["event_payload"]["alert_id"] for entry in fake.log("message")]
        lost_answers = sum(1 for entry in fake.log() if entry.get("fault"))

    with Store.open(f"sqlite:///{database}") as store:
        alerts = store.read_now(read.alerts)
    came = Counter(messages)
    for digest in (one for one in alerts if one.kind == "digest"):
        came.update(dict.fromkeys(digest.facts["members"], came.pop(digest.id, 0)))
    wanted = {one.id for one in alerts if one.kind != "digest"}
    print(f"\nkills {KILLS}, alerts {len(wanted)}, messages {len(messages)}, answers lost {lost_answers}")

    assert ended == 0
    assert {one.state for one in alerts} == {"sent"}
    assert len(wanted) > KILLS
    assert lost_answers > KILLS / 4
    assert [id for id in wanted if came[id] == 0] == []
    assert [id for id, times in came.items() if times > 1] == []
