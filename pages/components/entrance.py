"""Before the first page: logging in, being told why not, and logging out."""

from weakref import WeakValueDictionary

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from anomaly_core.errors import RingfenceError
from pages.components.text import literal
from state.errors import NotLetIn, NotLoggedIn
from state.session import Session
from state.settings import Identity

_inside = WeakValueDictionary[str, Session]()  # tabs that were let in, by their number


def kept_out(tab: Session) -> RingfenceError | None:
    """Why whoever is there may not come in; `None` where they may.

    What else is wrong is told by the page.
    """
    reason = _reason(tab)
    if (run := get_script_run_ctx()) is not None:
        if reason is None:
            _inside[run.session_id] = tab
        else:
            _inside.pop(run.session_id, None)
    return reason


def is_inside(number: str) -> bool:
    """Whether a tab was let in and whoever is there is still one of the team."""
    tab = _inside.get(number)
    try:
        return tab is not None and tab.is_welcome
    except RingfenceError:
        return False


def _reason(tab: Session) -> RingfenceError | None:
    try:
        if tab.identity is not Identity.OPEN:
            tab.annotator()
    except (NotLetIn, NotLoggedIn) as error:
        return error
    except RingfenceError:
        return None
    return None


def draw(reason: RingfenceError) -> None:
    """Say in the middle of the page why, with the button that helps."""
    with st.container(key="entrance", horizontal_alignment="center", gap="medium"):
        st.title("Ringfence", width="content", anchor=False)
        st.markdown(literal(str(reason)), width="content")
        if isinstance(reason, NotLoggedIn):
            st.button("Log in", type="primary", on_click=st.login)
        elif st.user.get("is_logged_in"):
            st.button("Log out", on_click=st.logout)


def way_out(tab: Session) -> None:
    """Let whoever has logged in log out."""
    if tab.identity is Identity.OIDC:
        st.button("Log out", type="tertiary", on_click=st.logout)
