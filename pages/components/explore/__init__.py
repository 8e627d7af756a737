"""The parts of the Explore page: the map of the pool, the inspector, galleries, training curves."""

from pathlib import Path
from typing import Any

import streamlit as st

from pages.components.labeller import source

HERE = Path(__file__).parent


def component(name: str, *scripts: str) -> Any:
    """Register the component that `<name>.html`, `<name>.css` and the scripts make up.

    Only the last script may export; all speak to the server through the common line.
    """
    own = [(HERE / script).read_text(encoding="utf-8") for script in scripts]
    return st.components.v2.component(
        f"ringfence.{name}",
        html=(HERE / f"{name}.html").read_text(encoding="utf-8"),
        css=(HERE / f"{name}.css").read_text(encoding="utf-8"),
        js="\n".join([source("line.js"), *own]),
    )
