"""Synthetic defects: what lies outside a hypersphere of places before anybody has answered.

Each is a pure function of an image (height, width, channels) between 0 and 1, other images to cut
from, and a generator; it returns the image with the defect and a mask (height, width), 1 where the
defect is. Sizes are shares of the shorter side. Cutting and pasting is that of Li et al. 2021,
"CutPaste"; what outliers of this kind are worth is in Liznerski et al. 2021, "Explainable Deep
One-Class Classification", section 4. All kinds are shown in docs/pictures/synthetic-defects.png.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Picture = NDArray[np.float32]  # (height, width, channels), 0 to 1
Mask = NDArray[np.float32]  # (height, width), 0 to 1
Defect = Callable[[Picture, Picture, np.random.Generator], tuple[Picture, Mask]]

FAINTEST, STRONGEST = 0.06, 0.6  # change of brightness, of the whole range
VISIBLE = 0.02  # smaller changes of a pixel are none
FINER = 2  # times as fine as the image lines are drawn


def crack(image: Picture, _: Picture, rng: np.random.Generator) -> tuple[Picture, Mask]:
    """Draw thin lines that wander and branch."""
    canvas, pen, side = sheet(image)
    ends = [(rng.random(2) * canvas.size, rng.uniform(0, 2 * np.pi))]
    length = rng.uniform(0.1, 0.7) * side
    width = int(rng.integers(1, 1 + FINER * max(1, round(side / FINER / 64))))
    for _branch in range(4):
        if not ends:
            break
        place, heading = ends.pop()
        step = max(2.0, length / 24)
        for _step in range(24):
            heading += rng.normal(0, 0.35)
            to = place + step * np.array([np.cos(heading), np.sin(heading)])
            pen.line([*place, *to], fill=255, width=width)
            if rng.random() < 0.06:
                ends.append((to, heading + rng.choice([-1, 1]) * rng.uniform(0.5, 1.2)))
            place = to
        length *= 0.6
    return tinted(image, shrunk(canvas, image, 0), rng)


def scratch(image: Picture, _: Picture, rng: np.random.Generator) -> tuple[Picture, Mask]:
    """Draw a few lines that are nearly straight and lie alongside one another."""
    canvas, pen, side = sheet(image)
    heading, start = rng.uniform(0, np.pi), rng.random(2) * canvas.size
    along = np.array([np.cos(heading), np.sin(heading)])
    for _line in range(int(rng.integers(1, 4))):
        begin = start + rng.normal(0, 0.04 * side, 2)
        bend = rng.normal(0, 0.05, 2) * side
        end = begin + along * rng.uniform(0.1, 0.6) * side
        width = int(rng.integers(1, 2 + FINER))
        pen.line([*begin, *(begin + end + bend) / 2, *end], fill=255, width=width, joint="curve")
    return tinted(image, shrunk(canvas, image, rng.uniform(0, 0.8)), rng)


def blob(image: Picture, _: Picture, rng: np.random.Generator) -> tuple[Picture, Mask]:
    """Darken or lighten a spot with a ragged edge, from a pinhole to a third of the image."""
    canvas, pen, side = sheet(image)
    size = side * np.exp(rng.uniform(np.log(0.03), np.log(0.33)))
    angles = np.sort(rng.uniform(0, 2 * np.pi, 14))
    radii = size / 2 * rng.uniform(0.5, 1.2, 14)
    stretch = np.array([1.0, rng.uniform(0.4, 1)])
    turn = rng.uniform(0, np.pi)
    round_ = np.stack([radii * np.cos(angles), radii * np.sin(angles)], 1) * stretch
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    outline = rng.random(2) * canvas.size + round_ @ rotation.T
    pen.polygon([tuple(point) for point in outline.tolist()], fill=255)
    return tinted(image, shrunk(canvas, image, rng.uniform(0, 1.5)), rng)


def stain(image: Picture, _: Picture, rng: np.random.Generator) -> tuple[Picture, Mask]:
    """Change a wide part smoothly, as a bad coat or an uneven surface does."""
    coarse = rng.normal(size=(4, 4)).astype(np.float32)
    height, width = image.shape[:2]
    field = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    values = np.asarray(field)
    above = np.clip(values - np.quantile(values, rng.uniform(0.5, 0.9)), 0, None)
    return tinted(image, np.asarray(above / max(1e-6, above.max()), np.float32), rng)


def texture(image: Picture, _: Picture, rng: np.random.Generator) -> tuple[Picture, Mask]:
    """Roughen a spot with noise of one coarseness."""
    height, width = image.shape[:2]
    coarse = int(rng.integers(1, 5))
    size = (max(2, width // coarse), max(2, height // coarse))
    grain = Image.fromarray(rng.normal(size=size[::-1]).astype(np.float32))
    rough = np.asarray(grain.resize((width, height), Image.Resampling.BICUBIC))
    _, mask = blob(image, image, rng)
    return applied(image, np.float32(rng.uniform(0.05, 0.25)) * rough * mask)


def paste(image: Picture, other: Picture, rng: np.random.Generator) -> tuple[Picture, Mask]:
    """Paste a rectangle cut from another place, of the same image or another one."""
    height, width = image.shape[:2]
    area = np.exp(rng.uniform(np.log(0.005), np.log(0.12))) * height * width
    ratio = np.exp(rng.uniform(np.log(0.3), np.log(3.3)))
    h = int(np.clip(np.sqrt(area * ratio), 2, height - 1))
    w = int(np.clip(np.sqrt(area / ratio), 2, width - 1))
    source = image if rng.random() < 0.3 else other
    top, left = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
    piece = source[top : top + h, left : left + w]
    if rng.random() < 0.5:
        piece = piece[::-1]
    piece = np.clip(piece + rng.normal(0, 0.08), 0, 1)
    top, left = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
    change = np.zeros(image.shape, np.float32)
    place = (slice(top, top + h), slice(left, left + w))
    change[place] = piece - image[place]
    return applied(image, change)


DEFECTS: dict[str, Defect] = {
    defect.__name__: defect for defect in (crack, scratch, blob, stain, texture, paste)
}


def with_defects(
    images: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give each image (n, height, width, channels) a defect drawn at random; and the masks."""
    drawn = rng.integers(0, len(DEFECTS), len(images))
    kinds = list(DEFECTS.values())
    made = [
        kinds[kind](image, images[rng.integers(len(images))], rng)
        for kind, image in zip(drawn.tolist(), images, strict=True)
    ]
    return np.stack([image for image, _ in made]), np.stack([mask for _, mask in made])


def sheet(image: Picture) -> tuple[Image.Image, ImageDraw.ImageDraw, int]:
    """A black sheet finer than the image, a pen for it, and its shorter side in pixels."""
    height, width = image.shape[:2]
    canvas = Image.new("L", (FINER * width, FINER * height))
    return canvas, ImageDraw.Draw(canvas), FINER * min(height, width)


def shrunk(canvas: Image.Image, image: Picture, blur: float) -> Mask:
    """What was drawn on a sheet, in the size of the image."""
    height, width = image.shape[:2]
    if blur:
        canvas = canvas.filter(ImageFilter.GaussianBlur(FINER * blur))
    small = np.asarray(canvas.resize((width, height), Image.Resampling.BOX), np.float32)
    return small / np.float32(255)


def tinted(image: Picture, mask: Mask, rng: np.random.Generator) -> tuple[Picture, Mask]:
    """Darken or lighten where the mask is, more or less."""
    by = np.exp(rng.uniform(np.log(FAINTEST), np.log(STRONGEST))) * rng.choice([-1, -1, 1])
    shade = by * (1 + rng.normal(0, 0.15, image.shape[2]))
    return applied(image, mask[..., None] * shade.astype(np.float32))


def applied(image: Picture, change: NDArray[np.float32]) -> tuple[Picture, Mask]:
    """Add a change (height, width[, channels]); the mask is where it can be seen."""
    whole = change if change.ndim == 3 else change[..., None]
    made = np.clip(image + whole, 0, 1).astype(np.float32)
    return made, (np.abs(made - image).max(axis=2) > VISIBLE).astype(np.float32)
