"""The trained map from features to the space of the sphere."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


class Head(nn.Module):
    """Features (n, features) to where they lie about the center, (n, latent): `offset`, two maps.

    `whitening` makes what is normal spread alike in every direction, and `turn`, which starts as
    the identity, is what labels change. Neither has a bias: with one, everything could be moved to
    the center (Ruff et al. 2018, "Deep One-Class Classification", proposition 2).
    """

    offset: Tensor

    def __init__(self, features: int, latent: int) -> None:
        super().__init__()
        self.register_buffer("offset", torch.zeros(features))
        self.whitening = nn.Linear(features, latent, bias=False).requires_grad_(False)
        self.turn = nn.Linear(latent, latent, bias=False)
        nn.init.eye_(self.turn.weight)

    def whiten(self, features: Tensor) -> Tensor:
        """Return features (..., features) after whitening, (..., latent)."""
        whitened: Tensor = self.whitening(features - self.offset)
        return whitened

    def forward(self, features: Tensor) -> Tensor:
        """Return where features (..., features) lie about the center, (..., latent)."""
        z: Tensor = self.turn(self.whiten(features))
        return z

    @torch.no_grad()
    def place(self, offset: NDArray[np.float64], matrix: NDArray[np.float64]) -> None:
        """Set what is normal: the middle (features,) of it, and how to whiten it."""
        self.offset.copy_(torch.as_tensor(offset))
        self.whitening.weight.copy_(torch.as_tensor(matrix).T)

    def strain(self) -> Tensor:
        """How far labels have turned the space: the squared distance of `turn` to the identity."""
        eye = torch.eye(len(self.turn.weight), device=self.turn.weight.device)
        return (self.turn.weight - eye).square().sum()
