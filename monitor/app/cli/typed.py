"""What the commands share: the program, its common options, how a command ends, and how typed words are read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

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

EventId = Annotated[str, typer.Argument(metavar="EVENT", help="An event's id, as an alert or `events` names it.")]

P = ParamSpec("P")


def command(work: Callable[P, int], group: typer.Typer = app) -> Callable[P, None]:
    """Make a function a command: it returns its exit code, and what a person can mend becomes one sentence."""

    @wraps(work)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        raise typer.Exit(exit_of(lambda: work(*args, **kwargs), kwargs.get("config")))

    return group.command()(told)


# --------------------------------------------------------------------------- how a command ends


def exit_of(work: Callable[[], int], config: object) -> int:
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
        show.sentence(refused.told(speech.at(places_of(config).config)))
        return BAD_CONFIG
    except (StoreError, CredentialUnreadable) as error:
        show.sentence(speech.at(places_of(config).config).phrase(str(error)))
        if isinstance(error, Busy):
            return ANOTHER_DAEMON
        return NEWER_SCHEMA if isinstance(error, SchemaNewer) else BAD_CONFIG


# --------------------------------------------------------------------------- what was typed


def places_of(config: Path | None) -> Places:
    from monitor.edge.settings import Places

    given = config or (Path(found) if (found := os.environ.get("COUNTERWATCH_CONFIG")) else None)
    return Places.find(os.environ, given)


def refusal(what: str, **facts: Any) -> Exception:
    from monitor.app.refused import Refused

    return Refused(what, **facts)


def meant_by(text: str, group: str) -> str:
    """Return the code behind a word of any of our languages: a person types what a listing shows."""
    from monitor.app import speech

    for words in speech.texts().words.values():
        for key, word in words.items():
            if word == text and key.startswith(f"{group}."):
                return key.removeprefix(f"{group}.")
    return text


def severity_of(text: str | None) -> Severity | None:
    from monitor.model import Severity

    try:
        return None if text is None else Severity(meant_by(text.lower(), "cli.level"))
    except ValueError:
        raise refusal("severity", text=text) from None


def family_of(text: str | None) -> str | None:
    from monitor.app import speech

    known = sorted({*speech.taxonomy().families, *(info.family for info in speech.taxonomy().values())})
    if text is not None and text not in known:
        raise refusal("family", text=text, known=", ".join(known))
    return text


def language_of(text: str) -> Any:
    if text not in ("en", "zh"):
        raise refusal("language", text=text)
    return text


def since_of(text: str | None, places: Places) -> datetime | None:
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
        raise refusal("since", text=text) from None
