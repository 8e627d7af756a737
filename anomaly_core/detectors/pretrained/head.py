"""The map from features to the space of the sphere, and how answers stretch it."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

SPAN = 3.0  # natural logarithm of the squared distance that answers alone give an anomaly
TINY = 1e-12  # squared distance of an image that is the center


class Head(nn.Module):
    """Features (n, features) to where they lie about the center, (n, latent).

    Whitening makes what is normal spread alike in every direction. Answers then stretch the space
    along its rays: what is like the anomalous ones moves out, what is like the normal ones moves
    in. The logarithm of the squared distance becomes the mean, weighted by `trust`, of that after
    whitening and of what a Gaussian process through the answers expects (Rasmussen and Williams
    2006, "Gaussian Processes for Machine Learning", 2.2), whose prior is that of a usual image.
    Whitening has no bias: with one, everything could be moved to the center (Ruff et al. 2018,
    "Deep One-Class Classification", proposition 2).
    """

    offset: Tensor
    spread: Tensor
    answered: Tensor
    pull: Tensor
    trust: Tensor

    def __init__(self, features: int, latent: int, answered: int = 0) -> None:
        super().__init__()
        self.register_buffer("offset", torch.zeros(features))
        self.register_buffer("spread", torch.ones(features))
        self.register_buffer("answered", torch.zeros(answered, features))
        self.register_buffer("pull", torch.zeros(answered))
        self.register_buffer("trust", torch.zeros(()))
        self.whitening = nn.Linear(features, latent, bias=False).requires_grad_(False)

    def whiten(self, features: Tensor) -> Tensor:
        """Return features (..., features) after whitening, (..., latent)."""
        whitened: Tensor = self.whitening(features - self.offset)
        return whitened

    def forward(self, features: Tensor) -> Tensor:
        """Return where features (n, features) lie about the center, (n, latent)."""
        return self.whiten(features) * self.stretch(features)

    def stretch(self, features: Tensor) -> Tensor:
        """Return by what features (n, features) are stretched, (n, 1): 1 before any answer."""
        before = self.whiten(features).square().sum(dim=1).clamp(min=TINY).log()
        expected = SPAN * (self.likeness(features) @ self.pull)
        return torch.exp(self.trust * (expected - before) / 2)[:, None]

    def likeness(self, features: Tensor) -> Tensor:
        """Return how like features (n, features) are to answered ones, (n, answered), 0 to 1."""
        middle = self.offset / self.spread  # about which numbers are small, so that digits are kept
        u, v = features / self.spread - middle, self.answered - middle
        apart = u.square().sum(dim=1)[:, None] + v.square().sum(dim=1) - 2 * u @ v.T
        return torch.exp(-apart.clamp_min(0) / len(self.spread))

    @torch.no_grad()
    def place(
        self,
        offset: NDArray[np.float64],
        matrix: NDArray[np.float64],
        spread: NDArray[np.float64],
    ) -> None:
        """Set what is normal: the middle (features,) of it, how to whiten it, its plain spread."""
        self.offset.copy_(torch.as_tensor(offset))
        self.spread.copy_(torch.as_tensor(spread))
        self.whitening.weight.copy_(torch.as_tensor(matrix).T)

    def learn(self, features: Tensor, y: Tensor, noise: float, trust: float) -> None:
        """Let answers `y` (n,), +1 normal and -1 anomalous, of features (n, features) stretch.

        `noise` is the variance of an answer about the truth, `trust` (0 to 1) what all of them
        count beside the distance after whitening.
        """
        self.answered = features / self.spread
        like = self.likeness(features).double()
        like.diagonal().add_(noise)
        self.pull = torch.linalg.solve(like, -y.double()).float()
        self.trust.fill_(trust)

    def forget(self) -> None:
        """Go back to the space as it was before any answer."""
        self.answered, self.pull = self.answered[:0], self.pull[:0]
        self.trust.zero_()
