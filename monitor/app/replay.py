"""`replay`: what other rules, or another watchlist, would have told of what was seen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.app import plan, rejudging, show, speech, wiring
from monitor.app.contrast import Contrast, Difference, Lead, Rate
from monitor.app.desk import Desk
from monitor.app.refused import Refused
from monitor.app.rejudging import Gaps, Replayed, Tick
from monitor.app.show import Column
from monitor.clock import SystemClock
from monitor.edge import observe, trial
from monitor.edge.config import Config
from monitor.edge.settings import Places
from monitor.edge.store import Store, history
from monitor.edge.trial import Trial
from monitor.judge import weigh
from monitor.judge.words import Voice

_NAMED = 5  # sources or customers named in one line


@dataclass(frozen=True, slots=True)
class Files:
    """What is tried out, and how much of what it changes is listed."""

    rules: Path | None = None
    watchlist: Path | None = None
    limit: int = 50

    @property
    def names(self) -> list[str]:
        return [path.name for path in (self.rules, self.watchlist) if path is not None]


def replay(places: Places, since: datetime, files: Files, *, as_json: bool) -> int:
    """Judge the stored past with other files and say what would have been told. Changes nothing.

    Raises ConfigMistakes for files that cannot be used, Refused for a rulebook that is unsound.
    """
    config, keyring, watchers = wiring.opened(places, os.environ)
    observe.configure(level="error", secrets=keyring.values())
    tried = trial.read(config, rules=files.rules, listed=files.watchlist, sources=watchers)
    now = SystemClock().now()
    told = speech.of(config.settings)
    with wiring.open_store(config, places, keyring) as store, progress(told, store) as tick:
        desk = wiring.desk(places, keyring, config=config, store=store)
        listed = {one.id for one in (*config.customers, *tried.config.customers)}
        done = rejudging.replay(store, other(desk, tried), since, now, tick, listed=listed)
    if as_json:
        show.json_lines(rows(done, files))
    else:
        _print(done, files, tried.config, told)
    return 0


def other(desk: Desk, tried: Trial) -> Desk:
    """Return the desk as it would be with what is tried out. Raises Refused."""
    found = desk.keyring
    new = replace(
        wiring.renewed(desk, tried.config, found),
        assignments=plan.plan(
            tried.config.customers, tried.config.settings, desk.watchers, wiring.present(found, desk.watchers)
        ),
    )
    if tried.book is None:
        return new
    try:
        return replace(new, rules=replace(desk.rules, rulebook=weigh.rulebook(tried.book)))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Refused("rulebook", reason=str(error)) from None


@contextmanager
def progress(told: Voice, store: Store) -> Iterator[Tick]:
    """Yield a progress bar on the error stream for people; silent when piped."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(told.say("cli.replay.judging")), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("", total=store.read_now(history.count))
        yield lambda read: bar.advance(task, read)


# --------------------------------------------------------------------------- for machines


def rows(done: Replayed, files: Files) -> Iterator[dict[str, Any]]:
    """Yield what `replay --json` prints: the sum, then each difference, lead, channel and gap."""
    found = done.contrast
    median = found.median_lead
    yield {
        "kind": "sum",
        "since": show.rfc3339(done.since),
        "until": show.rfc3339(done.until),
        "files": files.names,
        "changes": done.gaps.changes,
        "alerts_before": found.was,
        "alerts_after": found.now,
        "added": found.of("added"),
        "dropped": found.of("dropped"),
        "other_severity": found.of("severity"),
        "median_lead_seconds": None if median is None else int(median.total_seconds()),
    }
    for one in found.differences[-files.limit :]:
        yield _difference(one)
    for lead in found.leads[: files.limit]:
        yield {
            "kind": "lead",
            "customer": lead.customer,
            "event": lead.event.event.id,
            "type": lead.event.event.type,
            "first_before": show.rfc3339(lead.was),
            "first_after": show.rfc3339(lead.now),
            "earlier_seconds": int(lead.earlier.total_seconds()),
        }
    for rate in found.rates:
        yield {
            "kind": "channel",
            "channel": rate.channel,
            "alerts_before": rate.was,
            "alerts_after": rate.now,
            "days": round(rate.days, 2),
            "expected_a_week": round(rate.a_week, 2),
            "digest_lines_before": rate.lines_was,
            "digest_lines_after": rate.lines_now,
        }
    for name, count, names in gaps(done.gaps):
        yield {"kind": "gap", "what": name, "count": count, "names": names}


def _difference(one: Difference) -> dict[str, Any]:
    event = one.event.event
    return {
        "kind": "alert",
        "what": one.what,
        "at": show.rfc3339(one.at),
        "customer": event.customer,
        "event": event.id,
        "type": event.type,
        "title": event.title,
        "channel": one.channel,
        "severity_before": one.was.value if one.was else None,
        "severity_after": one.now.value if one.now else None,
        "reason": one.reason or None,
        "reasons": [reason.name for reason in one.event.reasons],
    }


def gaps(found: Gaps) -> Iterator[tuple[str, int, list[str]]]:
    """Yield what could not be judged as it was: its name, how much, and names where there are any."""
    counted = {
        "first_looks": found.first_looks,
        "baselines": found.baselines,
        "held_back": found.discarded,
        "purged": found.purged,
    }
    yield from ((name, count, []) for name, count in counted.items() if count)
    for name, names in (("gone", found.gone), ("unread", found.unread)):
        if names:
            yield name, len(names), sorted(names)


# --------------------------------------------------------------------------- for people


def _print(done: Replayed, files: Files, config: Config, told: Voice) -> None:
    found, names = done.contrast, {one.id: one.name for one in config.customers}
    show.lines(head(done, files, told))
    if found.differences:
        show.table(
            _columns(told),
            (_cells(one, names, told) for one in found.differences[-files.limit :]),
            empty="",
            foot=told.say("cli.times", zone=told.timezone),
        )
    show.lines(tail(done, files, names, told))


def _columns(told: Voice) -> list[Column]:
    def named(name: str, **more: bool) -> Column:
        return Column(told.say(f"cli.col.{name}"), **more)

    return [
        named("queued", whole=True),
        Column("", whole=True),
        named("customer"),
        named("what"),
        named("severity"),
        named("channel", wide=True),
        named("why", rare=True),
    ]


def head(done: Replayed, files: Files, told: Voice) -> Iterator[str]:
    """Yield what it came to in a few lines."""
    found = done.contrast
    span = {"since": told.moment(done.since), "until": told.moment(done.until), "changes": done.gaps.changes}
    yield told.say("cli.replay.head", **span)
    tried = told.joined(files.names) if files.names else None
    yield told.say("cli.replay.sum", was=found.was, now=found.now, files=tried)
    if not found.differences:
        yield told.say("cli.replay.same")
        return
    counts = {"added": found.of("added"), "dropped": found.of("dropped"), "severity": found.of("severity")}
    yield told.say("cli.replay.differences", **counts)
    if len(found.differences) > files.limit:
        yield told.say("cli.replay.newest", limit=files.limit)


def _cells(one: Difference, names: dict[str, str], told: Voice) -> tuple[object, ...]:
    event = one.event.event
    levels = [told.say(f"cli.level.{level.value}") for level in (one.was, one.now) if level is not None]
    return (
        show.local(one.at, told.timezone),
        told.say(f"cli.replay.what.{one.what}"),
        names.get(event.customer or "", event.customer or "-"),
        speech.happened(told, event),
        " -> ".join(levels),
        one.channel,
        reason(one, told),
    )


def reason(one: Difference, told: Voice) -> str:
    """Say why an alert is told no longer, or what weighs otherwise now."""
    if one.what == "dropped":
        key = f"cli.replay.why.{one.reason}"
        return told.say(key) if told.texts.has(key, told.language) else speech.silence(told, one.reason)
    said = [name for name in (r.name for r in one.event.reasons) if name not in ("default", "money_unknown")]
    return told.reason("why", next(r for r in one.event.reasons if r.name == said[-1])) if said else ""


def tail(done: Replayed, files: Files, names: dict[str, str], told: Voice) -> Iterator[str]:
    """Yield lead times, what to expect of each channel, and what could not be replayed."""
    found = done.contrast
    yield from _leads(found, files, names, told)
    yield from (_rate(rate, told) for rate in found.rates)
    left_out = [_gap(name, count, listed, told) for name, count, listed in gaps(done.gaps)]
    if left_out:
        yield told.say("cli.replay.left_out")
        yield from (f"  {line}" for line in left_out)


def _leads(found: Contrast, files: Files, names: dict[str, str], told: Voice) -> Iterator[str]:
    median = found.median_lead
    if median is None:
        return
    earlier = sum(one.earlier > timedelta(0) for one in found.leads)
    facts = {"earlier": earlier, "later": len(found.leads) - earlier}
    yield told.say("cli.replay.leads", **facts, median=_ahead(median, told))
    for one in found.leads[: files.limit]:
        yield "  " + _lead(one, names, told)


def _lead(one: Lead, names: dict[str, str], told: Voice) -> str:
    says = speech.happened(told, one.event.event)
    who = names.get(one.customer, one.customer)
    return told.say("cli.replay.lead", customer=who, says=says, ahead=_ahead(one.earlier, told))


def _ahead(length: timedelta, told: Voice) -> str:
    return told.say(f"cli.replay.{'earlier' if length >= timedelta(0) else 'later'}", length=long(abs(length), told))


def long(length: timedelta, told: Voice) -> str:
    """Return a length of time in its two largest units, rounded down: `3 d 4 h`."""
    seconds = int(length.total_seconds())
    parts = {"d": seconds // 86400, "h": seconds % 86400 // 3600, "m": seconds % 3600 // 60}
    said = [told.say(f"cli.unit.{unit}", n=n) for unit, n in parts.items() if n]
    return " ".join(said[:2]) if said else told.say("cli.unit.m", n=0)


def _rate(rate: Rate, told: Voice) -> str:
    figures = {"week": f"{rate.a_week:.1f}", "days": round(rate.days), "lines": rate.lines_now or None}
    return told.say("cli.replay.rate", channel=rate.channel, now=rate.now, was=rate.was, **figures)


def _gap(name: str, count: int, listed: list[str], told: Voice) -> str:
    more = [f"(+{len(listed) - _NAMED})"] if len(listed) > _NAMED else []
    return told.say(f"cli.replay.gap.{name}", count=count, names=told.joined([*listed[:_NAMED], *more]))
