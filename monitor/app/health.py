"""`counterwatch doctor`: what needs a person, in plain sentences."""

from __future__ import annotations

import os
import platform
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from monitor import __version__
from monitor.app import check, door, listings, plan, reconcile, show, speech, wiring
from monitor.app.refused import Refused
from monitor.app.running import in_loop
from monitor.clock import SystemClock
from monitor.edge import observe
from monitor.edge.config import Config
from monitor.edge.http import proxy
from monitor.edge.settings import Keyring, Places, environment_name
from monitor.edge.slack import LookFailed, Slack
from monitor.edge.store import Store, StoreError, holds, outbox, read, restored
from monitor.edge.store.schema import HEAD
from monitor.judge import cadence
from monitor.judge.words import Voice
from monitor.policy import Policy
from monitor.watcher import Watcher

State = Literal["ok", "note", "trouble"]
_MANY = 20  # alerts that may wait in a channel without remark
_LATE = timedelta(minutes=10)  # a look this overdue means that nobody looks
_NAMED = 8  # customers named in one line


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, how it is, what to do; as names of sentences with their facts.

    what, says and do are keys below `cli.doctor`; `what` lies below `what`. A fact named `reason` is a sentence of
    a lower floor.
    """

    what: str
    state: State
    says: str
    do: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def row(self, told: Voice, moment: Callable[[datetime], str]) -> dict[str, str]:
        """Return the line in words; `moment` writes points in time."""
        facts = {name: _plain(value, told, moment) for name, value in self.facts.items()}
        return {
            "what": told.say(f"cli.doctor.what.{self.what}", **facts),
            "state": self.state,
            "says": told.say(f"cli.doctor.{self.says}", **facts),
            "do": told.say(f"cli.doctor.{self.do}", **facts) if self.do else "",
        }


def _plain(value: Any, told: Voice, moment: Callable[[datetime], str]) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, timedelta):
        return listings.every(told, value.total_seconds())
    return value.told(told) if isinstance(value, Refused) else value


def doctor(places: Places, *, as_json: bool) -> int:
    """Look at everything that can fail by itself; return 1 if something needs a person."""
    config, keyring, watchers = wiring.opened(places, os.environ)  # mistakes end here, with exit 2
    observe.configure(level="error", secrets=keyring.values())
    told = speech.of(config.settings)
    assigned = plan.plan(config.customers, config.settings, watchers, wiring.present(keyring, watchers))
    warnings = [*config.warnings, *check.unmatched(places.config, config.customers)]
    found = [
        Finding("program", "ok", "program", facts={"version": __version__, "python": platform.python_version()}),
        Finding(
            "configuration",
            "ok",
            "configuration",
            facts={"customers": len(config.customers), "folder": str(places.config)},
        ),
        *(Finding("configuration", "note", "warning", facts={"reason": str(w)}) for w in warnings[:10]),
        *_waits(config),
        *_customers(config, watchers, assigned),
        *_credentials(watchers, keyring, config),
        *hidden(config),
        *_store(config, places, keyring),
        *in_loop(_delivery(config, keyring, places)),
    ]
    if as_json:
        show.json_lines(one.row(speech.voice(), lambda when: show.rfc3339(when) or "") for one in found)
    else:
        _print(found, told)
    return 1 if any(one.state == "trouble" for one in found) else 0


def _print(found: list[Finding], told: Voice) -> None:
    rows = [one.row(told, told.moment) for one in found]
    show.table(
        [
            show.Column("", whole=True),
            show.Column(told.say("cli.col.what"), whole=True),
            show.Column(told.say("cli.col.is")),
            show.Column(told.say("cli.col.do"), rare=True),
        ],
        ((told.say(f"cli.doctor.state.{r['state']}"), r["what"], r["says"], r["do"]) for r in rows),
        empty="",
    )
    count = sum(one.state == "trouble" for one in found)
    show.lines(["", told.say("cli.doctor.act", count=count) if count else told.say("cli.doctor.fine")])


# --------------------------------------------------------------------------- the configuration


def _waits(config: Config) -> Iterator[Finding]:
    """Name waits that do not go together or that surely are a slip of the pen."""
    waits, http = config.settings.waits, config.settings.http
    shown = {name: timedelta(seconds=getattr(waits, name)) for name in ("lease", "opening", "tick")}
    if waits.lease <= http.total:
        facts = shown | {"total": timedelta(seconds=http.total)}
        yield Finding("waits", "note", "wait_lease", "wait_lease_do", facts)
    if waits.stale_floor > waits.stale_cap:
        facts = {"floor": timedelta(seconds=waits.stale_floor), "cap": timedelta(seconds=waits.stale_cap)}
        yield Finding("waits", "note", "wait_stale", "wait_do", facts)
    if waits.opening > 86_400:
        yield Finding("waits", "note", "wait_opening", "wait_do", shown)
    if waits.tick > 60:
        yield Finding("waits", "note", "wait_tick", "wait_do", shown)


def _customers(config: Config, watchers: Mapping[str, Watcher], assigned: plan.Assignments) -> Iterator[Finding]:
    """Name the customers of whom nothing will ever be said."""
    unwatched = [
        one.id
        for one in config.customers
        if all(plan.why_not(one, watcher, config.settings, assigned) for watcher in watchers.values())
    ]
    if unwatched:
        yield Finding(
            "customers", "trouble", "unwatched", "unwatched_do", {"names": unwatched[:_NAMED] + _more(unwatched)}
        )


def _more(names: list[str]) -> list[str]:
    return [f"(+{len(names) - _NAMED})"] if len(names) > _NAMED else []


def _credentials(watchers: Mapping[str, Watcher], keyring: Keyring, config: Config) -> Iterator[Finding]:
    for name, watcher in watchers.items():
        missing = [one for one, here in listings.credentials(watcher, keyring).items() if not here]
        needed = [environment_name(name, one) for one in missing if one in watcher.credentials]
        if needed and config.settings.source(name).enabled is not False:
            yield Finding("source", "note", "credential", "credential_do", {"source": name, "names": needed})


def hidden(config: Config) -> Iterator[Finding]:
    """Say what cannot be known from behind a proxy."""
    if config.settings.http.proxy is not None:
        yield Finding("proxy", "note", "proxy", facts={"proxy": proxy.shown(config.settings.http.proxy)})


# --------------------------------------------------------------------------- the store and what is in it


def _store(config: Config, places: Places, keyring: Keyring) -> list[Finding]:
    try:
        wiring.writable(places.state)
    except Refused as refused:
        return [Finding("state_folder", "trouble", "warning", facts={"reason": refused})]
    folder = Finding("state_folder", "ok", "state_folder", facts={"folder": str(places.state)})
    try:
        store = wiring.open_store(config, places, keyring)
    except StoreError as error:
        return [folder, Finding("store", "trouble", "warning", facts={"reason": str(error)})]
    with store:
        now = SystemClock().now()
        return [
            folder,
            _writable(store),
            *store.read_now(lambda conn: list(_restored(conn, now))),
            *store.read_now(lambda conn: list(_sources(conn, config.policy, now))),
            *store.read_now(lambda conn: list(_held(conn))),
            *store.read_now(lambda conn: list(_alerts(conn))),
        ]


def _writable(store: Store) -> Finding:
    try:
        store.probe(patience=5.0)
    except StoreError as error:
        return Finding("store", "trouble", "warning", "space", {"reason": str(error)})
    return Finding("store", "ok", "store", facts={"place": store.place, "schema": HEAD})


def _restored(conn: Connection, now: datetime) -> Iterator[Finding]:
    found = restored.last(conn)
    if found is not None and now - found.at < reconcile.LASTS:
        yield Finding("restored", "note", "restored", facts={"made": found.made_at})


def _held(conn: Connection) -> Iterator[Finding]:
    for one in holds.holds(conn):
        yield Finding("held", "trouble", "held", "held_do", {"id": one.id, "at": one.opened_at})


def _sources(conn: Connection, policy: Policy, now: datetime) -> Iterator[Finding]:
    unseen = read.unseen(conn)
    by_proxy = [watch for watch in unseen if watch.reason.startswith(proxy.OURS)]
    if by_proxy:  # one cause, one line, and no source's fault
        long = any(now - one.good_until >= cadence.stale_after(one.every, policy) for one in by_proxy)
        facts = {"count": len(by_proxy), "reason": by_proxy[0].reason}
        yield Finding("proxy", "trouble" if long else "note", "proxy_down", "proxy_down_do", facts)
    worst: dict[str, tuple[int, str, bool]] = {}
    for watch in unseen:
        if watch in by_proxy:
            continue
        count, reason, stale = worst.get(watch.source, (0, watch.reason, False))
        stale = stale or now - watch.good_until >= cadence.stale_after(watch.every, policy)
        worst[watch.source] = (count + 1, reason, stale)
    for state in read.source_states(conn):
        count, reason, stale = worst.get(state.source, (0, "", False))
        facts = {
            "source": state.source,
            "count": count,
            "watches": state.watches,
            "reason": reason or "-",
            "at": state.last_good_at,
        }
        if stale:
            yield Finding("source", "trouble", "unseen", "by_hand", facts)
        elif count:
            yield Finding("source", "note", "failed", "", facts)
        elif state.next_due_at is not None and now - state.next_due_at > _LATE and state.last_look_at:
            yield Finding("source", "trouble", "overdue", "overdue_do", facts | {"at": state.last_look_at})
        else:
            yield Finding("source", "ok", "seen" if state.last_good_at else "never", "", facts)


def _alerts(conn: Connection) -> Iterator[Finding]:
    waiting = outbox.queues(conn)
    parked = read.alerts(conn, state="parked", limit=200)
    for channel in sorted({alert.channel for alert in parked}):
        mine = [alert for alert in parked if alert.channel == channel]
        facts = {"channel": channel, "count": len(mine), "reason": mine[0].reason}
        yield Finding("channel", "trouble", "parked", "parked_do", facts)
    for channel, count in sorted(waiting.items()):
        if count > _MANY:
            yield Finding("channel", "note", "waiting", "", {"channel": channel, "count": count})


# --------------------------------------------------------------------------- the way out


async def _delivery(config: Config, keyring: Keyring, places: Places) -> list[Finding]:
    slack = door.slack(config, keyring, places)
    if slack is None:
        if keyring.slack.webhook_url is not None:
            return [Finding("webhook", "note", "only_webhook", "only_webhook_do")]
        return [Finding("slack", "note", "no_token", "no_token_do")]
    try:
        return [one async for one in _slack(slack, config)]
    except LookFailed as failed:
        return [Finding("slack", "trouble", "unreachable", "unreachable_do", {"code": failed.code})]
    finally:
        await slack.close()


async def _slack(slack: Slack, config: Config) -> AsyncIterator[Finding]:
    """Ask Slack who we are, what we may do, and whether every channel of ours is open to us."""
    answer = await slack.auth()
    if not answer.ok:
        yield Finding("slack", "trouble", "refused", "refused_do", {"code": answer.code})
        return
    yield Finding("slack", "ok", "team", facts={"team": answer.team or "?"})
    if answer.missing:
        says = "scopes" if answer.looks else "scopes_look"
        yield Finding("slack", "note", says, "scopes_do", {"scopes": list(answer.missing)})
    for name in channels(config):
        yield await _channel(slack, name)


def channels(config: Config) -> list[str]:
    """Return every channel that alerts may go to."""
    policy = config.policy
    named = [
        policy.channel,
        policy.ops_channel,
        *(c.channel for c in config.customers),
        *(r.channel for r in policy.routes),
    ]
    return list(dict.fromkeys(name for name in named if name))


async def _channel(slack: Slack, name: str) -> Finding:
    facts: dict[str, Any] = {"channel": name}
    try:
        found = await slack.channel_id(name)
        if not isinstance(found, str):
            if found.kind == "route":
                return Finding("channel", "trouble", "channel_unknown", "channel_unknown_do", facts)
            return Finding("channel", "note", "channel_unasked", "", facts | {"code": found.code})
        shut = await slack.route(found)
    except LookFailed as failed:
        return Finding("channel", "note", "channel_unasked", "", facts | {"code": failed.code})
    if shut is not None:
        return Finding("channel", "trouble", "channel_shut", "channel_shut_do", facts | {"code": shut})
    return Finding("channel", "ok", "channel_ok", "", facts)
