"""Every source through the same days: its own fixture cases, and the unpleasant ones made from its first."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from monitor.model import Outcome
from monitor.watcher import Watcher, discover
from tests import replay
from tests.replay import Canned, Memory, Replay, look

WATCHERS = discover()
CASES = [(name, one) for name in WATCHERS for one in replay.cases(name)]
REQUIRED = ("first", "changed", "gone", "drifted", "empty")
EVENTS = Path(__file__).parents[2] / "config" / "events.yaml"
# The record kinds of the product's contract.
KINDS = {
    *("company", "officer", "owner", "charge", "filing", "account", "case", "docket_entry", "notice", "listing"),
    *("article", "rating", "payment_practice", "invoice", "domain", "indicator", "registration", "page"),
    *("insolvency", "statement", "relation", "order", "shipment"),
}


# --------------------------------------------------------------------------- the cases


@pytest.mark.parametrize("source", WATCHERS)
def test_each_source_has_the_required_cases(source: str) -> None:
    assert set(REQUIRED) <= set(replay.cases(source))


@pytest.mark.parametrize(("source", "name"), CASES)
async def test_a_case_comes_to_what_it_expects(source: str, name: str) -> None:
    at = replay.case(source, name)

    seen, _, _ = await replay.run(WATCHERS[source], name)

    assert seen.outcome == at.expect["outcome"], seen.reason
    assert at.expect.get("reason", "") in seen.reason
    for field, found in (
        ("records", len(seen.findings.records)),
        ("total", seen.findings.total),
        ("complete", str(seen.findings.complete).lower()),
    ):
        if field in at.expect:
            assert str(found) == at.expect[field], field
    if "unknown" in at.expect:
        assert sorted({u.field for u in seen.findings.unknown}) == at.expect["unknown"]


@pytest.mark.parametrize(("source", "name"), CASES)
async def test_a_case_yields_its_golden_records(source: str, name: str) -> None:
    at = replay.case(source, name)

    seen, _, _ = await replay.run(WATCHERS[source], name)

    if not seen.findings.records:
        assert not at.golden.exists(), "golden records, but none were found"
        return
    found, golden = replay.golden(at, seen.findings.records)
    if golden is None:
        pytest.fail(f"{at.golden} was written: read it, then run again")
    assert found == golden


@pytest.mark.parametrize(("source", "name"), CASES)
async def test_records_are_sound(source: str, name: str) -> None:
    watcher = WATCHERS[source]

    seen, _, _ = await replay.run(watcher, name)

    records = seen.findings.records
    assert len({r.id for r in records}) == len(records), "two records share a key"
    assert {r.kind for r in records} <= set(watcher.kinds)
    assert all(r.key and r.fields for r in records)


# --------------------------------------------------------------------------- the unpleasant days


async def _first(source: str) -> tuple[Watcher, replay.Case, Memory]:
    """Return a source after its first good look."""
    seen, held, _ = await replay.run(WATCHERS[source], "first")
    assert seen.outcome.good, seen.reason
    return WATCHERS[source], replay.case(source, "first"), held


@pytest.mark.parametrize("source", WATCHERS)
@pytest.mark.parametrize("etags", [True, False], ids=["by_etag", "by_body"])
async def test_an_unmodified_answer_is_the_same(source: str, etags: bool) -> None:
    watcher, first, held = await _first(source)
    before = dict(held.records)

    async with Replay(first.answers, etags=etags).serving() as server:
        seen = await look(watcher, first, held, server)

    assert seen.outcome is Outcome.SAME
    assert held.records == before


@pytest.mark.parametrize("source", WATCHERS)
async def test_a_full_look_at_the_same_answer_is_the_same(source: str) -> None:
    watcher, first, held = await _first(source)

    async with Replay(first.answers).serving() as server:
        seen = await look(watcher, first, held, server, full=True)

    assert seen.outcome is Outcome.SAME
    assert not seen.findings.unchanged, "a full look must read the answer"
    assert {r.id for r in seen.findings.records} == set(held.records)


BAD_DAYS: Sequence[tuple[str, Callable[[Sequence[Canned]], list[Canned]], set[Outcome]]] = [
    ("rate_limited", replay.refused, {Outcome.BLOCKED}),
    ("server_error", replay.broken, {Outcome.DOWN}),
    ("error_page", replay.error_page, {Outcome.BLOCKED, Outcome.DOWN}),
    ("cut_short", replay.cut_short, {Outcome.DOWN}),
    ("shortened", replay.shortened, {Outcome.DOWN, Outcome.DRIFTED}),
]


@pytest.mark.parametrize("source", WATCHERS)
@pytest.mark.parametrize(("day", "make", "outcomes"), BAD_DAYS, ids=[day for day, _, _ in BAD_DAYS])
@pytest.mark.parametrize("when", ["at_first", "later"])
async def test_a_bad_day_changes_nothing(
    source: str, day: str, make: Callable[[Sequence[Canned]], list[Canned]], outcomes: set[Outcome], when: str
) -> None:
    watcher, first, held = await _first(source)
    held = held if when == "later" else Memory()
    before = dict(held.records)

    async with Replay(make(first.answers), etags=False).serving() as server:
        seen = await look(watcher, first, held, server)

    assert seen.outcome in outcomes, seen.reason
    assert seen.reason
    assert not seen.findings.records
    assert held.records == before
    if day == "rate_limited":
        assert seen.retry_after == 7


@pytest.mark.parametrize("source", WATCHERS)
async def test_the_same_answers_give_the_same_findings(source: str) -> None:
    one, _, _ = await replay.run(WATCHERS[source], "first")
    two, _, _ = await replay.run(WATCHERS[source], "first")

    assert one == two


# --------------------------------------------------------------------------- what a watcher declares


@pytest.mark.parametrize("source", WATCHERS)
def test_a_watcher_declares_what_people_ask_about_it(source: str) -> None:
    watcher = WATCHERS[source]

    assert watcher.title
    assert watcher.about.endswith(".")
    assert watcher.terms.startswith("https://") and watcher.docs.startswith("https://")
    assert watcher.kinds and set(watcher.kinds) <= KINDS
    assert watcher.duties and set(watcher.duties) <= set(range(1, 7))
    assert timedelta(minutes=1) <= watcher.every <= timedelta(days=31)
    assert watcher.pace >= 1.0
    assert watcher.max_seconds < 180, "a lease lasts no longer"


@pytest.mark.parametrize("source", WATCHERS)
def test_a_watcher_names_only_events_of_the_taxonomy(source: str) -> None:
    taxonomy = yaml.safe_load(EVENTS.read_text("utf-8"))
    known, families = set(taxonomy["events"]), set(taxonomy["families"])

    tree = ast.parse(inspect.getsource(inspect.getmodule(WATCHERS[source].poll)))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    named = {
        text
        for text in texts
        if text.partition(".")[0] in families and text.partition(".")[2].replace("_", "").isalpha()
    }

    assert named <= known
