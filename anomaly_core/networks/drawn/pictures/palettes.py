"""Colours that go together: short walks in OKLab, most of them of few hues and little chroma.

OKLab is Ottosson 2020, "A perceptual color space for image processing".
"""

import numpy as np
from numpy.typing import NDArray

from anomaly_core.networks.drawn.pictures.fields import Field, Picture

Values = NDArray[np.float64]  # (count,)
Colors = NDArray[np.float32]  # (count, 3), red, green and blue between 0 and 1

FROM_LAB = np.array(
    [
        [1, 0.3963377774, 0.2158037573],
        [1, -0.1055613458, -0.0638541728],
        [1, -0.0894841775, -1.2914855480],
    ],
    np.float32,
)
TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ],
    np.float32,
)
GREY, MUTED, PLAIN, VIVID = 0.005, 0.04, 0.09, 0.17  # chroma in OKLab; 0.3 is the most there is
MOODS = (GREY, MUTED, MUTED, MUTED, PLAIN, PLAIN, PLAIN, VIVID)
WANDER = (0.1, 0.35, 0.9)  # radians of hue from one colour to the next


def colors(lightness: Values, chroma: Values, hue: Values) -> Colors:
    """The sRGB colours of lightness (0 to 1), chroma (0 to 0.3) and hue (radians)."""
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], 1).astype(np.float32)
    linear = np.clip((lab @ FROM_LAB.T) ** 3 @ TO_RGB.T, 0, 1)
    rgb: Colors = np.where(linear < 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return rgb.astype(np.float32)


def palette(rng: np.random.Generator, count: int, *, spread: float = 1.0) -> Colors:
    """Draw `count` colours of one mood; `spread` scales how far apart in lightness they lie."""
    mood = MOODS[rng.integers(len(MOODS))]
    first = rng.uniform(0, 2 * np.pi) if rng.random() < 0.6 else rng.normal(1.0, 0.5)  # earth
    hues = first + np.cumsum(rng.normal(0, WANDER[rng.integers(len(WANDER))], count))
    if rng.random() < 0.25:  # a complement or an accent
        hues = hues + np.pi * (rng.random(count) < 0.3)
    middle = rng.uniform(0.35, 0.9)
    lightness = middle + spread * rng.uniform(0.08, 0.3) * rng.standard_normal(count)
    chroma = mood * rng.uniform(0.3, 1.4, count)
    return colors(np.clip(lightness, 0.05, 0.99), chroma, hues)


def ramp(rng: np.random.Generator, *, stops: int = 3, spread: float = 1.0) -> Colors:
    """A walk of 256 colours through a few of one palette, mostly from dark to light."""
    chosen = palette(rng, stops, spread=spread)
    if rng.random() < 0.7:
        chosen = chosen[np.argsort(chosen.sum(1))]
    at = np.linspace(0, stops - 1, 256)
    channels = [np.interp(at, np.arange(stops), chosen[:, channel]) for channel in range(3)]
    return np.stack(channels, 1).astype(np.float32)


def painted(field: Field, colors_: Colors) -> Picture:
    """The picture of a field between 0 and 1 in the colours of a ramp (256, 3)."""
    return colors_[(field * np.float32(255)).astype(np.uint8)]
