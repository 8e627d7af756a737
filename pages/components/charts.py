"""Charts of quality."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pages.components import theme
from pages.components.text import percent
from state.quality.discovery import Discovery
from state.store.models import Model
from state.versions.lineage import Entry
from state.workers.baseline.curve import Baseline

HEIGHT = 340
ASKED, AT_RANDOM = "this project", "random queries, same seed"


def learning_curve(models: Sequence[Model], baseline: Baseline | None) -> go.Figure:
    """Draw AUROC over labels learned, one point a model version, beside that of random queries."""
    known = [model for model in models if model.metrics.get("auroc") is not None]
    figure = go.Figure(
        go.Scatter(
            x=[model.label_count for model in known],
            y=[model.metrics["auroc"] for model in known],
            customdata=[model.version for model in known],
            name=ASKED,
            showlegend=True,
            mode="lines+markers",
            line={"color": theme.NORMAL, "width": 2},
            marker={"size": 8, "symbol": "circle"},
            cliponaxis=False,
            hovertemplate="model %{customdata}: AUROC %{y:.4f} after %{x} answers"
            f"<extra>{ASKED}</extra>",
        )
    )
    if baseline is not None:
        figure.add_trace(random_curve(baseline))
    lows = [model.metrics["auroc"] for model in known] + finite(baseline)
    low = min(lows, default=0.5)
    figure.update_xaxes(title="answers trained on", rangemode="tozero")
    figure.update_yaxes(title="AUROC on held-out images", range=[low - 0.05 * (1 - low) - 0.01, 1])
    return above(theme.layout(figure, HEIGHT))


def random_curve(baseline: Baseline) -> go.Scatter:
    """The curve of random queries, as far as it is computed."""
    return go.Scatter(
        x=baseline.labels,
        y=baseline.auroc,
        name=AT_RANDOM,
        mode="lines+markers",
        line={"color": theme.ANOMALOUS, "width": 2, "dash": "dash"},
        marker={"size": 9, "symbol": "x"},
        cliponaxis=False,
        hovertemplate=f"AUROC %{{y:.4f}} after %{{x}} answers<extra>{AT_RANDOM}</extra>",
    )


def finite(baseline: Baseline | None) -> list[float]:
    """The AUROCs of random queries that are defined."""
    return [] if baseline is None else baseline.auroc[np.isfinite(baseline.auroc)].tolist()


def discoveries(known: Discovery) -> go.Figure:
    """Draw anomalies found over labels given, beside what random ones would be expected to find."""
    expectation = f"expected of random answers ({percent(known.contamination)})"
    figure = go.Figure(
        [
            go.Scatter(
                x=known.given,
                y=known.found,
                name="found",
                mode="lines",
                line={"color": theme.NORMAL, "width": 2, "shape": "hv"},
                hovertemplate="%{y} anomalies in %{x} answers<extra>found</extra>",
            ),
            go.Scatter(
                x=known.given,
                y=known.expected,
                name=expectation,
                mode="lines",
                line={"color": theme.ANOMALOUS, "width": 2, "dash": "dash"},
                hovertemplate="%{y:.1f} anomalies in %{x} answers"
                "<extra>expected of random answers</extra>",
            ),
        ]
    )
    figure.update_xaxes(title="answers", rangemode="tozero")
    figure.update_yaxes(title="anomalies found", rangemode="tozero")
    return above(theme.layout(figure, HEIGHT))


def audited(entries: Sequence[Entry]) -> go.Figure:
    """Draw each version's AUROC by random answers with its 95% interval."""
    known = [(entry, entry.estimate) for entry in entries if entry.estimate is not None]
    figure = go.Figure(
        go.Scatter(
            x=[entry.version for entry, _ in known],
            y=[estimate.value for _, estimate in known],
            customdata=[(one.low, one.high, entry.model.label_count) for entry, one in known],
            mode="lines+markers",
            line={"color": theme.NORMAL, "width": 1, "dash": "dot"},
            marker={"size": 9, "symbol": "diamond"},
            error_y={
                "array": [one.high - one.value for _, one in known],
                "arrayminus": [one.value - one.low for _, one in known],
                "color": theme.LINE,
            },
            hovertemplate="model %{x}, trained on %{customdata[2]} answers: AUROC %{y:.3f} "
            "(%{customdata[0]:.3f} to %{customdata[1]:.3f})<extra></extra>",
        )
    )
    ticks = min(20, len(known) + 1)
    figure.update_xaxes(title="model version", tickformat="d", nticks=ticks)
    figure.update_yaxes(title="AUROC by random answers", maxallowed=1.03)
    return theme.layout(figure, 260)


def above(figure: go.Figure) -> go.Figure:
    """Put the legend above the figure, where it never covers the title of an axis."""
    return figure.update_layout(legend={"y": 1.02, "yanchor": "bottom"}, margin={"t": 30})
