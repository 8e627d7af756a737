"""Saved detectors: weights as safetensors, everything else as JSON; nothing is unpickled.

A folder holds `model.safetensors` and `model.json`. Writing is the caller's to make atomic.
"""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.errors import CheckpointError

FORMAT = 1
WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"


def save_detector(detector: DeepSVDD, folder: Path) -> None:
    """Write a fitted detector into an existing `folder`."""
    save_file(detector.tensors(), folder / WEIGHTS)
    description = {"format": FORMAT, "detector": "deep-svdd", **detector.description()}
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=2))


def load_detector(folder: Path) -> DeepSVDD:
    """Read a detector back; it gives the very same scores.

    Raises `CheckpointError` when a file is missing, damaged or of an unknown format.
    """
    description = read_description(folder)
    try:
        tensors = load_file(folder / WEIGHTS)
        return DeepSVDD.restore(description, tensors)
    except (OSError, SafetensorError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"The saved model {folder.name} is damaged; go back to another version."
        ) from error


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
