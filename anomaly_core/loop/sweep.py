"""The command that simulates each of several strategies with each of several seeds.

No simulation knows of another, so that Ray can share them out among machines; without it they run
in turn. A worker that is lost costs the simulation that it was at, which is begun anew.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from tqdm import tqdm

from anomaly_core.cli import PATH, SHOW_DEFAULTS, at_work, echo_json, example, json_option
from anomaly_core.errors import InvalidInput
from anomaly_core.loop.commands import check_output, percent, simulated, simulation
from anomaly_core.machine.publishing import published
from anomaly_core.query import strategy_named
from anomaly_core.scoring.on_ray import LOCAL, cause_of, joined

OWN = {"strategy", "seed", "output", "save", "as_json"}  # of a single simulation
COLUMNS = ("strategy", "seed", "labels", "auroc", "average_precision", "anomalies_found")
Options = Mapping[str, Any]
SweepPoint = dict[str, Any]


def several_seeds(ctx: click.Context, param: click.Parameter, value: str) -> list[int]:
    """Read seeds such as 0,1,2 or 0-4."""
    first, dash, last = value.partition("-")
    try:
        seeds = range(int(first), int(last) + 1) if dash else map(int, value.split(","))
        found = list(dict.fromkeys(seeds))
    except ValueError:
        found = []
    if not found:
        raise click.BadParameter(f"{value} are no seeds; give some such as 0,1,2 or 0-4")
    return found


def several_strategies(ctx: click.Context, param: click.Parameter, value: str) -> list[str]:
    """Read names of strategies; raises `InvalidInput` for one that there is not."""
    names = list(dict.fromkeys(value.split(",")))
    for name in names:
        strategy_named(name)
    return names


@click.command(
    "bench",
    params=[one for one in simulation.params if one.name not in OWN],
    epilog=example("ringfence bench --normal 3 --strategies auto,random --seeds 0-4"),
    context_settings=SHOW_DEFAULTS,
)
@click.option("--strategies", default="auto,random", callback=several_strategies)
@click.option("--seeds", default="0-2", callback=several_seeds, help="Such as 0,1,2 or 0-4.")
@click.option(
    "--ray",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value=LOCAL,
    help="Have Ray simulate: that at ADDRESS, or one started here; else in turn. Write it last.",
)
@click.option("--output", type=PATH, help="CSV file for every point of every curve.")
@json_option
def bench(
    strategies: list[str],
    seeds: list[int],
    ray: str | None,
    output: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Simulate labeling with each strategy and seed; the other options are those of simulate."""
    check_output(output)
    asked = [{**options, "strategy": name, "seed": seed} for name in strategies for seed in seeds]
    with at_work(lambda: "Stopped; nothing was written."):
        made = simulated_on_ray(asked, ray) if ray else map(points_of, asked)
        shown = tqdm(made, total=len(asked), desc="simulations")
        lines = sorted((line for lines in shown for line in lines), key=place_of)
    if output:
        write_csv(output, lines)
    echo_json(lines) if as_json else click.echo(table(lines))


def points_of(options: Options) -> list[SweepPoint]:
    """Simulate once, and return the points of the curve."""
    _, result = simulated(options)
    told = {"strategy": options["strategy"], "seed": options["seed"]}
    points = result.to_json()["curve"]
    return [told | {name: point[name] for name in COLUMNS[2:]} for point in points]


def place_of(line: SweepPoint) -> tuple[str, int, int]:
    """Where a point stands in the table, in whatever order simulations end."""
    return line["strategy"], line["seed"], line["labels"]


def simulated_on_ray(asked: Sequence[Options], address: str) -> Iterator[list[SweepPoint]]:
    """Simulate on the cores of Ray, one each; raises as `joined` and simulations do."""
    with joined(address) as ray:
        quiet = {"env_vars": {"TQDM_DISABLE": "1"}}
        work = ray.remote(num_cpus=1, runtime_env=quiet)(points_of)
        waiting = [work.remote(options) for options in asked]
        try:
            while waiting:
                done, waiting = ray.wait(waiting)
                yield ray.get(done[0])
        except ray.exceptions.RayError as error:
            raise cause_of(error) from error


def table(lines: Sequence[SweepPoint]) -> str:
    """The mean AUROC over the seeds after each number of labels, a row a strategy."""
    marks = sorted({line["labels"] for line in lines})
    names = list(dict.fromkeys(line["strategy"] for line in lines))
    width = max(8, *map(len, names))
    heads = "".join(f"{mark:>8}" for mark in marks)
    rows = [f"{'AUROC':<{width}}{heads}  found"]
    for name in names:
        mine = [line for line in lines if line["strategy"] == name]
        cells = "".join(f"{mean_at(mine, mark):>8}" for mark in marks)
        found = np.mean([line["anomalies_found"] for line in mine if line["labels"] == marks[-1]])
        rows.append(f"{name:<{width}}{cells}  {found:.1f}")
    seeds = len({line["seed"] for line in lines})
    return "\n".join([*rows, f"Means over {seeds} seeds; found: anomalies among all labels."])


def mean_at(lines: Sequence[SweepPoint], labels: int) -> str:
    """The mean AUROC after so many labels, as far as it is defined."""
    known = [
        line["auroc"] for line in lines if line["labels"] == labels and line["auroc"] is not None
    ]
    return percent(float(np.mean(known)) if known else None)[:7]


def write_csv(path: Path, lines: Sequence[SweepPoint]) -> None:
    """Write every point, through a file beside it; raises `InvalidInput`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(lines)
    try:
        published(path, lambda to: to.write_text(text.getvalue(), encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written ({error.strerror}); choose another."
        ) from error
