"""Small tables as plain HTML: what people typed shows as they typed it, each cell by itself."""

import html
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

CELL = "padding:6px 14px 6px 0;border-bottom:1px solid rgba(124,135,155,0.25);vertical-align:top"
NUMBER = f"{CELL};text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums"
TEXT = f"{CELL};overflow-wrap:anywhere;min-width:5rem"


def table(
    name: str, headers: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int = 99
) -> None:
    """Draw rows of text; the columns from `numbers_from` on are flushed right."""
    style = [TEXT if column < numbers_from else NUMBER for column in range(len(headers))]
    head = _cells(
        "th", [f"text-align:left;font-weight:600;opacity:0.75;{s}" for s in style], headers
    )
    body = "".join(f"<tr>{_cells('td', style, row)}</tr>" for row in rows)
    st.html(
        f'<div role="region" aria-label="{html.escape(name)}" tabindex="0" style="overflow-x:auto">'
        '<table style="border-collapse:collapse;font-size:0.92rem;line-height:1.4">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(tag: str, styles: Sequence[str], texts: Sequence[str]) -> str:
    return "".join(
        f'<{tag} dir="auto" style="{style}">{html.escape(text)}</{tag}>'
        for style, text in zip(styles, texts, strict=True)
    )


def when(at: float) -> str:
    """A time of `at` epoch seconds, to the minute, where the person at the screen is."""
    zone = st.context.timezone
    return datetime.fromtimestamp(at, ZoneInfo(zone) if zone else None).strftime("%Y-%m-%d %H:%M")
