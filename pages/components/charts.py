"""Charts of quality, scores and decisions."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from anomaly_core.evaluation import Confusion
from pages.components import theme
from state.exploration import Histogram
from state.models import Model

COLOURS = {"normal": theme.NORMAL, "anomalous": theme.ANOMALOUS}
PATTERNS = {"normal": "", "anomalous": "/"}


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


def score_histogram(histogram: Histogram, threshold: float) -> go.Figure:
    """Draw the scores of normal and anomalous images and the threshold between them."""
    figure = go.Figure()
    for name, counts in histogram.counts.items():
        figure.add_trace(
            go.Bar(
                x=np.sqrt(histogram.edges[1:] * histogram.edges[:-1]),
                y=counts,
                width=np.diff(histogram.edges),
                name=f"{name} ({counts.sum():,})",
                marker={"color": COLOURS[name], "pattern": {"shape": PATTERNS[name]}},
                opacity=0.65,
                hovertemplate=f"%{{y}} {name} images near score %{{x:.3g}}<extra></extra>",
            )
        )
    figure.add_vline(x=threshold, line={"color": theme.LINE, "width": 2, "dash": "dash"})
    figure.add_annotation(
        x=np.log10(threshold),
        y=1.0,
        yref="paper",
        yanchor="bottom",
        text=f"threshold {threshold:.3g}",
        showarrow=False,
    )
    figure.update_xaxes(type="log", dtick=1, title="anomaly score (squared distance to the center)")
    figure.update_yaxes(title="images")
    figure.update_layout(barmode="overlay", bargap=0)
    return theme.layout(figure, height=360).update_layout(
        margin={"t": 32}, legend={"y": 1.0, "x": 0.01, "orientation": "v"}
    )


def confusion_matrix(confusion: Confusion, ink: str) -> go.Figure:
    """Draw the four counts in `ink`; the diagonal is what was judged rightly."""
    counts = np.array(
        [
            [confusion.true_negative, confusion.false_positive],
            [confusion.false_negative, confusion.true_positive],
        ]
    )
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    words = [["rightly passed", "false alarms"], ["missed", "caught"]]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=["passed", "flagged"],
            y=["normal", "anomalous"],
            text=[
                [f"<b>{counts[i, j]:,}</b><br>{words[i][j]}<br>{shares[i, j]:.1%}" for j in (0, 1)]
                for i in (0, 1)
            ],
            texttemplate="%{text}",
            textfont={"size": 15, "color": ink},
            colorscale=[[0, "rgba(47,116,208,0.04)"], [1, "rgba(47,116,208,0.4)"]],
            zmin=0,
            zmax=1,
            showscale=False,
            hoverinfo="skip",
            xgap=4,
            ygap=4,
        )
    )
    theme.layout(figure, height=280)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure.update_xaxes(side="top", showgrid=False)
