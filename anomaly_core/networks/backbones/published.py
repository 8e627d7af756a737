"""The classification networks that torchvision knows, and the weights published for them.

Nothing is downloaded unless `fetch` is called. Source: torchvision, "Models and pre-trained
weights".
"""

import hashlib
import http.client
import tempfile
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from anomaly_core.errors import WeightsError
from anomaly_core.networks.backbones.base import Preprocessing
from anomaly_core.progress import Progress

Opener = Callable[[str], BinaryIO]
"""Opens a URL for reading; raises OSError where that is not possible."""

AS_TRAINED = {  # published weights expect these, which are not the defaults of the network
    "googlenet": {"transform_input": True, "init_weights": False},
    "inception_v3": {"transform_input": True, "init_weights": False},
}
PATIENCE = 30  # seconds without a byte
CHUNK = 2**20  # bytes


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


def cache_folder() -> Path:
    """Return where torch keeps weights that were downloaded."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def open_url(url: str) -> BinaryIO:
    """Open a URL; raises OSError where nobody answers."""
    opened: BinaryIO = urllib.request.urlopen(url, timeout=PATIENCE)
    return opened


def fetch(weights: PublishedWeights, folder: Path, progress: Progress, opener: Opener) -> Path:
    """Download weights into `folder`, where a file appears only once it is whole.

    Raises `WeightsError` where they cannot be had, or differ from the published ones.
    """
    unfinished = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            unfinished = Path(file.name)
            with opener(weights.url) as source:
                digest = copied(source, file.file, weights, progress)
        if not digest.startswith(weights.digest):
            raise WeightsError(
                f"{weights.file} arrived damaged; download it again, or name a file with --weights."
            )
        return unfinished.replace(folder / weights.file)
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(
            f"{weights.file} could not be downloaded; check the internet connection and the room "
            f"on the disk, or put it into {folder}."
        ) from error
    finally:
        if unfinished:
            unfinished.unlink(missing_ok=True)


def copied(source: BinaryIO, target: Any, weights: PublishedWeights, progress: Progress) -> str:
    """Copy a download, telling how far it is; returns the SHA-256."""
    digest, received = hashlib.sha256(), 0
    message = f"Downloading {weights.file} ({weights.size / 2**20:.0f} MB)"
    progress(0.0, message)
    while chunk := source.read(CHUNK):
        target.write(chunk)
        digest.update(chunk)
        received += len(chunk)
        progress(min(1.0, received / max(1, weights.size)), message)
    return digest.hexdigest()
