"""Autoencoder pretraining: where the hypersphere's encoder gets its first weights."""

from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor, nn

from anomaly_core import losses
from anomaly_core.datasets.base import Images
from anomaly_core.detectors.augmentation import AffineJitter
from anomaly_core.detectors.tensors import in_blocks, to_tensor
from anomaly_core.progress import Callback, EpochLosses
from anomaly_core.training import EpochRecorder, share_of, train

TEMPERATURE = 0.2  # of the contrastive term


class Autoencoder(nn.Module):
    """An encoder and a decoder, trained to give back their input."""

    def __init__(self, encoder: nn.Sequential, decoder: nn.Module) -> None:
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
        contrast: float = 0.0,
        augmentation: AffineJitter | None = None,
        generator: torch.Generator,
        callbacks: Sequence[Callback] = (),
        history: list[EpochLosses] | None = None,
        validation: Images | None = None,
    ) -> Self:
        """Learn to reconstruct (n, height, width) uint8 images, and to recognise them changed.

        With an `augmentation`, each image is changed by it every time it is drawn, and `contrast`
        weighs a term that brings two changes of one image together in the latent space and keeps
        those of different images apart. `steps` rather than epochs, so that the time does not grow
        with the pool; `history` gets a row for each twentieth of them, with the reconstruction
        error of `validation` images.
        """
        device = next(self.parameters()).device
        optimizer = torch.optim.Adam(self.parameters(), lr=learning_rate)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=learning_rate, total_steps=steps
        )

        def loss_of_batch() -> Tensor:
            rows = torch.randint(len(images), (batch_size,), generator=generator)
            x = to_tensor(images[rows.numpy()]).to(device)
            if augmentation is None or not contrast:
                return losses.reconstruction(x, self(x))
            one, other = (augmentation(x, generator) for _ in range(2))
            z = self.encoder(one)
            alike = losses.nt_xent(z, self.encoder(other), TEMPERATURE)
            return losses.reconstruction(one, self.decoder(z)) + contrast * alike

        def validate() -> float:
            assert validation is not None
            self.eval()
            error = float(
                in_blocks(lambda x: losses.squared_error(x, self(x)), validation, device).mean()
            )
            self.train()
            return error

        recorder = EpochRecorder(
            "pretraining",
            steps,
            share_of(steps),
            [] if history is None else history,
            None if validation is None or not len(validation) else validate,
        )
        self.train()
        train("pretraining", loss_of_batch, optimizer, steps, callbacks, schedule, recorder)
        self.eval()
        return self
