"""Ten thousand customers with five watches each: how long a start takes, what it weighs, and what idling costs."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from stdnum.iso7064 import mod_97_10

from tests.house import PROGRAM

_FIRST = "Aber Nord Vex Kalo Trin Sulo Mara Quil Zent Oril Brim Delt Fyra Gant Hexa Ison Jura Kest Lumo Mirn".split()
_TRADE = "Foods Steel Trading Components Textile Marine Tools Plastics Lighting Ceramics".split()
SOURCES = ("gleif", "gb_companies_house", "gdelt", "page", "feed")  # one watch of each for every customer


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured; seconds, mebibytes, and the share of one processor that an idle daemon takes."""

    watches: int
    first_ready: float
    restart: float
    memory: float
    idle: float
    stop: float


def measure(customers: int, *, idle_for: float = 20.0) -> Load:
    """Start a daemon on a new store, stop it, start it again with nothing due, and watch it do nothing."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "watchlist.yaml").write_text(_watchlist(customers))
        (home / "counterwatch.yaml").write_text(_SETTINGS)
        with _daemon(home) as (first, _):
            pass
        watches = _let_rest(home / "state" / "counterwatch.db")
        with _daemon(home) as (restart, process):
            time.sleep(3)
            before = _cpu(process.pid)
            time.sleep(idle_for)
            idle, memory = (_cpu(process.pid) - before) / idle_for, _pss(process.pid)
            began = time.monotonic()
            process.terminate()
            process.wait(30)
            return Load(watches, first, restart, memory, idle, time.monotonic() - began)


# Nobody answers at this port, and nothing is asked in the seconds that are measured.
_SETTINGS = (
    "waits: {opening: 1d}\nhttp: {concurrency: 1}\nsources:\n"
    + "".join(
        f"  {name}: {{every: 30d, enabled: true, base_url: 'http://127.0.0.1:9', allow_private: true}}\n"
        for name in SOURCES
    )
    + "  gb_gazette: {enabled: false}\n"
)


def _watchlist(customers: int) -> str:
    rows = ["version: 1", "customers:"]
    for i in range(customers):
        base = f"2138BIGCOMP{i:07d}"
        ids = f"{{lei: {base}{mod_97_10.calc_check_digits(base)}, gb_company: '{i + 1000000:08d}'}}"
        name = (
            f"{_FIRST[i % 20]}{_FIRST[i // 20 % 20].lower()} {_TRADE[i // 400 % 10]} {i // 4000}{chr(65 + i % 26)} Ltd"
        )
        watch = f"{{feeds: ['https://news{i}.example/rss'], pages: [{{url: 'https://www{i}.example/'}}]}}"
        rows.append(
            f"  - {{name: {name}, id: c{i}, country: GB, ids: {ids}, terms: OA60, "
            f"exposure: {{open: {i}, currency: EUR}}, watch: {watch}}}"
        )
    return "\n".join(rows) + "\n"


@contextmanager
def _daemon(home: Path) -> Iterator[tuple[float, subprocess.Popen[str]]]:
    """Start the daemon; yield the seconds until it was ready, and its process."""
    own = {"STATE_DIRECTORY": str(home / "state"), "CONFIGURATION_DIRECTORY": str(home)}
    key = {"COUNTERWATCH_GB_COMPANIES_HOUSE_KEY": "not-a-key"}
    began = time.monotonic()
    process = subprocess.Popen(
        [*PROGRAM, "run"],
        env={**os.environ, **own, **key},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "daemon.ready" in line:
                break
        else:
            raise SystemExit("the daemon never was ready")
        yield time.monotonic() - began, process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _let_rest(database: Path) -> int:
    """Make nothing due for a month, so that idling is idling; return the number of watches."""
    with closing(sqlite3.connect(database)) as conn, conn:
        conn.execute(
            "UPDATE watch SET due_at = due_at + 30 * 86400, lease_until = NULL, "
            "outcome = 'same', last_look_at = due_at, last_good_at = due_at, baseline_at = due_at"
        )
        return int(conn.execute("SELECT count(*) FROM watch WHERE active").fetchone()[0])


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _pss(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024
