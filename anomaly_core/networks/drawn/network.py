"""The residual network of the drawn backbone: four stages, each with half the places of the last.

Source: He et al. 2016, "Deep Residual Learning for Image Recognition", with the pooled shortcuts of
He et al. 2019, "Bag of Tricks for Image Classification with Convolutional Neural Networks".
"""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from anomaly_core.networks.backbones.base import Preprocessing

WIDTHS = (32, 64, 128, 256)  # channels of each stage
BLOCKS = (1, 1, 2, 2)  # of each stage
SCALES = (2, 4, 8, 16)  # pixels a side for a place of each stage's map
PREPROCESSING = Preprocessing(mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25), smallest=32)


class ResidualBlock(nn.Module):
    """Two convolutions, added to what came in: (n, channels, h, w) -> (n, out, h', w').

    With a `stride` of 2, h' and w' are half of h and w, rounded up.
    """

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or channels != out:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride, ceil_mode=True) if stride > 1 else nn.Identity(),
                nn.Conv2d(channels, out, 1, bias=False),
                nn.BatchNorm2d(out),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return what the block makes of a map, none of it below 0."""
        out = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(out)) + self.shortcut(x))


class DrawnNetwork(nn.Module):
    """Maps of 32, 64, 128 and 256 channels at 2, 4, 8 and 16 pixels a place; 2.7 M weights."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, WIDTHS[0], 3, 2, 1, bias=False), nn.BatchNorm2d(WIDTHS[0]), nn.ReLU()
        )
        self.stages = nn.ModuleList()
        ends = pairwise((WIDTHS[0], *WIDTHS))
        for stage, ((before, width), blocks) in enumerate(zip(ends, BLOCKS, strict=True)):
            first = ResidualBlock(before, width, stride=2 if stage else 1)
            others = (ResidualBlock(width, width, stride=1) for _ in range(blocks - 1))
            self.stages.append(nn.Sequential(first, *others))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Map normalised images (n, 3, h, w) to a map for each of `SCALES`, none below 0."""
        x = self.stem(x)  # (n, 32, h / 2, w / 2), rounded up as all halves here
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps
