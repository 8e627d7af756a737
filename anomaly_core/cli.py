"""The command line of the engine: what the pages do, headless.

Exit code 0 on success, 2 with one sentence on standard error when the input cannot be used.
"""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar

from tqdm import tqdm

from anomaly_core.datasets import DATASETS, load_dataset
from anomaly_core.datasets.scenario import (
    AnomalySource,
    Scenario,
    build_scenario,
    check_budget,
    check_contaminated,
    parse_classes,
    parse_noise,
    parse_sources,
)
from anomaly_core.detectors.base import Supervision, TrainingObjective
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.tensors import leave_room
from anomaly_core.errors import CollapseWarning, InvalidInput, RingfenceError
from anomaly_core.loop.oracle import NoisyOracle, PoolOracle
from anomaly_core.loop.simulation import CurvePoint, SimulationResult, check_batch, simulate
from anomaly_core.networks import NETWORKS, networks_named
from anomaly_core.progress import StepReport
from anomaly_core.query import DEFAULT, STRATEGIES, strategy_named
from anomaly_core.recipes.commands import add_commands


class OneSentenceParser(argparse.ArgumentParser):
    """An argument parser whose complaints are one sentence, without the usage in front."""

    def error(self, message: str) -> NoReturn:
        """Print the complaint and leave with exit code 2."""
        self.exit(2, f"{message[0].upper()}{message[1:]}; see {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = build_parser().parse_args(arguments)
    leave_room()
    try:
        with plain_warnings():
            options.run(options)
    except RingfenceError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(options.stopped(options), file=sys.stderr)
        return 130
    return 0


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Show a collapse as its sentence, above the progress bars."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", CollapseWarning)
        warnings.showwarning = lambda message, *_, **__: tqdm.write(str(message), file=sys.stderr)
        yield


def build_parser() -> argparse.ArgumentParser:
    """Describe every command and option."""
    parser = OneSentenceParser(prog="python -m anomaly_core", description="Ringfence's engine.")
    parser.set_defaults(stopped=lambda options: "Stopped.")
    commands = parser.add_subparsers(
        required=True, metavar="COMMAND", parser_class=OneSentenceParser
    )
    add_simulate(commands.add_parser("simulate", help="label with an oracle and write the curve"))
    add_commands(commands)
    return parser


def add_simulate(parser: argparse.ArgumentParser) -> None:
    """Describe the options of `simulate`."""
    add = parser.add_argument
    add("--dataset", default="mnist-5k", help=f"one of {', '.join(DATASETS)}")
    add("--root", type=Path, help="folder of the dataset's files; mnist is downloaded there")
    add("--normal", default="5", help="normal classes, such as 3 or 0,2,4, or all")
    add("--contamination", type=float, default=0.1, help="share of anomalies in the pool")
    kinds = f"one or several of {', '.join(AnomalySource)}"
    add("--anomalies", default=AnomalySource.OTHER_CLASSES.value, help=f"{kinds}, drawn equally")
    add("--noise-sigma", default="0.5", help="strength of noise in images, such as 0.2,0.5")
    add("--rotation", type=float, default=30.0, help="largest angle of rotated images, degrees")
    add("--budget", type=int, default=100, help="labels to buy")
    add("--batch", type=int, default=10, help="labels per round")
    add("--strategy", default=DEFAULT, help=f"one of {', '.join(sorted(STRATEGIES))}")
    add("--objective", default="one-class", help=f"one of {', '.join(TrainingObjective)}")
    add("--supervision", default="deep-sad", help=f"one of {', '.join(Supervision)}")
    add("--centers", type=int, default=1, help="hyperspheres, for normal images of several kinds")
    add("--quantile", type=float, help="hold the search of boundary-quantile here, 0 to 1")
    add("--network", default="conv", help=f"one of {', '.join(NETWORKS)}")
    add("--noise", type=float, default=0.0, help="share of wrong answers")
    add("--seed", type=int, default=0)
    add("--output", type=Path, help="JSON file for configuration, curve and seconds")
    parser.set_defaults(run=run_simulate, stopped=lambda options: "Stopped; nothing was written.")


def run_simulate(options: argparse.Namespace) -> None:
    """Simulate a labeling project and write its curve."""
    scenario = scenario_of(options)
    check_output(options.output)
    check_batch(options.batch)
    fixed = {} if options.quantile is None else {"fixed": options.quantile}
    strategy = strategy_named(options.strategy, **fixed)
    networks_named(options.network)
    detector = DeepSVDD(
        network=options.network,
        objective=choice(TrainingObjective, options.objective, "objective"),
        supervision=choice(Supervision, options.supervision, "supervision"),
        centers=options.centers,
        contamination=options.contamination,
        seed=options.seed,
    )
    data = build_scenario(scenario, load_dataset(options.dataset, options.root))
    check_budget(options.budget, len(data.pool))
    oracle = NoisyOracle(PoolOracle(data.truth), options.noise, options.seed)
    with ProgressBars(options.budget) as bars:
        result = simulate(
            data,
            detector,
            oracle,
            strategy=strategy,
            contamination=options.contamination,
            budget=options.budget,
            batch=options.batch,
            seed=options.seed,
            on_point=bars.point,
            callbacks=[bars.step],
        )
    report(result)
    if options.output:
        write_json(options.output, {"config": configuration(options), **result.to_json()})


def scenario_of(options: argparse.Namespace) -> Scenario:
    """Return the scenario that the options of `simulate` describe."""
    scenario = Scenario(
        options.dataset,
        parse_classes(options.normal),
        options.contamination,
        parse_sources(options.anomalies),
        parse_noise(options.noise_sigma),
        options.rotation,
        seed=options.seed,
    )
    check_contaminated(scenario)
    return scenario


class ProgressBars:
    """A bar for each stage before the first label, then one that counts labels."""

    def __init__(self, budget: int) -> None:
        self.labels = tqdm(total=budget, desc="labels", unit="label", position=0)
        self.stages: dict[str, tqdm[NoReturn]] = {}

    def step(self, report: StepReport) -> None:
        """Show how far a stage of the first fit has come."""
        if report.stage not in self.stages:
            self.stages[report.stage] = tqdm(total=report.steps, desc=report.stage, leave=False)
        bar = self.stages[report.stage]
        bar.update(report.step - bar.n)

    def point(self, point: CurvePoint) -> None:
        """Show the labels bought and the quality they brought."""
        self.labels.set_postfix(auroc=percent(point.auroc), found=point.anomalies_found)
        self.labels.update(point.labels - self.labels.n)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for bar in (*self.stages.values(), self.labels):
            bar.close()


def report(result: SimulationResult) -> None:
    """Print the learning curve as a table."""
    print("labels  AUROC   average precision  anomalies found  update")
    for point in result.curve:
        print(
            f"{point.labels:6d}  {percent(point.auroc)}  {percent(point.average_precision):>17}  "
            f"{point.anomalies_found:15d}  {point.update_seconds:.2f} s"
        )
    seconds = result.to_json()["seconds"]
    print(
        f"pretraining {seconds['pretrain']:.1f} s, first proposals after "
        f"{seconds['first_proposal']:.1f} s, in all {seconds['total']:.1f} s"
    )


def percent(value: float | None) -> str:
    """Format a quality with four digits, or say that it is undefined."""
    return "undefined" if value is None else f"{value:.4f}"


KEPT_OUT = ("run", "stopped", "output")  # of what is written: they are no configuration


def configuration(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options as plain values."""
    values = {name: value for name, value in vars(options).items() if name not in KEPT_OUT}
    return values | {
        "root": str(options.root) if options.root else None,
        "normal": list(parse_classes(options.normal)),
    }


E = TypeVar("E", bound=StrEnum)


def choice(choices: type[E], name: str, what: str) -> E:
    """Return the choice called `name`; raises `InvalidInput` for an unknown one."""
    if name not in list(choices):
        raise InvalidInput(f"There is no {what} {name!r}; choose one of {', '.join(choices)}.")
    return choices(name)


def check_output(path: Path | None) -> None:
    """Refuse, before any work is done, a file that could not be written at its end."""
    if path is None:
        return
    folder = path.absolute().parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InvalidInput(f"{path} cannot be written; give a file in a folder that exists.")


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write through a temporary file, so that a reader never sees half of it."""
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_text(json.dumps(values, indent=2) + "\n")
        temporary.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written ({error.strerror}); choose another."
        ) from error
