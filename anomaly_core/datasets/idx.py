"""The four IDX files that MNIST and its many relatives come in, plain or gzipped.

Format: http://yann.lecun.com/exdb/mnist/ (two zero bytes, a type byte, the number of dimensions,
one big-endian 32-bit size per dimension, the data).
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Dataset
from anomaly_core.datasets.storage import swells
from anomaly_core.errors import DatasetDamaged, DatasetMissing

UNSIGNED_BYTE = 0x08
STEMS = {
    "images": ("train-images", 3),
    "labels": ("train-labels", 1),
    "test_images": ("t10k-images", 3),
    "test_labels": ("t10k-labels", 1),
}


def load_idx(root: Path, name: str = "idx") -> Dataset:
    """Read the four standard IDX files in `root`, or in a `raw` folder at most two levels below.

    Raises `DatasetMissing` when a file is not there, `DatasetDamaged` when one cannot be read or
    when images and labels do not fit together.
    """
    folder = find_idx_folder(root)
    arrays = {
        part: read_idx(find_idx_file(folder, stem, dimensions), dimensions)
        for part, (stem, dimensions) in STEMS.items()
    }
    for images, labels in (("images", "labels"), ("test_images", "test_labels")):
        check_pair(arrays[images], arrays[labels], folder, STEMS[images][0])
    if arrays["images"].shape[1:] != arrays["test_images"].shape[1:]:
        raise DatasetDamaged(
            f"The training and test images in {folder} differ in size; use files of one dataset."
        )
    return Dataset(
        name,
        arrays["images"],
        arrays["labels"].astype(np.int64),
        arrays["test_images"],
        arrays["test_labels"].astype(np.int64),
    )


def find_idx_folder(root: Path) -> Path:
    """Return the first folder at or below `root` that holds the training images."""
    if not root.is_dir():
        raise DatasetMissing(f"The folder {root} does not exist; give the folder of the IDX files.")
    for folder in (root, *sorted(root.glob("raw")), *sorted(root.glob("*/raw"))):
        if any(folder.glob("train-images*")):
            return folder
    raise DatasetMissing(
        f"No train-images-idx3-ubyte (or .gz) was found in {root}; put the four IDX files there."
    )


def find_idx_file(folder: Path, stem: str, dimensions: int) -> Path:
    """Return the plain or gzipped file for `stem`, under either of its two common names."""
    names = [f"{stem}{dash}idx{dimensions}-ubyte{gz}" for gz in ("", ".gz") for dash in "-."]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise DatasetMissing(
        f"{names[0]} (or .gz) is missing in {folder}; put all four IDX files there."
    )


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Read one IDX file of unsigned bytes with the given number of dimensions."""
    header = 4 + 4 * dimensions
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            start = file.read(header)
            shape = shape_of(start, path, dimensions)
            size = math.prod(shape)
            if not could_hold(path, header + size):
                raise misfit(path, size, path.stat().st_size - header)
            data = file.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetDamaged(f"{path} cannot be read ({error}); fetch the file again.") from error
    if len(data) != size or not size:
        raise misfit(path, size, len(data))
    return np.frombuffer(data, np.uint8).reshape(shape)


def shape_of(start: bytes, path: Path, dimensions: int) -> list[int]:
    """Return the sizes that the first bytes of a file name; raises `DatasetDamaged`."""
    if len(start) < 4 + 4 * dimensions or start[:4] != bytes((0, 0, UNSIGNED_BYTE, dimensions)):
        raise DatasetDamaged(
            f"{path} is not an IDX file of {dimensions}-dimensional bytes; fetch the file again."
        )
    sizes: list[int] = np.frombuffer(start, ">u4", count=dimensions, offset=4).tolist()
    return sizes


def could_hold(path: Path, size: int) -> bool:
    """Whether a file may hold that many bytes, as its header says; asked before they are read."""
    there = path.stat().st_size
    return not swells(there, size) if path.suffix == ".gz" else there == size


def misfit(path: Path, size: int, held: int) -> DatasetDamaged:
    """The error for a file that holds another number of bytes than its header says."""
    return DatasetDamaged(
        f"{path} should hold {size:,} bytes of data but holds {held:,}; fetch the file again."
    )


def check_pair(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], folder: Path, stem: str
) -> None:
    """Refuse images and labels of different number."""
    if len(images) != len(labels):
        raise DatasetDamaged(
            f"{stem} in {folder} has {len(images):,} images but {len(labels):,} labels; "
            "use files of one dataset."
        )
