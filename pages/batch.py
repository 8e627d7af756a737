"""Batch: many images at once, answered together."""

import streamlit as st

from pages.components import status
from pages.components.batch.grid import grid
from state import session

tab = session.current()
status.notice(tab)
status.trouble(tab)
status.training(tab)
if tab.desk().model is None:
    st.info("The first model is being prepared; images to choose from come with it.")
else:
    grid(tab)
