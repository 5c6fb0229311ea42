"""One file that holds a backup: the database, both YAML files, and a manifest that vouches for each of them.

It is a zip whose members are stored as they are: any tool can open it, and nothing in it can be larger than the
file itself. Reading one trusts nothing: names, sizes and digests must be the expected ones.
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

FORMAT = 1
MANIFEST, DATABASE, YAML = "manifest.json", "counterwatch.db", ("watchlist.yaml", "counterwatch.yaml")
_LARGEST_MANIFEST = 100_000
_LARGEST_YAML = 20_000_000  # as large as a configuration may be
_CHUNK = 1 << 20
_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_SQLITE = b"SQLite format 3\0"


class ArchiveWrong(Exception):  # noqa: N818 - it says what is so
    """The file is no sound backup. str() is a short reason that follows its name."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself. `at` is UTC; `files` name -> sha256; `schema` is the database's revision."""

    program: str
    schema: str
    instance: str
    at: datetime
    files: Mapping[str, str]


def is_database(path: Path) -> bool:
    """Say whether a file is a bare SQLite database, as the copy before an upgrade is. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


# --------------------------------------------------------------------------- writing


def pack(target: Path, members: Mapping[str, Path], *, program: str, schema: str, instance: str, at: datetime) -> None:
    """Write a backup that only its owner may read; one that is there is replaced when the new one is whole.

    Raises OSError.
    """
    files = {name: _digest(path) for name, path in members.items()}
    manifest = {
        "format": FORMAT,
        "program": program,
        "schema": schema,
        "instance": instance,
        "at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "files": files,
    }
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as pack_:
                pack_.writestr(_entry(MANIFEST, at), orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
                for name, path in members.items():
                    with path.open("rb") as source, pack_.open(_entry(name, at), "w", force_zip64=True) as sink:
                        while chunk := source.read(_CHUNK):
                            sink.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
    made.external_attr = 0o600 << 16
    return made


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --------------------------------------------------------------------------- reading


def unpack(source: Path, folder: Path) -> Manifest:
    """Check a backup from end to end while writing what it holds into an empty folder.

    Raises ArchiveWrong and OSError; the folder is the caller's to clear away then.
    """
    try:
        with zipfile.ZipFile(source) as pack_:
            entries = _entries(pack_.infolist(), source.stat().st_size)
            manifest = _manifest(_read(pack_, entries))
            if set(manifest.files) != entries.keys() - {MANIFEST}:
                raise ArchiveWrong("it does not hold what its manifest says")
            for name, digest in manifest.files.items():
                if _copied(pack_, entries[name], folder / name) != digest:
                    raise ArchiveWrong(f"{name} in it is damaged: the checksum is another one")
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, UnicodeError) as error:
        raise ArchiveWrong("it is no backup of counterwatch, or is damaged") from error
    return manifest


def _entries(found: Iterable[zipfile.ZipInfo], size: int) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name, if they are those of a backup and each is as large as it seems."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for one in found:
        name = one.filename
        if name not in (MANIFEST, DATABASE, *YAML):
            raise ArchiveWrong("it holds files that belong to no backup")
        if name in entries:
            raise ArchiveWrong(f"it holds {name} twice")
        if one.compress_type != zipfile.ZIP_STORED or one.flag_bits & 1 or one.file_size != one.compress_size:
            raise ArchiveWrong("it was packed by somebody else")
        entries[name] = one
    if DATABASE not in entries or MANIFEST not in entries:
        raise ArchiveWrong("it is no backup of counterwatch")
    limits = {MANIFEST: _LARGEST_MANIFEST, DATABASE: size}
    for name, one in entries.items():
        if one.file_size > limits.get(name, _LARGEST_YAML):
            raise ArchiveWrong(f"{name} in it is too large")
    return entries


def _read(pack_: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> bytes:
    with pack_.open(entries[MANIFEST]) as file:
        return file.read(_LARGEST_MANIFEST + 1)


def _manifest(text: bytes) -> Manifest:
    with suppress(orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        said: dict[str, Any] = orjson.loads(text)
        if said["format"] != FORMAT:
            raise ArchiveWrong("it was made by a newer program: install that one")
        files = said["files"]
        texts = (said["program"], said["schema"], said["instance"], *files, *files.values())
        at = datetime.fromisoformat(said["at"])
        if all(isinstance(one, str) for one in texts) and all(map(_SHA256.match, files.values())) and at.tzinfo:
            return Manifest(said["program"], said["schema"], said["instance"], at, files)
    raise ArchiveWrong("its manifest cannot be read")


def _copied(pack_: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> str:
    """Write a member out and return its digest."""
    sum_ = hashlib.sha256()
    sink: BinaryIO
    with (
        pack_.open(entry) as source,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink,
    ):
        while chunk := source.read(_CHUNK):
            sum_.update(chunk)
            sink.write(chunk)
    return sum_.hexdigest()
