"""PACER court feeds beyond their cases: which courts, what was missed, whose name stays, what an entry means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.edge.config import SourceSettings
from monitor.judge.taxonomy import Taxonomy, event_key
from monitor.model import Change, Outcome, Record
from monitor.watcher import Target, discover
from tests import replay
from tests.replay import Canned, Case, Memory, Replay, Seen, look
from watchers.litigation import us_pacer_rss as pacer
from watchers.litigation._us_titles import parties_of

WATCHER = discover()["us_pacer_rss"]
NOW = datetime(2026, 11, 2, 14, 30, tzinfo=UTC)
BUILT = "Mon, 02 Nov 2026 14:22:08 GMT"


def _item(number: str, name: str, text: str, *, court: str = "nysb", case: int = 1, seq: int = 3, **more: str) -> str:
    head = (
        f"Type: {more.get('type', 'bk')} Office: 1 Chapter: {more.get('chapter', '11')} " if court.endswith("b") else ""
    )
    page = f"https://ecf.{court}.uscourts.gov/cgi-bin/DktRpt.pl?{case}"
    anchor = (
        f"(<a href='https://ecf.{court}.uscourts.gov/doc1/1?de_seq_num={seq}&caseid={case}'>{more.get('doc', '1')}</a>)"
    )
    guid = f"<guid>{page}-{seq}</guid>" if more.get("guid", "yes") else "<guid>https://ecf.nyed.uscourts.gov/</guid>"
    when = more.get("when", "Mon, 02 Nov 2026 13:05:11 GMT")
    return (
        f"<item><title>{escape(f'{number} {name}')}   </title><link>{page}</link>{guid}"
        f"<description>{escape(f'{head}[{text}] {anchor}')}</description><pubDate>{when}</pubDate></item>"
    )


def _feed(*items: str, built: str = BUILT, head: str = '<?xml version="1.0" encoding="ISO-8859-1"?>') -> bytes:
    return (
        f'{head}<rss version="2.0"><channel><title>X</title><description>Docket entries of type: all</description>'
        f"<lastBuildDate>{built}</lastBuildDate>{''.join(items)}</channel></rss>"
    ).encode("latin-1", "xmlcharrefreplace")


async def _look(body: bytes, held: Memory | None = None, court: str = "nysb", now: datetime = NOW) -> Seen:
    target = Target(court, pacer.feed_of(court), f"PACER {court}")
    path = target.url.partition(".gov")[2].partition("?")[0]
    canned = (Canned(path, body, headers={"Content-Type": "application/xml"}),)
    at = Case("us_pacer_rss", "made", Path(), "", now, None, None, target, canned, {}, {})
    async with Replay(canned, etags=False).serving() as server:
        return await look(WATCHER, at, held if held is not None else Memory(), server)


def _entries(seen: Seen) -> list[Record]:
    return [record for record in seen.findings.records if record.kind == "docket_entry"]


async def _meaning(text: str, **more: Any) -> tuple[str, str] | None:
    number = more.pop("number", "26-11890-smb")
    name = more.pop("name", "Birch Tooling Corp.")
    seen = await _look(_feed(_item(number, name, text, **more)), court=more.get("court", "nysb"))
    [entry] = _entries(seen)
    return (entry.signals[0].event, entry.signals[0].stage) if entry.signals else None


# --------------------------------------------------------------------------- courts


def test_the_courts_come_from_the_options_of_this_source() -> None:
    block = SourceSettings.model_validate({"options": {"courts": ["nysb", "DEB", "ca2", "nyed", "nysb"]}})

    found = pacer.targets((), {**block.options, "urls": []})

    assert {one.key: one.url for one in found} == {
        "nysb": "https://ecf.nysb.uscourts.gov/cgi-bin/rss_outside.pl",
        "deb": "https://ecf.deb.uscourts.gov/cgi-bin/rss_outside.pl",
        "ca2": "https://ecf.ca2.uscourts.gov/n/beam/servlet/TransportRoom?servlet=RSSGenerator",
        "nyed": "https://ecf.nyed.uscourts.gov/cgi-bin/readyDockets.pl",
    }


@pytest.mark.parametrize("said", [{}, {"courts": []}, {"courts": None}, {"courts": 7}, {"urls": ["https://x.example"]}])
def test_without_courts_nothing_is_followed(said: dict[str, Any]) -> None:
    assert pacer.targets((), said) == []


def test_courts_may_be_written_in_one_line() -> None:
    assert [one.key for one in pacer.targets((), {"courts": "nysb, deb txsb"})] == ["nysb", "deb", "txsb"]


@given(st.text(min_size=1, max_size=30))
def test_whatever_is_written_as_a_court_leads_to_no_other_host(said: str) -> None:
    for one in pacer.targets((), {"courts": [said]}):
        host = one.url.removeprefix("https://").partition("/")[0]
        assert host == "pacer.uscourts.gov" or host == f"ecf.{one.key}.uscourts.gov"


async def test_what_names_no_court_says_so_at_each_look() -> None:
    [target] = pacer.targets((), {"courts": ["New York/South"]})
    at = replace(replay.case("us_pacer_rss", "first"), target=target)

    async with Replay(()).serving() as server:
        seen = await look(WATCHER, at, Memory(), server)

    assert seen.outcome is Outcome.DOWN
    assert "New York/South" in seen.reason
    assert server.asked == []


@pytest.mark.parametrize(
    ("court", "zone"),
    [
        ("nysb", "America/New_York"),
        ("txsb", "America/Chicago"),
        ("cacb", "America/Los_Angeles"),
        ("nmid", "Pacific/Guam"),
        ("nmb", "America/Denver"),
        ("ca1", "America/New_York"),
        ("ca9", "America/Los_Angeles"),
        ("cofc", "America/New_York"),
    ],
)
def test_a_day_on_the_docket_is_the_courts_own(court: str, zone: str) -> None:
    assert pacer._zone(court).key == zone


# --------------------------------------------------------------------------- what was missed


async def _after_first() -> Memory:
    seen, held, _ = await replay.run(WATCHER, "first")
    assert seen.outcome is Outcome.CHANGED
    return held


@pytest.mark.parametrize(
    ("built", "oldest", "gap"),
    [
        ("Tue, 03 Nov 2026 14:00:00 GMT", "Tue, 03 Nov 2026 10:00:00 GMT", False),  # within the day a feed holds
        ("Thu, 05 Nov 2026 14:00:00 GMT", "Thu, 05 Nov 2026 10:00:00 GMT", True),
        ("Thu, 05 Nov 2026 14:00:00 GMT", "Mon, 02 Nov 2026 09:00:00 GMT", False),  # this court's feed reaches back
    ],
)
async def test_a_gap_is_said_if_entries_may_have_come_and_gone(built: str, oldest: str, gap: bool) -> None:
    held = await _after_first()
    body = _feed(_item("26-1", "Birch Tooling Corp.", "Letter", when=oldest), built=built)

    seen = await _look(body, held, now=datetime(2026, 11, 5, 15, tzinfo=UTC))

    assert seen.outcome is Outcome.CHANGED
    assert ("may be missing" in seen.reason) is gap


async def test_an_unchanged_feed_does_not_move_what_we_have_seen_until() -> None:
    held = await _after_first()
    cursor = held.cursor
    first = replace(replay.case("us_pacer_rss", "first"), now=datetime(2026, 11, 9, 9, tzinfo=UTC))

    async with Replay(first.answers).serving() as server:
        seen = await look(WATCHER, first, held, server)

    assert seen.outcome is Outcome.SAME
    assert seen.findings.cursor == cursor
    assert "not renewed its feed since 2026-11-02" in seen.reason


async def test_an_empty_feed_is_an_outage_while_our_last_entries_should_be_in_it() -> None:
    held = await _after_first()

    seen = await _look(_feed(built="Mon, 02 Nov 2026 18:00:00 GMT"), held)

    assert seen.outcome is Outcome.EMPTY


# --------------------------------------------------------------------------- identity


async def test_entries_of_one_case_share_the_link_and_are_told_apart() -> None:
    body = _feed(*(_item("26-1", "Birch Tooling Corp.", "Letter", seq=n) for n in range(1, 6)))

    seen = await _look(body)

    assert [entry.key for entry in _entries(seen)] == [f"nysb:1:{n}" for n in range(1, 6)]
    assert len({entry.url for entry in _entries(seen)}) == 1


async def test_a_guid_without_a_sequence_is_replaced_by_the_documents_own() -> None:
    seen = await _look(
        _feed(_item("1:26-cv-1", "Birch Corp. v. Ember Steel Co.", "Letter", court="nyed", guid="")), court="nyed"
    )

    assert [entry.key for entry in _entries(seen)] == ["nyed:1:3"]


async def test_a_second_event_of_a_known_filing_tells_the_whole_filing() -> None:
    one, two = (_item("26-1", "Birch Tooling Corp.", text, seq=7) for text in ("Motion, Sell", "Motion, Approve"))
    held = Memory()
    await _look(_feed(one), held)

    seen = await _look(_feed(one, two), held)

    [entry] = _entries(seen)
    assert entry.fields["text"] == "Motion, Sell AND Motion, Approve"
    assert seen.outcome is Outcome.CHANGED


async def test_a_case_under_way_is_told_once() -> None:
    held = Memory()
    await _look(_feed(_item("26-1", "Birch Tooling Corp.", "Operating Report")), held)

    seen = await _look(_feed(_item("26-1", "Birch Tooling Corp.", "Operating Report", seq=9)), held)

    assert [record.key for record in seen.findings.records if record.kind == "case"] == ["nysb:1"]
    assert ("case", "nysb:1") in held.records
    assert len(held.records) == 3


# --------------------------------------------------------------------------- times and letters


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("Fri, 03 Feb 2023 10:58:42 MST", "2023-02-03T17:58:42+00:00"),
        ("Fri, 03 Feb 2023 09:56:28 EST", "2023-02-03T14:56:28+00:00"),
        ("Tue, 24 Apr 2018 22:30:01 GMT", "2018-04-24T22:30:01+00:00"),
        ("Tue, 24 Apr 2018 12:30:01 HST", "2018-04-24T22:30:01+00:00"),
        ("Tue, 24 Apr 2018 12:30:01 AKDT", "2018-04-24T20:30:01+00:00"),
        ("Wed, 25 Apr 2018 08:30:01 ChST", "2018-04-24T22:30:01+00:00"),
        ("Tue, 24 Apr 2018 22:30:01 +0200", "2018-04-24T20:30:01+00:00"),
        ("Tue, 31 Feb 2018 22:30:01 GMT", None),
        ("yesterday", None),
    ],
)
def test_courts_write_their_own_zones(said: str, moment: str | None) -> None:
    found = pacer._date(said)

    assert (found.isoformat() if found else None) == moment


async def test_an_entry_late_in_the_evening_belongs_to_the_courts_day() -> None:
    item = _item("26-1", "Birch Tooling Corp.", "Voluntary Petition (Chapter 11)", when="Tue, 03 Nov 2026 04:30:00 GMT")

    seen = await _look(_feed(item))

    assert _entries(seen)[0].fields["filed"] == "2026-11-02"
    assert _entries(seen)[0].published_at == "2026-11-03T04:30:00Z"


async def test_letters_of_windows_and_signs_xml_forbids_do_not_spoil_a_feed() -> None:
    body = _feed(_item("26-1", "Caf\x92 Holdings\x1a Inc.", "Letter").replace("Letter", "Letter &#x1;"))

    seen = await _look(body)

    assert _entries(seen)[0].fields["title"] == "Caf’ Holdings Inc."


async def test_what_was_escaped_twice_reads_plainly() -> None:
    seen = await _look(_feed(_item("26-1", "Food &amp; Water, Inc.", "Letter")))

    assert _entries(seen)[0].parties[0].name == "Food & Water, Inc."


@pytest.mark.parametrize(
    ("head", "outcome"),
    [
        ('<!DOCTYPE rss [<!ENTITY a "b">]>', Outcome.DRIFTED),
        ('<!-- x --><!DOCTYPE rss PUBLIC "-//x" "http://x.example/a[1].dtd" [<!ENTITY a SYSTEM "file:///etc/passwd">]>', Outcome.DRIFTED),
        ('<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.example/rss-0.91.dtd">', Outcome.CHANGED),
    ],
)  # fmt: skip
async def test_a_document_type_may_be_named_but_declare_nothing(head: str, outcome: Outcome) -> None:
    seen = await _look(_feed(_item("26-1", "Birch Tooling Corp.", "Letter"), head=head))

    assert seen.outcome is outcome, seen.reason


@pytest.mark.parametrize("body", [b"", b"   \n", b'<?xml version="1.0"?>'])
async def test_nothing_is_an_outage(body: bytes) -> None:
    assert (await _look(body)).outcome is Outcome.DOWN


@given(st.binary(max_size=300))
@settings(max_examples=150)
def test_no_bytes_break_the_reader(body: bytes) -> None:
    with pytest.raises(Exception) as told:
        pacer._feed(body, "nysb")

    assert type(told.value).__name__ in ("SourceDown", "SourceBlocked", "SourceDrifted")


# --------------------------------------------------------------------------- whose name stays

COMPANIES = [
    "Zhengzhou XSD Mach.", "Shin-Etsu Quartz", "AstraZeneca AB", "MT.DERM GmbH", "Jiangsu 1 Touch", "K&H Restaurant, Inc.",
    "Vertime B.V.", "The City of New York", "Nordlys Sjømat AS", "Synergy Innovations PTE Ltd.", "EDUC", "Credit Suisse AG",
    "Securities and Exchange Commission", "JGB (Cayman) Newton, Ltd.", "Merhav (M.N.F.) Limited", "Sun Hydraulics S.p.A.",
]  # fmt: skip
PEOPLE = [
    "Dorsey",
    "Robert Mullings",
    "Maria T. Ortega",
    "John Smith, Jr.",
    "Ortega, Maria",
    "Jane Doe",
    "Schoenleber-Fontan",
]


@pytest.mark.parametrize("name", COMPANIES)
def test_a_company_is_kept(name: str) -> None:
    found = parties_of(f"Dorsey v. {name} et al", "cv", "", appeal=False)

    assert found is not None
    assert [(party.name, party.role) for party in found.parties] == [(name, "defendant")]
    assert found.title == f"[a person] v. {name} et al."


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("other", ["Birch Tooling Corp.", "USA"])
def test_a_person_is_left_out(name: str, other: str) -> None:
    found = parties_of(f"{other} v. {name}", "cv", "", appeal=False)

    if other == "USA":
        assert found is None
    else:
        assert found is not None
        assert found.title == "Birch Tooling Corp. v. [a person]"
        assert name not in str(found.parties)


@pytest.mark.parametrize(
    ("name", "chapter", "kept"),
    [
        ("Birch Tooling Corp., et al.,", "11", ["Birch Tooling Corp."]),
        ("Aeropostale", "11", ["Aeropostale"]),
        ("Maria T. Ortega and Juan Ortega", "7", None),
        ("Xiulan Adeyemi", "7", None),  # of those without a word of a company, nearly all are people
        ("Birch Tooling Corp.", "13", None),  # chapter 13 is for people alone
        ("Maria Ortega d/b/a Blue Heron Bakery", "11", ["Blue Heron Bakery"]),
        ("Tszro LLC f/k/a Rob Accessories", "7", ["Tszro LLC", "Rob Accessories"]),
        ("Heron Health Plan, LLC and Egret Home of Westchester, Inc.", "11", ["Heron Health Plan, LLC", "Egret Home of Westchester, Inc."]),
        ("Smith and Wesson Holdings Inc.", "11", ["Smith and Wesson Holdings Inc."]),
        ("", "11", None),
    ],
)  # fmt: skip
def test_debtors_are_companies_by_all_their_names(name: str, chapter: str, kept: list[str] | None) -> None:
    found = parties_of(name, "bk", chapter, appeal=False)

    assert (found and [party.name for party in found.parties]) == kept
    assert found is None or {party.role for party in found.parties} == {"debtor"}


def test_who_is_hung_on_a_bankruptcys_title_is_no_debtor() -> None:
    found = parties_of("Birch Tooling Corp., et al., and North Kern State Prison", "bk", "11", appeal=False)

    assert found is not None
    assert [(party.name, party.role) for party in found.parties] == [
        ("Birch Tooling Corp.", "debtor"),
        ("North Kern State Prison", "mentioned"),
    ]


def test_a_trustee_sues_for_the_estate_and_is_not_named() -> None:
    title = "Magaliff, as Chapter 7 Trustee for Shelley Food Stores, Inc. v. JETRO ENTERPRISES, LLC d/b/a JETRO"

    found = parties_of(title, "ap", "", appeal=False)

    assert found is not None
    assert "Magaliff" not in str(found)
    assert [(party.name, party.role) for party in found.parties] == [
        ("Shelley Food Stores, Inc.", "plaintiff"),
        ("JETRO ENTERPRISES, LLC", "defendant"),
        ("JETRO", "defendant"),
    ]


def test_an_appeal_does_not_say_who_began() -> None:
    found = parties_of("Birch Corp. v. Ember Steel Co.", "", "", appeal=True)

    assert found is not None
    assert {party.role for party in found.parties} == {"mentioned"}


async def test_the_trustees_name_is_in_no_record() -> None:
    item = _item("26-1", "Birch Tooling Corp.", "Notice of Assets", chapter="7 Trustee: Silver, Paul")

    seen = await _look(_feed(item))

    assert seen.findings.records
    assert "Silver" not in str(seen.findings)


# --------------------------------------------------------------------------- what an entry means


@pytest.mark.parametrize(
    ("text", "chapter", "meaning"),
    [
        ("Voluntary Petition (Chapter 7)", "7", ("ins.proceeding_opened", "filed")),
        ("Chapter 11 Voluntary Petition Non-Individual", "11", ("ins.rescue_opened", "filed")),
        ("Voluntary Petition", "11", ("ins.rescue_opened", "filed")),
        ("Involuntary Petition (Chapter 7)", "7", ("ins.petition_filed", "filed")),
        ("Petition for Recognition of Foreign Proceeding", "15", ("ins.rescue_opened", "filed")),
        ("Amended Voluntary Petition", "11", None),
        ("Answer to Involuntary Petition", "7", None),
        ("Order for Relief", "7", ("ins.proceeding_opened", "ordered")),
        ("Order Granting Motion to Convert Case to Chapter 7", "11", ("ins.converted", "ordered")),
        ("Order Denying Motion to Convert Case", "11", None),
        ("Motion to Convert Case to Chapter 7", "11", None),
        ("Order Dismissing Involuntary Petition", "7", ("ins.reversed", "reversed")),
        ("Motion to Dismiss Case", "11", None),
        ("Final Decree", "11", ("ins.ended", "final")),
        ("Order Confirming Chapter 11 Plan", "11", ("ins.ended", "ordered")),
        ("341(a) Notice (Chapter 7 Corporate) (BNC)", "7", ("ins.claims_deadline", "final")),
        ("Complaint (fee)", "11", None),  # the adversary case has a feed item of its own
        ("Operating Report", "11", None),
    ],
)
async def test_a_bankruptcys_entries_are_named(text: str, chapter: str, meaning: tuple[str, str] | None) -> None:
    assert await _meaning(text, chapter=chapter) == meaning


@pytest.mark.parametrize(
    ("text", "more", "meaning"),
    [
        ("Complaint", {}, ("lit.case_filed", "filed")),
        ("Amended Complaint", {"seq": 8, "doc": "6"}, None),
        ("Complaint", {"seq": 812, "doc": "95"}, None),
        ("Third Party Complaint", {"seq": 60, "doc": "22"}, None),
        ("Order Granting Motion for Default Judgment", {"doc": "9"}, ("lit.judgment_against", "ordered")),
        ("Default Judgment", {"doc": "9"}, ("lit.unclassified", "filed")),  # many courts call the motion so
        ("Judgment", {"doc": "9"}, ("lit.unclassified", "filed")),  # for whom, the feed does not say
        ("Motion for Preliminary Injunction", {"doc": "9"}, None),
        ("Order Granting Temporary Restraining Order", {"doc": "9"}, ("lit.asset_freeze", "ordered")),
        ("Letter", {"doc": "9"}, None),
    ],
)
async def test_a_suits_entries_are_named(text: str, more: dict[str, Any], meaning: tuple[str, str] | None) -> None:
    found = await _meaning(
        text, court="nysd", number="1:26-cv-07001-ABC", name="Birch Corp. v. Ember Steel Co.", **more
    )

    assert found == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Superseding Indictment", ("lit.criminal", "filed")),
        ("Information", ("lit.criminal", "filed")),
        ("Dismiss Indictment", ("lit.unclassified", "filed")),  # many courts call the motion so
        ("Order to Disclose Financial Information", None),
    ],
)
async def test_a_prosecution_is_named_by_what_charges_the_company(text: str, meaning: tuple[str, str] | None) -> None:
    found = await _meaning(text, court="nysd", number="1:26-cr-00554-MKB-1", name="USA v. Ember Steel Co.", seq=2)

    assert found == meaning


async def test_an_adversary_suit_is_no_bankruptcy_of_the_defendant() -> None:
    item = _item("26-01473-smb", "Pine Litigation Trust v. Ember Steel Co.", "Complaint (fee)", type="ap", chapter="11")

    seen = await _look(_feed(item))

    assert {signal.event for record in seen.findings.records for signal in record.signals} == {"lit.case_filed"}
    assert not any("chapter" in record.fields for record in seen.findings.records)


# --------------------------------------------------------------------------- what becomes of it

EVENTS = Path(__file__).parents[2] / "config" / "events.yaml"


def _events(records: list[Record], *, first: bool = False) -> set[str]:
    taxonomy = Taxonomy.from_mapping(yaml.load(EVENTS.read_text("utf-8"), Loader=yaml.BaseLoader))
    changes = (Change("added", None, record, first=first) for record in records)
    named = (taxonomy.name(one, watcher_family="litigation", source="us_pacer_rss", mode="log") for one in changes)
    return {event_key(one, "c", 1) for many in named for one in many}


async def test_a_petition_is_one_event_though_entry_and_case_both_tell_it() -> None:
    seen = await _look(_feed(_item("26-11890-smb", "Birch Tooling Corp.", "Voluntary Petition (Chapter 11)")))

    assert len(seen.findings.records) == 2
    assert _events(list(seen.findings.records)) == {"ins.rescue_opened|c|26 11890|2026-11-02"}


@pytest.mark.parametrize("first", [True, False])
async def test_a_company_in_chapter_11_is_told_whatever_its_entry_is(first: bool) -> None:
    seen = await _look(_feed(_item("26-11890-smb", "Birch Tooling Corp.", "Operating Report")))

    assert "ins.rescue_opened|c|26 11890|#1" in _events(list(seen.findings.records), first=first)
