"""Commands by which people decide, and ask who would be told what: each adds to the history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from monitor.app.cli.typed import ConfigDir, Json, Since, command, places_of, since_of


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
