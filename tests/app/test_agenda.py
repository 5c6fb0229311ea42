"""`dates` at the terminal and as a calendar: read back with the library, and line by line as RFC 5545 demands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from icalendar import Calendar

from monitor.app import agenda, speech
from monitor.app.agenda import Wanted
from monitor.app.refused import Refused
from monitor.edge.settings import Places
from monitor.edge.store import Store, audit, commit, dates, read
from monitor.model import Alert, Deadline, Severity
from tests.house import HandClock, Office, Source

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
EVIL = "Hart\u202ewell \u200b" + "海" * 300 + "; Ltd, \\n"
CUSTOMERS = """\
version: 1
customers:
  - {{name: Hartwell Components Ltd, id: hartwell, country: GB, owner: li, exposure: {{open: 84000 EUR}}}}
  - {{name: "{evil}", id: evil, country: CN}}
"""
PEOPLE = "people: {li: {mail: li.wei@example.com}}"


def deadline(id: str = "dl_1", day: str = "2026-12-09", **changes: Any) -> Deadline:
    base: dict[str, Any] = {
        "customer": "hartwell",
        "name": "hearing",
        "state": "open",
        "created_at": NOW,
        "updated_at": NOW,
        "incident": "in_1",
        "event": "ev_1",
        "source": "gb_gazette",
        "facts": {"case": "CR-2026-001"},
    }
    return Deadline(id=id, day=day, **{**base, **changes})


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[Office]:
    customers = CUSTOMERS.format(evil=EVIL.replace("\\", "\\\\"))
    found = Office(tmp_path / "etc", store, HandClock(), (Source(),), customers, PEOPLE)
    yield found
    await found.close()


def calendar(o: Office, *found: Deadline, language: Any = "en") -> tuple[bytes, list[Any]]:
    data = agenda.written(speech.voice(language, "UTC", NOW), found, o.desk.config)
    return data, list(Calendar.from_ical(data).walk("VEVENT"))


# --------------------------------------------------------------------------- the calendar


async def test_a_day_without_a_time_is_a_whole_day_with_alarms_before_it(office: Office) -> None:
    _, (entry,) = calendar(office, deadline())

    assert (entry.decoded("dtstart"), entry.decoded("dtend")) == (date(2026, 12, 9), date(2026, 12, 10))
    assert str(entry["summary"]) == "Hartwell Components Ltd: hearing, case CR-2026-001"
    assert str(entry["status"]) == "CONFIRMED"
    # At half past eight: a week and a day before, and on the day.
    rings = [alarm.decoded("trigger") for alarm in entry.walk("VALARM")]
    opening = timedelta(hours=8, minutes=30)
    assert rings == [opening - timedelta(days=7), opening - timedelta(days=1), opening]


async def test_a_stated_time_is_an_hour_in_utc(office: Office) -> None:
    _, (entry,) = calendar(office, deadline(day="2026-12-09T10:30:00-05:00"))
    assert entry.decoded("dtstart") == datetime(2026, 12, 9, 15, 30, tzinfo=UTC)


async def test_a_moved_date_keeps_its_uid_and_raises_its_sequence(office: Office) -> None:
    _, (before,) = calendar(office, deadline())
    moved = deadline(day="2026-12-16", state="moved", was="2026-12-09", facts={"sequence": 1})
    _, (after,) = calendar(office, moved)

    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert "until now 9 Dec" in str(after["summary"])


async def test_what_was_cancelled_is_cancelled_there_and_rings_no_more(office: Office) -> None:
    _, (entry,) = calendar(office, deadline(state="cancelled"))
    assert str(entry["status"]) == "CANCELLED"
    assert list(entry.walk("VALARM")) == []


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_no_line_is_longer_than_75_octets_and_none_breaks_a_character(office: Office, language: str) -> None:
    data, (entry,) = calendar(office, deadline(customer="evil"), language=language)

    lines = data.split(b"\r\n")
    assert data.endswith(b"\r\n") and b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    assert all(line.decode("utf-8") is not None for line in lines)
    # What was hostile is harmless, and what is long is cut.
    summary = str(entry["summary"])
    assert not {"\u202e", "\u200b"} & set(summary)
    assert "海" in summary and len(summary) <= 160


async def test_no_person_is_named_in_it(office: Office) -> None:
    data, _ = calendar(office, deadline(), deadline("dl_2", name="review_due", incident=None, facts={}))
    assert b"li.wei" not in data and b"OWNER" not in data.upper() and b"ATTENDEE" not in data


async def test_every_entry_has_what_the_standard_demands(office: Office) -> None:
    data, entries = calendar(office, deadline(), deadline("dl_2", "2027-01-31", name="document_expiry"))
    book = Calendar.from_ical(data)

    assert str(book["version"]) == "2.0" and book["prodid"]
    assert len({str(entry["uid"]) for entry in entries}) == 2
    assert all(entry["dtstamp"] and entry["dtstart"] for entry in entries)
    assert [component.errors for component in book.walk()] == [[] for _ in book.walk()]


# --------------------------------------------------------------------------- done


async def test_done_is_said_once_and_takes_back_what_had_not_left(office: Office) -> None:
    waiting = Alert("al_1", "deadline|dl_1|2026-12-09|7|#a", "reminder", "#a", Severity.HIGH, created_at=NOW)
    await office.store.write(lambda conn: dates.keep(conn, [deadline()]))
    await office.store.write(lambda conn: commit.add_alerts(conn, [waiting], NOW))

    first = agenda.settle(office.desk, "dl_1", "li")
    again = agenda.settle(office.desk, "dl_1", "wang")

    assert (first.state, again) == ("done", first)
    (alert,) = await office.store.read(read.alerts)
    assert (alert.state, alert.reason) == ("suppressed", "done")
    rows = await office.store.read(lambda conn: audit.rows(conn, kind="deadline"))
    assert [(row.what, row.object) for row in rows] == [("done", "dl_1")]


async def test_what_is_unknown_or_off_is_not_done(office: Office) -> None:
    await office.store.write(lambda conn: dates.keep(conn, [deadline(state="cancelled")]))
    for id_, why in (("dl_1", "date_cancelled"), ("dl_9", "date")):
        with pytest.raises(Refused) as refused:
            agenda.settle(office.desk, id_, "li")
        assert refused.value.what == why
    found = await office.store.read(lambda conn: dates.get(conn, "dl_1"))
    assert found is not None and found.state == "cancelled"


# --------------------------------------------------------------------------- at the terminal


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A configuration with a store of its own, whose customers have two dates ahead and one behind."""
    home, state = tmp_path / "home", tmp_path / "state"
    home.mkdir()
    state.mkdir()
    (home / "watchlist.yaml").write_text(CUSTOMERS.format(evil="Golden Star"), encoding="utf-8")
    (home / "counterwatch.yaml").write_text(f"{PEOPLE}\nstore: sqlite:///{state}/cw.db\n", encoding="utf-8")
    today = datetime.now(UTC).date()
    rows = [
        deadline("dl_far", (today + timedelta(days=40)).isoformat()),
        deadline("dl_near", (today + timedelta(days=9)).isoformat(), customer="evil", name="creditors_meeting"),
        deadline("dl_over", (today - timedelta(days=9)).isoformat(), state="passed"),
    ]
    with Store.open(f"sqlite:///{state}/cw.db") as store:
        store.write_now(lambda conn: dates.keep(conn, rows))
    return Places(home, state)


def test_the_nearest_is_listed_first_with_what_is_at_stake(places: Places, capsys: Any) -> None:
    assert agenda.listing(places, Wanted(), as_json=True) == 0
    near, far = map(orjson.loads, capsys.readouterr().out.splitlines())

    assert [near["id"], far["id"]] == ["dl_near", "dl_far"]
    assert (near["days_left"], near["at_stake"]) == (9, None)
    assert (far["owner"], far["at_stake"], far["case"]) == ("li", {"amount": "84000", "currency": "EUR"}, "CR-2026-001")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(all=True), ["dl_over", "dl_near", "dl_far"]),
        (Wanted(customer="evil"), ["dl_near"]),
        (Wanted(until="30d"), ["dl_near"]),
        (Wanted(since="2d", all=True), ["dl_near", "dl_far"]),
        (Wanted(until="2020-01-01"), []),
    ],
)
def test_filters_name_days_or_ages(places: Places, capsys: Any, wanted: Wanted, expected: list[str]) -> None:
    assert agenda.listing(places, wanted, as_json=True) == 0
    assert [orjson.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == expected


def test_the_table_speaks_of_days_and_money(places: Places, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert agenda.listing(places, Wanted(), as_json=False) == 0
    out = capsys.readouterr().out
    assert "in 9 days" in out and "creditors' meeting" in out and "dates done" in out and "84,000" in out


@pytest.mark.parametrize(
    ("wanted", "why"),
    [(Wanted(since="soon"), "day"), (Wanted(until="x"), "day"), (Wanted(customer="hartwel"), "customer_near")],
)
def test_bad_words_are_one_sentence(places: Places, wanted: Wanted, why: str) -> None:
    with pytest.raises(Refused) as refused:
        agenda.listing(places, wanted, as_json=False)
    assert refused.value.what == why


def test_a_calendar_is_written_whole_or_not_at_all(places: Places, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "dates.ics"
    assert agenda.export(places, Wanted(), file, as_json=True) == 0
    assert orjson.loads(capsys.readouterr().out)["dates"] == 3
    assert len(list(Calendar.from_ical(file.read_bytes()).walk("VEVENT"))) == 3

    with pytest.raises(Refused) as refused:
        agenda.export(places, Wanted(), tmp_path / "nowhere" / "dates.ics", as_json=False)
    assert refused.value.what == "unwritable"
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
