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
    away = (right**2).sum(1) - 2 * left @ right.T  # (q, a), but for what each row has in common
    away[items[:, None] == among] = np.inf
    near = np.sort(np.argpartition(away, min(count, len(among)) - 1, axis=1)[:, :count], axis=1)
    order = np.argsort(np.take_along_axis(away, near, axis=1), axis=1, kind="stable")
    near = np.take_along_axis(near, order, axis=1)  # (q, count)
    found = among[near].tolist(), items.tolist()
    return [[one for one in row if one != item] for row, item in zip(*found, strict=True)]


def nearest_labeled(
    embeddings: NDArray[np.floating[Any]] | None, items: Items, labels: LabeledItems, count: int
) -> list[tuple[list[int], list[int]]]:
    """For each item, the nearest labeled normals and the nearest labeled anomalies."""
    if embeddings is None:
        return [([], []) for _ in items]
    normal = nearest(embeddings, items, labels.items[labels.y > 0], count)
    anomalous = nearest(embeddings, items, labels.items[labels.y < 0], count)
    return list(zip(normal, anomalous, strict=True))
