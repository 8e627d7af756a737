"""Random views of pictures, in batches, on whatever device the pictures are.

Two views of a picture differ as two photographs of a thing do. Source: Chen et al. 2020, "A Simple
Framework for Contrastive Learning of Visual Representations", appendix A, with weaker colours and
a little rotation, blur and noise, after which small and grey images are told apart best.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

AREA = (0.4, 1.0)  # share of the picture that is seen, its logarithm drawn evenly
RATIO = (0.75, 1.33)  # width by height, likewise
ROTATION = 0.1  # largest angle, radians
RECOLORED = 0.8  # share of the views
BRIGHTNESS = CONTRAST = 0.3  # farthest from 1, up or down
SATURATION = (0.55, 1.3)
TINT = 0.09  # farthest from 1, by channel
GREY = 0.2  # share of the views
BLURRED = 0.4  # share of the views
NOISY, NOISE = 0.5, 0.06  # share of the views; largest deviation
BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)  # the kernel of the blur


class RandomViews:
    """Draws views with a generator, which lives on the device of the pictures."""

    def __init__(self, generator: torch.Generator) -> None:
        self.generator = generator

    def __call__(self, pictures: Tensor, side: int) -> Tensor:
        """Return a view of each picture: (n, 3, h, w) uint8 -> (n, 3, side, side) in 0..1."""
        view = self.cropped(pictures.float() / 255, side)
        view = self.recolored(view)
        view = torch.where(self.chosen(view, GREY), view.mean(1, keepdim=True), view)
        return self.noisy(self.blurred(view)).clamp(0, 1)

    def uniform(self, count: int, low: float, high: float) -> Tensor:
        """Draw `count` numbers between `low` and `high`."""
        device = self.generator.device
        return torch.rand(count, generator=self.generator, device=device) * (high - low) + low

    def values(self, x: Tensor, low: float, high: float) -> Tensor:
        """Draw a number for each of a batch, (n, 1, 1, 1)."""
        return self.uniform(len(x), low, high)[:, None, None, None]

    def chosen(self, x: Tensor, share: float) -> Tensor:
        """Choose a share of a batch, boolean (n, 1, 1, 1)."""
        return self.values(x, 0, 1) < share

    def cropped(self, x: Tensor, side: int) -> Tensor:
        """Cut a part out of each picture, turn it a little, mirror half of them, scale it."""
        n = len(x)
        area = self.uniform(n, *map(math.log, AREA)).exp()
        ratio = self.uniform(n, *map(math.log, RATIO)).exp()
        width, height = (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)
        moved = [self.uniform(n, -1, 1) * (1 - size) for size in (width, height)]
        angle = self.uniform(n, -ROTATION, ROTATION)
        c, s, flip = angle.cos(), angle.sin(), self.uniform(n, -1, 1).sign()
        rows = [[width * flip * c, -width * s, moved[0]], [height * flip * s, height * c, moved[1]]]
        theta = torch.stack([torch.stack(row, 1) for row in rows], 1)  # (n, 2, 3)
        places = F.affine_grid(theta, [n, x.shape[1], side, side], align_corners=False)
        return F.grid_sample(x, places, padding_mode="reflection", align_corners=False)

    def recolored(self, x: Tensor) -> Tensor:
        """Change brightness, contrast, saturation and tint of most."""
        new = x * self.values(x, 1 - BRIGHTNESS, 1 + BRIGHTNESS)
        mean = new.mean((1, 2, 3), keepdim=True)
        new = torch.lerp(mean, new, self.values(x, 1 - CONTRAST, 1 + CONTRAST))
        grey = new.mean(1, keepdim=True)
        new = torch.lerp(grey, new, self.values(x, *SATURATION))
        tint = self.uniform(len(x) * x.shape[1], 1 - TINT, 1 + TINT)
        new = new * tint.reshape(*x.shape[:2], 1, 1)
        return torch.where(self.chosen(x, RECOLORED), new, x)

    def blurred(self, x: Tensor) -> Tensor:
        """Blur some, more or less."""
        line = torch.tensor(BINOMIAL, device=x.device) / sum(BINOMIAL)
        kernel = (line[:, None] * line).expand(x.shape[1], 1, -1, -1)  # (channels, 1, 5, 5)
        soft = F.conv2d(F.pad(x, (2, 2, 2, 2), mode="reflect"), kernel, groups=x.shape[1])
        return torch.lerp(x, soft, self.chosen(x, BLURRED) * self.values(x, 0, 1))

    def noisy(self, x: Tensor) -> Tensor:
        """Add noise to some, more or less."""
        amount = self.chosen(x, NOISY) * self.values(x, 0, NOISE)
        noise = torch.randn(x.shape, generator=self.generator, device=x.device)
        return x + amount * noise
