"""Small random affine changes, so that a handful of labels stands for more than themselves."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from anomaly_core.networks.channels import ChannelsFirst, ChannelsLast


@dataclass(frozen=True)
class AffineJitter:
    """Largest change in either direction: degrees, share of the image size, relative size."""

    rotation: float = 15.0
    shift: float = 0.1
    scale: float = 0.15

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Change each image of (batch, height, width[, 3]) by its own random draw."""
        draw = torch.rand(4, len(x), generator=generator).mul_(2).sub_(1).to(x.device)  # -1 .. 1
        angle = draw[0] * math.radians(self.rotation)
        size = 1 + draw[1] * self.scale
        theta = torch.stack(
            [
                torch.stack([angle.cos() * size, -angle.sin() * size, draw[2] * 2 * self.shift], 1),
                torch.stack([angle.sin() * size, angle.cos() * size, draw[3] * 2 * self.shift], 1),
            ],
            dim=1,
        )  # (batch, 2, 3)
        first, last = ChannelsFirst(), ChannelsLast()
        grid = F.affine_grid(theta, [len(x), 1, *x.shape[1:3]], align_corners=False)
        moved: Tensor = last(
            F.grid_sample(first(x), grid, padding_mode="border", align_corners=False)
        )
        return moved
