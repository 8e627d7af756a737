"""Models: where each version comes from, how two differ, and which one is used."""

import streamlit as st

from pages.components import export, status
from pages.components.models.difference import difference
from pages.components.models.use import use
from pages.components.models.versions import listing, standing
from state import session
from state.versions.lineage import Lineage

tab = session.current()
status.head(tab, "Models")
lineage = Lineage(tab.projects, tab.project())
if lineage.serving is None:
    status.no_model(tab, "there is no version yet.")
else:
    standing(lineage)
    listing(lineage)
    st.subheader("Use a version")
    use(tab, lineage)
    export.button(tab, "Model")
    st.subheader("Compare two versions")
    difference(lineage)
