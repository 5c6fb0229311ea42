"""Whose money is at risk: our own share of what a customer owes, and whether it is more than its tier may carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitor.model import Customer, Exposure, Insured, Reason, Share
from monitor.policy import Policy


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum with its currency, as sentences show it."""

    value: Decimal
    currency: str


_NO_RATES: Mapping[str, Decimal] = {}


def own_share(
    customer: Customer, today: date, *, rates: Mapping[str, Decimal] = _NO_RATES, currency: str = ""
) -> Share | None:
    """Return what we would lose: (open + in transit) - min(open + in transit, insured limit) x insured share.

    None without exposure in the watchlist. Cover that has expired, or whose limit cannot be converted into the
    exposure's currency, does not count; `cover` says why. `rates` and `currency` are the policy's.
    """
    exposure = customer.exposure
    if exposure is None:
        return None
    limit, insured, _ = cover(customer, today, rates=rates, currency=currency)
    at_risk = max(Decimal(0), exposure.open + exposure.in_transit)
    paid = min(at_risk, limit) * insured.share if insured and limit is not None else Decimal(0)
    return Share(
        own=at_risk - paid,
        open=exposure.open,
        overdue=exposure.overdue,
        in_transit=exposure.in_transit,
        on_order=exposure.on_order,
        insured_limit=limit if insured else None,
        insured_share=insured.share if insured else None,
        currency=exposure.currency,
        as_of=exposure.as_of,
    )


def cover(
    customer: Customer, today: date, *, rates: Mapping[str, Decimal] = _NO_RATES, currency: str = ""
) -> tuple[Decimal | None, Insured | None, Reason | None]:
    """Return the insured limit in the exposure's currency and the cover, or neither and why it does not count.

    A customer that never was insured gives no reason: there is nothing to explain.
    """
    insured, exposure = customer.insured, customer.exposure
    if insured is None:
        return None, None, None
    if insured.until is not None and insured.until < today:
        return None, None, Reason("cover_expired", {"by": insured.by, "until": insured.until.isoformat()})
    wanted = exposure.currency if exposure else insured.currency or currency
    limit = convert(insured.limit, insured.currency or wanted, wanted, rates=rates, currency=currency)
    if limit is None:
        return None, None, Reason("cover_without_rate", {"by": insured.by, "currency": insured.currency})
    return limit, insured, None


def over_limit(share: Share | None, tier: str, policy: Policy) -> tuple[bool | None, Reason]:
    """Return whether our own share is more than the tier's limit, and the named reason.

    None means it cannot be said: no exposure, no limit for the tier, or no rate between the two currencies.
    """
    if share is None:
        return None, Reason("money_unknown")
    found = policy.tiers.get(tier)
    if found is None or found.limit is None:
        return None, Reason("no_tier_limit", {"tier": tier})
    wanted = found.currency or policy.currency
    own = convert(share.own, share.currency, wanted, rates=policy.rates, currency=policy.currency)
    if own is None:
        return None, Reason("no_rate", {"currency": share.currency, "wanted": wanted, "tier": tier})
    facts = {"own": _plain(own, wanted), "limit": _plain(found.limit, wanted), "tier": tier}
    over = own > found.limit
    return over, Reason("money_over_limit" if over else "money_within_limit", facts)


def _plain(amount: Decimal, currency: str) -> dict[str, str]:
    """Money as JSON keeps it: reasons are stored."""
    return {"amount": f"{amount.quantize(Decimal('0.01')):f}", "currency": currency}


def convert(amount: Decimal, given: str, wanted: str, *, rates: Mapping[str, Decimal], currency: str) -> Decimal | None:
    """Convert through the policy's own `currency` (a rate is what 1 unit costs in it); None if a rate is missing."""
    if given == wanted:
        return amount
    have, want = _rate(given, rates, currency), _rate(wanted, rates, currency)
    return amount * have / want if have and want else None


def _rate(code: str, rates: Mapping[str, Decimal], currency: str) -> Decimal | None:
    return Decimal(1) if code == currency else rates.get(code)


def nothing_open(exposure: Exposure | None) -> bool:
    """Return whether nothing is owed, late or on its way; no figures at all count as nothing."""
    return exposure is None or not any(amount > 0 for amount in (exposure.open, exposure.overdue, exposure.in_transit))


def line(share: Share | None, why_uninsured: Reason | None = None) -> tuple[Reason, ...]:
    """Return the parts of the money line in reading order, as text names with facts (amounts with `currency`).

    Languages come later: `render` turns each part into words.
    """
    if share is None:
        return (Reason("none"),)
    parts = [_opened(share)]
    for name, figure in (("in_transit", share.in_transit), ("on_order", share.on_order)):
        if figure > 0:
            # The first figure carries the currency, the others are read in it.
            first = len(parts) == 1 and parts[0].name == "nothing_open"
            parts.append(_part(name, share, amount=Amount(figure, share.currency) if first else figure))
    if share.own > 0 or share.insured_limit is not None:
        parts += _insurance(share, why_uninsured)
    parts.append(Reason("ledger", {"as_of": share.as_of}) if share.as_of else Reason("ledger_undated"))
    return tuple(parts)


def _opened(share: Share) -> Reason:
    if share.open <= 0 and share.overdue <= 0:
        return Reason("nothing_open")
    name = "open_late" if share.overdue > 0 else "open"
    return _part(name, share, open=Amount(share.open, share.currency), overdue=share.overdue)


def _insurance(share: Share, why_not: Reason | None) -> list[Reason]:
    if share.insured_limit is None:
        return [why_not or Reason("uninsured"), _part("own_uninsured", share, own=share.own)]
    insured = _part("insured", share, limit=share.insured_limit, share=share.insured_share)
    return [insured, _part("own", share, own=share.own)] if share.own > 0 else [insured]


def _part(name: str, whole: Share, /, **facts: object) -> Reason:
    return Reason(name, {**facts, "currency": whole.currency})
