"""Whatever people have their images in, opened as one kind of source."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

from anomaly_core.datasets.reading import SUFFIXES
from anomaly_core.errors import DatasetDamaged, DatasetMissing, InvalidInput
from anomaly_core.importing.base import ImageSource
from anomaly_core.importing.sources.archives import opened_archive
from anomaly_core.importing.sources.arrays import open_idx, open_npy, opened_npz
from anomaly_core.importing.sources.pixel_rows import opened_pixels
from anomaly_core.importing.sources.tables import heading_of, names_files, open_csv, open_parquet
from anomaly_core.importing.sources.trees import FencedArchive, OneFile, TreeSource, opened_folder

Opens = Callable[[Path], AbstractContextManager[ImageSource]]


@contextmanager
def open_source(path: Path) -> Iterator[ImageSource]:
    """Open a folder, zip archive, table, array, IDX file or single image by its suffix.

    Raises `DatasetMissing` where there is nothing, `DatasetDamaged` for a file that is not what its
    suffix says, `InvalidInput` for one that holds something else than images.
    """
    if path.is_dir():
        yield opened_folder(path)
        return
    if not path.is_file():
        raise DatasetMissing(f"{path.name} does not exist; give a folder or file of images.")
    if not path.stat().st_size:
        raise DatasetDamaged(f"{path.name} holds 0 bytes; copy the file again.")
    with opening_of(path)(path) as source:
        yield source


def opening_of(path: Path) -> Opens:
    """What opens a file of that name; raises `InvalidInput` where nothing does."""
    suffix = path.suffix.lower()
    if suffix in OPENINGS:
        return OPENINGS[suffix]
    if suffix in SUFFIXES:
        return lambda path: nullcontext(OneFile(path))
    if "idx" in path.name.lower() or suffix == ".gz":
        return lambda path: nullcontext(open_idx(path))
    raise InvalidInput(
        f"{path.name} is nothing that images are imported from; give a folder, a zip archive, a "
        "CSV or Parquet table, an .npy, .npz or IDX file, or an image."
    )


def holds_pixels(path: Path) -> bool:
    """Whether a file holds images as numbers, so that an image of it is no file to be kept."""
    if not path.is_file():
        return False
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        with suppress(DatasetDamaged):
            return not names_files(heading_of(path))
    return suffix in (".npy", ".npz") or suffix not in (*OPENINGS, *SUFFIXES)


@contextmanager
def archive(path: Path) -> Iterator[ImageSource]:
    """The images in a zip archive."""
    with opened_archive(path) as file:
        yield TreeSource(FencedArchive(file))


def table(path: Path) -> AbstractContextManager[ImageSource]:
    """The images that a CSV file names, or holds."""
    return nullcontext(open_csv(path)) if names_files(heading_of(path)) else opened_pixels(path)


OPENINGS: dict[str, Opens] = {
    ".zip": archive,
    ".csv": table,
    ".tsv": table,
    ".parquet": lambda path: nullcontext(open_parquet(path)),
    ".npy": lambda path: nullcontext(open_npy(path)),
    ".npz": opened_npz,
}
