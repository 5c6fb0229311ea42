"""What holds for every name, however it is written: spelling does not hide a company, and strange text breaks nothing."""

from __future__ import annotations

import random
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.match import Index, judge_party
from monitor.model import Customer, Party, Record
from tests.eval import made
from tests.eval.score import HITS, VERDICTS

NAMES = list(islice(made.telling(seed=21), 400))
one = st.sampled_from(NAMES)
# What hides in copied text: no width, marks of direction, a soft hyphen, blanks of other widths.
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202c\u202e\u2066\u2069\u00ad"


def judged(watched: tuple[str, str], found: str) -> str:
    name, country = watched
    return judge_party(Customer("c", name, country), Party(found, country=country)).verdict


@given(one)
def test_capitals_do_not_hide_a_company(watched: tuple[str, str]) -> None:
    assert judged(watched, watched[0].upper()) in HITS


@given(one, st.text(UNSEEN, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_signs_nobody_sees_do_not_hide_a_company(watched: tuple[str, str], unseen: str, pick: random.Random) -> None:
    found = watched[0]
    for sign in unseen:
        at = pick.randrange(len(found) + 1)
        found = found[:at] + sign + found[at:]

    assert judged(watched, found) in HITS


@given(one, st.sampled_from(("  ", "\u00a0", "\u3000", "\t", " \n ")))
def test_blanks_of_any_width_do_not_hide_a_company(watched: tuple[str, str], blank: str) -> None:
    assert judged(watched, watched[0].replace(" ", blank)) in HITS


def test_two_companies_made_at_random_are_hardly_ever_one() -> None:
    pairs = zip(NAMES[::2], NAMES[1::2], strict=True)

    taken = [(ours, theirs) for ours, theirs in pairs if judged(ours, theirs[0]) in HITS]

    assert taken == []


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(("GB", "CN", None)))
def test_any_two_texts_get_a_verdict_and_a_score(watched: str, found: str, country: str | None) -> None:
    match = judge_party(Customer("c", watched, "GB", aliases=(watched[:5],)), Party(found, country=country))

    assert match.verdict in VERDICTS
    assert 0 <= match.score <= 1


@given(st.text(max_size=200))
def test_any_headline_is_read(title: str) -> None:
    index = Index([Customer(f"c{at}", name, country) for at, (name, country) in enumerate(NAMES[:20])])

    assert all(match.verdict in VERDICTS for match in index.find(Record("article", "1", {"title": title})))


@pytest.mark.parametrize(
    "filler",
    ["x", "a ", "Kestrel ", "有限", "\u200b", "\u0301", "((", ". ", "& "],
    ids=ascii,
)
def test_ten_thousand_characters_are_read_like_any_others(filler: str) -> None:
    long = (filler * 10_000)[:10_000]
    customer = Customer("c", "Kestrel Tools Ltd", "GB", aliases=(long[:1000],))
    index = Index([customer])

    match = judge_party(customer, Party(f"{long} Brunel Shipping"))
    index.find(Record("article", "1", {"title": long, "summary": long}))
    found = index.find(Record("article", "2", {"title": f"Kestrel Tools Ltd files for insolvency {long}"}))

    assert match.verdict in VERDICTS
    assert [one.customer for one in found] == ["c"]
