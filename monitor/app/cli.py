"""The command line: `counterwatch …`. Every command says one clear sentence when it cannot do its work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor import __version__
from monitor.app import show

BAD_CONFIG, ANOTHER_DAEMON, NEWER_SCHEMA = 2, 6, 7

app = typer.Typer(
    name="counterwatch",
    help="Watches the companies you sell to on credit, and tells Slack what matters.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ConfigDir = Annotated[Path | None, typer.Option("--config", help="Folder of watchlist.yaml and counterwatch.yaml.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
CustomerId = Annotated[str | None, typer.Option("--customer", "-c", help="A customer's id, as in the watchlist.")]
SourceName = Annotated[str | None, typer.Option("--source", "-s", help="A source, as `counterwatch sources` names it.")]
Since = Annotated[str | None, typer.Option("--since", help="A date (2026-11-02) or an age (90d, 8h).")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, the newest.")]


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to write; made if absent.")] = Path("config")) -> None:
    """Write watchlist.yaml and counterwatch.yaml, with comments and one example."""
    from monitor.app.check import AlreadyThere
    from monitor.app.check import init as write

    try:
        written = write(folder)
    except AlreadyThere as there:
        raise _refuse(str(there)) from None
    except OSError as error:
        raise _refuse(f"cannot write to {folder}: {error.strerror}") from None
    show.lines([f"wrote {path}" for path in written])
    show.lines(["", f"Edit {folder / 'watchlist.yaml'}, then: counterwatch check --config {folder}"])


@app.command()
def check(config: ConfigDir = None, as_json: Json = False) -> None:
    """Check both files; say which sources watch each customer, and why others do not."""
    from monitor.app import check as checks
    from monitor.edge.settings import Places
    from monitor.watcher import discover

    places = Places.find(os.environ, config)
    report = checks.check(places.config, discover(), os.environ)
    if as_json:
        show.json_lines(checks.rows(report))
    else:
        show.lines(checks.lines(report))
    raise typer.Exit(report.exit_code)


@app.command()
def run(
    config: ConfigDir = None,
    once: Annotated[bool, typer.Option("--once", help="One pass over what is due, deliver, leave.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="With --once: over everything.")] = False,
    accept_empty_store: Annotated[
        bool, typer.Option("--accept-empty-store", help="Begin a new database although one was here before.")
    ] = False,
    log: Annotated[str, typer.Option("--log", help="debug | info | warning | error")] = "info",
) -> None:
    """Run the daemon; with --once, take one pass and leave (exit 1 if a source could not be seen)."""
    from monitor.app import running

    if everything and not once:
        raise _refuse("--all goes with --once")
    _answer(
        lambda: running.run(
            _places(config), once=once, everything=everything, accept_empty=accept_empty_store, level=log
        )
    )


@app.command()
def poll(
    source: Annotated[str, typer.Option("--source", "-s", help="A source, as `counterwatch sources` names it.")],
    customer: CustomerId = None,
    config: ConfigDir = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Look once, now; print the records and what the look came to."""
    from monitor.app import looking

    _answer(lambda: looking.poll(_places(config), source, customer, dry_run=dry_run, as_json=as_json))


@app.command()
def due(
    config: ConfigDir = None, source: SourceName = None, customer: CustomerId = None, as_json: Json = False
) -> None:
    """Mark watches due now; a running daemon takes them up within a second."""
    from monitor.app import looking

    _answer(lambda: looking.due(_places(config), source, customer, as_json=as_json))


@app.command()
def events(
    config: ConfigDir = None,
    customer: CustomerId = None,
    family: Annotated[
        str | None, typer.Option(help="ins, reg, gov, fin, pay, lit, san, rgl, med, ctx, clm, sys")
    ] = None,
    severity: Annotated[str | None, typer.Option(help="This level and above.")] = None,
    since: Since = None,
    limit: Limit = 200,
    as_json: Json = False,
) -> None:
    """List what happened."""
    from monitor.app import listings

    wanted = listings.Wanted(customer, family, _severity(severity), _since(since), limit)
    _answer(lambda: listings.events(_places(config), wanted, as_json=as_json))


@app.command()
def incidents(
    config: ConfigDir = None,
    customer: CustomerId = None,
    since: Since = None,
    limit: Limit = 200,
    as_json: Json = False,
) -> None:
    """List events that belong together."""
    from monitor.app import listings

    wanted = listings.Wanted(customer, None, None, _since(since), limit)
    _answer(lambda: listings.incidents(_places(config), wanted, as_json=as_json))


@app.command()
def alerts(
    config: ConfigDir = None,
    customer: CustomerId = None,
    severity: Annotated[str | None, typer.Option(help="This level and above.")] = None,
    state: Annotated[str | None, typer.Option(help="pending, sent, parked or suppressed")] = None,
    since: Since = None,
    limit: Limit = 200,
    as_json: Json = False,
) -> None:
    """List what was sent, what waits, and what was kept silent with the reason."""
    from monitor.app import listings

    if state not in (None, "pending", "sent", "parked", "suppressed"):
        raise _refuse(f"no such state: {state} (pending, sent, parked or suppressed)")
    wanted = listings.Wanted(customer, None, _severity(severity), _since(since), limit)
    _answer(lambda: listings.alerts(_places(config), wanted, state, as_json=as_json))


@app.command()
def sources(config: ConfigDir = None, as_json: Json = False) -> None:
    """List every source: what it needs, whether its credentials are here, when it was last seen."""
    from monitor.app import listings

    _answer(lambda: listings.sources(_places(config), as_json=as_json))


@app.command()
def doctor(config: ConfigDir = None, as_json: Json = False) -> None:
    """Say what needs a person; exit 1 if anything does."""
    from monitor.app import health

    _answer(lambda: health.doctor(_places(config), as_json=as_json))


@app.command()
def demo(
    language: Annotated[str, typer.Option(help="en or zh: the language of the alerts.")] = "en",
    seconds: Annotated[float, typer.Option(help="How long a day of the script lasts.", min=0.5)] = 3.0,
) -> None:
    """Play a scripted fortnight of a made-up portfolio against servers on this machine."""
    from monitor.app.demo.play import play

    if language not in ("en", "zh"):
        raise _refuse(f"no such language: {language} (en or zh)")
    raise typer.Exit(play(language, seconds))


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)] = False,
) -> None:
    if version:
        show.lines([f"counterwatch {__version__}"])
        raise typer.Exit


# --------------------------------------------------------------------------- shared


def _places(config: Path | None) -> Any:
    from monitor.edge.settings import Places

    given = config or (Path(found) if (found := os.environ.get("COUNTERWATCH_CONFIG")) else None)
    return Places.find(os.environ, given)


def _answer(work: Callable[[], int]) -> None:
    """Run a command's work; turn what a person can mend into one sentence and the right exit code."""
    from monitor.app.refused import Refused
    from monitor.edge.config import ConfigMistakes
    from monitor.edge.settings import CredentialUnreadable
    from monitor.edge.store import Busy, SchemaNewer, StoreError

    try:
        code = work()
    except ConfigMistakes as mistakes:
        for mistake in mistakes.mistakes:
            show.sentence(str(mistake))
        raise typer.Exit(BAD_CONFIG) from None
    except Busy as busy:
        show.sentence(str(busy))
        raise typer.Exit(ANOTHER_DAEMON) from None
    except SchemaNewer as newer:
        show.sentence(str(newer))
        raise typer.Exit(NEWER_SCHEMA) from None
    except (StoreError, CredentialUnreadable, Refused) as error:
        show.sentence(str(error))
        raise typer.Exit(BAD_CONFIG) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(code)


def _refuse(sentence: str) -> typer.Exit:
    show.sentence(sentence)
    return typer.Exit(BAD_CONFIG)


def _severity(text: str | None) -> Any:
    from monitor.model import Severity

    if text is None:
        return None
    try:
        return Severity(text)
    except ValueError:
        raise _refuse(f"no such severity: {text} (info, low, medium, high or critical)") from None


def _since(text: str | None) -> datetime | None:
    from monitor.watcher import duration

    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        pass
    try:
        return datetime.now(UTC) - duration(text)
    except ValueError:
        raise _refuse(f"not a date or an age: {text} (write 2026-11-02, 90d or 8h)") from None


def main() -> None:
    """Run the command line."""
    app()
