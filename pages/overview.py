"""Overview: where the project stands, how it came there, and what to do next."""

import streamlit as st

from pages.components import estimates, status
from pages.components.charts import Sure
from pages.components.overview.changes import changes
from pages.components.overview.curves import discoveries, learning
from pages.components.overview.numbers import numbers
from pages.components.overview.versions import versions
from pages.components.text import counted
from state import session
from state.files.gallery import Gallery
from state.labeling.second_look.review import Review, SecondLook
from state.quality.advice import next_step
from state.quality.audit import Quality
from state.quality.discovery import Discovery, discovery
from state.quality.pace import labels_per_minute
from state.session import Session
from state.store.models import Model
from state.store.projects import Project
from state.versions.lineage import Lineage


def advice(tab: Session, project: Project, quality: Quality | None) -> None:
    """Say what to do next, and which answers may be mistakes."""
    projects = tab.projects
    step = next_step(
        project,
        projects.model(project.id),
        projects.store.work.training(project.id).next(),
        projects.fresh(project.id),
        could_stop=quality is not None and quality.advice.stable,
        stuck=projects.stuck(project.id),
    )
    suspects = len(Review(tab.desk()).queues[SecondLook.SUSPECTED]) if quality else 0
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Next:** {step.sentence}")
        if step.label:
            st.page_link("pages/label.py", label="Go on labeling", icon=":material/arrow_forward:")
        if suspects:
            found = f"Look at {counted(suspects, 'suspected mistake')}"
            st.page_link("pages/review.py", label=found, icon=":material/rate_review:")


def story(tab: Session, project: Project, models: list[Model], quality: Quality) -> None:
    """Tell what the labels have bought, what changed last, and how sure that is."""
    lineage = Lineage(tab.projects, project)
    history = tab.projects.store.events.history(project.id)
    found = discovery(history, lineage.contamination)
    numbers(project, models, found, labels_per_minute(history), quality.estimate)
    if project.remaining and project.spent:
        st.markdown(f"**When to stop:** {quality.advice.sentence()}")
    entries = [entry for entry in lineage.entries if entry.leads]
    curves(tab, project, models, found, {entry.version: entry.held_out for entry in entries})
    st.subheader("What changed since the last model")
    changes(lineage)
    if len(quality.gallery.audit):
        estimates.audit(quality, entries)
    with st.expander("Model versions"):
        versions(entries)


def curves(
    tab: Session, project: Project, models: list[Model], found: Discovery, sure: Sure
) -> None:
    """Draw quality beside anomalies found; the latter alone where no held-out images tell."""
    place = st.container()
    if not models[-1].untold:
        left, place = st.container(key="wide-curves").columns(2, gap="large")
        with left:
            st.subheader("Quality by answers trained on")
            learning(tab, project, models, sure)
    with place:
        st.subheader("Anomalies found by answers")
        discoveries(found)


tab = session.current()
status.head(tab, "Overview")
project = tab.project()
models = tab.projects.store.models.line(project.id)
if not models:
    advice(tab, project, None)
else:
    gallery = Gallery(tab.projects.settings.data_dir, project.id, models[-1])
    quality = Quality(tab.projects.store, project, gallery)
    advice(tab, project, quality)
    story(tab, project, models, quality)
