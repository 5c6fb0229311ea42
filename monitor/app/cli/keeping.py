"""`held`, `purge`, `person`, `backup`, `restore`: commands about what is kept, and kept back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from monitor.app.cli.typed import ConfigDir, Json, app, command, exit_of, places_of, refusal


@command
def purge(
    config: ConfigDir = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Json = False,
) -> int:
    """Let go now of what is kept longer than retention: says; the daemon does it once a day."""
    from monitor.app import purging

    return purging.purge(places_of(config), dry_run=dry_run, as_json=as_json)


person_app = typer.Typer(help="A natural person: all we hold on them, and forgetting them.", rich_markup_mode=None)
app.add_typer(person_app, name="person")
PersonName = Annotated[str, typer.Argument(metavar="NAME", help="Forename and surname, in quotes.")]


@person_app.callback()
def person() -> None:
    """A natural person: all we hold on them, and forgetting them."""


@partial(command, group=person_app)
def export(name: PersonName, config: ConfigDir = None, as_json: Json = False) -> int:
    """Print all that is held on a person."""
    from monitor.app import purging

    return purging.export(places_of(config), name, as_json=as_json)


@partial(command, group=person_app)
def erase(
    name: PersonName,
    config: ConfigDir = None,
    why: Annotated[str, typer.Option("--why", help="The reason, for the audit log.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else only say what would go.")] = False,
    as_json: Json = False,
) -> int:
    """Forget a person: the name goes from the database, its log on the disk, the answers and the queue.

    The audit log stays whole, and says why and when.
    """
    from monitor.app import purging

    return purging.erase(places_of(config), name, why, yes=yes, as_json=as_json)


held_app = typer.Typer(
    help="Changes kept back until a person decides: list them, release, discard, or take a new baseline.",
    rich_markup_mode=None,
)
app.add_typer(held_app, name="held")
HoldId = Annotated[str, typer.Argument(metavar="ID", help="What is held, as `counterwatch held` names it.")]


@held_app.callback(invoke_without_command=True)
def held(context: typer.Context, config: ConfigDir = None, as_json: Json = False) -> None:
    """List what is kept back, and why; release, discard or rebaseline decide."""
    from monitor.app import holding

    if context.invoked_subcommand is None:
        raise typer.Exit(exit_of(lambda: holding.listing(places_of(config), as_json=as_json), config))


@partial(command, group=held_app)
def release(id: HoldId, config: ConfigDir = None, as_json: Json = False) -> int:
    """It is true: judge what is held and send it."""
    from monitor.app import holding

    return holding.decide(places_of(config), id, "released", as_json=as_json)


@partial(command, group=held_app)
def discard(id: HoldId, config: ConfigDir = None, as_json: Json = False) -> int:
    """It is no news: take the new state as it is and tell nobody."""
    from monitor.app import holding

    return holding.decide(places_of(config), id, "discarded", as_json=as_json)


@partial(command, group=held_app)
def rebaseline(
    source: Annotated[str, typer.Argument(help="A source, as `counterwatch sources` names it.")],
    config: ConfigDir = None,
    as_json: Json = False,
) -> int:
    """Take the next look at each customer as the source's new baseline; only what is grave today is told."""
    from monitor.app import holding

    return holding.rebaseline(places_of(config), source, as_json=as_json)


@command
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; readable by its owner only.")],
    config: ConfigDir = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> int:
    """Write the database and both YAML files into one checked file, while the daemon works."""
    from monitor.app import restoring

    return restoring.backup(places_of(config), file.absolute(), force=force, as_json=as_json)


@command
def restore(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A backup, or a bare copy of the database.")
    ] = None,
    config: ConfigDir = None,
    with_config: Annotated[
        bool, typer.Option("--with-config", help="Bring back the YAML files too where others are there.")
    ] = False,
    marked: Annotated[
        bool,
        typer.Option("--mark", help="No file: the database was brought back by other means (pg_restore, a snapshot)."),
    ] = False,
    as_json: Json = False,
) -> int:
    """Put a backup in the place of the database; stop the daemon first.

    The database that was there is kept. What was told since the backup is looked up in Slack before anything is sent.
    """
    from monitor.app import restoring

    if (file is None) != marked:
        raise refusal("restore_what")
    if file is None:
        return restoring.mark(places_of(config), as_json=as_json)
    return restoring.restore(places_of(config), file.absolute(), with_config=with_config, as_json=as_json)
