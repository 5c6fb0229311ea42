"""The ids customers get, and numbers as people write them."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.edge.identifiers import odd_characters, read_number, scheme_of, slug


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
