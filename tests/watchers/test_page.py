"""Web pages: what is noise and what is a change, whose paragraph is whose, and what is no look at the page at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge import diff
from monitor.model import Change, Customer, Held, Page, Record
from monitor.watcher import Answer, Ask, Findings, SourceBlocked, SourceDown, SourceDrifted, SourceTrouble, Target
from watchers.web import _data, _known, _letters, _noise, _ratings
from watchers.web._paragraphs import Paragraph
from watchers.web.page import page, targets

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://www.hartwell.example/company"
HTML = "text/html; charset=utf-8"


@dataclass
class Watch:
    """One page as the program watches it: what is held, and what the last look handed back."""

    select: str = ""
    url: str = URL
    now: datetime = NOW
    cursor: str | None = None
    held: dict[tuple[str, str], Held] = field(default_factory=dict)

    async def find(self, body: str | bytes, content_type: str = HTML, *, full: bool = False) -> Findings:
        async def fetch(url: str, **_: object) -> Answer:
            raw = body.encode() if isinstance(body, str) else body
            return Answer(url, 200, {"content-type": content_type}, raw, self.now)

        target = Target("page", self.url, select=self.select, own=True)
        return await page(Ask("page", self.now, fetch, target=target, cursor=self.cursor, full=full))

    async def look(self, body: str | bytes, content_type: str = HTML, *, full: bool = False) -> list[Change]:
        """Take a good look and return what changed; the next one comes a day later."""
        found = await self.find(body, content_type, full=full)
        compared = diff.compare(self.held, found, mode="state", now=self.now, first=not self.cursor, shrink=1.0)
        self.held |= {record.id: Held(record, mark, self.now, self.now) for record, mark in compared.put}
        for id_ in compared.end:
            del self.held[id_]
        for id_, looks in compared.missing:
            one = self.held[id_]
            self.held[id_] = Held(one.record, one.digest, one.first_seen, one.valid_from, self.now, looks)
        self.cursor, self.now = found.cursor, self.now + DAY
        return [change for change in compared.changes if change.what != "altered" or change.fields]


def texts(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """Return what changed, each as what and the text it ends with (or had)."""
    return sorted(
        (change.what, str(change.record.fields.get("text", change.record.fields.get("value")))) for change in changes
    )


COMPANY = """<!DOCTYPE html>
<html lang="en" data-build="20261102.1">
<head>
  <meta charset="utf-8"><title>Company | Hartwell Components Ltd</title>
  <meta name="csrf-token" content="Zk3l9aQ"><meta name="generator" content="Site Builder 6.1.0">
  <link rel="stylesheet" href="/static/app.3f2a9c.css">
  <style>.hero{color:#333}</style>
  <script nonce="r4nd0m">window.dataLayer=[{"t":1793610000}];</script>
</head>
<body class="page page-id-12">
<!-- cached 2026-11-02 08:59:58 by varnish -->
<a class="skip-link" href="#main">Skip to content</a>
<div class="topbar"><span id="clock">08:59:58</span></div>
<header>
  <a class="logo" href="/?PHPSESSID=aa11bb22"><img src="/logo.png?v=77" alt="Hartwell"></a>
  <p>Hartwell Components Ltd</p>
  <nav><ul><li><a href="/">Home</a></li><li><a href="/company">Company</a></li></ul></nav>
  <a href="/cart">Cart (0)</a>
</header>
<div id="cookie-consent" role="dialog"><p>We use cookies to give you the best experience.</p><button>Accept all</button></div>
<main id="main">
  <h1>About Hartwell</h1>
  <p>Hartwell Components Ltd has made castings and turned parts in Sheffield since 1961. We employ 140 people.</p>
  <p>Our registered office is at 12 Furnace Lane, Sheffield S1 2AB.</p>
  <h2>People</h2>
  <ul class="team">
    <li><strong>Ann Lee</strong>, managing director</li>
    <li><strong>Robert Mills</strong>, finance director</li>
    <li><strong>Priya Nair</strong>, sales</li>
  </ul>
  <h2>Payment</h2>
  <table>
    <tr><th>Bank</th><td>Yorkshire Bank</td></tr>
    <tr><th>IBAN</th><td>GB29 NWBK 6016 1331 9268 19</td></tr>
    <tr><th>Terms</th><td>30 days net</td></tr>
  </table>
  <h2>Certificates</h2>
  <dl><dt>ISO 9001</dt><dd>valid until 30 June 2027</dd><dt>ISO 14001</dt><dd>valid until 31 March 2027</dd></dl>
  <h2>News</h2>
  <section class="news">
    <article><h3>New furnace</h3><p>The new furnace melts two tonnes an hour.</p><time>3 hours ago</time><span class="v">1,204 views</span></article>
    <article><h3>Open day</h3><p>Visit us on 14 May.</p><time>2 days ago</time><span class="v">310 views</span></article>
  </section>
  <h2>Contact</h2>
  <p>Telephone +44 114 496 0000<br>Mail sales@hartwell.example</p>
  <form action="/contact"><input type="hidden" name="_token" value="Zk3l9aQ"><input name="mail"><button>Send</button></form>
  <div class="share"><a href="#">Share</a> 17 shares</div>
</main>
<aside class="trending"><h3>Most read</h3><ul><li>Ten facts about brass</li></ul></aside>
<footer>
  <p>&copy; 2026 Hartwell Components Ltd. Company number 09000001.</p>
  <p>Last updated: 1 November 2026</p>
  <p>Page generated in 0.084 seconds. Request ID: 7f3a-11c2-99</p>
</footer>
</body></html>
"""

DATA = """{"requestId": "c0ffee", "generatedAt": "2026-11-02T09:00:00Z", "meta": {"took": 12, "nextPageToken": "abc"},
 "company": {"name": "Hartwell Components Ltd", "number": "09000001", "status": "active", "employees": 140,
  "address": {"line": "12 Furnace Lane", "city": "Sheffield"},
  "officers": [{"id": "o1", "name": "Ann Lee", "role": "director"}, {"id": "o2", "name": "Robert Mills", "role": "director"}],
  "filings": [{"form": "accounts", "day": "2026-09-30"}, {"form": "confirmation", "day": "2026-06-01"}],
  "tags": ["castings", "brass"], "lastUpdated": "2026-11-02", "viewCount": 120}}"""

Edit = Callable[[str], str]


def put(old: str, new: str) -> Edit:
    def edit(source: str) -> str:
        assert old in source, old
        return source.replace(old, new)

    return edit


def both(*edits: Edit) -> Edit:
    def edit(source: str) -> str:
        for one in edits:
            source = one(source)
        return source

    return edit


def moved(pattern: str) -> Edit:
    """Turn round the order of what the pattern finds."""

    def edit(source: str) -> str:
        found = re.findall(pattern, source, re.DOTALL)
        assert len(found) > 1
        turned = iter(reversed(found))
        return re.sub(pattern, lambda _: next(turned), source, flags=re.DOTALL)

    return edit


NOISE: dict[str, Edit] = {
    "build date of the document": put("20261102.1", "20261103.4"),
    "csrf token in the head": put("Zk3l9aQ", "00bBcC"),
    "nonce of a script": put("r4nd0m", "0th3r"),
    "numbers in a script": put("1793610000", "1793696400"),
    "style sheet": put("color:#333", "color:#444;margin:0"),
    "hash of an asset": put("app.3f2a9c.css", "app.77d0e1.css"),
    "version of a picture": put("logo.png?v=77", "logo.png?v=78"),
    "session in a link": put("PHPSESSID=aa11bb22", "PHPSESSID=ffee0099"),
    "comment": put("cached 2026-11-02 08:59:58", "cached 2026-11-03 10:11:12"),
    "no comment any more": put("<!-- cached 2026-11-02 08:59:58 by varnish -->", ""),
    "clock": put("08:59:58</span>", "09:12:41</span>"),
    "cart": put("Cart (0)", "Cart (3)"),
    "consent said otherwise": put("We use cookies to give you the best experience.", "This site uses cookies. Please choose."),
    "no consent asked": lambda s: re.sub(r'<div id="cookie-consent".*?</div>', "", s, flags=re.DOTALL),
    "consent without a telling class": put('id="cookie-consent" role="dialog"', 'class="x9"'),
    "menu": put('<li><a href="/">Home</a></li>', '<li><a href="/">Start</a></li><li><a href="/shop">Shop</a></li>'),
    "relative times": both(put("3 hours ago", "1 day ago"), put("2 days ago", "3 days ago")),
    "just now": put("3 hours ago", "just now"),
    "views": both(put("1,204 views", "1,391 views"), put("310 views", "1.2k views")),
    "shares": put("17 shares", "23 shares"),
    "year of the copyright": put("&copy; 2026", "&copy; 2027"),
    "years of the copyright": put("&copy; 2026", "© 1961–2026"),
    "last updated": put("1 November 2026", "2 November 2026, 14:05"),
    "time it took": put("0.084", "1.207"),
    "request id": put("7f3a-11c2-99", "0b0b-77aa-01"),
    "white space": lambda s: re.sub(r">\s+<", "><", s),
    "line breaks in a paragraph": put("castings and turned parts", "castings\n     and   turned&nbsp;parts"),
    "order of list items": moved(r"<li><strong>.*?</li>"),
    "order of articles": moved(r"<article>.*?</article>"),
    "order of table rows": moved(r"<tr>.*?</tr>"),
    "order of sections": moved(r"<h2>(?:People|Payment)</h2>\s*<(?:ul|table).*?</(?:ul|table)>"),
    "capitals": put("New furnace", "NEW FURNACE"),
    "quotes and dashes": both(put("12 Furnace Lane, Sheffield", "12, Furnace Lane – Sheffield"), put("Visit us on", "“Visit” us on")),
    "other markup, same words": both(
        put("<strong>Ann Lee</strong>, managing director", '<b class="n">Ann Lee</b>, <i>managing director</i>'),
        put("<p>Our registered", '<p class="lead" id="p-77">Our registered'),
    ),
    "wrapped in another block": both(put("<main id", '<div class="wrap"><main id'), put("</main>", "</main></div>")),
    "soft hyphens and zero widths": put("managing director", "manag\u00ading dir\u200bector"),
    "decomposed letters": put("Priya Nair", "Priya Nair"),
    "hidden input": put('name="_token" value="', 'name="_token" data-x="1" value="'),
    "hidden text": put("<main id", '<div style="display:none">offer 4711</div><div hidden>x1</div><main id'),
    "advertisement": put('<aside class="trending">', '<div class="ads"><p>Buy cheap tyres</p></div><aside class="trending">'),
    "most read": put("Ten facts about brass", "Why zinc prices rise"),
    "captcha beside the form": put("<button>Send</button>", '<div class="g-recaptcha captcha"><p>Solve 3 + 4</p></div><button>Send</button>'),
    "a paragraph said twice": put("<h2>Contact</h2>", "<p>Our registered office is at 12 Furnace Lane, Sheffield S1 2AB.</p><h2>Contact</h2>"),
    "a heading typed anew": put("<h2>Payment</h2>", "<h2>Payment</h2><!-- x -->"),
    "visitors online": put("<footer>", "<footer><p>14 visitors online</p>"),
    "served by": put("</footer>", "<p>Served by: web-07</p></footer>"),
    "countdown": put("<footer>", "<footer><p>2d 11h 04m 12s</p>"),
    "uuid": put("</footer>", "<p>3fa85f64-5717-4562-b3fc-2c963f66afa6</p></footer>"),
    "template and noscript": put("</body>", "<noscript><p>Please enable JavaScript</p></noscript><template><p>t</p></template></body>"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOISE)
@pytest.mark.parametrize("full", [False, True], ids=["usual", "full"])
async def test_noise_is_no_change(name: str, full: bool) -> None:
    watch = Watch()
    await watch.look(COMPANY)

    assert texts(await watch.look(NOISE[name](COMPANY), full=full)) == []
    assert texts(await watch.look(COMPANY, full=full)) == []


async def test_all_noise_at_once_is_no_change_and_costs_no_comparison() -> None:
    watch = Watch()
    await watch.look(COMPANY)
    source = COMPANY
    for name, edit in NOISE.items():
        try:
            source = edit(source)
        except AssertionError:
            assert name in (
                "no comment any more",
                "just now",
                "years of the copyright",
                "consent without a telling class",
            ), name

    found = await watch.find(source)

    assert found.unchanged


DATA_NOISE: dict[str, Edit] = {
    "request id": put("c0ffee", "decade"),
    "time of generation": put("2026-11-02T09:00:00Z", "2026-11-03T09:00:00Z"),
    "time it took": put('"took": 12', '"took": 7, "cached": true'),
    "page token": put('"abc"', '"xyz"'),
    "last update": put('"lastUpdated": "2026-11-02"', '"lastUpdated": "2026-11-03"'),
    "views": put('"viewCount": 120', '"viewCount": 144'),
    "order of keys": put('"name": "Ann Lee", "role": "director"', '"role": "director", "name": "Ann Lee"'),
    "order of items": moved(r'\{"id": "o\d".*?\}'),
    "order of nameless items": moved(r'\{"form".*?\}'),
    "order of words": moved(r'"castings"|"brass"'),
    "white space": lambda s: re.sub(r'(?<=[,{\[])\s*(?=["{])', "\n  ", s),
    "a number written otherwise": put("140", "140.0"),
}


@pytest.mark.parametrize("name", DATA_NOISE)
async def test_noise_in_data_is_no_change(name: str) -> None:
    watch = Watch()
    await watch.look(DATA, "application/json")

    assert texts(await watch.look(DATA_NOISE[name](DATA), "application/json")) == []


# --------------------------------------------------------------------------- true changes


CHANGES: dict[str, tuple[Edit, list[tuple[str, str]]]] = {
    "an officer replaced": (
        put("<strong>Robert Mills</strong>", "<strong>Susan Wright</strong>"),
        [("altered", "Susan Wright, finance director")],
    ),
    "an account replaced": (
        put("GB29 NWBK 6016 1331 9268 19", "GB94 BARC 1020 1530 0934 59"),
        [("altered", "IBAN | GB94 BARC 1020 1530 0934 59")],
    ),
    "one figure of an account": (put("9268 19", "9268 91"), [("altered", "IBAN | GB29 NWBK 6016 1331 9268 91")]),
    "terms of payment": (put("30 days net", "prepayment"), [("altered", "Terms | prepayment")]),
    "an address": (
        put("12 Furnace Lane, Sheffield S1 2AB", "4 Mill Road, Leeds LS1 1AA"),
        [("altered", "Our registered office is at 4 Mill Road, Leeds LS1 1AA.")],
    ),
    "a number in a text": (
        put("We employ 140 people", "We employ 40 people"),
        [("altered", "Hartwell Components Ltd has made castings and turned parts in Sheffield since 1961. We employ 40 people.")],
    ),
    "a date that matters": (put("30 June 2027", "30 June 2026"), [("altered", "ISO 9001: valid until 30 June 2026")]),
    "news on top": (
        put('<section class="news">', '<section class="news"><article><h3>Short time</h3><p>Three days a week.</p><time>1 hour ago</time></article>'),
        [("added", "Short time · Three days a week.")],
    ),
    "a new paragraph in the midst": (
        put("<h2>People</h2>", "<p>We are in administration. Joint administrators were appointed.</p><h2>People</h2>"),
        [("added", "We are in administration. Joint administrators were appointed.")],
    ),
    "a person more": (
        put("<li><strong>Priya", "<li><strong>Omar Said</strong>, works manager</li><li><strong>Priya"),
        [("added", "Omar Said, works manager")],
    ),
    "a telephone number": (
        put("+44 114 496 0000", "+44 114 496 0999"),
        [("altered", "Telephone +44 114 496 0999 Mail sales@hartwell.example")],
    ),
    "a mail address": (
        put("sales@hartwell.example", "sales@hartwell-group.example"),
        [("altered", "Telephone +44 114 496 0000 Mail sales@hartwell-group.example")],
    ),
    "a company number in the footer": (
        put("09000001", "09000002"),
        [("altered", "© Hartwell Components Ltd. Company number 09000002.")],
    ),
    "a heading": (put("<h2>News</h2>", "<h2>Archive of news</h2>"), [("altered", "Archive of news")]),
    "a headline": (put("Open day", "Open day called off"), [("altered", "Open day called off · Visit us on 14 May.")]),
    "a certificate more": (
        put("<dt>ISO 14001</dt>", "<dt>IATF 16949</dt><dd>withdrawn</dd><dt>ISO 14001</dt>"),
        [("added", "IATF 16949: withdrawn")],
    ),
    "a row more": (put("<tr><th>Terms", "<tr><th>Currency</th><td>EUR</td></tr><tr><th>Terms"), [("added", "Currency | EUR")]),
    "a sign before a figure": (
        put("melts two tonnes an hour", "melts -5 % of last year"),
        [("altered", "New furnace · The new furnace melts -5 % of last year.")],
    ),
    "two changes far apart": (
        both(put("Yorkshire Bank", "Bank of Nowhere"), put("two tonnes", "three tonnes")),
        [("altered", "Bank | Bank of Nowhere"), ("altered", "New furnace · The new furnace melts three tonnes an hour.")],
    ),
    "a change amid a shuffle": (
        both(moved(r"<li><strong>.*?</li>"), put("<h2>Contact</h2>", "<p>The works are closed until further notice.</p><h2>Contact</h2>")),
        [("added", "The works are closed until further notice.")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
async def test_a_true_change_is_found_and_nothing_else(name: str) -> None:
    edit, expected = CHANGES[name]
    watch = Watch()
    await watch.look(COMPANY)

    changes = await watch.look(edit(COMPANY))
    later = await watch.look(edit(COMPANY), full=True)

    assert texts(changes) == sorted(expected)
    assert texts(later) == []


@pytest.mark.parametrize(
    ("old", "gone"),
    [
        ("    <li><strong>Robert Mills</strong>, finance director</li>\n", "Robert Mills, finance director"),
        ("    <tr><th>IBAN</th><td>GB29 NWBK 6016 1331 9268 19</td></tr>\n", "IBAN | GB29 NWBK 6016 1331 9268 19"),
        ("<dt>ISO 9001</dt><dd>valid until 30 June 2027</dd>", "ISO 9001: valid until 30 June 2027"),
    ],
)
async def test_a_paragraph_that_is_gone_is_told_at_the_second_look(old: str, gone: str) -> None:
    watch = Watch()
    await watch.look(COMPANY)
    without = put(old, "")(COMPANY)

    assert texts(await watch.look(without)) == []
    assert texts(await watch.look(without, full=True)) == [("removed", gone)]


async def test_a_paragraph_that_was_edited_and_comes_back_was_never_gone() -> None:
    watch = Watch()
    await watch.look(COMPANY)
    edited = put("Yorkshire Bank", "Bank of Nowhere")(COMPANY)
    await watch.look(edited)
    row = "    <tr><th>Bank</th><td>Bank of Nowhere</td></tr>\n"

    await watch.look(put(row, "")(edited))

    assert texts(await watch.look(edited, full=True)) == []


DATA_CHANGES: dict[str, tuple[Edit, list[tuple[str, str]]]] = {
    "a status": (put('"active"', '"in administration"'), [("altered", "in administration")]),
    "a number": (put("140", "41"), [("altered", "41")]),
    "a role": (
        put('"Robert Mills", "role": "director"', '"Robert Mills", "role": "secretary"'),
        [("altered", "id: o2; name: Robert Mills; role: secretary")],
    ),
    "an officer more": (
        put('"officers": [', '"officers": [{"id": "o3", "name": "Susan Wright", "role": "director"}, '),
        [("added", "id: o3; name: Susan Wright; role: director")],
    ),
    "a filing more": (
        put('"filings": [', '"filings": [{"form": "charge", "day": "2026-11-01"}, '),
        [("added", "day: 2026-11-01; form: charge")],
    ),
    "a word more": (put('"brass"]', '"brass", "bronze"]'), [("added", "bronze")]),
    "a field more": (put('"number":', '"insolvent": true, "number":'), [("added", "true")]),
}


@pytest.mark.parametrize("name", DATA_CHANGES)
async def test_a_true_change_in_data_is_found_and_nothing_else(name: str) -> None:
    edit, expected = DATA_CHANGES[name]
    watch = Watch(select="$.company")
    await watch.look(DATA, "application/json")

    assert texts(await watch.look(edit(DATA), "application/json")) == expected


# --------------------------------------------------------------------------- laws


LINES = st.lists(
    st.text(st.sampled_from("abcdefgh "), min_size=4, max_size=30).map(lambda text: f"w{text.strip()}").filter(bool),
    min_size=1,
    max_size=12,
    unique_by=_letters.fold,
)


def wrapped(lines: Sequence[str]) -> str:
    return f"<html><body><main>{''.join(f'<p>{line}</p>' for line in lines)}</main></body></html>"


def told(lines: Sequence[str]) -> list[Paragraph]:
    return [Paragraph("", line) for line in lines]


@given(LINES, st.randoms(use_true_random=False))
def test_order_never_matters(lines: list[str], chance: Any) -> None:
    first = _known.match(told(lines), (), NOW)
    turned = lines[:]
    chance.shuffle(turned)

    second = _known.match(told(turned), first.remember, NOW)

    assert {(one.key, one.text) for one in second.told} == {(one.key, one.text) for one in first.told}


@given(LINES, st.integers(0, 12), st.text(st.sampled_from("xyz"), min_size=5, max_size=9))
def test_an_insertion_changes_no_key(lines: list[str], at: int, new: str) -> None:
    first = _known.match(told(lines), (), NOW)

    second = _known.match(told([*lines[:at], new, *lines[at:]]), first.remember, NOW)

    keys = {one.key for one in first.told}
    assert {one.key for one in second.told} - keys == {one.key for one in second.told if one.text == new}
    assert keys <= {one.key for one in second.told}


@given(LINES, LINES)
def test_two_paragraphs_never_share_a_key(before: list[str], after: list[str]) -> None:
    first = _known.match(told(before), (), NOW)
    second = _known.match(told(after), first.remember, NOW)
    third = _known.match(told(before), second.remember, NOW)

    for matched in (first, second, third):
        assert len({one.key for one in matched.told}) == len(matched.told)
        assert len({one.key for one in matched.remember}) == len(matched.remember)


@given(LINES)
def test_what_is_remembered_survives_being_written(lines: list[str]) -> None:
    known = _known.Known(
        NOW.date(), True, "d1", "r1", _known.match(told(lines), (), NOW).remember, {"rating": (("2026-11-02", "4.5"),)}
    )

    assert _known.Known.read(known.written()) == known


@pytest.mark.parametrize(
    "cursor",
    [None, "", "1 2026-11-02 e d1 r1", "1 x e d1 r1 ??", "9 2026-11-02 e d1 r1 abc", "1 2026-11-02 e d1 r1 abc"],
)
def test_a_cursor_that_is_none_of_ours_is_forgotten(cursor: str | None) -> None:
    assert _known.Known.read(cursor) == _known.Known()


@settings(max_examples=30)
@given(st.binary(max_size=400))
async def test_whatever_is_sent_ends_in_findings_or_in_plain_words(body: bytes) -> None:
    try:
        found = await Watch().find(body)
    except SourceTrouble as trouble:
        assert trouble.reason
    else:
        assert len({record.id for record in found.records}) == len(found.records)


# --------------------------------------------------------------------------- letters


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<p>Zürich – 5 €</p>".encode(), "text/html; charset=utf-8"),
        ("<p>Zürich – 5 €</p>".encode(), "text/html; charset=iso-8859-1"),
        ("<p>Zürich – 5 €</p>".encode(), "text/html"),
        ("\ufeff<p>Zürich – 5 €</p>".encode(), "text/html; charset=windows-1252"),
        ("<p>Zürich – 5 €</p>".encode("cp1252"), "text/html; charset=ISO-8859-1"),
        ("<p>Zürich – 5 €</p>".encode("cp1252"), "text/html"),
        ('<meta charset="windows-1252"><p>Zürich – 5 €</p>'.encode("cp1252"), "text/html"),
        ("\ufeff<p>Zürich – 5 €</p>".encode("utf-16-le"), "text/html"),
    ],
)
async def test_letters_are_read_as_they_were_meant(body: bytes, content_type: str) -> None:
    found = await Watch().find(body, content_type)

    assert [record.fields["text"] for record in found.records] == ["Zürich – 5 €"]


async def test_another_encoding_of_the_same_page_is_no_change() -> None:
    source = "<html><body><main><p>Größe und Änderung</p><p>Bäcker Müller</p></main></body></html>"
    watch = Watch()
    await watch.look(source)

    assert await watch.look(source.encode("cp1252"), "text/html; charset=iso-8859-1") == []
    assert await watch.look(source.encode().decode("cp1252")) == []  # broken on its way for one look


@given(st.text(max_size=60))
def test_letters_are_never_more_than_text(text: str) -> None:
    clean = _letters.clean(text)

    assert clean == _letters.clean(clean)
    assert _letters.fold(clean) == _letters.fold(clean.upper().lower()) or not clean.isascii()


async def test_a_change_behind_the_cut_of_a_huge_paragraph_is_found() -> None:
    huge = " ".join(f"word{n}" for n in range(3_000))
    watch = Watch()
    await watch.look(wrapped(["a first line", huge, "a last line"]))

    (change,) = await watch.look(wrapped(["a first line", f"{huge} more", "a last line"]))

    assert change.what == "altered"
    assert len(str(change.record.fields["text"])) <= _letters.MOST_TEXT


async def test_a_deep_page_a_long_page_and_a_huge_one_are_all_answered() -> None:
    deep = await Watch().find("<div>" * 1_500 + "<p>down here</p>")
    for tags in ("<div>", "<ul><li>", "<b></p>", "<div></p>"):
        with pytest.raises(SourceDrifted, match="too deeply"):
            await Watch().find(tags * 200_000)
    with pytest.raises(SourceDrifted, match="name the part that counts"):
        await Watch().find(wrapped([f"line {n}" for n in range(2_100)]))
    figures = await Watch().find(wrapped(["1 " * 100_000, "9,1" * 30_000, "cookie " * 20_000]))

    assert [record.fields["text"] for record in deep.records] == ["down here"]
    assert len(figures.records) == 3


# --------------------------------------------------------------------------- what is no look


def instead(title: str, body: str) -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"


WALLS = {
    "cloudflare": instead(
        "Just a moment...", "<p>www.hartwell.example needs to review the security of your connection.</p>"
    ),
    "akamai": instead(
        "Access Denied", "<h1>Access Denied</h1><p>You don't have permission. Reference #18.2f1a2b3c.1793.aa</p>"
    ),
    "incapsula": instead(
        "", '<iframe src="/_Incapsula_Resource?SWUDNSAI=31"></iframe>Request unsuccessful. Incapsula incident ID: 77-1'
    ),
    "interruption": instead(
        "Pardon Our Interruption",
        "<p>As you were browsing something about your browser made us think you were a bot.</p>",
    ),
    "german check": instead("Sicherheit", "<p>Sind Sie ein Mensch? Bitte bestätigen.</p>"),
    "chinese check": instead("安全验证", "<p>请完成安全验证后继续访问</p>"),
    "too many": instead("Hartwell", "<p>Too many requests</p>"),
    "login": instead("Log in", '<form><input name="u"><input type="password"></form><p>Members only.</p>'),
    "french login": instead("Connexion | Hartwell", '<form><input type="password"></form>'),
    "404": instead("404 Not Found", "<h1>Not Found</h1><p>The requested URL was not found on this server.</p>"),
    "german 404": instead(
        "Seite nicht gefunden – Hartwell", "<main><p>" + "Leider gibt es diese Seite nicht. " * 60 + "</p></main>"
    ),
    "chinese 404": instead("页面不存在", "<p>抱歉</p>"),
    "heading only": instead("Hartwell Components", "<h1>Page not found</h1><p>Try the search.</p>"),
    "502": instead("502 Bad Gateway", "<center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>"),
    "database": instead("Database Error", "<h1>Error establishing a database connection</h1>"),
    "maintenance": instead("Hartwell", "<h1>We'll be back soon!</h1><p>Sorry, we are performing some maintenance.</p>"),
    "wartung": instead("Wartungsarbeiten", "<p>Wir sind bald wieder da.</p>"),
    "nginx": instead(
        "Welcome to nginx!", "<h1>Welcome to nginx!</h1><p>If you see this page, the server is installed.</p>"
    ),
    "apache": instead(
        "Apache2 Ubuntu Default Page: It works", "<p>This is the default welcome page used to test the server.</p>"
    ),
    "consent": instead("Before you continue", "<p>We and our partners store information.</p>"),
}


@pytest.mark.parametrize("name", WALLS)
@pytest.mark.parametrize("select", ["", "main"])
async def test_what_stands_in_the_place_of_a_page_is_no_look_at_it(name: str, select: str) -> None:
    with pytest.raises(SourceBlocked, match="instead of the page"):
        await Watch(select=select).find(WALLS[name])


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Lift maintenance | Hartwell", "<p>We look after lifts. Maintenance of every make, day and night.</p>" * 3),
        ("404 new jobs at Hartwell", "<p>Hartwell takes on 404 people this winter, the largest number ever.</p>"),
        ("Hartwell login portal for dealers", f"<p>{'Dealers find price lists here. ' * 60}</p><form><input type='password'></form>"),
        ("Captchas explained", f"<p>{'A captcha asks whether you are human. ' * 40}</p>"),
        ("Domains", f"<p>{'We sell domains. This domain is for sale, and so are others. ' * 40}</p>"),
        ("Status", "<p>All systems work</p>"),
        ("Cookie policy", f"<h1>Cookie policy</h1><p>{'How long we keep what your browser sends. ' * 20}</p>"),
    ],
)  # fmt: skip
async def test_a_page_that_only_speaks_of_such_things_is_a_page(title: str, body: str) -> None:
    assert (await Watch().find(instead(title, body))).records


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("This domain is for sale. Buy this domain now.", "for_sale"),
        ("hartwell.example may be for sale. The domain name hartwell.example is for sale!", "for_sale"),
        ("Diese Domain steht zum Verkauf", "for_sale"),
        ("此域名出售，联系我们", "for_sale"),
        ("This domain has expired. Is this your domain? Renew now.", "expired"),
        ("This Account has been suspended. Contact your hosting provider.", "suspended"),
        ("This domain is parked free, courtesy of a registrar", "parked"),
    ],
)
async def test_a_lost_address_is_a_fact_and_the_page_is_not_gone(text: str, status: str) -> None:
    watch = Watch()
    await watch.look(COMPANY)

    found = await watch.find(instead("hartwell.example", f"<p>{text}</p>"))

    (record,) = found.records
    assert (record.kind, record.key, record.fields["status"]) == ("domain", "hartwell.example", status)
    assert [signal.event for signal in record.signals] == ["ctx.web_lost"]
    assert not found.complete


@pytest.mark.parametrize(
    ("body", "content_type", "select", "reason"),
    [
        (b"", HTML, "", "empty answer"),
        (b"  \n ", HTML, "", "empty answer"),
        (COMPANY[: len(COMPANY) // 2].encode(), HTML, "", "cut short"),
    ],
)
async def test_half_a_page_is_no_page(body: bytes, content_type: str, select: str, reason: str) -> None:
    with pytest.raises(SourceDown, match=reason):
        await Watch(select=select).find(body, content_type)


async def test_a_page_that_had_an_end_and_has_none_now_is_cut_short() -> None:
    watch = Watch()
    await watch.look(COMPANY)

    with pytest.raises(SourceDown, match="cut short"):
        await watch.find(COMPANY[: COMPANY.index("<h2>News</h2>")])


@pytest.mark.parametrize(
    ("body", "content_type", "select", "reason"),
    [
        (COMPANY, HTML, "#nowhere", "fits the selector '#nowhere'"),
        (COMPANY, HTML, "main[", "cannot be read"),
        (COMPANY, HTML, "", None),
        (DATA, "application/json", "$.firm", "there is no 'firm'"),
        (DATA, "application/json", "$.company.officers[9]", "there is no '9'"),
        (DATA, "application/json", "$.company..x[", "cannot be read"),
        ('{"a": 1, "a": 2}', "application/json", "", "not sound JSON"),
        ("<rss><channel></channel></rss>", "text/xml", "", "sent a feed"),
        ("\x89PNG\r\n\x1a\n", "image/png", "", "no text|a picture"),
        (instead("Hartwell", '<div id="root"></div><script src="/app.js"></script>'), HTML, "", "without its scripts"),
    ],
)
async def test_what_cannot_be_compared_is_said_and_changes_nothing(
    body: str, content_type: str, select: str, reason: str | None
) -> None:
    if reason is None:
        assert (await Watch(select=select).find(body, content_type)).records
        return
    with pytest.raises(SourceDrifted, match=reason):
        await Watch(select=select).find(body.encode("latin-1", "ignore"), content_type)


async def test_a_page_where_data_was_is_no_look() -> None:
    with pytest.raises(SourceBlocked):
        await Watch(select="$.company").find(COMPANY)


async def test_another_page_altogether_is_doubted_for_two_days_and_then_believed() -> None:
    other = wrapped(
        [f"quite another text about shoes number {word}" for word in ("one", "two", "three", "four", "five")]
    )
    watch = Watch()
    await watch.look(COMPANY)
    seen = watch.now

    with pytest.raises(SourceDrifted, match="holds nothing of what it held on 2026-11-02"):
        await watch.find(other)
    watch.now = seen + DAY
    found = await watch.find(other)

    assert len(found.records) == 5


async def test_a_part_of_few_lines_may_change_altogether() -> None:
    watch = Watch(select=".status")
    await watch.look('<body><p class="status">Open for orders</p><p>x</p></body>')

    (change,) = await watch.look('<body><p class="status">Closed: in liquidation</p><p>x</p></body>')

    assert change.record.fields["text"] == "Closed: in liquidation"


async def test_a_day_that_stands_alone_is_a_clock_only_if_it_is_always_today() -> None:
    def at(day: str) -> str:
        return f"<body><main><p>Rates</p><p>{day}</p><p>EUR 1.08</p></main></body>"

    watch = Watch()
    await watch.look(at("2 November 2026"))

    assert await watch.look(at("3 November 2026")) == []  # today
    (change,) = await watch.look(at("24 December 2026"))

    assert change.record.fields["text"] == "24 December 2026"


# --------------------------------------------------------------------------- which part


async def test_only_the_selected_part_counts_and_nested_hits_count_once() -> None:
    source = (
        "<body><p>outside</p><div class=x><p>one</p><div class=x><p>two</p></div></div><div class=x>three</div></body>"
    )

    found = await Watch(select=".x").find(source)

    assert [record.fields["text"] for record in found.records] == ["one", "two", "three"]


async def test_a_selected_element_is_read_whatever_it_is() -> None:
    found = await Watch(select="nav").find("<body><nav><ul><li>Shop</li><li>Terms</li></ul></nav><p>x</p></body>")

    assert [record.fields["text"] for record in found.records] == ["Shop", "Terms"]


async def test_a_hidden_mail_address_is_read_as_browsers_show_it() -> None:
    code = bytes([0x42, *(ord(char) ^ 0x42 for char in "pay@hartwell.example")]).hex()
    source = f'<body><p>Mail <a class="__cf_email__" data-cfemail="{code}">[email&#160;protected]</a></p></body>'

    (record,) = (await Watch().find(source)).records

    assert "pay@hartwell.example" in str(record.fields["text"])


def test_blocks_name_the_heading_and_sections_keep_their_own() -> None:
    from selectolax.lexbor import LexborHTMLParser

    from watchers.web._paragraphs import paragraphs

    body = LexborHTMLParser("<h1>A</h1><p>1</p><section><h2>B</h2><p>2</p></section><p>3</p><h2>C</h2><p>4</p>").body
    assert body is not None

    assert [(one.block, one.text) for one in paragraphs([body])] == [
        ("", "A"), ("A", "1"), ("A", "B"), ("B", "2"), ("A", "3"), ("A", "C"), ("C", "4"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "found"),
    [("$.a.b[1]", 2), ("a.b[0]", 1), ('$["a"]["b"][1]', 2), ("$", {"a": {"b": [1, 2]}}), ("", {"a": {"b": [1, 2]}})],
)
def test_a_path_leads_where_it_says(path: str, found: Any) -> None:
    assert _data.part({"a": {"b": [1, 2]}}, path) == found


# --------------------------------------------------------------------------- ratings


def rated(value: str, count: int = 80, *, extra: str = "") -> str:
    data = (
        '{"@context": "https://schema.org", "@graph": [{"@type": ["Store"], "name": "Hartwell Shop", "aggregateRating":'
        f' {{"@type": "AggregateRating", "ratingValue": {value}, "reviewCount": "{count}"{extra}}}}}]}}'
    )
    return f'<html><head><script type="application/ld+json">{data}</script></head><body><p>Shop</p><p>{value}/5 from {count} reviews</p></body></html>'


@pytest.mark.parametrize(
    ("source", "value", "count"),
    [
        (rated("4.5"), "4.5", 80),
        (rated('"4,5"'), "4.5", 80),
        (rated("9", extra=', "bestRating": 10'), "4.5", 80),
        (rated("90", extra=', "bestRating": "100"'), "4.5", 80),
        (
            '<body><div itemscope itemtype="https://schema.org/Product"><b itemprop="name">Valve</b><div itemprop="aggregateRating" itemscope'
            ' itemtype="https://schema.org/AggregateRating"><span itemprop="ratingValue">4.5</span>/<span itemprop="bestRating">5</span>'
            ' <span itemprop="reviewCount">1.280</span> reviews</div></div></body>',
            "4.5",
            1280,
        ),
        (
            '<body vocab="https://schema.org/"><div typeof="AggregateRating"><meta property="ratingValue" content="4.5">'
            '<meta property="ratingCount" content="80"></div></body>',
            "4.5",
            80,
        ),
    ],
)
async def test_a_rating_is_read_on_a_scale_of_five(source: str, value: str, count: int) -> None:
    ratings = [record for record in (await Watch().find(source)).records if record.kind == "rating"]

    assert [(record.fields["value"], record.fields["count"]) for record in ratings] == [(value, count)]


@pytest.mark.parametrize("value", ['"many"', "null", "true", "17", "-1", "1e999999", '"NaN"'])
async def test_a_rating_that_is_none_is_left_out(value: str) -> None:
    assert [record for record in (await Watch().find(rated(value))).records if record.kind == "rating"] == []


async def test_more_reviews_alone_change_no_paragraph_and_the_value_does() -> None:
    watch = Watch()
    await watch.look(rated("4.5", 80))

    assert await watch.look(rated("4.5", 91)) == []
    (change,) = await watch.look(rated("3.9", 95))

    assert (change.record.kind, change.fields, change.record.fields["value"]) == ("rating", ("value",), "3.9")
    assert change.record.signals == ()  # half a point at once: the comparison says so itself


async def test_a_rating_that_falls_bit_by_bit_within_ninety_days_is_said_once() -> None:
    watch = Watch()
    signals: list[Any] = []
    for value in ("4.6", "4.5", "4.3", "4.2", "4.1", "4.1", "4.0"):
        await watch.look(rated(value))
        signals += [
            signal
            for held in watch.held.values()
            for signal in held.record.signals
            if value == held.record.fields["value"]
        ]
        watch.now += timedelta(days=10)

    assert [
        (signal.event, signal.facts["old"], signal.facts["new"])
        for signal in dict.fromkeys(map(repr, signals)) and signals[:1]
    ] == [("med.reputation", "4.6", "4.1")]


def test_a_slow_fall_over_a_year_is_no_alarm() -> None:
    points: tuple[tuple[str, str], ...] = ()
    day, alarms = NOW.date(), []
    for value in ("4.6", "4.5", "4.4", "4.3", "4.2", "4.1", "4.0"):
        points, fell = _known.followed(points, value, day)
        alarms.append(fell)
        day += timedelta(days=60)

    assert alarms == [None] * 7


def test_broken_data_blocks_spoil_nothing() -> None:
    from selectolax.lexbor import LexborHTMLParser

    blocks = ("{", "[]", "null", "{&quot;a&quot;: 1}", '{"@type": "AggregateRating"}', "<!-- {} -->")
    source = "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)

    assert _ratings.ratings(LexborHTMLParser(source)) == ()


# --------------------------------------------------------------------------- noise, close up


@pytest.mark.parametrize(
    "text",
    [
        "Managing director: Kari Nordmann", "IBAN DE89370400440532013000", "LEI 213800KESTREL0010135", "Opening hours 10:00–18:00",
        "Delivery in 5 days", "The plant received 12,000 visitors in 2025.", "Founded 1998", "Capacity 1,200 tonnes per year",
        "Article 14 of the terms", "Court hearing on 24 November 2026 at 10:15", "Valid until 31.12.2026", "Share capital 50,000 EUR",
        "Built 1998 in Oslo", "Order no. 4711", "Turnover 2025: 14,3 Mio. EUR", "注册资本 5000 万元", "成立于2008年5月6日",
    ],
)  # fmt: skip
def test_what_people_state_is_not_taken_for_noise(text: str) -> None:
    assert _noise.still(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "3 minutes ago", "vor 5 Minuten", "il y a 3 heures", "hace 2 días", "há 4 horas", "5 minuti fa", "3 uur geleden", "for 5 minutter siden",
        "5 минут назад", "5分钟前", "3時間前", "2시간 전", "just now", "1,204 views", "87 Aufrufe", "浏览量：1234", "1234次阅读", "12 people are viewing this",
        "Last updated: 24 November 2026 10:15", "Zuletzt aktualisiert am 24.11.2026", "Mise à jour : 24/11/2026", "更新时间：2026-11-24 10:15",
        "Stand: 25.11.2026", "Today is Wednesday, 25 November 2026", "Page generated in 0.123 seconds", "Request ID: ab-123-xyz99", "Ray ID: 8f2a33cd9e",
        "9e107d9d372bb6826bd81d3542a419d6", "10:15:32", "Build 2026.11.24-3f9a", "Accept all cookies", "Wir verwenden Cookies, um Inhalte anzuzeigen",
        "2d 03h 11m 05s", "Served by: web-07", "Cart (2)",
    ],
)  # fmt: skip
def test_what_changes_by_itself_is_left_out(text: str) -> None:
    assert _noise.still(text) == ""


# --------------------------------------------------------------------------- who is followed


def customer(id_: str, *pages: Page) -> Customer:
    return Customer(id_, f"Company {id_}", "GB", pages=pages)


def test_one_page_is_fetched_once_for_all_who_name_it_and_each_part_apart() -> None:
    one, part = Page("https://A.example/x"), Page("https://a.example/x", "main")
    found = targets([customer("c1", one), customer("c2", Page("https://a.example:443/x#top"), part)], {})

    assert [(target.url, target.select, target.subscribers, target.own) for target in found] == [
        ("https://A.example/x", "", frozenset({"c1", "c2"}), True),
        ("https://a.example/x", "main", frozenset({"c2"}), True),
    ]
    assert len({target.key for target in found}) == 2


def test_a_page_for_everyone_speaks_of_whom_it_names() -> None:
    (own, common) = targets([customer("c1", Page("https://a.example/x"))], {"urls": ["https://a.example/x"]})

    assert (own.own, own.subscribers) == (True, frozenset({"c1"}))
    assert (common.own, common.subscribers) == (False, frozenset())
    assert own.key != common.key


def test_nobody_who_names_no_page_is_followed() -> None:
    assert targets([customer("c1")], {}) == []


def test_records_carry_what_the_contract_names() -> None:
    record = Record("page", "k", {"url": URL, "block": "", "text": "x"})

    assert set(record.fields) == {"url", "block", "text"}


# --------------------------------------------------------------------------- lists of the newest things


def listing(*items: str) -> str:
    return f"<body><main><h2>News</h2><ul>{''.join(f'<li>{one}</li>' for one in items)}</ul></main></body>"


ITEMS = (
    "harvest is in",
    "fair in Hanover",
    "new test bench",
    "open day in May",
    "ten years of service",
    "apprentices wanted",
)


@pytest.mark.parametrize("newest_first", [True, False])
async def test_what_made_room_for_something_newer_ends_without_being_news(newest_first: bool) -> None:
    watch = Watch()
    items = ITEMS if newest_first else ITEMS[::-1]
    await watch.look(listing(*items))
    later = ("wholly new matter", *ITEMS[:-1])

    rolled = await watch.look(listing(*(later if newest_first else later[::-1])))
    (first, second) = [
        await watch.look(listing(*(later if newest_first else later[::-1])), full=True) for _ in range(2)
    ]

    assert texts(rolled) == [("added", "wholly new matter")]
    (gone,) = [*first, *second]
    assert (gone.what, gone.record.fields["text"], gone.record.fields["rolled"]) == (
        "removed",
        "apprentices wanted",
        "true",
    )


async def test_what_went_from_the_midst_of_a_list_made_no_room() -> None:
    watch = Watch()
    await watch.look(listing(*ITEMS))
    later = listing("wholly new matter", *ITEMS[:2], *ITEMS[3:])

    await watch.look(later)
    (gone,) = await watch.look(later, full=True)

    assert (gone.what, gone.record.fields["text"]) == ("removed", "new test bench")
    assert "rolled" not in gone.record.fields


async def test_a_short_list_is_no_list_of_the_newest_things() -> None:
    watch = Watch()
    await watch.look(listing("Ann Lee, director", "Robert Mills, director", "Priya Nair, sales"))
    later = listing("Omar Said, chairman", "Ann Lee, director", "Robert Mills, director")

    await watch.look(later)
    (gone,) = await watch.look(later, full=True)

    assert "rolled" not in gone.record.fields
