"""Compare: run recipes and detectors, and hold what came out side by side."""

import streamlit as st

from pages.components import status
from pages.components.compare import curves, figures, flips, form, pictures, runs
from pages.components.text import in_a_sentence, literal
from state import session
from state.projects.runs import title_of
from state.quality.comparison import Comparison
from state.session import Session
from state.store.schema import JobState
from state.store.work import Job

UNDER_WAY = "This run is under way; what it finds appears here by itself."


@in_a_sentence
def results(tab: Session, run: Job) -> None:
    """Show what a run has found, or why there is nothing to show."""
    st.subheader(literal(title_of(run)), divider="gray")
    if run.state.live:
        st.info(UNDER_WAY, icon=":material/hourglass_top:")
        return
    if run.state is not JobState.DONE:
        st.warning(literal(run.message), icon=":material/info:")
        runs.resume(tab, run, "resume-opened")
        return
    comparison = Comparison(tab.projects.runs.folder(run))
    runs.about(run, comparison)
    runs.report(tab, run, "report-opened")
    st.info(literal(comparison.verdict), icon=":material/trophy:")
    figures.table_of_figures(comparison)
    figures.table_of_types(comparison)
    st.subheader("Caught and missed at each threshold")
    st.html(figures.confusions(comparison))
    st.subheader("Curves")
    curves.curves(comparison)
    st.subheader("The same images, reconstructed")
    pictures.reconstructions(comparison)
    st.subheader("Where two disagree")
    flips.flips(comparison, run.id)


tab = session.current()
tab.watching = status.ITSELF
st.title("Compare")
runs.under_way(tab)
opened, known = runs.opened(tab), tab.projects.runs.queue.all()
place = opened.id if opened else "none"  # another run opened closes what was open
with st.expander(
    "Start a comparison",
    expanded=not known,
    icon=":material/play_circle:",
    key=f"start-{place}",
):
    form.form(tab)
if known:
    label = f"Comparisons ({len(known):,})"
    with st.expander(
        label, expanded=opened is None, icon=":material/list:", key=f"listing-{place}"
    ):
        runs.listing(tab, known)
if opened is not None:
    results(tab, opened)
