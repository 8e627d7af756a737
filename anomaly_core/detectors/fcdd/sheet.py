"""A sheet of synthetic defects, to look at: `python -m anomaly_core.detectors.fcdd.sheet FILE`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from anomaly_core.cli import PATH, SHOW_DEFAULTS, call, example
from anomaly_core.datasets.base import Images
from anomaly_core.datasets.mnist import load_mnist_5k
from anomaly_core.detectors.fcdd.defects import DEFECTS, Defect, Mask, Picture
from anomaly_core.networks.drawn.pictures import draw_surface

PROGRAM = "python -m anomaly_core.detectors.fcdd.sheet"
CELL, GAP, MARGIN = 84, 4, 64  # pixels: of an image, between two, left of a row for its name
PAPER = 255  # brightness between images
DIGITS, GREY, COLOUR = 2, 2, 2  # images of each sort
COLOURS = 200  # in the file, which they keep small
TRIES = 30  # draws of a defect, until it can be seen
SMALLEST = 0.01  # share of an image that a defect covers which can be seen


@click.command(epilog=example(f"{PROGRAM} defects.png"), context_settings=SHOW_DEFAULTS)
@click.argument("file", type=PATH)
@click.option("--seed", type=click.IntRange(0), default=0, help="Of images and defects.")
def sheet(file: Path, seed: int) -> None:
    """Write each kind of defect on digits and on drawn surfaces into FILE; masks on the right."""
    rng = np.random.default_rng(seed)
    images = clean_images(rng, seed)
    blank = [np.zeros(image.shape[:2], np.float32) for image in images]
    rows = {"none": row_of(images, blank)}
    for name, defect in DEFECTS.items():
        made = [
            painted(defect, image, images[place - 1 if place % 2 else place + 1], rng)
            for place, image in enumerate(images)
        ]
        rows[name] = row_of([image for image, _ in made], [mask for _, mask in made])
    named(rows).quantize(COLOURS).save(file, optimize=True)
    click.echo(file)


def clean_images(rng: np.random.Generator, seed: int) -> list[Picture]:
    """Bundled digits, then drawn surfaces, grey and in colour; neighbours are of one sort."""
    digits = load_mnist_5k().images
    grey = [digits[row][..., None] for row in rng.choice(len(digits), DIGITS, replace=False)]
    drawn = [draw_surface((seed, place), CELL) for place in range(GREY + COLOUR)]
    grey += [picture.mean(axis=2, keepdims=True) for picture in drawn[:GREY]]
    return [(image / 255).astype(np.float32) for image in grey + drawn[GREY:]]


def painted(
    defect: Defect, image: Picture, other: Picture, rng: np.random.Generator
) -> tuple[Picture, Mask]:
    """Paint a defect, again and again until it can be seen."""
    for _ in range(TRIES):
        made, mask = defect(image, other, rng)
        if mask.mean() >= SMALLEST:
            break
    return made, mask


def row_of(images: Sequence[Picture], masks: Sequence[Mask]) -> Images:
    """Lay images side by side, and their masks to the right of them, (height, width, 3)."""
    cells = [cell(image) for image in images] + [cell(mask[..., None]) for mask in masks]
    edge = ((0, GAP), (0, GAP), (0, 0))
    return np.concatenate([np.pad(one, edge, constant_values=PAPER) for one in cells], axis=1)


def cell(image: NDArray[np.float32]) -> Images:
    """Enlarge an image (height, width, channels) without smoothing it, (CELL, CELL, 3) uint8."""
    pixels = (image * 255).round().astype(np.uint8)
    colour = Image.fromarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)).copy())
    return np.asarray(colour.resize((CELL, CELL), Image.Resampling.NEAREST))


def named(rows: dict[str, Images]) -> Image.Image:
    """Put rows below each other, each with its name to the left."""
    pixels = np.concatenate(list(rows.values()), axis=0)
    whole = Image.new("RGB", (MARGIN + pixels.shape[1], pixels.shape[0]), (PAPER,) * 3)
    whole.paste(Image.fromarray(pixels), (MARGIN, 0))
    pen = ImageDraw.Draw(whole)
    for place, name in enumerate(rows):
        pen.text((8, place * (CELL + GAP) + CELL // 2), name, fill="black", anchor="lm")
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    return call(sheet, arguments, PROGRAM)


if __name__ == "__main__":
    sys.exit(main())
