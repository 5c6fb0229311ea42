"""Which way alerts leave: Slack by token, a webhook, or the console; and the deliverer that uses it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from monitor.app import telling, wiring
from monitor.app.deliver import Deliverer, Door, Manner, Waits
from monitor.app.desk import Desk
from monitor.app.notices import Notices
from monitor.app.show import rfc3339
from monitor.clock import Clock
from monitor.edge.config import Config
from monitor.edge.console import Console
from monitor.edge.settings import Keyring, Places
from monitor.edge.slack import Slack, Webhook
from monitor.edge.store import commit
from monitor.policy import Policy

# What the deliverer reports -> the nearest notice, as long as the texts have none of its own.
_NEAREST = {"message_refused": "route_broken", "delivery_uncertain": "route_broken", "scopes_missing": "sender_broken"}
_MEMBER = re.compile(r"^[UW][A-Z0-9]{6,}$")


def slack(config: Config, keyring: Keyring, places: Places, clock: Clock | None = None) -> Slack | None:
    """Return the Slack client, or None without a bot token."""
    access = keyring.slack
    if access.bot_token is None:
        return None
    proxy = None if access.api_url and _here(access.api_url) else _proxy(config, keyring)
    return Slack(access.bot_token, base_url=access.api_url, proxy=proxy, ca=_ca(config, places), clock=clock)


def open_door(config: Config, keyring: Keyring, places: Places, clock: Clock | None = None) -> Door:
    """Return the best way that is configured; without any, alerts are printed in the same words.

    Raises Refused if the company's certificates cannot be read.
    """
    if (found := slack(config, keyring, places, clock)) is not None:
        return found
    if keyring.slack.webhook_url is not None:
        proxy = None if _here(keyring.slack.webhook_url.reveal()) else _proxy(config, keyring)
        return Webhook(keyring.slack.webhook_url, proxy=proxy, ca=_ca(config, places))
    return Console()


def _proxy(config: Config, keyring: Keyring) -> str | None:
    """Return the way out with its password, as the SDK wants it."""
    from monitor.edge.http import proxy

    if config.settings.http.proxy is None:
        return None
    password = keyring.proxy_password.reveal() if keyring.proxy_password else None
    return str(proxy.address(config.settings.http.proxy, password))


def _here(url: str) -> bool:
    """Say whether an address is on this very machine: what does not leave it needs no proxy."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _ca(config: Config, places: Places) -> ssl.SSLContext | None:
    """Return trust in the company's own authorities besides the usual ones."""
    bundle = config.settings.http.ca_bundle
    return None if bundle is None else wiring.trust(places.beside_config(bundle))


def deliverer(desk: Desk, door: Door) -> Deliverer:
    """Return a deliverer for this desk's outbox. Call it in the loop that will run it."""
    how = manner(desk)
    return Deliverer(desk.store, door, how.render, desk.clock, notice=how.notice, waits=how.waits, person=how.person)


def manner(desk: Desk) -> Manner:
    """Return how this desk's alerts are told."""

    async def notice(code: str, facts: Mapping[str, Any]) -> None:
        await desk.store.write(lambda conn: _notice(conn, desk, code, facts))

    return Manner(
        render=lambda alert, stored, incident, more: telling.message(desk, alert, stored, incident, more),
        notice=notice,
        waits=Waits(settle=desk.config.settings.waits.settle),
        person=lambda mention: person(desk.policy, mention),
    )


def person(policy: Policy, mention: str) -> str:
    """Return a member id or an address for a key of `people`, an address, or an id."""
    if _MEMBER.match(mention):
        return mention
    known = policy.people.get(mention) or next((p for p in policy.people.values() if p.mail == mention), None)
    if known is None:
        return mention
    return known.slack or known.mail or mention


def _notice(conn: Connection, desk: Desk, code: str, facts: Mapping[str, Any]) -> None:
    """Tell the operators about delivery itself; while Slack refuses us, the notice waits with the rest."""
    notes, now = Notices(), desk.clock.now()
    about = str(facts.get("alert") or facts.get("channel") or facts.get("cause") or "")
    own = desk.rules.texts.has(f"ops.{code}.head", desk.policy.language)
    mark = f"{code}|{about}|{rfc3339(now)}"
    if code == "message_flood":
        mark = f"{code}|{about}"  # its message bears an id: after a crash the notice is not given twice
        facts = {**facts, **_named(desk, facts)}
    notes.add(desk, code if own else _NEAREST.get(code, code), mark, facts, now)
    for said in notes.events:
        commit.notice(conn, said.event, said.verdict)
    commit.add_alerts(conn, notes.alerts, now)


def _named(desk: Desk, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flood's source and type as people call them."""
    watcher, info = desk.watchers.get(facts["source"]), desk.taxonomy.get(facts["type"])
    return {
        "source": watcher.title if watcher else facts["source"],
        "what": dict(info.label) if info else facts["type"],
    }
