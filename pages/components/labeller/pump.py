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
    """Store what the browser has sent, start the round that is due, and say what became of it."""
    take_in(tab)
    project = tab.project()
    job = tab.projects.tend(project.id) if tab.intake.news else None
    tab.intake = tab.intake.old()
    model = tab.projects.model(project.id)
    answer = tab.intake.to_json()
    answer |= {"version": model.version if model else None, "training": job is not None}
    PUMP(
        key=KEY,
        data={
            "answer": answer,
            "left": project.remaining,
            "budget": project.budget,
            "address": {"project": project.id, "annotator": tab.annotator().id},
        },
        on_outbox_change=lambda: take_in(tab),
    )
    status.follow(tab, job)


def take_in(tab: Session) -> None:
    """Store what the browser sent last, unless that was done already."""
    try:
        tab.take_in(st.session_state.get(KEY, {}).get("outbox"))
    except RingfenceError as error:
        tab.notice = str(error)  # the browser keeps its answers and sends them again
