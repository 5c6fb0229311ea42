"""`evidence EVENT --export ZIP`: what stands behind an event, for somebody who has nothing but sha256sum.

Every file's hash stands in MANIFEST.sha256. A raw answer is named by its own hash; a row of the audit log is a file
whose hash is the row's place in the chain; what a row vouches for is a file whose hash stands in the row.
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from monitor.app import speech, views
from monitor.app.refused import Refused
from monitor.app.show import rfc3339
from monitor.edge import chain
from monitor.edge.chain import Row
from monitor.edge.http.masks import masked, secret_name, spellings
from monitor.edge.store import audit, read
from monitor.edge.store.codec import StoredEvent
from monitor.model import Evidence

MANIFEST = "MANIFEST.sha256"
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


def gather(conn: Connection, found: StoredEvent, secrets: Iterable[str], now: datetime) -> dict[str, bytes]:
    """Return the files of an export by name, the manifest last. `secrets`: our credentials; none of them gets out."""
    event = found.event
    hidden = spellings(secrets)
    digests = [one for one in event.evidence if _SHA256.match(one)]
    kept = [one for digest in digests if (one := read.evidence_of(conn, digest)) is not None]
    alerts = read.alerts(conn, customer=event.customer, event=event.id)
    files = {"event.json": _json(views.event(found))}
    if alerts:
        files["alerts.json"] = _json([views.alert(one) for one in alerts])
    for one in kept:
        files |= _answer(one, hidden)
    for name, body in _audit(conn, event.id, digests, [one.id for one in alerts]):
        if not any(secret.encode() in body for secret in hidden):
            files[name] = body
    gone = [digest for digest in digests if digest not in {one.sha256 for one in kept}]
    head = audit.head(conn)
    facts = {
        "event": event.id,
        "at": rfc3339(now),
        "answers": len(kept),
        "gone": len(gone) or None,
        "number": head.number,
        "hash": head.hash,
    }
    files["README.txt"] = speech.voice("en").say("cli.proof.readme", **facts).encode()
    files["README.zh.txt"] = speech.voice("zh").say("cli.proof.readme", **facts).encode()
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(files.items()))
    return {**files, MANIFEST: sums.encode()}


def _answer(one: Evidence, secrets: tuple[str, ...]) -> dict[str, bytes]:
    body = one.body
    for secret in secrets:
        body = body.replace(secret.encode(), b"***")
    # An answer that repeats our key is handed out without it, and is then no longer the one its name speaks of.
    name = f"evidence/{one.sha256}" + ("" if body == one.body else ".masked")
    about = {
        "sha256": one.sha256,
        "file": name,
        "source": one.source,
        "url": masked(one.url, secrets),
        "status": one.status,
        "media_type": one.media_type,
        "bytes": len(one.body),
        "fetched_at": rfc3339(one.fetched_at),
        "headers": {key: masked(value, secrets) for key, value in sorted(one.headers.items()) if not secret_name(key)},
    }
    return {name: body, f"evidence/{one.sha256}.headers.json": _json(about)}


def _audit(conn: Connection, event: str, digests: list[str], alerts: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield each row that tells of these things as the page its hash is made of, and what it vouches for."""
    about = [("event", [event]), ("evidence", digests), ("alert", alerts)]
    rows = [row for kind, ids in about for row in audit.rows(conn, kind=kind, objects=ids)]
    salts = audit.salts(conn, [row.ref for row in rows if row.ref])
    last = {(row.kind, row.object): row.id for row in rows}
    index = []
    for row in sorted(rows, key=lambda one: (one.number is None, one.number, one.id)):
        if row.number is None or row.prev is None or row.sealed_at is None:
            index.append({"row": row.id, "sealed": False, "kind": row.kind, "what": row.what, "object": row.object})
            continue
        name = f"audit/{row.number:09d}"
        yield f"{name}.json", chain.row_page(row, row.number, row.prev, row.sealed_at)
        vouched = _vouched(conn, row, salts) if last[row.kind, row.object] == row.id else None
        if vouched is not None:
            yield f"{name}.content.json", vouched
        index.append({"number": row.number, "hash": row.hash, "kind": row.kind, "what": row.what, "object": row.object})
    yield "audit/index.json", _json(index)


def _vouched(conn: Connection, row: Row, salts: dict[str, tuple[str, str | None]]) -> bytes | None:
    """Return the page whose hash is the row's digest, if the thing is still there as it was."""
    salt = salts.get(row.ref or "", ("", None))[0]
    if row.kind not in audit.KINDS or not salt:
        return None
    said = audit.contents_of(conn, row.kind, row.object, row.what)
    page = None if said is None else chain.contents(salt, row.kind, said)
    return page if page is not None and hashlib.sha256(page).hexdigest() == row.digest else None


def write(target: Path, files: dict[str, bytes], now: datetime) -> None:
    """Write the files into a new zip that only its owner may read. Raises Refused; nothing is left behind then."""
    if target.is_dir():
        raise Refused("backup_folder", folder=target)
    if target.exists():
        raise Refused("export_there", file=target)
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        with (
            os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack,
        ):
            for name, body in files.items():
                entry = zipfile.ZipInfo(name, now.astimezone(UTC).timetuple()[:6])
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o600 << 16
                pack.writestr(entry, body)
        part.replace(target)
    except OSError as error:
        raise Refused("cannot_write", folder=target.parent, reason=error.strerror or type(error).__name__) from None
    finally:
        part.unlink(missing_ok=True)


def _json(said: Any) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_INDENT_2) + b"\n"
