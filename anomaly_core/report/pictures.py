"""Pictures of images, reconstructions and what lies between them, drawn with Pillow."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from anomaly_core.datasets.base import Images

SIDE = 84  # pixels that the longer side of an image is drawn with, at least
GAP = 8
TEXT = 13
PAPER, INK = (255, 255, 255), (27, 35, 51)
COLD, HOT = np.array([248, 248, 250]), np.array([196, 60, 0])


@dataclass(frozen=True)
class SheetRow:
    """A row of a sheet: what it shows, and its images (n, height, width) uint8 or RGB."""

    title: str
    images: NDArray[np.uint8]


def difference(images: Images, reconstructions: Images) -> NDArray[np.uint8]:
    """Heatmap (n, height, width, 3) of |image - reconstruction|: paper white none, red most."""
    away = np.abs(images.astype(np.float32) - reconstructions) / 255
    return heat(away if away.ndim == 3 else away.mean(axis=3))


def heat(shares: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Colour shares (n, height, width) of 0 to 1, (n, height, width, 3): white none, red all."""
    made: NDArray[np.uint8] = (COLD + shares[..., None] * (HOT - COLD)).round().astype(np.uint8)
    return made


def sheet(rows: Sequence[SheetRow], captions: Sequence[str] = ()) -> bytes:
    """Draw rows below one another, a caption over each column; returns a PNG."""
    columns = max(len(row.images) for row in rows)
    height, width = rows[0].images.shape[1:3]
    scale = max(1, round(SIDE / max(height, width)))
    step = width * scale + GAP
    above = (TEXT + 4) * max((caption.count("\n") + 1 for caption in captions), default=0)
    below = TEXT + 4 + height * scale + GAP
    picture = Image.new("RGB", (columns * step + GAP, above + len(rows) * below + GAP), PAPER)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(TEXT)
    for column, caption in enumerate(captions):
        draw.multiline_text(
            (GAP + column * step, 2), caption, INK, ImageFont.load_default(TEXT - 3)
        )
    for line, row in enumerate(rows):
        top = above + line * below
        draw.text((GAP, top), row.title, INK, font)
        for column, image in enumerate(row.images):
            place = (GAP + column * step, top + TEXT + 4)
            picture.paste(enlarged(image, scale), place)
    return png(picture)


def titled(image: NDArray[np.uint8], title: str) -> bytes:
    """Draw one image with a title over it; returns a PNG."""
    scale = max(1, round(3 * SIDE / max(image.shape[:2])))
    large = enlarged(image, scale)
    font = ImageFont.load_default(TEXT)
    lines = title.split("\n")
    width = max(large.width, *(int(font.getlength(line)) for line in lines)) + 2 * GAP
    top = GAP + len(lines) * (TEXT + 4)
    picture = Image.new("RGB", (width, top + large.height + GAP), PAPER)
    ImageDraw.Draw(picture).multiline_text((GAP, GAP // 2), title, INK, font)
    picture.paste(large, ((width - large.width) // 2, top))
    return png(picture)


def enlarged(image: NDArray[np.uint8], scale: int) -> Image.Image:
    """Return the image with every pixel a square of `scale`."""
    drawn = Image.fromarray(np.ascontiguousarray(image)).convert("RGB")
    return drawn.resize((drawn.width * scale, drawn.height * scale), Image.Resampling.NEAREST)


def png(picture: Image.Image) -> bytes:
    """Return the file's bytes."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
