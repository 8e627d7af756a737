"""Images that stand out by light, sharpness, size or shape, each measured by the others."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from anomaly_core.importing.examining import Examined

ENOUGH = 10  # images, for one to stand out
DARK, BRIGHT = 0.05, 0.95  # mean brightness
FAR = 3  # times nearer to black, or white, than the median
DULL = 10  # times less sharp than the median
DEVIATIONS = 3.5  # as Iglewicz and Hoaglin, "How to detect and handle outliers", 1993, propose
TO_SIGMA = 1.4826  # from the median absolute deviation to the standard deviation
SIDE, ASPECT = 4, 2  # times the median

Marks = NDArray[np.bool_]  # (n,)
Measures = NDArray[np.float64]  # (n,)


def outliers(examined: Sequence[Examined]) -> dict[str, Marks]:
    """Which images stand out, by what for.

    Constant images count as such only, and not in the medians. Dark ones have a mean brightness
    below `DARK`, and below a third of the median; bright ones alike. Blurred ones have less than a
    tenth of the median sharpness, and lie `DEVIATIONS` below it on a logarithmic scale. Sizes are
    the square root of the area; they and the ratio of width to height are compared with their
    medians. Fewer than `ENOUGH` images have no usual size, shape, light or sharpness.
    """
    constant = measured(examined, lambda one: one.spread) == 0
    told = ~constant
    if told.sum() < ENOUGH:
        return {"constant": constant}
    light = measured(examined, lambda one: one.brightness)
    usual = float(np.median(light[told]))
    size = measured(examined, lambda one: (one.width * one.height) ** 0.5)
    aspect = measured(examined, lambda one: one.width / one.height)
    return {
        "constant": constant,
        "dark": told & (light < DARK) & (light * FAR < usual),
        "bright": told & (light > BRIGHT) & ((1 - light) * FAR < 1 - usual),
        "blurred": told & dull(measured(examined, lambda one: one.sharpness), told),
        "unusual size": told & far_off(size, told, SIDE),
        "unusual shape": told & far_off(aspect, told, ASPECT),
    }


def measured(examined: Sequence[Examined], measure: Callable[[Examined], float]) -> Measures:
    """One number an image."""
    return np.array([measure(one) for one in examined], np.float64)


def dull(sharpness: Measures, told: Marks) -> Marks:
    """Which images are far less sharp than most of those that tell."""
    scale = np.log(sharpness + 1e-6)
    usual = np.median(scale[told])
    deviation = TO_SIGMA * np.median(np.abs(scale[told] - usual))
    below: Marks = scale < usual - max(np.log(DULL), DEVIATIONS * deviation)
    return below


def far_off(measures: Measures, told: Marks, times: float) -> Marks:
    """Which are more than so many times the median of those that tell, or less than its part."""
    scale = np.log(measures / np.median(measures[told]))
    off: Marks = np.abs(scale) > np.log(times)
    return off
