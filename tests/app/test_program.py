"""The program as its users meet it: a folder with two files, a command line, a daemon that is stopped and started."""

from __future__ import annotations

import json
import os
import signal
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.app.demo.world import Story
from tests.house import House, ended, house, lei, notice, watchlist

ROOT = os.geteuid() == 0


@pytest.fixture
def h(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, range(3)) as found:
        found.configure(watchlist(range(3)))
        yield found


# --------------------------------------------------------------------------- the daemon


def test_the_first_look_is_one_report_and_a_dissolution_afterwards_is_one_alert(h: House) -> None:
    process = h.start()
    h.wait(lambda: h.messages("Now watching 3 new customers"))

    h.world.change(lei(1), status="INACTIVE", events=(("DISSOLUTION", datetime.now(UTC).date()),))
    h.wait(lambda: h.messages("Tested Company 001 Ltd (UK)"))
    time.sleep(1.5)  # two more polls: nothing may be said again

    code, log = ended(process)
    assert code == 0, log
    assert len(h.messages("Tested Company 001 Ltd (UK)")) == 1
    assert "CRITICAL" in h.messages("Tested Company 001 Ltd (UK)")[0]["text"]
    assert len(h.messages()) == 2


def test_a_daemon_started_again_repeats_nothing(h: House) -> None:
    for _ in range(3):
        process = h.start()
        h.wait(lambda: h.messages("Now watching"))
        time.sleep(1.0)
        ended(process)

    assert len(h.messages()) == 1


def test_what_happened_while_the_daemon_was_away_is_told_when_it_is_back(h: House) -> None:
    process = h.start()
    h.wait(lambda: h.messages("Now watching"))
    ended(process)
    h.world.notices.append(notice(5000001, "2450", "Petitions to Wind Up (Companies)", 2, datetime.now(UTC)))
    h.world.today = datetime.now(UTC) + timedelta(minutes=1)

    process = h.start()
    h.wait(lambda: h.messages("Tested Company 002 Ltd (UK)"))
    ended(process)

    assert "asked the court to wind it up" in h.messages("Tested Company 002 Ltd (UK)")[0]["text"]


def test_sigterm_ends_the_daemon_within_ten_seconds_even_while_a_source_hangs(h: House, tmp_path: Path) -> None:
    h.servers.hang.set()
    process = h.start()
    time.sleep(2.5)
    began = time.monotonic()

    code, log = ended(process)

    assert code == 0, log
    assert time.monotonic() - began < 10


def test_a_second_daemon_on_the_same_store_is_refused_with_code_6(h: House) -> None:
    process = h.start()
    h.wait(lambda: h.messages("Now watching"))

    second = h.run("run")

    ended(process)
    assert second.returncode == 6
    assert "counterwatch:" in second.stderr
    assert len(h.messages()) == 1


def test_marking_a_watch_due_makes_the_daemon_look_within_a_second_or_two(h: House, tmp_path: Path) -> None:
    text = (tmp_path / "counterwatch.yaml").read_text().replace("every: 1s", "every: 1d")
    (tmp_path / "counterwatch.yaml").write_text(text)
    process = h.start()
    h.wait(lambda: h.messages("Now watching"))
    h.world.change(lei(0), status="INACTIVE")
    time.sleep(1.5)
    assert not h.messages("Tested Company 000 Ltd (UK)")

    marked = h.run("due", "--source", "gleif", "--customer", "c0", "--json")
    h.wait(lambda: h.messages("Tested Company 000 Ltd (UK)"), seconds=5)

    ended(process)
    assert json.loads(marked.stdout) == {"due": 1}


def test_a_registry_that_goes_and_comes_back_is_told_once_each_way(h: House, tmp_path: Path) -> None:
    text = (tmp_path / "counterwatch.yaml").read_text().replace("waits: {", "waits: {stale_floor: 1s, stale_cap: 2s, ")
    (tmp_path / "counterwatch.yaml").write_text(text)
    process = h.start()
    h.wait(lambda: h.messages("Now watching"))

    h.world.gleif_down = True
    h.wait(lambda: h.messages("we cannot see GLEIF"))
    time.sleep(2)
    h.world.gleif_down = False
    h.wait(lambda: h.messages("We see GLEIF again"))
    time.sleep(2)

    ended(process)
    assert len(h.messages("we cannot see GLEIF")) == 1
    assert len(h.messages("We see GLEIF again")) == 1
    assert {m["channel"] for m in h.messages("GLEIF")} == {"C0OPS", "C0ALERTS"}


def test_a_drifted_answer_changes_no_customer_and_is_told_to_the_operators_only(h: House) -> None:
    process = h.start()
    h.wait(lambda: h.messages("Now watching"))

    h.world.gleif_drifted = True
    h.wait(lambda: h.messages("do not look right"))
    time.sleep(1.5)

    ended(process)
    assert [m["channel"] for m in h.messages()] == ["C0ALERTS", "C0OPS"]


# --------------------------------------------------------------------------- one pass and one look


def test_one_pass_looks_at_everything_delivers_and_leaves(h: House) -> None:
    done = h.run("run", "--once", "--all")

    assert done.returncode == 0, done.stderr
    assert len(h.messages("Now watching 3 new customers")) == 1


def test_one_pass_with_a_source_down_leaves_with_1_and_names_it(h: House) -> None:
    h.world.gleif_down = True

    done = h.run("run", "--once", "--all")

    assert done.returncode == 1
    assert "gleif could not be seen (down)" in done.stderr


def test_without_a_token_the_same_words_come_to_the_console(h: House) -> None:
    done = h.run("run", "--once", "--all", token=False)

    assert done.returncode == 0, done.stderr
    assert "Now watching 3 new customers" in done.stdout
    assert "\x1b[" not in done.stdout


def test_a_look_by_hand_prints_records_and_then_the_look(h: House) -> None:
    done = h.run("poll", "--source", "gleif", "--customer", "c1", "--json")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    company = next(row for row in rows if row.get("kind") == "company")
    assert done.returncode == 0, done.stderr
    assert set(company) == {"source", "customer", "kind", "key", "fields", "published_at", "url"}
    assert (company["customer"], company["fields"]["status"]) == ("c1", "active")
    assert rows[-1] == {
        "look": {
            "source": "gleif",
            "customer": "c1",
            "outcome": "changed",
            "records": len(rows) - 1,
            "complete": True,
            "reason": "",
        }
    }


@pytest.mark.parametrize(("trouble", "code", "outcome"), [("gleif_down", 3, "down"), ("gleif_drifted", 4, "drifted")])
def test_a_bad_look_by_hand_has_its_own_exit_code(h: House, trouble: str, code: int, outcome: str) -> None:
    setattr(h.world, trouble, True)

    done = h.run("poll", "--source", "gleif", "--customer", "c1", "--json")

    assert done.returncode == code
    assert json.loads(done.stdout.splitlines()[-1])["look"]["outcome"] == outcome


def test_a_dry_run_stores_nothing(h: House, tmp_path: Path) -> None:
    done = h.run("poll", "--source", "gleif", "--customer", "c1", "--dry-run", "--json")

    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "state" / "counterwatch.db").exists()


def test_listings_are_one_object_a_line_with_the_settled_keys(h: House) -> None:
    h.world.change(lei(2), status="INACTIVE")  # grave at the first look: alerts by itself
    assert h.run("run", "--once", "--all").returncode == 0

    events = [json.loads(line) for line in h.run("events", "--json").stdout.splitlines()]
    alerts = [json.loads(line) for line in h.run("alerts", "--json").stdout.splitlines()]
    incidents = [json.loads(line) for line in h.run("incidents", "--json").stdout.splitlines()]
    sources = [json.loads(line) for line in h.run("sources", "--json").stdout.splitlines()]

    gone = next(e for e in events if e["type"] == "reg.dissolved")
    assert {"id", "customer", "type", "severity", "title", "occurred_at", "published_at", "first_seen", "source", "url",
            "confidence", "role", "stage", "origins", "evidence", "incident", "reasons"} <= set(gone)  # fmt: skip
    assert (gone["customer"], gone["severity"]) == ("c2", "critical")
    assert gone["incident"] in {one["id"] for one in incidents}
    sent = next(a for a in alerts if a["event"] == gone["id"])
    assert (sent["state"], sent["attempts"], sent["channel"]) == ("sent", 1, "#customer-watch")
    assert {s["source"] for s in sources} >= {"gleif", "gb_gazette", "feed"}
    assert {"source", "family", "jurisdictions", "scope", "needs", "credentials", "every", "quota", "agreement",
            "experimental", "last_good"} <= set(sources[0])  # fmt: skip


# --------------------------------------------------------------------------- bad input


def test_a_broken_watchlist_is_refused_with_file_line_and_hint_and_code_2(h: House, tmp_path: Path) -> None:
    (tmp_path / "watchlist.yaml").write_text("version: 1\ncustomers:\n  - name: A\n    contry: GB\n")

    for command in (["check"], ["run", "--once"], ["events"]):
        done = h.run(*command)
        assert done.returncode == 2
        assert "watchlist.yaml:4:5" in done.stdout + done.stderr
        assert "country" in done.stdout + done.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["poll", "--source", "gleef"], "did you mean gleif?"),
        (["poll", "--source", "gleif", "--customer", "c9"], "no customer has the id 'c9'"),
        (["due", "--customer", "nobody"], "no customer has the id 'nobody'"),
        (["events", "--severity", "terrible"], "no such severity"),
        (["events", "--since", "yesterdayish"], "not a date or an age"),
        (["run", "--all"], "--all goes with --once"),
    ],
)
def test_what_is_not_there_is_refused_in_one_sentence(h: House, words: list[str], says: str) -> None:
    done = h.run(*words)

    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_unreachable_database_is_one_sentence_without_a_password(h: House) -> None:
    h.store = "postgresql+psycopg://watch@127.0.0.1:9/nothing"
    h.configure(watchlist(range(1)))
    h.env = {"COUNTERWATCH_STORE_PASSWORD": "canary-7f3a"}

    done = h.run("run", "--once")

    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "canary-7f3a" not in done.stdout + done.stderr


def test_a_daemon_waits_for_a_database_that_is_away_and_says_so(h: House) -> None:
    h.store = "postgresql+psycopg://watch@127.0.0.1:9/nothing"
    h.configure(watchlist(range(1)))

    process = h.start()
    time.sleep(4)

    assert process.poll() is None
    _, log = ended(process, by=signal.SIGKILL)
    assert "store.away" in log


@pytest.mark.skipif(ROOT, reason="root may write anywhere")
def test_a_state_folder_that_cannot_be_written_is_one_sentence(h: House, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(stat.S_IRUSR | stat.S_IXUSR)

    done = h.run("run", "--once")

    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_a_state_folder_that_is_a_file_is_one_sentence(h: House, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")

    done = h.run("run", "--once")

    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_lost_database_is_not_silently_begun_anew(h: House, tmp_path: Path) -> None:
    assert h.run("run", "--once", "--all").returncode == 0
    for path in (tmp_path / "state").glob("counterwatch.db*"):
        path.unlink()

    refused = h.run("run", "--once", "--all")
    agreed = h.run("run", "--once", "--all", "--accept-empty-store")

    assert refused.returncode == 2
    assert "--accept-empty-store" in refused.stderr
    assert agreed.returncode == 0, agreed.stderr


def test_a_wrong_token_loses_nothing_and_the_doctor_says_so(h: House) -> None:
    h.slack.ctl("token", state="token_revoked")
    h.run("run", "--once", "--all", timeout=90)
    doctor = h.run("doctor")
    waiting = h.run("alerts", "--state", "pending", "--json").stdout

    h.slack.ctl("token", state="")
    h.run("run", "--once")

    assert doctor.returncode == 1
    assert "Slack refuses us" in doctor.stdout
    assert "report" in waiting
    assert len(h.messages("Now watching 3 new customers")) == 1


def test_no_secret_reaches_logs_or_database(h: House, tmp_path: Path) -> None:
    done = h.run("run", "--once", "--all", "--log", "debug")

    held = b"".join(path.read_bytes() for path in (tmp_path / "state").glob("counterwatch.db*"))
    assert h.slack.bot_token not in done.stdout + done.stderr
    assert h.slack.bot_token.encode() not in held


def test_hostile_text_pings_nobody_and_is_shown_literally(h: House) -> None:
    process = h.start()
    h.wait(lambda: h.messages("Now watching"))
    h.world.feeds["/trade.rss"] = [
        Story("t-9", "<!channel> Tested Company 001 Ltd files for bankruptcy <https://evil.example|bank.example> {{7*7}}",
              "@here", datetime.now(UTC))
    ]  # fmt: skip
    h.world.today = datetime.now(UTC) + timedelta(minutes=1)
    ended(process)
    (h.home / "watchlist.yaml").write_text(
        watchlist(range(3)) + '    watch: {feeds: ["https://news.example/trade.rss"]}\n'
    )
    process = h.start()
    h.wait(lambda: h.run("events", "--family", "ins", "--json").stdout.splitlines())
    ended(process)

    for message in h.messages():
        assert not message.get("parsed", {}).get("broadcasts")
        assert not message.get("parsed", {}).get("mentions")
