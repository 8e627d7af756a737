"""Where a distance comes from: how much nearer an image gets once a part of it is replaced.

Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", section 4.2.
"""

from collections.abc import Callable

import torch
from torch import Tensor

ACROSS = 7  # windows in each direction
WIDTH = 0.4  # of one, as a share of the side: each overlaps most of the next


def occlusion_maps(distance: Callable[[Tensor], Tensor], x: Tensor, replacement: Tensor) -> Tensor:
    """Return how much farther out each place puts its image, 0 or more, (batch, height, width).

    `distance` gives that of images `x` (batch, height, width[, 3]), (batch,), 2 pixels a side or
    more. In one window after the other, which fades out towards its edge, an image is made to look
    like its `replacement`, of the same shape; by how much its distance falls counts for the pixels
    of the window. A pixel gets the mean of its windows, weighted by how much of it they replace.
    Each image is embedded 50 times.
    """
    masks = windows(x.shape[1], x.shape[2]).to(x)
    shares = masks / masks.sum(dim=0)  # (windows, height, width), 1 in sum at each pixel
    fading = masks if x.ndim == 3 else masks[..., None]
    maps = x.new_zeros(x.shape[:3])
    for place, (image, other, d) in enumerate(zip(x, replacement, distance(x), strict=True)):
        fall = (d - distance(image + fading * (other - image))).clamp_min(0)  # (windows,)
        maps[place] = torch.einsum("w,whv->hv", fall, shares)
    return maps


def windows(height: int, width: int) -> Tensor:
    """Soft windows that cover an image together, (windows, height, width), each 0 to 1."""
    return torch.einsum("ih,jw->ijhw", slices(height), slices(width)).flatten(0, 1)


def slices(side: int) -> Tensor:
    """Soft windows of one direction, (windows, side), none of which is cut off by the edge."""
    reach = max(1.0, WIDTH * side / 2)
    centers = torch.linspace(reach - 0.5, side - reach - 0.5, ACROSS)
    away = (torch.arange(side) - centers[:, None]) / reach  # from -1 to 1 inside
    return (1 + torch.cos(torch.pi * away.clamp(-1, 1))) / 2
