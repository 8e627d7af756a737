"""Detectors fitted in a moment, and a way to compare their weights."""

import torch

from anomaly_core.detectors.deep_svdd import DeepSVDD


def quick(images, network: str = "mlp", **parameters) -> DeepSVDD:
    """A detector fitted in a few steps to a few images."""
    values = {"pretrain_steps": 20, "fit_steps": 10, "update_steps": 10} | parameters
    return DeepSVDD(network=network, **values).fit(images)


def weights(network) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def equal(first: dict, second: dict) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)
