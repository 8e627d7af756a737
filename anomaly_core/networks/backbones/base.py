"""What every backbone gives: feature maps at several scales, and where its weights are from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn

from anomaly_core.datasets.reading import resize_tensor
from anomaly_core.errors import InvalidInput
from anomaly_core.networks.channels import ChannelsFirst

FORMAT = 1  # of what `forward` does to images; a change makes every fingerprint another


@dataclass(frozen=True)
class Preprocessing:
    """What is done to images between 0 and 1 before the network sees them.

    `mean` and `std` are by channel, red, green and blue; images whose shorter side has fewer than
    `smallest` pixels are enlarged to it.
    """

    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    smallest: int = 64


class Backbone(nn.Module):
    """A frozen network that gives feature maps of images, finest first.

    `stages` maps normalised images (n, 3, height, width) to a list of maps, one for each of
    `scales`, which say how many pixels a place of the map stands for. `card` is what a person
    should know of the weights; `fingerprint` is the SHA-256 of the weights and all that is done
    to an image before them, so equal fingerprints mean equal features. It always stays in
    evaluation mode.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        name: str,
        stages: nn.Module,
        scales: tuple[int, ...],
        card: Mapping[str, Any],
        preprocessing: Preprocessing | None = None,
    ) -> None:
        super().__init__()
        self.name = name
        self.stages = stages.to(memory_format=torch.channels_last)
        self.scales = scales
        self.card: dict[str, Any] = dict(card)
        self.preprocessing = preprocessing or Preprocessing()
        self.fingerprint = self._made_of()
        for channels in ("mean", "std"):
            values = torch.tensor(getattr(self.preprocessing, channels))
            self.register_buffer(channels, values[:, None, None], persistent=False)  # (3, 1, 1)
        self.channels_first = ChannelsFirst()
        self.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> Self:
        """Stay in evaluation mode whatever is asked, as statistics of batches are frozen too."""
        return super().train(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Map images (n, height, width[, 3]) in 0..1 to maps (n, channels, height', width').

        The maps are those of `enlarged` images, whose size divided by each of `scales` they have.
        Raises `InvalidInput` for what are no images.
        """
        if x.ndim not in (3, 4) or (x.ndim == 4 and x.shape[3] != 3):
            raise InvalidInput("A backbone takes grey images, or colour ones of three channels.")
        x = self.enlarged(self.channels_first(x))  # (n, 1 or 3, h, w)
        x = (x.expand(-1, 3, -1, -1) - self.mean) / self.std  # (n, 3, h, w)
        return list(self.stages(x))

    def enlarged(self, x: Tensor) -> Tensor:
        """Scale (n, channels, height, width) up until the shorter side is long enough."""
        height, width = x.shape[2:]
        shorter, smallest = min(height, width), self.preprocessing.smallest
        if shorter >= smallest:
            return x
        return resize_tensor(
            x, (round(height * smallest / shorter), round(width * smallest / shorter))
        )

    def _made_of(self) -> str:
        """The SHA-256 of the weights, of what they are for, and of the preprocessing."""
        described = [FORMAT, self.name, self.scales, asdict(self.preprocessing)]
        digest = hashlib.sha256(json.dumps(described).encode())
        for key, tensor in sorted(self.stages.state_dict().items()):
            digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(tensor.cpu().reshape(-1).contiguous().view(torch.uint8).numpy().data)
        return digest.hexdigest()
