"""One look for every chart and picture: colours, marks and fonts that work in light and dark.

Normal and anomalous differ in colour and in shape, never in colour alone.
"""

import plotly.graph_objects as go
import streamlit as st

NORMAL = "#2f74d0"
ANOMALOUS = "#e0700a"
UNLABELED = "#93a0b4"
PROPOSED = "#16a085"
LINE = "#7c879b"

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
</style>"""

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
