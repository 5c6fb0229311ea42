"""Who is named where: in any order and spelling, and nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.persons import ERASED, Person, person


def meant(name: str = "Kari Nordmann") -> Person:
    found = person(name)
    assert found is not None
    return found


NAMED = [
    ("Kari Nordmann", "Kari Nordmann was appointed"),
    ("Kari Nordmann", "NORDMANN, Kari"),
    ("Kari Nordmann", "kari  nordmann"),
    ("Kari Nordmann", "Nordmann Kari"),
    ("Kari Nordmann", '{"forename":"Kari","middle":"Anne","surname":"Nordmann"}'),
    ("José Núñez", "JOSE NUNEZ"),
    ("Jose Nunez", "José Núñez"),
    ("Bjørn Åsen", "BJORN ASEN"),
    ("王伟", "董事王伟辞任"),
    ("Anna Maria Rossi", "ROSSI Anna Maria"),
]
OTHERS = [
    ("Kari Nordmann", "Kari Nordmannsen"),
    ("Kari Nordmann", "Ola Nordmann"),
    ("Kari Nordmann", "Kari Hansen lives here. " + "x " * 200 + "So does Ola Nordmann."),
    ("Kari Nordmann", "Kari"),
    ("王伟", "王小伟"),
]


@pytest.mark.parametrize(("name", "text"), NAMED)
def test_a_person_is_found_however_the_name_is_written(name: str, text: str) -> None:
    assert meant(name).found(text)
    assert meant(name).in_bytes(text.encode())


@pytest.mark.parametrize(("name", "text"), OTHERS)
def test_others_are_not_meant(name: str, text: str) -> None:
    assert not meant(name).found(text)
    assert meant(name).without(text) == text


@pytest.mark.parametrize(("name", "text"), NAMED)
def test_what_is_left_names_nobody(name: str, text: str) -> None:
    left = meant(name).without(text)

    assert ERASED in left
    assert not meant(name).found(left)


def test_the_text_around_stays_as_it_was() -> None:
    text = "Åse and NØRDMANN, Kari; then ﬁne Kari Nordmann!"

    assert meant("Kari Nordmann").without("So: Kari Nordmann, ﬁnally") == "So: [erased], ﬁnally"
    assert meant("Kari Nordmann").without(text) == "Åse and [erased]; then ﬁne [erased]!"


@pytest.mark.parametrize(
    "body",
    [
        "José Núñez".encode("latin-1"),
        "José Núñez".encode("utf-16"),
        rb'{"name":"Jos\u00e9 N\u00fa\u00f1ez"}',
        b"<td>Jos&eacute; N&#250;&ntilde;ez</td>",
    ],
)
def test_raw_answers_are_read_in_the_ways_they_may_be_written(body: bytes) -> None:
    assert meant("José Núñez").in_bytes(body)


@pytest.mark.parametrize("name", ["", "Kari", "  ", "王", "-- --"])
def test_half_a_name_means_nobody(name: str) -> None:
    assert person(name) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_names_a_person_is_left_anywhere(before: str, after: str) -> None:
    text = f"{before} Kari Nordmann {after}"

    assert not meant().found(meant().without(text))
