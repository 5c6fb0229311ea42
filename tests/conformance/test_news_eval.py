"""How well headlines are matched and read, measured on the labelled set. The figures are printed, not asserted."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from monitor.judge.classify import Lexicon
from monitor.judge.match import Index
from monitor.model import Customer, Record

CONFIG = Path(__file__).parents[2] / "config"
_ADVERSE = """
insolvency default litigation regulatory fraud sanctions management closure_layoffs disruption recall cyber downgrade
industry results_negative
"""
ADVERSE = frozenset(_ADVERSE.split())


@pytest.fixture(scope="module")
def rows(wire: Path) -> Sequence[Mapping[str, str]]:
    path = wire.parent / "eval" / "news_dev.tsv"
    if not path.is_file():
        pytest.skip("no labelled headlines here")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def article(row: Mapping[str, str]) -> Record:
    fields = {"title": row["headline"], "summary": row["summary"], "language": row["lang"]}
    return Record("article", row["id"], fields)


def share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} (n {whole})" if whole else "none"


def test_relevance_figures(rows: Sequence[Mapping[str, str]], capsys: pytest.CaptureFixture[str]) -> None:
    """One index a row: the watched name only, no aliases, no country, as the labels were made."""
    counts: Counter[tuple[bool, bool]] = Counter()

    for row in rows:
        found = Index([Customer("watched", row["watched_company"], "XX")]).find(article(row))
        counts[row["about_company"] == "1", bool(found) and found[0].verdict == "possible"] += 1

    hits, wrong, missed, rejected = counts[True, True], counts[False, True], counts[True, False], counts[False, False]
    with capsys.disabled():
        print(
            f"\nrelevance: P {share(hits, hits + wrong)} R {share(hits, hits + missed)} rejected {rejected} of {rejected + wrong}"
        )
    assert sum(counts.values()) == len(rows) > 0


def test_event_figures(rows: Sequence[Mapping[str, str]], capsys: pytest.CaptureFixture[str]) -> None:
    lexicon = Lexicon.from_mapping(yaml.safe_load((CONFIG / "lexicon.yaml").read_text("utf-8")))
    about = [row for row in rows if row["about_company"] == "1"]
    right, adverse = 0, Counter[str]()

    for row in about:
        found = lexicon.find(row["headline"], row["summary"], row["lang"])
        told = found.kind.id.split(".")[0] if found else "none"
        accepted = {row["event_type"], *filter(None, row["alt_types"].split(","))}
        right += told in accepted
        if told in ADVERSE:
            adverse["right" if accepted & ADVERSE else "wrong"] += 1
        elif row["event_type"] in ADVERSE and told not in accepted:
            adverse["missed"] += 1

    hits, wrong, missed = adverse["right"], adverse["wrong"], adverse["missed"]
    with capsys.disabled():
        print(
            f"\nevent type: accuracy {share(right, len(about))}; adverse P {share(hits, hits + wrong)} R {share(hits, hits + missed)}"
        )
    assert len(about) > 0


def test_figures_do_not_depend_on_who_else_is_watched(rows: Sequence[Mapping[str, str]]) -> None:
    """All watched companies in one index: the longer name wins, and each is found no more often than alone."""
    watched = sorted({row["watched_company"] for row in rows})
    everybody = Index([Customer(name, name, "XX") for name in watched])

    for row in rows[:200]:
        alone = Index([Customer(row["watched_company"], row["watched_company"], "XX")]).find(article(row))
        together = [match for match in everybody.find(article(row)) if match.customer == row["watched_company"]]
        assert len(together) <= len(alone)
