"""Label: one image at a time, the hypersphere beside it."""

import streamlit as st

from pages.components import desk, status
from pages.components.label.labeller import labeller
from state import session

tab = session.current()
status.notice(tab)
with st.container():  # also without trouble, so that the desk keeps its place
    status.trouble(tab)
if tab.projects.model(tab.project().id) is None:
    status.training(tab)
    desk.guidelines(tab.desk())
    st.info("The first model is being prepared; the first image appears by itself.")
elif st.session_state.get("plain", st.query_params.get("plain") == "true"):
    status.training(tab)
    desk.plain(tab)
else:
    labeller(tab)
st.toggle(
    "Plain buttons",
    key="plain",
    bind="query-params",
    help="Slower, without keys: for a browser in which the desk above does not work.",
)
