"""What every detector that trains a network can do: be counted, saved, restored and checked."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from anomaly_core.datasets.base import Images, Shape
from anomaly_core.detectors.base import Detector
from anomaly_core.detectors.checks import check_images, size_in_words
from anomaly_core.errors import InvalidInput, NotFitted
from anomaly_core.progress import EpochLosses

SEED_STRIDE = 1_000_003  # apart, so that no round of one seed repeats a round of another


class NetworkDetector(Detector):
    """A detector whose fitted state is some networks and a few numbers.

    Fitted attributes: `image_shape_` (height, width[, 3]), `rounds_` (updates so far), `history_`.
    """

    fitted_by: ClassVar[str] = "network_"
    """The attribute without which it has not been fitted."""

    device: torch.device
    image_shape_: Shape
    rounds_: int
    history_: list[EpochLosses]

    seed: int

    @property
    def round_seed(self) -> int:
        """The seed of this round, which no round of another seed has."""
        return self.seed + SEED_STRIDE * self.rounds_

    @abstractmethod
    def networks(self) -> Mapping[str, nn.Module]:
        """Return the fitted networks by name; raises `NotFitted`."""

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """Return parameters and fitted numbers as plain values, for a checkpoint."""

    @classmethod
    @abstractmethod
    def restore(cls, description: dict[str, Any], tensors: dict[str, Tensor]) -> Self:
        """Rebuild a fitted detector from `description` and `tensors`."""

    @property
    def parameter_count(self) -> int:
        """Number of weights that were learned; raises `NotFitted`."""
        networks = self.networks().values()
        return sum(weight.numel() for network in networks for weight in network.parameters())

    def tensors(self) -> dict[str, Tensor]:
        """Return every fitted tensor by name, for a checkpoint; raises `NotFitted`."""
        return {
            f"{name}.{key}": value.contiguous()
            for name, network in self.networks().items()
            for key, value in network.state_dict().items()
        }

    def _load(self, tensors: dict[str, Tensor]) -> None:
        """Give the networks the weights of a checkpoint."""
        for name, network in self.networks().items():
            prefix = f"{name}."
            network.load_state_dict(
                {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            )
            network.eval()

    def _check_fitted(self) -> None:
        if not hasattr(self, self.fitted_by):
            raise NotFitted("This detector has not been fitted yet; call fit first.")

    def _check_ready(self, images: Images) -> None:
        self._check_fitted()
        check_images(images)
        if images.shape[1:] != self.image_shape_:
            raise InvalidInput(
                f"Images of {size_in_words(images.shape[1:])} cannot be scored by a model of "
                f"{size_in_words(self.image_shape_)}; resize or convert them first."
            )


class Hypersphere(NetworkDetector):
    """A detector that embeds images round a center: scores are squared distances to it.

    Fitted attributes: `c_` (latent,) or (centers, latent), `R_` (a distance, not squared).
    """

    c_: Tensor


def history_as_rows(history: Sequence[EpochLosses]) -> list[dict[str, Any]]:
    """Return a history as plain values."""
    return [asdict(losses) for losses in history]


def history_of_rows(rows: Sequence[dict[str, Any]]) -> list[EpochLosses]:
    """Return the history that `history_as_rows` wrote."""
    return [EpochLosses(**row) for row in rows]
