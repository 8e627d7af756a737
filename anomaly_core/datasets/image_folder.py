"""Image files in folders or a zip archive, one subfolder a class."""

import fnmatch
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import numpy as np
from PIL import Image

from anomaly_core.datasets.base import Dataset, Images, Labels
from anomaly_core.datasets.reading import SUFFIXES, read_image
from anomaly_core.datasets.storage import new_images
from anomaly_core.errors import DatasetDamaged, DatasetMissing, InvalidInput
from anomaly_core.progress import Progress, silent

SIZE, SMALLEST, LARGEST = 64, 16, 512  # pixels a side
SPLITS = (TRAIN, TEST) = ("train", "test")  # folders above the classes
REPORT_EVERY = 500  # images
NUMBER = re.compile(r"(\d+)")
UNREADABLE = (  # what Pillow and zipfile raise for damaged, encrypted or far too large files
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    Image.DecompressionBombError,
)


class Tree(Protocol):
    """A tree of files, by relative path."""

    def paths(self) -> list[str]:
        """Every file, with forward slashes."""

    def open(self, path: str) -> IO[bytes]:
        """Open one of them."""


@dataclass(frozen=True)
class Folder:
    """A tree on disk."""

    root: Path

    def paths(self) -> list[str]:
        """Every file below the root."""
        below = (path for path in self.root.rglob("*") if path.is_file())
        return [path.relative_to(self.root).as_posix() for path in below]

    def open(self, path: str) -> IO[bytes]:
        """Open one of them."""
        return (self.root / path).open("rb")


@dataclass(frozen=True)
class Archive:
    """A tree in a zip file."""

    file: zipfile.ZipFile

    def paths(self) -> list[str]:
        """Every file in the archive."""
        return [entry.filename for entry in self.file.infolist() if not entry.is_dir()]

    def open(self, path: str) -> IO[bytes]:
        """Open one of them."""
        return self.file.open(path)


@dataclass(frozen=True)
class Found:
    """An image file, the class that it is in and whether it is for the test."""

    path: str
    name: str
    test: bool


def load_folder(
    root: Path,
    size: int = SIZE,
    files: str = "*",
    name: str = "folder",
    progress: Progress = silent,
) -> Dataset:
    """Read the images of a folder or zip archive, scaled to `size` x `size` pixels.

    Classes are subfolders, under `train/` and `test/` where both exist; unless these have the same
    classes, they are put together. `files` is a pattern for the names of files, such as `*.jpg`.
    The images are grey if every file is. Raises `DatasetMissing` where no image is found,
    `DatasetDamaged` for one that cannot be read, `InvalidInput` for a size that cannot be used.
    """
    check_size(size)
    with opened(root) as source:
        found = find(source.paths(), root, files)
        images = read_all(source, [one.path for one in found], size, progress)
    return arranged(found, images, name)


def blank_folder(root: Path, size: int = SIZE, files: str = "*", name: str = "folder") -> Dataset:
    """Return the dataset of `load_folder` with black images, without reading one; raises alike."""
    check_size(size)
    with opened(root) as source:
        found = find(source.paths(), root, files)
    return arranged(found, np.broadcast_to(np.uint8(0), (len(found), size, size)), name)


def arranged(found: Sequence[Found], images: Images, name: str) -> Dataset:
    """Make a dataset of image files, those of the test last."""
    names = tuple(sorted({one.name for one in found}, key=natural))
    labels: Labels = np.array([names.index(one.name) for one in found], np.int64)
    train = sum(not one.test for one in found)
    if set(labels[:train].tolist()) != set(labels[train:].tolist()):
        return Dataset(name, images, labels, names=names)
    parts = [(images[rows], labels[rows]) for rows in (slice(train), slice(train, None))]
    return Dataset(name, *parts[0], *parts[1], names=names)


def check_size(size: int) -> None:
    """Refuse a number of pixels a side that is too small or too large."""
    if not SMALLEST <= size <= LARGEST:
        raise InvalidInput(
            f"Images of {size:,} pixels a side cannot be used; give {SMALLEST} to {LARGEST}."
        )


@contextmanager
def opened(root: Path) -> Iterator[Tree]:
    """Open a folder or zip archive; raises `DatasetMissing` or `DatasetDamaged`."""
    if root.is_dir():
        yield Folder(root)
        return
    if not root.is_file():
        raise DatasetMissing(f"{root} does not exist; give a folder or zip archive of images.")
    try:
        archive = zipfile.ZipFile(root)
    except zipfile.BadZipFile as error:
        raise DatasetDamaged(f"{root} is no zip archive; give one, or a folder.") from error
    with archive:
        yield Archive(archive)


def find(paths: Sequence[str], root: Path, files: str) -> list[Found]:
    """Sort image files into classes, those of the test last; raises `DatasetMissing`."""
    images = [path.split("/") for path in sorted(paths, key=natural) if wanted(path, files)]
    others = sorted(path for path in paths if wanted(path, "*")) if not images else []
    if others:
        raise DatasetMissing(
            f"No image in {root} has a name like {files}, but there is for example "
            f"{others[0]}; give another pattern."
        )
    above = 0  # folders that only wrap the others
    while images and len({parts[above] for parts in images}) == 1:
        if min(map(len, images)) - above <= 2:
            break
        above += 1
    divided = {parts[above] for parts in images} == set(SPLITS)
    deep = above + divided + 2  # split, class and file
    loose = next((parts for parts in images if len(parts) < deep), None)
    if not images or loose is not None:
        raise DatasetMissing(
            f"{root} holds no image in a subfolder; put the images of each class in one of its own."
            if loose is None
            else f"{'/'.join(loose)} lies in no folder of a class; move it into one."
        )
    found = [
        Found("/".join(parts), parts[deep - 2], divided and parts[above] == TEST)
        for parts in images
    ]
    return sorted(found, key=lambda one: one.test)  # stable


def wanted(path: str, files: str) -> bool:
    """Whether it is an image file whose name fits the pattern; hidden ones are left out."""
    *folders, name = path.split("/")
    hidden = any(part.startswith((".", "__MACOSX")) for part in [*folders, name])
    return name.lower().endswith(SUFFIXES) and fnmatch.fnmatch(name, files) and not hidden


def read_all(source: Tree, paths: Sequence[str], size: int, progress: Progress) -> Images:
    """Read the files one after the other, and say how far that has come."""
    images = new_images((len(paths), size, size, 3))
    grey = True
    for row, path in enumerate(paths):
        if row % REPORT_EVERY == 0:
            progress(row / len(paths), f"Reading image {row + 1:,} of {len(paths):,}")
        try:
            with source.open(path) as file:
                images[row] = read_image(file, (size, size))
        except UNREADABLE as error:
            raise DatasetDamaged(
                f"{path} cannot be read as an image; repair or remove the file."
            ) from error
        grey = grey and bool((images[row] == images[row, :, :, :1]).all())
    return images[..., 0] if grey else images


def natural(name: str) -> list[tuple[bool, int, str]]:
    """A key that sorts 9 before 10."""
    parts = NUMBER.split(name)  # every other one is a number
    key = [(False, 0, part) for part in parts]
    for at in range(1, len(parts), 2):
        key[at] = (True, int(parts[at]), parts[at])
    return key
