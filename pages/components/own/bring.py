"""From a pile of images to a project: name them, see what was found, say what it is to be."""

import streamlit as st

from pages.components.own import report
from pages.components.own.examples import sample
from pages.components.own.form import form, view
from pages.components.own.source import OPENED, source
from pages.components.text import literal
from state.files.imports import ImportFolder
from state.projects.projects import ProjectForm
from state.session import Session


def bring(tab: Session) -> ProjectForm | None:
    """Draw what comes next; return what was filled in once a project is to be created.

    Raises `RingfenceError` for what cannot be used.
    """
    found = opened(tab)
    if found is None:
        found = source(tab.projects.imports, tab.annotator())
        if found is not None:
            st.query_params[OPENED] = found.name
            st.rerun()
        return None
    head(tab, found)
    standing = report.reading(tab.projects.imports, found)
    if not standing.done:
        return None
    told = report.report(found)
    with st.expander("Look at some of them", expanded=True):
        view(tab, found)
        sample(found, told.images)
    return form(tab, found, told)


def opened(tab: Session) -> ImportFolder | None:
    """The import that the address names, unless it has gone."""
    name = st.query_params.get(OPENED)
    found = tab.projects.imports.named(name) if name else None
    if name and (found is None or name in tab.projects.imports.used()):
        st.query_params.pop(OPENED)
        return None
    return found


def head(tab: Session, found: ImportFolder) -> None:
    """Say which images these are, and offer others."""
    named, discarded = st.columns([5, 2], vertical_alignment="center")
    named.markdown(f"**{literal(found.title)}**")
    if discarded.button("Discard", help="Forget these images; the originals stay where they are."):
        st.query_params.pop(OPENED)
        tab.projects.imports.remove(found, tab.annotator())
        st.rerun()
