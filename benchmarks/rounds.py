"""What a round costs: beside the work it cannot avoid, and on a pool of a million.

`python -m benchmarks.rounds --root DIR` measures, for each pool size in a process of its own, the
median round (update and new proposals), the same optimizer steps on ready tensors plus one forward
pass over the items that are scored at once, and the peak of resident memory. The pools are MNIST
images, shifted so that no two are the same, in a memory-mapped file.
"""

import argparse
import copy
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from anomaly_core import losses
from anomaly_core.datasets import load_dataset
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.tensors import leave_room
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.query import strategy_named

SIZES = (6_000, 60_000, 1_000_000)
ROUNDS, BATCH, BLOCK = 7, 10, 50_000
MIB = 1024


def write_pool(path: Path, size: int, root: Path) -> None:
    """Write (size, 28, 28) images: those of MNIST again and again, each time shifted elsewhere."""
    images = load_dataset("mnist", root).images
    pool = np.lib.format.open_memmap(path, "w+", np.uint8, (size, 28, 28))
    shifts = np.random.default_rng(0).permutation(
        [(x, y) for x in range(-4, 5) for y in range(-4, 5)]
    )
    for start in range(0, size, BLOCK):
        rows = np.arange(start, min(start + BLOCK, size))
        for turn in np.unique(rows // len(images)):
            mine = rows[rows // len(images) == turn]
            pool[mine] = np.roll(images[mine % len(images)], tuple(shifts[turn]), axis=(1, 2))
    pool.flush()


def measure(path: Path) -> dict[str, float]:
    """Run rounds on a pool, with the unavoidable work measured in between."""
    leave_room()
    pool = np.lib.format.open_memmap(path, mode="r")
    detector = DeepSVDD(contamination=0.1)
    began = time.perf_counter()
    learner = ActiveLearner(detector, pool, strategy_named("auto")).fit()
    fit = time.perf_counter() - began
    rng, rounds, bare = np.random.default_rng(0), [], []
    for _ in range(ROUNDS):
        items = learner.query(BATCH).items
        answers = rng.choice([1, -1], len(items))
        rounds.append(timed(one_round, learner, items, answers))
        bare.append(timed(unavoidable, detector, pool[: learner.candidates]))
    return {
        "pool": len(pool),
        "first model (s)": fit,
        "round (s)": float(np.median(rounds)),
        "unavoidable (s)": float(np.median(bare)),
        "ratio": float(np.median(np.array(rounds) / bare)),
        "peak memory (MiB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB,
    }


def one_round(learner: ActiveLearner[DeepSVDD], items: np.ndarray, answers: np.ndarray) -> None:
    """From the last answer to the next proposals."""
    learner.update(items, answers)
    learner.query(BATCH)


def unavoidable(detector: DeepSVDD, candidates: np.ndarray) -> None:
    """Take the same optimizer steps on tensors that are ready, and score the candidates once."""
    encoder = copy.deepcopy(detector.encoder_).eval()
    optimizer = torch.optim.Adam(encoder.parameters(), lr=1e-4, weight_decay=1e-6)
    half = detector.labeled_batch_size // 2
    y = torch.tensor([1] * half + [-1] * half)
    x = torch.rand(detector.batch_size + 2 * half, 28, 28)
    for _ in range(detector.update_steps):
        optimizer.zero_grad(set_to_none=True)
        d = losses.squared_distance(encoder(x), detector.c_)
        pulled = losses.one_class(d[: detector.batch_size])
        loss = pulled + losses.deep_sad(d[detector.batch_size :], y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    detector.decision_function(candidates)


def timed(work: Callable[..., object], *given: object) -> float:
    """Seconds that the work takes."""
    began = time.perf_counter()
    work(*given)
    return time.perf_counter() - began


def main() -> int:
    """Measure every size and print a table with the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rounds", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("benchmarks/data"))
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--pool", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pool:
        print(json.dumps(measure(options.pool)))
        return 0
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            path = Path(folder) / "pool.npy"
            write_pool(path, size, options.root)
            command = [sys.executable, "-m", "benchmarks.rounds", "--pool", str(path)]
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}
            done = subprocess.run(command, capture_output=True, env=environment, check=True)
            results.append(json.loads(done.stdout))
            print("  ".join(f"{name} {value:,.2f}" for name, value in results[-1].items()))
    by_size = {result["pool"]: result["round (s)"] for result in results}
    if {60_000, 1_000_000} <= by_size.keys():
        print(
            f"a round at 1,000,000 takes {by_size[1_000_000] / by_size[60_000]:.2f} times as long"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
