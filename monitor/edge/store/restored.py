"""What the store knows of its own restore: when it was, and how old the backup was that it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, func, select

from monitor.edge.store.tables import Instant, alert, event, look, meta, watch

_NAME = "restored"


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore. What happened between the two moments was forgotten here, but not in Slack."""

    at: datetime
    made_at: datetime  # when the backup was made


def note(conn: Connection, found: Restored) -> None:
    """Write down that this database was restored."""
    text = orjson.dumps({"at": found.at, "made_at": found.made_at}).decode()
    conn.execute(meta.delete().where(meta.c.name == _NAME))
    conn.execute(meta.insert().values(name=_NAME, value=text))


def last(conn: Connection) -> Restored | None:
    """Return the last restore, None if there never was one."""
    text = conn.scalar(select(meta.c.value).where(meta.c.name == _NAME))
    if text is None:
        return None
    said = orjson.loads(text)
    return Restored(datetime.fromisoformat(said["at"]), datetime.fromisoformat(said["made_at"]))


def newest(conn: Connection) -> datetime | None:
    """Return the newest moment that the database speaks of: it was not copied before that."""
    moments = (alert.c.created_at, alert.c.sent_at, event.c.first_seen, look.c.at, watch.c.last_look_at)
    found = [conn.scalar(select(func.max(one, type_=Instant))) for one in moments]
    return max((one for one in found if one is not None), default=None)
