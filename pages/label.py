"""Label: one image at a time, the hypersphere beside it."""

import streamlit as st

from pages.components import status
from pages.components.label.labeller import has_images, labeller
from pages.components.text import literal
from state import session
from state.labeling.standing import task_of

tab = session.current()
with st.container():  # also without trouble, so that the desk keeps its place
    status.trouble(tab)
if has_images(tab):
    with st.container(key="desk"):
        labeller(tab)
else:
    status.training(tab, has_images)
    st.markdown(literal(task_of(tab.project())) or "Normal or anomalous?")
    status.awaiting(tab, "The images are being read; the first one appears by itself.")
