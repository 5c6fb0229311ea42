"""Tell which paragraph of today's page is which of yesterday's, so that an edit is an edit and an insertion moves nothing."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from rapidfuzz import fuzz

from watchers.web._letters import digest, fold
from watchers.web._noise import only_the_day_moved
from watchers.web._paragraphs import Paragraph

_FORMAT = "1"
_PARTS = 6  # of a cursor: format, day, end, digest, raw, and the rest packed
_MISSES = 9  # looks for which a paragraph that is gone is remembered: by then its removal is settled
_MOST_GONE = 500
_ALIKE = 60.0  # of 100: an edit, if it stands in the same place
_MOVED = 90.0  # an edit of a paragraph that was moved as well
_ALONE = 30.0  # an edit, if nothing else at that place came or went
_LIST = 5  # paragraphs that stay, or it is no list of the newest things
_LONG = 40  # characters; shorter lines are alike too easily
_MOST_PAIRS = 250_000
_PERIOD = timedelta(days=90)  # within which a falling rating counts
_FALL = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Kept:
    """A paragraph as it was told; `misses` counts the looks since it was last there."""

    key: str
    block: str
    text: str
    misses: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a page from look to look: paragraphs, and how its ratings stood in the last ninety days.

    seen: day of the last good look. ended: whether the document had its end. digest: of what was told. raw: of what
    was read for it, before anything was left out.
    """

    seen: date | None = None
    ended: bool = False
    digest: str = ""
    raw: str = ""
    paragraphs: tuple[Kept, ...] = ()
    ratings: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str | None, *, whole: bool = True) -> Known:
        """Return what a cursor holds, or only its head (neither paragraphs nor ratings); nothing if it is none of ours."""
        parts = (cursor or "").split(" ", _PARTS - 1)
        if len(parts) != _PARTS or parts[0] != _FORMAT:
            return cls()
        try:
            head = cls(date.fromisoformat(parts[1]), parts[2] == "e", parts[3], parts[4])
            if not whole:
                return head
            held = orjson.loads(zlib.decompress(base64.b85decode(parts[5])))
            return replace(
                head,
                paragraphs=tuple(Kept(*one) for one in held["p"]),
                ratings={key: tuple((day, value) for day, value in points) for key, points in held["r"].items()},
            )
        except (ValueError, zlib.error, binascii.Error, KeyError, TypeError):
            return cls()

    def written(self) -> str:
        """Return the cursor to hand back."""
        held: dict[str, Any] = {
            "p": [[one.key, one.block, one.text, one.misses] for one in self.paragraphs],
            "r": {key: list(points) for key, points in self.ratings.items()},
        }
        packed = base64.b85encode(zlib.compress(orjson.dumps(held), 6)).decode("ascii")
        seen = self.seen.isoformat() if self.seen else "0001-01-01"
        return " ".join((_FORMAT, seen, "e" if self.ended else "-", self.digest or "-", self.raw or "-", packed))


def touched(cursor: str | None, today: date) -> str | None:
    """Return the cursor with the day of another good look."""
    parts = (cursor or "").split(" ", 2)
    if len(parts) != 3 or parts[0] != _FORMAT or parts[1] == today.isoformat():
        return cursor
    return f"{_FORMAT} {today.isoformat()} {parts[2]}"


# --------------------------------------------------------------------------- paragraphs


@dataclass(frozen=True, slots=True)
class Matched:
    """Today's paragraphs under their keys, what to remember, and how many of yesterday's are still there.

    rolled: what fell off the far end of a list because something new came at its near end.
    """

    told: tuple[Kept, ...]
    rolled: tuple[Kept, ...]
    remember: tuple[Kept, ...]
    were: int
    still: int


def match(found: Iterable[Paragraph], before: Sequence[Kept], now: datetime) -> Matched:
    """Give every paragraph its key: that of the same text before, of the text it was made from, or a new one.

    A text that stands on the page several times counts once. Order and headings may change without any effect. What
    reads the same but for spelling, or is a clock, keeps yesterday's spelling.
    """
    today = _distinct(found)
    pairs = _same(today, before)
    _edited(today, before, pairs)
    used = {one.key for one in before}
    told: list[Kept] = []
    for at, one in enumerate(today):
        old = before[pairs[at]] if at in pairs else None
        if old is None:
            told.append(Kept(_new_key(one, used), one.block, one.text))
        elif _reads_the_same(old, one, now):
            told.append(replace(old, block=one.block, misses=0))
        else:
            told.append(Kept(old.key, one.block, one.text))
    taken = set(pairs.values())
    gone = [replace(old, misses=old.misses + 1) for at, old in enumerate(before) if at not in taken]
    lasting = sorted((one for one in gone if one.misses <= _MISSES), key=lambda one: one.misses)[:_MOST_GONE]
    were = [at for at, old in enumerate(before) if not old.misses]
    rolled = tuple(before[at] for at in sorted(_rolled(today, before, pairs)))
    return Matched(tuple(told), rolled, (*told, *lasting), len(were), sum(at in taken for at in were))


def _rolled(today: Sequence[Paragraph], before: Sequence[Kept], pairs: Mapping[int, int]) -> set[int]:
    """Return which of yesterday's paragraphs only made room in a list of the newest things; a long list, to be sure."""
    lists: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for at, new in enumerate(today):
        lists[_list_of(new.block)][0].append(at)
    for at, old in enumerate(before):
        if not old.misses:
            lists[_list_of(old.block)][1].append(at)
    taken, rolled = set(pairs.values()), set[int]()
    for now, then in lists.values():
        come, gone = [at in pairs for at in now], [at in taken for at in then]
        if sum(gone) < _LIST or all(come) or all(gone):
            continue
        first, last = come.index(True), len(come) - 1 - come[::-1].index(True)
        start, end = gone.index(True), len(gone) - 1 - gone[::-1].index(True)
        if first and not start:
            rolled.update(then[end + 1 :][: first + 1])  # the newest stands first
        elif last + 1 < len(come) and end + 1 == len(gone):
            rolled.update(then[:start][-(len(come) - last) :])
    headlines = {before[at].text[:120] for at in rolled}
    return rolled | {
        at
        for at, old in enumerate(before)
        if at not in taken and not old.misses and old.block and old.block in headlines
    }


def _list_of(block: str) -> str:
    """Return the list an item of a JSON document belongs to; under a heading all paragraphs are one list."""
    return block.partition("[")[0] + "[" if block.endswith("]") else block


def _distinct(found: Iterable[Paragraph]) -> list[Paragraph]:
    once: dict[tuple[str, str], Paragraph] = {}
    for one in found:
        once.setdefault((one.block if one.slot else "", fold(one.text) or one.text), one)
    return list(once.values())


def _reads_the_same(old: Kept, new: Paragraph, now: datetime) -> bool:
    if "\ufffd" in old.text:
        return False
    return old.text == new.text or _folded(old.text) == _folded(new.text) or only_the_day_moved(old.text, new.text, now)


def _folded(text: str) -> str:
    return fold(text) or text


def _same(today: Sequence[Paragraph], before: Sequence[Kept]) -> dict[int, int]:
    """Pair equal texts; of several, one under the same heading and not gone before."""
    places: dict[str, deque[int]] = defaultdict(deque)
    for at, old in sorted(enumerate(before), key=lambda pair: pair[1].misses):
        places[_folded(old.text)].append(at)
    pairs: dict[int, int] = {}
    for at, new in enumerate(today):
        rivals = places.get(_folded(new.text))
        if rivals:
            best = next((old for old in rivals if before[old].block == new.block), None if new.slot else rivals[0])
            if best is not None:
                rivals.remove(best)
                pairs[at] = best
    return pairs


def _edited(today: Sequence[Paragraph], before: Sequence[Kept], pairs: dict[int, int]) -> None:
    """Pair what was edited: at a place of its own, or alike and between the same neighbours."""
    new = [at for at in range(len(today)) if at not in pairs]
    taken = set(pairs.values())
    old = [at for at in range(len(before)) if at not in taken and not before[at].misses]
    slots = {before[at].block: at for at in old}
    for at in new:
        if today[at].slot and today[at].block in slots:
            pairs[at] = slots.pop(today[at].block)
    taken = set(pairs.values())
    new = [at for at in new if at not in pairs and not today[at].slot]
    old = [at for at in old if at not in taken]
    if not new or not old or len(new) * len(old) > _MOST_PAIRS:
        return
    gaps_now, gaps_then = _gaps(today, pairs), _gaps_before(before, set(pairs.values()))
    news, olds = defaultdict(list), defaultdict(list)
    for at in new:
        news[gaps_now[at]].append(at)
    for at in old:
        olds[gaps_then[at]].append(at)
    scored: list[tuple[float, int, int]] = []
    for at in new:
        for was in old:
            here = gaps_now[at] == gaps_then[was]
            score = fuzz.ratio(_folded(today[at].text), _folded(before[was].text))
            alone = here and len(news[gaps_now[at]]) == 1 and len(olds[gaps_then[was]]) == 1
            least = _ALONE if alone else _ALIKE if here else _MOVED
            if score >= least and (here or len(today[at].text) >= _LONG):
                scored.append((score + (10 if here else 0), at, was))
    for _, at, was in sorted(scored, key=lambda one: (-one[0], one[1], one[2])):
        if at not in pairs and was not in taken:
            pairs[at] = was
            taken.add(was)


def _gaps(today: Sequence[Paragraph], pairs: Mapping[int, int]) -> list[int]:
    """Return for each of today's paragraphs the last of yesterday's that stands before it."""
    last, found = -1, []
    for at in range(len(today)):
        last = pairs.get(at, last)
        found.append(last)
    return found


def _gaps_before(before: Sequence[Kept], paired: set[int]) -> list[int]:
    last, found = -1, []
    for at in range(len(before)):
        if at in paired:
            last = at
        found.append(last)
    return found


def _new_key(one: Paragraph, used: set[str]) -> str:
    """Return a key made of the text itself: whoever sees it first on another machine finds the same."""
    base = digest(f"{one.block if one.slot else ''}\n{_folded(one.text)}")
    key, more = base, 2
    while key in used:
        key, more = f"{base}-{more}", more + 1
    used.add(key)
    return key


# --------------------------------------------------------------------------- ratings


def followed(
    points: Sequence[tuple[str, str]], value: str, today: date
) -> tuple[tuple[tuple[str, str], ...], str | None]:
    """Return a rating's course with today's value, and the value it fell from if it fell by half a point bit by bit.

    A fall in one step is left to the comparison of records. After a fall the course begins anew.
    """
    since = (today - _PERIOD).isoformat()
    before = [point for at, point in enumerate(points) if point[0] >= since or at + 1 == len(points)]
    now = (today.isoformat(), value)
    if before and before[-1][1] == value:
        return tuple(before), None
    highest = max((_number(point[1]) for point in before), default=_number(value))
    last = _number(before[-1][1]) if before else highest
    fell = highest - _number(value) >= _FALL
    if fell and last - _number(value) < _FALL:
        return (now,), str(highest)
    return ((now,) if fell else (*before[-60:], now)), None


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)
