"""Strict reading of what sources send: JSON without doubled keys, odd numbers or bottomless nesting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import orjson

from monitor.trouble import SourceBlocked, SourceDown, SourceDrifted

_DEPTH = 100


def json_of(body: bytes, url: str, content_type: str = "") -> Any:
    """Return the document in `body`.

    Raises SourceDown for an empty or cut body, SourceBlocked for a page where data belongs (error,
    captcha and maintenance pages come with status 200), SourceDrifted for JSON we do not trust.
    """
    head = body.lstrip()[:1]
    if not head:
        raise SourceDown(f"empty answer from {_host(url)}")
    if head == b"<":
        raise SourceBlocked(f"{_host(url)} sent a page where data was expected (error, captcha or maintenance page)")
    if head not in b"{[":
        raise SourceBlocked(f"{_host(url)} sent text where data was expected: {_shown(body)}")
    if body.rstrip()[-1:] not in (b"}", b"]"):
        raise SourceDown(f"the answer of {_host(url)} is cut short")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise SourceDrifted(f"the answer of {_host(url)} is not sound JSON: {error}") from None
    _check(found, url, _DEPTH)
    # orjson keeps the last of two equal keys and turns long integers into floats; both would be a
    # silent loss, so documents that could hold either are read again by the strict reader.
    try:
        json.loads(body, object_pairs_hook=_no_doubles, parse_constant=_no_constant, parse_int=_bounded)
    except (ValueError, RecursionError) as error:
        raise SourceDrifted(f"the answer of {_host(url)} is not sound JSON: {error}") from None
    return found


def _no_doubles(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key occurs twice")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _bounded(digits: str) -> None:
    if len(digits) > 18 and not -(2**63) <= int(digits[:40]) < 2**64:
        raise ValueError("a number is too long to be kept exactly")


def _check(node: Any, url: str, depth: int) -> None:
    if depth == 0:
        raise SourceDrifted(f"the answer of {_host(url)} is nested too deeply")
    if isinstance(node, dict):
        for value in node.values():
            if isinstance(value, dict | list):
                _check(value, url, depth - 1)
    elif isinstance(node, list):
        for value in node:
            if isinstance(value, dict | list):
                _check(value, url, depth - 1)


def _host(url: str) -> str:
    return url.split("//", 1)[-1].split("/", 1)[0]


def _shown(body: bytes) -> str:
    return repr(body[:60].decode("utf-8", "replace"))


# --------------------------------------------------------------------------- the shape of a document

_T = TypeVar("_T")
_KINDS: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
}


class Shape:
    """Reads the fields of one source's documents; what is gone or of another kind is SourceDrifted, in one sentence.

    null_is_gone: the source writes null for no required field, so null is read as its absence.
    """

    def __init__(self, title: str, *, null_is_gone: bool = False) -> None:
        self._title = title
        self._null_is_gone = null_is_gone

    def object(self, value: Any, what: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise SourceDrifted(f"{self._title}: {what} is {_kind(value)}, not an object")
        return value

    def required(self, parent: Mapping[str, Any], name: str, kind: type, path: str = "") -> Any:
        if name not in parent or (self._null_is_gone and parent[name] is None):
            raise SourceDrifted(f"{self._title}: the field {path}{name} is gone")
        return self.typed(parent[name], kind, f"{path}{name}")

    def optional(self, parent: Mapping[str, Any], name: str, kind: type) -> Any:
        value = parent.get(name)
        return None if value is None else self.typed(value, kind, name)

    def typed(self, value: Any, kind: type[_T], what: str) -> _T:
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise SourceDrifted(f"{self._title}: {what} is {_kind(value)}, not {_KINDS[kind]}")
        return value


def _kind(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), type(value).__name__)
