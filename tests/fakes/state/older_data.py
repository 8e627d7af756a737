"""A data directory as an older version of the app has left it, and what that version says of it.

The archive holds the script that made it, `make.py`: a project of 100 tiny images that two people
have labeled, with an answer taken back, a skip, a flag and items put in front; four models of which
the fourth was trained on from the second after a roll back; the third in production; two saved
thresholds; a job that failed; a finished run of two detectors, one that was cancelled and one that
was removed.
"""

import json
import tarfile
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).resolve().parents[2] / "data" / "before-one-queue.tar.xz"


def unpack(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Lay the data directory into a folder; returns it with what was in its store."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder / "data", json.loads((folder / "expected.json").read_text())
