"""The truth of the pool, behind a click that says what looking does."""

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components.text import literal
from state.explore.inspector import Inspection
from state.explore.truth import EFFECT, reveal
from state.labeling.desk import Desk
from state.session import Session


def truth(tab: Session, one: Inspection) -> None:
    """Show what an item truly is to whoever may know, and offer an owner to look."""
    desk = one.desk
    if one.origin:
        with st.expander("Show the truth"):
            st.caption(f"In truth: {literal(one.origin)}. The model never sees this.")
    elif one.has_truth and desk.annotator.may_manage:
        offer(tab, desk)


def offer(tab: Session, desk: Desk) -> None:
    """Say what looking does, and let an owner do it all the same."""
    with st.expander("Look at the truth of these images"):
        st.markdown(literal(EFFECT))
        st.button(
            "Look all the same",
            key="reveal",
            on_click=look,
            args=(tab, desk.project.id),
        )


def look(tab: Session, project_id: int) -> None:
    """Commit before anything is drawn."""
    try:
        tab.notice = reveal(tab.desk_of(project_id))
    except RingfenceError as error:
        tab.notice = str(error)
