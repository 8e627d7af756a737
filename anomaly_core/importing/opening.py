"""TEMPORARY until the merge."""
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anomaly_core.importing.base import ImageSource
from anomaly_core.importing.trees import FencedArchive, OneFile, TreeSource, opened_folder


@contextmanager
def open_source(path: Path) -> Iterator[ImageSource]:
    if path.is_dir():
        yield opened_folder(path)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as z:
            yield TreeSource(FencedArchive(z))
    else:
        yield OneFile(path)
