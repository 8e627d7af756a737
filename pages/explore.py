"""Explore: where every item lies and why, in every version of the model."""

import streamlit as st

from pages.components import status
from pages.components.explore.inspector import details, inspector
from pages.components.explore.map import pool_map
from pages.components.explore.training import curves
from pages.components.explore.walls import walls
from state import session

tab = session.current()
status.head(tab, "Explore")
desk = tab.desk()
if desk.gallery is None or desk.measured is None:
    st.info("The first model is being prepared; there is nothing to explore yet.")
else:
    left, right = st.container(key="wide-map").columns([6, 5], gap="large")
    with left:
        st.subheader("The pool round the center")
        pool_map(tab)
    with right:
        inspector(tab, desk)
    details(tab, desk)
    st.subheader("Galleries")
    walls(tab)
    st.subheader("Training curves")
    curves(desk.gallery)
