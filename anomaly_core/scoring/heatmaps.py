"""Where the distances of images come from, as PNG files beside each other."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile

from PIL.Image import fromarray
from PIL.PngImagePlugin import PngInfo

from anomaly_core.detectors.base import Maps
from anomaly_core.errors import InvalidInput
from anomaly_core.report.pictures import heat

LARGEST = "largest distance"  # the text in the file that says what the strongest colour means
LONGEST = 230  # bytes of a name; file systems take 255


def write_heatmaps(folder: Path, paths: Sequence[str], maps: Maps) -> None:
    """Write a PNG file for each map (n, height, width): white is no distance, red its largest.

    As on *Explore*, each has a scale of its own; how large its largest distance is stands in the
    file, as a text called `LARGEST`. Raises `InvalidInput` where one cannot be written.
    """
    for path, values in zip(paths, maps, strict=True):
        largest = float(values.max())
        told = PngInfo()
        told.add_text(LARGEST, repr(largest))
        place = folder / name_of(path)
        picture = fromarray(heat(values.clip(0) / (largest or 1.0)))
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            picture.save(place, "PNG", pnginfo=told)
        except OSError as error:
            raise cannot_be_written(place, error) from error


def name_of(path: str) -> PurePosixPath:
    """Where the map of an image lies: its own path, never outside the folder, and `.png`.

    A path that is not as it stands below the folder, absolute or with `..`, has a mark in its name,
    so that no two images have one map; so has what is too long for a file system.
    """
    parts = PurePosixPath(os.path.normpath(path).replace(os.sep, "/")).parts
    kept = [part for part in parts if part not in ("/", "//", "..")] or ["image"]
    *folders, name = map(shortened, kept)
    mark = "" if "/".join(kept) == path else f".{mark_of(path)}"
    return PurePosixPath(*folders, f"{name}{mark}.png")


def shortened(part: str) -> str:
    """A name that a file system takes, also with a mark behind it and `.png`."""
    told = os.fsencode(part)
    if len(told) <= LONGEST:
        return part
    return f"{told[:LONGEST].decode(errors='ignore')}.{mark_of(part)}"


def mark_of(path: str) -> str:
    """Eight characters that hardly another path has."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]


def require_writable(folder: Path) -> None:
    """Make the folder of maps; raises `InvalidInput` where no file can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise cannot_be_written(folder, error) from error


def cannot_be_written(place: Path, error: OSError) -> InvalidInput:
    """The error for a map, or their folder, that cannot be written."""
    reason = error.strerror or error
    return InvalidInput(f"{place} cannot be written ({reason}); choose another --maps.")
