"""`counterwatch doctor`: what needs a person, in plain sentences."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from monitor.app import door, listings, show, wiring
from monitor.app.running import in_loop
from monitor.clock import SystemClock
from monitor.edge import observe
from monitor.edge.config import Config
from monitor.edge.settings import Keyring, Places, environment_name
from monitor.edge.store import Store, StoreError, outbox, read
from monitor.judge import cadence
from monitor.policy import Policy
from monitor.watcher import Watcher

State = Literal["ok", "note", "trouble"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, how it is, what to do."""

    what: str
    state: State
    says: str
    do: str = ""


def doctor(places: Places, *, as_json: bool) -> int:
    """Look at everything that can fail by itself; return 1 if something needs a person."""
    config, keyring, watchers = wiring.opened(places, os.environ)  # mistakes end here, with exit 2
    observe.configure(level="error", secrets=keyring.values())
    found = [Finding("configuration", "ok", f"{len(config.customers)} customers")]
    found += [Finding("configuration", "note", str(w)) for w in config.warnings[:10]]
    found += _credentials(watchers, keyring, config)
    found += _store(config, places, keyring)
    found += [in_loop(_slack(config, keyring, places))]
    if as_json:
        show.json_lines(asdict(one) for one in found)
    else:
        mark = {"ok": "ok", "note": "note", "trouble": "TROUBLE"}
        show.table(
            ("", "what", "how it is", "what to do"), ((mark[f.state], f.what, f.says, f.do) for f in found), empty=""
        )
    return 1 if any(one.state == "trouble" for one in found) else 0


def _credentials(watchers: Mapping[str, Watcher], keyring: Keyring, config: Config) -> Iterator[Finding]:
    for name, watcher in watchers.items():
        missing = [one for one, here in listings.credentials(watcher, keyring).items() if not here]
        needed = [one for one in missing if one in watcher.credentials]
        if needed and config.settings.source(name).enabled is not False:
            yield Finding(
                f"source {name}",
                "note",
                "no credential, so it is not asked",
                " and ".join(f"set {environment_name(name, one)}" for one in needed),
            )


def _store(config: Config, places: Places, keyring: Keyring) -> list[Finding]:
    if (trouble := wiring.writable(places.state)) is not None:
        return [Finding("store", "trouble", trouble, "")]
    try:
        store = wiring.open_store(config, places, keyring)
    except StoreError as error:
        return [Finding("store", "trouble", str(error), "")]
    with store:
        now = SystemClock().now()
        return [
            _writable(store),
            *store.read_now(lambda conn: list(_sources(conn, config.policy, now))),
            *store.read_now(lambda conn: list(_alerts(conn))),
        ]


def _writable(store: Store) -> Finding:
    try:
        store.probe(patience=5.0)
    except StoreError as error:
        return Finding("store", "trouble", str(error), "give it space and the right owner; nothing is lost meanwhile")
    return Finding("store", "ok", store.place)


def _sources(conn: Connection, policy: Policy, now: datetime) -> Iterator[Finding]:
    worst: dict[str, tuple[int, str, bool]] = {}
    for watch in read.unseen(conn):
        count, reason, stale = worst.get(watch.source, (0, watch.reason, False))
        stale = stale or now - watch.good_until >= cadence.stale_after(watch.every, policy)
        worst[watch.source] = (count + 1, reason, stale)
    for state in read.source_states(conn):
        count, reason, stale = worst.get(state.source, (0, "", False))
        if stale:
            yield Finding(
                f"source {state.source}",
                "trouble",
                f"{count} watches cannot be seen: {reason}",
                "look by hand meanwhile",
            )
        elif count:
            yield Finding(f"source {state.source}", "note", f"{count} watches failed at the last look: {reason}")
        else:
            seen = show.rfc3339(state.last_good_at) or "not looked yet"
            yield Finding(f"source {state.source}", "ok", f"{state.watches} watches, last good look {seen}")


def _alerts(conn: Connection) -> Iterator[Finding]:
    waiting = outbox.queues(conn)
    parked = read.alerts(conn, state="parked", limit=200)
    for channel in sorted({alert.channel for alert in parked}):
        mine = [alert for alert in parked if alert.channel == channel]
        yield Finding(
            f"channel {channel}",
            "trouble",
            f"{len(mine)} alerts cannot be sent: {mine[0].reason}",
            "counterwatch alerts --state parked",
        )
    for channel, count in sorted(waiting.items()):
        if count > 20:
            yield Finding(f"channel {channel}", "note", f"{count} alerts wait")


async def _slack(config: Config, keyring: Keyring, places: Places) -> Finding:
    slack = door.slack(config, keyring, places)
    if slack is None:
        return Finding("slack", "note", "no token: alerts go to the console", "set SLACK_BOT_TOKEN")
    try:
        answer = await slack.auth()
    finally:
        await slack.close()
    if not answer.ok:
        return Finding(
            "slack", "trouble", f"Slack refuses us: {answer.code}", "renew SLACK_BOT_TOKEN; alerts wait and follow"
        )
    if answer.missing:
        return Finding(
            "slack",
            "note",
            f"scopes are missing: {', '.join(answer.missing)}",
            "add them to the app and install it again",
        )
    return Finding("slack", "ok", answer.team)
