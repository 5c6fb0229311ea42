"""P25: backups taken during heavy writing. Each is whole, and no commit waits a second for one."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from monitor.edge.store import Store, backup, schema
from tests.delivery import alert, put

LARGE, TIMES = 25_000, 4


@pytest.mark.slow
def test_no_commit_waits_a_second_for_a_backup_of_a_large_store(tmp_path: Path) -> None:
    stop, waits = threading.Event(), list[float]()
    with Store.open(f"sqlite:///{tmp_path}/counterwatch.db") as store:
        for start in range(0, LARGE, 1000):
            put(store, *(alert(f"{start}-{n}", facts={"text": "x" * 8000}) for n in range(1000)))

        def write() -> None:
            number = 0
            while not stop.is_set():
                began = time.monotonic()
                put(store, *(alert(f"new-{number}-{n}", facts={"text": "y" * 500}) for n in range(20)))
                waits.append(time.monotonic() - began)
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(TIMES):
                backup.copy(tmp_path / "counterwatch.db", tmp_path / f"{number}.db")
        finally:
            stop.set()
            writer.join()
    size = (tmp_path / "counterwatch.db").stat().st_size
    print(f"\n{size / 1e6:.0f} MB, {TIMES} backups, {len(waits)} commits meanwhile, the longest {max(waits):.3f} s")

    assert len(waits) > 50
    assert max(waits) < 1.0
    for number in range(TIMES):
        copy = tmp_path / f"{number}.db"
        assert schema.examine(copy, copy).revision == schema.HEAD
        with closing(sqlite3.connect(copy)) as file:
            assert file.execute("SELECT count(*) FROM alert").fetchone()[0] % 20 == 0
