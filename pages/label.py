"""Label: one image at a time, the hypersphere beside it."""

import streamlit as st

from pages.components import desk as parts
from pages.components import status
from state import session
from state.session import Session


def labeling(tab: Session) -> None:
    """Draw everything that changes with an answer."""
    desk = tab.desk()
    tab.shown = desk.show(tab.shown)
    status.budget(desk.project, tab.budget_slot)
    status.notice(tab)
    if tab.projects.tend(desk.project.id) and not tab.watching:
        st.rerun()  # a round has begun: let the page watch it
    left, right = st.container(key="wide-desk").columns([6, 5], gap="large")
    with left:
        if tab.shown is None:
            parts.nothing_to_ask(desk)
        else:
            parts.card(desk, tab.shown)
        parts.buttons(tab, desk)
        if tab.shown is not None:
            parts.why(desk, tab.shown)
    with right:
        parts.sphere(desk, tab.shown)


tab = session.current()
status.training(tab)
labeling(tab)
