"""Recorded feeds of real sites, through our readers and through feedparser."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.watcher import Answer, Ask, Findings, Target
from tests.watchers.test_feed_parity import URL, reference, told
from watchers.news import _text
from watchers.news._document import opened
from watchers.news._rss import read
from watchers.news._strict import read_strictly
from watchers.news.feed import feed

NOW = datetime(2026, 8, 6, tzinfo=UTC)
# Not well-formed: an Atom feed wrapped in a page, and one whose root is never closed.
BROKEN = {"DuplicateContentAtomFeed.xml", "InvalidDateFormat.xml"}


def recorded(wire: Path) -> list[Path]:
    folders = (wire / "feeds", wire / "google_news", wire / "bing_news")
    found = [
        path for folder in folders for path in sorted(folder.iterdir()) if path.suffix in (".xml", ".rss", ".atom")
    ]
    assert len(found) >= 20
    return found


async def look(body: bytes, url: str = URL, memory: bytes | None = None) -> Findings:
    async def fetch(asked: str, **_: object) -> Answer:
        return Answer(asked, 200, {"content-type": "application/xml"}, body, NOW)

    return await feed(Ask("feed", NOW, fetch, target=Target("feed", url), memory=memory))


def test_every_recorded_feed_is_read_as_feedparser_reads_it(wire: Path) -> None:
    for path in recorded(wire):
        body = path.read_bytes()

        reading = read(body, URL)

        assert [told(item) for item in reading.items] == reference(body), path.name
        assert reading.lenient == (path.name in BROKEN), path.name


def test_nearly_all_recorded_items_are_read_without_feedparser(wire: Path) -> None:
    items = [
        item
        for path in recorded(wire)
        if path.name not in BROKEN
        for item in read_strictly(opened(path.read_bytes(), URL), URL).items
    ]

    assert len(items) > 300
    assert sum(item is None for item in items) <= len(items) // 50


def test_a_wrong_prolog_does_not_spoil_the_letters(wire: Path) -> None:
    """Here feedparser is not followed: it believes the prolog and reads `â‚¬` for the euro sign."""
    euro = read((wire / "feeds" / "windows-1252-incorrect-prolog.xml").read_bytes(), URL)
    korean = read((wire / "feeds" / "utf8-incorrect-prolog.xml").read_bytes(), URL)
    invalid = read((wire / "feeds" / "invalid-prolog.xml").read_bytes(), URL)

    assert euro.channel.title == "Euro €"
    assert korean.channel.title == invalid.channel.title == "테스트 피드"
    assert korean.items[0].title == invalid.items[0].title == "Café"


@pytest.mark.parametrize("name", ["koi8r.xml", "encoding_WINDOWS-1251.xml"])
def test_cyrillic_feeds_come_out_in_cyrillic(wire: Path, name: str) -> None:
    titles = " ".join(item.title for item in read((wire / "feeds" / name).read_bytes(), URL).items)

    letters = [char for char in titles if char.isalpha()]
    assert letters and all("\u0400" <= char <= "\u04ff" or char.isascii() for char in letters)


async def test_every_recorded_feed_becomes_sound_records_once(wire: Path) -> None:
    for path in recorded(wire):
        body = path.read_bytes()

        first = await look(body)
        again = await look(body + b"\n", memory=first.memory)

        assert first.complete, path.name
        assert len({record.key for record in first.records}) == len(first.records), path.name
        assert all(record.fields["title"] and record.fields["outlet"] and record.twin for record in first.records)
        assert again.total == first.total
        if first.memory:
            assert not again.records, path.name


async def test_a_news_search_names_its_outlets_and_doubts_its_seven_o_clocks(wire: Path) -> None:
    seen = await look((wire / "google_news" / "search_en_us_quoted.xml").read_bytes())

    assert seen.total == len(seen.records) == 92
    assert len({record.fields["outlet"] for record in seen.records}) == 68
    assert not any(str(r.fields["title"]).endswith(f" - {r.fields['outlet']}") for r in seen.records)
    assert sum(len(record.published_at or "") == 10 for record in seen.records) == 14
    assert all(_text.host(record.url or "") == "news.google.com" for record in seen.records)


async def test_alerts_and_searches_lead_to_the_publisher(wire: Path) -> None:
    alerts = await look((wire / "feeds" / "google_alerts_atom.xml").read_bytes())
    bing = await look((wire / "bing_news" / "search_shape.xml").read_bytes())

    for record in (*alerts.records, *bing.records):
        assert _text.host(record.url or "") not in ("google.com", "bing.com", "")
        assert "<" not in str(record.fields["title"])
    assert [record.fields["outlet"] for record in bing.records] == ["Example News", "Other Outlet"]


async def test_wordpress_says_how_long_it_is_fresh(wire: Path) -> None:
    seen = await look((wire / "feeds" / "org_wordpress_rss.xml").read_bytes())

    assert seen.fresh_for == 3600
