"""`make eval`: how well names are matched, beside what one could use instead. Prints figures, judges nothing.

Thresholds of the others are chosen on dev only, for the best F1. Ours has none: a verdict of same or possible is a hit.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench import matching
from tests.eval import generic, pairs, score, sides, wire
from tests.eval.pairs import Pair

PARTS = ("names", "generic", "wire", "speed")
ASKED = 0.97  # of precision and of recall
LOWER = 0.90  # a precision that more of the others reach at all
Figures = dict[str, Any]
Scored = Callable[[Sequence[Pair]], list[float] | None]
OTHERS: dict[str, Scored] = {
    "rapidfuzz token_sort_ratio": sides.token_sort,
    "rigour plain": sides.rigour_plain,
    "nomenklatura logic-v2": sides.logic_v2,
}


def names() -> Figures:
    """Measure on both sets of pairs; print the table, the groups of the held set and who was taken for whom."""
    sets = {"dev": pairs.read(pairs.DEV), "held": pairs.read(pairs.HELD)}
    print("Names: " + ", ".join(f"{len(rows)} pairs {name}" for name, rows in sets.items()))
    print("  held was not tuned on; thresholds of the others are chosen on dev, for the best F1")
    verdicts = {name: sides.ours(rows) for name, rows in sets.items()}
    found: Figures = {"n": {name: len(rows) for name, rows in sets.items()}}
    found["ours"] = {name: _ours(rows, verdicts[name]) for name, rows in sets.items()}
    print(f"\n{'':<28}{'threshold':>10}{'dev: prec':>11}{'recall':>8}{'F1':>7}{'held: prec':>12}{'recall':>8}{'F1':>7}"
          f"{f'recall at {ASKED}':>16}{f'at {LOWER:.2f}':>9}")  # fmt: skip
    _print_side("counterwatch", None, found["ours"])
    for name, ask in OTHERS.items():
        answers = {which: ask(rows) for which, rows in sets.items()}
        if answers["dev"] is None or answers["held"] is None:
            print(f"{name:<28}is not installed here: type make eval on a machine that reaches a package index")
            found[name] = None
            continue
        found[name] = _other(sets, {which: one or [] for which, one in answers.items()})
        _print_side(name, found[name]["threshold"], found[name])
    found["groups"] = _groups(sets["held"], verdicts["held"])
    found["confusion"] = _confusion(sets["held"], verdicts["held"])
    return found


def _figures(counted: score.Score, scored: Sequence[tuple[float, bool]]) -> Figures:
    recall, threshold = score.recall_at(scored, ASKED)
    lower, _ = score.recall_at(scored, LOWER)
    return {
        "precision": counted.precision,
        "recall": counted.recall,
        "f1": counted.f1,
        "recall_at_97": recall,
        "recall_at_97_threshold": threshold,
        "recall_at_90": lower,
        "counts": [counted.right, counted.wrong, counted.missed, counted.passed],
    }


def _ours(rows: Sequence[Pair], matches: Sequence[Any]) -> Figures:
    counted = score.counted(
        (match.verdict in score.HITS, row.positive) for row, match in zip(rows, matches, strict=True)
    )
    return _figures(counted, [(sides.standing(match), row.positive) for row, match in zip(rows, matches, strict=True)])


def _other(sets: dict[str, list[Pair]], answers: dict[str, list[float]]) -> Figures:
    scored = {
        name: [(one, row.positive) for one, row in zip(answers[name], rows, strict=True)] for name, rows in sets.items()
    }
    threshold = score.best(scored["dev"])
    return {"threshold": threshold} | {name: _figures(score.at(one, threshold), one) for name, one in scored.items()}


def _print_side(name: str, threshold: float | None, found: Figures) -> None:
    dev, held = found["dev"], found["held"]
    told = "verdict" if threshold is None else f"{threshold:.3f}"
    print(
        f"{name:<28}{told:>10}{dev['precision']:>11.3f}{dev['recall']:>8.3f}{dev['f1']:>7.3f}"
        f"{held['precision']:>12.3f}{held['recall']:>8.3f}{held['f1']:>7.3f}{held['recall_at_97']:>16.3f}{held['recall_at_90']:>9.3f}"
    )


def _groups(rows: Sequence[Pair], matches: Sequence[Any]) -> Figures:
    print(f"\n{'held, by group':<28}{'n':>5}{'same':>6}{'precision':>11}{'recall':>8}")
    found: Figures = {}
    for group in dict.fromkeys(row.group for row in rows):
        counted = score.counted(
            (match.verdict in score.HITS, row.positive)
            for row, match in zip(rows, matches, strict=True)
            if row.group == group
        )
        found[group] = {"n": counted.n, "precision": counted.precision, "recall": counted.recall}
        same = counted.right + counted.missed
        print(f"{group:<28}{counted.n:>5}{same:>6}{counted.precision:>11.3f}{counted.recall:>8.3f}")
    return found


def _confusion(rows: Sequence[Pair], matches: Sequence[Any]) -> dict[str, dict[str, int]]:
    table = score.confusion((row.label, match.verdict) for row, match in zip(rows, matches, strict=True))
    print(f"\n{'held: label, then verdict':<28}" + "".join(f"{verdict:>10}" for verdict in score.VERDICTS))
    for label in pairs.LABELS:
        counts = table.get(label, dict.fromkeys(score.VERDICTS, 0))
        print(f"{label:<28}" + "".join(f"{counts[verdict]:>10}" for verdict in score.VERDICTS))
    return table


def namesakes() -> Figures:
    """Hold generic names against made-up entries, and against a recorded list where there is one."""
    found = generic.measure()
    told = {verdict: found.verdicts.get(verdict, 0) for verdict in ("same", "possible", "related")}
    print(f"Generic names: {found.watched} watched, {found.entries:,} entries asked about in {found.seconds:.1f} s; "
          f"{found.namesakes} bear a watched name in another country")  # fmt: skip
    print(f"  same {told['same']} (asked 0), possible {told['possible']} (asked at most 3), related {told['related']}")
    for example in found.examples[:10]:
        print(f"    {example}")
    figures: Figures = told | {"watched": found.watched, "entries": found.entries, "seconds": found.seconds}
    if listed := wire.listed():
        real = generic.against(generic.customers(), ((name, None) for name in listed))
        print(f"  against {len(listed):,} entries of a recorded list: {len(real)} same or possible")
        for example in real[:10]:
            print(f"    {example}")
        figures["recorded"] = {"entries": len(listed), "claimed": len(real)}
    return figures


def recorded() -> Figures:
    """Measure on names that recorded lists and registers call one's own; thresholds are those of dev."""
    sources = wire.sources()
    if not sources:
        print("Recorded names: none here")
        return {}
    dev = pairs.read(pairs.DEV)
    asked: dict[str, tuple[Scored, float]] = {"counterwatch": (_standings, 1e-9)}
    for name, ask in OTHERS.items():
        if (answers := ask(dev)) is not None:
            asked[name] = ask, score.best([(one, row.positive) for one, row in zip(answers, dev, strict=True)])
    print("Recorded names: each another name that the source itself gives, and as many of somebody else's")
    print("  many are other names altogether, which no comparison finds; recall tells only beside the others'")
    print(f"\n{'':<28}{'n':>6}{'same':>6}" + "".join(f"{name.split()[-1][:12]:>24}" for name in asked))
    print(f"{'':<40}" + f"{'precision':>15}{'recall':>9}" * len(asked))
    found: Figures = {}
    for source, rows in sources.items():
        found[source] = {"n": len(rows), "same": sum(row.positive for row in rows)}
        line = f"{source:<28}{len(rows):>6}{found[source]['same']:>6}"
        for name, (ask, threshold) in asked.items():
            scored = [(one, row.positive) for one, row in zip(ask(rows) or [], rows, strict=True)]
            counted = score.at(scored, threshold)
            found[source][name] = {"precision": counted.precision, "recall": counted.recall}
            line += f"{counted.precision:>15.3f}{counted.recall:>9.3f}"
        print(line)
    return found


def _standings(rows: Sequence[Pair]) -> list[float]:
    return [sides.standing(match) for match in sides.ours(rows)]


def speed() -> Figures:
    return {"rows": matching.report()}


def misses() -> None:
    """Print what is judged wrongly on dev, row by row; of held only figures are ever printed."""
    for row in pairs.read(pairs.DEV):
        match = pairs.judged(row)
        if (match.verdict in score.HITS) != row.positive:
            why = ", ".join(reason.name for reason in match.reasons)
            wrong = "missed" if row.positive else f"taken ({row.label})"
            print(
                f"{row.id} {row.group}: {wrong}: {row.watched} [{row.country}] {'|'.join(row.aliases)} <> "
                f"{row.found} [{row.found_country or ''}] -> {match.verdict} {match.score:.2f} {why}"
            )
    dev = pairs.read(pairs.DEV)
    figures = _ours(dev, sides.ours(dev))
    print(f"dev: precision {figures['precision']:.3f}, recall {figures['recall']:.3f}")


def main() -> None:
    """Measure what was asked for; print the tables, and keep the figures as JSON if a file is named."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--only", choices=PARTS, action="append")
    words.add_argument("--json", type=Path, help="also write the figures to this file")
    words.add_argument("--dev", action="store_true", help="only list what is judged wrongly on dev")
    said = words.parse_args()
    if said.dev:
        misses()
        return
    began = time.monotonic()
    parts: dict[str, Callable[[], Figures]] = {
        "names": names,
        "generic": namesakes,
        "wire": recorded,
        "speed": speed,
    }
    found: Figures = {}
    for name, measure in parts.items():
        if not said.only or name in said.only:
            found[name] = measure()
            print()
    print(f"took {time.monotonic() - began:.0f} s")
    if said.json:
        said.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
