"""How the browser's part of a component is registered: its page, its style, and its one script."""

from pathlib import Path
from typing import Any

import streamlit as st

from state.heard import mapping
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


def said(key: str, part: str) -> Any:
    """What the browser says in a part of a component's state; `None` where it says nothing.

    It is to be read without trust: nobody knows of what form it is.
    """
    return mapping(st.session_state.get(key)).get(part)
