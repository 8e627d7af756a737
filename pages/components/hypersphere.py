"""The hypersphere as a picture: distance from the middle is the true distance to the center."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from anomaly_core.datasets.base import Labels
from pages.components import theme

MOST_POINTS = 4000  # drawn of the unlabeled; the picture says so when it draws fewer than all


def hypersphere(
    located: NDArray[np.float32],
    R: float,
    y: Labels,
    proposed: NDArray[np.int64],
    current: int | None,
) -> go.Figure:
    """Draw items at (n, 2) `located` distances and angles round a circle of radius `R`."""
    xy = located[:, :1] * np.stack([np.cos(located[:, 1]), np.sin(located[:, 1])], axis=1)
    figure = go.Figure()
    unlabeled = np.flatnonzero(y == 0)
    total = len(unlabeled)
    unlabeled = unlabeled[:: -(-total // MOST_POINTS) or 1]
    drawn = f"{len(unlabeled):,} of {total:,} unlabeled" if len(unlabeled) < total else "unlabeled"
    for items, name, colour, symbol, size in (
        (unlabeled, drawn, theme.UNLABELED, "circle", 4),
        (np.flatnonzero(y > 0), "normal", theme.NORMAL, theme.SYMBOL_NORMAL, 8),
        (np.flatnonzero(y < 0), "anomalous", theme.ANOMALOUS, theme.SYMBOL_ANOMALOUS, 9),
        (proposed, "proposed", theme.PROPOSED, theme.SYMBOL_PROPOSED, 10),
        (
            np.array([] if current is None else [current], int),
            "on the desk",
            theme.PROPOSED,
            "diamond",
            15,
        ),
    ):
        figure.add_trace(points(xy, located, items, name, colour, symbol, size))
    figure.add_shape(
        type="circle", x0=-R, x1=R, y0=-R, y1=R, line={"color": theme.LINE, "width": 2}
    )
    figure.add_annotation(x=0, y=R, text=f"R = {R:.3g}", showarrow=False, yshift=10)
    figure.add_annotation(x=0, y=0, text="+", showarrow=False, font={"size": 20})
    reach = 1.08 * max(R, float(np.max(located[:, 0], initial=0)))
    figure.update_xaxes(visible=False, range=[-reach, reach])
    figure.update_yaxes(visible=False, range=[-reach, reach], scaleanchor="x")
    return theme.layout(figure, height=500)


def points(
    xy: NDArray[np.float32],
    located: NDArray[np.float32],
    items: NDArray[np.int64],
    name: str,
    colour: str,
    symbol: str,
    size: int,
) -> go.Scattergl:
    """One kind of item as a trace; `customdata` holds the stable item numbers."""
    return go.Scattergl(
        x=xy[items, 0],
        y=xy[items, 1],
        mode="markers",
        name=f"{name} ({len(items):,})" if name != "on the desk" else name,
        marker={
            "color": colour,
            "symbol": symbol,
            "size": size,
            "line": {"width": 1, "color": colour},
        },
        customdata=np.stack([items, located[items, 0]], axis=1),
        hovertemplate="item %{customdata[0]:d}<br>distance %{customdata[1]:.3f}<extra>"
        + name
        + "</extra>",
    )
