"""How strongly the labels of a project are contradicted, at a cost that does not grow with them.

A bounded random sample of the labels says what all others should be (`anomaly_core.suspicion`). It
changes only when a label comes in, or goes, that is part of it, which becomes rare; what it has
said of an image is kept until then.

Measured on the bundled digits, each with seven noisy copies, 8 % of 2,900 labels wrong: of as many
suspects as there were mistakes, 88 % were mistakes by the sample, 94 % by all labels.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anomaly_core.suspicion import SUSPECT, OtherLabels, Probabilities, by_sphere, contradicted
from state.files import artifacts
from state.files.gallery import Gallery
from state.store.incremental.history import History
from state.store.incremental.indices import Keys, item_of, pair
from state.store.incremental.items import ItemHistory

SAMPLE = 200  # labels of each kind, at most, that the others are judged by
NEWEST = 2_000  # labels of each kind, at most, that are looked through for mistakes
SCATTER = 0x9E3779B1  # odd, so that different items get different places
Items = NDArray[np.int64]


def sampled(one: ItemHistory, y: int) -> Keys:
    """The items with the label `y` in an order that has nothing to do with them."""
    return [pair(one.item * SCATTER % 2**31, one.item)] if one.y == y else []


@dataclass(frozen=True)
class Doubt:
    """What speaks against a label `y`: how anomalous, 0 to 1, the sphere and the others find it."""

    y: int
    sphere: float
    others: float | None  # None where the other labels are too few

    @property
    def reason(self) -> str:
        """What contradicts the label, in a sentence; empty where nothing does."""
        label, other = ("normal", "anomalous") if self.y > 0 else ("anomalous", "normal")
        said = []
        if self.others is not None and self._against(self.others) > SUSPECT:
            sure = f"{100 * self._against(self.others):.0f} % sure"
            said.append(f"images that look like it are labeled {other} ({sure})")
        if self._against(self.sphere) > SUSPECT:
            said.append(f"it lies {'outside' if self.y > 0 else 'inside'} the sphere")
        return f"It is labeled {label}, but {' and '.join(said)}." if said else ""

    def _against(self, anomalous: float) -> float:
        return anomalous if self.y > 0 else 1 - anomalous


class Suspicions:
    """The labels of a project as a model sees them, beside the embeddings of its first model."""

    def __init__(self, history: History, gallery: Gallery, first: Gallery) -> None:
        self.history = history
        self.gallery = gallery
        self.first = first
        self.embeddings = first.version / "embeddings.npy" if first.embeddings is not None else None

    def lately(self) -> tuple[Items, Probabilities]:
        """The newest labels of either kind: their items (n,), and how far they are contradicted."""
        items = self.history.newest_labels(NEWEST).items
        return items, self.of(items)

    def of(self, items: Items) -> Probabilities:
        """How strongly the labels of these items (n,) are contradicted, (n,) from 0 to 1."""
        y = self.history.y_of(items)
        sphere = by_sphere(self.gallery.of_model("scores")[items], self.gallery.R)
        return contradicted(y, sphere, self._others(items))

    def doubt(self, item: int) -> "Doubt":
        """What makes the label of an item doubtful; it has to have one."""
        items = np.array([item], np.int64)
        others = self._others(items)
        return Doubt(
            y=self.history.of(item).y,
            sphere=float(by_sphere(self.gallery.of_model("scores")[items], self.gallery.R)[0]),
            others=None if others is None else float(others[0]),
        )

    def _others(self, items: Items) -> Probabilities | None:
        if self.embeddings is None:
            return None
        sample = tuple(
            (item_of(key), y)
            for y in (1, -1)
            for key in islice(self.history.index(sampled, y), SAMPLE)
        )
        known = self.first.knows(np.array([item for item, _ in sample], np.int64))
        judge = judge_of(self.embeddings, tuple(compress(sample, known.tolist())))
        if not judge.known.enough or not self.first.knows(items).all():
            return None
        return judge.of(items)


class Judge:
    """What some labels (item, y) say of any image; `embeddings` is the file of the whole pool."""

    def __init__(self, embeddings: Path, labels: tuple[tuple[int, int], ...]) -> None:
        self.z = artifacts.read_array(embeddings)
        items, y = np.array(sorted(labels), np.int64).reshape(-1, 2).T
        self.known = OtherLabels(y, self.z[items])
        self._said: dict[int, float] = {}
        if self.known.enough:
            self._said.update(zip(items.tolist(), self.known.among.tolist(), strict=True))

    def of(self, items: Items) -> Probabilities:
        """How anomalous the labels make each of these, (n,); a labeled one those of the others."""
        new = np.array([item for item in items.tolist() if item not in self._said], np.int64)
        if len(new):
            said = self.known.of(self.z[new])
            self._said.update(zip(new.tolist(), said.tolist(), strict=True))
        return np.array([self._said[item] for item in items.tolist()], np.float64)


@lru_cache(maxsize=32)
def judge_of(embeddings: Path, labels: tuple[tuple[int, int], ...]) -> Judge:
    """The judge by these labels, kept for as long as they are in use."""
    return Judge(embeddings, labels)
