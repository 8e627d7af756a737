"""A chart of quality over versions, in which every version hangs on the one it came from."""

from collections.abc import Sequence

import plotly.graph_objects as go

from anomaly_core.threshold.intervals import Interval
from pages.components import charts, theme
from state.versions.lineage import Entry

HEIGHT = 320
SERVES, PRODUCTION, LEADS, LEFT = (
    "in use",
    "in production",
    "led to the one in use",
    "left behind",
)
LOOKS = {
    LEADS: {"symbol": "circle", "size": 9, "color": theme.NORMAL},
    LEFT: {"symbol": "circle-open", "size": 9, "color": theme.LINE},
    PRODUCTION: {"symbol": "star", "size": 17, "color": theme.PRODUCTION},
    SERVES: {"symbol": "diamond", "size": 12, "color": theme.NORMAL},
}


def quality(entry: Entry) -> float | None:
    """The AUROC to draw: on held-out images where that is known, else by random answers."""
    if entry.auroc is not None or entry.estimate is None:
        return entry.auroc
    return entry.estimate.value


def sure(entry: Entry) -> Interval | None:
    """How sure the AUROC to draw is; `None` where that is not known."""
    return entry.estimate if entry.auroc is None else entry.held_out


def tree(entries: Sequence[Entry]) -> go.Figure:
    """Draw the AUROC of each version and lines to the versions trained on from it."""
    known = {entry.version: entry for entry in entries if quality(entry) is not None}
    figure = go.Figure([branch(known, leads=True), branch(known, leads=False)])
    for name in LOOKS:
        figure.add_trace(marks([one for one in known.values() if name in roles(one)], name))
    held_out = any(entry.auroc is not None for entry in known.values())
    by = "on held-out images" if held_out else "by random answers"
    theme.whole_numbers(figure, [entry.version for entry in entries])
    figure.update_xaxes(title="model version", range=[0.5, len(entries) + 0.5])
    figure.update_yaxes(title=f"AUROC {by}", tickformat=".3~f", minallowed=0, maxallowed=1.02)
    theme.layout(figure, HEIGHT).update_layout(showlegend=False)
    return named(figure, list(known.values()))


def named(figure: go.Figure, known: Sequence[Entry]) -> go.Figure:
    """Write below the marks that are not like all the others what they are."""
    for entry in known:
        words = [name for name in roles(entry) if name in (SERVES, PRODUCTION)]
        if entry is next((one for one in reversed(known) if not one.leads), None):
            words = words or [LEFT]
        one, y = sure(entry), quality(entry)
        if words and y is not None:
            text = "<br>".join([*words, f"{y:.3f}"])
            theme.note(figure, entry.version, one.low if one else y, text, yanchor="top", yshift=-8)
    return figure


def roles(entry: Entry) -> list[str]:
    """The marks that a version gets; the one in production may serve as well."""
    wanted = ((SERVES, entry.model.active), (PRODUCTION, entry.production))
    found = [name for name, holds in wanted if holds]
    return found or [LEADS if entry.leads else LEFT]


def branch(known: dict[int, Entry], *, leads: bool) -> go.Scatter:
    """All lines of one kind from a version to the one it was trained from."""
    x: list[int | None] = []
    y: list[float | None] = []
    for entry in known.values():
        parent = known.get(entry.model.parent or 0)
        if parent is not None and entry.leads == leads:
            x += [parent.version, entry.version, None]
            y += [quality(parent), quality(entry), None]
    look = {"color": theme.NORMAL, "width": 2} if leads else {"color": theme.LINE, "dash": "dot"}
    return go.Scatter(x=x, y=y, mode="lines", line=look, hoverinfo="skip")


def marks(entries: Sequence[Entry], name: str) -> go.Scatter:
    """The versions of one kind."""
    return go.Scatter(
        x=[entry.version for entry in entries],
        y=[quality(entry) for entry in entries],
        customdata=[
            (entry.version, entry.model.label_count, charts.said(sure(entry))) for entry in entries
        ],
        error_y=charts.bars([sure(entry) for entry in entries]),
        mode="markers",
        name=name,
        marker=LOOKS[name],
        hovertemplate="model %{customdata[0]}, trained on %{customdata[1]:,} answers: "
        f"AUROC %{{y:.4f}}<br>95% interval %{{customdata[2]}}<extra>{name}</extra>",
    )
