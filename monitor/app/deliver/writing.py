"""A letter -> the message that leaves: rendered, or said plainly when its looks or its words are what is in the way."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import structlog

from monitor.app.deliver.choosing import Letter
from monitor.app.deliver.office import Office
from monitor.model import Message

log = structlog.get_logger()

_LINE = 90  # characters of a digest's line
_SHORT = 500  # characters of a message sent as plain text
_PATIENCE = 2.0  # seconds a mention may take to look up
_BROKEN_ENTITY = re.compile(r"&[a-z]{0,3}\Z")


async def message(office: Office, letter: Letter) -> Message:
    """Return the message, its lines gathered if it is a digest, the person it mentions looked up."""
    if letter.members:
        lines = [_headline(_written(office, member)) for member in letter.members]
        facts = {**letter.alert.facts, "lines": [_unescaped(line) for line in lines], "count": len(lines)}
        letter = replace(letter, alert=replace(letter.alert, facts=facts))
    elif letter.alert.mention and not letter.background.edited:
        letter = replace(letter, alert=replace(letter.alert, mention=await _whom(office, letter.alert.mention)))
    return _written(office, letter)


def plain(office: Office, letter: Letter, message: Message) -> Message:
    """Return the message as short plain text; a digest keeps all its lines, each is somebody's only telling."""
    if letter.alert.kind == "summary":
        return Message(message.text, ())
    if not letter.members:
        return short(message)
    lines = [short(Message(_headline(_written(office, member)), ()), _LINE).text for member in letter.members]
    return Message("\n".join(lines), ())


def short(message: Message, most: int = _SHORT) -> Message:
    """Return a message as short plain text, for when Slack refuses how it looks. Its text is escaped already."""
    text = message.text
    if len(text) > most:
        text = _BROKEN_ENTITY.sub("", text[:most]) + "…"
    return Message(text.strip() or "counterwatch", ())


def _written(office: Office, letter: Letter) -> Message:
    try:
        return office.render(letter.alert, letter.event, letter.incident, letter.background)
    except Exception as error:
        # A mistake in the words must not keep an alert from its reader: say the least there is to say.
        log.error("alert.unrendered", alert=letter.alert.id, error=type(error).__name__, exc_info=error)
        return _bare(letter)


async def _whom(office: Office, mention: str) -> str:
    who = office.person(mention)
    if "@" not in who:
        return who
    try:
        async with asyncio.timeout(_PATIENCE):
            return await office.door.user(who) or who
    except TimeoutError:
        return who


def _bare(letter: Letter) -> Message:
    stored, alert = letter.event, letter.alert
    about = stored.event.type if stored else alert.kind
    return Message(f"{alert.severity.value.upper()} · {alert.customer or 'counterwatch'}: {about} ({alert.id})", ())


def _headline(message: Message) -> str:
    return message.text.partition("\n")[0]


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
