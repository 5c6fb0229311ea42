"""What a status that is no answer means: refused, asked to wait, or not working."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from monitor.watcher import SourceBlocked, SourceDown, SourceTrouble

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_WAIT = 86_400.0  # seconds; a source that asks for more is asked again after a day all the same

_SECONDS = re.compile(r"^[0-9]{1,9}(\.[0-9]{1,9})?$")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds the source asked us to wait, at most a day; None if it said nothing or nothing sensible."""
    said = headers.get("Retry-After", "").strip()
    if _SECONDS.match(said):
        return min(float(said), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    seconds = (until - now).total_seconds()
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None


def sheds_load(status: int, headers: Mapping[str, str]) -> bool:
    """Say whether the whole host wants less of us, whoever the customer is."""
    return status == 429 or (status == 503 and "Retry-After" in headers)


def trouble(status: int, headers: Mapping[str, str], host: str, now: datetime, *, with_key: bool) -> SourceTrouble:
    """Return what a status outside the expected ones means. `with_key`: the request carried a credential."""
    wait = retry_after(headers, now)
    if sheds_load(status, headers):
        return SourceBlocked(f"{host} asks us to come back later ({status})", retry_after=wait)
    if status == 401 or (status == 403 and with_key):
        what = "refused our credential" if with_key else "wants a credential"
        return SourceBlocked(f"{host} {what} ({status})", retry_after=wait, credential=True)
    if status in (403, 451):
        return SourceBlocked(f"{host} refused us ({status})", retry_after=wait)
    if status in (404, 410):
        return SourceDown(f"{host} has no such page ({status})", retry_after=wait)
    if status >= 500:
        return SourceDown(f"{host} is in trouble ({status})", retry_after=wait)
    return SourceDown(f"{host} answered with status {status}", retry_after=wait)
