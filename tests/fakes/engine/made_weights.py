"""Weights that are made in a test, for networks whose own ones are not there."""

import hashlib
import io
from pathlib import Path
from typing import BinaryIO

import torch
from safetensors.torch import save_file
from torch import Tensor

from anomaly_core.networks.backbones.base import Preprocessing
from anomaly_core.networks.backbones.published import PublishedWeights, weightless
from anomaly_core.networks.backbones.stages import cut


def made_weights(name: str, seed: int = 0) -> dict[str, Tensor]:
    """Weights for what a backbone needs of a network of torchvision: no head."""
    stages, _ = cut(name, weightless(name))
    generator = torch.Generator().manual_seed(seed)
    return {
        key: torch.tensor(1)
        if key.endswith("num_batches_tracked")
        else torch.rand(value.shape, generator=generator).add_(0.5).div_(max(1, value[:1].numel()))
        for key, value in stages.network.state_dict().items()
    }


def saved(weights: dict[str, Tensor], file: Path) -> Path:
    """The file, written in the format that its name asks for."""
    if file.suffix == ".safetensors":
        save_file(weights, file)
    else:
        torch.save(weights, file)
    return file


def published(content: bytes, file: str = "tiny.pth") -> PublishedWeights:
    """What torchvision would say of a file with this content."""
    return PublishedWeights(
        file=file,
        url=f"https://weights.example/{file}",
        digest=hashlib.sha256(content).hexdigest()[:8],
        size=len(content),
        preprocessing=Preprocessing(),
        about={"weights": "MADE_IN_A_TEST", "licence": "none"},
    )


class Mirror:
    """Opens one URL for reading, or fails as a network does; counts how often it was asked."""

    def __init__(self, content: bytes = b"", error: Exception | None = None) -> None:
        self.content, self.error = content, error
        self.asked: list[str] = []

    def __call__(self, url: str) -> BinaryIO:
        self.asked.append(url)
        if self.error:
            raise self.error
        return io.BytesIO(self.content)
