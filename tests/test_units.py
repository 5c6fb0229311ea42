"""The files for systemd: sound to systemd itself, tight, and true about the program that they start."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from monitor.app.cli import ANOTHER_DAEMON, BAD_CONFIG, NEWER_SCHEMA
from monitor.app.supervised import EVERY, LONGEST, MORE
from monitor.edge.settings import Keyring

FOLDER = Path(__file__).parents[1] / "systemd"
UNIT = FOLDER / "counterwatch.service"
DROP_INS = sorted((FOLDER / "drop-ins").glob("*.conf"))
MOST = 1.2  # exposure, of 10

analyses = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def keys(path: Path) -> dict[str, list[str]]:
    """Return each setting of a unit with its values, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found[name].append(value)
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a copy of the unit that starts the program of this environment."""
    program = Path(sys.executable).with_name("counterwatch")
    text = UNIT.read_text("utf-8").replace(keys(UNIT)["ExecStart"][0].split()[0], str(program))
    (tmp_path / UNIT.name).write_text(text, "utf-8")
    return tmp_path / UNIT.name


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False)


# --------------------------------------------------------------------------- systemd's own judgement


@analyses
@pytest.mark.parametrize("drop_in", [None, *DROP_INS], ids=lambda one: one.stem if one else "alone")
def test_systemd_finds_nothing_to_say(installed: Path, drop_in: Path | None) -> None:
    if drop_in is not None:
        if "notify-reload" in drop_in.read_text() and systemd_version() < 253:
            pytest.skip("systemd before 253 knows no notify-reload")
        folder = installed.with_name(f"{installed.name}.d")
        folder.mkdir()
        shutil.copy(drop_in, folder)

    said = analyze("verify", "--man=no", installed)

    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@analyses
def test_the_exposure_is_as_low_as_promised(installed: Path) -> None:
    said = analyze("security", "--offline=true", f"--threshold={round(MOST * 10)}", installed)

    exposure = re.search(r"exposure level for counterwatch\.service: ([\d.]+)", said.stdout)
    assert exposure, said.stderr
    assert float(exposure[1]) <= MOST


def systemd_version() -> int:
    return int(analyze("--version").stdout.split()[1])


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not installed")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make users and give files away")
def test_the_user_and_the_folders_are_made(tmp_path: Path) -> None:
    for words in (["systemd-sysusers"], ["systemd-tmpfiles", "--create"]):
        folder = f"{words[0].removeprefix('systemd-')}.d"
        shutil.copytree(FOLDER / folder, tmp_path / "etc" / folder)
        subprocess.run([*words, f"--root={tmp_path}"], check=True, capture_output=True, timeout=60)

    name, _, uid, gid, _, home, shell = (tmp_path / "etc/passwd").read_text().strip().splitlines()[-1].split(":")
    made = {path: (tmp_path / path).stat() for path in ("etc/counterwatch", "etc/counterwatch/credentials")}
    assert (name, home) == ("counterwatch", "/var/lib/counterwatch")
    assert shell.endswith("nologin")
    modes = {path: (one.st_mode & 0o777, one.st_uid, one.st_gid) for path, one in made.items()}
    assert modes == {"etc/counterwatch": (0o750, 0, int(gid)), "etc/counterwatch/credentials": (0o700, 0, 0)}
    assert int(uid) > 0


# --------------------------------------------------------------------------- what any machine can check


def test_the_exit_codes_that_need_a_person_are_not_tried_again() -> None:
    listed = {int(code) for code in keys(UNIT)["RestartPreventExitStatus"][0].split()}

    assert listed == {BAD_CONFIG, ANOTHER_DAEMON, NEWER_SCHEMA}


def test_systemd_waits_longer_than_the_program_needs() -> None:
    unit = {name: values[0] for name, values in keys(UNIT).items()}

    assert int(unit["WatchdogSec"]) >= 3 * EVERY
    assert int(unit["TimeoutStartSec"]) > MORE
    assert int(unit["TimeoutStartSec"]) < LONGEST
    assert 10 < int(unit["TimeoutStopSec"]) <= 20
    assert unit["StartLimitIntervalSec"] == "0"
    assert (unit["Type"], unit["NotifyAccess"], unit["KillMode"]) == ("notify", "main", "mixed")


def test_every_credential_the_program_reads_is_loaded_and_none_is_required() -> None:
    asked: set[str] = set()

    class Folder(type(Path())):  # type: ignore[misc]
        def __truediv__(self, name: str) -> Path:
            asked.add(name)
            return Path("/nonexistent") / name

    Keyring.read([], {}, Folder("/run/credentials"))

    unit = keys(UNIT)
    loaded = dict(one.split(":", 1) for one in unit["LoadCredential"])
    assert loaded.keys() == asked
    assert {Path(path).name for path in loaded.values()} == asked
    assert {one.split(":")[0] for one in unit["SetCredential"]} == asked  # the default of a file that is not there


def test_the_program_is_locked_in() -> None:
    unit = keys(UNIT)

    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "PrivateUsers", "ProtectClock"):
        assert unit[name] == ["yes"], name
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["MemoryDenyWriteExecute"] == ["yes"]
    assert (unit["CapabilityBoundingSet"], unit["AmbientCapabilities"]) == ([""], [""])
    assert unit["LimitCORE"] == ["0"]  # secrets are in memory
    assert unit["UMask"] == ["0077"]


@pytest.mark.parametrize("path", DROP_INS, ids=lambda one: one.stem)
def test_every_drop_in_is_explained(path: Path) -> None:
    assert path.read_text("utf-8").startswith("# ")
    assert f"`{path.name}`" in (FOLDER / "INSTALL.md").read_text("utf-8")


@pytest.mark.skipif(shutil.which("dash") is None and shutil.which("sh") is None, reason="there is no shell")
def test_the_command_for_people_is_sound_and_refuses_who_may_not() -> None:
    script = FOLDER / "counterwatch.sh"
    parsed = subprocess.run(["sh", "-n", str(script)], capture_output=True, text=True, check=False)

    assert (parsed.returncode, parsed.stderr) == (0, "")
    assert os.access(script, os.X_OK)
