"""The same petition, three ways of being paid: three severities and three next steps, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.house import House, ended, house, lei, notice

CUSTOMERS = """\
version: 1
defaults: {{tier: A}}
customers:
  - name: Tested Company 000 Ltd
    id: insured
    country: GB
    ids: {{lei: {0}, gb_company: "09000000"}}
    terms: OA60
    exposure: {{open: 84000, in_transit: 26000, currency: USD}}
    insured: {{by: sinosure, limit: 60000, share: 0.9}}
  - name: Tested Company 001 Ltd
    id: documents
    country: GB
    ids: {{lei: {1}, gb_company: "09000001"}}
    terms: DP
    exposure: {{open: 0, in_transit: 26000, currency: USD}}
  - name: Tested Company 002 Ltd
    id: prepaid
    country: GB
    ids: {{lei: {2}, gb_company: "09000002"}}
    terms: prepaid
    exposure: {{open: 0, on_order: 48000, currency: USD}}
"""
POLICY = """\
language: {language}
currency: USD
tiers: {{A: {{limit: 50000}}}}
insurers: {{sinosure: {{report_insolvency_workdays: 5, calendar: CN}}}}
"""
WORDS = {
    "en": (("CRITICAL", "report to the insurer by"), ("HIGH", "collecting bank"), ("MEDIUM", "clawed back")),
    "zh": (("【紧急】", "前向信保报损"), ("【重要】", "代收行"), ("【关注】", "追回")),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_petition_gives_three_severities_and_three_next_steps(tmp_path: Path, language: str) -> None:
    with house(tmp_path, range(3)) as h:
        h.configure(CUSTOMERS.format(*map(lei, range(3))), more=POLICY.format(language=language))
        _petition_after_the_first_look(h)
        texts = [_alert(h, n) for n in range(3)]

    for text, (severity, step) in zip(texts, WORDS[language], strict=True):
        print(f"\n{text}")
        assert text.startswith(severity)
        assert step in text
    steps = [text.split("Next" if language == "en" else "下一步")[1] for text in texts]
    assert len(set(steps)) == 3


def _petition_after_the_first_look(h: House) -> None:
    process = h.start()
    h.wait(lambda: h.messages("3"))
    now = datetime.now(UTC)
    hearing = (now + timedelta(days=30)).strftime("%d %B %Y").lstrip("0")
    for n in range(3):
        more = (
            f"In the High Court of Justice No CR-2026-00{n}321 A Petition to wind up the above-named company presented by "
            f"THORNLEY ALLOYS LIMITED, claiming to be a creditor, will be heard at 7 Rolls Building, London on {hearing}"
        )
        h.world.notices.append(notice(5000001 + n, "2450", "Petitions to Wind Up (Companies)", n, now, more))
    h.world.today = now + timedelta(minutes=1)
    h.wait(lambda: len(h.messages("CR-2026-")) >= 3)
    ended(process)


def _alert(h: House, number: int) -> str:
    found = h.messages(f"CR-2026-00{number}321")
    assert len(found) == 1
    text: str = found[0]["text"]
    return text
