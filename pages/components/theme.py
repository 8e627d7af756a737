"""One look for every chart and picture: colours, marks and fonts that work in light and dark.

Normal and anomalous differ in colour and in shape, never in colour alone.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

NORMAL = "#2f74d0"
ANOMALOUS = "#e0700a"
UNLABELED = "#93a0b4"
PROPOSED = "#16a085"
LINE = "#7c879b"
OURS, CHANCE = NORMAL, LINE  # how good the model is, beside what chance alone would give
PRODUCTION = "#a67c00"

# For what is held side by side: each has a colour, a dash and a mark of its own.
SERIES = (
    "#2f74d0", "#e0700a", "#16a085", "#c2469b", "#8a6fd8",
    "#a67c00", "#d64545", "#4f8f2f", "#008fb0", "#7c879b",
)  # fmt: skip
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKS = (
    "circle", "square", "diamond", "cross", "x",
    "triangle-up", "star", "hexagon", "triangle-down", "pentagon",
)  # fmt: skip

SYMBOL_NORMAL = "circle"
SYMBOL_ANOMALOUS = "x"

PAPER = {"light": "#ffffff", "dark": "#11151d"}  # as in .streamlit/config.toml
STYLE = """<style>
.block-container { padding-top: 3.5rem; padding-bottom: 2rem; }
.block-container:has(.st-key-desk) { padding: 1rem 2rem 0; }
@media (max-width: 767px) { .block-container:has(.st-key-desk) { padding: 4rem 1rem 0.5rem; } }
/* Without the button that brings back the sidebar there is nothing at the top. */
[data-testid="stAppViewContainer"]:has([data-testid="stSidebar"][data-collapsed="false"]) {
  --header: 0px;
  [data-testid="stHeader"] { display: none; }
  .block-container { padding-top: 1.5rem; }
  .block-container:has(.st-key-desk) { padding-top: 1rem; }
}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p {
  color: inherit; opacity: 0.85;
}
/* Groups of pages that stay open: what leads to a page looks for its link. */
[data-testid="stNavSectionHeader"] { pointer-events: none; }
[data-testid="stNavSectionHeader"] [data-testid="stIconMaterial"] { display: none; }
[role="radiogroup"] button[aria-checked="true"] { color: inherit !important; }
[class*="st-key-tiles"] [role="radiogroup"] button {
  font-size: 0.8rem; min-height: 1.9rem; padding: 0.1rem 0.35rem;
}
[class*="st-key-tiles"] [role="radiogroup"] p { font-size: 0.8rem; }
/* The two answers, told apart by sign and colour as on the desk. */
[class*="st-key-settle-normal"] { --of: NORMAL; --sign: "●"; }
[class*="st-key-settle-anomalous"] { --of: ANOMALOUS; --sign: "✕"; }
[class*="st-key-settle-"]:not([class*="st-key-settle-unsure"]) button {
  border: 2px solid var(--of); color: inherit;
  background: color-mix(in srgb, var(--of) 12%, transparent);
  justify-content: center;
  > div { flex: none; width: auto; }
  &::before { content: var(--sign) / ""; color: var(--of); margin-right: 0.5rem; font-weight: 700; }
  &:hover { background: color-mix(in srgb, var(--of) 24%, transparent); }
  &:disabled { opacity: 0.45; }
}
.st-key-guide { max-width: 52rem; }
.st-key-entrance { padding-top: 20vh; }
a[href^="mailto:"] { color: inherit !important; text-decoration: none !important; } /* a name */
[data-testid="stStatusWidget"] { display: none; } /* our own pages say what goes on */
[data-stale="true"] { opacity: 1 !important; transition: none !important; }
@media (max-width: 1100px) {
  [data-testid="stSidebar"]:not([data-collapsed="true"]) {
    width: 200px !important; min-width: 200px !important;
  }
  [class*="st-key-wide"] > div > [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
  [class*="st-key-wide"] > div > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] {
    min-width: 100%;
  }
}
</style>""".replace("NORMAL", NORMAL).replace("ANOMALOUS", ANOMALOUS)

LETTER, LINE_HEIGHT = 7.2, 17.0  # CSS pixels of a label beside a point, about
WIDE = 16  # letters of one of its lines
ROUND_THE_PLOT = 90  # CSS pixels above and below it
CONFIG = {"displayModeBar": False, "scrollZoom": False, "responsive": True}


def ink() -> str:
    """The colour of text in the theme on screen."""
    return "#e8ecf4" if st.context.theme.type == "dark" else "#1b2333"


def paper() -> str:
    """The colour behind text in the theme on screen."""
    return PAPER["dark" if st.context.theme.type == "dark" else "light"]


def layout(figure: go.Figure, height: int) -> go.Figure:
    """Give a figure the common margins, fonts and legend, and keep zoom across redraws."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 13},
        legend={"orientation": "h", "y": -0.12, "x": 0, "title": None},
        hoverlabel={"font": {"size": 13}},
        uirevision="keep",
    )
    figure.update_xaxes(gridcolor="rgba(124,135,155,0.18)", zeroline=False)
    figure.update_yaxes(gridcolor="rgba(124,135,155,0.18)", zeroline=False)
    return figure


def whole_numbers(figure: go.Figure, shown: Sequence[int]) -> None:
    """Name some whole numbers along the x axis: each, or where they are many every so many."""
    every = -(-len(shown) // 12) or 1
    figure.update_xaxes(tickvals=list(shown[::-every])[::-1], tickformat="d")


@dataclass(frozen=True)
class Label:
    """What stands beside a point of a figure; `up` is how far above it, in CSS pixels."""

    x: float
    y: float
    text: str
    up: float = 0.0

    @property
    def lines(self) -> int:
        """How many lines it takes."""
        return 1 + self.text.count("<br>")


def named_at_ends(figure: go.Figure, form: str) -> go.Figure:
    """Name each line of a figure at its end with its last value, in the place of a legend.

    `form` formats the values; the range of the y axis is known.
    """
    labels = []
    for trace in figure.data:
        ends = np.flatnonzero(np.isfinite(np.asarray(trace.y, float)))
        if trace.name and len(ends):
            x, y = trace.x[ends[-1]], float(trace.y[ends[-1]])
            labels.append(Label(x, y, f"{sample(trace)}{broken(trace.name)}<br>{y:{form}}"))
    letters = max((len(line) for one in figure.data for line in wrap(one.name, WIDE)), default=0)
    figure.update_layout(margin={"r": 30 + LETTER * letters}, showlegend=False)
    reached = np.concatenate([np.asarray(trace.x, float) for trace in figure.data])
    first, last = (reached.min(), reached.max()) if len(reached) else (0, 1)
    edge = 0.02 * (last - first or 1)
    figure.update_xaxes(range=[first - edge, last + edge])
    return beside(figure, labels)


def sample(trace: go.Scatter) -> str:
    """A short line in the colour of a trace."""
    return f'<span style="color:{trace.line.color}"><b>—</b></span> '


def broken(name: str) -> str:
    """A name in short lines."""
    return "<br>".join(html.escape(line) for line in wrap(name, WIDE))


def beside(figure: go.Figure, labels: Sequence[Label], side: int = 1, up: int = 0) -> go.Figure:
    """Put labels to the right (1) or left (-1) of their points, none over another.

    `up` is how far above them, in CSS pixels; the range of the y axis is known.
    """
    low, high = figure.layout.yaxis.range
    room = figure.layout.height - ROUND_THE_PLOT
    where = "left" if side > 0 else "right"
    for one in apart(labels, low, room / (high - low), room):
        look = {"xanchor": where, "align": where, "xshift": 10 * side, "yshift": up + one.up}
        note(figure, one.x, one.y, one.text, **look)
    return figure


def note(figure: go.Figure, x: float, y: float, text: str, **look: Any) -> None:
    """Write beside a point of a figure, legibly above its lines."""
    figure.add_annotation(
        x=x, y=y, text=text, showarrow=False, bgcolor=paper(), borderpad=1, **look
    )


def apart(labels: Sequence[Label], low: float, pixels: float, room: float) -> list[Label]:
    """Move labels up until none lies over another, and all down where there is no more room.

    `low` is where the y axis begins, `pixels` are those of 1 on it, `room` those of all of it.
    """
    placed: list[Label] = []
    free = -np.inf  # the height from which on there is room
    for one in sorted(labels, key=lambda label: label.y):
        half, height = LINE_HEIGHT * one.lines / 2, pixels * (one.y - low)
        up = max(0.0, free + half - height)
        placed.append(replace(one, up=up))
        free = height + up + half
    over = max(0.0, free - room)
    return [replace(one, up=one.up - over) for one in placed]
