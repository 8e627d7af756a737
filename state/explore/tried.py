"""Where an image that is no item of the pool falls, and what that means."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.datasets.base import Images, brightness
from anomaly_core.threshold.rules import to_radius
from state.files.gallery import Gallery
from state.labeling.neighbors import nearest_labeled
from state.store.history import LabeledItems
from state.workers.scorer_client import Scored, Scoring

NEIGHBORS = 3  # of each kind
SHOWN = 1500  # items of a large pool that are drawn around the center


@dataclass(frozen=True)
class Trial:
    """An image that somebody tried, and what a model version makes of it.

    `threshold` is the score beyond which it counts as odd.
    """

    gallery: Gallery
    image: Images
    scored: Scored
    threshold: float

    @property
    def distance(self) -> float:
        """Distance to the center."""
        return float(np.sqrt(self.scored.score))

    @property
    def limit(self) -> float:
        """The distance beyond which it counts as odd."""
        return to_radius(self.threshold)

    @property
    def odd(self) -> bool:
        """Whether it lies beyond the limit."""
        return self.scored.score > self.threshold

    @cached_property
    def percentile(self) -> float:
        """The share of the pool that scores lower, 0 to 100."""
        return 100 * float(np.mean(self.gallery.scores < self.scored.score))

    @property
    def difference(self) -> NDArray[np.float64] | None:
        """Image minus reconstruction, (height, width) between -1 and 1; `None` without one."""
        if self.scored.reconstruction is None:
            return None
        return (brightness(self.image) - brightness(self.scored.reconstruction)) / 255

    def neighbors(self, labels: LabeledItems) -> tuple[list[int], list[int]]:
        """The nearest items labeled normal, and those labeled anomalous, nearest first."""
        embeddings = self.gallery.embeddings
        if embeddings is None:
            return [], []
        items = labels.items[labels.y != 0]
        among = np.vstack([embeddings[items], self.scored.embedding])
        places = LabeledItems(np.arange(len(items)), labels.y[labels.y != 0], labels.last_seq)
        normal, anomalous = nearest_labeled(among, np.array([len(items)]), places, NEIGHBORS)[0]
        return items[normal].tolist(), items[anomalous].tolist()

    @cached_property
    def angle(self) -> float:
        """Where around the center it is drawn, radians: beside the item shown that is nearest."""
        embeddings = self.gallery.embeddings
        if embeddings is None:
            return 0.0
        away = np.asarray(embeddings[shown(self.gallery)], np.float32) - self.scored.embedding
        return float(ring(self.gallery)[np.argmin((away**2).sum(axis=1)), 1])


def shown(gallery: Gallery) -> NDArray[np.int64]:
    """The items of a pool that are drawn around the center."""
    return gallery.items[:: -(-len(gallery.items) // SHOWN) or 1]


def ring(gallery: Gallery) -> NDArray[np.float32]:
    """The distances and angles (n, 2) of the items that are drawn around the center."""
    return np.asarray(gallery.of_model("map")[shown(gallery)])


def try_image(scoring: Scoring, gallery: Gallery, image: Images, threshold: float) -> Trial:
    """Score an image (height, width) as if it were an item; raises as `Scoring.score` does."""
    return Trial(gallery, image, scoring.score(gallery, image), threshold)
