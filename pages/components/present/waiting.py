"""What is shown until there is a model to present."""

import streamlit as st

from pages.components.text import in_a_sentence
from state.presentation import opening_of
from state.session import Session

EVERY = 3  # seconds between two looks; looking starts no training


@st.fragment(run_every=EVERY)
@in_a_sentence
def waiting(tab: Session) -> None:
    """Say that the first model is on its way, and draw the page once it is there."""
    if opening_of(tab.desk()) is not None:
        st.rerun()
    st.title("Present")
    st.info("The first model is being prepared; there is nothing to present yet.")
    st.page_link("pages/label.py", label="Follow it on Label", icon=":material/arrow_forward:")
