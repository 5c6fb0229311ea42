"""YAML as text: what a person wrote is what is read, and traps are refused with their place."""

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.edge.yamldoc import MAX_BYTES, Mistake, Node, read, too_big


def _read(text: str | bytes) -> tuple[Node | None, list[Mistake]]:
    return read(text if isinstance(text, bytes) else text.encode(), "w.yaml")


def _one(text: str | bytes) -> Mistake:
    _, mistakes = _read(text)
    assert len(mistakes) == 1, [str(mistake) for mistake in mistakes]
    return mistakes[0]


def test_scalars_stay_the_text_that_was_written() -> None:
    text = "a: NO\nb: 00012345\nc: 12E5\nd: 12:30:00\ne: 2024-01-02\nf: 1_000\ng: 0x1F\nh: 'null'\n"

    root, mistakes = _read(text)

    assert not mistakes
    assert root is not None
    assert root.plain() == {
        "a": "NO",
        "b": "00012345",
        "c": "12E5",
        "d": "12:30:00",
        "e": "2024-01-02",
        "f": "1_000",
        "g": "0x1F",
        "h": "null",
    }


def test_nothing_written_is_nothing() -> None:
    root, mistakes = _read("a:\nb: ~\nc: null\nd: ''\ne: [~]\n")

    assert not mistakes
    assert root is not None
    assert root.plain() == {"d": "", "e": [None]}


def test_lines_and_columns_count_from_one() -> None:
    root, _ = _read("# a comment\nname: x\nids: {lei: 'y'}\n")

    assert root is not None
    ids = root.get("ids")
    assert ids is not None
    assert root.key_place("ids") == (3, 1)
    assert ids.key_place("lei") == (3, 7)
    assert ids.get("lei").place == (3, 12)  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["\ufeffa: 1\nb: ü\n", "a: 1\r\nb: ü\r\n", "\ufeffa: 1\r\nb: ü"])
def test_byte_order_marks_and_windows_line_ends_are_no_matter(text: str) -> None:
    root, mistakes = _read(text)

    assert not mistakes
    assert root is not None
    assert root.plain() == {"a": "1", "b": "ü"}


def test_a_doubled_key_names_both_lines_and_reading_goes_on() -> None:
    root, mistakes = _read("a: 1\nb: 2\na: 3\na: 4\nc: 5\n")

    assert [str(m) for m in mistakes] == [
        "w.yaml:3:1: the key a stands twice: here and in line 1 (keep one of the two)",
        "w.yaml:4:1: the key a stands twice: here and in line 1 (keep one of the two)",
    ]
    assert root is not None
    assert root.plain() == {"a": "1", "b": "2", "c": "5"}


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!str", "!mine", "!"])
def test_tags_are_refused_and_nothing_is_built(tag: str) -> None:
    mistake = _one(f"a: 1\nb: {tag} [x]\n")

    assert (mistake.line, mistake.column) == (2, 4)
    assert mistake.message.startswith("a tag is not allowed")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "- " * 20_000,
        "{" * 20_000,
        "? " * 20_000,
        "\n".join(" " * n + "a:" for n in range(2_000)),
        "[" * 31,
    ],
    ids=["lists", "dashes", "mappings", "questions", "blocks", "one too many"],
)
def test_bottomless_nesting_is_refused_quickly(text: str) -> None:
    begun = time.perf_counter()

    mistake = _one(text)

    assert "levels deep" in mistake.message
    assert time.perf_counter() - begun < 1


def test_thirty_levels_are_allowed() -> None:
    _, mistakes = _read("[" * 30 + "]" * 30)

    assert not mistakes


def test_an_alias_bomb_is_refused_before_it_unfolds() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    begun = time.perf_counter()

    mistake = _one("\n".join(levels))

    assert mistake.message == "the aliases unfold to far too much"
    assert time.perf_counter() - begun < 1


def test_a_hundred_aliases_pass_and_one_more_does_not() -> None:
    root, mistakes = _read("a: &a x\nb: [" + ", ".join(["*a"] * 100) + "]\n")
    mistake = _one("a: &a x\nb: [" + ", ".join(["*a"] * 101) + "]\n")

    assert not mistakes
    assert root is not None
    assert root.plain()["b"] == ["x"] * 100
    assert (mistake.line, mistake.message) == (2, "more than 100 aliases")


def test_an_alias_to_itself_or_to_nothing_is_a_mistake() -> None:
    assert _one("a: &a [*a]\n").message == "*a refers to itself"
    assert _one("a: *b\n").message == "nothing is anchored as &b"


def test_a_merged_mapping_fills_in_only_what_is_not_written() -> None:
    root, mistakes = _read("d: &d {x: 1, y: 2}\ne: {<<: *d, y: 3}\n")

    assert not mistakes
    assert root is not None
    assert root.plain()["e"] == {"y": "3", "x": "1"}


def test_every_line_indented_by_a_tab_is_named() -> None:
    _, mistakes = _read("a:\n  b: 1\nc:\n\td: 1\n\te: 2\n")

    assert [(m.line, m.column) for m in mistakes] == [(4, 1), (5, 1)]
    assert all("tab" in m.message for m in mistakes)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a: b: c\n", 1, "a colon where none can stand"),
        ("a:\n  b: 1\n c: 2\n", 3, "the indentation does not fit"),
        ("a: 1\nb: [1, 2\nc: 3\n", 2, "a [ is not closed"),
        ("a: 1\nb: {x: 1\nc: 3\n", 2, "a { is not closed"),
        ('a: 1\nb: "open\nc: 3\n', 2, "the file ends within a quoted text"),
        ("a: @home\n", 1, "a character that cannot begin a text"),
        ('a: "C:\\qx"\n', 1, "an unknown escape"),
        ("a: 1\nb: x\x07y\n", 2, "a control character"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key must be one word"),
    ],
)
def test_broken_yaml_is_told_with_line_and_in_plain_words(text: str, line: int, words: str) -> None:
    mistake = _one(text)

    assert mistake.line == line
    assert mistake.message.startswith(words)
    assert mistake.hint


def test_what_is_not_utf8_is_named_by_line_and_column() -> None:
    mistake = _one(b"a: 1\nb: caf\xe9\n")

    assert (mistake.line, mistake.column, mistake.message) == (2, 7, "the file is not UTF-8 text")


def test_files_over_twenty_megabytes_are_not_read() -> None:
    begun = time.perf_counter()

    mistake = _one(b"# " + b"x" * 50_000_000)

    assert mistake.message == "the file is larger than 20 MB"
    assert time.perf_counter() - begun < 1
    assert too_big(MAX_BYTES, "w.yaml") is None
    assert too_big(MAX_BYTES + 1, "w.yaml") is not None


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\n\n", "\ufeff"])
def test_an_empty_document_has_no_root(text: str) -> None:
    assert _read(text) == (None, [])


def test_a_streamed_list_is_handed_over_entry_by_entry() -> None:
    seen: list[object] = []
    text = b"a: {customers: [9]}\ncustomers:\n- name: x\n  customers: [1]\n- y\nz: [2]\n"

    root, mistakes = read(text, "w.yaml", stream="customers", each=lambda node: seen.append(node.plain()))

    assert not mistakes
    assert seen == [{"name": "x", "customers": ["1"]}, "y"]
    assert root is not None
    assert root.plain() == {"a": {"customers": ["9"]}, "customers": [], "z": ["2"]}


_words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)
_documents = st.recursive(
    _words, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words, inner, max_size=4), max_leaves=12
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(_words, _documents, min_size=1, max_size=4))
def test_what_is_written_quoted_is_read_back(document: dict[str, object]) -> None:
    """Law: reading what a YAML writer wrote, all texts quoted, gives the same document."""
    written = yaml.safe_dump(document, default_style='"', allow_unicode=True).replace("!!str ", "")

    root, mistakes = _read(written)

    assert not mistakes
    assert root is not None
    assert root.plain() == document


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text("ab:-[]{}&*!'\"#|>%@`,? \n\t\\", max_size=80).map(str.encode))
def test_no_bytes_whatever_end_in_a_crash(data: bytes) -> None:
    """Law: any bytes give a document or a mistake with a place, never an exception."""
    root, mistakes = _read(data)

    assert all(mistake.line >= 0 and mistake.message for mistake in mistakes)
    assert root is None or isinstance(root, Node)
