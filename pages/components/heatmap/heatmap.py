"""Heatmaps of an image, of which pointer and arrow keys tell the value at every place."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images
from pages.components.component import component
from state.files.pictures import data_uri
from state.labeling.payload import encode

HEATMAP = component("heatmap", __file__)
Values = NDArray[np.floating[Any]]


def signed(key: str, name: str, values: Values, reach: float, words: tuple[str, str]) -> None:
    """Draw values (height, width) from -`reach` to `reach`, blue and orange.

    `words` are what a value is, above 0 and below.
    """
    ends = [f"+{reach:g}", "0", f"-{reach:g}"]
    draw(key, values, {"name": name, "words": words, "least": -reach, "most": reach, "ends": ends})


def above_zero(key: str, name: str, values: Values, image: Images, words: str) -> None:
    """Draw values (height, width), or what places add to one, over their image."""
    most = float(values.max()) or 1.0
    ends = [f"{most:.2g}", "0"]
    more = {"name": name, "words": [words, words], "least": 0, "most": most, "ends": ends}
    draw(key, values, more | {"picture": data_uri(image)})


def draw(key: str, values: Values, more: Mapping[str, Any]) -> None:
    """Send the values and what is said of them to the browser."""
    height, width = values.shape
    sent = {"values": encode(values.astype("<f4")), "height": height, "width": width}
    HEATMAP(key=key, data={"picture": None, **sent, **more})
