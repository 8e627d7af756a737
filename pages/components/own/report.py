"""What was found in a person's own images, before a project is made of them."""

import streamlit as st

from pages.components.text import literal
from state.files.imports import ImportFolder
from state.files.sheet import sheet
from state.projects.imports import Imports
from state.projects.report import HEADER, Report, begun, report_of
from state.store.people import Annotator

LOOK_SECONDS = 1.0
CREATE = "create-own"  # the button: nothing may look again while the page is being left
MEANWHILE = (
    "You can create the project now and begin to label: what is read later joins it by itself. "
    "Labels that came along, and what is wrong with the files, are known when all are read."
)


def reading(imports: Imports, found: ImportFolder, who: Annotator, whole: bool) -> bool:
    """Show how far the reading is; whether a person can go on, before the end unless `whole`.

    It looks again by itself until the reading is over.
    """
    standing = imports.tend(found)
    ready = standing.done or (not whole and imports.ready(found))
    if standing.under_way:
        every = None if st.session_state.get(CREATE) else LOOK_SECONDS
        st.fragment(progress, run_every=every)(imports, found, ready)
        if ready:
            st.caption(MEANWHILE)
    elif standing.trouble:
        st.error(literal(standing.trouble), icon=":material/error:")
        if st.button("Try again", key="import-again"):
            imports.retry(found, who)
            st.rerun()
    return ready and not standing.trouble


def progress(imports: Imports, found: ImportFolder, ready: bool) -> None:
    """A bar, until everything is read: one element, which may come after its page has gone."""
    standing = imports.tend(found)
    if not standing.under_way or imports.ready(found) != ready:
        st.rerun()
    share = standing.read / standing.total if standing.total else 0.0
    said = f"{standing.read:,} of {standing.total:,} images read" if standing.total else ""
    st.progress(share, said or "Looking for images")


def report(found: ImportFolder) -> Report:
    """Say what was read, what was refused and why, and what a person should look at."""
    told = report_of(found) if found.done else begun(found)
    figures = st.container(horizontal=True, gap="large")
    for name, value in told.figures:
        figures.metric(name, value, width="content")
    for sentence in told.sentences:
        st.markdown(f"- {literal(sentence)}")
    if not found.done:
        return told
    st.download_button(
        "Download the report (CSV)",
        lambda: as_csv(told),
        f"{found.title}-report.csv",
        "text/csv",
        on_click="ignore",
        disabled=not told.rows,
        icon=":material/download:",
    )
    return told


def as_csv(told: Report) -> str:
    """The report as a table."""
    return sheet(HEADER, told.rows)
