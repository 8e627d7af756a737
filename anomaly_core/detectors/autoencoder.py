"""Autoencoder pretraining: where the hypersphere's encoder gets its first weights."""

from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor, nn

from anomaly_core import losses
from anomaly_core.datasets.base import Images
from anomaly_core.detectors.tensors import to_tensor
from anomaly_core.progress import Callback
from anomaly_core.training import train


class Autoencoder(nn.Module):
    """An encoder and a decoder, trained to give back their input."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct (batch, height, width)."""
        return self.decoder(self.encoder(x))  # type: ignore[no-any-return]

    def pretrain(
        self,
        images: Images,
        *,
        steps: int,
        batch_size: int,
        learning_rate: float,
        generator: torch.Generator,
        callbacks: Sequence[Callback] = (),
    ) -> Self:
        """Learn to reconstruct (n, height, width) uint8 images.

        `steps` rather than epochs, so that the time does not grow with the pool.
        """
        device = next(self.parameters()).device
        optimizer = torch.optim.Adam(self.parameters(), lr=learning_rate)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=learning_rate, total_steps=steps
        )

        def loss_of_batch() -> Tensor:
            rows = torch.randint(len(images), (batch_size,), generator=generator)
            x = to_tensor(images[rows.numpy()]).to(device)
            return losses.reconstruction(x, self(x))

        self.train()
        train("pretraining", loss_of_batch, optimizer, steps, callbacks, schedule)
        self.eval()
        return self
