"""Label: one image at a time, the hypersphere beside it."""

import streamlit as st

from pages.components import status
from pages.components.label.labeller import labeller
from pages.components.text import literal
from state import session
from state.labeling.standing import task_of

tab = session.current()
status.notice(tab)
with st.container():  # also without trouble, so that the desk keeps its place
    status.trouble(tab)
if tab.projects.model(tab.project().id) is None:
    status.training(tab)
    st.markdown(literal(task_of(tab.project())) or "Normal or anomalous?")
    st.info("The first model is being prepared; the first image appears by itself.")
else:
    with st.container(key="desk"):
        labeller(tab)
