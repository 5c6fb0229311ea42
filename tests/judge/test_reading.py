"""How a name is read: its words, legal form, second names; scripts brought to Latin letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import reading, scripts


def words(text: str) -> list[str]:
    return [word.latin for word in reading.read(text)[0].words if not word.small]


@pytest.mark.parametrize(
    ("written", "named", "form"),
    [
        ("Orrest Tube Ltd", ["orrest", "tube"], "ltd"),
        ("Orrest Tube Co., Ltd.", ["orrest", "tube"], "ltd"),
        ("ORREST TUBE, S. A. de C. V.", ["orrest", "tube"], "ag"),
        ("OOO «Оррест»", ["orrest"], "ooo"),
        ("Общество с ограниченной ответственностью «Оррест»", ["orrest"], "ooo"),
        ("PT Orrest Tbk", ["orrest"], "plc"),
        ("Orrest spol. s r. o. v likvidaci", ["orrest"], "sro"),
        ("Orrest, a Delaware corporation", ["orrest"], ""),
        ("株式会社オレスト", ["oresuto"], "kk"),
        ("Ltd", ["ltd"], ""),
    ],
)
def test_forms_are_told_from_the_words_that_name(written: str, named: list[str], form: str) -> None:
    assert words(written) == named
    assert reading.read(written)[0].form == form


@pytest.mark.parametrize(
    ("written", "pieces"),
    [
        ("Doe Ltd t/a Orrest", {("doe", "main"), ("orrest", "trading")}),
        ("Orrest Ltd (formerly Doe Ltd)", {("orrest", "main"), ("doe", "former")}),
        ("Orrest Ltd f/k/a Doe Ltd d/b/a Roe", {("orrest", "main"), ("doe", "former"), ("roe", "trading")}),
        ("Orrest (OTC)", {("orrest otc", "main"), ("orrest", "main"), ("otc", "main")}),
        ("Orrest (Ireland) Ltd", {("orrest ireland", "main")}),
        ("Née Bakeries", {("nee bakeries", "main")}),
    ],
)
def test_second_names_are_told_apart(written: str, pieces: set[tuple[str, str]]) -> None:
    found = {(" ".join(word.latin for word in name.words), name.how) for name in reading.read(written)}

    assert found == pieces


@pytest.mark.parametrize(
    ("written", "numbers"),
    [("Plant No. 7", "7"), ("Plant Seven", "7"), ("Seventh Plant", "7"), ("Plant VII", "7"), ("Plant 007", "7"), ("Plant Sixty-Six", "66"), ("第五工厂", "5")],
)  # fmt: skip
def test_numbers_are_one_however_they_are_written(written: str, numbers: str) -> None:
    assert [word.mark for word in reading.read(written)[0].words if word.number] == [numbers]


@pytest.mark.parametrize(
    ("written", "latin"),
    [("müller", "muller"), ("рассвет", "rassvet"), ("重庆", "chongqing"), ("長城", "changcheng"), ("トーカイ", "tokai"), ("한빛", "hanbit"),
     ("θερμαϊκός", "thermaikos"), ("łódź", "lodz"), ("ß", "ss")],
)  # fmt: skip
def test_every_script_is_brought_to_latin_letters(written: str, latin: str) -> None:
    assert scripts.latin(written) == latin


@pytest.mark.parametrize(
    ("one", "other"), [("muller", "mueller"), ("zhetysu", "jetisu"), ("khimprom", "himprom"), ("schlossberg", "schlosberg"), ("lvyuan", "luyuan")]
)  # fmt: skip
def test_spellings_of_one_word_are_one(one: str, other: str) -> None:
    assert scripts.loose(one) == scripts.loose(other)


@given(st.text(max_size=80))
def test_unmasking_twice_changes_no_more(text: str) -> None:
    once, _ = scripts.unmask(scripts.clean(text))

    assert scripts.unmask(once)[0] == once


@given(st.text(alphabet=st.characters(codec="ascii", categories=("L", "Zs")), max_size=60))
def test_plain_letters_are_never_a_mask(text: str) -> None:
    assert scripts.unmask(text) == (text, False)


@given(st.text(max_size=400))
def test_any_text_is_read_into_few_words_in_latin_letters(text: str) -> None:
    for name in reading.read(text):
        assert 0 < len(name.words) <= reading.MOST_WORDS
        assert all(word.latin.isascii() and word.latin for word in name.words)


def test_a_name_of_a_hundred_thousand_signs_is_read_as_far_as_a_name_goes() -> None:
    for sign in ("x ", "(", "е", "宁", "t/a ", "1", "\u200b", "& "):
        for name in reading.read(sign * 100_000):
            assert sum(len(word.latin) for word in name.words) <= 10 * scripts.LONGEST
