"""The commands that list, run, compare, resume and remove."""

import argparse
from pathlib import Path
from typing import Any, NoReturn, Self

from tqdm import tqdm

from anomaly_core.datasets import DATASETS
from anomaly_core.recipes import CONTESTANTS, EVALUATIONS, RECIPES
from anomaly_core.recipes.contestants import CLASS_MEAN_TIMES
from anomaly_core.recipes.folder import RunFolder
from anomaly_core.recipes.plan import PROGRAM, Plan, contestants_of, known
from anomaly_core.recipes.run import run

Parsers = Any  # argparse names no public type for what add_subparsers returns


def add_commands(commands: Parsers) -> None:
    """Describe the commands of this file."""
    listing = commands.add_parser("recipes", help="list recipes, detectors and evaluation sets")
    listing.set_defaults(run=list_recipes)

    one = commands.add_parser("run", help="run a recipe and write a folder with its report")
    one.add_argument("recipe", metavar="RECIPE", help=f"one of {', '.join(RECIPES)}")
    add_options(one)
    one.set_defaults(run=run_recipe)

    several = commands.add_parser("compare", help="compare detectors on one evaluation set")
    several.add_argument(
        "contestants",
        metavar="DETECTOR",
        nargs="+",
        help=f"of {', '.join(CONTESTANTS)}, or a recipe for all of its detectors",
    )
    several.add_argument("--evaluation", default="mixed", help=f"one of {', '.join(EVALUATIONS)}")
    add_options(several)
    several.set_defaults(run=run_comparison)

    resume = commands.add_parser("resume", help="go on with a run that was stopped")
    resume.add_argument("output", metavar="DIR", type=Path)
    resume.set_defaults(run=resume_run, stopped=how_to_go_on)

    remove = commands.add_parser("remove", help="delete the folder of a run")
    remove.add_argument("output", metavar="DIR", type=Path)
    remove.set_defaults(run=remove_run)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe what `run` and `compare` have in common."""
    add = parser.add_argument
    add("--dataset", default="mnist-5k", help=f"one of {', '.join(DATASETS)}")
    add("--root", help="folder of the dataset's files; mnist is downloaded there")
    add("--epochs", type=int, help="for every model, instead of its own number")
    usual = CLASS_MEAN_TIMES
    add("--k", type=float, default=usual, help="times the class mean, for the rule of each class")
    add("--pooled", action="store_true", help="join the dataset's training and test files first")
    add("--seed", type=int, default=0)
    add("--output", metavar="DIR", type=Path, required=True, help="folder to write")
    parser.set_defaults(stopped=how_to_go_on)


def how_to_go_on(options: argparse.Namespace) -> str:
    """What to tell a person who has stopped a run."""
    folder = options.output
    if not RunFolder(folder).is_run:
        return "Stopped; nothing was written."
    return (
        f"Stopped before it was finished; go on with `{PROGRAM} resume {folder}`, or delete it "
        f"with `{PROGRAM} remove {folder}`."
    )


def list_recipes(options: argparse.Namespace) -> None:
    """Print what can be run."""
    for recipe in RECIPES.values():
        print(f"{recipe.name}\n    {recipe.summary}")
    print("\nDetectors for compare:")
    for contestant in CONTESTANTS.values():
        print(f"    {contestant.name:18} {contestant.title}")
    print("\nEvaluation sets for compare:")
    for evaluation in EVALUATIONS.values():
        print(f"    {evaluation.name:18} {evaluation.title}")


def run_recipe(options: argparse.Namespace) -> None:
    """Run one recipe."""
    known("recipe", options.recipe, RECIPES)
    start(Plan(recipe=options.recipe, **chosen(options)), options.output)


def run_comparison(options: argparse.Namespace) -> None:
    """Compare detectors."""
    contestants = contestants_of(options.contestants)
    plan = Plan(contestants=contestants, evaluation=options.evaluation, **chosen(options))
    start(plan, options.output)


def resume_run(options: argparse.Namespace) -> None:
    """Go on with what a stopped run has left."""
    start(RunFolder(options.output).plan, options.output)


def remove_run(options: argparse.Namespace) -> None:
    """Delete a run."""
    RunFolder(options.output).remove()
    print(f"Removed {options.output}.")


def chosen(options: argparse.Namespace) -> dict[str, Any]:
    """The options of a plan."""
    names = ("dataset", "epochs", "k", "pooled", "seed")
    root = str(Path(options.root).expanduser().absolute()) if options.root else None
    return {name: getattr(options, name) for name in names} | {"root": root}


def start(plan: Plan, output: Path) -> None:
    """Run a plan with a progress bar, and print what came out."""
    with Bar() as bar:
        folder = run(plan, output, bar.progress)
    print_results(folder.metrics())
    print(f"Read {output / 'report.html'}.")


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
    names = ("auroc", "average_precision", "precision", "recall", "f1")
    width = max(len(one["title"]) for one in metrics["contestants"])
    heads = ("AUROC", "AP", "precision", "recall", "F1", "seconds")
    print(" " * width, *(f"{head:>9}" for head in heads))
    for one in metrics["contestants"]:
        figures = [*(three_digits(one[name]) for name in names), f"{one['seconds']:.1f}"]
        print(f"{one['title']:{width}}", *(f"{figure:>9}" for figure in figures))


def three_digits(value: float | None) -> str:
    """Format a quality, or say that it is undefined."""
    return "undefined" if value is None else f"{value:.3f}"
