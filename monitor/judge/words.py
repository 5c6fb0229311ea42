"""Sentences in a person's language: texts with placeholders, numbers, dates, money, countries; foreign text made harmless."""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import icu

from monitor.judge.money import Amount
from monitor.judge.playbook import Named
from monitor.judge.weigh import day_of
from monitor.model import Reason
from monitor.policy import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
_FACT = 240  # visible characters of one foreign value inside a sentence
_LIST = 8  # entries of a list inside a sentence


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of config/text/*.yaml, flattened (`money.open`), by language."""

    words: Mapping[Language, Mapping[str, str]]

    def has(self, key: str, language: Language) -> bool:
        return key in self.words[language]

    def raw(self, key: str, language: Language) -> str:
        """Return the sentence as written. Raises KeyError for a key that is not in the file."""
        return self.words[language][key]


def texts(documents: Mapping[Language, Mapping[str, Any]]) -> Texts:
    """Read the text files, given as plain nested data."""
    return Texts({language: dict(_flat(document)) for language, document in documents.items()})


def _flat(node: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, str]]:
    for name, value in node.items():
        key = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        else:
            yield key, str(value)


@dataclass(frozen=True, slots=True)
class Voice:
    """One reader: whose language, which zone, what year it is for them."""

    texts: Texts
    language: Language
    timezone: str
    now: datetime

    # ------------------------------------------------------------------ sentences

    def say(self, key: str, /, **facts: Any) -> str:
        """Return the sentence `key`, filled. Raises KeyError for an unknown key."""
        return self.fill(self.texts.raw(key, self.language), facts)

    def reason(self, prefix: str, reason: Reason) -> str:
        """Return a named reason in words; a name without a sentence is shown as it is rather than lost."""
        key = f"{prefix}.{reason.name}"
        if not self.texts.has(key, self.language):
            return clean(reason.name.replace("_", " "))
        return self.say(key, **reason.facts)

    def phrase(self, text: str) -> str:
        """Return a sentence that a lower floor says in English (`phrase.*` of the texts) in the reader's language.

        A sentence nobody knows stays as it is: better English than nothing.
        """
        if self.language == "en" or not text:
            return text
        parts = [(part, self._phrase(part)) for part in text.split("; ")]
        whole = None if all(told for _, told in parts) else self._phrase(text)  # a sentence may hold a `;` itself
        return whole or self.say("sep.part").join(told or part for part, told in parts)

    def _phrase(self, text: str) -> str | None:
        for key, template in self.texts.words["en"].items():
            if key.startswith("phrase.") and key != _PLACED and (found := _pattern(template).fullmatch(text)):
                return self.say(key, **{name: self._phrase(part) or part for name, part in found.groupdict().items()})
        said, _, where = text.removesuffix(")").rpartition(" (")
        known = self._phrase(said) if said and text.endswith(")") else None
        return self.say(_PLACED, said=known, place=where) if known else None

    def fill(self, template: str, facts: Mapping[str, Any]) -> str:
        """Fill {placeholders}. A part in [brackets] is said only if all its facts are known; a bare unknown one is `?`.

        `{customers:customer,customers}` chooses the word that goes with the number.
        """
        told = _OPTIONAL.sub(
            lambda part: part[1] if all(known(facts, n) for n in PLACE.findall(part[1])) else "", template
        )
        told = _PLURAL.sub(lambda place: place[2] if str(facts.get(place[1])) == "1" else place[3], told)
        return PLACE.sub(lambda place: self.shown(facts.get(place[1]), place[1]) or "?", told)

    # ------------------------------------------------------------------ values

    def shown(self, value: Any, name: str = "") -> str:
        """Return any fact as words, harmless: cleaned, one line, cut to a readable length."""
        if value is None or isinstance(value, bool):
            return "" if value is None else self.say("word.yes" if value else "word.no")
        if isinstance(value, Amount):
            return self.money(value.value, value.currency)
        if isinstance(value, Decimal | int):
            return self._figure(value, name)
        if isinstance(value, float):
            return self.percent(Decimal(str(value))) if name == "confidence" else self.number(Decimal(str(value)))
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, Named):
            return self.say(f"role.{value.key}")
        if isinstance(value, Mapping):
            return self._parts(value)
        if isinstance(value, Sequence | frozenset | set) and not isinstance(value, str):
            return self.joined([self.shown(inner, name) for inner in value])
        return self._text(str(value), name)

    def _parts(self, value: Mapping[str, Any]) -> str:
        """An amount as money; anything else (an address) as its parts."""
        try:
            return self.money(Decimal(str(value["amount"])), str(value["currency"]))
        except (KeyError, InvalidOperation):
            return ", ".join(told for inner in value.values() if (told := self.shown(inner)))

    def _figure(self, value: Decimal | int, name: str) -> str:
        if name == "share" and 0 <= value <= 1:
            return self.percent(value)
        return str(value) if name in _NUMBERS_AS_NAMES else self.number(value)

    def _text(self, value: str, name: str) -> str:
        known_word = f"{_WORDS.get(name, f'word.{name}')}.{value}"
        if name and self.texts.has(known_word, self.language):
            return self.say(known_word)
        if _ISO.fullmatch(value) and day_of(value):
            return self.both_days(value)
        if name in _SENTENCES:
            value = self.phrase(value)
        return cut(clean(value), _FACT)

    def number(self, amount: Decimal | int) -> str:
        """Return thousands with commas; cents only below a thousand."""
        value = Decimal(amount)
        if not value.is_finite():
            return "?"
        whole = value == value.to_integral_value() or abs(value) >= 1000
        return f"{value.quantize(Decimal(1) if whole else Decimal('0.01'), ROUND_HALF_UP):,}"

    def money(self, amount: Decimal, currency: str) -> str:
        name = self._currency(currency)
        return f"{name} {self.number(amount)}" if self.language == "en" else f"{self.number(amount)} {name}"

    def _currency(self, code: str) -> str:
        key = f"currency.{code}"
        return self.say(key) if self.texts.has(key, self.language) else clean(code)

    def percent(self, share: Decimal | int) -> str:
        value = (Decimal(share) * 100).normalize()
        digits = f"{value:f}" if value == value.to_integral_value() else f"{value:.1f}"
        return f"{digits} %" if self.language == "en" else f"{digits}%"

    def day(self, day: date) -> str:
        """Return `2 Nov` or `11月2日`, with the year when it is not this one. A datetime is told in the reader's zone."""
        if isinstance(day, datetime):
            day = day.astimezone(ZoneInfo(self.timezone)).date()
        this_year = day.year == self.now.astimezone(ZoneInfo(self.timezone)).year
        if self.language == "zh":
            return f"{day.month}月{day.day}日" if this_year else f"{day.year}年{day.month}月{day.day}日"
        told = f"{day.day} {_MONTHS[day.month - 1]}"
        return told if this_year else f"{told} {day.year}"

    def both_days(self, text: str) -> str:
        """Return the date of a plain date or RFC 3339 text as the source states it, and the reader's own if it differs."""
        stated = day_of(text)
        if stated is None:
            return cut(clean(text), _FACT)
        if len(text) <= 10:
            return self.day(stated)
        moment = datetime.fromisoformat(text)
        here = moment.astimezone(ZoneInfo(self.timezone)).date() if moment.tzinfo else stated
        if here == stated:
            return self.day(stated)
        return self.say("date.both", there=self.day(stated), here=self.day(here))

    def moment(self, when: datetime) -> str:
        local = when.astimezone(ZoneInfo(self.timezone))
        return f"{self.day(local.date())} {local:%H:%M}"

    def country(self, code: str) -> str:
        """Return the short name of a country (UK, 英国); a code nobody knows as it is."""
        key = f"country.{code}"
        if self.texts.has(key, self.language):
            return self.say(key)
        return clean(_country(code, self.language)) or clean(code)

    def joined(self, parts: Sequence[str]) -> str:
        """Return a list in words, long ones cut: `a, b and c` or `a、b、c`."""
        told = [part for part in parts if part]
        more = len(told) - _LIST
        if more > 0:
            return self.say("list.more", list=self.say("list.comma").join(told[:_LIST]), more=more)
        if len(told) < 2:
            return "".join(told)
        return self.say("list.comma").join(told[:-1]) + self.say("list.and") + told[-1]


_NUMBERS_AS_NAMES = frozenset({"year", "period", "number", "case", "entry"})  # 2026, never 2,026
_WORDS = {"old": "word.status", "new": "word.status", "from": "level", "to": "level", "level": "level", "cap": "level"}
_SENTENCES = frozenset({"cause", "reason"})  # facts that hold a sentence of a lower floor
_PLACED = "phrase.with"
PLACE = re.compile(r"\{(\w+)\}")
_PLURAL = re.compile(r"\{(\w+):([^,{}]*),([^{}]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=512)
def _pattern(template: str) -> re.Pattern[str]:
    """Return what a sentence with its places filled looks like."""
    parts = PLACE.split(template)  # text, name, text, name, …
    made = (re.escape(part) if n % 2 == 0 else f"(?P<{part}>.+?)" for n, part in enumerate(parts))
    return re.compile("".join(made), re.DOTALL)


def complete(template: str, facts: Mapping[str, Any]) -> bool:
    """Return whether every placeholder outside [brackets] has its fact."""
    return all(known(facts, name) for name in PLACE.findall(_OPTIONAL.sub("", template)))


def known(facts: Mapping[str, Any], name: str) -> bool:
    """Return whether a fact is there and says something."""
    value = facts.get(name)
    if value is None or (isinstance(value, str | Sequence | Mapping) and not value):
        return False
    return bool(clean(value)) if isinstance(value, str) else True


@lru_cache(maxsize=512)
def _country(code: str, language: Language) -> str:
    if not re.fullmatch(r"[A-Z]{2}", code):
        return code
    return str(icu.Locale("", code).getDisplayCountry(icu.Locale(language)))


# --------------------------------------------------------------------------- foreign text

# Invisible though not of category C: Hangul fillers, the combining grapheme joiner, the Mongolian and Khmer ones,
# the braille blank, and the variation selectors beyond the emoji pair, which can carry hidden text.
_UNSEEN = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0xE0100, 0xE01F0)})


class _Kept(dict[int, str]):
    """What each character becomes, worked out once: itself, a blank, or nothing."""

    def __missing__(self, point: int) -> str:
        kind = unicodedata.category(chr(point))
        if kind in ("Zs", "Zl", "Zp") or chr(point) in "\t\n\r\v\f\x85":
            kept = " "
        elif kind in ("Cc", "Cf", "Cs", "Cn", "Co") or point in _UNSEEN:
            kept = ""
        else:
            kept = chr(point)
        return self.setdefault(point, kept)


_KEPT = _Kept()


def clean(text: str) -> str:
    """Return the text in one line without controls, bidi marks, zero-widths, surrogates and other invisibles."""
    return " ".join(text.translate(_KEPT).split())


def cut(text: str, most: int) -> str:
    """Return at most `most` UTF-16 units (as Slack counts), cut between graphemes, ending in `… (+N more)`."""
    if width(text) <= most:
        return text
    ends = graphemes(text)
    room = most - len(f"… (+{len(ends)} more)")  # the tail as long as it can get
    kept = bisect.bisect_right(ends, max(0, room))
    head = text.encode("utf-16-le", "surrogatepass")[: 2 * ends[kept - 1]] if kept else b""
    return head.decode("utf-16-le", "surrogatepass") + f"… (+{len(ends) - kept} more)"


def width(text: str) -> int:
    """Return the length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> list[int]:
    """Return where each character as a reader counts them ends, in UTF-16 units."""
    breaks = icu.BreakIterator.createCharacterInstance(icu.Locale.getRoot())
    breaks.setText(text)
    return list(breaks)
