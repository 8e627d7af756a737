"""The training recipe of Deep SAD as its paper gives it, for comparison.

Ruff et al. 2020, "Deep Semi-Supervised Anomaly Detection", section 5 and appendix: LeNet-type
network for MNIST with 32 latent dimensions, 150 epochs of autoencoder pretraining and 150 of
training, batches of 128, Adam at 1e-4 and a tenth of it from epoch 50 on, weight decay 1e-6, eta 1.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

LATENT, BATCH, RATE, DECAY = 32, 128, 1e-4, 1e-6
FLOOR = 0.1  # of a center entry's absolute value


def encoder() -> nn.Sequential:
    """Two 5x5 convolutions with 8 and 4 channels, each pooled, then linear."""
    return nn.Sequential(
        nn.Unflatten(1, (1, 28)),
        nn.Conv2d(1, 8, 5, padding=2, bias=False),
        nn.BatchNorm2d(8, affine=False),
        nn.LeakyReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 4, 5, padding=2, bias=False),
        nn.BatchNorm2d(4, affine=False),
        nn.LeakyReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(4 * 7 * 7, LATENT, bias=False),
    )


def decoder() -> nn.Sequential:
    """The encoder mirrored, with upsampling."""
    return nn.Sequential(
        nn.Unflatten(1, (2, 4, 4)),
        nn.LeakyReLU(),
        nn.Upsample(scale_factor=2),
        nn.ConvTranspose2d(2, 4, 5, padding=2, bias=False),
        nn.BatchNorm2d(4, affine=False),
        nn.LeakyReLU(),
        nn.Upsample(size=14),
        nn.ConvTranspose2d(4, 8, 5, padding=2, bias=False),
        nn.BatchNorm2d(8, affine=False),
        nn.LeakyReLU(),
        nn.Upsample(scale_factor=2),
        nn.ConvTranspose2d(8, 1, 5, padding=2, bias=False),
        nn.Sigmoid(),
        nn.Flatten(1, 2),
    )


def deep_sad(
    pool: np.ndarray, y: np.ndarray, *, epochs: int, seed: int
) -> Callable[[np.ndarray], np.ndarray]:
    """Train from nothing on images (n, 28, 28) uint8 and labels `y`; return the scoring."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network, mirror = encoder(), decoder()
        x = torch.from_numpy(pool).float() / 255
        labels = torch.from_numpy(y)

        def pretrain(rows: torch.Tensor) -> torch.Tensor:
            error: torch.Tensor = mirror(network(x[rows])) - x[rows]
            return error.square().mean()

        descend(nn.ModuleList([network, mirror]), pretrain, len(x), epochs)
        network.eval()
        with torch.no_grad():
            c = torch.cat([network(block) for block in torch.split(x, 4096)]).mean(dim=0)
        c = torch.where(c.abs() < FLOOR, torch.where(c < 0, -FLOOR, FLOOR), c)

        def train(rows: torch.Tensor) -> torch.Tensor:
            d = (network(x[rows]) - c).square().sum(dim=1)
            return torch.where(labels[rows] < 0, 1 / (d + 1e-6), d).mean()

        descend(network, train, len(x), epochs)
    network.eval()

    def score(images: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            z = [network(torch.from_numpy(b).float() / 255) for b in np.array_split(images, 8)]
        return (torch.cat(z) - c).square().sum(dim=1).numpy()

    return score


def descend(
    model: nn.Module, loss: Callable[[torch.Tensor], torch.Tensor], count: int, epochs: int
) -> None:
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
