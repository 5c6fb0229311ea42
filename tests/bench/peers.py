"""urlwatch over the same origin, in the same run: what people use today for "tell me when this page changes".

It is installed into an environment of its own (`make bench` asks for it), because the program does not need it.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import yaml

from tests.bench import stage

PROGRAM = Path(os.environ.get("COUNTERWATCH_URLWATCH", ".bench/bin/urlwatch"))


def polls_per_cpu_second(kind: str, count: int, *, changing: bool, passes: int = 4) -> float | None:
    """Return urlwatch's polls per CPU second (median of the passes after the first), None where it is not installed."""
    if not PROGRAM.exists():
        return None
    with stage.Origin(kind, count) as origin, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        jobs = [{"url": url, "name": str(i)} for i, url in enumerate(stage.urls(kind, count, origin.port))]
        (home / "urls.yaml").write_text(yaml.safe_dump_all(jobs))
        (home / "config.yaml").write_text("display: {new: false, error: true, unchanged: false}\nreport: {}\n")
        spent = [_pass(home, origin.port, tick=changing and number > 0) for number in range(passes)]
    return count / statistics.median(spent[1:])


def _pass(home: Path, port: int, *, tick: bool) -> float:
    if tick:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/_/tick").read()
    words = ["--urls", "urls.yaml", "--config", "config.yaml", "--hooks", "hooks.py", "--cache", "cache.db"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [str(PROGRAM.absolute()), *words], cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"urlwatch failed: {done.stderr.decode()[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
