"""Whether what one source says in one way of many customers is a flood: then it is told as one message."""

from __future__ import annotations

from monitor.policy import Flood


def flooded(customers: int, watched: int, limits: Flood) -> bool:
    """Return whether so many customers, of so many the source watches, are too many to be told one by one."""
    return customers > max(limits.least, limits.share * watched)
