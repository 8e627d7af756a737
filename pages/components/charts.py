"""Charts of quality."""

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.components import theme
from state.models import Model


def learning_curve(models: Sequence[Model]) -> go.Figure:
    """Draw AUROC over labels bought, one point a model version."""
    known = [model for model in models if model.metrics.get("auroc") is not None]
    figure = go.Figure(
        go.Scatter(
            x=[model.label_count for model in known],
            y=[model.metrics["auroc"] for model in known],
            customdata=[model.version for model in known],
            mode="lines+markers",
            line={"color": theme.NORMAL, "width": 2},
            marker={"size": 8},
            hovertemplate="model %{customdata}: AUROC %{y:.4f} at %{x} labels<extra></extra>",
        )
    )
    figure.update_xaxes(title="labels bought", rangemode="tozero")
    low = min((model.metrics["auroc"] for model in known), default=0.5)
    figure.update_yaxes(title="AUROC on held-out images", range=[low - 0.05 * (1 - low) - 0.01, 1])
    return theme.layout(figure, height=340)
