"""Read a headline: which event it reports, at what stage, and in which part the customer appears."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.judge import names
from monitor.judge.taxonomy import ROLES, STAGES, Named, Polarity

LONGEST = 600  # characters of a headline or lead that are read


class LexiconError(Exception):
    """The lexicon cannot be read. The text is one plain sentence that names the entry."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing a headline can report; `words` finds it, by language."""

    id: str
    event: str
    stage: str
    words: Mapping[str, Words]
    rumour: str | None = None  # what it is called while it is only a rumour
    acting: tuple[str, str] | None = None  # event and role if the customer is the one who acts


@dataclass(frozen=True, slots=True)
class Found:
    """A kind found in a text, and where."""

    kind: Kind
    start: int
    end: int
    text: str  # the folded text it was found in
    language: str


class Lexicon:
    """The words of config/lexicon.yaml, ready to read headlines."""

    def __init__(
        self,
        kinds: Sequence[Kind],
        *,
        traps: Mapping[str, Words],
        rumour: Mapping[str, Words],
        reversed_: Mapping[str, Words],
        languages: Mapping[str, frozenset[str]],
    ) -> None:
        self.kinds = tuple(kinds)
        self._traps, self._rumour, self._reversed, self._languages = traps, rumour, reversed_, languages

    @classmethod
    def from_mapping(cls, doc: Mapping[str, Any]) -> Lexicon:
        """Read the document of config/lexicon.yaml; raise LexiconError with the entry's name for anything unsound.

        A phrase is read when the first text in its language comes; `check` reads all.
        """
        if strange := doc.keys() - {"version", "languages", "traps", "rumour", "reversed", "kinds"}:
            raise LexiconError(f"the lexicon: no key {sorted(map(str, strange))[0]!r}")
        languages = {
            str(language): frozenset(names.fold(str(word)) for word in _list(words, f"languages: {language}"))
            for language, words in _mapping(doc.get("languages"), "languages").items()
        }
        return cls(
            [_kind(entry) for entry in _list(doc.get("kinds"), "kinds")],
            traps=_patterns(doc.get("traps"), "traps"),
            rumour=_patterns(doc.get("rumour"), "rumour"),
            reversed_=_patterns(doc.get("reversed"), "reversed"),
            languages=languages,
        )

    def check(self) -> None:
        """Raise LexiconError if any phrase is unsound."""
        for group in (*(kind.words for kind in self.kinds), self._traps, self._rumour, self._reversed):
            for words in group.values():
                words.check()

    def classify(self, title: str, summary: str, language: str | None, *, about: str = "") -> Named | None:
        """Return what the item reports, or None if nothing that matters.

        The gravest thing the headline says counts; the lead is read only if the headline says nothing.
        `language` is a code such as `en` or `pt-BR`; if it is missing or unknown to us, the words tell. `about` is the
        customer's name as the text has it: with it the part the customer plays is seen (X sues, sued by X).
        A headline alone is never final.
        """
        name = names.fold(about)
        found = (self._suing(title, language, name) if name else None) or self.find(title, summary, language)
        if found is None:
            return None
        kind = found.kind
        event, stage, role = kind.event, kind.stage, None
        if kind.acting and name and _acts(found, name):
            event, role = kind.acting
        if self._says(self._reversed, found):
            stage = "reversed"
            event = kind.rumour or event  # what is denied is no more than a rumour
        elif self._says(self._rumour, found):
            stage = "rumour"
            event = kind.rumour or event
        polarity: Polarity = "negative"
        if stage == "reversed" or event == "med.growth":
            polarity = "positive"
        elif event == "gov.director_joined":
            polarity = "neutral"
        story = _story(title, about)
        return Named(
            type=event,
            stage=stage,
            natural_key=(story,),
            facts={"title": names.clean(title)[:LONGEST], "story": story, "kind": kind.id},
            polarity=polarity,
            role=role,
        )

    def find(self, title: str, summary: str, language: str | None) -> Found | None:
        """Return the gravest kind the headline names, or else the lead, and where."""
        return self._first(title, language, self.kinds) or self._first(summary, language, self.kinds)

    def _first(self, source: str, language: str | None, kinds: Iterable[Kind]) -> Found | None:
        text = names.fold(source[:LONGEST])
        spoken = self._language(text, language)
        if trap := self._traps.get(spoken):
            text = trap.without(text)
        for kind in kinds:
            pattern = kind.words.get(spoken)
            if pattern is not None and (hit := pattern.search(text)):
                return Found(kind, hit.start(), hit.end(), text, spoken)
        return None

    def _suing(self, title: str, language: str | None, name: str) -> Found | None:
        """Return the suit the customer brings: then what it sues over happened to it, it did not do it."""
        bringing = [kind for kind in self.kinds if kind.acting and kind.acting[1] == "plaintiff"]
        found = self._first(title, language, bringing)
        return found if found is not None and _acts(found, name) else None

    def _says(self, words: Mapping[str, Words], found: Found) -> bool:
        pattern = words.get(found.language)
        return pattern is not None and bool(pattern.search(found.text))

    def _language(self, text: str, stated: str | None) -> str:
        """Return the language to read the text in: its script decides, then what the source says, then its small words."""
        if re.search("[\u3040-\u30ff]", text):
            return "ja"
        if re.search("[\u4e00-\u9fff]", text):
            return "ja" if stated and stated.lower().startswith("ja") else "zh"
        short = (stated or "").lower().replace("_", "-").split("-")[0]
        if short in self._languages:
            return short
        words = text.split()
        counts = {language: sum(word in small for word in words) for language, small in self._languages.items()}
        best = max(counts, key=lambda language: counts[language], default="en")
        return best if counts and counts[best] > counts.get("en", 0) else "en"


def _acts(found: Found, about: str) -> bool:
    """Return whether the customer is the one who does it: `X sues`, `sued by X`, `X to buy`."""
    place = f" {found.text} ".find(f" {about} ")
    if place < 0:
        return False
    if place + len(about) <= found.start:
        between = found.text[place + len(about) : found.start].split()
        after = found.text[found.end :].split()
        passive = {"be", "been", "being", "is", "was", "gets", "got", "by", "to be"} & set(between)
        return (
            len(between) <= 3
            and not passive
            and after[:1] != ["by"]
            and " by " not in found.text[found.start : found.end]
        )
    before = found.text[found.start : place].split()
    return before[-1:] in (["by"], ["von"], ["par"], ["por"])


def _story(title: str, about: str) -> str:
    """Return what makes two headlines one: their words without the outlet behind the last dash and the customer's name."""
    text = names.fold(re.sub(r"\s[-–—|]\s[^-–—|]{2,40}$", "", title[:LONGEST]))
    name = names.fold(about)
    told = " ".join(f" {text} ".replace(f" {name} ", " ").split()) if name else text
    return told or text or "untitled"


# --------------------------------------------------------------------------- reading phrases


_PIECE = re.compile(r"\s\.\.\s|[()|?*…]|\s+|[^()|?*…\s]+")
_GAP = "(?: [^ ]+){0,4} "


def phrase(text: str) -> str:
    """Return a phrase of the lexicon as a regular expression over folded text; raise LexiconError if it is unsound."""
    found = _expression(text)
    try:
        if re.compile(found).match(" "):
            raise LexiconError(f"the phrase {text!r} fits everything")
    except re.error as error:
        raise LexiconError(f"the phrase {text!r} cannot be read: {error}") from None
    return found


def _expression(text: str) -> str:
    parts: list[str] = []
    for piece in _PIECE.findall(text.strip()):
        if piece.strip() == "..":
            parts.append(_GAP)
        elif piece in "()|?":
            parts.append("(?:" if piece == "(" else piece)
        elif piece == "*":
            parts.append("[^ ]*")
        elif piece == "…":
            parts.append("[^ ]{0,14} ?[^ ]{0,14}?")
        elif piece.isspace():
            parts.append(" ")
        elif folded := names.fold(piece):
            parts.append(re.escape(folded).replace("\\ ", " "))
    found = "".join(parts)
    # Words are matched whole, but nothing sets Chinese or Japanese words apart.
    return found if names.has_cjk(text) else rf"(?<![^ ])(?:{found})(?![^ ])"


class Words:
    """The phrases of one language; compiled at the first text in it, for most installations read few languages."""

    __slots__ = ("_pattern", "_phrases")

    def __init__(self, phrases: Iterable[Any]) -> None:
        self._phrases = tuple(str(one) for one in phrases)
        self._pattern: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        return self._compiled().search(text)

    def without(self, text: str) -> str:
        """Return the text without what these phrases find."""
        return " ".join(self._compiled().sub(" ", text).split())

    def check(self) -> None:
        """Raise LexiconError for a phrase that is unsound."""
        for one in self._phrases:
            phrase(one)

    def _compiled(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = re.compile("|".join(map(_expression, self._phrases)))
        return self._pattern


def _patterns(value: Any, place: str) -> Mapping[str, Words]:
    entries = _mapping(value, place).items()
    return {str(language): Words(_list(words, f"{place}: {language}")) for language, words in entries if words}


def _kind(entry: Any) -> Kind:
    found = _mapping(entry, "kinds")
    id_ = str(found.get("id") or "")
    if not id_ or not found.get("event"):
        raise LexiconError(f"kinds: {id_ or entry!r} needs an id and an event")
    if strange := found.keys() - {"id", "event", "stage", "rumour", "acting", "words"}:
        raise LexiconError(f"{id_}: no key {sorted(map(str, strange))[0]!r}")
    stage = str(found.get("stage"))
    if stage not in STAGES or stage == "final":
        raise LexiconError(f"{id_}: stage is one of {', '.join(STAGES)}, and never final for a headline")
    acting = None
    if found.get("acting") is not None:
        part = _mapping(found["acting"], f"{id_}: acting")
        if part.get("role") not in ROLES or not part.get("event"):
            raise LexiconError(f"{id_}: acting needs an event and a role")
        acting = (str(part["event"]), str(part["role"]))
    return Kind(
        id=id_,
        event=str(found["event"]),
        stage=stage,
        words=_patterns(found.get("words"), f"{id_}: words"),
        rumour=None if found.get("rumour") is None else str(found["rumour"]),
        acting=acting,
    )


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise LexiconError(f"{place}: a mapping is expected")
    return value


def _list(value: Any, place: str) -> list[Any]:
    """Return a list, or the phrases of a text apart by commas."""
    if isinstance(value, str):
        return [one for part in value.split(",") if (one := part.strip())]
    if not isinstance(value, list | tuple):
        raise LexiconError(f"{place}: a list is expected")
    return list(value)
