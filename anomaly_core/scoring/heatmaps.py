"""Where the distances of images come from, as PNG files beside each other."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from anomaly_core.detectors.base import Maps
from anomaly_core.report.pictures import heat, png
from anomaly_core.threshold.rules import to_radius

FULL = 2  # times the distance of the threshold, from which on a place is of the strongest colour


def write_heatmaps(folder: Path, paths: Sequence[str], maps: Maps, threshold: float) -> None:
    """Write a PNG file for each map (n, height, width), white where there is no distance.

    All maps have one scale: red is twice the distance to the center that the threshold is.
    """
    reach = FULL * to_radius(threshold) or 1.0
    for path, picture in zip(paths, heat(np.clip(maps / reach, 0, 1)), strict=True):
        place = folder / name_of(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(png(Image.fromarray(picture)))


def name_of(path: str) -> PurePosixPath:
    """Where the map of an image lies: its own path, never outside the folder, and `.png`."""
    parts = PurePosixPath(os.path.normpath(path).replace(os.sep, "/")).parts
    kept = [part for part in parts if part not in ("/", "//", "..")]
    return PurePosixPath(*kept[:-1], f"{kept[-1] if kept else 'image'}.png")
