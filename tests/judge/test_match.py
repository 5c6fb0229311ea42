"""Whether a record speaks of a customer."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import names, texts
from monitor.judge.match import Index, Known, Relative, judge_party
from monitor.model import Claim, Customer, Match, Party, Record

HARTWELL = Customer(
    "hartwell", "Hartwell Components Ltd", "GB", ids={"gb_company": "09990001"}, exclude=("Hartwell Components Cup",)
)
NORDLYS = Customer("nordlys", "Nordlys Sjømat AS", "NO", ids={"no.orgnr": "923609016"}, aliases=("北光海产",))
MERCK = Customer("merck", "Merck KGaA", "DE")
KIA = Customer("kia", "Kia", "KR")
RELIANCE = Customer("reliance", "Reliance Industries Ltd", "IN")
RELIANCE_POWER = Customer("power", "Reliance Power Ltd", "IN")
ALL = (HARTWELL, NORDLYS, MERCK, KIA, RELIANCE, RELIANCE_POWER)
INDEX = Index(ALL)


def notice(name: str, number: str | None = None, country: str | None = "GB", role: str = "debtor") -> Record:
    ids = {"gb_company": number} if number else {}
    return Record("notice", "1", {"title": name}, parties=(Party(name, role, ids, country),))


def article(title: str, summary: str = "") -> tuple[Match, ...]:
    return INDEX.find(Record("article", "1", {"title": title, "summary": summary}))


def customers(found: tuple[Match, ...]) -> list[str]:
    return [match.customer for match in found if match.verdict in ("same", "possible")]


def reasons(match: Match) -> set[str]:
    return {reason.name for reason in match.reasons}


# --------------------------------------------------------------------------- parties


def test_an_agreeing_identifier_decides_whatever_the_name() -> None:
    (found,) = INDEX.find(notice("SOMETHING ELSE PLC", "09990001"))

    assert (found.customer, found.verdict, found.score, found.role) == ("hartwell", "same", 1.0, "debtor")
    assert found.identified


def test_a_disagreeing_identifier_vetoes_an_equal_name() -> None:
    assert INDEX.find(notice("HARTWELL COMPONENTS LIMITED", "09994444")) == ()


def test_a_missing_leading_zero_is_the_same_number() -> None:
    assert customers(INDEX.find(notice("X", "9990001"))) == ["hartwell"]


@pytest.mark.parametrize("name", ["HARTWELL COMPONENTS LIMITED", "Hartwell Components", "Components Hartwell Ltd."])
def test_a_name_alone_is_at_most_possible(name: str) -> None:
    (found,) = INDEX.find(notice(name))

    assert found.verdict == "possible"
    assert {"name_agrees", "country_agrees"} <= reasons(found)


def test_another_country_weakens_a_name_and_says_so() -> None:
    (home,), (away,) = (
        INDEX.find(notice("Hartwell Components Ltd")),
        INDEX.find(notice("Hartwell Components Ltd", country="AU")),
    )

    assert away.score < home.score
    assert "other_country" in reasons(away)


def test_one_distinctive_word_needs_the_country() -> None:
    index = Index([Customer("v", "Vestergaard GmbH", "DE"), Customer("g", "Global Trading Ltd", "DE")])

    assert customers(index.find(notice("Vestergaard", country="DE"))) == ["v"]
    assert index.find(notice("Vestergaard", country="FR")) == ()
    assert index.find(notice("Global Trading", country=None)) == ()


def test_letters_of_another_alphabet_are_seen_through_said_and_count_against_it() -> None:
    (honest,), (masked,) = (
        INDEX.find(notice("Hartwell Components Ltd")),
        INDEX.find(notice("Hаrtwell Components Ltd")),  # the first a is Cyrillic
    )

    assert masked.verdict == "possible"
    assert masked.score < honest.score
    assert "look_alike_letters" in reasons(masked)


def test_the_role_is_the_partys() -> None:
    record = Record(
        "notice",
        "1",
        {},
        parties=(
            Party("Other Ltd", "debtor", {"gb_company": "1"}),
            Party("X", "petitioner", {"gb_company": "09990001"}),
        ),
    )

    (found,) = INDEX.find(record)

    assert found.role == "petitioner"


@pytest.mark.parametrize("name", ["NORDLYS SJØMAT", "Nordlys Sjomat", "Nordlys Sjoemat AS"])
def test_a_list_entry_is_matched_by_its_names(name: str) -> None:
    record = Record("listing", "9", {"list": "UN", "names": ["Foo", name], "country": "NO"})

    assert customers(INDEX.find(record)) == ["nordlys"]


def test_the_town_and_trade_of_a_company_record_count() -> None:
    delta = Index([Customer("delta", "Delta Plast d.o.o.", "RS", claims=(Claim("city", "Novi Sad"),))])
    home = {"name": "Delta Plast", "country": "RS", "city": "Novi Sad"}
    away = {"name": "Delta Plast", "country": "RS", "city": "Niš"}

    assert customers(delta.find(Record("company", "1", home))) == ["delta"]
    assert customers(delta.find(Record("company", "1", away))) == []


def test_a_relative_that_registers_name_is_found_by_its_name_or_number() -> None:
    mother = Relative("Ashgrove Capital Partners LP", "owner", {"lei": "5299000J2N45DDNE4Y28"})
    index = Index([HARTWELL], {"hartwell": Known(relatives=(mother,))})

    (named,) = index.find(Record("notice", "1", {}, parties=(Party("Ashgrove Capital Partners LP"),)))
    (numbered,) = index.find(Record("notice", "2", {}, parties=(Party("X", ids={"lei": "5299000J2N45DDNE4Y28"}),)))

    assert (named.verdict, named.relation) == (numbered.verdict, numbered.relation) == ("related", "owner")


# --------------------------------------------------------------------------- the whole watchlist at once


MADE = [Customer(f"c{at}", f"{front}{back} {trade} Ltd", "GB", aliases=(f"{front}{back} {trade}",))
        for at, (front, back, trade) in enumerate(
            (front, back, trade)
            for front in ("Quel", "Brom", "Ostra", "Tilv", "Wend", "Karsh", "Mulg", "Yest")
            for back in ("ingham", "aborn", "ovale", "ustead", "enrode")
            for trade in ("Bearings", "Carpets", "Dairies", "Foundry"))]  # fmt: skip


def test_every_name_of_the_watchlist_is_found_as_party_and_in_a_headline() -> None:
    index = Index(MADE)

    for customer in MADE:
        for name in (customer.name, *customer.aliases):
            as_party = index.find(notice(name))
            in_title = index.find(Record("article", "1", {"title": f"{name} closes its works"}))
            assert customer.id in customers(as_party) and customer.id in customers(in_title)


@pytest.mark.parametrize(
    "written",
    ["Quelinghm Bearings Ltd", "QUELINGHAM BEARINGS LTD (IN LIQUIDATION)", "Quel Ingham Bearings", "BEARINGS QUELINGHAM LTD",
     "J. Doe t/a Quelingham Bearings", "Other Ltd (formerly Quelingham Bearings Ltd)"],
)  # fmt: skip
def test_what_the_comparison_accepts_the_index_finds(written: str) -> None:
    found = Index(MADE).find(notice(written))

    assert customers(found) == ["c0"]


def test_the_index_answers_as_the_comparison_would_for_everybody() -> None:
    index = Index(MADE)
    party = Party("Ostraovale Dairies", country="GB")

    alone = {c.id for c in MADE if judge_party(c, party).verdict in ("same", "possible")}

    assert {m.customer for m in index.find(notice(party.name)) if m.verdict == "possible"} == alone


def test_a_word_that_the_watchlist_itself_shows_to_be_common_tells_nobody_apart() -> None:
    family = [
        Customer(f"f{at}", f"Brandvoll {trade} AS", "NO") for at, trade in enumerate("abcdefghijklmnopqrstuvwxyz")
    ]
    alone = Index([Customer("one", "Brandvoll AS", "NO")])
    many = Index([Customer("one", "Brandvoll AS", "NO"), *family])
    abroad = notice("Brandvoll", country="NO")

    assert customers(alone.find(abroad)) == ["one"]
    assert customers(many.find(abroad)) == []


def test_generic_names_of_other_countries_and_forms_match_nobody() -> None:
    fronts = ("Al Noor", "Golden Star", "San José", "Blue Ocean", "Royal", "United", "New Life", "Divine Favour")
    trades = ("Trading", "General Trading", "Foods", "Import Export", "Logistics")
    index = Index([Customer(f"{f}{t}", f"{f} {t} LLC", "AE") for f in fronts for t in trades])

    found = [index.find(notice(f"{f} {t} {form}", country=land)) for f in fronts for t in trades for form, land in
             (("LLC", "OM"), ("Est", "AE"), ("Ltd", "GB"), ("", None))]  # fmt: skip

    assert [customers(one) for one in found if customers(one)] == []


@pytest.mark.parametrize(
    "title", ["", " ", "\u200b\u202e", "٠" * 500, "A " * 5000, "(" * 10_000, "ß" * 10_000, "Hartwell " * 1200]
)
def test_odd_and_endless_names_are_answered(title: str) -> None:
    for record in (notice(title), Record("article", "1", {"title": title})):
        assert len(INDEX.find(record)) <= len(ALL)


@given(st.text(max_size=120))
def test_any_text_can_be_a_party(text: str) -> None:
    for match in INDEX.find(notice(text)):
        assert match.verdict in ("possible", "related")
        assert 0 < match.score < 1


# --------------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    "title, customer",
    [
        ("Hartwell Components closes a plant", "hartwell"),
        ("HARTWELL COMPONENTS LTD IN TALKS WITH BANKS", "hartwell"),
        ("Hartwell's profit halves, shares slump", "hartwell"),
        ("消息称北光海产拖欠货款", "nordlys"),
        ("Kia workers vote to strike", "kia"),
        ("Reliance Power defaults on loan", "power"),
    ],
)
def test_a_headline_about_the_customer_is_found(title: str, customer: str) -> None:
    assert customers(article(title)) == [customer]


@pytest.mark.parametrize(
    "title",
    [
        "Hartwell Football Club enters administration",
        "Strike At Hartwell Castings",
        "Hartwell Furniture: Creditors Meet",
        "Thornhartwell Components opens",
        "Merck & Co Inc pulls a drug from the market",
        "Two soldiers KIA in border clash",
        "a hartwell of many colours",
        "Prices will rise: Jane Doe, Hartwell Components",
        "Prices will rise, according to Hartwell Components",
        "Hartwell House opens after repairs worth a million",
        "Ex-Hartwell Components chief starts a fund",
        "Team wins Hartwell Components Cup",
        "Hаrtwell Components closes a plant",  # Cyrillic a
        "",
    ],
)
def test_somebody_else_with_the_name_is_not_the_customer(title: str) -> None:
    assert customers(article(title)) == []


def test_the_first_word_of_a_name_alone_needs_a_hint() -> None:
    assert customers(article("Hartwell remembers a poet")) == []
    assert customers(article("Hartwell cuts jobs at its factory")) == ["hartwell"]


def test_an_ordinary_first_word_is_never_enough() -> None:
    index = Index(
        [Customer("gulf", "Gulf Crescent Trading LLC", "AE"), Customer("mer", "Merlion Retail Pte Ltd", "SG")]
    )

    for title in ("Gulf shares fall", "Merlion company restores its statue"):
        assert index.find(Record("article", "1", {"title": title})) == ()
    assert customers(index.find(Record("article", "1", {"title": "Gulf Crescent closes a warehouse"}))) == ["gulf"]


def test_a_small_word_behind_the_name_is_no_legal_form() -> None:
    assert customers(article("Nordlys Sjømat in talks with banks as it struggles")) == ["nordlys"]


def test_the_lead_says_in_full_who_the_short_name_is() -> None:
    assert customers(article("Hartwell fined by regulator", "Hartwell Insurance plc has been fined.")) == []


@pytest.mark.parametrize(
    "title, relation",
    [
        ("Parent of Hartwell Components files for bankruptcy", "parent"),
        ("Hartwell Components' supplier stops production", "supplier"),
        ("A supplier to Hartwell Components stops production", "supplier"),
    ],
)
def test_news_of_somebody_near_the_customer_is_related(title: str, relation: str) -> None:
    (found,) = article(title)

    assert (found.verdict, found.relation) == ("related", relation)


def test_the_best_match_of_each_customer_is_returned_once() -> None:
    found = article("Hartwell Components closes plant", "Hartwell Components and Nordlys Sjømat said on Monday.")

    assert customers(found) == ["hartwell", "nordlys"]


def test_a_title_of_any_length_is_read_in_linear_time() -> None:
    assert customers(article("Hartwell Components " + "a" * 200_000)) == ["hartwell"]


def test_nobody_watched_matches_nothing() -> None:
    assert Index(()).find(Record("article", "1", {"title": "Anything"})) == ()


def test_fields_of_odd_types_are_survived() -> None:
    odd: dict[str, Any] = {"title": None, "summary": 7, "names": {"a": 1}, "ids": "x", "country": 3}

    assert INDEX.find(Record("article", "1", odd)) == ()
    assert INDEX.find(Record("listing", "1", odd)) == ()


@given(st.text(st.characters(min_codepoint=9, max_codepoint=0x2100, exclude_categories=["Cs"]), max_size=40))
def test_a_text_is_folded_the_same_in_the_short_way_and_the_long_one(text: str) -> None:
    folded = texts._Text(text).folded

    words = texts._TOKEN.findall(unicodedata.normalize("NFKC", text))
    assert folded == f" {names.fold(' '.join(words))} "
