"""setuptools' build backend, with one sentence for people whose plain `pip install .` cannot work here.

normality, below rigour, asks for pyicu, which must be compiled. pip would end in that package's compiler output;
we look first and say what to type. Building only the wheel (COUNTERWATCH_BUILD=1) and uv are not held up.
"""

import os
import shutil
import subprocess

from setuptools.build_meta import *
from setuptools.build_meta import build_editable as _build_editable
from setuptools.build_meta import build_wheel as _build_wheel
from setuptools.build_meta import prepare_metadata_for_build_editable as _metadata_editable
from setuptools.build_meta import prepare_metadata_for_build_wheel as _metadata_wheel

ADVICE = """
counterwatch: plain pip would have to compile PyICU here, and a compiler or ICU's headers are missing.
Type one of these instead:
    make setup                          (sets up ./.venv, no compiler needed)
    pip install uv && uv pip install --constraints constraints.txt --overrides overrides.txt .
    sudo apt-get install g++ pkg-config libicu-dev python3-dev && pip install .
"""


def _look():
    pip_asks = "PIP_BUILD_TRACKER" in os.environ and "COUNTERWATCH_BUILD" not in os.environ
    if pip_asks and not _can_compile_icu():
        raise SystemExit(ADVICE)


def _can_compile_icu():
    if not (shutil.which("c++") or shutil.which("g++")) or not shutil.which("pkg-config"):
        return False
    return subprocess.run(["pkg-config", "--exists", "icu-i18n"], check=False).returncode == 0


def prepare_metadata_for_build_wheel(*args, **kwargs):
    _look()
    return _metadata_wheel(*args, **kwargs)


def prepare_metadata_for_build_editable(*args, **kwargs):
    _look()
    return _metadata_editable(*args, **kwargs)


def build_wheel(*args, **kwargs):
    _look()
    return _build_wheel(*args, **kwargs)


def build_editable(*args, **kwargs):
    _look()
    return _build_editable(*args, **kwargs)
