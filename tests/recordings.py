"""Where the recorded answers of real sources are; they are never part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]


def shared() -> Path | None:
    """Return the folder of recordings: COUNTERWATCH_SHARED, else ../shared beside the project; None if there is none."""
    named = os.environ.get("COUNTERWATCH_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder if (folder / "wire").is_dir() else None
