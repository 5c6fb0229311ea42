"""The Gazette's recorded answers and its own table of codes, against our watcher."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from monitor.model import Outcome
from monitor.watcher import Target, discover
from tests.replay import Canned, Case, Memory, Replay, Seen, look
from watchers.litigation import gb_gazette

WATCHER = discover()["gb_gazette"]
PATH = "/insolvency/notice/data.json"
# Files of addresses we do not ask, and templates that hold no notice; each is tried below all the same.
OTHERS = {
    "feed_sample_2014.atom.xml": Outcome.BLOCKED,  # the Atom form
    "notice_2948343.linked_data.excerpt.json": Outcome.DRIFTED,
    "rdfa_template_2441.html": Outcome.BLOCKED,
    "rdfa_template_2443.html": Outcome.BLOCKED,
    "rdfa_template_2450.html": Outcome.BLOCKED,
    "taxonomy_sample.xml": Outcome.BLOCKED,
}


async def _look(body: bytes) -> Seen:
    canned = (Canned(PATH, body, headers={"Content-Type": "application/json"}),)
    now = datetime(2026, 8, 5, 9, tzinfo=UTC)
    at = Case("gb_gazette", "wire", Path(), "", now, None, None, Target("gb_gazette"), canned, {}, {})
    async with Replay(canned).serving() as server:
        return await look(WATCHER, at, Memory(), server)


def test_every_recorded_file_is_looked_at(wire: Path) -> None:
    ours = {"insolvency_feed_2026-08-05.json", "feed_sample_2014.json", "notice_codes_24xx.csv", *OTHERS}

    assert {p.name for p in (wire / "gazette").iterdir()} == ours


async def test_the_recorded_feed_is_read_field_by_field(wire: Path) -> None:
    seen = await _look((wire / "gazette" / "insolvency_feed_2026-08-05.json").read_bytes())

    # One page of three million notices: what it holds is kept, and the look is not called whole.
    assert seen.outcome is Outcome.PARTIAL
    assert seen.findings.unknown == ()
    megmay, letisha, rowlands = seen.findings.records
    assert {key: megmay.fields[key] for key in ("code", "title", "category", "published", "company_number")} == {
        "code": "2442",
        "title": "MEGMAY CONSULTING LIMITED",
        "category": "Meetings of Creditors",
        "published": "2026-08-05",
        "company_number": "11416317",
    }
    assert megmay.key == "gazette:5185634"
    assert megmay.url == "https://www.thegazette.co.uk/notice/5185634"
    assert megmay.published_at == "2026-08-05T00:03:41Z"  # 01:03:41 in London; the feed's `updated` agrees
    assert megmay.parties[0].ids == {"gb_company": "11416317"}
    assert megmay.signals[0].event == "ins.claims_deadline"
    assert letisha.fields["company_number"] == "09184913"
    assert letisha.signals[0].event == "ins.proceeding_opened"
    assert rowlands.fields["company_number"] == "09530703"
    assert not any("Herbert" in str(record) for record in seen.findings.records), "who places a notice is no debtor"


async def test_the_recorded_feed_is_whole_if_its_total_says_so(wire: Path) -> None:
    document = json.loads((wire / "gazette" / "insolvency_feed_2026-08-05.json").read_bytes())
    document["f:total"] = "3"
    document["link"] = [link for link in document["link"] if link["@rel"] != "next"]

    seen = await _look(json.dumps(document).encode())

    assert seen.outcome is Outcome.CHANGED
    assert seen.findings.total == 3


async def test_a_notice_of_another_category_is_counted_and_dropped(wire: Path) -> None:
    seen = await _look((wire / "gazette" / "feed_sample_2014.json").read_bytes())

    assert seen.findings.records == ()
    assert seen.findings.total == 1
    assert "left out" in seen.reason


async def test_other_documents_never_pass_for_a_feed(wire: Path) -> None:
    for file, outcome in OTHERS.items():
        seen = await _look((wire / "gazette" / file).read_bytes())
        assert seen.outcome is outcome, file


def test_our_codes_are_the_publishers(wire: Path) -> None:
    with (wire / "gazette" / "notice_codes_24xx.csv").open(encoding="utf-8", newline="") as file:
        table = {row["notice_code"]: row for row in csv.DictReader(file)}
    sections = {"members_voluntary": "members", "creditors_voluntary": "creditors", "winding_up_by_court": "court"}

    assert set(gb_gazette.CODES) == set(table)
    for code, row in table.items():
        meaning = gb_gazette.CODES[code]
        assert meaning.section == sections.get(row["section"], row["section"]), code
        label = row["label"].removeprefix("(older code) ")
        assert gb_gazette._folded(label).split()[:2] == gb_gazette._folded(meaning.label).split()[:2], code


def test_what_is_grave_to_the_publisher_is_not_small_to_us(wire: Path) -> None:
    grave = {"ins.petition_filed", "ins.proceeding_opened", "ins.rescue_opened", "ins.receiver_appointed"}
    with (wire / "gazette" / "notice_codes_24xx.csv").open(encoding="utf-8", newline="") as file:
        critical = {row["notice_code"] for row in csv.DictReader(file) if row["suggested_severity"] == "critical"}

    assert {gb_gazette.CODES[code].event for code in critical} <= grave
