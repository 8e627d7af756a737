"""A thing: patches about the middle of the image, the nearest last.

Its maker is given the colours it may use, six of them, of which the first is that of the body.
"""

from collections.abc import Callable

import numpy as np

from anomaly_core.networks.drawn.pictures.palettes import Colors
from anomaly_core.networks.drawn.pictures.patches import Contour, Patch

Thing = Callable[[np.random.Generator, Colors], list[Patch]]

DARK = np.array([0.08, 0.08, 0.09], np.float32)  # rubber, pupils, holes
UP = np.pi / 2


def mirrored(outline: Contour) -> Contour:
    """The outline on the other side of the middle."""
    other: Contour = outline * (-1, 1) + (1, 0)
    return other
