"""Figures of a run, with Plotly: losses, scores, ROC and precision-recall curves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from anomaly_core.evaluation import DecisionCurve

COLOURS = ("#2f74d0", "#e0700a", "#16a085", "#8e44ad", "#c0392b", "#7c879b", "#b7950b", "#1b7f9c")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "diamond", "square", "cross", "x", "triangle-up", "star", "hexagon")
BINS = 60


def style(place: int) -> dict[str, Any]:
    """Line colour and dash of the contestant at a place: never told apart by colour alone."""
    return {
        "color": COLOURS[place % len(COLOURS)],
        "dash": DASHES[place % len(DASHES)],
        "width": 2,
    }


def loss_curves(curves: pd.DataFrame, titles: dict[str, str]) -> go.Figure:
    """Loss per epoch, training and validation, of every model that recorded any."""
    figure = go.Figure()
    groups = curves.groupby(["model", "stage"], sort=False)
    for place, ((name, stage), losses) in enumerate(groups):
        for part, dash in (("training", "solid"), ("validation", "dash")):
            if losses[part].notna().any():
                figure.add_scatter(
                    x=losses["epoch"],
                    y=losses[part],
                    name=f"{titles.get(str(name), name)}{of_stage(str(stage))}, {part}",
                    mode="lines+markers",
                    line={"color": COLOURS[place % len(COLOURS)], "dash": dash, "width": 2},
                )
    figure.update_xaxes(title="epoch", tickformat=",d", nticks=12, rangemode="tozero")
    figure.update_yaxes(title="loss", type="log", dtick="D2", tickformat=".2~g")
    return layout(figure)


def of_stage(stage: str) -> str:
    """Name a stage of training, where it is not the only one."""
    return "" if stage == "training" else f", {stage}"


def score_distribution(
    scores: NDArray[np.floating[Any]], types: Sequence[str], cut: float
) -> go.Figure:
    """How the scores of each type of image are spread, and the threshold."""
    values = np.asarray(scores, np.float64)
    edges = np.linspace(values.min(), max(np.quantile(values, 0.995), cut * 1.05), BINS + 1)
    figure = go.Figure()
    for place, type_ in enumerate(sorted(set(types))):
        of_type = np.clip(values[np.asarray(types) == type_], edges[0], edges[-1])
        share = np.histogram(of_type, edges)[0] / max(1, len(of_type)) * 100
        figure.add_scatter(
            x=(edges[1:] + edges[:-1]) / 2,
            y=share,
            name=f"{type_} ({len(of_type):,})",
            mode="lines",
            line={**style(place), "shape": "hvh"},
        )
    figure.add_vline(x=cut, line={"color": "#7c879b", "dash": "dash", "width": 2})
    figure.add_annotation(
        x=cut, y=1, yref="paper", yanchor="bottom", showarrow=False, text=f"threshold {cut:.3g}"
    )
    figure.update_xaxes(title="anomaly score").update_yaxes(
        title="share of its type", ticksuffix=" %"
    )
    return layout(figure)


def separation_figure(
    contestants: Sequence[tuple[str, Any, float]], types: Sequence[str]
) -> go.Figure:
    """Boxes of the scores of each type; `contestants` are (title, scores, threshold).

    Scores are divided by the threshold, so that all share one axis: above 1 is flagged.
    """
    figure = go.Figure()
    among = np.asarray(types)
    contestants = [one for one in contestants if one[2] > 0]
    for place, type_ in enumerate(sorted(set(types))):
        for number, (title, scores, cut) in enumerate(contestants):
            low, lower, middle, upper, high = np.quantile(
                scores[among == type_] / cut, (0.05, 0.25, 0.5, 0.75, 0.95)
            )
            figure.add_box(
                x=[title],
                lowerfence=[low],
                q1=[lower],
                median=[middle],
                q3=[upper],
                upperfence=[high],
                name=type_,
                legendgroup=type_,
                showlegend=number == 0,
                offsetgroup=type_,
                marker={"color": COLOURS[place % len(COLOURS)]},
            )
    figure.add_hline(y=1, line={"color": "#7c879b", "dash": "dash", "width": 2})
    figure.update_layout(boxmode="group")
    figure.update_yaxes(title="score / threshold", type="log")
    return layout(figure)


def roc_figure(titles: Sequence[str], curves: Sequence[DecisionCurve | None]) -> go.Figure:
    """Overlaid ROC curves of contestants, each marked at its threshold."""
    figure = overlaid(titles, curves)
    figure.update_xaxes(title="false alarms, of normal images", tickformat=".0%", range=[0, 1.005])
    figure.update_yaxes(title="caught, of anomalous images", tickformat=".0%", range=[0, 1.01])
    return layout(figure)


def precision_recall_figure(
    titles: Sequence[str], curves: Sequence[DecisionCurve | None]
) -> go.Figure:
    """Overlaid precision-recall curves of contestants, each marked at its threshold."""
    figure = overlaid(titles, curves)
    figure.update_xaxes(title="recall", tickformat=".0%", range=[0, 1.005])
    figure.update_yaxes(title="precision", tickformat=".0%", range=[0, 1.01])
    return layout(figure)


def overlaid(titles: Sequence[str], curves: Sequence[DecisionCurve | None]) -> go.Figure:
    """Draw contestants' curves over each other, and mark where their own thresholds lie on them."""
    figure = go.Figure()
    for place, (title, curve) in enumerate(zip(titles, curves, strict=True)):
        if curve is None:
            continue
        common = {"legendgroup": title}
        figure.add_scatter(
            x=curve.x, y=curve.y, name=title, mode="lines", line=style(place), **common
        )
        if curve.at:
            mark = {"size": 11, "symbol": SYMBOLS[place % len(SYMBOLS)]}
            figure.add_scatter(
                x=curve.at[:1],
                y=curve.at[1:],
                name=f"{title}, at its threshold",
                mode="markers",
                marker={**mark, "color": COLOURS[place % len(COLOURS)]},
                showlegend=False,
                **common,
            )
    return figure


def layout(figure: go.Figure) -> go.Figure:
    """The common margins, fonts and legend."""
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 13, "family": "system-ui, sans-serif", "color": "#5d6b82"},
        legend={"orientation": "h", "y": -0.2, "x": 0},
    )
    grid = {"gridcolor": "rgba(124,135,155,0.25)", "zeroline": False}
    return figure.update_xaxes(**grid).update_yaxes(**grid)
