"""A classification network cut off behind its last maps, which come out beside earlier ones.

A stage ends where the next layer halves the image: what comes out there is the most that the
network says at this scale. Sources: Lin et al. 2017, "Feature Pyramid Networks for Object
Detection"; torchvision, "Feature extraction for model inspection".
"""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from anomaly_core.errors import InvalidInput

STAGES = 3  # the last ones, of which the coarsest says what and the finer ones say where
COARSEST = 32  # pixels a side for a place; what stands for more is pooled and knows no places
SIDE = 256  # pixels of the image that is followed through the network
HEADS = {"AuxLogits", "aux1", "aux2", "classifier", "fc", "head", "heads"}


class Stages(nn.Module):
    """The part of a network that is needed for its last maps: (n, 3, h, w) -> list of maps."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the maps (n, channels, h', w'), finest first."""
        return list(self.network(x).values())


def cut(name: str, network: nn.Module) -> tuple[Stages, tuple[int, ...]]:
    """Return the stages of `network`, which may be on the meta device, and their scales.

    Raises `InvalidInput` where it has no maps at several scales, as transformers do.
    """
    from torchvision.models.feature_extraction import create_feature_extractor

    try:
        ends = ends_of(network)
    except (AssertionError, RuntimeError, ValueError):  # it takes images of one size only
        ends = {}
    if len(ends) < STAGES:
        raise InvalidInput(
            f"{name} gives no maps at {STAGES} scales for images of any size; choose a "
            "convolutional network such as resnet18 or wide_resnet50_2."
        )
    scales = tuple(sorted(ends)[-STAGES:])
    nodes = {ends[scale]: str(scale) for scale in scales}
    return Stages(create_feature_extractor(network, nodes, suppress_diff_warning=True)), scales


def ends_of(network: nn.Module) -> dict[int, str]:
    """Return the name of the last layer at each scale, found by following one image through."""
    ends: dict[int, str] = {}

    def noting(path: str) -> Callable[[nn.Module, object, object], None]:
        def note(_: nn.Module, __: object, output: object) -> None:
            if isinstance(output, Tensor) and output.ndim == 4 and len({*output.shape[2:]}) == 1:
                scale: int = 2 ** round(math.log2(SIDE / output.shape[2]))
                if scale <= COARSEST:
                    ends[scale] = path

        return note

    hooks = [layer.register_forward_hook(noting(path)) for path, layer in layers_of(network)]
    device = next(network.parameters()).device
    try:
        with torch.inference_mode():
            network(torch.zeros(1, 3, SIDE, SIDE, device=device))
    finally:
        for hook in hooks:
            hook.remove()
    return ends


def layers_of(network: nn.Module, within: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers that follow one another, without those that pool or classify."""
    for name, layer in network.named_children():
        path = f"{within}{name}"
        if type(layer) is nn.Sequential:
            if path not in HEADS:
                yield from layers_of(layer, f"{path}.")
        elif path not in HEADS and not isinstance(layer, nn.AdaptiveAvgPool2d):
            yield path, layer
