"""From a pile of images to a project: name them, see what was found, say what it is to be."""

import streamlit as st

from pages.components.own import report
from pages.components.own.examples import sample
from pages.components.own.form import form, view
from pages.components.own.source import INTO, OPENED, source
from pages.components.text import literal
from state.files.imports import ImportFolder
from state.heard import counted, text
from state.projects.imports import ONLY_OWNERS
from state.projects.projects import ProjectForm
from state.session import Session, address
from state.store.projects import Project


def bring(tab: Session) -> ProjectForm | None:
    """Draw what comes next; return what was filled in once a project is to be created.

    Raises `RingfenceError` for what cannot be used.
    """
    if not tab.annotator().may_manage:  # labels that came along are nobody else's to see
        st.info(ONLY_OWNERS)
        return None
    found = opened(tab)
    if found is None:
        target(tab)
        found = source(tab.projects.imports, tab.annotator())
        if found is not None:
            st.query_params[OPENED] = found.name
            st.rerun()
        return None
    head(tab, found)
    into = added(tab)
    if not report.reading(tab.projects.imports, found, tab.annotator(), into is not None):
        return None
    told = report.report(found)
    if into is not None:
        add(tab, found, into)
        return None
    with st.expander("Look at some of them", expanded=True):
        view(tab, found)
        sample(tab, found, told.images)
    return form(tab, found, told)


def added(tab: Session) -> Project | None:
    """The project that images are to be added to, which the address names."""
    wanted = address(INTO, counted)
    known = {one.id: one for one in tab.projects.store.projects.all()}
    return known.get(wanted) if wanted is not None else None


def add(tab: Session, found: ImportFolder, into: Project) -> None:
    """Add what was read to a project, once the person says so."""
    st.caption(
        "They come after the images that are there and are seen by the model in the same way. "
        "Labels that came along are left out."
    )
    if again := tab.projects.known_already(into.id, found):
        st.warning(
            f"{again:,} of them are in {literal(into.name)} already; they would be asked twice.",
            icon=":material/content_copy:",
        )
    if st.button(f"Add them to {literal(into.name)}", type="primary"):
        tab.projects.add_images(into.id, found.name, tab.annotator())
        for name in (OPENED, INTO):
            st.query_params.pop(name, None)
        tab.choose(into.id)
        tab.notice = f"The images are coming into {into.name}; label on meanwhile."
        st.switch_page("pages/label.py")


def opened(tab: Session) -> ImportFolder | None:
    """The import that the address names, unless it has gone."""
    name = address(OPENED, text)
    found = tab.projects.imports.named(name) if name else None
    if name and (found is None or name in tab.projects.imports.used()):
        st.query_params.pop(OPENED)
        return None
    return found


def target(tab: Session) -> None:
    """Say to which project images are to be added, and let a person think again."""
    into = added(tab)
    if into is None:
        return
    said, back = st.columns([5, 2], vertical_alignment="center")
    said.markdown(f"New images for **{literal(into.name)}**")
    if back.button("Make a new project instead"):
        st.query_params.pop(INTO)
        st.rerun()


def head(tab: Session, found: ImportFolder) -> None:
    """Say which images these are, and offer others."""
    named, discarded = st.columns([5, 2], vertical_alignment="center")
    named.markdown(f"**{literal(found.title)}**")
    if discarded.button("Discard", help="Forget these images; the originals stay where they are."):
        st.query_params.pop(OPENED)
        tab.projects.imports.remove(found, tab.annotator())
        st.rerun()
