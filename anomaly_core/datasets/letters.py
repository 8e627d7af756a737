"""The letters A to Z from several printed fonts: images that are surely not digits.

The fonts are those that matplotlib ships (DejaVu, STIX, Computer Modern), drawn by Pillow. They
are found without importing matplotlib.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from anomaly_core.datasets.base import Images, Labels, Shape
from anomaly_core.errors import DatasetMissing

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FAMILIES = {
    "DejaVu Sans": (
        "DejaVuSans",
        "DejaVuSans-Bold",
        "DejaVuSans-Oblique",
        "DejaVuSans-BoldOblique",
    ),
    "DejaVu Sans Mono": (
        "DejaVuSansMono",
        "DejaVuSansMono-Bold",
        "DejaVuSansMono-Oblique",
        "DejaVuSansMono-BoldOblique",
    ),
    "DejaVu Serif": (
        "DejaVuSerif",
        "DejaVuSerif-Bold",
        "DejaVuSerif-Italic",
        "DejaVuSerif-BoldItalic",
    ),
    "STIX": ("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta"),
    "Computer Modern Roman": ("cmr10", "cmb10", "cmti10", "cmmi10"),
    "Computer Modern Sans": ("cmss10",),
    "Computer Modern Typewriter": ("cmtt10",),
}
FONTS = tuple(font for family in FAMILIES.values() for font in family)
TEST_FAMILIES = 3  # of which nothing is seen before the test
SIZES = (0.5, 0.58, 0.65, 0.72, 0.8)  # longer side of the letter, as a share of the image's shorter
REACH = 0.08  # farthest offset from the middle, likewise
OFFSETS = 6  # places for each letter of a font and size
MASTER = 96  # pixels of the font that a letter is first drawn in


@dataclass(frozen=True)
class Letters:
    """Images of letters, with the letter, font and size (longer side in pixels) of each.

    The letters take turns: any 26 from the first on are A to Z in some order, and so on.
    """

    images: Images
    letters: NDArray[np.str_]  # (n,) "A" to "Z"
    fonts: NDArray[np.str_]  # (n,) names in FONTS
    sizes: NDArray[np.int64]  # (n,) pixels

    def __len__(self) -> int:
        return len(self.letters)

    @property
    def classes(self) -> Labels:
        """The class of each: -1 for A to -26 for Z, see `class_name`."""
        return np.array([-(1 + ALPHABET.index(letter)) for letter in self.letters], np.int64)

    def take(self, rows: NDArray[np.intp]) -> "Letters":
        """Return the given rows."""
        return Letters(self.images[rows], self.letters[rows], self.fonts[rows], self.sizes[rows])


def class_name(label: int, names: Sequence[str] = ()) -> str:
    """Return what people call a class: `7` for class 7 without names, `A` for -1, `Z` for -26."""
    if label < 0:
        return ALPHABET[-label - 1]
    return names[label] if names else str(label)


def split_fonts(seed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return fonts to learn from and fonts to test with, no family being in both."""
    families = np.random.default_rng(seed).permutation(list(FAMILIES))
    test = [font for family in families[:TEST_FAMILIES] for font in FAMILIES[family]]
    return tuple(font for font in FONTS if font not in test), tuple(test)


def render_letters(image_shape: Shape, seed: int, fonts: tuple[str, ...] | None = None) -> Letters:
    """Draw A to Z in each font, in several sizes and places, white on black, antialiased.

    Without `fonts` (`None`), all of `FONTS` are drawn. The seed decides places and order. Raises
    `DatasetMissing` when a font is not there or cannot be drawn.
    """
    rng = np.random.default_rng(seed)
    sizes = sorted({max(2, round(share * min(image_shape))) for share in SIZES})
    drawn = [
        (canvas, letter, font, size)
        for font in (FONTS if fonts is None else fonts)
        for letter, large in zip(ALPHABET, draw_large(font), strict=True)
        for size in sizes
        for canvas in placed(shrunk(large, size), image_shape, rng)
    ]
    rendered = Letters(
        np.array([canvas for canvas, *_ in drawn], np.uint8).reshape(-1, *image_shape),
        np.array([letter for _, letter, *_ in drawn], np.str_),
        np.array([font for *_, font, _ in drawn], np.str_),
        np.array([size for *_, size in drawn], np.int64),
    )
    return rendered.take(take_turns(rendered.letters, rng))


def take_turns(letters: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return an order in which the letters, of which there are equally many, take turns."""
    rows = np.argsort(letters, kind="stable").reshape(len(ALPHABET), len(letters) // len(ALPHABET))
    rows = rng.permuted(rows, axis=1)  # within each letter
    return rng.permuted(rows.T, axis=1).ravel()  # within each turn


def draw_large(font: str) -> list[Image.Image]:
    """Draw A to Z large, and cut away what is empty round each; raises `DatasetMissing`."""
    opened = open_font(font)
    letters = []
    for letter in ALPHABET:
        canvas = Image.new("L", (2 * MASTER, 2 * MASTER))
        ImageDraw.Draw(canvas).text((MASTER // 2, MASTER // 4), letter, fill=255, font=opened)
        letters.append(canvas.crop(canvas.getbbox()))
    return letters


def open_font(font: str) -> ImageFont.FreeTypeFont:
    """Open one of the fonts that matplotlib ships; raises `DatasetMissing`."""
    path = font_folder() / f"{font}.ttf"
    try:
        return ImageFont.truetype(str(path), MASTER, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise DatasetMissing(
            f"The font {font}, which letters are drawn in, is missing or damaged; "
            "install matplotlib again, or leave letters out."
        ) from error


def font_folder() -> Path:
    """Return where matplotlib keeps its fonts, without importing it; raises `DatasetMissing`."""
    spec = find_spec("matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise DatasetMissing(
            "Letters are drawn in fonts that matplotlib ships, which is not installed; "
            "install it, or leave letters out."
        )
    return Path(spec.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"


def shrunk(letter: Image.Image, size: int) -> Images:
    """Scale a letter until its longer side has `size` pixels, its brightest being white."""
    scale = size / max(letter.size)
    width, height = (max(1, round(side * scale)) for side in letter.size)
    pixels = np.asarray(letter.resize((width, height), Image.Resampling.BOX), np.float64)
    white: Images = (pixels * 255 / pixels.max()).round().astype(np.uint8)
    return white


def placed(letter: Images, image_shape: Shape, rng: np.random.Generator) -> list[Images]:
    """Put a letter at several places round the middle of a black image, no place twice."""
    reach = max(1, int(REACH * min(image_shape)))
    steps = np.arange(-reach, reach + 1)
    places = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)  # (places, 2)
    middle = (np.array(image_shape) - letter.shape) // 2
    canvases = []
    for place in rng.permutation(places)[:OFFSETS]:
        top, left = np.clip(middle + place, 0, np.array(image_shape) - letter.shape)
        canvas = np.zeros(image_shape, np.uint8)
        canvas[top : top + letter.shape[0], left : left + letter.shape[1]] = letter
        canvases.append(canvas)
    return canvases
