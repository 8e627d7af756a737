"""How the browser's part of a component is registered: its page, its style, and its one script."""

from pathlib import Path
from typing import Any

import streamlit as st

from state.scripts import link


def component(name: str, beside: str) -> Any:
    """Register what `<name>.html`, `.css` and `.js` beside a Python file (`__file__`) make up.

    Streamlit takes one script, so the modules that it imports are linked into it.
    """
    folder = Path(beside).parent
    page, style = (
        (folder / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css")
    )
    script = link(folder / f"{name}.js")
    return st.components.v2.component(f"ringfence.{name}", html=page, css=style, js=script)
