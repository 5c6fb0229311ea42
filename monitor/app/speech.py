"""How the program speaks to the person at the terminal: in which language and zone, and its words for what is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml

from monitor.edge.settings import shipped

if TYPE_CHECKING:
    from monitor.edge.config import Settings
    from monitor.judge.taxonomy import Taxonomy
    from monitor.judge.words import Texts, Voice
    from monitor.model import Event
    from monitor.policy import Language


def data(name: str) -> Any:
    """Read one of our own YAML files as plain data; scalars stay text, so that `no` is a word."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    return yaml.load(shipped(name).read_bytes(), Loader=loader)  # noqa: S506 - the base loader builds text only


@cache
def texts() -> Texts:
    """Return the program's sentences in all its languages."""
    from monitor.judge import words

    return words.texts({language: data(f"text/{language}.yaml") for language in words.LANGUAGES})


@cache
def taxonomy() -> Taxonomy:
    from monitor.judge.taxonomy import Taxonomy

    return Taxonomy.from_mapping(data("events.yaml"))


def voice(language: Language = "en", timezone: str = "UTC", now: datetime | None = None) -> Voice:
    from monitor.judge.words import Voice

    return Voice(texts(), language, timezone, now or datetime.now(UTC))


def of(settings: Settings) -> Voice:
    """Return the voice the configuration asks for."""
    return voice(settings.language, settings.timezone)


def at(folder: Path) -> Voice:
    """Return the same before the configuration is read, or when it cannot be: what counterwatch.yaml says, if it does.

    Raises nothing: a person whose files are in doubt is still spoken to in their language.
    """
    from monitor.edge import yamldoc
    from monitor.edge.config import SETTINGS

    try:
        written = (folder / SETTINGS).read_bytes()
        root = None if yamldoc.too_big(len(written), SETTINGS) else yamldoc.read(written, SETTINGS)[0]
    except OSError:
        return voice()
    said = {name: node.value for name in ("language", "timezone") if root and (node := root.get(name)) is not None}
    return voice("zh" if said.get("language") == "zh" else "en", _zone(said.get("timezone")))


def _zone(written: object) -> str:
    try:
        return ZoneInfo(str(written)).key if written else "UTC"
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return "UTC"


# --------------------------------------------------------------------------- words for what is stored


def word(told: Voice, group: str, code: str) -> str:
    """Return the word for a code (`cli.state.sent`, `level.high`); a code without one is shown as it is."""
    key = f"{group}.{code}"
    return told.say(key) if told.texts.has(key, told.language) else code


def event_label(told: Voice, type_: str) -> str:
    """Return the noun phrase of an event type."""
    known = taxonomy().get(type_)
    return known.label[told.language] if known is not None else type_


def happened(told: Voice, event: Event) -> str:
    """Return what an event says of the customer, as an alert would; about a source, the source after the label."""
    from monitor.judge import render

    known = taxonomy().get(event.type)
    if known is None:
        return event.title or event.type
    if event.family != "sys":
        return render.says(told, event, known)
    about = str(event.facts.get("source") or event.facts.get("channel") or "")
    label = known.label[told.language]
    return told.say("cli.pair", name=label, value=about) if about else label


def silence(told: Voice, code: str) -> str:
    """Return why an alert was kept silent or back, in a few words; what has none of its own may be a sentence we know."""
    if not code:
        return ""
    key = f"cli.silent.{code}"
    return told.say(key) if told.texts.has(key, told.language) else told.phrase(code)
