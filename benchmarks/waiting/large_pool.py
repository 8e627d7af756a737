"""What a pool larger than memory should hold costs: time, and the most memory of a process.

    python -m benchmarks.waiting.large_pool [--images 200000] [--side 64] [--grey]

The pool lies in a memory-mapped file: squares, disks and stripes of random colours with grain.
The default detector is fitted and the pool scored, the second sphere is taught, and rounds are
done. Memory is what the process holds of its own (RssAnon); of mapped files the system keeps what
it has room for.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from anomaly_core.datasets.base import Images
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.tensors import leave_room
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.query import strategy_named

BLOCK = 4_096
MIB = 1024  # KiB
BATCH = 10


def write_pool(path: Path, count: int, shape: tuple[int, ...]) -> None:
    """Write (count, *shape) pictures of one shape each on a plain ground, with grain."""
    rng = np.random.default_rng(0)
    pool = np.lib.format.open_memmap(path, "w+", np.uint8, (count, *shape))
    rows, columns = np.mgrid[: shape[0], : shape[1]] / shape[0] - 0.5
    forms = np.stack(
        [
            np.maximum(abs(rows), abs(columns)) < 0.3,
            np.hypot(rows, columns) < 0.3,
            np.sin(40 * rows) > 0,
        ]
    )
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        form = forms[rng.integers(0, len(forms), size)]
        ground, colour = rng.integers(0, 200, (2, size, 1, 1, 3), np.uint8)
        picture = np.where(form[..., None], colour, ground)
        picture += rng.integers(0, 40, picture.shape, np.uint8)
        pool[start : start + size] = picture if len(shape) == 3 else picture[..., 0]
    pool.flush()


def resident() -> int:
    """KiB of memory that this process holds of its own."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    return 0


@contextmanager
def watched(what: str) -> Iterator[None]:
    """Print the seconds and the most memory of a part of the work."""
    most, done = resident(), threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.05):
            most = max(most, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    seconds = time.perf_counter() - began
    print(f"| {what} | {seconds:,.1f} | {max(most, resident()) / MIB:,.0f} |", flush=True)


def measure(pool: Images, folder: Path) -> None:
    """Do what the trainer of a project does, part by part."""
    detector = JointSVDD(at_once=False)
    detector.keep_features(folder)
    learner = ActiveLearner(detector, pool, strategy_named("auto"))
    with watched("first model, and every score"):
        learner.fit()
    with watched("the second sphere is taught"):
        detector.adopt(detector.taught_by(pool))
    for name in ("first round", "second round"):
        with watched(f"{name}, to the next proposals"):
            items = learner.query(BATCH).items
            learner.update(items, np.resize([1, -1], len(items)))
            learner.query(BATCH)
    with watched("every score anew"):
        for _ in learner.catch_up():
            pass


def main() -> int:
    """Write the pool, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=200_000)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--grey", action="store_true")
    options = parser.parse_args()
    leave_room()
    shape = (options.side, options.side) + (() if options.grey else (3,))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pool.npy"
        write_pool(path, options.images, shape)
        print("| | seconds | most memory (MiB) |\n|---|---|---|")
        measure(np.load(path, mmap_mode="r"), Path(folder) / "features")
    return 0


if __name__ == "__main__":
    sys.exit(main())
