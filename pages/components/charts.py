"""Charts of quality."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from anomaly_core.threshold.intervals import Interval
from pages.components import theme
from pages.components.text import percent
from state.quality.discovery import Discovery
from state.store.models import Model
from state.versions.lineage import Entry
from state.workers.baseline.curve import Baseline

HEIGHT = 340
Sure = Mapping[int, Interval | None]  # what the AUROC of a version lies between, by its number
ASKED, AT_RANDOM = "this project", "asking at random"


def learning_curve(models: Sequence[Model], baseline: Baseline | None, sure: Sure) -> go.Figure:
    """Draw AUROC over labels learned, one point a model version, beside that of random queries."""
    known = [model for model in models if model.metrics.get("auroc") is not None]
    figure = go.Figure(
        go.Scatter(
            x=[model.label_count for model in known],
            y=[model.metrics["auroc"] for model in known],
            customdata=[(model.version, said(sure.get(model.version))) for model in known],
            error_y=bars([sure.get(model.version) for model in known]),
            name=ASKED,
            mode="lines+markers",
            line={"color": theme.OURS, "width": 2},
            marker={"size": 8, "symbol": "circle"},
            cliponaxis=False,
            hovertemplate="model %{customdata[0]}: AUROC %{y:.4f} after %{x} answers"
            f"<br>95% interval %{{customdata[1]}}<extra>{ASKED}</extra>",
        )
    )
    if baseline is not None:
        figure.add_trace(random_curve(baseline))
    lows = [model.metrics["auroc"] for model in known] + finite(baseline)
    low = min([*lows, *(one.low for one in sure.values() if one)], default=0.5)
    low -= 0.05 * (1 - low) + 0.01
    figure.update_xaxes(title="answers trained on")
    figure.update_yaxes(title="AUROC on held-out images", range=[low, 1])
    return theme.named_at_ends(theme.layout(figure, HEIGHT), ".3f")


def said(sure: Interval | None) -> str:
    """Between which values an estimate lies, in words."""
    return f"{sure.low:.3f} to {sure.high:.3f}" if sure else "not known"


def bars(sure: Sequence[Interval | None]) -> dict[str, object]:
    """Bars over intervals, one for each point of a line; none where there is no interval."""
    return {
        "array": [one.high - one.value if one else None for one in sure],
        "arrayminus": [one.value - one.low if one else None for one in sure],
        "color": theme.LINE,
        "thickness": 1.5,
    }


def random_curve(baseline: Baseline) -> go.Scatter:
    """The curve of random queries, as far as it is computed."""
    return go.Scatter(
        x=baseline.labels,
        y=baseline.auroc,
        name=AT_RANDOM,
        mode="lines+markers",
        line={"color": theme.CHANCE, "width": 2, "dash": "dash"},
        marker={"size": 9, "symbol": "x"},
        cliponaxis=False,
        hovertemplate=f"AUROC %{{y:.4f}} after %{{x}} answers<extra>{AT_RANDOM}</extra>",
    )


def finite(baseline: Baseline | None) -> list[float]:
    """The AUROCs of random queries that are defined."""
    return [] if baseline is None else baseline.auroc[np.isfinite(baseline.auroc)].tolist()


def discoveries(known: Discovery) -> go.Figure:
    """Draw anomalies found over labels given, beside what random ones would be expected to find."""
    expectation = f"asking at random ({percent(known.contamination)})"
    figure = go.Figure(
        [
            go.Scatter(
                x=known.given,
                y=known.found,
                name="found",
                mode="lines",
                line={"color": theme.OURS, "width": 2, "shape": "hv"},
                hovertemplate="%{y} anomalies in %{x} answers<extra>found</extra>",
            ),
            go.Scatter(
                x=known.given,
                y=known.expected,
                name=expectation,
                mode="lines",
                line={"color": theme.CHANCE, "width": 2, "dash": "dash"},
                hovertemplate="%{y:.1f} anomalies in %{x} answers<extra>asking at random</extra>",
            ),
        ]
    )
    most = float(max(known.found[-1], known.expected[-1], 1))
    figure.update_xaxes(title="answers")
    figure.update_yaxes(title="anomalies found", range=[0, 1.08 * most])
    return theme.named_at_ends(theme.layout(figure, HEIGHT), ".3g")


def audited(entries: Sequence[Entry]) -> go.Figure:
    """Draw each version's AUROC by random answers with its 95% interval."""
    known = [(entry, entry.estimate) for entry in entries if entry.estimate is not None]
    figure = go.Figure(
        go.Scatter(
            x=[entry.version for entry, _ in known],
            y=[estimate.value for _, estimate in known],
            customdata=[(said(one), entry.model.label_count) for entry, one in known],
            mode="lines+markers",
            line={"color": theme.OURS, "width": 1, "dash": "dot"},
            marker={"size": 9, "symbol": "diamond"},
            error_y=bars([one for _, one in known]),
            hovertemplate="model %{x}, trained on %{customdata[1]} answers: AUROC %{y:.3f}"
            "<br>95% interval %{customdata[0]}<extra></extra>",
        )
    )
    by_chance = {"color": theme.CHANCE, "width": 1, "dash": "dash"}
    figure.add_hline(0.5, line=by_chance, annotation_text="by chance")
    theme.whole_numbers(figure, [entry.version for entry, _ in known])
    figure.update_xaxes(title="model version")
    figure.update_yaxes(title="AUROC by random answers", maxallowed=1.03)
    return theme.layout(figure, 260)
