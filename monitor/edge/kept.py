"""What is kept in the state folder: the validated watchlist, so that a restart need not read an unchanged file again,
and both files as they were last in force, for the day on which a person's edit is broken."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from monitor.edge.yamldoc import Mistake
from monitor.model import Customer


@dataclass(frozen=True, slots=True)
class _Kept:
    key: str
    customers: tuple[Customer, ...]
    mistakes: tuple[Mistake, ...]  # warnings only: a list with errors is never kept


def key_of(*parts: object) -> str:
    """Return the key of what was read: the parts it was read from, and the very code that read it."""
    found = hashlib.sha256(_code())
    for part in parts:
        found.update(repr(part).encode())
    return found.hexdigest()


def find(path: Path, key: str) -> tuple[tuple[Customer, ...], list[Mistake]] | None:
    """Return the customers and warnings kept under this key; None if there are none, or not to be trusted."""
    try:
        data = path.read_bytes()
        if not data.startswith(b'{"key":"' + key.encode() + b'"'):
            return None
        kept = _adapter().validate_json(data)
    except (OSError, ValidationError):
        return None
    return kept.customers, list(kept.mistakes)


def keep(path: Path, key: str, customers: tuple[Customer, ...], warnings: list[Mistake]) -> None:
    """Keep them, whole or not at all. That it cannot be written only makes the next start slower."""
    whole = path.with_name(path.name + ".new")
    with contextlib.suppress(OSError):
        # Amounts and names are nobody else's business.
        with open(whole, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(_adapter().dump_json(_Kept(key, customers, tuple(warnings))))
        whole.replace(path)


# --------------------------------------------------------------------------- the last good files

GOOD = "last-good"  # a link to the folder that holds both files


def keep_good(state: Path, files: Mapping[str, bytes]) -> None:
    """Keep these files, by name, as the last good ones: all of them or none. Raises OSError; the former stay then.

    A person can copy them back from `last-good/` in the state folder.
    """
    digest = hashlib.sha256(b"".join(name.encode() + b"\0" + data for name, data in sorted(files.items()))).hexdigest()
    folder = state / f"{GOOD}-{digest[:16]}"
    if _pointed(state) != folder.name:
        folder.mkdir(mode=0o700, exist_ok=True)
        for name, data in files.items():
            _write(folder / name, data)
        new = state / f"{GOOD}.new"
        new.unlink(missing_ok=True)
        new.symlink_to(folder.name)
        new.replace(state / GOOD)
    for old in state.glob(f"{GOOD}-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)


def good(state: Path) -> Path | None:
    """Return the folder of the last good files; None if there is none."""
    pointed = _pointed(state)
    return state / pointed if pointed and (state / pointed).is_dir() else None


def _pointed(state: Path) -> str | None:
    try:
        return (state / GOOD).readlink().name
    except OSError:
        return None


def _write(path: Path, data: bytes) -> None:
    # Amounts and names are nobody else's business.
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@cache
def _adapter() -> TypeAdapter[_Kept]:
    return TypeAdapter(_Kept)


@cache
def _code() -> bytes:
    from monitor import model
    from monitor.edge import fields, identifiers, watchlist, yamldoc

    found = hashlib.sha256(metadata.version("python-stdnum").encode())
    for module in (model, fields, identifiers, watchlist, yamldoc):
        found.update(Path(str(module.__file__)).read_bytes())
    return found.digest()
