"""`events`, `incidents`, `alerts`, `why`, `evidence`, `sources`, `doctor`: commands that tell what is known."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from monitor.app.cli.typed import (
    ConfigDir,
    CustomerId,
    EventId,
    Json,
    Level,
    Limit,
    Since,
    app,
    command,
    family_of,
    meant_by,
    places_of,
    refusal,
    severity_of,
    since_of,
)


@command
def events(
    config: ConfigDir = None,
    customer: CustomerId = None,
    family: Annotated[
        str | None, typer.Option(help="ins, reg, gov, fin, pay, lit, san, rgl, med, ctx, clm, sys")
    ] = None,
    severity: Level = None,
    since: Since = None,
    limit: Limit = 200,
    as_json: Json = False,
) -> int:
    """List what happened, the newest last."""
    from monitor.app import listings

    places = places_of(config)
    wanted = listings.Wanted(customer, family_of(family), severity_of(severity), since_of(since, places), limit)
    return listings.events(places, wanted, as_json=as_json)


@command
def incidents(
    config: ConfigDir = None,
    customer: CustomerId = None,
    since: Since = None,
    limit: Limit = 200,
    as_json: Json = False,
) -> int:
    """List events that belong together, the newest last."""
    from monitor.app import listings

    places = places_of(config)
    wanted = listings.Wanted(customer, None, None, since_of(since, places), limit)
    return listings.incidents(places, wanted, as_json=as_json)


@command
def alerts(
    config: ConfigDir = None,
    customer: CustomerId = None,
    severity: Level = None,
    state: Annotated[str | None, typer.Option(help="pending, sent, parked or suppressed")] = None,
    since: Since = None,
    limit: Limit = 200,
    as_json: Json = False,
) -> int:
    """List what was sent, waits or was kept silent, the newest last."""
    from monitor.app import listings

    places = places_of(config)
    meant = None if state is None else meant_by(state, "cli.state")
    if meant not in (None, "pending", "sent", "parked", "suppressed"):
        raise refusal("state", text=state)
    wanted = listings.Wanted(customer, None, severity_of(severity), since_of(since, places), limit)
    return listings.alerts(places, wanted, meant, as_json=as_json)


@command
def why(
    words: Annotated[
        list[str], typer.Argument(metavar="EVENT|TEXT", help="An event, alert or incident; with --not, what was read.")
    ],
    config: ConfigDir = None,
    customer: Annotated[
        str | None, typer.Option("--not", metavar="CUSTOMER", help="Why was nothing told of this, about this customer?")
    ] = None,
    as_json: Json = False,
) -> int:
    """Tell the whole path from the look to the alert or the silence; with --not, why something was not told."""
    from monitor.app import reasons, unsaid

    if customer is not None:
        return unsaid.why_not(places_of(config), customer, " ".join(words), as_json=as_json)
    if len(words) != 1:
        raise refusal("why_event")
    return reasons.why(places_of(config), words[0], as_json=as_json)


@command
def evidence(
    event: EventId,
    config: ConfigDir = None,
    raw: Annotated[bool, typer.Option("--raw", help="Write the answers out as they came.")] = False,
    export: Annotated[
        Path | None, typer.Option("--export", metavar="ZIP", help="Pack all of it; sha256sum -c checks it.")
    ] = None,
    as_json: Json = False,
) -> int:
    """List the raw answers that caused an event; exit 1 if none was kept."""
    from monitor.app import reasons

    target = export.absolute() if export else None
    return reasons.evidence(places_of(config), event, raw=raw, export=target, as_json=as_json)


audit_app = typer.Typer(help="The audit log: is everything still as it was written?", rich_markup_mode=None)
app.add_typer(audit_app, name="audit")


@audit_app.callback()
def audit() -> None:
    """The audit log: is everything still as it was written?"""


@partial(command, group=audit_app)
def verify(
    config: ConfigDir = None,
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="NUMBER:HASH", help="Also compare with this, from the ops channel or the log."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Look through the log and all it tells of; exit 1 if anything was changed, is gone or was put in."""
    from monitor.app import auditing

    return auditing.verify(places_of(config), head, as_json=as_json)


@command
def sources(
    config: ConfigDir = None,
    hosts: Annotated[
        bool, typer.Option("--hosts", help="List the host:port that must be reachable, for the firewall.")
    ] = False,
    as_json: Json = False,
) -> int:
    """List every source: what it needs, when it was last seen."""
    from monitor.app import listings, network

    if hosts:
        return network.hosts(places_of(config), as_json=as_json)
    return listings.sources(places_of(config), as_json=as_json)


@command
def doctor(
    config: ConfigDir = None,
    reach: Annotated[
        bool, typer.Option("--reach", help="Knock once at every host: refused here, or down there?")
    ] = False,
    disk: Annotated[
        bool, typer.Option("--disk", help="What the store takes, grows by, and when the disk is full.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Say what needs a person; exit 1 if anything does."""
    from monitor.app import disk as disks
    from monitor.app import health, network

    if reach and disk:
        raise refusal("one_at_a_time")
    if reach:
        return network.reach(places_of(config), as_json=as_json)
    if disk:
        return disks.disk(places_of(config), as_json=as_json)
    return health.doctor(places_of(config), as_json=as_json)
