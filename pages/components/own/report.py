"""What was found in a person's own images, before a project is made of them."""

import csv
import io

import streamlit as st

from pages.components.text import literal
from state.files.imports import ImportFolder
from state.projects.imports import Imports, Reading
from state.projects.report import Report, report_of

LOOK_SECONDS = 1.0


def reading(imports: Imports, found: ImportFolder) -> Reading:
    """Show how far the reading is, and look again by itself until it is over."""
    standing = imports.tend(found)
    if standing.under_way:
        progress(imports, found)
    elif standing.trouble:
        st.error(literal(standing.trouble), icon=":material/error:")
        if st.button("Try again", key="import-again"):
            imports.retry(found)
            st.rerun()
    return standing


@st.fragment(run_every=LOOK_SECONDS)
def progress(imports: Imports, found: ImportFolder) -> None:
    """A bar, until everything is read."""
    standing = imports.tend(found)
    if not standing.under_way:
        st.rerun()
    share = standing.read / standing.total if standing.total else 0.0
    said = f"{standing.read:,} of {standing.total:,} images read" if standing.total else ""
    st.progress(share, said or "Looking for images")


def report(found: ImportFolder) -> Report:
    """Say what was read, what was refused and why, and what a person should look at."""
    told = report_of(found)
    figures = st.container(horizontal=True, gap="large")
    for name, value in told.figures:
        figures.metric(name, value, width="content")
    for sentence in told.sentences:
        st.markdown(f"- {literal(sentence)}")
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
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("path", "what", "detail"))
    table.writerows(told.rows)
    return text.getvalue()
