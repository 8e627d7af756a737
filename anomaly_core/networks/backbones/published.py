"""The classification networks that torchvision knows, and the weights published for them.

Source: torchvision, "Models and pre-trained weights".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from anomaly_core.networks.backbones.base import Preprocessing

AS_TRAINED = {  # published weights expect these, which are not the defaults of the network
    "googlenet": {"transform_input": True, "init_weights": False},
    "inception_v3": {"transform_input": True, "init_weights": False},
}


@dataclass(frozen=True)
class PublishedWeights:
    """One file of weights that is published for a network.

    `digest` holds the first digits of its SHA-256, `size` its bytes, roughly; `about` what
    torchvision tells of it: the data it was trained on, the recipe, a licence where it names one.
    """

    file: str
    url: str
    digest: str
    size: int
    preprocessing: Preprocessing
    about: Mapping[str, str]


class Weightless(TorchFunctionMode):
    """Inside, new layers have shapes only; nothing is drawn, neither memory nor random numbers.

    The meta device as a context would take the few numbers too that layouts are computed from.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call a function of torch, on the meta device where it makes room for weights."""
        kwargs = dict(kwargs or {})
        if func in (torch.empty, torch.ones, torch.zeros) and kwargs.get("device") is None:
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


def network_names() -> list[str]:
    """Return the names of all classification networks of torchvision, in order."""
    from torchvision import models

    return list(models.list_models(module=models))


def weightless(name: str) -> nn.Module:
    """Return a network of torchvision in evaluation mode, its weights still to be assigned."""
    from torchvision import models

    with Weightless():
        network: nn.Module = models.get_model(name, weights=None, **AS_TRAINED.get(name, {}))
    return network.eval()


def published_for(name: str) -> list[PublishedWeights]:
    """Return what is published for a network, torchvision's own choice first."""
    from torchvision import models

    family = models.get_model_weights(name)
    return [described(member) for member in dict.fromkeys([family.DEFAULT, *family])]


def described(member: Any) -> PublishedWeights:
    """Return what torchvision knows of one file of weights."""
    transforms, meta = member.transforms(), member.meta
    file = member.url.rsplit("/", 1)[-1]
    about = {
        "weights": member.name,
        "trained_on": ", ".join(meta.get("_metrics", {})),
        "recipe": meta.get("recipe"),
        "licence": meta.get("license"),
    }
    smallest = max(Preprocessing.smallest, *meta.get("min_size", ()))
    return PublishedWeights(
        file=file,
        url=member.url,
        digest=file.removesuffix(".pth").rpartition("-")[2],
        size=round(meta.get("_file_size", 0) * 2**20),
        preprocessing=Preprocessing(tuple(transforms.mean), tuple(transforms.std), smallest),
        about={key: str(value) for key, value in about.items() if value},
    )
