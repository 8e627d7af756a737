"""Text that people typed, shown as they typed it."""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from anomaly_core.errors import RingfenceError

P = ParamSpec("P")

# Marks that turn the direction of letters, and what ends each of them.
ENDS = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def literal(text: str) -> str:
    """Escape everything that Streamlit's Markdown would take for formatting.

    Text that turns the direction of letters does so for itself alone.
    """
    return PUNCTUATION.sub(r"\\\1", text) + left_open(text)


def left_open(text: str) -> str:
    """What ends the turns of direction that a text begins and does not end itself."""
    ends: list[str] = []
    for letter in text:
        if letter in ENDS:
            ends.append(ENDS[letter])
        elif ends and letter == ends[-1]:
            ends.pop()
        elif letter == "\u2069" and letter in ends:  # ends what was begun within it, too
            while ends.pop() != letter:
                pass
    return "".join(reversed(ends))


def counted(many: int, what: str) -> str:
    """So many of something, of which one is called `what`."""
    return f"{many:,} {what}" if many == 1 else f"{many:,} {what}s"


def in_order(auroc: float) -> str:
    """An AUROC in words: of 100 pairs of a normal and an anomalous image, how many it ranks.

    Of 1,000 where that says more.
    """
    among = 100 if round(100 * auroc) < 99 or auroc == 1 else 1_000
    pairs = among if auroc == 1 else min(round(among * auroc), among - 1)
    return f"right order in {pairs:,} of {among:,} pairs"


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
