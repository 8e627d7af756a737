"""A backbone whose maps can be computed by hand."""

import torch
from torch import Tensor, nn

from anomaly_core.networks.backbones import Backbone, Preprocessing


class Halved(nn.Module):
    """Two maps that can be computed by hand."""

    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))
        self.drop = nn.Dropout()

    def forward(self, x: Tensor) -> list[Tensor]:
        return [self.drop(self.weight * x), nn.functional.avg_pool2d(x, 2)]


def halved(weight: float = 1.0, smallest: int = 8) -> Backbone:
    """The backbone, which normalises each channel in another way."""
    preprocessing = Preprocessing((0.5, 0.25, 0.0), (1.0, 0.5, 2.0), smallest)
    return Backbone("halved", Halved(weight), (1, 2), {"name": "halved"}, preprocessing)
