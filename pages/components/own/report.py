"""What was found in a person's own images, before a project is made of them."""

import streamlit as st

from pages.components import images
from pages.components.text import literal
from state.files.imports import ImportFolder
from state.files.sheet import sheet
from state.projects.imports import Imports, Reading
from state.projects.report import HEADER, Report, as_the_model_sees, report_of
from state.store.people import Annotator

LOOK_SECONDS = 1.0
SHOWN, WIDE = 12, 132  # images of the sample; pixels wide


def reading(imports: Imports, found: ImportFolder, who: Annotator) -> Reading:
    """Show how far the reading is, and look again by itself until it is over."""
    standing = imports.tend(found)
    if standing.under_way:
        progress(imports, found)
    elif standing.trouble:
        st.error(literal(standing.trouble), icon=":material/error:")
        if st.button("Try again", key="import-again"):
            imports.retry(found, who)
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
    for place, (name, value) in zip(st.columns(4), told.figures, strict=True):
        place.metric(name, value)
    for sentence in told.sentences:
        st.markdown(f"- {literal(sentence)}")
    st.download_button(
        "Download the report (CSV)",
        as_csv(told),
        f"{found.title}-report.csv",
        "text/csv",
        disabled=not told.rows,
        icon=":material/download:",
    )
    return told


def as_csv(told: Report) -> str:
    """The report as a table."""
    return sheet(HEADER, told.rows)


def sample(found: ImportFolder) -> None:
    """Show some images as a person will see them, and below as the model will."""
    shown = list(found.sample(SHOWN))
    st.caption("As you will see them")
    st.html(
        images.row(
            [
                images.figure(block.thumbnail(record), WIDE, "", record.entry.path)
                for block, record in shown
            ],
            gap=8,
        )
    )
    st.caption("As the model will see them")
    seen = as_the_model_sees(found, shown)
    st.html(
        images.row(
            [
                images.figure(pixels, WIDE, "", f"{record.entry.path}, as the model sees it")
                for pixels, (_, record) in zip(seen, shown, strict=True)
            ],
            gap=8,
        )
    )
