"""What an edit of the watchlist means: which vanished id goes on under which new one."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol


class Known(Protocol):
    """A customer, as a file or the store knows it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def ids(self) -> Mapping[str, str]: ...


def heirs(vanished: Iterable[Known], appeared: Iterable[Known]) -> dict[str, str]:
    """Return, for each vanished id that is the same company as one that appeared, the new id.

    An identifier in common decides, else name and country. Two that state different numbers of one scheme are two
    companies, whatever else agrees. Where more than one would fit, nobody can tell, so none inherits.
    """
    left = {one.id: one for one in vanished}
    new = {one.id: one for one in appeared}
    found: dict[str, str] = {}
    for alike in (
        lambda a, b: _numbers(a, b) and _called(a) == _called(b),
        _numbers,
        lambda a, b: _called(a) == _called(b),
    ):
        for old, heir in _pairs(left.values(), new.values(), alike):
            found[old] = heir
            del left[old], new[heir]
    return found


def _pairs(
    vanished: Iterable[Known], appeared: Iterable[Known], alike: Callable[[Known, Known], bool]
) -> list[tuple[str, str]]:
    """Return the pairs that are alike, each side in no other pair."""
    by_mark: dict[tuple[str, str], list[Known]] = {}
    for one in appeared:
        for mark in _marks(one):
            by_mark.setdefault(mark, []).append(one)
    found = {
        (old.id, new.id)
        for old in vanished
        for mark in _marks(old)
        for new in by_mark.get(mark, ())
        if not _differing(old, new) and alike(old, new)
    }
    olds, news = Counter(old for old, _ in found), Counter(new for _, new in found)
    return sorted((old, new) for old, new in found if olds[old] == 1 and news[new] == 1)


def _marks(one: Known) -> list[tuple[str, str]]:
    """Return by what a company may be recognised."""
    return [*one.ids.items(), _called(one)]


def _called(one: Known) -> tuple[str, str]:
    return one.country, " ".join(unicodedata.normalize("NFKC", one.name).casefold().split())


def _numbers(one: Known, other: Known) -> bool:
    return not one.ids.items().isdisjoint(other.ids.items())


def _differing(one: Known, other: Known) -> bool:
    return any(other.ids.get(scheme, number) != number for scheme, number in one.ids.items())
