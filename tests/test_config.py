"""The shipped configuration: the examples are valid, name every key, and agree with schemas made from the models."""

import json
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from monitor.edge import config, watchlist
from monitor.edge.settings import shipped

EXAMPLES = {"watchlist.yaml": "watchlist.schema.json", "counterwatch.yaml": "counterwatch.schema.json"}
_KNOWN = ("gdelt", "gleif", "opencorporates", "feed", "brreg", "edgar", "some_source")


def _example(name: str) -> str:
    return shipped(name.replace(".yaml", ".example.yaml")).read_text(encoding="utf-8")


def _uncommented(text: str) -> str:
    """Return an example with every suggestion switched on: what a person gets who removes each # before a key."""
    lines: list[str] = []
    for line in text.splitlines():
        found = re.match(r"^( *)# ( *(?:- \{|[a-z_]+:( |$)).*)$", line)
        switched = found[1] + found[2] if found and not found[2].startswith("counterwatch") else line
        top = re.match(r"^([a-z_]+):", switched)
        if top and found:  # the suggestion stands in place of the line it varies
            lines = [old for old in lines if not old.startswith(f"{top[1]}:")]
        lines.append(switched)
    return "\n".join(lines) + "\n"


def _load(folder: Path, texts: dict[str, str]) -> config.Config:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return config.load(folder, sources=_KNOWN)


def test_the_examples_are_valid_as_they_are(tmp_path: Path) -> None:
    found = _load(tmp_path, {name: _example(name) for name in EXAMPLES})

    assert found.customers
    assert found.warnings == ()


def test_every_suggestion_in_the_examples_is_valid(tmp_path: Path) -> None:
    found = _load(tmp_path, {name: _uncommented(_example(name)) for name in EXAMPLES})

    assert found.settings.people
    assert found.settings.ledger is not None
    assert len(found.settings.rules) == len(found.settings.routes) == 2
    assert found.customers[0].insured is not None
    assert found.customers[0].feeds


def test_the_examples_show_the_defaults(tmp_path: Path) -> None:
    """What the waits and http lines suggest is what holds without them, so switching them on changes nothing."""
    found = _load(tmp_path, {name: _uncommented(_example(name)) for name in EXAMPLES}).settings

    assert found.waits == config.WaitSettings()
    assert found.retention == config.RetentionSettings()
    assert found.listen == config.Settings().listen
    unlike = {"proxy": None, "ca_bundle": None, "user_agent_contact": None}
    assert found.http.model_copy(update=unlike) == config.HttpSettings()


@pytest.mark.parametrize(("name", "schema"), EXAMPLES.items())
def test_each_example_names_its_schema_in_the_first_line(name: str, schema: str) -> None:
    assert _example(name).splitlines()[0] == f"# yaml-language-server: $schema=schema/{schema}"


@pytest.mark.parametrize("schema", EXAMPLES.values())
def test_the_shipped_schemas_are_what_the_models_give(schema: str) -> None:
    """`make schema` writes them anew."""
    assert shipped(f"schema/{schema}").read_text(encoding="utf-8") == config.schemas()[schema]


@pytest.mark.parametrize(
    ("name", "model"), [("watchlist.yaml", watchlist.WatchlistFile), ("counterwatch.yaml", config.Settings)]
)
def test_every_key_is_shown_in_its_example(name: str, model: type[BaseModel]) -> None:
    text = _example(name)

    unshown = {key for key in _keys(model) if not re.search(rf"\b{key}:|sources: \{{.*{key}", text)}

    assert unshown == set()


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in _models(field.annotation):
            yield from _keys(inner)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        # `base` and `hosts` are never written: true or a list stands for them.
        yield from () if annotation is config.Allowed else (annotation,)
    for part in typing.get_args(annotation):
        yield from _models(part)


# --------------------------------------------------------------------------- the schema and the reader agree


class _Loader12(yaml.SafeLoader):
    """YAML 1.2 as editors read it: `no` is a text, dates are texts."""


_Loader12.yaml_implicit_resolvers = {
    first: [
        (tag, re.compile(r"^(?:true|false)$") if tag.endswith("bool") else pattern)
        for tag, pattern in resolvers
        if not tag.endswith(("timestamp", "merge", "value"))
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}


def _faults(value: Any, schema: dict[str, Any], whole: dict[str, Any], at: str = "") -> Iterator[str]:
    """Check a document against the part of JSON Schema that our schemas use; yield what does not fit."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]] | {k: v for k, v in schema.items() if k != "$ref"}
    if "anyOf" in schema:
        tried = [list(_faults(value, one, whole, at)) for one in schema["anyOf"]]
        yield from min(tried, key=len)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']}"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{at}: {value!r} is no {' or '.join(kinds)}"
        return
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, dict):
        known = schema.get("properties", {})
        yield from (f"{at}: {key} is missing" for key in schema.get("required", ()) if key not in value)
        for key, inner in value.items():
            rest = schema.get("additionalProperties", {})
            if key not in known and rest is False:
                yield f"{at}: unknown key {key}"
            else:
                yield from _faults(inner, known.get(key, rest if isinstance(rest, dict) else {}), whole, f"{at}.{key}")
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _faults(inner, schema.get("items", {}), whole, f"{at}[{number}]")


def _is(value: Any, kind: str) -> bool:
    if kind == "null":
        return value is None
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))  # type: ignore[arg-type]


@pytest.mark.parametrize("switched", [False, True], ids=["as shipped", "all suggestions"])
@pytest.mark.parametrize(("name", "schema"), EXAMPLES.items())
def test_an_editor_finds_no_fault_in_the_examples(name: str, schema: str, switched: bool) -> None:
    text = _uncommented(_example(name)) if switched else _example(name)
    made = json.loads(config.schemas()[schema])

    assert list(_faults(yaml.load(text, _Loader12), made, made)) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("watchlist.yaml", "customers: [{nme: A, country: GB}]"),
        ("watchlist.yaml", "customers: [{name: A, country: GB, exposure: {opn: 1}}]"),
        ("watchlist.yaml", "customers: [{name: A, country: GB, tier: D}]"),
        ("watchlist.yaml", "customers: [{name: A, country: gb}]"),
        ("watchlist.yaml", "version: 2\ncustomers: [{name: A, country: GB}]"),
        ("counterwatch.yaml", "sorces: {}"),
        ("counterwatch.yaml", "sources: {gleif: {every: 5}}"),
        ("counterwatch.yaml", "sources: {gleif: {enabled: maybe}}"),
        ("counterwatch.yaml", "language: fr"),
        ("counterwatch.yaml", "routes: [{when: {}}]"),
    ],
)
def test_an_editor_sees_what_the_reader_refuses(tmp_path: Path, name: str, text: str) -> None:
    made = json.loads(config.schemas()[EXAMPLES[name]])
    texts = {"watchlist.yaml": "customers: [{name: A, country: GB}]"} | {name: text}

    assert list(_faults(yaml.load(text, _Loader12), made, made))
    with pytest.raises(config.ConfigMistakes):
        _load(tmp_path, texts)
