"""Saved detectors: weights as safetensors, everything else as JSON; nothing is unpickled.

A folder holds `model.safetensors` and `model.json`. Writing is the caller's to make atomic.
"""

import json
from pathlib import Path
from typing import Any, TypeVar, overload

from safetensors import SafetensorError
from safetensors.torch import load_file, save

from anomaly_core.detectors.network import Hypersphere, NetworkDetector
from anomaly_core.detectors.registry import DETECTORS
from anomaly_core.errors import CheckpointError

FORMAT = 1
WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"


D = TypeVar("D", bound=NetworkDetector)


def save_detector(detector: NetworkDetector, folder: Path) -> None:
    """Write a fitted detector into an existing `folder`; raises OSError."""
    (folder / WEIGHTS).write_bytes(save(detector.tensors()))
    description = {"format": FORMAT, "detector": detector.kind, **detector.description()}
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=2))


@overload
def load_detector(folder: Path) -> NetworkDetector: ...
@overload
def load_detector(folder: Path, family: type[D]) -> D: ...
def load_detector(folder: Path, family: type[NetworkDetector] | None = None) -> NetworkDetector:
    """Read a detector back, of a certain `family` where one is given; its scores are the same.

    Raises `CheckpointError` when a file is missing, damaged, of an unknown format or of another
    family.
    """
    description = read_description(folder)
    detector = DETECTORS.get(description.get("detector", ""))
    if detector is None or (family and not issubclass(detector, family)):
        raise CheckpointError(
            f"The saved model {folder.name} is of another kind; choose a model that fits here."
        )
    try:
        return detector.restore(description, load_file(folder / WEIGHTS))
    except (OSError, SafetensorError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"The saved model {folder.name} is damaged; go back to another version."
        ) from error


def load_hypersphere(folder: Path) -> Hypersphere:
    """Read back a detector of any family of hyperspheres; raises as `load_detector` does."""
    return load_detector(folder, Hypersphere)  # type: ignore[type-abstract]


def read_description(folder: Path) -> dict[str, Any]:
    """Return the JSON half of a checkpoint."""
    try:
        description: dict[str, Any] = dict(json.loads((folder / DESCRIPTION).read_text()))
    except (OSError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"The saved model {folder.name} is missing or damaged; go back to another version."
        ) from error
    if description.get("format") != FORMAT:
        raise CheckpointError(
            f"The saved model {folder.name} is of another format; train it anew with this version."
        )
    return description
