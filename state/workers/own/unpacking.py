"""Where an importer unpacks what it reads: below its import, and nowhere else."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from state.files.unfinished import marked


@contextmanager
def unpacking_in(found: Path) -> Iterator[None]:
    """Have temporary files lie in the folder of an import, also those of child processes.

    They go after the block; what a killed importer leaves is swept up.
    """
    with marked(found / "unpacked") as folder:
        before, tempfile.tempdir = tempfile.tempdir, str(folder)
        os.environ["TMPDIR"] = str(folder)
        try:
            yield
        finally:
            tempfile.tempdir = before
            del os.environ["TMPDIR"]
