"""A process that computes one attribution, with `--model DIR --item 7`.

It writes a file beside the model, whole or not at all, and ends.
"""

import argparse
import logging
import sys
from pathlib import Path

from anomaly_core.attribution import distance_gradient
from anomaly_core.checkpoint import load_detector
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.tensors import leave_room
from anomaly_core.errors import InvalidInput, RingfenceError
from state.files import artifacts
from state.settings import load_settings
from state.workers.attribution import file_of

log = logging.getLogger("ringfence.attributor")


def attribute(version: Path, item: int) -> Path:
    """Compute and keep the attribution of an item by the model version in a folder.

    Raises InvalidInput where there is no such item, CheckpointError or StoreDamaged for files that
    cannot be read.
    """
    pool = artifacts.read_array(version.parent.parent / "pool.npy")
    if not 0 <= item < len(pool):
        raise InvalidInput(f"There is no item {item}; choose another one.")
    gradient = distance_gradient(load_detector(version, DeepSVDD), pool[item : item + 1])[0]
    path = file_of(version, item)
    path.parent.mkdir(exist_ok=True)
    artifacts.replace_arrays(path.parent, {path.stem: gradient})
    return path


def main() -> int:
    """Compute one attribution from the command line."""
    parser = argparse.ArgumentParser(description="Compute where an item's distance comes from.")
    parser.add_argument("--model", required=True, help="its folder within the data directory")
    parser.add_argument("--item", type=int, required=True)
    options = parser.parse_args()
    leave_room()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    try:
        attribute(load_settings().data_dir / options.model, options.item)
    except RingfenceError as error:
        log.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
