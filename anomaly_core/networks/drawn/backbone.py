"""The drawn backbone with the weights that are part of the package."""

from functools import cache
from pathlib import Path

from anomaly_core.errors import WeightsError
from anomaly_core.networks.backbones.base import Backbone
from anomaly_core.networks.backbones.published import Weightless
from anomaly_core.networks.backbones.weights import fit_weights, read_weights, sha256_of
from anomaly_core.networks.drawn.network import PREPROCESSING, SCALES, DrawnNetwork
from anomaly_core.networks.drawn.saving import WEIGHTS, read_about

NAME = "drawn"
FILE = Path(__file__).parent / WEIGHTS
SHA256 = "df88379b5cc79cbefc895a36a8dff6ab65f268f3cb4b0c4e0c3884d5fe3d781d"


@cache
def drawn_backbone() -> Backbone:
    """Return the drawn backbone, the same object at every call of a process.

    Its maps, of images at least 32 pixels a side, are those of `DrawnNetwork`. Raises
    `WeightsError` where the weights of the package are missing or altered.
    """
    return drawn_from(FILE, SHA256)


def drawn_from(file: Path, sha256: str) -> Backbone:
    """Return a drawn backbone with the weights in a file, whose SHA-256 must be the given one."""
    if not file.is_file():
        raise WeightsError(f"{file.name} of the drawn backbone is missing; reinstall Ringfence.")
    if sha256_of(file) != sha256:
        raise WeightsError(f"{file.name} of the drawn backbone is altered; reinstall Ringfence.")
    with Weightless():
        network = DrawnNetwork()
    fit_weights(NAME, file, read_weights(file), network, network)
    card = {"name": NAME, "source": "drawn pictures", "file": file.name, "sha256": sha256}
    return Backbone(NAME, network, SCALES, {**card, **read_about(file)}, PREPROCESSING)
