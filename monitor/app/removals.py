"""A watchlist that drops most customers: it waits for a person's word, `counterwatch held release watchlist`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from monitor.edge.store import commit, holds, read
from monitor.edge.store.commit import Plan
from monitor.edge.store.holds import Hold

ID = "watchlist"
SPENT = "removals.spent"  # the number of the hold whose word has been acted upon: it holds for one edit
NAMED = 50  # customers that the hold names
SAMPLES = 8  # of them are shown in `held`

Word = Literal["waiting", "released", "discarded"]


def hold(conn: Connection, meant: Plan, names: Mapping[str, str], list_digest: str, now: datetime) -> bool:
    """Let the list wait; True if people are to be told: it is the first, or drops others than the one that waits.

    Facts of the hold: `removed` and `before` (counts), `names` and `ids` of those who would go, `list` (its digest).
    """
    ids = list(meant.removed)
    facts = {
        "list": list_digest,
        "removed": len(ids),
        "before": meant.before,
        "ids": ids[:NAMED],
        "names": [names.get(one, one) for one in ids[:NAMED]],
        "samples": [{"record": one, "name": names.get(one, one)} for one in ids[:SAMPLES]],
    }
    known = holds.held(conn, ID)
    new = holds.hold(conn, Hold(ID, "watchlist", now, facts))
    return new or known is None or known.facts.get("ids") != facts["ids"]


def word(conn: Connection, list_digest: str) -> Word | None:
    """Return what a person said of this very list; `waiting` until then, None if nobody was asked."""
    one = holds.latest(conn, ID)
    if one is None or one.facts.get("list") != list_digest or read.remembered(conn, SPENT) == str(one.number):
        return None
    if one.state == "held":
        return "waiting"
    return one.state if one.state != "settled" else None


def waiting(conn: Connection) -> str | None:
    """Return the digest of the list that waits."""
    one = holds.held(conn, ID)
    return None if one is None else str(one.facts.get("list"))


def withdraw(conn: Connection, now: datetime) -> bool:
    """Another list, or this one by a person's word, comes into force: nothing waits any more. True if something did."""
    one = holds.latest(conn, ID)
    if one is None:
        return False
    commit.remember(conn, SPENT, str(one.number))
    return holds.decide(conn, ID, "settled", "watchlist.yaml", now) is not None
