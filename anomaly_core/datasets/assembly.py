"""Images as they were drawn: looked up or rendered, distorted, with their truth beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Dataset, Images, Labels
from anomaly_core.datasets.corruptions import add_noise, rotate
from anomaly_core.datasets.letters import Letters
from anomaly_core.datasets.mixing import Drawn, Rows
from anomaly_core.datasets.provenance import CLEAN, RECORD, AnomalySource, Provenance
from anomaly_core.datasets.storage import new_images

NORMAL, ANOMALOUS = 1, -1


@dataclass(frozen=True)
class LabeledImages:
    """Images (n, *shape) with their truth `y` (n,) of +1/-1, class (n,) and provenance."""

    images: Images
    y: Labels
    classes: Labels  # (n,), that of letters see `letters.class_name`
    provenance: Provenance

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Rows) -> "LabeledImages":
        """Return the given rows."""
        return LabeledImages(
            self.images[rows], self.y[rows], self.classes[rows], self.provenance.take(rows)
        )


def assemble(
    drawn: Drawn,
    dataset: Dataset,
    letters: Letters,
    noise: Sequence[float],
    rotation: float,
    rng: np.random.Generator,
) -> LabeledImages:
    """Put what was drawn in an order from `rng`, and distort what is to be distorted.

    Each strength of `noise` goes to equally many images; angles are uniform in +-`rotation`
    degrees. An image that gets both is rotated first.
    """
    order = rng.permutation(sum(map(len, drawn.values())))
    rows = np.concatenate(list(drawn.values()))[order]
    records = np.concatenate([records_of(*kind, noise) for kind in drawn.items()])[order]
    is_letter = records["kinds"] == AnomalySource.LETTERS.value
    chosen = letters.take(rows[is_letter])
    records["origins"] = np.where(is_letter, -1, rows)
    records["fonts"][is_letter], records["sizes"][is_letter] = chosen.fonts, chosen.sizes

    images = new_images((len(rows), *dataset.image_shape))
    images[~is_letter] = dataset.images[rows[~is_letter]]
    images[is_letter] = chosen.images if images.ndim == 3 else chosen.images[..., None]
    classes = np.empty(len(rows), np.int64)
    classes[~is_letter], classes[is_letter] = dataset.labels[rows[~is_letter]], chosen.classes

    rotated = np.isin(
        records["kinds"], [source.value for source in AnomalySource if source.rotated]
    )
    records["rotation"][rotated] = rng.uniform(-rotation, rotation, rotated.sum())
    images[rotated] = rotate(images[rotated], records["rotation"][rotated])
    noisy = records["noise"] > 0
    images[noisy] = add_noise(images[noisy], records["noise"][noisy], rng)
    y = np.where(records["kinds"] == CLEAN, NORMAL, ANOMALOUS).astype(np.int64)
    return LabeledImages(images, y, classes, Provenance.from_records(records))


def records_of(kind: str, rows: Rows, noise: Sequence[float]) -> NDArray[np.void]:
    """Return provenance records of images of one kind, with their strength of noise."""
    records = np.zeros(len(rows), RECORD)
    records["kinds"] = kind
    if kind != CLEAN and AnomalySource(kind).noisy:
        records["noise"] = np.resize(noise, len(rows))
    return records
