"""Ringfence beside what else could be picked, on the same pools, seeds and labels.

`python -m benchmarks` takes all of MNIST, `--quick` the bundled digits and less than three minutes.
Each class in turn is normal (or, with `--multi`, anomalous among the others). Prints a table, and
writes every curve as JSON and a plot of the means.
"""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.base import Dataset
from anomaly_core.datasets.image_folder import SIZE
from anomaly_core.datasets.scenario import Scenario, build_scenario
from anomaly_core.detectors.tensors import leave_room
from anomaly_core.errors import InvalidInput, RingfenceError
from benchmarks.learning.arms import ARMS, Setting
from benchmarks.learning.curves import Curve, labels_needed, mean_at
from benchmarks.learning.plot import plot

MARKS = (0, 10, 20, 50, 100)  # labels at which the table shows quality
REFERENCE = 25  # labels of `auto` that `random` is asked to make up for


def run_pool(
    dataset: Dataset, options: argparse.Namespace, normal: tuple[int, ...], seed: int
) -> list[Curve]:
    """Run every arm on the pool that `normal` and `seed` fix."""
    leave_room()
    warnings.simplefilter("ignore")  # of the competitors, about what they will change one day
    named = tuple(dataset.names[one] for one in normal) if dataset.names else normal
    scenario = Scenario(dataset.name, named, options.contamination, size=options.size, seed=seed)
    data = build_scenario(scenario, dataset)
    setting = Setting(
        data, normal, seed, options.contamination, options.budget, options.batch, options.quick
    )
    curves = []
    for name in options.arms:
        curves.append(ARMS[name](setting))
        show(curves[-1])
    return curves


def show(curve: Curve) -> None:
    """Print one curve as it ends."""
    marks = "  ".join(f"{labels}: {curve.auroc[labels]:.4f}" for labels in shown(curve))
    print(f"normal {curve.normal} seed {curve.seed} {curve.arm:<24} {marks}", flush=True)


def shown(curve: Curve) -> list[int]:
    """The marks that a curve has a point at."""
    return [labels for labels in MARKS if labels in curve.auroc]


def table(curves: Sequence[Curve]) -> str:
    """Lay out the means over classes with intervals over seeds, a line an arm."""
    arms = list(dict.fromkeys(curve.arm for curve in curves))
    heads = "".join(f"{f'{mark} labels':>15}" for mark in MARKS)
    lines = [
        f"{'AUROC':<24}{heads}  {'worst':>6} {'area':>7} {'ramp-up':>7} {'drop':>6} "
        f"{'found':>5} {'fit':>7} {'round':>7}"
    ]
    for arm in arms:
        mine = [curve for curve in curves if curve.arm == arm]
        lines.append(f"{arm:<24}{marks_of(mine)}  {qualities(mine)} {seconds(mine)}")
    return "\n".join([*lines, LEGEND, *ratios(curves)])


LEGEND = (
    "worst: lowest class after the last label; area: mean AUROC over the labels; ramp-up: share of "
    "the whole\ngain after 20 labels; drop: most that a round lost; found: anomalies per answer; "
    "fit, round: median seconds\n± half the 95 % interval over seeds"
)


def marks_of(mine: Sequence[Curve]) -> str:
    """The mean at each mark; blank where an arm has no point."""
    return "".join(
        f"{mean_at(mine, mark)!s:>15}" if mark in mine[0].auroc else f"{'':>15}" for mark in MARKS
    )


def qualities(mine: Sequence[Curve]) -> str:
    """Worst class, area, ramp-up, largest drop, anomalies found per label."""
    worst = min(curve.auroc[max(curve.auroc)] for curve in mine)
    rises = [rise for curve in mine if (rise := curve.ramp_up(20)) is not None]
    found = [share for curve in mine if (share := curve.found_per_label) is not None]
    curved = len(mine[0].auroc) > 1
    return (
        f"{worst:6.4f} "
        + (f"{np.mean([curve.area for curve in mine]):7.4f} " if curved else f"{'':8}")
        + (f"{np.mean(rises):7.2f} " if curved and rises else f"{'':8}")
        + (f"{np.max([curve.largest_drop for curve in mine]):6.3f} " if curved else f"{'':7}")
        + (f"{np.mean(found):5.2f}" if found else f"{'':5}")
    )


def seconds(mine: Sequence[Curve]) -> str:
    """Median seconds of the first fit and of a round."""
    rounds = [curve.round_seconds for curve in mine if curve.round_seconds is not None]
    fit = np.median([curve.fit_seconds for curve in mine])
    return f"{fit:7.2f}" + (f" {np.median(rounds):7.2f}" if rounds else "")


def ratios(curves: Sequence[Curve]) -> list[str]:
    """What the claims rest on, each as a ratio of two figures of this run."""
    by_arm: dict[str, list[Curve]] = {}
    for curve in curves:
        by_arm.setdefault(curve.arm, []).append(curve)
    auto, random = by_arm.get("ringfence auto"), by_arm.get("ringfence random")
    lines = []
    if auto and random and max(auto[0].auroc) >= REFERENCE:
        target = mean_at(auto, REFERENCE).mean
        needed = labels_needed(random, target)
        more, count = ("", needed) if needed is not None else ("more than ", max(random[0].auroc))
        lines.append(
            f"random needs {more}{count:.0f} labels for the {target:.4f} that auto has after "
            f"{REFERENCE}: {more}{count / REFERENCE:.1f} times as many"
        )
    for slow in ("ringfence from scratch", "Deep SAD paper recipe"):
        if auto and slow in by_arm:
            ours = np.median([curve.round_seconds for curve in auto])
            theirs = np.median([curve.round_seconds for curve in by_arm[slow]])
            lines.append(f"one round of auto is {theirs / ours:.0f} times as fast as {slow}")
    return lines


def main() -> int:
    """Run the comparison, print it, and write curves and plot."""
    options = parse()
    try:
        curves = [one for path in options.again for one in read(path)] or run_all(options)
    except RingfenceError as error:
        print(error, file=sys.stderr)
        return 2
    print(table(curves))
    options.output.mkdir(parents=True, exist_ok=True)
    values = {
        "options": vars(options) | {"root": None, "output": None, "again": None},
        "curves": [asdict(curve) for curve in curves],
    }
    target = options.output / options.name
    target.with_suffix(".json").write_text(json.dumps(values, indent=1) + "\n")
    pools = len({(curve.normal, curve.seed) for curve in curves})
    seeds = len({curve.seed for curve in curves})
    title = f"{options.name}: mean over {pools} pools, bands over {seeds} seeds"
    plot(curves, target.with_suffix(".png"), title)
    return 0


def read(path: Path) -> list[Curve]:
    """Read the curves that an earlier run wrote."""
    return [
        Curve(
            **curve
            | {"normal": tuple(curve["normal"])}
            | {key: {int(k): v for k, v in curve[key].items()} for key in ("auroc", "found")}
        )
        for curve in json.loads(path.read_text())["curves"]
    ]


def name_of(options: argparse.Namespace) -> str:
    """What the files of a run are called, unless it is said."""
    dataset: str = options.root.stem if options.dataset == "folder" else options.dataset
    quick, multi = "-quick" * options.quick, "-multi" * options.multi
    return f"{dataset}{quick}{multi}-{options.contamination:g}"


def run_all(options: argparse.Namespace) -> list[Curve]:
    """Run every pool, `workers` at a time."""
    dataset = load_dataset(options.dataset, options.root, size=options.size, files=options.files)
    classes = [number_of(one, dataset) for one in options.classes or []] or dataset.classes
    pools = [
        (tuple(c for c in dataset.classes if c != one) if options.multi else (one,), seed)
        for seed in options.seeds
        for one in classes
    ]
    run = partial(run_pool, dataset, options)
    if options.workers == 1:
        done = [run(*pool) for pool in pools]
    else:
        os.environ["OMP_NUM_THREADS"] = "1"
        with ProcessPoolExecutor(options.workers) as workers:
            done = list(workers.map(run, *zip(*pools, strict=True)))
    return [curve for curves in done for curve in curves]


def number_of(name: str, dataset: Dataset) -> int:
    """The number of a class, given as that or by its name."""
    if name in dataset.names:
        return dataset.names.index(name)
    if not name.isdecimal():
        raise InvalidInput(f"There is no class {name!r}; choose from {', '.join(dataset.names)}.")
    return int(name)


def parse() -> argparse.Namespace:
    """Read the options; `--quick` sets what is not given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="bundled digits, under 3 minutes")
    parser.add_argument("--dataset")
    parser.add_argument("--root", type=Path, default=Path("benchmarks/data"))
    parser.add_argument(
        "--classes", nargs="*", help="classes in turn, by number or name; all by default"
    )
    parser.add_argument("--size", type=int, default=SIZE, help="pixels a side, of a folder")
    parser.add_argument("--files", default="*", help="pattern of the names of files in a folder")
    parser.add_argument("--multi", action="store_true", help="the class is the only anomalous one")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--contamination", type=float, default=0.1)
    parser.add_argument("--budget", type=int)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--workers", type=int, default=1, help="pools at the same time")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    parser.add_argument("--name", help="what the files are called that it writes")
    parser.add_argument(
        "--again", type=Path, nargs="+", default=[], help="files of earlier runs, to show together"
    )
    options = parser.parse_args()
    usual = ("mnist-5k", ["3", "5"], [0], 50) if options.quick else ("mnist", None, [0, 1, 2], 100)
    for name, value in zip(("dataset", "classes", "seeds", "budget"), usual, strict=True):
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.name = options.name or name_of(options)
    options.arms = [arm for arm in ARMS if arm in options.arms]  # scratch and paper follow auto
    if {"scratch", "paper"} & set(options.arms) and "auto" not in options.arms:
        parser.error("the arms scratch and paper take the labels that auto buys; add auto")
    return options


if __name__ == "__main__":
    sys.exit(main())
