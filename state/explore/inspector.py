"""Everything that is known of one item: how each model version sees it, and what is like it."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.datasets.base import Images, brightness
from anomaly_core.datasets.provenance import CLEAN, Provenance
from anomaly_core.errors import InvalidInput
from state.explore.pool_map import class_name
from state.files.artifacts import Array
from state.files.gallery import Gallery
from state.files.pictures import Picture
from state.labeling.desk import Desk, Reach
from state.labeling.neighbors import nearest_labeled
from state.labeling.rule import Rule
from state.store.models import Model

NEIGHBORS = 4  # of each kind


@dataclass(frozen=True, kw_only=True)
class Placement(Reach):
    """Where one model version puts an item among the pool.

    `percentile` is the share of the pool that scores lower, 0 to 100; `rank` 1 scores highest.
    """

    version: int
    percentile: float
    rank: int


class Inspection:
    """One item of a project that has a model; raises InvalidInput where there is no such item."""

    def __init__(self, desk: Desk, item: int) -> None:
        size = desk.project.pool_size or 0
        if not 0 <= item < size or desk.gallery is None:
            raise InvalidInput(f"There is no item {item:,}; items are numbered 0 to {size - 1:,}.")
        if not desk.gallery.knows(np.array([item])).all():
            raise InvalidInput(f"Item {item:,} was taken out of the project; choose another.")
        self.desk = desk
        self.item = item
        self.gallery = desk.gallery

    @cached_property
    def image(self) -> Images:
        """The image, (height, width) uint8."""
        return np.asarray(self.gallery.of_project("pool")[self.item])

    @property
    def file(self) -> str:
        """What its file is called, where it is a person's own; else empty."""
        own = self.gallery.own
        return own.name(self.item) if own is not None and self.desk.may_name else ""

    @property
    def picture(self) -> Picture:
        """What a person sees of it."""
        return self.gallery.pictures[self.item]

    @cached_property
    def reconstruction(self) -> Images | None:
        """What the pretraining autoencoder made of it, as the image; `None` without one."""
        made = self.gallery.reconstructions
        return None if made is None else np.asarray(made[self.item])

    @property
    def difference(self) -> NDArray[np.float64] | None:
        """Image minus reconstruction, (height, width) between -1 and 1."""
        if self.reconstruction is None:
            return None
        return (brightness(self.image) - brightness(self.reconstruction)) / 255

    @cached_property
    def placements(self) -> list[Placement]:
        """How each model version that knows it sees it, oldest first."""
        models = self.desk.store.models.all(self.desk.project.id)
        seen = (self._placement(model) for model in models)
        return [one for one in seen if one is not None]

    def _placement(self, model: Model) -> Placement | None:
        gallery = Gallery(self.desk.settings.data_dir, self.desk.project.id, model)
        scores = gallery.of_model("scores")
        if self.item >= len(scores) or np.isnan(scores[self.item]):
            return None
        own = scores[self.item]
        return Placement(
            version=model.version,
            score=float(own),
            R=gallery.R,
            percentile=100 * float(np.sum(scores < own) / len(gallery.items)),
            rank=1 + int(np.sum(scores > own)),
        )

    @property
    def now(self) -> Placement:
        """How the model in use sees it."""
        return next(one for one in self.placements if one.version == self.gallery.model.version)

    @property
    def rule(self) -> Rule:
        """Which images the model in use flags."""
        assert self.desk.rule is not None
        return self.desk.rule

    @cached_property
    def neighbors(self) -> tuple[list[int], list[int]]:
        """The nearest items labeled normal, and those labeled anomalous, nearest first."""
        chosen = np.array([self.item], np.int64)
        embeddings = self.gallery.embeddings
        return nearest_labeled(embeddings, chosen, self.desk.newest_labels, NEIGHBORS)[0]

    @property
    def origin(self) -> str | None:
        """What it is and what was done to it, from the truth; `None` where nobody recorded it."""
        if not self.desk.may_know:
            return None
        classes = self._truth("pool-classes")
        records = self._truth("pool-provenance")
        if classes is None or records is None:
            return None
        one = Provenance.from_records(records[self.item : self.item + 1])
        return ", ".join([class_name(int(classes[self.item])), *done_to(one)])

    @property
    def has_truth(self) -> bool:
        """Whether the truth of the pool is on record."""
        return (self.gallery.project / "truth" / "pool-classes.npy").exists()

    def _truth(self, name: str) -> Array | None:
        there = (self.gallery.project / "truth" / f"{name}.npy").exists()
        return self.gallery.of_project(f"truth/{name}") if there else None


def done_to(one: Provenance) -> list[str]:
    """What was done to the only image of a provenance, in a few words each."""
    kind = str(one.kinds[0])
    told = ["as it was written" if kind == CLEAN else str(one.types[0])]
    told += [f"turned by {one.rotation[0]:.0f} degrees"] if one.rotation[0] else []
    told += [f"font {one.fonts[0]}"] if one.fonts[0] else []
    told += [f"row {one.origins[0]:,} of its source"] if one.origins[0] >= 0 else []
    return told


def losses(gallery: Gallery) -> list[dict[str, Any]]:
    """The losses of every stage that led to a model: stage, epoch, training, validation."""
    try:
        description = json.loads((gallery.version / "model.json").read_text(encoding="utf-8"))
        return list(description.get("history", []))
    except (OSError, ValueError, AttributeError):
        return []
