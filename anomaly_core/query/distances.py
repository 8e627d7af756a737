"""Distances in the latent space: who is near whom, and who stands for whom.

Scikit-learn takes two seconds to load, so it is loaded where it is used: a page needs no more of a
strategy than its name.
"""

import numpy as np
from numpy.typing import NDArray

from anomaly_core.detectors.base import Embeddings
from anomaly_core.query.base import Positions


def nearest(
    z: Embeddings, among: Embeddings, k: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return distances and places (n, up to k) of the nearest of `among`.

    `z` (n, latent) must be the first n rows of `among`; a row is not its own neighbor.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=min(k + 1, len(among))).fit(among)
    distances, places = search.kneighbors(z)
    others = places != np.arange(len(z))[:, None]
    others[others.all(axis=1), -1] = False  # more duplicates than neighbors: drop the farthest
    width = places.shape[1] - 1
    if width == 0:
        return np.zeros((len(z), 1)), np.zeros((len(z), 1), np.int64)
    return distances[others].reshape(len(z), width), places[others].reshape(len(z), width)


def farthest_first(z: Embeddings, count: int) -> Positions:
    """Start at the first of `z` (n, latent) and go to the one farthest from all taken each time."""
    chosen = [0]
    apart = np.linalg.norm(z - z[0], axis=1)
    while len(chosen) < count:
        apart[chosen] = -1
        chosen.append(int(apart.argmax()))
        apart = np.minimum(apart, np.linalg.norm(z - z[chosen[-1]], axis=1))
    return np.array(chosen, np.int64)


def medoids(z: Embeddings, count: int, rng: np.random.Generator) -> Positions:
    """Return, for each of up to `count` clusters of `z`, the member nearest to its mean."""
    from sklearn.cluster import KMeans

    count = min(count, len(np.unique(z, axis=0)))
    clusters = KMeans(count, n_init=1, random_state=int(rng.integers(2**31))).fit(z)
    to_mean = clusters.transform(z)
    to_mean[clusters.labels_[:, None] != np.arange(count)] = np.inf  # members only
    return np.asarray(to_mean.argmin(axis=0), np.int64)


def to_unit_range(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale to 0 .. 1; equal values all become 1."""
    low, high = values.min(), values.max()
    return np.asarray((values - low) / (high - low) if high > low else np.ones_like(values))
