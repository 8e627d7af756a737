"""Features of an image, and of each place of it, from the maps of a backbone."""

import torch
from torch import Tensor
from torch.nn import functional as F

from anomaly_core.networks.backbones import Backbone

FINEST = 4  # pixels a place; finer maps know too little of their surroundings
POOLING = "means of the maps, 1"  # part of what cached features are known by


def coarse_enough(backbone: Backbone, maps: list[Tensor]) -> list[Tensor]:
    """Leave out the maps of places smaller than `FINEST` pixels, unless there are no others."""
    kept = [maps[i] for i, scale in enumerate(backbone.scales) if scale >= FINEST]
    return kept or maps


def pooled_features(backbone: Backbone, x: Tensor) -> Tensor:
    """Return the means of all maps, (n, features), of images (n, height, width[, 3]) in 0..1."""
    return pooled(coarse_enough(backbone, backbone(x)))


def place_features(backbone: Backbone, x: Tensor) -> Tensor:
    """Return features (n, features, rows, columns), whose mean over places is about the pooled.

    The places are those of the finest map that is used; coarser ones are interpolated.
    """
    return placed(coarse_enough(backbone, backbone(x)))


def pooled(maps: list[Tensor]) -> Tensor:
    """Return the means (n, features) of maps (n, channels, height, width)."""
    return torch.cat([m.mean(dim=(2, 3)) for m in maps], dim=1)


def placed(maps: list[Tensor]) -> Tensor:
    """Return maps (n, channels, height, width) as one, in the size of the first."""
    first, *others = maps
    size = first.shape[2:]
    wide = [F.interpolate(m, size, mode="bilinear", align_corners=False) for m in others]
    return torch.cat([first, *wide], dim=1)
