"""Which labeled images an image is most like, by where the model puts them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from state.store.history import LabeledItems

Items = NDArray[np.int64]


def nearest(
    embeddings: NDArray[np.floating[Any]], items: Items, among: Items, count: int
) -> list[list[int]]:
    """For each item, up to `count` of `among`, the nearest first and never the item itself.

    `embeddings` (n, latent) by item number.
    """
    if not len(among):
        return [[] for _ in items]
    left = np.asarray(embeddings[items], np.float32)  # (q, latent)
    right = np.asarray(embeddings[among], np.float32)  # (a, latent)
    squared = (left**2).sum(1)[:, None] - 2 * left @ right.T + (right**2).sum(1)  # (q, a)
    squared[items[:, None] == among] = np.inf
    near = np.sort(np.argpartition(squared, min(count, len(among)) - 1, axis=1)[:, :count], axis=1)
    away = np.take_along_axis(squared, near, axis=1)  # (q, count)
    order = np.argsort(away, axis=1, kind="stable")
    return [
        [int(among[near[which, place]]) for place in row if np.isfinite(away[which, place])]
        for which, row in enumerate(order)
    ]


def nearest_labeled(
    embeddings: NDArray[np.floating[Any]] | None, items: Items, labels: LabeledItems, count: int
) -> list[tuple[list[int], list[int]]]:
    """For each item, the nearest labeled normals and the nearest labeled anomalies."""
    if embeddings is None:
        return [([], []) for _ in items]
    normal = nearest(embeddings, items, labels.items[labels.y > 0], count)
    anomalous = nearest(embeddings, items, labels.items[labels.y < 0], count)
    return list(zip(normal, anomalous, strict=True))
