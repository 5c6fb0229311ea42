"""The words of reminders: a date that comes or has moved, a critical that nobody has acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.judge import compose, reminding, words
from monitor.judge import story as stories
from monitor.judge.blocks import Paragraph
from monitor.judge.words import Voice

MOVED = "deadline_moved"


def head(voice: Voice, facts: Mapping[str, Any]) -> str:
    """Return what the reminder says, without its end mark."""
    if facts.get("code") == reminding.UNACKNOWLEDGED:
        return voice.say("remind.unacknowledged")
    what = stories.deadline(voice, str(facts.get("name", "")), str(facts.get("day", "")))
    if facts.get("code") == MOVED:
        return compose.filled_once(voice, "remind.moved", what=what, was=voice.shown(facts.get("was")))
    return compose.filled_once(voice, "remind.deadline", what=what, when=_when(voice, facts))


def _when(voice: Voice, facts: Mapping[str, Any]) -> str:
    left = facts.get("days_left")
    if facts.get("step") == "passed" or (isinstance(left, int) and left < 0):
        return voice.say("remind.passed")
    if not isinstance(left, int):
        return ""
    names = {0: "remind.today", 1: "remind.tomorrow"}
    return voice.say(names.get(left, "remind.left"), days=left)


def body(voice: Voice, facts: Mapping[str, Any], said: str) -> list[Paragraph]:
    """Return what the reminder is about, and since when it waits."""
    about = voice.say("remind.about", what=words.clean(said)) if said else ""
    told = [about, *_told(voice, facts)]
    whole = voice.say("sep.sentence").join(part for part in told if part)
    return [compose.plain(whole)] if whole else []


def _told(voice: Voice, facts: Mapping[str, Any]) -> list[str]:
    if facts.get("code") == reminding.UNACKNOWLEDGED:
        try:
            return [voice.say("remind.told", at=voice.moment(datetime.fromisoformat(str(facts.get("told")))))]
        except ValueError:
            return []
    return [voice.say("remind.free")] if facts.get("free") else []


def first(voice: Voice, facts: Mapping[str, Any]) -> list[str]:
    """Return what to do before anything else."""
    if facts.get("code") == reminding.UNACKNOWLEDGED:
        return [voice.say("remind.ack", incident=facts.get("incident"))]
    if facts.get("deadline") and facts.get("code") != MOVED:
        return [voice.say("remind.done", deadline=facts.get("deadline"))]
    return []
