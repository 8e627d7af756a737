"""Images that are there more than once: the same file, or nearly the same picture."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from anomaly_core.importing.base import ImageEntry
from anomaly_core.importing.examining import Examined
from anomaly_core.importing.near import near_groups

SMALLEST_TOLD = 32  # pixels of the longer side; smaller ones are too much alike as 9 x 8 squares
TOLERANCE = 0.05  # of brightness, spread, and the share of the width in width and height


def exact_copies(examined: Sequence[Examined]) -> list[list[int]]:
    """Groups of images whose files are equal, byte for byte."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, one in enumerate(examined):
        rows[one.sha256].append(row)
    return [group for group in rows.values() if len(group) > 1]


def near_copies(examined: Sequence[Examined]) -> list[list[int]]:
    """Groups of different files that look nearly alike; of exact copies the first is named.

    Constant images are left out, as are those of less than `SMALLEST_TOLD` pixels.
    """
    first: dict[str, int] = {}
    for row, one in enumerate(examined):
        if one.spread and max(one.width, one.height) >= SMALLEST_TOLD:
            first.setdefault(one.sha256, row)
    rows = list(first.values())
    told = [examined[row] for row in rows]
    measures = np.array(
        [(one.brightness, one.spread, one.width / (one.width + one.height)) for one in told]
    ).reshape(-1, 3)
    groups = near_groups([one.perceptual for one in told], measures, TOLERANCE)
    return [[rows[place] for place in group] for group in groups]


def across_splits(
    entries: Sequence[ImageEntry], groups: Sequence[Sequence[int]]
) -> list[list[int]]:
    """Pairs of copies in different splits: of each group the first in every two of its splits."""
    pairs = []
    for group in groups:
        first: dict[str, int] = {}
        for item in group:
            if (split := entries[item].split) is not None:
                first.setdefault(split, item)
        one, *others = first.values() or (None,)
        pairs += [[one, other] for other in others if one is not None]
    return sorted(pairs)
