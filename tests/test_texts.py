"""The texts of both languages hold the same keys and places, leave nothing empty by accident, and keep to the glossary."""

from __future__ import annotations

import errno
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.judge import money, weigh, words

CONFIG = Path(__file__).parents[1] / "config"


def read(name: str) -> Any:
    return yaml.safe_load((CONFIG / name).read_text("utf-8"))


TEXTS = words.texts({language: read(f"text/{language}.yaml") for language in words.LANGUAGES})
EN, ZH = TEXTS.words["en"], TEXTS.words["zh"]
# Sentences that are rightly nothing: a stage that needs no remark, a step a notice does not have, Chinese spacing.
MAY_BE_EMPTY = re.compile(r"stage\..*|ops\.\w+\.next_[123]|sep\.sentence")


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_both_languages_hold_the_same_keys() -> None:
    assert EN.keys() == ZH.keys()


def test_both_languages_fill_the_same_places() -> None:
    different = {key for key in EN if places(EN[key]) != places(ZH[key])}

    assert not different


def test_both_languages_leave_out_the_same_parts() -> None:
    optional = re.compile(r"\[([^\[\]]*)\]")
    different = {
        key
        for key in EN
        if sorted(map(sorted, map(places, optional.findall(EN[key]))))
        != sorted(map(sorted, map(places, optional.findall(ZH[key]))))
    }

    assert not different


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_no_text_is_empty_by_accident(language: Any) -> None:
    empty = {key for key, text in TEXTS.words[language].items() if not text.strip()}

    assert all(MAY_BE_EMPTY.fullmatch(key) for key in empty), empty


def test_what_is_nothing_in_one_language_is_nothing_in_the_other() -> None:
    assert {k for k in EN if not EN[k] and k != "sep.sentence"} == {k for k in ZH if not ZH[k] and k != "sep.sentence"}


def test_chinese_sentences_are_chinese() -> None:
    prose = [
        k
        for k in ZH
        if k.split(".")[0] in ("why", "stage", "voices", "match", "relation", "part", "opening", "phrase") and ZH[k]
    ]

    for made_of_other_words in ("opening.today_line", "phrase.with"):
        prose.remove(made_of_other_words)
    assert [key for key in prose if not re.search(r"[\u4e00-\u9fff]", ZH[key])] == []


@pytest.mark.parametrize(
    ("english", "chinese", "where"),
    [
        ("winding-up petition", "清盘申请", "events"),
        ("bankruptcy|insolvency", "破产", "events"),
        ("strike-off|struck off", "除名", "events"),
        ("charge", "抵押|担保登记", "events"),
        ("adverse media", "负面报道", "families"),
        ("overdue", "逾期", "money"),
        ("insurer report|report to the insurer", "报损", "playbook"),
    ],
)
def test_the_glossary_is_kept(english: str, chinese: str, where: str) -> None:
    """Whatever the English calls by a glossary word, the Chinese calls by its own."""
    pairs = list(GLOSSED[where]())
    named = [(en, zh) for en, zh in pairs if re.search(rf"\b(?:{english})\b", en, re.I)]

    assert named
    assert any(re.search(chinese, zh) for _, zh in named)
    if where in ("money", "playbook"):
        assert [zh for _, zh in named if not re.search(chinese, zh)] == []


GLOSSED: dict[str, Any] = {
    "events": lambda: ((t["en"]["label"], t["zh"]["label"]) for t in read("events.yaml")["texts"].values()),
    "families": lambda: ((f["label"]["en"], f["label"]["zh"]) for f in read("events.yaml")["families"].values()),
    "money": lambda: ((EN[key], ZH[key]) for key in EN if key.startswith("money.")),
    "playbook": lambda: ((s["en"], s["zh"]) for s in read("playbook.yaml")["steps"].values()),
}


def test_what_lower_floors_say_in_english_is_what_the_texts_translate() -> None:
    """A translated sentence that no code says any more is dead; its English must be the code's, word for word."""
    files = [path for floor in ("monitor", "watchers") for path in (CONFIG.parent / floor).rglob("*.py")]
    source = "\n".join(path.read_text("utf-8") for path in files)
    joined = re.sub(r'"\s*\n\s*f?"', "", source)  # one sentence over several lines
    said = joined + "\n".join(os.strerror(one) for one in errno.errorcode)

    phrases = {key: text for key, text in EN.items() if key.startswith("phrase.") and key != "phrase.with"}
    lost = [key for key, text in phrases.items() if max(PLACES.split(text), key=len).strip(" ()") not in said]

    assert lost == []


PLACES = re.compile(r"\{\w+\}")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("api.gleif.org is in trouble (503)", "api.gleif.org 出现故障（503）"),
        ("needs ids: lei or gb_company", "缺少号码 ids：lei or gb_company"),
        ("Companies House: the field date_of_creation is gone", "Companies House：字段 date_of_creation 不见了"),
        ("GLEIF: data is a list, not an object", "GLEIF：data 的类型不对（a list，应为 an object）"),
        ("the file is not a database (/var/lib/x.db)", "该文件不是数据库（/var/lib/x.db）"),
        (
            "a.example refused us (403); b.example refused us (403)",
            "a.example 拒绝了我们（403）；b.example 拒绝了我们（403）",
        ),
        (
            "the folder of the database cannot be used: Permission denied (/x)",
            "数据库所在的目录无法使用：没有权限（/x）",
        ),
        ("something nobody foresaw", "something nobody foresaw"),
        ("", ""),
    ],
)
def test_a_sentence_of_a_lower_floor_is_told_in_chinese_and_an_unknown_one_is_kept(said: str, told: str) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)

    assert words.Voice(TEXTS, "zh", "UTC", now).phrase(said) == told
    assert words.Voice(TEXTS, "en", "UTC", now).phrase(said) == said


def test_every_pattern_and_every_part_of_the_money_line_has_its_sentence() -> None:
    rules = weigh.rulebook(read("rules.yaml"))

    assert all(f"why.pattern_{pattern.name}" in EN for pattern in rules.patterns)
    assert all(f"relation.{name}" in EN for name in rules.relations)
    assert {part.name for part in money.line(None)} <= {key.removeprefix("money.") for key in EN}
