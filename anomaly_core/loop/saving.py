"""The model that a simulation leaves behind, in a folder that loads without it.

    model.safetensors, model.json   the detector, for `anomaly_core.checkpoint.load_detector`
    trained-on.json                 configuration, pool, curve and seconds, and `answers`: the items
                                    that were asked and what was said of each (+1, -1), in order

The folder is there whole or not at all.
"""

import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from anomaly_core.checkpoint import save_detector
from anomaly_core.detectors.network import NetworkDetector
from anomaly_core.errors import InvalidInput

TRAINED_ON = "trained-on.json"


def check_folder(folder: Path) -> None:
    """Refuse, before any work is done, a folder that holds something or could not be made."""
    above = folder.absolute().parent
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(f"{folder} exists and is not empty; give a new or an empty folder.")
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise InvalidInput(f"{folder} cannot be made; give one in a folder that exists.")


def save_model(folder: Path, detector: NetworkDetector, trained_on: dict[str, Any]) -> None:
    """Write a fitted detector and what it was trained on; raises `InvalidInput`."""
    part = folder.absolute().with_name(f"{folder.absolute().name}.{secrets.token_hex(4)}.part")
    try:
        part.mkdir()
        save_detector(detector, part)
        (part / TRAINED_ON).write_text(json.dumps(trained_on, indent=2) + "\n")
        part.replace(folder)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise InvalidInput(
            f"{folder} cannot be written ({error.strerror}); choose another folder."
        ) from error
