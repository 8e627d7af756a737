"""The training recipe of Deep SAD as its paper gives it, for comparison.

Ruff et al. 2020, "Deep Semi-Supervised Anomaly Detection", section 5 and appendix: LeNet-type
networks, for MNIST with 32 latent dimensions and for CIFAR-10 with 128, 150 epochs of autoencoder
pretraining and 150 of training, batches of 128, Adam at 1e-4 and a tenth of it from epoch 50 on,
weight decay 1e-6, eta 1. Images of other sizes are made 32 x 32 for the second network.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.detectors.base import Scores
from anomaly_core.detectors.joint.detector import resized

BATCH, RATE, DECAY = 128, 1e-4, 1e-6
FLOOR = 0.1  # of a center entry's absolute value
DIGITS, PHOTOGRAPHS = 28, 32  # pixels a side that the two networks take
CODES = {DIGITS: 32, PHOTOGRAPHS: 128}  # latent dimensions
NARROWS = {DIGITS: (8, 4), PHOTOGRAPHS: (32, 64, 128)}  # channels; each halves the side
WIDENS = {DIGITS: ((8, 4), (14, 8)), PHOTOGRAPHS: ((4, 128), (8, 64), (16, 32))}  # side, channels


def encoder(side: int, colours: int) -> nn.Sequential:
    """5x5 convolutions, each normalized and pooled, then linear; of (n, colours, side, side)."""
    layers: list[nn.Module] = []
    before, size = colours, side
    for width in NARROWS[side]:
        layers += [nn.Conv2d(before, width, 5, padding=2, bias=False), *normalized(width)]
        layers += [nn.MaxPool2d(2)]
        before, size = width, size // 2
    linear = nn.Linear(before * size**2, CODES[side], bias=False)
    return nn.Sequential(*layers, nn.Flatten(), linear)


def decoder(side: int, colours: int) -> nn.Sequential:
    """The encoder mirrored, with upsampling, from codes (n, latent)."""
    before = CODES[side] // 16
    layers: list[nn.Module] = [nn.Unflatten(1, (before, 4, 4)), nn.LeakyReLU()]
    for size, width in WIDENS[side]:
        layers += [nn.Upsample(size), nn.ConvTranspose2d(before, width, 5, padding=2, bias=False)]
        layers += normalized(width)
        before = width
    last = nn.ConvTranspose2d(before, colours, 5, padding=2, bias=False)
    return nn.Sequential(*layers, nn.Upsample(side), last, nn.Sigmoid())


def normalized(width: int) -> list[nn.Module]:
    """What follows each convolution."""
    return [nn.BatchNorm2d(width, eps=1e-4, affine=False), nn.LeakyReLU()]


def as_planes(images: Images) -> Tensor:
    """(n, height, width[, 3]) uint8 to (n, colours, side, side), 0 to 1, as a network takes it."""
    side = DIGITS if images.shape[1:] == (DIGITS, DIGITS) else PHOTOGRAPHS
    x = torch.from_numpy(resized(images, (side, side)).astype(np.float32)) / 255
    return x[:, None] if x.ndim == 3 else x.movedim(3, 1).contiguous()


def deep_sad(pool: Images, y: Labels, *, epochs: int, seed: int) -> Callable[[Images], Scores]:
    """Train from nothing on images (n, height, width[, 3]) and labels `y`; return the scoring."""
    x, labels = as_planes(pool), torch.from_numpy(y)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network, mirror = (make(x.shape[-1], x.shape[1]) for make in (encoder, decoder))

        def pretrain(rows: Tensor) -> Tensor:
            error: Tensor = mirror(network(x[rows])) - x[rows]
            return error.square().mean()

        descend(nn.ModuleList([network, mirror]), pretrain, len(x), epochs)
        network.eval()
        with torch.no_grad():
            c = torch.cat([network(block) for block in torch.split(x, 512)]).mean(dim=0)
        c = torch.where(c.abs() < FLOOR, torch.where(c < 0, -FLOOR, FLOOR), c)

        def train(rows: Tensor) -> Tensor:
            d = (network(x[rows]) - c).square().sum(dim=1)
            return torch.where(labels[rows] < 0, 1 / (d + 1e-6), d).mean()

        descend(network, train, len(x), epochs)
    network.eval()

    def score(images: Images) -> Scores:
        with torch.no_grad():
            z = [network(block) for block in torch.split(as_planes(images), 512)]
        return (torch.cat(z) - c).square().sum(dim=1).numpy()

    return score


def descend(model: nn.Module, loss: Callable[[Tensor], Tensor], count: int, epochs: int) -> None:
    """Go through all images `epochs` times."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, weight_decay=DECAY)
    milestone = max(1, epochs // 3)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [milestone], gamma=0.1)
    model.train()
    for _ in range(epochs):
        for rows in torch.split(torch.randperm(count), BATCH):
            optimizer.zero_grad()
            loss(rows).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        schedule.step()
