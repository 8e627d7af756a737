"""Detectors fitted in a moment, and a way to compare their weights."""

from collections.abc import Mapping
from typing import Any

import torch

from anomaly_core.datasets.base import Images
from anomaly_core.detectors.deep_svdd import DeepSVDD


def quick(images: Images, network: str = "mlp", **parameters: Any) -> DeepSVDD:
    """A detector fitted in a few steps to a few images."""
    steps = {"pretrain_steps": 20, "fit_steps": 10, "update_steps": 10}
    return DeepSVDD(network=network, **{**steps, **parameters}).fit(images)


def weights(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def equal(first: Mapping[str, torch.Tensor], second: Mapping[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)
