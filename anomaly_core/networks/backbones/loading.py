"""Backbones by name: those that Ringfence brings, and any network of torchvision."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from anomaly_core.errors import InvalidInput
from anomaly_core.networks.backbones.base import Backbone
from anomaly_core.networks.backbones.published import network_names, weightless
from anomaly_core.networks.backbones.sources import WeightsSource
from anomaly_core.networks.backbones.stages import cut
from anomaly_core.networks.backbones.weights import fit_weights, read_weights, sha256_of
from anomaly_core.progress import Progress, silent


def drawn() -> Backbone:
    """Return the backbone that has only ever seen drawn images."""
    from anomaly_core.networks.drawn import drawn_backbone  # here, as it is made of what is here

    return drawn_backbone()


TORCHVISION = WeightsSource()
BACKBONES: dict[str, Callable[[], Backbone]] = {"drawn": drawn}
"""Backbones whose weights are part of the package, by name."""


def load_backbone(
    name: str,
    weights: Path | None = None,
    download: bool = False,
    progress: Progress = silent,
    source: WeightsSource = TORCHVISION,
) -> Backbone:
    """Return the backbone called `name`, one of `BACKBONES` or of torchvision's classifiers.

    Its weights are those in the file `weights`, else published ones in the folder of `source`,
    else, only with `download`, those that are fetched into it. Raises `InvalidInput` for an unknown
    or unfit name and `WeightsError` for missing or wrong weights.
    """
    if name in BACKBONES:
        if weights:
            raise InvalidInput(f"The backbone {name} brings its weights; name no file for it.")
        return BACKBONES[name]()
    check_name(name)
    network = weightless(name)
    stages, scales = cut(name, network)
    if weights:
        file, origin = weights, f"file {weights.name}"
    else:
        file, origin = source.find(name, download, progress)
    fit_weights(name, file, read_weights(file), network, stages.network)
    sha256 = sha256_of(file)
    published = source.published(name)
    known = [each for each in published if sha256.startswith(each.digest)]
    about = {"name": name, "source": origin, "file": file.name, "sha256": sha256}
    card = {**about, **(known[0].about if known else {})}
    return Backbone(name, stages, scales, card, (known or published)[0].preprocessing)


def check_name(name: str) -> None:
    """Raise `InvalidInput`, with the nearest names, unless there is a network of this name."""
    names = [*BACKBONES, *network_names()]
    if name not in names:
        near = get_close_matches(name, names) or ["resnet18", "wide_resnet50_2"]
        raise InvalidInput(f"There is no backbone {name!r}; choose for example {', '.join(near)}.")
