"""What decides whether a party is the customer besides its name: numbers, country, town, trade, officers, relatives."""

from __future__ import annotations

import pytest

from monitor.judge.match import Known, Rarity, Relative, judge_party
from monitor.model import Claim, Customer, Match, Party

HARTWELL = Customer(
    "hartwell",
    "Hartwell Components Ltd",
    "GB",
    ids={"gb_company": "09990001", "lei": "529900T8BM49AURSDO55"},
    claims=(Claim("officers", ["Jane Alma Doyle"]), Claim("address", "12 Mill Lane, Leeds LS1 4AP")),
    keywords=("fasteners",),
)
STAR = Customer("star", "Golden Star Trading", "AE", claims=(Claim("city", "Sharjah"),))


def reasons(match: Match) -> set[str]:
    return {reason.name for reason in match.reasons}


# --------------------------------------------------------------------------- numbers


def test_an_agreeing_number_decides() -> None:
    match = judge_party(HARTWELL, Party("Anything", "debtor", {"gb_company": "9990001"}, "FR"))

    assert (match.verdict, match.score, match.role, match.identified) == ("same", 1.0, "debtor", True)


def test_another_number_of_the_same_scheme_vetoes_an_equal_name() -> None:
    match = judge_party(HARTWELL, Party("Hartwell Components Ltd", ids={"gb_company": "09994444"}, country="GB"))

    assert match.verdict == "no"
    assert reasons(match) >= {"identifier_differs", "name_agrees"}


def test_a_number_of_another_scheme_says_nothing() -> None:
    match = judge_party(HARTWELL, Party("Hartwell Components Ltd", ids={"vat": "GB123"}, country="GB"))

    assert match.verdict == "possible"


def test_numbers_that_contradict_each_other_are_left_to_a_person() -> None:
    ids = {"gb_company": "09990001", "lei": "529900AAAAAAAAAAAA11"}

    match = judge_party(HARTWELL, Party("Hartwell Components Ltd", ids=ids, country="GB"))

    assert (match.verdict, match.identified) == ("possible", False)
    assert match.reasons[0].facts["agrees"] == "gb_company"
    assert match.reasons[0].facts["differs"] == "lei"


def test_another_number_does_not_keep_a_firm_of_the_group_from_being_related() -> None:
    match = judge_party(HARTWELL, Party("Hartwell Holdings Ltd", ids={"gb_company": "01111111"}, country="GB"))

    assert match.verdict == "related"


# --------------------------------------------------------------------------- what stands around a name


def test_the_country_and_the_form_raise_and_lower() -> None:
    scores = [
        judge_party(HARTWELL, Party(name, country=country)).score
        for name, country in (
            ("Hartwell Components Ltd", "GB"),
            ("Hartwell Components", "GB"),
            ("Hartwell Components", None),
            ("Hartwell Components", "AU"),
        )
    ]

    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4


def test_another_country_alone_excludes_nobody_with_a_telling_name() -> None:
    match = judge_party(HARTWELL, Party("Hartwell Components Ltd", country="AU"))

    assert match.verdict == "possible"
    assert "other_country" in reasons(match)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"city": "Leeds"}, "city_agrees"),
        ({"address": "Mill Lane 12, LS1 4AP Leeds"}, "address_agrees"),
        ({"officers": ("DOYLE, Jane Alma",)}, "officer_agrees"),
        ({"activity": "Fasteners and bolts"}, "activity_agrees"),
    ],
)
def test_what_agrees_besides_the_name_supports_it(told: dict[str, object], reason: str) -> None:
    party = Party("Hartwell Components", country="GB")
    bare, told_more = judge_party(HARTWELL, party), judge_party(HARTWELL, party, **told)  # type: ignore[arg-type]

    assert reason in reasons(told_more) - reasons(bare)
    assert told_more.score > bare.score


def test_what_a_party_carries_itself_counts_the_same() -> None:
    match = judge_party(HARTWELL, Party("Hartwell Components", country="GB", city="Leeds", activity="fasteners"))

    assert reasons(match) >= {"city_agrees", "activity_agrees"}


def test_two_circumstances_that_differ_make_a_namesake() -> None:
    party = Party("Hartwell Components", country="GB", city="Truro", activity="bakery")

    assert judge_party(HARTWELL, party).verdict == "no"


def test_a_name_of_everybodys_words_needs_more_than_the_country() -> None:
    party = Party("Golden Star Trading LLC", country="AE")

    assert judge_party(Customer("star", "Golden Star Shipping LLC", "AE"), party).verdict == "no"
    assert judge_party(Customer("s", "Star Trading", "AE"), Party("Star Trading", country="AE")).verdict == "no"
    assert judge_party(Customer("s", "Star Trading", "AE"), Party("Star Trading", country="OM")).verdict == "no"
    assert judge_party(STAR, Party("Golden Star Trading LLC", country="AE"), city="Sharjah").verdict == "possible"


def test_one_word_needs_the_country() -> None:
    vestergaard = Customer("v", "Vestergaard GmbH", "DE")

    assert judge_party(vestergaard, Party("Vestergaard", country="DE")).verdict == "possible"
    assert judge_party(vestergaard, Party("Vestergaard", country="FR")).verdict == "no"
    assert judge_party(vestergaard, Party("Vestergaard")).verdict == "no"


def test_a_word_that_a_list_shows_to_be_common_is_no_longer_telling() -> None:
    party = Party("Brandvoll", country="NO")
    brandvoll = Customer("b", "Brandvoll AS", "NO")
    rarity = Rarity([f"Brandvoll {trade} AS" for trade in "abcdefghijkl"])

    assert judge_party(brandvoll, party).verdict == "possible"
    assert judge_party(brandvoll, party, rarity=rarity).verdict == "no"


def test_a_person_is_found_by_the_whole_name_in_any_order() -> None:
    person = Customer("p", "Ramón Alberto Vallejuelo", "AR")

    assert judge_party(person, Party("VALLEJUELO, Ramon Alberto", country="AR")).verdict == "possible"
    assert judge_party(person, Party("Ramón Ignacio Vallejuelo", country="AR")).verdict == "no"


def test_a_name_that_many_people_bear_is_not_enough() -> None:
    assert judge_party(Customer("p", "John Smith", "GB"), Party("John Smith", country="GB")).verdict == "no"
    assert judge_party(Customer("p", "王伟", "CN"), Party("王伟", country="CN")).verdict == "no"


def test_an_excluded_phrase_means_somebody_else() -> None:
    customer = Customer("h", "Hartwell Components Ltd", "GB", exclude=("Hartwell Components Cup",))

    match = judge_party(customer, Party("Hartwell Components Cup Ltd", country="GB"))

    assert (match.verdict, reasons(match)) == ("no", {"excluded_in_watchlist"})


# --------------------------------------------------------------------------- letters that stand in for others


@pytest.mark.parametrize("name", ["Hаrtwell Cоmponents Ltd", "HARTWE11 COMPONENTS LTD", "Ηartwell Components Ltd"])
def test_letters_that_look_alike_are_read_and_never_raise(name: str) -> None:
    honest = judge_party(HARTWELL, Party("Hartwell Components Ltd", country="GB"))
    masked = judge_party(HARTWELL, Party(name, country="GB"))

    assert masked.verdict == "possible"
    assert "look_alike_letters" in reasons(masked)
    assert masked.score < honest.score


@pytest.mark.parametrize(
    "name",
    ["Hart\u200bwell \u202eComponents\u202c Ltd", "Ｈａｒｔｗｅｌｌ Components Ltd", "Hartwell\x00Components Ltd"],
)
def test_unseen_signs_and_wide_letters_change_nothing(name: str) -> None:
    plain = judge_party(HARTWELL, Party("Hartwell Components Ltd", country="GB"))

    assert judge_party(HARTWELL, Party(name, country="GB")).score == plain.score


def test_true_letters_of_another_alphabet_are_no_mask() -> None:
    match = judge_party(Customer("c", "ООО «Сарма»", "RU"), Party("ООО «Сарма»", country="RU"))

    assert "look_alike_letters" not in reasons(match)


# --------------------------------------------------------------------------- what registers know


KNOWN = Known(
    former_names=("Aldbrough Fixings Ltd",),
    officers=("Peter Oswin",),
    relatives=(
        Relative("Ashgrove Capital Partners LP", "parent", {"lei": "5299000J2N45DDNE4Y28"}),
        Relative("Hartwell Tooling Ltd", "sister"),
    ),
)


def test_a_former_name_leads_to_the_customer_and_is_named() -> None:
    match = judge_party(HARTWELL, Party("Aldbrough Fixings Limited", country="GB"), known=KNOWN)

    assert match.verdict == "possible"
    assert "former_name" in reasons(match)


@pytest.mark.parametrize(
    ("party", "relation"),
    [
        (Party("ASHGROVE CAPITAL PARTNERS L.P."), "parent"),
        (Party("Renamed LP", ids={"lei": "5299000J2N45DDNE4Y28"}), "parent"),
        (Party("Hartwell Tooling Limited", country="GB"), "sister"),
    ],
)
def test_a_relative_is_related_by_what_the_register_calls_it(party: Party, relation: str) -> None:
    match = judge_party(HARTWELL, party, known=KNOWN)

    assert (match.verdict, match.relation) == ("related", relation)


def test_the_customers_own_name_is_its_own_even_if_a_relative_bears_it_too() -> None:
    known = Known(relatives=(Relative("Hartwell Components Ltd", "sister"),))

    assert judge_party(HARTWELL, Party("Hartwell Components Ltd", country="GB"), known=known).verdict == "possible"
