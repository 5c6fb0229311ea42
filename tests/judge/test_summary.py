"""The digests of a channel: nothing is cut off, whatever customers are called and however many lines there are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge import summary, words
from tests.judge import made

SHARED: Any = {"texts": made.TEXTS, "timezone": "Asia/Shanghai", "now": made.NOW}
ODD = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=300)


@given(
    waiting=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 250), ODD), max_size=40, unique_by=lambda t: t[0])
)
@settings(max_examples=60, deadline=None)
def test_every_line_is_in_exactly_one_digest_and_each_digest_fits(waiting: list[tuple[int, int, str]]) -> None:
    named = {f"c{n}": name for n, _, name in waiting}
    rows = [(f"c{n}", [f"c{n}/{k}" for k in range(count)]) for n, count, _ in waiting]

    made_ = summary.parts(rows, named)

    assert [one for part in made_ for one in part.ids] == [one for _, ids in rows for one in ids]
    assert all(part.groups and len(part.ids) <= summary.LINES for part in made_)


@pytest.mark.parametrize("language", words.LANGUAGES)
@given(name=ODD, line=ODD)
@settings(max_examples=60, deadline=None)
def test_a_full_digest_leaves_nothing_out_whatever_it_is_made_of(language: Any, name: str, line: str) -> None:
    rows = [(f"c{n}", [f"{n}/{k}" for k in range(3)]) for n in range(33)]
    part = summary.parts(rows, dict.fromkeys((customer for customer, _ in rows), name))[0]
    groups = [{"customer": name, "country": "GB", "count": len(ids)} for _, ids in part.groups]
    facts = {"groups": groups, "lines": [line] * len(part.ids)}

    message = summary.daily(facts, language=language, **SHARED)

    items = [
        item
        for block in message.blocks
        for element in block.get("elements", ())
        if element["type"] == "rich_text_list"
        for item in element["elements"]
    ]
    assert len(items) == len(part.ids)
    assert sum(words.width(str(one)) for block in message.blocks for one in _texts(block)) < 13_000
    assert all(mark not in message.text for mark in "<>")


def _texts(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [text for value in node.values() for text in _texts(value)]
    return [text for one in node for text in _texts(one)] if isinstance(node, list | tuple) else []


def test_a_line_of_an_erased_event_says_so() -> None:
    assert summary.line(None, None, language="en", **SHARED).text == "no longer kept"


def week(**facts: Any) -> dict[str, Any]:
    return {"since": "2026-10-26T00:30:00Z", "until": "2026-11-02T00:30:00Z", "customers": 3, **facts}


def test_a_hostile_name_stays_a_name() -> None:
    name = "{says} <!channel> \u202eevil"
    incident = {"customer": name, "country": "GB", "type": "x.y", "severity": "high", "days": 1}

    text = summary.weekly(week(incidents=[incident]), {}, language="en", **SHARED).text

    assert "HIGH · {says} &lt;!channel&gt; evil (UK): x.y (1 day, not acknowledged)" in text


def test_long_sections_say_how_many_more_there_are_and_where() -> None:
    incident = {"customer": "A", "country": "GB", "type": "x.y", "severity": "high", "days": 1, "acked_by": "li"}

    text = summary.weekly(week(incidents=[incident] * 20, more=15), {}, language="en", **SHARED).text

    assert "35 open matters" in text
    assert text.count("in the hands of li") == 12
    assert "… and 23 more: counterwatch incidents" in text


def test_a_week_in_which_every_customer_has_something_does_not_claim_silence() -> None:
    text = summary.weekly(week(changed={"reg": 3}, quiet=0), {}, language="en", **SHARED).text

    assert "Nothing new" not in text
    assert "Every customer has something above." in text


def test_what_could_not_be_looked_at_is_no_silence() -> None:
    facts = week(unseen={"customers": 3, "names": ["A", "B", "C"]}, quiet=0)

    text = summary.weekly(facts, {}, language="en", **SHARED).text

    assert "3 customers could not be looked at everywhere: A, B and C." in text
    assert "something above" not in text
