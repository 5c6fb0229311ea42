"""However a name is brought into Latin letters, by whichever table, it is one name; and names that differ stay apart."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import slavic
from monitor.judge.match import judge_party
from monitor.model import Customer, Party

LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
# Road signs, passports, ISO 9 without its marks, linguists, newspapers, German readers.
TABLES = {
    "signs": "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya",
    "passports": "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y  e iu ia",
    "iso9": "a b v g d e e z z i j k l m n o p r s t u f h c c s sc  y  e u a",
    "linguists": "a b v g d e jo zh z i j k l m n o p r s t u f kh c ch sh shch  y  e ju ja",
    "papers": "a b v g d e yo zh z i y k l m n o p r s t u f h ts ch sh sch  y  e yu ya",
    "german": "a b w g d e jo sch s i j k l m n o p r s t u f ch z tsch sch schtsch  y  e ju ja",
}
NAMES = [
    "Вязьмахлебторг",
    "Щёлковокомплект",
    "Жигулёвск Юрьевец",
    "Хабаровсклесстрой",
    "Ярцевский Хлопок",
    "Юганскэнергомонтаж",
    "Цимлянск Агро",
    "Чуйская Шерсть",
    "Ёлкинск Сервис",
    "Объячево Лес",
    "Михайловский Щебень",
    "Эльбрусский Ключ",
    "Чебаркульские Поляны",
]


def latin(name: str, table: str) -> str:
    told = dict(zip(LETTERS, TABLES[table].split(" "), strict=True))
    return "".join(
        told.get(char.lower(), char).capitalize() if char.isupper() else told.get(char, char) for char in name
    )


def taken(watched: str, found: str) -> bool:
    match = judge_party(Customer("c", watched, "RU"), Party(found, country="RU"))
    return match.verdict == "possible"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_cyrillic_is_known_by_every_table(name: str) -> None:
    lost = [table for table in TABLES if not taken(f"ООО «{name}»", f"OOO {latin(name, table)}")]

    assert lost == []


@pytest.mark.parametrize("name", NAMES)
def test_two_tables_spell_one_name(name: str) -> None:
    spelt = {latin(name, table) for table in TABLES}
    lost = [(one, other) for one, other in combinations(sorted(spelt), 2) if not taken(f"OOO {one}", f"{other} LLC")]

    assert lost == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Morozov Agro", "Moroz Agro"),
        ("Sibtorg Les", "Severtorg Les"),
        ("Volgastroy", "Volnastroy"),
        ("Yuganskneft", "Luganskneft"),
    ],
)
def test_names_that_sound_otherwise_stay_two(one: str, other: str) -> None:
    assert not taken(f"OOO {one}", f"OOO {other}")


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", max_size=40))
def test_any_word_has_few_ways_and_a_short_one_none(word: str) -> None:
    ways = slavic.spellings(word)

    assert len(ways) <= 8
    assert all(len(way) >= 4 for way in ways)
