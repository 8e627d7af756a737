"""Galleries: the items of a pool that stand out in one way or another, each with its number."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from state.explore.pool_map import written
from state.files import artifacts
from state.files.gallery import Gallery
from state.labeling.desk import Desk
from state.labeling.second_look.review import Review, SecondLook

BLOCK = 4096  # images compared with their reconstructions at a time
MOST = 18  # items of a gallery

Values = NDArray[np.float64]


class Wall(StrEnum):
    """In which way items stand out."""

    MOST_ANOMALOUS = "most-anomalous"
    MOST_TYPICAL = "most-typical"
    WORST_RECONSTRUCTED = "worst-reconstructed"
    BEST_RECONSTRUCTED = "best-reconstructed"
    BOUNDARY = "boundary"
    SUSPECTED = "suspected"


OF_RECONSTRUCTIONS = (Wall.WORST_RECONSTRUCTED, Wall.BEST_RECONSTRUCTED)


@dataclass(frozen=True)
class Exhibit:
    """One item on a wall, and the number for which it hangs there, with its unit."""

    item: int
    note: str


def walls_of(gallery: Gallery) -> list[Wall]:
    """The walls that a project can fill: without reconstructions, none of those."""
    without = OF_RECONSTRUCTIONS if gallery.reconstructions is None else ()
    return [wall for wall in Wall if wall not in without]


def exhibits(desk: Desk, wall: Wall, count: int = MOST) -> list[Exhibit]:
    """The items of a wall, what stands out most first; `desk` needs a model."""
    assert desk.gallery is not None
    if wall is Wall.SUSPECTED:
        return suspects(desk, count)
    ranked, words = WALLS[wall]
    order, values = ranked(desk.gallery, count)
    return [
        Exhibit(item, words.format(value))
        for item, value in zip(order.tolist(), values[order].tolist(), strict=True)
    ]


def suspects(desk: Desk, count: int) -> list[Exhibit]:
    """Labels that are probably mistakes, as *Review* lists them."""
    review = Review(desk)
    items = review.queues[SecondLook.SUSPECTED][:count]
    cases = [review.case(item) for item in items]
    return [
        Exhibit(case.item, f"{case.label}, doubt {100 * (case.suspicion or 0):.0f} %")
        for case in cases
    ]


Ranked = tuple[NDArray[np.intp], Values]


def ranked_first(gallery: Gallery, values: Values) -> NDArray[np.intp]:
    """The items that a version knows, by rising values (n,) of all items."""
    known = gallery.items
    return known[np.argsort(values[known], kind="stable")]


def most_anomalous(gallery: Gallery, count: int) -> Ranked:
    """Items by falling score."""
    scores = np.asarray(gallery.of_model("scores"), np.float64)
    return ranked_first(gallery, -scores)[:count], scores


def most_typical(gallery: Gallery, count: int) -> Ranked:
    """Items by rising score."""
    scores = np.asarray(gallery.of_model("scores"), np.float64)
    return ranked_first(gallery, scores)[:count], scores


def nearest_the_boundary(gallery: Gallery, count: int) -> Ranked:
    """Items by how little their distance differs from R; the values are distances minus R."""
    away = np.sqrt(np.asarray(gallery.of_model("scores"), np.float64)) - gallery.R
    return ranked_first(gallery, np.abs(away))[:count], away


def worst_reconstructed(gallery: Gallery, count: int) -> Ranked:
    """Items by falling reconstruction error."""
    errors = errors_of(gallery)
    return ranked_first(gallery, -errors)[:count], errors


def best_reconstructed(gallery: Gallery, count: int) -> Ranked:
    """Items by rising reconstruction error."""
    errors = errors_of(gallery)
    return ranked_first(gallery, errors)[:count], errors


WALLS: dict[Wall, tuple[Callable[[Gallery, int], Ranked], str]] = {
    Wall.MOST_ANOMALOUS: (most_anomalous, "score {:.3g}"),
    Wall.MOST_TYPICAL: (most_typical, "score {:.3g}"),
    Wall.WORST_RECONSTRUCTED: (worst_reconstructed, "error {:.4f}"),
    Wall.BEST_RECONSTRUCTED: (best_reconstructed, "error {:.4f}"),
    Wall.BOUNDARY: (nearest_the_boundary, "{:+.4f} from R"),
}


def errors_of(gallery: Gallery) -> Values:
    """Mean squared difference of each image and its reconstruction, (n,), pixels from 0 to 1."""
    return reconstruction_errors(gallery.project, written(gallery.project / "reconstructions.npy"))


@lru_cache(maxsize=8)
def reconstruction_errors(project: Path, stamp: int) -> Values:
    """The reconstruction errors of the pool of a project."""
    pool = artifacts.read_array(project / "pool.npy")
    reconstructions = artifacts.read_array(project / "reconstructions.npy")
    errors = np.empty(min(len(pool), len(reconstructions)))
    for start in range(0, len(errors), BLOCK):
        block = slice(start, min(start + BLOCK, len(errors)))
        difference = (pool[block].astype(np.float32) - reconstructions[block]) / 255
        errors[block] = np.square(difference).reshape(len(difference), -1).mean(axis=1)
    return errors
