"""`make bench`: what counterwatch costs beside a bare poll loop on this machine. Prints ratios, judges nothing.

Each side runs in a process of its own, on the same event loop (uvloop), against an origin of its own that listens on
one loopback address a source, as strangers' servers would. The unit is CPU seconds of the whole process, the median of
all passes after the first look.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from monitor.edge import observe
from tests.bench import stage
from tests.bench.stage import CONTENT, Origin, Row

ROUNDS = 3
PARTS = ("polls", "noise", "hang", "alone", "load", "peers")


def sides(kind: str, count: int, *, changing: bool, **options: object) -> dict[str, list[Any]]:
    """Run floor and program in turns, so that a busy minute of the machine meets both; return their rounds."""
    found: dict[str, list[Any]] = {"floor": [], "ours": []}
    for _ in range(ROUNDS):
        for name, rounds in found.items():
            with Origin(kind, count, **options) as origin:
                rounds.append(stage.child(name, kind=kind, count=count, port=origin.port, changing=changing))
    return found


def polls(count: int) -> Iterator[Row]:
    """Polls per CPU second: unchanged by validator, unchanged by content, changed; and the first look of each kind."""
    for kind in CONTENT:
        asked = {"304": "0.50", "body": "", "changed": "0.30"} if kind == "F" else {}
        for case, label, options in (
            ("304", f"unchanged {CONTENT[kind]} (304)", {}),
            ("body", f"unchanged {CONTENT[kind]} (same body)", {"validators": "none"}),
            ("changed", f"changed {CONTENT[kind]}", {}),
        ):
            found = sides(kind, count, changing=case == "changed", **options)
            yield _compared(label, count, found, slice(1, None), asked.get(case, ""))
            if case == "304":
                yield _compared(f"first look at {CONTENT[kind]}", count, found, slice(0, 1), "")


def _compared(label: str, count: int, found: dict[str, list[Any]], part: slice, asked: str) -> Row:
    floor = [cpu for spent in found["floor"] for cpu, _ in spent[part]]
    ours = [cpu for one in found["ours"] for cpu, _ in one["spent"][part]]
    walls = [wall for one in found["ours"] for _, wall in one["spent"][part]]
    a, b = count / statistics.median(floor), count / statistics.median(ours)
    return Row(
        label, a, b, b / a, "polls per CPU second", asked, more={"polls per second": count / statistics.median(walls)}
    )


def noise(count: int) -> Iterator[Row]:
    """The same content in other bytes, seven times: each record more than the first look's is a false change."""
    for kind in CONTENT:
        with Origin(kind, count, noise=1, validators="none") as origin:
            found = stage.child("ours", kind=kind, count=count, port=origin.port, changing=False)
        looks = sum(found["outcomes"].values())
        changed = found["outcomes"].get("changed", 0)
        yield Row(
            f"noise in {CONTENT[kind]}",
            None,
            float(max(changed, found["written"])),
            None,
            "false changes",
            "0",
            f"in {looks} looks",
        )


def hang(count: int) -> Iterator[Row]:
    """How much later healthy sources are answered while a fifth of all hangs."""
    rows = {}
    for slow in (0, count // 5):
        with Origin("F", count, slow=slow, slow_s=30, latency=0.05) as origin:
            rows[slow] = stage.child("hanging", count=count, port=origin.port, slow=slow)
    quiet, hung = rows[0], rows[count // 5]
    for place, name in ((0, "median"), (1, "last")):
        floor, ours = (statistics.median(one[place] for one in side[1:]) for side in (quiet, hung))
        learning = hung[0][place] / quiet[0][place]
        note = f"while it learns who hangs: {learning:.2f}"
        yield Row(f"a fifth hangs, {name} healthy feed", floor, ours, ours / floor, "seconds", "1.20", note)


def alone(count: int) -> Iterator[Row]:
    from tests.bench.lone import latencies

    took = latencies(count)
    p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
    note = f"median {statistics.median(took):.0f}, most {took[-1]:.0f}, n {len(took)}"
    yield Row("a lone critical change, p99", None, p99, None, "ms, answer to Slack", "250", note)


def load(customers: int) -> Iterator[Row]:
    from tests.bench.load import measure

    found = measure(customers)
    name = f"{customers:,} customers, {found.watches:,} watches"
    yield Row(f"{name}", None, found.first_ready, None, "s until first ready", "6")
    yield Row("  restart", None, found.restart, None, "s until ready", "2")
    yield Row("  memory", None, found.memory, None, "MiB PSS", "150")
    yield Row("  idle", None, found.idle * 100, None, "% of one processor")
    yield Row("  stop", None, found.stop, None, "s", "10")


def peers(count: int) -> Iterator[Row]:
    """urlwatch over the same sources, against the floor of the same minute."""
    from tests.bench.peers import polls_per_cpu_second

    for changing in (False, True):
        theirs = polls_per_cpu_second("F", count, changing=changing)
        if theirs is None:
            print("urlwatch is not installed: type make bench on a machine that reaches a package index", flush=True)
            return
        with Origin("F", count) as origin:
            spent = stage.child("floor", kind="F", count=count, port=origin.port, changing=changing)
        floor = count / statistics.median(cpu for cpu, _ in spent[1:])
        label = f"urlwatch, {'changed' if changing else 'unchanged'} feeds"
        yield Row(label, floor, theirs, theirs / floor, "polls per CPU second")


def main() -> None:
    """Measure what was asked for; print the table as it grows, and keep it as JSON if a file is named."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--sources", type=int, default=400)
    words.add_argument("--customers", type=int, default=10_000)
    words.add_argument("--only", choices=PARTS, action="append")
    words.add_argument("--json", type=Path, help="also write the rows to this file")
    said = words.parse_args()
    observe.configure(level="error", pretty=False)
    parts: dict[str, Callable[[], Iterator[Row]]] = {
        "polls": lambda: polls(said.sources),
        "noise": lambda: noise(said.sources // 4),
        "hang": lambda: hang(said.sources),
        "alone": lambda: alone(100),
        "load": lambda: load(said.customers),
        "peers": lambda: peers(said.sources),
    }
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "sources": said.sources}
    print(
        f"{machine['cores']} cores, Python {machine['python']}, {said.sources} sources of a kind\n{stage.HEAD}",
        flush=True,
    )
    rows: list[Row] = []
    for name in said.only or PARTS:
        for row in parts[name]():
            rows.append(row)
            print(row.line(), flush=True)
    if said.json:
        said.json.write_text(json.dumps({"machine": machine, "rows": [row.json() for row in rows]}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
