"""The losses, each beside the equation it stands for. Lower is better; all return a scalar.

`d` is the squared distance to the center, ||phi(x) - c||^2, of shape (batch,).
"""

import torch
from torch import Tensor
from torch.nn import functional as F

EPSILON = 1e-6


def squared_distance(z: Tensor, c: Tensor) -> Tensor:
    """Squared distance of embeddings `z` (batch, latent) to the nearest center, (batch,).

    `c` is one center (latent,) or several (centers, latent); the minimum over several is that of
    Ghafoori and Leckie 2020, "Deep Multi-sphere Support Vector Data Description".
    """
    if c.ndim == 1:
        return (z - c).square().sum(dim=1)
    return (z[:, None] - c).square().sum(dim=2).amin(dim=1)  # (batch, centers) -> (batch,)


def reconstruction(x: Tensor, x_hat: Tensor) -> Tensor:
    """Mean squared error per pixel: 1/n sum (x - x_hat)^2."""
    return (x - x_hat).square().mean()


def squared_error(x: Tensor, x_hat: Tensor) -> Tensor:
    """Mean squared error per pixel, or per feature, of each of a batch, (batch,)."""
    return (x - x_hat).square().flatten(1).mean(dim=1)


def one_class(d: Tensor) -> Tensor:
    """One-class Deep SVDD: 1/n sum d (Ruff et al. 2018, eq. 4, without the weight decay)."""
    return d.mean()


def soft_boundary(d: Tensor, R: float, nu: float) -> Tensor:
    """Soft-boundary Deep SVDD: R^2 + 1/(nu n) sum max(0, d - R^2) (Ruff et al. 2018, eq. 3)."""
    return R**2 + (d - R**2).clamp(min=0).mean() / nu


def radius(d: Tensor, nu: float) -> Tensor:
    """The radius that leaves a share `nu` outside: the (1 - nu) quantile of sqrt(d).

    For a fixed network this minimises `soft_boundary` over R (Ruff et al. 2018, section 3.3).
    """
    return d.sqrt().quantile(1 - nu)


def deep_sad(d: Tensor, y: Tensor) -> Tensor:
    """The labeled term of Deep SAD: 1/m sum d^y (Ruff et al. 2020, eq. 7).

    `y` (batch,) is +1 for normal, whose distance shrinks, and -1 for anomalous, whose inverse
    distance does.
    """
    return (d + EPSILON).pow(y).mean()


def loe(d: Tensor, contamination: float) -> Tensor:
    """Soft latent outlier exposure: the largest `contamination` share is pulled and pushed by half.

    1/n sum_normal d + 1/n sum_outlying (d + 1/d) / 2 (Qiu et al. 2022, eq. 3, alpha = 1/2).
    """
    outlying, normal = split_largest(d, contamination)
    return (normal.sum() + (outlying + 1 / (outlying + EPSILON)).sum() / 2) / len(d)


def nce(d: Tensor, y: Tensor) -> Tensor:
    """Contrast each labeled normal i with all labeled anomalies j, by their distances.

    -1/n sum_i log( exp(-d_i) / (exp(-d_i) + sum_j exp(-d_j)) ): InfoNCE (van den Oord et al. 2018)
    with the center as the query. Zero unless `y` (batch,) has both sides.
    """
    normal, anomalous = d[y > 0], d[y < 0]
    if not len(normal) or not len(anomalous):
        return d.sum() * 0
    return F.softplus(normal + torch.logsumexp(-anomalous, dim=0)).mean()


def nt_xent(z1: Tensor, z2: Tensor, temperature: float) -> Tensor:
    """Contrast two views (batch, latent) of the same images with all others in the batch.

    The normalized temperature-scaled cross entropy of Chen et al. 2020, "A Simple Framework for
    Contrastive Learning of Visual Representations", eq. 1.
    """
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    similarity = (z @ z.T / temperature).fill_diagonal_(-torch.inf)  # (2 batch, 2 batch)
    other_view = torch.arange(len(z), device=z.device).roll(len(z1))
    return F.cross_entropy(similarity, other_view)


def split_largest(d: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """Return the floor(share * batch) largest of `d` (batch,), and the rest."""
    falling = d.sort(descending=True).values
    count = int(share * len(d))
    return falling[:count], falling[count:]


def trimmed(d: Tensor, contamination: float) -> Tensor:
    """Drop the `contamination` share of largest distances: these are left out of the pull to c.

    The hard assignment of latent outlier exposure (Qiu et al. 2022) with zero weight for those
    taken to be anomalous. `d` (batch,) -> (batch - floor(contamination * batch),).
    """
    return split_largest(d, contamination)[1]


def pseudo_huber(z: Tensor) -> Tensor:
    """Distance at each place, sqrt(1 + |z|^2) - 1 (Liznerski et al. 2021, eq. 3).

    `z` (batch, latent, ...) are embeddings whose center is 0; returns (batch, ...).
    """
    return (1 + z.square().sum(dim=1)).sqrt() - 1


def outside(d: Tensor) -> Tensor:
    """Push distances out: -log(1 - exp(-d)) (hypersphere classifier, Ruff et al. 2020).

    `d` of any shape, not squared; the same shape is returned.
    """
    return -torch.log(-torch.expm1(-d) + EPSILON)
