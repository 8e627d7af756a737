"""The command that labels with an oracle in place of a person."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, Self

import click
from tqdm import tqdm

from anomaly_core.cli import PATH, SHOW_DEFAULTS, at_work, echo_json, example, json_option
from anomaly_core.datasets import DATASETS, check_said, check_used, dataset_of
from anomaly_core.datasets.image_folder import SIZE
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
from anomaly_core.detectors.base import Family, Supervision, TrainingObjective
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.errors import InvalidInput
from anomaly_core.loop.oracle import NoisyOracle, PoolOracle
from anomaly_core.loop.saving import check_folder, save_model
from anomaly_core.loop.simulation import CurvePoint, SimulationResult, check_batch, simulate
from anomaly_core.networks import NETWORKS, networks_named
from anomaly_core.networks.backbones import load_backbone
from anomaly_core.networks.backbones.sources import WeightsSource
from anomaly_core.progress import StepReport
from anomaly_core.query import DEFAULT, STRATEGIES, strategy_named

SOURCES = f"One or several of {', '.join(AnomalySource)}, drawn equally."
USUAL = "5"  # that is normal where classes are digits
EXAMPLE = example(
    "ringfence simulate --normal 3 --contamination 0.1 --budget 100 --output out.json"
)


class Simulate(click.Command):
    """The command, whose help says what each strategy is for."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what follows the options."""
        with formatter.section("Strategies"):
            formatter.write_dl([(name, one.purpose) for name, one in STRATEGIES.items()])
        super().format_epilog(ctx, formatter)


@click.command("simulate", Simulate, epilog=EXAMPLE, context_settings=SHOW_DEFAULTS)
@click.option("--dataset", default="mnist-5k", help=f"One of {', '.join(DATASETS)}.")
@click.option("--root", type=PATH, help="Folder or zip of the dataset; mnist is downloaded there.")
@click.option("--size", default=SIZE, help="Pixels a side that the images of a folder get.")
@click.option("--files", default="*", help="Pattern of the names of files in a folder.")
@click.option(
    "--normal", help="Normal classes, such as 3 or 0,2,4 or good, or all; else 5, a digit."
)
@click.option("--contamination", default=0.1, help="Share of anomalies in the pool.")
@click.option("--anomalies", default=AnomalySource.OTHER_CLASSES.value, help=SOURCES)
@click.option("--noise-sigma", default="0.5", help="Strength of noise, such as 0.2,0.5.")
@click.option("--rotation", default=30.0, help="Largest angle of rotated images, degrees.")
@click.option("--budget", default=100, help="Labels to buy.")
@click.option("--batch", default=10, help="Labels per round.")
@click.option("--strategy", default=DEFAULT, help="What is asked; one of those below.")
@click.option(
    "--detector",
    default=Family.JOINT.value,
    type=click.Choice([*map(str, Family)]),
    help="Both spheres weighed by the answers, one of them, or one for each place of images.",
)
@click.option("--backbone", default="drawn", help="Network that gives features: drawn, resnet18...")
@click.option("--weights", type=PATH, help="File with the weights of another backbone than drawn.")
@click.option("--download", is_flag=True, help="Fetch the weights of the backbone if need be.")
@click.option("--objective", default="one-class", type=click.Choice([*map(str, TrainingObjective)]))
@click.option("--supervision", default="deep-sad", type=click.Choice([*map(str, Supervision)]))
@click.option("--centers", default=1, help="Hyperspheres, for normal images of several kinds.")
@click.option("--quantile", type=float, help="Hold boundary-quantile's search here, 0 to 1.")
@click.option("--network", default="conv", help=f"One of {', '.join(NETWORKS)}.")
@click.option("--noise", default=0.0, help="Share of wrong answers.")
@click.option("--seed", default=0, help="Of everything that is drawn.")
@click.option("--output", type=PATH, help="JSON file for configuration, curve and seconds.")
@click.option("--save", type=PATH, help="New or empty folder for the model that was trained.")
@json_option
def simulation(output: Path | None, save: Path | None, as_json: bool, **options: Any) -> None:
    """Label with an oracle in place of a person, and print the learning curve."""
    check_output(output)
    if save:
        check_folder(save)
    with at_work(lambda: "Stopped; nothing was written."):
        detector, result = simulated(options)
    written = {"config": configuration(options), **result.to_json()}
    if output:
        write_json(output, written)
    if save:
        save_model(save, detector, {**written, "answers": result.answers})
    echo_json(written) if as_json else report(result)


def simulated(options: Mapping[str, Any]) -> tuple[Hypersphere, SimulationResult]:
    """Simulate the labeling project that the options describe; return the model as well."""
    scenario = scenario_of(options)
    check_used(scenario, options["root"])
    if options["normal"] is None:
        check_said(scenario, options["root"])
    check_batch(options["batch"])
    fixed = {} if options["quantile"] is None else {"fixed": options["quantile"]}
    strategy = strategy_named(options["strategy"], **fixed)
    detector = detector_of(options)
    data = build_scenario(scenario, dataset_of(scenario, options["root"]))
    check_budget(options["budget"], len(data.pool))
    oracle = NoisyOracle(PoolOracle(data.truth), options["noise"], options["seed"])
    with ProgressBars(options["budget"]) as bars:
        result = simulate(
            data,
            detector,
            oracle,
            strategy=strategy,
            contamination=options["contamination"],
            budget=options["budget"],
            batch=options["batch"],
            seed=options["seed"],
            on_point=bars.point,
            callbacks=[bars.step],
        )
    return detector, result


def scenario_of(options: Mapping[str, Any]) -> Scenario:
    """Return the scenario that the options describe."""
    scenario = Scenario(
        options["dataset"],
        normal_of(options),
        options["contamination"],
        parse_sources(options["anomalies"]),
        parse_noise(options["noise_sigma"]),
        options["rotation"],
        size=options["size"],
        files=options["files"],
        seed=options["seed"],
    )
    check_contaminated(scenario)
    return scenario


def normal_of(options: Mapping[str, Any]) -> tuple[int | str, ...]:
    """Return the normal classes that the options name, or the usual one."""
    return parse_classes(USUAL if options["normal"] is None else options["normal"])


def detector_of(options: Mapping[str, Any]) -> Hypersphere:
    """Return the detector that the options describe."""
    family = Family(options["detector"])
    told = {"contamination": options["contamination"], "seed": options["seed"]}
    if family is Family.FCDD:
        return FCDD(**told)
    networks_named(options["network"])
    taught = {
        "network": options["network"],
        "objective": TrainingObjective(options["objective"]),
        "supervision": Supervision(options["supervision"]),
        "centers": options["centers"],
    }
    if family is Family.DEEP_SVDD:
        return DeepSVDD(**taught, **told)
    seen = {"backbone": options["backbone"], "weights": fetched(options)}
    if family is Family.FEATURES:
        return FeatureSVDD(**seen, **told)
    return JointSVDD(features=seen, pool=taught, **told)


def fetched(options: Mapping[str, Any]) -> str | None:
    """Find the weights of the backbone before any work is done; return the file, if one is named.

    Fetches published ones where that was asked for. Raises as `load_backbone` does.
    """
    with tqdm(total=1.0, desc="weights", leave=False, disable=not options["download"]) as bar:
        load_backbone(
            options["backbone"],
            options["weights"],
            options["download"],
            lambda share, _: bar.update(share - bar.n),
            WeightsSource(name_file="name a file with --weights", ask="add --download"),
        )
    return str(options["weights"]) if options["weights"] else None


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
    """Print what was labeled, and the learning curve as a table."""
    pool = result.pool
    click.echo(
        f"A pool of {pool.images:,} images hides {pool.anomalies:,} anomalies; AUROC and average "
        f"precision are measured on {pool.held_out:,} other images."
    )
    click.echo("labels  AUROC   average precision  anomalies found  update")
    for point in result.curve:
        found = f"{point.anomalies_found} of {pool.anomalies}"
        click.echo(
            f"{point.labels:6d}  {percent(point.auroc)}  {percent(point.average_precision):>17}  "
            f"{found:>15}  {point.update_seconds:.2f} s"
        )
    learned = ""
    if result.pretrain_seconds:
        learned = (
            f"Learning from the pool without labels (pretraining) took "
            f"{result.pretrain_seconds:.1f} s. "
        )
    click.echo(
        f"{learned}The first images to label were known after {result.first_proposal_seconds:.1f} "
        f"s; all of it took {result.total_seconds:.1f} s."
    )


def percent(value: float | None) -> str:
    """Format a quality with four digits, or say that it is undefined."""
    return "undefined" if value is None else f"{value:.4f}"


def configuration(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as plain values."""
    return {
        **options,
        **{name: str(options[name]) if options[name] else None for name in ("root", "weights")},
        "normal": list(normal_of(options)),
    }


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
