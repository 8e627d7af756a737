"""Where an importer unpacks what it reads: below its import, and nowhere else."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def unpacking_in(folder: Path) -> Iterator[None]:
    """Have temporary files lie in a folder that goes with them, also those of child processes."""
    shutil.rmtree(folder, ignore_errors=True)  # left by an importer that was killed
    folder.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        del os.environ["TMPDIR"]
        shutil.rmtree(folder, ignore_errors=True)
