"""The command that scores images without the app: `ringfence score`."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from anomaly_core.cli import PATH, echo_json, example, json_option
from anomaly_core.errors import InvalidInput
from anomaly_core.scoring.blocks import Outcome
from anomaly_core.scoring.on_ray import LOCAL
from anomaly_core.scoring.piles import list_pile
from anomaly_core.scoring.rows import COLUMNS
from anomaly_core.scoring.run import NOTHING, Request, Run, watch

WRITTEN = "\b\nColumns of the output:\n" + "\n".join(
    f"  {name:<11} {meaning}" for name, meaning in COLUMNS.items()
)
EXAMPLE = "ringfence score photos/ --model ringfence-1-model-7.zip --output scores.parquet"


def share_of(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int]:
    """Shard i of n, counted from 1, such as 3/8; the whole where none is named."""
    found = re.fullmatch(r"(\d+)/(\d+)", "1/1" if value is None else value)
    number, of = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= of:
        raise click.BadParameter(f"{value} is no shard; give i/n with i from 1 to n, such as 3/8")
    return number, of


@click.command("score", epilog=f"{WRITTEN}\n\n{example(EXAMPLE)}")
@click.argument("images", type=PATH)
@click.option(
    "--model",
    type=PATH,
    required=True,
    help="A zip of Models, its folder, or ONNX.",
)
@click.option("--threshold", help="Name of a saved one, or a number; else the model's own.")
@click.option("--output", type=PATH, required=True, help="A .parquet, .csv or .jsonl file.")
@click.option("--maps", type=PATH, help="Folder for heatmaps of where distances come from.")
@click.option("--workers", type=click.IntRange(1), help="Processes; else one for each core.")
@click.option(
    "--shard",
    "share",
    metavar="I/N",
    callback=share_of,
    help="Score part I of N only, I from 1 to N, into a file of its own.",
)
@click.option("--watch", "watched", is_flag=True, help="Score what arrives, until Ctrl+C.")
@click.option(
    "--ray",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value=LOCAL,
    help="Have Ray score: that at ADDRESS, or one that is started here; write it last.",
)
@json_option
def score(share: tuple[int, int], watched: bool, as_json: bool, **options: Any) -> None:
    """Score IMAGES by a model: a folder, zip archive, list of files (.txt, .csv) or .npy array.

    A run that was stopped goes on where it stopped when it is called again.
    """
    if watched and (share != (1, 1) or options["ray"]):
        raise InvalidInput("--watch scores in one process; leave out --shard and --ray.")
    request = Request(**options, share=share)
    request.check()
    begun = time.monotonic()
    done, before = watching(request) if watched else scored(request)
    told = summary(request, done, before, time.monotonic() - begun)
    echo_json(told) if as_json else click.echo(sentence(told))


def scored(request: Request) -> tuple[Outcome, int]:
    """Score a list with a bar; return what became of it, and how much was there before."""
    run = Run(request, list_pile(request.images))
    for note in run.pile.notes:
        click.echo(note, err=True)
    with interruptible(), tqdm(total=run.total, desc="scored", unit="image") as bar:

        def show(outcome: Outcome) -> None:
            if run.before and not bar.initial:  # what was there counts for no rate
                bar.initial = run.before
            bar.update(outcome.images)

        try:
            run.score(show)
        except KeyboardInterrupt:
            raise click.Abort(
                f"Stopped; {run.done.images:,} of {run.total:,} images are scored. Run the same "
                "command again to go on."
            ) from None
    return run.done, run.before


def watching(request: Request) -> tuple[Outcome, int]:
    """Score what arrives, with a count; return what became of it."""
    total = [NOTHING]
    with interruptible(), tqdm(desc="scored", unit="image") as bar:

        def show(outcome: Outcome) -> None:
            total[0] = total[0].plus(outcome)
            bar.update(outcome.images)

        watch(request, show)
    return total[0], 0


@contextmanager
def interruptible() -> Iterator[None]:
    """Have the signal by which schedulers end a process do what Ctrl+C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def summary(request: Request, done: Outcome, before: int, seconds: float) -> dict[str, Any]:
    """What has been done, for a program."""
    return {
        "output": str(Path(request.output).with_name(request.parts.output.name)),
        **done._asdict(),
        "scored_before": before,
        "threshold": request.card.threshold(request.threshold),
        "seconds": round(seconds, 3),
        "images_per_second": round((done.images - before) / seconds, 1),
    }


def sentence(told: dict[str, Any]) -> str:
    """The same for a person."""
    errors = f"; {told['errors']:,} could not be scored" if told["errors"] else ""
    return (
        f"{told['output']}: {told['images']:,} images, {told['anomalous']:,} of them anomalous, "
        f"with a score above {told['threshold']:.6g}{errors}. It took {told['seconds']:.1f} s, "
        f"{told['images_per_second']:,.0f} images a second."
    )
