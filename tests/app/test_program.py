"""The program as its users meet it: a folder with two files, a command line, a daemon that is stopped and started."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import sqlite3
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.app import show
from monitor.app.demo.world import Story
from tests.house import PROGRAM, House, ended, house, lei, notice, watchlist

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
    h.wait(lambda: h.world.seen)  # the question is out, the answer does not come
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
    h.wait(lambda: h.messages("Tested Company 000 Ltd (UK)"), seconds=15)

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
    assert "gleif could not be seen (cannot be reached): api.gleif.org is in trouble (503)" in done.stderr


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
        (["poll", "--source", "gleif", "--customer", "c9"], "no customer has the id c9 (`counterwatch check`"),
        (["due", "--customer", "nobody"], "no customer has the id nobody"),
        (["events", "--severity", "terrible"], "no such severity"),
        (["events", "--since", "yesterdayish"], "not a date or an age"),
        (["events", "--family", "insolvency"], "no such family"),
        (["alerts", "--state", "lost"], "no such state: lost (pending, sent, parked or suppressed)"),
        (["run", "--log", "loud"], "no such log level"),
        (["run", "--all"], "--all goes with --once"),
        (["demo", "--language", "fr"], "no such language: fr (en or zh)"),
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


def test_a_state_folder_that_cannot_be_written_is_one_sentence(h: House, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(stat.S_IRUSR | stat.S_IXUSR)

    run, events, doctor = (without_root(h, *words) for words in (["run", "--once"], ["events"], ["doctor"]))

    assert (run.returncode, events.returncode, doctor.returncode) == (2, 2, 1)
    assert "cannot be written: Permission denied" in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert "Traceback" not in events.stderr + doctor.stderr
    assert "cannot be written" in doctor.stdout


def test_a_watchlist_one_may_not_read_is_one_sentence(h: House, tmp_path: Path) -> None:
    (tmp_path / "watchlist.yaml").chmod(0)

    done = without_root(h, "run", "--once")

    assert done.returncode == 2
    assert done.stderr.startswith("counterwatch: watchlist.yaml: the file cannot be read: Permission denied")


def without_root(h: House, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command without root's right to read and write whatever it likes."""
    drop = "=-dac_override,-dac_read_search"
    prefix = ["setpriv", f"--bounding-set{drop}", f"--inh-caps{drop}"] if ROOT else []
    if prefix and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root's rights cannot be dropped here")
    return subprocess.run(
        [*prefix, *PROGRAM, *words], env=h.environment(), capture_output=True, text=True, timeout=60, check=False
    )


def test_a_full_disk_is_said_and_nothing_is_lost(h: House, tmp_path: Path) -> None:
    with small_disk(tmp_path / "state"):
        assert h.run("run", "--once", "--all").returncode == 0
        h.world.change(lei(1), status="INACTIVE", events=(("DISSOLUTION", datetime.now(UTC).date()),))
        filler = tmp_path / "state" / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

        full = h.run("run", "--once", "--all")
        doctor = h.run("doctor")
        filler.unlink()
        again = h.run("run", "--once", "--all")

    assert full.returncode == 2, full.stderr
    assert "Traceback" not in full.stderr
    assert "full" in full.stderr or "No space left" in full.stderr
    assert doctor.returncode == 1
    assert again.returncode == 0, again.stderr
    assert len(h.messages("Tested Company 001 Ltd (UK)")) == 1


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of a few hundred kilobytes at this place."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=900k", "none", str(folder)]
    if not ROOT or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


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


@pytest.mark.parametrize(
    ("store", "says"),
    [
        ("mysql://x@y/z", "counterwatch.yaml:2:8: not a store"),
        ("postgresql://u@host:port/x", "counterwatch.yaml:2:8: not a store"),
        ("sqlite:////proc/none/x.db", "the folder of the database cannot be used"),
        ("sqlite:///note.txt", "the file is not a database"),
        ("sqlite:///other.db", "this is not a counterwatch database: it holds the table songs"),
    ],
)
def test_a_store_that_is_none_is_refused_in_one_sentence(h: House, tmp_path: Path, store: str, says: str) -> None:
    h.store = store
    h.configure(watchlist(range(1)))
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "note.txt").write_text(
        "A note, long enough to be taken for a file of a hundred bytes or so." * 9
    )
    with sqlite3.connect(tmp_path / "state" / "other.db") as other:
        other.execute("CREATE TABLE songs (title TEXT)")
    other.close()

    done = h.run("events")

    assert done.returncode == 2
    assert done.stderr.startswith("counterwatch: ")
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_folder_that_is_none_and_a_list_that_is_a_folder_are_told(h: House, tmp_path: Path) -> None:
    (tmp_path / "watchlist.yaml").unlink()
    nothing = h.run("check")
    (tmp_path / "watchlist.yaml").mkdir()
    folder = h.run("run")
    file = h.run("check", "--config", str(tmp_path / "counterwatch.yaml"))

    assert [done.returncode for done in (nothing, folder, file)] == [2, 2, 2]
    assert "counterwatch init" in nothing.stdout
    assert "a folder stands where the file belongs" in folder.stderr
    assert "--config names the folder of both files" in file.stdout


def test_a_database_of_a_newer_program_is_refused_with_code_7(h: House, tmp_path: Path) -> None:
    assert h.run("run", "--once", "--all").returncode == 0
    with sqlite3.connect(tmp_path / "state" / "counterwatch.db") as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()

    english = [h.run(*words) for words in (["run"], ["events"])]
    speak(h, "zh")
    chinese = h.run("alerts")

    assert [done.returncode for done in (*english, chinese)] == [7, 7, 7]
    assert all("install the newer program" in done.stderr for done in english)
    assert "请安装新版程序" in chinese.stderr


def speak(h: House, language: str) -> None:
    path = h.home / "counterwatch.yaml"
    rows = [row for row in path.read_text("utf-8").splitlines() if not row.startswith(("language:", "timezone:"))]
    path.write_text("\n".join([f"language: {language}", "timezone: Asia/Shanghai", *rows, ""]), "utf-8")


@pytest.mark.parametrize("words", [["run", "--once", "--all"], ["poll", "--source", "gleif"], ["demo"]])
def test_ctrl_c_ends_any_command_quietly_with_130(h: House, words: list[str]) -> None:
    h.servers.hang.set()
    env = h.environment() | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*PROGRAM, *words],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Whoever runs the tests in the background has SIGINT ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    h.started.append(process)
    if words == ["demo"]:
        assert process.stdout
        process.stdout.readline()  # it has begun to speak
    else:
        h.wait(lambda: h.world.seen)

    code, out = ended(process, by=signal.SIGINT)

    assert code == 130, out
    assert "Traceback" not in out
    assert "Error" not in out


def test_slack_out_of_reach_is_said_by_the_doctor(h: House) -> None:
    h.env = {"SLACK_API_URL": "http://127.0.0.1:9/api/"}

    done = h.run("doctor", timeout=20)

    assert done.returncode == 1
    assert "Slack cannot be reached" in done.stdout


def test_a_wrong_token_loses_nothing_and_the_doctor_says_so(h: House) -> None:
    h.slack.ctl("token", state="token_revoked")
    once = h.run("run", "--once", "--all", timeout=90)
    doctor = h.run("doctor")
    waiting = h.run("alerts", "--state", "pending", "--json").stdout

    h.slack.ctl("token", state="")
    h.run("run", "--once")

    assert "alerts wait and are tried again at the next run" in once.stderr
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


# --------------------------------------------------------------------------- what a person reads


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house in which something has happened: a dissolution at the first look, a new address, a story."""
    with house(tmp_path_factory.mktemp("filled"), range(3)) as found:
        extra = {"watch": '{{feeds: ["https://news.example/trade.rss"]}}', "channel": '"#a-channel-of-a-long-name"'}
        found.slack.ctl("channel", id="C0LONG", name="a-channel-of-a-long-name")
        found.configure(watchlist(range(3), **extra))
        found.world.change(lei(2), status="INACTIVE")
        assert found.run("run", "--once", "--all").returncode == 0
        found.world.change(lei(0), city="York", street="77 A Rather Long Street Beside The River")
        story = "Tested Company 001 Ltd files for bankruptcy after talks with its lenders end without any result at all"
        found.world.feeds["/trade.rss"].insert(0, Story("t-2", story, "", datetime.now(UTC)))
        found.world.today = datetime.now(UTC) + timedelta(minutes=1)
        assert found.run("run", "--once", "--all").returncode == 0
        yield found


LISTINGS = ("events", "incidents", "alerts", "sources", "doctor")


@pytest.mark.parametrize(("width", "language"), [(80, "zh"), (120, "en")])
def test_every_listing_fits_the_terminal(filled: House, width: int, language: str) -> None:
    speak(filled, language)
    filled.env = {"COLUMNS": str(width)}

    for listing in LISTINGS:
        out = filled.run(listing).stdout

        assert out
        assert max(map(show.cells, out.splitlines())) <= width, out
        assert "\x1b" not in out


@pytest.mark.parametrize(
    ("language", "head", "level", "foot"),
    [
        ("en", "severity", ("critical", "medium"), "Times: Asia/Shanghai."),
        ("zh", "级别", ("紧急", "关注"), "时间按 Asia/Shanghai。"),
    ],
)
def test_tables_align_in_both_languages_and_name_the_zone_once(
    filled: House, language: str, head: str, level: tuple[str, ...], foot: str
) -> None:
    speak(filled, language)
    filled.env = {"COLUMNS": "120"}

    title, *rows, last = filled.run("events").stdout.splitlines()

    at = show.cells(title[: title.index(head)])
    told = [row for row in rows if any(word in row for word in level)]
    assert len(told) >= 2
    assert {show.cells(row[: row.index(word)]) for row in told for word in level if word in row} == {at}
    assert last.endswith(foot)
    assert foot[-12:-1] not in "".join((title, *rows))


def test_listings_end_with_the_newest(filled: House) -> None:
    moments = [json.loads(row)["first_seen"] for row in filled.run("events", "--json").stdout.splitlines()]
    newest = [json.loads(row)["first_seen"] for row in filled.run("events", "--json", "-n", "1").stdout.splitlines()]

    assert len(moments) > 1
    assert moments == sorted(moments)
    assert newest == moments[-1:]


def test_a_listing_in_chinese_holds_no_code_where_a_word_belongs(filled: House) -> None:
    speak(filled, "zh")
    filled.env = {"COLUMNS": "80"}

    out = filled.run("events").stdout + filled.run("alerts").stdout + filled.run("incidents").stdout

    assert "注册地址已变更" in out
    assert "首次报告" in out
    assert "已发送" in out
    for code in ("reg.", "critical", "medium", "sent", "open", "None", "suppressed", "registry_life"):
        assert code not in out


def test_a_filter_takes_the_word_a_listing_shows(filled: House) -> None:
    by_code = filled.run("events", "--severity", "critical", "--json").stdout
    by_word = filled.run("events", "--severity", "紧急", "--json").stdout
    sent = filled.run("alerts", "--state", "已发送", "--json").stdout

    assert by_code == by_word != ""
    assert {json.loads(row)["state"] for row in sent.splitlines()} == {"sent"}


def test_json_is_the_same_in_every_language(filled: House) -> None:
    said = {}
    for language in ("en", "zh"):
        speak(filled, language)
        said[language] = [filled.run(one, "--json").stdout for one in ("alerts", "doctor")]

    assert said["en"] == said["zh"]


def test_a_reader_who_leaves_early_is_no_trouble(filled: House) -> None:
    for words in (["events"], ["events", "--json"], ["check"]):
        read, write = os.pipe()
        os.close(read)
        process = subprocess.Popen(
            [*PROGRAM, *words], env=filled.environment(), stdout=write, stderr=subprocess.PIPE, text=True
        )
        os.close(write)

        _, errors = process.communicate(timeout=30)

        assert (process.returncode, errors) == (0, "")


def test_colours_are_for_a_terminal_and_not_for_those_who_refuse_them(filled: House) -> None:
    speak(filled, "en")

    assert "\x1b[1;31mcritical" in on_a_terminal(filled, {})
    assert "\x1b[1;31m" not in on_a_terminal(filled, {"NO_COLOR": "1"})


def on_a_terminal(h: House, more: dict[str, str]) -> str:
    """Return what `events` writes to a terminal."""
    ours, theirs = pty.openpty()
    env = h.environment() | {"TERM": "xterm-256color", "COLUMNS": "100"} | more
    process = subprocess.Popen([*PROGRAM, "events"], env=env, stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    out = b""
    while select.select([ours], [], [], 20)[0]:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side has closed
            break
        if not part:
            break
        out += part
    os.close(ours)
    process.wait(timeout=20)
    return out.decode()


def test_a_terminal_that_knows_no_chinese_breaks_nothing(filled: House) -> None:
    speak(filled, "zh")
    filled.env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}

    done = filled.run("events")
    filled.env = {}

    assert done.returncode == 0, done.stderr


def test_the_first_words_a_person_types_are_answered() -> None:
    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.environ["PATH"], "COLUMNS": "80"}
        return subprocess.run([*PROGRAM, *words], env=env, capture_output=True, text=True, timeout=30, check=False)

    bare, version, option = typed(), typed("--version"), typed("events", "--colour")

    assert "Usage:" in bare.stdout + bare.stderr
    assert "List what happened" in bare.stdout + bare.stderr
    assert (version.returncode, version.stdout.split()[0]) == (0, "counterwatch")
    assert option.returncode == 2
    assert "No such option: --colour" in option.stderr


# --------------------------------------------------------------------------- the doctor


def test_the_doctor_names_channels_the_bot_cannot_reach_and_customers_nobody_watches(h: House) -> None:
    h.slack.ctl("channel", id="C0SALES", name="not-invited", is_member=False)
    unknown = '  - {name: Nobody Knows SA, id: ghost, country: PE, channel: "#gone"}\n'
    h.configure(watchlist(range(1), channel='"#not-invited"') + unknown)
    settings = h.home / "counterwatch.yaml"
    settings.write_text(settings.read_text().replace("waits: {", "waits: {lease: 30s, "))

    done = h.run("doctor", "--json")

    found = {row["what"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1
    assert found["channel #customer-watch"]["state"] == "ok"
    assert found["channel #not-invited"]["state"] == "trouble"
    assert "/invite" in found["channel #not-invited"]["do"]
    assert found["channel #gone"]["state"] == "trouble"
    assert "ghost" in found["customers"]["says"]
    assert "shorter than the longest look" in found["waits"]["says"]
    assert {"program", "configuration", "state folder", "store", "Slack"} <= set(found)


# --------------------------------------------------------------------------- why


def test_an_alert_can_be_defended_with_reasons_and_the_raw_answer(filled: House) -> None:
    speak(filled, "en")
    event = json.loads(filled.run("events", "--severity", "critical", "--json").stdout.splitlines()[0])

    why = filled.run("why", event["id"])
    listed = filled.run("evidence", event["id"], "--json")
    raw = filled.run("evidence", event["id"], "--raw")

    assert "critical by default for this kind of event" in why.stdout
    assert "looked up by its LEI" in why.stdout
    assert "sent · " in why.stdout
    assert [json.loads(row)["sha256"] for row in listed.stdout.splitlines()] == event["evidence"]
    assert json.loads(raw.stdout)["data"]["id"] == lei(2)
    assert filled.run("why", "ev_0").returncode == 2


# --------------------------------------------------------------------------- the demo


def test_the_demo_finds_everything_says_nothing_else_and_leaves_nothing(tmp_path: Path) -> None:
    readmes = {"en": "README.md", "zh": "README.zh-CN.md"}

    played = {}
    for language in readmes:  # side by side: most of a demo is waiting
        (home := tmp_path / language).mkdir()
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "COLUMNS": "100"}
        words = [*PROGRAM, "demo", "--language", language, "--seconds", "0.5"]
        played[language] = subprocess.Popen(
            words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )

    for language, process in played.items():
        out, errors = process.communicate(timeout=120)
        lines = out.splitlines()
        assert (process.returncode, errors) == (0, ""), out[-2000:]
        assert lines[-1] == "planted 12 · found 12 · missed 0 · false 0"
        assert not [line for line in lines if line.startswith("{")]
        assert max(map(show.cells, lines)) <= 100
        assert list((tmp_path / language).iterdir()) == []
        # The example alert of the README is what the program really prints.
        readme = (Path(__file__).parents[2] / readmes[language]).read_text("utf-8")
        example = re.search(r"```text\n(.*?)```", readme, re.DOTALL)
        assert example
        assert undated(example[1]) in undated(out)


def undated(text: str) -> str:
    """Return the text without dates, frames and blanks, which depend on the day and on the screen."""
    return re.sub(
        r"\d+ (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: \d{4})?|(?:\d+年)?\d+月\s*\d+日|[\s│]", "", text
    )
