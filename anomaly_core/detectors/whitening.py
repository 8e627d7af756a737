"""A latent space in which normal images lie round their center alike in every direction.

A pretrained encoder spreads images far along some directions and little along others, so that the
plain distance to a center sees only the widest. Whitened by the covariance of what is normal, the
distance is the Mahalanobis distance: it counts every direction by how unusual it is there.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.covariance import ledoit_wolf
from torch import nn

ROUNDS = 10  # of leaving out the farthest; nothing changes after about half as many
FLOOR = 1e-6  # of a variance, for pools in which nothing varies

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Whitening:
    """`z @ matrix` has unit mean squared distance to the nearest of `centers`, for normal `z`."""

    matrix: Matrix  # (latent, latent), symmetric
    centers: Matrix  # (centers, latent), after whitening


def fit_whitening(
    z: NDArray[np.float32], contamination: float, centers: int, seed: int
) -> Whitening:
    """Estimate from embeddings `z` (n, latent) of which about `contamination` are anomalous.

    The farthest are left out and the rest measured again, round after round, as in the
    concentration steps of Rousseeuw and Van Driessen 1999, "A Fast Algorithm for the Minimum
    Covariance Determinant Estimator". The covariance is shrunk as by Ledoit and Wolf 2004, so that
    small pools can be used.
    """
    points = z.astype(np.float64)
    keep = max(2, centers, round(len(points) * (1 - share_left_out(contamination))))
    kept = np.arange(len(points))
    matrix = np.eye(points.shape[1])
    for _ in range(ROUNDS):
        means, nearest = cluster(points @ matrix, kept, centers, seed)
        offsets = points - (means @ np.linalg.inv(matrix))[nearest]
        matrix = inverse_root(ledoit_wolf(offsets[kept], assume_centered=True)[0])
        distance = np.square(offsets @ matrix).sum(axis=1)
        nearer = np.argsort(distance, kind="stable")[:keep]
        if centers == 1 and np.array_equal(np.sort(nearer), np.sort(kept)):
            break  # nothing changes any more
        kept = nearer
    means, _ = cluster(points @ matrix, kept, centers, seed)
    return Whitening(matrix, means)


def share_left_out(contamination: float) -> float:
    """Share of the farthest (0 to 0.5) not taken to be normal: half as many again as expected.

    One anomaly that is taken to be normal does more harm than one normal image that is not.
    """
    return min(0.5, 1.5 * contamination)


def cluster(
    z: Matrix, kept: NDArray[np.int64], count: int, seed: int
) -> tuple[Matrix, NDArray[np.int64]]:
    """Return the means (count, latent) of the clusters of `z[kept]`, and the nearest for each."""
    if count == 1:
        return z[kept].mean(axis=0, keepdims=True), np.zeros(len(z), np.int64)
    means = KMeans(count, n_init=1, random_state=seed).fit(z[kept])
    return means.cluster_centers_, means.predict(z)


def inverse_root(covariance: Matrix) -> Matrix:
    """Return C^(-1/2), scaled so that the squared length of a whitened normal is 1 on average."""
    variances, axes = np.linalg.eigh(covariance)
    scales = 1 / np.sqrt(np.maximum(variances, FLOOR) * len(variances))
    return np.asarray((axes * scales) @ axes.T)


@torch.no_grad()
def apply_whitening(encoder: nn.Sequential, whitening: Whitening) -> None:
    """Fold the whitening into the last layer of an encoder, which must be linear without bias."""
    last = encoder[-1]
    assert isinstance(last, nn.Linear)
    matrix = torch.as_tensor(whitening.matrix, dtype=last.weight.dtype, device=last.weight.device)
    last.weight.copy_(matrix @ last.weight)
