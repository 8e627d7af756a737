"""The pool around the center, as each model version sees it, in parts that a browser keeps."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.projection import to_plane
from state.files import artifacts
from state.files.gallery import Gallery
from state.labeling.desk import Desk
from state.labeling.payload import encode
from state.store.incremental.indices import ITEMS, Keys, pair
from state.store.incremental.items import ItemHistory
from state.store.models import Model
from state.store.schema import EventKind

NOWHERE = -32_768  # in place of a 16-bit coordinate
ABSENT = 255  # in place of a kind
STEPS = 32_767  # of the 16-bit places between the center and the farthest item
BANDS = (50, 80, 90, 95, 99)  # percentiles at which the colouring by score changes
MOST_ROUNDS = 9  # that are told apart; of more, neighbours share a kind
UNLABELED = "unlabeled"


@dataclass(frozen=True)
class Colouring:
    """Every item of the pool as one of a few kinds: `codes` (n,) are places in `names`."""

    names: tuple[str, ...]
    codes: NDArray[np.uint8]

    @property
    def counts(self) -> list[int]:
        """How many items are of each kind."""
        kinds = np.bincount(self.codes[self.codes != ABSENT], minlength=len(self.names))
        return [int(count) for count in kinds]


class PoolMap:
    """What the map of one project can show; `desk` needs a model.

    The browser gets the `catalogue` each time, and each of the large parts that it names once.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.models = desk.store.models.all(desk.project.id)

    def gallery(self, version: int) -> Gallery:
        """What a model version published."""
        model = self.models[version - 1]
        return Gallery(self.desk.settings.data_dir, self.desk.project.id, model)

    def catalogue(self) -> dict[str, Any]:
        """Versions and colourings by name, each with the key of its part.

        What costs a look at a whole version comes with the part.
        """
        return {
            "size": self.size,
            "reach": max(self._reach(model) for model in self.models),
            "versions": [self._version(model) for model in self.models],
            "colourings": {
                name: {"key": key, "names": colouring.names, "counts": colouring.counts}
                for name, (key, colouring) in self.colourings.items()
            },
        }

    def _version(self, model: Model) -> dict[str, Any]:
        gallery = self.gallery(model.version)
        return {
            "version": model.version,
            "labels": model.label_count,
            "R": gallery.R,
            "limit": self.desk.rule.distance if model.active and self.desk.rule else None,
            "key": f"places-{model.version}-{written(gallery.version / 'map.npy')}",
            "names": band_names(),
        }

    def _reach(self, model: Model) -> float:
        gallery = self.gallery(model.version)
        return max(gallery.R, farthest(gallery.version / "map.npy"))

    def part(self, key: str) -> dict[str, Any] | None:
        """The part of that key, `None` where there is none (any more)."""
        for colouring_key, colouring in self.colourings.values():
            if key == colouring_key:
                return {"codes": encode(colouring.codes)}
        for model in self.models:
            if key == self._version(model)["key"]:
                return self.places(model.version)
        return None

    def places(self, version: int) -> dict[str, Any]:
        """Where a version puts the pool: (n, 2) 16-bit places, times `step`; and score bands.

        What it does not know is `NOWHERE`, and `ABSENT` of the bands. With it, how many items are
        in each band, and how many outside R.
        """
        gallery, xy = self.gallery(version), self.xy(version)
        known = ~np.isnan(xy)
        step = float(np.abs(xy[known]).max(initial=0)) / STEPS or 1.0
        places = np.full((self.size, 2), NOWHERE, "<i2")
        places[: len(xy)][known] = np.round(xy[known] / step)
        codes = np.full(self.size, ABSENT, np.uint8)
        bands = self.bands(version)
        codes[: len(bands.codes)] = bands.codes
        return {
            "places": encode(places),
            "step": step,
            "codes": encode(codes),
            "counts": bands.counts,
            "outside": int(np.sum(gallery.of_model("map")[:, 0] > gallery.R)),  # NaN is not
        }

    @property
    def size(self) -> int:
        """How many items the pool has by now, with those that were taken back."""
        return self.desk.project.pool_size or 0

    def xy(self, version: int) -> NDArray[np.floating[Any]]:
        """Places (n, 2) around the center."""
        return to_plane(*self.gallery(version).of_model("map").T)

    def bands(self, version: int) -> Colouring:
        """The pool by the percentile of its scores."""
        path = self.gallery(version).version / "scores.npy"
        return by_percentile(path, written(path))

    @cached_property
    def colourings(self) -> dict[str, tuple[str, Colouring]]:
        """By what else than the score items can be coloured, each with the key of its part."""
        seq = self.desk.history.last_seq
        known = {"label": (f"label-{seq}", self.labels), "round": (f"round-{seq}", self.rounds)}
        if (classes := self.classes) is not None:
            known["class"] = ("class", classes)
        return known

    @cached_property
    def labels(self) -> Colouring:
        """The pool by label as it stands now."""
        codes = np.zeros(self.size, np.uint8)
        labels = self.desk.labels
        codes[labels.items] = np.where(labels.y > 0, 1, 2)
        codes[self.desk.gone] = ABSENT
        return Colouring((UNLABELED, "normal", "anomalous"), codes)

    @cached_property
    def rounds(self) -> Colouring:
        """The pool by the round in which an item got the first of its standing labels."""
        keys = self.desk.history.index(labeled_in_round).array
        colouring = by_round(keys % ITEMS, keys // ITEMS, self.size)
        colouring.codes[self.desk.gone] = ABSENT
        return colouring

    @cached_property
    def classes(self) -> Colouring | None:
        """The pool by its true class, to look at only; `None` where nobody knows it."""
        gallery = self.gallery(self.models[-1].version)
        if not self.desk.may_know or not (gallery.project / "truth" / "pool-classes.npy").exists():
            return None
        classes, codes = np.unique(gallery.of_project("truth/pool-classes"), return_inverse=True)
        every = np.full(self.size, ABSENT, np.uint8)  # nobody knows it of what came later
        every[: len(codes)] = codes
        return Colouring(tuple(map(class_name, classes.tolist())), every)


def class_name(number: int) -> str:
    """A class in words: digits by their number; letters are stored below zero."""
    return f"class {number}" if number >= 0 else f"letter {chr(ord('A') - 1 - number)}"


def labeled_in_round(one: ItemHistory) -> Keys:
    """The items with a label, by the round of the first word on it that stands."""
    said = [event for event in one.current if event.y and event.kind is not EventKind.REPEAT]
    return [pair(said[0].round, one.item)] if one.y else []


def by_round(items: NDArray[np.int64], rounds: NDArray[np.int64], size: int) -> Colouring:
    """Colour a pool of `size` items by the rounds of some; neighbours are joined if need be."""
    different = np.unique(rounds)
    groups = np.array_split(different, min(MOST_ROUNDS, len(different) or 1))
    groups = [group for group in groups if len(group)]
    codes = np.zeros(size, np.uint8)
    codes[items] = 1 + np.searchsorted([group[-1] for group in groups], rounds)
    return Colouring((UNLABELED, *map(round_name, groups)), codes)


def round_name(rounds: NDArray[np.int64]) -> str:
    """Rounds, counted from 1, in words."""
    first, last = int(rounds[0]) + 1, int(rounds[-1]) + 1
    return f"round {first}" if first == last else f"rounds {first} to {last}"


def band_names() -> tuple[str, ...]:
    """The bands of scores in words."""
    between = [f"percentile {low} to {high}" for low, high in pairwise(BANDS)]
    return (f"lowest {BANDS[0]} % of the scores", *between, f"highest {100 - BANDS[-1]} %")


@lru_cache(maxsize=64)
def by_percentile(scores: Path, stamp: int) -> Colouring:
    """Colour the pool by the percentiles between which each score lies."""
    values = artifacts.read_array(scores)
    known = ~np.isnan(values)
    codes = np.full(len(values), ABSENT, np.uint8)
    codes[known] = np.searchsorted(np.percentile(values[known], BANDS), values[known])
    return Colouring(band_names(), codes)


def farthest(path: Path) -> float:
    """The largest distance on a map."""
    return _farthest(path, written(path))


@lru_cache(maxsize=4096)
def _farthest(path: Path, stamp: int) -> float:
    return float(np.fmax.reduce(artifacts.read_array(path)[:, 0], initial=0.0))


def written(path: Path) -> int:
    """When a file was written last; with it, what was computed of the file can be kept."""
    return path.stat().st_mtime_ns if path.exists() else 0
