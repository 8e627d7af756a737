"""The pump: takes answers in from whichever page is open, and shows the budget they cost."""

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components import status
from pages.components.labeller import component
from state.session import Session

KEY = "pump"
PUMP = component("pump", "outbox.js", "pump.js")


@st.fragment
def pump(tab: Session) -> None:
    """Store what the browser has sent, and answer it before anything slow happens."""
    take_in(tab)
    project = tab.project()
    status.budget(project, st.empty())
    model = tab.projects.model(project.id)
    answer = tab.intake.to_json() | {"version": model.version if model else None}
    PUMP(key=KEY, data={"answer": answer}, on_outbox_change=lambda: take_in(tab))
    if tab.intake.news:
        tab.intake = tab.intake.old()
        status.follow(tab)


def take_in(tab: Session) -> None:
    """Store what the browser sent last, unless that was done already."""
    try:
        tab.take_in(st.session_state.get(KEY, {}).get("outbox"))
    except RingfenceError as error:
        tab.notice = str(error)  # the browser keeps its answers and sends them again
