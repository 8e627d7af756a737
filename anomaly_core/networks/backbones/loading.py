"""Backbones by name: those that Ringfence brings, and any network of torchvision."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path

from anomaly_core.errors import InvalidInput, WeightsError
from anomaly_core.networks.backbones.base import Backbone
from anomaly_core.networks.backbones.published import (
    Opener,
    PublishedWeights,
    cache_folder,
    fetch,
    network_names,
    open_url,
    published_for,
    weightless,
)
from anomaly_core.networks.backbones.stages import cut
from anomaly_core.networks.backbones.weights import fit_weights, read_weights, sha256_of
from anomaly_core.progress import Progress, silent

BACKBONES: dict[str, Callable[[], Backbone]] = {}
"""Backbones whose weights are part of the package, by name."""


def load_backbone(
    name: str,
    weights: Path | None = None,
    download: bool = False,
    progress: Progress = silent,
    *,
    cache: Path | None = None,
    opener: Opener = open_url,
) -> Backbone:
    """Return the backbone called `name`, one of `BACKBONES` or of torchvision's classifiers.

    Its weights are those in the file `weights`, else those in torch's cache (or the folder given
    as `cache`), else, only with `download`, those that `opener` fetches into it. Raises
    `InvalidInput` for an unknown or unfit name and `WeightsError` for missing or wrong weights.
    """
    if name in BACKBONES:
        if weights:
            raise InvalidInput(f"The backbone {name} brings its weights; name no file for it.")
        return BACKBONES[name]()
    check_name(name)
    network = weightless(name)
    stages, scales = cut(name, network)
    published = published_for(name)
    if weights:
        file, source = weights, f"file {weights.name}"
    else:
        folder = cache or cache_folder()
        file, source = found(name, published, folder, download, progress, opener)
    fit_weights(name, file, read_weights(file), network, stages.network)
    sha256 = sha256_of(file)
    known = [each for each in published if sha256.startswith(each.digest)]
    about = {"name": name, "source": source, "file": file.name, "sha256": sha256}
    card = {**about, **(known[0].about if known else {})}
    return Backbone(name, stages, scales, card, (known or published)[0].preprocessing)


def check_name(name: str) -> None:
    """Raise `InvalidInput`, with the nearest names, unless there is a network of this name."""
    names = [*BACKBONES, *network_names()]
    if name not in names:
        near = get_close_matches(name, names) or ["resnet18", "wide_resnet50_2"]
        raise InvalidInput(f"There is no backbone {name!r}; choose for example {', '.join(near)}.")


def found(
    name: str,
    published: Sequence[PublishedWeights],
    folder: Path,
    download: bool,
    progress: Progress,
    opener: Opener,
) -> tuple[Path, str]:
    """Return the first published file that is in `folder`, else a download, and say which.

    Raises `WeightsError` where there is none, or a damaged one.
    """
    for each in published:
        file = folder / each.file
        if file.is_file():
            if not sha256_of(file).startswith(each.digest):
                raise WeightsError(f"{file} is damaged; delete it and load {name} again.")
            return file, f"torchvision's cache, published at {each.url}"
    first = published[0]
    if not download:
        raise WeightsError(
            f"The weights of {name} are not on this machine; put {first.file} into {folder}, "
            "name a file with --weights, or add --download."
        )
    return fetch(first, folder, progress, opener), f"downloaded from {first.url}"
