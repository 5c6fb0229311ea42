"""The command line: `counterwatch …`. Every command says one clear sentence when it cannot do its work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from monitor import __version__

if TYPE_CHECKING:
    from monitor.edge.settings import Places
    from monitor.model import Severity

BAD_CONFIG, ANOTHER_DAEMON, NEWER_SCHEMA, INTERRUPTED = 2, 6, 7, 130

app = typer.Typer(
    name="counterwatch",
    help="Watches the companies you sell to on credit, and tells Slack what matters.",
    epilog="Exit codes: 0 done, 1 something needs a person or a source failed, 2 the configuration or the words typed, "
    "6 another daemon runs, 7 the database is of a newer program. poll has its own: see counterwatch poll --help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ConfigDir = Annotated[
    Path | None,
    typer.Option(
        "--config", help="Folder of watchlist.yaml and counterwatch.yaml; else $COUNTERWATCH_CONFIG, ./config."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, in English, times in UTC.")]
CustomerId = Annotated[str | None, typer.Option("--customer", "-c", help="A customer's id, as in the watchlist.")]
SourceName = Annotated[str | None, typer.Option("--source", "-s", help="A source, as `counterwatch sources` names it.")]
Level = Annotated[
    str | None, typer.Option("--severity", help="This level and above: info, low, medium, high, critical.")
]
Since = Annotated[
    str | None, typer.Option("--since", help="A date (2026-11-02, in your timezone) or an age (90d, 8h).")
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, the newest.")]

P = ParamSpec("P")


def command(work: Callable[P, int], group: typer.Typer = app) -> Callable[P, None]:
    """Make a function a command: it returns its exit code, and what a person can mend becomes one sentence."""

    @wraps(work)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        raise typer.Exit(_ended(lambda: work(*args, **kwargs), kwargs.get("config")))

    return group.command()(told)


@command
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if absent.")] = Path("config"),
    language: Annotated[str, typer.Option(help="en or zh: what the program will speak.")] = "en",
) -> int:
    """Write the two files, with comments and one example."""
    from monitor.app import check, show, speech

    written = check.init(folder, _language(language))
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

    places = _places(config)
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
        raise _refused("all_without_once")
    if log not in (None, "debug", "info", "warning", "error"):
        raise _refused("log", text=log)
    return running.run(
        _places(config),
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

    return looking.poll(_places(config), source, customer, dry_run=dry_run, as_json=as_json)


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

    return recording.record(_places(config), source, customer, case=case, out=out)


@command
def due(config: ConfigDir = None, source: SourceName = None, customer: CustomerId = None, as_json: Json = False) -> int:
    """Mark watches due now; a running daemon takes them up at once."""
    from monitor.app import looking

    return looking.due(_places(config), source, customer, as_json=as_json)


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

    places = _places(config)
    wanted = listings.Wanted(customer, _family(family), _severity(severity), _since(since, places), limit)
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

    places = _places(config)
    wanted = listings.Wanted(customer, None, None, _since(since, places), limit)
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

    places = _places(config)
    meant = None if state is None else _meant(state, "cli.state")
    if meant not in (None, "pending", "sent", "parked", "suppressed"):
        raise _refused("state", text=state)
    wanted = listings.Wanted(customer, None, _severity(severity), _since(since, places), limit)
    return listings.alerts(places, wanted, meant, as_json=as_json)


EventId = Annotated[str, typer.Argument(metavar="EVENT", help="An event's id, as an alert or `events` names it.")]


@command
def why(event: EventId, config: ConfigDir = None, as_json: Json = False) -> int:
    """Say why an event weighs what it weighs, and what became of it."""
    from monitor.app import reasons

    return reasons.why(_places(config), event, as_json=as_json)


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
    return reasons.evidence(_places(config), event, raw=raw, export=target, as_json=as_json)


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

    return auditing.verify(_places(config), head, as_json=as_json)


@command
def purge(
    config: ConfigDir = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Json = False,
) -> int:
    """Let go now of what is kept longer than retention: says; the daemon does it once a day."""
    from monitor.app import purging

    return purging.purge(_places(config), dry_run=dry_run, as_json=as_json)


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

    return purging.export(_places(config), name, as_json=as_json)


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

    return purging.erase(_places(config), name, why, yes=yes, as_json=as_json)


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
        raise typer.Exit(_ended(lambda: holding.listing(_places(config), as_json=as_json), config))


@partial(command, group=held_app)
def release(id: HoldId, config: ConfigDir = None, as_json: Json = False) -> int:
    """It is true: judge what is held and send it."""
    from monitor.app import holding

    return holding.decide(_places(config), id, "released", as_json=as_json)


@partial(command, group=held_app)
def discard(id: HoldId, config: ConfigDir = None, as_json: Json = False) -> int:
    """It is no news: take the new state as it is and tell nobody."""
    from monitor.app import holding

    return holding.decide(_places(config), id, "discarded", as_json=as_json)


@partial(command, group=held_app)
def rebaseline(
    source: Annotated[str, typer.Argument(help="A source, as `counterwatch sources` names it.")],
    config: ConfigDir = None,
    as_json: Json = False,
) -> int:
    """Take the next look at each customer as the source's new baseline; only what is grave today is told."""
    from monitor.app import holding

    return holding.rebaseline(_places(config), source, as_json=as_json)


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
        return network.hosts(_places(config), as_json=as_json)
    return listings.sources(_places(config), as_json=as_json)


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
        raise _refused("one_at_a_time")
    if reach:
        return network.reach(_places(config), as_json=as_json)
    if disk:
        return disks.disk(_places(config), as_json=as_json)
    return health.doctor(_places(config), as_json=as_json)


@command
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; readable by its owner only.")],
    config: ConfigDir = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> int:
    """Write the database and both YAML files into one checked file, while the daemon works."""
    from monitor.app import restoring

    return restoring.backup(_places(config), file.absolute(), force=force, as_json=as_json)


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
        raise _refused("restore_what")
    if file is None:
        return restoring.mark(_places(config), as_json=as_json)
    return restoring.restore(_places(config), file.absolute(), with_config=with_config, as_json=as_json)


@command
def demo(
    language: Annotated[str, typer.Option(help="en or zh: the language of the alerts and of the story.")] = "en",
    seconds: Annotated[float, typer.Option(help="How long a day of the script lasts.", min=0.5)] = 4.0,
) -> int:
    """Play a made-up fortnight on this machine, in a minute."""
    from monitor.app.demo.play import play

    return play(_language(language), seconds)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)] = False,
) -> None:
    if version:
        sys.stdout.write(f"counterwatch {__version__}\n")
        raise typer.Exit


# --------------------------------------------------------------------------- how a command ends


def _ended(work: Callable[[], int], config: object) -> int:
    """Do a command's work and return its exit code; what a person can mend is said in one sentence, in their language."""
    try:
        code = _work(work, config if isinstance(config, Path) else None)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _work(work: Callable[[], int], config: Path | None) -> int:
    from monitor.app import show, speech
    from monitor.app.refused import Refused
    from monitor.edge.config import ConfigMistakes
    from monitor.edge.settings import CredentialUnreadable
    from monitor.edge.store import Busy, SchemaNewer, StoreError

    try:
        return work()
    except ConfigMistakes as mistakes:
        for mistake in mistakes.mistakes:
            show.sentence(str(mistake))
        return BAD_CONFIG
    except Refused as refused:
        show.sentence(refused.told(speech.at(_places(config).config)))
        return BAD_CONFIG
    except (StoreError, CredentialUnreadable) as error:
        show.sentence(speech.at(_places(config).config).phrase(str(error)))
        if isinstance(error, Busy):
            return ANOTHER_DAEMON
        return NEWER_SCHEMA if isinstance(error, SchemaNewer) else BAD_CONFIG


# --------------------------------------------------------------------------- what was typed


def _places(config: Path | None) -> Places:
    from monitor.edge.settings import Places

    given = config or (Path(found) if (found := os.environ.get("COUNTERWATCH_CONFIG")) else None)
    return Places.find(os.environ, given)


def _refused(what: str, **facts: Any) -> Exception:
    from monitor.app.refused import Refused

    return Refused(what, **facts)


def _meant(text: str, group: str) -> str:
    """Return the code behind a word of any of our languages: a person types what a listing shows."""
    from monitor.app import speech

    for words in speech.texts().words.values():
        for key, word in words.items():
            if word == text and key.startswith(f"{group}."):
                return key.removeprefix(f"{group}.")
    return text


def _severity(text: str | None) -> Severity | None:
    from monitor.model import Severity

    try:
        return None if text is None else Severity(_meant(text.lower(), "cli.level"))
    except ValueError:
        raise _refused("severity", text=text) from None


def _family(text: str | None) -> str | None:
    from monitor.app import speech

    known = sorted({*speech.taxonomy().families, *(info.family for info in speech.taxonomy().values())})
    if text is not None and text not in known:
        raise _refused("family", text=text, known=", ".join(known))
    return text


def _language(text: str) -> Any:
    if text not in ("en", "zh"):
        raise _refused("language", text=text)
    return text


def _since(text: str | None, places: Places) -> datetime | None:
    """Read a date, in the zone of the configuration, or an age."""
    from zoneinfo import ZoneInfo

    from monitor.app import speech
    from monitor.watcher import duration

    if text is None:
        return None
    try:
        written = datetime.fromisoformat(text)
        zoned = written if written.tzinfo else written.replace(tzinfo=ZoneInfo(speech.at(places.config).timezone))
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    try:
        return datetime.now(UTC) - duration(text)
    except (ValueError, OverflowError):
        raise _refused("since", text=text) from None


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese shows ?, and nothing breaks
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
