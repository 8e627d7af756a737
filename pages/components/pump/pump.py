"""The pump: takes answers in from whichever page is open, and shows the budget they cost."""

from contextlib import suppress
from typing import Any

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components import status
from pages.components.component import component, said
from pages.components.text import literal
from state.session import Session
from state.settings import Identity
from state.store.work import Job

KEY = "pump"
PUMP = component(KEY, __file__)
# Seconds. A page with a part that is drawn anew by itself is drawn whole when its connection is
# back; another would go on speaking with a session that is gone, or that was another person's.
HOUR = 3600


@st.fragment(run_every=HOUR)
def pump(tab: Session) -> None:
    """Store what the browser has sent, start the round that is due, and say what became of it.

    The component stays on the page whatever happens: it sends again what was not stored.
    """
    data, job, problem = None, None, ""
    try:
        take_in(tab)
        data, job = outcome(tab)
    except RingfenceError as error:
        problem = literal(str(error))
    PUMP(key=KEY, data=data, on_outbox_change=lambda: taken_early(tab))
    if problem:
        st.error(problem, icon=":material/error:")
    status.follow(tab, job)


def outcome(tab: Session) -> tuple[dict[str, Any], Job | None]:
    """What the browser is told, and the job that its answers have made due."""
    project = tab.project()
    job = tab.projects.tend(project.id) if tab.intake.news else None
    tab.intake = tab.intake.old()
    model = tab.projects.model(project.id)
    answer = tab.intake.to_json()
    answer |= {"version": model.version if model else None, "training": job is not None}
    me, address = tab.annotator().id, {"project": project.id}
    if tab.identity is Identity.OPEN:
        address["annotator"] = me
    data = {
        "answer": answer,
        "left": project.remaining,
        "budget": project.budget,
        "annotator": me,
        "address": address,
    }
    return data, job


def take_in(tab: Session) -> None:
    """Store what the browser sent last, unless that was done already."""
    tab.take_in(said(KEY, "outbox"))


def taken_early(tab: Session) -> None:
    """The same before the page is drawn; where it fails, the pump says so when it is drawn."""
    with suppress(RingfenceError):
        take_in(tab)
