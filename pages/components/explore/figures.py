"""Figures of one item and of training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images
from pages.components import theme
from state.explore.inspector import Placement
from state.files.pictures import data_uri

HEIGHT = 300
ACCENT = "224, 112, 10"  # red, green, blue of what is anomalous
SEQUENTIAL = [[0, f"rgba({ACCENT}, 0)"], [1, f"rgba({ACCENT}, 0.9)"]]
SIDES = {False: "inside", True: "outside"}  # of the sphere
GHOST = 0.3  # of the ink: an image that lies below a map


def heatmap(values: NDArray[np.floating[Any]], meaning: str, reach: float) -> go.Figure:
    """Draw signed values (height, width) with their scale, which ends at `reach` on both sides."""
    figure = go.Figure(
        go.Heatmap(
            z=values,
            zmin=-reach,
            zmax=reach,
            colorscale=[[0, theme.NORMAL], [0.5, theme.paper()], [1, theme.ANOMALOUS]],
            colorbar={
                "thickness": 12,
                "tickformat": "+.2~g",
                "nticks": 7,
                "title": {"text": "darker · brighter", "side": "right", "font": {"size": 13}},
            },
            hovertemplate=f"row %{{y}}, column %{{x}}<br>{meaning} %{{z:+.3f}}<extra></extra>",
        )
    )
    return without_axes(figure)


def distances(values: NDArray[np.floating[Any]], image: Images) -> go.Figure:
    """Draw distances (height, width), or what places add to one, over a ghost of their image."""
    behind = data_uri(ghost(image, theme.paper(), theme.ink()))
    figure = go.Figure(go.Image(source=behind, hoverinfo="skip"))
    figure.add_trace(
        go.Heatmap(
            z=values,
            zmin=0,
            zmax=float(values.max()) or 1.0,
            colorscale=SEQUENTIAL,
            colorbar={
                "thickness": 12,
                "tickformat": ".2~g",
                "nticks": 7,
                "title": {"text": "single places", "side": "right", "font": {"size": 13}},
            },
            hovertemplate="row %{y}, column %{x}<br>this place %{z:.3f}<extra></extra>",
        )
    )
    return without_axes(figure)


def ghost(image: Images, paper: str, ink: str) -> Images:
    """Draw an image faintly on the page: what is as bright as most of it is the page itself.

    So the colours of a map above it are those of its scale. Colours are `#rrggbb`; returns
    (height, width, 3).
    """
    grey = image.astype(np.float64).reshape(*image.shape[:2], -1).mean(axis=2)
    far = np.abs(grey - np.median(grey))
    share = GHOST * far[..., None] / max(1.0, float(far.max()))
    low, high = (np.array(list(bytes.fromhex(colour[1:]))) for colour in (paper, ink))
    pixels: Images = (low + share * (high - low)).round().astype(np.uint8)
    return pixels


def without_axes(figure: go.Figure) -> go.Figure:
    """Lay out a picture of pixels, which are square, the first row on top."""
    theme.layout(figure, HEIGHT)
    figure.update_xaxes(visible=False, constrain="domain")
    return figure.update_yaxes(visible=False, autorange="reversed", scaleanchor="x")


def placements(known: Sequence[Placement]) -> go.Figure:
    """Draw an item's percentile over the model versions; crosses lie outside the sphere."""
    figure = go.Figure(
        go.Scatter(
            x=[one.version for one in known],
            y=[one.percentile for one in known],
            customdata=[
                [one.score, one.distance / one.R if one.R else np.nan, one.rank] for one in known
            ],
            mode="lines+markers",
            line={"color": theme.LINE, "width": 2},
            marker={
                "size": 10,
                "color": [theme.ANOMALOUS if one.outside else theme.NORMAL for one in known],
                "symbol": ["x" if one.outside else "circle" for one in known],
            },
            hovertemplate="model %{x}: percentile %{y:.1f}, number %{customdata[2]:,} from the top"
            "<br>score %{customdata[0]:.4g}, distance %{customdata[1]:.2f} R<extra></extra>",
        )
    )
    theme.whole_numbers(figure, [one.version for one in known])
    figure.update_xaxes(title="model version")
    figure.update_yaxes(
        title="share of the pool that scores lower", range=[-4, 104], ticksuffix=" %"
    )
    theme.layout(figure, HEIGHT).update_layout(margin={"t": 20})
    for side, words in SIDES.items():
        if there := [one for one in known if one.outside == side]:
            theme.note(figure, there[-1].version, there[-1].percentile, words, yshift=16)
    return figure


def losses(rows: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Draw the training and validation losses of one stage."""
    figure = go.Figure()
    for place, (key, name) in enumerate((("training", "training"), ("validation", "validation"))):
        known = [row for row in rows if row.get(key) is not None]
        if known:
            figure.add_trace(
                go.Scatter(
                    x=[row["epoch"] for row in known],
                    y=[row[key] for row in known],
                    mode="lines+markers",
                    name=name,
                    line={"color": theme.SERIES[place], "dash": theme.DASHES[place], "width": 2},
                    marker={"symbol": theme.MARKS[place], "size": 7},
                    hovertemplate=f"%{{x}}: {name} loss %{{y:.4g}}<extra></extra>",
                )
            )
    most = max((max(trace.y) for trace in figure.data), default=1.0)
    figure.update_yaxes(title="mean loss", range=[0, 1.08 * most])
    return theme.named_at_ends(theme.layout(figure, HEIGHT), ".3g")
