"""A chart of quality over versions, in which every version hangs on the one it came from."""

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.components import theme
from state.versions.lineage import Entry

HEIGHT = 280
SERVES, PRODUCTION, LEADS, LEFT = (
    "in use",
    "in production",
    "led to the one in use",
    "left behind",
)
LOOKS = {
    LEADS: {"symbol": "circle", "size": 9, "color": theme.NORMAL},
    LEFT: {"symbol": "circle-open", "size": 9, "color": theme.LINE},
    PRODUCTION: {"symbol": "star", "size": 17, "color": theme.PROPOSED},
    SERVES: {"symbol": "diamond", "size": 12, "color": theme.NORMAL},
}


def quality(entry: Entry) -> float | None:
    """The AUROC to draw: on held-out images where that is known, else by random answers."""
    if entry.auroc is not None or entry.estimate is None:
        return entry.auroc
    return entry.estimate.value


def tree(entries: Sequence[Entry]) -> go.Figure:
    """Draw the AUROC of each version and lines to the versions trained on from it."""
    known = {entry.version: entry for entry in entries if quality(entry) is not None}
    figure = go.Figure([branch(known, leads=True), branch(known, leads=False)])
    for name in LOOKS:
        figure.add_trace(marks([one for one in known.values() if name in roles(one)], name))
    figure.update_xaxes(title="model version", tickformat="d", nticks=min(20, len(entries) + 1))
    figure.update_yaxes(title="AUROC", tickformat=".3~f", minallowed=0, maxallowed=1)
    theme.layout(figure, HEIGHT)
    return figure.update_layout(legend={"y": 1.02, "yanchor": "bottom"}, margin={"t": 30})


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
    return go.Scatter(x=x, y=y, mode="lines", line=look, hoverinfo="skip", showlegend=False)


def marks(entries: Sequence[Entry], name: str) -> go.Scatter:
    """The versions of one kind."""
    return go.Scatter(
        x=[entry.version for entry in entries],
        y=[quality(entry) for entry in entries],
        customdata=[(entry.version, entry.model.label_count) for entry in entries],
        mode="markers",
        name=name,
        marker=LOOKS[name],
        showlegend=bool(entries),
        hovertemplate="model %{customdata[0]}, trained on %{customdata[1]:,} answers: "
        f"AUROC %{{y:.4f}}<extra>{name}</extra>",
    )
