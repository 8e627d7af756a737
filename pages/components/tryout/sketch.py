"""A sheet to draw on with mouse, finger, pen or arrow keys."""

from collections.abc import Mapping
from typing import Any

from pages.components.component import component, said
from state.explore.drawing import Look

KEY = "sketch"
SKETCH = component(KEY, __file__)


def sketch(look: Look) -> Mapping[str, Any] | None:
    """Show the sheet; return what is drawn on it, as `read_drawing` takes it, if anything is."""
    height, width = look.sheet
    SKETCH(
        key=KEY,
        data={"height": height, "width": width, "background": look.background, "ink": look.ink},
        on_drawing_change=lambda: None,
    )
    drawing: Mapping[str, Any] | None = said(KEY, "drawing")
    return drawing
