"""A person at the terminal: whose account it is, and the desk their command works at."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from typing import TypeVar

from monitor.app import wiring
from monitor.app.desk import Desk
from monitor.edge import observe
from monitor.edge.settings import Places
from monitor.judge.words import clean

T = TypeVar("T")
_LONGEST = 500  # characters of a reason


def author() -> str:
    """Return the account of the person at the terminal."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return str(os.getuid())


def typed(text: str) -> str:
    """Return what a person typed in one line that every database and terminal can hold, cut to a readable length."""
    return clean(text)[:_LONGEST]


def at_desk(places: Places, work: Callable[[Desk], T]) -> T:
    """Do something at a desk of this command's own; a running daemon sees what came of it at its next tick."""
    config, keyring, _ = wiring.opened(places, os.environ)
    observe.configure(level="error", secrets=keyring.values())
    desk = wiring.desk(places, keyring, config=config)
    try:
        return work(desk)
    finally:
        desk.store.close()
