"""Where the distances of images come from, as PNG files beside each other."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from PIL.Image import fromarray
from PIL.PngImagePlugin import PngInfo

from anomaly_core.detectors.base import Maps
from anomaly_core.report.pictures import heat

LARGEST = "largest distance"  # the text in the file that says what the strongest colour means


def write_heatmaps(folder: Path, paths: Sequence[str], maps: Maps) -> None:
    """Write a PNG file for each map (n, height, width): white is no distance, red its largest.

    As on *Explore*, each has a scale of its own; how large its largest distance is stands in the
    file, as a text called `LARGEST`.
    """
    for path, values in zip(paths, maps, strict=True):
        largest = float(values.max())
        told = PngInfo()
        told.add_text(LARGEST, repr(largest))
        place = folder / name_of(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        fromarray(heat(values.clip(0) / (largest or 1.0))).save(place, "PNG", pnginfo=told)


def name_of(path: str) -> PurePosixPath:
    """Where the map of an image lies: its own path, never outside the folder, and `.png`."""
    parts = PurePosixPath(os.path.normpath(path).replace(os.sep, "/")).parts
    kept = [part for part in parts if part not in ("/", "//", "..")]
    return PurePosixPath(*kept[:-1], f"{kept[-1] if kept else 'image'}.png")
