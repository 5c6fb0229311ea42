"""What an edit of the configuration meant, and why one was not taken: said to the operators in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Connection

from monitor.app.desk import Desk
from monitor.app.notices import Notices
from monitor.edge.store import commit
from monitor.edge.store.commit import Plan
from monitor.edge.store.turns import Ensured
from monitor.edge.yamldoc import Mistake
from monitor.judge.words import Voice
from monitor.policy import Language

TOLD = 3  # mistakes that one notice names; `check` shows all


def taken(
    conn: Connection,
    desk: Desk,
    meant: Plan,
    done: Ensured,
    names: Mapping[str, str],
    later: Sequence[str],
    now: datetime,
) -> None:
    """Say that an edit is in force, and what it meant. `names`: of customers, by id; `later`: keys that wait for a start."""
    facts: dict[str, Any] = {
        "plan": in_all(desk, lambda voice: plan(voice, meant, done)),
        "detail": in_all(desk, lambda voice: who(voice, meant, names)),
    }
    if later:
        facts["later"] = list(later)
    _tell(conn, desk, "config_changed", f"{desk.config.digest}|{now.isoformat()}", facts, now)


def sound(conn: Connection, desk: Desk, now: datetime) -> None:
    """Say that the files are again what they were before a mistake."""
    _tell(conn, desk, "config_sound", now.isoformat(), {}, now)


def rejected(conn: Connection, desk: Desk, state: str, mistakes: Sequence[Mistake], now: datetime) -> None:
    """Say that the files cannot be used, with place and sentence. `state` names the state they are in."""
    wrong = [one for one in mistakes if one.severity == "error"] or list(mistakes)
    facts = {"cause": "; ".join(str(one) for one in wrong[:TOLD]), "more": max(0, len(wrong) - TOLD) or None}
    _tell(conn, desk, "config_rejected", f"{state}|{now.isoformat()}", facts, now)


def removals(
    conn: Connection, desk: Desk, meant: Plan, names: Mapping[str, str], list_digest: str, now: datetime
) -> None:
    """Say that a list that drops most customers waits for a person's word."""
    facts = {
        "removed": len(meant.removed),
        "before": meant.before,
        "names": [names.get(id_, id_) for id_ in meant.removed],
    }
    _tell(conn, desk, "removals_held", f"{list_digest}|{now.isoformat()}", facts, now)


def plan(voice: Voice, meant: Plan, done: Ensured) -> str:
    """Return `2 customers added, 14 watches added`."""
    counts = {
        "added": len(meant.added),
        "back": len(meant.back),
        "renamed": len(meant.renamed),
        "changed": len(meant.changed),
        "removed": len(meant.removed),
        "watches_added": done.added,
        "watches_rested": done.rested,
        "watches_altered": done.altered,
    }
    told = [voice.say(f"plan.{name}", count=count) for name, count in counts.items() if count]
    return voice.say("list.comma").join(told) if told else voice.say("plan.nothing")


def who(voice: Voice, meant: Plan, names: Mapping[str, str]) -> str:
    """Return the customers meant, by name; who goes on under another id with both ids."""
    told = [
        voice.say(f"plan.who.{name}", names=voice.joined([names.get(id_, id_) for id_ in ids]))
        for name, ids in (("added", meant.added), ("back", meant.back), ("removed", meant.removed))
        if ids
    ]
    if meant.renamed:
        pairs = [voice.say("plan.pair", old=old, new=new) for old, new in sorted(meant.renamed.items())]
        told.append(voice.say("plan.who.renamed", names=voice.joined(pairs)))
    return voice.say("sep.sentence").join(told)


def in_all(desk: Desk, say: Any) -> dict[str, str]:
    """Return one sentence in every language: the channel's is chosen when it is shown."""
    languages: tuple[Language, ...] = get_args(Language)
    return {
        language: say(Voice(desk.rules.texts, language, desk.policy.timezone, desk.clock.now()))
        for language in languages
    }


def _tell(conn: Connection, desk: Desk, code: str, mark: str, facts: Mapping[str, Any], now: datetime) -> None:
    notes = Notices()
    notes.add(desk, code, mark, {name: value for name, value in facts.items() if value not in (None, "")}, now)
    for said in notes.events:
        commit.notice(conn, said.event, said.verdict)
    commit.add_alerts(conn, notes.alerts, now)
