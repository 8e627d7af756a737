"""The switches compared: losses, centers, query strategies, and how long to pretrain.

`python -m benchmarks.choices losses|centers|strategies|pretraining [--dataset ...]` runs each
choice on the same pools and seeds and prints the mean AUROC over labels bought.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.base import Dataset
from anomaly_core.datasets.scenario import Scenario, build_scenario
from anomaly_core.detectors.base import Supervision, TrainingObjective
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.tensors import leave_room
from anomaly_core.loop.oracle import PoolOracle
from anomaly_core.loop.simulation import simulate
from anomaly_core.query import STRATEGIES

MARKS = (0, 10, 20, 50)
Choice = Mapping[str, object]

CHOICES: dict[str, dict[str, Choice]] = {
    "losses": {
        f"{objective}, {supervision}": {"objective": objective, "supervision": supervision}
        for objective, supervision in itertools.product(TrainingObjective, Supervision)
    },
    "centers": {f"{count} centers": {"centers": count} for count in (1, 3, 9, 30)},
    "strategies": {name: {"strategy": name} for name in STRATEGIES},
    "pretraining": {
        f"{steps} steps": {"pretrain_steps": steps} for steps in (50, 100, 200, 400, 800)
    },
}


def run(dataset: Dataset, normal: tuple[int, ...], seed: int, choice: Choice) -> list[float]:
    """AUROC at the marks, and seconds to the first proposals."""
    data = build_scenario(Scenario(dataset.name, normal, seed=seed), dataset)
    parameters = dict(choice)
    strategy = str(parameters.pop("strategy", "auto"))
    detector = DeepSVDD(seed=seed, **parameters)  # type: ignore[arg-type]
    oracle = PoolOracle(data.truth)
    result = simulate(data, detector, oracle, strategy=strategy, budget=MARKS[-1], seed=seed)
    auroc = {point.labels: point.auroc or 0.5 for point in result.curve}
    share = 1 - result.pretrain_seconds / result.first_proposal_seconds
    return [*(auroc[mark] for mark in MARKS), result.first_proposal_seconds, share]


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.choices", description=__doc__)
    parser.add_argument("what", choices=CHOICES)
    parser.add_argument("--dataset", default="mnist-5k")
    parser.add_argument("--root", type=Path)
    parser.add_argument("--classes", type=int, nargs="+", default=[2, 3, 5, 8])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--multi", action="store_true", help="the class is the only anomalous one")
    options = parser.parse_args()
    leave_room()
    dataset = load_dataset(options.dataset, options.root)
    heads = "".join(f"{mark:>8}" for mark in MARKS)
    print(f"{'AUROC after labels':<28}{heads}  first proposals  not pretraining  all", flush=True)
    for name, choice in CHOICES[options.what].items():
        began = time.perf_counter()
        runs = [
            run(dataset, others(dataset, one) if options.multi else (one,), seed, choice)
            for one in options.classes
            for seed in options.seeds
        ]
        *auroc, first, share = np.mean(runs, axis=0)
        cells = "".join(f"{value:8.4f}" for value in auroc)
        seconds = time.perf_counter() - began
        print(f"{name:<28}{cells}  {first:13.1f} s  {share:14.1%}  {seconds:.0f} s", flush=True)
    return 0


def others(dataset: Dataset, one: int) -> tuple[int, ...]:
    """Every class but one."""
    return tuple(label for label in dataset.classes if label != one)


if __name__ == "__main__":
    sys.exit(main())
