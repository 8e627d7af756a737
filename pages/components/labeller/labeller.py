"""The labeling desk of the Label page, as a component that moves on by itself."""

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components import status
from pages.components.labeller import component
from pages.components.text import in_a_sentence
from state.delivery import deliver
from state.session import Session

KEY = "labeller"
LABELLER = component("labeller", "outbox.js", "images.js", "sphere.js", "keys.js", "labeller.js")


@st.fragment
@in_a_sentence
def labeller(tab: Session) -> None:
    """Hand the tab its next items; it says in `view` who it is and what it has."""
    view = st.session_state.get(KEY, {}).get("view")
    data = None
    if view:
        tab.sent.follow(view)
        data = deliver(tab.desk(), tab.sent)
    LABELLER(
        key=KEY,
        data=data,
        on_view_change=lambda: None,
        on_keys_change=lambda: keep_keys(tab),
    )
    if data:
        status.follow(tab)  # a round may fall due while nobody answers


def keep_keys(tab: Session) -> None:
    """Keep the keys that the person has chosen."""
    try:
        tab.projects.store.set_keys(tab.annotator().id, st.session_state[KEY]["keys"])
    except RingfenceError as error:
        tab.notice = str(error)
