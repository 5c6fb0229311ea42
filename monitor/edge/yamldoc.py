"""YAML read as text: every scalar stays the text a person wrote, with its line and column; traps are refused."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import yaml

MAX_BYTES = 20_000_000
MAX_DEPTH = 30
MAX_ALIASES = 100
MAX_BORROWED = 50_000  # nodes that aliases may add when written out: a bomb has few aliases and many nodes

_EMPTY = frozenset(("", "~", "null"))


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """What is wrong in a file, where (line and column count from 1; 0 is the file as a whole), and what to do."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class Node:
    """A piece of the document: text, None (nothing written), a list of nodes, or a mapping of text to nodes.

    `keys` holds the place of each key of a mapping.
    """

    __slots__ = ("column", "keys", "line", "value")

    def __init__(self, value: str | list[Node] | dict[str, Node] | None, line: int, column: int) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.keys: dict[str, tuple[int, int]] | None = None

    @property
    def place(self) -> tuple[int, int]:
        return self.line, self.column

    def get(self, key: str) -> Node | None:
        """Return the node under `key`, or None if this is no mapping or has no such key."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def key_place(self, key: str) -> tuple[int, int]:
        return (self.keys or {}).get(key, self.place)

    def plain(self) -> Any:
        """Return text, lists and dicts; keys without a value are left out, as if they were not written."""
        value = self.value
        if isinstance(value, dict):
            return {key: node.plain() for key, node in value.items() if node.value is not None}
        if isinstance(value, list):
            return [node.plain() for node in value]
        return value


class _RefusedError(Exception):
    """The document cannot be read on: the mistake says where and why."""

    def __init__(self, line: int, column: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.found = (line, column, message, hint)


def read(
    data: bytes, file: str, *, stream: str = "", each: Callable[[Node], None] | None = None
) -> tuple[Node | None, list[Mistake]]:
    """Read one YAML document; return its root (None: empty or unreadable) and all mistakes found.

    With `stream` and `each`, the entries of the list under that top-level key are handed to `each`
    one by one and then forgotten, so a long list never stands in memory as a whole.
    """
    mistakes: list[Mistake] = []
    try:
        text = _decoded(data)
        with _no_collector():
            root = _Builder(text, file, mistakes, stream, each).document()
    except _RefusedError as refused:
        mistakes.append(Mistake(file, *refused.found))
        return None, mistakes
    except yaml.YAMLError as error:
        mistakes.extend(_syntax(error, text, file))
        return None, mistakes
    return root, mistakes


def too_big(size: int, file: str) -> Mistake | None:
    """Return the mistake of a file of `size` bytes that is not even opened."""
    if size <= MAX_BYTES:
        return None
    limit = MAX_BYTES // 1_000_000
    return Mistake(file, 0, 0, f"the file is larger than {limit} MB", "is it the right file? split or shorten it")


def _decoded(data: bytes) -> str:
    if (big := too_big(len(data), "")) is not None:
        raise _RefusedError(0, 0, big.message, big.hint)
    if data.startswith(b"PK\x03\x04"):
        raise _RefusedError(0, 0, "this is an Excel or zip file, not YAML", "the list is a text file, in any editor")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _RefusedError(0, 0, "the file is UTF-16 text", _SAVE_AGAIN)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        raise _RefusedError(line, column, "the file is not UTF-8 text", _SAVE_AGAIN) from None


_SAVE_AGAIN = "save it again with the encoding UTF-8; in Notepad: Save as, Encoding"


@contextmanager
def _no_collector() -> Iterator[None]:
    # Half of the reading time would go to looking for cycles, and a document has none.
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Builder:
    """Builds nodes straight from libyaml's events, so limits are checked before anything is built."""

    def __init__(
        self, text: str, file: str, mistakes: list[Mistake], stream: str, each: Callable[[Node], None] | None
    ) -> None:
        self._next = yaml.CLoader(text).get_event
        self._text = text
        self._file = file
        self._mistakes = mistakes
        self._stream = stream if each else ""
        self._each = each
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._built = 0
        self._aliases = 0
        self._borrowed = 0
        self._lines: list[str] | None = None

    def document(self) -> Node | None:
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        root = self._node(self._next(), 0, "")
        self._next()  # the document ends
        after: Any = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            mark = after.start_mark
            raise _RefusedError(
                mark.line + 1, mark.column + 1, "a second document begins here", "remove the line with the three dashes"
            )
        return root

    def _node(self, event: Any, depth: int, under: str) -> Node:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self._alias(event.anchor, line, column)
        before = self._built
        self._built = before + 1
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # not whole yet
        if event.tag is not None:
            tag = _short(event.tag.replace("tag:yaml.org,2002:", "!!"))
            self._mistake(line, column, f"a tag is not allowed: {tag}", "write plain text, without !")
        node = Node(None, line, column)
        if kind is yaml.ScalarEvent:
            value = event.value
            # Only the plain word is nothing: "null" in quotes is a text.
            node.value = None if value in _EMPTY and not event.style else value
        else:
            if depth >= MAX_DEPTH:
                raise _RefusedError(line, column, _TOO_DEEP, "is a bracket or a dash too many?")
            if kind is yaml.MappingStartEvent:
                self._mapping(node, depth + 1)
            else:
                self._list(node, depth + 1, under)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._built - before)
        return node

    def _list(self, node: Node, depth: int, under: str) -> None:
        items: list[Node] = []
        node.value = items
        each = self._each if depth == 2 and under and under == self._stream else None
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            item = self._node(event, depth, "")
            if each is None:
                items.append(item)
            else:
                each(item)

    def _mapping(self, node: Node, depth: int) -> None:
        entries: dict[str, Node] = {}
        keys: dict[str, tuple[int, int]] = {}
        merged: list[Node] = []
        node.value, node.keys = entries, keys
        while type(event := self._next()) is not yaml.MappingEndEvent:
            key = self._node(event, depth, "")
            name = key.value
            if isinstance(name, str):
                value = self._node(self._next(), depth, name if depth == 1 else "")
                if name == "<<" and isinstance(value.value, dict):
                    merged.append(value)
                elif name in entries:
                    self._doubled(name, key, keys[name][0])
                else:
                    entries[name] = value
                    keys[name] = (key.line, key.column)
                    if value.value is None:
                        self._nothing(name, key, value)
            else:
                self._node(self._next(), depth, "")
                self._mistake(key.line, key.column, "a key must be one word", "write key: value")
        for other in merged:  # `<<: *defaults` fills in what is not written here
            assert isinstance(other.value, dict)
            for name, value in other.value.items():
                if name not in entries:
                    entries[name] = value
                    keys[name] = other.key_place(name)

    def _alias(self, name: str, line: int, column: int) -> Node:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise _RefusedError(line, column, f"more than {MAX_ALIASES} aliases", "write the values out")
        if name not in self._anchors:
            self._mistake(line, column, f"nothing is anchored as &{_short(name)}", "quote texts that begin with *")
            return Node(None, line, column)
        found = self._anchors[name]
        if found is None:
            raise _RefusedError(line, column, f"*{_short(name)} refers to itself", "write the values out")
        node, size = found
        self._built += size
        self._borrowed += size
        if self._borrowed > MAX_BORROWED:
            raise _RefusedError(line, column, "the aliases unfold to far too much", "write the values out")
        return node

    def _nothing(self, name: str, key: Node, value: Node) -> None:
        """Name what a person surely meant to write where YAML reads nothing."""
        if _THOUSANDS.fullmatch(name):
            message = f"a comma parts entries: {name} is read as a key of its own"
            self._mistake(key.line, key.column, message, "write numbers without commas: 84000")
            return
        if self._lines is None:
            self._lines = self._text.split("\n")
        line = self._lines[value.line - 1] if value.line <= len(self._lines) else ""
        if found := _COMMENTED.match(line, value.column - 1):
            message = f"nothing is written under {_short(name)}: what follows # is a comment"
            self._mistake(value.line, found.start(1) + 1, message, f'write "{_short(found[1])}" in quotes')

    def _doubled(self, name: str, key: Node, first: int) -> None:
        self._mistake(
            key.line,
            key.column,
            f"the key {_short(name)} stands twice: here and in line {first}",
            "keep one of the two",
        )

    def _mistake(self, line: int, column: int, message: str, hint: str) -> None:
        self._mistakes.append(Mistake(self._file, line, column, message, hint))


_THOUSANDS = re.compile(r"\d{3}(?:\.\d+)?")
_COMMENTED = re.compile(r"\s*(#[^\s#,}\]]+)\s*$")  # one word right behind the #: a channel that was not quoted


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
# libyaml's words (or their beginning) -> ours, with the usual cause.
_SYNTAX = (
    ("mapping values are not allowed", "a colon where none can stand", "quote texts that hold a colon and a blank"),
    ("could not find expected ':'", "a key without a colon", "write key: value, and close quotes and brackets"),
    ("did not find expected key", "the indentation does not fit", "entries of one level begin in the same column"),
    ("did not find expected '-'", "the indentation does not fit", "entries of one list begin in the same column"),
    ("did not find expected ',' or '}'", "a { is not closed", "separate entries by commas and close with }"),
    ("did not find expected ',' or ']'", "a [ is not closed", "separate entries by commas and close with ]"),
    ("found unexpected end of stream", "the file ends within a quoted text", "close the quote"),
    ("found unexpected document indicator", "a quoted text is not closed", "close the quote"),
    ("found unknown escape", "an unknown escape in a quoted text", "use single quotes around texts with a backslash"),
    ("found character that cannot start", "a character that cannot begin a text", "put the text in quotes"),
    ("exceeded maximum nesting", _TOO_DEEP, "is a bracket or a dash too many?"),
    ("block sequence entries are not allowed", "a dash where no list can begin", "begin the list on a line of its own"),
)
_OPEN = ("did not find expected ','", "found unexpected end of stream", "found unexpected document indicator")
_LEADING_TAB = re.compile(r"^ *\t")


def _syntax(error: yaml.YAMLError, text: str, file: str) -> list[Mistake]:
    """Say in plain words what libyaml stumbled over; tabs are named line by line."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:  # a character that YAML forbids: only its position is told
        at = int(getattr(error, "position", 0) or 0)
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        message = "a control character is not allowed"
        return [Mistake(file, line, column, message, "delete it; it may be invisible")]
    problem = str(getattr(error, "problem", "") or "")
    if problem.startswith(_OPEN) and (context := getattr(error, "context_mark", None)) is not None:
        mark = context  # where it was opened tells more than where the end was missed
    line, column = mark.line + 1, mark.column + 1
    lines = text.split("\n")
    tabbed = [n for n in range(max(1, line - 1), min(len(lines), line + 1) + 1) if _LEADING_TAB.match(lines[n - 1])]
    if tabbed:
        every = [n for n, written in enumerate(lines, 1) if _LEADING_TAB.match(written)]
        hint = "indent by two blanks; most editors can turn tabs into blanks"
        return [Mistake(file, n, lines[n - 1].index("\t") + 1, "a tab indents this line", hint) for n in every[:20]]
    for begins, message, hint in _SYNTAX:
        if problem.startswith(begins):
            return [Mistake(file, line, column, message, hint)]
    return [Mistake(file, line, column, f"not sound YAML: {problem}", "compare the line with the example file")]
