"""Who says it, and who only repeats it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import voices
from monitor.model import Origin
from tests.judge import made


def outlet(name: str, title: str = "", **more: object) -> Origin:
    return Origin(name, "feeds", official=False, title=title, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "copy"),
    [
        (outlet("A", "Maker shuts two plants"), outlet("B", "Maker shuts two plants"), True),
        (outlet("A", "Maker shuts two plants in Leeds"), outlet("B", "Maker shuts two plants in Leeds - update"), True),
        (outlet("A", "Maker shuts 2 plants in Leeds"), outlet("B", "Maker shuts 3 plants in Leeds"), False),
        (outlet("A", "Maker shuts two plants"), outlet("B", "Hundreds of jobs go as factory closes"), False),
        (outlet("A"), outlet("B"), False),
        (outlet("A", url="https://www.x.example/a?utm_source=q"), outlet("B", url="http://x.example/a/#top"), True),
        (outlet("A", url="https://x.example/a?id=1"), outlet("B", url="https://x.example/a?id=2"), False),
        (outlet("A", "One thing", agency="reuters"), outlet("B", "Other words", agency="reuters"), True),
        (outlet("Reuters", "One thing"), outlet("B", "Other words", agency="reuters"), True),
        (outlet("A", "Same words here"), outlet("A", "Same words here"), False),
    ],
)
def test_a_copy_is_known_by_its_page_its_agency_or_its_words(one: Origin, other: Origin, copy: bool) -> None:
    assert voices.copied(one, other) is copy
    assert voices.copied(other, one) is copy


def test_thirty_outlets_with_one_text_are_one_voice_and_all_are_kept() -> None:
    found = voices.together((), (outlet(f"Outlet {n}", "Maker shuts two plants") for n in range(30)))

    assert len(found) == 30
    assert voices.independent(found) == ("Outlet 0",)
    assert {one.repeats for one in found[1:]} == {"Outlet 0"}


@pytest.mark.parametrize("mirror_first", [True, False])
def test_a_mirror_beside_the_register_it_quotes_is_no_voice_of_its_own(mirror_first: bool) -> None:
    mirror, register = Origin("GLEIF", "gleif", True), Origin("Brreg", "no_brreg", True)
    first, second = (mirror, register) if mirror_first else (register, mirror)

    found = voices.together((first,), (second,), {"gleif"})

    assert voices.independent(found) == ("Brreg",)
    assert voices.independent(voices.together((), (mirror,), {"gleif"})) == ("GLEIF",)


ORIGINS = st.builds(
    outlet, st.sampled_from("ABCD"), st.sampled_from(("", "Maker shuts two plants", "Jobs go as factory closes"))
)


@given(st.lists(ORIGINS, max_size=8))
def test_to_hear_the_same_again_changes_nothing(origins: list[Origin]) -> None:
    once = voices.together((), origins)

    assert voices.together(once, origins) == once
    assert len({(one.name, one.source) for one in once}) == len(once)


@given(
    st.permutations(
        [outlet("A", "Maker shuts two plants"), outlet("B", "Maker shuts two plants"), outlet("C", "Jobs go")]
    )
)
def test_how_many_voices_there_are_does_not_depend_on_who_came_first(origins: list[Origin]) -> None:
    assert len(voices.independent(voices.together((), origins))) == 2


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("LONDON (Reuters) - The maker said", "reuters"),
        ("The maker said, via AFP.", "afp"),
        ("The maker said (source: AFP)", "afp"),
        ("北京（新华社）电", "新华社"),
        ("The maker (Leeds) said", ""),
        ("", ""),
    ],
)
def test_the_agency_a_text_credits_is_found(text: str, agency: str) -> None:
    assert voices.agency(text, made.RULES.agencies) == agency


def test_an_address_that_is_none_stays_as_it_is() -> None:
    assert voices.canonical("http://[broken") == "http://[broken"
    assert voices.canonical("nowhere") == "nowhere"
