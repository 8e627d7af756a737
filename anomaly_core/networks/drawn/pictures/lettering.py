"""Lettering: single letters, words and lines of print in the font that comes with Pillow.

Painters return (side, side, 3) between 0 and 1.
"""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from anomaly_core.networks.drawn.pictures.fields import Picture
from anomaly_core.networks.drawn.pictures.strokes import inks, plain

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:-+/&%"


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _word(rng: np.random.Generator, longest: int) -> str:
    count = int(rng.integers(1, longest + 1))
    return "".join(LETTERS[index] for index in rng.integers(len(LETTERS), size=count))


def lettering(rng: np.random.Generator, side: int) -> Picture:
    """Paint one large sign, a word, or lines of print, straight or slightly turned."""
    ink, paper = inks(rng)
    sheet = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(sheet)
    share, longest, rows = [(0.75, 1, 1), (0.33, 4, 2), (0.16, 9, 5), (0.1, 14, 9)][rng.integers(4)]
    size = max(5, round(side * share * rng.uniform(0.8, 1.1)))
    heavy = int(rng.random() < 0.3) * max(1, size // 24)
    count = int(rng.integers(1, rows + 1))
    left, top = side * rng.uniform(0, 0.25), rng.uniform(0, max(1.0, side - 1.1 * size * count))
    for row in range(count):
        indent = size * rng.choice([0, rng.uniform(0, 2)])
        place = (left + indent, top + row * size * 1.1)
        pen.text(place, _word(rng, longest), fill=255, font=_font(size), stroke_width=heavy)
    if rng.random() < 0.5:
        angle = rng.normal(0, 8) if rng.random() < 0.8 else rng.uniform(0, 360)
        sheet = sheet.rotate(angle, Image.Resampling.BILINEAR)
    amount = np.asarray(sheet, np.float32)[..., None] / np.float32(255)
    ground = plain(rng, side, paper)
    return ground + amount * (ink - ground)
