"""What the feed watcher promises beyond its fixture cases: targets, memory, identity, freshness, bounds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Customer
from monitor.watcher import Answer, Ask, Findings, SourceBlocked, SourceDown, SourceDrifted, Target
from watchers.news import _text
from watchers.news._rss import read
from watchers.news.feed import feed, targets

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
URL = "https://news.example.com/rss"


@dataclass
class Site:
    """A publisher who answers what he is told to."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False

    async def __call__(self, url: str, *, expect: frozenset[int], **_: object) -> Answer:
        if self.status not in expect:
            raise SourceDown(f"answered {self.status}")
        headers = {"content-type": "application/rss+xml", **self.headers}
        return Answer(url, self.status, headers, self.body, NOW, unchanged=self.unchanged)


async def look(site: Site | bytes, before: Findings | None = None, *, full: bool = False, url: str = URL) -> Findings:
    site = Site(site) if isinstance(site, bytes) else site
    memory, cursor = (before.memory, before.cursor) if before else (None, None)
    ask = Ask("feed", NOW, site, target=Target("k", url), memory=None if full else memory, cursor=cursor, full=full)
    return await feed(ask)


def rss(*items: str, frame: str = "", attributes: str = "") -> bytes:
    return (
        f'<rss version="2.0"{attributes}><channel><title>Quay</title>{frame}{"".join(items)}</channel></rss>'.encode()
    )


def item(title: str = "A headline", link: str = "https://news.example.com/1", guid: str = "", **more: str) -> str:
    said = {"title": title, "link": link, "guid": guid, **more}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in said.items() if value)
    return f"<item>{inner}</item>".replace("<guid>", '<guid isPermaLink="false">')


def keys(found: Findings) -> list[str]:
    return [record.key for record in found.records]


# --------------------------------------------------------------------------- targets


def customer(name: str, feeds: Sequence[str] = (), industry: Sequence[str] = ()) -> Customer:
    return Customer(name, name, "NO", feeds=tuple(feeds), industry_feeds=tuple(industry))


def test_one_address_is_one_target_however_it_is_written() -> None:
    followers = [
        customer("one", ["https://News.example.com:443/rss#top"], ["https://trade.example.org"]),
        customer("two", industry=["https://news.example.com/rss", "https://trade.example.org/"]),
        customer("three"),
    ]

    found = targets(followers, {})

    assert [(t.url, t.subscribers) for t in found] == [
        ("https://News.example.com:443/rss#top", {"one", "two"}),
        ("https://trade.example.org", {"one", "two"}),
    ]
    assert len({t.key for t in found}) == 2
    assert found[0].key == targets([followers[1]], {})[0].key
    assert found[0].label == "news.example.com:443/rss"


def test_addresses_of_the_settings_are_followed_for_everybody() -> None:
    found = targets(
        [customer("one", ["https://a.example/rss"])], {"urls": ["https://b.example/rss", "https://a.example/rss"]}
    )

    assert {t.url: t.subscribers for t in found} == {
        "https://a.example/rss": frozenset(),
        "https://b.example/rss": frozenset(),
    }
    assert targets([], {"urls": "https://a.example/rss"})[0].url == "https://a.example/rss"
    assert targets([], {}) == targets([], {"urls": None}) == []


def test_different_paths_queries_and_schemes_are_different_targets() -> None:
    urls = [
        "https://a.example/rss",
        "http://a.example/rss",
        "https://a.example/rss?l=en",
        "https://a.example/RSS",
        "https://a.example:8443/rss",
    ]

    assert len({t.key for t in targets([customer("one", urls)], {})}) == len(urls)


# --------------------------------------------------------------------------- memory


async def test_only_new_items_are_read() -> None:
    first = await look(rss(item("Old", guid="1")))

    second = await look(rss(item("New", guid="2"), item("Old", guid="1")), first)

    assert keys(first) == ["1"] and keys(second) == ["2"]
    assert second.total == 2


async def test_an_edited_item_keeps_its_key() -> None:
    first = await look(rss(item("The bank denies", guid="1")))

    second = await look(rss(item("The bank admits", guid="1")), first)

    assert [(r.key, r.fields["title"]) for r in second.records] == [("1", "The bank admits")]


async def test_a_full_look_forgets_what_it_knew() -> None:
    first = await look(rss(item(guid="1")))

    again = await look(Site(rss(item(guid="1")), unchanged=True), first, full=True)

    assert keys(again) == ["1"] and not again.unchanged


async def test_an_unchanged_answer_is_the_same_and_keeps_memory_and_freshness() -> None:
    first = await look(rss(item(guid="1"), frame="<ttl>240</ttl>"))

    same = await look(Site(status=200, unchanged=True), first)

    assert same.unchanged and same.memory == first.memory and same.cursor == first.cursor
    assert same.fresh_for == first.fresh_for == 4 * 3600


async def test_foreign_memory_is_forgotten() -> None:
    first = await look(rss(item(guid="1")))

    second = await look(rss(item(guid="1")), Findings(memory=b"too short"))

    assert keys(second) == keys(first)


async def test_a_broken_feed_is_read_in_part_as_well() -> None:
    broken = [item("Fish & chips", guid="1"), item("Mixed & grill", guid="2")]
    first = await look(rss(broken[0]))

    second = await look(rss(broken[1], broken[0]), first)
    third = await look(rss(broken[1], broken[0], frame="<ttl>1</ttl>"), second)

    assert keys(first) == ["1"] and keys(second) == ["2"] and not third.records
    assert "not well-formed" in second.reason


@given(st.lists(st.sets(st.integers(0, 30), max_size=12), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_every_item_is_reported_exactly_once_while_it_stays(days: list[set[int]]) -> None:
    """Whatever the order of days, each look yields just the items the look before did not hold."""
    import asyncio

    async def live() -> None:
        before: Findings | None = None
        held: set[int] = set()
        for day in days:
            found = await look(
                rss(*(item(f"Item {n}", f"https://e.example/{n}", f"g{n}") for n in sorted(day))), before
            )
            assert set(keys(found)) == {f"g{n}" for n in day - held}
            assert found.total == len(day)
            before, held = found, day

    asyncio.run(live())


# --------------------------------------------------------------------------- identity


async def test_a_guid_that_turns_out_to_be_shared_is_joined_by_the_link() -> None:
    first = await look(rss(item(guid="case-1", link="https://c.example/1")))

    second = await look(
        rss(item(guid="case-1", link="https://c.example/2"), item(guid="case-1", link="https://c.example/1")), first
    )

    assert keys(first) == ["case-1"]
    assert keys(second) == ["case-1 c.example/2"]


async def test_without_a_guid_link_and_title_are_the_key_and_without_a_link_the_text() -> None:
    found = await look(
        rss(
            item("One", "https://www.e.example/a/?utm_source=x#top"),
            item("Two", "https://www.e.example/a/"),
            item("Three", ""),
        )
    )

    assert keys(found)[:2] == ["e.example/a One", "e.example/a Two"]
    assert len(keys(found)[2]) == 32
    assert keys(await look(rss(item("Three", "")))) == keys(found)[2:]


async def test_two_entries_of_one_answer_are_never_merged() -> None:
    entry = {"guid": "g", "link": "https://c.example/1", "description": "[Order]"}
    monday = item(**entry, pubDate="Mon, 02 Nov 2026 10:00:00 GMT")
    tuesday = item(**entry, pubDate="Tue, 03 Nov 2026 08:00:00 GMT")

    found = await look(rss(monday, tuesday, monday))

    assert len(found.records) == 2 and found.total == 3


async def test_the_twin_outlives_a_move_of_the_site() -> None:
    before = await look(rss(item(guid="http://www.e.example/?p=1", link="http://www.e.example/story/?utm_medium=rss")))
    after = await look(rss(item(guid="https://e.example/?p=1", link="https://e.example/story?fbclid=zz#comments")))

    assert keys(before) != keys(after)
    assert before.records[0].twin == after.records[0].twin == "e.example/story"


async def test_long_ids_are_cut_and_stay_distinct() -> None:
    found = await look(rss(item(guid="g" * 5_000 + "1"), item(guid="g" * 5_000 + "2")))

    assert len(set(keys(found))) == 2
    assert all(len(key) <= 300 for key in keys(found))


# --------------------------------------------------------------------------- outcomes


@pytest.mark.parametrize(
    ("body", "trouble", "reason"),
    [
        (b"", SourceDown, "empty"),
        (b" \r\n\x00", SourceDown, "empty"),
        (b"error code: 1020", SourceBlocked, "text"),
        (b'{"error": "busy"}', SourceBlocked, "text"),
        (b"<!-- c --><HTML><body>Just a moment...</body></HTML>", SourceBlocked, "page"),
        (b"<script>location='/'</script>", SourceBlocked, "page"),
        (b"<html><body><entry>not one</entry></body></html>x", SourceBlocked, "page"),
        (b"<error><code>12</code></error>", SourceDrifted, "no feed: <error>"),
        (rss(item(guid="1"))[:-30], SourceDown, "cut short"),
        (b"<rss><channel>", SourceDown, "cut short"),
        (b"<rss><channel><title>A & B</title></channel></rss>", SourceDrifted, "no item"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><rss><channel/></rss>', SourceDrifted, "document type"),
        (b'<!DOCTYPE r PUBLIC "> [" "x"\n[<!ENTITY a "b">]><rss><channel/></rss>', SourceDrifted, "document type"),
    ],
)
async def test_what_is_no_feed_says_nothing_about_anybody(body: bytes, trouble: type[Exception], reason: str) -> None:
    with pytest.raises(trouble) as raised:
        await look(body)

    assert reason in str(raised.value)


async def test_an_entity_of_an_outside_document_type_is_never_resolved() -> None:
    body = b'<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss><channel><title>x</title>' + item("A &secret; b").encode()

    found = await look(body + b"</channel></rss>")

    assert [record.fields["title"] for record in found.records] == ["A &secret; b"]


async def test_warnings_of_a_script_before_the_feed_are_passed_over() -> None:
    found = await look(b"Warning: strtotime() in /var/www/feed.php\n" + rss(item(guid="1")))

    assert keys(found) == ["1"]


async def test_more_items_than_the_bound_make_the_look_partial() -> None:
    found = await look(rss(*(item(f"Item {n}", guid=str(n)) for n in range(2_005))))

    assert len(found.records) == 2_000 and found.total == 2_005 and not found.complete
    assert "2005 items" in found.reason


async def test_an_item_that_says_nothing_is_counted_and_skipped() -> None:
    found = await look(rss(item("", "", guid="1"), item("Something", guid="2")))

    assert keys(found) == ["2"] and found.total == 2


# --------------------------------------------------------------------------- freshness


@pytest.mark.parametrize(
    ("frame", "headers", "seconds"),
    [
        ("", {}, None),
        ("<ttl>90</ttl>", {}, 5_400),
        ("<ttl>1800</ttl>", {}, 86_400),
        ("<ttl>soon</ttl>", {}, None),
        ("<ttl>15</ttl>", {"cache-control": "public, max-age=7200"}, 7_200),
        ("<sy:updatePeriod>\n\thourly\t</sy:updatePeriod><sy:updateFrequency> 2 </sy:updateFrequency>", {}, 1_800),
        ("<sy:updateFrequency>4</sy:updateFrequency>", {}, 21_600),
        ("<sy:updatePeriod>weekly</sy:updatePeriod>", {}, 86_400),
        ("<sy:updatePeriod>often</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", {}, None),
    ],
)
async def test_a_feed_says_how_long_it_stays_fresh(frame: str, headers: dict[str, str], seconds: float | None) -> None:
    spaces = ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'

    found = await look(Site(rss(item(), frame=frame, attributes=spaces), headers=headers))

    assert found.fresh_for == seconds


# --------------------------------------------------------------------------- texts and links


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("AT&amp;amp;T &lt;b&gt;sues&lt;/b&gt;", "AT&T sues"),
        ("Ti\u200btle\u00a0with\u202e bidi\x08", "Title with bidi"),
        ("5 < 6 &amp; 7 > 6", "5 < 6 & 7 > 6"),
        ("One<br/>two<p>three</p>", "One two three"),
        ("Be<b>ne</b>fit", "Benefit"),
        ("x<script>alert('<b>')</script>y<!-- z -->", "xy"),
        ("cafe\u0301", "caf\u00e9"),
        ('<a title="a > b" href="x">link</a>', "link"),
        ("İ<script>x</script>", "İ"),
        ("", ""),
    ],
)
def test_titles_are_cleaned(raw: str, clean: str) -> None:
    assert _text.clean(raw) == clean


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_clean_text_is_one_visible_line_within_its_limit(raw: str) -> None:
    found = _text.clean(raw, 50)

    assert len(found) <= 50
    assert found == " ".join(found.split())
    assert not set(found) & set("\u200b\u202e\x00\x08\u00ad\ufeff")


def test_texts_are_cut_between_words() -> None:
    assert _text.clean("word " * 200, 500).endswith("word…")
    assert len(_text.clean("語" * 900, 500)) == 500


@pytest.mark.parametrize(
    ("link", "inner"),
    [
        ("https://www.google.com/url?rct=j&sa=t&url=https://p.example/a?b=1&ct=ga", "https://p.example/a?b=1"),
        ("http://www.bing.com/news/apiclick.aspx?ref=x&url=https%3a%2f%2fp.example%2fa&c=1", "https://p.example/a"),
        ("https://news.google.com/rss/articles/CBMi?oc=5", "https://news.google.com/rss/articles/CBMi?oc=5"),
        ("https://p.example/url?url=https://q.example/", "https://p.example/url?url=https://q.example/"),
        ("https://www.google.com/url?url=javascript:alert(1)", "https://www.google.com/url?url=javascript:alert(1)"),
        (
            "https://google.com.evil.example/url?url=https://q.example/",
            "https://google.com.evil.example/url?url=https://q.example/",
        ),
    ],
)
def test_redirects_of_searches_are_unwrapped(link: str, inner: str) -> None:
    assert _text.unwrapped(link) == inner


async def test_only_web_addresses_become_links() -> None:
    found = await look(
        rss(
            item("One", "javascript:alert(1)"),
            item("Two", "https://e.example/\u202ex"),
            item("Three", "", guid="https://e.example/g"),
        )
    )

    assert [record.url for record in found.records] == [None, None, "https://e.example/g"]


# --------------------------------------------------------------------------- bounds


def hostile(inner: bytes) -> bytes:
    return b"<rss><channel><title>a & b</title><item><title>" + inner + b"</title></item></channel></rss>"


HOSTILE: Mapping[str, bytes] = {
    "long_title": rss(item("x " * 50_000)),
    "long_title_of_entities": hostile(b"&amp;lt;" * 12_500),
    "long_title_of_angles": hostile(b"<" * 100_000),
    "half_tags": hostile(b"<a href='" * 11_000),
    "half_cdata": hostile(b"<![CDATA[" * 11_000),
    "half_comments": b"<!--" * 25_000 + b"<rss/>",
    "nested": hostile(b"<b>" * 30_000),
    "nested_well": b"<rss><channel>" + b"<b>" * 30_000 + b"</b>" * 30_000 + b"</channel></rss>",
    "items_without_end": b"<rss><channel>" + b"<item>" * 20_000,
    "one_long_name": b"<rss><" + b"a" * 100_000,
    "tags_without_number": hostile(b"<br>" * 200_000),
    "doctype_without_end": b'<!DOCTYPE "' + b"'\"" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_documents_cost_little(name: str) -> None:
    before = time.process_time()

    try:
        found = await look(HOSTILE[name])
    except (SourceDown, SourceDrifted, SourceBlocked):
        found = Findings()

    assert time.process_time() - before < 3
    assert all(len(str(value)) <= 1_000 for record in found.records for value in record.fields.values())


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_feed_or_one_of_the_three_troubles(noise: bytes) -> None:
    for body in (noise, b"<rss><channel>" + noise, rss(item()).replace(b"A headline", noise)):
        try:
            read(body, URL)
        except (SourceDown, SourceDrifted, SourceBlocked) as trouble:
            assert trouble.reason


def test_encodings_are_taken_from_the_bytes_then_the_header_then_the_declaration() -> None:
    def title(body: bytes, content_type: str = "") -> Any:
        return read(body, URL, content_type).items[0].title

    text = rss(item("水産 Søn €")).decode()

    assert (
        title(text.encode("utf-16"))
        == title(text.encode("utf-8-sig"))
        == title(text.encode("utf-16-le"))
        == "水産 Søn €"
    )
    assert title(f'<?xml version="1.0" encoding="gb2312"?>{rss(item("水産")).decode()}'.encode("gb18030")) == "水産"
    assert (
        title(f'<?xml version="1.0" encoding="ISO-2022-JP"?>{rss(item("水産")).decode()}'.encode("iso2022_jp"))
        == "水産"
    )
    assert title(rss(item("Søn €")).decode().encode("cp1252")) == "Søn €"
    assert title(rss(item("жук")).decode().encode("koi8-r"), "text/xml; charset=KOI8-R") == "жук"
    assert title(rss(item("Søn € x")).replace(b" x", b" \xff")) == "Søn € \ufffd"
