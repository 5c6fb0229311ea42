"""config/counterwatch.yaml and the watchlist beside it -> one Config, or every mistake in both files at once.

`python -m monitor.edge.config` writes the JSON Schemas of both files.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic.json_schema import GenerateJsonSchema

from monitor import policy
from monitor.edge import kept, timetable, watchlist, yamldoc
from monitor.edge.fields import (
    COUNTRIES,
    Amount,
    Channel,
    Count,
    Country,
    Currency,
    Day,
    Duration,
    Flag,
    HostPort,
    Listen,
    Mail,
    Money,
    Pace,
    Port,
    Positive,
    ProxyUrl,
    Strict,
    Text,
    TimeOfDay,
    Url,
    Wait,
    Words,
    Zone,
    is_mail,
    secrets,
    shaped,
    shown,
    single,
    wrong,
)
from monitor.edge.identifiers import nearest, nearest_scheme, scheme_of
from monitor.edge.watchlist import WatchlistFile
from monitor.edge.yamldoc import Mistake, Node
from monitor.model import Customer, Severity

WATCHLIST = "watchlist.yaml"
SETTINGS = "counterwatch.yaml"

Language = Literal["en", "zh"]
Level = Literal["info", "low", "medium", "high", "critical"]


class ConfigMistakes(Exception):  # noqa: N818 - it says what it holds
    """The files cannot be used. `mistakes` holds all of them, warnings too; str() is one a line."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(mistakes)
        self.mistakes = tuple(mistakes)

    def __str__(self) -> str:
        return "\n".join(map(str, self.mistakes))


# --------------------------------------------------------------------------- the model of counterwatch.yaml


def _read_allow(value: object) -> object:
    """`true` allows the source's base_url alone, a list allows exactly those hosts and ports."""
    if isinstance(value, str):
        if value.lower() not in ("true", "false"):
            raise wrong(f"neither true, false nor a list: {shown(value)}", "write true, or [127.0.0.1:9000]")
        return {"base": value.lower() == "true"}
    return {"hosts": value}


def _read_options(value: object) -> object:
    if not isinstance(value, dict):
        raise wrong("keys with values are expected here", "write {key: value}")
    return value


class Allowed(Strict):
    """Private addresses a source may reach: its own base_url, or exactly these."""

    base: bool = False
    hosts: tuple[HostPort, ...] = ()


Allow = Annotated[
    Allowed,
    BeforeValidator(_read_allow),
    WithJsonSchema(
        {
            "description": "true: the host and port of base_url; or a list of host:port.",
            "type": ["boolean", "array"],
            "items": {"type": "string", "pattern": r":\d+$"},
        }
    ),
]
Options = Annotated[
    dict[str, Any],
    BeforeValidator(_read_options),
    WithJsonSchema({"type": "object", "description": "Settings of this source alone; its page names them."}),
]


class Agreement(Strict):
    """Who accepted the source's terms of use, and when."""

    accepted_by: Text
    on: Day


class SourceSettings(Strict):
    """How one source is asked."""

    enabled: Flag | None = None  # None: as the source itself declares
    every: Duration | None = None
    pace: Pace | None = None  # seconds between two requests to one host
    base_url: Url | None = None  # stands for every host of the source, path kept
    base_urls: dict[str, Url] = Field(default_factory=dict)  # host -> address, where paths collide
    allow_private: Allow = Allowed()
    ports: tuple[Port, ...] = ()
    urls: tuple[Url, ...] = ()  # feeds and pages that are followed for everyone
    agreement: Agreement | None = None
    options: Options = Field(default_factory=dict)


class QuietHours(Strict):
    """Nothing but critical is sent between these times of day."""

    start: TimeOfDay
    end: TimeOfDay


class SlackSettings(Strict):
    """Channels. Tokens are credentials: SLACK_BOT_TOKEN, SLACK_APP_TOKEN, or SLACK_WEBHOOK_URL."""

    channel: Channel = "#customer-watch"
    ops_channel: Channel = "#counterwatch-ops"
    deciders: Words = ()  # member ids that may mute, dismiss and resolve; empty: everybody
    digest_at: TimeOfDay = "08:30"  # the daily digest, on working days
    weekly_on: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"  # the weekly digest goes with it
    quiet: QuietHours | None = None
    calendar: Country | None = None  # whose working days digests and reminders keep; none: Monday to Friday


class LedgerSettings(Strict):
    """The receivables file."""

    path: Text
    every: Duration = timedelta(days=1)
    max_age: Duration = timedelta(days=10)


class SelfSettings(Strict):
    """Who we are: names and domains that are guarded against look-alikes."""

    names: Words = ()
    domains: Words = ()


class PersonSettings(Strict):
    """Somebody who is mentioned in Slack."""

    mail: Mail | None = None
    slack: Annotated[Text | None, Field(pattern=r"^[UW][A-Z0-9]{6,}$", description="A member id, U….")] = None
    language: Language | None = None
    timezone: Zone | None = None
    deputy: Text | None = None
    calendar: Country | None = None


class InsurerSettings(Strict):
    """The user's own policy: nothing is assumed when a figure is missing."""

    report_insolvency_workdays: Count | None = None
    report_overdue_days: Count | None = None
    calendar: Country | None = None


class TierSettings(Strict):
    """How often customers of the tier are looked at (2.0: half as often), and what exposure is normal."""

    pace: Positive | None = None
    limit: Amount | None = None


class ListSettings(Strict):
    """A public list that needs no Python."""

    id: Annotated[Text, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    url: Url
    format: Literal["csv", "json"] = "csv"
    encoding: Text = "utf-8"
    match: dict[str, Text]  # column -> identifier scheme, or `name`
    on_add: Annotated[Text, Field(pattern=r"^[a-z]+\.[a-z_]+$")]
    every: Duration = timedelta(days=1)


class PublishSettings(Strict):
    dir: Text


class MatcherSettings(Strict):
    """Which events are meant: one value or a list each; shell patterns such as reg.* are allowed."""

    types: Words = ()
    customers: Words = ()
    sources: Words = ()
    tiers: Words = ()
    countries: Words = ()
    severities: Annotated[tuple[Level, ...], BeforeValidator(lambda v: [v] if isinstance(v, str) else v)] = ()


class RuleSettings(Strict):
    """Another severity for matching events, or silence; silence needs a reason and an end."""

    name: Text | None = None
    when: MatcherSettings
    set: Level | None = None
    mute: Flag = False
    reason: Text | None = None
    until: Day | None = None

    @model_validator(mode="after")
    def _whole(self) -> RuleSettings:
        if self.mute and not (self.reason and self.until):
            raise wrong("a mute needs a reason and an end", "add reason: … and until: 2027-03-31")
        if self.mute == (self.set is not None):
            raise wrong("a rule sets a severity or mutes", "write either set: high or mute: true")
        return self


class RouteSettings(Strict):
    """Where matching events go; every route that matches gets its copy."""

    name: Text | None = None
    when: MatcherSettings = MatcherSettings()
    channel: Channel
    mention: Text | None = None
    language: Language | None = None
    timezone: Zone | None = None
    group: Wait | None = None
    digest_at: TimeOfDay | None = None
    quiet: QuietHours | None = None
    calendar: Country | None = None


class RetentionSettings(Strict):
    evidence: Duration = timedelta(days=730)
    incident_evidence: Duration = timedelta(days=2190)
    personal_data: Duration = timedelta(days=730)


class HttpSettings(Strict):
    """How sources are asked, all together."""

    concurrency: Count = 64
    slow_lane: Count = 8
    per_host: Count = 2
    user_agent_contact: Annotated[Text | None, Field(description="Whom a source may write to.")] = None
    proxy: ProxyUrl | None = None  # a user name may stand in it, the password is a credential
    ca_bundle: Text | None = None
    slow_after: Wait = 1.0
    total: Wait = 60.0


class WaitSettings(Strict):
    """All waits. In seconds once read."""

    tick: Wait = 1.0  # how often the daemon looks who is due
    lease: Wait = 180.0  # how long a claimed turn is ours; above the longest look
    spread: Wait = 60.0  # many first looks, or all that is due after a sleep, are spread over
    group: Wait = 30.0  # non-critical facts of one incident gather
    second_look: Wait = 3600.0  # a removal is confirmed after
    opening: Wait = 900.0  # the opening report waits for first looks
    settle: Wait = 15.0  # an ambiguous post may still appear
    reminder: Wait = 14400.0  # an unacknowledged critical is said again
    stale_floor: Wait = 3600.0  # no source is stale sooner
    stale_cap: Wait = 86400.0  # every source is stale by then
    backoff_cap: Wait = 21600.0
    full: Wait = 604800.0  # an unconditional look at least this often
    reload: Wait = 1.0  # a file must lie still before it is read again
    dropped_file: Wait = 10.0  # the same for files others drop


class DateSettings(Strict):
    """Dates that cost money if they are missed: how many days before each people are reminded."""

    remind_days: tuple[Count, ...] = (7, 1)


class Settings(Strict):
    """How the daemon runs. Every key has a default; an empty file is valid."""

    store: Annotated[
        Text, Field(description="sqlite:///file or postgresql+psycopg://user@host/name, without a password.")
    ] = "sqlite:///counterwatch.db"
    language: Language = "en"
    timezone: Zone = "UTC"
    currency: Currency = "EUR"
    rates: dict[str, Positive] = Field(default_factory=dict, description="What one unit is worth in `currency`.")
    slack: SlackSettings = SlackSettings()
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    ledger: LedgerSettings | None = None
    ourselves: SelfSettings = Field(default=SelfSettings(), alias="self")
    people: dict[str, PersonSettings] = Field(default_factory=dict)
    insurers: dict[str, InsurerSettings] = Field(default_factory=dict)
    tiers: dict[Literal["A", "B", "C"], TierSettings] = Field(default_factory=dict)
    lists: tuple[ListSettings, ...] = ()
    publish: PublishSettings | None = None
    rules: tuple[RuleSettings, ...] = ()
    routes: tuple[RouteSettings, ...] = ()
    listen: Listen = "127.0.0.1:9464"
    retention: RetentionSettings = RetentionSettings()
    http: HttpSettings = HttpSettings()
    waits: WaitSettings = WaitSettings()
    dates: DateSettings = DateSettings()

    def source(self, name: str) -> SourceSettings:
        """Return what is said about a source; its defaults if nothing is."""
        return self.sources.get(name, _UNSAID)

    def block(self, name: str) -> dict[str, Any]:
        """Return what a watcher is handed: the source's own options, and `urls` as a list."""
        said = self.source(name)
        return {**said.options, "urls": list(said.urls)}


_UNSAID = SourceSettings()


# --------------------------------------------------------------------------- loading


@dataclass(frozen=True, slots=True)
class Files:
    """The bytes of both files, read together. `digest` is over them: equal digests, equal configuration."""

    settings: bytes
    watchlist: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(len(self.settings).to_bytes(8, "big") + self.settings + self.watchlist).hexdigest()

    @property
    def list_digest(self) -> str:
        """Names the watchlist alone."""
        return hashlib.sha256(self.watchlist).hexdigest()


@dataclass(frozen=True, slots=True)
class Config:
    """Both files, read and checked. `digest` is that of the files, `list_digest` that of the watchlist."""

    settings: Settings
    policy: policy.Policy
    customers: tuple[Customer, ...]
    warnings: tuple[Mistake, ...]
    digest: str
    list_digest: str = ""


def load(folder: Path, *, sources: Collection[str], known: Config | None = None, keep: Path | None = None) -> Config:
    """Read both files of `folder` whole; see `files` and `read`. With `known`, an unchanged pair is not read again."""
    found = files(folder)
    if known is not None and known.digest == found.digest:
        return known
    return read(found, sources=sources, keep=keep)


def files(folder: Path) -> Files:
    """Return the bytes of both files. Raises ConfigMistakes if one is missing or cannot be read."""
    settings, watchlist, mistakes = _bytes_of(folder)
    if mistakes:
        raise ConfigMistakes(mistakes)
    return Files(settings, watchlist)


def read(given: Files, *, sources: Collection[str], keep: Path | None = None) -> Config:
    """Read both files into a new configuration.

    `sources` are the names of the known watchers. `keep` is a file of our own that holds the validated watchlist
    for the next start. Raises ConfigMistakes with every mistake of both files.
    """
    settings, found = read_settings(given.settings, SETTINGS, sources=sources)
    customers, more = _customers(given.watchlist, settings, sources, keep)
    if settings:
        more = more + _unweighable(customers, settings)
    mistakes = told(found, given.settings, SETTINGS) + told(more, given.watchlist, WATCHLIST)
    if settings is None or any(mistake.severity == "error" for mistake in mistakes):
        raise ConfigMistakes(mistakes)
    return Config(settings, policy_of(settings), customers, tuple(mistakes), given.digest, given.list_digest)


def _customers(
    data: bytes, settings: Settings | None, sources: Collection[str], keep: Path | None
) -> tuple[tuple[Customer, ...], list[Mistake]]:
    """Read the watchlist, or take what an earlier start kept of the very same file."""
    people = sorted(settings.people) if settings else None
    currency = settings.currency if settings else "EUR"
    key = kept.key_of(hashlib.sha256(data).hexdigest(), people, currency, sorted(sources))
    if keep is not None and (again := kept.find(keep, key)) is not None:
        return again
    customers, mistakes = watchlist.read(data, WATCHLIST, sources=sources, people=people, currency=currency)
    if keep is not None and not any(mistake.severity == "error" for mistake in mistakes):
        kept.keep(keep, key, customers, mistakes)
    return customers, mistakes


def read_settings(
    data: bytes, file: str, *, sources: Collection[str], people: Collection[str] = ()
) -> tuple[Settings | None, list[Mistake]]:
    """Read counterwatch.yaml; return the settings (None if their shape is wrong) and every mistake.

    `people` are known besides those of the file.
    """
    root, mistakes = yamldoc.read(data, file)
    if root is None or root.value is None:
        return (None if mistakes else Settings()), mistakes
    settings, found = shaped(Settings, root, file)
    mistakes.extend(found)
    mistakes.extend(_names(root, file, sources, people))
    mistakes.extend(timetable.mistakes(root, file))
    return settings, mistakes


def _bytes_of(folder: Path) -> tuple[bytes, bytes, list[Mistake]]:
    """Return the bytes of both files; a missing counterwatch.yaml reads as an empty one."""
    read: dict[str, bytes] = {SETTINGS: b"", WATCHLIST: b""}
    mistakes = []
    for name in read:
        path = folder / name
        try:
            if (big := yamldoc.too_big(path.stat().st_size, name)) is not None:
                mistakes.append(big)
                continue
            read[name] = path.read_bytes()
        except FileNotFoundError:
            if name == WATCHLIST:
                message = f"there is no {name} in {folder}"
                mistakes.append(
                    Mistake(name, 0, 0, message, f"`counterwatch init {folder}` writes one with an example")
                )
        except OSError as error:
            hint = _UNREADABLE.get(error.errno or 0, "check its owner and mode")
            mistakes.append(Mistake(name, 0, 0, f"the file cannot be read: {error.strerror}", hint))
            if error.errno == errno.ENOTDIR:
                break  # the other file says the same
    return read[SETTINGS], read[WATCHLIST], mistakes


_UNREADABLE = {
    errno.EISDIR: "a folder stands where the file belongs",
    errno.ENOTDIR: "--config names the folder of both files, not one of them",
}


def told(found: Iterable[Mistake], data: bytes, file: str) -> list[Mistake]:
    """Return what a person is told: by line, one error a place, and nothing else about a line with a secret."""
    said = secrets(data.decode("utf-8", "replace"), file)
    lines = {mistake.line for mistake in said}
    said.extend(mistake for mistake in single(list(found)) if mistake.line not in lines or not mistake.line)
    return sorted(said, key=lambda mistake: (mistake.line, mistake.column))


def _unweighable(customers: Iterable[Customer], settings: Settings) -> list[Mistake]:
    """Warn once for each currency that has no rate: its amounts cannot lift a severity (decisions 16)."""
    found: dict[str, Mistake] = {}
    for customer in customers:
        currency = customer.exposure.currency if customer.exposure else settings.currency
        if currency != settings.currency and currency not in settings.rates and currency not in found:
            message = f"amounts in {currency} cannot be weighed: no rate"
            hint = f"add rates: {{{currency}: …}} to {SETTINGS}: what 1 {currency} is worth in {settings.currency}"
            found[currency] = Mistake(WATCHLIST, customer.line or 0, 1, message, hint, "warning")
    return list(found.values())


def _names(root: Node, file: str, sources: Collection[str], more: Collection[str]) -> list[Mistake]:
    """Check the names that one part of the file uses and another part, or the program, gives."""
    found: list[Mistake] = []

    def unknown(place: tuple[int, int], message: str, hint: str) -> None:
        found.append(Mistake(file, *place, message, hint))

    for name, place in _keys_of(root.get("sources")):
        if name not in sources:
            unknown(
                place, f"unknown source {shown(name)}", nearest(name, sources) or "`counterwatch sources` lists them"
            )
    people = {*more, *(name for name, _ in _keys_of(root.get("people")))}
    for person in _values_of(root.get("people")):
        deputy = person.get("deputy")
        if deputy is not None and isinstance(deputy.value, str) and deputy.value not in people:
            hint = nearest(deputy.value, people) or "write a key of people"
            unknown(deputy.place, f"nobody is called {shown(deputy.value)} under people", hint)
    for route in _values_of(root.get("routes")):
        mention = route.get("mention")
        written = mention.value if mention is not None else None
        if mention is not None and isinstance(written, str) and written not in people and not is_mail(written):
            hint = nearest(written, people) or "write a key of people, or a mail address"
            unknown(mention.place, f"nobody is called {shown(written)} under people", hint)
    for name, place in _keys_of(root.get("rates")):
        if not (len(name) == 3 and name.isascii() and name.isupper()):
            unknown(place, f"not a currency: {shown(name)}", "three capital letters, such as USD")
    for listed in _values_of(root.get("lists")):
        for scheme in _values_of(listed.get("match")):
            if isinstance(scheme.value, str) and scheme.value != "name" and scheme_of(scheme.value) is None:
                unknown(
                    scheme.place, f"unknown identifier scheme {shown(scheme.value)}", nearest_scheme(scheme.value, "")
                )
    for when in (rule.get("when") for part in ("rules", "routes") for rule in _values_of(root.get(part))):
        found.extend(_unmet(when, file, sources))
    store = root.get("store")
    if store is not None and isinstance(store.value, str) and not _STORE.match(store.value):
        unknown(
            store.place,
            f"not a store: {shown(store.value)}",
            "sqlite:///file.db or postgresql+psycopg://user@host/name",
        )
    return found


def _unmet(when: Node | None, file: str, sources: Collection[str]) -> list[Mistake]:
    """Name conditions that can never be met: a rule that silently matches nothing is worse than none."""
    known: dict[str, tuple[Collection[str], str]] = {
        "sources": (sources, "unknown source"),
        "countries": (COUNTRIES, "not a country code"),
        "tiers": (("A", "B", "C"), "unknown tier"),
    }
    found = []
    for name, (words, message) in known.items():
        written = when.get(name) if when is not None else None
        for node in [written] if written is not None and isinstance(written.value, str) else _values_of(written):
            if isinstance(node.value, str) and not any(fnmatchcase(word, node.value) for word in words):
                meant = {"UK": "GB", "EL": "GR"}.get(node.value.upper(), node.value.upper())
                hint = f"write {meant}" if meant in words else nearest(node.value, words)
                found.append(Mistake(file, *node.place, f"{message} {shown(node.value)}", hint))
    return found


# A file; or user@host:port/name, all of it but the name optional (a socket's folder may stand behind ?host=).
_STORE = re.compile(
    r"sqlite(\+pysqlite)?:///\S.*|postgresql(\+psycopg)?://([^\s/@]+@)?(\[[0-9a-fA-F:]+\]|[^\s/:@]*)(:\d{1,5})?/\S+"
)


def _keys_of(node: Node | None) -> list[tuple[str, tuple[int, int]]]:
    return list((node.keys or {}).items()) if node is not None else []


def _values_of(node: Node | None) -> list[Node]:
    if node is None or not isinstance(node.value, dict | list):
        return []
    return list(node.value.values()) if isinstance(node.value, dict) else node.value


# --------------------------------------------------------------------------- the policy


def policy_of(settings: Settings) -> policy.Policy:
    """Return what decisions need of the settings."""
    waits = settings.waits
    return policy.Policy(
        language=settings.language,
        timezone=settings.timezone,
        channel=settings.slack.channel,
        ops_channel=settings.slack.ops_channel,
        currency=settings.currency,
        rates=dict(settings.rates),
        tiers=tiers_of(settings.tiers),
        insurers={
            name: policy.Insurer(one.report_insolvency_workdays, one.report_overdue_days, one.calendar)
            for name, one in settings.insurers.items()
        },
        people={
            key: policy.Person(key, one.mail, one.slack, one.language, one.timezone, one.deputy, one.calendar)
            for key, one in settings.people.items()
        },
        rules=tuple(_rule(number, one) for number, one in enumerate(settings.rules, 1)),
        routes=tuple(_route(number, one) for number, one in enumerate(settings.routes, 1)),
        group_wait=waits.group,
        digest_at=time.fromisoformat(settings.slack.digest_at),
        weekly_on=_WEEKDAYS.index(settings.slack.weekly_on),
        quiet=_quiet(settings.slack.quiet),
        calendar=settings.slack.calendar,
        reminder=waits.reminder,
        remind_days=tuple(sorted(settings.dates.remind_days, reverse=True)),
        second_look=waits.second_look,
        opening_wait=waits.opening,
        stale_floor=waits.stale_floor,
        stale_cap=waits.stale_cap,
        backoff_cap=waits.backoff_cap,
        full_every=waits.full,
    )


def tiers_of(given: Mapping[Literal["A", "B", "C"], TierSettings]) -> dict[str, policy.Tier]:
    """Return all tiers: what is written, over what holds without it."""
    tiers = dict(policy.Policy().tiers)
    for name, one in given.items():
        limit: Money | None = one.limit
        tiers[name] = policy.Tier(
            pace=float(one.pace) if one.pace is not None else tiers[name].pace,
            limit=limit.amount if limit else None,
            currency=limit.currency if limit else None,
        )
    return tiers


def _rule(number: int, one: RuleSettings) -> policy.Rule:
    return policy.Rule(
        name=one.name or f"rule {number}",
        when=_matcher(one.when),
        set=Severity(one.set) if one.set else None,
        mute=one.mute,
        reason=one.reason or "",
        until=one.until,
    )


def _route(number: int, one: RouteSettings) -> policy.Route:
    pace = policy.Pace(
        group=one.group,
        digest_at=time.fromisoformat(one.digest_at) if one.digest_at else None,
        quiet=_quiet(one.quiet),
        timezone=one.timezone,
        calendar=one.calendar,
    )
    name = one.name or f"route {number}"
    return policy.Route(name, _matcher(one.when), one.channel, one.mention, one.language, pace)


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _quiet(given: QuietHours | None) -> policy.Quiet | None:
    return policy.Quiet(time.fromisoformat(given.start), time.fromisoformat(given.end)) if given else None


def _matcher(one: MatcherSettings) -> policy.Matcher:
    return policy.Matcher(one.types, one.customers, one.sources, one.tiers, one.countries, one.severities)


# --------------------------------------------------------------------------- schemas


def schemas() -> dict[str, str]:
    """Return the JSON Schema of each file, by file name, as it is shipped."""
    return {
        "watchlist.schema.json": _schema(WatchlistFile, "counterwatch: the watchlist"),
        "counterwatch.schema.json": _schema(Settings, "counterwatch: how the daemon runs"),
    }


def _schema(model: type[BaseModel], title: str) -> str:
    made = model.model_json_schema(mode="validation", schema_generator=_Plain)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return (
        json.dumps(head | {key: value for key, value in made.items() if key != "title"}, indent=2, ensure_ascii=False)
        + "\n"
    )


class _Plain(GenerateJsonSchema):
    """Leaves out what only repeats the key, and defaults, which are Python values here."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


def main() -> None:
    """Write the schemas into the repository's config/schema."""
    folder = Path(__file__).parents[2] / "config" / "schema"
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
