"""Heatmaps of an image, of which pointer and arrow keys tell the value at every place."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images
from pages.components import theme
from pages.components.component import component
from state.files.pictures import data_uri
from state.labeling.payload import encode

FAINT = 0.3  # of the ink: an image that lies below a map
HEATMAP = component("heatmap", __file__)
Values = NDArray[np.floating[Any]]


def signed(key: str, name: str, values: Values, reach: float, words: tuple[str, str]) -> None:
    """Draw values (height, width) from -`reach` to `reach`, blue and orange.

    `words` are what a value is, above 0 and below.
    """
    ends = [f"+{reach:g}", "0", f"-{reach:g}"]
    draw(key, values, {"name": name, "words": words, "least": -reach, "most": reach, "ends": ends})


def above_zero(key: str, name: str, values: Values, image: Images, words: str) -> None:
    """Draw values (height, width), or what places add to one, over a ghost of their image."""
    most = float(values.max()) or 1.0
    ends = [f"{most:.2g}", "0"]
    more = {"name": name, "words": [words, words], "least": 0, "most": most, "ends": ends}
    behind = ghost(image, theme.paper(), theme.ink())
    draw(key, values, more | {"picture": data_uri(behind)})


def draw(key: str, values: Values, more: Mapping[str, Any]) -> None:
    """Send the values and what is said of them to the browser."""
    height, width = values.shape
    sent = {"values": encode(values.astype("<f4")), "height": height, "width": width}
    HEATMAP(key=key, data={"picture": None, **sent, **more})


def ghost(image: Images, paper: str, ink: str) -> Images:
    """Draw an image faintly on the page: what is as bright as most of it is the page itself.

    So the colours of a map above it are those of its scale. Colours are `#rrggbb`; returns
    (height, width, 3).
    """
    grey = image.astype(np.float64).reshape(*image.shape[:2], -1).mean(axis=2)
    far = np.abs(grey - np.median(grey))
    share = FAINT * far[..., None] / max(1.0, float(far.max()))
    low, high = (np.array(list(bytes.fromhex(colour[1:]))) for colour in (paper, ink))
    pixels: Images = (low + share * (high - low)).round().astype(np.uint8)
    return pixels
