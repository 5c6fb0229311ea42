"""What is written for people is true: commands, sources and credentials exist and are all named, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from monitor.app import check, speech
from monitor.app.cli import app
from monitor.edge.settings import Keyring, shipped
from monitor.watcher import discover

ROOT = Path(__file__).parents[1]
READERS = ("README.md", "README.zh-CN.md")
COMMANDS = frozenset(get_command(app).commands)  # type: ignore[attr-defined]
NAMED = re.compile(r"counterwatch ([a-z]+)(?![a-z]*[’'])")


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def typed(document: str) -> set[str]:
    """Return the commands a document tells a person to type: in code only, prose may say `counterwatch keeps`."""
    code = re.findall(r"`([^`\n]+)`", document) + re.findall(r"^\S*counterwatch .*$", document, re.M)
    return {word for one in code for word in re.findall(r"^(?:\.venv/bin/)?counterwatch ([a-z]+)", one)}


@pytest.mark.parametrize("name", READERS)
def test_every_command_is_explained_and_every_explained_command_exists(name: str) -> None:
    assert typed(text(name)) == COMMANDS


@pytest.mark.parametrize("name", READERS)
def test_every_option_that_is_named_exists(name: str) -> None:
    commands = [*get_command(app).commands.values()]  # type: ignore[attr-defined]
    commands += [one for group in commands for one in getattr(group, "commands", {}).values()]
    known = {option for command in commands for parameter in command.params for option in parameter.opts}

    rows = [row for row in text(name).splitlines() if "counterwatch " in row and not row.startswith("`uv")]
    named = {option for row in rows for option in re.findall(r"(--[a-z][a-z-]+)", row)}

    assert named - {"--help"} <= known


@pytest.mark.parametrize("name", READERS)
def test_every_source_is_listed(name: str) -> None:
    listed = set(re.findall(r"^\| `([a-z_]+)` \|", text(name), re.M))

    assert listed == set(discover())


@pytest.mark.parametrize("name", READERS)
def test_every_credential_the_program_reads_is_named(name: str) -> None:
    asked: set[str] = set()

    class Environment(dict[str, str]):
        def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
            asked.add(key)
            return default

    Keyring.read([], Environment())

    # Socket mode is not there yet; a test server's address is no credential, but a person who sets it must find it.
    assert {one for one in asked - {"SLACK_APP_TOKEN", "SLACK_API_URL"} if f"`{one}`" not in text(name)} == set()
    wanted = [f"COUNTERWATCH_{w.name}_{one}".upper() for w in discover().values() for one in w.credentials]
    assert [one for one in wanted if one not in text(name)] == []


@pytest.mark.parametrize("name", [*READERS, "CONTRIBUTING.md"])
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text(name))

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_two_readers_are_told_of_each_other() -> None:
    assert "(README.zh-CN.md)" in text("README.md")
    assert "(README.md)" in text("README.zh-CN.md")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_programs_own_sentences_name_commands_that_exist(language: str) -> None:
    prose = {"in", "there", "database", "daemon"}  # `is not a counterwatch database`

    words = speech.texts().words[language]  # type: ignore[index]
    named = {word for sentence in words.values() for word in NAMED.findall(sentence)}
    steps = set(NAMED.findall(shipped("playbook.yaml").read_text("utf-8")))

    assert (named | steps) - prose <= COMMANDS


def test_what_is_not_used_yet_is_marked_in_the_examples() -> None:
    """Each key of `check.NOT_YET` stands in a paragraph of its example that bears the mark."""
    for name, patterns in check.NOT_YET.items():
        example = shipped(name.replace(".yaml", ".example.yaml")).read_text("utf-8")
        marked = "\n".join(part for part in re.split(r"\n\s*\n", example) if "[later]" in part)
        for pattern in patterns:
            assert re.search(rf"\b{pattern.rpartition('.')[2]}\b", marked), (name, pattern)


def test_the_changes_name_every_command() -> None:
    assert {one for one in COMMANDS if f"`{one}`" not in text("CHANGELOG.md")} == set()
