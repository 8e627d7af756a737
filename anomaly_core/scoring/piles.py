"""The images that are to be scored: listed once, cut into blocks, and read one at a time.

Folders, zip archives, arrays and single images are those of an import. A list names files: a table
with a column of paths, or a text file with a path a line. Paths are absolute, or start at the
folder of the list.
"""

import hashlib
import os
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from anomaly_core.datasets.image_folder import UNREADABLE
from anomaly_core.errors import DatasetMissing, InvalidInput, Refused
from anomaly_core.importing.base import ImageRefusal, ImageSource
from anomaly_core.importing.sources.opening import open_source
from anomaly_core.importing.sources.tables import (
    TableSource,
    heading_of,
    names_files,
    open_csv,
    open_parquet,
)
from anomaly_core.importing.sources.trees import NO_IMAGE, FencedFolder, opened_folder

BLOCK = 512  # images; what a killed process loses at most, and what one Parquet part holds
EDGE = 1 << 20  # bytes at both ends of a file by which it is known again
TEXT, TABLES = ".txt", (".csv", ".tsv")
NO_NAME = "The row names no file; fill in its path."
MISSING = "It does not exist; correct the path, which starts at the folder of the list."
DAMAGED = "It cannot be read, being damaged or not allowed; copy it again."

Read = Callable[[str], bytes]
"""The bytes of one file; raises `Refused`."""


class Listed(NamedTuple):
    """An image of a list, and why it cannot be scored where that is known already."""

    path: str
    reason: str | None = None


class Pile(Protocol):
    """Images in a fixed order."""

    @property
    def count(self) -> int:
        """How many images there are."""

    @property
    def fingerprint(self) -> str:
        """What only the same images by name have."""

    @property
    def notes(self) -> Sequence[str]:
        """What to know of them, in sentences."""

    def block(self, number: int) -> list[Listed]:
        """The images of a block, counted from 0."""


@dataclass(frozen=True)
class ListedPile:
    """Images whose names lie in memory, some hundred bytes each."""

    images: Sequence[Listed]
    fingerprint: str
    notes: Sequence[str] = ()

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self.images)

    def block(self, number: int) -> list[Listed]:
        """The images of a block, counted from 0."""
        return list(self.images[number * BLOCK : (number + 1) * BLOCK])


@dataclass(frozen=True)
class TextPile:
    """Images named by the lines of a text file; in memory is only where each block starts."""

    path: Path
    count: int
    fingerprint: str
    starts: "array[int]"
    notes: Sequence[str] = ()

    def block(self, number: int) -> list[Listed]:
        """The images of a block, counted from 0."""
        found: list[Listed] = []
        with self.path.open("rb") as file:
            file.seek(self.starts[number])
            while len(found) < BLOCK and (line := file.readline()):
                if line.strip():
                    found.append(Listed(line.rstrip(b"\r\n").decode("utf-8-sig", "replace")))
        return found

    @classmethod
    def of(cls, path: Path) -> "TextPile":
        """Look through a text file once; raises `InvalidInput` where it names nothing."""
        count, place, starts, digest = 0, 0, array("q"), hashlib.sha256()
        with path.open("rb") as file:
            for line in file:
                digest.update(line)
                if line.strip():
                    if count % BLOCK == 0:
                        starts.append(place)
                    count += 1
                place += len(line)
        if not count:
            raise InvalidInput(f"{path.name} names no file; write one path a line.")
        return cls(path, count, digest.hexdigest(), starts)


@dataclass(frozen=True)
class NamedFiles:
    """Files by their paths, absolute or relative to `root`."""

    root: Path

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises `Refused`."""
        try:
            with FencedFolder(Path("/")).open(str(self.root.absolute() / path)) as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise Refused(MISSING) from error
        except UNREADABLE as error:
            raise Refused(DAMAGED) from error


def is_list(path: Path) -> bool:
    """Whether a file names images; raises `DatasetDamaged` for a table that is none."""
    suffix = path.suffix.lower()
    if not path.is_file():
        return False
    return suffix in (TEXT, ".parquet") or (suffix in TABLES and names_files(heading_of(path)))


@contextmanager
def opened_reader(path: Path) -> Iterator[Read]:
    """Return what reads the images of a folder, list or other source; raises as `open_source`."""
    if is_list(path):
        yield NamedFiles(path.parent).read
        return
    with open_source(path) as source:
        yield source.read


def list_pile(path: Path) -> Pile:
    """List all images of a folder, list or other source, without decoding any.

    Raises `DatasetMissing` where there is nothing, otherwise as `open_source` does.
    """
    if not path.exists():
        raise DatasetMissing(f"{path} does not exist; give a folder, a zip archive or a list.")
    if path.is_file() and path.suffix.lower() == TEXT:
        return TextPile.of(path)
    if is_list(path):
        opened = open_parquet if path.suffix.lower() == ".parquet" else open_csv
        return pile_of(path, named_in(opened(path)))
    if path.is_dir():
        return pile_of(path, *of_source(opened_folder(path, most=sys.maxsize)))
    with open_source(path) as source:
        return pile_of(path, *of_source(source))


def named_in(table: TableSource) -> list[Listed]:
    """The files that a table names, in its order, each row once."""
    images = []
    for where, cells in table.rows:
        name = "" if cells is None else cells["path"].strip()
        images.append(Listed(name) if name else Listed(where, NO_NAME))
    return images


def of_source(source: ImageSource) -> tuple[list[Listed], list[str]]:
    """The images of a source, then what it refuses; what is not named like an image is noted."""
    listing = source.listing()
    refused = [one for one in listing.refusals if one.reason != NO_IMAGE]
    images = [Listed(entry.path) for entry in listing.entries]
    images += [Listed(one.path, one.reason) for one in refused]
    return images, [*listing.notes, *others(listing.refusals, refused)]


def others(all_of_them: Sequence[ImageRefusal], told: Sequence[ImageRefusal]) -> Iterator[str]:
    """Say how many files are not named like images."""
    if left := len(all_of_them) - len(told):
        yield f"Left out: {left:,} file{'s' * (left > 1)} not named like an image."


def pile_of(path: Path, images: list[Listed], notes: Sequence[str] = ()) -> ListedPile:
    """A pile of what was listed at a path; raises `InvalidInput` where that is nothing."""
    if not images:
        raise InvalidInput(f"There is no image in {path}; give another folder, archive or list.")
    digest = hashlib.sha256()
    for one in images:
        digest.update(f"{one.path}\0{one.reason or ''}\n".encode("utf-8", "surrogateescape"))
    if path.is_file():
        digest.update(edges_of(path))
    return ListedPile(images, digest.hexdigest(), notes)


def edges_of(path: Path) -> bytes:
    """The size of a file, its first bytes and its last, by which it is known again."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        first = file.read(EDGE)
        file.seek(max(0, size - EDGE))
        return b"%d " % size + first + file.read(EDGE)


def blocks_in(pile: Pile, share: tuple[int, int] = (1, 1)) -> range:
    """The numbers of the blocks of a pile, or those of shard i of n, counted from 1."""
    number, of = share
    return range(number - 1, -(-pile.count // BLOCK), of)
