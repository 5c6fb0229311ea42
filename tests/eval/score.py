"""How well somebody tells the same from others: precision, recall, F1, and what a threshold would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HITS = frozenset(("same", "possible"))  # verdicts that put a match before a person
VERDICTS = ("same", "possible", "related", "no")


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of a yes-or-no question. With nothing claimed precision is 1, with nothing to find recall is 1."""

    right: int  # claimed, and true
    wrong: int  # claimed, and not true
    missed: int  # true, and not claimed
    passed: int  # not claimed, and not true

    @property
    def n(self) -> int:
        return self.right + self.wrong + self.missed + self.passed

    @property
    def precision(self) -> float:
        claimed = self.right + self.wrong
        return self.right / claimed if claimed else 1.0

    @property
    def recall(self) -> float:
        true = self.right + self.missed
        return self.right / true if true else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def counted(answers: Iterable[tuple[bool, bool]]) -> Score:
    """Count answers, each (claimed, true)."""
    found = Counter((bool(claimed), bool(true)) for claimed, true in answers)
    return Score(found[True, True], found[True, False], found[False, True], found[False, False])


def at(scored: Iterable[tuple[float, bool]], threshold: float) -> Score:
    """Count what a threshold would claim; `scored` holds (score, true), and a score equal to the threshold is claimed."""
    return counted((score >= threshold, true) for score, true in scored)


def thresholds(scored: Sequence[tuple[float, bool]]) -> list[float]:
    """Return the thresholds worth trying, the highest first: each score that occurs, except a bare zero."""
    return sorted({score for score, _ in scored if score > 0}, reverse=True)


def best(scored: Sequence[tuple[float, bool]]) -> float:
    """Return the threshold with the best F1; of equal ones the highest."""
    return max(thresholds(scored), key=lambda threshold: (at(scored, threshold).f1, threshold), default=1.0)


def recall_at(scored: Sequence[tuple[float, bool]], precision: float) -> tuple[float, float]:
    """Return the best recall a threshold reaches without precision falling below the given one, and that threshold."""
    reached = [
        (score.recall, threshold)
        for threshold in thresholds(scored)
        if (score := at(scored, threshold)).precision >= precision
    ]
    return max(reached, default=(0.0, 1.0))


def confusion(answers: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Count (label, verdict) into a table: label first, then every verdict, zeros included."""
    table: dict[str, dict[str, int]] = {}
    for label, verdict in answers:
        table.setdefault(label, dict.fromkeys(VERDICTS, 0))[verdict] += 1
    return table
