"""Which customer gets which watcher, which streams are followed, and the reasons for all others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.app.plan import plan, why_not
from monitor.edge.config import Settings, read_settings
from monitor.edge.store.turns import Watched
from monitor.model import Customer
from monitor.watcher import Ask, Findings, Target, Watcher, duration


async def _poll(ask: Ask) -> Findings:
    return Findings()


def _feeds(customers: Sequence[Customer], block: Mapping[str, Any]) -> Iterable[Target]:
    yield from (Target(url, url) for url in block["urls"])
    yield from (Target(url, url, subscribers=frozenset({c.id})) for c in customers for url in c.feeds)


def _list(customers: Sequence[Customer], block: Mapping[str, Any]) -> Iterable[Target]:
    yield Target("all", "https://list.example/all.csv", "The list")


REGISTER = Watcher(
    name="register",
    family="registry",
    title="Register",
    poll=_poll,
    scope="customer",
    mode="state",
    kinds=("company",),
    duties=(1,),
    needs=("no.orgnr",),
    jurisdictions=("NO",),
    hosts=("register.example",),
    every=duration("8h"),
    pace=1,
    credentials=(),
    optional_credentials=(),
    version=1,
    official=True,
    default_on=True,
    experimental=False,
    needs_agreement=False,
    targets=None,
    max_bytes=1,
    max_seconds=1,
    terms="https://register.example/terms",
    docs="",
    about="",
)
FEEDS = replace(REGISTER, name="feeds", scope="stream", needs=(), jurisdictions=("*",), hosts=(), targets=_feeds)
LIST = replace(FEEDS, name="list", targets=_list, every=duration("1d"))
NORDLYS = Customer(
    "nordlys", "Nordlys AS", "NO", ids={"no.orgnr": "923609016"}, tier="A", feeds=("https://n.example/f",)
)
ACME = Customer("acme", "Acme Ltd", "GB")


def _settings(text: str = "") -> Settings:
    found, mistakes = read_settings(text.encode(), "counterwatch.yaml", sources=("register", "feeds", "list"))
    assert found is not None
    assert not mistakes
    return found


def _reason(
    customer: Customer, watcher: Watcher, text: str = "", present: Mapping[str, Any] | None = None
) -> str | None:
    said = _settings(text)
    return why_not(customer, watcher, said, plan([customer], said, {watcher.name: watcher}, present))


def test_the_plan_holds_every_watch_with_its_interval_host_and_address() -> None:
    watchers = {"register": REGISTER, "feeds": FEEDS, "list": LIST}

    found = plan([NORDLYS, ACME], _settings("tiers: {A: {pace: 0.5}}\nsources: {list: {every: 2h}}\n"), watchers)

    assert list(found.watched()) == [
        Watched("register", "nordlys", 14_400.0, host="register.example"),
        Watched("feeds", "https://n.example/f", 28_800.0, "https://n.example/f", "n.example"),
        Watched("list", "all", 7_200.0, "https://list.example/all.csv", "list.example", "The list"),
    ]
    assert found.size == 3


def test_one_feed_of_several_customers_is_one_stream() -> None:
    other = replace(ACME, feeds=NORDLYS.feeds)

    found = plan([NORDLYS, other], _settings(), {"feeds": FEEDS})

    assert found.streams["feeds"] == (
        Target("https://n.example/f", "https://n.example/f", subscribers=frozenset({"nordlys", "acme"})),
    )


@pytest.mark.parametrize("customers", [[NORDLYS, ACME], [ACME, NORDLYS], [ACME]])
def test_a_feed_for_everyone_concerns_everyone_whoever_else_asked_for_it(customers: list[Customer]) -> None:
    said = _settings('sources: {feeds: {urls: ["https://n.example/f"]}}\n')

    found = plan(customers, said, {"feeds": FEEDS})

    assert [target.subscribers for target in found.streams["feeds"]] == [frozenset()]
    assert why_not(ACME, FEEDS, said, found) is None


def test_a_stream_that_only_some_switched_on_concerns_only_them() -> None:
    optional = replace(LIST, default_on=False)
    keen = replace(NORDLYS, on=frozenset({"list"}))
    said = _settings()

    found = plan([keen, ACME], said, {"list": optional})

    assert [target.subscribers for target in found.streams["list"]] == [frozenset({"nordlys"})]
    assert why_not(keen, optional, said, found) is None
    assert why_not(ACME, optional, said, found) == "off unless switched on: sources: {on: [list]}"
    assert plan([ACME], said, {"list": optional}).size == 0


def test_a_source_switched_on_in_the_settings_is_on_for_all() -> None:
    optional = replace(LIST, default_on=False)

    found = plan([ACME], _settings("sources: {list: {enabled: true}}\n"), {"list": optional})

    assert [target.subscribers for target in found.streams["list"]] == [frozenset()]


@pytest.mark.parametrize(
    ("customer", "watcher", "text", "present", "reason"),
    [
        (NORDLYS, REGISTER, "", None, None),
        (ACME, REGISTER, "", None, "covers NO only"),
        (replace(ACME, country="NO"), REGISTER, "", None, "needs ids: no.orgnr"),
        (replace(NORDLYS, off=frozenset({"register"})), REGISTER, "", None, "switched off for this customer"),
        (NORDLYS, REGISTER, "sources: {register: {enabled: false}}", None, "switched off in counterwatch.yaml"),
        (
            replace(NORDLYS, on=frozenset({"register"})),
            REGISTER,
            "sources: {register: {enabled: false}}",
            None,
            "switched off in counterwatch.yaml",
        ),
        (NORDLYS, replace(REGISTER, credentials=("key",)), "", None, "needs a credential: COUNTERWATCH_REGISTER_KEY"),
        (NORDLYS, replace(REGISTER, credentials=("key",)), "", {"register": {"key": "x"}}, None),
        (
            NORDLYS,
            replace(REGISTER, needs_agreement=True),
            "",
            None,
            "needs your consent to its terms (https://register.example/terms): "
            "agreement: {accepted_by, on} in counterwatch.yaml",
        ),
        (
            NORDLYS,
            replace(REGISTER, needs_agreement=True),
            "sources: {register: {agreement: {accepted_by: Li Wei, on: 2026-05-01}}}",
            None,
            None,
        ),
        (ACME, FEEDS, "", None, "nothing to follow: no address is given for this customer or for everyone"),
        (ACME, LIST, "", None, None),
    ],
)
def test_each_absence_has_its_plain_reason(
    customer: Customer, watcher: Watcher, text: str, present: Mapping[str, Any] | None, reason: str | None
) -> None:
    assert _reason(customer, watcher, text, present) == reason


def test_a_turn_of_a_watch_that_is_gone_still_has_an_interval() -> None:
    found = plan([], _settings(), {})

    assert found.every("register", "nordlys") == 86_400.0
    assert found.target("list", "all") is None


_customers = st.lists(
    st.builds(
        Customer,
        id=st.sampled_from("abcdef"),
        name=st.just("X"),
        country=st.sampled_from(["NO", "GB"]),
        ids=st.sampled_from([{}, {"no.orgnr": "1"}]),
        tier=st.sampled_from("ABC"),
        feeds=st.sampled_from([(), ("https://a.example/",), ("https://a.example/", "https://b.example/")]),
        off=st.sets(st.sampled_from(["register", "feeds", "list"])).map(frozenset),
        on=st.sets(st.sampled_from(["list"])).map(frozenset),
    ),
    max_size=6,
    unique_by=lambda customer: customer.id,
)


@settings(max_examples=100, deadline=None)
@given(_customers, st.booleans())
def test_a_customer_is_watched_or_a_reason_is_given(customers: list[Customer], on: bool) -> None:
    """Law: why_not is silent exactly where the plan holds a watch for the customer; no watch is planned twice."""
    watchers = {"register": REGISTER, "feeds": FEEDS, "list": replace(LIST, default_on=on)}
    said = _settings()

    found = plan(customers, said, watchers)

    for customer in customers:
        assert (why_not(customer, REGISTER, said, found) is None) == (customer.id in found.asked.get("register", ()))
        followed = why_not(customer, FEEDS, said, found) is None
        assert followed == (bool(customer.feeds) and "feeds" not in customer.off)
    watched = [(watch.source, watch.subject) for watch in found.watched()]
    assert len(watched) == len(set(watched)) == found.size
