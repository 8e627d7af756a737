"""Text that people typed, shown as they typed it."""

import re

PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def literal(text: str) -> str:
    """Escape everything that Streamlit's Markdown would take for formatting."""
    return PUNCTUATION.sub(r"\\\1", text)
