"""The taxonomy's words for an event type, in the form the renderer takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.judge.taxonomy import EventType
from monitor.policy import Language


@dataclass(frozen=True, slots=True)
class Said:
    """A noun phrase and the sentence that continues `<Customer> (<country>): …`, by language."""

    label: Mapping[Language, str]
    says: Mapping[Language, str]

    @classmethod
    def of(cls, info: EventType) -> Said:
        languages: tuple[Language, ...] = ("en", "zh")
        return cls({one: info.texts[one].label for one in languages}, {one: info.texts[one].says for one in languages})
