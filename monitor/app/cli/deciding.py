"""Commands by which people decide, and ask who would be told what: each adds to the history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from monitor.app.cli.typed import ConfigDir, EventId, Json, Since, app, command, places_of, refusal, since_of

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for whoever asks later.")]


@command
def dismiss(event: EventId, config: ConfigDir = None, reason: Reason = "", as_json: Json = False) -> int:
    """This is not our customer: the same record stays silent from now on, until it reads differently."""
    from monitor.app import deciding

    return deciding.say(places_of(config), event, "dismissed", reason, as_json=as_json)


@command
def confirm(event: EventId, config: ConfigDir = None, reason: Reason = "", as_json: Json = False) -> int:
    """It is our customer: the record counts as identified; what becomes graver by that is told now."""
    from monitor.app import deciding

    return deciding.say(places_of(config), event, "confirmed", reason, as_json=as_json)


@command
def ack(
    matter: Annotated[str, typer.Argument(metavar="EVENT|INCIDENT", help="The id of an event or an incident.")],
    config: ConfigDir = None,
    as_json: Json = False,
) -> int:
    """Seen, I deal with it: nobody is reminded of the incident any more, unless it gets graver."""
    from monitor.app import deciding

    return deciding.ack(places_of(config), matter, as_json=as_json)


@command
def mute(
    customer: Annotated[str | None, typer.Argument(metavar="CUSTOMER", help="A customer's id.")] = None,
    config: ConfigDir = None,
    incident: Annotated[str | None, typer.Option("--incident", metavar="ID", help="One incident only.")] = None,
    types: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="PATTERN", help="Events of this type (reg.*); may be repeated."),
    ] = None,
    sources: Annotated[
        list[str] | None, typer.Option("--source", metavar="SOURCE", help="What this source tells; may be repeated.")
    ] = None,
    reason: Reason = "",
    until: Annotated[
        str, typer.Option("--until", metavar="WHEN", help="A date (2026-12-31, its end) or an age (14d); at most 365d.")
    ] = "",
    lift: Annotated[str | None, typer.Option("--lift", metavar="NUMBER", help="End a mute before its time.")] = None,
    as_json: Json = False,
) -> int:
    """Be told nothing of a customer, an incident, a type or a source until a day; bare, list what is muted.

    What is graver than what stood when it was made breaks a mute. Confirmed sanctions and criticals of tier A are never
    muted.
    """
    from monitor.app import muting

    places = places_of(config)
    wanted = muting.Wanted(customer, incident, tuple(types or ()), tuple(sources or ()), reason, until)
    if lift is not None:
        if wanted:
            raise refusal("lift_alone")
        return muting.lift(places, lift, as_json=as_json)
    if wanted:
        return muting.mute(places, wanted, as_json=as_json)
    return muting.listing(places, as_json=as_json)


@command
def dates(
    asked: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CUSTOMER | done ID]", help="A customer's id; or done, and the id of a date."),
    ] = None,
    config: ConfigDir = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="From this day on (2026-12-01), or so long ago (30d).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="To this day, or so far ahead (30d).")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what has passed, is done or was cancelled.")] = False,
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="FILE", help="Write a calendar to import; - is the output.")
    ] = None,
    as_json: Json = False,
) -> int:
    """List the dates that cost money if they are missed, the nearest first; `dates done ID` marks one as done."""
    from monitor.app import agenda

    places, typed = places_of(config), list(asked or ())
    if len(typed) == 2 and typed[0] == "done":
        return agenda.done(places, typed[1], as_json=as_json)
    if len(typed) > 1:
        raise refusal("dates_words", text=" ".join(typed))
    wanted = agenda.Wanted(typed[0] if typed else None, since, until, everything)
    if ics is not None:
        return agenda.export(places, wanted, ics, as_json=as_json)
    return agenda.listing(places, wanted, as_json=as_json)


@command
def replay(
    config: ConfigDir = None,
    since: Since = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            "--rules", metavar="FILE", help="A counterwatch.yaml, its rules: and routes: alone, or a rules.yaml."
        ),
    ] = None,
    watchlist: Annotated[Path | None, typer.Option("--watchlist", metavar="FILE", help="Another watchlist.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="List at most so many differences.")] = 50,
    as_json: Json = False,
) -> int:
    """Judge the stored past with other files: alerts added and dropped, how much sooner, how many a week."""
    from monitor.app import replay as replays

    places = places_of(config)
    begun = since_of(since, places) or datetime.now(UTC) - timedelta(days=90)
    return replays.replay(places, begun, replays.Files(rules, watchlist, limit), as_json=as_json)


route_app = typer.Typer(help="Who hears of what, when, and why there.", rich_markup_mode=None)
app.add_typer(route_app, name="route")


@route_app.callback()
def route() -> None:
    """Who hears of what, when, and why there."""


@partial(command, group=route_app)
def explain(event: EventId, config: ConfigDir = None, as_json: Json = False) -> int:
    """Say of every route and the customer's own channel whether an event goes there, when it would, and why."""
    from monitor.app import routing

    return routing.explain(places_of(config), event, as_json=as_json)
