"""The project that is open, by its name in the sidebar, which leads to the others."""

import streamlit as st

from pages.components.text import literal
from state.session import Session


def projects(tab: Session) -> None:
    """Name the project that is open, whole on hover; a click lists the others to go to."""
    opened = tab.project()
    others = [
        one
        for one in tab.projects.store.projects.all()
        if one.archived_at is None and one.id != opened.id
    ]
    st.caption("Project")
    name = literal(opened.name)
    with st.popover(f"**{name}**", help=name, width="stretch", wrap=False, key="projects"):
        for one in others:
            if st.button(literal(one.name), key=f"switch-{one.id}", type="tertiary"):
                tab.choose(one.id)
                st.switch_page("pages/overview.py")
        st.page_link("pages/project.py", label="All projects", icon=":material/folder_open:")
