"""Recorded answers of GDELT, and recorded pages of the web, through our readers."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.judge.match import Index
from monitor.model import Customer
from monitor.watcher import Answer, Ask, Findings, SourceBlocked, SourceDrifted, SourceTrouble, Target
from watchers.news.gdelt import gdelt, joined, query
from watchers.web.page import page

NOW = datetime(2026, 9, 6, tzinfo=UTC)


async def look(body: bytes, content_type: str = "application/json") -> Findings:
    async def fetch(url: str, **_: object) -> Answer:
        return Answer(url, 200, {"content-type": content_type}, body, NOW)

    return await gdelt(Ask("gdelt", NOW, fetch, customer=Customer("mactech", "Apple Computer Inc", "US")))


async def test_the_recorded_live_answer_is_one_article(wire: Path) -> None:
    found = await look((wire / "gdelt" / "artlist_live.json").read_bytes())

    (record,) = found.records
    assert record.key == "mactech.com/2026/09/05/top-apple-related-stories-for-the-week-of-august-31-september-4"
    assert record.fields["outlet"] == "mactech.com"
    assert record.fields["language"] == "en"
    assert record.fields["published_raw"] == "20260905T131500Z"


async def test_the_recorded_objects_with_mobile_addresses_are_articles(wire: Path) -> None:
    rows = json.loads((wire / "gdelt" / "artlist_sample_mobile_url.json").read_bytes())

    found = await look(json.dumps({"articles": rows}).encode())

    assert len(found.records) == len(rows)
    assert all(record.fields["language"] and record.url for record in found.records)


async def test_the_recorded_bare_list_is_no_answer_of_gdelt(wire: Path) -> None:
    with pytest.raises(SourceDrifted):
        await look((wire / "gdelt" / "artlist_sample_mobile_url.json").read_bytes())


async def test_the_recorded_empty_object_is_no_news(wire: Path) -> None:
    found = await look((wire / "gdelt" / "empty_object.json").read_bytes())

    assert found.unchanged and not found.records


@pytest.mark.parametrize(
    ("name", "wait"),
    [
        ("gdelt/error_query_length.txt", 86_400),
        ("gdelt/error_rate_limited.txt", 900),
        ("gdelt_tone/refusal_200.txt", 86_400),
    ],
)
async def test_every_recorded_refusal_is_a_refusal(wire: Path, name: str, wait: float) -> None:
    with pytest.raises(SourceBlocked) as raised:
        await look((wire / name).read_bytes(), "text/html; charset=utf-8")

    assert raised.value.retry_after == wait
    assert "@" not in raised.value.reason, "no address of a person in our logs"


@pytest.mark.parametrize("name", ["timelinetone.json", "timelinevol.json"])
async def test_a_recorded_answer_to_another_question_is_not_taken_for_articles(wire: Path, name: str) -> None:
    with pytest.raises(SourceDrifted, match="articles is gone"):
        await look((wire / "gdelt_tone" / name).read_bytes())


def rows(wire: Path) -> list[dict[str, str]]:
    with (wire / "gdelt" / "artlist_rows_sample.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def answered(found: list[dict[str, str]]) -> dict[str, Any]:
    own = ("url", "title", "seendate", "domain")
    return {"articles": [{**{name: row[name] for name in own}, "language": "English"} for row in found]}


async def test_recorded_rows_become_sound_records_once(wire: Path) -> None:
    recorded = rows(wire)

    found = await look(json.dumps(answered(recorded)).encode())

    assert found.total == len(recorded) > 200
    assert 200 < len(found.records) <= len({row["url"] for row in recorded})
    assert len({record.key for record in found.records}) == len(found.records)
    assert not any(" ." in str(r.fields["title"]) or "( " in str(r.fields["title"]) for r in found.records)
    assert all(joined(str(r.fields["title"])) == r.fields["title"] for r in found.records)


async def test_a_hit_whose_headline_lacks_the_name_speaks_of_nobody(wire: Path) -> None:
    """A hit of the search is not relevance: half of the recorded rows do not name the company they were found by."""
    recorded = rows(wire)
    named = [row for row in recorded if row["query_company"].casefold() not in row["title"].casefold()]
    companies = sorted({row["query_company"] for row in recorded})
    index = Index([Customer(name, name, "US") for name in companies])

    found = await look(json.dumps(answered(named)).encode())
    asked = {row["url"]: row["query_company"] for row in named}

    hits = [m.customer for record in found.records for m in index.find(record) if m.customer == asked[record.url or ""]]
    assert len(found.records) > 50
    assert hits == []


def test_the_companies_of_the_recorded_search_are_asked_for_or_refused(wire: Path) -> None:
    for name in sorted({row["query_company"] for row in rows(wire)}):
        try:
            question = query(Customer("c", f"{name} Inc", "US"))
        except SourceBlocked as refusal:
            assert "too general" in refusal.reason
        else:
            assert question == f'"{name.casefold()}"'


# --------------------------------------------------------------------------- web pages


def pages(wire: Path) -> list[Path]:
    """Return the recorded HTML documents of any source."""
    found = sorted(path for path in wire.rglob("*.html") if path.stat().st_size < 5_000_000)
    assert len(found) >= 4
    return found


async def seen(body: bytes, cursor: str | None = None) -> Findings:
    async def fetch(url: str, **_: object) -> Answer:
        return Answer(url, 200, {"content-type": "text/html"}, body, NOW)

    target = Target("page", "https://page.example/", own=True)
    return await page(Ask("page", NOW, fetch, target=target, cursor=cursor))


async def test_every_recorded_page_is_read_or_refused_and_reading_it_again_finds_nothing(wire: Path) -> None:
    read = 0
    for path in pages(wire):
        try:
            first = await seen(path.read_bytes())
        except SourceTrouble as trouble:
            assert trouble.reason, path.name
            continue
        again = await seen(path.read_bytes() + b"<!-- again -->", first.cursor)

        read += 1
        assert first.records and again.unchanged, path.name
        assert len({record.id for record in first.records}) == len(first.records), path.name
    assert read >= 2


async def test_the_recorded_refusal_of_the_sec_is_no_page(wire: Path) -> None:
    with pytest.raises(SourceBlocked):
        await seen((wire / "sec_edgar" / "rate_exceeded.html").read_bytes())
