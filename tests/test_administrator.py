"""What administrators are told is true: commands, metrics, notices, log names and links exist, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from monitor.app import metrics, speech
from monitor.app.cli import app

ROOT = Path(__file__).parents[1]
GUIDES = (ROOT / "docs/administrator.md", ROOT / "docs/administrator.zh-CN.md")
READ = (*GUIDES, ROOT / "systemd/INSTALL.md")
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]

each = pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
read = pytest.mark.parametrize("page", READ, ids=lambda path: path.name)


@read
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    typed = re.findall(r"(?:`|^|&& |sudo |bin/)counterwatch ([a-z]+)((?: [^`\n#&;]*)?)", text, re.M)

    assert typed
    assert {name for name, _ in typed} <= COMMANDS.keys()
    for name, rest in typed:
        known = {option for one in COMMANDS[name].params for option in one.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, (name, rest)


@each
def test_every_notice_has_its_row(guide: Path) -> None:
    told = {key.split(".")[1] for key in speech.texts().words["en"] if re.fullmatch(r"ops\.\w+\.head", key)}
    rows = re.findall(r"^\| [^|]+ \| `(\w+)` \|", guide.read_text("utf-8"), re.M)

    assert sorted(rows) == sorted(told - {"other_code"})


@each
def test_every_metric_that_is_named_exists(guide: Path) -> None:
    source = Path(metrics.__file__).read_text("utf-8")
    named = {re.sub("_bucket$", "", one) for one in re.findall(r"\bcounterwatch_\w+", guide.read_text("utf-8"))}

    assert named
    assert {one for one in named if f'"{one}"' not in source} == set()


@each
def test_every_log_name_exists(guide: Path) -> None:
    (line,) = [one for one in guide.read_text("utf-8").splitlines() if "`daemon.stuck`" in one]
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "monitor").rglob("*.py"))

    assert {one for one in re.findall(r"`([a-z_]+\.[a-z_]+)`", line) if f'("{one}"' not in source} == set()


@read
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8"))

    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_both_languages_tell_the_same() -> None:
    shapes = [re.findall(r"^(#+|\|(?= )|```)", guide.read_text("utf-8"), re.M) for guide in GUIDES]

    assert shapes[0] == shapes[1]
