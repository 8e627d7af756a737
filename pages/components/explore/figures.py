"""Figures of one item and of training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.components import theme
from state.explore.inspector import Placement

HEIGHT = 300
SIDES = {False: "inside", True: "outside"}  # of the sphere


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
