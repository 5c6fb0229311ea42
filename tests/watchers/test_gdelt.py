"""GDELT beyond its cases: what it is asked, which days, how its headlines are mended, and what is a refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Customer
from monitor.watcher import Answer, Ask, Findings, SourceBlocked, SourceDown, SourceDrifted, SourceTrouble
from watchers.news import gdelt

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
KESTREL = Customer("kestrel", "Kestrel Valves Limited", "GB")
TEXT = "text/html; charset=utf-8"


async def find(
    body: bytes | str | dict[str, Any],
    *,
    content_type: str = "application/json",
    cursor: str | None = None,
    now: datetime = NOW,
) -> tuple[Findings, dict[str, str]]:
    """Take one look at a body; return the findings and what was asked."""
    asked: dict[str, str] = {}

    async def fetch(url: str, *, params: Any, **_: object) -> Answer:
        asked.update(params)
        raw = orjson.dumps(body) if isinstance(body, dict) else body.encode() if isinstance(body, str) else body
        return Answer(url, 200, {"content-type": content_type}, raw, now)

    return await gdelt.gdelt(Ask("gdelt", now, fetch, customer=KESTREL, cursor=cursor)), asked


def article(**fields: Any) -> dict[str, Any]:
    return {
        "url": "https://evening.example/a1",
        "url_mobile": "",
        "title": "Kestrel Valves opens a plant",
        "seendate": "20261101T131500Z",
        "socialimage": "",
        "domain": "evening.example",
        "language": "English",
        "sourcecountry": "United Kingdom",
        **fields,
    }


# --------------------------------------------------------------------------- the question


@pytest.mark.parametrize(
    ("name", "aliases", "question"),
    [
        ("Kestrel Valves Limited", (), '"kestrel valves"'),
        ("KraussMaffei Technologies GmbH", (), '"kraussmaffei technologies"'),
        ("Nordlys Sjømat AS", ("Nordlys",), '("nordlys sjømat" OR "nordlys sjomat" OR "nordlys")'),
        ("Smith & Sons Tableware Ltd", (), '("smith sons tableware" OR "smith and sons tableware")'),
        ("Divi's Laboratories Ltd", (), '"divis laboratories"'),
        ("A.P. Moller A/S", (), '"ap moller"'),
        ("Long Name Chemicals Company (LNCCO)", (), '("long name chemicals" OR "lncco")'),
        ("Apple Inc.", ("Apple Computer",), '"apple computer"'),  # the name alone is an ordinary word
        ("宁波海鹰阀门有限公司", ("Haiying Valves",), '"haiying valves"'),  # GDELT searches a translation into English
        ('Evil" OR sourcecountry:china "Co', (), '"evil or sourcecountry china"'),
    ],
)
def test_names_become_exact_phrases(name: str, aliases: tuple[str, ...], question: str) -> None:
    assert gdelt.query(Customer("c", name, "GB", aliases=aliases)) == question


@pytest.mark.parametrize(
    "name",
    ["Apple Inc.", "AAON Inc", "Global Trading Ltd", "Delta", "宁波海鹰阀门有限公司", "ООО Ромашка", "First Bank"],
)
def test_a_name_that_tells_nobody_apart_is_refused_in_plain_words(name: str) -> None:
    with pytest.raises(SourceBlocked, match="too general for a search") as refusal:
        gdelt.query(Customer("c", name, "GB"))

    assert name in refusal.value.reason and "alias" in refusal.value.reason
    assert refusal.value.retry_after == 86_400


@given(st.text(max_size=300), st.lists(st.text(max_size=120), max_size=12))
def test_whatever_the_names_a_question_is_short_and_sound_or_refused(name: str, aliases: list[str]) -> None:
    try:
        question = gdelt.query(Customer("c", name, "GB", aliases=tuple(aliases)))
    except SourceBlocked:
        return

    assert len(question) <= 213  # the longest that was seen to pass
    phrases = question.removeprefix("(").removesuffix(")").split(" OR ")
    assert all(one[0] == one[-1] == '"' and '"' not in one[1:-1] and len(one) >= 7 for one in phrases)
    assert (question[0] == "(") == (len(phrases) > 1)


@pytest.mark.parametrize(
    ("cursor", "timespan"),
    [
        (None, "14d"),
        ("2026-11-01", "3d"),
        ("2026-10-28", "6d"),
        ("2026-09-01", "14d"),
        ("2027-01-01", "3d"),
        ("nonsense", "14d"),
    ],
)
async def test_as_many_days_are_asked_for_as_were_not_seen(cursor: str | None, timespan: str) -> None:
    found, asked = await find({"articles": [article()]}, cursor=cursor)

    assert (asked["timespan"], asked["maxrecords"], asked["sort"]) == (timespan, "250", "datedesc")
    assert found.cursor == "2026-11-02"


# --------------------------------------------------------------------------- headlines and keys


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Adobe Inc . ( NASDAQ : ADBE ) Shares Sold", "Adobe Inc. (NASDAQ: ADBE) Shares Sold"),
        ("Contract worth $3 . 2 billion , sources say", "Contract worth $3.2 billion, sources say"),
        ("Profit up 12 % at $ 41 . 5 million ; outlook cut", "Profit up 12% at $41.5 million; outlook cut"),
        ("Talks at 10 : 30 ? Not yet !", "Talks at 10:30? Not yet!"),
        ("Biden - Xi meeting at APEC summit , US - China ties", "Biden - Xi meeting at APEC summit, US - China ties"),
        ("Plain headline", "Plain headline"),
        ("", ""),
    ],
)
def test_headlines_lose_the_blanks_around_signs(said: str, meant: str) -> None:
    assert gdelt.joined(said) == meant


@given(st.text(st.sampled_from("ab1 .,:;()$%-"), max_size=40))
def test_a_mended_headline_is_mended(title: str) -> None:
    assert gdelt.joined(gdelt.joined(title)) == gdelt.joined(title)
    assert gdelt.joined(title).replace(" ", "") == title.replace(" ", "")


@pytest.mark.parametrize(
    "url",
    [
        "http://www.evening.example/a1/", "https://evening.example/a1?utm_source=rss&utm_medium=x", "https://m.evening.example/a1/amp/",
        "https://evening.example/a1.amp", "https://evening.example/a1?outputType=amp", "https://evening.example/a1#top",
    ],
)  # fmt: skip
async def test_ways_to_one_article_are_one_article(url: str) -> None:
    found, _ = await find({"articles": [article(url=url)]})

    assert [record.key for record in found.records] == ["evening.example/a1"]


async def test_two_articles_at_one_outlet_and_one_at_two_outlets_stay_apart() -> None:
    found, _ = await find(
        {
            "articles": [
                article(),
                article(url="https://evening.example/a2", title="Kestrel Valves closes a plant"),
                article(
                    url="https://evening.example/a3", title="KESTREL Valves opens a plant !"
                ),  # the first, filed again
                article(url="https://morning.example/a1", domain="morning.example"),
            ]
        }
    )

    assert [record.key for record in found.records] == [
        "evening.example/a1",
        "evening.example/a2",
        "morning.example/a1",
    ]
    assert found.total == 4


async def test_when_gdelt_came_by_is_not_when_it_was_published() -> None:
    found, _ = await find({"articles": [article(language="NorwegianBokmal")]})

    (record,) = found.records
    assert record.published_at is None
    assert record.fields["published_raw"] == "20261101T131500Z"
    assert (record.fields["language"], record.fields["outlet"], record.twin) == ("nb", "evening.example", None)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "ftp://a.example/x", "https://", "https://a b.example/x"])
async def test_an_article_without_a_sound_address_or_headline_is_left_out(url: str) -> None:
    found, _ = await find({"articles": [article(url=url), article(title="  "), article(url="https://b.example/2")]})

    assert [record.key for record in found.records] == ["b.example/2"]


async def test_a_full_answer_says_that_there_may_be_more() -> None:
    many = [article(url=f"https://evening.example/{n}", title=f"Kestrel Valves {n}") for n in range(250)]

    found, _ = await find({"articles": many})

    assert (len(found.records), found.complete) == (250, True)
    assert "newest 250" in found.reason


# --------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("body", "content_type", "trouble", "wait"),
    [
        ("Please limit requests to one every 5 seconds or contact us for larger queries.\n", TEXT, SourceBlocked, 900),
        ("Your query was too short or too long.\n", TEXT, SourceBlocked, 86_400),
        ("The specified phrase is too short.\n", TEXT, SourceBlocked, 86_400),
        ("Timespan is too short.\n", TEXT, SourceBlocked, 86_400),
        ("Something we have never heard.", "application/json", SourceBlocked, 900),
        ("<html><title>502</title><body>Bad Gateway</body></html>", TEXT, SourceBlocked, None),
        ("", TEXT, SourceDown, None),
        (" \r\n", TEXT, SourceDown, None),
        ("\ufeff", TEXT, SourceDown, None),
        ('{"articles": [{"url": "https://a', "application/json", SourceDown, None),
        ("[]", "application/json", SourceDrifted, None),
        ('{"status": "ok"}', "application/json", SourceDrifted, None),
        ('{"articles": {}}', "application/json", SourceDrifted, None),
        ('{"articles": [1]}', "application/json", SourceDrifted, None),
        ('{"articles": null}', "application/json", SourceDrifted, None),
        (
            '{"articles": [{"url": 1, "title": "x", "domain": "y", "seendate": "z"}]}',
            "application/json",
            SourceDrifted,
            None,
        ),
    ],
)
async def test_what_is_no_list_of_articles_is_never_no_news(
    body: str, content_type: str, trouble: type[SourceTrouble], wait: float | None
) -> None:
    with pytest.raises(trouble) as raised:
        await find(body, content_type=content_type)

    assert raised.value.reason
    assert raised.value.retry_after == wait


@pytest.mark.parametrize("body", ["{}", "{}\n", "\ufeff{}", '{"articles": []}'])
@pytest.mark.parametrize("cursor", [None, "2026-11-01"])
async def test_an_empty_list_is_a_good_look_without_news(body: str, cursor: str | None) -> None:
    found, _ = await find(body, cursor=cursor)

    assert (found.unchanged, found.complete, found.records, found.cursor) == (True, True, (), "2026-11-02")


@pytest.mark.parametrize(
    ("title", "read"),
    [
        (rb"tab\tand \\ quote \" end", 'tab and \\ quote " end'),
        (b"raw \x01 control and\nline", "raw control and line"),
        (rb"an \escape that is none", "an \\escape that is none"),
        (rb"half a letter \ud83d here", "half a letter \ufffd here"),
        (rb"a whole letter \ud83d\ude00 here", "a whole letter 😀 here"),
        (b"bad byte \xff here", "bad byte \ufffd here"),
    ],
)
async def test_slips_within_headlines_are_mended(title: bytes, read: str) -> None:
    whole = orjson.dumps({"articles": [article(title="@@")]}).replace(b"@@", title)

    found, _ = await find(whole)

    assert [record.fields["title"] for record in found.records] == [read]


@given(st.binary(max_size=200))
async def test_whatever_is_sent_ends_in_findings_or_in_plain_words(body: bytes) -> None:
    try:
        found, _ = await find(body)
    except SourceTrouble as trouble:
        assert trouble.reason
    else:
        assert found.unchanged and not found.records


def test_a_gap_is_never_longer_than_news_is_news() -> None:
    ask = Ask("gdelt", NOW, None, customer=KESTREL, cursor=(NOW - timedelta(days=90)).date().isoformat())  # type: ignore[arg-type]

    assert gdelt._days(ask) == 14
