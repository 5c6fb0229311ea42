"""What a watcher may raise when it cannot answer."""

from __future__ import annotations

from monitor.model import Outcome


class SourceTrouble(Exception):  # noqa: N818 - they say what happened
    """What a watcher may raise when it cannot answer. `reason` is one plain sentence without secrets."""

    outcome = Outcome.DOWN

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after  # seconds the source asked us to wait


class SourceDown(SourceTrouble):
    """Try later: refused connection, time-out, 5xx, a cut body."""


class SourceBlocked(SourceTrouble):
    """We were turned away: 401, 403, 429, a captcha or maintenance page, shed load."""

    outcome = Outcome.BLOCKED

    def __init__(self, reason: str, *, retry_after: float | None = None, credential: bool = False) -> None:
        super().__init__(reason, retry_after=retry_after)
        self.credential = credential  # our key was refused: a person must act


class SourceDrifted(SourceTrouble):
    """The structure is not the one we know: nothing changes, people are told."""

    outcome = Outcome.DRIFTED


class NotListed(Exception):  # noqa: N818
    """The source answered properly: it does not know this customer."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
