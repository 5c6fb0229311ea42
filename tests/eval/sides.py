"""Who answers: our matcher, and beside it what one could use instead. Each gives a score from 0 to 1 for a pair."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process
from rigour.names import Name, NamePartTag, NameTypeTag, analyze_names, compare_parts

from monitor.judge.match import Rarity
from monitor.model import Match
from tests.eval.pairs import HERE, Pair, judged
from tests.eval.score import HITS

PEER = HERE.parents[1] / ".eval" / "bin" / "python"  # nomenklatura lives in an environment of its own, see the Makefile


def ours(pairs: Sequence[Pair], rarity: Rarity | None = None) -> list[Match]:
    return [judged(pair, rarity) for pair in pairs]


def standing(match: Match) -> float:
    """Return the score of a verdict a person would see; `related` and `no` claim nothing."""
    return match.score if match.verdict in HITS else 0.0


def token_sort(pairs: Sequence[Pair]) -> list[float]:
    """rapidfuzz token_sort_ratio of the names in small letters without punctuation: what many people begin with."""
    return [
        max(fuzz.token_sort_ratio(name, pair.found, processor=default_process) / 100 for name in pair.names)
        for pair in pairs
    ]


def rigour_plain(pairs: Sequence[Pair]) -> list[float]:
    """rigour as it comes: names analysed as organisations (legal forms in one spelling, letters in Latin), their parts
    without legal forms compared by its `compare_parts`, and the likeness of the parts weighed by their length."""
    return [max(_alike(_analysed(name), _analysed(pair.found)) for name in pair.names) for pair in pairs]


@lru_cache(maxsize=4096)
def _analysed(text: str) -> Name | None:
    return next(iter(analyze_names(NameTypeTag.ORG, [text], consolidate=False)), None)


def _alike(one: Name | None, other: Name | None) -> float:
    if one is None or other is None:
        return 0.0
    ours, theirs = (
        [part for part in name.parts if part.tag != NamePartTag.LEGAL] or list(name.parts) for name in (one, other)
    )
    total = met = 0.0
    for found in compare_parts(ours, theirs):
        length = sum(len(part.comparable) for part in (*found.qps, *found.rps))
        total, met = total + length, met + length * found.score
    return met / total if total else 0.0


def logic_v2(pairs: Sequence[Pair], python: Path = PEER) -> list[float] | None:
    """nomenklatura's logic-v2 over the pairs as companies with names and countries; None where it is not installed."""
    if not python.exists():
        return None
    asked = [
        {"names": pair.names, "country": pair.country, "found": pair.found, "found_country": pair.found_country}
        for pair in pairs
    ]
    done = subprocess.run(
        [python, HERE / "logic_v2.py"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return json.loads(done.stdout) if done.returncode == 0 else None
