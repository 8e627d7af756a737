"""A process that answers for published models: `python -m state.workers.scorer --idle 300`.

It scores images that are no items, and maps where the distances of items come from. It gets
requests and gives replies, JSON both, through the socket that is its standard input. It ends when
nobody asks for a while, or when whoever started it is gone.
"""

import argparse
import base64
import json
import logging
import signal
import sys
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from anomaly_core.checkpoint import WEIGHTS, load_hypersphere
from anomaly_core.datasets.base import Images
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.tensors import leave_room, to_pixels
from anomaly_core.errors import CheckpointError, InvalidInput, RingfenceError
from state.errors import StoreDamaged, StoreUnavailable
from state.files import artifacts
from state.files.hashes import torn
from state.files.versions import damage
from state.settings import load_settings
from state.workers.processes.presence import ProcessCard, ProcessKind, present
from state.workers.scorer_client import LARGEST_REQUEST, MAP, READY

KEPT = 2  # models in memory: the one in use, and the one before it

log = logging.getLogger("ringfence.scorer")


def score(data_dir: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Score one image by the model in a folder of the data directory.

    Raises CheckpointError for a model that cannot be read, InvalidInput for an image of another
    size than its.
    """
    pixels = np.frombuffer(base64.b64decode(request["pixels"]), np.uint8)
    image = pixels.reshape(1, *request["shape"])
    detector = detector_in(data_dir, request)
    scores, z = detector.score(image)
    return {
        "score": float(scores[0]),
        "embedding": z[0].tolist(),
        "reconstruction": reconstruction(detector, image),
    }


def reconstruction(detector: Hypersphere, image: Images) -> str | None:
    """What the detector makes of one image, as base64 of its pixels; `None` if it makes nothing."""
    if not detector.reconstructs:
        return None
    return base64.b64encode(to_pixels(detector.reconstruct(image)).tobytes()).decode()


def attribute(data_dir: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the map of an item's distances by the model in a folder of the data directory.

    Raises InvalidInput where there is no such item, CheckpointError or StoreDamaged for files that
    cannot be read, StoreUnavailable where it cannot be written.
    """
    version, item = data_dir / request["model"], int(request["item"])
    pool = artifacts.read_array(version.parent.parent / "pool.npy")
    if not 0 <= item < len(pool):
        raise InvalidInput(f"There is no item {item}; choose another one.")
    values = detector_in(data_dir, request).explain(pool[item : item + 1])[0]
    path = data_dir / request["map"]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        artifacts.add_files(path.parent, lambda to: np.savez(to / path.name, **{MAP: values}))
    except OSError as error:
        raise StoreUnavailable(
            f"It cannot be saved ({error.strerror}); free some space and try again."
        ) from error
    return {}


def detector_in(data_dir: Path, request: dict[str, Any]) -> Hypersphere:
    """Load the model that is asked about unless it is in memory.

    Raises CheckpointError where its files are not what was published.
    """
    folder, files = data_dir / request["model"], request["files"]
    try:
        written = (folder / WEIGHTS).stat().st_mtime_ns
        return loaded(folder, written, tuple(files.items()))
    except (OSError, StoreDamaged) as error:
        raise CheckpointError(damage(request["version"])) from error


@lru_cache(maxsize=KEPT)
def loaded(folder: Path, written: int, files: tuple[tuple[str, str], ...]) -> Hypersphere:
    """Load a model, once for each time it was written; raises StoreDamaged, CheckpointError."""
    if torn(folder, dict(files)):
        raise StoreDamaged(f"Files of {folder.name} are not what was published.")
    return load_hypersphere(folder)


def reply(data_dir: Path, request: bytes) -> bytes:
    """Answer a request, or say in a sentence why there is no answer."""
    try:
        asked = json.loads(request)
        answer = attribute(data_dir, asked) if "item" in asked else score(data_dir, asked)
    except RingfenceError as error:
        answer = {"error": str(error)}
    return json.dumps(answer).encode()


def serve(line: Connection, data_dir: Path, idle: float) -> None:
    """Answer one request after the other until none comes for `idle` seconds."""
    try:
        line.send_bytes(READY)
        while line.poll(idle):
            line.send_bytes(reply(data_dir, line.recv_bytes(LARGEST_REQUEST)))
    except (EOFError, ConnectionError):
        log.info("Whoever started it is gone.")


def main() -> int:
    """Score images until nobody asks any more."""
    parser = argparse.ArgumentParser(description="Score images as they come.")
    parser.add_argument("--idle", type=float, required=True, help="seconds to wait for another")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    leave_room()
    data_dir = load_settings().data_dir
    with present(data_dir, ProcessCard.mine(ProcessKind.SCORER)):
        serve(Connection(sys.stdin.fileno()), data_dir, options.idle)
    return 0


if __name__ == "__main__":
    sys.exit(main())
