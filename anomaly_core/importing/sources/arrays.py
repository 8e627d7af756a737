"""Images as rows of one array: NumPy files and IDX files."""

import io
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from anomaly_core.datasets.base import Images
from anomaly_core.datasets.idx import check_pair, read_idx
from anomaly_core.datasets.image_folder import UNREADABLE
from anomaly_core.datasets.reading import high_byte
from anomaly_core.datasets.storage import swells
from anomaly_core.errors import DatasetDamaged, InvalidInput, Refused
from anomaly_core.importing.base import ImageEntry, Listing

Array = NDArray[Any]  # memory-mapped where that is possible

IMAGES, LABELS = ("images", "x"), ("labels", "y")  # names in .npz files
AT_ONCE = 2**24  # values that are looked at
MOST_PIXELS = 100_000_000  # of one image
FRACTIONS, FEW_BITS, MANY_BITS = 1, 255, 65_535  # the largest number of each way to store grey
TROUBLE = (  # what NumPy raises for headers that are damaged or made to break it
    *UNREADABLE,
    OverflowError,
    MemoryError,
    KeyError,
    TypeError,
    TokenError,
)


@dataclass(frozen=True)
class ArraySource:
    """Rows of `images` (n, height, width[, 3]), of which the largest number is `most`."""

    images: Array
    most: int
    labels: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()

    def listing(self) -> Listing:
        """Every row, by its number."""
        labels: Sequence[str | None] = self.labels or (None,) * len(self.images)
        digits = len(str(len(self.images) - 1))
        entries = (ImageEntry(f"{row:0{digits}}.png", name) for row, name in enumerate(labels))
        return Listing(tuple(entries), notes=self.notes)

    def read(self, path: str) -> bytes:
        """One row as a PNG file; raises `Refused` for a row that is not there."""
        stem = path.removesuffix(".png")
        if not (stem.isascii() and stem.isdecimal()) or int(stem) >= len(self.images):
            raise Refused("There is no such row; import again.")
        file = io.BytesIO()
        image = Image.fromarray(to_bytes(np.asarray(self.images[int(stem)]), self.most))
        image.save(file, "PNG", compress_level=1)
        return file.getvalue()


def to_bytes(image: Array, most: int) -> Images:
    """Bring values from 0 to `most` to uint8, 16 bits by their upper half."""
    if most == MANY_BITS:
        return high_byte(image)
    scaled = image.astype(np.float64) * 255 if most == FRACTIONS else image
    return np.ascontiguousarray(np.rint(scaled), np.uint8)


def array_source(images: Array, labels: Array | None, name: str) -> ArraySource:
    """Take rows of an array as images; raises `InvalidInput` for shapes and numbers of no image."""
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or images.shape[3:] not in ((), (3,)):
        shape = " x ".join(f"{length:,}" for length in images.shape) or "no rows"
        raise InvalidInput(
            f"{name} holds an array of {shape}; give images x height x width, or that x 3 colours."
        )
    if not images.size:
        raise InvalidInput(f"{name} holds no image; give at least one.")
    if images.shape[1] * images.shape[2] > MOST_PIXELS:
        raise InvalidInput(
            f"{name} has images of {images.shape[2]:,} x {images.shape[1]:,} pixels, more than can "
            "be read; make them smaller."
        )
    most, notes = range_of(images, name)
    return ArraySource(images, most, names_of(labels, len(images), name), notes)


def range_of(images: Array, name: str) -> tuple[int, tuple[str, ...]]:
    """The number that stands for white, and what to say of it; raises `InvalidInput`."""
    if images.dtype == np.uint8:
        return FEW_BITS, ()
    if images.dtype.kind not in "buif":
        raise InvalidInput(f"{name} holds no numbers; give grey values from 0 to 255.")
    blocks = [(block.min(), block.max()) for block in in_blocks(images)]
    lowest, highest = np.array(blocks, np.float64).T
    low, high = float(lowest.min()), float(highest.max())  # NaN where any is
    if low >= 0 and high <= FRACTIONS:
        return FRACTIONS, ("Numbers from 0 to 1 were scaled to grey values from 0 to 255.",)
    if low >= 0 and high <= FEW_BITS:
        return FEW_BITS, ("Numbers up to 255 were rounded to grey values.",)[
            : images.dtype.kind == "f"
        ]
    if low >= 0 and high <= MANY_BITS and images.dtype.kind in "ui":
        return MANY_BITS, ("Numbers of 16 bits were made grey values of 8, by one range for all.",)
    raise InvalidInput(
        f"{name} holds numbers from {low:g} to {high:g}; give grey values from 0 to 255, or "
        "fractions from 0 to 1."
    )


def in_blocks(images: Array) -> Iterator[Array]:
    """The rows, so many at once that a large file never lies in memory."""
    step = max(1, AT_ONCE // (images[0].size or 1))
    for start in range(0, len(images), step):
        yield images[start : start + step]


def names_of(labels: Array | None, count: int, name: str) -> tuple[str, ...] | None:
    """A label each, as text; raises `InvalidInput` where there is another number of them."""
    if labels is None:
        return None
    if labels.shape not in ((count,), (count, 1)):
        raise InvalidInput(
            f"{name} has {count:,} images but {labels.size:,} labels; give one label an image."
        )
    return tuple(
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for value in labels.reshape(-1).tolist()
    )


def open_npy(path: Path) -> ArraySource:
    """Map an .npy file; raises `DatasetDamaged` or `InvalidInput`."""
    return array_source(mapped(path, path.name), None, path.name)


def mapped(path: Path, name: str) -> Array:
    """Open an array as it lies on disk, never objects; raises `DatasetDamaged`."""
    try:
        with np.errstate(over="ignore"):  # of sizes beyond any disk, which does not map
            array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except TROUBLE as error:
        raise DatasetDamaged(
            f"{name} is no array of numbers, or is cut off; save the array again."
        ) from error
    return array


@contextmanager
def opened_npz(path: Path) -> Iterator[ArraySource]:
    """Unpack the arrays of an .npz file for as long as they are read; raises as `open_npy`."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(zipfile.ZipFile(path))
            names = {info.filename.removesuffix(".npy"): info for info in file.infolist()}
        except UNREADABLE as error:
            raise DatasetDamaged(
                f"{path.name} is no .npz file that can be read; save the arrays again."
            ) from error
        if not names:
            raise InvalidInput(f"{path.name} holds no array; give one of images.")
        folder = Path(
            stack.enter_context(TemporaryDirectory(prefix="ringfence-", ignore_cleanup_errors=True))
        )
        lower = {name.lower(): name for name in reversed(names)}
        image = next((lower[name] for name in IMAGES if name in lower), next(iter(names)))
        label = next((lower[name] for name in LABELS if name in lower), None)
        images = unpacked(file, names[image], folder / "images.npy", path.name)
        labels = (
            None
            if label is None
            else unpacked(file, names[label], folder / "labels.npy", path.name)
        )
        yield array_source(images, labels, path.name)


def unpacked(file: zipfile.ZipFile, info: zipfile.ZipInfo, place: Path, name: str) -> Array:
    """Unpack one array to a file and map it; raises `DatasetDamaged`."""
    if swells(info.compress_size, info.file_size):
        raise DatasetDamaged(
            f"{name} unpacks to {info.file_size:,} bytes, far more than images would; "
            "save the arrays again."
        )
    try:
        with file.open(info) as packed, place.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    except UNREADABLE as error:
        raise DatasetDamaged(f"{name} is damaged or encrypted; save it again.") from error
    return mapped(place, name)


def open_idx(path: Path) -> ArraySource:
    """Read IDX images, and the labels beside them where there are any; raises `DatasetDamaged`."""
    images = read_idx(path, 3)
    beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    packed = beside.suffix == ".gz"
    other = beside.with_suffix("") if packed else beside.with_name(f"{beside.name}.gz")
    found = [place for place in (beside, other) if beside != path and place.is_file()]
    labels = read_idx(found[0], 1) if found else None
    if labels is not None:
        check_pair(images, labels, path.parent, path.name)
    return array_source(images, labels, path.name)
