"""PACER's recorded court feeds, each read as our watcher reads it, against the reference parse where there is one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Outcome, Record
from monitor.watcher import Target, discover
from tests.replay import Canned, Case, Memory, Replay, Seen, look
from watchers.litigation import us_pacer_rss as pacer

WATCHER = discover()["us_pacer_rss"]
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)

# Every feed: its court, its items, our entries and cases, and when it was made.
FEEDS: dict[str, tuple[str, int, int, int, str]] = {
    "nysb_2018-04-19.organisations.xml": ("nysb", 65, 65, 22, "2018-04-19T18:22:08Z"),
    "nysd_district.organisations.xml": ("nysd", 60, 60, 2, "2018-04-18T00:15:28Z"),
    "mdb_1.xml": ("mdb", 2, 1, 0, "2018-04-24T22:30:01Z"),
    "wvsd.xml": ("wvsd", 3, 2, 0, "2018-05-15T20:16:22Z"),
    "ca10.xml": ("ca10", 6, 1, 0, "2023-02-03T17:58:42Z"),
    "cafc.xml": ("cafc", 2, 2, 0, "2023-02-03T17:43:10Z"),
}
REFERENCES = {"mdb_1.json", "wvsd.json", "ca10.json", "cafc.json"}


async def _look(body: bytes, court: str, held: Memory | None = None) -> Seen:
    target = Target(court, pacer.feed_of(court))
    path = target.url.partition(".gov")[2].partition("?")[0]
    canned = (Canned(path, body, headers={"Content-Type": "application/xml"}),)
    at = Case("us_pacer_rss", "wire", Path(), "", NOW, None, None, target, canned, {}, {})
    async with Replay(canned, etags=False).serving() as server:
        return await look(WATCHER, at, held if held is not None else Memory(), server)


async def _read(wire: Path, file: str) -> tuple[Seen, list[Record], list[Record]]:
    seen = await _look((wire / "pacer_rss" / file).read_bytes(), FEEDS[file][0])
    kinds = {kind: [r for r in seen.findings.records if r.kind == kind] for kind in WATCHER.kinds}
    return seen, kinds["docket_entry"], kinds["case"]


def test_every_recorded_file_is_looked_at(wire: Path) -> None:
    assert {p.name for p in (wire / "pacer_rss").iterdir()} == {*FEEDS, *REFERENCES}


@pytest.mark.parametrize("file", FEEDS)
async def test_a_recorded_feed_is_read_without_a_doubt(wire: Path, file: str) -> None:
    seen, entries, cases = await _read(wire, file)

    _, items, read, opened, built = FEEDS[file]
    assert seen.outcome is Outcome.CHANGED, seen.reason
    assert seen.findings.total == items
    assert (len(entries), len(cases)) == (read, opened)
    assert seen.findings.unknown == ()
    assert seen.findings.cursor is not None and seen.findings.cursor.startswith(built)
    assert all(entry.parties and entry.published_at for entry in entries)


@pytest.mark.parametrize("file", FEEDS)
async def test_a_recorded_feed_read_again_tells_nothing(wire: Path, file: str) -> None:
    body, held = (wire / "pacer_rss" / file).read_bytes(), Memory()
    await _look(body, FEEDS[file][0], held)

    again = await _look(body.replace(b"</lastBuildDate>", b" </lastBuildDate>"), FEEDS[file][0], held)

    assert again.outcome is Outcome.SAME
    assert again.findings.records == ()
    assert not again.findings.unchanged


@pytest.mark.parametrize("file", sorted(REFERENCES))
async def test_what_we_keep_agrees_with_the_reference(wire: Path, file: str) -> None:
    references: list[dict[str, Any]] = json.loads((wire / "pacer_rss" / file).read_bytes())
    _, entries, _ = await _read(wire, file.replace(".json", ".xml"))

    told = {
        (one["docket_number"], entry["short_description"], datetime.fromisoformat(entry["date_filed"]).astimezone(UTC))
        for one in references
        for entry in one["docket_entries"]
    }
    for entry in entries:
        stamp = datetime.fromisoformat(entry.published_at or "")
        assert (entry.fields["case"], entry.fields["text"], stamp) in told
    assert len(entries) <= len(told)


async def test_an_estates_suits_against_overseas_suppliers_are_seen(wire: Path) -> None:
    _, entries, cases = await _read(wire, "nysb_2018-04-19.organisations.xml")

    sued = {p.name for case in cases for p in case.parties if p.role == "defendant" and case.signals}
    assert {"Zhengzhou XSD Mach.", "Shin-Etsu Quartz", "Samraj Engineering", "Synergy Innovations PTE Ltd."} <= sued
    assert all(case.signals[0].event == "lit.case_filed" for case in cases if case.fields["nature"] == "ap")
    assert not any("chapter" in entry.fields for entry in entries if entry.fields["type"] == "ap")
    debtors = {p.name for case in cases if case.fields["nature"] == "bk" for p in case.parties if p.role == "debtor"}
    assert {"SunEdison, Inc.", "Nine West Holdings, Inc.", "Tszro LLC"} <= debtors
    assert "North Kern State Prison" not in debtors


async def test_a_closed_bankruptcy_is_no_open_one(wire: Path) -> None:
    _, entries, cases = await _read(wire, "nysb_2018-04-19.organisations.xml")

    [closed] = [entry for entry in entries if entry.fields["text"] == "Close Bankruptcy Case"]
    assert closed.signals[0].event == "ins.ended"
    assert closed.key.rpartition(":")[0] not in {case.key for case in cases}


async def test_entries_are_told_apart_where_their_links_are_not(wire: Path) -> None:
    _, entries, _ = await _read(wire, "nysb_2018-04-19.organisations.xml")

    assert len({entry.key for entry in entries}) == 65
    assert len({entry.url for entry in entries}) < 45


async def test_people_are_left_out_of_what_we_keep(wire: Path) -> None:
    people = "Grabis|Magaliff|Silverman|Pereira|Torres|Campa|Figueroa|Turner|Singal|Mullings|Dozier|Acosta|Noseep|Vidal"
    found = [str((await _read(wire, file))[0].findings.records) for file in FEEDS]

    assert not [name for name in people.split("|") for text in found if name in text]


async def test_a_feed_that_holds_only_some_entries_says_so(wire: Path) -> None:
    seen, _, _ = await _read(wire, "ca10.xml")

    assert "only entries of type opinions" in seen.reason
    assert "left out as naming no company: 5" in seen.reason


async def test_a_malformed_docket_number_is_counted(wire: Path) -> None:
    seen, entries, _ = await _read(wire, "wvsd.xml")

    assert "left out as unreadable: 1" in seen.reason
    assert [entry.key for entry in entries] == ["wvsd:100645:47", "wvsd:197654:6691"]


async def test_the_reference_parse_never_passes_for_a_feed(wire: Path) -> None:
    for file in REFERENCES:
        seen = await _look((wire / "pacer_rss" / file).read_bytes(), "mdb")
        assert seen.outcome is Outcome.BLOCKED, file
