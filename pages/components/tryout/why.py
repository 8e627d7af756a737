"""Why an image that a model was measured on is flagged or not."""

import streamlit as st

from pages.components.tryout.section import POLL_SECONDS, Bench, judge
from state.files.gallery import Gallery
from state.quality.tuning import Evidence
from state.session import Session

INSPECTOR = "pages/explore.py"


def why(
    tab: Session, gallery: Gallery, evidence: Evidence, item: int, threshold: float, place: str
) -> None:
    """Lead to the inspector, which knows the items of the pool, or explain a test image here.

    `place` tells this from the same image elsewhere on the page.
    """
    if evidence.of_pool:
        st.page_link(
            INSPECTOR,
            label="Why: open it in the inspector",
            icon=":material/search:",
            query_params={"item": str(item)},
        )
        return
    waiting = not tab.projects.scoring.ready
    bench = Bench(tab, tab.desk(), gallery, threshold, waiting)
    with st.container(key=f"why-{place}"):
        st.fragment(judge, run_every=POLL_SECONDS if waiting else None)(
            bench, gallery.of_project("test")[item]
        )
