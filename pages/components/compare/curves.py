"""ROC curves and curves of precision and recall, all contestants over each other."""

import plotly.graph_objects as go
import streamlit as st

from anomaly_core.evaluation import DecisionCurve
from pages.components import theme
from state.quality.comparison import Comparison

HEIGHT = 460
FEW = 4  # curves that are named where they are; more get a legend
ROC, PRECISION_RECALL = "ROC", "Precision and recall"
HOVER = {
    ROC: "recall %{y:.1%}, false alarms %{x:.1%}",
    PRECISION_RECALL: "precision %{y:.1%}, recall %{x:.1%}",
}
ALT = {
    ROC: "ROC curve of each detector: recall over false alarms; the table has the figures.",
    PRECISION_RECALL: "Precision over recall of each detector; the table has the figures.",
}


def curves(comparison: Comparison) -> None:
    """Draw both figures; a mark on each curve shows where its threshold lies."""
    if all(comparison.roc(one.name) is None for one in comparison.entrants):
        st.caption("Undefined: the images are not both normal and anomalous.")
        return
    left, right = st.container(key="wide-curves").columns(2, gap="medium")
    with left:
        figure = drawn(comparison, ROC)
        figure.add_shape(
            type="line", x0=0, y0=0, x1=1, y1=1, line={"color": theme.CHANCE, "width": 1}
        )
        figure.update_xaxes(title="false alarms (share of the normal that are flagged)")
        figure.update_yaxes(title="recall (share of the anomalous that are flagged)")
        st.plotly_chart(figure, key="roc", config=theme.CONFIG, width="stretch", alt=ALT[ROC])
    with right:
        figure = drawn(comparison, PRECISION_RECALL)
        figure.update_xaxes(title="recall (share of the anomalous that are flagged)")
        figure.update_yaxes(title="precision (share of the flagged that are anomalous)")
        st.plotly_chart(
            figure,
            key="precision-recall",
            config=theme.CONFIG,
            width="stretch",
            alt=ALT[PRECISION_RECALL],
        )
    st.caption("The mark on each curve is what the detector's own threshold gives.")


def drawn(comparison: Comparison, kind: str) -> go.Figure:
    """Draw every contestant's curve of one kind."""
    figure = go.Figure()
    for place, one in enumerate(comparison.entrants):
        find = comparison.roc if kind == ROC else comparison.precision_recall
        curve = find(one.name)
        if curve is not None:
            figure.add_traces(traces(curve, one.title, place, kind))
    theme.layout(figure, HEIGHT)
    figure.update_xaxes(range=[-0.02, 1.02], constrain="domain")
    figure.update_yaxes(range=[-0.02, 1.04])
    below = {"y": -0.2, "yanchor": "top", "orientation": "v", "itemwidth": 40}
    rows = len(comparison.entrants)
    if rows <= FEW:
        return named(figure.update_layout(showlegend=False, margin={"r": 16}), kind)
    return figure.update_layout(legend=below, height=HEIGHT + 22 * rows, margin={"b": 22 * rows})


def named(figure: go.Figure, kind: str) -> go.Figure:
    """Name each curve at its mark, on the side where it leaves room."""
    labels = [
        theme.Label(trace.x[0], trace.y[0], theme.broken(trace.name))
        for trace in figure.data if trace.name and "markers" in trace.mode and None not in trace.x
    ]  # fmt: skip
    return theme.beside(figure, labels, 1 if kind == ROC else -1, up=-16)


def traces(curve: DecisionCurve, title: str, place: int, kind: str) -> list[go.Scatter]:
    """One contestant's curve and its mark, which hide and show together."""
    colour = theme.SERIES[place % len(theme.SERIES)]
    mark = theme.MARKS[place % len(theme.MARKS)]
    line = {"color": colour, "width": 2, "dash": theme.DASHES[place % len(theme.DASHES)]}
    common = {"name": title, "legendgroup": str(place)}
    at = curve.at or (None, None)
    return [
        go.Scatter(x=curve.x, y=curve.y, mode="lines", line=line, hoverinfo="skip",
                   showlegend=False, **common),
        go.Scatter(
            x=[at[0]], y=[at[1]], mode="lines+markers", line=line,
            marker={"color": colour, "symbol": mark, "size": 12,
                    "line": {"width": 1.5, "color": "white"}},
            hovertemplate=f"{HOVER[kind]}<extra>{title}</extra>",
            **common,
        ),
    ]  # fmt: skip
