"""Data & project: which projects there are, and a new one of one's own images or of a dataset."""

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components import export, status
from pages.components.own.bring import bring
from pages.components.own.source import INTO, MINE
from pages.components.project import dataset
from pages.components.project.shelf import shelf
from pages.components.text import literal
from state import session

DATASET = "dataset"
NEW = {
    MINE: ("Use my images", bring),
    DATASET: ("Try it on digits or another dataset", dataset.form),
}

tab = session.current()
status.head(tab, "Data & project")
tab.projects.shelf.tidy()
shelf(tab)
export.button(tab)
st.subheader("Add images" if INTO in st.query_params else "New project")
st.session_state.setdefault("new", MINE)
new = st.segmented_control(
    "New project",
    list(NEW),
    required=True,
    format_func=lambda one: NEW[one][0],
    key="new",
    label_visibility="collapsed",
)
try:
    tab.projects.warm_up()
    if filled := NEW[new or MINE][1](tab):
        with st.spinner("Checking the images and the network for them ..."):
            created = tab.projects.create(filled, tab.annotator())
        tab.choose(created.id)
        st.switch_page("pages/label.py")
except RingfenceError as error:
    st.error(literal(str(error)), icon=":material/error:")  # right below the button
