"""The daily and the weekly digest of a channel, as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from monitor.judge import blocks, words
from monitor.judge.blocks import Paragraph, Span
from monitor.judge.render import Said, says
from monitor.judge.words import Texts, Voice
from monitor.model import Event, Message
from monitor.policy import Language

LINES = 100  # of one daily digest
LINE = 90  # characters of one line
ROOM = 9_000  # characters of a digest's lines and headings: a line that is cut off was told to nobody
_NAME = 60  # characters of a customer's name in a heading or a line
_TEXT = 12_000  # of the text beside the blocks: each line is somebody's only telling, and nobody edits a digest
_LISTED = 12  # entries of a section of the weekly digest


@dataclass(frozen=True, slots=True)
class Part:
    """What one digest tells: for each customer its lines, in order. `ids` are the alert rows."""

    groups: tuple[tuple[str, tuple[str, ...]], ...]  # (customer, ids)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(one for _, ids in self.groups for one in ids)


def parts(waiting: Sequence[tuple[str, Sequence[str]]], names: Mapping[str, str]) -> tuple[Part, ...]:
    """Divide (customer, ids of lines) into digests that fit: 100 lines each and what a message has room for.

    `names`: what each customer is called in its heading. A customer's lines stay together unless they alone fill one.
    """
    made: list[Part] = []
    groups: list[tuple[str, tuple[str, ...]]] = []
    lines, room = 0, ROOM
    for customer, ids in waiting:
        head = min(words.width(names.get(customer, customer)), _NAME) + 20
        left = list(ids)
        while left:
            fits = min(LINES - lines, (room - head) // (LINE + 1))
            whole = len(left) <= fits or (not groups and fits > 0)
            if not whole:
                made.append(Part(tuple(groups)))
                groups, lines, room = [], 0, ROOM
                continue
            taken, left = left[:fits], left[fits:]
            groups.append((customer, tuple(taken)))
            lines, room = lines + len(taken), room - head - len(taken) * (LINE + 1)
    return (*made, Part(tuple(groups))) if groups else tuple(made)


# --------------------------------------------------------------------------- the daily digest


def line(
    event: Event | None, info: Said | None, *, texts: Texts, language: Language, timezone: str, now: datetime
) -> Message:
    """Return one line of the daily digest, which stands below its customer; of an erased event that it was one."""
    voice = Voice(texts, language, timezone, now)
    told = says(voice, event, info) if event is not None and info is not None else voice.say("summary.erased")
    return Message(blocks.escaped(words.cut(told, LINE)), ())


def daily(facts: Mapping[str, Any], *, texts: Texts, language: Language, timezone: str, now: datetime) -> Message:
    """Return the daily digest.

    facts: `groups` [{customer, country, count}] and `lines`, all customers' lines in that order, as `line` says them.
    """
    voice = Voice(texts, language, timezone, now)
    lines = [words.cut(words.clean(str(text)), LINE) for text in facts.get("lines", ())]
    rest = iter(lines)
    body = [
        _listed(_called(voice, group), list(islice(rest, int(group.get("count", 0)))))
        for group in facts.get("groups", ())
    ]
    return _message(_headed(voice, "summary.daily.head", count=len(lines), customers=len(body)), body)


# --------------------------------------------------------------------------- the weekly digest


def weekly(
    facts: Mapping[str, Any],
    labels: Mapping[str, Mapping[str, str]],
    *,
    texts: Texts,
    language: Language,
    timezone: str,
    now: datetime,
) -> Message:
    """Return the weekly digest: it says what is open, and why it is quiet where it is.

    labels: the noun phrase of each event type and family, by language. facts, all plain JSON: `since` and `until`,
    `customers` (how many), `incidents` [{customer, country, type, severity, days, acked_by}], `more` (incidents not
    listed), `changed` {family: count}, `dates` [{customer, country, name, day}], `muted` [{what, until, why, by}],
    `unseen` {customers, names}, `troubles` [{source, since}], `quiet` (customers with nothing new, all looked at).
    """
    voice = Voice(texts, language, timezone, now)
    incidents, changed = list(facts.get("incidents", ())), dict(facts.get("changed", {}))
    since = datetime.fromisoformat(str(facts["since"]))
    head = _headed(voice, "summary.weekly.head", since=since, open=_count(facts), changes=sum(changed.values()))
    body = [
        _section(voice, "open", [_incident(voice, one, labels) for one in incidents], _count(facts)),
        _section(voice, "changed", [_change(voice, changed, labels)] if changed else []),
        _section(voice, "dates", [_date(voice, one) for one in facts.get("dates", ())]),
        _section(voice, "muted", [_mute(voice, one) for one in facts.get("muted", ())]),
        _section(voice, "troubles", [_trouble(voice, one) for one in facts.get("troubles", ())]),
        *_silence(voice, facts),
    ]
    return _message(head, [one for one in body if one is not None])


def _count(facts: Mapping[str, Any]) -> int:
    return len(facts.get("incidents", ())) + int(facts.get("more", 0))


def _incident(voice: Voice, one: Mapping[str, Any], labels: Mapping[str, Mapping[str, str]]) -> str:
    acked = one.get("acked_by")
    state = voice.say("summary.weekly.acked", by=acked) if acked else voice.say("summary.weekly.unacked")
    age = voice.say("summary.weekly.age", days=int(one.get("days", 0)))
    severity = voice.say(f"severity.{one['severity']}")
    return _filled(
        voice,
        "summary.weekly.incident",
        severity=severity,
        customer=_called(voice, one),
        says=_label(voice, str(one.get("type", "")), labels),
        age=age,
        state=state,
    )


def _label(voice: Voice, code: str, labels: Mapping[str, Mapping[str, str]]) -> str:
    return labels.get(code, {}).get(voice.language, code)


def _change(voice: Voice, changed: Mapping[str, int], labels: Mapping[str, Mapping[str, str]]) -> str:
    most = sorted(changed.items(), key=lambda item: (-item[1], item[0]))
    told = [_filled(voice, "summary.weekly.family", family=_label(voice, f, labels), count=str(n)) for f, n in most]
    return voice.say("sep.part").join(told)


def _date(voice: Voice, one: Mapping[str, Any]) -> str:
    name = voice.say(f"summary.date.{one['name']}")
    day = voice.both_days(str(one["day"]))
    return _filled(voice, "summary.weekly.date", day=day, customer=_called(voice, one), name=name)


def _mute(voice: Voice, one: Mapping[str, Any]) -> str:
    what = voice.joined([words.clean(str(part)) for part in one.get("what", ())]) or voice.say("summary.weekly.all")
    until = voice.both_days(str(one["until"]))
    return _filled(voice, "summary.weekly.mute", what=what, until=until, why=words.clean(str(one.get("why", ""))))


def _trouble(voice: Voice, one: Mapping[str, Any]) -> str:
    return voice.say("summary.weekly.trouble", source=one.get("source", ""), since=_day(one.get("since")))


def _silence(voice: Voice, facts: Mapping[str, Any]) -> Iterable[Paragraph]:
    """Say what silence means this week: looked and nothing new, or could not look."""
    quiet, unseen = int(facts.get("quiet", 0)), facts.get("unseen") or {}
    if unseen.get("customers"):
        yield _plain(voice.say("summary.weekly.unseen", customers=unseen["customers"], names=unseen.get("names", ())))
    if quiet:
        yield _plain(voice.say("summary.weekly.quiet", quiet=quiet))
    elif not unseen.get("customers"):
        yield _plain(voice.say("summary.weekly.none_quiet"))


def _day(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) and value else value


# --------------------------------------------------------------------------- putting it together


def _called(voice: Voice, one: Mapping[str, Any]) -> str:
    name = words.cut(words.clean(str(one.get("customer", ""))), _NAME) or "?"
    country = str(one.get("country") or "")
    return _filled(voice, "summary.customer", customer=name, country=voice.country(country)) if country else name


def _headed(voice: Voice, key: str, **facts: Any) -> str:
    return _filled(voice, "notice", severity=voice.say("summary.word"), says=voice.say(key, **facts))


def _filled(voice: Voice, key: str, **parts: str) -> str:
    """Fill a sentence with finished parts in one go: a name that holds `{says}` stays a name, and nothing is cut."""
    return words.PLACE.sub(lambda place: parts[place[1]], voice.texts.raw(key, voice.language))


def _section(voice: Voice, name: str, lines: Sequence[str], count: int | None = None) -> Paragraph | None:
    if not lines:
        return None
    shown = [words.cut(one, 2 * LINE) for one in lines[:_LISTED]]
    rest = (count or len(lines)) - len(shown)
    more = [voice.say(f"summary.weekly.more_{name}", more=rest)] if rest > 0 else []
    return _listed(voice.say(f"summary.weekly.{name}"), [*shown, *more])


def _listed(label: str, lines: Iterable[str]) -> Paragraph:
    return Paragraph((Span(label, bold=True),), tuple((Span(text),) for text in lines), numbered=False)


def _plain(told: str) -> Paragraph:
    return Paragraph((Span(told),))


def _message(headline: str, body: Sequence[Paragraph]) -> Message:
    head = Paragraph((Span(headline, bold=True),))
    fitted = blocks.fitted(body, blocks.BUDGET - blocks.size([head]), "… counterwatch alerts")
    built = [blocks.header(headline), *([blocks.rich(fitted)] if fitted else [])]
    return Message(blocks.escaped(blocks.plain((head, *body)), _TEXT), tuple(built))
