"""Messages about no single alert: the report on new customers, notices about the watch itself, digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from monitor.judge import blocks, compose, money, weigh, words
from monitor.judge.blocks import Paragraph, Span
from monitor.judge.words import Texts, Voice
from monitor.model import Message, Severity
from monitor.policy import Language

_DIGEST_LINE, _DIGEST_LINES = 90, 100


def opening(facts: Mapping[str, Any], *, texts: Texts, language: Language, timezone: str, now: datetime) -> Message:
    """Return the report on new customers.

    facts: `customers` (names), `today` [{customer, country, severity, says: {en, zh}}], `looked` [{source,
    customers}], `blind` [{source, customers, reason}], `background` (how many facts were filed silently). All of it
    plain JSON.
    """
    voice = Voice(texts, language, timezone, now)
    names = [str(name) for name in facts.get("customers", ())]
    one = len(names) == 1
    head = voice.say(
        "opening.head_one" if one else "opening.head", customer=names[0] if names else "", count=len(names)
    )
    body = [] if one else [compose.plain(voice.say("opening.who", customers=names))]
    today, blind, looked = (list(facts.get(name, ())) for name in ("today", "blind", "looked"))
    if today:
        body.append(compose.listed(voice.say("opening.stands"), [_today(voice, entry) for entry in today]))
    else:
        body.append(compose.plain(voice.say("opening.clean")))
    if looked:
        body.append(
            compose.listed(
                voice.say("opening.looked"), [voice.say("opening.looked_line", **_titled(voice, e)) for e in looked]
            )
        )
    if blind:
        body.append(
            compose.listed(
                voice.say("opening.blind"), [voice.say("opening.blind_line", **_titled(voice, e)) for e in blind]
            )
        )
    else:
        body.append(compose.plain(voice.say("opening.all_seen")))
    if facts.get("background"):
        body.append(compose.plain(voice.say("opening.background", background=facts["background"])))
    body.append(compose.plain(voice.say("opening.next")))
    return compose.message(voice, compose.notice(voice, head), body, None, titled=True)


def _titled(voice: Voice, entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry about a source, with its title as the reader's language has it."""
    return {**entry, "source": compose.origin(voice, str(entry.get("source", "")))}


def _today(voice: Voice, entry: Mapping[str, Any]) -> str:
    told = entry.get("says", "")
    told = told.get(voice.language, "") if isinstance(told, Mapping) else told
    return compose.filled_once(
        voice,
        "opening.today_line",
        severity=voice.say(f"severity.{Severity(entry.get('severity', 'high')).value}"),
        customer=words.cut(words.clean(str(entry.get("customer", ""))), compose.NAME),
        country=voice.country(str(entry.get("country", ""))),
        says=voice.shown(told),
    )


def ops(
    code: str, facts: Mapping[str, Any], *, texts: Texts, language: Language, timezone: str, now: datetime
) -> Message:
    """Return a notice about the watch itself.

    code: an id of the taxonomy with or without `sys.` (source_stale, source_blocked, source_recovered, …). facts, all
    optional and plain JSON: `source` (title), `since` and `last_good` (RFC 3339), `customers` (count), `names`
    (customers to look up by hand), `money` {open, currency, tier_a (count), tier_a_open}, `cause`, `unseen` (what is
    not watched), `others` [{source, at}], `changes`, `held`, `channel`, `waiting`, `raw`, `detail`, `url`.
    """
    voice = Voice(texts, language, timezone, now)
    name = code.removeprefix("sys.")
    facts = {**_instants(facts, timezone), **_exposed(facts.get("money")), "code": name}
    if facts.get("source"):
        facts["source"] = compose.origin(voice, str(facts["source"]))
    key = name if texts.has(f"ops.{name}.head", language) else "other_code"
    body = [compose.plain(told) for told in (_behind(voice, key, facts), _state(voice, key, facts)) if told]
    address = blocks.link(facts.get("url"))
    steps = [told for n in (1, 2, 3) if (told := voice.say(f"ops.{key}.next_{n}", **facts))]
    if steps:
        items = tuple((Span(told),) for told in steps)
        body.append(Paragraph((Span(voice.say("label.next"), bold=True),), items))
    head = voice.say(f"ops.{key}.head", **facts) + voice.say("sep.end")
    return compose.message(
        voice, compose.notice(voice, head), body, Paragraph((address,)) if address else None, titled=True
    )


def _behind(voice: Voice, key: str, facts: Mapping[str, Any]) -> str:
    if not key.startswith("source_") or key == "source_recovered":
        return ""
    return voice.say("ops.behind", **facts) if "open" in facts else voice.say("ops.behind_unknown")


def _state(voice: Voice, key: str, facts: Mapping[str, Any]) -> str:
    told = [
        voice.say(f"ops.{name}", **facts)
        for name in ("cause", "unseen", "last_good", "detail")
        if words.known(facts, name)
    ]
    others = [voice.say("ops.other", **_titled(voice, entry)) for entry in facts.get("others", ())]
    if others:
        told.append(compose.filled_once(voice, "ops.others", others=voice.joined(others)))
    if key in ("source_stale", "source_blocked", "source_suspect"):
        told.append(voice.say("ops.means"))
    return voice.say("sep.sentence").join(told)


def _exposed(figures: object) -> dict[str, Any]:
    """The money behind a source, from plain JSON; figures that are no numbers are left out."""
    if not isinstance(figures, Mapping):
        return {}
    currency = str(figures.get("currency", ""))
    found: dict[str, Any] = {}
    for name in ("open", "tier_a_open"):
        try:
            found[name] = money.Amount(Decimal(str(figures[name])), currency)
        except (KeyError, InvalidOperation):
            continue
    if figures.get("tier_a"):
        found["tier_a"] = figures["tier_a"]
    else:
        found.pop("tier_a_open", None)
    return found


def _instants(facts: Mapping[str, Any], timezone: str) -> dict[str, Any]:
    """Moments of our own are told in the reader's zone only: no source states another."""
    found = dict(facts)
    for name in ("since", "last_good"):
        found[name] = _moment(found.get(name), timezone)
    if isinstance(facts.get("others"), Sequence):
        found["others"] = [{**entry, "at": _moment(entry.get("at"), timezone)} for entry in facts["others"]]
    return found


def _moment(value: Any, timezone: str) -> Any:
    if isinstance(value, str) and len(value) > 10 and weigh.day_of(value):
        value = datetime.fromisoformat(value)
    return value.astimezone(ZoneInfo(timezone)).date() if isinstance(value, datetime) and value.tzinfo else value


@dataclass(frozen=True, slots=True)
class Flood:
    """What many alerts have in common: the source's title, what it says as a noun phrase, of how many customers."""

    source: str
    what: str
    customers: int


def digest(
    lines: Sequence[str],
    flood: Flood | None = None,
    *,
    texts: Texts,
    language: Language,
    timezone: str,
    now: datetime,
) -> Message:
    """Return one message for many alerts: up to 100 lines of 90 characters, the rest counted."""
    voice = Voice(texts, language, timezone, now)
    told = [words.cut(words.clean(text), _DIGEST_LINE) for text in lines]
    body = [Paragraph((), tuple((Span(text),) for text in told[:_DIGEST_LINES]), numbered=False)] if told else []
    if len(told) > _DIGEST_LINES:
        body.append(compose.plain(voice.say("digest.more", more=len(told) - _DIGEST_LINES)))
    head = voice.say("digest.head", count=len(told))
    if flood is not None:
        source = compose.origin(voice, flood.source)
        head = voice.say("digest.flood", customers=flood.customers, what=flood.what, source=source)
    return compose.message(voice, compose.notice(voice, head), body, None, titled=True)
