"""What an edit of the watchlist does, and the ids customers get."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.edge.identifiers import odd_characters, read_number, scheme_of, slug
from monitor.edge.watchlist import Edit, compare
from monitor.model import Customer


def _customer(key: str, **more: object) -> Customer:
    return replace(Customer(key, key.title(), "GB"), **more)  # type: ignore[arg-type]


def test_an_edit_names_what_came_went_and_changed() -> None:
    before = [_customer("a"), _customer("b"), _customer("c", tier="A")]
    after = [_customer("c", tier="B"), _customer("d"), _customer("b", line=7)]

    edit = compare(before, after)

    assert edit == Edit(added=("d",), removed=("a",), altered=("c",), before=3)
    assert edit


def test_a_customer_under_a_new_id_continues_if_its_number_agrees() -> None:
    before = [_customer("old", ids={"lei": "1", "cik": "2"}), _customer("gone")]
    after = [_customer("new", ids={"lei": "1"}), _customer("fresh")]

    edit = compare(before, after)

    assert edit.continued == {"old": "new"}
    assert (edit.added, edit.removed) == (("fresh",), ("gone",))


def test_with_two_heirs_nobody_inherits() -> None:
    before = [_customer("old", ids={"lei": "1", "cik": "2"})]
    after = [_customer("x", ids={"lei": "1"}), _customer("y", ids={"cik": "2"})]

    edit = compare(before, after)

    assert edit.continued == {}
    assert (edit.added, edit.removed) == (("x", "y"), ("old",))


@pytest.mark.parametrize(
    ("count", "kept", "held"), [(10, 4, True), (10, 5, True), (10, 6, False), (2, 1, False), (3, 1, True)]
)
def test_an_edit_that_loses_half_of_the_customers_is_held(count: int, kept: int, held: bool) -> None:
    before = [_customer(f"c{n}") for n in range(count)]

    assert compare(before, before[:kept]).drops_most is held


_lists = st.lists(
    st.builds(
        lambda key, number, tier: _customer(key, ids={"lei": number}, tier=tier),
        st.sampled_from("abcdef"),
        st.sampled_from("12345"),
        st.sampled_from("AB"),
    ),
    max_size=6,
    unique_by=lambda customer: customer.id,
)


@settings(max_examples=100, deadline=None)
@given(_lists, _lists)
def test_every_customer_is_accounted_for_once(before: list[Customer], after: list[Customer]) -> None:
    """Law: old = removed + continued + kept, new = added + continued + kept; no edit for the same list."""
    edit = compare(before, after)

    old, new = {c.id for c in before}, {c.id for c in after}
    assert sorted(old - new) == sorted((*edit.removed, *edit.continued))
    assert sorted(new - old) == sorted((*edit.added, *edit.continued.values()))
    assert set(edit.altered) <= old & new
    assert not compare(before, list(reversed(before)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nordlys Sjømat AS", "nordlys-sjomat-as"),
        ("Łódź & Größe GmbH", "lodz-grosse-gmbh"),
        ("  A.B.C.  ", "a-b-c"),
        ("北光海产", "c-" + hashlib.sha256("北光海产CN".encode()).hexdigest()[:8]),
    ],
)
def test_a_customer_without_an_id_gets_a_plain_one(name: str, expected: str) -> None:
    assert slug(name, "CN") == expected


def test_composed_and_decomposed_names_get_one_id() -> None:
    assert slug("Café", "FR") == slug("Cafe\u0301", "FR") == "cafe"
    assert slug("\u304c", "JP") == slug("\u304b\u3099", "JP")


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_every_made_id_is_plain_ascii(name: str) -> None:
    """Law: an id is 1 to 64 of a-z, 0-9 and dash, whatever the name."""
    made = slug(name.encode("utf-8", "ignore").decode(), "NO")

    assert 0 < len(made) <= 64
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize(
    ("scheme", "written", "number"),
    [
        ("orgnr", "923 609 016", "923609016"),
        ("vat", "de 136.695.976", "DE136695976"),
        ("siren", "552 100 554", "552100554"),
        ("ico", "177041", "00177041"),
        ("gb_company", "SC95000", "SC095000"),
        ("gb_company", "445790", "00445790"),
        ("gb_company", "r0000012", "R0000012"),
        ("cik", "320193", "0000320193"),
        ("kvk", "1234567", "01234567"),
        ("lei", "ow6ofbnckxc4us5c7523", "OW6OFBNCKXC4US5C7523"),
        ("cnpj", "16.727.230/0001-97", "16727230000197"),
        ("in.gstin", "27AAPFU0939F1ZV", "27AAPFU0939F1ZV"),
    ],
)
def test_numbers_are_read_as_people_write_them(scheme: str, written: str, number: str) -> None:
    canonical = scheme_of(scheme)

    assert canonical is not None
    found = read_number(canonical, written)
    assert (found.number, found.trouble, found.fatal) == (number, "", False)


@pytest.mark.parametrize("scheme", ["orgnummer", "os.path", "mx.__init__", "mx", "", "mx.rfc.x", "..", "lei.x"])
def test_what_is_no_scheme_is_none(scheme: str) -> None:
    assert scheme_of(scheme) is None


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["lei", "cik", "gb_company", "nzbn", "cz.ico", "eu.vat", "pe.ruc", "cn.uscc"]), st.text(max_size=30)
)
def test_any_text_as_a_number_is_read_or_told(scheme: str, written: str) -> None:
    """Law: a number is sound or says what is wrong; nothing raises."""
    found = read_number(scheme, written)

    assert found.scheme == scheme
    assert found.trouble or found.number


def test_letters_that_look_alike_are_named_only_within_one_word() -> None:
    assert odd_characters("Nordlys Ромашка") == ""
    assert "U+0430 (Cyrillic)" in odd_characters("Nordlуs Аcme pаy".replace("Аcme ", "").replace("у", "y"))
