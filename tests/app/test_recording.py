"""`record` turns one look at a source into a case that the battery can replay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from monitor.app import recording
from monitor.app.refused import Refused
from monitor.edge.settings import Places
from monitor.model import Customer, Evidence, Outcome
from monitor.watcher import Ask, discover
from tests import replay
from tests.house import MORNING, House, house, lei, watchlist
from tests.replay import Memory, Replay


@pytest.fixture
def h(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, range(2)) as found:
        found.configure(watchlist(range(2)))
        yield found


def places(h: House) -> Places:
    return Places(h.home, h.home / "state")


async def seen_again(source: str, folder: Path) -> tuple[replay.Case, replay.Seen]:
    """Replay a written case."""
    at = replay.case(source, folder.name, folder)
    async with Replay(at.answers).serving() as served:
        return at, await replay.look(discover()[source], at, Memory(), served)


def test_a_look_at_a_registry_becomes_a_case_that_replays_alike(h: House, tmp_path: Path) -> None:
    code = recording.record(places(h), "gleif", "c1", case="first", out=tmp_path / "cases")

    at, seen = recording.in_loop(seen_again("gleif", tmp_path / "cases" / "first"))
    assert code == 0
    assert seen.outcome == at.expect["outcome"] == "changed"
    assert len(seen.findings.records) == int(at.expect["records"]) > 0
    assert at.customer is not None
    assert at.customer.ids["lei"] == lei(1)


def test_a_look_at_a_stream_becomes_a_case_too(h: House, tmp_path: Path) -> None:
    h.world.today = datetime.now(UTC)
    feeds = f'{{base_url: "http://127.0.0.1:{h.servers.ports["feed"]}", allow_private: true, urls: [https://news.example/trade.rss]}}'
    (h.home / "counterwatch.yaml").write_text(f"sources: {{feed: {feeds}}}\n")

    code = recording.record(places(h), "feed", None, case="first", out=tmp_path / "cases")

    at, seen = recording.in_loop(seen_again("feed", tmp_path / "cases" / "first"))
    assert code == 0
    assert seen.outcome is Outcome.CHANGED
    assert at.target is not None
    assert at.target.url == "https://news.example/trade.rss"


def test_nothing_of_the_money_and_the_people_gets_into_a_case(h: House, tmp_path: Path) -> None:
    h.configure(watchlist(range(2), exposure="{{open: 84000}}", owner="li.wei@example.com"))

    recording.record(places(h), "gleif", "c1", case="first", out=tmp_path)

    written = (tmp_path / "first" / "case.yaml").read_text()
    assert "84000" not in written
    assert "li.wei" not in written


def test_a_credential_that_the_source_repeats_is_masked(tmp_path: Path) -> None:
    watcher = discover()["gleif"]
    customer = Customer("c1", "Kestrel Valves Limited", "GB", ids={"lei": lei(1)})
    ask = Ask(source="gleif", now=MORNING, fetch=None, customer=customer)  # type: ignore[arg-type]
    answer = Evidence(
        "", b'{"echo": "k-3141592653"}', "application/json", "https://x.example/a/b?key=***", "gleif", 200, {}, MORNING
    )

    recording.write(
        tmp_path / "case", watcher, ask, recording.Seen(None, Outcome.DOWN, "down"), [answer], ["k-3141592653"]
    )

    assert "k-3141592653" not in "".join(path.read_text() for path in (tmp_path / "case").iterdir())


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/a/%2e%2e", "/.bashrc", "/case.yaml", "/" + "a" * 300, "/"])
def test_the_files_of_a_case_bear_plain_names_inside_its_folder(tmp_path: Path, path: str) -> None:
    watcher = discover()["gleif"]
    ask = Ask(source="gleif", now=MORNING, fetch=None)  # type: ignore[arg-type]
    answers = [
        Evidence("", b"{}", "application/json", f"https://x.example{path}", "gleif", 200, {}, MORNING) for _ in range(2)
    ]

    written = recording.write(tmp_path / "case", watcher, ask, recording.Seen(None, Outcome.DOWN), answers)

    assert {one.parent for one in written} == {tmp_path / "case"}
    assert len({one.name for one in written}) == 3
    said = yaml.safe_load((tmp_path / "case" / "case.yaml").read_text())
    assert [answer["file"] for answer in said["answers"]] == [one.name for one in written[1:]]


def test_a_case_that_is_there_is_never_overwritten(h: House, tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()

    with pytest.raises(Refused, match="case_there"):
        recording.record(places(h), "gleif", "c1", case="first", out=tmp_path)


def test_a_source_that_does_not_answer_leaves_no_case(h: House, tmp_path: Path) -> None:
    (h.home / "counterwatch.yaml").write_text(
        "sources: {gleif: {base_url: 'http://127.0.0.1:9', allow_private: true}}\n"
    )

    with pytest.raises(Refused, match="case_unanswered"):
        recording.record(places(h), "gleif", "c1", case="first", out=tmp_path)

    assert not (tmp_path / "first").exists()


@pytest.mark.parametrize("name", ["", "../up", "Näme", "a b"])
def test_a_name_that_is_no_plain_name_is_refused(h: House, tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="case_name"):
        recording.record(places(h), "gleif", "c1", case=name, out=tmp_path)
