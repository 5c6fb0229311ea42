"""The built wheel works from any folder: its data files travel with it."""

import os
import re
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

_SCRIPT = """
import sys
from pathlib import Path
from monitor.app import check
from monitor.edge.settings import shipped
from monitor.watcher import discover

assert str(shipped("events.yaml")).startswith(sys.prefix), shipped("events.yaml")
for line in sys.stdin.read().split():
    assert shipped(line).stat().st_size, line
folder = Path("fresh")
check.init(folder)
report = check.check(folder, discover(), {})
print(*check.lines(report), sep="\\n")
sys.exit(report.exit_code)
"""


def _tracked(folder: Path) -> list[Path]:
    """Return the files a clean checkout would have: those git knows, and new ones it does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(name) for name in listed.stdout.splitlines() if (folder / name).is_file()]


def _copy(files: list[Path], target: Path) -> None:
    for name in files:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes((REPOSITORY / name).read_bytes())


def _run(*command: str | Path, cwd: Path, stdin: str = "") -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, env=clean, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="not a git checkout")
def test_the_installed_wheel_checks_a_fresh_folder_outside_the_tree(tmp_path: Path) -> None:
    if int(metadata.version("setuptools").partition(".")[0]) < 77:
        pytest.skip("setuptools 77 or newer is needed to build the wheel")
    source, wheels, elsewhere = tmp_path / "source", tmp_path / "wheels", tmp_path / "elsewhere"
    elsewhere.mkdir()
    files = _tracked(REPOSITORY)
    _copy(files, source)
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    wheels.mkdir()
    _run(sys.executable, "-c", build, wheels, cwd=source)
    python = _installed(next(wheels.glob("*.whl")), tmp_path / "venv")
    data = [name.relative_to("config").as_posix() for name in files if name.parts[0] == "config"]

    told = _run(python, "-c", _SCRIPT, cwd=elsewhere, stdin="\n".join(data))

    assert "text/en.yaml" in data
    assert re.search(r"watched by: .*\bgleif\b", told)


def _installed(wheel: Path, folder: Path) -> Path:
    """Unpack the wheel into a new environment that sees the libraries of this one, but not this checkout."""
    venv.create(folder, with_pip=False)
    site = next(folder.glob("lib/python*/site-packages"))
    python = folder / "bin" / "python"
    unpack = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])"
    _run(python, "-c", unpack, wheel, site, cwd=folder)
    # A path file adds folders without reading the path files in them, so an editable install stays out.
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (site / "libraries.pth").write_text("\n".join(libraries))
    return python
