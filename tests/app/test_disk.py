"""How fast the store grows, learned from the dates in it, and when the disk is full: `doctor --disk`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.app import disk
from monitor.edge.settings import Places
from monitor.edge.store import Store, sizes
from monitor.edge.store.sizes import Size
from monitor.edge.store.tables import evidence, look
from tests.house import watchlist

NOW = datetime(2026, 11, 25, tzinfo=UTC)
DAY = timedelta(days=1)


def looked(store: Store, days: list[int], each: int = 200) -> None:
    """Write down looks, so many on each of these days before now."""
    row = {"watch": 1, "turn": 1, "outcome": "changed", "records": 1, "complete": True, "reason": "x" * 200}
    rows = [row | {"at": NOW - day * DAY} for day in days for _ in range(each)]
    store.write_now(lambda conn: conn.execute(look.insert(), rows).close())


def table(store: Store, name: str) -> Size:
    return next(one for one in store.read_now(lambda conn: sizes.sizes(conn, NOW)) if one.table == name)


def test_growth_is_that_of_the_last_month(store: Store) -> None:
    looked(store, [*range(31, 90), *range(1, 30)])  # as many each day

    found = table(store, "look")

    assert found.rows == 88 * 200
    assert found.bytes > found.rows * 200
    assert found.monthly == pytest.approx(found.bytes * 29 / 88, rel=0.01)


def test_the_first_day_of_a_store_is_no_growth(store: Store) -> None:
    looked(store, [10], each=5000)
    looked(store, list(range(1, 9)), each=10)

    found = table(store, "look")

    assert found.monthly == pytest.approx(found.bytes * 80 / 5080 * 30 / 9, rel=0.01)


def test_the_growth_of_a_young_store_is_not_guessed(store: Store) -> None:
    looked(store, [1])

    assert table(store, "look").monthly is None
    assert disk.outlook([table(store, "look")], NOW, free=10**9).full_at is None


def test_a_long_answer_counts_by_its_length(store: Store) -> None:
    row = {"media_type": "a", "url": "u", "source": "s", "status": 200, "headers": {}, "size": 1}
    old = [row | {"sha256": f"{n}", "body": b"x" * 100_000, "fetched_at": NOW - 60 * DAY} for n in range(9)]
    new = [row | {"sha256": "n", "body": b"y" * 100_000, "fetched_at": NOW - DAY}]
    short = [row | {"sha256": f"s{n}", "body": b"z", "fetched_at": NOW - DAY} for n in range(50)]
    store.write_now(lambda conn: conn.execute(evidence.insert(), [*old, *new, *short]).close())

    found = table(store, "evidence")

    assert found.monthly == pytest.approx(found.bytes / 10, rel=0.05)


@given(free=st.integers(0, 10**13), monthly=st.integers(0, 10**11))
def test_a_disk_that_is_full_within_a_month_needs_a_person(free: int, monthly: int) -> None:
    found = disk.outlook([Size("look", 10, 1, monthly)], NOW, free=free)

    soon = found.full_at is not None and found.full_at < NOW + 30 * DAY
    assert found.trouble == (soon or free < 500_000_000)
    if found.full_at is not None:
        assert (found.full_at - NOW) / (30 * DAY) == pytest.approx(free / monthly, abs=1e-6)


def test_the_command_adds_up_and_names_the_copies_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places(tmp_path / "etc", tmp_path / "state")
    places.config.mkdir()
    (places.config / "watchlist.yaml").write_text(watchlist(range(1)), "utf-8")
    (places.config / "counterwatch.yaml").write_text("{}\n", "utf-8")
    with Store.open(f"sqlite:///{places.state}/counterwatch.db", state=places.state) as store:
        looked(store, [5, 4, 3])
    (places.state / "counterwatch.db.before-0003").write_bytes(bytes(12345))

    code = disk.disk(places, as_json=True)

    *tables, whole = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert whole["bytes"] == sum(one["bytes"] for one in tables)
    assert whole["copies_bytes"] == 12345
    assert code == int(whole["trouble"])
    assert disk.disk(places, as_json=False) == code
    assert "copies" in capsys.readouterr().out
