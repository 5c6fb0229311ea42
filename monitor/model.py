"""The words of counterwatch: customer, record, look, change, event, incident, verdict, alert.

Standard library only. Everything here is frozen; times are timezone-aware UTC `datetime`s unless a
field says that it may be a plain date, in which case it is text (`2026-11-02` or RFC 3339) and no
midnight is ever invented. Money is `Decimal` with its currency. Identifiers are text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

Json = None | bool | int | float | str | list[Any] | dict[str, Any]
Fields = Mapping[str, Any]
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Severity(StrEnum):
    """How much it matters: what to do is in `config/events.yaml`."""

    INFO = "info"  # timeline only
    LOW = "low"  # digest
    MEDIUM = "medium"  # this week's review
    HIGH = "high"  # same day
    CRITICAL = "critical"  # stop shipment, call today

    @property
    def rank(self) -> int:
        return _ORDER.index(self)

    def lifted(self, steps: int) -> Severity:
        """Return the level `steps` above (or below, if negative), kept inside the scale."""
        return _ORDER[max(0, min(len(_ORDER) - 1, self.rank + steps))]

    def capped(self, ceiling: Severity) -> Severity:
        return self if self.rank <= ceiling.rank else ceiling

    def floored(self, floor: Severity) -> Severity:
        return self if self.rank >= floor.rank else floor


_ORDER = (Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


class Outcome(StrEnum):
    """What one look at a source came to. Only the good ones say anything about the customer."""

    CHANGED = "changed"
    SAME = "same"
    NOT_LISTED = "not_listed"
    EMPTY = "empty"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    DOWN = "down"
    DRIFTED = "drifted"

    @property
    def good(self) -> bool:
        return self in (Outcome.CHANGED, Outcome.SAME, Outcome.NOT_LISTED)


# --------------------------------------------------------------------------- the customer


@dataclass(frozen=True, slots=True)
class Exposure:
    """Our money with a customer, in one currency. `open` excludes in_transit and on_order."""

    open: Decimal = Decimal(0)
    overdue: Decimal = Decimal(0)
    in_transit: Decimal = Decimal(0)
    on_order: Decimal = Decimal(0)
    limit: Decimal | None = None
    currency: str = "EUR"
    as_of: date | None = None  # the day of the ledger, if the figures carry one


@dataclass(frozen=True, slots=True)
class Insured:
    """A credit insurer's cover: the buyer limit (in the exposure's currency unless given) and the share it pays."""

    by: str
    limit: Decimal
    share: Decimal
    until: date | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Payment terms: OA60 is kind OA, days 60. `raw` is what the person wrote."""

    kind: Literal["OA", "DP", "DA", "LC", "TT", "prepaid"]
    days: int | None
    raw: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody told us about the customer, and who said it and when."""

    field: str
    value: Any
    said_by: str | None = None
    on: date | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    url: str
    select: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """The full review that people do by hand: how often, and when it was last done."""

    every: timedelta | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """One entry of the watchlist, as the person wrote it."""

    id: str
    name: str
    country: str  # ISO 3166-1 alpha-2
    ids: Mapping[str, str] = field(default_factory=dict)  # scheme (no.orgnr, lei, gb_company, …) -> number as text
    aliases: tuple[str, ...] = ()
    website: str | None = None
    tier: Literal["A", "B", "C"] = "B"
    owner: str | None = None  # a key of `people`, or a mail address
    channel: str | None = None
    terms: Terms | None = None
    exposure: Exposure | None = None
    insured: Insured | None = None
    claims: tuple[Claim, ...] = ()
    feeds: tuple[str, ...] = ()  # watch.feeds
    industry_feeds: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()
    exclude: tuple[str, ...] = ()  # watch.exclude: phrases that mean somebody else
    off: frozenset[str] = frozenset()
    on: frozenset[str] = frozenset()
    documents: Mapping[str, date] = field(default_factory=dict)  # trade_licence, … -> the last day it holds
    review: Review | None = None
    line: int | None = None  # where it stands in the watchlist


# --------------------------------------------------------------------------- what a source says


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody a record names, with the role it gives them and the identifiers it states."""

    name: str
    role: str = "mentioned"
    ids: Mapping[str, str] = field(default_factory=dict)
    country: str | None = None
    city: str | None = None
    address: str | None = None
    activity: str | None = None  # what the source says it does


@dataclass(frozen=True, slots=True)
class Signal:
    """What the source's own code for a record means in our taxonomy (Gazette 2450 -> ins.petition_filed)."""

    event: str
    stage: str = "final"
    occurred_at: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One normalized fact with a stable key from the source's own ids.

    `parties` and `signals` steer matching and naming; they are kept with the record but are not
    compared. `twin` is the secondary key of a log item (link, or title and day).
    """

    kind: str
    key: str
    fields: Fields
    published_at: str | None = None
    url: str | None = None
    parties: tuple[Party, ...] = ()
    signals: tuple[Signal, ...] = ()
    twin: str | None = None

    @property
    def id(self) -> tuple[str, str]:
        return (self.kind, self.key)


@dataclass(frozen=True, slots=True)
class Held:
    """A record as the snapshot holds it: since when, and how long the source has been silent about it."""

    record: Record
    digest: bytes  # of the compared fields, see judge.diff.digest
    first_seen: datetime
    valid_from: datetime  # since when it has read like this
    missing_since: datetime | None = None
    missing_looks: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A raw answer as it came, kept because it caused an event."""

    sha256: str
    body: bytes
    media_type: str
    url: str
    source: str
    status: int
    headers: Mapping[str, str]
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """One claimed poll of one watch. `number` fences: a result commits only while it is still the watch's turn."""

    watch: int
    source: str
    subject: str  # customer id, or the key of a stream target
    number: int
    due_at: datetime
    lease_until: datetime
    url: str = ""  # stream targets
    host: str = ""
    version: int = 0  # of the watcher that made the snapshot; 0: none yet
    fails: int = 0  # bad looks in a row
    outcome: Outcome | None = None  # of the last look
    last_good_at: datetime | None = None
    full_at: datetime | None = None  # the last unconditional look
    baseline_at: datetime | None = None  # when the first look was taken; None: this is the first
    second_look: bool = False  # this turn confirms a removal
    validators: Mapping[str, Any] = field(default_factory=dict)  # url -> etag, last-modified, body digest
    memory: bytes | None = None
    cursor: str | None = None
    snapshot: bytes | None = None  # digest over all held records; equal means nothing to compare


@dataclass(frozen=True, slots=True)
class Look:
    """The outcome of one turn, as `poll --json` and the database tell it."""

    source: str
    subject: str
    outcome: Outcome
    records: int
    complete: bool
    reason: str = ""


# --------------------------------------------------------------------------- what changed


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between what we knew and what the source says now.

    `fields` names the fields that differ (empty for added and removed). `first` marks what the
    first look found: it is the baseline, not news.
    """

    what: Literal["added", "removed", "altered"]
    before: Record | None
    after: Record | None
    fields: tuple[str, ...] = ()
    first: bool = False

    @property
    def record(self) -> Record:
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a name that logs, tests and texts share, with the facts that fill its sentence."""

    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a record speaks of this customer, and how we know."""

    customer: str
    verdict: Literal["same", "possible", "related", "no"]
    score: float  # 0 to 1; an agreeing identifier is 1
    role: str = "mentioned"
    relation: str = "self"
    reasons: tuple[Reason, ...] = ()

    @property
    def identified(self) -> bool:
        """Whether an identifier, an address given for it or a person's word, not only a name, ties it to the customer."""
        return any(r.name in _SURE for r in self.reasons)


_SURE = frozenset(("identifier_agrees", "asked_by_identifier", "own_address", "confirmed_by_person"))


@dataclass(frozen=True, slots=True)
class Origin:
    """A voice: a register, a court, an outlet. One that only repeats another says whom, and does not count."""

    name: str  # "London Gazette", "GLEIF", the outlet's name
    source: str  # the watcher
    official: bool
    url: str | None = None
    title: str = ""  # the headline, by which copies are told
    agency: str = ""  # the news agency it credits
    repeats: str | None = None  # the name of the voice it only repeats


@dataclass(frozen=True, slots=True)
class Event:
    """A named change that concerns a customer (or the machine itself, for sys.*).

    `key` follows decisions 12: type + customer + natural key + effective date or spell; the source is
    never in it, so a second source joins as an origin. `facts` fills the sentences: `old`, `new`,
    `field`, `authority`, `title`, `case`, `dates` (name -> date), `outlet`, …
    """

    id: str
    key: str
    type: str
    customer: str | None
    source: str
    first_seen: datetime
    occurred_at: str | None = None
    published_at: str | None = None
    url: str | None = None
    title: str = ""
    role: str = "debtor"
    stage: str = "final"
    relation: str = "self"
    polarity: Literal["negative", "neutral", "positive"] = "negative"
    confidence: float = 1.0
    identified: bool = True  # an identifier ties it to the customer
    baseline: bool = False
    record_kind: str = ""
    record_key: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    match: tuple[Reason, ...] = ()
    origins: tuple[Origin, ...] = ()
    evidence: tuple[str, ...] = ()  # sha256 of the raw answers

    @property
    def family(self) -> str:
        return self.type.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much an event matters, with every rule that spoke, in the order they spoke."""

    severity: Severity
    reasons: tuple[Reason, ...] = ()
    silent: str | None = None  # the name of the reason nothing is sent, if so


@dataclass(frozen=True, slots=True)
class Incident:
    """Events about the same thing, over time and sources."""

    id: str
    customer: str | None
    topic: str  # what joins: insolvency, case:CR-2026-001, registry life, …
    severity: Severity
    state: Literal["open", "closed"]
    opened_at: datetime
    updated_at: datetime
    version: int = 1  # raised by each fact that changes what a reader should see
    events: int = 1
    head: str = ""  # id of the event the root message speaks of (the gravest, newest)
    acked_at: datetime | None = None  # when a person said: seen, I deal with it; cleared when it gets graver
    acked_by: str | None = None
    acked_severity: Severity | None = None  # how grave it was then


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of one record and one customer: this is not the company, or it is.

    It holds for the record as it read then: `digest` is over its material fields, which `fields` keeps, so that a
    change can be named when it reopens the question.
    """

    verdict: Literal["dismissed", "confirmed"]
    customer: str
    source: str
    record_kind: str
    record_key: str
    digest: str
    fields: Fields
    event: str  # the one it was said of
    by: str
    at: datetime
    reason: str = ""
    ended_at: datetime | None = None
    ended_why: str = ""  # reopened, replaced, withdrawn
    number: int | None = None


DeadlineName = Literal[
    "claims_deadline",
    "hearing",
    "creditors_meeting",
    "objection_deadline",
    "insurer_report",
    "document_expiry",
    "review_due",
]
DeadlineState = Literal["open", "moved", "passed", "done", "cancelled"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date that costs money if it is missed: of an incident, or of the customer's own file.

    `day` is a plain date or RFC 3339, as the source has it. `country` says whose calendar counts.
    """

    id: str
    customer: str
    name: DeadlineName
    day: str
    state: DeadlineState
    created_at: datetime
    updated_at: datetime
    incident: str | None = None
    event: str | None = None  # the one that stated it
    source: str = ""  # a watcher; "" for what we computed or the watchlist says
    country: str | None = None
    was: str | None = None  # the day before it was moved
    reminded: tuple[str, ...] = ()  # the steps people were reminded at: "7", "1", "0", "passed"
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Share:
    """Our own share of the money at risk (decisions 16)."""

    own: Decimal
    open: Decimal
    overdue: Decimal
    in_transit: Decimal
    on_order: Decimal
    insured_limit: Decimal | None
    insured_share: Decimal | None
    currency: str
    as_of: date | None


AlertState = Literal["pending", "sent", "parked", "suppressed"]
# A reminder goes into an incident's thread; a line waits for the daily digest and is never sent by itself; a summary is
# the daily or weekly digest.
AlertKind = Literal["root", "reply", "reminder", "line", "report", "summary", "ops", "digest"]


@dataclass(frozen=True, slots=True)
class Alert:
    """What is sent, and what became of it. `pending` covers a claimed row whose post is in flight."""

    id: str
    key: str  # event + channel
    kind: AlertKind
    channel: str
    severity: Severity
    event: str | None = None
    incident: str | None = None
    customer: str | None = None
    state: AlertState = "pending"
    reason: str = ""
    attempts: int = 0
    created_at: datetime | None = None
    not_before: datetime | None = None
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    slack_channel: str | None = None  # the id it really went to
    slack_ts: str | None = None
    shown: int = 0  # the incident version the message shows
    mention: str | None = None  # owner address or person to mention
    facts: Mapping[str, Any] = field(default_factory=dict)  # for kinds that have no event (report, ops, digest)


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered alert: `text` for notifications, screen readers and the console; `blocks` for Slack."""

    text: str
    blocks: tuple[Mapping[str, Any], ...]
