"""The labeling desk of the Label page, as a component that moves on by itself."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components import status
from pages.components.component import component, said
from pages.components.text import in_a_sentence, literal
from state.labeling.payload import deliver, view_of
from state.session import Session
from state.versions.learned import learned

KEY = "labeller"
LABELLER = component(KEY, __file__)


@st.fragment
@in_a_sentence
def labeller(tab: Session) -> None:
    """Hand the tab its next items; it says in `view` who it is and what it has.

    The desk follows training by asking again, so that nothing else on the page is redrawn for it.
    """
    tab.watching = status.ITSELF
    view = view_of(said(KEY, "view"))
    data, problem = None, ""
    try:
        data = handed(tab, view) if view else None
    except RingfenceError as error:
        problem = literal(str(error))
    LABELLER(  # also without data: what is on screen stays, and asks again
        key=KEY,
        data=data,
        on_view_change=lambda: None,
        on_keys_change=lambda: keep_keys(tab),
    )
    if problem:
        st.error(problem, icon=":material/error:")
    elif view and status.troubles(tab) != tab.troubles:
        st.rerun()


def handed(tab: Session, view: Mapping[str, Any]) -> dict[str, Any]:
    """What the browser gets: the delivery, what the model learned, and how training goes."""
    desk = tab.desk()
    job = tab.projects.tend(desk.project.id)
    tab.sent.follow(view)
    return deliver(desk, tab.sent) | {
        "welcome": tab.projects.untouched,
        "status": status.at_the_desk(tab, desk.project.id, desk.model),
        "learned": learned(tab.projects, desk.project, desk.model) if desk.model else "",
        "training": status.doing(job) if job else None,
        "progress": job.progress if job else 0,
    }


def has_images(tab: Session) -> bool:
    """Whether there is anything to show; the first model may still be on its way."""
    return tab.desk().files is not None


def keep_keys(tab: Session) -> None:
    """Keep the keys that the person has chosen."""
    try:
        tab.projects.store.people.set_keys(tab.annotator(), said(KEY, "keys"))
    except RingfenceError as error:
        tab.notice = str(error)
