"""Tables with an image a row: its pixels, line by line, and perhaps its label."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import NDArray

from anomaly_core.errors import InvalidInput
from anomaly_core.importing.base import ImageRefusal, Listing
from anomaly_core.importing.sources.arrays import ArraySource, array_source
from anomaly_core.importing.sources.tables import opened_text, separator_of

LABELS = ("label", "class", "y", "target")
SMALLEST_SIDE = 8  # pixels; tables of fewer numbers are of something else
LOOKED_AT = 20  # lines, before it is decided how to take them all


@dataclass(frozen=True)
class PixelRows:
    """The rows of a table that are images; others are refused."""

    images: ArraySource
    refusals: tuple[ImageRefusal, ...]

    def listing(self) -> Listing:
        """Every image, by its place among the rows that can be read."""
        return replace(self.images.listing(), refusals=self.refusals)

    def read(self, path: str) -> bytes:
        """One image as a PNG file; raises `Refused`."""
        return self.images.read(path)


@dataclass(frozen=True)
class Grid:
    """How the cells of a row are to be taken: pixels a side, and where the label stands."""

    side: int
    label: int | None
    separator: str

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return self.side**2 + (self.label is not None)

    def taken(self, line: str) -> tuple[NDArray[np.float32], str] | None:
        """Pixels and label of a line, or None for one that has not just the cells it should."""
        cells = cells_of(line, self.separator)
        if len(cells) != self.width:
            return None
        label = "" if self.label is None else cells.pop(self.label)
        try:
            pixels = np.array(cells, np.float32)
        except ValueError:
            return None
        return (pixels, label) if np.isfinite(pixels).all() else None


@contextmanager
def opened_pixels(path: Path) -> Iterator[PixelRows]:
    """Read a table of pixels into a temporary file for as long as it is used.

    Raises `DatasetDamaged` for what is no text, `InvalidInput` where the columns make no square.
    """
    refusals, labels = [], []
    with TemporaryFile(prefix="ringfence-") as kept:
        with opened_text(path) as file:
            grid, heading = grid_of(list(islice(file, LOOKED_AT)), path.name)
            file.seek(0)
            for number, line in enumerate(file, 1):
                if (number == 1 and heading) or not line.strip():
                    continue
                if (row := grid.taken(line)) is None:
                    refusals.append(ImageRefusal(f"row {number:,}", ragged(grid)))
                    continue
                kept.write(row[0].tobytes())
                labels.append(row[1])
        kept.flush()
        if not labels:
            raise InvalidInput(f"{path.name} holds no image; give at least one row of pixels.")
        shape = (len(labels), grid.side, grid.side)
        images = np.memmap(kept, np.float32, "r", shape=shape)
        names = None if grid.label is None else np.array(labels)
        yield PixelRows(array_source(images, names, path.name), tuple(refusals))


def ragged(grid: Grid) -> str:
    """Why a row is no image."""
    return f"The row does not have {grid.width:,} cells, or some are no numbers; mend it."


def grid_of(lines: Sequence[str], name: str) -> tuple[Grid, bool]:
    """How to take the rows of a table by its first lines, and whether the first is a heading.

    Raises `InvalidInput` where there is no square number of pixels.
    """
    separator = separator_of(lines[0])
    heading, *below = [cells_of(line, separator) for line in lines]
    usual = Counter(map(len, filter(None, below or [heading]))).most_common(1)[0][0]
    examples = [words_in(row) for row in (heading, *below) if len(row) == usual]
    words = min(examples, key=len)
    counted = heading == [str(place) for place in range(len(heading))]  # as pandas names columns
    has_heading = counted or len(words_in(heading)) > len(words[:1])
    names = [cell.lower() for cell in heading]
    named = [names.index(label) for label in LABELS if has_heading and label in names]
    label = next(iter([*named, *words]), None)
    if label is None and not is_square(usual) and is_square(usual - 1):
        label = 0  # as in every table of digits
    pixels = usual - (label is not None)
    if len(words) > 1 or not is_square(pixels) or pixels < SMALLEST_SIDE**2:
        raise InvalidInput(
            f"{name} has no column path, file, filename or image, and its {usual:,} columns "
            f"are no square of {SMALLEST_SIDE} x {SMALLEST_SIDE} or more pixels; name the column "
            "of the files path."
        )
    return Grid(math.isqrt(pixels), label, separator), has_heading


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of one line, without quotes."""
    bare = line.strip("\r\n").replace('"', "")
    return [cell.strip() for cell in bare.split(separator)] if bare else []


def words_in(row: Sequence[str]) -> list[int]:
    """The places of the cells that are no numbers."""
    return [place for place, cell in enumerate(row) if not is_number(cell)]


def is_number(cell: str) -> bool:
    """Whether a cell can be read as a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def is_square(count: int) -> bool:
    """Whether so many pixels make a square."""
    return count > 0 and math.isqrt(count) ** 2 == count
