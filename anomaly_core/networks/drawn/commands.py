"""The commands that make the drawn backbone: train it, look at its pictures, write its card."""

import math
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import click
import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from anomaly_core.cli import PATH, SHOW_DEFAULTS, call, example
from anomaly_core.networks.backbones.weights import sha256_of
from anomaly_core.networks.drawn.card import card_of
from anomaly_core.networks.drawn.pictures import draw_many
from anomaly_core.networks.drawn.saving import CHECKPOINT, read_about
from anomaly_core.networks.drawn.training import DrawnTraining, TrainingRow, train_drawn

PROGRAM = "python -m anomaly_core.networks.drawn"
VIEWS = 20e6
CARD = "CARD.md"


@click.group(no_args_is_help=True)
def drawn() -> None:
    """Make the backbone that has only ever seen drawn images."""


@drawn.command(
    epilog=example(f"{PROGRAM} train --output drawn --views 20e6"), context_settings=SHOW_DEFAULTS
)
@click.option("--output", type=PATH, required=True, help="Folder for weights, checkpoint and log.")
@click.option("--views", type=float, help=f"Views to train on; {VIEWS:.0e} unless told.")
@click.option("--seconds", type=float, help="Seconds to train for instead, drawing apart.")
@click.option("--resume", is_flag=True, help="Go on from the checkpoint in the folder.")
@click.option("--pause-after", type=float, help="Seconds after which to stop, to be resumed.")
@click.option("--processes", type=int, help="That draw; all cores but one unless told.")
@click.option(
    "--bank", default=DrawnTraining.bank, help="Pictures held, 28 kB each, on the device."
)
@click.option("--batch", default=DrawnTraining.batch, help="Pictures of a step, each seen twice.")
@click.option("--seed", default=0, help="Of pictures, first weights and views.")
def train(output: Path, resume: bool, pause_after: float | None, **options: Any) -> None:
    """Train the backbone, on an accelerator where there is one."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    torch.backends.cudnn.benchmark = True  # the views have two sizes, each met thousands of times
    plan = plan_of(**options)
    try:
        with TrainingBar(plan) as bar:
            weights = train_drawn(
                plan,
                output,
                resume=resume,
                pause_after=math.inf if pause_after is None else pause_after,
                report=bar.row,
                progress=bar.drawing,
            )
    except KeyboardInterrupt:
        kept = (output / CHECKPOINT).is_file()
        left = "--resume goes on from the last checkpoint" if kept else "nothing was trained yet"
        raise click.Abort(f"Stopped; {left}.") from None
    click.echo(f"{weights}\n{sha256_of(weights)}" if weights else "Paused; go on with --resume.")


def plan_of(
    views: float | None, seconds: float | None, processes: int | None, **others: Any
) -> DrawnTraining:
    """Return the training that the options describe."""
    if views is None and seconds is None:
        views = VIEWS
    if processes is None:
        processes = max(1, (os.cpu_count() or 2) - 1)
    whole = None if views is None else round(views)
    return DrawnTraining(views=whole, seconds=seconds, processes=processes, **others)


class TrainingBar:
    """Shows how much has been trained, how quickly, and how long the rest will take."""

    def __init__(self, plan: DrawnTraining) -> None:
        self.plan = plan
        self.bar: tqdm[Any] | None = None
        self.message = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def drawing(self, share: float, message: str) -> None:
        """Show how many of the first pictures are there."""
        self._show(round(100 * share), 100, message, "%")

    def row(self, row: TrainingRow) -> None:
        """Show where training stands."""
        told = f"loss {row.loss:.3f}, kinds {row.accuracy:.2f}"
        if self.plan.views:
            done, total, unit = row.views, self.plan.views, " views"
        else:
            done, total, unit = round(row.seconds), round(self.plan.seconds or 0), " s"
            rate = row.views / max(row.seconds, 1e-9)
            told = f"{row.views / 1e6:.2f} M views, {rate:,.0f}/s, {told}"
        self._show(done, max(done, total), "Training", unit).set_postfix_str(told)

    def _show(self, done: int, total: int, message: str, unit: str) -> "tqdm[Any]":
        if self.bar is None or message != self.message:
            self._close()
            self.message = message
            self.bar = tqdm(
                total=total, initial=done, desc=message, unit=unit, unit_scale=True,
                file=sys.stderr,
            )  # fmt: skip
        self.bar.update(done - self.bar.n)
        return self.bar

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.close()


@drawn.command(epilog=example(f"{PROGRAM} sheet pictures.png"), context_settings=SHOW_DEFAULTS)
@click.argument("file", type=PATH)
@click.option("--rows", type=click.IntRange(1), default=8)
@click.option("--columns", type=click.IntRange(1), default=12)
@click.option("--side", type=click.IntRange(8), default=96, help="Pixels of a picture.")
@click.option("--seed", type=click.IntRange(0), default=0)
def sheet(file: Path, rows: int, columns: int, side: int, seed: int) -> None:
    """Write drawn pictures side by side into an image file."""
    pictures = draw_many(0, rows * columns, side, seed).reshape(rows, columns, side, side, 3)
    Image.fromarray(np.concatenate(np.concatenate(pictures, 1), 1)).save(file)
    click.echo(file)


@drawn.command(epilog=example(f"{PROGRAM} card --weights drawn/weights.safetensors"))
@click.option("--weights", type=PATH, required=True, help="File that training wrote.")
def card(weights: Path) -> None:
    """Write CARD.md beside weights, and print their SHA-256."""
    about = read_about(weights)
    sha256 = sha256_of(weights)
    weights.with_name(CARD).write_text(card_of(about, sha256))
    click.echo(f'SHA256 = "{sha256}"')


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    return call(drawn, arguments, PROGRAM)
