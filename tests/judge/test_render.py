"""How an alert speaks: the models of the design in both languages, and what no foreign text can do to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge import blocks, bulletin, incident, money, playbook, render, taxonomy, weigh, words
from monitor.judge.words import Voice
from monitor.model import Customer, Event, Message, Reason, Severity, Verdict
from monitor.policy import Language
from tests.judge import made

fake_slack = pytest.importorskip("monitor.app.demo.fake_slack")

TYPES = taxonomy.Taxonomy.from_mapping(made.shipped("events.yaml"))
READER: dict[str, Any] = {"texts": made.TEXTS, "timezone": "Asia/Shanghai", "now": made.NOW}


def alert(
    event: Event | None = None, customer: Customer | None = None, language: Language = "en", **more: Any
) -> Message:
    event, customer = event or made.petition(), customer or made.on_open_account()
    info, policy = TYPES.info(event.type, event.record_kind), more.pop("policy", made.policy())
    verdict = weigh.weigh(event, customer, info, policy, made.NOW, book=made.RULES)
    joined = more.pop("incident", None) or incident.join(event, info, verdict, (), made.NOW)
    steps = playbook.steps(event, customer, policy, made.NOW, made.BOOK)
    share = money.own_share(customer, made.TODAY)
    _, _, uncovered = money.cover(customer, made.TODAY)
    build: Callable[..., Message] = more.pop("build", render.alert)
    figures = () if build is render.thread else (share,)
    if build is render.alert:
        more["uncovered"] = uncovered
    return build(event, verdict, joined, customer, info, steps, *figures, language=language, **READER, **more)


def parsed(message: Message) -> dict[str, Any]:
    """What Slack would make of the message; fails if Slack would refuse it."""
    shown = [dict(block) for block in message.blocks]
    assert fake_slack.BlockChecker().check(shown) == []
    texts = list(fake_slack.walk_text(shown))
    assert sum(len(text) for _, text, _ in texts) <= blocks.BUDGET
    assert 0 < len(message.text) < 3000
    found: dict[str, Any] = fake_slack.parse_mrkdwn([("mrkdwn", message.text, True), *texts], shown)
    return found


def shown(message: Message) -> str:
    return "\n".join(text for _, text, _ in fake_slack.walk_text([dict(block) for block in message.blocks]))


# --------------------------------------------------------------------------- the words


def test_an_insured_open_account_reads_like_the_model() -> None:
    lines = blocks.unescaped(alert().text).split("\n")

    assert lines[:4] == [
        "CRITICAL · Hartwell Components Ltd (UK): a creditor has asked the court to wind it up (case CR-2026-001).",
        "Money: USD 84,000 open, none overdue; 26,000 at sea; insured 60,000 at 90 %, so about 56,000 is yours"
        " (ledger 1 Nov).",
        "Known: London Gazette, published 2 Nov, hearing 9 Dec; company number agrees; one official source."
        " Not yet an insolvency; it may be withdrawn.",
        "Why critical: high by default for this kind of event; raised to critical: your share is over the tier A"
        " limit of USD 50,000.",
    ]
    assert "3. report to the insurer by 10 Nov" in lines
    assert lines[-1].startswith("Evidence: www.thegazette.co.uk · counterwatch evidence ev_")


def test_the_same_alert_in_chinese() -> None:
    lines = blocks.unescaped(alert(language="zh").text).split("\n")

    assert lines[:4] == [
        "【紧急】Hartwell Components Ltd（英国）：债权人已向法院申请将其清盘（案号 CR-2026-001）。",
        "金额：未收 84,000 美元（无逾期），在途 26,000；信保限额 60,000、赔付比例 90%，自担约 56,000（台账 11月1日）。",
        "依据：《伦敦宪报》11月2日公告，12月9日开庭；注册号一致；官方来源一个。申请不等于破产，也可能撤回。",
        "为何定为紧急：此类事件默认为重要；升为紧急：自担金额超过 A 级上限 50,000 美元。",
    ]
    assert "3. 11月10日前向信保报损" in lines


def test_the_three_ways_of_payment_read_differently() -> None:
    heads = [alert(customer=c).text.split(" ")[0] for c in (made.on_documents(), made.on_prepayment())]

    assert heads == ["HIGH", "MEDIUM"]
    assert "Money: nothing open; USD 48,000 on order (ledger 1 Nov)." in alert(customer=made.on_prepayment()).text
    assert "not insured, so 43,500 is yours" in alert(customer=made.on_documents()).text


def test_a_customer_without_figures_says_so() -> None:
    assert "Money: not in the watchlist." in alert(customer=made.customer()).text


def test_cover_that_ended_is_said() -> None:
    customer = replace(made.on_open_account(), insured=made.insured(until=date(2026, 1, 1)))

    assert "not insured: the cover by sinosure ended on 1 Jan, so 110,000 is yours" in alert(customer=customer).text


def test_both_dates_are_told_where_the_zones_differ() -> None:
    event = made.petition(published_at="2026-11-02T18:30:00+00:00")

    assert "published 2 Nov (3 Nov here)" in alert(event).text
    assert "11月2日（本地 11月3日）公告" in alert(event, language="zh").text


def test_a_match_by_name_alone_is_said_and_checked_first() -> None:
    event = made.petition(identified=False, match=(Reason("name_agrees"),))

    text = alert(event).text

    assert "only the name fits, so check that it is this company" in text
    assert "1. first check that it is this company" in text


def test_what_changed_is_told_old_and_new() -> None:
    event = made.event("reg.dissolved", facts={"field": "status", "old": "active", "new": "dissolved"}, stage="final")

    assert "Changed: status: active → dissolved." in alert(event).text
    assert "变化：状态：存续 → 已解散。" in alert(event, language="zh").text


def test_a_rumour_names_its_source_and_its_weakness() -> None:
    event = made.event(
        "med.distress_rumour", stage="rumour", origins=(made.PAPER,), title="Hartwell seeks help", record_kind="article"
    )

    text = alert(event).text

    assert "short of money: Hartwell seeks help." in text
    assert "one source, not official. A report, not confirmed." in text
    assert "at most medium: a rumour with one source" in text


def test_a_closed_incident_is_headed_so() -> None:
    end = made.event("ins.reversed", stage="reversed", polarity="positive")
    info = TYPES["ins.reversed"]
    first = incident.join(made.petition(), info, Verdict(Severity.HIGH), (), made.NOW)
    closed = incident.join(end, info, Verdict(Severity.LOW), (first,), made.NOW)

    assert alert(end, incident=closed).text.startswith("CLOSED · Hartwell")
    assert alert(end, incident=closed, language="zh").text.startswith("【已解除】Hartwell")
    assert "2 facts since 3 Nov" in alert(end, incident=closed).text


def test_a_reply_does_not_repeat_the_money() -> None:
    reply = alert(build=render.thread)

    assert "Money:" not in reply.text
    assert reply.text.startswith("CRITICAL · Hartwell")
    assert all(block["type"] != "header" for block in reply.blocks)
    assert parsed(reply).keys() == {"links"}


def test_the_owner_is_mentioned_only_in_the_blocks_and_only_when_it_is_urgent() -> None:
    urgent = alert(mention="U012ABC")
    calm = alert(customer=made.on_prepayment(), mention="U012ABC")
    unknown = alert(mention="li.wei@example.com")

    assert parsed(urgent)["mentions"] == ["U012ABC"]
    assert "U012ABC" not in urgent.text
    assert "mentions" not in parsed(calm)
    assert "mentions" not in parsed(unknown)
    assert "For: li.wei@example.com" in unknown.text


@pytest.mark.parametrize("language", made.LANGUAGES)
@pytest.mark.parametrize("type_", sorted(TYPES))
def test_every_type_of_the_taxonomy_can_be_said(type_: str, language: Language) -> None:
    event = made.event(type_, stage=TYPES[type_].stage, polarity=TYPES[type_].polarity)

    message = alert(event, language=language)

    assert "{" not in message.text
    assert "?" not in message.text.split("\n", 1)[0]
    assert parsed(message) == {}


# --------------------------------------------------------------------------- notices and reports


def test_a_lost_source_is_told_with_the_money_behind_it() -> None:
    facts = {
        "source": "Companies House",
        "since": "2026-11-01T20:00:00Z",
        "customers": 9,
        "names": ["Hartwell", "Brook", "Tarn"],
        "money": {"open": "412000", "currency": "USD", "tier_a": 3, "tier_a_open": "265000"},
        "cause": "our Companies House key was refused",
        "unseen": ["directors", "filings", "charges"],
        "others": [{"source": "London Gazette", "at": "2026-11-02T22:00:00Z"}],
    }

    told = bulletin.ops("source_stale", facts, language="en", **READER)
    zh = bulletin.ops("sys.source_stale", facts, language="zh", **READER)

    assert blocks.unescaped(told.text).split("\n")[:3] == [
        "NOTICE · Since 2 Nov we cannot see Companies House for 9 customers.",
        "Behind it: USD 412,000 open, USD 265,000 with 3 A customers.",
        "Cause: our Companies House key was refused. Not watched meanwhile: directors, filings and charges."
        " Still seen: London Gazette (3 Nov). No news from there now means nothing.",
    ]
    assert "2. before shipping to Hartwell, Brook and Tarn, look by hand" in told.text
    assert zh.text.startswith("【提示】自11月2日起，英国公司注册处 查不到，涉及 9 家客户。")
    assert parsed(told) == {}


@pytest.mark.parametrize("language", made.LANGUAGES)
def test_every_notice_can_be_said_even_without_facts(language: Language) -> None:
    codes = {key.split(".")[1] for key in made.TEXTS.words["en"] if re.fullmatch(r"ops\.\w+\.head", key)}
    known = {t.removeprefix("sys.") for t in TYPES if t.startswith("sys.")}

    assert known <= codes
    for code in (*codes, "never heard of"):
        assert parsed(bulletin.ops(code, {}, language=language, **READER)) == {}


def test_the_opening_report_says_what_could_not_be_looked_at() -> None:
    facts = {
        "customers": ["Hartwell Components Ltd", "Brook BV"],
        "today": [
            {"customer": "Brook BV", "country": "NL", "severity": "critical", "says": {"en": "dissolved", "zh": "注销"}}
        ],
        "looked": [{"source": "GLEIF", "customers": 2}],
        "blind": [{"source": "Companies House", "customers": 1, "reason": "no key"}],
        "background": 41,
    }

    told = blocks.unescaped(bulletin.opening(facts, language="en", **READER).text).split("\n")

    assert told[0] == "NOTICE · Now watching 2 new customers"
    assert "- CRITICAL · Brook BV (Netherlands): dissolved" in told
    assert "- GLEIF: 2 customers" in told
    assert "- Companies House, 1 customer: no key" in told
    assert any("41 older or minor facts" in line for line in told)


def test_a_long_opening_report_keeps_the_gravest_and_still_names_its_blind_spots() -> None:
    entry = {"customer": "N" * 60, "country": "NL", "severity": "critical", "says": "s" * 100}
    facts = {
        "customers": ["x"] * 300,
        "today": [entry] * 300,
        "blind": [{"source": "Companies House", "customers": 300, "reason": "no key"}],
    }

    message = bulletin.opening(facts, language="en", **READER)

    assert parsed(message) == {}
    assert shown(message).count("CRITICAL · NNN") > 20
    assert re.search(r"… \(\+2\d\d more\)", shown(message))
    assert "Companies House, 300 customers: no key" in shown(message)


def test_a_clean_opening_report_does_not_claim_more_than_it_saw() -> None:
    told = bulletin.opening({"customers": ["Tarn AS"], "looked": []}, language="en", **READER).text

    assert "in what could be looked at" in told


def test_a_digest_holds_a_hundred_lines_and_counts_the_rest() -> None:
    voice = Voice(made.TEXTS, "en", "UTC", made.NOW)
    one = render.line(
        made.petition(), Verdict(Severity.HIGH), made.customer(name="N" * 80), TYPES["ins.petition_filed"], voice
    )

    message = bulletin.digest([one] * 130, language="en", **READER)

    assert words.width(one) <= 90
    assert shown(message).count("HIGH · NNN") == 100
    assert "and 30 more" in shown(message)
    assert parsed(message) == {}


# --------------------------------------------------------------------------- what foreign text cannot do

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "<!channel> <!here> <@U0EVE> <#C1|x> <!subteam^S1>",
            "<https://evil.example|https://bank.com> https://evil.example @here @channel",
            "*bold* _it_ ~s~ `code` ```x``` &amp; &lt;!here&gt; {customer} [x] {says}",
            "\u202egnp.exe\u202c \u200b\u2066x\u2069\ufeff\x00\x1b[31m\n\n# h\r> q",
            "\ud800 \udfff",
            "👨‍👩‍👧‍👦" * 300,
            "e" + "\u0301" * 5000,
            "\u3164\u115f\u034f\u200d",
            "&" * 5000,
            "<" * 5000,
            "中" * 5000,
        ]
    ),
)
URLS = st.one_of(
    HOSTILE,
    st.sampled_from(
        [
            "javascript:alert(1)",
            "https://bank.com@evil.example/",
            "https://bаnk.com/",  # a Cyrillic letter
            "http://[::1]:80/x",
            "https://ok.example/a?b=1&c=<x>",
            "https://ok.example:99999/",
            "HTTPS://OK.example/path",
            "https://",
            None,
        ]
    ),
)


@settings(max_examples=120, deadline=None)
@given(data=st.data(), language=st.sampled_from(made.LANGUAGES))
def test_no_foreign_text_pings_links_or_breaks_a_message(data: st.DataObject, language: Language) -> None:
    some = lambda: data.draw(HOSTILE)  # noqa: E731
    url = data.draw(URLS)
    event = made.petition(
        type=data.draw(st.sampled_from(["ins.petition_filed", "reg.name_changed", "gov.owner_changed", "med.harm"])),
        title=some(),
        url=url,
        facts={
            "old": some(),
            "new": some(),
            "field": some(),
            "case": some(),
            "name": some(),
            "dates": {some(): some()},
        },
        origins=(replace(made.GAZETTE, name=some()),),
        match=(Reason("identifier_agrees", {"scheme": some()}),),
        published_at=some(),
        record_kind="article",
        source="feeds",
    )
    customer = replace(made.on_open_account(), name=some(), country="GB")
    build = data.draw(st.sampled_from([render.alert, render.thread]))

    message = alert(event, customer, language, build=build, mention=some())

    found = parsed(message)
    assert found.keys() <= {"links"}
    assert all(target == url or target.lower() == str(url).lower() for target, _ in found.get("links", []))
    assert all(re.fullmatch(r"[\x21-\x7e]+", label) for _, label in found.get("links", []))
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]",
        shown(message) + message.text,
    )


@settings(max_examples=40, deadline=None)
@given(data=st.data(), code=st.sampled_from(["source_stale", "config_rejected", "changes_held", "unclassified"]))
def test_no_foreign_text_breaks_a_notice_or_report(data: st.DataObject, code: str) -> None:
    some = lambda: data.draw(HOSTILE)  # noqa: E731
    facts = {name: some() for name in ("source", "since", "cause", "detail", "raw", "channel", "last_good")}
    facts |= {
        "names": [some()] * 30,
        "money": {"open": some(), "currency": some()},
        "others": [{"source": some(), "at": some()}],
    }
    report = {
        "customers": [some()] * 40,
        "today": [{"customer": some(), "country": some(), "says": some()}] * 30,
        "blind": [{"source": some(), "customers": 1, "reason": some()}] * 20,
        "looked": [{"source": some(), "customers": 2}] * 20,
    }

    for message in (
        bulletin.ops(code, facts, language="en", **READER),
        bulletin.opening(report, language="zh", **READER),
        bulletin.digest([some() for _ in range(3)] * 50, language="zh", **READER),
    ):
        assert parsed(message) == {}


@given(text=st.text(), most=st.integers(24, 80))
def test_a_cut_text_fits_and_says_how_much_is_missing(text: str, most: int) -> None:
    found = words.cut(text, most)

    assert words.width(found) <= most
    if found != text:
        hidden = int(re.search(r"… \(\+(\d+) more\)$", found)[1])  # type: ignore[index]
        kept = found[: found.rindex("… (+")]
        assert text.startswith(kept)
        assert len(words.graphemes(text)) == len(words.graphemes(kept)) + hidden


def test_a_family_is_one_character_and_is_never_torn() -> None:
    family = "👨‍👩‍👧‍👦"

    found = words.cut(family * 20, 40)

    assert found == f"{family}{family}… (+18 more)"


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://www.thegazette.co.uk/notice/1", "www.thegazette.co.uk"),
        ("http://127.0.0.1:9000/x", "127.0.0.1:9000"),
        ("https://bаnk.com/", "xn--bnk-6cd.com"),
        ("https://bank.com@evil.example/", None),
        ("ftp://example.com/", None),
        ("https://ok.example/<x>", None),
        (None, None),
    ],
)
def test_a_link_shows_its_true_host_or_is_none(url: str | None, label: str | None) -> None:
    found = blocks.link(url)

    assert (found.text if found else None) == label


# --------------------------------------------------------------------------- numbers, dates, countries


@pytest.mark.parametrize(
    ("value", "name", "en", "zh"),
    [
        (money.Amount(Decimal("1234567.89"), "USD"), "", "USD 1,234,568", "1,234,568 美元"),
        (money.Amount(Decimal("12.5"), "XYZ"), "", "XYZ 12.50", "12.50 XYZ"),
        ({"amount": "50000.00", "currency": "EUR"}, "", "EUR 50,000", "50,000 欧元"),
        (date(2026, 11, 2), "", "2 Nov", "11月2日"),
        (date(2025, 11, 2), "", "2 Nov 2025", "2025年11月2日"),
        ("2026-11-02", "", "2 Nov", "11月2日"),
        ("2026-13-02", "", "2026-13-02", "2026-13-02"),
        (Decimal("0.9"), "share", "90 %", "90%"),
        (0.875, "confidence", "87.5 %", "87.5%"),
        (2026, "year", "2026", "2026"),
        (["a", "b", "c"], "", "a, b and c", "a、b、c"),
        ("insolvent", "new", "insolvent", "破产"),
        ({"city": "Lima", "street": "Av. 1"}, "", "Lima, Av. 1", "Lima, Av. 1"),
        (Decimal("NaN"), "", "?", "?"),
    ],
)
def test_values_are_told_in_the_reader_s_way(value: Any, name: str, en: str, zh: str) -> None:
    for language, expected in (("en", en), ("zh", zh)):
        voice = Voice(made.TEXTS, language, "UTC", made.NOW)  # type: ignore[arg-type]
        assert voice.shown(value, name) == expected


@pytest.mark.parametrize(("code", "en", "zh"), [("GB", "UK", "英国"), ("PE", "Peru", "秘鲁"), ("<x>", "<x>", "<x>")])
def test_countries_have_short_names(code: str, en: str, zh: str) -> None:
    assert Voice(made.TEXTS, "en", "UTC", made.NOW).country(code) == en
    assert Voice(made.TEXTS, "zh", "UTC", made.NOW).country(code) == zh
