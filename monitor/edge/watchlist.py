"""config/watchlist.yaml: the customers as a person writes them, read one by one."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from monitor.edge import yamldoc
from monitor.edge.fields import (
    Amount,
    Channel,
    Country,
    Currency,
    Day,
    Duration,
    Money,
    Share,
    Strict,
    Text,
    Url,
    Words,
    is_mail,
    shaped,
    shown,
    wrong,
)
from monitor.edge.identifiers import (
    ALIASES,
    OWN,
    nearest,
    nearest_scheme,
    odd_characters,
    read_number,
    scheme_of,
    slug,
)
from monitor.edge.yamldoc import Mistake, Node
from monitor.model import Claim, Customer, Exposure, Insured, Page, Review, Terms

_TERMS = re.compile(r"^(OA|DP|DA|LC|TT|prepaid) ?(\d{1,3})?$")
_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


@lru_cache(maxsize=256)
def _terms(value: str) -> Terms:
    found = _TERMS.match(value)
    if not found:
        raise wrong(f"not payment terms: {shown(value)}", "OA, DP, DA, LC, TT or prepaid, with days if any: OA60")
    kind: Any = found[1]
    return Terms(kind, int(found[2]) if found[2] else None, value)


def _read_terms(value: object) -> Terms:
    if not isinstance(value, str):
        raise wrong("payment terms are expected here", "OA, DP, DA, LC, TT or prepaid, with days if any: OA60")
    return _terms(value)


def _read_id(value: object) -> str:
    if not isinstance(value, str) or not _ID.match(value):
        written = shown(value) if isinstance(value, str) else "a list or mapping"
        raise wrong(f"not an id: {written}", "up to 64 of a-z, 0-9, point, dash and underscore")
    return value


def _read_version(value: object) -> int:
    if value != "1":
        raise wrong("this program reads version 1 of the file", "write version: 1")
    return 1


def _read_claim(value: object) -> object:
    whole = isinstance(value, dict) and not _CLAIM_KEYS.isdisjoint(value)
    return value if whole else {"value": value}


def _read_page(value: object) -> object:
    return {"url": value} if isinstance(value, str) else value


Version = Annotated[int, BeforeValidator(_read_version), WithJsonSchema({"const": 1})]
TermsText = Annotated[
    Terms,
    BeforeValidator(_read_terms),
    WithJsonSchema({"type": "string", "pattern": _TERMS.pattern, "description": "Payment terms with days: OA60."}),
]
CustomerId = Annotated[
    str,
    BeforeValidator(_read_id),
    WithJsonSchema(
        {"type": ["string", "integer"], "pattern": _ID.pattern, "description": "The stable key of all history."}
    ),
]
_NUMBER_SCHEMA = {"type": ["string", "integer"]}
Identifiers = Annotated[
    dict[str, Text],
    WithJsonSchema(
        {
            "type": "object",
            "description": "Register and tax numbers; also any scheme of python-stdnum, such as mx.rfc.",
            "properties": dict.fromkeys((*ALIASES, *OWN), _NUMBER_SCHEMA),
            "additionalProperties": _NUMBER_SCHEMA,
        }
    ),
]
Tier = Literal["A", "B", "C"]


class ClaimEntry(Strict):
    value: Any
    said_by: Literal["buyer", "website", "our_files"] | None = None
    on: Day | None = None
    file: Text | None = None


_CLAIM_KEYS = frozenset(ClaimEntry.model_fields)
ClaimText = Annotated[
    ClaimEntry,
    BeforeValidator(_read_claim),
    WithJsonSchema(
        {
            "description": "A bare value, or {value, said_by, on, file}.",
            "type": ["string", "number", "array", "object"],
            "properties": {
                "value": {},
                "said_by": {"enum": ["buyer", "website", "our_files"]},
                "on": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
                "file": {"type": "string"},
            },
        }
    ),
]


class PageEntry(Strict):
    url: Url
    select: Text | None = None  # a CSS selector of the part that is watched


PageText = Annotated[
    PageEntry,
    BeforeValidator(_read_page),
    WithJsonSchema(
        {
            "description": "An address, or {url, select} with a CSS selector.",
            "type": ["string", "object"],
            "properties": {"url": {"type": "string"}, "select": {"type": "string"}},
            "required": ["url"],
            "additionalProperties": False,
        }
    ),
]


class ExposureEntry(Strict):
    """Our money with the customer; `open` excludes in_transit and on_order."""

    open: Amount | None = None
    overdue: Amount | None = None
    in_transit: Amount | None = None
    on_order: Amount | None = None
    limit: Amount | None = None
    currency: Currency | None = None
    as_of: Day | None = None


class InsuredEntry(Strict):
    """The credit insurer's cover of this buyer."""

    by: Text
    limit: Amount
    share: Share
    until: Day | None = None


class BankEntry(Strict):
    country: Country | None = None
    holder: Text | None = None


class ContactsEntry(Strict):
    """What payments and mails must agree with."""

    mail_domains: Words = ()
    bank: BankEntry | None = None
    ship_to: Words = ()


class DocumentEntry(Strict):
    """A paper in our file: the last day it holds."""

    expires: Day


class IndustryEntry(Strict):
    nace: Text | None = None
    keywords: Words = ()
    feeds: tuple[Url, ...] = ()


class WatchEntry(Strict):
    """Addresses to follow for this customer, and phrases that mean somebody else."""

    feeds: tuple[Url, ...] = ()
    pages: tuple[PageText, ...] = ()
    exclude: Words = ()


class SourcesEntry(Strict):
    off: Words = ()
    on: Words = ()


class ReviewEntry(Strict):
    """The full review people do by hand: how often, and when it was last done."""

    every: Duration | None = None
    last: Day | None = None


class CustomerEntry(Strict):
    """One customer."""

    name: Annotated[Text, Field(description="The legal name.")]
    country: Country
    id: CustomerId | None = None
    ids: Identifiers = Field(default_factory=dict)
    aliases: Words = ()
    website: Url | None = None
    tier: Tier | None = None
    owner: Annotated[Text | None, Field(description="A key of people in counterwatch.yaml, or a mail address.")] = None
    channel: Channel | None = None
    terms: TermsText | None = None
    exposure: ExposureEntry | None = None
    insured: InsuredEntry | None = None
    claims: dict[str, ClaimText] = Field(default_factory=dict)
    contacts: ContactsEntry | None = None
    documents: dict[str, DocumentEntry] = Field(default_factory=dict)
    industry: IndustryEntry = IndustryEntry()
    watch: WatchEntry = WatchEntry()
    sources: SourcesEntry = SourcesEntry()
    review: ReviewEntry | None = None


class DefaultsEntry(Strict):
    """What holds for every customer that does not say otherwise."""

    tier: Tier = "B"
    channel: Channel | None = None
    owner: Text | None = None
    terms: TermsText | None = None
    review: ReviewEntry | None = None


class WatchlistFile(Strict):
    """Who is watched. Identifiers, names and dates are read as the text that is written."""

    version: Version = 1
    defaults: DefaultsEntry = DefaultsEntry()
    customers: tuple[CustomerEntry, ...]


# --------------------------------------------------------------------------- reading


def read(
    data: bytes, file: str, *, sources: Collection[str], people: Collection[str] | None, currency: str
) -> tuple[tuple[Customer, ...], list[Mistake]]:
    """Read the whole watchlist; return the customers in the order of the file, and every mistake.

    `sources` are the known watchers, `people` the keys of people (None: not known, owners go unchecked),
    `currency` the one amounts are in when none is written. Customers count only if no error is among the mistakes.
    """
    reader = _Reader(file, sources, people, currency)
    root, mistakes = yamldoc.read(data, file, stream="customers", each=reader.customer)
    if root is None:
        mistakes.extend(reader.mistakes)
        return (), mistakes or [Mistake(file, 0, 0, "the file is empty", _NO_CUSTOMERS)]
    whole, found = shaped(WatchlistFile, root, file)
    defaults = root.get("defaults")
    if defaults is not None and (owner := defaults.get("owner")) is not None:
        reader.owner(owner)
    customers = root.get("customers")
    if customers is not None and not reader.entries and not isinstance(customers.value, str | dict):
        found = [m for m in found if m.message != "customers is missing"]
        found.append(Mistake(file, *root.key_place("customers"), "no customer is listed", _NO_CUSTOMERS))
    mistakes.extend(found)
    mistakes.extend(reader.mistakes)
    return reader.finished(whole.defaults if whole else DefaultsEntry()), mistakes


_NO_CUSTOMERS = "an empty list is never read as: watch nobody; `counterwatch init` shows an example"


@dataclass(slots=True)
class _Reader:
    """Reads customers one after the other and remembers only what later ones are compared with."""

    file: str
    sources: Collection[str]
    people: Collection[str] | None
    currency: str
    mistakes: list[Mistake] = field(default_factory=list)
    entries: int = 0
    _drafts: list[tuple[Customer, tuple[str, ...]]] = field(default_factory=list)  # with what defaults fill in
    _known: dict[str, tuple[int, int]] = field(default_factory=dict)  # id -> which entry, and its line
    _numbers: dict[str, tuple[int, int]] = field(default_factory=dict)  # scheme:number -> the same

    def customer(self, node: Node) -> None:
        self.entries += 1
        if not isinstance(node.value, dict):
            self._wrong(node.place, "a customer with name and country is expected here", "write - name: …")
            return
        entry, mistakes = shaped(CustomerEntry, node, self.file)
        self.mistakes.extend(mistakes)
        ids = self._ids(node)
        self._names(node)
        self._sources(node)
        if (owner := node.get("owner")) is not None:
            self.owner(owner)
        if entry is None:
            return
        key = entry.id or slug(entry.name, entry.country)
        self._own_id(key, node, given=entry.id is not None)
        customer = self._built(entry, key, ids, node)
        unset = tuple(name for name in ("tier", "channel", "owner", "terms") if getattr(entry, name) is None)
        self._drafts.append((customer, unset))

    def finished(self, defaults: DefaultsEntry) -> tuple[Customer, ...]:
        given: dict[str, Any] = {
            "tier": defaults.tier,
            "channel": defaults.channel,
            "owner": defaults.owner,
            "terms": defaults.terms,
        }
        every = defaults.review.every if defaults.review else None
        return tuple(
            replace(customer, review=_review(customer.review, every), **{name: given[name] for name in unset})
            for customer, unset in self._drafts
        )

    def owner_known(self, node: Node) -> bool:
        written = node.value
        return not isinstance(written, str) or self.people is None or written in self.people or is_mail(written)

    def owner(self, node: Node) -> None:
        if not self.owner_known(node):
            assert isinstance(node.value, str)
            hint = nearest(node.value, self.people or ()) or "write a key of people in counterwatch.yaml, or an address"
            self._wrong(node.place, f"nobody is called {shown(node.value)} under people", hint)

    def _ids(self, customer: Node) -> dict[str, str]:
        """Check every identifier of a customer, whatever else is wrong with it."""
        written = customer.get("ids")
        ids: dict[str, str] = {}
        if written is None or not isinstance(written.value, dict):
            return ids
        country = customer.get("country")
        for name, node in written.value.items():
            if not isinstance(node.value, str) or not node.value.strip():
                continue  # the shape is wrong, and told
            scheme = scheme_of(name)
            if scheme is None:
                code = country.value if country is not None and isinstance(country.value, str) else ""
                hint = nearest_scheme(name, code)
                self._wrong(written.key_place(name), f"unknown identifier scheme {shown(name)}", hint)
                continue
            found = read_number(scheme, node.value)
            if found.trouble:
                self._say(node, f"{name}: {found.trouble}: {shown(node.value)}", found.hint, warn=not found.fatal)
            if scheme in ids and ids[scheme] != found.number:
                self._wrong(
                    written.key_place(name), f"{name} and another key both give {scheme}", "keep one of the two"
                )
            ids[sys.intern(scheme)] = found.number
            self._twin(scheme, found.number, node, customer)
        return ids

    def _twin(self, scheme: str, number: str, node: Node, customer: Node) -> None:
        key = f"{scheme}:{number}"
        entry, line = self._numbers.setdefault(key, (self.entries, customer.line))
        if entry != self.entries:
            message = f"the customer in line {line} has the same {scheme} {shown(number)}"
            self._say(node, message, "is one of them listed twice?", warn=True)

    def _names(self, customer: Node) -> None:
        nodes = [customer.get("name")]
        aliases = customer.get("aliases")
        if aliases is not None:
            nodes += aliases.value if isinstance(aliases.value, list) else [aliases]
        for node in nodes:
            if node is not None and isinstance(node.value, str) and (odd := odd_characters(node.value)):
                self._say(node, f"the name holds {odd}", "copy it from the register, or type it anew", warn=True)

    def _sources(self, customer: Node) -> None:
        block = customer.get("sources")
        for name in ("off", "on"):
            listed = block.get(name) if block is not None else None
            if listed is None:
                continue
            for node in listed.value if isinstance(listed.value, list) else [listed]:
                if isinstance(node.value, str) and node.value not in self.sources:
                    hint = nearest(node.value, self.sources) or "`counterwatch sources` lists them"
                    self._wrong(node.place, f"unknown source {shown(node.value)}", hint)

    def _own_id(self, key: str, node: Node, *, given: bool) -> None:
        entry, line = self._known.setdefault(key, (self.entries, node.line))
        if entry != self.entries:
            place = (node.get("id") or node.get("name") or node).place
            hint = "ids are unique" if given else "two names alike: give one of them an id of its own"
            self._wrong(place, f"the customer in line {line} has the same id {shown(key)}", hint)

    def _built(self, entry: CustomerEntry, key: str, ids: dict[str, str], node: Node) -> Customer:
        return Customer(
            id=key,
            name=entry.name,
            country=sys.intern(entry.country),
            ids=ids,
            aliases=entry.aliases,
            website=entry.website,
            tier=entry.tier or "B",
            owner=_shared(entry.owner),
            channel=_shared(entry.channel),
            terms=entry.terms,
            exposure=self._exposure(entry, node),
            insured=self._insured(entry),
            claims=tuple(Claim(name, c.value, c.said_by, c.on, c.file) for name, c in entry.claims.items()),
            feeds=tuple(map(sys.intern, entry.watch.feeds)),
            industry_feeds=tuple(map(sys.intern, entry.industry.feeds)),
            keywords=tuple(map(sys.intern, entry.industry.keywords)),
            pages=tuple(Page(page.url, page.select) for page in entry.watch.pages),
            exclude=entry.watch.exclude,
            off=frozenset(map(sys.intern, entry.sources.off)),
            on=frozenset(map(sys.intern, entry.sources.on)),
            documents={sys.intern(name): paper.expires for name, paper in entry.documents.items()},
            review=Review(entry.review.every, entry.review.last) if entry.review else None,
            line=node.line,
        )

    def _exposure(self, entry: CustomerEntry, node: Node) -> Exposure | None:
        written = entry.exposure
        if written is None:
            return None
        amounts = {name: getattr(written, name) for name in ("open", "overdue", "in_transit", "on_order", "limit")}
        stated = {amount.currency for amount in amounts.values() if amount is not None and amount.currency}
        if written.currency:
            stated.add(written.currency)
        if len(stated) > 1:
            place = (node.get("exposure") or node).place
            self._wrong(place, f"amounts in {' and '.join(sorted(stated))}", "one customer, one currency: convert them")
        given: dict[str, Any] = {name: amount.amount for name, amount in amounts.items() if amount is not None}
        return Exposure(currency=sys.intern(min(stated, default=self.currency)), as_of=written.as_of, **given)

    def _insured(self, entry: CustomerEntry) -> Insured | None:
        cover = entry.insured
        if cover is None:
            return None
        limit: Money = cover.limit
        return Insured(sys.intern(cover.by), limit.amount, cover.share, cover.until, limit.currency)

    def _wrong(self, place: tuple[int, int], message: str, hint: str) -> None:
        self.mistakes.append(Mistake(self.file, *place, message, hint))

    def _say(self, node: Node, message: str, hint: str, *, warn: bool) -> None:
        severity: Literal["error", "warning"] = "warning" if warn else "error"
        self.mistakes.append(Mistake(self.file, node.line, node.column, message, hint, severity))


def _review(own: Review | None, every: timedelta | None) -> Review | None:
    """Return the customer's review with what the defaults say of it; when it was last done is its own."""
    if own is None:
        return Review(every) if every else None
    return own if own.every else replace(own, every=every)


def _shared(text: str | None) -> str | None:
    return None if text is None else sys.intern(text)
