"""The commands that list, run, compare, resume and remove."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar

import click
from tqdm import tqdm

from anomaly_core.cli import PATH, SHOW_DEFAULTS, at_work, echo_json, example, json_option
from anomaly_core.datasets import DATASETS, check_said, check_used
from anomaly_core.datasets.image_folder import SIZE
from anomaly_core.datasets.scenario import parse_classes
from anomaly_core.recipes import CONTESTANTS, EVALUATIONS, RECIPES
from anomaly_core.recipes.contestants import CLASS_MEAN_TIMES
from anomaly_core.recipes.folder import RunFolder
from anomaly_core.recipes.plan import PROGRAM, Plan, contestants_of, known
from anomaly_core.recipes.run import run

Function = TypeVar("Function", bound=Callable[..., None])
OPTIONS = [
    click.option("--dataset", default="mnist-5k", help=f"One of {', '.join(DATASETS)}."),
    click.option("--root", type=PATH, help="Folder of the dataset; mnist is downloaded there."),
    click.option("--size", default=SIZE, help="Pixels a side that the images of a folder get."),
    click.option("--files", default="*", help="Pattern of the names of files in a folder."),
    click.option("--epochs", type=int, help="For every model, instead of its own number."),
    click.option("--k", default=CLASS_MEAN_TIMES, help="Class means, for the rule of each class."),
    click.option("--pooled", is_flag=True, help="Join training and test files first."),
    click.option("--normal", help="Normal classes, such as 3 or good, instead of its own."),
    click.option("--seed", default=0, help="Of everything that is drawn."),
    click.option("--output", metavar="DIR", type=PATH, required=True, help="Folder to write."),
    json_option,
]


def plan_options(command: Function) -> Function:
    """Give a command what all have that make a plan."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.group(invoke_without_command=True, epilog=example("ringfence recipes"))
@json_option
@click.pass_context
def recipes(context: click.Context, as_json: bool) -> None:
    """List recipes, detectors and evaluation sets; the commands below run a recipe."""
    if context.invoked_subcommand is None:
        echo_json(names()) if as_json else list_recipes()


@recipes.command(
    "run",
    epilog=example("ringfence recipes run noise-and-rotation --output results"),
    context_settings=SHOW_DEFAULTS,
)
@click.argument("recipe")
@plan_options
def run_recipe(recipe: str, output: Path, as_json: bool, **options: Any) -> None:
    """Run RECIPE and write a folder with its report."""
    known("recipe", recipe, RECIPES)
    begin(Plan(recipe=recipe, **chosen(options)), output, as_json)


@click.command(
    epilog=example("ringfence compare svdd conv --evaluation letters --output letters"),
    context_settings=SHOW_DEFAULTS,
)
@click.argument("detectors", metavar="DETECTOR...", nargs=-1, required=True)
@click.option("--evaluation", default="mixed", help=f"One of {', '.join(EVALUATIONS)}.")
@plan_options
def compare(detectors: tuple[str, ...], output: Path, as_json: bool, **options: Any) -> None:
    """Compare detectors on the same images; a recipe stands for all of its detectors."""
    begin(Plan(contestants=contestants_of(detectors), **chosen(options)), output, as_json)


@recipes.command(epilog=example("ringfence recipes resume results"))
@click.argument("folder", metavar="DIR", type=PATH)
@json_option
def resume(folder: Path, as_json: bool) -> None:
    """Go on with a run that was stopped."""
    start(RunFolder(folder).plan, folder, as_json)


@recipes.command(epilog=example("ringfence recipes remove results"))
@click.argument("folder", metavar="DIR", type=PATH)
def remove(folder: Path) -> None:
    """Delete the folder of a run."""
    RunFolder(folder).remove()
    click.echo(f"Removed {folder}.")


def names() -> dict[str, dict[str, str]]:
    """What can be run, by kind and name, with what it is."""
    return {
        "recipes": {one.name: one.summary for one in RECIPES.values()},
        "detectors": {one.name: one.title for one in CONTESTANTS.values()},
        "evaluations": {one.name: one.title for one in EVALUATIONS.values()},
    }


def list_recipes() -> None:
    """Print what can be run."""
    formatter = click.HelpFormatter()
    for kind, listed in names().items():
        with formatter.section(kind.capitalize()):
            formatter.write_dl([*listed.items()])
    click.echo(formatter.getvalue())


def chosen(options: dict[str, Any]) -> dict[str, Any]:
    """The options as a plan has them."""
    root, normal = options["root"], options["normal"]
    return options | {
        "root": str(root.expanduser().absolute()) if root else None,
        "normal": None if normal is None else parse_classes(normal),
    }


def how_to_go_on(folder: Path) -> str:
    """What to tell a person who has stopped a run."""
    if not RunFolder(folder).is_run:
        return "Stopped; nothing was written."
    return (
        f"Stopped before it was finished; go on with `{PROGRAM} recipes resume {folder}`, or "
        f"delete it with `{PROGRAM} recipes remove {folder}`."
    )


def begin(plan: Plan, output: Path, as_json: bool) -> None:
    """Run a new plan, unless nobody has said what is normal in it."""
    root = Path(plan.root) if plan.root else None
    check_used(plan.check().scenario, root)
    if plan.guesses_normal:
        check_said(plan.scenario, root)
    start(plan, output, as_json)


def start(plan: Plan, output: Path, as_json: bool) -> None:
    """Run a plan with a progress bar, and print what came out."""
    with at_work(lambda: how_to_go_on(output)), Bar() as bar:
        folder = run(plan, output, bar.progress)
    if as_json:
        echo_json({"folder": str(output), **folder.metrics()})
        return
    print_results(folder.metrics())
    click.echo(f"Read {output / 'report.html'}.")


class Bar:
    """A progress bar in percent, drawn as soon as there is something to say."""

    def __init__(self) -> None:
        self.bar: tqdm[NoReturn] | None = None

    def progress(self, share: float, message: str) -> None:
        """Show the share done (0 to 1) and what is being done."""
        self.bar = self.bar or tqdm(total=100, bar_format="{l_bar}{bar}| {elapsed} {postfix}")
        self.bar.update(max(0.0, 100 * share - self.bar.n))
        self.bar.set_postfix_str(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.bar is not None:
            self.bar.close()


def print_results(metrics: dict[str, Any]) -> None:
    """Print a row for each contestant."""
    measured = ("auroc", "average_precision", "precision", "recall", "f1")
    rows = [("", "AUROC", "AP", "precision", "recall", "F1", "seconds")]
    for one in metrics["contestants"]:
        quality = (three_digits(one[name]) for name in measured)
        rows.append((one["title"], *quality, f"{one['seconds']:.1f}"))
    width = max(len(title) for title, *_ in rows)
    for title, *figures in rows:
        click.echo(" ".join([f"{title:{width}}", *(f"{figure:>9}" for figure in figures)]))


def three_digits(value: float | None) -> str:
    """Format a quality, or say that it is undefined."""
    return "undefined" if value is None else f"{value:.3f}"
