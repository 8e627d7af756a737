"""The keyboard labeller: Streamlit components whose keys are answered in the browser.

The scripts share `line.js`, by which a tab talks to the server, and `outbox.js`: one outbox a tab,
which survives page changes and reloads.
"""

from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent


def source(*names: str) -> str:
    """Join the files; only the last script may export."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


def component(name: str, *scripts: str) -> Any:
    """Register the component that `<name>.html`, `<name>.css` and the scripts make up."""
    return st.components.v2.component(
        f"ringfence.{name}",
        html=source(f"{name}.html"),
        css=source(f"{name}.css"),
        js=source(*scripts),
    )
