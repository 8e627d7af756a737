"""Before the first page: logging in, being told why not, and logging out."""

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components.text import literal
from state.errors import NotLetIn, NotLoggedIn
from state.session import Session
from state.settings import Identity


def kept_out(tab: Session) -> RingfenceError | None:
    """Why whoever is there may not come in; `None` where they may.

    What else is wrong is told by the page.
    """
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
