"""When to look again: the interval, a phase that spreads the watches, back-off that never gives up."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta

from monitor.model import Outcome, Reason, Turn
from monitor.policy import Policy

_FIRST_WAIT = 300.0  # seconds; the first back-off, or the interval if that is shorter
_FRESH_CAP = 86_400.0  # a source may ask for a day of patience, not for more
_RETRY_CAP = 7 * 86_400.0  # a header that asks for a year would be giving up


def next_due(
    turn: Turn,
    every_seconds: float,
    outcome: Outcome,
    *,
    now: datetime,
    policy: Policy,
    retry_after: float | None = None,
    fresh_for: float | None = None,
    needs_second_look: bool = False,
    credential: bool = False,
) -> tuple[datetime, Reason]:
    """Return when this watch is due again (UTC) and the named reason.

    `retry_after` and `fresh_for` are seconds the source asked for; `credential` means our key was refused, which
    only a person can mend; `needs_second_look` that a removal waits to be confirmed.
    """
    if needs_second_look:
        return _in(now, policy.second_look, "second_look")
    if outcome.good:
        return _good(turn, every_seconds, now, fresh_for)
    if credential:
        return _in(now, policy.backoff_cap, "credential_refused")
    return _bad(turn, every_seconds, now, policy, retry_after)


def _good(turn: Turn, every: float, now: datetime, fresh_for: float | None) -> tuple[datetime, Reason]:
    due = _on_phase(turn, every, now)
    patience = min(_sane(fresh_for), _FRESH_CAP)
    if now + timedelta(seconds=patience) > due:
        return _in(now, patience, "still_fresh")
    return due, Reason("interval", {"seconds": every})


def _on_phase(turn: Turn, every: float, now: datetime) -> datetime:
    """The point of this watch's own rhythm that is nearest to one interval from now.

    Thousands of watches added in one minute so drift apart after the first look, and stay apart over restarts.
    """
    phase = _fraction(turn.source, turn.subject) * every
    wanted = now.timestamp() + every
    rounds = math.floor((wanted - phase) / every + 0.5)
    due = phase + rounds * every
    if due <= now.timestamp() + every / 2:  # rounding at the very edge of the half
        due += every
    return datetime.fromtimestamp(due, UTC)


def _bad(turn: Turn, every: float, now: datetime, policy: Policy, retry_after: float | None) -> tuple[datetime, Reason]:
    first = min(every, _FIRST_WAIT)
    ceiling = min(first * 2.0 ** min(turn.fails, 40), max(policy.backoff_cap, first))
    chance = _fraction(str(turn.watch), turn.source, turn.subject, str(turn.number))
    wait = first / 2 + chance * (ceiling - first / 2)
    asked = min(_sane(retry_after), _RETRY_CAP)
    if asked > wait:
        # A little later than asked, each watch a different little: the source asked for room, not for a stampede.
        return _in(now, asked + chance * min(asked / 10, 60.0), "retry_after")
    return now + timedelta(seconds=wait), Reason("backoff", {"seconds": wait, "fails": turn.fails + 1})


def stale_after(every: timedelta | float, policy: Policy) -> timedelta:
    """Return the silence after which a source counts as unseen: three intervals, within the policy's floor and cap."""
    seconds = every.total_seconds() if isinstance(every, timedelta) else every
    return timedelta(seconds=max(policy.stale_floor, min(3 * seconds, policy.stale_cap)))


def needs_full(turn: Turn, now: datetime, policy: Policy, version: int | None = None) -> bool:
    """Return whether this look must forget memory and validators.

    So it is for the first look, a second look, once a week, and when the watcher's `version` is not the snapshot's.
    """
    if turn.second_look or turn.baseline_at is None or turn.full_at is None:
        return True
    if version is not None and version != turn.version:
        return True
    return (now - turn.full_at).total_seconds() >= policy.full_every


def _in(now: datetime, seconds: float, name: str) -> tuple[datetime, Reason]:
    return now + timedelta(seconds=seconds), Reason(name, {"seconds": seconds})


def _sane(seconds: float | None) -> float:
    return max(0.0, seconds) if seconds is not None and not math.isnan(seconds) else 0.0


def _fraction(*words: str) -> float:
    """A number in [0, 1) that is always the same for the same words: chance that a test can repeat."""
    digest = hashlib.blake2b("\0".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
