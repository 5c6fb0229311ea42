"""The stores of every earlier release open under this one: nothing of them is lost, and nothing is told twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import create_engine, text

from monitor.app.cli import app
from monitor.app.demo.world import Servers, World
from monitor.edge.store import Store, connect, schema
from tests import released
from tests.house import Office, lei, watchlist

RELEASES = sorted(path.stem for path in released.FOLDER.glob("*.json"))
HOUR = timedelta(hours=1)


@dataclass
class Upgraded:
    """A store of an earlier release, opened by this one, in the world as it was left."""

    rows: dict[str, list[dict[str, Any]]]
    store: Store
    office: Office
    world: World

    async def told(self) -> set[str]:
        """Return the ids of all alerts."""
        return {one.id for one in [*await self.office.alerts(), *await self.office.alerts(ops=True)]}


@pytest.fixture(params=RELEASES)
async def upgraded(request: pytest.FixtureRequest, store_url: str, tmp_path: Path) -> AsyncIterator[Upgraded]:
    said = orjson.loads((released.FOLDER / f"{request.param}.json").read_bytes())
    released.load(store_url, said["schema"], said["rows"])
    world = released.world()
    released.later(world)
    async with AsyncExitStack() as stack:
        servers = stack.enter_context(Servers(world))
        store = stack.enter_context(Store.open(store_url))
        office = released.office(tmp_path / "etc", store, servers, at=datetime.fromisoformat(said["at"]))
        stack.push_async_callback(office.close)
        yield Upgraded(said["rows"], store, office, world)


def test_the_first_release_is_among_them() -> None:
    assert RELEASES[0] == "0001"


async def test_no_row_of_an_earlier_release_is_lost_or_changed(upgraded: Upgraded) -> None:
    rows = sum(map(len, upgraded.rows.values()))

    assert rows > 30
    assert upgraded.store.read_now(lambda conn: released.same(conn, upgraded.rows)) == []


async def test_the_first_passes_after_an_upgrade_tell_nothing_twice(upgraded: Upgraded) -> None:
    before, events = await upgraded.told(), len(await upgraded.office.events())

    await upgraded.office.start()
    for _ in range(3):
        await released.looks(upgraded.office, after=9 * HOUR)

    assert await upgraded.told() == before
    assert len(await upgraded.office.events()) == events
    assert len(await upgraded.office.reports()) == 1


async def test_a_change_after_an_upgrade_is_told_once(upgraded: Upgraded) -> None:
    before = await upgraded.told()
    await upgraded.office.start()
    await released.looks(upgraded.office, after=9 * HOUR)
    upgraded.world.change(lei(3), status="INACTIVE", events=(("DISSOLUTION", released.MORNING.date()),))

    for _ in range(3):
        await released.looks(upgraded.office, after=9 * HOUR)

    (new,) = await upgraded.told() - before
    (event,) = await upgraded.office.events("reg.dissolved", customer="c3")
    assert new in {one.id for one in await upgraded.office.alerts() if one.event == event.event.id}


def test_a_store_of_a_later_release_is_refused_with_both_versions(
    store_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(store_url).close()
    engine = create_engine(connect.parse(store_url))
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    engine.dispose()
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "watchlist.yaml").write_text(watchlist(range(1)))
    (tmp_path / "etc" / "counterwatch.yaml").write_text(f"store: {store_url}\n")
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))

    with pytest.raises(SystemExit) as ended:
        app(["events", "--config", str(tmp_path / "etc")])

    said = capsys.readouterr().err
    assert ended.value.code == 7
    assert "schema 0999" in said
    assert schema.HEAD in said
