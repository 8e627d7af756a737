"""Text that people typed, shown as they typed it."""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from anomaly_core.errors import RingfenceError

P = ParamSpec("P")

TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # marks that turn the direction of letters
ISOLATED = "\u2068{}\u2069"
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def literal(text: str) -> str:
    """Escape everything that Streamlit's Markdown would take for formatting.

    Text that turns the direction of letters does so for itself alone.
    """
    if TURNING.search(text):
        text = ISOLATED.format(text.replace("\u2069", ""))
    return PUNCTUATION.sub(r"\\\1", text)


def percent(share: float, digits: int = 1) -> str:
    """Format a share, 0 to 1, in percent."""
    return f"{100 * share:.{digits}f} %"


def in_a_sentence(draw: Callable[P, None]) -> Callable[P, None]:
    """Show an error of a part of the page in its place; the rest of the page goes on."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            draw(*args, **kwargs)
        except RingfenceError as error:
            st.error(literal(str(error)), icon=":material/error:")

    return drawn
