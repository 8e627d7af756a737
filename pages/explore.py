"""Explore: where every item lies and why, in every version of the model."""

import streamlit as st

from pages.components import status
from pages.components.explore.inspector import details, inspector
from pages.components.explore.listing import listing
from pages.components.explore.map import pool_map
from pages.components.explore.training import curves
from pages.components.explore.walls import walls
from pages.components.glossary import word
from state import session

tab = session.current()
status.head(tab, "Explore")
desk = tab.desk()
if desk.gallery is None or desk.measured is None:
    status.no_model(tab, "there is nothing to explore yet.")
else:
    left, right = st.container(key="wide-map").columns([6, 5], gap="large")
    with left:
        st.subheader("The pool around the center", help=word("hypersphere", "center", "pool"))
        pool_map(tab)
    with right.container(key="inspector"):
        inspector(tab, desk)
    with st.container():  # also where it is empty: what follows keeps its focus
        details(tab, desk)
    st.subheader("All images", help=word("score", "R", "label", "threshold"))
    listing(tab)
    st.subheader("Galleries", help=word("score", "reconstruction"))
    walls(tab)
    st.subheader("Training curves")
    curves(desk.gallery)
