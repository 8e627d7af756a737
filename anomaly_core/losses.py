"""The losses, each beside the equation it stands for. Lower is better; all return a scalar.

`d` is the squared distance to the center, ||phi(x) - c||^2, of shape (batch,).
"""

import torch
from torch import Tensor

EPSILON = 1e-6


def squared_distance(z: Tensor, c: Tensor) -> Tensor:
    """Squared distance of embeddings `z` (batch, latent) to the center `c` (latent,)."""
    return (z - c).square().sum(dim=1)


def reconstruction(x: Tensor, x_hat: Tensor) -> Tensor:
    """Mean squared error per pixel: 1/n sum (x - x_hat)^2."""
    return (x - x_hat).square().mean()


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


def trimmed(d: Tensor, contamination: float) -> Tensor:
    """Drop the `contamination` share of largest distances: these are left out of the pull to c.

    The hard assignment of latent outlier exposure (Qiu et al. 2022) with zero weight for those
    taken to be anomalous. `d` (batch,) -> (batch - floor(contamination * batch),).
    """
    keep = len(d) - int(contamination * len(d))
    return torch.topk(d, keep, largest=False, sorted=False).values
