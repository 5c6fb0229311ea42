"""Customers, events and rule files for tests of decisions: a sound default, changed by keyword."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import yaml

from monitor.judge import playbook, weigh, words
from monitor.model import Customer, Deadline, DeadlineName, Event, Exposure, Insured, Origin, Reason, Severity, Terms
from monitor.policy import Insurer, Language, Policy, Tier

CONFIG = Path(__file__).parents[2] / "config"
NOW = datetime(2026, 11, 3, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 3)
GAZETTE = Origin("London Gazette", "gb_gazette", official=True)
PAPER = Origin("Evening Paper", "feeds", official=False)
OTHER_PAPER = Origin("Morning Post", "feeds", official=False)
BY_NUMBER = (Reason("identifier_agrees", {"scheme": "gb_company"}),)


def shipped(name: str) -> Any:
    return yaml.safe_load((CONFIG / name).read_text("utf-8"))


RULES = weigh.rulebook(shipped("rules.yaml"))
BOOK = playbook.book(shipped("playbook.yaml"))
TEXTS = words.texts({language: shipped(f"text/{language}.yaml") for language in words.LANGUAGES})


@dataclass(frozen=True)
class Info:
    """A type of the taxonomy, as far as decisions look at it."""

    severity: Severity = Severity.HIGH
    age_gate: int | None = None
    inhibits: tuple[str, ...] = ()
    baseline: str = "report"
    topic: str = "insolvency"


def policy(**changes: Any) -> Policy:
    return Policy(
        **{
            "timezone": "Asia/Shanghai",
            "currency": "USD",
            "tiers": {"A": Tier(1, Decimal(50000)), "B": Tier(2, Decimal(50000)), "C": Tier(6)},
            "insurers": {"sinosure": Insurer(report_insolvency_workdays=5, report_overdue_days=60, calendar="CN")},
            **changes,
        }
    )


def customer(**changes: Any) -> Customer:
    return Customer(**{"id": "hartwell", "name": "Hartwell Components Ltd", "country": "GB", **changes})


def terms(kind: str) -> Terms:
    return Terms(cast(Any, kind), 60 if kind == "OA" else None, kind)


def exposure(**amounts: int) -> Exposure:
    figures = {name: Decimal(value) for name, value in amounts.items()}
    return Exposure(**figures, currency="USD", as_of=date(2026, 11, 1))


def insured(limit: int = 60000, share: str = "0.9", until: date | None = date(2027, 3, 31), **more: Any) -> Insured:
    return Insured("sinosure", Decimal(limit), Decimal(share), until, **more)


def on_open_account() -> Customer:
    return customer(
        tier="A",
        owner="li.wei@example.com",
        terms=terms("OA"),
        exposure=exposure(open=84000, in_transit=26000),
        insured=insured(),
    )


def on_documents() -> Customer:
    return customer(terms=terms("DP"), exposure=exposure(open=31500, in_transit=12000))


def on_prepayment() -> Customer:
    return customer(terms=terms("prepaid"), exposure=exposure(on_order=48000))


def event(type: str = "ins.petition_filed", **changes: Any) -> Event:
    base: dict[str, Any] = {
        "id": f"ev_{type}",
        "key": f"{type}|hartwell|CR-2026-001",
        "type": type,
        "customer": "hartwell",
        "source": "gb_gazette",
        "first_seen": NOW,
        "published_at": "2026-11-02",
        "stage": "filed",
        "match": BY_NUMBER,
        "origins": (GAZETTE,),
    }
    return Event(**{**base, **changes})


def petition(**changes: Any) -> Event:
    facts = {"dates": {"hearing": "2026-12-09"}, "case": "CR-2026-001"}
    url = "https://www.thegazette.co.uk/notice/4711"
    return event(**{"facts": facts, "record_kind": "notice", "url": url, **changes})


LANGUAGES: tuple[Language, ...] = words.LANGUAGES


def deadline(name: DeadlineName, day: str) -> Deadline:
    return Deadline("dl_1", "hartwell", name, day, "open", NOW, NOW, incident="in_1")
