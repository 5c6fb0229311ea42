"""Take a JSON answer apart: the part a path names, in paragraphs that survive another order of keys and items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.watcher import SourceDrifted
from watchers.web._letters import clean
from watchers.web._paragraphs import Paragraph

_STEP = re.compile(r"""\.?([^.\[\]"']+)|\[(\d{1,6})\]|\["([^"]*)"\]|\['([^']*)'\]""")
_MOST_STEPS = 30
_IDS = ("id", "@id", "_id", "uuid", "key", "code", "number", "sku", "slug", "transaction_id", "url", "name", "title")
# Fields about the answer, not about its subject.
_ABOUT_THE_ANSWER = re.compile(
    r"(?:(?:request|trace|correlation|session|span|csrf|xsrf|ray|visitor)_?(?:id|token)?|nonce|token|etag|timestamp|signature|checksum"
    r"|(?:generated|fetched|retrieved|served|rendered|requested|cached|queried|crawled|indexed|now|server)_?(?:at|on|time|date)?"
    r"|(?:last_?)?(?:updated|modified|changed|refreshed|checked|accessed|seen|sync(?:ed)?)(?:_?(?:at|on|date|time))?|last_?update"
    r"|build(?:_?(?:date|time|id|number|hash))?|commit|revision|hash|digest|took|elapsed|duration_?ms|(?:response|query|execution|processing)_?time(?:_?ms)?"
    r"|(?:page_?)?view(?:s|_?count)|visits|hits_?count|expires_?in|age|ttl|cursor|next_?page_?token|self|href|links?|_links|etag)",
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def part(document: Any, path: str | None) -> Any:
    """Return what a path such as `$.company.officers[0]` names. Raises SourceDrifted if it leads nowhere."""
    node = document
    for step in _steps(path or ""):
        if isinstance(node, Mapping) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isascii() and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        else:
            raise SourceDrifted(f"the path {path!r} leads nowhere: there is no {step!r}")
    return node


def _steps(path: str) -> list[str]:
    rest = path.strip()
    rest = rest[1:] if rest.startswith("$") else rest
    steps: list[str] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if found is None or found.end() == at or len(steps) == _MOST_STEPS:
            raise SourceDrifted(f"the path {path!r} cannot be read; write it as $.company.officers[0]")
        steps.append(next(one for one in found.groups() if one is not None))
        at = found.end()
    return steps


def paragraphs(node: Any, at: str = "") -> Iterator[Paragraph]:
    """Yield one paragraph for each value of an object and for each item of a list."""
    if isinstance(node, Mapping):
        for name in sorted(node):
            if not _about_the_answer(name):
                yield from paragraphs(node[name], f"{at}.{name}" if at else str(name))
    elif isinstance(node, list):
        yield from _items(node, at)
    elif text := _shown(node):
        yield Paragraph(at or "$", text, slot=True)


def _items(items: Sequence[Any], at: str) -> Iterator[Paragraph]:
    name = _identity(items)
    for item in items:
        text = _line(item)
        if not text:
            continue
        if name is not None:
            yield Paragraph(f"{at}[{_shown(item[name])[:80]}]", text, slot=True)
        else:
            yield Paragraph(f"{at}[]", text)


def _identity(items: Sequence[Any]) -> str | None:
    """Return the field by which the items of a list are told apart, if one tells them all apart."""
    if not items or not all(isinstance(item, Mapping) for item in items):
        return None
    for name in _IDS:
        values = [_shown(item.get(name)) for item in items]
        if all(values) and len({one[:80] for one in values}) == len(values):
            return name
    return None


def _line(node: Any) -> str:
    """Return an item as one line: its values with their names, in the order of the names."""
    if not isinstance(node, Mapping | list):
        return _shown(node)
    told: list[str] = []
    stack: list[tuple[str, Any]] = [("", node)]
    while stack:
        name, one = stack.pop()
        if isinstance(one, Mapping):
            names = sorted((key for key in one if not _about_the_answer(key)), reverse=True)
            stack.extend((f"{name}.{key}" if name else str(key), one[key]) for key in names)
        elif isinstance(one, list):
            stack.extend((name, inner) for inner in reversed(one))
        elif text := _shown(one):
            told.append(f"{name}: {text}" if name else text)
    return "; ".join(told)


def _about_the_answer(name: object) -> bool:
    plain = _CAMEL.sub("_", str(name)).replace("-", "_").strip("_").lower()
    return bool(_ABOUT_THE_ANSWER.fullmatch(plain))


def _shown(value: Any) -> str:
    if value is None or isinstance(value, Mapping | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = clean(str(value))
    # The query of an address is often a session.
    return text.split("?", 1)[0] if text.startswith(("http://", "https://")) else text
