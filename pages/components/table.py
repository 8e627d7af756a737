"""Small tables as plain HTML: what people typed shows as they typed it, each cell by itself."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from pages.components import theme

SHADE = "rgba(124,135,155,0.6)"
CELL = "padding:6px 18px 6px 0;border-bottom:1px solid rgba(124,135,155,0.25);vertical-align:top;"
TYPED = "text-align:start;overflow-wrap:anywhere;min-width:7rem;"  # by people: of any length
SHORT = "text-align:left;white-space:nowrap;"
NUMBER = "text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;"
FIGURE = "text-align:right;min-width:6.2rem;font-variant-numeric:tabular-nums;"  # on two lines
HEADER = "font-weight:600;white-space:normal;vertical-align:bottom;"


def table(name: str, columns: Mapping[str, str], rows: Sequence[Sequence[str]]) -> None:
    """Draw rows of text; `columns` maps each header to TYPED, SHORT, NUMBER or FIGURE."""
    head = _cells("th", [f"{CELL}{kind}{HEADER}" for kind in columns.values()], list(columns))
    body = "".join(
        f"<tr>{_cells('td', [CELL + kind for kind in columns.values()], row)}</tr>" for row in rows
    )
    st.html(
        f'<div role="region" aria-label="{html.escape(name)}" tabindex="0" '
        f'style="overflow-x:auto;background:{_edges()}">'
        '<table style="border-collapse:collapse;font-size:0.92rem;line-height:1.4">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def values(of: str, columns: Mapping[str, str], rows: Sequence[Sequence[str]]) -> None:
    """Offer the numbers of a chart as a table, for who uses no pointer; columns as in `table`."""
    with st.expander(f"Values: {of}"):
        table(f"Values: {of}", columns, rows)


def _edges() -> str:
    """A shade at the edge beyond which a table goes on, covered where it has come to its end."""
    sides = (("right", "0 0"), ("left", "100% 0"))
    covers = [
        f"linear-gradient(to {way},{theme.paper()} 40%,transparent) {at}/60px 100% no-repeat local"
        for way, at in sides
    ]
    shades = [
        f"linear-gradient(to {way},{SHADE},transparent) {at}/24px 100% no-repeat scroll"
        for way, at in sides
    ]
    return ",".join(covers + shades)


def _cells(tag: str, styles: Sequence[str], texts: Sequence[str]) -> str:
    return "".join(
        f'<{tag} dir="auto" style="{style}">{html.escape(text)}</{tag}>'
        for style, text in zip(styles, texts, strict=True)
    )


def when(at: float) -> str:
    """A time of `at` epoch seconds, to the minute, where the person at the screen is."""
    zone = st.context.timezone
    return datetime.fromtimestamp(at, ZoneInfo(zone) if zone else None).strftime("%Y-%m-%d %H:%M")
