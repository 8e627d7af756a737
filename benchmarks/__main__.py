"""Compare query strategies on the same pools, seeds and labels: `python -m benchmarks --help`.

Each normal class in turn; the mean AUROC over classes and seeds at each number of labels, side by
side, and the seconds spent. Without options it takes the bundled digits.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.base import Dataset
from anomaly_core.datasets.scenario import Scenario, build_scenario
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.tensors import leave_room
from anomaly_core.errors import RingfenceError
from anomaly_core.oracle import PoolOracle
from anomaly_core.simulation import SimulationResult, simulate

MARKS = (0, 10, 20, 50, 100)  # labels at which the table shows quality


@dataclass(frozen=True)
class Run:
    """One simulated project."""

    strategy: str
    normal: int
    seed: int
    auroc: dict[int, float]  # by labels bought
    anomalies_found: int
    pretrain_seconds: float
    update_seconds: float


def run_one(dataset: Dataset, strategy: str, normal: int, seed: int, share: float) -> Run:
    """Simulate one project on the pool that `normal` and `seed` fix."""
    data = build_scenario(Scenario(dataset.name, (normal,), share, seed=seed), dataset)
    detector = DeepSVDD(contamination=share, seed=seed)
    oracle = PoolOracle(data.truth)
    result = simulate(data, detector, oracle, strategy=strategy, contamination=share, seed=seed)
    return summary(result, strategy, normal, seed)


def summary(result: SimulationResult, strategy: str, normal: int, seed: int) -> Run:
    """Keep of a simulation what the table shows."""
    updates = [point.update_seconds for point in result.curve[1:]]
    return Run(
        strategy,
        normal,
        seed,
        {point.labels: point.auroc for point in result.curve if point.auroc is not None},
        result.curve[-1].anomalies_found,
        result.pretrain_seconds,
        float(np.median(updates)),
    )


def table(runs: Sequence[Run], strategies: Sequence[str]) -> str:
    """Lay out the mean over classes and seeds, and the worst class, a line a strategy."""
    heads = "".join(f"{mark:>8}" for mark in MARKS)
    lines = [f"AUROC after labels  {heads}   worst  found"]
    for strategy in strategies:
        mine = [run for run in runs if run.strategy == strategy]
        means = [np.mean([run.auroc[mark] for run in mine]) for mark in MARKS]
        worst = min(run.auroc[MARKS[-1]] for run in mine)
        found = np.mean([run.anomalies_found for run in mine])
        cells = "".join(f"{mean:8.4f}" for mean in means)
        lines.append(f"{strategy:<20}{cells}  {worst:.4f}  {found:5.1f}")
    pretrain = np.median([run.pretrain_seconds for run in runs])
    update = np.median([run.update_seconds for run in runs])
    lines.append(f"median seconds: {pretrain:.1f} to the first model, {update:.2f} an update")
    return "\n".join(lines)


def main() -> int:
    """Run the comparison, print it, and write every run as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--dataset", default="mnist-5k")
    parser.add_argument("--root", type=Path)
    parser.add_argument("--classes", type=int, nargs="*", help="normal classes; all by default")
    parser.add_argument("--strategies", nargs="+", default=["margin", "random"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--contamination", type=float, default=0.1)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/curves.json"))
    options = parser.parse_args()
    leave_room()
    try:
        dataset = load_dataset(options.dataset, options.root)
        runs = []
        for normal in options.classes or dataset.classes:
            for seed in options.seeds:
                for strategy in options.strategies:
                    runs.append(run_one(dataset, strategy, normal, seed, options.contamination))
                    show(runs[-1])
    except RingfenceError as error:
        print(error, file=sys.stderr)
        return 2
    print(table(runs, options.strategies))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n")
    return 0


def show(run: Run) -> None:
    """Print one run as it ends."""
    marks = "  ".join(f"{mark}: {run.auroc[mark]:.4f}" for mark in MARKS)
    print(f"class {run.normal} seed {run.seed} {run.strategy:<8} {marks}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
