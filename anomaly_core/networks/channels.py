"""Grey and colour images, whose channels stand last in arrays and first in convolutions."""

import math
from collections.abc import Sequence

from torch import Tensor, nn

from anomaly_core.datasets.base import Shape


class ChannelsFirst(nn.Module):
    """(batch, height, width[, 3]) -> (batch, channels, height, width)."""

    def forward(self, x: Tensor) -> Tensor:
        """Add the one channel of grey images, or move that of colour ones."""
        return x.unsqueeze(1) if x.ndim == 3 else x.permute(0, 3, 1, 2)


class ChannelsLast(nn.Module):
    """(batch, channels, height, width) -> (batch, height, width[, 3])."""

    def forward(self, x: Tensor) -> Tensor:
        """Undo `ChannelsFirst`."""
        return x.squeeze(1) if x.shape[1] == 1 else x.permute(0, 2, 3, 1)


def channels_of(shape: Shape) -> int:
    """1 for grey images, 3 for colour."""
    return shape[2] if len(shape) == 3 else 1


def values_of(shape: Sequence[int]) -> int:
    """How many numbers an image is made of."""
    return math.prod(shape)
