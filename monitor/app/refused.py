"""The one error of the commands: a person asked for something that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.judge.words import Voice


class Refused(Exception):  # noqa: N818 - it says what happened
    """`what` names the sentence in the texts (`cli.refused.…`), which says what to do; `facts` fill it."""

    def __init__(self, what: str, **facts: Any) -> None:
        super().__init__(what)
        self.what = what
        self.facts = facts

    def told(self, voice: Voice) -> str:
        """Return one clear sentence."""
        return voice.say(f"cli.refused.{self.what}", **self.facts)
