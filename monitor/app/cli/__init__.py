"""The command line: `counterwatch …`. Every command says one clear sentence when it cannot do its work."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from monitor import __version__
from monitor.app.cli.typed import ANOTHER_DAEMON, BAD_CONFIG, INTERRUPTED, NEWER_SCHEMA, app

# isort: off
# In the order in which --help lists their commands.
from monitor.app.cli import watching, telling, deciding, keeping  # noqa: F401
# isort: on

__all__ = ["ANOTHER_DAEMON", "BAD_CONFIG", "INTERRUPTED", "NEWER_SCHEMA", "app", "main"]


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)] = False,
) -> None:
    if version:
        sys.stdout.write(f"counterwatch {__version__}\n")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese shows ?, and nothing breaks
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
