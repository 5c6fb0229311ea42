"""What the stores of earlier releases hold, so that every one of them can still be opened.

    python -m tests.released     (once per release, with that release's own code)

lives a few days with made-up companies and writes all rows of the store to tests/edge/store/released/<schema>.json.
"""

from __future__ import annotations

import asyncio
import base64
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Boolean, Connection, MetaData, create_engine, inspect, text

from monitor.app.demo.world import Servers, Story, World
from monitor.edge.store import Store, connect, outbox, schema
from monitor.watcher import discover
from tests.house import MORNING, HandClock, Office, entity, lei, notice, watchlist

FOLDER = Path(__file__).parent / "edge" / "store" / "released"
HOUR = timedelta(hours=1)
COMPANIES = range(1, 4)
SETTINGS = """\
sources:
  gleif: {{base_url: "http://127.0.0.1:{gleif}", allow_private: true, pace: 0}}
  gb_gazette: {{base_url: "http://127.0.0.1:{gb_gazette}", allow_private: true, pace: 0}}
  feed: {{base_url: "http://127.0.0.1:{feed}", allow_private: true, pace: 0, urls: ["https://trade.example/trade.rss"]}}
"""


def world() -> World:
    """Return the world as it is when the story begins."""
    made = World(today=MORNING)
    made.entities = {lei(n): entity(n) for n in COMPANIES}
    made.feeds["/trade.rss"] = [Story("t-1", "Orders steady, trade body says", "Little changed.", MORNING - 9 * HOUR)]
    return made


def later(made: World) -> None:
    """Let happen what happens on the second day: one company dissolved, another petitioned against, one in the news."""
    made.today = MORNING + 9 * HOUR
    made.change(lei(1), status="INACTIVE", events=(("DISSOLUTION", MORNING.date()),))
    made.notices.append(notice(5000001, "2450", "Petitions to Wind Up (Companies)", 2, MORNING + 3 * HOUR))
    title = "Tested Company 003 Ltd fined for late filing"
    made.feeds["/trade.rss"].append(Story("t-2", title, title, MORNING + 4 * HOUR))


async def looks(o: Office, *, after: timedelta) -> None:
    """Let time pass and look at everything once."""
    o.clock.pass_(after)
    for source, customers in o.desk.assignments.asked.items():
        for customer in customers:
            await o.look(source, customer)
    for source, targets in o.desk.assignments.streams.items():
        for target in targets:
            await o.look(source, target.key)
    await o.duties()


def office(home: Path, store: Store, servers: Servers, *, at: datetime = MORNING) -> Office:
    """Open an office with the sources that every release has."""
    others = discover().keys() - {"gleif", "gb_gazette", "feed"}
    settings = SETTINGS.format(**servers.ports) + "".join(f"  {one}: {{enabled: false}}\n" for one in sorted(others))
    return Office(home, store, HandClock(at), (), watchlist(COMPANIES), settings)


async def _live(o: Office, made: World) -> None:
    await o.start()
    await looks(o, after=timedelta(0))
    later(made)
    await looks(o, after=9 * HOUR)
    made.gleif_down = True
    await looks(o, after=12 * HOUR)
    made.gleif_down = False
    await looks(o, after=12 * HOUR)

    def deliver(conn: Connection) -> None:
        now = o.clock.now()
        first, second, *others = outbox.pending(conn, now + timedelta(days=1), 100)
        outbox.claim(conn, first.id, now)  # nobody knows whether it arrived
        outbox.park(conn, second.id, "route: is_archived")
        for one in others[:-1]:
            outbox.claim(conn, one.id, now)
            outbox.sent(conn, one.id, "C0ALERTS", f"{now.timestamp():.6f}", now, 1)

    await o.store.write(deliver)


def dump(conn: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table as plain JSON; bytes in base64."""
    tables = MetaData()
    tables.reflect(conn)
    return {
        str(table.name): [
            {
                str(name): {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
                for name, value in row._mapping.items()
            }
            for row in conn.execute(table.select())
        ]
        for table in tables.sorted_tables
        if table.name != "alembic_version"
    }


def load(url: str, revision: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Make a store as that release left it."""
    from alembic import command

    address = connect.parse(url)
    if (path := schema.file_of(address)) is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address)
    with engine.begin() as conn:
        command.upgrade(schema.alembic_config(conn), revision)
        tables = MetaData()
        tables.reflect(conn)
        for table in tables.sorted_tables:
            kinds = {column.name: column.type for column in table.columns}
            held = [
                {name: _read(value, kinds[name]) for name, value in row.items()} for row in rows.get(table.name, ())
            ]
            if held:
                conn.execute(table.insert(), held)
            if conn.dialect.name == "postgresql" and held and "id" in held[0] and isinstance(held[0]["id"], int):
                top = max(one["id"] for one in held)
                conn.execute(text(f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), {top})"))
    engine.dispose()


def _read(value: Any, kind: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["base64"])
    return bool(value) if isinstance(kind, Boolean) and value is not None else value


def plain(row: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    """Return a stored row as both databases hold it alike."""
    return {name: _read(value, kinds[name]) for name, value in row.items()}


def same(conn: Connection, rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Return what of the rows is no longer in the store as it was."""
    tables, lost = MetaData(), []
    tables.reflect(conn)
    for name, held in rows.items():
        table = tables.tables[name]
        kinds = {column.name: column.type for column in table.columns}
        keys = inspect(conn).get_pk_constraint(name)["constrained_columns"]
        now = {tuple(row._mapping[key] for key in keys): dict(row._mapping) for row in conn.execute(table.select())}
        for row in held:
            found = now.get(tuple(row[key] for key in keys))
            want = plain(row, kinds)
            if found is None or any(_read(found[column], kinds[column]) != want[column] for column in want):
                lost.append(f"{name} {[row[key] for key in keys]}")
    return lost


async def _main() -> None:
    made = world()
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = stack.enter_context(Servers(made))
        store = stack.enter_context(Store.open(f"sqlite:///{home}/counterwatch.db"))
        o = office(home / "etc", store, servers)
        stack.push_async_callback(o.close)
        await _live(o, made)
        rows = store.read_now(dump)
    FOLDER.mkdir(parents=True, exist_ok=True)
    said = {"schema": schema.HEAD, "at": o.clock.now().astimezone(UTC).isoformat(), "rows": rows}
    (FOLDER / f"{schema.HEAD}.json").write_bytes(orjson.dumps(said, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    asyncio.run(_main())
