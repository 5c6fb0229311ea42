"""The fast reader of feeds yields what feedparser yields, whatever the feed; where it does not, this file says why."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from feedparser.datetimes import _parse_date
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.watcher import SourceTrouble
from tests.replay import FIXTURES
from watchers.news import _text
from watchers.news._document import opened, split
from watchers.news._rss import read, read_some, read_whole
from watchers.news._strict import read_strictly
from watchers.news._words import Item, moment, utc

URL = "https://feed.example/news/rss.xml"
Told = tuple[str, str, str, datetime | None]


def reference(body: bytes, url: str = URL) -> list[Told]:
    """Return what feedparser reads, with all it does by default: title as plain text, link, id, first date."""
    found = feedparser.parse(io.BytesIO(body), response_headers={"content-location": url})
    return [_told_by_feedparser(entry) for entry in found.entries]


def _told_by_feedparser(entry: Any) -> Told:
    def said(name: str) -> str:
        return dict.get(entry, name) or ""  # its own lookup answers one date for another

    # Of a bare number (an epoch, mostly) feedparser makes a year long ago; to us it is no date.
    names = [name for name in ("published", "updated", "created") if not said(name).isdigit()]
    dates = (utc(dict.get(entry, f"{name}_parsed")) for name in names)
    return (_text.clean(said("title")), said("link"), said("id"), next(filter(None, dates), None))


def told(item: Item) -> Told:
    return (_text.clean(item.title), item.link, item.id, item.published)


# --------------------------------------------------------------------------- the fixtures

# One bad prolog makes feedparser read `â‚¬` for the euro sign; strict UTF-8 with a multi-byte letter wins with us.
WRONG_PROLOG = {"wrong_prolog"}
FILES = sorted(
    path for path in FIXTURES.glob("feed/*/*") if path.suffix in (".xml", ".rdf") and path.parent.name != "doctype"
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_fixtures_are_read_as_feedparser_reads_them(path: Path) -> None:
    body = path.read_bytes()

    try:
        found = [told(item) for item in read(body, URL).items]
    except SourceTrouble:
        found = []

    right = body.replace(b"windows-1252", b"utf-8") if path.parent.name in WRONG_PROLOG else body
    assert found == reference(right)


def test_feedparser_still_errs_where_we_differ() -> None:
    body = (FIXTURES / "feed" / "wrong_prolog" / "rss.xml").read_bytes()

    assert "€" not in reference(body)[0][0]
    assert "€" in told(read(body, URL).items[0])[0]


# --------------------------------------------------------------------------- generated feeds

WORDS = st.sampled_from(
    [
        "Brannoch",
        "plc",
        "AT&T",
        "S&P 500",
        "R&D",
        "5 < 6",
        "a > b",
        "Søn",
        "€ 3 Mio.",
        "水産",
        "“quoted”",
        "—",
        "caf\xe9",
    ]
)
# Not among them: entities nobody knows. Of `&unknown;` feedparser's sanitizer drops the semicolon.
MARKED = st.sampled_from(
    [
        "<b>bold</b>", "<i>x</i>", "&amp;", "&lt;b&gt;", "&nbsp;", "&#8217;", "<a href='/x'>link</a>", "<br/>", "<em>y</em> z",
        "&copy;", "<script>evil()</script>", "<Foo>", "AT&amp;T",
    ]
)  # fmt: skip
TITLES = st.lists(st.one_of(WORDS, WORDS, MARKED), max_size=5).map(" ".join)
LINKS = st.sampled_from(
    [
        "https://feed.example/a?x=1&y=2", "http://other.example/p#f", "/rooted", "relative/path", "?q=1", "#frag", "",
        "  https://feed.example/spaced  ", "mailto:a@feed.example", "https:///three.example/", "//host.example/x", "//[bad",
        "https://feed.example/ü?q=ö",
    ]
)  # fmt: skip
IDS = st.sampled_from(
    ["tag:feed.example,2026:1", "urn:uuid:1", "https://feed.example/?p=1", "7bd2", "", "id with space", "é"]
)
MOMENTS = st.datetimes(datetime(1996, 1, 1), datetime(2030, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC, microsecond=0)
)
DATES = st.one_of(
    MOMENTS.map(format_datetime),
    MOMENTS.map(lambda at: (at - timedelta(hours=2)).strftime("%a, %d %b %Y %H:%M:%S EST")),
    MOMENTS.map(datetime.isoformat),
    MOMENTS.map(lambda at: at.strftime("%Y-%m-%dT%H:%MZ")),
    MOMENTS.map(lambda at: at.date().isoformat()),
    MOMENTS.map(lambda at: at.strftime("%d %b %Y")),
    st.sampled_from(["", "yesterday", "Mon, 32 Nov 2026 10:00:00 GMT", "2026-13-01"]),
)


def written(text: str, cdata: bool) -> str:
    """Write a text into XML in one of the two usual ways."""
    return f"<![CDATA[{text}]]>" if cdata and "]]>" not in text else html.escape(text, quote=False)


@st.composite
def element(draw: st.DrawFn, name: str, values: st.SearchStrategy[str], attributes: tuple[str, ...] = ("",)) -> str:
    space = draw(st.sampled_from(["", "", "\n   "]))
    note = draw(st.sampled_from(["", "", "<!-- a note -->"]))
    text = written(draw(values), draw(st.booleans()))
    return f"<{name}{draw(st.sampled_from(attributes))}>{space}{note}{text}{space}</{name}>"


NOISE = st.sampled_from(
    [
        "<dc:creator>A Reporter</dc:creator>",
        "<category domain='x'>Trade</category>",
        "<media:thumbnail url='https://feed.example/t.jpg'/>",
        "<media:group><media:title>another</media:title><media:content url='x'/></media:group>",
        "<slash:comments>3</slash:comments>",
        "<comments>https://feed.example/c</comments>",
        "<enclosure url='https://feed.example/e.mp3' length='1' type='audio/mpeg'/>",
        "<content:encoded><![CDATA[<p>A long <b>text</b></p>]]></content:encoded>",
        "<itunes:title>spoken</itunes:title>",
        "<unheard:of><unheard:title>x</unheard:title></unheard:of>",
        "<dc:title>a second title</dc:title>",
        "<image><title>pic</title><link>https://feed.example/pic</link></image>",
        "<source url='https://o.example'>Outlet</source>",
        "<author><name>N</name><title>Dr</title></author>",
    ]
)
SPACES = (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:unheard="urn:unheard:of"'
)


@st.composite
def rss_items(draw: st.DrawFn) -> str:
    parts = draw(
        st.lists(
            st.one_of(
                element("description", TITLES),
                element("dc:date", DATES),
                element("atom:updated", DATES),
                st.just("<atom:link rel='self' href='https://feed.example/self'/>"),
                NOISE,
                NOISE,
            ),
            max_size=4,
        )
    )
    for chance, one in (
        (9, element("title", TITLES, ("", "", "", " type='html'", " type='text'", " xml:lang='en'"))),
        (8, element("link", LINKS)),
        (7, element("guid", IDS, ("", " isPermaLink='false'", " isPermaLink='true'"))),
        (8, element("pubDate", DATES)),
    ):
        if draw(st.integers(0, 9)) < chance:
            parts.insert(draw(st.integers(0, len(parts))), draw(one))
    return f"<item>{''.join(parts)}</item>"


@st.composite
def atom_entries(draw: st.DrawFn) -> str:
    kinds = ("", " type='text'", " type='html'")
    href = LINKS.map(lambda link: f"<link href='{html.escape(link)}'/>")
    parts = draw(
        st.lists(
            st.one_of(
                href,
                st.just("<link rel='enclosure' href='https://feed.example/e.mp3' type='audio/mpeg'/>"),
                st.just("<link rel='alternate' type='application/pdf' href='https://feed.example/x.pdf'/>"),
                element("summary", TITLES, kinds),
                st.just(
                    "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>A <title>t</title></p></div></content>"
                ),
                st.just("<author><name>N</name><uri>u</uri></author>"),
                st.just("<source><title>Outlet</title><id>o</id><link href='https://o.example/'/></source>"),
                NOISE,
            ),
            max_size=4,
        )
    )
    for chance, one in (
        (9, st.one_of(element("title", TITLES, kinds), st.just("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>An <b>x</b></div></title>"))),
        (8, href),
        (8, element("id", IDS)),
        (6, element("published", DATES)),
        (7, element("updated", DATES)),
    ):  # fmt: skip
        if draw(st.integers(0, 9)) < chance:
            parts.insert(draw(st.integers(0, len(parts))), draw(one))
    base = draw(st.sampled_from(["", "", "", " xml:base='https://based.example/here/'"]))
    return f"<entry{base}>{''.join(parts)}</entry>"


@st.composite
def feeds(draw: st.DrawFn) -> bytes:
    """A feed in one of the three formats; well-formed, as the items make no use of undeclared things."""
    kind = draw(st.sampled_from(["rss", "rss", "atom", "rdf"]))
    items = "\n".join(draw(st.lists(atom_entries() if kind == "atom" else rss_items(), max_size=3)))
    base = draw(st.sampled_from(["", "", " xml:base='https://based.example/feed/'", " xml:base='sub/'"]))
    atom = ' xmlns:atom="http://www.w3.org/2005/Atom"'
    if kind == "atom":
        text = f'<feed xmlns="http://www.w3.org/2005/Atom"{SPACES}{base}><title>Atom</title><id>f</id>{items}</feed>'
    elif kind == "rdf":
        text = (
            f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"{SPACES}{atom}{base}>'
            f"<channel><title>RDF</title></channel>{items.replace('<item>', '<item rdf:about=' + chr(34) + 'urn:x' + chr(34) + '>', 1)}</rdf:RDF>"
        )
    else:
        text = (
            f'<rss version="2.0"{SPACES}{atom}{base}><channel><title>RSS</title><link>/</link>{items}</channel></rss>'
        )
    return ('<?xml version="1.0" encoding="UTF-8"?>' + text).encode()


@given(feeds())
@settings(max_examples=250, deadline=None)
def test_generated_feeds_are_read_as_feedparser_reads_them(body: bytes) -> None:
    assert [told(item) for item in read_whole(opened(body, URL), URL).items] == reference(body)


@given(feeds(), st.data())
@settings(max_examples=80, deadline=None)
def test_reading_some_items_is_reading_them_all_and_forgetting_the_rest(body: bytes, data: st.DataObject) -> None:
    parts = split(opened(body, URL))
    everything = reference(body)
    wanted = sorted(data.draw(st.sets(st.sampled_from(range(len(parts.items))))) if parts.items else [])

    found = read_some(parts, wanted, URL)

    assert found is not None
    assert [told(item) for item in found.items] == [everything[at] for at in wanted]


def test_plain_feeds_do_not_need_feedparser() -> None:
    """Parity would be cheap if everything were left to the reference: what is ordinary must be read without it."""
    ordinary = [
        "first",
        "changed",
        "touched",
        "news_search",
        "alerts",
        "bing",
        "rdf",
        "shared_guids",
        "bad_dates",
        "latin",
    ]

    for name in ordinary:
        for path in (FIXTURES / "feed" / name).glob("*.[xr][md][lf]"):
            frame = read_strictly(opened(path.read_bytes(), URL), URL)
            assert frame.items and None not in frame.items, name


# --------------------------------------------------------------------------- the short ways


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2090, 1, 1)),
    st.sampled_from(["GMT", "UTC", "Z", "+0000", "-0500", "+0530", "+1400", "-0030"]),
    st.integers(1, 31),
    st.integers(0, 61),
)
def test_the_usual_date_is_read_as_feedparser_reads_it(when: datetime, zone: str, day: int, second: int) -> None:
    text = f"{_DAYS[when.weekday()]}, {day:02d} {when:%b %Y %H:%M}:{second:02d} {zone}"

    assert moment(text) == utc(_parse_date(text))


_PLAIN = st.from_regex(
    r"\A[Hh]?ttps?://(www\.)?[A-Za-z0-9-]{1,8}(\.[A-Za-z]{2,3})?(:[0-9]{1,6})?(/[a-z0-9/._~%+,=:@;&-]{0,20})?"
    r"(\?[a-z0-9/._=&;%-]{0,12})?(#[a-z]{0,3})?\Z"
)


@given(_PLAIN, st.sampled_from(["https://feed.example/a/b", "http://feed.example", "feed:x", ""]))
def test_a_plain_address_stays_as_it_would_in_the_long_way(link: str, base: str) -> None:
    assert _text.absolute(base, link) == urljoin(base, re.sub(r"^([A-Za-z][A-Za-z0-9+,\-.]*://)/+", r"\1", link))


@given(_PLAIN)
def test_a_plain_address_is_taken_apart_as_in_the_long_way(link: str) -> None:
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        assert not _text.host(link)
        return
    name = (parts.hostname or "").removeprefix("www.")
    usual = 443 if parts.scheme == "https" else 80
    whole = f"{name}:{port}" if port and port != usual else name

    assert _text.host(link) == (whole if parts.scheme in ("http", "https") else "")
