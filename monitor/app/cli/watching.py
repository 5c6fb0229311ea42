"""`init`, `check`, `run`, `poll`, `record`, `due` and the demo: commands that set the watch going."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from monitor.app.cli.typed import ConfigDir, CustomerId, Json, SourceName, command, language_of, places_of, refusal


@command
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if absent.")] = Path("config"),
    language: Annotated[str, typer.Option(help="en or zh: what the program will speak.")] = "en",
) -> int:
    """Write the two files, with comments and one example."""
    from monitor.app import check, show, speech

    written = check.init(folder, language_of(language))
    told = speech.at(folder)
    show.lines(told.say("cli.init.wrote", path=path) for path in written)
    show.lines(["", told.say("cli.init.next", path=folder / "watchlist.yaml", folder=folder)])
    return 0


@command
def check(config: ConfigDir = None, as_json: Json = False) -> int:
    """Check both files; say who is watched by what.

    Every mistake is named with its line; for every customer the sources that do not watch it, and why.
    """
    from monitor.app import check as checks
    from monitor.app import show, speech
    from monitor.watcher import discover

    places = places_of(config)
    report = checks.check(places.config, discover(), os.environ)
    if as_json:
        show.json_lines(checks.rows(report))
    else:
        show.lines(checks.lines(report, speech.at(places.config)))
    return report.exit_code


@command
def run(
    config: ConfigDir = None,
    once: Annotated[bool, typer.Option("--once", help="One pass over what is due, deliver, leave.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="With --once: over everything.")] = False,
    accept_empty_store: Annotated[
        bool, typer.Option("--accept-empty-store", help="Begin a new database although one was here before.")
    ] = False,
    accept_removals: Annotated[
        bool, typer.Option("--accept-removals", help="Agree to a watchlist that drops most of the customers.")
    ] = False,
    log: Annotated[
        str | None, typer.Option("--log", help="debug, info (the daemon), warning or error (--once).")
    ] = None,
) -> int:
    """Run the daemon, or take one pass (--once).

    The daemon leaves in order on SIGTERM or Ctrl-C. --once exits with 1 if a source could not be seen.
    """
    from monitor.app import running

    if everything and not once:
        raise refusal("all_without_once")
    if log not in (None, "debug", "info", "warning", "error"):
        raise refusal("log", text=log)
    return running.run(
        places_of(config),
        once=once,
        everything=everything,
        accept_empty=accept_empty_store,
        accept_removals=accept_removals,
        level=log,
    )


@command
def poll(
    source: Annotated[str, typer.Option("--source", "-s", help="A source, as `counterwatch sources` names it.")],
    customer: CustomerId = None,
    config: ConfigDir = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing.")] = False,
    as_json: Json = False,
) -> int:
    """Look once, now, and print what was found.

    Exit codes: 0 a good look, 5 partial or empty, 3 blocked or down, 4 no longer the format we know, 2 unknown source
    or customer.
    """
    from monitor.app import looking

    return looking.poll(places_of(config), source, customer, dry_run=dry_run, as_json=as_json)


@command
def record(
    source: Annotated[str, typer.Option("--source", "-s", help="A source, as `counterwatch sources` names it.")],
    customer: CustomerId = None,
    case: Annotated[str, typer.Option("--case", help="The case's name; it must be new.")] = "recorded",
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder of the cases; else tests/fixtures/<source>.")
    ] = None,
    config: ConfigDir = None,
) -> int:
    """Look once and write the answers as a fixture case, for whoever mends or writes a source.

    Nothing is stored. Exit codes as of poll. Answers about real companies do not belong into a public repository.
    """
    from monitor.app import recording

    return recording.record(places_of(config), source, customer, case=case, out=out)


@command
def due(config: ConfigDir = None, source: SourceName = None, customer: CustomerId = None, as_json: Json = False) -> int:
    """Mark watches due now; a running daemon takes them up at once."""
    from monitor.app import looking

    return looking.due(places_of(config), source, customer, as_json=as_json)


@command
def demo(
    language: Annotated[str, typer.Option(help="en or zh: the language of the alerts and of the story.")] = "en",
    seconds: Annotated[float, typer.Option(help="How long a day of the script lasts.", min=0.5)] = 4.0,
) -> int:
    """Play a made-up fortnight on this machine, in a minute."""
    from monitor.app.demo.play import play

    return play(language_of(language), seconds)
