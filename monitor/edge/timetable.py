"""The hours that counterwatch.yaml gives to channels: what cannot be kept, and what is hardly meant, with its line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from monitor.edge.yamldoc import Mistake, Node
from monitor.policy import Policy, Quiet

_OPEN = 120  # minutes of a day that quiet hours must leave


def mistakes(root: Node, file: str) -> list[Mistake]:
    """Return what is wrong with quiet hours and digest times, of `slack` and of each route, given the raw document.

    A time that is none is somebody else's to report.
    """
    slack = root.get("slack")
    routes = root.get("routes")
    entries = routes.value if routes is not None and isinstance(routes.value, list) else []
    return [one for entry in (slack, *entries) if entry is not None for one in _of(entry, slack, file)]


def _of(entry: Node, slack: Node | None, file: str) -> Iterator[Mistake]:
    written, digest = entry.get("quiet"), entry.get("digest_at")
    quiet = _quiet(written)
    if written is not None and quiet is not None:
        trouble = _unkept(quiet, written, file)
        if trouble is not None:
            yield trouble
            return
    at = _time(digest) or _time(_inherited(slack, "digest_at")) or Policy().digest_at
    quiet = quiet or _quiet(_inherited(slack, "quiet"))
    place = digest or written  # what neither says is said of slack
    if place is not None and quiet is not None and quiet.hold(at):
        message = f"the daily digest at {at:%H:%M} falls into the quiet hours, so it waits until {quiet.end:%H:%M}"
        yield Mistake(file, *place.place, message, f"write a digest_at from {quiet.end:%H:%M} on", "warning")


def _unkept(quiet: Quiet, written: Node, file: str) -> Mistake | None:
    if quiet.start == quiet.end:
        hint = 'write two times, such as {start: "20:00", end: "07:00"}; without quiet hours, leave the key out'
        return Mistake(file, *written.place, "quiet hours begin and end at the same time", hint)
    left = (_minutes(quiet.start) - _minutes(quiet.end)) % 1440
    if left < _OPEN:
        hint = "leave at least two hours of the day; only critical is sent in quiet hours"
        return Mistake(file, *written.place, f"quiet hours leave {left} minutes of the day", hint)
    return None


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _inherited(slack: Node | None, key: str) -> Node | None:
    return slack.get(key) if slack is not None else None


def _quiet(node: Node | None) -> Quiet | None:
    if node is None:
        return None
    start, end = _time(node.get("start")), _time(node.get("end"))
    return Quiet(start, end) if start is not None and end is not None else None


def _time(node: Node | None) -> time | None:
    try:
        return time.fromisoformat(str(node.value)) if node is not None else None
    except ValueError:
        return None
